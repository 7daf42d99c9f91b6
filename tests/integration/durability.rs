//! What was acknowledged is not lost, and if it is, that is said: in every protocol with a log.

use halflink::check::{Property, Violation};
use halflink::clock::Micros;
use halflink::outcome::Outcome;
use halflink::protocol::Protocol;
use halflink::protocol::catalogue::Family;

use crate::support::{Finished, run_to_end, scenario, secs};
use halflink::words::told;

/// Those whose replicas store writes, three of them or four.
fn with_a_log() -> impl Iterator<Item = (Protocol, u8)> {
    let logs = Protocol::here().filter(|protocol| !protocol.is_generals());
    logs.map(|protocol| (protocol, if protocol.family() == Family::Byzantine { 4 } else { 3 }))
}

/// A group with rare writes: one every 10 s, each replica in a rack of its own.
fn rare(protocol: Protocol, replicas: u8, actions: &str) -> Finished {
    let members: Vec<_> = (1..=replicas).map(|rack| format!("r{rack}.s1")).collect();
    run_to_end(scenario(&format!(
        "halflink 1\ntitle \"Rare writes\"\nplant {replicas} racks of 1 server, 2 disks each\n\
         cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n\
         write every 10s\n{actions}",
        members.join(" ")
    )))
}

/// The same thing done to each of those servers.
fn each(at: &str, what: &str, racks: std::ops::RangeInclusive<u8>) -> String {
    racks.map(|rack| format!("at {at} {what} r{rack}.s1\n")).collect()
}

fn lost(finished: &Finished) -> Vec<&Violation> {
    let violations = finished.history.violations.iter();
    violations.filter(|one| one.property == Property::Durability).collect()
}

#[test]
fn a_write_that_every_disk_lost_is_lost() {
    for (protocol, replicas) in with_a_log() {
        let actions = each("12s", "wipe", 1..=replicas) + "run 19s\n";
        let finished = rare(protocol, replicas, &actions);
        assert_eq!(finished.history.commits.len(), 1, "{protocol}: the write of 10 s");
        let [one] = lost(&finished)[..] else { panic!("{protocol}: {:?}", lost(&finished)) };
        assert_eq!((one.at, finished.outcome()), (secs(12), Outcome::Unsafe), "{protocol}");
        // Where leaders need no election, those who have none of it serve before the last is wiped.
        let last = format!(": the last was that of n{replicas}");
        let detail = told("violation", &one.detail);
        let is_last = detail.contains("keeps write 1, ack") && detail.ends_with(&last);
        let is_led = detail.contains(" leads ") && detail.contains(" without write 1, ack");
        assert!(is_last || is_led, "{protocol}: {detail}");
        println!("{protocol}: {detail}");
    }
}

/// The same with disks that die and are not replaced.
#[test]
fn a_write_whose_mirrors_died_is_lost() {
    for (protocol, replicas) in with_a_log() {
        let disks = |racks: std::ops::RangeInclusive<u8>| {
            let twins = |rack| format!("at 12s fail r{rack}.s1.d1\nat 12s fail r{rack}.s1.d2\n");
            racks.map(twins).collect::<String>()
        };
        let all = rare(protocol, replicas, &(disks(1..=replicas) + "run 19s\n"));
        let [one] = lost(&all)[..] else { panic!("{protocol}: {:?}", all.history.violations) };
        assert_eq!((one.at, all.outcome()), (secs(12), Outcome::Unsafe), "{protocol}");
        let one_disk_each = each("12s", "fail", 1..=replicas).replace(".s1\n", ".s1.d1\n");
        rare(protocol, replicas, &(one_disk_each + "run 19s\n")).assert_safe("one disk each");
    }
}

/// All but one lost their disks while that one was down: it comes back with the only copy, and a
/// leader serves without it, or nobody serves at all.
#[test]
fn a_write_whose_only_copy_follows_is_lost() {
    for (protocol, replicas) in with_a_log() {
        let wipes = each("12s", "wipe", 1..=replicas - 1);
        let last = format!("r{replicas}.s1");
        let actions = format!("at 11s crash {last}\n{wipes}at 15s restart {last}\nrun 19500ms\n");
        let finished = rare(protocol, replicas, &actions);
        assert!(finished.history.commits.len() == 1, "{protocol}: the write of 10 s");
        let found = lost(&finished);
        let world = finished.run.world();
        let kept =
            world.group(0).replicas().filter(|&id| world.group(0).replica(id).commit() > 0).count();
        println!("{protocol}: {found:?}, known to {kept}");
        let serves = finished.history.led.iter().any(|(at, led)| *at > secs(12) && led.is_some());
        assert!(found.len() == 1 || !serves, "{protocol}: {:?}", finished.history.violations);
        if let [one] = found[..] {
            assert!(secs(12) <= one.at && one.at <= finished.scenario.until, "{protocol}");
            assert_eq!(finished.outcome(), Outcome::Unsafe, "{protocol}");
        }
    }
}

/// Everybody stops and starts again, at once or one after the other, or loses power: all is there,
/// unless nothing was ever on a disk.
#[test]
fn a_restart_of_everybody_loses_nothing() {
    for (protocol, replicas) in with_a_log() {
        let power = "at 12s fail feed-a\nat 12s fail feed-b\nat 14s restore feed-a\n".to_owned();
        let at_once = each("12s", "crash", 1..=replicas) + &each("14s", "restart", 1..=replicas);
        let in_turn = each("12s", "crash", 1..=replicas)
            + &each("13s", "restart", 1..=1)
            + &each("14s", "restart", 2..=replicas);
        let paused = each("12s", "pause", 1..=replicas) + &each("14s", "resume", 1..=replicas);
        for actions in [power, at_once, in_turn, paused] {
            let finished = rare(protocol, replicas, &format!("{actions}run 45s\n"));
            if !protocol.has_disks() && !actions.contains("pause") {
                let broken: Vec<_> =
                    finished.history.violations.iter().map(|one| one.property).collect();
                assert_eq!(broken, [Property::Durability], "{protocol}: all were in memory alone");
                continue;
            }
            finished.assert_safe(protocol.name());
            let all = if protocol.decides_once() { 1 } else { 3 };
            assert!(finished.history.commits.len() >= all, "{protocol}\n{actions}");
            let first = finished.history.commits[0];
            assert!(first < Micros::from_secs(12), "{protocol}");
        }
    }
}
