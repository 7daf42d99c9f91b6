//! Viewstamped Replication: whose turn it is to lead is a matter of arithmetic.
//!
//! Source: Liskov & Cowling, "Viewstamped Replication Revisited" (MIT-CSAIL-TR-2012-021), called
//! *the paper*; its words are primary, backup, op-number and commit-number. There are n = 2f + 1
//! replicas, and f + 1 are a quorum.
//!
//! **Views** (paper 4). Time is cut into views, and the primary of view v is replica v mod n.
//! Nobody stands for election and nobody is voted for: a replica that is tired of its primary can
//! only move on to the next view, and that view belongs to the next in line, well connected or not.
//!
//! **Normal operation** (4.1). The primary gives a command the next op-number and sends Prepare.
//! A backup that has everything before it appends it and answers PrepareOK. Once f backups have,
//! the op is committed, and the next Prepare says so; Commit does when clients are silent. Messages
//! of an older view are dropped; one of a newer view tells that something was missed.
//!
//! **View change** (4.2). Whoever hears nothing of the primary for a timeout, or hears of a newer
//! view, enters that view, works no more in the old one, and says StartViewChange to all. Whoever
//! has heard that from f others tells the view's primary DoViewChange: its log, the last view in
//! which it worked, its commit-number. With f + 1 of these the primary takes the log of the latest
//! such view, of these the longest, and sends it to all as StartView. An op that was committed is
//! in one of the f + 1 logs, and no log without it can be of a later view.
//!
//! So a primary must hear a quorum, *and that quorum must hear a quorum each*: f StartViewChange
//! come from f others. That is what the Omni-Paxos paper (Ng, Haridi & Carbone 2023, table 1) calls
//! "elected by quorum-connected servers", and why one well connected replica in the middle of a
//! star can never become primary: its neighbours hear nobody but it, and have no right to say
//! DoViewChange. In a chain of three everyone hears a quorum or sits beside who does; the turn
//! comes to the one in the middle, and it stays, although the table says that VR does not recover
//! there. In a chain of five it does not: the ends never hear a primary that the middle elects.
//!
//! **State transfer** (5.2). GetState asks for what is missing, NewState gives it.
//!
//! **Recovery** (4.3). A replica that has lost what it knew is *recovering*: it answers nothing,
//! takes part in nothing and leads nothing. It sends Recovery with a nonce to all, until f + 1
//! others whose status is normal have answered, the primary of the latest view of these among them,
//! and goes on with that one's log. If more than f have lost all, those stay as they are: the group
//! stands still rather than to lie. See `recovery.rs`, also for what the paper leaves out there.
//!
//! There are two of it ([`Disks`]). `vr+recovery` is the paper's: nothing is on disk, and every
//! restart is a recovery. `vr` keeps view and log on disk, which costs a disk write before each
//! answer; in exchange all may crash at once and come back, and only a replica whose disks were
//! replaced recovers.
//!
//! What is done differently, and why:
//! - There is no chance in a replica, and no clock. The nonce is the number of times that it was
//!   started with nothing, which whoever starts it counts; so nonces are in order, too, and serve
//!   as the crash vector of Michael et al.
//! - f of n = 2f + 1 is written down for odd groups. Here a quorum is a majority, a view change
//!   takes as many, and a recovery takes the answers of n + 1 less a majority: it meets every
//!   majority.
//! - In the paper a replica that learns of a newer view cuts its log back to what is committed and
//!   then asks for the rest. If the next view change comes before the answer, it no longer holds
//!   what it said PrepareOK to, and a committed op may be lost. Here the old log goes when the new
//!   one is there ([`Mutant::ForgetLock`] is the paper's way).
//! - Logs travel without what the receiver is known to hold as committed. A new primary that lacks
//!   some of that asks (GetState) the owner of the best log, which says DoViewChange again, with
//!   more.
//! - Commit names the primary's op-number, so that a backup sees that a Prepare was lost, and what
//!   is not committed yet is answered by PrepareOK again. Nothing is said twice without such a
//!   reason.
//! - A replica that is pushed (`elect n3`) while it hears its primary moves to the next view that
//!   is its own, not just the next; `transfer to n3` is the same by the primary's hand.
//!
//! The artifact of the Omni-Paxos paper (`vr_le.rs`) has the view change alone, as a leader
//! election for another log. Replicas ask their leader for heartbeats; on silence they raise the
//! view and say StartViewChange, and with a majority of those (their own included) they say
//! `DoViewChange`, take the new leader for elected and ask it for heartbeats, so that its silence
//! moves them on, too. Only who waits for others' StartViewChange takes no timeout: it stays there
//! until somebody asks for a later view.
//!
//! Left out: clients' request numbers (each command is proposed once), checkpoints,
//! reconfiguration.

pub(super) mod facts;
mod change;
mod lie;
mod message;
mod normal;
mod recovery;
mod timer;

pub use message::{Lives, Message, Suffix};

use std::collections::VecDeque;
use std::sync::Arc;

use super::log::{Entry, Index, Log};
use super::{Belief, Command, Effect, Identity, Input, Mutant, Role, StateMachine, Timer, digest};
use crate::clock::Micros;
use crate::fact::Fact;
use crate::fault::ReplicaId;
use change::Change;
use recovery::Recovery;

/// VR's word for an epoch.
pub type View = super::Epoch;

/// What a replica is busy with (the paper's *status*), and what it needs for that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Status {
    /// Normal, in a view of its own.
    Primary {
        /// By replica, up to which op it is known to be prepared; its own place included.
        prepared: Vec<Index>,
    },
    /// Normal, in a view of somebody else's.
    Backup,
    /// On the way into a view.
    Change(Change),
    /// It has lost all that it knew, and says nothing but that.
    Recovering(Recovery),
}

/// What of a replica outlives its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disks {
    /// View, log and what it knows of others' losses, until the disks are replaced.
    Kept,
    /// Nothing, as in the paper.
    None,
}

/// A replica that speaks Viewstamped Replication.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vr {
    identity: Identity,
    disks: Disks,
    /// Durable: by replica, how often it is known to have lost all that it knew. How often it has
    /// itself, whoever starts it counts: the paper's nonce, which must only be new.
    lives: Lives,
    /// Durable: the view it is in, or on the way into.
    view: View,
    /// Durable: the last view in which its status was normal.
    last_normal: View,
    /// Durable: the ops up to the commit-number.
    decided: Log,
    /// Durable: the ops after that.
    undecided: VecDeque<Entry>,
    /// Of it only that it is recovering is durable.
    status: Status,
    /// True while [`timer::HEARS_PRIMARY`] runs: it heard its primary within the least timeout.
    hears_primary: bool,
    /// True while [`timer::ASK_AGAIN`] runs: it has asked for what it lacks.
    asking: bool,
}

type Effects = Vec<Effect>;

impl Vr {
    /// A replica that has never run. All begin in view 0.
    pub fn new(identity: Identity, disks: Disks) -> Self {
        Self {
            lives: vec![0; usize::from(identity.replicas)].into(),
            identity,
            disks,
            view: 0,
            last_normal: 0,
            decided: Log::default(),
            undecided: VecDeque::new(),
            status: Status::Backup,
            hears_primary: false,
            asking: false,
        }
    }
}

impl StateMachine for Vr {
    type Message = Message;

    #[inline]
    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        match input {
            Input::Start => self.start(effects),
            Input::Deliver { from, message } => self.receive(from, message, effects),
            Input::Timeout(timer::VIEW_CHANGE) => self.on_election_timeout(effects),
            Input::Timeout(Timer::Heartbeat) => self.give_sign_of_life(effects),
            Input::Timeout(timer::HEARS_PRIMARY) => self.hears_primary = false,
            Input::Timeout(timer::ASK_AGAIN) => self.on_retry_timeout(effects),
            Input::Timeout(Timer::CheckQuorum | Timer::Round) | Input::Read(_) => {}
            Input::Propose(command) => self.propose(command, effects),
            Input::Transfer(to) => self.hand_over(to, effects),
        }
    }

    /// View and log stay on disk, where there is one.
    fn crash(&mut self) {
        if self.disks == Disks::None {
            self.wipe(Self::new(self.identity.clone(), self.disks));
            return;
        }
        self.status = match self.status {
            Status::Recovering(_) => self.recovering(),
            Status::Primary { .. } | Status::Backup | Status::Change(_) => Status::Backup,
        };
        self.hears_primary = false;
        self.asking = false;
        if Mutant::VoteTwice.is_made() {
            self.view = self.last_normal;
        }
    }

    /// All that it knows is that it once knew more.
    fn wipe(&mut self, new: Self) {
        let life = self.life().saturating_add(1);
        *self = new;
        if Mutant::VoteTwice.is_made() {
            return;
        }
        Arc::make_mut(&mut self.lives)[self.identity.id.index()] = life;
        self.status = self.recovering();
    }

    #[inline]
    fn belief(&self) -> Belief {
        let primary = Some(self.primary_of(self.view));
        let (role, leader) = match self.status {
            Status::Primary { .. } => (Role::Leader, primary),
            Status::Backup => (Role::Follower, primary),
            Status::Change(_) => (Role::Candidate, None),
            Status::Recovering(_) => (Role::Follower, None),
        };
        Belief::new(role, self.view, leader)
    }

    #[inline]
    fn log(&self) -> &Log {
        &self.decided
    }

    #[inline]
    fn commit(&self) -> Index {
        self.decided.last_index()
    }

    fn keeps(&self, index: Index, command: Command) -> bool {
        let beyond = index.checked_sub(self.decided.last_index() + 1);
        let undecided = beyond.and_then(|place| self.undecided.get(place as usize)).copied();
        let own = undecided.or_else(|| self.decided.get(index));
        own.is_some_and(|entry| entry.command == command)
    }

    /// Views, log, and who has lost all: what the paper keeps in memory alone is written before each
    /// answer where there are disks. In a view that was normal a log only grows.
    fn written(&self) -> Option<u64> {
        if self.disks == Disks::None {
            return Some(0);
        }
        let recovers = matches!(self.status, Status::Recovering(_));
        let last = self.decided.last_index() as usize + self.undecided.len();
        let own = [self.view, self.last_normal].map(u64::from);
        let own = own.into_iter().chain([last as u64, recovers.into()]);
        let lives = self.lives.iter().map(|&life| u64::from(life));
        Some(digest(&own.chain(lives).collect::<Vec<_>>()))
    }

    fn phase(&self) -> Option<Fact> {
        match &self.status {
            Status::Change(change) => Some(change.phase(self.f())),
            Status::Recovering(recovery) => Some(recovery.phase(self.answers_needed())),
            Status::Primary { .. } | Status::Backup => None,
        }
    }
}

impl Vr {
    /// After a restart it goes on where it was: a view change begins anew, anything else goes on.
    fn start(&mut self, effects: &mut Effects) {
        if matches!(self.status, Status::Recovering(_)) {
            self.ask_to_recover(effects);
        } else if self.view != self.last_normal {
            self.start_view_change(self.view, effects);
        } else if self.primary_of(self.view) == self.identity.id {
            self.become_primary(effects);
            self.give_sign_of_life(effects);
        } else {
            self.set_election_timer(effects);
        }
    }

    fn receive(&mut self, from: ReplicaId, message: &Message, effects: &mut Effects) {
        if matches!(self.status, Status::Recovering(_)) {
            self.hear_while_recovering(from, message, effects);
            return;
        }
        match *message {
            Message::Prepare { view, op, commit, command } => {
                let entry = Entry { epoch: view, command };
                self.on_prepare(from, (op, entry), commit, effects);
            }
            Message::PrepareOk { view, op, life } => {
                if self.is_heard(from, life) {
                    self.on_prepare_ok(from, view, op);
                }
            }
            Message::Commit { view, op, commit } => {
                self.on_commit(from, view, (op, commit), effects);
            }
            Message::StartViewChange { view, ref lives } => {
                if self.learn_lives(from, lives) {
                    self.on_start_view_change(from, view, effects);
                }
            }
            Message::DoViewChange { view, last_normal, ref suffix, ref lives } => {
                if self.learn_lives(from, lives) {
                    self.on_do_view_change(from, view, last_normal, suffix.clone(), effects);
                }
            }
            Message::StartView { view, ref suffix } => {
                self.on_start_view(from, view, suffix, effects);
            }
            Message::GetState { view, op } => self.on_get_state(from, view, op, effects),
            Message::NewState { view, ref suffix } => {
                self.on_new_state(from, view, suffix, effects)
            }
            Message::Recovery { life } => self.on_recovery(from, life, effects),
            // It has recovered.
            Message::RecoveryResponse { .. } => {}
        }
    }

    /// The replica whose turn that view is.
    const fn primary_of(&self, view: View) -> ReplicaId {
        ReplicaId((view % self.identity.replicas as View) as u8)
    }

    /// How many may fail.
    const fn f(&self) -> u8 {
        self.identity.majority() - 1
    }

    /// Its op-number: the last op that it holds.
    fn op(&self) -> Index {
        let undecided = Index::try_from(self.undecided.len()).expect("as for the log");
        self.decided.last_index() + undecided
    }

    /// Raises its commit-number, as far as it holds what is committed.
    fn decide(&mut self, commit: Index) {
        while self.decided.last_index() < commit {
            let Some(entry) = self.undecided.pop_front() else { return };
            self.decided.push(entry);
        }
    }

    /// Its log after `base`.
    fn suffix(&self, base: Index) -> Suffix {
        let base = base.min(self.op());
        let commit = self.decided.last_index();
        let decided = self.decided.from(base + 1, usize::MAX).iter();
        let undecided = self.undecided.iter().skip(base.saturating_sub(commit) as usize);
        Suffix { base, commit, entries: decided.chain(undecided).copied().collect() }
    }

    /// Puts another's log in the place of all that is not committed; false if there would be a
    /// hole.
    fn adopt(&mut self, suffix: &Suffix) -> bool {
        let Some(known) = self.decided.last_index().checked_sub(suffix.base) else { return false };
        self.undecided.clear();
        self.undecided.extend(suffix.entries.iter().skip(known as usize));
        self.decide(suffix.commit);
        true
    }

    /// Starts the election timer anew, freshly drawn.
    fn set_election_timer(&mut self, effects: &mut Effects) {
        let (from, to) = self.identity.election.clone().into_inner();
        effects.push(Effect::SetTimer { timer: timer::VIEW_CHANGE, from, to });
        // Over before the shortest election timeout is.
        let least = Micros(from.0.saturating_sub(1));
        effects.push(Effect::SetTimer { timer: timer::HEARS_PRIMARY, from: least, to: least });
        self.hears_primary = true;
    }

    /// A sign of life of the primary: be patient for another timeout.
    fn hear_primary(&mut self, effects: &mut Effects) {
        effects.push(Effect::RestartTimer(timer::VIEW_CHANGE));
        effects.push(Effect::RestartTimer(timer::HEARS_PRIMARY));
        self.hears_primary = true;
    }

    /// Everyone else.
    fn peers(&self) -> impl Iterator<Item = ReplicaId> + use<> {
        self.identity.peers()
    }
}

fn send(effects: &mut Effects, to: ReplicaId, message: Message) {
    effects.push(Effect::send(to, message));
}

#[cfg(test)]
#[path = "../lab/vr/tests.rs"]
mod tests;
