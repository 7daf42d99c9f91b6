//! Ways against a walk through the graph of cables, over random plants and faults; and that ways
//! through plants as they were before are what they were.

use super::finder::address;
use super::*;
use crate::fault::{Action, Ends, Link};
use crate::plant::{Bond, Part, PlantSpec, Port, ServerAt, Side, Site};

fn random_spec(rng: &mut Rng) -> PlantSpec {
    let mut one = |most: u32| 1 + rng.below(most) as u8;
    let sites = [1, 1, 2, 3][usize::from(one(4)) - 1];
    let racks = if sites == 1 { one(4) } else { sites * one(2) };
    let mut spec = PlantSpec::new(racks, one(4), 2);
    spec.sites = sites;
    spec.peer_links = rng.percent(50);
    spec.bond = if rng.percent(15) { Bond::ActiveBackup } else { Bond::Hashed };
    let often = [0, 20, 100][rng.below(3) as usize];
    for at in spec.each_server() {
        for port in Port::ALL {
            let side = if rng.percent(50) { Side::A } else { Side::B };
            spec.set_single(port, at, rng.percent(often).then_some(side));
        }
    }
    spec
}

/// Parts that fail and cables that are cut, one direction or both.
fn random_faults(rng: &mut Rng, plant: &Plant, count: u32) -> ActiveFaults {
    let mut faults = ActiveFaults::none(plant, 1);
    for _ in 0..count {
        let action = if rng.percent(50) {
            Action::Fail(plant.part(PartId(rng.below(plant.parts().len() as u32) as u16)))
        } else {
            let lane = plant.lanes()[rng.below(plant.lanes().len() as u32) as usize];
            let ends = crate::fault::Ends::Lane(plant.part(lane.from), plant.part(lane.to));
            let link = Link { ends, both: rng.percent(70) };
            Action::Cut { link, percent: 100 }
        };
        faults.apply(plant, Micros::ZERO, &action);
    }
    faults
}

/// The cables that are used, with light at both ends, found without any number of a part: from, to.
fn lit(plant: &Plant, faults: &ActiveFaults) -> Vec<(Part, Part)> {
    let works = |part: Part| faults.alive(plant.expect(part));
    let lanes = plant.lanes().iter().map(|lane| (plant.part(lane.from), plant.part(lane.to)));
    let lanes: Vec<_> = lanes.collect();
    let loss = |ends: (Part, Part)| {
        let place = lanes.iter().position(|other| *other == ends).expect("it is there");
        faults.lane_loss(LaneId(place as u16))
    };
    let card = |(from, to): (Part, Part)| match (from, to) {
        (Part::Server(server), Part::Tor { side, .. })
        | (Part::Tor { side, .. }, Part::Server(server)) => works(Part::Nic { server, side }),
        (Part::Site(one), Part::Site(other)) => works(Part::wan(one, other)),
        _ => true,
    };
    let is_lit = |&(from, to): &(Part, Part)| {
        let dark = loss((from, to)) == 100 && loss((to, from)) == 100;
        works(from) && works(to) && card((from, to)) && !dark
    };
    let lit: Vec<_> = lanes.iter().copied().filter(is_lit).collect();
    // Of two cards of a server the first one is used alone, where a spare is all that the other is.
    let is_spare = |(from, to): (Part, Part)| match (from, to) {
        (Part::Server(server), Part::Tor { rack, side: Side::B })
        | (Part::Tor { rack, side: Side::B }, Part::Server(server)) => {
            lit.contains(&(Part::Server(server), Part::Tor { rack, side: Side::A }))
        }
        _ => false,
    };
    let has_spares = plant.spec.bond == Bond::ActiveBackup;
    lit.iter().copied().filter(|&cable| !has_spares || !is_spare(cable)).collect()
}

/// True if a packet can come from one server to another: up, at most over one spine of a site, from
/// border to border, and down, over the peer link where there is one; within a rack over a spine
/// only between two servers that have no switch in common. A walk that goes everywhere it may.
fn can_reach(plant: &Plant, faults: &ActiveFaults, from: ServerAt, to: ServerAt) -> bool {
    let lit = lit(plant, faults);
    let common = from.rack == to.rack
        && Side::BOTH.into_iter().any(|side| {
            // A spare is as good as none.
            let uses = |at| lit.contains(&(Part::Server(at), Part::Tor { rack: at.rack, side }));
            let has = |at| plant.parts().contains(&Part::Nic { server: at, side });
            let hashes = plant.spec.bond != Bond::ActiveBackup;
            [from, to].into_iter().all(|at| if hashes { has(at) } else { uses(at) })
        });
    let ends = [from, to].map(|at| plant.spec.site_of(at.rack));
    let leaves = ends[0] != ends[1];
    let mut seen = vec![(Part::Server(from), false)];
    let mut next = 0;
    while let Some(&(part, came_down)) = seen.get(next) {
        next += 1;
        for &(_, to_part) in lit.iter().filter(|(start, _)| *start == part) {
            let state = match (part, to_part) {
                (Part::Server(_), _) if next == 1 => (to_part, false),
                (_, Part::Server(_)) if to_part == Part::Server(to) => return true,
                (_, Part::Server(_)) | (Part::Server(_), _) => continue,
                (Part::Tor { .. }, Part::Tor { .. }) => (to_part, came_down),
                (Part::Tor { .. }, _) if !came_down && !common => (to_part, true),
                (Part::Spine { .. }, Part::Tor { rack, .. }) if rack == to.rack => (to_part, true),
                (Part::Spine { site, .. }, Part::Site(_)) if ends[0] == site && leaves => {
                    (to_part, true)
                }
                (Part::Site(_), Part::Site(_)) => (to_part, true),
                (Part::Site(site), Part::Spine { .. }) if ends[1] == site => (to_part, true),
                _ => continue,
            };
            if !seen.contains(&state) {
                seen.push(state);
            }
        }
    }
    false
}

#[test]
fn a_way_is_found_exactly_where_a_walk_finds_one() {
    let (mut found, mut stuck, mut longest, mut detours) = (0, 0, 0, 0);
    let runs = if std::env::var_os("HALFLINK_LARGE").is_some() { 60_000 } else { 20_000 };
    for number in 0..runs {
        let rng = &mut Rng::new(number);
        let plant = Plant::new(random_spec(rng));
        let count = rng.below(6);
        let faults = random_faults(rng, &plant, count);
        let servers: Vec<_> = plant.servers().collect();
        let mut one = || servers[rng.below(servers.len() as u32) as usize];
        let (from, to) = (one(), one());
        if from == to || !faults.alive(plant.expect(Part::Server(from))) {
            continue;
        }
        let finder = Finder { plant: &plant, active_faults: &faults };
        let (lanes, end) = finder.way((from, to), number % 2);
        let told = format!("{number}: {from} to {to} in {:?}, {lanes:?} {end:?}", plant.spec);
        assert_eq!(end.is_none(), can_reach(&plant, &faults, from, to), "{told}");
        let mut at = plant.expect(Part::Server(from));
        for lane in &lanes {
            let ends = plant.lanes()[usize::from(lane.0)];
            assert_eq!(ends.from, at, "{told}");
            assert!(faults.carrier(&plant, *lane), "{told}");
            at = ends.to;
        }
        assert_eq!(at, end.unwrap_or(plant.expect(Part::Server(to))), "{told}");
        assert!(lanes.len() <= plant.spec.longest_way(), "{told}");
        longest = longest.max(lanes.len());
        let wans = lanes.iter().filter(|lane| plant.is_wan(**lane)).count();
        detours += u32::from(wans == 2);
        let routed = finder.route((ReplicaId(0), ReplicaId(0)), &lanes, end, Micros(1));
        let expected = (lanes.len() - wans) as u64 + wans as u64 * plant.spec.wan.0;
        assert_eq!(routed.travel(), Micros(expected), "{told}");
        if end.is_none() { found += 1 } else { stuck += 1 }
    }
    assert!(found > runs / 3 && stuck > runs / 30, "{found} found, {stuck} stuck");
    assert!(longest >= LANES_MAX - 1, "peer links and a third site are crossed at times");
    assert!(detours > 50, "{detours} detours");
}

/// Over both peer links and a third site: chance alone hardly ever needs all three.
#[test]
fn the_longest_way_is_as_long_as_a_route_may_be() {
    let mut spec = PlantSpec::new(3, 1, 2).with_sites(3);
    spec.peer_links = true;
    let [from, to] = [0, 1].map(|rack| ServerAt { rack, slot: 0 });
    spec.set_single(Port::Nic, from, Some(Side::A));
    spec.set_single(Port::Nic, to, Some(Side::B));
    let plant = Plant::new(spec);
    let mut faults = ActiveFaults::none(&plant, 1);
    let mut dies = |action| faults.apply(&plant, Micros::ZERO, &action);
    let [one, other] = [1, 2].map(Site);
    dies(Action::Fail(Part::wan(one, other)));
    for side in Side::BOTH {
        // The sender's switch has no uplink, the receiver's no downlink.
        for (tor, site) in [
            (Part::Tor { rack: 0, side: Side::A }, one),
            (Part::Tor { rack: 1, side: Side::B }, other),
        ] {
            let ends = Ends::Lane(tor, Part::Spine { site, side });
            dies(Action::Cut { link: Link { ends, both: true }, percent: 100 });
        }
    }
    let finder = Finder { plant: &plant, active_faults: &faults };
    let (lanes, stuck) = finder.way((from, to), 0);
    assert_eq!((lanes.len(), stuck), (LANES_MAX, None));
}

/// As ways were found when every server had two NICs and no rack a peer link.
fn as_before(
    plant: &Plant,
    faults: &ActiveFaults,
    (from, to): (ServerAt, ServerAt),
) -> (Vec<LaneId>, Option<PartId>) {
    let lane = |one: Part, other: Part| {
        plant.lane(plant.expect(one), plant.expect(other)).expect("neighbours")
    };
    let carrier = |one, other| faults.carrier(plant, lane(one, other));
    let hash = u32::from(from.rack ^ to.rack) | u32::from(from.slot ^ to.slot) << 4;
    let hash = hash ^ (hash >> 4);
    let pick = |ways: &[Part], hash: u32| {
        ways.get(hash.checked_rem(ways.len() as u32).unwrap_or(0) as usize).copied()
    };
    let tors = |rack: u8| Side::BOTH.map(|side| Part::Tor { rack, side }).into_iter();
    let spines = || Side::BOTH.map(|side| Part::Spine { site: Site::ONLY, side }).into_iter();
    let (source, target) = (Part::Server(from), Part::Server(to));
    let down = |spine: Part| -> Vec<Part> {
        tors(to.rack).filter(|tor| carrier(spine, *tor) && carrier(*tor, target)).collect()
    };
    let over = |tor: Part| -> Vec<Part> {
        spines().filter(|spine| carrier(tor, *spine) && !down(*spine).is_empty()).collect()
    };
    let up: Vec<Part> = tors(from.rack).filter(|tor| carrier(source, *tor)).collect();
    let reaches = |tor: &Part| {
        if from.rack == to.rack { carrier(*tor, target) } else { !over(*tor).is_empty() }
    };
    let good: Vec<Part> = up.iter().copied().filter(reaches).collect();
    let Some(first) = pick(if good.is_empty() { &up } else { &good }, hash) else {
        return (Vec::new(), Some(plant.expect(source)));
    };
    let mut lanes = vec![lane(source, first)];
    let mut last = first;
    if from.rack != to.rack {
        let Some(spine) = pick(&over(first), hash >> 1) else {
            return (lanes, Some(plant.expect(first)));
        };
        last = pick(&down(spine), hash).expect("the spine reaches it");
        lanes.extend([lane(first, spine), lane(spine, last)]);
    }
    if !carrier(last, target) {
        return (lanes, Some(plant.expect(last)));
    }
    lanes.push(lane(last, target));
    (lanes, None)
}

#[test]
fn ways_through_plants_of_before_are_what_they_were() {
    for number in 0..3_000 {
        let rng = &mut Rng::new(number);
        let mut one = |most: u32| 1 + rng.below(most) as u8;
        let plant = Plant::new(PlantSpec::new(one(9), one(5), 2));
        let count = rng.below(8);
        let faults = random_faults(rng, &plant, count);
        let finder = Finder { plant: &plant, active_faults: &faults };
        let servers: Vec<_> = plant.servers().collect();
        for _ in 0..10 {
            let mut one = || servers[rng.below(servers.len() as u32) as usize];
            let ends = (one(), one());
            if ends.0 != ends.1 {
                let way = finder.way(ends, 0);
                assert_eq!(way, as_before(&plant, &faults, ends), "{number} {ends:?}");
            }
        }
    }
}

/// The story's pairs, and that no two servers of the largest plant have one address.
#[test]
fn addresses_of_the_largest_plant_differ_in_eight_bits() {
    let plant = Plant::new(PlantSpec::new(PlantSpec::RACKS, PlantSpec::SERVERS, 2));
    let mut seen = [false; 256];
    for server in plant.servers() {
        let address = address(server) as usize;
        assert!(!std::mem::replace(&mut seen[address], true), "{server}");
    }
    let faults = ActiveFaults::none(&plant, 1);
    let finder = Finder { plant: &plant, active_faults: &faults };
    let at = |rack| ServerAt { rack, slot: 0 };
    let first = |from, to| plant.lane_name(finder.way((at(from), at(to)), 0).0[0]);
    assert_eq!(first(0, 2), "r1.s1 -> r1.tor-a");
    assert_eq!(first(0, 1), "r1.s1 -> r1.tor-b");
}
