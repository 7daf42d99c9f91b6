//! What a bond hashes: `hash layer3+4` and its two streams, a switch that drops one of two buckets,
//! and what redundancy is worth whatever is hashed.

use halflink::blast::Blast;
use halflink::clock::Micros;
use halflink::fault::{Action, ActiveFaults, Ends, Link, ReplicaId};
use halflink::network::{Network, Route};
use halflink::plant::{Bond, HashPolicy, Part, Plant, PlantSpec};
use halflink::protocol::Role;
use halflink::rng::Rng;
use halflink::scenario::Scenario;
use halflink::scenario::arbitrary::scenario as arbitrary;
use halflink::scenario::library::find;
use halflink::timeline::Timeline;
use halflink::view::{FlowState, View};
use halflink::words::{ENGLISH, Names};
use halflink::world::{Packet, Sink, World};

use crate::support::{run_to_end, scenario, secs, size, variant};

const N1: ReplicaId = ReplicaId(0);
const N3: ReplicaId = ReplicaId(2);

fn shipped(name: &str) -> Scenario {
    scenario(find(name).expect("it is shipped").text)
}

/// The network of a scenario after those actions.
fn network(scenario: &Scenario, acts: &[&str]) -> Network {
    let plant = Plant::new(scenario.plant);
    let mut faults = ActiveFaults::none(&plant, scenario.group().replicas());
    for act in acts {
        let act = halflink::scenario::text::parse_act(act, scenario).expect("it parses");
        faults.apply(&plant, Micros::ZERO, &act);
    }
    Network::new(scenario, &plant, &faults)
}

/// By direction between n1 and n3, whether each stream is whole.
fn whole(network: &Network) -> [Vec<bool>; 2] {
    [(N1, N3), (N3, N1)]
        .map(|(from, to)| network.ways(from, to).map(|way| way.dead_end().is_none()).collect())
}

#[test]
fn the_two_streams_of_a_direction_part_and_meet_those_of_the_other() {
    let scenario = shipped("layer34-log");
    let network = network(&scenario, &[]);
    let pairs = [(0, 1), (0, 2), (1, 2)].map(|(one, other)| (ReplicaId(one), ReplicaId(other)));
    for (one, other) in pairs.into_iter().flat_map(|(one, other)| [(one, other), (other, one)]) {
        let out: Vec<&Route> = network.ways(one, other).collect();
        let back: Vec<&Route> = network.ways(other, one).collect();
        let cards = |route: &Route| [route.lanes()[0], route.lanes()[3]];
        let [signs, log] = [0, 1].map(|stream| cards(out[stream]));
        assert!(signs[0] != log[0] && signs[1] != log[1], "{one} to {other}");
        for stream in [0, 1] {
            let [leaves, arrives] = cards(out[stream]).map(halflink::plant::LaneId::reverse);
            assert_eq!(cards(back[1 - stream]), [arrives, leaves], "{one} to {other}");
        }
    }
    let mut of_addresses = scenario;
    for policy in [HashPolicy::Layer2, HashPolicy::Layer23] {
        of_addresses.plant.hash = policy;
        let network = self::network(&of_addresses, &[]);
        assert!(pairs.iter().all(|&(one, other)| network.ways(one, other).count() == 1));
    }
}

/// What over `transport tcp` goes back goes the way of what it answers.
#[test]
fn a_connection_and_its_acknowledgements_go_one_way() {
    let mut scenario = shipped("layer34-log");
    scenario.group_mut().transport = halflink::scenario::Transport::Tcp { timeout: secs(5) };
    let network = network(&scenario, &["gray r1.tor-b drops n1 <-> n3"]);
    let dead = |way: &Route| way.dead_end().is_some();
    assert_eq!(whole(&network), [vec![true], vec![false]]);
    assert!(dead(network.way_back(N3, N1)), "what n3 says, and what answers it");
    assert!(!dead(network.way_back(N1, N3)), "what n1 says, and what answers it");
}

#[test]
fn a_dropped_bucket_is_a_cut_one_way_by_itself() {
    // By address alone both directions of a pair meet in one bucket, until one has fewer ways: a
    // dead cable that alone harms nobody.
    let mut scenario = shipped("layer34-log");
    scenario.plant.hash = HashPolicy::Layer2;
    let (gray, cable) = ("gray spine-b drops n1 <-> n3", "cut r1.tor-a <-> spine-b");
    assert_eq!(whole(&network(&scenario, &[cable])), [[true], [true]]);
    assert_eq!(whole(&network(&scenario, &[gray])), [[false], [false]]);
    assert_eq!(whole(&network(&scenario, &[gray, cable])), [[true], [false]]);
    // With ports it is one stream a direction, and no cable need be dead for that.
    scenario.plant.hash = HashPolicy::Layer34;
    let [a, b] = ["a", "b"].map(|side| format!("gray r1.tor-{side} drops n1 <-> n3"));
    assert_eq!(whole(&network(&scenario, &[&a])), [[false, true], [true, false]]);
    assert_eq!(whole(&network(&scenario, &[&b])), [[true, false], [false, true]]);
}

/// What n3 told n1 in a window: how many heartbeats and appends left, and how many arrived.
struct Told {
    window: (Micros, Micros),
    heartbeats: [u32; 2],
    appends: [u32; 2],
}

impl Sink for Told {
    fn packet(&mut self, packet: Packet<'_>, _: &Network) {
        let is_in = (self.window.0..self.window.1).contains(&packet.sent);
        if !is_in || (packet.from, packet.to) != (N3, N1) {
            return;
        }
        let arrives = matches!(packet.verdict, halflink::network::Verdict::Delivered(_));
        let counts = match packet.message.kind() {
            "heartbeat" => &mut self.heartbeats,
            "append" if packet.message.is_of_log() => &mut self.appends,
            _ => return,
        };
        counts[0] += 1;
        counts[1] += u32::from(arrives);
    }
}

fn told(scenario: Scenario, from: Micros, to: Micros) -> Told {
    let mut told = Told { window: (from, to), heartbeats: [0; 2], appends: [0; 2] };
    let mut world = World::new(scenario.into());
    while world.step(&mut told).is_some() {}
    told
}

#[test]
fn one_bucket_takes_the_heartbeats_and_the_other_the_entries() {
    let heartbeats = told(shipped("layer34-heartbeats"), secs(4), secs(36));
    assert!(heartbeats.heartbeats[0] > 50 && heartbeats.heartbeats[1] == 0);
    assert!(heartbeats.appends[0] >= 3 && heartbeats.appends[1] == heartbeats.appends[0]);
    let log = told(shipped("layer34-log"), secs(3), secs(24));
    assert!(log.heartbeats[0] > 200 && log.heartbeats[1] == log.heartbeats[0]);
    assert!(log.appends[0] > 20 && log.appends[1] == 0);
}

/// What the notes of the two say of other runs than their own.
#[test]
fn what_the_notes_say_of_other_texts_holds() {
    for more in 0..size(20, 200) {
        // "Entries would stand in for heartbeats, and nobody would notice anything."
        let mut busy = shipped("layer34-heartbeats").with(|group| group.seed += more);
        busy.group_mut().let_write(Some(Micros::from_millis(300)));
        let finished = run_to_end(busy);
        let later = |(at, _): &&(Micros, _)| *at > secs(1);
        assert_eq!(finished.history.led.iter().filter(later).count(), 0, "{}", finished.scenario);
        let n1 = finished.history.beliefs[0].iter();
        assert_eq!(n1.filter(|(at, _)| *at > secs(1)).count(), 0, "{}", finished.scenario);
        // "Then n1 would have heard nothing since 3s, and would have said so."
        let mut one_way = shipped("layer34-log").with(|group| group.seed += more);
        one_way.plant.hash = HashPolicy::Layer2;
        let finished = run_to_end(one_way);
        let mut n1 = finished.history.beliefs[0].iter().filter(|(at, _)| *at < secs(9));
        let gives_up = |belief: halflink::protocol::Belief| belief.role == Role::PreCandidate;
        assert!(n1.any(|(_, belief)| belief.is_some_and(gives_up)), "{}", finished.scenario);
    }
}

/// Everybody believes in n3, and nothing is committed.
#[test]
fn a_leader_whom_everybody_hears_commits_nothing() {
    let shipped = shipped("layer34-log");
    for more in 0..size(20, 200) {
        let protocol = shipped.group().protocol;
        let finished = run_to_end(variant(&shipped, protocol, shipped.group().seed + more));
        let between = |at: Micros| secs(10) <= at && at < secs(24);
        let history = &finished.history;
        assert!(!history.commits.iter().any(|at| between(*at)), "{}", finished.scenario);
        let changes = history.beliefs.iter().flatten().filter(|(at, _)| between(*at)).count();
        assert_eq!(changes, 0, "{}", finished.scenario);
        assert_eq!(halflink::history::before(&history.led, secs(20)), Some(Some(N3)));
    }
}

#[test]
fn the_page_says_which_stream_dies() {
    for (name, at, kind, words) in [
        ("layer34-heartbeats", secs(10), "no-heartbeats", "only log entries"),
        ("layer34-log", secs(10), "no-entries", "no log entries"),
    ] {
        let mut timeline = Timeline::new(shipped(name));
        let view = View::of(&mut timeline, at, Micros::ZERO);
        let flow = |from: u8, to: u8| {
            view.flows.iter().find(|flow| (flow.from, flow.to) == (from, to)).expect("a flow")
        };
        let n3_to_n1 = flow(2, 0);
        assert_eq!(n3_to_n1.state, FlowState::Impaired, "{name}");
        let said: Vec<_> = n3_to_n1.impaired.iter().map(|fact| fact.kind).collect();
        assert_eq!(said, [kind], "{name}");
        let told = ENGLISH.tell("impaired", &n3_to_n1.impaired[0], &Names::default());
        assert_eq!(told, words, "{name}");
        assert!(n3_to_n1.why.is_some_and(|why| why.percent == 100), "{name}");
        assert_eq!(flow(0, 2).state, FlowState::Up, "{name}");
    }
}

/// A random scenario whose plant stays whole, and where every server has two cards.
fn whole_plant(seed: u32) -> Scenario {
    let rng = &mut Rng::new(seed);
    let mut random = arbitrary(rng);
    let PlantSpec { racks, servers, disks, bond, peer_links, .. } = random.plant;
    random.plant = PlantSpec::new(racks, servers, disks);
    random.plant.bond = bond;
    // Where a spare may be reached over a peer link, ways are not of one length.
    random.plant.peer_links = peer_links && bond != Bond::ActiveBackup;
    let is_of_plant = |act: &Action| {
        !matches!(
            act,
            Action::Crash(_)
                | Action::Restart(_)
                | Action::Pause(_)
                | Action::Resume(_)
                | Action::Elect(_)
                | Action::Transfer(_)
                | Action::Order(_)
                | Action::Cut { link: Link { ends: Ends::Flow(..), .. }, .. }
                | Action::Heal { link: Link { ends: Ends::Flow(..), .. } }
        )
    };
    random.actions.retain(|(_, act)| !is_of_plant(act));
    random
}

/// With everything up a message comes as it came by whatever is hashed, at the same time; so runs
/// are the same to the bit, cuts between replicas, crashes and pauses included.
#[test]
fn whatever_is_hashed_a_whole_plant_delivers_the_same() {
    let mut delivered = 0;
    for seed in 0..size(150, 3_000) {
        let hashes = HashPolicy::ALL.map(|policy| {
            let mut random = whole_plant(seed);
            random.plant.hash = policy;
            let finished = run_to_end(random);
            delivered += finished.run.group().delivered();
            finished.trace_hash()
        });
        assert_eq!(hashes, [hashes[0]; 3], "seed {seed}\n{}", whole_plant(seed));
    }
    assert!(delivered > 100_000, "{delivered}");
}

/// In our model a server has one address of each kind.
#[test]
fn layer2_and_layer2_3_are_one_run() {
    for seed in 0..size(60, 1_000) {
        let hashes = [HashPolicy::Layer2, HashPolicy::Layer23].map(|policy| {
            let mut random = arbitrary(&mut Rng::new(seed));
            random.plant.hash = policy;
            run_to_end(random).trace_hash()
        });
        assert_eq!(hashes[0], hashes[1], "seed {seed}");
    }
}

/// Whatever is hashed, and however cables are bonded, one dead cable, whichever, ends no stream.
#[test]
fn one_dead_cable_ends_no_stream() {
    let mut looked = 0;
    for seed in 0..size(60, 1_000) {
        let rng = &mut Rng::new(seed);
        let mut random = whole_plant(seed);
        random.plant.hash = HashPolicy::ALL[rng.below(3) as usize];
        random.plant.bond = [Bond::Hashed, Bond::ActiveBackup][rng.below(2) as usize];
        let plant = Plant::new(random.plant);
        for lane in plant.lanes() {
            let ends = Ends::Lane(plant.part(lane.from), plant.part(lane.to));
            let cut = Action::Cut { link: Link { ends, both: true }, percent: 100 };
            let mut faults = ActiveFaults::none(&plant, random.group().replicas());
            faults.apply(&plant, Micros::ZERO, &cut);
            let network = Network::new(&random, &plant, &faults);
            for from in (0..random.group().replicas()).map(ReplicaId) {
                for to in (0..random.group().replicas()).map(ReplicaId) {
                    let dead = network.dead_ends(from, to).next();
                    assert_eq!(dead, None, "{from} to {to} under {cut} in {:?}", plant.spec);
                    looked += network.ways(from, to).count();
                }
            }
        }
    }
    assert!(looked > 20_000, "{looked}");
}

/// The same in runs, cable by cable, of the default plant.
#[test]
fn one_dead_cable_costs_nobody_anything() {
    let plant = Plant::new(PlantSpec::new(3, 1, 2));
    for lane in plant.lanes() {
        let [from, to]: [Part; 2] = [plant.part(lane.from), plant.part(lane.to)];
        let finished = run_to_end(scenario(&format!(
            "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each, hash layer3+4\n\
             cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
             seed 7\nwrite every 300ms\nat 0s elect n3\nat 5s cut {from} <-> {to}\nrun 12s\n"
        )));
        let changes = finished.history.led.iter().filter(|(at, _)| *at > secs(1)).count();
        assert_eq!(changes, 0, "{from} <-> {to}");
        let served = finished.history.writes.iter().filter(|write| write.at < secs(11));
        assert!(served.clone().count() > 30);
        assert!(served.clone().all(|write| write.committed.is_some()), "{from} <-> {to}");
    }
}

/// With half of a pair lost, a blast speaks of one stream; and of a quorum that a whole failure
/// brings back.
#[test]
fn a_blast_tells_a_stream_from_a_pair() {
    let from_n3 = vec![(ReplicaId(2), ReplicaId(0))];
    let blast = |name: &str, part: &str, until: u64| {
        let mut world = World::new(scenario(find(name).expect("shipped").text).into());
        while world.next_at().is_some_and(|at| at < secs(until)) {
            world.step(&mut ());
        }
        let plant = world.plant();
        let named = |one: &&Part| one.to_string() == part;
        let id = plant.expect(*plant.parts().iter().find(named).expect("it is there"));
        Blast::of(world.groups(), &[id]).groups.remove(0)
    };
    for (name, gray, other) in
        [("layer34-log", "r1.tor-a", "r1.tor-b"), ("layer34-heartbeats", "r1.tor-b", "r1.tor-a")]
    {
        let healed = blast(name, gray, 5);
        assert_eq!((&healed.revives, &healed.halves), (&from_n3, &from_n3), "{name}");
        let worse = blast(name, other, 5);
        assert!(worse.ends.contains(&from_n3[0]) && !worse.halves.contains(&from_n3[0]), "{name}");
    }
    let back = blast("layer34-log", "r1.tor-a", 10);
    assert!(!back.quorum_now.is_there() && back.quorum_then.is_there());
}
