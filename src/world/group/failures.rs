//! Which generals, and which lines between them, have failed while it could matter: what Lamport,
//! Shostak & Pease (1982) count against m. Kept for generals alone.
//!
//! Section 6 on A1: "For the oral message algorithms OM(m) and OM(m, p), the failure of the
//! communication line joining two processors is indistinguishable from the failure of one of the
//! processors. Hence, we can only guarantee that these algorithms will work in the presence of up
//! to m failures, be they processor or communication line failures. (Of course, the failure of
//! several communication lines attached to the same processor is equivalent to a single processor
//! failure.)"
//!
//! And: "our signed message algorithm SM(m) is insensitive to communication line failure. More
//! precisely, Theorem 4 remains valid even with communication line failure. A failed communication
//! line has the same effect as simply removing the communication line". Theorem 4: "For any m and
//! d, if there are at most m traitors and the subgraph of loyal generals has diameter d, then
//! Algorithm SM(m + d - 1) [...] solves the Byzantine Generals Problem." So lines do matter to SM
//! once the loyal are further apart than what m leaves room for.

use super::Group;
use crate::clock::Micros;
use crate::fault::{ReplicaId, ReplicaSet};
use crate::network::Route;
use crate::protocol::generals::{Mode, withstands};
use crate::protocol::{Replica, Timer};

/// The commander sends and is sent nothing: lines that lead to him carry no message.
const COMMANDER: ReplicaId = ReplicaId(0);

/// Who and what failed, and what the generals are set up for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    mode: Option<Mode>,
    /// The m of OM(m) and SM(m).
    m: u8,
    /// Those who lie.
    pub traitors: ReplicaSet,
    /// Those who do not run, stand still, or do not keep the others' time.
    pub stopped: ReplicaSet,
    /// By sender: to whom something that it sends may be lost.
    lines: Vec<ReplicaSet>,
}

impl Failures {
    /// Nothing has failed.
    pub(super) fn none(mode: Option<Mode>, m: u8, generals: u8) -> Self {
        let lines = vec![ReplicaSet::NOBODY; mode.map_or(0, |_| usize::from(generals))];
        Self { mode, m, lines, ..Self::default() }
    }

    fn generals(&self) -> u8 {
        u8::try_from(self.lines.len()).expect("bounded by Bounds::GENERALS")
    }

    fn ids(&self) -> impl Iterator<Item = ReplicaId> + use<> {
        (0..self.generals()).map(ReplicaId)
    }

    /// Those who do not do what the algorithm says: the paper's traitors.
    pub fn faulty(&self) -> ReplicaSet {
        ReplicaSet(self.traitors.0 | self.stopped.0)
    }

    /// The failed lines between two who are not faulty themselves.
    pub fn lines(&self) -> impl Iterator<Item = (ReplicaId, ReplicaId)> {
        let faulty = self.faulty();
        let failed = self.ids().zip(&self.lines).filter(move |(from, _)| !faulty.contains(*from));
        failed.flat_map(move |(from, to)| {
            to.iter().filter(move |to| !faulty.contains(*to)).map(move |to| (from, to))
        })
    }

    /// How many failed, be they generals or lines (OM): the fewest generals whose failure explains
    /// everything, a failed line as the failure of the general at either end.
    pub fn fewest(&self) -> u8 {
        self.explanations().map(ReplicaSet::len).min().unwrap_or(0)
    }

    /// The sets of generals whose failure would explain everything.
    fn explanations(&self) -> impl Iterator<Item = ReplicaSet> {
        let (faulty, lines) = (self.faulty().0, self.lines().collect::<Vec<_>>());
        let explains = move |set: &ReplicaSet| {
            set.0 & faulty == faulty
                && lines.iter().all(|&(from, to)| set.contains(from) || set.contains(to))
        };
        (0..1 << self.lines.len()).map(ReplicaSet).filter(explains)
    }

    /// How many may fail.
    pub fn withstood(&self) -> u8 {
        self.mode.map_or(0, |mode| withstands(mode, self.generals(), self.m))
    }

    /// The first two loyal generals who are too far apart for SM(m) (theorem 4), and how far: each
    /// step leads along a line that works to a general who is loyal.
    ///
    /// Under a loyal commander his orders must get to every lieutenant, by a path "of length at
    /// most m + d" in SM(m + d - 1) (the second property below theorem 4). Under a traitor all
    /// lieutenants must hear from each other: t + d - 1 <= m with t traitors.
    pub fn apart(&self) -> Option<(ReplicaId, ReplicaId, Option<u8>)> {
        let faulty = self.faulty();
        let (from, most) = if faulty.contains(COMMANDER) {
            let loyal = self.ids().filter(|&id| !faulty.contains(id)).collect::<Vec<_>>();
            (loyal, (self.m + 1).saturating_sub(faulty.len()))
        } else {
            (vec![COMMANDER], self.m + 1)
        };
        from.into_iter().find_map(|from| {
            let far = self.steps_from(from);
            let loyal = self.ids().filter(|&to| to != from && !faulty.contains(to));
            loyal
                .map(|to| (from, to, far[to.index()]))
                .find(|(.., steps)| steps.is_none_or(|steps| steps > most))
        })
    }

    /// How many lines it takes from there to everyone, through the loyal.
    fn steps_from(&self, from: ReplicaId) -> Vec<Option<u8>> {
        let faulty = self.faulty();
        let mut steps = vec![None; self.lines.len()];
        steps[from.index()] = Some(0);
        for length in 1..=self.generals() {
            for near in self.ids().filter(|near| !faulty.contains(*near)) {
                if steps[near.index()] != Some(length - 1) {
                    continue;
                }
                for to in self.ids().filter(|&to| !self.lines[near.index()].contains(to)) {
                    if to != COMMANDER && !faulty.contains(to) && steps[to.index()].is_none() {
                        steps[to.index()] = Some(length);
                    }
                }
            }
        }
        steps
    }

    /// True if nothing is promised any more.
    pub fn are_too_many(&self) -> bool {
        match self.mode {
            None => false,
            Some(Mode::Oral) => self.fewest() > self.withstood(),
            Some(Mode::Signed) => self.faulty().len() > self.withstood() || self.apart().is_some(),
        }
    }

    /// True if these two are expected to do the same: neither is faulty, nor counts as such. Under
    /// OM one who is cut off from several others counts as failed as long as that explains
    /// everything; who it was is not known where too many failed, and then everyone is looked at
    /// who is loyal.
    pub fn expects_of(&self, one: ReplicaId, other: ReplicaId) -> bool {
        let faulty = self.faulty();
        if faulty.contains(one) || faulty.contains(other) {
            return false;
        }
        if self.mode == Some(Mode::Signed) || self.are_too_many() {
            return true;
        }
        let most = self.withstood();
        self.explanations()
            .any(|set| set.len() <= most && !set.contains(one) && !set.contains(other))
    }

    fn add(&mut self, more: &Self) {
        self.traitors.0 |= more.traitors.0;
        self.stopped.0 |= more.stopped.0;
        for (lines, more) in self.lines.iter_mut().zip(&more.lines) {
            lines.0 |= more.0;
        }
    }
}

/// The failures of the orders at hand, or of the last ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    failures: Failures,
    /// When the last round of all orders so far is over, by the clocks that all had from the start.
    over_at: Micros,
}

impl Record {
    pub(super) fn new(failures: Failures) -> Self {
        Self { failures, over_at: Micros::ZERO }
    }
}

impl Group {
    /// Those of the orders at hand, or, once their rounds are over, of the last ones.
    pub const fn failures(&self) -> &Failures {
        &self.record.failures
    }

    /// Keeps the record, after an action or what the power chain did.
    pub(super) fn record_failures(&mut self, is_order: bool) {
        if self.record.failures.mode.is_none() {
            return;
        }
        let now = self.failures_now();
        let (over_at, round) = (self.record.over_at, self.scenario.group().heartbeat.0);
        // Acts come before the clocks that tick at their moment.
        let is_busy = self.now <= over_at && over_at > Micros::ZERO;
        if is_order {
            let tick = Micros(self.now.0.max(1).div_ceil(round) * round);
            let begins = if is_busy { over_at.max(tick) } else { tick };
            let rounds = u64::from(self.record.failures.m) + 1;
            self.record.over_at = Micros(begins.0 + rounds * round);
            if !is_busy {
                self.record.failures = now;
                return;
            }
        }
        if is_busy {
            self.record.failures.add(&now);
        }
    }

    /// What fails at this moment.
    pub fn failures_now(&self) -> Failures {
        let Failures { mode, m, ref lines, .. } = self.record.failures;
        let mut now = Failures::none(mode, m, u8::try_from(lines.len()).expect("bounded"));
        for id in now.ids() {
            let process = &self.processes[id.index()];
            if process.traitor.is_some() {
                now.traitors.add(id);
            }
            if !self.keeps_time(id) {
                now.stopped.add(id);
            }
            for to in now.ids().filter(|&to| to != id && to != COMMANDER) {
                let route = self.network.route(id, to);
                if self.may_miss_a_round(route) {
                    now.lines[id.index()].add(to);
                }
            }
        }
        now
    }

    /// True if what is sent on that way may not be there when its round is over: "the absence of a
    /// message can be detected" (A3) by its time, so one that comes later is absent.
    fn may_miss_a_round(&self, route: &Route) -> bool {
        let late = route.latest();
        let way = route.travel() + self.scenario.jitter;
        let is_late = late > Micros::ZERO && way + late >= self.scenario.group().heartbeat;
        is_late || route.drop_causes().next().is_some() || route.drops_over().next().is_some()
    }

    /// True if a general runs, ticks when the others do, and is done when they are.
    fn keeps_time(&self, id: ReplicaId) -> bool {
        let next = self.processes[id.index()].timers.deadline(Timer::Round);
        let ticks = next.is_some_and(|at| at.0.is_multiple_of(self.scenario.group().heartbeat.0));
        // Once the rounds of all orders are over, whoever is not done has stood still.
        let lags = matches!(self.replica(id), Replica::Generals(general) if general.lags());
        self.listens(id) && ticks && !(lags && self.now > self.record.over_at)
    }
}
