//! An action with other numbers for its replicas: a scenario counts them over all its groups, each
//! group counts its own; and who leads is known only when it is done.

use std::ops::Range;

use super::{Action, ByzantineBehaviour, Ends, Flows, Groups, Link, Object, ReplicaId, ReplicaSet};
use crate::plant::ServerAt;

/// Those that are numbered `of`, counted from `to` on.
struct Renumber {
    of: Range<u8>,
    to: u8,
    /// Who leads, if that is known.
    leader: Option<ReplicaId>,
}

impl Renumber {
    fn replica(&self, replica: ReplicaId) -> Option<ReplicaId> {
        if replica.is_leader() && self.leader.is_some() {
            return self.leader;
        }
        let base = if replica.is_leader() { ReplicaId::LEADER.0 } else { 0 };
        let is_one = self.of.contains(&(replica.0 - base));
        is_one.then(|| ReplicaId(replica.0 - self.of.start + self.to))
    }

    /// One of a set: there the leader's number does not say of which group it is.
    fn member(&self, replica: ReplicaId) -> Option<ReplicaId> {
        if replica.is_leader() { self.leader.or(Some(replica)) } else { self.replica(replica) }
    }

    fn end(&self, end: Option<ReplicaId>) -> Option<Option<ReplicaId>> {
        match end {
            None => Some(None),
            Some(replica) => self.replica(replica).map(Some),
        }
    }

    #[inline(never)]
    fn object(&self, object: Object) -> Option<Object> {
        Some(match object {
            Object::Link { link, percent } => Object::Link { link: self.link(link)?, percent },
            Object::Impaired { link, how } => Object::Impaired { link: self.link(link)?, how },
            Object::Flows { switch, flows: Flows { from, to, both, which }, percent } => {
                let (from, to) = (self.end(from)?, self.end(to)?);
                let flows = Flows { from, to, both, which };
                Object::Flows { switch, flows, percent }
            }
            Object::Part(_) | Object::Server(_) | Object::Volume { .. } | Object::Order(_) => {
                object
            }
            Object::VolumeOf { replica, by } => {
                Object::VolumeOf { replica: self.replica(replica)?, by }
            }
            Object::Replica(replica) => Object::Replica(self.replica(replica)?),
            Object::Groups(groups) => {
                let mut numbered = Groups::default();
                for replica in groups.all().iter() {
                    if !numbered.put(self.member(replica)?, groups.of(replica)) {
                        return None;
                    }
                }
                Object::Groups(numbered)
            }
            Object::ByzantineBehaviour { replica, byzantine } => {
                let toward: Option<ReplicaSet> =
                    byzantine.toward.iter().map(|receiver| self.member(receiver)).collect();
                let byzantine = ByzantineBehaviour { toward: toward?, ..byzantine };
                Object::ByzantineBehaviour { replica: self.replica(replica)?, byzantine }
            }
        })
    }

    fn link(&self, Link { ends, both }: Link) -> Option<Link> {
        let ends = match ends {
            Ends::Lane(..) => ends,
            Ends::Flow(from, to) => Ends::Flow(self.replica(from)?, self.replica(to)?),
        };
        Some(Link { ends, both })
    }
}

impl Object {
    /// True if it names a replica: then it is of one group's.
    pub const fn names_replicas(&self) -> bool {
        match self {
            Self::Link { link: Link { ends: Ends::Lane(..), .. }, .. }
            | Self::Impaired { link: Link { ends: Ends::Lane(..), .. }, .. }
            | Self::Part(_)
            | Self::Server(_)
            | Self::Volume { .. }
            | Self::Order(_) => false,
            Self::Link { link: Link { ends: Ends::Flow(..), .. }, .. }
            | Self::Impaired { link: Link { ends: Ends::Flow(..), .. }, .. }
            | Self::VolumeOf { .. }
            | Self::Replica(_)
            | Self::Groups(_)
            | Self::ByzantineBehaviour { .. } => true,
            Self::Flows { flows: Flows { from, to, .. }, .. } => from.is_some() || to.is_some(),
        }
    }
}

impl Action {
    /// The same with the replicas that are numbered `of` counted from `to` on; `None` if it names
    /// another one.
    pub fn renumbered(&self, of: Range<u8>, to: u8) -> Option<Self> {
        let object = Renumber { of, to, leader: None }.object(self.object())?;
        self.row().of(object)
    }

    /// The same with that replica for the leader, in a group with members on these servers; `None`
    /// if that makes no sense, as two groups with one replica in both. Its replicas are numbered as
    /// the group does.
    #[inline(never)]
    pub fn done_to(&self, leader: ReplicaId, members: &[ServerAt]) -> Option<Self> {
        let numbers = Renumber { of: 0..Groups::REPLICAS, to: 0, leader: Some(leader) };
        let mut object = numbers.object(self.object())?;
        if let Self::AtLeader { .. } = self {
            let server = *members.get(leader.index())?;
            object = if let Object::VolumeOf { by, .. } = object {
                Object::Volume { server, by }
            } else {
                Object::Server(server)
            };
        }
        self.row().of(object)
    }

    /// True if it says `leader`, and it is not known yet who that is.
    #[inline(never)]
    pub fn is_open(&self) -> bool {
        let one = |end: Option<ReplicaId>| end.is_some_and(ReplicaId::is_leader);
        match self.object() {
            Object::Link { link: Link { ends: Ends::Flow(from, to), .. }, .. }
            | Object::Impaired { link: Link { ends: Ends::Flow(from, to), .. }, .. } => {
                from.is_leader() || to.is_leader()
            }
            Object::Flows { flows, .. } => one(flows.from) || one(flows.to),
            Object::Replica(replica) | Object::VolumeOf { replica, .. } => replica.is_leader(),
            Object::Groups(groups) => groups.of(ReplicaId::LEADER) != 0,
            Object::ByzantineBehaviour { replica, byzantine } => {
                replica.is_leader() || byzantine.toward.contains(ReplicaId::LEADER)
            }
            Object::Link { link: Link { ends: Ends::Lane(..), .. }, .. }
            | Object::Impaired { link: Link { ends: Ends::Lane(..), .. }, .. }
            | Object::Part(_)
            | Object::Server(_)
            | Object::Volume { .. }
            | Object::Order(_) => false,
        }
    }
}
