//! The pacemaker: which view it is, and how long it may last.

use super::{Certificate, Effects, Hotstuff, Message, NewView, Peer, Phase, ReplicaId, ReplicaSet};
use super::{TimeoutCertificate, View, send};
use crate::clock::Micros;
use crate::protocol::{Effect, Timer};

/// Requests in one message, at most.
const REQUESTS_AT_ONCE: usize = 16;

/// How often patience doubles, at most.
const DOUBLINGS: u32 = 10;

/// The longest that a view lasts, however often patience was doubled.
const PATIENCE_MAX: Micros = Micros::from_secs(600);

impl Hotstuff {
    /// The process starts, and may have missed something: it asks.
    pub(super) fn start(&mut self, effects: &mut Effects) {
        self.answered = Some(ReplicaSet::NOBODY).filter(|_| self.identity.replicas > 1);
        if self.answered.is_some() {
            self.ask_what_it_missed(effects);
        }
        self.set_timers(effects);
    }

    /// Asks those who have not answered yet.
    fn ask_what_it_missed(&self, effects: &mut Effects) {
        let Some(answered) = self.answered else { return };
        for to in self.identity.peers().filter(|&to| !answered.contains(to)) {
            send(effects, to, self.fetch(0));
        }
    }

    /// Somebody has answered; of f + 1 one is honest.
    pub(super) fn note_answer(&mut self, from: ReplicaId) {
        let Some(answered) = &mut self.answered else { return };
        answered.add(from);
        if answered.len() > self.identity.tolerated {
            self.answered = None;
        }
    }

    /// True if it has said that it wants a later view: it votes no more in this one.
    pub(super) fn is_late(&self) -> bool {
        self.peers[self.identity.id.index()].wants > self.view
    }

    /// A quorum wants that view, whoever shows it (`advance_round_tc` of `DiemBFT`).
    pub(super) fn on_timeout_certificate(
        &mut self,
        certificate: Option<TimeoutCertificate>,
        effects: &mut Effects,
    ) {
        let Some(one) = certificate.filter(|one| one.view > self.view) else { return };
        if self.count_of(one.signers) >= self.quorum() {
            self.enter_by(Some(one), one.view, effects);
        }
    }

    /// Into a view that a quorum certificate has brought about.
    pub(super) fn enter(&mut self, view: View, effects: &mut Effects) {
        self.enter_by(None, view, effects);
    }

    /// Into a view, and its leader is told.
    fn enter_by(
        &mut self,
        certificate: Option<TimeoutCertificate>,
        view: View,
        effects: &mut Effects,
    ) {
        // Where a decision ends a view nobody is out of patience, and all know it by that.
        let shows = certificate.is_some() && self.is_late();
        self.view = view;
        self.entered_by = certificate;
        self.failures += 1;
        self.voted = [None; 3];
        self.shown = None;
        self.set_timers(effects);
        let has_said = self.peers[self.identity.id.index()].wants >= view;
        self.want(view, 0);
        if shows {
            // Also what another has shown: not everyone may hear that one.
            for to in self.identity.peers() {
                self.send_new_view(to, view, false, effects);
            }
        } else if !has_said && !self.leads() {
            self.send_new_view(self.leader(view), view, false, effects);
        }
        self.propose_if_due(effects);
    }

    /// Notes where it wants to be itself.
    fn want(&mut self, view: View, impatient: View) {
        let own = &mut self.peers[self.identity.id.index()];
        *own = Peer { wants: own.wants.max(view), impatient: own.impatient.max(impatient) };
    }

    fn send_new_view(&self, to: ReplicaId, view: View, impatient: bool, effects: &mut Effects) {
        let pending = self.requests.pending();
        let said = NewView {
            view,
            justify: self.prepared,
            decided: u32::try_from(self.decided.len()).unwrap_or(u32::MAX),
            impatient,
            entered: self.entered_by,
            requests: if impatient {
                pending[..pending.len().min(REQUESTS_AT_ONCE)].into()
            } else {
                Box::default()
            },
        };
        send(effects, to, Message::NewView(Box::new(said)));
    }

    /// This view has taken too long: no more votes in it, and all are told.
    pub(super) fn lose_patience(&mut self, view: View, effects: &mut Effects) {
        let view = view.max(self.peers[self.identity.id.index()].wants);
        self.want(view, view);
        for to in self.identity.peers() {
            self.send_new_view(to, view, true, effects);
        }
        self.set_retry_timer(effects);
        self.follow_others(effects);
    }

    /// Somebody wants to be in a view.
    pub(super) fn on_new_view(
        &mut self,
        from: ReplicaId,
        view: View,
        justify: Option<Certificate>,
        impatient: bool,
        effects: &mut Effects,
    ) {
        let shown = justify.filter(|shown| shown.phase == Phase::Prepare && shown.view < view);
        if let Some(shown) = shown.filter(|shown| self.accept(*shown)) {
            if shown.view > self.view {
                self.enter(shown.view, effects);
            }
            self.raise_prepared(shown);
        }
        let peer = &mut self.peers[from.index()];
        peer.wants = peer.wants.max(view);
        if impatient {
            peer.impatient = peer.impatient.max(view);
        }
        self.follow_others(effects);
        self.propose_if_due(effects);
    }

    /// A quorum brings a replica into a view, f + 1 impatient ones make it impatient.
    fn follow_others(&mut self, effects: &mut Effects) {
        let reached = self.reached(self.quorum(), |peer| peer.wants);
        if reached > self.view {
            let peers = (0..).map(ReplicaId).zip(&self.peers);
            let signers = peers.filter(|(_, peer)| peer.wants >= reached).map(|(id, _)| id);
            let one = TimeoutCertificate { view: reached, signers: signers.collect() };
            return self.enter_by(Some(one), reached, effects);
        }
        let next = self.reached(self.identity.tolerated + 1, |peer| peer.impatient);
        if next > self.view && self.peers[self.identity.id.index()].impatient < next {
            self.lose_patience(next, effects);
        }
    }

    /// The highest view that so many have reached.
    fn reached(&self, enough: u8, view_of: impl Fn(&Peer) -> View) -> View {
        let there = |view: View| self.peers.iter().filter(|peer| view_of(peer) >= view).count();
        let views = self.peers.iter().map(&view_of);
        views.filter(|&view| there(view) >= usize::from(enough)).max().unwrap_or(0)
    }

    /// Timers run while something waits to be decided.
    pub(super) fn set_timers(&self, effects: &mut Effects) {
        if self.requests.pending().is_empty() && self.missing.is_none() {
            effects.push(Effect::CancelTimer(Timer::Election));
            match self.answered {
                Some(_) => self.set_retry_timer(effects),
                None => effects.push(Effect::CancelTimer(Timer::Heartbeat)),
            }
            return;
        }
        let factor = 1 << self.failures.saturating_sub(1).min(DOUBLINGS);
        let (least, most) = (self.identity.election.start().0, self.identity.election.end().0);
        let [from, to] = [least, most].map(|span| Micros(span * factor).min(PATIENCE_MAX));
        effects.push(Effect::SetTimer { timer: Timer::Election, from, to });
        self.set_retry_timer(effects);
    }

    fn set_retry_timer(&self, effects: &mut Effects) {
        let from = self.identity.heartbeat;
        effects.push(Effect::SetTimer { timer: Timer::Heartbeat, from, to: from + from });
    }

    /// The view has not ended for a while: what was said may be lost.
    pub(super) fn say_again(&mut self, effects: &mut Effects) {
        if let Some((node, _)) = self.missing {
            self.ask_for_everywhere(node, effects);
        } else {
            self.ask_what_it_missed(effects);
        }
        let has_work = !self.requests.pending().is_empty() || self.missing.is_some();
        if !has_work {
            if self.answered.is_some() {
                self.set_retry_timer(effects);
            }
            return;
        }
        if self.is_late() {
            let view = self.peers[self.identity.id.index()].impatient;
            for to in self.identity.peers() {
                self.send_new_view(to, view, true, effects);
            }
        } else if self.leads() {
            self.ask_again(effects);
        } else if self.voted[0].is_none() {
            self.send_new_view(self.leader(self.view), self.view, false, effects);
        }
        self.set_retry_timer(effects);
    }
}
