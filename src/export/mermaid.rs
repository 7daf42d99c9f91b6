//! A stretch as a sequence diagram for Mermaid.

use super::trace::{Fate, Traced, trace};
use super::{Refusal, Stretch, Teller, too_many};
use crate::clock::Micros;
use crate::fact::fact;
use crate::view::ledger::LedgerEntry;

/// The most lines of messages and notes: more nobody can read.
const LINES: usize = 300;

/// The most letters, as JavaScript counts them: Mermaid draws nothing of more (`maxTextSize`).
const LETTERS: usize = 50_000;

/// What clients did stands at no replica.
const OF_CLIENTS: [&str; 5] = ["tried", "committed", "asked", "answered", "failed"];

/// Messages where they arrived or were lost, and what happened between them.
///
/// # Errors
/// It would have too many lines or letters.
pub(super) fn diagram(
    teller: &Teller<'_>,
    stretch: Stretch,
    known: Micros,
    entries: &[LedgerEntry],
) -> Result<String, Refusal> {
    let trace = trace(teller, stretch, known)?;
    // What came of an arrival follows it, and what was said of that and died comes last.
    let messages = trace.messages.iter().filter_map(|one| {
        let at = one.ended().filter(|at| stretch.has(*at))?;
        Some((at, if one.fate == Fate::Arrived { 0 } else { 2 }, Item::Message(one)))
    });
    let entries = entries.iter().filter(|entry| !OF_CLIENTS.contains(&entry.said.kind));
    let notes = entries.map(|entry| (Micros(entry.at_us), 1, Item::Note(entry)));
    let mut items: Vec<_> = messages.chain(notes).collect();
    items.sort_by_key(|(at, rank, _)| (*at, *rank));
    if let Some(why) = too_many("lines", items.iter().map(|(at, ..)| *at), LINES, stretch) {
        return Err(why);
    }
    let mut text = "sequenceDiagram\n".to_owned();
    let title = escaped(&teller.scenario.title);
    if !title.trim().is_empty() {
        text += &format!("    title {title}\n");
    }
    for id in teller.ids() {
        let (own, name) = (id.to_string(), teller.replica(id));
        let alias = if own == name { String::new() } else { format!(" as {}", escaped(&name)) };
        text += &format!("    participant {own}{alias}\n");
    }
    let (mut letters, mut fits) = (text.encode_utf16().count(), None);
    for (at, _, item) in items {
        let line = format!("    {}\n", item.line(teller));
        letters += line.encode_utf16().count();
        if letters > LETTERS {
            fits = fits.or(Some(stretch.before(at)));
        }
        text += &line;
    }
    match fits {
        Some(fits) => Err(Refusal::Many { what: "letters", count: letters, most: LETTERS, fits }),
        None => Ok(text),
    }
}

/// A line.
enum Item<'a> {
    Message(&'a Traced),
    Note(&'a LedgerEntry),
}

impl Item<'_> {
    fn line(&self, teller: &Teller<'_>) -> String {
        match self {
            Self::Message(one) => {
                let arrow = if one.fate == Fate::Arrived { "->>" } else { "-x " };
                let words = words(teller, one);
                format!("{}{arrow}{}: {}", one.from, one.to, escaped(&words))
            }
            Self::Note(entry) => {
                let words = escaped(&teller.tell("ledger", &entry.said));
                let over = match (entry.who, teller.replicas) {
                    (Some(who), _) => format!("n{}", who + 1),
                    (None, 1) => "n1".to_owned(),
                    (None, replicas) => format!("n1,n{replicas}"),
                };
                format!("{}: {words}", ["Note", "over", &over].join(" "))
            }
        }
    }
}

/// What it says, and if it is a lie what was true, and why it was lost.
pub(super) fn words(teller: &Teller<'_>, one: &Traced) -> String {
    let mut words = teller.tell("message", &one.words);
    if let Some(truth) = &one.truth {
        let truth = teller.tell("message", truth);
        words = teller.put(&fact!("lie", words, truth));
    }
    if let Some(cause) = one.cause() {
        let why = teller.tell_cause(&cause);
        words = teller.put(&fact!("lost", words, why));
    }
    words
}

/// As Mermaid's text: what its grammar, its directives (`%%{`), its formulas (`$$`) or HTML would
/// take for something else is written by number.
fn escaped(words: &str) -> String {
    // Before a colon these begin what Mermaid reads before it decodes numbers.
    let is_taken = ["style", "classDef", "wrap"].iter().any(|word| words.contains(word));
    let mut text = String::with_capacity(words.len());
    for one in words.chars() {
        match one {
            '#' | ';' | '<' | '{' | '}' | '$' | '\\' | '&' => {
                text += &format!("#{};", u32::from(one));
            }
            ':' if is_taken => text += "#58;",
            _ if one.is_control() || matches!(one, '\u{2028}' | '\u{2029}') => text.push(' '),
            _ => text.push(one),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes numbers as Mermaid does.
    fn decoded(text: &str) -> String {
        let mut parts = text.split('#');
        let mut decoded = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (code, rest) = part.split_once(';').expect("a number ends");
            let code = code.parse().expect("it is a number");
            decoded.push(char::from_u32(code).expect("of a character"));
            decoded += rest;
        }
        decoded
    }

    #[test]
    fn hostile_words_are_no_grammar_and_come_back_whole() {
        for words in [
            "a;b",
            "#59;",
            "a#b",
            "<script>alert(1)</script>",
            "%%{init: {}}%%",
            "$$x$$",
            "style a:#f00;",
            "classDef x:#1;y",
            "wrap: long",
            "n1->>n2: end",
            "a<br/>b",
        ] {
            let text = escaped(words);
            assert_eq!(decoded(&text), words);
            let bare = text.replace(|one: char| one.is_ascii_digit(), "").replace("#;", "");
            assert!(!bare.contains(['#', ';', '<', '{', '}', '$']), "{text}");
        }
        assert!(!escaped("style a:#f00;").contains(':'));
        assert_eq!(escaped("one\ntwo\r\u{2028}three"), "one two  three");
    }
}
