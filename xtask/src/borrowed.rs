//! What the page borrows from npm: each in a module of pkg/, which comes when somebody asks for it.
//! The packages are pinned with those of the tests; a page has them from its own site.

use crate::{npm, paths, shell};
use anyhow::{Context, Result};
use std::fs;

/// A module, the package that it is of, the file of its licence, and what the page takes of it.
struct Borrowed {
    module: &'static str,
    package: &'static str,
    licence: &'static str,
    names: &'static str,
}

const ALL: [Borrowed; 2] = [
    Borrowed { module: "halflink-qr.js", package: "qr", licence: "LICENSE-MIT", names: "encodeQR" },
    Borrowed {
        module: "halflink-gif.js",
        package: "gifenc",
        licence: "LICENSE.md",
        names: "GIFEncoder, quantize, applyPalette",
    },
];

/// In pkg/.
pub(crate) fn built() -> impl Iterator<Item = String> {
    ALL.iter().map(|one| one.module.to_owned())
}

/// Writes them. True when one has changed. Without Node there are none, and the page says so.
pub(crate) fn build() -> Result<bool> {
    let mut changed = false;
    for one in &ALL {
        let text = if npm::esbuild().is_some() { one.text()? } else { String::new() };
        let path = paths::pkg().join(one.module);
        if !fs::read_to_string(&path).is_ok_and(|last| last == text) {
            fs::write(&path, &text).with_context(|| paths::shown(&path))?;
            changed = true;
        }
    }
    Ok(changed)
}

impl Borrowed {
    fn text(&self) -> Result<String> {
        let package = paths::tests().join("node_modules").join(self.package);
        let licence = fs::read_to_string(package.join(self.licence)).context(self.package)?;
        let folder = paths::root().join("target/borrowed");
        fs::create_dir_all(&folder)?;
        let entry = folder.join(self.module);
        let taken =
            format!("export {{ {} }} from {:?};\n", self.names, package.display().to_string());
        fs::write(&entry, taken)?;
        let mut command = npm::esbuild().context("npm ci has not brought esbuild")?;
        command.arg(&entry).args(["--bundle", "--minify", "--format=esm", "--target=es2022"]);
        command.args(["--legal-comments=none", "--log-level=warning"]);
        // Whoever passes it on passes on its terms.
        Ok(format!(
            "/*! {}\n\n{}\n*/\n{}",
            self.package,
            licence.trim(),
            shell::output(&mut command)?
        ))
    }
}
