//! The one suite in Python: sweeps on a Dask cluster of this machine. What it needs is installed,
//! pinned by hashes, into an environment of its own in cargo's target directory.

use crate::paths;
use crate::shell::{self, announce};
use crate::test::Outcome;
use anyhow::Result;
use std::env::consts::EXE_EXTENSION;
use std::fs;
use std::process::{Command, Stdio};

/// Runs the tests of tools/sweep-dask with the command line as `cargo test` builds it.
pub(crate) fn sweep() -> Result<Outcome> {
    let has_python = Command::new("python3")
        .args(["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_python {
        return Ok(Outcome::Skipped);
    }
    let tool = paths::root().join("tools/sweep-dask");
    let environment = paths::target().join("sweep-dask");
    let bin = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let wanted = fs::read_to_string(tool.join("requirements.txt"))?;
    // Written when all of it was installed.
    let done = environment.join("installed.txt");
    if fs::read_to_string(&done).ok().as_ref() != Some(&wanted) {
        announce("installing what tools/sweep-dask/requirements.txt lists");
        shell::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
        let mut pip = Command::new(bin.join("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip.args(["--require-hashes", "--requirement"]).arg(tool.join("requirements.txt"));
        shell::run(&mut pip)?;
        fs::write(&done, wanted)?;
    }
    let build = ["build", "--package", "halflink", "--bin", "halflink"];
    shell::run(shell::cargo().args(build).current_dir(paths::root()))?;
    let binary = paths::target().join("debug/halflink").with_extension(EXE_EXTENSION);
    let mut tests = Command::new(bin.join("python"));
    tests.args(["-W", "error::ResourceWarning", "-m", "unittest", "-v"]).current_dir(&tool);
    tests.env("PYTHONDONTWRITEBYTECODE", "1").env("HALFLINK", binary);
    shell::run(&mut tests)?;
    Ok(Outcome::Passed)
}
