//! A language that nobody speaks: every string in brackets and 40 % longer. It is files like any
//! other, which `tests/support/pseudo-files.js` makes of the catalogue: so the build and the server
//! need to know no more of it than where they are.

use crate::{languages, library, npm, paths, shell};
use anyhow::Result;
use std::fs;
use std::process::Command;

/// The variable that tells the browser tests that the page speaks it.
pub(crate) const SPOKEN: &str = "HALFLINK_PSEUDO";

/// Makes its files anew, and what page and embed load of them; that stays in pkg/ until it is built
/// without them.
pub(crate) fn speak() -> Result<()> {
    npm::ensure()?;
    let folder = paths::target().join("pseudo");
    fs::create_dir_all(&folder)?;
    let mut command = Command::new("node");
    command.arg("support/pseudo-files.js").arg(&folder).current_dir(paths::tests());
    shell::run(&mut command)?;
    languages::make_up(Some(folder));
    library::build().map(|_| ())
}

/// Takes out of pkg/ what was made of them.
pub(crate) fn end() -> Result<()> {
    languages::make_up(None);
    library::build().map(|_| ())
}
