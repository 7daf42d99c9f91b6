//! What the latest fault did or did not change, read from the run and never from a script.

use super::Consequence;
use crate::check::Violation;
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
    let lost = lost_writes(history, (from, to), timeline.scenario().longest_election_timeout());
    let broken = history.violations.iter().find(|one| from <= one.at && one.at < to);
    let nothing = doubt.is_none() && lost == 0 && broken.is_none();
    let noticed = doubt.filter(|doubt| doubt.at <= at);
    let text = match (&noticed, broken.filter(|one| one.at <= at)) {
        (None, None) if nothing => unchanged(history, from, to),
        (_, Some(one)) => broke(one, from),
        (Some(doubt), None) => doubt.words(from),
        (None, None) if lost == 0 || at < to => "So far nobody has noticed.".to_owned(),
        (None, None) => format!("Nobody changes its mind, but {}.", not_committed(lost)),
    };
    Some(Consequence { at_us: from.0, fault: act.to_string(), nothing, text })
}

/// "2.0 s later durability breaks: ...", of the first that broke.
fn broke(violation: &Violation, from: Micros) -> String {
    let Violation { property, at, detail } = violation;
    format!("{} {} breaks: {detail}.", later(at.since(from)), property.name())
}

fn not_committed(lost: usize) -> String {
    if lost == 1 {
        "a write is not committed".to_owned()
    } else {
        format!("{lost} writes are not committed")
    }
}

/// Nobody changed its mind, and every write that has had the time was committed.
fn unchanged(history: &History, from: Micros, to: Micros) -> String {
    let parted = before(&history.parted, Micros(from.0 + 1)).unwrap_or(true);
    let written = history.writes.iter().filter(|write| from <= write.at && write.at < to);
    let writes = if written.filter(|write| write.committed.is_some()).count() > 0 {
        ", and writes go on"
    } else {
        ""
    };
    if parted {
        format!("This changes nothing: every server believes what it believed before{writes}.")
    } else {
        format!("This changes nothing: every server still follows its leader{writes}.")
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

/// Writes tried in the stretch that were never committed, and had the time to be.
fn lost_writes(history: &History, (from, to): (Micros, Micros), patience: Micros) -> usize {
    let until = Micros(to.0.saturating_sub(patience.0));
    let tried = history.writes.iter().filter(|write| from <= write.at && write.at < until);
    tried.filter(|write| write.committed.is_none()).count()
}

/// "1.4 s later"
fn later(after: Micros) -> String {
    match after.0 / 1_000 {
        0 => "At once".to_owned(),
        millis @ 1..1_000 => format!("{millis} ms later"),
        millis => format!("{}.{} s later", millis / 1_000, millis / 100 % 10),
    }
}

impl Doubt {
    /// "1.4 s later n1 gives up on n3 and asks for votes."
    fn words(&self, from: Micros) -> String {
        let Self { at, who, before, after } = self;
        let later = later(at.since(from));
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
