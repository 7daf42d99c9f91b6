//! Table 1 of Ng, Haridi & Carbone, "Omni-Paxos: Breaking the Barriers of Partial Connectivity"
//! (EuroSys 2023, doi 10.1145/3552326.3587441), called *the paper*, and where runs are known to
//! differ from it.
//!
//! The table has families and two marks, the runs have flavours and numbers. It says itself that
//! the pre-vote and check-quorum patch helps Raft in two cases, so flavours with both are held to
//! that, and flavours with one or none to the mark. The paper's artifact says in places what the
//! table does not; where it agrees with a run against the table, the reason names it.

use serde::Serialize;

use crate::protocol::Protocol;
use crate::protocol::machine::Machine;
use crate::scenario::Scenario;
use crate::scenario::library::find;
use crate::scenario::text::parse;

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// The leader has no quorum, and the only one who has still hears it.
    QuorumLoss,
    /// The only one who has a quorum is behind.
    Constrained,
    /// Servers in a row.
    Chained,
}

impl Case {
    /// All of them, in the table's order.
    pub const ALL: [Self; 3] = [Self::QuorumLoss, Self::Constrained, Self::Chained];

    /// As the library names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QuorumLoss => "quorum-loss",
            Self::Constrained => "constrained",
            Self::Chained => "chained",
        }
    }

    /// The case that a scenario is, if it is a shipped one under any protocol and with any seed.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        Self::ALL.into_iter().find(|case| {
            let shipped = find(case.name()).and_then(|entry| parse(entry.text).ok());
            shipped.is_some_and(|shipped| {
                let (protocol, seed) = (scenario.group().protocol, scenario.group().seed);
                shipped.with(|group| (group.protocol, group.seed) = (protocol, seed)) == *scenario
            })
        })
    }
}

/// What the table says of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Stable progress.
    Check,
    /// Unavailable.
    Cross,
    /// Unavailable, but for the pre-vote and check-quorum patch.
    Patched,
}

impl Mark {
    /// As the command line writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Cross => "x",
            Self::Patched => "x*",
        }
    }

    /// True if a protocol that has this mark is to make stable progress.
    pub fn expects(self, protocol: Protocol) -> bool {
        match self {
            Self::Check => true,
            Self::Cross => false,
            Self::Patched => protocol.facts().machine.asks_before_and_while_it_leads(),
        }
    }
}

/// What the table says of a protocol in a case; `None` of one that is not in it.
pub fn mark(protocol: Protocol, case: Case) -> Option<Mark> {
    use Mark::{Check, Cross, Patched};
    let of_family = match protocol.facts().machine {
        Machine::Multipaxos(_) => [Cross, Check, Cross],
        Machine::Raft(_) | Machine::Tikv(_) => [Patched, Cross, Patched],
        Machine::Vr(_) | Machine::Zab => [Cross, Cross, Cross],
        Machine::Omnipaxos(_) | Machine::OmnipaxosCrate => [Check, Check, Check],
        Machine::Paxos
        | Machine::Generals(_)
        | Machine::Pbft
        | Machine::Tendermint
        | Machine::Hotstuff => return None,
    };
    Some(of_family[case as usize])
}

/// What there is to say of a protocol in a case, besides the two marks.
pub fn note(protocol: Protocol, case: Case) -> Option<&'static Note> {
    NOTES.iter().find(|note| note.case == case && note.protocols.contains(&protocol))
}

/// Where a run is known to differ from the table, or agrees with it and yet tells more.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    /// In which case.
    pub case: Case,
    /// Of whom.
    pub protocols: &'static [Protocol],
    /// True if the run differs; false if it agrees.
    pub differs: bool,
    /// Why, and who else says so: the sentence of that name, in the room `published`.
    pub why: &'static str,
}

/// All that is known. *Artifact* is the paper's; *crate* is TiKV's `raft` 0.7, where not said
/// otherwise, put through the same cuts on a queue of its own.
pub const NOTES: [Note; 9] = [
    Note {
        case: Case::QuorumLoss,
        protocols: &[Protocol::Raft, Protocol::EtcdRaft, Protocol::TikvRaft],
        differs: true,
        why: "steps-down",
    },
    Note {
        case: Case::QuorumLoss,
        protocols: &[
            Protocol::RaftCheckquorum,
            Protocol::RaftStickyCheckquorum,
            Protocol::EtcdRaftCheckquorum,
            Protocol::TikvRaftCheckquorum,
        ],
        differs: true,
        why: "checkquorum-will-do",
    },
    Note {
        case: Case::QuorumLoss,
        protocols: &[
            Protocol::RaftSticky,
            Protocol::RaftPrevote,
            Protocol::EtcdRaftPrevote,
            Protocol::TikvRaftPrevote,
        ],
        differs: false,
        why: "alone-is-worse",
    },
    Note {
        case: Case::QuorumLoss,
        protocols: &[Protocol::MultipaxosRobust],
        differs: true,
        why: "robust-claims-nothing",
    },
    Note {
        case: Case::Chained,
        protocols: &[
            Protocol::Raft,
            Protocol::RaftCheckquorum,
            Protocol::EtcdRaft,
            Protocol::TikvRaft,
        ],
        differs: true,
        why: "n1-may-win",
    },
    Note {
        case: Case::Chained,
        protocols: &[
            Protocol::RaftSticky,
            Protocol::RaftPrevote,
            Protocol::RaftStickyCheckquorum,
            Protocol::EtcdRaftPrevote,
            Protocol::EtcdRaftCheckquorum,
            Protocol::TikvRaftPrevote,
            Protocol::TikvRaftCheckquorum,
        ],
        differs: true,
        why: "either-half",
    },
    Note {
        case: Case::Chained,
        protocols: &[Protocol::Vr, Protocol::VrRecovery],
        differs: true,
        why: "view-after-next",
    },
    Note { case: Case::Chained, protocols: &[Protocol::Zab], differs: true, why: "looks-in-vain" },
    Note {
        case: Case::Chained,
        protocols: &[Protocol::Multipaxos, Protocol::MultipaxosRobust],
        differs: false,
        why: "to-and-fro",
    },
];
