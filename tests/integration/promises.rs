//! What is said of protocols, held against runs: no promise that a shipped scenario refutes.

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::protocol::Protocol;
use halflink::protocol::catalogue::{Family, Needs};
use halflink::scenario::library::{find, library};
use halflink::words::{ENGLISH, Names};
use serde_json::json;

use crate::support::{Finished, run_to_end, scenario, secs, variant};

/// Three servers, each in a rack of its own, n3 leads; then that happens at 5 s, for a minute.
fn three(protocol: Protocol, actions: &str) -> Finished {
    run_to_end(scenario(&format!(
        "halflink 1\ntitle \"Three\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster c: {protocol} on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
         timing n3 election 500ms..600ms\nseed 1\nwrite every 300ms\n{actions}run 65s\n"
    )))
}

fn crash_fault() -> impl Iterator<Item = Protocol> {
    Protocol::here().filter(|protocol| protocol.family() != Family::Byzantine)
}

/// How many of the writes tried from that moment on, save those of the last second, are committed.
fn writes(finished: &Finished, from: Micros) -> (usize, usize) {
    let last = Micros(finished.scenario.until.0 - 1_000_000);
    let tried = finished.history.writes.iter().filter(|one| from <= one.at && one.at < last);
    let committed = tried.clone().filter(|one| one.committed.is_some()).count();
    (committed, tried.count())
}

/// The longest time without a commit from that moment on.
fn stall(finished: &Finished, from: Micros) -> Micros {
    let ends = std::iter::once(finished.scenario.until);
    let commits = finished.history.commits.iter().copied().filter(|at| *at > from).chain(ends);
    let (longest, _) = commits
        .fold((Micros::ZERO, from), |(longest, before), at| (longest.max(at.since(before)), at));
    longest
}

#[test]
fn every_protocol_serves_while_a_majority_is_up_and_all_that_are_hear_each_other() {
    for protocol in crash_fault().filter(|protocol| !protocol.decides_once()) {
        for gone in 1..=3 {
            let finished = three(protocol, &format!("at 5s crash r{gone}.s1\n"));
            let (committed, tried) = writes(&finished, secs(15));
            assert_eq!(committed, tried, "{protocol} without n{gone}");
            assert!(tried > 150, "{protocol}: {tried}");
        }
    }
}

/// The opening scenario refutes nothing: whoever stands still in it was promised no progress there.
#[test]
fn the_opening_scenario_refutes_no_promise() {
    let opening = scenario(library()[0].text);
    let cut = opening.actions.iter().find(|(_, act)| act.inflicts().is_some()).expect("a fault").0;
    let healed = opening.actions.iter().find(|(_, act)| act.lifts()).expect("it is lifted").0;
    let mut refuted_the_old_one = 0;
    for protocol in crash_fault() {
        let mut finished = variant(&opening, protocol, opening.group().seed);
        // What comes after the fault is no part of it.
        finished.until = healed;
        finished.actions.retain(|(at, _)| *at < healed);
        finished.notes.clear();
        let finished = run_to_end(finished);
        let (committed, tried) = writes(&finished, cut);
        let changes = finished.history.elections.iter().filter(|won| won.at > cut).count();
        let longest = stall(&finished, cut);
        println!("{protocol}: {committed} of {tried}, {changes} leader changes, {longest}");
        refuted_the_old_one += usize::from(committed < tried || changes > 1);
        match protocol.needs() {
            // n1 and n3 do not hear each other: nothing was promised.
            Needs::EveryLink => {}
            Needs::LeadersLinks => assert_eq!((committed, changes), (tried, 0), "{protocol}"),
            Needs::OneHub => {
                let patience = opening.group().longest_election_timeout();
                assert!(longest <= Micros(4 * patience.0), "{protocol}: {longest}");
            }
            Needs::LoneProposer => assert_eq!(finished.history.commits.len(), 1),
            Needs::AllButF | Needs::Everything => panic!("{protocol} reckons with liars"),
        }
    }
    assert!(refuted_the_old_one > 3, "it refutes \"live while a majority talks\"");
}

/// A leader that hears a majority, and is heard by it, whatever link else is cut.
#[test]
fn a_leader_with_its_links_is_not_deposed_where_that_is_promised() {
    let kept = ["n3 -> n1", "n1 -> n3", "n3 <-> n1", "n1 -> n2", "n2 -> n1", "n1 <-> n2"];
    let mut deposed = 0;
    for protocol in crash_fault() {
        for link in kept {
            let finished = three(protocol, &format!("at 0s elect n3\nat 5s cut {link}\n"));
            if finished.run.world().scenario().group().protocol.needs() != Needs::LeadersLinks {
                deposed += finished.history.elections.iter().filter(|won| won.at > secs(5)).count();
                continue;
            }
            let led = finished.history.elections.last().map(|won| (won.leader, won.at < secs(5)));
            assert_eq!(led, Some((ReplicaId(2), true)), "{protocol}, {link}");
            let (committed, tried) = writes(&finished, secs(5));
            assert_eq!(committed, tried, "{protocol}, {link}");
        }
    }
    assert!(deposed > 10, "others depose theirs: {deposed}");
}

/// "Guaranteed recovery in at most four election timeouts under extreme partial partitions."
#[test]
fn one_hub_is_enough_where_that_is_promised() {
    for name in ["quorum-loss", "constrained", "chained"] {
        let shipped = scenario(find(name).expect("shipped").text);
        let last = shipped.actions.iter().rev().find(|(_, act)| act.inflicts().is_some());
        let from = last.expect("a fault").0;
        for protocol in crash_fault().filter(|protocol| protocol.needs() == Needs::OneHub) {
            let finished = run_to_end(variant(&shipped, protocol, shipped.group().seed));
            let (longest, patience) = (stall(&finished, from), shipped.group().election.end().0);
            assert!(longest <= Micros(4 * patience), "{protocol}, {name}: {longest}");
        }
    }
}

/// Phrases that runs refute, wherever people read of protocols.
#[test]
fn nothing_is_promised_that_is_not_so() {
    const BANNED: [&str; 6] = [
        "majority talks",
        "promised to keep serving.",
        "goes on serving",
        "promises both",
        "the longest history wins",
        "under every protocol in the menu",
    ];
    let mut said: Vec<(String, String)> = Vec::new();
    for protocol in Protocol::ALL {
        let tell = |room: &str, name| ENGLISH.tell(room, &name, &Names::default());
        let promise = json!({ "safety": protocol.safety(), "needs": protocol.needs().name() });
        let promise = ENGLISH.tell("promise", &promise, &Names::default());
        let words = [tell("summary", protocol.name()), promise];
        for words in &words {
            assert!(
                words.ends_with('.') && !words.contains("  ") && words.contains(' '),
                "{words}"
            );
        }
        said.extend(words.map(|words| (protocol.name().to_owned(), words)));
    }
    said.extend(library().iter().map(|entry| (entry.name.to_owned(), entry.text.to_owned())));
    for (name, words) in [
        ("README.md", include_str!("../../README.md")),
        ("class-note.js", include_str!("../../www/panels/class-note.js")),
        ("choices.js", include_str!("../../www/panels/choices.js")),
        ("protocol-list.js", include_str!("../../www/panels/protocol-list.js")),
    ] {
        said.push((name.to_owned(), words.to_owned()));
    }
    for (name, words) in said {
        let found = BANNED.iter().find(|banned| words.contains(*banned));
        assert_eq!(found, None, "{name}: {words}");
    }
}
