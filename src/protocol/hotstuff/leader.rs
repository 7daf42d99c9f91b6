//! The leader of a view: proposing, counting votes, showing certificates.

use super::{Ballots, Block, BlockId, Certificate, Effects, Hotstuff, Message, Node, Phase};
use super::{Proposal, ReplicaId, ReplicaSet, send};
use crate::protocol::requests::BLOCK_MAX;

impl Hotstuff {
    /// A quorum is in the view and there is something to decide: propose on top of the highest
    /// certificate.
    pub(super) fn propose_if_due(&mut self, effects: &mut Effects) {
        let entered = self.entered();
        let waits = self.leads() && self.own_proposal().is_none() && !self.is_late();
        if !waits || self.requests.pending().is_empty() || entered.len() < self.quorum() {
            return;
        }
        let justify = self.prepared;
        let parent = justify.map_or(0, |highest| highest.node);
        if !self.has(parent) {
            if self.missing.is_none() {
                self.ask_for_everywhere(parent, effects);
            }
            return;
        }
        let block = self.block_on(parent);
        let node = Node { parent, block };
        self.keep(&node);
        let id = node.id();
        let proposal = Box::new(Proposal { view: self.view, node, justify, entered });
        for to in self.identity.peers() {
            send(effects, to, Message::Prepare(proposal.clone()));
        }
        self.heard = Some((self.view, id));
        self.proposal = Some(proposal);
        self.votes.clear();
        self.vote(Phase::Prepare, id, effects);
    }

    /// What it has proposed in this view.
    fn own_proposal(&self) -> Option<&Proposal> {
        self.proposal.as_deref().filter(|proposal| proposal.view == self.view)
    }

    /// Those who want to be in this very view.
    fn entered(&self) -> ReplicaSet {
        let peers = (0..).map(ReplicaId).zip(&self.peers);
        peers.filter(|(_, peer)| peer.wants == self.view).map(|(id, _)| id).collect()
    }

    /// What waits and does not stand in nodes below; if all does, a no-op to have them decided.
    fn block_on(&self, parent: BlockId) -> Block {
        let below = self.path_to(parent).unwrap_or_default();
        let stands =
            |command: &u32| below.iter().any(|&node| self.nodes[node].block.contains(command));
        let pending = self.requests.pending().iter().copied();
        let block: Block = pending.filter(|command| !stands(command)).take(BLOCK_MAX).collect();
        if block.is_empty() { [0].into() } else { block }
    }

    /// Counts a vote of this view; a quorum is shown to all.
    pub(super) fn count(
        &mut self,
        from: ReplicaId,
        phase: Phase,
        node: BlockId,
        effects: &mut Effects,
    ) {
        let mut of_phase = self.votes.iter().filter(|ballots| ballots.phase == phase);
        let voices = of_phase.clone().filter(|ballots| ballots.signers.contains(from)).count();
        let again = of_phase.any(|ballots| ballots.node == node && ballots.signers.contains(from));
        if again || voices > 1 {
            return;
        }
        if voices == 1 {
            self.catch(from, "two-votes", self.view);
        }
        let place = self.votes.iter().position(|known| known.phase == phase && known.node == node);
        let place = place.unwrap_or_else(|| {
            self.votes.push(Ballots { phase, node, signers: ReplicaSet::NOBODY });
            self.votes.len() - 1
        });
        self.votes[place].signers.add(from);
        let signers = self.votes[place].signers;
        if self.is_awaited(phase, node) && signers.len() >= self.quorum() {
            self.show(Certificate { phase, view: self.view, node, signers }, effects);
        }
    }

    /// True if that is the certificate that this view needs next.
    fn is_awaited(&self, phase: Phase, node: BlockId) -> bool {
        let next = self.shown.map_or(Some(Phase::Prepare), |shown| shown.phase.next());
        let proposed = self.own_proposal().is_some_and(|own| own.node.id() == node);
        next == Some(phase) && proposed && !self.is_late()
    }

    fn show(&mut self, certificate: Certificate, effects: &mut Effects) {
        self.shown = Some(certificate);
        for to in self.identity.peers() {
            send(effects, to, Message::Show(certificate));
        }
        self.on_show(self.identity.id, certificate, effects);
    }

    /// Says again what it waits for answers to, to those who have not answered.
    pub(super) fn ask_again(&self, effects: &mut Effects) {
        let Some(proposal) = self.own_proposal() else { return };
        let phase = self.shown.map_or(Some(Phase::Prepare), |shown| shown.phase.next());
        let id = proposal.node.id();
        let heard = self.votes.iter().find(|known| Some(known.phase) == phase && known.node == id);
        let heard = heard.map_or(ReplicaSet::NOBODY, |ballots| ballots.signers);
        for to in self.identity.peers().filter(|&to| !heard.contains(to)) {
            let message = match self.shown {
                Some(certificate) => Message::Show(certificate),
                None => Message::Prepare(Box::new(proposal.clone())),
            };
            send(effects, to, message);
        }
    }
}
