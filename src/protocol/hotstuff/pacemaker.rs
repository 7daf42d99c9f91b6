//! The pacemaker: which view it is, and how long it may last.

use super::{Certificate, Effects, Hotstuff, Message, Peer, Phase, ReplicaId, View, send};
use crate::clock::Micros;
use crate::protocol::{Effect, Timer};

/// Requests in one message, at most.
const REQUESTS_AT_ONCE: usize = 16;

/// How often patience doubles, at most.
const DOUBLINGS: u32 = 10;

impl Hotstuff {
    /// Into a view, and its leader is told.
    pub(super) fn enter(&mut self, view: View, effects: &mut Effects) {
        self.view = view;
        self.late = false;
        self.failures += 1;
        self.voted = [None; 3];
        self.shown = None;
        self.set_timers(effects);
        let has_said = self.peers[self.identity.id.index()].wants >= view;
        self.want(view, 0);
        if !has_said && !self.leads() {
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
        let message = Message::NewView {
            view,
            justify: self.prepared,
            decided: u32::try_from(self.decided.len()).unwrap_or(u32::MAX),
            impatient,
            requests: if impatient {
                pending[..pending.len().min(REQUESTS_AT_ONCE)].into()
            } else {
                Box::default()
            },
        };
        send(effects, to, message);
    }

    /// This view has taken too long: no more votes in it, and all are told.
    pub(super) fn lose_patience(&mut self, view: View, effects: &mut Effects) {
        self.late = true;
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
            return self.enter(reached, effects);
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
            effects.push(Effect::CancelTimer(Timer::Heartbeat));
            return;
        }
        let factor = 1 << self.failures.saturating_sub(1).min(DOUBLINGS);
        let (least, most) = (self.identity.election.start().0, self.identity.election.end().0);
        let (from, to) = (Micros(least * factor), Micros(most * factor));
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
        }
        if self.late {
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
