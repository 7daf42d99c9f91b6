//! What a power chain carries, and what of it has tripped.

use serde::Serialize;

use super::{FaultView, Target};
use crate::clock::Micros;
use crate::fact::{Fact, counts};
use crate::fault::{Action, FaultClass};
use crate::plant::Part;
use crate::world::Group;

/// What a part of a power chain carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Carried {
    /// The number of the part.
    pub part: u16,
    /// How many watts of how many, and how much longer a battery lasts, in the room `carried`.
    pub said: Fact,
}

/// What each PDU, breaker and UPS carries at `at`; none where the text names no chain.
#[cold]
pub(super) fn carried(world: &Group, at: Micros) -> Vec<Carried> {
    let (plant, faults, mut told) = (world.plant(), world.active_faults(), Vec::new());
    let power = plant.spec.power;
    if !power.has_parts() {
        return told;
    }
    for (&part, number) in plant.parts().iter().zip(0..) {
        let Some(load) = faults.load(plant, part) else { continue };
        let left = faults.battery(plant, part, at);
        let is_breaker = matches!(part, Part::Breaker { .. });
        let of_ups = left.and(power.ups).and_then(|ups| ups.capacity_w);
        let rated = if is_breaker { power.breaker_w } else { of_ups };
        let percent = |rated: u32| u64::from(load) * 100 / u64::from(rated);
        let said = rated.map_or_else(
            || counts!("load", load),
            |rated| counts!("load-of", load, rated, percent = percent(rated)),
        );
        let left = left.map(|left| counts!("battery", seconds = left.0 / 1_000_000));
        told.push(Carried { part: number, said: said.also(left) });
    }
    told
}

/// What has tripped: nobody did it, and restoring it lifts it.
pub(super) fn trips(world: &Group) -> impl Iterator<Item = FaultView> {
    world.active_faults().trips().map(|(id, at)| {
        let part = world.plant().part(id);
        FaultView {
            at_us: at.0,
            text: part.to_string(),
            class: FaultClass::Crash.name(),
            lift: Some(Action::Restore(part).to_string()),
            target: Target { part: Some(id.0), ..Target::default() },
        }
    })
}
