//! What a text says of a database cluster: `database auth on r1.s1 r2.s1 r3.s1, lease 30s`.

use std::fmt;

use super::clients::{Comma, rate};
use super::cursor::{Cursor, Parsed};
use super::diagnostic::Place;
use super::validate::is_cluster_name;
use crate::clock::Micros;
use crate::plant::ServerAt;

/// A primary and its replicas. A cluster manager promotes one of them when the primary has not
/// shown for so long, in the consensus group, that it is healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseCluster {
    /// What it is called.
    pub name: String,
    /// The server of the primary, then those of its replicas, the synchronous one first.
    pub members: Vec<ServerAt>,
    /// For so long the manager believes that the primary is healthy after a write of the group was
    /// committed.
    pub lease: Micros,
    /// How long a promotion takes.
    pub promote: Micros,
    /// How long it takes to rebuild a member from the new primary.
    pub rebuild: Micros,
    /// True if a promotion rebuilds all other members, not only the one that was the primary.
    pub rebuilds_all: bool,
    /// How many reads come in a second, and how many each member serves; none, if nobody reads.
    pub reads: Option<[u32; 2]>,
}

impl DatabaseCluster {
    /// The most of them in a group.
    pub const MOST: usize = 4;
    /// The fewest and the most members.
    pub const MEMBERS: (usize, usize) = (2, 5);
    /// The shortest lease.
    pub const LEASE_MIN: Micros = Micros::from_secs(1);
}

/// The same, and where what can be wrong of it stands.
pub(super) struct DatabaseDraft {
    pub(super) of: DatabaseCluster,
    /// Of the name (0), the lease (1), the promotion (2), the rebuild (3), the rates (4, 5), and of
    /// the members from [`Self::MEMBERS`] on.
    pub(super) places: Vec<Place>,
}

impl DatabaseDraft {
    pub(super) const MEMBERS: usize = 6;

    /// `auth on r1.s1 r2.s1 r3.s1, lease 30s, promote 5s, rebuild all 20m, reads 400/s of 200/s`
    #[inline(never)]
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let named = |word: &str| is_cluster_name(word).then(|| word.to_owned());
        let (name, place) = cursor.take("database-name", named)?;
        let mut places = vec![place; Self::MEMBERS];
        cursor.demand("on")?;
        let mut members = Vec::new();
        while members.is_empty() || cursor.peek().is_some_and(|token| token.text != ",") {
            let (server, place) = cursor.take("server", super::action::server_named)?;
            members.push(server);
            places.push(place);
        }
        let mut comma = Comma(cursor);
        if !comma.and("lease")? {
            return Err(comma.0.expected("database-lease"));
        }
        let lease;
        (lease, places[1]) = comma.0.duration("lease")?;
        let (promote, rebuild) = (Micros::ZERO, Micros::ZERO);
        let rebuilds_all = false;
        let mut of =
            DatabaseCluster { name, members, lease, promote, rebuild, rebuilds_all, reads: None };
        if comma.and("promote")? {
            (of.promote, places[2]) = comma.0.duration("promotion")?;
        }
        if comma.and("rebuild")? {
            of.rebuilds_all = comma.0.skip("all");
            (of.rebuild, places[3]) = comma.0.duration("database-rebuild")?;
        }
        if comma.and("reads")? {
            let (come, place) = rate(comma.0)?;
            comma.0.demand("of")?;
            let (each, of_each) = rate(comma.0)?;
            (places[4], places[5]) = (place, of_each);
            of.reads = Some([come, each]);
        }
        comma.end("database").map(|()| Self { of, places })
    }
}

impl DatabaseCluster {
    /// As the scenario text writes it, after `database`, with what its servers are called.
    pub(super) fn fmt(
        &self,
        called: &dyn Fn(&dyn fmt::Display) -> String,
        formatter: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        write!(formatter, "database {} on", self.name)?;
        for member in &self.members {
            write!(formatter, " {}", called(member))?;
        }
        write!(formatter, ", lease {}", self.lease)?;
        if self.promote > Micros::ZERO {
            write!(formatter, ", promote {}", self.promote)?;
        }
        if self.rebuilds_all || self.rebuild > Micros::ZERO {
            let all = if self.rebuilds_all { "all " } else { "" };
            write!(formatter, ", rebuild {all}{}", self.rebuild)?;
        }
        if let Some([come, each]) = self.reads {
            write!(formatter, ", reads {come}/s of {each}/s")?;
        }
        writeln!(formatter)
    }
}
