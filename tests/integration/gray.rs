//! What a gray switch may choose by besides whose packet it is: its size.

use halflink::clock::Micros;
use halflink::fault::{Action, ReplicaId};
use halflink::history::before;
use halflink::network::{Network, Reason, Verdict};
use halflink::rng::Rng;
use halflink::scenario::arbitrary::scenario as arbitrary;
use halflink::scenario::library::find;
use halflink::scenario::text::parse;
use halflink::scenario::{Scenario, Transport};
use halflink::timeline::Timeline;
use halflink::view::{CauseKind, FlowState, View};
use halflink::words::{ENGLISH, Names};
use halflink::world::{Packet, Sink, World};

use crate::support::{run_to_end, scenario, secs, size, variant};

const N3: ReplicaId = ReplicaId(2);

fn shipped() -> Scenario {
    scenario(find("mtu-black-hole").expect("it is shipped").text)
}

/// What n3 says: when, how large it is, how many entries it carries, and whether it arrives.
#[derive(Default)]
struct Said(Vec<(Micros, u16, u32, bool)>);

impl Sink for Said {
    fn packet(&mut self, packet: Packet<'_>, _: &Network) {
        if packet.from == N3 {
            let arrives = matches!(packet.verdict, Verdict::Delivered(_));
            let message = packet.message;
            self.0.push((packet.sent, message.bytes(), message.entries(), arrives));
        }
    }
}

fn said(scenario: Scenario) -> Said {
    let mut said = Said::default();
    let mut world = World::new(scenario.into());
    while world.step(&mut said).is_some() {}
    said
}

/// What the notes say, whatever the seed.
#[test]
fn a_backlog_that_is_too_large_never_arrives_and_nobody_doubts_the_leader() {
    let shipped = shipped();
    for more in 0..size(20, 200) {
        let seed = shipped.group().seed + more;
        let finished = run_to_end(variant(&shipped, shipped.group().protocol, seed));
        let history = &finished.history;
        let text = &finished.scenario;
        let stands = |at: &Micros| (secs(9)..secs(24)).contains(at);
        assert!(!history.commits.iter().any(stands), "{text}");
        let later = |(at, _): &&(Micros, _)| *at > secs(1);
        assert_eq!(history.beliefs.iter().flatten().filter(later).count(), 0, "{text}");
        assert_eq!(before(&history.led, secs(31)), Some(Some(N3)), "{text}");

        let said = said(shipped.clone().with(|group| group.seed = seed)).0;
        let within = |from, to| said.iter().filter(move |one| (from..to).contains(&one.0));
        for &(_, bytes, entries, _) in &said {
            assert_eq!(u32::from(bytes), 100 + 100 * entries, "{text}");
        }
        assert!(within(secs(3), secs(8)).all(|one| one.3 && one.1 <= 200), "{text}");
        assert!(within(secs(3), secs(8)).any(|one| one.1 == 200), "{text}");
        let black: Vec<_> = within(Micros::from_millis(8_800), secs(24)).collect();
        assert!(black.iter().all(|one| one.3 == (one.1 <= 1_500)), "{text}");
        assert!(black.iter().filter(|one| one.1 == 100).count() > 250, "heartbeats: {text}");
        let large: Vec<_> = black.iter().filter(|one| one.1 > 200).collect();
        assert!((2_000..2_400).contains(&large[0].1), "{}: {text}", large[0].1);
        assert_eq!(large.last().map(|last| last.2), Some(64), "as much as it may: {text}");
    }
}

/// With TCP a backlog is what it was, one message after another; but a message that is too large
/// holds up all behind it, heartbeats too, until a connection is given up, and in the next again.
#[test]
fn over_tcp_a_backlog_arrives_and_a_large_message_takes_the_heartbeats_along() {
    let timeout = secs(5);
    let shipped = shipped().with(|group| group.transport = Transport::Tcp { timeout });
    let mut owing = shipped.clone();
    let server = owing.group().members[0];
    let crash = [(secs(8), Action::Crash(server)), (secs(11), Action::Restart(server))];
    owing.actions.retain(|(at, _)| *at <= secs(3) || *at >= secs(24));
    owing.actions.extend(crash);
    owing.actions.sort_by_key(|(at, _)| *at);
    for more in 0..size(20, 200) {
        let seed = shipped.group().seed + more;
        let history = run_to_end(variant(&shipped, shipped.group().protocol, seed)).history;
        let stands = |at: &&Micros| (secs(9)..secs(24)).contains(*at);
        assert!(history.commits.iter().filter(stands).count() > 300, "seed {seed}");

        let history = run_to_end(variant(&owing, owing.group().protocol, seed)).history;
        let leader = |at| before(&history.beliefs[0], secs(at)).flatten().map(|one| one.leader);
        assert_eq!([7, 31].map(leader), [Some(Some(N3)); 2], "seed {seed}");
        assert!((12..24).any(|at| leader(at) == Some(None)), "seed {seed}");
        let [lag] = history.lags[..] else { panic!("seed {seed}: {:?}", history.lags) };
        assert_eq!(lag.replica, ReplicaId(0), "seed {seed}");
        assert!(lag.from < secs(12) && lag.to > secs(24), "seed {seed}: {lag:?}");
    }
}

/// Whether large packets die, and only those, on ways that may lose them for nothing else.
#[derive(Default)]
struct Sizes {
    died: u32,
    passed: u32,
}

impl Sink for Sizes {
    fn packet(&mut self, packet: Packet<'_>, network: &Network) {
        let route = network.route_of(packet.from, packet.to, packet.message);
        let Some((most, _)) = route.drops_over().find(|(_, one)| one.percent == 100) else {
            return;
        };
        let bytes = packet.message.bytes();
        match packet.verdict {
            Verdict::Delivered(_) => {
                assert!(bytes <= most, "{bytes} of {most}");
                self.passed += 1;
            }
            Verdict::Dropped { reason: Reason::TooLarge(_), .. } => {
                let least = route.drops_over().map(|(most, _)| most).min();
                assert!(least.is_some_and(|least| bytes > least), "{bytes} of {least:?}");
                self.died += 1;
            }
            Verdict::Dropped { .. } => {}
        }
    }
}

#[test]
fn what_is_large_dies_and_nothing_else_does() {
    let mut sizes = Sizes::default();
    for seed in 0..size(400, 4_000) {
        let mut world = World::new(arbitrary(&mut Rng::new(seed)).into());
        while world.step(&mut sizes).is_some() {}
    }
    assert!(sizes.died > 100 && sizes.passed > 1_000, "{} {}", sizes.died, sizes.passed);
}

#[test]
fn the_page_says_what_is_too_large() {
    let mut timeline = Timeline::new(shipped());
    let view = View::of(&mut timeline, secs(10), secs(1));
    let names = Names::of(timeline.frontier().world().plant(), 3);
    let flow = view.flows.iter().find(|flow| (flow.from, flow.to) == (2, 0)).expect("a flow");
    assert_eq!(flow.state, FlowState::Impaired);
    let told = ENGLISH.tell("impaired", &flow.impaired[0], &names);
    assert_eq!(told, "100% over 1,500 bytes lost");
    let dead = view.packets.iter().find_map(|packet| packet.died.as_ref()).expect("one dies");
    let [told, other] = ["a", "b"].map(|side| format!("r3.tor-{side} drops large packets n3 → n"));
    let why = ENGLISH.tell("cause", dead, &names);
    assert!(why.starts_with(&told) || why.starts_with(&other), "{why}");
    assert!(flow.why.is_some_and(|why| why.kind == CauseKind::TooLarge));
    let tor = names.parts.iter().position(|name| name == "r3.tor-a").expect("it is there");
    let trouble = view.parts[tor].why.as_ref().expect("it is gray");
    assert_eq!(ENGLISH.tell("trouble", trouble, &names), "gray: drops all over 1500 bytes");
}

#[test]
fn a_size_that_cannot_be_is_an_error_where_it_stands() {
    let text = |act: &str| {
        format!(
            "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
             cluster etcd: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
             seed 1\nat 1s {act}\nrun 9s\n"
        )
    };
    let bound = "a size is 100 to 64,000 bytes: no packet has fewer than 100";
    for (act, column, told) in [
        ("gray spine-a drops all over 99 bytes", 35, bound),
        ("gray spine-a drops all over 64001 bytes", 35, bound),
        ("gray spine-a drops all over 99999999999999999999 bytes", 35, bound),
        ("gray spine-a drops all over", 34, "expected a size in bytes, such as 1500, found"),
        ("gray spine-a drops all over 1500", 39, "expected `bytes`, found"),
        ("gray spine-a drops all over 1500 kb", 40, "expected `bytes`, found"),
        ("cut n1 -> n2 over 1500 bytes", 20, "expected the end of the line"),
    ] {
        let wrong = parse(&text(act)).expect_err(act);
        assert_eq!(wrong.len(), 1, "{act}: {wrong:?}");
        assert_eq!((wrong[0].line, wrong[0].column), (7, column), "{act}: {wrong:?}");
        assert!(wrong[0].message().starts_with(told), "{act}: {}", wrong[0].message());
    }
    for act in [
        "gray spine-a drops all over 100 bytes",
        "gray spine-a drops 50% of n1 <-> * over 64000 bytes",
    ] {
        let scenario = scenario(&text(act));
        assert_eq!(scenario.actions[0].1.to_string(), act);
        assert_eq!(parse(&scenario.to_string()), Ok(scenario));
    }
}
