//! Whether what has happened is outside the protocol's fault model, and why.

mod faulty;
mod generals;

use super::View;
use crate::clock::Micros;
use crate::fault::{Act, FaultClass, ReplicaId, ReplicaSet};
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
    if !protocol.is_generals() {
        faulty::sentence(scenario, view, at, liars)
    } else if liars.len() > scenario.tolerated() {
        let (count, liars) = (liars.len(), if liars.len() == 1 { "liar" } else { "liars" });
        let tolerated = scenario.tolerated();
        Some(format!("{count} {liars}, and this group is set up for {tolerated}."))
    } else if of(FaultClass::Amnesia) {
        Some(format!("A general forgot what he had heard; {protocol} relies on its disks."))
    } else {
        generals::sentence(scenario, view, liars, of)
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
