//! The fault vocabulary, and the state of every part and lane while faults are in force.
//!
//! Faults come in pairs, one that inflicts and one that lifts.
//! What hangs on a failed part is derived here and never stored: power first, then switches and
//! servers, then the mirror pairs.

mod spans;

use std::fmt;

use serde::Serialize;

use crate::clock::Micros;
use crate::plant::{Lane, LaneId, Part, PartId, Plant, ServerAt, Side};

pub use spans::{FaultInForce, spans};

/// A replica by its number from 0; `n1` is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ReplicaId(pub u8);

impl ReplicaId {
    /// As an index into a vector by replica.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "n{}", self.0 + 1)
    }
}

/// A set of replicas, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaSet(pub u16);

impl ReplicaSet {
    /// Nobody.
    pub const NOBODY: Self = Self(0);

    /// One more.
    pub const fn add(&mut self, replica: ReplicaId) {
        self.0 |= 1 << replica.0;
    }

    /// Takes a replica out.
    pub const fn remove(&mut self, replica: ReplicaId) {
        self.0 &= !(1 << replica.0);
    }

    /// Those of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that the other one does not hold.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// True if it holds that replica.
    pub const fn contains(self, replica: ReplicaId) -> bool {
        self.0 >> replica.0 & 1 == 1
    }

    /// True if it holds nobody.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many it holds.
    pub fn len(self) -> u8 {
        u8::try_from(self.0.count_ones()).expect("at most 16 bits")
    }

    /// Those it holds, in order.
    pub fn iter(self) -> impl Iterator<Item = ReplicaId> {
        (0..16).map(ReplicaId).filter(move |&replica| self.contains(replica))
    }
}

impl FromIterator<ReplicaId> for ReplicaSet {
    fn from_iter<I: IntoIterator<Item = ReplicaId>>(replicas: I) -> Self {
        let mut set = Self::NOBODY;
        replicas.into_iter().for_each(|replica| set.add(replica));
        set
    }
}

impl ReplicaSet {
    /// As a sentence has it: "n1, n2 and n3".
    pub fn words(self) -> String {
        let names: Vec<_> = self.iter().map(|id| id.to_string()).collect();
        match &names[..] {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }
}

/// As the scenario text writes it: `n1 n4`.
impl fmt::Display for ReplicaSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, replica) in self.iter().enumerate() {
            write!(formatter, "{}{replica}", if number == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// A way to lie. Every one of them leaves the liar's own state machine honest: what it says is
/// changed on the way out, receiver by receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum Behaviour {
    /// One story to some, another to the rest.
    Equivocate,
    /// Votes yes where it has voted for somebody else already.
    DoubleVote,
    /// Says that it leads.
    ClaimLeadership,
    /// Says that the leader is gone, though it hears it.
    DenyLeader,
    /// Says that it holds what it does not hold, or the reverse.
    LieAboutLog,
    /// Says nothing.
    SilentTo,
    /// Says again what it said long ago.
    Replay,
    /// Says everything late.
    Delay,
}

impl Behaviour {
    /// All of them. A link encodes a behaviour by its place here, so append only.
    pub const ALL: [Self; 8] = [
        Self::Equivocate,
        Self::DoubleVote,
        Self::ClaimLeadership,
        Self::DenyLeader,
        Self::LieAboutLog,
        Self::SilentTo,
        Self::Replay,
        Self::Delay,
    ];

    /// As the scenario text writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equivocate => "equivocate",
            Self::DoubleVote => "double-vote",
            Self::ClaimLeadership => "claim-leadership",
            Self::DenyLeader => "deny-leader",
            Self::LieAboutLog => "lie-about-log",
            Self::SilentTo => "silent-to",
            Self::Replay => "replay",
            Self::Delay => "delay",
        }
    }

    /// The behaviour of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|behaviour| behaviour.name() == name)
    }
}

/// One thing that a traitor does, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deed {
    /// What.
    pub behaviour: Behaviour,
    /// Those who hear the other story. Nobody stands for every second one of the others, in order.
    pub toward: ReplicaSet,
    /// For [`Behaviour::Delay`], by how much; else zero.
    pub by: Micros,
}

/// As the scenario text writes it after `traitor n3`.
impl fmt::Display for Deed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.behaviour.name())?;
        if self.behaviour == Behaviour::Delay {
            write!(formatter, " {}", self.by)?;
        }
        match (self.toward.is_empty(), self.behaviour) {
            (true, _) => Ok(()),
            (false, Behaviour::SilentTo) => write!(formatter, " {}", self.toward),
            (false, _) => write!(formatter, " to {}", self.toward),
        }
    }
}

/// Two ends, in the direction of travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ends {
    /// One cable of the plant: `r1.s1 -> r1.tor-a`.
    Lane(Part, Part),
    /// Everything one replica sends another, whatever way it takes: `n1 -> n3`.
    Flow(ReplicaId, ReplicaId),
}

/// A link, or both links between the same two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// From, to.
    pub ends: Ends,
    /// True for `<->`: the reverse direction too.
    pub both: bool,
}

/// The flows that a gray switch chooses to lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flows {
    /// Who sends; `None` is anybody (`*`).
    pub from: Option<ReplicaId>,
    /// Who is meant to receive; `None` is anybody (`*`).
    pub to: Option<ReplicaId>,
    /// True for `<->`: the reverse direction too.
    pub both: bool,
}

/// One timed act of a scenario: a fault inflicted, a fault lifted, or a push to the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// `cut n3 -> n1`, or `lose 90% of n3 -> n1`: a link loses that share of its packets, 1 to 100.
    Cut {
        /// The link.
        link: Link,
        /// Share of packets lost; 100 is a cut.
        percent: u8,
    },
    /// `heal n3 -> n1`: the link carries everything again.
    Heal {
        /// The link.
        link: Link,
    },
    /// `gray r1.tor-a drops n1 <-> n3`: alive to its neighbours, not forwarding those flows.
    /// Adds to what it dropped before.
    Gray {
        /// A ToR or a spine.
        switch: Part,
        /// What it drops.
        flows: Flows,
        /// Share of those packets lost, 1 to 100.
        percent: u8,
    },
    /// `heal r1.tor-a`: the switch forwards everything again.
    Ungray {
        /// A ToR or a spine.
        switch: Part,
    },
    /// `fail r1.pdu-a`: the part is dead until restored.
    Fail(Part),
    /// `restore r1.pdu-a`.
    Restore(Part),
    /// `crash r1.s1`: its processes stop; what they wrote to disk stays.
    Crash(ServerAt),
    /// `restart r1.s1`: its processes start again from their disks.
    Restart(ServerAt),
    /// `pause r1.s1`: its processes stand still; packets wait for them.
    Pause(ServerAt),
    /// `resume r1.s1`.
    Resume(ServerAt),
    /// `elect n3`: that replica's election timeout fires now. Not a fault.
    Elect(ReplicaId),
    /// `traitor n3 equivocate to n1`: from now on that replica also does this.
    Betray {
        /// Who.
        replica: ReplicaId,
        /// What it does.
        deed: Deed,
    },
    /// `loyal n3`: that replica says what its protocol says again.
    Loyal(ReplicaId),
    /// `wipe r1.s1`: the server starts again with new, empty disks. Its replica forgets what it
    /// promised, and goes on under its old name.
    Wipe(ServerAt),
    /// `transfer n2`: the leader hands its leadership over. Not a fault.
    Transfer(ReplicaId),
    /// `order attack`: the commanding general gives an order. Not a fault.
    Order(u32),
}

/// What kind of wrong a fault is (Cristian 1991; Howard & Abraham 2020 for omission).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum FaultClass {
    /// A part stops and stays stopped.
    Crash,
    /// A part works but loses messages.
    Omission,
    /// A part works but too slowly.
    Timing,
    /// A part forgot what it had promised to keep.
    Amnesia,
    /// A part may say anything to anyone (Lamport, Shostak & Pease 1982).
    Byzantine,
}

impl FaultClass {
    /// As the page writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Omission => "omission",
            Self::Timing => "timing",
            Self::Amnesia => "amnesia",
            Self::Byzantine => "byzantine",
        }
    }
}

impl Act {
    /// The class of the fault it inflicts; `None` if it lifts one, or is none.
    pub const fn inflicts(&self) -> Option<FaultClass> {
        match self {
            Self::Cut { .. } | Self::Gray { .. } => Some(FaultClass::Omission),
            Self::Fail(_) | Self::Crash(_) => Some(FaultClass::Crash),
            Self::Pause(_) => Some(FaultClass::Timing),
            Self::Wipe(_) => Some(FaultClass::Amnesia),
            Self::Betray { .. } => Some(FaultClass::Byzantine),
            Self::Heal { .. }
            | Self::Ungray { .. }
            | Self::Restore(_)
            | Self::Restart(_)
            | Self::Resume(_)
            | Self::Loyal(_)
            | Self::Transfer(_)
            | Self::Order(_)
            | Self::Elect(_) => None,
        }
    }

    /// The action that lifts the fault that it inflicts; `None` if nothing does, or it inflicts none.
    pub const fn lifted_by(&self) -> Option<Self> {
        match *self {
            Self::Cut { link, .. } => Some(Self::Heal { link }),
            Self::Gray { switch, .. } => Some(Self::Ungray { switch }),
            Self::Fail(part) => Some(Self::Restore(part)),
            Self::Crash(server) => Some(Self::Restart(server)),
            Self::Pause(server) => Some(Self::Resume(server)),
            Self::Betray { replica, .. } => Some(Self::Loyal(replica)),
            // What was forgotten stays forgotten.
            Self::Wipe(_)
            | Self::Heal { .. }
            | Self::Ungray { .. }
            | Self::Restore(_)
            | Self::Restart(_)
            | Self::Resume(_)
            | Self::Loyal(_)
            | Self::Transfer(_)
            | Self::Order(_)
            | Self::Elect(_) => None,
        }
    }

    /// True if it lifts a fault.
    pub const fn lifts(&self) -> bool {
        match self {
            Self::Heal { .. }
            | Self::Ungray { .. }
            | Self::Restore(_)
            | Self::Restart(_)
            | Self::Loyal(_)
            | Self::Resume(_) => true,
            Self::Cut { .. }
            | Self::Gray { .. }
            | Self::Fail(_)
            | Self::Crash(_)
            | Self::Pause(_)
            | Self::Betray { .. }
            | Self::Wipe(_)
            | Self::Transfer(_)
            | Self::Order(_)
            | Self::Elect(_) => false,
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = arrow(self.both);
        match self.ends {
            Ends::Lane(from, to) => write!(formatter, "{from} {arrow} {to}"),
            Ends::Flow(from, to) => write!(formatter, "{from} {arrow} {to}"),
        }
    }
}

impl fmt::Display for Flows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from.is_none() && self.to.is_none() {
            return formatter.write_str("all");
        }
        let name =
            |end: Option<ReplicaId>| end.map_or("*".to_owned(), |replica| replica.to_string());
        write!(formatter, "{} {} {}", name(self.from), arrow(self.both), name(self.to))
    }
}

/// As the scenario text writes it after `at 10s`.
impl fmt::Display for Act {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { link, percent: 100 } => write!(formatter, "cut {link}"),
            Self::Cut { link, percent } => write!(formatter, "lose {percent}% of {link}"),
            Self::Heal { link } => write!(formatter, "heal {link}"),
            Self::Gray { switch, flows, percent: 100 } => {
                write!(formatter, "gray {switch} drops {flows}")
            }
            Self::Gray { switch, flows, percent } => {
                write!(formatter, "gray {switch} drops {percent}% of {flows}")
            }
            Self::Ungray { switch } => write!(formatter, "heal {switch}"),
            Self::Fail(part) => write!(formatter, "fail {part}"),
            Self::Restore(part) => write!(formatter, "restore {part}"),
            Self::Crash(server) => write!(formatter, "crash {server}"),
            Self::Restart(server) => write!(formatter, "restart {server}"),
            Self::Pause(server) => write!(formatter, "pause {server}"),
            Self::Resume(server) => write!(formatter, "resume {server}"),
            Self::Elect(replica) => write!(formatter, "elect {replica}"),
            Self::Betray { replica, deed } => write!(formatter, "traitor {replica} {deed}"),
            Self::Loyal(replica) => write!(formatter, "loyal {replica}"),
            Self::Wipe(server) => write!(formatter, "wipe {server}"),
            Self::Transfer(replica) => write!(formatter, "transfer {replica}"),
            Self::Order(order) => write!(formatter, "order {}", order_name(*order)),
        }
    }
}

/// What a commanding general may order, by number from 1.
pub const ORDERS: [&str; 3] = ["attack", "retreat", "hold"];

/// The name of an order.
pub fn order_name(order: u32) -> &'static str {
    ORDERS.get((order as usize).wrapping_sub(1)).copied().unwrap_or("nothing")
}

const fn arrow(both: bool) -> &'static str {
    if both { "<->" } else { "->" }
}

/// The faults in force, and what follows from them for every part.
#[derive(Clone, Debug)]
pub struct InForce {
    replicas: u8,
    /// By part: it has failed itself.
    failed: Vec<bool>,
    /// By part (servers only): its processes were stopped.
    crashed: Vec<bool>,
    /// By part (servers only): its processes stand still.
    paused: Vec<bool>,
    /// By part (servers only): both disks of a mirror pair died at some moment; for good.
    dataless: Vec<bool>,
    /// By part: it has power and has not failed.
    alive: Vec<bool>,
    /// By lane: the share of packets lost, 0 to 100.
    lane_loss: Vec<u8>,
    /// By ordered pair of replicas: the share of packets lost, 0 to 100.
    flow_loss: Vec<u8>,
    /// What gray switches drop.
    gray: Vec<Gray>,
}

/// One thing that a gray switch drops.
#[derive(Clone, Copy, Debug)]
pub struct Gray {
    /// The switch.
    pub switch: PartId,
    /// Whose packets.
    pub flows: Flows,
    /// What share of them, 1 to 100.
    pub percent: u8,
}

/// The state of a part, the worst that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum PartState {
    /// Works.
    Up,
    /// Alive to its neighbours, but does not forward everything.
    Gray,
    /// A server whose processes stand still.
    Paused,
    /// A server whose processes were stopped.
    Crashed,
    /// A server that lost both disks of a mirror pair.
    Dataless,
    /// Has no power.
    Dark,
    /// Has failed itself.
    Failed,
}

impl PartState {
    /// As the page writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Gray => "gray",
            Self::Paused => "paused",
            Self::Crashed => "crashed",
            Self::Dataless => "dataless",
            Self::Dark => "dark",
            Self::Failed => "failed",
        }
    }
}

impl Flows {
    /// True if what `from` sends `to` is meant.
    pub fn cover(&self, from: ReplicaId, to: ReplicaId) -> bool {
        let fits = |sender: ReplicaId, receiver: ReplicaId| {
            self.from.is_none_or(|end| end == sender) && self.to.is_none_or(|end| end == receiver)
        };
        fits(from, to) || self.both && fits(to, from)
    }
}

impl InForce {
    /// Nothing is wrong with that plant.
    pub fn none(plant: &Plant, replicas: u8) -> Self {
        let parts = plant.parts().len();
        let pairs = usize::from(replicas) * usize::from(replicas);
        Self {
            replicas,
            failed: vec![false; parts],
            crashed: vec![false; parts],
            paused: vec![false; parts],
            dataless: vec![false; parts],
            alive: vec![true; parts],
            lane_loss: vec![0; plant.lanes().len()],
            flow_loss: vec![0; pairs],
            gray: Vec::new(),
        }
    }

    /// Puts one act into force; those that concern replicas alone change nothing here.
    pub fn apply(&mut self, plant: &Plant, act: &Act) {
        let at = |part: Part| usize::from(plant.expect(part).0);
        match *act {
            Act::Cut { link, percent } => self.set_loss(plant, link, percent),
            Act::Heal { link } => self.set_loss(plant, link, 0),
            Act::Gray { switch, flows, percent } => {
                self.gray.push(Gray { switch: plant.expect(switch), flows, percent });
            }
            Act::Ungray { switch } => {
                let switch = plant.expect(switch);
                self.gray.retain(|gray| gray.switch != switch);
            }
            Act::Fail(part) => self.failed[at(part)] = true,
            Act::Restore(part) => self.failed[at(part)] = false,
            Act::Crash(server) => self.crashed[at(Part::Server(server))] = true,
            Act::Restart(server) => self.crashed[at(Part::Server(server))] = false,
            Act::Pause(server) => self.paused[at(Part::Server(server))] = true,
            Act::Resume(server) => self.paused[at(Part::Server(server))] = false,
            Act::Wipe(server) => self.renew(plant, server),
            Act::Elect(_)
            | Act::Betray { .. }
            | Act::Loyal(_)
            | Act::Transfer(_)
            | Act::Order(_) => {}
        }
        self.derive(plant);
    }

    /// New disks in a server that starts again.
    fn renew(&mut self, plant: &Plant, server: ServerAt) {
        let place = usize::from(plant.expect(Part::Server(server)).0);
        self.crashed[place] = false;
        self.dataless[place] = false;
        for disk in 0..plant.spec.disks {
            self.failed[usize::from(plant.expect(Part::Disk { server, disk }).0)] = false;
        }
    }

    fn set_loss(&mut self, plant: &Plant, link: Link, percent: u8) {
        match link.ends {
            Ends::Lane(from, to) => {
                let lane = plant.lane(plant.expect(from), plant.expect(to));
                let lane = lane.expect("a scenario's lanes join neighbours");
                self.lane_loss[usize::from(lane.0)] = percent;
                if link.both {
                    self.lane_loss[usize::from(lane.reverse().0)] = percent;
                }
            }
            Ends::Flow(from, to) => {
                let (there, back) = (self.pair(from, to), self.pair(to, from));
                self.flow_loss[there] = percent;
                if link.both {
                    self.flow_loss[back] = percent;
                }
            }
        }
    }

    const fn pair(&self, from: ReplicaId, to: ReplicaId) -> usize {
        from.index() * self.replicas as usize + to.index()
    }

    /// Power first, then what hangs on it; parts are numbered in that order.
    fn derive(&mut self, plant: &Plant) {
        for (index, &part) in plant.parts().iter().enumerate() {
            self.alive[index] = !self.failed[index] && self.unpowered(plant, part).is_none();
        }
        for server in plant.servers() {
            let dead = |disk| self.failed[usize::from(plant.expect(Part::Disk { server, disk }).0)];
            let lost = (0..plant.spec.disks / 2).any(|pair| dead(2 * pair) && dead(2 * pair + 1));
            if lost {
                self.dataless[usize::from(plant.expect(Part::Server(server)).0)] = true;
            }
        }
    }

    /// The supplies that a part hangs on, if none of them has power.
    fn unpowered(&self, plant: &Plant, part: Part) -> Option<[Part; 2]> {
        let supplies = match part {
            Part::Feed(_) | Part::Disk { .. } => return None,
            Part::Pdu { side, .. } => [Part::Feed(side); 2],
            Part::Spine(_) => Side::BOTH.map(Part::Feed),
            Part::Tor { rack, .. } | Part::Server(ServerAt { rack, .. }) => {
                Side::BOTH.map(|side| Part::Pdu { rack, side })
            }
        };
        supplies.iter().all(|&supply| !self.alive(plant.expect(supply))).then_some(supplies)
    }

    /// True if the part has power and has not failed.
    pub fn alive(&self, part: PartId) -> bool {
        self.alive[usize::from(part.0)]
    }

    /// True if the processes of a server run, or would if they were not paused.
    pub fn runs(&self, server: PartId) -> bool {
        let index = usize::from(server.0);
        self.alive[index] && !self.crashed[index] && !self.dataless[index]
    }

    /// True if both disks of a mirror pair of that server died: what was on them is gone for good.
    pub fn is_dataless(&self, server: PartId) -> bool {
        self.dataless[usize::from(server.0)]
    }

    /// True if the processes of a server stand still.
    pub fn paused(&self, server: PartId) -> bool {
        self.paused[usize::from(server.0)]
    }

    /// The share of packets that a lane loses, 0 to 100.
    pub fn lane_loss(&self, lane: LaneId) -> u8 {
        self.lane_loss[usize::from(lane.0)]
    }

    /// The share of packets that a flow loses by itself, 0 to 100.
    pub fn flow_loss(&self, from: ReplicaId, to: ReplicaId) -> u8 {
        self.flow_loss[self.pair(from, to)]
    }

    /// What gray switches drop, oldest first.
    pub fn gray(&self) -> &[Gray] {
        &self.gray
    }

    /// True if both ends of a cable see light: the parts are alive and not both directions are cut.
    ///
    /// One dead direction goes unnoticed. Real ports may signal a remote fault; the half link that
    /// nobody notices is what this playground is about, and LACP's timers are still to come.
    pub fn carrier(&self, plant: &Plant, lane: LaneId) -> bool {
        let Lane { from, to } = plant.lanes()[usize::from(lane.0)];
        let dark = self.lane_loss(lane) == 100 && self.lane_loss(lane.reverse()) == 100;
        self.alive(from) && self.alive(to) && !dark
    }

    /// A part's state.
    pub fn state(&self, part: PartId) -> PartState {
        let index = usize::from(part.0);
        if self.failed[index] {
            PartState::Failed
        } else if !self.alive[index] {
            PartState::Dark
        } else if self.dataless[index] {
            PartState::Dataless
        } else if self.crashed[index] {
            PartState::Crashed
        } else if self.paused[index] {
            PartState::Paused
        } else if self.gray.iter().any(|gray| gray.switch == part) {
            PartState::Gray
        } else {
            PartState::Up
        }
    }

    /// What a part hangs on and has no power, each once: none if it has power.
    pub fn dead_supplies(&self, plant: &Plant, part: PartId) -> Vec<PartId> {
        let supplies = self.unpowered(plant, plant.part(part));
        let mut dead: Vec<PartId> =
            supplies.into_iter().flatten().map(|supply| plant.expect(supply)).collect();
        dead.dedup();
        dead
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::PlantSpec;

    fn after(acts: &[Act]) -> (Plant, InForce) {
        let plant = Plant::new(PlantSpec { racks: 3, servers: 3, disks: 4 });
        let mut in_force = InForce::none(&plant, 3);
        for act in acts {
            in_force.apply(&plant, act);
        }
        (plant, in_force)
    }

    const SERVER: ServerAt = ServerAt { rack: 0, slot: 0 };

    #[test]
    fn one_feed_takes_down_its_pdus_and_nothing_that_has_another_way() {
        let (plant, in_force) = after(&[Act::Fail(Part::Feed(Side::A))]);
        for &part in plant.parts() {
            let dark = matches!(part, Part::Feed(Side::A) | Part::Pdu { side: Side::A, .. });
            assert_eq!(in_force.alive(plant.expect(part)), !dark, "{part}");
        }
    }

    #[test]
    fn a_feed_and_the_other_pdu_take_down_one_rack() {
        let other = Part::Pdu { rack: 1, side: Side::B };
        let (plant, in_force) = after(&[Act::Fail(Part::Feed(Side::A)), Act::Fail(other)]);
        for &part in plant.parts() {
            let in_rack = match part {
                Part::Tor { rack, .. } | Part::Server(ServerAt { rack, .. }) => rack == 1,
                Part::Feed(side) => side == Side::A,
                Part::Pdu { rack, side } => side == Side::A || rack == 1,
                Part::Spine(_) | Part::Disk { .. } => false,
            };
            assert_eq!(in_force.alive(plant.expect(part)), !in_rack, "{part}");
        }
        let server = plant.expect(Part::Server(ServerAt { rack: 1, slot: 0 }));
        let dead = in_force.dead_supplies(&plant, server);
        let pdus = Side::BOTH.map(|side| plant.expect(Part::Pdu { rack: 1, side }));
        assert_eq!(dead, pdus);
        assert_eq!(in_force.dead_supplies(&plant, pdus[0]), [plant.expect(Part::Feed(Side::A))]);
    }

    /// facts.md section 7: of the six ways to lose two of four disks, two are fatal.
    #[test]
    fn raid_10_loses_data_only_with_both_disks_of_a_pair() {
        let mut fatal = Vec::new();
        for first in 0..4 {
            for second in first + 1..4 {
                let acts =
                    [first, second].map(|disk| Act::Fail(Part::Disk { server: SERVER, disk }));
                let (plant, in_force) = after(&acts);
                if !in_force.runs(plant.expect(Part::Server(SERVER))) {
                    fatal.push((first, second));
                }
            }
        }
        assert_eq!(fatal, [(0, 1), (2, 3)]);
    }

    #[test]
    fn a_new_disk_does_not_bring_lost_data_back() {
        let [first, second] = [0, 1].map(|disk| Part::Disk { server: SERVER, disk });
        let (plant, in_force) = after(&[Act::Fail(first), Act::Fail(second), Act::Restore(first)]);
        assert_eq!(in_force.state(plant.expect(Part::Server(SERVER))), PartState::Dataless);
        let (plant, in_force) = after(&[Act::Fail(first), Act::Restore(first), Act::Fail(second)]);
        assert_eq!(in_force.state(plant.expect(Part::Server(SERVER))), PartState::Up);
    }
}
