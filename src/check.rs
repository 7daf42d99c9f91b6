//! Raft's safety properties (paper, figure 3), looked at after every event.
//!
//! The checks read the replicas' logs and commit indexes, never what replicas say about them, and
//! keep a record of their own. A broken property is a value to show, not a panic: what a protocol
//! does wrong is a result here. Each event costs what changed in it, not the length of the logs.

use std::collections::BTreeMap;

use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index, Log};
use crate::protocol::{Command, Epoch, Role};
use crate::world::World;

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Property {
    /// At most one leader is elected in an epoch.
    ElectionSafety,
    /// A leader never overwrites or deletes entries in its log.
    LeaderAppendOnly,
    /// Two logs with an entry of the same index and epoch agree up to there.
    LogMatching,
    /// What is committed in an epoch is in the logs of all leaders of later epochs.
    LeaderCompleteness,
    /// No two replicas commit different entries at one index.
    StateMachineSafety,
}

impl Property {
    /// As the page writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ElectionSafety => "election safety",
            Self::LeaderAppendOnly => "leader append-only",
            Self::LogMatching => "log matching",
            Self::LeaderCompleteness => "leader completeness",
            Self::StateMachineSafety => "state machine safety",
        }
    }
}

/// A property that broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub property: Property,
    /// When.
    pub at: Micros,
    /// What was seen, one sentence.
    pub detail: String,
}

/// What the checks last saw of a replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    leads: bool,
    epoch: Epoch,
    last_index: Index,
    truncations: u32,
    commit: Index,
}

/// An entry as it was first seen anywhere, and the epoch of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    entry: Entry,
    before: Epoch,
}

/// The record of a run that its safety is judged by.
#[derive(Clone, Debug)]
pub struct Checks {
    seen: Vec<Seen>,
    leaders: BTreeMap<Epoch, ReplicaId>,
    /// By index, the first entry seen there; other epochs' entries at that index are in `rivals`.
    ///
    /// If an index and an epoch always mean the same entry after the same entry, then by induction
    /// two logs that share them agree in everything before: log matching.
    records: Vec<Record>,
    rivals: BTreeMap<(Index, Epoch), Record>,
    /// By index, the entry first committed there.
    committed: Vec<Entry>,
}

/// What an observation found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Commands committed for the first time, in order.
    pub committed: Vec<Command>,
    /// Properties that broke.
    pub violations: Vec<Violation>,
}

impl Findings {
    fn report(&mut self, world: &World, property: Property, detail: String) {
        self.violations.push(Violation { property, at: world.now(), detail });
    }
}

impl Checks {
    /// Before the first event.
    pub fn new(replicas: usize) -> Self {
        Self {
            seen: vec![Seen::default(); replicas],
            leaders: BTreeMap::new(),
            records: Vec::new(),
            rivals: BTreeMap::new(),
            committed: Vec::new(),
        }
    }

    /// Looks at a replica after an event that may have changed it.
    #[inline]
    pub fn observe(&mut self, world: &World, id: ReplicaId, findings: &mut Findings) {
        let replica = world.replica(id);
        let belief = replica.belief();
        let log = replica.log();
        let now = Seen {
            leads: belief.role == Role::Leader,
            epoch: belief.epoch,
            last_index: log.last_index(),
            truncations: log.truncations().0,
            commit: replica.commit(),
        };
        let before = self.seen[id.index()];
        if now != before {
            self.seen[id.index()] = now;
            self.examine(world, id, (before, now), findings);
        }
    }

    /// What changed, and whether it may.
    fn examine(
        &mut self,
        world: &World,
        id: ReplicaId,
        (before, now): (Seen, Seen),
        findings: &mut Findings,
    ) {
        let log = world.replica(id).log();
        let same_reign = before.leads && now.leads && before.epoch == now.epoch;
        let truncated = now.truncations != before.truncations;
        if truncated && same_reign {
            let detail = format!("{id} leads epoch {} and threw entries away", now.epoch);
            findings.report(world, Property::LeaderAppendOnly, detail);
        }
        let kept =
            if truncated { log.truncations().1.min(before.last_index) } else { before.last_index };
        for index in kept + 1..=now.last_index {
            self.match_entry(world, (id, log), index, findings);
        }
        if now.leads && !same_reign {
            self.crown(world, (id, log), now.epoch, findings);
        }
        if now.commit > before.commit {
            self.commit(world, (id, log), (before.commit, now), findings);
        }
    }

    /// Log matching, for one entry that is new in a log.
    fn match_entry(
        &mut self,
        world: &World,
        (id, log): (ReplicaId, &Log),
        index: Index,
        findings: &mut Findings,
    ) {
        let entry = log.get(index).expect("within the log");
        let before = log.epoch_at(index - 1).expect("logs have no holes");
        let record = Record { entry, before };
        let place = index as usize - 1;
        let known = match self.records.get(place) {
            None => {
                // Any log grows by one entry at a time, so the first log to reach an index is next.
                self.records.push(record);
                return;
            }
            Some(first) if first.entry.epoch == entry.epoch => *first,
            Some(_) => *self.rivals.entry((index, entry.epoch)).or_insert(record),
        };
        if known != record {
            let detail = format!(
                "{id} has write {} at index {index} of epoch {}, another log has write {}, or \
                 what stands before it differs",
                entry.command, entry.epoch, known.entry.command
            );
            findings.report(world, Property::LogMatching, detail);
        }
    }

    /// A replica leads an epoch in which it did not lead before.
    fn crown(
        &mut self,
        world: &World,
        (id, log): (ReplicaId, &Log),
        epoch: Epoch,
        findings: &mut Findings,
    ) {
        let first = *self.leaders.entry(epoch).or_insert(id);
        if first != id {
            let detail = format!("{first} and {id} both lead epoch {epoch}");
            findings.report(world, Property::ElectionSafety, detail);
        }
        let missing = (1..)
            .zip(&self.committed)
            .find(|&(index, &entry)| entry.epoch < epoch && log.get(index) != Some(entry));
        if let Some((index, entry)) = missing {
            let detail = format!(
                "{id} leads epoch {epoch} without the entry of epoch {} that is committed at \
                 index {index}",
                entry.epoch
            );
            findings.report(world, Property::LeaderCompleteness, detail);
        }
    }

    /// A replica holds more for committed than before.
    fn commit(
        &mut self,
        world: &World,
        (id, log): (ReplicaId, &Log),
        (known, now): (Index, Seen),
        findings: &mut Findings,
    ) {
        for index in known + 1..=now.commit {
            let Some(entry) = log.get(index) else {
                let detail =
                    format!("{id} holds index {index} for committed and has no such entry");
                findings.report(world, Property::StateMachineSafety, detail);
                return;
            };
            match self.committed.get(index as usize - 1) {
                None => {
                    self.committed.push(entry);
                    if entry.command > 0 {
                        findings.committed.push(entry.command);
                    }
                    self.check_later_leaders(world, (index, entry), now.epoch, findings);
                }
                Some(&first) if first == entry => {}
                Some(&first) => {
                    let detail = format!(
                        "at index {index} {id} commits write {} of epoch {}, but write {} of \
                         epoch {} was committed there",
                        entry.command, entry.epoch, first.command, first.epoch
                    );
                    findings.report(world, Property::StateMachineSafety, detail);
                }
            }
        }
    }

    /// An entry is committed in `epoch` now, so leaders of later epochs must have it already.
    fn check_later_leaders(
        &self,
        world: &World,
        (index, entry): (Index, Entry),
        epoch: Epoch,
        findings: &mut Findings,
    ) {
        for (other, seen) in (0..).map(ReplicaId).zip(&self.seen) {
            let later = seen.leads && seen.epoch > epoch;
            if later && world.replica(other).log().get(index) != Some(entry) {
                let detail = format!(
                    "index {index} is committed in epoch {epoch}, but {other} leads epoch {} \
                     without it",
                    seen.epoch
                );
                findings.report(world, Property::LeaderCompleteness, detail);
            }
        }
    }
}
