//! A follower's part in the three phases.

use super::{Effects, History, Message, State, Zab, send};
use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index};
use crate::protocol::zab::timer;
use crate::protocol::{Effect, Epoch, Mutant, Timer};

/// How far a follower has come with its leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// It has not heard the leader's epoch.
    Discovery,
    /// It has accepted it.
    Accepted {
        /// True unless it had accepted it before it followed.
        is_new: bool,
    },
    /// It has the leader's history.
    Synchronised,
}

impl Zab {
    /// Tells its leader where it stands.
    pub(super) fn repeat_to_leader(&self, effects: &mut Effects) {
        let &State::Following { leader, stage, .. } = &self.state else { return };
        let is_new = match stage {
            Stage::Discovery => {
                let accepted = self.accepted;
                send(effects, leader, Message::FollowerEpoch { accepted });
                return;
            }
            Stage::Accepted { is_new } => is_new,
            Stage::Synchronised => false,
        };
        let (epoch, current, last) = (self.accepted, self.current, self.last());
        let commit = self.decided.last_index();
        send(effects, leader, Message::AckEpoch { epoch, is_new, current, last, commit });
    }

    fn stage_with(&mut self, from: ReplicaId) -> Option<&mut Stage> {
        match &mut self.state {
            State::Following { leader, stage, .. } if *leader == from => Some(stage),
            State::Following { .. } | State::Looking(_) | State::Leading(_) => None,
        }
    }

    pub(super) fn on_new_epoch(&mut self, from: ReplicaId, epoch: Epoch, effects: &mut Effects) {
        let accepted = self.accepted;
        let Some(stage) = self.stage_with(from) else { return };
        if epoch < accepted {
            // It has promised not to work with this leader; or the message is an old one.
            if *stage == Stage::Discovery {
                self.look(effects);
            }
            return;
        }
        if epoch > accepted || *stage == Stage::Discovery {
            *stage = Stage::Accepted { is_new: epoch > accepted };
            self.accepted = epoch;
            effects.push(Effect::RestartTimer(Timer::Election));
            self.set_retry_timer(effects);
            self.repeat_to_leader(effects);
            // The history that goes with it is still to come.
            if Mutant::ForgetLock.is_made() {
                self.current = epoch;
            }
        }
    }

    pub(super) fn on_new_leader(
        &mut self,
        from: ReplicaId,
        epoch: Epoch,
        history: &History,
        effects: &mut Effects,
    ) {
        if epoch != self.accepted || matches!(self.stage_with(from), None | Some(Stage::Discovery))
        {
            return;
        }
        if !self.take_over(epoch, history) {
            return;
        }
        self.decide(history.commit);
        self.state = State::Following { leader: from, stage: Stage::Synchronised, asking: false };
        effects.push(Effect::CancelTimer(timer::ASK_AGAIN));
        effects.push(Effect::RestartTimer(Timer::Election));
        send(effects, from, Message::Ack { epoch, index: self.last_index() });
    }

    /// Makes the leader's history its own; what it already has in this epoch is never thrown away,
    /// for the message may be an old one. False if there would be a hole.
    fn take_over(&mut self, epoch: Epoch, history: &History) -> bool {
        if self.current == epoch {
            let Some(known) = self.last_index().checked_sub(history.base) else { return false };
            self.undecided.extend(history.entries.iter().skip(known as usize));
            return true;
        }
        let Some(known) = self.decided.last_index().checked_sub(history.base) else { return false };
        self.undecided.clear();
        self.undecided.extend(history.entries.iter().skip(known as usize));
        self.current = epoch;
        true
    }

    /// True if `from` is its leader in that epoch, and it has its history.
    fn obeys(&mut self, from: ReplicaId, epoch: Epoch, effects: &mut Effects) -> bool {
        let obeys =
            epoch == self.current && self.stage_with(from) == Some(&mut Stage::Synchronised);
        if obeys {
            effects.push(Effect::RestartTimer(Timer::Election));
        }
        obeys
    }

    pub(super) fn on_proposal(
        &mut self,
        from: ReplicaId,
        index: Index,
        entry: Entry,
        effects: &mut Effects,
    ) {
        let epoch = entry.epoch;
        if !self.obeys(from, epoch, effects) {
            return;
        }
        let next = self.last_index() + 1;
        if index == next {
            self.undecided.push_back(entry);
            send(effects, from, Message::Ack { epoch, index });
        } else if index > next {
            self.ask(effects);
        }
    }

    /// The leader says where its history ends, and up to where it is committed.
    pub(super) fn on_sign_of_life(
        &mut self,
        from: ReplicaId,
        epoch: Epoch,
        (last, commit): (Index, Index),
        effects: &mut Effects,
    ) -> bool {
        let obeys = self.obeys(from, epoch, effects);
        if obeys {
            self.decide(commit);
            if last > self.last_index() {
                self.ask(effects);
            }
        }
        obeys
    }

    /// Asks for what it lacks, once a heartbeat.
    fn ask(&mut self, effects: &mut Effects) {
        let State::Following { asking, .. } = &mut self.state else { return };
        if !std::mem::replace(asking, true) {
            self.set_retry_timer(effects);
            self.repeat_to_leader(effects);
        }
    }
}
