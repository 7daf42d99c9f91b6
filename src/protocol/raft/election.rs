//! Elections: losing patience, asking for votes, giving and counting them.

use super::{Effects, Message, Progress, Raft, ReplicaSet, State, Term, send};
use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index};
use crate::protocol::raft::timer;
use crate::protocol::{Effect, Mutant, Timer};

impl Raft {
    /// Silence for a whole election timeout: campaign, or ask first whether it would help.
    pub(super) fn on_election_timeout(&mut self, effects: &mut Effects) {
        match self.state {
            State::Leader { .. } => {}
            State::Follower | State::PreCandidate { .. } | State::Candidate { .. } => {
                if self.rules.pre_vote {
                    self.pre_campaign(effects)
                } else {
                    self.campaign(false, effects)
                }
            }
        }
    }

    /// Asks whether an election could be won; term and vote stay as they are (thesis 9.6).
    fn pre_campaign(&mut self, effects: &mut Effects) {
        let granted = self.only_myself();
        self.state = State::PreCandidate { granted, refused: ReplicaSet::default() };
        self.leader = None;
        self.restart_election_timer(effects);
        if granted.len() >= self.quorum() {
            self.campaign(false, effects);
        } else {
            self.ask_for_votes(self.term + 1, (true, false), effects);
        }
    }

    /// Raises the term, votes for itself and asks the others (paper 5.2); with `transfer` because
    /// the leader asked for it.
    pub(super) fn campaign(&mut self, transfer: bool, effects: &mut Effects) {
        self.term += 1;
        self.voted_for = Some(self.identity.id);
        self.leader = None;
        let granted = self.only_myself();
        self.state = State::Candidate { granted, refused: ReplicaSet::default() };
        self.set_election_timer(effects);
        if granted.len() >= self.quorum() {
            self.become_leader(effects);
        } else {
            self.ask_for_votes(self.term, (false, transfer), effects);
        }
    }

    fn only_myself(&self) -> ReplicaSet {
        let mut set = ReplicaSet::default();
        set.add(self.identity.id);
        set
    }

    fn ask_for_votes(&self, term: Term, (pre, transfer): (bool, bool), effects: &mut Effects) {
        let (last_index, last_term) = (self.log.last_index(), self.log.last_epoch());
        for peer in self.peers() {
            send(effects, peer, Message::Vote { term, last_index, last_term, pre, transfer });
        }
    }

    /// Someone asks for a vote, in a term that is not older than ours.
    ///
    /// `last` is (term, index) of the candidate's last entry: that order is "up to date" (5.4.1).
    pub(super) fn on_vote(
        &mut self,
        from: ReplicaId,
        term: Term,
        last: (Term, Index),
        pre: bool,
        effects: &mut Effects,
    ) {
        let up_to_date = last >= (self.log.last_epoch(), self.log.last_index())
            || Mutant::SkipLogCheck.is_made();
        let free = match self.voted_for {
            Some(chosen) => chosen == from || Mutant::VoteTwice.is_made(),
            None => !self.rules.votes_only_without_leader() || self.leader.is_none(),
        };
        let granted = if pre {
            let refused = self.rules.refuses_pre_votes_in_lease() && self.hears_leader();
            up_to_date && !refused && (free || term > self.term)
        } else {
            up_to_date && free
        };
        if granted && !pre {
            self.voted_for = Some(from);
            self.restart_election_timer(effects);
        }
        // A yes to a pre-vote names the term asked about, a no the voter's own (etcd).
        let term = if granted { term } else { self.term };
        send(effects, from, Message::VoteReply { term, granted, pre });
    }

    /// Counts a vote for the campaign that is running, if it is for that one.
    pub(super) fn on_vote_reply(
        &mut self,
        from: ReplicaId,
        yes: bool,
        of_pre_vote: bool,
        effects: &mut Effects,
    ) {
        let (votes, against) = match &mut self.state {
            State::PreCandidate { granted, refused } if of_pre_vote => (granted, refused),
            State::Candidate { granted, refused } if !of_pre_vote => (granted, refused),
            State::Follower
            | State::PreCandidate { .. }
            | State::Candidate { .. }
            | State::Leader { .. } => return,
        };
        if yes {
            votes.add(from)
        } else {
            against.add(from)
        }
        let (won, lost) = (votes.len(), against.len());
        if won >= self.quorum() {
            if of_pre_vote { self.campaign(false, effects) } else { self.become_leader(effects) }
        } else if self.rules.gives_lost_votes_up() && self.identity.replicas - lost < self.quorum()
        {
            // With all who have not answered yet it would be no majority.
            self.become_follower(self.term, None, effects);
        }
    }

    /// A majority has voted for this replica: it orders commands now.
    fn become_leader(&mut self, effects: &mut Effects) {
        self.leader = Some(self.identity.id);
        effects.push(Effect::CancelTimer(Timer::Election));
        effects.push(Effect::CancelTimer(timer::HEARD_LEADER));
        if self.rules.check_quorum {
            self.start_check_quorum(effects);
        }
        // The empty entry of a new leader (paper 8).
        let next = self.log.last_index() + 1;
        self.log.push(Entry { epoch: self.term, command: 0 });
        let everyone = usize::from(self.identity.replicas);
        let probes = self.rules.trusts_acknowledgements();
        let mut progress = vec![Progress::new(next, probes); everyone];
        progress[self.identity.id.index()].matched = next;
        self.state = State::Leader { progress, active: ReplicaSet::default(), transfer: None };
        self.begin_reads();
        self.advance_commit();
        self.append_to_all(effects);
        self.set_heartbeat_timer(effects);
    }

    pub(super) fn start_check_quorum(&self, effects: &mut Effects) {
        let least = self.least_election_timeout();
        effects.push(Effect::SetTimer { timer: Timer::CheckQuorum, from: least, to: least });
    }

    /// Steps down if no majority has answered since the last check (thesis 6.2).
    pub(super) fn on_check_quorum_timeout(&mut self, effects: &mut Effects) {
        let State::Leader { active, .. } = &mut self.state else { return };
        let heard = active.len() + 1;
        *active = ReplicaSet::default();
        if heard >= self.quorum() {
            self.start_check_quorum(effects);
        } else {
            self.become_follower(self.term, None, effects);
        }
    }
}
