//! A run: a world, and everyone who watches it.

use std::sync::Arc;

use crate::belief::Beliefs;
use crate::check::{Checks, Findings};
use crate::clock::Micros;
use crate::fault::{ReplicaId, ReplicaSet};
use crate::history::Read;
use crate::history::{Election, History, Write};
use crate::lag::Lags;
use crate::protocol::{Belief, Changed};
use crate::scenario::Scenario;
use crate::world::{Event, EventKind, World};

/// A run as far as it has come; a clone is a checkpoint.
#[derive(Clone, Debug)]
pub struct Run {
    world: World,
    beliefs: Beliefs,
    lags: Lags,
    checks: Checks,
    /// Of the last observation; kept only for its memory.
    findings: Findings,
}

impl Run {
    /// That scenario at time zero, and its empty record.
    pub fn new(scenario: Arc<Scenario>) -> (Self, History) {
        let replicas = scenario.group().members.len();
        let world = World::new(scenario);
        let (protocol, tolerated) =
            (world.scenario().group().protocol, world.scenario().group().tolerated());
        let checks = Checks::new(protocol, replicas).with_replies(protocol.replies(tolerated));
        let (beliefs, findings) = (Beliefs::new(replicas), Findings::default());
        let lags = Lags::new(replicas, world.scenario().group().longest_election_timeout());
        let mut run = Self { world, beliefs, lags, checks, findings };
        let mut history = History::new(replicas);
        run.observe_all(&mut history);
        (run, history)
    }

    /// Performs the next event, watched; `None` if the run has ended.
    #[inline]
    pub fn step(&mut self, history: &mut History) -> Option<Event> {
        self.step_by(self.world.scenario().until, history)
    }

    /// The same, if it falls by `limit`, which is no later than the end of the run.
    #[inline(always)]
    fn step_by(&mut self, limit: Micros, history: &mut History) -> Option<Event> {
        let Some(event) = self.world.step_by(limit, &mut ()) else {
            history.exhausted = self.world.exhausted();
            return None;
        };
        self.watch(event, history);
        Some(event)
    }

    /// Does that much more work, as a [`crate::meter::Meter`] counts it, or a little over; false if
    /// the run has ended.
    pub fn advance(&mut self, work: u64, history: &mut History) -> bool {
        self.advance_by(self.world.scenario().until, work, history)
    }

    /// The same up to `limit`, which is no later than the end of the run; an event is one at least.
    pub fn advance_by(&mut self, limit: Micros, work: u64, history: &mut History) -> bool {
        let enough = self.world.meter().work().saturating_add(work);
        while self.world.meter().work() < enough {
            if self.step_by(limit, history).is_none() {
                return false;
            }
        }
        true
    }

    /// Looks at whatever an event may have changed.
    #[inline(always)]
    fn watch(&mut self, event: Event, history: &mut History) {
        match event.kind {
            EventKind::Delivered { to: id, .. } | EventKind::Timeout(id, _) => {
                self.observe(id, history);
            }
            EventKind::Write { to, .. } => {
                history.writes.push(Write { at: event.at, committed: None });
                self.observe_each(to, history);
            }
            EventKind::Act(_) => self.observe_all(history),
            EventKind::Held { .. } | EventKind::Lost { .. } | EventKind::Mischief(_) => {}
            EventKind::Read { read, to } => {
                history.reads.push(Read { at: event.at, answered: None, stale: false });
                if to.is_some() {
                    self.checks.ask(read, event.at);
                }
            }
        }
        if self.world.has_answers() {
            self.judge_answers(history);
        }
    }

    /// Writes down what clients were told, and whether it was fresh.
    #[cold]
    fn judge_answers(&mut self, history: &mut History) {
        for answer in self.world.take_answers() {
            let stale = self.checks.answer(&self.world, answer, &mut self.findings);
            history.answer(answer.read, (self.world.now(), answer.index), stale);
        }
        history.violate(&self.findings.violations);
        self.findings.violations.clear();
    }

    fn observe_all(&mut self, history: &mut History) {
        self.observe_each(self.world.replicas().collect(), history);
    }

    fn observe_each(&mut self, ids: ReplicaSet, history: &mut History) {
        for id in ids.iter() {
            self.observe(id, history);
        }
    }

    #[inline(always)]
    fn observe(&mut self, id: ReplicaId, history: &mut History) {
        let changed = self.checks.observe(&self.world, id, &mut self.findings);
        if changed != Changed::Nothing {
            self.note(id, changed, history);
        }
    }

    /// Writes down what was found of a replica that has changed.
    fn note(&mut self, id: ReplicaId, changed: Changed, history: &mut History) {
        let seen = self.checks.seen(id);
        self.lags.observe(id, seen.progress(), self.world.now(), history);
        if !self.findings.committed.is_empty() {
            for command in self.findings.committed.drain(..) {
                history.commit(command, self.world.now());
            }
        }
        if !self.findings.violations.is_empty() {
            history.violate(&self.findings.violations);
            self.findings.violations.clear();
        }
        if changed == Changed::Belief {
            self.observe_belief(id, seen.belief(), history);
        }
    }

    fn observe_belief(&mut self, id: ReplicaId, belief: Option<Belief>, history: &mut History) {
        let Some(change) = self.beliefs.observe(id, belief) else { return };
        let at = self.world.now();
        self.world.count_belief();
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

    /// About how many bytes a clone takes.
    pub fn weight(&self) -> usize {
        self.world.weight() + self.checks.weight()
    }

    /// The state of the run.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// From now on only the lies of these numbers, in order, are told.
    pub fn tell_only(&mut self, lies: Arc<[u32]>) {
        self.world.tell_only(lies);
    }

    /// Puts another scenario in place, which must agree with this one up to now.
    pub fn fork(&mut self, scenario: Arc<Scenario>) {
        self.world.fork(scenario);
    }
}

/// A whole run, from its scenario to its end, or to a bound: see [`History::exhausted`].
pub fn to_end(scenario: Arc<Scenario>) -> (Run, History) {
    let (mut run, mut history) = Run::new(scenario);
    run.advance(u64::MAX, &mut history);
    (run, history)
}
