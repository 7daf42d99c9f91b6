//! The swarm: random plants, faults and seeds, under which no variant of Raft may do wrong.
//!
//! Every run is played twice and must leave the same trace. A failure prints the scenario: put it
//! through `halflink run -`.

use halflink::clock::Micros;
use halflink::fault::{Act, Ends, Link, ReplicaId};
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::scenario::{Scenario, arbitrary};

use crate::support::{Finished, run_to_end, size};

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
        let repairs = world.replicas().map(|id| u64::from(world.replica(id).log().truncations().0));
        self.repairs += repairs.sum::<u64>();
        let ups = history.beliefs.iter().flat_map(|beliefs| beliefs.windows(2));
        self.restarts += ups.filter(|pair| pair[0].1.is_none() && pair[1].1.is_some()).count();
    }
}

/// Runs a scenario twice, and fails if it was unsafe or came out differently.
fn play(number: u32, scenario: Scenario, met: &mut Met) {
    let finished = run_to_end(scenario.clone());
    finished.assert_safe(&format!("number {number}"));
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
        let mut scenario = arbitrary::scenario(&mut Rng::new(number));
        scenario.protocol = every_protocol(number);
        play(number, scenario, &mut met);
    }
    println!("{met:?}");
    assert!(met.elections > 400 && met.commits > 40_000, "{met:?}");
}

/// Lossy links, processes that come and go, and elections that nobody asked for: where a vote that
/// is given twice or an entry that is lost would show.
#[test]
fn lossy_links_and_restarts_break_nothing() {
    let mut met = Met::default();
    for number in 0..size(200, 10_000) {
        play(number, harsh(number), &mut met);
    }
    println!("{met:?}");
    let enough = met.elections > 800 && met.repairs > 40 && met.restarts > 2_000;
    assert!(enough && met.commits > 20_000, "{met:?}");
}

fn every_protocol(number: u32) -> Protocol {
    Protocol::ALL[number as usize % Protocol::ALL.len()]
}

/// A random scenario in which replicas are never left in peace.
fn harsh(number: u32) -> Scenario {
    let mut rng = Rng::new(number ^ 0x5a5a_0000);
    let mut scenario = arbitrary::scenario(&mut rng);
    scenario.protocol = every_protocol(number);
    scenario.write_every = Some(Micros::from_millis(u64::from(20 + rng.below(100))));
    // Reordering: chance adds up to a heartbeat to a packet's way.
    if rng.percent(50) {
        scenario.jitter = Micros(u64::from(rng.below(1 + scenario.heartbeat.0 as u32)));
    }
    let replicas = scenario.members.len() as u32;
    let mut acts = Vec::new();
    for from in (0..replicas).map(|id| ReplicaId(id as u8)) {
        for to in (0..replicas).map(|id| ReplicaId(id as u8)).filter(|&to| to != from) {
            let link = Link { ends: Ends::Flow(from, to), both: false };
            let most = if rng.percent(30) { 90 } else { 30 };
            let percent = 1 + rng.below(most) as u8;
            acts.push((Micros::ZERO, Act::Cut { link, percent }));
        }
    }
    for _ in 0..60 {
        let at = rng.span(Micros::ZERO, scenario.until);
        let server = scenario.members[rng.below(replicas) as usize];
        let later = Micros(at.0 + u64::from(rng.below(2_000_000))).min(scenario.until);
        match rng.below(4) {
            0 | 1 => acts.extend([(at, Act::Crash(server)), (later, Act::Restart(server))]),
            2 => acts.extend([(at, Act::Pause(server)), (later, Act::Resume(server))]),
            _ => acts.push((at, Act::Elect(ReplicaId(rng.below(replicas) as u8)))),
        }
    }
    acts.sort_by_key(|(at, _)| *at);
    scenario.acts = acts;
    scenario
}
