//! What connections promise, over random runs; and what they do, by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::super::{Event, Fate, Packet, Sink, World};
use super::{BUFFER, What};
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::network::{Network, Reason, Verdict};
use crate::rng::Rng;
use crate::scenario::text::parse;
use crate::scenario::{Scenario, Transport, arbitrary};
use crate::world::EventKind;

/// Sender, receiver, connection.
type Way = (ReplicaId, ReplicaId, u32);

/// All that is to be seen of messages.
#[derive(Default)]
struct Ledger {
    /// By packet, its message.
    packets: BTreeMap<u64, (Way, u32)>,
    /// By message, what it says.
    said: BTreeMap<(Way, u32), String>,
    /// The messages that the receiver's process was handed, in order.
    taken: BTreeMap<Way, Vec<u32>>,
    /// Why messages were lost for good.
    lost: BTreeMap<(Way, u32), Reason>,
    /// The same where a packet of it arrived and nobody was there.
    lost_there: BTreeMap<(Way, u32), Reason>,
    /// Packets that came again.
    repeated: usize,
    /// Acknowledgements that died.
    unacknowledged: usize,
    /// When which message was sent again.
    again: Vec<(Micros, Way, u32)>,
    now: Micros,
}

impl Sink for Ledger {
    fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
        let Packet { id, from, to, sent, message, verdict, segment, .. } = packet;
        let segment = segment.expect("all packets belong to connections");
        let way = (from, to, segment.connection);
        self.now = sent;
        if let Verdict::Dropped { reason, .. } = verdict
            && is_final(reason)
        {
            if self.packets.values().any(|known| *known == (way, segment.message)) {
                assert!(!self.is_taken((way, segment.message)), "{way:?} has it, and it is lost");
            }
            // What never was on a connection has no number of its own.
            if !matches!(reason, Reason::NotConnected | Reason::Withheld) {
                let before = self.lost.insert((way, segment.message), reason);
                assert_eq!(before, None, "{way:?}");
            }
            return;
        }
        if segment.again > 0 {
            self.again.push((sent, way, segment.message));
        }
        self.packets.insert(id, (way, segment.message));
        let said =
            self.said.entry((way, segment.message)).or_insert_with(|| format!("{message:?}"));
        assert_eq!(*said, format!("{message:?}"), "what is sent again is the same");
    }

    fn lost(&mut self, id: u64, _at: Micros, reason: Reason) {
        if let Some(message) = self.packets.get(&id)
            && !self.is_taken(*message)
        {
            self.lost_there.entry(*message).or_insert(reason);
        }
    }

    fn fares(&mut self, id: u64, fate: Fate) {
        match fate {
            Fate::Taken => {
                // What was said at the start was seen by nobody.
                let Some(&(way, message)) = self.packets.get(&id) else { return };
                let taken = self.taken.entry(way).or_default();
                let due = taken.last().map(|last| last + 1).or((way.2 > 0).then_some(0));
                assert!(due.is_none_or(|due| due == message), "{way:?}: {message} is not {due:?}");
                taken.push(message);
                let lost = self.lost.get(&(way, message));
                assert_eq!(lost, None, "{way:?}: {message} was lost, and comes");
            }
            Fate::Repeated => self.repeated += 1,
            Fate::Unacknowledged(_) => self.unacknowledged += 1,
        }
    }
}

impl Ledger {
    fn is_taken(&self, (way, message): (Way, u32)) -> bool {
        self.taken.get(&way).and_then(|taken| taken.last()).is_some_and(|last| message <= *last)
    }

    /// What was taken of all that was sent on that pair's connections.
    fn heard(&self, from: u8, to: u8) -> usize {
        let own = self.taken.iter().filter(|((one, other, _), _)| (one.0, other.0) == (from, to));
        own.map(|(_, taken)| taken.len()).sum()
    }

    fn reasons(&self, from: u8, to: u8) -> BTreeSet<String> {
        let own =
            self.lost.iter().filter(|(((one, other, _), _), _)| (one.0, other.0) == (from, to));
        own.map(|(_, reason)| format!("{reason:?}")).collect()
    }
}

/// Runs it to its end, and shows each event.
fn run(scenario: &Scenario, mut each: impl FnMut(&World, Event)) -> (World, Ledger) {
    let mut world = World::new(Arc::new(scenario.clone()));
    let mut ledger = Ledger::default();
    while let Some(event) = world.step(&mut ledger) {
        each(&world, event);
    }
    (world, ledger)
}

/// True for what befalls messages, and not packets.
fn is_final(reason: Reason) -> bool {
    match reason {
        Reason::TimedOut
        | Reason::SlowConsumer
        | Reason::Backlog
        | Reason::Refused
        | Reason::SenderDown
        | Reason::NotConnected
        | Reason::Withheld => true,
        Reason::Lane(_)
        | Reason::Gray(_)
        | Reason::TooLarge(_)
        | Reason::Flow
        | Reason::NoRoute(_)
        | Reason::ReceiverDown
        | Reason::ReceiverFull => false,
    }
}

/// What is still somewhere at the end: with its sender, under way, or before its turn.
fn is_somewhere(world: &World, (way, message): (Way, u32)) -> bool {
    let (from, to, number) = way;
    let tcp = world.group(0).tcp.as_ref().expect("it is TCP");
    let connection = &tcp.connections[tcp.place((from, to))];
    let is_kept = connection.number == number && message >= connection.acked;
    let is_early = connection.known == Some(number)
        && connection.early.iter().any(|(early, _)| *early == message);
    let is_under_way = tcp.frames.iter().any(|frame| {
        let is_it = matches!(frame.what, What::Data { message: one, .. } if one == message);
        is_it && frame.ends == (from, to) && frame.connection == number
    });
    is_kept || is_early || is_under_way
}

fn over_tcp(number: u32) -> Scenario {
    let mut rng = Rng::new(7_000 + number);
    let mut scenario = loop {
        let drawn = arbitrary::scenario(&mut rng);
        if !drawn.group().protocol.is_generals() && drawn.group().replicas() > 1 {
            break drawn;
        }
    };
    let short = Micros::from_millis(u64::from(200 + rng.below(3_000)));
    let timeout = if rng.percent(50) { short } else { Transport::TIMEOUT };
    scenario.group_mut().transport = Transport::Tcp { timeout };
    scenario
}

/// On each connection what arrives is a beginning of what was sent, in order and once; and nothing
/// is gone without a reason.
#[test]
fn what_arrives_is_a_beginning_of_what_was_sent_and_nothing_vanishes() {
    let (mut repeated, mut lost, mut taken) = (0, BTreeSet::new(), 0);
    for number in 0..60 {
        let scenario = over_tcp(number);
        let (world, ledger) = run(&scenario, |_, _| {});
        for &message in ledger.packets.values() {
            let is_lost = ledger.lost.contains_key(&message);
            let is_known =
                is_lost || ledger.is_taken(message) || ledger.lost_there.contains_key(&message);
            let is_somewhere = is_known || is_somewhere(&world, message);
            assert!(is_somewhere, "number {number}: {message:?} is nowhere\n{scenario}");
        }
        let bounds = world.group(0).tcp.as_ref().expect("it is TCP");
        assert!(bounds.connections.iter().all(|one| one.kept.len() <= BUFFER));
        let under_way = bounds.frames.iter().filter(|frame| !matches!(frame.what, What::None));
        assert!(under_way.count() <= 40_000, "number {number}");
        repeated += ledger.repeated;
        taken += ledger.taken.values().map(Vec::len).sum::<usize>();
        let reasons = ledger.lost.values().chain(ledger.lost_there.values());
        lost.extend(reasons.map(|reason| format!("{reason:?}")));
    }
    assert!(taken > 10_000 && repeated > 10, "{taken} {repeated}");
    for reason in ["TimedOut", "Refused", "SenderDown", "ReceiverDown"] {
        assert!(lost.contains(reason), "{lost:?}");
    }
}

/// A checkpoint is a clone: it goes on as if there had been none, and the next event comes when it
/// is said to.
#[test]
fn a_clone_goes_on_alike_and_the_next_event_is_known() {
    for number in 0..20 {
        let scenario = Arc::new(over_tcp(100 + number));
        let mut world = World::new(Arc::clone(&scenario));
        let half = Micros(scenario.until.0 / 2);
        while world.now() < half {
            let known = world.next_at();
            let event = world.step(&mut ());
            assert_eq!(known, event.map(|event| event.at), "number {number}\n{scenario}");
            if event.is_none() {
                break;
            }
        }
        let mut copy = world.clone();
        while copy.step(&mut ()).is_some() {}
        while world.step(&mut ()).is_some() {}
        assert_eq!(copy.trace_hash(), world.trace_hash(), "number {number}\n{scenario}");
        assert_eq!(copy.events(), world.events());
    }
}

/// n1 leads n2 and n3 without chance in the network, so all times are exact but for the elections.
fn three(more: &str) -> Scenario {
    let text = format!(
        "halflink 1\ntitle \"TCP\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster c: raft+prevote+checkquorum on r1.s1 r2.s1 r3.s1\n\
         timing heartbeat 100ms, election 1s..2s\nnetwork hop 200us, jitter 0s\n\
         transport tcp\nseed 1\nat 0s elect n1\n{more}"
    );
    parse(&text).unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

/// n2 -> n1 is dead: all that n1 says still arrives at n2, once, until nothing of it was
/// acknowledged for 5 s. From then on neither hears the other, until the link is back.
#[test]
fn a_link_that_is_dead_one_way_is_dead_both_ways_after_the_timeout() {
    let scenario = three("at 3s cut n2 -> n1\nat 20s heal n2 -> n1\nrun 30s\n");
    let (mut heard, mut open) = (Vec::new(), Vec::new());
    let (_, ledger) = run(&scenario, |world, event| {
        if let EventKind::Delivered { from: ReplicaId(0), to: ReplicaId(1) } = event.kind {
            heard.push(event.at);
        }
        let state = world.group(0).connection(ReplicaId(0), ReplicaId(1)).expect("it is TCP");
        open.push((event.at, state.phase));
    });
    let between = |from, to| {
        let (from, to) = (Micros::from_secs(from), Micros::from_secs(to));
        heard.iter().filter(|at| (from..to).contains(*at)).count()
    };
    assert!(between(3, 8) >= 49, "a heartbeat each 100 ms: {}", between(3, 8));
    assert_eq!(between(9, 20), 0);
    assert!(between(22, 30) > 50);
    let reset = open.iter().find(|(_, phase)| *phase == super::Phase::Connecting);
    let reset = reset.expect("it is given up").0;
    let (from, to) = (Micros::from_millis(8_000), Micros::from_millis(8_150));
    assert!((from..to).contains(&reset), "{reset}");
    assert!(ledger.repeated > 0 && ledger.unacknowledged > 40);
    // The way that is dead itself: not one message of n2 comes through, until another connection.
    assert_eq!(ledger.reasons(1, 0), BTreeSet::from(["TimedOut".to_owned()]));
}

/// RFC 6298, section 5: 200 ms and the round trip of 1.6 ms, then twice as long each time.
#[test]
fn what_is_not_acknowledged_is_sent_again_ever_more_rarely() {
    let scenario = three("at 3.05s cut n1 -> n2\nrun 9s\n");
    let (_, ledger) = run(&scenario, |_, _| {});
    let cut = Micros::from_secs(3);
    let own = ledger.again.iter().filter(|(at, way, _)| *at > cut && (way.0.0, way.1.0) == (0, 1));
    let again: Vec<_> = own.collect();
    let first = again[0].2;
    assert!(again.iter().all(|(_, _, message)| *message == first), "the oldest alone");
    let waits: Vec<u64> =
        again.windows(2).map(|two| two[1].0.since(two[0].0).0.div_ceil(1_000)).collect();
    assert_eq!(waits, [404, 807, 1_613], "{again:?}");
}

/// What a lane loses comes later, and is not lost.
#[test]
fn loss_becomes_delay() {
    let scenario = three("at 1s lose 20% of n1 <-> n2\nwrite every 50ms\nrun 40s\n");
    let (world, ledger) = run(&scenario, |_, _| {});
    assert!(ledger.again.len() > 50);
    assert_eq!(ledger.lost, BTreeMap::new());
    assert!(ledger.heard(0, 1) > 500 && world.delivered() > 1_000);
}

/// Every packet comes twice, and every message once.
#[test]
fn copies_are_thrown_away() {
    let scenario = three("at 1s duplicate 100% of n1 -> n2\nrun 10s\n");
    let (_, ledger) = run(&scenario, |_, _| {});
    assert!(ledger.repeated >= 90, "{}", ledger.repeated);
    assert_eq!(ledger.lost, BTreeMap::new());
    // A copy is acknowledged, too, and that makes nobody send anything again.
    assert_eq!(ledger.again, []);
}

/// One that is paused is acknowledged to, until its window is full; then its sender drops it.
#[test]
fn a_slow_consumer_is_dropped() {
    for (every, reason, by) in [("100ms", "SlowConsumer", 15), ("2ms", "SlowConsumer", 6)] {
        let more =
            format!("write every {every}\nat 3s pause r2.s1\nat 60s resume r2.s1\nrun 70s\n");
        let scenario = three(&more);
        let (mut dropped, mut full) = (None, false);
        let (_, ledger) = run(&scenario, |world, event| {
            let state = world.group(0).connection(ReplicaId(0), ReplicaId(1)).expect("it is TCP");
            full |= state.is_full;
            if event.at > Micros::from_secs(3) && state.phase == super::Phase::Connecting {
                dropped.get_or_insert(event.at);
            }
        });
        assert!(full);
        let dropped = dropped.expect("it is given up");
        assert!(dropped < Micros::from_secs(by), "{every}: {dropped}");
        assert!(ledger.reasons(0, 1).contains(reason), "{:?}", ledger.reasons(0, 1));
    }
}

/// A process that ends takes its connections along, and its kernel says so; one without power says
/// nothing.
#[test]
fn a_dead_process_refuses_and_a_dead_server_is_silent() {
    for (act, reason, late) in [("crash", "Refused", 200), ("fail", "TimedOut", 5_200)] {
        let scenario = three(&format!("at 3.05s {act} r2.s1\nrun 12s\n"));
        let mut gone = None;
        let (_, ledger) = run(&scenario, |world, event| {
            let state = world.group(0).connection(ReplicaId(0), ReplicaId(1)).expect("it is TCP");
            if event.at > Micros::from_secs(3) && state.phase == super::Phase::Connecting {
                gone.get_or_insert(event.at);
            }
        });
        let gone = gone.expect("it is given up").since(Micros::from_millis(3_050));
        assert!(gone < Micros::from_millis(late), "{act}: {gone}");
        assert!(gone > Micros::from_millis(late / 2 - 90), "{act}: {gone}");
        assert!(ledger.reasons(0, 1).contains(reason), "{act}: {:?}", ledger.reasons(0, 1));
    }
}
