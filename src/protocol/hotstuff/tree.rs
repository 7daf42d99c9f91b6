//! The tree of nodes: what is decided, what may be, and what is missing.

use super::{BlockId, Certificate, Decided, Effects, Entry, Hotstuff, Message, Node, Phase};
use super::{ReplicaId, send};

/// Nodes in one answer, about.
const NODES_AT_ONCE: usize = 16;

impl Hotstuff {
    /// True if it has that node and all that is below it, and could put another on top.
    pub(super) fn has(&self, id: BlockId) -> bool {
        id == self.tip || self.nodes.iter().any(|node| node.id() == id)
    }

    /// Keeps a node that stands on one it has.
    pub(super) fn keep(&mut self, node: &Node) {
        if self.has(node.parent) && !self.has(node.id()) {
            self.nodes.push(node.clone());
        }
    }

    /// The places of the undecided nodes up to that one, lowest first; `None` if it has not got it.
    pub(super) fn path_to(&self, id: BlockId) -> Option<Vec<usize>> {
        let mut path = Vec::new();
        let mut id = id;
        while id != self.tip {
            let place = self.nodes.iter().position(|node| node.id() == id)?;
            path.push(place);
            id = self.nodes[place].parent;
        }
        path.reverse();
        Some(path)
    }

    /// More than two thirds committed a node: it is decided, and all below it.
    pub(super) fn decide(&mut self, from: ReplicaId, proof: Certificate, effects: &mut Effects) {
        if proof.view <= self.tip_view {
            return;
        }
        let Some(path) = self.path_to(proof.node) else {
            return self.ask_for(from, proof.node, Some(proof), effects);
        };
        for place in path {
            let node = self.nodes[place].clone();
            self.execute(&node, proof);
        }
        self.tip_view = proof.view;
        self.failures = 0;
        self.missing =
            self.missing.filter(|(_, other)| other.is_some_and(|other| other.view > proof.view));
        for node in std::mem::take(&mut self.nodes) {
            self.keep(&node);
        }
        if proof.view >= self.view {
            self.enter(proof.view + 1, effects);
        } else {
            self.set_timers(effects);
        }
    }

    fn execute(&mut self, node: &Node, proof: Certificate) {
        let fresh = |command: &&u32| !self.requests.is_done(**command);
        for &command in node.block.iter().filter(fresh) {
            self.log.push(Entry { epoch: proof.view, command });
        }
        self.requests.decide(&node.block);
        self.tip = node.id();
        let own = (self.tip == proof.node).then_some(proof);
        self.decided.push(Decided { node: node.clone(), proof: own });
    }

    /// It lacks a node, and asks one who must have it.
    pub(super) fn ask_for(
        &mut self,
        from: ReplicaId,
        node: BlockId,
        proof: Option<Certificate>,
        effects: &mut Effects,
    ) {
        let known = self.missing.and_then(|(_, proof)| proof).map_or(0, |proof| proof.view);
        if self.missing.is_none() || proof.is_some_and(|proof| proof.view > known) {
            self.missing = Some((node, proof));
            self.set_timers(effects);
        }
        if from != self.identity.id {
            send(effects, from, self.fetch(node));
        }
    }

    /// It lacks a node, and asks everybody.
    pub(super) fn ask_for_everywhere(&mut self, node: BlockId, effects: &mut Effects) {
        if self.missing.is_none() {
            self.missing = Some((node, None));
        }
        for to in self.identity.peers() {
            send(effects, to, self.fetch(node));
        }
    }

    pub(super) fn fetch(&self, node: BlockId) -> Message {
        Message::Fetch { decided: u32::try_from(self.decided.len()).unwrap_or(u32::MAX), node }
    }

    /// Gives one who lacks it what was decided, or else the nodes up to the one it asks for.
    pub(super) fn tell_nodes(
        &self,
        to: ReplicaId,
        decided: u32,
        node: BlockId,
        effects: &mut Effects,
    ) {
        let later = self.decided.get(decided as usize..).unwrap_or_default();
        let (nodes, proof): (Box<[Node]>, _) = if later.is_empty() && node == 0 {
            // Whoever asks what it has missed is told that too.
            (Box::default(), None)
        } else if later.is_empty() {
            let Some(path) = self.path_to(node).filter(|path| !path.is_empty()) else { return };
            (path.into_iter().map(|place| self.nodes[place].clone()).collect(), None)
        } else {
            let is_end = |one: &Decided| one.proof.is_some();
            let many = later.iter().skip(NODES_AT_ONCE - 1).position(is_end);
            let count = many.map_or(later.len(), |more| NODES_AT_ONCE + more);
            let nodes = later[..count].iter().map(|one| one.node.clone()).collect();
            (nodes, later[count - 1].proof)
        };
        send(effects, to, Message::Nodes { nodes, proof });
    }

    /// Takes nodes that are proven, or that it has asked for.
    pub(super) fn on_nodes(
        &mut self,
        from: ReplicaId,
        nodes: &[Node],
        proof: Option<Certificate>,
        effects: &mut Effects,
    ) {
        self.note_answer(from);
        let proof = proof.filter(|proof| proof.phase == Phase::Commit && self.accept(*proof));
        if proof.is_none() && self.missing.is_none() {
            return;
        }
        let before = self.decided.len();
        nodes.iter().for_each(|node| self.keep(node));
        if let Some(proof) = proof.filter(|proof| self.has(proof.node)) {
            self.decide(from, proof, effects);
        }
        if let Some((node, proof)) = self.missing.filter(|(node, _)| self.has(*node)) {
            self.missing = None;
            if let Some(proof) = proof {
                self.decide(from, proof, effects);
            }
            if node == self.prepared.map_or(0, |highest| highest.node) {
                self.propose_if_due(effects);
            }
        }
        if self.decided.len() > before && nodes.len() >= NODES_AT_ONCE {
            send(effects, from, self.fetch(self.missing.map_or(0, |(node, _)| node)));
        }
    }
}
