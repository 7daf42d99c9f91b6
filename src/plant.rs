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
//! This is the data centre of the Cloudflare post of 27 November 2020: two switches a rack, both
//! active, two supplies on different feeds, RAID 10.
//! Parts and lanes are numbered densely, so that everything about them is a vector by number.

use std::fmt;

use serde::Serialize;

/// How large a plant is. Bounds: [`PlantSpec::RACKS`], [`PlantSpec::SERVERS`],
/// [`PlantSpec::DISKS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlantSpec {
    /// Racks, numbered r1, r2, ….
    pub racks: u8,
    /// Servers in each rack, numbered s1, s2, ….
    pub servers: u8,
    /// Disks in each server, an even number: mirror pairs.
    pub disks: u8,
}

impl PlantSpec {
    /// The most racks.
    pub const RACKS: u8 = 9;
    /// The most servers in a rack.
    pub const SERVERS: u8 = 9;
    /// The most servers in all.
    pub const SERVERS_IN_ALL: u8 = 48;
    /// The most disks in a server.
    pub const DISKS: u8 = 8;
}

/// One half of every redundant pair: NIC a is cabled to ToR a, PDU a hangs on feed a.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

impl Side {
    /// Both sides, in order.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];
}

/// A server by its place, both counted from 0: `r1.s1` is `{ rack: 0, slot: 0 }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerAt {
    /// The rack.
    pub rack: u8,
    /// The place in the rack.
    pub slot: u8,
}

/// A piece of hardware that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A supply to the whole room: `feed-a`.
    Feed(Side),
    /// A strip that hands a feed out in one rack: `r1.pdu-a`.
    Pdu {
        /// The rack, from 0.
        rack: u8,
        /// The feed it hangs on.
        side: Side,
    },
    /// A switch that joins the racks: `spine-a`.
    Spine(Side),
    /// A top-of-rack switch: `r1.tor-a`.
    Tor {
        /// The rack, from 0.
        rack: u8,
        /// Which of the pair.
        side: Side,
    },
    /// A server: `r1.s1`.
    Server(ServerAt),
    /// A disk of a server, from 0: `r1.s1.d1`.
    Disk {
        /// The server it is in.
        server: ServerAt,
        /// Its number, from 0; 2k and 2k+1 mirror each other.
        disk: u8,
    },
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::A => "a",
            Self::B => "b",
        })
    }
}

impl fmt::Display for ServerAt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "r{}.s{}", self.rack + 1, self.slot + 1)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feed(side) => write!(formatter, "feed-{side}"),
            Self::Pdu { rack, side } => write!(formatter, "r{}.pdu-{side}", rack + 1),
            Self::Spine(side) => write!(formatter, "spine-{side}"),
            Self::Tor { rack, side } => write!(formatter, "r{}.tor-{side}", rack + 1),
            Self::Server(server) => write!(formatter, "{server}"),
            Self::Disk { server, disk } => write!(formatter, "{server}.d{}", disk + 1),
        }
    }
}

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
}

impl Plant {
    /// Builds the plant of that size: parts in the order feeds, PDUs, spines, ToRs, servers, disks.
    pub fn new(spec: PlantSpec) -> Self {
        let mut plant = Self { spec, parts: Vec::new(), lanes: Vec::new() };
        plant.parts.extend(Side::BOTH.map(Part::Feed));
        for rack in 0..spec.racks {
            plant.parts.extend(Side::BOTH.map(|side| Part::Pdu { rack, side }));
        }
        plant.parts.extend(Side::BOTH.map(Part::Spine));
        for rack in 0..spec.racks {
            plant.parts.extend(Side::BOTH.map(|side| Part::Tor { rack, side }));
        }
        plant.parts.extend(plant.servers().map(Part::Server).collect::<Vec<_>>());
        for server in plant.servers().collect::<Vec<_>>() {
            plant.parts.extend((0..spec.disks).map(|disk| Part::Disk { server, disk }));
        }
        plant.lay_cables();
        plant
    }

    fn lay_cables(&mut self) {
        let mut cables = Vec::new();
        for server in self.servers() {
            for side in Side::BOTH {
                cables.push((Part::Server(server), Part::Tor { rack: server.rack, side }));
            }
        }
        for rack in 0..self.spec.racks {
            for side in Side::BOTH {
                for spine in Side::BOTH {
                    cables.push((Part::Tor { rack, side }, Part::Spine(spine)));
                }
            }
        }
        for (lower, upper) in cables {
            let (lower, upper) = (self.expect(lower), self.expect(upper));
            self.lanes.push(Lane { from: lower, to: upper });
            self.lanes.push(Lane { from: upper, to: lower });
        }
    }

    /// All servers, rack by rack.
    pub fn servers(&self) -> impl Iterator<Item = ServerAt> + use<> {
        let spec = self.spec;
        (0..spec.racks)
            .flat_map(move |rack| (0..spec.servers).map(move |slot| ServerAt { rack, slot }))
    }

    /// All parts, by number.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// All lanes, by number; lane 2k and 2k+1 are the two directions of one cable.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// The number of a part, if the plant has it.
    pub fn id(&self, part: Part) -> Option<PartId> {
        let place = self.parts.iter().position(|&other| other == part)?;
        u16::try_from(place).ok().map(PartId)
    }

    /// The number of a part that the plant is known to have.
    pub fn expect(&self, part: Part) -> PartId {
        self.id(part).unwrap_or_else(|| panic!("{part} is not in a plant of {:?}", self.spec))
    }

    /// The part of that number.
    pub fn part(&self, id: PartId) -> Part {
        self.parts[usize::from(id.0)]
    }

    /// The lane from one part straight to another, if a cable joins them.
    pub fn lane(&self, from: PartId, to: PartId) -> Option<LaneId> {
        let place = self.lanes.iter().position(|lane| lane.from == from && lane.to == to)?;
        u16::try_from(place).ok().map(LaneId)
    }

    /// "r1.s1 -> r1.tor-a".
    pub fn lane_name(&self, id: LaneId) -> String {
        let lane = self.lanes[usize::from(id.0)];
        format!("{} -> {}", self.part(lane.from), self.part(lane.to))
    }
}
