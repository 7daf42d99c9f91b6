//! The simulator: a plant, its faults, the groups that stand on it, and one time for all of them.
//!
//! One step is one event, and the order of events is a function of the scenario alone. Everything
//! is plain data, so a clone is a checkpoint. Nothing that one group does reaches another: each
//! draws its own chance and keeps its own trace, which is the one that it has alone
//! ([`Scenario::alone`]). What they share is the plant, what is done to it, and a run's bounds.

mod event;
mod group;

use std::sync::Arc;

pub use event::{Answer, Event, EventKind, Packet, Sink, Watch};
pub use group::{Failures, Group};

use crate::clock::Micros;
use crate::meter::Exhausted;
use crate::plant::Plant;
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
        let plant = Arc::new(Plant::new(scenario.plant));
        let groups = (0..scenario.groups.len())
            .map(|number| Group::new(scenario.alone(number), &plant, (number, &scenario)));
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
        let mut watch = sink.watch();
        match self.groups.as_mut_slice() {
            [only] => only.step_watched(limit, &mut watch),
            _ => self.step_among(limit, &mut watch),
        }
    }

    /// The same where there are several groups: the one with the soonest event goes on, the first
    /// of those at the same time. None goes past what another has still to do.
    #[inline(never)]
    fn step_among(&mut self, limit: Micros, watch: &mut Watch<'_>) -> Option<Event> {
        while self.exhausted().is_none() {
            let times = self.groups.iter().map(Group::quiet_until);
            let (soonest, at) = times.clone().enumerate().min_by_key(|(_, at)| *at)?;
            if at > limit {
                return None;
            }
            let others = times.enumerate().filter(|(number, _)| *number != soonest);
            let by = others.map(|(_, at)| at).fold(limit, Micros::min);
            let event = self.groups[soonest].step_watched(by, watch);
            if event.is_some() {
                return event;
            }
        }
        None
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
    pub(crate) fn group_mut(&mut self, number: usize) -> &mut Group {
        &mut self.groups[number]
    }

    /// All of them.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The time of the last event.
    pub fn now(&self) -> Micros {
        self.groups.iter().map(Group::now).fold(Micros::ZERO, Micros::max)
    }

    /// Events so far.
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
            groups => groups.iter().map(|group| group.meter().work()).sum(),
        }
    }

    /// If it has come to a bound, to which and when: there it ends, for all groups.
    pub fn exhausted(&self) -> Option<Exhausted> {
        self.groups.iter().find_map(Group::exhausted)
    }

    /// The trace hash of everything up to now; of several groups, one made of theirs.
    pub fn trace_hash(&self) -> u64 {
        let hashes = self.groups.iter().map(Group::trace_hash);
        hashes.reduce(|all, own| group::fold(all.rotate_left(23) ^ own)).unwrap_or_default()
    }

    /// About how many bytes a clone takes.
    pub fn weight(&self) -> usize {
        self.groups.iter().map(Group::weight).sum()
    }
}
