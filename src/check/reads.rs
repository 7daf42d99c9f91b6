//! Fresh reads: a read sees every write that was acknowledged before it was asked. With writes that
//! all commit in one order, that is what linearizability asks of reads (Herlihy & Wing 1990; Raft
//! thesis 6.4).
//!
//! A write counts as acknowledged from the moment on at which a replica knows it committed, whether
//! or not its client has heard: the first to know is a leader.

use super::{Checks, Findings, Observed, Property};
use crate::clock::Micros;
use crate::fact::fact;
use crate::protocol::command;
use crate::protocol::log::Index;
use crate::world::Answer;

/// A read that waits for its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    at: Micros,
    /// Where the last write stands that was known committed then.
    must_see: Index,
}

impl Checks {
    /// A client asks for a read.
    pub fn ask(&mut self, read: u32, at: Micros) {
        let last = self.committed.iter().rposition(|done| done.entry.command > 0);
        let must_see = last.map_or(0, |place| place as Index + 1);
        // They are numbered as they are asked.
        self.asked.push((read, Asked { at, must_see }));
    }

    /// It was answered. True if that missed a write; of one who ever lied nothing is expected.
    pub fn answer(
        &mut self,
        world: &impl Observed,
        answer: Answer,
        findings: &mut Findings,
    ) -> bool {
        let Answer { read, by, index } = answer;
        let place = self.asked.binary_search_by_key(&read, |(asked, _)| *asked);
        let Ok((_, asked)) = place.map(|place| self.asked.remove(place)) else { return false };
        let shown = world.shown(by);
        let must_see = &self.committed[..asked.must_see as usize];
        // Logs that agree in an entry agree in all before it, so the last one tells.
        let sees_all = must_see.len() <= index as usize
            && must_see.last().is_none_or(|last| shown.log.get(asked.must_see) == Some(last.entry));
        if sees_all || !shown.honest {
            return false;
        }
        let seen = must_see.iter().zip(shown.log.from(1, index as usize));
        let seen = seen.take_while(|(done, own)| done.entry == **own).count();
        let mut missed = must_see[seen..].iter().filter(|done| done.entry.command > 0);
        let Some(first) = missed.next() else { return false };
        let detail = fact!(
            "stale",
            by,
            place = self.protocol.place(shown.belief.epoch),
            read,
            at = asked.at,
            what = command(first.entry.command),
            more = missed.count(),
            writer = first.by,
            within = self.protocol.place(first.within),
        );
        findings.report(world, Property::FreshReads, detail);
        true
    }
}
