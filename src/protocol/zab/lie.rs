//! What a liar can say in Zab's messages. Votes are hearsay anyway: all that guards the history is
//! that everyone tells the truth about its own.

use super::{History, Message, Standing, State, Vote, Zab};
use crate::fault::{Behaviour, ReplicaId};
use crate::protocol::log::Entry;
use crate::protocol::{Liar, Tampering, forge};

impl Liar for Zab {
    fn lie(
        &self,
        behaviour: Behaviour,
        to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
        match (behaviour, said) {
            (Behaviour::Equivocate, Some(said)) => other_story(said),
            (Behaviour::DoubleVote, Some(said)) => vote_for(to, said),
            (Behaviour::DoubleVote, None) => self.accept_another(to),
            (Behaviour::ClaimLeadership, Some(Message::Notification { .. }) | None) => {
                self.claim_leadership(said)
            }
            (Behaviour::DenyLeader, Some(said)) => self.deny_leader(said),
            (Behaviour::LieAboutLog, Some(said)) => other_log(said),
            (Behaviour::LieAboutLog, None) => self.claim_the_next(to),
            (
                Behaviour::Equivocate
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

impl Zab {
    /// It has accepted its leader's epoch, and accepts the same one of another.
    fn accept_another(&self, to: ReplicaId) -> Tampering<Message> {
        match self.state {
            State::Following { leader, .. } if leader != to => {
                Tampering::Besides(Message::AckEpoch {
                    epoch: self.accepted,
                    is_new: true,
                    current: 0,
                    last: (0, 0),
                    commit: 0,
                })
            }
            State::Following { .. } | State::Looking(_) | State::Leading(_) => Tampering::Truth,
        }
    }

    /// It leads, it says; nobody has elected it.
    fn claim_leadership(&self, said: Option<&Message>) -> Tampering<Message> {
        if matches!(self.state, State::Leading(_)) {
            return Tampering::Truth;
        }
        let vote = Vote { leader: self.identity.id, ..self.vote };
        let (round, standing, is_answer) = (self.round, Standing::Leading, said.is_some());
        let claim = Message::Notification { vote, round, standing, is_answer };
        if said.is_some() { Tampering::Instead(claim) } else { Tampering::Besides(claim) }
    }

    /// It follows a leader, and says that it looks for one.
    fn deny_leader(&self, said: &Message) -> Tampering<Message> {
        let mut other = said.clone();
        let Message::Notification { vote, standing, .. } = &mut other else {
            return Tampering::Truth;
        };
        if *standing == Standing::Looking {
            return Tampering::Truth;
        }
        (vote.leader, *standing) = (self.identity.id, Standing::Looking);
        Tampering::Instead(other)
    }

    /// It has what it was not sent yet.
    fn claim_the_next(&self, to: ReplicaId) -> Tampering<Message> {
        match self.state {
            State::Following { leader, .. } if leader == to => Tampering::Besides(Message::Ack {
                epoch: self.current,
                index: self.last_index() + 1,
            }),
            State::Following { .. } | State::Looking(_) | State::Leading(_) => Tampering::Truth,
        }
    }
}

/// Other commands in the same places.
fn other_story(said: &Message) -> Tampering<Message> {
    match said {
        &Message::Proposal { epoch, index, command } => {
            Tampering::Instead(Message::Proposal { epoch, index, command: forge(command) })
        }
        Message::NewLeader { epoch, history } => {
            let other = |entry: &Entry| Entry { command: forge(entry.command), ..*entry };
            let entries = history.entries.iter().map(other).collect();
            let history = History { entries, ..*history };
            Tampering::Instead(Message::NewLeader { epoch: *epoch, history })
        }
        Message::Notification { .. }
        | Message::FollowerEpoch { .. }
        | Message::NewEpoch { .. }
        | Message::AckEpoch { .. }
        | Message::Ack { .. }
        | Message::Commit { .. }
        | Message::Ping { .. } => Tampering::Truth,
    }
}

/// To each it says that it votes for that one.
fn vote_for(to: ReplicaId, said: &Message) -> Tampering<Message> {
    let mut other = said.clone();
    let Message::Notification { vote, standing: Standing::Looking, .. } = &mut other else {
        return Tampering::Truth;
    };
    vote.leader = to;
    Tampering::Instead(other)
}

/// It has less than it has: its vote is worth nothing, and its history ends where it begins.
fn other_log(said: &Message) -> Tampering<Message> {
    match *said {
        Message::Notification { vote, round, standing: Standing::Looking, is_answer } => {
            let vote = Vote { epoch: 0, last: (0, 0), ..vote };
            let standing = Standing::Looking;
            Tampering::Instead(Message::Notification { vote, round, standing, is_answer })
        }
        Message::AckEpoch { epoch, is_new, commit, .. } => {
            let (current, last) = (0, (0, 0));
            Tampering::Instead(Message::AckEpoch { epoch, is_new, current, last, commit })
        }
        Message::Notification { .. }
        | Message::FollowerEpoch { .. }
        | Message::NewEpoch { .. }
        | Message::NewLeader { .. }
        | Message::Proposal { .. }
        | Message::Ack { .. }
        | Message::Commit { .. }
        | Message::Ping { .. } => Tampering::Truth,
    }
}
