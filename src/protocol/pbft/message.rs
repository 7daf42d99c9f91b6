//! What PBFT's replicas say to each other, and what they have signed.

use std::sync::Arc;

use super::{Sequence, View};
use crate::fact::{Fact, counts, fact};
use crate::fault::{ReplicaId, ReplicaSet};
use crate::protocol::requests::hash;
use crate::protocol::{Command, ProtocolMessage, command, commands};

/// One statement and those who signed it: the PRE-PREPARE and PREPAREs that make a request
/// prepared, or the COMMITs that decide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    /// The view.
    pub view: View,
    /// The sequence number.
    pub sequence: Sequence,
    /// The request, 0 for a null request.
    pub command: Command,
    /// Who signed; of a prepared certificate the primary is one.
    pub signers: ReplicaSet,
}

/// A checkpoint and those who signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stable {
    /// How many requests were executed.
    pub sequence: Sequence,
    /// Of all that was executed.
    pub digest: u64,
    /// Who signed.
    pub signers: ReplicaSet,
}

impl Stable {
    /// The state in which everyone begins; nobody has to sign it.
    pub const EMPTY: Self = Self { sequence: 0, digest: 0, signers: ReplicaSet::NOBODY };
}

/// A VIEW-CHANGE.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// The view that its sender wants.
    pub view: View,
    /// The paper's n and C: the last stable checkpoint.
    pub stable: Stable,
    /// The paper's P: what is prepared after that, in order.
    pub prepared: Box<[Certificate]>,
}

/// A VIEW-CHANGE and who signed it.
pub type Signed = (ReplicaId, Arc<Change>);

/// How far a replica is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    /// Its view.
    pub view: View,
    /// False while it changes views.
    pub active: bool,
    /// True if it wants to hear the others' status.
    pub asks: bool,
    /// Its last stable checkpoint.
    pub stable: Sequence,
    /// How much it executed.
    pub executed: Sequence,
    /// The oldest requests that it waits for.
    pub requests: Box<[Command]>,
}

/// Executed requests up to a stable checkpoint, whose digest proves them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stretch {
    /// The sequence number of the first.
    pub first: Sequence,
    /// What was executed, 0 for a null request.
    pub commands: Box<[Command]>,
    /// The checkpoint.
    pub stable: Stable,
}

/// A message of PBFT.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// The primary gives a request its number.
    PrePrepare {
        /// The view.
        view: View,
        /// The number.
        sequence: Sequence,
        /// The request.
        command: Command,
    },
    /// A backup accepted that.
    Prepare {
        /// The view.
        view: View,
        /// The number.
        sequence: Sequence,
        /// The request.
        command: Command,
    },
    /// A replica has seen that a quorum accepted that.
    Commit {
        /// The view.
        view: View,
        /// The number.
        sequence: Sequence,
        /// The request.
        command: Command,
    },
    /// A replica executed so much, and this is its state.
    Checkpoint {
        /// How much.
        sequence: Sequence,
        /// Of all that it executed.
        digest: u64,
    },
    /// A replica leaves its view.
    ViewChange(Arc<Change>),
    /// The primary of a view shows that a quorum wants it; signed, so that anyone can pass it on.
    NewView {
        /// The view.
        view: View,
        /// The paper's V: a quorum of VIEW-CHANGEs.
        changes: Arc<[Signed]>,
    },
    /// How far a replica is: whoever is further helps.
    Status(Box<Status>),
    /// Commit certificates, for one that lacks them.
    Committed(Box<[Certificate]>),
    /// Executed requests, for one that lags behind a stable checkpoint.
    State(Box<Stretch>),
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        let (kind, view, sequence, asked) = match self {
            Self::PrePrepare { view, sequence, command } => {
                ("pbft-pre-prepare", view, sequence, command)
            }
            Self::Prepare { view, sequence, command } => ("pbft-prepare", view, sequence, command),
            Self::Commit { view, sequence, command } => ("pbft-commit", view, sequence, command),
            Self::Checkpoint { sequence, digest } => {
                return fact!(
                    "pbft-checkpoint",
                    sequence,
                    state = format!("{:04x}", digest & 0xffff)
                );
            }
            Self::ViewChange(change) => {
                return fact!("pbft-view-change", view = change.view, change = change.fact());
            }
            Self::NewView { view, changes } => {
                let each = changes
                    .iter()
                    .map(|(from, change)| fact!("of", from = *from, change = change.fact()));
                return fact!("pbft-new-view", view, changes = each.collect::<Vec<_>>());
            }
            Self::Status(status) => {
                let Status { view, stable, executed, .. } = **status;
                return counts!("pbft-status", view, executed, stable);
            }
            Self::Committed(certificates) => {
                return counts!("pbft-certificates", count = certificates.len());
            }
            Self::State(stretch) => {
                let stable = stretch.stable.sequence;
                return fact!("pbft-state", stable, commands = commands(&stretch.commands));
            }
        };
        fact!(kind, sequence, command = command(*asked), view)
    }

    fn is_proposal(&self) -> bool {
        matches!(self, Self::PrePrepare { .. })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::PrePrepare { .. } => "pre-prepare",
            Self::Prepare { .. } => "prepare",
            Self::Commit { .. } => "commit",
            Self::Checkpoint { .. } => "checkpoint",
            Self::ViewChange(_) => "view-change",
            Self::NewView { .. } => "new-view",
            Self::Status(_) => "status",
            Self::Committed(_) => "committed",
            Self::State(_) => "state",
        }
    }

    // Long, and not worth its place within each message's way.
    #[inline(never)]
    fn entries(&self) -> usize {
        match self {
            Self::ViewChange(change) => 4 + 2 * change.prepared.len(),
            Self::NewView { changes, .. } => {
                changes.iter().map(|(_, change)| 4 + 2 * change.prepared.len()).sum()
            }
            Self::Status(status) => 4 + status.requests.len().div_ceil(2),
            Self::Committed(certificates) => 2 * certificates.len(),
            Self::State(stretch) => 4 + stretch.commands.len().div_ceil(2),
            Self::PrePrepare { .. }
            | Self::Prepare { .. }
            | Self::Commit { .. }
            | Self::Checkpoint { .. } => 0,
        }
    }

    fn digest(&self) -> [u64; 2] {
        match self {
            Self::PrePrepare { view, sequence, command } => {
                [words(*view, 1), words(*sequence, *command)]
            }
            Self::Prepare { view, sequence, command } => {
                [words(*view, 2), words(*sequence, *command)]
            }
            Self::Commit { view, sequence, command } => {
                [words(*view, 3), words(*sequence, *command)]
            }
            Self::Checkpoint { sequence, digest } => [words(*sequence, 4), *digest],
            Self::ViewChange(change) => [words(change.view, 5), change.digest()],
            Self::NewView { view, changes } => {
                let each = changes.iter().map(|(from, change)| change.digest() ^ from.0 as u64);
                [words(*view, 6), each.fold(0, fold)]
            }
            Self::Status(status) => {
                let kind = 7 + 16 * status.active as u32 + 32 * status.asks as u32;
                let requests = status.requests.iter().fold(0, |all, &one| fold(all, one as u64));
                [words(status.view, kind), words(status.stable, status.executed) ^ requests]
            }
            Self::Committed(certificates) => {
                let first = certificates.first().map_or(0, |one| one.sequence);
                [words(first, 8), certificates.iter().map(Certificate::digest).fold(0, fold)]
            }
            Self::State(stretch) => {
                let commands = stretch.commands.iter().fold(0, |all, &one| fold(all, one as u64));
                [words(stretch.first, 9), commands ^ stretch.stable.digest]
            }
        }
    }
}

impl Certificate {
    fn digest(&self) -> u64 {
        words(self.sequence, self.command) ^ words(self.signers.0 as u32, self.view).rotate_left(8)
    }
}

impl Change {
    fn digest(&self) -> u64 {
        let stable = words(self.stable.sequence, self.view) ^ self.stable.digest;
        self.prepared.iter().map(Certificate::digest).fold(stable, fold)
    }
}

const fn words(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}

/// The digest of what was executed, and one more.
pub(super) fn fold(digest: u64, more: u64) -> u64 {
    hash(digest, &[more as u32, (more >> 32) as u32])
}

impl Change {
    /// In the room `change-of-view`.
    fn fact(&self) -> Fact {
        let prepared: Vec<Command> = self.prepared.iter().map(|one| one.command).collect();
        fact!("to", checkpoint = self.stable.sequence, prepared = commands(&prepared))
    }
}
