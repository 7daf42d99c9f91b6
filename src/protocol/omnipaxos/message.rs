//! What Omni-Paxos' replicas say to each other.

use crate::fact::{Arg, Fact, counts, fact};
use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Epoch, ProtocolMessage, entries};

/// What orders leaderships: a number, and who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot {
    /// The number; 0 before anything.
    pub number: Epoch,
    /// Whose it is; breaks ties.
    pub owner: ReplicaId,
}

impl Ballot {
    /// Before the first one.
    pub const NONE: Self = Self { number: 0, owner: ReplicaId(0) };

    /// The next higher number, with this owner.
    pub const fn past(self, owner: ReplicaId) -> Self {
        Self { number: self.number.saturating_add(1), owner }
    }
}

/// How far a log goes: what a leader compares to find the newest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// The ballot in which it was last accepted (the paper's accRnd).
    pub accepted: Ballot,
    /// The index of its last entry (logIdx).
    pub last: Index,
    /// Up to which index it is decided (decIdx).
    pub decided: Index,
}

/// The end of a log, to be put in the place of what another log has there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Suffix {
    /// The index of the entry before the first.
    pub after: Index,
    /// The entries.
    pub entries: Box<[Entry]>,
}

/// The number of a message in what a leader tells a follower: whoever misses one notices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Counts the times that the follower was synchronised in this ballot.
    pub session: u32,
    /// Counts the messages since; the synchronisation is the first.
    pub count: u32,
}

impl Place {
    /// The place of the message that follows.
    pub const fn next(self) -> Self {
        Self { session: self.session, count: self.count.wrapping_add(1) }
    }
}

/// A message of Omni-Paxos.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// HBRequest: are you there?
    HeartbeatRequest {
        /// The asker's round.
        round: u32,
    },
    /// HBReply: yes, and this is my ballot.
    HeartbeatReply {
        /// The asker's round.
        round: u32,
        /// The ballot with which the sender would lead, or leads.
        ballot: Ballot,
        /// In the crate: the greatest ballot that the sender knows; in the paper nothing.
        leader: Ballot,
        /// In the paper: a majority answers the sender. In the crate: the sender is happy.
        fine: bool,
    },
    /// PrepareReq: I may have missed something, prepare me.
    PrepareRequest {
        /// What the sender has promised.
        ballot: Ballot,
    },
    /// Prepare: promise me to accept nothing older.
    Prepare {
        /// The leader's ballot.
        ballot: Ballot,
        /// How far the leader's log goes.
        extent: Extent,
    },
    /// Promise: I do, and this is what you do not have.
    Promise {
        /// The leader's ballot.
        ballot: Ballot,
        /// How far the follower's log goes.
        extent: Extent,
        /// What the leader's log lacks, if the follower's is newer.
        suffix: Option<Box<Suffix>>,
    },
    /// AcceptSync: end your log like this.
    AcceptSync {
        /// The leader's ballot.
        ballot: Ballot,
        /// The first of a session.
        place: Place,
        /// How far the leader has decided.
        decided: Index,
        /// The entries.
        suffix: Box<Suffix>,
    },
    /// Accept (the crate's AcceptDecide): add these entries.
    Accept {
        /// The leader's ballot.
        ballot: Ballot,
        /// Its place in the session.
        place: Place,
        /// How far the leader has decided.
        decided: Index,
        /// The entries.
        entries: Box<[Entry]>,
    },
    /// Accepted: I have all up to there.
    Accepted {
        /// The leader's ballot.
        ballot: Ballot,
        /// The follower's last index.
        last: Index,
    },
    /// NotAccepted: I have promised a newer ballot.
    NotAccepted {
        /// What was promised.
        ballot: Ballot,
        /// What was refused.
        refused: Ballot,
    },
    /// Decide: a majority has all up to there.
    Decide {
        /// The leader's ballot.
        ballot: Ballot,
        /// Its place in the session; if it is said again, that of the last message.
        place: Place,
        /// How far the leader has decided.
        decided: Index,
        /// True if it is said again, once a heartbeat, so that what was lost is missed.
        again: bool,
    },
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        match self {
            Self::HeartbeatRequest { round } => counts!("omnipaxos-hb-request", round),
            Self::HeartbeatReply { ballot, leader, fine, .. } => {
                let knows: Fact = match *leader {
                    Ballot::NONE => "none".into(),
                    leader => fact!("some", ballot = leader),
                };
                fact!("omnipaxos-hb-reply", ballot = *ballot, fine = *fine, knows)
            }
            Self::PrepareRequest { ballot } => fact!("omnipaxos-prepare-req", ballot = *ballot),
            Self::Prepare { ballot, extent, .. } => {
                fact!("omnipaxos-prepare", ballot = *ballot, last = extent.last)
            }
            Self::Promise {
                ballot, extent: Extent { accepted, last, decided }, suffix, ..
            } => {
                let suffix = suffix.as_deref().map(|suffix| &*suffix.entries);
                let entries = entries(suffix.unwrap_or_default());
                let (ballot, accepted) = (*ballot, *accepted);
                fact!("omnipaxos-promise", ballot, last, accepted, decided, entries)
            }
            Self::AcceptSync { ballot, suffix, .. } => {
                let entries = entries(&suffix.entries);
                fact!("omnipaxos-accept-sync", ballot = *ballot, after = suffix.after, entries)
            }
            Self::Accept { ballot, entries: new, .. } => {
                fact!("omnipaxos-accept", ballot = *ballot, entries = entries(new))
            }
            Self::Accepted { ballot, last, .. } => {
                fact!("omnipaxos-accepted", ballot = *ballot, last)
            }
            Self::NotAccepted { ballot, .. } => fact!("omnipaxos-not-accepted", ballot = *ballot),
            Self::Decide { ballot, decided, .. } => {
                fact!("omnipaxos-decide", ballot = *ballot, decided)
            }
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::HeartbeatRequest { .. } => "heartbeat",
            Self::HeartbeatReply { .. } => "heartbeat-reply",
            Self::PrepareRequest { .. } => "request",
            Self::Prepare { .. } => "vote",
            Self::Promise { .. } => "vote-reply",
            Self::AcceptSync { .. } | Self::Accept { .. } => "append",
            Self::Accepted { .. } | Self::NotAccepted { .. } => "append-reply",
            Self::Decide { .. } => "commit",
        }
    }

    fn is_sign_of_life(&self) -> bool {
        matches!(self, Self::HeartbeatRequest { .. } | Self::HeartbeatReply { .. })
    }

    #[inline]
    fn entries(&self) -> usize {
        match self {
            Self::Promise { suffix, .. } => suffix.as_ref().map_or(0, |of| 2 + of.entries.len()),
            Self::AcceptSync { suffix, .. } => 2 + suffix.entries.len(),
            Self::Accept { entries, .. } => entries.len(),
            Self::HeartbeatRequest { .. }
            | Self::HeartbeatReply { .. }
            | Self::PrepareRequest { .. }
            | Self::Prepare { .. }
            | Self::Accepted { .. }
            | Self::NotAccepted { .. }
            | Self::Decide { .. } => 0,
        }
    }

    #[inline]
    fn digest(&self) -> [u64; 2] {
        match self {
            Self::HeartbeatRequest { round } => [words(*round, 1), 0],
            Self::HeartbeatReply { round, ballot, leader, fine } => {
                [words(*round, 2 + 16 * *fine as u32), word(*ballot) ^ word(*leader).rotate_left(8)]
            }
            Self::PrepareRequest { ballot } => [word(*ballot), 3],
            Self::Prepare { ballot, extent } => [word(*ballot) ^ 4 << 56, extent.digest()],
            Self::Promise { ballot, extent, suffix } => {
                let entries = suffix.as_ref().map_or(0, |suffix| 1 + suffix.entries.len() as u64);
                [word(*ballot) ^ 5 << 56, extent.digest() ^ entries << 40]
            }
            Self::AcceptSync { ballot, place, decided, suffix } => [
                word(*ballot) ^ 6 << 56 ^ (suffix.entries.len() as u64) << 40,
                words(place.count ^ place.session << 20, *decided),
            ],
            Self::Accept { ballot, place, decided, entries } => [
                word(*ballot) ^ 7 << 56 ^ (entries.len() as u64) << 40,
                words(place.count ^ place.session << 20, *decided),
            ],
            Self::Accepted { ballot, last } => [word(*ballot) ^ 8 << 56, u64::from(*last)],
            Self::NotAccepted { ballot, refused } => [word(*ballot) ^ 9 << 56, word(*refused)],
            Self::Decide { ballot, place, decided, again } => [
                word(*ballot) ^ (10 + *again as u64) << 56,
                words(place.count ^ place.session << 20, *decided),
            ],
        }
    }
}

impl Extent {
    const fn digest(self) -> u64 {
        word(self.accepted).rotate_left(16) ^ words(self.last, self.decided)
    }
}

const fn words(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}

/// A ballot as a word for a digest.
pub(super) const fn word(ballot: Ballot) -> u64 {
    words(ballot.number, ballot.owner.0 as u32)
}

/// In the room `ballot`: numbers alone do not tell ballots apart.
impl From<Ballot> for Arg {
    fn from(Ballot { number, owner, .. }: Ballot) -> Self {
        fact!("of", number, owner).into()
    }
}
