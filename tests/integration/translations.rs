//! What shipped scenarios say in other languages: `words/LL/NAME.json`, an object of the English
//! sentences and the translated ones, which the build puts in place of one another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use halflink::scenario::Scenario;
use halflink::scenario::library::{Entry, library};
use halflink::scenario::text::parse;

/// The folder of each language.
fn languages() -> Vec<PathBuf> {
    let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("words");
    let entries = fs::read_dir(words).expect("it is there").map(|entry| entry.expect("it reads"));
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// What a language says in place of each sentence of a scenario.
fn translated(language: &Path, entry: &Entry) -> BTreeMap<String, String> {
    let path = language.join(format!("{}.json", entry.name));
    let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a scenario says.
fn said(scenario: &Scenario) -> BTreeSet<String> {
    let notes = scenario.notes.iter().map(|note| note.text.clone());
    std::iter::once(scenario.title.clone()).chain(notes).collect()
}

/// The same scenario with those words.
fn in_words(scenario: &Scenario, words: &BTreeMap<String, String>) -> Scenario {
    let mut translated = scenario.clone();
    translated.title.clone_from(&words[&scenario.title]);
    for note in &mut translated.notes {
        note.text = words[&note.text].clone();
    }
    translated
}

#[test]
fn every_language_says_all_that_a_shipped_scenario_says_and_nothing_else() {
    let languages = languages();
    assert!(languages.iter().any(|language| language.ends_with("zh-Hant")));
    for language in languages {
        for entry in library() {
            let scenario = parse(entry.text).expect("it is shipped");
            let words = translated(&language, entry);
            let keys: BTreeSet<_> = words.keys().cloned().collect();
            assert_eq!(keys, said(&scenario), "{} in {}", entry.name, language.display());
            // It is within the bounds of a text, and asks with as many answers.
            let translated = in_words(&scenario, &words);
            assert_eq!(parse(&translated.to_string()).as_ref(), Ok(&translated), "{}", entry.name);
            for (note, other) in scenario.notes.iter().zip(&translated.notes) {
                let answers = |text: &str| text.split(" | ").count();
                if note.step.as_ref().is_some_and(|step| step.asks) {
                    assert_eq!(answers(&note.text), answers(&other.text), "{}", other.text);
                }
            }
        }
    }
}

/// Names, times and numbers are the same in every language: who forgot one told something else.
#[test]
fn a_translation_names_whom_the_english_names() {
    let names = |text: &str| -> BTreeSet<String> {
        let words = text.split(|one: char| !(one.is_ascii_alphanumeric() || ".-".contains(one)));
        let is_name = |word: &&str| {
            let (head, rest) = word.split_at(word.len().min(1));
            matches!(head, "n" | "r") && rest.starts_with(|one: char| one.is_ascii_digit())
        };
        words.map(|word| word.trim_matches('.')).filter(is_name).map(str::to_owned).collect()
    };
    let mut named = 0;
    for language in languages() {
        for entry in library() {
            for (english, other) in translated(&language, entry) {
                let missing: Vec<_> = names(&english).difference(&names(&other)).cloned().collect();
                assert!(missing.is_empty(), "{}: {missing:?} in {other}", entry.name);
                named += names(&english).len();
            }
        }
    }
    assert!(named > 200, "{named}");
}
