//! Captions: what is said at a time, or when something happens.
//!
//! ```text
//! note 12s "…"
//! note under raft, raft+prevote 12s "…"
//! note when n1 becomes candidate "…"
//! note when nobody leads for 2s, after 5s "…"
//! note when writes stall for 2s, each "…"
//! note when r1.tor-a heals "…"
//! note when in zk n3 leads again "…"
//! step 12s, focus r1.tor-a, n3 -> n1 "…"
//! step when n1 becomes candidate, compare raft+prevote "…"
//! ask 12s "What will server 2 do? | It votes for server 1. | It refuses."
//! ```
//!
//! A note by time is about the author's run; one with `when` is about every run in which that
//! happens. It is shown the first time, or `each` time, and `after` so long if need be. A `step` is
//! a note at which the run waits for its reader, and an `ask` a step that asks him something.

use std::fmt;
use std::ops::RangeInclusive;

use super::Scenario;
use super::action::{ActPlaces, healing, mended, replica_named};
use super::cursor::{Cursor, Parsed};
use super::diagnostic::Place;
use super::expect::{Under, protocols_of};
use super::validate::is_cluster_name;
use crate::clock::Micros;
use crate::fault::verb::{self, Verb};
use crate::fault::{Action, ReplicaId};
use crate::protocol::{Protocol, Role};

/// A caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Under which protocols it is said; under every one if it names none.
    pub under: Vec<Protocol>,
    /// When.
    pub cue: Cue,
    /// What is said.
    pub text: String,
    /// What it is besides, if the run waits there for its reader.
    pub step: Option<Step>,
}

/// A caption at which a run waits for its reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What it points at: each as what would heal it.
    pub focus: Vec<Action>,
    /// Under which protocol the reader is offered the same run.
    pub compare: Option<Protocol>,
    /// True if the text is a question and what may be answered, with `|` between them.
    pub asks: bool,
}

/// When a caption comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cue {
    /// At that time of the author's run.
    At(Micros),
    /// When something happens, in any run.
    When(When),
}

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// The group that it is about, where there are several and it is about one.
    pub group: Option<String>,
    /// What.
    pub event: Condition,
    /// So long after that.
    pub after: Micros,
    /// Each time, and not only the first.
    pub each: bool,
}

/// Something that happens in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A replica comes to play that part.
    Becomes(ReplicaId, Role),
    /// A leader goes on as something else.
    StepsDown(ReplicaId),
    /// A majority comes to follow it.
    Leads(ReplicaId),
    /// The same, not for the first time.
    LeadsAgain(ReplicaId),
    /// No majority has followed anybody for that long.
    NobodyLeads(Micros),
    /// A write has waited for that long, and none was committed meanwhile.
    WritesStall(Micros),
    /// A safety property breaks.
    SafetyBreaks,
    /// That is done.
    Done(Action),
}

impl Condition {
    /// True if it is about one group.
    pub(super) fn is_of_group(&self) -> bool {
        match self {
            Self::Done(act) => act.object().names_replicas(),
            Self::Becomes(..)
            | Self::StepsDown(_)
            | Self::Leads(_)
            | Self::LeadsAgain(_)
            | Self::NobodyLeads(_)
            | Self::WritesStall(_)
            | Self::SafetyBreaks => true,
        }
    }

    /// How long it must last, where that is said.
    pub(super) const fn lasts(&self) -> Option<Micros> {
        match self {
            Self::NobodyLeads(span) | Self::WritesStall(span) => Some(*span),
            Self::Becomes(..)
            | Self::StepsDown(_)
            | Self::Leads(_)
            | Self::LeadsAgain(_)
            | Self::SafetyBreaks
            | Self::Done(_) => None,
        }
    }

    /// The replica that it is about, if it is about one.
    pub(super) const fn replica(&self) -> Option<ReplicaId> {
        match self {
            Self::Becomes(id, _) | Self::StepsDown(id) | Self::Leads(id) | Self::LeadsAgain(id) => {
                Some(*id)
            }
            Self::NobodyLeads(_) | Self::WritesStall(_) | Self::SafetyBreaks | Self::Done(_) => {
                None
            }
        }
    }
}

impl Note {
    /// One by time, under every protocol.
    pub const fn at(at: Micros, text: String) -> Self {
        Self { under: Vec::new(), cue: Cue::At(at), text, step: None }
    }

    /// Its time, where it has one: those without come last.
    pub const fn time(&self) -> Option<Micros> {
        match self.cue {
            Cue::At(at) => Some(at),
            Cue::When(_) => None,
        }
    }

    /// True if it is said of that group of a scenario, by the protocol that it speaks.
    pub fn is_of(&self, group: &super::Group) -> bool {
        let is_it = |name: &String| *name == group.name;
        let of_group = match &self.cue {
            Cue::At(_) => true,
            Cue::When(when) => when.group.as_ref().is_none_or(is_it),
        };
        of_group && (self.under.is_empty() || self.under.contains(&group.protocol))
    }
}

impl When {
    /// The number of the group that it is about, if that is there.
    pub(super) fn number(&self, scenario: &Scenario) -> Option<usize> {
        let Some(name) = &self.group else { return Some(0) };
        scenario.groups.iter().position(|group| group.name == *name)
    }

    /// True if it should name a group, and names none.
    pub(super) fn is_open(&self, scenario: &Scenario) -> bool {
        self.group.is_none() && scenario.groups.len() > 1 && self.event.is_of_group()
    }

    /// True if it names a group, and is about none.
    pub(super) fn is_of_none(&self) -> bool {
        self.group.is_some() && !self.event.is_of_group()
    }
}

/// A caption as it is read, and where what can be wrong of it stands.
pub(super) struct NoteDraft {
    pub(super) note: Note,
    /// Of the time or the event (0), the text (1), how long it must last (2), how much later it
    /// comes (3), and the group (4).
    pub(super) places: [Place; 5],
    /// Of what is done.
    pub(super) act: ActPlaces,
    /// Of what it points at.
    pub(super) focus: Vec<Place>,
}

impl NoteDraft {
    /// What follows `note`, `step` or `ask`.
    #[inline(never)]
    pub(super) fn read(word: &str, cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let under = if cursor.skip("under") { protocols_of(cursor)? } else { Vec::new() };
        let mut places = [cursor.place(); 5];
        let mut at = ActPlaces::default();
        let cue = if cursor.skip("when") {
            Cue::When(when(cursor, &mut places, &mut at)?)
        } else {
            Cue::At(cursor.duration("note-cue")?.0)
        };
        let (mut step, mut focus) = (None, Vec::new());
        if word != "note" {
            step = Some(Step::read(cursor, &mut focus)?);
        }
        let text;
        (text, places[1]) = cursor.string("note")?;
        if let Some(step) = step.as_mut().filter(|_| word == "ask") {
            step.asks = true;
            if !Step::ANSWERS.contains(&text.matches('|').count()) {
                return Err(places[1].refuses("answers"));
            }
        }
        Ok(Self { note: Note { under, cue, text, step }, places, act: at, focus })
    }
}

impl Step {
    /// So many answers a reader chooses from.
    const ANSWERS: RangeInclusive<usize> = 2..=4;
    /// So many things a step points at.
    const FOCUS: usize = 8;

    /// `focus r1.tor-a, n3 -> n1, compare raft+prevote`, as much of it as there is.
    fn read(cursor: &mut Cursor<'_>, places: &mut Vec<Place>) -> Parsed<Self> {
        let mut step = Self::default();
        cursor.skip(",");
        let mut is_more = cursor.skip("focus");
        while is_more && step.focus.len() < Self::FOCUS {
            places.push(cursor.place());
            step.focus.push(mended(cursor, Verb::Restore, &mut ActPlaces::default())?);
            is_more = cursor.skip(",") && cursor.word() != "compare";
        }
        if cursor.skip("compare") {
            step.compare = Some(cursor.take("protocol", Protocol::named)?.0);
        }
        Ok(step)
    }

    /// What it points at, as the text has it.
    pub fn pointed(&self) -> Vec<String> {
        self.focus.iter().map(|act| act.object().to_string()).collect()
    }
}

/// What follows `when`, up to the text.
fn when(cursor: &mut Cursor<'_>, places: &mut [Place; 5], at: &mut ActPlaces) -> Parsed<When> {
    let named = |word: &str| is_cluster_name(word).then(|| word.to_owned());
    let mut group = None;
    if cursor.skip("in") {
        cursor.group = Some(cursor.word());
        let (name, place) = cursor.take("group", named)?;
        (group, places[4]) = (Some(name), place);
    }
    places[0] = cursor.place();
    let event = condition(cursor, &mut places[2], at)?;
    let mut when = When { group, event, after: Micros::ZERO, each: false };
    cursor.skip(",");
    if cursor.skip("after") {
        (when.after, places[3]) = cursor.duration("note-after")?;
        cursor.skip(",");
    }
    when.each = cursor.skip("each");
    if !when.each {
        cursor.skip("once");
    }
    Ok(when)
}

/// `n1 becomes candidate`, `nobody leads for 2s`, `heal r1.tor-a`.
fn condition(
    cursor: &mut Cursor<'_>,
    lasts: &mut Place,
    places: &mut ActPlaces,
) -> Parsed<Condition> {
    let mut lasting = |cursor: &mut Cursor<'_>, verb| -> Parsed<Micros> {
        cursor.demand(verb)?;
        cursor.skip("for");
        let span;
        (span, *lasts) = cursor.duration("note-lasts")?;
        Ok(span)
    };
    if cursor.skip("nobody") {
        return Ok(Condition::NobodyLeads(lasting(cursor, "leads")?));
    }
    if cursor.skip("writes") {
        return Ok(Condition::WritesStall(lasting(cursor, "stall")?));
    }
    if cursor.skip("safety") {
        cursor.demand("breaks")?;
        return Ok(Condition::SafetyBreaks);
    }
    if let Some(act) = healing(cursor, places)? {
        return Ok(Condition::Done(act));
    }
    if !cursor.sees(|name| replica_named(name).is_some()) {
        if !verb::names().any(|name| name == cursor.word()) {
            return Err(cursor.expected("note-when"));
        }
        let act;
        (act, *places) = super::action::act(cursor)?;
        return Ok(Condition::Done(act));
    }
    of_replica(cursor)
}

/// `n1 becomes candidate`, `n3 steps down`, `n3 leads again`.
fn of_replica(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    let one = |name: &str| replica_named(name).filter(|id| !id.is_leader());
    let (id, _) = cursor.take("replica", one)?;
    if cursor.skip("becomes") {
        let named = |word: &str| Role::ALL.into_iter().find(|role| role.name() == word);
        return Ok(Condition::Becomes(id, cursor.take("role", named)?.0));
    }
    if cursor.skip("steps") {
        cursor.demand("down")?;
        return Ok(Condition::StepsDown(id));
    }
    if !cursor.skip("leads") {
        return Err(cursor.expected("event"));
    }
    Ok(if cursor.skip("again") { Condition::LeadsAgain(id) } else { Condition::Leads(id) })
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: &[&str] = match self {
            Self::Becomes(_, role) => &["becomes", role.name()],
            Self::StepsDown(_) => &["steps", "down"],
            Self::Leads(_) => &["leads"],
            Self::LeadsAgain(_) => &["leads", "again"],
            Self::NobodyLeads(_) => &["nobody", "leads", "for"],
            Self::WritesStall(_) => &["writes", "stall", "for"],
            Self::SafetyBreaks => &["safety", "breaks"],
            Self::Done(act) => return act.fmt(formatter),
        };
        if let Some(id) = self.replica() {
            write!(formatter, "{id} ")?;
        }
        formatter.write_str(&words.join(" "))?;
        self.lasts().map_or(Ok(()), |span| write!(formatter, " {span}"))
    }
}

impl Note {
    /// What a line of it begins with.
    pub(super) fn word(&self) -> &'static str {
        match &self.step {
            None => "note",
            Some(step) if step.asks => "ask",
            Some(_) => "step",
        }
    }

    /// The group of a scenario whose replicas it names.
    pub fn group(&self, scenario: &Scenario) -> usize {
        match &self.cue {
            Cue::At(_) => 0,
            Cue::When(when) => when.number(scenario).unwrap_or(0),
        }
    }
}

impl Scenario {
    /// A note as a line of the text, but for its words.
    pub(super) fn cue_text(&self, note: &Note) -> String {
        let mut words = vec![note.word().to_owned()];
        if !note.under.is_empty() {
            words.extend(["under".to_owned(), Under::These(note.under.clone()).to_string()]);
        }
        match &note.cue {
            Cue::At(at) => words.push(at.to_string()),
            Cue::When(when) => {
                words.push("when".to_owned());
                if let Some(group) = &when.group {
                    words.extend(["in".to_owned(), group.clone()]);
                }
                let mut event = self.called(note.group(self), &when.event.to_string());
                if when.after != Micros::ZERO {
                    event += ", after ";
                    event += &when.after.to_string();
                }
                if when.each {
                    event += ", each";
                }
                words.push(event);
            }
        }
        let mut text = words.join(" ");
        if let Some(step) = &note.step {
            let focus = self.called(note.group(self), &step.pointed().join(", "));
            let compare = step.compare.map_or("", Protocol::name);
            for (word, what) in [(", focus ", focus.as_str()), (", compare ", compare)] {
                if !what.is_empty() {
                    text.extend([word, what]);
                }
            }
        }
        text
    }
}
