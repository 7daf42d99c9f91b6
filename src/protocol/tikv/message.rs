//! What the crate's replicas say to each other, in fewer bytes than its protobuf structs take, and
//! without loss: fields that no message of that kind uses are left out, and there are no snapshots
//! and no reads here.

use raft::eraftpb::{self, MessageType};

use super::disk::{entry_of, wire_of};
use crate::fact::{Fact, counts, fact};
use crate::protocol::log::{Entry, Index};
use crate::protocol::raft::Term;
use crate::protocol::{ProtocolMessage, ReplicaId, entries};

/// The crate's mark for a campaign that the leader asked for, which overrides leases.
const TRANSFER: &[u8] = b"CampaignTransfer";

/// A message of the crate; `eraftpb::Message` says what its fields mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the fields are the crate's")]
pub enum Message {
    /// `MsgRequestVote`, or with `pre` `MsgRequestPreVote`.
    Vote {
        term: Term,
        index: Index,
        log_term: Term,
        commit: Index,
        commit_term: Term,
        pre: bool,
        transfer: bool,
    },
    /// `MsgRequestVoteResponse`, or with `pre` `MsgRequestPreVoteResponse`.
    VoteReply { term: Term, reject: bool, commit: Index, commit_term: Term, pre: bool },
    /// `MsgAppend`: the entries follow the one at `index`.
    Append { term: Term, index: Index, log_term: Term, commit: Index, entries: Box<[Entry]> },
    /// `MsgAppendResponse`.
    AppendReply {
        term: Term,
        index: Index,
        reject: bool,
        reject_hint: Index,
        log_term: Term,
        commit: Index,
    },
    /// `MsgHeartbeat`.
    Heartbeat { term: Term, commit: Index },
    /// `MsgHeartbeatResponse`.
    HeartbeatReply { term: Term, commit: Index },
    /// `MsgTimeoutNow`: the leader hands over.
    TimeoutNow { term: Term },
}

impl Message {
    /// The term it carries.
    #[inline]
    pub const fn term(&self) -> Term {
        match self {
            Self::Vote { term, .. }
            | Self::VoteReply { term, .. }
            | Self::Append { term, .. }
            | Self::AppendReply { term, .. }
            | Self::Heartbeat { term, .. }
            | Self::HeartbeatReply { term, .. }
            | Self::TimeoutNow { term } => *term,
        }
    }

    /// What the crate said; `None` if it is of a kind that is never sent here.
    #[expect(clippy::wildcard_enum_match_arm, reason = "local, read and snapshot messages")]
    pub(super) fn from_wire(said: &eraftpb::Message) -> Option<Self> {
        let (term, index, log_term) = (short(said.term), short(said.index), short(said.log_term));
        let (commit, commit_term) = (short(said.commit), short(said.commit_term));
        let reject = said.reject;
        let kind = said.get_msg_type();
        Some(match kind {
            MessageType::MsgRequestVote | MessageType::MsgRequestPreVote => {
                let pre = kind == MessageType::MsgRequestPreVote;
                let transfer = said.context == TRANSFER;
                Self::Vote { term, index, log_term, commit, commit_term, pre, transfer }
            }
            MessageType::MsgRequestVoteResponse | MessageType::MsgRequestPreVoteResponse => {
                let pre = kind == MessageType::MsgRequestPreVoteResponse;
                Self::VoteReply { term, reject, commit, commit_term, pre }
            }
            MessageType::MsgAppend => {
                let entries = said.entries.iter().map(entry_of).collect();
                Self::Append { term, index, log_term, commit, entries }
            }
            MessageType::MsgAppendResponse => {
                let reject_hint = short(said.reject_hint);
                Self::AppendReply { term, index, reject, reject_hint, log_term, commit }
            }
            MessageType::MsgHeartbeat => Self::Heartbeat { term, commit },
            MessageType::MsgHeartbeatResponse => Self::HeartbeatReply { term, commit },
            MessageType::MsgTimeoutNow => Self::TimeoutNow { term },
            _ => return None,
        })
    }

    /// What the crate hears.
    pub(super) fn to_wire(&self, from: ReplicaId, to: ReplicaId) -> eraftpb::Message {
        let mut heard = eraftpb::Message::default();
        (heard.from, heard.to, heard.term) = (number(from), number(to), u64::from(self.term()));
        heard.set_msg_type(match self {
            Self::Vote { pre: false, .. } => MessageType::MsgRequestVote,
            Self::Vote { pre: true, .. } => MessageType::MsgRequestPreVote,
            Self::VoteReply { pre: false, .. } => MessageType::MsgRequestVoteResponse,
            Self::VoteReply { pre: true, .. } => MessageType::MsgRequestPreVoteResponse,
            Self::Append { .. } => MessageType::MsgAppend,
            Self::AppendReply { .. } => MessageType::MsgAppendResponse,
            Self::Heartbeat { .. } => MessageType::MsgHeartbeat,
            Self::HeartbeatReply { .. } => MessageType::MsgHeartbeatResponse,
            Self::TimeoutNow { .. } => MessageType::MsgTimeoutNow,
        });
        match *self {
            Self::Vote { index, log_term, commit, commit_term, transfer, .. } => {
                (heard.index, heard.log_term) = (index.into(), log_term.into());
                (heard.commit, heard.commit_term) = (commit.into(), commit_term.into());
                if transfer {
                    heard.context = TRANSFER.into();
                }
            }
            Self::VoteReply { reject, commit, commit_term, .. } => {
                heard.reject = reject;
                (heard.commit, heard.commit_term) = (commit.into(), commit_term.into());
            }
            Self::Append { index, log_term, commit, ref entries, .. } => {
                (heard.index, heard.log_term) = (index.into(), log_term.into());
                heard.commit = commit.into();
                let places = u64::from(index) + 1..;
                let wire = |(place, entry): (u64, &Entry)| wire_of(place, *entry);
                heard.entries = places.zip(entries.iter()).map(wire).collect();
            }
            Self::AppendReply { index, reject, reject_hint, log_term, commit, .. } => {
                (heard.index, heard.log_term) = (index.into(), log_term.into());
                (heard.reject, heard.reject_hint) = (reject, reject_hint.into());
                heard.commit = commit.into();
            }
            Self::Heartbeat { commit, .. } | Self::HeartbeatReply { commit, .. } => {
                heard.commit = commit.into();
            }
            Self::TimeoutNow { .. } => {}
        }
        heard
    }
}

/// Terms and indexes of the crate are twice as wide as ours; no run comes near the end of either.
pub(super) fn short(wide: u64) -> u32 {
    u32::try_from(wide).unwrap_or(u32::MAX)
}

/// The crate numbers its nodes from 1.
pub(super) fn number(replica: ReplicaId) -> u64 {
    u64::from(replica.0) + 1
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        match self {
            Self::Vote { term, index, log_term, pre, .. } => {
                fact!(if *pre { "pre-vote" } else { "request-vote" }, term, index, of = log_term)
            }
            Self::VoteReply { term, reject, pre, .. } => {
                fact!(if *pre { "pre-vote-reply" } else { "vote-reply" }, granted = !*reject, term)
            }
            Self::Append { term, entries, .. } if entries.is_empty() => {
                counts!("append-no-entry", term)
            }
            Self::Append { term, entries: new, .. } => {
                fact!("append-entries", term, entries = entries(new))
            }
            Self::AppendReply { term, index, reject: false, .. } => {
                fact!("append-have", index, term)
            }
            Self::AppendReply { term, reject_hint, .. } => {
                fact!("append-no-match", index = reject_hint, term)
            }
            Self::Heartbeat { term, .. } => counts!("heartbeat", term),
            Self::HeartbeatReply { term, .. } => counts!("heartbeat-heard", term),
            Self::TimeoutNow { term } => counts!("timeout-now", term),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Vote { pre: false, .. } => "vote",
            Self::Vote { pre: true, .. } => "pre-vote",
            Self::VoteReply { pre: false, .. } => "vote-reply",
            Self::VoteReply { pre: true, .. } => "pre-vote-reply",
            Self::Append { .. } => "append",
            Self::AppendReply { .. } => "append-reply",
            Self::Heartbeat { .. } => "heartbeat",
            Self::HeartbeatReply { .. } => "heartbeat-reply",
            Self::TimeoutNow { .. } => "transfer",
        }
    }

    fn is_sign_of_life(&self) -> bool {
        matches!(self, Self::Heartbeat { .. } | Self::HeartbeatReply { .. })
    }

    #[inline]
    fn entries(&self) -> usize {
        match self {
            Self::Append { entries, .. } => entries.len(),
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
        match self {
            Self::Vote { term, index, log_term, commit, pre, transfer, .. } => [
                words(*term, 1 + 16 * u32::from(*pre) + 32 * u32::from(*transfer)),
                words(*index, *log_term) ^ u64::from(*commit) << 16,
            ],
            Self::VoteReply { term, reject, commit, pre, .. } => [
                words(*term, 2 + 16 * u32::from(*pre) + 32 * u32::from(*reject)),
                u64::from(*commit),
            ],
            Self::Append { term, index, log_term, commit, entries } => [
                words(*term, 3 + 16 * entries.len() as u32),
                words(*index, *log_term) ^ u64::from(*commit) << 16,
            ],
            Self::AppendReply { term, index, reject, reject_hint, commit, .. } => [
                words(*term, 4 + 16 * u32::from(*reject)),
                words(*index, *reject_hint) ^ u64::from(*commit) << 16,
            ],
            Self::Heartbeat { term, commit } => [words(*term, 5), u64::from(*commit)],
            Self::HeartbeatReply { term, commit } => [words(*term, 6), u64::from(*commit)],
            Self::TimeoutNow { term } => [words(*term, 7), 0],
        }
    }
}

const fn words(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}
