//! Disks that are rebuilt: when it ends, what it costs meanwhile, and that it is the same wherever
//! one looks from.

use halflink::blast::Blast;
use halflink::clock::Micros;
use halflink::fault::{PartState, ReplicaId};
use halflink::plant::{Part, ServerAt};
use halflink::rng::Rng;
use halflink::scenario::Scenario;
use halflink::scenario::arbitrary::scenario as arbitrary;
use halflink::scenario::text::parse;
use halflink::timeline::Timeline;
use halflink::view::{BlastView, Strip, View};
use halflink::words::{ENGLISH, Names};
use halflink::world::{EventKind, World};

fn text(lines: &str) -> String {
    format!(
        "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 4 disks each, rebuild 10s\n\
         cluster etcd: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 7\n\
         write every 200ms\nat 0s elect n1\n{lines}\nrun 30s\n"
    )
}

const REPLACED: &str = "at 2s fail r3.s1.d1\nat 3s restore r3.s1.d1";

fn read(lines: &str) -> Scenario {
    parse(&text(lines)).unwrap_or_else(|wrong| panic!("{lines}: {wrong:?}"))
}

/// When which disk was rebuilt.
fn rebuilt(scenario: Scenario) -> Vec<(Micros, String)> {
    let mut world = World::new(scenario.into());
    let mut found = Vec::new();
    while let Some(event) = world.step(&mut ()) {
        if let EventKind::Rebuilt(disk) = event.kind {
            found.push((event.at, world.plant().part(disk).to_string()));
        }
    }
    found
}

const fn secs(seconds: u64) -> Micros {
    Micros::from_secs(seconds)
}

#[test]
fn a_rebuild_ends_at_its_time_and_waits_while_there_is_no_power() {
    let one = |at| vec![(at, "r3.s1.d1".to_owned())];
    for (more, expected) in [
        ("", one(secs(13))),
        ("at 5s crash r3.s1", one(secs(13))),
        ("at 5s pause r3.s1", one(secs(13))),
        ("at 5s fail r3.s1\nat 9s restore r3.s1", one(secs(17))),
        ("at 5s fail r3.pdu-a\nat 6s fail r3.pdu-b\nat 8s restore r3.pdu-a", one(secs(15))),
        ("at 5s fail r3.s1.d1", Vec::new()),
        ("at 5s fail r3.s1.d1\nat 6s restore r3.s1.d1", one(secs(16))),
        ("at 5s restore r3.s1.d1", one(secs(13))),
        ("at 5s wipe r3.s1", Vec::new()),
        ("at 5s fail r3.s1.d2", Vec::new()),
        ("at 5s fail r3.s1", Vec::new()),
    ] {
        assert_eq!(rebuilt(read(&format!("{REPLACED}\n{more}"))), expected, "{more}");
    }
}

/// It is an event of the world: in the trace, and in every checkpoint.
#[test]
fn a_moment_of_a_rebuild_is_the_same_wherever_one_comes_from() {
    let mut seen = 0;
    for seed in 0..60 {
        let scenario = arbitrary(&mut Rng::new(seed));
        if scenario.plant.rebuild.is_none() {
            continue;
        }
        seen += rebuilt(scenario.clone()).len();
        let mut there = Timeline::new(scenario.clone());
        let mut back = Timeline::new(scenario.clone());
        back.finish();
        for twelfth in (0..=12_u64).rev() {
            let at = Micros(scenario.until.0 * twelfth / 12);
            let told = View::of(&mut back, at, Micros::ZERO);
            let forth = Micros(scenario.until.0 * (12 - twelfth) / 12);
            View::of(&mut there, forth, Micros::ZERO);
            let again = View::of(&mut there, at, Micros::ZERO);
            assert_eq!(told.trace_hash, again.trace_hash, "{seed} at {at}");
            let states = |view: &View| view.parts.iter().map(|part| part.state).collect::<Vec<_>>();
            assert_eq!(states(&told), states(&again), "{seed} at {at}");
        }
    }
    assert!(seen > 3, "{seen} disks were rebuilt");
}

fn n3_log(world: &World) -> u64 {
    world.group(0).replica(ReplicaId(2)).log().last_index().into()
}

/// Half of what the disks can do is taken by it; where a write takes no time, nothing is.
#[test]
fn writes_take_twice_as_long_while_a_disk_is_rebuilt() {
    let first_synced = |lines: &str| {
        let mut world = World::new(read(lines).into());
        let (mut begun, mut log) = (None, 0);
        loop {
            let event = world.step(&mut ()).expect("a write of n3 ends before the run does");
            let before = std::mem::replace(&mut log, n3_log(&world));
            if event.at > secs(5) && before < log {
                begun = begun.or(Some(event.at));
            }
            if let (EventKind::Synced(ReplicaId(2)), Some(at)) = (event.kind, begun) {
                return event.at.since(at);
            }
        }
    };
    let slow = "disk latency 7ms";
    assert_eq!(first_synced(slow), Micros::from_millis(7));
    assert_eq!(first_synced(&format!("{slow}\n{REPLACED}")), Micros::from_millis(14));
    let other = REPLACED.replace("r3", "r1");
    assert_eq!(first_synced(&format!("{slow}\n{other}")), Micros::from_millis(7));
}

#[test]
fn the_view_says_how_far_it_is_and_which_disk_is_the_only_copy() {
    let mut timeline = Timeline::new(read(REPLACED));
    let view = View::of(&mut timeline, secs(7), Micros::ZERO);
    let plant = timeline.frontier().world().plant().clone();
    let server = ServerAt { rack: 2, slot: 0 };
    let names = Names::of(&plant, 3);
    let said = |disk| {
        let part = &view.parts[usize::from(plant.expect(Part::Disk { server, disk }).0)];
        let why = part.why.as_ref().map(|why| ENGLISH.tell("state", why, &names));
        (part.state, why.unwrap_or_default())
    };
    let done = "being rebuilt from r3.s1.d2: 0:04 of 0:10, until 0:13".to_owned();
    assert_eq!(said(0), (PartState::Rebuilding.name(), done));
    let sole = "works, the only copy until r3.s1.d1 is rebuilt at 0:13".to_owned();
    assert_eq!(said(1), (PartState::Sole.name(), sole));
    assert_eq!(said(2).0, "up");
    // Its fault is over when it is rebuilt, and nothing more can be done about it.
    let [fault] = view.faults.as_slice() else { panic!("{:?}", view.faults) };
    assert_eq!((fault.text.as_str(), fault.lift.as_deref()), ("fail r3.s1.d1", None));
    let ends = |timeline: &Timeline| {
        Strip::of(timeline).faults.iter().map(|fault| fault.to_us).collect::<Vec<_>>()
    };
    assert_eq!(ends(&timeline), [secs(13).0]);
    timeline.finish();
    assert_eq!(ends(&timeline), [secs(13).0]);
    assert_eq!(View::of(&mut timeline, secs(13), Micros::ZERO).faults.len(), 0);
}

/// The mirror takes the data down; the new disk, and a disk of the other pair, do not.
#[test]
fn the_blast_radius_of_the_only_copy_is_its_server() {
    let mut timeline = Timeline::new(read(REPLACED));
    View::of(&mut timeline, secs(7), Micros::ZERO);
    let plant = timeline.groups()[0].plant().clone();
    let server = ServerAt { rack: 2, slot: 0 };
    let blast = |disk| {
        let disk = plant.expect(Part::Disk { server, disk });
        Blast::of(timeline.groups(), &[disk])
    };
    let of_server = vec![plant.expect(Part::Server(server))];
    let first = vec![plant.expect(Part::Disk { server, disk: 0 })];
    for (disk, falls, not_rebuilt) in
        [(0, &[][..], &[][..]), (1, &of_server, &first), (2, &[], &[])]
    {
        let found = blast(disk);
        assert_eq!((&*found.falls, &*found.loses_data), (falls, falls), "d{}", disk + 1);
        assert_eq!(found.not_rebuilt, not_rebuilt, "d{}", disk + 1);
    }
    assert_eq!(blast(1).spared, [], "the new disk holds no copy");
    let names = Names::of(&plant, 3);
    let view = BlastView::of(&blast(1), timeline.whole(), &plant);
    let told: Vec<_> = view.said.iter().map(|fact| ENGLISH.tell("blast", fact, &names)).collect();
    let sentence = "r3.s1.d1 is not rebuilt yet, so there is no other copy.";
    assert!(told.iter().any(|said| said == sentence), "{told:?}");
}

/// A rebuild that is cut short was a fault until then.
#[test]
fn the_fault_of_a_new_disk_lasts_until_it_is_whole_or_cannot_be() {
    for (more, ends) in [
        ("", 13),
        ("at 6s fail r3.s1.d2", 6),
        ("at 6s fail r3.s1.d1", 6),
        ("at 6s wipe r3.s1", 6),
        ("at 15s fail r3.s1.d2", 13),
        // It waits for power until the end of the run.
        ("at 6s fail feed-a\nat 6s fail feed-b", 30),
        // What has no mirror is not rebuilt at all.
        ("at 2500ms fail r3.s1.d2\nat 9s fail r3.s1.d2", 3),
    ] {
        let mut timeline = Timeline::new(read(&format!("{REPLACED}\n{more}")));
        timeline.finish();
        assert_eq!(Strip::of(&timeline).faults[0].to_us, secs(ends).0, "{more}");
    }
}
