//! What a liar can say in the crate's messages: what it can in those of our own Raft.

use raft::StateRole;

use super::{Message, TikvRaft};
use crate::fault::{Behaviour, ReplicaId};
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Liar, Tampering, forge};

impl Liar for TikvRaft {
    fn lie(
        &self,
        behaviour: Behaviour,
        _to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
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
}

impl TikvRaft {
    /// The leader's sign of life in its own term, from one that nobody voted for.
    fn claim_leadership(&self) -> Tampering<Message> {
        if self.node.raft.state == StateRole::Leader {
            return Tampering::Truth;
        }
        Tampering::Besides(Message::Heartbeat { term: self.term(), commit: 0 })
    }

    /// It hears the leader, and asks for votes all the same, or promises its own.
    fn deny_leader(&self, said: Option<&Message>) -> Tampering<Message> {
        match said {
            Some(Message::VoteReply { reject: true, pre: true, .. }) => {
                said.map_or(Tampering::Truth, yes_to_all)
            }
            Some(_) => Tampering::Truth,
            None if self.leader().is_some_and(|leader| leader != self.identity.id) => {
                let log = &self.node.raft.store().log;
                Tampering::Besides(Message::Vote {
                    term: self.term() + 1,
                    index: log.last_index(),
                    log_term: log.last_epoch(),
                    commit: 0,
                    commit_term: 0,
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
    let mut other = said.clone();
    match &mut other {
        Message::Append { entries, .. } => {
            let writes = entries.iter_mut().filter(|entry| entry.command != 0);
            writes.for_each(|entry| *entry = Entry { command: forge(entry.command), ..*entry });
        }
        Message::VoteReply { reject, .. } => *reject = true,
        Message::Vote { .. }
        | Message::AppendReply { .. }
        | Message::Heartbeat { .. }
        | Message::HeartbeatReply { .. }
        | Message::TimeoutNow { .. } => return Tampering::Truth,
    }
    Tampering::Instead(other)
}

/// A vote for everyone who asks. A refused pre-vote names the voter's term, a granted one the next.
fn yes_to_all(said: &Message) -> Tampering<Message> {
    let Message::VoteReply { term, reject: true, pre, .. } = *said else { return Tampering::Truth };
    let term = term + u32::from(pre);
    Tampering::Instead(Message::VoteReply { term, reject: false, commit: 0, commit_term: 0, pre })
}

/// It has everything that anyone could have, says a follower to its leader and a candidate to its
/// voters.
fn longer_log(said: &Message) -> Tampering<Message> {
    let mut other = said.clone();
    match &mut other {
        Message::AppendReply { index, reject, .. } => (*index, *reject) = (Index::MAX, false),
        Message::Vote { term, index, log_term, .. } => {
            (*index, *log_term) = (Index::MAX, term.saturating_sub(1))
        }
        Message::VoteReply { .. }
        | Message::Append { .. }
        | Message::Heartbeat { .. }
        | Message::HeartbeatReply { .. }
        | Message::TimeoutNow { .. } => return Tampering::Truth,
    }
    Tampering::Instead(other)
}
