//! How a run came out: what was measured, and the one word for it.

use serde::Serialize;

use crate::clock::Micros;
use crate::fault::Act;
use crate::history::{History, before};
use crate::protocol::{Belief, Role};
use crate::scenario::Scenario;

/// The one word; the first that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A safety property broke, anywhere in the run.
    Unsafe,
    /// Writes were tried and none committed in the window's last five longest election timeouts.
    Stalled,
    /// Two or more leader changes in the window's second half.
    Flapping,
    /// Commits go on, but at the window's end a live replica follows another leader or none.
    Parted,
    /// None of these.
    Stable,
}

impl Outcome {
    /// As the command line and the page write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unsafe => "unsafe",
            Self::Stalled => "stalled",
            Self::Flapping => "flapping",
            Self::Parted => "parted",
            Self::Stable => "stable",
        }
    }
}

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
        let acts: &[(Micros, Act)] = &scenario.acts;
        let Some(last) = acts.iter().rposition(|(_, act)| act.inflicts().is_some()) else {
            return Self::whole(scenario);
        };
        let lifted = acts[last..].iter().find(|(_, act)| act.lifts());
        Self { from: acts[last].0, to: lifted.map_or(scenario.until, |(at, _)| *at) }
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

    /// The one word for what happened in it.
    pub fn judge(self, scenario: &Scenario, history: &History) -> Outcome {
        self.within(history).word(scenario, history)
    }

    fn word(self, scenario: &Scenario, history: &History) -> Outcome {
        let five = Micros(5 * scenario.longest_election_timeout().0);
        let late = Self { from: self.from.max(self.to.since(five).max(self.from)), to: self.to };
        let tried = history.writes.iter().any(|write| late.holds(write.at));
        let committed = history.commits.iter().any(|&at| late.holds(at));
        let protocol = scenario.protocol;
        let half = Self { from: Micros(self.from.0.midpoint(self.to.0)), to: self.to };
        let changes = history.elections.iter().filter(|won| half.holds(won.at)).count();
        let parted = || before(&history.parted, self.to).unwrap_or(true);
        if !history.violations.is_empty() {
            Outcome::Unsafe
        } else if protocol.is_generals() {
            let last = before(&history.epochs, self.to).unwrap_or(0);
            let done = |belief: Belief| belief.role != Role::Candidate && belief.epoch == last;
            if self.all(history, done) { Outcome::Stable } else { Outcome::Stalled }
        } else if protocol.decides_once() {
            match (history.commits.is_empty(), changes) {
                (true, 2..) => Outcome::Flapping,
                (true, _) => Outcome::Stalled,
                (false, _) if self.all(history, |belief| belief.value.is_some()) => Outcome::Stable,
                (false, _) => Outcome::Parted,
            }
        } else if tried && !committed {
            Outcome::Stalled
        } else if protocol.rotates() {
            if late.keep_up(history) { Outcome::Stable } else { Outcome::Parted }
        } else if changes >= 2 {
            Outcome::Flapping
        } else if parted() {
            Outcome::Parted
        } else {
            Outcome::Stable
        }
    }

    /// True if that holds for what everyone who runs believes at its end.
    fn all(self, history: &History, holds: impl Fn(Belief) -> bool) -> bool {
        let at_end = |beliefs: &Vec<(Micros, Option<Belief>)>| before(beliefs, self.to).flatten();
        history.beliefs.iter().filter_map(at_end).all(holds)
    }

    /// Where leadership goes round, beliefs part for a moment at every turn. What tells is that all
    /// who run come along: each has been in a new epoch within the stretch, if anyone has.
    fn keep_up(self, history: &History) -> bool {
        let runs =
            history.beliefs.iter().filter(|beliefs| before(beliefs, self.to).flatten().is_some());
        let moved = |beliefs: &&Vec<(Micros, Option<Belief>)>| {
            beliefs.iter().any(|(at, _)| self.holds(*at))
        };
        let count = runs.clone().filter(moved).count();
        count == 0 || count == runs.count()
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    items.fold(0, |count, _| count + 1)
}
