//! What is to be known of Omni-Paxos without running it.

use super::Flavour;
use crate::protocol::facts::{Facts, Links, Needs, Terms};
use crate::protocol::machine::Machine;

const fn flavour(name: &'static str, paper: &'static str, rule: Flavour, needs: Needs) -> Facts {
    let facts = Facts::crash(name, paper, Machine::Omnipaxos(rule), &Terms::BALLOTS, needs);
    Facts { leads_alone: false, links: Links::Ordered, ..facts }
}

pub(in crate::protocol) const OMNIPAXOS: Facts = {
    let paper = "Ng, Haridi & Carbone, EuroSys 2023";
    flavour("omnipaxos", paper, Flavour::Paper, Needs::OneHub)
};

pub(in crate::protocol) const HAPPY: Facts = {
    let paper = "crates.io/crates/omnipaxos 0.2";
    flavour("omnipaxos+happy", paper, Flavour::Happy, Needs::EveryLink)
};
