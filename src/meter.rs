//! What a run really does, counted, and the bounds at which it ends.
//!
//! Nobody can tell from a scenario how much work its run is: liars, lost packets and elections make
//! messages of messages. So nothing is estimated: a run counts, and where it comes to a bound it
//! ends there, with everything until then to look at. That is no failure but a fact of the run, a
//! value like any other, and it depends on nothing but the scenario: not on the machine, nor on
//! where one has looked at it.

use crate::clock::Micros;
use crate::fact::{Fact, fact};

/// What a run may take. Each is named by a [`Bound`].
pub struct Bounds;

impl Bounds {
    /// Messages sent, those that get lost included.
    pub const MESSAGES: u64 = 30_000_000;
    /// Events: messages that arrive, timers, writes, reads, actions.
    pub const EVENTS: u64 = 60_000_000;
    /// Log entries (or votes, or signatures) carried by all messages together.
    pub const CARRIED: u64 = 500_000_000;
    /// Packets and timers under way at once.
    pub const UNDER_WAY: u64 = 100_000;
    /// Log entries (or votes, or signatures) held at once, by replicas and packets.
    pub const HELD: u64 = 5_000_000;
    /// Changes of what replicas believe, all of which are kept for the belief strip.
    pub const BELIEFS: u64 = 2_000_000;
}

/// Work between two looks at the bounds: how far one may be passed.
const LOOK: u64 = 4_096;
/// Entries that a message carries for the price of one more message.
const ENTRIES_A_UNIT: u64 = 8;

/// Something of which a run may take only so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum Bound {
    /// See [`Bounds::MESSAGES`].
    Messages,
    /// See [`Bounds::EVENTS`].
    Events,
    /// See [`Bounds::CARRIED`].
    Carried,
    /// See [`Bounds::UNDER_WAY`].
    UnderWay,
    /// See [`Bounds::HELD`].
    Held,
    /// See [`Bounds::BELIEFS`].
    Beliefs,
}

impl Bound {
    /// For scripts: a word that stays.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Events => "events",
            Self::Carried => "carried",
            Self::UnderWay => "under-way",
            Self::Held => "held",
            Self::Beliefs => "beliefs",
        }
    }
}

/// A run that has come to a bound, and when it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// Which bound.
    pub bound: Bound,
    /// When; nothing that comes after is known.
    pub at: Micros,
}

impl Exhausted {
    /// In the room `exhausted`: "the run ends here, at 47s: more than 30 million messages".
    pub fn fact(self) -> Fact {
        let most = match self.bound {
            Bound::Messages => Bounds::MESSAGES,
            Bound::Events => Bounds::EVENTS,
            Bound::Carried => Bounds::CARRIED,
            Bound::UnderWay => Bounds::UNDER_WAY,
            Bound::Held => Bounds::HELD,
            Bound::Beliefs => Bounds::BELIEFS,
        };
        let millions = most / 1_000_000;
        fact!(self.bound.name(), at = self.at, millions, most)
    }
}

/// What was counted so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meter {
    work: u64,
    messages: u64,
    carried: u64,
    beliefs: u64,
    /// How many groups share the bounds.
    groups: u64,
    /// The work at which somebody has to look again whether it is enough.
    look_at: u64,
    exhausted: Option<Exhausted>,
}

impl Meter {
    /// Nothing was counted, of one of so many groups: each may take its share of what a run may.
    pub(crate) fn shared(groups: usize) -> Self {
        Self { groups: groups as u64, ..Self::default() }
    }

    /// Takes in a message, lost or not; returns its number.
    #[inline(always)]
    pub(crate) const fn send(&mut self, entries: u32) -> u64 {
        let number = self.messages;
        self.messages += 1;
        self.work += 1;
        if entries > 0 {
            self.carried += entries as u64;
            self.work += entries as u64 / ENTRIES_A_UNIT;
        }
        number
    }

    /// Takes in an event.
    #[inline(always)]
    pub(crate) const fn step(&mut self) {
        self.work += 1;
    }

    /// Takes in that what somebody holds was copied.
    pub(crate) const fn copy(&mut self, held: u64) {
        self.carried += held;
        self.work += held / ENTRIES_A_UNIT;
    }

    /// Takes in that somebody's belief has changed.
    pub(crate) const fn believe(&mut self) {
        self.beliefs += 1;
    }

    /// True if somebody has to [`Self::look`] before the next event.
    #[inline(always)]
    pub(crate) const fn is_due(&self) -> bool {
        self.work >= self.look_at
    }

    /// Looks whether a bound is passed; if so, the run is over. Asks for the events so far, the
    /// length of the queue and what replicas and packets hold.
    #[cold]
    pub(crate) fn look(&mut self, now: Micros, events: u64, queue: u64, held: u64) -> bool {
        let counts = [
            (Bound::Messages, self.messages, Bounds::MESSAGES),
            (Bound::Events, events, Bounds::EVENTS),
            (Bound::Carried, self.carried, Bounds::CARRIED),
            (Bound::UnderWay, queue, Bounds::UNDER_WAY),
            (Bound::Held, held, Bounds::HELD),
            (Bound::Beliefs, self.beliefs, Bounds::BELIEFS),
        ];
        let passed = counts.into_iter().find(|(_, count, most)| count * self.groups > *most);
        let exhausted = passed.map(|(bound, ..)| Exhausted { bound, at: now });
        self.exhausted = self.exhausted.or(exhausted);
        if self.exhausted.is_none() {
            self.look_at = self.work + LOOK;
        }
        self.exhausted.is_some()
    }

    /// How much work the run was so far, in messages and events: what is to be sliced.
    #[inline(always)]
    pub const fn work(&self) -> u64 {
        self.work
    }

    /// Messages sent, those that were lost included.
    pub const fn messages(&self) -> u64 {
        self.messages
    }

    /// If the run has come to a bound, to which and when.
    pub const fn exhausted(&self) -> Option<Exhausted> {
        self.exhausted
    }
}
