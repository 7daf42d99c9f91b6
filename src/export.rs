//! A stretch of a run in a form that other tools read: what `halflink export` prints, and what the
//! page gives away.
//!
//! The run is played to its end first, so what is said of a stretch does not depend on where it
//! ends: that somebody fell behind for long is known in hindsight alone. Words are asked for, since
//! they are another's affair: the page tells in the language of its reader.

mod clients;
mod mermaid;
mod shiviz;
mod tables;
mod trace;

use std::sync::Arc;

use serde::Serialize;

use crate::clock::Micros;
use crate::fact::Fact;
use crate::fault::ReplicaId;
use crate::scenario::Scenario;
use crate::view::Cause;
use crate::view::ledger::{Ledger, LedgerEntry};

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// What happened, event by event, an object a line.
    Jsonl,
    /// The same as CSV.
    Csv,
    /// Every message that was under way, as CSV.
    Messages,
    /// A sequence diagram for Mermaid.
    Mermaid,
    /// A log with vector clocks for `ShiViz`.
    Shiviz,
    /// Clients' operations, an object a line.
    History,
}

impl Form {
    /// All.
    pub const ALL: [Self; 6] =
        [Self::Jsonl, Self::Csv, Self::Messages, Self::Mermaid, Self::Shiviz, Self::History];

    /// As the command line calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Messages => "messages",
            Self::Mermaid => "mermaid",
            Self::Shiviz => "shiviz",
            Self::History => "history",
        }
    }

    /// True if each line says of which group it is, so that several can follow each other.
    pub const fn names_groups(self) -> bool {
        match self {
            Self::Jsonl | Self::Csv | Self::History => true,
            Self::Messages | Self::Mermaid | Self::Shiviz => false,
        }
    }

    /// How often the run of a group is played for it.
    const fn plays(self) -> u64 {
        match self {
            Self::Jsonl | Self::Csv => 1,
            Self::Messages | Self::Mermaid | Self::Shiviz => 2,
            Self::History => 3,
        }
    }
}

/// Of which time: both ends are part of it.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The first moment.
    pub from: Micros,
    /// The last.
    pub to: Micros,
}

impl Stretch {
    const fn has(self, at: Micros) -> bool {
        self.from.0 <= at.0 && at.0 <= self.to.0
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// In which form.
    pub form: Form,
    /// Of which time.
    pub stretch: Stretch,
    /// Of which group, by its number; of all if nothing is said.
    pub group: Option<usize>,
    /// The most lines of a form that has no bound of its own.
    pub most: usize,
}

/// What is to be told in words.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum Told<'a> {
    /// What happened, and what was said.
    Fact(&'a Fact),
    /// Why a message was lost.
    Cause(&'a Cause),
}

/// Whoever asked for it.
#[derive(Clone, Copy)]
pub struct Listener<'a> {
    /// Tells something of a group, by its number, in a room of words, by the language's own names.
    pub speak: &'a dyn Fn(usize, &str, Told<'_>) -> String,
    /// Is told now and then how much of all is played, in thousandths.
    pub watch: &'a dyn Fn(u64),
}

/// Why there is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There are several groups, and the form is of one.
    WhichGroup,
    /// There is more than a form is good for.
    Many {
        /// Of what: "lines", "letters", "events", "messages".
        what: &'static str,
        /// How much there is.
        count: usize,
        /// How much would do.
        most: usize,
        /// Up to when the stretch would do, if at all.
        fits: Option<Micros>,
    },
}

/// What there is.
#[derive(Clone, Debug)]
pub struct Taken {
    /// In the form.
    pub text: String,
    /// In words why the run came to a bound within the stretch, if it did.
    pub ended: Option<String>,
}

/// Plays a run, and writes it down.
///
/// # Errors
/// No group where one is needed, and more than the form is good for.
pub fn take(
    scenario: &Arc<Scenario>,
    asked: Asked,
    listener: Listener<'_>,
) -> Result<Taken, Refusal> {
    let Asked { form, stretch, group, .. } = asked;
    if group.is_none() && scenario.groups.len() > 1 && !form.names_groups() {
        return Err(Refusal::WhichGroup);
    }
    let groups = group.map_or(0..scenario.groups.len(), |number| number..number + 1);
    let plays = form.plays() * groups.len() as u64;
    let (mut text, mut ended) = (String::new(), None);
    if form == Form::Csv {
        text.push_str(tables::LEDGER_HEAD);
    }
    for (done, number) in (0..).zip(groups) {
        let teller = Teller::new(scenario, number, listener, (done * form.plays(), plays));
        let ledger = teller.ledger();
        let end = ledger.iter().find(|entry| entry.said.kind == "exhausted");
        let known = end.map_or(scenario.until, |entry| Micros(entry.at_us));
        ended = ended.or_else(|| end.map(|entry| (known, teller.tell("ledger", &entry.said))));
        let entries = ledger.into_iter().filter(|entry| stretch.has(Micros(entry.at_us)));
        let entries: Vec<_> = entries.collect();
        text += &match form {
            Form::Jsonl => tables::jsonl(&teller, few(&entries, asked)?),
            Form::Csv => tables::csv(&teller, few(&entries, asked)?),
            Form::Messages => {
                tables::messages(&teller, &trace::trace(&teller, stretch, known)?.messages)
            }
            Form::Mermaid => mermaid::diagram(&teller, stretch, known, &entries)?,
            Form::Shiviz => shiviz::log(&teller, stretch, known, &entries)?,
            Form::History => clients::history(&teller, asked, known)?,
        };
    }
    let ended = ended.filter(|(at, _)| *at < stretch.to).map(|(_, why)| why);
    Ok(Taken { text, ended })
}

/// Entries that are not more than was asked for.
fn few(
    entries: &[LedgerEntry],
    Asked { stretch, most, .. }: Asked,
) -> Result<&[LedgerEntry], Refusal> {
    let times = entries.iter().map(|entry| Micros(entry.at_us));
    too_many("lines", times, most, stretch).map_or(Ok(entries), Err)
}

/// Where there is more than a form is good for: of what, when each is, how much would do.
fn too_many(
    what: &'static str,
    times: impl ExactSizeIterator<Item = Micros>,
    most: usize,
    stretch: Stretch,
) -> Option<Refusal> {
    let count = times.len();
    if count <= most {
        return None;
    }
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    Some(Refusal::Many { what, count, most, fits: stretch.before(times[most]) })
}

impl Stretch {
    /// The last moment before that one, if it is in the stretch.
    fn before(self, at: Micros) -> Option<Micros> {
        at.0.checked_sub(1).map(Micros).filter(|at| self.has(*at))
    }
}

/// A group of a run, and how it is told.
struct Teller<'a> {
    scenario: Arc<Scenario>,
    number: u8,
    /// The group's.
    name: String,
    replicas: u8,
    listener: Listener<'a>,
    /// How often it was played before, and is in all.
    plays: (u64, u64),
}

/// How many steps of a run lie between two times that its listener is told.
const TOLD_EVERY: u64 = 4_096;

impl<'a> Teller<'a> {
    fn new(
        scenario: &Arc<Scenario>,
        number: usize,
        listener: Listener<'a>,
        plays: (u64, u64),
    ) -> Self {
        let group = &scenario.groups[number];
        Self {
            scenario: Arc::clone(scenario),
            number: u8::try_from(number).expect("groups are few"),
            name: group.name.clone(),
            replicas: group.replicas(),
            listener,
            plays,
        }
    }

    /// A fact in words, with the author's names.
    fn tell(&self, room: &str, fact: &Fact) -> String {
        self.called(&(self.listener.speak)(self.number.into(), room, Told::Fact(fact)))
    }

    /// Why a message was lost, with the author's names.
    fn tell_cause(&self, cause: &Cause) -> String {
        self.called(&(self.listener.speak)(self.number.into(), "cause", Told::Cause(cause)))
    }

    /// What is made of words that have the author's names already.
    fn put(&self, fact: &Fact) -> String {
        (self.listener.speak)(self.number.into(), "export", Told::Fact(fact))
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

    /// It is played so far, for the second time if `play` is 1.
    fn played(&self, play: u64, now: Micros) {
        let until = self.scenario.until.0.max(1);
        let (before, all) = self.plays;
        let thousandths = 1_000 * now.0.min(until) / until;
        (self.listener.watch)((1_000 * (before + play) + thousandths) / all);
    }

    /// What happened in the whole run.
    fn ledger(&self) -> Vec<LedgerEntry> {
        let until = self.scenario.until;
        let mut ledger = Ledger::new(Arc::clone(&self.scenario), self.number, until);
        while !ledger.advance(TOLD_EVERY) {
            self.played(0, ledger.known());
        }
        ledger.entries()
    }
}
