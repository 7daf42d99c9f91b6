//! Debian's and Ubuntu's own compiler: packages of apt instead of a target from rustup.
//!
//! They ship no standard library for wasm32, but they ship its source. `-Z build-std` builds it,
//! which a stable compiler does when `RUSTC_BOOTSTRAP` says so.

use crate::shell::{self, announce, ask};
use crate::toolchain::{TARGET, oldest, version};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to install by hand where we cannot.
pub(crate) const PACKAGES_HINT: &str = "rustc-web cargo-web rust-web-src lld-22";

/// A compiler, its cargo and its source, with a linker for wasm.
pub(crate) struct Debian {
    /// The directory with `rustc` and `cargo`.
    bin: PathBuf,
    /// The linker's name, `lld-22`.
    linker: String,
}

impl Debian {
    /// The cargo command that builds for wasm32, standard library included.
    pub(crate) fn build(&self) -> Command {
        let mut command = shell::clean(self.bin.join("cargo"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let first = std::iter::once(self.bin.clone()).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(first).unwrap_or(path));
        // rustup and cargo set these for us; here they would bring the other compiler back.
        let theirs =
            ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH", "RUSTC_WRAPPER"];
        for name in theirs {
            command.env_remove(name);
        }
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker)
            .args(["build", "--target", TARGET, "-Z", "build-std=std,panic_abort"]);
        command
    }

    /// The compiler's name and version, for messages.
    pub(crate) fn name(&self) -> String {
        let rustc = self.bin.join("rustc");
        let version = ask(Command::new(&rustc).arg("--version")).unwrap_or_default();
        format!("{version} in {}, linked by {}", self.bin.display(), self.linker)
    }
}

/// The distribution's compiler, when all of it is installed.
pub(crate) fn ready() -> Option<Debian> {
    let linker = newest_lld(file_names(Path::new("/usr/bin")))?;
    // Ubuntu keeps its newer compilers apart, each in its own directory.
    let mut apart: Vec<PathBuf> = file_names(Path::new("/usr/lib"))
        .filter(|name| name.starts_with("rust-"))
        .map(|name| Path::new("/usr/lib").join(name).join("bin"))
        .collect();
    apart.sort_by_key(|bin| version(&bin.to_string_lossy()));
    apart.push(PathBuf::from("/usr/bin"));
    let bin = apart.into_iter().rev().find(|bin| compiles(bin))?;
    Some(Debian { bin, linker })
}

/// Whether the directory holds a compiler that is new enough, with cargo and its source.
fn compiles(bin: &Path) -> bool {
    let rustc = bin.join("rustc");
    let new_enough = ask(shell::clean(&rustc).arg("--version").env_remove("RUSTUP_TOOLCHAIN"))
        .and_then(|text| version(&text))
        .is_some_and(|found| found >= oldest());
    let has_source = || {
        ask(shell::clean(&rustc).args(["--print", "sysroot"]).env_remove("RUSTUP_TOOLCHAIN"))
            .map(|root| Path::new(&root).join("lib/rustlib/src/rust/library/std"))
            .is_some_and(|std| std.exists())
    };
    bin.join("cargo").exists() && new_enough && has_source()
}

fn file_names(dir: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned())
}

/// The newest `lld-NN` among the names: a linker must not be older than the compiler's LLVM.
fn newest_lld(names: impl Iterator<Item = String>) -> Option<String> {
    names
        .filter_map(|name| Some((name.strip_prefix("lld-")?.parse::<u32>().ok()?, name)))
        .max()
        .map(|(_, name)| name)
}

/// Whether this is Debian, Ubuntu or one of their children, with the rights to install.
pub(crate) fn applies() -> bool {
    is_debian() && privileged().is_some()
}

fn is_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release
        .lines()
        .filter(|line| line.starts_with("ID=") || line.starts_with("ID_LIKE="))
        .any(|line| line.contains("debian") || line.contains("ubuntu"))
}

/// Whether we are root.
pub(crate) fn is_root() -> bool {
    ask(Command::new("id").arg("-u")).is_some_and(|uid| uid == "0")
}

/// The words to put before a command so that it runs as root; `None` where we may not.
fn privileged() -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    ask(Command::new("sudo").args(["-n", "true"])).map(|_| ["sudo", "-n"].as_slice())
}

/// Installs the compiler, its source and a linker.
pub(crate) fn install() -> Result<Debian> {
    update();
    let [rustc, cargo, source] = offered().with_context(|| {
        let (major, minor) = oldest();
        format!("apt offers no rustc from {major}.{minor} on")
    })?;
    let lld = newest_lld(names("^lld-[0-9]+$")).context("apt offers no lld")?;
    install_packages(&[&rustc, &cargo, &source, &lld])?;
    ready().context("the packages are installed, but their compiler does not work")
}

/// Refreshes apt's lists. A failure is only said: old lists may do.
fn update() {
    let mut command = apt("apt-get");
    command.args(["update", "-qq"]);
    announce(&shell::line(&command));
    if let Err(error) = shell::run(&mut command) {
        eprintln!("    {error:#}; going on with the lists that are there");
    }
}

/// Installs packages, after `update`; the caller has asked `applies`.
fn install_packages(packages: &[&str]) -> Result<()> {
    let mut command = apt("apt-get");
    command.args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages);
    announce(&shell::line(&command));
    shell::run(&mut command)
}

/// Installs packages where apt has all of them; false where it has not, or we may not.
pub(crate) fn install_all(packages: &[&str]) -> Result<bool> {
    if !applies() {
        return Ok(false);
    }
    update();
    if packages.iter().any(|package| candidate(package).is_none()) {
        return Ok(false);
    }
    install_packages(packages)?;
    Ok(true)
}

/// An apt command, as root.
fn apt(program: &str) -> Command {
    let words = privileged().unwrap_or_default();
    let mut command = match words {
        [] => Command::new(program),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            // sudo drops the environment; env brings this one variable back.
            command.args(rest).args(["env", "DEBIAN_FRONTEND=noninteractive", program]);
            command
        }
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// The newest compiler that apt offers, with its cargo and its source.
fn offered() -> Option<[String; 3]> {
    let mut families: Vec<[String; 3]> = names("^rustc-[0-9.]+$")
        .filter_map(|rustc| {
            let number = rustc.strip_prefix("rustc-")?.to_owned();
            Some([rustc, format!("cargo-{number}"), format!("rust-{number}-src")])
        })
        .collect();
    families.sort_by_key(|[rustc, ..]| version(rustc));
    families.push(["rustc", "cargo", "rust-src"].map(str::to_owned));
    families.push(["rustc-web", "cargo-web", "rust-web-src"].map(str::to_owned));
    families.into_iter().rev().find(|packages| {
        let new_enough = |package: &String| candidate(package).is_some_and(|v| v >= oldest());
        packages.iter().all(new_enough)
    })
}

/// The version of a package that apt would install.
fn candidate(package: &str) -> Option<(u32, u32)> {
    let policy = ask(Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C"))?;
    let line = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    // An epoch (`1:22.1`) is apt's own business.
    version(line.split_once(':').map_or(line, |(_, rest)| rest))
}

/// Names of packages by a pattern.
fn names(pattern: &str) -> impl Iterator<Item = String> + use<> {
    let found = ask(Command::new("apt-cache").args(["search", "--names-only", pattern]));
    let lines: Vec<String> = found.unwrap_or_default().lines().map(str::to_owned).collect();
    lines.into_iter().filter_map(|line| line.split_whitespace().next().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::newest_lld;

    #[test]
    fn newest_lld_compares_numbers_not_text() {
        let names = ["lld-9", "lld-22", "lld", "lld-link-23"].map(str::to_owned);
        assert_eq!(newest_lld(names.into_iter()).as_deref(), Some("lld-22"));
    }
}
