//! Which lies it takes: a small set of them that still breaks a property, and what is known of it.
//!
//! A traitor tells many lies, and few of them matter. The run is played again and again with fewer
//! of them, the truth told in the place of the others, for as long as the same property breaks by
//! the same time, give or take what chance adds to packets (delta debugging: Zeller & Hildebrandt
//! 2002, reduction to complements). When that ends, no single lie of what is left can be left out:
//! each was tried. It may still not be the smallest set. Where there are at most [`EXACT_MAX`]
//! lies, every smaller set is tried as well, and only then is the result called the fewest.
//!
//! The lies are numbered in the order in which they would be told; a run that has taken another
//! course may number others so, and what counts is only that these numbers break it.

use std::sync::Arc;

use crate::check::{Property, Violation};
use crate::clock::Micros;
use crate::fact::Fact;
use crate::fault::ReplicaId;
use crate::history::History;
use crate::network::{Network, Reason, Verdict};
use crate::run::Run;
use crate::scenario::Scenario;
use crate::traitor::Instead;
use crate::world::{Packet, Sink, World};

/// The most lies of which every subset is tried: 4,096 runs, most of which share their beginning.
pub(crate) const EXACT_MAX: u32 = 12;
/// Work that one search may take in all, as [`crate::meter::Meter`] counts it: a few seconds.
const WORK_MAX: u64 = 40_000_000;
/// The most lies that are told in words; the others are counted.
pub(crate) const TOLD_MAX: usize = 20;

/// A lie that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lie {
    /// When.
    pub at: Micros,
    /// By whom.
    pub from: ReplicaId,
    /// To whom.
    pub to: ReplicaId,
    /// What was said.
    pub words: Fact,
    /// What an honest replica would have said; `None` if nothing.
    pub truth: Option<Fact>,
    /// True if it was not said at all.
    pub withheld: bool,
}

/// What is known of a set of lies that breaks a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum Claim {
    /// The property breaks without any lie.
    NoneNeeded,
    /// Of the lies that were told no smaller set breaks it: all were tried.
    Fewest,
    /// Without any single one of them it holds: each was tried.
    NoneToSpare,
    /// It breaks with these; whether fewer do, the search did not come to.
    Enough,
}

impl Claim {
    /// As the page knows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoneNeeded => "none-needed",
            Self::Fewest => "fewest",
            Self::NoneToSpare => "none-to-spare",
            Self::Enough => "enough",
        }
    }
}

/// A set of lies that breaks a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprits {
    /// What is known of it.
    pub claim: Claim,
    /// How many lies they are.
    pub count: usize,
    /// The first of them, at most [`TOLD_MAX`].
    pub lies: Vec<Lie>,
}

/// A search that is done a little at a time.
#[derive(Clone, Debug)]
pub struct Search {
    trials: Trials,
    /// How many lies were told.
    lies: u32,
    /// The numbers of the smallest set found so far, in order.
    kept: Vec<u32>,
    stage: Stage,
}

/// How far a search has come.
#[derive(Clone, Debug)]
enum Stage {
    /// The run is played once to count its lies.
    Count(Box<World>),
    /// Does it break without any?
    Without(Box<Trial>),
    /// Does it break without the `size` lies from place `from` on? `shrunk`: true if something was
    /// left out since `from` was last 0.
    Shrink { size: usize, from: usize, shrunk: bool, trial: Box<Trial> },
    /// Is there a smaller set among all subsets?
    Smaller(Subsets),
    /// The set is found, and its lies are put into words.
    Tell { claim: Claim, world: Box<World>, told: Told },
    /// It is over.
    Done(Culprits),
}

/// By when the property has to break. A run with fewer lies draws other delays for its packets, so
/// as much is allowed for as chance adds to a message and its answer.
fn deadline(scenario: &Scenario, violation: &Violation) -> Micros {
    (violation.at + scenario.jitter + scenario.jitter).min(scenario.until)
}

impl Search {
    /// For the lies with which that property breaks by the time at which it did.
    pub fn new(scenario: &Arc<Scenario>, violation: &Violation) -> Self {
        let trials = Trials {
            scenario: Arc::clone(scenario),
            property: violation.property,
            until: deadline(scenario, violation),
            work_left: WORK_MAX,
        };
        let world = Box::new(World::new(Arc::clone(scenario)));
        Self { trials, lies: 0, kept: Vec::new(), stage: Stage::Count(world) }
    }

    /// What was found, once the search is over.
    pub const fn found(&self) -> Option<&Culprits> {
        match &self.stage {
            Stage::Done(found) => Some(found),
            Stage::Count(_)
            | Stage::Without(_)
            | Stage::Shrink { .. }
            | Stage::Smaller(_)
            | Stage::Tell { .. } => None,
        }
    }

    /// How much of the work that it may take at most is done, in percent.
    pub const fn percent(&self) -> u64 {
        100 - self.trials.work_left / (WORK_MAX / 100)
    }

    /// Goes on by about that much work; true if the search is over.
    pub fn advance(&mut self, mut work: u64) -> bool {
        while work > 0 && self.found().is_none() {
            // Every stage takes at least one, so that the loop ends.
            let before = work;
            self.go_on(&mut work);
            work = work.min(before - 1);
        }
        self.found().is_some()
    }

    /// Goes on with the present stage for as long as `work` lasts.
    fn go_on(&mut self, work: &mut u64) {
        let stage = std::mem::replace(&mut self.stage, Stage::Done(Culprits::none()));
        self.stage = match stage {
            Stage::Count(world) => self.count(world, work),
            Stage::Without(mut trial) => match self.trials.play(&mut trial, work, |_| {}) {
                None => Stage::Without(trial),
                Some(true) => Stage::Done(Culprits::none()),
                Some(false) => self.shrink(self.kept.len().div_ceil(2), 0, false),
            },
            Stage::Shrink { size, from, shrunk, mut trial } => {
                match self.trials.play(&mut trial, work, |_| {}) {
                    None => Stage::Shrink { size, from, shrunk, trial },
                    Some(true) => {
                        let to = self.kept.len().min(from + size);
                        self.kept.drain(from..to);
                        self.shrink(size, from, true)
                    }
                    Some(false) => self.shrink(size, from + size, shrunk),
                }
            }
            Stage::Smaller(mut subsets) => match subsets.advance(&mut self.trials, work) {
                None => Stage::Smaller(subsets),
                Some(None) => self.tell(Claim::Fewest),
                Some(Some(mask)) => {
                    self.kept = numbers(mask).collect();
                    self.tell(Claim::Fewest)
                }
            },
            Stage::Tell { claim, mut world, mut told } => {
                let until = self.trials.until;
                let mut over = false;
                while *work > 0 && !over {
                    *work = work.saturating_sub(2);
                    over = told.0.len() == TOLD_MAX || world.step_by(until, &mut told).is_none();
                }
                if over {
                    Stage::Done(Culprits { claim, count: self.kept.len(), lies: told.0 })
                } else {
                    Stage::Tell { claim, world, told }
                }
            }
            done @ Stage::Done(_) => done,
        };
        if self.trials.work_left == 0 {
            self.give_up();
        }
    }

    fn count(&mut self, mut world: Box<World>, work: &mut u64) -> Stage {
        while *work > 0 {
            *work = work.saturating_sub(2);
            if world.step_by(self.trials.until, &mut ()).is_none() {
                self.lies = world.group(0).lies_told();
                self.kept = (0..self.lies).collect();
                return match self.lies {
                    0 => Stage::Done(Culprits::none()),
                    1.. => Stage::Without(Box::new(self.trials.of(&[]))),
                };
            }
        }
        Stage::Count(world)
    }

    /// Tries to do without `size` lies from place `from` on; then with smaller pieces.
    fn shrink(&self, mut size: usize, mut from: usize, mut shrunk: bool) -> Stage {
        if from >= self.kept.len() {
            if size == 1 && !shrunk {
                return self.smaller();
            }
            // What could not be left out before may be spared now: the last round finds nothing.
            (from, shrunk, size) = (0, false, size.div_ceil(2));
        }
        let rest = &self.kept[self.kept.len().min(from + size)..];
        let trial = Box::new(self.trials.of(&[&self.kept[..from], rest].concat()));
        Stage::Shrink { size, from, shrunk, trial }
    }

    /// No single lie can be left out: looks among all smaller sets, if they are few enough.
    fn smaller(&self) -> Stage {
        if self.kept.len() == 1 {
            // Nothing is smaller than one lie but none, and that was tried.
            self.tell(Claim::Fewest)
        } else if self.lies <= EXACT_MAX {
            Stage::Smaller(Subsets::new(&self.trials, self.lies, self.kept.len()))
        } else {
            self.tell(Claim::NoneToSpare)
        }
    }

    fn tell(&self, claim: Claim) -> Stage {
        let mut world = Box::new(World::new(Arc::clone(&self.trials.scenario)));
        world.group_mut(0).tell_only(self.kept.clone().into());
        Stage::Tell { claim, world, told: Told(Vec::new()) }
    }

    /// The search has taken all the work that it may: what is known by now is the answer.
    fn give_up(&mut self) {
        self.stage = match &self.stage {
            Stage::Without(_) | Stage::Shrink { .. } => self.tell(Claim::Enough),
            Stage::Smaller(_) => self.tell(Claim::NoneToSpare),
            Stage::Count(_) | Stage::Tell { .. } | Stage::Done(_) => return,
        };
    }
}

impl Culprits {
    /// It takes no lie at all.
    const fn none() -> Self {
        Self { claim: Claim::NoneNeeded, count: 0, lies: Vec::new() }
    }
}

/// One run after the other, with fewer lies.
#[derive(Clone, Debug)]
struct Trials {
    scenario: Arc<Scenario>,
    property: Property,
    until: Micros,
    work_left: u64,
}

/// A run with fewer lies, as far as it has come.
#[derive(Clone, Debug)]
struct Trial {
    run: Run,
    /// Of the one group.
    histories: Vec<History>,
    /// How many violations are looked at.
    seen: usize,
}

impl Trials {
    /// The run in which only the lies of these numbers are told, from its beginning.
    fn of(&self, lies: &[u32]) -> Trial {
        let (mut run, histories) = Run::new(Arc::clone(&self.scenario));
        run.tell_only(lies.into());
        Trial { run, histories, seen: 0 }
    }

    /// Plays on while `work` lasts: `Some(true)` if the property breaks in time, `Some(false)` if
    /// it does not. `looked` sees the trial after every event.
    fn play(
        &mut self,
        trial: &mut Trial,
        work: &mut u64,
        mut looked: impl FnMut(&Trial),
    ) -> Option<bool> {
        while *work > 0 && self.work_left > 0 {
            let before = trial.run.world().work();
            // What is due after the deadline is not played: it would only be thrown away.
            if !trial.run.advance_by(self.until, 1, &mut trial.histories) {
                return Some(false);
            }
            // An event is one at least; how many messages it makes is nobody's to promise.
            let spent = (trial.run.world().work() - before).max(1);
            *work = work.saturating_sub(spent);
            self.work_left = self.work_left.saturating_sub(spent);
            let violations = &trial.histories[0].violations;
            let fresh = &violations[trial.seen..];
            if fresh.iter().any(|found| found.property == self.property) {
                return Some(true);
            }
            trial.seen = violations.len();
            looked(trial);
        }
        None
    }
}

/// All subsets that are smaller than the one known, one run each, the smallest first.
#[derive(Clone, Debug)]
struct Subsets {
    /// Those to try, as bits by number, the next one last.
    masks: Vec<u16>,
    /// How many lies there are to choose from.
    lies: u32,
    mask: u16,
    trial: Box<Trial>,
    /// The present trial after its first lies, each later than the one before: two subsets that
    /// agree on the lies so far run alike so far.
    prefixes: Vec<(u32, Trial)>,
}

impl Subsets {
    fn new(trials: &Trials, lies: u32, below: usize) -> Self {
        // The smallest are the last. Of one size, those that begin alike follow each other: the
        // first lie is the highest bit of what is counted down here.
        let of_size = |size: usize| {
            let all = (1..1_u32 << lies).rev();
            all.filter(move |one| one.count_ones() as usize == size)
        };
        let turned = |one: u32| (one as u16).reverse_bits() >> (u16::BITS - lies);
        let masks = (1..below).rev().flat_map(of_size).map(turned).collect();
        let start = trials.of(&[]);
        let prefixes = vec![(0, start.clone())];
        let mut subsets = Self { masks, lies, mask: 0, trial: Box::new(start), prefixes };
        subsets.next();
        subsets
    }

    /// Begins the next trial from what it shares with the last; false if there is none.
    fn next(&mut self) -> bool {
        let Some(mask) = self.masks.pop() else { return false };
        let alike = (mask ^ self.mask).trailing_zeros();
        self.prefixes.retain(|(decided, _)| *decided <= alike);
        self.mask = mask;
        let (_, shared) = self.prefixes.last().expect("the first is decided of no lie");
        *self.trial = shared.clone();
        self.trial.run.tell_only(numbers(mask).collect());
        true
    }

    /// Plays on while `work` lasts: `Some(Some(mask))` if that subset is enough, `Some(None)` if
    /// none is.
    fn advance(&mut self, trials: &mut Trials, work: &mut u64) -> Option<Option<u16>> {
        loop {
            let Self { trial, prefixes, lies, .. } = self;
            let keep = |trial: &Trial| {
                let decided = trial.run.group().lies_told();
                let known = prefixes.last().map_or(0, |(known, _)| *known);
                if decided > known && decided < *lies {
                    prefixes.push((decided, trial.clone()));
                }
            };
            match trials.play(trial, work, keep)? {
                true => return Some(Some(self.mask)),
                false if !self.next() => return Some(None),
                false => {}
            }
        }
    }
}

/// The numbers of the bits that are set, in order.
fn numbers(mask: u16) -> impl Iterator<Item = u32> {
    (0..u16::BITS).filter(move |bit| mask >> bit & 1 == 1)
}

/// Writes down what is no truth.
#[derive(Clone, Debug)]
struct Told(Vec<Lie>);

impl Sink for Told {
    fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
        let Some((_, truth)) = packet.lie else { return };
        if self.0.len() == TOLD_MAX || packet.is_copy {
            return;
        }
        let truth = match truth {
            Instead::Said(message) => Some(message.fact()),
            Instead::Nothing => None,
        };
        let withheld = matches!(packet.verdict, Verdict::Dropped { reason: Reason::Withheld, .. });
        let Packet { from, to, sent: at, message, .. } = packet;
        self.0.push(Lie { at, from, to, words: message.fact(), truth, withheld });
    }
}

#[cfg(test)]
mod tests;
