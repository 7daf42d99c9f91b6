//! Random texts of many actions that come out badly, made short.

use halflink::outcome::Outcome;
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::scenario::arbitrary;
use halflink::shrink::{Shrunk, shrink};

use crate::support::{secs, size};

/// Of 20 to 60 actions, unsafe or stalled.
fn bad(number: u32) -> Option<Shrunk> {
    let rng = &mut Rng::new(number ^ 0x51b4_0000);
    let protocols = [Protocol::Raft, Protocol::Zab, Protocol::Pbft];
    let mut scenario = arbitrary::group(rng, protocols[number as usize % 3], 4);
    scenario.until = scenario.until.min(secs(30));
    scenario.notes.clear();
    let count = 20 + rng.below(41);
    scenario.actions = arbitrary::actions(rng, &scenario, count);
    scenario.actions.retain(|(at, _)| *at <= scenario.until);
    if scenario.actions.len() < 20 || !scenario.flaws().is_empty() {
        return None;
    }
    let short =
        shrink(&scenario.to_string(), &|_| String::new(), &mut |_| ()).expect("it has no flaws");
    let is_bad = matches!(short.goals[0].outcome, Outcome::Unsafe | Outcome::Stalled);
    (is_bad && short.goals[0].serves).then_some(short)
}

#[test]
fn what_comes_out_badly_needs_few_faults() {
    let wanted = size(12, 50) as usize;
    let mut left: Vec<usize> = (0..).filter_map(bad).take(wanted).map(of).collect();
    left.sort_unstable();
    assert!(left[wanted / 2] <= 4, "actions that are left: {left:?}");
}

fn of(short: Shrunk) -> usize {
    assert!(short.is_done && short.actions[0] >= 20, "{}", short.text);
    short.actions[1]
}
