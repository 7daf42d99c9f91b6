//! What the latest fault did or did not change, read from the run and never from a script.

use super::Consequence;
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::history::{History, before};
use crate::protocol::{Belief, Role};
use crate::timeline::Timeline;

/// The first change of mind after a fault.
struct Doubt {
    at: Micros,
    who: ReplicaId,
    before: Option<Belief>,
    after: Option<Belief>,
}

/// What came of the latest fault by `at`; `None` before the first.
pub(super) fn latest(timeline: &Timeline, at: Micros) -> Option<Consequence> {
    if timeline.scenario().protocol.is_generals() {
        // They have no leader to doubt and no writes to lose: their vectors tell.
        return None;
    }
    let acts = &timeline.scenario().acts;
    let known = &acts[..acts.partition_point(|(when, _)| *when <= at)];
    let number = known.iter().rposition(|(_, act)| act.inflicts().is_some())?;
    let (from, act) = acts[number];
    let next = acts[number + 1..].iter().map(|(when, _)| *when).find(|&when| when > from);
    let to = next.unwrap_or(timeline.scenario().until);
    if timeline.frontier_at() < to {
        return None;
    }
    let history = timeline.history();
    let doubt = first_doubt(history, from, to);
    let lost = lost_writes(history, from, to);
    let nothing = doubt.is_none() && lost == 0;
    let text = match &doubt {
        None if nothing => unchanged(history, from),
        None => format!("Nobody changes its mind, but {lost} writes are not committed."),
        Some(doubt) if at < doubt.at => "So far nobody has noticed.".to_owned(),
        Some(doubt) => doubt.words(from),
    };
    Some(Consequence { at_us: from.0, fault: act.to_string(), nothing, text })
}

fn unchanged(history: &History, from: Micros) -> String {
    let parted = before(&history.parted, Micros(from.0 + 1)).unwrap_or(true);
    if parted {
        "This changes nothing: every server believes what it believed before.".to_owned()
    } else {
        "This changes nothing: every server still hears its leader, and writes go on.".to_owned()
    }
}

/// Looks at each replica's first change of leader or role in the stretch, and takes the earliest.
fn first_doubt(history: &History, from: Micros, to: Micros) -> Option<Doubt> {
    let doubts = history.beliefs.iter().zip(0..).filter_map(|(beliefs, id)| {
        let start = beliefs.partition_point(|(at, _)| *at < from);
        let mut known = start.checked_sub(1).and_then(|last| beliefs[last].1);
        for &(at, belief) in beliefs[start..].iter().take_while(|(at, _)| *at < to) {
            let mind = |belief: Option<Belief>| belief.map(|belief| (belief.role, belief.leader));
            if mind(belief) != mind(known) {
                return Some(Doubt { at, who: ReplicaId(id), before: known, after: belief });
            }
            known = belief;
        }
        None
    });
    doubts.min_by_key(|doubt| doubt.at)
}

/// Writes tried in the stretch and never committed; those of its last moment may still be.
fn lost_writes(history: &History, from: Micros, to: Micros) -> usize {
    let last = history.commits.last().copied().unwrap_or(Micros::ZERO);
    let tried = history.writes.iter().filter(|write| from <= write.at && write.at < to.min(last));
    tried.filter(|write| write.committed.is_none()).count()
        + usize::from(last < from && history.writes.iter().any(|write| from <= write.at))
}

impl Doubt {
    /// "1.4 s later n1 gives up on n3 and asks for votes."
    fn words(&self, from: Micros) -> String {
        let Self { at, who, before, after } = self;
        let later = match at.since(from).0 / 1_000 {
            0 => "At once".to_owned(),
            millis @ 1..1_000 => format!("{millis} ms later"),
            millis => format!("{}.{} s later", millis / 1_000, millis / 100 % 10),
        };
        let lost = before.and_then(|belief| belief.leader).filter(|leader| leader != who);
        let change = match after {
            None => "stops".to_owned(),
            Some(Belief { role: Role::Leader, .. }) => "becomes leader".to_owned(),
            Some(Belief { role: Role::Candidate | Role::PreCandidate, .. }) => match lost {
                Some(leader) => format!("gives up on {leader} and asks for votes"),
                None => "asks for votes".to_owned(),
            },
            Some(Belief { role: Role::Follower, leader: Some(leader), .. }) => {
                format!("follows {leader}")
            }
            Some(Belief { role: Role::Follower, leader: None, .. }) => match lost {
                Some(leader) => format!("no longer follows {leader}"),
                None => "steps down".to_owned(),
            },
        };
        format!("{later} {who} {change}.")
    }
}
