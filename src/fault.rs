//! The fault vocabulary, and the state of every part and lane while faults are in force.
//!
//! Faults come in pairs, one that inflicts and one that lifts: [`verb::ROWS`] has them all.

mod action;
mod groups;
mod active_faults;
mod impairment;
mod lacp;
mod rebuild;
mod renumber;
mod spans;
pub mod verb;

use std::fmt;

use serde::Serialize;

use crate::clock::Micros;
use crate::fact::Arg;
use crate::plant::Part;

pub use action::{Action, FaultClass};
pub(crate) use active_faults::outlet;
pub use active_faults::{ActiveFaults, Gray, PartState, PowerChange};
pub use groups::{Groups, Reach};
pub use impairment::{Impaired, Impairment, Late};
pub use lacp::Watched;
pub use rebuild::Rebuild;
pub use spans::{FaultInForce, spans};
pub use verb::Object;

/// A replica by its number from 0; `n1` is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ReplicaId(pub u8);

impl ReplicaId {
    /// In an action that is not done yet, whoever leads the first group then; the numbers of
    /// replicas are lower. Of the group whose first replica has number k it is this and k: see
    /// [`Action::done_to`].
    pub const LEADER: Self = Self(Groups::REPLICAS);

    /// True if it stands for whoever leads.
    pub const fn is_leader(self) -> bool {
        self.0 >= Self::LEADER.0
    }

    /// As an index into a vector by replica.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_leader() {
            return formatter.write_str("leader");
        }
        write!(formatter, "n{}", self.0 + 1)
    }
}

/// A set of replicas, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaSet(pub u16);

impl ReplicaSet {
    /// Nobody.
    pub const NOBODY: Self = Self(0);

    /// One more.
    pub const fn add(&mut self, replica: ReplicaId) {
        self.0 |= 1 << replica.0;
    }

    /// Takes a replica out.
    pub const fn remove(&mut self, replica: ReplicaId) {
        self.0 &= !(1 << replica.0);
    }

    /// Those of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that the other one does not hold.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// True if it holds that replica.
    pub const fn contains(self, replica: ReplicaId) -> bool {
        self.0 >> replica.0 & 1 == 1
    }

    /// True if it holds nobody.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many it holds.
    pub fn len(self) -> u8 {
        u8::try_from(self.0.count_ones()).expect("at most 16 bits")
    }

    /// Those it holds, in order.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = ReplicaId> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let first = left.trailing_zeros();
            left &= left.checked_sub(1)?;
            u8::try_from(first).ok().map(ReplicaId)
        })
    }
}

impl FromIterator<ReplicaId> for ReplicaSet {
    fn from_iter<I: IntoIterator<Item = ReplicaId>>(replicas: I) -> Self {
        let mut set = Self::NOBODY;
        replicas.into_iter().for_each(|replica| set.add(replica));
        set
    }
}

impl ReplicaSet {
    /// The names of those it holds, in order.
    pub fn names(self) -> Vec<String> {
        self.iter().map(|id| id.to_string()).collect()
    }
}

impl From<ReplicaId> for Arg {
    #[inline(never)]
    fn from(replica: ReplicaId) -> Self {
        replica.to_string().into()
    }
}

/// As the scenario text writes it: `n1 n4`.
impl fmt::Display for ReplicaSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, replica) in self.iter().enumerate() {
            write!(formatter, "{}{replica}", if number == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// A way to lie. Every one of them leaves the liar's own state machine honest: what it says is
/// changed on the way out, receiver by receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum Behaviour {
    /// One story to some, another to the rest.
    Equivocate,
    /// Votes yes where it has voted for somebody else already.
    DoubleVote,
    /// Says that it leads.
    ClaimLeadership,
    /// Says that the leader is gone, though it hears it.
    DenyLeader,
    /// Says that it holds what it does not hold, or the reverse.
    LieAboutLog,
    /// Says nothing.
    SilentTo,
    /// Says again what it said long ago.
    Replay,
    /// Says everything late.
    Delay,
}

impl Behaviour {
    /// All of them. A link encodes a behaviour by its place here, so append only.
    pub const ALL: [Self; 8] = [
        Self::Equivocate,
        Self::DoubleVote,
        Self::ClaimLeadership,
        Self::DenyLeader,
        Self::LieAboutLog,
        Self::SilentTo,
        Self::Replay,
        Self::Delay,
    ];

    /// As the scenario text writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equivocate => "equivocate",
            Self::DoubleVote => "double-vote",
            Self::ClaimLeadership => "claim-leadership",
            Self::DenyLeader => "deny-leader",
            Self::LieAboutLog => "lie-about-log",
            Self::SilentTo => "silent-to",
            Self::Replay => "replay",
            Self::Delay => "delay",
        }
    }

    /// The behaviour of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|behaviour| behaviour.name() == name)
    }
}

/// One thing that a traitor does, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByzantineBehaviour {
    /// What.
    pub behaviour: Behaviour,
    /// Those who hear the other story. Nobody stands for every second one of the others, in order.
    pub toward: ReplicaSet,
    /// For [`Behaviour::Delay`], by how much; else zero.
    pub by: Micros,
}

/// As the scenario text writes it after `traitor n3`.
impl fmt::Display for ByzantineBehaviour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.behaviour.name())?;
        if self.behaviour == Behaviour::Delay {
            write!(formatter, " {}", self.by)?;
        }
        match (self.toward.is_empty(), self.behaviour) {
            (true, _) => Ok(()),
            (false, Behaviour::SilentTo) => write!(formatter, " {}", self.toward),
            (false, _) => write!(formatter, " to {}", self.toward),
        }
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
    /// Which of their packets.
    pub which: Which,
}

/// Which packets of a flow a gray switch loses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// Every one.
    All,
    /// `over 1500 bytes`: larger ones, see `Message::bytes`.
    Over(u16),
    /// `control`, in place of a flow: none of any replica's. What the switch itself has to say to
    /// its neighbours is not said, and what they say to it is not answered.
    Control,
}

impl Which {
    /// The least and the most bytes that may be said: no packet is smaller, few are larger.
    pub const SIZES: [u16; 2] = [100, 64_000];
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
        let name =
            |end: Option<ReplicaId>| end.map_or("*".to_owned(), |replica| replica.to_string());
        if self.which == Which::Control {
            return formatter.write_str("control");
        }
        if self.from.is_none() && self.to.is_none() {
            formatter.write_str("all")?;
        } else {
            write!(formatter, "{} {} {}", name(self.from), arrow(self.both), name(self.to))?;
        }
        match self.which {
            Which::All | Which::Control => Ok(()),
            Which::Over(bytes) => write!(formatter, " over {bytes} bytes"),
        }
    }
}

/// What a commanding general may order, by number from 1.
pub const ORDERS: [&str; 3] = ["attack", "retreat", "hold"];

/// The name of an order.
pub fn order_name(order: u32) -> &'static str {
    ORDERS.get((order as usize).wrapping_sub(1)).copied().unwrap_or("nothing")
}

const fn arrow(both: bool) -> &'static str {
    if both { "<->" } else { "->" }
}

impl Flows {
    /// The control plane of a switch, and no flow.
    pub const CONTROL: Self = Self { from: None, to: None, both: false, which: Which::Control };

    /// True if what `from` sends `to` is meant.
    pub fn cover(&self, from: ReplicaId, to: ReplicaId) -> bool {
        let fits = |sender: ReplicaId, receiver: ReplicaId| {
            self.from.is_none_or(|end| end == sender) && self.to.is_none_or(|end| end == receiver)
        };
        self.which != Which::Control && (fits(from, to) || self.both && fits(to, from))
    }
}
