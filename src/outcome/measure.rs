//! What was counted in a run, or in a stretch of one.

use serde::Serialize;

use super::end;
use crate::clock::Micros;
use crate::fault::Action;
use crate::history::{History, Write};
use crate::protocol::Protocol;
use crate::scenario::Scenario;

/// A stretch of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// From.
    pub from: Micros,
    /// To.
    pub to: Micros,
}

/// What was counted in a stretch of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Measures {
    /// A replica became leader in a new epoch, the same replica again included.
    pub leader_changes: u64,
    /// How many newer epochs began.
    pub epochs: u64,
    /// Writes that clients tried.
    pub writes_tried: u64,
    /// Of these, how many were committed in the stretch.
    pub writes_committed: u64,
    /// Reads that clients asked for.
    pub reads_tried: u64,
    /// Of these, how many were answered in the stretch.
    pub reads_answered: u64,
    /// Of these, how many missed a write that was known committed when they were asked.
    pub reads_stale: u64,
    /// The longest time without a commit, from the first write tried on; 0 if none was.
    pub longest_stall_us: u64,
    /// Time during which those that run did not all follow one leader.
    pub parted_us: u64,
}

impl Window {
    /// The whole run.
    pub const fn whole(scenario: &Scenario) -> Self {
        Self { from: Micros::ZERO, to: scenario.until }
    }

    /// From the moment the last fault takes hold until the first one is lifted after it, or the end
    /// of the run. Without a fault it is the whole run.
    pub fn of_faults(scenario: &Scenario) -> Self {
        let actions: &[(Micros, Action)] = &scenario.actions;
        let Some(last) =
            actions.iter().rposition(|(_, act)| act.inflicts().is_some() && !act.is_open())
        else {
            return Self::whole(scenario);
        };
        let lifted = actions[last..].iter().find(|(_, act)| act.lifts() && !act.is_open());
        Self { from: actions[last].0, to: lifted.map_or(scenario.until, |(at, _)| *at) }
    }

    /// What of it is known: a run that comes to a bound ends there.
    #[must_use]
    pub fn within(self, history: &History) -> Self {
        let end = history.exhausted.map_or(Micros::NEVER, |exhausted| exhausted.at);
        Self { from: self.from.min(end), to: self.to.min(end) }
    }

    fn holds(self, at: Micros) -> bool {
        self.from <= at && at < self.to
    }

    /// Counts what happened in it.
    pub fn measure(self, history: &History) -> Measures {
        self.within(history).count(history)
    }

    /// The same, as it is to be told: where one value is decided, nobody waits for more after it.
    pub fn told(self, scenario: &Scenario, history: &History) -> Measures {
        let measures = self.measure(history);
        let Some(&decided) =
            history.commits.first().filter(|_| scenario.group().protocol.decides_once())
        else {
            return measures;
        };
        let waited = Self { to: self.to.min(decided).max(self.from), ..self }.measure(history);
        let writes_committed = if decided < self.to { waited.writes_tried } else { 0 };
        Measures {
            writes_tried: waited.writes_tried,
            writes_committed,
            longest_stall_us: waited.longest_stall_us,
            ..measures
        }
    }

    fn count(self, history: &History) -> Measures {
        let tried = history.writes.iter().filter(|write| self.holds(write.at));
        let committed = |at: Option<Micros>| at.is_some_and(|at| self.holds(at));
        let [reads_tried, reads_answered, reads_stale] = self.reads(history);
        Measures {
            leader_changes: count(history.elections.iter().filter(|won| self.holds(won.at))),
            epochs: count(
                history.epochs.iter().filter(|(at, _)| self.from < *at && *at <= self.to),
            ),
            writes_tried: count(tried.clone()),
            writes_committed: count(tried.filter(|write| committed(write.committed))),
            reads_tried,
            reads_answered,
            reads_stale,
            longest_stall_us: self.longest_stall(history).0,
            parted_us: self.parted(history).0,
        }
    }

    /// Reads tried, answered and stale.
    fn reads(self, history: &History) -> [u64; 3] {
        let tried = history.reads.iter().filter(|read| self.holds(read.at));
        let answered =
            tried.clone().filter(|read| read.answered.is_some_and(|(at, _)| self.holds(at)));
        let stale = answered.clone().filter(|read| read.stale);
        [count(tried), count(answered), count(stale)]
    }

    fn longest_stall(self, history: &History) -> Micros {
        let Some(first) = history.writes.iter().find(|write| self.holds(write.at)) else {
            return Micros::ZERO;
        };
        let mut last = first.at;
        let mut longest = Micros::ZERO;
        let within = history.commits.iter().filter(|&&at| self.holds(at));
        for &at in within.chain(std::iter::once(&self.to)) {
            longest = longest.max(at.since(last));
            last = at;
        }
        longest
    }

    fn parted(self, history: &History) -> Micros {
        let ends = history.parted.iter().skip(1).map(|(at, _)| *at);
        let spans = history.parted.iter().zip(ends.chain(std::iter::once(Micros::NEVER)));
        let parted = spans.filter(|((_, parted), _)| *parted);
        let overlaps = parted.map(|((from, _), to)| to.min(self.to).since((*from).max(self.from)));
        overlaps.fold(Micros::ZERO, |sum, span| sum + span)
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    items.fold(0, |count, _| count + 1)
}

/// What became of clients' writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Those of which it is known what became of them.
    pub tried: u64,
    /// Committed within the client's patience.
    pub served: u64,
    /// Committed after it.
    pub late: u64,
    /// Not committed when the client's patience was over, nor later.
    pub lost: u64,
    /// Not counted in `tried`: their clients were still waiting when the run ended.
    pub waiting: u64,
}

impl Service {
    /// Of the whole run.
    pub fn of(scenario: &Scenario, history: &History) -> Self {
        Self::within(scenario, history, (Micros::ZERO, Micros::NEVER))
    }

    /// Of the writes that were tried in that time. Where one value is decided, whoever comes later
    /// waits for nothing, and whoever came before waits for the decision.
    pub(super) fn within(
        scenario: &Scenario,
        history: &History,
        (from, to): (Micros, Micros),
    ) -> Self {
        let (patience, end) = (scenario.group().patience(), end(scenario, history));
        let decided = history.commits.first().filter(|_| scenario.group().protocol.decides_once());
        let mut service = Self::default();
        let writes = history.writes.iter().filter(|write| from <= write.at && write.at <= to);
        for write in writes.take_while(|write| decided.is_none_or(|at| write.at < *at)) {
            match decided.copied().or(write.committed) {
                Some(at) if at <= write.at + patience => service.served += 1,
                Some(_) => service.late += 1,
                None if end < write.at + patience => service.waiting += 1,
                None => service.lost += 1,
            }
        }
        service.tried = service.served + service.late + service.lost;
        service
    }

    /// How many per cent of the writes were served, rounded down: 100 is all of them.
    pub fn share(self) -> Option<u64> {
        (100 * self.served).checked_div(self.tried)
    }
}

/// A time in which somebody waited for service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    /// Since when.
    pub(super) from: Micros,
    /// Until when.
    pub(super) to: Micros,
    /// True if it was one client alone, which gave up: of others nothing is known.
    pub(super) is_lone: bool,
}

/// When somebody waited for service: from the first write that was tried after one was served to the
/// next that is served. Where nobody writes, from when to when no majority followed a leader.
pub(super) fn waits(scenario: &Scenario, history: &History) -> Vec<Wait> {
    let end = end(scenario, history);
    if history.writes.is_empty() {
        let spans = spans(&history.led, end).filter(|((_, led), _)| led.is_none());
        let waits = spans.map(|((from, _), to)| Wait { from, to, is_lone: false });
        return if needs_a_leader(scenario.group().protocol) {
            waits.collect()
        } else {
            Vec::new()
        };
    }
    let served = served(scenario, history);
    let mut waits = Vec::new();
    let mut writes = &history.writes[..];
    while let [first, ..] = writes {
        let next = served.get(served.partition_point(|at| *at < first.at));
        let to = next.map_or(end, |at| *at);
        let (waiting, later) = writes.split_at(writes.partition_point(|write| write.at < to));
        // Who is patient still may yet be served.
        let gave_up = |write: &&Write| {
            !is_served(scenario, write)
                && (write.committed.is_some() || write.at + scenario.group().patience() <= end)
        };
        let is_lone = !is_served(scenario, first) && waiting.iter().filter(gave_up).count() < 2;
        if !waiting.is_empty() {
            let gives_up =
                if is_lone { first.at + scenario.group().patience() } else { Micros::NEVER };
            waits.push(Wait { from: first.at, to: to.min(gives_up), is_lone });
        }
        if scenario.group().protocol.decides_once() {
            break;
        }
        // A write that is committed at once waits for nothing.
        writes = if waiting.is_empty() { &writes[1..] } else { later };
    }
    waits
}

/// False where nobody leads for good, and where nobody misses a leader as long as nobody writes: a
/// backup of PBFT starts its timer when it receives a request (section 4.4).
pub(super) const fn needs_a_leader(protocol: Protocol) -> bool {
    !protocol.rotates() && !protocol.decides_once() && !matches!(protocol, Protocol::Pbft)
}

fn is_served(scenario: &Scenario, write: &Write) -> bool {
    write.committed.is_some_and(|at| at <= write.at + scenario.group().patience())
}

/// When writes were committed that were served, in order; commits are nearly in order of the writes.
fn served(scenario: &Scenario, history: &History) -> Vec<Micros> {
    if scenario.group().protocol.decides_once() {
        return history.commits.clone();
    }
    let mut served: Vec<Micros> = Vec::new();
    for write in history.writes.iter().filter(|write| is_served(scenario, write)) {
        if let Some(at) = write.committed {
            let place = served.partition_point(|before| *before <= at);
            served.insert(place, at);
        }
    }
    served
}

/// The longest of them.
pub fn longest_wait(scenario: &Scenario, history: &History) -> Micros {
    let waits = waits(scenario, history).into_iter();
    waits.map(|wait| wait.to.since(wait.from)).fold(Micros::ZERO, Micros::max)
}

/// Each value of a list of (from then on, value), with until when it holds.
pub(super) fn spans<T: Copy>(
    list: &[(Micros, T)],
    end: Micros,
) -> impl Iterator<Item = ((Micros, T), Micros)> {
    let ends = list.iter().skip(1).map(|(at, _)| *at).chain(std::iter::once(end));
    list.iter().copied().zip(ends)
}
