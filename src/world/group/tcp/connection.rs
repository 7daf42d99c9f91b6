//! One connection, from its sender's end and from its receiver's: numbers alone, no packets.

use super::super::lies::Lied;
use crate::clock::Micros;
use crate::protocol::Message;

/// Messages that a receiver keeps for a process that does not read them.
pub(super) const WINDOW: u32 = 64;
/// Messages that a sender keeps, those under way included; one more, and it gives the connection
/// up.
pub(super) const BUFFER: usize = 256;
/// The retransmission timeout adds at least that to the round trip, as Linux has it
/// (`TCP_RTO_MIN`); RFC 6298 says 1 s.
pub(super) const RTO_MIN: Micros = Micros::from_millis(200);
/// It doubles up to that: Linux, `TCP_RTO_MAX`.
const RTO_MAX: Micros = Micros::from_secs(120);
/// Time between two tries of a handshake: RFC 6298, section 2.1, for a first packet.
pub(super) const RETRY: Micros = Micros::from_secs(1);

/// How a connection stands, at its sender's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// What is said is sent.
    Open,
    /// There is none, and one is asked for: what is said is lost.
    Connecting,
    /// Its sender does not run.
    Closed,
}

/// A message that a sender keeps until it is acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) message: Message,
    /// What it carries, for the meter.
    pub(super) entries: u32,
    /// How often it was sent so far.
    pub(super) sent: u8,
    /// How many packets with it are under way.
    pub(super) under_way: u32,
    /// If it is a lie.
    pub(super) lie: Option<Box<Lied>>,
}

/// All that one replica sends another.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) phase: Phase,
    /// Its number among those of this pair, one after the other: packets of another are of no use.
    pub(super) number: u32,
    /// What is not acknowledged, in order, from message `acked` on.
    pub(super) kept: Vec<Kept>,
    /// All before this one are acknowledged.
    pub(super) acked: u32,
    /// All before this one were sent.
    pub(super) sent: u32,
    /// For how many from `acked` on the receiver has room.
    pub(super) window: u32,
    /// Those before this one that are not acknowledged are taken for lost.
    pub(super) lost: u32,
    /// The smoothed round trip and its variation (RFC 6298, section 2), once there was one.
    trip: Option<(Micros, Micros)>,
    /// The retransmission timeout as it is now.
    pub(super) rto: Micros,
    /// When it last got on: something was acknowledged, or begun after a rest.
    pub(super) since: Micros,
    /// When something is to be done again; never, if all is acknowledged.
    pub(super) deadline: Micros,
    /// When the queue will look at that; never, if it does not hold it.
    pub(super) queued: Micros,
    /// At the receiver's end, the number of the connection that it knows.
    pub(super) known: Option<u32>,
    /// The one whose messages `expected` and `early` are: also when it is not known any more.
    pub(super) counted: u32,
    /// All before this one were handed to the receiver's process.
    pub(super) expected: u32,
    /// Those that came before their turn: their number, the place of the envelope.
    pub(super) early: Vec<(u32, u32)>,
}

impl Connection {
    /// One that both ends know, and nothing was said on.
    pub(super) const fn open() -> Self {
        Self {
            phase: Phase::Open,
            number: 0,
            kept: Vec::new(),
            acked: 0,
            sent: 0,
            window: WINDOW,
            lost: 0,
            trip: None,
            rto: RTO_MIN,
            since: Micros::ZERO,
            deadline: Micros::NEVER,
            queued: Micros::NEVER,
            known: Some(0),
            counted: 0,
            expected: 0,
            early: Vec::new(),
        }
    }

    /// Begins the sender's end anew, as the next connection of this pair.
    pub(super) const fn renew(&mut self, phase: Phase, now: Micros) {
        self.phase = phase;
        self.number += 1;
        (self.acked, self.sent, self.lost) = (0, 0, 0);
        self.window = WINDOW;
        self.trip = None;
        self.rto = RTO_MIN;
        self.since = now;
        self.deadline = Micros::NEVER;
    }

    /// True if something that was sent is not acknowledged.
    pub(super) const fn is_waiting(&self) -> bool {
        self.sent > self.acked
    }

    /// A packet with that message is under way no longer.
    pub(super) fn has_landed(&mut self, number: u32, message: u32) {
        if self.number == number && message >= self.acked {
            self.kept[(message - self.acked) as usize].under_way -= 1;
        }
    }

    /// True if the receiver has that message, also if it came before its turn, or had it when its
    /// process ended.
    pub(super) fn has_arrived(&self, number: u32, message: u32) -> bool {
        let is_early = || self.early.iter().any(|(early, _)| *early == message);
        self.counted == number && (message < self.expected || is_early())
    }

    /// Those that came before their turn, the bit of the one after `expected` first.
    pub(super) fn selective(&self) -> u64 {
        let bit = |(early, _): &(u32, u32)| 1 << (early - self.expected);
        self.early.iter().map(bit).fold(0, |all, one: u64| all | one)
    }

    /// A round trip has taken so long: RFC 6298, section 2.2 and 2.3, and the timeout from it with
    /// Linux's least (`tcp_rtt_estimator`, `__tcp_set_rto`).
    pub(super) fn measure(&mut self, took: Micros) {
        let (smooth, vary) = match self.trip {
            None => (took, Micros(took.0 / 2)),
            Some((smooth, vary)) => {
                let off = smooth.0.abs_diff(took.0);
                (Micros((7 * smooth.0 + took.0) / 8), Micros((3 * vary.0 + off) / 4))
            }
        };
        self.trip = Some((smooth, vary));
        self.rto = (smooth + Micros(4 * vary.0).max(RTO_MIN)).min(RTO_MAX);
    }

    /// Twice as long until the next time, RFC 6298, section 5.5, but no longer than until the
    /// connection is given up.
    pub(super) fn back_off(&mut self, now: Micros, timeout: Micros) {
        self.rto = Micros(2 * self.rto.0).min(RTO_MAX);
        self.deadline = (now + self.rto).min(self.since + timeout);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6298, section 2, by hand: R = 100 ms, then 180 ms.
    #[test]
    fn the_timeout_follows_the_round_trip() {
        let mut connection = Connection::open();
        connection.measure(Micros::from_millis(100));
        assert_eq!(connection.rto, Micros::from_millis(100 + 4 * 50));
        connection.measure(Micros::from_millis(180));
        // SRTT = 7/8 of 100 + 1/8 of 180 = 110; RTTVAR = 3/4 of 50 + 1/4 of 80 = 57.5.
        assert_eq!(connection.rto, Micros::from_millis(110 + 4 * 57 + 2));
        let mut short = Connection::open();
        short.measure(Micros(800));
        assert_eq!(short.rto, RTO_MIN + Micros(800));
    }

    #[test]
    fn it_doubles_up_to_the_most_and_never_past_the_end() {
        let mut connection = Connection::open();
        let timeout = Micros::from_secs(600);
        let mut waits = Vec::new();
        for _ in 0..12 {
            connection.back_off(Micros::ZERO, timeout);
            waits.push(connection.rto.0 / 1_000);
        }
        let doubled = [400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 102_400];
        assert_eq!(waits[..9], doubled);
        assert_eq!(waits[9..], [120_000; 3]);
        connection.back_off(Micros::from_secs(4), Micros::from_secs(5));
        assert_eq!(connection.deadline, Micros::from_secs(5));
    }

    #[test]
    fn what_came_early_is_one_bit_each() {
        let early = vec![(4, 0), (6, 1), (66, 2)];
        let connection = Connection { expected: 3, early, ..Connection::open() };
        assert_eq!(connection.selective(), 1 << 1 | 1 << 3 | 1 << 63);
        let has = |message| connection.has_arrived(0, message);
        assert!(has(0) && has(2) && has(4) && has(66) && !has(3) && !has(5));
        assert!(!connection.has_arrived(1, 0));
    }
}
