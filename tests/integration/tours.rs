//! Steps at which a run waits for its reader: their grammar, and the shipped tours, step by step.

use halflink::check::Property;
use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::outcome::Outcome;
use halflink::protocol::{Protocol, Role};
use halflink::scenario::Scenario;
use halflink::scenario::library::{find, library};
use halflink::scenario::note::Note;
use halflink::scenario::text::parse;
use halflink::session::Session;
use halflink::view::{Plan, Strip};
use halflink::world::World;

use crate::support::{Finished, run_to_end, scenario, secs, world_at};

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
            let own = run_to_end(scenario.clone()).outcome();
            let other = scenario.under(protocol).expect("it can run");
            let other = run_to_end(other).outcome();
            assert_ne!(own, other, "{name} under {}", Protocol::name(protocol));
            offered += 1;
        }
    }
    assert!(offered >= 4, "{offered}");
}

fn tour(name: &str) -> Scenario {
    scenario(find(name).expect("it is shipped").text)
}

fn under(name: &str, protocol: Protocol) -> Finished {
    run_to_end(tour(name).under(protocol).expect("it can run"))
}

/// The world of a tour at that moment.
fn at(name: &str, millis: u64) -> World {
    world_at(&tour(name), Micros::from_millis(millis))
}

/// What each replica of a tour believes at that moment, "L3" for a leader that follows itself, "F3"
/// for one that follows n3, "F", "P" or "C" for one that follows nobody, "-" for one that is down.
fn beliefs(name: &str, millis: u64) -> String {
    let world = at(name, millis);
    let held = world.group(0).replicas().map(|id| {
        let Some(belief) = world.group(0).belief(id) else { return "-".to_owned() };
        let role = match belief.role {
            Role::Leader => "L",
            Role::Candidate => "C",
            Role::Follower => "F",
            Role::PreCandidate => "P",
        };
        let leader = belief.leader.map_or(String::new(), |leader| leader.to_string());
        format!("{role}{}", leader.trim_start_matches('n'))
    });
    held.collect::<Vec<_>>().join(" ")
}

#[test]
fn steps_by_time_are_about_their_moment() {
    for (name, millis, expected) in [
        ("tour-outage", 1_000, "F3 F3 L3"),
        ("tour-outage", 3_000, "F3 F3 L3"),
        ("tour-outage", 7_000, "F3 F3 L3"),
        ("tour-outage", 11_000, "F3 - L3"),
        ("tour-outage", 16_500, "F3 F3 L3"),
        ("tour-outage", 72_000, "F3 F3 L3"),
        ("tour-one-way", 4_000, "F5 F5 F5 F5 L5"),
        ("tour-one-way", 6_200, "F5 F5 F5 F5 L5"),
        ("tour-one-way", 28_500, "F5 F5 F5 F5 L5"),
        ("tour-howard-abraham", 12_000, "F3 F3 L3 P F3"),
        ("tour-howard-abraham", 22_000, "F4 F4 F4 L4 F4"),
        ("tour-howard-abraham", 23_500, "F4 F4 F4 L4 -"),
        ("tour-liars", 4_000, "F3 F3 L3"),
        ("tour-liars", 8_000, "L1 L2 F2"),
        ("tour-power", 4_000, "F3 F3 L3"),
        ("tour-power", 5_500, "F3 F3 L3"),
        ("tour-power", 7_500, "- - -"),
    ] {
        assert_eq!(beliefs(name, millis), expected, "{name} at {millis} ms");
    }
}

/// "Redundancy has saved all of it so far", "which option helps", "check-quorum alone does
/// nothing".
#[test]
fn the_tour_of_the_outage_says_what_its_runs_show() {
    let own = under("tour-outage", Protocol::Raft);
    let early = own.history.writes.iter().filter(|write| write.at < secs(16));
    assert!(early.clone().count() > 40);
    // Committed at once, but for those that wait for what is under way.
    assert!(early.into_iter().all(|write| write.committed.is_some_and(|at| at < secs(17))));
    let led = own.history.led.iter().filter(|(at, _)| *at > Micros::ZERO && *at < secs(16));
    assert!(led.count() <= 1, "n3 alone leads until the switch half fails");
    let terms = own.history.epochs.iter().filter(|(at, _)| secs(1) < *at && *at < secs(16));
    assert_eq!(terms.count(), 0);
    let alone = under("tour-outage", Protocol::RaftCheckquorum);
    assert_eq!(alone.outcome(), Outcome::Flapping);
    for protocol in [Protocol::RaftPrevote, Protocol::RaftPrevoteCheckquorum] {
        let finished = under("tour-outage", protocol);
        let found = finished.measures();
        assert_eq!((found.leader_changes, found.epochs), (0, 0));
        assert_eq!(found.writes_committed, found.writes_tried);
    }
}

#[test]
fn the_tour_of_howard_and_abraham_says_what_its_runs_show() {
    // "Plain Raft does not settle here": in the first case.
    let plain = under("tour-howard-abraham", Protocol::Raft);
    let first = |at: Micros| secs(3) < at && at < secs(15);
    assert!(plain.history.led.iter().filter(|(at, _)| first(*at)).count() > 5);
    let own = under("tour-howard-abraham", Protocol::RaftPrevote);
    assert_eq!(own.history.led.iter().filter(|(at, _)| first(*at)).count(), 0);
    // "n1 or n3 wins", or "n2 prevents it": in the second one.
    let second = |finished: &Finished| {
        let late = finished.history.writes.iter().filter(|write| write.at > secs(30));
        let served = late.clone().filter(|write| write.committed.is_some()).count();
        (served, late.count())
    };
    assert_eq!(second(&own).0, 0);
    let both = under("tour-howard-abraham", Protocol::RaftPrevoteCheckquorum);
    let (served, tried) = second(&both);
    assert!(tried > 60 && served * 10 > tried * 9, "{served} of {tried}");
}

#[test]
fn the_tour_of_liars_says_what_its_run_shows() {
    let own = under("tour-liars", Protocol::Raft);
    let broken = |property| own.history.violations.iter().find(|one| one.property == property);
    let leaders = broken(Property::ElectionSafety).expect("two leaders in one term");
    assert!(secs(6) < leaders.at && leaders.at < secs(8));
    let stores = broken(Property::StateMachineSafety).expect("other writes in the same places");
    assert!(secs(14) < stores.at && stores.at < secs(16), "{}", stores.at);
    // "n3 says yes to n1 and keeps what n2 sent."
    let world = at("tour-liars", 16_000);
    let log = |id| world.group(0).replica(ReplicaId(id)).log().from(1, usize::MAX).to_vec();
    let (one, two, three) = (log(0), log(1), log(2));
    let parted = one.iter().zip(&two).position(|(one, two)| one != two).expect("they differ");
    assert_eq!(three[parted..two.len()], two[parted..]);
}

/// What is said of them is held to runs under their names in the tests of these scenarios.
#[test]
fn two_tours_are_the_runs_of_other_scenarios() {
    for (name, other) in
        [("tour-power", "power-cascade"), ("tour-whole-day", "cloudflare-full-day")]
    {
        let bare = |name: &str| Scenario { title: String::new(), ..tour(name).bare() };
        assert_eq!(bare(name), bare(other), "{name}");
    }
}

/// "With one seed, of all 1140 sets of three directions …"
#[test]
fn the_tour_of_one_way_cuts_counts_as_its_table_does() {
    let data = include_str!("../../docs/one-way-cuts.json");
    let all: Vec<serde_json::Value> = serde_json::from_str(data).expect("it is JSON");
    let stalled = |protocol: Protocol| {
        let of = all.iter().find(|one| one["protocol"] == protocol.name()).expect("it is there");
        let three = &of["sizes"][3];
        (three["sets"].as_u64(), three["outcomes"]["stalled"].as_u64())
    };
    for (protocol, count) in [
        (Protocol::Raft, Some(4)),
        (Protocol::RaftPrevote, Some(28)),
        (Protocol::RaftPrevoteCheckquorum, None),
    ] {
        assert_eq!(stalled(protocol), (Some(1140), count), "{protocol}");
    }
    let last =
        tour("tour-one-way").notes.into_iter().filter_map(|one| Some((one.time()?, one.text)));
    let (_, said) = last.max_by_key(|(at, _)| *at).expect("it has steps");
    assert!(said.contains("1140") && said.contains("four stop plain") && said.contains("28 Raft"));
}

/// What a step says may be untrue of a run that a reader has changed, and it is not said there.
#[test]
fn from_a_readers_change_on_no_step_comes() {
    let text = find("tour-outage").expect("it is shipped").text;
    let whole = steps(&mut Session::open(text).expect("it is right"));
    for (at, statement) in
        [(1_000, "cut n3 -> n1"), (20_000, "crash r2.s1"), (20_000, "cut n1 -> n2")]
    {
        let mut session = Session::open(text).expect("it is right");
        let at = Micros::from_millis(at);
        session.act(at, statement).expect("it can be done");
        let left = steps(&mut session);
        let before: Vec<_> = whole.iter().filter(|(when, _)| *when < at).cloned().collect();
        assert_eq!(left, before, "{statement}");
        assert!(session.undo());
        assert_eq!(steps(&mut session), whole, "{statement}");
    }
    assert!(whole.len() > 10);
}
