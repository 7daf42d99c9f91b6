//! From when to when each fault of a scenario is in force.

use super::{Action, Ends, Groups, Link, Reach};
use crate::clock::Micros;

/// A fault in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultInForce {
    /// The number of the action that inflicts it.
    pub action: usize,
    /// From.
    pub from: Micros,
    /// When another action lifts it or puts another in its place, or the end.
    pub to: Micros,
}

/// Every fault of these actions, which are in order of time, up to `end`, in a cluster of so many
/// replicas; of one that says `leader`, only once it is known who that is. One that cuts several
/// flows lasts until the last of them is healed, or cut anew.
pub fn spans(actions: &[(Micros, Action)], replicas: usize, end: Micros) -> Vec<FaultInForce> {
    let replicas = u8::try_from(replicas).unwrap_or(Groups::REPLICAS);
    let reach = actions.iter().map(|(_, act)| Reach::touched(*act, replicas));
    let reach: Vec<Option<Reach>> = reach.collect();
    let inflicted = actions
        .iter()
        .enumerate()
        .filter(|(_, (at, act))| act.inflicts().is_some() && !act.is_open() && *at <= end);
    let spans = inflicted.map(|(action, &(from, act))| {
        let (lift, mut later) = (act.lifted_by(), action + 1..actions.len());
        let ended = if let Some(mut left) = reach[action] {
            later.find(|&other| {
                let reach = reach[other].filter(|_| ends_the_same(act, actions[other].1));
                left = reach.map_or(left, |other| left.without(&other));
                left.is_empty()
            })
        } else {
            later.find(|&other| {
                let other = actions[other].1;
                // The same again takes its place.
                lift == Some(other) || act == other || replaces(act, other)
            })
        };
        FaultInForce { action, from, to: ended.map_or(end, |other| actions[other].0.min(end)) }
    });
    spans.collect()
}

/// True if `later`, done to a link on which `act` is a fault, is about what that is: what lifts one
/// lifts all, but a longer delay is no cut.
fn ends_the_same(act: Action, later: Action) -> bool {
    let impairment = |act| if let Action::Impair { how, .. } = act { Some(how) } else { None };
    later.lifts()
        || match (impairment(act), impairment(later)) {
            (None, None) => true,
            (Some(one), Some(other)) => one.replaces(other),
            (None, Some(_)) | (Some(_), None) => false,
        }
}

/// True if `later` lifts the fault of a part that `act` inflicts along with others, or puts another
/// in its place.
fn replaces(act: Action, later: Action) -> bool {
    if let (
        Action::Cut { link, .. } | Action::Impair { link, .. },
        Action::Heal { link: other }
        | Action::Cut { link: other, .. }
        | Action::Impair { link: other, .. },
    ) = (act, later)
    {
        return ends_the_same(act, later) && covers(other, link);
    }
    let behaviour = |act| {
        let Action::Betray { replica, byzantine } = act else { return None };
        Some((replica, byzantine.behaviour))
    };
    behaviour(act).is_some() && behaviour(act) == behaviour(later)
}

/// True if `wider` touches every direction of `link`.
fn covers(wider: Link, link: Link) -> bool {
    let reverse = match wider.ends {
        Ends::Lane(from, to) => Ends::Lane(to, from),
        Ends::Flow(from, to) => Ends::Flow(to, from),
    };
    let there = wider.ends == link.ends || wider.both && reverse == link.ends;
    there && (wider.both || !link.both)
}
