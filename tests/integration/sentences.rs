//! What is said of a run, word and sentence, against its record: small runs by hand, and properties
//! over random ones.

use halflink::clock::Micros;
use halflink::history::{History, before};
use halflink::outcome::{Harm, Outcome, Service, Verdict, Window, damage, end, judge};
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::scenario::{Scenario, arbitrary};

use crate::support::{felt, run_to_end, scenario, secs, size};

/// A group of that protocol and size, one replica a rack, that runs for 40 s.
fn group(protocol: &str, replicas: u8, statements: &str) -> Scenario {
    let on: Vec<_> = (1..=replicas).map(|rack| format!("r{rack}.s1")).collect();
    scenario(&format!(
        "halflink 1\ntitle \"t\"\nplant {replicas} racks of 2 servers, 4 disks each\n\
         cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\nseed 7\n\
         {statements}run 40s\n",
        on.join(" ")
    ))
}

fn judged(scenario: Scenario) -> Verdict {
    let finished = run_to_end(scenario);
    judge(&finished.scenario, &finished.history)
}

fn said(protocol: &str, replicas: u8, statements: &str) -> (Outcome, String) {
    let verdict = judged(group(protocol, replicas, statements));
    (verdict.outcome, felt(&verdict.sentence))
}

#[test]
fn where_no_write_came_none_is_said_to_be_served() {
    for write in ["", "write every 60s\n"] {
        let why = if write.is_empty() { "nobody writes" } else { "no write came" };
        let alone = format!("Judged by its leadership alone, as {why}.");
        let (word, sentence) = said("raft", 3, &format!("{write}at 0s elect n3\n"));
        assert_eq!(word, Outcome::Stable);
        assert_eq!(sentence, format!("It was never long without a leader. {alone}"));
        let dead = format!("{write}at 0s elect n3\nat 3s crash r1.s1\nat 3s crash r2.s1\n");
        let expected = (Outcome::Stalled, format!("Nobody led from 0:03 on. {alone}"));
        assert_eq!(said("raft", 3, &dead), expected);
        // Nobody leads these for good, and no backup of PBFT waits for what nobody asked for.
        for protocol in ["pbft", "tendermint", "hotstuff"] {
            let (word, sentence) = said(protocol, 4, &format!("{write}at 3s crash r1.s1\n"));
            assert_eq!(word, Outcome::Stable, "{protocol}");
            assert!(sentence.starts_with("Nobody writes, so there was nothing"), "{sentence}");
        }
        let (word, sentence) = said("paxos", 3, &format!("{write}at 3s crash r1.s1\n"));
        assert_eq!((word, sentence.contains("none is decided")), (Outcome::Stable, true));
    }
    let mut short = group("raft", 3, "write every 300ms\n");
    short.until = Micros::from_millis(100);
    assert!(felt(&judged(short).sentence).starts_with("Nobody led yet."));
}

/// Whoever writes after a value is decided is told it, and is not lost on anybody.
#[test]
fn a_decision_is_one_write_served() {
    let finished = run_to_end(group("paxos", 3, "write every 300ms\n"));
    let service = Service::of(&finished.scenario, &finished.history);
    assert_eq!((service.share(), service.lost, service.waiting), (Some(100), 0, 0));
    let told = Window::whole(&finished.scenario).told(&finished.scenario, &finished.history);
    assert_eq!((told.writes_tried, told.writes_committed), (1, 1));
    assert!(told.longest_stall_us < 300_000, "{told:?}");
}

/// A leader that crashes once between rare writes is no long stall, however rare they are.
#[test]
fn one_write_lost_between_others_is_no_stall() {
    for every in ["300ms", "6s", "19s", "20s"] {
        let text = format!("write every {every}\nat 0s elect n3\nat 19s crash r3.s1\n");
        let mut crashed = group("raft", 3, &text);
        crashed.until = secs(120);
        assert_eq!(judged(crashed).outcome, Outcome::Stable, "{every}");
    }
}

/// Leaders that crash or hand over are replaced, and that is all.
#[test]
fn a_change_that_somebody_asked_for_is_no_flapping() {
    let each = |actions: fn(u64, u64) -> String| {
        let actions: String = (0..9).map(|number| actions(3 * number, 1 + number % 3)).collect();
        said("raft", 3, &format!("write every 300ms\nat 0s elect n3\n{actions}"))
    };
    let handed = each(|at, to| format!("at {}s transfer n{to}\n", 5 + at));
    assert_eq!(handed, (Outcome::Stable, "Kept serving: every write was served.".to_owned()));
    let mut rolling = group("raft", 3, "write every 300ms\nat 0s elect n3\n");
    for number in 0..8 {
        let server = rolling.group().members[(number as usize + 2) % 3];
        let crash = halflink::fault::Action::Crash(server);
        rolling.actions.push((secs(5 + 15 * number), crash));
        rolling.actions.push((secs(12 + 15 * number), halflink::fault::Action::Restart(server)));
    }
    rolling.until = secs(150);
    let finished = run_to_end(rolling);
    assert!(finished.history.elections.len() > 6, "leaders change");
    assert_eq!(finished.outcome(), Outcome::Stable);
}

#[test]
fn flapping_says_whether_and_how_it_settled() {
    let said = |more: &str| {
        let flap = "timing n2 election 2.5s..3.5s\nat 0s elect n3\nat 5s cut n3 -> n1\n";
        let mut flapping = group("raft", 3, &format!("write every 300ms\n{flap}"));
        let healed = group("raft", 3, &format!("write every 300ms\n{flap}{more}"));
        flapping.actions = healed.actions;
        flapping.until = secs(60);
        let verdict = judged(flapping);
        assert_eq!(verdict.outcome, Outcome::Flapping, "{verdict:?}");
        felt(&verdict.sentence)
    };
    let open = said("");
    assert!(open.ends_with("times and did not settle."), "{open}");
    let healed = said("at 25s heal n3 -> n1\n");
    assert!(healed.ends_with("did not settle before n3 -> n1 was healed."), "{healed}");
    // What nobody felt settles nothing.
    let spare = "at 24s crash r1.s2\nat 25s heal n3 -> n1\nat 25.1s restart r1.s2\n";
    assert_eq!(said(spare), healed);
}

#[test]
fn all_who_were_left_out_are_named() {
    let cuts = |minority: [u8; 2]| {
        let others = (1..=5).filter(|id| !minority.contains(id));
        let pairs = others.flat_map(|other| minority.map(|one| (one, other)));
        let cuts: String =
            pairs.map(|(one, other)| format!("at 5s cut n{one} <-> n{other}\n")).collect();
        said("raft", 5, &format!("write every 300ms\nat 0s elect n3\n{cuts}"))
    };
    let all = (Outcome::Parted, "Kept serving; n4 and n5 were left out.".to_owned());
    assert_eq!(cuts([4, 5]), all);
    let (word, sentence) = cuts([3, 5]);
    assert_eq!(word, Outcome::Parted);
    assert!(sentence.ends_with(" writes; n3 and n5 were left out."), "{sentence}");
    // Who comes back has fallen behind, and has not failed to catch up.
    let paused = "write every 300ms\nat 0s elect n3\nat 5s pause r1.s1\nat 25s resume r1.s1\n";
    let behind = (Outcome::Parted, "Kept serving; n1 fell behind.".to_owned());
    assert_eq!(said("raft", 3, paused), behind);
}

/// An episode tells of its own writes, and of nothing that only replicas noticed.
#[test]
fn an_episode_without_damage_says_what_was_served() {
    let crash = "write every 300ms\nat 0s elect n3\nat 5s crash r3.s1\n";
    let verdict = judged(group("raft", 3, crash));
    assert_eq!(felt(&verdict.sentence), "Served 128 of 133 writes.");
    assert_eq!(felt(&verdict.episodes[0].sentence), "Served 112 of 117 writes.");
}

/// Where clients try twice and more, and none of it is served for long, it is neither stable nor
/// parted; and whoever is said to be left out ran, and did not follow.
#[test]
fn calm_words_and_names_hold_over_random_runs() {
    let (mut calm, mut named) = (0, 0);
    for seed in 0..size(150, 2_000) {
        let finished = run_to_end(arbitrary::scenario(&mut Rng::new(0x5e47 + seed)));
        let (scenario, history) = (&finished.scenario, &finished.history);
        let verdict = judge(scenario, history);
        let told = || format!("seed {seed}: {verdict:#?}\n{scenario}");
        let sentences = verdict.episodes.iter().map(|episode| &episode.sentence);
        for sentence in sentences.chain([&verdict.sentence]).map(felt) {
            let grammar = ["of 1 writes", " 1 writes", "n1 n", "..", "  ", "; ."];
            // What no template tells.
            let untold = ["null", "{", "outcome.", "kept.", "lifted."];
            for wrong in grammar.into_iter().chain(untold) {
                assert!(!sentence.contains(wrong), "{wrong}: {sentence}: {}", told());
            }
        }
        if verdict.outcome >= Outcome::Parted && !scenario.group().protocol.decides_once() {
            calm += 1;
            assert!(longest_unserved(scenario, history) < longest(scenario), "{}", told());
        }
        for one in damage(scenario, history) {
            let Harm::LeftOut(who) = one.harm else { continue };
            for id in who.iter() {
                named += 1;
                let ran = ran(&history.beliefs[id.index()], (one.from, one.to));
                assert!(2 * ran >= scenario.group().calm().0, "{id} ran {ran} us: {}", told());
            }
        }
    }
    println!("{calm} calm, {named} named");
    assert!(calm > 20 && named > 10, "{calm} {named}");
}

fn longest(scenario: &Scenario) -> u64 {
    (3 * scenario.group().longest_election_timeout().0).max(scenario.group().patience().0)
}

/// The longest time from a write that was not served to the next that was, where another one was
/// not in between.
fn longest_unserved(scenario: &Scenario, history: &History) -> u64 {
    let is_served = |write: &halflink::history::Write| {
        write.committed.is_some_and(|at| at <= write.at + scenario.group().patience())
    };
    // Whose patience is not over may yet be served.
    let gave_up = |write: &halflink::history::Write| {
        let over = write.at + scenario.group().patience() <= end(scenario, history);
        !is_served(write) && (write.committed.is_some() || over)
    };
    let mut longest = 0;
    for (number, first) in history.writes.iter().enumerate().filter(|(_, one)| gave_up(one)) {
        let later = &history.writes[number + 1..];
        let served = history.writes.iter().filter(|write| is_served(write));
        let next = served.filter_map(|write| write.committed).filter(|at| *at >= first.at).min();
        let to = next.unwrap_or(end(scenario, history));
        if later.iter().any(|write| write.at < to && gave_up(write)) {
            longest = longest.max(to.since(first.at).0);
        }
    }
    longest
}

/// For how long of a time it ran.
fn ran<T: Copy>(beliefs: &[(Micros, Option<T>)], (from, to): (Micros, Micros)) -> u64 {
    let step = Micros::from_millis(10);
    let mut at = from;
    let mut ran = 0;
    while at < to {
        ran += if before(beliefs, Micros(at.0 + 1)).flatten().is_some() { step.0 } else { 0 };
        at = at + step;
    }
    ran
}

/// Every protocol is judged by a word that fits it when nothing is wrong.
#[test]
fn healthy_groups_are_stable_under_every_protocol() {
    for protocol in Protocol::here().filter(|protocol| !protocol.is_generals()) {
        let name = protocol.name();
        let (word, sentence) = said(name, 4, "write every 300ms\n");
        assert_eq!(word, Outcome::Stable, "{name}: {sentence}");
    }
}
