//! Plants of several sites, and what is done to what joins them.

use super::moment;
use crate::clock::Micros;
use crate::fault::{Action, Ends, Link};
use crate::plant::{Part, Plant, PlantSpec, Site};
use crate::rng::Rng;
use crate::scenario::Scenario;

/// Some plants have two or three sites, and WAN links and sites fail. With chance of its own, so
/// that the rest of the scenario stays what it was.
pub(super) fn spread(scenario: &mut Scenario) {
    let rng = &mut Rng::new(scenario.group().seed ^ 0x0517_e500);
    let sites = 2 + rng.below(2) as u8;
    if rng.percent(60) || !scenario.plant.racks.is_multiple_of(sites) {
        return;
    }
    scenario.plant.sites = sites;
    scenario.plant.wan = Micros(u64::from(1_000 + rng.below(2_000)));
    for (_, act) in &mut scenario.actions {
        *act = in_a_site(*act, &scenario.plant);
    }
    let plant = Plant::new(scenario.plant);
    let mut outer: Vec<Part> = scenario.plant.each_wan().map(wan).collect();
    // Where nothing is on disk, a loss of power that takes too many is outside the model.
    if scenario.group().protocol.has_disks() {
        outer.extend(scenario.plant.each_site().map(Part::Site));
    }
    for _ in 0..1 + rng.below(4) {
        let lane = plant.lanes()[plant.lanes().len() - 1 - rng.below(4) as usize];
        let ends = Ends::Lane(plant.part(lane.from), plant.part(lane.to));
        let link = Link { ends, both: rng.percent(30) };
        let part = outer[rng.below(outer.len() as u32) as usize];
        let act =
            if rng.percent(50) { Action::Fail(part) } else { Action::Cut { link, percent: 100 } };
        let at = moment(rng, scenario.until);
        scenario.actions.push((at, act));
        if rng.percent(70) {
            let later = rng.span(at, scenario.until);
            scenario.actions.extend(act.lifted_by().map(|lift| (later, lift)));
        }
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
}

fn wan((low, high): (Site, Site)) -> Part {
    Part::Wan { low, high }
}

/// The same act in one of several sites, where it was drawn for a plant that has one.
fn in_a_site(mut act: Action, spec: &PlantSpec) -> Action {
    if let Action::Fail(part)
    | Action::Restore(part)
    | Action::Gray { switch: part, .. }
    | Action::Ungray { switch: part } = &mut act
        && let Part::Feed { site, side } | Part::Spine { site, side } = part
    {
        *site = Site(1 + *side as u8);
    }
    if let Action::Cut { link, .. } | Action::Heal { link } | Action::Impair { link, .. } = &mut act
        && let Ends::Lane(from, to) = &mut link.ends
    {
        match (from, to) {
            (Part::Spine { site, .. }, Part::Tor { rack, .. })
            | (Part::Tor { rack, .. }, Part::Spine { site, .. }) => *site = spec.site_of(*rack),
            _ => {}
        }
    }
    act
}
