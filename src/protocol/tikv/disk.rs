//! What the crate keeps on disk, in our log: a plain struct, so that a clone shares nothing. (The
//! crate's own `MemStorage` is an `Arc`, and a clone of it is the same disk.)

use raft::eraftpb::{self, ConfState, HardState};
use raft::{GetEntriesContext, RaftState, Storage, StorageError};

use super::message::short;
use crate::protocol::log::{Entry, Index, Log};
use crate::protocol::raft::Term;
use crate::protocol::{Command, digest};

/// About how many bytes an entry takes on the wire: the crate bounds its messages in bytes.
pub(super) const ENTRY_BYTES: u64 = 16;

/// Term, vote, commit index and log of one replica.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Disk {
    replicas: u8,
    pub(super) term: Term,
    /// The crate's number of the replica that got the vote, 0 for none.
    vote: u64,
    pub(super) commit: Index,
    pub(super) log: Log,
}

impl Disk {
    pub(super) fn empty(replicas: u8) -> Self {
        Self { replicas, term: 0, vote: 0, commit: 0, log: Log::default() }
    }

    /// A digest of all but the commit index.
    pub(super) fn written(&self) -> u64 {
        digest(&[self.term.into(), self.vote, self.log.mark().word()])
    }

    pub(super) fn set_hard_state(&mut self, state: &HardState) {
        (self.term, self.vote, self.commit) = (short(state.term), state.vote, short(state.commit));
    }

    /// Writes entries, over those that stood in their places and after.
    pub(super) fn append(&mut self, entries: &[eraftpb::Entry]) {
        let Some(first) = entries.first() else { return };
        let kept = short(first.index) - 1;
        if kept < self.log.last_index() {
            self.log.truncate(kept);
        }
        for entry in entries {
            self.log.push(entry_of(entry));
        }
    }
}

/// An entry of ours as the crate keeps it; a leader's no-op is an entry without data.
pub(super) fn wire_of(index: u64, entry: Entry) -> eraftpb::Entry {
    let mut wire = eraftpb::Entry::default();
    (wire.index, wire.term) = (index, u64::from(entry.epoch));
    if entry.command != 0 {
        wire.data = entry.command.to_le_bytes().to_vec().into();
    }
    wire
}

pub(super) fn entry_of(wire: &eraftpb::Entry) -> Entry {
    let command = wire.data[..].try_into().map_or(0, Command::from_le_bytes);
    Entry { epoch: short(wire.term), command }
}

impl Storage for Disk {
    fn initial_state(&self) -> raft::Result<RaftState> {
        let mut state = HardState::default();
        (state.term, state.vote, state.commit) = (self.term.into(), self.vote, self.commit.into());
        let mut members = ConfState::default();
        members.set_voters((1..=u64::from(self.replicas)).collect());
        Ok(RaftState::new(state, members))
    }

    fn entries(
        &self,
        low: u64,
        high: u64,
        max_size: impl Into<Option<u64>>,
        _context: GetEntriesContext,
    ) -> raft::Result<Vec<eraftpb::Entry>> {
        let most = max_size.into().map_or(u64::MAX, |bytes| (bytes / ENTRY_BYTES).max(1));
        let count = usize::try_from(most.min(high - low)).unwrap_or(usize::MAX);
        let entries = self.log.from(short(low), count);
        Ok((low..).zip(entries).map(|(index, entry)| wire_of(index, *entry)).collect())
    }

    fn term(&self, index: u64) -> raft::Result<u64> {
        let term = self.log.epoch_at(short(index)).ok_or(StorageError::Unavailable)?;
        Ok(term.into())
    }

    fn first_index(&self) -> raft::Result<u64> {
        Ok(1)
    }

    fn last_index(&self) -> raft::Result<u64> {
        Ok(self.log.last_index().into())
    }

    /// Logs are never compacted, so nobody needs one.
    fn snapshot(&self, _index: u64, _to: u64) -> raft::Result<eraftpb::Snapshot> {
        Err(StorageError::SnapshotTemporarilyUnavailable.into())
    }
}
