//! Rebuilding on change.

use crate::{paths, wasm};
use anyhow::{Context, Result};
use notify_debouncer_mini::notify::RecursiveMode;
use notify_debouncer_mini::{DebounceEventResult, new_debouncer};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::watch;

/// Editors write a file in several steps; this long after the last one, we look.
const SETTLE: Duration = Duration::from_millis(150);

/// Watches for ever; each change of the page or of a good build is announced.
pub(crate) fn run(announcer: &watch::Sender<u64>) {
    if let Err(error) = watch(announcer) {
        eprintln!("watching stopped: {error:#}");
    }
}

fn watch(announcer: &watch::Sender<u64>) -> Result<()> {
    let (sender, events) = mpsc::channel::<DebounceEventResult>();
    let mut debouncer = new_debouncer(SETTLE, sender)?;
    let (src, www) = (paths::root().join("src"), paths::www());
    for dir in [&src, &www] {
        let watcher = debouncer.watcher();
        watcher.watch(dir, RecursiveMode::Recursive).with_context(|| paths::shown(dir))?;
    }
    for batch in events {
        let changed = match batch {
            Ok(changed) => changed,
            Err(error) => {
                eprintln!("watching: {error}");
                continue;
            }
        };
        let under = |dir: &Path| changed.iter().any(|event| event.path.starts_with(dir));
        let rebuilt = under(&src) && rebuild();
        if rebuilt || under(&www) {
            announcer.send_modify(|count| *count += 1);
            eprintln!("    reloading the page");
        }
    }
    Ok(())
}

/// Builds again; true when pkg/ has changed. A failed build is shown, and the watch goes on.
fn rebuild() -> bool {
    wasm::build().unwrap_or_else(|error| {
        eprintln!("    {error:#}");
        false
    })
}
