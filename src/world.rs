//! The simulator: a plant, its faults, the groups that stand on it, and one time for all of them.
//!
//! One step is one event, and the order of events is a function of the scenario alone. Everything
//! is plain data, so a clone is a checkpoint. Nothing that one group does reaches another: each
//! draws its own chance and keeps its own trace, which is the one that it has alone
//! ([`Scenario::alone`]). What they share is the plant, what is done to it, and a run's bounds.

mod event;
mod group;

use std::sync::Arc;

pub use event::{Answer, Event, EventKind, Fate, Packet, Segment, Sink, Watch};
pub use group::{ConnectionState, Failures, Group, Phase};

use crate::clock::Micros;
use crate::meter::Exhausted;
use crate::plant::Plant;
use crate::protocol::fold;
use crate::scenario::Scenario;

/// The state of a run.
#[derive(Clone, Debug)]
pub struct World {
    scenario: Arc<Scenario>,
    plant: Arc<Plant>,
    groups: Vec<Group>,
}

impl World {
    /// That scenario at time zero, all replicas started.
    pub fn new(scenario: Arc<Scenario>) -> Self {
        Self::watched(scenario, &mut ().watch())
    }

    /// The same, and `watch` sees what replicas say as they start.
    pub fn watched(scenario: Arc<Scenario>, watch: &mut Watch<'_>) -> Self {
        let plant = Arc::new(Plant::new(scenario.plant));
        let groups = (0..scenario.groups.len())
            .map(|number| Group::new(scenario.alone(number), &plant, (number, &scenario), watch));
        Self { groups: groups.collect(), plant, scenario }
    }

    /// Puts another scenario in place of this one, which must agree with it up to now in all that
    /// the engine looks at.
    pub fn fork(&mut self, scenario: Arc<Scenario>) {
        for (number, group) in self.groups.iter_mut().enumerate() {
            group.fork(scenario.alone(number));
        }
        self.scenario = scenario;
    }

    /// From now on each group draws the chance of its own seed and `chance` more.
    pub(crate) fn reseed(&mut self, chance: u32) {
        self.groups.iter_mut().for_each(|group| group.reseed(chance));
    }

    /// The time of the next event, if there is one before the run ends.
    pub fn next_at(&self) -> Option<Micros> {
        if self.exhausted().is_some() {
            return None;
        }
        self.groups.iter().filter_map(Group::next_at).min()
    }

    /// Performs the next event; `None` if the run has ended.
    #[inline]
    pub fn step<S: Sink>(&mut self, sink: &mut S) -> Option<Event> {
        self.step_by(self.scenario.until, sink)
    }

    /// Performs the next event if it falls by `limit`, which is no later than the end of the run.
    #[inline]
    pub fn step_by<S: Sink>(&mut self, limit: Micros, sink: &mut S) -> Option<Event> {
        self.step_watched(limit, &mut sink.watch())
    }

    #[inline(never)]
    fn step_watched(&mut self, limit: Micros, watch: &mut Watch<'_>) -> Option<Event> {
        loop {
            let is_alone = self.groups.len() == 1;
            let (number, by) = if is_alone { (0, limit) } else { self.soonest(limit)? };
            let event = self.groups[number].step_watched(by, watch);
            if is_alone || event.is_some() {
                return event;
            }
        }
    }

    /// Of several groups the one with the soonest event by `limit`, the first of those at the same
    /// time, and until when it may go on: not past what another has still to do.
    #[cold]
    fn soonest(&self, limit: Micros) -> Option<(usize, Micros)> {
        if self.exhausted().is_some() {
            return None;
        }
        let (mut number, mut at, mut by) = (0, Micros::NEVER, limit);
        for (place, group) in self.groups.iter().enumerate() {
            let own = group.quiet_until();
            if own < at {
                by = by.min(at);
                (number, at) = (place, own);
            } else {
                by = by.min(own);
            }
        }
        (at <= limit).then_some((number, by))
    }

    /// The scenario that it runs.
    pub const fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// The plant.
    pub fn plant(&self) -> &Plant {
        &self.plant
    }

    /// The group of that number, in the order of the scenario.
    #[inline]
    pub fn group(&self, number: usize) -> &Group {
        &self.groups[number]
    }

    /// The same, for whoever takes something from it.
    #[inline]
    pub fn group_mut(&mut self, number: usize) -> &mut Group {
        &mut self.groups[number]
    }

    /// All of them.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The time of the last event.
    #[inline(never)]
    pub fn now(&self) -> Micros {
        self.groups.iter().map(Group::now).fold(Micros::ZERO, Micros::max)
    }

    /// Events so far.
    #[inline(never)]
    pub fn events(&self) -> u64 {
        self.groups.iter().map(Group::events).sum()
    }

    /// Messages delivered so far.
    pub fn delivered(&self) -> u64 {
        self.groups.iter().map(Group::delivered).sum()
    }

    /// How much work the run was so far, as [`crate::meter::Meter`] counts it.
    #[inline(always)]
    pub fn work(&self) -> u64 {
        match self.groups.as_slice() {
            [only] => only.meter().work(),
            _ => self.work_of_all(),
        }
    }

    #[cold]
    fn work_of_all(&self) -> u64 {
        self.groups.iter().map(|group| group.meter().work()).sum()
    }

    /// If it has come to a bound, to which and when: there it ends, for all groups.
    #[inline(never)]
    pub fn exhausted(&self) -> Option<Exhausted> {
        self.groups.iter().find_map(Group::exhausted)
    }

    /// The trace hash of everything up to now; of several groups, one made of theirs.
    pub fn trace_hash(&self) -> u64 {
        let hashes = self.groups.iter().map(Group::trace_hash);
        hashes.reduce(|all, own| fold(all.rotate_left(23) ^ own)).unwrap_or_default()
    }

    /// About how many bytes a clone takes.
    pub fn weight(&self) -> usize {
        self.groups.iter().map(Group::weight).sum()
    }
}
