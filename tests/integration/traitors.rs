//! Liars: every way to lie in every protocol, what it breaks and what it cannot break, and what is
//! said of lies that cannot be told.

use std::collections::BTreeSet;

use halflink::clock::Micros;
use halflink::fault::{Action, Behaviour, ByzantineBehaviour, ORDERS, ReplicaId, ReplicaSet};
use halflink::plant::{PlantSpec, ServerAt};
use halflink::protocol::Protocol;
use halflink::protocol::catalogue::Family;
use halflink::rng::Rng;
use halflink::scenario::text::parse;
use halflink::scenario::{Scenario, arbitrary};

use crate::support::{run_to_end, size};

/// A random scenario with so many replicas, each in a rack of its own, in random trouble.
fn group(rng: &mut Rng, protocol: Protocol, replicas: u8) -> Scenario {
    let mut scenario = arbitrary::scenario_of(rng, protocol);
    scenario.plant = PlantSpec::new(replicas, 1, 2);
    scenario.server_names.clear();
    scenario.group_mut().names.clear();
    scenario.group_mut().members = (0..replicas).map(|rack| ServerAt { rack, slot: 0 }).collect();
    scenario.group_mut().election_of.clear();
    scenario.group_mut().clocks.clear();
    scenario.group_mut().databases.clear();
    scenario.until = scenario.until.min(Micros::from_secs(20));
    scenario.notes.clear();
    scenario.group_mut().let_write(Some(Micros::from_millis(u64::from(50 + rng.below(200)))));
    let count = rng.below(8);
    scenario.actions = arbitrary::actions(rng, &scenario, count);
    // Two stand at once, now and then: where nobody asks for a vote, nobody gives two.
    for _ in 0..4 {
        let at = rng.span(Micros::ZERO, scenario.until);
        let first = rng.below(u32::from(replicas)) as u8;
        let both = [first, (first + 1) % replicas].map(ReplicaId);
        scenario.actions.extend(both.map(|id| (at, Action::Elect(id))));
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
    if protocol.is_generals() {
        // Orders in peace: that every message arrives is what generals rely on.
        scenario.group_mut().let_write(None);
        let order = |number: u64| {
            let which = 1 + rng.below(ORDERS.len() as u32);
            (Micros::from_secs(1 + number), Action::Order(which))
        };
        scenario.actions = (0..4).map(order).collect();
    }
    scenario
}

/// How many replicas are a small group, and a larger one, of that protocol.
fn replicas(rng: &mut Rng, protocol: Protocol) -> u8 {
    let (small, large) = match protocol.family() {
        Family::Byzantine => (4, 7),
        Family::Crash | Family::Production => (3, 5),
    };
    if rng.percent(70) { small } else { large }
}

/// That replica does all of this from some early moment on, to some of the others.
fn betray(rng: &mut Rng, scenario: &mut Scenario, replica: ReplicaId, behaviours: &[Behaviour]) {
    // From the start, or later: some are done by then.
    let from = rng.below(3_000);
    let at = Micros::from_millis(if rng.percent(50) { 0 } else { u64::from(from) });
    for &behaviour in behaviours {
        let others =
            (0..scenario.group().members.len() as u8).map(ReplicaId).filter(|one| *one != replica);
        let mut toward: ReplicaSet = others.filter(|_| rng.percent(50)).collect();
        if behaviour == Behaviour::SilentTo && toward.is_empty() {
            toward.add(ReplicaId(u8::from(replica.0 == 0)));
        }
        let late = behaviour == Behaviour::Delay;
        let by =
            if late { Micros::from_millis(u64::from(1 + rng.below(500))) } else { Micros::ZERO };
        scenario.actions.push((
            at,
            Action::Betray { replica, byzantine: ByzantineBehaviour { behaviour, toward, by } },
        ));
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
}

fn can(protocol: Protocol, behaviour: Behaviour) -> bool {
    protocol.refuses(behaviour).is_none()
}

/// One to all of the ways to lie that a protocol has.
fn lies(rng: &mut Rng, protocol: Protocol) -> Vec<Behaviour> {
    let share = 20 + rng.below(60) as u8;
    let possible = Behaviour::ALL.into_iter().filter(|&behaviour| can(protocol, behaviour));
    let lies: Vec<_> = possible.filter(|_| rng.percent(share)).collect();
    if lies.is_empty() { vec![Behaviour::Equivocate] } else { lies }
}

/// Nothing panics, whatever a liar says, and the same text is the same run.
#[test]
fn every_lie_can_be_told_in_every_protocol() {
    for protocol in Protocol::here() {
        let mut told = 0;
        for behaviour in Behaviour::ALL.into_iter().filter(|&behaviour| can(protocol, behaviour)) {
            let mut of_kind = 0;
            // Where votes are for values, two votes need two stories, and so a second liar.
            let is_byzantine = protocol.family() == Family::Byzantine;
            let needs_two = is_byzantine && behaviour == Behaviour::DoubleVote;
            for number in 0..size(8, 150) {
                let mut rng = Rng::new(number ^ 0x7ea5_0000);
                let is_harsh = number % 2 == 1 && !is_byzantine;
                let mut scenario = if is_harsh {
                    let count = replicas(&mut rng, protocol);
                    arbitrary::harsh_group(&mut rng, protocol, count)
                } else {
                    let count = replicas(&mut rng, protocol);
                    group(&mut rng, protocol, count)
                };
                scenario.until = scenario.until.min(Micros::from_secs(20));
                scenario.actions.retain(|(at, _)| *at <= scenario.until);
                scenario.notes.clear();
                let replica = ReplicaId(rng.below(scenario.group().members.len() as u32) as u8);
                betray(&mut rng, &mut scenario, replica, &[behaviour]);
                if needs_two {
                    let other = ReplicaId((replica.0 + 1) % scenario.group().members.len() as u8);
                    betray(&mut rng, &mut scenario, other, &[Behaviour::Equivocate]);
                }
                assert_eq!(scenario.flaws(), [], "{scenario}");
                let finished = run_to_end(scenario.clone());
                let again = run_to_end(scenario);
                assert_eq!(finished.trace_hash(), again.trace_hash(), "{}", finished.scenario);
                of_kind += finished.run.group().lies_told();
            }
            assert!(
                of_kind > 0,
                "{protocol}: nobody can {}, and it is not refused",
                behaviour.name()
            );
            told += of_kind;
        }
        println!("{protocol}: {told} lies");
    }
}

/// One liar who does several things at once, in a harsh world: within 200 such runs the checks find
/// what it broke, in every protocol that assumes that nobody lies.
#[test]
fn a_liar_breaks_every_protocol_that_assumes_nobody_lies() {
    for protocol in Protocol::here().filter(|protocol| protocol.family() != Family::Byzantine) {
        let mut first = None;
        let mut broken = BTreeSet::new();
        for number in 0..size(60, 200) {
            let mut rng = Rng::new(number ^ 0x11a2_0000);
            let count = replicas(&mut rng, protocol);
            let mut scenario = arbitrary::harsh_group(&mut rng, protocol, count);
            let replica = ReplicaId(rng.below(scenario.group().members.len() as u32) as u8);
            let lies = lies(&mut rng, protocol);
            betray(&mut rng, &mut scenario, replica, &lies);
            let finished = run_to_end(scenario);
            let violations = finished.history.violations.iter();
            broken.extend(violations.map(|violation| violation.property.name()));
            if !finished.history.violations.is_empty() && first.is_none() {
                let names: Vec<_> = lies.iter().map(|lie| lie.name()).collect();
                first = Some((number, names, finished.history.violations[0].property.name()));
            }
        }
        println!("{protocol}: first {first:?}, all {broken:?}");
        assert!(first.is_some(), "{protocol}: nothing that a liar says breaks it");
    }
}

/// As many liars as the group is set up for, of every kind and in random trouble: nothing breaks.
#[test]
fn as_many_liars_as_are_reckoned_with_break_nothing() {
    for protocol in Protocol::here().filter(|protocol| protocol.family() == Family::Byzantine) {
        let (mut told, mut commits) = (0, 0);
        for number in 0..size(40, 2_000) {
            let mut rng = Rng::new(number ^ 0x0bf7_0000);
            let count = replicas(&mut rng, protocol);
            let mut scenario = group(&mut rng, protocol, count);
            let first = rng.below(u32::from(count));
            for liar in 0..u32::from(scenario.group().tolerated()) {
                let replica = ReplicaId(((first + liar) % u32::from(count)) as u8);
                let lies = lies(&mut rng, protocol);
                betray(&mut rng, &mut scenario, replica, &lies);
            }
            let finished = run_to_end(scenario);
            finished.assert_safe(&format!("number {number}"));
            told += finished.run.group().lies_told();
            commits += finished.history.commits.len();
        }
        println!("{protocol}: {told} lies, {commits} commits");
        assert!(told > 300 && (commits > 1_000 || protocol.is_generals()), "{protocol}: {told}");
    }
}

/// The text that is broken below: the group on line 3, how many liars it survives on 4, an act on
/// 6.
fn text(cluster: &str, tolerate: &str, act: &str) -> String {
    format!(
        "halflink 1\nplant 9 racks of 2 servers, 2 disks each\ncluster c: {cluster}\n{tolerate}\n\
         timing heartbeat 100ms, election 1s..2s\nat 1s {act}\nrun 9s\n"
    )
}

const RAFT: &str = "raft on r1.s1 r2.s1 r3.s1";
const PBFT: &str = "pbft on r1.s1 r2.s1 r3.s1 r4.s1";
const TEN: &str = "generals-om on r1.s1 r2.s1 r3.s1 r4.s1 r5.s1 r6.s1 r7.s1 r8.s1 r9.s1 r1.s2";

/// A group, how many liars it survives, an act; line and column of the error, and what it says.
type Untold = (&'static str, &'static str, &'static str, u32, u32, &'static str);

const UNTOLD: [Untold; 25] = [
    (RAFT, "", "traitor n3 equivocat", 6, 18, "did you mean `equivocate`?"),
    (RAFT, "", "traitor n3 doubel-vote to n1", 6, 18, "did you mean `double-vote`?"),
    (RAFT, "", "traitor n3 gossip", 6, 18, "a way to lie: equivocate, double-vote, "),
    (RAFT, "", "traitor n3", 6, 17, "a way to lie: equivocate, "),
    (RAFT, "", "traitor n3 silent-to", 6, 27, "a replica, such as n1"),
    (RAFT, "", "traitor n3 delay", 6, 23, "a delay, such as 200ms"),
    (RAFT, "", "traitor n3 delay 601s", 6, 24, "a delay is at most 600s"),
    (RAFT, "", "traitor n3 equivocate to n3", 6, 32, "n3 does not lie to itself"),
    (RAFT, "", "traitor n3 equivocate to n1 n4", 6, 35, "replicas are n1 to n3"),
    (RAFT, "", "traitor n4 equivocate", 6, 15, "replicas are n1 to n3"),
    (RAFT, "", "loyal n4", 6, 13, "replicas are n1 to n3"),
    (RAFT, "tolerate 1", "elect n1", 4, 10, "raft is not made to survive liars"),
    (PBFT, "tolerate 0", "elect n1", 4, 10, "at least 1 liar"),
    (
        PBFT,
        "tolerate 2",
        "elect n1",
        4,
        10,
        "at least 7 replicas (n = 3f + 1, f = 2), this cluster has 4",
    ),
    (PBFT, "tolerate many", "elect n1", 4, 10, "a number of liars, such as 1"),
    (PBFT, "tolerate 300", "elect n1", 4, 10, ""),
    (
        "pbft on r1.s1 r2.s1 r3.s1",
        "",
        "elect n1",
        3,
        12,
        "at least 4 replicas (n = 3f + 1, f = 1), this cluster has 3",
    ),
    ("hotstuff on r1.s1", "", "elect n1", 3, 12, "at least 4 replicas"),
    (TEN, "tolerate 4", "order attack", 4, 10, "10 generals run generals-om for at most 3 liars"),
    (
        TEN,
        "",
        "traitor n3 double-vote",
        6,
        18,
        "nobody can double-vote in generals-om: generals do not vote",
    ),
    (TEN, "", "traitor n3 lie-about-log", 6, 18, "generals keep no log"),
    (
        "tendermint on r1.s1 r2.s1 r3.s1 r4.s1",
        "",
        "traitor n1 lie-about-log",
        6,
        18,
        "nobody can lie-about-log in tendermint: ",
    ),
    (
        "generals-sm on r1.s1 r2.s1",
        "",
        "order attack",
        3,
        12,
        "3 to 10 generals, this cluster has 2",
    ),
    (RAFT, "", "order attack", 6, 7, "raft has no commander"),
    (TEN, "", "elect n3", 6, 7, "generals elect nobody"),
];

#[test]
fn lies_that_cannot_be_told_are_explained() {
    for (cluster, tolerate, act, line, column, piece) in UNTOLD {
        let text = text(cluster, tolerate, act);
        let wrong = parse(&text).expect_err(&text);
        let first = wrong.first().expect("a diagnostic");
        assert!(first.message().contains(piece), "{first:?}\n{text}");
        assert_eq!((first.line, first.column), (line, column), "{first:?}\n{text}");
    }
}
