//! The boundary between a consensus protocol and the world.
//!
//! A replica is a state machine with no clock, no socket and no random numbers: inputs go in,
//! effects come out, and the world performs them. It asks for a timer *range* and the world draws.
//! So cloning the world is a checkpoint, and the same inputs always give the same effects.

pub mod log;
pub mod raft;

use std::fmt;

use crate::clock::{Micros, Span};
use crate::fault::ReplicaId;
use log::{Index, Log};
use raft::{Raft, Rules};

/// The number that orders leaderships; Raft calls it a term.
pub type Epoch = u32;

/// What a client asks to be written: the number of the write, from 1; 0 is a leader's no-op.
pub type Command = u32;

/// Every protocol the playground runs, by its name in the text, the menu and the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// Raft as in the paper (Ongaro & Ousterhout 2014, figure 2).
    Raft,
    /// Raft whose voters ignore candidates while they hear a leader (paper section 6).
    RaftSticky,
    /// Raft with pre-vote as in the thesis (section 9.6).
    RaftPrevote,
    /// Raft with pre-vote (thesis 9.6) and check-quorum (thesis 6.2).
    RaftPrevoteCheckquorum,
    /// etcd's Raft library with both switches off.
    EtcdRaft,
    /// etcd's Raft library with `PreVote`.
    EtcdRaftPrevote,
    /// etcd's Raft library with `CheckQuorum`: etcd 3.0 to 3.4 as shipped.
    EtcdRaftCheckquorum,
    /// etcd's Raft library with both: etcd 3.5 and later as shipped.
    EtcdRaftPrevoteCheckquorum,
}

impl Protocol {
    /// All of them, in menu order. A link encodes a protocol by its place here, so append only.
    pub const ALL: [Self; 8] = [
        Self::Raft,
        Self::RaftSticky,
        Self::RaftPrevote,
        Self::RaftPrevoteCheckquorum,
        Self::EtcdRaft,
        Self::EtcdRaftPrevote,
        Self::EtcdRaftCheckquorum,
        Self::EtcdRaftPrevoteCheckquorum,
    ];

    /// As the scenario text writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raft => "raft",
            Self::RaftSticky => "raft+sticky",
            Self::RaftPrevote => "raft+prevote",
            Self::RaftPrevoteCheckquorum => "raft+prevote+checkquorum",
            Self::EtcdRaft => "etcd-raft",
            Self::EtcdRaftPrevote => "etcd-raft+prevote",
            Self::EtcdRaftCheckquorum => "etcd-raft+checkquorum",
            Self::EtcdRaftPrevoteCheckquorum => "etcd-raft+prevote+checkquorum",
        }
    }

    /// One sentence for the menu.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Raft => "As in the paper: whoever asks in a higher term is obeyed.",
            Self::RaftSticky => "Voters who hear a leader ignore candidates (paper, section 6).",
            Self::RaftPrevote => "Asks whether it could win before raising its term (thesis 9.6).",
            Self::RaftPrevoteCheckquorum => {
                "Pre-vote, and a leader nobody answers steps down (thesis 6.2)."
            }
            Self::EtcdRaft => "etcd's library, both switches off: stale leaders are not told.",
            Self::EtcdRaftPrevote => "etcd's PreVote alone: no test for a live leader.",
            Self::EtcdRaftCheckquorum => "etcd 3.0 to 3.4 as shipped: leases and check-quorum.",
            Self::EtcdRaftPrevoteCheckquorum => "etcd 3.5 and later as shipped: both switches on.",
        }
    }

    /// The protocol of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    /// The rules of Raft that it follows.
    const fn rules(self) -> Rules {
        match self {
            Self::Raft => Rules::PAPER,
            Self::RaftSticky => Rules { sticky: true, ..Rules::PAPER },
            Self::RaftPrevote => Rules { pre_vote: true, ..Rules::PAPER },
            Self::RaftPrevoteCheckquorum => {
                Rules { pre_vote: true, check_quorum: true, ..Rules::PAPER }
            }
            Self::EtcdRaft => Rules::ETCD,
            Self::EtcdRaftPrevote => Rules { pre_vote: true, ..Rules::ETCD },
            Self::EtcdRaftCheckquorum => Rules { check_quorum: true, ..Rules::ETCD },
            Self::EtcdRaftPrevoteCheckquorum => {
                Rules { pre_vote: true, check_quorum: true, ..Rules::ETCD }
            }
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Something a replica waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Silence after which a follower campaigns.
    Election,
    /// When a leader next gives a sign of life.
    Heartbeat,
    /// While it runs, this replica has heard from a leader within the least election timeout.
    Lease,
    /// When a leader next asks itself whether a majority still answers.
    CheckQuorum,
}

impl Timer {
    /// How many there are.
    pub const COUNT: usize = 4;

    /// All of them, in order.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Election, Self::Heartbeat, Self::Lease, Self::CheckQuorum];

    /// As an index into an array by timer.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Everything a replica can be told.
#[derive(Clone, Debug)]
pub enum Input {
    /// The process starts, with whatever its disks hold.
    Start,
    /// A message arrives.
    Deliver {
        /// Who sent it.
        from: ReplicaId,
        /// What it says.
        message: Message,
    },
    /// A timer that was set has run out.
    Timeout(Timer),
    /// A client asks for a write.
    Propose(Command),
}

/// Everything a replica can ask for. The world performs it; the replica never does.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Say `message` to `to`.
    Send {
        /// The receiver.
        to: ReplicaId,
        /// What to say.
        message: Message,
    },
    /// Start (or start again) a timer of a length drawn from `from..=to`.
    SetTimer {
        /// Which.
        timer: Timer,
        /// The shortest length.
        from: Micros,
        /// The longest length.
        to: Micros,
    },
    /// Start a timer again with the length it was last set to.
    RestartTimer(Timer),
    /// Stop a timer.
    CancelTimer(Timer),
}

/// What a replica says to another, by protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A message of Raft.
    Raft(raft::Message),
}

impl Message {
    /// A word for its kind, for the page: see [`crate::view::PacketView::kind`].
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Raft(message) => message.kind(),
        }
    }

    /// Its content as two words of 64 bits, for the trace hash.
    #[inline]
    pub const fn digest(&self) -> [u64; 2] {
        match self {
            Self::Raft(message) => message.digest(),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raft(message) => message.fmt(formatter),
        }
    }
}

/// The part a replica plays, whatever its protocol calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Accepts a leader's order, or waits for one.
    Follower,
    /// Asks whether a vote would succeed; its epoch is unchanged.
    PreCandidate,
    /// Raised its epoch and asks for votes.
    Candidate,
    /// Orders commands in its epoch.
    Leader,
}

impl Role {
    /// As the page writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Follower => "follower",
            Self::PreCandidate => "pre-candidate",
            Self::Candidate => "candidate",
            Self::Leader => "leader",
        }
    }
}

/// What a replica believes about who leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belief {
    /// The part it plays.
    pub role: Role,
    /// Its epoch.
    pub epoch: Epoch,
    /// Whom it believes to lead.
    pub leader: Option<ReplicaId>,
}

/// What a replica may know of the scenario it is in: its own name and its timing.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its number.
    pub id: ReplicaId,
    /// How many replicas the group has.
    pub replicas: u8,
    /// The leader's sign of life.
    pub heartbeat: Micros,
    /// The range of its election timeout.
    pub election: Span,
}

/// A protocol state machine placed on a server.
#[derive(Clone, Debug)]
pub enum Replica {
    /// One that speaks Raft.
    Raft(Raft),
}

impl Replica {
    /// A replica that speaks that protocol, not yet started.
    pub fn new(protocol: Protocol, identity: Identity) -> Self {
        Self::Raft(Raft::new(identity, protocol.rules()))
    }

    /// Takes one input and appends what it asks for to `effects`.
    #[inline]
    pub fn step(&mut self, input: Input, effects: &mut Vec<Effect>) {
        match self {
            Self::Raft(raft) => raft.step(input, effects),
        }
    }

    /// The process dies: only what is on disk stays.
    pub fn crash(&mut self) {
        match self {
            Self::Raft(raft) => raft.crash(),
        }
    }

    /// What it believes.
    #[inline]
    pub fn belief(&self) -> Belief {
        match self {
            Self::Raft(raft) => raft.belief(),
        }
    }

    /// Its log.
    #[inline]
    pub fn log(&self) -> &Log {
        match self {
            Self::Raft(raft) => raft.log(),
        }
    }

    /// How many entries it knows committed.
    #[inline]
    pub fn commit(&self) -> Index {
        match self {
            Self::Raft(raft) => raft.commit(),
        }
    }
}
