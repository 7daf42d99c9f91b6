//! What happened in a run, in order: the record that the belief strip and the outcome are read
//! from.
//!
//! Only ever appended to while a run goes on. A fork cuts it back to a [`Mark`].

use crate::check::Violation;
use crate::clock::Micros;
use crate::fault::ReplicaId;
use crate::meter::Exhausted;
use crate::plant::{PartId, ServerAt};
use crate::protocol::log::Index;
use crate::protocol::{Belief, Command, Epoch};
use crate::service::Failure;
use crate::service::database::Record;

/// The most violations that are kept; a broken protocol breaks again and again.
pub const VIOLATIONS_MAX: usize = 20;

/// A replica became leader in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Election {
    /// When.
    pub at: Micros,
    /// Who.
    pub leader: ReplicaId,
    /// In which epoch.
    pub epoch: Epoch,
}

/// A write that a client tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    /// When it was tried.
    pub at: Micros,
    /// When it was committed, if it was.
    pub committed: Option<Micros>,
}

/// A read that a client asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// When it was asked.
    pub at: Micros,
    /// When it was answered, if it was, and up to which index the client saw the log.
    pub answered: Option<(Micros, Index)>,
    /// True if it missed a write that was known committed when it was asked.
    pub stale: bool,
}

/// A replica that ran and did not get what was committed: see [`crate::history::History::lags`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Which.
    pub replica: ReplicaId,
    /// Since when.
    pub from: Micros,
    /// Until when.
    pub to: Micros,
}

/// The record of a run.
#[derive(Clone, Debug)]
pub struct History {
    /// By replica: every belief it came to; `None` while its process does not run.
    pub beliefs: Vec<Vec<(Micros, Option<Belief>)>>,
    /// New leaderships.
    pub elections: Vec<Election>,
    /// The leader that a majority follows, from then on.
    pub led: Vec<(Micros, Option<ReplicaId>)>,
    /// Whether beliefs are parted, from then on.
    pub parted: Vec<(Micros, bool)>,
    /// The newest epoch, from then on.
    pub epochs: Vec<(Micros, Epoch)>,
    /// Writes; write number k is at k - 1. Where clients come at a rate, their requests, committed
    /// when one was answered in time.
    pub writes: Vec<Write>,
    /// Requests of clients who come at a rate that failed: when, which, and why.
    pub failures: Vec<(Micros, u32, Failure)>,
    /// Reads; read number k is at k - 1.
    pub reads: Vec<Read>,
    /// When a client's write was committed, in order.
    pub commits: Vec<Micros>,
    /// Who did not get for long what was committed, once that was over.
    pub lags: Vec<Lag>,
    /// By replica, since when it does not get it.
    pub behind: Vec<Option<Micros>>,
    /// Disks that were rebuilt, and when.
    pub rebuilt: Vec<(Micros, PartId)>,
    /// Which servers of databases stopped (false) and ran again (true), and when, in order.
    pub servers: Vec<(Micros, ServerAt, bool)>,
    /// What tripped under an overload, and when, in order.
    pub trips: Vec<(Micros, PartId)>,
    /// Safety properties that broke; the first few.
    pub violations: Vec<Violation>,
    /// If the run has come to a bound before its end, to which and when: nothing after is known.
    pub exhausted: Option<Exhausted>,
}

/// A length of every list, to cut back to.
#[derive(Clone, Debug)]
pub struct Mark {
    at: Micros,
    beliefs: Vec<usize>,
    lengths: [usize; 9],
    reads: usize,
    failures: usize,
    servers: usize,
    lags: usize,
    behind: Vec<Option<Micros>>,
}

impl History {
    /// Nothing has happened; before the first event beliefs are parted and nobody leads.
    pub fn new(replicas: usize) -> Self {
        Self {
            beliefs: vec![Vec::new(); replicas],
            elections: Vec::new(),
            led: vec![(Micros::ZERO, None)],
            parted: vec![(Micros::ZERO, true)],
            epochs: vec![(Micros::ZERO, 0)],
            writes: Vec::new(),
            reads: Vec::new(),
            commits: Vec::new(),
            failures: Vec::new(),
            lags: Vec::new(),
            behind: vec![None; replicas],
            rebuilt: Vec::new(),
            servers: Vec::new(),
            trips: Vec::new(),
            violations: Vec::new(),
            exhausted: None,
        }
    }

    /// What database clusters are told from.
    pub fn of_databases(&self) -> Record<'_> {
        Record { commits: &self.commits, servers: &self.servers }
    }

    /// Takes in that a client's write was committed.
    pub fn commit(&mut self, command: Command, at: Micros) {
        let write = &mut self.writes[command as usize - 1];
        // A write that was tried again may be committed twice; the first time counts.
        if write.committed.is_none() {
            write.committed = Some(at);
            self.commits.push(at);
        }
    }

    /// Takes in that a read was answered.
    pub fn answer(&mut self, read: u32, answered: (Micros, Index), stale: bool) {
        let of = &mut self.reads[read as usize - 1];
        (of.answered, of.stale) = (Some(answered), stale);
    }

    /// Who lags still, as if it were over by `end`.
    pub fn lagging(&self, end: Micros) -> impl Iterator<Item = Lag> {
        let replicas = (0..).map(ReplicaId).zip(&self.behind);
        replicas.filter_map(move |(replica, from)| Some(Lag { replica, from: (*from)?, to: end }))
    }

    /// Takes in violations, up to a bound.
    pub fn violate(&mut self, violations: &[Violation]) {
        let room = VIOLATIONS_MAX - self.violations.len();
        self.violations.extend(violations.iter().take(room).cloned());
    }

    /// Where the record stands at `at`, the time of the last event.
    pub fn mark(&self, at: Micros) -> Mark {
        Mark {
            at,
            beliefs: self.beliefs.iter().map(Vec::len).collect(),
            lengths: [
                self.elections.len(),
                self.led.len(),
                self.parted.len(),
                self.epochs.len(),
                self.writes.len(),
                self.commits.len(),
                self.violations.len(),
                self.rebuilt.len(),
                self.trips.len(),
            ],
            reads: self.reads.len(),
            failures: self.failures.len(),
            servers: self.servers.len(),
            lags: self.lags.len(),
            behind: self.behind.clone(),
        }
    }

    /// Forgets everything since `mark`.
    pub fn cut(&mut self, mark: &Mark) {
        for (beliefs, &length) in self.beliefs.iter_mut().zip(&mark.beliefs) {
            beliefs.truncate(length);
        }
        let [elections, led, parted, epochs, writes, commits, violations, rebuilt, trips] =
            mark.lengths;
        self.elections.truncate(elections);
        self.led.truncate(led);
        self.parted.truncate(parted);
        self.epochs.truncate(epochs);
        self.writes.truncate(writes);
        self.commits.truncate(commits);
        self.violations.truncate(violations);
        self.rebuilt.truncate(rebuilt);
        self.trips.truncate(trips);
        // More may have been committed at the mark's own time, after it.
        let mut then = self.commits.iter().rev().take_while(|at| **at == mark.at).count();
        for write in &mut self.writes {
            let is_tied = write.committed == Some(mark.at);
            let is_known = !is_tied || then > 0;
            then -= usize::from(is_tied && is_known);
            write.committed = write.committed.filter(|&committed| committed <= mark.at && is_known);
        }
        self.exhausted = None;
        self.failures.truncate(mark.failures);
        self.servers.truncate(mark.servers);
        self.lags.truncate(mark.lags);
        self.behind.clone_from(&mark.behind);
        self.cut_reads(mark);
    }

    fn cut_reads(&mut self, mark: &Mark) {
        self.reads.truncate(mark.reads);
        for read in &mut self.reads {
            read.answered = read.answered.filter(|(at, _)| *at <= mark.at);
            read.stale &= read.answered.is_some();
        }
    }
}

/// The value that holds just before `at`, in a list of (from then on, value).
pub fn before<T: Copy>(list: &[(Micros, T)], at: Micros) -> Option<T> {
    let later = list.partition_point(|(from, _)| *from < at);
    later.checked_sub(1).map(|last| list[last].1)
}
