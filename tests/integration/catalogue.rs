//! Every fact has its sentence, and every sentence tells a fact.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use halflink::words::ENGLISH;

/// The text of all files with that ending in a folder and the folders in it.
fn sources(folder: &Path, ending: &str, found: &mut String) {
    for entry in fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            sources(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            *found += &fs::read_to_string(&path).expect("it is text");
        }
    }
}

/// The literals that follow `before` in a text.
fn literals<'a>(text: &'a str, before: &str) -> BTreeSet<&'a str> {
    let after = text.split(before).skip(1);
    let literals = after.filter_map(|rest| rest.trim_start().strip_prefix('"'));
    literals.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_fact_has_its_sentence() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut engine = String::new();
    sources(&root.join("src"), "rs", &mut engine);
    let rooms: BTreeSet<&str> =
        ENGLISH.keys().filter_map(|key| key.split_once('.')).map(|(_, kind)| kind).collect();
    let mut told = 0;
    for before in
        ["Fact::plain(", "fact!(", "counts!(", ".says(", "cursor.expected(", "cursor.expected_one("]
    {
        for kind in literals(&engine, before) {
            assert!(rooms.contains(kind), "no sentence tells `{kind}`, of {before}\"{kind}\")");
            told += 1;
        }
    }
    assert!(told > 40, "{told}");
}

#[test]
fn every_sentence_tells_something() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    sources(&root.join("src"), "rs", &mut code);
    sources(&root.join("www"), "js", &mut code);
    // The words of enums that cross as they are.
    code += &fs::read_to_string(root.join("pkg/facts.d.ts")).expect("it is text");
    let sentences = ["en", "en.page", "en.late", "en.cli"]
        .map(|name| fs::read_to_string(root.join(format!("words/{name}.json"))));
    let sentences: String = sentences.into_iter().map(|text| text.expect("it is there")).collect();
    for key in ENGLISH.keys() {
        let kind = key.split_once('.').map_or(key, |(_, kind)| kind);
        let is_told = [kind, key].iter().any(|name| code.contains(&format!("\"{name}\"")));
        // Or by another sentence.
        let is_room = sentences.contains(&format!(", {key}}}"));
        assert!(is_told || is_room, "nothing says `{key}`");
    }
}
