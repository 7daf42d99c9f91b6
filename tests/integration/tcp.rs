//! `transport tcp`: a link that is dead one way, and what replicas believe.

use std::collections::BTreeSet;

use halflink::clock::Micros;
use halflink::protocol::Protocol;
use halflink::protocol::catalogue::Family;
use halflink::scenario::link::{decode, encode};
use halflink::scenario::text::parse;
use halflink::scenario::{Bounds, Scenario, Transport};
use halflink::timeline::Timeline;
use halflink::view::{CauseKind, FlowState, View};
use halflink::words::ENGLISH;

use crate::support::{Finished, run_to_end, scenario, secs, size};

/// n3 leads three, or four where some may lie, and writes are tried.
fn group(protocol: Protocol, transport: &str, action: &str, seed: u32) -> Scenario {
    let members = if protocol.family() == Family::Byzantine { 4 } else { 3 };
    let servers: Vec<_> = (1..=members).map(|rack| format!("r{rack}.s1")).collect();
    scenario(&format!(
        "halflink 1\ntitle \"TCP\"\nplant {members} racks of 1 server, 2 disks each\n\
         cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\n\
         transport {transport}\nseed {seed}\nwrite every 300ms\n\
         at 0s elect n3\nat 3s {action}\nrun 60s\n",
        servers.join(" ")
    ))
}

/// Whom each replica believed to lead from `from` to the end, nobody included.
fn believed(finished: &Finished, from: Micros) -> Vec<BTreeSet<Option<u8>>> {
    let beliefs = finished.history.beliefs.iter();
    let of = |beliefs: &Vec<(Micros, Option<halflink::protocol::Belief>)>| {
        let before = beliefs.iter().rposition(|(at, _)| *at < from).unwrap_or(0);
        let own = beliefs[before..].iter().map(|(_, belief)| belief.and_then(|one| one.leader));
        own.map(|leader| leader.map(|leader| leader.0)).collect()
    };
    beliefs.map(of).collect()
}

/// The protocols that have a leader whom a cut may cost something, and each option of Raft.
const PROTOCOLS: [Protocol; 6] = [
    Protocol::Raft,
    Protocol::RaftPrevoteCheckquorum,
    Protocol::EtcdRaft,
    Protocol::EtcdRaftPrevoteCheckquorum,
    Protocol::Vr,
    Protocol::Zab,
];

/// Both directions between n1 and n3, several protocols and seeds: over TCP what is believed from
/// 20 s on, 12 s after the connections were given up, is what is believed where both directions
/// are cut. With datagrams it is not: for each protocol there is a direction that makes another
/// difference.
#[test]
fn over_tcp_a_cut_one_way_is_believed_like_one_both_ways() {
    let from = secs(20);
    for protocol in PROTOCOLS {
        let mut differs = 0;
        for seed in 1..=size(5, 20) {
            let beliefs = |transport, action| {
                let finished = run_to_end(group(protocol, transport, action, seed));
                finished.assert_safe(protocol.name());
                (believed(&finished, from), finished.outcome())
            };
            let both = beliefs("tcp", "cut n1 <-> n3");
            for action in ["cut n1 -> n3", "cut n3 -> n1"] {
                let what = format!("{protocol}, seed {seed}, {action}");
                assert_eq!(beliefs("tcp", action), both, "{what}");
                differs += u32::from(beliefs("datagram", action) != both);
            }
        }
        assert!(differs > 0, "{protocol}: with datagrams one way is like both");
    }
}

#[test]
fn the_line_is_read_printed_and_carried_by_links() {
    let base = group(Protocol::Raft, "tcp", "cut n1 -> n3", 1);
    assert_eq!(base.group().transport, Transport::Tcp { timeout: Transport::TIMEOUT });
    assert!(base.to_string().contains("\ntransport tcp\n"));
    for (line, printed) in [
        ("tcp, timeout 1.5s", "transport tcp, timeout 1.5s\n"),
        ("tcp, timeout 5s", "transport tcp\n"),
    ] {
        let scenario = group(Protocol::Raft, line, "cut n1 -> n3", 1);
        let text = scenario.to_string();
        assert!(text.contains(printed), "{text}");
        assert_eq!(parse(&text).as_ref(), Ok(&scenario));
        let link = encode(&text, None);
        assert_eq!(parse(&decode(&link).expect("it is one").text).as_ref(), Ok(&scenario));
    }
    let plain = group(Protocol::Raft, "datagram", "cut n1 -> n3", 1);
    assert!(!plain.to_string().contains("transport"));
}

#[test]
fn what_it_cannot_be_is_said_at_its_place() {
    let (least, most) = (Bounds::CONNECTION_MIN, Bounds::SPAN_MAX);
    let bounds = format!("is {least} to {most}");
    for (line, column, words) in [
        ("quic", 11, "expected what carries messages: tcp or datagram, found `quic`"),
        ("tcp, timeout 5ms", 24, bounds.as_str()),
        ("tcp, timeout 601s", 24, bounds.as_str()),
        ("tcp timeout 5s", 15, "expected `,`"),
        ("tcp, timeout", 23, "after how long a connection is given up"),
    ] {
        let text = format!("{}transport {line}\n", minimal());
        let wrong = parse(&text).expect_err("it cannot be");
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        let said = ENGLISH.tell("diagnostic", &wrong[0].fact, &Default::default());
        assert!(said.contains(words), "{line}: {said}");
        assert_eq!(wrong[0].column, column, "{line}: {said}");
    }
}

fn minimal() -> String {
    group(Protocol::Raft, "datagram", "cut n1 -> n3", 1).to_string()
}

/// The page is told why a way that is whole carries nothing, and how a packet fared whose
/// acknowledgement died.
#[test]
fn the_page_shows_what_became_of_a_whole_direction() {
    let scenario = group(Protocol::RaftPrevoteCheckquorum, "tcp", "cut n1 -> n3", 1);
    let mut timeline = Timeline::new(scenario);
    let window = Micros::from_millis(900);
    let flow = |view: &View| {
        let flow = view.flows.iter().find(|flow| (flow.from, flow.to) == (2, 0));
        flow.expect("each pair has one").clone()
    };
    let before = View::of(&mut timeline, secs(2), window);
    assert_eq!(flow(&before).state, FlowState::Up);
    assert!(flow(&before).impaired.is_empty());

    let waiting = View::of(&mut timeline, Micros::from_millis(4_700), window);
    let told = flow(&waiting);
    assert_eq!((told.state, told.why), (FlowState::Impaired, None));
    let said: Vec<_> =
        told.impaired.iter().map(|fact| halflink::words::told("impaired", fact)).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("acknowledgements die"), "{said:?}");
    assert!(said[1].contains("unacknowledged"), "{said:?}");
    let mut own = waiting.packets.iter().filter(|packet| (packet.from, packet.to) == (2, 0));
    let unheard = own.clone().find(|packet| packet.unheard.is_some()).expect("its answer died");
    assert_eq!(unheard.died, None);
    assert_eq!(unheard.unheard.expect("it is").kind, CauseKind::Flow);
    assert!(own.any(|packet| packet.again > 0), "the oldest is sent again");

    let given_up = View::of(&mut timeline, secs(12), window);
    let told = flow(&given_up);
    assert_eq!(told.state, FlowState::Dead);
    assert_eq!(told.why.expect("it is dead").kind, CauseKind::NotConnected);
    let lost = given_up.packets.iter().filter_map(|packet| packet.died.map(|died| died.kind));
    assert!(lost.into_iter().any(|kind| kind == CauseKind::NotConnected));
}
