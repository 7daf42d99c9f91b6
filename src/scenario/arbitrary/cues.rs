//! Random captions: at a time, and when something happens.

use super::{moment, words};
use crate::clock::Micros;
use crate::fault::{Action, ReplicaId};
use crate::plant::{Part, ServerAt};
use crate::protocol::Role;
use crate::rng::Rng;
use crate::scenario::Scenario;
use crate::scenario::note::{Condition, Cue, Note, Step, When};

/// Up to three by time.
pub(super) fn say(rng: &mut Rng, scenario: &mut Scenario) {
    for _ in 0..rng.below(4) {
        scenario.notes.push(Note::at(moment(rng, scenario.until), words(rng, 12)));
    }
    scenario.notes.sort_by_key(Note::time);
}

/// Up to three that wait for an event. With chance of its own.
pub(super) fn cue(scenario: &mut Scenario) {
    let rng = &mut Rng::new(scenario.group().seed ^ 0x4e07_e000);
    for number in 0..rng.below(4) {
        let event = event(rng, scenario);
        let later = Micros(u64::from(rng.below(scenario.until.0 as u32 + 1)));
        let after = if rng.percent(30) { later } else { Micros::ZERO };
        let when = When { group: None, event, after, each: rng.percent(30) };
        let under = if rng.percent(20) { vec![scenario.group().protocol] } else { Vec::new() };
        scenario.notes.push(Note {
            under,
            cue: Cue::When(when),
            text: format!("when {number}"),
            step: None,
        });
    }
    wait(scenario);
}

/// Some of the notes wait for their reader. With chance of its own.
fn wait(scenario: &mut Scenario) {
    let rng = &mut Rng::new(scenario.group().seed ^ 0x57e9_5000);
    let replicas = u32::from(scenario.group().replicas());
    let protocol = scenario.group().protocol;
    for note in &mut scenario.notes {
        if rng.percent(70) {
            continue;
        }
        let mut focus: Vec<Action> = Vec::new();
        for _ in 0..rng.below(3) {
            let id = ReplicaId(rng.below(replicas) as u8);
            focus.push(Action::Rejoin(id));
            focus.push(Action::Restore(Part::Server(ServerAt { rack: 0, slot: 0 })));
        }
        let compare = rng.percent(30).then_some(protocol);
        let asks = rng.percent(40);
        if asks {
            let bars: Vec<_> = (0..2 + rng.below(3)).map(|number| format!(" | {number}")).collect();
            note.text = note.text.replace('|', "") + &bars.concat();
        }
        note.step = Some(Step { focus, compare, asks });
    }
}

/// Of several groups a note says which.
pub(super) fn tell_group(scenario: &mut Scenario) {
    let name = &scenario.groups[0].name;
    for note in &mut scenario.notes {
        if let Cue::When(when) = &mut note.cue
            && when.event.is_of_group()
        {
            when.group = Some(name.clone());
        }
    }
}

fn event(rng: &mut Rng, scenario: &Scenario) -> Condition {
    let id = ReplicaId(rng.below(u32::from(scenario.group().replicas())) as u8);
    let most = if rng.percent(20) { 0 } else { scenario.until.0 as u32 };
    let span = Micros(u64::from(rng.below(most + 1)));
    match rng.below(8) {
        0 => Condition::Becomes(id, Role::ALL[rng.below(4) as usize]),
        1 => Condition::StepsDown(id),
        2 => Condition::Leads(id),
        3 => Condition::LeadsAgain(id),
        4 => Condition::NobodyLeads(span),
        5 => Condition::WritesStall(span),
        6 => match scenario.actions.first() {
            Some((_, act)) => Condition::Done(*act),
            None => Condition::SafetyBreaks,
        },
        _ => Condition::SafetyBreaks,
    }
}
