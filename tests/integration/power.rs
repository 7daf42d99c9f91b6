//! The power chain: what servers draw, what trips, and what is bridged.

use halflink::blast::Blast;
use halflink::clock::Micros;
use halflink::fault::{Action, ActiveFaults, PartState, PowerChange};
use halflink::outcome::Outcome;
use halflink::plant::{Part, PartId, Plant, PlantSpec, Port, Power, ServerAt, Side, Site, Ups};
use halflink::rng::Rng;
use halflink::scenario::arbitrary;
use halflink::scenario::library::find;
use halflink::scenario::text::parse;
use halflink::world::{EventKind, World};

use crate::support::{run_to_end, scenario, secs, size};

const fn feed(side: Side) -> Part {
    Part::Feed { site: Site::ONLY, side }
}

fn text(power: &str, more: &str) -> String {
    format!(
        "halflink 1\ntitle \"Power\"\nplant 3 racks of 4 servers, 2 disks each\npower {power}\n\
         cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
         seed 1\nwrite every 300ms\n{more}run 60s\n"
    )
}

/// Whatever changed of its own, in order.
fn changes(power: &str, more: &str) -> Vec<(Micros, String, PowerChange)> {
    let mut world = World::new(scenario(&text(power, more)).into());
    let mut changes = Vec::new();
    while let Some(event) = world.step(&mut ()) {
        if let EventKind::Power { part, change } = event.kind {
            changes.push((event.at, world.plant().part(part).to_string(), change));
        }
    }
    changes
}

/// When the first of a kind tripped, with loads of that share of what it is rated for, in percent.
fn trips_after(what: &str, percent: u32) -> Option<Micros> {
    // Of one feed 4 servers of a rack draw from one breaker, 12 from one UPS.
    let (rated, servers) = if what == "breaker" { (40_000, 4) } else { (120_000, 12) };
    let server = rated / 100 * percent / servers;
    let rated = if what == "breaker" {
        format!("breaker {rated}w")
    } else {
        format!("ups {rated}w for 10m")
    };
    let said = format!("server {server}w, {rated}");
    let lost = if what == "breaker" { "feed-a" } else { "ups-a" };
    let at = changes(&said, &format!("at 5s fail {lost}\n"));
    let tripped = at.iter().find(|(.., change)| *change == PowerChange::Tripped);
    tripped.map(|(at, ..)| at.since(secs(5)))
}

/// facts.md section 9: a breaker does not see less than 1.1 of its rating, and trips 2 s later; a
/// UPS bears 125 % for 30 s to 10 min, 150 % for 10 to 60 s, 200 % for 10 to 20 cycles.
#[test]
fn overloads_are_borne_as_long_as_the_sources_say() {
    for percent in [50, 100, 109, 110] {
        assert_eq!(trips_after("breaker", percent), None, "{percent} %");
    }
    for percent in [111, 150, 220] {
        assert_eq!(trips_after("breaker", percent), Some(secs(2)), "{percent} %");
    }
    assert_eq!(trips_after("ups", 100), None);
    for (percent, least, most) in [
        (125, secs(30), secs(600)),
        (150, secs(10), secs(60)),
        (200, Micros(166_667), Micros(400_000)),
    ] {
        let at = trips_after("ups", percent);
        // The run is 60 s long: a trip after 60 s is not in it, and one at 55 s would be.
        let is_within = at.map_or(percent == 125, |at| least <= at && at <= most);
        assert!(is_within, "{percent} %: {at:?}");
    }
    assert!(trips_after("ups", 101).is_none() && trips_after("ups", 130) > trips_after("ups", 190));
}

#[test]
fn what_an_overload_has_borne_counts_when_it_changes() {
    // 1600 W of 1400 W a rack. A server less after a second, 1200 W, and nothing happens; a server
    // more, and it begins anew.
    let of = |more: &str| changes("breaker 1400w", &format!("at 1s fail feed-a\n{more}"));
    assert_eq!(of("")[0].0, secs(3));
    let saved = "at 2s fail r1.s4\nat 2s fail r2.s4\nat 2s fail r3.s4\n";
    assert_eq!(of(saved), []);
    let again = of(&format!("{saved}at 4s restore r2.s4\n"));
    assert_eq!(again, [(secs(6), "r2.breaker-b".to_owned(), PowerChange::Tripped)]);
}

#[test]
fn a_trip_stays_until_it_is_restored() {
    let at = |more: &str| {
        let more = format!("at 1s fail feed-a\nat 8s restore feed-a\n{more}");
        let finished = run_to_end(scenario(&text("breaker 1400w", &more)));
        let world = finished.run.group();
        let part = world.plant().expect(Part::Breaker { rack: 0, side: Side::B });
        world.active_faults().state(part)
    };
    assert_eq!(at(""), PartState::Tripped);
    assert_eq!(at("at 9s restore r1.pdu-b\n"), PartState::Tripped);
    // Closed within the two seconds in which side A bears all of it alone.
    assert_eq!(at("at 9s restore r1.breaker-b\n"), PartState::Up);
}

#[test]
fn a_battery_bridges_what_a_generator_takes_to_start() {
    for (power, feeds_lost, outcome) in [
        ("ups for 10s, generator after 8s", 2, Outcome::Stable),
        ("ups for 10s, generator after 20s", 2, Outcome::Recovered),
        ("ups for 10s", 2, Outcome::Stalled),
        ("ups for 10s", 1, Outcome::Stable),
        ("generator after 12s", 2, Outcome::Recovered),
    ] {
        let lost = ["at 5s fail feed-a\n", "at 5s fail feed-b\n"][..feeds_lost].concat();
        let finished = run_to_end(scenario(&text(power, &lost)));
        assert_eq!(finished.outcome(), outcome, "{power}, {feeds_lost} feeds");
    }
}

/// `power-headroom` is `power-cascade` with one word changed, and what its captions say of another
/// battery is so.
#[test]
fn what_the_shipped_captions_say_of_other_plants_is_so() {
    let text = |name| find(name).expect("it is shipped").text;
    let acts = |text: &str| {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let kept = |line: &&str| {
            let words = ["title", "note", "expect", "at 31s"];
            !words.iter().any(|word| line.starts_with(word))
        };
        lines.filter(kept).map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    let cascade = acts(text("power-cascade"));
    assert_eq!(cascade.replace("breaker 1kw", "breaker 2kw"), acts(text("power-headroom")));
    let more = text("battery-and-generator").replace("ups for 8s", "ups for 30s");
    let finished = run_to_end(scenario(&more));
    assert_eq!(finished.outcome(), Outcome::Stable);
    assert!(finished.history.writes.iter().all(|write| {
        write.committed.is_some_and(|at| at.since(write.at) < Micros::from_millis(10))
            || finished.scenario.until.since(write.at) < Micros::from_millis(10)
    }));
}

/// It drains while its feed is gone, and fills ten times as slowly.
#[test]
fn a_battery_fills_ten_times_as_slowly_as_it_drains() {
    let again = |back: u32| {
        let more =
            format!("at 2s fail feed-a\nat 8s restore feed-a\nat {}s fail feed-a\n", 8 + back);
        changes("ups for 10s", &more)[0].0.since(secs(8 + u64::from(back)))
    };
    assert_eq!(again(1), Micros::from_millis(4_100));
    assert_eq!(again(20), secs(6));
}

#[test]
fn a_transfer_switch_bridges_what_supplies_bridge_and_no_more() {
    let down = |after: &str| {
        let power = format!("transfer switch after {after}");
        let finished = run_to_end(scenario(&text(&power, "at 5s fail feed-a\n")));
        finished.history.beliefs[0].iter().any(|(at, belief)| *at >= secs(5) && belief.is_none())
    };
    assert!(!down("20ms") && down("21ms"));
    // The switch itself is the single point of its rack.
    let finished = run_to_end(scenario(&text("transfer switch after 20ms", "at 5s fail r1.ats\n")));
    let world = finished.run.group();
    for &part in world.plant().parts() {
        let alive = world.active_faults().alive(world.plant().expect(part));
        let in_rack = match part {
            Part::Ats { rack } | Part::Pdu { rack, .. } | Part::Tor { rack, .. } => rack == 0,
            Part::Server(server) | Part::Psu { server, .. } => server.rack == 0,
            Part::Feed { .. }
            | Part::Spine { .. }
            | Part::Disk { .. }
            | Part::Nic { .. }
            | Part::Generator { .. }
            | Part::Ups { .. }
            | Part::Breaker { .. }
            | Part::Site(_)
            | Part::Wan { .. } => false,
        };
        assert_eq!(alive, !in_rack, "{part}");
    }
}

/// A rack without power has nothing to bridge a gap with: it waits until its switch has moved.
#[test]
fn a_transfer_switch_that_moves_gives_a_cold_rack_nothing() {
    let power = Power { transfer: Some(Micros::from_millis(20)), ..Power::NONE };
    let plant = Plant::new(PlantSpec::new(1, 1, 2).with_power(power));
    let mut faults = ActiveFaults::none(&plant, 1);
    let pdu = plant.expect(Part::Pdu { rack: 0, side: Side::A });
    let acts = [Action::Fail(feed(Side::A)), Action::Fail(feed(Side::B))];
    for (act, at) in acts.iter().chain(&[Action::Restore(feed(Side::B))]).zip([1, 1, 6]) {
        faults.reach(secs(at));
        faults.apply(&plant, secs(at), act);
    }
    assert!(!faults.alive(pdu), "the switch is still on side a");
    assert_eq!(faults.power_due(), secs(6) + Micros::from_millis(20));
    faults.pass(&plant, secs(7));
    assert!(faults.alive(pdu));
}

/// What batteries will end anyway is told by itself, and not as the work of a disk.
#[test]
fn what_will_lose_power_anyway_does_not_fall_with_a_part() {
    let more = "at 1s fail feed-a\nat 1s fail feed-b\n";
    let mut world = World::new(scenario(&text("ups for 5s", more)).into());
    while world.now() < secs(2) {
        world.step(&mut ());
    }
    let plant = world.plant();
    let disk = Part::Disk { server: ServerAt { rack: 0, slot: 0 }, disk: 0 };
    let blast = Blast::of(world.groups(), &[plant.expect(disk)]);
    assert!(blast.groups[0].is_unharmed() && blast.falls.is_empty(), "{blast:?}");
    let server = plant.expect(Part::Server(ServerAt { rack: 2, slot: 3 }));
    assert!(blast.falls_anyway.contains(&server));
}

/// A battery that is empty before the generator runs leaves a gap, and the blast names it.
#[test]
fn a_gap_between_battery_and_generator_is_told() {
    for (after, is_gap) in [("3s", false), ("10s", true)] {
        let power = format!("ups for 5s, generator after {after}");
        let world = World::new(scenario(&text(&power, "")).into());
        let plant = world.plant();
        let feeds = Side::BOTH.map(|side| plant.expect(feed(side)));
        let blast = Blast::of(world.groups(), &feeds);
        assert!(blast.falls.is_empty(), "the generators run in the end");
        assert_eq!(blast.falls_meanwhile.len(), if is_gap { 12 } else { 0 }, "{after}");
    }
}

/// What is drawn, reckoned server by server from who has power.
fn naive_loads(plant: &Plant, faults: &ActiveFaults) -> Vec<(Part, u32)> {
    let alive = |part: Part| plant.id(part).is_some_and(|id| faults.alive(id));
    let has_failed =
        |at: ServerAt| faults.state(plant.expect(Part::Server(at))) == PartState::Failed;
    let pdus = (0..plant.spec.racks).flat_map(|rack| Side::BOTH.map(|side| (rack, side)));
    let of_pdu = |(rack, side): (u8, Side)| {
        let mut sum = 0;
        for server in plant.servers().filter(|at| at.rack == rack && !has_failed(*at)) {
            let cords = Side::BOTH.map(|side| alive(Part::Psu { server, side }));
            let watts = plant.spec.power.server_w;
            sum += match (cords[side as usize], cords[1 - side as usize]) {
                (false, _) => 0,
                (true, false) => watts,
                (true, true) => watts / 2 + if side == Side::A { watts % 2 } else { 0 },
            };
        }
        (Part::Pdu { rack, side }, sum)
    };
    pdus.map(of_pdu).collect()
}

/// A plant with a chain, and acts on its power.
fn powered(rng: &mut Rng) -> Plant {
    let racks = 1 + rng.below(4) as u8;
    let mut spec = PlantSpec::new(racks, 1 + rng.below(5) as u8, 2);
    // As many as divide the racks.
    spec.sites = [1, 2, 3, 2][usize::from(racks) - 1];
    for at in spec.each_server() {
        let side = if rng.percent(50) { Side::A } else { Side::B };
        spec.set_single(Port::Supply, at, rng.percent(30).then_some(side));
    }
    Plant::new(spec.with_power(arbitrary::power(rng, &spec)))
}

/// Over random plants and what is done to their parts: halves add up to what servers draw, what a
/// PDU hands out is what a naive sum says, and nothing trips that carries no more than its rating.
#[test]
fn loads_add_up_and_nothing_trips_below_its_rating() {
    let mut trips = 0;
    for number in 0..size(400, 10_000) {
        let mut rng = Rng::new(number);
        let plant = powered(&mut rng);
        let mut faults = ActiveFaults::none(&plant, 1);
        let mut now = Micros::ZERO;
        for _ in 0..30 {
            let due = faults.power_due();
            let next = now + Micros(u64::from(rng.below(3_000_000)));
            if due <= next {
                let before = faults.clone();
                faults.reach(due);
                now = due;
                let (part, change) = faults.change_power(&plant).expect("it is due");
                if change == PowerChange::Tripped {
                    trips += 1;
                    let part = plant.part(part);
                    let (load, power) = (before.load(&plant, part), plant.spec.power);
                    let capacity = power.ups.and_then(|ups| ups.capacity_w);
                    let is_breaker = matches!(part, Part::Breaker { .. });
                    let rated = if is_breaker { power.breaker_w } else { capacity };
                    assert!(load > rated, "number {number}: {part} trips at {load:?} of {rated:?}");
                }
            } else {
                now = next;
                let part = plant.part(PartId(rng.below(plant.parts().len() as u32) as u16));
                let act = if rng.percent(60) { Action::Fail(part) } else { Action::Restore(part) };
                faults.apply(&plant, now, &act);
            }
            let loads = naive_loads(&plant, &faults);
            for &(part, load) in &loads {
                assert_eq!(faults.load(&plant, part), Some(load), "number {number}, {part}");
            }
            let drawing = plant.servers().filter(|&server| {
                let has_power = faults.alive(plant.expect(Part::Server(server)));
                let cords = Side::BOTH.map(|side| plant.id(Part::Psu { server, side }));
                assert_eq!(
                    has_power,
                    faults.state(plant.expect(Part::Server(server))) != PartState::Failed
                        && cords.iter().flatten().any(|&cord| faults.alive(cord)),
                    "number {number}, {server}"
                );
                has_power
            });
            let drawn = drawing.count() as u32 * plant.spec.power.server_w;
            let sum: u32 = loads.iter().map(|(_, load)| load).sum();
            assert_eq!(sum, drawn, "number {number}");
            if plant.spec.power.ups.is_some() {
                let ups = plant.parts().iter().filter(|part| matches!(part, Part::Ups { .. }));
                let sum: u32 = ups.filter_map(|&ups| faults.load(&plant, ups)).sum();
                assert_eq!(sum, drawn, "number {number}");
            }
        }
    }
    assert!(trips > 100, "{trips}");
}

/// Either side alone can carry all: then no loss of a feed takes a dual-corded server, ever.
#[test]
fn with_enough_headroom_no_feed_takes_a_server() {
    for number in 0..size(300, 5_000) {
        let mut rng = Rng::new(number);
        let plant = powered(&mut rng);
        let mut spec = PlantSpec::new(plant.spec.racks, plant.spec.servers, plant.spec.disks);
        let mut power = plant.spec.power;
        let in_rack = power.server_w * u32::from(spec.servers);
        power.breaker_w = power.breaker_w.map(|_| in_rack);
        let ups = |ups: Ups| Ups {
            capacity_w: ups.capacity_w.map(|_| in_rack * u32::from(spec.racks)),
            ..ups
        };
        power.ups = power.ups.map(ups);
        // A rack that one switch feeds has no second side while it moves.
        power.transfer = power.transfer.filter(|after| *after <= Micros::from_millis(20));
        spec.power = power;
        let plant = Plant::new(spec);
        for side in Side::BOTH {
            let mut faults = ActiveFaults::none(&plant, 1);
            faults.apply(&plant, Micros::ZERO, &Action::Fail(feed(side)));
            let servers = || plant.servers().map(|at| plant.expect(Part::Server(at)));
            assert!(servers().all(|id| faults.alive(id)), "number {number}: {power:?}");
            faults.settle(&plant);
            assert!(servers().all(|id| faults.alive(id)), "number {number}: {power:?}");
            assert_eq!(faults.trips().count(), 0, "number {number}: {power:?}");
        }
    }
}

/// The blast radius sees what comes of it in time: with breakers of half the size the other feed's
/// go as well.
#[test]
fn the_blast_radius_of_a_feed_counts_what_trips_afterwards() {
    for (rated, falls, servers) in [("1kw", true, 12), ("2kw", false, 0)] {
        let world = World::new(scenario(&text(&format!("breaker {rated}"), "")).into());
        let plant = world.plant();
        let blast = Blast::of(world.groups(), &[plant.expect(feed(Side::A))]);
        let is_server = |id: &&PartId| matches!(plant.part(**id), Part::Server(_));
        assert_eq!(blast.falls.iter().filter(is_server).count(), servers, "{rated}");
        let breaker = plant.expect(Part::Breaker { rack: 0, side: Side::B });
        assert_eq!(blast.falls.contains(&breaker), falls, "{rated}");
    }
}

#[test]
fn a_chain_that_cannot_be_is_refused_where_it_is_said() {
    for (power, column, words) in [
        ("", 6, "server, breaker, ups, generator or transfer"),
        ("battery 5m", 7, "server, breaker, ups, generator or transfer"),
        ("breaker 2kw, breaker 3kw", 20, "server, ups, generator or transfer"),
        ("breaker", 14, "watts, such as 400w or 2.5kw"),
        ("breaker 2", 15, "watts"),
        ("breaker 2000000000kw", 15, "1w to 1000kw"),
        ("breaker 0w", 15, "a breaker is rated for 1w to 1000kw"),
        ("server 0w", 14, "a server draws 1w to 1000kw"),
        ("ups", 10, "such as 8kw, or `for`"),
        ("ups 0kw for 5m", 11, "a UPS is rated for 1w to 1000kw"),
        ("ups 8kw", 14, "how long its battery lasts, such as `for 5m`"),
        ("ups 8kw for", 18, "how long it lasts"),
        ("ups for 0s", 15, "the time that a battery lasts is 1ms to 600s"),
        ("generator", 16, "after"),
        ("generator after 0s", 23, "the time until a generator runs is"),
        ("transfer after 1s", 16, "switch"),
        ("transfer switch after 11m", 29, "the time until a transfer switch has moved is"),
    ] {
        let wrong = parse(&text(power, "")).expect_err(power);
        let found = &wrong[0];
        assert_eq!((wrong.len(), found.line, found.column), (1, 4, column), "{power}: {wrong:?}");
        assert!(found.message().contains(words), "{power}: {}", found.message());
    }
    for (power, part, words) in [
        ("breaker 2kw", "ups-a", "no ups-a here: a plant has it that says `power ups for 300s`"),
        ("breaker 2kw", "r1.ats", "power transfer switch after 10s"),
        ("breaker 2kw", "generator-b", "power generator after 10s"),
        ("ups for 1m", "r2.breaker-a", "power breaker 2kw"),
        ("breaker 2kw", "r4.breaker-a", "the plant is 3 racks"),
    ] {
        let wrong = parse(&text(power, &format!("at 1s fail {part}\n"))).expect_err(power);
        assert_eq!((wrong.len(), wrong[0].line, wrong[0].column), (1, 9, 12), "{part}");
        assert!(wrong[0].message().contains(words), "{part}: {}", wrong[0].message());
    }
}

#[test]
fn a_chain_is_printed_as_it_is_read() {
    for (said, printed) in [
        ("server 400w", ""),
        ("breaker 2000w, server 0.5kw", "power   server 500w, breaker 2kw\n"),
        (
            "transfer switch after 1s, ups for 300s, generator after 10s",
            "power   ups for 300s, generator after 10s, transfer switch after 1s\n",
        ),
        ("ups 7.5kw for 90s", "power   ups 7.5kw for 90s\n"),
    ] {
        let read = scenario(&text(said, ""));
        let told = read.to_string();
        assert!(told.contains(&format!("2 disks each\n{printed}cluster")), "{said}:\n{told}");
        assert_eq!(parse(&told), Ok(read), "{said}");
    }
    assert_eq!(Power::NONE.to_string(), "");
}
