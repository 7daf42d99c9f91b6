//! The Synod: one decree, decided once and for ever.
//!
//! Source: Lamport, "Paxos Made Simple" (2001), called *the paper*; the name is that of "The
//! Part-Time Parliament" (1998).
//!
//! **The promise** (paper 2.2). A proposer picks a ballot and asks all acceptors to prepare for it
//! (phase 1a). An acceptor that has promised no higher one promises to take part in none below, and
//! reports what it accepted last (1b). With a majority of promises the proposer is free only if
//! nobody reported anything: else it must propose the value reported in the highest ballot. It asks
//! all to accept that value (2a), and an acceptor does so unless it has promised a higher ballot
//! since (2b). What a majority accepts in one ballot is chosen, and any later majority holds one
//! acceptor that will tell a later proposer: so no other value is ever chosen.
//!
//! **The duel** (2.4). Nothing is ever stuck, and nothing need ever end: a proposer that prepares a
//! higher ballot stops another one between its two phases, which prepares a higher one yet. Each
//! side follows the rules. Here whoever is stopped, by a refusal, by hearing of a higher ballot or
//! by silence, waits for a length drawn from the range of its election timeout before it tries
//! again, and so one gets through before long: chance takes the place of the paper's distinguished
//! proposer.
//!
//! **Learning** (2.3). Acceptors answer the proposer alone, which is the distinguished learner. It
//! tells all, all tell all that they know, and whoever knows goes on telling those that it has not
//! heard so from; then there is silence. An acceptor that holds a value and hears no decision for
//! an election timeout finishes the matter by proposing, and who knows answers it with the
//! decision.
//!
//! What it shows: preparing, it is a candidate; with a majority of promises it leads its ballot,
//! until it promises a higher one or knows the decision. So a duel is a leadership that jumps to
//! and fro. It believes in the owner of the highest ballot that it promised, and in the value
//! decided, or else the one it accepted.
//!
//! What is done differently, and why:
//! - A refusal is answered with the ballot that was promised (the paper allows it as an
//!   optimisation).
//! - A proposer that hears of a higher ballot gives its own up, though a majority without it could
//!   still accept: its own acceptor would have to refuse it.
//! - A replica is proposer, acceptor and learner in one, and counts its own answers at once.
//! - Clients go to one replica after the other; it keeps the first write that it was given until
//!   there is a decision, and then there is nothing left to do.

pub(super) mod facts;
mod ballot;
mod lie;
mod message;

pub use ballot::Ballot;
pub use message::Message;

use super::log::{Entry, Index, Log};
use super::{Belief, Command, Effect, Identity, Input, Mutant, Role, StateMachine, Timer, digest};
use crate::fact::{Fact, fact};
use crate::fault::{ReplicaId, ReplicaSet};

/// A value, and the ballot in which it was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vote {
    /// The ballot; a vote in a higher one counts for more.
    pub ballot: Ballot,
    /// The value.
    pub value: Command,
}

/// What it does besides accepting. A proposer's ballot is always the one it promised last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    Acceptor,
    /// In phase 1.
    Preparing {
        promises: ReplicaSet,
        /// The highest vote reported so far, its own included.
        reported: Option<Vote>,
    },
    /// In phase 2, or about to be once there is a value to propose.
    Elected {
        value: Option<Command>,
        votes: ReplicaSet,
    },
}

/// A replica that speaks Paxos.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Paxos {
    identity: Identity,
    /// Durable: the highest ballot in which it took part; it takes part in none below.
    promised: Ballot,
    /// Durable: its last vote.
    accepted: Option<Vote>,
    /// Durable: the decision, once it is known.
    log: Log,
    /// What a client asked it to propose.
    wish: Option<Command>,
    state: State,
    /// Who knows the decision, as far as this one knows.
    informed: ReplicaSet,
}

type Effects = Vec<Effect>;

impl Paxos {
    /// A replica that has never run.
    pub fn new(identity: Identity) -> Self {
        let nobody = ReplicaSet::NOBODY;
        Self {
            identity,
            promised: Ballot::NONE,
            accepted: None,
            log: Log::default(),
            wish: None,
            state: State::Acceptor,
            informed: nobody,
        }
    }
}

impl StateMachine for Paxos {
    type Message = Message;

    #[inline]
    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        match input {
            Input::Start => self.start(effects),
            Input::Deliver { from, message } => self.receive(from, message, effects),
            Input::Timeout(Timer::Election) => self.on_election_timeout(effects),
            Input::Timeout(Timer::Retry) => self.tell_the_others(effects),
            Input::Timeout(Timer::Heartbeat | Timer::Lease | Timer::CheckQuorum | Timer::Round)
            | Input::Transfer(_)
            | Input::Read(_) => {}
            Input::Propose(command) => self.propose(command, effects),
        }
    }

    /// Promise, vote and decision stay on disk.
    fn crash(&mut self) {
        self.wish = None;
        self.state = State::Acceptor;
        self.informed = ReplicaSet::NOBODY;
    }

    #[inline]
    fn belief(&self) -> Belief {
        let role = match self.state {
            State::Acceptor => Role::Follower,
            State::Preparing { .. } => Role::Candidate,
            State::Elected { .. } => Role::Leader,
        };
        let value = self.decision().or(self.accepted.map(|vote| vote.value));
        let belief = Belief::new(role, self.promised.number, self.promised.leader());
        Belief { value, ..belief }
    }

    #[inline]
    fn log(&self) -> &Log {
        &self.log
    }

    #[inline]
    fn commit(&self) -> Index {
        self.log.last_index()
    }

    fn keeps(&self, _index: Index, command: Command) -> bool {
        self.decision() == Some(command) || self.accepted.is_some_and(|vote| vote.value == command)
    }

    /// "An acceptor must remember only the highest-numbered proposal that it has ever accepted and
    /// the number of the highest-numbered prepare request to which it has responded", and it
    /// records its response "before actually sending" it (2.2, 2.5).
    fn written(&self) -> Option<u64> {
        let vote = self.accepted.map_or([0, 0], |vote| [vote.ballot.word(), vote.value.into()]);
        Some(digest(&[self.promised.word(), vote[0], vote[1], self.log.last_index().into()]))
    }

    fn phase(&self) -> Option<Fact> {
        let (count, kind) = match self.state {
            State::Acceptor | State::Elected { value: None, .. } => return None,
            State::Preparing { promises, .. } => (promises.len(), "promises"),
            State::Elected { votes, .. } => (votes.len(), "acceptances"),
        };
        Some(fact!(kind, count, needed = self.identity.majority()))
    }
}

/// The proposer.
impl Paxos {
    fn start(&mut self, effects: &mut Effects) {
        if self.decision().is_some() {
            self.informed.add(self.identity.id);
            self.tell_the_others(effects);
        } else if self.accepted.is_some() {
            self.be_patient(effects);
        }
    }

    /// A client's write: the first one is what it wants to be decided. A proposer that has done
    /// phase 1 for a free ballot goes straight to phase 2.
    fn propose(&mut self, command: Command, effects: &mut Effects) {
        if self.decision().is_some() || self.wish.is_some() {
            return;
        }
        self.wish = Some(command);
        match self.state {
            // Patience may be running already, behind a ballot of somebody else or of its own.
            State::Acceptor if self.accepted.is_none() => self.prepare(effects),
            State::Elected { value: None, .. } => self.choose(None, effects),
            State::Acceptor | State::Preparing { .. } | State::Elected { .. } => {}
        }
    }

    /// 2.4: progress takes a proposer that tries again with a higher ballot. One that leads a
    /// ballot and has nothing to propose waits for a write.
    fn on_election_timeout(&mut self, effects: &mut Effects) {
        if self.decision().is_none() && !matches!(self.state, State::Elected { value: None, .. }) {
            self.prepare(effects);
        }
    }

    /// Phase 1a: picks a ballot above all that it has heard of, and sends a prepare request to the
    /// acceptors. Its own acceptor promises at once.
    fn prepare(&mut self, effects: &mut Effects) {
        let ballot = self.promised.next(self.identity.id);
        self.promised = ballot;
        let promises = [self.identity.id].into_iter().collect();
        self.state = State::Preparing { promises, reported: self.accepted };
        self.be_patient(effects);
        self.broadcast(&Message::Prepare { ballot }, effects);
        self.count_promises(effects);
    }

    /// Phase 1b, as the proposer hears it: a promise counts once, for the present ballot alone.
    fn on_promise(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        accepted: Option<Vote>,
        effects: &mut Effects,
    ) {
        let State::Preparing { promises, reported } = &mut self.state else { return };
        if ballot == self.promised {
            promises.add(from);
            *reported = accepted.max(*reported);
            self.count_promises(effects);
        }
    }

    /// Phase 1 is over with a majority of promises.
    fn count_promises(&mut self, effects: &mut Effects) {
        let State::Preparing { promises, reported } = self.state else { return };
        if promises.len() >= self.quorum() {
            self.choose(reported, effects);
        }
    }

    /// Phase 2a: the value is that "of the highest-numbered proposal among the responses, or is any
    /// value if the responses reported no proposals". With neither it leads and waits.
    fn choose(&mut self, reported: Option<Vote>, effects: &mut Effects) {
        let bound = reported.map(|vote| vote.value);
        let value =
            if Mutant::ForgetLock.is_made() { self.wish.or(bound) } else { bound.or(self.wish) };
        let ballot = self.promised;
        let Some(chosen) = value else {
            self.state = State::Elected { value, votes: ReplicaSet::NOBODY };
            effects.push(Effect::CancelTimer(Timer::Election));
            return;
        };
        self.accepted = Some(Vote { ballot, value: chosen });
        self.state = State::Elected { value, votes: [self.identity.id].into_iter().collect() };
        self.be_patient(effects);
        self.broadcast(&Message::Accept { ballot, value: chosen }, effects);
        self.count_votes(effects);
    }

    /// Phase 2b, as the proposer hears it.
    fn on_accepted(&mut self, from: ReplicaId, ballot: Ballot, effects: &mut Effects) {
        let State::Elected { votes, .. } = &mut self.state else { return };
        if ballot == self.promised {
            votes.add(from);
            self.count_votes(effects);
        }
    }

    /// What a majority accepts in one ballot is chosen. 2.3: the acceptors answered a distinguished
    /// learner, "which in turn informs the other learners".
    fn count_votes(&mut self, effects: &mut Effects) {
        let State::Elected { value: Some(value), votes } = self.state else { return };
        if votes.len() >= self.quorum() {
            self.learn(value, effects);
            let ballot = Ballot::NONE;
            self.broadcast(&Message::Decided { ballot, accept: false, value }, effects);
        }
    }

    /// Refused: the next ballot will be above the one that was promised instead.
    fn on_nack(&mut self, ballot: Ballot, promised: Ballot, effects: &mut Effects) {
        let proposes = !matches!(self.state, State::Acceptor);
        if proposes && ballot == self.promised && promised > ballot {
            self.promise(promised, effects);
        }
    }
}

/// The acceptor.
impl Paxos {
    fn receive(&mut self, from: ReplicaId, message: &Message, effects: &mut Effects) {
        match *message {
            Message::Prepare { ballot } | Message::Accept { ballot, .. }
                if ballot.owner != from => {}
            Message::Prepare { ballot } => self.on_prepare(from, ballot, effects),
            Message::Promise { ballot, accepted } => {
                self.on_promise(from, ballot, accepted, effects);
            }
            Message::Accept { ballot, value } => self.on_accept(from, ballot, value, effects),
            Message::Accepted { ballot } => self.on_accepted(from, ballot, effects),
            Message::Nack { ballot, promised, .. } => self.on_nack(ballot, promised, effects),
            Message::Decided { value, .. } => self.on_decided(from, value, effects),
            Message::Known => self.informed.add(from),
        }
    }

    /// Phase 1b: an acceptor answers a prepare request unless it has promised a higher ballot, with
    /// what it accepted last.
    fn on_prepare(&mut self, from: ReplicaId, ballot: Ballot, effects: &mut Effects) {
        if self.refuses(from, ballot, false, effects) {
            return;
        }
        self.promise(ballot, effects);
        send(effects, from, Message::Promise { ballot, accepted: self.accepted });
    }

    /// Phase 2b and requirement P1a: it accepts "unless it has already responded to a prepare
    /// request having a number greater than n".
    fn on_accept(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        value: Command,
        effects: &mut Effects,
    ) {
        if self.refuses(from, ballot, true, effects) {
            return;
        }
        self.accepted = Some(Vote { ballot, value });
        self.promise(ballot, effects);
        send(effects, from, Message::Accepted { ballot });
    }

    /// Answers for itself if the matter is decided, or a higher ballot was promised.
    fn refuses(
        &self,
        from: ReplicaId,
        ballot: Ballot,
        accept: bool,
        effects: &mut Effects,
    ) -> bool {
        let promised = self.promised;
        let answer = match self.decision() {
            Some(value) => Message::Decided { ballot, accept, value },
            None if ballot < promised && !Mutant::VoteTwice.is_made() => {
                Message::Nack { ballot, accept, promised }
            }
            None => return false,
        };
        send(effects, from, answer);
        true
    }

    /// Takes part in `ballot`, and gives up what it proposes in a lower one.
    fn promise(&mut self, ballot: Ballot, effects: &mut Effects) {
        if ballot != self.promised {
            self.promised = ballot;
            self.state = State::Acceptor;
        }
        // Whoever has a reason to see it finished tries again, unless somebody does so first.
        if self.accepted.is_some() || self.wish.is_some() {
            self.be_patient(effects);
        }
    }

    fn be_patient(&self, effects: &mut Effects) {
        let (from, to) = self.identity.election.clone().into_inner();
        effects.push(Effect::SetTimer { timer: Timer::Election, from, to });
    }

    fn quorum(&self) -> u8 {
        self.identity.majority() - u8::from(Mutant::SmallQuorum.is_made())
    }
}

/// The learner.
impl Paxos {
    #[inline]
    fn decision(&self) -> Option<Command> {
        self.log.get(1).map(|entry| entry.command)
    }

    /// 2.3: whoever knows tells, until everybody is known to know.
    fn on_decided(&mut self, from: ReplicaId, value: Command, effects: &mut Effects) {
        if self.decision().is_none() {
            self.learn(value, effects);
            self.informed.add(from);
            self.broadcast(&Message::Known, effects);
        } else {
            self.informed.add(from);
            send(effects, from, Message::Known);
        }
    }

    fn learn(&mut self, value: Command, effects: &mut Effects) {
        self.log.push(Entry { epoch: self.promised.number, command: value });
        self.state = State::Acceptor;
        self.wish = None;
        self.informed.add(self.identity.id);
        effects.push(Effect::CancelTimer(Timer::Election));
        self.come_back(effects);
    }

    /// Tells those that are not known to know, until there are none.
    fn tell_the_others(&self, effects: &mut Effects) {
        let Some(value) = self.decision() else { return };
        if self.informed.len() == self.identity.replicas {
            return;
        }
        let ballot = Ballot::NONE;
        for peer in self.identity.peers().filter(|&peer| !self.informed.contains(peer)) {
            send(effects, peer, Message::Decided { ballot, accept: false, value });
        }
        self.come_back(effects);
    }

    fn come_back(&self, effects: &mut Effects) {
        let (from, to) = self.identity.election.clone().into_inner();
        effects.push(Effect::SetTimer { timer: Timer::Retry, from, to });
    }

    fn broadcast(&self, message: &Message, effects: &mut Effects) {
        for peer in self.identity.peers() {
            send(effects, peer, message.clone());
        }
    }
}

fn send(effects: &mut Effects, to: ReplicaId, message: Message) {
    effects.push(Effect::send(to, message));
}

#[cfg(test)]
#[path = "../lab/paxos/tests.rs"]
mod tests;
