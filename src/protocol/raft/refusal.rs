//! Why a replica says no: the guard of the paper that fails. It is read off the state that a
//! message meets, and changes nothing.

use super::message::Message;
use super::{Raft, State, Term};
use crate::fact::{Fact, fact};
use crate::fault::ReplicaId;
use crate::protocol::log::Index;

impl Raft {
    /// Why it would not do what that message asks for, in the room `refusal`; `None` if it would,
    /// or if the message asks for nothing.
    pub(super) fn refuses(&self, from: ReplicaId, message: &Message) -> Option<Fact> {
        let (term, own) = (message.term(), self.term);
        match *message {
            Message::HeartbeatContext { ref beat, .. } => self.refuses(from, beat),
            Message::Vote { pre: false, transfer: false, .. }
                if self.has_promised() && term >= own =>
            {
                Some(fact!("promised"))
            }
            Message::Vote { transfer: false, .. }
                if term > own && self.rules.ignores_votes_in_lease() && self.hears_leader() =>
            {
                Some(self.hears())
            }
            Message::Vote { last_index, last_term, pre, .. } if term >= own => {
                self.vote_refused(from, term, (last_term, last_index), pre)
            }
            Message::Append { prev_index, prev_term, .. } if term >= own => {
                self.entries_refused(prev_index, prev_term)
            }
            // Paper 5.1: what is stale is rejected.
            Message::Vote { .. } | Message::Append { .. } | Message::Heartbeat { .. }
                if term < own =>
            {
                Some(fact!("older-term", term, own))
            }
            Message::Vote { .. }
            | Message::Append { .. }
            | Message::Heartbeat { .. }
            | Message::VoteReply { .. }
            | Message::AppendReply { .. }
            | Message::HeartbeatReply { .. }
            | Message::TimeoutNow { .. } => None,
        }
    }

    /// Figure 2, RequestVote: one vote a term (2), for a log that is as new (2, 5.4.1).
    fn vote_refused(
        &self,
        from: ReplicaId,
        term: Term,
        last: (Term, Index),
        pre: bool,
    ) -> Option<Fact> {
        let own = (self.log.last_epoch(), self.log.last_index());
        if last < own {
            let ((of, index), (own_of, own_index)) = (last, own);
            return Some(fact!("behind", index, of, own_index, own_of));
        }
        if pre && self.rules.refuses_pre_votes_in_lease() && self.hears_leader() {
            return Some(self.hears());
        }
        // A newer term is a new ballot paper, also where a pre-vote only asks about it.
        if term > self.term {
            return None;
        }
        match (self.voted_for, self.leader) {
            (Some(own), _) if own == self.identity.id => Some(fact!("voted-itself", term)),
            (Some(whom), _) if whom != from => Some(fact!("voted", whom, term)),
            (None, Some(leader)) if self.rules.votes_only_without_leader() => {
                Some(fact!("follows", leader))
            }
            (Some(_) | None, _) => None,
        }
    }

    /// Why it counts as one that hears a leader: [`Raft::hears_leader`].
    fn hears(&self) -> Fact {
        let leads = matches!(self.state, State::Leader { .. });
        if leads { fact!("leads") } else { fact!("hears-leader") }
    }

    /// Figure 2, AppendEntries 2: the entry before the new ones has to be there.
    fn entries_refused(&self, index: Index, of: Term) -> Option<Fact> {
        let is_known = self.rules.trusts_acknowledgements() && index < self.commit;
        match self.log.epoch_at(index) {
            _ if is_known => None,
            Some(own) if own == of => None,
            Some(own) => Some(fact!("other-entry", index, of, own)),
            None => Some(fact!("no-entry", index, last = self.log.last_index())),
        }
    }
}
