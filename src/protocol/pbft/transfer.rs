//! Recovery from what was lost: who is how far, and what those who lag behind are sent.

use super::message::fold;
use super::{
    Certificate, Effects, Message, Pbft, ReplicaId, Sequence, Status, Stretch, WINDOW, send,
};

/// How many requests a status names.
const REQUESTS_MAX: usize = 16;

/// How many sequence numbers one answer is about.
const ANSWER_MAX: Sequence = 16;

/// About how many executed requests are sent at once.
const STRETCH_MAX: Sequence = 256;

impl Pbft {
    /// `from` says that it is so far; it counts only in company.
    pub(super) fn claim(&mut self, from: ReplicaId, sequence: Sequence) {
        let claim = &mut self.claims[from.index()];
        *claim = sequence.max(*claim);
    }

    /// True while there is something to wait for, so that it is worth asking for what was lost.
    pub(super) fn is_unfinished(&self) -> bool {
        let executed = self.executed();
        !self.active
            || !self.pending.is_empty()
            || executed < self.stable().sequence
            || self.unsure.is_some()
            || self.claims.iter().filter(|&&claim| claim > executed).count() >= self.weak()
    }

    /// A heartbeat has gone by: without progress it asks again.
    pub(super) fn on_retry_timeout(&mut self, effects: &mut Effects) {
        let Some(before) = self.retry.take() else { return };
        if self.active && self.executed() > before || !self.is_unfinished() {
            return;
        }
        if !self.active {
            self.say_change(effects);
        }
        self.ask(effects);
    }

    /// Tells all how far it is.
    pub(super) fn ask(&self, effects: &mut Effects) {
        let status = self.status(self.unsure.is_some());
        self.send_all(&Message::Status(Box::new(status)), effects);
    }

    fn status(&self, asks: bool) -> Status {
        let requests = self.pending.iter().take(REQUESTS_MAX).map(|one| one.command).collect();
        let (stable, executed) = (self.stable().sequence, self.executed());
        Status { view: self.view, active: self.active, asks, stable, executed, requests }
    }

    pub(super) fn on_status(&mut self, from: ReplicaId, status: &Status, effects: &mut Effects) {
        self.claim(from, status.executed);
        if let Some(heard) = &mut self.unsure {
            heard.add(from);
            let heard = heard.len();
            if heard + 1 >= self.quorum() {
                self.unsure = None;
            }
        }
        for &request in status.requests.iter().take(REQUESTS_MAX) {
            self.note_request(request);
        }
        self.assign(effects);
        if status.asks {
            send(effects, from, Message::Status(Box::new(self.status(false))));
        }
        self.help(from, status, effects);
    }

    /// Sends `to` what it lacks, as far as this replica has it.
    fn help(&self, to: ReplicaId, status: &Status, effects: &mut Effects) {
        let behind = status.view < self.view || status.view == self.view && !status.active;
        if let Some(changes) = self.new_view.clone().filter(|_| self.active && behind) {
            send(effects, to, Message::NewView { view: self.view, changes });
        }
        self.send_state(to, status, effects);
        let votes = self.active && status.active && status.view == self.view;
        let first = status.executed.max(self.stable().sequence);
        let mut decided = Vec::new();
        for sequence in first.saturating_add(1)..=first.saturating_add(ANSWER_MAX) {
            let place = (sequence - self.stable().sequence - 1) as usize;
            match self.slots.get(place).map(|slot| slot.decided) {
                Some(Some(certificate)) => decided.push(certificate),
                Some(None) if votes => self.say_votes(to, sequence, effects),
                Some(None) | None => {}
            }
        }
        if !decided.is_empty() {
            send(effects, to, Message::Committed(decided.into()));
        }
        let own = self.identity.id;
        for checkpoint in self.checkpoints.iter().filter(|one| one.signers.contains(own)) {
            let (sequence, digest) = (checkpoint.sequence, checkpoint.digest);
            if sequence > status.stable {
                send(effects, to, Message::Checkpoint { sequence, digest });
            }
        }
    }

    /// Says again what it said of one sequence number in this view.
    fn say_votes(&self, to: ReplicaId, sequence: Sequence, effects: &mut Effects) {
        let (own, view) = (self.identity.id, self.view);
        let place = (sequence - self.stable().sequence - 1) as usize;
        let Some(slot) = self.slots.get(place) else { return };
        let Some(command) = slot.accepted else { return };
        let voted = slot.tallies.iter().find(|tally| tally.command == command);
        if self.is_primary() {
            send(effects, to, Message::PrePrepare { view, sequence, command });
        } else {
            send(effects, to, Message::Prepare { view, sequence, command });
        }
        if voted.is_some_and(|tally| tally.commits.contains(own)) {
            send(effects, to, Message::Commit { view, sequence, command });
        }
    }

    /// For one that lags behind a stable checkpoint: the way to that checkpoint or a nearer one.
    fn send_state(&self, to: ReplicaId, status: &Status, effects: &mut Effects) {
        let executed = status.executed;
        let up_to = |limit| self.stables.partition_point(|stable| stable.sequence <= limit);
        let (next, end) = (up_to(executed), up_to(executed.saturating_add(STRETCH_MAX)));
        let place = end.max(next + 1).min(self.stables.len()) - 1;
        let stable = self.stables[place];
        let first = executed.saturating_add(1);
        let held = executed < stable.sequence && stable.sequence <= self.executed();
        if !held && stable.sequence <= status.stable {
            return;
        }
        let count = if held { stable.sequence - executed } else { 0 };
        let entries = self.log.from(first, count as usize);
        let commands = entries.iter().map(|entry| entry.command).collect();
        send(effects, to, Message::State(Box::new(Stretch { first, commands, stable })));
    }

    /// Commit certificates prove themselves.
    pub(super) fn on_committed(&mut self, certificates: &[Certificate], effects: &mut Effects) {
        for &certificate in certificates.iter().take(WINDOW as usize) {
            if !self.is_signed(&certificate) {
                continue;
            }
            self.witness(certificate);
            if let Some(slot) = self.slot(certificate.sequence) {
                slot.decided.get_or_insert(certificate);
            }
        }
        self.execute(effects);
    }

    /// Executed requests prove themselves by the checkpoint that they lead to.
    pub(super) fn on_state(&mut self, stretch: &Stretch, effects: &mut Effects) {
        let Stretch { first, commands, stable } = stretch;
        if !self.is_stable(stable) {
            return;
        }
        let executed = self.executed();
        let held = u32::try_from(commands.len()).unwrap_or(0);
        let reaches = first.checked_add(held) == stable.sequence.checked_add(1);
        if reaches && *first <= executed + 1 && executed < stable.sequence {
            let new = &commands[(executed + 1 - first) as usize..];
            let digest = new.iter().fold(self.digest, |all, &one| fold(all, u64::from(one)));
            if digest != stable.digest {
                return;
            }
            for &command in new {
                self.apply(command);
            }
        }
        self.adopt(*stable, effects);
        self.execute(effects);
    }
}
