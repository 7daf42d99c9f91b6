//! Runs that would never end, or fill memory, end at a bound: as data, and always at the same
//! event.
//!
//! The texts in `tests/hostile` did one or the other before there was a meter; their heads say
//! what.

use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fault::{Action, ReplicaId};
use halflink::history::History;
use halflink::meter::{Bound, Bounds};
use halflink::report::Report;
use halflink::run::{self, Run};
use halflink::scenario::Scenario;
use halflink::timeline::Timeline;
use halflink::view::Strip;

use crate::support::{scenario, secs, size};
use halflink::words::told;

pub(crate) const HOSTILE: [(&str, &str); 6] = [
    ("delay-600s", include_str!("../hostile/delay-600s.halflink")),
    ("hotstuff-15-hour", include_str!("../hostile/hotstuff-15-hour.halflink")),
    ("raft-15-elections", include_str!("../hostile/raft-15-elections.halflink")),
    ("wipe-and-replay", include_str!("../hostile/wipe-and-replay.halflink")),
    ("wiped-follower-storm", include_str!("../hostile/wiped-follower-storm.halflink")),
    ("zab-deny-leader", include_str!("../hostile/zab-deny-leader.halflink")),
];

/// More than a hundred thousand packets are under way after about 200 s of it.
fn delay() -> Scenario {
    scenario(HOSTILE[0].1)
}

/// Where a run is, so that two can be told apart.
fn state(run: &Run, history: &History) -> impl PartialEq + std::fmt::Debug + use<> {
    let world = run.world();
    (world.trace_hash(), world.events(), world.group(0).meter().work(), history.exhausted)
}

/// The run as it ends when nothing watches and nothing is kept.
fn ended(scenario: &Scenario) -> (Run, History) {
    run::to_end(Arc::new(scenario.clone()))
}

#[test]
fn a_run_ends_at_its_bound_as_data() {
    let scenario = delay();
    let (run, history) = ended(&scenario);
    let exhausted = history.exhausted.expect("600 s of heartbeats to 14 followers are too many");
    assert_eq!(exhausted.bound, Bound::UnderWay);
    assert!(secs(60) < exhausted.at && exhausted.at < secs(600), "{exhausted:?}");
    assert_eq!(run.world().exhausted(), Some(exhausted));
    let report = Report::of(&run, &history);
    let shown = report.exhausted.expect("the report says so");
    assert_eq!((shown.at_us, shown.bound), (exhausted.at.0, "under-way"));
    assert!(
        shown.text.contains("more than 100000 packets and timers under way at once"),
        "{}",
        shown.text
    );
    // What is measured is what is known.
    assert!(report.window.to_us <= exhausted.at.0 && report.window.from_us == 1_000_000);
}

/// In slices, from checkpoints, after going elsewhere: it is the same run, ending at the same
/// event.
#[test]
fn the_bound_is_the_same_however_one_gets_there() {
    let scenario = delay();
    let (run, history) = ended(&scenario);
    let end = history.exhausted.expect("see above").at;
    let mut timeline = Timeline::new(scenario.clone());
    let mut before = 0;
    while !timeline.advance(10_000) {
        // A slice is a slice: no event here is more than a round of messages.
        assert!(timeline.worked() - before < 10_100, "{}", timeline.worked() - before);
        before = timeline.worked();
    }
    assert_eq!(state(timeline.frontier(), timeline.history()), state(&run, &history));
    assert_eq!((timeline.end(), timeline.frontier_at()), (end, end));
    assert_eq!(timeline.trace_hash(), Some(run.world().trace_hash()));
    let strip = Strip::of(&timeline);
    assert_eq!(strip.exhausted.map(|shown| shown.at_us), Some(end.0));
    assert!(strip.frontier_us == end.0 && strip.outcome.is_some());
    // Past the end there is what there was at the end; nothing comes after it.
    for at in [end, Micros(end.0 + 1), scenario.until] {
        let hash = timeline.seek(at, Micros::ZERO).0.trace_hash();
        assert_eq!(hash, run.world().trace_hash(), "{at}");
        assert_eq!(timeline.event_after(at), None);
    }
    assert_eq!(timeline.event_before(scenario.until), Some(end));
    let middle = Micros(end.0 / 2);
    let there = timeline.seek(middle, Micros::ZERO).0.trace_hash();
    let mut fresh = Timeline::new(scenario.clone());
    let mut slices = 0;
    while !fresh.approach(middle, Micros::ZERO, 5_000) {
        slices += 1;
    }
    assert!(slices > 5, "{slices} slices");
    assert_eq!(fresh.seek(middle, Micros::ZERO).0.trace_hash(), there);
    // A fork before the bound is another run: here the liar is loyal again, and all is well.
    let mut loyal = scenario;
    loyal.actions.push((secs(2), Action::Loyal(ReplicaId(0))));
    timeline.change(loyal);
    timeline.reach(Micros(2 * end.0));
    assert_eq!((timeline.history().exhausted, timeline.end()), (None, secs(3_600)));
}

/// Every text that once froze something, or filled memory, comes to an end.
#[test]
fn whatever_is_asked_for_ends() {
    for (name, text) in HOSTILE {
        let mut timeline = Timeline::new(scenario(text));
        let most = u64::from(size(400_000, u32::MAX));
        while timeline.worked() < most && !timeline.advance(20_000) {}
        let (world, ended) = (timeline.frontier().world(), timeline.history().exhausted);
        let meter = world.group(0).meter();
        println!(
            "{name}: {} to {}, {} messages, {} events: {}",
            timeline.complete(),
            timeline.frontier_at(),
            meter.messages(),
            world.events(),
            ended.map_or(String::new(), |ended| told("exhausted", &ended.fact()))
        );
        assert!(meter.messages() <= Bounds::MESSAGES + 5_000, "{name}");
        assert!(timeline.complete() || timeline.worked() >= most, "{name}");
    }
}
