//! How many replicas fail, in whatever way, of as many as a protocol reckons with.

#[cfg(test)]
mod tests;

use super::View;
use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::fault::{Action, FaultClass, ReplicaId, ReplicaSet};
use crate::protocol::catalogue::Family;
use crate::scenario::Scenario;

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

/// Why more fail than the promise bears.
pub(super) fn fact(scenario: &Scenario, view: &View, at: Micros, lies: ReplicaSet) -> Option<Fact> {
    let faulty = Faulty::of(scenario, view, at, lies);
    if scenario.group().protocol.family() == Family::Byzantine {
        faulty.too_many(scenario.group().tolerated())
    } else {
        faulty.not_reckoned_with(scenario)
    }
}

impl Faulty {
    fn of(scenario: &Scenario, view: &View, at: Micros, lies: ReplicaSet) -> Self {
        let replicas = || (0..).map(ReplicaId).zip(&scenario.group().members);
        let past = || scenario.actions.iter().filter(|(when, _)| *when <= at);
        let is_wiped = |server| past().any(|(_, act)| *act == Action::Wipe(server));
        let replica = |id: ReplicaId| view.replicas.get(id.index());
        let is_paused = |id, _| replica(id).is_some_and(|replica| replica.paused);
        let is_down =
            |id, server| is_paused(id, server) || !replica(id).is_some_and(|replica| replica.up);
        let those = |is_so: &dyn Fn(ReplicaId, _) -> bool| {
            replicas().filter(|(id, server)| is_so(*id, **server)).map(|(id, _)| id).collect()
        };
        let forgot: ReplicaSet = those(&|id, server| {
            let forgot = replica(id).is_some_and(|replica| replica.forgot);
            (is_wiped(server) || forgot) && !lies.contains(id)
        });
        let down =
            those(&|id, server| is_down(id, server) && !lies.contains(id) && !forgot.contains(id));
        let paused = those(&|id, server| is_paused(id, server) && down.contains(id));
        Self { lies, forgot, down, paused }
    }

    /// "n1 is down", "n1 and n2 are paused"
    fn stopped(&self) -> Fact {
        let Self { down, paused, .. } = *self;
        let how = match paused.len() {
            0 => "down",
            some if some == down.len() => "paused",
            _ => "down-or-paused",
        };
        Fact::plain(how).with("who", down.names())
    }

    /// Where any failure counts against one number.
    fn too_many(&self, tolerated: u8) -> Option<Fact> {
        let Self { lies, forgot, down, .. } = *self;
        let count = lies.len() + forgot.len() + down.len();
        if count <= tolerated {
            return None;
        }
        let kinds = [("lie", lies), ("forgot", forgot)].into_iter();
        let kinds = kinds.filter(|(_, who)| !who.is_empty());
        let failed = kinds.map(|(kind, who)| Fact::plain(kind).with("who", who.names()));
        let failed: Vec<_> = failed.chain((!down.is_empty()).then(|| self.stopped())).collect();
        let fact = fact!("too-many", failed);
        Some(fact.with("count", count).with("tolerated", tolerated))
    }

    /// Where replicas may stop and come back, and do nothing worse.
    fn not_reckoned_with(&self, scenario: &Scenario) -> Option<Fact> {
        let Self { lies, forgot, down, .. } = *self;
        let protocol = scenario.group().protocol;
        let fact = |kind| Fact::plain(kind).with("protocol", protocol.name());
        if !lies.is_empty() {
            return Some(fact("lies").with("who", lies.names()));
        }
        if !forgot.is_empty() && !protocol.covers(FaultClass::Amnesia) {
            return Some(fact("forgot").with("who", forgot.names()));
        }
        let left = scenario.group().members.len() - usize::from(down.len());
        let is_stuck = left < protocol.quorum(scenario.group().members.len());
        is_stuck.then(|| fact("no-majority").with("stopped", self.stopped()))
    }
}
