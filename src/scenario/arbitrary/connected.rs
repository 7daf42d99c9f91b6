//! Random bonds and transports.

use crate::clock::Micros;
use crate::plant::{Bond, HashPolicy, PlantSpec, Rate};
use crate::protocol::Protocol;
use crate::rng::Rng;
use crate::scenario::{Scenario, Transport};

/// How a server's two cards are bonded: most hash, addresses alone, and see carrier alone.
pub(super) fn bond(spec: &mut PlantSpec, count: u32, protocol: Protocol) {
    let of = |what: u32, size: u8| Rng::new(what | count << 8 | u32::from(size)).below(8);
    spec.bond = match of(0xb0_0000, spec.servers) {
        0 => Bond::ActiveBackup,
        1 | 2 => Bond::Lacp(Rate::Fast),
        3 => Bond::Lacp(Rate::Slow),
        _ => Bond::Hashed,
    };
    let is_pair = spec.peer_links && matches!(spec.bond, Bond::Lacp(_));
    spec.mlag = is_pair && of(0x3a_0000, spec.racks) < 5;
    spec.hash = match of(0x4a_0000, spec.racks) {
        // The crate asks for a network that keeps the order of messages: two streams do not.
        0..=2 if protocol != Protocol::OmnipaxosCrate => HashPolicy::Layer34,
        3 => HashPolicy::Layer23,
        _ => HashPolicy::Layer2,
    };
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
