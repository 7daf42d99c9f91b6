//! What the power chain does of its own, in time: batteries run down, generators start, transfer
//! switches move, and what carries too much trips.
//!
//! A trip is state: what has tripped stays so until it is restored, however little is drawn by
//! then. What hangs on it is derived, as ever.
//!
//! A server with two supplies draws half of its watts from each; all from one when the other has no
//! power. How long an overload is borne is a table of steps, from the figures of facts.md section
//! 9: UPSs bear 125 % for 30 s to 10 min, 150 % for 10 to 60 s and 200 % for 10 to 20 cycles;
//! a breaker does not see less than 1.1 of its rating, and trips 2 s after that is exceeded.

use super::{ActiveFaults, PartState};
use crate::clock::Micros;
use crate::fact::Fact;
use crate::plant::{Part, PartId, Plant, PlantSpec, Side, Site};

/// The longest gap that the supplies of servers and switches bridge.
const HOLD_UP: Micros = Micros::from_millis(20);
/// How many times longer a battery takes to fill than to run down.
const RECHARGE: u64 = 10;
/// By share of the rating in percent up to which it holds, how long a UPS bears an overload.
const UPS_BEARS: [(u64, Micros); 2] = [(125, Micros::from_secs(60)), (150, Micros::from_secs(30))];
/// How long it bears more than that and less than twice its rating: no source has a figure.
const UPS_BEARS_BELOW_DOUBLE: Micros = Micros::from_secs(10);
/// How long it bears twice its rating or more: ten cycles of 50 Hz.
const UPS_BEARS_LEAST: Micros = Micros::from_millis(200);
/// Up to which share of its rating, in percent, a breaker holds for ever.
const BREAKER_HOLDS: u64 = 110;
/// How long a breaker bears more.
const BREAKER_BEARS: Micros = Micros::from_secs(2);

/// What the chain does of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PowerChange {
    /// A breaker or a UPS carried too much for too long.
    Tripped,
    /// The battery of a UPS is empty.
    Drained,
    /// A generator runs.
    Started,
    /// A transfer switch has moved to its other side.
    Moved,
}

impl PowerChange {
    /// To be told, in the room `power`.
    pub const fn fact(self) -> Fact {
        Fact::plain(match self {
            Self::Tripped => "tripped",
            Self::Drained => "drained",
            Self::Started => "started",
            Self::Moved => "moved",
        })
    }
}

/// The state of the chain.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// The number of the first part that has a device: see [`Plant::chain`].
    first: u16,
    now: Micros,
    /// Up to when batteries are reckoned.
    reckoned: Micros,
    devices: Vec<Device>,
}

/// The state of a part of the chain, whichever it is.
#[derive(Clone, Copy, Debug)]
struct Device {
    /// When it opened under an overload; never, if it did not, or was restored since.
    tripped: Micros,
    /// A UPS lives on its battery; a generator runs; a transfer switch is on side b.
    is_on: bool,
    /// What it carries, in watts.
    load: u32,
    /// Since when it carries too much; never, if it does not.
    over_since: Micros,
    /// What is left of a battery.
    left: Micros,
    /// When it changes of its own; never, if it does not.
    due: Micros,
    /// What it does if it works.
    work: PartState,
}

/// What hands power on, one to four parts of which one is enough, some named twice.
type Supplies = [Part; 4];

impl Grid {
    /// Of a plant with a chain: nothing is wrong, and batteries are full.
    pub(super) fn of(plant: &Plant) -> Option<Box<Self>> {
        let power = plant.spec.power;
        let device = Device {
            tripped: Micros::NEVER,
            is_on: false,
            load: 0,
            over_since: Micros::NEVER,
            left: power.ups.map_or(Micros::ZERO, |ups| ups.lasts),
            due: Micros::NEVER,
            work: PartState::Up,
        };
        let chain = plant.chain();
        power.has_parts().then(|| {
            let (first, devices) = (chain.start, vec![device; chain.len()]);
            Box::new(Self { first, now: Micros::ZERO, reckoned: Micros::ZERO, devices })
        })
    }
}

impl Device {
    /// When its battery is empty, of which so much was left then; never, if nobody lives on it.
    const fn drained(&self, reckoned: Micros) -> Micros {
        if self.is_on { Micros(reckoned.0 + self.left.0) } else { Micros::NEVER }
    }
}

/// What a UPS hangs on: its feed, and a generator in its place.
const fn source(plant: &Plant, site: Site, side: Side) -> [Part; 2] {
    let feed = Part::Feed { site, side };
    match plant.spec.power.generator {
        Some(_) => [feed, Part::Generator { site, side }],
        None => [feed, feed],
    }
}

/// What racks and spines of a site hang on.
const fn input(plant: &Plant, site: Site, side: Side) -> [Part; 2] {
    match plant.spec.power.ups {
        Some(_) => [Part::Ups { site, side }; 2],
        None => source(plant, site, side),
    }
}

/// What a PDU hands its power out by.
pub(crate) const fn outlet(plant: &Plant, rack: u8, side: Side) -> Part {
    match plant.spec.power.breaker_w {
        Some(_) => Part::Breaker { rack, side },
        None => Part::Pdu { rack, side },
    }
}

/// How long that much is borne; `None` if for ever.
fn bears(part: Part, load: u32, capacity: u32) -> Option<Micros> {
    let is_within = |percent: u64| u64::from(load) * 100 <= u64::from(capacity) * percent;
    if matches!(part, Part::Breaker { .. }) {
        return (!is_within(BREAKER_HOLDS)).then_some(BREAKER_BEARS);
    }
    let least = if load / 2 < capacity { UPS_BEARS_BELOW_DOUBLE } else { UPS_BEARS_LEAST };
    let step = UPS_BEARS.iter().find(|(percent, _)| is_within(*percent));
    (!is_within(100)).then(|| step.map_or(least, |(_, bears)| *bears))
}

impl ActiveFaults {
    fn device(&self, part: PartId) -> Option<&Device> {
        let grid = self.grid.as_ref()?;
        grid.devices.get(usize::from(part.0.checked_sub(grid.first)?))
    }

    /// What that is done by then is done at that time.
    pub fn reach(&mut self, now: Micros) {
        if let Some(grid) = &mut self.grid {
            grid.now = now;
        }
    }

    /// When the power chain changes of its own next, if nothing is done before; never, if it does
    /// not.
    pub fn power_due(&self) -> Micros {
        let devices = self.grid.iter().flat_map(|grid| &grid.devices);
        devices.map(|device| device.due).fold(Micros::NEVER, Micros::min)
    }

    /// Changes the power chain of its own, if it is due by now: one part at a time, the lowest
    /// number first.
    #[cold]
    pub fn change_power(&mut self, plant: &Plant) -> Option<(PartId, PowerChange)> {
        let grid = self.grid.as_mut()?;
        let now = grid.now;
        let (device, number) =
            grid.devices.iter_mut().zip(plant.chain()).find(|(device, _)| device.due <= now)?;
        let id = PartId(number);
        let change = match plant.part(id) {
            Part::Generator { .. } => {
                device.is_on = true;
                PowerChange::Started
            }
            Part::Ats { .. } => {
                device.is_on = !device.is_on;
                PowerChange::Moved
            }
            // Of a battery it is reckoned how much is left whenever anything changes.
            Part::Ups { .. } if device.due == device.drained(grid.reckoned) => PowerChange::Drained,
            Part::Ups { .. } | Part::Breaker { .. } => {
                device.tripped = now;
                PowerChange::Tripped
            }
            Part::Feed { .. }
            | Part::Pdu { .. }
            | Part::Spine { .. }
            | Part::Tor { .. }
            | Part::Server(_)
            | Part::Disk { .. }
            | Part::Nic { .. }
            | Part::Psu { .. }
            | Part::Site(_)
            | Part::Wan { .. } => return None,
        };
        device.due = Micros::NEVER;
        self.derive(plant, now);
        Some((id, change))
    }

    /// Puts back what has tripped.
    pub(super) fn reset(&mut self, part: PartId) {
        let Some(grid) = &mut self.grid else { return };
        let place = part.0.checked_sub(grid.first).map(usize::from);
        if let Some(device) = place.and_then(|place| grid.devices.get_mut(place)) {
            device.tripped = Micros::NEVER;
        }
    }

    /// Before it is derived who has power: what is left of batteries, and which generators stand
    /// still.
    #[cold]
    pub(super) fn reckon_sources(&mut self, plant: &Plant) {
        let Some(mut grid) = self.grid.take() else { return };
        let passed = grid.now.since(grid.reckoned);
        grid.reckoned = grid.now;
        let full = plant.spec.power.ups.map_or(Micros::ZERO, |ups| ups.lasts);
        for (device, number) in grid.devices.iter_mut().zip(plant.chain()) {
            match plant.part(PartId(number)) {
                Part::Ups { .. } if device.is_on => device.left = device.left.since(passed),
                Part::Ups { .. } if self.alive(PartId(number)) => {
                    device.left = full.min(Micros(device.left.0 + passed.0 / RECHARGE));
                }
                Part::Generator { site, side } => {
                    let feed = plant.expect(Part::Feed { site, side });
                    let is_wanted = self.failed[usize::from(feed.0)];
                    if !is_wanted || self.has_failed(plant, PartId(number)) {
                        device.is_on = false;
                        device.due = Micros::NEVER;
                    }
                }
                Part::Ups { .. } | Part::Ats { .. } | Part::Breaker { .. } => {}
                Part::Feed { .. }
                | Part::Pdu { .. }
                | Part::Spine { .. }
                | Part::Tor { .. }
                | Part::Server(_)
                | Part::Disk { .. }
                | Part::Nic { .. }
                | Part::Psu { .. }
                | Part::Site(_)
                | Part::Wan { .. } => {}
            }
        }
        self.grid = Some(grid);
    }

    /// Once it is derived who has power: what each part of the chain carries, and when it changes
    /// of its own.
    #[cold]
    pub(super) fn reckon_changes(&mut self, plant: &Plant) {
        let Some(mut grid) = self.grid.clone() else { return };
        let loads = self.loads(plant);
        for (device, number) in grid.devices.iter_mut().zip(plant.chain()) {
            let id = PartId(number);
            self.reckon(plant, id, (device, grid.now), &loads);
        }
        self.grid = Some(grid);
    }

    fn reckon(
        &self,
        plant: &Plant,
        id: PartId,
        (device, now): (&mut Device, Micros),
        loads: &Loads,
    ) {
        let power = plant.spec.power;
        let failed = self.has_failed(plant, id);
        let begins = |due: Micros, after: Option<Micros>| {
            if due == Micros::NEVER { now + after.unwrap_or(Micros::ZERO) } else { due }
        };
        let part = plant.part(id);
        match part {
            Part::Generator { site, side } => {
                let feed = plant.expect(Part::Feed { site, side });
                let starts = !failed && !device.is_on && self.failed[usize::from(feed.0)];
                device.due =
                    if starts { begins(device.due, power.generator) } else { Micros::NEVER };
                device.work = match (device.is_on, starts) {
                    (true, _) => PartState::Running,
                    (false, true) => PartState::Starting,
                    (false, false) => PartState::Up,
                };
            }
            Part::Ats { rack } => {
                let [here, there] = self.inputs(plant, rack, device.is_on);
                let moves = !failed && !here && there;
                device.due = if moves { begins(device.due, power.transfer) } else { Micros::NEVER };
                device.work = if moves { PartState::Moving } else { PartState::Up };
            }
            Part::Ups { site, side } => {
                device.is_on = self.alive(id) && self.all_dead(plant, &source(plant, site, side));
                device.load = loads.ups[usize::from(site.index())][side as usize];
                let capacity = power.ups.and_then(|ups| ups.capacity_w);
                self.bear(id, part, (device, now), capacity);
                device.due = device.due.min(device.drained(now));
                device.work = if device.is_on { PartState::OnBattery } else { PartState::Up };
            }
            Part::Breaker { rack, side } => {
                device.load = loads.pdus[usize::from(rack)][side as usize];
                self.bear(id, part, (device, now), power.breaker_w);
            }
            Part::Feed { .. }
            | Part::Pdu { .. }
            | Part::Spine { .. }
            | Part::Tor { .. }
            | Part::Server(_)
            | Part::Disk { .. }
            | Part::Nic { .. }
            | Part::Psu { .. }
            | Part::Site(_)
            | Part::Wan { .. } => {}
        }
    }

    /// When an overload ends in a trip: what is borne so long is counted from its beginning.
    fn bear(&self, id: PartId, part: Part, of: (&mut Device, Micros), capacity: Option<u32>) {
        let (device, now) = of;
        let borne = capacity.and_then(|capacity| bears(part, device.load, capacity));
        let borne = borne.filter(|_| self.alive(id));
        device.over_since = borne.map_or(Micros::NEVER, |_| device.over_since.min(now));
        device.due = borne.map_or(Micros::NEVER, |borne| now.max(device.over_since + borne));
    }

    /// Whether what a transfer switch is on has power, and whether its other side has.
    fn inputs(&self, plant: &Plant, rack: u8, is_on_b: bool) -> [bool; 2] {
        let sides = if is_on_b { [Side::B, Side::A] } else { Side::BOTH };
        sides.map(|side| !self.all_dead(plant, &input(plant, plant.spec.site_of(rack), side)))
    }

    /// True if a part has failed itself, or the site that it is in.
    fn has_failed(&self, plant: &Plant, id: PartId) -> bool {
        self.failed[usize::from(id.0)] || self.failed_site(plant, plant.part(id)).is_some()
    }

    fn all_dead(&self, plant: &Plant, supplies: &[Part]) -> bool {
        supplies.iter().all(|&supply| self.is_dead(plant, supply))
    }

    /// True if nothing comes from there.
    pub(super) fn is_dead(&self, plant: &Plant, part: Part) -> bool {
        let id = plant.expect(part);
        // A server comes before its supplies: whether these are alive is not derived yet.
        self.failed[usize::from(id.0)] || !self.alive(id) || {
            let stands = |device: &Device| !device.is_on;
            matches!(part, Part::Generator { .. }) && self.device(id).is_some_and(stands)
        }
    }

    /// What a part of the chain, a PDU or a spine hangs on; `None` if it needs nothing now.
    pub(super) fn chain_supplies(&self, plant: &Plant, part: Part) -> Option<Supplies> {
        let one_of = |[first, second]: [Part; 2]| [first, first, second, second];
        let device = self.device(plant.expect(part));
        match part {
            Part::Pdu { rack, .. } if plant.spec.power.transfer.is_some() => {
                Some([Part::Ats { rack }; 4])
            }
            Part::Pdu { rack, side } => Some(one_of(input(plant, plant.spec.site_of(rack), side))),
            Part::Breaker { rack, side } => Some([Part::Pdu { rack, side }; 4]),
            Part::Ups { site, side } => {
                let is_empty = device.is_none_or(|device| device.left == Micros::ZERO);
                is_empty.then(|| one_of(source(plant, site, side)))
            }
            Part::Ats { rack } => {
                let is_on = device.is_some_and(|device| device.is_on);
                // What has no power has nothing to bridge a gap with.
                let is_bridged = plant.spec.power.transfer <= Some(HOLD_UP)
                    && self.inputs(plant, rack, is_on)[1]
                    && self.alive(plant.expect(part));
                let side = if is_on { Side::B } else { Side::A };
                (!is_bridged).then(|| one_of(input(plant, plant.spec.site_of(rack), side)))
            }
            Part::Spine { site, .. } => {
                let [[first, second], [third, fourth]] =
                    Side::BOTH.map(|side| input(plant, site, side));
                Some([first, second, third, fourth])
            }
            Part::Feed { .. }
            | Part::Generator { .. }
            | Part::Tor { .. }
            | Part::Server(_)
            | Part::Disk { .. }
            | Part::Nic { .. }
            | Part::Psu { .. }
            | Part::Site(_)
            | Part::Wan { .. } => None,
        }
    }

    /// True if that part has tripped.
    pub(super) fn has_tripped(&self, part: PartId) -> bool {
        self.device(part).is_some_and(|device| device.tripped < Micros::NEVER)
    }

    /// What a part does that works.
    pub(super) fn at_work(&self, part: PartId) -> PartState {
        self.device(part).map_or(PartState::Up, |device| device.work)
    }
}

/// What is drawn, in watts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Loads {
    /// By rack and side, from a PDU.
    pdus: [[u32; 2]; PlantSpec::RACKS as usize],
    /// By site and side, from a UPS.
    ups: [[u32; 2]; PlantSpec::SITES as usize],
}

impl ActiveFaults {
    /// What servers draw, by what they draw it from.
    fn loads(&self, plant: &Plant) -> Loads {
        let mut loads = Loads::default();
        let watts = plant.spec.power.server_w;
        for server in plant.servers() {
            if self.failed[usize::from(plant.expect(Part::Server(server)).0)] {
                continue;
            }
            let has_power =
                |side| plant.id(Part::Psu { server, side }).is_some_and(|id| self.alive(id));
            let drawn = match Side::BOTH.map(has_power) {
                [true, true] => [watts - watts / 2, watts / 2],
                [first, second] => [watts * u32::from(first), watts * u32::from(second)],
            };
            for (pdu, drawn) in loads.pdus[usize::from(server.rack)].iter_mut().zip(drawn) {
                *pdu += drawn;
            }
        }
        for (rack, pdus) in (0..plant.spec.racks).zip(loads.pdus) {
            let ats = plant.id(Part::Ats { rack }).and_then(|id| self.device(id));
            for side in Side::BOTH {
                let behind = ats.map_or(side as usize, |ats| usize::from(ats.is_on));
                let site = usize::from(plant.spec.site_of(rack).index());
                loads.ups[site][behind] += pdus[side as usize];
            }
        }
        loads
    }

    /// What servers draw from a PDU, through a breaker or a UPS, in watts; `None` of other parts.
    pub fn load(&self, plant: &Plant, part: Part) -> Option<u32> {
        let loads = self.loads(plant);
        if let Part::Pdu { rack, side } | Part::Breaker { rack, side } = part {
            return Some(loads.pdus[usize::from(rack)][side as usize]);
        }
        let Part::Ups { site, side } = part else { return None };
        Some(loads.ups[usize::from(site.index())][side as usize])
    }

    /// What has tripped and was not restored since, and when.
    pub fn trips(&self) -> impl Iterator<Item = (PartId, Micros)> {
        let grid = self.grid.as_deref();
        let devices = grid.into_iter().flat_map(|grid| (grid.first..).zip(&grid.devices));
        let tripped = devices.filter(|(_, device)| device.tripped < Micros::NEVER);
        tripped.map(|(number, device)| (PartId(number), device.tripped))
    }

    /// What is left of a UPS's battery by then, if nothing changes before; `None` of other parts.
    pub fn battery(&self, plant: &Plant, part: Part, now: Micros) -> Option<Micros> {
        let (ups, grid) = (plant.spec.power.ups?, self.grid.as_ref()?);
        let id = plant.id(part).filter(|_| matches!(part, Part::Ups { .. }))?;
        let (device, passed) = (self.device(id)?, now.since(grid.reckoned));
        Some(match (device.is_on, self.alive(id)) {
            (true, _) => device.left.since(passed),
            (false, true) => ups.lasts.min(Micros(device.left.0 + passed.0 / RECHARGE)),
            (false, false) => device.left,
        })
    }
}
