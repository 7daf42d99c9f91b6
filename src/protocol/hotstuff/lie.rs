//! What a liar in this replica's place would say.

use super::{Block, Certificate, Hotstuff, Message, NewView, Node, Phase};
use super::{Proposal, ReplicaSet, View};
use crate::fault::{Behaviour, ReplicaId};
use crate::protocol::requests::{BLOCK_MAX, BlockId, other_story};
use crate::protocol::{Liar, Tampering};

impl Liar for Hotstuff {
    fn lie(
        &self,
        behaviour: Behaviour,
        _to: ReplicaId,
        said: Option<&Message>,
    ) -> Tampering<Message> {
        match (behaviour, said) {
            (Behaviour::Equivocate, Some(said)) => {
                self.other_words(said).map_or(Tampering::Truth, Tampering::Instead)
            }
            (Behaviour::DoubleVote, Some(said)) => {
                self.other_words(said).map_or(Tampering::Truth, Tampering::Besides)
            }
            (Behaviour::LieAboutLog, Some(said)) => {
                self.older_words(said).map_or(Tampering::Truth, Tampering::Instead)
            }
            // Whoever was told another story has voted for it: here is the certificate.
            (Behaviour::Equivocate | Behaviour::LieAboutLog, None) => {
                let phases = [Phase::Commit, Phase::Precommit, Phase::Prepare];
                let shown = phases.into_iter().find_map(|phase| self.other_certificate(phase));
                shown.map_or(Tampering::Truth, |shown| Tampering::Besides(Message::Show(shown)))
            }
            (Behaviour::DenyLeader, None) => {
                Tampering::Besides(Message::NewView(Box::new(NewView {
                    view: self.view + 1,
                    justify: self.prepared,
                    decided: u32::MAX,
                    impatient: true,
                    entered: None,
                    requests: Box::default(),
                })))
            }
            (Behaviour::ClaimLeadership, None) if !self.leads() => {
                Tampering::Besides(self.proposal_on(self.tip, self.prepared, self.view))
            }
            (
                Behaviour::DoubleVote
                | Behaviour::DenyLeader
                | Behaviour::ClaimLeadership
                | Behaviour::SilentTo
                | Behaviour::Replay
                | Behaviour::Delay,
                _,
            ) => Tampering::Truth,
        }
    }
}

impl Hotstuff {
    /// The other story: the node with a no-op in front, votes for it, and certificates, if there
    /// are such.
    fn other_words(&self, said: &Message) -> Option<Message> {
        match said {
            Message::Prepare(proposal) => {
                let mut proposal = proposal.clone();
                proposal.node.block = other_story(&proposal.node.block);
                Some(Message::Prepare(proposal))
            }
            Message::Vote { phase, view, node } => {
                Some(Message::Vote { phase: *phase, view: *view, node: self.other_node(*node)? })
            }
            Message::Show(certificate) => {
                self.other_certificate(certificate.phase).map(Message::Show)
            }
            Message::NewView(_) | Message::Fetch { .. } | Message::Nodes { .. } => None,
        }
    }

    /// An old certificate as the highest, and a node on top of it.
    fn older_words(&self, said: &Message) -> Option<Message> {
        match said {
            Message::NewView(said) => {
                let said = NewView { justify: self.older, ..(**said).clone() };
                Some(Message::NewView(Box::new(said)))
            }
            Message::Prepare(proposal) => {
                let parent = self.older.map_or(0, |older| older.node);
                Some(self.proposal_on(parent, self.older, proposal.view))
            }
            Message::Show(certificate) => {
                self.other_certificate(certificate.phase).map(Message::Show)
            }
            // It holds nothing that others lack.
            Message::Nodes { .. } => Some(Message::Nodes { nodes: Box::default(), proof: None }),
            Message::Vote { .. } | Message::Fetch { .. } => None,
        }
    }

    /// The other story about a node that it has voted for; a vote names nodes by their hash alone.
    fn other_node(&self, id: BlockId) -> Option<BlockId> {
        let decided = self.decided.iter().rev().map(|one| &one.node).take(1);
        let node = self.nodes.iter().chain(decided).find(|node| node.id() == id)?;
        Some(Node { parent: node.parent, block: other_story(&node.block) }.id())
    }

    fn proposal_on(&self, parent: BlockId, justify: Option<Certificate>, view: View) -> Message {
        let pending = self.requests.pending();
        let first = &pending[..pending.len().min(BLOCK_MAX)];
        let block: Block = if first.is_empty() { [0].into() } else { first.into() };
        let node = Node { parent, block };
        let entered = self.proposal.as_ref().map_or(ReplicaSet::NOBODY, |own| own.entered);
        Message::Prepare(Box::new(Proposal { view, node, justify, entered }))
    }

    /// A certificate for what it did not propose by the book, from votes that it was sent and its
    /// own.
    fn other_certificate(&self, phase: Phase) -> Option<Certificate> {
        let proposal = self.proposal.as_ref()?;
        let (view, own) = (proposal.view, proposal.node.id());
        self.votes.iter().filter(|ballots| ballots.phase == phase).find_map(|ballots| {
            let mut signers = ballots.signers;
            signers.add(self.identity.id);
            let node = ballots.node;
            let is_other = node != own && signers.len() >= self.quorum();
            is_other.then_some(Certificate { phase, view, node, signers })
        })
    }
}
