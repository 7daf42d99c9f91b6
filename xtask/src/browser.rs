//! Browsers: one to open the page in, one to test it in.

use crate::shell::{self, announce};
use crate::{debian, npm};
use anyhow::{Context, Result};
use std::env;
use std::path::PathBuf;

/// The variable that names the Chromium to test in.
pub(crate) const CHROMIUM: &str = "HALFLINK_CHROMIUM";

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
    match debian::install_one("chromium") {
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
