//! A switch that forwards everything and whose control plane is dead: who leaves it, and who does
//! not notice.

use halflink::blast::Blast;
use halflink::fault::{Action, ActiveFaults, Flows, ReplicaId};
use halflink::history::{History, before};
use halflink::network::Network;
use halflink::plant::{Bond, LaneId, Part, Plant, Side};
use halflink::rng::Rng;
use halflink::scenario::arbitrary::scenario as arbitrary;
use halflink::scenario::library::find;
use halflink::scenario::text::parse;
use halflink::timeline::Timeline;
use halflink::view::{BlastView, View};
use halflink::words::{ENGLISH, Names};
use halflink::world::World;

use crate::bonds::{changes, said, text};
use crate::support::{run_to_end, scenario, secs, size, variant};

/// Rack 3 after r3.tor-a says nothing any more, with `bond`.
fn silent(bond: &str, lines: &str) -> String {
    text(bond, &format!("at 5s gray r3.tor-a drops control\n{lines}"))
}

#[test]
fn servers_leave_a_switch_that_answers_no_lacp_and_come_back_to_it() {
    let up = || "r3.s1 -> r3.tor-a".to_owned();
    for (bond, timeout, period) in [(", bond lacp fast", 3, 1), (", bond lacp slow", 90, 30)] {
        let out = (secs(5 + timeout), up(), true);
        assert_eq!(changes(&silent(bond, "")), std::slice::from_ref(&out), "{bond}");
        let back = (secs(100 + period), up(), false);
        let healed = silent(bond, "at 100s heal r3.tor-a");
        assert_eq!(changes(&healed), [out.clone(), back], "{bond}");
        assert_eq!(changes(&silent(bond, "at 7s heal r3.tor-a")), [], "healed too soon: {bond}");
        // Either is enough for the cable to stay out, and it is found once.
        let both = "at 6s cut r3.tor-a -> r3.s1\nat 100s heal r3.tor-a";
        assert_eq!(changes(&silent(bond, both)), std::slice::from_ref(&out), "{bond}");
    }
    for bond in ["", ", bond active-backup"] {
        assert_eq!(changes(&silent(bond, "")), [], "{bond}");
    }
}

/// What dies of what, and every way of n3's that leads over a switch, after so long.
fn ways_of_n3(text: &str) -> Vec<Vec<String>> {
    let mut world = World::new(scenario(text).into());
    while world.step_by(secs(10), &mut ()).is_some() {}
    let way = |to| {
        let route = world.group(0).network().route(ReplicaId(2), ReplicaId(to));
        assert!(route.drop_causes().next().is_none(), "{text}");
        route.lanes().iter().map(|&lane| world.plant().lane_name(lane)).collect()
    };
    [0, 1].map(way).into()
}

#[test]
fn no_packet_dies_of_a_dead_control_plane_and_without_lacp_none_goes_another_way() {
    let up = |ways: &[Vec<String>], switch: &str| {
        ways.iter().filter(|way| way[0] == format!("r3.s1 -> {switch}")).count()
    };
    for bond in ["", ", bond active-backup", ", bond lacp fast", ", bond lacp slow"] {
        let whole = ways_of_n3(&text(bond, ""));
        let silent = ways_of_n3(&silent(bond, ""));
        if bond == ", bond lacp fast" {
            assert_eq!((up(&whole, "r3.tor-a"), up(&whole, "r3.tor-b")), (1, 1));
            assert_eq!(up(&silent, "r3.tor-b"), 2, "flows are hashed over what is left");
        } else {
            assert_eq!(whole, silent, "{bond}: nobody notices, or not yet");
        }
        let lines = ["at 5s gray r3.tor-a drops control", ""];
        let [with, without] = lines.map(|lines| run_to_end(scenario(&text(bond, lines))));
        assert_eq!(with.history.commits.len(), without.history.commits.len(), "{bond}");
        assert_eq!(with.history.elections.len(), 1, "{bond}");
    }
}

/// What the notes of the shipped scenario say, whatever the seed; and its twin without LACP.
#[test]
fn with_lacp_the_other_switch_is_the_only_one() {
    let shipped = scenario(find("control-plane-dead").expect("it is shipped").text);
    for more in 0..size(20, 200) {
        let seed = shipped.group().seed + more;
        let mut own = variant(&shipped, shipped.group().protocol, seed);
        let led = |history: &History, at| before(&history.led, secs(at)).flatten();
        let history = run_to_end(own.clone()).history;
        assert_eq!(led(&history, 12), Some(ReplicaId(2)), "seed {seed}");
        assert!(led(&history, 25).is_some_and(|id| id != ReplicaId(2)), "seed {seed}");
        let of_n3 = |at| before(&history.beliefs[2], secs(at)).flatten().map(|one| one.leader);
        assert_eq!(of_n3(25), Some(Some(ReplicaId(2))), "seed {seed}");
        assert_eq!(of_n3(33), Some(led(&history, 33)), "seed {seed}");
        own.plant.bond = Bond::Hashed;
        let history = run_to_end(own).history;
        assert_eq!(history.elections.len(), 1, "seed {seed}: it goes on over r3.tor-a");
    }
}

/// Where every switch of a random plant's rack falls silent: with LACP every cable of its servers
/// to it is out after its time, and without it nothing is different, whatever else is wrong.
#[test]
fn a_silent_switch_is_left_by_all_its_servers_or_by_none() {
    let (mut left, mut kept) = (0, 0);
    for seed in 0..size(150, 1_500) {
        let random = arbitrary(&mut Rng::new(seed));
        let plant = Plant::new(random.plant);
        let tor = Part::Tor { rack: (seed % u32::from(random.plant.racks)) as u8, side: Side::A };
        let mut faults = ActiveFaults::none(&plant, random.group().replicas());
        for (at, act) in &random.actions {
            faults.pass(&plant, *at);
            faults.apply(&plant, *at, act);
        }
        let mut then = faults.clone();
        let act = Action::Gray { switch: tor, flows: Flows::CONTROL, percent: 100 };
        then.apply(&plant, random.until, &act);
        faults.settle(&plant);
        then.settle(&plant);
        let tor = plant.expect(tor);
        for (lane, number) in plant.lanes().iter().zip(0..) {
            let of_it = matches!(plant.part(lane.from), Part::Server(_)) && lane.to == tor;
            let number = LaneId(number);
            if of_it && matches!(random.plant.bond, Bond::Lacp(_)) {
                assert!(
                    then.is_out_of_bundle(&plant, number) && !then.carrier(&plant, number),
                    "{seed}"
                );
                left += 1;
            } else {
                let [was, is] = [&faults, &then].map(|one| one.carrier(&plant, number));
                let is_reverse = matches!(plant.part(lane.to), Part::Server(_)) && lane.from == tor;
                let is_left = is_reverse && matches!(random.plant.bond, Bond::Lacp(_));
                // What becomes of the other switch of a pair is tested with pairs.
                assert!(is_left || random.plant.mlag || was == is, "{seed}");
                kept += 1;
            }
        }
        if !matches!(random.plant.bond, Bond::Lacp(_)) {
            let [was, is] = [&faults, &then].map(|one| Network::new(&random, &plant, one));
            assert!(was == is, "{seed}");
        }
    }
    assert!(left > 50 && kept > 1_000, "{left} {kept}");
}

#[test]
fn what_is_told_of_a_silent_switch_is_so() {
    for (bond, blast, is_idle) in [
        (", bond lacp fast", "out of their bundles after 3s", false),
        (", bond lacp slow", "out of their bundles after 90s", false),
        ("", "nothing changes: without LACP", true),
        (", bond active-backup", "nothing changes: without LACP", true),
    ] {
        let mut timeline = Timeline::new(scenario(&silent(bond, "")));
        let view = View::of(&mut timeline, secs(6), secs(1));
        let plant = timeline.frontier().world().plant();
        let names = Names::of(plant, 3);
        let tor = plant.expect(Part::Tor { rack: 2, side: Side::A });
        let part = &view.parts[usize::from(tor.0)];
        assert_eq!(part.state, "control-dead");
        let told = ENGLISH.tell("trouble", part.why.as_ref().expect("it is not up"), &names);
        assert!(told.starts_with("its control plane is dead: it forwards everything"), "{told}");

        let world = World::new(scenario(&text(bond, "")).into());
        let radius = Blast::of(world.groups(), &[tor]);
        let view = BlastView::of(&radius, world.scenario(), world.plant());
        let mut radius = view.said.iter().map(|fact| ENGLISH.tell("blast", fact, &names));
        assert!(radius.next_back().is_some_and(|last| last.contains(blast)), "{bond}");
        // Once it is dead nothing is said of its death.
        let groups = timeline.groups();
        let radius = BlastView::of(&Blast::of(groups, &[tor]), timeline.whole(), plant);
        assert!(radius.said.iter().all(|fact| !fact.kind.starts_with("if-control")), "{bond}");

        let said = said(&silent(bond, ""), secs(20)).expect("something is said");
        assert_eq!(said.contains("without LACP nobody listens"), is_idle, "{bond}: {said}");
    }
}

#[test]
fn a_control_plane_that_cannot_be_meant_is_an_error_where_it_stands() {
    let text = |act: &str| text("", &format!("at 1s {act}"));
    let whole = "a control plane dies as a whole: write `drops control`";
    let spine = "servers speak LACP with tors: only the control plane of a tor matters";
    for (act, column, told) in [
        ("gray r1.tor-a drops 50% of control", 27, whole),
        ("gray spine-a drops control", 12, spine),
        ("gray r1.pdu-a drops control", 12, "only a tor or a spine forwards packets"),
        ("gray r9.tor-a drops control", 12, ""),
        ("gray r1.tor-a drops control over 1500 bytes", 35, "expected the end of the line"),
        ("gray r1.tor-a drops control -> n1", 35, "expected the end of the line"),
        ("gray r1.tor-a drops controls", 27, "expected `all`, `control`, `*` or a replica"),
    ] {
        let wrong = parse(&text(act)).expect_err(act);
        assert_eq!(wrong.len(), 1, "{act}: {wrong:?}");
        assert_eq!((wrong[0].line, wrong[0].column), (9, column), "{act}: {wrong:?}");
        assert!(wrong[0].message().starts_with(told), "{act}: {}", wrong[0].message());
    }
    let act = "gray r1.tor-a drops control";
    let scenario = scenario(&text(act));
    assert!(scenario.actions.iter().any(|(_, one)| one.to_string() == act));
    assert_eq!(parse(&scenario.to_string()), Ok(scenario.clone()));
    let whole = scenario.to_string().replace("drops control", "drops 100% of control");
    assert_eq!(parse(&whole), Ok(scenario));
}
