//! PBFT: a primary orders requests, and two rounds of votes of all with all agree, though f lie.
//!
//! Source: Castro & Liskov, "Practical Byzantine Fault Tolerance", OSDI 1999, called *the paper*;
//! sections are its own.
//!
//! **Quorums** (section 3, 4). Of n = 3f + 1 replicas f may do anything. A quorum is
//! ceil((n + f + 1) / 2), which is 2f + 1 there and keeps its meaning where n is larger: any two
//! share f + 1 replicas, so at least one that is honest. f + 1 replicas that agree (a *weak* set)
//! hold one honest one.
//!
//! **Clients** (4.1). The paper's client sends its request to the primary, and to all only if no
//! answer comes; a backup then passes it on to the primary. Here clients multicast at once, so a
//! backup's timer runs from the first moment on. A client takes its request for done when f + 1
//! replicas have replied alike, for one of those is honest; replies are not sent, but a write
//! counts as committed with the f + 1st honest replica that executed it
//! ([`super::Protocol::replies`]).
//!
//! **The normal case** (4.2). The primary of view v,
//! replica v mod n, gives it the next sequence number in a PRE-PREPARE; a backup accepts the first
//! one for a view and number, and says so to all in a PREPARE. The PRE-PREPARE and matching
//! PREPAREs of a quorum are a *prepared certificate*: nobody can have another one for that view and
//! number. Whoever holds one says COMMIT to all, and a quorum of COMMITs decides. With four
//! replicas that is 3 + 9 + 12 = 24 messages. Requests are executed in order of their numbers; one
//! that was executed before (the paper's client timestamps) takes its place as a null request,
//! command 0.
//!
//! **Checkpoints** (4.3). After every [`CHECKPOINT_EVERY`] executed requests a replica signs a
//! digest of its state. A quorum of those makes the checkpoint *stable*: what was said up to there
//! is thrown away. Sequence numbers are taken only up to [`WINDOW`] past the last stable
//! checkpoint.
//!
//! **View changes** (4.4, 4.5.2). A backup that waits too long for a request leaves its view and
//! says VIEW-CHANGE, with its stable checkpoint and its prepared certificates; from then on it
//! votes in no older view. A quorum of those lets the next primary say NEW-VIEW: from them it
//! follows, for each number between the latest stable checkpoint and the highest prepared one,
//! which request must stand there (that of the certificate of the highest view) or that none can
//! have been decided (a null request). A replica waits for the new primary only once a quorum has
//! asked for the view, and until a request was executed in it that was not before; one timer covers
//! both, twice as long each time that fails. It joins the smallest view that a weak set asks for.
//! So f liars cannot force a change, and at most f primaries in a row are liars.
//!
//! **Signatures** are not computed here but kept by construction. A message comes from whom the
//! network says, and [`super::Liar::lie`] speaks in the liar's own name alone. A certificate is a
//! statement and the set of those who signed it; only what was really heard goes into one, and a
//! lie may leave certificates out but never makes one up. Receivers check all that structure shows:
//! how many signed, whether the primary did, view, window and order. A client's signature is the
//! absence of [`FORGED`] in a command, and liars repeat only requests that they have heard.
//!
//! **Lost messages** (4.2 leaves them to retransmission). While a request waits, a view changes or
//! others are known to be ahead, and nothing was executed for a heartbeat, a replica tells all how
//! far it is, in a STATUS; whoever is further sends what it lacks: votes, the NEW-VIEW, commit
//! certificates, or a stretch of executed requests whose digest is that of a stable checkpoint.
//! When all is done nothing is sent at all; there are no heartbeats.
//!
//! What is done differently, and why:
//! - NEW-VIEW carries the VIEW-CHANGEs alone; all compute from them what it orders, where the
//!   paper's replicas compute the same to compare.
//! - A quorum of COMMITs decides even for one that holds no prepared certificate itself: f + 1 of
//!   them come from honest replicas that do.
//! - VIEW-CHANGEs for later views count towards the quorum after which the timer runs, so that one
//!   that was lost stops nobody.
//! - STATUS carries the oldest requests that wait, so a primary that missed one hears of it.
//! - An election that is asked for from outside is a timeout where a request waits, or a quorum has
//!   asked for the view; else there is no timer to run out, and nothing happens.
//! - Old checkpoint certificates are kept and the log is not cut, in place of snapshots.
//!
//! A primary that hears nobody goes on until its window is full, and is replaced then.
//!
//! Left out: MACs in place of signatures (the later paper), the read-only and
//! tentative optimisations (section 5). What a replica signed is on its disk, as in the proof, for
//! which a replica that forgets is a liar. A replica that left its view alone stays out and learns
//! what is decided, until others leave it too: its signature under a VIEW-CHANGE forbids to return.

pub(super) mod facts;
mod agreement;
mod lie;
mod message;
#[cfg(test)]
#[path = "../lab/pbft/tests.rs"]
mod tests;
mod transfer;
mod view_change;

use std::sync::Arc;

pub use message::{Certificate, Change, Message, Signed, Stable, Status, Stretch};

use super::log::{Index, Log};
use super::{
    Belief, Command, Effect, FORGED, Identity, Input, Mutant, ReplicaId, ReplicaSet, Role,
    StateMachine, Timer, command,
};
use crate::clock::Micros;
use crate::fact::{Fact, counts, fact};

/// The paper's word for an epoch.
pub type View = super::Epoch;

/// The paper's word for an index.
pub type Sequence = Index;

/// How many requests lie between two checkpoints.
pub const CHECKPOINT_EVERY: Sequence = 16;

/// How far past the last stable checkpoint sequence numbers are taken (the paper's k).
pub const WINDOW: Sequence = 2 * CHECKPOINT_EVERY;

/// The longest timeout, however often it was doubled.
const PATIENCE_MAX: Micros = Micros::from_secs(600);

/// Votes of the current view on one command for one sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Tally {
    command: Command,
    /// Who said PREPARE, and the primary, if it said PRE-PREPARE.
    prepares: ReplicaSet,
    commits: ReplicaSet,
}

/// What a replica holds on one sequence number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Slot {
    /// The PRE-PREPARE that it accepted in this view.
    accepted: Option<Command>,
    /// By command.
    tallies: Vec<Tally>,
    /// The prepared certificate of the highest view.
    prepared: Option<Certificate>,
    /// The commits that decided it.
    decided: Option<Certificate>,
}

impl Slot {
    /// The votes for `command`.
    fn tally(&mut self, command: Command) -> &mut Tally {
        let place = self.tallies.iter().position(|tally| tally.command == command);
        let place = place.unwrap_or_else(|| {
            let (prepares, commits) = (ReplicaSet::NOBODY, ReplicaSet::NOBODY);
            self.tallies.push(Tally { command, prepares, commits });
            self.tallies.len() - 1
        });
        &mut self.tallies[place]
    }
}

/// A request that is known and not executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Pending {
    command: Command,
    /// True if the primary of this view has given it a number.
    assigned: bool,
}

/// What the election timer runs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Patience {
    /// Nothing: it does not run.
    Nothing,
    /// That this request be executed in this view.
    Request(View, Command),
    /// That the primary of this view say NEW-VIEW, and then that a request be executed in it.
    NewView(View),
}

/// A replica was caught: it signed both for that sequence number of that view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Evidence {
    liar: ReplicaId,
    view: View,
    sequence: Sequence,
    commands: (Command, Command),
}

/// A replica that speaks PBFT.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pbft {
    identity: Identity,
    view: View,
    /// False from its VIEW-CHANGE until the NEW-VIEW.
    active: bool,
    /// The last view in which it was active: that of the votes it holds.
    voted: View,
    /// What it executed, in order.
    log: Log,
    /// Of all that it executed.
    digest: u64,
    /// All requests up to this one are executed.
    done_to: Command,
    /// Those beyond that are, too, in order.
    done_beyond: Vec<Command>,
    /// In order.
    pending: Vec<Pending>,
    /// Stable checkpoints in order; the first is the empty state, the last bounds the window.
    stables: Vec<Stable>,
    /// Checkpoints that are not stable, and who signed them.
    checkpoints: Vec<Stable>,
    /// From the first sequence number after the last stable checkpoint on.
    slots: Vec<Slot>,
    /// The last sequence number that it gave away as primary.
    assigned: Sequence,
    /// By replica, its VIEW-CHANGE for the highest view.
    changes: Vec<Option<Arc<Change>>>,
    /// What made this view.
    new_view: Option<Arc<[Signed]>>,
    /// View changes since a request was last executed in the view of its order for the first time.
    failures: u32,
    evidence: Vec<Evidence>,
    /// By replica, how far it says it is; forgotten in a crash, as is all below.
    claims: Vec<Sequence>,
    /// After a restart, who has said since how far it is; `None` once those are enough.
    unsure: Option<ReplicaSet>,
    patience: Patience,
    /// While the retry timer runs, how much was executed when it was set.
    retry: Option<Sequence>,
}

type Effects = Vec<Effect>;

impl Pbft {
    /// A replica that has never run.
    pub fn new(identity: Identity) -> Self {
        let replicas = usize::from(identity.replicas);
        Self {
            identity,
            view: 0,
            active: true,
            voted: 0,
            log: Log::default(),
            digest: 0,
            done_to: 0,
            done_beyond: Vec::new(),
            pending: Vec::new(),
            stables: vec![Stable::EMPTY],
            checkpoints: Vec::new(),
            slots: Vec::new(),
            assigned: 0,
            changes: vec![None; replicas],
            new_view: None,
            failures: 0,
            evidence: Vec::new(),
            claims: vec![0; replicas],
            unsure: None,
            patience: Patience::Nothing,
            retry: None,
        }
    }
}

impl StateMachine for Pbft {
    type Message = Message;

    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        match input {
            Input::Start => self.start(effects),
            Input::Deliver { from, message } => self.receive(from, message, effects),
            Input::Timeout(Timer::Election) => self.on_election_timeout(effects),
            Input::Timeout(Timer::Retry) => self.on_retry_timeout(effects),
            Input::Timeout(Timer::Heartbeat | Timer::Lease | Timer::CheckQuorum | Timer::Round)
            | Input::Transfer(_)
            | Input::Read(_) => {}
            Input::Propose(command) => self.hear_request(command, effects),
        }
        self.mind_timers(effects);
    }

    /// All that it signed or that others signed for it stays on disk.
    fn crash(&mut self) {
        self.claims.fill(0);
        self.unsure = Some(ReplicaSet::NOBODY);
        self.patience = Patience::Nothing;
        self.retry = None;
        if Mutant::VoteTwice.is_made() {
            self.forget_votes();
            self.assigned = self.executed();
        }
    }

    /// It is as faulty as a liar until its checkpoints have caught up; it asks before it orders.
    fn wipe(&mut self, new: Self) {
        *self = Self { unsure: Some(ReplicaSet::NOBODY), ..new };
    }

    fn belief(&self) -> Belief {
        // Whoever was down does not know yet whether its view still stands.
        let settled = self.active && self.unsure.is_none();
        let role = match settled {
            true if self.is_primary() => Role::Leader,
            false if !self.active => Role::Candidate,
            true | false => Role::Follower,
        };
        let leader = settled.then(|| self.primary(self.view));
        let caught = self.evidence.iter().map(|evidence| evidence.liar).collect();
        Belief { caught, ..Belief::new(role, self.view, leader) }
    }

    fn log(&self) -> &Log {
        &self.log
    }

    fn commit(&self) -> Index {
        self.executed()
    }

    fn held(&self) -> u64 {
        u64::from(self.log.last_index())
            + 3 * (self.stables.len() + self.checkpoints.len()) as u64
            + 16 * self.slots.len() as u64
            + (self.pending.len() + self.done_beyond.len()) as u64
    }

    fn keeps(&self, index: Index, command: Command) -> bool {
        let is_it =
            |of: &Option<Certificate>| of.as_ref().is_some_and(|one| one.command == command);
        let mut slots = self.slots.iter();
        self.log.get(index).is_some_and(|entry| entry.command == command)
            || slots.any(|slot| slot.accepted == Some(command) || is_it(&slot.prepared))
    }

    fn phase(&self) -> Option<Fact> {
        if !self.active {
            Some(counts!("view-change", view = self.view))
        } else if self.slots.iter().any(|slot| slot.accepted.is_some() && slot.decided.is_none()) {
            Some(counts!("sequence", sequence = self.executed() + 1))
        } else {
            None
        }
    }

    fn evidence(&self) -> Vec<(ReplicaId, Fact)> {
        let fact = |evidence: &Evidence| {
            let Evidence { liar, view, sequence, commands: (one, other) } = *evidence;
            let (one, other) = (command(one), command(other));
            (liar, fact!("signed", one, other, sequence, view))
        };
        self.evidence.iter().map(fact).collect()
    }
}

/// What it does with what it hears.
impl Pbft {
    /// After a crash it does not know what it missed, so it asks.
    fn start(&self, effects: &mut Effects) {
        if self.unsure.is_some() {
            self.ask(effects);
        }
    }

    fn receive(&mut self, from: ReplicaId, message: &Message, effects: &mut Effects) {
        match *message {
            Message::PrePrepare { view, sequence, command } => {
                self.on_pre_prepare(from, view, sequence, command, effects);
            }
            Message::Prepare { view, sequence, command } => {
                self.on_prepare(from, view, sequence, command, effects);
            }
            Message::Commit { view, sequence, command } => {
                self.on_commit(from, view, sequence, command, effects);
            }
            Message::Checkpoint { sequence, digest } => {
                self.on_checkpoint(from, sequence, digest, effects);
            }
            Message::ViewChange(ref change) => self.on_view_change(from, change.clone(), effects),
            Message::NewView { view, ref changes } => {
                self.on_new_view(view, changes.clone(), effects)
            }
            Message::Status(ref status) => self.on_status(from, status, effects),
            Message::Committed(ref certificates) => self.on_committed(certificates, effects),
            Message::State(ref stretch) => self.on_state(stretch, effects),
        }
    }

    /// A request of a client, from itself or from another replica that waits for it.
    fn hear_request(&mut self, command: Command, effects: &mut Effects) {
        self.note_request(command);
        self.assign(effects);
    }

    fn note_request(&mut self, command: Command) {
        if command == 0 || !is_genuine(command) || self.is_done(command) {
            return;
        }
        let search = self.pending.binary_search_by_key(&command, |pending| pending.command);
        if let Err(place) = search {
            self.pending.insert(place, Pending { command, assigned: false });
        }
    }

    /// True if that request was executed.
    fn is_done(&self, command: Command) -> bool {
        command <= self.done_to || self.done_beyond.binary_search(&command).is_ok()
    }

    /// Starts and stops the timers, so that they run for what is true now.
    fn mind_timers(&mut self, effects: &mut Effects) {
        let patience = self.patience_needed();
        if patience != self.patience {
            self.patience = patience;
            effects.push(match patience {
                Patience::Nothing => Effect::CancelTimer(Timer::Election),
                Patience::Request(..) | Patience::NewView(_) => self.election_timer(),
            });
        }
        let unfinished = self.is_unfinished();
        if unfinished && self.retry.is_none() {
            self.retry = Some(self.executed());
            let every = self.identity.heartbeat;
            effects.push(Effect::SetTimer { timer: Timer::Retry, from: every, to: every });
        } else if !unfinished && self.retry.take().is_some() {
            effects.push(Effect::CancelTimer(Timer::Retry));
        }
    }

    /// What its timer runs for (4.4, 4.5.2). A backup waits for its oldest request. Whoever changes
    /// views waits once a quorum does; and one timer T covers both the NEW-VIEW and the first
    /// request that is executed in the new view, so that a primary gains no time by saying NEW-VIEW
    /// alone.
    fn patience_needed(&self) -> Patience {
        let waits = self.active && !self.is_primary();
        match self.pending.first() {
            _ if !self.active && self.quorum_changes() => Patience::NewView(self.view),
            Some(_) if waits && self.failures > 0 => Patience::NewView(self.view),
            Some(first) if waits => Patience::Request(self.view, first.command),
            Some(_) | None => Patience::Nothing,
        }
    }

    /// Twice as long for each view change that led to nothing, after the first.
    fn election_timer(&self) -> Effect {
        let doublings = self.failures.saturating_sub(1).min(16);
        let longer = |span: Micros| Micros(span.0 << doublings).min(PATIENCE_MAX);
        let (from, to) = self.identity.election.clone().into_inner();
        Effect::SetTimer { timer: Timer::Election, from: longer(from), to: longer(to) }
    }

    /// How much it executed.
    fn executed(&self) -> Sequence {
        self.log.last_index()
    }

    /// The last stable checkpoint.
    fn stable(&self) -> Stable {
        self.stables.last().copied().unwrap_or(Stable::EMPTY)
    }

    /// Who orders requests in `view`.
    const fn primary(&self, view: View) -> ReplicaId {
        ReplicaId((view % self.identity.replicas as u32) as u8)
    }

    fn is_primary(&self) -> bool {
        self.primary(self.view) == self.identity.id
    }

    /// ceil((n + f + 1) / 2): any two share an honest replica.
    fn quorum(&self) -> u8 {
        let quorum = (self.identity.replicas + self.identity.tolerated) / 2 + 1;
        quorum - u8::from(Mutant::SmallQuorum.is_made())
    }

    /// f + 1: one of them is honest.
    const fn weak(&self) -> usize {
        self.identity.tolerated as usize + 1
    }

    /// What is held on a sequence number, if it is within the window.
    fn slot(&mut self, sequence: Sequence) -> Option<&mut Slot> {
        let place = sequence.checked_sub(self.stable().sequence + 1)?;
        if place >= WINDOW {
            return None;
        }
        let place = place as usize;
        if self.slots.len() <= place {
            self.slots.resize_with(place + 1, Slot::default);
        }
        self.slots.get_mut(place)
    }

    fn send_all(&self, message: &Message, effects: &mut Effects) {
        for peer in self.identity.peers() {
            send(effects, peer, message.clone());
        }
    }

    /// Whoever signed that and something else for the same place is a liar.
    fn witness(&mut self, statement: Certificate) {
        let Certificate { view, sequence, command, signers } = statement;
        let (voted, own) = (self.voted, self.identity.id);
        let Some(slot) = self.slot(sequence).filter(|_| view == voted) else { return };
        let mut found = Vec::new();
        for tally in slot.tallies.iter().filter(|tally| tally.command != command) {
            let both = signers.0 & (tally.prepares.0 | tally.commits.0);
            let commands = (tally.command, command);
            let liars = ReplicaSet(both).iter().filter(|&liar| liar != own).collect::<Vec<_>>();
            found.extend(liars.into_iter().map(|liar| Evidence { liar, view, sequence, commands }));
        }
        for evidence in found {
            if self.evidence.iter().all(|known| known.liar != evidence.liar) {
                self.evidence.push(evidence);
            }
        }
    }
}

/// True if a client signed that request; a null request needs no signature.
const fn is_genuine(command: Command) -> bool {
    command & FORGED == 0
}

fn send(effects: &mut Effects, to: ReplicaId, message: Message) {
    effects.push(Effect::send(to, message));
}
