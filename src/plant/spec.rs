//! How large a plant is.

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
    pub const RACKS: u8 = 12;
    /// The most servers in a rack.
    pub const SERVERS: u8 = 12;
    /// The most disks in a server.
    pub const DISKS: u8 = 12;

    /// So many racks of so many servers with so many disks each.
    pub const fn new(racks: u8, servers: u8, disks: u8) -> Self {
        Self { racks, servers, disks }
    }
}
