//! Bonds: when LACP finds a cable with one dead direction, what that is worth, and what a spare is.

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::plant::{LaneId, Part, ServerAt, Side};
use halflink::rng::Rng;
use halflink::scenario::arbitrary::scenario as arbitrary;
use halflink::scenario::library::find;
use halflink::timeline::Timeline;
use halflink::view::{LaneState, View};
use halflink::words::{ENGLISH, Names};
use halflink::world::{EventKind, World};

use crate::support::{Finished, run_to_end, scenario, secs};

/// Three servers, each in a rack of its own, bonded like that; n3 leads. Then that happens.
pub(crate) fn text(bond: &str, lines: &str) -> String {
    format!(
        "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each{bond}\n\
         cluster etcd: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
         seed 7\nwrite every 200ms\nat 0s elect n3\n{lines}\nrun 150s\n"
    )
}

/// n3's packets for n1 take that cable, in that direction.
const DEAF: &str = "at 5s cut r1.tor-a -> r1.s1";

/// When which cable left its bundle, or came back.
pub(crate) fn changes(text: &str) -> Vec<(Micros, String, bool)> {
    let mut world = World::new(scenario(text).into());
    let mut found = Vec::new();
    while let Some(event) = world.step(&mut ()) {
        if let EventKind::Bundle { lane, is_out } = event.kind {
            found.push((event.at, world.plant().lane_name(lane), is_out));
        }
    }
    found
}

#[test]
fn lacp_takes_out_a_cable_with_one_dead_direction_after_three_periods() {
    let up = || "r1.s1 -> r1.tor-a".to_owned();
    for (bond, timeout, period) in [(", bond lacp fast", 3, 1), (", bond lacp slow", 90, 30)] {
        for cut in [DEAF, "at 5s cut r1.s1 -> r1.tor-a"] {
            let out = (secs(5 + timeout), up(), true);
            assert_eq!(changes(&text(bond, cut)), std::slice::from_ref(&out), "{bond}, {cut}");
            let healed = format!("{cut}\nat 100s {}", cut.replace("at 5s cut", "heal"));
            let back = (secs(100 + period), up(), false);
            assert_eq!(changes(&text(bond, &healed)), [out, back], "{bond}, {cut}");
        }
        // What loses a part of the packets, or has no carrier, is not LACP's.
        for other in [
            "at 5s lose 90% of r1.tor-a -> r1.s1",
            "at 5s gray r1.tor-a drops n3 -> n1",
            "at 5s cut r1.spine-a -> r1.tor-a",
        ] {
            let text = text(bond, &other.replace("r1.spine", "spine"));
            assert_eq!(changes(&text), [], "{text}");
        }
        let short = format!("{DEAF}\nat 7s heal r1.tor-a -> r1.s1");
        assert_eq!(changes(&text(bond, &short)), [], "healed before it is found");
    }
    for bond in ["", ", bond active-backup"] {
        assert_eq!(changes(&text(bond, DEAF)), [], "{bond}");
    }
}

/// How long n1 heard nothing from n3 at most, from the cut on.
fn deaf_for(finished: &Finished) -> Micros {
    let mut last = secs(5);
    let mut longest = Micros::ZERO;
    for (at, belief) in &finished.history.beliefs[0] {
        if *at > last && belief.is_some_and(|belief| belief.leader == Some(ReplicaId(2))) {
            longest = longest.max(at.since(last));
            last = *at;
        }
    }
    longest
}

#[test]
fn a_dead_direction_is_healed_within_4_s_or_100_s_or_never() {
    for seed in 1..=20 {
        let lead = |bond: &str| {
            let text = text(bond, DEAF).replace("seed 7", &format!("seed {seed}"));
            let finished = run_to_end(scenario(&text));
            let history = &finished.history;
            let last = history.elections.iter().map(|won| won.at).max().expect("n3 is elected");
            (last, history.elections.len(), deaf_for(&finished))
        };
        let (fast, slow, never) = (lead(", bond lacp fast"), lead(", bond lacp slow"), lead(""));
        // An election under way when it heals takes its time: at most two timeouts more.
        assert!(fast.0 <= secs(5 + 4 + 4), "seed {seed}: {fast:?}");
        assert!(slow.0 <= secs(5 + 100 + 4), "seed {seed}: {slow:?}");
        assert!(fast.1 <= slow.1 && slow.1 <= never.1, "seed {seed}: {fast:?} {slow:?} {never:?}");
    }
}

/// With hashing a dead direction takes some flows of a server, in active-backup mode all of them.
#[test]
fn a_spare_cable_saves_nobody_from_half_a_cable() {
    let heard = |bond: &str| {
        let mut world = World::new(scenario(&text(bond, DEAF)).into());
        while world.step_by(secs(6), &mut ()).is_some() {}
        [1, 2].map(|from| {
            world.group(0).network().route(ReplicaId(from), ReplicaId(0)).dead_end().is_none()
        })
    };
    assert_eq!(heard(""), [true, false]);
    assert_eq!(heard(", bond active-backup"), [false, false]);
    // A cable without light it does save.
    let unlit = DEAF.replace("->", "<->");
    let mut world = World::new(scenario(&text(", bond active-backup", &unlit)).into());
    while world.step_by(secs(6), &mut ()).is_some() {}
    for from in [1, 2].map(ReplicaId) {
        let route = world.group(0).network().route(from, ReplicaId(0));
        assert!(route.dead_end().is_none(), "{route:?}");
    }
}

/// The most cables that a replica's server uses for what arrives and what it sends.
fn most_cables(world: &World, seed: u32) -> usize {
    let group = world.group(0);
    let uses = |id: ReplicaId| {
        let others = group.replicas().filter(|&other| other != id);
        let mut cables: Vec<LaneId> = others
            .flat_map(|other| {
                let out = group.network().route(id, other).lanes().first().copied();
                let way = group.network().route(other, id);
                let arrives = way.dead_end().is_none().then(|| way.lanes().last());
                [out, arrives.flatten().map(|lane| lane.reverse())]
            })
            .flatten()
            .collect();
        cables.sort();
        cables.dedup();
        assert!(cables.len() <= 1, "seed {seed}, {}: {id} uses {cables:?}", world.now());
        cables.len()
    };
    group.replicas().map(uses).max().unwrap_or(0)
}

/// In active-backup mode a server uses one cable, whoever is at the other end.
#[test]
fn who_has_a_spare_uses_one_cable() {
    let mut used = 0;
    for seed in 0..200 {
        let rng = &mut Rng::new(seed);
        let mut random = arbitrary(rng);
        random.plant.bond = halflink::plant::Bond::ActiveBackup;
        let mut world = World::new(random.into());
        let mut look = Micros::ZERO;
        while world.step(&mut ()).is_some() {
            if world.now() >= look {
                look = world.now() + secs(1);
                used += most_cables(&world, seed);
            }
        }
    }
    assert!(used > 1_000, "{used}");
}

#[test]
fn the_page_shows_which_cable_is_out() {
    let shipped = scenario(find("lacp").expect("shipped").text);
    let mut timeline = Timeline::new(shipped);
    let plant = timeline.frontier().world().plant().clone();
    let server = Part::Server(ServerAt { rack: 0, slot: 0 });
    let tor = Part::Tor { rack: 0, side: Side::A };
    let lane = plant.lane(plant.expect(server), plant.expect(tor)).expect("a cable");
    let mut state = |at| {
        let view = View::of(&mut timeline, at, Micros::ZERO);
        [lane, lane.reverse()].map(|lane| view.lanes[usize::from(lane.0)].state)
    };
    assert_eq!(state(secs(4)), [LaneState::Up, LaneState::Up]);
    assert_eq!(state(secs(6)), [LaneState::Up, LaneState::Cut]);
    assert_eq!(state(secs(9)), [LaneState::Out, LaneState::Cut]);
}

/// What the page says of the latest fault, at that time.
pub(crate) fn said(text: &str, at: Micros) -> Option<String> {
    let mut timeline = Timeline::new(scenario(text));
    timeline.finish();
    let view = View::of(&mut timeline, at, Micros::ZERO);
    view.consequence.map(|one| ENGLISH.tell("aftermath", &one.said, &Names::default()))
}

/// A cable that is out of its bundle is a spare, and where the flows went is none any more.
#[test]
fn which_cable_is_a_spare_changes_with_the_bundle() {
    let two = |lines: &str| {
        text(", bond lacp fast", lines)
            .replace("r1.s1 r2.s1 r3.s1", "r1.s1 r3.s1")
            .replace("n3", "n2")
    };
    let is_spare = |lines: &str, at| {
        said(&two(lines), at).is_some_and(|said| said.contains("no packet takes this cable"))
    };
    let other = "cut r1.tor-b -> r1.s1";
    assert!(is_spare(&format!("at 5s {other}"), secs(20)), "n1 and n2 use tor-a");
    assert!(!is_spare(&format!("{DEAF}\nat 6s {other}"), secs(7)), "soon it is needed");
    assert!(!is_spare(&format!("{DEAF}\nat 20s {other}"), secs(25)), "it is all that n1 has");
    let out = "cut r1.s1 -> r1.tor-a";
    assert!(!is_spare(&format!("{DEAF}\nat 6s {out}"), secs(7)), "it is not out yet");
    assert!(is_spare(&format!("{DEAF}\nat 20s {out}"), secs(25)), "it is out");
}
