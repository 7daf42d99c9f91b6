//! What the npm package has of the page: the modules that draw a still figure, and their styles.

use crate::{dist, paths, site};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where they are, in pkg/.
pub(crate) const DIR: &str = "page";

/// What the package's command line imports, and the style sheet that `picture.js` reads.
const WANTED: [&str; 5] =
    ["draw/picture.js", "draw/diagnostics.js", "run/address.js", "run/engine.js", "picture.css"];

/// What a person reads, beside them as in the repository: `words.js` imports it from there.
pub(crate) const WORDS: &str = "words";

/// Copies into pkg/ what is wanted of www/ and all that it imports. True when something has
/// changed.
pub(crate) fn build() -> Result<bool> {
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    for name in WANTED {
        files.extend(site::reachable(&paths::www().join(name), site::Extent::Everything)?);
    }
    // The engine's own modules are in the package already.
    let page = copies(DIR, &paths::www(), &files)?;
    Ok(copies(WORDS, &paths::words(), &files)? || page)
}

/// Makes a folder of pkg/ hold those of the files that are under `from`, each where it is there,
/// and no others. True when something has changed.
fn copies(dir: &str, from: &Path, files: &BTreeSet<PathBuf>) -> Result<bool> {
    let dir = paths::pkg().join(dir);
    let inside = files.iter().filter_map(|file| Some((file, file.strip_prefix(from).ok()?)));
    let wanted: BTreeMap<PathBuf, &PathBuf> =
        inside.map(|(file, place)| (dir.join(place), file)).collect();
    fs::create_dir_all(&dir)?;
    let mut changed = false;
    for (target, file) in &wanted {
        let text = fs::read(file).with_context(|| paths::shown(file))?;
        if fs::read(target).is_ok_and(|last| last == text) {
            continue;
        }
        fs::create_dir_all(target.parent().context("a file has a folder")?)?;
        fs::write(target, text).with_context(|| paths::shown(target))?;
        changed = true;
    }
    for old in dist::files(&dir)? {
        if !wanted.contains_key(&old) {
            fs::remove_file(old)?;
            changed = true;
        }
    }
    Ok(changed)
}
