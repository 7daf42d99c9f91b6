//! What each shipped scenario shows, and facts.md 1.8: the outage under three protocols.

use std::collections::BTreeSet;

use halflink::check::{Property, Violation};
use halflink::clock::Micros;
use halflink::fault::{Action, Behaviour, ByzantineBehaviour, PartState, ReplicaId, order_name};
use halflink::history::before;
use halflink::outcome::Outcome;
use halflink::plant::{Part, PartId, ServerAt};
use halflink::protocol::{Protocol, ReadMode, Role};
use halflink::scenario::Scenario;
use halflink::scenario::edit::set_seed;
use halflink::scenario::library::{FAMILIES, STORY, find, library};
use halflink::scenario::note::Note;
use halflink::session::Session;
use halflink::world::World;

use crate::support::{Finished, run_to_end, scenario, secs, size, variant, world_at};
use halflink::words::told;

const N1: ReplicaId = ReplicaId(0);
const N2: ReplicaId = ReplicaId(1);
const N3: ReplicaId = ReplicaId(2);

fn shipped(name: &str) -> Scenario {
    scenario(find(name).unwrap_or_else(|| panic!("no scenario is called {name}")).text)
}

/// Runs a shipped scenario under a protocol with so many seeds, the shipped one first.
fn seeds(name: &str, protocol: Protocol, count: u32) -> impl Iterator<Item = Finished> {
    let shipped = shipped(name);
    let own = shipped.group().seed;
    let others = (1..count).filter(move |&seed| seed != own);
    std::iter::once(shipped.group().seed).chain(others).map(move |seed| {
        let finished = run_to_end(variant(&shipped, protocol, seed));
        finished.assert_safe(shipped.title.as_str());
        finished
    })
}

/// The outcome that each scenario is shipped to show, in menu order.
const OUTCOMES: [(&str, Outcome); 54] = [
    ("cloudflare-2020", Outcome::Flapping),
    ("tor-fails-whole", Outcome::Stable),
    ("cloudflare-etcd-3.4", Outcome::Flapping),
    ("cloudflare-etcd-3.5", Outcome::Parted),
    ("cloudflare-full-day", Outcome::Stalled),
    ("tour-outage", Outcome::Flapping),
    ("tour-one-way", Outcome::Stalled),
    ("tour-howard-abraham", Outcome::Stalled),
    ("tour-liars", Outcome::Unsafe),
    ("tour-power", Outcome::Stalled),
    ("tour-whole-day", Outcome::Stalled),
    ("etcd-9563", Outcome::Flapping),
    ("c5-2015", Outcome::Flapping),
    ("deaf-leader", Outcome::Stalled),
    ("chaos-mesh-4477", Outcome::Parted),
    ("mongodb-arbiter", Outcome::Flapping),
    ("raft-disk-stall", Outcome::Recovered),
    ("nats-lazy-fsync", Outcome::Unsafe),
    ("resync-storm", Outcome::Stalled),
    ("fog-creek-2011", Outcome::Stalled),
    ("cloudflare-2023-power", Outcome::Stable),
    ("one-way-to-leader", Outcome::Stable),
    ("one-way-from-leader", Outcome::Flapping),
    ("howard-abraham-1", Outcome::Flapping),
    ("howard-abraham-2", Outcome::Stalled),
    ("quorum-loss", Outcome::Stalled),
    ("constrained", Outcome::Stalled),
    ("chained", Outcome::Flapping),
    ("wan-cut", Outcome::Parted),
    ("redundancy-saves", Outcome::Stable),
    ("rack-power", Outcome::Stable),
    ("power-cascade", Outcome::Stalled),
    ("power-headroom", Outcome::Stable),
    ("rack-transfer-switch", Outcome::Stalled),
    ("battery-and-generator", Outcome::Recovered),
    ("raid-10", Outcome::Stable),
    ("raid-rebuild", Outcome::Stable),
    ("lacp", Outcome::Stable),
    ("control-plane-dead", Outcome::Parted),
    ("mlag-both-primary", Outcome::Parted),
    ("layer34-heartbeats", Outcome::Flapping),
    ("layer34-log", Outcome::Stalled),
    ("mtu-black-hole", Outcome::Stalled),
    ("metastable", Outcome::Stalled),
    ("stale-read", Outcome::Unsafe),
    ("slow-clock", Outcome::Unsafe),
    ("generals-3", Outcome::Unsafe),
    ("generals-4", Outcome::Stable),
    ("generals-7", Outcome::Stable),
    ("signed-3", Outcome::Stable),
    ("pbft-equivocating-primary", Outcome::Stable),
    ("tendermint-lock", Outcome::Stable),
    ("two-faced-voter", Outcome::Unsafe),
    ("amnesia", Outcome::Unsafe),
];

/// Scenarios of a family share notes: each note is of the run that it stands in, all the same.
#[test]
fn what_is_shipped_was_written_for_its_own_run() {
    let shipped: Vec<_> = library().iter().map(|entry| entry.text).collect();
    for entry in library() {
        let mut session = Session::open(entry.text).expect("it is valid");
        session.know(&shipped);
        for note in &session.timeline().scenario().notes {
            assert!(!session.is_for_another_run(note), "{}: {note:?}", entry.name);
        }
        let other = set_seed(entry.text, 0, 1);
        let mut session = Session::open(&other).expect("it is valid");
        session.know(&shipped);
        let notes = &session.timeline().scenario().notes;
        // What waits for an event is about every run.
        let mut timed = notes.iter().filter(|note| note.time().is_some());
        assert!(timed.all(|note| session.is_for_another_run(note)), "{}", entry.name);
    }
}

/// Each family begins where the last one ends, the first with the story.
#[test]
fn families_are_in_menu_order() {
    let place = |name| library().iter().position(|entry| entry.name == name);
    let places: Vec<_> = FAMILIES.iter().map(|(_, first)| place(*first)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    assert_eq!(FAMILIES[0].1, STORY.name);
    let keys: BTreeSet<_> = FAMILIES.iter().map(|(key, _)| key).collect();
    assert_eq!((keys.len(), places.len()), (FAMILIES.len(), FAMILIES.len()));
    let firsts: BTreeSet<_> = places.into_iter().collect();
    assert_eq!(firsts.len(), FAMILIES.len(), "none is empty");
}

#[test]
fn every_shipped_scenario_shows_what_it_is_shipped_for() {
    let names: Vec<_> = library().iter().map(|entry| entry.name).collect();
    assert_eq!(names, OUTCOMES.map(|(name, _)| name));
    for (name, outcome) in OUTCOMES {
        let finished = run_to_end(shipped(name));
        if outcome != Outcome::Unsafe {
            finished.assert_safe(name);
        }
        let measures = finished.measures();
        println!("{name}: {}, {measures:?}", finished.outcome().name());
        assert_eq!(finished.outcome(), outcome, "{name}: {measures:?}");
        let scenario = &finished.scenario;
        let mut captions = scenario.notes.iter().filter_map(Note::time);
        assert!(captions.all(|at| at < scenario.until), "{name}: a caption after the end");
        let first = scenario.actions.iter().find(|(_, act)| act.inflicts().is_some());
        assert!(first.is_some_and(|(at, _)| *at <= secs(5)), "{name}: nothing fails within 5 s");
    }
}

/// "Never settles in 360 election timeouts: n3 is re-elected by n2 each round, 50 to 65 % of writes
/// commit, over 200 terms."
#[test]
fn the_outage_under_raft_as_in_the_paper_never_settles() {
    let mut shares = Vec::new();
    for finished in seeds("cloudflare-2020", Protocol::Raft, 25) {
        let (window, found) = (finished.window(), finished.measures());
        let text = &finished.scenario;
        assert_eq!(window.to.since(window.from), secs(360), "{text}");
        assert_eq!(finished.outcome(), Outcome::Flapping, "{found:?}\n{text}");
        assert!(found.epochs > 200, "{found:?}\n{text}");
        let inside = |at| window.from <= at && at < window.to;
        let elections = finished.history.elections.iter().filter(|won| inside(won.at));
        let winners: BTreeSet<_> = elections.map(|won| won.leader).collect();
        assert_eq!(winners, BTreeSet::from([N3]), "{text}");
        let share = found.writes_committed as f64 * 100.0 / found.writes_tried as f64;
        assert!((50.0..=65.0).contains(&share), "{share} % committed, {found:?}\n{text}");
        shares.push(share);
    }
    let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
    println!("committed {least:.1} % to {:.1} %", shares.iter().copied().fold(0.0, f64::max));
}

/// "With pre-vote and check-quorum n3 stays the only leader and nothing is lost; n1 alone follows
/// nobody."
#[test]
fn the_outage_with_pre_vote_and_check_quorum_loses_nothing() {
    let both = [Protocol::RaftPrevoteCheckquorum, Protocol::TikvRaftPrevoteCheckquorum];
    let seeds = |protocol| seeds("cloudflare-2020", protocol, size(25, 200));
    for finished in both.into_iter().flat_map(seeds) {
        let (window, found) = (finished.window(), finished.measures());
        let text = &finished.scenario;
        assert_eq!(finished.outcome(), Outcome::Parted, "{found:?}\n{text}");
        assert_eq!((found.leader_changes, found.epochs), (0, 0), "{text}");
        assert_eq!(found.writes_committed, found.writes_tried, "{text}");
        let leaders =
            finished.history.beliefs.iter().map(|beliefs| {
                before(beliefs, window.to).flatten().and_then(|belief| belief.leader)
            });
        assert_eq!(leaders.collect::<Vec<_>>(), [None, Some(N3), Some(N3)], "{text}");
    }
}

/// "`etcd-raft` with neither flag commits almost nothing while n3 still believes it leads", and so
/// does the crate that TiKV runs.
#[test]
fn the_outage_under_etcd_without_flags_commits_almost_nothing() {
    let seeds = |protocol| seeds("cloudflare-2020", protocol, size(25, 200));
    for finished in [Protocol::EtcdRaft, Protocol::TikvRaft].into_iter().flat_map(seeds) {
        let (window, found) = (finished.window(), finished.measures());
        let text = &finished.scenario;
        assert_eq!(finished.outcome(), Outcome::Stalled, "{found:?}\n{text}");
        assert!(found.writes_committed * 100 < found.writes_tried, "{found:?}\n{text}");
        let belief = before(&finished.history.beliefs[N3.index()], window.to).flatten();
        let belief = belief.expect("n3 runs");
        assert_eq!((belief.role, belief.epoch), (Role::Leader, 1), "{text}");
    }
}

/// "Cutting only n1 -> n3 changes nothing under any variant."
#[test]
fn one_way_to_the_leader_changes_nothing_under_any_protocol() {
    for protocol in Protocol::RAFTS {
        for finished in seeds("one-way-to-leader", protocol, 5) {
            let (window, found) = (finished.window(), finished.measures());
            let text = &finished.scenario;
            let minds = finished.history.beliefs.iter().flatten();
            assert_eq!(minds.filter(|(at, _)| *at >= window.from).count(), 0, "{text}");
            assert_eq!((found.leader_changes, found.epochs), (0, 0), "{text}");
            assert_eq!(found.writes_committed, found.writes_tried, "{text}");
            assert_eq!(finished.outcome(), Outcome::Stable, "{text}");
        }
    }
}

/// The world of a scenario when all events up to that second have happened.
fn at(scenario: &Scenario, second: u64) -> World {
    world_at(scenario, secs(second))
}

/// Every part that is not up, by name and state.
fn not_up(world: &World) -> Vec<(String, PartState)> {
    let ids = (0..).map(PartId).zip(world.plant().parts());
    let states = ids.map(|(id, part)| (part.to_string(), world.group(0).active_faults().state(id)));
    states.filter(|(_, state)| *state != PartState::Up).collect()
}

#[test]
fn rack_power_darkens_exactly_that_rack() {
    let scenario = shipped("rack-power");
    let dark = |name: &str| (name.to_owned(), PartState::Unpowered);
    let failed = |name: &str| (name.to_owned(), PartState::Failed);
    let supply = |rack: u8, slot, side| dark(&format!("r{rack}.s{slot}.psu-{side}"));
    let feed_a = at(&scenario, 8);
    let pdus = ["r1.pdu-a", "r2.pdu-a", "r3.pdu-a"];
    let mut expected: Vec<_> = [failed("feed-a")].into_iter().chain(pdus.map(dark)).collect();
    expected.extend((0..9).map(|server| supply(server / 3 + 1, server % 3 + 1, "a")));
    let sorted = |mut parts: Vec<(String, PartState)>| {
        parts.sort_by(|one, other| one.0.cmp(&other.0));
        parts
    };
    assert_eq!(sorted(not_up(&feed_a)), sorted(expected.clone()));
    assert!(
        feed_a.group(0).replicas().all(|id| feed_a.group(0).belief(id).is_some()),
        "one feed stops nobody"
    );
    let rack = ["r3.tor-a", "r3.tor-b", "r3.s1", "r3.s2", "r3.s3"].map(dark);
    let mut expected: Vec<_> =
        expected.into_iter().chain([failed("r3.pdu-b")]).chain(rack).collect();
    expected.extend((1..=3).map(|slot| supply(3, slot, "b")));
    let both = at(&scenario, 20);
    assert_eq!(sorted(not_up(&both)), sorted(expected));
    let up: Vec<_> =
        both.group(0).replicas().map(|id| both.group(0).belief(id).is_some()).collect();
    assert_eq!(up, [true, true, false]);
    assert_eq!(not_up(&at(&scenario, 45)), []);
}

#[test]
fn raid_10_stops_a_replica_when_a_whole_pair_is_gone_and_says_why() {
    let scenario = shipped("raid-10");
    let two_pairs = at(&scenario, 13);
    assert!(two_pairs.group(0).belief(N3).is_some_and(|belief| belief.role == Role::Leader));
    assert_eq!(
        two_pairs.group(0).active_faults().state(two_pairs.group(0).server(N3)),
        PartState::Up
    );
    let one_pair = at(&scenario, 15);
    assert_eq!(one_pair.group(0).belief(N3), None);
    assert_eq!(
        one_pair.group(0).active_faults().state(one_pair.group(0).server(N3)),
        PartState::DataLoss
    );
    let end = at(&scenario, 30);
    assert!(
        end.group(0).belief(N3).is_none()
            && end.group(0).belief(N1).is_some_and(|belief| belief.leader.is_some())
    );
}

/// Losing one of two things that do the same stops nothing, for every part of the plant.
#[test]
fn no_single_part_stops_more_than_one_replica() {
    let scenario = shipped("cloudflare-2020");
    let plant = at(&scenario, 0).plant().clone();
    for &part in plant.parts() {
        let text = format!(
            "halflink 1\ntitle \"{part}\"\nplant 3 racks of 3 servers, 4 disks each\n\
             cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
             seed 1\nwrite every 100ms\nat 0s elect n3\nat 2s fail {part}\nrun 12s\n"
        );
        let finished = run_to_end(crate::support::scenario(&text));
        let hosts_replica = matches!(part, Part::Server(ServerAt { slot: 0, .. }));
        let world = finished.run.world();
        let down =
            world.group(0).replicas().filter(|&id| world.group(0).belief(id).is_none()).count();
        assert_eq!(down, usize::from(hosts_replica), "{text}");
        let found = finished.measures();
        let lost = found.writes_tried - found.writes_committed;
        // A switch or feed takes its time to be missed by nobody: routing sees dead parts at once.
        let leads = part == Part::Server(ServerAt { rack: 2, slot: 0 });
        assert!(if leads { (5..=40).contains(&lost) } else { lost == 0 }, "{lost} lost\n{text}");
        assert_eq!(finished.outcome(), Outcome::Stable, "{text}");
    }
}

/// Write 13 stands alone in a block of round 1, though more was waiting; whoever is locked on it
/// has brought it there.
#[test]
fn the_lock_of_tendermint_outlives_its_round() {
    let n2 = ReplicaId(1);
    for finished in seeds("tendermint-lock", Protocol::Tendermint, size(25, 200)) {
        let text = &finished.scenario;
        let phases = |world: &World| -> Vec<_> {
            world
                .group(0)
                .replicas()
                .map(|id| told("phase", &world.group(0).replica(id).phase()))
                .collect()
        };
        let locked = phases(&at(text, 5));
        assert_eq!(
            locked[n2.index()],
            "height 13, round 0, precommit, locked on write 13",
            "{text}"
        );
        let alone = locked.iter().filter(|phase| phase.contains("locked")).count();
        assert_eq!(alone, 1, "{locked:?}\n{text}");
        let world = finished.run.world();
        for id in world.group(0).replicas() {
            let log = world.group(0).replica(id).log();
            let epochs: Vec<_> = (12..=15).map(|index| log.epoch_at(index)).collect();
            assert_eq!(epochs, [12_000, 13_001, 14_000, 14_000].map(Some), "{id}\n{text}");
            assert_eq!(log.get(13).map(|entry| entry.command), Some(13), "{id}\n{text}");
        }
    }
}

/// n1 tells two stories: nothing is decided under it, n2 replaces it and has its two signatures to
/// show, and all writes are committed by all who are honest.
#[test]
fn pbft_outlives_a_primary_that_tells_two_stories() {
    for finished in seeds("pbft-equivocating-primary", Protocol::Pbft, size(25, 200)) {
        let (history, world) = (&finished.history, finished.run.world());
        let text = &finished.scenario;
        let stuck = |at: &Micros| secs(4) < *at && *at < secs(5);
        assert!(!history.commits.iter().any(stuck), "something is executed\n{text}");
        let led: Vec<_> = history.elections.iter().map(|won| (won.leader, won.epoch)).collect();
        assert_eq!(led, [(N1, 0), (N2, 1)], "{text}");
        assert!((secs(5)..secs(9)).contains(&history.elections[1].at), "{text}");
        let settled = history.writes.iter().filter(|write| write.at < secs(29));
        assert!(settled.clone().all(|write| write.committed.is_some()), "{text}");
        let caught: Vec<_> =
            world.group(0).replica(N2).evidence().into_iter().map(|(who, _)| who).collect();
        assert_eq!(caught, [N1], "{text}");
        let commits = [N2, N3, ReplicaId(3)].map(|id| world.group(0).replica(id).commit());
        assert!(commits.iter().all(|&commit| commit >= 58), "{commits:?}\n{text}");
    }
}

/// The last caption: one liar more, and two who are honest execute different things.
#[test]
fn one_liar_more_parts_those_who_are_honest() {
    let mut scenario = shipped("pbft-equivocating-primary");
    let byzantine = |behaviour| {
        let toward = std::iter::once(ReplicaId(3)).collect();
        ByzantineBehaviour { behaviour, toward, by: Micros::ZERO }
    };
    let tells = Action::Betray { replica: N1, byzantine: byzantine(Behaviour::Equivocate) };
    let votes = Action::Betray { replica: N2, byzantine: byzantine(Behaviour::DoubleVote) };
    scenario.actions = vec![(secs(4), tells), (secs(4), votes)];
    let finished = run_to_end(scenario);
    let broken = finished.history.violations.first().map(|violation| violation.property);
    assert_eq!(broken, Some(Property::Agreement), "{}", finished.scenario);
}

/// What each lieutenant holds after an order, and what it decided.
fn vectors(name: &str, seconds: u64) -> Vec<(String, Vec<String>)> {
    let world = at(&shipped(name), seconds);
    let lieutenant = |id| {
        let replica = world.group(0).replica(id);
        let value = replica.belief().value.map_or("nothing", order_name).to_owned();
        (value, replica.vector().iter().map(|(_, value)| told("value", value)).collect())
    };
    world.group(0).replicas().skip(1).map(lieutenant).collect()
}

fn held(decided: &str, values: &[&str]) -> (String, Vec<String>) {
    (decided.to_owned(), values.iter().map(ToString::to_string).collect())
}

/// Figures 1 and 2 of the paper: n2 hears the same in both, and so cannot do right in both.
#[test]
fn three_generals_see_the_same_whoever_lies() {
    let loyal_commander = vectors("generals-3", 4);
    assert_eq!(loyal_commander[0], held("retreat", &["attack", "retreat"]));
    assert_eq!(loyal_commander[1], held("attack", &["attack", "attack"]));
    let loyal_lieutenants = vectors("generals-3", 9);
    assert_eq!(loyal_lieutenants, vec![held("retreat", &["attack", "retreat"]); 2]);
    let finished = run_to_end(shipped("generals-3"));
    let broken: Vec<_> = finished.history.violations.iter().map(|one| one.property).collect();
    assert_eq!(broken, [Property::LoyalOrder]);
}

/// Figures 3 and 4: (v, v, x) under a lying lieutenant, (x, y, z) for all under a lying commander.
#[test]
fn four_generals_survive_one_traitor() {
    let lying_lieutenant = vectors("generals-4", 4);
    assert_eq!(lying_lieutenant[..2], vec![held("attack", &["attack", "attack", "retreat"]); 2]);
    let lying_commander = vectors("generals-4", 9);
    assert_eq!(lying_commander, vec![held("retreat", &["attack", "retreat", "hold"]); 3]);
}

/// A commander and a lieutenant lie: the five others do the same, and both liars are found out.
#[test]
fn seven_generals_survive_two_traitors() {
    let world = at(&shipped("generals-7"), 8);
    let beliefs: Vec<_> =
        world.group(0).replicas().map(|id| world.group(0).replica(id).belief()).collect();
    let loyal = &beliefs[1..6];
    assert!(loyal.iter().all(|belief| belief.value == loyal[0].value), "{beliefs:?}");
    assert!(loyal.iter().all(|belief| belief.epoch == 1 && belief.role == Role::Follower));
    let caught: BTreeSet<_> = loyal.iter().flat_map(|belief| belief.caught.iter()).collect();
    assert_eq!(caught, BTreeSet::from([N1, ReplicaId(6)]));
}

/// Figure 5: both lieutenants hold both orders, with the signatures, and know who the traitor is.
#[test]
fn two_signatures_convict_a_commander() {
    let expected = held("retreat", &["attack", "retreat"]);
    let [first, mut second] = <[_; 2]>::try_from(vectors("signed-3", 4)).expect("two lieutenants");
    second.1.reverse();
    assert_eq!([first, second], [expected.clone(), expected]);
    let world = at(&shipped("signed-3"), 4);
    for id in [ReplicaId(1), N3] {
        assert!(world.group(0).replica(id).belief().caught.contains(N1));
        let (liar, evidence) = world.group(0).replica(id).evidence().remove(0);
        assert_eq!(liar, N1);
        let evidence = told("evidence", &evidence);
        assert!(evidence.contains("attack:n1") && evidence.contains("retreat:n1"), "{evidence}");
    }
}

/// What broke first, and when; each property once.
fn broken(finished: &Finished) -> Vec<(Property, Micros)> {
    let mut broken: Vec<(Property, Micros)> = Vec::new();
    for violation in &finished.history.violations {
        if broken.iter().all(|(property, _)| *property != violation.property) {
            broken.push((violation.property, violation.at));
        }
    }
    broken
}

/// The captions' times: two leaders right after 4 s, and after 12 s two writes in one place. One
/// who votes once, or does not lie, is enough to prevent it.
#[test]
fn a_voter_with_two_faces_makes_two_leaders() {
    for seed in 0..size(25, 200) {
        let finished = run_to_end(variant(&shipped("two-faced-voter"), Protocol::Raft, seed));
        let [first, .., last] = &broken(&finished)[..] else { panic!("seed {seed}: too little") };
        assert_eq!(first.0, Property::ElectionSafety, "seed {seed}");
        assert!(secs(4) < first.1 && first.1 < Micros::from_millis(4_100), "{:?}", first.1);
        assert_eq!(last.0, Property::StateMachineSafety, "seed {seed}");
        assert!(secs(12) < last.1 && last.1 < Micros::from_millis(12_100), "{:?}", last.1);
    }
    let two = at(&shipped("two-faced-voter"), 6);
    let crowns = [N1, N2].map(|id| two.group(0).replica(id).belief());
    assert!(crowns.iter().all(|belief| belief.role == Role::Leader && belief.epoch == 2));
    let committed = at(&shipped("two-faced-voter"), 12).group(0).replica(N2).commit();
    assert!(committed > 16 + 20, "{committed}: clients find n2, and n3 confirms");
    let mut honest = shipped("two-faced-voter");
    honest.actions.retain(|(_, act)| !matches!(act, Action::Betray { .. }));
    run_to_end(honest).assert_safe("an honest n3");
}

/// A leader without what was committed, elected within a timeout or two, and other writes in the
/// same places. With its disks n3 would have refused.
#[test]
fn a_wiped_server_votes_against_its_promise() {
    for seed in 0..size(25, 200) {
        let finished = run_to_end(variant(&shipped("amnesia"), Protocol::Raft, seed));
        let broken = broken(&finished);
        let properties: Vec<_> = broken.iter().map(|(property, _)| *property).collect();
        let expected =
            [Property::LeaderCompleteness, Property::Durability, Property::StateMachineSafety];
        assert_eq!(properties, expected, "seed {seed}");
        assert!(broken.iter().all(|(_, at)| secs(10) < *at && *at < secs(13)), "{broken:?}");
        let won = finished.history.elections.last().expect("n1 wins");
        assert_eq!(won.leader, N1, "seed {seed}");
    }
    let mut kept = shipped("amnesia");
    kept.actions.retain(|(_, act)| !matches!(act, Action::Wipe(_)));
    let kept = run_to_end(kept);
    kept.assert_safe("with its disks");
    let late = kept.history.elections.iter().filter(|won| won.at > secs(10));
    assert!(late.clone().count() > 0 && late.clone().all(|won| won.leader == N3), "n3 refuses n1");
}

/// Reads of a leader that is cut off miss what another leader's clients write; asked to make sure
/// first, it answers none of them wrong, and its lease ends before there is another leader.
#[test]
fn a_leader_that_nobody_follows_answers_with_what_was() {
    for seed in 0..size(20, 200) {
        let shipped = shipped("stale-read");
        let (every, _) = shipped.group().read.expect("clients read");
        let by = |by, protocol| {
            run_to_end(
                variant(&shipped, protocol, seed).with(|group| group.read = Some((every, by))),
            )
        };
        let local = by(ReadMode::Local, Protocol::Raft);
        let found = local.measures();
        assert_eq!(local.outcome(), Outcome::Unsafe, "{}", local.scenario);
        // Those who were about to elect another one had nobody to ask.
        let asked = found.reads_answered..=found.reads_answered + 4;
        assert!(asked.contains(&found.reads_tried), "{found:?}\n{}", local.scenario);
        assert!(found.reads_stale > 25, "{found:?}\n{}", local.scenario);
        let broken = &local.history.violations;
        let by_n3 = |one: &Violation| {
            let detail = told("violation", &one.detail);
            one.property == Property::FreshReads && detail.starts_with("n3, which leads term 1")
        };
        assert!(broken.iter().all(by_n3), "{broken:?}");
        for (mode, protocol) in [
            (ReadMode::Quorum, Protocol::Raft),
            (ReadMode::Lease, Protocol::Raft),
            (ReadMode::Lease, Protocol::RaftSticky),
        ] {
            let finished = by(mode, protocol);
            finished.assert_safe("read by somebody else");
            let found = finished.measures();
            let answered = found.reads_answered * 100 / found.reads_tried;
            assert!((50..80).contains(&answered), "{found:?}\n{}", finished.scenario);
        }
    }
}
