//! What every protocol whose replicas keep a log is put through: random plants and faults, whole
//! runs in a few lines, and liars.

pub(crate) mod heal;

use std::sync::Arc;

use crate::clock::Micros;
use crate::fault::{Action, Behaviour, ByzantineBehaviour, ReplicaId, ReplicaSet};
use crate::history::{History, before};
use crate::outcome::Outcome;
use crate::protocol::{Input, Protocol, StateMachine, Timer};
use crate::rng::Rng;
use crate::run::{Run, to_end};
use crate::scenario::{arbitrary, text};
use crate::world::World;

/// The small size, or the large one where it is asked for.
pub(crate) fn size(small: u32, large: u32) -> u32 {
    if std::env::var("HALFLINK_LARGE").is_ok_and(|value| value == "1") { large } else { small }
}

/// A run of a few lines of text: so many replicas, each in a rack of its own, and what happens.
pub(crate) fn play(protocol: Protocol, replicas: u8, seed: u32, actions: &str) -> (Run, History) {
    let members: Vec<_> = (1..=replicas).map(|rack| format!("r{rack}.s1")).collect();
    let text = format!(
        "halflink 1\ntitle \"A trial\"\nplant {replicas} racks of 1 server, 2 disks each\n\
         cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\nseed {seed}\n\
         write every 100ms\n{actions}",
        members.join(" ")
    );
    let scenario = text::parse(&text).unwrap_or_else(|wrong| panic!("{wrong:#?}\nin\n{text}"));
    to_end(Arc::new(scenario))
}

/// The lines that cut each of these links, both ways, at that time.
pub(crate) fn cuts(at: &str, links: &[(u8, u8)]) -> String {
    links.iter().map(|(one, other)| format!("at {at} cut n{one} <-> n{other}\n")).collect()
}

/// How a run came out from its last fault on.
pub(crate) fn outcome(run: &Run, history: &History) -> Outcome {
    let scenario = run.world().scenario();
    crate::outcome::judge(scenario, history).outcome
}

/// Random scenarios, and such in which replicas are never left in peace: nothing breaks, and the
/// same text gives the same run.
pub(crate) fn assert_safe(protocol: Protocol, count: u32) {
    let (mut commits, mut elections) = (0, 0);
    for number in 0..count {
        let mut rng = Rng::new(number ^ 0x0c1a_0000);
        let scenario = if number % 2 == 0 {
            arbitrary::scenario_of(&mut rng, protocol)
        } else {
            arbitrary::harsh(&mut rng, protocol)
        };
        let scenario = Arc::new(scenario);
        let (run, history) = to_end(Arc::clone(&scenario));
        assert!(history.violations.is_empty(), "{number}: {:#?}\n{scenario}", history.violations);
        let again = to_end(Arc::clone(&scenario)).0.world().trace_hash();
        assert_eq!(run.world().trace_hash(), again, "{number}\n{scenario}");
        commits += history.commits.len();
        elections += history.elections.len();
    }
    println!("{protocol}: {commits} commits, {elections} elections in {count} runs");
    let enough = count as usize;
    assert!(commits > 20 * enough && elections > enough, "a swarm in which nothing happens");
}

/// A world whose replicas are cloned at random moments goes on exactly as the one it was made of,
/// and so does that one; the trace hash takes in every message.
pub(crate) fn assert_clones_alike(rng: &mut Rng, protocol: Protocol) {
    let replicas = 3 + rng.below(7) as u8;
    let mut scenario = arbitrary::harsh_group(rng, protocol, replicas);
    scenario.until = scenario.until.min(Micros::from_secs(20));
    let scenario = Arc::new(scenario);
    let mut straight = World::new(Arc::clone(&scenario));
    let mut cloned = straight.clone();
    let mut left = 0;
    while straight.step(&mut ()).is_some() {
        if left == 0 {
            left = rng.below(200);
            let original = cloned.clone();
            for id in cloned.group(0).replicas() {
                assert_eq!(
                    original.group(0).replica(id),
                    cloned.group(0).replica(id),
                    "{scenario}"
                );
            }
            cloned = original;
        } else {
            left -= 1;
        }
        cloned.step(&mut ());
        assert_eq!(straight.trace_hash(), cloned.trace_hash(), "{scenario}");
    }
    assert!(straight.delivered() > 20, "{scenario}");
}

/// Gives a replica of three one random input: mostly a message, and that means nothing.
pub(crate) fn pester<M: StateMachine>(
    replica: &mut M,
    rng: &mut Rng,
    nonsense: impl FnOnce(&mut Rng) -> M::Message,
) {
    let from = ReplicaId(1 + rng.below(2) as u8);
    let message;
    let input = match rng.below(10) {
        0 => Input::Timeout(Timer::Heartbeat),
        1 => Input::Timeout(Timer::Election),
        2 => Input::Propose(1),
        _ => {
            message = nonsense(rng);
            Input::Deliver { from, message: &message }
        }
    };
    replica.step(input, &mut Vec::new());
}

/// [`heals`], and the faults did part more than one in so many: some protocols part rarely.
pub(crate) fn assert_heals(protocol: Protocol, count: u32, one_in: u32) {
    let parted = heals(protocol, count);
    assert!(parted * one_in > count, "only {parted} had something to recover from");
}

/// Once every fault is lifted, all follow one leader within 25 of the longest timeouts, every write
/// commits, and all know it, save for whom the crate's elections leave behind. How often they were
/// parted before.
pub(crate) fn heals(protocol: Protocol, count: u32) -> u32 {
    let (mut parted, mut left) = (0, 0);
    for number in 0..count {
        let mut rng = Rng::new(number ^ 0x4ea1_0000);
        let (scenario, lifted) = arbitrary::healed(&mut rng, protocol);
        let scenario = Arc::new(scenario);
        let (run, history) = to_end(Arc::clone(&scenario));
        let text = format!("number {number}\n{scenario}");
        assert!(history.violations.is_empty(), "{:#?}\n{text}", history.violations);
        let (settled, until) = (Micros(scenario.until.0 - 2_000_000), scenario.until);
        parted += u32::from(before(&history.parted, lifted) == Some(true));
        let world = run.world();
        let behind = left_behind(world, &history);
        left += u32::from(!behind.is_empty());
        let others = || world.group(0).replicas().filter(|&id| !behind.contains(id));
        let leader = before(&history.led, until).expect("from the start somebody or nobody leads");
        let follows = |id| leader.is_some() && world.group(0).replica(id).belief().leader == leader;
        assert!(others().all(follows), "still parted, {text}");
        assert!(history.elections.iter().all(|won| won.at < settled), "never settles, {text}");
        // A write needs a moment to commit, and all know of it a heartbeat later.
        let last = Micros(until.0 - 500_000);
        let mut late = history.writes.iter().filter(|write| settled <= write.at && write.at < last);
        assert!(late.clone().count() > 2, "no writes to look at, {text}");
        assert!(late.all(|write| write.committed.is_some()), "a write is lost, {text}");
        let commits = others().map(|id| world.group(0).replica(id).commit() as usize);
        let least = commits.min().expect("there are replicas");
        assert!(least + 4 > history.commits.len(), "{least} are known to all, {text}");
    }
    println!("{protocol}: {parted} of {count} were parted when the faults were lifted");
    if left > 0 {
        println!("{protocol}: somebody is left behind in {left} of {count}");
    }
    assert!(left * 500 <= count, "that may happen, and very rarely does: {left} of {count}");
    parted
}

/// Whom the `omnipaxos` crate never brings back while their leader is well, and neither does ours
/// with its elections: whoever has promised a newer ballot, of which no happy replica has heard.
fn left_behind(world: &World, history: &History) -> ReplicaSet {
    let protocol = world.scenario().group().protocol;
    let leader = history.led.last().and_then(|&(_, leader)| leader);
    let elects_so = matches!(protocol, Protocol::OmnipaxosCrate | Protocol::OmnipaxosHappy);
    let Some(leader) = leader.filter(|_| elects_so) else { return ReplicaSet::NOBODY };
    let epoch = |id| world.group(0).replica(id).belief().epoch;
    world.group(0).replicas().filter(|&id| epoch(id) > epoch(leader)).collect()
}

/// The first of so many harsh scenarios in which one replica that does all these things breaks
/// something, if there is one.
pub(crate) fn broken_by(protocol: Protocol, behaviours: &[Behaviour], count: u32) -> Option<u32> {
    (0..count).find(|&number| {
        let mut rng = Rng::new(number ^ 0x11a5_0000);
        let mut scenario = arbitrary::harsh_group(&mut rng, protocol, 3 + 2 * (number % 2) as u8);
        let replica = ReplicaId(rng.below(scenario.group().members.len() as u32) as u8);
        let byzantine = |&behaviour| ByzantineBehaviour {
            behaviour,
            toward: ReplicaSet::NOBODY,
            by: Micros::ZERO,
        };
        let betray = |byzantine| (Micros::ZERO, Action::Betray { replica, byzantine });
        scenario.actions.splice(..0, behaviours.iter().map(byzantine).map(betray));
        !to_end(Arc::new(scenario)).1.violations.is_empty()
    })
}
