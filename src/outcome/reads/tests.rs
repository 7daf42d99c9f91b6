use super::*;
use crate::history::History;
use crate::plant::ServerAt;
use crate::rng::Rng;

const SECOND: u64 = 1_000_000;

fn random(rng: &mut Rng) -> (DatabaseCluster, History, Micros) {
    let mut some = |most: u32| u64::from(rng.below(most));
    let count = 2 + some(4) as u8;
    let members: Vec<_> = (0..count).map(|rack| ServerAt { rack, slot: 0 }).collect();
    let of = DatabaseCluster {
        name: "any".to_owned(),
        members: members.clone(),
        lease: Micros(SECOND + some(20_000_000)),
        promote: Micros(some(5_000_000)),
        rebuild: Micros(some(40_000_000)),
        rebuilds_all: some(2) == 0,
        reads: Some([1 + some(1_000) as u32, 1 + some(400) as u32]),
    };
    let mut history = History::new(3);
    let end = Micros(SECOND + some(200_000_000));
    let mut at = 0;
    while at < end.0 {
        history.commits.push(Micros(at));
        let most = if some(10) == 0 { 40_000_000 } else { 3_000_000 };
        at += 1 + some(most);
    }
    let mut runs = vec![true; members.len()];
    at = 0;
    while at < end.0 {
        at += 1 + some(30_000_000);
        let number = some(u32::from(count)) as usize;
        runs[number] = !runs[number];
        history.servers.push((Micros(at), members[number], runs[number]));
    }
    (of, history, end)
}

/// A second time, by hand: one microsecond of ten thousand, whoever stands how.
#[test]
fn each_read_is_served_or_has_one_cause() {
    let mut rng = Rng::new(77);
    for _ in 0..300 {
        let (of, history, end) = random(&mut rng);
        let course = Course::of(&of, history.of_databases(), end);
        let whole = DatabaseReads::of(&of, &course, end);
        assert_eq!(whole.asked, whole.answered + whole.failed.iter().sum::<u64>());
        let [come, each] = of.reads.unwrap().map(f64::from);
        let (mut served, mut samples) = (0.0, 0.0);
        for at in (0..end.0).step_by(9_973) {
            let one = course.standings.iter().rfind(|one| one.from_us <= at).unwrap();
            let all = one.serving + one.rebuilding + one.fenced + one.down;
            assert_eq!(usize::from(all), of.members.len());
            served += come.min(each * f64::from(one.serving));
            samples += 1.0;
        }
        let expected = served / samples * end.0 as f64 / 1e6;
        let slack = 10.0 + whole.asked as f64 * 0.01;
        let found = whole.answered as f64;
        assert!((found - expected).abs() < slack, "{found} {expected} {of:?}");
    }
}

/// Stretches are the whole run, cut: what is rounded is less than one of a kind in each.
#[test]
fn stretches_add_up() {
    let mut rng = Rng::new(78);
    for _ in 0..300 {
        let (of, history, end) = random(&mut rng);
        let course = Course::of(&of, history.of_databases(), end);
        let whole = DatabaseReads::of(&of, &course, end);
        let stretches = DatabaseReads::by(&of, &course, end, Micros::from_secs(7));
        let count = stretches.len() as u64;
        assert_eq!(count, end.0.div_ceil(7 * SECOND));
        assert_eq!(stretches.iter().map(|one| one.short_us).sum::<u64>(), whole.short_us);
        let asked: u64 = stretches.iter().map(|one| one.asked).sum();
        assert!(asked <= whole.asked && whole.asked <= asked + count);
        for cause in Shortfall::ALL {
            let of = |one: &DatabaseReads| one.failed[cause as usize];
            let (sum, all) = (stretches.iter().map(of).sum::<u64>(), of(&whole));
            assert!(sum <= all && all <= sum + count, "{cause:?}: {sum} {all}");
        }
    }
}

#[test]
fn nobody_reads_where_the_text_says_nothing() {
    let mut rng = Rng::new(79);
    let (mut of, history, end) = random(&mut rng);
    of.reads = None;
    let course = Course::of(&of, history.of_databases(), end);
    assert_eq!(DatabaseReads::of(&of, &course, end), DatabaseReads::default());
}
