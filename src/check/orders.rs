//! Interactive consistency of generals (Lamport, Shostak & Pease 1982, section 1). "IC1. All loyal
//! lieutenants obey the same order. IC2. If the commanding general is loyal, then every loyal
//! lieutenant obeys the order he sends."
//!
//! Each condition is judged by itself, of every loyal lieutenant, when his last round is over and
//! he does something: also if he was told nothing, and so retreats. Loyal means not faulty while
//! the order was under way; who counts as faulty, [`Failures`] says.

use super::{Checks, Findings, Observed, Property, Seen};
use crate::fact::fact;
use crate::fault::{ReplicaId, order_name};
use crate::protocol::Command;
use crate::protocol::log::{Index, Log};
use crate::world::Failures;

/// Who gives the orders.
const COMMANDER: ReplicaId = ReplicaId(0);

/// What was made of an order: what the commander meant, and who did what.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    ordered: Option<Command>,
    obeyed: Vec<(ReplicaId, Command)>,
}

impl Checks {
    /// A general's log holds what he decided, by order; the commander's, what he ordered.
    pub(super) fn examine_orders(
        &mut self,
        world: &impl Observed,
        (id, log): (ReplicaId, &Log),
        (before, now): (Seen, Seen),
        findings: &mut Findings,
    ) {
        let Some(failures) = world.failures() else { return };
        let order = now.commit;
        let Some(entry) = log.get(order).filter(|_| order > before.commit) else { return };
        // The commander gives an order at the tick at which the one before it is decided.
        self.orders.retain(|(number, _)| number + 1 >= order);
        let known = self.orders.iter().position(|(number, _)| *number == order);
        let place = known.unwrap_or(self.orders.len());
        if known.is_none() {
            self.orders.push((order, Made::default()));
        }
        let made = &mut self.orders[place].1;
        if id == COMMANDER {
            made.ordered = Some(entry.command);
        } else if !failures.faulty().contains(id) {
            made.judge(world, failures, (id, order, entry.command), findings);
            made.obeyed.push((id, entry.command));
        }
    }
}

impl Made {
    /// What one lieutenant does, beside what the others do and what was ordered.
    fn judge(
        &self,
        world: &impl Observed,
        failures: &Failures,
        (id, order, command): (ReplicaId, Index, Command),
        findings: &mut Findings,
    ) {
        let own = order_name(command);
        let differs =
            |(other, done): (ReplicaId, Command)| done != command && failures.expects_of(other, id);
        if let Some(ordered) = self.ordered.filter(|&ordered| differs((COMMANDER, ordered))) {
            let (who, ordered) = (COMMANDER, order_name(ordered));
            let detail = fact!("disobeys", order, who, ordered, id, own);
            findings.report(world, Property::LoyalOrder, detail);
        }
        if let Some((other, done)) = self.obeyed.iter().copied().find(|&other| differs(other)) {
            let done = order_name(done);
            let detail = fact!("differ", order, other, done, id, own);
            findings.report(world, Property::SameOrder, detail);
        }
    }
}
