//! `crash leader`: who that is, is known when it is done; what lifts it is done to the same one.

use std::sync::Arc;

use halflink::fault::Action;
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::run::Run;
use halflink::scenario::link::{decode, encode};
use halflink::scenario::text::parse;
use halflink::scenario::{Scenario, arbitrary};
use halflink::session::Session;
use halflink::timeline::Timeline;
use halflink::view::{Strip, View};

use crate::support::{run_to_end, scenario, secs, size, variant};

fn text(lines: &str) -> String {
    format!(
        "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 7\n\
         write every 300ms\nat 0s elect n3\n{lines}run 30s\n"
    )
}

/// What was done, with its time.
fn done(scenario: &Scenario) -> Vec<String> {
    scenario.actions.iter().map(|(at, act)| format!("{at} {act}")).collect()
}

/// The same with what was done in place of what is written; what was done to nobody is left out.
fn spelled_out(scenario: &Scenario) -> Scenario {
    let mut spelled = scenario.clone();
    spelled.actions.retain(|(_, act)| !act.is_open());
    spelled.repeats.clear();
    spelled
}

#[test]
fn it_is_whoever_leads_then_and_what_lifts_it_is_done_to_the_same() {
    let read = text("at 4s crash leader\nat 8s cut leader -> n1\nat 12s restart leader\n");
    let read = format!("{read}at 14s heal leader -> n1\n");
    let written = scenario(&read);
    assert!(written.to_string().contains("at 12s restart leader\n"), "{written}");
    let finished = run_to_end(written.clone());
    let second = finished.history.led.iter().rfind(|(at, _)| *at < secs(8)).and_then(|led| led.1);
    let second = second.expect("somebody was elected by then");
    assert_ne!(second.0, 2);
    let acts = [
        "0s elect n3".to_owned(),
        "4s crash r3.s1".to_owned(),
        format!("8s cut {second} -> n1"),
        "12s restart r3.s1".to_owned(),
        format!("14s heal {second} -> n1"),
    ];
    if second.0 == 0 {
        // n1 has no link to itself: nothing is done, and nothing is lifted.
        assert_eq!(done(&finished.scenario)[2], "8s cut leader -> n1");
    } else {
        assert_eq!(done(&finished.scenario), acts);
    }
    // It is the run of what was done.
    let again = run_to_end(spelled_out(&finished.scenario));
    assert_eq!(finished.trace_hash(), again.trace_hash());
    assert_eq!(finished.outcome(), again.outcome());
    // The scenario of the world is as it is written.
    assert_eq!(**finished.run.group().written(), written);
}

#[test]
fn the_latest_fault_that_is_not_lifted_is_lifted_first() {
    let lines =
        "at 4s pause leader\nat 8s pause leader\nat 9s resume leader\nat 10s resume leader\n";
    let finished = run_to_end(scenario(&text(lines)));
    let acts = done(&finished.scenario);
    assert_eq!(acts[1], "4s pause r3.s1");
    assert_eq!(acts[3], acts[2].replace("8s pause", "9s resume"));
    assert_eq!(acts[4], "10s resume r3.s1");
    // Lines that do it for a time lift their own.
    let lines = "every 9s from 4s to 4s pause leader for 6s\n\
                 every 9s from 8s to 8s pause leader for 5s\n";
    let acts = done(&run_to_end(scenario(&text(lines))).scenario);
    assert_eq!(acts[1], "4s pause r3.s1");
    assert_eq!(acts[3], "10s resume r3.s1");
    assert_eq!(acts[4], acts[2].replace("8s pause", "13s resume"));
}

#[test]
fn wherever_a_replica_or_a_server_stands() {
    for act in [
        "elect leader",
        "cut leader -> n1",
        "cut n1 <-> leader",
        "lose 90% of leader -> n1",
        "isolate leader",
        "partition n1 leader | n2",
        "partition n1 | leader",
        "gray r1.tor-a drops leader -> *",
        "gray r1.tor-a drops 90% of n1 <-> leader",
        "crash leader",
        "pause leader",
        "wipe leader",
        "stall leader.disk",
        "slow leader.disk by 200ms",
        "transfer leader",
        "traitor leader equivocate",
        "traitor leader equivocate to n1",
        "traitor n1 silent-to n2 leader",
    ] {
        let line = format!("at 4s   {act}\n");
        let read = scenario(&text(&format!("at 4s   {act}\n")));
        assert!(read.to_string().contains(&line.replace("   ", " ")), "{read}");
        let acts = done(&run_to_end(read).scenario);
        let named = act.replace("leader", "n3");
        let named = named.replace("crash n3", "crash r3.s1").replace("pause n3", "pause r3.s1");
        let named = named.replace("n3.disk", "r3.s1.disk");
        assert_eq!(acts[1], format!("4s {}", named.replace("wipe n3", "wipe r3.s1")));
    }
    // The papers' words are read, and printed as `leader`.
    for word in ["primary", "proposer", "leader"] {
        let read = scenario(&text(&format!("at 4s crash {word}\nat 5s restart {word}\n")));
        assert!(read.to_string().contains("at 4s crash leader\nat 5s restart leader\n"));
    }
}

#[test]
fn where_nobody_leads_nothing_is_done_and_that_is_said() {
    let lines = "at 4s crash r1.s1\nat 4s crash r2.s1\nat 4s crash r3.s1\nat 6s isolate leader\n\
                 at 8s heal leader\n";
    let mut session = Session::open(&text(lines)).expect("it parses");
    session.timeline_mut().finish();
    let acts = done(session.timeline().scenario());
    assert_eq!(acts[4..], ["6s isolate leader", "8s heal leader"]);
    let told = View::of(session.timeline_mut(), secs(7), secs(1)).consequence.expect("it is known");
    assert_eq!(told.fault, "isolate leader");
    assert!(told.nothing);
    assert!(format!("{:?}", told.said).contains("nobody-leads"), "{:?}", told.said);
    // It is no fault, in force or on the strip.
    let strip = Strip::of(session.timeline());
    assert!(strip.faults.iter().all(|fault| fault.text.starts_with("crash")));
    // And where it is the other end itself.
    let mut session = Session::open(&text("at 4s cut leader -> n3\n")).expect("it parses");
    session.timeline_mut().finish();
    let told = View::of(session.timeline_mut(), secs(5), secs(1)).consequence.expect("it is known");
    assert!(format!("{:?}", told.said).contains("same-replica"), "{:?}", told.said);
    let whole = run_to_end(scenario(&text("at 4s cut leader -> n3\n")));
    assert_eq!(whole.trace_hash(), run_to_end(scenario(&text(""))).trace_hash());
}

#[test]
fn what_is_seen_names_the_replica() {
    let mut session =
        Session::open(&text("every 9s from 4s to 14s crash leader for 4s\n")).expect("it parses");
    // Before it is simulated nobody knows.
    assert!(Strip::of(session.timeline()).faults.is_empty());
    session.timeline_mut().finish();
    let strip = Strip::of(session.timeline());
    let seen: Vec<_> = strip.faults.iter().map(|one| (one.from_us, one.line)).collect();
    assert_eq!(seen, [(4_000_000, Some(0)), (13_000_000, Some(0))]);
    assert_eq!(strip.faults[0].text, "crash r3.s1");
    assert_ne!(strip.faults[1].text, "crash r3.s1");
    let view = View::of(session.timeline_mut(), secs(5), secs(1));
    assert_eq!(view.faults[0].text, "crash r3.s1");
    assert_eq!(view.faults[0].lift.as_deref(), Some("restart r3.s1"));
    assert_eq!(view.consequence.expect("it is known").fault, "crash r3.s1");
}

/// Two of four: one more than PBFT bears, and it is the replica that counts.
#[test]
fn outside_the_fault_model_counts_whom_it_was() {
    let pbft = "halflink 1\ntitle \"t\"\nplant 4 racks of 1 server, 2 disks each\n\
                cluster c: pbft on r1.s1 r2.s1 r3.s1 r4.s1\n\
                timing heartbeat 100ms, election 1s..2s\nseed 7\nwrite every 300ms\n\
                at 3s traitor primary silent-to n2\nat 9s wipe primary\nrun 20s\n";
    let mut session = Session::open(pbft).expect("it parses");
    session.timeline_mut().finish();
    assert!(View::of(session.timeline_mut(), secs(8), secs(1)).outside.is_none());
    let acts = done(session.timeline().scenario());
    assert_eq!(acts[0], "3s traitor n1 silent-to n2");
    let outside = View::of(session.timeline_mut(), secs(10), secs(1)).outside;
    assert_eq!(outside.is_some(), acts[1] != "9s wipe r1.s1", "{acts:?}");
}

#[test]
fn who_has_no_leader_refuses_it_at_its_place() {
    let read = scenario(&text("at 4s crash leader\n"));
    for protocol in Protocol::here() {
        let under = variant(&read, protocol, 7);
        let refused = under.flaws().iter().any(|flaw| flaw.message().contains("has no leader"));
        assert_eq!(refused, !protocol.has_leader(), "{protocol}");
        let led = !matches!(protocol, Protocol::Paxos) && !protocol.is_generals();
        assert_eq!(protocol.has_leader(), led, "{protocol}");
    }
    let paxos = text("at 4s cut n1 -> leader\n").replace("raft", "paxos");
    let wrong = parse(&paxos.replace("at 0s elect n3\n", "")).expect_err("it has none");
    assert_eq!((wrong[0].line, wrong[0].column, wrong[0].length), (8, 17, 6), "{wrong:?}");
    assert_eq!(wrong[0].message(), "paxos has no leader: name a replica or a server");
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (lines, line, column, length, piece) in [
        ("at 9s restart leader\n", 9, 7, 7, "an earlier `crash` was done to, and none is in force"),
        ("at 3s crash leader\nat 9s resume leader\n", 10, 7, 6, "an earlier `pause`"),
        ("at 9s heal leader -> n1\n", 9, 7, 4, "an earlier `cut`"),
        ("at 3s cut leader <-> n1\nat 9s heal leader -> n1\n", 10, 7, 4, "an earlier `cut`"),
        ("at 3s isolate n3\nat 9s heal leader\n", 10, 7, 4, "an earlier `isolate`"),
        ("at 9s loyal leader\n", 9, 7, 5, "an earlier `traitor`"),
        ("every 9s from 1s to 9s crash leader for 1s\nat 5s restart leader\n", 10, 7, 7, "none"),
        ("at 5s crash leader\nevery 9s from 1s to 9s restart leader\n", 10, 24, 7, "none"),
        ("at 9s cut leader -> leader\n", 9, 21, 6, "two different ends"),
        ("at 9s partition leader | leader\n", 9, 26, 6, "in a group already"),
        ("at 9s traitor leader equivocate to leader\n", 9, 36, 6, "not lie to itself"),
        ("timing leader election 1s..2s\n", 9, 8, 6, "no leader here"),
        ("at 9s fail leader\n", 9, 12, 6, "expected a part"),
        ("at 9s crash leadr\n", 9, 13, 5, "expected a server"),
        ("at 9s isolate n16\n", 9, 15, 3, "expected a replica"),
    ] {
        let wrong = parse(&text(lines)).expect_err(lines);
        let [only] = &wrong[..] else { panic!("{lines}: {wrong:?}") };
        assert_eq!((only.line, only.column, only.length), (line, column, length), "{only:?}");
        assert!(only.message().contains(piece), "{lines}: {}", only.message());
    }
}

/// What lifts it is of another verb: of what is done to disks, too.
#[test]
fn a_leaders_disks_go_on_when_that_is_lifted() {
    let lines = "disk latency 2ms\nat 4s stall leader.disk\nat 6s slow leader.disk by 90ms\n\
                 at 8s resume leader.disk\nat 9s resume leader.disk\n";
    let finished = run_to_end(scenario(&text(lines)));
    let acts = done(&finished.scenario);
    assert_eq!(acts[1], "4s stall r3.s1.disk");
    assert_eq!(acts[2..4], ["6s slow r3.s1.disk by 90ms", "8s resume r3.s1.disk"]);
    assert_eq!(acts[4], "9s resume r3.s1.disk");
    for (line, words) in [
        ("at 4s resume leader.disk\n", "none is in force"),
        ("at 4s slow leader.disk\n", "by"),
        ("at 4s slow leader.disk by 0s\n", "60s"),
        ("at 4s stall leader\n", "r1.s1.disk"),
    ] {
        let wrong = parse(&text(line)).expect_err(line);
        assert!(wrong[0].message().contains(words), "{line}: {wrong:?}");
    }
}

/// A group's leader is that group's, and only its process ends: the others do not feel it.
#[test]
fn each_group_has_its_own_leader() {
    let zk = "cluster zk: zab on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
              write every 200ms\nat 5s in zk crash leader\nat 6s in c isolate leader\n\
              at 9s in zk restart leader\n";
    let two = text(zk).replace("at 0s elect", "at 0s in c elect");
    let read = scenario(&two);
    assert!(read.to_string().contains("at 5s in zk crash leader\nat 6s in c isolate leader\n"));
    assert_eq!(scenario(&read.to_string()), read);
    let read = Arc::new(read);
    let (mut run, mut histories) = Run::new(Arc::clone(&read));
    while run.step(&mut histories).is_some() {}
    for number in 0..2 {
        let alone = run_to_end(Scenario::clone(&read.alone(number)));
        assert_eq!(run.world().group(number).trace_hash(), alone.trace_hash());
        assert_eq!(run.world().group(number).scenario(), &alone.scenario);
    }
    assert_eq!(done(run.world().group(0).scenario()), ["0s elect n3", "6s isolate n3"]);
    let zab = done(run.world().group(1).scenario());
    assert!(zab[0].starts_with("5s crash r") && zab[1].starts_with("9s restart r"), "{zab:?}");
    // The other one's lift is none of its own.
    let other = two.replace("at 9s in zk restart", "at 9s in c restart");
    let wrong = parse(&other).expect_err("nobody of c was crashed");
    assert!(wrong[0].message().contains("none is in force"), "{wrong:?}");
}

/// Print and parse, links, the run of what was done, and a timeline that is sought through.
#[test]
fn random_texts_do_what_they_say() {
    let (mut led, mut idle) = (0, 0);
    for seed in 0..size(300, 10_000) {
        let rng = &mut Rng::new(seed);
        let read = arbitrary::leading(rng);
        let text = read.to_string();
        let flaws = read.flaws();
        let parsed = parse(&text);
        assert_eq!(parsed.is_ok(), flaws.is_empty(), "seed {seed}: {flaws:?}\n{text}");
        let Ok(parsed) = parsed else { continue };
        assert_eq!(parsed, read, "seed {seed}\n{text}");
        assert_eq!(parsed.to_string(), text, "seed {seed}");
        if seed % 20 == 0 {
            let link = decode(&encode(&text, None)).expect("it was just encoded");
            assert_eq!((link.text, &link.scenario), (text.clone(), &parsed), "seed {seed}");
        }
        let open = parsed.actions.iter().filter(|(_, act)| act.is_open()).count();
        if open == 0 {
            continue;
        }
        let finished = run_to_end(parsed.clone());
        idle += finished.scenario.actions.iter().filter(|(_, act)| act.is_open()).count();
        led += open;
        let again = run_to_end(spelled_out(&finished.scenario));
        let at = |at: &str| format!("seed {seed}, {at}\n{text}");
        if finished.history.exhausted.is_none() {
            assert_eq!(again.trace_hash(), finished.trace_hash(), "{}", at("spelled out"));
            assert_eq!(again.outcome(), finished.outcome(), "{}", at("its word"));
        }
        if seed % 5 > 0 {
            continue;
        }
        let mut timeline = Timeline::new(parsed.clone());
        for _ in 0..6 {
            let moment = rng.span(halflink::clock::Micros::ZERO, parsed.until);
            drop(View::of(&mut timeline, moment, secs(1)));
        }
        timeline.finish();
        assert_eq!(timeline.trace_hash(), Some(finished.trace_hash()), "{}", at("sought"));
        assert_eq!(timeline.scenario(), &finished.scenario, "{}", at("sought"));
        // Something is added, and taken back again.
        let mut longer = parsed.clone();
        let moment = rng.span(halflink::clock::Micros::ZERO, parsed.until);
        let place = longer.actions.partition_point(|(when, _)| *when <= moment);
        let first = Action::Isolate(halflink::fault::ReplicaId(0));
        longer.actions.insert(place, (moment, first));
        timeline.change(longer.clone());
        timeline.finish();
        let whole = run_to_end(longer);
        assert_eq!(timeline.trace_hash(), Some(whole.trace_hash()), "{}", at("changed"));
        assert_eq!(timeline.scenario(), &whole.scenario, "{}", at("changed"));
        timeline.change(parsed);
        timeline.finish();
        assert_eq!(timeline.trace_hash(), Some(finished.trace_hash()), "{}", at("undone"));
        assert_eq!(timeline.scenario(), &finished.scenario, "{}", at("undone"));
    }
    assert!(led > 300 && idle > 10, "{led} {idle}");
}
