//! Random links that bring messages late, in another order, or twice, what is too large for
//! switches, and switches that say nothing themselves.

use super::{link, moment};
use crate::clock::Micros;
use crate::fault::{Action, Flows, Impairment, Late, Which};
use crate::plant::{Part, Plant};
use crate::rng::Rng;
use crate::scenario::Scenario;

/// Up to five links of a scenario are so for a while, some gray switches drop what is large, and
/// some forward everything and say nothing.
/// With chance of its own, so that the rest of the scenario stays what it was.
pub fn impair(scenario: &mut Scenario) {
    let rng = &mut Rng::new(scenario.group().seed ^ 0x01a7_e000);
    let plant = Plant::new(scenario.plant);
    for _ in 0..rng.below(6) {
        let impaired = impairment(rng, &plant, scenario);
        let at = moment(rng, scenario.until);
        let later = moment(rng, scenario.until).max(at);
        scenario.actions.push((at, impaired));
        if rng.percent(60) {
            scenario.actions.extend(impaired.lifted_by().map(|heal| (later, heal)));
        }
    }
    for (_, act) in &mut scenario.actions {
        if let Action::Gray { flows, .. } = act
            && rng.percent(40)
        {
            flows.which = Which::Over(100 + 50 * rng.below(8) as u16);
        }
    }
    for (_, act) in &mut scenario.actions {
        if let Action::Gray { switch: Part::Tor { .. }, flows, percent } = act
            && rng.percent(25)
        {
            (*flows, *percent) = (Flows::CONTROL, 100);
        }
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
}

/// Any link is impaired.
pub(super) fn impairment(rng: &mut Rng, plant: &Plant, scenario: &Scenario) -> Action {
    let link = link(rng, plant, scenario.group().members.len() as u32);
    let percent = 1 + rng.below(100) as u8;
    let how = match rng.below(3) {
        0 => Impairment::Delay(late(rng)),
        1 => Impairment::Reorder(percent, late(rng)),
        _ => Impairment::Duplicate(percent),
    };
    Action::Impair { link, how }
}

/// Microseconds to a fifth of a second, at times seconds, always the same or drawn.
fn late(rng: &mut Rng) -> Late {
    let most = [900, 20_000, 200_000, 3_000_000][rng.below(4) as usize];
    let least = Micros(1 + u64::from(rng.below(most)));
    Late(least, if rng.percent(50) { least } else { least + Micros(u64::from(rng.below(most))) })
}
