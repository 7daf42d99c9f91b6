use super::*;

const SECOND: u64 = 1_000_000;

fn server(rack: u8) -> ServerAt {
    ServerAt { rack, slot: 0 }
}

/// Three members, a lease of 10 s, a promotion of 2 s and a rebuild of 30 s.
fn cluster(rebuilds_all: bool) -> DatabaseCluster {
    DatabaseCluster {
        name: "auth".to_owned(),
        members: vec![server(0), server(1), server(2)],
        lease: Micros::from_secs(10),
        promote: Micros::from_secs(2),
        rebuild: Micros::from_secs(30),
        rebuilds_all,
        reads: Some([300, 150]),
    }
}

/// What a minute's record is made of.
struct Kept(Vec<Micros>, Vec<(Micros, ServerAt, bool)>);

/// A minute in which the group commits a write at each of these seconds.
fn history(commits: impl IntoIterator<Item = u64>, servers: &[(u64, u8, bool)]) -> Kept {
    let stopped = |&(at, rack, runs): &_| (Micros::from_secs(at), server(rack), runs);
    let commits = commits.into_iter().map(Micros::from_secs).collect();
    Kept(commits, servers.iter().map(stopped).collect())
}

fn course(of: &DatabaseCluster, Kept(commits, servers): &Kept) -> Course {
    Course::of(of, Record { commits, servers }, Micros::from_secs(60))
}

/// Primary, serving, rebuilding, fenced and down from each second on.
fn told(course: &Course) -> Vec<(u64, Option<u8>, [u8; 4])> {
    let told = |one: &Standing| {
        let counts = [one.serving, one.rebuilding, one.fenced, one.down];
        (one.from_us / SECOND, one.primary, counts)
    };
    course.standings.iter().map(told).collect()
}

#[test]
fn while_the_group_commits_nobody_is_promoted() {
    let course = course(&cluster(true), &history((0..60).step_by(5), &[]));
    assert_eq!(course.promotions, []);
    assert_eq!(told(&course), [(0, Some(0), [3, 0, 0, 0])]);
}

#[test]
fn a_write_in_the_last_moment_renews_the_lease() {
    let promotions =
        |until| course(&cluster(true), &history((0..60).step_by(until), &[])).promotions;
    assert_eq!(promotions(10), []);
    assert!(!promotions(11).is_empty());
}

#[test]
fn a_group_that_commits_nothing_costs_a_healthy_primary_its_place() {
    let run = history([5], &[]);
    let one = course(&cluster(false), &run);
    let promoted = |lapsed: u64, at: u64, from, to| Promotion {
        lapsed_us: lapsed * SECOND,
        at_us: at * SECOND,
        from,
        to,
    };
    // The next lease is over at 27 s, and the third member takes over.
    let expected = [promoted(15, 17, 0, 1), promoted(27, 29, 1, 2)];
    assert_eq!(one.promotions[..2], expected);
    assert_eq!(
        told(&one)[..3],
        [(0, Some(0), [3, 0, 0, 0]), (15, None, [2, 0, 1, 0]), (17, Some(1), [2, 1, 0, 0]),]
    );
    // With the defect nobody is left who could: the second primary goes on until one is.
    let all = course(&cluster(true), &run);
    assert_eq!(all.promotions, [promoted(15, 17, 0, 1), promoted(47, 49, 1, 0)]);
    assert_eq!(told(&all)[2..4], [(17, Some(1), [1, 2, 0, 0]), (47, None, [2, 0, 1, 0])]);
}

#[test]
fn a_primary_whose_server_stops_is_replaced_though_the_group_commits() {
    let course = course(&cluster(false), &history(0..60, &[(20, 0, false), (40, 0, true)]));
    let promotions: Vec<_> = course.promotions.iter().map(|one| one.at_us / SECOND).collect();
    // Its last renewal was at 19 s.
    assert_eq!(promotions, [31]);
    assert_eq!(
        told(&course),
        [
            (0, Some(0), [3, 0, 0, 0]),
            (20, None, [2, 0, 0, 1]),
            (31, Some(1), [2, 0, 0, 1]),
            (40, Some(1), [2, 1, 0, 0])
        ]
    );
}

#[test]
fn who_stops_while_it_is_rebuilt_begins_anew() {
    let run = history((0..60).filter(|at| !(6..18).contains(at)), &[(30, 0, false), (32, 0, true)]);
    let mut of = cluster(false);
    of.rebuild = Micros::from_secs(20);
    // Promoted at 17 s; without the stop it would have been back at 37 s.
    let course = course(&of, &run);
    assert_eq!(told(&course).last(), Some(&(52, Some(1), [3, 0, 0, 0])));
}

#[test]
fn who_does_not_run_is_down_and_neither_rebuilt_nor_shut_out() {
    let of = cluster(false);
    // The group commits nothing from 5 s on: shut out at 15 s, promoted at 17 s.
    let one = course(&of, &history([5], &[(10, 2, false), (16, 0, false), (20, 0, true)]));
    let which = |at: u64| {
        let at = at * SECOND;
        let one = one.standings.iter().rfind(|one| one.from_us <= at).expect("from zero on");
        (one.copying, one.shut_out, one.stopped)
    };
    assert_eq!(
        [14, 15, 16, 17].map(which),
        [(0, 0, 0b100), (0, 0b001, 0b100), (0, 0, 0b101), (0, 0, 0b101),]
    );
    assert_eq!(which(20), (0b001, 0, 0b100), "it is copied from when its server runs");
}

#[test]
fn nothing_is_copied_from_a_primary_that_does_not_run() {
    let mut of = cluster(false);
    of.rebuild = Micros::from_secs(10);
    of.members.truncate(2);
    let commits = (0..60).filter(|at| !(6..18).contains(at));
    // Promoted at 17 s; the new primary stops at 20 s, and runs again from 40 s on.
    let course = course(&of, &history(commits, &[(20, 1, false), (40, 1, true)]));
    assert_eq!(course.promotions.len(), 1, "who has half a copy takes over nothing");
    let told = told(&course);
    assert!(told.contains(&(20, None, [0, 1, 0, 1])), "{told:?}");
    assert_eq!(told.last(), Some(&(50, Some(1), [2, 0, 0, 0])));
}

/// Who waits for a source that does not run gets another one with the next promotion.
#[test]
fn a_new_primary_is_the_source_of_whoever_waits() {
    let mut of = cluster(false);
    of.rebuild = Micros::from_secs(10);
    let commits = (0..60).filter(|at| !(6..18).contains(at));
    // r1 is copied from r2, which stops at 20 s for good; r3 takes over at 31 s.
    let course = course(&of, &history(commits, &[(20, 1, false)]));
    assert_eq!(course.promotions.last().map(|one| (one.at_us / SECOND, one.to)), Some((31, 2)));
    assert_eq!(told(&course).last(), Some(&(41, Some(2), [2, 0, 0, 1])));
}

#[test]
fn nobody_is_promoted_where_nobody_could_take_over() {
    let stopped = [(1, 1, false), (1, 2, false)];
    let course = course(&cluster(true), &history([], &stopped));
    assert_eq!(course.promotions, []);
    assert_eq!(told(&course).last(), Some(&(1, Some(0), [1, 0, 0, 2])));
}

#[test]
fn a_promotion_waits_for_somebody_to_promote() {
    let stops = [(11, 1, false), (11, 2, false), (20, 2, true)];
    let course = course(&cluster(true), &history([], &stops));
    let one = course.promotions[0];
    assert_eq!((one.lapsed_us, one.at_us, one.from, one.to), (10 * SECOND, 20 * SECOND, 0, 2));
}
