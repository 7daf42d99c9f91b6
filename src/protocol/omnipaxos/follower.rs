//! Sequence Paxos as a follower: promising, accepting, and noticing what is missing.

use super::{Ballot, Effects, Extent, Message, Omnipaxos, Phase, Place, State, Suffix, send};
use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index};

impl Omnipaxos {
    /// Promises a newer ballot; the same one again if it asked for that, or was synchronised: then
    /// the leader has heard a late request, and takes it for one that has not promised.
    pub(super) fn on_prepare(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        extent: Extent,
        effects: &mut Effects,
    ) {
        let again = matches!(self.state, State::Follower(Phase::Recover | Phase::Accept(_)));
        if ballot > self.promised || (ballot == self.promised && again) {
            self.promised = ballot;
            self.state = State::Follower(Phase::Prepare(extent));
            self.hear();
            self.promise(from, extent, effects);
        }
    }

    /// Tells a leader whose log goes as far as `theirs` what it lacks, if this one is newer.
    pub(super) fn promise(&self, to: ReplicaId, theirs: Extent, effects: &mut Effects) {
        let own = self.extent();
        let suffix = if own.accepted > theirs.accepted {
            Some(self.suffix(theirs.decided))
        } else if own.accepted == theirs.accepted && own.last > theirs.last {
            Some(self.suffix(theirs.last))
        } else {
            None
        };
        send(effects, to, Message::Promise { ballot: self.promised, extent: own, suffix });
    }

    /// Makes its log the leader's.
    pub(super) fn on_accept_sync(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        (place, decided): (Place, Index),
        suffix: &Suffix,
        effects: &mut Effects,
    ) {
        if !self.follows(from, ballot, effects) {
            return;
        }
        let waits = match self.state {
            State::Follower(Phase::Prepare(_)) => true,
            State::Follower(Phase::Accept(own)) => own.session < place.session,
            State::Follower(Phase::Idle | Phase::Recover) | State::Leader { .. } => false,
        };
        if !waits {
            return;
        }
        if suffix.after > self.last() {
            self.recover(from, effects);
            return;
        }
        if self.accepted == ballot {
            // This log is the leader's already. If it has grown since, what follows that late
            // message is in it, and would be added once more.
            let known = (self.last() - suffix.after) as usize;
            let Some(more) = suffix.entries.get(known..) else { return };
            self.undecided.extend_from_slice(more);
        } else {
            self.replace(suffix);
        }
        self.accepted = ballot;
        self.decide(decided);
        self.state = State::Follower(Phase::Accept(place));
        send(effects, from, Message::Accepted { ballot, last: self.last() });
    }

    /// Adds entries.
    pub(super) fn on_accept(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        (place, decided): (Place, Index),
        entries: &[Entry],
        effects: &mut Effects,
    ) {
        if self.follows(from, ballot, effects) && self.is_next(from, place, effects) {
            self.undecided.extend_from_slice(entries);
            self.decide(decided);
            send(effects, from, Message::Accepted { ballot, last: self.last() });
        }
    }

    /// Learns what is decided; or, if it is said again, whether it has missed anything.
    pub(super) fn on_decide(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        (place, decided): (Place, Index),
        again: bool,
        effects: &mut Effects,
    ) {
        if !self.follows(from, ballot, effects) {
            return;
        }
        let is_due = match self.state {
            State::Follower(Phase::Accept(own)) if again && own == place => true,
            State::Follower(Phase::Accept(_)) if again => {
                self.miss(from, place, effects);
                false
            }
            State::Follower(_) | State::Leader { .. } => self.is_next(from, place, effects),
        };
        if !is_due {
            return;
        }
        self.decide(decided);
        if again && !self.undecided.is_empty() {
            send(effects, from, Message::Accepted { ballot, last: self.last() });
        }
    }

    /// True if `from` leads with the ballot that is promised; else it is told, or asked.
    fn follows(&mut self, from: ReplicaId, ballot: Ballot, effects: &mut Effects) -> bool {
        if ballot < self.promised {
            send(effects, from, Message::NotAccepted { ballot: self.promised, refused: ballot });
            return false;
        }
        if ballot > self.promised {
            send(effects, from, Message::PrepareRequest { ballot: self.promised });
            return false;
        }
        self.hear();
        true
    }

    const fn hear(&mut self) {
        self.hears = true;
        self.heard = true;
    }

    /// True if the message at `place` is the next one in its session; then it counts as received.
    fn is_next(&mut self, from: ReplicaId, place: Place, effects: &mut Effects) -> bool {
        let State::Follower(Phase::Accept(own)) = &mut self.state else { return false };
        if own.next() == place {
            *own = place;
            return true;
        }
        self.miss(from, place, effects);
        false
    }

    /// Something that came before the message at `place` is missing, unless that is an old one.
    fn miss(&mut self, from: ReplicaId, place: Place, effects: &mut Effects) {
        if matches!(self.state, State::Follower(Phase::Accept(own)) if own < place) {
            self.recover(from, effects);
        }
    }

    /// Asks the leader to be prepared again.
    fn recover(&mut self, leader: ReplicaId, effects: &mut Effects) {
        self.state = State::Follower(Phase::Recover);
        send(effects, leader, Message::PrepareRequest { ballot: self.promised });
    }

    /// Asks whoever may lead to be prepared.
    pub(super) fn ask_everyone(&self, effects: &mut Effects) {
        for peer in self.identity.peers() {
            send(effects, peer, Message::PrepareRequest { ballot: self.promised });
        }
    }
}
