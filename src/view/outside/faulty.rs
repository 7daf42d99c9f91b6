//! How many replicas fail, in whatever way, of as many as a protocol reckons with.

#[cfg(test)]
mod tests;

use super::View;
use crate::clock::Micros;
use crate::fault::{Act, FaultClass, ReplicaId, ReplicaSet};
use crate::protocol::catalogue::Family;
use crate::scenario::Scenario;
use crate::view::verb;

/// The replicas that fail by some moment, each once: by the worst that it does.
///
/// Lies and forgetting are not forgiven. Whoever stopped fails while it is down, and no longer: it
/// finds on its disks what it promised (crash-recovery; PBFT's replicas come back so, too). One that
/// stands still or has no power is as silent as one that crashed.
struct Faulty {
    lies: ReplicaSet,
    forgot: ReplicaSet,
    down: ReplicaSet,
    /// Of those that are down, whose server is only paused.
    paused: ReplicaSet,
}

/// Why more fail than the promise bears, one sentence.
pub(super) fn sentence(
    scenario: &Scenario,
    view: &View,
    at: Micros,
    lies: ReplicaSet,
) -> Option<String> {
    let faulty = Faulty::of(scenario, view, at, lies);
    if scenario.protocol.family() == Family::Byzantine {
        faulty.too_many(scenario.tolerated())
    } else {
        faulty.not_reckoned_with(scenario)
    }
}

impl Faulty {
    fn of(scenario: &Scenario, view: &View, at: Micros, lies: ReplicaSet) -> Self {
        let replicas = || (0..).map(ReplicaId).zip(&scenario.members);
        let past = || scenario.acts.iter().filter(|(when, _)| *when <= at);
        let is_wiped = |server| past().any(|(_, act)| *act == Act::Wipe(server));
        let replica = |id: ReplicaId| view.replicas.get(id.index());
        let is_paused = |id, _| replica(id).is_some_and(|replica| replica.paused);
        let is_down =
            |id, server| is_paused(id, server) || !replica(id).is_some_and(|replica| replica.up);
        let those = |is_so: &dyn Fn(ReplicaId, _) -> bool| {
            replicas().filter(|(id, server)| is_so(*id, **server)).map(|(id, _)| id).collect()
        };
        let forgot: ReplicaSet = those(&|id, server| is_wiped(server) && !lies.contains(id));
        let down =
            those(&|id, server| is_down(id, server) && !lies.contains(id) && !forgot.contains(id));
        let paused = those(&|id, server| is_paused(id, server) && down.contains(id));
        Self { lies, forgot, down, paused }
    }

    /// "n1 is down", "n1 and n2 are paused"
    fn stopped(&self) -> String {
        let Self { down, paused, .. } = *self;
        let how = match paused.len() {
            0 => "down",
            some if some == down.len() => "paused",
            _ => "down or paused",
        };
        format!("{} {} {how}", down.words(), verb(down, "is", "are"))
    }

    /// Where any failure counts against one number.
    fn too_many(&self, tolerated: u8) -> Option<String> {
        let Self { lies, forgot, down, .. } = *self;
        let count = lies.len() + forgot.len() + down.len();
        if count <= tolerated {
            return None;
        }
        let kinds = [
            (lies, "lies", "lie"),
            (forgot, "forgot what it had promised", "forgot what they had promised"),
        ];
        let kinds = kinds.into_iter().filter(|(who, ..)| !who.is_empty());
        let said =
            kinds.map(|(who, one, more)| format!("{} {}", who.words(), verb(who, one, more)));
        let said = said.chain((!down.is_empty()).then(|| self.stopped()));
        let said = said.collect::<Vec<_>>().join(", ");
        let replicas = if count == 1 { "replica" } else { "replicas" };
        Some(format!(
            "{said}: {count} faulty {replicas}, and this group is set up for {tolerated}."
        ))
    }

    /// Where replicas may stop and come back, and do nothing worse.
    fn not_reckoned_with(&self, scenario: &Scenario) -> Option<String> {
        let Self { lies, forgot, down, .. } = *self;
        let protocol = scenario.protocol;
        if !lies.is_empty() {
            let lie = verb(lies, "lies", "lie");
            return Some(format!(
                "{} {lie}, and {protocol} assumes that nobody does.",
                lies.words()
            ));
        }
        if !forgot.is_empty() && !protocol.covers(FaultClass::Amnesia) {
            return Some(format!(
                "{} forgot what {} had promised; {protocol} relies on its disks.",
                forgot.words(),
                verb(forgot, "it", "they")
            ));
        }
        let left = scenario.members.len() - usize::from(down.len());
        (left < protocol.quorum(scenario.members.len())).then(|| {
            format!(
                "{}, and no majority is left: {protocol} promises no progress until one is back. \
                 What it decided stays safe.",
                self.stopped()
            )
        })
    }
}
