//! What VR's replicas say to each other.

use std::sync::Arc;

use super::View;
use crate::fact::{Fact, counts, fact};
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Command, ProtocolMessage, command, entries};

/// By replica, how often it is known to have lost all that it knew: Michael et al.'s *crash
/// vector*.
pub type Lives = Arc<[u32]>;

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
        /// How often the backup had lost all that it knew.
        life: u32,
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
        /// How often everyone has lost all, as far as the sender knows.
        lives: Lives,
    },
    /// f others have left for that view too; here is a log for its primary.
    DoViewChange {
        /// The new view.
        view: View,
        /// The last view in which the sender's status was normal.
        last_normal: View,
        /// Its log after what it knows committed, or after what it was asked for.
        suffix: Suffix,
        /// How often everyone has lost all, as far as the sender knows.
        lives: Lives,
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
    /// The sender has lost all that it knew.
    Recovery {
        /// The nonce: how often it has.
        life: u32,
    },
    /// The answer to [`Message::Recovery`] of one whose status is normal.
    RecoveryResponse {
        /// The sender's view.
        view: View,
        /// The nonce that it answers.
        life: u32,
        /// How often everyone has lost all, as far as the sender knows.
        lives: Lives,
        /// Its whole log, if it is the primary of its view.
        log: Option<Suffix>,
    },
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        match self {
            Self::Prepare { view, op, command: asked, .. } => {
                fact!("vr-prepare", op, view, command = command(*asked))
            }
            Self::PrepareOk { view, op, .. } => counts!("vr-prepare-ok", op, view),
            Self::Commit { view, commit, .. } => counts!("vr-commit", commit, view),
            Self::StartViewChange { view, .. } => counts!("vr-start-view-change", view),
            Self::DoViewChange { view, last_normal, suffix, .. } => {
                fact!(
                    "vr-do-view-change",
                    view,
                    op = suffix.op(),
                    entries = entries(&suffix.entries),
                    normal = last_normal
                )
            }
            Self::StartView { view, suffix } => {
                fact!("vr-start-view", view, op = suffix.op(), entries = entries(&suffix.entries))
            }
            Self::GetState { view, op } => counts!("vr-get-state", op, view),
            Self::NewState { view, suffix } => {
                fact!("vr-new-state", view, op = suffix.op(), entries = entries(&suffix.entries))
            }
            Self::Recovery { life } => counts!("vr-recovery", life),
            Self::RecoveryResponse { view, life, log: Some(log), .. } => {
                counts!("vr-recovery-response-with-log", life, view, op = log.op())
            }
            Self::RecoveryResponse { view, life, log: None, .. } => {
                counts!("vr-recovery-response", life, view)
            }
        }
    }

    fn is_proposal(&self) -> bool {
        matches!(self, Self::Prepare { .. })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Prepare { .. } => "append",
            Self::PrepareOk { .. } => "append-reply",
            Self::Commit { .. } => "heartbeat",
            Self::StartViewChange { .. } => "vote",
            Self::DoViewChange { .. } => "vote-reply",
            Self::StartView { .. } | Self::NewState { .. } => "append",
            Self::GetState { .. } => "append-reply",
            Self::Recovery { .. } => "vote",
            Self::RecoveryResponse { .. } => "vote-reply",
        }
    }

    fn is_sign_of_life(&self) -> bool {
        matches!(self, Self::Commit { .. })
    }

    #[inline]
    fn entries(&self) -> usize {
        match self {
            Self::DoViewChange { suffix, .. }
            | Self::StartView { suffix, .. }
            | Self::NewState { suffix, .. }
            | Self::RecoveryResponse { log: Some(suffix), .. } => suffix.entries.len(),
            Self::Prepare { .. }
            | Self::PrepareOk { .. }
            | Self::Commit { .. }
            | Self::StartViewChange { .. }
            | Self::GetState { .. }
            | Self::Recovery { .. }
            | Self::RecoveryResponse { log: None, .. } => 0,
        }
    }

    #[inline]
    fn digest(&self) -> [u64; 2] {
        match self {
            Self::Prepare { view, op, commit, command } => {
                [words(*view, 1 | *command << 4), words(*op, *commit)]
            }
            Self::PrepareOk { view, op, life } => [words(*view, 2 | *life << 4), *op as u64],
            Self::Commit { view, op, commit } => [words(*view, 3), words(*op, *commit)],
            Self::StartViewChange { view, lives } => [words(*view, 4), mixed(lives)],
            Self::DoViewChange { view, last_normal, suffix, lives } => {
                [words(*view, 5 | *last_normal << 4), suffix.digest() ^ mixed(lives)]
            }
            Self::StartView { view, suffix } => [words(*view, 6), suffix.digest()],
            Self::GetState { view, op } => [words(*view, 7), *op as u64],
            Self::NewState { view, suffix } => [words(*view, 8), suffix.digest()],
            Self::Recovery { life } => [words(*life, 9), 0],
            Self::RecoveryResponse { view, life, lives, log } => {
                let log = log.as_ref().map_or(0, |log| log.digest().rotate_left(1) | 1);
                [words(*view, 10 | *life << 4), log ^ mixed(lives)]
            }
        }
    }
}

/// For the trace hash; nothing where nobody has lost anything.
fn mixed(lives: &Lives) -> u64 {
    lives.iter().fold(0, |all, &life| {
        (all.rotate_left(7) ^ u64::from(life)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}

const fn words(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}
