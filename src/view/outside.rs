//! Whether what has happened is outside the protocol's fault model, and why.

use crate::clock::Micros;
use crate::fault::{Act, FaultClass, ReplicaSet};
use crate::scenario::Scenario;

/// Why nothing is promised any more by `at`, one sentence; `None` while the promise stands.
///
/// Lies and forgetting are not forgiven: what a liar said stays said. A lost message is, once the
/// link carries again, but the generals' round is over by then.
pub(super) fn sentence(scenario: &Scenario, at: Micros) -> Option<String> {
    let protocol = scenario.protocol;
    let past = || scenario.acts.iter().filter(move |(when, _)| *when <= at);
    let liar = |(_, act): &(Micros, Act)| {
        if let Act::Betray { replica, .. } = act { Some(*replica) } else { None }
    };
    let liars: ReplicaSet = past().filter_map(liar).collect();
    let of = |class| past().any(|(_, act)| act.inflicts() == Some(class));
    let tolerated = scenario.tolerated();
    if !liars.is_empty() && !protocol.covers(FaultClass::Byzantine) {
        let lies = if liars.len() == 1 { "lies" } else { "lie" };
        Some(format!("{liars} {lies}, and {protocol} assumes that nobody does."))
    } else if liars.len() > tolerated {
        let (count, liars) = (liars.len(), if liars.len() == 1 { "liar" } else { "liars" });
        Some(format!("{count} {liars}, and this group is set up for {tolerated}."))
    } else if of(FaultClass::Amnesia) && !protocol.covers(FaultClass::Amnesia) {
        Some(format!("A replica forgot what it had promised; {protocol} relies on its disks."))
    } else if protocol.is_generals() && of(FaultClass::Omission) {
        Some("A1 is broken: not every message that is sent arrives.".to_owned())
    } else if protocol.is_generals() && of(FaultClass::Timing) {
        Some("A3 is broken: a message that is late looks like one that was not sent.".to_owned())
    } else {
        None
    }
}
