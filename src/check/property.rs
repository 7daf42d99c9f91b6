//! The properties, and one that broke.

use crate::clock::Micros;
use crate::fact::Fact;

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Property {
    /// At most one leader is elected in an epoch.
    ElectionSafety,
    /// A leader never overwrites or deletes entries in its log.
    LeaderAppendOnly,
    /// Two logs with an entry of the same index and epoch agree up to there.
    LogMatching,
    /// What is committed in an epoch is in the logs of all leaders of later epochs.
    LeaderCompleteness,
    /// No two replicas commit different entries at one index.
    StateMachineSafety,
    /// No two replicas decide differently on one thing.
    Agreement,
    /// Nothing is committed that no client asked for.
    Validity,
    /// All loyal lieutenants obey the same order (IC1 of Lamport, Shostak & Pease).
    SameOrder,
    /// If the commander is loyal, every loyal lieutenant obeys the order it gave (IC2).
    LoyalOrder,
    /// A read sees every write that was known committed when it was asked.
    FreshReads,
    /// A write that was acknowledged stays readable.
    Durability,
}

impl Property {
    /// For scripts, and the kind of its words in the room `property`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ElectionSafety => "election-safety",
            Self::LeaderAppendOnly => "leader-append-only",
            Self::LogMatching => "log-matching",
            Self::LeaderCompleteness => "leader-completeness",
            Self::StateMachineSafety => "state-machine-safety",
            Self::Agreement => "agreement",
            Self::Validity => "validity",
            Self::SameOrder => "ic1",
            Self::LoyalOrder => "ic2",
            Self::FreshReads => "fresh-reads",
            Self::Durability => "durability",
        }
    }
}

/// A property that broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub property: Property,
    /// When.
    pub at: Micros,
    /// What was seen, in the room `violation`.
    pub detail: Fact,
}
