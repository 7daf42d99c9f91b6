//! Known mistakes that a protocol can be made with, for the tests that show that the checks find
//! them. Outside this crate's own tests no replica makes any, and the questions cost nothing.

/// A mistake that implementations really made, or that a proof says would break everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// Forgets its vote or promise, and gives another in the same epoch.
    VoteTwice,
    /// Takes one voice too few for a quorum.
    SmallQuorum,
    /// Follows or votes without a look at the other's log.
    SkipLogCheck,
    /// Does not keep to the value that it accepted, or was locked on, in an earlier epoch.
    ForgetLock,
    /// Counts what a replica said before it lost all that it knew, as VR Revisited does.
    HearTheDead,
    /// Answers a read without asking a majority whether it still leads.
    SkipRound,
    /// Reads by its lease while it hands over.
    KeepLease,
    /// Answers before what it wrote is on disk, so that a crash takes everything.
    SkipSync,
}

impl Mutant {
    /// True if replicas make it now.
    #[inline]
    pub fn is_made(self) -> bool {
        #[cfg(test)]
        return tests::MADE.get() == Some(self);
        #[cfg(not(test))]
        false
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::Mutant;

    thread_local! {
        pub(super) static MADE: Cell<Option<Mutant>> = const { Cell::new(None) };
    }

    #[test]
    fn nobody_makes_a_mistake_unless_told() {
        assert!(!Mutant::VoteTwice.is_made());
        assert!(with(Mutant::VoteTwice, || Mutant::VoteTwice.is_made()));
        assert!(!Mutant::VoteTwice.is_made());
    }

    /// Runs `play` while every replica of this thread makes that mistake.
    pub(crate) fn with<T>(mutant: Mutant, play: impl FnOnce() -> T) -> T {
        MADE.set(Some(mutant));
        let result = play();
        MADE.set(None);
        result
    }
}
