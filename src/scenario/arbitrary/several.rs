//! Random groups beside each other on one plant.

use super::again::repeat;
use super::cues::tell_group;
use super::{actions, fewest, group, keep_apart, shuffled, small};
use crate::plant::Plant;
use crate::protocol::Protocol;
use crate::rng::Rng;
use crate::scenario::{Bounds, Scenario};

/// Names that a reader could take for something else.
const NAMES: [&str; 12] = [
    "in", "elect", "raft", "zab", "n1", "r1", "all", "group", "cluster", "x-1", "spine-a", "expect",
];

/// A valid scenario of one to four groups of any protocols and sizes. They share servers as chance
/// has it, and some of what is done is done to the plant.
pub fn several(rng: &mut Rng) -> Scenario {
    let mut scenario = super::scenario(rng);
    let here: Vec<_> = Protocol::here().collect();
    for _ in 0..rng.below(4) {
        let protocol = here[rng.below(here.len() as u32) as usize];
        beside(rng, &mut scenario, protocol);
    }
    if scenario.groups.len() > 1 {
        tell_group(&mut scenario);
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
    scenario.repeats.sort_by_key(|repeat| repeat.from);
    scenario.expand();
    scenario
}

/// Puts one more group on the plant, if there is room for it.
fn beside(rng: &mut Rng, scenario: &mut Scenario, protocol: Protocol) {
    let servers: Vec<_> = Plant::new(scenario.plant).servers().collect();
    let first: u8 = scenario.groups.iter().map(|group| group.replicas()).sum();
    let most = (Bounds::REPLICAS as u8 - first).min(servers.len() as u8).min(9);
    let fewest = fewest(protocol);
    if most < fewest {
        return;
    }
    let replicas = small(rng, fewest, most);
    let mut own = group(rng, protocol, replicas).groups.remove(0);
    own.members = shuffled(rng, servers, usize::from(replicas));
    let taken = |name: &str| scenario.groups.iter().any(|group| group.name == name);
    let names: Vec<_> = NAMES.into_iter().filter(|name| !taken(name)).collect();
    names[rng.below(names.len() as u32) as usize].clone_into(&mut own.name);
    if rng.percent(50) {
        own.seed = scenario.group().seed;
    }
    let plant = Plant::new(scenario.plant);
    let mut alone = Scenario { groups: vec![own], actions: Vec::new(), ..scenario.clone() };
    let count = rng.below(9);
    alone.actions = actions(rng, &alone, count);
    if replicas > 1 && rng.percent(30) {
        keep_apart(rng, &mut alone);
    }
    if rng.percent(30) {
        let mut repeat = repeat(rng, &plant, &alone);
        repeat.act = repeat.act.renumbered(0..replicas, first).expect("they are its own");
        scenario.repeats.push(repeat);
    }
    let renumbered = alone
        .actions
        .iter()
        .filter_map(|(at, act)| Some((*at, act.renumbered(0..replicas, first)?)));
    scenario.actions.extend(renumbered);
    scenario.groups.append(&mut alone.groups);
}
