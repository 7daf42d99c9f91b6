//! A line an event, a line a message: JSON Lines and CSV.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Teller;
use super::trace::Traced;
use crate::fact::{Arg, Fact};
use crate::fault::ReplicaId;
use crate::view::ledger::LedgerEntry;

/// A line of `jsonl`.
#[derive(Serialize)]
struct Line<'a> {
    at_us: u64,
    group: &'a str,
    event: &'a str,
    replica: Option<String>,
    words: String,
    fact: Map<String, Value>,
}

pub(super) fn jsonl(teller: &Teller<'_>, entries: &[LedgerEntry]) -> String {
    lines(entries.iter().map(|entry| Line {
        at_us: entry.at_us,
        group: &teller.name,
        event: entry.said.kind,
        replica: entry.who.map(|who| teller.replica(ReplicaId(who))),
        words: teller.tell("ledger", &entry.said),
        fact: arguments_of(&entry.said),
    }))
}

/// What goes into a fact's sentence, by name.
fn arguments_of(fact: &Fact) -> Map<String, Value> {
    fact.args.iter().map(|(name, arg)| ((*name).to_owned(), value_of(arg))).collect()
}

/// Names are in order, and numbers whole: the page writes the same.
fn value_of(arg: &Arg) -> Value {
    match arg {
        Arg::Number(number) => (*number).into(),
        Arg::Text(text) => text.as_ref().into(),
        Arg::List(list) => list.iter().map(value_of).collect(),
        Arg::Fact(fact) => {
            let mut map = arguments_of(fact);
            map.insert("kind".to_owned(), fact.kind.into());
            map.into()
        }
    }
}

/// JSON Lines.
pub(super) fn lines<T: Serialize>(all: impl Iterator<Item = T>) -> String {
    let mut text = String::new();
    for one in all {
        text += &serde_json::to_string(&one).expect("lines are plain data");
        text.push('\n');
    }
    text
}

/// Once, however many groups follow.
pub(super) const LEDGER_HEAD: &str = "at_us,group,event,replica,words\n";

pub(super) fn csv(teller: &Teller<'_>, entries: &[LedgerEntry]) -> String {
    rows(entries.iter().map(|entry| {
        let replica = entry.who.map(|who| teller.replica(ReplicaId(who)));
        let words = teller.tell("ledger", &entry.said);
        let (at, group, event) = (entry.at_us.to_string(), &teller.name, entry.said.kind);
        [at, group.clone(), event.to_owned(), replica.unwrap_or_default(), words]
    }))
}

/// Every message that was under way, in the order in which they left.
pub(super) fn messages(teller: &Teller<'_>, messages: &[Traced]) -> String {
    let head = ["sent_us", "ended_us", "from", "to", "kind", "words", "fate", "why", "lie"];
    let row = |one: &Traced| {
        let ended = one.ended().map_or_else(String::new, |at| at.0.to_string());
        let why = one.cause().map(|cause| teller.tell_cause(&cause));
        let lie = one.truth.as_ref().map(|truth| teller.tell("message", truth));
        [
            one.sent.0.to_string(),
            ended,
            teller.replica(one.from),
            teller.replica(one.to),
            one.kind.to_owned(),
            teller.tell("message", &one.words),
            one.fate.name().to_owned(),
            why.unwrap_or_default(),
            lie.unwrap_or_default(),
        ]
    };
    rows([head.map(str::to_owned)].into_iter().chain(messages.iter().map(row)))
}

/// CSV, as RFC 4180 has it but for line ends, which are those of all output here.
fn rows<const COLUMNS: usize>(rows: impl Iterator<Item = [String; COLUMNS]>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).expect("all rows have as many fields");
    }
    let bytes = writer.into_inner().expect("memory takes all");
    String::from_utf8(bytes).expect("what was written is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_line_ends_come_back() {
        let row = ["a \"b\"", "c, d", "e\r\nf\n", "", " =1"].map(str::to_owned);
        let text = rows([row.clone(), row.clone()].into_iter());
        assert!(text.starts_with("\"a \"\"b\"\"\",\"c, d\","), "{text}");
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.has_headers(false).from_reader(text.as_bytes());
        let read: Vec<_> = reader.records().map(|one| one.expect("it is right")).collect();
        assert_eq!(read, [csv::StringRecord::from(&row[..]), csv::StringRecord::from(&row[..])]);
    }

    #[test]
    fn facts_in_facts_keep_their_kind_and_large_numbers_stay_whole() {
        let inner = Fact::plain("token").with("n", 5_000_000_000_u64);
        let outer = Fact::plain("expected").with("why", inner).with("a", vec![1_u32, 2]);
        let json = serde_json::to_string(&arguments_of(&outer)).expect("plain data");
        assert_eq!(json, r#"{"a":[1,2],"why":{"kind":"token","n":5000000000}}"#);
    }
}
