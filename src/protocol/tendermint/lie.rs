//! What a liar in this replica's place would say.

use super::{BLOCK_MAX, Block, Gossip, Known, Message, Proposal, ReplicaId};
use super::{ReplicaSet, Signed, Tendermint, Vote, id_of};
use crate::fault::Behaviour;
use crate::protocol::requests::other_story;
use crate::protocol::{Liar, Tampering};

impl Liar for Tendermint {
    fn lie(
        &self,
        behaviour: Behaviour,
        _to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
        match (behaviour, said) {
            (Behaviour::Equivocate, Some(said)) => Tampering::Instead(self.other_words(said)),
            (Behaviour::DoubleVote, Some(said @ (Message::Vote(_) | Message::Propose { .. }))) => {
                Tampering::Besides(self.other_words(said))
            }
            // It has heard no proposal, it says, whatever it heard.
            (Behaviour::DenyLeader, Some(&Message::Vote(vote))) => {
                Tampering::Instead(Message::Vote(Vote { value: None, ..vote }))
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
            ) => Tampering::Truth,
        }
    }
}

impl Tendermint {
    /// The other story: the block with a no-op in front, and votes for it.
    fn other_words(&self, said: &Message) -> Message {
        match said {
            Message::Propose { height, round, proposal } => {
                let block = other_story(&proposal.block);
                // Nobody prevoted that one, so no certificate for it can be shown.
                let proposal = Proposal { block, valid_round: None, proof: ReplicaSet::NOBODY };
                let proposal = Box::new(proposal);
                Message::Propose { height: *height, round: *round, proposal }
            }
            Message::Vote(vote) => {
                let heard = self.tally(vote.round).map_or(&[][..], |tally| &tally.proposals);
                let value = match vote.value {
                    Some(id) => heard
                        .iter()
                        .find(|one| one.id == id)
                        .map(|one| id_of(vote.height, &other_story(&one.proposal.block))),
                    // Who heard no proposal when it voted may have heard one since.
                    None => heard.first().map(|one| one.id),
                };
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
            let without = |set: ReplicaSet| ReplicaSet(set.0 & !(1 << own.0));
            let votes = signed.iter().map(|&(value, of)| (value, without(of)));
            votes.filter(|(_, of)| !of.is_empty()).collect()
        };
        let rounds = gossip.rounds.iter().map(|known| {
            let is_own = self.proposer(gossip.height, known.round) == own;
            Known {
                round: known.round,
                proposals: if is_own { Box::default() } else { known.proposals.clone() },
                prevotes: others(&known.prevotes),
                precommits: others(&known.precommits),
            }
        });
        Gossip {
            height: gossip.height,
            asks: gossip.asks,
            rounds: rounds.collect(),
            requests: gossip.requests.clone(),
            wanted: gossip.wanted.clone(),
        }
    }

    /// A proposal out of turn.
    fn usurp(&self) -> Tampering<Message> {
        if self.is_proposer() {
            return Tampering::Truth;
        }
        let fresh = self.requests.pending();
        let block: Block =
            if fresh.is_empty() { [0].into() } else { fresh[..fresh.len().min(BLOCK_MAX)].into() };
        let proposal = Proposal { block, valid_round: None, proof: ReplicaSet::NOBODY };
        let proposal = Box::new(proposal);
        Tampering::Besides(Message::Propose { height: self.height, round: self.round, proposal })
    }
}
