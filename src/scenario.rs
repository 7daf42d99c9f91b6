//! A scenario: one short text that is a plant, a protocol, a seed and timed faults, and replays exactly.

#[doc(hidden)]
pub mod arbitrary;
mod action;
mod clients;
mod cursor;
mod database;
pub mod diagnostic;
mod disk;
pub mod edit;
pub mod expect;
#[cfg(feature = "production")]
pub mod format;
mod group;
mod leader;
pub mod library;
pub mod link;
mod names;
pub mod note;
mod power;
pub mod print;
pub mod repeat;
mod spelling;
pub mod text;
mod transport;
mod validate;

#[cfg(test)]
mod tests;

pub use self::clients::{Clients, Database, Order};
pub use self::database::DatabaseCluster;
pub use self::disk::Disk;
use self::expect::Expectation;
pub use self::group::{Group, true_time};
use self::note::Note;
use self::repeat::Repeat;
pub use self::transport::Transport;
use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::fault::Action;
use crate::plant::{PlantSpec, ServerAt};
use crate::protocol::Protocol;
use crate::protocol::catalogue::Family;

/// Everything a run depends on, and the words that go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What it is called; at most [`Bounds::TITLE`] bytes.
    pub title: String,
    /// Where it comes from, a sentence or an address.
    pub source: Option<String>,
    /// The size of the plant.
    pub plant: PlantSpec,
    /// What servers are called, where they have a name, in their order.
    pub server_names: Vec<(ServerAt, String)>,
    /// The consensus groups that stand on it, at least one; a server may have one replica of each.
    pub groups: Vec<Group>,
    /// Travel time over one lane.
    pub hop: Micros,
    /// The most that chance adds to a packet's whole way.
    pub jitter: Micros,
    /// What is done to the plant, in order of time: of what is at the same time first what
    /// [`Self::repeats`] stand for, then the rest in the order written.
    pub actions: Vec<(Micros, Action)>,
    /// Lines that stand for many of these actions, in order of their first time.
    pub repeats: Vec<Repeat>,
    /// Captions: those by time in its order, then the others in the order written.
    pub notes: Vec<Note>,
    /// How the author expects it to come out, in the order written. No part of the run.
    pub expectations: Vec<Expectation>,
    /// How long the run is.
    pub until: Micros,
}

/// What a stranger's text may ask for; each bound is named in the error that it causes.
pub struct Bounds;

impl Bounds {
    /// Bytes of a scenario text.
    pub const TEXT: usize = 65_536;
    /// Characters of a link, from the `#` on; every text within [`Self::TEXT`] fits.
    pub const LINK: usize = 131_072;
    /// Bytes of a title or a source.
    pub const TITLE: usize = 200;
    /// Bytes of a note.
    pub const NOTE: usize = 500;
    /// Notes.
    pub const NOTES: usize = 200;
    /// Notes with `when`: each is looked for in the whole record of a run.
    pub const NOTES_WHEN: usize = 40;
    /// `expect` statements.
    pub const EXPECTATIONS: usize = 40;
    /// Timed acts.
    pub const ACTS: usize = 1_000;
    /// Replicas, of all groups together.
    pub const REPLICAS: usize = 15;
    /// The length of a run.
    pub const UNTIL: Micros = Micros::from_secs(8 * 3_600);
    /// The shortest run.
    pub const UNTIL_MIN: Micros = Micros::from_millis(1);
    /// The shortest heartbeat and write interval.
    pub const INTERVAL_MIN: Micros = Micros::from_millis(1);
    /// The longest timeout, hop or jitter.
    pub const SPAN_MAX: Micros = Micros::from_secs(600);
    /// The shortest time after which a connection is given up: that of one retransmission.
    pub const CONNECTION_MIN: Micros = Micros::from_millis(200);
    /// The longest write of a disk.
    pub const LATENCY: Micros = Micros::from_secs(60);
    /// Writes in a run: every replica keeps them all in its log.
    pub const WRITES: u64 = 100_000;
    /// Reads in a run.
    pub const READS: u64 = 100_000;
    /// Generals, at least and at most: below three nobody can disagree, and ten under OM(3) send
    /// 3,609 messages for one order.
    pub const GENERALS: (usize, usize) = (3, 10);
    /// The most liars that generals can be set up for, the m of OM(m) and SM(m).
    pub const LIARS: usize = 3;
    /// How fast a clock may run, in percent of the true time.
    pub const CLOCK: (u8, u8) = (50, 200);
    /// Characters of a server's or a replica's name.
    pub const NAME: usize = 24;
    /// Characters of a cluster's name.
    pub const CLUSTER: usize = 32;
}

impl Scenario {
    /// The default travel time over one lane.
    pub const HOP: Micros = Micros(200);
    /// The default most that chance adds to a packet's way.
    pub const JITTER: Micros = Micros(100);

    /// The default patience of a client.
    pub const PATIENCE: Micros = Micros::from_secs(5);

    /// The group of a scenario that has one; else the first.
    #[inline(never)]
    pub fn group(&self) -> &Group {
        &self.groups[0]
    }

    /// The same, to change it.
    pub fn group_mut(&mut self) -> &mut Group {
        &mut self.groups[0]
    }

    /// The same with another group, where there is one.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Group)) -> Self {
        change(self.group_mut());
        self
    }

    /// The same without what tells of the run that its author saw: notes, expectations, and where
    /// it comes from.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.notes.clear();
        self.expectations.clear();
        self.source = None;
        self
    }

    /// The same plant, faults and seed under another protocol. How many liars it is set up for is
    /// no hindrance to one that survives none, nor how fast disks are to one that has none.
    ///
    /// # Errors
    /// What the scenario asks of the protocol that it does not have, or that this build has not.
    pub fn under(&self, protocol: Protocol) -> Result<Self, Fact> {
        let mut scenario = self.clone();
        let group = scenario.group_mut();
        group.tolerate = group.tolerate.filter(|_| protocol.family() == Family::Byzantine);
        if !protocol.waits_for_disks() {
            group.disk = Disk::AT_ONCE;
        }
        group.protocol = protocol;
        if !protocol.is_here() {
            return Err(fact!("not-in-this-build", protocol = protocol.name()));
        }
        match scenario.flaws().into_iter().next() {
            Some(flaw) => Err(flaw.fact),
            None => Ok(scenario),
        }
    }
}
