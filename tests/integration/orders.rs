//! Golden stories of generals: who says what to whom, round by round, what each does in the end,
//! who is caught, and what breaks.
//!
//! A file in `tests/golden-orders` is made like those of `golden.rs`.

use std::fmt::Write as _;
use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fault::order_name;
use halflink::outcome::judge;
use halflink::run::Run;
use halflink::scenario::Scenario;
use halflink::world::{EventKind, World};

use crate::golden::assert_told;
use crate::rounds::{Ears, Saying};
use crate::support::notes_of;
use halflink::words::told;

#[test]
fn every_golden_order_runs_as_told() {
    assert_told("tests/golden-orders", 7, story);
}

/// What is seen of everyone, a line each: what each does on the last order, and whom it has caught.
fn seen(world: &World) -> Vec<String> {
    let mut seen = Vec::new();
    for id in world.group(0).replicas() {
        let replica = world.group(0).replica(id);
        if let Some(entry) = replica.log().get(replica.commit()) {
            let did = if id.0 == 0 { "orders" } else { "obeys" };
            seen.push(format!("{id} {did} {} ({})", order_name(entry.command), replica.commit()));
        }
        for (liar, evidence) in replica.evidence() {
            let evidence = told("evidence", &evidence);
            seen.push(format!("{id} has caught {liar}: {evidence}"));
        }
    }
    seen
}

fn story(scenario: Scenario) -> String {
    let scenario = Arc::new(scenario);
    let (mut run, mut history) = Run::new(Arc::clone(&scenario));
    let mut world = World::new(Arc::clone(&scenario));
    let (mut ears, mut before, mut text) = (Ears::default(), Vec::new(), String::new());
    let notes = notes_of(&scenario);
    let (mut notes, mut broken) = (notes.iter().peekable(), 0);
    let mut line = |at: Micros, words: &str| {
        let seconds = at.0 as f64 / 1e6;
        writeln!(text, "{seconds:>8.4}  {words}").expect("a string takes it");
    };
    while let Some(event) = world.step(&mut ears) {
        run.step(&mut history);
        while let Some((at, words)) = notes.next_if(|(at, _)| *at <= event.at) {
            line(*at, &format!("# {words}"));
        }
        if let EventKind::Action(number) = event.kind {
            line(event.at, &format!("-- {}", scenario.actions[number as usize].1));
        }
        for saying in std::mem::take(&mut ears.0).iter().map(Saying::line) {
            line(event.at, &saying);
        }
        let now = seen(&world);
        for new in now.iter().filter(|one| !before.contains(*one)) {
            line(event.at, new);
        }
        before = now;
        for violation in &history[0].violations[broken..] {
            let property = told("property", &violation.property.name());
            let detail = told("violation", &violation.detail);
            line(event.at, &format!("UNSAFE, {property}: {detail}"));
        }
        broken = history[0].violations.len();
    }
    assert_eq!(run.world().trace_hash(), world.trace_hash(), "the two worlds went apart");
    let outcome = judge(&scenario, &history[0]).outcome.name();
    line(scenario.until, &format!("the end: {outcome}"));
    text
}
