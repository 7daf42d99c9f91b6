//! The protocols by name: the closed list, and what is asked of each by whoever knows it by name.
//! What the answers are stands in the row of each protocol's room: see [`super::facts`].

use std::fmt;

pub use super::facts::{
    Clients, Facts, Family, FirstLeader, Links, Logs, Needs, Replies, Terms, Tolerates,
};
pub use super::raft::facts::RAFTS;

use super::generals::Mode;
use super::machine::Machine;
use super::{
    Epoch, ReadMode, generals, hotstuff, multipaxos, omnipaxos, paxos, pbft, raft, vr, zab,
};
use super::{omnipaxos_crate_facts, tendermint, tikv_facts};
use crate::fact::{Fact, counts, fact};
use crate::fault::{Behaviour, FaultClass, ReplicaId};

/// Makes the closed list. A line is a protocol and its row.
macro_rules! protocols {
    ($($(#[$doc:meta])* $name:ident = $facts:path;)*) => {
        /// Every protocol the playground knows, by its name in the text, the menu and the command
        /// line.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Protocol { $($(#[$doc])* $name,)* }

        impl Protocol {
            /// All of them, in order.
            pub const ALL: [Self; ROWS.len()] = [$(Self::$name,)*];
        }

        /// By protocol.
        static ROWS: [Facts; [$(stringify!($name)),*].len()] = [$($facts,)*];
    };
}

// A link of format 1 has a protocol as its place here, so append only.
protocols! {
    /// Raft as in the paper (Ongaro & Ousterhout 2014, figure 2).
    Raft = raft::facts::RAFT;
    /// Raft whose voters ignore candidates while they hear a leader (paper section 6).
    RaftSticky = raft::facts::STICKY;
    /// Raft with pre-vote as in the thesis (section 9.6).
    RaftPrevote = raft::facts::PREVOTE;
    /// Raft with pre-vote (thesis 9.6) and check-quorum (thesis 6.2).
    RaftPrevoteCheckquorum = raft::facts::PREVOTE_CHECKQUORUM;
    /// etcd's Raft library with both switches off.
    EtcdRaft = raft::facts::ETCD;
    /// etcd's Raft library with `PreVote`.
    EtcdRaftPrevote = raft::facts::ETCD_PREVOTE;
    /// etcd's Raft library with `CheckQuorum`: etcd 3.0 to 3.4 as shipped.
    EtcdRaftCheckquorum = raft::facts::ETCD_CHECKQUORUM;
    /// etcd's Raft library with both: etcd 3.5 and later as shipped.
    EtcdRaftPrevoteCheckquorum = raft::facts::ETCD_PREVOTE_CHECKQUORUM;
    /// The Synod: one decree (Lamport 1998, 2001).
    Paxos = paxos::facts::PAXOS;
    /// A decree a slot, under a leader found as in Omni-Paxos' comparison.
    Multipaxos = multipaxos::facts::MULTIPAXOS;
    /// Multi-Paxos whose leaders step down when a quorum no longer answers.
    MultipaxosRobust = multipaxos::facts::ROBUST;
    /// Viewstamped Replication Revisited (Liskov & Cowling 2012), its state on disks: a replica
    /// recovers (section 4.3) when its disks are lost.
    Vr = vr::facts::VR;
    /// Zab with fast leader election (Junqueira, Reed & Serafini 2011; ZooKeeper).
    Zab = zab::facts::ZAB;
    /// Omni-Paxos with ballot leader election as in the paper (Ng, Haridi & Carbone 2023).
    Omnipaxos = omnipaxos::facts::OMNIPAXOS;
    /// Omni-Paxos with the `happy` rule of the `omnipaxos` crate.
    OmnipaxosHappy = omnipaxos::facts::HAPPY;
    /// The `raft` crate of TiKV, both switches off.
    TikvRaft = tikv_facts::RAFT;
    /// The `raft` crate of TiKV with `pre_vote`.
    TikvRaftPrevote = tikv_facts::PREVOTE;
    /// The `raft` crate of TiKV with `check_quorum`.
    TikvRaftCheckquorum = tikv_facts::CHECKQUORUM;
    /// The `raft` crate of TiKV with both: as TiKV runs it.
    TikvRaftPrevoteCheckquorum = tikv_facts::PREVOTE_CHECKQUORUM;
    /// The `omnipaxos` crate.
    OmnipaxosCrate = omnipaxos_crate_facts::CRATE;
    /// Lamport's generals with oral messages, OM(m).
    GeneralsOm = generals::facts::ORAL;
    /// Lamport's generals with signed messages, SM(m).
    GeneralsSm = generals::facts::SIGNED;
    /// Practical Byzantine fault tolerance (Castro & Liskov 1999).
    Pbft = pbft::facts::PBFT;
    /// Tendermint (Buchman, Kwon & Milosevic 2018).
    Tendermint = tendermint::facts::TENDERMINT;
    /// `HotStuff` (Yin, Malkhi, Reiter, Gueta & Abraham 2019).
    Hotstuff = hotstuff::facts::HOTSTUFF;
    /// Viewstamped Replication Revisited as in the paper, without disks: every restart recovers.
    VrRecovery = vr::facts::RECOVERY;
    /// Raft with check-quorum (thesis 6.2).
    RaftCheckquorum = raft::facts::CHECKQUORUM;
    /// Raft with stickiness and check-quorum: as hashicorp/raft was before its pre-vote.
    RaftStickyCheckquorum = raft::facts::STICKY_CHECKQUORUM;
}

impl Protocol {
    /// Our flavours of Raft.
    pub const RAFTS: [Self; RAFTS.len()] = RAFTS;

    /// All of them in menu order, the flavours of Raft side by side.
    pub fn menu() -> impl Iterator<Item = Self> {
        let others = Self::ALL.into_iter().filter(|protocol| !protocol.is_raft());
        Self::RAFTS.into_iter().chain(others)
    }

    /// Those that this build has the code of.
    pub fn here() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|protocol| protocol.is_here())
    }

    /// The protocol of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    /// Its row.
    pub const fn facts(self) -> &'static Facts {
        &ROWS[self as usize]
    }

    /// See [`Facts::name`].
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    /// See [`Facts::family`].
    pub const fn family(self) -> Family {
        self.facts().family
    }

    /// See [`Facts::paper`].
    pub const fn paper(self) -> &'static str {
        self.facts().paper
    }

    /// See [`Facts::safety`].
    pub const fn safety(self) -> &'static str {
        self.facts().safety
    }

    /// See [`Facts::needs`].
    pub const fn needs(self) -> Needs {
        self.facts().needs
    }

    /// See [`Facts::links`].
    pub const fn links(self) -> Links {
        self.facts().links
    }

    /// See [`Facts::terms`].
    pub const fn terms(self) -> &'static Terms {
        self.facts().terms
    }

    /// See [`Facts::clients`].
    pub const fn clients(self) -> Clients {
        self.facts().clients
    }

    /// See [`Facts::logs`].
    pub const fn logs(self) -> Logs {
        self.facts().logs
    }

    /// See [`Facts::leads_alone`].
    pub const fn leads_alone(self) -> bool {
        self.facts().leads_alone
    }

    /// See [`Facts::rotates`].
    pub const fn rotates(self) -> bool {
        self.facts().rotates
    }

    /// See [`Facts::decides_once`].
    pub const fn decides_once(self) -> bool {
        self.facts().decides_once
    }

    /// See [`Facts::hands_over`].
    pub const fn hands_over(self) -> bool {
        self.facts().hands_over
    }

    /// See [`Facts::has_disks`].
    pub const fn has_disks(self) -> bool {
        self.facts().has_disks
    }

    /// True if something must be on its disks before it is said. Generals know no restart: what
    /// they say hangs on nothing that they keep.
    pub const fn waits_for_disks(self) -> bool {
        self.has_disks() && !self.is_generals()
    }

    /// Which of the page's modules has its code: "" is the first, with every protocol of ours;
    /// "production" holds those and the code that others run.
    pub const fn module(self) -> &'static str {
        match self.family() {
            Family::Crash | Family::Byzantine => "",
            Family::Production => "production",
        }
    }

    /// True for those that are a flavour of Raft of ours.
    pub const fn is_raft(self) -> bool {
        matches!(self.facts().machine, Machine::Raft(_))
    }

    /// True for Viewstamped Replication, with disks or without.
    pub const fn is_vr(self) -> bool {
        matches!(self.facts().machine, Machine::Vr(_))
    }

    /// True for Lamport's generals: rounds, orders and no writes.
    pub const fn is_generals(self) -> bool {
        matches!(self.facts().machine, Machine::Generals(_))
    }

    /// What the messages of generals are worth; `None` for all others.
    pub const fn generals(self) -> Option<Mode> {
        if let Machine::Generals(mode) = self.facts().machine { Some(mode) } else { None }
    }

    /// True if it has leaders, one at a time as far as a majority is concerned: generals have a
    /// commander, who is no office, and whoever proposes to the Synod leads nobody.
    pub const fn has_leader(self) -> bool {
        !self.is_generals() && !self.decides_once()
    }

    /// True if its leaders answer reads out of their own logs.
    pub const fn answers_reads(self) -> bool {
        self.is_raft()
    }

    /// True if they may answer by that rule. etcd's leases need check-quorum (`Config.validate`:
    /// "CheckQuorum must be enabled when ReadOnlyOption is ReadOnlyLeaseBased").
    pub const fn reads_by(self, by: ReadMode) -> bool {
        let Machine::Raft(rules) = self.facts().machine else { return false };
        let has_lease = !rules.leads_by_lease() || rules.check_quorum;
        has_lease || !matches!(by, ReadMode::Lease)
    }

    /// How many replicas must have executed a write before its client takes it for done, where so
    /// many liars are tolerated.
    pub const fn replies(self, tolerated: u8) -> u8 {
        match self.facts().replies {
            Replies::One => 1,
            Replies::OneHonest => tolerated + 1,
        }
    }

    /// The smallest group of which any two, of so many replicas, have somebody in common who does
    /// not lie.
    pub const fn quorum(self, replicas: usize) -> usize {
        match self.family() {
            Family::Crash | Family::Production => replicas / 2 + 1,
            Family::Byzantine => 2 * replicas / 3 + 1,
        }
    }

    /// An epoch as the protocol counts, in the room `place`: "term 3", "height 37, round 0".
    pub fn place(self, epoch: Epoch) -> Fact {
        if self == Self::Tendermint {
            let (height, round) = tendermint::height_and_round(epoch);
            return counts!("height", height, round);
        }
        fact!(self.terms().epoch, number = epoch)
    }

    /// Why that replica cannot be made its first leader, in the room `refusal`; `None` if it can.
    pub const fn refuses_first_leader(self, replica: ReplicaId) -> Option<&'static str> {
        match self.facts().first_leader {
            FirstLeader::Anybody => None,
            FirstLeader::Only(one, why) => {
                if one.0 == replica.0 {
                    None
                } else {
                    Some(why)
                }
            }
            FirstLeader::Nobody(why) => Some(why),
        }
    }

    /// How many liars a group of so many replicas is set up for, unless the text says otherwise.
    pub fn tolerated(self, replicas: u8) -> u8 {
        let most = replicas.saturating_sub(1) / 3;
        match self.facts().tolerates {
            Tolerates::Nobody => 0,
            Tolerates::BelowAThird => most,
            Tolerates::OneToThree => most.clamp(1, 3),
        }
    }

    /// True if it keeps its promise under a fault of that class; liars up to the number tolerated.
    pub const fn covers(self, class: FaultClass) -> bool {
        match class {
            // Generals count whoever stops, is late or loses messages as one who lies: see
            // `world::Failures`.
            FaultClass::Crash
            | FaultClass::Omission
            | FaultClass::Timing
            | FaultClass::Duplication => true,
            FaultClass::Amnesia => self.facts().recovers,
            FaultClass::Byzantine => matches!(self.family(), Family::Byzantine),
        }
    }

    /// Why its messages let nobody do that, in the room `refusal`; `None` if they do.
    pub fn refuses(self, behaviour: Behaviour) -> Option<&'static str> {
        let refused = self.facts().refuses.iter().find(|(refused, _)| *refused == behaviour);
        refused.map(|(_, why)| *why)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_together() {
        for protocol in Protocol::ALL {
            let facts = protocol.facts();
            assert_eq!(Protocol::named(facts.name), Some(protocol), "names differ");
            let is_byzantine = facts.family == Family::Byzantine;
            assert_eq!(facts.tolerates == Tolerates::Nobody, !is_byzantine, "{protocol}");
            assert_eq!(facts.logs == Logs::Orders, facts.clients == Clients::Nobody, "{protocol}");
            assert_eq!(RAFTS.contains(&protocol), protocol.is_raft(), "{protocol}");
            // What is not on disks has to be asked for.
            assert!(facts.has_disks || facts.recovers, "{protocol}");
        }
    }
}
