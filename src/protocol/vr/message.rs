//! What VR's replicas say to each other.

use std::fmt;

use super::View;
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Command, Speech, command_name};

/// The end of a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Suffix {
    /// The op before the first entry.
    pub base: Index,
    /// The owner's commit-number.
    pub commit: Index,
    /// The entries, in order.
    pub entries: Box<[Entry]>,
}

impl Suffix {
    /// The op-number of the log that it is the end of.
    pub fn op(&self) -> Index {
        let count = Index::try_from(self.entries.len()).unwrap_or(Index::MAX);
        self.base.saturating_add(count)
    }

    const fn digest(&self) -> u64 {
        words(self.base, self.commit) ^ (self.entries.len() as u64) << 20
    }
}

/// A message of VR.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// The primary gives a command its place.
    Prepare {
        /// The primary's view.
        view: View,
        /// The command's op-number.
        op: Index,
        /// The primary's commit-number.
        commit: Index,
        /// What the client asked for.
        command: Command,
    },
    /// A backup holds everything up to `op`.
    PrepareOk {
        /// The view in which it does.
        view: View,
        /// The op.
        op: Index,
    },
    /// The primary's sign of life.
    Commit {
        /// The primary's view.
        view: View,
        /// The primary's op-number.
        op: Index,
        /// The primary's commit-number.
        commit: Index,
    },
    /// The sender has left its view for this one.
    StartViewChange {
        /// The new view.
        view: View,
    },
    /// f others have left for that view too; here is a log for its primary.
    DoViewChange {
        /// The new view.
        view: View,
        /// The last view in which the sender's status was normal.
        last_normal: View,
        /// Its log after what it knows committed, or after what it was asked for.
        suffix: Suffix,
    },
    /// The new view begins, with this log.
    StartView {
        /// The new view.
        view: View,
        /// The primary's log after what the receiver is thought to know committed.
        suffix: Suffix,
    },
    /// The sender lacks what comes after `op`.
    GetState {
        /// The view that it asks about.
        view: View,
        /// The last op that it holds, or the last committed one if it comes from an older view.
        op: Index,
    },
    /// The answer to [`Message::GetState`].
    NewState {
        /// The sender's view.
        view: View,
        /// Its log after the op that was asked about.
        suffix: Suffix,
    },
}

impl Speech for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Prepare { .. } => "append",
            Self::PrepareOk { .. } => "append-reply",
            Self::Commit { .. } => "heartbeat",
            Self::StartViewChange { .. } => "vote",
            Self::DoViewChange { .. } => "vote-reply",
            Self::StartView { .. } | Self::NewState { .. } => "append",
            Self::GetState { .. } => "append-reply",
        }
    }

    #[inline]
    fn entries(&self) -> usize {
        match self {
            Self::DoViewChange { suffix, .. }
            | Self::StartView { suffix, .. }
            | Self::NewState { suffix, .. } => suffix.entries.len(),
            Self::Prepare { .. }
            | Self::PrepareOk { .. }
            | Self::Commit { .. }
            | Self::StartViewChange { .. }
            | Self::GetState { .. } => 0,
        }
    }

    #[inline]
    fn digest(&self) -> [u64; 2] {
        match self {
            Self::Prepare { view, op, commit, command } => {
                [words(*view, 1 | *command << 4), words(*op, *commit)]
            }
            Self::PrepareOk { view, op } => [words(*view, 2), *op as u64],
            Self::Commit { view, op, commit } => [words(*view, 3), words(*op, *commit)],
            Self::StartViewChange { view } => [words(*view, 4), 0],
            Self::DoViewChange { view, last_normal, suffix } => {
                [words(*view, 5 | *last_normal << 4), suffix.digest()]
            }
            Self::StartView { view, suffix } => [words(*view, 6), suffix.digest()],
            Self::GetState { view, op } => [words(*view, 7), *op as u64],
            Self::NewState { view, suffix } => [words(*view, 8), suffix.digest()],
        }
    }
}

const fn words(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}

/// As the page shows it: the paper's name, then what matters.
impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prepare { view, op, command, .. } => {
                write!(formatter, "Prepare {op}, view {view}: {}", command_name(*command))
            }
            Self::PrepareOk { view, op } => write!(formatter, "PrepareOK {op}, view {view}"),
            Self::Commit { view, commit, .. } => write!(formatter, "Commit {commit}, view {view}"),
            Self::StartViewChange { view } => write!(formatter, "StartViewChange to view {view}"),
            Self::DoViewChange { view, last_normal, suffix } => write!(
                formatter,
                "DoViewChange to view {view}: log up to {}, of view {last_normal}",
                suffix.op()
            ),
            Self::StartView { view, suffix } => {
                write!(formatter, "StartView {view}: log up to {}", suffix.op())
            }
            Self::GetState { view, op } => write!(formatter, "GetState after {op}, view {view}"),
            Self::NewState { view, suffix } => {
                write!(formatter, "NewState, view {view}: log up to {}", suffix.op())
            }
        }
    }
}
