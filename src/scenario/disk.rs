//! What a text says of the disks under a group: `disk latency 2ms..8ms`.

use std::fmt;

use super::cursor::{Cursor, Parsed};
use super::diagnostic::Place;
use super::print;
use crate::clock::{Micros, Span};

/// How syncing may be.
const LAZY: &str = "lazy";

/// The disks under a group. What a replica keeps on them is durable when a write has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// How long a write takes; chance draws each one.
    pub latency: Span,
    /// If what was written is said without waiting for it: how much later at most it is begun to be
    /// made durable.
    pub lazy: Option<Micros>,
}

impl Disk {
    /// Writes at once: what a text means that says nothing of disks.
    pub const AT_ONCE: Self = Self { latency: Micros::ZERO..=Micros::ZERO, lazy: None };

    /// True if a write takes time.
    pub fn takes_time(&self) -> bool {
        *self.latency.end() > Micros::ZERO
    }
}

/// As the scenario text writes it after `disk`.
impl fmt::Display for Disk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.takes_time() || self.lazy.is_none() {
            write!(formatter, "latency {}", print::span_or_one(&self.latency))?;
        }
        let Some(lazy) = self.lazy else { return Ok(()) };
        let comma = if self.takes_time() { ", " } else { "" };
        write!(formatter, "{comma}fsync {LAZY} {lazy}")
    }
}

/// What could be read of it.
#[derive(Default)]
pub(super) struct DiskDraft {
    latency: Option<(Span, Place)>,
    lazy: Option<(Micros, Place)>,
}

impl DiskDraft {
    /// `latency 2ms..8ms`, `latency 5ms`, `fsync lazy 2s`, or `latency 5ms, fsync lazy 2s`.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut draft = Self::default();
        if cursor.skip("latency") {
            let (shortest, from) = cursor.duration("latency")?;
            let (longest, to) =
                if cursor.skip("..") { cursor.duration("latency")? } else { (shortest, from) };
            draft.latency = Some((shortest..=longest, from.to(to)));
            if cursor.peek().is_none() {
                return Ok(draft);
            }
            cursor.demand(",")?;
        } else if cursor.peek().is_none_or(|token| token.text != "fsync") {
            return Err(cursor.expected_of("disk", &["latency", "fsync"]));
        }
        cursor.demand("fsync")?;
        cursor.demand(LAZY)?;
        draft.lazy = Some(cursor.duration("lazy")?);
        Ok(draft)
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Option<Place> {
        let latency = self.latency.as_ref().map(|(_, place)| *place);
        latency.or_else(|| self.lazy_place())
    }

    /// Where it says that nobody waits.
    pub(super) fn lazy_place(&self) -> Option<Place> {
        self.lazy.map(|(_, place)| place)
    }

    /// What it says.
    pub(super) fn disk(&self) -> Disk {
        let latency = self.latency.as_ref().map(|(latency, _)| latency.clone());
        let latency = latency.unwrap_or(Disk::AT_ONCE.latency);
        Disk { latency, lazy: self.lazy.map(|(lazy, _)| lazy) }
    }
}
