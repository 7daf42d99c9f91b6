//! The swarm: random plants, faults and seeds, under which no protocol may do wrong.
//!
//! Every run is played twice and must leave the same trace. A failure prints the scenario: put it
//! through `halflink run -`.

use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fault::{Action, ReplicaId};
use halflink::history::before;
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::run::Run;
use halflink::scenario::{Scenario, arbitrary};

use crate::support::{Finished, run_to_end, secs, size};

/// What the swarm has met so far: a swarm in which nothing happens proves nothing.
#[derive(Debug, Default)]
struct Met {
    elections: usize,
    commits: usize,
    /// Entries that a follower threw away for its leader's.
    repairs: u64,
    restarts: usize,
}

impl Met {
    fn add(&mut self, finished: &Finished) {
        let (history, world) = (&finished.history, finished.run.world());
        self.elections += history.elections.len();
        self.commits += history.commits.len();
        let repairs = world
            .group(0)
            .replicas()
            .map(|id| u64::from(world.group(0).replica(id).log().truncations().0));
        self.repairs += repairs.sum::<u64>();
        let ups = history.beliefs.iter().flat_map(|beliefs| beliefs.windows(2));
        self.restarts += ups.filter(|pair| pair[0].1.is_none() && pair[1].1.is_some()).count();
    }
}

/// Fails if a property broke that the generals promise: more failures than they are set up for may
/// break it.
fn assert_promised(number: u32, scenario: &Scenario) {
    let (mut run, mut history) = Run::new(Arc::new(scenario.clone()));
    let mut known = 0;
    while run.step(&mut history).is_some() {
        let failures = run.group().failures();
        let new = &history[0].violations[known..];
        assert!(
            new.is_empty() || failures.are_too_many(),
            "number {number}: {new:#?} within {failures:?}\n\n{scenario}"
        );
        known = history[0].violations.len();
    }
}

/// Runs a scenario twice, and fails if it was unsafe or came out differently.
fn play(number: u32, scenario: Scenario, met: &mut Met) {
    let finished = run_to_end(scenario.clone());
    if scenario.group().protocol.is_generals() {
        assert_promised(number, &scenario);
    } else {
        finished.assert_safe(&format!("number {number}"));
    }
    let again = run_to_end(scenario);
    let text = &finished.scenario;
    assert_eq!(again.trace_hash(), finished.trace_hash(), "number {number}\n{text}");
    assert_eq!(again.history.elections, finished.history.elections, "number {number}\n{text}");
    assert_eq!(again.history.commits, finished.history.commits, "number {number}\n{text}");
    met.add(&finished);
}

#[test]
fn random_plants_and_faults_break_nothing() {
    let mut met = Met::default();
    for number in 0..size(400, 20_000) {
        play(number, arbitrary::scenario(&mut Rng::new(number)), &mut met);
    }
    println!("{met:?}");
    assert!(met.elections > 400 && met.commits > 40_000, "{met:?}");
}

#[test]
fn random_failures_break_no_promise_of_generals() {
    let mut met = Met::default();
    for number in 0..size(150, 5_000) {
        let mut rng = Rng::new(number);
        let oral = rng.percent(50);
        let protocol = if oral { Protocol::GeneralsOm } else { Protocol::GeneralsSm };
        play(number, arbitrary::scenario_of(&mut rng, protocol), &mut met);
    }
    println!("{met:?}");
}

/// Lossy links, processes that come and go, and elections that nobody asked for: where a vote that
/// is given twice or an entry that is lost would show.
#[test]
fn lossy_links_and_restarts_break_nothing() {
    let mut met = Met::default();
    for number in 0..size(200, 10_000) {
        play(number, harsh(number, |_| true), &mut met);
    }
    println!("{met:?}");
    let enough = met.elections > 800 && met.repairs > 40 && met.restarts > 2_000;
    assert!(enough && met.commits > 20_000, "{met:?}");
}

/// The same with handovers: at any time, to anyone, up to date or not.
#[test]
fn handovers_break_nothing() {
    let mut met = Met::default();
    for number in 0..size(200, 10_000) {
        let mut scenario = harsh(number, Protocol::hands_over);
        let mut rng = Rng::new(number ^ 0x0dd5_0000);
        let replicas = scenario.group().members.len() as u32;
        for _ in 0..60 {
            let at = rng.span(Micros::ZERO, scenario.until);
            scenario.actions.push((at, Action::Transfer(ReplicaId(rng.below(replicas) as u8))));
        }
        scenario.actions.sort_by_key(|(at, _)| *at);
        play(number, scenario, &mut met);
    }
    println!("{met:?}");
    let enough = met.elections > 2_000 && met.repairs > 40 && met.restarts > 2_000;
    assert!(enough && met.commits > 20_000, "{met:?}");
}

/// Liveness, once the faults are over: within 25 of the longest election timeouts one leader is
/// followed by all, every write commits, and all logs are the leader's.
#[test]
fn when_every_fault_is_lifted_all_agree_again() {
    let mut parted = 0;
    for number in 0..size(200, 10_000) {
        let mut rng = Rng::new(number ^ 0x11fe_0000);
        let (scenario, lifted) = arbitrary::healed(&mut rng, one_of(number, Protocol::is_raft));
        let (settled, until) = (scenario.until - secs(2), scenario.until);
        let round_trip = Micros(2 * (4 * scenario.hop.0 + scenario.jitter.0));
        let finished = run_to_end(scenario);
        let text = format!("number {number}\n{}", finished.scenario);
        finished.assert_safe(&text);
        let (history, world) = (&finished.history, finished.run.world());
        parted += u32::from(before(&history.parted, lifted) == Some(true));
        assert_eq!(before(&history.parted, until), Some(false), "still parted, {text}");
        assert!(history.elections.iter().all(|won| won.at < settled), "never settles, {text}");
        // A write needs a moment to commit: there and back, and once more if packets overtook.
        let last = until - Micros(100_000 + 2 * round_trip.0);
        let mut late = history.writes.iter().filter(|write| settled <= write.at && write.at < last);
        assert!(late.clone().count() > 2, "no writes to look at, {text}");
        assert!(late.all(|write| write.committed.is_some()), "a write is lost, {text}");
        let commits: Vec<_> =
            world.group(0).replicas().map(|id| world.group(0).replica(id).commit()).collect();
        let least = commits.into_iter().min().expect("there are replicas");
        let entries =
            |id| (1..=least).map(move |index| world.group(0).replica(id).log().get(index));
        let all_same = world.group(0).replicas().all(|id| entries(id).eq(entries(ReplicaId(0))));
        assert!(all_same && least as usize >= history.commits.len() / 2, "{text}");
    }
    println!("parted when the faults were lifted: {parted}");
    assert!(parted > 50, "only {parted} runs had something to recover from");
}

/// Each of the protocols with a log in turn that are so.
fn one_of(number: u32, is_so: impl Fn(Protocol) -> bool) -> Protocol {
    let protocols = || Protocol::here().filter(|one| !one.is_generals() && is_so(*one));
    let place = number as usize % protocols().count();
    protocols().nth(place).expect("a place within them")
}

/// A random scenario in which replicas are never left in peace.
fn harsh(number: u32, is_so: impl Fn(Protocol) -> bool) -> Scenario {
    let mut scenario = arbitrary::harsh(&mut Rng::new(number ^ 0x5a5a_0000), one_of(number, is_so));
    arbitrary::impair(&mut scenario);
    arbitrary::connect(&mut scenario);
    scenario
}
