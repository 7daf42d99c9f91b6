//! Random scenarios for tests: small plants, any protocol, a handful of acts.

use super::Scenario;
use crate::clock::{Micros, Span};
use crate::fault::{Act, Ends, Flows, Link, ReplicaId};
use crate::plant::{LaneId, Part, Plant, PlantSpec, ServerAt, Side};
use crate::protocol::Protocol;
use crate::protocol::Reading;
use crate::rng::Rng;

/// A valid scenario: up to 5 racks, 3 or 5 replicas, 0 to 12 acts, 5 to 60 seconds.
pub fn scenario(rng: &mut Rng) -> Scenario {
    let replicas = if rng.percent(50) { 3 } else { 5 };
    let acts = rng.below(13);
    let racks = small(rng, 1, 5);
    let servers = small(rng, replicas_a_rack(replicas, racks), 3);
    let plant = Plant::new(PlantSpec { racks, servers, disks: 2 * small(rng, 1, 2) });
    let heartbeat = Micros::from_millis(u64::from(50 + 10 * rng.below(11)));
    let until = Micros::from_millis(u64::from(5_000 + rng.below(55_001)));
    let members = shuffled(rng, plant.servers().collect(), usize::from(replicas));
    let mut scenario = Scenario {
        title: words(rng, 6),
        source: rng.percent(50).then(|| words(rng, 4)),
        plant: plant.spec,
        cluster: ["etcd", "db-1", "c"][rng.below(3) as usize].to_owned(),
        // Flavours of Raft alone: what other protocols can be put through has bounds of its own.
        protocol: Protocol::RAFTS[rng.below(Protocol::RAFTS.len() as u32) as usize],
        tolerate: None,
        members,
        heartbeat,
        election: election(rng, heartbeat),
        election_of: Vec::new(),
        hop: if rng.percent(70) { Scenario::HOP } else { Micros(u64::from(1 + rng.below(900))) },
        jitter: if rng.percent(70) { Scenario::JITTER } else { Micros(u64::from(rng.below(900))) },
        seed: rng.below(u32::MAX),
        write_every: rng.percent(80).then(|| Micros::from_millis(u64::from(20 + rng.below(400)))),
        read: None,
        acts: Vec::new(),
        notes: Vec::new(),
        until,
    };
    for replica in (0..replicas).map(ReplicaId) {
        if rng.percent(20) {
            scenario.election_of.push((replica, election(rng, heartbeat)));
        }
    }
    for _ in 0..rng.below(4) {
        scenario.notes.push((moment(rng, until), words(rng, 12)));
    }
    scenario.notes.sort_by_key(|(at, _)| at.0);
    scenario.acts = self::acts(rng, &scenario, acts);
    scenario
}

/// So many random acts for the plant, the cluster and the length of `scenario`, in order of time.
pub fn acts(rng: &mut Rng, scenario: &Scenario, count: u32) -> Vec<(Micros, Act)> {
    let plant = Plant::new(scenario.plant);
    let mut times: Vec<_> = (0..count).map(|_| moment(rng, scenario.until)).collect();
    times.sort();
    times.into_iter().map(|at| (at, act(rng, &plant, scenario.members.len() as u32))).collect()
}

/// Any act that the plant and a cluster of so many replicas can suffer.
pub fn act(rng: &mut Rng, plant: &Plant, replicas: u32) -> Act {
    match rng.below(11) {
        0 => Act::Cut { link: link(rng, plant, replicas), percent: 100 },
        1 => Act::Cut { link: link(rng, plant, replicas), percent: 1 + rng.below(100) as u8 },
        2 => Act::Heal { link: link(rng, plant, replicas) },
        3 => Act::Gray {
            switch: switch(rng, plant),
            flows: flows(rng, replicas),
            percent: if rng.percent(50) { 100 } else { 1 + rng.below(100) as u8 },
        },
        4 => Act::Ungray { switch: switch(rng, plant) },
        5 => Act::Fail(part(rng, plant)),
        6 => Act::Restore(part(rng, plant)),
        7 => Act::Crash(server(rng, plant)),
        8 => Act::Restart(server(rng, plant)),
        9 => {
            let server = server(rng, plant);
            if rng.percent(50) { Act::Pause(server) } else { Act::Resume(server) }
        }
        _ => Act::Elect(ReplicaId(rng.below(replicas) as u8)),
    }
}

/// A scenario in which replicas are never left in peace: lossy links, reordering, processes that come
/// and go, and elections that nobody asked for.
pub fn harsh(rng: &mut Rng, protocol: Protocol) -> Scenario {
    let mut scenario = scenario(rng);
    scenario.protocol = protocol;
    scenario.write_every = Some(Micros::from_millis(u64::from(20 + rng.below(100))));
    // Reordering: chance adds up to a heartbeat to a packet's way.
    if rng.percent(50) {
        scenario.jitter = Micros(u64::from(rng.below(1 + scenario.heartbeat.0 as u32)));
    }
    let replicas = scenario.members.len() as u32;
    let mut acts = Vec::new();
    for from in (0..replicas).map(|id| ReplicaId(id as u8)) {
        for to in (0..replicas).map(|id| ReplicaId(id as u8)).filter(|&to| to != from) {
            let link = Link { ends: Ends::Flow(from, to), both: false };
            let most = if rng.percent(30) { 90 } else { 30 };
            let percent = 1 + rng.below(most) as u8;
            acts.push((Micros::ZERO, Act::Cut { link, percent }));
        }
    }
    for _ in 0..60 {
        let at = rng.span(Micros::ZERO, scenario.until);
        let server = scenario.members[rng.below(replicas) as usize];
        let later = Micros(at.0 + u64::from(rng.below(2_000_000))).min(scenario.until);
        match rng.below(5) {
            0 => acts.extend(duel(rng, &scenario, at)),
            1 => acts.extend([(at, Act::Crash(server)), (later, Act::Restart(server))]),
            2 => acts.extend([(at, Act::Pause(server)), (later, Act::Resume(server))]),
            _ => acts.push((at, Act::Elect(ReplicaId(rng.below(replicas) as u8)))),
        }
    }
    acts.sort_by_key(|(at, _)| *at);
    scenario.acts = acts;
    scenario
}

/// A scenario in which leaders are cut off, stopped and replaced while clients read: where a read that
/// is not fresh would show. Nobody is made to campaign early: against that no lease holds.
pub fn reading(rng: &mut Rng, protocol: Protocol, by: Reading) -> Scenario {
    let mut scenario = scenario(rng);
    scenario.protocol = protocol;
    scenario.write_every = Some(Micros::from_millis(u64::from(20 + rng.below(100))));
    scenario.read = Some((Micros::from_millis(u64::from(10 + rng.below(50))), by));
    if rng.percent(50) {
        scenario.jitter = Micros(u64::from(rng.below(1 + scenario.heartbeat.0 as u32)));
    }
    let replicas = scenario.members.len() as u32;
    let mut acts = Vec::new();
    for _ in 0..30 {
        let at = rng.span(Micros::ZERO, scenario.until);
        let most = 2 * scenario.longest_election_timeout().0 as u32;
        let later = Micros(at.0 + u64::from(rng.below(most))).min(scenario.until);
        let one = ReplicaId(rng.below(replicas) as u8);
        let server = scenario.members[one.index()];
        match rng.below(6) {
            0 => acts.extend([(at, Act::Crash(server)), (later, Act::Restart(server))]),
            1 => acts.extend([(at, Act::Pause(server)), (later, Act::Resume(server))]),
            2 => acts.push((at, Act::Transfer(one))),
            3 => {
                let (from, to) = pair(rng, replicas);
                let link = Link { ends: Ends::Flow(from, to), both: rng.percent(50) };
                let percent = if rng.percent(50) { 100 } else { 1 + rng.below(100) as u8 };
                acts.extend([(at, Act::Cut { link, percent }), (later, Act::Heal { link })]);
            }
            _ => acts.extend(cut_off(rng, (one, replicas), at, later)),
        }
    }
    acts.sort_by_key(|(at, _)| *at);
    scenario.acts = acts;
    scenario
}

/// One replica loses the links to all others for a while, or one direction of each.
fn cut_off(
    rng: &mut Rng,
    (one, replicas): (ReplicaId, u32),
    at: Micros,
    later: Micros,
) -> Vec<(Micros, Act)> {
    let (both, inward) = (rng.percent(70), rng.percent(50));
    let others = (0..replicas).map(|id| ReplicaId(id as u8)).filter(|&other| other != one);
    let links = others.map(|other| {
        let ends = if inward { Ends::Flow(other, one) } else { Ends::Flow(one, other) };
        Link { ends, both }
    });
    links
        .flat_map(|link| [(at, Act::Cut { link, percent: 100 }), (later, Act::Heal { link })])
        .collect()
}

/// Two replicas ask for votes at once, and a third starts anew while they do: if it forgot its vote,
/// it would give it twice.
fn duel(rng: &mut Rng, scenario: &Scenario, at: Micros) -> [(Micros, Act); 4] {
    let replicas = scenario.members.len() as u32;
    let first = rng.below(replicas);
    let named = |number: u32| ReplicaId(((first + number) % replicas) as u8);
    let voter = scenario.members[named(2).index()];
    let travel = Micros(4 * scenario.hop.0 + scenario.jitter.0);
    let later = (at + rng.span(Micros::ZERO, travel)).min(scenario.until);
    [
        (at, Act::Elect(named(0))),
        (at, Act::Elect(named(1))),
        (later, Act::Crash(voter)),
        (later, Act::Restart(voter)),
    ]
}

/// A random scenario at whose end every fault is lifted, and when; then it goes on for a while.
pub fn healed(rng: &mut Rng, protocol: Protocol) -> (Scenario, Micros) {
    let mut scenario = Scenario { protocol, ..scenario(rng) };
    scenario.write_every = Some(Micros::from_millis(200));
    // Timeouts all alike would split votes for ever: chance is part of the protocol.
    let least = *scenario.election.start();
    scenario.election = least..=least + least;
    scenario.election_of.clear();
    scenario.acts = self::acts(rng, &scenario, 10);
    // What dead disks held is gone for good.
    scenario.acts.retain(|(_, act)| !matches!(act, Act::Fail(Part::Disk { .. })));
    let lifted = scenario.until;
    let lifts = scenario.acts.iter().filter_map(|(_, act)| Some((lifted, lift(act)?)));
    scenario.acts.extend(lifts.collect::<Vec<_>>());
    scenario.until = Micros(lifted.0 + 50 * least.0 + 2_000_000);
    (scenario, lifted)
}

/// What takes a fault back.
const fn lift(act: &Act) -> Option<Act> {
    match *act {
        Act::Cut { link, .. } => Some(Act::Heal { link }),
        Act::Gray { switch, .. } => Some(Act::Ungray { switch }),
        Act::Fail(part) => Some(Act::Restore(part)),
        Act::Crash(server) => Some(Act::Restart(server)),
        Act::Pause(server) => Some(Act::Resume(server)),
        Act::Heal { .. }
        | Act::Ungray { .. }
        | Act::Restore(_)
        | Act::Restart(_)
        | Act::Resume(_)
        | Act::Betray { .. }
        | Act::Loyal(_)
        | Act::Wipe(_)
        | Act::Transfer(_)
        | Act::Order(_)
        | Act::Elect(_) => None,
    }
}

fn link(rng: &mut Rng, plant: &Plant, replicas: u32) -> Link {
    let both = rng.percent(50);
    if rng.percent(50) {
        let lane = LaneId(rng.below(plant.lanes().len() as u32) as u16);
        let lane = plant.lanes()[usize::from(lane.0)];
        return Link { ends: Ends::Lane(plant.part(lane.from), plant.part(lane.to)), both };
    }
    let (from, to) = pair(rng, replicas);
    Link { ends: Ends::Flow(from, to), both }
}

fn flows(rng: &mut Rng, replicas: u32) -> Flows {
    let (from, to) = pair(rng, replicas);
    let both = rng.percent(50);
    match rng.below(6) {
        0 => Flows { from: None, to: None, both: false },
        1 => Flows { from: None, to: Some(to), both },
        2 => Flows { from: Some(from), to: None, both },
        _ => Flows { from: Some(from), to: Some(to), both },
    }
}

fn pair(rng: &mut Rng, replicas: u32) -> (ReplicaId, ReplicaId) {
    let from = rng.below(replicas);
    let to = (from + 1 + rng.below(replicas - 1)) % replicas;
    (ReplicaId(from as u8), ReplicaId(to as u8))
}

fn part(rng: &mut Rng, plant: &Plant) -> Part {
    plant.parts()[rng.below(plant.parts().len() as u32) as usize]
}

fn server(rng: &mut Rng, plant: &Plant) -> ServerAt {
    let rack = rng.below(u32::from(plant.spec.racks)) as u8;
    ServerAt { rack, slot: rng.below(u32::from(plant.spec.servers)) as u8 }
}

fn switch(rng: &mut Rng, plant: &Plant) -> Part {
    let side = if rng.percent(50) { Side::A } else { Side::B };
    let rack = rng.below(u32::from(plant.spec.racks)) as u8;
    if rng.percent(70) { Part::Tor { rack, side } } else { Part::Spine(side) }
}

/// Whole milliseconds most of the time, as people write; any microsecond at times.
fn moment(rng: &mut Rng, until: Micros) -> Micros {
    let at = rng.span(Micros::ZERO, until);
    if rng.percent(90) { Micros(at.0 / 1_000 * 1_000) } else { at }
}

fn election(rng: &mut Rng, heartbeat: Micros) -> Span {
    let shortest = Micros(heartbeat.0 * u64::from(5 + rng.below(10)));
    shortest..=Micros(shortest.0 + heartbeat.0 * u64::from(rng.below(12)))
}

const fn replicas_a_rack(replicas: u8, racks: u8) -> u8 {
    replicas.div_ceil(racks)
}

fn small(rng: &mut Rng, from: u8, to: u8) -> u8 {
    let to = if to < from { from } else { to };
    from + rng.below(u32::from(to - from) + 1) as u8
}

fn shuffled<T>(rng: &mut Rng, mut from: Vec<T>, count: usize) -> Vec<T> {
    for place in 0..count {
        let other = place + rng.below((from.len() - place) as u32) as usize;
        from.swap(place, other);
    }
    from.truncate(count);
    from
}

/// A few words, some of them hostile: quotes, markup, comments, other scripts.
fn words(rng: &mut Rng, count: u32) -> String {
    const WORDS: [&str; 14] = [
        "switch",
        "hears",
        "nobody",
        "<b>",
        "&amp;",
        "\"quoted\"",
        "back\\slash",
        "# no comment",
        "é",
        "漢字",
        "🜁",
        "'",
        "the",
        "leader",
    ];
    let picked: Vec<_> =
        (0..1 + rng.below(count)).map(|_| WORDS[rng.below(WORDS.len() as u32) as usize]).collect();
    picked.join(" ")
}
