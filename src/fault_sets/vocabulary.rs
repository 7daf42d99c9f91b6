//! What faults there are to choose from, which sets of them, and which sets are alike.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::clock::Micros;
use crate::fault::{Action, Behaviour, ReplicaId};
use crate::plant::Plant;
use crate::scenario::Scenario;
use crate::scenario::text::parse_act;

/// Replicas that may change places with each other: 720 ways.
pub const ALIKE: usize = 6;

/// A vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faults {
    /// `cut A -> B`, of every two replicas in each direction
    Cuts,
    /// `fail PART`, of every part of the plant
    Parts,
    /// Of every replica each Byzantine behaviour that its name alone says, such as `equivocate`
    Lies,
}

impl Faults {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cuts, Self::Parts, Self::Lies];

    /// As the command line and the page write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cuts => "cuts",
            Self::Parts => "parts",
            Self::Lies => "lies",
        }
    }
}

/// What a fault strikes, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Struck {
    /// What one replica sends to another: from, to.
    Flow(u8, u8),
    /// A part of the plant.
    Part(usize),
    /// A replica.
    Replica(u8),
}

/// One fault to choose.
pub(super) struct Fault {
    /// As a text says it.
    pub(super) words: String,
    pub(super) action: Action,
    pub(super) strikes: Struck,
}

/// Those that the scenario allows, in order: a behaviour may need more than its name, or another
/// protocol.
pub(super) fn vocabulary(faults: Faults, scenario: &Scenario) -> Vec<Fault> {
    let replicas = scenario.group().replicas();
    let statements: Vec<(String, Struck)> = match faults {
        Faults::Cuts => pairs(replicas)
            .map(|(from, to)| {
                let words = format!("cut {} -> {}", ReplicaId(from), ReplicaId(to));
                (words, Struck::Flow(from, to))
            })
            .collect(),
        Faults::Parts => {
            let plant = Plant::new(scenario.plant);
            let parts = plant.parts().iter().enumerate();
            parts.map(|(number, part)| (format!("fail {part}"), Struck::Part(number))).collect()
        }
        Faults::Lies => (0..replicas)
            .flat_map(|replica| {
                let lie = |one: Behaviour| format!("traitor {} {}", ReplicaId(replica), one.name());
                Behaviour::ALL.map(|one| (lie(one), Struck::Replica(replica)))
            })
            .collect(),
    };
    let known = |(written, strikes): (String, _)| {
        let words = scenario.called(0, &written);
        let action = parse_act(&words, scenario).ok()?;
        Some(Fault { words, action, strikes })
    };
    statements.into_iter().filter_map(known).collect()
}

/// Every two of them, in both directions.
fn pairs(replicas: u8) -> impl Iterator<Item = (u8, u8)> {
    let others = move |from| (0..replicas).filter(move |to| *to != from);
    (0..replicas).flat_map(move |from| others(from).map(move |to| (from, to)))
}

/// How many sets of `size` there are of `all`; nothing if that is no number that fits.
pub(super) fn choose(all: u64, size: u64) -> Option<u64> {
    if size > all {
        return Some(0);
    }
    let mut count: u64 = 1;
    for step in 0..size {
        count = count.checked_mul(all - step)? / (step + 1);
    }
    Some(count)
}

/// The set of that number, of those of one size in order: numbers below `all`, each larger than
/// the one before it.
pub(super) fn set(all: u64, size: u64, mut number: u64) -> Vec<usize> {
    let mut chosen = Vec::new();
    let mut next = 0;
    while (chosen.len() as u64) < size {
        let left = size - chosen.len() as u64 - 1;
        // Those that have `next` in this place.
        let with = choose(all - next - 1, left).expect("it is no more than all of them");
        if number < with {
            chosen.push(usize::try_from(next).expect("it is a place in a list"));
        } else {
            number -= with;
        }
        next += 1;
    }
    chosen
}

/// The ways in which replicas can change places so that text and plant stay the same but for who is
/// who, and so that the same one leads.
///
/// Nobody changes places of whom, or of whose server, rack or site, the text says anything; who
/// shares a rack or a site goes on to share one. Where the text names a card or a switch nobody
/// does, for which packets take it follows from the servers' addresses.
///
/// It says which sets look alike, and nothing more: chance is drawn by replica, ties are broken by
/// number, so what becomes of one is not what becomes of the other.
pub(super) struct Symmetries {
    /// From each replica to which.
    ways: Vec<Vec<u8>>,
    /// How many could change places, if they are too many to try.
    pub(super) ungrouped: Option<u64>,
}

/// All words of the text that say something of single replicas or parts: not the title, nor the
/// lines that give places and names to all.
fn words(text: &str) -> BTreeSet<&str> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    let tells = |line: &&str| {
        let head = line.split_whitespace().next();
        !head.is_some_and(|head| ["title", "cluster", "name"].contains(&head))
    };
    text.lines().filter(tells).flat_map(|line| line.split(|letter| !is_name(letter))).collect()
}

/// True if the text says something of that replica, or of what it is in.
fn is_named(scenario: &Scenario, words: &BTreeSet<&str>, replica: u8) -> bool {
    let server = scenario.group().members[usize::from(replica)];
    let site = scenario.plant.site_of(server.rack).0;
    let own = |what: String| scenario.called(0, &what);
    let is_of_wan = |word: &&str| {
        let ends = word.strip_prefix("wan").and_then(|ends| ends.split_once('-'));
        ends.is_some_and(|(low, high)| [low, high].contains(&site.to_string().as_str()))
    };
    let names = [own(ReplicaId(replica).to_string()), own(server.to_string())];
    let places = [format!("r{}", server.rack + 1), format!("site{site}")];
    names.iter().chain(&places).any(|name| words.contains(name.as_str()))
        || words.iter().any(is_of_wan)
}

/// True if who shares a rack or a site goes on to share one, and nobody else comes to.
fn keeps_places(scenario: &Scenario, way: &[u8]) -> bool {
    let members = &scenario.group().members;
    let rack = |replica: usize| members[replica].rack;
    let site = |replica: usize| scenario.plant.site_of(rack(replica));
    let moved = |replica: usize| usize::from(way[replica]);
    let pairs = (0..way.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
    pairs.into_iter().all(|(one, other)| {
        let (to, other_to) = (moved(one), moved(other));
        (rack(one) == rack(other)) == (rack(to) == rack(other_to))
            && (site(one) == site(other)) == (site(to) == site(other_to))
    })
}

impl Symmetries {
    /// Of the cuts of a scenario in which that replica leads when they come.
    pub(super) fn of(faults: Faults, scenario: &Scenario, leader: Option<ReplicaId>) -> Self {
        let replicas = scenario.group().replicas();
        let same: Vec<u8> = (0..replicas).collect();
        let text = scenario.to_string();
        let words = words(&text);
        let hangs_on_addresses = words
            .iter()
            .any(|word| ["tor-", "nic-", "spine-"].iter().any(|part| word.starts_with(part)));
        let is_told_apart =
            |replica: u8| leader == Some(ReplicaId(replica)) || is_named(scenario, &words, replica);
        let free: Vec<u8> =
            same.iter().copied().filter(|replica| !is_told_apart(*replica)).collect();
        // The first of the generals commands.
        let is_generals = scenario.group().protocol.is_generals();
        if faults != Faults::Cuts || is_generals || hangs_on_addresses {
            return Self { ways: vec![same], ungrouped: None };
        }
        if free.len() > ALIKE {
            return Self { ways: vec![same], ungrouped: Some(free.len() as u64) };
        }
        let way = |order: Vec<u8>| {
            let mut way = same.clone();
            free.iter().zip(order).for_each(|(from, to)| way[usize::from(*from)] = to);
            way
        };
        let ways = orders(&free).into_iter().map(way).filter(|way| keeps_places(scenario, way));
        Self { ways: ways.collect(), ungrouped: None }
    }

    /// All sets that look like this one, as directions.
    pub(super) fn alike(&self, cuts: &[(u8, u8)]) -> BTreeSet<Vec<(u8, u8)>> {
        let moved = |way: &Vec<u8>| {
            let to = |replica: u8| way[usize::from(replica)];
            let mut moved: Vec<_> = cuts.iter().map(|(from, end)| (to(*from), to(*end))).collect();
            moved.sort_unstable();
            moved
        };
        self.ways.iter().map(moved).collect()
    }
}

/// All orders of a list.
fn orders(list: &[u8]) -> Vec<Vec<u8>> {
    if list.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (place, first) in list.iter().enumerate() {
        let rest = [&list[..place], &list[place + 1..]].concat();
        all.extend(orders(&rest).into_iter().map(|order| [&[*first], order.as_slice()].concat()));
    }
    all
}

/// The scenario with these faults at that time, after all that happens then anyway.
pub(super) fn with(scenario: &Scenario, at: Micros, faults: &[&Fault]) -> Scenario {
    let mut scenario = scenario.clone();
    let place = scenario.actions.partition_point(|(time, _)| *time <= at);
    scenario.actions.splice(place..place, faults.iter().map(|fault| (at, fault.action)));
    scenario
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_has_a_number() {
        for (all, size) in [(6, 0), (6, 1), (6, 3), (6, 6), (20, 2), (3, 4)] {
            let count = choose(all, size).expect("it is small");
            let sets: Vec<_> = (0..count).map(|number| set(all, size, number)).collect();
            let distinct: BTreeSet<_> = sets.iter().cloned().collect();
            assert_eq!(distinct.len() as u64, count, "{size} of {all}");
            assert!(sets.is_sorted(), "in order");
            let is_set = |one: &Vec<usize>| one.windows(2).all(|pair| pair[0] < pair[1]);
            assert!(sets.iter().all(|one| one.len() as u64 == size && is_set(one)));
        }
        assert_eq!(choose(20, 4), Some(4_845));
        assert_eq!(choose(1_000, 500), None);
    }

    #[test]
    fn all_orders_are_there_once() {
        let distinct: BTreeSet<_> = orders(&[1, 2, 3, 4]).into_iter().collect();
        assert_eq!(distinct.len(), 24);
    }
    /// In how many ways replicas can change places.
    fn ways(members: &str, protocol: &str, more: &str) -> usize {
        let text = format!(
            "halflink 1\ntitle \"ways\"\nplant 5 racks of 2 servers, 2 disks each\n\
             cluster c: {protocol} on {members}\ntiming heartbeat 200ms, election 1s..2s\n\
             seed 1\nwrite every 500ms\n{more}run 30s\n"
        );
        let scenario = crate::scenario::text::parse(&text).expect("it is valid");
        Symmetries::of(Faults::Cuts, &scenario, Some(ReplicaId(4))).ways.len()
    }

    #[test]
    fn who_is_told_apart_by_text_or_plant_does_not_look_like_another() {
        let apart = "r1.s1 r2.s1 r3.s1 r4.s1 r5.s1";
        assert_eq!(ways(apart, "raft", ""), 24);
        assert_eq!(ways(apart, "raft", "at 4s cut n1 -> n2\n"), 2);
        // Whatever is said of where one is, is said of it.
        assert_eq!(ways(apart, "raft", "at 4s fail r1.s1\n"), 6);
        assert_eq!(ways(apart, "raft", "at 4s fail r2.pdu-a\n"), 6);
        // Which packets take a switch follows from addresses.
        assert_eq!(ways(apart, "raft", "at 4s fail r1.tor-a\n"), 1);
        assert_eq!(ways(apart, "raft", "at 4s fail spine-a\n"), 1);
        // Two of a rack with each other, and both racks: the fifth leads.
        assert_eq!(ways("r1.s1 r1.s2 r2.s1 r2.s2 r3.s1", "raft", ""), 8);
        assert_eq!(ways("r1.s1 r1.s2 r2.s1 r3.s1 r4.s1", "raft", ""), 4);
    }
}
