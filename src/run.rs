//! A run: a world, and everyone who watches it.

use std::sync::Arc;

use crate::belief::Beliefs;
use crate::check::{Checks, Findings};
use crate::clock::Micros;
use crate::fault::{PowerChange, ReplicaId, ReplicaSet};
use crate::history::Read;
use crate::history::{Election, History, Write};
use crate::lag::Lags;
use crate::plant::Part;
use crate::protocol::{Belief, Changed};
use crate::scenario::Scenario;
use crate::world::{Event, EventKind, Group, World};

/// How much work is done before it is asked again whether a run is to end early.
const ASKED_EVERY: u64 = 1_000_000;

/// A run as far as it has come; a clone is a checkpoint.
#[derive(Clone, Debug)]
pub struct Run {
    world: World,
    /// One a group.
    watchers: Vec<Watcher>,
}

/// Everyone who watches one group.
#[derive(Clone, Debug)]
struct Watcher {
    beliefs: Beliefs,
    lags: Lags,
    checks: Checks,
    /// Of the last observation; kept only for its memory.
    findings: Findings,
}

impl Run {
    /// That scenario at time zero, and the empty records of its groups.
    pub fn new(scenario: Arc<Scenario>) -> (Self, Vec<History>) {
        let mut world = World::new(scenario);
        let (mut watchers, mut histories) = (Vec::new(), Vec::new());
        for number in 0..world.groups().len() {
            let group = world.group_mut(number);
            let (watcher, history) = Watcher::new(group);
            watchers.push(watcher);
            histories.push(history);
        }
        (Self { world, watchers }, histories)
    }

    /// Performs the next event, watched; `None` if the run has ended.
    pub fn step(&mut self, histories: &mut [History]) -> Option<Event> {
        self.step_by(self.world.scenario().until, histories)
    }

    /// The same, if it falls by `limit`, which is no later than the end of the run.
    pub fn step_by(&mut self, limit: Micros, histories: &mut [History]) -> Option<Event> {
        let Some(event) = self.world.step_by(limit, &mut ()) else {
            for history in histories {
                history.exhausted = self.world.exhausted();
            }
            return None;
        };
        let number = usize::from(event.group);
        let group = self.world.group_mut(number);
        self.watchers[number].watch(group, event, &mut histories[number]);
        Some(event)
    }

    /// Does that much more work, as a [`crate::meter::Meter`] counts it, or a little over; false if
    /// the run has ended.
    pub fn advance(&mut self, work: u64, histories: &mut [History]) -> bool {
        self.advance_by(self.world.scenario().until, work, histories)
    }

    /// The same up to `limit`, which is no later than the end of the run; an event is one at least.
    pub fn advance_by(&mut self, limit: Micros, work: u64, histories: &mut [History]) -> bool {
        let enough = self.world.work().saturating_add(work);
        // A group that has the plant for itself is not chosen anew for each event.
        if let ([watcher], [history]) = (self.watchers.as_mut_slice(), &mut *histories) {
            return watcher.advance(self.world.group_mut(0), (limit, enough), history);
        }
        while self.world.work() < enough {
            if self.step_by(limit, histories).is_none() {
                return false;
            }
        }
        true
    }

    /// About how many bytes a clone takes.
    pub fn weight(&self) -> usize {
        self.world.weight() + self.watchers.iter().map(|one| one.checks.weight()).sum::<usize>()
    }

    /// The state of the run.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The state of the first group, which is the only one in most scenarios.
    pub fn group(&self) -> &Group {
        self.world.group(0)
    }

    /// From now on only the lies of these numbers, in order, are told, in the first group.
    pub fn tell_only(&mut self, lies: Arc<[u32]>) {
        self.world.group_mut(0).tell_only(lies);
    }

    /// From now on each group draws other chance: that of its own seed and `chance` more.
    pub fn reseed(&mut self, chance: u32) {
        self.world.reseed(chance);
    }

    /// Puts another scenario in place, which must agree with this one up to now.
    pub fn fork(&mut self, scenario: Arc<Scenario>) {
        self.world.fork(scenario);
    }
}

impl Watcher {
    /// Of a group at time zero, with its empty record.
    fn new(group: &mut Group) -> (Self, History) {
        let of = group.scenario().group();
        let (protocol, replicas) = (of.protocol, of.members.len());
        let replies = protocol.replies(of.tolerated());
        let mut watcher = Self {
            beliefs: Beliefs::new(replicas),
            lags: Lags::new(replicas, of.longest_election_timeout()),
            checks: Checks::new(protocol, replicas).with_replies(replies),
            findings: Findings::default(),
        };
        let mut history = History::new(replicas);
        watcher.observe_all(group, &mut history);
        (watcher, history)
    }

    /// Lets a group that is the only one go on by `limit`, until it has done enough work; false if
    /// it has ended.
    fn advance(
        &mut self,
        group: &mut Group,
        (limit, enough): (Micros, u64),
        history: &mut History,
    ) -> bool {
        while group.meter().work() < enough {
            let Some(event) = group.step_unseen(limit) else {
                history.exhausted = group.exhausted();
                return false;
            };
            self.watch(group, event, history);
        }
        true
    }

    /// Looks at whatever an event may have changed.
    #[inline(always)]
    fn watch(&mut self, group: &mut Group, event: Event, history: &mut History) {
        match event.kind {
            EventKind::Delivered { to: id, .. } | EventKind::Timeout(id, _) => {
                self.observe(group, id, history);
            }
            EventKind::Write { to, .. } => {
                if !group.has_front() {
                    history.writes.push(Write { at: event.at, committed: None });
                }
                self.observe_each(group, to, history);
            }
            EventKind::Asked { .. } => {
                history.writes.push(Write { at: event.at, committed: None });
            }
            EventKind::Failed { request, failure } => {
                history.failures.push((event.at, request, failure));
            }
            EventKind::Action(_) => self.observe_plant(group, history),
            EventKind::Power { part, change } => {
                if change == PowerChange::Tripped {
                    history.trips.push((event.at, part));
                }
                self.observe_plant(group, history);
            }
            EventKind::Held { .. }
            | EventKind::Lost { .. }
            | EventKind::Synced(_)
            | EventKind::Transport { .. }
            | EventKind::Bundle { .. }
            | EventKind::AskedAgain { .. }
            | EventKind::GaveUp { .. }
            | EventKind::Mischief(_) => {}
            EventKind::Rebuilt(disk) => history.rebuilt.push((event.at, disk)),
            EventKind::Read { read, to } => {
                history.reads.push(Read { at: event.at, answered: None, stale: false });
                if to.is_some() {
                    self.checks.ask(read, event.at);
                }
            }
        }
        if group.has_answers() {
            self.judge_answers(group, history);
        }
    }

    /// Writes down what clients were told, and whether it was fresh.
    #[cold]
    fn judge_answers(&mut self, group: &mut Group, history: &mut History) {
        for request in group.take_served() {
            history.commit(request, group.now());
        }
        for answer in group.take_answers() {
            let stale = self.checks.answer(group, answer, &mut self.findings);
            history.answer(answer.read, (group.now(), answer.index), stale);
        }
        history.violate(&self.findings.violations);
        self.findings.violations.clear();
    }

    fn observe_plant(&mut self, group: &mut Group, history: &mut History) {
        self.observe_all(group, history);
        if !group.scenario().group().databases.is_empty() {
            observe_servers(group, history);
        }
    }

    fn observe_all(&mut self, group: &mut Group, history: &mut History) {
        self.observe_each(group, group.replicas().collect(), history);
    }

    fn observe_each(&mut self, group: &mut Group, ids: ReplicaSet, history: &mut History) {
        for id in ids.iter() {
            self.observe(group, id, history);
        }
    }

    #[inline(always)]
    fn observe(&mut self, group: &mut Group, id: ReplicaId, history: &mut History) {
        let changed = self.checks.observe(group, id, &mut self.findings);
        if changed != Changed::Nothing {
            self.note(group, id, changed, history);
        }
    }

    /// Writes down what was found of a replica that has changed.
    fn note(&mut self, group: &mut Group, id: ReplicaId, changed: Changed, history: &mut History) {
        let seen = self.checks.seen(id);
        self.lags.observe(id, seen.progress(), group.now(), history);
        if !self.findings.committed.is_empty() {
            for command in self.findings.committed.drain(..) {
                if !group.has_front() {
                    history.commit(command, group.now());
                }
            }
        }
        if !self.findings.violations.is_empty() {
            history.violate(&self.findings.violations);
            self.findings.violations.clear();
        }
        if changed == Changed::Belief {
            self.observe_belief(group, (id, seen.belief()), history);
        }
    }

    fn observe_belief(
        &mut self,
        group: &mut Group,
        (id, belief): (ReplicaId, Option<Belief>),
        history: &mut History,
    ) {
        let Some(change) = self.beliefs.observe(id, belief) else { return };
        let at = group.now();
        group.count_belief();
        history.beliefs[id.index()].push((at, belief));
        if change.elected {
            let epoch = belief.map_or(0, |belief| belief.epoch);
            history.elections.push(Election { at, leader: id, epoch });
        }
        if change.led {
            history.led.push((at, self.beliefs.led()));
        }
        if change.parted {
            history.parted.push((at, self.beliefs.parted()));
        }
        if change.newer_epoch {
            history.epochs.push((at, self.beliefs.newest_epoch()));
        }
    }
}

/// Writes down which servers of databases have stopped or run again.
#[cold]
fn observe_servers(group: &Group, history: &mut History) {
    let (faults, plant) = (group.active_faults(), group.plant());
    for server in group.scenario().group().databases.iter().flat_map(|one| &one.members) {
        let part = plant.expect(Part::Server(*server));
        let runs = faults.runs(part) && !faults.paused(part);
        let ran = history.servers.iter().rev().find(|(_, other, _)| other == server);
        if runs != ran.is_none_or(|(.., ran)| *ran) {
            history.servers.push((group.now(), *server, runs));
        }
    }
}

/// A whole run, from its scenario to its end, or to a bound: see [`History::exhausted`]. It has one
/// group; of several each has its record, as [`groups_to_end`] gives it.
pub fn to_end(scenario: Arc<Scenario>) -> (Run, History) {
    let (run, histories) = groups_to_end(scenario);
    (run, histories.into_iter().next().expect("a scenario has a group"))
}

/// The same; nothing if it is to end before, which is asked now and then.
pub fn to_end_unless(
    scenario: Arc<Scenario>,
    is_over: &dyn Fn() -> bool,
) -> Option<(Run, History)> {
    let (mut run, mut histories) = Run::new(scenario);
    while run.advance(ASKED_EVERY, &mut histories) {
        if is_over() {
            return None;
        }
    }
    Some((run, histories.swap_remove(0)))
}

/// A whole run, and the record of each of its groups.
pub fn groups_to_end(scenario: Arc<Scenario>) -> (Run, Vec<History>) {
    let (mut run, mut histories) = Run::new(scenario);
    run.advance(u64::MAX, &mut histories);
    (run, histories)
}
