//! A scenario: one short text that is a plant, a protocol, a seed and timed faults, and replays exactly.

#[doc(hidden)]
pub mod arbitrary;
mod act;
mod cursor;
pub mod diagnostic;
pub mod edit;
pub mod expect;
pub mod library;
pub mod link;
pub mod print;
mod spelling;
pub mod text;
mod validate;

#[cfg(test)]
mod tests;

use self::expect::Expectation;
use crate::clock::{Micros, Span};
use crate::fact::Fact;
use crate::fault::{Act, ReplicaId};
use crate::plant::{PlantSpec, ServerAt};
use crate::protocol::Protocol;
use crate::protocol::Reading;
use crate::protocol::catalogue::Family;
use crate::protocol::generals::withstands;

/// Everything a run depends on, and the words that go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What it is called; at most [`Bounds::TITLE`] bytes.
    pub title: String,
    /// Where it comes from, a sentence or an address.
    pub source: Option<String>,
    /// The size of the plant.
    pub plant: PlantSpec,
    /// The consensus group's name.
    pub cluster: String,
    /// What the group runs.
    pub protocol: Protocol,
    /// How many liars the group is set up for, where the text says so: f of n = 3f + 1, or the
    /// generals' m; else [`Protocol::tolerated`].
    pub tolerate: Option<u8>,
    /// The servers of replicas n1, n2, …; no server twice.
    pub members: Vec<ServerAt>,
    /// The leader's sign of life.
    pub heartbeat: Micros,
    /// The range of every replica's election timeout, unless overridden.
    pub election: Span,
    /// Replicas with a range of their own, in order, each once.
    pub election_of: Vec<(ReplicaId, Span)>,
    /// Travel time over one lane.
    pub hop: Micros,
    /// The most that chance adds to a packet's whole way.
    pub jitter: Micros,
    /// The number that fixes all chance.
    pub seed: u32,
    /// How often a client tries a write, if one does.
    pub write_every: Option<Micros>,
    /// How long a client waits for a write, if the text says so: see [`Scenario::patience`].
    pub patience: Option<Micros>,
    /// How often a client asks for a read, if one does, and how it is answered.
    pub read: Option<(Micros, Reading)>,
    /// What is done to the plant, in order of time; ties in the order written.
    pub acts: Vec<(Micros, Act)>,
    /// Captions, in order of time.
    pub notes: Vec<(Micros, String)>,
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
    /// `expect` statements.
    pub const EXPECTATIONS: usize = 40;
    /// Timed acts.
    pub const ACTS: usize = 1_000;
    /// Replicas.
    pub const REPLICAS: usize = 15;
    /// The length of a run.
    pub const UNTIL: Micros = Micros::from_secs(3_600);
    /// The shortest run.
    pub const UNTIL_MIN: Micros = Micros::from_millis(1);
    /// The shortest heartbeat and write interval.
    pub const INTERVAL_MIN: Micros = Micros::from_millis(1);
    /// The longest timeout, hop or jitter.
    pub const SPAN_MAX: Micros = Micros::from_secs(600);
    /// Writes in a run: every replica keeps them all in its log.
    pub const WRITES: u64 = 100_000;
    /// Reads in a run.
    pub const READS: u64 = 100_000;
    /// Generals, at least and at most: below three nobody can disagree, and ten under OM(3) send
    /// 3,609 messages for one order.
    pub const GENERALS: (usize, usize) = (3, 10);
    /// The most liars that generals can be set up for, the m of OM(m) and SM(m).
    pub const LIARS: usize = 3;
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

    /// How many liars the group is set up for.
    pub fn tolerated(&self) -> u8 {
        let replicas = u8::try_from(self.members.len()).expect("bounded by Bounds::REPLICAS");
        self.tolerate.unwrap_or_else(|| self.protocol.tolerated(replicas))
    }

    /// How many liars the group really stands: fewer than it is set up for, if it is an army of
    /// generals too small for oral messages.
    pub fn withstands(&self) -> u8 {
        let replicas = u8::try_from(self.members.len()).expect("bounded by Bounds::REPLICAS");
        let tolerated = self.tolerated();
        let mode = self.protocol.generals();
        mode.map_or(tolerated, |mode| withstands(mode, replicas, tolerated))
    }

    /// How long a client waits for a write to be committed before it is no longer served by it.
    pub fn patience(&self) -> Micros {
        self.patience.unwrap_or(Self::PATIENCE)
    }

    /// Five of the longest election timeouts: after so much calm, trouble is over.
    pub fn calm(&self) -> Micros {
        Micros(5 * self.longest_election_timeout().0)
    }

    /// The same plant, faults and seed under another protocol. How many liars it is set up for is
    /// no hindrance to one that survives none.
    ///
    /// # Errors
    /// What the scenario asks of the protocol that it does not have, or that this build has not.
    pub fn under(&self, protocol: Protocol) -> Result<Self, Fact> {
        let tolerate = self.tolerate.filter(|_| protocol.family() == Family::Byzantine);
        let scenario = Self { protocol, tolerate, ..self.clone() };
        if !protocol.is_here() {
            return Err(Fact::plain("not-in-this-build").with("protocol", protocol.name()));
        }
        match scenario.flaws().into_iter().next() {
            Some(flaw) => Err(flaw.fact),
            None => Ok(scenario),
        }
    }

    /// The longest election timeout of any replica, the yardstick of a run.
    pub fn longest_election_timeout(&self) -> Micros {
        let own = self.election_of.iter().map(|(_, span)| *span.end());
        own.fold(*self.election.end(), Micros::max)
    }

    /// The shortest election timeout of any replica.
    pub fn shortest_election_timeout(&self) -> Micros {
        let own = self.election_of.iter().map(|(_, span)| *span.start());
        own.fold(*self.election.start(), Micros::min)
    }

    /// The election timeout range of a replica.
    pub fn election_of(&self, replica: ReplicaId) -> &Span {
        let own = self.election_of.iter().find(|(other, _)| *other == replica);
        own.map_or(&self.election, |(_, span)| span)
    }
}
