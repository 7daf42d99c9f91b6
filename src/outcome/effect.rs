//! What actions do to the plant, as far as a group of replicas can feel it.

use crate::clock::Micros;
use crate::fault::{Action, ActiveFaults};
use crate::network::Network;
use crate::plant::{Part, Plant, ServerAt};
use crate::scenario::Scenario;

/// How many things that happen of their own are looked at: of more nothing is said.
const STEPS_MAX: usize = 64;

/// What becomes of the plant and its network without some actions and with them: from when they are
/// done to when nothing more happens of its own, whatever is done later.
pub(crate) struct Effect<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) plant: Plant,
    /// Without them, and with them: each change that replicas can feel, and when.
    courses: [Vec<(Micros, State)>; 2],
    /// False if there is more than was looked at.
    is_whole: bool,
}

/// What replicas can feel of a plant.
#[derive(PartialEq, Eq)]
pub(crate) struct State {
    /// By replica: its server runs, is paused, has lost its data; its disks hang, are slow.
    servers: Vec<(bool, bool, bool, (bool, Micros))>,
    pub(crate) network: Network,
}

impl State {
    fn of(scenario: &Scenario, plant: &Plant, force: &ActiveFaults) -> Self {
        let server = |at: &ServerAt| {
            let id = plant.expect(Part::Server(*at));
            let disks = (force.stalled(id), force.slowed(id));
            (force.runs(id), force.paused(id), force.has_lost_data(id), disks)
        };
        let servers = scenario.group().members.iter().map(server).collect();
        Self { servers, network: Network::new(scenario, plant, force) }
    }

    /// True if all servers run.
    pub(crate) fn all_run(&self) -> bool {
        self.servers.iter().all(|(runs, ..)| *runs)
    }

    /// True if the data of that replica's disks is gone.
    pub(crate) fn has_lost(&self, replica: usize) -> bool {
        self.servers[replica].2
    }
}

impl<'a> Effect<'a> {
    /// Of the actions with the numbers from `first` to before `next`.
    pub(crate) fn of(scenario: &'a Scenario, first: usize, next: usize) -> Self {
        let plant = Plant::new(scenario.plant);
        let replicas = u8::try_from(scenario.group().members.len()).expect("bounded");
        let mut without = ActiveFaults::none(&plant, replicas);
        let apply = |force: &mut ActiveFaults, actions: &[(Micros, Action)]| {
            for (at, act) in actions {
                force.pass(&plant, *at);
                force.apply(&plant, *at, act);
            }
        };
        apply(&mut without, &scenario.actions[..first]);
        let from = scenario.actions.get(first).map_or(Micros::ZERO, |(at, _)| *at);
        without.pass(&plant, from);
        let mut with = without.clone();
        apply(&mut with, &scenario.actions[first..next]);
        let mut is_whole = true;
        let courses = [without, with].map(|mut force| {
            let mut course = vec![(from, State::of(scenario, &plant, &force))];
            while let Some(at) = force.pass_one(&plant, Micros::NEVER) {
                is_whole &= course.len() < STEPS_MAX;
                if !is_whole {
                    break;
                }
                let state = State::of(scenario, &plant, &force);
                if course.last().is_none_or(|(_, last)| *last != state) {
                    course.push((at, state));
                }
            }
            course
        });
        Self { scenario, plant, courses, is_whole }
    }

    /// True if some route, or some server with a replica, is not as it would be, at some time.
    pub(crate) fn changes_anything(&self) -> bool {
        !self.is_whole || self.courses[0] != self.courses[1]
    }

    /// The states without them.
    pub(crate) fn before(&self) -> impl Iterator<Item = &State> {
        self.courses[0].iter().map(|(_, state)| state)
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
