//! Every message of a run, for the second module alone: no first view draws it.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Thrown, micros, number, thrown, to_js};
use crate::diagram::{Account, Arrow, Asked, Diagram as Record};
use crate::fault::{ReplicaId, ReplicaSet};
use crate::scenario::text;
use crate::view::account::AccountView;

/// Every message of one group of a run: see [`crate::diagram`].
#[wasm_bindgen]
pub struct Diagram {
    record: Record,
    /// The last message that was asked about, by its number.
    account: Option<(u32, Account)>,
}

#[wasm_bindgen]
impl Diagram {
    /// Of the group of that number in a text's run, up to a time: nothing is played yet.
    ///
    /// # Errors
    /// What is wrong with the text.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, group: u8, until_us: f64) -> Thrown<Self> {
        let scenario = text::parse(text).map_err(thrown)?;
        let record = Record::new(scenario.into(), group, micros(until_us));
        Ok(Self { record, account: None })
    }

    /// Plays on by up to that much work; true if all is there, or as much as is kept.
    pub fn advance(&mut self, work: u32) -> bool {
        self.record.advance(u64::from(work))
    }

    /// Up to when every message is there, in microseconds.
    pub fn known(&self) -> f64 {
        number(self.record.known())
    }

    /// How many messages there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.record.count()).expect("their number is bounded")
    }

    /// What kinds of message there are, by the number that [`Self::drawn`] has them by.
    pub fn kinds(&self) -> Vec<String> {
        self.record.kinds().iter().map(|kind| kind.name.to_owned()).collect()
    }

    /// What each of them is like, whatever its protocol calls it: see `PacketView.kind`.
    pub fn shapes(&self) -> Vec<String> {
        self.record.kinds().iter().map(|kind| kind.shape.to_owned()).collect()
    }

    /// How many messages there are of a stretch of time, between replicas and of kinds that are
    /// given bit by bit, and how many of them died.
    pub fn tally(&self, from_us: f64, to_us: f64, replicas: u32, kinds: u32) -> Vec<u32> {
        let (from, to) = (micros(from_us), micros(to_us));
        self.record.tally(Asked { from, to, ..asked(replicas, kinds) }).to_vec()
    }

    /// What is drawn of these: for each message seven numbers, its own, when it left and when it
    /// arrived or died (in microseconds), sender, receiver, kind and marks (1 died, 2 a lie, 4 its
    /// acknowledgement died, 8 a copy, 16 withheld).
    pub fn drawn(&self, from_us: f64, to_us: f64, replicas: u32, kinds: u32) -> Vec<f64> {
        let (from, to) = (micros(from_us), micros(to_us));
        let asked = Asked { from, to, ..asked(replicas, kinds) };
        self.record.drawn(asked).iter().flat_map(numbers).collect()
    }

    /// The first of these, at most so many, as [`Self::drawn`] gives them.
    pub fn first(
        &self,
        from_us: f64,
        to_us: f64,
        replicas: u32,
        kinds: u32,
        most: u32,
    ) -> Vec<f64> {
        let (from, to) = (micros(from_us), micros(to_us));
        let asked = Asked { from, to, ..asked(replicas, kinds) };
        self.record.first(asked, most as usize).iter().flat_map(numbers).collect()
    }

    /// Looks for what the message of that number said and what came of it, by up to that much work;
    /// true if it is known.
    pub fn seek_account(&mut self, message: u32, work: u32) -> bool {
        if self.account.as_ref().is_none_or(|(known, _)| *known != message) {
            self.account = self.record.account(message).map(|account| (message, account));
        }
        self.account.as_mut().is_none_or(|(_, account)| account.advance(u64::from(work)))
    }

    /// That of the message that was last asked about: see [`AccountView`].
    #[wasm_bindgen(unchecked_return_type = "AccountView")]
    pub fn account(&self) -> JsValue {
        let Some((_, account)) = &self.account else { return JsValue::NULL };
        to_js(&AccountView::of(account))
    }

    /// The message that left last before that one, or first after it, of those asked for, as
    /// [`Self::drawn`] gives it; nothing if there is none. Without a message, before or after that
    /// time.
    pub fn beside(
        &self,
        time_us: f64,
        message: Option<u32>,
        replicas: u32,
        kinds: u32,
        is_later: bool,
    ) -> Vec<f64> {
        let one = (micros(time_us), message);
        let found = self.record.beside(one, asked(replicas, kinds), is_later);
        found.iter().flat_map(numbers).collect()
    }
}

/// At any time.
fn asked(replicas: u32, kinds: u32) -> Asked {
    let mut asked_for = ReplicaSet::default();
    for id in (0..16).map(ReplicaId).filter(|id| replicas >> id.0 & 1 == 1) {
        asked_for.add(id);
    }
    let (from, to) = (crate::clock::Micros::ZERO, crate::clock::Micros::NEVER);
    Asked { from, to, replicas: asked_for, kinds: u64::from(kinds) }
}

fn numbers(arrow: &Arrow) -> [f64; 7] {
    let Arrow { number: own, sent, ends, from, to, kind, marks } = *arrow;
    let [from, to, kind, marks] = [from.0, to.0, kind, marks].map(f64::from);
    [f64::from(own), number(sent), number(ends), from, to, kind, marks]
}
