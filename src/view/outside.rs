//! Whether what has happened is outside the protocol's fault model, and why.

mod faulty;
mod generals;

use super::View;
use crate::clock::Micros;
use crate::fact::Fact;
use crate::fault::{Action, ReplicaSet};
use crate::scenario::Scenario;

pub(super) use generals::fact as of_generals;

/// Why nothing is promised any more by `at`, in the room `outside`; `None` while the promise stands.
/// `view` shows the replicas and the flows at that moment. For generals see [`of_generals`].
///
/// Lies and forgetting are not forgiven: what a liar said stays said.
pub(super) fn fact(scenario: &Scenario, view: &View, at: Micros) -> Option<Fact> {
    faulty::fact(scenario, view, at, liars(scenario, at))
}

/// Who ever lied by that time.
fn liars(scenario: &Scenario, at: Micros) -> ReplicaSet {
    let past = scenario.actions.iter().filter(|(when, _)| *when <= at);
    let liar = |(_, act): &(Micros, Action)| {
        let Action::Betray { replica, .. } = act else { return None };
        Some(*replica)
    };
    past.filter_map(liar).collect()
}
