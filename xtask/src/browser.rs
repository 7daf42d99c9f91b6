//! Browsers: one to open the page in, one to test it in.

use crate::shell::{self, announce};
use crate::{debian, npm};
use anyhow::{Context, Result};
use std::env;
use std::path::PathBuf;

/// The variable that names the Chromium to test in.
pub(crate) const CHROMIUM: &str = "HALFLINK_CHROMIUM";

/// The variables that name the other engines to test in, and programs of that kind.
const ENGINES: [(&str, &str); 2] =
    [("HALFLINK_FIREFOX", "firefox-esr"), ("HALFLINK_WEBKIT", "WebKitWebDriver")];

/// What they are in, for Debian; WebKit has no way of running without a screen.
const ENGINE_PACKAGES: [&str; 4] = ["firefox-esr", "webkit2gtk-driver", "xvfb", "xauth"];

/// Firefox and WebKit's driver as variables for the tests, installed where that can be; `None`
/// where it cannot.
pub(crate) fn ensure_engines() -> Result<Option<[(&'static str, PathBuf); 2]>> {
    if let Some(engines) = engines() {
        return Ok(Some(engines));
    }
    announce("no Firefox ESR and WebKitGTK with its driver here: installing Debian's");
    debian::install_all(&ENGINE_PACKAGES)?;
    Ok(engines())
}

fn engines() -> Option<[(&'static str, PathBuf); 2]> {
    let [firefox, webkit] = ENGINES.map(|(variable, program)| {
        let path = env::var_os(variable).map(PathBuf::from).or_else(|| shell::find(program))?;
        Some((variable, path))
    });
    // xvfb-run without xauth waits for ever.
    shell::find("xvfb-run").and(shell::find("xauth"))?;
    Some([firefox?, webkit?])
}

/// Opens the address where there is a browser to open it in; never fails.
pub(crate) fn open(address: &str) {
    let unix_desktop =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some());
    let has_screen = unix_desktop || cfg!(any(target_os = "macos", target_os = "windows"));
    if has_screen && open::that_detached(address).is_err() {
        eprintln!("    found no browser to open; the address is above");
    }
}

/// The system's Chromium, installed where that can be; `None` means Playwright's own.
pub(crate) fn ensure_chromium() -> Result<Option<PathBuf>> {
    if let Some(named) = env::var_os(CHROMIUM) {
        return Ok(Some(named.into()));
    }
    if let Some(path) = system_chromium() {
        return Ok(Some(path));
    }
    announce("no Chromium here: installing the system's, or else Playwright's own");
    match debian::install_all(&["chromium"]) {
        Ok(true) => {
            if let Some(path) = system_chromium() {
                return Ok(Some(path));
            }
        }
        Ok(false) => {}
        Err(error) => eprintln!("    {error:#}"),
    }
    let mut command = npm::script("@playwright/test/cli.js");
    command.args(["install", "chromium"]);
    if debian::is_root() {
        command.arg("--with-deps");
    }
    announce(&shell::line(&command));
    shell::run(&mut command).context("no Chromium to test in; install one")?;
    Ok(None)
}

/// A Chromium that is installed. Ubuntu's `chromium-browser` is a stub for snap, so it is not one.
fn system_chromium() -> Option<PathBuf> {
    ["chromium", "google-chrome", "google-chrome-stable"].into_iter().find_map(shell::find)
}
