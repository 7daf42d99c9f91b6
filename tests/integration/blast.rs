//! The blast radius of every part of the default plant, and of every two, and of a plant of three
//! sites, against a naive twin that walks the graph, and as tables that a person can read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use halflink::blast::{Blast, Spared};
use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::plant::{PartId, Plant};
use halflink::scenario::library::find;
use halflink::view::BlastView;
use halflink::words::{ENGLISH, Names};
use halflink::world::World;

use crate::support::scenario;

/// A plant by the names of its parts alone: what stands in the drawing at the head of the plant's
/// own file, written down once more.
#[derive(Default)]
struct Twin {
    /// Whom a part hangs on: one of them is enough.
    supplies: BTreeMap<String, Vec<String>>,
    /// Cables, from the lower end to the upper.
    cables: Vec<(String, String)>,
    /// The card at the lower end of a server's cable; the WAN link that a cable between sites is.
    cards: BTreeMap<(String, String), String>,
    /// Mirror pairs of a server.
    mirrors: BTreeMap<String, Vec<[String; 2]>>,
}

/// What the twin says of some parts that fail.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    falls: BTreeSet<String>,
    loses_data: BTreeSet<String>,
    spared: BTreeSet<(String, Spared)>,
    stops: BTreeSet<usize>,
    ends: BTreeSet<(usize, usize)>,
    quorum: usize,
}

impl Twin {
    fn new(racks: u8, servers: u8, disks: u8) -> Self {
        let mut twin = Self::default();
        twin.add_site("", 1..=racks, servers, disks);
        twin
    }

    /// Several sites, each of so many racks.
    fn of_sites(sites: u8, racks: u8, servers: u8, disks: u8) -> Self {
        let mut twin = Self::default();
        for number in 1..=sites {
            let site = format!("site{number}");
            let first = (number - 1) * racks + 1;
            twin.add_site(&format!("{site}."), first..=first + racks - 1, servers, disks);
            for side in ["a", "b"] {
                twin.supplies.insert(format!("{site}.feed-{side}"), vec![site.clone()]);
                twin.cables.push((format!("{site}.spine-{side}"), site.clone()));
            }
            for other in number + 1..=sites {
                let ends = (site.clone(), format!("site{other}"));
                twin.cables.push(ends.clone());
                twin.cards.insert(ends, format!("wan{number}-{other}"));
            }
        }
        twin
    }

    fn add_site(&mut self, site: &str, racks: RangeInclusive<u8>, servers: u8, disks: u8) {
        let twin = self;
        let names = |of: &[String]| of.to_vec();
        let feeds = ["feed-a", "feed-b"].map(|feed| format!("{site}{feed}"));
        let spines = ["spine-a", "spine-b"].map(|spine| format!("{site}{spine}"));
        for spine in &spines {
            twin.supplies.insert(spine.clone(), names(&feeds));
        }
        for rack in racks {
            let pdus = ["a", "b"].map(|side| format!("r{rack}.pdu-{side}"));
            for (pdu, feed) in pdus.iter().zip(&feeds) {
                twin.supplies.insert(pdu.clone(), vec![feed.clone()]);
            }
            let tors = ["a", "b"].map(|side| format!("r{rack}.tor-{side}"));
            for tor in &tors {
                twin.supplies.insert(tor.clone(), names(&pdus));
                twin.cables.extend(spines.clone().map(|spine| (tor.clone(), spine)));
            }
            for server in (1..=servers).map(|slot| format!("r{rack}.s{slot}")) {
                let psus = ["a", "b"].map(|side| format!("{server}.psu-{side}"));
                for (psu, pdu) in psus.iter().zip(&pdus) {
                    twin.supplies.insert(psu.clone(), vec![pdu.clone()]);
                }
                twin.supplies.insert(server.clone(), names(&psus));
                for (side, tor) in ["a", "b"].into_iter().zip(&tors) {
                    twin.cards
                        .insert((server.clone(), tor.clone()), format!("{server}.nic-{side}"));
                    twin.cables.push((server.clone(), tor.clone()));
                }
                let disk = |number: u8| format!("{server}.d{number}");
                let pairs = (1..disks).step_by(2).map(|first| [disk(first), disk(first + 1)]);
                twin.mirrors.insert(server.clone(), pairs.collect());
            }
        }
    }

    /// Parts without power: of what they hang on, nothing works.
    fn unpowered(&self, failed: &BTreeSet<String>) -> BTreeSet<String> {
        let mut unpowered = BTreeSet::new();
        loop {
            let before = unpowered.len();
            for (part, supplies) in &self.supplies {
                if supplies.iter().all(|one| failed.contains(one) || unpowered.contains(one)) {
                    unpowered.insert(part.clone());
                }
            }
            if unpowered.len() == before {
                return unpowered;
            }
        }
    }

    fn told(&self, members: &[String], failed: &BTreeSet<String>) -> Told {
        let unpowered = self.unpowered(failed);
        let lost = |pairs: &[[String; 2]]| {
            pairs.iter().any(|[one, two]| failed.contains(one) && failed.contains(two))
        };
        let loses_data: BTreeSet<String> = (self.mirrors.iter())
            .filter(|(server, pairs)| !failed.contains(*server) && lost(pairs))
            .map(|(server, _)| server.clone())
            .collect();
        let dead = |part: &String| failed.contains(part) || unpowered.contains(part);
        let down = |server: &String| dead(server) || lost(&self.mirrors[server]);
        let stops = (0..members.len()).filter(|&id| down(&members[id])).collect::<BTreeSet<_>>();
        let runs: Vec<usize> = (0..members.len()).filter(|id| !stops.contains(id)).collect();
        let mut ends = BTreeSet::new();
        for &from in &runs {
            let reached = self.walk(&members[from], &dead);
            ends.extend(
                runs.iter().filter(|&&to| !reached.contains(&members[to])).map(|&to| (from, to)),
            );
        }
        let quorum = largest(&runs, |one, other| {
            !ends.contains(&(one, other)) && !ends.contains(&(other, one))
        });
        let falls =
            unpowered.iter().filter(|part| !failed.contains(*part) && !part.contains("psu"));
        let falls = falls.cloned();
        let falls = falls.chain(loses_data.iter().cloned()).collect();
        let spared = self.spared(failed, &dead, &down);
        Told { falls, loses_data, spared, stops, ends, quorum }
    }

    /// True if the card at the end of a cable works, where there is one.
    fn is_cabled(&self, lower: &str, upper: &str, dead: &impl Fn(&String) -> bool) -> bool {
        !self.cards.get(&(lower.to_owned(), upper.to_owned())).is_some_and(dead)
    }

    /// Servers that a packet of that server gets to, through switches that work.
    fn walk(&self, from: &str, dead: &impl Fn(&String) -> bool) -> BTreeSet<String> {
        let mut reached = BTreeSet::from([from.to_owned()]);
        let mut edge = vec![from.to_owned()];
        while let Some(at) = edge.pop() {
            for (lower, upper) in &self.cables {
                let next = if *lower == at { upper } else { lower };
                let is_there = self.is_cabled(lower, upper, dead) && !dead(next);
                if (*lower == at || *upper == at) && is_there && reached.insert(next.clone()) {
                    // A server does not hand packets on.
                    if !self.mirrors.contains_key(next) {
                        edge.push(next.clone());
                    }
                }
            }
        }
        reached
    }

    fn spared(
        &self,
        failed: &BTreeSet<String>,
        dead: &impl Fn(&String) -> bool,
        down: &impl Fn(&String) -> bool,
    ) -> BTreeSet<(String, Spared)> {
        let stands = |part: &String| match self.mirrors.contains_key(part) {
            true => !down(part),
            false => !dead(part),
        };
        let mut spared = BTreeSet::new();
        for (part, supplies) in self.supplies.iter().filter(|(part, _)| stands(part)) {
            if supplies.len() > 1 && supplies.iter().any(dead) {
                spared.insert((part.clone(), Spared::Supply));
            }
            let up: Vec<_> = self.cables.iter().filter(|(lower, _)| lower == part).collect();
            let gone =
                up.iter().filter(|(_, upper)| dead(upper) || !self.is_cabled(part, upper, dead));
            let gone = gone.count();
            if 0 < gone && gone < up.len() {
                spared.insert((part.clone(), Spared::Uplink));
            }
        }
        for [one, two] in self.mirrors.values().flatten() {
            for (disk, mirror) in [(one, two), (two, one)] {
                if failed.contains(mirror) && !failed.contains(disk) {
                    spared.insert((disk.clone(), Spared::Mirror));
                }
            }
        }
        spared
    }
}

/// How many there are at most of whom every two are linked.
fn largest(of: &[usize], linked: impl Fn(usize, usize) -> bool) -> usize {
    let sets = (0..1_u32 << of.len()).map(|bits| {
        of.iter()
            .enumerate()
            .filter(|(place, _)| bits >> place & 1 == 1)
            .map(|(_, &id)| id)
            .collect::<Vec<_>>()
    });
    let linked = sets.filter(|set| {
        set.iter().all(|&one| set.iter().all(|&other| one == other || linked(one, other)))
    });
    linked.map(|set| set.len()).max().unwrap_or_default()
}

/// The world of a shipped scenario before anything has happened.
fn story() -> World {
    World::new(Arc::new(scenario(find("cloudflare-2020").expect("it is shipped").text)))
}

fn name(plant: &Plant, id: PartId) -> String {
    plant.part(id).to_string()
}

/// The same, as the program says it.
fn program(world: &World, parts: &[PartId]) -> (Blast, Told) {
    let plant = world.plant();
    let blast = Blast::of(world.groups(), parts);
    let names = |ids: &[PartId]| ids.iter().map(|&id| name(plant, id)).collect();
    let group = &blast.groups[0];
    let flow = |&(from, to): &(ReplicaId, ReplicaId)| (from.index(), to.index());
    let told = Told {
        falls: names(&blast.falls),
        loses_data: names(&blast.loses_data),
        spared: blast.spared.iter().map(|(id, by)| (name(plant, *id), *by)).collect(),
        stops: group.stops.iter().map(ReplicaId::index).collect(),
        ends: group.ends.iter().map(flow).collect(),
        quorum: usize::from(group.quorum_then.who.len()),
    };
    (blast, told)
}

/// Of flows between those that go on, exactly those that cross something that is gone, and do not
/// end, go another way.
fn assert_moves(world: &World, blast: &Blast, gone: &BTreeSet<String>) {
    let (plant, group) = (world.plant(), &blast.groups[0]);
    for from in world.group(0).replicas() {
        for to in world.group(0).replicas().filter(|&to| to != from) {
            let lanes = world.group(0).network().route(from, to).lanes();
            let crosses = lanes.iter().any(|lane| {
                let lane = plant.lanes()[usize::from(lane.0)];
                let ends = [lane.from, lane.to].map(|end| name(plant, end));
                let card = |server: &String, tor: &String| {
                    tor.contains("tor")
                        && gone.contains(&format!("{server}.nic-{}", &tor[tor.len() - 1..]))
                };
                let number = |site: &String| site.strip_prefix("site")?.parse::<u8>().ok();
                let wan = ends.each_ref().map(number);
                let wan = format!("wan{:?}-{:?}", wan.iter().min(), wan.iter().max());
                let wan = wan.replace("Some(", "").replace(')', "");
                gone.contains(&wan)
                    || ends.iter().any(|end| gone.contains(end))
                    || card(&ends[0], &ends[1])
                    || card(&ends[1], &ends[0])
            });
            let ends = group.ends.contains(&(from, to))
                || [from, to].iter().any(|&one| group.stops.contains(one));
            let moves = group.moves.contains(&(from, to));
            assert_eq!(moves, crosses && !ends, "{from} -> {to} without {gone:?}");
        }
    }
}

/// Three sites of a rack each, and a replica in each.
fn three_sites() -> World {
    let text = "halflink 1\ntitle \"t\"\nplant 3 sites of 1 rack of 2 servers, 2 disks each\n\
        cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
        seed 1\nrun 9s\n";
    World::new(Arc::new(scenario(text)))
}

#[test]
fn every_part_and_every_two_fall_as_a_walk_over_the_graph_says() {
    assert_eq!(compare(&story(), &Twin::new(3, 3, 4)), 97 + 97 * 96 / 2);
    assert_eq!(compare(&three_sites(), &Twin::of_sites(3, 1, 2, 2)), 72 + 72 * 71 / 2);
}

/// How many parts and pairs were compared.
fn compare(world: &World, twin: &Twin) -> usize {
    let members = ["r1.s1", "r2.s1", "r3.s1"].map(String::from);
    let count = u16::try_from(world.plant().parts().len()).expect("few");
    let mut compared = 0;
    for first in 0..count {
        for second in first..count {
            let mut parts = vec![PartId(first), PartId(second)];
            parts.dedup();
            let failed = parts.iter().map(|&id| name(world.plant(), id)).collect();
            let (blast, told) = program(world, &parts);
            assert_eq!(told, twin.told(&members, &failed), "{failed:?}");
            let gone = failed.iter().chain(&told.falls).cloned().collect();
            assert_moves(world, &blast, &gone);
            compared += 1;
        }
    }
    compared
}

/// What is told of every part alone; parts of which the same is told stand together.
fn singles(world: &World) -> String {
    let names = Names::of(world.plant(), 3);
    let mut text = String::new();
    for number in 0..u16::try_from(world.plant().parts().len()).expect("few") {
        let blast = Blast::of(world.groups(), &[PartId(number)]);
        let view = BlastView::of(&blast, world.scenario(), world.plant());
        let said = view.said.iter().map(|fact| ENGLISH.tell("blast", fact, &names));
        text += &(said.collect::<Vec<_>>().join(" ") + "\n");
    }
    text
}

/// A row a part, a column a part: `.` if nothing else stops, `-` if servers or power units do that
/// no replica needs, `r` if replicas stop or are cut off and a quorum is left, `Q` if none is.
fn pairs(world: &World) -> String {
    let plant = world.plant();
    let count = u16::try_from(plant.parts().len()).expect("few");
    let mark = |first, second| {
        let blast = Blast::of(world.groups(), &[PartId(first), PartId(second)]);
        let group = &blast.groups[0];
        match (group.quorum_then.is_there(), group.stops.is_empty() && group.ends.is_empty()) {
            (false, _) => 'Q',
            (true, false) => 'r',
            (true, true) if blast.falls.is_empty() => '.',
            (true, true) => '-',
        }
    };
    let row = |first| {
        let marks: String = (0..=first).map(|second| mark(first, second)).collect();
        format!("{:<9}{marks}\n", name(plant, PartId(first)))
    };
    (0..count).map(row).collect()
}

#[test]
fn the_tables_are_as_they_were() {
    tables(&story(), "default-plant");
    tables(&three_sites(), "three-sites");
}

fn tables(world: &World, file: &str) {
    let now = format!(
        "Every part alone:\n\n{}\nEvery two, the second of each column in the order of the rows:\n\
         . nothing else stops, - nothing that a replica needs, r replicas stop or are cut off and \
         a quorum is left,\nQ no quorum is left.\n\n{}",
        singles(world),
        pairs(world)
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/blast/{file}.txt"));
    if std::env::var("UPDATE").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &now).expect("the table can be written");
    }
    let known = std::fs::read_to_string(&path).expect("the table");
    assert_eq!(known, now, "UPDATE=1 cargo test blast rewrites it; read the diff");
}

/// The switch of the story at the time of its outage: half failed it cuts n1 off from n3, and
/// whole it would cut off nobody.
#[test]
fn what_a_gray_switch_cuts_a_dead_one_does_not() {
    let mut world = story();
    while world.step_by(Micros::from_secs(15), &mut ()).is_some() {}
    let tor = world.plant().parts().iter().find(|part| part.to_string() == "r1.tor-a");
    let tor = world.plant().expect(*tor.expect("it is there"));
    let blast = Blast::of(world.groups(), &[tor]);
    let [n1, n3] = [ReplicaId(0), ReplicaId(2)];
    let group = &blast.groups[0];
    assert_eq!(group.revives, [(n1, n3), (n3, n1)]);
    assert_eq!((group.quorum_now.who.len(), group.quorum_then.who.len()), (2, 3));
    assert!(group.ends.is_empty() && blast.falls.is_empty());
}
