//! What gets lost, and how it comes after all: the gossip that the paper assumes.

use super::{Block, Certificate, Decision, Effects, Gossip, Height, Message, Round, Stage, Vote};
use super::{ReplicaId, ReplicaSet, Tendermint, send};
use crate::protocol::requests::hash;

/// Requests in one gossip, and blocks in one answer, at most.
const AT_ONCE: usize = 16;

impl Tendermint {
    /// The height has not ended for a while: say what is known of it, and ask for more.
    pub(super) fn on_gossip_timeout(&mut self, effects: &mut Effects) {
        self.behind = false;
        for to in self.identity.peers() {
            self.gossip_to(to, self.round, true, effects);
        }
        if self.begun {
            self.set_gossip_timer(effects);
        }
    }

    fn gossip_to(&self, to: ReplicaId, round: Round, asks: bool, effects: &mut Effects) {
        let tally = self.tally(round);
        let pending = self.requests.pending();
        let gossip = Gossip {
            height: self.height,
            round,
            asks,
            requests: pending[..pending.len().min(AT_ONCE)].into(),
            proposals: tally
                .map(|tally| tally.proposals.iter().map(|heard| heard.proposal.clone()).collect())
                .unwrap_or_default(),
            prevotes: tally.map(|tally| tally.prevotes.0.as_slice().into()).unwrap_or_default(),
            precommits: tally.map(|tally| tally.precommits.0.as_slice().into()).unwrap_or_default(),
        };
        send(effects, to, Message::Gossip(Box::new(gossip)));
    }

    /// Takes what others signed, and answers one who is behind. An answer asks for nothing.
    pub(super) fn on_gossip(&mut self, from: ReplicaId, gossip: &Gossip, effects: &mut Effects) {
        let Gossip { height, round, asks, .. } = *gossip;
        self.learn(gossip.requests.iter().copied(), effects);
        for proposal in &gossip.proposals {
            self.hear_proposal(height, round, proposal.clone());
        }
        let prevotes = gossip.prevotes.iter().map(|signed| (Stage::Prevote, signed));
        let precommits = gossip.precommits.iter().map(|signed| (Stage::Precommit, signed));
        for (stage, &(value, signers)) in prevotes.chain(precommits) {
            self.hear_proof(Vote { stage, height, round, value }, signers);
        }
        if !asks {
        } else if height < self.height {
            self.tell_decisions(from, height, effects);
        } else if height == self.height && round < self.round {
            self.gossip_to(from, round, false, effects);
            self.gossip_to(from, self.round, false, effects);
        }
    }

    fn tell_decisions(&self, to: ReplicaId, height: Height, effects: &mut Effects) {
        let Some(first) = (height as usize).checked_sub(1) else { return };
        let start = first.checked_sub(1).map_or(0, |before| self.decided[before].end);
        let blocks =
            self.decided[first..].iter().take(AT_ONCE).scan(start, |start, certificate| {
                let Certificate { end, round, signers } = *certificate;
                let entries = self.log.from(*start + 1, (end - *start) as usize);
                *start = end;
                let block: Block = entries.iter().map(|entry| entry.command).collect();
                Some(Decision { block, round, signers })
            });
        let message = Message::Decisions { height, blocks: blocks.collect() };
        send(effects, to, message);
    }

    /// Takes what two thirds decided; after a full answer it asks for the rest.
    pub(super) fn on_decisions(
        &mut self,
        from: ReplicaId,
        height: Height,
        blocks: &[Decision],
        effects: &mut Effects,
    ) {
        let before = self.height;
        for (height, Decision { block, round, signers }) in (height..).zip(blocks) {
            let all = (1_u32 << self.identity.replicas) - 1;
            let signers = ReplicaSet((u32::from(signers.0) & all) as u16);
            if height != self.height || *round >= super::ROUNDS {
                continue;
            }
            let vote = Vote {
                stage: Stage::Precommit,
                height,
                round: *round,
                value: Some(hash(0, block)),
            };
            self.hear_proof(vote, signers);
            if signers.len() < self.quorum() || !self.requests.fit(block) {
                return;
            }
            self.decide(block, *round, signers, effects);
        }
        if self.height > before && blocks.len() == AT_ONCE {
            self.gossip_to(from, self.round, true, effects);
        }
    }
}
