//! `every 6s from 4s to 60s cut n1 <-> n2 for 4s`: one line that stands for many acts.
//!
//! A scenario has all its acts in one list, whatever line they come from, so whoever runs or judges
//! one knows nothing of lines. At the same time what is written with `at` comes first, then what is
//! repeated, line by line.

use std::fmt;

use super::cursor::{Cursor, Parsed};
use super::diagnostic::Place;
use super::validate::{Setting, Subject, flaw_of_first_leader, flaws_of_act};
use super::{Bounds, Scenario, act, validate};
use crate::clock::Micros;
use crate::fact::Fact;
use crate::fault::Act;

/// An act that is done again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// From one time to the next.
    pub every: Micros,
    /// The first time.
    pub from: Micros,
    /// No time comes after it.
    pub to: Micros,
    /// What is done.
    pub act: Act,
    /// After how long it is lifted, if the line says so.
    pub lasts: Option<Micros>,
}

/// A word of such a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatWord {
    /// The time between.
    Every,
    /// The first time.
    From,
    /// The last time.
    To,
    /// A word of the act.
    Act(validate::Word),
    /// How long it lasts.
    Lasts,
}

/// Where the words of such a line stand.
pub(super) struct RepeatPlaces {
    every: Place,
    from: Place,
    to: Place,
    act: act::ActPlaces,
    lasts: Place,
}

impl RepeatPlaces {
    /// Where that word stands.
    pub(super) const fn of(&self, word: RepeatWord) -> Place {
        match word {
            RepeatWord::Every => self.every,
            RepeatWord::From => self.from,
            RepeatWord::To => self.to,
            RepeatWord::Act(word) => self.act.of(word),
            RepeatWord::Lasts => self.lasts,
        }
    }
}

/// Reads what follows `every`.
pub(super) fn repeat(cursor: &mut Cursor<'_>) -> Parsed<(Repeat, RepeatPlaces)> {
    let (every, every_place) = cursor.duration("period")?;
    cursor.demand("from")?;
    let (from, from_place) = cursor.duration("time")?;
    cursor.demand("to")?;
    let (to, to_place) = cursor.duration("time")?;
    let (act, places) = act::act_within(cursor)?;
    let (mut lasts, mut lasts_place) = (None, cursor.place());
    if cursor.skip("for") {
        let (time, place) = cursor.duration("lasting")?;
        (lasts, lasts_place) = (Some(time), place);
    }
    let repeat = Repeat { every, from, to, act, lasts };
    let (every, from, to) = (every_place, from_place, to_place);
    Ok((repeat, RepeatPlaces { every, from, to, act: places, lasts: lasts_place }))
}

/// As the scenario text writes it.
impl fmt::Display for Repeat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { every, from, to, act, lasts } = self;
        write!(formatter, "every {every} from {from} to {to} {act}")?;
        lasts.map_or(Ok(()), |lasts| write!(formatter, " for {lasts}"))
    }
}

impl Repeat {
    /// How many acts it stands for, if it is well-formed.
    fn count(&self) -> u64 {
        let times = self.to.since(self.from).0 / self.every.0.max(1) + 1;
        times * (1 + u64::from(self.lasts.is_some()))
    }

    /// What is wrong with its times.
    fn flaw(&self, until: Micros) -> Option<(RepeatWord, Fact)> {
        let (shortest, longest) = (Bounds::INTERVAL_MIN, Bounds::UNTIL);
        if self.every < shortest || self.every > longest {
            let fact = Fact::plain("period").with("least", shortest).with("most", longest);
            return Some((RepeatWord::Every, fact));
        }
        if self.to > until {
            let word = if self.from > until { RepeatWord::From } else { RepeatWord::To };
            return Some((word, Fact::plain("after-the-end").with("until", until)));
        }
        if self.to < self.from {
            return Some((RepeatWord::To, Fact::plain("ends-before").with("from", self.from)));
        }
        let lasts = self.lasts?;
        if self.act.lifted_by().is_none() {
            let verb = self.act.row().name;
            return Some((RepeatWord::Lasts, Fact::plain("nothing-lifts").with("verb", verb)));
        }
        let is_shorter = lasts > Micros::ZERO && lasts < self.every;
        let fact = || Fact::plain("lasts-too-long").with("every", self.every);
        (!is_shorter).then(|| (RepeatWord::Lasts, fact()))
    }

    /// Each act that it stands for, with its time, up to the end of the run.
    fn acts(&self, until: Micros) -> impl Iterator<Item = (Micros, Act)> {
        let times = (0..).map(|number| Micros(self.from.0 + number * self.every.0));
        let lift = self.lasts.and_then(|lasts| Some((lasts, self.act.lifted_by()?)));
        let times = times.take_while(|at| *at <= self.to);
        let acts = times.flat_map(move |at| {
            let lifted = lift.map(|(lasts, lift)| (at + lasts, lift));
            [Some((at, self.act)), lifted].into_iter().flatten()
        });
        acts.filter(move |(at, _)| *at <= until)
    }
}

/// What such lines stand for, in order of time, each with the number of its line. A line that is
/// wrong, or is one too many, stands for nothing.
fn expanded(repeats: &[Repeat], until: Micros) -> Vec<(Micros, Act, usize)> {
    let mut all = Vec::new();
    for (number, repeat) in repeats.iter().enumerate() {
        let fits = repeat.flaw(until).is_none()
            && all.len() as u64 + repeat.count() <= Bounds::ACTS as u64;
        for (at, act) in repeat.acts(until).take_while(|_| fits) {
            super::text::put_in_order(&mut all, (at, act, number), |(at, ..)| *at);
        }
    }
    all
}

impl Scenario {
    /// Puts what its lines with `every` stand for among its acts, which are those written with `at`.
    pub fn expand(&mut self) {
        for (at, act, _) in expanded(&self.repeats, self.until) {
            super::text::put_in_order(&mut self.acts, (at, act), |(at, _)| *at);
        }
    }

    /// For each of its acts, the number of the line with `every` that it comes from, if it does.
    pub fn lines(&self) -> Vec<Option<usize>> {
        let mut all = expanded(&self.repeats, self.until);
        // What is repeated comes last at its time, so backwards it comes first.
        let mut lines: Vec<_> = self
            .acts
            .iter()
            .rev()
            .map(|(at, act)| {
                let is_next = all.last().is_some_and(|next| (next.0, next.1) == (*at, *act));
                if is_next { all.pop().map(|(.., line)| line) } else { None }
            })
            .collect();
        lines.reverse();
        lines
    }

    /// What is wrong with the lines with `every`.
    pub(super) fn flaws_of_repeats(
        &self,
        setting: Setting,
        written: usize,
    ) -> Vec<(Subject, Fact)> {
        let mut flaws = Vec::new();
        let mut count = written as u64;
        for (number, repeat) in self.repeats.iter().enumerate() {
            for (word, fact) in flaws_of_act(&repeat.act, setting) {
                flaws.push((Subject::Repeat(number, RepeatWord::Act(word)), fact));
            }
            if let Some((word, fact)) = flaw_of_first_leader((repeat.from, &repeat.act), setting) {
                flaws.push((Subject::Repeat(number, RepeatWord::Act(word)), fact));
            }
            if let Some((word, fact)) = repeat.flaw(self.until) {
                flaws.push((Subject::Repeat(number, word), fact));
                continue;
            }
            count = count.saturating_add(repeat.count());
            if count > Bounds::ACTS as u64 {
                let fact = Fact::plain("times").with("what", "actions").with("most", Bounds::ACTS);
                flaws.push((Subject::Repeat(number, RepeatWord::Every), fact));
                break;
            }
        }
        flaws
    }
}
