//! The shipped scenarios. The engine has the story that the page opens on, and no other: page and
//! embed load each from a file of its own when it is asked for. The npm package has them in one.

use crate::{dist, embed, paths};
use anyhow::{Context, Result, ensure};
use regex::Regex;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Of the npm package.
const FILE: &str = "library.js";

/// In pkg/: `NAME.js` is a scenario's text, `index.js` what the menu shows, and `notes.js` which of
/// them has a note of those words.
const DIR: &str = "library";

/// Writes all of it into pkg/. True when something has changed.
pub(crate) fn build() -> Result<bool> {
    let entries = names()?.iter().map(|name| entry(name)).collect::<Result<Vec<_>>>()?;
    let text = format!("export const library = {};\n", serde_json::to_string_pretty(&entries)?);
    let mut changed = write(&paths::pkg().join(FILE), &text)?;
    let mut written = BTreeSet::new();
    for (name, value) in parts(&entries) {
        let path = dir().join(format!("{name}.js"));
        changed |= write(&path, &embed::part(&format!("{DIR}/{name}"), &value.to_string()))?;
        written.insert(path);
    }
    for old in dist::files(&dir())?.iter().filter(|file| !written.contains(*file)) {
        fs::remove_file(old)?;
        changed = true;
    }
    Ok(changed)
}

/// What of a site is loaded for a scenario, and for the menu.
pub(crate) fn built() -> Result<Vec<PathBuf>> {
    dist::files(&dir())
}

/// What an embed loads besides, at most, in pkg/: the longest text, where its address names a
/// scenario; and where it is a link, what tells of which scenario its notes are, and then that one.
pub(crate) fn first_view() -> Result<[String; 2]> {
    let longest = names()?.into_iter().max_by_key(|name| source(name).map_or(0, |it| it.len()));
    let longest = longest.context("a scenario is shipped")?;
    Ok([longest.as_str(), "notes"].map(|name| format!("{DIR}/{name}.js")))
}

fn dir() -> PathBuf {
    paths::pkg().join(DIR)
}

/// True when it has changed.
fn write(path: &Path, text: &str) -> Result<bool> {
    if fs::read_to_string(path).is_ok_and(|last| last == text) {
        return Ok(false);
    }
    fs::create_dir_all(path.parent().context("a file has a folder")?)?;
    fs::write(path, text).with_context(|| paths::shown(path))?;
    Ok(true)
}

/// The files of page and embed, by name, and what each tells.
fn parts(entries: &[Value]) -> Vec<(String, Value)> {
    let named = |entry: &Value| entry["name"].as_str().unwrap_or_default().to_owned();
    let mut parts: Vec<_> =
        entries.iter().map(|entry| (named(entry), entry["text"].clone())).collect();
    let shown = entries.iter().map(|entry| {
        let [name, title, source] = ["name", "title", "source"].map(|key| &entry[key]);
        json!({"name": name, "title": title, "source": source})
    });
    parts.push(("index".to_owned(), shown.collect()));
    let marks = |entry: &Value| {
        let text = entry["text"].as_str().unwrap_or_default();
        (named(entry), notes(text).iter().map(|note| mark(note)).collect::<Value>())
    };
    parts.push(("notes".to_owned(), Value::Object(entries.iter().map(marks).collect())));
    parts
}

/// The words of a text's notes.
fn notes(text: &str) -> Vec<&str> {
    let note = Regex::new(r#"(?m)^note\s+\S+\s+"([^"\\]*)"\s*$"#).expect("constant");
    note.captures_iter(text).filter_map(|found| Some(found.get(1)?.as_str())).collect()
}

/// As `www/run/library.js` does it. Two notes of one mark cost a file that is loaded for nothing.
fn mark(note: &str) -> u32 {
    note.chars().fold(7, |sum, char| (sum * 31 + u32::from(char)) % 65_521)
}

/// Their names in menu order: the list in `src/scenario/library.rs`, which the compiler checks.
fn names() -> Result<Vec<String>> {
    let path = paths::root().join("src/scenario/library.rs");
    let text = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
    let list = text.split("entries![").nth(1).and_then(|rest| rest.split(']').next());
    let list = list.context("src/scenario/library.rs lists the scenarios in entries![...]")?;
    let name = Regex::new(r#""([^"]+)""#).expect("constant");
    let names: Vec<_> = name.captures_iter(list).map(|found| found[1].to_owned()).collect();
    ensure!(!names.is_empty(), "src/scenario/library.rs lists no scenario");
    Ok(names)
}

fn source(name: &str) -> Result<String> {
    let path = paths::root().join(format!("src/scenario/library/{name}.halflink"));
    fs::read_to_string(&path).with_context(|| paths::shown(&path))
}

/// What the menu shows of a scenario, and its text.
fn entry(name: &str) -> Result<Value> {
    let text = source(name)?;
    let said = |what: &str| {
        let line = Regex::new(&format!(r#"(?m)^{what}\s+"([^"\\]*)"\s*$"#)).expect("constant");
        line.captures(&text).map(|found| found[1].to_owned())
    };
    let title = said("title").with_context(|| format!("{name} has a plain title"))?;
    Ok(json!({ "name": name, "title": title, "source": said("source"), "text": text }))
}

#[cfg(test)]
mod tests {
    use super::{entry, mark, names, notes};
    use crate::paths;
    use std::fs;

    #[test]
    fn every_text_of_the_folder_is_listed_with_its_title_and_its_notes() {
        let names = names().unwrap();
        let files = fs::read_dir(paths::root().join("src/scenario/library")).unwrap().count();
        assert_eq!(names.len(), files);
        for name in &names {
            let entry = entry(name).unwrap();
            let text = entry["text"].as_str().unwrap();
            let quoted = |key: &str| entry[key].as_str().map(|words| format!("\"{words}\""));
            assert!(text.contains(&quoted("title").unwrap()), "{name}");
            assert_eq!(quoted("source").is_some(), text.contains("\nsource"), "{name}");
            let lines = text.lines().filter(|line| line.starts_with("note")).count();
            assert_eq!(notes(text).len(), lines, "{name}");
        }
    }

    /// `tests/page/library.test.js` holds the page to the same.
    #[test]
    fn a_note_has_the_mark_that_the_page_gives_it() {
        assert_eq!([mark(""), mark("n1"), mark("Three servers – one log.")], [7, 10_186, 44_400]);
    }
}
