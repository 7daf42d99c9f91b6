//! Languages besides English: `words/LL*.json` are the sentences of one, by the keys of English,
//! and `words/LL/NAME.json` are what a shipped scenario says itself, by what it says in English.
//! What has no translation stays in English. A translator adds these files and touches no other.

use crate::{embed, paths};
use anyhow::{Context, Result};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// What is inside.
pub(crate) const ENGLISH: &str = "en";

/// In pkg/: `LL.js` has the sentences of that language.
pub(crate) const DIR: &str = "languages";

/// What else a language is asked for by, as a page names it: "zh-Hant zh-TW zh-HK".
const ALSO: &str = "page.language-also";

/// What it is called.
const NAME: &str = "page.language-name";

/// A folder with more files of that kind, of a language that is made up for tests.
static MADE_UP: Mutex<Option<PathBuf>> = Mutex::new(None);

/// From now on what is built and served has the languages of that folder, too; or no more.
pub(crate) fn make_up(folder: Option<PathBuf>) {
    *MADE_UP.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = folder;
}

/// Where there are languages.
fn folders() -> Vec<PathBuf> {
    let made_up = MADE_UP.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    [paths::words()].into_iter().chain(made_up).collect()
}

/// That file of a language, in the folder that has it.
fn file(name: &str) -> Option<PathBuf> {
    folders().into_iter().map(|folder| folder.join(name)).find(|file| file.exists())
}

/// Their names, sorted.
pub(crate) fn others() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for folder in folders() {
        for entry in fs::read_dir(&folder).with_context(|| paths::shown(&folder))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let language = name.split('.').next().unwrap_or_default();
            if name.ends_with(".json") && language != ENGLISH {
                found.insert(language.to_owned());
            }
        }
    }
    Ok(found)
}

/// As a page names them.
pub(crate) fn named() -> Result<String> {
    let named = |language: &String| {
        let also = words(language)?.remove(ALSO).map(|also| format!(" {also}"));
        Ok(format!("{language}{}", also.unwrap_or_default()))
    };
    Ok(others()?.iter().map(named).collect::<Result<Vec<_>>>()?.join(","))
}

/// What each is called in itself, English first; not those that do not say so.
pub(crate) fn called() -> Result<Vec<(String, String)>> {
    let names = std::iter::once(ENGLISH.to_owned()).chain(others()?);
    let called = |name: String| {
        let words = words(&name)?;
        Ok(words.get(NAME).map(|called| (name, called.clone())))
    };
    names.filter_map(|name| called(name).transpose()).collect()
}

/// The scripts of all of them, by where they are in pkg/.
pub(crate) fn parts() -> Result<Vec<(PathBuf, String)>> {
    let part = |language: &String| {
        let name = format!("{DIR}/{language}");
        let text = embed::part(&name, &serde_json::to_string(&words(language)?)?);
        Ok((paths::pkg().join(format!("{name}.js")), text))
    };
    others()?.iter().map(part).collect()
}

/// All sentences of a language.
pub(crate) fn words(language: &str) -> Result<BTreeMap<String, String>> {
    let files = ["", ".page", ".late", ".html"];
    let files = files.map(|part| file(&format!("{language}{part}.json")));
    let mut words = BTreeMap::from([
        ("page.language".to_owned(), language.to_owned()),
        ("page.direction".to_owned(), "ltr".to_owned()),
    ]);
    for file in files.into_iter().flatten() {
        words.extend(read(&file)?);
    }
    Ok(words)
}

/// A shipped text in that language: what it says in quotes is in its own words where there are none
/// of that language.
pub(crate) fn translated(text: &str, name: &str, language: &str) -> Result<String> {
    match file(&format!("{language}/{name}.json")) {
        Some(file) => Ok(in_words(text, &read(&file)?)),
        None => Ok(text.to_owned()),
    }
}

fn in_words(text: &str, words: &BTreeMap<String, String>) -> String {
    // A comment may quote, too; and what is quoted may hold a quotation.
    let quoted = Regex::new(r##"^([^"#]*")((?:[^"\\]|\\.)*)(".*)$"##).expect("constant");
    let line = |line: &str| {
        let pieces = quoted.captures(line).map(|found| found.extract().1);
        let said = pieces.and_then(|[before, piece, rest]| {
            let words = words.get(&piece.replace("\\\"", "\"").replace("\\\\", "\\"))?;
            Some(format!("{before}{}{rest}", words.replace('\\', "\\\\").replace('"', "\\\"")))
        });
        said.unwrap_or_else(|| line.to_owned())
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn read(file: &Path) -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(file).with_context(|| paths::shown(file))?;
    serde_json::from_str(&text).with_context(|| paths::shown(file))
}

#[cfg(test)]
mod tests {
    use super::in_words;
    use std::collections::BTreeMap;

    #[test]
    fn a_scenario_says_in_a_language_what_is_translated_and_does_what_it_did() {
        let words = [
            ("Lost", "Verloren"),
            ("It is \u{1f50c} gone.", "„Weg“ heißt \"weg\""),
            ("It says \"so\".", "So."),
        ];
        let words = words.map(|(one, other)| (one.to_owned(), other.to_owned()));
        let text = "# \"Lost\"\ntitle   \"Lost\"\nat 1s cut n1 -> n2 # \"Lost\"\n\
            note 1s \"It is \u{1f50c} gone.\"  # so\nnote 2s \"Still.\"\n\
            note 3s \"It says \\\"so\\\".\"\n";
        let expected = "# \"Lost\"\ntitle   \"Verloren\"\nat 1s cut n1 -> n2 # \"Lost\"\n\
            note 1s \"„Weg“ heißt \\\"weg\\\"\"  # so\nnote 2s \"Still.\"\n\
            note 3s \"So.\"\n";
        assert_eq!(in_words(text, &BTreeMap::from(words)), expected);
    }
}
