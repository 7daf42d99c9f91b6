//! An action with other numbers for its replicas: a scenario counts them over all its groups, each
//! group counts its own.

use std::ops::Range;

use super::{Action, ByzantineBehaviour, Ends, Flows, Groups, Link, Object, ReplicaId, ReplicaSet};

/// Those that are numbered `of`, counted from `to` on.
struct Renumber {
    of: Range<u8>,
    to: u8,
}

impl Renumber {
    fn replica(&self, replica: ReplicaId) -> Option<ReplicaId> {
        let is_one = self.of.contains(&replica.0);
        is_one.then(|| ReplicaId(replica.0 - self.of.start + self.to))
    }

    fn end(&self, end: Option<ReplicaId>) -> Option<Option<ReplicaId>> {
        match end {
            None => Some(None),
            Some(replica) => self.replica(replica).map(Some),
        }
    }

    fn object(&self, object: Object) -> Option<Object> {
        Some(match object {
            Object::Link { link, percent } => Object::Link { link: self.link(link)?, percent },
            Object::Flows { switch, flows: Flows { from, to, both }, percent } => {
                let flows = Flows { from: self.end(from)?, to: self.end(to)?, both };
                Object::Flows { switch, flows, percent }
            }
            Object::Part(_) | Object::Server(_) | Object::Order(_) => object,
            Object::Replica(replica) => Object::Replica(self.replica(replica)?),
            Object::Groups(groups) => {
                let mut numbered = Groups::default();
                for replica in groups.all().iter() {
                    numbered.put(self.replica(replica)?, groups.of(replica));
                }
                Object::Groups(numbered)
            }
            Object::ByzantineBehaviour { replica, byzantine } => {
                let toward: Option<ReplicaSet> =
                    byzantine.toward.iter().map(|receiver| self.replica(receiver)).collect();
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
            | Self::Part(_)
            | Self::Server(_)
            | Self::Order(_) => false,
            Self::Link { link: Link { ends: Ends::Flow(..), .. }, .. }
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
        let object = Renumber { of, to }.object(self.object())?;
        self.row().shape.of(object)
    }
}
