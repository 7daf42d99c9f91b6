//! What takes long: a line that says how far it is, and signals that end it with what it has.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::said;

/// What becomes true when somebody wants it to end: SIGINT, SIGTERM, and SIGHUP unless that is
/// ignored.
pub(super) fn stop_at_signals() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM].into_iter().chain(hangup()) {
        // Where it cannot be asked for, a signal ends the process, and leaves a file without a
        // name.
        drop(signal_hook::flag::register(signal, Arc::clone(&stop)));
    }
    outlive_full_files();
    stop
}

/// A file that may not grow any more is told by whoever writes it, as a full disk is.
#[cfg(unix)]
fn outlive_full_files() {
    let told = Arc::new(AtomicBool::new(false));
    // Where it cannot be asked for, the signal ends the process.
    drop(signal_hook::flag::register(signal_hook::consts::SIGXFSZ, told));
}

/// There is no such signal.
#[cfg(not(unix))]
const fn outlive_full_files() {}

/// SIGHUP, unless whoever started this wants it to outlive the terminal (`nohup`), or nobody can
/// tell.
#[cfg(unix)]
fn hangup() -> Option<i32> {
    let hangup = signal_hook::consts::SIGHUP;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = u64::from_str_radix(ignored?.trim(), 16).ok()?;
    // A bit a signal, from the first on.
    (ignored >> (hangup - 1) & 1 == 0).then_some(hangup)
}

/// There is no such signal.
#[cfg(not(unix))]
const fn hangup() -> Option<i32> {
    None
}

/// A line for whoever watches: how far it is, and how long it may take.
pub(super) struct Progress {
    done: u64,
    all: u64,
    #[expect(clippy::disallowed_types, reason = "how long it takes is wall clock")]
    begun: std::time::Instant,
    /// In tenths of seconds, when something was last said.
    told: u128,
    is_watched: bool,
}

impl Progress {
    #[expect(clippy::disallowed_types, reason = "how long it takes is wall clock")]
    pub(super) fn new(all: u64) -> Self {
        let is_watched = io::stderr().is_terminal();
        Self { done: 0, all, begun: std::time::Instant::now(), told: 0, is_watched }
    }

    /// One more is done.
    pub(super) fn step(&mut self) {
        self.done += 1;
        if !self.is_watched {
            return;
        }
        let tenths = self.begun.elapsed().as_millis() / 100;
        if tenths < self.told + 5 {
            return;
        }
        self.told = tenths;
        let (done, all) = (u128::from(self.done), u128::from(self.all));
        let left = tenths * all.saturating_sub(done) / done.max(1) / 10;
        let rate = done * 10 / tenths.max(1);
        let line = said(json!({ "kind": "progress", "done": self.done, "all": self.all,
            "rate": u64::try_from(rate).unwrap_or(u64::MAX),
            "left": u64::try_from(left).unwrap_or(u64::MAX) }));
        drop(write!(io::stderr(), "\r{line}\x1b[K"));
    }

    /// So many that were announced are not due any more.
    pub(super) fn spare(&mut self, count: u64) {
        self.all = self.all.saturating_sub(count);
    }

    /// What comes after begins a line of its own.
    pub(super) fn end(&self) {
        if self.told > 0 {
            drop(write!(io::stderr(), "\r\x1b[K"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_due_any_more_is_not_waited_for() {
        let mut progress = Progress::new(10);
        progress.step();
        progress.spare(6);
        assert_eq!((progress.done, progress.all), (1, 4));
    }
}
