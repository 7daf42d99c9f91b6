//! What users felt, in a sentence or two: as facts, told in the room `outcome`.

use super::damage::{Damage, Harm, Until};
use super::end;
use super::measure::{Service, needs_a_leader};
use crate::clock::Micros;
use crate::fact::{Arg, Fact, fact};
use crate::fault::{Action, ReplicaSet};
use crate::history::{History, before};
use crate::scenario::Scenario;

/// What a sentence tells of a run, or of an episode.
pub(super) struct Scope {
    /// Of the writes tried in it.
    service: Service,
    /// Who was left out in it.
    left_out: ReplicaSet,
    /// Who ran in it and did not get what was committed.
    behind: ReplicaSet,
    /// Where the run ends while clients wait: see [`open_end`]. None before.
    open: Option<Fact>,
}

impl Scope {
    /// Of an episode.
    pub(super) fn of(
        scenario: &Scenario,
        history: &History,
        damage: &[Damage],
        (from, to): (Micros, Micros),
    ) -> Self {
        let service = Service::within(scenario, history, (from, to));
        let is_over = to >= end(scenario, history);
        let open = is_over.then(|| open_end(scenario, history)).flatten();
        let nobody = ReplicaSet::NOBODY;
        let mut scope = Self { service, left_out: nobody, behind: nobody, open };
        for one in damage.iter().filter(|one| from <= one.from && one.from <= to) {
            match one.harm {
                Harm::LeftOut(who) => scope.left_out = scope.left_out.with(who),
                Harm::Behind(who) => scope.behind = scope.behind.with(who),
                Harm::Broken(_)
                | Harm::Unserved(_)
                | Harm::NeverServed
                | Harm::Unsettled { .. }
                | Harm::Undecided(_) => {}
            }
        }
        scope
    }

    /// Of the run: its writes are all writes.
    pub(super) fn widened(self, scenario: &Scenario, history: &History) -> Self {
        let service = Service::of(scenario, history);
        Self { service, open: open_end(scenario, history), ..self }
    }
}

/// What users felt, of the worst damage.
pub(super) fn sentence(
    scenario: &Scenario,
    history: &History,
    scope: &Scope,
    worst: Option<&Damage>,
) -> Fact {
    let Some(Damage { harm, from, to }) = worst else {
        return calm(scenario, history, scope);
    };
    let (from, to) = (from.0, to.0);
    let judged = judged(scenario, history);
    let nobody = |kind| {
        let by = if history.writes.is_empty() { "leader" } else { "writes" };
        Fact::plain(kind).with("by", by).with("from", from)
    };
    match harm {
        Harm::Broken(property) => {
            fact!("broken", at = from, property = property.name())
        }
        Harm::Unserved(Until::End) => nobody("unserved").also(judged),
        Harm::Unserved(Until::Itself) => nobody("unserved-a-while").with("to", to).also(judged),
        Harm::Unserved(Until::Lifted(action)) => {
            // How long after, to the millisecond as it is said: what was lifted last need not be
            // what it waited for.
            let (at, act) = &scenario.actions[*action];
            let after = (to - at.0) / 1_000 * 1_000;
            let unserved = nobody("unserved-until").with("to", to).with("after", after);
            unserved.with("action", lifted(act)).also(judged)
        }
        Harm::NeverServed => never(&scope.service).also(scope.open.clone()),
        Harm::Unsettled { changes, until } => {
            let unsettled = |kind| {
                let share = scope.service.share().map_or_else(|| "none".into(), Arg::from);
                Fact::plain(kind).with("share", share).with("changes", *changes)
            };
            let fact = match until {
                Until::End => unsettled("unsettled"),
                Until::Itself => unsettled("unsettled-a-while"),
                Until::Lifted(action) => unsettled("unsettled-until")
                    .with("action", lifted(&scenario.actions[*action].1)),
            };
            fact.also(judged)
        }
        Harm::LeftOut(_) | Harm::Behind(_) => {
            let absent = absent(scenario, scope).with("kept", kept(scenario, history, scope));
            absent.also(scope.open.clone()).also(judged)
        }
        Harm::Undecided(who) => fact!("undecided", who = who.names()),
    }
}

/// Of a run in which no write was served.
fn never(service: &Service) -> Fact {
    let Service { tried, late, waiting, .. } = *service;
    match tried {
        0 if waiting > 0 => "never-yet".into(),
        0 | 1 => "never-one".into(),
        tried => {
            let kind = if late == tried { "never-but-late" } else { "never" };
            Fact::plain(kind).with("tried", tried).with("late", late)
        }
    }
}

/// Who did not come along.
fn absent(scenario: &Scenario, Scope { left_out, behind, .. }: &Scope) -> Fact {
    let kind = if scenario.group().protocol.decides_once() {
        "unlearnt"
    } else if left_out.is_empty() {
        "behind"
    } else {
        "left-out"
    };
    Fact::plain(kind).with("who", left_out.with(*behind).names())
}

/// What was kept although somebody did not come along.
fn kept(scenario: &Scenario, history: &History, scope: &Scope) -> Fact {
    let Service { tried, served, .. } = scope.service;
    if scenario.group().protocol.decides_once() {
        "value".into()
    } else if history.writes.is_empty() {
        if needs_a_leader(scenario.group().protocol) { "leader" } else { "nobody" }.into()
    } else if tried == 0 {
        "no-writes".into()
    } else if served == tried {
        "serving".into()
    } else {
        counted(&scope.service)
    }
}

/// "Served 7 of 9 writes"
fn counted(Service { tried, served, .. }: &Service) -> Fact {
    fact!("served", served = *served, tried = *tried)
}

/// That leadership alone could be judged, as a second sentence, where it is so.
fn judged(scenario: &Scenario, history: &History) -> Option<Fact> {
    if !history.writes.is_empty() || !needs_a_leader(scenario.group().protocol) {
        None
    } else if !scenario.group().is_written() {
        Some("judged-as-nobody-writes".into())
    } else {
        Some("judged-as-no-write-came".into())
    }
}

/// Of a run, or an episode, in which nothing was bad.
fn calm(scenario: &Scenario, history: &History, scope: &Scope) -> Fact {
    if scenario.group().protocol.is_generals() {
        return generals(scenario, history);
    }
    if scenario.group().protocol.decides_once() {
        return match (history.commits.is_empty(), history.writes.is_empty()) {
            (false, _) => "value-decided",
            (true, true) => "value-not-proposed",
            (true, false) => "value-not-decided",
        }
        .into();
    }
    if history.writes.is_empty() {
        return if needs_a_leader(scenario.group().protocol) {
            let ever = history.led.iter().any(|(_, leader)| leader.is_some());
            Fact::plain(if ever { "led" } else { "not-led" }).also(judged(scenario, history))
        } else {
            "nothing-to-serve".into()
        };
    }
    let Service { tried, served, waiting, .. } = scope.service;
    match (tried, served == tried, &scope.open) {
        (0, _, _) if waiting == 0 => "no-writes".into(),
        (0, _, open) => Fact::plain("early").also(open.clone()),
        (_, true, None) => "all-served".into(),
        (_, _, open) => fact!("counted", kept = counted(&scope.service)).also(open.clone()),
    }
}

/// Of generals of whom nobody is undecided.
fn generals(scenario: &Scenario, history: &History) -> Fact {
    let end = end(scenario, history);
    let is_ordered = history.epochs.iter().any(|(_, order)| *order > 0);
    let run = |own: &Vec<_>| before(own, Micros(end.0 + 1)).flatten().is_some();
    match (is_ordered, history.beliefs.iter().all(run)) {
        (false, _) => "not-ordered",
        (true, true) => "all-decided",
        (true, false) => "all-running-decided",
    }
    .into()
}

/// Where the run ends while clients wait, and nobody can say yet for how long: a second sentence. A
/// wait of less than a heartbeat is a write under way.
fn open_end(scenario: &Scenario, history: &History) -> Option<Fact> {
    let (end, patience) = (end(scenario, history), scenario.group().patience());
    let decided = scenario.group().protocol.decides_once() && !history.commits.is_empty();
    let waits = history
        .writes
        .iter()
        .filter(|write| write.committed.is_none() && end < write.at + patience && !decided);
    let first =
        waits.clone().next().filter(|first| end.since(first.at) > scenario.group().heartbeat)?;
    Some(fact!("open", writes = waits.count(), longest = end.since(first.at).0))
}

/// What an action that lifts a fault did.
fn lifted(act: &Action) -> Fact {
    assert!(act.lifts(), "{act} lifts nothing");
    Fact::plain(act.row().name).with("what", act.object().to_string())
}
