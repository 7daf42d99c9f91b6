//! When an outage became inevitable: from moments of a run, many go on with another chance each.
//!
//! Up to its moment each is the run itself. From there on chance is drawn anew: how long packets
//! take, whose timer is the first. Two things are asked: how it goes on as the text has it, and how
//! it does if nothing more is done, neither harm nor repair. What has happened by then counts:
//! after an outage no run is without one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::clock::Micros;
use crate::history::History;
use crate::outcome::{Outcome, known};
use crate::run::Run;
use crate::scenario::Scenario;

/// How many runs go on from a moment, each way.
pub const SEEDS: u32 = 50;
/// Moments at the same distance from each other.
const EVEN: u64 = 24;
/// At so many of the text's actions, the first ones, there is a moment, too.
const ACTIONS: usize = 16;
/// Of every so many moments the first is looked at before any other.
const COARSE: usize = 4;
/// So much is done before it is asked again whether a run has ended.
const WORK: u64 = 1_000_000;

/// How runs that go on from a moment come out. The fields' names are a promise to the page.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Ahead {
    /// The moment; what is done at that time is done.
    pub at_us: u64,
    /// As the text has it.
    pub as_written: Tally,
    /// If nothing more is done.
    pub left_alone: Tally,
}

/// How runs come out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Tally {
    /// How many.
    pub tried: u32,
    /// Of these, how many come to an outage: users were not served, or a property broke.
    pub outages: u32,
    /// How many came to a bound on their work, so that it is not known.
    pub unknown: u32,
    /// By outcome, how many; the worst of a run's groups.
    #[cfg_attr(test, ts(as = "BTreeMap<String, u32>"))]
    pub outcomes: BTreeMap<Outcome, u32>,
}

impl Tally {
    fn take(&mut self, outcome: Option<Outcome>) {
        self.tried += 1;
        match outcome {
            Some(outcome) => {
                *self.outcomes.entry(outcome).or_default() += 1;
                self.outages += u32::from(is_outage(outcome));
            }
            None => self.unknown += 1,
        }
    }
}

/// True where somebody was harmed: by this word alone, whatever it took to get there.
const fn is_outage(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Unsafe | Outcome::Stalled | Outcome::Flapping | Outcome::Recovered => true,
        Outcome::Parted | Outcome::Stable => false,
    }
}

/// A look ahead from the moments of a run, a replay at a time.
#[derive(Debug)]
pub struct Search {
    scenario: Arc<Scenario>,
    /// In the order in which they are looked at.
    moments: Vec<Micros>,
    /// The number of the next moment, whose run has come so far.
    next: usize,
    begun: (Run, Vec<History>),
    /// The scenario without what is done after that moment.
    left: Arc<Scenario>,
    /// Of the moments so far.
    found: Vec<Ahead>,
}

impl Search {
    /// Into that run.
    pub fn new(scenario: Arc<Scenario>) -> Self {
        let moments = moments(&scenario);
        let begun = Run::new(Arc::clone(&scenario));
        let left = Arc::clone(&scenario);
        Self { scenario, moments, next: 0, begun, left, found: Vec::new() }
    }

    /// How many replays it takes at most.
    pub fn replays(&self) -> u64 {
        let moments = self.moments.iter();
        moments.map(|at| u64::from(SEEDS) * if self.is_last(*at) { 1 } else { 2 }).sum()
    }

    /// Makes the next replay; false if there is none.
    pub fn advance(&mut self) -> bool {
        let Some(at) = self.moments.get(self.next).copied() else { return false };
        if self.found.len() == self.next {
            self.go_to(at);
            let (as_written, left_alone) = (Tally::default(), Tally::default());
            self.found.push(Ahead { at_us: at.0, as_written, left_alone });
        }
        let ahead = &self.found[self.next];
        let is_written = ahead.as_written.tried < SEEDS;
        let tried = if is_written { &ahead.as_written } else { &ahead.left_alone }.tried;
        let outcome = self.outcome(tried + 1, if is_written { &self.scenario } else { &self.left });
        let is_last = self.is_last(at);
        let ahead = &mut self.found[self.next];
        if is_written { &mut ahead.as_written } else { &mut ahead.left_alone }.take(outcome);
        if is_last {
            // It is the same.
            ahead.left_alone = ahead.as_written.clone();
        }
        self.next += usize::from(ahead.left_alone.tried == SEEDS);
        true
    }

    /// What was found so far, in order of time: moments of which all was tried.
    pub fn so_far(&self) -> Vec<Ahead> {
        let mut all = self.found[..self.next].to_vec();
        all.sort_by_key(|ahead| ahead.at_us);
        all
    }

    /// True if nothing is done after that moment.
    fn is_last(&self, at: Micros) -> bool {
        self.scenario.actions.last().is_none_or(|(last, _)| *last <= at)
    }

    /// Plays the run itself up to that moment.
    fn go_to(&mut self, at: Micros) {
        if self.begun.0.world().now() > at {
            self.begun = Run::new(Arc::clone(&self.scenario));
        }
        let (run, histories) = &mut self.begun;
        while run.advance_by(at, WORK, histories) {}
        self.left = self.left_alone(at);
    }

    /// What of the scenario is done by that moment.
    fn left_alone(&self, at: Micros) -> Arc<Scenario> {
        let mut left = Scenario::clone(&self.scenario);
        left.actions.retain(|(time, _)| *time <= at);
        left.repeats.clear();
        Arc::new(left)
    }

    /// How one comes out that goes on from here with another chance.
    fn outcome(&self, chance: u32, scenario: &Arc<Scenario>) -> Option<Outcome> {
        let (mut run, mut histories) = self.begun.clone();
        run.fork(Arc::clone(scenario));
        run.reseed(chance);
        while run.advance(WORK, &mut histories) {}
        let outcomes = histories.iter().enumerate().map(|(number, history)| {
            // What is done to a role is known by name only in the run.
            known(run.world().group(number).scenario(), history)
        });
        outcomes.collect::<Option<Vec<_>>>()?.into_iter().min()
    }
}

/// The moments of a run, in the order in which they are looked at: few, and then those between.
fn moments(scenario: &Scenario) -> Vec<Micros> {
    let even =
        (0..EVEN).map(|number| Micros::from_millis(scenario.until.0 * number / EVEN / 1_000));
    let acts = scenario.actions.iter().map(|(at, _)| *at).filter(|at| *at < scenario.until);
    let mut all: Vec<Micros> = even.chain(acts.take(ACTIONS)).collect();
    all.sort_unstable();
    all.dedup();
    let of = |is_first: bool| {
        let all = all.iter().enumerate();
        all.filter(move |(number, _)| number.is_multiple_of(COARSE) == is_first).map(|one| *one.1)
    };
    of(true).chain(of(false)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_no_outage() {
        let mut tally = Tally::default();
        [None, Some(Outcome::Recovered), Some(Outcome::Parted)]
            .into_iter()
            .for_each(|one| tally.take(one));
        assert_eq!((tally.tried, tally.outages, tally.unknown), (3, 1, 1));
    }

    #[test]
    fn few_moments_come_first_and_each_comes_once() {
        let text = crate::scenario::library::find("cloudflare-2020").expect("it ships").text;
        let all = moments(&crate::scenario::text::parse(text).expect("it is right"));
        let coarse = all.len().div_ceil(COARSE);
        assert!(all[..coarse].is_sorted() && all[coarse..].is_sorted());
        let once: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(once.len(), all.len());
        assert!(all.contains(&Micros::from_secs(3)), "the switch half fails");
        assert!(EVEN as usize + ACTIONS <= 40, "as the page says");
    }
}
