//! Power chains, and what is done to them.

use super::moment;
use crate::clock::Micros;
use crate::fault::Action;
use crate::plant::{PartId, Plant, PlantSpec, Power, Ups};
use crate::rng::Rng;
use crate::scenario::Scenario;

/// What may stand between the feeds and the supplies of such a plant: at times enough for all, at
/// times not.
pub fn power(rng: &mut Rng, spec: &PlantSpec) -> Power {
    let server_w = [Power::SERVER_W, 1 + rng.below(1_000)][rng.below(2) as usize];
    let in_rack = server_w * u32::from(spec.servers);
    // A third to three times what one side would have to carry.
    let rated = |rng: &mut Rng, all: u32| 1 + all / 3 + rng.below(all * 8 / 3);
    let mut power = Power { server_w, ..Power::NONE };
    if rng.percent(60) {
        power.breaker_w = Some(rated(rng, in_rack));
    }
    if rng.percent(40) {
        let capacity = rated(rng, in_rack * u32::from(spec.racks));
        let lasts = Micros::from_millis(u64::from(1 + rng.below(20_000)));
        power.ups = Some(Ups { lasts, capacity_w: rng.percent(60).then_some(capacity) });
    }
    let span = |rng: &mut Rng| Micros::from_millis(u64::from(1 + rng.below(10_000)));
    if rng.percent(30) {
        power.generator = Some(span(rng));
    }
    if rng.percent(30) {
        power.transfer = Some(if rng.percent(50) { Micros::from_millis(10) } else { span(rng) });
    }
    power
}

/// Some plants have a power chain, and something is done to it.
pub(super) fn supply(scenario: &mut Scenario) {
    let rng = &mut Rng::new(scenario.group().seed ^ 0x0005_0fea);
    // Where nothing is on disk, a loss of power that takes too many is outside the model.
    if rng.percent(75) || !scenario.group().protocol.has_disks() {
        return;
    }
    scenario.plant.power = power(rng, &scenario.plant);
    let plant = Plant::new(scenario.plant);
    // The feeds come first.
    let parts: Vec<_> = plant.chain().chain(0..2 * u16::from(plant.spec.sites)).collect();
    for _ in 0..1 + rng.below(4) {
        let part = plant.part(PartId(parts[rng.below(parts.len() as u32) as usize]));
        let at = moment(rng, scenario.until);
        scenario.actions.push((at, Action::Fail(part)));
        if rng.percent(70) {
            let later = rng.span(at, scenario.until);
            scenario.actions.push((later, Action::Restore(part)));
        }
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
}
