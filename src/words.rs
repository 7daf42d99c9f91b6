//! Sentences, made of facts, natively: the command line and the tests say what the page says.
//!
//! `words/en.json` has every sentence by key that any first view may need, `words/en.page.json`
//! those of the page's own, `words/en.cli.json` those of the command line's own, and
//! `words/en.late.json` all others. A template names its arguments in braces, as ICU's
//! MessageFormat does; `www/draw/words.js` explains the forms, and `tests/words.json` holds both
//! readers to the same examples. What is told is anything that serialises to an object: its field
//! `kind` chooses the template, its other fields are the arguments. The wasm module has none of it.

mod template;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;

use self::template::Template;
use crate::fault::ReplicaId;
use crate::plant::{LaneId, Plant};

/// All sentences of one language.
#[derive(Debug)]
pub struct Catalogue {
    templates: BTreeMap<String, Template>,
}

/// What a plan calls its parts, lanes and replicas, by number.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// "r1.tor-a".
    pub parts: Vec<String>,
    /// "r1.s1 -> r1.tor-a".
    pub lanes: Vec<String>,
    /// "n1".
    pub replicas: Vec<String>,
}

impl Names {
    /// Of a plant with that many replicas.
    pub fn of(plant: &Plant, replicas: u8) -> Self {
        let lanes = u16::try_from(plant.lanes().len()).expect("plants are bounded");
        Self {
            parts: plant.parts().iter().map(ToString::to_string).collect(),
            lanes: (0..lanes).map(|lane| plant.lane_name(LaneId(lane))).collect(),
            replicas: (0..replicas).map(|id| ReplicaId(id).to_string()).collect(),
        }
    }
}

/// In English, where no part is named by its number.
pub fn told(room: &str, fact: &impl Serialize) -> String {
    ENGLISH.tell(room, fact, &Names::default())
}

/// What the command line says.
pub static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| {
    let first = Catalogue::parse(include_str!("../words/en.json"));
    let page = Catalogue::parse(include_str!("../words/en.page.json"));
    let late = Catalogue::parse(include_str!("../words/en.late.json"));
    let cli = Catalogue::parse(include_str!("../words/en.cli.json"));
    let templates = [first, page, late, cli].into_iter().flat_map(|one| one.templates);
    Catalogue { templates: templates.collect() }
});

impl Catalogue {
    /// A language's file: an object of keys and templates. A file that is not well-formed is a
    /// mistake of ours.
    pub fn parse(json: &str) -> Self {
        let sentences: BTreeMap<String, String> =
            serde_json::from_str(json).expect("a catalogue is an object of strings");
        let read = |(key, text): (String, String)| (key, Template::parse(&text));
        Self { templates: sentences.into_iter().map(read).collect() }
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// A fact in words: by the template of its kind in that room, or of the room if it has no kind.
    pub fn tell(&self, room: &str, fact: &impl Serialize, names: &Names) -> String {
        let fact = serde_json::to_value(fact).expect("facts are plain data");
        self.told(room, &fact, names)
    }

    fn told(&self, room: &str, fact: &Value, names: &Names) -> String {
        let kind = match fact {
            Value::Object(fields) => fields.get("kind").and_then(Value::as_str),
            Value::String(name) => Some(name.as_str()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
        };
        let key = kind.map_or_else(|| room.to_owned(), |kind| format!("{room}.{kind}"));
        match self.templates.get(&key) {
            Some(template) => template.render(self, fact, names),
            None => key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same examples that the page's reader is held to.
    #[test]
    fn templates_are_read_as_the_page_reads_them() {
        let examples: Value =
            serde_json::from_str(include_str!("../tests/words.json")).expect("it is JSON");
        let sentences = examples["templates"].to_string();
        let strings = |key: &str| -> Vec<String> {
            serde_json::from_value(examples["names"][key].clone()).expect("names are strings")
        };
        let names = Names {
            parts: strings("parts"),
            lanes: strings("lanes"),
            replicas: strings("replicas"),
        };
        let catalogue = Catalogue::parse(&sentences);
        let told = examples["told"].as_array().expect("a list");
        assert!(told.len() > 10);
        for one in told {
            let [room, fact, expected] = [&one[0], &one[1], &one[2]];
            let room = room.as_str().expect("a room");
            assert_eq!(catalogue.tell(room, fact, &names), expected.as_str().expect("words"));
        }
    }

    #[test]
    fn english_is_well_formed() {
        assert!(ENGLISH.keys().count() > 10);
    }
}
