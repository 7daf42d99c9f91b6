//! Faults and damage, put together into what a reader would call one incident.

use super::sentence::{Scope, sentence};
use super::{Damage, Outcome, end};
use crate::clock::Micros;
use crate::fact::Fact;
use crate::fault;
use crate::history::History;
use crate::scenario::Scenario;

/// An incident: from a fault, or the first trouble, until all is lifted and it has been calm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// When its first fault took hold, or its first damage began.
    pub from: Micros,
    /// When its last fault was lifted and its last damage ended; the end of the run if they did not.
    pub to: Micros,
    /// The word of its worst damage.
    pub outcome: Outcome,
    /// What users felt, in the room `outcome`.
    pub sentence: Fact,
}

impl Episode {
    /// True if the damage belongs to it.
    pub(super) fn holds(&self, damage: &Damage) -> bool {
        self.from <= damage.from && damage.from <= self.to
    }
}

/// The episodes of a run, in order. What follows within the calm time is still the same episode: a
/// link that flaps is one, and what broke soon after the heal belongs to what was healed.
pub(super) fn group(scenario: &Scenario, history: &History, damage: &[Damage]) -> Vec<Episode> {
    let (calm, end) = (scenario.group().calm(), end(scenario, history));
    let faults = fault::spans(&scenario.actions, scenario.group().members.len(), end)
        .into_iter()
        .map(|span| (span.from, span.to));
    let times = faults.chain(damage.iter().map(|one| (one.from, one.to)));
    // In order, and calm in between.
    let mut grouped: Vec<(Micros, Micros)> = Vec::new();
    for (mut from, mut to) in times.filter(|(from, _)| *from <= end) {
        let first = grouped.partition_point(|group| group.1 + calm < from);
        let after = grouped.partition_point(|group| group.0 <= to + calm);
        for group in grouped.drain(first..after) {
            (from, to) = (from.min(group.0), to.max(group.1));
        }
        grouped.insert(first, (from, to));
    }
    let mut worst: Vec<Option<&Damage>> = vec![None; grouped.len()];
    for one in damage.iter().filter(|one| one.from <= end) {
        let badness = |one: &Damage| (one.outcome(), one.from);
        let place = grouped.partition_point(|group| group.1 < one.from);
        if worst[place].is_none_or(|known| badness(one) < badness(known)) {
            worst[place] = Some(one);
        }
    }
    let episode = |((from, to), worst): ((Micros, Micros), Option<&Damage>)| {
        let outcome = worst.map_or(Outcome::Stable, Damage::outcome);
        let scope = Scope::of(scenario, history, damage, (from, to));
        let sentence = sentence(scenario, history, &scope, worst);
        Episode { from, to: to.min(end), outcome, sentence }
    };
    grouped.into_iter().zip(worst).map(episode).collect()
}
