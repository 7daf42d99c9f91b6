//! What Raft's replicas say to each other.

use super::Term;
use crate::fact::{Fact, counts, fact};
use crate::protocol::log::{Entry, Index};
use crate::protocol::{ProtocolMessage, entries};

/// A message of Raft.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// RequestVote, or with `pre` a pre-vote: would you vote for me in `term`?
    Vote {
        /// The candidate's term; for a pre-vote the one it would campaign in.
        term: Term,
        /// The candidate's last entry's index.
        last_index: Index,
        /// The candidate's last entry's term.
        last_term: Term,
        /// True for a pre-vote.
        pre: bool,
        /// True if the leader asked for this campaign (thesis 4.2.3).
        transfer: bool,
    },
    /// The answer to [`Message::Vote`].
    VoteReply {
        /// The voter's term; for a granted pre-vote the term asked about.
        term: Term,
        /// True for yes.
        granted: bool,
        /// True for a pre-vote.
        pre: bool,
    },
    /// AppendEntries; in the paper also the heartbeat, with no entries.
    Append {
        /// The leader's term.
        term: Term,
        /// The entry just before `entries`.
        prev_index: Index,
        /// Its term.
        prev_term: Term,
        /// How far the leader has committed.
        commit: Index,
        /// The entries, in order; empty as a sign of life.
        entries: Box<[Entry]>,
    },
    /// The answer to [`Message::Append`].
    AppendReply {
        /// The follower's term.
        term: Term,
        /// True if `prev_index` and `prev_term` fitted.
        success: bool,
        /// On success the last index known to match; else the last one that may match.
        index: Index,
        /// Which `prev_index` did not fit; 0 on success. An answer belongs to a request.
        refused: Index,
    },
    /// etcd's heartbeat: a sign of life that says nothing about the log.
    Heartbeat {
        /// The leader's term.
        term: Term,
        /// How far the follower may commit.
        commit: Index,
    },
    /// The answer to [`Message::Heartbeat`].
    HeartbeatReply {
        /// The follower's term.
        term: Term,
    },
    /// A leader that hands over: campaign at once (thesis 3.10).
    TimeoutNow {
        /// The leader's term.
        term: Term,
    },
    /// A sign of life whose leader counts who hears it, or the answer to one; in etcd a heartbeat
    /// with a context.
    HeartbeatContext {
        /// Which round of signs of life it is of, from 1 in each term.
        round: u32,
        /// The sign of life, or the answer.
        beat: Box<Message>,
    },
}

impl Message {
    /// The term it carries.
    #[inline]
    pub fn term(&self) -> Term {
        match self {
            Self::Vote { term, .. }
            | Self::VoteReply { term, .. }
            | Self::Append { term, .. }
            | Self::AppendReply { term, .. }
            | Self::Heartbeat { term, .. }
            | Self::HeartbeatReply { term }
            | Self::TimeoutNow { term } => *term,
            Self::HeartbeatContext { beat, .. } => beat.term(),
        }
    }

    /// What is said, and if it is counted, the number of its round. Nothing is counted twice.
    #[inline]
    pub(super) fn uncounted(&self) -> (Option<u32>, &Self) {
        match self {
            Self::HeartbeatContext { round, beat } => (Some(*round), beat),
            Self::Vote { .. }
            | Self::VoteReply { .. }
            | Self::Append { .. }
            | Self::AppendReply { .. }
            | Self::Heartbeat { .. }
            | Self::HeartbeatReply { .. }
            | Self::TimeoutNow { .. } => (None, self),
        }
    }

    /// The content of what is not counted.
    #[inline]
    fn own_digest(&self) -> [u64; 2] {
        match self {
            Self::Vote { term, last_index, last_term, pre, transfer } => {
                let flags = *pre as u32 + 2 * *transfer as u32;
                [words(*term, 1 + 16 * flags), words(*last_index, *last_term)]
            }
            Self::VoteReply { term, granted, pre } => {
                [words(*term, 2 + 16 * *pre as u32), *granted as u64]
            }
            Self::Append { term, prev_index, prev_term, commit, entries } => [
                words(*term, 3 + 16 * entries.len() as u32),
                words(*prev_index, *prev_term) ^ ((*commit as u64) << 16),
            ],
            Self::AppendReply { term, success, index, refused } => {
                [words(*term, 4 + 16 * *success as u32), words(*index, *refused)]
            }
            Self::Heartbeat { term, commit } => [words(*term, 5), *commit as u64],
            Self::HeartbeatReply { term } => [words(*term, 6), 0],
            Self::TimeoutNow { term } => [words(*term, 7), 0],
            Self::HeartbeatContext { .. } => [0, 0],
        }
    }
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        match self {
            Self::Vote { term, last_index, last_term, pre, transfer } => {
                let kind = match (pre, transfer) {
                    (true, _) => "pre-vote",
                    (false, false) => "request-vote",
                    (false, true) => "request-vote-as-asked",
                };
                fact!(kind, term, index = last_index, of = last_term)
            }
            Self::VoteReply { term, granted, pre } => {
                fact!(if *pre { "pre-vote-reply" } else { "vote-reply" }, granted = *granted, term)
            }
            // What is in them is said, for a liar changes that alone.
            Self::Append { term, entries, .. } if entries.is_empty() => counts!("heartbeat", term),
            Self::Append { term, entries: new, .. } => {
                fact!("append-entries", term, entries = entries(new))
            }
            Self::AppendReply { term, success, index, .. } => {
                fact!(if *success { "append-have" } else { "append-no-match" }, index, term)
            }
            Self::Heartbeat { term, .. } => counts!("heartbeat", term),
            Self::HeartbeatReply { term } => counts!("heartbeat-heard", term),
            Self::TimeoutNow { term } => counts!("timeout-now", term),
            Self::HeartbeatContext { round, beat } => fact!("counted", beat = beat.fact(), round),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Vote { pre: false, .. } => "vote",
            Self::Vote { pre: true, .. } => "pre-vote",
            Self::VoteReply { pre: false, .. } => "vote-reply",
            Self::VoteReply { pre: true, .. } => "pre-vote-reply",
            Self::Append { entries, .. } if entries.is_empty() => "heartbeat",
            Self::Append { .. } => "append",
            Self::AppendReply { .. } => "append-reply",
            Self::Heartbeat { .. } => "heartbeat",
            Self::HeartbeatReply { .. } => "heartbeat-reply",
            Self::TimeoutNow { .. } => "transfer",
            Self::HeartbeatContext { beat, .. } => beat.kind(),
        }
    }

    fn is_sign_of_life(&self) -> bool {
        match self {
            Self::Heartbeat { .. } | Self::HeartbeatReply { .. } => true,
            // Figure 2's heartbeat: AppendEntries without entries.
            Self::Append { entries, .. } => entries.is_empty(),
            Self::HeartbeatContext { beat, .. } => beat.is_sign_of_life(),
            Self::AppendReply { .. }
            | Self::Vote { .. }
            | Self::VoteReply { .. }
            | Self::TimeoutNow { .. } => false,
        }
    }

    #[inline]
    fn entries(&self) -> usize {
        match self {
            Self::Append { entries, .. } => entries.len(),
            Self::HeartbeatContext { beat, .. } => beat.entries(),
            Self::Vote { .. }
            | Self::VoteReply { .. }
            | Self::AppendReply { .. }
            | Self::Heartbeat { .. }
            | Self::HeartbeatReply { .. }
            | Self::TimeoutNow { .. } => 0,
        }
    }

    #[inline]
    fn digest(&self) -> [u64; 2] {
        let (round, said) = self.uncounted();
        let [first, second] = said.own_digest();
        match round {
            None => [first, second],
            Some(round) => [first ^ words(0, 8), second.rotate_left(32) ^ words(round, 0)],
        }
    }
}

const fn words(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}
