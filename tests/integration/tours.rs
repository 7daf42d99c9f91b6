//! Steps at which a run waits for its reader: their grammar, and the shipped tours, step by step.

use halflink::clock::Micros;
use halflink::protocol::Protocol;
use halflink::scenario::Scenario;
use halflink::scenario::library::library;
use halflink::scenario::note::Note;
use halflink::scenario::text::parse;
use halflink::session::Session;
use halflink::view::{Plan, Strip};

use crate::support::{scenario, secs};

const HEAD: &str = "halflink 1
title   \"Tour\"
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    1
write   every 300ms
at 0s elect n3
";

fn with(line: &str) -> String {
    format!("{HEAD}{line}\nrun     30s\n")
}

/// Every step of a session's run to its end, and when it comes.
fn steps(session: &mut Session) -> Vec<(Micros, Note)> {
    session.timeline_mut().finish();
    let strip = Strip::of_session(session);
    let notes = session.timeline().scenario().notes.clone();
    let note = |number: Option<u16>| number.map(|number| notes[usize::from(number)].clone());
    let told = strip.captions.iter();
    told.filter_map(|caption| Some((Micros(caption.at_us), note(caption.note)?))).collect()
}

#[test]
fn what_a_step_says_is_read_and_printed_as_it_is_written() {
    for line in [
        "step 3s \"x\"",
        "step under raft 3s, focus r1.tor-a, n3 -> n1, r1.s1 <-> r1.tor-a, leader \"x\"",
        "step when n1 becomes candidate, after 1s, each, focus n1, compare raft+prevote \"x\"",
        "ask 3s, compare etcd-raft \"x | a | b\"",
        "ask 3s \"x | a | b | c | d\"",
    ] {
        let scenario = scenario(&with(line));
        assert!(scenario.to_string().contains(&format!("\n{line}\n")), "{scenario}");
    }
}

#[test]
fn what_is_wrong_with_a_step_is_said_at_its_word() {
    for (line, column, said) in [
        ("step 3s, focus r9.tor-a, n1 \"x\"", 16, "r9.tor-a"),
        ("step 3s, focus n1, n4 \"x\"", 20, "n4"),
        ("step 3s, focus n1 -> n1 \"x\"", 16, "different"),
        ("step 3s, focus r1.s1 -> r2.tor-a \"x\"", 16, "r2.tor-a"),
        ("step 3s, focus \"x\"", 16, "\"x\""),
        ("step 3s, compare paxxos \"x\"", 18, "paxos"),
        ("step 3s", 8, "note in double quotes"),
        ("step 31s \"x\"", 6, "30s"),
        ("ask 3s \"x | a\"", 8, "two to four"),
        ("ask 3s \"x | a | b | c | d | e\"", 8, "two to four"),
        ("note 3s, focus n1 \"x\"", 8, "note in double quotes"),
    ] {
        let wrong = parse(&with(line)).expect_err(line);
        let told = wrong[0].message();
        assert_eq!((wrong[0].line, wrong[0].column), (9, column), "{line}: {told}");
        assert!(told.contains(said), "{line}: {told}");
    }
}

#[test]
fn the_page_is_told_what_a_step_has() {
    let line = "ask 3s, focus n3 -> n1, r1.tor-a, compare vr \"x | a | b\"";
    let session = Session::open(&with(line)).expect("it is valid");
    let note = &Plan::of_session(&session).notes[0];
    assert!(note.waits && note.text == "x");
    assert_eq!(note.focus, ["n3 -> n1", "r1.tor-a"]);
    assert_eq!((note.compare, &note.answers[..]), (Some("vr"), &["a".into(), "b".into()][..]));
    let session = Session::open(&with("note 3s \"x\"")).expect("it is valid");
    assert!(!Plan::of_session(&session).notes[0].waits);
}

fn tours() -> Vec<(&'static str, Scenario)> {
    let tours = library().iter().filter(|entry| entry.name.starts_with("tour-"));
    tours.map(|entry| (entry.name, scenario(entry.text))).collect()
}

/// A reader is never told of what has not come, and never left waiting for a step that does not.
#[test]
fn every_step_of_a_tour_comes_in_its_run_in_the_order_of_its_text() {
    let tours = tours();
    assert_eq!(tours.len(), 6);
    for (name, scenario) in tours {
        let entry = library().iter().find(|entry| entry.name == name).expect("it is shipped");
        let mut session = Session::open(entry.text).expect("it is valid");
        session.know(&[entry.text]);
        let came = steps(&mut session);
        let told: Vec<&str> = came.iter().map(|(_, note)| note.text.as_str()).collect();
        let mut written: Vec<(usize, &str)> = scenario
            .notes
            .iter()
            .map(|note| (entry.text.find(&note.text).expect("as written"), note.text.as_str()))
            .collect();
        written.sort_unstable();
        assert_eq!(told, written.iter().map(|(_, text)| *text).collect::<Vec<_>>(), "{name}");
        assert!(came.len() >= 6 && came.iter().all(|(_, note)| note.step.is_some()), "{name}");
        assert!(came[0].0 <= secs(3), "{name}: its first step comes late");
        for pair in came.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{name}: two steps at {}", pair[1].0);
        }
    }
}

/// What a step offers beside its run is a run that can be made, and comes out otherwise.
#[test]
fn what_a_tour_offers_to_compare_differs() {
    let mut offered = 0;
    for (name, scenario) in tours() {
        let steps = scenario.notes.iter().filter_map(|note| note.step.as_ref());
        for protocol in steps.filter_map(|step| step.compare) {
            let own = crate::support::run_to_end(scenario.clone()).outcome();
            let other = scenario.under(protocol).expect("it can run");
            let other = crate::support::run_to_end(other).outcome();
            assert_ne!(own, other, "{name} under {}", Protocol::name(protocol));
            offered += 1;
        }
    }
    assert!(offered >= 4, "{offered}");
}
