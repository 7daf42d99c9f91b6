//! What Omni-Paxos' replicas say to each other.

use std::fmt;

use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Epoch, Speech, commands_in_words};

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

impl Speech for Message {
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

const fn word(ballot: Ballot) -> u64 {
    words(ballot.number, ballot.owner.0 as u32)
}

/// The number, and whose it is: "4 of n2".
impl fmt::Display for Ballot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.number, self.owner)
    }
}

fn in_words(entries: &[Entry]) -> String {
    commands_in_words(entries.iter().map(|entry| entry.command))
}

/// As the page shows it: the paper's name, then what matters.
impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, ballot) = match self {
            Self::HeartbeatRequest { round } => {
                return write!(formatter, "HBRequest, round {round}");
            }
            Self::HeartbeatReply { ballot, leader, fine, .. } => {
                let fine = if *fine { "fine" } else { "not fine" };
                write!(formatter, "HBReply, ballot {ballot}, {fine}")?;
                return match *leader {
                    Ballot::NONE => Ok(()),
                    leader => write!(formatter, ", knows ballot {leader}"),
                };
            }
            Self::PrepareRequest { ballot } => ("PrepareReq", ballot),
            Self::Prepare { ballot, .. } => ("Prepare", ballot),
            Self::Promise { ballot, .. } => ("Promise", ballot),
            Self::AcceptSync { ballot, .. } => ("AcceptSync", ballot),
            Self::Accept { ballot, .. } => ("Accept", ballot),
            Self::Accepted { ballot, .. } => ("Accepted", ballot),
            Self::NotAccepted { ballot, .. } => ("NotAccepted, promised", ballot),
            Self::Decide { ballot, .. } => ("Decide", ballot),
        };
        write!(formatter, "{name} {ballot}")?;
        match self {
            Self::Prepare { extent, .. } => write!(formatter, ", log to {}", extent.last),
            Self::Promise { extent: Extent { accepted, last, decided }, suffix, .. } => {
                write!(formatter, ", log to {last} of {accepted}, decided to {decided}, to add: ")?;
                let suffix = suffix.as_deref().map(|suffix| &*suffix.entries);
                formatter.write_str(&in_words(suffix.unwrap_or_default()))
            }
            Self::AcceptSync { suffix, .. } => {
                write!(formatter, ", after {}: {}", suffix.after, in_words(&suffix.entries))
            }
            Self::Accept { entries, .. } => write!(formatter, ": {}", in_words(entries)),
            Self::Accepted { last, .. } => write!(formatter, ", up to {last}"),
            Self::Decide { decided, .. } => write!(formatter, ", up to {decided}"),
            Self::HeartbeatRequest { .. }
            | Self::HeartbeatReply { .. }
            | Self::PrepareRequest { .. }
            | Self::NotAccepted { .. } => Ok(()),
        }
    }
}
