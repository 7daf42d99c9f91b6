//! Random scenarios for tests: small plants, any protocol, a handful of acts.

mod again;
mod apart;
mod clocks;
mod connected;
mod cues;
mod disks;
mod impaired;
mod names;
mod requests;
mod sites;
mod supply;
mod several;
#[cfg(test)]
mod tests;

pub use self::several::several;

use super::{Disk, Group, Scenario, Transport};
use crate::clock::{Micros, Span};
use crate::fault::{Action, Ends, Flows, Link, ORDERS, ReplicaId, Which};
use crate::plant::{LaneId, Part, Plant, PlantSpec, Port, ServerAt, Side};
use crate::protocol::Protocol;
use crate::protocol::ReadMode;
use crate::protocol::catalogue::Family;
use crate::rng::Rng;

pub use again::{leading, repeating};
use apart::keep_apart;
use clocks::set_clocks;
use connected::bond;
pub use connected::connect;
use cues::{cue, say};
pub use disks::lazy;
use disks::{replace_disks, slow_disks};
pub use impaired::impair;
use names::give_names;
use requests::ask;
use sites::spread;
pub use supply::power;
use supply::supply;

/// A valid scenario of any protocol that this build has the code of.
pub fn scenario(rng: &mut Rng) -> Scenario {
    let here: Vec<_> = Protocol::here().collect();
    let protocol = here[rng.below(here.len() as u32) as usize];
    scenario_of(rng, protocol)
}

/// A valid scenario of that protocol: up to 5 racks, 1 to 9 replicas or as many as it takes, 0 to 12
/// acts and some more, 5 to 60 seconds. Nothing of it is outside the fault model of a protocol that
/// recovers from crashes or lies and needs no link in particular.
pub fn scenario_of(rng: &mut Rng, protocol: Protocol) -> Scenario {
    let replicas = small(rng, fewest(protocol), 9);
    let mut scenario = group(rng, protocol, replicas);
    // Chance of its own, so that the rest stays what it was.
    let rng = &mut Rng::new(scenario.group().seed);
    if replicas > 1 && rng.percent(30) {
        keep_apart(rng, &mut scenario);
    }
    slow_disks(rng, &mut scenario, 20_000);
    replace_disks(&mut scenario);
    spread(&mut scenario);
    impair(&mut scenario);
    supply(&mut scenario);
    connect(&mut scenario);
    give_names(&mut scenario);
    set_clocks(scenario.group_mut());
    ask(&mut scenario);
    cue(&mut scenario);
    scenario
}

/// Most servers have two of each port, as in the story; some have one, and some racks a peer link.
fn shape(rng: &mut Rng, spec: &mut PlantSpec) {
    if rng.percent(70) {
        return;
    }
    spec.peer_links = rng.percent(50);
    for at in spec.each_server() {
        for port in Port::ALL {
            let side = if rng.percent(50) { Side::A } else { Side::B };
            spec.set_single(port, at, rng.percent(40).then_some(side));
        }
    }
}

/// [`scenario_of`] so many replicas.
pub fn group(rng: &mut Rng, protocol: Protocol, replicas: u8) -> Scenario {
    let (count, racks) = (rng.below(13), small(rng, 1, 5));
    let servers = small(rng, replicas_a_rack(replicas, racks), 3);
    let mut spec = PlantSpec::new(racks, servers, 2 * small(rng, 1, 2));
    shape(&mut Rng::new(count << 8 | u32::from(racks)), &mut spec);
    bond(&mut spec, count, protocol);
    let heartbeat = Micros::from_millis(u64::from(50 + 10 * rng.below(11)));
    let until = Micros::from_millis(u64::from(5_000 + rng.below(55_001)));
    let members = shuffled(rng, Plant::new(spec).servers().collect(), replicas.into());
    let mut scenario = Scenario {
        title: words(rng, 6),
        source: rng.percent(50).then(|| words(rng, 4)),
        plant: spec,
        server_names: Vec::new(),
        groups: vec![Group {
            name: ["etcd", "db-1", "c"][rng.below(3) as usize].to_owned(),
            protocol,
            tolerate: None,
            members,
            names: Vec::new(),
            heartbeat,
            election: election(rng, heartbeat),
            election_of: Vec::new(),
            clocks: Vec::new(),
            seed: 0,
            write_every: None,
            patience: None,
            clients: None,
            databases: Vec::new(),
            read: None,
            disk: Disk::AT_ONCE,
            transport: Transport::Datagram,
        }],
        hop: if rng.percent(70) { Scenario::HOP } else { Micros(u64::from(1 + rng.below(900))) },
        jitter: jitter(rng),
        actions: Vec::new(),
        notes: Vec::new(),
        repeats: Vec::new(),
        expectations: Vec::new(),
        until,
    };
    let group = scenario.group_mut();
    group.seed = rng.below(u32::MAX);
    group.write_every = (rng.percent(80) && !protocol.is_generals()).then(|| write_every(rng));
    if protocol.is_generals() {
        // Whatever is sent in a round arrives in it (A1, A3).
        scenario.jitter = scenario.jitter.min(Micros(heartbeat.0 / 2));
    }
    if matches!(protocol, Protocol::OmnipaxosCrate) {
        // Its documentation asks for a network that keeps the order of messages.
        scenario.jitter = scenario.jitter.min(Micros(900));
    }
    for replica in (0..replicas).map(ReplicaId) {
        if rng.percent(20) {
            scenario.group_mut().election_of.push((replica, election(rng, heartbeat)));
        }
    }
    say(rng, &mut scenario);
    scenario.actions = self::actions(rng, &scenario, count);
    for _ in 0..rng.below(4) {
        let stop = stop(rng, &scenario);
        scenario.actions.extend(stop);
    }
    if matches!(protocol.family(), Family::Byzantine) && !protocol.is_generals() {
        scenario.actions.extend(wipes(rng, &scenario));
    }
    scenario.actions.sort_by_key(|(at, _)| *at);
    scenario.actions = within_the_model(&scenario);
    spare_memory(&mut scenario);
    scenario
}

/// The smallest group of a protocol that any text may ask for.
const fn fewest(protocol: Protocol) -> u8 {
    match protocol.family() {
        // The crate asks for a peer.
        Family::Production if matches!(protocol, Protocol::OmnipaxosCrate) => 2,
        Family::Crash | Family::Production => 1,
        Family::Byzantine => 4,
    }
}

/// How many replicas may lose what they stored before a write is lost that was acknowledged.
pub fn spare(scenario: &Scenario) -> u8 {
    let replicas = scenario.group().members.len() as u8;
    match scenario.group().protocol.family() {
        Family::Crash | Family::Production => (replicas - 1) / 2,
        Family::Byzantine => scenario.group().tolerated(),
    }
}

/// Leaves out the disks that would take one replica too many down for good with their mirrors.
fn within_the_model(scenario: &Scenario) -> Vec<(Micros, Action)> {
    let mut lost: Vec<_> = scenario.actions.iter().filter_map(|(_, act)| wiped(act)).collect();
    let mut dead = Vec::new();
    let mut kept = Vec::new();
    for &(at, act) in &scenario.actions {
        if let Action::Fail(Part::Disk { server, disk }) = act {
            let is_pair =
                dead.contains(&(server, disk ^ 1)) && scenario.group().members.contains(&server);
            if is_pair && !lost.contains(&server) {
                if lost.len() >= usize::from(spare(scenario)) {
                    continue;
                }
                lost.push(server);
            }
            dead.push((server, disk));
        }
        kept.push((at, act));
    }
    kept
}

/// Where a process that stops loses all that it knew, no more ever stop than may.
fn spare_memory(scenario: &mut Scenario) {
    if scenario.group().protocol.has_disks() {
        return;
    }
    let spare = usize::from(spare(scenario));
    let Scenario { groups, actions, .. } = scenario;
    let members = &groups[0].members;
    let stays = |server: &ServerAt| members.iter().skip(spare).any(|member| member == server);
    actions.retain(|(_, act)| {
        if let Action::Crash(server) | Action::Wipe(server) = act {
            return !stays(server);
        }
        !matches!(act, Action::Fail(part) if !matches!(part, Part::Spine { .. } | Part::Tor { .. }))
    });
}

fn wiped(act: &Action) -> Option<ServerAt> {
    if let Action::Wipe(server) = act { Some(*server) } else { None }
}

/// Some replicas forget everything, and no more than the protocol is set up for.
pub fn wipes(rng: &mut Rng, scenario: &Scenario) -> Vec<(Micros, Action)> {
    let count = rng.below(u32::from(scenario.group().tolerated()) + 1) as usize;
    let servers = shuffled(rng, scenario.group().members.clone(), count);
    servers.into_iter().map(|at| (moment(rng, scenario.until), Action::Wipe(at))).collect()
}

/// A replica stops, and starts again off every beat.
fn stop(rng: &mut Rng, scenario: &Scenario) -> [(Micros, Action); 2] {
    let server =
        scenario.group().members[rng.below(scenario.group().members.len() as u32) as usize];
    let at = rng.span(Micros::ZERO, scenario.until);
    let later = Micros(at.0 + u64::from(rng.below(5_000_000))).min(scenario.until);
    [(at, Action::Crash(server)), (later, Action::Restart(server))]
}

/// A time between writes from 20 ms to 10 s, each of its nine octaves as often as the others.
fn write_every(rng: &mut Rng) -> Micros {
    let least = 20 << rng.below(9);
    Micros::from_millis(u64::from((least + rng.below(least + 1)).min(10_000)))
}

/// Mostly less than a millisecond, at times up to 90: as much as a short heartbeat, or more.
fn jitter(rng: &mut Rng) -> Micros {
    match rng.below(10) {
        0..5 => Scenario::JITTER,
        5..7 => Micros(u64::from(rng.below(900))),
        _ => Micros(u64::from(rng.below(90_001))),
    }
}

/// So many random acts for the plant, the cluster and the length of `scenario`, in order of time.
pub fn actions(rng: &mut Rng, scenario: &Scenario, count: u32) -> Vec<(Micros, Action)> {
    let plant = Plant::new(scenario.plant);
    let mut times: Vec<_> = (0..count).map(|_| moment(rng, scenario.until)).collect();
    times.sort();
    times.into_iter().map(|at| (at, act(rng, &plant, scenario))).collect()
}

/// Any act that the plant and the cluster of `scenario` can suffer.
pub fn act(rng: &mut Rng, plant: &Plant, scenario: &Scenario) -> Action {
    let replicas = scenario.group().members.len() as u32;
    match rng.below(11) {
        0 => Action::Cut { link: link(rng, plant, replicas), percent: 100 },
        1 => Action::Cut { link: link(rng, plant, replicas), percent: 1 + rng.below(100) as u8 },
        2 => Action::Heal { link: link(rng, plant, replicas) },
        3 => Action::Gray {
            switch: switch(rng, plant),
            flows: flows(rng, replicas),
            percent: if rng.percent(50) { 100 } else { 1 + rng.below(100) as u8 },
        },
        4 => Action::Ungray { switch: switch(rng, plant) },
        5 => Action::Fail(part(rng, plant)),
        6 => Action::Restore(part(rng, plant)),
        7 => Action::Crash(server(rng, plant)),
        8 => Action::Restart(server(rng, plant)),
        9 => {
            let server = server(rng, plant);
            // Disks that take no time are as people have them; those that do fall ill, too.
            match (rng.below(100), scenario.group().disk.takes_time()) {
                (0..12, true) => Action::Stall(server),
                (by @ 12..25, true) => Action::Slow { server, by: Micros::from_millis(by.into()) },
                (50..65, true) => Action::ResumeDisk(server),
                (0..50, _) => Action::Pause(server),
                (50.., _) => Action::Resume(server),
            }
        }
        _ if scenario.group().protocol.is_generals() => {
            Action::Order(1 + rng.below(ORDERS.len() as u32))
        }
        _ => Action::Elect(ReplicaId(rng.below(replicas) as u8)),
    }
}

/// A scenario in which replicas are never left in peace: lossy links, reordering, processes that come
/// and go, and elections that nobody asked for.
pub fn harsh(rng: &mut Rng, protocol: Protocol) -> Scenario {
    let replicas = small(rng, fewest(protocol), 9);
    harsh_group(rng, protocol, replicas)
}

/// [`harsh`], for so many replicas.
pub fn harsh_group(rng: &mut Rng, protocol: Protocol, replicas: u8) -> Scenario {
    let mut scenario = group(rng, protocol, replicas);
    if rng.percent(70) {
        let every = Micros::from_millis(u64::from(20 + rng.below(100)));
        scenario.group_mut().let_write((!protocol.is_generals()).then_some(every));
    }
    // Reordering: chance adds up to a heartbeat to a packet's way.
    if rng.percent(50) {
        scenario.jitter = Micros(u64::from(rng.below(1 + scenario.group().heartbeat.0 as u32)));
    }
    let replicas = scenario.group().members.len() as u32;
    let mut actions: Vec<_> =
        scenario.actions.drain(..).filter(|(_, act)| wiped(act).is_some()).collect();
    for from in (0..replicas).map(|id| ReplicaId(id as u8)) {
        for to in (0..replicas).map(|id| ReplicaId(id as u8)).filter(|&to| to != from) {
            let link = Link { ends: Ends::Flow(from, to), both: false };
            let most = if rng.percent(30) { 90 } else { 30 };
            let percent = 1 + rng.below(most) as u8;
            actions.push((Micros::ZERO, Action::Cut { link, percent }));
        }
    }
    for _ in 0..60 {
        let at = rng.span(Micros::ZERO, scenario.until);
        let server = scenario.group().members[rng.below(replicas) as usize];
        let later = Micros(at.0 + u64::from(rng.below(2_000_000))).min(scenario.until);
        match rng.below(5) {
            0 => actions.extend(duel(rng, &scenario, at)),
            1 => actions.extend([(at, Action::Crash(server)), (later, Action::Restart(server))]),
            2 => actions.extend([(at, Action::Pause(server)), (later, Action::Resume(server))]),
            _ => actions.push((at, Action::Elect(ReplicaId(rng.below(replicas) as u8)))),
        }
    }
    if protocol.is_generals() {
        // They are given orders, and elect nobody.
        for (_, act) in &mut actions {
            if let Action::Elect(one) = act {
                *act = Action::Order(1 + u32::from(one.0) % ORDERS.len() as u32);
            }
        }
    }
    actions.sort_by_key(|(at, _)| *at);
    scenario.actions = actions;
    spare_memory(&mut scenario);
    let rng = &mut Rng::new(!scenario.group().seed);
    slow_disks(rng, &mut scenario, 100_000);
    scenario
}

/// A scenario in which leaders are cut off, stopped and replaced while clients read: where a read that
/// is not fresh would show. Nobody is made to campaign early: against that no lease holds.
pub fn reading(rng: &mut Rng, protocol: Protocol, by: ReadMode) -> Scenario {
    // With three, one that is cut off leaves two who can elect another: most is to be seen there.
    let replicas = if rng.percent(60) { 3 } else { small(rng, fewest(protocol), 9) };
    let mut scenario = group(rng, protocol, replicas);
    scenario.group_mut().let_write(Some(Micros::from_millis(u64::from(20 + rng.below(100)))));
    scenario.group_mut().read = Some((Micros::from_millis(u64::from(10 + rng.below(50))), by));
    if rng.percent(50) {
        scenario.jitter = Micros(u64::from(rng.below(1 + scenario.group().heartbeat.0 as u32)));
    }
    let replicas = scenario.group().members.len() as u32;
    let mut actions = Vec::new();
    for _ in 0..30 {
        let at = rng.span(Micros::ZERO, scenario.until);
        let most = 2 * scenario.group().longest_election_timeout().0 as u32;
        let later = Micros(at.0 + u64::from(rng.below(most))).min(scenario.until);
        let one = ReplicaId(rng.below(replicas) as u8);
        let server = scenario.group().members[one.index()];
        match rng.below(6) {
            0 => actions.extend([(at, Action::Crash(server)), (later, Action::Restart(server))]),
            1 => actions.extend([(at, Action::Pause(server)), (later, Action::Resume(server))]),
            2 => actions.push((at, Action::Transfer(one))),
            3 if replicas > 1 => {
                let (from, to) = pair(rng, replicas);
                let link = Link { ends: Ends::Flow(from, to), both: rng.percent(50) };
                let percent = if rng.percent(50) { 100 } else { 1 + rng.below(100) as u8 };
                actions
                    .extend([(at, Action::Cut { link, percent }), (later, Action::Heal { link })]);
            }
            _ => actions.extend(cut_off(rng, (one, replicas), at, later)),
        }
    }
    actions.sort_by_key(|(at, _)| *at);
    scenario.actions = actions;
    scenario
}

/// One replica loses the links to all others for a while, or one direction of each.
fn cut_off(
    rng: &mut Rng,
    (one, replicas): (ReplicaId, u32),
    at: Micros,
    later: Micros,
) -> Vec<(Micros, Action)> {
    let (both, inward) = (rng.percent(70), rng.percent(50));
    let others = (0..replicas).map(|id| ReplicaId(id as u8)).filter(|&other| other != one);
    let links = others.map(|other| {
        let ends = if inward { Ends::Flow(other, one) } else { Ends::Flow(one, other) };
        Link { ends, both }
    });
    links
        .flat_map(|link| [(at, Action::Cut { link, percent: 100 }), (later, Action::Heal { link })])
        .collect()
}

/// Two replicas ask for votes at once, and a third starts anew while they do: if it forgot its vote,
/// it would give it twice.
fn duel(rng: &mut Rng, scenario: &Scenario, at: Micros) -> [(Micros, Action); 4] {
    let replicas = scenario.group().members.len() as u32;
    let first = rng.below(replicas);
    let named = |number: u32| ReplicaId(((first + number) % replicas) as u8);
    let voter = scenario.group().members[named(2).index()];
    let travel = Micros(4 * scenario.hop.0 + scenario.jitter.0);
    let later = (at + rng.span(Micros::ZERO, travel)).min(scenario.until);
    [
        (at, Action::Elect(named(0))),
        (at, Action::Elect(named(1))),
        (later, Action::Crash(voter)),
        (later, Action::Restart(voter)),
    ]
}

/// A random scenario at whose end every fault is lifted, and when; then it goes on for a while.
pub fn healed(rng: &mut Rng, protocol: Protocol) -> (Scenario, Micros) {
    let mut scenario = scenario_of(rng, protocol);
    let every = Micros::from_millis(200);
    scenario.group_mut().let_write((!protocol.is_generals()).then_some(every));
    // A timeout much longer than a round trip is what every one of them asks of its network, and
    // timeouts all alike would split votes for ever: chance is part of the protocol.
    let round_trip = 2 * (4 * scenario.hop.0 + scenario.jitter.0);
    let least = Micros(scenario.group().election.start().0.max(10 * round_trip));
    scenario.group_mut().election = least..=least + least;
    scenario.group_mut().election_of.clear();
    scenario.group_mut().clocks.clear();
    scenario.actions = self::actions(rng, &scenario, 10);
    // What trips stays so: here nothing does.
    scenario.plant.power.server_w = 1;
    // What dead disks held is gone for good.
    scenario.actions.retain(|(_, act)| !matches!(act, Action::Fail(Part::Disk { .. })));
    impair(&mut scenario);
    spare_memory(&mut scenario);
    let lifted = scenario.until;
    let lifts = scenario.actions.iter().filter_map(|(_, act)| Some((lifted, act.lifted_by()?)));
    scenario.actions.extend(lifts.collect::<Vec<_>>());
    // A connection that is dead by then may be held to be alive for so long.
    let given_up = scenario.group().transport.timeout().unwrap_or(Micros::ZERO);
    scenario.until = lifted + given_up + Micros(50 * least.0 + 2_000_000);
    (scenario, lifted)
}

/// A scenario of crashes and lost messages, at whose end all is whole again, and when; it goes on for
/// a minute then. It goes where the others do not: 1 to 9 replicas, even numbers too, writes every
/// 20 ms to 10 s, packets up to 90 ms late, and restarts at any microsecond.
pub fn troubled(rng: &mut Rng, protocol: Protocol) -> (Scenario, Micros) {
    let mut scenario = scenario(rng).with(|group| group.protocol = protocol);
    if !protocol.waits_for_disks() {
        scenario.group_mut().disk = Disk::AT_ONCE;
    }
    let least = if protocol == Protocol::OmnipaxosCrate { 2 } else { 1 };
    let replicas = usize::from(small(rng, least, 9));
    scenario.plant = PlantSpec::new(3, 3, 2);
    let servers = Plant::new(scenario.plant).servers().collect();
    scenario.group_mut().members = shuffled(rng, servers, replicas);
    scenario.group_mut().databases.clear();
    scenario.group_mut().election_of.clear();
    scenario.group_mut().clocks.clear();
    scenario.server_names.clear();
    scenario.group_mut().names.clear();
    let shortest = *scenario.group().election.start();
    scenario.group_mut().election = shortest..=shortest + shortest;
    let (from, to) = [(20, 100), (100, 1_000), (1_000, 10_000)][rng.below(3) as usize];
    let every_ms = from + rng.below(to - from);
    scenario.group_mut().let_write(Some(Micros::from_millis(every_ms.into())));
    let latest = if rng.percent(50) { 1_000 } else { 90_000 };
    scenario.jitter = Micros(u64::from(rng.below(latest)));
    let lifted = Micros(8_000_000 + u64::from(rng.below(20_000_000)));
    let mut actions = Vec::new();
    for _ in 0..rng.below(12) {
        let at = rng.span(Micros::ZERO, lifted);
        let later = Micros(at.0 + u64::from(rng.below(6_000_000))).min(lifted);
        if replicas > 1 && rng.percent(60) {
            let (from, to) = pair(rng, replicas as u32);
            let link = Link { ends: Ends::Flow(from, to), both: rng.percent(50) };
            let percent = if rng.percent(50) { 100 } else { 1 + rng.below(100) as u8 };
            actions.extend([(at, Action::Cut { link, percent }), (later, Action::Heal { link })]);
        } else {
            let server = scenario.group().members[rng.below(replicas as u32) as usize];
            actions.extend([(at, Action::Crash(server)), (later, Action::Restart(server))]);
        }
    }
    actions.sort_by_key(|(at, _)| *at);
    scenario.actions = actions;
    scenario.notes.clear();
    scenario.until = lifted + Micros::from_secs(60);
    (scenario, lifted)
}

fn link(rng: &mut Rng, plant: &Plant, replicas: u32) -> Link {
    let both = rng.percent(50);
    if replicas == 1 || rng.percent(50) {
        let lane = LaneId(rng.below(plant.lanes().len() as u32) as u16);
        let lane = plant.lanes()[usize::from(lane.0)];
        return Link { ends: Ends::Lane(plant.part(lane.from), plant.part(lane.to)), both };
    }
    let (from, to) = pair(rng, replicas);
    Link { ends: Ends::Flow(from, to), both }
}

fn flows(rng: &mut Rng, replicas: u32) -> Flows {
    let all = Flows { from: None, to: None, both: false, which: Which::All };
    if replicas == 1 {
        return all;
    }
    let (from, to) = pair(rng, replicas);
    let both = rng.percent(50);
    match rng.below(6) {
        0 => all,
        1 => Flows { to: Some(to), both, ..all },
        2 => Flows { from: Some(from), both, ..all },
        _ => Flows { from: Some(from), to: Some(to), both, ..all },
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
    let site = plant.spec.site_of(rack);
    if rng.percent(70) { Part::Tor { rack, side } } else { Part::Spine { site, side } }
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
