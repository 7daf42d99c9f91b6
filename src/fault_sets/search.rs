//! Every set of a vocabulary, by size: how it comes out, and the smallest that reach the goal.

use std::collections::BTreeMap;
use std::ops::RangeBounds;
use std::sync::Arc;

use serde::Serialize;

use super::vocabulary::{Fault, Faults, Struck, Symmetries, choose, set, vocabulary, with};
use crate::clock::Micros;
use crate::history::before;
use crate::outcome::{Outcome, Service, known, longest_wait};
use crate::run::to_end_unless;
use crate::scenario::Scenario;
use crate::scenario::link::encode;

/// The most sets that are kept, one of those that look alike.
pub const KEPT: usize = 1_000;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// What to choose from.
    pub faults: Faults,
    /// The largest sets.
    pub size: u64,
    /// How the run is to come out.
    pub goal: Outcome,
    /// When the faults begin.
    pub at: Micros,
    /// True to go on to larger sets when smaller ones reach the goal.
    pub all: bool,
}

/// Why a scenario is not explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has several groups.
    Groups,
    /// It ends before the faults begin.
    After,
    /// Under its protocol there is no such fault.
    Nothing,
}

impl Refusal {
    /// As the page knows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Groups => "groups",
            Self::After => "after",
            Self::Nothing => "nothing",
        }
    }
}

/// What was found. The fields' names are a promise to scripts.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Explored {
    /// By its name.
    #[cfg_attr(test, ts(type = "string"))]
    pub protocol: &'static str,
    /// Of all runs.
    pub seed: u32,
    /// How the run was to come out.
    pub goal: Outcome,
    /// When the faults begin.
    pub at_us: u64,
    /// All faults to choose from.
    pub vocabulary: Vec<String>,
    /// How many faults the smallest sets have that reach the goal. Whether a smaller one does is
    /// known where nothing is unknown of the sizes below.
    pub smallest: Option<u64>,
    /// By size, from 0.
    pub sizes: Vec<Size>,
    /// Each fault by itself, what hurts most first.
    pub singles: Vec<Single>,
    /// The smallest sets, one of those that look alike.
    pub found: Vec<Found>,
    /// How many sets of the smallest size reach the goal and are not in [`Self::found`].
    #[serde(skip_serializing_if = "is_none")]
    #[cfg_attr(test, ts(optional, as = "Option<u64>"))]
    pub dropped: u64,
    /// How many replicas could change places, if they are too many to say what looks alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub ungrouped: Option<u64>,
    /// True if all sets were tried that were asked for.
    #[serde(skip)]
    pub is_tried: bool,
    /// True if, besides, it is known of each how it comes out.
    pub is_done: bool,
}

/// All sets of one size.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SizeView"))]
pub struct Size {
    /// How many faults.
    pub size: u64,
    /// How many there are.
    pub sets: u64,
    /// How many of them were tried.
    pub tried: u64,
    /// Of these, how many came to a bound on their work, or make no scenario together.
    pub unknown: u64,
    /// By outcome, how many.
    #[cfg_attr(test, ts(as = "BTreeMap<String, u64>"))]
    pub outcomes: BTreeMap<Outcome, u64>,
    /// By outcome, the first run.
    #[cfg_attr(test, ts(as = "BTreeMap<String, String>"))]
    pub examples: BTreeMap<Outcome, String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// What one fault does.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SingleView"))]
pub struct Single {
    /// As a text says it.
    pub fault: String,
    /// None if that is not known.
    pub outcome: Option<Outcome>,
    /// Writes not served within a client's patience.
    pub unserved: u64,
    /// Of a write that a client waited for.
    pub longest_wait_us: u64,
    /// Opens the run.
    pub link: String,
}

/// A set that reaches the goal.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "FoundView"))]
pub struct Found {
    /// As a text says them.
    pub faults: Vec<String>,
    /// How many sets that look like it, itself among them, reach the goal.
    pub reached: u64,
    /// How many look like it.
    pub alike: u64,
    /// Opens the run.
    pub link: String,
}

/// How one set came out.
pub struct Came {
    number: u64,
    scenario: Arc<Scenario>,
    /// None if that is not known.
    outcome: Option<Outcome>,
    unserved: u64,
    longest_wait_us: u64,
    trace_hash: u64,
}

impl Came {
    fn link(&self) -> String {
        encode(&self.scenario.to_string(), Some(self.trace_hash))
    }
}

/// All sets of faults that a question is about, and how each comes out.
pub struct Space {
    scenario: Scenario,
    question: Question,
    vocabulary: Vec<Fault>,
    symmetries: Symmetries,
}

impl Space {
    /// Of a scenario, whose own faults stay; what it tells of its own run goes. Who leads when the
    /// faults begin is seen by a run, which `is_over` ends early.
    ///
    /// # Errors
    /// Why there is nothing to explore.
    pub fn new(
        scenario: Scenario,
        question: Question,
        is_over: &dyn Fn() -> bool,
    ) -> Result<Self, Refusal> {
        if scenario.groups.len() > 1 {
            return Err(Refusal::Groups);
        }
        if question.at >= scenario.until {
            return Err(Refusal::After);
        }
        let scenario = scenario.bare();
        let vocabulary = vocabulary(question.faults, &scenario);
        if vocabulary.is_empty() {
            return Err(Refusal::Nothing);
        }
        let healthy = to_end_unless(Arc::new(scenario.clone()), is_over);
        let leader = healthy.and_then(|(_, history)| before(&history.led, question.at).flatten());
        let symmetries = Symmetries::of(question.faults, &scenario, leader);
        Ok(Self { scenario, question, vocabulary, symmetries })
    }

    /// What each fault of [`Explored::vocabulary`] strikes.
    pub fn strikes(&self) -> Vec<Struck> {
        self.vocabulary.iter().map(|fault| fault.strikes).collect()
    }

    /// The largest size that there is to try.
    pub fn largest(&self) -> u64 {
        self.question.size.min(self.vocabulary.len() as u64)
    }

    /// How many sets there are of a size; nothing if that is no number that fits.
    pub fn sets(&self, size: u64) -> Option<u64> {
        choose(self.vocabulary.len() as u64, size)
    }

    /// How many sets there are to try; nothing if that is no number that fits.
    pub fn all_sets(&self) -> Option<u64> {
        (0..=self.largest()).try_fold(0_u64, |sum, size| sum.checked_add(self.sets(size)?))
    }

    fn chosen(&self, size: u64, number: u64) -> Vec<&Fault> {
        let places = set(self.vocabulary.len() as u64, size, number);
        places.into_iter().map(|place| &self.vocabulary[place]).collect()
    }

    /// Runs the set of that number, of those of one size, to its end; nothing if it is to end
    /// before.
    pub fn run(&self, size: u64, number: u64, is_over: &dyn Fn() -> bool) -> Option<Came> {
        let scenario = with(&self.scenario, self.question.at, &self.chosen(size, number));
        let is_scenario = scenario.flaws().is_empty();
        let scenario = Arc::new(scenario);
        let nothing = Came {
            number,
            scenario: Arc::clone(&scenario),
            outcome: None,
            unserved: 0,
            longest_wait_us: 0,
            trace_hash: 0,
        };
        if !is_scenario {
            return Some(nothing);
        }
        let (run, history) = to_end_unless(scenario, is_over)?;
        // With whom was meant by `leader`.
        let scenario = run.group().scenario();
        let service = Service::of(scenario, &history);
        Some(Came {
            outcome: known(scenario, &history),
            unserved: service.late + service.lost,
            longest_wait_us: longest_wait(scenario, &history).0,
            trace_hash: run.world().trace_hash(),
            ..nothing
        })
    }
}

/// What is found while sets are tried, in their order.
pub struct Findings {
    explored: Explored,
    alike: Alike,
}

impl Findings {
    /// Nothing yet.
    pub fn of(space: &Space) -> Self {
        let (question, group) = (&space.question, space.scenario.group());
        let explored = Explored {
            protocol: group.protocol.name(),
            seed: group.seed,
            goal: question.goal,
            at_us: question.at.0,
            vocabulary: space.vocabulary.iter().map(|fault| fault.words.clone()).collect(),
            smallest: None,
            sizes: Vec::new(),
            singles: Vec::new(),
            found: Vec::new(),
            dropped: 0,
            ungrouped: space.symmetries.ungrouped,
            is_tried: false,
            is_done: false,
        };
        Self { explored, alike: BTreeMap::new() }
    }

    /// Sets of that size come next.
    pub fn begin(&mut self, space: &Space, size: u64) {
        let sets = space.sets(size).expect("it was counted before");
        self.explored.sizes.push(Size::empty(size, sets));
    }

    /// One of them came out so.
    pub fn take(&mut self, space: &Space, came: &Came) {
        let size = self.explored.sizes.last().map_or(0, |size| size.size);
        let faults = space.chosen(size, came.number);
        self.explored.take(came, &faults, &space.symmetries, &mut self.alike);
    }

    /// Whether all sets of the size that was begun were tried, and larger ones are to be. What each
    /// fault does by itself is seen in any case.
    pub fn goes_on(&self, space: &Space) -> bool {
        let Some(Size { size, sets, tried, .. }) = self.explored.sizes.last() else { return true };
        let is_sought = self.explored.smallest.is_none() || space.question.all || *size == 0;
        tried == sets && is_sought
    }

    /// How far it has come: what hurts most first.
    pub fn so_far(&self) -> Explored {
        self.explored.clone().sorted()
    }

    /// All that was asked for was tried.
    pub fn all(mut self) -> Explored {
        self.explored.is_tried = true;
        self.explored.is_done = self.explored.unknown(..) == 0;
        self.explored.sorted()
    }
}

impl Size {
    fn empty(size: u64, sets: u64) -> Self {
        let (outcomes, examples) = (BTreeMap::new(), BTreeMap::new());
        Self { size, sets, tried: 0, unknown: 0, outcomes, examples }
    }
}

/// The place in the list of what was found, by all sets that look alike.
type Alike = BTreeMap<Vec<(u8, u8)>, usize>;

impl Explored {
    fn take(&mut self, came: &Came, faults: &[&Fault], symmetries: &Symmetries, alike: &mut Alike) {
        let words = || faults.iter().map(|fault| fault.words.clone());
        let size = self.sizes.last_mut().expect("one was begun");
        size.tried += 1;
        if let Some(outcome) = came.outcome {
            *size.outcomes.entry(outcome).or_default() += 1;
            size.examples.entry(outcome).or_insert_with(|| came.link());
        } else {
            size.unknown += 1;
        }
        if size.size == 1 {
            self.singles.push(Single {
                fault: words().collect(),
                outcome: came.outcome,
                unserved: came.unserved,
                longest_wait_us: came.longest_wait_us,
                link: came.link(),
            });
        }
        if came.outcome != Some(self.goal) || *self.smallest.get_or_insert(size.size) < size.size {
            return;
        }
        let direction = |fault: &&Fault| match fault.strikes {
            Struck::Flow(from, to) => Some((from, to)),
            Struck::Part(_) | Struck::Replica(_) => None,
        };
        let cuts: Option<Vec<_>> = faults.iter().map(direction).collect();
        let shape = cuts.filter(|cuts| !cuts.is_empty()).map(|cuts| symmetries.alike(&cuts));
        let first = shape.as_ref().and_then(|shape| shape.first().cloned());
        let known = first.as_ref().and_then(|first| alike.get(first));
        if let Some(place) = known {
            self.found[*place].reached += 1;
        } else if self.found.len() < KEPT {
            if let Some(first) = first {
                alike.insert(first, self.found.len());
            }
            self.found.push(Found {
                faults: words().collect(),
                reached: 1,
                alike: shape.map_or(1, |shape| shape.len() as u64),
                link: came.link(),
            });
        } else {
            self.dropped += 1;
        }
    }

    /// Of how many sets of these sizes it is not known how they come out.
    pub fn unknown(&self, sizes: impl RangeBounds<u64>) -> u64 {
        self.sizes.iter().filter(|one| sizes.contains(&one.size)).map(|one| one.unknown).sum()
    }

    /// What hurts most first.
    fn sorted(mut self) -> Self {
        self.singles.sort_by_key(|one| {
            let worst = std::cmp::Reverse((one.unserved, one.longest_wait_us));
            (one.outcome.is_none(), one.outcome, worst)
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_told() {
        let text = "halflink 1\ntitle \"kept\"\nplant 3 racks of 1 server, 2 disks each\n\
                    cluster c: raft on r1.s1 r2.s1 r3.s1\n\
                    timing heartbeat 200ms, election 1s..2s\nseed 1\nrun 30s\n";
        let scenario = crate::scenario::text::parse(text).expect("it is valid");
        let (faults, goal) = (Faults::Parts, Outcome::Stalled);
        let question = Question { faults, size: 1, goal, at: Micros::ZERO, all: false };
        let space = Space::new(scenario, question, &|| false).expect("it has parts");
        let mut findings = Findings::of(&space);
        findings.begin(&space, 0);
        for number in 0..KEPT as u64 + 2 {
            let came = Came {
                number,
                scenario: Arc::new(space.scenario.clone()),
                outcome: Some(goal),
                unserved: 0,
                longest_wait_us: 0,
                trace_hash: 0,
            };
            let fault = &space.vocabulary[0];
            findings.explored.take(&came, &[fault], &space.symmetries, &mut findings.alike);
        }
        let explored = findings.so_far();
        assert_eq!((explored.found.len(), explored.dropped), (KEPT, 2));
        let json = serde_json::to_value(&explored).expect("JSON");
        assert_eq!(json["dropped"], 2);
    }
}
