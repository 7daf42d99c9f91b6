//! Who is kept from hearing whom: groups of replicas, and the flows between them.

use std::fmt;

use super::{Action, Ends, ReplicaId, ReplicaSet};

/// Groups of replicas that do not hear each other. Who is in none of them hears all.
///
/// Four bits a replica: the number of its group from 1, or 0. The last four are those of
/// [`ReplicaId::LEADER`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Groups(u64);

impl Groups {
    /// The most replicas, and so the most groups.
    pub const REPLICAS: u8 = 15;

    /// Puts a replica into a group; false if it is in one already, or is beyond all groups.
    pub const fn put(&mut self, replica: ReplicaId, group: u8) -> bool {
        if replica.0 > Self::REPLICAS || self.of(replica) != 0 {
            return false;
        }
        self.0 |= (group as u64 & 0xf) << (4 * replica.0);
        true
    }

    /// The group of a replica, from 1; 0 if it is in none.
    pub const fn of(self, replica: ReplicaId) -> u8 {
        if replica.0 <= Self::REPLICAS { (self.0 >> (4 * replica.0) & 0xf) as u8 } else { 0 }
    }

    /// Who is in that group.
    pub fn members(self, group: u8) -> ReplicaSet {
        (0..=Self::REPLICAS).map(ReplicaId).filter(|&replica| self.of(replica) == group).collect()
    }

    /// True if both are in groups, and not in the same one.
    pub const fn part(self, one: ReplicaId, other: ReplicaId) -> bool {
        let (one, other) = (self.of(one), self.of(other));
        one != 0 && other != 0 && one != other
    }

    /// Everybody who is in a group.
    pub fn all(self) -> ReplicaSet {
        (0..=Self::REPLICAS).map(ReplicaId).filter(|&replica| self.of(replica) != 0).collect()
    }
}

/// As the scenario text writes it: `n1 n2 | n3 n4 n5`.
impl fmt::Display for Groups {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = (1..=Self::REPLICAS).map(|group| self.members(group));
        for (number, group) in groups.take_while(|group| !group.is_empty()).enumerate() {
            write!(formatter, "{}{group}", if number == 0 { "" } else { " | " })?;
        }
        Ok(())
    }
}

/// The flows that an action cuts or heals: by sender, those who receive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach([ReplicaSet; Groups::REPLICAS as usize]);

impl Reach {
    /// Of an action in a cluster of so many replicas, with the share of packets that those flows
    /// lose from then on; `None` if it is about no flow, or changes nothing of what flows lose.
    pub fn of(act: Action, replicas: u8) -> Option<(Self, u8)> {
        let reach = Self::touched(act, replicas)?;
        let percent = if let Action::Cut { percent, .. } = act { percent } else { 100 };
        let is_loss = !matches!(act, Action::Impair { .. });
        is_loss.then_some((reach, if act.lifts() { 0 } else { percent }))
    }

    /// The flows that an action is about; `None` if it is about none.
    pub fn touched(act: Action, replicas: u8) -> Option<Self> {
        Some(
            if let Action::Cut { link, .. } | Action::Heal { link } | Action::Impair { link, .. } =
                act
            {
                let Ends::Flow(one, other) = link.ends else { return None };
                Self::where_so(replicas, |from, to| {
                    (from, to) == (one, other) || link.both && (to, from) == (one, other)
                })
            } else if let Action::Isolate(one) | Action::Rejoin(one) = act {
                Self::where_so(replicas, |from, to| from == one || to == one)
            } else if let Action::Partition(groups) | Action::Reunite(groups) = act {
                Self::where_so(replicas, |from, to| groups.part(from, to))
            } else {
                return None;
            },
        )
    }

    fn where_so(replicas: u8, is_so: impl Fn(ReplicaId, ReplicaId) -> bool) -> Self {
        let ids = || (0..replicas.min(Groups::REPLICAS)).map(ReplicaId);
        let mut reach = Self::default();
        for from in ids() {
            reach.0[from.index()] = ids().filter(|&to| to != from && is_so(from, to)).collect();
        }
        reach
    }

    /// The flows, by sender.
    pub fn flows(&self) -> impl Iterator<Item = (ReplicaId, ReplicaId)> {
        let senders = (0..).map(ReplicaId).zip(self.0);
        senders.flat_map(|(from, receivers)| receivers.iter().map(move |to| (from, to)))
    }

    /// Those that the other one does not hold.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        for (receivers, others) in self.0.iter_mut().zip(other.0) {
            *receivers = receivers.without(others);
        }
        self
    }

    /// True if no flow is left.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|receivers| receivers.is_empty())
    }
}
