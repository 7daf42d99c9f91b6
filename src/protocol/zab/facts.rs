//! What is to be known of Zab without running it.

use crate::protocol::facts::{Facts, Links, Needs, Terms};
use crate::protocol::machine::Machine;

const TERMS: Terms =
    Terms { epoch: "epoch", leader: "leading", follower: "following", candidate: "looking" };

pub(in crate::protocol) const ZAB: Facts = {
    let paper = "Junqueira, Reed & Serafini, DSN 2011";
    let facts = Facts::crash("zab", paper, Machine::Zab, &TERMS, Needs::EveryLink);
    Facts { links: Links::Ordered, ..facts }
};
