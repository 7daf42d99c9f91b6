//! `halflink explore` against a twin that knows nothing of it: every subset, as a
//! text. And what docs/ONE-WAY-CUTS.md says, against its data and against runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use halflink::protocol::Protocol;
use halflink::scenario::link::decode;
use serde_json::Value;

use crate::support::{bounded, run_to_end, scenario, secs, size};

const THREE: &str = "halflink 1
title   \"three\"
plant   3 racks of 1 server, 2 disks each
cluster etcd: PROTOCOL on r1.s1 r2.s1 r3.s1
timing  heartbeat 200ms, election 1s..2s
seed    SEED
write   every 500ms
at 0s   elect n3
run     25s
";

const FIVE: &str = include_str!("../../docs/one-way-cuts.halflink");

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("the target folder can be written");
    path
}

fn explore(path: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_halflink"));
    command.arg("explore").arg(path).args(arguments).stdin(Stdio::null());
    command.output().expect("the command line was built")
}

fn found(path: &Path, arguments: &[&str]) -> Value {
    let output = explore(path, &[arguments, &["--json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(errors, "", "{arguments:?}");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Every subset of at most `most` statements at 5 s, and the word that each comes out with.
fn twin(text: &str, vocabulary: &[String], most: u32) -> BTreeMap<BTreeSet<String>, &'static str> {
    let came_out = |chosen: BTreeSet<String>| {
        let mut lines = text.to_owned();
        // In the vocabulary's order, as a person would go through it.
        for one in vocabulary.iter().filter(|one| chosen.contains(*one)) {
            writeln!(lines, "at 5s {one}").expect("a string takes it");
        }
        let outcome = run_to_end(scenario(&lines)).outcome();
        (chosen, outcome.name())
    };
    subsets(vocabulary, most).into_iter().map(came_out).collect()
}

/// Those without the first, and those with it.
fn subsets(vocabulary: &[String], most: u32) -> Vec<BTreeSet<String>> {
    let Some((first, rest)) = vocabulary.split_first() else { return vec![BTreeSet::new()] };
    let mut all = subsets(rest, most);
    if most > 0 {
        for mut more in subsets(rest, most - 1) {
            more.insert(first.clone());
            all.push(more);
        }
    }
    all
}

/// All that was found is what the twin finds.
fn compare(text: &str, vocabulary: &[String], faults: &str, most: u32) -> usize {
    let path = file(&format!("explore-{faults}-{}.halflink", vocabulary.len()), text);
    let sets = twin(text, vocabulary, most);
    let mut reached = 0;
    for goal in ["stalled", "flapping", "unsafe"] {
        let most = most.to_string();
        let all = ["--faults", faults, "--goal", goal, "--size", &most, "--all"];
        let told = &found(&path, &all)[0];
        let known: BTreeSet<&str> = strings(&told["vocabulary"]).collect();
        assert_eq!(known, vocabulary.iter().map(String::as_str).collect(), "{faults}");
        let mut counted: BTreeMap<(u64, &str), u64> = BTreeMap::new();
        for (chosen, outcome) in &sets {
            *counted.entry((chosen.len() as u64, outcome)).or_default() += 1;
        }
        for size in told["sizes"].as_array().expect("a list") {
            for (outcome, count) in size["outcomes"].as_object().expect("by outcome") {
                let size = size["size"].as_u64().expect("a number");
                assert_eq!(counted.remove(&(size, outcome.as_str())), count.as_u64(), "{text}");
            }
        }
        assert!(counted.is_empty(), "{counted:?} in\n{text}");
        let hits = || sets.iter().filter(|(_, outcome)| **outcome == goal).map(|(set, _)| set);
        let smallest = hits().map(BTreeSet::len).min();
        assert_eq!(told["smallest"].as_u64(), smallest.map(|size| size as u64), "{text}");
        let smallest: Vec<_> = hits().filter(|set| Some(set.len()) == smallest).collect();
        let shapes = told["found"].as_array().expect("a list");
        let sum: u64 = shapes.iter().map(|shape| shape["reached"].as_u64().expect("some")).sum();
        assert_eq!(sum, smallest.len() as u64, "each is counted in one shape");
        for shape in shapes {
            let faults: BTreeSet<String> = strings(&shape["faults"]).map(str::to_owned).collect();
            assert!(smallest.contains(&&faults), "{faults:?} in\n{text}");
            let linked = decode(shape["link"].as_str().expect("a link")).expect("it opens");
            assert_eq!(run_to_end(linked.scenario).outcome().name(), goal);
        }
        reached += smallest.len();
    }
    reached
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().expect("a list").iter().map(|one| one.as_str().expect("a string"))
}

fn cuts(replicas: u8) -> Vec<String> {
    let mut all = Vec::new();
    for (from, to) in (1..=replicas).flat_map(|from| (1..=replicas).map(move |to| (from, to))) {
        if from != to {
            all.push(format!("cut n{from} -> n{to}"));
        }
    }
    all
}

#[test]
fn the_smallest_sets_of_three_replicas_are_those_of_every_subset() {
    let protocols = ["raft", "raft+prevote+checkquorum", "multipaxos", "vr", "zab", "omnipaxos"];
    let mut reached = 0;
    for protocol in protocols.iter().take(size(4, 6) as usize) {
        let text = THREE.replace("PROTOCOL", protocol).replace("SEED", "7");
        reached += compare(&text, &cuts(3), "cuts", 6);
    }
    assert!(reached > 4, "{reached} sets reach a goal");
}

#[test]
fn the_smallest_sets_of_five_replicas_are_those_of_every_subset() {
    for protocol in ["raft", "vr"].iter().take(size(1, 2) as usize) {
        let text = FIVE.replace("five: raft", &format!("five: {protocol}"));
        compare(&text, &cuts(5), "cuts", size(2, 3));
    }
}

#[test]
fn parts_and_lies_are_vocabularies_too() {
    let text = THREE.replace("PROTOCOL", "raft").replace("SEED", "7");
    let path = file("explore-parts.halflink", &text);
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    let known = |faults: &str| {
        let told = found(&path, &["--faults", faults, "--goal", "stalled", "--size", "0"]);
        sorted(strings(&told[0]["vocabulary"]).map(str::to_owned).collect())
    };
    // Of three racks with a server of two disks: whatever can fail, and nothing else.
    let of_all = ["feed-a", "feed-b", "spine-a", "spine-b"].map(str::to_owned).to_vec();
    let of_rack = ["pdu-a", "pdu-b", "tor-a", "tor-b", "s1", "s1.d1", "s1.d2", "s1.nic-a"];
    let of_rack = of_rack.iter().chain(&["s1.nic-b", "s1.psu-a", "s1.psu-b"]);
    let of_racks = of_rack.flat_map(|part| (1..=3).map(move |rack| format!("r{rack}.{part}")));
    let parts = of_all.into_iter().chain(of_racks).map(|part| format!("fail {part}"));
    let parts = sorted(parts.collect());
    assert_eq!(known("parts"), parts);
    // Of no single part do all three hang. One rack has failed, so each other is one too many.
    assert_eq!(compare(&text, &parts, "parts", 1), 0);
    let one_down = text.replace("run  ", "at 4s fail r1.s1\nrun  ");
    assert!(compare(&one_down, &parts, "parts", 1) >= 2, "either of the two others is needed");
    let lies = ["claim-leadership", "deny-leader", "double-vote", "equivocate", "lie-about-log"];
    let lies = lies.iter().chain(&["replay"]);
    let lies = lies.flat_map(|lie| (1..=3).map(move |one| format!("traitor n{one} {lie}")));
    let lies = sorted(lies.collect());
    assert_eq!(known("lies"), lies);
    assert!(compare(&text, &lies, "lies", 1) > 0, "some lie breaks a property");
}

#[test]
fn what_cannot_be_tried_is_refused() {
    let path = file("explore-five.halflink", FIVE);
    let cuts = ["--faults", "cuts", "--goal", "unsafe"];
    let refused = |path: &Path, more: &[&str], why: &str| {
        let output = explore(path, &[&cuts[..], more].concat());
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{errors}");
        assert!(errors.contains(why), "{more:?}: {errors}");
    };
    refused(&path, &["--size", "20", "--protocols", "all"], "more than 20,000,000 sets");
    refused(&path, &["--at", "50s"], "--at 50s is not before the end of the run, 40s");
    refused(&path, &["--at", "40s"], "--at 40s is not before the end of the run, 40s");
    refused(&path, &["--goal", "stable"], "--goal");
    let group = THREE.replace("PROTOCOL", "raft").replace("SEED", "7");
    let group = group.lines().skip(3).take(4).collect::<Vec<_>>().join("\n");
    let plant = "halflink 1\ntitle \"two\"\nplant 3 racks of 1 server, 2 disks each\n";
    let two = format!("{plant}{group}\n{}\nrun 25s\n", group.replace("etcd", "other"));
    let two = file("explore-two.halflink", &two);
    refused(&two, &[], "what has several groups is not explored");
    let safe = explore(&path, &[&cuts[..], &["--size", "1"]].concat());
    assert_eq!(safe.status.code(), Some(1), "Raft is safe");
}

#[test]
fn what_came_to_a_bound_is_not_known_unless_it_broke_before() {
    let ask = |path: &Path, goal: &str| {
        let ask = ["--faults", "cuts", "--size", "0", "--goal", goal];
        let output = explore(path, &ask);
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let json = explore(path, &[&ask[..], &["--json"]].concat());
        assert_eq!(output.status.code(), json.status.code(), "{text}");
        let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
        (output.status.code(), text, json[0].clone())
    };
    let path = file("explore-bounded.halflink", &bounded(""));
    let (code, text, json) = ask(&path, "stalled");
    assert_eq!(code, Some(3), "{text}");
    let told = "no set is known to be stalled; how 1 set would have come out is not known";
    assert!(text.contains(told), "{text}");
    assert_eq!((&json["is_done"], &json["sizes"][0]["unknown"]), (&false.into(), &1.into()));
    let path = file("explore-broken.halflink", &bounded("at 100ms traitor n1 equivocate"));
    let (code, text, json) = ask(&path, "unsafe");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("unsafe with 0 faults and not with fewer: 1 set"), "{text}");
    assert_eq!((&json["is_done"], &json["sizes"][0]["unknown"]), (&true.into(), &0.into()));
    let link = json["found"][0]["link"].as_str().expect("a link");
    assert!(run_to_end(decode(link).expect("it opens").scenario).history.exhausted.is_some());
}

#[test]
fn too_many_that_could_change_places_are_told_one_by_one() {
    let members: String = (1..=9).map(|rack| format!(" r{rack}.s1")).collect();
    let nine = format!(
        "halflink 1\ntitle \"nine\"\nplant 9 racks of 1 server, 2 disks each\n\
         cluster c: multipaxos on{members}\ntiming heartbeat 200ms, election 1s..2s\nseed 2020\n\
         write every 500ms\nat 0s elect n9\nrun 40s\n"
    );
    let path = file("explore-nine.halflink", &nine);
    let ask = ["--faults", "cuts", "--size", "1", "--goal", "flapping"];
    let told = &found(&path, &ask)[0];
    assert_eq!(told["ungrouped"], 8);
    let shapes = told["found"].as_array().expect("a list");
    assert_eq!(told["sizes"][1]["outcomes"]["flapping"], shapes.len());
    assert!(shapes.len() > 1, "{shapes:?}");
    let text = String::from_utf8(explore(&path, &ask).stdout).expect("UTF-8");
    assert!(text.contains("8 replicas could change places"), "{text}");
    assert!(text.contains("and 52 more: --json has them all"), "of 72 single faults: {text}");
}

#[test]
#[cfg(unix)]
fn what_is_ended_tells_what_it_has() {
    let path = file("explore-ended.halflink", FIVE);
    let mut command = Command::new(env!("CARGO_BIN_EXE_halflink"));
    command.arg("explore").arg(&path).args(["--faults", "cuts", "--goal", "unsafe"]);
    command.args(["--size", "5", "--protocols", "all"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it is built");
    std::thread::sleep(std::time::Duration::from_secs(1));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("there is such a program").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(told.contains("1 at once: 20 of 20 tried"), "{told}");
    assert!(told.contains("no set was unsafe so far"), "{told}");
}

/// The table of the page, made of its data.
fn table(data: &[Value]) -> String {
    let outcomes = ["unsafe", "stalled", "flapping", "recovered", "parted", "stable"];
    let mut text = String::from("| protocol | cuts | sets |");
    outcomes.iter().for_each(|outcome| write!(text, " {outcome} |").expect("it takes it"));
    text += "\n|---|---|---|---|---|---|---|---|---|\n";
    for one in data {
        for size in one["sizes"].as_array().expect("a list").iter().skip(1) {
            assert_eq!(size["tried"], size["sets"], "all were tried");
            let protocol = one["protocol"].as_str().expect("a name");
            write!(text, "| {protocol} | {} | {} |", size["size"], size["sets"]).expect("it takes");
            for outcome in outcomes {
                let count = size["outcomes"][outcome].as_u64().unwrap_or(0);
                write!(text, " {count} |").expect("it takes it");
            }
            text += "\n";
        }
    }
    text
}

/// The data of docs/ONE-WAY-CUTS.md, when its cuts come, and how many protocols and runs are in it.
const TABLES: [(&str, &str, usize, u64); 4] = [
    ("one-way-cuts", "5s", 22, 477_400),
    ("one-way-cuts-bft", "5s", 3, 65_100),
    ("one-way-cuts-paxos", "0s", 1, 21_700),
    ("one-way-cuts-generals", "0s", 2, 43_400),
];

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn data(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(docs().join(format!("{name}.json"))).expect("it is there");
    serde_json::from_str(&text).expect("a list")
}

/// The page with that table made anew.
fn with_table(page: &str, name: &str) -> String {
    let begin = format!("<!-- table: {name} -->\n");
    let (before, rest) = page.split_once(&begin).expect("where the table begins");
    let (_, after) = rest.split_once("<!-- end -->").expect("where it ends");
    [before, &begin, &table(&data(name)), "<!-- end -->", after].concat()
}

#[test]
fn the_tables_of_one_way_cuts_are_their_data() {
    let place = docs().join("ONE-WAY-CUTS.md");
    let page = std::fs::read_to_string(&place).expect("it is there");
    let made = TABLES.iter().fold(page, |page, (name, ..)| with_table(&page, name));
    if std::env::var("UPDATE").is_ok_and(|value| value == "1") {
        std::fs::write(&place, &made).expect("it can be written");
    }
    assert_eq!(std::fs::read_to_string(&place).expect("it is there"), made, "UPDATE=1 writes it");
    let known = TABLES.iter().flat_map(|(name, ..)| data(name));
    let known: BTreeSet<String> =
        known.map(|one| one["protocol"].as_str().expect("a name").to_owned()).collect();
    let all = Protocol::ALL.into_iter().map(|protocol| protocol.to_string()).collect();
    assert_eq!(known, all, "of every protocol");
}

/// Of each protocol the small sets are run anew, and of each outcome its link.
#[test]
fn the_data_of_one_way_cuts_is_what_runs_give() {
    for (name, at, protocols, runs) in TABLES {
        let then = data(name);
        let names: Vec<&str> =
            then.iter().map(|one| one["protocol"].as_str().expect("a name")).collect();
        let most = size(1, 3).to_string();
        let options = ["--faults", "cuts", "--goal", "stalled", "--all", "--size", &most];
        let path = docs().join(format!("{name}.halflink"));
        let names = names.join(",");
        let options = [&options[..], &["--at", at, "--protocols", &names]].concat();
        let now = found(&path, &options);
        let now = now.as_array().expect("a list");
        assert_eq!(then.len(), now.len());
        let tried = then.iter().zip(now).map(|(then, now)| small_sets_and_links(then, now)).sum();
        assert_eq!((then.len(), tried), (protocols, runs), "as the page says");
    }
}

/// Of a protocol, how many sets were tried when the data was made.
fn small_sets_and_links(then: &Value, now: &Value) -> u64 {
    assert_eq!(then["protocol"], now["protocol"]);
    let then = then["sizes"].as_array().expect("a list");
    let now = now["sizes"].as_array().expect("a list");
    assert_eq!((then.len(), now.len()), (6, size(1, 3) as usize + 1));
    assert_eq!(then[..now.len()], now[..], "of each size");
    let last = then.last().expect("some size");
    for (outcome, link) in last["examples"].as_object().expect("by outcome") {
        let linked = decode(link.as_str().expect("a link")).expect("it opens");
        let finished = run_to_end(linked.scenario);
        assert!(linked.trace_hash.expect("it has one").fits(finished.trace_hash()));
        assert_eq!(finished.outcome().name(), outcome);
    }
    then.iter().map(|size| size["tried"].as_u64().expect("a number")).sum()
}

/// How many of the four incoming directions each of five replicas has lost.
fn lost(faults: &Value) -> [usize; 5] {
    [1, 2, 3, 4, 5].map(|replica| {
        let to = format!(" -> n{replica}");
        strings(faults).filter(|cut| cut.ends_with(&to)).count()
    })
}

#[test]
fn two_replicas_that_do_not_hear_two_others_stall_pbft() {
    let pbft = data("one-way-cuts-bft").remove(0);
    assert_eq!((&pbft["protocol"], &pbft["smallest"]), (&"pbft".into(), &4.into()));
    let of_shape =
        |one: &&Value| lost(&one["faults"]).into_iter().filter(|lost| *lost == 2).count() == 2;
    let sets = pbft["found"].as_array().expect("a list");
    let sum = |key: &str, sets: &[&Value]| -> u64 {
        sets.iter().map(|one| one[key].as_u64().expect("a number")).sum()
    };
    let all: Vec<&Value> = sets.iter().collect();
    let shaped: Vec<&Value> = sets.iter().filter(of_shape).collect();
    let figures = (sum("reached", &all), sum("reached", &shaped), sum("alike", &shaped));
    assert_eq!(figures, (324, 314, 360), "as the page says");
}

#[test]
fn a_cut_to_the_next_leader_is_the_single_one_that_hotstuff_waits_for() {
    let hotstuff = data("one-way-cuts-bft").remove(2);
    assert_eq!((&hotstuff["protocol"], &hotstuff["smallest"]), (&"hotstuff".into(), &3.into()));
    let next = [(1, 2), (2, 3), (3, 4), (4, 5), (5, 1)].map(|(n, m)| format!("cut n{n} -> n{m}"));
    for single in hotstuff["singles"].as_array().expect("a list") {
        let wait_us = single["longest_wait_us"].as_u64().expect("a number");
        let is_next = next.iter().any(|cut| single["fault"] == **cut);
        let bounds = if is_next { 1_300_000..1_600_000 } else { 0..7_000 };
        assert!(bounds.contains(&wait_us), "as the page says: {single}");
    }
}

#[test]
fn who_hears_nobody_is_left_out_and_nobody_stalls() {
    let texts = ["one-way-cuts-paxos", "one-way-cuts-bft"];
    for (name, place, at) in [(texts[0], 0, "0s"), (texts[1], 1, "5s")] {
        let known = data(name).remove(place);
        assert_eq!(known["smallest"], Value::Null, "no set stalls");
        let parted = |cuts: usize| &known["sizes"][cuts]["outcomes"]["parted"];
        assert_eq!((parted(3), parted(4)), (&Value::Null, &5.into()), "so many, and no others");
        let text = std::fs::read_to_string(docs().join(format!("{name}.halflink"))).expect("it is");
        let protocol = format!("five: {}", known["protocol"].as_str().expect("a name"));
        for deaf in 1..=5 {
            let mut text = text.replace("five: pbft", &protocol);
            for from in (1..=5).filter(|from| *from != deaf) {
                writeln!(text, "at {at} cut n{from} -> n{deaf}").expect("a string takes it");
            }
            assert_eq!(run_to_end(scenario(&text)).outcome().name(), "parted", "{text}");
        }
    }
}

/// Of the first table, that protocol's.
fn of_protocol(name: &str) -> Value {
    let mut all = data("one-way-cuts").into_iter();
    all.find(|one| one["protocol"] == name).expect("it is in the table")
}

fn counts(name: &str, outcome: &str) -> [u64; 5] {
    let sizes = &of_protocol(name)["sizes"];
    [1, 2, 3, 4, 5].map(|size: usize| sizes[size]["outcomes"][outcome].as_u64().unwrap_or(0))
}

#[test]
fn rings_of_cuts_through_the_leader_keep_omnipaxos_from_rest() {
    assert_eq!(counts("omnipaxos", "flapping"), [0, 0, 12, 48, 36], "as the page says");
    for other in ["omnipaxos+happy", "omnipaxos-crate"] {
        assert_eq!(counts(other, "flapping"), [0; 5]);
    }
    // All the rings there are, so the 12 are these.
    for one in 1..=4 {
        for two in (1..=4).filter(|two| *two != one) {
            let mut text = FIVE.replace("five: raft", "five: omnipaxos");
            for (from, to) in [(one, two), (two, 5), (5, one)] {
                writeln!(text, "at 5s cut n{from} -> n{to}").expect("a string takes it");
            }
            assert_eq!(run_to_end(scenario(&text)).outcome().name(), "flapping", "{text}");
        }
    }
    let link = &of_protocol("omnipaxos")["sizes"][3]["examples"]["flapping"];
    let linked = decode(link.as_str().expect("a link")).expect("it opens").scenario;
    let writes = run_to_end(linked).history.writes;
    let late = writes.iter().filter(|write| {
        write.committed.is_none_or(|at| at - write.at > secs(5)) && write.at + secs(5) < secs(40)
    });
    assert_eq!(late.count(), 0, "every write was served");
}

#[test]
fn check_quorum_helps_where_followers_are_sticky() {
    assert_eq!(counts("raft", "stalled")[4] + counts("raft", "flapping")[4], 2_902);
    assert_eq!(counts("raft+prevote", "stalled"), [0, 0, 28, 383, 2_488]);
    assert_eq!(counts("raft+prevote", "flapping"), [0; 5]);
    assert_eq!(counts("raft+checkquorum", "stalled"), [0; 5]);
    assert_eq!(counts("raft+checkquorum", "flapping")[4], 2_770);
    let both = ["raft+sticky+checkquorum", "raft+prevote+checkquorum", "tikv-raft+checkquorum"];
    for name in both.into_iter().chain(["etcd-raft+prevote+checkquorum"]) {
        assert_eq!((counts(name, "stalled"), counts(name, "flapping")), ([0; 5], [0; 5]), "{name}");
    }
    assert_eq!(counts("etcd-raft+checkquorum", "stalled"), [0, 0, 0, 0, 1]);
    for [one, other] in [["multipaxos", "multipaxos+robust"], ["vr", "vr+recovery"]] {
        for outcome in ["stalled", "flapping", "recovered", "parted", "stable"] {
            assert_eq!(counts(one, outcome), counts(other, outcome));
        }
    }
}

#[test]
fn the_two_cuts_that_make_raft_flap_are_no_pair_of_one_link() {
    for name in ["raft", "tikv-raft", "raft+checkquorum"] {
        assert_eq!(counts(name, "flapping")[1], 1, "{name}");
        let link = &of_protocol(name)["sizes"][2]["examples"]["flapping"];
        let text = decode(link.as_str().expect("a link")).expect("it opens").scenario.to_string();
        let ends = |line: &str| {
            let (from, to) = line.split_once("cut ")?.1.split_once(" -> ")?;
            Some([from.to_owned(), to.to_owned()])
        };
        let cuts: Vec<[String; 2]> = text.lines().filter_map(ends).collect();
        let [[from, to], other] = &cuts[..] else { panic!("two cuts: {text}") };
        assert_ne!([to, from], [&other[0], &other[1]], "{name}");
    }
}
