//! What the library's pages show of each scenario, drawn by the page's own modules under Node:
//! `xtask/pages/figures.mjs`.

use crate::{languages, library, paths};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A scenario, run and drawn.
#[derive(Deserialize)]
pub(crate) struct Drawn {
    /// Its title.
    pub(crate) title: String,
    /// Where it is from.
    pub(crate) source: Option<String>,
    /// The protocol that its text names.
    pub(crate) protocol: String,
    /// What its author says of the first fault.
    pub(crate) lead: String,
    /// How its run ended.
    pub(crate) outcome: Option<Outcome>,
    /// What its author says, in order.
    pub(crate) story: Vec<Told>,
    /// The frame in which somebody else's page shows it.
    pub(crate) frame: Frame,
    /// The card of a link, as SVG, where one is wanted.
    pub(crate) card: Option<String>,
    /// The strip in a page's width.
    pub(crate) strip: Figure,
    /// The strip where there is less room.
    pub(crate) small: Figure,
    /// The moment of that which follows, as the language writes it.
    pub(crate) at: String,
    /// Who hears whom.
    pub(crate) logic: Figure,
}

/// How a run ended.
#[derive(Deserialize)]
pub(crate) struct Outcome {
    /// The name of its kind, in every language.
    pub(crate) name: String,
    /// The same as a word.
    pub(crate) word: String,
    /// What clients felt, in a sentence.
    pub(crate) felt: String,
}

/// Words that come at a moment.
#[derive(Deserialize)]
pub(crate) struct Told {
    /// The moment, as the language writes it.
    pub(crate) at: String,
    /// The words.
    pub(crate) text: String,
}

/// A frame in which the run has its picture whole.
#[derive(Deserialize)]
pub(crate) struct Frame {
    /// In pixels.
    pub(crate) width: u32,
    /// In pixels.
    pub(crate) height: u32,
    /// What it is called for who does not see it.
    pub(crate) title: String,
}

/// A still figure, which lies in a file beside the page.
#[derive(Deserialize)]
pub(crate) struct Figure {
    /// In pixels.
    pub(crate) width: u32,
    /// In pixels.
    pub(crate) height: u32,
    /// What it shows, for who does not see it.
    pub(crate) words: String,
}

/// Draws all scenarios in a language, each into the folder of its name in `folder`; in menu order.
pub(crate) fn draw(language: &str, folder: &Path) -> Result<Vec<Drawn>> {
    let is_english = language == languages::ENGLISH;
    let scenario = |entry: &Value| {
        let name = entry["name"].as_str().unwrap_or_default();
        json!({"text": entry["text"], "folder": folder.join(name), "card": is_english})
    };
    let scenarios: Vec<_> = library::entries(language)?.iter().map(scenario).collect();
    // English is inside.
    let words = if is_english { json!({}) } else { json!(languages::words(language)?) };
    let tests = paths::tests().join("support");
    let mut command = Command::new("node");
    for module in ["register.js", "document.js"] {
        command.arg("--import").arg(tests.join(module));
    }
    command.arg(paths::root().join("xtask/pages/figures.mjs"));
    let mut node = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("node")?;
    let job = json!({"words": words, "scenarios": scenarios}).to_string();
    node.stdin.take().context("it reads")?.write_all(job.as_bytes())?;
    let output = node.wait_with_output()?;
    ensure!(output.status.success(), "xtask/pages/figures.mjs failed ({})", output.status);
    let drawn: Vec<Drawn> = serde_json::from_slice(&output.stdout)?;
    ensure!(drawn.len() == scenarios.len(), "not every scenario was drawn");
    Ok(drawn)
}

/// Takes a page's template.
pub(crate) fn template(name: &str) -> Result<String> {
    let path = paths::root().join("xtask/pages").join(name);
    fs::read_to_string(&path).with_context(|| paths::shown(&path))
}
