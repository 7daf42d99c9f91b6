//! The connections of a group, and what is under way on them.

use super::connection::{Connection, Kept, Phase};
use crate::clock::Micros;
use crate::fault::ReplicaId;

/// Who sends, and who receives, over a connection.
pub(super) type Ends = (ReplicaId, ReplicaId);

/// The connections of a group.
#[derive(Clone, Debug)]
pub(in crate::world::group) struct Tcp {
    /// How long a sender waits for an acknowledgement.
    pub(super) timeout: Micros,
    replicas: u8,
    /// By sender, then by receiver.
    pub(super) connections: Vec<Connection>,
    /// Under way, by place; those in `free` are not.
    pub(super) frames: Vec<Frame>,
    free: Vec<u32>,
}

/// Something under way, of the connection of that number between two ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) ends: Ends,
    pub(super) connection: u32,
    /// When it left, or when that left which it answers.
    pub(super) sent: Micros,
    pub(super) what: What,
}

/// What it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// To the receiver: that message, in the envelope in that place.
    Data { message: u32, place: u32 },
    /// To the receiver: a connection is asked for.
    Open,
    /// To the receiver: whether there is room again.
    Probe,
    /// To the sender: all before that message are there, and of those behind it these; so much room
    /// there is.
    Ack { expected: u32, selective: u64, window: u32 },
    /// To the sender: the connection that it asked for is there.
    Opened,
    /// To the sender: nobody here knows of that connection.
    Refused,
    /// Nothing: the place is free.
    None,
}

/// A connection, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionState {
    /// How it stands.
    pub phase: Phase,
    /// True if its receiver has no room.
    pub is_full: bool,
    /// How often the oldest message was sent again.
    pub again: u8,
    /// Messages that were sent and are not acknowledged.
    pub unacknowledged: u32,
    /// Messages that wait until they can be sent.
    pub unsent: u32,
    /// Since when nothing gets on, if something waits.
    pub since: Micros,
    /// When it is given up, if nothing gets on until then.
    pub given_up: Option<Micros>,
}

impl Tcp {
    /// All connections of a group, open.
    pub(in crate::world::group) fn between(replicas: u8, timeout: Micros) -> Box<Self> {
        let count = usize::from(replicas).pow(2);
        let connections = (0..count).map(|_| Connection::open()).collect();
        Box::new(Self { timeout, replicas, connections, frames: Vec::new(), free: Vec::new() })
    }

    pub(super) fn place(&self, (from, to): Ends) -> usize {
        from.index() * usize::from(self.replicas) + to.index()
    }

    pub(super) fn at(&mut self, ends: Ends) -> &mut Connection {
        let place = self.place(ends);
        &mut self.connections[place]
    }

    /// When a look at a connection that is queued for `at` becomes an event, if it does.
    pub(in crate::world::group) fn runs_out(&self, ends: Ends, at: Micros) -> Option<Micros> {
        let connection = &self.connections[self.place(ends)];
        let is_queued = connection.queued == at && connection.deadline != Micros::NEVER;
        is_queued.then_some(connection.deadline)
    }

    /// What senders keep, for the meter.
    pub(in crate::world::group) fn held(&self) -> u64 {
        let kept = self.connections.iter().flat_map(|connection| &connection.kept);
        kept.map(|kept| 1 + u64::from(kept.entries)).sum()
    }

    /// About how many bytes a clone takes, besides what is held.
    pub(in crate::world::group) fn weight(&self) -> usize {
        let kept: usize = self.connections.iter().map(|one| one.kept.len()).sum();
        self.connections.len() * size_of::<Connection>()
            + self.frames.len() * size_of::<Frame>()
            + kept * size_of::<Kept>()
    }

    /// How a connection stands.
    pub(in crate::world::group) fn state(&self, ends: Ends) -> ConnectionState {
        let connection = &self.connections[self.place(ends)];
        let &Connection { phase, ref kept, acked, sent, since, .. } = connection;
        let unacknowledged = sent - acked;
        let waits = !kept.is_empty() || phase == Phase::Connecting;
        let given_up = (waits && phase == Phase::Open).then_some(since + self.timeout);
        ConnectionState {
            phase,
            is_full: phase == Phase::Open && connection.window == 0,
            again: kept.first().map_or(0, |kept| kept.sent.saturating_sub(1)),
            unacknowledged,
            unsent: u32::try_from(kept.len()).expect("at most BUFFER") - unacknowledged,
            since,
            given_up,
        }
    }

    /// Puts something under way; its place.
    pub(super) fn put(&mut self, frame: Frame) -> u32 {
        if let Some(place) = self.free.pop() {
            self.frames[place as usize] = frame;
            return place;
        }
        self.frames.push(frame);
        u32::try_from(self.frames.len() - 1).expect("few are under way")
    }

    /// Takes what is under way in that place.
    pub(super) fn take(&mut self, place: u32) -> Frame {
        self.free.push(place);
        let frame = self.frames[place as usize];
        self.frames[place as usize].what = What::None;
        frame
    }
}
