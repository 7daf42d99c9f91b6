//! What comes from npm: wasm-opt, the browser driver, the type checker, and what the page's editor
//! is made of. Nothing of it is asked for at the page's run time.

use crate::paths;
use crate::shell::{self, announce, ask};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The oldest Node that the tests run on.
const NODE_OLDEST: u32 = 20;

/// Where `npm ci` leaves a copy of the lock file that it has installed.
const INSTALLED: &str = "node_modules/.halflink-lock.json";

/// Whether Node and npm are here, and new enough.
pub(crate) fn available() -> bool {
    let node = ask(Command::new("node").arg("--version"))
        .and_then(|text| text.trim_start_matches('v').split('.').next()?.parse().ok())
        .is_some_and(|major: u32| major >= NODE_OLDEST);
    node && shell::find("npm").is_some()
}

/// Installs the packages of tests/package-lock.json, where they are not installed already.
pub(crate) fn ensure() -> Result<()> {
    if !available() {
        bail!("Node {NODE_OLDEST} or newer with npm is needed; see https://nodejs.org/");
    }
    let tests = paths::tests();
    let lock = fs::read(tests.join("package-lock.json")).context("tests/package-lock.json")?;
    if fs::read(tests.join(INSTALLED)).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    announce("installing the npm packages of the tests: npm ci, in tests/");
    let npm = shell::find("npm").context("npm")?;
    shell::run(Command::new(npm).args(["ci", "--no-audit", "--no-fund"]).current_dir(&tests))?;
    fs::write(tests.join(INSTALLED), lock).context("could not note what npm has installed")
}

/// A command that runs a script of an installed package under Node.
pub(crate) fn script(path: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(paths::tests().join("node_modules").join(path));
    command
}

/// biome, which formats and lints what is written in JavaScript and CSS, over the whole repository.
pub(crate) fn biome(task: &str) -> Command {
    let mut command = script("@biomejs/biome/bin/biome");
    command.arg(task).current_dir(paths::root());
    command
}

/// Writes Rust, JavaScript and CSS as they are written here.
pub(crate) fn format() -> Result<()> {
    ensure()?;
    shell::run(shell::cargo().args(["fmt", "--all"]))?;
    shell::run(biome("format").arg("--write"))
}

/// wasm-opt's script and version, where the package is installed.
pub(crate) fn wasm_opt() -> Option<(PathBuf, String)> {
    let package = paths::tests().join("node_modules/binaryen");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(package.join("package.json")).ok()?).ok()?;
    let version = manifest.get("version")?.as_str()?.to_owned();
    Some((package.join("bin/wasm-opt"), version))
}

/// esbuild, where npm has brought it. Its installer may put a native program in the script's place,
/// so it is called by the name that npm gives it and not through Node.
pub(crate) fn esbuild() -> Option<Command> {
    let program = paths::tests().join("node_modules/.bin/esbuild");
    program.exists().then(|| Command::new(program))
}
