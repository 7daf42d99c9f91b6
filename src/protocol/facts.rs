//! What is to be known of a protocol without running it: one row, [`Facts`], in its own room.
//! [`super::catalogue`] lists the rows, and answers whoever asks by name.

use super::machine::Machine;
use crate::fault::{Behaviour, ReplicaId};

/// A protocol's row.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// As the scenario text writes it.
    pub name: &'static str,
    /// What it is built to survive.
    pub family: Family,
    /// Where it is written down.
    pub paper: &'static str,
    /// The state machine that runs it, and by which rules.
    pub machine: Machine,
    /// What it promises whatever the network does, in the room `safety`.
    pub safety: &'static str,
    /// Which links it needs to make progress, by its paper.
    ///
    /// Raft has progress "as long as any majority of the servers are operational and can communicate
    /// with each other and with clients" (2014, section 2), if messages are much faster than
    /// timeouts (5.6); that others may then depose the leader is what section 6, pre-vote (thesis
    /// 9.6) and etcd's lease are against. Omni-Paxos needs one server with links to a majority
    /// (2023, section 5). Byzantine protocols need the synchrony of Dwork, Lynch & Stockmeyer among
    /// those that do not fail: delays that do not outgrow timeouts for ever (PBFT, 4.4).
    pub needs: Needs,
    /// What it takes of links that bring messages late, in another order, or twice.
    pub links: Links,
    /// What it calls things.
    pub terms: &'static Terms,
    /// To whom a client gives a write.
    pub clients: Clients,
    /// How many replicas must have executed a write before its client takes it for done.
    pub replies: Replies,
    /// What a replica's log is.
    pub logs: Logs,
    /// How many liars it is set up for, unless the text says otherwise.
    pub tolerates: Tolerates,
    /// Who can be made its first leader.
    pub first_leader: FirstLeader,
    /// What its messages let nobody do, and why, in the room `refusal`.
    pub refuses: &'static [(Behaviour, &'static str)],
    /// True where at most one replica may ever lead in an epoch, so that two are a violation. Where
    /// a ballot is a number and its owner, two may share the number.
    pub leads_alone: bool,
    /// True where leadership goes round by design, so that a change of leader is no sign of trouble.
    pub rotates: bool,
    /// True where one value is decided and the protocol is done.
    pub decides_once: bool,
    /// True if a leader can be asked to hand over to a replica of one's choice.
    pub hands_over: bool,
    /// True if what a replica must not forget is on its disks, and not in its memory alone.
    pub has_disks: bool,
    /// True if whoever lost its state says so, and asks the others (VR Revisited, 4.3).
    pub recovers: bool,
}

impl Facts {
    /// Of one that survives replicas that stop and messages that are lost, as most are: it agrees
    /// on a log, a leader at a time takes the writes, anybody can lead, and nobody hands over.
    pub(super) const fn crash(
        name: &'static str,
        paper: &'static str,
        machine: Machine,
        terms: &'static Terms,
        needs: Needs,
    ) -> Self {
        Self {
            name,
            family: Family::Crash,
            paper,
            machine,
            safety: "log",
            needs,
            links: Links::Unreliable,
            terms,
            clients: Clients::Leader,
            replies: Replies::One,
            logs: Logs::Decided,
            tolerates: Tolerates::Nobody,
            first_leader: FirstLeader::Anybody,
            refuses: &[],
            leads_alone: true,
            rotates: false,
            decides_once: false,
            hands_over: false,
            has_disks: true,
            recovers: false,
        }
    }

    /// Of one that agrees on a log though less than a third lie: leaders are fixed by the number of
    /// the view or the round, and clients trust nobody alone.
    pub(super) const fn byzantine(
        name: &'static str,
        paper: &'static str,
        machine: Machine,
        terms: &'static Terms,
        first_leader: FirstLeader,
    ) -> Self {
        Self {
            family: Family::Byzantine,
            safety: "honest-log",
            clients: Clients::Everyone,
            replies: Replies::OneHonest,
            tolerates: Tolerates::BelowAThird,
            first_leader,
            ..Self::crash(name, paper, machine, terms, Needs::AllButF)
        }
    }
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

/// How many replicas must have executed a write before its client takes it for done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replies {
    /// One: nobody lies, or what it says is proved.
    One,
    /// f + 1, of whom one at least is honest.
    OneHonest,
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

/// How many liars a group is set up for, unless the text says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerates {
    /// None.
    Nobody,
    /// As many as fit below a third.
    BelowAThird,
    /// One to three, as many as fit below a third: rounds cost messages by the power of m.
    OneToThree,
}

/// Who can be made the first leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstLeader {
    /// Any replica.
    Anybody,
    /// That one alone; the reason is told in the room `refusal`.
    Only(ReplicaId, &'static str),
    /// Nobody; the reason is told in the room `refusal`.
    Nobody(&'static str),
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

/// What a paper says of links that bring messages late, in another order, or twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum Links {
    /// It reckons with them. Raft (2014, section 2) is safe "under all non-Byzantine conditions,
    /// including network delays, partitions, and packet loss, duplication, and reordering"; in
    /// Paxos (2001, section 2.1) messages "can take arbitrarily long to be delivered, can be
    /// duplicated, and can be lost"; PBFT's network (section 2) "may fail to deliver messages,
    /// delay them, duplicate them, or deliver them out of order"; VR (2012, section 2) says the
    /// same.
    Unreliable,
    /// It assumes that they keep order and deliver once, as TCP does while a connection lasts. Here
    /// its messages carry numbers in TCP's place: what is done for that is said in its room.
    Ordered,
    /// It says nothing of order, and needs none: messages are gathered as sets of who said what, in
    /// which one that comes again is there already.
    Gathered,
    /// Whatever is sent in a round arrives in it (A1, A3): what comes later is lost.
    InRounds,
}

impl Links {
    /// As the words have it, in the room `links`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreliable => "unreliable",
            Self::Ordered => "ordered",
            Self::Gathered => "gathered",
            Self::InRounds => "in-rounds",
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

impl Terms {
    /// Raft's.
    pub(super) const RAFT: Self =
        Self { epoch: "term", leader: "leader", follower: "follower", candidate: "candidate" };

    /// Of the Paxos family.
    pub(super) const BALLOTS: Self =
        Self { epoch: "ballot", leader: "leader", follower: "acceptor", candidate: "proposer" };

    /// Of Viewstamped Replication and PBFT.
    pub(super) const VIEWS: Self =
        Self { epoch: "view", leader: "primary", follower: "backup", candidate: "view-change" };
}
