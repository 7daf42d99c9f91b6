//! Doubles that lose a write, and every protocol with disks that do not keep what was written.

use std::sync::Arc;

use crate::check::Property::{Durability, LeaderCompleteness};
use crate::check::tests::{N1, N2, Puppets};
use crate::fault::ReplicaId;
use crate::lab::trial::size;
use crate::protocol::mutant::Mutant;
use crate::protocol::mutant::tests::with;
use crate::protocol::{Protocol, Role};
use crate::rng::Rng;
use crate::run::to_end;
use crate::scenario::arbitrary;

const N3: ReplicaId = ReplicaId(2);

/// n1 leads term 1 and committed write 7, which n2 has too.
fn committed() -> Puppets {
    Puppets::new().leads(N1, 1).appends(N1, 1, 7).appends(N2, 1, 7).commits(N1, 1)
}

#[test]
fn a_write_is_lost_with_the_last_disk_that_keeps_it() {
    assert_eq!(committed().loses_its_disks(N1).broke(), []);
    let lost = committed().loses_its_disks(N1).loses_its_disks(N2);
    let detail =
        "no disk that is left keeps write 7, acknowledged in term 1: the last was that of n2";
    assert_eq!(lost.told(), [detail]);
    // Once is enough, and who lost nothing that was acknowledged lost nothing.
    assert_eq!(lost.loses_its_disks(N3).broke(), [Durability]);
    let unknown = Puppets::new().leads(N1, 1).appends(N1, 1, 7).loses_its_disks(N1);
    assert_eq!(unknown.broke(), []);
    let no_op = Puppets::new().leads(N1, 1).appends(N1, 1, 0).commits(N1, 1).loses_its_disks(N1);
    assert_eq!(no_op.broke(), []);
}

/// What a liar has on its disk is worth nothing; that it lies is no loss yet.
#[test]
fn liars_keep_nothing() {
    assert_eq!(committed().lies(N2).broke(), []);
    let lost = committed().lies(N2).loses_its_disks(N1);
    let detail = "no disk that is left keeps write 7, acknowledged in term 1, save those of liars";
    assert_eq!(lost.told(), [detail]);
    // A liar that lost its disks was not counted before.
    assert_eq!(committed().lies(N2).loses_its_disks(N2).broke(), []);
}

#[test]
fn a_log_that_throws_the_last_copy_away_loses_it() {
    let follower = committed().plays(N1, Role::Follower, 2).keeps(N1, 0);
    assert_eq!(follower.keeps(N2, 0).broke(), [Durability]);
}

#[test]
fn a_leader_with_a_quorum_that_lacks_it_loses_it() {
    // n2 has lost it, and leads with n3 in a term that is not even newer.
    let one = || committed().plays(N2, Role::Follower, 1).keeps(N2, 0);
    assert_eq!(one().broke(), []);
    let alone = one().plays(N1, Role::Follower, 1).leads(N2, 0);
    assert_eq!(alone.broke(), []);
    let led = one().plays(N1, Role::Follower, 1).leads(N2, 0).follows(N3, N2, 0);
    assert_eq!(
        led.told(),
        ["n2 leads term 0 without write 7, acknowledged in term 1: n1 keeps it"]
    );
    // With n1 behind it, somebody of the quorum has it.
    let with_n1 = one().leads(N2, 0).follows(N1, N2, 0);
    assert_eq!(with_n1.broke(), []);
}

#[test]
fn a_leader_of_a_newer_term_without_it_loses_it() {
    let newer = committed().leads(N3, 2);
    assert_eq!(newer.broke(), [LeaderCompleteness, Durability]);
    // The later leader was there first.
    let behind = Puppets::new().leads(N1, 1).appends(N1, 1, 7).leads(N3, 2).commits(N1, 1);
    assert_eq!(behind.broke(), [LeaderCompleteness, Durability]);
}

/// A hole in all logs is not looked at again with each write that comes after it.
#[test]
fn what_comes_after_a_loss_costs_what_it_is() {
    let lost = committed().plays(N1, Role::Follower, 2).keeps(N1, 0).keeps(N2, 0);
    let mut group = lost.leads(N1, 3).follows(N2, N1, 3);
    for command in 8..=90 {
        let index = command - 7;
        group = group.appends(N1, 3, command).appends(N2, 3, command).commits(N1, index);
    }
    assert!(group.asked.get() < 100, "asked {} times", group.asked.get());
    let durability = |one: &&crate::check::Property| **one == Durability;
    assert_eq!(group.broke().iter().filter(durability).count(), 1);
}

/// A replica that answers before its disk has it, and crashes: in every protocol that is found, and
/// nothing without it.
#[test]
fn disks_that_do_not_keep_what_was_acknowledged_are_found() {
    let logs = Protocol::here().filter(|protocol| !protocol.is_generals());
    for protocol in logs {
        let scenario = |number| Arc::new(arbitrary::harsh(&mut Rng::new(number), protocol));
        let breaks = |number: &u32| {
            let violations = to_end(scenario(*number)).1.violations;
            violations.iter().any(|one| one.property == Durability)
        };
        let found = with(Mutant::SkipSync, || (0..200).find(breaks));
        let found = found.unwrap_or_else(|| panic!("{protocol} loses writes unseen"));
        println!("{protocol}: found in scenario {found}");
        for number in 0..=found.max(size(5, 1_000)) {
            let violations = to_end(scenario(number)).1.violations;
            assert!(violations.is_empty(), "{violations:#?}\n{}", scenario(number));
        }
    }
}
