//! What can be done to a plant and its replicas: the closed list. What each is called, takes and
//! means is a row of [`super::verb`].

use std::fmt;

use serde::Serialize;

use super::verb::{ROWS, Row, Verb};
use super::{ByzantineBehaviour, Flows, Groups, Impairment, Link, Object, ReplicaId};
use crate::clock::Micros;
use crate::plant::{Part, ServerAt};

/// One timed act of a scenario: a fault inflicted, a fault lifted, or a push to the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// `cut n3 -> n1`, or `lose 90% of n3 -> n1`: a link loses that share of its packets, 1 to 100.
    Cut {
        /// The link.
        link: Link,
        /// Share of packets lost; 100 is a cut.
        percent: u8,
    },
    /// `delay n1 -> n2 by 50ms`, `duplicate 5% of n1 -> n2`, `reorder 10% of n1 -> n2 by 20ms`:
    /// besides what else is wrong with the link. Two of a kind do not add up: the later one counts.
    Impair {
        /// The link.
        link: Link,
        /// What it does to packets.
        how: Impairment,
    },
    /// `heal n3 -> n1`: the link is whole again: it carries everything, in time, and once.
    Heal {
        /// The link.
        link: Link,
    },
    /// `isolate n2`: no replica hears it and it hears none, whatever way packets take; no cable is
    /// cut, and clients, who are no part of the network, still reach it.
    Isolate(ReplicaId),
    /// `heal n2`: every link between it and the others carries everything again.
    Rejoin(ReplicaId),
    /// `partition n1 n2 | n3 n4 n5`: the same between the groups, in both directions.
    Partition(Groups),
    /// `heal n1 n2 | n3 n4 n5`: the links between the groups carry everything again.
    Reunite(Groups),
    /// `gray r1.tor-a drops n1 <-> n3`: alive to its neighbours, not forwarding those flows.
    /// Adds to what it dropped before.
    Gray {
        /// A ToR or a spine.
        switch: Part,
        /// What it drops.
        flows: Flows,
        /// Share of those packets lost, 1 to 100.
        percent: u8,
    },
    /// `heal r1.tor-a`: the switch forwards everything again.
    Ungray {
        /// A ToR or a spine.
        switch: Part,
    },
    /// `fail r1.pdu-a`: the part is dead until restored.
    Fail(Part),
    /// `restore r1.pdu-a`.
    Restore(Part),
    /// `crash r1.s1`: its processes stop; what they wrote to disk stays.
    Crash(ServerAt),
    /// `restart r1.s1`: its processes start again from their disks.
    Restart(ServerAt),
    /// `pause r1.s1`: its processes stand still; packets wait for them.
    Pause(ServerAt),
    /// `resume r1.s1`.
    Resume(ServerAt),
    /// `stall r1.s1.disk`: what is written there does not end until it is lifted; reads do.
    Stall(ServerAt),
    /// `slow r1.s1.disk by 200ms`: a write there takes so much longer.
    Slow {
        /// Whose disks.
        server: ServerAt,
        /// By how much.
        by: Micros,
    },
    /// `resume r1.s1.disk`: its disks neither hang nor are slow.
    ResumeDisk(ServerAt),
    /// `elect n3`: that replica's election timeout fires now. Not a fault.
    Elect(ReplicaId),
    /// `traitor n3 equivocate to n1`: from now on that replica also does this.
    Betray {
        /// Who.
        replica: ReplicaId,
        /// What it does.
        byzantine: ByzantineBehaviour,
    },
    /// `loyal n3`: that replica says what its protocol says again.
    Loyal(ReplicaId),
    /// `wipe r1.s1`: the server starts again with new, empty disks. Its replica forgets what it
    /// promised, and goes on under its old name.
    Wipe(ServerAt),
    /// `transfer n2`: the leader hands its leadership over. Not a fault.
    Transfer(ReplicaId),
    /// `order attack`: the commanding general gives an order. Not a fault.
    Order(u32),
    /// `crash leader`, `slow leader.disk by 200ms`: what is done to a server, or to its disks, to
    /// that of whoever leads then.
    AtLeader {
        /// What is done.
        verb: Verb,
        /// Whose leader: see [`ReplicaId::LEADER`].
        leader: ReplicaId,
        /// By how much its disks are slow, where they are made so; else zero.
        by: Micros,
    },
}

/// What kind of wrong a fault is (Cristian 1991; Howard & Abraham 2020 for omission).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum FaultClass {
    /// A part stops and stays stopped.
    Crash,
    /// A part works but loses messages.
    Omission,
    /// A part works but too slowly.
    Timing,
    /// A part works but delivers a message more than once.
    Duplication,
    /// A part forgot what it had promised to keep.
    Amnesia,
    /// A part may say anything to anyone (Lamport, Shostak & Pease 1982).
    Byzantine,
}

impl FaultClass {
    /// As the page writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Omission => "omission",
            Self::Timing => "timing",
            Self::Duplication => "duplication",
            Self::Amnesia => "amnesia",
            Self::Byzantine => "byzantine",
        }
    }
}

impl Action {
    /// Its row: what it is called, takes and means.
    pub fn row(&self) -> &'static Row {
        let verb = match self {
            Self::Cut { percent: 100, .. } => Verb::Cut,
            Self::Cut { .. } => Verb::Lose,
            Self::Impair { how: Impairment::Delay(_), .. } => Verb::Delay,
            Self::Impair { how: Impairment::Reorder(..), .. } => Verb::Reorder,
            Self::Impair { how: Impairment::Duplicate(_), .. } => Verb::Duplicate,
            Self::Heal { .. } => Verb::Heal,
            Self::Isolate(_) => Verb::Isolate,
            Self::Rejoin(_) => Verb::Rejoin,
            Self::Partition(_) => Verb::Partition,
            Self::Reunite(_) => Verb::Reunite,
            Self::Gray { .. } => Verb::Gray,
            Self::Ungray { .. } => Verb::Ungray,
            Self::Fail(_) => Verb::Fail,
            Self::Restore(_) => Verb::Restore,
            Self::Crash(_) => Verb::Crash,
            Self::Restart(_) => Verb::Restart,
            Self::Pause(_) => Verb::Pause,
            Self::Resume(_) => Verb::Resume,
            Self::Stall(_) => Verb::Stall,
            Self::Slow { .. } => Verb::Slow,
            Self::ResumeDisk(_) => Verb::ResumeDisk,
            Self::Elect(_) => Verb::Elect,
            Self::Betray { .. } => Verb::Traitor,
            Self::Loyal(_) => Verb::Loyal,
            Self::Wipe(_) => Verb::Wipe,
            Self::Transfer(_) => Verb::Transfer,
            Self::Order(_) => Verb::Order,
            Self::AtLeader { verb, .. } => *verb,
        };
        verb.row()
    }

    /// What it is done to, without what is done.
    pub const fn object(&self) -> Object {
        match *self {
            Self::Cut { link, percent } => Object::Link { link, percent },
            Self::Heal { link } => Object::Link { link, percent: 100 },
            Self::Impair { link, how } => Object::Impaired { link, how },
            Self::Gray { switch, flows, percent } => Object::Flows { switch, flows, percent },
            Self::Ungray { switch: part } | Self::Fail(part) | Self::Restore(part) => {
                Object::Part(part)
            }
            Self::Crash(server)
            | Self::Restart(server)
            | Self::Pause(server)
            | Self::Resume(server)
            | Self::Wipe(server) => Object::Server(server),
            Self::Stall(server) | Self::ResumeDisk(server) => {
                Object::Volume { server, by: Micros::ZERO }
            }
            Self::Slow { server, by } => Object::Volume { server, by },
            Self::Elect(replica)
            | Self::Loyal(replica)
            | Self::Transfer(replica)
            | Self::Isolate(replica)
            | Self::Rejoin(replica) => Object::Replica(replica),
            Self::AtLeader {
                verb: Verb::Stall | Verb::Slow | Verb::ResumeDisk,
                leader,
                by,
                ..
            } => Object::VolumeOf { replica: leader, by },
            Self::AtLeader { leader, .. } => Object::Replica(leader),
            Self::Partition(groups) | Self::Reunite(groups) => Object::Groups(groups),
            Self::Betray { replica, byzantine } => {
                Object::ByzantineBehaviour { replica, byzantine }
            }
            Self::Order(order) => Object::Order(order),
        }
    }

    /// The class of the fault it inflicts; `None` if it lifts one, or is none.
    pub fn inflicts(&self) -> Option<FaultClass> {
        self.row().inflicts
    }

    /// The action that lifts the fault that it inflicts; `None` if nothing does, or it inflicts none.
    pub fn lifted_by(&self) -> Option<Self> {
        self.row().lifted_by?.row().of(self.object())
    }

    /// True if it lifts a fault.
    pub fn lifts(&self) -> bool {
        let verb = self.row().verb;
        ROWS.iter().any(|row| row.lifted_by == Some(verb))
    }
}

/// As the scenario text writes it after `at 10s`.
impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.row().name, self.object())
    }
}
