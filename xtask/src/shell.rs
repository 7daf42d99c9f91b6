//! Running other programs, and saying so first.

use anyhow::{Context, Result, bail};
use std::collections::VecDeque;
use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// So many lines say what failed: whoever tells a suite's failures tells them at its end.
const LAST_LINES: usize = 60;

/// Says what is about to happen.
pub(crate) fn announce(step: &str) {
    eprintln!("==> {step}");
}

/// The command as one would type it, without its environment.
pub(crate) fn line(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs a command with our output, and fails when it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = line(command);
    let status = command.status().with_context(|| format!("could not start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// A command failed whose output was kept.
#[derive(Debug)]
pub(crate) struct Failed {
    what: String,
    /// What it said last.
    pub(crate) last: Vec<String>,
}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)
    }
}

impl Error for Failed {}

/// As [`run`]; where nobody watches, it fails with [`Failed`].
pub(crate) fn run_and_keep(command: &mut Command) -> Result<()> {
    if io::stdout().is_terminal() {
        return run(command);
    }
    let shown = line(command);
    let (said, into) = io::pipe()?;
    let child = command.env("NO_COLOR", "1").stdout(into.try_clone()?).stderr(into).spawn();
    let mut child = child.with_context(|| format!("could not start `{shown}`"))?;
    // The command has an end of the pipe, too: it would never close.
    command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut said = BufReader::new(said);
    let mut last = VecDeque::new();
    let mut line = Vec::new();
    while said.read_until(b'\n', &mut line)? > 0 {
        io::stdout().write_all(&line)?;
        last.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
        if last.len() > LAST_LINES {
            last.pop_front();
        }
        line.clear();
    }
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    Err(Failed { what: format!("`{shown}` failed ({status})"), last: last.into() }.into())
}

/// Runs a command for what it prints; its errors go where ours do, and it fails when it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = line(command);
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("could not start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` prints no text"))
}

/// Runs a command quietly; its output when it succeeds, `None` when it fails or is not there.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// A program on the PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let names = [program.to_owned(), format!("{program}{}", env::consts::EXE_SUFFIX)];
    env::split_paths(&path)
        .flat_map(|dir| names.clone().map(|name| dir.join(name)))
        .find(|file| file.is_file())
}

/// A command without the variables that `cargo run` sets for the program it runs: a cargo that
/// saw them would rebuild what they touch, or take the wrong compiler.
pub(crate) fn clean(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// The cargo that runs us, or the one on the PATH.
pub(crate) fn cargo() -> Command {
    clean(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
