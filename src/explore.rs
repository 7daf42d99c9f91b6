//! Which lies it takes: the smallest set of them that still breaks a property.
//!
//! A traitor tells many lies, and few of them matter. The run is played again and again with fewer
//! of them, the truth told in the place of the others, for as long as the same property breaks
//! (delta debugging: Zeller & Hildebrandt 2002, reduction to complements). What is left is minimal:
//! without any one of them the property holds. The lies are numbered in the order in which they
//! would be told; a run that has taken another course may number others so, and what counts is only
//! that these numbers break it.

use std::sync::Arc;

use crate::check::{Property, Violation};
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::network::{Network, Verdict};
use crate::run::Run;
use crate::scenario::Scenario;
use crate::traitor::Instead;
use crate::world::{Packet, Sink, World};

/// Events that the search may simulate in all: about a second.
const EVENTS_MAX: u64 = 4_000_000;

/// A lie that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lie {
    /// When.
    pub at: Micros,
    /// By whom.
    pub from: ReplicaId,
    /// To whom.
    pub to: ReplicaId,
    /// What was said.
    pub words: String,
    /// What an honest replica would have said; `None` if nothing.
    pub truth: Option<String>,
    /// True if it was not said at all.
    pub withheld: bool,
}

/// The smallest set of lies, in order, for which that property breaks by the time at which it did;
/// empty if it breaks without any. If the search takes too long, the smallest found so far.
pub fn lies_that_break(scenario: &Arc<Scenario>, violation: &Violation) -> Vec<Lie> {
    let mut trial = Trial {
        scenario,
        property: violation.property,
        until: violation.at,
        events_left: EVENTS_MAX,
    };
    let mut kept: Vec<u32> = (0..trial.count()).collect();
    if kept.is_empty() || trial.breaks(&[]) {
        return Vec::new();
    }
    let mut size = kept.len().div_ceil(2);
    loop {
        let mut from = 0;
        while from < kept.len() && trial.events_left > 0 {
            let to = kept.len().min(from + size);
            let fewer = [&kept[..from], &kept[to..]].concat();
            if trial.breaks(&fewer) {
                kept = fewer;
            } else {
                from = to;
            }
        }
        if size == 1 || trial.events_left == 0 {
            return trial.tell(kept);
        }
        size = size.div_ceil(2);
    }
}

/// One run after the other, with fewer lies.
struct Trial<'a> {
    scenario: &'a Arc<Scenario>,
    property: Property,
    until: Micros,
    events_left: u64,
}

impl Trial<'_> {
    /// How many lies there are to choose from.
    fn count(&self) -> u32 {
        let mut world = World::new(Arc::clone(self.scenario));
        while world.step_by(self.until, &mut ()).is_some() {}
        world.lies_told()
    }

    /// True if the property breaks when only the lies of these numbers are told.
    fn breaks(&mut self, lies: &[u32]) -> bool {
        let (mut run, mut history) = Run::new(Arc::clone(self.scenario));
        run.tell_only(lies.into());
        let mut seen = 0;
        while let Some(event) = run.step(&mut history) {
            self.events_left = self.events_left.saturating_sub(1);
            if history.violations[seen..].iter().any(|found| found.property == self.property) {
                return true;
            }
            seen = history.violations.len();
            if event.at > self.until || self.events_left == 0 {
                return false;
            }
        }
        false
    }

    /// The lies of these numbers, as they are told.
    fn tell(&self, lies: Vec<u32>) -> Vec<Lie> {
        let mut world = World::new(Arc::clone(self.scenario));
        world.tell_only(lies.into());
        let mut told = Told(Vec::new());
        while world.step_by(self.until, &mut told).is_some() {}
        told.0
    }
}

/// Writes down what is no truth.
struct Told(Vec<Lie>);

impl Sink for Told {
    fn packet(&mut self, packet: Packet<'_>, _network: &Network) {
        let Some((_, truth)) = packet.lie else { return };
        let truth = match truth {
            Instead::Said(message) => Some(message.to_string()),
            Instead::Nothing => None,
        };
        let withheld = matches!(packet.verdict, Verdict::Dropped { lanes: 0, .. });
        let Packet { from, to, sent: at, message, .. } = packet;
        self.0.push(Lie { at, from, to, words: message.to_string(), truth, withheld });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run;
    use crate::scenario::text::parse;

    /// Two candidates in one term, and a voter that votes for whoever asks.
    const TWO_FACED: &str = r#"
        halflink 1
        title   "Two leaders"
        plant   3 racks of 1 server, 2 disks each
        cluster etcd: raft on r1.s1 r2.s1 r3.s1
        timing  heartbeat 100ms, election 10s..20s
        seed    1
        write   every 300ms
        at 0s   elect n3
        at 1s   cut n1 <-> n2
        at 1s   traitor n3 double-vote to n1 n2
        at 2s   elect n1
        at 2s   elect n2
        run     10s
    "#;

    #[test]
    fn one_lie_makes_two_leaders() {
        let scenario = Arc::new(parse(TWO_FACED).expect("it is right"));
        let (_, history) = run::to_end(Arc::clone(&scenario));
        let first = history.violations.first().expect("two lead one term");
        assert_eq!(first.property, Property::ElectionSafety, "{first:?}");
        let lies = lies_that_break(&scenario, first);
        assert_eq!(lies.len(), 1, "{lies:?}");
        assert_eq!(lies[0].from, ReplicaId(2));
        assert!(lies[0].truth.is_some() && !lies[0].withheld, "{lies:?}");
    }

    #[test]
    fn what_breaks_without_lies_takes_none() {
        // The voter forgets its vote between the two elections; that it also lies changes nothing.
        let forgets = "at 2010ms wipe r3.s1\nat 2020ms elect n2";
        let text = TWO_FACED.replace("at 2s   elect n2", forgets);
        let text = text.replace("double-vote to n1 n2", "delay 1ms to n1");
        let scenario = Arc::new(parse(&text).expect("it is right"));
        let (run, history) = run::to_end(Arc::clone(&scenario));
        let first = history.violations.first().expect("two lead one term");
        assert_eq!(first.property, Property::ElectionSafety, "{first:?}");
        assert!(run.world().lies_told() > 0);
        assert_eq!(lies_that_break(&scenario, first), []);
    }
}
