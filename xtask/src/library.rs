//! The shipped scenarios. The engine has the story that the page opens on, and no other: page and
//! embed load each from a file of its own when it is asked for. The npm package has them in one.

use crate::{dist, embed, languages, paths};
use anyhow::{Context, Result, ensure};
use regex::Regex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Of the npm package.
const FILE: &str = "library.js";

/// In pkg/, with a folder a language: `NAME.js` is a scenario's text, `index.js` what the menu
/// shows, and `notes.js` which of them has a note of those words at that time.
pub(crate) const DIR: &str = "library";

/// Writes all of it into pkg/, and the other languages. True when something has changed.
pub(crate) fn build() -> Result<bool> {
    let english = entries(languages::ENGLISH)?;
    let text = format!("export const library = {};\n", serde_json::to_string_pretty(&english)?);
    let mut wanted = BTreeMap::from([(paths::pkg().join(FILE), text)]);
    wanted.extend(languages::parts()?);
    wanted.extend(parts(languages::ENGLISH, &english));
    for language in languages::others()? {
        wanted.extend(parts(&language, &entries(&language)?));
    }
    let mut changed = false;
    for (path, text) in &wanted {
        changed |= write(path, text)?;
    }
    for old in built()?.iter().filter(|file| !wanted.contains_key(*file)) {
        fs::remove_file(old)?;
        changed = true;
    }
    Ok(changed)
}

/// What of a site is loaded for a scenario, for the menu, and for a language.
pub(crate) fn built() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for dir in [DIR, languages::DIR].map(|name| paths::pkg().join(name)) {
        if dir.exists() {
            found.extend(dist::files(&dir)?);
        }
    }
    Ok(found)
}

/// What an embed loads besides, at most, in pkg/: the longest text, where its address names a
/// scenario; and where it is a link, what tells of which scenario its notes are, and then that one.
pub(crate) fn first_view() -> Result<[String; 2]> {
    let longest = names()?.into_iter().max_by_key(|name| source(name).map_or(0, |it| it.len()));
    let longest = longest.context("a scenario is shipped")?;
    let english = format!("{DIR}/{}", languages::ENGLISH);
    Ok([longest.as_str(), "notes"].map(|name| format!("{english}/{name}.js")))
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

/// The files of page and embed in a language, and what is in each.
fn parts(language: &str, entries: &[Value]) -> Vec<(PathBuf, String)> {
    let named = |entry: &Value| entry["name"].as_str().unwrap_or_default().to_owned();
    let shown = entries.iter().map(|entry| {
        let keys = ["name", "title", "source", "family"];
        let [name, title, source, family] = keys.map(|key| &entry[key]);
        json!({"name": name, "title": title, "source": source, "family": family})
    });
    // In the order of their names, which the page has.
    let marks = entries.iter().map(|entry| marks(entry["text"].as_str().unwrap_or_default()));
    let lists =
        [("index", shown.collect()), ("notes", marks.map(|marks| marks.concat()).collect())];
    let lists = lists.map(|(name, value)| (name.to_owned(), value));
    let texts = entries.iter().map(|entry| (named(entry), entry["text"].clone()));
    let file = |(name, value): (String, Value)| {
        let name = format!("{DIR}/{language}/{name}");
        (paths::pkg().join(format!("{name}.js")), embed::part(&name, &value.to_string()))
    };
    texts.chain(lists).map(file).collect()
}

/// Letters that JSON writes as they are, from `#` on, without the backslash. A mark is three of
/// them.
const LETTERS: u64 = 91;

/// A mark for each note of a text, as `www/run/library.js` gives it: when it comes, and how long it
/// is, in three letters. Two notes of one mark cost a file that is loaded for nothing.
fn marks(text: &str) -> Vec<String> {
    let time = r"(?:([\d.]+)(us|ms|s|m)\b|when\s)";
    let quoted = r#"[^"]*"((?:[^"\\]|\\.)*)""#;
    let note = format!(r#"(?m)^(note|step|ask)\s+(?:under [^"]*\s)?{time}{quoted}"#);
    let note = Regex::new(&note).expect("constant");
    let marks = note.captures_iter(text).map(|found| {
        let unit = match found.get(3).map_or("", |unit| unit.as_str()) {
            "us" => 1.0,
            "ms" => 1e3,
            "s" => 1e6,
            _ => 60e6,
        };
        let time = found.get(2).and_then(|time| time.as_str().parse::<f64>().ok());
        let at_us = (time.unwrap_or_default() * unit).round();
        let words = Regex::new(r"\\(.)").expect("constant").replace_all(&found[4], "$1");
        // What may be answered is no part of the question.
        let question = words.split('|').next().unwrap_or_default().trim();
        let words = if &found[1] == "ask" { question } else { &words };
        mark(at_us as u64 / 1_000 + words.encode_utf16().count() as u64)
    });
    marks.collect()
}

fn mark(number: u64) -> String {
    let letters = [number / LETTERS / LETTERS, number / LETTERS, number];
    let letter = |number: u64| char::from(b'#' + number as u8 + u8::from(number > 56));
    letters.map(|number| letter(number % LETTERS)).iter().collect()
}

/// Their names in menu order: the list in `src/scenario/library.rs`, which the compiler checks.
pub(crate) fn names() -> Result<Vec<String>> {
    let path = paths::root().join("src/scenario/library.rs");
    let text = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
    let list = text.split("entries![").nth(1).and_then(|rest| rest.split(']').next());
    let list = list.context("src/scenario/library.rs lists the scenarios in entries![...]")?;
    let name = Regex::new(r#""([^"]+)""#).expect("constant");
    let names: Vec<_> = name.captures_iter(list).map(|found| found[1].to_owned()).collect();
    ensure!(!names.is_empty(), "src/scenario/library.rs lists no scenario");
    Ok(names)
}

/// The families of the menu, each with its first scenario: the list in `src/scenario/library.rs`.
fn families() -> Result<Vec<(String, String)>> {
    let text = fs::read_to_string(paths::root().join("src/scenario/library.rs"))?;
    let list = text.split("FAMILIES: ").nth(1).and_then(|rest| rest.split("];").next());
    let list = list.context("src/scenario/library.rs lists the families in FAMILIES")?;
    let row = Regex::new(r#"\("([^"]+)", "([^"]+)"\)"#).expect("constant");
    let rows = row.captures_iter(list).map(|found| (found[1].to_owned(), found[2].to_owned()));
    Ok(rows.collect())
}

/// Of which family each is, in menu order.
fn family_of_each() -> Result<Vec<(String, String)>> {
    let families = families()?;
    let mut family = None;
    let each = names()?.into_iter().map(|name| {
        family = families.iter().find(|(_, first)| *first == name).or(family);
        let (key, _) = family.context("the first scenario begins a family")?;
        Ok((name, key.clone()))
    });
    each.collect()
}

fn source(name: &str) -> Result<String> {
    let path = paths::root().join(format!("src/scenario/library/{name}.halflink"));
    fs::read_to_string(&path).with_context(|| paths::shown(&path))
}

/// All of them in a language.
pub(crate) fn entries(language: &str) -> Result<Vec<Value>> {
    let each = family_of_each()?;
    each.iter().map(|(name, family)| entry(name, family, language)).collect()
}

/// What the menu shows of a scenario, and its text.
fn entry(name: &str, family: &str, language: &str) -> Result<Value> {
    let text = languages::translated(&source(name)?, name, language)?;
    let said = |what: &str| {
        let line = format!(r#"(?m)^{what}\s+"((?:[^"\\]|\\.)*)"\s*$"#);
        let found = Regex::new(&line).expect("constant").captures(&text)?;
        Some(Regex::new(r"\\(.)").expect("constant").replace_all(&found[1], "$1").into_owned())
    };
    let title = said("title").with_context(|| format!("{name} has a title"))?;
    let source = said("source");
    let entry = json!({
        "name": name, "title": title, "source": source, "family": family, "text": text
    });
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::{entry, families, family_of_each, marks, names};
    use crate::{languages, paths};
    use std::fs;

    #[test]
    fn every_text_of_the_folder_is_listed_with_its_title_and_its_notes() {
        let names = names().unwrap();
        let files = fs::read_dir(paths::root().join("src/scenario/library")).unwrap().count();
        assert_eq!(names.len(), files);
        for (name, family) in &family_of_each().unwrap() {
            let entry = entry(name, family, languages::ENGLISH).unwrap();
            let text = entry["text"].as_str().unwrap();
            let quoted = |key: &str| entry[key].as_str().map(|words| format!("\"{words}\""));
            assert!(text.contains(&quoted("title").unwrap()), "{name}");
            assert_eq!(quoted("source").is_some(), text.contains("\nsource"), "{name}");
            let lines = text
                .lines()
                .filter(|line| ["note", "step", "ask"].iter().any(|it| line.starts_with(it)))
                .count();
            assert_eq!(marks(text).len(), lines, "{name}");
        }
    }

    #[test]
    fn every_family_has_its_scenarios_in_one_stretch() {
        let each = family_of_each().unwrap();
        let mut met: Vec<_> = each.iter().map(|(_, family)| family).collect();
        met.dedup();
        let families = families().unwrap();
        assert_eq!(met, families.iter().map(|(key, _)| key).collect::<Vec<_>>());
        assert!(met.len() > 3, "{met:?}");
    }

    /// `tests/page/library.test.js` holds the page to the same.
    #[test]
    fn a_note_has_the_mark_that_the_page_gives_it() {
        let text = "note 0s \"\"\nnote 1.25s \"n1 \u{1f50c}\"\nnote 20m \"\\\"–\\\"\" # so\n";
        assert_eq!(marks(text), ["###", "#0l", "Xvq"]);
        let steps = "step under raft when n1 leads, focus n1 \"ab\"\nask 1s \"ab | c | d\"\n";
        assert_eq!(marks(steps), ["##%", "#.$"]);
    }
}
