//! A leader's part in the three phases.

use super::{Effects, Message, State, Zab, send};
use crate::fault::{ReplicaId, ReplicaSet};
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Command, Epoch, Mutant, Timer};

/// How far a leader has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// It waits for followers.
    Discovery,
    /// It waits for its epoch to be accepted.
    NewEpoch,
    /// It waits for its history to be taken over.
    Synchronisation,
    /// It is active.
    Broadcast,
}

/// What a leader knows of its followers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Leading {
    phase: Phase,
    /// Those who follow.
    followers: ReplicaSet,
    /// The newest epoch that one of them has accepted.
    newest: Epoch,
    /// Those who accepted its epoch as something new.
    accepted: ReplicaSet,
    /// Those who want its history, and by replica from where on.
    waiting: ReplicaSet,
    commits: Vec<Index>,
    /// Those who have taken its history over.
    synchronised: ReplicaSet,
    /// By replica, up to where it is known to have it; its own place included.
    acked: Vec<Index>,
    /// Those who have acknowledged anything since the last check of the quorum.
    active: ReplicaSet,
}

impl Leading {
    pub(super) fn new(replicas: u8) -> Self {
        let replicas = usize::from(replicas);
        Self {
            phase: Phase::Discovery,
            followers: ReplicaSet::NOBODY,
            newest: 0,
            accepted: ReplicaSet::NOBODY,
            waiting: ReplicaSet::NOBODY,
            commits: vec![0; replicas],
            synchronised: ReplicaSet::NOBODY,
            acked: vec![0; replicas],
            active: ReplicaSet::NOBODY,
        }
    }

    pub(super) fn is_active(&self) -> bool {
        self.phase == Phase::Broadcast
    }

    pub(super) const fn phase(&self) -> Option<&'static str> {
        match self.phase {
            Phase::Discovery | Phase::NewEpoch => Some("discovery"),
            Phase::Synchronisation => Some("synchronisation"),
            Phase::Broadcast => None,
        }
    }
}

impl Zab {
    pub(super) fn on_follower_epoch(
        &mut self,
        from: ReplicaId,
        accepted: Epoch,
        effects: &mut Effects,
    ) {
        let State::Leading(leading) = &mut self.state else { return };
        leading.followers.add(from);
        if leading.phase == Phase::Discovery {
            leading.newest = leading.newest.max(accepted);
            self.choose_epoch(effects);
        } else if accepted > self.accepted {
            self.look(effects);
        } else {
            send(effects, from, Message::NewEpoch { epoch: self.accepted });
        }
    }

    /// With a quorum of followers it proposes an epoch that is new to all of them.
    pub(super) fn choose_epoch(&mut self, effects: &mut Effects) {
        let quorum = self.quorum();
        let State::Leading(leading) = &mut self.state else { return };
        if leading.phase != Phase::Discovery || leading.followers.len() + 1 < quorum {
            return;
        }
        leading.phase = Phase::NewEpoch;
        self.accepted = leading.newest.max(self.accepted).saturating_add(1);
        for follower in leading.followers.iter() {
            send(effects, follower, Message::NewEpoch { epoch: self.accepted });
        }
        self.tell_history(effects);
    }

    pub(super) fn on_ack_epoch(
        &mut self,
        from: ReplicaId,
        (epoch, is_new): (Epoch, bool),
        (current, last): (Epoch, (Epoch, Index)),
        commit: Index,
        effects: &mut Effects,
    ) {
        let has_better = (current, last) > (self.current, self.last());
        let State::Leading(leading) = &mut self.state else { return };
        if epoch != self.accepted || leading.phase == Phase::Discovery {
            return;
        }
        leading.waiting.add(from);
        leading.commits[from.index()] = commit;
        if leading.phase != Phase::NewEpoch {
            self.tell_history_to(from, effects);
            return;
        }
        if is_new {
            leading.accepted.add(from);
            if has_better && !Mutant::SkipLogCheck.is_made() {
                self.look(effects);
                return;
            }
        }
        self.tell_history(effects);
    }

    /// With a quorum that has accepted its epoch, it tells them its history.
    fn tell_history(&mut self, effects: &mut Effects) {
        let quorum = self.quorum();
        let last = self.last_index();
        let State::Leading(leading) = &mut self.state else { return };
        if leading.accepted.len() + 1 < quorum {
            return;
        }
        leading.phase = Phase::Synchronisation;
        leading.acked[self.identity.id.index()] = last;
        let waiting = leading.waiting;
        self.current = self.accepted;
        for follower in waiting.iter() {
            self.tell_history_to(follower, effects);
        }
        self.activate(effects);
    }

    fn tell_history_to(&self, follower: ReplicaId, effects: &mut Effects) {
        let State::Leading(leading) = &self.state else { return };
        let history = self.history(leading.commits[follower.index()]);
        send(effects, follower, Message::NewLeader { epoch: self.current, history });
    }

    /// With a quorum that has its history, all of it is committed, and it may add to it.
    fn activate(&mut self, effects: &mut Effects) {
        let quorum = self.quorum();
        let State::Leading(leading) = &mut self.state else { return };
        if leading.synchronised.len() + 1 < quorum {
            return;
        }
        leading.phase = Phase::Broadcast;
        self.decide(self.last_index());
        self.ping(effects);
    }

    pub(super) fn on_ack(
        &mut self,
        from: ReplicaId,
        epoch: Epoch,
        index: Index,
        effects: &mut Effects,
    ) {
        let last = self.last_index();
        let State::Leading(leading) = &mut self.state else { return };
        // Nobody can have more than there is, whatever it says.
        if epoch != self.accepted || index > last {
            return;
        }
        let acked = &mut leading.acked[from.index()];
        let grown = index > *acked;
        *acked = index.max(*acked);
        leading.active.add(from);
        match leading.phase {
            Phase::Synchronisation if index == last => {
                leading.synchronised.add(from);
                self.activate(effects);
            }
            Phase::Broadcast if grown => self.commit_what_is_acked(effects),
            Phase::Discovery | Phase::NewEpoch | Phase::Synchronisation | Phase::Broadcast => {}
        }
    }

    /// A client's write: an active leader proposes it; anyone else drops it, and the write fails.
    pub(super) fn propose(&mut self, command: Command, effects: &mut Effects) {
        let State::Leading(leading) = &mut self.state else { return };
        if !leading.is_active() {
            return;
        }
        let own = &mut leading.acked[self.identity.id.index()];
        *own += 1;
        let (epoch, index) = (self.current, *own);
        self.undecided.push_back(Entry { epoch, command });
        for peer in self.peers() {
            send(effects, peer, Message::Proposal { epoch, index, command });
        }
        self.commit_what_is_acked(effects);
    }

    /// What a quorum has is committed, and all are told.
    fn commit_what_is_acked(&mut self, effects: &mut Effects) {
        let quorum = usize::from(self.quorum());
        let known = self.decided.last_index();
        let State::Leading(leading) = &self.state else { return };
        let mut index = known;
        while leading.acked.iter().filter(|&&acked| acked > index).count() >= quorum {
            index += 1;
        }
        if index == known {
            return;
        }
        self.decide(index);
        let epoch = self.current;
        for peer in self.peers() {
            send(effects, peer, Message::Commit { epoch, index });
        }
    }

    /// A sign of life to everyone.
    pub(super) fn ping(&mut self, effects: &mut Effects) {
        let State::Leading(leading) = &self.state else { return };
        if !leading.is_active() {
            return;
        }
        let (epoch, last, commit) = (self.current, self.last_index(), self.decided.last_index());
        for peer in self.peers() {
            send(effects, peer, Message::Ping { epoch, last, commit });
        }
        self.set_timer(Timer::Heartbeat, self.identity.heartbeat, effects);
    }

    /// Gives up if it is not active by now, or no quorum has answered since the last check.
    pub(super) fn on_check_quorum_timeout(&mut self, effects: &mut Effects) {
        let State::Leading(leading) = &mut self.state else { return };
        let heard = std::mem::take(&mut leading.active).len() + 1;
        if leading.is_active() && heard >= self.identity.majority() {
            self.set_timer(Timer::CheckQuorum, *self.identity.election.start(), effects);
        } else {
            self.look(effects);
        }
    }
}
