//! What is to be known of the `omnipaxos` crate without running it; every build knows it.

use crate::protocol::facts::{Facts, Family, Links, Needs, Terms};
use crate::protocol::machine::Machine;

pub(in crate::protocol) const CRATE: Facts = {
    let (name, paper) = ("omnipaxos-crate", "crates.io/crates/omnipaxos 0.2");
    let machine = Machine::OmnipaxosCrate;
    let facts = Facts::crash(name, paper, machine, &Terms::BALLOTS, Needs::EveryLink);
    let links = Links::Ordered;
    Facts { family: Family::Production, leads_alone: false, links, ..facts }
};
