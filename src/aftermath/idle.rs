//! Faults that cannot matter: no packet is touched and no replica.

use crate::clock::Micros;
use crate::fault::{Action, Ends, Object, ReplicaId, Which};
use crate::outcome::effect::Effect;
use crate::plant::{Bond, LaneId, Part, PartId, ServerAt};
use crate::scenario::Scenario;

/// Why a fault cannot matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// No packet takes the cable, in either direction.
    SpareCable,
    /// No packet takes the cable in that direction.
    SpareLane,
    /// No packet goes through the switch.
    SpareSwitch,
    /// The switch drops what does not go through it.
    OtherFlows,
    /// The switch says nothing, and nobody listens to it.
    NoLacp,
    /// No replica runs on the server.
    SpareServer,
    /// No replica runs in the site, and no packet crosses it.
    SpareSite,
    /// The disk's mirror has the same data.
    Mirrored,
    /// What the group uses has power from elsewhere.
    OtherPower,
    /// It is to be done to the leader, and nobody leads.
    NobodyLeads,
    /// It is to be done to the leader and another replica, which leads itself.
    SameReplica,
}

impl Idle {
    /// As the words have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SpareCable => "spare-cable",
            Self::SpareLane => "spare-lane",
            Self::SpareSwitch => "spare-switch",
            Self::OtherFlows => "other-flows",
            Self::NoLacp => "no-lacp",
            Self::SpareServer => "spare-server",
            Self::SpareSite => "spare-site",
            Self::Mirrored => "mirrored",
            Self::OtherPower => "other-power",
            Self::NobodyLeads => "nobody-leads",
            Self::SameReplica => "same-replica",
        }
    }
}

/// Why all that was done at that moment cannot matter, told of the last of it; `None` if it can.
/// Just before it `led` led.
pub(super) fn why(scenario: &Scenario, from: Micros, led: Option<ReplicaId>) -> Option<Idle> {
    let actions = &scenario.actions;
    let first = actions.partition_point(|(at, _)| *at < from);
    let next = actions.partition_point(|(at, _)| *at <= from);
    let effect = Effect::of(scenario, first, next);
    if effect.changes_anything() {
        return None;
    }
    let reasons = actions[first..next].iter().map(|(_, act)| effect.reason(act, led));
    reasons.collect::<Option<Vec<_>>>()?.pop()
}

impl Effect<'_> {
    /// Why that one does nothing, where nothing has changed.
    fn reason(&self, act: &Action, led: Option<ReplicaId>) -> Option<Idle> {
        if act.is_open() {
            let is_same = led.is_some_and(|led| self.scenario.done_to(led, act).is_none());
            return Some(if is_same { Idle::SameReplica } else { Idle::NobodyLeads });
        }
        act.inflicts()?;
        match act.object() {
            Object::Link { link, .. } | Object::Impaired { link, .. } => match link.ends {
                Ends::Lane(from, to) => self.of_cable(from, to),
                // It was cut already, as it is now.
                Ends::Flow(..) => None,
            },
            Object::Flows { switch, flows, .. } if self.is_used(self.plant.expect(switch)) => {
                match (flows.which, self.plant.spec.bond) {
                    (Which::All | Which::Over(_), _) => Some(Idle::OtherFlows),
                    // It was dead already, as it is now.
                    (Which::Control, Bond::Lacp(_)) => None,
                    (Which::Control, Bond::Hashed | Bond::ActiveBackup) => Some(Idle::NoLacp),
                }
            }
            Object::Flows { .. } => Some(Idle::SpareSwitch),
            Object::Part(part) => self.of_part(part),
            Object::Server(server) | Object::Volume { server, .. } => {
                (!self.scenario.group().members.contains(&server)).then_some(Idle::SpareServer)
            }
            Object::VolumeOf { .. }
            | Object::Replica(_)
            | Object::Groups(_)
            | Object::ByzantineBehaviour { .. }
            | Object::Order(_) => None,
        }
    }

    fn of_cable(&self, from: Part, to: Part) -> Option<Idle> {
        let lane = self.plant.lane(self.plant.expect(from), self.plant.expect(to))?;
        let takes = |wanted| self.lanes().any(|lane| lane == wanted);
        match (takes(lane), takes(lane.reverse())) {
            (false, false) => Some(Idle::SpareCable),
            (false, true) => Some(Idle::SpareLane),
            (true, _) => None,
        }
    }

    fn of_part(&self, part: Part) -> Option<Idle> {
        match part {
            Part::Server(server) => {
                (!self.scenario.group().members.contains(&server)).then_some(Idle::SpareServer)
            }
            Part::Tor { .. } | Part::Spine { .. } => {
                (!self.is_used(self.plant.expect(part))).then_some(Idle::SpareSwitch)
            }
            Part::Disk { server, .. } => {
                let members = &self.scenario.group().members;
                let Some(replica) = members.iter().position(|one| *one == server) else {
                    return Some(Idle::SpareServer);
                };
                let is_lost = self.before().any(|state| state.has_lost(replica));
                (!is_lost).then_some(Idle::Mirrored)
            }
            Part::Nic { server, .. } | Part::Psu { server, .. }
                if !self.scenario.group().members.contains(&server) =>
            {
                Some(Idle::SpareServer)
            }
            Part::Nic { .. } => Some(Idle::SpareCable),
            Part::Site(site) => {
                let members = &self.scenario.group().members;
                let is_in = |server: &ServerAt| self.plant.spec.site_of(server.rack) == site;
                let is_used = self.is_used(self.plant.expect(part));
                (!is_used && !members.iter().any(is_in)).then_some(Idle::SpareSite)
            }
            Part::Wan { .. } => {
                let id = self.plant.id(part);
                let crosses = |lane| self.plant.through(lane) == id;
                (!self.lanes().any(crosses)).then_some(Idle::SpareCable)
            }
            Part::Psu { .. } => Some(Idle::OtherPower),
            Part::Feed { .. }
            | Part::Pdu { .. }
            | Part::Generator { .. }
            | Part::Ups { .. }
            | Part::Ats { .. }
            | Part::Breaker { .. } => self.all_work().then_some(Idle::OtherPower),
        }
    }

    /// True if all servers with a replica run, and reach each other.
    fn all_work(&self) -> bool {
        self.before().all(|state| {
            let reaches = |(from, to)| state.network.dead_ends(from, to).next().is_none();
            state.all_run() && self.pairs().all(reaches)
        })
    }

    /// True if some way leads through that switch.
    fn is_used(&self, switch: PartId) -> bool {
        self.lanes().any(|lane| {
            let ends = self.plant.lanes()[usize::from(lane.0)];
            ends.from == switch || ends.to == switch
        })
    }

    /// The lanes of all ways.
    fn lanes(&self) -> impl Iterator<Item = LaneId> {
        let routes = self
            .before()
            .flat_map(|state| self.pairs().flat_map(|(from, to)| state.network.routes(from, to)));
        routes.flat_map(|route| route.lanes().iter().copied())
    }

    fn pairs(&self) -> impl Iterator<Item = (ReplicaId, ReplicaId)> + use<> {
        let count = u8::try_from(self.scenario.group().members.len()).expect("bounded");
        let ids = move || (0..count).map(ReplicaId);
        ids().flat_map(move |from| ids().map(move |to| (from, to)))
    }
}
