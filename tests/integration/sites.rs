//! Plants of several sites: what hangs on a site, how packets go between two, and what a text may
//! say of it.

use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fault::{Action, ActiveFaults, ReplicaId};
use halflink::network::Reason;
use halflink::plant::{Part, Plant, PlantSpec, Site};
use halflink::scenario::Scenario;
use halflink::scenario::library::find;
use halflink::scenario::text::parse;
use halflink::world::World;

use crate::support::{run_to_end, scenario, secs};

fn text(plant: &str, acts: &str) -> String {
    format!(
        "halflink 1\ntitle \"t\"\nplant {plant}\ncluster c: raft on r1.s1 r2.s1 r3.s1\n\
         timing heartbeat 100ms, election 1s..2s\nseed 7\nwrite every 300ms\n\
         at 0s elect n1\n{acts}run 30s\n"
    )
}

const THREE: &str = "3 sites of 1 rack of 2 servers, 2 disks each, wan 35ms";

/// The world after that has been done, a moment later.
fn after(acts: &str) -> World {
    let mut world = World::new(Arc::new(scenario(&text(THREE, acts))));
    while world.step_by(secs(4), &mut ()).is_some() {}
    world
}

/// The parts that a packet from one replica to another crosses, in order, and where it dies.
fn way(world: &World, from: u8, to: u8) -> (Vec<String>, Option<Reason>) {
    let route = world.group(0).network().route(ReplicaId(from - 1), ReplicaId(to - 1));
    let plant = world.plant();
    let end = |lane: &halflink::plant::LaneId| plant.lanes()[usize::from(lane.0)].to;
    let parts = route.lanes().iter().map(|lane| plant.part(end(lane)).to_string());
    (parts.collect(), route.dead_end().map(|cause| cause.reason))
}

fn sites(world: &World, from: u8, to: u8) -> Vec<String> {
    let (parts, dies) = way(world, from, to);
    assert_eq!(dies, None);
    parts.into_iter().filter(|part| part.starts_with("site") && !part.contains('.')).collect()
}

#[test]
fn a_plant_of_several_sites_is_read_and_printed() {
    for (plant, printed) in [
        ("2 sites of 3 racks of 4 servers, 2 disks each", None),
        ("3 sites of 1 rack of 1 server, 2 disks each, wan 35ms", None),
        (
            "1 site of 3 racks of 4 servers, 2 disks each",
            Some("3 racks of 4 servers, 2 disks each"),
        ),
        (
            "3 sites of 4 racks of 12 servers, 2 disks each, wan 10ms",
            Some("3 sites of 4 racks of 12 servers, 2 disks each"),
        ),
    ] {
        let read = scenario(&text(plant, ""));
        let line = format!("plant   {}\n", printed.unwrap_or(plant));
        assert!(read.to_string().contains(&line), "{read}");
        assert_eq!(parse(&read.to_string()).as_ref(), Ok(&read));
    }
}

#[test]
fn all_that_may_be_said_of_sites_is_read_and_printed() {
    let acts = [
        "fail site2",
        "fail wan2-3",
        "fail site1.feed-a",
        "fail site3.spine-b",
        "fail site2.ups-a",
        "fail site1.generator-b",
        "cut site1 -> site3",
        "cut site2.spine-a <-> site2",
        "delay site1 -> site2 by 40ms",
        "lose 10% of site3 -> site1",
        "duplicate 5% of site1 -> site2",
        "reorder 10% of site1 -> site2 by 20ms",
        "gray site1.spine-a drops n1 -> n3",
        "cut r3.tor-a <-> site3.spine-b",
    ];
    let lines: String = acts.iter().map(|act| format!("at 3s {act}\n")).collect();
    let power = "power ups for 5m, generator after 10s\n";
    let read: Scenario = scenario(&text(THREE, &(power.to_owned() + &lines)));
    for act in acts {
        assert!(read.to_string().contains(&format!("at 3s {act}\n")), "{act}\n{read}");
    }
    assert_eq!(parse(&read.to_string()).as_ref(), Ok(&read));
    // Either order names the same link.
    let swapped = scenario(&text(THREE, "at 3s fail wan3-1\n"));
    assert_eq!(swapped, scenario(&text(THREE, "at 3s fail wan1-3\n")));
}

#[test]
fn what_is_not_there_is_said_with_what_would_be() {
    let two = "2 sites of 2 racks of 2 servers, 2 disks each";
    let one = "4 racks of 2 servers, 2 disks each";
    for (plant, act, column, told) in [
        (two, "fail site3", 12, "no site3 here: the plant has 2 sites, site1 and site2"),
        (two, "fail wan1-3", 12, "no wan1-3 here: the plant has 2 sites, site1 and site2"),
        (
            THREE,
            "fail site4.feed-a",
            12,
            "no site4.feed-a here: the plant has 3 sites, site1 to site3",
        ),
        (two, "fail spine-a", 12, "each of 2 sites has one: `site1.spine-a`"),
        (
            one,
            "fail site1",
            12,
            "no site1 here: the plant has one site, and names in it say nothing of it",
        ),
        (
            one,
            "fail site1.feed-b",
            12,
            "no site1.feed-b here: the plant has one site, and names in it say nothing of it",
        ),
        (two, "cut r3.tor-a -> site1.spine-a", 23, "no cable joins r3.tor-a and site1.spine-a: "),
        (two, "cut site1 -> r1.tor-a", 20, "no cable joins site1 and r1.tor-a: "),
        (two, "gray site1 drops all", 12, "only a tor or a spine forwards packets, site1 does not"),
        (
            two,
            "fail site2.ups-a",
            12,
            "no site2.ups-a here: a plant has it that says `power ups for 300s`",
        ),
    ] {
        let wrong = parse(&text(plant, &format!("at 3s {act}\n"))).expect_err(act);
        assert_eq!(wrong.len(), 1, "{act}: {wrong:?}");
        assert_eq!((wrong[0].line, wrong[0].column), (9, column), "{act}");
        assert!(wrong[0].message().starts_with(told), "{act}: {}", wrong[0].message());
    }
    for (plant, column, told) in [
        ("4 sites of 1 rack of 3 servers, 2 disks each", 7, "a plant has 1 to 3 sites"),
        ("0 sites of 3 racks of 3 servers, 2 disks each", 7, "a plant has 1 to 3 sites"),
        ("2 sites of 7 racks of 3 servers, 2 disks each", 18, "each of 2 sites has 1 to 6 racks"),
        ("13 racks of 3 servers, 2 disks each", 7, "a plant has 1 to 12 racks"),
        ("3 racks of 3 servers, 2 disks each, wan 35ms", 47, "a WAN link joins two sites"),
        (
            "3 sites of 1 rack of 3 servers, 2 disks each, wan 1us",
            57,
            "the time over a WAN link is 1ms to 600s",
        ),
        ("3 boxes of 3 servers, 2 disks each", 9, "expected one of racks or sites"),
    ] {
        let wrong = parse(&text(plant, "")).expect_err(plant);
        assert_eq!((wrong[0].line, wrong[0].column), (3, column), "{plant}: {wrong:?}");
        assert!(wrong[0].message().contains(told), "{plant}: {}", wrong[0].message());
    }
}

#[test]
fn a_site_takes_what_is_in_it_and_gives_it_back() {
    let spec = PlantSpec::new(6, 2, 2).with_sites(3);
    let plant = Plant::new(spec);
    let mut faults = ActiveFaults::none(&plant, 1);
    let site = Part::Site(Site(2));
    faults.apply(&plant, Micros::ZERO, &Action::Fail(site));
    for &part in plant.parts() {
        // Disks keep what they have, and a card is a part of what has no power.
        let has_no_power = |part: Part| !matches!(part, Part::Disk { .. } | Part::Nic { .. });
        let falls = spec.site(part) == Some(Site(2)) && has_no_power(part);
        assert_eq!(faults.alive(plant.expect(part)), !falls, "{part}");
    }
    let server = plant.expect(Part::Server(plant.servers().nth(4).expect("of the third rack")));
    assert_eq!(faults.dead_supplies(&plant, server), [plant.expect(site)]);
    faults.apply(&plant, Micros::ZERO, &Action::Restore(site));
    assert!(plant.parts().iter().all(|&part| faults.alive(plant.expect(part))));
}

#[test]
fn packets_go_straight_from_site_to_site_and_over_the_third_where_they_must() {
    let world = after("");
    assert_eq!(way(&world, 1, 2).0.len(), 7);
    assert_eq!(sites(&world, 1, 2), ["site1", "site2"]);
    let route = world.group(0).network().route(ReplicaId(0), ReplicaId(1));
    // Six cables within sites, and the WAN.
    assert_eq!(route.travel(), Micros(6 * 200 + 35_000));
    let world = after("at 3s fail wan1-2\n");
    assert_eq!(sites(&world, 1, 2), ["site1", "site3", "site2"]);
    assert_eq!(sites(&world, 2, 1), ["site2", "site3", "site1"]);
    let route = world.group(0).network().route(ReplicaId(0), ReplicaId(1));
    assert_eq!(route.travel(), Micros(6 * 200 + 70_000));
    // A cable that is dead in both directions is as good as none.
    let world = after("at 3s cut site1 <-> site2\n");
    assert_eq!(sites(&world, 1, 2), ["site1", "site3", "site2"]);
    // Nobody sees that one direction is dead.
    let world = after("at 3s cut site1 -> site2\n");
    assert!(matches!(way(&world, 1, 2).1, Some(Reason::Lane(_))));
    assert_eq!(sites(&world, 2, 1), ["site2", "site1"]);
    // Nothing leads out of a site whose spines have lost their border.
    let alone = "at 3s cut site1.spine-a <-> site1\nat 3s cut site1.spine-b <-> site1\n";
    assert!(matches!(way(&after(alone), 1, 2).1, Some(Reason::NoRoute(_))));
    let world = after("at 3s fail wan1-2\nat 3s fail site3\n");
    assert!(matches!(way(&world, 1, 2).1, Some(Reason::NoRoute(_))));
}

#[test]
fn a_packet_that_dies_on_the_wan_dies_as_late_as_it_came_so_far() {
    let world = after(
        "at 3s cut site1 -> site2\nat 3s gray site2.spine-a drops n1 -> n2\n\
                       at 3s gray site2.spine-b drops n1 -> n2\n",
    );
    let route = world.group(0).network().route(ReplicaId(0), ReplicaId(1));
    let after: Vec<_> = route.drop_causes().map(|cause| (cause.lanes, cause.after)).collect();
    assert_eq!(after, [(4, Micros(3 * 200 + 35_000)), (5, Micros(4 * 200 + 35_000))]);
}

#[test]
fn where_the_leaders_site_dies_another_leads_and_it_comes_back_as_a_follower() {
    let acts = "at 5s fail site1\nat 15s restore site1\n";
    let finished = run_to_end(scenario(&text(THREE, acts)));
    let history = &finished.history;
    assert!(history.violations.is_empty());
    let led = |at| halflink::history::before(&history.led, at).flatten();
    assert_eq!(led(secs(5)), Some(ReplicaId(0)));
    assert!(matches!(led(secs(14)), Some(ReplicaId(1 | 2))));
    assert_eq!(led(secs(30)), led(secs(14)));
    let followed = halflink::history::before(&history.beliefs[0], secs(30)).flatten();
    assert!(followed.is_some(), "n1 runs again and follows");
}

/// What the head of the shipped scenario says of three sites.
#[test]
fn with_a_third_site_no_wan_link_is_missed_and_no_site_takes_a_majority() {
    let shipped = find("wan-cut").expect("shipped").text;
    let spread = |n3: &str, fails: &str| {
        let text = shipped
            .replace("plant   2 sites", "plant   3 sites")
            .replace("r1.s1 r1.s2 r1.s3 r2.s1 r2.s2", &format!("r1.s1 r1.s2 {n3} r2.s1 r3.s1"))
            .replace("fail wan1-2", &format!("fail {fails}"))
            .replace("restore wan1-2", &format!("restore {fails}"));
        run_to_end(scenario(&text))
    };
    for wan in ["wan1-2", "wan1-3", "wan2-3"] {
        let history = spread("r1.s3", wan).history;
        let all =
            history.writes.iter().all(|write| write.at > secs(39) || write.committed.is_some());
        assert!(all && history.elections.len() == 1, "{wan}: {} leaders", history.elections.len());
    }
    for site in ["site1", "site2", "site3"] {
        let history = spread("r2.s3", site).history;
        let mut later = history.writes.iter().filter(|one| one.at > secs(9) && one.at < secs(25));
        assert!(later.all(|write| write.committed.is_some_and(|at| at < secs(25))), "{site}");
    }
}
