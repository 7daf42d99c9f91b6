//! What the crate's replicas say to each other, in fewer bytes than its structs take, and without
//! loss: one configuration, no priorities, no snapshots, no stop signs, nothing forwarded.

use omnipaxos::ballot_leader_election::Ballot as WireBallot;
use omnipaxos::messages::Message as Wire;
use omnipaxos::messages::ballot_leader_election::{
    BLEMessage, HeartbeatMsg, HeartbeatReply, HeartbeatRequest,
};
use omnipaxos::messages::sequence_paxos::{
    AcceptDecide, AcceptSync, Accepted, Decide, NotAccepted, PaxosMessage, PaxosMsg, Prepare,
    PrepareReq, Promise,
};
use omnipaxos::util::{LogSync, SequenceNumber};

use super::disk::Write;
use super::session::Stamp;
use crate::fact::{Arg, Fact, counts, fact};
use crate::protocol::log::Index;
use crate::protocol::{Command, Epoch, ProtocolMessage, ReplicaId, commands};

/// The configuration that everyone is in.
pub(super) const CONFIGURATION: u32 = 1;

/// A ballot: its number, and the crate's number of the replica whose it is, 0 for nobody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot {
    /// The number.
    pub n: Epoch,
    /// Whose it is.
    pub pid: u8,
}

impl From<WireBallot> for Ballot {
    fn from(wire: WireBallot) -> Self {
        Self { n: wire.n, pid: u8::try_from(wire.pid).unwrap_or(0) }
    }
}

impl From<Ballot> for WireBallot {
    /// The crate's own for nobody's ballot is of configuration 0.
    fn from(ballot: Ballot) -> Self {
        let configuration = if ballot.pid == 0 { 0 } else { CONFIGURATION };
        Self::with(configuration, ballot.n, 0, ballot.pid.into())
    }
}

/// What a log lacks, from a place on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sync {
    /// How many entries stay.
    pub kept: Index,
    /// What follows them.
    pub suffix: Box<[Command]>,
}

/// A place in a leader's stream to one follower: the session and the number within it.
type Place = (u32, u32);

/// A message of the crate; `omnipaxos::messages` says what its fields mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the fields are the crate's")]
pub enum Message {
    /// `HeartbeatRequest`.
    Heartbeat { round: u32 },
    /// `HeartbeatReply`.
    HeartbeatReply { round: u32, ballot: Ballot, leader: Ballot, happy: bool },
    /// `PrepareReq`: a replica that lost something asks to be prepared again.
    PrepareRequest { n: Ballot },
    /// `Prepare`.
    Prepare { n: Ballot, decided: Index, accepted_in: Ballot, accepted: Index },
    /// `Promise`, with what the leader lacks.
    Promise {
        n: Ballot,
        accepted_in: Ballot,
        decided: Index,
        accepted: Index,
        sync: Option<Box<Sync>>,
    },
    /// `AcceptSync`, with what the follower lacks.
    AcceptSync { n: Ballot, place: Place, decided: Index, sync: Box<Sync> },
    /// `AcceptDecide`.
    AcceptDecide { n: Ballot, place: Place, decided: Index, entries: Box<[Command]> },
    /// `Accepted`.
    Accepted { n: Ballot, accepted: Index },
    /// `NotAccepted`.
    NotAccepted { n: Ballot },
    /// `Decide`.
    Decide { n: Ballot, place: Place, decided: Index },
}

impl Message {
    /// What the crate said; `None` if it is of a kind that is never sent here.
    pub(super) fn from_wire(said: Wire<Write>) -> Option<Self> {
        let said = match said {
            Wire::BLE(BLEMessage { msg: HeartbeatMsg::Request(said), .. }) => {
                return Some(Self::Heartbeat { round: said.round });
            }
            Wire::BLE(BLEMessage { msg: HeartbeatMsg::Reply(said), .. }) => {
                let HeartbeatReply { round, ballot, leader, happy } = said;
                let (ballot, leader) = (ballot.into(), leader.into());
                return Some(Self::HeartbeatReply { round, ballot, leader, happy });
            }
            Wire::SequencePaxos(said) => said.msg,
        };
        Some(match said {
            PaxosMsg::PrepareReq(said) => Self::PrepareRequest { n: said.n.into() },
            PaxosMsg::Prepare(said) => Self::Prepare {
                n: said.n.into(),
                decided: short(said.decided_idx),
                accepted_in: said.n_accepted.into(),
                accepted: short(said.accepted_idx),
            },
            PaxosMsg::Promise(said) => Self::Promise {
                n: said.n.into(),
                accepted_in: said.n_accepted.into(),
                decided: short(said.decided_idx),
                accepted: short(said.accepted_idx),
                sync: said.log_sync.map(|sync| Box::new(sync_of(sync))),
            },
            PaxosMsg::AcceptSync(said) => Self::AcceptSync {
                n: said.n.into(),
                place: place_of(said.seq_num),
                decided: short(said.decided_idx),
                sync: Box::new(sync_of(said.log_sync)),
            },
            PaxosMsg::AcceptDecide(said) => Self::AcceptDecide {
                n: said.n.into(),
                place: place_of(said.seq_num),
                decided: short(said.decided_idx),
                entries: said.entries.iter().map(|write| write.0).collect(),
            },
            PaxosMsg::Accepted(said) => {
                Self::Accepted { n: said.n.into(), accepted: short(said.accepted_idx) }
            }
            PaxosMsg::NotAccepted(said) => Self::NotAccepted { n: said.n.into() },
            PaxosMsg::Decide(said) => Self::Decide {
                n: said.n.into(),
                place: place_of(said.seq_num),
                decided: short(said.decided_idx),
            },
            PaxosMsg::ProposalForward(_)
            | PaxosMsg::Compaction(_)
            | PaxosMsg::AcceptStopSign(_)
            | PaxosMsg::ForwardStopSign(_) => return None,
        })
    }

    /// What the crate hears.
    pub(super) fn to_wire(&self, from: ReplicaId, to: ReplicaId) -> Wire<Write> {
        let (from, to) = (number(from), number(to));
        let paxos = |msg| Wire::SequencePaxos(PaxosMessage { from, to, msg });
        let gossip = |msg| Wire::BLE(BLEMessage { from, to, msg });
        match *self {
            Self::Heartbeat { round } => gossip(HeartbeatMsg::Request(HeartbeatRequest { round })),
            Self::HeartbeatReply { round, ballot, leader, happy } => {
                let (ballot, leader) = (ballot.into(), leader.into());
                gossip(HeartbeatMsg::Reply(HeartbeatReply { round, ballot, leader, happy }))
            }
            Self::PrepareRequest { n } => paxos(PaxosMsg::PrepareReq(PrepareReq { n: n.into() })),
            Self::Prepare { n, decided, accepted_in, accepted } => {
                paxos(PaxosMsg::Prepare(Prepare {
                    n: n.into(),
                    decided_idx: decided as usize,
                    n_accepted: accepted_in.into(),
                    accepted_idx: accepted as usize,
                }))
            }
            Self::Promise { n, accepted_in, decided, accepted, ref sync } => {
                paxos(PaxosMsg::Promise(Promise {
                    n: n.into(),
                    n_accepted: accepted_in.into(),
                    decided_idx: decided as usize,
                    accepted_idx: accepted as usize,
                    log_sync: sync.as_deref().map(wire_sync),
                }))
            }
            Self::AcceptSync { n, place, decided, ref sync } => {
                paxos(PaxosMsg::AcceptSync(AcceptSync {
                    n: n.into(),
                    seq_num: wire_place(place),
                    decided_idx: decided as usize,
                    log_sync: wire_sync(sync),
                }))
            }
            Self::AcceptDecide { n, place, decided, ref entries } => {
                paxos(PaxosMsg::AcceptDecide(AcceptDecide {
                    n: n.into(),
                    seq_num: wire_place(place),
                    decided_idx: decided as usize,
                    entries: entries.iter().copied().map(Write).collect(),
                }))
            }
            Self::Accepted { n, accepted } => {
                let accepted_idx = accepted as usize;
                paxos(PaxosMsg::Accepted(Accepted { n: n.into(), accepted_idx }))
            }
            Self::NotAccepted { n } => paxos(PaxosMsg::NotAccepted(NotAccepted { n: n.into() })),
            Self::Decide { n, place, decided } => paxos(PaxosMsg::Decide(Decide {
                n: n.into(),
                seq_num: wire_place(place),
                decided_idx: decided as usize,
            })),
        }
    }
}

fn sync_of(wire: LogSync<Write>) -> Sync {
    let suffix = wire.suffix.iter().map(|write| write.0).collect();
    Sync { kept: short(wire.sync_idx), suffix }
}

fn wire_sync(sync: &Sync) -> LogSync<Write> {
    LogSync {
        decided_snapshot: None,
        suffix: sync.suffix.iter().copied().map(Write).collect(),
        sync_idx: sync.kept as usize,
        stopsign: None,
    }
}

fn place_of(wire: SequenceNumber) -> Place {
    (wire.session as u32, wire.counter as u32)
}

fn wire_place((session, counter): Place) -> SequenceNumber {
    SequenceNumber { session: session.into(), counter: counter.into() }
}

/// Indexes of the crate may be wider than ours; no run comes near the end of either.
fn short(wide: usize) -> Index {
    Index::try_from(wide).unwrap_or(Index::MAX)
}

/// The crate numbers its nodes from 1.
pub(super) fn number(replica: ReplicaId) -> u64 {
    u64::from(replica.0) + 1
}

/// What a packet carries: a message of the crate and its place in the session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stamped {
    /// Its place; none if a liar says it besides all that it says in the session.
    pub stamp: Option<Stamp>,
    /// What the crate said.
    pub message: Message,
}

impl ProtocolMessage for Stamped {
    fn kind(&self) -> &'static str {
        self.message.kind()
    }

    fn fact(&self) -> Fact {
        self.message.fact()
    }

    #[inline]
    fn digest(&self) -> [u64; 2] {
        let [first, second] = self.message.digest();
        let place = self.stamp.map_or(u64::MAX, |stamp| words(stamp.session, stamp.number));
        [first, second ^ place.rotate_left(32)]
    }

    /// Heartbeats go over the same connections as all else, which keep the order: none overtakes
    /// what waits for a disk.
    fn is_sign_of_life(&self) -> bool {
        false
    }

    fn entries(&self) -> usize {
        self.message.entries()
    }
}

impl Message {
    /// See [`ProtocolMessage::fact`].
    fn fact(&self) -> Fact {
        match self {
            Self::Heartbeat { round } => counts!("oc-hb-request", round),
            Self::HeartbeatReply { ballot, leader, happy, .. } => {
                fact!("oc-hb-reply", ballot = *ballot, leader = *leader, happy = *happy)
            }
            Self::PrepareRequest { n } => fact!("oc-prepare-req", ballot = *n),
            Self::Prepare { n, .. } => fact!("oc-prepare", ballot = *n),
            Self::Promise { n, accepted_in, decided, accepted, sync } => {
                let sync = sync.as_ref().map_or_else(|| "none".into(), |sync| sync.fact());
                fact!("oc-promise", ballot = *n, accepted, of = *accepted_in, decided, sync)
            }
            Self::AcceptSync { n, sync, .. } => {
                fact!("oc-accept-sync", ballot = *n, sync = sync.fact())
            }
            Self::AcceptDecide { n, entries, .. } => {
                fact!("oc-accept-decide", ballot = *n, entries = commands(entries))
            }
            Self::Accepted { n, accepted } => fact!("oc-accepted", accepted, ballot = *n),
            Self::NotAccepted { n } => fact!("oc-not-accepted", ballot = *n),
            Self::Decide { n, decided, .. } => fact!("oc-decide", decided, ballot = *n),
        }
    }

    /// See [`ProtocolMessage::kind`].
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Heartbeat { .. } => "heartbeat",
            Self::HeartbeatReply { .. } => "heartbeat-reply",
            Self::PrepareRequest { .. } => "prepare-request",
            Self::Prepare { .. } => "prepare",
            Self::Promise { .. } => "promise",
            Self::AcceptSync { .. } | Self::AcceptDecide { .. } => "accept",
            Self::Accepted { .. } | Self::NotAccepted { .. } => "accepted",
            Self::Decide { .. } => "decide",
        }
    }

    #[inline]
    fn entries(&self) -> usize {
        match self {
            Self::Promise { sync, .. } => {
                sync.as_ref().map_or(0, |of| 2 + of.suffix.len().div_ceil(2))
            }
            Self::AcceptSync { sync, .. } => 2 + sync.suffix.len().div_ceil(2),
            Self::AcceptDecide { entries, .. } => entries.len().div_ceil(2),
            Self::Heartbeat { .. }
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
        let ballot = |of: &Ballot| words(of.n, u32::from(of.pid) << 8);
        match self {
            Self::Heartbeat { round } => [1 << 32, u64::from(*round)],
            Self::HeartbeatReply { round, ballot: own, leader, happy } => {
                let kind = words(*round, 2 + 16 * u32::from(*happy));
                [ballot(own) ^ 2 << 32, ballot(leader).rotate_left(20) ^ kind]
            }
            Self::PrepareRequest { n } => [ballot(n) ^ 3 << 32, 0],
            Self::Prepare { n, decided, accepted, .. } => {
                [ballot(n) ^ 4 << 32, words(*decided, *accepted)]
            }
            Self::Promise { n, decided, accepted, .. } => {
                [ballot(n) ^ 5 << 32, words(*decided, *accepted)]
            }
            Self::AcceptSync { n, place, decided, sync } => {
                let lengths = words(sync.kept, sync.suffix.len() as u32).rotate_left(16);
                [ballot(n) ^ 6 << 32 ^ lengths, words(place.0, place.1) ^ u64::from(*decided) << 16]
            }
            Self::AcceptDecide { n, place, decided, entries } => {
                let length = (entries.len() as u64) << 48;
                [ballot(n) ^ 7 << 32 ^ length, words(place.0, place.1) ^ u64::from(*decided) << 16]
            }
            Self::Accepted { n, accepted } => [ballot(n) ^ 8 << 32, u64::from(*accepted)],
            Self::NotAccepted { n } => [ballot(n) ^ 9 << 32, 0],
            Self::Decide { n, place, decided } => {
                [ballot(n) ^ 10 << 32, words(place.0, place.1) ^ u64::from(*decided) << 16]
            }
        }
    }
}

const fn words(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}

/// "5 of n2": numbers alone do not tell ballots apart.
impl From<Ballot> for Arg {
    fn from(ballot: Ballot) -> Self {
        match ballot.pid {
            0 => Fact::from("none").into(),
            owner => fact!("of", number = ballot.n, owner = format!("n{owner}")).into(),
        }
    }
}

/// "after 6: write 7".
impl Sync {
    fn fact(&self) -> Fact {
        fact!("after", kept = self.kept, suffix = commands(&self.suffix))
    }
}
