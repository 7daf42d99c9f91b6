//! What the author expects of a run: `expect raft, zab flapping or stalled`.
//!
//! ```text
//! expect all safe
//! expect raft flapping
//! expect raft+prevote, zab parted or stable
//! ```
//!
//! Protocols have commas between them, words have `or`. `all` is every protocol that can run the
//! scenario and that no other line names: a line of its own takes an exception out of it.

#[cfg(test)]
mod tests;

use std::fmt;

use super::cursor::{Cursor, Parsed};
use super::diagnostic::Place;
use super::validate::ExpectWord;
use crate::protocol::Protocol;

/// One `expect` statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Under which protocols.
    pub under: Under,
    /// How the run comes out: as one of these says. At least one, each once.
    pub words: Vec<Expected>,
}

/// The protocols that an expectation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Under {
    /// Every one that can run the scenario, except those that another expectation names.
    All,
    /// These: at least one, and no protocol in two expectations of a scenario.
    These(Vec<Protocol>),
}

/// A word for how a run comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Anything but unsafe.
    Safe,
    /// A safety property breaks.
    Unsafe,
    /// Clients are not served.
    Stalled,
    /// Leadership does not rest.
    Flapping,
    /// Clients are served again after a long stall.
    Recovered,
    /// Clients are served, and somebody is left out.
    Parted,
    /// None of these.
    Stable,
}

impl Expected {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Safe,
        Self::Unsafe,
        Self::Stalled,
        Self::Flapping,
        Self::Recovered,
        Self::Parted,
        Self::Stable,
    ];

    /// As the text writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Stalled => "stalled",
            Self::Flapping => "flapping",
            Self::Recovered => "recovered",
            Self::Parted => "parted",
            Self::Stable => "stable",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.name() == name)
    }
}

impl Expectation {
    /// The words, as the text writes them.
    pub fn words(&self) -> String {
        self.words.iter().map(|word| word.name()).collect::<Vec<_>>().join(" or ")
    }

    /// True if it names that protocol.
    pub fn names(&self, protocol: Protocol) -> bool {
        match &self.under {
            Under::All => false,
            Under::These(protocols) => protocols.contains(&protocol),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.under, self.words())
    }
}

impl fmt::Display for Under {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocols: Vec<_> = match self {
            Self::All => return formatter.write_str("all"),
            Self::These(protocols) => protocols.iter().map(|protocol| protocol.name()).collect(),
        };
        formatter.write_str(&protocols.join(", "))
    }
}

/// The number of the expectation that a run under that protocol is judged by.
pub fn applying(expectations: &[Expectation], protocol: Protocol) -> Option<usize> {
    let named = expectations.iter().position(|expectation| expectation.names(protocol));
    named.or_else(|| expectations.iter().position(|one| one.under == Under::All))
}

/// Where the words of an expectation stand.
#[derive(Clone, Debug)]
pub(super) struct ExpectPlaces {
    /// All of it.
    pub(super) whole: Place,
    /// The protocols, or `all`.
    pub(super) protocols: Vec<Place>,
    /// How it comes out.
    pub(super) words: Vec<Place>,
}

impl ExpectPlaces {
    /// Where that word stands.
    pub(super) fn of(&self, word: ExpectWord) -> Option<Place> {
        match word {
            ExpectWord::Whole => Some(self.whole),
            ExpectWord::Protocol(number) => self.protocols.get(number).copied(),
            ExpectWord::Word(number) => self.words.get(number).copied(),
        }
    }
}

/// Reads what follows `expect`, up to the end of the line.
pub(super) fn expectation(cursor: &mut Cursor<'_>) -> Parsed<(Expectation, ExpectPlaces)> {
    let first = cursor.place();
    let mut protocols = vec![first];
    let under = if cursor.skip("all") {
        Under::All
    } else {
        protocols.clear();
        Under::These(these(cursor, &["all"], &mut protocols)?)
    };
    let (mut words, mut places) = (Vec::new(), Vec::new());
    while words.is_empty() || cursor.skip("or") {
        let names = Expected::ALL.map(Expected::name);
        let word = cursor.peek().map_or("", |token| token.text);
        if words.is_empty() && Protocol::named(word).is_some() {
            return Err(cursor.expected("comma"));
        }
        let wrong = cursor.expected_of("outcome", &names);
        let (word, place) = cursor.take("outcome", Expected::named).map_err(|_| wrong)?;
        words.push(word);
        places.push(place);
    }
    if cursor.peek().is_some() {
        return Err(cursor.expected("another-word"));
    }
    let whole = first.to(*places.last().expect("there is one"));
    Ok((Expectation { under, words }, ExpectPlaces { whole, protocols, words: places }))
}

/// `raft, raft+prevote`.
pub(super) fn protocols_of(cursor: &mut Cursor<'_>) -> Parsed<Vec<Protocol>> {
    these(cursor, &[], &mut Vec::new())
}

/// Protocols, and where they stand; `others` may be meant, too.
fn these(
    cursor: &mut Cursor<'_>,
    others: &[&str],
    places: &mut Vec<Place>,
) -> Parsed<Vec<Protocol>> {
    let mut protocols = Vec::new();
    while protocols.is_empty() || cursor.skip(",") {
        let names = Protocol::ALL.map(Protocol::name);
        let known: Vec<&str> = names.iter().chain(others).copied().collect();
        let wrong = cursor.expected_one("protocols".into(), &known);
        let (protocol, place) = cursor.take("protocols", Protocol::named).map_err(|_| wrong)?;
        protocols.push(protocol);
        places.push(place);
    }
    Ok(protocols)
}
