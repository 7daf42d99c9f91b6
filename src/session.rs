//! What one reader does with a scenario: act, edit, undo, share.
//!
//! The text is the truth. Every change is a change of the text, so undo is the text before, and
//! what a reader copies is what runs.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::caption::{Author, Caption, Known, captions};
use crate::check::Violation;
use crate::clock::Micros;
use crate::explore::Search;
use crate::fault::{Action, ReplicaId};
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::edit::{insert_act, set_protocol, set_seed};
use crate::scenario::library::original;
use crate::scenario::link::encode;
use crate::scenario::note::Note;
use crate::scenario::text::{parse, parse_act};
use crate::timeline::{Replay, Timeline, TracedPacket, alike_until};

/// The most texts that undo remembers.
const UNDO_MAX: usize = 200;

/// A reader's text, its run, and the texts before and after it.
#[derive(Clone, Debug)]
pub struct Session {
    text: String,
    /// For whose run the captions were written: what is shipped, or else what was opened first.
    author: Arc<Scenario>,
    timeline: Timeline,
    undone: Vec<String>,
    done: Vec<String>,
    /// Who is to blame for what broke, once somebody asks.
    blame: Vec<(Violation, Search)>,
    /// The last question about the past, and how far its answer is.
    errand: Option<(Errand, Replay)>,
}

/// A question about the past that takes a stretch of the run to be played once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    /// When was the last event before that?
    Before(Micros),
    /// What had that replica said by then?
    Said(ReplicaId, Micros),
}

/// An answer that may take longer than one wants to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// Ask again: it takes more work.
    NotYet,
    /// Here it is.
    Ready(T),
}

impl Session {
    /// Opens a text.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn open(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let timeline = Timeline::new(parse(text)?);
        Ok(Self {
            text: text.to_owned(),
            author: Arc::clone(timeline.whole()),
            timeline,
            undone: Vec::new(),
            done: Vec::new(),
            blame: Vec::new(),
            errand: None,
        })
    }

    /// Opens the text at `place` of those that a reader has come by: undo goes back from there,
    /// redo goes on. See [`Self::texts`].
    ///
    /// # Errors
    /// What is wrong with it, and where; a place out of range is an empty text.
    pub fn resume(mut texts: Vec<String>, place: usize) -> Result<Self, Vec<Diagnostic>> {
        let mut undone = texts.split_off(texts.len().min(place + 1));
        undone.reverse();
        let text = texts.pop().unwrap_or_default();
        let session = Self::open(&text)?;
        let first = texts.first().and_then(|first| parse(first).ok()).map(Arc::new);
        let author = first.unwrap_or_else(|| Arc::clone(session.timeline.whole()));
        Ok(Self { undone, done: texts, author, ..session })
    }

    /// The texts that this reader has come by, in order, and the place of the present one.
    pub fn texts(&self) -> (Vec<String>, usize) {
        let later = self.undone.iter().rev();
        let texts = self.done.iter().chain([&self.text]).chain(later);
        (texts.cloned().collect(), self.done.len())
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tells it of shipped texts: if the notes of its text are of one of those, they are about that
    /// one's run.
    pub fn know(&mut self, shipped: &[&str]) {
        if let Some(author) = original(self.timeline.whole(), shipped) {
            self.author = Arc::new(author);
        }
    }

    /// True if that note by time was written for another run than this one: it was there when the
    /// text was opened, or is shipped (see [`Self::know`]), and something is different that comes
    /// before it. Where its author names this run's protocol, the protocol is no difference.
    pub fn is_for_another_run(&self, note: &Note) -> bool {
        note.time().is_some_and(|at| !self.author().means(note, at))
    }

    /// Up to when the run is its author's.
    fn author(&self) -> Author<'_> {
        let (author, present) = (&self.author, self.timeline.whole());
        let mut foreseen = Scenario::clone(author);
        for (own, group) in foreseen.groups.iter_mut().zip(&present.groups) {
            own.protocol = group.protocol;
        }
        Author {
            notes: &author.notes,
            alike: alike_until(author, present),
            foreseen: alike_until(&foreseen, present),
        }
    }

    /// The captions of the run, as far as it is known.
    pub(crate) fn captions(&self) -> Vec<Caption> {
        let timeline = &self.timeline;
        let (scenario, written) = (timeline.scenario(), timeline.written());
        let (history, until) = (timeline.history(), timeline.frontier_at());
        captions(Known { scenario, written, history, until }, &self.author())
    }

    /// The run.
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The run, to go somewhere in it.
    pub const fn timeline_mut(&mut self) -> &mut Timeline {
        &mut self.timeline
    }

    /// Puts another text in place of this one; one step for undo.
    ///
    /// # Errors
    /// What is wrong with it; the run stays as it was.
    pub fn edit(&mut self, text: &str) -> Result<(), Vec<Diagnostic>> {
        let before = self.text.clone();
        self.replace(text)?;
        if before != text {
            self.undone.clear();
            self.done.push(before);
            if self.done.len() > UNDO_MAX {
                self.done.remove(0);
            }
        }
        Ok(())
    }

    fn replace(&mut self, text: &str) -> Result<(), Vec<Diagnostic>> {
        let scenario = parse(text)?;
        if scenario != **self.timeline.whole() {
            self.timeline.change(scenario);
            self.blame.clear();
            self.errand = None;
        }
        text.clone_into(&mut self.text);
        Ok(())
    }

    /// Adds one act, "cut n3 -> n1", at the first whole millisecond not before `at`, and says when.
    /// What the text says for later still happens.
    ///
    /// # Errors
    /// What is wrong with the statement, or that the text is full.
    pub fn act(&mut self, at: Micros, statement: &str) -> Result<Micros, Vec<Diagnostic>> {
        let act = parse_act(statement, self.timeline.scenario())?;
        let until = self.timeline.scenario().until;
        let placed = Micros::from_millis(at.0.div_ceil(1_000)).min(until);
        let text = insert_act(&self.text, placed, &self.written(&act));
        self.edit(&text)?;
        Ok(placed)
    }

    /// An action of the group that is shown, as the text writes it.
    fn written(&self, act: &Action) -> String {
        let whole = self.timeline.whole();
        let (number, first) = (self.timeline.shown(), whole.first(self.timeline.shown()));
        let numbered = act.renumbered(0..whole.groups[number].replicas(), first);
        whole.action_text(&numbered.unwrap_or(*act))
    }

    /// Shows the group of that number, or the last one.
    pub fn show(&mut self, number: usize) {
        self.timeline.show(number);
        self.blame.clear();
        self.errand = None;
    }

    /// Runs another protocol.
    ///
    /// # Errors
    /// None for a text that parses; they would be a parser's bug made visible.
    pub fn set_protocol(&mut self, protocol: Protocol) -> Result<(), Vec<Diagnostic>> {
        let text = set_protocol(&self.text, self.timeline.shown(), protocol);
        self.edit(&text)
    }

    /// Runs with another seed.
    ///
    /// # Errors
    /// None for a text that parses; they would be a parser's bug made visible.
    pub fn set_seed(&mut self, seed: u32) -> Result<(), Vec<Diagnostic>> {
        let text = set_seed(&self.text, self.timeline.shown(), seed);
        self.edit(&text)
    }

    /// Goes back to the text before; false if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(before) = self.done.pop() else { return false };
        self.undone.push(self.text.clone());
        let parsed = self.replace(&before).is_ok();
        assert!(parsed, "it parsed before");
        true
    }

    /// Takes back an undo; false if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(after) = self.undone.pop() else { return false };
        self.done.push(self.text.clone());
        let parsed = self.replace(&after).is_ok();
        assert!(parsed, "it parsed before");
        true
    }

    /// True if there is something to undo.
    pub const fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// True if there is something to redo.
    pub const fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// The link that replays this run. It has the run's trace hash once all of it is simulated.
    pub fn link(&self) -> String {
        encode(&self.text, self.timeline.trace_hash())
    }

    /// The time of the last event before `at`; asked again and again, for up to `work` at a time.
    pub fn event_before(&mut self, at: Micros, work: u64) -> Answer<Option<Micros>> {
        let Some(earlier) = at.0.checked_sub(1).map(Micros) else { return Answer::Ready(None) };
        match self.errand(Errand::Before(at), (earlier, Micros::ZERO), None, work) {
            Some(replay) => Answer::Ready(replay.last()),
            None => Answer::NotYet,
        }
    }

    /// What `of` had said by `at`, oldest first, over ten of the longest election timeouts; asked
    /// again and again, for up to `work` at a time.
    pub fn said(&mut self, of: ReplicaId, at: Micros, work: u64) -> Answer<VecDeque<TracedPacket>> {
        let window = Micros(10 * self.timeline.scenario().group().longest_election_timeout().0);
        match self.errand(Errand::Said(of, at), (at, window), Some(of), work) {
            Some(replay) => Answer::Ready(replay.flights()),
            None => Answer::NotYet,
        }
    }

    /// Goes on with that question, or begins it in place of the last one; the stretch once it is
    /// played.
    fn errand(
        &mut self,
        errand: Errand,
        (at, window): (Micros, Micros),
        of: Option<ReplicaId>,
        work: u64,
    ) -> Option<Replay> {
        let known = self.errand.take().filter(|(known, _)| *known == errand);
        let (_, mut replay) =
            known.unwrap_or_else(|| (errand, self.timeline.replay(at, window, of)));
        if replay.advance(work) {
            return Some(replay);
        }
        self.errand = Some((errand, replay));
        None
    }

    /// Looks for the lies behind the first violation of each property, for up to `events` more
    /// events; true if that is over. Before the run is simulated there is nothing to find.
    pub fn seek_blame(&mut self, events: u64) -> bool {
        if !self.timeline.complete() {
            return false;
        }
        if self.blame.is_empty() {
            for violation in &self.timeline.history().violations {
                if self.blame.iter().all(|(known, _)| known.property != violation.property) {
                    let search = Search::new(self.timeline.written(), violation);
                    self.blame.push((violation.clone(), search));
                }
            }
        }
        let waiting = self.blame.iter_mut().find(|(_, search)| search.found().is_none());
        waiting.is_none_or(|(_, search)| {
            search.advance(events);
            false
        })
    }

    /// The first violation of each property, with what is known so far of the lies behind it.
    pub fn blame(&self) -> &[(Violation, Search)] {
        &self.blame
    }
}
