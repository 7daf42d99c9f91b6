//! The shipped scenarios, as a module that the page, the embed and the npm package load when one
//! is asked for. The engine has the story that the page opens on, and no other.

use crate::paths;
use anyhow::{Context, Result, ensure};
use regex::Regex;
use std::fs;

/// What the build leaves in pkg/.
pub(crate) const FILE: &str = "library.js";

/// Writes pkg/library.js. True when it has changed.
pub(crate) fn build() -> Result<bool> {
    let entries = names()?.iter().map(|name| entry(name)).collect::<Result<Vec<_>>>()?;
    let text = format!("export const library = {};\n", serde_json::to_string_pretty(&entries)?);
    let path = paths::pkg().join(FILE);
    if fs::read_to_string(&path).is_ok_and(|last| last == text) {
        return Ok(false);
    }
    fs::create_dir_all(paths::pkg())?;
    fs::write(&path, text).with_context(|| paths::shown(&path))?;
    Ok(true)
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

/// What the menu shows of a scenario, and its text.
fn entry(name: &str) -> Result<serde_json::Value> {
    let path = paths::root().join(format!("src/scenario/library/{name}.halflink"));
    let text = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
    let said = |what: &str| {
        let line = Regex::new(&format!(r#"(?m)^{what}\s+"([^"\\]*)"\s*$"#)).expect("constant");
        line.captures(&text).map(|found| found[1].to_owned())
    };
    let title = said("title").with_context(|| format!("{name} has a plain title"))?;
    Ok(serde_json::json!({ "name": name, "title": title, "source": said("source"), "text": text }))
}

#[cfg(test)]
mod tests {
    use super::{entry, names};
    use crate::paths;
    use std::fs;

    #[test]
    fn every_text_of_the_folder_is_listed_with_its_title() {
        let names = names().unwrap();
        let files = fs::read_dir(paths::root().join("src/scenario/library")).unwrap().count();
        assert_eq!(names.len(), files);
        for name in &names {
            let entry = entry(name).unwrap();
            let text = entry["text"].as_str().unwrap();
            let quoted = |key: &str| entry[key].as_str().map(|words| format!("\"{words}\""));
            assert!(text.contains(&quoted("title").unwrap()), "{name}");
            assert_eq!(quoted("source").is_some(), text.contains("\nsource"), "{name}");
        }
    }
}
