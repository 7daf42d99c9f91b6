//! Queue, retries and chance of clients, without a group.

use super::*;

fn clients(words: &str) -> Clients {
    let text = format!(
        "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster etcd: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n\
         clients {words}\nrun 10s\n"
    );
    crate::scenario::text::parse(&text).expect("it is right").group().clients.expect("it has them")
}

#[test]
fn gaps_are_exponential() {
    let mut front = Front::new(clients("1/s"), 7);
    let gaps: Vec<u64> = (0..40_000).map(|_| front.gap().0).collect();
    let mean = gaps.iter().sum::<u64>() / 40_000;
    assert!((985_000..1_015_000).contains(&mean), "{mean}");
    // Of an exponential distribution the variance is the mean squared; in thousandths of it.
    let squares: u64 = gaps.iter().map(|gap| (gap / 1000).pow(2)).sum::<u64>() / 40_000;
    let variance = squares - (mean / 1000).pow(2);
    assert!((950_000..1_050_000).contains(&variance), "{variance}");
    // 1 - 1/e of them are shorter than the mean, half shorter than ln 2 of it.
    let shorter = |than: u64| gaps.iter().filter(|gap| **gap < than).count();
    assert!((24_900..25_700).contains(&shorter(1_000_000)), "{}", shorter(1_000_000));
    assert!((19_600..20_400).contains(&shorter(693_147)), "{}", shorter(693_147));
}

#[test]
fn who_came_first_or_last_is_next_and_more_are_refused() {
    for (order, served) in [("fifo", [1, 2, 3]), ("lifo", [3, 2, 1])] {
        let mut front = Front::new(clients(&format!("9/s, database 9/s, queue 3 {order}")), 7);
        let mut slots = Vec::new();
        for request in 1..=4 {
            let (number, one) = front.arrive(Micros(1));
            assert_eq!(number, request);
            slots.push(one.slot());
            let refused = front.waits(one) == Micros::ZERO;
            assert_eq!(refused, request == 4);
        }
        let full = GivenUp::Failed { request: 4, failure: Failure::QueueFull };
        assert_eq!(front.give_up(slots[3]), full);
        for (command, request) in (1..).zip(served) {
            assert_eq!(front.begin(), Some(Micros(111_111)));
            assert_eq!(front.begin(), None, "one at a time");
            front.propose(command, Micros(2), true);
            assert_eq!(front.answer(command), Some(request));
            assert_eq!(front.answer(command), None, "once");
            assert_eq!(front.give_up(slots[request as usize - 1]), GivenUp::Answered);
        }
    }
}

#[test]
fn who_gave_up_is_worked_for_and_not_answered() {
    let mut front = Front::new(clients("9/s, retry 1 after 2s, database 10/s"), 7);
    let (_, one) = front.arrive(Micros::ZERO);
    let again = GivenUp::Again { request: 1, after: Micros::from_secs(2) };
    assert_eq!(front.give_up(one.slot()), again);
    assert!(front.begin().is_some());
    front.propose(1, Micros::from_secs(1), true);
    assert_eq!(front.answer(1), None, "nobody waits for it");
    let (request, one) = front.send_again(one.slot(), Micros::from_secs(3));
    assert_eq!(request, 1);
    assert!(front.begin().is_some());
    front.propose(2, Micros::from_secs(3), true);
    assert_eq!(front.answer(1), None);
    assert_eq!(front.answer(2), Some(1));
    assert_eq!(front.give_up(one.slot()), GivenUp::Answered);
}

#[test]
fn a_failure_has_the_cause_that_its_last_try_met() {
    let causes = |words: &str, retries_first: bool, then: &dyn Fn(&mut Front, Try) -> GivenUp| {
        let mut front = Front::new(clients(words), 7);
        if retries_first {
            let (_, one) = front.arrive(Micros::ZERO);
            front.give_up(one.slot());
            front.send_again(one.slot(), Micros::ZERO);
        }
        let (_, one) = front.arrive(Micros::ZERO);
        let GivenUp::Failed { failure, .. } = then(&mut front, one) else { panic!("{words}") };
        failure
    };
    let waits = |front: &mut Front, one: Try| {
        // Its last try of two, if it has two.
        match front.give_up(one.slot()) {
            GivenUp::Again { .. } => {
                front.send_again(one.slot(), Micros::ZERO);
                front.give_up(one.slot())
            }
            last @ (GivenUp::Answered | GivenUp::Failed { .. }) => last,
        }
    };
    assert_eq!(causes("9/s, database 10/s", false, &waits), Failure::Queue);
    let storm = "9/s, retry 1 after 1s, database 10/s";
    assert_eq!(causes(storm, true, &waits), Failure::RetryStorm);
    let slow = "9/s, retry 1 after 1s, database 5/s";
    assert_eq!(causes(slow, true, &waits), Failure::Queue, "first tries alone are too many");
    let long = "1/s, timeout 150ms, retry 1 after 1s, database 10/s";
    assert_eq!(causes(long, true, &waits), Failure::Queue, "late if nobody were before it");
    for (at_ms, led, failure) in [
        (600, true, Failure::Queue),
        (400, true, Failure::NotCommitted),
        (400, false, Failure::NoLeader),
    ] {
        let proposed = |front: &mut Front, one: Try| {
            front.begin();
            front.propose(1, Micros::from_millis(at_ms), led);
            front.give_up(one.slot())
        };
        assert_eq!(causes("9/s", false, &proposed), failure);
    }
}

/// A last first database works on the one that it chose, though another comes meanwhile.
#[test]
fn who_comes_while_another_is_served_waits() {
    let mut front = Front::new(clients("9/s, database 10/s, queue 3 lifo"), 7);
    let first = front.arrive(Micros::ZERO).1;
    let second = front.arrive(Micros::ZERO).1;
    assert!(front.begin().is_some());
    let third = front.arrive(Micros(1)).1;
    let fourth = front.arrive(Micros(2)).1;
    assert_eq!(front.waits(third), Micros::from_secs(1));
    assert_eq!(front.waits(fourth), Micros::ZERO, "who is served has a place");
    front.propose(1, Micros::from_millis(100), true);
    assert_eq!(front.answer(1), Some(second.number));
    front.begin();
    front.propose(2, Micros::from_millis(200), true);
    assert_eq!(front.answer(2), Some(third.number));
    front.begin();
    front.propose(3, Micros::from_millis(300), true);
    assert_eq!(front.answer(3), Some(first.number));
}

/// Why a request failed whose last try waited for those of a thousand others, so many of whom had
/// come twice by then.
fn fails_behind(words: &str, retries: u32) -> Failure {
    let mut front = Front::new(clients(words), 7);
    let come = |front: &mut Front| {
        for number in 0..1000 {
            let (_, one) = front.arrive(Micros::ZERO);
            if number < retries {
                front.give_up(one.slot());
                front.send_again(one.slot(), Micros::ZERO);
            }
        }
    };
    let (_, last) = front.arrive(Micros::ZERO);
    front.give_up(last.slot());
    if words.contains("fifo") {
        come(&mut front);
    }
    front.send_again(last.slot(), Micros::ZERO);
    if words.contains("lifo") {
        come(&mut front);
    }
    match front.give_up(last.slot()) {
        GivenUp::Failed { failure, .. } => failure,
        other @ (GivenUp::Answered | GivenUp::Again { .. }) => panic!("{other:?}"),
    }
}

/// A storm is more retries than the database has the time for, beside first tries.
#[test]
fn a_few_retries_are_no_storm() {
    for order in ["fifo", "lifo"] {
        let fails = |rate: u32, retries| {
            let rest = format!("retry 1 after 1s, database 300/s, queue 5000 {order}");
            fails_behind(&format!("{rate}/s, {rest}"), retries)
        };
        for (retries, failure) in
            [(1, Failure::Queue), (100, Failure::Queue), (500, Failure::RetryStorm)]
        {
            assert_eq!(fails(280, retries), failure, "{order} {retries}");
        }
        // A third of its time is left for them.
        assert_eq!(fails(200, 490), Failure::Queue, "{order}");
        assert_eq!(fails(200, 510), Failure::RetryStorm, "{order}");
    }
}
