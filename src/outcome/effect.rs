//! What actions do to the plant, as far as a group of replicas can feel it.

use crate::clock::Micros;
use crate::fault::{Action, ActiveFaults};
use crate::network::Network;
use crate::plant::{Part, PartId, Plant};
use crate::scenario::Scenario;

/// The plant and its network before some actions and after them, with what comes of either in time.
pub(crate) struct Effect<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) plant: Plant,
    pub(crate) forces: [ActiveFaults; 2],
    pub(crate) networks: [Network; 2],
}

impl<'a> Effect<'a> {
    /// Of the actions with the numbers from `first` to before `next`.
    pub(crate) fn of(scenario: &'a Scenario, first: usize, next: usize) -> Self {
        let plant = Plant::new(scenario.plant);
        let replicas = u8::try_from(scenario.group().members.len()).expect("bounded");
        let mut force = ActiveFaults::none(&plant, replicas);
        let mut apply = |actions: &[(Micros, Action)]| {
            for (at, act) in actions {
                force.pass(&plant, *at);
                force.apply(&plant, *at, act);
            }
            let mut force = force.clone();
            force.settle_power(&plant);
            let network = Network::new(scenario, &plant, &force);
            (force, network)
        };
        let (before, old) = apply(&scenario.actions[..first]);
        let (after, new) = apply(&scenario.actions[first..next]);
        Self { scenario, plant, forces: [before, after], networks: [old, new] }
    }

    /// True if some route, or some server with a replica, is not as it was.
    pub(crate) fn changes_anything(&self) -> bool {
        let server = |force: &ActiveFaults, id: PartId| {
            let disks = (force.stalled(id), force.slowed(id));
            (force.runs(id), force.paused(id), force.has_lost_data(id), disks)
        };
        let members =
            self.scenario.group().members.iter().map(|at| self.plant.expect(Part::Server(*at)));
        let [before, after] = &self.forces;
        let changed = members.into_iter().any(|id| server(before, id) != server(after, id));
        changed || self.networks[0] != self.networks[1]
    }
}

/// The number of the latest action of these that lifts a fault which the group felt: a spare server
/// that is restarted helps nobody. Of very many only the latest are looked into, and one of the
/// others is taken at its word.
pub(super) fn help(scenario: &Scenario, numbers: impl Iterator<Item = usize>) -> Option<usize> {
    const LOOKED_INTO: usize = 8;
    let lifts: Vec<usize> = numbers
        .filter(|number| {
            let act = scenario.actions[*number].1;
            act.lifts() && !act.is_open()
        })
        .collect();
    let is_felt = |number: usize| {
        matches!(scenario.actions[number].1, Action::Loyal(_))
            || Effect::of(scenario, number, number + 1).changes_anything()
    };
    let (others, latest) = lifts.split_at(lifts.len().saturating_sub(LOOKED_INTO));
    let felt = latest.iter().rev().copied().find(|number| is_felt(*number));
    felt.or_else(|| others.last().copied())
}
