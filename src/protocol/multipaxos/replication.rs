//! The Synods: phase 1 once a leadership, then phase 2 a slot, and how whoever misses something
//! gets it again.

use super::{Ballot, Effects, Leadership, Message, Multipaxos, Progress, Slot, send};
use crate::fault::ReplicaId;
use crate::protocol::log::{Entry, Index};
use crate::protocol::{Command, Effect, Mutant, Timer};

/// The most slots in one message of phase 2.
const SLOTS_MAX: usize = 64;

/// How far beyond what it has accepted an acceptor looks: more than a leader sends at once, and too
/// little for a liar to fill memory with. What is farther off is sent again.
const AHEAD_MAX: usize = 1_024;

/// The leader.
impl Multipaxos {
    /// Phase 1 for all slots from the first undecided one on, which no other ballot may touch then.
    pub(super) fn start_reign(&mut self, effects: &mut Effects) {
        self.promise(self.own);
        let next = self.log.last_index() + 1;
        let progress = vec![Progress { filled: 0, next }; usize::from(self.identity.replicas)];
        let promises = [self.identity.id].into_iter().collect();
        self.leadership =
            Some(Leadership { promises, prepared: false, settled: next - 1, progress });
        self.on_heartbeat_timeout(effects);
        self.count_promises(effects);
    }

    /// A sign of life to all; to those that have promised nothing yet, phase 1 again.
    pub(super) fn on_heartbeat_timeout(&mut self, effects: &mut Effects) {
        let last = self.last_slot();
        let Some(leadership) = &mut self.leadership else { return };
        let (ballot, decided) = (self.own, self.log.last_index());
        for peer in self.identity.peers() {
            if leadership.prepared {
                let (first, commands) = (leadership.settled + 1, Box::default());
                send(effects, peer, Message::Accept { ballot, first, decided, commands });
            } else if !leadership.promises.contains(peer) {
                send(effects, peer, Message::Prepare { ballot, first: decided + 1 });
            }
        }
        if leadership.prepared {
            leadership.settled = last;
        }
        let every = self.identity.heartbeat;
        effects.push(Effect::SetTimer { timer: Timer::Heartbeat, from: every, to: every });
    }

    /// Keeps, by slot, what was accepted in the highest ballot. To keep it as if it had accepted it
    /// itself is safe: it was proposed in that ballot, and nobody who promised votes below this
    /// one.
    pub(super) fn on_promise(
        &mut self,
        from: ReplicaId,
        (ballot, first): (Ballot, Index),
        decided: Index,
        slots: &[Slot],
        effects: &mut Effects,
    ) {
        let expected = self.log.last_index() + 1;
        let Some(leadership) = &mut self.leadership else { return };
        if leadership.prepared || ballot != self.own || first != expected {
            return;
        }
        leadership.promises.add(from);
        leadership.progress[from.index()].next = decided.saturating_add(1);
        if !Mutant::ForgetLock.is_made() {
            let place = expected as usize - 1;
            if self.slots.len() < place + slots.len() {
                self.slots.resize(place + slots.len(), Slot::EMPTY);
            }
            for (own, reported) in self.slots[place..].iter_mut().zip(slots) {
                if reported.ballot > own.ballot {
                    *own = *reported;
                }
            }
        }
        self.count_promises(effects);
    }

    /// With a majority it proposes, in its own ballot, what was reported; what nobody accepted
    /// becomes a no-op, so that what stands behind it can be told to clients.
    fn count_promises(&mut self, effects: &mut Effects) {
        let quorum = self.quorum();
        let Some(leadership) = &mut self.leadership else { return };
        if leadership.prepared || leadership.promises.len() < quorum {
            return;
        }
        leadership.prepared = true;
        for slot in &mut self.slots[self.log.last_index() as usize..] {
            if slot.ballot == Ballot::NONE {
                slot.command = 0;
            }
            slot.ballot = self.own;
        }
        let end = u32::try_from(self.slots.len()).expect("a run is too short for 2^32 slots") + 1;
        for peer in &mut leadership.progress {
            peer.next = peer.next.min(end);
        }
        self.fill();
        self.send_to_all(effects);
    }

    /// A client's write: the leader gives it the next slot. Anyone else drops it, and it fails.
    pub(super) fn propose(&mut self, command: Command, effects: &mut Effects) {
        if self.leadership.as_ref().is_some_and(|leadership| leadership.prepared) {
            self.slots.push(Slot { ballot: self.own, command });
            self.fill();
            self.send_to_all(effects);
        }
    }

    fn send_to_all(&mut self, effects: &mut Effects) {
        self.count_acceptances(self.identity.id, self.filled);
        for peer in self.identity.peers() {
            self.send_slots(peer, effects);
        }
    }

    /// Phase 2a for what the peer has not been sent: once, and again where it says what it lacks.
    fn send_slots(&mut self, peer: ReplicaId, effects: &mut Effects) {
        let Some(leadership) = &mut self.leadership else { return };
        let next = &mut leadership.progress[peer.index()].next;
        let first = *next;
        let unsent = &self.slots[first as usize - 1..];
        if unsent.is_empty() {
            return;
        }
        let commands: Box<[Command]> =
            unsent.iter().take(SLOTS_MAX).map(|slot| slot.command).collect();
        *next += u32::try_from(commands.len()).expect("at most SLOTS_MAX");
        let (ballot, decided) = (self.own, self.log.last_index());
        send(effects, peer, Message::Accept { ballot, first, decided, commands });
    }

    pub(super) fn on_accepted(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        (filled, told): (Index, Index),
        effects: &mut Effects,
    ) {
        let last = self.last_slot();
        let Some(leadership) = &mut self.leadership else { return };
        if !leadership.prepared || ballot != self.own {
            return;
        }
        // Nobody has more than there is, whatever it says.
        let filled = filled.min(last);
        let next = &mut leadership.progress[from.index()].next;
        if filled < told.min(last) {
            *next = filled + 1;
        } else {
            *next = (*next).max(filled + 1);
        }
        self.count_acceptances(from, filled);
        self.send_slots(from, effects);
    }

    /// Decided is every slot up to the last that a majority has filled, in this very ballot.
    fn count_acceptances(&mut self, from: ReplicaId, filled: Index) {
        let quorum = usize::from(self.quorum());
        let Some(leadership) = &mut self.leadership else { return };
        let known = &mut leadership.progress[from.index()].filled;
        if filled <= *known {
            return;
        }
        *known = filled;
        let reach =
            |last: Index| leadership.progress.iter().filter(|peer| peer.filled >= last).count();
        let by_majority = leadership
            .progress
            .iter()
            .map(|peer| peer.filled)
            .filter(|&last| reach(last) >= quorum);
        let decided = by_majority.max().unwrap_or(0);
        self.learn(decided);
    }
}

/// The acceptor and learner.
impl Multipaxos {
    pub(super) fn on_prepare(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        first: Index,
        effects: &mut Effects,
    ) {
        if self.refuses(from, ballot, (false, first), effects) {
            return;
        }
        self.promise(ballot);
        self.meet(ballot, effects);
        let decided = self.log.last_index();
        let slots = self.slots.get((first as usize).saturating_sub(1)..).unwrap_or_default().into();
        send(effects, from, Message::Promise { ballot, first, decided, slots });
    }

    pub(super) fn on_accept(
        &mut self,
        from: ReplicaId,
        (ballot, first): (Ballot, Index),
        decided: Index,
        commands: &[Command],
        effects: &mut Effects,
    ) {
        let count = u32::try_from(commands.len()).expect("messages are short");
        let last = first.saturating_add(count).saturating_sub(1);
        if self.refuses(from, ballot, (true, last), effects) {
            return;
        }
        self.promise(ballot);
        self.meet(ballot, effects);
        let room = self.slots.len() + AHEAD_MAX;
        for (place, &command) in (first as usize..room).zip(commands) {
            self.accept(place, Slot { ballot, command });
        }
        self.fill();
        self.learn(decided.min(self.filled));
        let told = if commands.is_empty() { last } else { 0 };
        send(effects, from, Message::Accepted { ballot, filled: self.filled, told });
    }

    /// A vote in a slot, unless its decision is known.
    fn accept(&mut self, place: usize, vote: Slot) {
        if place <= self.log.last_index() as usize {
            return;
        }
        if self.slots.len() < place {
            self.slots.resize(place, Slot::EMPTY);
        }
        self.slots[place - 1] = vote;
    }

    /// A refusal is gossip too: whoever leads in an older ballot hears of the newer one.
    pub(super) fn on_nack(&mut self, ballot: Ballot, promised: Ballot, effects: &mut Effects) {
        if self.leadership.is_some() && ballot == self.own {
            self.meet(promised, effects);
        }
    }

    fn refuses(
        &self,
        from: ReplicaId,
        ballot: Ballot,
        (accept, slot): (bool, Index),
        effects: &mut Effects,
    ) -> bool {
        let promised = self.promised;
        let refused = ballot < promised && !Mutant::VoteTwice.is_made();
        if refused {
            send(effects, from, Message::Nack { ballot, accept, slot, promised });
        }
        refused
    }

    fn promise(&mut self, ballot: Ballot) {
        if ballot != self.promised {
            self.promised = ballot;
            self.filled = self.log.last_index();
        }
    }

    /// Finds how far the slots are accepted in the ballot promised, without a hole.
    pub(super) fn fill(&mut self) {
        let rest = self.slots.get(self.filled as usize..).unwrap_or_default();
        let more = rest.iter().take_while(|slot| slot.ballot == self.promised);
        self.filled += more.fold(0, |count, _| count + 1);
    }

    fn learn(&mut self, decided: Index) {
        let known = self.log.last_index();
        for slot in self.slots.get(known as usize..decided as usize).unwrap_or_default() {
            self.log.push(Entry { epoch: slot.ballot.number, command: slot.command });
        }
    }

    pub(super) fn last_slot(&self) -> Index {
        u32::try_from(self.slots.len()).expect("a run is too short for 2^32 slots")
    }

    fn quorum(&self) -> u8 {
        self.identity.majority() - u8::from(Mutant::SmallQuorum.is_made())
    }
}
