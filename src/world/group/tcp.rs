//! Messages over connections: `transport tcp`.
//!
//! Each ordered pair of replicas has one connection: what n1 tells n2 goes over another than what
//! n2 tells n1, as etcd's streams do (`rafthttp`: each carries messages one way; there whoever
//! receives dials, here whoever sends, and its two streams per direction are one). All stand at
//! time zero.
//!
//! Modelled, one message to a segment:
//!
//! - Messages are numbered, handed to the receiver's process in order and once, and acknowledged
//!   cumulatively, each as it comes (RFC 9293, section 3.4 and 3.8). An acknowledgement is a packet
//!   of its own on the way back, with that way's faults: a link that is dead one way takes the
//!   acknowledgements of what still arrives the other way.
//! - What is not acknowledged is sent again after the retransmission timeout: the oldest, and then
//!   each time twice as much later (RFC 6298, section 5). The timeout is the smoothed round trip
//!   and four times its variation, with Linux's least, 200 ms, and most, 120 s. A round trip is
//!   measured by the time that a packet brings back (RFC 7323). What the receiver says that it has
//!   out of turn is not sent again (RFC 2018).
//! - After the user timeout without any progress the sender gives the connection up (RFC 9293,
//!   section 3.9.1; Linux: `TCP_USER_TIMEOUT`, which counts a closed window, too). Nobody tells the
//!   receiver, and nothing is reset. What was not acknowledged is lost, and what is said until
//!   there is another connection is lost at once. The next one takes a packet each way; the first
//!   packet is sent anew every second (each time after twice as long, in RFC 6298, section 5.7).
//! - A process that is paused reads nothing. Its kernel goes on acknowledging, until 64 messages
//!   wait for it: then the sender's window is closed, and it probes. After the user timeout it
//!   drops its slow consumer. So it does, whoever reads, when it would hold more than 256 messages
//!   (NATS has such a limit in bytes; etcd drops the message and keeps the connection).
//! - A process that ends takes its connections along. Its kernel refuses what comes for them, and
//!   the sender asks for another. A server without power refuses nothing.
//!
//! Not modelled: bytes and sizes, congestion control and fast retransmission (RFC 5681), tail loss
//! probes (RFC 8985): after a loss all waits for the timeout; delayed acknowledgements, keepalives,
//! the close by both ends, and the third packet of the handshake. What a process had handed over
//! and nobody acknowledged is lost when it ends, as if its kernel had ended with it.

mod connection;
mod frames;

#[cfg(test)]
mod tests;

use super::lies::Lied;
use super::post::Envelope;
use super::{EventKind, Group, Packet, Pending, Watch};
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::network::{Reason, Verdict};
use crate::protocol::Message;
use crate::world::event::{Fate, Segment};
use connection::{BUFFER, Kept, RETRY, WINDOW};
use frames::{Ends, Frame, What};

pub use connection::Phase;
pub use frames::ConnectionState;
pub(super) use frames::Tcp;

impl Group {
    /// A group's connections; asked for only where there are some.
    fn tcp(&mut self) -> &mut Tcp {
        self.tcp.as_mut().expect("only TCP comes here")
    }

    /// A replica says something to another.
    #[cold]
    #[inline(never)]
    pub(super) fn send_over_tcp(
        &mut self,
        ends: Ends,
        (message, entries): (&Message, u32),
        lie: Option<&Lied>,
        sink: &mut Watch<'_>,
    ) {
        let now = self.now;
        let lie = lie.map(|lie| Box::new(lie.clone()));
        let kept = Kept { message: message.clone(), entries, sent: 0, under_way: 0, lie };
        let connection = self.tcp().at(ends);
        let number = connection.acked + connection.kept.len() as u32;
        let lost = match connection.phase {
            _ if kept.lie.as_ref().is_some_and(|lie| lie.is_withheld()) => Some(Reason::Withheld),
            Phase::Open => None,
            Phase::Connecting | Phase::Closed => Some(Reason::NotConnected),
        };
        if let Some(reason) = lost {
            return self.lose(ends, (number, &kept), reason, sink);
        }
        if connection.kept.is_empty() {
            connection.since = now;
        }
        connection.kept.push(kept);
        if connection.kept.len() > BUFFER {
            let is_full = connection.window == 0;
            let reason = if is_full { Reason::SlowConsumer } else { Reason::Backlog };
            return self.give_up(ends, reason, sink);
        }
        self.send_what_fits(ends, sink);
    }

    /// Sends what the receiver has room for, and waits for what comes of it.
    fn send_what_fits(&mut self, ends: Ends, sink: &mut Watch<'_>) {
        loop {
            let connection = self.tcp().at(ends);
            let end = connection.acked + connection.kept.len() as u32;
            if connection.sent >= end.min(connection.acked + connection.window) {
                break;
            }
            connection.sent += 1;
            let message = connection.sent - 1;
            self.send_segment(ends, message, sink);
        }
        let now = self.now;
        let connection = self.tcp().at(ends);
        if connection.kept.is_empty() {
            connection.deadline = Micros::NEVER;
        } else if connection.deadline == Micros::NEVER {
            connection.deadline = now + connection.rto;
        }
        self.wait(ends);
    }

    /// Has the queue come back to a connection when its time comes.
    fn wait(&mut self, ends: Ends) {
        let connection = self.tcp().at(ends);
        let at = connection.deadline;
        if at < connection.queued {
            connection.queued = at;
            self.queue.push(at, Pending::Retransmit(ends.0, ends.1));
        }
    }

    /// Sends a message, for the first time or again.
    fn send_segment(&mut self, ends: Ends, message: u32, sink: &mut Watch<'_>) {
        let connection = self.tcp().at(ends);
        let (number, place) = (connection.number, (message - connection.acked) as usize);
        // Taken out for as long as that takes: nothing here reads them.
        let mut all = std::mem::take(&mut connection.kept);
        let kept = &mut all[place];
        kept.sent = kept.sent.saturating_add(1);
        self.mix(13, u64::from(message), u64::from(kept.sent));
        let route = self.network.route(ends.0, ends.1);
        let said = Some(&kept.message);
        let (verdict, copy) = self.network.send_impaired(route, said, &mut self.rng);
        for (verdict, is_copy) in [(Some(verdict), false), (copy, true)] {
            let Some(mut verdict) = verdict else { continue };
            if let Some(lie) = &kept.lie {
                verdict = lie.verdict(verdict);
            }
            let id = self.announce_packet(ends, (message, kept), (verdict, is_copy), sink);
            let Verdict::Delivered(after) = verdict else { continue };
            kept.under_way += 1;
            self.meter.copy(u64::from(kept.entries));
            let place = self.post.seal(id, ends, (&mut kept.message.clone(), kept.entries));
            let what = What::Data { message, place };
            let frame = Frame { ends, connection: number, sent: self.now, what };
            self.launch(frame, after);
        }
        self.tcp().at(ends).kept = all;
    }

    /// Tells whoever watches of a packet; its number.
    fn announce_packet(
        &mut self,
        (from, to): Ends,
        (message, kept): (u32, &Kept),
        (verdict, is_copy): (Verdict, bool),
        sink: &mut Watch<'_>,
    ) -> u64 {
        let id = self.meter.send(kept.entries);
        let connection = self.tcp().at((from, to)).number;
        let segment = Segment { connection, message, again: kept.sent.saturating_sub(1) };
        let packet = Packet {
            id: self.in_run(id),
            group: self.number,
            from,
            to,
            sent: self.now,
            message: &kept.message,
            verdict,
            lie: kept.lie.as_ref().map(|lie| (lie.number, &lie.truth)),
            is_copy: is_copy || segment.again > 0,
            segment: Some(segment),
        };
        sink.packet(packet, &self.network);
        match verdict {
            Verdict::Delivered(after) => self.mix(7, after.0, 0),
            Verdict::Dropped { lanes, .. } => self.mix(8, u64::from(lanes), 0),
        }
        id
    }

    /// A message is lost before it leaves.
    fn lose(&mut self, ends: Ends, message: (u32, &Kept), reason: Reason, sink: &mut Watch<'_>) {
        let verdict = Verdict::Dropped { lanes: 0, reason, after: Micros::ZERO };
        self.announce_packet(ends, message, (verdict, false), sink);
    }

    /// Puts something under way that arrives.
    fn launch(&mut self, frame: Frame, after: Micros) {
        let place = self.tcp().put(frame);
        self.queue.push(self.now + after, Pending::Frame(place));
    }

    /// Sends what carries no message, from the end that it leaves to the other; why it is lost, if
    /// it is.
    fn send_frame(&mut self, frame: Frame) -> Option<Reason> {
        let (from, to) = frame.ends;
        let goes_back =
            matches!(frame.what, What::Ack { .. } | What::Opened | What::Refused | What::None);
        self.meter.step();
        let network = &self.network;
        let route = if goes_back { network.way_back(from, to) } else { network.route(from, to) };
        // A copy tells nothing new.
        match self.network.send_impaired(route, None, &mut self.rng).0 {
            Verdict::Delivered(after) => {
                self.mix(14, after.0, 0);
                self.launch(frame, after);
                None
            }
            Verdict::Dropped { lanes, reason, .. } => {
                self.mix(15, u64::from(lanes), 0);
                Some(reason)
            }
        }
    }

    /// Something arrives.
    #[cold]
    #[inline(never)]
    pub(super) fn arrive(&mut self, place: u32, sink: &mut Watch<'_>) -> EventKind {
        let frame = self.tcp().take(place);
        let (from, to) = frame.ends;
        match frame.what {
            What::Data { message, place } => {
                return self.take_segment(frame, (message, place), sink);
            }
            What::Open | What::Probe => self.answer_frame(frame, sink),
            What::Ack { .. } | What::Opened | What::Refused | What::None => {
                self.hear_back(frame, sink);
            }
        }
        self.mix(16, u64::from(from.0), u64::from(to.0));
        EventKind::Transport { from, to }
    }

    /// A message arrives at its receiver's server.
    fn take_segment(
        &mut self,
        frame: Frame,
        (message, place): (u32, u32),
        sink: &mut Watch<'_>,
    ) -> EventKind {
        let (from, to) = frame.ends;
        let &Envelope { id, entries, .. } = self.post.at(place);
        self.mix(17, u64::from(message), id);
        let is_up = self.processes[to.index()].up;
        let connection = self.tcp().at(frame.ends);
        connection.has_landed(frame.connection, message);
        if !is_up || connection.known != Some(frame.connection) {
            let reason = if is_up { Reason::NotConnected } else { Reason::ReceiverDown };
            self.post.free(place, entries);
            sink.lost(self.in_run(id), self.now, reason);
            self.refuse(frame);
            return EventKind::Lost { to };
        }
        if connection.has_arrived(frame.connection, message) {
            self.post.free(place, entries);
            sink.fares(self.in_run(id), Fate::Repeated);
        } else {
            assert!(message - connection.expected < WINDOW, "a sender keeps to its window");
            connection.early.push((message, place));
            self.hand_over(frame.ends, sink);
        }
        if let Some(reason) = self.acknowledge(frame) {
            sink.fares(self.in_run(id), Fate::Unacknowledged(reason));
        }
        EventKind::Transport { from, to }
    }

    /// Hands the process what is there of what it should hear next: it hears one after the other.
    fn hand_over(&mut self, ends: Ends, sink: &mut Watch<'_>) {
        loop {
            let connection = self.tcp().at(ends);
            let expected = connection.expected;
            let next = connection.early.iter().position(|(message, _)| *message == expected);
            let Some(next) = next else { return };
            let (_, place) = connection.early.swap_remove(next);
            connection.expected += 1;
            let id = self.in_run(self.post.at(place).id);
            sink.fares(id, Fate::Taken);
            self.queue.push(self.now, Pending::Deliver(place));
        }
    }

    /// Tells the sender what is there; why that is lost, if it is.
    fn acknowledge(&mut self, frame: Frame) -> Option<Reason> {
        let (from, to) = frame.ends;
        let waiting = self.processes[to.index()].held_from(from, &self.post);
        let connection = self.tcp().at(frame.ends);
        let (expected, selective) = (connection.expected, connection.selective());
        let window = WINDOW.saturating_sub(waiting);
        self.send_frame(Frame { what: What::Ack { expected, selective, window }, ..frame })
    }

    /// A server whose kernel runs says that it knows nothing of a connection.
    fn refuse(&mut self, frame: Frame) {
        if self.active_faults.alive(self.server(frame.ends.1)) {
            self.send_frame(Frame { what: What::Refused, ..frame });
        }
    }

    /// At a receiver's server a connection is asked for, or whether there is room.
    fn answer_frame(&mut self, frame: Frame, sink: &mut Watch<'_>) {
        let is_up = self.processes[frame.ends.1.index()].up;
        let is_known = self.tcp().at(frame.ends).known == Some(frame.connection);
        if matches!(frame.what, What::Open) && is_up {
            if !is_known {
                self.forget(frame.ends, Reason::NotConnected, sink);
                let connection = self.tcp().at(frame.ends);
                connection.known = Some(frame.connection);
                (connection.counted, connection.expected) = (frame.connection, 0);
            }
            self.send_frame(Frame { what: What::Opened, ..frame });
        } else if is_up && is_known {
            self.acknowledge(frame);
        } else {
            self.refuse(frame);
        }
    }

    /// The receiver's end is gone: what came before its turn never gets it.
    fn forget(&mut self, ends: Ends, reason: Reason, sink: &mut Watch<'_>) {
        let connection = self.tcp().at(ends);
        connection.known = None;
        for (_, place) in std::mem::take(&mut connection.early) {
            let &Envelope { id, entries, .. } = self.post.at(place);
            self.post.free(place, entries);
            sink.lost(self.in_run(id), self.now, reason);
        }
    }

    /// A sender's server hears from the other end.
    fn hear_back(&mut self, frame: Frame, sink: &mut Watch<'_>) {
        let now = self.now;
        let connection = self.tcp().at(frame.ends);
        if connection.number != frame.connection {
            return;
        }
        match (connection.phase, frame.what) {
            (Phase::Open, What::Ack { expected, selective, window }) => {
                self.hear_ack(frame, (expected, selective, window), sink);
            }
            (Phase::Open, What::Refused) => self.give_up(frame.ends, Reason::Refused, sink),
            (Phase::Connecting, What::Opened) => {
                connection.phase = Phase::Open;
                connection.deadline = Micros::NEVER;
                connection.measure(now.since(frame.sent));
            }
            // One that is closed hears nothing, and one that asks for a connection asks again.
            (
                Phase::Open | Phase::Connecting | Phase::Closed,
                What::Ack { .. }
                | What::Opened
                | What::Refused
                | What::Data { .. }
                | What::Open
                | What::Probe
                | What::None,
            ) => {}
        }
    }

    fn hear_ack(
        &mut self,
        frame: Frame,
        (expected, selective, window): (u32, u64, u32),
        sink: &mut Watch<'_>,
    ) {
        let now = self.now;
        let connection = self.tcp().at(frame.ends);
        let Some(news) = expected.checked_sub(connection.acked) else { return };
        if news > 0 || window > connection.window {
            connection.since = now;
            connection.measure(now.since(frame.sent));
            connection.deadline = Micros::NEVER;
        }
        connection.kept.drain(..news as usize);
        (connection.acked, connection.window) = (expected, window);
        let lost = connection.lost.min(connection.sent);
        if news > 0 && lost > expected {
            connection.lost = 0;
            for message in (expected..lost).filter(|one| selective >> (one - expected) & 1 == 0) {
                self.send_segment(frame.ends, message, sink);
            }
        }
        self.send_what_fits(frame.ends, sink);
    }

    /// A connection's time may have come: something is sent again, or it is given up.
    #[cold]
    #[inline(never)]
    pub(super) fn retransmit(&mut self, ends: Ends, sink: &mut Watch<'_>) -> Option<EventKind> {
        let now = self.now;
        let tcp = self.tcp();
        let timeout = tcp.timeout;
        let connection = tcp.at(ends);
        if connection.queued != now {
            return None;
        }
        connection.queued = Micros::NEVER;
        if connection.deadline > now {
            self.wait(ends);
            return None;
        }
        self.mix(18, u64::from(ends.0.0), u64::from(ends.1.0));
        let connection = self.tcp().at(ends);
        let is_waiting = connection.is_waiting();
        let gives_up = now.since(connection.since) >= timeout;
        if connection.phase == Phase::Connecting {
            self.ask_for_connection(ends);
        } else if gives_up {
            let reason = if is_waiting { Reason::TimedOut } else { Reason::SlowConsumer };
            self.give_up(ends, reason, sink);
        } else {
            connection.back_off(now, timeout);
            let (connection, oldest) = (connection.number, connection.acked);
            if is_waiting {
                let sender = self.tcp().at(ends);
                sender.lost = sender.sent;
                self.send_segment(ends, oldest, sink);
            } else {
                self.send_frame(Frame { ends, connection, sent: now, what: What::Probe });
            }
            self.wait(ends);
        }
        Some(EventKind::Transport { from: ends.0, to: ends.1 })
    }

    /// The sender gives a connection up, and asks for another.
    fn give_up(&mut self, ends: Ends, reason: Reason, sink: &mut Watch<'_>) {
        self.drop_connection(ends, (reason, Phase::Connecting), sink);
        self.ask_for_connection(ends);
    }

    /// What nobody acknowledged and is not there in spite of that is lost.
    fn drop_connection(
        &mut self,
        ends: Ends,
        (reason, then): (Reason, Phase),
        sink: &mut Watch<'_>,
    ) {
        let now = self.now;
        let connection = self.tcp().at(ends);
        let (number, first) = (connection.number, connection.acked);
        let kept = std::mem::take(&mut connection.kept);
        for (message, kept) in (first..).zip(&kept) {
            let is_there = self.tcp().at(ends).has_arrived(number, message);
            if kept.sent == 0 || !(is_there || kept.under_way > 0) {
                self.lose(ends, (message, kept), reason, sink);
            }
        }
        self.tcp().at(ends).renew(then, now);
    }

    /// Asks for a connection, and again in a while.
    fn ask_for_connection(&mut self, ends: Ends) {
        let now = self.now;
        let sender = self.tcp().at(ends);
        let connection = sender.number;
        sender.deadline = now + RETRY;
        self.send_frame(Frame { ends, connection, sent: now, what: What::Open });
        self.wait(ends);
    }

    /// A replica's process ends, and its ends of all connections with it.
    #[cold]
    #[inline(never)]
    pub(super) fn hang_up(&mut self, id: ReplicaId, sink: &mut Watch<'_>) {
        for other in self.replicas().filter(|&other| other != id) {
            self.drop_connection((id, other), (Reason::SenderDown, Phase::Closed), sink);
            self.forget((other, id), Reason::ReceiverDown, sink);
        }
    }

    /// A replica's process starts: it asks for its connections.
    #[cold]
    #[inline(never)]
    pub(super) fn connect(&mut self, id: ReplicaId) {
        for other in self.replicas().filter(|&other| other != id) {
            self.tcp().at((id, other)).phase = Phase::Connecting;
            self.ask_for_connection((id, other));
        }
    }

    /// A replica's process goes on and reads what waited: there is room again.
    #[cold]
    #[inline(never)]
    pub(super) fn make_room(&mut self, id: ReplicaId) {
        for other in self.replicas().filter(|&other| other != id) {
            let ends = (other, id);
            if let Some(connection) = self.tcp().at(ends).known {
                let sent = self.now;
                self.acknowledge(Frame { ends, connection, sent, what: What::None });
            }
        }
    }
}
