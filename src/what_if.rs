//! `halflink blast`: what would fall with some parts, and what redundancy saves. `halflink shrink`:
//! what of a text its outcome needs.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use halflink::blast::Blast;
use halflink::clock::Micros;
use halflink::fault::Action;
use halflink::outcome::Outcome;
use halflink::plant::{Part, PartId, Plant};
use halflink::run;
use halflink::scenario::Scenario;
use halflink::scenario::link::encode;
use halflink::scenario::text::{parse, parse_act};
use halflink::shrink::{self, Refusal, Shorter};
use halflink::view::BlastView;
use halflink::words::{ENGLISH, Names, told};
use halflink::world::World;
use serde_json::{Value, json};

use super::watched::stop_at_signals;

/// What it says of those parts, by name, at that time of the run.
///
/// # Errors
/// A part that the plant does not have, or has twice in the list; a time after the end.
pub(super) fn blast(
    scenario: Scenario,
    names: &[String],
    at: Micros,
    as_json: bool,
) -> Result<String, String> {
    if at > scenario.until {
        let (at, until) = (at.to_string(), scenario.until.to_string());
        return Err(refused(json!({ "kind": "after-the-end", "at": at, "until": until })));
    }
    let largest = scenario.groups.iter().map(|group| group.replicas()).max().unwrap_or_default();
    let mut world = World::new(Arc::new(scenario));
    while world.step_by(at, &mut ()).is_some() {}
    let parts = parts_named(world.scenario(), world.plant(), names)?;
    let blast = Blast::of(world.groups(), &parts);
    let view = BlastView::of(&blast, world.scenario(), world.plant());
    if as_json {
        return super::to_json(&view);
    }
    let called = Names::of(world.plant(), largest);
    let scenario = world.scenario();
    let told = view.said.iter().map(|fact| ENGLISH.tell("blast", fact, &called));
    Ok(told.map(|line| scenario.called(0, &line) + "\n").collect())
}

/// What is left of a text, and whether all was tried; what became of it is said meanwhile, and at
/// the end. A signal ends it with what it has.
///
/// # Errors
/// Why the run ends early, if it does.
pub(super) fn shrink(text: &str) -> Result<(String, bool), String> {
    let stop = stop_at_signals();
    let is_over = || stop.load(Ordering::Relaxed);
    let mut progress = |shorter: Shorter<'_>| {
        if io::stderr().is_terminal() {
            let now = json!({ "kind": "shrinking", "actions": shorter.actions,
                "bytes": shorter.bytes, "replays": shorter.replays });
            super::complain(&super::said(now));
        }
    };
    let named = |outcomes: &[Outcome]| outcomes.iter().map(|one| one.name()).collect::<Vec<_>>();
    let title = |outcomes: &[Outcome]| {
        super::said(json!({ "kind": "made-short", "outcomes": named(outcomes).join(", ") }))
    };
    let short = match shrink::shrink_unless(text, &title, &mut progress, &is_over) {
        Ok(short) => short,
        Err(Refusal::Unreadable(_)) => unreachable!("it was read before"),
        Err(Refusal::Exhausted(why)) => {
            let ended = told("exhausted", &why.fact());
            return Err(super::said(json!({ "kind": "not-shrunk", "ended": ended })));
        }
    };
    let scenario = parse(&short.text).expect("it was read when it was replayed");
    let outcomes: Vec<_> = short.goals.iter().map(|goal| goal.outcome.name()).collect();
    let hash = run::to_end(Arc::new(scenario)).0.world().trace_hash();
    super::complain(&super::said(json!({
        "kind": "shrunk",
        "outcomes": outcomes.join(", "),
        "before": short.actions[0],
        "after": short.actions[1],
        "from": text.len(),
        "to": short.text.len(),
        "replays": short.replays,
        "done": short.is_done.to_string(),
        "link": encode(&short.text, Some(hash)),
    })));
    Ok((short.text, short.is_done))
}

fn refused(why: Value) -> String {
    told("refused", &why)
}

/// The parts of those names, each once.
fn parts_named(
    scenario: &Scenario,
    plant: &Plant,
    names: &[String],
) -> Result<Vec<PartId>, String> {
    let mut parts: Vec<PartId> = Vec::new();
    for name in names {
        let id = plant.expect(part_named(scenario, name)?);
        if parts.contains(&id) {
            return Err(refused(json!({ "kind": "twice", "name": name })));
        }
        parts.push(id);
    }
    Ok(parts)
}

/// The part that a text could say `fail` of by that name.
fn part_named(scenario: &Scenario, name: &str) -> Result<Part, String> {
    match parse_act(&format!("fail {name}"), scenario) {
        Ok(Action::Fail(part)) => Ok(part),
        other => {
            let why = other.err().and_then(|wrong| Some(wrong.first()?.message()));
            Err(refused(json!({ "kind": "no-part", "name": name, "why": why })))
        }
    }
}

/// A scenario that this build can run.
pub(super) fn runnable(scenario: Scenario) -> Result<Scenario, String> {
    match scenario.groups.iter().find(|group| !group.protocol.is_here()) {
        Some(group) => {
            Err(refused(json!({ "kind": "not-here", "protocol": group.protocol.name() })))
        }
        None => Ok(scenario),
    }
}
