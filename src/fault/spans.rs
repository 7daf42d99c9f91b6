//! From when to when each fault of a scenario is in force.

use super::{Act, Ends, Link};
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

/// Every fault of these actions, which are in order of time, up to `end`.
pub fn spans(acts: &[(Micros, Act)], end: Micros) -> Vec<FaultInForce> {
    let inflicted =
        acts.iter().enumerate().filter(|(_, (at, act))| act.inflicts().is_some() && *at <= end);
    let spans = inflicted.map(|(action, &(from, act))| {
        let (lift, later) = (act.lifted_by(), &acts[action + 1..]);
        let ended = later.iter().find(|(_, other)| lift == Some(*other) || replaces(act, *other));
        FaultInForce { action, from, to: ended.map_or(end, |(at, _)| (*at).min(end)) }
    });
    spans.collect()
}

/// True if `later` lifts the fault that `act` inflicts along with others, or puts another in its
/// place.
fn replaces(act: Act, later: Act) -> bool {
    if let (Act::Cut { link, .. }, Act::Heal { link: other } | Act::Cut { link: other, .. }) =
        (act, later)
    {
        return covers(other, link);
    }
    let behaviour = |act| {
        let Act::Betray { replica, deed } = act else { return None };
        Some((replica, deed.behaviour))
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
