//! Tendermint: proposers in turn, two votes of all to all, and a lock.
//!
//! Source: Buchman, Kwon & Milosevic, "The latest gossip on BFT consensus" (arXiv 1807.04938),
//! called *the paper*; its algorithm 1 by line numbers.
//!
//! **Heights and rounds** (section 3). Blocks are decided one by one, height after height; a height
//! is tried in rounds. Everyone knows whose turn it is to propose: n1 at height 1, and one further
//! with every height and every round. n = 3f + 1 replicas stand f liars; with more than that, a
//! quorum is more than two thirds of all.
//!
//! **Two votes.** Everyone prevotes the proposal if it is good, or nil (line 22). Who sees more
//! than two thirds prevote a block *locks* on it and precommits it (36); more than two thirds of
//! precommits decide (49). Any two quorums share an honest replica, and an honest one signs one
//! vote a round and step, so one round never decides two blocks.
//!
//! **The lock** keeps rounds apart: if a block is decided in a round, more than a third of the
//! honest are locked on it, and prevote nothing else in any later round (22), until more than two
//! thirds prevote another block in a round after their lock (28), which therefore cannot happen. It
//! takes no messages of its own to change the round: that is Tendermint's difference from PBFT,
//! whose new primary must show what a quorum knows.
//!
//! **Timeouts** (57, 61, 65) end what does not come: start + r · delta in round r, so that they are
//! long enough at last. Start is the scenario's election timeout, drawn from its range (half of it
//! for the two votes), delta half of its least.
//!
//! What is done differently, and why:
//! - The paper assumes *gossip communication* (section 2.1): "if a correct process p sends some
//!   message m at time t, all correct processes will receive m before" max(t, GST) + delta, and
//!   whatever one of them has received, all receive. Here that takes messages of its own only where
//!   a height does not end within a heartbeat: then a replica says once or twice a heartbeat all it
//!   knows of its round and the one before, others' signed votes included, and so it goes on from
//!   replica to replica. Whoever is further answers: with what it knows, or with what was decided,
//!   and the precommits as certificate. Who asks in vain may not hear those who heard it: they pass
//!   its question on, and whoever can serves it.
//! - A replica that starts asks the others what it has missed, until f + 1 have answered: one of
//!   them is honest.
//! - A proposal of a block that was prevoted before carries these prevotes (28 waits for gossip).
//! - A round is skipped to when f + 1 are in it *or beyond* it (55 wants them in one and the same).
//! - When nothing waits to be decided, nothing happens; in the paper height follows on height.
//! - A block is at most 64 requests, and a request is decided once: `valid` of the paper. A block
//!   may begin with a no-op, which no client needs to sign.
//!
//! An epoch is `1000 · height + round`: it grows with both, and reads as them. A round above 999
//! does not happen: timeouts grow, no run is that long, and claims of one are not believed.
//!
//! All is on disk before it is said, the votes of others included, as in the write-ahead log of
//! the implementations; a restart only forgets timers. Left out: a change of the validators, their
//! unequal power, and punishment: evidence is shown and has no consequences.

pub(super) mod facts;
mod gossip;
mod lie;
mod message;
mod rules;
mod tally;
mod timer;
#[cfg(test)]
#[path = "../lab/tendermint/relay.rs"]
mod relay_tests;
#[cfg(test)]
#[path = "../lab/tendermint/tests.rs"]
mod tests;

pub use message::{Ask, Decision, Gossip, Known, Message, Proposal, Signed, Stage, Vote, Want};

use super::log::{Entry, Index, Log};
use super::requests::{self, BLOCK_MAX, Block, BlockId, Caught, Evidence};
use super::{Belief, Effect, Epoch, Identity, Input, Role, StateMachine, Timer};
use super::{Command, Mutant};
use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::fault::{ReplicaId, ReplicaSet};
use tally::{Heard, Tally};

/// The place of a block, from 1.
pub type Height = u32;

/// An attempt at a height, from 0.
pub type Round = u32;

/// Rounds that an epoch leaves room for.
const ROUNDS: Round = 1_000;

/// How far ahead of its own round a replica keeps what it hears; further, it notes who is there.
const ROUNDS_AHEAD: Round = 4;

/// Where in its round a replica stands (line 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Propose,
    Prevote,
    Precommit,
}

/// What is kept of a decided block: whoever has missed it believes no less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Certificate {
    /// The block's last entry in the log.
    end: Index,
    round: Round,
    signers: ReplicaSet,
}

/// A replica that speaks Tendermint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tendermint {
    identity: Identity,
    height: Height,
    round: Round,
    step: Step,
    /// True if there is something to decide in this height.
    begun: bool,
    /// True if a timeout has struck in this round.
    late: bool,
    /// How often it asks yet, since it last heard somebody from a later height.
    behind: u8,
    /// Since it has started, who has told it what it missed; `None` once enough have.
    answered: Option<ReplicaSet>,
    /// By replica, the height at which it last asked.
    asked: Vec<Height>,
    /// Who asks in vain, as far as it has heard since it last gossiped.
    wanted: Vec<Want>,
    /// The block it is locked on, and since which round.
    locked: Option<(Round, Block)>,
    /// The newest block that more than two thirds prevoted, and in which round.
    valid: Option<(Round, Block)>,
    /// What it heard of this height, by round.
    rounds: Vec<Tally>,
    /// What it heard of the next height.
    next: Vec<Tally>,
    /// By replica, the latest round in which it was heard in this height.
    furthest: Vec<Round>,
    requests: requests::Requests,
    log: Log,
    /// By height.
    decided: Vec<Certificate>,
    caught: Caught,
}

type Effects = Vec<Effect>;

impl Tendermint {
    /// A replica that has never run.
    pub fn new(identity: Identity) -> Self {
        let furthest = vec![0; usize::from(identity.replicas)];
        Self {
            identity,
            height: 1,
            round: 0,
            step: Step::Propose,
            begun: false,
            late: false,
            behind: 0,
            answered: None,
            asked: vec![0; furthest.len()],
            wanted: Vec::new(),
            locked: None,
            valid: None,
            rounds: Vec::new(),
            next: Vec::new(),
            furthest,
            requests: requests::Requests::default(),
            log: Log::default(),
            decided: Vec::new(),
            caught: Caught::default(),
        }
    }

    /// More than two thirds of all.
    fn quorum(&self) -> u8 {
        let quorum = requests::two_thirds(self.identity.replicas);
        if Mutant::SmallQuorum.is_made() { quorum - 1 } else { quorum }
    }

    /// Whose turn it is.
    fn proposer(&self, height: Height, round: Round) -> ReplicaId {
        let replicas = u32::from(self.identity.replicas);
        ReplicaId(((height - 1 + round) % replicas) as u8)
    }

    fn is_proposer(&self) -> bool {
        self.proposer(self.height, self.round) == self.identity.id
    }
}

/// What votes name a block of that height by: `id(v)` of the paper.
fn id_of(height: Height, block: &[Command]) -> BlockId {
    requests::hash(BlockId::from(height), block)
}

/// A round in one number: see the top.
const fn epoch(height: Height, round: Round) -> Epoch {
    ROUNDS * height + round
}

/// The way back.
pub(super) const fn height_and_round(epoch: Epoch) -> (Height, Round) {
    (epoch / ROUNDS, epoch % ROUNDS)
}

impl StateMachine for Tendermint {
    type Message = Message;

    #[inline]
    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        match input {
            Input::Start => self.start(effects),
            Input::Deliver { from, message } => self.receive(from, message, effects),
            Input::Timeout(timer::PROPOSE) => self.on_propose_timeout(effects),
            Input::Timeout(timer::PREVOTE) => self.on_prevote_timeout(effects),
            Input::Timeout(timer::PRECOMMIT) => self.on_precommit_timeout(effects),
            Input::Timeout(timer::GOSSIP) => self.on_gossip_timeout(effects),
            Input::Propose(command) => self.learn([command], effects),
            Input::Timeout(Timer::Lease | Timer::CheckQuorum)
            | Input::Transfer(_)
            | Input::Read(_) => {}
        }
        self.follow_rules(effects);
    }

    /// Only timers are forgotten, who asks and whom it was asking.
    fn crash(&mut self) {
        self.late = false;
        self.behind = 0;
        self.answered = None;
        self.asked.fill(0);
        self.wanted.clear();
    }

    #[inline]
    fn belief(&self) -> Belief {
        let role = if self.is_proposer() {
            Role::Leader
        } else if self.late {
            Role::Candidate
        } else {
            Role::Follower
        };
        let leader = self.proposer(self.height, self.round);
        let belief = Belief::new(role, epoch(self.height, self.round), Some(leader));
        Belief { caught: self.caught.everyone(), ..belief }
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
        u64::from(self.log.last_index())
            + 2 * self.decided.len() as u64
            + 32 * (self.rounds.len() + self.next.len()) as u64
    }

    fn keeps(&self, index: Index, command: Command) -> bool {
        let votes = [&self.locked, &self.valid].into_iter().flatten();
        self.log.get(index).is_some_and(|entry| entry.command == command)
            || votes.map(|(_, block)| block).any(|block| block.contains(&command))
    }

    fn phase(&self) -> Option<Fact> {
        let step = match self.step {
            Step::Propose if !self.begun => "nothing-to-decide",
            Step::Propose => "propose",
            Step::Prevote => "prevote",
            Step::Precommit => "precommit",
        };
        let (height, round) = (self.height, self.round);
        Some(match &self.locked {
            Some((_, block)) => {
                fact!("tendermint-locked", height, round, step, block = requests::name(block))
            }
            None => fact!("tendermint", height, round, step),
        })
    }

    fn evidence(&self) -> Vec<(ReplicaId, Fact)> {
        self.caught.evidence("height")
    }
}

/// Rounds, and what ends them.
impl Tendermint {
    /// After a restart the round goes on where it was; its timers start again.
    fn start(&mut self, effects: &mut Effects) {
        self.ask_what_it_missed(effects);
        if !self.begun {
            return;
        }
        self.set_gossip_timer(effects);
        if self.step == Step::Propose {
            self.set_timer(timer::PROPOSE, 1, effects);
        }
        if let Some(tally) = self.rounds.iter_mut().find(|tally| tally.round == self.round) {
            (tally.awaits_prevotes, tally.awaits_precommits) = (false, false);
        }
    }

    /// Requests to decide: if nothing was, the height begins; if the proposer had none, it has now.
    fn learn(&mut self, commands: impl IntoIterator<Item = Command>, effects: &mut Effects) {
        commands.into_iter().for_each(|command| self.requests.add(command));
        let mute = self.is_proposer() && self.tally(self.round).is_none_or(Tally::is_mute);
        let waits = self.step == Step::Propose && (mute || !self.begun);
        if waits && !self.requests.pending().is_empty() {
            self.begin(effects);
        }
    }

    /// Line 11.
    fn start_round(&mut self, round: Round, effects: &mut Effects) {
        self.round = round;
        self.step = Step::Propose;
        self.late = false;
        for timer in [timer::PROPOSE, timer::PREVOTE, timer::PRECOMMIT] {
            effects.push(Effect::CancelTimer(timer));
        }
        if round > 0 || !self.requests.pending().is_empty() {
            self.begin(effects);
        } else {
            self.begun = false;
            if !self.has_to_gossip() {
                effects.push(Effect::CancelTimer(timer::GOSSIP));
            }
        }
    }

    /// Something is to be decided: the proposer proposes, the others wait for it (14 to 21).
    fn begin(&mut self, effects: &mut Effects) {
        self.begun = true;
        self.gossip_later(effects);
        let fresh = self.requests.pending();
        let block: Option<Block> = match &self.valid {
            Some((_, block)) => Some(block.clone()),
            None if fresh.is_empty() => None,
            None => Some(fresh[..fresh.len().min(BLOCK_MAX)].into()),
        };
        match block.filter(|_| self.is_proposer()) {
            Some(block) => self.propose(block, effects),
            None => self.set_timer(timer::PROPOSE, 1, effects),
        }
    }

    fn propose(&mut self, block: Block, effects: &mut Effects) {
        let (height, round) = (self.height, self.round);
        let valid_round = self.valid.as_ref().map(|(round, _)| *round);
        let value = Some(id_of(height, &block));
        let tally = self.rounds.iter().find(|tally| Some(tally.round) == valid_round);
        let proof = tally.map_or(ReplicaSet::NOBODY, |tally| tally.prevotes.of(value));
        let proposal = Proposal { block, valid_round, proof };
        for to in self.identity.peers() {
            let proposal = Box::new(proposal.clone());
            send(effects, to, Message::Propose { height, round, proposal });
        }
        self.hear_proposal(height, round, proposal);
    }

    /// Line 57.
    fn on_propose_timeout(&mut self, effects: &mut Effects) {
        if self.step == Step::Propose {
            self.late = true;
            self.vote(Stage::Prevote, None, effects);
        }
    }

    /// Line 61.
    fn on_prevote_timeout(&mut self, effects: &mut Effects) {
        if self.step == Step::Prevote {
            self.late = true;
            self.vote(Stage::Precommit, None, effects);
        }
    }

    /// Line 65.
    fn on_precommit_timeout(&mut self, effects: &mut Effects) {
        self.start_round((self.round + 1).min(ROUNDS - 1), effects);
    }

    /// Signs a vote, counts it and sends it to all.
    fn vote(&mut self, stage: Stage, value: Option<u64>, effects: &mut Effects) {
        if !self.begun {
            self.begun = true;
            self.gossip_later(effects);
        }
        let step = match stage {
            Stage::Prevote => Step::Prevote,
            Stage::Precommit => Step::Precommit,
        };
        self.step = self.step.max(step);
        let vote = Vote { stage, height: self.height, round: self.round, value };
        self.hear_vote(self.identity.id, vote);
        for to in self.identity.peers() {
            send(effects, to, Message::Vote(vote));
        }
    }

    /// Starts a timeout of this round; what it waits for takes a `part` of the longest.
    fn set_timer(&self, timer: Timer, part: u64, effects: &mut Effects) {
        let (least, most) = (self.identity.election.start().0, self.identity.election.end().0);
        let more = u64::from(self.round) * least / 2;
        let (from, to) = (Micros(least / part + more), Micros(most / part + more));
        effects.push(Effect::SetTimer { timer, from, to });
    }

    /// A height or a round begins: gossip if it does not end, but let nobody wait longer for that
    /// who waits already.
    fn gossip_later(&self, effects: &mut Effects) {
        if self.wanted.is_empty() && self.answered.is_none() {
            self.set_gossip_timer(effects);
        }
    }

    fn set_gossip_timer(&self, effects: &mut Effects) {
        let from = self.identity.heartbeat;
        let to = from + from;
        effects.push(Effect::SetTimer { timer: timer::GOSSIP, from, to });
    }
}

fn send(effects: &mut Effects, to: ReplicaId, message: Message) {
    effects.push(Effect::send(to, message));
}
