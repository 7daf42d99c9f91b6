//! Raft: a leader orders a log, and a majority keeps it.
//!
//! Sources: Ongaro & Ousterhout, "In Search of an Understandable Consensus Algorithm" (extended
//! version, 2014), called *the paper*; Ongaro's dissertation (2014), *the thesis*; etcd-io/raft,
//! *etcd*. Where they differ, [`Rules`] asks one question a function, and this file obeys.
//!
//! **Terms** (paper 5.1). Time is cut into terms; each has at most one leader. Every message
//! carries its sender's term, and whoever hears of a newer term adopts it and becomes a follower.
//! This is the rule that an innocent server behind a half-dead switch turns against its own
//! cluster: it cannot hear the leader, so it starts a newer term, and everyone it can reach must
//! leave the leader that they hear perfectly well.
//!
//! **Elections** (5.2, 5.4.1). A follower that hears no leader for its election timeout becomes
//! candidate in the next term, votes for itself and asks the others. A replica votes once in a
//! term, first come first served, and only for a candidate whose log is at least as up to date as
//! its own. A majority makes a leader.
//!
//! **Replication** (5.3). The leader appends a client's command to its log and sends it to all with
//! AppendEntries, which also name the entry before, so that a follower can refuse what does not
//! fit. An entry of the leader's own term that a majority holds is committed, and all before it
//! (5.4.2). A new leader appends an empty entry at once, so that old ones can commit (8).
//!
//! **Pre-vote** (thesis 9.6), **check-quorum** (thesis 6.2) and **stickiness** (paper 6, thesis
//! 4.2.3) are the three answers to disruptive servers; `Rules` switches them.
//!
//! **Leadership transfer** (thesis 3.10). An operator asks the leader to hand over. It takes no new
//! writes, brings the other one up to date, and sends it TimeoutNow: campaign at once. Those who
//! hear the leader would ignore that campaign, and pre-votes would fail, so it asks for no pre-vote
//! and its RequestVote says that the leader wants it (4.2.3). Nobody waits for the outcome: a
//! leader that still leads after the least election timeout takes writes again.
//!
//! **Reads** (paper 8, thesis 6.4) that a leader answers out of its own log: `raft/reads.rs`.
//!
//! What is done differently, and why:
//! - Entries are sent once, and again from where a refusal says that they are missing: see
//!   `raft/progress.rs`, also for what becomes of a follower whose disk was wiped. A heartbeat
//!   carries none: it names the entry before, and so finds losses.
//! - A follower that refuses AppendEntries names the last index that could match, skipping a whole
//!   term at a time (the optimisation described at the end of 5.3).
//!
//! **Disks** that take time. Figure 2 wants term, vote and log on stable storage before an RPC is
//! answered, and so it is, here for requests, too: a leader sends an entry when it has written it,
//! as hashicorp/raft does. (It might do both at once and count itself when it is through, thesis
//! 10.2.1, as etcd does: a commit would come a write earlier.) Heartbeats, which hashicorp/raft
//! sends from a thread of their own, and answers to them wait for no disk: so a leader whose disk
//! hangs commits nothing and is still obeyed.
//!
//! Left out: membership changes, and snapshots (logs are bounded by the run).

pub mod facts;
mod election;
mod lie;
mod message;
mod progress;
mod reads;
mod refusal;
mod replication;
mod rules;
mod stop;
mod transfer;
mod timer;

pub use message::Message;
pub use rules::{Flavour, Rules};

use super::ReadMode;
use super::log::{Index, Log};
use super::{Belief, Effect, Identity, Input, Mutant, Role, StateMachine, Timer, digest};
use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::fault::{ReplicaId, ReplicaSet};
use progress::Progress;

/// Raft's word for an epoch.
pub type Term = super::Epoch;

/// The part a replica plays, with what only that part needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    Follower,
    PreCandidate {
        granted: ReplicaSet,
        refused: ReplicaSet,
    },
    Candidate {
        granted: ReplicaSet,
        refused: ReplicaSet,
    },
    Leader {
        /// By replica number, its own place included.
        progress: Vec<Progress>,
        /// Who has answered since the last check of the quorum.
        active: ReplicaSet,
        /// Whom it is handing over to; it takes no writes meanwhile.
        transfer: Option<ReplicaId>,
    },
}

/// A replica that speaks Raft.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Raft {
    identity: Identity,
    rules: Rules,
    /// Durable (figure 2): the latest term seen.
    term: Term,
    /// Durable: who got the vote in this term.
    voted_for: Option<ReplicaId>,
    /// Durable: the log.
    log: Log,
    commit: Index,
    leader: Option<ReplicaId>,
    /// True while [`timer::HEARD_LEADER`] runs: a leader was heard within the least election timeout.
    lease: bool,
    state: State,
    /// Why the process has ended itself, for the page; until it is started again.
    stopped: Option<&'static str>,
    /// What it takes to answer reads, where clients ask for them.
    reads: Option<Box<reads::Reads>>,
}

type Effects = Vec<Effect>;

impl Raft {
    /// A replica that has never run.
    pub fn new(identity: Identity, rules: Rules) -> Self {
        Self {
            identity,
            rules,
            term: 0,
            voted_for: None,
            log: Log::default(),
            commit: 0,
            leader: None,
            lease: false,
            state: State::Follower,
            stopped: None,
            reads: None,
        }
    }
}

impl StateMachine for Raft {
    type Message = Message;

    #[inline(always)]
    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        if self.stopped.is_some() {
            return;
        }
        match input {
            Input::Start => self.start(effects),
            Input::Deliver { from, message } => {
                let (round, beat) = if let Message::HeartbeatContext { round, beat } = message {
                    (Some(*round), &**beat)
                } else {
                    (None, message)
                };
                let first = effects.len();
                // Called in one place, so that it is compiled into the way of each message.
                let goes_on = self.receive(from, beat, effects);
                if let Some(round) = round.filter(|_| goes_on) {
                    self.count_round(from, round, (beat, first), effects);
                }
            }
            Input::Timeout(Timer::Election) => self.on_election_timeout(effects),
            Input::Timeout(Timer::Heartbeat) => self.on_heartbeat_timeout(effects),
            Input::Timeout(timer @ (timer::HEARD_LEADER | timer::PROMISE)) => {
                self.on_lease_timeout(timer)
            }
            Input::Timeout(Timer::CheckQuorum) => self.on_check_quorum_timeout(effects),
            Input::Timeout(timer::TRANSFER) => self.give_transfer_up(),
            Input::Transfer(to) => self.hand_over(to, effects),
            Input::Read(read) => self.on_read(read, effects),
            Input::Propose(command) => self.propose(command, effects),
        }
    }

    /// Term, vote and log stay on disk.
    fn crash(&mut self) {
        self.state = State::Follower;
        self.stopped = None;
        self.leader = None;
        self.lease = false;
        if !self.rules.commit_is_durable() {
            self.commit = 0;
        }
        self.forget_reads();
    }

    fn expect_reads(&mut self, by: ReadMode, patience: Micros) {
        self.reads = Some(Box::new(reads::Reads::new(by, patience)));
    }

    #[inline]
    fn belief(&self) -> Belief {
        let role = match self.state {
            State::Follower => Role::Follower,
            State::PreCandidate { .. } => Role::PreCandidate,
            State::Candidate { .. } => Role::Candidate,
            State::Leader { .. } => Role::Leader,
        };
        Belief::new(role, self.term, self.leader)
    }

    #[inline]
    fn log(&self) -> &Log {
        &self.log
    }

    #[inline]
    fn commit(&self) -> Index {
        self.commit
    }

    /// "Updated on stable storage before responding to RPCs" (figure 2): term, vote and log. A
    /// commit index that is kept is not waited for (etcd's `MustSync`).
    fn written(&self) -> Option<u64> {
        let vote = self.voted_for.map_or(0, |chosen| u64::from(chosen.0) + 1);
        Some(digest(&[self.term.into(), vote, self.log.mark().word()]))
    }

    fn refusal(&self, from: ReplicaId, message: &Message) -> Option<Fact> {
        self.refuses(from, message)
    }

    fn phase(&self) -> Option<Fact> {
        if let Some(why) = self.stopped {
            return Some(fact!("died", why));
        }
        self.transfers_to().map(|to| fact!("hands-over", to))
    }
}

/// What it does with what it hears.
impl Raft {
    fn start(&mut self, effects: &mut Effects) {
        self.set_election_timer(effects);
        self.promise_anew(effects);
    }

    fn on_lease_timeout(&mut self, timer: Timer) {
        if timer == timer::HEARD_LEADER {
            self.lease = false;
        }
        self.end_lease(timer);
    }

    /// Term first, for every message alike (paper 5.1; etcd's `Step`), then by kind. False if it
    /// goes no further than its term.
    #[inline(always)]
    fn receive(&mut self, from: ReplicaId, message: &Message, effects: &mut Effects) -> bool {
        let term = message.term();
        if term > self.term {
            if !self.meet_newer_term(from, message, effects) {
                return false;
            }
        } else if term < self.term {
            self.answer_older_term(from, message, effects);
            return false;
        }
        match *message {
            Message::Append { prev_index, prev_term, commit, ref entries, .. } => {
                if self.hear_leader(from, effects) {
                    self.on_append(from, (prev_index, prev_term), commit, entries, effects);
                }
            }
            Message::AppendReply { success, index, refused, .. } => {
                self.on_append_reply(from, (success, index, refused), effects);
            }
            Message::Heartbeat { term, commit } => {
                if self.survives(term, commit, effects) && self.hear_leader(from, effects) {
                    self.on_heartbeat(from, commit, effects);
                }
            }
            Message::HeartbeatReply { .. } => self.on_heartbeat_reply(from, effects),
            Message::Vote { pre: false, transfer: false, .. } if self.has_promised() => {}
            Message::Vote { term, last_index, last_term, pre, .. } => {
                self.on_vote(from, term, (last_term, last_index), pre, effects);
            }
            Message::VoteReply { granted, pre, .. } => {
                self.on_vote_reply(from, granted, pre, effects);
            }
            Message::TimeoutNow { .. } => self.on_timeout_now(effects),
            // Nobody counts twice.
            Message::HeartbeatContext { .. } => {}
        }
        true
    }

    /// Adopts a newer term if the message asks for it; false if the message is to be ignored.
    fn meet_newer_term(
        &mut self,
        from: ReplicaId,
        message: &Message,
        effects: &mut Effects,
    ) -> bool {
        match message {
            Message::Vote { pre: false, transfer: false, .. } if self.has_promised() => {
                return false;
            }
            Message::Vote { transfer: false, .. }
                if self.rules.ignores_votes_in_lease() && self.hears_leader() =>
            {
                return false;
            }
            // A pre-vote never changes the term of whoever is asked, nor does a yes to one.
            Message::Vote { pre: true, .. }
            | Message::VoteReply { pre: true, granted: true, .. } => {}
            Message::Heartbeat { term, commit } if !self.survives(*term, *commit, effects) => {
                return false;
            }
            Message::Append { term, .. }
            | Message::Heartbeat { term, .. }
            | Message::TimeoutNow { term } => {
                self.become_follower(*term, Some(from), effects);
            }
            Message::Vote { term, .. }
            | Message::VoteReply { term, .. }
            | Message::AppendReply { term, .. }
            | Message::HeartbeatReply { term } => self.become_follower(*term, None, effects),
            Message::HeartbeatContext { beat, .. } => {
                return self.meet_newer_term(from, beat, effects);
            }
        }
        true
    }

    /// A message of an older term is never obeyed; some are answered, so that the sender learns.
    fn answer_older_term(&self, from: ReplicaId, message: &Message, effects: &mut Effects) {
        let term = self.term;
        match message {
            Message::Append { .. } | Message::Heartbeat { .. } => {
                if self.rules.answers_stale_leaders() {
                    let (success, index, refused) = (false, 0, 0);
                    let reply = Message::AppendReply { term, success, index, refused };
                    send(effects, from, reply);
                }
            }
            Message::Vote { pre, .. } => {
                if self.rules.answers_stale_candidates(*pre) {
                    send(effects, from, Message::VoteReply { term, granted: false, pre: *pre });
                }
            }
            Message::VoteReply { .. }
            | Message::AppendReply { .. }
            | Message::HeartbeatReply { .. }
            | Message::TimeoutNow { .. } => {}
            Message::HeartbeatContext { beat, .. } => self.answer_older_term(from, beat, effects),
        }
    }

    /// True if this replica leads, or has heard from a leader within the least election timeout.
    fn hears_leader(&self) -> bool {
        match self.state {
            State::Leader { .. } => true,
            State::Follower | State::PreCandidate { .. } | State::Candidate { .. } => {
                self.leader.is_some() && self.lease
            }
        }
    }

    /// A leader of this very term has spoken: follow it, and be patient again. False for one who
    /// leads that term itself, and does not obey another.
    #[inline(always)]
    fn hear_leader(&mut self, from: ReplicaId, effects: &mut Effects) -> bool {
        match self.state {
            State::Follower => {}
            State::PreCandidate { .. } | State::Candidate { .. } => {
                self.become_follower(self.term, Some(from), effects);
            }
            // Two leaders in one term: election safety is broken, and the checker says so.
            State::Leader { .. } => return false,
        }
        self.leader = Some(from);
        self.restart_election_timer(effects);
        true
    }

    /// Follows in `term`; a newer term forgets the vote.
    fn become_follower(&mut self, term: Term, leader: Option<ReplicaId>, effects: &mut Effects) {
        let newer = term > self.term;
        if newer {
            self.term = term;
            self.voted_for = None;
        }
        let led = matches!(self.state, State::Leader { .. });
        self.state = State::Follower;
        self.leader = leader;
        if led {
            effects.push(Effect::CancelTimer(Timer::Heartbeat));
            effects.push(Effect::CancelTimer(Timer::CheckQuorum));
        }
        // A leader has no election timer running, so it needs one whatever the flavour.
        if led || self.rules.newer_term_restarts_timer() {
            self.set_election_timer(effects);
        }
    }

    /// Starts the election timer anew, freshly drawn.
    fn set_election_timer(&mut self, effects: &mut Effects) {
        let (from, to) = self.identity.election.clone().into_inner();
        effects.push(Effect::SetTimer { timer: Timer::Election, from, to });
        self.start_lease(effects);
    }

    /// A sign of life: be patient for another timeout.
    #[inline(always)]
    fn restart_election_timer(&mut self, effects: &mut Effects) {
        if self.rules.keeps_drawn_timeout() {
            effects.push(Effect::RestartTimer(Timer::Election));
            self.start_lease(effects);
        } else {
            self.set_election_timer(effects);
        }
    }

    /// For the least election timeout from now on, a leader counts as heard.
    #[inline(always)]
    fn start_lease(&mut self, effects: &mut Effects) {
        if self.rules.needs_lease() {
            self.lease = true;
            let least = self.least_election_timeout();
            effects.push(Effect::SetTimer { timer: timer::HEARD_LEADER, from: least, to: least });
        }
    }

    fn least_election_timeout(&self) -> Micros {
        *self.identity.election.start()
    }

    /// More than half of all replicas.
    fn quorum(&self) -> u8 {
        self.identity.majority() - u8::from(Mutant::SmallQuorum.is_made())
    }

    /// Everyone else.
    fn peers(&self) -> impl Iterator<Item = ReplicaId> + use<> {
        self.identity.peers()
    }
}

#[inline(always)]
fn send(effects: &mut Effects, to: ReplicaId, message: Message) {
    effects.push(Effect::send(to, message));
}

#[cfg(test)]
#[path = "../lab/raft/tests.rs"]
mod tests;
