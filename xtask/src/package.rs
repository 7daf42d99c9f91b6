//! What the npm package has of the page: the modules that draw a still figure, and their styles.

use crate::{paths, site};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Where they are, in pkg/.
pub(crate) const DIR: &str = "page";

/// What the package's command line imports, and the style sheets that `picture.js` names.
const WANTED: [&str; 6] =
    ["picture.js", "address.js", "diagnostics.js", "engine.js", "style.css", "plant.css"];

/// What a person reads, beside them as in the repository: `words.js` imports it from there.
pub(crate) const WORDS: &str = "words";

/// Copies into pkg/ what is wanted of www/ and all that it imports. True when something has changed.
pub(crate) fn build() -> Result<bool> {
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    for name in WANTED {
        files.extend(site::reachable(&paths::www().join(name), site::Extent::Everything)?);
    }
    // The engine's own modules are in the package already.
    let under = |dir: PathBuf| files.iter().filter(move |file| file.starts_with(&dir));
    let page = copies(DIR, under(paths::www()))?;
    Ok(copies(WORDS, under(paths::words()))? || page)
}

/// Makes a folder of pkg/ hold those files and no others. True when something has changed.
fn copies<'a>(dir: &str, files: impl Iterator<Item = &'a PathBuf> + Clone) -> Result<bool> {
    let dir = paths::pkg().join(dir);
    fs::create_dir_all(&dir)?;
    let mut changed = false;
    for file in files.clone() {
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
        if !files.clone().any(|file| file.file_name() == Some(&entry.file_name())) {
            fs::remove_file(entry.path())?;
            changed = true;
        }
    }
    Ok(changed)
}
