//! `crash leader`: actions that are done to whoever leads when they are.
//!
//! That is the leader whom a majority of the group follows at that moment; where nobody leads,
//! nothing is done. What lifts such a fault is done to whom the fault was done to, whoever leads by
//! then.

use super::Scenario;
use super::repeat::Lines;
use super::validate::{Setting, Subject, ValidationError, Word, flaws_of_act};
use crate::fact::fact;
use crate::fault::verb::ROWS;
use crate::fault::{Action, ReplicaId};

impl Scenario {
    /// An action of a scenario with one group, done to that leader; `None` if it cannot be done, as
    /// `cut leader -> n1` where n1 leads.
    pub fn done_to(&self, leader: ReplicaId, act: &Action) -> Option<Action> {
        let done = act.done_to(leader, &self.group().members)?;
        flaws_of_act(&done, Setting::of(self, 0)).is_empty().then_some(done)
    }

    /// The number of the action whose fault that one lifts, by the letter: the latest before it
    /// that is not lifted yet. What is done `for` a time is lifted by its own line, and by no
    /// other. `lines` are [`Self::lines`].
    pub fn lifted(&self, lines: &Lines, lift: usize) -> Option<usize> {
        let limited = |number: usize| self.limited(lines, number);
        let mut in_force = Vec::new();
        for number in 0..lift {
            let (fault, lift) = (self.actions[number].1, lift);
            if limited(number) != limited(lift) {
                continue;
            }
            if fault.lifted_by() == Some(self.actions[lift].1) {
                in_force.push(number);
            } else if fault == self.actions[lift].1 {
                in_force.pop();
            }
        }
        in_force.pop()
    }

    /// The line that an action is of, if that line does it for a time.
    fn limited(&self, lines: &Lines, number: usize) -> Option<usize> {
        lines[number].filter(|line| self.repeats[*line].lasts.is_some())
    }

    /// An action that says `leader` and lifts what no action before it does.
    #[inline(never)]
    pub(super) fn lifts_nothing(&self) -> Option<ValidationError> {
        let lines = self.lines();
        let is_lost = |number: &usize| {
            let act = self.actions[*number].1;
            act.is_open() && act.lifts() && self.lifted(&lines, *number).is_none()
        };
        let number = (0..self.actions.len()).find(is_lost)?;
        let act = self.actions[number].1;
        let fault = ROWS.iter().find(|row| row.lifted_by == Some(act.row().verb))?;
        let fact = fact!("lifts-nothing", lift = act.row().name, fault = fault.name);
        let written = |lines: &[Option<usize>]| lines.iter().filter(|line| line.is_none()).count();
        let place = match lines[number] {
            None => written(&lines[..number]),
            Some(line) => written(&lines) + line,
        };
        let subject = Subject::Action(place, Word::Verb);
        Some(ValidationError { group: self.group_of(&act).0, subject, fact })
    }
}
