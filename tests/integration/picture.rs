//! What a view says of links and replicas: a fault in force is never hidden by another.

use halflink::clock::Micros;
use halflink::session::Session;
use halflink::view::{CauseKind, FlowState, Plan, View};

use crate::support::secs;
use halflink::words::told;

/// Three replicas in racks of their own, seen at 8 s.
fn at_8s(actions: &[&str]) -> View {
    let text = "halflink 1\ntitle \"Faults upon faults\"\nplant 3 racks of 1 server, 2 disks each\n\
                cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
                seed 7\nwrite every 300ms\nat 0s elect n3\nrun 20s\n";
    let mut session = Session::open(text).expect("it parses");
    for act in actions {
        session.act(secs(5), act).expect("it parses");
    }
    View::of(session.timeline_mut(), secs(8), Micros::ZERO)
}

/// How the flow from n3 to n1 is said to be, and by what kind of cause.
fn flow(actions: &[&str]) -> (FlowState, Option<CauseKind>) {
    let view = at_8s(actions);
    let flow = view.flows.iter().find(|flow| (flow.from, flow.to) == (2, 0)).expect("it is there");
    (flow.state, flow.why.map(|why| why.kind))
}

#[test]
fn a_link_that_is_cut_is_shown_cut_whatever_else_fails() {
    let cut = (FlowState::Cut, Some(CauseKind::Flow));
    for others in [
        &[][..],
        &["gray r3.tor-a drops all", "gray r3.tor-b drops all"],
        &["fail r3.s1"],
        &["crash r1.s1"],
        &["cut r3.s1 -> r3.tor-a", "cut r3.s1 -> r3.tor-b"],
        &["fail feed-a", "fail feed-b"],
    ] {
        let actions = [&["cut n3 -> n1"], others].concat();
        assert_eq!(flow(&actions), cut, "{actions:?}");
    }
    assert_eq!(flow(&["fail r3.s1"]).0, FlowState::Dead);
    assert_eq!(flow(&[]), (FlowState::Up, None));
}

#[test]
fn a_replica_that_is_paused_is_shown_paused() {
    let paused = |actions: &[&str]| {
        let view = at_8s(actions);
        view.replicas.iter().map(|replica| (replica.up, replica.paused)).collect::<Vec<_>>()
    };
    let (runs, is_paused, is_down) = ((true, false), (true, true), (false, false));
    assert_eq!(paused(&["pause r2.s1", "crash r3.s1"]), [runs, is_paused, is_down]);
    assert_eq!(paused(&["pause r2.s1", "resume r2.s1"]), [runs, runs, runs]);
    assert_eq!(paused(&["pause r2.s1", "fail r2.s1"]), [runs, is_down, runs]);
}

/// Whoever hears the other story is told by number, the same as in the statement that the form makes.
#[test]
fn a_lie_says_who_hears_the_other_story() {
    let text = "halflink 1\ntitle \"t\"\nplant 5 racks of 1 server, 2 disks each\n\
                cluster c: generals-om on r1.s1 r2.s1 r3.s1 r4.s1 r5.s1\n\
                timing heartbeat 100ms, election 1s..2s\nseed 7\nat 0s order retreat\nrun 20s\n";
    for (statement, toward) in [
        ("traitor n3 equivocate", &[1, 4][..]),
        ("traitor n1 delay 200ms", &[2, 4]),
        ("traitor n3 equivocate to n1 n4", &[0, 3]),
        ("traitor n5 silent-to n1", &[0]),
    ] {
        let mut session = Session::open(text).expect("it parses");
        session.act(Micros::ZERO, statement).expect("it parses");
        let plan = Plan::of_session(&session);
        let view = View::of(session.timeline_mut(), secs(2), secs(2));
        let liar = view.replicas.iter().position(|replica| !replica.lies.is_empty());
        let liar = liar.expect("somebody lies");
        let [lie] = &view.replicas[liar].lies[..] else { panic!("one lie: {statement}") };
        assert_eq!(lie.toward, toward, "{statement}");
        let named = statement.contains(" to ") || statement.contains("silent-to");
        assert_eq!(plan.replicas[liar].toward == toward, !named, "{statement}");
        // What generals say is about an order, whatever its words are.
        assert!(!view.packets.is_empty(), "{statement}");
        for packet in &view.packets {
            let order = packet.order.expect("an order");
            let words = told("message", &packet.words);
            assert!(words.contains(&format!(": {order}")), "{words}");
        }
    }
}
