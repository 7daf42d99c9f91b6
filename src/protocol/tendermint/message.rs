//! What Tendermint's replicas say to each other.

use std::fmt;

use super::{Height, Round};
use crate::fault::ReplicaSet;
use crate::protocol::requests::{Block, BlockId, name};
use crate::protocol::{Command, Speech};

/// The two voting steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Is this proposal good?
    Prevote,
    /// Have two thirds found it good?
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
    /// The round in which two thirds prevoted it already.
    pub valid_round: Option<Round>,
    /// Who prevoted it in that round: their votes, as a certificate.
    pub proof: ReplicaSet,
}

/// Who voted for what.
pub type Signed = (Option<BlockId>, ReplicaSet);

/// All that a replica knows of a round: signed votes and proposals, its own and others'.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Gossip {
    /// The height.
    pub height: Height,
    /// The round.
    pub round: Round,
    /// True if whoever knows more is asked to say so.
    pub asks: bool,
    /// Requests that wait, with their clients' signatures.
    pub requests: Box<[Command]>,
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
        proposal: Proposal,
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

impl Speech for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Propose { .. } => "propose",
            Self::Vote(Vote { stage: Stage::Prevote, .. }) => "prevote",
            Self::Vote(Vote { stage: Stage::Precommit, .. }) => "precommit",
            Self::Gossip(_) => "gossip",
            Self::Decisions { .. } => "decisions",
        }
    }

    #[inline]
    fn entries(&self) -> usize {
        match self {
            Self::Propose { proposal, .. } => proposal.block.len().div_ceil(2),
            Self::Vote(_) => 0,
            Self::Gossip(gossip) => {
                let proposals = gossip.proposals.iter().map(|one| 4 + one.block.len().div_ceil(2));
                let votes = gossip.prevotes.len() + gossip.precommits.len();
                8 + gossip.requests.len().div_ceil(2) + proposals.sum::<usize>() + 3 * votes
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
                [words(*height, *round), 1 ^ crate::protocol::requests::hash(0, &proposal.block)]
            }
            Self::Vote(Vote { stage, height, round, value }) => {
                [words(*height, *round) ^ (2 + *stage as u64) << 60, value.unwrap_or(0)]
            }
            Self::Gossip(gossip) => {
                let votes = gossip.prevotes.iter().chain(&gossip.precommits);
                let votes = votes.fold(0_u64, |sum, (value, signers)| {
                    sum.rotate_left(9) ^ value.unwrap_or(1) ^ u64::from(signers.0)
                });
                [words(gossip.height, gossip.round) ^ 4 << 60, votes ^ u64::from(gossip.asks)]
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

/// As the page shows it: the paper's name, then what matters.
impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Propose { height, round, proposal } => {
                let what = name(&proposal.block);
                write!(formatter, "PROPOSAL {what}, height {height}, round {round}")?;
                match proposal.valid_round {
                    Some(valid) => write!(formatter, ", prevoted in round {valid}"),
                    None => Ok(()),
                }
            }
            Self::Vote(Vote { stage, height, round, value }) => {
                let stage = match stage {
                    Stage::Prevote => "PREVOTE",
                    Stage::Precommit => "PRECOMMIT",
                };
                match value {
                    Some(value) => write!(formatter, "{stage} {:04x}", value & 0xffff)?,
                    None => write!(formatter, "{stage} nil")?,
                }
                write!(formatter, ", height {height}, round {round}")
            }
            Self::Gossip(gossip) => {
                let Gossip { height, round, .. } = **gossip;
                write!(formatter, "all it knows of height {height}, round {round}")
            }
            Self::Decisions { height, blocks } => {
                write!(formatter, "decided from height {height} on: {} blocks", blocks.len())
            }
        }
    }
}
