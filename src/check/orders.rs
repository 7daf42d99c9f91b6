//! Interactive consistency of generals: IC1 and IC2 of Lamport, Shostak & Pease (1982), section 1.

use super::{Checks, Committed, Findings, Observed, Property, Seen};
use crate::fault::{ReplicaId, order_name};
use crate::protocol::log::Log;

/// Who gives the orders.
const COMMANDER: ReplicaId = ReplicaId(0);

impl Checks {
    /// A general's log holds what he decided, by order; the commander's, what he ordered.
    pub(super) fn examine_orders(
        &mut self,
        world: &impl Observed,
        (id, log): (ReplicaId, &Log),
        (before, now): (Seen, Seen),
        findings: &mut Findings,
    ) {
        // A general who stops has failed his army, and nothing is promised of him.
        if self.stopped.contains(id) {
            return;
        }
        for index in before.commit + 1..=now.commit {
            let entry = log.get(index).expect("a decision stays in the log");
            let Some(&first) = self.committed.get(index as usize - 1) else {
                self.committed.push(Committed::new(entry, now.belief.epoch, id));
                continue;
            };
            if first.entry.command == entry.command {
                continue;
            }
            let (property, did) = if first.by == COMMANDER {
                (Property::LoyalOrder, "ordered")
            } else {
                (Property::SameOrder, "decided")
            };
            let (by, other) = (first.by, order_name(first.entry.command));
            let own = order_name(entry.command);
            let detail = format!("order {index}: {by} {did} {other}, {id} does {own}");
            findings.report(world, property, detail);
        }
    }
}
