//! What came of a fault, from when it took hold until the next action: for each replica, and for
//! clients.
//!
//! All of it is read from the record of the run, and judged as [`outcome`] judges: a
//! write is served within its client's patience or not, and a replica is left out when it does not
//! come along for the calm time. Of a fault that cannot matter it is also known why: see [`Idle`].

mod idle;

use crate::check::Violation;
use crate::clock::Micros;
use crate::fault::{Action, ReplicaId, ReplicaSet};
use crate::history::{History, before};
use crate::outcome::{self, Harm};
use crate::protocol::Belief;
use crate::scenario::Scenario;

pub(crate) use idle::Idle;

/// What came of one fault.
#[derive(Clone, Debug)]
pub struct Aftermath {
    /// Its number among the scenario's actions.
    pub fault: usize,
    /// When it took hold.
    pub from: Micros,
    /// When something else was done, or the run ends.
    pub to: Micros,
    /// If it cannot matter, why.
    pub idle: Option<Idle>,
    /// Whom all that ran followed when it took hold, if it was one.
    pub leader: Option<ReplicaId>,
    /// True if all ran when it took hold.
    pub all_ran: bool,
    /// The first change of mind of each replica that changed its mind, in order of time.
    pub changes: Vec<Change>,
    /// Those that it stops for a while.
    pub paused: ReplicaSet,
    /// Those that it makes forget.
    pub wiped: ReplicaSet,
    /// Who does not come along any more, and since when.
    pub left_out: Vec<(Micros, ReplicaSet)>,
    /// Who runs and for the longest election timeout does not get what is committed, and since when.
    pub behind: Vec<(Micros, ReplicaSet)>,
    /// The first property that broke.
    pub broken: Option<Violation>,
    /// True if nothing came of it: nobody changed its mind, was left out or fell behind, every write
    /// was served, and no client waits for longer than a write is under way.
    pub is_nothing: bool,
    /// True if no election timeout had to end before something else was done, or the run ended: then
    /// nobody had the time to notice.
    pub is_short: bool,
}

/// A replica's first change of leader or role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Micros,
    /// Who.
    pub who: ReplicaId,
    /// What it believed; `None` if it did not run.
    pub before: Option<Belief>,
    /// What it believes then.
    pub after: Option<Belief>,
}

/// What became, by some moment, of the writes that were under way when the fault took hold, or came
/// later. Whoever had waited for an election timeout by then waited for something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    /// Committed within the client's patience.
    pub served: u64,
    /// Committed later, or not at all though the patience is over.
    pub unserved: u64,
    /// If clients wait and nothing has been committed since they do: for how long.
    pub waiting: Option<Micros>,
    /// Neither of these, though later ones were served: their clients are patient still, and have
    /// waited for longer than a write is under way.
    pub stranded: u64,
}

impl Aftermath {
    /// Of the latest fault by `at`; `None` before the first, and as long as the run is not known up
    /// to what was done next.
    pub fn latest(
        scenario: &Scenario,
        history: &History,
        (at, known): (Micros, Micros),
    ) -> Option<Self> {
        let fault = Self::fault_by(scenario, at)?;
        let from = scenario.actions[fault].0;
        let to = next_action(scenario, fault).min(outcome::end(scenario, history));
        if known < to {
            return None;
        }
        let beliefs = history.beliefs.iter().map(|own| before(own, from).flatten());
        let running: Vec<Belief> = beliefs.flatten().collect();
        let first = running.first().and_then(|belief| belief.leader);
        let broken = history.violations.iter().find(|one| from <= one.at && one.at <= to);
        let actions = scenario.actions.iter().filter(|(when, _)| *when == from).map(|(_, act)| act);
        let hit = |matching: fn(&Action) -> bool| {
            let hit = actions.clone().filter(|act| matching(act));
            hit.fold(ReplicaSet::NOBODY, |all, act| all.with(on(scenario, act)))
        };
        let aftermath = Self {
            fault,
            from,
            to,
            idle: idle::why(scenario, from, before(&history.led, from).flatten()),
            leader: first.filter(|_| running.iter().all(|belief| belief.leader == first)),
            all_ran: running.len() == history.beliefs.len(),
            changes: changes(scenario, history, (from, to)),
            paused: hit(|act| matches!(act, Action::Pause(_))),
            wiped: hit(|act| matches!(act, Action::Wipe(_))),
            left_out: left_out(scenario, history, (from, to)),
            behind: behind(scenario, history, (from, to)),
            is_short: to.since(from) < scenario.group().longest_election_timeout(),
            broken: broken.cloned(),
            is_nothing: false,
        };
        let is_nothing = aftermath.came_to_nothing(scenario, history);
        Some(Self { is_nothing, ..aftermath })
    }

    /// The number of the latest fault by `at`.
    pub fn fault_by(scenario: &Scenario, at: Micros) -> Option<usize> {
        let known = &scenario.actions[..scenario.actions.partition_point(|(when, _)| *when <= at)];
        // What would have been done to a leader is told, too.
        known.iter().rposition(|(_, act)| act.inflicts().is_some() || act.is_open() && !act.lifts())
    }

    fn came_to_nothing(&self, scenario: &Scenario, history: &History) -> bool {
        let Clients { unserved, waiting, stranded, served: _ } =
            self.clients(scenario, history, self.to);
        self.changes.is_empty()
            && self.paused.is_empty()
            && self.wiped.is_empty()
            && self.left_out.is_empty()
            && self.behind.is_empty()
            && self.broken.is_none()
            && unserved == 0
            && stranded == 0
            && waiting.is_none_or(|wait| wait <= scenario.group().heartbeat)
    }

    /// What became of writes by `at`, or by the next action.
    pub fn clients(&self, scenario: &Scenario, history: &History, at: Micros) -> Clients {
        let (by, patience) = (at.min(self.to), scenario.group().patience());
        let under_way = scenario.group().shortest_election_timeout();
        let mut clients = Clients::default();
        let commits = history.commits.partition_point(|commit| *commit <= by);
        if scenario.group().protocol.decides_once() && commits > 0 {
            return clients;
        }
        let last = commits.checked_sub(1).map_or(Micros::ZERO, |last| history.commits[last]);
        let first = history.writes.partition_point(|write| write.at + under_way < self.from);
        for write in history.writes[first..].iter().take_while(|write| write.at < by) {
            match write.committed.filter(|committed| *committed <= by) {
                Some(committed) if committed < self.from => {}
                Some(committed) if committed <= write.at + patience => clients.served += 1,
                Some(_) => clients.unserved += 1,
                None if write.at + patience <= by => clients.unserved += 1,
                None if write.at < last && by.since(write.at) > scenario.group().heartbeat => {
                    clients.stranded += 1;
                }
                None => {}
            }
        }
        let waits = history.writes.partition_point(|write| write.at < last);
        let waits = history.writes[waits..].iter().take_while(|write| write.at < by);
        let mut waits = waits.filter(|write| write.committed.is_none_or(|at| at > by));
        clients.waiting = waits.next().map(|write| by.since(write.at));
        clients
    }
}

/// When the next action after a fault, and after what was done at the same time, is.
fn next_action(scenario: &Scenario, fault: usize) -> Micros {
    let from = scenario.actions[fault].0;
    let next = scenario.actions[fault..].iter().map(|(when, _)| *when).find(|when| *when > from);
    next.unwrap_or(scenario.until)
}

/// The replicas on the server of an action that stops or wipes one.
fn on(scenario: &Scenario, act: &Action) -> ReplicaSet {
    let (Action::Pause(server) | Action::Wipe(server)) = act else { return ReplicaSet::NOBODY };
    let members = (0..).map(ReplicaId).zip(&scenario.group().members);
    members.filter(|(_, member)| *member == server).map(|(id, _)| id).collect()
}

/// Where leadership goes round by design, a change of leader is no change of mind.
fn changes(scenario: &Scenario, history: &History, (from, to): (Micros, Micros)) -> Vec<Change> {
    let rotates = scenario.group().protocol.rotates();
    let mind =
        |belief: Option<Belief>| belief.map(|own| (!rotates).then_some((own.role, own.leader)));
    let changes = history.beliefs.iter().zip(0..).filter_map(|(beliefs, id)| {
        // At the start of a run the first belief is what a replica comes with, and no change.
        let start = beliefs.partition_point(|(at, _)| *at < from).max(1).min(beliefs.len());
        let known = start.checked_sub(1).and_then(|last| beliefs[last].1);
        let within = beliefs[start..].iter().take_while(|(at, _)| *at < to);
        let (at, after) = within.copied().find(|(_, belief)| mind(*belief) != mind(known))?;
        Some(Change { at, who: ReplicaId(id), before: known, after })
    });
    in_order(changes, |change| change.at)
}

/// Who was left out for the calm time in that stretch, and had not been for as long before it.
fn left_out(
    scenario: &Scenario,
    history: &History,
    (from, to): (Micros, Micros),
) -> Vec<(Micros, ReplicaSet)> {
    let calm = scenario.group().calm();
    let left_out = outcome::damage(scenario, history).into_iter().filter_map(|one| {
        let is_new = from.since(one.from) < calm;
        let is_long = one.to > from && one.to.min(to).since(one.from) >= calm;
        match one.harm {
            Harm::LeftOut(who) | Harm::Behind(who) => {
                (is_new && is_long).then_some((one.from, who))
            }
            Harm::Broken(_)
            | Harm::Unserved(_)
            | Harm::NeverServed
            | Harm::Unsettled { .. }
            | Harm::Undecided(_) => None,
        }
    });
    in_order(left_out, |one| *one)
}

/// Who fell behind in that stretch for the longest election timeout, and was not behind for as long
/// before it.
fn behind(
    scenario: &Scenario,
    history: &History,
    (from, to): (Micros, Micros),
) -> Vec<(Micros, ReplicaSet)> {
    let long = scenario.group().longest_election_timeout();
    let lags = history.lags.iter().copied().chain(history.lagging(to.max(from)));
    let lags = lags.filter_map(|lag| {
        let is_new = lag.to > from && from.since(lag.from) < long;
        let is_long = lag.to.min(to).since(lag.from.max(from)) >= long;
        let who: ReplicaSet = std::iter::once(lag.replica).collect();
        (is_new && is_long).then_some((lag.from.max(from), who))
    });
    in_order(lags, |one| *one)
}

/// Few, or nearly in order: so the standard library's sort, which is thousands of bytes for each kind,
/// is not worth its code.
fn in_order<T, K: Ord>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut sorted: Vec<T> = Vec::new();
    for item in items {
        let place = sorted.partition_point(|before| key(before) <= key(&item));
        sorted.insert(place, item);
    }
    sorted
}
