//! The faults in force, and what follows from them for every part.
//!
//! What hangs on a failed part is derived here and never stored: power first, then switches and
//! servers, then the mirror pairs.

mod power;

use self::power::Grid;
pub use self::power::PowerChange;
pub(crate) use self::power::outlet;
use super::{
    Action, Ends, Flows, Impaired, Impairment, Link, Reach, Rebuild, ReplicaId, Watched, Which,
};
use crate::clock::Micros;
use crate::plant::{Bond, Lane, LaneId, Part, PartId, Plant, Port, ServerAt, Side, Site};

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
    /// By part (servers only): at some moment no disk of a mirror pair had the data; for good.
    data_lost: Vec<bool>,
    /// Disks that are being rebuilt, oldest first.
    rebuilds: Vec<Rebuild>,
    /// Bonded cables on which LACP hears nothing in one direction, or did not until lately.
    pub(super) watched: Vec<Watched>,
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
    /// The power chain, where the text says what it is.
    grid: Option<Box<Grid>>,
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
    /// Forwards everything, but says nothing to its neighbours.
    ControlDead,
    /// The second switch of a pair, which takes the first for gone: both are primary.
    SecondPrimary,
    /// A server whose processes stand still.
    Paused,
    /// A disk that is being rebuilt from its mirror.
    Rebuilding,
    /// That mirror: the only one that has the data.
    Sole,
    /// A disk that ends no write.
    Stalled,
    /// A disk whose writes take longer.
    Slow,
    /// A server whose processes were stopped.
    Crashed,
    /// A server of which no disk of a mirror pair has the data.
    DataLoss,
    /// Has no power.
    Unpowered,
    /// Has failed itself.
    Failed,
    /// A breaker or a UPS that opened under an overload.
    Tripped,
    /// A UPS that lives on its battery.
    OnBattery,
    /// A generator that will run soon.
    Starting,
    /// A generator that stands in for its feed.
    Running,
    /// A transfer switch on its way to the other side.
    Moving,
}

impl PartState {
    /// As the page writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Gray => "gray",
            Self::ControlDead => "control-dead",
            Self::SecondPrimary => "second-primary",
            Self::Paused => "paused",
            Self::Rebuilding => "rebuilding",
            Self::Sole => "sole",
            Self::Stalled => "stalled",
            Self::Slow => "slow",
            Self::Crashed => "crashed",
            Self::DataLoss => "data-loss",
            Self::Unpowered => "unpowered",
            Self::Failed => "failed",
            Self::Tripped => "tripped",
            Self::OnBattery => "on-battery",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Moving => "moving",
        }
    }
}

impl ActiveFaults {
    /// Nothing is wrong with that plant.
    pub fn none(plant: &Plant, replicas: u8) -> Self {
        let parts = plant.parts().len();
        let pairs = usize::from(replicas) * usize::from(replicas);
        let mut none = Self {
            replicas,
            failed: vec![false; parts],
            crashed: vec![false; parts],
            paused: vec![false; parts],
            stalled: vec![false; parts],
            slowed: vec![Micros::ZERO; parts],
            data_lost: vec![false; parts],
            rebuilds: Vec::new(),
            watched: Vec::new(),
            alive: vec![true; parts],
            lane_loss: vec![0; plant.lanes().len()],
            flow_loss: vec![0; pairs],
            gray: Vec::new(),
            impaired: Vec::new(),
            grid: Grid::of(plant),
        };
        if none.grid.is_some() {
            none.derive(plant, Micros::ZERO);
        }
        none
    }

    /// Puts one act into force that is done at `now`; false if it concerns replicas alone, and
    /// changes nothing here. What ends by itself at that same time ends after it.
    pub fn apply(&mut self, plant: &Plant, now: Micros, act: &Action) -> bool {
        let at = |part: Part| usize::from(plant.expect(part).0);
        if act.is_open() {
            return false;
        }
        self.rebuilds.retain(|one| one.ends() >= now);
        self.reach(now);
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
            Action::Restore(part) => {
                if std::mem::take(&mut self.failed[at(part)]) {
                    self.rebuilds.extend(Rebuild::of(plant, part, now));
                }
                self.reset(plant.expect(part));
            }
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
        self.derive(plant, now);
        if let Bond::Lacp(_) = plant.spec.bond {
            self.watch_bundles(plant, now);
        }
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
        self.rebuilds.retain(|one| usize::from(one.server.0) != place);
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

    /// Power first, then what hangs on it.
    fn derive(&mut self, plant: &Plant, now: Micros) {
        self.reckon_sources(plant);
        for index in plant.by_power() {
            let id = PartId(index);
            let works = !self.failed[usize::from(index)] && !self.has_tripped(id);
            self.alive[usize::from(index)] =
                works && self.unpowered(plant, plant.part(id)).is_none();
        }
        self.reckon_changes(plant);
        for server in plant.servers() {
            let dead = |disk| !self.has_copy(plant.expect(Part::Disk { server, disk }));
            let lost = (0..plant.spec.disks / 2).any(|pair| dead(2 * pair) && dead(2 * pair + 1));
            if lost {
                self.data_lost[usize::from(plant.expect(Part::Server(server)).0)] = true;
            }
        }
        let Self { rebuilds, failed, alive, data_lost, .. } = self;
        // What failed again is not rebuilt, and of what is lost there is nothing to copy.
        rebuilds.retain(|Rebuild { disk, server, .. }| {
            !failed[usize::from(disk.0)] && !data_lost[usize::from(server.0)]
        });
        for one in rebuilds {
            one.follow_power(alive[usize::from(one.server.0)], now);
        }
    }

    /// When the power chain or a bundle changes of its own next, and which bundle.
    fn due(&self, plant: &Plant) -> (Micros, Option<LaneId>) {
        let bundles = self.bundles(plant).map(|(one, at)| (at, Some(one.lane)));
        bundles.chain([(self.power_due(), None)]).min().unwrap_or((Micros::NEVER, None))
    }

    /// Lets the next thing happen that happens of its own before that time: when, if there is one.
    #[cold]
    pub fn pass_one(&mut self, plant: &Plant, until: Micros) -> Option<Micros> {
        let (due, bundle) = self.due(plant);
        if due >= until {
            return None;
        }
        self.reach(due);
        match bundle {
            Some(lane) => _ = self.change_bundle(plant, lane, due),
            None => _ = self.change_power(plant),
        }
        Some(due)
    }

    /// Lets all happen that happens of its own before that time.
    pub fn pass(&mut self, plant: &Plant, until: Micros) {
        // Whatever trips or runs down stays so, a generator starts once, and a bundle changes once
        // until something is done to its cable: it comes to an end.
        for _ in 0..4 * plant.parts().len() {
            if self.pass_one(plant, until).is_none() {
                break;
            }
        }
        if until < Micros::NEVER {
            self.reach(until);
        }
    }

    /// Lets all happen that happens of its own if nothing more is done.
    pub fn settle(&mut self, plant: &Plant) {
        self.pass(plant, Micros::NEVER);
    }

    /// True if a disk works and has all the data that it is to have.
    pub fn has_copy(&self, disk: PartId) -> bool {
        !self.failed[usize::from(disk.0)] && self.rebuilds.iter().all(|one| one.disk != disk)
    }

    /// The disks that are being rebuilt, oldest first.
    pub fn rebuilds(&self) -> &[Rebuild] {
        &self.rebuilds
    }

    /// Ends the rebuild of a disk, if that is due now.
    #[cold]
    pub fn end_rebuild(&mut self, disk: PartId, now: Micros) -> bool {
        let before = self.rebuilds.len();
        self.rebuilds.retain(|one| one.disk != disk || one.ends() != now);
        self.rebuilds.len() < before
    }

    /// The site that a part is in, if that has failed.
    fn failed_site(&self, plant: &Plant, part: Part) -> Option<Site> {
        let site = plant.spec.site(part)?;
        self.failed[usize::from(plant.expect(Part::Site(site)).0)].then_some(site)
    }

    /// The supplies that a part hangs on, if none of them has power.
    fn unpowered(&self, plant: &Plant, part: Part) -> Option<[Part; 4]> {
        let pdu = |rack, side| outlet(plant, rack, side);
        let is_fed = !matches!(part, Part::Disk { .. } | Part::Nic { .. } | Part::Site(_));
        if let Some(site) = self.failed_site(plant, part).filter(|_| is_fed) {
            return Some([Part::Site(site); 4]);
        }
        let [first, second] = match part {
            Part::Feed { .. }
            | Part::Disk { .. }
            | Part::Nic { .. }
            | Part::Generator { .. }
            | Part::Site(_)
            | Part::Wan { .. } => return None,
            Part::Pdu { .. }
            | Part::Spine { .. }
            | Part::Ups { .. }
            | Part::Ats { .. }
            | Part::Breaker { .. } => {
                let supplies = self.chain_supplies(plant, part)?;
                let is_dead = |&supply: &Part| self.is_dead(plant, supply);
                return supplies.iter().all(is_dead).then_some(supplies);
            }
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
        let is_dead = self.is_dead(plant, first) && self.is_dead(plant, second);
        is_dead.then_some([first, first, second, second])
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

    /// True if no disk of a mirror pair of that server had the data at some moment: it is gone for
    /// good.
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

    /// True if both ends of a cable use it: the parts are alive, they see light, for not both
    /// directions are cut, and LACP has not taken it out of its bundle.
    ///
    /// Without LACP one dead direction goes unnoticed. Real ports may signal a remote fault; the
    /// half link that nobody notices is what this playground is about.
    pub fn carrier(&self, plant: &Plant, lane: LaneId) -> bool {
        let Lane { from, to } = plant.lanes()[usize::from(lane.0)];
        let no_light = self.lane_loss(lane) == 100 && self.lane_loss(lane.reverse()) == 100;
        let plugged = || plant.through(lane).is_none_or(|part| self.alive(part));
        let is_used = self.alive(from) && self.alive(to) && !no_light && plugged();
        is_used && !self.is_out_of_bundle(plant, lane)
    }

    /// A part's state.
    pub fn state(&self, part: PartId) -> PartState {
        let index = usize::from(part.0);
        if self.failed[index] {
            PartState::Failed
        } else if self.has_tripped(part) {
            PartState::Tripped
        } else if !self.alive[index] && self.at_work(part) != PartState::Moving {
            PartState::Unpowered
        } else if self.data_lost[index] {
            PartState::DataLoss
        } else if self.crashed[index] {
            PartState::Crashed
        } else if self.paused[index] {
            PartState::Paused
        } else if self.rebuilds.iter().any(|one| one.disk == part) {
            PartState::Rebuilding
        } else if self.rebuilds.iter().any(|one| one.source == part) {
            PartState::Sole
        } else if self.stalled[index] {
            PartState::Stalled
        } else if self.slowed[index] > Micros::ZERO {
            PartState::Slow
        } else if self
            .gray
            .iter()
            .any(|gray| gray.switch == part && gray.flows.which != Which::Control)
        {
            PartState::Gray
        } else if self.is_control_dead(part) {
            PartState::ControlDead
        } else if self.is_on_its_own(part) {
            PartState::SecondPrimary
        } else {
            self.at_work(part)
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
mod tests;
