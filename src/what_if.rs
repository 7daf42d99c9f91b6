//! `halflink blast`: what would fall with some parts, and what redundancy saves.

use std::sync::Arc;

use halflink::blast::Blast;
use halflink::clock::Micros;
use halflink::plant::{PartId, Plant};
use halflink::scenario::Scenario;
use halflink::view::BlastView;
use halflink::words::{ENGLISH, Names};
use halflink::world::World;

/// What it says of those parts, by name, at that time of the run.
///
/// # Errors
/// A part that the plant does not have, or has twice in the list; a time after the end.
pub(super) fn blast(
    scenario: Scenario,
    names: &[String],
    at: Micros,
    json: bool,
) -> Result<String, String> {
    if at > scenario.until {
        return Err(format!("error: --at {at} is after the end of the run, {}", scenario.until));
    }
    let largest = scenario.groups.iter().map(|group| group.replicas()).max().unwrap_or_default();
    let mut world = World::new(Arc::new(scenario));
    while world.step_by(at, &mut ()).is_some() {}
    let parts = parts_named(world.plant(), names)?;
    let blast = Blast::of(world.groups(), &parts);
    let view = BlastView::of(&blast, world.scenario(), world.plant());
    if json {
        return super::to_json(&view);
    }
    let called = Names::of(world.plant(), largest);
    let lines = view.said.iter().map(|fact| ENGLISH.tell("blast", fact, &called) + "\n");
    Ok(lines.collect())
}

/// The parts of those names, each once.
fn parts_named(plant: &Plant, names: &[String]) -> Result<Vec<PartId>, String> {
    let mut parts: Vec<PartId> = Vec::new();
    for name in names {
        let part = plant.parts().iter().find(|part| part.to_string() == *name);
        let part = part.ok_or_else(|| {
            let kinds = "feed-a, r1.pdu-a, spine-a, r1.tor-a, r1.s1, r1.s1.d1";
            format!("error: the plant has no part `{name}`: expected one such as {kinds}")
        })?;
        let id = plant.expect(*part);
        if parts.contains(&id) {
            return Err(format!("error: {name} is there twice"));
        }
        parts.push(id);
    }
    Ok(parts)
}
