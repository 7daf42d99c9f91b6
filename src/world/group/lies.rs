//! What liars say instead of what their protocol says.

use std::sync::Arc;

use super::{EventKind, Group, Pending, Watch};
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::network::{Reason, Verdict};
use crate::protocol::Message;
use crate::traitor::{Instead, Said};

/// The lies of a run, counted in order; for finding out which of them matter, some are not told.
#[derive(Clone, Debug, Default)]
pub(super) struct Lies {
    pub(super) told: u32,
    /// By number and in order, those that are told, if it is not all; else the truth is.
    pub(super) only: Option<Arc<[u32]>>,
}

/// A lie on its way.
#[derive(Clone, Debug)]
pub(super) struct Lied {
    pub(super) number: u32,
    pub(super) truth: Instead,
    late: Micros,
    withheld: bool,
}

impl Lied {
    /// True if nothing is said.
    pub(super) const fn is_withheld(&self) -> bool {
        self.withheld
    }

    /// What becomes of a packet that would fare like that.
    pub(super) fn verdict(&self, honest: Verdict) -> Verdict {
        match honest {
            _ if self.withheld => {
                Verdict::Dropped { lanes: 0, reason: Reason::Withheld, after: Micros::ZERO }
            }
            Verdict::Delivered(after) => Verdict::Delivered(after + self.late),
            Verdict::Dropped { .. } => honest,
        }
    }
}

impl Group {
    /// Once a heartbeat a traitor may say something that nobody asked it for.
    #[cold]
    pub(super) fn make_mischief(
        &mut self,
        id: ReplicaId,
        sink: &mut Watch<'_>,
    ) -> Option<EventKind> {
        self.queue.push(self.now + self.scenario.group().heartbeat, Pending::Mischief(id));
        self.processes[id.index()].traitor.as_ref().filter(|_| self.listens(id))?;
        self.mix(9, u64::from(id.0), 0);
        for to in self.replicas().filter(|&to| to != id) {
            self.send_lies((id, to), None, sink);
        }
        Some(EventKind::Mischief(id))
    }

    /// The same for what no replica asked for.
    fn send_counted(
        &mut self,
        way: (ReplicaId, ReplicaId),
        message: &mut Message,
        lie: Option<&Lied>,
        sink: &mut Watch<'_>,
    ) {
        let entries = message.entries();
        self.send(way, (message, entries), lie, sink);
    }

    /// Sends what a traitor makes of `message`, or what it says of its own accord.
    #[cold]
    pub(super) fn send_lies(
        &mut self,
        (from, to): (ReplicaId, ReplicaId),
        message: Option<&Message>,
        sink: &mut Watch<'_>,
    ) {
        let Some(mut traitor) = self.processes[from.index()].traitor.take() else { return };
        let replica = &self.processes[from.index()].replica;
        for said in traitor.says(replica, (from, to), message) {
            self.send_said((from, to), said, sink);
        }
        self.processes[from.index()].traitor = Some(traitor);
    }

    /// Sends what a traitor says, unless it is a lie that is not to be told.
    fn send_said(&mut self, way: (ReplicaId, ReplicaId), said: Said, sink: &mut Watch<'_>) {
        let Said { mut message, late, withheld, lie } = said;
        let Some(truth) = lie else { return self.send_counted(way, &mut message, None, sink) };
        let number = self.lies.told;
        self.lies.told += 1;
        let only = self.lies.only.as_ref();
        let is_censored = only.is_some_and(|only| only.binary_search(&number).is_err());
        match truth {
            Instead::Nothing if is_censored => {}
            Instead::Said(mut truth) if is_censored => {
                self.send_counted(way, &mut truth, None, sink)
            }
            truth @ (Instead::Said(_) | Instead::Nothing) => {
                let lie = Lied { number, truth, late, withheld };
                self.send_counted(way, &mut message, Some(&lie), sink);
            }
        }
    }
}
