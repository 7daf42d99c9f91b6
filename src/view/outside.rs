//! Whether what has happened is outside the protocol's fault model, and why.

use super::View;
use crate::clock::Micros;
use crate::fault::{Act, FaultClass, ReplicaId, ReplicaSet};
use crate::network::LANES_MAX;
use crate::protocol::Protocol;
use crate::scenario::Scenario;

/// Why nothing is promised any more by `at`, one sentence; `None` while the promise stands. `view`
/// shows the replicas and the flows at that moment.
///
/// Lies and forgetting are not forgiven: what a liar said stays said. Generals alone start afresh
/// with each order, so that who was loyal again before it does not count. A lost message is
/// forgiven once the link carries again, but the generals' round is over by then.
pub(super) fn sentence(scenario: &Scenario, view: &View, at: Micros) -> Option<String> {
    let protocol = scenario.protocol;
    let past = || scenario.acts.iter().filter(move |(when, _)| *when <= at);
    let of = |class| past().any(|(_, act)| act.inflicts() == Some(class));
    let liars = liars(scenario, at);
    if !liars.is_empty() && !protocol.covers(FaultClass::Byzantine) {
        let lies = if liars.len() == 1 { "lies" } else { "lie" };
        Some(format!("{liars} {lies}, and {protocol} assumes that nobody does."))
    } else if liars.len() > scenario.tolerated() {
        let (count, liars) = (liars.len(), if liars.len() == 1 { "liar" } else { "liars" });
        let tolerated = scenario.tolerated();
        Some(format!("{count} {liars}, and this group is set up for {tolerated}."))
    } else if of(FaultClass::Amnesia) && !protocol.covers(FaultClass::Amnesia) {
        Some(format!("A replica forgot what it had promised; {protocol} relies on its disks."))
    } else if protocol.is_generals() {
        generals(scenario, view, liars, of)
    } else {
        None
    }
}

/// Whose lies count at that time.
fn liars(scenario: &Scenario, at: Micros) -> ReplicaSet {
    let past = || scenario.acts.iter().filter(move |(when, _)| *when <= at);
    let order = past().filter(|(_, act)| matches!(act, Act::Order(_))).map(|(when, _)| *when).max();
    let reformed = |since: Micros, who: ReplicaId| {
        let loyal = |(when, act): &(Micros, Act)| {
            *act == Act::Loyal(who) && since <= *when && Some(*when) <= order
        };
        scenario.protocol.is_generals() && past().any(loyal)
    };
    let liar = |(when, act): &(Micros, Act)| {
        let Act::Betray { replica, .. } = act else { return None };
        (!reformed(*when, *replica)).then_some(*replica)
    };
    past().filter_map(liar).collect()
}

/// Which of the assumptions of Lamport, Shostak & Pease is broken. A2 and A4 never are: a packet
/// names its sender, and nobody signs for somebody else.
fn generals(
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
