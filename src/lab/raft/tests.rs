//! Raft's rules by hand, and by chance.

use crate::clock::Micros;
use crate::fault::{Action, ReplicaId};
use crate::lab::mutants::{assert_caught, assert_caught_in};
use crate::protocol::{Mutant, Protocol, ReadMode};
use crate::rng::Rng;
use crate::scenario::arbitrary;

#[test]
fn the_checks_find_what_is_done_wrong() {
    for mutant in [Mutant::VoteTwice, Mutant::SmallQuorum, Mutant::SkipLogCheck] {
        assert_caught(Protocol::Raft, mutant);
        assert_caught(Protocol::EtcdRaftPrevoteCheckquorum, mutant);
    }
}

#[test]
fn the_checks_find_reads_that_are_not_fresh() {
    for (protocol, mutant, by) in [
        (Protocol::Raft, Mutant::SkipRound, ReadMode::Quorum),
        (Protocol::EtcdRaftPrevoteCheckquorum, Mutant::SkipRound, ReadMode::Quorum),
        (Protocol::RaftSticky, Mutant::KeepLease, ReadMode::Lease),
    ] {
        assert_caught_in(protocol, mutant, |number| {
            let mut rng = Rng::new(number);
            let mut scenario = arbitrary::reading(&mut rng, protocol, by);
            let replicas = scenario.group().members.len() as u32;
            for _ in 0..40 {
                let at = rng.span(Micros::ZERO, scenario.until);
                scenario.actions.push((at, Action::Transfer(ReplicaId(rng.below(replicas) as u8))));
            }
            scenario.actions.sort_by_key(|(at, _)| *at);
            scenario
        });
    }
}
