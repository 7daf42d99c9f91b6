//! What users felt, in a sentence or two.

use super::damage::{Damage, Harm, Until};
use super::end;
use super::measure::{Service, needs_a_leader};
use crate::clock::{Micros, clock_time};
use crate::fault::{Act, ReplicaSet};
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
    /// Where the run ends while clients wait: see [`open_end`]. Empty before.
    open: String,
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
        let open =
            if to < end(scenario, history) { String::new() } else { open_end(scenario, history) };
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
) -> String {
    let Some(Damage { harm, from, to }) = worst else {
        return calm(scenario, history, scope);
    };
    let (from, to) = (clock_time(*from), clock_time(*to));
    let writes = !history.writes.is_empty();
    let nobody = if writes { "Served nobody" } else { "Nobody led" };
    let judged = judged(scenario, history);
    match harm {
        Harm::Broken(property) => format!("A promise broke at {from}: {}.", property.name()),
        Harm::Unserved(Until::End) => format!("{nobody} from {from} on.{judged}"),
        Harm::Unserved(Until::Itself) => {
            format!("{nobody} from {from} to {to}, then went on by itself.{judged}")
        }
        Harm::Unserved(Until::Lifted(action)) => {
            let lifted = lifted(&scenario.acts[*action].1);
            let back = if writes { "service" } else { "a leader" };
            format!("{nobody} from {from} to {to}; {back} came back after {lifted}.{judged}")
        }
        Harm::NeverServed => never(&scope.service) + &scope.open,
        Harm::Unsettled { changes, until } => {
            let the = scope
                .service
                .share()
                .map_or("The ".to_owned(), |share| format!("Served {share} % of writes; the "));
            let settled = match until {
                Until::End => "and did not settle".to_owned(),
                Until::Itself => "before it settled".to_owned(),
                Until::Lifted(action) => {
                    format!("and did not settle before {}", lifted(&scenario.acts[*action].1))
                }
            };
            format!("{the}leadership changed {changes} times {settled}.{judged}")
        }
        Harm::LeftOut(_) | Harm::Behind(_) => {
            let kept = kept(scenario, history, scope);
            format!("{kept}; {}.{}{judged}", absent(scenario, scope), scope.open)
        }
        Harm::Undecided(who) => format!("Not all generals decided: {} did not.", who.words()),
    }
}

/// Of a run in which no write was served.
fn never(service: &Service) -> String {
    let Service { tried, late, waiting, .. } = *service;
    let late = match (late, tried) {
        (0, _) => String::new(),
        (late, tried) if late == tried => ", all were committed too late".to_owned(),
        (late, _) => format!(", {late} of them {} committed too late", was(late)),
    };
    match tried {
        0 if waiting > 0 => "Served nobody yet.".to_owned(),
        0 | 1 => "Served nobody: the one write was not served in time.".to_owned(),
        tried => format!("Served nobody: none of {tried} writes was served in time{late}."),
    }
}

/// Who did not come along.
fn absent(scenario: &Scenario, Scope { left_out, behind, .. }: &Scope) -> String {
    let all = left_out.with(*behind);
    if scenario.protocol.decides_once() {
        format!("{} did not learn it in time", all.words())
    } else if left_out.is_empty() {
        format!("{} fell behind", all.words())
    } else {
        format!("{} {} left out", all.words(), was(all.len() as u64))
    }
}

const fn was(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

/// What was kept although somebody did not come along.
fn kept(scenario: &Scenario, history: &History, scope: &Scope) -> String {
    if scenario.protocol.decides_once() {
        return "One value was decided".to_owned();
    }
    if history.writes.is_empty() {
        let leads = needs_a_leader(scenario.protocol);
        return if leads { "Kept a leader" } else { "Nobody was there to be served" }.to_owned();
    }
    served(&scope.service)
}

fn served(service: &Service) -> String {
    let Service { tried, served, .. } = *service;
    match (tried, served) {
        (0, _) => "Nobody wrote in that time".to_owned(),
        _ if served == tried => "Kept serving".to_owned(),
        _ => counted(service),
    }
}

/// "Served 7 of 9 writes"
fn counted(Service { tried, served, .. }: &Service) -> String {
    match (*tried, *served) {
        (1, 0) => "Did not serve the one write".to_owned(),
        (1, _) => "Served the one write".to_owned(),
        (tried, 0) => format!("Served none of {tried} writes"),
        (tried, served) => format!("Served {served} of {tried} writes"),
    }
}

/// That leadership alone could be judged, as a second sentence, where it is so.
fn judged(scenario: &Scenario, history: &History) -> &'static str {
    if !history.writes.is_empty() || !needs_a_leader(scenario.protocol) {
        ""
    } else if scenario.write_every.is_none() {
        " Judged by its leadership alone, as nobody writes."
    } else {
        " Judged by its leadership alone, as no write came."
    }
}

/// Of a run, or an episode, in which nothing was bad.
fn calm(scenario: &Scenario, history: &History, scope: &Scope) -> String {
    if scenario.protocol.is_generals() {
        return generals(scenario, history);
    }
    if scenario.protocol.decides_once() {
        return match (history.commits.is_empty(), history.writes.is_empty()) {
            (false, _) => "One value is decided, and all that run know it.",
            (true, true) => "Nobody proposed a value, so none is decided.",
            (true, false) => "No value is decided yet.",
        }
        .to_owned();
    }
    if history.writes.is_empty() {
        return if needs_a_leader(scenario.protocol) {
            let ever = history.led.iter().any(|(_, leader)| leader.is_some());
            let led = if ever { "It was never long without a leader." } else { "Nobody led yet." };
            format!("{led}{}", judged(scenario, history))
        } else {
            "Nobody writes, so there was nothing to serve; nobody was left out.".to_owned()
        };
    }
    let open = &scope.open;
    let Service { tried, served: of_them, waiting, .. } = scope.service;
    match (tried, of_them == tried, open.is_empty()) {
        (0, _, _) if waiting == 0 => "Nobody wrote in that time.".to_owned(),
        (0, _, _) => format!("It is too early to judge.{open}"),
        (_, true, true) => "Kept serving: every write was served.".to_owned(),
        (_, _, _) => format!("{}.{open}", counted(&scope.service)),
    }
}

/// Of generals of whom nobody is undecided.
fn generals(scenario: &Scenario, history: &History) -> String {
    let end = end(scenario, history);
    let is_ordered = history.epochs.iter().any(|(_, order)| *order > 0);
    let run = |own: &Vec<_>| before(own, Micros(end.0 + 1)).flatten().is_some();
    match (is_ordered, history.beliefs.iter().all(run)) {
        (false, _) => "No order was given.",
        (true, true) => "All generals came to a decision.",
        (true, false) => "All generals that did not stop came to a decision.",
    }
    .to_owned()
}

/// Where the run ends while clients wait, and nobody can say yet for how long: a second sentence, after
/// a space. A wait of less than a heartbeat is a write under way.
fn open_end(scenario: &Scenario, history: &History) -> String {
    let (end, patience) = (end(scenario, history), scenario.patience());
    let decided = scenario.protocol.decides_once() && !history.commits.is_empty();
    let waits = history
        .writes
        .iter()
        .filter(|write| write.committed.is_none() && end < write.at + patience && !decided);
    let Some(first) = waits.clone().next().filter(|first| end.since(first.at) > scenario.heartbeat)
    else {
        return String::new();
    };
    let (wait, longest) = match waits.count() {
        1 => ("1 write waits".to_owned(), ""),
        writes => (format!("{writes} writes wait"), "the longest "),
    };
    let tenths = end.since(first.at).0 / 100_000;
    format!(" The run ends while {wait}, {longest}for {}.{} s.", tenths / 10, tenths % 10)
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
