//! Rebuilding on change.

use crate::{due::Due, embed, paths, wasm};
use anyhow::{Context, Result};
use notify::{Event, EventKind, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::watch;

/// Editors write a file in several steps; this long after the last one, we look.
const SETTLE: Duration = Duration::from_millis(150);

/// Watches for ever; each change of the page or of a good build is announced.
pub(crate) fn run(announcer: &watch::Sender<u64>, due: &Due) {
    if let Err(error) = watch(announcer, due) {
        eprintln!("watching stopped: {error:#}");
    }
}

fn watch(announcer: &watch::Sender<u64>, due: &Due) -> Result<()> {
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(sender)?;
    let (src, www, words) = (paths::root().join("src"), paths::www(), paths::words());
    for dir in [&src, &www, &words] {
        watcher.watch(dir, RecursiveMode::Recursive).with_context(|| paths::shown(dir))?;
    }
    while let Ok(first) = events.recv() {
        let mut changed = written(first);
        while let Ok(next) = events.recv_timeout(SETTLE) {
            changed.extend(written(next));
        }
        // Builds read what is watched, too: who built then would never come to rest.
        if changed.is_empty() {
            continue;
        }
        let under = |dir: &Path| changed.iter().any(|path| path.starts_with(dir));
        let rebuilt = rebuild(if under(&src) { wasm::build_to_play } else { embed::build });
        if rebuilt || under(&www) || under(&words) {
            announcer.send_modify(|count| *count += 1);
            eprintln!("    reloading the page");
        }
        if under(&src) {
            rebuild(|| due.build());
        }
    }
    Ok(())
}

/// The files that an event has changed. Opening a file is an event too, but no change: who took it
/// for one would reload the page because the page was loaded.
fn written(event: notify::Result<Event>) -> Vec<PathBuf> {
    match event {
        Ok(Event { kind: EventKind::Access(_), .. }) => Vec::new(),
        Ok(event) => event.paths,
        Err(error) => {
            eprintln!("watching: {error}");
            Vec::new()
        }
    }
}

/// Builds again; true when pkg/ has changed. A failed build is shown, and the watch goes on.
fn rebuild(build: impl FnOnce() -> Result<bool>) -> bool {
    build().unwrap_or_else(|error| {
        eprintln!("    {error:#}");
        false
    })
}
