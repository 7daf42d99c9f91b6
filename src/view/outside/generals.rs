//! What the generals assume (Lamport, Shostak & Pease 1982), and whether it holds for the orders at
//! hand. A2 and A4 always do: a packet names its sender, and nobody signs for somebody else. What
//! breaks A1 is counted by [`Failures`], as section 6 counts it; so is who breaks A3 by a clock of
//! his own. A3 breaks for everybody if a message may take longer than a round.

use crate::clock::Micros;
use crate::fault::ReplicaSet;
use crate::network::LANES_MAX;
use crate::protocol::generals::Mode;
use crate::view::verb;
use crate::world::{Failures, World};

/// Why nothing is promised; `None` while the promise stands.
///
/// What is past counts for the orders at hand, or, once their rounds are over, for the last ones:
/// what was lost in a round is not made up for by healing. What fails now counts for the next order.
pub(in crate::view) fn sentence(world: &World) -> Option<String> {
    let (scenario, past, now) = (world.scenario(), world.failures(), &world.failures_now());
    let way = Micros(LANES_MAX as u64 * scenario.hop.0 + scenario.jitter.0);
    if way >= scenario.heartbeat {
        return Some(format!(
            "A3 is broken: a message may take {way}, and a round is over by then."
        ));
    }
    let failures = [past, now].into_iter().find(|failures| failures.are_too_many())?;
    let (generals, m) = (scenario.members.len(), scenario.tolerated());
    match scenario.protocol.generals()? {
        Mode::Oral => Some(oral(failures, generals, m)),
        Mode::Signed => signed(failures, m),
    }
}

/// "We can only guarantee that these algorithms will work in the presence of up to m failures, be
/// they processor or communication line failures."
fn oral(failures: &Failures, generals: usize, m: u8) -> String {
    let (fewest, withstood) = (failures.fewest(), failures.withstood());
    let what = match (failures.lines().count(), counted(fewest)) {
        (0, count) => format!("{count} ({})", who(failures)),
        (1, count) => format!("{count}, a failed line ({}) counted as one", who(failures)),
        (_, count) => format!("{count}, failed lines ({}) counted at one end each", who(failures)),
    };
    if withstood < m {
        format!(
            "{what}. OM({m}) takes {} generals to withstand {m}; with {generals} it withstands \
             {withstood}.",
            3 * m + 1
        )
    } else {
        format!("{what}, and this group is set up for {m}.")
    }
}

/// Theorem 4: the loyal must be near enough to each other.
fn signed(failures: &Failures, m: u8) -> Option<String> {
    let faulty = failures.faulty();
    if faulty.len() > m {
        let count = counted(faulty.len());
        return Some(format!("{count} ({}), and this group is set up for {m}.", who(failures)));
    }
    let (from, to, steps) = failures.apart()?;
    Some(match steps {
        None => format!("A1 is broken: no loyal general brings {to} what {from} says."),
        Some(steps) => format!(
            "A1 is broken: what {from} says takes {steps} steps to {to}, more than SM({m}) has \
             rounds for beside {}.",
            counted(faulty.len()).replace("fail", "who fail")
        ),
    })
}

fn counted(generals: u8) -> String {
    if generals == 1 { "1 general fails".to_owned() } else { format!("{generals} generals fail") }
}

/// `n3 lies, n4 stopped, n1 -> n2`.
fn who(failures: &Failures) -> String {
    let each = |set: ReplicaSet, one: &str, more: &str| {
        (!set.is_empty()).then(|| format!("{} {}", set.words(), verb(set, one, more)))
    };
    let stopped = ReplicaSet(failures.stopped.0 & !failures.traitors.0);
    let lines = failures.lines().take(3).map(|(from, to)| format!("{from} -> {to}"));
    let more = (failures.lines().count() > 3).then(|| "...".to_owned());
    let generals = [
        each(failures.traitors, "lies", "lie"),
        each(stopped, "stopped or lost the beat", "stopped or lost the beat"),
    ];
    let all = generals.into_iter().flatten().chain(lines).chain(more);
    all.collect::<Vec<_>>().join(", ")
}
