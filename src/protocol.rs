//! The boundary between a consensus protocol and the world.

use std::fmt;

/// Every protocol the playground runs, by its name in the text, the menu and the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// Raft as in the paper (Ongaro & Ousterhout 2014, figure 2).
    Raft,
    /// Raft whose voters ignore candidates while they hear a leader (paper section 6).
    RaftSticky,
    /// Raft with pre-vote as in the thesis (section 9.6).
    RaftPrevote,
    /// Raft with pre-vote (thesis 9.6) and check-quorum (thesis 6.2).
    RaftPrevoteCheckquorum,
    /// etcd's Raft library with both switches off.
    EtcdRaft,
    /// etcd's Raft library with `PreVote`.
    EtcdRaftPrevote,
    /// etcd's Raft library with `CheckQuorum`: etcd 3.0 to 3.4 as shipped.
    EtcdRaftCheckquorum,
    /// etcd's Raft library with both: etcd 3.5 and later as shipped.
    EtcdRaftPrevoteCheckquorum,
}

impl Protocol {
    /// All of them, in menu order. A link encodes a protocol by its place here, so append only.
    pub const ALL: [Self; 8] = [
        Self::Raft,
        Self::RaftSticky,
        Self::RaftPrevote,
        Self::RaftPrevoteCheckquorum,
        Self::EtcdRaft,
        Self::EtcdRaftPrevote,
        Self::EtcdRaftCheckquorum,
        Self::EtcdRaftPrevoteCheckquorum,
    ];

    /// As the scenario text writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raft => "raft",
            Self::RaftSticky => "raft+sticky",
            Self::RaftPrevote => "raft+prevote",
            Self::RaftPrevoteCheckquorum => "raft+prevote+checkquorum",
            Self::EtcdRaft => "etcd-raft",
            Self::EtcdRaftPrevote => "etcd-raft+prevote",
            Self::EtcdRaftCheckquorum => "etcd-raft+checkquorum",
            Self::EtcdRaftPrevoteCheckquorum => "etcd-raft+prevote+checkquorum",
        }
    }

    /// One sentence for the menu.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Raft => "As in the paper: whoever asks in a higher term is obeyed.",
            Self::RaftSticky => "Voters who hear a leader ignore candidates (paper, section 6).",
            Self::RaftPrevote => "Asks whether it could win before raising its term (thesis 9.6).",
            Self::RaftPrevoteCheckquorum => {
                "Pre-vote, and a leader nobody answers steps down (thesis 6.2)."
            }
            Self::EtcdRaft => "etcd's library, both switches off: stale leaders are not told.",
            Self::EtcdRaftPrevote => "etcd's PreVote alone: no test for a live leader.",
            Self::EtcdRaftCheckquorum => "etcd 3.0 to 3.4 as shipped: leases and check-quorum.",
            Self::EtcdRaftPrevoteCheckquorum => "etcd 3.5 and later as shipped: both switches on.",
        }
    }

    /// The protocol of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
