//! What a liar in this replica's place would say.

use super::{BLOCK_MAX, Behaviour, Block, Gossip, Lie, Message, Proposal, ReplicaId, ReplicaSet};
use super::{Signed, Tendermint, Vote};
use crate::protocol::requests::{other_hash, other_story};

impl Tendermint {
    pub(super) fn tell_lie(
        &self,
        behaviour: Behaviour,
        _to: ReplicaId,
        said: Option<&Message>,
    ) -> Lie<Message> {
        match (behaviour, said) {
            (Behaviour::Equivocate, Some(said)) => Lie::Instead(self.other_words(said)),
            (Behaviour::DoubleVote, Some(said @ (Message::Vote(_) | Message::Propose { .. }))) => {
                Lie::Besides(self.other_words(said))
            }
            // It has heard no proposal, it says, whatever it heard.
            (Behaviour::DenyLeader, Some(&Message::Vote(vote))) => {
                Lie::Instead(Message::Vote(Vote { value: None, ..vote }))
            }
            (Behaviour::ClaimLeadership, None) => self.usurp(),
            (
                Behaviour::Equivocate
                | Behaviour::DoubleVote
                | Behaviour::DenyLeader
                | Behaviour::ClaimLeadership
                | Behaviour::LieAboutLog
                | Behaviour::SilentTo
                | Behaviour::Replay
                | Behaviour::Delay,
                _,
            ) => Lie::Truth,
        }
    }

    /// The other story: the block with a no-op in front, and votes for it.
    fn other_words(&self, said: &Message) -> Message {
        match said {
            Message::Propose { height, round, proposal } => {
                let block = other_story(&proposal.block);
                // Nobody prevoted that one, so no certificate for it can be shown.
                let proposal = Proposal { block, valid_round: None, proof: ReplicaSet::NOBODY };
                Message::Propose { height: *height, round: *round, proposal }
            }
            Message::Vote(vote) => {
                let first = self.tally(vote.round).and_then(|tally| tally.proposals.first());
                // Who heard no proposal when it voted may have heard one since.
                let value = vote.value.map(other_hash).or(first.map(|heard| heard.id));
                Message::Vote(Vote { value, ..*vote })
            }
            Message::Gossip(gossip) => Message::Gossip(Box::new(self.without_own_words(gossip))),
            Message::Decisions { .. } => said.clone(),
        }
    }

    /// What it signed itself stays away from those who heard otherwise.
    fn without_own_words(&self, gossip: &Gossip) -> Gossip {
        let own = self.identity.id;
        let others = |signed: &[Signed]| -> Box<[Signed]> {
            signed.iter().map(|(value, of)| (*value, ReplicaSet(of.0 & !(1 << own.0)))).collect()
        };
        let is_own = self.proposer(gossip.height, gossip.round) == own;
        Gossip {
            proposals: if is_own { Box::default() } else { gossip.proposals.clone() },
            prevotes: others(&gossip.prevotes),
            precommits: others(&gossip.precommits),
            requests: gossip.requests.clone(),
            ..*gossip
        }
    }

    /// A proposal out of turn.
    fn usurp(&self) -> Lie<Message> {
        if self.is_proposer() {
            return Lie::Truth;
        }
        let fresh = self.requests.pending();
        let block: Block =
            if fresh.is_empty() { [0].into() } else { fresh[..fresh.len().min(BLOCK_MAX)].into() };
        let proposal = Proposal { block, valid_round: None, proof: ReplicaSet::NOBODY };
        Lie::Besides(Message::Propose { height: self.height, round: self.round, proposal })
    }
}
