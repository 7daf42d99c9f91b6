//! `elect nX`: at 0 s that replica is the first leader in every protocol that elects one, or the
//! text is refused; later its own timeout fires, and is never without effect.

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::protocol::catalogue::Family;
use halflink::protocol::{Protocol, Role};
use halflink::scenario::text::parse;
use halflink::words::{ENGLISH, Names};

use crate::support::{Finished, run_to_end, scenario};

/// A group of that size.
fn text(protocol: Protocol, replicas: u8, actions: &str) -> String {
    let servers = (0..replicas).map(|number| format!("r{}.s{}", 1 + number % 3, 1 + number / 3));
    let members: Vec<_> = servers.collect();
    format!(
        "halflink 1\ntitle \"Elect\"\nplant 3 racks of 5 servers, 2 disks each\n\
         cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\nseed 7\n\
         write every 300ms\n{actions}",
        members.join(" ")
    )
}

/// The first whom a majority follows once all have heard of it: VR begins in view 0, which is n1's,
/// and to leave it takes a message.
fn first_leader(finished: &Finished) -> Option<ReplicaId> {
    let led = &finished.history.led;
    let first = led.partition_point(|(at, _)| *at <= Micros::from_millis(5)) - 1;
    led[first..].iter().find_map(|&(_, leader)| leader)
}

#[test]
fn at_the_start_it_makes_the_first_leader_or_is_refused() {
    let mut wrong = Vec::new();
    for protocol in Protocol::here() {
        for replicas in [3, 4, 5] {
            for replica in (0..replicas).map(ReplicaId) {
                let text = text(protocol, replicas, &format!("at 0s elect {replica}\nrun 20s\n"));
                match protocol.refuses_first_leader(replica) {
                    Some(why) => {
                        let why = ENGLISH.tell("refusal", &why, &Names::default());
                        let found = parse(&text).expect_err("it is refused");
                        let says = |line: u32, why: &str| {
                            found.iter().any(|one| one.line == line && one.message().contains(why))
                        };
                        assert!(says(8, &why), "{found:#?}");
                    }
                    None if protocol.family() == Family::Byzantine && replicas < 4 => {}
                    None => {
                        let finished = run_to_end(scenario(&text));
                        finished.assert_safe("elect");
                        let first = first_leader(&finished);
                        if first != Some(replica) {
                            wrong.push(format!("{protocol}, {replicas}: {replica}, but {first:?}"));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// It shows in what is said. Whoever leads has no such timer, and Paxos is over by then.
#[test]
fn later_it_is_never_without_effect() {
    let mut wrong = Vec::new();
    for protocol in Protocol::here().filter(|protocol| !protocol.is_generals()) {
        let least = if protocol.family() == Family::Byzantine { 4 } else { 3 };
        for replicas in least..=5 {
            for replica in (0..replicas).map(ReplicaId) {
                let said = |actions: &str| {
                    let finished = run_to_end(scenario(&text(protocol, replicas, actions)));
                    finished.assert_safe("elect");
                    let led = finished.run.group().replica(replica).belief().role == Role::Leader;
                    (finished.run.world().delivered(), led)
                };
                let (before, leads) = said("run 8s\n");
                let (after, _) = said(&format!("at 7850ms elect {replica}\nrun 8s\n"));
                if before == after && !leads && !protocol.decides_once() {
                    wrong.push(format!("{protocol}, {replicas}: {replica} does nothing"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// No size that a text can have ends in a panic: a group is refused at its line, or it runs.
#[test]
fn every_protocol_runs_at_every_size_or_is_refused() {
    let mut ran = 0;
    for protocol in Protocol::here() {
        for replicas in 1..=15 {
            let order = if protocol.is_generals() { "at 1s order attack\n" } else { "" };
            let writes = if protocol.is_generals() { "" } else { "write every 300ms\n" };
            let text = text(protocol, replicas, "").replace("write every 300ms\n", writes);
            let actions =
                format!("{order}at 2s crash r1.s1\nat 3s restart r1.s1\nat 4s wipe r1.s1\n");
            match parse(&format!("{text}{actions}run 6s\n")) {
                Ok(scenario) => {
                    let finished = run_to_end(scenario);
                    assert!(finished.run.world().delivered() > 0 || replicas == 1, "{protocol}");
                    ran += 1;
                }
                Err(wrong) => assert!(wrong.iter().all(|one| one.line > 0), "{wrong:#?}"),
            }
        }
    }
    println!("{ran} groups ran");
    assert!(ran > 250, "only {ran} ran");
}
