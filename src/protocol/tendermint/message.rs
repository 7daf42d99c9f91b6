//! What Tendermint's replicas say to each other.

use super::{Height, Round};
use crate::fact::{Fact, counts, fact};
use crate::fault::{ReplicaId, ReplicaSet};
use crate::protocol::requests::{Block, BlockId, name};
use crate::protocol::{Command, ProtocolMessage};

/// The two voting steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Is this proposal good?
    Prevote,
    /// Have more than two thirds found it good?
    Precommit,
}

/// A signed vote; no value is *nil*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Vote {
    /// Which of the two.
    pub stage: Stage,
    /// The place in the log of blocks.
    pub height: Height,
    /// The attempt at it.
    pub round: Round,
    /// For which block.
    pub value: Option<BlockId>,
}

/// What a proposer signs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proposal {
    /// The requests.
    pub block: Block,
    /// The round in which more than two thirds prevoted it already.
    pub valid_round: Option<Round>,
    /// Who prevoted it in that round: their votes, as a certificate.
    pub proof: ReplicaSet,
}

/// Who voted for what.
pub type Signed = (Option<BlockId>, ReplicaSet);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Nothing: this is an answer.
    Nothing,
    /// Whoever knows more is to say so.
    More,
    /// All are to say where they are: the sender has just started.
    Anything,
}

/// Somebody asks, and is not heard by who could answer, or does not hear the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Want {
    /// Who.
    pub who: ReplicaId,
    /// Its height.
    pub height: Height,
    /// What it asks for.
    pub asks: Ask,
    /// How often this is passed on yet.
    pub hops: u8,
}

/// What a replica knows: signed votes and proposals, its own and others', and who asks for more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Gossip {
    /// The height.
    pub height: Height,
    /// What is asked for.
    pub asks: Ask,
    /// Requests that wait, with their clients' signatures.
    pub requests: Box<[Command]>,
    /// Round by round; the last one is the sender's, or what was asked for and what follows it.
    pub rounds: Box<[Known]>,
    /// Who else asks.
    pub wanted: Box<[Want]>,
}

/// All that a replica knows of a round.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    /// The round.
    pub round: Round,
    /// The proposals of the round's proposer; more than one if it lies.
    pub proposals: Box<[Proposal]>,
    /// The prevotes.
    pub prevotes: Box<[Signed]>,
    /// The precommits.
    pub precommits: Box<[Signed]>,
}

/// A block that is decided, and the precommits that say so.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// The requests.
    pub block: Block,
    /// The round of the precommits.
    pub round: Round,
    /// Who signed them.
    pub signers: ReplicaSet,
}

/// A message of Tendermint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// PROPOSAL.
    Propose {
        /// The height.
        height: Height,
        /// The round.
        round: Round,
        /// The proposal.
        proposal: Box<Proposal>,
    },
    /// PREVOTE or PRECOMMIT.
    Vote(Vote),
    /// What is known of a round, said again while it does not end.
    Gossip(Box<Gossip>),
    /// What was decided, for one that has missed it.
    Decisions {
        /// The height of the first.
        height: Height,
        /// Block by block.
        blocks: Box<[Decision]>,
    },
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        match self {
            Self::Propose { height, round, proposal } => {
                let block = name(&proposal.block);
                match proposal.valid_round {
                    Some(valid) => fact!("tendermint-proposal-again", block, height, round, valid),
                    None => fact!("tendermint-proposal", block, height, round),
                }
            }
            Self::Vote(Vote { stage, height, round, value }) => {
                let kind = match stage {
                    Stage::Prevote => "tendermint-prevote",
                    Stage::Precommit => "tendermint-precommit",
                };
                // The paper's word for no value.
                let nil = || "nil".to_owned();
                let value = value.map_or_else(nil, |value| format!("{:06x}", value & 0xff_ffff));
                fact!(kind, value, height, round)
            }
            Self::Gossip(gossip) => gossip.fact(),
            Self::Decisions { height, blocks } => {
                counts!("tendermint-decisions", height, count = blocks.len())
            }
        }
    }

    fn is_proposal(&self) -> bool {
        matches!(self, Self::Propose { .. })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Propose { .. } => "propose",
            Self::Vote(Vote { stage: Stage::Prevote, .. }) => "prevote",
            Self::Vote(Vote { stage: Stage::Precommit, .. }) => "precommit",
            Self::Gossip(_) => "gossip",
            Self::Decisions { .. } => "decisions",
        }
    }

    // Long, and not worth its place within each message's way.
    #[inline(never)]
    fn entries(&self) -> usize {
        match self {
            Self::Propose { proposal, .. } => proposal.block.len().div_ceil(2),
            Self::Vote(_) => 0,
            Self::Gossip(gossip) => {
                let of_round = |known: &Known| {
                    let proposals = known.proposals.iter();
                    let blocks: usize = proposals.map(|one| 4 + one.block.len().div_ceil(2)).sum();
                    8 + blocks + 3 * (known.prevotes.len() + known.precommits.len())
                };
                let rounds: usize = gossip.rounds.iter().map(of_round).sum();
                8 + gossip.requests.len().div_ceil(2) + rounds + 2 * gossip.wanted.len()
            }
            Self::Decisions { blocks, .. } => {
                blocks.iter().map(|one| 3 + one.block.len().div_ceil(2)).sum()
            }
        }
    }

    #[inline]
    fn digest(&self) -> [u64; 2] {
        match self {
            Self::Propose { height, round, proposal } => {
                [words(*height, *round), 1 ^ super::id_of(*height, &proposal.block)]
            }
            Self::Vote(Vote { stage, height, round, value }) => {
                [words(*height, *round) ^ (2 + *stage as u64) << 60, value.unwrap_or(0)]
            }
            Self::Gossip(gossip) => {
                let votes = |known: &Known| {
                    let votes = known.prevotes.iter().chain(&known.precommits);
                    votes.fold(u64::from(known.round), |sum, (value, signers)| {
                        sum.rotate_left(9) ^ value.unwrap_or(1) ^ u64::from(signers.0)
                    })
                };
                let votes = gossip.rounds.iter().map(votes);
                let votes = votes.fold(gossip.asks as u64, |sum, more| sum.rotate_left(19) ^ more);
                let wanted = gossip.wanted.iter().fold(0, |sum: u32, want| {
                    sum.rotate_left(7) ^ want.height ^ u32::from(want.who.0) << 24
                });
                [words(gossip.height, wanted) ^ 4 << 60, votes]
            }
            Self::Decisions { height, blocks } => {
                [words(*height, 0) ^ 5 << 60, blocks.len() as u64]
            }
        }
    }
}

fn words(height: Height, round: Round) -> u64 {
    u64::from(height) | u64::from(round) << 32
}

impl Gossip {
    #[inline(never)]
    fn fact(&self) -> Fact {
        let votes = |signed: &[Signed]| {
            signed.iter().map(|(_, signers)| u32::from(signers.len())).sum::<u32>()
        };
        let of_round = |known: &Known| {
            counts!(
                "of",
                round = known.round,
                proposals = known.proposals.len(),
                prevotes = votes(&known.prevotes),
                precommits = votes(&known.precommits)
            )
        };
        let rounds: Vec<Fact> = self.rounds.iter().map(of_round).collect();
        // That somebody else is not further than the sender either, is no news.
        let behind = self.wanted.iter().filter(|want| want.height < self.height);
        let waits = |want: &Want| fact!("at", who = want.who, height = want.height);
        let waiting: Vec<Fact> = behind.map(waits).collect();
        fact!("tendermint-gossip", height = self.height, rounds, waiting)
    }
}
