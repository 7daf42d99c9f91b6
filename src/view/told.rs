//! What is said and heard where somebody lies.

use serde::Serialize;

use super::Cause;
use crate::fact::Fact;

/// One thing that a traitor does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LieView {
    /// As the text writes it: "equivocate to n1".
    pub text: String,
    /// Those who hear the other story, by number.
    pub toward: Vec<u8>,
}

/// A value, and by which way it was heard.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HeardValue {
    /// "n1", "n1, n3".
    pub path: String,
    /// In the room `value`: "attack".
    pub value: Fact,
}

/// A liar who was caught.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CaughtView {
    /// Who.
    pub liar: u8,
    /// By what evidence, in the room `evidence`.
    pub evidence: Fact,
}

/// What a replica was told by another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ToldView {
    /// When it was said.
    pub at_us: u64,
    /// By whom.
    pub from: u8,
    /// To whom.
    pub to: u8,
    /// What, in the room `message`.
    pub words: Fact,
    /// What an honest replica would have said: `null` if this is the truth, "nothing" if it would
    /// not have spoken.
    pub truth: Option<Fact>,
    /// `null` if it arrived; else why not.
    pub died: Option<Cause>,
    /// If it arrived and its acknowledgement died, of what.
    pub unheard: Option<Cause>,
}
