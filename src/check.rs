//! Safety properties, looked at after every event: Raft's own (paper, figure 3), agreement and
//! validity for those whose logs hold what is decided, interactive consistency for generals; and that
//! reads are fresh, where clients read.
//!
//! The checks read the replicas' logs and commit indexes, never what replicas say about them, and
//! keep a record of their own. A broken property is a value to show, not a panic: what a protocol
//! does wrong is a result here. Each event costs what changed in it, not the length of the logs.

mod orders;
mod reads;

use std::collections::BTreeMap;

use crate::clock::Micros;
use crate::fault::{ReplicaId, ReplicaSet};
use crate::protocol::catalogue::Logs;
use crate::protocol::log::{Entry, Index, Log, LogMark};
use crate::protocol::{Belief, Command, Epoch, Protocol, Role, command_name};
use crate::world::World;

/// Where the checks look: a world, or in tests replicas that do what no protocol should.
pub trait Observed {
    /// The time of the last event.
    fn now(&self) -> Micros;
    /// A replica as it is now.
    fn shown(&self, id: ReplicaId) -> Shown<'_>;
    /// True if a replica is as it was seen.
    fn is_as_seen(&self, id: ReplicaId, seen: &Seen) -> bool {
        Seen::of(&self.shown(id)) == *seen
    }
    /// How many writes clients have asked for so far.
    fn writes(&self) -> Command;
}

/// What the checks see of a replica.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// True if its process runs.
    pub up: bool,
    /// True if it never was a traitor: nothing is promised of the others.
    pub honest: bool,
    /// How often it began with empty disks.
    pub lives: u32,
    /// The part it plays, and in which epoch.
    pub belief: Belief,
    /// Its log.
    pub log: &'a Log,
    /// How many entries it knows committed.
    pub commit: Index,
}

impl Observed for World {
    #[inline]
    fn now(&self) -> Micros {
        Self::now(self)
    }

    #[inline]
    fn shown(&self, id: ReplicaId) -> Shown<'_> {
        let (up, replica) = (self.is_up(id), self.replica(id));
        Shown {
            up,
            honest: self.is_honest(id),
            lives: self.lives(id),
            belief: replica.belief(),
            log: replica.log(),
            commit: replica.commit(),
        }
    }

    /// Asked after every event.
    #[inline(always)]
    fn is_as_seen(&self, id: ReplicaId, seen: &Seen) -> bool {
        (self.is_up(id), self.is_honest(id), self.lives(id)) == (seen.up, seen.honest, seen.lives)
            && self.replica(id).is_still(&seen.belief, seen.log, seen.commit)
    }

    #[inline]
    fn writes(&self) -> Command {
        Self::writes(self)
    }
}

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
    /// No two replicas decide differently on one thing.
    Agreement,
    /// Nothing is committed that no client asked for.
    Validity,
    /// All loyal lieutenants obey the same order (IC1 of Lamport, Shostak & Pease).
    SameOrder,
    /// If the commander is loyal, every loyal lieutenant obeys the order it gave (IC2).
    LoyalOrder,
    /// A read sees every write that was known committed when it was asked.
    FreshReads,
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
            Self::Agreement => "agreement",
            Self::Validity => "validity",
            Self::SameOrder => "IC1: all loyal lieutenants obey the same order",
            Self::LoyalOrder => "IC2: every loyal lieutenant obeys a loyal commander",
            Self::FreshReads => "fresh reads",
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

/// What was last seen of a replica: all that anyone who watches a run looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    up: bool,
    belief: Belief,
    log: LogMark,
    commit: Index,
    honest: bool,
    lives: u32,
}

impl Seen {
    /// A replica that has not been looked at.
    const NOTHING: Self = Self {
        up: false,
        belief: Belief::new(Role::Follower, 0, None),
        log: LogMark { last_index: 0, truncations: 0 },
        commit: 0,
        honest: true,
        lives: 1,
    };

    fn of(shown: &Shown<'_>) -> Self {
        let Shown { up, honest, lives, belief, log, commit } = *shown;
        Self { up, belief, log: log.mark(), commit, honest, lives }
    }

    /// What it believes; `None` if its process does not run.
    pub fn belief(&self) -> Option<Belief> {
        self.up.then_some(self.belief)
    }

    fn leads(&self) -> bool {
        self.belief.role == Role::Leader
    }
}

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
}

/// The record of a run that its safety is judged by.
#[derive(Clone, Debug)]
pub struct Checks {
    logs: Logs,
    /// True if an epoch has one leader at most.
    leads_alone: bool,
    seen: Vec<Seen>,
    /// Those that ever stopped.
    stopped: ReplicaSet,
    leaders: BTreeMap<Epoch, ReplicaId>,
    /// By index, the first entry seen there; other epochs' entries at that index are in `rivals`.
    ///
    /// If an index and an epoch always mean the same entry after the same entry, then by induction
    /// two logs that share them agree in everything before: log matching.
    records: Vec<Record>,
    rivals: BTreeMap<(Index, Epoch), Record>,
    /// By index, what was first committed there.
    committed: Vec<Committed>,
    /// By replica, up to which index its log is known to hold what is committed.
    complete: Vec<Index>,
    /// Reads that were asked and not answered yet, with the index that each must see.
    asked: BTreeMap<u32, reads::Asked>,
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
    fn report(&mut self, world: &impl Observed, property: Property, detail: String) {
        self.violations.push(Violation { property, at: world.now(), detail });
    }
}

impl Checks {
    /// Before the first event.
    pub fn new(protocol: Protocol, replicas: usize) -> Self {
        Self {
            logs: protocol.logs(),
            leads_alone: protocol.leads_alone(),
            seen: vec![Seen::NOTHING; replicas],
            stopped: ReplicaSet::NOBODY,
            leaders: BTreeMap::new(),
            records: Vec::new(),
            rivals: BTreeMap::new(),
            committed: Vec::new(),
            complete: vec![0; replicas],
            asked: BTreeMap::new(),
        }
    }

    /// About how many bytes a clone takes.
    pub fn weight(&self) -> usize {
        self.records.len() * size_of::<Record>()
            + self.committed.len() * size_of::<Committed>()
            + self.rivals.len() * 2 * size_of::<((Index, Epoch), Record)>()
            + self.leaders.len() * 2 * size_of::<(Epoch, ReplicaId)>()
            + self.asked.len() * 2 * size_of::<(u32, reads::Asked)>()
            + self.seen.len() * size_of::<Seen>()
    }

    /// Looks at a replica after an event that may have changed it, and adds to what was found.
    /// `None` if it has not changed, and then its belief is what it was, too.
    #[inline(always)]
    pub fn observe(
        &mut self,
        world: &impl Observed,
        id: ReplicaId,
        findings: &mut Findings,
    ) -> Option<Seen> {
        if world.is_as_seen(id, &self.seen[id.index()]) {
            return None;
        }
        Some(self.look(world, id, findings))
    }

    /// Looks at a replica that has changed.
    fn look(&mut self, world: &impl Observed, id: ReplicaId, findings: &mut Findings) -> Seen {
        let shown = world.shown(id);
        let now = Seen::of(&shown);
        let Shown { up, honest, lives, log, .. } = shown;
        let mut before = std::mem::replace(&mut self.seen[id.index()], now);
        if before.lives != lives {
            // Whoever forgot everything is looked at anew, so that what it does next is seen.
            before = Seen { lives, ..Seen::NOTHING };
            self.complete[id.index()] = 0;
        }
        if honest {
            match self.logs {
                Logs::Led => self.examine(world, (id, log), (before, now), findings),
                Logs::Orders => self.examine_orders(world, (id, log), (before, now), findings),
                Logs::Decided => {
                    self.examine_decisions(world, (id, log), (before, now), findings);
                }
            }
        }
        if !up {
            self.stopped.add(id);
        }
        now
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
            let detail = format!("{id} leads epoch {epoch} and threw entries away");
            findings.report(world, Property::LeaderAppendOnly, detail);
        }
        let known = before.log.last_index;
        let kept = if truncated { log.truncations().1.min(known) } else { known };
        self.complete[id.index()] = self.complete[id.index()].min(kept);
        for index in kept + 1..=now.log.last_index {
            self.match_entry(world, (id, log), index, findings);
        }
        if now.leads() && !same_reign {
            self.crown(world, (id, log), epoch, findings);
        }
        if now.commit > before.commit {
            self.commit(world, (id, log), (before.commit, now), findings);
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
            Some(_) => *self.rivals.entry((index, entry.epoch)).or_insert(record),
        };
        if known != record {
            let detail = format!(
                "{id} has {} at index {index} of epoch {}, another log has {}, or what stands \
                 before it differs",
                command_name(entry.command),
                entry.epoch,
                command_name(known.entry.command)
            );
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
        let complete = &mut self.complete[id.index()];
        let unknown = self.committed.iter().skip(*complete as usize);
        let alike = unknown.zip(log.from(*complete + 1, usize::MAX));
        *complete += alike.take_while(|(done, own)| done.entry == **own).fold(0, |sum, _| sum + 1);
        let missing = (*complete + 1..)
            .zip(self.committed.iter().skip(*complete as usize))
            .find(|&(index, done)| done.within < epoch && log.get(index) != Some(done.entry));
        if let Some((index, &Committed { within, .. })) = missing {
            let detail = format!(
                "{id} leads epoch {epoch} without the entry that was committed at index {index} \
                 in epoch {within}"
            );
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
        let first = *self.leaders.entry(epoch).or_insert(id);
        if first != id {
            let detail = format!("{first} and {id} both lead epoch {epoch}");
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
                let detail = format!("{id} has decided on index {index} and does not say what");
                findings.report(world, Property::Agreement, detail);
                return;
            };
            let place = index as usize - 1;
            match self.committed.get(place).copied() {
                None => {
                    self.committed.push(Committed { entry, within: epoch, by: id });
                    self.accept(world, id, entry.command, findings);
                }
                Some(first) if first.entry.command == entry.command => {}
                Some(Committed { entry: first, by, .. }) => {
                    let (own, other) = (command_name(entry.command), command_name(first.command));
                    let detail = format!("at index {index} {by} decided {other}, and {id} {own}");
                    findings.report(world, Property::Agreement, detail);
                }
            }
        }
    }

    /// A command is committed for the first time; a client must have asked for it.
    fn accept(
        &self,
        world: &impl Observed,
        id: ReplicaId,
        command: Command,
        findings: &mut Findings,
    ) {
        if command > world.writes() {
            let detail =
                format!("{id} commits {}, for which no client asked", command_name(command));
            findings.report(world, Property::Validity, detail);
        } else if command > 0 {
            findings.committed.push(command);
        }
    }

    /// A replica holds more for committed than before.
    fn commit(
        &mut self,
        world: &impl Observed,
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
                    self.committed.push(Committed { entry, within: now.belief.epoch, by: id });
                    self.accept(world, id, entry.command, findings);
                    self.check_later_leaders(world, (index, entry), now.belief.epoch, findings);
                }
                Some(done) if done.entry == entry => {}
                Some(&Committed { entry: first, .. }) => {
                    let detail = format!(
                        "at index {index} {id} commits {} of epoch {}, but {} of epoch {} was \
                         committed there",
                        command_name(entry.command),
                        entry.epoch,
                        command_name(first.command),
                        first.epoch
                    );
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
                let detail = format!(
                    "index {index} is committed in epoch {epoch}, but {other} leads epoch {} \
                     without it",
                    seen.belief.epoch
                );
                findings.report(world, Property::LeaderCompleteness, detail);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replicas under a test's hands, and everything that was found about them.
    struct Puppets {
        replicas: Vec<(Belief, Log, Index)>,
        checks: Checks,
        findings: Findings,
    }

    impl Observed for Puppets {
        fn now(&self) -> Micros {
            Micros(7)
        }

        fn shown(&self, id: ReplicaId) -> Shown<'_> {
            let (belief, log, commit) = &self.replicas[id.index()];
            Shown { up: true, honest: true, lives: 1, belief: *belief, log, commit: *commit }
        }

        fn writes(&self) -> Command {
            99
        }
    }

    const N1: ReplicaId = ReplicaId(0);
    const N2: ReplicaId = ReplicaId(1);

    impl Puppets {
        fn new() -> Self {
            let belief = Belief::new(Role::Follower, 0, None);
            let replicas = vec![(belief, Log::default(), 0); 3];
            Self { replicas, checks: Checks::new(Protocol::Raft, 3), findings: Findings::default() }
        }

        /// Changes a replica, and lets the checks look at it.
        fn turn(mut self, id: ReplicaId, change: impl FnOnce(&mut (Belief, Log, Index))) -> Self {
            change(&mut self.replicas[id.index()]);
            let mut checks = self.checks.clone();
            let mut findings = std::mem::take(&mut self.findings);
            checks.observe(&self, id, &mut findings);
            Self { checks, findings, ..self }
        }

        fn plays(self, id: ReplicaId, role: Role, epoch: Epoch) -> Self {
            self.turn(id, |(belief, ..)| *belief = Belief::new(role, epoch, None))
        }

        fn leads(self, id: ReplicaId, epoch: Epoch) -> Self {
            self.plays(id, Role::Leader, epoch)
        }

        fn appends(self, id: ReplicaId, epoch: Epoch, command: Command) -> Self {
            self.turn(id, |(_, log, _)| log.push(Entry { epoch, command }))
        }

        fn keeps(self, id: ReplicaId, index: Index) -> Self {
            self.turn(id, |(_, log, _)| log.truncate(index))
        }

        fn commits(self, id: ReplicaId, index: Index) -> Self {
            self.turn(id, |(_, _, commit)| *commit = index)
        }

        /// The properties that broke, in order; each said something about the right time.
        fn broke(self) -> Vec<Property> {
            let violations = self.findings.violations;
            assert!(violations.iter().all(|one| one.at == Micros(7) && !one.detail.is_empty()));
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
        let committed = || Puppets::new().leads(N1, 1).appends(N1, 1, 7).commits(N1, 1);
        assert_eq!(committed().leads(N2, 2).broke(), [Property::LeaderCompleteness]);
        let has_it = || committed().appends(N2, 1, 7).leads(N2, 2);
        assert_eq!(has_it().broke(), []);
        // It had it when it first led.
        let forgets = has_it().plays(N2, Role::Follower, 3).keeps(N2, 0).leads(N2, 4);
        assert_eq!(forgets.broke(), [Property::LeaderCompleteness]);
        // Epoch 3 commits an entry of epoch 1, and then the votes of epoch 2 arrive.
        let three = Puppets::new().appends(N1, 1, 7).leads(N1, 3).appends(N1, 3, 0).commits(N1, 2);
        assert_eq!(three.leads(N2, 2).broke(), []);
        // The later leader is there first, and the old one commits behind its back.
        let behind = Puppets::new().leads(N1, 1).appends(N1, 1, 7).leads(N2, 2).commits(N1, 1);
        assert_eq!(behind.broke(), [Property::LeaderCompleteness]);
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
}
