//! Leadership transfer (thesis 3.10): the leader asks another replica to campaign at once.

use super::replication::ENTRIES_MAX;
use super::{Effects, Message, Raft, State, send};
use crate::fault::ReplicaId;
use crate::protocol::Effect;
use crate::protocol::raft::timer;

impl Raft {
    /// An operator asks for a handover: later requests replace the one that is under way, and one
    /// for the leader itself ends it (etcd). `to` campaigns as soon as it is known to have every
    /// entry.
    pub(super) fn hand_over(&mut self, to: ReplicaId, effects: &mut Effects) {
        let State::Leader { progress, transfer, .. } = &mut self.state else { return };
        if *transfer == Some(to) {
            return;
        }
        *transfer = Some(to).filter(|&to| to != self.identity.id);
        if transfer.is_none() {
            return;
        }
        let lacks = progress[to.index()].matched < self.log.last_index();
        let least = self.least_election_timeout();
        effects.push(Effect::SetTimer { timer: timer::TRANSFER, from: least, to: least });
        if self.rules.transfer_restarts_check_quorum() {
            self.start_check_quorum(effects);
        }
        if lacks {
            // If it has lost something, its refusal says so sooner than a heartbeat would.
            self.append_to(to, ENTRIES_MAX, effects);
        } else {
            self.transfer_if_ready(to, effects);
        }
    }

    /// Tells `to` to campaign if it is the one to lead, and has everything.
    #[inline(always)]
    pub(super) fn transfer_if_ready(&mut self, to: ReplicaId, effects: &mut Effects) {
        let State::Leader { progress, transfer: Some(chosen), .. } = &self.state else { return };
        if *chosen == to && progress[to.index()].matched == self.log.last_index() {
            send(effects, to, Message::TimeoutNow { term: self.term });
            self.give_lease_up();
        }
    }

    /// Nothing came of it within the least election timeout: lead on, and take writes again.
    pub(super) fn give_transfer_up(&mut self) {
        if let State::Leader { transfer, .. } = &mut self.state {
            *transfer = None;
        }
    }

    /// Whom it hands over to.
    pub(super) fn transfers_to(&self) -> Option<ReplicaId> {
        if let State::Leader { transfer, .. } = self.state { transfer } else { None }
    }

    /// The leader wants this replica to lead: campaign now and without a pre-vote, which those who
    /// hear the leader would refuse. etcd's candidates ignore it, and so do ours: they campaign.
    pub(super) fn on_timeout_now(&mut self, effects: &mut Effects) {
        match self.state {
            State::Follower => self.campaign(true, effects),
            State::PreCandidate { .. } | State::Candidate { .. } | State::Leader { .. } => {}
        }
    }
}
