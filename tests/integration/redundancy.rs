//! What redundancy saves: every part of the default plant alone, and every two that a group stands
//! on, under every protocol with a log.
//!
//! What the plant does with a failure is `blast.rs`' table. Here is what the replicas make of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use halflink::clock::Micros;
use halflink::fault::{ReplicaId, ReplicaSet};
use halflink::history::before;
use halflink::plant::{Part, Plant, PlantSpec, ServerAt};
use halflink::protocol::Protocol;
use halflink::protocol::catalogue::Family;

use crate::support::{Finished, run_to_end, scenario, secs, size};

/// When the parts fail.
const FAILURE: Micros = secs(5);
/// From here on clients are to be served again: four times the longest election timeout later.
const SETTLED: Micros = secs(13);
/// The last write that can be expected to be committed in the run.
const LAST: Micros = secs(18);

/// The servers of a group, in a rack each as far as they go.
fn members(protocol: Protocol) -> Vec<ServerAt> {
    let at = |rack: u8, slot: u8| ServerAt { rack: rack - 1, slot: slot - 1 };
    let mut members = vec![at(1, 1), at(2, 1), at(3, 1)];
    if protocol.family() == Family::Byzantine {
        members.push(at(1, 2));
    }
    members
}

/// The run in which those parts fail at once.
fn run(protocol: Protocol, parts: &[Part]) -> Finished {
    run_on("3 racks of 3 servers, 4 disks each", protocol, parts)
}

fn run_on(plant: &str, protocol: Protocol, parts: &[Part]) -> Finished {
    let mut text =
        format!("halflink 1\ntitle \"Parts fail\"\nplant {plant}\ncluster c: {protocol} on");
    for server in members(protocol) {
        _ = write!(text, " {}", Part::Server(server));
    }
    text += "\ntiming heartbeat 100ms, election 1s..2s\nseed 1\nwrite every 200ms\n";
    if protocol.refuses_first_leader(ReplicaId(2)).is_none() {
        text += "at 0s elect n3\n";
    }
    for part in parts {
        _ = writeln!(text, "at 5s fail {part}");
    }
    run_to_end(scenario(&(text + "run 20s\n")))
}

/// Protocols that keep a log for clients, and do not end with one decision.
fn protocols() -> impl Iterator<Item = Protocol> {
    Protocol::here().filter(|protocol| !protocol.is_generals() && !protocol.decides_once())
}

/// What came of it.
struct Sequel {
    /// Who does not run at the end.
    stopped: ReplicaSet,
    /// Who led when the parts failed.
    leader: Option<ReplicaId>,
    /// Somebody else was followed by a majority at some time afterwards, or nobody was.
    was_left: bool,
    /// All that clients asked for once things have settled was committed.
    serves: bool,
    /// What the checks found: a lost write, among others.
    violations: usize,
}

impl Sequel {
    fn of(finished: &Finished) -> Self {
        let history = &finished.history;
        let leader = before(&history.led, FAILURE).flatten();
        let end = finished.scenario.until;
        let stopped = (0_u8..)
            .zip(&history.beliefs)
            .filter(|(_, beliefs)| before(beliefs, end).flatten().is_none())
            .map(|(id, _)| ReplicaId(id))
            .collect();
        let mut later = history.led.iter().filter(|(at, _)| *at > FAILURE);
        let mut asked =
            history.writes.iter().filter(|write| SETTLED <= write.at && write.at < LAST);
        Self {
            stopped,
            leader,
            was_left: later.any(|(_, led)| *led != leader),
            serves: asked.all(|write| write.committed.is_some()),
            violations: history.violations.len(),
        }
    }
}

/// One dead disk, card, supply, feed, power unit, switch or server: no write is lost, clients are
/// served on, and whoever leads leads on, save where it was the leader's server.
#[test]
fn no_part_alone_matters_but_a_leaders_server() {
    let mut deposed = 0;
    for protocol in protocols() {
        for &part in Plant::new(PlantSpec::new(3, 3, 4)).parts() {
            let finished = run(protocol, &[part]);
            let sequel = Sequel::of(&finished);
            let which = format!("{protocol} without {part}");
            let stopped = members(protocol).iter().position(|at| part == Part::Server(*at));
            let stopped: ReplicaSet =
                stopped.map(|id| ReplicaId(u8::try_from(id).expect("few"))).into_iter().collect();
            assert_eq!(sequel.stopped, stopped, "{which}");
            assert_eq!(sequel.violations, 0, "{which}");
            assert!(sequel.serves, "{which}");
            if protocol.rotates() {
                continue;
            }
            let leader = sequel.leader.unwrap_or_else(|| panic!("{which}: nobody led"));
            assert_eq!(sequel.was_left, stopped.contains(leader), "{which}, led by {leader}");
            deposed += usize::from(sequel.was_left);
        }
    }
    assert!(deposed > 15, "each protocol loses a leader once: {deposed}");
}

/// One replica in each of three sites: a dead WAN link, whose packets go over the third site,
/// changes nothing, and a dead site only who leads, where the leader's is dead.
#[test]
fn no_site_and_no_wan_link_alone_loses_a_write() {
    let (mut deposed, mut runs) = (0, 0);
    for protocol in protocols().filter(|protocol| protocol.family() != Family::Byzantine) {
        let spec = PlantSpec::new(3, 2, 2).with_sites(3);
        let outer = |part: &&Part| matches!(part, Part::Site(_) | Part::Wan { .. });
        for &part in Plant::new(spec).parts().iter().filter(outer) {
            let finished =
                run_on("3 sites of 1 rack of 2 servers, 2 disks each", protocol, &[part]);
            let sequel = Sequel::of(&finished);
            let which = format!("{protocol} without {part}");
            let site = if let Part::Site(site) = part { Some(ReplicaId(site.0 - 1)) } else { None };
            let stopped: ReplicaSet = site.into_iter().collect();
            assert_eq!(sequel.stopped, stopped, "{which}");
            assert_eq!(sequel.violations, 0, "{which}");
            assert!(sequel.serves, "{which}");
            let leader = sequel.leader.unwrap_or_else(|| panic!("{which}: nobody led"));
            assert_eq!(sequel.was_left, stopped.contains(leader), "{which}, led by {leader}");
            deposed += usize::from(sequel.was_left);
            runs += 1;
        }
    }
    assert_eq!(deposed * 6, runs, "each protocol loses a leader once");
}

/// Two parts of a kind each, and how many such pairs came out how.
#[derive(Default)]
struct Tally {
    pairs: u16,
    stop_somebody: u16,
    change_the_leader: u16,
    are_not_served: u16,
    break_a_promise: u16,
}

/// What a part is, for a row of the table.
fn kind(part: Part) -> String {
    let name = part.to_string();
    let last = name.rsplit('.').next().unwrap_or(&name);
    let letters: String = last.chars().take_while(char::is_ascii_lowercase).collect();
    match letters.as_str() {
        "d" => "disk".to_owned(),
        "s" => "server".to_owned(),
        _ => letters,
    }
}

/// Of one protocol, by kinds.
fn table(protocol: Protocol) -> String {
    let servers = members(protocol);
    let plant = Plant::new(PlantSpec::new(3, 3, 4));
    // What only idle servers hang on cannot matter.
    let stands_on = |part: &Part| match *part {
        Part::Server(server)
        | Part::Disk { server, .. }
        | Part::Nic { server, .. }
        | Part::Psu { server, .. } => servers.contains(&server),
        Part::Feed { .. }
        | Part::Generator { .. }
        | Part::Ups { .. }
        | Part::Ats { .. }
        | Part::Breaker { .. }
        | Part::Pdu { .. }
        | Part::Spine { .. }
        | Part::Tor { .. }
        | Part::Site(_)
        | Part::Wan { .. } => true,
    };
    let parts: Vec<Part> = plant.parts().iter().copied().filter(stands_on).collect();
    let mut tallies: BTreeMap<(String, String), Tally> = BTreeMap::new();
    for (at, &one) in parts.iter().enumerate() {
        for &other in &parts[at + 1..] {
            let sequel = Sequel::of(&run(protocol, &[one, other]));
            let tally = tallies.entry((kind(one), kind(other))).or_default();
            tally.pairs += 1;
            tally.stop_somebody += u16::from(!sequel.stopped.is_empty());
            tally.change_the_leader += u16::from(sequel.was_left && !protocol.rotates());
            tally.are_not_served += u16::from(!sequel.serves);
            tally.break_a_promise += u16::from(sequel.violations > 0);
        }
    }
    let mut text = format!("{protocol}\n");
    for ((one, other), tally) in tallies {
        let Tally { pairs, stop_somebody, change_the_leader, are_not_served, break_a_promise } =
            tally;
        _ = writeln!(
            text,
            "    {:<16} {pairs:>4} {stop_somebody:>4} {change_the_leader:>4} {are_not_served:>4} \
             {break_a_promise:>4}",
            format!("{one} + {other}"),
        );
    }
    text
}

/// Every two, as a table: how many pairs, and how many of them stop a replica, change the leader,
/// leave clients unserved, break a promise. The large size has every protocol.
#[test]
fn every_two_come_out_as_the_table_says() {
    let few = ["raft", "multipaxos", "pbft"];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/blast/pairs.txt");
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let all = size(0, 1) == 1 || std::env::var_os("UPDATE").is_some();
    let mut told = String::from(
        "Two parts fail at once. Pairs; of them: stop a replica, change the leader, leave clients\n\
         unserved 8 s later, break a promise (a lost write, say).\n\n",
    );
    for protocol in protocols().filter(|one| all || few.contains(&one.name())) {
        let table = table(protocol);
        assert!(
            std::env::var_os("UPDATE").is_some() || known.contains(&table),
            "tests/blast/pairs.txt is another (UPDATE=1 writes it):\n{table}"
        );
        told += &table;
        told.push('\n');
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, told).expect("the table can be written");
    }
}
