//! How much memory a run takes, counted where it is allocated.
//!
//! Natively, where pointers are twice as long as in wasm: what holds here holds there. A binary of
//! its own, because the allocator is everybody's; one test, because it counts for all of them.

use std::sync::Arc;

use halflink::clock::Micros;
use halflink::run::Run;
use halflink::scenario::library::library;
use halflink::scenario::text::parse;
use halflink::timeline::Timeline;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// What a timeline may hold of a shipped scenario, and of any.
const SHIPPED_MAX: usize = 64 << 20;
const ANY_MAX: usize = 200 << 20;

const HOSTILE: [(&str, &str); 3] = [
    ("delay-600s", include_str!("hostile/delay-600s.halflink")),
    ("hotstuff-15-hour", include_str!("hostile/hotstuff-15-hour.halflink")),
    ("raft-15-elections", include_str!("hostile/raft-15-elections.halflink")),
];

/// A hundred thousand writes in the logs of fifteen: nothing but the logs is large.
const LONG: &str = "halflink 1
title   \"As many writes as there may be\"
plant   3 racks of 5 servers, 2 disks each
cluster c: raft on r1.s1 r2.s1 r3.s1 r1.s2 r2.s2 r3.s2 r1.s3 r2.s3 r3.s3 r1.s4 r2.s4 r3.s4 r1.s5 r2.s5 r3.s5
timing  heartbeat 500ms, election 2s..4s
seed    1
write   every 36ms
run     3600s
";

/// Bytes that a timeline holds after so much work, what of it a run by itself would not (the
/// checkpoints, and the world that is looked at), and the most at any time.
fn measure(text: &str, work: u64) -> [usize; 3] {
    let scenario = parse(text).expect("it is right");
    let before = ALLOCATED.current_usage();
    let (mut run, mut history) = Run::new(Arc::new(scenario.clone()));
    run.advance(work, &mut history);
    let bare = ALLOCATED.current_usage() - before;
    drop((run, history));
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let mut timeline = Timeline::new(scenario);
    timeline.advance(work);
    let middle = Micros(timeline.frontier_at().0 / 2);
    assert!(timeline.approach(middle, Micros::from_millis(400), u64::MAX));
    let all = ALLOCATED.current_usage() - before;
    let peak = ALLOCATED.peak_usage() - before;
    [all, all.saturating_sub(bare), peak]
}

#[test]
fn checkpoints_stay_small() {
    let large = std::env::var("HALFLINK_LARGE").is_ok_and(|value| value == "1");
    println!("{:>10} {:>11} {:>10}  KB", "all", "checkpoints", "peak");
    let print = |name: &str, [all, kept, peak]: [usize; 3]| {
        println!("{:>10} {:>11} {:>10}  {name}", all >> 10, kept >> 10, peak >> 10);
        [all, kept, peak]
    };
    for entry in library() {
        let [all, ..] = print(entry.name, measure(entry.text, u64::MAX));
        assert!(all < SHIPPED_MAX, "{}: {all} bytes", entry.name);
    }
    let work = if large { u64::MAX } else { 3_000_000 };
    for (name, text) in HOSTILE.into_iter().chain([("a-hundred-thousand-writes", LONG)]) {
        let [_, kept, _] = print(name, measure(text, work));
        assert!(kept < ANY_MAX, "{name}: {kept} bytes");
    }
}
