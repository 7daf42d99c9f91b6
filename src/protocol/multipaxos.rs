//! Multi-Paxos: a Synod a slot of the log, under a leader that runs phase 1 for all of them at
//! once.
//!
//! Sources: Lamport, "Paxos Made Simple" (2001), section 3, called *the paper*; for the election of
//! the leader, on which Lamport leaves us alone, the baseline that Omni-Paxos is compared with in
//! Ng, Haridi & Carbone, "Omni-Paxos: Breaking the Barriers of Partial Connectivity" (EuroSys
//! 2023), as their artifact has it (`mp_le.rs`), called *the artifact*.
//!
//! **The rule that elects** (the artifact). Every replica has a ballot of its own, and a ballot
//! that it follows. In rounds of an election timeout it asks all others for both.
//! 1. With answers from a majority, itself included, it looks at the largest ballot among their
//!    own. If that is smaller than the one it follows, the leader is gone: it takes a number above
//!    the leader's and follows nobody, and its ballot stands for election in the next round. If it
//!    is larger, it follows that.
//! 2. Without a majority it changes nothing.
//! 3. A larger ballot that any answer says its sender *follows* is followed at once: gossip.
//!
//! Nobody compares logs, so that whoever reaches a majority can lead, however far behind: the
//! leader learns in phase 1 what it missed (the *constrained* election, in which Raft stands
//! still). But a leader is never asked whether it hears a majority. If it does not, and the only
//! replica that does still hears it, that one follows it for ever, and nothing is decided
//! (*quorum-loss*). And gossip deposes a leader that a majority hears for one who cannot hear it,
//! and back again (*chained*).
//!
//! **The rule of `multipaxos+robust`.** Rule 2 is another one, and nothing else is: without a
//! majority a replica claims nothing. Its ballot's number is 0 in what it answers, and if it led,
//! it leads no longer. Then the one replica that hears a majority finds its leader gone, and takes
//! over: quorum-loss passes. Whether Multi-Paxos "properly implemented" does this is disputed; the
//! rule is that of Chubby's and Raft's leaders, who step down without a quorum, put into the
//! artifact's terms. It does not help a chain, in which each end hears a majority.
//!
//! **Phases** (paper 3). A leader prepares all slots from the first that it knows no decision for,
//! once; a promise reports what was accepted in any of them. It proposes what was reported in the
//! highest ballot, no-ops where nothing was, and then each write in the next slot, in phase 2
//! alone. A slot is decided when a majority has accepted it in one ballot; logs take decisions in
//! order.
//!
//! What is done differently, and why:
//! - An acceptor takes slots in any order, and says up to which one it has them all: what is
//!   decided behind a hole could not be used. Its answer to the leader's sign of life shows the
//!   leader what of all that was sent a heartbeat ago is lost; it is sent again then, and never
//!   else, so that no chain of messages outlives its cause.
//! - A decision is told with the next message of phase 2, as that of all slots up to a number.
//! - A larger ballot in a message of the Synods, a refusal included, is followed at once too. So no
//!   acceptor is ever bound to a ballot that its leader election has not heard of; in the artifact
//!   the two know nothing of each other. But such messages are no sign of life: only answers are,
//!   so that a leader which sends and no longer receives is missed.
//! - A ballot of number 0 claims nothing, so that the first leader is found in two rounds, not one.
//!   Rounds have one length, the least election timeout, as in the artifact: with lengths drawn by
//!   chance, whoever sees a claim too late makes another one, and the first leaders chase each
//!   other.
//! - Promise, votes and decisions are on disk; its own ballot and the one it follows are not.
//!   Whoever starts again follows the ballot it promised, unless that was its own, and never one of
//!   its own that it has forgotten: in the artifact nobody starts again.
//!
//! Left out: reconfiguration, and thinning out the log (a promise carries all it is asked for,
//! which is as long as a run at most).

pub(super) mod facts;
mod election;
mod lie;
mod message;
mod replication;

pub use super::paxos::Ballot;
pub use message::Message;

use super::log::{Index, Log};
use super::{Belief, Command, Effect, Identity, Input, Role, StateMachine, Timer, digest};
use crate::fact::{Fact, fact};
use crate::fault::{ReplicaId, ReplicaSet};

/// What the option changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// Whoever hears no majority for a round claims nothing, and leads no longer.
    pub claims_need_a_quorum: bool,
}

/// The last vote in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The ballot; [`Ballot::NONE`] if there was no vote.
    pub ballot: Ballot,
    /// The command.
    pub command: Command,
}

impl Slot {
    /// No vote.
    pub const EMPTY: Self = Self { ballot: Ballot::NONE, command: 0 };
}

/// What a leader knows of another's slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Progress {
    /// Up to which slot they are accepted in its ballot, without a hole.
    filled: Index,
    /// The next slot to send.
    next: Index,
}

/// What only the owner of the ballot that it follows needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Leadership {
    promises: ReplicaSet,
    /// True once phase 1 is over.
    prepared: bool,
    /// The last slot as of the last sign of life: what was sent since may still be under way.
    settled: Index,
    /// By replica number, its own place included.
    progress: Vec<Progress>,
}

/// A replica that speaks Multi-Paxos.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Multipaxos {
    identity: Identity,
    rules: Rules,
    /// Of leader election; never used twice, so that no answer of an earlier life counts.
    round: u32,
    /// Who has answered in this round.
    answered: ReplicaSet,
    /// The largest ballot of theirs, its own included.
    top: Ballot,
    /// Its own ballot; its number is 0 if it claims nothing.
    own: Ballot,
    /// The ballot that it follows.
    leader: Ballot,
    /// Durable: the highest ballot in which it took part; it takes part in none below.
    promised: Ballot,
    /// Durable: its votes, those in decided slots included.
    slots: Vec<Slot>,
    /// Up to which slot its votes are in the ballot promised, or the decision is known.
    filled: Index,
    /// Durable: what is known to be decided.
    log: Log,
    leadership: Option<Leadership>,
}

type Effects = Vec<Effect>;

impl Multipaxos {
    /// A replica that has never run.
    pub fn new(identity: Identity, rules: Rules) -> Self {
        let own = Ballot { number: 0, owner: identity.id };
        Self {
            identity,
            rules,
            round: 0,
            answered: ReplicaSet::NOBODY,
            top: own,
            own,
            leader: Ballot::NONE,
            promised: Ballot::NONE,
            slots: Vec::new(),
            filled: 0,
            log: Log::default(),
            leadership: None,
        }
    }

    fn start(&mut self, effects: &mut Effects) {
        let was_its_own = self.promised.owner == self.identity.id;
        self.leader = if was_its_own { Ballot::NONE } else { self.promised };
        self.fill();
        self.start_round(effects);
    }

    fn receive(&mut self, from: ReplicaId, message: &Message, effects: &mut Effects) {
        match *message {
            Message::Request { round } => self.on_request(from, round, effects),
            Message::Reply { round, ballot, leader } => {
                self.on_reply(from, round, (ballot, leader), effects);
            }
            // Nobody speaks in another's ballot.
            Message::Prepare { ballot, .. } | Message::Accept { ballot, .. }
                if ballot.owner != from => {}
            Message::Prepare { ballot, first } => self.on_prepare(from, ballot, first, effects),
            Message::Promise { ballot, first, decided, ref slots } => {
                self.on_promise(from, (ballot, first), decided, slots, effects);
            }
            Message::Accept { ballot, first, decided, ref commands } => {
                self.on_accept(from, (ballot, first), decided, commands, effects);
            }
            Message::Accepted { ballot, filled, told } => {
                self.on_accepted(from, ballot, (filled, told), effects);
            }
            Message::Nack { ballot, promised, .. } => self.on_nack(ballot, promised, effects),
        }
    }

    /// The newest ballot that it has to do with.
    fn newest(&self) -> Ballot {
        self.leader.max(self.promised).max(self.own)
    }
}

impl StateMachine for Multipaxos {
    type Message = Message;

    #[inline]
    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        match input {
            Input::Start => self.start(effects),
            Input::Deliver { from, message } => self.receive(from, message, effects),
            Input::Timeout(Timer::Round) => self.on_round_end(effects),
            Input::Timeout(Timer::Heartbeat) => self.on_heartbeat_timeout(effects),
            // Never set, so that somebody else wants it to lead.
            Input::Timeout(Timer::Election) => self.campaign(effects),
            Input::Timeout(Timer::Lease | Timer::CheckQuorum | Timer::Retry)
            | Input::Transfer(_)
            | Input::Read(_) => {}
            Input::Propose(command) => self.propose(command, effects),
        }
    }

    /// Promise, votes and decisions stay on disk.
    fn crash(&mut self) {
        self.own.number = 0;
        self.leader = Ballot::NONE;
        self.filled = self.log.last_index();
        self.leadership = None;
    }

    #[inline]
    fn belief(&self) -> Belief {
        let role = match &self.leadership {
            Some(leadership) if leadership.prepared => Role::Leader,
            None if self.own.number <= self.leader.max(self.promised).number => Role::Follower,
            Some(_) | None => Role::Candidate,
        };
        Belief::new(role, self.newest().number, self.leader.leader())
    }

    #[inline]
    fn log(&self) -> &Log {
        &self.log
    }

    #[inline]
    fn commit(&self) -> Index {
        self.log.last_index()
    }

    fn held(&self) -> u64 {
        u64::from(self.log.last_index()) + 2 * self.slots.len() as u64
    }

    fn keeps(&self, index: Index, command: Command) -> bool {
        let vote = self.slots.get((index as usize).wrapping_sub(1));
        vote.is_some_and(|vote| vote.ballot != Ballot::NONE && vote.command == command)
            || self.log.get(index).is_some_and(|entry| entry.command == command)
    }

    /// Promise and votes. Up to `filled` these are in the ballot promised, or decided, and stay
    /// what they are; that something is decided can be learned again.
    fn written(&self) -> Option<u64> {
        let beyond = self.slots.get(self.filled as usize..).unwrap_or_default().iter();
        let beyond = beyond.flat_map(|slot| [slot.ballot.word(), slot.command.into()]);
        let own = [self.promised.word(), self.filled.into()];
        Some(digest(&own.into_iter().chain(beyond).collect::<Vec<_>>()))
    }

    fn phase(&self) -> Option<Fact> {
        let leadership = self.leadership.as_ref().filter(|leadership| !leadership.prepared)?;
        let (count, needed) = (leadership.promises.len(), self.identity.majority());
        Some(fact!("promises", count, needed))
    }
}

fn send(effects: &mut Effects, to: ReplicaId, message: Message) {
    effects.push(Effect::send(to, message));
}

#[cfg(test)]
#[path = "../lab/multipaxos/tests.rs"]
mod tests;
