//! Clocks that run fast or slow.

use crate::fault::ReplicaId;
use crate::rng::Rng;
use crate::scenario::{Bounds, Group};

/// Sets some clocks wrong, in one group of ten; of chance of its own, which shifts no other.
pub(super) fn set_clocks(group: &mut Group) {
    let mut rng = Rng::new(group.seed ^ 0xc10c);
    if group.protocol.is_generals() || !rng.percent(10) {
        return;
    }
    let (least, most) = Bounds::CLOCK;
    for replica in (0..group.replicas()).map(ReplicaId) {
        if rng.percent(50) {
            let percent = u32::from(least) + rng.below(u32::from(most - least) + 1);
            group.clocks.push((replica, percent as u8));
        }
    }
}
