//! Whole runs under faults and liars, and the rules of the paper one by one.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for one thing")]

mod clients_and_timers;
mod by_hand;

use std::collections::BTreeMap;

use super::*;
use crate::check::Property;
use crate::fault::{Action, Behaviour, ByzantineBehaviour, Ends, Link};
use crate::history::History;
use crate::network::Network;
use crate::protocol::mutant::tests::with;
use crate::protocol::{Protocol, ProtocolMessage, forge};
use crate::rng::Rng;
use crate::run::{Run, to_end};
use crate::scenario::{Scenario, arbitrary, text};
use crate::world::{Group, Packet, Sink, World};

/// Four replicas, or as many as `on` names; `rest` is the acts and the length.
fn scenario(rest: &str) -> Scenario {
    let text = format!(
        "halflink 1\ntitle \"PBFT\"\nplant 4 racks of 2 servers, 2 disks each\n\
         cluster c: pbft on r1.s1 r2.s1 r3.s1 r4.s1\ntiming heartbeat 100ms, election 500ms..1s\n\
         seed 7\n{rest}\n"
    );
    text::parse(&text).unwrap_or_else(|wrong| panic!("{wrong:#?}\nin\n{text}"))
}

fn play(scenario: Scenario) -> (Run, History) {
    to_end(scenario.into())
}

/// Runs it, and fails if anything broke.
fn play_safely(rest: &str) -> (Run, History) {
    let (run, history) = play(scenario(rest));
    assert_eq!(history.violations, [], "{rest}");
    (run, history)
}

/// How many writes of those tried from second `from` to second `to` were committed, and how many
/// not.
fn writes(history: &History, from: u64, to: u64) -> (usize, usize) {
    let (from, to) = (Micros::from_secs(from), Micros::from_secs(to));
    let tried = history.writes.iter().filter(|write| from <= write.at && write.at < to);
    let done = tried.clone().filter(|write| write.committed.is_some()).count();
    (done, tried.count() - done)
}

fn machine(world: &Group, id: u8) -> &Pbft {
    match world.replica(ReplicaId(id)) {
        crate::protocol::Replica::Pbft(machine) => machine,
        _ => panic!("all of them speak PBFT"),
    }
}

/// Packets by kind.
#[derive(Default)]
struct Counter(BTreeMap<&'static str, u32>);

impl Sink for Counter {
    fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
        *self.0.entry(packet.message.kind()).or_default() += 1;
    }
}

fn packets(rest: &str) -> (World, Vec<(&'static str, u32)>) {
    let mut world = World::new(scenario(rest).into());
    let mut counter = Counter::default();
    while world.step(&mut counter).is_some() {}
    (world, counter.0.into_iter().collect())
}

/// facts.md 6.2: 3 PRE-PREPAREs, 9 PREPAREs, 12 COMMITs, and nothing more, for ever.
#[test]
fn one_request_takes_twenty_four_messages() {
    let (world, counted) = packets("write every 10s\nrun 19s");
    assert_eq!(counted, [("commit", 12), ("pre-prepare", 3), ("prepare", 9)]);
    assert!(world.group(0).replicas().all(|id| world.group(0).replica(id).commit() == 1));
}

/// Figure 1 of the paper: replica 3 is faulty, and the request commits all the same.
#[test]
fn with_replica_3_silent_it_takes_eighteen() {
    let (world, counted) = packets("write every 10s\nat 1s crash r4.s1\nrun 19s");
    assert_eq!(counted, [("commit", 9), ("pre-prepare", 3), ("prepare", 6)]);
    let commits: Vec<_> =
        world.group(0).replicas().map(|id| world.group(0).replica(id).commit()).collect();
    assert_eq!(commits, [1, 1, 1, 0]);
}

/// The cuts that part `victim` from the others: what it says (1), what it hears (2), or both (3).
fn isolate(victim: u8, ways: u8, at: u64) -> String {
    let others = (1..=4).filter(|&other| other != victim);
    let cuts = others.flat_map(|other| {
        let out = format!("at {at}s cut n{victim} -> n{other}\n");
        let in_ = format!("at {at}s cut n{other} -> n{victim}\n");
        [(1, out), (2, in_)]
    });
    cuts.filter(|(way, _)| way & ways != 0).map(|(_, cut)| cut).collect()
}

/// Any one may be cut off, in either direction or both. A primary that nobody hears is replaced by
/// the next at once; one that hears nobody is when its window is full.
#[test]
fn with_any_one_isolated_requests_commit() {
    for victim in 1..=4 {
        for ways in 1..=3 {
            let cuts = isolate(victim, ways, 2);
            let (run, history) = play_safely(&format!("write every 100ms\n{cuts}run 20s"));
            let which = format!("n{victim} {ways}");
            assert_eq!(writes(&history, 0, 19).1, 0, "{which}");
            let others = (1..=4).filter(|&other| other != victim).map(|id: u8| id - 1);
            let views: Vec<_> = others.map(|id| machine(run.group(), id).view).collect();
            let expected = if victim == 1 { [1; 3] } else { [0; 3] };
            assert_eq!(views, expected, "{which}");
        }
    }
}

/// Two cut off of four: nothing commits, nothing diverges, and all is made up for afterwards.
#[test]
fn with_two_isolated_requests_wait() {
    for (one, other) in [(1, 2), (1, 3), (2, 4), (3, 4)] {
        for ways in 1..=3 {
            let cuts = isolate(one, ways, 3) + &isolate(other, ways, 3);
            let heals = cuts.replace("cut", "heal").replace("at 3s", "at 15s");
            let text = format!("write every 200ms\n{cuts}{heals}run 45s");
            let (run, history) = play_safely(&text);
            let waited = history.commits.iter().filter(|at| (4..15).contains(&(at.0 / 1_000_000)));
            if ways == 3 {
                assert_eq!(waited.count(), 0, "{one} {other}");
            }
            assert_eq!(writes(&history, 0, 44).1, 0, "{one} {other} {ways}");
            let late = writes(&history, 35, 44).0;
            assert!(late > 40, "{one} {other} {ways}: {late}");
            let world = run.world();
            let least =
                world.group(0).replicas().map(|id| world.group(0).replica(id).commit()).min();
            assert!(least > Some(180), "{one} {other} {ways}: {least:?}");
        }
    }
}

/// The primary dies: view 1, n2, and no request is lost.
#[test]
fn a_dead_primary_is_replaced_by_the_next() {
    let (run, history) = play_safely("write every 100ms\nat 3s crash r1.s1\nrun 10s");
    let led: Vec<_> = history.elections.iter().map(|won| (won.leader.0, won.epoch)).collect();
    assert_eq!(led, [(0, 0), (1, 1)]);
    assert_eq!(writes(&history, 0, 9).1, 0);
    assert_eq!(
        run.group().belief(ReplicaId(2)).and_then(|belief| belief.leader),
        Some(ReplicaId(1))
    );
    let twice =
        "write every 100ms\nat 3s crash r1.s1\nat 6s restart r1.s1\nat 8s crash r2.s1\nrun 20s";
    let (_, history) = play_safely(twice);
    let led: Vec<_> = history.elections.iter().map(|won| (won.leader.0, won.epoch)).collect();
    assert_eq!(led, [(0, 0), (1, 1), (2, 2)]);
    assert_eq!(writes(&history, 0, 19).1, 0);
}

/// "A faulty replica alone cannot force a view change."
#[test]
fn one_that_denies_the_primary_changes_nothing() {
    let byzantine =
        "at 1s traitor n3 deny-leader to n1 n2 n4\nat 1s traitor n3 claim-leadership to n1 n2 n4";
    let (run, history) = play_safely(&format!("write every 100ms\n{byzantine}\nrun 20s"));
    assert_eq!(history.elections.len(), 1);
    assert_eq!(writes(&history, 0, 19).1, 0);
    assert!(run.group().lies_told() > 300);
}

/// Down for two hundred requests, a replica fetches them by checkpoints; then nothing is said.
#[test]
fn one_that_was_down_catches_up_and_then_all_are_silent() {
    let text = "write every 20ms\nat 1s crash r4.s1\nat 6s restart r4.s1\nrun 7s";
    let (run, _) = play_safely(text);
    let world = run.world();
    let commits: Vec<_> =
        world.group(0).replicas().map(|id| world.group(0).replica(id).commit()).collect();
    assert!(commits.iter().all(|&commit| commit >= commits[0] - 1 && commit > 340), "{commits:?}");
    assert!(machine(world.group(0), 3).slots.len() <= WINDOW as usize);
    // One write, while n4 is down; all that n4 needs when it is back is two rounds of asking.
    let (world, counted) =
        packets("write every 10s\nat 9s crash r4.s1\nat 11s restart r4.s1\nrun 19s");
    assert_eq!(world.group(0).replica(ReplicaId(3)).commit(), 1);
    let extra =
        [("commit", 9), ("committed", 3), ("pre-prepare", 3), ("prepare", 6), ("status", 6)];
    assert_eq!(counted, extra);
}

/// Every third packet is lost, and every request commits everywhere.
#[test]
fn lost_messages_are_recovered_from() {
    let mut lossy = String::from("write every 50ms\n");
    for from in 1..=4 {
        for to in (1..=4).filter(|&to| to != from) {
            lossy += &format!("at 0s lose 30% of n{from} -> n{to}\n");
        }
    }
    for seed in 1..=5 {
        let (run, history) =
            play(scenario(&format!("{lossy}run 30s")).with(|group| group.seed = seed));
        assert_eq!(history.violations, [], "seed {seed}");
        let world = run.world();
        let commits: Vec<_> =
            world.group(0).replicas().map(|id| world.group(0).replica(id).commit()).collect();
        assert_eq!(writes(&history, 0, 25).1, 0, "seed {seed}: {commits:?}");
        assert!(commits.iter().all(|&commit| commit > 450), "seed {seed}: {commits:?}");
    }
}

/// A random group with random faults and `liars` of any behaviour among it, over `secs` seconds.
fn random(number: u32, liars: impl Fn(&Scenario) -> u8, secs: u64) -> Scenario {
    let mut rng = Rng::new(number ^ 0x9bf7_0000);
    let mut scenario = scenario(&format!("write every 100ms\nrun {secs}s"));
    let replicas = [4, 4, 4, 5, 7][rng.below(5) as usize];
    scenario.group_mut().members =
        crate::plant::Plant::new(scenario.plant).servers().take(replicas).collect();
    scenario.group_mut().seed = number;
    if rng.percent(50) {
        scenario.jitter = Micros(u64::from(rng.below(60_000)));
    }
    scenario.actions = arbitrary::actions(&mut rng, &scenario, 8);
    if rng.percent(50) {
        let most = 1 + rng.below(40) as u8;
        let replicas = || (0..replicas as u8).map(ReplicaId);
        for (from, to) in replicas().flat_map(|from| replicas().map(move |to| (from, to))) {
            let link = Link { ends: Ends::Flow(from, to), both: false };
            if from != to {
                scenario.actions.push((Micros::ZERO, Action::Cut { link, percent: most }));
            }
        }
    }
    let first = rng.below(replicas as u32);
    for liar in 0..u32::from(liars(&scenario)) {
        let replica = ReplicaId(((first + liar) % replicas as u32) as u8);
        for _ in 0..1 + rng.below(5) {
            let at = rng.span(Micros::ZERO, scenario.until);
            let behaviour = Behaviour::ALL[rng.below(8) as usize];
            let others = rng.below(1 << replicas) as u16 & !(1 << replica.0);
            let by = if behaviour == Behaviour::Delay { rng.below(500_000) } else { 0 };
            let byzantine =
                ByzantineBehaviour { behaviour, toward: ReplicaSet(others), by: Micros(by.into()) };
            scenario.actions.push((at, Action::Betray { replica, byzantine }));
        }
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
    scenario
}

/// As [`random`], but messages overtake each other and replicas are never left in peace.
fn harsh(number: u32) -> Scenario {
    let mut scenario = random(number, |scenario| scenario.group().tolerated(), 20);
    let mut rng = Rng::new(number ^ 0x4a55_0000);
    scenario.jitter = Micros(u64::from(20_000 + rng.below(100_000)));
    for _ in 0..60 {
        let at = rng.span(Micros::ZERO, scenario.until);
        let later = Micros(at.0 + u64::from(rng.below(600_000))).min(scenario.until);
        let server =
            scenario.group().members[rng.below(scenario.group().members.len() as u32) as usize];
        scenario.actions.extend([(at, Action::Crash(server)), (later, Action::Restart(server))]);
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
    scenario
}

/// Every third one is a harsh one.
fn any(number: u32) -> Scenario {
    if number % 3 == 2 {
        harsh(number)
    } else {
        random(number, |scenario| scenario.group().tolerated(), 20)
    }
}

fn large(small: u32, large: u32) -> u32 {
    if std::env::var("HALFLINK_LARGE").is_ok_and(|value| value == "1") { large } else { small }
}

/// Up to f traitors of every behaviour, one-way cuts, losses, crashes: agreement never breaks.
#[test]
fn with_f_traitors_nothing_breaks() {
    let (mut commits, mut views, mut lies, mut caught) = (0, 0, 0, 0);
    // In 1,088 a liar passes on a NEW-VIEW that it is part of.
    for number in (0..large(150, 10_000)).chain([1_088]) {
        let scenario = any(number);
        let (run, history) = play(scenario.clone());
        assert_eq!(history.violations, [], "number {number}\n{scenario}");
        let (again, _) = play(scenario.clone());
        let hash = |run: &Run| run.world().trace_hash();
        assert_eq!(hash(&again), hash(&run), "number {number}\n{scenario}");
        commits += history.commits.len();
        views += history.elections.len();
        lies += run.group().lies_told();
        let world = run.world();
        for id in world.group(0).replicas().filter(|&id| world.group(0).is_honest(id)) {
            for (liar, why) in world.group(0).replica(id).evidence() {
                assert!(
                    !world.group(0).is_honest(liar),
                    "{id} wronged {liar}: {why:?}\n{scenario}"
                );
                caught += 1;
            }
        }
    }
    println!("{commits} commits, {views} views led, {lies} lies, {caught} times caught");
    assert!(commits > 15_000 && views > 250 && lies > 20_000 && caught > 20);
}

/// Liveness, with f traitors lying to the end: once no other fault is left, requests commit.
#[test]
fn with_f_traitors_requests_commit_once_links_are_whole() {
    for number in 0..large(40, 2_000) {
        let mut scenario = random(number, |scenario| scenario.group().tolerated(), 20);
        let lifted = scenario.until;
        scenario.actions.retain(|(_, act)| {
            matches!(
                act,
                Action::Cut { .. }
                    | Action::Gray { .. }
                    | Action::Crash(_)
                    | Action::Pause(_)
                    | Action::Betray { .. }
            )
        });
        let lifts = scenario.actions.iter().filter_map(|(_, act)| match *act {
            Action::Cut { link, .. } => Some(Action::Heal { link }),
            Action::Gray { switch, .. } => Some(Action::Ungray { switch }),
            Action::Crash(server) => Some(Action::Restart(server)),
            Action::Pause(server) => Some(Action::Resume(server)),
            _ => None,
        });
        let lifts: Vec<_> = lifts.map(|act| (lifted, act)).collect();
        scenario.actions.extend(lifts);
        scenario.until = Micros::from_secs(120);
        let (_, history) = play(scenario.clone());
        assert_eq!(history.violations, [], "number {number}\n{scenario}");
        let (done, lost) = writes(&history, 100, 115);
        assert!(done == 150 && lost == 0, "number {number}: {done}, {lost} lost\n{scenario}");
    }
}

/// f + 1 traitors, a primary with two stories and a backup that votes for both: found at once.
#[test]
fn with_two_traitors_of_four_the_checker_finds_a_break() {
    let (liar, helper) =
        ("at 1s traitor n1 equivocate to n4\n", "at 1s traitor n2 double-vote to n3 n4\n");
    let found = |byzantine: &str, seed| {
        let text = format!("write every 300ms\n{byzantine}run 15s");
        play(scenario(&text).with(|group| group.seed = seed)).1.violations
    };
    let broken =
        (1..=20).find_map(|seed| found(&format!("{liar}{helper}"), seed).into_iter().next());
    let broken = broken.expect("two of four lie");
    assert_eq!(broken.property, Property::Agreement, "{broken:?}");
    for seed in 1..=20 {
        assert_eq!(found(liar, seed), [], "one alone, seed {seed}");
        assert_eq!(found(helper, seed), [], "one alone, seed {seed}");
    }
}

/// One script, two protocols: a leader that tells two stories. Raft believes it, PBFT does not.
#[test]
fn the_leader_that_breaks_raft_does_not_break_pbft() {
    let script = "write every 200ms\nat 0s elect n1\nat 4s traitor n1 equivocate to n3 n4\nrun 20s";
    for seed in 1..=large(20, 200) {
        let pbft = scenario(script).with(|group| group.seed = seed);
        let raft = pbft.clone().with(|group| group.protocol = Protocol::Raft);
        let (_, history) = play(raft.clone());
        let broken = history.violations.first().unwrap_or_else(|| panic!("Raft holds\n{raft}"));
        assert!(broken.at > Micros::from_secs(4), "{broken:?}");
        let (_, history) = play(pbft.clone());
        assert_eq!(history.violations, [], "{pbft}");
        let led: Vec<_> = history.elections.iter().map(|won| won.leader.0).collect();
        assert_eq!((led, writes(&history, 0, 19).1), (vec![0, 1], 0), "{pbft}");
    }
}

/// Each known mistake is found, by the scenarios that find nothing without it.
#[test]
fn every_mistake_is_caught() {
    for mutant in [Mutant::SmallQuorum, Mutant::ForgetLock, Mutant::VoteTwice] {
        let breaks = |number: &u32| {
            let scenario = any(*number);
            with(mutant, || !play(scenario).1.violations.is_empty())
        };
        let number = (0..1_000).find(breaks).unwrap_or_else(|| panic!("{mutant:?} is not caught"));
        println!("{mutant:?}: number {number}");
        let honest = play(any(number)).1.violations;
        assert_eq!(honest, [], "{mutant:?}");
    }
}

/// Replica `id` of four, as it is before anything happens.
fn replica(id: u8) -> Pbft {
    let election = Micros(500)..=Micros(1_000);
    let heartbeat = Micros(100);
    Pbft::new(Identity { id: ReplicaId(id), replicas: 4, tolerated: 1, heartbeat, election })
}

/// Tells it that, and returns what it says, with its receivers.
fn hear(machine: &mut Pbft, from: u8, message: Message) -> Vec<(u8, Message)> {
    let mut effects = Vec::new();
    machine.step(Input::Deliver { from: ReplicaId(from), message: &message }, &mut effects);
    let said = effects.into_iter().filter_map(|effect| match effect {
        Effect::Send { to, message: super::super::Message::Pbft(message), .. } => {
            Some((to.0, message))
        }
        _ => None,
    });
    said.collect()
}

fn certificate(view: View, sequence: Sequence, command: Command) -> Certificate {
    let signers = ReplicaSet(0b0111 | 1 << (view % 4));
    Certificate { view, sequence, command, signers }
}

fn change(view: View, prepared: &[Certificate]) -> Arc<Change> {
    Arc::new(Change { view, stable: Stable::EMPTY, prepared: prepared.into() })
}
