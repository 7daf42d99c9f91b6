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

/// Whose run it is: what the captions were written for.
pub(crate) trait Author {
    /// True if that note is about this run.
    fn means(&self, note: &Note) -> bool;
    /// True if this run and the author's are alike up to that moment.
    fn is_own(&self, at: Micros) -> bool;
}

/// The captions of the group of a scenario that is alone, as far as its run is known, in order.
pub(crate) fn captions(
    scenario: &Scenario,
    history: &History,
    known: Micros,
    author: &dyn Author,
) -> Vec<Caption> {
    let known = known.min(scenario.until);
    let mut captions = Vec::new();
    let mut put = |at: Micros, says: Says| {
        let place = captions.partition_point(|other: &Caption| other.at <= at);
        captions.insert(place, Caption { at, says });
    };
    let mut is_silent = true;
    for (number, note) in scenario.notes.iter().enumerate() {
        if !note.is_of(scenario.group()) {
            continue;
        }
        let times = match &note.cue {
            Cue::At(at) => {
                if author.means(note) {
                    vec![*at]
                } else {
                    Vec::new()
                }
            }
            Cue::When(when) => comes(when, scenario, history, known),
        };
        for at in times {
            is_silent = false;
            put(at, Says::Note(number));
        }
    }
    for (at, turn) in turns::of(scenario, history, known) {
        if is_silent || !author.is_own(at) {
            put(at, Says::Turn(turn));
        }
    }
    captions
}

/// When a note comes, as far as that is known.
fn comes(when: &When, scenario: &Scenario, history: &History, known: Micros) -> Vec<Micros> {
    let mut times = Vec::new();
    let most = if when.each { TIMES_MAX } else { 1 };
    happens(&when.event, (scenario, history, known), &mut |at| {
        let at = at + when.after;
        if times.len() < most && at <= known {
            times.push(at);
        }
    });
    times
}

/// Goes through the times at which that happens, in order.
fn happens(
    event: &Condition,
    (scenario, history, known): (&Scenario, &History, Micros),
    see: &mut dyn FnMut(Micros),
) {
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
        Condition::NobodyLeads(span) => each_leaderless(history, known, &mut |from, to| {
            if to.since(from) >= span {
                see(from + span);
            }
        }),
        Condition::WritesStall(span) => each_stall(history, known, &mut |from, to| {
            if to.since(from) >= span {
                see(from + span);
            }
        }),
        Condition::SafetyBreaks => history.violations.iter().for_each(|broken| see(broken.at)),
        Condition::Done(act) => {
            let done = scenario.actions.iter().filter(|(_, one)| *one == act);
            done.for_each(|(at, _)| see(*at));
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
fn each_leaderless(history: &History, known: Micros, see: &mut dyn FnMut(Micros, Micros)) {
    for (number, (from, led)) in history.led.iter().enumerate() {
        let to = history.led.get(number + 1).map_or(known, |(at, _)| *at);
        if led.is_none() && *from < to {
            see(*from, to);
        }
    }
}

/// Goes through the times in which a write waited: from when it was tried to when the next one was
/// committed, whichever that was.
fn each_stall(history: &History, known: Micros, see: &mut dyn FnMut(Micros, Micros)) {
    let mut since = Micros::ZERO;
    for number in 0..=history.commits.len() {
        let to = history.commits.get(number).map_or(known, |at| *at);
        let first = history.writes.partition_point(|write| write.at < since);
        if let Some(write) = history.writes.get(first).filter(|write| write.at < to) {
            see(write.at, to);
        }
        since = to;
    }
}
