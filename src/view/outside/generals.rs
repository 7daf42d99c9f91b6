//! What the generals assume, and whether it holds.

use crate::clock::Micros;
use crate::fault::{FaultClass, ReplicaId, ReplicaSet};
use crate::network::LANES_MAX;
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::view::View;

/// Which of the assumptions of Lamport, Shostak & Pease is broken. A2 and A4 never are: a packet
/// names its sender, and nobody signs for somebody else.
pub(super) fn sentence(
    scenario: &Scenario,
    view: &View,
    liars: ReplicaSet,
    of: impl Fn(FaultClass) -> bool,
) -> Option<String> {
    let (generals, tolerated) = (scenario.members.len(), usize::from(scenario.tolerated()));
    let up = |id: u8| view.replicas.get(usize::from(id)).is_some_and(|replica| replica.up);
    let lost = view.flows.iter().find(|flow| flow.state != "up" && up(flow.from) && up(flow.to));
    let stopped = (0u8..)
        .zip(&view.replicas)
        .filter(|(id, replica)| !replica.up && !liars.contains(ReplicaId(*id)));
    let traitors = usize::from(liars.len()) + stopped.count();
    let way = Micros(LANES_MAX as u64 * scenario.hop.0 + scenario.jitter.0);
    if scenario.protocol == Protocol::GeneralsOm && traitors > 0 && generals <= 3 * tolerated {
        let (m, least) = (tolerated, 3 * tolerated + 1);
        Some(format!("OM({m}) takes {least} generals to survive a traitor, here are {generals}."))
    } else if let Some(flow) = lost {
        let (from, to) = (ReplicaId(flow.from), ReplicaId(flow.to));
        Some(format!("A1 is broken: not everything that {from} sends {to} arrives."))
    } else if of(FaultClass::Omission) {
        Some("A1 was broken: not every message that was sent arrived.".to_owned())
    } else if of(FaultClass::Timing) {
        Some("A3 is broken: a message that is late looks like one that was not sent.".to_owned())
    } else if way >= scenario.heartbeat {
        Some(format!("A3 is broken: a message may take {way}, and a round is over by then."))
    } else if traitors > tolerated {
        let rule = "who stopped counts as a traitor";
        Some(format!(
            "{traitors} generals fail ({rule}), and this group is set up for {tolerated}."
        ))
    } else {
        None
    }
}
