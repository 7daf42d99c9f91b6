//! Random scenarios with lines that repeat, and with actions that are done to whoever leads.

use super::impaired::impairment;
use super::{act, moment, scenario};
use crate::clock::Micros;
use crate::fault::verb::Shape;
use crate::fault::{Action, Ends, Flows, Link, Object, ReplicaId};
use crate::plant::Plant;
use crate::rng::Rng;
use crate::scenario::Scenario;
use crate::scenario::repeat::Repeat;

/// [`scenario()`], and something that is done again and again, or for a time.
pub fn repeating(rng: &mut Rng) -> Scenario {
    let mut scenario = scenario(rng);
    let plant = Plant::new(scenario.plant);
    for _ in 0..1 + rng.below(3) {
        let repeat = repeat(rng, &plant, &scenario);
        scenario.repeats.push(repeat);
    }
    scenario.repeats.sort_by_key(|repeat| repeat.from);
    scenario.expand();
    scenario
}

/// Something that such a scenario does again and again.
pub(super) fn repeat(rng: &mut Rng, plant: &Plant, scenario: &Scenario) -> Repeat {
    let act =
        if rng.percent(20) { impairment(rng, plant, scenario) } else { act(rng, plant, scenario) };
    let every = Micros::from_millis(u64::from(50 + rng.below(6_000)));
    let (one, other) = (moment(rng, scenario.until), moment(rng, scenario.until));
    let (from, to) = (one.min(other), one.max(other));
    let is_lifted = act.lifted_by().is_some() && rng.percent(80);
    let lasts = is_lifted.then(|| Micros(1 + u64::from(rng.below(every.0 as u32 - 1))));
    // Some of what is lifted is done once.
    if is_lifted && every.0.is_multiple_of(3) {
        return Repeat { every: None, from, to: from, act, lasts };
    }
    Repeat { every: Some(every), from, to, act, lasts }
}

/// [`repeating`], with `leader` in place of some replicas and servers, where there is one. What it
/// lifts was done before.
pub fn leading(rng: &mut Rng) -> Scenario {
    let mut scenario = repeating(rng);
    let written = scenario.unexpanded();
    scenario.actions = written;
    if scenario.group().protocol.has_leader() {
        let mut lifts = Vec::new();
        for (at, act) in &mut scenario.actions {
            if rng.percent(40) {
                *act = led(rng, act);
                let later = Micros(at.0 + u64::from(rng.below(9_000_000))).min(scenario.until);
                lifts.extend(act.lifted_by().filter(|_| rng.percent(60)).map(|lift| (later, lift)));
            }
        }
        scenario.actions.append(&mut lifts);
        scenario.actions.sort_by_key(|(at, _)| *at);
        for repeat in &mut scenario.repeats {
            repeat.act = led(rng, &repeat.act);
        }
    }
    scenario.expand();
    scenario
}

/// An action that is done to the leader in place of a replica or a server of its own; no lift.
fn led(rng: &mut Rng, act: &Action) -> Action {
    if act.lifts() {
        return *act;
    }
    if let Object::Volume { by, .. } = act.object() {
        let volume = Object::VolumeOf { replica: LEADER, by };
        return act.row().of(volume).expect("what is done to disks");
    }
    match (*act, act.row().shape) {
        (_, Shape::Server(_)) => {
            Action::AtLeader { verb: act.row().verb, leader: LEADER, by: Micros::ZERO }
        }
        (Action::Elect(_), _) => Action::Elect(LEADER),
        (Action::Cut { link: Link { ends: Ends::Flow(from, to), both }, percent }, _) => {
            let ends =
                if rng.percent(50) { Ends::Flow(LEADER, to) } else { Ends::Flow(from, LEADER) };
            Action::Cut { link: Link { ends, both }, percent }
        }
        (Action::Impair { link: Link { ends: Ends::Flow(from, to), both }, how }, _) => {
            let ends =
                if rng.percent(50) { Ends::Flow(LEADER, to) } else { Ends::Flow(from, LEADER) };
            Action::Impair { link: Link { ends, both }, how }
        }
        (Action::Cut { .. }, _) => Action::Isolate(LEADER),
        (Action::Gray { switch, flows, percent }, _)
            if flows.to.is_some_and(|to| Some(to) != flows.from) =>
        {
            Action::Gray { switch, flows: Flows { from: Some(LEADER), ..flows }, percent }
        }
        (other, _) => other,
    }
}

const LEADER: ReplicaId = ReplicaId::LEADER;
