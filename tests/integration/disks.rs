//! Disks that take time: what must be durable before it is said waits, and what was said stays.

use halflink::check::Property;
use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::protocol::Protocol;
use halflink::protocol::catalogue::Family;
use halflink::scenario::text::parse;
use halflink::scenario::{Disk, Scenario};
use halflink::words::ENGLISH;

use crate::support::{Finished, run_to_end, scenario, secs, size};

/// A group with a write each second, each replica in a rack of its own.
fn steady(protocol: Protocol, more: &str) -> Finished {
    run_to_end(steady_group(protocol, more))
}

fn steady_group(protocol: Protocol, more: &str) -> Scenario {
    let replicas = if protocol.family() == Family::Byzantine { 4 } else { 3 };
    let members: Vec<_> = (1..=replicas).map(|rack| format!("r{rack}.s1")).collect();
    scenario(&format!(
        "halflink 1\ntitle \"Disks\"\nplant {replicas} racks of 1 server, 2 disks each\n\
         cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\n\
         network hop 200us, jitter 0s\nseed 1\nwrite every 1s\n{more}run 30s\n",
        members.join(" ")
    ))
}

/// What a write took in the end, from the client's request on, without the way there and back.
fn took(finished: &Finished) -> Micros {
    let writes = finished.history.writes.iter().rev();
    let mut done = writes.filter_map(|write| Some(write.committed?.since(write.at)));
    done.nth(2).expect("writes are committed")
}

fn waiting() -> impl Iterator<Item = Protocol> {
    Protocol::here().filter(|protocol| protocol.waits_for_disks() && !protocol.decides_once())
}

/// The leader writes, a follower writes, and with the answer of the first a majority has it: two
/// writes longer than where disks write at once, to the microsecond.
#[test]
fn a_commit_takes_two_writes_where_a_leader_orders() {
    for protocol in waiting().filter(|one| one.family() != Family::Byzantine) {
        let at_once = took(&steady(protocol, ""));
        for latency in [1_u64, 5, 20] {
            let slow = took(&steady(protocol, &format!("disk latency {latency}ms\n")));
            let more = slow.since(at_once);
            assert_eq!(more, Micros::from_millis(2 * latency), "{protocol}, {latency}ms");
        }
    }
}

/// Where votes go round by round each message waits for a write: PRE-PREPARE, PREPARE and COMMIT;
/// proposal, prevote and precommit; in HotStuff's four phases what the leader shows and what it is
/// answered, and the last is not answered.
#[test]
fn a_commit_takes_a_write_a_round_where_all_vote() {
    for (protocol, writes) in
        [(Protocol::Pbft, 3), (Protocol::Tendermint, 3), (Protocol::Hotstuff, 7)]
    {
        let at_once = took(&steady(protocol, ""));
        let slow = took(&steady(protocol, "disk latency 20ms\n")).since(at_once);
        assert_eq!(slow, Micros::from_millis(20 * writes), "{protocol}");
    }
}

/// A write is under way when the leader's server loses its power: it is not there afterwards, and
/// nobody had heard of it.
#[test]
fn a_write_under_way_is_lost_with_the_power_and_not_with_the_process() {
    for (what, back, kept) in [("fail", "restore", false), ("crash", "restart", true)] {
        let more = format!(
            "disk latency 50ms\nat 0s elect n1\nat 10.02s {what} r1.s1\nat 10.1s {back} r1.s1\n"
        );
        let mut cut_short = steady_group(Protocol::RaftPrevoteCheckquorum, &more);
        cut_short.until = Micros::from_millis(10_500);
        let finished = run_to_end(cut_short);
        finished.assert_safe(what);
        let log = finished.run.group().replica(ReplicaId(0)).log();
        let has = (1..=log.last_index()).any(|at| log.get(at).is_some_and(|one| one.command == 10));
        assert_eq!(has, kept, "{what}");
        let write = finished.history.writes[9];
        assert_eq!((write.at, write.committed), (secs(10), None), "{what}: nobody heard of it");
    }
}

/// Nothing breaks, whatever is done, in any protocol that waits for its disks: what was said was
/// durable. (What becomes of that where nobody waits is another test's.)
#[test]
fn what_was_said_was_durable() {
    use halflink::fault::Action;
    use halflink::plant::Part;
    use halflink::rng::Rng;
    use halflink::scenario::arbitrary;
    let (mut lost, mut written) = (0, 0);
    for number in 0..size(3, 60) {
        for protocol in waiting() {
            let mut rng = Rng::new(0xd15c_0000 + number);
            let mut drawn = arbitrary::harsh(&mut rng, protocol);
            drawn.group_mut().disk = Disk { latency: Micros(1)..=Micros(1 + 80_000), lazy: None };
            // The power goes where the process would end, and so takes what is not on disk yet.
            for (_, act) in &mut drawn.actions {
                if let Action::Crash(server) = *act {
                    *act = Action::Fail(Part::Server(server));
                } else if let Action::Restart(server) = *act {
                    *act = Action::Restore(Part::Server(server));
                }
            }
            drawn.expand();
            let finished = run_to_end(drawn);
            finished.assert_safe(protocol.name());
            let group = finished.run.group();
            let lives = group.replicas().map(|id| group.lives(id) - 1).sum::<u32>();
            (lost, written) = (lost + lives, written + finished.history.commits.len());
        }
    }
    println!("{lost} losses of what was not on disk, {written} writes committed");
    assert!(lost > 100 && written > 1_000, "{lost} {written}");
}

/// With the disks that all have today a text that says so is the same run.
#[test]
fn no_latency_is_no_disk() {
    for protocol in waiting() {
        let plain = steady(protocol, "");
        let said = steady(protocol, "disk latency 0s\n");
        assert_eq!(plain.trace_hash(), said.trace_hash(), "{protocol}");
        assert_eq!(plain.scenario, said.scenario, "{protocol}");
    }
}

#[test]
fn disks_that_cannot_be_are_refused_at_their_line() {
    let head = "halflink 1\ntitle \"x\"\nplant 3 racks of 1 server, 2 disks each\n";
    let tail = "timing heartbeat 100ms, election 1s..2s\nseed 1\nrun 9s\n";
    let wrong = |protocol: &str, disk: &str| {
        let text = format!("{head}cluster c: {protocol} on r1.s1 r2.s1 r3.s1\n{disk}\n{tail}");
        let wrong = parse(&text).expect_err(disk);
        let [one] = &wrong[..] else { panic!("{wrong:?}") };
        assert_eq!(one.line, 5, "{disk}");
        ENGLISH.tell("diagnostic", &one.fact, &halflink::words::Names::default())
    };
    let cases = [
        ("raft", "disk latency 8ms..2ms", "from the shortest to the longest"),
        ("raft", "disk latency 61s", "at most 60s"),
        ("raft", "disk latency", "how long a disk takes"),
        ("raft", "disk 5ms", "latency or fsync"),
        ("raft", "disk latency 5ms extra", "expected `,`"),
        ("vr+recovery", "disk latency 5ms", "vr+recovery"),
        ("generals-om", "disk latency 5ms", "generals-om"),
    ];
    for (protocol, disk, says) in cases {
        let message = wrong(protocol, disk);
        assert!(message.contains(says), "{disk}: {message}");
    }
}

/// hashicorp/raft's pull request 683: heartbeats go on, nobody else is elected, and nothing is
/// committed.
#[test]
fn a_leader_whose_disk_hangs_is_obeyed_and_commits_nothing() {
    let is_led = |one: &Protocol| one.has_leader() && one.family() != Family::Byzantine;
    for protocol in waiting().filter(is_led) {
        let more = "disk latency 5ms\nat 10.05s stall r1.s1.disk\nat 20.05s resume r1.s1.disk\n";
        let first = if protocol.refuses_first_leader(ReplicaId(0)).is_none() {
            "at 0s elect n1\n"
        } else {
            ""
        };
        let finished = steady(protocol, &format!("{first}{more}"));
        finished.assert_safe(protocol.name());
        if protocol == Protocol::OmnipaxosCrate {
            // Its heartbeats wait in line with all else, so it falls silent and is replaced.
            let late = finished.history.elections.iter().filter(|won| won.at > secs(10)).count();
            assert!(late > 0, "{protocol}");
            continue;
        }
        let commits = &finished.history.commits;
        let within =
            commits.iter().filter(|at| secs(10) + Micros(60_000) < **at && **at < secs(20));
        assert_eq!(within.count(), 0, "{protocol}");
        let late = finished.history.elections.iter().filter(|won| won.at > secs(10)).count();
        assert_eq!(late, 0, "{protocol}: nobody replaced it");
        let last = finished.history.writes.last().expect("there are writes");
        let done = finished.history.writes.iter().filter(|one| one.committed.is_some()).count();
        assert!(done + 1 >= finished.history.writes.len(), "{protocol}: {done}, {last:?}");
    }
}

/// What waits for a slow disk takes so much longer, and for no other.
#[test]
fn a_slow_disk_slows_what_waits_for_it() {
    let fast = took(&steady(Protocol::Raft, "disk latency 5ms\nat 0s elect n1\n"));
    for (server, times) in [("r1.s1", 1), ("r2.s1", 0)] {
        let more = format!("disk latency 5ms\nat 0s elect n1\nat 5s slow {server}.disk by 200ms\n");
        let slow = took(&steady(Protocol::Raft, &more));
        assert_eq!(slow.since(fast), Micros::from_millis(200 * times), "{server}");
    }
    // Two slow followers are a majority's whole rest; and a disk that took no time takes it now.
    let both = "at 0s elect n1\nat 5s slow r2.s1.disk by 40ms\nat 5s slow r3.s1.disk by 50ms\n";
    let plain = took(&steady(Protocol::Raft, "at 0s elect n1\n"));
    let slow = took(&steady(Protocol::Raft, both));
    assert_eq!(slow.since(plain), Micros::from_millis(40));
}

/// All lose their power at once: what was acknowledged and not yet synced is gone, and that is
/// said.
/// Who waits for the disks, or loses the process alone, loses nothing.
#[test]
fn a_loss_of_power_takes_what_was_synced_lazily() {
    let all = |what: &str| {
        let each = |rack| format!("at 10.5s {what} r{rack}.s1\n");
        (1..=4).map(each).collect::<String>()
    };
    for protocol in waiting() {
        let members = if protocol.family() == Family::Byzantine { 4 } else { 3 };
        let only = |text: String| {
            let here = text.lines().filter(|line| members == 4 || !line.contains("r4."));
            here.map(|line| format!("{line}\n")).collect::<String>()
        };
        let lazy = only(format!("disk fsync lazy 4s\n{}", all("fail")));
        let finished = steady(protocol, &lazy);
        let lost = finished.history.violations.iter();
        let lost = lost.filter(|one| one.property == Property::Durability).count();
        assert!(lost > 0, "{protocol}: {:?}", finished.history.violations);
        let group = finished.run.group();
        assert!(group.replicas().all(|id| group.has_forgotten(id)), "{protocol}");
        for safe in [
            format!("disk fsync lazy 4s\n{}", all("crash")),
            format!("disk latency 5ms\n{}", all("fail")),
            format!("disk latency 5ms, fsync lazy 1ms\n{}", all("fail")),
        ] {
            let finished = steady(protocol, &only(safe));
            finished.assert_safe(protocol.name());
        }
    }
}

/// Random trouble without waiting for disks: the checks find what is lost in most protocols of the
/// crash family. So what holds where replicas wait is not for want of looking.
#[test]
fn the_swarm_finds_what_lazy_disks_break() {
    use halflink::rng::Rng;
    use halflink::scenario::arbitrary;
    let (mut broken, mut runs) = (0, 0);
    for number in 0..size(4, 40) {
        for protocol in waiting().filter(|one| one.family() != Family::Byzantine) {
            let drawn = arbitrary::lazy(&mut Rng::new(0x1a27_0000 + number), protocol);
            let finished = run_to_end(drawn);
            broken += u32::from(!finished.history.violations.is_empty());
            runs += 1;
        }
    }
    println!("{broken} of {runs} runs broke");
    assert!(3 * broken > runs, "{broken} of {runs}");
}

#[test]
fn volumes_that_cannot_be_are_refused_at_their_line() {
    let head = "halflink 1\ntitle \"x\"\nplant 3 racks of 1 server, 2 disks each\n\
                cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
                seed 1\n";
    let cases = [
        ("at 1s stall r1.s1", "r1.s1.disk"),
        ("at 1s stall r9.s1.disk", "r9.s1"),
        ("at 1s stall r1.s1.d1", "r1.s1.disk"),
        ("at 1s slow r1.s1.disk", "`by`"),
        ("at 1s slow r1.s1.disk by 0s", "at most 60s"),
        ("at 1s slow r1.s1.disk by 61s", "at most 60s"),
        ("at 1s fail r1.s1.disk", "a part"),
        ("disk fsync lazy 0s", "1ms to 600s"),
        ("disk fsync eager", "`lazy`"),
        ("disk latency 5ms fsync lazy 2s", "`,`"),
    ];
    for (line, says) in cases {
        let wrong = parse(&format!("{head}{line}\nrun 9s\n")).expect_err(line);
        let [one] = &wrong[..] else { panic!("{line}: {wrong:?}") };
        let told = ENGLISH.tell("diagnostic", &one.fact, &halflink::words::Names::default());
        assert_eq!(one.line, 7, "{line}");
        assert!(told.contains(says), "{line}: {told}");
    }
}
