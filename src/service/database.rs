//! Database clusters: who is the primary, who is rebuilt, and who serves reads, told from when the
//! group committed writes and from which servers ran. It takes no part in a run.
//!
//! The model is the one of Cloudflare's outage of 2 November 2020: a cluster manager keeps in a
//! consensus group that a cluster has a healthy primary. While the group commits nothing it cannot,
//! and promotes a replica though nothing is wrong with the primary. Replicas are then rebuilt, and
//! whoever is being rebuilt serves no reads.

use serde::Serialize;

use crate::clock::Micros;
use crate::plant::ServerAt;
use crate::scenario::DatabaseCluster;

/// What of a run database clusters are told from.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// When the group committed a write, in order.
    pub commits: &'a [Micros],
    /// Which servers stopped (false) and ran again (true), and when, in order.
    pub servers: &'a [(Micros, ServerAt, bool)],
}

/// A replica was made the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Promotion {
    /// When the lease of the old primary was over.
    pub lapsed_us: u64,
    /// When the new one began.
    pub at_us: u64,
    /// The old primary, by its number among the members.
    pub from: u8,
    /// The new one.
    pub to: u8,
}

/// Why members serve no reads that would be asked for, in the order in which a read that nobody
/// serves is told of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum Shortfall {
    /// All members together serve less than comes.
    Load,
    /// A member whose server runs is rebuilt from the new primary, or waits for that.
    Rebuild,
    /// The old primary is shut out, and nobody has taken over yet.
    Promotion,
    /// A member's server does not run.
    Server,
}

impl Shortfall {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Load, Self::Rebuild, Self::Promotion, Self::Server];

    /// For scripts and the catalogue of words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Rebuild => "rebuild",
            Self::Promotion => "promotion",
            Self::Server => "server",
        }
    }
}

/// How many members there are of each kind, from then on. Who is of none of them serves reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Standing {
    /// Since when.
    pub from_us: u64,
    /// The primary, by its number among the members; `null` while there is none.
    pub primary: Option<u8>,
    /// Members that serve reads, the primary too.
    pub serving: u8,
    /// Members whose server runs and that are rebuilt, or wait for that.
    pub rebuilding: u8,
    /// Which those are: a bit by the number of the member.
    pub copying: u8,
    /// 1 while the old primary is shut out and nobody has taken over.
    pub fenced: u8,
    /// Which that is, bit by bit.
    pub shut_out: u8,
    /// Members whose server does not run, whatever else they are.
    pub down: u8,
    /// Which those are, bit by bit.
    pub stopped: u8,
}

/// What became of a database cluster.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// In order.
    pub promotions: Vec<Promotion>,
    /// How it stands, from then on; the first from time zero.
    pub standings: Vec<Standing>,
}

/// How a member stands, while its server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    /// It has what the primary has.
    InStep,
    /// It was the primary, until the lease was over.
    Fenced,
    /// It is rebuilt until then; never, while its server or the primary's does not run.
    Rebuilt(Micros),
}

struct Cluster<'a> {
    of: &'a DatabaseCluster,
    runs: Vec<bool>,
    members: Vec<Member>,
    primary: usize,
    lease_until: Micros,
    /// Since when a promotion is under way.
    promoting: Option<Micros>,
    course: Course,
}

impl Course {
    /// Of a run as far as it is known, up to `end`.
    #[inline(never)]
    pub fn of(of: &DatabaseCluster, record: Record<'_>, end: Micros) -> Self {
        let count = of.members.len();
        let mut cluster = Cluster {
            of,
            runs: vec![true; count],
            members: vec![Member::InStep; count],
            primary: 0,
            lease_until: of.lease,
            promoting: None,
            course: Self::default(),
        };
        let changes = record.servers.iter().filter_map(|&(at, server, runs)| {
            Some((at, of.members.iter().position(|member| *member == server)?, runs))
        });
        let mut changes = changes.peekable();
        let mut commits = record.commits.iter().copied().peekable();
        let mut now = Micros::ZERO;
        while now <= end {
            while let Some((_, number, runs)) = changes.next_if(|(at, ..)| *at <= now) {
                cluster.follow_server(number, runs, now);
            }
            cluster.end_rebuilds(now);
            while commits.next_if(|at| *at <= now).is_some() {
                cluster.renew(now);
            }
            cluster.end_promotion(now);
            cluster.end_lease(now);
            cluster.note(now);
            let next = [commits.peek().copied(), changes.peek().map(|(at, ..)| *at)];
            let next = next.into_iter().flatten().chain(cluster.next(now));
            now = next.fold(Micros::NEVER, Micros::min);
        }
        cluster.course
    }
}

impl Cluster<'_> {
    fn is_in_step(&self, number: usize) -> bool {
        self.runs[number] && self.members[number] == Member::InStep
    }

    /// Whom a promotion makes the primary: the first member that has all the primary had.
    fn candidate(&self) -> Option<usize> {
        (0..self.members.len()).find(|&number| number != self.primary && self.is_in_step(number))
    }

    fn follow_server(&mut self, number: usize, runs: bool, now: Micros) {
        self.runs[number] = runs;
        if number == self.primary {
            (0..self.members.len()).for_each(|copy| self.begin_anew(copy, now));
        } else {
            self.begin_anew(number, now);
        }
    }

    /// Begins the rebuild of a member anew, if it is rebuilt: it needs its server and the
    /// primary's.
    fn begin_anew(&mut self, number: usize, now: Micros) {
        if let Member::Rebuilt(until) = &mut self.members[number] {
            let is_copied = self.runs[number] && self.runs[self.primary];
            *until = if is_copied { now + self.of.rebuild } else { Micros::NEVER };
        }
    }

    fn end_rebuilds(&mut self, now: Micros) {
        for member in &mut self.members {
            if matches!(member, Member::Rebuilt(until) if *until <= now) {
                *member = Member::InStep;
            }
        }
    }

    /// The group has committed a write: the manager knows that the primary is healthy, if it is.
    fn renew(&mut self, now: Micros) {
        if self.promoting.is_none() && self.is_in_step(self.primary) {
            self.lease_until = now + self.of.lease;
        }
    }

    fn end_promotion(&mut self, now: Micros) {
        let Some(lapsed) = self.promoting.filter(|since| *since + self.of.promote <= now) else {
            return;
        };
        let Some(to) = self.candidate() else { return };
        let from = std::mem::replace(&mut self.primary, to);
        self.course.promotions.push(Promotion {
            lapsed_us: lapsed.0,
            at_us: now.0,
            from: short(from),
            to: short(to),
        });
        (self.promoting, self.lease_until) = (None, now + self.of.lease);
        for number in 0..self.members.len() {
            // Who waits for a rebuild already begins anew: it is one from the new primary.
            let waits = Member::Rebuilt(Micros::NEVER);
            let is_rebuilt = number == from || self.of.rebuilds_all;
            if number != to && (is_rebuilt || self.members[number] == waits) {
                self.members[number] = waits;
                self.begin_anew(number, now);
            }
        }
        self.end_rebuilds(now);
    }

    /// Without anybody to take over, the primary goes on.
    fn end_lease(&mut self, now: Micros) {
        if self.promoting.is_none() && self.lease_until <= now && self.candidate().is_some() {
            self.promoting = Some(now);
            self.members[self.primary] = Member::Fenced;
            self.end_promotion(now);
        }
    }

    /// When something happens that only time brings.
    fn next(&self, now: Micros) -> impl Iterator<Item = Micros> {
        let rebuilds = self.members.iter().filter_map(|member| match member {
            Member::Rebuilt(until) => Some(*until),
            Member::InStep | Member::Fenced => None,
        });
        let promoted = self.promoting.map(|since| since + self.of.promote);
        let lapse = self.promoting.is_none().then_some(self.lease_until);
        rebuilds.chain(promoted).chain(lapse).filter(move |at| *at > now)
    }

    fn note(&mut self, now: Micros) {
        let mut one = Standing {
            from_us: now.0,
            primary: None,
            serving: 0,
            rebuilding: 0,
            copying: 0,
            fenced: 0,
            shut_out: 0,
            down: 0,
            stopped: 0,
        };
        for (number, (member, runs)) in self.members.iter().zip(&self.runs).enumerate() {
            let mut none = 0;
            let (count, which) = match (runs, member) {
                (false, _) => (&mut one.down, &mut one.stopped),
                (true, Member::Rebuilt(_)) => (&mut one.rebuilding, &mut one.copying),
                (true, Member::Fenced) => (&mut one.fenced, &mut one.shut_out),
                (true, Member::InStep) => (&mut one.serving, &mut none),
            };
            *count += 1;
            *which |= 1 << number;
        }
        let has_primary = self.promoting.is_none() && self.runs[self.primary];
        one.primary = has_primary.then(|| short(self.primary));
        let same = |last: &Standing| *last == Standing { from_us: last.from_us, ..one };
        if !self.course.standings.last().is_some_and(same) {
            self.course.standings.push(one);
        }
    }
}

/// The number of a member.
fn short(number: usize) -> u8 {
    u8::try_from(number).expect("bounded by DatabaseCluster::MEMBERS")
}

#[cfg(test)]
mod tests;
