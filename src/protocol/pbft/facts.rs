//! What is to be known of PBFT without running it.

use crate::fault::ReplicaId;
use crate::protocol::facts::{Facts, FirstLeader, Terms};
use crate::protocol::machine::Machine;

/// Its client waits for f + 1 matching replies (section 4.1).
pub(in crate::protocol) const PBFT: Facts = {
    // 4.1: the primary is a fixed function of the view.
    let first = FirstLeader::Only(ReplicaId(0), "first-is-n1");
    Facts::byzantine("pbft", "Castro & Liskov, OSDI 1999", Machine::Pbft, &Terms::VIEWS, first)
};
