//! What was bad in a run, found over its whole length.

use super::measure::{self, Service};
use super::{Outcome, Verdict, end, long};
use crate::check::Property;
use crate::clock::{Micros, clock_time};
use crate::fault::{Act, ReplicaId, ReplicaSet};
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
    },
    /// These ran, and followed another leader than the majority, or none.
    LeftOut(ReplicaSet),
    /// These ran, and did not get what was committed.
    Behind(ReplicaSet),
    /// These generals came to no decision on an order.
    Undecided(ReplicaSet),
}

/// What ended a time without service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// It came back after this action, by its number, had lifted a fault.
    Lifted(usize),
    /// It came back without help.
    Itself,
    /// Nothing did.
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
    if scenario.protocol.is_generals() {
        damage.extend(undecided(scenario, history));
        return damage;
    }
    damage.extend(unserved(scenario, history));
    damage.extend(never_served(scenario, history));
    if !scenario.protocol.rotates() {
        damage.extend(unsettled(scenario, history));
    }
    damage.extend(left_out(scenario, history));
    damage.extend(behind(scenario, history));
    damage
}

/// Long waits.
fn unserved(scenario: &Scenario, history: &History) -> Vec<Damage> {
    let long = long(scenario);
    let waits = measure::waits(scenario, history);
    let waits = waits.into_iter().filter(|(from, to)| to.since(*from) >= long);
    let lifts = |from: Micros, to: Micros| {
        let within =
            |(_, (at, act)): &(usize, &(Micros, Act))| act.lifts() && from <= *at && *at <= to;
        scenario.acts.iter().enumerate().filter(within).map(|(number, _)| number).next_back()
    };
    let waits = waits.map(|(from, to)| {
        let until = match lifts(from, to) {
            _ if to >= end(scenario, history) => Until::End,
            Some(lifted) => Until::Lifted(lifted),
            None => Until::Itself,
        };
        Damage { harm: Harm::Unserved(until), from, to }
    });
    waits.collect()
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
/// that. The first leader of the run is no change.
fn unsettled(scenario: &Scenario, history: &History) -> Vec<Damage> {
    let calm = scenario.calm();
    let slow = Micros(4 * calm.0);
    let times: Vec<Micros> = history.elections.iter().skip(1).map(|won| won.at).collect();
    let last = |stretch: &[Micros]| stretch[stretch.len() - 1];
    let goes_on = |stretch: &[Micros], long: Micros| {
        stretch.len() >= 5 && last(stretch).since(stretch[0]) >= long
    };
    let is_ended = |stretch: &[Micros]| {
        let Some(third) = stretch.get(2) else { return false };
        let mut lifts = scenario.acts.iter().filter(|(_, act)| act.lifts());
        lifts.any(|(at, _)| third < at && *at <= last(stretch) + calm)
    };
    let quick = times
        .chunk_by(|one, next| next.since(*one) <= calm)
        .filter(|stretch| is_ended(stretch) || goes_on(stretch, Micros(2 * calm.0)));
    let slow = times
        .chunk_by(|one, next| next.since(*one) <= slow)
        .filter(|stretch| goes_on(stretch, slow));
    let damage = slow.chain(quick).map(|stretch| {
        let harm = Harm::Unsettled { changes: stretch.len() as u64 };
        Damage { harm, from: stretch[0], to: last(stretch) }
    });
    damage.collect()
}

/// Who did not come along, though it ran.
fn left_out(scenario: &Scenario, history: &History) -> Vec<Damage> {
    if scenario.protocol.decides_once() {
        return unaware(scenario, history);
    }
    if scenario.protocol.rotates() {
        let replicas = (0..).map(ReplicaId).zip(&history.beliefs);
        return replicas
            .flat_map(|(id, beliefs)| stuck(scenario, history, (id, beliefs)))
            .collect();
    }
    parted(scenario, history)
        .into_iter()
        .filter_map(|(from, to)| {
            let astray = |id: &ReplicaId| is_astray(history, *id, (from, to));
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
    let mut stretches = joined(parted, scenario.shortest_election_timeout());
    let calm = scenario.calm();
    stretches.retain(|(from, to)| to.since(*from) >= calm);
    stretches
}

/// True if, for most of the time that it runs and a majority follows a leader, it does not.
fn is_astray(history: &History, id: ReplicaId, (from, to): (Micros, Micros)) -> bool {
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
    without > with
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
            .filter(|(from, to)| to.since(*from) >= scenario.patience())
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
    let (calm, end) = (scenario.calm(), end(scenario, history));
    let passed = |at: Micros| history.epochs.partition_point(|(when, _)| *when <= at);
    let stays = measure::spans(beliefs, end).filter(|((from, belief), to)| {
        belief.is_some() && to.since(*from) >= calm && passed(*to) >= passed(*from) + 2
    });
    let who: ReplicaSet = std::iter::once(id).collect();
    stays.map(|((from, _), to)| Damage { harm: Harm::LeftOut(who), from, to }).collect()
}

/// Who ran and did not get what was committed, for at least the calm time.
fn behind(scenario: &Scenario, history: &History) -> Vec<Damage> {
    let (calm, end) = (scenario.calm(), end(scenario, history));
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

/// What sentences tell of the whole run, counted once.
pub(super) struct Whole {
    service: Service,
    /// See [`open_end`].
    open: String,
}

impl Whole {
    pub(super) fn of(scenario: &Scenario, history: &History) -> Self {
        let (service, open) = (Service::of(scenario, history), open_end(scenario, history));
        Self { service, open }
    }
}

impl Verdict {
    /// What users felt, one sentence.
    pub(super) fn sentence(
        scenario: &Scenario,
        history: &History,
        whole: &Whole,
        worst: Option<&Damage>,
    ) -> String {
        let Some(Damage { harm, from, to }) = worst else {
            return calm_sentence(scenario, whole);
        };
        let (from, to) = (clock_time(*from), clock_time(*to));
        let Whole { service, open } = whole;
        let nobody = if scenario.write_every.is_some() { "Served nobody" } else { "Nobody led" };
        match harm {
            Harm::Broken(property) => format!("A promise broke at {from}: {}.", property.name()),
            Harm::Unserved(Until::End) => format!("{nobody} from {from} on."),
            Harm::Unserved(Until::Itself) => {
                format!("{nobody} from {from} to {to}, then went on by itself.")
            }
            Harm::Unserved(Until::Lifted(action)) => {
                let lifted = lifted(&scenario.acts[*action].1);
                let back = if scenario.write_every.is_some() { "service" } else { "a leader" };
                format!("{nobody} from {from} to {to}; {back} came back after {lifted}.")
            }
            Harm::NeverServed => {
                format!("Served nobody: none of {} writes.", history.writes.len())
            }
            Harm::Unsettled { changes } => {
                let served = service
                    .share()
                    .map_or(String::new(), |share| format!("Served {share} % of writes; the "));
                let the = if served.is_empty() { "The " } else { "" };
                format!("{served}{the}leadership changed {changes} times and did not settle.")
            }
            Harm::LeftOut(who) => {
                format!("{}; {} left out.{open}", kept(scenario), were(*who))
            }
            Harm::Behind(who) => {
                format!("{}; {who} did not catch up.{open}", kept(scenario))
            }
            Harm::Undecided(who) => format!("Not all generals decided: {who} did not."),
        }
    }
}

fn were(who: ReplicaSet) -> String {
    format!("{who} {}", if who.len() == 1 { "was" } else { "were" })
}

fn kept(scenario: &Scenario) -> &'static str {
    if scenario.write_every.is_some() { "Kept serving" } else { "Kept a leader" }
}

/// Of a run in which nothing was bad.
fn calm_sentence(scenario: &Scenario, Whole { service, open }: &Whole) -> String {
    if scenario.protocol.is_generals() {
        return "All generals came to a decision.".to_owned();
    }
    if scenario.protocol.decides_once() {
        return "One value is decided, and all that run know it.".to_owned();
    }
    if scenario.write_every.is_none() {
        return "Judged by its leadership alone, as nobody writes: it kept a leader.".to_owned();
    }
    let Service { tried, served, .. } = *service;
    match (tried, open.is_empty()) {
        (0, false) => format!("Too short to judge.{open}"),
        (_, true) if served == tried => "Kept serving: every write was served.".to_owned(),
        _ => format!("Kept serving: {served} of {tried} writes were served.{open}"),
    }
}

/// Where the run ends while clients wait, and nobody can say yet for how long: a second sentence, after
/// a space. A wait of less than a heartbeat is a write under way.
fn open_end(scenario: &Scenario, history: &History) -> String {
    let end = end(scenario, history);
    let open = measure::waits(scenario, history)
        .pop()
        .filter(|&(from, to)| to == end && to.since(from) > scenario.heartbeat);
    let Some((from, _)) = open.filter(|_| scenario.write_every.is_some()) else {
        return String::new();
    };
    let writes = history.writes.len() - history.writes.partition_point(|write| write.at < from);
    let wait =
        if writes == 1 { "1 write waits".to_owned() } else { format!("{writes} writes wait") };
    let tenths = end.since(from).0 / 100_000;
    format!(" The run ends while {wait}, for {}.{} s.", tenths / 10, tenths % 10)
}

/// What an action that lifts a fault did, as the end of a sentence.
fn lifted(act: &Act) -> String {
    match act {
        Act::Heal { link } => format!("{link} was healed"),
        Act::Ungray { switch } => format!("{switch} was healed"),
        Act::Restore(part) => format!("{part} was restored"),
        Act::Restart(server) => format!("{server} was restarted"),
        Act::Resume(server) => format!("{server} was resumed"),
        Act::Loyal(replica) => format!("{replica} was loyal again"),
        Act::Cut { .. }
        | Act::Gray { .. }
        | Act::Fail(_)
        | Act::Crash(_)
        | Act::Pause(_)
        | Act::Betray { .. }
        | Act::Wipe(_)
        | Act::Transfer(_)
        | Act::Order(_)
        | Act::Elect(_) => panic!("{act} lifts nothing"),
    }
}
