//! What a liar can say in Multi-Paxos' messages: it assumes that nobody lies.

use super::{Ballot, Message, Multipaxos, Slot};
use crate::fault::{Behaviour, ReplicaId};
use crate::protocol::log::Index;
use crate::protocol::{Command, Liar, Tampering, forge};

impl Liar for Multipaxos {
    fn lie(
        &self,
        behaviour: Behaviour,
        _to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
        let Some(said) = said else { return Tampering::Truth };
        match behaviour {
            Behaviour::Equivocate => other_story(said),
            Behaviour::DoubleVote => yes_to_all(said),
            Behaviour::ClaimLeadership => self.claim_leadership(said),
            Behaviour::DenyLeader => self.deny_leader(said),
            Behaviour::LieAboutLog => other_past(said),
            Behaviour::SilentTo | Behaviour::Replay | Behaviour::Delay => Tampering::Truth,
        }
    }
}

impl Multipaxos {
    /// A ballot above all others, that it never asked anyone to promise.
    fn claim_leadership(&self, said: &Message) -> Tampering<Message> {
        let Message::Reply { round, .. } = *said else { return Tampering::Truth };
        let ballot = self.newest().next(self.identity.id);
        Tampering::Instead(Message::Reply { round, ballot, leader: ballot })
    }

    /// It follows nobody, it leads nothing, and it has promised a newer ballot.
    fn deny_leader(&self, said: &Message) -> Tampering<Message> {
        match *said {
            // It claims nothing and follows nobody as it is: there is nothing to deny.
            Message::Reply { ballot, leader, .. }
                if ballot.leader().is_none() && leader.leader().is_none() =>
            {
                Tampering::Truth
            }
            Message::Reply { round, .. } => {
                let (ballot, leader) = (Ballot::NONE, Ballot::NONE);
                Tampering::Instead(Message::Reply { round, ballot, leader })
            }
            Message::Accepted { ballot, filled, .. } => {
                let promised = ballot.next(self.identity.id);
                Tampering::Instead(Message::Nack { ballot, accept: true, slot: filled, promised })
            }
            Message::Request { .. }
            | Message::Prepare { .. }
            | Message::Promise { .. }
            | Message::Accept { .. }
            | Message::Nack { .. } => Tampering::Truth,
        }
    }
}

/// Other commands for the same slots.
fn other_story(said: &Message) -> Tampering<Message> {
    match said {
        Message::Accept { ballot, first, decided, commands } if !commands.is_empty() => {
            Tampering::Instead(Message::Accept {
                ballot: *ballot,
                first: *first,
                decided: *decided,
                commands: commands.iter().map(|&command| other(command)).collect(),
            })
        }
        Message::Promise { ballot, first, decided, slots } if !slots.is_empty() => {
            let forged = |slot: &Slot| Slot { command: other(slot.command), ..*slot };
            Tampering::Instead(Message::Promise {
                ballot: *ballot,
                first: *first,
                decided: *decided,
                slots: slots.iter().map(forged).collect(),
            })
        }
        Message::Request { .. }
        | Message::Reply { .. }
        | Message::Prepare { .. }
        | Message::Promise { .. }
        | Message::Accept { .. }
        | Message::Accepted { .. }
        | Message::Nack { .. } => Tampering::Truth,
    }
}

/// There is no other story about a no-op.
const fn other(command: Command) -> Command {
    if command == 0 { 0 } else { forge(command) }
}

/// A promise and a vote for everyone who asks, as if it had given none before.
fn yes_to_all(said: &Message) -> Tampering<Message> {
    match *said {
        Message::Nack { ballot, accept: false, slot: first, .. } => {
            Tampering::Instead(Message::Promise {
                ballot,
                first,
                decided: 0,
                slots: Box::default(),
            })
        }
        Message::Nack { ballot, accept: true, slot, .. } => {
            Tampering::Instead(Message::Accepted { ballot, filled: slot, told: 0 })
        }
        Message::Request { .. }
        | Message::Reply { .. }
        | Message::Prepare { .. }
        | Message::Promise { .. }
        | Message::Accept { .. }
        | Message::Accepted { .. } => Tampering::Truth,
    }
}

/// To a new leader it never accepted anything; to the one that there is it accepted everything.
fn other_past(said: &Message) -> Tampering<Message> {
    match *said {
        Message::Promise { ballot, first, .. } => Tampering::Instead(Message::Promise {
            ballot,
            first,
            decided: 0,
            slots: Box::default(),
        }),
        Message::Accepted { ballot, told, .. } => {
            Tampering::Instead(Message::Accepted { ballot, filled: Index::MAX, told })
        }
        Message::Request { .. }
        | Message::Reply { .. }
        | Message::Prepare { .. }
        | Message::Accept { .. }
        | Message::Nack { .. } => Tampering::Truth,
    }
}
