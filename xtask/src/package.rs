//! What the npm package has of the page: the modules that draw a still figure, and their styles.

use crate::{paths, site};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Where they are, in pkg/.
pub(crate) const DIR: &str = "page";

/// What the package's command line imports, and the style sheets that `picture.js` names.
const WANTED: [&str; 5] = ["picture.js", "address.js", "engine.js", "style.css", "plant.css"];

/// Copies into pkg/ what is wanted of www/ and all that it imports. True when something has changed.
pub(crate) fn build() -> Result<bool> {
    let www = paths::www();
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    for name in WANTED {
        files.extend(site::reachable(&www.join(name), site::Extent::Everything)?);
    }
    // The engine's own modules are in the package already.
    files.retain(|file| file.starts_with(&www));
    let dir = paths::pkg().join(DIR);
    fs::create_dir_all(&dir)?;
    let mut changed = false;
    for file in &files {
        let target = dir.join(file.file_name().context("a file has a name")?);
        let text = fs::read(file).with_context(|| paths::shown(file))?;
        if fs::read(&target).is_ok_and(|last| last == text) {
            continue;
        }
        fs::write(&target, text).with_context(|| paths::shown(&target))?;
        changed = true;
    }
    for entry in fs::read_dir(&dir)? {
        let entry = entry?;
        if !files.iter().any(|file| file.file_name() == Some(&entry.file_name())) {
            fs::remove_file(entry.path())?;
            changed = true;
        }
    }
    Ok(changed)
}
