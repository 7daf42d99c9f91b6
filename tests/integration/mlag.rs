//! Two switches of a rack that pose as one, and what becomes of that without their peer link.

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::history::{History, before};
use halflink::plant::{LaneId, Part, Plant, Side};
use halflink::rng::Rng;
use halflink::scenario::arbitrary::scenario as arbitrary;
use halflink::scenario::library::find;
use halflink::timeline::Timeline;
use halflink::view::{FlowState, LaneState, View};
use halflink::words::{ENGLISH, Names};
use halflink::world::World;

use crate::bonds::{changes, text};
use crate::support::{run_to_end, scenario, secs, size, variant};

const CUT: &str = "at 5s cut r3.tor-a <-> r3.tor-b";

/// By which switches n3's server is reached from others and reaches them, at that second.
fn used(text: &str, second: u64) -> [bool; 2] {
    let mut world = World::new(scenario(text).into());
    while world.step_by(secs(second), &mut ()).is_some() {}
    let others = [0, 1].map(ReplicaId);
    let ways = others.iter().flat_map(|&to| [(ReplicaId(2), to), (to, ReplicaId(2))]);
    let network = world.group(0).network();
    let lanes: Vec<_> =
        ways.flat_map(|(from, to)| network.route(from, to).lanes().to_vec()).collect();
    ["r3.tor-a", "r3.tor-b"].map(|tor| {
        let cable = [format!("r3.s1 -> {tor}"), format!("{tor} -> r3.s1")];
        lanes.iter().any(|&lane| cable.contains(&world.plant().lane_name(lane)))
    })
}

#[test]
fn without_their_peer_link_both_are_primary_after_five_seconds() {
    for bond in [", bond lacp fast, mlag", ", bond lacp slow, mlag"] {
        let peer = || "r3.tor-a -> r3.tor-b".to_owned();
        let out = (secs(10), peer(), true);
        for cut in [CUT, &CUT.replace("<->", "->")] {
            assert_eq!(changes(&text(bond, cut)), std::slice::from_ref(&out), "{bond}: {cut}");
        }
        // What tor-a hears of tor-b is no matter.
        for other in ["cut r3.tor-b -> r3.tor-a", "gray r3.tor-b drops control"] {
            let changes = changes(&text(bond, &format!("at 5s {other}")));
            assert!(changes.iter().all(|(_, lane, _)| *lane != peer()), "{bond}: {other}");
        }
        let healed = format!("{CUT}\nat 60s heal r3.tor-a <-> r3.tor-b");
        assert_eq!(changes(&text(bond, &healed)), [out.clone(), (secs(61), peer(), false)]);
        let short = format!("{CUT}\nat 9s heal r3.tor-a <-> r3.tor-b");
        assert_eq!(changes(&text(bond, &short)), [], "healed in time");
        let seen = [9, 11, 60, 62].map(|second| used(&text(bond, &healed), second));
        assert_eq!(seen, [[true, true], [true, false], [true, false], [true, true]], "{bond}");
        // What the one that is used does not do the other does: it has lost nothing.
        let failed = format!("{CUT}\nat 20s fail r3.tor-a");
        assert_eq!(used(&text(bond, &failed), 30), [false, true], "{bond}");
    }
    // A pair that is no pair is not parted.
    assert_eq!(changes(&text(", bond lacp fast, peer links", CUT)), []);
}

/// One that is dead is succeeded; one that is silent goes on until LACP finds it; and the silent
/// second one can tell nobody that it is another system.
#[test]
fn a_switch_that_is_dead_or_silent_leaves_the_other() {
    for (rate, timeout) in [("fast", 3), ("slow", 90)] {
        let bond = format!(", bond lacp {rate}, mlag");
        let used = |fault: &str, second| used(&text(&bond, &format!("at 5s {fault}")), second);
        for second in [6, 11, 120] {
            assert_eq!(used("fail r3.tor-a", second), [false, true], "{rate} {second}");
            assert_eq!(used("fail r3.tor-b", second), [true, false], "{rate} {second}");
        }
        let [first, second] = ["a", "b"].map(|side| format!("gray r3.tor-{side} drops control"));
        // Between its own timeout and LACP's the second one is of no use to anybody.
        let between = if timeout > 5 { [true, false] } else { [false, true] };
        assert_eq!(used(&first, 11), between, "{rate}");
        assert_eq!(used(&first, 120), [false, true], "{rate}");
        let between = if timeout > 5 { [true, true] } else { [true, false] };
        assert_eq!(used(&second, 11), between, "{rate}");
        assert_eq!(used(&second, 120), [true, false], "{rate}");
    }
}

/// What the notes say, whatever the seed; and without the first fault.
#[test]
fn a_pair_that_fell_out_is_worth_one_switch() {
    let shipped = scenario(find("mlag-both-primary").expect("it is shipped").text);
    for more in 0..size(20, 200) {
        let own = variant(&shipped, shipped.group().protocol, shipped.group().seed + more);
        let led = |history: &History, at| before(&history.led, secs(at)).flatten();
        let of = |history: &History, id: usize, at| {
            before(&history.beliefs[id], secs(at)).flatten().and_then(|one| one.leader)
        };
        let history = run_to_end(own.clone()).history;
        assert_eq!(led(&history, 12), Some(ReplicaId(2)), "no replica notices, seed {}", more);
        let next = led(&history, 16).expect("n1 and n2 have another leader");
        assert_ne!(next, ReplicaId(2), "seed {more}");
        assert_eq!(of(&history, 2, 33), Some(next), "n3 follows it, seed {more}");
        let mut whole = own;
        whole.actions.retain(|(at, _)| *at != secs(3) && *at != secs(36));
        let mut world = World::new(whole.clone().into());
        while world.step_by(secs(20), &mut ()).is_some() {}
        for (from, to) in [(2, 1), (1, 2)].map(|(from, to)| (ReplicaId(from), ReplicaId(to))) {
            let route = world.group(0).network().route(from, to);
            assert!(route.drop_causes().next().is_none(), "they hear each other");
            let name = |lane: &LaneId| world.plant().lane_name(*lane);
            assert!(route.lanes().iter().any(|lane| name(lane).contains("r3.tor-b")), "over that");
        }
        let history = run_to_end(whole).history;
        assert_eq!(led(&history, 29), Some(ReplicaId(2)), "n3 leads on, seed {more}");
        assert_ne!(of(&history, 0, 29), Some(ReplicaId(2)), "without n1, seed {more}");
    }
}

/// The page says of a cable why it is not used, and of a switch that it is primary, too.
#[test]
fn a_second_primary_is_shown() {
    let mut timeline = Timeline::new(scenario(&text(", bond lacp fast, mlag", CUT)));
    let view = View::of(&mut timeline, secs(20), secs(1));
    let plant = Plant::new(timeline.whole().plant);
    let tor = |side| plant.expect(Part::Tor { rack: 2, side });
    assert_eq!(view.parts[usize::from(tor(Side::B).0)].state, "second-primary");
    assert_eq!(view.parts[usize::from(tor(Side::A).0)].state, "up");
    let why = view.parts[usize::from(tor(Side::B).0)].why.clone().expect("it is not as it was");
    let said = ENGLISH.tell("trouble", &why, &Names::of(&plant, 3));
    assert!(said.starts_with("now primary: it hears nothing of the other switch"), "{said}");
    // Where the first one is dead there is no second primary, and servers use the one there is.
    let failed = text(", bond lacp fast, mlag", &format!("{CUT}\nat 15s fail r3.tor-a"));
    assert_eq!(used(&failed, 20), [false, true]);
    let later = View::of(&mut Timeline::new(scenario(&failed)), secs(20), secs(1));
    assert_eq!(later.parts[usize::from(tor(Side::B).0)].state, "up");
    let state = |name: &str| {
        let number = (0..).map(LaneId).find(|&lane| plant.lane_name(lane) == name).unwrap();
        view.lanes[usize::from(number.0)].state
    };
    assert_eq!(state("r3.s1 -> r3.tor-b"), LaneState::Other);
    assert_eq!(state("r3.tor-b -> r3.s1"), LaneState::Other);
    assert_eq!(state("r3.s1 -> r3.tor-a"), LaneState::Up);
    assert_eq!(state("r3.tor-a -> r3.tor-b"), LaneState::Cut);
}

/// A peer link is in no bundle: with one dead direction it carries packets in the other.
#[test]
fn the_live_direction_of_a_peer_link_carries_on() {
    let apart = r#"halflink 1
title   "One switch each"
plant   1 rack of 2 servers, 2 disks each, bond lacp fast, mlag
server  r1.s1 single-homed a
server  r1.s2 single-homed b
cluster c: raft on r1.s1 r1.s2
timing  heartbeat 100ms, election 1s..2s
seed    1
at 2s   fail spine-a
at 2s   fail spine-b
at 3s   cut FROM -> TO
run     30s
"#;
    for (ends, dead) in [(["b", "a"], [1, 0]), (["a", "b"], [0, 1])] {
        let [from, to] = ends.map(|side| format!("r1.tor-{side}"));
        let text = apart.replace("FROM", &from).replace("TO", &to);
        let mut timeline = Timeline::new(scenario(&text));
        let view = View::of(&mut timeline, secs(20), secs(1));
        let plant = Plant::new(timeline.whole().plant);
        let state = |name: String| {
            let number = (0..).map(LaneId).find(|&lane| plant.lane_name(lane) == name).unwrap();
            view.lanes[usize::from(number.0)].state
        };
        assert_eq!(state(format!("{from} -> {to}")), LaneState::Cut);
        assert_eq!(state(format!("{to} -> {from}")), LaneState::Up);
        for flow in &view.flows {
            let is_dead = [flow.from, flow.to] == dead;
            let expected = if is_dead { FlowState::Dead } else { FlowState::Up };
            assert_eq!(flow.state, expected, "{} to {}: {text}", flow.from, flow.to);
        }
    }
}

/// In any plant of pairs, whatever has failed: a server has no use for the second switch exactly
/// as long as that has not heard the first and can say so, and the first is in the bundle.
#[test]
fn a_server_bundles_one_system() {
    let mut seen = [0, 0];
    for number in 0..size(1_500, 20_000) {
        let random = arbitrary(&mut Rng::new(number ^ 0x317a));
        if !random.plant.mlag {
            continue;
        }
        let mut world = World::new(random.into());
        while world.step(&mut ()).is_some() {}
        let (plant, faults) = (world.plant().clone(), world.group(0).active_faults());
        for server in plant.servers() {
            let [first, second] =
                Side::BOTH.map(|side| plant.expect(Part::Tor { rack: server.rack, side }));
            let own = plant.expect(Part::Server(server));
            let peer = plant.lane(first, second).expect("a pair has a peer link");
            let Some(cable) = plant.lane(own, second) else { continue };
            let first_is_used =
                plant.lane(own, first).is_some_and(|lane| faults.carrier(&plant, lane));
            let is_split = faults.is_on_its_own(second);
            // It heard the primary for the last time less than a second ago, or does not.
            let is_deaf = faults.lane_loss(peer) == 100 || faults.is_control_dead(first);
            let lately = |&(at, _): &(Micros, _)| at + secs(1) >= world.now();
            let is_healed = world.scenario().actions.iter().any(lately);
            assert!(!is_split || is_deaf || is_healed, "{number}: {server}");
            assert!(!is_split || faults.alive(first) && !faults.is_control_dead(second));
            let is_alone = is_split && first_is_used;
            assert!(!is_alone || !faults.carrier(&plant, cable), "{number}: {server}");
            if !is_alone && !faults.is_unheard(cable) {
                assert!(!faults.is_out_of_bundle(&plant, cable), "{number}: {server}");
            }
            seen[usize::from(is_alone)] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}
