//! What a leader knows of a follower's log, and how freely it sends to it.
//!
//! A leader that knows where a follower's log ends sends what is new at once and takes it for
//! received (etcd's `StateReplicate`). A refusal says that it does not know, and then it *probes*:
//! one AppendEntries, and the next one when that is answered, or after the next sign of life. So a
//! refusal never begins more than one chain of messages, whatever overtakes what, and a refusal
//! that is not of the last probe is an old one and means nothing (etcd's `MaybeDecrTo`).
//!
//! **A follower that lost its disk** refuses what it had acknowledged. In figure 2 of the paper
//! nothing keeps nextIndex above matchIndex: "after a rejection, the leader decrements nextIndex
//! and retries" (5.3), so the follower is sent all that it lost. etcd's library holds such a
//! refusal for an old one (`rejected <= pr.Match`) and never goes below what was acknowledged; the
//! follower dies of the next heartbeat: see `raft/stop.rs`.
//!
//! What is sent only because something was answered is bounded, too: a follower may be a liar that
//! says everything twice, and where each answer earns an answer nothing would end. etcd bounds what
//! is in flight (`MaxInflightMsgs`, 256 in most configurations); here it is what one heartbeat
//! allows.
//!
//! One thing is not as in etcd: when a probe at the last acknowledged index is refused, the library
//! sends the very same probe again at once, until a heartbeat ends the follower. Here it waits for
//! the heartbeat.

use std::hash::{Hash, Hasher};

use crate::protocol::log::Index;

/// The most AppendEntries that a leader sends one follower between two signs of life because of
/// what that follower answered.
const ANSWERS_MAX: u16 = 256;

/// How a leader sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Flow {
    /// What is new, at once.
    Replicate,
    /// One message at a time.
    Probe {
        /// True while the last one is not answered.
        waits: bool,
    },
}

/// What a leader knows of a follower's log (paper figure 2, "volatile state on leaders").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Progress {
    /// The highest index known to be replicated.
    pub(super) matched: Index,
    /// The next index to send.
    pub(super) next: Index,
    flow: Flow,
    /// How many answers may still be answered before the next sign of life.
    answers: Allowance,
}

/// What is left of [`ANSWERS_MAX`]. Two replicas that differ in nothing else are the same one: else
/// a search of all states would count how often a message came twice, and 256 are never used up in
/// it.
#[derive(Clone, Copy, Debug)]
struct Allowance(u16);

impl PartialEq for Allowance {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Allowance {}

impl Hash for Allowance {
    fn hash<H: Hasher>(&self, _hasher: &mut H) {}
}

impl Progress {
    /// Of a follower of a new leader, which begins with a probe (etcd) or full of hope (thesis
    /// 10.2.1: pipelining).
    pub(super) const fn new(next: Index, probes: bool) -> Self {
        let flow = if probes { Flow::Probe { waits: false } } else { Flow::Replicate };
        Self { matched: 0, next, flow, answers: Allowance(ANSWERS_MAX) }
    }

    /// True if nothing but signs of life is sent now.
    #[inline]
    pub(super) const fn is_paused(&self) -> bool {
        matches!(self.flow, Flow::Probe { waits: true })
    }

    /// So many entries were sent.
    #[inline]
    pub(super) fn sent(&mut self, entries: Index) {
        match self.flow {
            Flow::Replicate => self.next += entries,
            Flow::Probe { .. } => self.flow = Flow::Probe { waits: true },
        }
    }

    /// A sign of life is due: answers are answered again.
    #[inline]
    pub(super) const fn renew(&mut self) {
        self.answers = Allowance(ANSWERS_MAX);
    }

    /// The follower heard a sign of life: the last probe may be lost (etcd).
    #[inline]
    pub(super) fn resume(&mut self) {
        if self.is_paused() {
            self.flow = Flow::Probe { waits: false };
        }
    }

    /// True if one more answer may be answered.
    #[inline]
    pub(super) const fn may_answer(&mut self) -> bool {
        let left = self.answers.0;
        self.answers = Allowance(left.saturating_sub(1));
        left > 0
    }

    /// The follower has all up to `index`, it says; the leader itself has all up to `last`. True if
    /// that is news.
    ///
    /// As etcd's, a leader that trusts takes an index beyond its own log for what it is, though
    /// nobody has that who does not lie or follow a leader that should never have been.
    #[inline(always)]
    pub(super) fn acknowledged(&mut self, index: Index, last: Index, trusts: bool) -> bool {
        let known = index.min(last);
        let index = if trusts { index } else { known };
        let grown = index > self.matched;
        self.matched = self.matched.max(index);
        match self.flow {
            Flow::Replicate => self.next = self.next.max(known + 1),
            // etcd's `BecomeReplicate`.
            Flow::Probe { .. } if trusts && grown => {
                (self.flow, self.next) = (Flow::Replicate, known + 1);
            }
            Flow::Probe { .. } if !trusts && known + 1 >= self.next => {
                (self.flow, self.next) = (Flow::Replicate, known + 1);
            }
            // It answers something older than the probe.
            Flow::Probe { .. } => {}
        }
        grown
    }

    /// The follower refuses what follows `refused`, and has at most what is up to `hint` in common
    /// with the leader, it says. True if the leader tries again, from a lower place.
    #[inline]
    pub(super) fn refused(&mut self, refused: Index, hint: Index, trusts: bool) -> bool {
        let is_old = match self.flow {
            Flow::Replicate if trusts => refused <= self.matched,
            Flow::Replicate => refused >= self.next,
            Flow::Probe { .. } => refused + 1 != self.next,
        };
        if is_old || refused == 0 {
            return false;
        }
        let floor = if trusts { self.matched.min(self.next - 1) + 1 } else { 1 };
        let lower = match self.flow {
            Flow::Replicate if trusts => floor,
            Flow::Replicate | Flow::Probe { .. } => refused.min(hint + 1).max(floor),
        };
        let waits = lower == self.next;
        (self.flow, self.next) = (Flow::Probe { waits }, lower);
        !waits
    }
}
