//! Safety properties, looked at after every event: Raft's own (paper, figure 3), agreement and
//! validity for those whose logs hold what is decided, interactive consistency for generals; that what
//! was acknowledged is not lost; and that reads are fresh, where clients read.
//!
//! The checks read the replicas' logs and commit indexes, never what replicas say about them, and
//! keep a record of their own. A broken property is a value to show, not a panic: what a protocol
//! does wrong is a result here. Each event costs what changed in it, not the length of the logs.

mod durability;
mod observed;
mod orders;
mod property;
mod reads;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use observed::{Observed, Seen, Shown};
pub use property::{Property, Violation};

use crate::fact::{Fact, fact};
use crate::fault::{FaultClass, ReplicaId, ReplicaSet};
use crate::protocol::catalogue::Logs;
use crate::protocol::log::{Entry, Index, Log};
use crate::protocol::{Changed, Command, Epoch, Protocol, command};

/// An entry as it was first seen anywhere, and the epoch of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    entry: Entry,
    before: Epoch,
}

/// An entry as it was first committed anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Committed {
    entry: Entry,
    /// In which epoch: it may be a later one than the entry's own (paper 5.4.2).
    within: Epoch,
    by: ReplicaId,
    /// Who has executed it, where its client waits for more than one.
    replied: ReplicaSet,
    /// True if it is a write, and its client was told.
    acknowledged: bool,
}

impl Committed {
    const fn new(entry: Entry, within: Epoch, by: ReplicaId) -> Self {
        Self { entry, within, by, replied: ReplicaSet::NOBODY, acknowledged: false }
    }

    /// True if a log that has `own` in its place has it.
    fn is_as(&self, own: Entry, logs: Logs) -> bool {
        match logs {
            Logs::Led => self.entry == own,
            Logs::Decided | Logs::Orders => self.entry.command == own.command,
        }
    }
}

/// The record of a run that its safety is judged by.
#[derive(Clone, Debug)]
pub struct Checks {
    protocol: Protocol,
    logs: Logs,
    /// True if nothing is promised once somebody lies.
    nobody_lies: bool,
    /// So many that any two groups of that size have somebody in common, and with liars somebody
    /// honest.
    quorum: usize,
    /// True if an epoch has one leader at most.
    leads_alone: bool,
    /// How many replicas must have executed a write before its client takes it for done.
    replies: u8,
    seen: Vec<Seen>,
    /// By epoch, who was first to lead in it.
    leaders: Vec<(Epoch, ReplicaId)>,
    /// By index, the first entry seen there; other epochs' entries at that index are in `rivals`.
    ///
    /// If an index and an epoch always mean the same entry after the same entry, then by induction
    /// two logs that share them agree in everything before: log matching.
    records: Vec<Record>,
    rivals: Vec<((Index, Epoch), Record)>,
    /// By index, what was first committed there.
    committed: Vec<Committed>,
    /// By replica, up to which index its log is known to hold what is committed.
    complete: Vec<Index>,
    /// The same from `lost` on: what was found lost leaves a hole that no log closes.
    resumed: Vec<Index>,
    /// Up to which index nobody looks for lost writes any more: they were found lost.
    lost: Index,
    /// By number: what became of the last orders of the generals.
    orders: Vec<(Index, orders::Made)>,
    /// Reads that were asked and not answered yet, by number, with the index that each must see.
    asked: Vec<(u32, reads::Asked)>,
}

/// What observations found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Commands committed for the first time, in order.
    pub committed: Vec<Command>,
    /// Properties that broke.
    pub violations: Vec<Violation>,
}

impl Findings {
    fn report(&mut self, world: &impl Observed, property: Property, detail: Fact) {
        self.violations.push(Violation { property, at: world.now(), detail });
    }
}

impl Checks {
    /// Before the first event.
    pub fn new(protocol: Protocol, replicas: usize) -> Self {
        Self {
            protocol,
            logs: protocol.logs(),
            nobody_lies: !protocol.covers(FaultClass::Byzantine),
            quorum: protocol.quorum(replicas),
            leads_alone: protocol.leads_alone(),
            replies: 1,
            seen: vec![Seen::NOTHING; replicas],
            leaders: Vec::new(),
            records: Vec::new(),
            rivals: Vec::new(),
            committed: Vec::new(),
            complete: vec![0; replicas],
            resumed: vec![0; replicas],
            lost: 0,
            orders: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// About how many bytes a clone takes.
    pub fn weight(&self) -> usize {
        self.records.len() * size_of::<Record>()
            + self.committed.len() * size_of::<Committed>()
            + self.rivals.len() * size_of::<((Index, Epoch), Record)>()
            + self.leaders.len() * size_of::<(Epoch, ReplicaId)>()
            + self.asked.len() * size_of::<(u32, reads::Asked)>()
            + self.seen.len() * size_of::<Seen>()
    }

    /// The same, where a client waits for so many replies; what a liar replies counts for nothing.
    #[must_use]
    pub fn with_replies(self, replies: u8) -> Self {
        Self { replies, ..self }
    }

    /// Looks at a replica after an event that may have changed it, and adds to what was found.
    /// Returns what has changed: [`Self::seen`] is what it is now.
    #[inline(always)]
    pub fn observe(
        &mut self,
        world: &impl Observed,
        id: ReplicaId,
        findings: &mut Findings,
    ) -> Changed {
        let changed = world.changed(id, &self.seen[id.index()]);
        match changed {
            Changed::Nothing => {}
            Changed::Progress if self.logs == Logs::Led => self.follow(world, id, findings),
            Changed::Progress | Changed::Belief => self.look(world, id, findings),
        }
        changed
    }

    /// What was last seen of a replica.
    #[inline]
    pub fn seen(&self, id: ReplicaId) -> &Seen {
        &self.seen[id.index()]
    }

    /// A leader's or a follower's log has grown, or more of it is committed: what most events come to.
    fn follow(&mut self, world: &impl Observed, id: ReplicaId, findings: &mut Findings) {
        let Shown { log, commit, .. } = world.shown(id);
        let seen = &mut self.seen[id.index()];
        let before = *seen;
        (seen.log, seen.commit) = (log.mark(), commit);
        if !before.honest {
            return;
        }
        let acknowledged = findings.committed.len();
        self.match_entries(world, (id, log), before.log.last_index, findings);
        if commit > before.commit {
            self.commit(world, (id, log), before.commit..commit, before.belief.epoch, findings);
        }
        if findings.committed.len() > acknowledged {
            self.judge_served(world, findings);
        }
    }

    /// Looks at a replica that has changed.
    fn look(&mut self, world: &impl Observed, id: ReplicaId, findings: &mut Findings) {
        let shown = world.shown(id);
        let now = Seen::of(&shown);
        let Shown { up, honest, lives, log, .. } = shown;
        let mut before = std::mem::replace(&mut self.seen[id.index()], now);
        let acknowledged = findings.committed.len();
        let mut lost = before.lives != lives;
        if lost {
            // Whoever forgot everything is looked at anew, so that what it does next is seen.
            before = Seen { lives, ..Seen::NOTHING };
            self.complete[id.index()] = 0;
            self.resumed[id.index()] = 0;
        } else {
            let is_whole = before.log.truncations == now.log.truncations;
            let left = if is_whole { Index::MAX } else { log.truncations().1 };
            let left = left.min(now.log.last_index);
            lost = self.complete[id.index()] > left;
            for known in [&mut self.complete, &mut self.resumed] {
                known[id.index()] = known[id.index()].min(left);
            }
        }
        if honest || self.logs == Logs::Orders {
            match self.logs {
                Logs::Led => self.examine(world, (id, log), (before, now), findings),
                // Who was loyal again before an order counts as loyal.
                Logs::Orders => self.examine_orders(world, (id, log), (before, now), findings),
                Logs::Decided => {
                    self.examine_decisions(world, (id, log), (before, now), findings);
                }
            }
            let acknowledged = findings.committed.len() > acknowledged;
            let belief = (before.up, before.belief) != (up, now.belief);
            let change = durability::Change { lost, belief, acknowledged };
            self.judge_durability(world, id, change, findings);
        }
    }

    /// What changed, and whether it may.
    fn examine(
        &mut self,
        world: &impl Observed,
        (id, log): (ReplicaId, &Log),
        (before, now): (Seen, Seen),
        findings: &mut Findings,
    ) {
        let epoch = now.belief.epoch;
        let same_reign = before.leads() && now.leads() && before.belief.epoch == epoch;
        let truncated = now.log.truncations != before.log.truncations;
        if truncated && same_reign {
            let detail = fact!("threw-away", id, place = self.protocol.place(epoch));
            findings.report(world, Property::LeaderAppendOnly, detail);
        }
        let known = before.log.last_index;
        let kept = if truncated { log.truncations().1.min(known) } else { known };
        self.match_entries(world, (id, log), kept, findings);
        if now.leads() && !same_reign {
            self.crown(world, (id, log), epoch, findings);
        }
        if now.commit > before.commit {
            self.commit(world, (id, log), before.commit..now.commit, epoch, findings);
        }
    }

    /// Log matching, for all that is new in a log.
    #[inline]
    fn match_entries(
        &mut self,
        world: &impl Observed,
        (id, log): (ReplicaId, &Log),
        known: Index,
        findings: &mut Findings,
    ) {
        for index in known + 1..=log.last_index() {
            self.match_entry(world, (id, log), index, findings);
        }
    }

    /// Log matching, for one entry that is new in a log.
    fn match_entry(
        &mut self,
        world: &impl Observed,
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
            Some(_) => first_of(&mut self.rivals, (index, entry.epoch), record),
        };
        if known != record {
            let place = self.protocol.place(entry.epoch);
            let (own, other) = (command(entry.command), command(known.entry.command));
            let detail = fact!("two-logs", id, own, index, place, other);
            findings.report(world, Property::LogMatching, detail);
        }
    }

    /// A replica leads an epoch in which it did not lead before.
    fn crown(
        &mut self,
        world: &impl Observed,
        (id, log): (ReplicaId, &Log),
        epoch: Epoch,
        findings: &mut Findings,
    ) {
        self.elect(world, id, epoch, findings);
        // What it is known to hold is not looked at again: terms may change as fast as writes come.
        let complete = self.held(world, id);
        let missing = (complete + 1..)
            .zip(self.committed.iter().skip(complete as usize))
            .find(|&(index, done)| done.within < epoch && log.get(index) != Some(done.entry));
        if let Some((index, &Committed { within, .. })) = missing {
            let (place, within) = (self.protocol.place(epoch), self.protocol.place(within));
            let detail = fact!("leads-without", id, place, index, within);
            findings.report(world, Property::LeaderCompleteness, detail);
        }
    }

    /// Election safety.
    fn elect(
        &mut self,
        world: &impl Observed,
        id: ReplicaId,
        epoch: Epoch,
        findings: &mut Findings,
    ) {
        let first = first_of(&mut self.leaders, epoch, id);
        if first != id {
            let detail = fact!("both-lead", first, id, place = self.protocol.place(epoch));
            findings.report(world, Property::ElectionSafety, detail);
        }
    }

    /// For logs that hold what is decided and nothing else.
    fn examine_decisions(
        &mut self,
        world: &impl Observed,
        (id, log): (ReplicaId, &Log),
        (before, now): (Seen, Seen),
        findings: &mut Findings,
    ) {
        let epoch = now.belief.epoch;
        let same_reign = before.leads() && before.belief.epoch == epoch;
        if now.leads() && !same_reign && self.leads_alone {
            self.elect(world, id, epoch, findings);
        }
        for index in before.commit + 1..=now.commit {
            let Some(entry) = log.get(index) else {
                let detail = fact!("says-not-what", id, index);
                findings.report(world, Property::Agreement, detail);
                return;
            };
            let place = index as usize - 1;
            match self.committed.get(place).copied() {
                None => {
                    let replied = std::iter::once(id).collect();
                    self.committed.push(Committed { replied, ..Committed::new(entry, epoch, id) });
                    self.validate(world, id, entry.command, findings);
                    self.count_replies(world, (place, 1), findings);
                }
                Some(first) if first.entry.command == entry.command => {
                    let mut replied = first.replied;
                    replied.add(id);
                    if self.replies > 1 && replied != first.replied {
                        self.committed[place].replied = replied;
                        self.count_replies(world, (place, replied.len()), findings);
                    }
                }
                Some(Committed { entry: first, by, .. }) => {
                    let (own, other) = (command(entry.command), command(first.command));
                    let detail = fact!("two-decisions", index, by, other, id, own);
                    findings.report(world, Property::Agreement, detail);
                }
            }
        }
    }

    /// So many replicas have executed what stands there: with the last that its client waits for, it
    /// takes its write for done.
    fn count_replies(
        &mut self,
        world: &impl Observed,
        (place, replies): (usize, u8),
        findings: &mut Findings,
    ) {
        if replies == self.replies {
            self.acknowledge(world, place, findings);
        }
    }

    /// A client learns that its write is done.
    fn acknowledge(&mut self, world: &impl Observed, place: usize, findings: &mut Findings) {
        let committed = &mut self.committed[place];
        let command = committed.entry.command;
        if (1..=world.writes()).contains(&command) {
            findings.committed.push(command);
            committed.acknowledged = true;
        }
    }

    /// A command is committed for the first time; a client must have asked for it.
    fn validate(
        &self,
        world: &impl Observed,
        id: ReplicaId,
        command: Command,
        findings: &mut Findings,
    ) {
        if command > world.writes() {
            let detail = fact!("nobody-asked", id, what = crate::protocol::command(command));
            findings.report(world, Property::Validity, detail);
        }
    }

    /// A replica holds more for committed than before: what comes after `new.start`, up to `new.end`.
    fn commit(
        &mut self,
        world: &impl Observed,
        (id, log): (ReplicaId, &Log),
        new: Range<Index>,
        epoch: Epoch,
        findings: &mut Findings,
    ) {
        for index in new.start + 1..=new.end {
            let Some(entry) = log.get(index) else {
                let detail = fact!("no-such-entry", id, index);
                findings.report(world, Property::StateMachineSafety, detail);
                return;
            };
            match self.committed.get(index as usize - 1) {
                None => {
                    self.committed.push(Committed::new(entry, epoch, id));
                    self.validate(world, id, entry.command, findings);
                    self.acknowledge(world, index as usize - 1, findings);
                    self.check_later_leaders(world, (index, entry), epoch, findings);
                }
                Some(done) if done.entry == entry => {}
                Some(&Committed { entry: first, .. }) => {
                    let [own, other] = [entry, first].map(|one| command(one.command));
                    let [place, before] = [entry, first].map(|one| self.protocol.place(one.epoch));
                    let detail = fact!("two-commits", index, id, own, place, other, before);
                    findings.report(world, Property::StateMachineSafety, detail);
                }
            }
        }
    }

    /// An entry is committed in `epoch` now, so leaders of later epochs must have it already.
    fn check_later_leaders(
        &self,
        world: &impl Observed,
        (index, entry): (Index, Entry),
        epoch: Epoch,
        findings: &mut Findings,
    ) {
        for (other, seen) in (0..).map(ReplicaId).zip(&self.seen) {
            let later = seen.leads() && seen.honest && seen.belief.epoch > epoch;
            if later && world.shown(other).log.get(index) != Some(entry) {
                let [place, later] =
                    [epoch, seen.belief.epoch].map(|epoch| self.protocol.place(epoch));
                let detail = fact!("later-without", index, place, other, later);
                findings.report(world, Property::LeaderCompleteness, detail);
            }
        }
    }
}

/// What a list sorted by key has for that key; `value`, from now on, if it has nothing.
///
/// Keys grow as a run goes on, so what is new has its place at the end, or near it: then a list takes
/// no more time than a tree, a fraction of its code, and is quickly cloned for a checkpoint.
fn first_of<K: Ord + Copy, V: Copy>(list: &mut Vec<(K, V)>, key: K, value: V) -> V {
    match list.binary_search_by_key(&key, |(known, _)| *known) {
        Ok(place) => list[place].1,
        Err(place) => {
            list.insert(place, (key, value));
            value
        }
    }
}
