//! What Multi-Paxos' replicas say to each other.

use super::{Ballot, Slot};
use crate::fact::{Fact, counts, fact};
use crate::protocol::log::Index;
use crate::protocol::{Command, ProtocolMessage, commands};

/// A message of Multi-Paxos: the first two are of leader election, the others of the Synods.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// Are you there?
    Request {
        /// The sender's round.
        round: u32,
    },
    /// I am here.
    Reply {
        /// The round asked about.
        round: u32,
        /// The sender's own ballot; its number is 0 if it claims nothing.
        ballot: Ballot,
        /// The ballot that the sender follows: gossip.
        leader: Ballot,
    },
    /// Phase 1a, for all slots from `first` on.
    Prepare {
        /// The leader's ballot.
        ballot: Ballot,
        /// The first slot that the leader knows no decision for.
        first: Index,
    },
    /// Phase 1b, for the same slots.
    Promise {
        /// The ballot asked about.
        ballot: Ballot,
        /// The first slot of `slots`.
        first: Index,
        /// How many slots the sender knows decided.
        decided: Index,
        /// What it accepted from there on.
        slots: Box<[Slot]>,
    },
    /// Phase 2a, for a slot or for many; with none it is the leader's sign of life.
    Accept {
        /// The leader's ballot.
        ballot: Ballot,
        /// The first slot; with no commands, the one after all that is not under way.
        first: Index,
        /// How many slots the leader knows decided.
        decided: Index,
        /// A command a slot.
        commands: Box<[Command]>,
    },
    /// Phase 2b.
    Accepted {
        /// The ballot.
        ballot: Ballot,
        /// Every slot up to this one is accepted in this ballot, or known decided.
        filled: Index,
        /// If this answers a sign of life, how many slots it told of; else 0.
        told: Index,
    },
    /// A refusal.
    Nack {
        /// The ballot that is refused.
        ballot: Ballot,
        /// True if phase 2a is refused, false if 1a is.
        accept: bool,
        /// The last slot that 2a was about, the first of 1a.
        slot: Index,
        /// What was promised instead.
        promised: Ballot,
    },
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        match self {
            Self::Request { round } => counts!("multipaxos-heartbeat", round),
            Self::Reply { ballot, leader, .. } => {
                let [own, follows] = [ballot, leader].map(|one| match one.leader() {
                    Some(_) => fact!("some", ballot = *one),
                    None => "none".into(),
                });
                fact!("multipaxos-heard", own, follows)
            }
            Self::Prepare { ballot, first } => fact!("multipaxos-prepare", first, ballot = *ballot),
            Self::Promise { ballot, first, decided, slots } => {
                let accepted: Vec<Command> = slots.iter().map(|slot| slot.command).collect();
                let accepted = commands(&accepted);
                fact!("multipaxos-promise", ballot = *ballot, decided, first, accepted)
            }
            Self::Accept { ballot, decided, commands, .. } if commands.is_empty() => {
                fact!("multipaxos-decided", decided, ballot = *ballot)
            }
            Self::Accept { ballot, first, commands: what, .. } => {
                fact!("multipaxos-accept", first, ballot = *ballot, commands = commands(what))
            }
            Self::Accepted { ballot, filled, .. } => {
                fact!("multipaxos-accepted", filled, ballot = *ballot)
            }
            Self::Nack { ballot, promised, .. } => {
                fact!("paxos-nack", ballot = *ballot, promised = *promised)
            }
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Request { .. } => "heartbeat",
            Self::Reply { .. } => "heartbeat-reply",
            Self::Prepare { .. } => "prepare",
            Self::Promise { .. } => "promise-reply",
            Self::Accept { commands, .. } if commands.is_empty() => "decide",
            Self::Accept { .. } => "accept",
            Self::Accepted { .. } => "accepted-reply",
            Self::Nack { .. } => "nack-reply",
        }
    }

    fn is_sign_of_life(&self) -> bool {
        matches!(self, Self::Request { .. } | Self::Reply { .. })
    }

    #[inline]
    fn entries(&self) -> usize {
        match self {
            Self::Promise { slots, .. } => 2 * slots.len(),
            Self::Accept { commands, .. } => commands.len().div_ceil(2),
            Self::Request { .. }
            | Self::Reply { .. }
            | Self::Prepare { .. }
            | Self::Accepted { .. }
            | Self::Nack { .. } => 0,
        }
    }

    #[inline]
    fn digest(&self) -> [u64; 2] {
        let tagged = |ballot: &Ballot, tag: u64| ballot.word() | tag << 48;
        match self {
            Self::Request { round } => [1 << 48, *round as u64],
            Self::Reply { round, ballot, leader } => {
                [tagged(ballot, 2), leader.word() ^ (*round as u64) << 32]
            }
            Self::Prepare { ballot, first } => [tagged(ballot, 3), *first as u64],
            Self::Promise { ballot, first, decided, slots } => {
                let last = slots.last().map_or(0, |slot| slot.command);
                let length = (slots.len() as u64) << 32;
                [tagged(ballot, 4), *first as u64 ^ words(last, *decided).rotate_left(8) ^ length]
            }
            Self::Accept { ballot, first, decided, commands } => {
                let last = commands.last().map_or(0, |command| *command);
                [tagged(ballot, 5), words(*first, *decided) ^ (last as u64) << 16]
            }
            Self::Accepted { ballot, filled, told } => [tagged(ballot, 6), words(*filled, *told)],
            Self::Nack { ballot, accept, slot, promised } => {
                let tag = 7 + 16 * *accept as u64;
                [tagged(ballot, tag), promised.word() ^ (*slot as u64) << 40]
            }
        }
    }
}

const fn words(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}
