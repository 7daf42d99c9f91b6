//! What a liar can say in the Synod's messages: it assumes that nobody lies.

use super::{Ballot, Message, Paxos, Vote};
use crate::fault::{Behaviour, ReplicaId};
use crate::protocol::{Liar, Tampering, forge};

impl Liar for Paxos {
    fn lie(
        &self,
        behaviour: Behaviour,
        _to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
        match (behaviour, said) {
            (Behaviour::Equivocate, Some(said)) => other_story(said),
            (Behaviour::DoubleVote, Some(said)) => yes_to_all(said),
            (Behaviour::ClaimLeadership, None) => self.claim_leadership(),
            (Behaviour::DenyLeader, Some(said)) => self.no_to_all(said),
            (Behaviour::LieAboutLog, Some(said)) => other_past(said),
            (
                Behaviour::Equivocate
                | Behaviour::DoubleVote
                | Behaviour::ClaimLeadership
                | Behaviour::DenyLeader
                | Behaviour::LieAboutLog
                | Behaviour::SilentTo
                | Behaviour::Replay
                | Behaviour::Delay,
                _,
            ) => Tampering::Truth,
        }
    }
}

impl Paxos {
    /// Phase 2a in a ballot that nobody promised it, for a value that nobody asked for.
    fn claim_leadership(&self) -> Tampering<Message> {
        let value = forge(self.accepted.map_or(1, |vote| vote.value));
        Tampering::Besides(Message::Accept { ballot: self.promised.next(self.identity.id), value })
    }

    /// Somebody else leads, says who promised and accepted.
    fn no_to_all(&self, said: &Message) -> Tampering<Message> {
        let (ballot, accept) = match *said {
            Message::Promise { ballot, .. } => (ballot, false),
            Message::Accepted { ballot } => (ballot, true),
            Message::Prepare { .. }
            | Message::Accept { .. }
            | Message::Nack { .. }
            | Message::Decided { .. }
            | Message::Known => return Tampering::Truth,
        };
        let promised = ballot.next(self.identity.id);
        Tampering::Instead(Message::Nack { ballot, accept, promised })
    }
}

/// Another value in every place where there is one.
fn other_story(said: &Message) -> Tampering<Message> {
    match *said {
        Message::Accept { ballot, value } => {
            Tampering::Instead(Message::Accept { ballot, value: forge(value) })
        }
        Message::Promise { ballot, accepted: Some(vote) } => {
            let accepted = Some(Vote { value: forge(vote.value), ..vote });
            Tampering::Instead(Message::Promise { ballot, accepted })
        }
        Message::Decided { ballot, accept, value } => {
            Tampering::Instead(Message::Decided { ballot, accept, value: forge(value) })
        }
        Message::Prepare { .. }
        | Message::Promise { accepted: None, .. }
        | Message::Accepted { .. }
        | Message::Nack { .. }
        | Message::Known => Tampering::Truth,
    }
}

/// A promise and a vote for everyone who asks, as if it had given none before.
fn yes_to_all(said: &Message) -> Tampering<Message> {
    match *said {
        Message::Nack { ballot, accept, .. } | Message::Decided { ballot, accept, .. }
            if ballot != Ballot::NONE =>
        {
            Tampering::Instead(if accept {
                Message::Accepted { ballot }
            } else {
                Message::Promise { ballot, accepted: None }
            })
        }
        Message::Prepare { .. }
        | Message::Promise { .. }
        | Message::Accept { .. }
        | Message::Accepted { .. }
        | Message::Nack { .. }
        | Message::Decided { .. }
        | Message::Known => Tampering::Truth,
    }
}

/// It accepted nothing if it did, and something if it did not.
fn other_past(said: &Message) -> Tampering<Message> {
    match *said {
        Message::Promise { ballot, accepted } => {
            let made_up = Vote { ballot, value: forge(1) };
            let accepted = if accepted.is_some() { None } else { Some(made_up) };
            Tampering::Instead(Message::Promise { ballot, accepted })
        }
        Message::Decided { ballot, accept: false, .. } if ballot != Ballot::NONE => {
            Tampering::Instead(Message::Promise { ballot, accepted: None })
        }
        Message::Prepare { .. }
        | Message::Accept { .. }
        | Message::Accepted { .. }
        | Message::Nack { .. }
        | Message::Decided { .. }
        | Message::Known => Tampering::Truth,
    }
}
