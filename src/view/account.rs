//! What one message said, and what came of it.

use serde::Serialize;

use super::Cause;
use crate::diagram::{Account, Answer};
use crate::fact::Fact;

/// What one message said, and what came of it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AccountView {
    /// What it said, in the room `message`.
    pub words: Option<Fact>,
    /// `null` if it is the truth; else what an honest replica would have said.
    pub truth: Option<Fact>,
    /// `null` if it arrived; else why not.
    pub died: Option<Cause>,
    /// If it arrived and its acknowledgement died, of what.
    pub unheard: Option<Cause>,
    /// Why whoever got it would not do what it asked for, in the room `refusal`.
    pub refusal: Option<Fact>,
    /// How that one answered it at once: "silence", "truth" or "lie".
    #[cfg_attr(test, ts(type = "\"silence\" | \"truth\" | \"lie\""))]
    pub answer: &'static str,
}

impl AccountView {
    /// As far as it is known.
    pub fn of(account: &Account) -> Self {
        let (told, arrow) = (account.told().clone(), account.arrow());
        let cause = |reason| Cause::of(reason, 100, arrow.from, arrow.to);
        Self {
            words: told.words,
            truth: told.truth,
            died: told.died.map(cause),
            unheard: told.unheard.map(|why| Cause::of(why, 100, arrow.to, arrow.from)),
            refusal: told.refusal,
            answer: match told.answer {
                Answer::Silence => "silence",
                Answer::Truth => "truth",
                Answer::Lie => "lie",
            },
        }
    }
}
