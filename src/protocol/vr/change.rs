//! View changes (paper 4.2).

use std::sync::Arc;

use super::{Effects, Message, Status, Suffix, View, Vr, send};
use crate::fact::{Fact, counts};
use crate::fault::{ReplicaId, ReplicaSet};
use crate::protocol::log::Index;
use crate::protocol::{Effect, Mutant, Timer};

/// What a replica on the way into a view has heard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Change {
    /// Who said StartViewChange, besides itself.
    started: ReplicaSet,
    /// True once it has said DoViewChange.
    is_done: bool,
    /// Who said DoViewChange to it, if the view is its own.
    done: ReplicaSet,
    /// By replica, the commit-number that it said.
    commits: Vec<Index>,
    /// Of the logs that it was told, the best.
    best: Option<Offer>,
}

/// A log that a primary could begin its view with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Offer {
    from: ReplicaId,
    last_normal: View,
    suffix: Suffix,
}

impl Offer {
    /// The order among logs: the latest view, then the longest.
    fn rank(&self) -> (View, Index) {
        (self.last_normal, self.suffix.op())
    }
}

impl Change {
    fn new(replicas: u8) -> Self {
        Self {
            started: ReplicaSet::NOBODY,
            is_done: false,
            done: ReplicaSet::NOBODY,
            commits: vec![0; usize::from(replicas)],
            best: None,
        }
    }

    /// What `replica` said before it lost all that it knew counts no more. Of the logs only the
    /// best is kept: where it told one, all must be told again, and after a timeout they are.
    pub(super) fn forget(&mut self, replica: ReplicaId) {
        self.started.remove(replica);
        if self.done.contains(replica) {
            self.done = ReplicaSet::NOBODY;
            self.best = None;
        }
    }

    pub(super) fn phase(&self, f: u8) -> Fact {
        match self.done.len() {
            0 => counts!("start-view-change", count = self.started.len(), others = f),
            count => counts!("do-view-change", count, needed = f + 1),
        }
    }
}

impl Vr {
    /// Silence for a whole timeout: on to the next view. Before that only somebody outside can push
    /// a backup, and wants it to lead.
    pub(super) fn on_election_timeout(&mut self, effects: &mut Effects) {
        let view = match self.status {
            Status::Primary { .. } | Status::Recovering(_) => return,
            Status::Backup if self.hears_primary => self.next_view_of(self.identity.id),
            Status::Backup | Status::Change(_) => self.view.saturating_add(1),
        };
        self.start_view_change(view, effects);
    }

    /// The primary starts a view change to the next view of `to`.
    pub(super) fn hand_over(&mut self, to: ReplicaId, effects: &mut Effects) {
        if matches!(self.status, Status::Primary { .. }) && to != self.identity.id {
            self.start_view_change(self.next_view_of(to), effects);
        }
    }

    pub(super) fn next_view_of(&self, replica: ReplicaId) -> View {
        let replicas = View::from(self.identity.replicas);
        let next = self.view.saturating_add(1);
        next.saturating_add((View::from(replica.0) + replicas - next % replicas) % replicas)
    }

    /// Leaves its view for that one, or begins anew to.
    pub(super) fn start_view_change(&mut self, view: View, effects: &mut Effects) {
        if matches!(self.status, Status::Primary { .. }) {
            effects.push(Effect::CancelTimer(Timer::Heartbeat));
        }
        self.view = view;
        self.status = Status::Change(Change::new(self.identity.replicas));
        self.set_election_timer(effects);
        for peer in self.peers() {
            send(effects, peer, Message::StartViewChange { view, lives: Arc::clone(&self.lives) });
        }
        self.on_started(effects);
    }

    pub(super) fn on_start_view_change(
        &mut self,
        from: ReplicaId,
        view: View,
        effects: &mut Effects,
    ) {
        if view > self.view {
            self.start_view_change(view, effects);
        }
        if let Status::Change(change) = &mut self.status
            && view == self.view
        {
            change.started.add(from);
            self.on_started(effects);
        }
    }

    /// With f others on the way, it tells the new primary what it knows.
    fn on_started(&mut self, effects: &mut Effects) {
        let f = self.f();
        let Status::Change(change) = &mut self.status else { return };
        if change.started.len() >= f && !std::mem::replace(&mut change.is_done, true) {
            self.do_view_change(self.decided.last_index(), effects);
        }
    }

    /// Tells the new primary its log after `base`, if it has the right to.
    pub(super) fn do_view_change(&mut self, base: Index, effects: &mut Effects) {
        let Status::Change(Change { is_done: true, .. }) = self.status else { return };
        let (view, last_normal, suffix) = (self.view, self.last_normal, self.suffix(base));
        let primary = self.primary_of(view);
        if primary == self.identity.id {
            self.on_do_view_change(primary, view, last_normal, suffix, effects);
        } else {
            let lives = Arc::clone(&self.lives);
            send(effects, primary, Message::DoViewChange { view, last_normal, suffix, lives });
        }
    }

    pub(super) fn on_do_view_change(
        &mut self,
        from: ReplicaId,
        view: View,
        last_normal: View,
        suffix: Suffix,
        effects: &mut Effects,
    ) {
        if self.primary_of(view) != self.identity.id {
            return;
        }
        if view > self.view {
            self.start_view_change(view, effects);
        }
        let quorum = self.f() + 1 - u8::from(Mutant::SmallQuorum.is_made());
        let Status::Change(change) = &mut self.status else { return };
        if view != self.view {
            return;
        }
        change.done.add(from);
        change.commits[from.index()] = suffix.commit;
        let offer = Offer { from, last_normal, suffix };
        let is_better = match &change.best {
            None => true,
            // The same log again, with more of it.
            Some(best) if best.from == from => true,
            Some(best) => offer.rank() > best.rank() && !Mutant::SkipLogCheck.is_made(),
        };
        if is_better {
            change.best = Some(offer);
        }
        if change.done.len() >= quorum {
            self.begin_view(effects);
        }
    }

    /// A quorum has told the primary what it knows: it begins its view with the best log.
    fn begin_view(&mut self, effects: &mut Effects) {
        let floor = self.decided.last_index();
        let Status::Change(change) = &mut self.status else { return };
        let Some(best) = change.best.take() else { return };
        // Two logs of one view are the same as far as both go, and up to `base` it is committed.
        if best.last_normal == self.last_normal && best.suffix.base <= self.op() {
            self.decide(best.suffix.base);
        }
        let view = self.view;
        if !self.adopt(&best.suffix) {
            let op = self.decided.last_index();
            send(effects, best.from, Message::GetState { view, op });
            if let Status::Change(change) = &mut self.status {
                change.best = Some(best);
            }
            return;
        }
        let Status::Change(change) = &mut self.status else { return };
        let (done, commits) = (change.done, std::mem::take(&mut change.commits));
        self.decide(commits.iter().copied().max().unwrap_or(0));
        self.become_primary(effects);
        for peer in self.peers() {
            let base = if done.contains(peer) { commits[peer.index()] } else { floor };
            send(effects, peer, Message::StartView { view, suffix: self.suffix(base) });
        }
    }

    /// The primary of a view has begun it, with that log.
    pub(super) fn on_start_view(
        &mut self,
        from: ReplicaId,
        view: View,
        suffix: &Suffix,
        effects: &mut Effects,
    ) {
        let is_news = match self.status {
            Status::Change(_) => view >= self.view,
            Status::Primary { .. } | Status::Backup => view > self.view,
            Status::Recovering(_) => false,
        };
        if !is_news || from != self.primary_of(view) || from == self.identity.id {
            return;
        }
        if !self.adopt(suffix) {
            self.ask(from, view, effects);
            return;
        }
        if matches!(self.status, Status::Primary { .. }) {
            effects.push(Effect::CancelTimer(Timer::Heartbeat));
        }
        (self.view, self.last_normal, self.status) = (view, view, Status::Backup);
        self.set_election_timer(effects);
        let op = self.op();
        if op > self.decided.last_index() {
            send(effects, from, Message::PrepareOk { view, op, life: self.life() });
        }
    }
}
