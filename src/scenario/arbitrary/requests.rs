//! Clients who come at a rate.

use crate::clock::Micros;
use crate::rng::Rng;
use crate::scenario::{Clients, Database, Group, Order};

/// Lets clients come at a rate in place of one who writes, in one group of ten, now and then more
/// than what serves them can bear; of chance of its own, which shifts no other.
pub(super) fn ask(group: &mut Group) {
    let rng = &mut Rng::new(group.seed ^ 0xc11e);
    if group.write_every.is_none() || group.protocol.decides_once() || !rng.percent(10) {
        return;
    }
    (group.write_every, group.patience) = (None, None);
    let some_ms = |rng: &mut Rng, most| Micros::from_millis(u64::from(1 + rng.below(most)));
    let per_second = 1 + rng.below(20);
    let retries = if rng.percent(50) { 1 + rng.below(3) } else { 0 };
    let order = if rng.percent(50) { Order::Fifo } else { Order::Lifo };
    let database = Database { per_second: 1 + rng.below(30), queue: 1 + rng.below(60), order };
    group.clients = Some(Clients {
        per_second,
        timeout: some_ms(rng, 2000),
        retries,
        after: if retries > 0 { some_ms(rng, 2000) } else { Micros::ZERO },
        database: rng.percent(70).then_some(database),
    });
}
