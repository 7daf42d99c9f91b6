//! The plant as format 1 numbers it: frozen, whatever plants become.

use crate::plant::{Part, PlantSpec, ServerAt, Side, Site};

/// The most racks.
pub(super) const RACKS: u8 = 9;
/// The most servers in a rack.
pub(super) const SERVERS: u8 = 9;
/// The most servers in all.
pub(super) const SERVERS_IN_ALL: u8 = 48;
/// The most disks in a server.
pub(super) const DISKS: u8 = 8;

/// True if there is a number for it.
#[cfg(test)]
pub(super) fn knows(spec: PlantSpec) -> bool {
    let PlantSpec { racks, servers, disks, .. } = spec;
    spec == PlantSpec::new(racks, servers, disks)
        && racks <= RACKS
        && servers <= SERVERS
        && disks <= DISKS
        && racks * servers <= SERVERS_IN_ALL
}

/// Every part and lane that a link can name, by number.
pub(super) struct FrozenPlant {
    pub(super) spec: PlantSpec,
    pub(super) parts: Vec<Part>,
    /// From one part to another.
    pub(super) lanes: Vec<(Part, Part)>,
}

impl FrozenPlant {
    /// Parts in the order feeds, PDUs, spines, ToRs, servers, disks; lanes those of servers, then
    /// those of ToRs, in pairs.
    pub(super) fn new(spec: PlantSpec) -> Self {
        let site = Site::ONLY;
        let racks = || (0..spec.racks).flat_map(|rack| Side::BOTH.map(|side| (rack, side)));
        let servers = (0..u32::from(spec.racks) * u32::from(spec.servers))
            .map(|number| server_of(number, spec).expect("within its bounds"));
        let servers: Vec<_> = servers.collect();
        let mut parts = Side::BOTH.map(|side| Part::Feed { site, side }).to_vec();
        parts.extend(racks().map(|(rack, side)| Part::Pdu { rack, side }));
        parts.extend(Side::BOTH.map(|side| Part::Spine { site, side }));
        parts.extend(racks().map(|(rack, side)| Part::Tor { rack, side }));
        parts.extend(servers.iter().copied().map(Part::Server));
        for &server in &servers {
            parts.extend((0..spec.disks).map(|disk| Part::Disk { server, disk }));
        }
        let mut lanes = Vec::new();
        let mut lay = |lower, upper| lanes.extend([(lower, upper), (upper, lower)]);
        for &server in &servers {
            for side in Side::BOTH {
                lay(Part::Server(server), Part::Tor { rack: server.rack, side });
            }
        }
        for (rack, side) in racks() {
            for spine in Side::BOTH {
                lay(Part::Tor { rack, side }, Part::Spine { site, side: spine });
            }
        }
        Self { spec, parts, lanes }
    }

    /// The number of a part.
    pub(super) fn part_number(&self, part: Part) -> u32 {
        place(&self.parts, &part)
    }

    /// The number of a lane.
    pub(super) fn lane_number(&self, from: Part, to: Part) -> u32 {
        place(&self.lanes, &(from, to))
    }
}

fn place<T: PartialEq>(all: &[T], one: &T) -> u32 {
    let place = all.iter().position(|other| other == one);
    u32::try_from(place.expect("format 1 knows it")).expect("a plant is small")
}

/// Servers rack by rack.
pub(super) fn server_number(server: ServerAt, plant: PlantSpec) -> u32 {
    u32::from(server.rack) * u32::from(plant.servers) + u32::from(server.slot)
}

/// The server of that number.
pub(super) fn server_of(number: u32, plant: PlantSpec) -> Option<ServerAt> {
    let servers = u32::from(plant.servers);
    let (rack, slot) = (number / servers, number % servers);
    Some(ServerAt { rack: u8::try_from(rack).ok()?, slot: u8::try_from(slot).ok()? })
}

/// The spines, then the ToRs rack by rack.
pub(super) fn switch_number(part: Part) -> u32 {
    match part {
        Part::Spine { side, .. } => side as u32,
        Part::Tor { rack, side } => 2 + 2 * u32::from(rack) + side as u32,
        Part::Feed { .. }
        | Part::Pdu { .. }
        | Part::Server(_)
        | Part::Disk { .. }
        | Part::Nic { .. }
        | Part::Psu { .. }
        | Part::Generator { .. }
        | Part::Ups { .. }
        | Part::Ats { .. }
        | Part::Breaker { .. }
        | Part::Site(_)
        | Part::Wan { .. } => {
            panic!("a valid scenario grays switches, not {part}")
        }
    }
}

/// The switch of that number.
pub(super) fn switch_of(number: u32) -> Option<Part> {
    let side = if number.is_multiple_of(2) { Side::A } else { Side::B };
    let Some(above) = number.checked_sub(2) else {
        return Some(Part::Spine { site: Site::ONLY, side });
    };
    Some(Part::Tor { rack: u8::try_from(above / 2).ok()?, side })
}
