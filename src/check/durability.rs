//! Durability: a write that was acknowledged stays readable. It breaks
//! - when no disk that is left keeps it, decided or only accepted;
//! - when a leader serves with a quorum behind it of whom nobody keeps it: any quorum shares a
//!   replica with the one that took the write, unless disks were lost;
//! - where nobody is reckoned to lie, when a leader of a newer epoch serves without it. Where
//!   somebody may, a leader that lags is stopped by the others, so that it alone proves nothing.
//!
//! Whoever is down, cut off or without power still has its disk. Who ever lied is not counted:
//! neither as one that keeps a write, nor as one that leads or follows.

#[cfg(test)]
mod tests;

use super::{Checks, Committed, Findings, Observed, Property, Seen};
use crate::fact::{Fact, fact};
use crate::fault::{ReplicaId, ReplicaSet};
use crate::protocol::catalogue::Logs;
use crate::protocol::command;
use crate::protocol::log::Index;

/// Acknowledged writes that somebody lacks.
#[derive(Clone, Copy, Debug)]
struct Missing {
    first: Index,
    last: Index,
    more: usize,
}

/// What an event did to what a replica holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// It lost something that was committed, or all that it stored.
    pub(super) lost: bool,
    /// It believes something else than before, or stopped, or started.
    pub(super) belief: bool,
    /// A write was acknowledged that was not before.
    pub(super) acknowledged: bool,
}

impl Checks {
    /// Looks at what a change of a replica may have broken. What was found missing once is not
    /// looked for again, nor what a log is known to hold: an event costs what changed in it.
    pub(super) fn judge_durability(
        &mut self,
        world: &impl Observed,
        id: ReplicaId,
        change: Change,
        findings: &mut Findings,
    ) {
        if change.lost {
            self.find_lost(world, id, findings);
        }
        if change.acknowledged {
            self.judge_served(world, findings);
        } else if change.belief || change.lost {
            let belief = self.seen[id.index()].belief;
            let leader = if self.seen[id.index()].leads() { Some(id) } else { belief.leader };
            if let Some(leader) = leader {
                self.find_served_without(world, leader, findings);
            }
        }
    }

    /// A write was acknowledged: does everybody who leads and serves have it?
    pub(super) fn judge_served(&mut self, world: &impl Observed, findings: &mut Findings) {
        for leader in (0..).map(ReplicaId).take(self.seen.len()) {
            self.find_served_without(world, leader, findings);
        }
    }

    /// One has lost something: is there another disk that keeps it?
    fn find_lost(&mut self, world: &impl Observed, id: ReplicaId, findings: &mut Findings) {
        let count = self.seen.len();
        let replicas = || (0..).map(ReplicaId).take(count);
        let counted = |one: &ReplicaId| world.shown(*one).honest;
        let disks = replicas().filter(counted).filter(|&one| world.shown(one).has_disk).collect();
        let Some(missing) = self.missing(world, disks, |_| true) else { return };
        let what = self.name(missing);
        let detail = if replicas().all(|one| counted(&one)) {
            fact!("lost", what, id)
        } else {
            fact!("lost-save-liars", what)
        };
        self.report_lost(world, missing, detail, findings);
    }

    /// Does that replica lead and serve without something?
    fn find_served_without(
        &mut self,
        world: &impl Observed,
        leader: ReplicaId,
        findings: &mut Findings,
    ) {
        let serves = |leadership: &Seen| leadership.up && leadership.honest && leadership.leads();
        let Some(leadership) =
            self.seen.get(leader.index()).filter(|leadership| serves(leadership))
        else {
            return;
        };
        let epoch = leadership.belief.epoch;
        if self.held_since(world, leader) as usize >= self.committed.len() {
            return;
        }
        let follows = |(one, seen): (ReplicaId, &Seen)| {
            let belongs = one == leader || !seen.leads() && seen.belief.leader == Some(leader);
            (belongs && seen.up && seen.honest).then_some(one)
        };
        let group: ReplicaSet = (0..).map(ReplicaId).zip(&self.seen).filter_map(follows).collect();
        let missing = if usize::from(group.len()) >= self.quorum {
            self.missing(world, group, |_| true)
        } else if self.nobody_lies {
            let alone = std::iter::once(leader).collect();
            self.missing(world, alone, |done| done.within < epoch)
        } else {
            None
        };
        let Some(missing) = missing else { return };
        let place = self.protocol.place(epoch);
        let (what, keepers) = (self.name(missing), self.keepers(world, missing.first));
        let (count, keepers) = (keepers.len(), keepers.to_string());
        let detail = fact!("serves-without", leader, place, what, count, keepers);
        self.report_lost(world, missing, detail, findings);
    }

    /// Whose disks keep what stands there.
    fn keepers(&self, world: &impl Observed, index: Index) -> ReplicaSet {
        let command = self.committed[index as usize - 1].entry.command;
        let keeps = |one: &ReplicaId| {
            let shown = world.shown(*one);
            shown.honest && shown.has_disk && world.keeps(*one, index, command)
        };
        (0..).map(ReplicaId).take(self.seen.len()).filter(keeps).collect()
    }

    fn report_lost(
        &mut self,
        world: &impl Observed,
        missing: Missing,
        detail: Fact,
        findings: &mut Findings,
    ) {
        self.lost = missing.last;
        findings.report(world, Property::Durability, detail);
    }

    /// Up to which index a replica's log holds what is committed.
    pub(super) fn held(&mut self, world: &impl Observed, id: ReplicaId) -> Index {
        let known = self.complete[id.index()];
        let held = known + self.alike(world, id, known);
        self.complete[id.index()] = held;
        held
    }

    /// Up to which index it holds what was not found lost before: looking for that again at each
    /// write would take as long as the log.
    fn held_since(&mut self, world: &impl Observed, id: ReplicaId) -> Index {
        let held = self.held(world, id);
        if held >= self.lost {
            return held;
        }
        let known = self.resumed[id.index()].max(self.lost);
        let held = known + self.alike(world, id, known);
        self.resumed[id.index()] = held;
        held
    }

    /// How many entries after that index are in its log as they were committed, without a gap.
    fn alike(&self, world: &impl Observed, id: ReplicaId, after: Index) -> Index {
        let committed = self.committed.iter().skip(after as usize);
        let own = world.shown(id).log.from(after + 1, usize::MAX);
        let alike = committed.zip(own).take_while(|(done, own)| done.is_as(**own, self.logs));
        alike.fold(0, |sum, _| sum + 1)
    }

    /// The acknowledged writes that none of these keeps and that were not found missing before, up
    /// to the first entry that does not `count`.
    fn missing(
        &mut self,
        world: &impl Observed,
        group: ReplicaSet,
        counts: impl Fn(&Committed) -> bool,
    ) -> Option<Missing> {
        let held = group.iter().map(|one| self.held_since(world, one)).max();
        let held = held.unwrap_or(0).max(self.lost);
        let unsure = (held + 1..).zip(self.committed.iter().skip(held as usize));
        let unsure = unsure.take_while(|(_, done)| counts(done));
        let kept = |index, done: &Committed| {
            group.iter().any(|one| world.keeps(one, index, done.entry.command))
        };
        let lacks = |&(index, done): &(Index, &Committed)| done.acknowledged && !kept(index, done);
        let mut missing = unsure.filter(lacks).map(|(index, _)| index);
        let first = missing.next()?;
        let (more, last) = missing.fold((0, first), |(more, _), index| (more + 1, index));
        Some(Missing { first, last, more })
    }

    /// "write 3 and 2 more, acknowledged in term 2", in the room `acknowledged`.
    fn name(&self, missing: Missing) -> Fact {
        let first = self.committed[missing.first as usize - 1];
        // Where logs hold decisions alone, each entry says when its own was made.
        let epoch = if self.logs == Logs::Led { first.within } else { first.entry.epoch };
        let (what, place) = (command(first.entry.command), self.protocol.place(epoch));
        fact!("writes", what, more = missing.more, place)
    }
}
