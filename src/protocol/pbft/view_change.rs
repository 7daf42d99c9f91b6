//! View changes: leaving a view, and making a new one of what a quorum says (paper 4.4, 4.5.2).

use std::sync::Arc;

use super::{
    CHECKPOINT_EVERY, Certificate, Change, Effects, Message, Mistake, Patience, Pbft, ReplicaId,
    ReplicaSet, Sequence, Signed, Stable, View, WINDOW, is_genuine,
};
use crate::protocol::Command;

/// No run gets so far: a view or a number from there on is nonsense.
const FAR: u32 = 1 << 30;

impl Pbft {
    /// A request, or a new primary, took too long. Where nothing waits there was no timer to run
    /// out, and somebody outside wants a backup to think that there was.
    /// Where no quorum has asked for a view yet, nobody is to blame for its absence.
    pub(super) fn on_election_timeout(&mut self, effects: &mut Effects) {
        self.patience = Patience::Nothing;
        if self.active && self.pending.is_empty() && self.is_primary() {
            return;
        }
        if self.active || self.quorum_changes() {
            self.leave_for(self.view + 1, effects);
        } else {
            self.say_change(effects);
        }
    }

    /// Leaves its view for a later one, in which it will vote once there is a NEW-VIEW.
    fn leave_for(&mut self, view: View, effects: &mut Effects) {
        self.view = view;
        self.active = false;
        self.failures += 1;
        let own = self.identity.id;
        self.changes[own.index()] = Some(Arc::new(self.change_to(view)));
        self.say_change(effects);
        self.make_new_view(effects);
    }

    /// What it has to show for itself when it asks for `view`.
    pub(super) fn change_to(&self, view: View) -> Change {
        let prepared = self.slots.iter().filter_map(|slot| slot.prepared).collect();
        Change { view, stable: self.stable(), prepared }
    }

    /// Says its VIEW-CHANGE, once more.
    pub(super) fn say_change(&self, effects: &mut Effects) {
        if let Some(change) = &self.changes[self.identity.id.index()] {
            self.send_all(&Message::ViewChange(Arc::clone(change)), effects);
        }
    }

    pub(super) fn on_view_change(
        &mut self,
        from: ReplicaId,
        change: Arc<Change>,
        effects: &mut Effects,
    ) {
        let known = self.changes[from.index()].as_ref().map_or(0, |known| known.view);
        if change.view <= known || !self.is_valid(&change) {
            return;
        }
        change.prepared.iter().for_each(|&certificate| self.witness(certificate));
        self.changes[from.index()] = Some(change);
        while let Some(view) = self.view_to_join() {
            self.leave_for(view, effects);
        }
        self.make_new_view(effects);
    }

    /// The smallest later view, if a weak set asks for later views.
    fn view_to_join(&self) -> Option<View> {
        let views = self.changes.iter().flatten().map(|change| change.view);
        let later = views.filter(|&view| view > self.view);
        if later.clone().count() < self.weak() { None } else { later.min() }
    }

    /// True if a quorum asks for the view that this replica waits for, or for later ones.
    pub(super) fn quorum_changes(&self) -> bool {
        let asks = |change: &&Arc<Change>| change.view >= self.view;
        self.changes.iter().flatten().filter(asks).count() >= usize::from(self.quorum())
    }

    /// The primary of the view that it waits for shows that a quorum wants it.
    fn make_new_view(&mut self, effects: &mut Effects) {
        if self.active || !self.is_primary() {
            return;
        }
        let view = self.view;
        let changes = self.signed_changes(view);
        if changes.len() >= usize::from(self.quorum()) {
            self.send_all(&Message::NewView { view, changes: Arc::clone(&changes) }, effects);
            self.enter(view, changes, effects);
        }
    }

    /// The VIEW-CHANGEs for that very view.
    pub(super) fn signed_changes(&self, view: View) -> Arc<[Signed]> {
        let signed = (0..).map(ReplicaId).zip(self.changes.iter());
        let signed = signed.filter_map(|(id, change)| Some((id, Arc::clone(change.as_ref()?))));
        signed.filter(|(_, change)| change.view == view).collect()
    }

    /// Whoever passes it on, it proves itself.
    pub(super) fn on_new_view(
        &mut self,
        view: View,
        changes: Arc<[Signed]>,
        effects: &mut Effects,
    ) {
        let known = view < self.view || view == self.view && self.active;
        let mut signers = ReplicaSet::NOBODY;
        let mut sound = changes.len() <= usize::from(self.identity.replicas);
        for (from, change) in changes.iter() {
            sound = sound
                && from.0 < self.identity.replicas
                && !signers.contains(*from)
                && change.view == view
                && self.is_valid(change);
            if !sound {
                return;
            }
            signers.add(*from);
        }
        if !known && sound && signers.len() >= self.quorum() {
            self.enter(view, changes, effects);
        }
    }

    /// Begins a view: what its NEW-VIEW orders counts as PRE-PREPAREs of its primary.
    fn enter(&mut self, view: View, changes: Arc<[Signed]>, effects: &mut Effects) {
        for (_, change) in changes.iter() {
            change.prepared.iter().for_each(|&certificate| self.witness(certificate));
        }
        let (stable, last) = bounds_of(&changes);
        // Nobody's primary for a moment: the window moves before numbers are given away.
        self.active = false;
        self.view = view;
        self.adopt(stable, effects);
        self.forget_votes();
        self.claims.fill(0);
        self.active = true;
        self.voted = view;
        self.assigned = last;
        for sequence in stable.sequence + 1..=last {
            let command = order_for(&changes, sequence);
            // The order shows the request to whom the client did not reach; it waits for it, too.
            self.note_request(command);
            self.accept(sequence, command, effects);
        }
        self.new_view = Some(changes);
        for slot in &self.slots {
            let Some(command) = slot.accepted else { continue };
            if let Ok(place) = self.pending.binary_search_by_key(&command, |one| one.command) {
                self.pending[place].assigned = true;
            }
        }
        self.assign(effects);
    }

    /// What structure can show of a VIEW-CHANGE.
    fn is_valid(&self, change: &Change) -> bool {
        let end = change.stable.sequence.saturating_add(WINDOW);
        let mut last = change.stable.sequence;
        let sound = |certificate: &Certificate| {
            let after = last < certificate.sequence && certificate.sequence <= end;
            last = certificate.sequence;
            after && certificate.view < change.view && self.is_prepared(certificate)
        };
        (1..FAR).contains(&change.view)
            && self.is_stable(&change.stable)
            && change.prepared.iter().all(sound)
    }

    /// True if a quorum signed that, its primary among them.
    fn is_prepared(&self, certificate: &Certificate) -> bool {
        certificate.signers.contains(self.primary(certificate.view)) && self.is_signed(certificate)
    }

    /// True if a quorum of replicas that exist signed that.
    pub(super) fn is_signed(&self, certificate: &Certificate) -> bool {
        let Certificate { command, signers, .. } = *certificate;
        is_genuine(command) && self.are_quorum(signers)
    }

    /// True for a checkpoint that a quorum signed, and for the empty state.
    pub(super) fn is_stable(&self, stable: &Stable) -> bool {
        let due = stable.sequence < FAR && stable.sequence.is_multiple_of(CHECKPOINT_EVERY);
        *stable == Stable::EMPTY || due && self.are_quorum(stable.signers)
    }

    fn are_quorum(&self, signers: ReplicaSet) -> bool {
        signers.len() >= self.quorum() && signers.0 >> self.identity.replicas == 0
    }
}

/// The paper's min-s, with its checkpoint, and max-s.
fn bounds_of(changes: &[Signed]) -> (Stable, Sequence) {
    let mut stable = Stable::EMPTY;
    let mut last = 0;
    for (_, change) in changes {
        if change.stable.sequence > stable.sequence {
            stable = change.stable;
        }
        let highest = change.prepared.last().map_or(0, |certificate| certificate.sequence);
        last = last.max(highest);
    }
    (stable, last.max(stable.sequence))
}

/// What must stand at that number: what was prepared there in the highest view, or nothing.
fn order_for(changes: &[Signed], sequence: Sequence) -> Command {
    let prepared = changes.iter().flat_map(|(_, change)| change.prepared.iter());
    let there = prepared.filter(|certificate| certificate.sequence == sequence);
    let highest = there.max_by_key(|certificate| (certificate.view, certificate.command));
    highest.filter(|_| !Mistake::ForgetLock.is_made()).map_or(0, |certificate| certificate.command)
}
