//! From when to when each fault of a scenario is in force.

use super::{Act, Deed, Ends, Link};
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
        let later = &acts[action + 1..];
        let ended = later.iter().find(|(_, other)| ends(act, *other)).map(|(at, _)| *at);
        FaultInForce { action, from, to: ended.map_or(end, |at| at.min(end)) }
    });
    spans.collect()
}

/// True if `later` lifts the fault that `act` inflicts, or puts another in its place.
fn ends(act: Act, later: Act) -> bool {
    match (act, later) {
        (Act::Cut { link, .. }, Act::Heal { link: other } | Act::Cut { link: other, .. }) => {
            covers(other, link)
        }
        (Act::Gray { switch, .. }, Act::Ungray { switch: other }) => switch == other,
        (Act::Fail(part), Act::Restore(other)) => part == other,
        (Act::Crash(server), Act::Restart(other)) => server == other,
        (Act::Pause(server), Act::Resume(other)) => server == other,
        (Act::Betray { replica, .. }, Act::Loyal(other)) => replica == other,
        (
            Act::Betray { replica, deed },
            Act::Betray { replica: other, deed: Deed { behaviour, .. } },
        ) => replica == other && deed.behaviour == behaviour,
        (
            Act::Cut { .. }
            | Act::Heal { .. }
            | Act::Gray { .. }
            | Act::Ungray { .. }
            | Act::Fail(_)
            | Act::Restore(_)
            | Act::Crash(_)
            | Act::Restart(_)
            | Act::Pause(_)
            | Act::Resume(_)
            | Act::Betray { .. }
            | Act::Loyal(_)
            | Act::Wipe(_)
            | Act::Transfer(_)
            | Act::Order(_)
            | Act::Elect(_),
            _,
        ) => false,
    }
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
