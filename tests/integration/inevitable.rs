//! When an outage became inevitable: against runs of which the answer is plain.

use std::sync::Arc;

use halflink::inevitable::{Ahead, SEEDS, Search, Tally};
use halflink::outcome::Outcome;
use halflink::scenario::library;

use crate::support::{run_to_end, scenario};

fn ahead(text: &str) -> Vec<Ahead> {
    let mut search = Search::new(Arc::new(scenario(text)));
    let (most, mut replays) = (search.replays(), 0);
    while search.advance() {
        replays += 1;
    }
    assert_eq!(replays, most);
    let all = search.so_far();
    assert!(all.is_sorted_by(|one, next| one.at_us < next.at_us), "in order of time");
    let is_whole = |tally: &Tally| {
        let told = tally.outcomes.values().sum::<u32>() + tally.unknown;
        tally.tried == SEEDS && told == SEEDS
    };
    assert!(all.iter().all(|one| is_whole(&one.as_written) && is_whole(&one.left_alone)));
    all
}

/// In canonical form.
fn shipped(name: &str) -> String {
    scenario(library::find(name).expect("it ships").text).to_string()
}

#[test]
fn a_leader_that_hears_nobody_is_the_outage_from_its_first_moment() {
    let text = shipped("deaf-leader");
    assert_eq!(run_to_end(scenario(&text)).outcome(), Outcome::Stalled);
    let all = ahead(&text);
    for one in &all {
        assert_eq!(one.as_written.outages, SEEDS, "the text deafens it, whatever chance does");
        let left = if one.at_us < 3_000_000 { Outcome::Stable } else { Outcome::Stalled };
        assert_eq!(one.left_alone.outcomes.get(&left), Some(&SEEDS), "at {}", one.at_us);
    }
    assert!(all.iter().any(|one| one.at_us == 3_000_000), "what is done at a time is looked at");
}

#[test]
fn what_is_repaired_in_time_is_an_outage_only_if_it_is_not() {
    let text = shipped("deaf-leader");
    let mended = text.replace("at 45s heal", "at 4s heal");
    assert_ne!(mended, text);
    assert_eq!(run_to_end(scenario(&mended)).outcome(), Outcome::Stable, "{mended}");
    for one in ahead(&mended) {
        assert_eq!(one.as_written.outages, 0, "at {}", one.at_us);
        let is_deaf = (3_000_000..4_000_000).contains(&one.at_us);
        let left = if is_deaf { SEEDS } else { 0 };
        assert_eq!(one.left_alone.outages, left, "nobody mends it, at {}", one.at_us);
    }
}

#[test]
fn where_chance_decides_the_share_lies_between() {
    let all = ahead(&shipped("etcd-9563"));
    let between = |tally: &Tally| tally.outages > 0 && tally.outages < SEEDS;
    assert!(all.iter().any(|one| between(&one.left_alone)), "{all:?}");
}

#[test]
fn an_outage_that_was_is_in_every_run_that_goes_on_after_it() {
    let text = shipped("deaf-leader");
    assert!(text.contains("at 45s heal"));
    let all = ahead(&text);
    let after = all.iter().filter(|one| one.at_us > 45_000_000);
    let after: Vec<&Ahead> = after.collect();
    assert!(after.len() > 3 && after.iter().all(|one| one.left_alone.outages == SEEDS));
}

#[test]
fn of_several_groups_the_worst_counts() {
    let group = |name: &str, server: u8| {
        format!(
            "cluster {name}: raft on r1.s{server} r2.s{server} r3.s{server}\n\
             timing heartbeat 100ms, election 1s..2s\nseed 1\nwrite every 500ms\n"
        )
    };
    let (one, two) = (group("one", 1), group("two", 2));
    let plant = "plant 3 racks of 2 servers, 2 disks each";
    let acts = "at 5s crash r1.s2\nat 5s crash r2.s2\n";
    let text = format!("halflink 1\ntitle \"two\"\n{plant}\n{one}{two}{acts}run 30s\n");
    for one in ahead(&text) {
        assert_eq!(one.as_written.outcomes.get(&Outcome::Stalled), Some(&SEEDS));
        let left = if one.at_us < 5_000_000 { Outcome::Stable } else { Outcome::Stalled };
        assert_eq!(one.left_alone.outcomes.get(&left), Some(&SEEDS), "at {}", one.at_us);
    }
}
