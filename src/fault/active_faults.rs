//! The faults in force, and what follows from them for every part.
//!
//! What hangs on a failed part is derived here and never stored: power first, then switches and
//! servers, then the mirror pairs.

use super::{Action, Ends, Flows, Impaired, Impairment, Link, Reach, ReplicaId};
use crate::clock::Micros;
use crate::plant::{Lane, LaneId, Part, PartId, Plant, Port, ServerAt, Side, Site};

/// The faults in force, and what follows from them for every part.
#[derive(Clone, Debug)]
pub struct ActiveFaults {
    replicas: u8,
    /// By part: it has failed itself.
    failed: Vec<bool>,
    /// By part (servers only): its processes were stopped.
    crashed: Vec<bool>,
    /// By part (servers only): its processes stand still.
    paused: Vec<bool>,
    /// By part (servers and their disks): what is written there does not end.
    stalled: Vec<bool>,
    /// By part (servers and their disks): by how much longer a write takes there.
    slowed: Vec<Micros>,
    /// By part (servers only): both disks of a mirror pair died at some moment; for good.
    data_lost: Vec<bool>,
    /// By part: it has power and has not failed.
    alive: Vec<bool>,
    /// By lane: the share of packets lost, 0 to 100.
    lane_loss: Vec<u8>,
    /// By ordered pair of replicas: the share of packets lost, 0 to 100.
    flow_loss: Vec<u8>,
    /// What gray switches drop.
    gray: Vec<Gray>,
    /// What links do besides losing packets, in order.
    impaired: Vec<Impaired>,
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
    /// A disk that ends no write.
    Stalled,
    /// A disk whose writes take longer.
    Slow,
    /// A server whose processes were stopped.
    Crashed,
    /// A server that lost both disks of a mirror pair.
    DataLoss,
    /// Has no power.
    Unpowered,
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
            Self::Stalled => "stalled",
            Self::Slow => "slow",
            Self::Crashed => "crashed",
            Self::DataLoss => "data-loss",
            Self::Unpowered => "unpowered",
            Self::Failed => "failed",
        }
    }
}

impl ActiveFaults {
    /// Nothing is wrong with that plant.
    pub fn none(plant: &Plant, replicas: u8) -> Self {
        let parts = plant.parts().len();
        let pairs = usize::from(replicas) * usize::from(replicas);
        Self {
            replicas,
            failed: vec![false; parts],
            crashed: vec![false; parts],
            paused: vec![false; parts],
            stalled: vec![false; parts],
            slowed: vec![Micros::ZERO; parts],
            data_lost: vec![false; parts],
            alive: vec![true; parts],
            lane_loss: vec![0; plant.lanes().len()],
            flow_loss: vec![0; pairs],
            gray: Vec::new(),
            impaired: Vec::new(),
        }
    }

    /// Puts one act into force; false if it concerns replicas alone, and changes nothing here.
    pub fn apply(&mut self, plant: &Plant, act: &Action) -> bool {
        let at = |part: Part| usize::from(plant.expect(part).0);
        if act.is_open() {
            return false;
        }
        match *act {
            Action::Cut { link, percent } => self.set_lanes(plant, link, percent),
            Action::Heal { link } => {
                self.set_lanes(plant, link, 0);
                link.directions().for_each(|ends| self.unimpair(ends));
            }
            Action::Impair { link, how } => {
                link.directions().for_each(|ends| self.impair(Impaired { ends, how }));
            }
            Action::Isolate(_) | Action::Rejoin(_) | Action::Partition(_) | Action::Reunite(_) => {}
            Action::Gray { switch, flows, percent } => {
                self.gray.push(Gray { switch: plant.expect(switch), flows, percent });
            }
            Action::Ungray { switch } => {
                let switch = plant.expect(switch);
                self.gray.retain(|gray| gray.switch != switch);
            }
            Action::Fail(part) => self.failed[at(part)] = true,
            Action::Restore(part) => self.failed[at(part)] = false,
            Action::Crash(server) => self.crashed[at(Part::Server(server))] = true,
            Action::Restart(server) => self.crashed[at(Part::Server(server))] = false,
            Action::Pause(server) => self.paused[at(Part::Server(server))] = true,
            Action::Resume(server) => self.paused[at(Part::Server(server))] = false,
            Action::Stall(server) => self.set_disks(plant, server, Some(Micros::NEVER)),
            Action::Slow { server, by } => self.set_disks(plant, server, Some(by)),
            Action::ResumeDisk(server) => self.set_disks(plant, server, None),
            Action::Wipe(server) => self.renew(plant, server),
            Action::Elect(_)
            | Action::Betray { .. }
            | Action::Loyal(_)
            | Action::Transfer(_)
            | Action::Order(_)
            | Action::AtLeader { .. } => return false,
        }
        if let Some((reach, percent)) = Reach::of(*act, self.replicas) {
            for (from, to) in reach.flows() {
                let flow = self.pair(from, to);
                self.flow_loss[flow] = percent;
                if act.lifts() {
                    self.unimpair(Ends::Flow(from, to));
                }
            }
        }
        self.derive(plant);
        true
    }

    /// One direction of a link is whole again.
    fn unimpair(&mut self, ends: Ends) {
        self.impaired.retain(|other| other.ends != ends);
    }

    /// The later of a kind counts.
    fn impair(&mut self, one: Impaired) {
        self.impaired.retain(|other| other.ends != one.ends || !one.how.replaces(other.how));
        let place = self.impaired.partition_point(|other| *other < one);
        self.impaired.insert(place, one);
    }

    /// What a direction of a link does to packets besides losing them, in order.
    pub fn impairments(&self, ends: Ends) -> impl Iterator<Item = Impairment> {
        self.impaired.iter().filter(move |one| one.ends == ends).map(|one| one.how)
    }

    /// A server's disks end no write, or take so much longer for one, or neither. One that hangs
    /// may be slow besides.
    fn set_disks(&mut self, plant: &Plant, server: ServerAt, by: Option<Micros>) {
        let disks = (0..plant.spec.disks).map(|disk| Part::Disk { server, disk });
        for part in disks.chain([Part::Server(server)]) {
            let at = usize::from(plant.expect(part).0);
            match by {
                None => (self.stalled[at], self.slowed[at]) = (false, Micros::ZERO),
                Some(Micros::NEVER) => self.stalled[at] = true,
                Some(by) => self.slowed[at] = by,
            }
        }
    }

    /// New disks in a server that starts again.
    fn renew(&mut self, plant: &Plant, server: ServerAt) {
        let place = usize::from(plant.expect(Part::Server(server)).0);
        self.crashed[place] = false;
        self.data_lost[place] = false;
        self.set_disks(plant, server, None);
        for disk in 0..plant.spec.disks {
            self.failed[usize::from(plant.expect(Part::Disk { server, disk }).0)] = false;
        }
    }

    /// Of a link that is a cable.
    fn set_lanes(&mut self, plant: &Plant, link: Link, percent: u8) {
        let Ends::Lane(from, to) = link.ends else { return };
        let lane = plant.lane(plant.expect(from), plant.expect(to));
        let lane = lane.expect("a scenario's lanes join neighbours");
        self.lane_loss[usize::from(lane.0)] = percent;
        if link.both {
            self.lane_loss[usize::from(lane.reverse().0)] = percent;
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
                self.data_lost[usize::from(plant.expect(Part::Server(server)).0)] = true;
            }
        }
    }

    /// The supplies that a part hangs on, if none of them has power.
    fn unpowered(&self, plant: &Plant, part: Part) -> Option<[Part; 2]> {
        let pdu = |rack, side| Part::Pdu { rack, side };
        let supplies = match part {
            Part::Feed { .. } | Part::Disk { .. } | Part::Nic { .. } => return None,
            Part::Pdu { side, .. } => [Part::Feed { site: Site::ONLY, side }; 2],
            Part::Spine { site, .. } => Side::BOTH.map(|side| Part::Feed { site, side }),
            Part::Tor { rack, .. } => Side::BOTH.map(|side| pdu(rack, side)),
            Part::Psu { server, side } => [pdu(server.rack, side); 2],
            Part::Server(server) => {
                // What is dead of a cord: the supply itself, or what it hangs on.
                let cord = |side| {
                    let psu = Part::Psu { server, side };
                    let failed = plant.id(psu).is_some_and(|id| self.failed[usize::from(id.0)]);
                    if failed { psu } else { pdu(server.rack, side) }
                };
                match plant.spec.single(Port::Supply, server) {
                    Some(side) => [cord(side); 2],
                    None => Side::BOTH.map(cord),
                }
            }
        };
        // A server comes before its supplies: whether these are alive is not derived yet.
        let dead = |id: PartId| self.failed[usize::from(id.0)] || !self.alive(id);
        supplies.iter().all(|&supply| dead(plant.expect(supply))).then_some(supplies)
    }

    /// True if the part has power and has not failed.
    pub fn alive(&self, part: PartId) -> bool {
        self.alive[usize::from(part.0)]
    }

    /// True if the processes of a server run, or would if they were not paused.
    pub fn runs(&self, server: PartId) -> bool {
        let index = usize::from(server.0);
        self.alive[index] && !self.crashed[index] && !self.data_lost[index]
    }

    /// True if both disks of a mirror pair of that server died: what was on them is gone for good.
    pub fn has_lost_data(&self, server: PartId) -> bool {
        self.data_lost[usize::from(server.0)]
    }

    /// True if the processes of a server stand still.
    pub fn paused(&self, server: PartId) -> bool {
        self.paused[usize::from(server.0)]
    }

    /// True if what is written to the disks of that server does not end.
    pub fn stalled(&self, server: PartId) -> bool {
        self.stalled[usize::from(server.0)]
    }

    /// By how much longer a write to the disks of that server takes.
    pub fn slowed(&self, server: PartId) -> Micros {
        self.slowed[usize::from(server.0)]
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
        let no_light = self.lane_loss(lane) == 100 && self.lane_loss(lane.reverse()) == 100;
        let plugged = || plant.nic(lane).is_none_or(|nic| self.alive(nic));
        self.alive(from) && self.alive(to) && !no_light && plugged()
    }

    /// A part's state.
    pub fn state(&self, part: PartId) -> PartState {
        let index = usize::from(part.0);
        if self.failed[index] {
            PartState::Failed
        } else if !self.alive[index] {
            PartState::Unpowered
        } else if self.data_lost[index] {
            PartState::DataLoss
        } else if self.crashed[index] {
            PartState::Crashed
        } else if self.paused[index] {
            PartState::Paused
        } else if self.stalled[index] {
            PartState::Stalled
        } else if self.slowed[index] > Micros::ZERO {
            PartState::Slow
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
    use crate::plant::{PlantSpec, Side, Site};

    fn after(actions: &[Action]) -> (Plant, ActiveFaults) {
        let plant = Plant::new(PlantSpec::new(3, 3, 4));
        let mut active_faults = ActiveFaults::none(&plant, 3);
        for act in actions {
            active_faults.apply(&plant, act);
        }
        (plant, active_faults)
    }

    const FEED_A: Part = Part::Feed { site: Site::ONLY, side: Side::A };
    const SERVER: ServerAt = ServerAt { rack: 0, slot: 0 };

    #[test]
    fn one_feed_takes_down_its_pdus_and_nothing_that_has_another_way() {
        let (plant, active_faults) = after(&[Action::Fail(FEED_A)]);
        for &part in plant.parts() {
            let unpowered = matches!(
                part,
                FEED_A | Part::Pdu { side: Side::A, .. } | Part::Psu { side: Side::A, .. }
            );
            assert_eq!(active_faults.alive(plant.expect(part)), !unpowered, "{part}");
        }
    }

    #[test]
    fn a_feed_and_the_other_pdu_take_down_one_rack() {
        let other = Part::Pdu { rack: 1, side: Side::B };
        let (plant, active_faults) = after(&[Action::Fail(FEED_A), Action::Fail(other)]);
        for &part in plant.parts() {
            let in_rack = match part {
                Part::Tor { rack, .. } | Part::Server(ServerAt { rack, .. }) => rack == 1,
                Part::Feed { side, .. } => side == Side::A,
                Part::Pdu { rack, side } => side == Side::A || rack == 1,
                Part::Psu { server, side } => side == Side::A || server.rack == 1,
                Part::Spine { .. } | Part::Disk { .. } | Part::Nic { .. } => false,
            };
            assert_eq!(active_faults.alive(plant.expect(part)), !in_rack, "{part}");
        }
        let server = plant.expect(Part::Server(ServerAt { rack: 1, slot: 0 }));
        let dead = active_faults.dead_supplies(&plant, server);
        let pdus = Side::BOTH.map(|side| plant.expect(Part::Pdu { rack: 1, side }));
        assert_eq!(dead, pdus);
        assert_eq!(active_faults.dead_supplies(&plant, pdus[0]), [plant.expect(FEED_A)]);
    }

    /// facts.md section 7: of the six ways to lose two of four disks, two are fatal.
    #[test]
    fn raid_10_loses_data_only_with_both_disks_of_a_pair() {
        let mut fatal = Vec::new();
        for first in 0..4 {
            for second in first + 1..4 {
                let actions =
                    [first, second].map(|disk| Action::Fail(Part::Disk { server: SERVER, disk }));
                let (plant, active_faults) = after(&actions);
                if !active_faults.runs(plant.expect(Part::Server(SERVER))) {
                    fatal.push((first, second));
                }
            }
        }
        assert_eq!(fatal, [(0, 1), (2, 3)]);
    }

    #[test]
    fn a_new_disk_does_not_bring_lost_data_back() {
        let [first, second] = [0, 1].map(|disk| Part::Disk { server: SERVER, disk });
        let (plant, active_faults) =
            after(&[Action::Fail(first), Action::Fail(second), Action::Restore(first)]);
        assert_eq!(active_faults.state(plant.expect(Part::Server(SERVER))), PartState::DataLoss);
        let (plant, active_faults) =
            after(&[Action::Fail(first), Action::Restore(first), Action::Fail(second)]);
        assert_eq!(active_faults.state(plant.expect(Part::Server(SERVER))), PartState::Up);
    }
}
