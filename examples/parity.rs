//! What every other target must repeat: each shipped scenario and some random ones, run natively.
//!
//! `cargo run --example parity -- 200` prints one JSON object a line: `{ name, text, half_us,
//! half_hash, link, plan, strip, end }`. The tests in `tests/node` and `tests/browser` run the same texts in
//! wasm and compare all that a page is told of the run, and of its last moment. The strip holds the
//! trace hash at the end.

use std::io::{self, Write};
use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fault::{Action, Behaviour, ByzantineBehaviour, ReplicaId, ReplicaSet};
use halflink::plant::{PlantSpec, ServerAt};
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::scenario::library::{find, library};
use halflink::scenario::text::parse;
use halflink::scenario::{Scenario, arbitrary};
use halflink::session::Session;
use halflink::view::{Plan, Strip, View};
use halflink::world::World;

fn main() -> io::Result<()> {
    let random = std::env::args().nth(1).map_or(Ok(200), |count| count.parse());
    let random: u32 = random.map_err(io::Error::other)?;
    let mut output = io::stdout().lock();
    for entry in library() {
        print(&mut output, entry.name, entry.text)?;
    }
    // Every protocol of this build that can run the story with five replicas.
    let story = parse(find("howard-abraham-1").expect("it is shipped").text);
    let story = story.expect("shipped scenarios are valid");
    for protocol in Protocol::here().filter(|protocol| !protocol.is_raft()) {
        let scenario = story.clone().with(|group| group.protocol = protocol);
        if scenario.flaws().is_empty() {
            print(&mut output, &format!("protocol {protocol}"), &scenario.to_string())?;
        }
        for number in 0..random / 40 {
            let scenario = trouble(&mut Rng::new(number), protocol);
            print(&mut output, &format!("protocol {protocol} {number}"), &scenario.to_string())?;
        }
    }
    for number in 0..random {
        let scenario = arbitrary::scenario(&mut Rng::new(number));
        print(&mut output, &format!("random {number}"), &scenario.to_string())?;
    }
    Ok(())
}

/// Five replicas that are never left in peace, one of which may lie; for generals, orders.
fn trouble(rng: &mut Rng, protocol: Protocol) -> Scenario {
    let mut scenario = arbitrary::harsh(rng, protocol);
    scenario.until = scenario.until.min(Micros::from_secs(15));
    scenario.notes.clear();
    scenario.plant = PlantSpec::new(5, 1, 2);
    scenario.group_mut().members = (0..5).map(|rack| ServerAt { rack, slot: 0 }).collect();
    scenario.group_mut().election_of.clear();
    scenario.actions = arbitrary::actions(rng, &scenario, 20);
    if protocol.is_generals() {
        scenario.group_mut().write_every = None;
        scenario.actions.retain(|(_, act)| !matches!(act, Action::Elect(_)));
        scenario
            .actions
            .extend((1..4).map(|at| (Micros::from_secs(2 * at), Action::Order(at as u32))));
    }
    let behaviour = Behaviour::ALL[rng.below(Behaviour::ALL.len() as u32) as usize];
    if protocol.refuses(behaviour).is_none() {
        let by = Micros(if behaviour == Behaviour::Delay { 90_000 } else { 0 });
        let byzantine = ByzantineBehaviour { behaviour, toward: ReplicaSet(1), by };
        let act = Action::Betray { replica: ReplicaId(3), byzantine };
        scenario.actions.push((Micros::from_secs(1), act));
    }
    scenario.actions.retain(|(at, _)| *at <= scenario.until);
    scenario.actions.sort_by_key(|(at, _)| *at);
    scenario
}

fn print(output: &mut impl Write, name: &str, text: &str) -> io::Result<()> {
    let scenario = parse(text).expect("shipped and random scenarios are valid");
    let half = Micros(scenario.until.0 / 2);
    let half_hash = hash_at(&scenario, half);
    let mut session = Session::open(text).expect("it parses");
    let plan = Plan::of_session(&session);
    session.timeline_mut().finish();
    let strip = Strip::of_session(&session);
    let timeline = session.timeline_mut();
    let end = View::of(timeline, timeline.frontier_at(), Micros::from_millis(300));
    let object = serde_json::json!({
        "name": name,
        "text": text,
        "half_us": half.0,
        "half_hash": format!("{half_hash:016x}"),
        "link": session.link(),
        "plan": plan,
        "strip": strip,
        "end": end,
    });
    writeln!(output, "{object}")
}

/// The trace hash when everything up to `at` has happened.
fn hash_at(scenario: &Scenario, at: Micros) -> u64 {
    let mut world = World::new(Arc::new(scenario.clone()));
    while world.step_by(at, &mut ()).is_some() {}
    world.trace_hash()
}
