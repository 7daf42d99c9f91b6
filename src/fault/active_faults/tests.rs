//! Power, mirror pairs, and disks that are rebuilt.

use super::*;
use crate::plant::{PlantSpec, Side, Site};
use crate::rng::Rng;

fn after(actions: &[Action]) -> (Plant, ActiveFaults) {
    let plant = Plant::new(PlantSpec::new(3, 3, 4));
    let mut active_faults = ActiveFaults::none(&plant, 3);
    for act in actions {
        active_faults.apply(&plant, Micros::ZERO, act);
    }
    (plant, active_faults)
}

const FEED_A: Part = Part::Feed { site: Site::ONLY, side: Side::A };
const SERVER: ServerAt = ServerAt { rack: 0, slot: 0 };

#[test]
fn one_feed_takes_down_its_pdus_and_nothing_that_has_another_way() {
    let (plant, active_faults) = after(&[Action::Fail(FEED_A)]);
    for &part in plant.parts() {
        let unpowered = matches!(
            part,
            FEED_A | Part::Pdu { side: Side::A, .. } | Part::Psu { side: Side::A, .. }
        );
        assert_eq!(active_faults.alive(plant.expect(part)), !unpowered, "{part}");
    }
}

#[test]
fn a_feed_and_the_other_pdu_take_down_one_rack() {
    let other = Part::Pdu { rack: 1, side: Side::B };
    let (plant, active_faults) = after(&[Action::Fail(FEED_A), Action::Fail(other)]);
    for &part in plant.parts() {
        let in_rack = match part {
            Part::Tor { rack, .. } | Part::Server(ServerAt { rack, .. }) => rack == 1,
            Part::Feed { side, .. } => side == Side::A,
            Part::Pdu { rack, side } => side == Side::A || rack == 1,
            Part::Psu { server, side } => side == Side::A || server.rack == 1,
            Part::Spine { .. } | Part::Disk { .. } | Part::Nic { .. } => false,
            Part::Generator { .. }
            | Part::Ups { .. }
            | Part::Ats { .. }
            | Part::Breaker { .. }
            | Part::Site(_)
            | Part::Wan { .. } => {
                panic!("the text says nothing of it")
            }
        };
        assert_eq!(active_faults.alive(plant.expect(part)), !in_rack, "{part}");
    }
    let server = plant.expect(Part::Server(ServerAt { rack: 1, slot: 0 }));
    let dead = active_faults.dead_supplies(&plant, server);
    let pdus = Side::BOTH.map(|side| plant.expect(Part::Pdu { rack: 1, side }));
    assert_eq!(dead, pdus);
    assert_eq!(active_faults.dead_supplies(&plant, pdus[0]), [plant.expect(FEED_A)]);
}

/// facts.md section 7: of the six ways to lose two of four disks, two are fatal.
#[test]
fn raid_10_loses_data_only_with_both_disks_of_a_pair() {
    let mut fatal = Vec::new();
    for first in 0..4 {
        for second in first + 1..4 {
            let actions =
                [first, second].map(|disk| Action::Fail(Part::Disk { server: SERVER, disk }));
            let (plant, active_faults) = after(&actions);
            if !active_faults.runs(plant.expect(Part::Server(SERVER))) {
                fatal.push((first, second));
            }
        }
    }
    assert_eq!(fatal, [(0, 1), (2, 3)]);
}

#[test]
fn a_new_disk_does_not_bring_lost_data_back() {
    let [first, second] = [0, 1].map(|disk| Part::Disk { server: SERVER, disk });
    let (plant, active_faults) =
        after(&[Action::Fail(first), Action::Fail(second), Action::Restore(first)]);
    assert_eq!(active_faults.state(plant.expect(Part::Server(SERVER))), PartState::DataLoss);
    let (plant, active_faults) =
        after(&[Action::Fail(first), Action::Restore(first), Action::Fail(second)]);
    assert_eq!(active_faults.state(plant.expect(Part::Server(SERVER))), PartState::Up);
}

/// Where md's raid10 of near copies puts them: each chunk twice, one after the other.
fn holders(chunk: u32, disks: u32) -> [u32; 2] {
    [2 * chunk % disks, (2 * chunk + 1) % disks]
}

/// facts.md section 7. The twin knows no pairs: it looks whether a copy of each chunk is left.
#[test]
fn which_losses_are_fatal_is_what_a_twin_that_counts_copies_says() {
    let mut fatal = Vec::new();
    for disks in [4_u32, 6, 8] {
        let plant = Plant::new(PlantSpec::new(1, 1, disks as u8));
        let server = plant.expect(Part::Server(SERVER));
        let mut counts = vec![(0, 0); disks as usize + 1];
        for dead in 0_u32..1 << disks {
            let mut faults = ActiveFaults::none(&plant, 1);
            for disk in (0..disks).filter(|disk| dead >> disk & 1 == 1) {
                let part = Part::Disk { server: SERVER, disk: disk as u8 };
                faults.apply(&plant, Micros::ZERO, &Action::Fail(part));
            }
            let gone = |chunk| holders(chunk, disks).iter().all(|disk| dead >> disk & 1 == 1);
            let is_lost = (0..1_000).any(gone);
            assert_eq!(faults.has_lost_data(server), is_lost, "{dead:b} of {disks}");
            let count = &mut counts[dead.count_ones() as usize];
            *count = (count.0 + u32::from(is_lost), count.1 + 1);
        }
        fatal.push(counts);
    }
    assert_eq!(fatal[0], [(0, 1), (0, 4), (2, 6), (4, 4), (1, 1)]);
    assert_eq!(fatal[1][1..4], [(0, 6), (3, 15), (12, 20)]);
    assert_eq!(fatal[2][1..5], [(0, 8), (4, 28), (24, 56), (54, 70)]);
}

/// A server's disks, second by second: what each has copied of its mirror.
struct Twin {
    length: u64,
    failed: Vec<bool>,
    copied: Vec<u64>,
    has_power: bool,
    is_lost: bool,
}

impl Twin {
    fn is_whole(&self, disk: usize) -> bool {
        !self.failed[disk] && self.copied[disk] == self.length
    }

    fn look(&mut self) {
        let whole = |disk| self.is_whole(disk);
        self.is_lost |= (0..self.failed.len()).any(|disk| !whole(disk) && !whole(disk ^ 1));
    }

    fn change(&mut self, disk: usize, fails: bool) {
        if fails {
            self.failed[disk] = true;
        } else if std::mem::take(&mut self.failed[disk]) {
            self.copied[disk] = 0;
        }
        self.look();
    }

    fn second(&mut self) {
        for disk in 0..self.failed.len() {
            let copies = self.has_power && !self.failed[disk] && self.is_whole(disk ^ 1);
            self.copied[disk] += u64::from(copies && self.copied[disk] < self.length);
        }
    }
}

/// Disks fail and are replaced, the server loses its power and gets it back; what is done in a
/// second is done in its middle, so that nothing ends at the same time.
#[test]
fn rebuilds_are_what_a_twin_says_that_copies_second_by_second() {
    let (mut lost, mut ended, mut cut_short) = (0, 0, 0);
    for seed in 0..3_000 {
        let rng = &mut Rng::new(seed);
        let disks = 2 * (1 + rng.below(3)) as u8;
        let length = u64::from(1 + rng.below(9));
        let mut spec = PlantSpec::new(1, 1, disks);
        spec.rebuild = Some(Micros::from_secs(length));
        let plant = Plant::new(spec);
        let server = plant.expect(Part::Server(SERVER));
        let mut faults = ActiveFaults::none(&plant, 1);
        let count = usize::from(disks);
        let (failed, copied) = (vec![false; count], vec![length; count]);
        let mut twin = Twin { length, failed, copied, has_power: true, is_lost: false };
        for second in 0..60 {
            let now = Micros(second * 1_000_000 + 500_000);
            if rng.percent(50) {
                let (number, fails) = (rng.below(disks.into()), rng.percent(45));
                let make = if fails { Action::Fail } else { Action::Restore };
                if rng.percent(20) {
                    faults.apply(&plant, now, &make(Part::Server(SERVER)));
                    twin.has_power = !fails;
                } else {
                    let part = Part::Disk { server: SERVER, disk: number as u8 };
                    let before = faults.rebuilds().len();
                    faults.apply(&plant, now, &make(part));
                    cut_short += u32::from(fails && faults.rebuilds().len() < before);
                    twin.change(number as usize, fails);
                }
            }
            assert_eq!(faults.has_lost_data(server), twin.is_lost, "{seed}, second {second}");
            if twin.is_lost {
                break;
            }
            // To the middle of the next second.
            twin.second();
            let then = now + Micros::from_secs(1);
            let due: Vec<_> =
                faults.rebuilds().iter().filter(|one| one.ends() <= then).copied().collect();
            for one in due {
                assert_eq!(one.ends(), then, "{seed}: whole seconds after it began");
                assert!(faults.end_rebuild(one.disk, then));
                ended += 1;
            }
            for disk in 0..disks {
                let id = plant.expect(Part::Disk { server: SERVER, disk });
                let whole = twin.is_whole(disk.into());
                assert_eq!(faults.has_copy(id), whole, "{seed}, second {second}, disk {disk}");
            }
        }
        lost += u32::from(twin.is_lost);
    }
    assert!(lost > 500 && ended > 500 && cut_short > 100, "{lost} {ended} {cut_short}");
}

#[test]
fn a_disk_that_is_rebuilt_has_one_mirror_to_lose() {
    let mut spec = PlantSpec::new(3, 3, 4);
    spec.rebuild = Some(Micros::from_secs(30));
    let plant = Plant::new(spec);
    let disk = |disk| Part::Disk { server: SERVER, disk };
    let server = plant.expect(Part::Server(SERVER));
    for (what, act, second, is_lost) in [
        ("the mirror, before it ends", Action::Fail(disk(0)), 31, true),
        ("the mirror, as it ends", Action::Fail(disk(0)), 32, true),
        ("the mirror, afterwards", Action::Fail(disk(0)), 33, false),
        ("the new disk itself", Action::Fail(disk(1)), 31, false),
        ("a disk of the other pair", Action::Fail(disk(3)), 31, false),
    ] {
        let mut faults = ActiveFaults::none(&plant, 3);
        faults.apply(&plant, Micros::from_secs(1), &Action::Fail(disk(1)));
        faults.apply(&plant, Micros::from_secs(2), &Action::Restore(disk(1)));
        let states = [0, 1, 2].map(|number| faults.state(plant.expect(disk(number))));
        assert_eq!(states, [PartState::Sole, PartState::Rebuilding, PartState::Up], "{what}");
        faults.apply(&plant, Micros::from_secs(second), &act);
        assert_eq!(faults.has_lost_data(server), is_lost, "{what}");
    }
}
