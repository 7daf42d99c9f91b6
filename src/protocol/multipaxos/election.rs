//! Leader election by ballots that are gossiped: who is there, and whom does everybody follow?

use super::{Ballot, Effects, Message, Multipaxos, send};
use crate::fault::{ReplicaId, ReplicaSet};
use crate::protocol::{Effect, Timer};

impl Multipaxos {
    /// Asks everyone who is there, and counts the answers an election timeout later.
    pub(super) fn start_round(&mut self, effects: &mut Effects) {
        self.round = self.round.wrapping_add(1);
        self.answered = ReplicaSet::NOBODY;
        self.top = self.own;
        for peer in self.identity.peers() {
            send(effects, peer, Message::Request { round: self.round });
        }
        let length = *self.identity.election.start();
        effects.push(Effect::SetTimer { timer: Timer::Round, from: length, to: length });
    }

    pub(super) fn on_request(&self, from: ReplicaId, round: u32, effects: &mut Effects) {
        send(effects, from, Message::Reply { round, ballot: self.own, leader: self.leader });
    }

    pub(super) fn on_reply(
        &mut self,
        from: ReplicaId,
        round: u32,
        (ballot, leader): (Ballot, Ballot),
        effects: &mut Effects,
    ) {
        if round == self.round {
            self.answered.add(from);
            self.top = self.top.max(ballot);
            self.hear_of(leader, effects);
        }
    }

    pub(super) fn on_round_end(&mut self, effects: &mut Effects) {
        if self.answered.len() + 1 >= self.identity.majority() {
            self.check_leader(effects);
        } else if self.rules.claims_need_a_quorum {
            self.give_up(effects);
        }
        self.start_round(effects);
    }

    /// The leader is whoever has the largest ballot of all that answered. If that is not as large
    /// as the one it followed, the leader is gone, and its own ballot will be larger.
    fn check_leader(&mut self, effects: &mut Effects) {
        let top = self.top.max(self.own);
        let known = self.leader.max(self.promised);
        if top.number == 0 || top < known {
            self.own = known.next(self.identity.id);
            self.leader = Ballot::NONE;
        } else if top != self.leader {
            self.follow(top, effects);
        }
    }

    /// Claims nothing from now on, and leads no longer if it led.
    fn give_up(&mut self, effects: &mut Effects) {
        let led = self.own.number > 0 && self.leader == self.own;
        self.own.number = 0;
        if led {
            self.follow(Ballot::NONE, effects);
        }
    }

    /// A larger ballot is met in the middle of a round, in a message of the Synods: it counts as an
    /// answer of this round, or a leader that has just come would be missed before it was asked.
    pub(super) fn meet(&mut self, ballot: Ballot, effects: &mut Effects) {
        if ballot > self.leader {
            self.top = self.top.max(ballot);
            self.hear_of(ballot, effects);
        }
    }

    /// Gossip: a larger ballot is followed at once. Nobody follows itself in a ballot that it has
    /// forgotten.
    fn hear_of(&mut self, ballot: Ballot, effects: &mut Effects) {
        let forgotten = ballot.owner == self.identity.id && ballot != self.own;
        if ballot.number > 0 && ballot > self.leader && !forgotten {
            self.follow(ballot, effects);
        }
    }

    fn follow(&mut self, ballot: Ballot, effects: &mut Effects) {
        self.leader = ballot;
        if ballot == self.own && ballot >= self.promised {
            self.start_reign(effects);
        } else if self.leadership.take().is_some() {
            effects.push(Effect::CancelTimer(Timer::Heartbeat));
        }
    }

    /// Somebody outside the protocol wants it to lead: in a ballot above all it has heard of.
    pub(super) fn campaign(&mut self, effects: &mut Effects) {
        if self.leadership.is_none() {
            let known = self.leader.max(self.promised);
            if self.own.number <= known.number {
                self.own = known.next(self.identity.id);
            }
            self.follow(self.own, effects);
        }
    }
}
