//! Clients who come at a rate, and databases.

use super::shuffled;
use crate::clock::Micros;
use crate::plant::Plant;
use crate::rng::Rng;
use crate::scenario::{Clients, Database, DatabaseCluster, Order, Scenario};

/// Lets clients come at a rate in place of one who writes, in one group of ten, now and then more
/// than what serves them can bear; of chance of its own, which shifts no other.
pub(super) fn ask(scenario: &mut Scenario) {
    stand(scenario);
    let group = scenario.group_mut();
    let rng = &mut Rng::new(group.seed ^ 0xc11e);
    if group.write_every.is_none()
        || !group.databases.is_empty()
        || group.protocol.decides_once()
        || !rng.percent(10)
    {
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

/// Database clusters on any servers, in one group of ten that is written to; of chance of its own.
fn stand(scenario: &mut Scenario) {
    let rng = &mut Rng::new(scenario.group().seed ^ 0xdb);
    let servers: Vec<_> = Plant::new(scenario.plant).servers().collect();
    if scenario.group().write_every.is_none() || servers.len() < 2 || !rng.percent(10) {
        return;
    }
    let some_ms = |rng: &mut Rng, most| Micros::from_millis(u64::from(rng.below(most)));
    for number in 0..1 + rng.below(3) {
        let most = u32::try_from(servers.len().min(5)).expect("at most 5");
        let members = 2 + rng.below(most - 1);
        let reads = [1 + rng.below(500), 1 + rng.below(300)];
        let one = DatabaseCluster {
            name: format!("d{number}"),
            members: shuffled(rng, servers.clone(), members as usize),
            lease: Micros::from_secs(1) + some_ms(rng, 10_000),
            promote: if rng.percent(50) { some_ms(rng, 5_000) } else { Micros::ZERO },
            rebuild: some_ms(rng, 30_000),
            rebuilds_all: rng.percent(50),
            reads: rng.percent(70).then_some(reads),
        };
        scenario.group_mut().databases.push(one);
    }
}
