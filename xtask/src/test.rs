//! Every test there is, suite by suite.

use crate::address::Address;
use crate::shell::{self, Failed, announce};
use crate::{browser, dist, embed, npm, package, paths, pseudo, python, serve, wasm};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The variable that asks for the slow sizes.
const LARGE: &str = "HALFLINK_LARGE";

/// The variable that tells the browser tests where the page is served.
const URL: &str = "HALFLINK_URL";

/// The variable that tells them where the site is, as it leaves the house; see [`SITE_AT`].
const SITE: &str = "HALFLINK_SITE";

/// Where the site that is tested says that it stands: in a folder, as GitHub has it.
const SITE_AT: &str = "https://halflink.example/halflink/";

/// Options of `test`.
#[derive(Args)]
pub(crate) struct TestArgs {
    /// The suites to run; all where none is named
    suites: Vec<Suite>,
    /// Run the slow sizes too (sets HALFLINK_LARGE=1)
    #[arg(long)]
    large: bool,
    /// Test the module that is in pkg/, without building it
    #[arg(long)]
    no_build: bool,
}

/// What can be tested for itself, in the order in which a failure is found soonest.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// The crates, natively: cargo test
    Native,
    /// Sweeps on a Dask cluster, and the queries of docs/SWEEP.md: tools/sweep-dask
    Sweep,
    /// The wasm module under Node: tests/node
    Node,
    /// The page's modules under Node: tests/page
    Page,
    /// The types in the page's comments: tsc
    Types,
    /// How JavaScript and CSS are written: biome, as biome.jsonc says
    Lint,
    /// The wasm module and the page in Chromium: tests/browser
    Browser,
    /// Those of them that draw every panel and menu (--large: nearly all), in longer words
    Pseudo,
    /// The embed in Firefox and WebKit: tests/engines
    Engines,
}

impl Suite {
    fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Sweep => "sweep",
            Self::Node => "node",
            Self::Page => "page",
            Self::Types => "types",
            Self::Lint => "lint",
            Self::Browser => "browser",
            Self::Pseudo => "pseudo",
            Self::Engines => "engines",
        }
    }

    /// Runs the suite, after `set_up`.
    fn run(self, args: &TestArgs) -> Result<Outcome> {
        let large = args.large;
        match self {
            Self::Native => run(shell::cargo().args(["test", "--workspace"]), large),
            Self::Sweep => python::sweep(),
            Self::Node => node("node", large),
            Self::Page => node("page", large),
            Self::Types => run(npm::script("typescript/bin/tsc").args(["-p", "."]), large),
            Self::Lint => {
                let mut command = npm::biome("ci");
                shell::run_and_keep(command.arg("--error-on-warnings")).map(|()| Outcome::Passed)
            }
            Self::Browser => in_browser(large, None),
            Self::Pseudo => {
                pseudo::speak()?;
                let outcome = in_browser(large, Some(pseudo::SPOKEN));
                pseudo::end().and(outcome)
            }
            Self::Engines => in_engines(large),
        }
    }
}

/// How a suite ended, when it did not fail.
pub(crate) enum Outcome {
    Passed,
    /// There are no such tests.
    Empty,
    /// What they need cannot be had here.
    Skipped,
}

/// Runs the suites, all of them even when one fails.
pub(crate) fn run_all(args: &TestArgs) -> Result<()> {
    let suites =
        if args.suites.is_empty() { Suite::value_variants() } else { args.suites.as_slice() };
    if suites.iter().any(|suite| !matches!(suite, Suite::Native | Suite::Sweep | Suite::Lint)) {
        set_up(args)?;
    } else if suites.contains(&Suite::Lint) {
        npm::ensure()?;
    }
    let mut report = Vec::new();
    // What fails early is told again at the end, where one looks for it.
    let mut told = String::new();
    let mut failed = 0;
    for suite in suites {
        announce(&format!("testing: {}", suite.name()));
        #[expect(clippy::disallowed_types, reason = "how long a suite takes is wall clock")]
        let begun = std::time::Instant::now();
        let verdict = match suite.run(args) {
            Ok(Outcome::Passed) => "passed".to_owned(),
            Ok(Outcome::Empty) => "has no tests".to_owned(),
            Ok(Outcome::Skipped) => "NOT RUN: what it needs cannot be had here".to_owned(),
            Err(error) => {
                failed += 1;
                let last = error.downcast_ref::<Failed>().map_or(&[][..], |failed| &failed.last);
                if !last.is_empty() {
                    let _ =
                        writeln!(told, "\n--- {}, at its end\n{}", suite.name(), last.join("\n"));
                }
                format!("FAILED: {error:#}")
            }
        };
        report.push(format!(
            "{:<8} {:>6.1} s  {verdict}",
            suite.name(),
            begun.elapsed().as_secs_f64()
        ));
    }
    println!("{told}\n{}", report.join("\n"));
    if failed > 0 {
        bail!("{failed} of {} suites failed", suites.len());
    }
    Ok(())
}

/// Sets up what all suites need that run what is built.
fn set_up(args: &TestArgs) -> Result<()> {
    if !args.no_build {
        wasm::build()?;
    }
    npm::ensure()?;
    // They are made of www/, too.
    package::build()?;
    embed::build().map(|_| ())
}

fn run(command: &mut Command, large: bool) -> Result<Outcome> {
    if large {
        command.env(LARGE, "1");
    }
    // cargo works at the root, what comes from npm in tests/.
    let is_node = command.get_program() == "node";
    command.current_dir(if is_node { paths::tests() } else { paths::root() });
    shell::run_and_keep(command)?;
    Ok(Outcome::Passed)
}

/// Runs the tests in a folder of tests/ under Node's own runner.
fn node(folder: &str, large: bool) -> Result<Outcome> {
    match node_command(folder)? {
        None => Ok(Outcome::Empty),
        Some(mut command) => run(&mut command, large),
    }
}

/// The command for it; `None` where there are no tests.
fn node_command(folder: &str) -> Result<Option<Command>> {
    let files = test_files(folder)?;
    let mut command = Command::new("node");
    command
        .args(["--import", "./support/register.js", "--test-reporter=spec", "--test"])
        .args(&files);
    Ok((!files.is_empty()).then_some(command))
}

/// Runs the tests of the embed in engines other than Chromium's.
fn in_engines(large: bool) -> Result<Outcome> {
    let Some(engines) = browser::ensure_engines()? else {
        if std::env::var_os("CI").is_some() {
            bail!("Firefox ESR and WebKitGTK with its driver are not here");
        }
        return Ok(Outcome::Skipped);
    };
    let Some(mut command) = node_command("engines")? else { return Ok(Outcome::Empty) };
    run(command.envs(engines), large)
}

/// The files `*.test.js` in a folder of tests/, sorted.
fn test_files(folder: &str) -> Result<Vec<PathBuf>> {
    let dir = paths::tests().join(folder);
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.js") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Serves the page on a free port, and runs Playwright against it; with a variable set, if need be.
fn in_browser(large: bool, variable: Option<&str>) -> Result<Outcome> {
    let chromium = browser::ensure_chromium()?;
    let address = serve::in_background()?;
    let mut command = npm::script("@playwright/test/cli.js");
    command.args(["test", "--config", "browser/playwright.config.js"]).env(URL, address);
    // Its pages are in the languages that readers have.
    if variable.is_none() {
        let site = paths::target().join("site");
        command.env(SITE, dist::whole(&site, Some(&Address::parse(SITE_AT)?))?);
    }
    if let Some(path) = chromium {
        command.env(browser::CHROMIUM, path);
    }
    if let Some(variable) = variable {
        command.env(variable, "1");
    }
    run(&mut command, large)
}
