//! What a liar can say in PBFT, in its own name.
//!
//! - `equivocate`: at each number another order, the request before once more. All requests are
//!   genuine, and all liars tell the same two stories without having spoken to each other.
//! - `double-vote`: to each the vote that it wants to hear, the one that it gave itself.
//! - `claim-leadership`: a NEW-VIEW for the next view of its own, with what VIEW-CHANGEs it has.
//! - `deny-leader`: a VIEW-CHANGE, though it goes on in its view.
//! - `lie-about-log`: nothing prepared, nothing executed, another state.
//!
//! Not told: two NEW-VIEWs for one view, made of two quorums of VIEW-CHANGEs. It would be within
//! signatures, and as harmless as two PRE-PREPAREs: what either orders still has to be prepared.

use std::sync::Arc;

use super::{
    Change, Command, Message, Pbft, ReplicaId, Sequence, Signed, Stable, Stretch, Tally, View,
};
use crate::fault::Behaviour;
use crate::protocol::{Liar, Tampering, forge};

impl Liar for Pbft {
    fn lie(
        &self,
        behaviour: Behaviour,
        to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
        let lie = match (behaviour, said) {
            (Behaviour::Equivocate, Some(said)) => self.other_story(said),
            (Behaviour::DoubleVote, Some(said)) => self.welcome_vote(to, said),
            (Behaviour::DoubleVote, None) => self.second_vote(to),
            (Behaviour::ClaimLeadership, None) => self.claimed_view(),
            (Behaviour::DenyLeader, None) if self.active => {
                Some(Message::ViewChange(Arc::new(self.change_to(self.view + 1))))
            }
            (Behaviour::LieAboutLog, Some(said)) => self.other_log(said),
            (Behaviour::Equivocate | Behaviour::LieAboutLog, None)
            | (Behaviour::ClaimLeadership, Some(_))
            | (Behaviour::DenyLeader, _)
            | (Behaviour::SilentTo | Behaviour::Replay | Behaviour::Delay, _) => None,
        };
        lie.map_or(Tampering::Truth, Tampering::Instead)
    }
}

impl Pbft {
    /// The other story about a request: the one before it, if that was heard of.
    fn other(&self, command: Command) -> Option<Command> {
        let before = command.checked_sub(1).filter(|&before| before > 0)?;
        let waits = self.pending.binary_search_by_key(&before, |one| one.command).is_ok();
        (waits || self.is_done(before)).then_some(before)
    }

    fn other_story(&self, said: &Message) -> Option<Message> {
        match *said {
            Message::PrePrepare { view, sequence, command } => {
                let command = self.other(command)?;
                Some(Message::PrePrepare { view, sequence, command })
            }
            Message::Prepare { view, sequence, command } => {
                let command = self.other(command)?;
                Some(Message::Prepare { view, sequence, command })
            }
            Message::Commit { view, sequence, command } => {
                let command = self.other(command)?;
                Some(Message::Commit { view, sequence, command })
            }
            Message::Checkpoint { .. }
            | Message::ViewChange(_)
            | Message::NewView { .. }
            | Message::Status(_)
            | Message::Committed(_)
            | Message::State(_) => None,
        }
    }

    /// The same vote for what `to` voted for.
    fn welcome_vote(&self, to: ReplicaId, said: &Message) -> Option<Message> {
        match *said {
            Message::Prepare { view, sequence, command } => {
                let command = self.voted_for(to, view, sequence, command)?.command;
                Some(Message::Prepare { view, sequence, command })
            }
            Message::Commit { view, sequence, command } => {
                let command = self.voted_for(to, view, sequence, command)?.command;
                Some(Message::Commit { view, sequence, command })
            }
            Message::PrePrepare { .. }
            | Message::Checkpoint { .. }
            | Message::ViewChange(_)
            | Message::NewView { .. }
            | Message::Status(_)
            | Message::Committed(_)
            | Message::State(_) => None,
        }
    }

    /// The votes for what `to` voted for there, if that is not `command`.
    fn voted_for(
        &self,
        to: ReplicaId,
        view: View,
        sequence: Sequence,
        command: Command,
    ) -> Option<&Tally> {
        let place = sequence.checked_sub(self.stable().sequence + 1)?;
        let slot = self.slots.get(place as usize).filter(|_| view == self.voted)?;
        let theirs = |tally: &&Tally| tally.command != command && tally.prepares.contains(to);
        slot.tallies.iter().find(theirs)
    }

    /// Where `to` voted otherwise than this replica, a vote that suits it: PREPARE until it says
    /// COMMIT, and then that.
    fn second_vote(&self, to: ReplicaId) -> Option<Message> {
        let view = self.voted;
        let first = self.stable().sequence + 1;
        let mut said = None;
        for (sequence, slot) in (first..).zip(&self.slots) {
            let Some(tally) = slot
                .accepted
                .and_then(|command| self.voted_for(to, view, sequence, command))
                .filter(|_| self.active)
            else {
                continue;
            };
            let command = tally.command;
            if !tally.commits.contains(to) {
                return Some(Message::Prepare { view, sequence, command });
            }
            said = Some(Message::Commit { view, sequence, command });
        }
        said
    }

    /// The next view of which it is primary, by its own VIEW-CHANGE and those that it has.
    fn claimed_view(&self) -> Option<Message> {
        let own = self.identity.id;
        let view = (self.view + 1..).find(|&view| self.primary(view) == own)?;
        let others = self.signed_changes(view);
        let mut changes: Vec<Signed> = vec![(own, Arc::new(self.change_to(view)))];
        changes.extend(others.iter().filter(|(from, _)| *from != own).cloned());
        Some(Message::NewView { view, changes: changes.into() })
    }

    /// It has prepared nothing, it has executed nothing, it is in another state.
    fn other_log(&self, said: &Message) -> Option<Message> {
        let nothing =
            |view| Arc::new(Change { view, stable: Stable::EMPTY, prepared: Box::default() });
        match said {
            Message::Checkpoint { sequence, digest } => {
                Some(Message::Checkpoint { sequence: *sequence, digest: !digest })
            }
            Message::ViewChange(change) => Some(Message::ViewChange(nothing(change.view))),
            // Passed on, it is what its primary signed, and stays so.
            Message::NewView { view, .. } if self.primary(*view) != self.identity.id => None,
            Message::NewView { view, changes } => {
                let own = self.identity.id;
                let signed = changes.iter().map(|(from, change)| {
                    (*from, if *from == own { nothing(*view) } else { Arc::clone(change) })
                });
                Some(Message::NewView { view: *view, changes: signed.collect() })
            }
            Message::Status(status) => {
                let mut status = status.clone();
                (status.stable, status.executed) = (0, 0);
                Some(Message::Status(status))
            }
            Message::State(stretch) => {
                let Stretch { first, commands, stable } = &**stretch;
                let commands = commands.iter().map(|&command| forge(command)).collect();
                let stretch = Stretch { first: *first, commands, stable: *stable };
                Some(Message::State(Box::new(stretch)))
            }
            Message::PrePrepare { .. }
            | Message::Prepare { .. }
            | Message::Commit { .. }
            | Message::Committed(_) => None,
        }
    }
}
