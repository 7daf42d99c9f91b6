//! Simulated time.
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

#[cfg(test)]
mod tests {
    use super::*;

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
