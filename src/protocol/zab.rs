//! Zab: whoever has the latest epoch is elected, of several the one with the longest history, and
//! tells it to the rest.
//!
//! Sources: Junqueira, Reed & Serafini, "Zab: High-performance broadcast for primary-backup
//! systems" (DSN 2011), called *the paper*; and ZooKeeper, whose fast leader election
//! (`FastLeaderElection`) and three phases ("Zab 1.0") are the ones here.
//!
//! **Histories** (paper 3). A transaction is named by its zxid: the epoch of the leader that made
//! it and a counter. A replica keeps two more numbers on disk: the epoch that it *accepted*, its
//! promise to work with no older leader, and its *current* epoch, that of the last leader whose
//! whole history it has.
//!
//! **Fast leader election.** A replica that is *looking* votes for itself at first and tells all:
//! (current epoch, last zxid, server id), and the round of voting that it is in. Who hears a vote
//! that is better in that order (`totalOrderPredicate`: the epoch comes first, so a short history
//! of a late epoch beats a long one of an early epoch) makes it its own and tells all; so the best
//! vote spreads even to those who never hear its candidate. When a quorum of those whom a replica
//! hears share its vote, and nothing better comes for a moment (`finalizeWait`), it is decided: the
//! candidate is *leading*, the others are *following*. Who looks while others do not is told whom
//! they follow, and believes it if a quorum does and the leader itself says so.
//!
//! **Discovery** (phase 1). Followers tell the leader the epoch they accepted (CEPOCH); with a
//! quorum of these it proposes the next one (NEWEPOCH). Who has not accepted it yet does, and says
//! what its history is (ACKEPOCH). If somebody's is better than the leader's own, the leader gives
//! up: this is where ZooKeeper differs from the paper, whose leader would take that history over.
//!
//! **Synchronisation** (phase 2). With a quorum of ACKEPOCH the leader tells everyone what they
//! lack (DIFF) and what to throw away (TRUNC), then NEWLEADER; who has all of it makes the epoch
//! its current one and acknowledges. A quorum of these activates the leader.
//!
//! **Broadcast** (phase 3). PROPOSAL, ACK from a quorum, COMMIT, in order.
//!
//! A leader whom no quorum answers gives up, and so does a follower that does not hear its leader.
//! Both look again. So a leader needs a quorum that hears it, *each of them must hear a quorum* of
//! its own opinion, and it must have the best history that is told of: table 1
//! of the Omni-Paxos paper calls that QC, EQC and max log. In the middle of a star the hub learns
//! what all vote for, and nobody else does, so nobody follows. In a chain all vote for the best
//! history, wherever it is; at the end of a chain of five nobody can lead with it, and nobody else
//! will. A chain of three, or one whose leader sits in the middle, just goes on without whoever
//! lost it: that one looks for a leader in vain, and disturbs nobody, since there is no epoch in a
//! vote that others would have to obey. There the table says that Zab does not recover; here, it
//! has nothing to recover from.
//!
//! What is done differently, and why:
//! - ZooKeeper talks over TCP; here a packet may be lost or late. A follower that waits repeats its
//!   part each heartbeat, a vote is told again each heartbeat while nothing is decided, and a ping
//!   names the leader's last transaction, so that a follower sees a gap and asks with ACKEPOCH.
//! - A zxid's counter is the place in the log, which does not begin anew with each epoch.
//! - DIFF begins after what the follower knows committed, and TRUNC is all that differs after that.
//!   NEWLEADER is the end of that very message; UPTODATE is the first COMMIT; a follower answers a
//!   ping by ACK.
//! - A replica that accepted a newer epoch, of a leader that came to nothing, can follow none of an
//!   older one, and in ZooKeeper it tries for as long as that one leads. Here the leader gives up
//!   when it hears of the newer epoch, and the next one is newer still.
//! - In ZooKeeper a notification of one who looks in an old round is answered even if it is an
//!   answer itself. Here an answer is not answered: between replicas that tell the truth it would
//!   say nothing new, for who is ahead told all when it went ahead, and tells them again each
//!   heartbeat. And one who lies about looking would be answered, and answer, for ever.
//! - Server ids (`myid`) are the replicas' numbers. A replica that the scenario elects before there
//!   was any epoch is configured with a higher one than all others, for good.
//! - `finalizeWait` is two heartbeats, 200 ms at the default. ZooKeeper's ticks are 2 s; here a
//!   follower's patience is an election timeout, and a leader's the shortest one.
//! - What is committed stays known over a restart.
//! - Where disks take time, pings do not wait for them, but a follower's answer to one does, since
//!   it is an ACK; in ZooKeeper pings are answered by a thread of their own. A PROPOSAL leaves when
//!   the leader has written it, and not while it writes.
//!
//! Left out: observers, weights, reconfiguration, snapshots. A wiped replica breaks its promise.

pub(super) mod facts;
mod election;
mod following;
mod leading;
mod lie;
mod message;
mod timer;

pub use message::{History, Message, Standing, Vote};

use std::collections::VecDeque;

use super::log::{Entry, Index, Log};
use super::{
    Belief, Command, Effect, Epoch, Identity, Input, Mutant, Role, StateMachine, Timer, digest,
};
use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::fault::ReplicaId;
use election::Looking;
use following::Stage;
use leading::Leading;

/// What a replica is doing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    /// Looking for a leader.
    Looking(Looking),
    /// Following one, or waiting for it to lead.
    Following {
        /// Whom.
        leader: ReplicaId,
        /// How far it has come with it.
        stage: Stage,
        /// True while [`timer::ASK_AGAIN`] runs since it has asked for what it lacks.
        asking: bool,
    },
    /// Leading, or getting ready to.
    Leading(Leading),
}

/// A replica that speaks Zab.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Zab {
    identity: Identity,
    /// Durable: its server id, which decides between equal histories.
    server: u8,
    /// Durable: it works with no leader of an older epoch.
    accepted: Epoch,
    /// Durable: the epoch of the last leader whose history it took over.
    current: Epoch,
    /// Durable: what is committed.
    decided: Log,
    /// Durable: what comes after that.
    undecided: VecDeque<Entry>,
    /// The round of voting that it is in, or in which its leader was found.
    round: u32,
    /// Its vote, in the end its leader's.
    vote: Vote,
    state: State,
}

type Effects = Vec<Effect>;

impl Zab {
    /// A replica that has never run.
    pub fn new(identity: Identity) -> Self {
        let server = identity.id.0;
        let vote = Vote { epoch: 0, last: (0, 0), server, leader: identity.id };
        let state = State::Looking(Looking::new(identity.replicas));
        Self {
            identity,
            server,
            accepted: 0,
            current: 0,
            decided: Log::default(),
            undecided: VecDeque::new(),
            round: 0,
            vote,
            state,
        }
    }
}

impl StateMachine for Zab {
    type Message = Message;

    #[inline]
    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        match input {
            Input::Start => self.look(effects),
            Input::Deliver { from, message } => self.receive(from, message, effects),
            Input::Timeout(Timer::Election) => self.lose_leader(effects),
            Input::Timeout(Timer::Heartbeat) => self.ping(effects),
            Input::Timeout(Timer::CheckQuorum) => self.on_check_quorum_timeout(effects),
            Input::Timeout(timer::ASK_AGAIN) => self.on_retry_timeout(effects),
            Input::Timeout(timer::FINALIZE) => self.finalize(effects),
            Input::Timeout(Timer::Lease) | Input::Transfer(_) | Input::Read(_) => {}
            Input::Propose(command) => self.propose(command, effects),
        }
    }

    /// Epochs and history stay on disk.
    fn crash(&mut self) {
        self.state = State::Looking(Looking::new(self.identity.replicas));
        self.round = 0;
        if Mutant::VoteTwice.is_made() {
            self.accepted = self.current;
        }
    }

    #[inline]
    fn belief(&self) -> Belief {
        let (role, leader) = match &self.state {
            State::Looking(_) => (Role::Candidate, None),
            State::Following { leader, .. } => (Role::Follower, Some(*leader)),
            State::Leading(leading) if leading.is_active() => {
                (Role::Leader, Some(self.identity.id))
            }
            State::Leading(_) => (Role::Candidate, None),
        };
        Belief::new(role, self.accepted, leader)
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

    /// Both epochs and the history, which its last zxid names: ZooKeeper acknowledges what its log
    /// has been flushed for.
    fn written(&self) -> Option<u64> {
        let (epoch, index) = self.last();
        let [accepted, current] = [self.accepted, self.current].map(u64::from);
        Some(digest(&[self.server.into(), accepted, current, epoch.into(), index.into()]))
    }

    fn phase(&self) -> Option<Fact> {
        match &self.state {
            State::Looking(_) => {
                Some(fact!("looking", round = self.round, leader = self.vote.leader))
            }
            State::Following { stage: Stage::Synchronised, .. } => None,
            State::Following { .. } => Some("discovery".into()),
            State::Leading(leading) => leading.phase().map(Fact::plain),
        }
    }
}

impl Zab {
    fn receive(&mut self, from: ReplicaId, message: &Message, effects: &mut Effects) {
        match *message {
            Message::Notification { vote, round, standing, is_answer } => {
                self.on_notification(from, vote, (round, standing, is_answer), effects);
            }
            Message::FollowerEpoch { accepted } => self.on_follower_epoch(from, accepted, effects),
            Message::NewEpoch { epoch } => self.on_new_epoch(from, epoch, effects),
            Message::AckEpoch { epoch, is_new, current, last, commit } => {
                self.on_ack_epoch(from, (epoch, is_new), (current, last), commit, effects);
            }
            Message::NewLeader { epoch, ref history } => {
                self.on_new_leader(from, epoch, history, effects);
            }
            Message::Proposal { epoch, index, command } => {
                self.on_proposal(from, index, Entry { epoch, command }, effects);
            }
            Message::Ack { epoch, index } => self.on_ack(from, epoch, index, effects),
            Message::Commit { epoch, index } => {
                self.on_sign_of_life(from, epoch, (index, index), effects);
            }
            Message::Ping { epoch, last, commit } => {
                if self.on_sign_of_life(from, epoch, (last, commit), effects) {
                    let index = self.last_index();
                    send(effects, from, Message::Ack { epoch, index });
                }
            }
        }
    }

    /// Where its history ends.
    fn last_index(&self) -> Index {
        let undecided = Index::try_from(self.undecided.len()).expect("as for the log");
        self.decided.last_index() + undecided
    }

    /// The zxid of its last transaction.
    fn last(&self) -> (Epoch, Index) {
        let epoch = self.undecided.back().map_or(self.decided.last_epoch(), |entry| entry.epoch);
        (epoch, self.last_index())
    }

    /// Knows everything up to `index` committed, as far as it has it.
    fn decide(&mut self, index: Index) {
        while self.decided.last_index() < index {
            let Some(entry) = self.undecided.pop_front() else { return };
            self.decided.push(entry);
        }
    }

    /// Its history after `base`.
    fn history(&self, base: Index) -> History {
        let base = base.min(self.last_index());
        let commit = self.decided.last_index();
        let decided = self.decided.from(base + 1, usize::MAX).iter();
        let undecided = self.undecided.iter().skip(base.saturating_sub(commit) as usize);
        History { base, commit, entries: decided.chain(undecided).copied().collect() }
    }

    fn set_timer(&self, timer: Timer, length: Micros, effects: &mut Effects) {
        effects.push(Effect::SetTimer { timer, from: length, to: length });
    }

    fn set_retry_timer(&self, effects: &mut Effects) {
        self.set_timer(timer::ASK_AGAIN, self.identity.heartbeat, effects);
    }

    /// What nobody answered is said again.
    fn on_retry_timeout(&mut self, effects: &mut Effects) {
        match &mut self.state {
            State::Looking(_) => {
                self.tell_vote(effects);
                self.set_retry_timer(effects);
            }
            State::Following { asking, stage: Stage::Synchronised, .. } => *asking = false,
            State::Following { .. } => {
                self.repeat_to_leader(effects);
                self.set_retry_timer(effects);
            }
            State::Leading(_) => {}
        }
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

fn send(effects: &mut Effects, to: ReplicaId, message: Message) {
    effects.push(Effect::send(to, message));
}

#[cfg(test)]
#[path = "../lab/zab/tests.rs"]
mod tests;
