//! What is to be known of Multi-Paxos without running it.

use super::Rules;
use crate::protocol::facts::{Facts, Needs, Terms};
use crate::protocol::machine::Machine;

const fn flavour(name: &'static str, rules: Rules) -> Facts {
    let paper = "Lamport 2001; leader election as in Ng, Haridi & Carbone, EuroSys 2023";
    let machine = Machine::Multipaxos(rules);
    let facts = Facts::crash(name, paper, machine, &Terms::BALLOTS, Needs::EveryLink);
    Facts { leads_alone: false, ..facts }
}

pub(in crate::protocol) const MULTIPAXOS: Facts =
    flavour("multipaxos", Rules { claims_need_a_quorum: false });

pub(in crate::protocol) const ROBUST: Facts =
    flavour("multipaxos+robust", Rules { claims_need_a_quorum: true });
