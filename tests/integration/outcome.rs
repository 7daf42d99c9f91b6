//! The one word for a run, and what it must not depend on.

use halflink::clock::Micros;
use halflink::fault::Action;
use halflink::outcome::{Outcome, Service, judge};
use halflink::plant::Plant;
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::scenario::{Scenario, arbitrary};

use crate::support::{felt, run_to_end, scenario, secs, size};

const RARE_WRITES: &str = include_str!("../outcomes/stalled-rare-writes.halflink");
const SECOND_FAULT: &str = include_str!("../outcomes/harmless-second-fault.halflink");

fn word(scenario: Scenario) -> Outcome {
    let text = scenario.to_string();
    let finished = run_to_end(scenario);
    let verdict = judge(&finished.scenario, &finished.history);
    // The word is that of one of its episodes, and no episode is worse.
    let worst = verdict.episodes.iter().map(|episode| episode.outcome).min();
    assert_eq!(worst.unwrap_or(Outcome::Stable), verdict.outcome, "{verdict:#?}\n{text}");
    let of_worst = verdict.worst.map_or(Outcome::Stable, |one| verdict.episodes[one].outcome);
    assert_eq!(of_worst, verdict.outcome, "{verdict:#?}\n{text}");
    verdict.outcome
}

#[test]
fn rare_writes_and_an_early_end_do_not_hide_a_stall() {
    for every in ["300ms", "2s", "5s"] {
        for until in [14, 20, 34, 60] {
            let text = RARE_WRITES
                .replace("write   every 2s", &format!("write   every {every}"))
                .replace("run     33900ms", &format!("run     {until}s"));
            assert_eq!(word(scenario(&text)), Outcome::Stalled, "{every}, {until} s");
        }
    }
}

#[test]
fn a_harmless_fault_later_does_not_excuse_the_one_before() {
    let both = scenario(SECOND_FAULT);
    assert_eq!(word(both.clone()), Outcome::Stalled);
    let finished = run_to_end(both);
    let verdict = judge(&finished.scenario, &finished.history);
    let sentence =
        "Served nobody from 0:04.2 to 1:04; service came back 3 ms after n2 -> n3 was healed.";
    assert_eq!(felt(&verdict.sentence), sentence);
    assert_eq!(verdict.worst, Some(0));
}

/// How long after, as another thing than the lift may have brought it back.
#[test]
fn how_long_after_a_lift_service_came_back_is_told() {
    let one = |stops: &str, goes_on: &str| {
        let text = format!(
            "halflink 1\ntitle \"One\"\nplant 1 racks of 1 servers, 2 disks each\n\
             cluster c: raft on r1.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 7\n\
             write every 200ms\nat 10s {stops} r1.s1\nat 20s {goes_on} r1.s1\nrun 40s\n"
        );
        let finished = run_to_end(scenario(&text));
        felt(&judge(&finished.scenario, &finished.history).sentence)
    };
    let paused = one("pause", "resume");
    assert!(paused.ends_with("service came back as soon as r1.s1 was resumed."), "{paused}");
    let stopped = one("crash", "restart");
    assert!(stopped.ends_with("service came back 1.8 s after r1.s1 was restarted."), "{stopped}");
}

#[test]
fn whoever_still_waits_at_the_end_is_not_passed_over() {
    // etcd's stale leader: nothing is committed after the cut, and the run ends within the
    // patience.
    let told = include_str!("../golden/etcd-stale-leader.txt");
    let (text, _) = told.split_once("---\n").expect("a story");
    let finished = run_to_end(scenario(text));
    let verdict = judge(&finished.scenario, &finished.history);
    assert_eq!(verdict.outcome, Outcome::Stable);
    let sentence =
        "Served 7 of 7 writes. The run ends while 13 writes wait, the longest for 3.6 s.";
    assert_eq!(felt(&verdict.sentence), sentence);
    // Longer, it is what it was on the way to.
    assert_eq!(word(scenario(&text.replace("run     6s", "run     20s"))), Outcome::Stalled);
}

/// A random scenario of any protocol with clients.
fn drawn(rng: &mut Rng) -> Scenario {
    loop {
        let drawn = arbitrary::scenario(rng);
        if !drawn.group().protocol.is_generals() && drawn.group().write_every.is_some() {
            return drawn;
        }
    }
}

/// The crash of a server on which nothing runs; `None` if there is none.
fn harmless(scenario: &Scenario, rng: &mut Rng) -> Option<[(Micros, Action); 2]> {
    let plant = Plant::new(scenario.plant);
    let spare = plant.servers().find(|server| !scenario.group().members.contains(server))?;
    let from = Micros(rng.span(Micros::ZERO, scenario.until).0 / 1_000 * 1_000);
    let to = Micros(rng.span(from, scenario.until).0 / 1_000 * 1_000).max(from);
    Some([(from, Action::Crash(spare)), (to, Action::Restart(spare))])
}

#[test]
fn a_fault_that_changes_nothing_makes_nothing_better() {
    let mut tried = 0;
    for seed in 0.. {
        if tried == size(60, 1_000) {
            break;
        }
        let mut rng = Rng::new(0x0dd + seed);
        let plain = drawn(&mut rng);
        let Some(actions) = harmless(&plain, &mut rng) else { continue };
        let mut more = plain.clone();
        let lifted = if rng.percent(50) { 2 } else { 1 };
        more.actions.extend(actions.into_iter().take(lifted));
        more.actions.sort_by_key(|(at, _)| *at);
        if !more.flaws().is_empty() {
            continue;
        }
        tried += 1;
        let (before, after) = (run_to_end(plain), run_to_end(more));
        assert_eq!(before.history.writes.len(), after.history.writes.len(), "seed {seed}");
        assert_eq!(before.history.commits, after.history.commits, "seed {seed}");
        let (before, after) = (before.outcome(), after.outcome());
        // Nor worse: who is restarted and serves nobody has helped nobody.
        assert_eq!(after, before, "seed {seed}");
    }
}

/// What is lifted at the end and goes on in peace was as bad as it was.
#[test]
fn healing_and_going_on_erases_nothing() {
    for seed in 0..size(60, 1_000) {
        let mut rng = Rng::new(0x4ea1 + seed);
        let mut healed = drawn(&mut rng);
        healed.actions.retain(|(_, act)| !matches!(act, Action::Betray { .. } | Action::Wipe(_)));
        let until = healed.until;
        if until < Micros(4 * healed.group().longest_election_timeout().0).max(secs(8)) {
            continue;
        }
        let lifts = healed.actions.iter().filter_map(|(_, act)| Some((until, act.lifted_by()?)));
        healed.actions.extend(lifts.collect::<Vec<_>>());
        let cut = run_to_end(Scenario { until, ..healed.clone() });
        healed.until = Micros(until.0 + 60_000_000);
        if !healed.flaws().is_empty() {
            continue;
        }
        let on = run_to_end(healed);
        // Of a run that ends before a write has had the time, nothing is known yet.
        if Service::of(&cut.scenario, &cut.history).served == 0 {
            continue;
        }
        let (before, after) = (cut.outcome(), on.outcome());
        let text = &on.scenario;
        assert!(after <= before, "seed {seed}: {} becomes {}\n{text}", before.name(), after.name());
    }
}

/// One write was lost, and the next one was waiting when somebody healed the group: wherever the
/// run is cut, that is one client who gave up.
#[test]
fn who_still_waits_is_not_lost_yet() {
    let cut = |until: &str| {
        let text = format!(
            "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
             cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..1.2s\n\
             seed 1\nwrite every 4.5s\nat 0s elect n3\nat 10s crash r1.s1\nat 10s crash r2.s1\n\
             at 19s restart r1.s1\nrun {until}\n"
        );
        word(scenario(&text))
    };
    assert_eq!((cut("19s"), cut("60s")), (Outcome::Stable, Outcome::Stable));
}

#[test]
fn who_serves_nobody_is_neither_stable_nor_parted() {
    for seed in 0..size(80, 1_000) {
        let finished = run_to_end(drawn(&mut Rng::new(0x0a11 + seed)));
        let service = Service::of(&finished.scenario, &finished.history);
        if !finished.history.writes.is_empty() && service.served == 0 {
            let outcome = finished.outcome();
            let text = &finished.scenario;
            assert!(outcome <= Outcome::Stalled, "seed {seed}: {}\n{text}", outcome.name());
        }
    }
}

/// Faults that stay, under protocols that take them differently.
const STEADY: [&str; 4] = [
    "at 5s cut n3 -> n1\n",
    "at 5s cut n1 <-> n3\n",
    "at 5s cut n1 -> n3\nat 5s cut n2 -> n3\n",
    "at 5s crash r1.s1\n",
];

fn steady(fault: &str, protocol: Protocol, (every_ms, until): (u64, u64), seed: u32) -> Scenario {
    let text = format!(
        "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster c: {protocol} on r1.s1 r2.s1 r3.s1\n\
         timing heartbeat 100ms, election 500ms..1s\ntiming n2 election 1s..1.5s\nseed {seed}\n\
         write every {every_ms}ms\nat 0s elect n3\n{fault}run {until}s\n"
    );
    scenario(&text)
}

/// Wherever a run ends, and however often clients write, if its state is steady.
#[test]
fn neither_the_end_nor_the_period_of_writes_changes_the_word() {
    let protocols = [
        Protocol::RaftSticky,
        Protocol::RaftPrevoteCheckquorum,
        Protocol::RaftPrevote,
        Protocol::MultipaxosRobust,
        Protocol::Vr,
        Protocol::Omnipaxos,
    ];
    let mut rng = Rng::new(0x57ea);
    for protocol in protocols {
        for fault in STEADY {
            for seed in 1..=size(1, 12) {
                let first = word(steady(fault, protocol, (300, 90), seed));
                for every in [50, 1_000] {
                    let until = 60 + u64::from(rng.below(60));
                    let run = steady(fault, protocol, (every, until), seed);
                    let other = word(run);
                    assert_eq!(
                        other, first,
                        "{protocol}, {fault}every {every} ms, {until} s, seed {seed}"
                    );
                }
            }
        }
    }
}

/// Without clients a run is judged by its leadership, and says so.
#[test]
fn without_clients_leadership_counts() {
    let quiet = |fault: &str| {
        let mut quiet = steady(fault, Protocol::RaftPrevoteCheckquorum, (300, 60), 1);
        quiet.group_mut().let_write(None);
        let finished = run_to_end(quiet);
        judge(&finished.scenario, &finished.history)
    };
    let calm = quiet("");
    assert_eq!(calm.outcome, Outcome::Stable);
    assert!(felt(&calm.sentence).contains("nobody writes"), "{calm:?}");
    let dead = quiet("at 5s crash r1.s1\nat 5s crash r2.s1\n");
    assert_eq!(dead.outcome, Outcome::Stalled);
    assert!(felt(&dead.sentence).starts_with("Nobody led from 0:0"), "{dead:?}");
    let left = quiet("at 5s cut n1 <-> n3\n");
    assert_eq!(
        (left.outcome, felt(&left.sentence).as_str()),
        (
            Outcome::Parted,
            "Kept a leader; n1 was left out. Judged by its leadership alone, as nobody writes.",
        )
    );
}
