//! What is to be known of Tendermint without running it.

use crate::fault::Behaviour;
use crate::protocol::facts::{Facts, FirstLeader, Links, Replies, Terms};
use crate::protocol::machine::Machine;

const TERMS: Terms =
    Terms { epoch: "round", leader: "proposer", follower: "validator", candidate: "next-round" };

/// One reply is enough: a decision is proved by the precommits of two thirds, which come along with
/// it, so that a client need not trust whoever shows them.
pub(in crate::protocol) const TENDERMINT: Facts = {
    let (name, paper) = ("tendermint", "Buchman, Kwon & Milosevic, arXiv 1807.04938");
    // Section 3: the proposer is a fixed function of height and round.
    let first = FirstLeader::Nobody("proposers-in-turn");
    let refuses = &[(Behaviour::LieAboutLog, "no-older-heights")];
    let facts = Facts::byzantine(name, paper, Machine::Tendermint, &TERMS, first);
    let links = Links::Gathered;
    Facts { replies: Replies::One, refuses, links, rotates: true, ..facts }
};
