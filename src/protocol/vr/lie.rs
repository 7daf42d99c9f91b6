//! What a liar can say in VR's messages. That nobody else's turn can be claimed is arithmetic; all
//! else is taken on trust.

use std::sync::Arc;

use super::{Message, Status, Suffix, View, Vr};
use crate::fault::{Behaviour, ReplicaId};
use crate::protocol::log::Entry;
use crate::protocol::{Liar, Tampering, forge};

impl Liar for Vr {
    fn lie(
        &self,
        behaviour: Behaviour,
        to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
        match (behaviour, said) {
            (Behaviour::Equivocate, Some(said)) => other_story(said),
            (Behaviour::DoubleVote, None) => self.vote_for_the_past(to),
            (Behaviour::ClaimLeadership, None) => self.claim_leadership(),
            (Behaviour::DenyLeader, None) => self.deny_leader(to),
            (Behaviour::LieAboutLog, Some(said)) => shorter_log(said),
            (Behaviour::LieAboutLog, None) => self.claim_the_next_op(to),
            (
                Behaviour::Equivocate
                | Behaviour::DoubleVote
                | Behaviour::ClaimLeadership
                | Behaviour::DenyLeader
                | Behaviour::SilentTo
                | Behaviour::Replay
                | Behaviour::Delay,
                _,
            ) => Tampering::Truth,
        }
    }
}

impl Vr {
    /// It has left that view, with a promise to work no more in it, and says PrepareOK there.
    fn vote_for_the_past(&self, to: ReplicaId) -> Tampering<Message> {
        let replicas = View::from(self.identity.replicas);
        let since = (self.view % replicas + replicas - View::from(to.0)) % replicas;
        match self.view.checked_sub(since) {
            Some(view) if view < self.view || matches!(self.status, Status::Change(_)) => {
                Tampering::Besides(Message::PrepareOk { view, op: self.op(), life: self.life() })
            }
            Some(_) | None => Tampering::Truth,
        }
    }

    /// It begins its next view, and has asked nobody.
    fn claim_leadership(&self) -> Tampering<Message> {
        if matches!(self.status, Status::Primary { .. }) {
            return Tampering::Truth;
        }
        let view = self.next_view_of(self.identity.id);
        let suffix = self.suffix(self.decided.last_index());
        Tampering::Besides(Message::StartView { view, suffix })
    }

    /// It hears the primary, and says that it has left.
    fn deny_leader(&self, to: ReplicaId) -> Tampering<Message> {
        if !matches!(self.status, Status::Backup) || to == self.primary_of(self.view) {
            return Tampering::Truth;
        }
        let view = self.view.saturating_add(1);
        Tampering::Besides(Message::StartViewChange { view, lives: Arc::clone(&self.lives) })
    }

    /// It holds what it was not sent yet.
    fn claim_the_next_op(&self, to: ReplicaId) -> Tampering<Message> {
        if !matches!(self.status, Status::Backup) || to != self.primary_of(self.view) {
            return Tampering::Truth;
        }
        let (view, op, life) = (self.view, self.op() + 1, self.life());
        Tampering::Besides(Message::PrepareOk { view, op, life })
    }
}

/// Other commands in the same places.
fn other_story(said: &Message) -> Tampering<Message> {
    let told = |suffix: &Suffix| {
        let other = |entry: &Entry| Entry { command: forge(entry.command), ..*entry };
        Suffix { entries: suffix.entries.iter().map(other).collect(), ..suffix.clone() }
    };
    Tampering::Instead(match said {
        &Message::Prepare { view, op, commit, command } => {
            Message::Prepare { view, op, commit, command: forge(command) }
        }
        Message::DoViewChange { view, last_normal, suffix, lives } => {
            let (view, last_normal, lives) = (*view, *last_normal, Arc::clone(lives));
            Message::DoViewChange { view, last_normal, suffix: told(suffix), lives }
        }
        Message::RecoveryResponse { view, life, lives, log: Some(log) } => {
            let (view, life, lives) = (*view, *life, Arc::clone(lives));
            Message::RecoveryResponse { view, life, lives, log: Some(told(log)) }
        }
        Message::StartView { view, suffix } => {
            Message::StartView { view: *view, suffix: told(suffix) }
        }
        Message::NewState { view, suffix } => {
            Message::NewState { view: *view, suffix: told(suffix) }
        }
        Message::PrepareOk { .. }
        | Message::Commit { .. }
        | Message::StartViewChange { .. }
        | Message::GetState { .. }
        | Message::Recovery { .. }
        | Message::RecoveryResponse { log: None, .. } => return Tampering::Truth,
    })
}

/// It worked in the view just before, and holds nothing that is not committed.
fn shorter_log(said: &Message) -> Tampering<Message> {
    let Message::DoViewChange { view, suffix, lives, .. } = said else { return Tampering::Truth };
    let (base, commit) = (suffix.base, suffix.commit);
    let suffix = Suffix { base, commit, entries: Box::default() };
    let last_normal = view.saturating_sub(1);
    let lives = Arc::clone(lives);
    Tampering::Instead(Message::DoViewChange { view: *view, last_normal, suffix, lives })
}
