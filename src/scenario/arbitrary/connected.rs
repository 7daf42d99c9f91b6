//! Random bonds and transports.

use crate::clock::Micros;
use crate::plant::{Bond, HashPolicy, Rate};
use crate::rng::Rng;
use crate::scenario::{Scenario, Transport};

/// Most bonds hash and see carrier alone.
pub(super) fn bond(rng: &mut Rng) -> Bond {
    match rng.below(8) {
        0 => Bond::ActiveBackup,
        1 | 2 => Bond::Lacp(Rate::Fast),
        3 => Bond::Lacp(Rate::Slow),
        _ => Bond::Hashed,
    }
}

/// Most hash addresses alone.
pub(super) fn hash(rng: &mut Rng) -> HashPolicy {
    match rng.below(8) {
        0..=2 => HashPolicy::Layer34,
        3 => HashPolicy::Layer23,
        _ => HashPolicy::Layer2,
    }
}

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
