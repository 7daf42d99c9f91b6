//! What is to be known of `HotStuff` without running it.

use crate::protocol::facts::{Facts, FirstLeader, Links, Terms};
use crate::protocol::machine::Machine;

const TERMS: Terms =
    Terms { epoch: "view", leader: "leader", follower: "replica", candidate: "next-view" };

/// Its client waits for f + 1 replies (section 4).
pub(in crate::protocol) const HOTSTUFF: Facts = {
    let (name, paper) = ("hotstuff", "Yin et al., arXiv 1803.05069");
    // Section 4: the leader is a fixed function of the view.
    let first = FirstLeader::Nobody("leaders-in-turn");
    let facts = Facts::byzantine(name, paper, Machine::Hotstuff, &TERMS, first);
    Facts { links: Links::Gathered, rotates: true, ..facts }
};
