//! What is to be known of the Synod without running it.

use crate::protocol::facts::{Clients, Facts, Needs, Terms};
use crate::protocol::machine::Machine;

pub(in crate::protocol) const PAXOS: Facts = {
    let paper = "Lamport, Paxos Made Simple, 2001";
    let facts = Facts::crash("paxos", paper, Machine::Paxos, &Terms::BALLOTS, Needs::LoneProposer);
    let clients = Clients::InTurn;
    Facts { safety: "one-value", clients, leads_alone: false, decides_once: true, ..facts }
};
