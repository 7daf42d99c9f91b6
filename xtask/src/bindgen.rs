//! The JavaScript glue: wasm-bindgen as a library, so that nobody installs its command.

use crate::paths;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// The version in Cargo.lock, which the crate and the library share.
pub(crate) fn version() -> Result<String> {
    let (crate_, library) =
        (locked_version("wasm-bindgen")?, locked_version("wasm-bindgen-cli-support")?);
    if crate_ != library {
        bail!(
            "Cargo.lock holds wasm-bindgen {crate_}, but wasm-bindgen-cli-support {library}; they \
             must be the same. Set `wasm-bindgen = \"={crate_}\"` in Cargo.toml and \
             `wasm-bindgen-cli-support = \"={crate_}\"` in xtask/Cargo.toml."
        );
    }
    Ok(crate_)
}

/// The version of a package in Cargo.lock.
pub(crate) fn locked_version(name: &str) -> Result<String> {
    let lock = fs::read_to_string(paths::root().join("Cargo.lock")).context("Cargo.lock")?;
    let version = locked(&lock, name).with_context(|| format!("Cargo.lock holds no {name}"))?;
    Ok(version.to_owned())
}

/// The version of a package in the text of a Cargo.lock.
fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    after.split('"').next()
}

/// Writes `NAME.js`, `NAME.d.ts` and `NAME_bg.wasm` into a directory.
pub(crate) fn generate(wasm: Vec<u8>, name: &str, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(name, wasm).typescript(true).web(true)?;
    // `init()` finds the module beside the glue.
    bindgen.omit_default_module_path(false);
    bindgen.generate(out).context("wasm-bindgen failed")
}

#[cfg(test)]
mod tests {
    use super::{locked, version};

    #[test]
    fn locked_reads_the_right_package() {
        let lock = "[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"2.0.0\"\n";
        assert_eq!(locked(lock, "a"), Some("2.0.0"));
        assert_eq!(locked(lock, "b"), None);
    }

    #[test]
    fn this_repository_holds_one_version_of_both() {
        assert!(version().is_ok(), "{:?}", version());
    }
}
