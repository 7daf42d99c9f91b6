//! What was bad in a run, found over its whole length.

use super::measure::{self, Service, Wait};
use super::{Outcome, effect, end, long};
use crate::check::Property;
use crate::clock::Micros;
use crate::fault::{Action, ReplicaId, ReplicaSet};
use crate::history::{History, before};
use crate::protocol::{Belief, Role};
use crate::scenario::Scenario;

/// Something bad, and how long it lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What.
    pub harm: Harm,
    /// From when.
    pub from: Micros,
    /// Until when.
    pub to: Micros,
}

/// What can be bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// A safety property broke.
    Broken(Property),
    /// Nobody was served.
    Unserved(Until),
    /// Not one write of the whole run was served.
    NeverServed,
    /// Leadership changed so often, and did not settle by itself.
    Unsettled {
        /// How often.
        changes: u64,
        /// What came before it settled.
        until: Until,
    },
    /// These ran, and followed another leader than the majority, or none.
    LeftOut(ReplicaSet),
    /// These ran, and did not get what was committed.
    Behind(ReplicaSet),
    /// These generals came to no decision on an order.
    Undecided(ReplicaSet),
}

/// What ended a time without service, or without rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// It ended after this action, by its number, had lifted a fault.
    Lifted(usize),
    /// It ended without help.
    Itself,
    /// It did not end.
    End,
}

impl Damage {
    /// How bad it is.
    pub const fn outcome(&self) -> Outcome {
        match self.harm {
            Harm::Broken(_) => Outcome::Unsafe,
            Harm::Unserved(Until::Lifted(_) | Until::End)
            | Harm::NeverServed
            | Harm::Undecided(_) => Outcome::Stalled,
            Harm::Unsettled { .. } => Outcome::Flapping,
            Harm::Unserved(Until::Itself) => Outcome::Recovered,
            Harm::LeftOut(_) | Harm::Behind(_) => Outcome::Parted,
        }
    }
}

/// Everything bad, in no order.
pub(super) fn find(scenario: &Scenario, history: &History) -> Vec<Damage> {
    let broken = history.violations.iter();
    let broken =
        broken.map(|one| Damage { harm: Harm::Broken(one.property), from: one.at, to: one.at });
    let mut damage: Vec<Damage> = broken.collect();
    if scenario.group().protocol.is_generals() {
        damage.extend(undecided(scenario, history));
        return damage;
    }
    damage.extend(unserved(scenario, history));
    damage.extend(never_served(scenario, history));
    if !scenario.group().protocol.rotates() {
        damage.extend(unsettled(scenario, history));
    }
    damage.extend(left_out(scenario, history));
    damage.extend(behind(scenario, history));
    damage
}

/// Long waits.
fn unserved(scenario: &Scenario, history: &History) -> Vec<Damage> {
    let long = long(scenario);
    let waits = measure::waits(scenario, history).into_iter();
    let waits = waits.filter(|wait| !wait.is_lone && wait.to.since(wait.from) >= long);
    let waits = waits.map(|Wait { from, to, is_lone: _ }| {
        let until = if to >= end(scenario, history) {
            Until::End
        } else {
            lifted(scenario, (from, to)).map_or(Until::Itself, Until::Lifted)
        };
        Damage { harm: Harm::Unserved(until), from, to }
    });
    waits.collect()
}

/// The latest action of that time that lifted a fault which somebody felt.
fn lifted(scenario: &Scenario, (from, to): (Micros, Micros)) -> Option<usize> {
    let first = scenario.actions.partition_point(|(at, _)| *at < from);
    let after = scenario.actions.partition_point(|(at, _)| *at <= to);
    effect::help(scenario, first..after)
}

/// If there were writes and none was served, whatever it was that kept them.
fn never_served(scenario: &Scenario, history: &History) -> Option<Damage> {
    let Service { served, .. } = Service::of(scenario, history);
    let first = history.writes.first().filter(|_| served == 0)?;
    Some(Damage { harm: Harm::NeverServed, from: first.at, to: end(scenario, history) })
}

/// Leadership that does not settle by itself: three and more changes of leader, each within the calm
/// time of the one before, and then something is lifted before it has been calm; five and more that
/// go on for two calm times; or five and more, each within four calm times, that go on for as long as
/// that. A change for which nobody needs to be restless does not count: see [`restless`].
fn unsettled(scenario: &Scenario, history: &History) -> Vec<Damage> {
    let calm = scenario.group().calm();
    let slow = Micros(4 * calm.0);
    let times = restless(scenario, history);
    let last = |stretch: &[Micros]| stretch[stretch.len() - 1];
    let goes_on = |stretch: &[Micros], long: Micros| {
        stretch.len() >= 5 && last(stretch).since(stretch[0]) >= long
    };
    let help = |stretch: &[Micros]| {
        let third = stretch.get(2)?;
        lifted(scenario, (Micros(third.0 + 1), last(stretch) + calm))
    };
    let quick = times
        .chunk_by(|one, next| next.since(*one) <= calm)
        .filter(|stretch| help(stretch).is_some() || goes_on(stretch, Micros(2 * calm.0)));
    let slow = times
        .chunk_by(|one, next| next.since(*one) <= slow)
        .filter(|stretch| goes_on(stretch, slow));
    let damage = slow.chain(quick).map(|stretch| {
        let (from, to) = (stretch[0], last(stretch));
        let within = history.elections.iter().filter(|won| from <= won.at && won.at <= to);
        let until = if end(scenario, history).since(to) < calm {
            Until::End
        } else {
            help(stretch).map_or(Until::Itself, Until::Lifted)
        };
        Damage { harm: Harm::Unsettled { changes: within.count() as u64, until }, from, to }
    });
    damage.collect()
}

/// When leadership changed hands although the leader ran and nobody asked for another one. The first
/// leader of the run is no change; nor is it a sign of unrest that a leader that stopped is replaced,
/// or that leadership goes to whom an operator hands it.
fn restless(scenario: &Scenario, history: &History) -> Vec<Micros> {
    let changes = history.elections.windows(2).filter_map(|pair| {
        let [before, won] = pair else { return None };
        let since = scenario.actions.partition_point(|(at, _)| *at <= before.at);
        let until = scenario.actions.partition_point(|(at, _)| *at <= won.at);
        let server = scenario.group().members[before.leader.index()];
        let is_meant = scenario.actions[since..until].iter().any(|(_, act)| {
            let (won, stopped) = (won.leader, server);
            [
                Action::Transfer(won),
                Action::Elect(won),
                Action::Pause(stopped),
                Action::Wipe(stopped),
            ]
            .contains(act)
        });
        let beliefs = between(&history.beliefs[before.leader.index()], before.at, won.at);
        let has_stopped = beliefs.iter().any(|(_, belief)| belief.is_none());
        (!is_meant && !has_stopped).then_some(won.at)
    });
    changes.collect()
}

/// Who did not come along, though it ran.
fn left_out(scenario: &Scenario, history: &History) -> Vec<Damage> {
    if scenario.group().protocol.decides_once() {
        return unaware(scenario, history);
    }
    if scenario.group().protocol.rotates() {
        let replicas = (0..).map(ReplicaId).zip(&history.beliefs);
        return replicas
            .flat_map(|(id, beliefs)| stuck(scenario, history, (id, beliefs)))
            .collect();
    }
    parted(scenario, history)
        .into_iter()
        .filter_map(|(from, to)| {
            let long = Micros(scenario.group().calm().0 / 2);
            let astray = |id: &ReplicaId| is_astray(history, *id, (from, to), long);
            let replicas = (0..history.beliefs.len()).map(|id| ReplicaId(id as u8));
            let who: ReplicaSet = replicas.filter(astray).collect();
            (!who.is_empty()).then_some(Damage { harm: Harm::LeftOut(who), from, to })
        })
        .collect()
}

/// Stretches of at least the calm time in which beliefs are parted, short moments of agreement
/// included: a stray heartbeat is no return.
fn parted(scenario: &Scenario, history: &History) -> Vec<(Micros, Micros)> {
    let parted = measure::spans(&history.parted, end(scenario, history))
        .filter(|((_, is_parted), _)| *is_parted)
        .map(|((from, _), to)| (from, to));
    let mut stretches = joined(parted, scenario.group().shortest_election_timeout());
    let calm = scenario.group().calm();
    stretches.retain(|(from, to)| to.since(*from) >= calm);
    stretches
}

/// True if, for most of the time that it runs and a majority follows a leader, it does not; and that
/// for at least so long.
fn is_astray(history: &History, id: ReplicaId, (from, to): (Micros, Micros), long: Micros) -> bool {
    let mut led = measure::spans(between(&history.led, from, to), to).peekable();
    let (mut with, mut without) = (0, 0);
    let beliefs = between(&history.beliefs[id.index()], from, to);
    for ((at, belief), until) in measure::spans(beliefs, to) {
        while let Some(&((led_at, leader), led_until)) = led.peek() {
            let both = until.min(led_until).min(to).since(at.max(led_at).max(from)).0;
            match (belief, leader) {
                (Some(belief), Some(_)) if belief.leader == leader => with += both,
                (Some(_), Some(_)) => without += both,
                (None, _) | (_, None) => {}
            }
            if led_until > until {
                break;
            }
            led.next();
        }
    }
    without > with && without >= long.0
}

/// What of a list of (from then on, value) tells of a stretch.
fn between<T>(list: &[(Micros, T)], from: Micros, to: Micros) -> &[(Micros, T)] {
    let earlier = list.partition_point(|(at, _)| *at <= from);
    let before = list.partition_point(|(at, _)| *at < to);
    &list[earlier.saturating_sub(1).min(before)..before]
}

/// Where one value is decided: who runs, and for longer than a client waits does not know it.
fn unaware(scenario: &Scenario, history: &History) -> Vec<Damage> {
    let Some(&decided) = history.commits.first() else { return Vec::new() };
    let end = end(scenario, history);
    let replicas = (0..).map(ReplicaId).zip(&history.beliefs);
    let unaware = replicas.flat_map(|(id, beliefs)| {
        let who: ReplicaSet = std::iter::once(id).collect();
        let ignorant = measure::spans(beliefs, end)
            .filter(|((_, belief), _)| belief.is_some_and(|own| own.value.is_none()))
            .map(|((from, _), to)| (from.max(decided), to));
        joined(ignorant, Micros::ZERO)
            .into_iter()
            .filter(|(from, to)| to.since(*from) >= scenario.group().patience())
            .map(move |(from, to)| Damage { harm: Harm::Behind(who), from, to })
    });
    unaware.collect()
}

/// Stretches in order, those that are less than `gap` apart made one; empty ones are left out.
fn joined(stretches: impl Iterator<Item = (Micros, Micros)>, gap: Micros) -> Vec<(Micros, Micros)> {
    let mut joined: Vec<(Micros, Micros)> = Vec::new();
    for (from, to) in stretches.filter(|(from, to)| from < to) {
        match joined.last_mut() {
            Some(last) if from <= last.1 + gap => last.1 = to,
            Some(_) | None => joined.push((from, to)),
        }
    }
    joined
}

/// Where leadership goes round: stretches of at least the calm time in which a replica that runs
/// stays where it is, while others go on through epochs.
fn stuck(
    scenario: &Scenario,
    history: &History,
    (id, beliefs): (ReplicaId, &[(Micros, Option<Belief>)]),
) -> Vec<Damage> {
    let (calm, end) = (scenario.group().calm(), end(scenario, history));
    let passed = |at: Micros| history.epochs.partition_point(|(when, _)| *when <= at);
    let stays = measure::spans(beliefs, end).filter(|((from, belief), to)| {
        belief.is_some() && to.since(*from) >= calm && passed(*to) >= passed(*from) + 2
    });
    let who: ReplicaSet = std::iter::once(id).collect();
    stays.map(|((from, _), to)| Damage { harm: Harm::LeftOut(who), from, to }).collect()
}

/// Who ran and did not get what was committed, for at least the calm time.
fn behind(scenario: &Scenario, history: &History) -> Vec<Damage> {
    let (calm, end) = (scenario.group().calm(), end(scenario, history));
    let lags = history.lags.iter().copied().chain(history.lagging(end));
    let lags = lags.filter(|lag| lag.to.since(lag.from) >= calm);
    let damage = lags.map(|lag| {
        let who: ReplicaSet = std::iter::once(lag.replica).collect();
        Damage { harm: Harm::Behind(who), from: lag.from, to: lag.to }
    });
    damage.collect()
}

/// Orders on which somebody who runs has not decided when the next one comes, or the run ends.
fn undecided(scenario: &Scenario, history: &History) -> Vec<Damage> {
    let end = end(scenario, history);
    let orders = measure::spans(&history.epochs, end).filter(|((_, order), _)| *order > 0);
    let undecided = orders.filter_map(|((from, order), to)| {
        let waits = |beliefs: &Vec<(Micros, Option<Belief>)>| {
            let belief = before(beliefs, to).flatten();
            belief.is_some_and(|own| own.role == Role::Candidate || own.epoch < order)
        };
        let replicas = (0..).map(ReplicaId).zip(&history.beliefs);
        let who: ReplicaSet = replicas.filter(|(_, own)| waits(own)).map(|(id, _)| id).collect();
        (!who.is_empty()).then_some(Damage { harm: Harm::Undecided(who), from, to })
    });
    undecided.collect()
}
