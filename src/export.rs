//! `halflink export`: a stretch of a run in a form that other tools read.
//!
//! The run is played to its end first, so what is said of a stretch does not depend on where it
//! ends: that somebody fell behind for long is known in hindsight alone.

mod clients;
mod mermaid;
mod shiviz;
mod trace;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use halflink::clock::Micros;
use halflink::fact::Fact;
use halflink::fault::ReplicaId;
use halflink::plant::Plant;
use halflink::protocol::Protocol;
use halflink::scenario::Scenario;
use halflink::view::ledger::{Ledger, LedgerEntry};
use halflink::words::{ENGLISH, Names};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{arguments, complain, edit, exit_code, load, refused, said, what_if};

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// What happened, event by event, an object a line
    Jsonl,
    /// The same as CSV
    Csv,
    /// Every message that was under way, as CSV
    Messages,
    /// A sequence diagram for Mermaid
    Mermaid,
    /// A log with vector clocks for ShiViz
    Shiviz,
    /// Clients' operations, an object a line
    History,
}

impl Kind {
    /// True if each line says of which group it is, so that several can follow each other.
    const fn names_groups(self) -> bool {
        match self {
            Self::Jsonl | Self::Csv | Self::History => true,
            Self::Messages | Self::Mermaid | Self::Shiviz => false,
        }
    }
}

/// Print a stretch of a run in a form that other tools read
///
/// jsonl: at_us, group, event, replica (null where it is of none), words, and fact, what the
/// words are made of.
///
/// csv: at_us,group,event,replica,words.
///
/// messages: those that were under way: sent_us, ended_us, from, to, kind, words, fate
/// (arrived, lost, withheld by a liar, or under-way when the run ended), why it was lost, and
/// of a lie the truth. A message has arrived when it is at its receiver's server.
///
/// mermaid: at most 300 lines, and 50,000 characters, since Mermaid draws no more. A message stands
/// where it arrived or was lost.
///
/// shiviz: at most 20,000 events of replicas, for <https://bestchai.bitbucket.io/shiviz/>. A
/// message is heard when its receiver's process gets it. A replica with a name that ShiViz takes
/// for its own, such as constructor, is n1 there. The parser expression to give there:
///
/// (?<host>\S*) (?<clock>{.*})\n(?<event>.*)
///
/// history: those that were open: group; client, a number that has one open at a time; op,
/// write or read; value, of a write its number, of a read the number of the last write that it
/// saw, null before the first or if it was not answered, and where a liar made it up
/// 2,147,483,648 more than the number that it gave; index, of a write the first place in
/// the log that holds it, null if none was committed, of a read up to which place it saw;
/// call_us; return_us, null if the client was never told; ok, whether it was told. What is not
/// ok may have been done, or may still be. A write may stand in the log more than once: the
/// first place counts, for reads, too. A read that was answered says whether it was stale: it
/// missed a write that was committed when it was asked. A write of clients who come at a rate
/// that was given up has failed_us and why; it stays open, for it may still be done. Give a
/// checker the whole run: a read may have seen a write that ended before a stretch.
///
/// Exit codes: 0 when it is printed, whatever the outcome, 2 for input that cannot be read or
/// is too much for the form, 3 when the run came to a bound on its work within the stretch.
#[derive(Args)]
pub(super) struct ExportArguments {
    /// A library name (see `halflink list`), a file, a link, or - for standard input
    scenario: String,
    /// In which form
    #[arg(long = "as", value_name = "KIND")]
    kind: Kind,
    /// From that time of the run
    #[arg(long, default_value = "0s", value_parser = arguments::time)]
    from: Micros,
    /// To that time; to the end of the run if nothing is said
    #[arg(long, value_parser = arguments::time)]
    to: Option<Micros>,
    /// Of that group alone
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Run another protocol
    #[arg(long, value_parser = arguments::protocol)]
    protocol: Option<Protocol>,
    /// Run with another seed
    #[arg(long)]
    seed: Option<u32>,
}

/// What is asked for: both ends are part of it.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: Micros,
    to: Micros,
}

impl Stretch {
    const fn has(self, at: Micros) -> bool {
        self.from.0 <= at.0 && at.0 <= self.to.0
    }
}

/// A group of a run, and how it is told.
struct Teller {
    scenario: Arc<Scenario>,
    number: u8,
    /// The group's.
    name: String,
    replicas: u8,
    names: Names,
}

impl Teller {
    fn new(scenario: &Arc<Scenario>, number: usize) -> Self {
        let group = &scenario.groups[number];
        Self {
            scenario: Arc::clone(scenario),
            number: u8::try_from(number).expect("groups are few"),
            name: group.name.clone(),
            replicas: group.replicas(),
            names: Names::of(&Plant::new(scenario.plant), group.replicas()),
        }
    }

    /// A fact in words, with the author's names.
    fn tell(&self, room: &str, fact: &impl Serialize) -> String {
        self.called(&ENGLISH.tell(room, fact, &self.names))
    }

    fn called(&self, words: &str) -> String {
        self.scenario.called(self.number.into(), words)
    }

    /// A replica by the name that its author gave it, if any.
    fn replica(&self, id: ReplicaId) -> String {
        self.called(&id.to_string())
    }

    fn ids(&self) -> impl Iterator<Item = ReplicaId> {
        (0..self.replicas).map(ReplicaId)
    }

    /// What happened in the whole run.
    fn ledger(&self) -> Vec<LedgerEntry> {
        let until = self.scenario.until;
        let mut ledger = Ledger::new(Arc::clone(&self.scenario), self.number, until);
        while !ledger.advance(u64::MAX) {}
        ledger.entries()
    }
}

/// What goes to standard output, and the exit code.
///
/// # Errors
/// What cannot be read or run, a stretch that is none, a group that is none, and more than the form
/// is good for.
pub(super) fn export(arguments: &ExportArguments) -> Result<(String, ExitCode), String> {
    let ExportArguments { protocol, seed, kind, .. } = *arguments;
    let scenario = edit(load(&arguments.scenario)?.scenario, protocol, seed, None)?;
    let scenario = Arc::new(what_if::runnable(scenario)?);
    let stretch = stretch(arguments, scenario.until)?;
    let (mut output, mut ended) = (String::new(), None);
    for number in groups(arguments, &scenario)? {
        let teller = Teller::new(&scenario, number);
        let ledger = teller.ledger();
        let end = ledger.iter().find(|entry| entry.said.kind == "exhausted");
        let known = end.map_or(scenario.until, |entry| Micros(entry.at_us));
        ended = ended.or_else(|| end.map(|entry| (known, teller.tell("ledger", &entry.said))));
        let entries = ledger.into_iter().filter(|entry| stretch.has(Micros(entry.at_us)));
        let entries: Vec<_> = entries.collect();
        output += &match kind {
            Kind::Jsonl => jsonl(&teller, &entries)?,
            Kind::Csv => csv(&teller, &entries)?,
            Kind::Messages => messages(&teller, &trace::trace(&teller, stretch, known)?.messages)?,
            Kind::Mermaid => mermaid::diagram(&teller, stretch, known, &entries)?,
            Kind::Shiviz => shiviz::log(&teller, stretch, known, &entries)?,
            Kind::History => clients::history(&teller, stretch, known)?,
        };
    }
    if kind == Kind::Csv {
        output.insert_str(0, CSV_HEAD);
    }
    let ended = ended.filter(|(at, _)| *at < stretch.to);
    if let Some((_, why)) = &ended {
        complain(&said(json!({ "kind": "export-ended", "why": why })));
    }
    Ok((output, exit_code(false, ended.is_some())))
}

/// Between which times.
fn stretch(arguments: &ExportArguments, until: Micros) -> Result<Stretch, String> {
    let (from, to) = (arguments.from, arguments.to.unwrap_or(until));
    for (option, at) in [("--from", from), ("--to", to)] {
        if at > until {
            let (at, until) = (at.to_string(), until.to_string());
            let wrong = json!({ "kind": "export-after", "option": option, "at": at,
                "until": until });
            return Err(said(wrong));
        }
    }
    if from > to {
        let (from, to) = (from.to_string(), to.to_string());
        return Err(said(json!({ "kind": "export-order", "from": from, "to": to })));
    }
    Ok(Stretch { from, to })
}

/// Of which groups, by their numbers.
fn groups(arguments: &ExportArguments, scenario: &Scenario) -> Result<Vec<usize>, String> {
    let known: Vec<_> = scenario.groups.iter().map(|group| group.name.as_str()).collect();
    match &arguments.group {
        Some(name) => match known.iter().position(|one| one == name) {
            Some(number) => Ok(vec![number]),
            None => Err(said(json!({ "kind": "export-no-group", "name": name, "known": known }))),
        },
        None if known.len() > 1 && !arguments.kind.names_groups() => {
            Err(said(json!({ "kind": "export-which-group", "known": known })))
        }
        None => Ok((0..known.len()).collect()),
    }
}

/// Where there is more than a form is good for: of what, how much, and how much would fit.
fn too_many(what: &str, count: usize, most: usize) -> String {
    said(json!({ "kind": "export-many", "what": what, "count": count, "most": most }))
}

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

fn jsonl(teller: &Teller, entries: &[LedgerEntry]) -> Result<String, String> {
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
    let args = fact.args.iter().map(|(name, arg)| ((*name).to_owned(), json!(arg)));
    args.collect()
}

/// JSON Lines.
fn lines<T: Serialize>(all: impl Iterator<Item = T>) -> Result<String, String> {
    let mut text = String::new();
    for one in all {
        text += &serde_json::to_string(&one).map_err(|error| refused(&error.to_string()))?;
        text.push('\n');
    }
    Ok(text)
}

/// Once, however many groups follow.
const CSV_HEAD: &str = "at_us,group,event,replica,words\n";

fn csv(teller: &Teller, entries: &[LedgerEntry]) -> Result<String, String> {
    rows(entries.iter().map(|entry| {
        let replica = entry.who.map(|who| teller.replica(ReplicaId(who)));
        let words = teller.tell("ledger", &entry.said);
        let (at, group, event) = (entry.at_us.to_string(), &teller.name, entry.said.kind);
        [at, group.clone(), event.to_owned(), replica.unwrap_or_default(), words]
    }))
}

/// Every message that was under way, in the order in which they left.
fn messages(teller: &Teller, messages: &[trace::Traced]) -> Result<String, String> {
    let head = ["sent_us", "ended_us", "from", "to", "kind", "words", "fate", "why", "lie"];
    let row = |one: &trace::Traced| {
        let ended = one.ended().map_or_else(String::new, |at| at.0.to_string());
        let why = one.cause().map(|cause| teller.tell("cause", &cause));
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
fn rows<const COLUMNS: usize>(
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).map_err(|error| refused(&error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| refused(&error.to_string()))?;
    Ok(String::from_utf8(bytes).expect("what was written is UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_line_ends_come_back() {
        let row = ["a \"b\"", "c, d", "e\r\nf\n", "", " =1"].map(str::to_owned);
        let text = rows([row.clone(), row.clone()].into_iter()).expect("it is written");
        assert!(text.starts_with("\"a \"\"b\"\"\",\"c, d\","), "{text}");
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.has_headers(false).from_reader(text.as_bytes());
        let read: Vec<_> = reader.records().map(|one| one.expect("it is right")).collect();
        assert_eq!(read, [csv::StringRecord::from(&row[..]), csv::StringRecord::from(&row[..])]);
    }
}
