//! What the page borrows from npm: each in a module of pkg/, which comes when somebody asks for it.
//! The packages are pinned with those of the tests; a page has them from its own site.
//!
//! The page runs from www/ as it is written, where no package is to be found by its name. Without
//! Node and esbuild there are no such modules, and the page does without or says so.

use crate::shell::announce;
use crate::{npm, paths, shell};
use anyhow::{Context, Result};
use std::fs;

/// A module: what it takes of its packages, in xtask/pages/, what they are called, and where in
/// node_modules their licence is, which goes along.
struct Borrowed {
    module: &'static str,
    source: &'static str,
    title: &'static str,
    licence: &'static str,
}

const ALL: [Borrowed; 3] = [
    Borrowed {
        module: "halflink-editor.js",
        source: "codemirror.js",
        title: "CodeMirror, https://codemirror.net/",
        // The packages have one author and one text.
        licence: "@codemirror/state/LICENSE",
    },
    Borrowed { module: "halflink-qr.js", source: "qr.js", title: "qr", licence: "qr/LICENSE-MIT" },
    Borrowed {
        module: "halflink-gif.js",
        source: "gif.js",
        title: "gifenc",
        licence: "gifenc/LICENSE.md",
    },
];

/// In pkg/.
pub(crate) fn built() -> impl Iterator<Item = String> {
    ALL.iter().map(|one| one.module.to_owned())
}

/// Writes them. True when one has changed.
pub(crate) fn build() -> Result<bool> {
    let mut changed = false;
    if npm::esbuild().is_some() {
        announce("putting together what is borrowed from npm");
    }
    for one in &ALL {
        changed |= one.build()?;
    }
    Ok(changed)
}

impl Borrowed {
    fn build(&self) -> Result<bool> {
        let Some(mut esbuild) = npm::esbuild() else { return Ok(false) };
        let modules = paths::tests().join("node_modules");
        let licence = modules.join(self.licence);
        let licence = fs::read_to_string(&licence).with_context(|| paths::shown(&licence))?;
        esbuild.arg(paths::root().join("xtask/pages").join(self.source));
        esbuild.current_dir(paths::root()).env("NODE_PATH", &modules);
        esbuild.args(["--bundle", "--minify", "--format=esm", "--target=es2022"]);
        esbuild.args(["--legal-comments=none", "--log-level=warning"]);
        // Whoever passes it on passes on its terms.
        let head = format!("/*! {}\n\n{}\n*/\n", self.title, licence.trim());
        let text = head + &shell::output(&mut esbuild)?;
        let path = paths::pkg().join(self.module);
        if fs::read_to_string(&path).is_ok_and(|last| last == text) {
            return Ok(false);
        }
        fs::write(&path, &text).with_context(|| paths::shown(&path))?;
        eprintln!("    pkg/{}: {} bytes", self.module, text.len());
        Ok(true)
    }
}
