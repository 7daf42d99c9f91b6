//! Replicas that do what no protocol should: every property is broken by hand once.

use super::*;
use crate::clock::Micros;
use crate::fault::ReplicaSet;
use crate::protocol::{Belief, Role};
use crate::words::told;

/// Replicas under a test's hands, and everything that was found about them.
pub(super) struct Puppets {
    replicas: Vec<(Belief, Log, Index)>,
    /// How often each lost its disks.
    losses: [u32; 3],
    liars: ReplicaSet,
    checks: Checks,
    findings: Findings,
    /// How often somebody asked what a disk keeps.
    pub(super) asked: std::cell::Cell<u32>,
}

impl Observed for Puppets {
    fn now(&self) -> Micros {
        Micros(7)
    }

    fn shown(&self, id: ReplicaId) -> Shown<'_> {
        let (belief, log, commit) = &self.replicas[id.index()];
        let (losses, honest) = (self.losses[id.index()], !self.liars.contains(id));
        let (lives, has_disk) = (1 + losses, losses == 0);
        let (belief, commit) = (*belief, *commit);
        Shown { up: has_disk, honest, lives, has_disk, belief, log, commit }
    }

    fn keeps(&self, id: ReplicaId, index: Index, command: Command) -> bool {
        self.asked.update(|asked| asked + 1);
        let (_, log, _) = &self.replicas[id.index()];
        log.get(index).is_some_and(|entry| entry.command == command)
    }

    fn writes(&self) -> Command {
        99
    }
}

pub(super) const N1: ReplicaId = ReplicaId(0);
pub(super) const N2: ReplicaId = ReplicaId(1);

impl Puppets {
    pub(super) fn new() -> Self {
        let belief = Belief::new(Role::Follower, 0, None);
        let replicas = vec![(belief, Log::default(), 0); 3];
        let (losses, liars) = ([0; 3], ReplicaSet::NOBODY);
        let (checks, findings) = (Checks::new(Protocol::Raft, 3), Findings::default());
        Self { replicas, losses, liars, checks, findings, asked: std::cell::Cell::new(0) }
    }

    /// Changes a replica, and lets the checks look at it.
    pub(super) fn turn(
        mut self,
        id: ReplicaId,
        change: impl FnOnce(&mut (Belief, Log, Index)),
    ) -> Self {
        change(&mut self.replicas[id.index()]);
        let mut checks = self.checks.clone();
        let mut findings = std::mem::take(&mut self.findings);
        checks.observe(&self, id, &mut findings);
        Self { checks, findings, ..self }
    }

    pub(super) fn plays(self, id: ReplicaId, role: Role, epoch: Epoch) -> Self {
        self.turn(id, |(belief, ..)| *belief = Belief::new(role, epoch, None))
    }

    pub(super) fn leads(self, id: ReplicaId, epoch: Epoch) -> Self {
        self.plays(id, Role::Leader, epoch)
    }

    pub(super) fn appends(self, id: ReplicaId, epoch: Epoch, command: Command) -> Self {
        self.turn(id, |(_, log, _)| log.push(Entry { epoch, command }))
    }

    pub(super) fn keeps(self, id: ReplicaId, index: Index) -> Self {
        self.turn(id, |(_, log, _)| log.truncate(index))
    }

    pub(super) fn commits(self, id: ReplicaId, index: Index) -> Self {
        self.turn(id, |(_, _, commit)| *commit = index)
    }

    /// Its disks die, or it lies from now on.
    pub(super) fn loses_its_disks(mut self, id: ReplicaId) -> Self {
        self.losses[id.index()] += 1;
        self.turn(id, |_| ())
    }

    pub(super) fn lies(mut self, id: ReplicaId) -> Self {
        self.liars.add(id);
        self.turn(id, |_| ())
    }

    pub(super) fn follows(self, id: ReplicaId, leader: ReplicaId, epoch: Epoch) -> Self {
        self.turn(id, |(belief, ..)| {
            *belief = Belief::new(Role::Follower, epoch, Some(leader));
        })
    }

    /// What was found, sentence by sentence.
    pub(super) fn told(&self) -> Vec<String> {
        self.findings.violations.iter().map(|one| told("violation", &one.detail)).collect()
    }

    /// The properties that broke, in order; each at the right time.
    pub(super) fn broke(self) -> Vec<Property> {
        let violations = self.findings.violations;
        assert!(violations.iter().all(|one| one.at == Micros(7)));
        violations.into_iter().map(|one| one.property).collect()
    }
}

#[test]
fn two_leaders_in_one_epoch_break_election_safety() {
    let broke = Puppets::new().leads(N1, 2).leads(N2, 2).broke();
    assert_eq!(broke, [Property::ElectionSafety]);
    // Again after it stepped down: still two different leaders of epoch 2.
    let later = Puppets::new().leads(N1, 2).plays(N1, Role::Follower, 3).leads(N2, 2).broke();
    assert_eq!(later, [Property::ElectionSafety]);
    assert_eq!(Puppets::new().leads(N1, 2).leads(N2, 3).broke(), []);
}

#[test]
fn a_leader_that_forgets_breaks_append_only() {
    let leader = || Puppets::new().leads(N1, 1).appends(N1, 1, 1).appends(N1, 1, 2);
    assert_eq!(leader().keeps(N1, 1).broke(), [Property::LeaderAppendOnly]);
    let overwrites = leader().turn(N1, |(_, log, _)| {
        log.truncate(1);
        log.push(Entry { epoch: 1, command: 9 });
    });
    let both = [Property::LeaderAppendOnly, Property::LogMatching];
    assert_eq!(overwrites.broke(), both);
    assert_eq!(leader().plays(N1, Role::Follower, 2).keeps(N1, 1).broke(), []);
}

#[test]
fn different_entries_of_one_index_and_epoch_break_log_matching() {
    let broke = Puppets::new().appends(N1, 1, 7).appends(N2, 1, 8).broke();
    assert_eq!(broke, [Property::LogMatching]);
    // The same entry, after different ones.
    let one = Puppets::new().appends(N1, 1, 1).appends(N1, 3, 5);
    assert_eq!(one.appends(N2, 2, 2).appends(N2, 3, 5).broke(), [Property::LogMatching]);
    // The second epoch seen at an index counts as well as the first.
    let rivals = Puppets::new().appends(N1, 1, 1).appends(N2, 2, 2).appends(ReplicaId(2), 2, 3);
    assert_eq!(rivals.broke(), [Property::LogMatching]);
    assert_eq!(Puppets::new().appends(N1, 1, 7).appends(N2, 2, 8).broke(), []);
}

#[test]
fn a_leader_without_what_is_committed_breaks_completeness() {
    // What is lost so was acknowledged, too.
    let both = [Property::LeaderCompleteness, Property::Durability];
    let committed = || Puppets::new().leads(N1, 1).appends(N1, 1, 7).commits(N1, 1);
    assert_eq!(committed().leads(N2, 2).broke(), both);
    let has_it = || committed().appends(N2, 1, 7).leads(N2, 2);
    assert_eq!(has_it().broke(), []);
    // It had it when it first led.
    let forgets = has_it().plays(N2, Role::Follower, 3).keeps(N2, 0).leads(N2, 4);
    assert_eq!(forgets.broke(), both);
    // Epoch 3 commits an entry of epoch 1, and then the votes of epoch 2 arrive.
    let three = Puppets::new().appends(N1, 1, 7).leads(N1, 3).appends(N1, 3, 0).commits(N1, 2);
    assert_eq!(three.leads(N2, 2).broke(), []);
    // The later leader is there first, and the old one commits behind its back.
    let behind = Puppets::new().leads(N1, 1).appends(N1, 1, 7).leads(N2, 2).commits(N1, 1);
    assert_eq!(behind.broke(), both);
}

#[test]
fn different_commits_at_one_index_break_state_machine_safety() {
    let two = Puppets::new().appends(N1, 1, 7).appends(N2, 2, 8).commits(N1, 1);
    assert_eq!(two.commits(N2, 1).broke(), [Property::StateMachineSafety]);
    let nothing = Puppets::new().commits(N1, 1).broke();
    assert_eq!(nothing, [Property::StateMachineSafety]);
    let same = Puppets::new().appends(N1, 1, 7).appends(N2, 1, 7).commits(N1, 1);
    assert_eq!(same.commits(N2, 1).broke(), []);
}

/// A crash forgets what was committed, and committing it again is not news.
#[test]
fn a_write_is_committed_once() {
    let run = Puppets::new().leads(N1, 1).appends(N1, 1, 0).appends(N1, 1, 7).commits(N1, 2);
    let again = run.commits(N1, 0).commits(N1, 2);
    assert_eq!(again.findings.committed, [7]);
    assert_eq!(again.broke(), []);
}
