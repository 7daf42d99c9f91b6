use super::*;
use crate::fault::{Action, Behaviour, ByzantineBehaviour, ReplicaSet};
use crate::plant::{PlantSpec, ServerAt};
use crate::protocol::Protocol;
use crate::rng::Rng;
use crate::run;
use crate::scenario::arbitrary;
use crate::scenario::text::parse;
use crate::words::told;

/// Two candidates in one term, and a voter that votes for whoever asks.
const TWO_FACED: &str = r#"
    halflink 1
    title   "Two leaders"
    plant   3 racks of 1 server, 2 disks each
    cluster etcd: raft on r1.s1 r2.s1 r3.s1
    timing  heartbeat 100ms, election 10s..20s
    seed    1
    write   every 300ms
    at 0s   elect n3
    at 1s   cut n1 <-> n2
    at 1s   traitor n3 double-vote to n1 n2
    at 2s   elect n1
    at 2s   elect n2
    run     10s
"#;

/// Leaving out one lie after the other ends at eight; five are enough.
const FEWEST: &str = r#"
    halflink 1
    title   "Five lies are enough"
    plant   3 racks of 1 server, 2 disks each
    cluster c: multipaxos on r1.s1 r2.s1 r3.s1
    timing  heartbeat 100ms, election 500ms..1s
    seed    7
    write   every 200ms
    at 0s   elect n2
    at 1s   traitor n1 equivocate to n3
    at 1s   traitor n1 replay to n3
    at 2s   cut n3 -> n2
    run     12s
"#;

/// The same liar has three more seconds before it can do harm.
fn many() -> String {
    FEWEST.replace("at 2s   cut", "at 5s   cut")
}

/// The run, and the first property that breaks in it.
fn broken(text: &str) -> (Arc<Scenario>, Violation) {
    let scenario = Arc::new(parse(text).expect("it is right"));
    let (_, history) = run::to_end(Arc::clone(&scenario));
    let first = history.violations.first().expect("something breaks");
    (scenario, first.clone())
}

/// What the search finds, so many events at a time.
fn search(scenario: &Arc<Scenario>, violation: &Violation, events: u64) -> Culprits {
    let mut search = Search::new(scenario, violation);
    while !search.advance(events) {}
    search.found().expect("it is over").clone()
}

/// True if that property breaks in time when only those lies are told: played once more, plainly.
fn breaks(scenario: &Arc<Scenario>, violation: &Violation, lies: &[u32]) -> bool {
    let (mut run, mut history) = Run::new(Arc::clone(scenario));
    run.tell_only(lies.into());
    let until = deadline(scenario, violation);
    while run.world().next_at().is_some_and(|at| at <= until) {
        let _ = run.step(&mut history);
    }
    history[0].violations.iter().any(|found| found.property == violation.property)
}

fn lies_by(scenario: &Arc<Scenario>, at: Micros) -> u32 {
    let mut world = World::new(Arc::clone(scenario));
    while world.step_by(at, &mut ()).is_some() {}
    world.group(0).lies_told()
}

#[test]
fn one_lie_makes_two_leaders() {
    let (scenario, first) = broken(TWO_FACED);
    assert_eq!(first.property, Property::ElectionSafety, "{first:?}");
    let Culprits { claim, count, lies } = search(&scenario, &first, u64::MAX);
    assert_eq!((claim, count, lies.len()), (Claim::Fewest, 1, 1), "{lies:?}");
    assert_eq!(lies[0].from, ReplicaId(2));
    assert!(lies[0].truth.is_some() && !lies[0].withheld, "{lies:?}");
}

#[test]
fn what_breaks_without_lies_takes_none() {
    // The voter forgets its vote between the two elections; that it also lies changes nothing.
    let forgets = "at 2010ms wipe r3.s1\nat 2020ms elect n2";
    let text = TWO_FACED.replace("at 2s   elect n2", forgets);
    let text = text.replace("double-vote to n1 n2", "delay 1ms to n1");
    let (scenario, first) = broken(&text);
    assert_eq!(first.property, Property::ElectionSafety, "{first:?}");
    assert!(lies_by(&scenario, deadline(&scenario, &first)) > 0);
    assert_eq!(search(&scenario, &first, u64::MAX), Culprits::none());
}

#[test]
fn the_fewest_are_the_fewest_of_all_subsets() {
    let (scenario, first) = broken(FEWEST);
    let lies = lies_by(&scenario, deadline(&scenario, &first));
    assert!((6..=EXACT_MAX).contains(&lies), "{lies}");
    let subsets = 0..1_u16 << lies;
    let enough =
        subsets.filter(|&mask| breaks(&scenario, &first, &numbers(mask).collect::<Vec<_>>()));
    let fewest = enough.map(u16::count_ones).min().expect("all of them are enough");
    assert_eq!(fewest, 5, "of {lies}");
    for events in [u64::MAX, 10_000, 7] {
        let found = search(&scenario, &first, events);
        assert_eq!((found.claim, found.count, found.lies.len()), (Claim::Fewest, 5, 5));
    }
}

#[test]
fn of_many_lies_none_can_be_left_out() {
    let (scenario, first) = broken(&many());
    assert!(lies_by(&scenario, deadline(&scenario, &first)) > EXACT_MAX);
    let mut search = Search::new(&scenario, &first);
    while !search.advance(1_000) {}
    let found = search.found().expect("it is over");
    assert_eq!(found.claim, Claim::NoneToSpare, "{found:?}");
    assert!(breaks(&scenario, &first, &search.kept), "{found:?}");
    for spared in &search.kept {
        let rest: Vec<u32> = search.kept.iter().copied().filter(|lie| lie != spared).collect();
        assert!(!breaks(&scenario, &first, &rest), "without {spared}: {found:?}");
    }
    assert_eq!(found.count, search.kept.len());
    assert_eq!(found.lies.len(), found.count.min(TOLD_MAX));
}

#[test]
fn a_search_that_is_cut_short_claims_no_more_than_it_knows() {
    let many = many();
    let fewest = FEWEST.to_owned();
    for (text, work_left) in [(&many, 10), (&many, 5_000), (&fewest, 10), (&fewest, 20_000)] {
        let (scenario, first) = broken(text);
        let mut search = Search::new(&scenario, &first);
        search.trials.work_left = work_left;
        while !search.advance(100) {}
        let found = search.found().expect("it is over");
        println!("{work_left} events: {:?}, {}", found.claim, found.count);
        assert!(matches!(found.claim, Claim::Enough | Claim::NoneToSpare), "{found:?}");
        assert!(breaks(&scenario, &first, &search.kept), "{found:?}");
        assert!(found.lies.len() <= TOLD_MAX);
    }
}

/// Lies that are not the truth, and those of them that read like it.
#[derive(Default)]
struct Read {
    lies: u32,
    alike: Vec<String>,
}

impl Sink for Read {
    fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
        // A message that is only late or withheld is itself the truth.
        let Some((_, Instead::Said(truth))) = packet.lie else { return };
        if truth != packet.message {
            self.lies += 1;
            let [truth, lie] = [truth, packet.message].map(|one| told("message", &one.fact()));
            if truth == lie {
                self.alike.push(format!("{truth}: {:?}", packet.message));
            }
        }
    }
}

/// Four or five replicas that are never left in peace, one of which lies like that.
fn liars(protocol: Protocol, behaviour: Behaviour, seed: u32) -> Scenario {
    let mut rng = Rng::new(seed);
    let mut scenario = arbitrary::harsh(&mut rng, protocol);
    scenario.until = Micros::from_secs(6);
    scenario.notes.clear();
    let racks = 4 + (seed % 2) as u8;
    scenario.plant = PlantSpec::new(racks, 1, 2);
    scenario.group_mut().members = (0..racks).map(|rack| ServerAt { rack, slot: 0 }).collect();
    scenario.group_mut().election_of.clear();
    scenario.group_mut().clocks.clear();
    // Half of the runs are calm enough to get far, with an election now and then.
    scenario.actions =
        if seed % 4 < 2 { arbitrary::actions(&mut rng, &scenario, 20) } else { Vec::new() };
    if protocol.is_generals() {
        scenario.group_mut().write_every = None;
        scenario.actions.clear();
        scenario.actions.extend((1..4).map(|at| (Micros::from_secs(at), Action::Order(at as u32))));
    } else {
        let elect = |at: u64| (Micros::from_secs(at), Action::Elect(ReplicaId((at % 4) as u8)));
        scenario.actions.extend((2..5).map(elect));
    }
    for liar in [0, 3] {
        let byzantine = ByzantineBehaviour { behaviour, toward: ReplicaSet::NOBODY, by: Micros(0) };
        scenario
            .actions
            .push((Micros::ZERO, Action::Betray { replica: ReplicaId(liar), byzantine }));
    }
    scenario.actions.retain(|(at, _)| *at <= scenario.until);
    scenario.actions.sort_by_key(|(at, _)| *at);
    scenario
}

#[test]
fn no_lie_reads_like_the_truth() {
    let runs = if std::env::var_os("HALFLINK_LARGE").is_some() { 200 } else { 8 };
    let mut alike = Vec::new();
    for protocol in Protocol::here() {
        let mut lies = 0;
        for behaviour in Behaviour::ALL {
            let by_time = matches!(behaviour, Behaviour::Delay);
            if by_time || protocol.refuses(behaviour).is_some() {
                continue;
            }
            for seed in 0..runs {
                let scenario = liars(protocol, behaviour, seed);
                if !scenario.flaws().is_empty() {
                    continue;
                }
                let mut world = World::new(Arc::new(scenario));
                let mut read = Read::default();
                while world.step_by(Micros::from_secs(6), &mut read).is_some() {}
                lies += read.lies;
                let first = read.alike.into_iter().next();
                alike.extend(first.map(|one| format!("{protocol} {behaviour:?}: {one}")));
            }
        }
        assert!(lies > 0, "nobody lies under {protocol}");
    }
    assert!(alike.is_empty(), "{} runs:\n{}", alike.len(), alike.join("\n"));
}
