//! Random replicas that are kept apart for a while.

use super::{moment, pair, shuffled};
use crate::fault::{Action, Ends, Groups, Link, ReplicaId};
use crate::rng::Rng;
use crate::scenario::Scenario;

/// Replicas are kept apart for a while, and come together again flow by flow or all at once.
pub(super) fn keep_apart(rng: &mut Rng, scenario: &mut Scenario) {
    let replicas = scenario.group().members.len() as u32;
    let cut = if rng.percent(40) {
        Action::Isolate(ReplicaId(rng.below(replicas) as u8))
    } else {
        Action::Partition(groups(rng, replicas))
    };
    let at = moment(rng, scenario.until);
    let later = moment(rng, scenario.until).max(at);
    scenario.actions.push((at, cut));
    if rng.percent(30) {
        let (from, to) = pair(rng, replicas);
        let link = Link { ends: Ends::Flow(from, to), both: rng.percent(50) };
        scenario.actions.push((later, Action::Heal { link }));
    } else if rng.percent(80) {
        scenario.actions.extend(cut.lifted_by().map(|heal| (later, heal)));
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
}

/// Two groups or more of so many replicas, and at times somebody in none.
fn groups(rng: &mut Rng, replicas: u32) -> Groups {
    let order = shuffled(rng, (0..replicas as u8).collect(), replicas as usize);
    let mut groups = Groups::default();
    let mut last = 2;
    for (number, replica) in (0..).zip(order) {
        let group = if number < 2 { number + 1 } else { rng.below(last + 2) };
        last = last.max(group);
        if group > 0 {
            groups.put(ReplicaId(replica), group as u8);
        }
    }
    groups
}
