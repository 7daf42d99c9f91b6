//! What the latest fault did or did not change, as a fact of the room `aftermath`: see [`Aftermath`].

use super::Consequence;
use crate::aftermath::{Aftermath, Change, Clients};
use crate::check::Violation;
use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::fault::{ReplicaId, ReplicaSet};
use crate::history::{History, before};
use crate::outcome;
use crate::protocol::{Belief, Protocol, Role};
use crate::scenario::Scenario;
use crate::timeline::Timeline;

/// What came of the latest fault by `at`; `None` before the first, and until it is known.
pub(super) fn latest(timeline: &mut Timeline, at: Micros) -> Option<Consequence> {
    if timeline.scenario().group().protocol.is_generals() {
        // They have no leader to doubt and no writes to lose: their vectors tell.
        return None;
    }
    let aftermath = timeline.aftermath(at)?.clone();
    let (scenario, history) = (timeline.scenario(), timeline.history());
    let said = Told { aftermath: &aftermath, scenario, history, at }.fact();
    let Aftermath { fault, from, is_nothing, is_short, idle, .. } = aftermath;
    let nothing = is_nothing && !is_short || idle.is_some();
    let fault = scenario.actions[fault].1.to_string();
    Some(Consequence { at_us: from.0, fault, nothing, said })
}

/// What is to be told at one moment.
struct Told<'a> {
    aftermath: &'a Aftermath,
    scenario: &'a Scenario,
    history: &'a History,
    at: Micros,
}

impl Told<'_> {
    fn fact(&self) -> Fact {
        let Aftermath { from, idle, is_nothing, is_short, broken, .. } = self.aftermath;
        let reason = idle.map(|why| Fact::plain(why.name()));
        if *is_nothing && *is_short && idle.is_none() {
            let is_over = self.aftermath.to >= outcome::end(self.scenario, self.history);
            return if is_over { "unnoticed-to-the-end" } else { "unnoticed-until" }.into();
        }
        if *is_nothing {
            return self.as_before().also(reason);
        }
        // Whatever happens does not come of it.
        if idle.is_some() {
            return self.unless_elsewhere("nothing".into()).also(reason);
        }
        if let Some(one) = broken.as_ref().filter(|one| one.at <= self.at) {
            return broke(one, *from);
        }
        let mut facts = self.sentences().into_iter();
        match facts.next() {
            Some(first) => facts.fold(first, |all, fact| all.also(Some(fact))),
            None => "unnoticed".into(),
        }
    }

    /// What came of it, a sentence each.
    fn sentences(&self) -> Vec<Fact> {
        let Aftermath { paused, wiped, .. } = self.aftermath;
        let mut facts = self.touched();
        facts.extend(self.minds());
        let noticed: ReplicaSet = self.noticed().map(|change| change.who).collect();
        let touched = noticed.with(*paused).with(*wiped);
        let left_out =
            self.by_now(&self.aftermath.left_out, self.scenario.group().calm()).without(touched);
        if !left_out.is_empty() {
            facts.push(few("left-out", left_out, !facts.is_empty()));
        }
        let touched = touched.with(left_out);
        let long = self.scenario.group().longest_election_timeout();
        let behind = self.by_now(&self.aftermath.behind, long).without(touched);
        // Of a leader that nobody follows any more there is more to tell.
        let behind = behind.without(self.aftermath.leader.into_iter().collect());
        if !behind.is_empty() {
            facts.push(few("behind", behind, !facts.is_empty()));
        }
        facts.extend(self.rest_and_clients(touched.with(behind)));
        facts
    }

    /// Who stops, and who changes its mind.
    fn minds(&self) -> Vec<Fact> {
        let from = self.aftermath.from;
        let stops = |change: &&Change| change.after.is_none();
        let stopped = self.noticed().filter(stops).filter(|change| change.at == from);
        let stopped: ReplicaSet = stopped.map(|change| change.who).collect();
        let mut facts = Vec::new();
        if !stopped.is_empty() {
            facts.push(few("stopped-at-once", stopped, false));
        }
        let is_told = |change: &&Change| {
            let wiped = self.aftermath.wiped.contains(change.who) && change.at == from;
            wiped || stopped.contains(change.who)
        };
        let mut others = self.noticed().filter(|change| !is_told(change));
        if let Some(first) = others.next() {
            facts.push(first.fact(self.scenario.group().protocol, from));
        }
        let others: Vec<&Change> = others.collect();
        for (kind, are_stopped) in [("then-changed", false), ("then-stopped", true)] {
            let who = others.iter().filter(|change| stops(change) == are_stopped);
            let who: ReplicaSet = who.map(|change| change.who).collect();
            if !who.is_empty() {
                facts.push(few(kind, who, true));
            }
        }
        facts
    }

    /// "This changes nothing: every server still follows n3, and every write is served."
    fn as_before(&self) -> Fact {
        let protocol = self.scenario.group().protocol;
        let is_decided = self.history.commits.first().is_some_and(|at| *at <= self.aftermath.to);
        let leader = self.aftermath.leader;
        let so = if protocol.rotates() {
            "nobody-left-out".into()
        } else if protocol.decides_once() && is_decided {
            "decided".into()
        } else if let Some(leader) = leader.filter(|_| !protocol.decides_once()) {
            let kind = if self.aftermath.all_ran { "all-follow" } else { "running-follow" };
            Fact::plain(kind).with("leader", leader.to_string())
        } else {
            "as-believed".into()
        };
        let clients = self.aftermath.clients(self.scenario, self.history, self.aftermath.to);
        let kind = if clients.served > 0 { "same-and-served" } else { "same" };
        self.unless_elsewhere(Fact::plain(kind).with("so", so))
    }

    /// That nothing changes, or no replica notices, where something else may change: a database
    /// on the group, a pair of switches.
    fn unless_elsewhere(&self, said: Fact) -> Fact {
        let others = self.scenario.plant.mlag || !self.scenario.group().databases.is_empty();
        if others { said.with("others", "yes") } else { said }
    }

    /// What the fault itself does to replicas that run on.
    fn touched(&self) -> Vec<Fact> {
        let Aftermath { paused, wiped, .. } = *self.aftermath;
        let said = [("paused", paused), ("wiped", wiped)].into_iter();
        said.filter(|(_, who)| !who.is_empty()).map(|(kind, who)| few(kind, who, false)).collect()
    }

    fn noticed(&self) -> impl Iterator<Item = &Change> {
        self.aftermath.changes.iter().filter(|change| change.at <= self.at)
    }

    /// Those of a list of whom it is so for that long by now.
    fn by_now(&self, list: &[(Micros, ReplicaSet)], long: Micros) -> ReplicaSet {
        let known = list.iter().filter(|(since, _)| *since + long <= self.at);
        known.flat_map(|(_, who)| who.iter()).collect()
    }

    /// "n2 stays with n3, and every write so far is served.", without those of whom there is more to
    /// tell.
    fn rest_and_clients(&self, told: ReplicaSet) -> Option<Fact> {
        let (clients, are_served) = self.clients()?;
        if told.is_empty() && are_served {
            return None;
        }
        Some(match self.rest(told) {
            Some(rest) => {
                let kind = if are_served { "rest-and-clients" } else { "rest-but-clients" };
                Fact::plain(kind).with("rest", rest).with("clients", clients)
            }
            None => fact!("clients", clients = clients.with("first", "yes")),
        })
    }

    /// Those that have not changed their minds, unless it is nobody.
    fn rest(&self, told: ReplicaSet) -> Option<Fact> {
        let Aftermath { leader, all_ran, .. } = *self.aftermath;
        let protocol = self.scenario.group().protocol;
        if protocol.rotates() || protocol.decides_once() || !all_ran {
            return None;
        }
        let all: ReplicaSet = (0..).map(ReplicaId).take(self.history.beliefs.len()).collect();
        let rest = all.without(told);
        let with = |kind, leader: ReplicaId| Fact::plain(kind).with("leader", leader.to_string());
        if told.is_empty() {
            return Some(leader.map_or("unchanged".into(), |leader| with("all-follow", leader)));
        }
        let leader = leader.filter(|_| !rest.is_empty())?;
        let followers = rest.without([leader].into_iter().collect());
        Some(match followers.len() {
            0 if self.leads(leader) => with("leads", leader),
            0 => with("believes-to-lead", leader),
            1..=3 => with("stay", leader).with("who", followers.names()),
            _ => with("others-stay", leader),
        })
    }

    /// True if a majority follows it by now.
    fn leads(&self, leader: ReplicaId) -> bool {
        let led = before(&self.history.led, Micros(self.at.0 + 1)).flatten();
        led == Some(leader)
    }

    /// What became of writes, and whether that is well; `None` if nobody has anything to tell yet.
    fn clients(&self) -> Option<(Fact, bool)> {
        let Clients { served, unserved, waiting, stranded } =
            self.aftermath.clients(self.scenario, self.history, self.at);
        let waiting = waiting.filter(|wait| *wait > self.scenario.group().heartbeat);
        let told = match (served, unserved, waiting) {
            (_, 1.., _) => fact!("unserved", served, unserved, tried = served + unserved),
            (_, 0, Some(wait)) => fact!("waited", span = wait.0),
            (_, 0, None) if stranded > 0 => fact!("stranded", writes = stranded),
            (0, 0, None) => return None,
            (_, 0, None) if self.at < self.aftermath.to => {
                return Some(("served-so-far".into(), true));
            }
            (_, 0, None) => return Some(("served".into(), true)),
        };
        Some((told, false))
    }
}

/// "2.0 s later durability breaks: ...", of the first that broke.
fn broke(violation: &Violation, from: Micros) -> Fact {
    let Violation { property, at, detail } = violation;
    let fact = fact!("broke", later = later(at.since(from)));
    fact.with("property", property.name()).with("detail", detail.clone())
}

/// A sentence about "n1, n2 and n3", "5 replicas", or "5 others" where some are told of already.
fn few(kind: &'static str, who: ReplicaSet, others: bool) -> Fact {
    let few = if who.len() <= 3 {
        fact!("named", who = who.names())
    } else {
        Fact::plain(if others { "others" } else { "replicas" }).with("count", who.len())
    };
    Fact::plain(kind).with("who", few).with("count", who.len())
}

/// "1.4 s later"
fn later(after: Micros) -> Fact {
    if after.0 < 1_000 { "at-once".into() } else { fact!("after", span = after.0) }
}

impl Change {
    /// "1.4 s later n1 leaves n3 and asks for votes."
    fn fact(&self, protocol: Protocol, from: Micros) -> Fact {
        let changed = fact!("changed", later = later(self.at.since(from)));
        changed.with("who", self.who.to_string()).with("change", change(self, protocol))
    }
}

/// "leaves n3 and asks for votes", in the room `change`.
pub(super) fn change(of: &Change, protocol: Protocol) -> Fact {
    let Change { at: _, who, before, after } = of;
    let lost = before.and_then(|belief| belief.leader).filter(|leader| leader != who);
    let terms = protocol.terms();
    let change = match after {
        None => "stops".into(),
        Some(Belief { role: Role::Leader, .. }) => {
            fact!("leads", role = terms.leader)
        }
        Some(Belief { role: Role::Candidate | Role::PreCandidate, .. }) => {
            let tries = Fact::plain(if lost.is_some() { "tries-without" } else { "tries" });
            tries.with("epoch", terms.epoch)
        }
        Some(Belief { role: Role::Follower, leader: Some(leader), .. }) => {
            fact!("follows", whom = leader.to_string())
        }
        Some(Belief { role: Role::Follower, leader: None, .. }) => match lost {
            Some(_) => "lost".into(),
            None if before.is_some_and(|own| own.role == Role::Leader) => "steps-down".into(),
            None => "gives-up".into(),
        },
    };
    match lost {
        Some(leader) => change.with("leader", leader.to_string()),
        None => change,
    }
}
