//! What a liar can say in Raft's messages. Nothing in them is signed or checked: Raft assumes that
//! nobody lies, and each of these breaks or disturbs it.

use super::{Message, Raft, State};
use crate::fault::{Behaviour, ReplicaId};
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Liar, Tampering, forge};

impl Liar for Raft {
    fn lie(
        &self,
        behaviour: Behaviour,
        _to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
        self.lie_about(behaviour, said)
    }
}

impl Raft {
    fn lie_about(&self, behaviour: Behaviour, said: Option<&Message>) -> Tampering<Message> {
        if let Some(Message::HeartbeatContext { round, beat }) = said {
            let count = |beat| Message::HeartbeatContext { round: *round, beat: Box::new(beat) };
            return self.lie_about(behaviour, Some(beat)).map(count);
        }
        match behaviour {
            Behaviour::Equivocate => said.map_or(Tampering::Truth, other_story),
            Behaviour::DoubleVote => said.map_or(Tampering::Truth, yes_to_all),
            Behaviour::ClaimLeadership if said.is_none() => self.claim_leadership(),
            Behaviour::DenyLeader => self.deny_leader(said),
            Behaviour::LieAboutLog => said.map_or(Tampering::Truth, longer_log),
            Behaviour::ClaimLeadership
            | Behaviour::SilentTo
            | Behaviour::Replay
            | Behaviour::Delay => Tampering::Truth,
        }
    }

    /// The leader's sign of life in its own term, from one that nobody voted for.
    fn claim_leadership(&self) -> Tampering<Message> {
        if matches!(self.state, State::Leader { .. }) {
            return Tampering::Truth;
        }
        let (term, entries) = (self.term, Box::default());
        Tampering::Besides(Message::Append {
            term,
            prev_index: 0,
            prev_term: 0,
            commit: 0,
            entries,
        })
    }

    /// It hears the leader, and asks for votes all the same, or promises its own.
    fn deny_leader(&self, said: Option<&Message>) -> Tampering<Message> {
        match said {
            Some(&Message::VoteReply { term, granted: false, pre: true }) => {
                Tampering::Instead(Message::VoteReply { term: term + 1, granted: true, pre: true })
            }
            Some(_) => Tampering::Truth,
            None if self.leader.is_some_and(|leader| leader != self.identity.id) => {
                let (last_index, last_term) = (self.log.last_index(), self.log.last_epoch());
                let term = self.term + 1;
                Tampering::Besides(Message::Vote {
                    term,
                    last_index,
                    last_term,
                    pre: false,
                    transfer: false,
                })
            }
            None => Tampering::Truth,
        }
    }
}

/// Other entries for the same places; a vote that was given is denied.
fn other_story(said: &Message) -> Tampering<Message> {
    match said {
        Message::Append { term, prev_index, prev_term, commit, entries } if !entries.is_empty() => {
            let other = |entry: &Entry| match entry.command {
                0 => *entry,
                command => Entry { command: forge(command), ..*entry },
            };
            Tampering::Instead(Message::Append {
                term: *term,
                prev_index: *prev_index,
                prev_term: *prev_term,
                commit: *commit,
                entries: entries.iter().map(other).collect(),
            })
        }
        &Message::VoteReply { term, granted: true, pre } => {
            Tampering::Instead(Message::VoteReply { term, granted: false, pre })
        }
        Message::Append { .. }
        | Message::Vote { .. }
        | Message::VoteReply { .. }
        | Message::AppendReply { .. }
        | Message::Heartbeat { .. }
        | Message::HeartbeatReply { .. }
        | Message::TimeoutNow { .. } => Tampering::Truth,
        Message::HeartbeatContext { .. } => Tampering::Truth,
    }
}

/// A vote for everyone who asks. A refused pre-vote names the voter's term, a granted one the next.
fn yes_to_all(said: &Message) -> Tampering<Message> {
    let Message::VoteReply { term, granted: false, pre } = *said else { return Tampering::Truth };
    let term = term + u32::from(pre);
    Tampering::Instead(Message::VoteReply { term, granted: true, pre })
}

/// It has everything that anyone could have, says a follower to its leader and a candidate to its
/// voters.
fn longer_log(said: &Message) -> Tampering<Message> {
    match *said {
        Message::AppendReply { term, .. } => {
            let (success, index, refused) = (true, Index::MAX, 0);
            Tampering::Instead(Message::AppendReply { term, success, index, refused })
        }
        Message::Vote { term, pre, transfer, .. } => {
            let (last_index, last_term) = (Index::MAX, term - 1);
            Tampering::Instead(Message::Vote { term, last_index, last_term, pre, transfer })
        }
        Message::VoteReply { .. }
        | Message::Append { .. }
        | Message::Heartbeat { .. }
        | Message::HeartbeatReply { .. }
        | Message::TimeoutNow { .. } => Tampering::Truth,
        Message::HeartbeatContext { .. } => Tampering::Truth,
    }
}
