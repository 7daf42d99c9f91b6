//! Where Raft's descriptions and implementations differ, one question a function.
//!
//! Paper: Ongaro & Ousterhout 2014 (extended version). Thesis: Ongaro 2014.
//! etcd: `raft.go` of etcd-io/raft; raft-rs is the same logic.

/// Which text is followed where they disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// Figure 2 of the paper.
    Paper,
    /// etcd's library.
    Etcd,
}

/// A flavour and its options.
///
/// With `sticky` and `check_quorum` it is about what hashicorp/raft was before its pre-vote (1.7),
/// and with it Consul, Nomad and Vault. There a voter answers no as long as it knows a leader, that
/// is for its own drawn timeout, and here it is silent for the least one; and a leader looks all
/// the time whether a majority answered within `LeaderLeaseTimeout` (half the heartbeat timeout by
/// default), here once in each least election timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// Paper or etcd.
    pub flavour: Flavour,
    /// Voters ignore candidates while they hear a leader (paper section 6, thesis 4.2.3).
    pub sticky: bool,
    /// Ask whether an election could be won before raising the term (thesis 9.6).
    pub pre_vote: bool,
    /// A leader that a majority does not answer steps down (thesis 6.2).
    pub check_quorum: bool,
}

impl Rules {
    /// Figure 2 of the paper and nothing else.
    pub const PAPER: Self =
        Self { flavour: Flavour::Paper, sticky: false, pre_vote: false, check_quorum: false };

    /// etcd's library with both switches off.
    pub const ETCD: Self = Self { flavour: Flavour::Etcd, ..Self::PAPER };

    /// True if a request for a vote in a higher term is dropped, without an answer or a change of
    /// term, by a replica that hears a leader.
    ///
    /// etcd ties this to check-quorum, and it covers pre-votes too (`inLease` in `raft.go`).
    pub const fn ignores_votes_in_lease(self) -> bool {
        match self.flavour {
            Flavour::Paper => self.sticky,
            Flavour::Etcd => self.check_quorum,
        }
    }

    /// True if a pre-vote is refused by a replica that hears a leader.
    ///
    /// The thesis asks for it; etcd's PreVote alone does not do it ("the recent leader condition
    /// requires CheckQuorum", testdata/prevote.txt).
    pub const fn refuses_pre_votes_in_lease(self) -> bool {
        matches!(self.flavour, Flavour::Paper)
    }

    /// True if a leader of an old term is told of the newer one when it appends or beats.
    ///
    /// In figure 2 every receiver answers with its own term; etcd only answers when a switch is on.
    pub const fn answers_stale_leaders(self) -> bool {
        match self.flavour {
            Flavour::Paper => true,
            Flavour::Etcd => self.check_quorum || self.pre_vote,
        }
    }

    /// True if a candidate of an old term is told of the newer one. etcd only answers pre-votes.
    pub const fn answers_stale_candidates(self, pre: bool) -> bool {
        match self.flavour {
            Flavour::Paper => true,
            Flavour::Etcd => pre,
        }
    }

    /// True if a vote needs that the voter knows no leader in its term (etcd's `canVote`).
    pub const fn votes_only_without_leader(self) -> bool {
        matches!(self.flavour, Flavour::Etcd)
    }

    /// True if learning of a newer term restarts the election timer, newly drawn (etcd's `reset`).
    ///
    /// In figure 2 only a leader's message or a granted vote restarts it.
    pub const fn newer_term_restarts_timer(self) -> bool {
        matches!(self.flavour, Flavour::Etcd)
    }

    /// True if a candidate that cannot win any more is a follower again (etcd's `VoteLost`). In the
    /// paper it waits for its timer.
    pub const fn gives_lost_votes_up(self) -> bool {
        matches!(self.flavour, Flavour::Etcd)
    }

    /// True if a leader never sends a follower again what that one acknowledged, probes a follower
    /// before it sends freely, and tells a new commit index at once; and if a replica ends itself
    /// that is told to commit what it has not got (etcd's `tracker/progress.go` and `log.go`).
    /// Figure 2 puts no lower bound to nextIndex.
    pub const fn trusts_acknowledgements(self) -> bool {
        matches!(self.flavour, Flavour::Etcd)
    }

    /// True if a handover begins the interval of check-quorum anew (etcd's `electionElapsed = 0`).
    pub const fn transfer_restarts_check_quorum(self) -> bool {
        matches!(self.flavour, Flavour::Etcd) && self.check_quorum
    }

    /// True if a sign of life restarts the election timer without drawing it anew (etcd draws only
    /// in `reset`).
    pub const fn keeps_drawn_timeout(self) -> bool {
        matches!(self.flavour, Flavour::Etcd)
    }

    /// True if heartbeats are messages of their own, apart from AppendEntries.
    pub const fn beats_apart(self) -> bool {
        matches!(self.flavour, Flavour::Etcd)
    }

    /// True if the commit index survives a restart: etcd keeps it in its hard state, figure 2 calls
    /// it volatile.
    pub const fn commit_is_durable(self) -> bool {
        matches!(self.flavour, Flavour::Etcd)
    }

    /// True if a leader's lease is only as long as it may be, and voters stand by it: for the least
    /// election timeout they elect nobody else, in whatever term, also after a restart. Pre-votes
    /// alone are no such promise: one may have been granted just before the leader was heard again.
    /// Nor is check-quorum, which binds the leader alone.
    pub const fn voters_keep_leases(self) -> bool {
        let asks_first = self.pre_vote && self.check_quorum;
        matches!(self.flavour, Flavour::Paper) && (self.sticky || asks_first)
    }

    /// True if a leader that reads by its lease holds one as long as it leads (etcd's
    /// `ReadOnlyLeaseBased`, which `Config.validate` lets nobody have without check-quorum).
    pub const fn leads_by_lease(self) -> bool {
        matches!(self.flavour, Flavour::Etcd)
    }

    /// True if anything asks how long ago a leader was heard.
    pub const fn needs_lease(self) -> bool {
        self.sticky || self.pre_vote || self.check_quorum
    }
}
