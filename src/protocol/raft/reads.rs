//! Reads that a leader answers out of its own log (paper 8; thesis 6.4), in one of three ways.
//!
//! - **Local**: at once. A leader that nobody follows any more does not know it, and tells what
//!   was.
//! - **Quorum** (thesis 6.4; etcd's `ReadOnlySafe`): the leader notes its commit index, and answers
//!   when a majority has heard a round of signs of life that began after the read. Then nobody led
//!   a newer term when the read was asked. As in etcd a round says which it is, later signs of life
//!   repeat its number until it is heard, and who heard a later one heard it too (`read_only.go`).
//! - **Lease** (thesis 6.4.1): a round that a majority heard is also a lease, from when the round
//!   began for the shortest election timeout of the group, and while it lasts the leader answers at
//!   once. Without one it asks a quorum. etcd's `ReadOnlyLeaseBased` answers as long as it leads.
//!
//! Either of the last two waits until an entry of the leader's own term is committed: before that,
//! it may not know what is (thesis 6.4; etcd postpones such reads, too).
//!
//! What a lease stands on. The thesis divides it by a bound on clock drift; the clocks of a
//! simulation do not drift, and nothing is divided. A disruptive candidate must not win while it
//! runs, so voters must keep to the leader that they heard
//! ([`Rules::voters_keep_leases`](super::Rules)); the paper's figure 2 has no such rule, and there
//! a lease is no protection. A promise outlives the voter's process, whose memory does not: one
//! that was in any term waits for as long before it votes again (cockroachdb/cockroach#230 names
//! the same duty). A handover is what voters do not refuse: from TimeoutNow on its sender has no
//! lease in that term, whenever the message may arrive (thesis 6.4.1; etcd keeps reading:
//! etcd-io/raft#99). An operator's `elect` is a timer that runs out early, against which no lease
//! holds.
//!
//! etcd's lease is longer than that of the thesis: a leader with check-quorum steps down up to two
//! election timeouts after a majority last heard it, its voters wait for one (etcd-io/raft#166).
//!
//! A replica has no clock, so a lease is a timer: the one in force and the one that the next round
//! may put in its place. A follower's timers of these names have nothing to do while it leads.

use super::{Effects, Message, Raft, State};
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::protocol::log::Index;
use crate::protocol::raft::timer;
use crate::protocol::{Effect, Mutant, ReadMode, Timer};

/// A read that waits for its round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Noted {
    read: u32,
    /// What was committed when it was asked.
    index: Index,
    /// The round that began with it.
    round: u32,
}

/// A round that will be a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Renewal {
    round: u32,
    /// Runs from when the round began.
    timer: Timer,
}

/// What a replica keeps for its clients' reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reads {
    by: ReadMode,
    /// The shortest election timeout of the group: as long as a lease lasts.
    patience: Micros,
    /// As a voter: it elects nobody else while [`timer::PROMISE`] runs.
    promised: bool,
    /// As a leader: the last round that began in this term.
    round: u32,
    /// By replica, the last round it is known to have heard.
    heard: Vec<u32>,
    /// Reads that wait until an entry of this term is committed.
    postponed: Vec<u32>,
    /// Reads that wait for their rounds, in order.
    noted: Vec<Noted>,
    /// The lease that it holds ends with that timer.
    lease: Option<Timer>,
    renewal: Option<Renewal>,
    /// True from the first handover in this term on.
    handed_over: bool,
}

impl Reads {
    /// Before anything was asked.
    pub(super) const fn new(by: ReadMode, patience: Micros) -> Self {
        Self {
            by,
            patience,
            promised: false,
            round: 0,
            heard: Vec::new(),
            postponed: Vec::new(),
            noted: Vec::new(),
            lease: None,
            renewal: None,
            handed_over: false,
        }
    }

    /// The highest round that more than half of the replicas have heard.
    fn heard_by_majority(&self) -> u32 {
        let reach = |round: u32| self.heard.iter().filter(|heard| **heard >= round).count();
        let heard = self.heard.iter().copied().filter(|&round| 2 * reach(round) > self.heard.len());
        heard.max().unwrap_or(0)
    }

    /// The timer that the lease in force does not need.
    fn spare_timer(&self) -> Timer {
        let [first, second] = timer::LEASES;
        if self.lease == Some(first) { second } else { first }
    }
}

/// As a leader.
impl Raft {
    /// A new leader has promised nothing, and holds no lease.
    pub(super) fn begin_reads(&mut self) {
        let everyone = usize::from(self.identity.replicas);
        if let Some(reads) = &mut self.reads {
            **reads = Reads { heard: vec![0; everyone], ..Reads::new(reads.by, reads.patience) };
        }
    }

    /// A client asks for a read. Whoever does not lead refuses.
    pub(super) fn on_read(&mut self, read: u32, effects: &mut Effects) {
        let State::Leader { .. } = self.state else { return };
        let knows_all = self.has_committed_in_term();
        let Some(reads) = &mut self.reads else { return };
        match reads.by {
            ReadMode::Local => effects.push(Effect::Answer { read, index: self.commit }),
            ReadMode::Quorum | ReadMode::Lease if !knows_all => reads.postponed.push(read),
            ReadMode::Quorum | ReadMode::Lease => self.take_read(read, effects),
        }
    }

    /// etcd's `committedEntryInCurrentTerm`.
    fn has_committed_in_term(&self) -> bool {
        self.log.epoch_at(self.commit) == Some(self.term)
    }

    /// Takes the reads that waited until it knew what is committed.
    pub(super) fn take_postponed(&mut self, effects: &mut Effects) {
        if self.reads.as_ref().is_some_and(|reads| !reads.postponed.is_empty())
            && self.has_committed_in_term()
        {
            let reads = self.reads.as_mut().map(|reads| std::mem::take(&mut reads.postponed));
            for read in reads.into_iter().flatten() {
                self.take_read(read, effects);
            }
        }
    }

    /// Answers a read if a lease lets it, or begins a round for it.
    fn take_read(&mut self, read: u32, effects: &mut Effects) {
        let (index, led_by_lease) = (self.commit, self.rules.leads_by_lease());
        let Some(reads) = &mut self.reads else { return };
        let lease = reads.by == ReadMode::Lease && (led_by_lease || reads.lease.is_some());
        if lease || Mutant::SkipRound.is_made() {
            effects.push(Effect::Answer { read, index });
            return;
        }
        let round = self.begin_round();
        if let Some(reads) = &mut self.reads {
            reads.noted.push(Noted { read, index, round });
        }
        let first = effects.len();
        self.beat(effects);
        count(&mut effects[first..], round);
        self.finish_rounds(effects);
    }

    fn begin_round(&mut self) -> u32 {
        let own = self.identity.id.index();
        let Some(reads) = &mut self.reads else { return 0 };
        reads.round += 1;
        reads.heard[own] = reads.round;
        reads.round
    }

    /// Puts the number of a round on the heartbeats from `first` on, if there is one to be heard.
    pub(super) fn count_beats(&mut self, first: usize, effects: &mut Effects) {
        let Some(reads) = &self.reads else { return };
        let leases = reads.by == ReadMode::Lease && !self.rules.leads_by_lease();
        let (renews, timer) = (leases && reads.renewal.is_none(), reads.spare_timer());
        let waits = leases || !reads.noted.is_empty();
        let (patience, mut round) = (reads.patience, reads.round);
        if renews {
            round = self.begin_round();
            effects.push(Effect::SetTimer { timer, from: patience, to: patience });
        }
        if waits {
            count(&mut effects[first..], round);
        }
        if let Some(reads) = self.reads.as_mut().filter(|_| renews) {
            reads.renewal = Some(Renewal { round, timer });
            self.finish_rounds(effects);
        }
    }

    /// A majority may have heard some more rounds: their reads are answered, and make a lease.
    fn finish_rounds(&mut self, effects: &mut Effects) {
        let Some(reads) = &mut self.reads else { return };
        let done = reads.heard_by_majority();
        if let Some(Renewal { timer, .. }) = reads.renewal.filter(|renewal| renewal.round <= done) {
            reads.renewal = None;
            reads.lease = Some(timer).filter(|_| !reads.handed_over);
        }
        let answered = reads.noted.partition_point(|noted| noted.round <= done);
        for Noted { read, index, .. } in reads.noted.drain(..answered) {
            effects.push(Effect::Answer { read, index });
        }
    }

    /// It has told another one to campaign.
    pub(super) fn give_lease_up(&mut self) {
        if Mutant::KeepLease.is_made() {
            return;
        }
        if let Some(reads) = &mut self.reads {
            reads.handed_over = true;
            reads.lease = None;
        }
    }
}

/// As a voter, and as either.
impl Raft {
    /// A sign of life that is counted, or the answer to one, was heard like all else, and asked for
    /// the effects from `first` on: now it is taken for what it is.
    #[cold]
    pub(super) fn count_round(
        &mut self,
        from: ReplicaId,
        round: u32,
        (beat, first): (&Message, usize),
        effects: &mut Effects,
    ) {
        let is_answer =
            matches!(beat, Message::AppendReply { .. } | Message::HeartbeatReply { .. });
        if !is_answer {
            count(&mut effects[first..], round);
            if self.leader == Some(from) {
                self.promise(effects);
            }
        } else if matches!(self.state, State::Leader { .. }) {
            let Some(reads) = &mut self.reads else { return };
            let heard = &mut reads.heard[from.index()];
            // Nobody heard what was never said, whatever it says.
            *heard = round.min(reads.round).max(*heard);
            self.finish_rounds(effects);
        }
    }

    /// For as long as a lease lasts, this voter elects nobody but the leader that it heard.
    fn promise(&mut self, effects: &mut Effects) {
        let keeps = self.rules.voters_keep_leases();
        let Some(reads) = &mut self.reads else { return };
        if keeps && reads.by == ReadMode::Lease {
            reads.promised = true;
            let (from, to) = (reads.patience, reads.patience);
            effects.push(Effect::SetTimer { timer: timer::PROMISE, from, to });
        }
    }

    /// The process dies, and its reads with it.
    pub(super) fn forget_reads(&mut self) {
        if let Some(reads) = &mut self.reads {
            **reads = Reads::new(reads.by, reads.patience);
        }
    }

    /// It starts again, and does not remember whether it had promised; before its first term, it
    /// had not.
    pub(super) fn promise_anew(&mut self, effects: &mut Effects) {
        if self.term > 0 {
            self.promise(effects);
        }
    }

    /// True while it elects nobody else.
    pub(super) fn has_promised(&self) -> bool {
        self.reads.as_ref().is_some_and(|reads| reads.promised)
    }

    /// A lease, the next one or a promise is over, if that timer was its.
    pub(super) fn end_lease(&mut self, timer: Timer) {
        let leads = matches!(self.state, State::Leader { .. });
        let Some(reads) = &mut self.reads else { return };
        if leads {
            reads.lease = reads.lease.filter(|&own| own != timer);
            reads.renewal = reads.renewal.filter(|renewal| renewal.timer != timer);
        } else if timer == timer::PROMISE {
            reads.promised = false;
        }
    }
}

/// Puts the number of a round on what is sent.
fn count(effects: &mut [Effect], round: u32) {
    for effect in effects {
        let Effect::Send { message: crate::protocol::Message::Raft(message), .. } = effect else {
            continue;
        };
        let beat = Box::new(message.clone());
        *message = Message::HeartbeatContext { round, beat };
    }
}
