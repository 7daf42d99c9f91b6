//! What actions do to the plant, as far as a group of replicas can feel it.

use crate::clock::Micros;
use crate::fault::{Action, ActiveFaults};
use crate::network::Network;
use crate::plant::{Part, PartId, Plant};
use crate::scenario::Scenario;

/// The plant and its network before some actions and after them: when they are done, and, if that
/// is another thing, when all has happened that comes of either in time.
pub(crate) struct Effect<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) plant: Plant,
    /// Before and after.
    pub(crate) moments: Vec<[State; 2]>,
}

/// A plant with faults.
pub(crate) struct State {
    pub(crate) force: ActiveFaults,
    pub(crate) network: Network,
}

impl State {
    fn of(scenario: &Scenario, plant: &Plant, force: &ActiveFaults) -> Self {
        Self { force: force.clone(), network: Network::new(scenario, plant, force) }
    }
}

impl<'a> Effect<'a> {
    /// Of the actions with the numbers from `first` to before `next`.
    pub(crate) fn of(scenario: &'a Scenario, first: usize, next: usize) -> Self {
        let plant = Plant::new(scenario.plant);
        let replicas = u8::try_from(scenario.group().members.len()).expect("bounded");
        let mut before = ActiveFaults::none(&plant, replicas);
        let apply = |force: &mut ActiveFaults, actions: &[(Micros, Action)]| {
            for (at, act) in actions {
                force.pass(&plant, *at);
                force.apply(&plant, *at, act);
            }
        };
        apply(&mut before, &scenario.actions[..first]);
        before.pass(&plant, scenario.actions.get(first).map_or(Micros::ZERO, |(at, _)| *at));
        let mut after = before.clone();
        apply(&mut after, &scenario.actions[first..next]);
        let mut forces = [before, after];
        let state = |force: &ActiveFaults| State::of(scenario, &plant, force);
        let mut moments = vec![forces.each_ref().map(state)];
        if !forces.iter().all(|force| force.is_settled(&plant)) {
            forces.iter_mut().for_each(|force| force.settle(&plant));
            moments.push(forces.each_ref().map(state));
        }
        Self { scenario, plant, moments }
    }

    /// True if some route, or some server with a replica, is not as it was.
    pub(crate) fn changes_anything(&self) -> bool {
        self.moments.iter().any(|[before, after]| {
            let changed =
                self.servers().any(|id| server(&before.force, id) != server(&after.force, id));
            changed || before.network != after.network
        })
    }

    /// The servers with a replica.
    pub(crate) fn servers(&self) -> impl Iterator<Item = PartId> {
        self.scenario.group().members.iter().map(|at| self.plant.expect(Part::Server(*at)))
    }

    /// The states before: when the actions are done, and in time.
    pub(crate) fn before(&self) -> impl Iterator<Item = &State> {
        self.moments.iter().map(|[before, _]| before)
    }
}

/// All that replicas feel of their server.
fn server(force: &ActiveFaults, id: PartId) -> (bool, bool, bool, (bool, Micros)) {
    let disks = (force.stalled(id), force.slowed(id));
    (force.runs(id), force.paused(id), force.has_lost_data(id), disks)
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
