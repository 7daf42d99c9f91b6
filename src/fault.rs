//! The fault vocabulary, and the state of every part and lane while faults are in force.
//!
//! Faults come in pairs, one that inflicts and one that lifts.
//! What hangs on a failed part is derived here and never stored: power first, then switches and
//! servers, then the mirror pairs.

use std::fmt;

use serde::Serialize;

use crate::plant::{Part, ServerAt};

/// A replica by its number from 0; `n1` is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ReplicaId(pub u8);

impl ReplicaId {
    /// As an index into a vector by replica.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "n{}", self.0 + 1)
    }
}

/// Two ends, in the direction of travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ends {
    /// One cable of the plant: `r1.s1 -> r1.tor-a`.
    Lane(Part, Part),
    /// Everything one replica sends another, whatever way it takes: `n1 -> n3`.
    Flow(ReplicaId, ReplicaId),
}

/// A link, or both links between the same two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// From, to.
    pub ends: Ends,
    /// True for `<->`: the reverse direction too.
    pub both: bool,
}

/// The flows that a gray switch chooses to lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flows {
    /// Who sends; `None` is anybody (`*`).
    pub from: Option<ReplicaId>,
    /// Who is meant to receive; `None` is anybody (`*`).
    pub to: Option<ReplicaId>,
    /// True for `<->`: the reverse direction too.
    pub both: bool,
}

/// One timed act of a scenario: a fault inflicted, a fault lifted, or a push to the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// `cut n3 -> n1`, or `lose 90% of n3 -> n1`: a link loses that share of its packets, 1 to 100.
    Cut {
        /// The link.
        link: Link,
        /// Share of packets lost; 100 is a cut.
        percent: u8,
    },
    /// `heal n3 -> n1`: the link carries everything again.
    Heal {
        /// The link.
        link: Link,
    },
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
    /// `elect n3`: that replica's election timeout fires now. Not a fault.
    Elect(ReplicaId),
}

/// What kind of wrong a fault is (Cristian 1991; Howard & Abraham 2020 for omission).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultClass {
    /// A part stops and stays stopped.
    Crash,
    /// A part works but loses messages.
    Omission,
    /// A part works but too slowly.
    Timing,
}

impl Act {
    /// The class of the fault it inflicts; `None` if it lifts one, or is none.
    pub const fn inflicts(&self) -> Option<FaultClass> {
        match self {
            Self::Cut { .. } | Self::Gray { .. } => Some(FaultClass::Omission),
            Self::Fail(_) | Self::Crash(_) => Some(FaultClass::Crash),
            Self::Pause(_) => Some(FaultClass::Timing),
            Self::Heal { .. }
            | Self::Ungray { .. }
            | Self::Restore(_)
            | Self::Restart(_)
            | Self::Resume(_)
            | Self::Elect(_) => None,
        }
    }

    /// True if it lifts a fault.
    pub const fn lifts(&self) -> bool {
        match self {
            Self::Heal { .. }
            | Self::Ungray { .. }
            | Self::Restore(_)
            | Self::Restart(_)
            | Self::Resume(_) => true,
            Self::Cut { .. }
            | Self::Gray { .. }
            | Self::Fail(_)
            | Self::Crash(_)
            | Self::Pause(_)
            | Self::Elect(_) => false,
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = arrow(self.both);
        match self.ends {
            Ends::Lane(from, to) => write!(formatter, "{from} {arrow} {to}"),
            Ends::Flow(from, to) => write!(formatter, "{from} {arrow} {to}"),
        }
    }
}

impl fmt::Display for Flows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from.is_none() && self.to.is_none() {
            return formatter.write_str("all");
        }
        let name =
            |end: Option<ReplicaId>| end.map_or("*".to_owned(), |replica| replica.to_string());
        write!(formatter, "{} {} {}", name(self.from), arrow(self.both), name(self.to))
    }
}

/// As the scenario text writes it after `at 10s`.
impl fmt::Display for Act {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { link, percent: 100 } => write!(formatter, "cut {link}"),
            Self::Cut { link, percent } => write!(formatter, "lose {percent}% of {link}"),
            Self::Heal { link } => write!(formatter, "heal {link}"),
            Self::Gray { switch, flows, percent: 100 } => {
                write!(formatter, "gray {switch} drops {flows}")
            }
            Self::Gray { switch, flows, percent } => {
                write!(formatter, "gray {switch} drops {percent}% of {flows}")
            }
            Self::Ungray { switch } => write!(formatter, "heal {switch}"),
            Self::Fail(part) => write!(formatter, "fail {part}"),
            Self::Restore(part) => write!(formatter, "restore {part}"),
            Self::Crash(server) => write!(formatter, "crash {server}"),
            Self::Restart(server) => write!(formatter, "restart {server}"),
            Self::Pause(server) => write!(formatter, "pause {server}"),
            Self::Resume(server) => write!(formatter, "resume {server}"),
            Self::Elect(replica) => write!(formatter, "elect {replica}"),
        }
    }
}

const fn arrow(both: bool) -> &'static str {
    if both { "<->" } else { "->" }
}
