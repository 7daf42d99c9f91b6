//! What the generals assume (Lamport, Shostak & Pease 1982), and whether it holds for the orders at
//! hand. A2 and A4 always do: a packet names its sender, and nobody signs for somebody else. What
//! breaks A1 is counted by [`Failures`], as section 6 counts it; so is who breaks A3 by a clock of
//! his own. A3 breaks for everybody if a message may take longer than a round.

use crate::fact::{Fact, fact};
use crate::fault::ReplicaSet;
use crate::protocol::generals::Mode;
use crate::world::{Failures, Group};

/// Why nothing is promised; `None` while the promise stands.
///
/// What is past counts for the orders at hand, or, once their rounds are over, for the last ones:
/// what was lost in a round is not made up for by healing. What fails now counts for the next order.
pub(in crate::view) fn fact(world: &Group) -> Option<Fact> {
    let (scenario, past, now) = (world.scenario(), world.failures(), &world.failures_now());
    let way = scenario.plant.longest_travel(scenario.hop) + scenario.jitter;
    if way >= scenario.group().heartbeat {
        return Some(fact!("slow", way));
    }
    let failures = [past, now].into_iter().find(|failures| failures.are_too_many())?;
    let (generals, m) = (scenario.group().members.len(), scenario.group().tolerated());
    match scenario.group().protocol.generals()? {
        Mode::Oral => Some(oral(failures, generals, m)),
        Mode::Signed => signed(failures, m),
    }
}

/// "We can only guarantee that these algorithms will work in the presence of up to m failures, be
/// they processor or communication line failures."
fn oral(failures: &Failures, generals: usize, m: u8) -> Fact {
    let (fewest, withstood) = (failures.fewest(), failures.withstood());
    let kind = match failures.lines().count() {
        0 => "generals",
        1 => "generals-and-a-line",
        _ => "generals-and-lines",
    };
    let fact = |told| Fact::plain(told).with("what", failed(kind, failures, fewest)).with("m", m);
    if withstood < m {
        let short = fact("oral").with("needed", 3 * m + 1).with("generals", generals);
        short.with("withstood", withstood)
    } else {
        fact("too-many-generals")
    }
}

/// Theorem 4: the loyal must be near enough to each other.
fn signed(failures: &Failures, m: u8) -> Option<Fact> {
    let faulty = failures.faulty().len();
    if faulty > m {
        let what = failed("generals", failures, faulty);
        return Some(fact!("too-many-generals", what, m));
    }
    let (from, to, steps) = failures.apart()?;
    let fact = Fact::plain(if steps.is_none() { "apart" } else { "far" });
    let fact = fact.with("from", from.to_string()).with("to", to.to_string());
    Some(match steps {
        None => fact,
        Some(steps) => fact.with("steps", steps).with("m", m).with("faulty", faulty),
    })
}

/// "2 generals fail (n3 lies, n4 stopped)", in the room `failed`.
fn failed(kind: &'static str, failures: &Failures, count: u8) -> Fact {
    Fact::plain(kind).with("count", count).with("who", who(failures))
}

/// `n3 lies, n4 stopped, n1 -> n2`.
fn who(failures: &Failures) -> Vec<Fact> {
    let each = |kind, set: ReplicaSet| {
        (!set.is_empty()).then(|| Fact::plain(kind).with("who", set.names()))
    };
    let stopped = ReplicaSet(failures.stopped.0 & !failures.traitors.0);
    let lines = failures
        .lines()
        .take(3)
        .map(|(from, to)| fact!("line", from = from.to_string(), to = to.to_string()));
    let more = (failures.lines().count() > 3).then(|| "more".into());
    let generals = [each("lie", failures.traitors), each("off-beat", stopped)];
    generals.into_iter().flatten().chain(lines).chain(more).collect()
}
