//! Random transports.

use crate::clock::Micros;
use crate::rng::Rng;
use crate::scenario::{Scenario, Transport};

/// At times messages go over connections. Generals need their rounds, and nothing that holds a
/// message up.
pub fn connect(scenario: &mut Scenario) {
    // Chance of its own, so that the rest stays what it was.
    let rng = &mut Rng::new(scenario.group().seed.rotate_left(11));
    if !scenario.group().protocol.is_generals() && rng.percent(20) {
        let timeout = Micros::from_millis(u64::from(200 + rng.below(8_000)));
        let timeout = if rng.percent(50) { Transport::TIMEOUT } else { timeout };
        scenario.group_mut().transport = Transport::Tcp { timeout };
    }
}
