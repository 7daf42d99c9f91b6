//! The ledger of a run, for the second module alone: no first view tells it.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Thrown, micros, number, thrown, to_js};
use crate::scenario::text;
use crate::view::ledger::Ledger as Record;

/// What happened in one group of a run: see [`crate::view::ledger`].
#[wasm_bindgen]
pub struct Ledger(Record);

#[wasm_bindgen]
impl Ledger {
    /// Of the group of that number in a text's run, up to a time: nothing is played yet.
    ///
    /// # Errors
    /// What is wrong with the text.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, group: u8, until_us: f64) -> Thrown<Self> {
        let scenario = text::parse(text).map_err(thrown)?;
        Ok(Self(Record::new(scenario.into(), group, micros(until_us))))
    }

    /// Plays on by up to that much work; true if all is there.
    pub fn advance(&mut self, work: u32) -> bool {
        self.0.advance(u64::from(work))
    }

    /// Up to when it is known, in microseconds.
    pub fn known(&self) -> f64 {
        number(self.0.known())
    }

    /// What happened, in order of time, as far as it is known: see
    /// [`crate::view::ledger::LedgerEntry`].
    #[wasm_bindgen(unchecked_return_type = "LedgerEntry[]")]
    pub fn entries(&self) -> JsValue {
        to_js(&self.0.entries())
    }
}
