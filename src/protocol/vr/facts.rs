//! What is to be known of Viewstamped Replication without running it.

use super::Disks;
use crate::protocol::facts::{Facts, Needs, Terms};
use crate::protocol::machine::Machine;

const fn flavour(name: &'static str, safety: &'static str, disks: Disks) -> Facts {
    let paper = "Liskov & Cowling, Viewstamped Replication Revisited, 2012";
    let machine = Machine::Vr(disks);
    let facts = Facts::crash(name, paper, machine, &Terms::VIEWS, Needs::EveryLink);
    let has_disks = matches!(disks, Disks::Kept);
    Facts { safety, hands_over: true, has_disks, recovers: true, ..facts }
}

pub(in crate::protocol) const VR: Facts = flavour("vr", "log-and-disks", Disks::Kept);

pub(in crate::protocol) const RECOVERY: Facts =
    flavour("vr+recovery", "log-and-restarts", Disks::None);
