//! Random disks: slow ones, those that hang, those that are replaced, and those synced lazily.

use super::{harsh, moment, spare_memory, within_the_model};
use crate::clock::Micros;
use crate::fault::Action;
use crate::plant::Part;
use crate::protocol::Protocol;
use crate::rng::Rng;
use crate::scenario::Scenario;

/// At times disks take time, up to so much, and at times they are ill.
pub(super) fn slow_disks(rng: &mut Rng, scenario: &mut Scenario, most: u32) {
    let waits = scenario.group().protocol.waits_for_disks();
    if rng.percent(25) && waits {
        let shortest = Micros(u64::from(1 + rng.below(most)));
        let longest = if rng.percent(50) { shortest.0 } else { u64::from(most) };
        scenario.group_mut().disk.latency = shortest..=Micros(longest);
    }
    if !rng.percent(20) {
        return;
    }
    // They hang or are slow for a while, or to the end.
    let replicas = scenario.group().members.len() as u32;
    let server = scenario.group().members[rng.below(replicas) as usize];
    let at = moment(rng, scenario.until);
    let by = Micros(u64::from(1 + rng.below(10 * most)));
    let ill = if rng.percent(50) { Action::Stall(server) } else { Action::Slow { server, by } };
    scenario.actions.push((at, ill));
    if rng.percent(80) {
        let later = moment(rng, scenario.until).max(at);
        scenario.actions.push((later, Action::ResumeDisk(server)));
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
}

/// At times new disks are rebuilt for a while: of a replica's server some fail and are replaced,
/// and at times the mirror of one fails, too. With chance of its own.
pub(super) fn replace_disks(scenario: &mut Scenario) {
    let rng = &mut Rng::new(scenario.group().seed ^ 0xd15c_0000);
    if !rng.percent(25) {
        return;
    }
    scenario.plant.rebuild = Some(Micros::from_millis(u64::from(1 + rng.below(20_000))));
    let replicas = scenario.group().members.len() as u32;
    for _ in 0..1 + rng.below(3) {
        let server = scenario.group().members[rng.below(replicas) as usize];
        let disk = rng.below(u32::from(scenario.plant.disks)) as u8;
        let mut at = moment(rng, scenario.until);
        let mirror = if rng.percent(40) { disk ^ 1 } else { disk };
        for (disk, act) in [
            (disk, Action::Fail as fn(Part) -> Action),
            (disk, Action::Restore),
            (mirror, Action::Fail),
            (mirror, Action::Restore),
        ] {
            scenario.actions.push((at, act(Part::Disk { server, disk })));
            at = moment(rng, scenario.until).max(at).min(at + Micros::from_secs(15));
        }
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
    scenario.actions = within_the_model(scenario);
    spare_memory(scenario);
}

/// A scenario of that protocol in which nobody waits for disks, and now and then a server loses its
/// power: where what was promised is forgotten.
pub fn lazy(rng: &mut Rng, protocol: Protocol) -> Scenario {
    let mut scenario = harsh(rng, protocol);
    let lazy = Micros::from_millis(u64::from(100 + rng.below(5_000)));
    scenario.group_mut().disk.lazy = protocol.waits_for_disks().then_some(lazy);
    for (_, act) in &mut scenario.actions {
        if let Action::Crash(server) = *act {
            *act = Action::Fail(Part::Server(server));
        } else if let Action::Restart(server) = *act {
            *act = Action::Restore(Part::Server(server));
        }
    }
    scenario.expand();
    scenario
}
