//! Every set of a vocabulary, by size: how it comes out, and the smallest that reach the goal.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::RangeBounds;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use halflink::clock::Micros;
use halflink::history::before;
use halflink::outcome::{Outcome, Service, longest_wait};
use halflink::scenario::Scenario;
use halflink::scenario::link::encode;
use serde::Serialize;

use super::vocabulary::{Fault, Faults, Symmetries, choose, set, vocabulary, with};
use crate::pool;
use crate::watched::{Progress, outcome, to_end};

/// The most sets that are kept, one of those that look alike.
pub(super) const KEPT: usize = 1_000;

/// What is asked.
pub(super) struct Question {
    pub(super) faults: Faults,
    /// The largest sets.
    pub(super) size: u64,
    pub(super) goal: Outcome,
    /// When the faults begin.
    pub(super) at: Micros,
    /// True to go on to larger sets when smaller ones reach the goal.
    pub(super) all: bool,
    pub(super) threads: NonZero<usize>,
}

/// What was found. The fields' names are a promise to scripts.
#[derive(Serialize)]
pub(super) struct Explored {
    pub(super) protocol: &'static str,
    pub(super) seed: u32,
    pub(super) goal: Outcome,
    pub(super) at_us: u64,
    /// All faults to choose from.
    pub(super) vocabulary: Vec<String>,
    /// How many faults the smallest sets have that reach the goal. Whether a smaller one does is
    /// known where nothing is unknown of the sizes below.
    pub(super) smallest: Option<u64>,
    /// By size, from 0.
    pub(super) sizes: Vec<Size>,
    /// Each fault by itself, what hurts most first.
    pub(super) singles: Vec<Single>,
    /// The smallest sets, one of those that look alike.
    pub(super) found: Vec<Found>,
    /// How many sets of the smallest size reach the goal and are not in [`Self::found`].
    #[serde(skip_serializing_if = "is_none")]
    pub(super) dropped: u64,
    /// How many replicas could change places, if they are too many to say what looks alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ungrouped: Option<u64>,
    /// True if all sets were tried that were asked for.
    #[serde(skip)]
    pub(super) is_tried: bool,
    /// True if, besides, it is known of each how it comes out.
    pub(super) is_done: bool,
}

/// All sets of one size.
#[derive(Serialize)]
pub(super) struct Size {
    pub(super) size: u64,
    /// How many there are.
    pub(super) sets: u64,
    pub(super) tried: u64,
    /// Of these, how many came to a bound on their work, or make no scenario together.
    pub(super) unknown: u64,
    /// By outcome, how many.
    pub(super) outcomes: BTreeMap<Outcome, u64>,
    /// By outcome, the first run.
    pub(super) examples: BTreeMap<Outcome, String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// What one fault does.
#[derive(Serialize)]
pub(super) struct Single {
    pub(super) fault: String,
    pub(super) outcome: Option<Outcome>,
    /// Writes not served within a client's patience.
    pub(super) unserved: u64,
    pub(super) longest_wait_us: u64,
    pub(super) link: String,
}

/// A set that reaches the goal.
#[derive(Serialize)]
pub(super) struct Found {
    pub(super) faults: Vec<String>,
    /// How many sets that look like it, itself among them, reach the goal.
    pub(super) reached: u64,
    /// How many look like it.
    pub(super) alike: u64,
    pub(super) link: String,
}

/// How one set came out.
struct Came {
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

/// How many sets there are to try; nothing if that is no number that fits.
pub(super) fn sets(scenario: &Scenario, faults: Faults, size: u64) -> Option<u64> {
    let count = vocabulary(faults, scenario).len() as u64;
    (0..=size.min(count)).try_fold(0_u64, |sum, size| sum.checked_add(choose(count, size)?))
}

/// Tries them, from the smallest on.
pub(super) fn search(
    scenario: &Scenario,
    question: &Question,
    progress: &mut Progress,
    stop: &AtomicBool,
) -> Explored {
    let vocabulary = vocabulary(question.faults, scenario);
    let healthy = to_end(Arc::new(scenario.clone()), stop);
    let leader = healthy.and_then(|(_, history)| before(&history.led, question.at).flatten());
    let symmetries = Symmetries::of(question.faults, scenario, leader);
    let mut explored = Explored {
        protocol: scenario.group().protocol.name(),
        seed: scenario.group().seed,
        goal: question.goal,
        at_us: question.at.0,
        vocabulary: vocabulary.iter().map(|fault| fault.words.clone()).collect(),
        smallest: None,
        sizes: Vec::new(),
        singles: Vec::new(),
        found: Vec::new(),
        dropped: 0,
        ungrouped: symmetries.ungrouped,
        is_tried: false,
        is_done: false,
    };
    let mut alike = BTreeMap::new();
    for size in 0..=question.size.min(vocabulary.len() as u64) {
        let count = vocabulary.len() as u64;
        let sets = choose(count, size).expect("it was counted before");
        explored.sizes.push(Size::empty(size, sets));
        let run = |number: u64| {
            let chosen = set(count, size, number);
            let faults: Vec<&Fault> = chosen.iter().map(|at| &vocabulary[*at]).collect();
            came_out(number, with(scenario, question.at, &faults), stop)
        };
        let take = |came: Came| {
            let faults = set(count, size, came.number);
            let faults: Vec<&Fault> = faults.iter().map(|at| &vocabulary[*at]).collect();
            explored.take(&came, &faults, &symmetries, &mut alike);
            progress.step();
            Ok(())
        };
        pool::in_order(0..sets, question.threads, stop, run, take).expect("nothing is refused");
        let tried = explored.sizes.last().map_or(0, |size| size.tried);
        if tried < sets {
            return explored.sorted();
        }
        if explored.smallest.is_some() && !question.all {
            progress.spare(larger(count, size, question.size));
            break;
        }
    }
    explored.is_tried = true;
    explored.is_done = explored.unknown(..) == 0;
    explored.sorted()
}

/// How many sets there are of more than `size`, up to `most`.
fn larger(count: u64, size: u64, most: u64) -> u64 {
    (size + 1..=most.min(count)).filter_map(|size| choose(count, size)).sum()
}

/// Runs a set to its end; nothing if it is to end before.
fn came_out(number: u64, scenario: Scenario, stop: &AtomicBool) -> Option<Came> {
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
    let (run, history) = to_end(scenario, stop)?;
    // With whom was meant by `leader`.
    let scenario = run.group().scenario();
    let service = Service::of(scenario, &history);
    Some(Came {
        outcome: outcome(&run, &history),
        unserved: service.late + service.lost,
        longest_wait_us: longest_wait(scenario, &history).0,
        trace_hash: run.world().trace_hash(),
        ..nothing
    })
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
        let cuts: Option<Vec<_>> = faults.iter().map(|fault| fault.direction).collect();
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
    pub(super) fn unknown(&self, sizes: impl RangeBounds<u64>) -> u64 {
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
pub(super) mod tests {
    use super::*;

    /// Of a search in which nothing was tried.
    pub(in crate::fault_sets) fn nothing() -> Explored {
        Explored {
            protocol: "raft",
            seed: 1,
            goal: Outcome::Stalled,
            at_us: 0,
            vocabulary: Vec::new(),
            smallest: None,
            sizes: Vec::new(),
            singles: Vec::new(),
            found: Vec::new(),
            dropped: 0,
            ungrouped: None,
            is_tried: true,
            is_done: false,
        }
    }

    /// Sets that came out with nothing known, of each size from 0 on.
    pub(in crate::fault_sets) fn unknown(counts: &[u64]) -> Vec<Size> {
        let size = |(size, count): (u64, &u64)| {
            let tried = count + 3;
            Size { unknown: *count, tried, ..Size::empty(size, tried) }
        };
        (0..).zip(counts).map(size).collect()
    }

    #[test]
    fn what_is_not_kept_is_told() {
        let text = "halflink 1\ntitle \"kept\"\nplant 3 racks of 1 server, 2 disks each\n\
                    cluster c: raft on r1.s1 r2.s1 r3.s1\n\
                    timing heartbeat 200ms, election 1s..2s\nseed 1\nrun 30s\n";
        let scenario = Arc::new(halflink::scenario::text::parse(text).expect("it is valid"));
        let parts = vocabulary(Faults::Parts, &scenario);
        let symmetries = Symmetries::of(Faults::Parts, &scenario, None);
        let mut explored = Explored { sizes: unknown(&[0]), ..nothing() };
        let mut alike = Alike::new();
        for number in 0..KEPT as u64 + 2 {
            let came = Came {
                number,
                scenario: Arc::clone(&scenario),
                outcome: Some(Outcome::Stalled),
                unserved: 0,
                longest_wait_us: 0,
                trace_hash: 0,
            };
            explored.take(&came, &[&parts[0]], &symmetries, &mut alike);
        }
        assert_eq!((explored.found.len(), explored.dropped), (KEPT, 2));
        let json = serde_json::to_value(&explored).expect("JSON");
        assert_eq!(json["dropped"], 2);
    }
}
