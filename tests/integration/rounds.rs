//! Golden stories told message by message: who says what to whom, step by step of the paper, what
//! each replica believes and decides, and the notes between.
//!
//! A file in `tests/golden-rounds` is made like those of `golden.rs`. What was said since the last
//! action in the same words to the same others is not told again.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::network::{Network, Verdict};
use halflink::protocol::catalogue::Family;
use halflink::protocol::{Belief, Role, command};
use halflink::scenario::Scenario;
use halflink::world::{EventKind, Packet, Sink, World};

use crate::golden::{assert_told, conviction};
use crate::support::{notes_of, run_to_end};
use halflink::words::told;

/// At the start everyone asks what it has missed, which is nothing.
const OPENING: Micros = Micros::from_millis(10);

#[test]
fn every_golden_round_runs_as_told() {
    assert_told("tests/golden-rounds", 5, story);
}

/// What one replica says to some others at once, and whom it does not reach.
#[derive(Debug)]
pub(crate) struct Saying {
    from: ReplicaId,
    words: String,
    to: Vec<ReplicaId>,
    lost: Vec<ReplicaId>,
}

/// All that is said in a step.
#[derive(Debug, Default)]
pub(crate) struct Ears(pub(crate) Vec<Saying>);

impl Sink for Ears {
    fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
        let (from, words) = (packet.from, told("message", &packet.message.fact()));
        let place = self.0.iter().position(|one| one.from == from && one.words == words);
        let place = place.unwrap_or_else(|| {
            self.0.push(Saying { from, words, to: Vec::new(), lost: Vec::new() });
            self.0.len() - 1
        });
        let saying = &mut self.0[place];
        let reached = match packet.verdict {
            Verdict::Delivered(_) => &mut saying.to,
            Verdict::Dropped { .. } => &mut saying.lost,
        };
        if !reached.contains(&packet.to) {
            reached.push(packet.to);
        }
    }
}

fn names(ids: &[ReplicaId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

impl Saying {
    pub(crate) fn line(&self) -> String {
        let Self { from, words, to, lost } = self;
        match (to.is_empty(), lost.is_empty()) {
            (_, true) => format!("{from} to {}: {words}", names(to)),
            (true, false) => format!("{from} to {}: {words}; it is lost", names(lost)),
            (false, false) => {
                format!("{from} to {}: {words}; {} not reached", names(to), names(lost))
            }
        }
    }
}

/// What is seen of a replica from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// What it believes, where leadership does not go round by design.
    belief: Option<Belief>,
    runs: bool,
    waits_no_longer: bool,
    lock: Option<String>,
    held: u32,
}

impl Seen {
    fn of(world: &World, id: ReplicaId) -> Self {
        let (belief, replica) = (world.group(0).belief(id), world.group(0).replica(id));
        let phase = told("phase", &replica.phase());
        let told =
            belief.filter(|_| world.scenario().group().protocol.family() != Family::Byzantine);
        Self {
            belief: told,
            runs: belief.is_some(),
            waits_no_longer: belief.is_some_and(|belief| belief.role == Role::Candidate),
            lock: phase.split_once("locked on ").map(|(_, what)| what.to_owned()),
            held: replica.commit(),
        }
    }

    /// What has changed since, in words.
    fn changes(&self, world: &World, id: ReplicaId, before: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        if self.runs != before.runs {
            let is_told = self.belief.is_some();
            let words = if self.runs { "runs again" } else { "does not run" };
            changes.extend((!is_told).then(|| words.to_owned()));
        }
        if self.belief != before.belief && self.belief.is_some() {
            let protocol = world.scenario().group().protocol;
            changes.push(conviction((id, protocol), before.belief, self.belief));
        } else if self.waits_no_longer && !before.waits_no_longer {
            changes.push("waits no longer".to_owned());
        }
        if let Some(lock) = self.lock.as_ref().filter(|_| self.lock != before.lock) {
            changes.push(format!("is locked on {lock}"));
        }
        for index in before.held + 1..=self.held {
            let entry =
                world.group(0).replica(id).log().get(index).expect("what is committed is there");
            changes.push(format!("decides {}", told("value", &command(entry.command))));
        }
        changes
    }
}

fn story(scenario: Scenario) -> String {
    run_to_end(scenario.clone()).assert_safe("a golden story");
    let scenario = Arc::new(scenario);
    let mut world = World::new(Arc::clone(&scenario));
    let mut seen: Vec<Seen> = world.group(0).replicas().map(|id| Seen::of(&world, id)).collect();
    let (mut ears, mut told, mut text) = (Ears::default(), BTreeSet::new(), String::new());
    let notes = notes_of(&scenario);
    let mut notes = notes.iter();
    let mut note = notes.next();
    let mut line = |at: Micros, words: &str| {
        let seconds = at.0 as f64 / 1e6;
        writeln!(text, "{seconds:>8.4}  {words}").expect("a string takes it");
    };
    while let Some(event) = world.step(&mut ears) {
        while let Some((at, words)) = note.filter(|(at, _)| *at <= event.at) {
            line(*at, &format!("# {words}"));
            note = notes.next();
        }
        if let EventKind::Action(number) = event.kind {
            line(event.at, &format!("-- {}", scenario.actions[number as usize].1));
            told.clear();
        }
        for (id, before) in world.group(0).replicas().zip(&mut seen) {
            let now = Seen::of(&world, id);
            for change in now.changes(&world, id, before) {
                line(event.at, &format!("{id} {change}"));
            }
            *before = now;
        }
        for saying in std::mem::take(&mut ears.0).iter().map(Saying::line) {
            if event.at >= OPENING && told.insert(saying.clone()) {
                line(event.at, &saying);
            }
        }
    }
    let held: Vec<String> = seen.iter().map(|one| one.held.to_string()).collect();
    line(scenario.until, &format!("the end: {} are decided", held.join(", ")));
    text
}
