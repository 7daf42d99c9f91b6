//! Small inputs that once gave a wrong value, each with the right one.

use halflink::clock::Micros;
use halflink::fact::Fact;
use halflink::outcome::Outcome;
use halflink::protocol::Protocol;
use halflink::report::Report;
use halflink::timeline::Timeline;
use halflink::view::View;

use crate::support::{Finished, run_to_end, scenario, secs};

macro_rules! case {
    ($name:literal) => {
        include_str!(concat!("../cases/", $name, ".halflink"))
    };
}

fn run(text: &str, protocol: &str) -> (Finished, Report) {
    let protocol = Protocol::named(protocol).expect("it is one");
    let under = scenario(text).under(protocol).unwrap_or_else(|why| panic!("{protocol}: {why:?}"));
    let finished = run_to_end(under);
    let report = Report::of(&finished.run, &finished.history);
    (finished, report)
}

fn broken(report: &Report) -> Vec<&str> {
    report.violations.iter().map(|one| one.property.as_str()).collect()
}

/// What is said of the fault model at the end.
fn outside(text: &str, protocol: &str) -> Option<Fact> {
    let protocol = Protocol::named(protocol).expect("it is one");
    let mut timeline = Timeline::new(scenario(text).under(protocol).expect("it can"));
    timeline.finish();
    let end = timeline.end();
    View::of(&mut timeline, end, Micros::ZERO).outside
}

#[test]
fn faulty_replicas_are_counted_as_the_models_count_them() {
    for protocol in ["pbft", "tendermint", "hotstuff"] {
        // Who forgot is faulty, and is one.
        let (_, forgot) = run(case!("amnesia-within-f"), protocol);
        assert_eq!((forgot.outcome, forgot.writes_lost), (Outcome::Stable, 0), "{protocol}");
        assert_eq!(outside(case!("amnesia-within-f"), protocol), None, "{protocol}");
        let two = outside(case!("two-faulty-of-four"), protocol);
        assert!(two.is_some(), "{protocol}: a liar and a crash are two");
    }
}

#[test]
fn an_acknowledged_write_is_not_lost_in_silence() {
    let crash = [
        "raft",
        "etcd-raft",
        "raft+prevote+checkquorum",
        "multipaxos",
        "vr",
        "zab",
        "omnipaxos",
        "omnipaxos+happy",
        "omnipaxos-crate",
        "tikv-raft",
    ];
    for protocol in crash {
        let (_, all) = run(case!("lost-by-all"), protocol);
        assert!(broken(&all).contains(&"durability"), "{protocol}: {:?}", broken(&all));
        let (_, led) = run(case!("lost-then-led"), protocol);
        // Who recovers as VR does serves nobody without the only copy.
        let is_safe = protocol == "vr";
        assert_eq!(led.outcome != Outcome::Unsafe, is_safe, "{protocol}: {}", led.sentence);
    }
    run(case!("vr-wiped-primary"), "vr").0.assert_safe("a primary that was wiped");
}

#[test]
fn generals_are_judged_by_both_conditions() {
    let both = run(case!("ic1-beside-ic2"), "generals-om").1;
    let (ic1, ic2) = ("IC1: all loyal lieutenants", "IC2: every loyal lieutenant");
    for condition in [ic1, ic2] {
        assert!(broken(&both).iter().any(|one| one.starts_with(condition)), "{condition}");
    }
    let own = scenario(case!("ic1-never-judged")).group().protocol.name();
    let never = run(case!("ic1-never-judged"), own).1;
    assert!(broken(&never).iter().any(|one| one.starts_with(ic1)), "{:?}", broken(&never));
    for text in [case!("generals-shifted-clock"), case!("generals-shifted-clock-signed")] {
        let shifted = scenario(text);
        run_to_end(shifted).assert_safe("a restart off the beat");
    }
}

#[test]
fn etcds_library_is_met_in_what_its_source_says() {
    for protocol in
        ["etcd-raft", "etcd-raft+prevote", "etcd-raft+checkquorum", "etcd-raft+prevote+checkquorum"]
    {
        let (_, told) = run(case!("etcd-commit-broadcast"), protocol);
        let commits: Vec<u32> = told.replicas.iter().map(|one| one.commit).collect();
        assert!(commits.iter().all(|commit| *commit == commits[0] && *commit > 0), "{commits:?}");
        let (_, back) = run(case!("etcd-transfer-back"), protocol);
        assert_eq!(back.whole.writes_committed, 1, "{protocol}");
    }
    let (_, lost) = run(case!("etcd-vote-lost-n2"), "etcd-raft");
    assert_eq!(lost.replicas[1].role, "follower");
}

#[test]
fn whoever_can_catch_up_does() {
    let (finished, one_way) = run(case!("hotstuff-one-way"), "hotstuff");
    assert!(finished.history.commits.iter().any(|at| *at > secs(115)), "{}", one_way.sentence);
    assert!(broken(&run(case!("hotstuff-noop-hash"), "hotstuff").1).is_empty());
    let (_, restart) = run(case!("tendermint-quiet-restart"), "tendermint");
    assert_eq!(restart.replicas[3].commit, 1);
    let (_, relay) = run(case!("tendermint-relay"), "tendermint");
    assert!(relay.replicas[0].commit >= 298, "{}", relay.replicas[0].commit);
    let (_, clients) = run(case!("pbft-one-executor"), "pbft");
    assert_eq!(clients.whole.writes_committed, 9);
    let (_, jitter) = run(case!("omnipaxos-crate-jitter"), "omnipaxos-crate");
    assert!(jitter.writes_served >= 2_900, "{}", jitter.writes_served);
}
