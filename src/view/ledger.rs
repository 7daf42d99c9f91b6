//! The ledger: what happened in a run, each event by its name, in order of time.
//!
//! It is read from the record of a run that is played once more, a little at a time, as the
//! [`crate::diagram`] is. A message is no event of its own here: the diagram has those.

mod seen;

use std::sync::Arc;

use serde::Serialize;

use self::seen::Seen;
use super::consequence::change;
use super::strip::value_fact;
use crate::aftermath::Change;
use crate::clock::Micros;
use crate::fact::{Fact, counts, fact};
use crate::fault::ReplicaId;
use crate::history::{History, VIOLATIONS_MAX};
use crate::protocol::{Belief, Role};
use crate::run::Run;
use crate::scenario::Scenario;
use crate::service::database::Course;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LedgerEntry {
    /// When.
    pub at_us: u64,
    /// To which replica, by its number; `null` if to none or to all.
    pub who: Option<u8>,
    /// What, in the room `ledger`: its kind is the name of the event.
    pub said: Fact,
}

/// The ledger of one group of a run, as it is being read.
#[derive(Clone, Debug)]
pub struct Ledger {
    run: Run,
    histories: Vec<History>,
    seen: Seen,
    group: usize,
    until: Micros,
    is_done: bool,
}

impl Ledger {
    /// Nothing is played yet. `until`: up to when the run is known.
    pub fn new(scenario: Arc<Scenario>, group: u8, until: Micros) -> Self {
        let until = until.min(scenario.until);
        let (run, histories) = Run::new(scenario);
        let seen = Seen::of(run.world().group(group.into()));
        Self { run, histories, seen, group: group.into(), until, is_done: false }
    }

    /// Plays on by about that much work; true if all is there.
    pub fn advance(&mut self, work: u64) -> bool {
        let enough = self.run.world().work().saturating_add(work);
        while !self.is_done && self.run.world().work() < enough {
            match self.run.step_by(self.until, &mut self.histories) {
                Some(event) if usize::from(event.group) == self.group => {
                    let group = self.run.world().group(self.group);
                    self.seen.take(event.kind, group, &self.histories[self.group]);
                }
                Some(_) => {}
                None => self.is_done = true,
            }
        }
        self.is_done
    }

    /// Up to when it is known.
    pub fn known(&self) -> Micros {
        if self.is_done { self.until } else { self.run.world().now() }
    }

    /// What happened, as far as it is known, in order of time.
    pub fn entries(&self) -> Vec<LedgerEntry> {
        let scenario = self.run.world().scenario().alone(self.group);
        let mut known = Known {
            scenario: &scenario,
            history: &self.histories[self.group],
            seen: &self.seen,
            until: self.known(),
            entries: Vec::new(),
        };
        known.seen();
        known.beliefs();
        known.leadership();
        known.clients();
        known.lags();
        known.databases();
        known.ends();
        let mut entries = known.entries;
        // What comes at one time stays in the order above: a cause before what came of it.
        entries.sort_by_key(|entry| entry.at_us);
        entries
    }
}

/// What is read, and what has been read from it.
struct Known<'a> {
    scenario: &'a Scenario,
    history: &'a History,
    seen: &'a Seen,
    until: Micros,
    entries: Vec<LedgerEntry>,
}

impl Known<'_> {
    fn add(&mut self, at: Micros, who: Option<ReplicaId>, said: Fact) {
        if at <= self.until {
            let who = who.map(|id| id.0);
            self.entries.push(LedgerEntry { at_us: at.0, who, said });
        }
    }

    /// What was done, what the plant did of its own, and what came of that for processes.
    fn seen(&mut self) {
        for (at, who, said) in &self.seen.told {
            self.add(*at, *who, said.clone());
        }
    }

    /// What each replica came to believe. What it begins with is no event.
    fn beliefs(&mut self) {
        let protocol = self.scenario.group().protocol;
        for (who, beliefs) in (0..).map(ReplicaId).zip(&self.history.beliefs) {
            let mut before: Option<Option<Belief>> = None;
            for (number, &(at, after)) in beliefs.iter().enumerate() {
                let Some(before) = before.replace(after) else { continue };
                // Whose disk was wiped has believed nothing before.
                let before = before.filter(|_| !self.seen.starts.contains(&(who, number)));
                let change = Change { at, who, before, after };
                if protocol.is_generals() || protocol.decides_once() {
                    self.value(&change);
                }
                if !protocol.is_generals() {
                    self.mind(&change);
                }
            }
        }
    }

    /// The one value, or the order, that a replica came to believe in.
    fn value(&mut self, of: &Change) {
        let value = |one: Option<Belief>| one.and_then(|own| own.value);
        if let Some(now) = value(of.after).filter(|_| value(of.before) != value(of.after)) {
            let value = value_fact(self.scenario.group().protocol, now);
            let fact = fact!("holds", who = of.who.to_string()).with("value", value);
            self.add(of.at, Some(of.who), fact);
        }
    }

    /// Whom a replica came to follow, or what it tries; or else that it heard of a newer epoch.
    /// That it stopped or started is told already.
    fn mind(&mut self, of: &Change) {
        let protocol = self.scenario.group().protocol;
        let mind = |own: Belief| (own.role, own.leader);
        let Some(after) = of.after else { return };
        let is_same = of.before.is_some_and(|before| mind(before) == mind(after));
        let place = protocol.place(after.epoch);
        let fact = match of.before {
            Some(before) if is_same && before.epoch == after.epoch => return,
            // A candidate that tries anew is one that tries.
            Some(_) if is_same && !tries(after) => fact!("enters", place),
            None if after.role == Role::Follower && after.leader.is_none() => return,
            Some(_) | None => fact!("changed", place).with("change", change(of, protocol)),
        };
        self.add(of.at, Some(of.who), fact.with("who", of.who.to_string()));
    }

    /// Whom a majority follows, and whether beliefs are parted.
    fn leadership(&mut self) {
        // At time zero nobody has led yet.
        for (at, led) in self.history.led.iter().skip(1) {
            let fact = match led {
                Some(leader) => fact!("leads", who = leader.to_string()),
                None => "nobody-leads".into(),
            };
            self.add(*at, *led, fact);
        }
        for (at, is_parted) in self.history.parted.iter().skip(1) {
            self.add(*at, None, if *is_parted { "parted" } else { "agreed" }.into());
        }
    }

    /// What clients tried, and what became of it.
    fn clients(&mut self) {
        for (number, write) in (1_u64..).zip(&self.history.writes) {
            self.add(write.at, None, counts!("tried", number));
            if let Some(at) = write.committed {
                self.add(at, None, counts!("committed", number, waited = at.since(write.at).0));
            }
        }
        for (number, read) in (1_u64..).zip(&self.history.reads) {
            self.add(read.at, None, counts!("asked", number));
            if let Some((at, index)) = read.answered {
                let fact = counts!("answered", number, waited = at.since(read.at).0, index);
                self.add(at, None, fact.with("stale", read.stale));
            }
        }
        for (at, request, why) in &self.history.failures {
            let fact = counts!("failed", number = *request + 1);
            self.add(*at, None, fact.with("why", why.name()));
        }
    }

    /// Who did not get what was committed, and for how long.
    fn lags(&mut self) {
        let long = self.scenario.group().longest_election_timeout();
        let history = self.history;
        let lags = history.lags.iter().copied().chain(history.lagging(self.until));
        for lag in lags.filter(|lag| lag.to.since(lag.from) >= long) {
            let name = lag.replica.to_string();
            self.add(lag.from, Some(lag.replica), fact!("behind", who = name.clone()));
            if lag.to < self.until {
                self.add(lag.to, Some(lag.replica), fact!("caught-up", who = name));
            }
        }
    }

    fn databases(&mut self) {
        let record = self.history.of_databases();
        for of in &self.scenario.group().databases {
            let server = |place: u8| of.members[usize::from(place)].to_string();
            let mut found = Vec::new();
            for one in Course::of(of, record, self.until).promotions {
                let (name, from, to) = (of.name.clone(), server(one.from), server(one.to));
                found.push((one.lapsed_us, fact!("shut-out", name = name.clone(), server = from)));
                found.push((one.at_us, fact!("promoted", name, server = to)));
            }
            for (at, said) in found {
                self.add(Micros(at), None, said);
            }
        }
    }

    /// What broke, and whether the run ended before its end.
    fn ends(&mut self) {
        for broken in &self.history.violations {
            let fact = fact!("broke", property = broken.property.name());
            self.add(broken.at, None, fact.with("detail", broken.detail.clone()));
        }
        if let Some(last) = self.history.violations.get(VIOLATIONS_MAX - 1) {
            self.add(last.at, None, counts!("no-more", kept = VIOLATIONS_MAX));
        }
        if let Some(exhausted) = &self.history.exhausted {
            self.add(exhausted.at, None, fact!("exhausted", why = exhausted.fact()));
        }
    }
}

const fn tries(belief: Belief) -> bool {
    matches!(belief.role, Role::Candidate | Role::PreCandidate)
}
