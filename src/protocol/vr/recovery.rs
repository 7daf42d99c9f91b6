//! Recovery: how a replica that has lost all that it knew comes back (paper 4.3).
//!
//! It must not vote until it knows again at least as much as when it voted last. A view that it may
//! have helped to begin was asked for by f others, too; of any f + 1 others one is among those, and
//! answers no more before it is in that view. So the latest view among f + 1 answers is as late as
//! any that it voted for, and the log of the primary of that view holds all that it said PrepareOK
//! to. A primary that lost all is no exception: the others must change views before it is answered.
//!
//! What the paper leaves out: what a replica said before it lost everything may still be under way.
//! Counted after its recovery, it makes a quorum of those who have promised nothing: an old
//! StartViewChange gets others to say `DoViewChange`, they in turn lose everything, recover in the
//! older view, and work on there, until their old logs begin a view without what was committed in
//! the meantime. Michael, Ports, Sharma & Szekeres ("Recovering Shared Objects Without Stable
//! Storage", DISC 2017) found this, and repair it as it is done here: votes carry a *crash vector*
//! ([`Lives`]), and a voice from before a loss that anybody in the quorum knows of is not heard.

use crate::protocol::vr::timer;
use std::sync::Arc;

use super::{Effects, Lives, Message, Status, Suffix, View, Vr, send};
use crate::fact::{Fact, counts};
use crate::fault::ReplicaId;
use crate::protocol::{Effect, Mutant};

/// What a recovering replica has been answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Recovery {
    /// By replica, its latest answer.
    answers: Vec<Option<Answer>>,
}

/// An answer to Recovery.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Answer {
    view: View,
    /// Of the primary of that view.
    log: Option<Suffix>,
}

impl Recovery {
    fn given(&self) -> usize {
        self.answers.iter().flatten().count()
    }

    pub(super) fn phase(&self, needed: u8) -> Fact {
        counts!("recovering", given = self.given(), needed)
    }
}

impl Vr {
    /// How often it has lost all that it knew.
    pub(super) fn life(&self) -> u32 {
        self.lives[self.identity.id.index()]
    }

    /// The paper's f + 1 of n = 2f + 1; any so many others and any quorum share a replica.
    pub(super) const fn answers_needed(&self) -> u8 {
        self.identity.replicas - self.identity.majority() + 1
    }

    pub(super) fn recovering(&self) -> Status {
        Status::Recovering(Recovery { answers: vec![None; usize::from(self.identity.replicas)] })
    }

    /// Step 1: it asks all others, and again after each heartbeat, for answers are lost, and who is
    /// in a view change gives none. Only the primary that has sent its log is left in peace, until
    /// a later view is heard of: in a group that stands still it would send it for ever.
    pub(super) fn ask_to_recover(&self, effects: &mut Effects) {
        let Status::Recovering(Recovery { answers }) = &self.status else { return };
        let latest = answers.iter().flatten().map(|answer| answer.view).max();
        let has_sent = |answer: &Answer| answer.log.is_some() && Some(answer.view) == latest;
        for peer in self.peers() {
            if !answers[peer.index()].as_ref().is_some_and(has_sent) {
                send(effects, peer, Message::Recovery { life: self.life() });
            }
        }
        let every = self.identity.heartbeat;
        effects.push(Effect::SetTimer { timer: timer::ASK_AGAIN, from: every, to: every });
    }

    pub(super) fn on_retry_timeout(&mut self, effects: &mut Effects) {
        match self.status {
            Status::Recovering(_) => self.ask_to_recover(effects),
            Status::Primary { .. } | Status::Backup | Status::Change(_) => self.asking = false,
        }
    }

    /// Step 2: only those whose status is normal answer, and only the primary with its log.
    pub(super) fn on_recovery(&mut self, from: ReplicaId, life: u32, effects: &mut Effects) {
        if !self.learn_life(from, life) {
            return;
        }
        let log = match self.status {
            Status::Primary { .. } => Some(self.suffix(0)),
            Status::Backup => None,
            Status::Change(_) | Status::Recovering(_) => return,
        };
        let (view, lives) = (self.view, Arc::clone(&self.lives));
        send(effects, from, Message::RecoveryResponse { view, life, lives, log });
    }

    /// Who is recovering answers nothing.
    pub(super) fn hear_while_recovering(
        &mut self,
        from: ReplicaId,
        message: &Message,
        effects: &mut Effects,
    ) {
        match message {
            Message::Recovery { life } => {
                self.learn_life(from, *life);
            }
            Message::RecoveryResponse { view, life, lives, log } => {
                if *life == self.life() && self.learn_lives(from, lives) {
                    let answer = Answer { view: *view, log: log.clone() };
                    self.on_recovery_response(from, answer, effects);
                }
            }
            Message::Prepare { .. }
            | Message::PrepareOk { .. }
            | Message::Commit { .. }
            | Message::StartViewChange { .. }
            | Message::DoViewChange { .. }
            | Message::StartView { .. }
            | Message::GetState { .. }
            | Message::NewState { .. } => {}
        }
    }

    /// Step 3: f + 1 answers, that of the primary of the latest view among them.
    fn on_recovery_response(&mut self, from: ReplicaId, answer: Answer, effects: &mut Effects) {
        let needed = usize::from(self.answers_needed() - u8::from(Mutant::SmallQuorum.is_made()));
        let Status::Recovering(Recovery { answers }) = &mut self.status else { return };
        let known = &mut answers[from.index()];
        // Answers overtake each other; a view is never left for an older one.
        if known.as_ref().is_none_or(|known| known.view <= answer.view) {
            *known = Some(answer);
        }
        let given = answers.iter().flatten();
        let Some(view) = given.clone().map(|answer| answer.view).max() else { return };
        if given.count() < needed {
            return;
        }
        let primary = self.primary_of(view);
        let Status::Recovering(Recovery { answers }) = &mut self.status else { return };
        let Some(answer) = &mut answers[primary.index()] else { return };
        let Some(log) = answer.log.take_if(|_| answer.view == view) else { return };
        (self.view, self.last_normal, self.status) = (view, view, Status::Backup);
        self.adopt(&log);
        self.set_election_timer(effects);
        effects.push(Effect::CancelTimer(timer::ASK_AGAIN));
        let (op, life) = (self.op(), self.life());
        if op > self.decided.last_index() {
            send(effects, primary, Message::PrepareOk { view, op, life });
        }
    }

    /// True unless `from` has lost all since it said that.
    pub(super) fn is_heard(&self, from: ReplicaId, life: u32) -> bool {
        life >= self.lives[from.index()] || Mutant::HearTheDead.is_made()
    }

    /// Takes in that `replica` has lost all so often; false if that is old news.
    fn learn_life(&mut self, replica: ReplicaId, life: u32) -> bool {
        let known = self.lives[replica.index()];
        if life > known && replica != self.identity.id {
            Arc::make_mut(&mut self.lives)[replica.index()] = life;
            if !Mutant::HearTheDead.is_made() {
                self.forget_votes_of(replica);
            }
        }
        life >= known
    }

    /// Takes in what `from` knows of losses; false if it has lost all since it said so.
    pub(super) fn learn_lives(&mut self, from: ReplicaId, lives: &Lives) -> bool {
        let own = self.identity.replicas;
        if lives.len() != usize::from(own) || !self.is_heard(from, lives[from.index()]) {
            return false;
        }
        if !Arc::ptr_eq(lives, &self.lives) && **lives != *self.lives {
            for replica in (0..own).map(ReplicaId) {
                self.learn_life(replica, lives[replica.index()]);
            }
        }
        true
    }

    /// What it said before it lost all makes no quorum.
    fn forget_votes_of(&mut self, replica: ReplicaId) {
        match &mut self.status {
            Status::Primary { prepared } => prepared[replica.index()] = 0,
            Status::Change(change) => change.forget(replica),
            Status::Recovering(Recovery { answers }) => answers[replica.index()] = None,
            Status::Backup => {}
        }
    }
}

#[cfg(test)]
#[path = "../../lab/vr/recovery.rs"]
mod tests;
