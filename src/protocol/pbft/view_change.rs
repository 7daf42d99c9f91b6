//! View changes: leaving a view, and making a new one of what a quorum says (paper 4.4, 4.5.2).

use std::sync::Arc;

use super::{
    CHECKPOINT_EVERY, Certificate, Change, Effects, Message, Mutant, Patience, Pbft, ReplicaId,
    ReplicaSet, Sequence, Signed, Stable, View, WINDOW, is_genuine,
};
use crate::protocol::Command;

/// No run gets so far: a view or a number from there on is nonsense.
const FAR: u32 = 1 << 30;

impl Pbft {
    /// 4.4: "If the timer of backup i expires in view v, the backup starts a view change to move
    /// the system to view v + 1." 4.5.2: it runs on for the NEW-VIEW, and if that fails, too, the
    /// next change is to v + 2. Where nothing waits there was no timer to run out, and somebody
    /// outside wants a backup to think that there was. Where no quorum has asked for a view yet,
    /// nobody is to blame for its absence.
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

    /// 4.4: it stops accepting what is not of a checkpoint or a view change, and multicasts its
    /// VIEW-CHANGE. 4.5.2: each change that leads to nothing doubles the time T of the next.
    fn leave_for(&mut self, view: View, effects: &mut Effects) {
        self.view = view;
        self.active = false;
        self.failures += 1;
        let own = self.identity.id;
        self.changes[own.index()] = Some(Arc::new(self.change_to(view)));
        self.say_change(effects);
        self.make_new_view(effects);
    }

    /// 4.4: `<VIEW-CHANGE, v + 1, n, C, P, i>`. The stable checkpoint with its signers is n and C;
    /// a prepared certificate for each later number is P.
    pub(super) fn change_to(&self, view: View) -> Change {
        let prepared = self.slots.iter().filter_map(|slot| slot.prepared).collect();
        Change { view, stable: self.stable(), prepared }
    }

    /// Says its VIEW-CHANGE, the first time or once more.
    pub(super) fn say_change(&self, effects: &mut Effects) {
        if let Some(change) = &self.changes[self.identity.id.index()] {
            self.send_all(&Message::ViewChange(Arc::clone(change)), effects);
        }
    }

    /// 4.4: a valid one counts. The highest that a replica said replaces its earlier ones.
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

    /// 4.5.2: f + 1 replicas that ask for later views hold an honest one, so it joins "the smallest
    /// view in the set, even if its timer has not expired".
    fn view_to_join(&self) -> Option<View> {
        let views = self.changes.iter().flatten().map(|change| change.view);
        let later = views.filter(|&view| view > self.view);
        if later.clone().count() < self.weak() { None } else { later.min() }
    }

    /// 4.5.2: whoever changes views starts its timer once a quorum, itself included, has asked for
    /// the view, or here for a later one.
    pub(super) fn quorum_changes(&self) -> bool {
        let asks = |change: &&Arc<Change>| change.view >= self.view;
        self.changes.iter().flatten().filter(asks).count() >= usize::from(self.quorum())
    }

    /// 4.4: the primary of the new view, with a quorum of VIEW-CHANGEs for it (2f of others and its
    /// own), multicasts `<NEW-VIEW, v + 1, V, O>`. V is sent; all compute O from it, as they enter.
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

    /// V: the VIEW-CHANGEs for that very view.
    pub(super) fn signed_changes(&self, view: View) -> Arc<[Signed]> {
        let signed = (0..).map(ReplicaId).zip(self.changes.iter());
        let signed = signed.filter_map(|(id, change)| Some((id, Arc::clone(change.as_ref()?))));
        signed.filter(|(_, change)| change.view == view).collect()
    }

    /// 4.4: a NEW-VIEW is accepted if every VIEW-CHANGE in V is valid for that view and a quorum
    /// signed them. Whoever passes it on, it proves itself.
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

    /// 4.4: enters view v + 1. The checkpoint at min-s is adopted, and for each number from there
    /// to max-s the order in O counts as a PRE-PREPARE of the new primary: the protocol is redone
    /// for those, and what was executed is not executed again.
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

    /// 4.4: C is signed by a quorum; P has one prepared certificate a number, above n and within
    /// the water marks, each of an earlier view than the one that is asked for.
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

    /// 4.2, *prepared*: a quorum signed that, its primary among them.
    fn is_prepared(&self, certificate: &Certificate) -> bool {
        certificate.signers.contains(self.primary(certificate.view)) && self.is_signed(certificate)
    }

    /// True if a quorum of replicas that exist signed that.
    pub(super) fn is_signed(&self, certificate: &Certificate) -> bool {
        let Certificate { command, signers, .. } = *certificate;
        is_genuine(command) && self.are_quorum(signers)
    }

    /// 4.3: true for a checkpoint that a quorum signed, and for the empty state.
    pub(super) fn is_stable(&self, stable: &Stable) -> bool {
        let due = stable.sequence < FAR && stable.sequence.is_multiple_of(CHECKPOINT_EVERY);
        *stable == Stable::EMPTY || due && self.are_quorum(stable.signers)
    }

    fn are_quorum(&self, signers: ReplicaSet) -> bool {
        signers.len() >= self.quorum() && signers.0 >> self.identity.replicas == 0
    }
}

/// 4.4, O, step 1: min-s, the latest stable checkpoint in V; and max-s, the highest number that was
/// prepared.
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

/// 4.4, O, step 2: what was prepared at that number in the highest view, or else a null request.
fn order_for(changes: &[Signed], sequence: Sequence) -> Command {
    let prepared = changes.iter().flat_map(|(_, change)| change.prepared.iter());
    let there = prepared.filter(|certificate| certificate.sequence == sequence);
    let highest = there.max_by_key(|certificate| (certificate.view, certificate.command));
    highest.filter(|_| !Mutant::ForgetLock.is_made()).map_or(0, |certificate| certificate.command)
}
