//! What there is to choose from, and what a link holds: objects of the page that are no picture.

use serde::Serialize;

use crate::fact::Fact;
use crate::protocol::Protocol;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::link::Recorded;

/// A link as a reader opens it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OpenedLink {
    /// The text that it holds.
    pub text: String,
    /// The version of the engine's semantics that made it.
    pub semantics: u32,
    /// What the run came to there, 16 hex digits; empty if the link does not say.
    pub trace_hash: String,
    /// The version of this engine's semantics.
    pub current_semantics: u32,
}

impl From<Recorded> for OpenedLink {
    fn from(recorded: Recorded) -> Self {
        Self {
            text: recorded.text,
            semantics: recorded.semantics,
            trace_hash: recorded.trace_hash.map_or_else(String::new, |hash| hash.to_string()),
            current_semantics: crate::SEMANTICS,
        }
    }
}

/// A protocol, for the menu. What it does is said by its name, in the room `summary`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ProtocolEntry {
    /// "raft+prevote".
    pub name: &'static str,
    /// What it is built to survive.
    #[cfg_attr(test, ts(as = "crate::protocol::catalogue::Family"))]
    pub family: &'static str,
    /// Where it is from.
    pub paper: &'static str,
    /// What it promises whatever the network does, in the room `safety`.
    pub safety: &'static str,
    /// What it needs to go on, in the room `progress`.
    #[cfg_attr(test, ts(as = "crate::protocol::catalogue::Needs"))]
    pub needs: &'static str,
    /// Which module has its code: see [`Protocol::module`].
    #[cfg_attr(test, ts(type = "\"\" | \"production\""))]
    pub module: &'static str,
}

impl ProtocolEntry {
    /// All of them, in menu order.
    pub fn all() -> Vec<Self> {
        let entries = Protocol::menu().map(|protocol| Self {
            name: protocol.name(),
            family: protocol.family().name(),
            paper: protocol.paper(),
            safety: protocol.safety(),
            needs: protocol.needs().name(),
            module: protocol.module(),
        });
        entries.collect()
    }
}

/// What JavaScript catches.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Refusal {
    /// What is wrong.
    pub errors: Vec<Diagnostic>,
    /// Which module would not have thrown it, if one would not: see [`Protocol::module`].
    #[cfg_attr(test, ts(type = "\"\" | \"production\""))]
    pub needs: &'static str,
}

impl Refusal {
    /// Of something wrong that has no place in a text.
    pub fn of(fact: Fact) -> Self {
        vec![Diagnostic { line: 0, column: 0, length: 0, fact }].into()
    }
}

impl From<Vec<Diagnostic>> for Refusal {
    fn from(errors: Vec<Diagnostic>) -> Self {
        Self { errors, needs: "" }
    }
}
