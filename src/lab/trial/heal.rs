//! Random runs in which links lose, processes stop and disks are replaced, until all of it is
//! lifted: nothing breaks, and 60 seconds later everybody has caught up.

use std::fmt::Write;
use std::sync::Arc;

use crate::clock::Micros;
use crate::history::History;
use crate::lab::liars::byzantine;
use crate::protocol::Protocol;
use crate::rng::Rng;
use crate::run::{Run, to_end};
use crate::scenario::{Scenario, text};

/// Who may suffer what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    /// The fewest replicas, and the most.
    pub(crate) replicas: (u8, u8),
    /// True if those that stop lose all that they knew, or their disks are replaced: at most so
    /// many ever do as may fail. Else anybody stops, and comes back with its disks.
    pub(crate) forgets: bool,
    /// True if some lie, at most as many as are tolerated.
    pub(crate) lies: bool,
}

/// When faults begin, in microseconds.
const FROM: u32 = 1_000_000;
/// And when the last is lifted.
const LIFTED: u32 = 20_000_000;
/// How long a run goes on then, in seconds.
const AFTER: u64 = 60;

/// So many such runs.
pub(crate) fn assert_catches_up(protocol: Protocol, trouble: Trouble, count: u32) {
    let (mut commits, mut elections) = (0, 0);
    for number in 0..count {
        let scenario = Arc::new(scenario(protocol, trouble, number));
        let (run, history) = to_end(Arc::clone(&scenario));
        let text = format!("number {number}\n{scenario}");
        assert!(history.violations.is_empty(), "{:#?}\n{text}", history.violations);
        check(&run, &history, &text);
        commits += history.commits.len();
        elections += history.elections.len();
    }
    println!("{protocol} {trouble:?}: {commits} commits, {elections} elections in {count} runs");
}

/// Writes of the last 30 seconds commit, and everybody honest knows of all that did.
fn check(run: &Run, history: &History, text: &str) {
    let world = run.world();
    let until = world.scenario().until;
    let (settled, last) = (Micros(until.0 - 30_000_000), Micros(until.0 - 4_000_000));
    let mut late = history.writes.iter().filter(|write| settled <= write.at && write.at < last);
    assert!(late.clone().count() > 1, "no writes to look at, {text}");
    assert!(late.all(|write| write.committed.is_some()), "a write is not committed, {text}");
    let known = history.commits.partition_point(|&at| at < last);
    for id in world.group(0).replicas().filter(|&id| world.group(0).is_honest(id)) {
        let commit = world.group(0).replica(id).commit() as usize;
        assert!(commit >= known, "{id} has {commit} of {known}, {text}");
    }
}

/// A random one, with timing and writes of every kind.
fn scenario(protocol: Protocol, trouble: Trouble, number: u32) -> Scenario {
    let mut rng = Rng::new(number ^ 0x6ea1_0000);
    let (least, most) = trouble.replicas;
    let replicas = u32::from(least) + rng.below(u32::from(most - least) + 1);
    let mut actions = Vec::new();
    stop(&mut rng, (protocol, trouble), replicas, &mut actions);
    if replicas > 1 {
        lose(&mut rng, replicas, &mut actions);
    }
    if trouble.lies {
        lie(&mut rng, protocol, replicas, &mut actions);
    }
    actions.sort_by_key(|(at, _)| *at);
    let servers: String = (1..=replicas).map(|rack| format!(" r{rack}.s1")).collect();
    let every = 20 << rng.below(9);
    let every = (every + rng.below(every + 1)).min(10_000);
    let jitter = [100, 900, 3_000, 20_000, 90_000][rng.below(5) as usize];
    // Where all who are honest make a quorum, each phase waits for the slowest of them. Two
    // checkpoints' worth of requests is all that may be under way (PBFT's window), so more a second
    // only queue up.
    let every = if trouble.lies { every.max(jitter / 2_000) } else { every };
    // Timeouts are much longer than a round trip: that is what all of them ask of their network.
    let heartbeat = 50 + 10 * rng.below(11);
    let least = (5 * heartbeat).max(jitter / 50 + 200);
    let mut text = format!(
        "halflink 1\ntitle \"Trouble\"\nplant {replicas} racks of 1 server, 2 disks each\n\
         cluster c: {protocol} on{servers}\n\
         timing heartbeat {heartbeat}ms, election {least}ms..{}ms\n\
         network hop 200us, jitter {jitter}us\nseed {number}\nwrite every {every}ms\n",
        2 * least
    );
    for (at, act) in actions {
        writeln!(text, "at {at}us {act}").expect("a string takes it");
    }
    writeln!(text, "run {}s", u64::from(LIFTED) / 1_000_000 + AFTER).expect("a string takes it");
    text::parse(&text).unwrap_or_else(|wrong| panic!("{wrong:#?}\nin\n{text}"))
}

fn moment(rng: &mut Rng) -> u32 {
    FROM + rng.below(LIFTED - FROM)
}

/// Processes stop and start off every beat; some of them come back with nothing.
fn stop(
    rng: &mut Rng,
    (protocol, trouble): (Protocol, Trouble),
    replicas: u32,
    actions: &mut Vec<(u32, String)>,
) {
    let may = if trouble.forgets { (replicas - 1) / 2 } else { replicas };
    let first = rng.below(replicas);
    for _ in 0..rng.below(8) {
        if may == 0 {
            return;
        }
        let rack = (first + rng.below(may)) % replicas + 1;
        let at = moment(rng);
        let later = (at + rng.below(4_000_000)).min(LIFTED);
        if trouble.forgets && (protocol == Protocol::Vr || rng.percent(30)) {
            actions.push((at, format!("wipe r{rack}.s1")));
        } else {
            actions.push((at, format!("crash r{rack}.s1")));
            actions.push((later, format!("restart r{rack}.s1")));
        }
    }
    for _ in 0..rng.below(3) {
        let (rack, at) = (rng.below(replicas) + 1, moment(rng));
        let later = (at + rng.below(4_000_000)).min(LIFTED);
        actions.push((at, format!("pause r{rack}.s1")));
        actions.push((later, format!("resume r{rack}.s1")));
    }
    // Whatever overlapped, all of it is over.
    actions.extend((1..=replicas).map(|rack| (LIFTED, format!("restart r{rack}.s1"))));
    actions.extend((1..=replicas).map(|rack| (LIFTED, format!("resume r{rack}.s1"))));
}

/// Links lose some or all of what they carry, in one direction or both.
fn lose(rng: &mut Rng, replicas: u32, actions: &mut Vec<(u32, String)>) {
    for _ in 0..rng.below(12) {
        let from = rng.below(replicas);
        let to = (from + 1 + rng.below(replicas - 1)) % replicas;
        let way = if rng.percent(50) { "->" } else { "<->" };
        let link = format!("n{} {way} n{}", from + 1, to + 1);
        let share = if rng.percent(50) { 100 } else { 1 + rng.below(99) };
        let at = moment(rng);
        actions.push((at, format!("lose {share}% of {link}")));
        actions.push((LIFTED - rng.below(LIFTED - at), format!("heal {link}")));
    }
    for from in 1..=replicas {
        let others = (1..=replicas).filter(|&to| to != from);
        actions.extend(others.map(|to| (LIFTED, format!("heal n{from} -> n{to}"))));
    }
}

/// Up to f lie, in every way there is, and go on after all else is lifted.
fn lie(rng: &mut Rng, protocol: Protocol, replicas: u32, actions: &mut Vec<(u32, String)>) {
    let first = rng.below(replicas);
    for liar in 0..u32::from(protocol.tolerated(replicas as u8)) {
        let liar = (first + liar) % replicas + 1;
        for _ in 0..1 + rng.below(3) {
            let toward = 1 + liar % replicas;
            let byzantine = byzantine(rng, protocol, liar);
            let toward = if byzantine.contains(' ') || rng.percent(50) {
                String::new()
            } else {
                format!(" to n{toward}")
            };
            actions.push((moment(rng), format!("traitor n{liar} {byzantine}{toward}")));
        }
    }
}
