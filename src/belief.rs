//! What each replica believes about who leads, and where beliefs part.

use crate::fault::ReplicaId;
use crate::protocol::{Belief, Epoch, Role};

/// Everyone's belief at one moment; `None` for a replica whose process does not run.
#[derive(Clone, Debug)]
pub(crate) struct Beliefs {
    now: Vec<Option<Belief>>,
    led: Option<ReplicaId>,
    parted: bool,
    newest: Epoch,
}

/// What changed when a replica's belief did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// It became leader, in an epoch in which it was not.
    pub elected: bool,
    /// The leader that a majority follows is another one, or none.
    pub led: bool,
    /// Beliefs have parted, or agree again.
    pub parted: bool,
    /// Nobody was in so new an epoch before.
    pub newer_epoch: bool,
}

impl Beliefs {
    /// Before anyone has said what it believes.
    pub(crate) fn new(replicas: usize) -> Self {
        Self { now: vec![None; replicas], led: None, parted: true, newest: 0 }
    }

    /// Takes a replica's belief; `None` if it is what it was.
    #[inline]
    pub(crate) fn observe(&mut self, id: ReplicaId, belief: Option<Belief>) -> Option<Change> {
        if self.now[id.index()] == belief {
            return None;
        }
        Some(self.take(id, belief))
    }

    #[inline(never)]
    fn take(&mut self, id: ReplicaId, belief: Option<Belief>) -> Change {
        let before = std::mem::replace(&mut self.now[id.index()], belief);
        let leads = |belief: Option<Belief>| {
            belief.filter(|belief| belief.role == Role::Leader).map(|belief| belief.epoch)
        };
        let epoch = belief.map_or(0, |belief| belief.epoch);
        let (led, parted) = (self.find_led(), self.find_parted());
        let change = Change {
            elected: leads(belief).is_some() && leads(belief) != leads(before),
            led: led != self.led,
            parted: parted != self.parted,
            newer_epoch: epoch > self.newest,
        };
        (self.led, self.parted, self.newest) = (led, parted, self.newest.max(epoch));
        change
    }

    /// The leader that a majority of all replicas follows in its epoch, itself included.
    fn find_led(&self) -> Option<ReplicaId> {
        (0..).map(ReplicaId).zip(&self.now).find_map(|(id, belief)| {
            let leader = belief.filter(|belief| belief.role == Role::Leader)?;
            let follows = |belief: &&Option<Belief>| {
                belief.is_some_and(|other| other.leader == Some(id) && other.epoch == leader.epoch)
            };
            (self.now.iter().filter(follows).count() * 2 > self.now.len()).then_some(id)
        })
    }

    /// True unless all that run follow one and the same leader.
    fn find_parted(&self) -> bool {
        let mut leaders = self.now.iter().flatten().map(|belief| belief.leader);
        let Some(first) = leaders.next() else { return true };
        first.is_none() || leaders.any(|leader| leader != first)
    }

    /// The leader that a majority follows.
    pub(crate) const fn led(&self) -> Option<ReplicaId> {
        self.led
    }

    /// True while those that run do not all follow one leader.
    pub(crate) const fn parted(&self) -> bool {
        self.parted
    }

    /// The newest epoch anyone has been in.
    pub(crate) const fn newest_epoch(&self) -> Epoch {
        self.newest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn belief(role: Role, epoch: Epoch, leader: Option<u8>) -> Option<Belief> {
        Some(Belief::new(role, epoch, leader.map(ReplicaId)))
    }

    #[test]
    fn a_leader_needs_a_majority_in_its_own_epoch() {
        let mut beliefs = Beliefs::new(3);
        beliefs.observe(ReplicaId(0), belief(Role::Follower, 1, None));
        beliefs.observe(ReplicaId(1), belief(Role::Follower, 1, None));
        let change = beliefs.observe(ReplicaId(2), belief(Role::Leader, 1, Some(2)));
        assert!(change.is_some_and(|change| change.elected && !change.led));
        beliefs.observe(ReplicaId(1), belief(Role::Follower, 1, Some(2)));
        assert_eq!((beliefs.led(), beliefs.parted()), (Some(ReplicaId(2)), true));
        beliefs.observe(ReplicaId(0), belief(Role::Follower, 1, Some(2)));
        assert!(!beliefs.parted());
        beliefs.observe(ReplicaId(1), belief(Role::Follower, 2, None));
        beliefs.observe(ReplicaId(0), belief(Role::Candidate, 2, None));
        assert_eq!((beliefs.led(), beliefs.newest_epoch()), (None, 2));
    }

    #[test]
    fn those_that_do_not_run_have_no_say() {
        let mut beliefs = Beliefs::new(3);
        for id in 0..3 {
            beliefs.observe(ReplicaId(id), belief(Role::Follower, 1, Some(0)));
        }
        assert!(!beliefs.parted());
        beliefs.observe(ReplicaId(1), None);
        assert!(!beliefs.parted());
        beliefs.observe(ReplicaId(2), belief(Role::Follower, 1, Some(1)));
        assert!(beliefs.parted());
    }
}
