//! A replicated log: entries with the epoch in which a leader made them.

use super::{Command, Epoch};

/// A place in a log, from 1; 0 is before the first entry.
pub type Index = u32;

/// A command and the epoch of the leader that put it into the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The epoch.
    pub epoch: Epoch,
    /// The command.
    pub command: Command,
}

/// What of a log changes whenever the log does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogMark {
    /// The index of the last entry.
    pub last_index: Index,
    /// How often entries were thrown away.
    pub truncations: u32,
}

impl LogMark {
    /// Both in a word.
    pub(crate) const fn word(self) -> u64 {
        self.last_index as u64 | (self.truncations as u64) << 32
    }
}

/// Entries 1 to `last_index`, and a note of what was last thrown away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    entries: Vec<Entry>,
    truncations: u32,
    truncated_to: Index,
}

impl Log {
    /// The index of the last entry, 0 if there is none.
    #[inline]
    pub fn last_index(&self) -> Index {
        u32::try_from(self.entries.len()).expect("a run is too short for 2^32 entries")
    }

    /// The epoch of the last entry, 0 if there is none.
    #[inline]
    pub fn last_epoch(&self) -> Epoch {
        self.entries.last().map_or(0, |entry| entry.epoch)
    }

    /// The epoch of the entry at `index`: 0 before the first, `None` past the last.
    #[inline]
    pub fn epoch_at(&self, index: Index) -> Option<Epoch> {
        if index == 0 { Some(0) } else { self.get(index).map(|entry| entry.epoch) }
    }

    /// The entry at `index`, if there is one.
    #[inline]
    pub fn get(&self, index: Index) -> Option<Entry> {
        self.entries.get((index as usize).checked_sub(1)?).copied()
    }

    /// Up to `most` entries from `index` on.
    pub fn from(&self, index: Index, most: usize) -> &[Entry] {
        let rest = self.entries.get((index as usize).saturating_sub(1)..).unwrap_or_default();
        &rest[..rest.len().min(most)]
    }

    /// Appends one entry.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Throws away every entry after `index`.
    pub fn truncate(&mut self, index: Index) {
        self.entries.truncate(index as usize);
        self.truncations += 1;
        self.truncated_to = index;
    }

    /// How far it goes, and how often entries were thrown away.
    #[inline]
    pub fn mark(&self) -> LogMark {
        LogMark { last_index: self.last_index(), truncations: self.truncations }
    }

    /// How often entries were thrown away, and what was left the last time.
    /// [`crate::check`] looks at every entry past that point again.
    #[inline]
    pub const fn truncations(&self) -> (u32, Index) {
        (self.truncations, self.truncated_to)
    }
}
