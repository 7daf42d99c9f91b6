//! Raft's rules by hand, and by chance.

use crate::clock::Micros;
use crate::fault::{Act, ReplicaId};
use crate::lab::mutants::{assert_caught, assert_caught_in};
use crate::protocol::{Mistake, Protocol, Reading};
use crate::rng::Rng;
use crate::scenario::arbitrary;

#[test]
fn the_checks_find_what_is_done_wrong() {
    for mistake in [Mistake::VoteTwice, Mistake::SmallQuorum, Mistake::SkipLogCheck] {
        assert_caught(Protocol::Raft, mistake);
        assert_caught(Protocol::EtcdRaftPrevoteCheckquorum, mistake);
    }
}

#[test]
fn the_checks_find_reads_that_are_not_fresh() {
    for (protocol, mistake, by) in [
        (Protocol::Raft, Mistake::SkipRound, Reading::Quorum),
        (Protocol::EtcdRaftPrevoteCheckquorum, Mistake::SkipRound, Reading::Quorum),
        (Protocol::RaftSticky, Mistake::KeepLease, Reading::Lease),
    ] {
        assert_caught_in(protocol, mistake, |number| {
            let mut rng = Rng::new(number);
            let mut scenario = arbitrary::reading(&mut rng, protocol, by);
            let replicas = scenario.group().members.len() as u32;
            for _ in 0..40 {
                let at = rng.span(Micros::ZERO, scenario.until);
                scenario.acts.push((at, Act::Transfer(ReplicaId(rng.below(replicas) as u8))));
            }
            scenario.acts.sort_by_key(|(at, _)| *at);
            scenario
        });
    }
}
