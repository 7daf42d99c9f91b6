//! The turning points of a run: between two actions the first of each kind.

use super::{Known, each_change, each_leaderless, each_stall, steps_down};
use crate::aftermath::Change;
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::history::{History, before};
use crate::protocol::{Belief, Role};
use crate::scenario::Scenario;

/// As many of them are told.
const TURNS_MAX: usize = 200;

/// What turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// No majority follows anybody any more.
    NobodyLeads,
    /// The same, because whom it followed does not run any more.
    LeaderStops(ReplicaId),
    /// A majority follows it.
    Leads(ReplicaId),
    /// Somebody tries to become leader, or steps down.
    Changed(Change),
    /// A write has waited for so long, and none was committed meanwhile.
    Stalled(Micros),
    /// One is committed, after so long.
    Served(Micros),
    /// A property broke: that violation of the record.
    Broke(usize),
}

/// Of two of a kind between the same actions the first is told.
const KINDS: usize = 7;

impl Turn {
    const fn kind(&self) -> usize {
        match self {
            Self::NobodyLeads | Self::LeaderStops(_) => 0,
            Self::Leads(_) => 1,
            Self::Changed(Change { before: Some(Belief { role: Role::Leader, .. }), .. }) => 2,
            Self::Changed(_) => 3,
            Self::Stalled(_) => 4,
            Self::Served(_) => 5,
            Self::Broke(_) => 6,
        }
    }
}

/// All that are known, in order between two actions. Generals have no leader and no writes: their
/// vectors tell.
pub(super) fn of(known: Known<'_>) -> Vec<(Micros, Turn)> {
    let Known { scenario, history, .. } = known;
    let mut firsts = Firsts { scenario, from: begins(scenario, history), known: Vec::new() };
    let group = scenario.group();
    if group.protocol.is_generals() {
        return Vec::new();
    }
    if !group.protocol.rotates() && !group.protocol.decides_once() {
        firsts.leadership(known);
    }
    let calm = group.calm();
    let last = history.commits.last().copied();
    each_stall(known, &mut |from, to| {
        if to.since(from) >= calm {
            firsts.add(from + calm, Turn::Stalled(calm));
            if last >= Some(to) {
                firsts.add(to, Turn::Served(to.since(from)));
            }
        }
    });
    for (number, broken) in history.violations.iter().enumerate() {
        firsts.add(broken.at, Turn::Broke(number));
    }
    firsts.known.into_iter().flatten().flatten().take(TURNS_MAX).collect()
}

/// What comes before the first fault is no turning point: somebody begins to lead. Nor is it where
/// nothing fails.
fn begins(scenario: &Scenario, history: &History) -> Micros {
    let fault = scenario.actions.iter().find(|(_, act)| act.inflicts().is_some());
    let led = history.led.iter().find(|(_, led)| led.is_some());
    let led = led.map_or(Micros::ZERO, |(at, _)| Micros(at.0 + 1));
    fault.map_or(led, |(at, _)| *at)
}

/// By the stretch between two actions, and by kind.
struct Firsts<'a> {
    scenario: &'a Scenario,
    /// Nothing is told before.
    from: Micros,
    known: Vec<[Option<(Micros, Turn)>; KINDS]>,
}

impl Firsts<'_> {
    fn add(&mut self, at: Micros, turn: Turn) {
        if at < self.from {
            return;
        }
        let stretch = self.scenario.actions.partition_point(|(when, _)| *when <= at);
        while self.known.len() <= stretch {
            self.known.push([None; KINDS]);
        }
        let first = &mut self.known[stretch][turn.kind()];
        if first.is_none_or(|(other, _)| at < other) {
            *first = Some((at, turn));
        }
    }

    /// Who leads, who tries to, and who does not any more.
    fn leadership(&mut self, known: Known<'_>) {
        let history = known.history;
        let long = self.scenario.group().shortest_election_timeout();
        each_leaderless(known, &mut |from, to| {
            // Who led stops, and that is told at once; else a gap has to last.
            let leader = before(&history.led, from).flatten();
            let stops = |one: &ReplicaId| {
                let now = before(&history.beliefs[one.index()], Micros(from.0 + 1));
                now.flatten().is_none()
            };
            match leader.filter(stops) {
                Some(leader) => self.add(from, Turn::LeaderStops(leader)),
                // Before the first one led nobody had to.
                None if from > Micros::ZERO && to.since(from) >= long => {
                    self.add(from, Turn::NobodyLeads);
                }
                None => {}
            }
        });
        for (at, led) in &history.led {
            if let Some(leader) = led {
                self.add(*at, Turn::Leads(*leader));
            }
        }
        for who in (0..self.scenario.group().replicas()).map(ReplicaId) {
            each_change(history, who, &mut |at, before, after| {
                let tries = tries(after) && !tries(before);
                if tries || steps_down(before, after) {
                    self.add(at, Turn::Changed(Change { at, who, before, after }));
                }
            });
        }
    }
}

fn tries(belief: Option<Belief>) -> bool {
    belief.is_some_and(|one| matches!(one.role, Role::Candidate | Role::PreCandidate))
}
