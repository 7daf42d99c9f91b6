//! The plan of a scenario: what there is to draw, and by what number.

use serde::Serialize;

use super::{
    ExpectationView, NoteView, PartKind, Plan, PlanGroup, PlanPart, PlanReplica, RoleWords,
};
use crate::clock::Micros;
use crate::fault::{Behaviour, ByzantineBehaviour, ReplicaId, ReplicaSet};
use crate::plant::{Part, Plant};
use crate::protocol::Protocol;
use crate::protocol::catalogue::Terms;
use crate::scenario::Scenario;
use crate::scenario::expect::applying;
use crate::scenario::note::{Note, Step};
use crate::scenario::text::expectation_places;
use crate::session::Session;
use crate::traitor::other_story;

/// One direction of a cable.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PlanLane {
    /// "r1.s1 -> r1.tor-a".
    pub name: String,
    /// The sending part's number.
    pub from: u16,
    /// The receiving part's number.
    pub to: u16,
}

impl Plan {
    /// The plan of that scenario on its plant.
    pub fn of(scenario: &Scenario, plant: &Plant) -> Self {
        let lanes = plant.lanes().iter().zip(0..).map(|(lane, id)| PlanLane {
            name: plant.lane_name(crate::plant::LaneId(id)),
            from: lane.from.0,
            to: lane.to.0,
        });
        let replicas = scenario.group().members.iter().zip(0..).map(|(server, id)| PlanReplica {
            name: ReplicaId(id).to_string(),
            part: plant.expect(Part::Server(*server)).0,
            toward: usual_receivers(scenario, ReplicaId(id)),
            clock_percent: scenario.group().clock_percent(ReplicaId(id)),
        });
        Self {
            title: scenario.title.clone(),
            source: scenario.source.clone(),
            groups: plan_groups(scenario, plant),
            shown: 0,
            cluster: scenario.group().name.clone(),
            protocol: scenario.group().protocol.name().to_owned(),
            needs: scenario.group().protocol.needs().name(),
            links: scenario.group().protocol.links().name(),
            role_words: role_words(scenario.group().protocol.terms()),
            family: scenario.group().protocol.family().name(),
            tolerated: scenario.group().withstands(),
            behaviours: behaviours(scenario.group().protocol),
            generals: scenario.group().protocol.is_generals(),
            hands_over: scenario.group().protocol.hands_over(),
            module: module(scenario),
            seed: scenario.group().seed,
            until_us: scenario.until.0,
            election_max_us: scenario.group().longest_election_timeout().0,
            sites: scenario.plant.sites,
            racks: scenario.plant.racks,
            servers: scenario.plant.servers,
            disks: scenario.plant.disks,
            names: scenario.names(0),
            parts: plant.parts().iter().map(|&part| plan_part(scenario, part)).collect(),
            lanes: lanes.collect(),
            replicas: replicas.collect(),
            notes: scenario.notes.iter().map(note_view).collect(),
            expectations: Vec::new(),
        }
    }

    /// The plan of what a reader has before him, and what its author said of it.
    pub fn of_session(session: &Session) -> Self {
        let timeline = session.timeline();
        let scenario = timeline.scenario();
        let plant = timeline.frontier().world().plant();
        let mut plan = Self::of(scenario, plant);
        plan.groups = plan_groups(timeline.whole(), plant);
        plan.module = module(timeline.whole());
        plan.shown = u8::try_from(timeline.shown()).expect("bounded by Bounds::REPLICAS");
        let own = applying(&scenario.expectations, scenario.group().protocol);
        let places = expectation_places(session.text()).into_iter().enumerate();
        let expected = places.zip(&scenario.expectations);
        let expectations = expected.map(|((number, place), expectation)| ExpectationView {
            line: place.line,
            text: expectation.to_string(),
            applies: own == Some(number),
        });
        plan.expectations = expectations.collect();
        plan
    }
}

/// The module that can run all groups.
fn module(scenario: &Scenario) -> &'static str {
    let modules = scenario.groups.iter().map(|group| group.protocol.module());
    modules.max().unwrap_or_default()
}

fn plan_groups(scenario: &Scenario, plant: &Plant) -> Vec<PlanGroup> {
    let groups = scenario.groups.iter().enumerate().map(|(number, group)| PlanGroup {
        name: group.name.clone(),
        protocol: group.protocol.name().to_owned(),
        parts: group.members.iter().map(|server| plant.expect(Part::Server(*server)).0).collect(),
        names: scenario.names(number),
    });
    groups.collect()
}

const fn role_words(terms: &Terms) -> RoleWords {
    let Terms { leader, follower, candidate, .. } = terms;
    RoleWords { leader, follower, candidate }
}

fn usual_receivers(scenario: &Scenario, liar: ReplicaId) -> Vec<u8> {
    let byzantine = ByzantineBehaviour {
        behaviour: Behaviour::Equivocate,
        toward: ReplicaSet::NOBODY,
        by: Micros::ZERO,
    };
    other_story(&byzantine, liar, scenario.group().members.len())
        .iter()
        .map(|replica| replica.0)
        .collect()
}

fn behaviours(protocol: Protocol) -> Vec<&'static str> {
    let possible = |behaviour: &Behaviour| protocol.refuses(*behaviour).is_none();
    Behaviour::ALL.into_iter().filter(possible).map(Behaviour::name).collect()
}

fn note_view(note: &Note) -> NoteView {
    let step = note.step.as_ref();
    let mut parts: Vec<String> = match step {
        Some(step) if step.asks => note.text.split('|').map(|part| part.trim().into()).collect(),
        Some(_) | None => vec![note.text.clone()],
    };
    NoteView {
        at_us: note.time().map(|at| at.0),
        text: parts.remove(0),
        waits: step.is_some(),
        focus: step.map(Step::pointed).unwrap_or_default(),
        compare: step.and_then(|step| step.compare).map(Protocol::name),
        answers: parts,
    }
}

fn plan_part(scenario: &Scenario, part: Part) -> PlanPart {
    let (kind, rack, side, server, disk) = match part {
        Part::Feed { side, .. } => (PartKind::Feed, None, Some(side), None, None),
        Part::Pdu { rack, side } => (PartKind::Pdu, Some(rack), Some(side), None, None),
        Part::Spine { side, .. } => (PartKind::Spine, None, Some(side), None, None),
        Part::Tor { rack, side } => (PartKind::Tor, Some(rack), Some(side), None, None),
        Part::Server(server) => (PartKind::Server, Some(server.rack), None, Some(server), None),
        Part::Disk { server, disk } => {
            (PartKind::Disk, Some(server.rack), None, Some(server), Some(disk))
        }
        Part::Nic { server, side } => {
            (PartKind::Nic, Some(server.rack), Some(side), Some(server), None)
        }
        Part::Psu { server, side } => {
            (PartKind::Psu, Some(server.rack), Some(side), Some(server), None)
        }
        Part::Generator { side, .. } => (PartKind::Generator, None, Some(side), None, None),
        Part::Ups { side, .. } => (PartKind::Ups, None, Some(side), None, None),
        Part::Ats { rack } => (PartKind::Ats, Some(rack), None, None, None),
        Part::Breaker { rack, side } => (PartKind::Breaker, Some(rack), Some(side), None, None),
        Part::Site(_) => (PartKind::Site, None, None, None, None),
        Part::Wan { .. } => (PartKind::Wan, None, None, None, None),
    };
    let replica = match part {
        Part::Server(server) => {
            scenario.group().members.iter().position(|&member| member == server)
        }
        Part::Feed { .. }
        | Part::Pdu { .. }
        | Part::Spine { .. }
        | Part::Tor { .. }
        | Part::Disk { .. }
        | Part::Nic { .. }
        | Part::Psu { .. }
        | Part::Generator { .. }
        | Part::Ups { .. }
        | Part::Ats { .. }
        | Part::Breaker { .. }
        | Part::Site(_)
        | Part::Wan { .. } => None,
    };
    PlanPart {
        name: part.to_string(),
        kind,
        site: scenario.plant.site(part).map(|site| site.0 - 1),
        rack,
        side: side.map(|side| side as u8),
        slot: server.map(|server| server.slot),
        disk,
        replica: replica.map(|index| u8::try_from(index).expect("bounded by Bounds::REPLICAS")),
    }
}
