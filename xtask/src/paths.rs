//! Where things are in the repository.

use std::env;
use std::path::{Path, PathBuf};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    // cargo sets the variable when it runs us; the built-in one serves a run of the bare binary.
    let xtask = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map(Path::to_path_buf).unwrap_or(xtask)
}

/// The page.
pub(crate) fn www() -> PathBuf {
    root().join("www")
}

/// What a person reads, by language.
pub(crate) fn words() -> PathBuf {
    root().join("words")
}

/// The npm package, into which wasm and glue are built.
pub(crate) fn pkg() -> PathBuf {
    root().join("pkg")
}

/// The tests, with their npm packages.
pub(crate) fn tests() -> PathBuf {
    root().join("tests")
}

/// cargo's own target directory.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The target directory of the wasm build. Apart from cargo's own, because another compiler may
/// fill it, and two compilers in one directory undo each other's work.
pub(crate) fn wasm_target() -> PathBuf {
    target().join("wasm")
}

/// The path as a reader wants it: relative to the root where it is inside it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
