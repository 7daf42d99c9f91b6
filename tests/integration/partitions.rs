//! `isolate` and `partition`: one line and one fault each, and the same run as the cuts that they
//! stand for.

use halflink::fault::{Action, spans};
use halflink::history::History;
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::scenario::link::{decode, encode};
use halflink::scenario::text::parse;
use halflink::scenario::{Scenario, arbitrary};

use crate::support::{run_to_end, scenario};

fn group(actions: &str) -> Scenario {
    scenario(&format!(
        "halflink 1\ntitle \"t\"\nplant 5 racks of 1 server, 2 disks each\n\
         cluster c: raft on r1.s1 r2.s1 r3.s1 r4.s1 r5.s1\n\
         timing heartbeat 100ms, election 1s..2s\nseed 7\nwrite every 300ms\n{actions}run 40s\n"
    ))
}

/// From when to when the faults are in force, in seconds.
fn active_faults(actions: &str) -> Vec<(u64, u64)> {
    let scenario = group(actions);
    let spans = spans(&scenario.actions, scenario.group().members.len(), scenario.until);
    spans.into_iter().map(|span| (span.from.0 / 1_000_000, span.to.0 / 1_000_000)).collect()
}

/// All that was seen in a run, but for its fingerprint: that counts actions.
fn seen(history: &History) -> String {
    let History { beliefs, elections, writes, commits, led, violations, .. } = history;
    format!("{beliefs:?} {elections:?} {writes:?} {commits:?} {led:?} {violations:?}")
}

#[test]
fn they_are_printed_as_written_and_survive_the_link() {
    for act in [
        "isolate n2",
        "heal n2",
        "partition n1 n2 | n3 n4 n5",
        "partition n3 | n1 | n2 n5",
        "heal n1 n2 | n3 n4 n5",
    ] {
        let text = group(&format!("at 3s {act}\n")).to_string();
        assert!(text.contains(&format!("at 3s {act}\n")), "{text}");
        assert_eq!(scenario(&text).to_string(), text);
        let link = encode(&text, None);
        assert_eq!(decode(&link).expect("it was just encoded").text, text);
    }
    let spelled = group("at 3s partition n2   n1|n5 n3\n").to_string();
    assert!(spelled.contains("at 3s partition n1 n2 | n3 n5\n"), "{spelled}");
}

/// In other words: `isolate n2` is eight cuts, and so is any partition as many as it parts pairs.
#[test]
fn they_run_as_the_cuts_they_stand_for() {
    for (act, heal, groups) in [
        ("isolate n2", "heal n2", vec![vec![2], vec![1, 3, 4, 5]]),
        ("isolate n2", "heal n2 | n1 n3 n4 n5", vec![vec![2], vec![1, 3, 4, 5]]),
        ("partition n1 n2 | n3 n4 n5", "heal n1 n2 | n3 n4 n5", vec![vec![1, 2], vec![3, 4, 5]]),
        ("partition n5 | n1 n2 | n4", "heal n1 n2 | n4 | n5", vec![vec![5], vec![1, 2], vec![4]]),
    ] {
        let mut cuts = String::new();
        for (at, verb) in [(3, "cut"), (20, "heal")] {
            for (number, one) in groups.iter().enumerate() {
                for (from, to) in one.iter().flat_map(|from| {
                    let others = groups[number + 1..].iter().flatten();
                    others.map(move |to| (from, to))
                }) {
                    cuts += &format!("at {at}s {verb} n{from} <-> n{to}\n");
                }
            }
        }
        let short = run_to_end(group(&format!("at 0s elect n5\nat 3s {act}\nat 20s {heal}\n")));
        let long = run_to_end(group(&format!("at 0s elect n5\n{cuts}")));
        assert_eq!(seen(&short.history), seen(&long.history), "{act}");
        let without = run_to_end(group("at 0s elect n5\n"));
        assert_ne!(seen(&short.history), seen(&without.history), "{act} does something");
    }
}

#[test]
fn a_partition_is_one_fault_until_its_last_flow_is_healed() {
    let cut = "at 3s partition n1 n2 | n3\n";
    assert_eq!(active_faults(cut), [(3, 40)]);
    assert_eq!(active_faults(&format!("{cut}at 9s heal n1 n2 | n3\n")), [(3, 9)]);
    // In any order of groups, and by more than it takes.
    assert_eq!(active_faults(&format!("{cut}at 9s heal n3 | n1 n2 n4\n")), [(3, 9)]);
    assert_eq!(active_faults(&format!("{cut}at 9s heal n3\n")), [(3, 9)]);
    // One flow after the other.
    let one = "at 5s heal n1 <-> n3\nat 6s heal n2 -> n3\n";
    assert_eq!(active_faults(&format!("{cut}{one}")), [(3, 40)]);
    assert_eq!(active_faults(&format!("{cut}{one}at 7s heal n3 -> n2\n")), [(3, 7)]);
    // What is cut anew is the newer fault's.
    assert_eq!(
        active_faults("at 3s isolate n2\nat 5s isolate n2\nat 7s heal n2\n"),
        [(3, 5), (5, 7)]
    );
    assert_eq!(
        active_faults("at 3s cut n1 <-> n2\nat 5s heal n1 -> n2\nat 6s heal n2 -> n1\n"),
        [(3, 6)]
    );
    // Who is in no group hears all.
    let scenario = group(cut);
    let finished = run_to_end(scenario);
    let active_faults = finished.run.group().active_faults();
    let loss = |from: u8, to: u8| {
        active_faults
            .flow_loss(halflink::fault::ReplicaId(from - 1), halflink::fault::ReplicaId(to - 1))
    };
    assert_eq!((loss(1, 3), loss(3, 2), loss(1, 2), loss(4, 3), loss(1, 5)), (100, 100, 0, 0, 0));
}

/// A cluster of one has nobody to be kept from, and the largest is no special case.
#[test]
fn the_smallest_and_the_largest_cluster() {
    let alone = scenario(
        "halflink 1\ntitle \"t\"\nplant 1 rack of 1 server, 2 disks each\n\
         cluster c: raft on r1.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 7\n\
         write every 300ms\nat 3s isolate n1\nrun 9s\n",
    );
    let finished = run_to_end(alone);
    assert!(finished.history.commits.len() > 20, "clients reach it");
    let servers: String =
        (1..=15).map(|rack| format!(" r{}.s{}", 1 + rack % 5, 1 + rack / 5)).collect();
    let names: Vec<String> = (1..=15).map(|id| format!("n{id}")).collect();
    let text = format!(
        "halflink 1\ntitle \"t\"\nplant 5 racks of 4 servers, 2 disks each\n\
         cluster c: raft on{servers}\n\
         timing heartbeat 100ms, election 1s..2s\nseed 7\nat 3s partition {}\nrun 9s\n",
        names.join(" | ")
    );
    let scenario = scenario(&text);
    assert!(scenario.to_string().contains(&names.join(" | ")));
    let finished = run_to_end(scenario);
    assert!(finished.history.led.last().is_some_and(|(_, leader)| leader.is_none()));
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (statement, column, length, piece) in [
        ("at 10s isolate n6", 16, 2, "no n6 here"),
        ("at 10s isolate r1.s1", 16, 5, "expected a replica, such as n1"),
        ("at 10s isolate n1 | n2", 19, 1, "expected the end of the line, found `|`"),
        ("at 10s partition n1 n2", 23, 0, "expected another replica, or `|` and another group"),
        ("at 10s partition n1 |", 22, 0, "expected a replica, such as n1"),
        ("at 10s partition | n1", 18, 1, "expected a replica, such as n1"),
        ("at 10s partition n1 | | n2", 23, 1, "expected a replica, such as n1"),
        ("at 10s partition n1 n2 | n3 n1", 29, 2, "n1 is in a group already"),
        ("at 10s partition n1 | n2 n6", 26, 2, "no n6 here: the cluster's replicas are n1 to n5"),
        ("at 10s partition n1 | n16", 23, 3, "expected a replica, such as n1"),
        ("at 10s heal n1 n2", 16, 2, "expected `->` or `<->`"),
        ("at 10s heal n1 | n3 n9", 21, 2, "no n9 here"),
    ] {
        let text = group("").to_string().replace("run ", &format!("{statement}\nrun "));
        let wrong = parse(&text).expect_err(statement);
        let [only] = &wrong[..] else { panic!("{statement}: {wrong:?}") };
        assert_eq!((only.column, only.length), (column, length), "{only:?}");
        assert!(only.message().contains(piece), "{statement}: {}", only.message());
    }
}

/// The generators draw them, for any protocol.
#[test]
fn random_scenarios_are_partitioned_too() {
    let (mut isolated, mut parted, mut healed) = (0, 0, 0);
    for seed in 0..300 {
        let scenario = arbitrary::scenario_of(&mut Rng::new(seed), Protocol::Raft);
        for (_, act) in &scenario.actions {
            isolated += u32::from(matches!(act, Action::Isolate(_)));
            parted += u32::from(matches!(act, Action::Partition(_)));
            healed += u32::from(matches!(act, Action::Rejoin(_) | Action::Reunite(_)));
        }
        assert!(scenario.flaws().is_empty());
    }
    assert!(isolated > 10 && parted > 10 && healed > 10, "{isolated} {parted} {healed}");
}
