//! What the latest fault did or did not change, in words: see [`Aftermath`].

use super::Consequence;
use crate::aftermath::{Aftermath, Change, Clients, Idle};
use crate::check::Violation;
use crate::clock::Micros;
use crate::fault::{ReplicaId, ReplicaSet};
use crate::history::{History, before};
use crate::outcome;
use crate::protocol::{Belief, Protocol, Role};
use crate::scenario::Scenario;
use crate::timeline::Timeline;

/// What came of the latest fault by `at`; `None` before the first, and until it is known.
pub(super) fn latest(timeline: &mut Timeline, at: Micros) -> Option<Consequence> {
    if timeline.scenario().protocol.is_generals() {
        // They have no leader to doubt and no writes to lose: their vectors tell.
        return None;
    }
    let aftermath = timeline.aftermath(at)?.clone();
    let (scenario, history) = (timeline.scenario(), timeline.history());
    let text = Told { aftermath: &aftermath, scenario, history, at }.words();
    let Aftermath { fault, from, is_nothing, is_short, idle, .. } = aftermath;
    let nothing = is_nothing && !is_short || idle.is_some();
    let fault = scenario.acts[fault].1.to_string();
    Some(Consequence { at_us: from.0, fault, nothing, text })
}

/// What is to be told at one moment.
struct Told<'a> {
    aftermath: &'a Aftermath,
    scenario: &'a Scenario,
    history: &'a History,
    at: Micros,
}

impl Told<'_> {
    fn words(&self) -> String {
        let Aftermath { from, idle, is_nothing, is_short, broken, paused, wiped, .. } =
            self.aftermath;
        let reason = idle.map_or(String::new(), |why| format!(" {}", reason(why)));
        if *is_nothing && *is_short && idle.is_none() {
            let end = if self.aftermath.to < outcome::end(self.scenario, self.history) {
                "anything else was done"
            } else {
                "the run ended"
            };
            return format!("Nobody noticed before {end}.");
        }
        if *is_nothing {
            return format!("This changes nothing: {}.{reason}", self.as_before());
        }
        // Whatever happens does not come of it.
        if idle.is_some() {
            return format!("This changes nothing.{reason}");
        }
        if let Some(one) = broken.as_ref().filter(|one| one.at <= self.at) {
            return broke(one, *from);
        }
        let mut sentences: Vec<String> = self.touched();
        sentences.extend(self.minds());
        let noticed: ReplicaSet = self.noticed().map(|change| change.who).collect();
        let touched = noticed.with(*paused).with(*wiped);
        let left_out = self.by_now(&self.aftermath.left_out, self.scenario.calm()).without(touched);
        if !left_out.is_empty() {
            let are = if left_out.len() == 1 { "is" } else { "are" };
            sentences.push(format!("{} {are} left out.", few(left_out, !sentences.is_empty())));
        }
        let touched = touched.with(left_out);
        let long = self.scenario.longest_election_timeout();
        let behind = self.by_now(&self.aftermath.behind, long).without(touched);
        // Of a leader that nobody follows any more there is more to tell.
        let behind = behind.without(self.aftermath.leader.into_iter().collect());
        if !behind.is_empty() {
            let fall = if behind.len() == 1 { "falls" } else { "fall" };
            sentences.push(format!("{} {fall} behind.", few(behind, !sentences.is_empty())));
        }
        sentences.extend(self.rest_and_clients(touched.with(behind)));
        if sentences.is_empty() {
            sentences.push("So far nobody has noticed.".to_owned());
        }
        sentences.join(" ")
    }

    /// Who stops, and who changes its mind.
    fn minds(&self) -> Vec<String> {
        let from = self.aftermath.from;
        let stops = |change: &&Change| change.after.is_none();
        let stopped = self.noticed().filter(stops).filter(|change| change.at == from);
        let stopped: ReplicaSet = stopped.map(|change| change.who).collect();
        let mut sentences = Vec::new();
        if !stopped.is_empty() {
            let stop = if stopped.len() == 1 { "stops" } else { "stop" };
            sentences.push(format!("At once {} {stop}.", few(stopped, false)));
        }
        let is_told = |change: &&Change| {
            let wiped = self.aftermath.wiped.contains(change.who) && change.at == from;
            wiped || stopped.contains(change.who)
        };
        let mut others = self.noticed().filter(|change| !is_told(change));
        if let Some(first) = others.next() {
            sentences.push(first.words(self.scenario.protocol, from));
        }
        let others: Vec<&Change> = others.collect();
        for (one, more, are_stopped) in
            [("changes its mind", "change their minds", false), ("stops", "stop", true)]
        {
            let who = others.iter().filter(|change| stops(change) == are_stopped);
            let who: ReplicaSet = who.map(|change| change.who).collect();
            if !who.is_empty() {
                let what = if who.len() == 1 { one } else { more };
                sentences.push(format!("Then {} {what}.", few(who, true)));
            }
        }
        sentences
    }

    /// "every server still follows n3, and every write is served"
    fn as_before(&self) -> String {
        let protocol = self.scenario.protocol;
        let is_decided = self.history.commits.first().is_some_and(|at| *at <= self.aftermath.to);
        let who = if protocol.rotates() {
            "nobody is left out".to_owned()
        } else if protocol.decides_once() && is_decided {
            "the value that is decided stays decided".to_owned()
        } else if protocol.decides_once() {
            "every server believes what it believed before".to_owned()
        } else {
            match self.aftermath.leader {
                Some(leader) if self.aftermath.all_ran => {
                    format!("every server still follows {leader}")
                }
                Some(leader) => format!("every server that runs still follows {leader}"),
                None => "every server believes what it believed before".to_owned(),
            }
        };
        let clients = self.aftermath.clients(self.scenario, self.history, self.aftermath.to);
        if clients.served > 0 { format!("{who}, and every write is served") } else { who }
    }

    /// What the fault itself does to replicas that run on.
    fn touched(&self) -> Vec<String> {
        let Aftermath { paused, wiped, .. } = *self.aftermath;
        let said = [
            (paused, "is paused", "are paused"),
            (wiped, "starts again with empty disks", "start again with empty disks"),
        ];
        let said = said.into_iter().filter(|(who, ..)| !who.is_empty());
        said.map(|(who, one, more)| {
            format!("{} {}.", few(who, false), if who.len() == 1 { one } else { more })
        })
        .collect()
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
    fn rest_and_clients(&self, told: ReplicaSet) -> Option<String> {
        let (clients, are_served) = self.clients()?;
        if told.is_empty() && are_served {
            return None;
        }
        let link = if are_served { "and" } else { "but" };
        Some(match self.rest(told) {
            Some(rest) => format!("{rest}, {link} {clients}."),
            None => format!("{}.", capital(&clients)),
        })
    }

    /// Those that have not changed their minds, unless it is nobody.
    fn rest(&self, told: ReplicaSet) -> Option<String> {
        let Aftermath { leader, all_ran, .. } = *self.aftermath;
        let protocol = self.scenario.protocol;
        if protocol.rotates() || protocol.decides_once() || !all_ran {
            return None;
        }
        let all: ReplicaSet = (0..).map(ReplicaId).take(self.history.beliefs.len()).collect();
        let rest = all.without(told);
        if told.is_empty() {
            return Some(match leader {
                Some(leader) => format!("Every server still follows {leader}"),
                None => "Nobody has changed its mind".to_owned(),
            });
        }
        let leader = leader.filter(|_| !rest.is_empty())?;
        let followers = rest.without([leader].into_iter().collect());
        Some(match followers.len() {
            0 if self.leads(leader) => format!("{leader} still leads"),
            0 => format!("{leader} still believes that it leads"),
            1 => format!("{} stays with {leader}", followers.words()),
            2 | 3 => format!("{} stay with {leader}", followers.words()),
            _ => format!("The others stay with {leader}"),
        })
    }

    /// True if a majority follows it by now.
    fn leads(&self, leader: ReplicaId) -> bool {
        let led = before(&self.history.led, Micros(self.at.0 + 1)).flatten();
        led == Some(leader)
    }

    /// What became of writes, and whether that is well; `None` if nobody has anything to tell yet.
    fn clients(&self) -> Option<(String, bool)> {
        let Clients { served, unserved, waiting, stranded } =
            self.aftermath.clients(self.scenario, self.history, self.at);
        let waiting = waiting.filter(|wait| *wait > self.scenario.heartbeat);
        let told = match (served, unserved, waiting) {
            (0, 1, _) => "the one write is not served".to_owned(),
            (0, 2.., _) => format!("none of {unserved} writes is served"),
            (_, 1.., _) => {
                let are = if unserved == 1 { "is" } else { "are" };
                format!("{unserved} of {} writes {are} not served", served + unserved)
            }
            (_, 0, Some(wait)) => format!("clients have waited for {}", span(wait)),
            (_, 0, None) if stranded == 1 => "1 write still waits".to_owned(),
            (_, 0, None) if stranded > 1 => format!("{stranded} writes still wait"),
            (0, 0, None) => return None,
            (_, 0, None) if self.at < self.aftermath.to => {
                return Some(("every write so far is served".to_owned(), true));
            }
            (_, 0, None) => return Some(("every write is served".to_owned(), true)),
        };
        Some((told, false))
    }
}

/// Why a fault cannot matter.
const fn reason(idle: Idle) -> &'static str {
    match idle {
        Idle::SpareCable => "It is a spare: no packet takes this cable.",
        Idle::SpareLane => "It is a spare: no packet takes this cable in that direction.",
        Idle::SpareSwitch => "It is a spare: no packet goes through this switch.",
        Idle::OtherFlows => "No such packet goes through this switch.",
        Idle::SpareServer => "No replica runs on this server.",
        Idle::Mirrored => "Its mirror has the same data.",
        Idle::OtherPower => "What the group uses has power from elsewhere.",
    }
}

/// "2.0 s later durability breaks: ...", of the first that broke.
fn broke(violation: &Violation, from: Micros) -> String {
    let Violation { property, at, detail } = violation;
    format!("{} {} breaks: {detail}.", later(at.since(from)), property.name())
}

/// "n1, n2 and n3", "5 replicas", or "5 others" where some are told of already.
fn few(who: ReplicaSet, others: bool) -> String {
    match (who.len(), others) {
        (..=3, _) => who.words(),
        (count, true) => format!("{count} others"),
        (count, false) => format!("{count} replicas"),
    }
}

/// With a capital letter.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// "1.4 s later"
fn later(after: Micros) -> String {
    if after.0 < 1_000 { "At once".to_owned() } else { format!("{} later", span(after)) }
}

/// "1.4 s"
fn span(time: Micros) -> String {
    match time.0 / 1_000 {
        millis @ 0..1_000 => format!("{millis} ms"),
        millis => format!("{}.{} s", millis / 1_000, millis / 100 % 10),
    }
}

impl Change {
    /// "1.4 s later n1 gives up on n3 and asks for votes."
    fn words(&self, protocol: Protocol, from: Micros) -> String {
        let Self { at, who, before, after } = self;
        let later = later(at.since(from));
        let lost = before.and_then(|belief| belief.leader).filter(|leader| leader != who);
        let terms = protocol.terms();
        let change = match after {
            None => "stops".to_owned(),
            Some(Belief { role: Role::Leader, .. }) => format!("becomes {}", terms.leader),
            Some(Belief { role: Role::Candidate | Role::PreCandidate, .. }) => {
                let asks = match terms.epoch {
                    "term" => "asks for votes".to_owned(),
                    epoch => format!("tries for a new {epoch}"),
                };
                match lost {
                    Some(leader) => format!("gives up on {leader} and {asks}"),
                    None => asks,
                }
            }
            Some(Belief { role: Role::Follower, leader: Some(leader), .. }) => {
                format!("follows {leader}")
            }
            Some(Belief { role: Role::Follower, leader: None, .. }) => match lost {
                Some(leader) => format!("no longer follows {leader}"),
                None if before.is_some_and(|own| own.role == Role::Leader) => {
                    "steps down".to_owned()
                }
                None => "gives up".to_owned(),
            },
        };
        format!("{later} {who} {change}.")
    }
}
