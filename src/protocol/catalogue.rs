//! The protocols by name: what each is called, where it comes from, and what it promises.

use std::fmt;

use super::Reading;
use super::generals::Mode;
use super::raft::Rules;
use super::{Epoch, tendermint};
use crate::fault::{Behaviour, FaultClass, ReplicaId};

/// Every protocol the playground knows, by its name in the text, the menu and the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// The Synod: one decree (Lamport 1998, 2001).
    Paxos,
    /// A decree a slot, under a leader found as in Omni-Paxos' comparison.
    Multipaxos,
    /// Multi-Paxos whose leaders step down when a quorum no longer answers.
    MultipaxosRobust,
    /// Viewstamped Replication Revisited (Liskov & Cowling 2012), its state on disks: a replica
    /// recovers (section 4.3) when its disks are lost.
    Vr,
    /// Viewstamped Replication Revisited as in the paper, without disks: every restart recovers.
    VrRecovery,
    /// Zab with fast leader election (Junqueira, Reed & Serafini 2011; ZooKeeper).
    Zab,
    /// Omni-Paxos with ballot leader election as in the paper (Ng, Haridi & Carbone 2023).
    Omnipaxos,
    /// Omni-Paxos with the `happy` rule of the `omnipaxos` crate.
    OmnipaxosHappy,
    /// The `raft` crate of TiKV, both switches off.
    TikvRaft,
    /// The `raft` crate of TiKV with `pre_vote`.
    TikvRaftPrevote,
    /// The `raft` crate of TiKV with `check_quorum`.
    TikvRaftCheckquorum,
    /// The `raft` crate of TiKV with both: as TiKV runs it.
    TikvRaftPrevoteCheckquorum,
    /// The `omnipaxos` crate.
    OmnipaxosCrate,
    /// Lamport's generals with oral messages, OM(m).
    GeneralsOm,
    /// Lamport's generals with signed messages, SM(m).
    GeneralsSm,
    /// Practical Byzantine fault tolerance (Castro & Liskov 1999).
    Pbft,
    /// Tendermint (Buchman, Kwon & Milosevic 2018).
    Tendermint,
    /// `HotStuff` (Yin, Malkhi, Reiter, Gueta & Abraham 2019).
    Hotstuff,
    /// Raft with check-quorum (thesis 6.2).
    RaftCheckquorum,
    /// Raft with stickiness and check-quorum: as hashicorp/raft was before its pre-vote.
    RaftStickyCheckquorum,
}

/// What a protocol is built to survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Family {
    /// Replicas that stop and messages that are lost; nobody lies.
    #[cfg_attr(test, ts(rename = "crash-fault"))]
    Crash,
    /// Some replicas lie.
    #[cfg_attr(test, ts(rename = "byzantine-fault"))]
    Byzantine,
    /// As [`Self::Crash`], and the code that others run.
    #[cfg_attr(test, ts(rename = "production code"))]
    Production,
}

impl Family {
    /// As the page writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash-fault",
            Self::Byzantine => "byzantine-fault",
            Self::Production => "production code",
        }
    }
}

/// To whom a client gives a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// The newest leader there is.
    Leader,
    /// One replica after the other.
    InTurn,
    /// Every replica that runs, as clients of Byzantine protocols do who do not trust one.
    Everyone,
    /// There are no writes: a general gives orders.
    Nobody,
}

/// What a replica's log is, and so what is checked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logs {
    /// Raft's: entries are appended under a leader and may be thrown away until committed.
    Led,
    /// What is decided, in order and without holes; nothing else. Entries of one index agree in
    /// their command; their epoch is the one in which that replica learned of it, and may differ.
    Decided,
    /// What a general decided to do on each order, in order of the orders.
    Orders,
}

/// What a protocol needs of its links before it makes progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum Needs {
    /// A majority is up, and every two that are up hear each other.
    EveryLink,
    /// The same to elect a leader; once there is one, its links to a majority are enough.
    LeadersLinks,
    /// One replica has links to a majority, both ways.
    OneHub,
    /// One proposer at a time has links to a majority, both ways.
    LoneProposer,
    /// All but f hear each other, within timeouts that grow.
    AllButF,
    /// Every message arrives in its round.
    Everything,
}

impl Needs {
    /// As the words have it, in the room `progress`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EveryLink => "every-link",
            Self::LeadersLinks => "leaders-links",
            Self::OneHub => "one-hub",
            Self::LoneProposer => "lone-proposer",
            Self::AllButF => "all-but-f",
            Self::Everything => "everything",
        }
    }
}

/// What a protocol calls things.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Its word for an epoch.
    pub epoch: &'static str,
    /// Its word for [`super::Role::Leader`].
    pub leader: &'static str,
    /// Its word for [`super::Role::Follower`].
    pub follower: &'static str,
    /// Its word for [`super::Role::Candidate`].
    pub candidate: &'static str,
}

const RAFT_TERMS: Terms =
    Terms { epoch: "term", leader: "leader", follower: "follower", candidate: "candidate" };
const BALLOT_TERMS: Terms =
    Terms { epoch: "ballot", leader: "leader", follower: "acceptor", candidate: "proposer" };

#[expect(clippy::wildcard_enum_match_arm, reason = "what few do differently is named")]
impl Protocol {
    /// Our flavours of Raft.
    pub const RAFTS: [Self; 10] = [
        Self::Raft,
        Self::RaftSticky,
        Self::RaftPrevote,
        Self::RaftPrevoteCheckquorum,
        Self::RaftCheckquorum,
        Self::RaftStickyCheckquorum,
        Self::EtcdRaft,
        Self::EtcdRaftPrevote,
        Self::EtcdRaftCheckquorum,
        Self::EtcdRaftPrevoteCheckquorum,
    ];

    /// All of them. A link encodes a protocol by its place here, so append only.
    pub const ALL: [Self; 28] = [
        Self::Raft,
        Self::RaftSticky,
        Self::RaftPrevote,
        Self::RaftPrevoteCheckquorum,
        Self::EtcdRaft,
        Self::EtcdRaftPrevote,
        Self::EtcdRaftCheckquorum,
        Self::EtcdRaftPrevoteCheckquorum,
        Self::Paxos,
        Self::Multipaxos,
        Self::MultipaxosRobust,
        Self::Vr,
        Self::Zab,
        Self::Omnipaxos,
        Self::OmnipaxosHappy,
        Self::TikvRaft,
        Self::TikvRaftPrevote,
        Self::TikvRaftCheckquorum,
        Self::TikvRaftPrevoteCheckquorum,
        Self::OmnipaxosCrate,
        Self::GeneralsOm,
        Self::GeneralsSm,
        Self::Pbft,
        Self::Tendermint,
        Self::Hotstuff,
        Self::VrRecovery,
        Self::RaftCheckquorum,
        Self::RaftStickyCheckquorum,
    ];

    /// All of them in menu order, the flavours of Raft side by side.
    pub fn menu() -> impl Iterator<Item = Self> {
        let others = Self::ALL.into_iter().filter(|protocol| !protocol.is_raft());
        Self::RAFTS.into_iter().chain(others)
    }

    /// Those that this build has the code of: the page's first module has Raft alone.
    pub fn here() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|protocol| protocol.is_here())
    }

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
            Self::Paxos => "paxos",
            Self::Multipaxos => "multipaxos",
            Self::MultipaxosRobust => "multipaxos+robust",
            Self::Vr => "vr",
            Self::VrRecovery => "vr+recovery",
            Self::Zab => "zab",
            Self::Omnipaxos => "omnipaxos",
            Self::OmnipaxosHappy => "omnipaxos+happy",
            Self::TikvRaft => "tikv-raft",
            Self::TikvRaftPrevote => "tikv-raft+prevote",
            Self::TikvRaftCheckquorum => "tikv-raft+checkquorum",
            Self::TikvRaftPrevoteCheckquorum => "tikv-raft+prevote+checkquorum",
            Self::OmnipaxosCrate => "omnipaxos-crate",
            Self::GeneralsOm => "generals-om",
            Self::GeneralsSm => "generals-sm",
            Self::Pbft => "pbft",
            Self::Tendermint => "tendermint",
            Self::Hotstuff => "hotstuff",
            Self::RaftCheckquorum => "raft+checkquorum",
            Self::RaftStickyCheckquorum => "raft+sticky+checkquorum",
        }
    }

    /// What it is built to survive.
    pub const fn family(self) -> Family {
        match self {
            Self::TikvRaft
            | Self::TikvRaftPrevote
            | Self::TikvRaftCheckquorum
            | Self::TikvRaftPrevoteCheckquorum
            | Self::OmnipaxosCrate => Family::Production,
            Self::GeneralsOm
            | Self::GeneralsSm
            | Self::Pbft
            | Self::Tendermint
            | Self::Hotstuff => Family::Byzantine,
            Self::Raft
            | Self::RaftSticky
            | Self::RaftPrevote
            | Self::RaftPrevoteCheckquorum
            | Self::RaftCheckquorum
            | Self::RaftStickyCheckquorum
            | Self::EtcdRaft
            | Self::EtcdRaftPrevote
            | Self::EtcdRaftCheckquorum
            | Self::EtcdRaftPrevoteCheckquorum
            | Self::Paxos
            | Self::Multipaxos
            | Self::MultipaxosRobust
            | Self::Vr
            | Self::VrRecovery
            | Self::Zab
            | Self::Omnipaxos
            | Self::OmnipaxosHappy => Family::Crash,
        }
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
        matches!(
            self,
            Self::Raft
                | Self::RaftSticky
                | Self::RaftPrevote
                | Self::RaftPrevoteCheckquorum
                | Self::RaftCheckquorum
                | Self::RaftStickyCheckquorum
                | Self::EtcdRaft
                | Self::EtcdRaftPrevote
                | Self::EtcdRaftCheckquorum
                | Self::EtcdRaftPrevoteCheckquorum
        )
    }

    /// True if what a replica must not forget is on its disks, and not in its memory alone.
    pub const fn has_disks(self) -> bool {
        !matches!(self, Self::VrRecovery)
    }

    /// True for Viewstamped Replication, with disks or without.
    pub const fn is_vr(self) -> bool {
        matches!(self, Self::Vr | Self::VrRecovery)
    }

    /// True if its leaders answer reads out of their own logs.
    pub const fn answers_reads(self) -> bool {
        self.is_raft()
    }

    /// True if they may answer by that rule. etcd's leases need check-quorum (`Config.validate`: "CheckQuorum
    /// must be enabled when ReadOnlyOption is ReadOnlyLeaseBased").
    pub const fn reads_by(self, by: Reading) -> bool {
        let rules = self.rules();
        let has_lease = !rules.leads_by_lease() || rules.check_quorum;
        self.answers_reads() && (has_lease || !matches!(by, Reading::Lease))
    }

    /// True if a leader can be asked to hand over to a replica of one's choice.
    pub const fn hands_over(self) -> bool {
        self.is_raft()
            || self.is_vr()
            || matches!(
                self,
                Self::TikvRaft
                    | Self::TikvRaftPrevote
                    | Self::TikvRaftCheckquorum
                    | Self::TikvRaftPrevoteCheckquorum
            )
    }

    /// Where it is written down.
    pub const fn paper(self) -> &'static str {
        match self {
            Self::Raft | Self::RaftSticky => "Ongaro & Ousterhout, extended version, 2014",
            Self::RaftPrevote | Self::RaftPrevoteCheckquorum | Self::RaftCheckquorum => {
                "Ongaro, dissertation, 2014"
            }
            Self::RaftStickyCheckquorum => "Ongaro 2014; github.com/hashicorp/raft",
            Self::EtcdRaft
            | Self::EtcdRaftPrevote
            | Self::EtcdRaftCheckquorum
            | Self::EtcdRaftPrevoteCheckquorum => "github.com/etcd-io/raft",
            Self::Paxos => "Lamport, Paxos Made Simple, 2001",
            Self::Multipaxos | Self::MultipaxosRobust => {
                "Lamport 2001; leader election as in Ng, Haridi & Carbone, EuroSys 2023"
            }
            Self::Vr | Self::VrRecovery => {
                "Liskov & Cowling, Viewstamped Replication Revisited, 2012"
            }
            Self::Zab => "Junqueira, Reed & Serafini, DSN 2011",
            Self::Omnipaxos => "Ng, Haridi & Carbone, EuroSys 2023",
            Self::OmnipaxosHappy | Self::OmnipaxosCrate => "crates.io/crates/omnipaxos 0.2",
            Self::TikvRaft
            | Self::TikvRaftPrevote
            | Self::TikvRaftCheckquorum
            | Self::TikvRaftPrevoteCheckquorum => "crates.io/crates/raft 0.7",
            Self::GeneralsOm | Self::GeneralsSm => "Lamport, Shostak & Pease, 1982",
            Self::Pbft => "Castro & Liskov, OSDI 1999",
            Self::Tendermint => "Buchman, Kwon & Milosevic, arXiv 1807.04938",
            Self::Hotstuff => "Yin et al., arXiv 1803.05069",
        }
    }

    /// What it promises whatever the network does, in the room `safety`.
    pub const fn safety(self) -> &'static str {
        match self.family() {
            Family::Crash | Family::Production if matches!(self, Self::Paxos) => "one-value",
            Family::Crash if matches!(self, Self::Vr) => "log-and-disks",
            Family::Crash if matches!(self, Self::VrRecovery) => "log-and-restarts",
            Family::Crash | Family::Production => "log",
            Family::Byzantine => match self {
                Self::GeneralsOm => "oral-orders",
                Self::GeneralsSm => "signed-orders",
                _ => "honest-log",
            },
        }
    }

    /// Which links it needs to make progress, by its paper.
    ///
    /// Raft has progress "as long as any majority of the servers are operational and can
    /// communicate with each other and with clients" (2014, section 2), if messages are much faster
    /// than timeouts (5.6); that others may then depose the leader is what section 6, pre-vote
    /// (thesis 9.6) and etcd's lease are against. Omni-Paxos needs one server with links to a
    /// majority (2023, section 5). Byzantine protocols need the synchrony of Dwork, Lynch & Stockmeyer
    /// among those that do not fail: delays that do not outgrow timeouts for ever (PBFT, 4.4).
    pub const fn needs(self) -> Needs {
        match self {
            Self::Raft
            | Self::RaftCheckquorum
            | Self::EtcdRaft
            | Self::EtcdRaftPrevote
            | Self::TikvRaft
            | Self::TikvRaftPrevote
            | Self::Multipaxos
            | Self::MultipaxosRobust
            | Self::Vr
            | Self::VrRecovery
            | Self::Zab
            | Self::OmnipaxosHappy
            | Self::OmnipaxosCrate => Needs::EveryLink,
            Self::RaftSticky
            | Self::RaftStickyCheckquorum
            | Self::RaftPrevote
            | Self::RaftPrevoteCheckquorum
            | Self::EtcdRaftCheckquorum
            | Self::EtcdRaftPrevoteCheckquorum
            | Self::TikvRaftCheckquorum
            | Self::TikvRaftPrevoteCheckquorum => Needs::LeadersLinks,
            Self::Omnipaxos => Needs::OneHub,
            Self::Paxos => Needs::LoneProposer,
            Self::Pbft | Self::Tendermint | Self::Hotstuff => Needs::AllButF,
            Self::GeneralsOm | Self::GeneralsSm => Needs::Everything,
        }
    }

    /// What it calls things.
    pub const fn terms(self) -> Terms {
        match self {
            Self::Paxos
            | Self::Multipaxos
            | Self::MultipaxosRobust
            | Self::Omnipaxos
            | Self::OmnipaxosHappy
            | Self::OmnipaxosCrate => BALLOT_TERMS,
            Self::Vr | Self::VrRecovery => Terms {
                epoch: "view",
                leader: "primary",
                follower: "backup",
                candidate: "view change",
            },
            Self::Zab => Terms {
                epoch: "epoch",
                leader: "leading",
                follower: "following",
                candidate: "looking",
            },
            Self::Pbft => Terms {
                epoch: "view",
                leader: "primary",
                follower: "backup",
                candidate: "view change",
            },
            Self::Hotstuff => Terms {
                epoch: "view",
                leader: "leader",
                follower: "replica",
                candidate: "next view",
            },
            Self::Tendermint => Terms {
                epoch: "round",
                leader: "proposer",
                follower: "validator",
                candidate: "next round",
            },
            Self::GeneralsOm | Self::GeneralsSm => Terms {
                epoch: "order",
                leader: "commander",
                follower: "lieutenant",
                candidate: "undecided",
            },
            Self::Raft
            | Self::RaftSticky
            | Self::RaftPrevote
            | Self::RaftPrevoteCheckquorum
            | Self::RaftCheckquorum
            | Self::RaftStickyCheckquorum
            | Self::EtcdRaft
            | Self::EtcdRaftPrevote
            | Self::EtcdRaftCheckquorum
            | Self::EtcdRaftPrevoteCheckquorum
            | Self::TikvRaft
            | Self::TikvRaftPrevote
            | Self::TikvRaftCheckquorum
            | Self::TikvRaftPrevoteCheckquorum => RAFT_TERMS,
        }
    }

    /// To whom a client gives a write.
    pub const fn clients(self) -> Clients {
        match self.family() {
            Family::Production => Clients::Leader,
            Family::Crash if matches!(self, Self::Paxos) => Clients::InTurn,
            Family::Crash => Clients::Leader,
            Family::Byzantine if self.is_generals() => Clients::Nobody,
            Family::Byzantine => Clients::Everyone,
        }
    }

    /// How many replicas must have executed a write before its client takes it for done, where so many
    /// liars are tolerated.
    ///
    /// PBFT's client waits for f + 1 matching replies (section 4.1), and so does `HotStuff`'s (section
    /// 4): one honest replica is among those. One reply is enough where nobody lies, and in
    /// Tendermint: there a decision is proved by the precommits of two thirds, which come along with
    /// it, so that a client need not trust whoever shows them.
    pub const fn replies(self, tolerated: u8) -> u8 {
        match self {
            Self::Pbft | Self::Hotstuff => tolerated + 1,
            _ => 1,
        }
    }

    /// What a replica's log is.
    pub const fn logs(self) -> Logs {
        match self {
            Self::TikvRaft
            | Self::TikvRaftPrevote
            | Self::TikvRaftCheckquorum
            | Self::TikvRaftPrevoteCheckquorum => Logs::Led,
            _ if self.is_raft() => Logs::Led,
            _ if self.is_generals() => Logs::Orders,
            _ => Logs::Decided,
        }
    }

    /// True where at most one replica may ever lead in an epoch, so that two are a violation. Where
    /// a ballot is a number and its owner, two may share the number.
    pub const fn leads_alone(self) -> bool {
        !matches!(
            self,
            Self::Paxos
                | Self::Multipaxos
                | Self::MultipaxosRobust
                | Self::Omnipaxos
                | Self::OmnipaxosHappy
                | Self::OmnipaxosCrate
                | Self::GeneralsOm
                | Self::GeneralsSm
        )
    }

    /// True where leadership goes round by design, so that a change of leader is no sign of trouble.
    pub const fn rotates(self) -> bool {
        matches!(self, Self::Tendermint | Self::Hotstuff)
    }

    /// True where one value is decided and the protocol is done.
    pub const fn decides_once(self) -> bool {
        matches!(self, Self::Paxos)
    }

    /// True for Lamport's generals: rounds, orders and no writes.
    pub const fn is_generals(self) -> bool {
        matches!(self, Self::GeneralsOm | Self::GeneralsSm)
    }

    /// The smallest group of which any two, of so many replicas, have somebody in common who does not
    /// lie.
    pub const fn quorum(self, replicas: usize) -> usize {
        match self.family() {
            Family::Crash | Family::Production => replicas / 2 + 1,
            Family::Byzantine => 2 * replicas / 3 + 1,
        }
    }

    /// An epoch in the protocol's own words: "term 3", "height 37, round 0".
    pub fn epoch_name(self, epoch: Epoch) -> String {
        if self == Self::Tendermint {
            let (height, round) = tendermint::height_and_round(epoch);
            return format!("height {height}, round {round}");
        }
        format!("{} {epoch}", self.terms().epoch)
    }

    /// What the messages of generals are worth; `None` for all others.
    pub const fn generals(self) -> Option<Mode> {
        match (self.is_generals(), matches!(self, Self::GeneralsOm)) {
            (false, _) => None,
            (true, true) => Some(Mode::Oral),
            (true, false) => Some(Mode::Signed),
        }
    }

    /// Why that replica cannot be made its first leader, in the room `refusal`; `None` if it can.
    pub const fn refuses_first_leader(self, replica: ReplicaId) -> Option<&'static str> {
        match self {
            Self::Pbft if replica.0 == 0 => None,
            Self::GeneralsOm | Self::GeneralsSm => Some("no-elections"),
            // PBFT 4.1, Tendermint 3 and HotStuff 4: a fixed function of the view or the round.
            Self::Pbft => Some("first-is-n1"),
            Self::Tendermint => Some("proposers-in-turn"),
            Self::Hotstuff => Some("leaders-in-turn"),
            _ => None,
        }
    }

    /// How many liars a group of so many replicas is set up for, unless the text says otherwise.
    pub const fn tolerated(self, replicas: u8) -> u8 {
        match self {
            Self::GeneralsOm | Self::GeneralsSm => {
                let most = replicas.saturating_sub(1) / 3;
                if most > 3 {
                    3
                } else if most == 0 {
                    1
                } else {
                    most
                }
            }
            Self::Pbft | Self::Tendermint | Self::Hotstuff => replicas.saturating_sub(1) / 3,
            _ => 0,
        }
    }

    /// True if it keeps its promise under a fault of that class; liars up to the number tolerated.
    pub const fn covers(self, class: FaultClass) -> bool {
        match class {
            // Generals count whoever stops, is late or loses messages as one who lies: see
            // `world::Failures`.
            FaultClass::Crash | FaultClass::Omission | FaultClass::Timing => true,
            // Whoever lost its state says so, and asks (VR Revisited, 4.3).
            FaultClass::Amnesia => self.is_vr(),
            FaultClass::Byzantine => matches!(self.family(), Family::Byzantine),
        }
    }

    /// Why its messages let nobody do that, in the room `refusal`; `None` if they do.
    pub const fn refuses(self, behaviour: Behaviour) -> Option<&'static str> {
        match behaviour {
            Behaviour::SilentTo | Behaviour::Replay | Behaviour::Delay => None,
            Behaviour::Equivocate => None,
            Behaviour::DoubleVote if self.is_generals() => Some("no-votes"),
            Behaviour::ClaimLeadership if self.is_generals() => Some("commander-is-n1"),
            Behaviour::DenyLeader if self.is_generals() => Some("commander-is-n1"),
            Behaviour::LieAboutLog if self.is_generals() => Some("no-log"),
            Behaviour::LieAboutLog if matches!(self, Self::Tendermint) => Some("no-older-heights"),
            Behaviour::DoubleVote
            | Behaviour::ClaimLeadership
            | Behaviour::DenyLeader
            | Behaviour::LieAboutLog => None,
        }
    }

    /// The protocol of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    /// The rules of Raft that it follows, if it is a flavour of ours or the crate that is etcd's twin.
    pub(super) const fn rules(self) -> Rules {
        match self {
            Self::RaftSticky => Rules { sticky: true, ..Rules::PAPER },
            Self::RaftPrevote => Rules { pre_vote: true, ..Rules::PAPER },
            Self::RaftPrevoteCheckquorum => {
                Rules { pre_vote: true, check_quorum: true, ..Rules::PAPER }
            }
            Self::RaftCheckquorum => Rules { check_quorum: true, ..Rules::PAPER },
            Self::RaftStickyCheckquorum => {
                Rules { sticky: true, check_quorum: true, ..Rules::PAPER }
            }
            Self::EtcdRaft | Self::TikvRaft => Rules::ETCD,
            Self::EtcdRaftPrevote | Self::TikvRaftPrevote => {
                Rules { pre_vote: true, ..Rules::ETCD }
            }
            Self::EtcdRaftCheckquorum | Self::TikvRaftCheckquorum => {
                Rules { check_quorum: true, ..Rules::ETCD }
            }
            Self::EtcdRaftPrevoteCheckquorum | Self::TikvRaftPrevoteCheckquorum => {
                Rules { pre_vote: true, check_quorum: true, ..Rules::ETCD }
            }
            _ => Rules::PAPER,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
