//! Reads: which of them are fresh under which protocol, whatever fails.
//!
//! Where a read may miss a write, random runs must find one: a check that cannot fail proves
//! nothing.

use std::sync::Arc;

use halflink::check::Property;
use halflink::clock::Micros;
use halflink::fault::Action;
use halflink::protocol::{Protocol, ReadMode};
use halflink::rng::Rng;
use halflink::run::Run;
use halflink::scenario::library::find;
use halflink::scenario::{Scenario, arbitrary};

use crate::support::{Finished, run_to_end, scenario, secs, size};
use halflink::words::told;

/// The flavours whose voters keep to the leader that they heard, as a lease asks of them.
const KEPT: [Protocol; 3] =
    [Protocol::RaftSticky, Protocol::RaftPrevoteCheckquorum, Protocol::RaftStickyCheckquorum];

/// The flavours whose leader reads by its lease as long as it leads; without check-quorum etcd's
/// library does not start with that option.
const ETCD: [Protocol; 2] = [Protocol::EtcdRaftCheckquorum, Protocol::EtcdRaftPrevoteCheckquorum];

/// Random runs in which clients read while leaders are cut off, stopped and replaced.
fn reading(protocol: Protocol, by: ReadMode) -> impl Fn(u32) -> Scenario {
    move |number| arbitrary::reading(&mut Rng::new(number ^ 0x4ead_0000), protocol, by)
}

fn stale(finished: &Finished) -> usize {
    finished.history.reads.iter().filter(|read| read.stale).count()
}

/// Fails if any of so many runs is unsafe, or if hardly a read is answered in them.
fn assert_fresh(protocol: Protocol, by: ReadMode, runs: u32) {
    let (mut answered, mut leaders) = (0, 0);
    for number in 0..runs {
        let finished = run_to_end(reading(protocol, by)(number));
        finished.assert_safe(&format!("{protocol} by {}, number {number}", by.name()));
        assert_eq!(stale(&finished), 0);
        answered += finished.history.reads.iter().filter(|read| read.answered.is_some()).count();
        leaders += finished.history.elections.len();
    }
    println!("{protocol} by {}: {answered} reads of {leaders} leaders are fresh", by.name());
    let runs = runs as usize;
    assert!(answered > 300 * runs && leaders > 3 * runs, "{answered} reads of {leaders} leaders");
}

/// Fails unless one of so many scenarios has a stale read, and nothing else wrong with it.
fn assert_stale(scenarios: impl Fn(u32) -> Scenario, most: u32) {
    let found = (0..most).find_map(|number| {
        let finished = run_to_end(scenarios(number));
        (stale(&finished) > 0).then_some((number, finished))
    });
    let protocol = scenarios(0).group().protocol;
    let (number, finished) = found.unwrap_or_else(|| panic!("{protocol}: none in {most} runs"));
    let broken = &finished.history.violations;
    let detail = told("violation", &broken[0].detail);
    println!("{protocol}: number {number}, {detail}");
    assert!(broken.iter().all(|one| one.property == Property::FreshReads), "{broken:?}");
    let missed = detail.contains("without write");
    assert!(missed && detail.contains("leads term"), "{broken:?}");
}

#[test]
fn reads_by_quorum_are_always_fresh() {
    for protocol in Protocol::RAFTS {
        assert_fresh(protocol, ReadMode::Quorum, size(40, 2_000));
    }
}

#[test]
fn reads_by_lease_are_fresh_where_voters_keep_to_their_leader() {
    for protocol in KEPT {
        assert_fresh(protocol, ReadMode::Lease, size(150, 5_000));
    }
}

#[test]
fn local_reads_are_stale_soon() {
    for protocol in Protocol::RAFTS {
        assert_stale(reading(protocol, ReadMode::Local), 10);
    }
}

/// Figure 2 of the paper has voters elect whoever asks, while the lease of their leader runs.
#[test]
fn reads_by_lease_are_stale_where_voters_elect_whoever_asks() {
    // Rarely, where nothing is made for it: in one run of several hundred.
    assert_stale(reading(Protocol::Raft, ReadMode::Lease), 5_000);
    // n1 hears n3 no more and asks n2, who hears n3 well and elects n1 all the same. n3's lease
    // runs on until n2 answers its next heartbeat: time enough for a write, if one comes.
    let elected = |seed| {
        let text = "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
             cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 400ms, election 1s..2s\n\
             seed 1\nwrite every 2s\nread every 10ms by lease\nat 200ms elect n3\n\
             at 4100ms cut n1 <-> n3\nrun 10s\n";
        scenario(text).with(|group| group.seed = seed)
    };
    assert_stale(elected, 50);
    for protocol in KEPT {
        for seed in 0..50 {
            run_to_end(elected(seed).with(|group| group.protocol = protocol))
                .assert_safe("voters keep to n3");
        }
    }
}

#[test]
fn etcds_reads_by_lease_are_stale_soon() {
    for protocol in ETCD {
        assert_stale(reading(protocol, ReadMode::Lease), 30);
    }
}

/// Check-quorum asks every election timeout who answered in the last one, so a leader may lead for
/// two after it was last heard, and its voters wait for one (etcd-io/raft#166). Links alone fail
/// here.
#[test]
fn etcds_lease_is_longer_than_its_voters_wait() {
    for protocol in ETCD {
        let links_alone = |number| {
            let mut scenario = reading(protocol, ReadMode::Lease)(number);
            scenario
                .actions
                .retain(|(_, act)| matches!(act, Action::Cut { .. } | Action::Heal { .. }));
            scenario.group_mut().election_of.clear();
            scenario.group_mut().clocks.clear();
            scenario
        };
        assert_stale(links_alone, 200);
    }
}

/// A lease stands on clocks that run alike (Ongaro's thesis, section 6.4.1): with one that is slow
/// its leader holds it for longer than its voters wait. By quorum no clock matters.
#[test]
fn a_lease_by_a_slow_clock_outlives_what_voters_wait() {
    let cut_off = |by: &str, clock: &str| {
        let text = format!(
            "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
             cluster c: raft+sticky on r1.s1 r2.s1 r3.s1\n\
             timing heartbeat 100ms, election 1s..1500ms\n{clock}seed 1\nwrite every 50ms\n\
             read every 50ms by {by}\nat 0s elect n3\nat 4s cut n3 <-> n1\nat 4s cut n3 <-> n2\n\
             run 10s\n"
        );
        move |seed| scenario(&text).with(|group| group.seed = seed)
    };
    assert_stale(cut_off("lease", "clock n3 50%\n"), 20);
    for seed in 0..size(30, 1_000) {
        for (by, clock) in
            [("lease", ""), ("lease", "clock n3 200%\n"), ("quorum", "clock n3 50%\n")]
        {
            let finished = run_to_end(cut_off(by, clock)(seed));
            finished.assert_safe(&format!("by {by}, {clock}seed {seed}"));
            assert!(finished.history.elections.len() > 1, "n3 is replaced");
        }
    }
}

/// What its notes say of n3, and when.
#[test]
fn a_slow_clock_has_n3_answer_until_its_lease_is_over_and_no_longer() {
    let finished = run_to_end(scenario(find("slow-clock").expect("shipped").text));
    let reads = &finished.history.reads;
    let stale: Vec<_> = (0..reads.len()).filter(|&number| reads[number].stale).collect();
    assert!(reads[stale[0]].at >= Micros::from_millis(5_100), "the note of 5.1s");
    // Clients read in turn, so it is the same one who misses writes, and later hears nothing more.
    assert!(stale.iter().all(|number| number % 3 == stale[0] % 3 && reads[*number].at < secs(6)));
    let own = reads.iter().skip(stale[0]).step_by(3);
    assert!(own.filter(|read| read.at >= secs(6)).all(|read| read.answered.is_none()));
}

/// What the head of the shipped scenario says of it.
#[test]
fn without_the_slow_clock_or_by_quorum_no_read_is_stale() {
    let text = find("slow-clock").expect("shipped").text;
    for (from, to) in [("clock   n3 50%", "clock   n3 100%"), ("by lease", "by quorum")] {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text);
        run_to_end(scenario(&other)).assert_safe(to);
    }
}

/// A replica's timers run out by its own clock, and nothing else does.
#[test]
fn timers_run_by_the_clock_of_their_replica() {
    let beats = |clock: &str| {
        let text = format!(
            "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
             cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
             {clock}seed 1\nat 0s elect n1\nrun 60s\n"
        );
        run_to_end(scenario(&text)).run.world().delivered()
    };
    let (right, fast, slow) = (beats(""), beats("clock n1 200%\n"), beats("clock n1 50%\n"));
    let is_near = |count: u64, of: u64| count.abs_diff(of) <= of / 20;
    assert!(is_near(fast, 2 * right) && is_near(slow, right / 2), "{slow}, {right}, {fast}");
}

/// A leader that reads by its lease needs no messages for it: as many reads are answered as are
/// asked of it, and half of them before a round could have been heard.
#[test]
fn a_lease_answers_at_once_and_a_quorum_does_not() {
    let text = |by: &str| {
        format!(
            "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
             cluster c: raft+sticky on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
             seed 1\nread every 70ms by {by}\nat 10ms elect n1\nrun 5s\n"
        )
    };
    let at_once = |by| {
        let finished = run_to_end(scenario(&text(by)));
        let reads = finished.history.reads.iter();
        let answers = reads.filter_map(|read| Some((read.at, read.answered?.0)));
        let (count, at_once) =
            (answers.clone().count(), answers.filter(|(at, to)| at == to).count());
        assert_eq!(count, finished.history.reads.len(), "{by}: somebody waits for ever");
        (at_once, count)
    };
    let (local, all) = at_once("local");
    assert_eq!(local, all);
    let (quorum, _) = at_once("quorum");
    assert_eq!(quorum, 0);
    // The first reads come before the first round that was counted.
    let (lease, all) = at_once("lease");
    assert!((all - 3..all).contains(&lease), "{lease} of {all}");
}

/// A client asks whom the replica beside it believes to lead: no fault of a link is in its way, and
/// it gets no answer from one that follows nobody, does not run, or does not lead any more.
#[test]
fn clients_read_in_turn_where_their_replica_sends_them() {
    let finished = run_to_end(scenario(
        "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 10s..20s\nseed 1\n\
         read every 1s by local\nat 1500ms elect n1\nat 4500ms cut n1 <-> n2\n\
         at 7500ms crash r2.s1\nat 10500ms crash r1.s1\nrun 14s\n",
    ));
    let answered = finished.history.reads.iter().map(|read| read.answered.is_some());
    // 1: nobody leads yet. 2 to 7: n1 leads, and cut links keep no client away. 8, 11: n2's own is
    // down. 9, 10: the others read on. From 12 on n1 is down, and whoever follows it asks in vain.
    let expected = ".xxxxxx.xx....".chars().map(|one| one == 'x');
    assert_eq!(answered.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

/// A record that is cut back, as a fork does, and gone on with from there is the same record.
#[test]
fn a_record_that_is_cut_back_has_its_reads_back() {
    let tried = (0..20).map(|number| run_to_end(reading(Protocol::Raft, ReadMode::Local)(number)));
    let stale = tried.into_iter().find(|finished| stale(finished) > 0).expect("one is stale");
    let (mut run, mut history) = Run::new(Arc::clone(&stale.scenario));
    let last = stale.history.reads.iter().rposition(|read| read.stale).expect("as above");
    while history[0].reads.len() < last {
        run.step(&mut history);
    }
    let (checkpoint, mark) = (run.clone(), history[0].mark(run.world().now()));
    let before = history[0].reads.clone();
    run.advance(u64::MAX, &mut history);
    let whole = history[0].reads.clone();
    assert!(whole == stale.history.reads && whole.len() > before.len());
    history[0].cut(&mark);
    assert_eq!(history[0].reads, before);
    let mut again = checkpoint;
    again.advance(u64::MAX, &mut history);
    assert_eq!(history[0].reads, whole);
}
