//! That what is reckoned of a plant agrees with what is in it.

use super::*;
use crate::clock::Micros;

/// A chain of everything.
fn power() -> Power {
    let some = Some(Micros::from_secs(1));
    let ups = Some(Ups { lasts: Micros::from_secs(1), capacity_w: None });
    Power { breaker_w: Some(2_000), ups, generator: some, transfer: some, ..Power::NONE }
}

/// Every plant of those sizes, the smallest and the largest among them.
fn plants() -> impl Iterator<Item = Plant> {
    let sizes = [(1, 1, 2), (1, 12, 12), (12, 1, 2), (3, 3, 4), (2, 5, 6), (12, 12, 12)];
    let plain = sizes.map(|(racks, servers, disks)| PlantSpec::new(racks, servers, disks));
    let mut odd = plain;
    for spec in &mut odd {
        spec.peer_links = true;
        for (number, at) in spec.each_server().enumerate() {
            let kinds = [None, Some(Side::A), Some(Side::B)];
            spec.set_single(Port::Nic, at, kinds[number % 3]);
            spec.set_single(Port::Supply, at, kinds[number / 3 % 3]);
        }
    }
    let mut spread = [odd[4], odd[3], odd[5]];
    for (spec, sites) in spread.iter_mut().zip([2, 3, 3]) {
        spec.sites = sites;
        spec.power = power();
    }
    plain.into_iter().chain(odd).chain(spread).map(Plant::new)
}

#[test]
fn every_part_has_its_number_and_no_other_has_one() {
    for plant in plants() {
        for (number, &part) in (0..).zip(plant.parts()) {
            assert_eq!(plant.id(part), Some(PartId(number)), "{part}");
            assert_eq!(plant.part(PartId(number)), part);
        }
    }
    let small = Plant::new(PlantSpec::new(2, 3, 4));
    let spread = Plant::new(PlantSpec::new(2, 3, 4).with_sites(2));
    for plant in plants() {
        for &part in plant.parts() {
            for some in [&small, &spread] {
                assert_eq!(some.id(part).is_some(), some.parts().contains(&part), "{part}");
            }
        }
    }
}

#[test]
fn every_part_is_powered_before_what_hangs_on_it() {
    for plant in plants() {
        let mut numbers: Vec<u16> = plant.by_power().collect();
        let place = |part: Part| {
            let id = plant.expect(part).0;
            plant.by_power().position(|number| number == id).expect("it is there")
        };
        for rack in 0..plant.spec.racks {
            let (site, side) = (plant.spec.site_of(rack), Side::A);
            let pdu = place(Part::Pdu { rack, side });
            assert!(place(Part::Feed { site, side }) < pdu, "{:?}", plant.spec);
            assert!(pdu < place(Part::Tor { rack, side }), "{:?}", plant.spec);
        }
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..number(plant.parts().len())), "each part once");
    }
}

#[test]
fn a_lane_is_found_exactly_where_a_cable_is() {
    for plant in plants().filter(|plant| plant.parts().len() < 400) {
        let ids = || (0..).map(PartId).take(plant.parts().len());
        for (from, to) in ids().flat_map(|from| ids().map(move |to| (from, to))) {
            let found = plant.lanes().iter().position(|lane| (lane.from, lane.to) == (from, to));
            let lane = plant.lane(from, to).map(|lane| usize::from(lane.0));
            assert_eq!(lane, found, "{} -> {}", plant.part(from), plant.part(to));
        }
        for (number, lane) in (0..).map(LaneId).zip(plant.lanes()) {
            assert_eq!(plant.lane(lane.to, lane.from), Some(number.reverse()));
        }
    }
}
