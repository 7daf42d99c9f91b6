//! `HotStuff`: votes go to the leader alone, who shows them to all as a certificate.
//!
//! Source: Yin, Malkhi, Reiter, Gueta & Abraham, "HotStuff: BFT Consensus in the Lens of
//! Blockchain" (arXiv 1803.05069), called *the paper*. This is its basic form, algorithm 2, not the
//! chained one: each phase can be seen, and the last write is decided without another that pushes
//! it. (Chained, four views overlap, and whoever has nothing more to say must propose empty nodes
//! to have the last three decided.)
//!
//! **Nodes** form a tree; a node's hash covers its parent's. Views count up, and the leader goes
//! round with them: n1 in view 1. n = 3f + 1 replicas stand f liars; with more than that, a quorum
//! is more than two thirds of all.
//!
//! **A view** (section 4.2). The leader waits for a quorum of new-view messages, each with the
//! highest prepare certificate of its sender, and proposes a node on top of the highest. Whoever
//! finds it safe votes for it (prepare); a quorum of votes is a certificate, which the leader shows
//! (pre-commit); a quorum of votes for that is shown again (commit): now everyone is *locked*; a
//! third one decides, and with the node all below it. 8 (n - 1) messages in all, however many
//! replicas there are: PBFT and Tendermint let all talk to all.
//!
//! **Safe** is a node that extends the one a replica is locked on, or that has a certificate of a
//! later view than the lock (`safeNode`). The first keeps what may be decided; the second lets go
//! of a lock that a quorum never shared. The phase between prepare and lock is there so that
//! whoever is locked knows that a quorum holds a certificate as high: a new leader needs no more
//! than a quorum of new-views, and no waiting, to find it.
//!
//! **The pacemaker** is left open by the paper. Here it is that of `DiemBFT` (The Diem Team,
//! "`DiemBFT` v4", section 3.3): who loses patience with a view stops voting in it and says so to
//! all (its new-view); f + 1 impatient ones make everyone impatient. A quorum of new-views is a
//! *timeout certificate*: whom it brings along shows it to all, and again with every new-view, so
//! that one who cannot hear somebody comes along all the same. It brings a replica into the view,
//! and so does a quorum certificate of that view or a later one. One who is cut off stays where it
//! is. Who has said that it wants a view votes in none before. Patience is the scenario's election
//! timeout, doubled with every view that ends without a decision. What was said is said again once
//! or twice a heartbeat while the view does not end.
//!
//! What is done differently, and why:
//! - Certificates are sets of signers in place of threshold signatures; the receiver counts them.
//! - "Extends the locked node" is tested as "stands on it": between the lock's view and the
//!   certificate's no other node can be (either the certificate is of the lock's own view, or
//!   newer).
//! - A replica votes for a node only when it has all that is below it, so that f + 1 honest ones
//!   can give it to who lacks it (*fetch*); the paper leaves that to the implementation.
//! - When nothing waits to be decided, nothing happens, and no timeout runs. A replica that starts
//!   asks the others what it has missed, until f + 1 have answered: one of them is honest.
//! - A node is at most 64 requests, or a no-op where all that waits stands in nodes below; a
//!   request that stands in two nodes is executed once.
//!
//! All is on disk before it is said; a restart only forgets timers. Left out: a change of the
//! group, and punishment: evidence is shown and has no consequences.

pub(super) mod facts;
mod leader;
mod lie;
mod message;
mod pacemaker;
mod tree;
#[cfg(test)]
#[path = "../lab/hotstuff/tests.rs"]
mod tests;

pub use message::{Certificate, Message, NewView, Node, Phase, Proposal, TimeoutCertificate};

use super::log::{Entry, Index, Log};
use super::requests::{self, Block, BlockId, Caught, Evidence};
use super::{Belief, Command, Effect, Epoch, Identity, Input, Mutant, Role};
use super::{StateMachine, Timer};
use crate::fact::{Fact, fact};
use crate::fault::{ReplicaId, ReplicaSet};

/// `HotStuff`'s word for an epoch.
pub type View = Epoch;

/// Votes of one phase of this view for one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Ballots {
    phase: Phase,
    node: BlockId,
    signers: ReplicaSet,
}

/// What is known of another replica, or of oneself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Peer {
    /// The newest view it wants to be in.
    wants: View,
    /// The newest view it wants to be in out of impatience.
    impatient: View,
}

/// A node that is decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Decided {
    node: Node,
    /// The commit certificate, if it has one of its own: else one further up covers it.
    proof: Option<Certificate>,
}

/// A replica that speaks `HotStuff`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hotstuff {
    identity: Identity,
    view: View,
    /// The timeout certificate that brought it into this view, if one did.
    entered_by: Option<TimeoutCertificate>,
    /// Since it has started, who has told it what it missed; `None` once enough have.
    answered: Option<ReplicaSet>,
    /// Views since the last decision.
    failures: u32,
    /// By phase, what it voted for in this view.
    voted: [Option<BlockId>; 3],
    /// `prepareQC`: the highest prepare certificate.
    prepared: Option<Certificate>,
    /// `lockedQC`: the highest pre-commit certificate.
    locked: Option<Certificate>,
    /// The prepare certificate before the highest: what a liar shows.
    older: Option<Certificate>,
    /// What the leader of a view was heard to propose: the newest one.
    heard: Option<(View, BlockId)>,
    /// By phase, the newest certificate seen.
    seen: [Option<Certificate>; 3],
    /// Nodes that are not decided, each on top of another or of the last that is.
    nodes: Vec<Node>,
    decided: Vec<Decided>,
    /// The hash of the last node that is decided.
    tip: BlockId,
    /// The view of its certificate.
    tip_view: View,
    /// A node that it needs and has not, and the commit certificate for it, if there is one.
    missing: Option<(BlockId, Option<Certificate>)>,
    /// By replica, its own place included.
    peers: Vec<Peer>,
    /// What it has proposed in the last view that it led.
    proposal: Option<Box<Proposal>>,
    /// The last certificate that it has shown as this view's leader.
    shown: Option<Certificate>,
    /// The votes for it, and for others.
    votes: Vec<Ballots>,
    requests: requests::Requests,
    log: Log,
    caught: Caught,
}

type Effects = Vec<Effect>;

impl Hotstuff {
    /// A replica that has never run.
    pub fn new(identity: Identity) -> Self {
        // All begin in view 1, as if everyone had said so.
        let peer = Peer { wants: 1, impatient: 0 };
        Self {
            view: 1,
            entered_by: None,
            answered: None,
            failures: 0,
            voted: [None; 3],
            prepared: None,
            locked: None,
            older: None,
            heard: None,
            seen: [None; 3],
            nodes: Vec::new(),
            decided: Vec::new(),
            tip: 0,
            tip_view: 0,
            missing: None,
            peers: vec![peer; usize::from(identity.replicas)],
            proposal: None,
            shown: None,
            votes: Vec::new(),
            requests: requests::Requests::default(),
            log: Log::default(),
            caught: Caught::default(),
            identity,
        }
    }

    /// More than two thirds of all.
    fn quorum(&self) -> u8 {
        let quorum = requests::two_thirds(self.identity.replicas);
        if Mutant::SmallQuorum.is_made() { quorum - 1 } else { quorum }
    }

    /// Whose turn it is.
    fn leader(&self, view: View) -> ReplicaId {
        ReplicaId((view.wrapping_sub(1) % u32::from(self.identity.replicas)) as u8)
    }

    fn leads(&self) -> bool {
        self.leader(self.view) == self.identity.id
    }
}

impl StateMachine for Hotstuff {
    type Message = Message;

    #[inline]
    fn step(&mut self, input: Input<'_, Message>, effects: &mut Effects) {
        match input {
            Input::Start => self.start(effects),
            Input::Deliver { from, message } => self.receive(from, message, effects),
            Input::Timeout(Timer::Election) => self.lose_patience(self.view + 1, effects),
            Input::Timeout(Timer::Heartbeat) => self.say_again(effects),
            Input::Propose(command) => self.learn(&[command], effects),
            Input::Timeout(Timer::Lease | Timer::CheckQuorum | Timer::Retry | Timer::Round)
            | Input::Transfer(_)
            | Input::Read(_) => {}
        }
    }

    /// Only timers are forgotten, and whom it was asking.
    fn crash(&mut self) {
        self.answered = None;
    }

    #[inline]
    fn belief(&self) -> Belief {
        let role = if self.leads() {
            Role::Leader
        } else if self.is_late() {
            Role::Candidate
        } else {
            Role::Follower
        };
        let belief = Belief::new(role, self.view, Some(self.leader(self.view)));
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
        // A node is its log entry again, and five words; a certificate is four.
        u64::from(self.log.last_index()) * 2 + 9 * (self.nodes.len() + self.decided.len()) as u64
    }

    fn keeps(&self, index: Index, command: Command) -> bool {
        self.log.get(index).is_some_and(|entry| entry.command == command)
            || self.nodes.iter().any(|node| node.block.contains(&command))
    }

    fn phase(&self) -> Option<Fact> {
        let phase = match self.voted {
            _ if self.is_late() => "out-of-patience",
            [_, _, Some(_)] => "commit",
            [_, Some(_), None] => "pre-commit",
            [Some(_), None, None] => "prepare",
            [None, None, None] => "new-view",
        };
        let (view, locked) = (self.view, self.locked.filter(|locked| locked.view > self.tip_view));
        Some(match locked {
            Some(locked) => {
                let node = self.nodes.iter().find(|node| node.id() == locked.node);
                let block = node.map_or("lacks".into(), |node| requests::name(&node.block));
                fact!("hotstuff-locked", view, step = phase, block, of = locked.view)
            }
            None => fact!("hotstuff", view, step = phase),
        })
    }

    fn evidence(&self) -> Vec<(ReplicaId, Fact)> {
        self.caught.evidence("view")
    }
}

/// A replica's part in a view.
impl Hotstuff {
    fn receive(&mut self, from: ReplicaId, message: &Message, effects: &mut Effects) {
        match *message {
            Message::Prepare(ref proposal) => self.on_prepare(from, proposal, effects),
            Message::Show(certificate) => self.on_show(from, certificate, effects),
            Message::Vote { phase, view, node } => {
                if view == self.view && self.leads() {
                    self.count(from, phase, node, effects);
                }
            }
            Message::NewView(ref said) => {
                let NewView { view, justify, decided, impatient, entered, ref requests } = **said;
                self.learn(requests, effects);
                self.on_timeout_certificate(entered, effects);
                self.on_new_view(from, view, justify, impatient, effects);
                if (decided as usize) < self.decided.len() {
                    self.tell_nodes(from, decided, 0, effects);
                }
            }
            Message::Fetch { decided, node } => self.tell_nodes(from, decided, node, effects),
            Message::Nodes { ref nodes, proof } => self.on_nodes(from, nodes, proof, effects),
        }
    }

    /// Requests to decide.
    fn learn(&mut self, commands: &[Command], effects: &mut Effects) {
        let idle = self.requests.pending().is_empty();
        commands.iter().for_each(|&command| self.requests.add(command));
        if idle && !self.requests.pending().is_empty() {
            self.set_timers(effects);
            self.propose_if_due(effects);
        }
    }

    /// The leader proposes a node.
    fn on_prepare(&mut self, from: ReplicaId, proposal: &Proposal, effects: &mut Effects) {
        let Proposal { view, ref node, justify, entered } = *proposal;
        let id = node.id();
        if self.leader(view) != from {
            return self.catch(from, "out-of-turn", view);
        }
        if self.heard.is_some_and(|(known, other)| known == view && other != id) {
            self.catch(from, "two-proposals", view);
        }
        self.on_timeout_certificate(Some(TimeoutCertificate { view, signers: entered }), effects);
        self.learn(&node.block, effects);
        if view != self.view {
            return;
        }
        self.heard = self.heard.filter(|(known, _)| *known == view).or(Some((view, id)));
        let below = justify.map_or(0, |highest| highest.node);
        let fits = match justify {
            None => true,
            Some(highest) => {
                highest.phase == Phase::Prepare && highest.view < view && self.accept(highest)
            }
        };
        if !fits || below != node.parent || !self.is_safe(justify) {
            return;
        }
        if !self.has(below) {
            let is_old = justify.is_none_or(|highest| highest.view <= self.tip_view);
            if !is_old {
                self.ask_for(from, below, None, effects);
            }
            return;
        }
        if self.voted[0].is_none() && !self.is_late() {
            if !self.requests.fit(&node.block) {
                return;
            }
            self.keep(node);
        }
        self.vote(Phase::Prepare, id, effects);
    }

    /// `safeNode` of the paper.
    fn is_safe(&self, justify: Option<Certificate>) -> bool {
        let Some(locked) = self.locked else { return true };
        justify.is_some_and(|highest| highest.node == locked.node || highest.view > locked.view)
            || Mutant::ForgetLock.is_made()
    }

    /// A certificate arrives: what it proves is true whoever shows it; a vote is the leader's due.
    fn on_show(&mut self, from: ReplicaId, certificate: Certificate, effects: &mut Effects) {
        if !self.accept(certificate) {
            return;
        }
        let Certificate { phase, view, node, .. } = certificate;
        if view > self.view {
            self.enter(view, effects);
        }
        match phase {
            Phase::Prepare => self.raise_prepared(certificate),
            Phase::Precommit => {
                if self.locked.is_none_or(|locked| locked.view < view) {
                    self.locked = Some(certificate);
                }
            }
            Phase::Commit => return self.decide(from, certificate, effects),
        }
        if let Some(next) = phase.next().filter(|_| view == self.view && self.leader(view) == from)
        {
            self.vote(next, node, effects);
        }
    }

    fn raise_prepared(&mut self, certificate: Certificate) {
        if self.prepared.is_none_or(|highest| highest.view < certificate.view) {
            self.older = self.prepared;
            self.prepared = Some(certificate);
        }
    }

    /// Signs one vote a phase and view; says it again if it is asked for again.
    fn vote(&mut self, phase: Phase, node: BlockId, effects: &mut Effects) {
        let voted = self.voted[phase.index()];
        let may = voted.is_none_or(|other| other == node) || Mutant::VoteTwice.is_made();
        if self.is_late() || !may {
            return;
        }
        self.voted[phase.index()] = Some(node);
        let leader = self.leader(self.view);
        if leader == self.identity.id {
            self.count(leader, phase, node, effects);
        } else {
            send(effects, leader, Message::Vote { phase, view: self.view, node });
        }
    }

    /// True if so many distinct members signed it as a quorum needs; it is looked at for lies.
    fn accept(&mut self, certificate: Certificate) -> bool {
        let Certificate { phase, view, node, signers } = certificate;
        if self.count_of(signers) < self.quorum() || view == 0 {
            return false;
        }
        // A certificate has honest signers, and those sign what the leader of the view told them.
        if self.heard.is_some_and(|(known, other)| known == view && other != node) {
            self.catch(self.leader(view), "had-two-signed", view);
        }
        let seen = &mut self.seen[phase.index()];
        match *seen {
            Some(known) if known.view == view && known.node != node => {
                for who in ReplicaSet(known.signers.0 & signers.0).iter() {
                    self.catch(who, "two-votes", view);
                }
            }
            Some(known) if known.view >= view => {}
            Some(_) | None => *seen = Some(certificate),
        }
        true
    }

    fn count_of(&self, signers: ReplicaSet) -> u8 {
        let members = (1_u32 << self.identity.replicas) - 1;
        ReplicaSet((u32::from(signers.0) & members) as u16).len()
    }

    fn catch(&mut self, who: ReplicaId, what: &'static str, view: View) {
        if who != self.identity.id {
            self.caught.add(Evidence { who, what, height: view, round: 0 });
        }
    }
}

fn send(effects: &mut Effects, to: ReplicaId, message: Message) {
    effects.push(Effect::send(to, message));
}
