//! Ballots: numbers that no two proposers share.

use crate::fact::{Arg, fact};
use crate::fault::ReplicaId;
use crate::protocol::Epoch;

/// A number and its owner; the number counts first, so that two owners never tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot {
    /// The number; 0 is before the first ballot.
    pub number: Epoch,
    /// Who may propose in it.
    pub owner: ReplicaId,
}

impl Ballot {
    /// Before the first ballot.
    pub const NONE: Self = Self { number: 0, owner: ReplicaId(0) };

    /// The lowest ballot of `owner` with a higher number.
    pub const fn next(self, owner: ReplicaId) -> Self {
        Self { number: self.number.saturating_add(1), owner }
    }

    /// Its owner, if it is a ballot at all.
    pub fn leader(self) -> Option<ReplicaId> {
        (self.number > 0).then_some(self.owner)
    }

    /// As a word for a digest.
    #[inline]
    pub(in crate::protocol) const fn word(self) -> u64 {
        self.number as u64 | (self.owner.0 as u64) << 32
    }
}

/// In the room `ballot`: numbers alone do not tell ballots apart.
impl From<Ballot> for Arg {
    fn from(Ballot { number, owner, .. }: Ballot) -> Self {
        fact!("of", number, owner).into()
    }
}
