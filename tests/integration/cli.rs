//! The command line, as a script meets it: arguments, output, exit codes.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use halflink::scenario::library::{find, library};
use serde_json::Value;

use crate::support::{run_to_end, scenario};

const SMALL: &str = "halflink 1
title   \"small\"
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    7
write   every 300ms
at 0s elect n3
at 3s cut   n3 -> n1
run     20s
";

fn start(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_halflink"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the command line was built")
}

/// Runs it with that on standard input.
fn halflink_with(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().expect("piped");
    // It may stop reading early; that is its business.
    drop(stdin.write_all(input));
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn halflink(arguments: &[&str]) -> Output {
    halflink_with(arguments, b"")
}

/// What it prints when all is well.
fn printed(arguments: &[&str], input: impl AsRef<[u8]>) -> String {
    let output = halflink_with(arguments, input.as_ref());
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What it says to input that it refuses: exit code 2, and nothing on standard output.
fn refused(arguments: &[&str], input: &[u8]) -> String {
    let output = halflink_with(arguments, input);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn json(arguments: &[&str], input: &str) -> Value {
    let text = printed(&[arguments, &["--json"]].concat(), input);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A file with that content, gone with the test's folder.
fn file(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).expect("the target folder can be written");
    path
}

/// The names of an object's fields, sorted.
fn fields(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> =
        value.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn json_has_exactly_the_fields_that_scripts_are_promised() {
    let report = json(&["run", "-"], SMALL);
    let counts = [
        "epochs",
        "leader_changes",
        "longest_stall_us",
        "parted_us",
        "reads_answered",
        "reads_stale",
        "reads_tried",
        "writes_committed",
        "writes_tried",
    ];
    let more =
        ["exhausted", "outcome", "protocol", "replicas", "seed", "title", "trace_hash", "until_us"];
    let judged = ["episodes", "patience_us", "sentence", "violations", "window", "worst_episode"];
    let writes = ["writes_late", "writes_lost", "writes_served"];
    let mut all: Vec<_> = counts.into_iter().chain(more).chain(judged).chain(writes).collect();
    all.sort_unstable();
    assert_eq!(fields(&report), all);
    let mut inside: Vec<_> = counts.into_iter().chain(["from_us", "to_us"]).collect();
    inside.sort_unstable();
    assert_eq!(fields(&report["window"]), inside);
    let replicas = report["replicas"].as_array().expect("a list");
    assert_eq!(replicas.len(), 3);
    for (number, replica) in (1..).zip(replicas) {
        assert_eq!(fields(replica), ["commit", "epoch", "leader", "name", "role", "up"]);
        assert_eq!(replica["name"], format!("n{number}"));
    }
    assert_eq!(
        (&report["violations"], &report["exhausted"]),
        (&serde_json::json!([]), &Value::Null)
    );
    let hash = report["trace_hash"].as_str().expect("a string");
    assert_eq!(hash, format!("{:016x}", run_to_end(scenario(SMALL)).trace_hash()));
    assert_eq!((&report["title"], &report["protocol"]), (&"small".into(), &"raft".into()));
    assert_eq!((&report["seed"], &report["until_us"]), (&7.into(), &20_000_000.into()));
    let window = &report["window"];
    assert_eq!((&window["from_us"], &window["to_us"]), (&3_000_000.into(), &20_000_000.into()));
    assert_eq!(report["writes_tried"], 66);
}

/// What becomes of reads is counted, in JSON and in words, and one that was not fresh is unsafe.
#[test]
fn reads_are_counted() {
    let cut = SMALL.replace("at 3s cut   n3 -> n1", "at 3s cut n3 <-> n1\nat 3s cut n3 <-> n2");
    let reads = |by: &str| cut.replace("write ", &format!("read every 200ms by {by}\nwrite "));
    for (by, code) in [("local", 1), ("quorum", 0), ("lease", 0)] {
        let output = halflink_with(&["run", "-", "--json"], reads(by).as_bytes());
        assert_eq!(output.status.code(), Some(code), "{by}");
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let count = |of: &Value, name: &str| of[name].as_u64().expect("a count");
        let (whole, window) = (&report, &report["window"]);
        assert_eq!(count(whole, "reads_tried"), 99, "{by}");
        assert_eq!(count(window, "reads_tried"), 85, "{by}");
        let answered = count(whole, "reads_answered");
        assert_eq!(answered - count(window, "reads_answered"), 14, "{by}");
        let stale = count(whole, "reads_stale");
        assert_eq!((stale, stale > 0), (count(window, "reads_stale"), by == "local"), "{by}");
        assert_eq!(report["outcome"] == "unsafe", by == "local");
        let words = halflink_with(&["run", "-"], reads(by).as_bytes()).stdout;
        let line = format!("{answered} of 99 reads answered, {stale} stale");
        assert!(String::from_utf8_lossy(&words).contains(&line), "{by}: {line}");
    }
}

#[test]
fn a_scenario_comes_by_name_file_link_or_standard_input() {
    let entry = find("one-way-from-leader").expect("shipped");
    let by_name = printed(&["run", entry.name], "");
    assert!(by_name.contains("outcome   flapping"), "{by_name}");
    let path = file("by-file.halflink", entry.text);
    let path = path.to_str().expect("UTF-8");
    assert_eq!(printed(&["run", path], ""), by_name);
    assert_eq!(printed(&["run", "-"], entry.text), by_name);
    let link = printed(&["link", entry.name], "");
    let link = link.trim();
    assert_eq!(printed(&["run", link], ""), by_name);
    assert_eq!(printed(&["run", &format!("https://example.org/play/{link}")], ""), by_name);
    assert_eq!(printed(&["run", "-"], link), by_name);
    let listed = printed(&["list"], "");
    assert!(library().iter().all(|entry| listed.contains(entry.name)), "{listed}");
}

/// As chats, mails and blogs hand it on; what else they do to it, `link/pasted.rs` tests.
#[test]
fn a_link_is_read_as_the_page_reads_it() {
    let run = printed(&["run", "one-way-from-leader"], "");
    let link = printed(&["link", "one-way-from-leader"], "");
    let link = link.trim();
    let wrapped = format!("<https://x.org/{}\r\n{}&t=1\n5>\n", &link[..40], &link[40..]);
    let path = file("wrapped.txt", &wrapped);
    for pasted in [
        &format!("{link}&t=0:15)."),
        &format!("https://x.org/h/{link}&amp;t=15"),
        &format!("[it](https://x.org/{link}&t=15&compare=vr,raft+prevote), said she"),
        "#one-way-from-leader&t=15",
        "https://x.org/#one-way-from-leader.",
        path.to_str().expect("UTF-8"),
    ] {
        assert_eq!(printed(&["run", pasted], ""), run, "{pasted}");
    }
    assert_eq!(printed(&["run", "-"], &wrapped), run);
    let output = halflink(&["run", &format!("{link}&t=soon")]);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said, "note: the link asks for t=soon, which is no moment\n");
}

#[test]
fn options_change_the_run_and_nothing_else() {
    let report = json(
        &["run", "-", "--protocol", "raft+prevote+checkquorum", "--seed", "99", "--until", "12.5s"],
        SMALL,
    );
    let text = SMALL.replace(" raft ", " raft+prevote+checkquorum ");
    let text = text.replace("seed    7", "seed 99").replace("20s", "12.5s");
    assert_eq!(report, json(&["run", "-"], &text));
    assert_eq!(report["until_us"], 12_500_000);
    // An end before the fault leaves the fault out.
    let calm = json(&["run", "-", "--until", "2s"], SMALL);
    assert_eq!((&calm["outcome"], &calm["until_us"]), (&"stable".into(), &2_000_000.into()));
}

#[test]
fn link_and_text_are_each_others_way_back() {
    for entry in library() {
        let link = printed(&["link", entry.name], "");
        assert!(link.starts_with("#2.") && link.lines().count() == 1, "{link}");
        let text = printed(&["text", link.trim()], "");
        assert_eq!(text, entry.text, "{}: comments and all", entry.name);
        assert_eq!(printed(&["link", "-"], &text), link, "{}", entry.name);
        let canonical = printed(&["text", "-"], &text);
        assert_eq!(canonical, scenario(entry.text).to_string(), "{}", entry.name);
        assert_eq!(printed(&["text", "-"], &canonical), canonical, "{}: canonical", entry.name);
    }
}

#[test]
fn bad_input_is_refused_with_line_and_column() {
    let wrong = SMALL.replace("cut   n3", "cutt n3");
    let path = file("wrong.halflink", &wrong);
    let path = path.to_str().expect("UTF-8");
    for command in ["run", "link", "text"] {
        let errors = refused(&[command, path], b"");
        assert!(errors.contains(&format!("{path}:9:7")), "{errors}");
        assert!(errors.contains("did you mean `cut`?"), "{errors}");
    }
    let twice = wrong.replace("seed    7", "seed -1");
    let errors = refused(&["run", "-"], twice.as_bytes());
    assert!(errors.contains(":6:6") && errors.contains(":9:7"), "{errors}");
    let link = printed(&["link", "one-way-to-leader"], "");
    let cut = &link.trim()[..link.len() - 6];
    for (arguments, input, piece) in [
        (&["run", "no-such-thing"][..], &b""[..], "library: cloudflare-2020, "),
        (&["run", cut], b"", "the link is cut short"),
        (&["run", "#3.AAAA"], b"", "formats 1 and 2 are known"),
        (&["run", "-"], b"\xff\xfe\0", "not a text in UTF-8"),
        (&["run", "-"], b"", "halflink 1"),
        (&["run", "-"], &[b'#'; 200_000], "at most 65536 bytes"),
        (&["run", "rack-power", "--until", "28801s"], b"", "a run takes 1ms to 28800s"),
        (&["run", "rack-power", "--until", "soon"], b"", "expected a time"),
        (&["run", "rack-power", "--protocol", "gossip"], b"", "raft+prevote+checkquorum"),
        (&["run", "rack-power", "--seed", "-1"], b"", "-1"),
        (&["run"], b"", "Usage"),
        (&["frobnicate"], b"", "Usage"),
    ] {
        let errors = refused(arguments, input);
        assert!(errors.contains(piece), "{arguments:?}: {errors}");
        assert!(errors.len() < 4_000, "{arguments:?}: {} bytes of error", errors.len());
    }
}

#[test]
fn a_text_is_read_as_editors_save_it_and_a_link_as_mails_bring_it() {
    let expected = printed(&["text", "-"], SMALL);
    let utf16 = |bytes: fn(u16) -> [u8; 2]| {
        let units = std::iter::once(0xfeff).chain(SMALL.encode_utf16());
        units.flat_map(bytes).collect::<Vec<u8>>()
    };
    let crlf = SMALL.replace('\n', "\r\n");
    for input in [
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        format!("\u{feff}{crlf}").into_bytes(),
        crlf.replace(' ', "\u{a0}").into_bytes(),
    ] {
        assert_eq!(printed(&["text", "-"], input), expected);
    }
    let link = printed(&["link", "-"], SMALL);
    let link = link.trim().trim_start_matches(|char| char != '#');
    let address = format!("https://x.org/h/{link}");
    for pasted in [
        format!("Issue #12: {address} and so on"),
        format!("({address}), as I said"),
        format!("https://guard.example/?url={}&data=05", address.replace('#', "%23")),
        format!("> {}\n> {}", &address[..40], &address[40..]),
    ] {
        let text = printed(&["text", &pasted], "");
        assert_eq!(printed(&["text", "-"], text), expected, "{pasted}");
    }
}

/// A terminal must not be at the mercy of a stranger's text.
#[test]
fn control_characters_do_not_reach_the_terminal() {
    let hostile = SMALL.replace("\"small\"", "\"\u{1b}[2J\u{7}\u{202e}\"");
    let errors = refused(&["run", "-"], hostile.as_bytes());
    let control = |char: char| char.is_control() && char != '\n';
    assert!(!errors.contains(control) && !errors.contains('\u{202e}'), "{errors:?}");
}

#[test]
fn an_older_link_says_that_it_replays_differently() {
    let link = halflink::scenario::link::encode(SMALL, Some(42));
    let output = halflink(&["run", &link]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0));
    assert!(errors.contains("this replays differently"), "{errors}");
    let edited = halflink(&["run", &link, "--seed", "8"]);
    assert!(edited.stderr.is_empty(), "another seed was asked for");
}

#[test]
fn whoever_reads_may_stop_reading() {
    let mut child = start(&["text", "cloudflare-2020"]);
    let mut stdout = child.stdout.take().expect("piped");
    let mut first = [0];
    stdout.read_exact(&mut first).expect("a first byte");
    drop(stdout);
    let output = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""));
}

/// A broken property is an exit code of its own, for one run and for one among many.
#[test]
fn a_broken_property_exits_with_1() {
    for name in ["two-faced-voter", "amnesia"] {
        let output = halflink(&["run", name]);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{printed}");
        assert!(printed.contains("outcome   unsafe"), "{printed}");
        assert!(printed.contains("state machine safety: at index 16 "), "{printed}");
        let output = halflink(&["run", name, "--json"]);
        assert_eq!(output.status.code(), Some(1));
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(report["outcome"], "unsafe");
    }
    let compared = halflink(&["compare", "amnesia", "--protocols", "raft,raft+prevote"]);
    let printed = String::from_utf8_lossy(&compared.stdout).into_owned();
    assert_eq!(compared.status.code(), Some(1), "{printed}");
    assert!(printed.contains("UNSAFE raft, 10."), "{printed}");
}

/// It ran as far as it could, and nothing broke until then.
#[test]
fn a_run_that_comes_to_a_bound_exits_with_3() {
    let text = include_str!("../hostile/delay-600s.halflink");
    let output = halflink_with(&["run", "-"], text.as_bytes());
    let words = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(3), "{words}");
    let said = words.lines().find(|line| line.starts_with("ENDED")).expect("it says so");
    assert!(said.contains("more than 100000 packets and timers under way at once"), "{said}");
    let output = halflink_with(&["run", "-", "--json"], text.as_bytes());
    assert_eq!(output.status.code(), Some(3));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(fields(&report["exhausted"]), ["at_us", "bound", "text"]);
    assert_eq!(report["exhausted"]["bound"], "under-way");
    assert_eq!(report["window"]["to_us"], report["exhausted"]["at_us"]);
}

#[test]
fn protocols_are_set_side_by_side() {
    let arguments = ["compare", "quorum-loss", "constrained", "chained", "--protocols", "all"];
    let table = printed(&arguments, "");
    let row = |name: &str| {
        let start = format!("{name} ");
        table.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{table}"))
    };
    for protocol in halflink::compare::comparable() {
        assert_eq!(row(protocol.name()).matches(" of ").count(), 3, "{table}");
    }
    assert!(!table.contains("paxos  ") || !table.lines().any(|line| line.starts_with("paxos ")));
    assert!(!table.contains("nobody knows why"), "{table}");
    let multipaxos: Vec<_> = row("multipaxos").split_whitespace().collect();
    assert_eq!(multipaxos[1..5], ["stalled", "0", "of", "186"]);
    assert_eq!(multipaxos[6], "x");
    assert!(row("omnipaxos").contains("check") && row("raft").contains("x* ["), "{table}");
    assert!(table.contains("[1] differs: "), "{table}");
    // The same figures as JSON, and as of single runs.
    let json =
        json(&["compare", "quorum-loss", "chained", "--protocols", "vr,raft", "--seed", "5"], "");
    assert_eq!(json["scenarios"], serde_json::json!(["quorum-loss", "chained"]));
    assert_eq!(json["rows"].as_array().map(Vec::len), Some(2));
    for row in json["rows"].as_array().expect("rows") {
        let protocol = row["protocol"].as_str().expect("a name");
        for (name, cell) in
            ["quorum-loss", "chained"].into_iter().zip(row["cells"].as_array().expect("cells"))
        {
            let run = self::json(&["run", name, "--protocol", protocol, "--seed", "5"], "");
            assert_eq!(cell["trace_hash"], run["trace_hash"]);
            assert_eq!(cell["outcome"], run["outcome"]);
            for count in ["writes_tried", "writes_committed", "longest_stall_us"] {
                assert_eq!(cell[count], run["window"][count], "{protocol}, {name}: {count}");
            }
            let timeouts = cell["longest_stall_timeouts"].as_f64().expect("a number");
            let micros = cell["longest_stall_us"].as_f64().expect("a number");
            assert!((timeouts - micros / 2e6).abs() < 0.051, "{timeouts} of {micros}");
        }
    }
}

/// A protocol that a scenario cannot be put to does not stop the others.
#[test]
fn a_cell_that_cannot_run_says_why() {
    let table =
        printed(&["compare", "generals-4", "-", "--protocols", "vr,pbft,generals-om"], SMALL);
    assert!(table.contains("vr has no commander"), "{table}");
    assert!(
        table.contains("pbft needs at least 4 replicas (n = 3f + 1, f = 1), this cluster has 3"),
        "{table}"
    );
    assert!(table.contains("generals-om takes orders, no writes"), "{table}");
    assert_eq!(table.matches("cannot [").count(), 4, "{table}");
    // A line for liars is no hindrance to those who survive none.
    let table =
        printed(&["compare", "pbft-equivocating-primary", "--protocols", "raft+prevote"], "");
    assert!(!table.contains("cannot"), "{table}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    for (arguments, input, piece) in [
        (&["compare"][..], &b""[..], "Usage"),
        (
            &["compare", "quorum-los"],
            b"",
            "no library scenario, file or link is called `quorum-los`",
        ),
        (
            &["compare", "chained", "--protocols", "raft,gossip"],
            b"",
            "no protocol is called `gossip`",
        ),
        (&["compare", "chained", "--protocols", ""], b"", "no protocol is called ``"),
        (&["compare", "chained", "--protocols", "vr,vr"], b"", "vr is there twice"),
        (&["compare", "chained", "--seed", "4294967296"], b"", "4294967296"),
        (&["compare", "chained", "-"], b"halflink 1\nrun soon\n", ":2:5"),
    ] {
        let errors = refused(arguments, input);
        assert!(errors.contains(piece), "{arguments:?}: {errors}");
        assert!(errors.len() < 4_000, "{arguments:?}: {} bytes of error", errors.len());
    }
}

/// `check`: every line under its protocols, where it is not so, and what tells a script.
#[test]
fn check_says_which_expectation_does_not_hold_and_where() {
    let expecting =
        |lines: &str| SMALL.replace("run     20s\n", &format!("{lines}\nrun     20s\n"));
    let right = expecting("expect raft stable # n2 leads in the end\nexpect zab safe");
    let output = halflink_with(&["check", "-", "--seeds", "3"], right.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(lines, "ok   -:10:8: raft stable\nok   -:11:8: zab safe\n");

    let wrong = expecting("expect all unsafe\nexpect raft  flapping\nexpect pbft stable");
    let output = halflink_with(&["check", "-", "--seeds", "2"], wrong.as_bytes());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let errors = String::from_utf8(output.stderr).expect("UTF-8");
    let told = "raft is stable with seed 7, expected flapping (2 of 2 seeds)";
    assert!(errors.contains(told) && errors.contains("--> -:11:8"), "{errors}");
    assert!(errors.contains("pbft cannot run it: pbft needs at least 4 replicas"), "{errors}");
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(lines.lines().all(|line| line.starts_with("FAIL ")), "{lines}");
    let named = |name: &str| lines.matches(&format!(":8: {name} ")).count();
    // What a line of its own names is no longer among all; what cannot run it is not either.
    assert_eq!((named("raft"), named("zab"), named("hotstuff"), named("pbft")), (1, 1, 0, 1));

    let output = halflink_with(&["check", "-", "--json"], wrong.as_bytes());
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let raft = found.as_array().expect("a list").iter().find(|one| one["protocol"] == "raft");
    let raft = raft.expect("it is named");
    let names = ["cannot", "column", "expected", "held", "line", "protocol", "runs", "scenario"];
    assert_eq!(fields(raft), names);
    assert_eq!((&raft["line"], &raft["held"]), (&11.into(), &false.into()));
    assert_eq!(fields(&raft["runs"][0]), ["exhausted", "held", "outcome", "seed"]);
    assert_eq!(raft["runs"][0]["outcome"], "stable");
}

/// A check that checks nothing does not pass.
#[test]
fn check_does_not_pass_where_nothing_can_fail() {
    let output = halflink_with(&["check", "-"], SMALL.as_bytes());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing is expected"), "{output:?}");
    // Of generals there are two protocols, and both are named.
    let named = "expect generals-om safe\nexpect generals-sm safe\nexpect all stable";
    let army = find("generals-4").expect("it is shipped").text;
    let (head, tail) = army.rsplit_once("expect ").expect("something is expected");
    let (_, end) = tail.split_once('\n').expect("a line");
    let text = format!("{head}{named}\n{end}");
    let output = halflink_with(&["check", "-"], text.as_bytes());
    assert_eq!(output.status.code(), Some(1), "{output:?}\n{text}");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("`all` is nobody here") && errors.contains("expect all"), "{errors}");
}

/// Folders stand for what is in them; what cannot be read does not hide what can.
#[test]
fn check_takes_folders() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("checked/within");
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("written");
    write("one.halflink", &SMALL.replace("run ", "expect raft safe\nrun "));
    write("two.halflink", SMALL);
    write("three.txt", "no scenario");
    let folder = folder.parent().expect("it has one").to_str().expect("UTF-8");
    let lines = printed(&["check", folder], "");
    assert!(lines.contains("one.halflink:10:8: raft safe"), "{lines}");
    assert!(lines.contains("two.halflink: nothing is expected") && !lines.contains("three"));
    write_and_refuse(folder);
    refused(&["check"], b"");
    refused(&["check", "nowhere"], b"");
}

fn write_and_refuse(folder: &str) {
    let bad = PathBuf::from(folder).join("bad.halflink");
    std::fs::write(&bad, SMALL.replace("run ", "expect raft fine\nrun ")).expect("written");
    let output = halflink(&["check", folder]);
    std::fs::remove_file(bad).expect("it was there");
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("bad.halflink:10:13"), "{errors}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("ok   "), "{output:?}");
}

#[test]
fn blast_says_what_falls_with_parts() {
    let one = printed(&["blast", "-", "r1.tor-a"], SMALL);
    assert!(one.starts_with("If r1.tor-a fails:\nNothing else loses power or data.\n"), "{one}");
    assert!(one.contains("A quorum is left: n1, n2 and n3; it takes 2.\n"), "{one}");
    let two = printed(&["blast", "-", "feed-a", "r1.pdu-b"], SMALL);
    assert!(two.contains("n1 stops.\nA quorum is left: n2 and n3; it takes 2.\n"), "{two}");
    let figures = json(&["blast", "-", "r1.s1.d1", "r1.s1.d2"], SMALL);
    assert_eq!(figures["falls"].as_array().map(Vec::len), Some(1));
    // The same link is dead before and after: nothing is claimed of it.
    let later = printed(&["blast", "-", "r2.s1", "--at", "5s"], SMALL);
    assert!(later.contains("n2 stops.\nNo quorum is left"), "{later}");
}

#[test]
fn shrink_prints_a_text_that_comes_out_the_same() {
    let output = halflink(&["shrink", "cloudflare-2020"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(json(&["run", "-"], &text)["outcome"], "flapping", "{text}");
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    let (words, link) = told.trim_end().rsplit_once('\n').expect("two lines");
    assert!(words.starts_with("flapping, still: 3 actions to 1, "), "{told}");
    assert_eq!(printed(&["text", link], ""), text, "the link is that of the text");
    let wrong = halflink_with(&["shrink", "-"], b"halflink 1\nfrob\n");
    assert_eq!(wrong.status.code(), Some(2));
}

/// What it would keep is not known.
#[test]
fn shrink_of_a_run_that_ends_early_says_so_and_prints_nothing() {
    let text = include_str!("../hostile/delay-600s.halflink");
    let output = halflink_with(&["shrink", "-"], text.as_bytes());
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!((output.status.code(), output.stdout), (Some(3), Vec::new()), "{told}");
    assert!(told.contains("not made shorter"), "{told}");
    assert!(told.contains("more than 100000 packets and timers under way at once"), "{told}");
}

#[test]
fn a_long_name_of_a_database_stands_apart_from_what_is_said_of_it() {
    let text = SMALL.replace("run ", "database customers1 on r1.s2 r2.s2, lease 5s\nrun ");
    let said = printed(&["run", "-"], &text);
    assert!(said.contains("\ncustomers1 r1.s2 stays the primary\n"), "{said}");
}

#[test]
fn blast_refuses_what_is_not_there() {
    for (arguments, reason) in [
        (&["blast", "-", "r9.tor-a"][..], "the plant has no part `r9.tor-a`: no r9.tor-a here"),
        (&["blast", "-", "r1.tor-c"], "the plant has no part `r1.tor-c`: expected a part"),
        (&["blast", "-", "r1.s1 for 2s"], "expected the end of the line"),
        (&["blast", "-", "r1.s1", "r1.s1"], "r1.s1 is there twice"),
        (&["blast", "-", "r1.s1", "--at", "1m"], "--at 60s is after the end of the run, 20s"),
        (&["blast", "-"], "required"),
    ] {
        let said = refused(arguments, SMALL.as_bytes());
        assert!(said.contains(reason), "{said}");
    }
}
