//! The `omnipaxos` crate, version 0.2, by the authors of the paper: production code in the same
//! picture.
//!
//! Nothing of the crate is changed or copied. A replica is its `OmniPaxos`, driven as its manual
//! says: hear a message, count a tick, append an entry, then take what is to be sent. What it is
//! (and where its ballot leader election differs from the paper's: nobody takes over while somebody
//! is happy) is said at `omnipaxos+happy`, which does by our hand what this does by theirs.
//!
//! **Time.** With the crate's own default a tick is a round of heartbeats and an election timeout:
//! here the least one of the scenario. The crate draws nothing. Processes begin to count at moments
//! of their own. What was not answered is sent again in every round (the crate would wait for a
//! hundred). An election that the scenario asks for is `try_become_leader`.
//!
//! **Checkpoints.** The crate's fields are private, so a node cannot be copied; but it is
//! deterministic, and what it was told determines it. A replica keeps the disk that its process
//! started with and what that process was told since, and a clone has both and no node: it makes
//! one, by telling a new node all of it again, when it is first told something itself. What is told
//! is kept short. A heartbeat request changes nothing; a reply counts only when its round ends, and
//! rounds that are all alike are kept once and counted. So a process costs a few bytes for each
//! write that it took part in, and what costs time is going back, not going on.
//!
//! **Connections.** The crate is made for TCP, and gets it: see `session.rs`. Without, a request to
//! be prepared that is heard after the promise makes the leader ask for that promise for ever, and
//! the follower thinks that it has given it.
//!
//! **What it does not recover from.** Links whole, whoever promised a ballot that nobody heard of
//! is without news until the next leader comes, as is told at `omnipaxos+happy`.
//!
//! **The epoch** is the number of the promised ballot. The log holds what is decided; the epoch of
//! an entry is the one in which this replica learned of it.
//!
//! Left out: snapshots, reconfiguration, flexible quorums, priorities, batches, and proposals that
//! a follower forwards (clients look for the leader here).

mod disk;
mod lie;
mod message;
mod session;
#[cfg(test)]
#[path = "../lab/omnipaxos_crate/tests.rs"]
mod tests;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use message::{Ballot, Message, Stamped, Sync};
use omnipaxos::messages::Message as Wire;
use omnipaxos::messages::ballot_leader_election::{BLEMessage, HeartbeatMsg, HeartbeatReply};
use omnipaxos::{ClusterConfig, OmniPaxos, ServerConfig};
pub use session::Stamp;

use super::log::{Entry, Index, Log};
use super::{Belief, Command, Effect, Identity, Input, Role, StateMachine, Timer};
use crate::clock::Micros;
use crate::fault::ReplicaId;
use disk::{Disk, Handle, Write};
use message::{CONFIGURATION, number};
use session::Sessions;

/// What a process was told is kept in pieces of so many steps; clones share all but the last.
const PIECE: usize = 256;

/// A reply that counts in its round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Reply {
    from: ReplicaId,
    ballot: Ballot,
    leader: Ballot,
    happy: bool,
}

/// Something that a process was told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// A round ended in which these replies counted; so many times in a row.
    Rounds {
        replies: Box<[Reply]>,
        times: u32,
    },
    Heard {
        from: ReplicaId,
        message: Message,
    },
    Write(Command),
    Campaign,
    /// The connection with that replica was lost and is made again.
    Reconnected(ReplicaId),
}

/// All that a process was told since it started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Past {
    pieces: Vec<Arc<[Step]>>,
    last: Vec<Step>,
    /// True once what a new process has to say has been said.
    started: bool,
    /// The number of the round that is running; the first is 1.
    round: u32,
    /// The replies that will count when it ends.
    replies: Vec<Reply>,
}

impl Past {
    fn none() -> Self {
        Self { round: 1, ..Self::default() }
    }

    fn add(&mut self, step: Step) {
        if self.last.len() == PIECE {
            self.pieces.push(std::mem::take(&mut self.last).into());
        }
        self.last.push(step);
    }

    fn add_round(&mut self, counted: &[Reply]) {
        self.round += 1;
        match self.last.last_mut() {
            Some(Step::Rounds { replies, times }) if **replies == *counted => *times += 1,
            Some(_) | None => self.add(Step::Rounds { replies: counted.into(), times: 1 }),
        }
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.pieces.iter().flat_map(|piece| piece.iter()).chain(&self.last)
    }
}

/// A node of the crate and the other handle on its disk.
struct Node {
    crates: OmniPaxos<Write, Handle>,
    disk: Handle,
    /// The number of its round.
    round: u32,
    /// Empty; kept for its memory.
    said: Vec<Wire<Write>>,
}

/// A replica that runs the crate.
#[derive(Clone)]
pub struct OmnipaxosCrate {
    identity: Identity,
    /// What the process found on disk when it started.
    found: Disk,
    past: Past,
    /// Its connections. A new process makes them anew, under numbers that were not used.
    sessions: Sessions,
    /// None in a clone, until it is told something.
    node: Live,
    /// What is decided.
    log: Log,
    belief: Belief,
}

type Effects = Vec<Effect>;

/// The node, which a clone does not have.
#[derive(Default)]
struct Live(Option<Box<Node>>);

impl Clone for Live {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl OmnipaxosCrate {
    /// A replica that has never run.
    pub fn new(identity: Identity) -> Self {
        let belief = Belief::new(Role::Follower, 0, None);
        let (found, log) = (Disk::default(), Log::default());
        let sessions = Sessions::new(identity.replicas);
        Self { identity, found, past: Past::none(), sessions, node: Live(None), log, belief }
    }
}

impl StateMachine for OmnipaxosCrate {
    type Message = Stamped;

    #[inline]
    fn step(&mut self, input: Input<'_, Stamped>, effects: &mut Effects) {
        match input {
            Input::Start => {
                self.sessions.start();
                self.set_timer(Micros(1), effects);
                self.look(effects);
                self.past.started = true;
            }
            Input::Deliver { from, message } => self.receive(from, message, effects),
            Input::Timeout(Timer::Heartbeat) => {
                self.end_round(effects);
                self.set_timer(*self.identity.election.start(), effects);
            }
            Input::Timeout(Timer::Election) if self.belief.role != Role::Leader => {
                self.tell(Step::Campaign, effects);
            }
            Input::Propose(command) if self.belief.role == Role::Leader => {
                self.tell(Step::Write(command), effects);
            }
            Input::Timeout(Timer::Retry) => self.stop_waiting(effects),
            Input::Timeout(Timer::Election | Timer::Lease | Timer::CheckQuorum | Timer::Round)
            | Input::Propose(_)
            | Input::Transfer(_)
            | Input::Read(_) => {}
        }
    }

    /// Promise, accepted round, decided index and log stay on disk.
    fn crash(&mut self) {
        let disk = self.live().disk.disk().clone();
        self.found = disk;
        self.past = Past::none();
        self.node = Live(None);
        self.belief.role = Role::Follower;
        self.belief.leader = None;
    }

    #[inline]
    fn belief(&self) -> Belief {
        self.belief
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
        let kept = |disk: &Disk| disk.log.get((index as usize).wrapping_sub(1)).copied();
        self.with_disk(kept) == Some(Write(command))
    }

    /// All that its storage holds but the decided index, which can be learned again.
    fn written(&self) -> Option<u64> {
        Some(self.with_disk(Disk::written))
    }
}

/// What it keeps.
impl OmnipaxosCrate {
    /// Its disk; of a node that is not there yet, as that would have it once it is made.
    fn with_disk<T>(&self, look: impl Fn(&Disk) -> T) -> T {
        match &self.node.0 {
            Some(node) => look(&node.disk.disk()),
            None => look(&self.clone().live().disk.disk()),
        }
    }
}

/// What it is told.
impl OmnipaxosCrate {
    /// A packet arrives: the crate hears what it carries, and what waited for it.
    fn receive(&mut self, from: ReplicaId, said: &Stamped, effects: &mut Effects) {
        let Some(stamp) = said.stamp else { return self.hear(from, &said.message, effects) };
        let waited = self.sessions.is_waiting();
        let heard = self.sessions.hear(from, stamp, &said.message);
        if heard.reconnected {
            self.tell(Step::Reconnected(from), effects);
        }
        for message in &heard.messages {
            self.hear(from, message, effects);
        }
        if !waited && self.sessions.is_waiting() {
            self.set_patience(effects);
        }
    }

    /// A heartbeat has passed since something was missing.
    fn stop_waiting(&mut self, effects: &mut Effects) {
        for with in self.sessions.lost() {
            self.tell(Step::Reconnected(with), effects);
        }
        if self.sessions.is_waiting() {
            self.set_patience(effects);
        }
    }

    fn set_patience(&self, effects: &mut Effects) {
        let length = self.identity.heartbeat;
        effects.push(Effect::SetTimer { timer: Timer::Retry, from: length, to: length });
    }

    fn hear(&mut self, from: ReplicaId, message: &Message, effects: &mut Effects) {
        match *message {
            // It changes nothing, so it is not kept.
            Message::Heartbeat { .. } => {
                let to = self.identity.id;
                self.live().crates.handle_incoming(message.to_wire(from, to));
                self.look(effects);
            }
            Message::HeartbeatReply { round, ballot, leader, happy } => {
                if round == self.past.round {
                    self.past.replies.push(Reply { from, ballot, leader, happy });
                }
            }
            Message::PrepareRequest { .. }
            | Message::Prepare { .. }
            | Message::Promise { .. }
            | Message::AcceptSync { .. }
            | Message::AcceptDecide { .. }
            | Message::Accepted { .. }
            | Message::NotAccepted { .. }
            | Message::Decide { .. } => {
                self.tell(Step::Heard { from, message: message.clone() }, effects);
            }
        }
    }

    fn tell(&mut self, step: Step, effects: &mut Effects) {
        let to = self.identity.id;
        self.live().take(&step, to);
        self.past.add(step);
        self.look(effects);
    }

    fn end_round(&mut self, effects: &mut Effects) {
        let mut replies = std::mem::take(&mut self.past.replies);
        // Their order is nothing to the crate, and rounds are more alike without it.
        replies.sort_unstable();
        self.live().end_round(&replies);
        self.past.add_round(&replies);
        replies.clear();
        self.past.replies = replies;
        self.look(effects);
    }

    /// The node; that of a clone is told anew all that it was told.
    #[inline]
    fn live(&mut self) -> &mut Node {
        let Self { identity, found, past, node, .. } = self;
        node.0.get_or_insert_with(|| {
            let mut node = Node::new(identity, found.clone());
            for step in past.steps() {
                node.take(step, identity.id);
                node.forget();
            }
            if past.started {
                node.forget();
            }
            Box::new(node)
        })
    }

    /// Sends what the crate has to say, and sees what it believes and has decided.
    fn look(&mut self, effects: &mut Effects) {
        let (own, known) = (number(self.identity.id), self.log.last_index() as usize);
        let node = self.live();
        let mut said = std::mem::take(&mut node.said);
        node.crates.take_outgoing_messages(&mut said);
        let (promise, decided) = (node.crates.get_promise(), node.crates.get_decided_idx());
        let accepts = node.crates.get_current_leader().is_some_and(|(_, accepts)| accepts);
        if decided > known {
            let disk = node.disk.clone();
            for write in disk.disk().log.get(known..decided).unwrap_or_default() {
                self.log.push(Entry { epoch: promise.n, command: write.0 });
            }
        }
        // A ballot of its own that it found on disk is of an earlier life.
        let leads = promise.pid == own && self.found.promise != Some(promise);
        let role = match (leads, accepts) {
            (true, true) => Role::Leader,
            (true, false) => Role::Candidate,
            (false, _) => Role::Follower,
        };
        let leader = replica(promise.pid).filter(|_| leads || promise.pid != own);
        self.belief = Belief::new(role, promise.n, leader);
        for said in said.drain(..) {
            let to = replica(said.get_receiver()).filter(|to| to.0 < self.identity.replicas);
            let Some(to) = to.filter(|&to| to != self.identity.id) else { continue };
            if let Some(message) = Message::from_wire(said) {
                let stamp = Some(self.sessions.stamp(to));
                effects.push(Effect::send(to, Stamped { stamp, message }));
            }
        }
        self.live().said = said;
    }

    fn set_timer(&self, from: Micros, effects: &mut Effects) {
        let to = *self.identity.election.start();
        effects.push(Effect::SetTimer { timer: Timer::Heartbeat, from, to });
    }
}

/// The replica of that number in the crate, where 0 is nobody.
fn replica(number: u64) -> Option<ReplicaId> {
    u8::try_from(number.checked_sub(1)?).ok().map(ReplicaId)
}

impl Node {
    fn new(identity: &Identity, disk: Disk) -> Self {
        let cluster = ClusterConfig {
            configuration_id: CONFIGURATION,
            nodes: (0..identity.replicas).map(|id| number(ReplicaId(id))).collect(),
            flexible_quorum: None,
        };
        let server = ServerConfig {
            pid: number(identity.id),
            election_tick_timeout: 1,
            resend_message_tick_timeout: 1,
            buffer_size: 16,
            ..ServerConfig::default()
        };
        let disk = Handle::new(disk);
        let crates = cluster.build_for_server(server, disk.clone());
        Self { crates: crates.expect("a valid configuration"), disk, round: 1, said: Vec::new() }
    }

    fn take(&mut self, step: &Step, own: ReplicaId) {
        match step {
            Step::Rounds { replies, times } => {
                for _ in 0..*times {
                    self.end_round(replies);
                    self.forget();
                }
            }
            Step::Heard { from, message } => {
                self.crates.handle_incoming(message.to_wire(*from, own));
            }
            // Refused only while the cluster is reconfigured.
            Step::Write(command) => drop(self.crates.append(Write(*command))),
            // Everybody's first ballot has number 1; before there was a leader, that must be
            // passed.
            Step::Campaign => {
                if self.crates.get_promise().n == 0 {
                    self.crates.try_become_leader();
                }
                self.crates.try_become_leader();
            }
            Step::Reconnected(with) => self.crates.reconnected(number(*with)),
        }
    }

    /// The replies of a round, and its end: what the crate does with a reply before is to keep it.
    fn end_round(&mut self, replies: &[Reply]) {
        let (round, to) = (self.round, self.crates.get_pid());
        for &Reply { from, ballot, leader, happy } in replies {
            let (ballot, leader) = (ballot.into(), leader.into());
            let msg = HeartbeatMsg::Reply(HeartbeatReply { round, ballot, leader, happy });
            self.crates.handle_incoming(Wire::BLE(BLEMessage { from: number(from), to, msg }));
        }
        self.crates.tick();
        self.round += 1;
    }

    /// Leaves unsaid what it has to say.
    fn forget(&mut self) {
        self.crates.take_outgoing_messages(&mut self.said);
        self.said.clear();
    }
}

/// What it found and what it was told since; equal pasts are equal presents. Two that came to the
/// same by different ways count as different.
impl PartialEq for OmnipaxosCrate {
    fn eq(&self, other: &Self) -> bool {
        (&self.identity, &self.found, &self.past, &self.sessions, &self.log)
            == (&other.identity, &other.found, &other.past, &other.sessions, &other.log)
    }
}

impl Eq for OmnipaxosCrate {}

impl Hash for OmnipaxosCrate {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (&self.identity, &self.found, &self.past, &self.sessions, &self.log).hash(hasher);
    }
}

impl fmt::Debug for OmnipaxosCrate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OmnipaxosCrate")
            .field("identity", &self.identity)
            .field("belief", &self.belief)
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}
