//! Database clusters: what a group that commits nothing costs those whose leases it keeps.

use halflink::history::History;
use halflink::outcome::DatabaseReads;
use halflink::report::Report;
use halflink::rng::Rng;
use halflink::run::to_end;
use halflink::scenario::arbitrary::scenario as random;
use halflink::scenario::library::library;
use halflink::scenario::text::parse;
use halflink::service::database::Course;
use halflink::timeline::Timeline;
use std::sync::Arc;

use crate::support::{scenario, size};

/// The shipped day, with a line changed.
fn day(old: &str, new: &str) -> Report {
    let text = library().iter().find(|entry| entry.name == "cloudflare-full-day").unwrap().text;
    assert!(text.contains(old), "{old}");
    let (run, history) = to_end(Arc::new(scenario(&text.replace(old, new))));
    Report::of(&run, &history)
}

/// For how many seconds too few reads were served, by cluster.
fn short_seconds(report: &Report) -> Vec<u64> {
    report.databases.iter().map(|one| one.short_us / 1_000_000).collect()
}

/// Each is what a caption says.
#[test]
fn six_minutes_cost_six_and_a_half_hours() {
    let report = day("seed    2020", "seed    2020");
    for (cluster, servers) in report.databases.iter().zip([["r1.s2", "r2.s2"], ["r1.s3", "r2.s3"]])
    {
        let [one] = cluster.promotions[..] else { panic!("{:?}", cluster.promotions) };
        // "14:44", and "14:45": 0s is 14:42:57.
        assert_eq!((one.lapsed_us / 1_000_000, one.at_us / 1_000_000), (63, 123));
        let names = [one.from, one.to].map(|number| cluster.servers[usize::from(number)].as_str());
        assert_eq!(names, servers);
    }
    let [config, auth] = &short_seconds(&report)[..] else { panic!() };
    assert_eq!((config / 60, auth / 60), (15, 395));
    // "serves 300 of the 400 reads".
    let reads = &report.databases[1];
    assert_eq!(reads.failed.keys().collect::<Vec<_>>(), [&"rebuild"]);
    assert_eq!(reads.failed["rebuild"], reads.short_us / 10_000);
}

/// Nobody is promoted where the group goes on, or the manager is more patient, or the switch fails
/// whole.
#[test]
fn with_one_line_changed_nobody_notices() {
    for (old, new) in [
        ("etcd-raft on", "etcd-raft+prevote+checkquorum on"),
        ("lease 60s", "lease 600s"),
        ("gray r1.tor-a drops n1 <-> n3", "fail r1.tor-a"),
    ] {
        // What lifts one switch that is gray restores one that is dead.
        let text = library().iter().find(|entry| entry.name == "cloudflare-full-day").unwrap().text;
        let heal = if new.starts_with("fail") { "restore r1.tor-a" } else { "heal r1.tor-a" };
        let text = text.replace(old, new).replace("heal r1.tor-a", heal);
        let (run, history) = to_end(Arc::new(scenario(&text)));
        let report = Report::of(&run, &history);
        assert_eq!(short_seconds(&report), [0, 0], "{new}");
        assert!(report.databases.iter().all(|one| one.promotions.is_empty()), "{new}");
    }
}

/// With a rebuild of the old primary alone two members are left, enough for all reads: until etcd,
/// still read-only, costs the next one its place, too.
#[test]
fn without_the_defect_it_takes_a_second_promotion_to_hurt() {
    let report = day("rebuild all", "rebuild");
    for cluster in &report.databases {
        assert!(cluster.promotions.len() > 1, "{:?}", cluster.promotions);
        let second = cluster.promotions[1].lapsed_us;
        let first_short = cluster.standings.iter().find(|one| one.serving < 2).unwrap();
        assert_eq!(first_short.from_us, second);
    }
    let patient = day("rebuild all 23700s", "rebuild 23700s, reads 300/s of 300/s\n# ");
    assert_eq!(short_seconds(&patient)[1], 0);
}

/// A database takes no part in the run: the trace is that of the text without it.
#[test]
fn a_database_changes_no_trace() {
    let mut rng = Rng::new(41);
    let mut seen = 0;
    for _ in 0..size(1_500, 20_000) {
        let with = random(&mut rng);
        if with.group().databases.is_empty() {
            continue;
        }
        seen += 1;
        assert_eq!(parse(&with.to_string()).as_ref(), Ok(&with));
        let mut without = with.clone();
        without.group_mut().databases.clear();
        let hash = |scenario| to_end(Arc::new(scenario)).0.group().trace_hash();
        assert_eq!(hash(with), hash(without));
    }
    assert!(seen > 50, "{seen}");
}

/// What a reader sees who has jumped about is what the run came to.
#[test]
fn a_forked_timeline_tells_the_same() {
    let mut rng = Rng::new(42);
    let mut seen = 0;
    for _ in 0..size(600, 8_000) {
        let scenario = random(&mut rng);
        let Some(one) = scenario.group().databases.first().cloned() else { continue };
        seen += 1;
        let (_, history) = to_end(Arc::new(scenario.clone()));
        let mut early = scenario.clone();
        early.actions.retain(|(at, _)| at.0 < scenario.until.0 / 2);
        early.repeats.clear();
        if scenario.repeats.is_empty() {
            let mut timeline = Timeline::new(early);
            timeline.finish();
            timeline.change(scenario.clone());
            timeline.finish();
            let told = |history: &History| {
                let course = Course::of(&one, history.of_databases(), scenario.until);
                let reads = DatabaseReads::of(&one, &course, scenario.until);
                (course.promotions, course.standings, reads)
            };
            assert_eq!(told(timeline.history()), told(&history));
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn what_is_wrong_is_pointed_at() {
    let text = |line: &str| {
        format!(
            "halflink 1\ntitle \"D\"\nplant 3 racks of 3 servers, 2 disks each\n\
             cluster etcd: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
             seed 1\n{line}\nwrite every 300ms\nrun 30s\n"
        )
    };
    for (line, column, piece) in [
        ("database auth on r1.s2, lease 30s", 10, "2 to 5 members, the primary first"),
        ("database auth on r1.s2 r1.s2, lease 30s", 24, "r1.s2 is a member already"),
        ("database auth on r1.s2 r4.s2, lease 30s", 24, "no r4.s2 here"),
        ("database auth on r1.s2 r2.s2, lease 999ms", 37, "a lease takes 1s to 28800s"),
        ("database auth on r1.s2 r2.s2, lease 1s, promote 28801s", 49, "a promotion takes 0s to"),
        ("database auth on r1.s2 r2.s2, lease 1s, reads 0/s of 1/s", 47, "a rate is 1/s"),
        ("database auth on r1.s2 r2.s2, lease 1s, reads 1/s of 0/s", 54, "a rate is 1/s"),
        ("database auth on r1.s2 r2.s2, reads 1/s of 1/s", 29, "expected `, lease`"),
        ("database auth on r1.s2 r2.s2, lease 1s, rebuild", 48, "how long a rebuild takes"),
        ("database auth on r1.s2 r2.s2, lease 1s, promote 1s, promote 1s", 53, "each once and in"),
        ("database Auth on r1.s2 r2.s2, lease 1s", 10, "the name of a database cluster"),
    ] {
        let wrong = parse(&text(line)).expect_err(line);
        let [only] = &wrong[..] else { panic!("{line}: {wrong:?}") };
        assert_eq!((only.line, only.column), (7, column), "{line}: {}", only.message());
        assert!(only.message().contains(piece), "{line}: {}", only.message());
    }
    let one = "database auth on r1.s2 r2.s2, lease 1s\n";
    let twice = parse(&text(&one.repeat(2))).expect_err("twice");
    assert!(twice[0].message().contains("there is a database cluster auth already"));
    let silent = parse(&text(one).replace("write every 300ms\n", "")).expect_err("no writes");
    assert!(silent[0].message().contains("needs `write every`"), "{}", silent[0].message());
}
