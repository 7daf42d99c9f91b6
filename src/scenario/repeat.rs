//! `every 6s from 4s to 60s cut n1 <-> n2 for 4s`, and `at 4s cut n1 <-> n2 for 4s`: one line that
//! stands for several actions.
//!
//! A scenario has all its actions in one list, whatever line they come from, so whoever runs or
//! judges one knows nothing of lines. At the same time what is repeated, or done for a time, comes
//! first, line by line, then the rest: so an action that a reader adds comes after those that it
//! sees.

use std::fmt;

use super::cursor::{Cursor, Parsed};
use super::diagnostic::Place;
use super::text::ActDraft;
use super::{Bounds, Scenario};
use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::fault::Action;

/// An action that is done again and again, or once for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// From one time to the next; `None` if there is one time, as `at` says.
    pub every: Option<Micros>,
    /// The first time.
    pub from: Micros,
    /// No time comes after it.
    pub to: Micros,
    /// What is done.
    pub act: Action,
    /// After how long it is lifted, if the line says so.
    pub lasts: Option<Micros>,
}

/// Words of such a line, by number: the time between, the first, the last, how long it lasts.
const EVERY: usize = 0;
const FROM: usize = 1;
const TO: usize = 2;
const LASTS: usize = 3;

impl Repeat {
    /// As the text writes it, with its action as [`Scenario::action_text`] does, behind a time so
    /// wide.
    pub(super) fn fmt(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        (act, wide): (&str, usize),
    ) -> fmt::Result {
        let Self { every, from, to, act: _, lasts } = self;
        match every {
            Some(every) => write!(formatter, "every {every} from {from} to {to} {act}")?,
            None => write!(formatter, "at {:wide$} {act}", from.to_string())?,
        }
        lasts.map_or(Ok(()), |lasts| write!(formatter, " for {lasts}"))
    }

    /// How many actions one time is.
    fn each(&self) -> u64 {
        1 + u64::from(self.lasts.is_some())
    }

    /// How many actions it stands for, if it is well-formed.
    pub(super) fn count(&self) -> u64 {
        let times = |every: Micros| self.to.since(self.from).0 / every.0.max(1) + 1;
        self.every.map_or(1, times) * self.each()
    }

    /// What is wrong with its times, and at which word, in a run so long that has room for so many
    /// actions.
    #[inline(never)]
    pub(super) fn refuses(&self, until: Micros, room: u64) -> Option<(usize, Fact)> {
        let (shortest, longest) = (Bounds::INTERVAL_MIN, Bounds::UNTIL);
        if self.every.is_some_and(|every| every < shortest || every > longest) {
            return Some((EVERY, fact!("period", least = shortest).with("most", longest)));
        }
        if self.from > until {
            return Some((FROM, fact!("after-the-end", until)));
        }
        if self.to > until {
            return Some((TO, fact!("after-the-end", until)));
        }
        if self.to < self.from {
            return Some((TO, fact!("ends-before", from = self.from)));
        }
        if let Some(lasts) = self.lasts {
            if self.act.lifted_by().is_none() {
                return Some((LASTS, fact!("nothing-lifts", verb = self.act.row().name)));
            }
            if lasts == Micros::ZERO || self.every.is_some_and(|every| lasts >= every) {
                let nothing = Fact::plain("lasts-nothing");
                let every = self.every.map(|every| fact!("lasts-too-long", every));
                return Some((LASTS, every.unwrap_or(nothing)));
            }
        }
        if self.count() <= room {
            return None;
        }
        if self.every.is_none() {
            return Some((FROM, fact!("times", most = Bounds::ACTS, what = "actions")));
        }
        let fact = fact!("too-often", actions = self.count(), room, most = Bounds::ACTS);
        // The next whole millisecond with which the last time is behind the end of the line.
        let least = self.to.since(self.from).0.checked_div(room / self.each());
        let least = least.map(|over| Micros((over / 1_000 + 1) * 1_000));
        let least = least.filter(|least| *least <= longest);
        let way = least.map_or("none".into(), |least| fact!("one", least));
        Some((EVERY, fact.with("way", way)))
    }
}

/// A line with `every`, or with `at` and `for`, its action as that is written.
pub(super) struct RepeatDraft {
    pub(super) times: Repeat,
    /// Of its words, by number.
    pub(super) places: [Place; 4],
    pub(super) draft: ActDraft,
}

impl RepeatDraft {
    /// `6s from 4s to 60s cut n1 <-> n2 for 4s`.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let (every, every_place) = cursor.duration("period")?;
        cursor.demand("from")?;
        let (from, from_place) = cursor.duration("time")?;
        cursor.demand("to")?;
        let (to, to_place) = cursor.duration("time")?;
        let draft = ActDraft::read(cursor)?;
        let (mut lasts, mut places) = (None, [every_place, from_place, to_place, cursor.place()]);
        if cursor.skip("for") {
            let (time, place) = cursor.duration("lasting")?;
            (lasts, places[LASTS]) = (Some(time), place);
        }
        let times = Repeat { every: Some(every), from, to, act: draft.act, lasts };
        Ok(Self { times, places, draft })
    }

    /// `4s cut n1 <-> n2 for 4s`, up to `for`, which comes now.
    pub(super) fn once(
        cursor: &mut Cursor<'_>,
        (at, place): (Micros, Place),
        draft: ActDraft,
    ) -> Parsed<Self> {
        let (lasts, until) = cursor.duration("lasting")?;
        let times = Repeat { every: None, from: at, to: at, act: draft.act, lasts: Some(lasts) };
        Ok(Self { times, places: [place, place, place, until], draft })
    }
}

/// For each action of a scenario, the number of the line with `every` or `for` that it comes from.
pub type Lines = Vec<Option<usize>>;

/// One action that a line stands for.
struct Time {
    at: Micros,
    /// The number of the line.
    line: usize,
    /// True for the end of what is done for a time.
    is_end: bool,
}

/// What such lines stand for, in order of time and of lines. A line that is wrong, or is one too
/// many, stands for nothing.
#[inline(never)]
fn times(repeats: &[Repeat], until: Micros) -> Vec<Time> {
    let mut all: Vec<Time> = Vec::new();
    for (line, repeat) in repeats.iter().enumerate() {
        let room = (Bounds::ACTS - all.len()) as u64;
        if repeat.refuses(until, room).is_some() {
            continue;
        }
        let mut at = repeat.from;
        while at <= repeat.to {
            let end = repeat.lasts.map(|lasts| (at + lasts, true));
            for (at, is_end) in [Some((at, false)), end].into_iter().flatten() {
                if at <= until {
                    let place = all.partition_point(|other| other.at <= at);
                    all.insert(place, Time { at, line, is_end });
                }
            }
            let Some(every) = repeat.every else { break };
            at = at + every;
        }
    }
    all
}

impl Scenario {
    /// Puts what its lines with `every` or `for` stand for among its actions, which are the others.
    pub fn expand(&mut self) {
        let times = times(&self.repeats, self.until);
        let mut place = self.actions.len();
        for Time { at, line, is_end } in times.into_iter().rev() {
            let act = self.repeats[line].act;
            let act = if is_end { act.lifted_by() } else { Some(act) };
            place = self.actions[..place].partition_point(|(other, _)| *other < at);
            self.actions.insert(place, (at, act.expect("checked: something lifts it")));
        }
    }

    /// For each of its actions, the number of the line with `every` or `for` that it comes from, if
    /// it does.
    #[inline(never)]
    pub fn lines(&self) -> Lines {
        let times = times(&self.repeats, self.until);
        let mut times = times.iter().peekable();
        let line = |(at, _): &(Micros, Action)| Some(times.next_if(|time| time.at == *at)?.line);
        self.actions.iter().map(line).collect()
    }

    /// What is written with `at`, and not for a time.
    #[inline(never)]
    pub(super) fn unexpanded(&self) -> Vec<(Micros, Action)> {
        let all = self.actions.iter().zip(self.lines());
        all.filter(|(_, line)| line.is_none()).map(|(act, _)| *act).collect()
    }
}
