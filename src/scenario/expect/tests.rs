//! `expect`: round trips, places, bounds, and which line a protocol is judged by.

use super::*;
use crate::clock::Micros;
use crate::fault::Action;
use crate::rng::Rng;
use crate::scenario::edit::{insert_act, set_protocol, set_seed};
use crate::scenario::link::{decode, encode};
use crate::scenario::print::print;
use crate::scenario::text::{expectation_places, parse};
use crate::scenario::validate::ValidationError;
use crate::scenario::{Bounds, arbitrary};

const SMALL: &str = "halflink 1
title   \"t\"
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    2020
run     400s
";

fn small(more: &str) -> String {
    format!("{SMALL}{more}\n")
}

/// Any that a scenario may have: protocols and words dealt out to up to twelve lines.
fn expectations(rng: &mut Rng) -> Vec<Expectation> {
    let mut left = Protocol::ALL.to_vec();
    let mut all = Vec::new();
    for line in 0..rng.below(13) {
        let mut protocols = Vec::new();
        for _ in 0..1 + rng.below(3) {
            if !left.is_empty() {
                protocols.push(left.swap_remove(rng.below(left.len() as u32) as usize));
            }
        }
        let under =
            if line == 3 || protocols.is_empty() { Under::All } else { Under::These(protocols) };
        if under == Under::All && all.iter().any(|one: &Expectation| one.under == Under::All) {
            continue;
        }
        let first = rng.below(Expected::ALL.len() as u32) as usize;
        let many = if first == 0 { 1 } else { 1 + rng.below(3) as usize };
        let words = Expected::ALL.into_iter().skip(first).take(many).collect();
        all.push(Expectation { under, words });
    }
    all
}

#[test]
fn they_survive_the_text_the_link_and_every_edit() {
    for seed in 0..500 {
        let mut rng = Rng::new(seed);
        let mut scenario = arbitrary::scenario(&mut rng);
        let plain = print(&scenario);
        assert!(!plain.contains("expect"), "an old text is what it was");
        scenario.expectations = expectations(&mut rng);
        assert_eq!(scenario.flaws(), vec![], "seed {seed}");
        let text = print(&scenario);
        assert_eq!(parse(&text).as_ref(), Ok(&scenario), "seed {seed}\n{text}");
        assert_eq!(expectation_places(&text).len(), scenario.expectations.len());
        if seed < 50 {
            let recorded = decode(&encode(&text, Some(7))).expect("a good link");
            assert_eq!(recorded.scenario, scenario);
        }
        let told = |text: &str| {
            let lines: Vec<&str> = text.lines().collect();
            let places = expectation_places(text).into_iter();
            places.map(|place| lines[place.line as usize - 1].to_owned()).collect::<Vec<_>>()
        };
        let crash = Action::Crash(scenario.group().members[0]);
        for edited in [
            insert_act(&text, Micros(1), &crash.to_string()),
            insert_act(&text, scenario.until, &crash.to_string()),
            set_seed(&text, 0, 1),
            set_protocol(&text, 0, Protocol::RaftSticky),
        ] {
            assert_eq!(told(&edited), told(&text), "seed {seed}\n{edited}");
        }
    }
}

/// Each wrong statement after the small scenario: column, length, and a piece of the message.
#[test]
fn what_is_wrong_is_told_where_it_stands() {
    for (statement, column, length, piece) in [
        ("expect", 7, 0, "`all` or a protocol, such as raft or zab, found the end of the line"),
        ("expect raft", 12, 0, "safe, unsafe, stalled, flapping, recovered, parted or stable"),
        ("expect rafd stable", 8, 4, "did you mean `raft`?"),
        ("expect  al safe", 9, 2, "found `al`"),
        ("expect raft flaping", 13, 7, "did you mean `flapping`?"),
        ("expect raft zab stable", 13, 3, "expected `,` between two protocols, found `zab`"),
        ("expect raft stable parted", 20, 6, "expected `or` and another word"),
        ("expect raft stable, parted", 19, 1, "expected `or` and another word"),
        ("expect raft stable or", 22, 0, "found the end of the line"),
        ("expect raft, raft stable", 14, 4, "what is expected of raft is said already"),
        ("expect all safe or stalled", 12, 4, "`safe` is all but unsafe, so it stands alone"),
        ("expect all parted or parted", 22, 6, "`parted` is there already"),
        (
            "expect all unsafe or stalled or flapping or recovered or parted or stable",
            68,
            6,
            "it cannot fail",
        ),
        ("expects raft stable", 1, 7, "did you mean `expect`?"),
    ] {
        let wrong = parse(&small(statement)).expect_err(statement);
        let [only] = &wrong[..] else { panic!("{statement}: {wrong:?}") };
        assert_eq!((only.line, only.column, only.length), (8, column, length), "{only:?}");
        assert!(only.message().contains(piece), "{statement}: {}", only.message());
    }
    for (lines, column, piece) in [
        ("expect raft stable\nexpect zab, raft parted", 13, "of raft is said already"),
        ("expect all stable\nexpect all safe", 8, "of all is said already"),
    ] {
        let wrong = parse(&small(lines)).expect_err(lines);
        assert_eq!((wrong.len(), wrong[0].line, wrong[0].column), (1, 9, column), "{wrong:?}");
        assert!(wrong[0].message().contains(piece), "{wrong:?}");
    }
}

/// There are not forty protocols, so a text with one more has other errors too, and those come first.
#[test]
fn there_are_forty_at_most() {
    let mut scenario = parse(SMALL).expect("valid");
    let one = Expectation { under: Under::All, words: vec![Expected::Safe] };
    scenario.expectations = vec![one; Bounds::EXPECTATIONS];
    let is_bound = |flaw: &ValidationError| flaw.message().contains("at most 40 expectations");
    assert!(!scenario.flaws().iter().any(is_bound));
    scenario.expectations.push(scenario.expectations[0].clone());
    assert!(scenario.flaws().iter().any(is_bound));
    assert!(parse(&print(&scenario)).is_err());
}

#[test]
fn a_line_of_its_own_is_an_exception_from_all() {
    let text = small("expect all stable\nexpect zab, vr flapping");
    let expectations = parse(&text).expect("valid").expectations;
    assert_eq!(applying(&expectations, Protocol::Raft), Some(0));
    assert_eq!(applying(&expectations, Protocol::Vr), Some(1));
    assert_eq!(applying(&expectations[1..], Protocol::Raft), None);
}

/// A name without a word or a protocol comes from nobody's text, and is refused all the same.
#[test]
fn what_says_nothing_is_refused() {
    for one in [
        Expectation { under: Under::All, words: Vec::new() },
        Expectation { under: Under::These(Vec::new()), words: vec![Expected::Safe] },
    ] {
        let mut scenario = parse(SMALL).expect("valid");
        scenario.expectations.push(one);
        assert_eq!(scenario.flaws().len(), 1);
    }
}
