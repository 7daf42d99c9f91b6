//! Normal operation and state transfer (paper 4.1, 5.2).

use super::{Effects, Message, Status, Suffix, View, Vr, send};
use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index};
use crate::protocol::vr::timer;
use crate::protocol::{Command, Effect, Mutant, Timer};

impl Vr {
    /// A client's write: the primary gives it a place; anyone else drops it, and the write fails.
    pub(super) fn propose(&mut self, command: Command, effects: &mut Effects) {
        let Status::Primary { prepared } = &mut self.status else { return };
        let view = self.view;
        let own = &mut prepared[self.identity.id.index()];
        *own += 1;
        let (op, commit) = (*own, self.decided.last_index());
        self.undecided.push_back(Entry { epoch: view, command });
        for peer in self.peers() {
            send(effects, peer, Message::Prepare { view, op, commit, command });
        }
        self.commit_what_is_prepared();
    }

    /// Leads its view from now on, with the log that it has.
    pub(super) fn become_primary(&mut self, effects: &mut Effects) {
        let mut prepared = vec![0; usize::from(self.identity.replicas)];
        prepared[self.identity.id.index()] = self.op();
        self.status = Status::Primary { prepared };
        self.last_normal = self.view;
        effects.push(Effect::CancelTimer(timer::VIEW_CHANGE));
        effects.push(Effect::CancelTimer(timer::HEARS_PRIMARY));
        self.set_heartbeat_timer(effects);
        self.commit_what_is_prepared();
    }

    /// Says Commit to everyone.
    pub(super) fn give_sign_of_life(&mut self, effects: &mut Effects) {
        let Status::Primary { .. } = self.status else { return };
        let (view, op, commit) = (self.view, self.op(), self.decided.last_index());
        for peer in self.peers() {
            send(effects, peer, Message::Commit { view, op, commit });
        }
        self.set_heartbeat_timer(effects);
    }

    fn set_heartbeat_timer(&self, effects: &mut Effects) {
        let every = self.identity.heartbeat;
        effects.push(Effect::SetTimer { timer: Timer::Heartbeat, from: every, to: every });
    }

    pub(super) fn on_prepare(
        &mut self,
        from: ReplicaId,
        (op, entry): (Index, Entry),
        commit: Index,
        effects: &mut Effects,
    ) {
        let view = entry.epoch;
        if !self.follows(from, view, effects) {
            return;
        }
        let next = self.op() + 1;
        if op == next {
            self.undecided.push_back(entry);
            send(effects, from, Message::PrepareOk { view, op, life: self.life() });
        } else if op > next {
            self.ask(from, view, effects);
        }
        self.decide(commit);
    }

    pub(super) fn on_commit(
        &mut self,
        from: ReplicaId,
        view: View,
        (op, commit): (Index, Index),
        effects: &mut Effects,
    ) {
        if !self.follows(from, view, effects) {
            return;
        }
        self.decide(commit);
        let own = self.op();
        if op > own {
            self.ask(from, view, effects);
        } else if commit < own {
            send(effects, from, Message::PrepareOk { view, op: own, life: self.life() });
        }
    }

    /// True if `from` is the primary of its view. The primary of a newer one, or of the one it is
    /// on the way into, has something that it lacks.
    fn follows(&mut self, from: ReplicaId, view: View, effects: &mut Effects) -> bool {
        if view < self.view || from != self.primary_of(view) {
            return false;
        }
        let follows = view == self.view && matches!(self.status, Status::Backup);
        if follows {
            self.hear_primary(effects);
        } else {
            self.ask(from, view, effects);
        }
        follows
    }

    pub(super) fn on_prepare_ok(&mut self, from: ReplicaId, view: View, op: Index) {
        let last = self.op();
        let Status::Primary { prepared } = &mut self.status else { return };
        let known = &mut prepared[from.index()];
        // Nobody can have more than there is, whatever it says.
        if view == self.view && *known < op && op <= last {
            *known = op;
            self.commit_what_is_prepared();
        }
    }

    /// What f + 1 hold is committed, whichever view it is from: in this view they all hold the
    /// primary's log up to there, and a later view change goes by the view.
    fn commit_what_is_prepared(&mut self) {
        let Status::Primary { prepared } = &self.status else { return };
        let quorum = usize::from(self.identity.majority());
        let mut commit = self.decided.last_index();
        while prepared.iter().filter(|&&op| op > commit).count() >= quorum {
            commit += 1;
        }
        self.decide(commit);
    }

    /// Asks for what it lacks in that view, once a heartbeat.
    pub(super) fn ask(&mut self, from: ReplicaId, view: View, effects: &mut Effects) {
        if std::mem::replace(&mut self.asking, true) {
            return;
        }
        let every = self.identity.heartbeat;
        effects.push(Effect::SetTimer { timer: timer::ASK_AGAIN, from: every, to: every });
        if self.is_normal_in(view) {
            send(effects, from, Message::GetState { view, op: self.op() });
            return;
        }
        // What is not committed may have another place in the newer view.
        if Mutant::ForgetLock.is_made() {
            self.undecided.clear();
        }
        send(effects, from, Message::GetState { view, op: self.decided.last_index() });
    }

    fn is_normal_in(&self, view: View) -> bool {
        let is_normal = match self.status {
            Status::Primary { .. } | Status::Backup => true,
            Status::Change(_) | Status::Recovering(_) => false,
        };
        is_normal && view == self.view
    }

    pub(super) fn on_get_state(
        &mut self,
        from: ReplicaId,
        view: View,
        op: Index,
        effects: &mut Effects,
    ) {
        if self.is_normal_in(view) {
            send(effects, from, Message::NewState { view, suffix: self.suffix(op) });
        } else if view == self.view && from == self.primary_of(view) {
            self.do_view_change(op, effects);
        }
    }

    pub(super) fn on_new_state(
        &mut self,
        from: ReplicaId,
        view: View,
        suffix: &Suffix,
        effects: &mut Effects,
    ) {
        self.asking = false;
        if !self.is_normal_in(view) {
            self.on_start_view(from, view, suffix, effects);
            return;
        }
        let known = self.op().checked_sub(suffix.base);
        let (Status::Backup, Some(known)) = (&self.status, known) else { return };
        self.undecided.extend(suffix.entries.iter().skip(known as usize));
        self.decide(suffix.commit);
        let (op, life) = (self.op(), self.life());
        send(effects, from, Message::PrepareOk { view, op, life });
    }
}
