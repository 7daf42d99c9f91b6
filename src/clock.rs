//! Simulated time and the queue of what is still to happen.
//!
//! Time is a count of microseconds since the start of the run; no wall clock is ever read.
//! Two things that fall on the same microsecond happen in the order in which they were asked for,
//! so a run has exactly one order.

use std::fmt;
use std::ops::{Add, RangeInclusive, Sub};

use serde::{Deserialize, Serialize};

/// A point in simulated time, or a span of it, in microseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Micros(pub u64);

impl Micros {
    /// The start of every run.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    /// A span of whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000)
    }

    /// A span of whole seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * 1_000_000)
    }

    /// The span from `earlier` to `self`, zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Micros {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Micros {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// As the scenario text writes it: the largest of `s`, `ms`, `us` that is at least one, exact.
impl fmt::Display for Micros {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name, digits) = match self.0 {
            0 => return formatter.write_str("0s"),
            1..1_000 => (1, "us", 0),
            1_000..1_000_000 => (1_000, "ms", 3),
            1_000_000.. => (1_000_000, "s", 6),
        };
        write!(formatter, "{}", self.0 / unit)?;
        let rest = self.0 % unit;
        if rest > 0 {
            let fraction = format!("{rest:0digits$}");
            write!(formatter, ".{}", fraction.trim_end_matches('0'))?;
        }
        formatter.write_str(name)
    }
}

/// A range of spans from which the world draws, both ends included.
pub type Span = RangeInclusive<Micros>;

/// What is still to happen, ordered by (time, order of asking).
///
/// A sorted vector, the next event last. A data centre of a few dozen servers has a few dozen
/// events ahead of it, and a new one is nearly always among the soonest, so insertion moves a
/// handful of small entries; a binary heap moves more (measured in `benches/engine.rs`).
#[derive(Clone, Debug)]
pub struct Queue<E> {
    /// Latest first; ties latest-asked first.
    entries: Vec<(Micros, E)>,
}

impl<E: Copy> Queue<E> {
    /// A queue in which nothing is to happen.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Asks for `event` at `at`, after everything already asked for at that time.
    #[inline]
    pub fn push(&mut self, at: Micros, event: E) {
        let new = (at, event);
        self.entries.push(new);
        let mut place = self.entries.len() - 1;
        // One entry at a time, because there are few: wasm calls out for a block move.
        while place > 0 && self.entries[place - 1].0 <= at {
            self.entries[place] = self.entries[place - 1];
            place -= 1;
        }
        self.entries[place] = new;
    }

    /// The time of the next event.
    pub fn next_at(&self) -> Option<Micros> {
        self.entries.last().map(|entry| entry.0)
    }

    /// Takes the next event.
    pub fn pop(&mut self) -> Option<(Micros, E)> {
        self.entries.pop()
    }
}

impl<E: Copy> Default for Queue<E> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_orders_by_time_then_by_asking() {
        let mut queue = Queue::new();
        for (at, name) in [(5, 'c'), (1, 'a'), (5, 'd'), (3, 'b'), (5, 'e')] {
            queue.push(Micros(at), name);
        }
        let order: String = std::iter::from_fn(|| queue.pop()).map(|(_, name)| name).collect();
        assert_eq!(order, "abcde");
    }

    #[test]
    fn spans_print_exactly() {
        for (micros, text) in [
            (0, "0s"),
            (7, "7us"),
            (1_500, "1.5ms"),
            (300_000, "300ms"),
            (999_999, "999.999ms"),
            (1_000_000, "1s"),
            (3_600_000_001, "3600.000001s"),
        ] {
            assert_eq!(Micros(micros).to_string(), text);
        }
    }
}
