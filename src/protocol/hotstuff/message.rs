//! What `HotStuff`'s replicas say to each other.

use super::View;
use crate::fact::{Fact, counts, fact};
use crate::fault::ReplicaSet;
use crate::protocol::requests::{Block, BlockId, hash, name};
use crate::protocol::{Command, ProtocolMessage};

/// The three phases in which replicas vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Is this node safe?
    Prepare,
    /// Have more than two thirds found it safe?
    Precommit,
    /// Do more than two thirds know that?
    Commit,
}

impl Phase {
    /// As an index into an array by phase.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The phase that a certificate of this one opens; none after the last, which decides.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Prepare => Some(Self::Precommit),
            Self::Precommit => Some(Self::Commit),
            Self::Commit => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Precommit => "pre-commit",
            Self::Commit => "commit",
        }
    }
}

/// A quorum certificate: who signed that vote. It stands for a threshold signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    /// The phase they voted in.
    pub phase: Phase,
    /// The view.
    pub view: View,
    /// What for.
    pub node: BlockId,
    /// Who.
    pub signers: ReplicaSet,
}

/// Who said NEW-VIEW for a view, or for one after it: a quorum of them brings a replica there.
/// `DiemBFT` calls it a timeout certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeoutCertificate {
    /// The view.
    pub view: View,
    /// Who.
    pub signers: ReplicaSet,
}

/// A node of the tree: requests on top of what `parent` is on top of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The hash of the node below, 0 for none.
    pub parent: BlockId,
    /// The requests.
    pub block: Block,
}

impl Node {
    /// Its hash.
    pub fn id(&self) -> BlockId {
        hash(self.parent, &self.block)
    }
}

/// What a leader proposes, with what entitles it to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proposal {
    /// The view.
    pub view: View,
    /// The new node.
    pub node: Node,
    /// The highest prepare certificate that the leader was shown: for the node's parent.
    pub justify: Option<Certificate>,
    /// Whose new-view it has.
    pub entered: ReplicaSet,
}

/// What a replica says when it goes to another view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewView {
    /// The view it wants to be in.
    pub view: View,
    /// The highest prepare certificate it knows.
    pub justify: Option<Certificate>,
    /// How many nodes it knows decided.
    pub decided: u32,
    /// True if it has lost patience with the view before, and says so to all.
    pub impatient: bool,
    /// What brought it into the view that it is in, if that was a timeout certificate.
    pub entered: Option<TimeoutCertificate>,
    /// Requests that wait, with their clients' signatures.
    pub requests: Box<[Command]>,
}

/// A message of `HotStuff`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// PREPARE.
    Prepare(Box<Proposal>),
    /// A certificate: PRE-COMMIT, COMMIT or DECIDE by the phase that it opens.
    Show(Certificate),
    /// A signed vote.
    Vote {
        /// The phase.
        phase: Phase,
        /// The view.
        view: View,
        /// What for.
        node: BlockId,
    },
    /// NEW-VIEW.
    NewView(Box<NewView>),
    /// Asks for what is missing.
    Fetch {
        /// How many nodes it knows decided.
        decided: u32,
        /// The node that it heard of; 0 for none.
        node: BlockId,
    },
    /// Nodes, each on top of the one before it.
    Nodes {
        /// The nodes.
        nodes: Box<[Node]>,
        /// More than two thirds committed the last one, if that is so.
        proof: Option<Certificate>,
    },
}

impl ProtocolMessage for Message {
    fn fact(&self) -> Fact {
        let short = |id: u64| format!("{:06x}", id & 0xff_ffff);
        match self {
            Self::Prepare(proposal) => {
                let Proposal { view, node, justify, .. } = &**proposal;
                let (block, id) = (name(&node.block), short(node.id()));
                let below = justify.map_or(0, |highest| highest.view);
                fact!("hotstuff-prepare", block, id, view, below)
            }
            Self::Show(Certificate { phase, view, node, .. }) => {
                let kind = match phase {
                    Phase::Prepare => "hotstuff-pre-commit",
                    Phase::Precommit => "hotstuff-commit",
                    Phase::Commit => "hotstuff-decide",
                };
                fact!(kind, id = short(*node), view)
            }
            Self::Vote { phase, view, node } => {
                fact!("hotstuff-vote", phase = phase.name(), id = short(*node), view)
            }
            Self::NewView(said) => {
                let NewView { view, justify, entered, .. } = &**said;
                let of = |view: Option<View>| {
                    view.map_or_else(|| "none".into(), |view| fact!("some", view))
                };
                let certificate: Fact = of(justify.map(|highest| highest.view));
                let timeout: Fact = of(entered.map(|one| one.view));
                fact!("hotstuff-new-view", view, certificate, timeout)
            }
            Self::Fetch { decided, .. } => counts!("hotstuff-fetch", decided),
            Self::Nodes { nodes, .. } => counts!("hotstuff-nodes", count = nodes.len()),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Prepare(_) => "prepare",
            Self::Show(Certificate { phase: Phase::Prepare, .. }) => "pre-commit",
            Self::Show(Certificate { phase: Phase::Precommit, .. }) => "commit",
            Self::Show(Certificate { phase: Phase::Commit, .. }) => "decide",
            Self::Vote { .. } => "vote",
            Self::NewView(_) => "new-view",
            Self::Fetch { .. } => "fetch",
            Self::Nodes { .. } => "nodes",
        }
    }

    // Long, and not worth its place within each message's way.
    #[inline(never)]
    fn entries(&self) -> usize {
        match self {
            Self::Prepare(proposal) => 8 + proposal.node.block.len().div_ceil(2),
            Self::NewView(said) => said.requests.len().div_ceil(2),
            Self::Nodes { nodes, .. } => {
                nodes.iter().map(|node| 4 + node.block.len().div_ceil(2)).sum()
            }
            Self::Show(_) | Self::Vote { .. } | Self::Fetch { .. } => 0,
        }
    }

    #[inline]
    fn digest(&self) -> [u64; 2] {
        match self {
            Self::Prepare(proposal) => [words(proposal.view, 1), proposal.node.id()],
            Self::Show(certificate) => {
                let Certificate { phase, view, node, signers } = *certificate;
                [words(view, 2 + 8 * (phase as u32 + 3 * u32::from(signers.0))), node]
            }
            Self::Vote { phase, view, node } => [words(*view, 3 + 8 * *phase as u32), *node],
            Self::NewView(said) => {
                let NewView { view, justify, decided, impatient, entered, requests } = &**said;
                let seen = justify.map_or(0, |certificate| certificate.view);
                let entered = entered.map_or(0, |one| one.view << 4 ^ u32::from(one.signers.0));
                let kind = 4 + 8 * (u32::from(*impatient) + 2 * requests.len() as u32);
                [words(*view, kind ^ entered << 12), words(seen, *decided)]
            }
            Self::Fetch { decided, node } => [words(*decided, 5), *node],
            Self::Nodes { nodes, proof } => {
                [words(nodes.len() as u32, 6), proof.map_or(0, |certificate| certificate.node)]
            }
        }
    }
}

fn words(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}
