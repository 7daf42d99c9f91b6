//! The normal case: numbers, votes, execution and checkpoints (paper 4.2, 4.3).

use super::message::fold;
use super::{
    CHECKPOINT_EVERY, Certificate, Effects, Message, Mutant, Pbft, ReplicaId, ReplicaSet, Sequence,
    Slot, Stable, View, WINDOW, is_genuine,
};
use crate::protocol::Command;
use crate::protocol::log::Entry;

/// How many votes of a kind are kept of one replica for one number: whoever gives two is a liar,
/// and both count, as in the paper, which asks for matching votes and not whether there are others.
const VOTES_MAX: usize = 2;

impl Pbft {
    /// 4.2, pre-prepare: the primary gives the next number to each request that waits and
    /// multicasts `<<PRE-PREPARE, v, n, d>, m>`, as far as the window reaches: n stays below the
    /// paper's high water mark H = h + k, where h is the last stable checkpoint (4.3).
    pub(super) fn assign(&mut self, effects: &mut Effects) {
        // One that was down, or lost its disks, first asks a quorum how far all are.
        if !self.active || !self.is_primary() || self.unsure.is_some() {
            return;
        }
        // What it was told is executed has a number already, even if it forgot to have given it.
        self.assigned = self.assigned.max(self.executed());
        while self.assigned < self.stable().sequence + WINDOW {
            let Some(next) = self.pending.iter_mut().find(|pending| !pending.assigned) else {
                return;
            };
            next.assigned = true;
            let command = next.command;
            self.assigned += 1;
            let (view, sequence) = (self.view, self.assigned);
            self.send_all(&Message::PrePrepare { view, sequence, command }, effects);
            self.accept(sequence, command, effects);
        }
    }

    /// True for a normal message of the view that this replica is in: a backup accepts "provided
    /// it is in view v" (4.2), and after its own VIEW-CHANGE it "stops accepting messages (other
    /// than checkpoint, view-change, and new-view messages)" (4.4).
    const fn takes(&self, view: View) -> bool {
        self.active && view == self.view
    }

    /// 4.2, pre-prepare: a backup takes it from the primary of its view alone, for a request that a
    /// client signed. Null requests stand in a NEW-VIEW only (4.4).
    pub(super) fn on_pre_prepare(
        &mut self,
        from: ReplicaId,
        view: View,
        sequence: Sequence,
        command: Command,
        effects: &mut Effects,
    ) {
        if !self.takes(view) || from != self.primary(view) || command == 0 || !is_genuine(command) {
            return;
        }
        self.witness(Certificate { view, sequence, command, signers: only(from) });
        self.note_request(command);
        self.accept(sequence, command, effects);
    }

    /// 4.2, prepare: a backup accepts the first order for a view and number, "it has not accepted a
    /// pre-prepare message for view v and sequence number n containing a different digest", enters
    /// the prepare phase and multicasts `<PREPARE, v, n, d, i>`. The primary's PRE-PREPARE stands
    /// for its own PREPARE. A new view's O comes here, too (4.4).
    pub(super) fn accept(&mut self, sequence: Sequence, command: Command, effects: &mut Effects) {
        let (own, view, primary) = (self.identity.id, self.view, self.primary(self.view));
        let Some(slot) = self.slot(sequence) else { return };
        if slot.accepted == Some(command) || slot.accepted.is_some() && !Mutant::VoteTwice.is_made()
        {
            return;
        }
        slot.accepted = Some(command);
        slot.tally(command).prepares.add(primary);
        if own != primary {
            slot.tally(command).prepares.add(own);
            self.send_all(&Message::Prepare { view, sequence, command }, effects);
        }
        self.advance(sequence, effects);
    }

    /// 4.2, prepare: anybody's PREPARE counts "provided their view number equals the replica's
    /// current view", also before the PRE-PREPARE is here. The primary says none.
    pub(super) fn on_prepare(
        &mut self,
        from: ReplicaId,
        view: View,
        sequence: Sequence,
        command: Command,
        effects: &mut Effects,
    ) {
        if !self.takes(view) || from == self.primary(view) || !is_genuine(command) {
            return;
        }
        self.witness(Certificate { view, sequence, command, signers: only(from) });
        let Some(slot) = self.slot(sequence) else { return };
        let given = slot.tallies.iter().filter(|tally| tally.prepares.contains(from)).count();
        if given < VOTES_MAX {
            slot.tally(command).prepares.add(from);
            self.advance(sequence, effects);
        }
    }

    /// 4.2, commit: whoever says COMMIT was prepared. It also shows how far `from` is.
    pub(super) fn on_commit(
        &mut self,
        from: ReplicaId,
        view: View,
        sequence: Sequence,
        command: Command,
        effects: &mut Effects,
    ) {
        self.claim(from, sequence);
        if !self.takes(view) || !is_genuine(command) {
            return;
        }
        self.witness(Certificate { view, sequence, command, signers: only(from) });
        let Some(slot) = self.slot(sequence) else { return };
        let given = slot.tallies.iter().filter(|tally| tally.commits.contains(from)).count();
        if given < VOTES_MAX {
            slot.tally(command).commits.add(from);
            self.advance(sequence, effects);
        }
    }

    /// A vote was counted. 4.2: *prepared*(m, v, n, i) holds with the PRE-PREPARE that this replica
    /// accepted and 2f PREPAREs of others that match it, a quorum with the primary; then it says
    /// `<COMMIT, v, n, D(m), i>` to all, once, and keeps the certificate for later views (4.4).
    /// *committed-local*(m, v, n, i) holds with a quorum of COMMITs, its own counted.
    fn advance(&mut self, sequence: Sequence, effects: &mut Effects) {
        let (own, view, quorum) = (self.identity.id, self.view, self.quorum());
        let Some(slot) = self.slot(sequence) else { return };
        let certify = |command, signers| Certificate { view, sequence, command, signers };
        let mut prepared = None;
        if let Some(command) = slot.accepted {
            let tally = slot.tally(command);
            if tally.prepares.len() >= quorum && !tally.commits.contains(own) {
                tally.commits.add(own);
                prepared = Some(certify(command, tally.prepares));
                slot.prepared = prepared;
            }
        }
        let enough = slot.tallies.iter().find(|tally| tally.commits.len() >= quorum);
        let mut decided = false;
        if let Some(tally) = enough.copied().filter(|_| slot.decided.is_none()) {
            slot.decided = Some(certify(tally.command, tally.commits));
            decided = true;
        }
        if let Some(Certificate { command, .. }) = prepared {
            self.send_all(&Message::Commit { view, sequence, command }, effects);
        }
        if decided {
            self.execute(effects);
        }
    }

    /// 4.2, last paragraph: a request is executed once it is committed-local and all with lower
    /// numbers are executed. 4.3: where a checkpoint is due, its digest is multicast as
    /// `<CHECKPOINT, n, d, i>`.
    pub(super) fn execute(&mut self, effects: &mut Effects) {
        while let Some(Certificate { view, command, .. }) = self.next_decided() {
            let is_news = self.apply(command);
            // 4.5.2: a view is good once a request was executed in it that was not before. A null
            // request is none, and what an older view decided says nothing about this one.
            if is_news && self.active && view == self.view {
                self.failures = 0;
            }
            let (sequence, digest) = (self.executed(), self.digest);
            if sequence.is_multiple_of(CHECKPOINT_EVERY) {
                self.send_all(&Message::Checkpoint { sequence, digest }, effects);
                self.count_checkpoint(self.identity.id, sequence, digest, effects);
            }
        }
    }

    fn next_decided(&self) -> Option<Certificate> {
        let place = self.executed().checked_sub(self.stable().sequence)?;
        self.slots.get(place as usize)?.decided
    }

    /// Executes one request; one that was executed before is a null request, and then this is
    /// false.
    pub(super) fn apply(&mut self, command: Command) -> bool {
        let again = command == 0 || self.is_done(command);
        let command = if again { 0 } else { command };
        self.digest = fold(self.digest, u64::from(command));
        self.log.push(Entry { epoch: self.view, command });
        if again {
            return false;
        }
        if let Ok(place) = self.pending.binary_search_by_key(&command, |one| one.command) {
            self.pending.remove(place);
        }
        if let Err(place) = self.done_beyond.binary_search(&command) {
            self.done_beyond.insert(place, command);
        }
        let mut joined = 0;
        while self.done_beyond.get(joined) == Some(&(self.done_to + 1)) {
            self.done_to += 1;
            joined += 1;
        }
        self.done_beyond.drain(..joined);
        true
    }

    /// 4.3: one for what is within the window; what is stable already says nothing new.
    pub(super) fn on_checkpoint(
        &mut self,
        from: ReplicaId,
        sequence: Sequence,
        digest: u64,
        effects: &mut Effects,
    ) {
        self.claim(from, sequence);
        let ahead = sequence.saturating_sub(self.stable().sequence);
        if (1..=WINDOW).contains(&ahead) && sequence.is_multiple_of(CHECKPOINT_EVERY) {
            self.count_checkpoint(from, sequence, digest, effects);
        }
    }

    /// 4.3: 2f + 1 signatures under one number and digest are the proof that a checkpoint is
    /// stable. The first that a replica signs for a number counts.
    fn count_checkpoint(
        &mut self,
        from: ReplicaId,
        sequence: Sequence,
        digest: u64,
        effects: &mut Effects,
    ) {
        let mut there = self.checkpoints.iter().filter(|one| one.sequence == sequence);
        let signed = there.any(|one| one.signers.contains(from));
        if signed || sequence <= self.stable().sequence {
            return;
        }
        let alike = |one: &Stable| one.sequence == sequence && one.digest == digest;
        let place = self.checkpoints.iter().position(alike).unwrap_or_else(|| {
            let signers = ReplicaSet::NOBODY;
            self.checkpoints.push(Stable { sequence, digest, signers });
            self.checkpoints.len() - 1
        });
        let checkpoint = &mut self.checkpoints[place];
        checkpoint.signers.add(from);
        let checkpoint = *checkpoint;
        if checkpoint.signers.len() >= self.quorum() {
            self.adopt(checkpoint, effects);
        }
    }

    /// 4.3: a later checkpoint is stable, so "the replica discards all pre-prepare, prepare, and
    /// commit messages with sequence number less than or equal to n"; the water marks move.
    pub(super) fn adopt(&mut self, stable: Stable, effects: &mut Effects) {
        let Some(passed) = stable.sequence.checked_sub(self.stable().sequence).filter(|&by| by > 0)
        else {
            return;
        };
        let passed = self.slots.len().min(passed as usize);
        self.slots.drain(..passed);
        self.checkpoints.retain(|one| one.sequence > stable.sequence);
        self.stables.push(stable);
        self.assign(effects);
    }

    /// Votes are of one view: those of an older one are thrown away. What is prepared or decided
    /// stays, for the next VIEW-CHANGE (4.4) and for those who lag behind.
    pub(super) fn forget_votes(&mut self) {
        for slot in &mut self.slots {
            let Slot { accepted, tallies, prepared: _, decided: _ } = slot;
            *accepted = None;
            tallies.clear();
        }
        for pending in &mut self.pending {
            pending.assigned = false;
        }
    }
}

fn only(replica: ReplicaId) -> ReplicaSet {
    std::iter::once(replica).collect()
}
