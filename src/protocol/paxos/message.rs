//! What the Synod's replicas say to each other.

use super::{Ballot, Vote};
use crate::fact::{Fact, fact};
use crate::protocol::{Command, ProtocolMessage, command};

/// A message of the Synod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// Phase 1a: will you promise to take part in no ballot below this one?
    Prepare {
        /// The proposer's ballot.
        ballot: Ballot,
    },
    /// Phase 1b: the promise.
    Promise {
        /// The ballot asked about.
        ballot: Ballot,
        /// What the acceptor accepted last, if anything.
        accepted: Option<Vote>,
    },
    /// Phase 2a: accept this value.
    Accept {
        /// The proposer's ballot.
        ballot: Ballot,
        /// The value.
        value: Command,
    },
    /// Phase 2b: accepted.
    Accepted {
        /// The ballot.
        ballot: Ballot,
    },
    /// A refusal, so that a proposer need not wait for an answer that will never come.
    Nack {
        /// The ballot that is refused.
        ballot: Ballot,
        /// True if phase 2a is refused, false if 1a is.
        accept: bool,
        /// What was promised instead.
        promised: Ballot,
    },
    /// The value is chosen.
    Decided {
        /// If this answers a proposer, its ballot; else [`Ballot::NONE`].
        ballot: Ballot,
        /// True if it answers phase 2a, false for 1a.
        accept: bool,
        /// The value.
        value: Command,
    },
    /// The sender knows the decision, and need not be told.
    Known,
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        match *self {
            Self::Prepare { ballot } => fact!("paxos-prepare", ballot),
            Self::Promise { ballot, accepted: None } => fact!("paxos-promise", ballot),
            Self::Promise { ballot, accepted: Some(Vote { ballot: older, value }) } => {
                fact!("paxos-promise-accepted", ballot, value = command(value), older)
            }
            Self::Accept { ballot, value } => fact!("paxos-accept", value = command(value), ballot),
            Self::Accepted { ballot } => fact!("paxos-accepted", ballot),
            Self::Nack { ballot, promised, .. } => fact!("paxos-nack", ballot, promised),
            Self::Decided { value, .. } => fact!("paxos-decided", value = command(value)),
            Self::Known => "paxos-known".into(),
        }
    }

    fn is_proposal(&self) -> bool {
        matches!(self, Self::Accept { .. } | Self::Decided { .. })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Prepare { .. } => "prepare",
            Self::Promise { .. } => "promise-reply",
            Self::Accept { .. } => "accept",
            Self::Accepted { .. } => "accepted-reply",
            Self::Nack { .. } => "nack-reply",
            Self::Decided { .. } => "decided",
            Self::Known => "known-reply",
        }
    }

    #[inline]
    fn digest(&self) -> [u64; 2] {
        let tagged = |ballot: &Ballot, tag: u64| ballot.word() | tag << 48;
        match self {
            Self::Prepare { ballot } => [tagged(ballot, 1), 0],
            Self::Promise { ballot, accepted } => {
                let word = |vote: &Vote| vote.ballot.word() ^ (vote.value as u64) << 20;
                [tagged(ballot, 2), accepted.as_ref().map_or(0, word)]
            }
            Self::Accept { ballot, value } => [tagged(ballot, 3), *value as u64],
            Self::Accepted { ballot } => [tagged(ballot, 4), 0],
            Self::Nack { ballot, accept, promised } => {
                [tagged(ballot, 5 + 16 * *accept as u64), promised.word()]
            }
            Self::Decided { ballot, accept, value } => {
                [tagged(ballot, 6 + 16 * *accept as u64), *value as u64]
            }
            Self::Known => [7 << 48, 0],
        }
    }
}
