//! Protocols that are made with a known mistake: the checks have to find it.

use std::sync::Arc;

use crate::protocol::mutant::tests::with;
use crate::protocol::{Mutant, Protocol};
use crate::rng::Rng;
use crate::run;
use crate::scenario::{Scenario, arbitrary};

/// The first of 1,000 harsh scenarios in which the checks find something, if they do. With no
/// mistake it tries as many as it would take to find any that is made.
fn found(protocol: Protocol, scenarios: impl Fn(u32) -> Scenario) -> Option<u32> {
    (0..1_000).find(|&number| {
        let (_, history) = run::to_end(Arc::new(scenarios(number)));
        assert!(scenarios(number).group().protocol == protocol);
        !history.violations.is_empty()
    })
}

/// Fails unless the checks find that mistake within 1,000 of `scenarios`, and nothing in as
/// many of them without it.
pub(crate) fn assert_caught_in(
    protocol: Protocol,
    mutant: Mutant,
    scenarios: impl Fn(u32) -> Scenario,
) {
    let seeds = with(mutant, || found(protocol, &scenarios));
    let seeds = seeds.unwrap_or_else(|| panic!("{protocol} {mutant:?} is never caught"));
    println!("{protocol} {mutant:?}: caught in scenario {seeds}");
    for number in 0..=seeds {
        let (_, history) = run::to_end(Arc::new(scenarios(number)));
        assert!(history.violations.is_empty(), "{}", scenarios(number));
    }
}

/// [`assert_caught_in`] scenarios in which replicas are never left in peace.
pub(crate) fn assert_caught(protocol: Protocol, mutant: Mutant) {
    let scenarios = |number| arbitrary::harsh(&mut Rng::new(number), protocol);
    assert_caught_in(protocol, mutant, scenarios);
}
