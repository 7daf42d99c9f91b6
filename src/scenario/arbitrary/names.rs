//! Random names: some that begin as words of the language do, some of other scripts.

use crate::fault::ReplicaId;
use crate::rng::Rng;
use crate::scenario::Scenario;

/// Some servers and replicas have names. With chance of its own.
pub(super) fn give_names(scenario: &mut Scenario) {
    const NAMES: [&str; 6] = ["east-", "Alice_", "伺服器", "é", "resume-", "n1-"];
    let rng = &mut Rng::new(scenario.group().seed ^ 0x4a3e_0000);
    if !rng.percent(25) {
        return;
    }
    let named = |rng: &mut Rng, number: usize| {
        rng.percent(60).then(|| format!("{}{number}", NAMES[rng.below(6) as usize]))
    };
    for (number, server) in scenario.plant.each_server().enumerate() {
        scenario.server_names.extend(named(rng, number).map(|name| (server, name)));
    }
    for id in (0..scenario.group().replicas()).map(ReplicaId) {
        let name = named(rng, 200 + id.index());
        scenario.group_mut().names.extend(name.map(|name| (id, name)));
    }
}
