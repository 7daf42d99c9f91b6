//! What Zab's replicas say to each other.

use crate::fact::{Fact, counts, fact};
use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Command, Epoch, ProtocolMessage, command, entries};

/// A vote. Of two, the greater is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vote {
    /// The candidate's current epoch.
    pub epoch: Epoch,
    /// The zxid of the candidate's last transaction.
    pub last: (Epoch, Index),
    /// The candidate's server id, ZooKeeper's `myid`.
    pub server: u8,
    /// The candidate.
    pub leader: ReplicaId,
}

/// What the sender of a vote is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It looks for a leader.
    Looking,
    /// It follows the one it votes for.
    Following,
    /// It leads.
    Leading,
}

/// The end of a history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct History {
    /// The place before the first entry.
    pub base: Index,
    /// Up to where its owner knows it committed.
    pub commit: Index,
    /// The entries, in order.
    pub entries: Box<[Entry]>,
}

/// A message of Zab.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// A vote of fast leader election.
    Notification {
        /// The vote.
        vote: Vote,
        /// The round in which it was cast.
        round: u32,
        /// What the sender is doing.
        standing: Standing,
        /// True if it answers another's vote; an answer is not answered.
        is_answer: bool,
    },
    /// CEPOCH, in ZooKeeper FOLLOWERINFO: here is a follower.
    FollowerEpoch {
        /// The epoch that it has accepted.
        accepted: Epoch,
    },
    /// NEWEPOCH, in ZooKeeper LEADERINFO: a leader proposes its epoch.
    NewEpoch {
        /// The epoch.
        epoch: Epoch,
    },
    /// ACKEPOCH: a follower accepts the epoch, or asks for what it lacks in it.
    AckEpoch {
        /// The epoch.
        epoch: Epoch,
        /// True unless it had accepted that epoch before.
        is_new: bool,
        /// Its current epoch.
        current: Epoch,
        /// The zxid of its last transaction.
        last: (Epoch, Index),
        /// Up to where it knows its history committed.
        commit: Index,
    },
    /// TRUNC and DIFF, and NEWLEADER behind them.
    NewLeader {
        /// The leader's epoch.
        epoch: Epoch,
        /// Its history after what the follower knows committed.
        history: History,
    },
    /// PROPOSAL: the next transaction.
    Proposal {
        /// The leader's epoch.
        epoch: Epoch,
        /// Its place.
        index: Index,
        /// What the client asked for.
        command: Command,
    },
    /// ACK: the follower has everything up to there.
    Ack {
        /// The leader's epoch.
        epoch: Epoch,
        /// The place.
        index: Index,
    },
    /// COMMIT: everything up to there is committed.
    Commit {
        /// The leader's epoch.
        epoch: Epoch,
        /// The place.
        index: Index,
    },
    /// PING: the leader's sign of life.
    Ping {
        /// The leader's epoch.
        epoch: Epoch,
        /// Where its history ends.
        last: Index,
        /// Up to where it is committed.
        commit: Index,
    },
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        match self {
            Self::Notification {
                vote: Vote { leader, epoch, last: (of, index), .. },
                round,
                standing,
                ..
            } => {
                let kind = match standing {
                    Standing::Looking => "zab-votes",
                    Standing::Following => "zab-follows",
                    Standing::Leading => "zab-leads",
                };
                fact!(kind, leader = *leader, epoch, of, index, round)
            }
            Self::FollowerEpoch { accepted } => counts!("zab-cepoch", epoch = accepted),
            Self::NewEpoch { epoch } => counts!("zab-newepoch", epoch),
            Self::AckEpoch { epoch, current, last: (of, index), .. } => {
                counts!("zab-ackepoch", epoch, current, of, index)
            }
            Self::NewLeader { epoch, history } => {
                fact!("zab-diff", base = history.base, entries = entries(&history.entries), epoch)
            }
            Self::Proposal { epoch, index, command: asked } => {
                fact!("zab-proposal", index, epoch, command = command(*asked))
            }
            Self::Ack { epoch, index } => counts!("zab-ack", index, epoch),
            Self::Commit { epoch, index } => counts!("zab-commit", index, epoch),
            Self::Ping { epoch, .. } => counts!("zab-ping", epoch),
        }
    }

    fn is_proposal(&self) -> bool {
        matches!(self, Self::Proposal { .. })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Notification { standing: Standing::Looking, .. } => "vote",
            Self::Notification { .. } => "vote-reply",
            Self::FollowerEpoch { .. } => "pre-vote",
            Self::NewEpoch { .. } => "vote",
            Self::AckEpoch { .. } => "vote-reply",
            Self::NewLeader { .. } | Self::Proposal { .. } | Self::Commit { .. } => "append",
            Self::Ack { .. } => "append-reply",
            Self::Ping { .. } => "heartbeat",
        }
    }

    fn is_sign_of_life(&self) -> bool {
        matches!(self, Self::Ping { .. })
    }

    #[inline]
    fn entries(&self) -> usize {
        match self {
            Self::NewLeader { history, .. } => history.entries.len(),
            Self::Notification { .. }
            | Self::FollowerEpoch { .. }
            | Self::NewEpoch { .. }
            | Self::AckEpoch { .. }
            | Self::Proposal { .. }
            | Self::Ack { .. }
            | Self::Commit { .. }
            | Self::Ping { .. } => 0,
        }
    }

    #[inline]
    fn digest(&self) -> [u64; 2] {
        match self {
            Self::Notification { vote, round, standing, is_answer } => {
                let who = (vote.leader.0 as u32) << 4 | (vote.server as u32) << 12;
                let how = *standing as u32 | (*is_answer as u32) << 3;
                [
                    words(*round << 4 | 1, how | who) ^ (vote.epoch as u64) << 40,
                    words(vote.last.0, vote.last.1),
                ]
            }
            Self::FollowerEpoch { accepted } => [words(*accepted, 2), 0],
            Self::NewEpoch { epoch } => [words(*epoch, 3), 0],
            Self::AckEpoch { epoch, is_new, current, last, commit } => [
                words(*epoch, 4 | (*is_new as u32) << 4 | *current << 5),
                words(last.0, last.1) ^ (*commit as u64) << 16,
            ],
            Self::NewLeader { epoch, history } => [
                words(*epoch, 5 | (history.entries.len() as u32) << 4),
                words(history.base, history.commit),
            ],
            Self::Proposal { epoch, index, command } => [words(*epoch, 6), words(*index, *command)],
            Self::Ack { epoch, index } => [words(*epoch, 7), *index as u64],
            Self::Commit { epoch, index } => [words(*epoch, 8), *index as u64],
            Self::Ping { epoch, last, commit } => [words(*epoch, 9), words(*last, *commit)],
        }
    }
}

const fn words(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}
