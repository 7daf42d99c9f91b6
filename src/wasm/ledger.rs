//! The ledger of a run, for the second module alone: no first view tells it.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Thrown, micros, thrown, to_js};
use crate::scenario::text;
use crate::view::ledger::{Ledger as Record, LedgerEntry};

/// What happened in one group of a run: see [`crate::view::ledger`].
#[wasm_bindgen]
pub struct Ledger {
    record: Record,
    /// What is being handed over.
    entries: Vec<LedgerEntry>,
}

#[wasm_bindgen]
impl Ledger {
    /// Of the group of that number in a text's run, up to a time: nothing is played yet.
    ///
    /// # Errors
    /// What is wrong with the text.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, group: u8, until_us: f64) -> Thrown<Self> {
        let scenario = text::parse(text).map_err(thrown)?;
        let record = Record::new(scenario.into(), group, micros(until_us));
        Ok(Self { record, entries: Vec::new() })
    }

    /// Plays on by up to that much work; true if all is there.
    pub fn advance(&mut self, work: u32) -> bool {
        self.record.advance(u64::from(work))
    }

    /// At most so many of what happened, in order of time, from that one on; fewer than asked for
    /// at the end. Many at once would hold up a page. See [`LedgerEntry`].
    #[wasm_bindgen(unchecked_return_type = "LedgerEntry[]")]
    pub fn entries(&mut self, from: u32, most: u32) -> JsValue {
        if from == 0 {
            self.entries = self.record.entries();
        }
        let left = self.entries.get(from as usize..).unwrap_or_default();
        to_js(&left.get(..most as usize).unwrap_or(left))
    }
}
