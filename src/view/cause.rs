//! Why something does not work, as facts: which part, which lane, which flow. Words are made of them
//! where a person reads them.

use serde::Serialize;

use crate::clock::Micros;
use crate::fact::{Fact, counts};
use crate::fault::{Action, ActiveFaults, Ends, Flows, Object, PartState, Rebuild, ReplicaId};
use crate::network::Reason;
use crate::plant::{Part, PartId, Plant};

/// Why a packet died, or why a flow loses packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Cause {
    /// What takes it.
    pub kind: CauseKind,
    /// The number of the lane that loses it.
    pub lane: Option<u16>,
    /// The number of the part where it ends.
    pub part: Option<u16>,
    /// The replica that sends.
    pub from: u8,
    /// The replica that it is meant for.
    pub to: u8,
    /// The share of packets lost, 1 to 100; 100 for a packet that died.
    pub percent: u8,
}

/// What takes a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// A fault of a lane.
    Lane,
    /// A gray switch.
    Gray,
    /// The same, for what is large.
    TooLarge,
    /// A fault of the flow itself.
    Flow,
    /// There is no way on from a part.
    NoRoute,
    /// The receiver does not run.
    ReceiverDown,
    /// The receiver has no room for it.
    ReceiverFull,
    /// The sender, a traitor, kept it.
    Withheld,
    /// Its connection was given up: nothing was acknowledged.
    TimedOut,
    /// Its connection was given up: the receiver read nothing.
    SlowConsumer,
    /// Its connection was given up: too much was not acknowledged.
    Backlog,
    /// Its connection was given up: the receiver knew nothing of it.
    Refused,
    /// The sender's process ended before it was acknowledged.
    SenderDown,
    /// There was no connection.
    NotConnected,
}

impl Cause {
    /// Of what goes from one replica to another.
    pub const fn of(reason: Reason, percent: u8, from: ReplicaId, to: ReplicaId) -> Self {
        let (kind, lane, part) = match reason {
            Reason::Lane(lane) => (CauseKind::Lane, Some(lane.0), None),
            Reason::Gray(switch) => (CauseKind::Gray, None, Some(switch.0)),
            Reason::TooLarge(switch) => (CauseKind::TooLarge, None, Some(switch.0)),
            Reason::Flow => (CauseKind::Flow, None, None),
            Reason::NoRoute(part) => (CauseKind::NoRoute, None, Some(part.0)),
            Reason::ReceiverDown => (CauseKind::ReceiverDown, None, None),
            Reason::ReceiverFull => (CauseKind::ReceiverFull, None, None),
            Reason::Withheld => (CauseKind::Withheld, None, None),
            Reason::TimedOut => (CauseKind::TimedOut, None, None),
            Reason::SlowConsumer => (CauseKind::SlowConsumer, None, None),
            Reason::Backlog => (CauseKind::Backlog, None, None),
            Reason::Refused => (CauseKind::Refused, None, None),
            Reason::SenderDown => (CauseKind::SenderDown, None, None),
            Reason::NotConnected => (CauseKind::NotConnected, None, None),
        };
        Self { kind, lane, part, from: from.0, to: to.0, percent }
    }
}

/// What is wrong with a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Trouble {
    /// A state of [`super::PartView`] other than "up".
    #[cfg_attr(test, ts(type = "Exclude<PartState, \"up\">"))]
    pub kind: &'static str,
    /// For "unpowered": what it hangs on and has no power, by number.
    pub supplies: Vec<u16>,
    /// For "gray": what it drops, oldest first.
    pub drops: Vec<Dropped>,
    /// For "rebuilding" and "sole": how far the rebuild is, in the room of that name.
    pub rebuild: Option<Fact>,
}

/// What a gray switch drops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Dropped {
    /// As the text writes it: "n1 <-> n3", "all over 1500 bytes".
    pub flows: String,
    /// What share of it, 1 to 100.
    pub percent: u8,
}

impl Trouble {
    /// Of a part at `now`, if it is not up.
    pub fn of(
        active_faults: &ActiveFaults,
        plant: &Plant,
        (part, now): (PartId, Micros),
    ) -> Option<Self> {
        let state = active_faults.state(part);
        if state == PartState::Up {
            return None;
        }
        let supplies = active_faults.dead_supplies(plant, part);
        let gray = active_faults.gray().iter().filter(|gray| gray.switch == part);
        let dropped = |flows: Flows, percent| Dropped { flows: flows.to_string(), percent };
        Some(Self {
            kind: state.name(),
            supplies: supplies.into_iter().map(|supply| supply.0).collect(),
            drops: gray.map(|gray| dropped(gray.flows, gray.percent)).collect(),
            rebuild: rebuild(active_faults, plant, (part, now)),
        })
    }
}

/// How far the rebuild of a disk is, or that from it as the mirror.
fn rebuild(
    active_faults: &ActiveFaults,
    plant: &Plant,
    (part, now): (PartId, Micros),
) -> Option<Fact> {
    let of = |one: &&Rebuild| one.disk == part || one.source == part;
    let one = active_faults.rebuilds().iter().find(of)?;
    let length = plant.spec.rebuild?;
    let done = length.since(one.left(now));
    let kind = if one.ends() < Micros::NEVER { "going" } else { "waiting" };
    let fact = counts!("going", disk = one.disk.0, source = one.source.0);
    let percent = done.0 * 100 / length.0.max(1);
    let fact = Fact { kind, ..fact }.with("percent", percent);
    let times = [("done", done), ("length", length), ("until", now + one.left(now))];
    Some(times.into_iter().fold(fact, |fact, (name, time)| fact.with(name, time.0)))
}

/// What an action is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Target {
    /// The number of the part that it names, or of the server.
    pub part: Option<u16>,
    /// The link that it names.
    pub link: Option<TargetLink>,
}

/// A link, as the text names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TargetLink {
    /// The name of the sender, a part or a replica.
    pub from: String,
    /// The name of the receiver.
    pub to: String,
    /// True for both directions.
    pub both: bool,
}

impl Target {
    /// Of that action.
    pub(super) fn of(plant: &Plant, act: &Action) -> Self {
        let part = |part: Part| Self { part: Some(plant.expect(part).0), ..Self::default() };
        match act.object() {
            Object::Link { link, .. } | Object::Impaired { link, .. } => {
                let (from, to) = match link.ends {
                    Ends::Lane(from, to) => (from.to_string(), to.to_string()),
                    Ends::Flow(from, to) => (from.to_string(), to.to_string()),
                };
                let link = Some(TargetLink { from, to, both: link.both });
                Self { link, ..Self::default() }
            }
            Object::Flows { switch: one, .. } | Object::Part(one) => part(one),
            Object::Server(server) | Object::Volume { server, .. } => part(Part::Server(server)),
            Object::VolumeOf { .. }
            | Object::Replica(_)
            | Object::Groups(_)
            | Object::ByzantineBehaviour { .. }
            | Object::Order(_) => Self::default(),
        }
    }
}
