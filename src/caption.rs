//! Captions of a run: which of the author's notes come, and when; and where the author says
//! nothing, its turning points.
//!
//! All of it is read from the record of the run. So what a caption says has happened: a note with
//! `when` comes when its condition does, and else not at all.

mod turns;

pub(crate) use self::turns::Turn;
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::history::History;
use crate::protocol::{Belief, Role};
use crate::scenario::Scenario;
use crate::scenario::note::{Condition, Cue, Note, When};

/// So often one note comes.
const TIMES_MAX: usize = 50;

/// What is said from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caption {
    /// When.
    pub(crate) at: Micros,
    /// What.
    pub(crate) says: Says,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// The author, in that note of the scenario.
    Note(usize),
    /// The run itself.
    Turn(Turn),
}

/// What captions are read from.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// A group's, alone; with whom was meant by `leader`, as far as that is known.
    pub(crate) scenario: &'a Scenario,
    /// The same as it is written.
    pub(crate) written: &'a Scenario,
    /// The record of its run.
    pub(crate) history: &'a History,
    /// How far it goes.
    pub(crate) until: Micros,
}

/// Up to when a run is its author's.
pub(crate) struct Author<'a> {
    /// The author's captions: others were written for this very run.
    pub(crate) notes: &'a [Note],
    /// Until then the runs are alike; `None` if not at all.
    pub(crate) alike: Option<Micros>,
    /// Until then they would be if the author's protocol were this run's.
    pub(crate) foreseen: Option<Micros>,
}

impl Author<'_> {
    /// True if that note by time is about this run. Where its author names this run's protocol, the
    /// protocol is no difference.
    pub(crate) fn means(&self, note: &Note, at: Micros) -> bool {
        let until = if note.under.is_empty() { self.alike } else { self.foreseen };
        until.is_some_and(|until| at < until) || !self.notes.contains(note)
    }
}

/// The captions of a run, as far as it is known, in order.
pub(crate) fn captions(known: Known<'_>, author: &Author<'_>) -> Vec<Caption> {
    let scenario = known.scenario;
    let mut captions = Vec::new();
    let mut put = |at: Micros, says: Says| {
        let place = captions.partition_point(|other: &Caption| other.at <= at);
        captions.insert(place, Caption { at, says });
    };
    // An author who waits for what does not come has said something, all the same.
    let mut is_silent = true;
    for (number, note) in scenario.notes.iter().enumerate() {
        if !note.is_of(scenario.group()) {
            continue;
        }
        is_silent = false;
        // What a step says leads from what the one before it said: in a run that a reader has
        // changed, nobody knows whether it does.
        let times = match &note.cue {
            Cue::At(at) => Some(*at).into_iter().collect(),
            Cue::When(when) => comes(when, known),
        };
        let is_any = note.step.is_none() && !matches!(note.cue, Cue::At(_));
        let is_said = |at: &Micros| is_any || author.means(note, *at);
        times.into_iter().filter(is_said).for_each(|at| put(at, Says::Note(number)));
    }
    for (at, turn) in turns::of(known) {
        if is_silent || author.alike.is_none_or(|until| at >= until) {
            put(at, Says::Turn(turn));
        }
    }
    captions
}

/// When a note comes, as far as that is known.
fn comes(when: &When, known: Known<'_>) -> Vec<Micros> {
    let mut times = Vec::new();
    let most = if when.each { TIMES_MAX } else { 1 };
    happens(&when.event, known, &mut |at| {
        let at = at + when.after;
        if times.len() < most && at <= known.until {
            times.push(at);
        }
    });
    times
}

/// Goes through the times at which that happens, in order.
fn happens(event: &Condition, known: Known<'_>, see: &mut dyn FnMut(Micros)) {
    let Known { scenario, written, history, until: _ } = known;
    match *event {
        Condition::Becomes(id, role) => each_change(history, id, &mut |at, before, now| {
            let is_it = |one: Option<Belief>| one.is_some_and(|belief| belief.role == role);
            if is_it(now) && !is_it(before) {
                see(at);
            }
        }),
        Condition::StepsDown(id) => each_change(history, id, &mut |at, before, now| {
            if steps_down(before, now) {
                see(at);
            }
        }),
        Condition::Leads(id) | Condition::LeadsAgain(id) => {
            let mut is_due = !matches!(event, Condition::LeadsAgain(_));
            for (at, led) in &history.led {
                if *led == Some(id) && std::mem::replace(&mut is_due, true) {
                    see(*at);
                }
            }
        }
        Condition::NobodyLeads(span) => each_leaderless(known, &mut |from, to| {
            if to.since(from) >= span {
                see(from + span);
            }
        }),
        Condition::WritesStall(span) => each_stall(known, &mut |from, to| {
            if to.since(from) >= span {
                see(from + span);
            }
        }),
        Condition::SafetyBreaks => history.violations.iter().for_each(|broken| see(broken.at)),
        Condition::Done(act) => {
            for ((at, done), (_, asked)) in scenario.actions.iter().zip(&written.actions) {
                // Where nobody leads, nothing is done to a leader.
                if (*done == act || *asked == act) && !done.is_open() {
                    see(*at);
                }
            }
        }
    }
}

/// Goes through what a replica came to believe, and what it had believed until then.
fn each_change(
    history: &History,
    id: ReplicaId,
    see: &mut dyn FnMut(Micros, Option<Belief>, Option<Belief>),
) {
    let mut before = None;
    for (at, now) in &history.beliefs[id.index()] {
        see(*at, before, *now);
        before = *now;
    }
}

/// A leader that stops steps down from nothing.
fn steps_down(before: Option<Belief>, now: Option<Belief>) -> bool {
    let leads = |belief: Belief| belief.role == Role::Leader;
    before.is_some_and(leads) && now.is_some_and(|belief| !leads(belief))
}

/// Goes through the times in which no majority followed anybody: from when to when.
fn each_leaderless(known: Known<'_>, see: &mut dyn FnMut(Micros, Micros)) {
    let led_by = &known.history.led;
    for (number, (from, led)) in led_by.iter().enumerate() {
        let to = led_by.get(number + 1).map_or(known.until, |(at, _)| *at);
        if led.is_none() && *from < to {
            see(*from, to);
        }
    }
}

/// Goes through the times in which a write waited: from when it was tried to when the next one was
/// committed, whichever that was. Where one value is decided nothing waits any more.
fn each_stall(known: Known<'_>, see: &mut dyn FnMut(Micros, Micros)) {
    let Known { scenario, history, until, written: _ } = known;
    let mut writes = history.writes.iter().map(|write| write.at).peekable();
    for to in history.commits.iter().copied().chain([until]) {
        if let Some(from) = writes.peek().filter(|from| **from < to) {
            see(*from, to);
        }
        while writes.next_if(|at| *at < to).is_some() {}
        if scenario.group().protocol.decides_once() && !history.commits.is_empty() {
            return;
        }
    }
}
