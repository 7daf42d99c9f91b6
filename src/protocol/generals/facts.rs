//! What is to be known of Lamport's generals without running them.

use super::Mode;
use crate::fault::Behaviour;
use crate::protocol::facts::{
    Clients, Facts, FirstLeader, Links, Logs, Needs, Replies, Terms, Tolerates,
};
use crate::protocol::machine::Machine;

const TERMS: Terms =
    Terms { epoch: "order", leader: "commander", follower: "lieutenant", candidate: "undecided" };

const fn flavour(name: &'static str, safety: &'static str, mode: Mode) -> Facts {
    let (paper, nobody) = ("Lamport, Shostak & Pease, 1982", FirstLeader::Nobody("no-elections"));
    Facts {
        safety,
        needs: Needs::Everything,
        links: Links::InRounds,
        clients: Clients::Nobody,
        replies: Replies::One,
        logs: Logs::Orders,
        tolerates: Tolerates::OneToThree,
        refuses: &[
            (Behaviour::DoubleVote, "no-votes"),
            (Behaviour::ClaimLeadership, "commander-is-n1"),
            (Behaviour::DenyLeader, "commander-is-n1"),
            (Behaviour::LieAboutLog, "no-log"),
        ],
        leads_alone: false,
        ..Facts::byzantine(name, paper, Machine::Generals(mode), &TERMS, nobody)
    }
}

pub(in crate::protocol) const ORAL: Facts = flavour("generals-om", "oral-orders", Mode::Oral);

pub(in crate::protocol) const SIGNED: Facts = flavour("generals-sm", "signed-orders", Mode::Signed);
