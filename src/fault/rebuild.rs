//! Disks that were replaced, and are rebuilt from their mirrors for a time: `rebuild 30s`.
//!
//! Until a rebuild ends the mirror is the only one of the pair that has the data. It goes on
//! whatever the server's processes do, and waits while the server has no power.

use crate::clock::Micros;
use crate::plant::{Part, PartId, Plant};

/// A disk that is being rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuild {
    /// The disk.
    pub disk: PartId,
    /// Its mirror, which has the data.
    pub source: PartId,
    /// Their server.
    pub server: PartId,
    /// Since when it goes on without a break; never, while the server has no power.
    pub since: Micros,
    /// How long it still took then, or takes when there is power again.
    left: Micros,
}

impl Rebuild {
    /// Of a disk that is replaced now, in a plant where that takes time; of other parts none.
    pub(super) fn of(plant: &Plant, part: Part, now: Micros) -> Option<Self> {
        let Part::Disk { server, disk } = part else { return None };
        let source = plant.expect(Part::Disk { server, disk: disk ^ 1 });
        let (disk, server) = (plant.expect(part), plant.expect(Part::Server(server)));
        Some(Self { disk, source, server, since: now, left: plant.spec.rebuild? })
    }

    /// When it ends; never, while the server has no power.
    pub fn ends(&self) -> Micros {
        if self.since == Micros::NEVER { Micros::NEVER } else { self.since + self.left }
    }

    /// How long it still takes at that time.
    pub fn left(&self, now: Micros) -> Micros {
        if self.since == Micros::NEVER { self.left } else { self.ends().since(now) }
    }

    /// Its server has power, or has none.
    pub(super) fn follow_power(&mut self, has_power: bool, now: Micros) {
        if has_power != (self.since < Micros::NEVER) {
            self.left = self.left(now);
            self.since = if has_power { now } else { Micros::NEVER };
        }
    }
}
