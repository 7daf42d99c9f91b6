//! Whether a run comes out as its author expects: `expect` statements, each under its protocols.

use std::sync::Arc;

use crate::fact::Fact;
use crate::outcome::{Outcome, judge};
use crate::protocol::Protocol;
use crate::run::to_end;
use crate::scenario::Scenario;
use crate::scenario::expect::{Expected, Under, applying};

/// True if one of the words says that.
pub fn fits(words: &[Expected], outcome: Outcome) -> bool {
    words.iter().any(|word| match word {
        Expected::Safe => outcome != Outcome::Unsafe,
        Expected::Unsafe
        | Expected::Stalled
        | Expected::Flapping
        | Expected::Recovered
        | Expected::Parted
        | Expected::Stable => word.name() == outcome.name(),
    })
}

/// What a scenario's author expects under one protocol.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The number of the expectation in [`Scenario::expectations`].
    pub expectation: usize,
    /// The protocol.
    pub protocol: Protocol,
    /// The scenario under it; an error if it is named and cannot run it.
    pub scenario: Result<Scenario, Fact>,
}

/// All that is expected of a scenario, in the order of its lines and then of the protocols.
pub fn claims(scenario: &Scenario) -> Vec<Claim> {
    if scenario.groups.len() > 1 {
        return claims_of_groups(&Arc::new(scenario.clone()));
    }
    let expectations = &scenario.expectations;
    let claim = |protocol: Protocol| {
        let expectation = applying(expectations, protocol)?;
        let claim = Claim { expectation, protocol, scenario: scenario.under(protocol) };
        let is_named = expectations[expectation].under != Under::All;
        (is_named || claim.scenario.is_ok()).then_some(claim)
    };
    let mut claims: Vec<_> = Protocol::ALL.into_iter().filter_map(claim).collect();
    claims.sort_by_key(|claim| claim.expectation);
    claims
}

/// Of several groups each runs what it runs: what is expected of that protocol is expected of it.
fn claims_of_groups(scenario: &Arc<Scenario>) -> Vec<Claim> {
    let claim = |number: usize| {
        let protocol = scenario.groups[number].protocol;
        let expectation = applying(&scenario.expectations, protocol)?;
        let alone = Arc::unwrap_or_clone(scenario.alone(number));
        Some(Claim { expectation, protocol, scenario: Ok(alone) })
    };
    let mut claims: Vec<_> = (0..scenario.groups.len()).filter_map(claim).collect();
    claims.sort_by_key(|claim| claim.expectation);
    claims
}

/// How a scenario comes out, run to its end; an error if it comes to a bound before.
///
/// # Errors
/// Which bound, in the room `exhausted`: how it would have come out is not known then.
pub fn run(scenario: Scenario) -> Result<Outcome, Fact> {
    let (run, history) = to_end(Arc::new(scenario));
    match history.exhausted {
        Some(exhausted) => Err(exhausted.fact()),
        None => Ok(judge(run.group().scenario(), &history).outcome),
    }
}
