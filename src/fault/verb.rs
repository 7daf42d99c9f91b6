//! Every verb is one row: its name, what it takes, the class of the fault that it inflicts, what
//! lifts that, where it applies, and the key of the words that explain it (`verb.KEY` in `words/`).
//!
//! Parser, printer, validation, the page about the language and the menus of parts read these rows,
//! so a new verb is an [`Action`], a row, and what it does.

use std::fmt;

use super::{
    Action, ByzantineBehaviour, FaultClass, Flows, Groups, Impairment, Link, ReplicaId, order_name,
};
use crate::clock::Micros;
use crate::plant::{Part, ServerAt};

/// What is done. `heal` is several: a link is healed, a switch, a replica, or a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// See [`Action::Elect`].
    Elect,
    /// See [`Action::Cut`].
    Cut,
    /// [`Action::Cut`] of a share.
    Lose,
    /// [`Action::Impair`] by [`Impairment::Delay`].
    Delay,
    /// [`Action::Impair`] by [`Impairment::Reorder`].
    Reorder,
    /// [`Action::Impair`] by [`Impairment::Duplicate`].
    Duplicate,
    /// See [`Action::Isolate`].
    Isolate,
    /// See [`Action::Partition`].
    Partition,
    /// See [`Action::Ungray`].
    Ungray,
    /// See [`Action::Rejoin`].
    Rejoin,
    /// See [`Action::Reunite`].
    Reunite,
    /// See [`Action::Heal`].
    Heal,
    /// See [`Action::Gray`].
    Gray,
    /// See [`Action::Fail`].
    Fail,
    /// See [`Action::Restore`].
    Restore,
    /// See [`Action::Crash`].
    Crash,
    /// See [`Action::Restart`].
    Restart,
    /// See [`Action::Pause`].
    Pause,
    /// See [`Action::ResumeDisk`].
    ResumeDisk,
    /// See [`Action::Resume`].
    Resume,
    /// See [`Action::Stall`].
    Stall,
    /// See [`Action::Slow`].
    Slow,
    /// See [`Action::Betray`].
    Traitor,
    /// See [`Action::Loyal`].
    Loyal,
    /// See [`Action::Wipe`].
    Wipe,
    /// See [`Action::Transfer`].
    Transfer,
    /// See [`Action::Order`].
    Order,
}

/// All that is to be known of a verb.
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub verb: Verb,
    /// As the text writes it.
    pub name: &'static str,
    /// What follows it, and the action that both make.
    pub shape: Shape,
    /// The class of the fault that it inflicts; none if it lifts one, or is none.
    pub inflicts: Option<FaultClass>,
    /// What lifts that fault, if anything does.
    pub lifted_by: Option<Verb>,
    /// Where it applies.
    pub applies: Applies,
    /// The key of its words.
    pub key: &'static str,
}

/// What a verb takes, and what both make.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// `n3 -> n1`
    Link(fn(Link) -> Action),
    /// `90% of n3 -> n1`
    Share(fn(Link, u8) -> Action),
    /// `n3 -> n1 by 50ms..80ms`
    Delay(fn(Link, Impairment) -> Action),
    /// `10% of n3 -> n1 by 20ms`
    Reorder(fn(Link, Impairment) -> Action),
    /// `5% of n3 -> n1`, all of which may be meant
    Duplicate(fn(Link, Impairment) -> Action),
    /// `r1.tor-a drops n1 <-> n3`
    Flows(fn(Part, Flows, u8) -> Action),
    /// `r1.tor-a`
    Switch(fn(Part) -> Action),
    /// `r1.pdu-a`
    Part(fn(Part) -> Action),
    /// `r1.s1`
    Server(fn(ServerAt) -> Action),
    /// `r1.s1.disk`
    Volume(fn(ServerAt) -> Action),
    /// `r1.s1.disk by 200ms`
    Slow(fn(ServerAt, Micros) -> Action),
    /// `n3`
    Replica(fn(ReplicaId) -> Action),
    /// `n1 n2 | n3 n4 n5`
    Groups(fn(Groups) -> Action),
    /// `n3 equivocate to n1`
    ByzantineBehaviour(fn(ReplicaId, ByzantineBehaviour) -> Action),
    /// `attack`
    Order(fn(u32) -> Action),
}

/// What an action is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// A link, or a share of what it carries.
    Link {
        /// The link.
        link: Link,
        /// 1 to 100.
        percent: u8,
    },
    /// A link, and what it does to packets besides losing them.
    Impaired {
        /// The link.
        link: Link,
        /// What it does.
        how: Impairment,
    },
    /// What a switch drops.
    Flows {
        /// A ToR or a spine.
        switch: Part,
        /// Whose packets.
        flows: Flows,
        /// What share of them, 1 to 100.
        percent: u8,
    },
    /// A part.
    Part(Part),
    /// A server.
    Server(ServerAt),
    /// What a server stores on, all its disks together.
    Volume {
        /// Whose.
        server: ServerAt,
        /// By how much it is slow, where it is made so; else zero.
        by: Micros,
    },
    /// What the server of a replica stores on: of whoever leads.
    VolumeOf {
        /// Whose server.
        replica: ReplicaId,
        /// As of [`Object::Volume`].
        by: Micros,
    },
    /// A replica.
    Replica(ReplicaId),
    /// Groups of replicas.
    Groups(Groups),
    /// A replica, and what it does.
    ByzantineBehaviour {
        /// Who.
        replica: ReplicaId,
        /// What.
        byzantine: ByzantineBehaviour,
    },
    /// An order, by number from 1.
    Order(u32),
}

/// Where a verb applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// Whatever the replicas speak.
    Anywhere,
    /// Where leaders can be made: generals elect nobody.
    Elections,
    /// Where a leader can hand its leadership over.
    HandsOver,
    /// Where a commanding general gives orders.
    Commander,
}

const fn row(verb: Verb, name: &'static str, shape: Shape) -> Row {
    let applies = Applies::Anywhere;
    Row { verb, name, shape, inflicts: None, lifted_by: None, applies, key: name }
}

impl Row {
    const fn inflicts(self, class: FaultClass, lifted_by: Option<Verb>) -> Self {
        Self { inflicts: Some(class), lifted_by, ..self }
    }

    const fn applies(self, applies: Applies) -> Self {
        Self { applies, ..self }
    }

    const fn key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    /// The action that is done to that; `None` if it is not what the verb takes.
    #[inline(never)]
    pub fn of(&self, object: Object) -> Option<Action> {
        match (self.shape, object) {
            (Shape::Server(_), Object::Replica(leader)) if leader.is_leader() => {
                Some(Action::AtLeader { verb: self.verb, leader, by: Micros::ZERO })
            }
            (Shape::Volume(_), Object::VolumeOf { replica: leader, .. }) => {
                Some(Action::AtLeader { verb: self.verb, leader, by: Micros::ZERO })
            }
            (Shape::Slow(_), Object::VolumeOf { replica: leader, by }) => {
                Some(Action::AtLeader { verb: self.verb, leader, by })
            }
            (shape, object) => shape.of(object),
        }
    }
}

/// Every verb, in the order of [`Verb`]. Of rows of one name the first that fits is meant.
pub static ROWS: [Row; 27] = [
    row(Verb::Elect, "elect", Shape::Replica(Action::Elect)).applies(Applies::Elections),
    row(Verb::Cut, "cut", Shape::Link(|link| Action::Cut { link, percent: 100 }))
        .inflicts(FaultClass::Omission, Some(Verb::Heal)),
    row(Verb::Lose, "lose", Shape::Share(|link, percent| Action::Cut { link, percent }))
        .inflicts(FaultClass::Omission, Some(Verb::Heal)),
    row(Verb::Delay, "delay", Shape::Delay(|link, how| Action::Impair { link, how }))
        .inflicts(FaultClass::Timing, Some(Verb::Heal)),
    row(Verb::Reorder, "reorder", Shape::Reorder(|link, how| Action::Impair { link, how }))
        .inflicts(FaultClass::Timing, Some(Verb::Heal)),
    row(Verb::Duplicate, "duplicate", Shape::Duplicate(|link, how| Action::Impair { link, how }))
        .inflicts(FaultClass::Duplication, Some(Verb::Heal)),
    row(Verb::Isolate, "isolate", Shape::Replica(Action::Isolate))
        .inflicts(FaultClass::Omission, Some(Verb::Rejoin)),
    row(Verb::Partition, "partition", Shape::Groups(Action::Partition))
        .inflicts(FaultClass::Omission, Some(Verb::Reunite)),
    row(Verb::Ungray, "heal", Shape::Switch(|switch| Action::Ungray { switch })).key("heal-switch"),
    row(Verb::Rejoin, "heal", Shape::Replica(Action::Rejoin)).key("heal-replica"),
    row(Verb::Reunite, "heal", Shape::Groups(Action::Reunite)).key("heal-partition"),
    row(Verb::Heal, "heal", Shape::Link(|link| Action::Heal { link })),
    row(
        Verb::Gray,
        "gray",
        Shape::Flows(|switch, flows, percent| Action::Gray { switch, flows, percent }),
    )
    .inflicts(FaultClass::Omission, Some(Verb::Ungray)),
    row(Verb::Fail, "fail", Shape::Part(Action::Fail))
        .inflicts(FaultClass::Crash, Some(Verb::Restore)),
    row(Verb::Restore, "restore", Shape::Part(Action::Restore)),
    row(Verb::Crash, "crash", Shape::Server(Action::Crash))
        .inflicts(FaultClass::Crash, Some(Verb::Restart)),
    row(Verb::Restart, "restart", Shape::Server(Action::Restart)),
    row(Verb::Pause, "pause", Shape::Server(Action::Pause))
        .inflicts(FaultClass::Timing, Some(Verb::Resume)),
    row(Verb::ResumeDisk, "resume", Shape::Volume(Action::ResumeDisk)).key("resume-disk"),
    row(Verb::Resume, "resume", Shape::Server(Action::Resume)),
    row(Verb::Stall, "stall", Shape::Volume(Action::Stall))
        .inflicts(FaultClass::Timing, Some(Verb::ResumeDisk)),
    row(Verb::Slow, "slow", Shape::Slow(|server, by| Action::Slow { server, by }))
        .inflicts(FaultClass::Timing, Some(Verb::ResumeDisk)),
    row(
        Verb::Traitor,
        "traitor",
        Shape::ByzantineBehaviour(|replica, byzantine| Action::Betray { replica, byzantine }),
    )
    .inflicts(FaultClass::Byzantine, Some(Verb::Loyal)),
    row(Verb::Loyal, "loyal", Shape::Replica(Action::Loyal)),
    // What was forgotten stays forgotten.
    row(Verb::Wipe, "wipe", Shape::Server(Action::Wipe)).inflicts(FaultClass::Amnesia, None),
    row(Verb::Transfer, "transfer", Shape::Replica(Action::Transfer)).applies(Applies::HandsOver),
    row(Verb::Order, "order", Shape::Order(Action::Order)).applies(Applies::Commander),
];

impl Verb {
    /// Its row.
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

/// The name of every verb, each once, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    let is_new = |at: &usize| *at == 0 || ROWS[*at - 1].name != ROWS[*at].name;
    (0..ROWS.len()).filter(is_new).map(|at| ROWS[at].name)
}

impl Shape {
    fn of(self, object: Object) -> Option<Action> {
        match (self, object) {
            (Self::Link(make), Object::Link { link, .. } | Object::Impaired { link, .. }) => {
                Some(make(link))
            }
            (Self::Share(make), Object::Link { link, percent }) => Some(make(link, percent)),
            (
                Self::Delay(make) | Self::Reorder(make) | Self::Duplicate(make),
                Object::Impaired { link, how },
            ) => Some(make(link, how)),
            (Self::Flows(make), Object::Flows { switch, flows, percent }) => {
                Some(make(switch, flows, percent))
            }
            (Self::Switch(make), Object::Part(part) | Object::Flows { switch: part, .. })
            | (Self::Part(make), Object::Part(part)) => Some(make(part)),
            (Self::Server(make), Object::Server(server)) => Some(make(server)),
            (Self::Volume(make), Object::Volume { server, .. }) => Some(make(server)),
            (Self::Slow(make), Object::Volume { server, by }) => Some(make(server, by)),
            (
                Self::Replica(make),
                Object::Replica(replica) | Object::ByzantineBehaviour { replica, .. },
            ) => Some(make(replica)),
            (Self::Groups(make), Object::Groups(groups)) => Some(make(groups)),
            (Self::ByzantineBehaviour(make), Object::ByzantineBehaviour { replica, byzantine }) => {
                Some(make(replica, byzantine))
            }
            (Self::Order(make), Object::Order(order)) => Some(make(order)),
            (
                Self::Link(_)
                | Self::Share(_)
                | Self::Delay(_)
                | Self::Reorder(_)
                | Self::Duplicate(_)
                | Self::Flows(_)
                | Self::Switch(_)
                | Self::Part(_)
                | Self::Server(_)
                | Self::Volume(_)
                | Self::Slow(_)
                | Self::Replica(_)
                | Self::Groups(_)
                | Self::ByzantineBehaviour(_)
                | Self::Order(_),
                _,
            ) => None,
        }
    }

    /// What it takes, as the page about the language names it.
    pub const fn usage(self) -> &'static str {
        match self {
            Self::Link(_) => "A -> B",
            Self::Share(_) => "90% of A -> B",
            Self::Delay(_) => "A -> B by T",
            Self::Reorder(_) => "10% of A -> B by T",
            Self::Duplicate(_) => "5% of A -> B",
            Self::Flows(_) => "SWITCH drops FLOWS",
            Self::Switch(_) => "SWITCH",
            Self::Part(_) => "PART",
            Self::Server(_) => "SERVER",
            Self::Volume(_) => "SERVER.disk",
            Self::Slow(_) => "SERVER.disk by T",
            Self::Replica(_) => "REPLICA",
            Self::Groups(_) => "REPLICA… | REPLICA…",
            Self::ByzantineBehaviour(_) => "REPLICA BEHAVIOUR [to REPLICA…]",
            Self::Order(_) => "ORDER",
        }
    }
}

/// As the scenario text writes it after the verb.
impl fmt::Display for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |formatter: &mut fmt::Formatter<'_>, percent: u8| match percent {
            100 => Ok(()),
            percent => write!(formatter, "{percent}% of "),
        };
        match self {
            Self::Link { link, percent } => {
                share(formatter, *percent)?;
                write!(formatter, "{link}")
            }
            Self::Impaired { link, how } => how.fmt(*link, formatter),
            Self::Flows { switch, flows, percent } => {
                write!(formatter, "{switch} drops ")?;
                share(formatter, *percent)?;
                write!(formatter, "{flows}")
            }
            Self::Part(part) => write!(formatter, "{part}"),
            Self::Server(server) => write!(formatter, "{server}"),
            Self::Volume { server, by } => fmt_volume(server, *by, formatter),
            Self::VolumeOf { replica, by } => fmt_volume(replica, *by, formatter),
            Self::Replica(replica) => write!(formatter, "{replica}"),
            Self::Groups(groups) => write!(formatter, "{groups}"),
            Self::ByzantineBehaviour { replica, byzantine } => {
                write!(formatter, "{replica} {byzantine}")
            }
            Self::Order(order) => formatter.write_str(order_name(*order)),
        }
    }
}

/// "r1.s1.disk by 200ms".
fn fmt_volume(
    of: &dyn fmt::Display,
    by: Micros,
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(formatter, "{of}.disk")?;
    if by > Micros::ZERO { write!(formatter, " by {by}") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_is_in_its_row() {
        for (number, row) in ROWS.iter().enumerate() {
            assert_eq!(row.verb as usize, number, "{}", row.name);
            assert_eq!(row.verb.row().verb, row.verb);
        }
        let mut seen = Vec::new();
        for name in names() {
            assert!(!seen.contains(&name), "rows of one name stand together: {name}");
            seen.push(name);
        }
    }

    #[test]
    fn what_lifts_a_fault_takes_what_the_fault_is_done_to() {
        for row in &ROWS {
            assert!(row.lifted_by.is_none() || row.inflicts.is_some(), "{}", row.name);
            if let Some(lift) = row.lifted_by {
                let lift = lift.row();
                assert!(lift.inflicts.is_none() && lift.lifted_by.is_none(), "{}", lift.name);
            }
        }
    }
}
