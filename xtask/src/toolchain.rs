//! A compiler for wasm32: the active one, or Debian's.

use crate::debian::{self, Debian};
use crate::shell::{self, announce, ask};
use anyhow::{Result, bail};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target that the page runs.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The oldest compiler that the project accepts, as (major, minor).
pub(crate) fn oldest() -> (u32, u32) {
    version(env!("CARGO_PKG_RUST_VERSION")).expect("rust-version in Cargo.toml is major.minor")
}

/// The first `major.minor` in a text: `rustc 1.96.0 (…)`, `1.96.0+dfsg1-1`.
pub(crate) fn version(text: &str) -> Option<(u32, u32)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let mut parts = text[start..].split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// A compiler that can build wasm.
pub(crate) enum Toolchain {
    /// The active toolchain, which has the target.
    Active,
    /// The distribution's, which builds std from its source.
    Debian(Debian),
}

impl Toolchain {
    /// Finds a compiler, and installs one when there is none.
    ///
    /// A compiler that is there already goes before one that would have to be fetched.
    pub(crate) fn ensure() -> Result<Self> {
        if active_has_target() {
            return Ok(Self::Active);
        }
        if let Some(debian) = debian::ready() {
            return Ok(Self::Debian(debian));
        }
        if rustup_adds_target() {
            return Ok(Self::Active);
        }
        if debian::applies() {
            match debian::install() {
                Ok(debian) => return Ok(Self::Debian(debian)),
                Err(error) => eprintln!("    the distribution's compiler cannot be had: {error:#}"),
            }
        }
        let (major, minor) = oldest();
        bail!(
            "no compiler here can build for {TARGET}. Install one of these, then try again:\n  \
             - with rustup: rustup target add {TARGET}\n  \
             - on Debian or Ubuntu, as root: apt-get install {}\n    \
               (or any rustc from {major}.{minor} with its cargo, its source, and lld)",
            debian::PACKAGES_HINT
        )
    }

    /// The cargo command that builds for the target, ready for the crate's own arguments.
    pub(crate) fn build(&self) -> Command {
        match self {
            Self::Active => {
                let mut command = shell::cargo();
                command.args(["build", "--target", TARGET]);
                command
            }
            Self::Debian(debian) => debian.build(),
        }
    }

    /// The compiler's name and version, for messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Active => {
                ask(Command::new("rustc").arg("--version")).unwrap_or_else(|| "rustc".to_owned())
            }
            Self::Debian(debian) => debian.name(),
        }
    }
}

/// Whether the active toolchain has the target's standard library.
fn active_has_target() -> bool {
    ask(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))
        .is_some_and(|dir| holds_core(Path::new(&dir)))
}

fn holds_core(dir: &Path) -> bool {
    let files = dir.read_dir().into_iter().flatten().flatten();
    files.map(|file| PathBuf::from(file.file_name())).any(|name| {
        name.extension().is_some_and(|end| end == "rlib")
            && name.to_string_lossy().starts_with("libcore-")
    })
}

/// Asks rustup for the target; false where there is no rustup or it cannot fetch.
fn rustup_adds_target() -> bool {
    let Some(rustup) = shell::find("rustup") else { return false };
    announce(&format!("the active toolchain has no {TARGET}: rustup target add {TARGET}"));
    let mut command = Command::new(rustup);
    command.args(["target", "add", TARGET]);
    if env::var_os("RUSTUP_MAX_RETRIES").is_none() {
        // Where there is no network, say so soon: there is another way.
        command.env("RUSTUP_MAX_RETRIES", "0");
    }
    match shell::run(&mut command) {
        Ok(()) => active_has_target(),
        Err(error) => {
            eprintln!("    {error:#}; looking for another compiler");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn version_is_found_in_what_tools_print() {
        let cases = [
            ("rustc 1.96.0 (30a34c682 2026-05-25) (built from a source tarball)", Some((1, 96))),
            ("1.96.0+dfsg1-1~deb12u2", Some((1, 96))),
            ("1.88", Some((1, 88))),
            ("(none)", None),
        ];
        for (text, expected) in cases {
            assert_eq!(version(text), expected, "{text}");
        }
    }
}
