//! Replication: proposing, appending, answering and committing.

use super::{Effects, Message, Progress, Raft, State, Term, send};
use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Command, Effect, Mutant, Timer};

/// The most entries in one AppendEntries.
pub(super) const ENTRIES_MAX: usize = 64;

impl Raft {
    /// A client's write: the leader appends and sends it; anyone else drops it, and the write
    /// fails. So does a leader that hands over, or the other one would never have all that it has.
    pub(super) fn propose(&mut self, command: Command, effects: &mut Effects) {
        let State::Leader { progress, transfer: None, .. } = &mut self.state else { return };
        self.log.push(Entry { epoch: self.term, command });
        progress[self.identity.id.index()].matched = self.log.last_index();
        self.advance_commit();
        self.append_to_all(effects);
    }

    pub(super) fn append_to_all(&mut self, effects: &mut Effects) {
        for peer in self.peers() {
            self.append_to(peer, ENTRIES_MAX, effects);
        }
    }

    /// Sends `peer` up to `most` of the entries it has not been sent, unless it is being probed and
    /// has not answered. If what is taken for received gets lost, what is sent next does not fit,
    /// and the refusal says so.
    pub(super) fn append_to(&mut self, peer: ReplicaId, most: usize, effects: &mut Effects) {
        let State::Leader { progress, .. } = &mut self.state else { return };
        let of = &mut progress[peer.index()];
        if of.is_paused() && most > 0 {
            return;
        }
        let (next, prev_index) = (of.next, of.next - 1);
        let prev_term = self.log.epoch_at(prev_index).expect("next is at most one past the end");
        let entries: Box<[Entry]> = self.log.from(next, most).into();
        of.sent(u32::try_from(entries.len()).expect("at most ENTRIES_MAX"));
        let (term, commit) = (self.term, self.commit);
        send(effects, peer, Message::Append { term, prev_index, prev_term, commit, entries });
    }

    pub(super) fn set_heartbeat_timer(&self, effects: &mut Effects) {
        let every = self.identity.heartbeat;
        effects.push(Effect::SetTimer { timer: Timer::Heartbeat, from: every, to: every });
    }

    pub(super) fn on_heartbeat_timeout(&mut self, effects: &mut Effects) {
        let first = effects.len();
        self.beat(effects);
        self.count_beats(first, effects);
        self.set_heartbeat_timer(effects);
    }

    /// Gives a sign of life to everyone.
    pub(super) fn beat(&mut self, effects: &mut Effects) {
        for peer in self.peers() {
            let State::Leader { progress, .. } = &mut self.state else { return };
            progress[peer.index()].renew();
            if self.rules.beats_apart() {
                // Never further than what is known to match: the heartbeat proves nothing itself.
                let commit = self.commit.min(progress[peer.index()].matched);
                send(effects, peer, Message::Heartbeat { term: self.term, commit });
            } else {
                self.append_to(peer, 0, effects);
            }
        }
    }

    /// A follower takes the leader's entries if they fit onto what it has (paper 5.3).
    #[inline(always)]
    pub(super) fn on_append(
        &mut self,
        from: ReplicaId,
        (prev_index, prev_term): (Index, Term),
        commit: Index,
        entries: &[Entry],
        effects: &mut Effects,
    ) {
        let (term, trusts) = (self.term, self.rules.trusts_acknowledgements());
        if trusts && prev_index < self.commit {
            // etcd's `handleAppendEntries`: all that is committed is the leader's, too.
            let (index, refused) = (self.commit, 0);
            send(effects, from, Message::AppendReply { term, success: true, index, refused });
            return;
        }
        if self.log.epoch_at(prev_index) != Some(prev_term) {
            let (index, refused) = (self.last_that_may_match(prev_index), prev_index);
            send(effects, from, Message::AppendReply { term, success: false, index, refused });
            return;
        }
        let mut index = prev_index;
        for &entry in entries {
            index += 1;
            match self.log.epoch_at(index) {
                Some(epoch) if epoch == entry.epoch => {}
                Some(_) => {
                    self.log.truncate(index - 1);
                    self.log.push(entry);
                }
                None => self.log.push(entry),
            }
        }
        self.commit = self.commit.max(commit.min(index));
        send(effects, from, Message::AppendReply { term, success: true, index, refused: 0 });
    }

    /// The last index before `prev_index` that could still match: skips the conflicting term.
    fn last_that_may_match(&self, prev_index: Index) -> Index {
        let Some(conflict) = self.log.epoch_at(prev_index) else { return self.log.last_index() };
        let mut index = prev_index - 1;
        while index > 0 && self.log.epoch_at(index) == Some(conflict) {
            index -= 1;
        }
        index
    }

    /// The leader learns how far a follower's log agrees with its own.
    #[inline(always)]
    pub(super) fn on_append_reply(
        &mut self,
        from: ReplicaId,
        (success, index, refused): (bool, Index, Index),
        effects: &mut Effects,
    ) {
        let trusts = self.rules.trusts_acknowledgements();
        let State::Leader { progress, active, .. } = &mut self.state else { return };
        active.add(from);
        let of = &mut progress[from.index()];
        let last = self.log.last_index();
        if !success {
            if of.refused(refused, index.min(last), trusts) && of.may_answer() {
                self.append_to(from, ENTRIES_MAX, effects);
            }
            return;
        }
        let was_paused = of.is_paused();
        let grown = of.acknowledged(index, last, trusts);
        if grown {
            let committed = self.advance_commit();
            if trusts {
                self.tell_commit(from, committed, was_paused, effects);
            }
            self.transfer_if_ready(from, effects);
            if self.reads.is_some() {
                self.take_postponed(effects);
            }
        }
        if grown || !trusts {
            self.send_what_it_lacks(from, effects);
        }
    }

    /// etcd's leader broadcasts a new commit index at once. Whoever was being probed may lack an
    /// older one, too.
    fn tell_commit(
        &mut self,
        from: ReplicaId,
        committed: bool,
        was_paused: bool,
        effects: &mut Effects,
    ) {
        if committed {
            self.append_to_all(effects);
        } else if was_paused {
            self.append_to(from, ENTRIES_MAX, effects);
        }
    }

    #[inline(always)]
    fn send_what_it_lacks(&mut self, to: ReplicaId, effects: &mut Effects) {
        let last = self.log.last_index();
        loop {
            let State::Leader { progress, .. } = &mut self.state else { return };
            let of = &mut progress[to.index()];
            if of.next > last || of.is_paused() || !of.may_answer() {
                return;
            }
            self.append_to(to, ENTRIES_MAX, effects);
            // etcd sends all that there is, the paper's leader one message for each answer.
            if !self.rules.trusts_acknowledgements() {
                return;
            }
        }
    }

    /// etcd's follower takes the commit index, which never exceeds what it has acknowledged.
    pub(super) fn on_heartbeat(&mut self, from: ReplicaId, commit: Index, effects: &mut Effects) {
        self.commit = self.commit.max(commit);
        send(effects, from, Message::HeartbeatReply { term: self.term });
    }

    /// etcd's leader sends what the follower is not known to have.
    pub(super) fn on_heartbeat_reply(&mut self, from: ReplicaId, effects: &mut Effects) {
        let State::Leader { progress, active, .. } = &mut self.state else { return };
        active.add(from);
        let of = &mut progress[from.index()];
        of.resume();
        if of.matched < self.log.last_index() {
            self.append_to(from, ENTRIES_MAX, effects);
        }
    }

    /// Commits what a majority holds, if it is of this term (paper 5.3, 5.4.2). True if that is
    /// more. Of most answers one look at each log tells that it is not.
    pub(super) fn advance_commit(&mut self) -> bool {
        let State::Leader { progress, .. } = &self.state else { return false };
        let more = progress.iter().filter(|of| of.matched > self.commit).count();
        if 2 * more <= progress.len() {
            return false;
        }
        let held = majority_holds(progress);
        let own = self.log.epoch_at(held) == Some(self.term) || Mutant::ForgetLock.is_made();
        if own {
            self.commit = held;
        }
        own
    }
}

/// The highest index that more than half of the logs reach.
fn majority_holds(progress: &[Progress]) -> Index {
    let reach = |index: Index| progress.iter().filter(|of| of.matched >= index).count();
    let held =
        progress.iter().map(|of| of.matched).filter(|&index| 2 * reach(index) > progress.len());
    held.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::{ReplicaSet, Rules};
    use super::*;
    use crate::clock::Micros;
    use crate::protocol::Identity;
    use crate::rng::Rng;

    fn of(matched: Index) -> Progress {
        let mut of = Progress::new(matched + 1, false);
        of.matched = matched;
        of
    }

    /// The dumb twin: the highest index for which a count of logs that reach it is a majority.
    fn majority_holds_slowly(progress: &[Progress]) -> Index {
        let highest = progress.iter().map(|of| of.matched).max().unwrap_or(0);
        (0..=highest)
            .rev()
            .find(|&index| {
                progress.iter().filter(|of| of.matched >= index).count() * 2 > progress.len()
            })
            .expect("every log reaches 0")
    }

    /// Figure 8 of the paper: a majority may hold an old term's entry and lose it again, so it
    /// commits only behind one of the leader's own term. The first AppendEntries of a leader nearly
    /// always carries both, so that no random run tells.
    #[test]
    fn entries_of_old_terms_are_not_committed_by_counting() {
        let election = Micros(1)..=Micros(2);
        let identity = Identity {
            id: ReplicaId(0),
            replicas: 3,
            tolerated: 0,
            heartbeat: Micros(1),
            election,
        };
        let mut leader = Raft::new(identity, Rules::PAPER);
        leader.term = 4;
        leader.log.push(Entry { epoch: 2, command: 1 });
        leader.log.push(Entry { epoch: 4, command: 0 });
        let progress = [2, 1, 0].map(of).to_vec();
        leader.state = State::Leader { progress, active: ReplicaSet::default(), transfer: None };
        leader.advance_commit();
        assert_eq!(leader.commit, 0, "two of three hold entry 1, but it is of term 2");
        leader.on_append_reply(ReplicaId(1), (true, 2, 0), &mut Vec::new());
        assert_eq!(leader.commit, 2);
    }

    #[test]
    fn a_majority_holds_what_the_dumb_twin_says() {
        let mut rng = Rng::new(1);
        for _ in 0..20_000 {
            let replicas = 1 + rng.below(15);
            let progress: Vec<_> = (0..replicas).map(|_| of(rng.below(12))).collect();
            assert_eq!(majority_holds(&progress), majority_holds_slowly(&progress), "{progress:?}");
        }
    }
}
