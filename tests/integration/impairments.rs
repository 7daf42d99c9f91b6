//! `delay`, `reorder` and `duplicate`: links that lose nothing and are worse than whole.

use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fault::{ReplicaId, spans};
use halflink::network::{Network, Verdict};
use halflink::scenario::Scenario;
use halflink::scenario::link::{decode, encode};
use halflink::scenario::text::parse;
use halflink::timeline::Timeline;
use halflink::view::{FlowState, LaneState, View};
use halflink::words::{ENGLISH, Names};
use halflink::world::{Packet, Sink, World};

use crate::support::{run_to_end, scenario, secs};

fn text(protocol: &str, actions: &str) -> String {
    format!(
        "halflink 1\ntitle \"t\"\nplant 4 racks of 1 server, 2 disks each\n\
         cluster c: {protocol} on r1.s1 r2.s1 r3.s1 r4.s1\n\
         timing heartbeat 100ms, election 1s..2s\nseed 7\n{actions}run 12s\n"
    )
}

fn raft(actions: &str) -> Scenario {
    scenario(&text("raft", &format!("write every 50ms\n{actions}")))
}

/// When packets from n1 to n2 left and how long they took; and all others.
#[derive(Default)]
struct Seen {
    between: Vec<(Micros, Micros)>,
    copies: usize,
    others: Vec<Micros>,
}

impl Sink for Seen {
    fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
        let Verdict::Delivered(after) = packet.verdict else { return };
        if (packet.from, packet.to) == (ReplicaId(0), ReplicaId(1)) {
            self.between.push((packet.sent, after));
            self.copies += usize::from(packet.is_copy);
        } else {
            assert!(!packet.is_copy);
            self.others.push(after);
        }
    }
}

/// What is seen from 3 s, when those are done, to 6 s.
fn seen(actions: &str) -> Seen {
    let mut world = World::new(Arc::new(raft(&format!("at 0s elect n1\n{actions}"))));
    while world.step_by(secs(3), &mut ()).is_some() {}
    let mut seen = Seen::default();
    while world.step_by(secs(6), &mut seen).is_some() {}
    assert!(seen.between.len() > 60 && seen.others.len() > 200);
    seen
}

#[test]
fn they_are_printed_as_written_and_survive_the_link() {
    for act in [
        "delay n1 -> n2 by 50ms",
        "delay r1.s1 <-> r1.tor-a by 50ms..80ms",
        "reorder 10% of n1 <-> n2 by 20ms",
        "reorder 100% of r1.tor-a -> spine-a by 1us..20ms",
        "duplicate 5% of n1 -> n2",
        "duplicate 100% of n1 -> n2",
        "delay leader -> n2 by 2s",
    ] {
        let text = raft(&format!("at 3s {act}\n")).to_string();
        assert!(text.contains(&format!("at 3s {act}\n")), "{text}");
        assert_eq!(scenario(&text).to_string(), text);
        let link = encode(&text, None);
        assert_eq!(decode(&link).expect("it was just encoded").text, text);
    }
}

#[test]
fn what_cannot_be_is_refused_at_its_word() {
    for (act, column, words) in [
        ("delay n1 -> n2 by 0s", 25, "a delay is longer than 0s"),
        ("delay n1 -> n2 by 601s", 25, "a delay is at most 600s"),
        ("delay n1 -> n2 by 80ms..50ms", 25, "the longest delay comes second"),
        ("delay n1 -> n1 by 50ms", 19, ""),
        ("delay n1 -> n9 by 50ms", 19, ""),
        ("delay n1 -> n2", 21, "expected `by`"),
        ("delay n1 -> n2 50ms", 22, "expected `by`"),
        ("duplicate n1 -> n2", 17, ""),
        ("duplicate 0% of n1 -> n2", 17, "a share is 1% to 100%"),
        ("reorder 101% of n1 -> n2 by 20ms", 15, "a share is 1% to 100%"),
        ("reorder 10% of n1 -> n2 by 0s..0s", 34, "a delay is longer than 0s"),
        ("reorder 10% of r1.s1 -> r2.tor-a by 20ms", 31, "no cable joins"),
    ] {
        let wrong = parse(&text("raft", &format!("at 3s {act}\n"))).expect_err(act);
        let said = ENGLISH.tell("diagnostic", &wrong[0].fact, &Names::default());
        let place = (wrong.len(), wrong[0].line, wrong[0].column);
        assert_eq!(place, (1, 7, column), "{act}: {said}");
        assert!(said.contains(words), "{act}: {said}");
    }
}

/// Four lanes of 200 us, and a tenth of a millisecond of chance.
#[test]
fn a_delay_makes_every_packet_of_that_direction_later() {
    let way = |late: u64| Micros(late + 800)..=Micros(late + 900);
    let whole = seen("");
    assert!(whole.between.iter().all(|(_, after)| way(0).contains(after)));
    for act in ["delay n1 -> n2 by 50ms", "delay r1.s1 -> r1.tor-b by 50ms"] {
        let late = seen(&format!("at 3s {act}\n"));
        assert!(late.between.iter().all(|(_, after)| way(50_000).contains(after)), "{act}");
        // A cable is every flow's that takes it; the flow is its own.
        let touched = late.others.iter().filter(|after| !way(0).contains(after)).count();
        assert_eq!(touched > 0, act.contains("tor"), "{act}");
    }
    // What is on the way adds up, and what is healed is whole.
    let both = "at 3s delay n1 -> n2 by 50ms\nat 3s delay r1.s1 -> r1.tor-b by 20ms\n";
    assert!(seen(both).between.iter().all(|(_, after)| way(70_000).contains(after)));
    for heal in ["heal n1 -> n2", "heal n2", "heal n1 | n2 n3", "delay n1 -> n2 by 1us"] {
        let healed = seen(&format!("at 2s delay n1 -> n2 by 50ms\nat 3s {heal}\n"));
        assert!(healed.between.iter().all(|(_, after)| *after <= Micros(901)), "{heal}");
    }
}

#[test]
fn late_packets_overtake_each_other() {
    let overtaken = |seen: &Seen| {
        let arrive = seen.between.iter().map(|(sent, after)| *sent + *after);
        arrive.clone().zip(arrive.skip(1)).filter(|(one, next)| one > next).count()
    };
    assert_eq!(overtaken(&seen("")), 0);
    assert!(overtaken(&seen("at 3s delay n1 -> n2 by 20ms..90ms\n")) > 10);
    let some = seen("at 3s reorder 10% of n1 -> n2 by 200ms\n");
    assert!(overtaken(&some) > 3);
    let late = some.between.iter().filter(|(_, after)| *after > Micros(200_000)).count();
    assert!(late * 20 > some.between.len() && late * 5 < some.between.len(), "{late}");
}

#[test]
fn a_copy_arrives_besides() {
    assert_eq!(seen("").copies, 0);
    let all = seen("at 3s duplicate 100% of n1 -> n2\n");
    assert_eq!(all.copies * 2, all.between.len());
    let some = seen("at 3s duplicate 20% of n1 -> n2\n");
    assert!(some.copies * 10 > some.between.len() && some.copies * 4 < some.between.len());
    // No copy of a copy, and one of two that are lost is not the other.
    let twice = "at 3s duplicate 100% of n1 -> n2\nat 3s duplicate 100% of r1.s1 -> r1.tor-b\n";
    let mut world = World::new(Arc::new(raft(&format!("at 0s elect n1\n{twice}"))));
    while world.step_by(secs(3), &mut ()).is_some() {}
    let copied = Micros(3_000_000)..Micros(4_000_000);
    let mut sent = Vec::new();
    struct Times<'a>(&'a mut Vec<Micros>);
    impl Sink for Times<'_> {
        fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
            if (packet.from, packet.to) == (ReplicaId(0), ReplicaId(1)) {
                self.0.push(packet.sent);
            }
        }
    }
    while world.step_by(copied.end, &mut Times(&mut sent)).is_some() {}
    assert!(sent.chunks(2).all(|pair| pair[0] == pair[1]), "{sent:?}");
    let lossy = seen(
        "at 3s duplicate 100% of n1 -> n2\nat 3s lose 50% of spine-a <-> r2.tor-b\n\
                      at 3s lose 50% of spine-b <-> r2.tor-b\n",
    );
    let alone = lossy.between.chunk_by(|one, next| one.0 == next.0).filter(|said| said.len() == 1);
    assert!(alone.count() > 5, "of some one copy is lost");
}

/// From when to when each is in force.
#[test]
fn each_is_in_force_until_it_is_lifted_or_replaced() {
    let spans = |actions: &str| {
        let scenario = raft(actions);
        let spans = spans(&scenario.actions, 4, scenario.until);
        let seconds =
            spans.into_iter().map(|span| (span.from.0 / 1_000_000, span.to.0 / 1_000_000));
        seconds.collect::<Vec<_>>()
    };
    let both = "at 1s delay n1 <-> n2 by 50ms\n";
    for (later, ends) in
        [("heal n1 <-> n2", 3), ("heal n2", 3), ("heal n1 n3 | n2", 3), ("heal n1 -> n2", 12)]
    {
        assert_eq!(spans(&format!("{both}at 3s {later}\n")), [(1, ends)], "{later}");
    }
    let again = format!("{both}at 3s delay n2 <-> n1 by 1s\n");
    assert_eq!(spans(&again), [(1, 3), (3, 12)]);
    // A cut is another fault, and a heal ends both.
    for link in ["n1 -> n2", "r1.s1 -> r1.tor-a"] {
        let others = format!(
            "at 1s delay {link} by 50ms\nat 2s cut {link}\nat 3s duplicate 5% of {link}\n\
             at 4s reorder 5% of {link} by 1ms\nat 5s heal {link}\n"
        );
        assert_eq!(spans(&others), [(1, 5), (2, 5), (3, 5), (4, 5)], "{link}");
    }
    let repeated = "every 3s from 1s to 7s delay n1 -> n2 by 50ms for 1s\n";
    assert_eq!(spans(repeated), [(1, 2), (4, 5), (7, 8)]);
}

#[test]
fn the_page_shows_what_a_link_does() {
    let view = |actions: &str| {
        let mut timeline = Timeline::new(raft(actions));
        View::of(&mut timeline, secs(5), Micros(1))
    };
    let told = |facts: &[halflink::fact::Fact]| {
        let each = facts.iter().map(|how| ENGLISH.tell("impaired", how, &Names::default()));
        each.collect::<Vec<_>>().join(", ")
    };
    let all = "at 4s duplicate 5% of n1 -> n2\nat 4s delay n1 -> n2 by 50ms..80ms\n";
    let one = view(all);
    let flow = &one.flows[0];
    assert_eq!((flow.from, flow.to, flow.state), (0, 1, FlowState::Impaired));
    assert_eq!(told(&flow.impaired), "50ms..80ms late, 5% twice");
    assert!(one.flows[1..].iter().all(|flow| flow.state == FlowState::Up));
    let classes: Vec<_> = one.faults.iter().map(|fault| fault.class).collect();
    assert_eq!(classes, ["duplication", "timing"]);
    assert_eq!(one.faults[0].lift.as_deref(), Some("heal n1 -> n2"));
    let lossy = &view(&format!("{all}at 4s lose 40% of n1 -> n2\n")).flows[0];
    assert_eq!((lossy.state, lossy.impaired.len()), (FlowState::Lossy, 2));
    let healed = &view(&format!("{all}at 5s heal n1 -> n2\n")).flows[0];
    assert_eq!((healed.state, healed.impaired.len()), (FlowState::Up, 0));
    let cable = view("at 4s reorder 10% of r1.s1 -> r1.tor-b by 20ms\n");
    let states: Vec<_> = cable.lanes.iter().filter(|lane| lane.state != LaneState::Up).collect();
    assert_eq!(states.len(), 1);
    assert_eq!(
        (states[0].state, &*told(&states[0].impaired)),
        (LaneState::Impaired, "10% 20ms late")
    );
}

/// A3: "the absence of a message can be detected". One that is there when its round is over is
/// absent, so that its line has failed; one that comes in time, or twice, is no failure.
#[test]
fn a_general_who_is_heard_too_late_is_not_heard() {
    for (act, failed) in [
        ("delay n1 -> n2 by 98ms", 0),
        ("delay n1 -> n2 by 99.2ms", 1),
        ("reorder 1% of n1 -> n2 by 1ms..100ms", 1),
        ("duplicate 100% of n1 -> n2", 0),
    ] {
        let army = scenario(&text("generals-om", &format!("at 1s {act}\nat 2s order attack\n")));
        let finished = run_to_end(army);
        let failures = finished.run.group().failures();
        assert_eq!(failures.lines().count(), failed, "{act}");
        finished.assert_safe(act);
    }
}
