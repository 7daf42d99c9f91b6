//! The plant: racks, switches, power and servers, and what hangs on what.
//!
//! ```text
//!        spine-a   spine-b            every rack has two ToR switches, every ToR a cable to
//!         |    \  /    |              each spine; every server has two NICs, one to each ToR;
//!       tor-a        tor-b            every server and ToR has two power supplies, one on each
//!         |   \     /  |              PDU; PDU a of every rack is on feed a, PDU b on feed b;
//!         |     s1     |              the spines are on both feeds;
//!       pdu-a       pdu-b             disks are mirrored in pairs (d1 d2), (d3 d4), and the
//!         |            |              pairs striped: RAID 10.
//!       feed-a      feed-b
//! ```
//!
//! That is the default. A text may give servers one NIC or one supply alone, join the two ToRs of
//! every rack by a peer link, and put a power chain between feeds and supplies ([`Power`]). It may
//! have two or three sites of that, each with feeds and spines of its own:
//!
//! ```text
//!   site1.spine-a   site1.spine-b          the spines of a site are cabled to its border, and the
//!               \   /                      borders of every two sites are joined by a WAN link
//!               site1 ---- wan1-2 ---- site2
//! ```
//!
//! This is the data centre of the Cloudflare post of 27 November 2020: two switches a rack, both
//! active, two supplies on different feeds, RAID 10.
//! Parts and lanes are numbered densely, so that everything about them is a vector by number.

mod part;
mod power;
mod spec;

use serde::Serialize;

pub use self::part::{Part, ServerAt, Side, Site};
pub use self::power::{Power, Ups};
pub use self::spec::{Bond, HashPolicy, PlantSpec, Port, Rate, Single};

/// A part by its number in [`Plant::parts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PartId(pub u16);

/// A lane by its number in [`Plant::lanes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LaneId(pub u16);

impl LaneId {
    /// The other direction of the same cable: lanes are numbered in pairs.
    pub const fn reverse(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// One direction of a cable between two parts that carry packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Who sends on it.
    pub from: PartId,
    /// Who receives on it.
    pub to: PartId,
}

/// Every part and lane of a plant, numbered.
#[derive(Clone, Debug)]
pub struct Plant {
    /// How large it is.
    pub spec: PlantSpec,
    parts: Vec<Part>,
    lanes: Vec<Lane>,
    /// By server, the numbers of its first port and of its first cable.
    firsts: Vec<(u16, u16)>,
    /// The first cable of a ToR switch.
    uplinks: u16,
    /// The number of the first part of the power chain, the breakers apart, of the first breaker,
    /// and of the first site.
    chain: [u16; 3],
}

impl Plant {
    /// Builds the plant of that size: parts in the order feeds, PDUs, spines, ToRs, servers, disks,
    /// then the NICs and supplies of each server, then generators, UPSs, transfer switches and
    /// breakers; then, where there are several, sites and WAN links.
    #[inline(never)]
    pub fn new(spec: PlantSpec) -> Self {
        let (parts, lanes, firsts) = (Vec::new(), Vec::new(), Vec::new());
        let mut plant = Self { spec, parts, lanes, firsts, uplinks: 0, chain: [0; 3] };
        plant.add_to_sites(|site, side| Part::Feed { site, side });
        for rack in 0..spec.racks {
            plant.parts.extend(Side::BOTH.map(|side| Part::Pdu { rack, side }));
        }
        plant.add_to_sites(|site, side| Part::Spine { site, side });
        for rack in 0..spec.racks {
            plant.parts.extend(Side::BOTH.map(|side| Part::Tor { rack, side }));
        }
        plant.parts.extend(plant.servers().map(Part::Server));
        for server in plant.servers() {
            plant.parts.extend((0..spec.disks).map(|disk| Part::Disk { server, disk }));
        }
        plant.lay_cables();
        plant.lay_chain();
        if spec.sites > 1 {
            plant.lay_wans();
        }
        plant
    }

    /// Two of a kind in every site.
    #[inline(never)]
    fn add_to_sites(&mut self, of: fn(Site, Side) -> Part) {
        for site in self.spec.each_site() {
            self.parts.extend(Side::BOTH.map(|side| of(site, side)));
        }
    }

    fn lay_cables(&mut self) {
        let spec = self.spec;
        for server in self.servers() {
            self.firsts.push((number(self.parts.len()), number(self.lanes.len() / 2)));
            for side in Side::BOTH.into_iter().filter(|side| spec.has(Port::Nic, server, *side)) {
                self.parts.push(Part::Nic { server, side });
                self.lay_cable(Part::Server(server), Part::Tor { rack: server.rack, side });
            }
            let corded = |side: &Side| spec.has(Port::Supply, server, *side);
            let supplies = Side::BOTH.into_iter().filter(corded);
            self.parts.extend(supplies.map(|side| Part::Psu { server, side }));
        }
        self.uplinks = number(self.lanes.len() / 2);
        let tors = || (0..spec.racks).map(|rack| Side::BOTH.map(|side| Part::Tor { rack, side }));
        for (tors, rack) in tors().zip(0..) {
            let site = spec.site_of(rack);
            for tor in tors {
                for side in Side::BOTH {
                    self.lay_cable(tor, Part::Spine { site, side });
                }
            }
        }
        for [one, other] in tors().filter(|_| spec.peer_links) {
            self.lay_cable(one, other);
        }
    }

    fn lay_chain(&mut self) {
        let (power, racks) = (self.spec.power, 0..self.spec.racks);
        self.chain[0] = number(self.parts.len());
        if power.generator.is_some() {
            self.add_to_sites(|site, side| Part::Generator { site, side });
        }
        if power.ups.is_some() {
            self.add_to_sites(|site, side| Part::Ups { site, side });
        }
        if power.transfer.is_some() {
            self.parts.extend(racks.clone().map(|rack| Part::Ats { rack }));
        }
        self.chain[1] = number(self.parts.len());
        if power.breaker_w.is_some() {
            for rack in racks {
                self.parts.extend(Side::BOTH.map(|side| Part::Breaker { rack, side }));
            }
        }
        self.chain[2] = number(self.parts.len());
    }

    /// Sites and WAN links, the cables from spines to borders, and those between borders.
    #[cold]
    fn lay_wans(&mut self) {
        let spec = self.spec;
        self.parts.extend(spec.each_site().map(Part::Site));
        for (low, high) in spec.each_wan() {
            self.parts.push(Part::Wan { low, high });
        }
        for site in spec.each_site() {
            for side in Side::BOTH {
                self.lay_cable(Part::Spine { site, side }, Part::Site(site));
            }
        }
        for (low, high) in spec.each_wan() {
            self.lay_cable(Part::Site(low), Part::Site(high));
        }
    }

    #[inline(never)]
    fn lay_cable(&mut self, lower: Part, upper: Part) {
        let (from, to) = (self.expect(lower), self.expect(upper));
        self.lanes.extend([Lane { from, to }, Lane { from: to, to: from }]);
    }

    /// All servers, rack by rack.
    pub fn servers(&self) -> impl Iterator<Item = ServerAt> + use<> {
        self.spec.each_server()
    }

    /// All parts, by number.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// All lanes, by number; lane 2k and 2k+1 are the two directions of one cable.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// The numbers of all parts, each after what it draws its power from but for a server, which
    /// comes before its own supplies.
    pub fn by_power(&self) -> impl Iterator<Item = u16> + use<> {
        let [chain, breakers, _] = self.chain;
        let feeds = 2 * u16::from(self.spec.sites);
        let pdus = feeds + 2 * u16::from(self.spec.racks);
        let feeds_to_breakers = (0..feeds).chain(chain..breakers).chain(feeds..pdus);
        feeds_to_breakers.chain(breakers..number(self.parts.len())).chain(pdus..chain)
    }

    /// The parts of the power chain behind feeds, PDUs apart, by number: generators, UPSs, transfer
    /// switches and breakers.
    pub fn chain(&self) -> std::ops::Range<u16> {
        self.chain[0]..self.chain[2]
    }

    /// The number of a part, if the plant has it. Reckoned, not looked for: it is asked for every
    /// part whenever a fault changes.
    #[inline(never)]
    pub fn id(&self, part: Part) -> Option<PartId> {
        let PlantSpec { sites, racks, servers, disks, .. } = self.spec;
        let [sites, racks, servers, disks] = [sites, racks, servers, disks].map(u16::from);
        let of_site = |site: Site, side: Side| 2 * u16::from(site.index()) + side as u16;
        let of_rack = |rack: u8, side: Side| u16::from(rack) * 2 + side as u16;
        let server = |at: ServerAt| u16::from(at.rack) * servers + u16::from(at.slot);
        let (pdus, spines, tors) = (2 * sites, 2 * (sites + racks), 2 * (2 * sites + racks));
        let all = racks * servers;
        let place = match part {
            Part::Feed { site, side } => of_site(site, side),
            Part::Pdu { rack, side } => pdus + of_rack(rack, side),
            Part::Spine { site, side } => spines + of_site(site, side),
            Part::Tor { rack, side } => tors + of_rack(rack, side),
            Part::Server(at) => tors + 2 * racks + server(at),
            Part::Disk { server: at, disk } => {
                tors + 2 * racks + all + server(at) * disks + u16::from(disk)
            }
            Part::Nic { server, side } => self.firsts(server)?.0 + self.before(server, side),
            Part::Psu { server, side } => {
                let nics = u16::from(self.spec.single(Port::Nic, server).is_none()) + 1;
                let is_second = side == Side::B && self.spec.has(Port::Supply, server, Side::A);
                self.firsts(server)?.0 + nics + u16::from(is_second)
            }
            Part::Generator { site, side } => self.chain[0] + of_site(site, side),
            Part::Ups { site, side } => {
                let generators = 2 * sites * u16::from(self.spec.power.generator.is_some());
                self.chain[0] + generators + of_site(site, side)
            }
            Part::Ats { rack } => (self.chain[1] + u16::from(rack)).checked_sub(racks)?,
            Part::Breaker { rack, side } => self.chain[1] + of_rack(rack, side),
            Part::Site(site) => self.chain[2] + u16::from(site.index()),
            Part::Wan { low, high } => self.chain[2] + sites + between(low, high),
        };
        // What the plant has not got is reckoned to be where another part is, or beyond the last.
        (self.parts.get(usize::from(place)) == Some(&part)).then_some(PartId(place))
    }

    /// The numbers of a server's first port and first cable.
    fn firsts(&self, at: ServerAt) -> Option<(u16, u16)> {
        let server = usize::from(at.rack) * usize::from(self.spec.servers) + usize::from(at.slot);
        self.firsts.get(server).copied()
    }

    /// How many NICs of a server come before that of this side.
    fn before(&self, server: ServerAt, side: Side) -> u16 {
        u16::from(side == Side::B && self.spec.has(Port::Nic, server, Side::A))
    }

    /// The number of a part that the plant is known to have.
    pub fn expect(&self, part: Part) -> PartId {
        self.id(part).unwrap_or_else(|| panic!("{part} is not in a plant of {:?}", self.spec))
    }

    /// The part of that number.
    pub fn part(&self, id: PartId) -> Part {
        self.parts[usize::from(id.0)]
    }

    /// The lane from one part straight to another, if a cable joins them. Reckoned as well.
    #[inline(never)]
    pub fn lane(&self, from: PartId, to: PartId) -> Option<LaneId> {
        let (first, second) = (self.part(from), self.part(to));
        let up = self.cable(first, second).map(|cable| LaneId(2 * cable));
        let lane = up.or_else(|| self.cable(second, first).map(|cable| LaneId(2 * cable + 1)))?;
        let found = self.lanes.get(usize::from(lane.0));
        found.is_some_and(|lane| lane.from == from && lane.to == to).then_some(lane)
    }

    /// The number of the cable from a part up to another, if it is a kind of cable that there is.
    fn cable(&self, lower: Part, upper: Part) -> Option<u16> {
        match (lower, upper) {
            (Part::Server(at), Part::Tor { side, .. }) => {
                Some(self.firsts(at)?.1 + self.before(at, side))
            }
            (Part::Tor { rack, side }, Part::Spine { side: spine, .. }) => {
                Some(self.uplinks + 4 * u16::from(rack) + 2 * side as u16 + spine as u16)
            }
            (Part::Tor { rack, side: Side::A }, Part::Tor { side: Side::B, .. }) => {
                Some(self.uplinks + 4 * u16::from(self.spec.racks) + u16::from(rack))
            }
            (Part::Spine { side, .. }, Part::Site(site)) => {
                Some(self.borders() + 2 * u16::from(site.index()) + side as u16)
            }
            (Part::Site(low), Part::Site(high)) if low < high => {
                Some(self.borders() + 2 * u16::from(self.spec.sites) + between(low, high))
            }
            _ => None,
        }
    }

    /// The first cable of a spine to its site's border.
    fn borders(&self) -> u16 {
        let racks = u16::from(self.spec.racks);
        self.uplinks + if self.spec.peer_links { 5 * racks } else { 4 * racks }
    }

    /// What a cable goes through: the card that it is plugged into, if it is a server's; a WAN
    /// link, if it joins two sites.
    #[inline(never)]
    pub fn through(&self, lane: LaneId) -> Option<PartId> {
        let Lane { from, to } = self.lanes[usize::from(lane.0)];
        match (self.part(from), self.part(to)) {
            (Part::Server(server), Part::Tor { side, .. })
            | (Part::Tor { side, .. }, Part::Server(server)) => self.id(Part::Nic { server, side }),
            (Part::Site(one), Part::Site(other)) => self.id(Part::wan(one, other)),
            _ => None,
        }
    }

    /// True if that lane crosses a WAN link.
    pub fn is_wan(&self, lane: LaneId) -> bool {
        let is_border = |id| self.chain[2] <= id;
        let Lane { from, to } = self.lanes[usize::from(lane.0)];
        is_border(from.0) && is_border(to.0)
    }

    /// "r1.s1 -> r1.tor-a".
    pub fn lane_name(&self, id: LaneId) -> String {
        let lane = self.lanes[usize::from(id.0)];
        format!("{} -> {}", self.part(lane.from), self.part(lane.to))
    }
}

/// The place of what joins two sites among all such: 1 and 2, 1 and 3, 2 and 3.
const fn between(low: Site, high: Site) -> u16 {
    (low.0 as u16 + high.0 as u16).saturating_sub(3)
}

fn number(count: usize) -> u16 {
    u16::try_from(count).expect("bounded by PlantSpec")
}

#[cfg(test)]
mod tests;
