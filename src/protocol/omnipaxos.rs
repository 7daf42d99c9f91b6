//! Omni-Paxos: whoever is connected to a majority may lead, and nobody needs more.
//!
//! Sources: Ng, Haridi & Carbone, "Omni-Paxos: Breaking the Barriers of Partial Connectivity"
//! (EuroSys 2023), called *the paper*, with the elections of its artifact; the crate `omnipaxos`
//! 0.2.4 by the same authors, *the crate*. The two elect differently, and [`Flavour`] says how.
//!
//! **Ballots.** A ballot is a number and its owner, and orders leaderships; two owners may use one
//! number. A ballot comes from one election and is used for one leadership.
//!
//! **Ballot leader election.** Time is cut into rounds, each replica's its own.
//! In a round it asks everyone for a heartbeat; the answer carries the answerer's ballot and
//! whether a majority answers *it*: whether it is quorum-connected. At the end of a round in which
//! a majority answered, it takes the greatest ballot of a quorum-connected replica for the
//! leader's. If that is smaller than the leader's so far, the leader is gone, or no longer
//! connected: then it raises its own ballot past it. No votes, no logs, no gossip of who leads: one
//! quorum-connected replica is enough, where Raft needs a majority of them, and one with the newest
//! log.
//!
//! **Elections of the crate.** A follower is *happy* if its leader answered and is happy; a leader,
//! if enough of those who answer take it, or somebody older, for theirs. Who is unhappy, hears a
//! majority, and hears nobody who is happy, takes over. In the three-node cut of Cloudflare (n1 and
//! n3 cut, n3 leads) the paper's election hands leadership to n1, once; by the crate's rule n2 is
//! happy, n1 sees that, and n3 stays. The price is that n1 is left without news until the cut
//! heals. And there is another one: whoever raised its ballot unheard, died, and started again
//! (below that ballot, as it must) has promised to follow nobody older, and the others, being
//! happy, never go past a ballot that they have not heard of. It stays behind, links whole, until
//! their leader falls; in the paper's elections it misses a leader as great as its promise, and
//! goes past it itself.
//!
//! **Sequence Paxos.** A new leader *prepares*: it tells how far its log goes,
//! and a majority promises to accept nothing older and sends what its log lacks. It adopts the log
//! that was accepted in the greatest ballot, the longest of these: in it is all that may have been
//! decided. So any connected replica can lead, however short its log was. AcceptSync makes a
//! follower's log the same; from then on entries come with Accept, in order. What a majority has
//! accepted is decided.
//!
//! **Lost messages.** The paper assumes links that lose nothing while a session lasts, and a
//! PrepareReq when a session is made anew. Packets here may be lost or overtake each other at any
//! time. So, as in the crate, a leader numbers what it tells a follower after each AcceptSync;
//! whoever misses a number asks with PrepareReq to be prepared again, as it does after a restart.
//! Prepare, Promise and PrepareReq are repeated once a heartbeat until they are answered. The crate
//! leaves the end of a conversation to whoever runs it; here the leader also repeats the number of
//! its last message once a heartbeat, so that its loss is noticed, and a follower with something
//! undecided answers what it has accepted.
//!
//! What is done differently from the paper, and why:
//! - Ballots that were promised count as seen in elections (the crate does so). If their owner dies
//!   before anyone hears them in a round, nobody else would go past them.
//! - Within a ballot, an AcceptSync only ever adds to a log that was synchronised before, because
//!   the leader's only grew, and one of a later session is taken at any time. One that is shorter
//!   than the log begins no session: the Accepts that follow it are in the log, and would be added
//!   once more.
//!
//! Timing: a round is the least election timeout long, the first one of a life up to the longest;
//! repetitions are a heartbeat apart. With rounds in step progress stops for at most four of them
//! (the paper's promise): one to finish the round in which the leader still answered, one to miss
//! it, one to raise a ballot and one to hear of it. Out of step it may be one more.
//!
//! Whom a follower believes to lead: the owner of the ballot that it has promised, while that one
//! answers with it or speaks as its leader. A leader believes in itself until it promises another
//! ballot: behind a cut it may do so for long, and decides nothing.
//!
//! Left out: reconfiguration, snapshots (logs are bounded by the run), batches, flexible quorums,
//! and that followers forward writes: here a client knows the leader, and writes to others fail.

pub(super) mod facts;
mod election;
mod follower;
mod leader;
mod lie;
mod message;
#[cfg(test)]
#[path = "../lab/omnipaxos/tests.rs"]
mod tests;

pub use message::{Ballot, Extent, Message, Place, Suffix};

use self::election::{Election, Reply};
use self::leader::Peer;
use self::message::word;
use super::log::{Entry, Index, Log};
use super::{Belief, Command, Effect, Identity, Input, Mutant, Role, StateMachine, Timer, digest};
use crate::fact::{Fact, fact};
use crate::fault::ReplicaId;

/// Whose ballot leader election is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// The paper's: the greatest ballot of those that are quorum-connected.
    Paper,
    /// The crate's: nobody takes over while somebody is happy.
    Happy,
}

/// Where a follower stands with the leader whose ballot it has promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// It has promised nothing yet.
    Idle,
    /// It has promised, to a leader whose log went that far.
    Prepare(Extent),
    /// Its log is the leader's, up to the message of that place.
    Accept(Place),
    /// It may have missed something, and asks to be prepared.
    Recover,
}

/// The part a replica plays, with what only that part needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    Follower(Phase),
    Leader {
        /// False while it prepares; from then on it takes writes.
        syncs: bool,
        /// By replica number, its own place included.
        peers: Vec<Peer>,
        /// Of those promised when it prepared, the newest log's extent.
        newest: Extent,
        /// What its own log lacks of that one.
        lacks: Option<Box<Suffix>>,
    },
}

/// A replica that speaks Omni-Paxos.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Omnipaxos {
    identity: Identity,
    flavour: Flavour,
    /// Durable: the ballot below which nothing is accepted any more.
    promised: Ballot,
    /// Durable: the ballot in which the log was last accepted.
    accepted: Ballot,
    /// Durable: what is decided.
    log: Log,
    /// Durable: what is accepted behind it.
    undecided: Vec<Entry>,
    state: State,
    election: Election,
    /// True if the owner of the promised ballot was there in the last round.
    hears: bool,
    /// True if it has spoken as leader in this one.
    heard: bool,
}

type Effects = Vec<Effect>;

impl Omnipaxos {
    /// A replica that has never run.
    pub fn new(identity: Identity, flavour: Flavour) -> Self {
        let election = Election::new(flavour, &identity, Ballot::NONE);
        Self {
            identity,
            flavour,
            promised: Ballot::NONE,
            accepted: Ballot::NONE,
            log: Log::default(),
            undecided: Vec::new(),
            state: State::Follower(Phase::Idle),
            election,
            hears: false,
            heard: false,
        }
    }

    /// The ballot that it has promised: nothing older is accepted.
    pub const fn promised(&self) -> Ballot {
        self.promised
    }
}

impl StateMachine for Omnipaxos {
    type Message = Message;

    #[inline]
    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        match input {
            Input::Start => self.start(effects),
            Input::Deliver { from, message } => self.receive(from, message, effects),
            Input::Timeout(Timer::Round) => self.end_round(effects),
            Input::Timeout(Timer::Retry) => self.repeat(effects),
            // Nobody sets this timer: somebody outside wants an election.
            Input::Timeout(Timer::Election) => self.campaign(effects),
            Input::Timeout(Timer::Heartbeat | Timer::Lease | Timer::CheckQuorum)
            | Input::Transfer(_)
            | Input::Read(_) => {}
            Input::Propose(command) => self.propose(command, effects),
        }
    }

    fn crash(&mut self) {
        if Mutant::VoteTwice.is_made() {
            self.promised = Ballot::NONE;
        }
        self.state = State::Follower(Phase::Idle);
        self.hears = false;
        self.heard = false;
    }

    #[inline]
    fn belief(&self) -> Belief {
        let own = self.identity.id;
        let (role, leader) = match self.state {
            State::Leader { syncs: true, .. } => (Role::Leader, Some(own)),
            State::Leader { syncs: false, .. } => (Role::Candidate, None),
            State::Follower(_) => {
                let owner = self.promised.owner;
                (Role::Follower, (self.hears && owner != own).then_some(owner))
            }
        };
        Belief::new(role, self.promised.number, leader)
    }

    #[inline]
    fn log(&self) -> &Log {
        &self.log
    }

    #[inline]
    fn commit(&self) -> Index {
        self.log.last_index()
    }

    fn keeps(&self, index: Index, command: Command) -> bool {
        let beyond = index.checked_sub(self.log.last_index() + 1);
        let undecided = beyond.and_then(|place| self.undecided.get(place as usize)).copied();
        let own = undecided.or_else(|| self.log.get(index));
        own.is_some_and(|entry| entry.command == command)
    }

    /// Promised round, accepted round and log (the paper's persistent state). Within an accepted
    /// round a log only grows; what of it is decided can be learned again.
    fn written(&self) -> Option<u64> {
        Some(digest(&[word(self.promised), word(self.accepted), self.last().into()]))
    }

    fn phase(&self) -> Option<Fact> {
        let doing = match self.state {
            State::Leader { syncs: false, .. } | State::Follower(Phase::Prepare(_)) => "prepares",
            State::Leader { syncs: true, .. } | State::Follower(Phase::Accept(_)) => "accepts",
            State::Follower(Phase::Recover) => "recovers",
            State::Follower(Phase::Idle) => "waits",
        };
        let fine = match (self.flavour, self.election.fine) {
            (Flavour::Paper, true) => "connected",
            (Flavour::Paper, false) => "not-connected",
            (Flavour::Happy, true) => "happy",
            (Flavour::Happy, false) => "unhappy",
        };
        Some(fact!(fine, doing))
    }
}

/// What it does with what it hears.
impl Omnipaxos {
    /// Begins rounds, and asks to be prepared if it ran before.
    fn start(&mut self, effects: &mut Effects) {
        self.election = Election::new(self.flavour, &self.identity, self.promised);
        if self.promised != Ballot::NONE {
            self.state = State::Follower(Phase::Recover);
            self.ask_everyone(effects);
        }
        self.begin_round(true, effects);
        self.set_retry_timer(effects);
    }

    fn receive(&mut self, from: ReplicaId, message: &Message, effects: &mut Effects) {
        match *message {
            Message::HeartbeatRequest { round } => self.on_heartbeat_request(from, round, effects),
            Message::HeartbeatReply { round, ballot, leader, fine } => {
                self.on_heartbeat_reply(from, round, Reply { ballot, leader, fine });
            }
            Message::PrepareRequest { ballot } => self.on_prepare_request(from, ballot, effects),
            Message::Prepare { ballot, extent } => self.on_prepare(from, ballot, extent, effects),
            Message::Promise { ballot, extent, ref suffix } => {
                self.on_promise(from, ballot, extent, suffix.clone(), effects);
            }
            Message::AcceptSync { ballot, place, decided, ref suffix } => {
                self.on_accept_sync(from, ballot, (place, decided), suffix, effects);
            }
            Message::Accept { ballot, place, decided, ref entries } => {
                self.on_accept(from, ballot, (place, decided), entries, effects);
            }
            Message::Accepted { ballot, last } => self.on_accepted(from, ballot, last, effects),
            Message::NotAccepted { ballot, .. } => self.on_not_accepted(from, ballot),
            Message::Decide { ballot, place, decided, again } => {
                self.on_decide(from, ballot, (place, decided), again, effects);
            }
        }
    }

    /// A heartbeat has passed: says again what nobody has answered.
    fn repeat(&mut self, effects: &mut Effects) {
        match self.state {
            State::Leader { .. } => self.repeat_as_leader(effects),
            State::Follower(Phase::Prepare(asked)) => {
                let leader = self.promised.owner;
                self.promise(leader, asked, effects);
            }
            State::Follower(Phase::Recover) => self.ask_everyone(effects),
            State::Follower(Phase::Accept(_) | Phase::Idle) => {}
        }
        self.set_retry_timer(effects);
    }

    fn set_retry_timer(&self, effects: &mut Effects) {
        let every = self.identity.heartbeat;
        effects.push(Effect::SetTimer { timer: Timer::Retry, from: every, to: every });
    }

    /// More than half of all replicas.
    fn quorum(&self) -> u8 {
        self.identity.majority() - u8::from(Mutant::SmallQuorum.is_made())
    }
}

/// Its log: what is decided, and behind it what is not.
impl Omnipaxos {
    /// The index of the last entry that it has accepted.
    #[inline]
    fn last(&self) -> Index {
        self.log.last_index() + self.undecided.len() as Index
    }

    /// How far it goes.
    fn extent(&self) -> Extent {
        let (last, decided) = (self.last(), self.log.last_index());
        Extent { accepted: self.accepted, last, decided }
    }

    /// All that comes after `after`.
    fn suffix(&self, after: Index) -> Box<Suffix> {
        let after = after.min(self.last());
        let decided = self.log.from(after + 1, usize::MAX);
        let skipped = after.saturating_sub(self.log.last_index()) as usize;
        let entries = decided.iter().chain(&self.undecided[skipped..]).copied().collect();
        Box::new(Suffix { after, entries })
    }

    /// Puts `suffix` in the place of what it has there, save for what is decided.
    fn replace(&mut self, suffix: &Suffix) {
        let decided = self.log.last_index();
        let known = decided.saturating_sub(suffix.after) as usize;
        self.undecided.truncate(suffix.after.saturating_sub(decided) as usize);
        self.undecided.extend_from_slice(suffix.entries.get(known..).unwrap_or_default());
    }

    /// Decides up to `index`, as far as it has it.
    fn decide(&mut self, index: Index) {
        let decided = self.log.last_index();
        let count = (index.saturating_sub(decided) as usize).min(self.undecided.len());
        for entry in self.undecided.drain(..count) {
            self.log.push(entry);
        }
    }
}

fn send(effects: &mut Effects, to: ReplicaId, message: Message) {
    effects.push(Effect::send(to, message));
}
