//! The connections that the crate is made for. It is written for TCP: what one replica says to
//! another arrives in order and once, and whoever runs it calls `reconnected` when a connection is
//! made again after it was lost (`OmniPaxos::reconnected`, and "meant to refer to a TCP session" at
//! `SequenceNumber`).
//!
//! Packets here may be lost and overtake each other. So two replicas share the number of their
//! session, and each numbers what it says in it. Whoever hears something too early keeps it back.
//! If what was missing has not come within two heartbeats the connection is lost: the one who
//! missed it begins the next session, the other follows when it hears of that, and both tell the
//! crate. What was said in an older session is not heard any more. Nothing is sent again, unlike in
//! TCP, where loss of a single packet only costs time: a lost packet is a lost connection here.

use super::Message;
use crate::fault::ReplicaId;

/// What is kept back of one flow at most; if more comes, what is missing counts as lost.
const KEPT_MAX: usize = 256;

/// Where a message stands in what one replica says to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The session.
    pub session: u32,
    /// How many came before it in this session.
    pub number: u32,
}

/// One replica's end of its connection with another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct End {
    session: u32,
    /// How many it has said in this session.
    said: u32,
    /// How many it has heard.
    heard: u32,
    /// What came too early, in order of the numbers.
    early: Vec<(u32, Message)>,
    /// True if something was missing already when the timer last ran out.
    waits: bool,
}

/// What comes of a packet or of waiting: in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// True if the connection was lost and is made again.
    pub(super) reconnected: bool,
    /// What the crate is to hear.
    pub(super) messages: Vec<Message>,
}

/// All connections of a replica.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sessions {
    /// By replica; its own place is not used.
    ends: Vec<End>,
}

impl Sessions {
    pub(super) fn new(replicas: u8) -> Self {
        Self { ends: vec![End::default(); usize::from(replicas)] }
    }

    /// The process starts, and makes new connections with everybody.
    pub(super) fn start(&mut self) {
        for end in &mut self.ends {
            end.begin(end.session.saturating_add(1));
        }
    }

    /// The place of what it says next to that replica.
    pub(super) fn stamp(&mut self, to: ReplicaId) -> Stamp {
        let end = &mut self.ends[to.index()];
        let stamp = Stamp { session: end.session, number: end.said };
        end.said = end.said.saturating_add(1);
        stamp
    }

    /// A packet arrives.
    pub(super) fn hear(&mut self, from: ReplicaId, stamp: Stamp, message: &Message) -> Heard {
        let end = &mut self.ends[from.index()];
        let mut heard = Heard::default();
        if stamp.session > end.session {
            end.begin(stamp.session);
            heard.reconnected = true;
        }
        if stamp.session < end.session || stamp.number < end.heard {
            return heard;
        }
        if let Err(place) = end.early.binary_search_by_key(&stamp.number, |(number, _)| *number) {
            end.early.insert(place, (stamp.number, message.clone()));
        }
        end.take_what_is_due(&mut heard.messages);
        if end.early.len() > KEPT_MAX {
            end.begin(end.session.saturating_add(1));
            heard.reconnected = true;
        }
        heard
    }

    /// True if something is missing on any connection.
    pub(super) fn is_waiting(&self) -> bool {
        self.ends.iter().any(|end| !end.early.is_empty())
    }

    /// A heartbeat has passed while something was missing: those with whom the connection is lost.
    pub(super) fn lost(&mut self) -> Vec<ReplicaId> {
        let mut lost = Vec::new();
        for (place, end) in (0..).zip(&mut self.ends) {
            let misses = !end.early.is_empty();
            if misses && end.waits {
                end.begin(end.session.saturating_add(1));
                lost.push(ReplicaId(place));
            } else {
                end.waits = misses;
            }
        }
        lost
    }
}

impl End {
    fn begin(&mut self, session: u32) {
        *self = Self { session, ..Self::default() };
    }

    fn take_what_is_due(&mut self, due: &mut Vec<Message>) {
        let expected = self.heard;
        let ready = (expected..).zip(&self.early).take_while(|(next, (number, _))| next == number);
        let count = ready.count();
        if count > 0 {
            due.extend(self.early.drain(..count).map(|(_, message)| message));
            self.heard += count as u32;
            self.waits = false;
        }
    }
}
