//! What the crate keeps on disk. It owns its storage and lends it to nobody, so the storage is a
//! handle, and the replica keeps the other one.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

use omnipaxos::ballot_leader_election::Ballot;
use omnipaxos::storage::{Entry, NoSnapshot, StopSign, Storage, StorageOp, StorageResult};

use crate::protocol::{Command, digest};

/// An entry: the number of a client's write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Write(pub(super) Command);

impl Entry for Write {
    type Snapshot = NoSnapshot;
}

/// Promise, accepted round, decided index and log of one replica.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Disk {
    pub(super) promise: Option<Ballot>,
    pub(super) accepted_round: Option<Ballot>,
    pub(super) decided: usize,
    pub(super) log: Vec<Write>,
}

impl Hash for Disk {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let ballot = |of: Option<Ballot>| of.map(|ballot| (ballot.n, ballot.pid));
        (ballot(self.promise), ballot(self.accepted_round), self.decided).hash(hasher);
        self.log.hash(hasher);
    }
}

/// A handle on a disk.
#[derive(Clone, Debug)]
pub(super) struct Handle(Arc<Mutex<Disk>>);

impl Handle {
    pub(super) fn new(disk: Disk) -> Self {
        Self(Arc::new(Mutex::new(disk)))
    }

    pub(super) fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().expect("nothing panics while it writes")
    }
}

impl Disk {
    /// A digest of all but the decided index. Within an accepted round a log only grows.
    pub(super) fn written(&self) -> u64 {
        let ballot = |of: Option<Ballot>| of.map_or([0, 0], |of| [of.n.into(), of.pid]);
        let ([round, owner], [accepted, by]) = (ballot(self.promise), ballot(self.accepted_round));
        digest(&[round, owner, accepted, by, self.log.len() as u64])
    }

    fn write(&mut self, what: StorageOp<Write>) {
        match what {
            StorageOp::AppendEntry(entry) => self.log.push(entry),
            StorageOp::AppendEntries(entries) => self.log.extend(entries),
            StorageOp::AppendOnPrefix(from, entries) => {
                self.log.truncate(from);
                self.log.extend(entries);
            }
            StorageOp::SetPromise(ballot) => self.promise = Some(ballot),
            StorageOp::SetDecidedIndex(index) => self.decided = index,
            StorageOp::SetAcceptedRound(ballot) => self.accepted_round = Some(ballot),
            // Nothing is ever compacted or reconfigured here.
            StorageOp::SetCompactedIdx(_)
            | StorageOp::Trim(_)
            | StorageOp::SetStopsign(_)
            | StorageOp::SetSnapshot(_) => {}
        }
    }
}

impl Storage<Write> for Handle {
    fn write_atomically(&mut self, all: Vec<StorageOp<Write>>) -> StorageResult<()> {
        let mut disk = self.disk();
        all.into_iter().for_each(|what| disk.write(what));
        Ok(())
    }

    fn append_entry(&mut self, entry: Write) -> StorageResult<()> {
        self.disk().log.push(entry);
        Ok(())
    }

    fn append_entries(&mut self, entries: Vec<Write>) -> StorageResult<()> {
        self.disk().log.extend(entries);
        Ok(())
    }

    fn append_on_prefix(&mut self, from: usize, entries: Vec<Write>) -> StorageResult<()> {
        self.disk().write(StorageOp::AppendOnPrefix(from, entries));
        Ok(())
    }

    fn set_promise(&mut self, ballot: Ballot) -> StorageResult<()> {
        self.disk().promise = Some(ballot);
        Ok(())
    }

    fn set_decided_idx(&mut self, index: usize) -> StorageResult<()> {
        self.disk().decided = index;
        Ok(())
    }

    fn get_decided_idx(&self) -> StorageResult<usize> {
        Ok(self.disk().decided)
    }

    fn set_accepted_round(&mut self, ballot: Ballot) -> StorageResult<()> {
        self.disk().accepted_round = Some(ballot);
        Ok(())
    }

    fn get_accepted_round(&self) -> StorageResult<Option<Ballot>> {
        Ok(self.disk().accepted_round)
    }

    fn get_entries(&self, from: usize, to: usize) -> StorageResult<Vec<Write>> {
        Ok(self.disk().log.get(from..to).unwrap_or_default().to_vec())
    }

    fn get_log_len(&self) -> StorageResult<usize> {
        Ok(self.disk().log.len())
    }

    fn get_suffix(&self, from: usize) -> StorageResult<Vec<Write>> {
        Ok(self.disk().log.get(from..).unwrap_or_default().to_vec())
    }

    fn get_promise(&self) -> StorageResult<Option<Ballot>> {
        Ok(self.disk().promise)
    }

    fn set_stopsign(&mut self, _stop: Option<StopSign>) -> StorageResult<()> {
        Ok(())
    }

    fn get_stopsign(&self) -> StorageResult<Option<StopSign>> {
        Ok(None)
    }

    fn trim(&mut self, _index: usize) -> StorageResult<()> {
        Ok(())
    }

    fn set_compacted_idx(&mut self, _index: usize) -> StorageResult<()> {
        Ok(())
    }

    fn get_compacted_idx(&self) -> StorageResult<usize> {
        Ok(0)
    }

    fn set_snapshot(&mut self, _snapshot: Option<NoSnapshot>) -> StorageResult<()> {
        Ok(())
    }

    fn get_snapshot(&self) -> StorageResult<Option<NoSnapshot>> {
        Ok(None)
    }
}
