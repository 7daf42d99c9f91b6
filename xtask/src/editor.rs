//! The editor of the text pane: what the page takes of CodeMirror (from npm), in one module of
//! pkg/, which is loaded when the pane is opened.
//!
//! The page runs from www/ as it is written, where no package is to be found by its name. Without
//! Node and esbuild there is no such module, and the pane has a plain field in its place.

use crate::shell::announce;
use crate::{npm, paths, shell};
use anyhow::{Context, Result};
use std::fs;

/// The module.
pub(crate) const BUILT: &str = "halflink-editor.js";

/// What of the packages is in it.
const SOURCE: &str = "xtask/pages/codemirror.js";

/// Whose licence goes along; the packages have one author and one text.
const PACKAGE: &str = "@codemirror/state";

/// Writes the module into pkg/. True when it has changed.
pub(crate) fn build() -> Result<bool> {
    let Some(mut esbuild) = npm::esbuild() else { return Ok(false) };
    let modules = paths::tests().join("node_modules");
    esbuild.arg(paths::root().join(SOURCE)).current_dir(paths::root());
    esbuild.env("NODE_PATH", &modules);
    esbuild.args(["--bundle", "--minify", "--format=esm", "--target=es2022"]);
    let text = licence()? + &shell::output(esbuild.arg("--log-level=warning"))?;
    let path = paths::pkg().join(BUILT);
    if fs::read_to_string(&path).is_ok_and(|last| last == text) {
        return Ok(false);
    }
    announce("putting the editor together with esbuild (from npm)");
    fs::write(&path, &text).with_context(|| paths::shown(&path))?;
    eprintln!("    pkg/{BUILT}: {} bytes", text.len());
    Ok(true)
}

/// The licence, as a comment.
fn licence() -> Result<String> {
    let path = paths::tests().join("node_modules").join(PACKAGE).join("LICENSE");
    let text = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
    Ok(format!("/*! CodeMirror, https://codemirror.net/\n\n{}\n*/\n", text.trim()))
}
