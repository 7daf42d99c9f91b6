//! Random texts of many actions that come out badly, made short.

use halflink::outcome::Outcome;
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::scenario::arbitrary;
use halflink::shrink::{Shrunk, shrink};

use crate::support::{run_to_end, scenario, secs, size};

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

#[test]
fn a_failing_line_is_made_short_under_its_protocol() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("shrink-expect.halflink");
    let text = "halflink 1\ntitle \"expected\"\nplant 3 racks of 1 server, 2 disks each\n\
        cluster c: raft+prevote+checkquorum on r1.s1 r2.s1 r3.s1\n\
        timing heartbeat 200ms, election 1s..2s\nseed 1\nwrite every 500ms\nexpect raft stable\n\
        at 0s elect n3\nat 5s cut n1 -> n3\nat 5s cut n2 -> n3\nrun 30s\n";
    std::fs::write(&file, text).expect("the target folder can be written");
    let halflink = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_halflink"));
        let output = command.args(arguments).output().expect("the command line was built");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let path = file.to_str().expect("a path of ours");
    assert_eq!(halflink(&["check", path]).0, Some(1), "raft stalls, and is expected not to");
    let (code, short) = halflink(&["shrink", path, "--protocol", "raft"]);
    assert_eq!(code, Some(0), "{short}");
    assert!(short.contains(": raft on"), "{short}");
    let outcome = run_to_end(scenario(&short)).outcome();
    assert_eq!(outcome.name(), "stalled", "{short}");
}
