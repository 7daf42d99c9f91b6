//! What a text says of the disks under a group: `disk latency 2ms..8ms`.

use std::fmt;

use super::cursor::{Cursor, Parsed};
use super::diagnostic::Place;
use super::print;
use crate::clock::{Micros, Span};

/// The disks under a group. What a replica keeps on them is durable when a write has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// How long a write takes; chance draws each one.
    pub latency: Span,
}

impl Disk {
    /// Writes at once: what a text means that says nothing of disks.
    pub const AT_ONCE: Self = Self { latency: Micros::ZERO..=Micros::ZERO };

    /// True if a write takes time.
    pub fn takes_time(&self) -> bool {
        *self.latency.end() > Micros::ZERO
    }
}

/// As the scenario text writes it after `disk`.
impl fmt::Display for Disk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "latency {}", print::span_or_one(&self.latency))
    }
}

/// What could be read of it.
#[derive(Default)]
pub(super) struct DiskDraft {
    latency: Option<(Span, Place)>,
}

impl DiskDraft {
    /// `latency 2ms..8ms`, or `latency 5ms`.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.demand("latency")?;
        let (shortest, from) = cursor.duration("latency")?;
        let (longest, to) =
            if cursor.skip("..") { cursor.duration("latency")? } else { (shortest, from) };
        Ok(Self { latency: Some((shortest..=longest, from.to(to))) })
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Option<Place> {
        self.latency.as_ref().map(|(_, place)| *place)
    }

    /// What it says.
    pub(super) fn disk(&self) -> Disk {
        let latency = self.latency.as_ref();
        latency.map_or(Disk::AT_ONCE, |(latency, _)| Disk { latency: latency.clone() })
    }
}
