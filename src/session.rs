//! What one reader does with a scenario: act, edit, undo, share.
//!
//! The text is the truth. Every change is a change of the text, so undo is the text before, and
//! what a reader copies is what runs.

use crate::clock::Micros;
use crate::protocol::Protocol;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::edit::{insert_act, set_protocol, set_seed};
use crate::scenario::link::encode;
use crate::scenario::text::{parse, parse_act};
use crate::timeline::Timeline;

/// The most texts that undo remembers.
const UNDO_MAX: usize = 200;

/// A reader's text, its run, and the texts before and after it.
#[derive(Clone, Debug)]
pub struct Session {
    text: String,
    timeline: Timeline,
    undone: Vec<String>,
    done: Vec<String>,
}

impl Session {
    /// Opens a text.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn open(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let timeline = Timeline::new(parse(text)?);
        Ok(Self { text: text.to_owned(), timeline, undone: Vec::new(), done: Vec::new() })
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
        Ok(Self { undone, done: texts, ..Self::open(&text)? })
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
        if scenario != **self.timeline.scenario() {
            self.timeline.change(scenario);
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
        let text = insert_act(&self.text, placed, &act);
        self.edit(&text)?;
        Ok(placed)
    }

    /// Runs another protocol.
    ///
    /// # Errors
    /// None for a text that parses; they would be a parser's bug made visible.
    pub fn set_protocol(&mut self, protocol: Protocol) -> Result<(), Vec<Diagnostic>> {
        let text = set_protocol(&self.text, protocol);
        self.edit(&text)
    }

    /// Runs with another seed.
    ///
    /// # Errors
    /// None for a text that parses; they would be a parser's bug made visible.
    pub fn set_seed(&mut self, seed: u32) -> Result<(), Vec<Diagnostic>> {
        let text = set_seed(&self.text, seed);
        self.edit(&text)
    }

    /// Goes back to the text before; false if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(before) = self.done.pop() else { return false };
        self.undone.push(self.text.clone());
        self.replace(&before).expect("it parsed before");
        true
    }

    /// Takes back an undo; false if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(after) = self.undone.pop() else { return false };
        self.done.push(self.text.clone());
        self.replace(&after).expect("it parsed before");
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

    /// The link that replays this run; simulates it to the end.
    pub fn link(&mut self) -> String {
        self.timeline.finish();
        let hash = self.timeline.frontier().world().trace_hash();
        encode(&self.text, Some(hash))
    }
}
