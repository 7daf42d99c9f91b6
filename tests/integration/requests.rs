//! Clients who come at a rate: what `HotOS` '21 and a simulator of queues found holds here, each
//! request has one fate and each failure one cause.

use halflink::history::History;
use halflink::outcome::Requests;
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::scenario::arbitrary::scenario as random;
use halflink::scenario::text::parse;
use halflink::service::Failure;

use crate::support::{run_to_end, scenario, secs, size};

/// A group whose clients come so, and that has no quorum from 10 s on for so long; a minute in all.
fn outage(clients: &str, seconds: u64, seed: u32) -> History {
    let until = 10 + seconds;
    let faults = if seconds == 0 {
        String::new()
    } else {
        format!("at 10s partition n1 | n2 | n3\nat {until}s heal n1 | n2 | n3\n")
    };
    run_to_end(scenario(&format!(
        "halflink 1\ntitle \"Requests\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster db: raft+prevote+checkquorum on r1.s1 r2.s1 r3.s1\n\
         timing heartbeat 100ms, election 1s..2s\nseed {seed}\nclients {clients}\n\
         at 0s elect n3\n{faults}run 60s\n"
    )))
    .history
}

/// How many of 100 requests were answered that came in the third quarter of the last 20 s, after
/// every outage here.
fn share_at_the_end(history: &History) -> u32 {
    let stretches = Requests::by(history, secs(5));
    let last = &stretches[10];
    assert!(last.asked > 0 && last.waiting == 0, "{last:?}");
    100 * last.answered / last.asked
}

const SEEDS: std::ops::Range<u32> = 1..21;

/// Bronson et al., section 2.1: 280/s stays down after an outage of 10 s, 150/s comes back.
#[test]
fn after_an_outage_retries_keep_a_database_down_that_was_nearly_full() {
    for seed in SEEDS {
        let full = outage("280/s, retry 1 after 1s, database 300/s", 10, seed);
        assert_eq!(share_at_the_end(&full), 0, "seed {seed}");
        let before = &Requests::by(&full, secs(5))[1];
        assert!(100 * before.answered > 70 * before.asked, "seed {seed}: {before:?}");
        let half = outage("150/s, retry 1 after 1s, database 300/s", 10, seed);
        assert_eq!(share_at_the_end(&half), 100, "seed {seed}");
    }
}

/// The same: it is the retries, and what keeps it down is how full it is: fewer come back from a
/// longer outage.
#[test]
fn without_retries_or_with_fewer_requests_it_comes_back() {
    for seed in SEEDS {
        let once = outage("280/s, database 300/s", 10, seed);
        assert_eq!(share_at_the_end(&once), 100, "seed {seed}: without retries");
        // A short outage, which the fuller one does not survive.
        let down = outage("280/s, retry 1 after 1s, database 300/s", 6, seed);
        let up = outage("160/s, retry 1 after 1s, database 300/s", 10, seed);
        assert!(share_at_the_end(&down) < 5, "seed {seed}");
        assert!(share_at_the_end(&up) > 95, "seed {seed}");
    }
}

/// joemag1/queueingsimulator: under the same overload, last come, first served fails fewer.
#[test]
fn the_last_first_fails_fewer_than_the_first_first() {
    for seed in SEEDS {
        let failed = |order| {
            let clients = format!("200/s, retry 1 after 1s, database 180/s, queue 1000 {order}");
            let whole = Requests::of(&outage(&clients, 0, seed));
            whole.failed.iter().sum::<u32>()
        };
        let [fifo, lifo] = ["fifo", "lifo"].map(failed);
        assert!(lifo * 2 < fifo, "seed {seed}: {lifo} and {fifo}");
    }
}

#[test]
fn each_failure_has_the_cause_that_is_there() {
    let count = |clients, seconds, seed| Requests::of(&outage(clients, seconds, seed)).failed;
    for seed in SEEDS {
        let of = |failed: [u32; 5], failure: Failure| failed[failure as usize];
        // An outage, and nothing that queues: the leader steps down for want of a quorum.
        let plain = count("50/s", 10, seed);
        assert!(of(plain, Failure::NoLeader) > 300, "seed {seed}: {plain:?}");
        assert!(of(plain, Failure::NotCommitted) > 20, "seed {seed}: {plain:?}");
        assert_eq!(plain.iter().sum::<u32>(), plain[3] + plain[4], "seed {seed}: {plain:?}");
        // Too many for the database, and no fault.
        let full = count("200/s, database 100/s, queue 50", 0, seed);
        assert_eq!(full.iter().sum::<u32>(), of(full, Failure::QueueFull), "seed {seed}: {full:?}");
        let slow = count("200/s, database 100/s, queue 10000", 0, seed);
        assert_eq!(slow.iter().sum::<u32>(), of(slow, Failure::Queue), "seed {seed}: {slow:?}");
        let storm = count("280/s, retry 1 after 1s, database 300/s, queue 10000", 10, seed);
        assert!(of(storm, Failure::RetryStorm) > 5000, "seed {seed}: {storm:?}");
    }
}

/// In random texts each request is answered, failed or waiting, and what is told by stretches sums
/// up to the whole.
#[test]
fn fates_and_causes_sum_up() {
    let mut seen = [0; 7];
    for number in 0..size(2000, 40_000) {
        let text = random(&mut Rng::new(number));
        let Some(clients) = text.group().clients else { continue };
        let finished = run_to_end(text.clone());
        let history = &finished.history;
        let whole = Requests::of(history);
        let failed: u32 = whole.failed.iter().sum();
        assert_eq!(whole.asked as usize, history.writes.len(), "{number}");
        assert_eq!(whole.asked, whole.answered + failed + whole.waiting, "{number}: {whole:?}");
        assert_eq!(failed as usize, history.failures.len(), "{number}");
        assert_eq!(whole.answered as usize, history.commits.len(), "{number}");
        for &(at, request, _) in &history.failures {
            let write = history.writes[request as usize - 1];
            assert_eq!(write.committed, None, "{number}: request {request}");
            assert!(at <= write.at + clients.patience(), "{number}: request {request}");
        }
        let answered = history.writes.iter().filter_map(|write| Some((write.committed?, write.at)));
        for (at, from) in answered {
            assert!(at.since(from) <= clients.patience(), "{number}");
        }
        let stretches = Requests::by(history, Requests::stretch(text.until));
        let sum = |of: &dyn Fn(&Requests) -> u32| stretches.iter().map(of).sum::<u32>();
        assert_eq!(sum(&|one| one.asked), whole.asked, "{number}");
        assert_eq!(sum(&|one| one.answered), whole.answered, "{number}");
        for (cause, count) in whole.failed.into_iter().enumerate() {
            assert_eq!(sum(&|one| one.failed[cause]), count, "{number}");
            seen[cause] += count;
        }
        seen[5] += whole.answered;
        seen[6] += whole.waiting;
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

#[test]
fn every_protocol_of_ours_that_takes_writes_answers_them() {
    for protocol in Protocol::here().filter(|one| !one.is_generals() && !one.decides_once()) {
        let replicas = if protocol.name().contains("raft") { 3 } else { 4 };
        let members: Vec<_> = (1..=replicas).map(|rack| format!("r{rack}.s1")).collect();
        let finished = run_to_end(scenario(&format!(
            "halflink 1\ntitle \"Requests\"\nplant 4 racks of 1 server, 2 disks each\n\
             cluster db: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\nseed 3\n\
             clients 20/s, timeout 2s, retry 2 after 1s, database 100/s\nrun 30s\n",
            members.join(" ")
        )));
        let whole = Requests::of(&finished.history);
        assert!(whole.asked > 500, "{protocol}: {whole:?}");
        assert!(100 * whole.answered > 80 * whole.asked, "{protocol}: {whole:?}");
    }
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    for (words, column, length, piece) in [
        ("280", 9, 3, "expected a rate, such as 280/s, found `280`"),
        ("0/s", 9, 3, "a rate is 1/s to 100000/s"),
        ("9000/s, retry 1 after 1s", 9, 6, "1,080,000 tries of clients in this run"),
        ("9/s, timeout 0s", 22, 2, "how long a client waits is 1ms to 600s"),
        ("9/s, retry 11 after 1s", 20, 2, "tries again at most 10 times"),
        ("9/s, retry 1 after 0s", 28, 2, "is 1ms to 600s"),
        ("9/s, database 9/s, queue 0", 34, 1, "a queue has 1 to 10000 places"),
        ("9/s, database 9/s, queue 9 lilo", 36, 4, "who is next: fifo or lifo, found `lilo`"),
        ("9/s, queue 9", 14, 5, "timeout, retry, database or queue, each once and in this order"),
        ("9/s\nwrite every 1s", 9, 3, "a group has one of them"),
    ] {
        let text = format!(
            "halflink 1\ntitle \"Requests\"\nplant 3 racks of 1 server, 2 disks each\n\
             cluster db: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
             seed 1\nclients {words}\nrun 60s\n"
        );
        let wrong = parse(&text).expect_err(words);
        let [only] = &wrong[..] else { panic!("{words}: {wrong:?}") };
        assert_eq!((only.line, only.column, only.length), (7, column, length), "{words}: {only:?}");
        assert!(only.message().contains(piece), "{words}: {}", only.message());
    }
}
