//! What happens in a world, and who may watch it.

use crate::clock::Micros;
use crate::fault::{PowerChange, ReplicaId, ReplicaSet};
use crate::network::{Network, Reason, Verdict};
use crate::plant::{LaneId, PartId};
use crate::protocol::log::Index;
use crate::protocol::{Command, Message, Timer};
use crate::service::Failure;
use crate::traitor::Instead;

/// A packet as it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Its number, unique in the run.
    pub id: u64,
    /// In which group.
    pub group: u8,
    /// Who sends it.
    pub from: ReplicaId,
    /// Who is to receive it.
    pub to: ReplicaId,
    /// When it leaves.
    pub sent: Micros,
    /// What it carries.
    pub message: &'a Message,
    /// What becomes of it.
    pub verdict: Verdict,
    /// If it is a lie: which one of the run, and what an honest replica would have said.
    pub lie: Option<(u32, &'a Instead)>,
    /// True if the network made it, or a connection sent it again: no replica did.
    pub is_copy: bool,
    /// What it is on its connection, where there are connections.
    pub segment: Option<Segment>,
}

/// A message on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The connection, by its number among those of the pair.
    pub connection: u32,
    /// The message, by its number on it.
    pub message: u32,
    /// How often it was sent before.
    pub again: u8,
}

/// What becomes of a packet on a connection after it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is the next, and goes to the process.
    Taken,
    /// The message was there already.
    Repeated,
    /// Its acknowledgement died on its way back, of that.
    Unacknowledged(Reason),
}

/// Whoever wants to see packets; `()` does not.
pub trait Sink {
    /// How the world sees it.
    fn watch(&mut self) -> Watch<'_>
    where
        Self: Sized,
    {
        Watch(Some(self))
    }

    /// A packet leaves.
    fn packet(&mut self, _packet: Packet<'_>, _network: &Network) {}
    /// A packet that arrived is lost at the receiver after all.
    fn lost(&mut self, _id: u64, _at: Micros, _reason: Reason) {}
    /// So a packet fares that arrived over a connection.
    fn fares(&mut self, _id: u64, _fate: Fate) {}
}

impl Sink for () {
    fn watch(&mut self) -> Watch<'_> {
        Watch(None)
    }
}

/// Somebody who watches, or nobody: the engine is compiled once for both.
pub struct Watch<'a>(pub(super) Option<&'a mut dyn Sink>);

impl Watch<'_> {
    #[inline]
    pub(super) fn packet(&mut self, packet: Packet<'_>, network: &Network) {
        if let Some(sink) = &mut self.0 {
            sink.packet(packet, network);
        }
    }

    pub(super) fn lost(&mut self, id: u64, at: Micros, reason: Reason) {
        if let Some(sink) = &mut self.0 {
            sink.lost(id, at, reason);
        }
    }

    pub(super) fn fares(&mut self, id: u64, fate: Fate) {
        if let Some(sink) = &mut self.0 {
            sink.fares(id, fate);
        }
    }
}

/// What happened in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Micros,
    /// In which group, by its place in the scenario.
    pub group: u8,
    /// What.
    pub kind: EventKind,
}

/// The kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The act of that number among those that concern the group; any replica may have changed.
    Action(u32),
    /// A message reached a replica.
    Delivered {
        /// Who sent it.
        from: ReplicaId,
        /// Who heard it.
        to: ReplicaId,
    },
    /// A packet reached a server whose processes stand still, and waits.
    Held {
        /// Who will hear it.
        to: ReplicaId,
    },
    /// A packet reached a server and was lost there.
    Lost {
        /// Who would have heard it.
        to: ReplicaId,
    },
    /// A timer ran out.
    Timeout(ReplicaId, Timer),
    /// A client tried a write.
    Write {
        /// The write.
        command: Command,
        /// Who got it.
        to: ReplicaSet,
    },
    /// A client came with a request, at a rate.
    Asked {
        /// By its number from 1.
        request: u32,
    },
    /// A client tries its request again.
    AskedAgain {
        /// The same.
        request: u32,
    },
    /// A client gave a try up, and will try again.
    GaveUp {
        /// The same.
        request: u32,
    },
    /// A client gave its last try up.
    Failed {
        /// The same.
        request: u32,
        /// Why.
        failure: Failure,
    },
    /// Something of the connection from one to the other came or went, which neither replica hears.
    Transport {
        /// Who sends over it.
        from: ReplicaId,
        /// Who receives.
        to: ReplicaId,
    },
    /// A replica's disk has kept what was written to it; what hung on that is said now.
    Synced(ReplicaId),
    /// A disk that was replaced has been rebuilt from its mirror.
    Rebuilt(PartId),
    /// The power chain changed of its own; any replica may have changed.
    Power {
        /// Where.
        part: PartId,
        /// How.
        change: PowerChange,
    },
    /// LACP has taken a cable out of its bundle, or put it back.
    Bundle {
        /// Its direction up from the server.
        lane: LaneId,
        /// True if it is out.
        is_out: bool,
    },
    /// A traitor spoke of its own accord, or had nothing to say.
    Mischief(ReplicaId),
    /// A client asked for a read.
    Read {
        /// The read, by its number from 1.
        read: u32,
        /// The leader that it asked; nobody, if its server knows none that runs.
        to: Option<ReplicaId>,
    },
}

/// What a client was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The read.
    pub read: u32,
    /// Who answered.
    pub by: ReplicaId,
    /// It showed its log up to there.
    pub index: Index,
}
