//! Ballot leader election: who is there, and whose ballot is the one to follow.

use super::{Ballot, Effects, Flavour, Message, Omnipaxos, Phase, State, send};
use crate::fault::ReplicaId;
use crate::protocol::{Effect, Identity, Timer};

/// What a replica answered in this round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reply {
    pub(super) ballot: Ballot,
    pub(super) leader: Ballot,
    pub(super) fine: bool,
}

/// What a replica knows of who may lead. All of it is volatile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Election {
    round: u32,
    /// The ballot with which this replica would lead, or leads.
    pub(super) own: Ballot,
    /// The ballot that it takes for the leader's.
    pub(super) leader: Ballot,
    /// In the paper: in its last round a majority answered. In the crate: it is happy.
    pub(super) fine: bool,
    /// By replica, what it has answered in this round.
    replies: Vec<Option<Reply>>,
}

impl Election {
    /// Before the first round of a life.
    ///
    /// A replica that has promised before starts below every ballot that was ever led: as long as
    /// it still answered with its old one, the others would take it for the leader that it was.
    pub(super) fn new(flavour: Flavour, identity: &Identity, promised: Ballot) -> Self {
        let is_new = promised == Ballot::NONE;
        let own = Ballot { number: u32::from(is_new), owner: identity.id };
        let leader = match flavour {
            Flavour::Happy if is_new => own,
            Flavour::Happy | Flavour::Paper => promised,
        };
        let replies = vec![None; usize::from(identity.replicas)];
        Self { round: 0, own, leader, fine: true, replies }
    }

    /// Those who answered in this round.
    fn answered(&self) -> impl Iterator<Item = &Reply> {
        self.replies.iter().flatten()
    }

    /// True if enough of them answered, with itself, to make a majority.
    fn is_connected(&self, majority: u8) -> bool {
        self.answered().count() + 1 >= usize::from(majority)
    }

    /// The paper's end of a round; true if somebody is elected.
    fn check_leader(&mut self, majority: u8) -> bool {
        self.fine = self.is_connected(majority);
        if !self.fine {
            return false;
        }
        let candidates = self.answered().filter(|reply| reply.fine).map(|reply| reply.ballot);
        let top = candidates.fold(self.own, Ballot::max);
        if top < self.leader {
            // The leader is gone, or no majority answers it.
            self.own = self.leader.past(self.own.owner);
            self.leader = Ballot::NONE;
            return false;
        }
        let is_elected = top > self.leader;
        self.leader = top;
        is_elected
    }

    /// The crate's end of a round: who is unhappy, among the unhappy, takes over.
    fn check_happiness(&mut self, majority: u8) {
        self.leader = self.answered().map(|reply| reply.ballot).fold(self.leader, Ballot::max);
        let (own, leader) = (self.own, self.leader);
        self.fine = if leader == own {
            let followers = self.answered().filter(|reply| reply.leader <= own).count();
            followers + 1 >= usize::from(majority)
                || self.answered().any(|reply| reply.leader > own && reply.fine)
        } else {
            self.answered().any(|reply| reply.ballot == leader && reply.fine)
        };
        let all_unhappy = !self.fine && self.answered().all(|reply| !reply.fine);
        if all_unhappy && self.is_connected(majority) {
            self.own = leader.past(own.owner);
            self.leader = self.own;
            self.fine = true;
        }
    }

    /// What was promised counts as seen, lest it is never heard of in a round.
    fn catch_up(&mut self, promised: Ballot) -> bool {
        let is_behind = promised > self.leader;
        if is_behind {
            self.leader = promised;
            if promised.owner == self.own.owner {
                self.own = self.own.max(promised);
            }
        }
        is_behind
    }
}

impl Omnipaxos {
    /// Asks everyone, and waits; the first time for as long as chance will have it, so that rounds
    /// do not begin in step.
    pub(super) fn begin_round(&mut self, is_first: bool, effects: &mut Effects) {
        let (from, to) = self.identity.election.clone().into_inner();
        let to = if is_first { to } else { from };
        effects.push(Effect::SetTimer { timer: Timer::Round, from, to });
        let election = &mut self.election;
        election.round = election.round.wrapping_add(1);
        election.replies.fill(None);
        for peer in self.identity.peers() {
            send(effects, peer, Message::HeartbeatRequest { round: self.election.round });
        }
    }

    /// A round is over: whoever has not answered is not there.
    pub(super) fn end_round(&mut self, effects: &mut Effects) {
        let majority = self.identity.majority();
        let owner = self.election.replies.get(self.promised.owner.index()).copied().flatten();
        let answered = owner.is_some_and(|reply| reply.ballot == self.promised);
        let answered = answered && self.promised != Ballot::NONE;
        self.hears = std::mem::take(&mut self.heard) || answered;
        let is_elected = match self.flavour {
            Flavour::Paper => {
                let is_elected = self.election.check_leader(majority);
                self.election.catch_up(self.promised);
                is_elected
            }
            Flavour::Happy => {
                self.election.check_happiness(majority);
                if self.election.catch_up(self.promised) {
                    self.election.fine = true;
                }
                self.election.leader == self.election.own
            }
        };
        self.begin_round(false, effects);
        if is_elected {
            self.on_leader(self.election.leader, effects);
        }
    }

    /// Somebody is the leader now, says the election.
    fn on_leader(&mut self, ballot: Ballot, effects: &mut Effects) {
        if ballot <= self.promised {
            return;
        }
        if ballot.owner == self.identity.id {
            self.start_leading(ballot, effects);
        } else if matches!(self.state, State::Leader { .. }) {
            self.state = State::Follower(Phase::Recover);
        }
    }

    /// Somebody outside wants it to lead, whoever does now (the crate's `try_become_leader`).
    pub(super) fn campaign(&mut self, effects: &mut Effects) {
        if matches!(self.state, State::Leader { syncs: true, .. }) {
            return;
        }
        let newest = self.promised.max(self.election.leader).max(self.election.own);
        let own = newest.past(self.identity.id);
        self.election.own = own;
        self.election.leader = own;
        self.election.fine = true;
        self.start_leading(own, effects);
    }

    pub(super) fn on_heartbeat_request(&self, from: ReplicaId, round: u32, effects: &mut Effects) {
        let election = &self.election;
        let leader = match self.flavour {
            Flavour::Paper => Ballot::NONE,
            Flavour::Happy => election.leader,
        };
        let (ballot, fine) = (election.own, election.fine);
        send(effects, from, Message::HeartbeatReply { round, ballot, leader, fine });
    }

    pub(super) fn on_heartbeat_reply(&mut self, from: ReplicaId, round: u32, reply: Reply) {
        if round == self.election.round {
            self.election.replies[from.index()] = Some(reply);
        }
    }
}
