//! `halflink sweep`, as a queue meets it: plans, shards, files, exit codes, and what ends early.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use halflink::outcome::{Window, judge};
use halflink::scenario::link::decode;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use crate::support::{bounded, run_to_end};

const PLAN: &str = "halflink-sweep = 1
scenarios = [\"mine.halflink\", \"one-way-to-leader\"]
protocols = [\"raft\", \"vr\"]
seeds = { from = 4294967286, count = 10 }
[[parameter]]
name = \"election\"
line = \"timing heartbeat 100ms, election {}\"
replaces = \"timing heartbeat\"
values = [\"1s..2s\", \"3s..4s\"]
[[parameter]]
name = \"hop\"
line = \"network hop {}, jitter 100us\"
values = [\"300us\", \"2ms\"]
";

const MINE: &str = "halflink 1
title   \"small\"
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    7
write   every 300ms
at 0s elect n3
at 3s cut   n3 -> n1
note 3s \"Nothing of it.\"
expect raft flapping
run     20s
";

/// An empty folder with those two files in it.
fn folder(name: &str, plan: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sweep").join(name);
    drop(fs::remove_dir_all(&path));
    fs::create_dir_all(&path).expect("the target folder can be written");
    fs::write(path.join("plan.toml"), plan).expect("so can this");
    fs::write(path.join("mine.halflink"), MINE).expect("and this");
    path
}

fn command(folder: &Path, out: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_halflink"));
    command.arg("sweep").arg(folder.join("plan.toml")).arg("--out").arg(folder.join(out));
    command.args(more).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"] {
        command.env_remove(name);
    }
    command
}

fn sweep(folder: &Path, out: &str, more: &[&str]) -> Output {
    command(folder, out, more).output().expect("the command line was built")
}

/// What it prints when all is well.
fn printed(folder: &Path, out: &str, more: &[&str]) -> String {
    let output = sweep(folder, out, more);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""), "{more:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The exit code, and what it prints and says.
fn ended(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("it can be read").file_name();
    let mut names: Vec<_> =
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The rows of a file, as names and values.
fn rows(path: &Path) -> Vec<Vec<(String, Field)>> {
    let reader = SerializedFileReader::new(File::open(path).expect("it is there"));
    let reader = reader.expect("it is Parquet");
    let rows = reader.get_row_iter(None).expect("all columns");
    rows.map(|row| row.expect("it can be read").into_columns()).collect()
}

fn field<'a>(row: &'a [(String, Field)], name: &str) -> &'a Field {
    &row.iter().find(|(column, _)| column == name).expect("the column is there").1
}

fn text_of<'a>(row: &'a [(String, Field)], name: &str) -> &'a str {
    let field = field(row, name);
    let Field::Str(text) = field else { panic!("{name} is {field}") };
    text
}

fn number(row: &[(String, Field)], name: &str) -> i64 {
    let field = field(row, name);
    let Field::Long(number) = field else { panic!("{name} is {field}") };
    *number
}

#[test]
fn a_row_a_run_in_order_and_its_link_opens_with_the_same_hash() {
    let folder = folder("rows", PLAN);
    let path = printed(&folder, "out", &["--threads", "2"]);
    let rows = rows(Path::new(path.trim_end()));
    assert_eq!(rows.len(), 2 * 2 * 2 * 2 * 10);
    let mut seen = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(number(row, "run"), i64::try_from(place).expect("few"));
        let what =
            ["scenario", "protocol", "param_election", "param_hop"].map(|one| text_of(row, one));
        if seen.last() != Some(&what) {
            assert!(!seen.contains(&what), "{what:?} in one place");
            seen.push(what);
        }
        assert_eq!(number(row, "seed"), 4_294_967_286 + i64::try_from(place % 10).expect("few"));
        if place % 7 == 0 {
            let linked = decode(text_of(row, "link")).expect("a link");
            assert!(linked.scenario.notes.is_empty() && linked.scenario.expectations.is_empty());
            let printed = linked.scenario.to_string();
            let election = text_of(row, "param_election").replace("..", "s..").replace("ss", "s");
            assert!(printed.contains(&format!("election {election}")), "{printed}");
            let run = run_to_end(linked.scenario);
            assert_eq!(text_of(row, "trace_hash"), format!("{:016x}", run.trace_hash()));
            assert_eq!(text_of(row, "outcome"), run.outcome().name());
            let protocol = run.scenario.group().protocol;
            assert_eq!(text_of(row, "protocol"), protocol.name());
            assert_eq!(i64::from(run.scenario.group().seed), number(row, "seed"));
        }
    }
    assert_eq!(seen.len(), 16);
}

#[test]
fn shards_are_the_whole_whatever_the_threads() {
    let folder = folder("shards", PLAN);
    let whole = printed(&folder, "one", &["--threads", "1"]);
    let again = printed(&folder, "three", &["--threads", "3"]);
    let bytes = |path: &str| fs::read(path.trim_end()).expect("it is there");
    assert_eq!(bytes(&whole), bytes(&again), "bytes do not depend on threads");
    let mut all = Vec::new();
    for shard in ["0/3", "1/3", "2/3"] {
        all.extend(rows(Path::new(printed(&folder, "parts", &["--shard", shard]).trim_end())));
    }
    assert_eq!(all, rows(Path::new(whole.trim_end())));
    // As an array task says it.
    let task =
        command(&folder, "task", &["--shards", "3"]).env("JOB_COMPLETION_INDEX", "1").output();
    let (code, path, errors) = ended(&task.expect("the command line was built"));
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let same = folder.join("parts").join(Path::new(path.trim_end()).file_name().expect("a file"));
    assert_eq!(bytes(&path), fs::read(same).expect("it is there"));
    // More shards than runs: some have none.
    let empty = printed(&folder, "empty", &["--shard", "0/1000"]);
    assert!(rows(Path::new(empty.trim_end())).is_empty());
}

#[test]
fn check_names_what_is_missing_or_not_whole() {
    let folder = folder("check", PLAN);
    let (code, printed_there, errors) = ended(&sweep(&folder, "out", &["--check"]));
    assert_eq!((code, printed_there.as_str()), (Some(75), ""), "{errors}");
    assert!(errors.contains("could not be looked at") && !errors.contains("written"), "{errors}");
    // Of which shards is known, so nobody has to look at a folder.
    let (code, printed_there, errors) = ended(&sweep(&folder, "out", &["--check", "--shards=2"]));
    assert_eq!((code, printed_there.as_str()), (Some(75), "0/2\n1/2\n"), "{errors}");
    fs::create_dir(folder.join("out")).expect("it was not there");
    assert_eq!(sweep(&folder, "out", &["--check"]).status.code(), Some(2), "of how many?");
    for shard in ["0/4", "1/4", "3/4"] {
        printed(&folder, "out", &["--shard", shard]);
    }
    let missing = |shards: &str, said: &str| {
        let (code, out, errors) = ended(&sweep(&folder, "out", &["--check"]));
        assert_eq!((code, out.as_str()), (Some(75), shards), "{errors}");
        assert!(errors.contains(said), "{errors}");
    };
    missing("2/4\n", "");
    for (shard, code, said) in [("2/4", 75, "2/4\n"), ("1/4", 0, "")] {
        let (ended, out, errors) = ended(&sweep(&folder, "out", &["--check", "--shard", shard]));
        assert_eq!((ended, out.as_str()), (Some(code), said), "that one alone: {errors}");
    }
    let path = folder.join("out").join(&names(&folder.join("out"))[1]);
    let whole = fs::read(&path).expect("it is there");
    for kept in [0, 3, 100, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..kept]).expect("it can be written");
        missing("1/4\n2/4\n", "-00001-of-00004.parquet: ");
    }
    // As if something had been put there in place of it.
    fs::copy(folder.join("out").join(&names(&folder.join("out"))[0]), &path).expect("both there");
    missing("1/4\n2/4\n", "halflink.shard is `0/4`, expected `1/4`");
    fs::write(&path, &whole).expect("it can be written");
    missing("2/4\n", "");
    printed(&folder, "out", &["--shard", "2/4"]);
    assert_eq!(printed(&folder, "out", &["--check"]), "");
    // A file that was turned over here and there is whole or not, and nothing ends over it.
    for place in (0..whole.len()).step_by(whole.len() / 25) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xff;
        fs::write(&path, bytes).expect("it can be written");
        let code = sweep(&folder, "out", &["--check"]).status.code();
        assert!(matches!(code, Some(0 | 75)), "byte {place}: {code:?}");
    }
}

#[test]
fn bad_plans_are_refused_with_line_and_column() {
    let cases = [
        ("seeds = { from", "seed = { from", "4:1", "expected one of"),
        ("count = 10", "count = 11", "4:9", "1 to 10"),
        ("count = 10", "count = 0", "4:9", "1 to 10"),
        ("count = 10", "count = 1.5", "4:38", "u64"),
        ("halflink-sweep = 1", "halflink-sweep = 2", "1:18", "version 1"),
        ("\"one-way-to-leader\"", "\"mine.halflink\"", "2:31", "twice"),
        ("\"one-way-to-leader\"", "\"nobody\"", "2:31", "no library scenario"),
        ("\"one-way-to-leader\"", "\"-\"", "2:31", "cannot be read"),
        ("\"one-way-to-leader\"", "\"#2.zzzzzzzzzzzz\"", "2:31", "cannot be read"),
        ("\"one-way-to-leader\"", "\"generals-3\"", "3:14", "Expected one of"),
        ("\"vr\"", "\"raff\"", "3:22", "expected one of raft"),
        ("[\"raft\", \"vr\"]", "[]", "3:13", "one name or value"),
        ("\"3s..4s\"", "\"1s..2s\"", "9:21", "twice"),
        ("\"3s..4s\"", "\"1000ms..2000ms\"", "9:21", "the same scenario"),
        // Under a protocol of the plan, and where some of the first word comes with the value.
        (
            "\"timing heartbeat 100ms, election {}\"\nreplaces = \"timing heartbeat\"\n\
             values = [\"1s..2s\", \"3s..4s\"]",
            "\"cluster etcd: {} on r1.s1 r2.s1 r3.s1\"\nreplaces = \"cluster\"\n\
             values = [\"raft\", \"vr\"]",
            "9:19",
            "the same scenario",
        ),
        (
            "\"network hop {}, jitter 100us\"\nvalues = [\"300us\", \"2ms\"]",
            "\"seed{}\"\nvalues = [\" 5\", \" 6\"]",
            "12:8",
            "no parameter",
        ),
        ("\"3s..4s\"", "\"4s..3s\"", "9:21", "is no scenario"),
        ("\"3s..4s\"", "\"3s..4s # \"", "9:21", "part of one statement"),
        ("\"3s..4s\"", "\"3s..4s\\nseed 1\"", "9:21", "part of one statement"),
        ("\"timing heartbeat\"", "\"at\"", "8:12", "2 lines of `mine.halflink`"),
        ("\"timing heartbeat\"", "\"disk\"", "8:12", "0 lines of `mine.halflink`"),
        ("\"timing heartbeat\"", "\"\"", "8:12", "0 lines"),
        ("election {}\"", "election\"", "7:8", "`{}`"),
        ("\"network hop {}, jitter 100us\"", "\"seed {}\"", "12:8", "no parameter"),
        ("\"network hop {}, jitter 100us\"", "\"{}\"", "12:8", "no parameter"),
        ("name = \"hop\"", "name = \"election\"", "11:8", "twice"),
        ("name = \"hop\"", "name = \"Hop; drop\"", "11:8", "param_NAME"),
        ("= [\"300us\"", "= [\"300us\"]\nvalue = [1", "14:1", "unknown field"),
    ];
    for (number, (from, to, place, message)) in cases.into_iter().enumerate() {
        assert_eq!(PLAN.matches(from).count(), 1, "{from}");
        let folder = folder(&format!("bad-{number}"), &PLAN.replace(from, to));
        let (code, out, errors) = ended(&sweep(&folder, "out", &[]));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{to}: {errors}");
        assert!(errors.contains(&format!("plan.toml:{place}\n")), "{to}: {errors}");
        assert!(errors.contains(message), "{to}: {errors}");
        assert!(!folder.join("out").exists(), "nothing is written");
    }
}

#[test]
fn huge_plans_are_refused_and_their_shards_are_not() {
    let huge = PLAN.replace("from = 4294967286, count = 10", "from = 0, count = 100000000");
    let folder = folder("huge", &huge);
    let (code, _, errors) = ended(&sweep(&folder, "out", &[]));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("1,600,000,000 runs in one shard"), "{errors}");
    assert!(errors.contains("--shards 160 or more"), "{errors}");
    for wrong in ["0/0", "5/5", "1", "x/y", "-1/5"] {
        let (code, _, errors) = ended(&sweep(&folder, "out", &[&format!("--shard={wrong}")]));
        assert_eq!(code, Some(2), "{wrong}");
        assert!(errors.contains("expected I/N, I from 0 to N - 1"), "{wrong}: {errors}");
    }
    let (code, _, errors) = ended(&sweep(&folder, "out", &["--shards", "9"]));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("which of the shards?"), "{errors}");
    // One that is too large, and one that is not: that goes on, as far as the folder lets it.
    let (code, _, errors) = ended(&sweep(&folder, "mine.halflink", &["--shard", "0/159"]));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("runs in one shard"), "{errors}");
    let (code, _, errors) = ended(&sweep(&folder, "mine.halflink", &["--shard", "159/160"]));
    assert_eq!(code, Some(75), "{errors}");
    assert!(errors.contains("mine.halflink: "), "{errors}");
    // 10^13 runs, of which nobody has to know more than this.
    let values: Vec<_> = (0..2_000).map(|number| format!("\"{}us\"", 100 + number)).collect();
    let most = "[\"300us\", \"2ms\"]";
    let many = huge.replace(most, &format!("[{}]", values.join(", ")));
    fs::write(folder.join("plan.toml"), many).expect("it can be written");
    let (code, _, errors) = ended(&sweep(&folder, "out", &[]));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("at most 10,000 together"), "{errors}");
}

#[test]
fn where_nothing_can_be_written_it_says_try_again() {
    let folder = folder("unwritable", PLAN);
    let (code, out, errors) = ended(&sweep(&folder, "mine.halflink", &[]));
    assert_eq!((code, out.as_str()), (Some(75), ""), "{errors}");
    assert!(errors.contains("mine.halflink") && errors.contains("try again"), "{errors}");
    let (code, _, errors) = ended(&sweep(&folder, "plan.toml/deeper", &[]));
    assert_eq!(code, Some(75), "{errors}");
}

/// Waits until a file without its name is there, so until runs are under way.
fn begun(mut child: Child, out: &Path) -> Child {
    for _ in 0..500 {
        thread::sleep(Duration::from_millis(10));
        if out.exists() && !names(out).is_empty() {
            return child;
        }
        assert_eq!(child.try_wait().expect("it can be asked"), None, "it is not over yet");
    }
    panic!("it begins to run");
}

/// With the signal of that name, by whatever means the system has.
#[cfg(unix)]
fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(sent.expect("there is such a program").success());
}

#[test]
#[cfg(unix)]
fn what_is_ended_leaves_no_half_file_and_runs_again_to_the_same_bytes() {
    let long = PLAN.replace("from = 4294967286, count = 10", "from = 0, count = 60");
    let folder = folder("killed", &long);
    let out = folder.join("out");
    for name in ["-INT", "-TERM"] {
        let child = begun(command(&folder, "out", &[]).spawn().expect("built"), &out);
        signal(&child, name);
        let (code, printed, errors) = ended(&child.wait_with_output().expect("it ends"));
        assert_eq!((code, printed.as_str()), (Some(75), ""), "{errors}");
        assert!(errors.contains("ended by a signal"), "{errors}");
        assert!(names(&out).is_empty(), "nothing is left");
    }
    let child = begun(command(&folder, "out", &[]).spawn().expect("built"), &out);
    signal(&child, "-KILL");
    let ended = child.wait_with_output().expect("it ends");
    assert!(!ended.status.success());
    let left = names(&out);
    assert!(left.iter().all(|name| name.starts_with('.') && name.ends_with(".part")), "{left:?}");
    assert_eq!(sweep(&folder, "out", &["--check", "--shards", "1"]).status.code(), Some(75));
    let after = printed(&folder, "out", &[]);
    let calm = printed(&folder, "calm", &[]);
    let bytes = |path: &str| fs::read(path.trim_end()).expect("it is there");
    assert_eq!(bytes(&after), bytes(&calm));
    assert_eq!(printed(&folder, "out", &["--check"]), "");
}

#[test]
fn who_is_meant_by_leader_is_known_in_every_column() {
    let text = MINE.replace("at 3s cut   n3 -> n1", "every 6s from 5s to 35s pause leader for 3s");
    let text = text.replace("run     20s", "run     40s");
    let plan = "halflink-sweep = 1\nscenarios = [\"mine.halflink\"]\n\
                protocols = [\"raft\", \"vr\", \"zab\", \"multipaxos\"]\n\
                seeds = { from = 1, count = 4 }\n";
    let folder = folder("leader", plan);
    fs::write(folder.join("mine.halflink"), text).expect("it can be written");
    let path = printed(&folder, "out", &[]);
    let mut otherwise = 0;
    for row in rows(Path::new(path.trim_end())) {
        let linked = decode(text_of(&row, "link")).expect("a link").scenario;
        let finished = run_to_end(linked.clone());
        assert_eq!(text_of(&row, "outcome"), finished.outcome().name());
        let measures =
            Window::whole(&finished.scenario).told(&finished.scenario, &finished.history);
        assert_eq!(number(&row, "parted_us"), i64::try_from(measures.parted_us).expect("it fits"));
        otherwise += u32::from(judge(&linked, &finished.history).outcome != finished.outcome());
    }
    assert!(otherwise > 0, "some would come out otherwise if it were not known");
}

#[test]
fn what_broke_before_it_came_to_a_bound_has_broken() {
    let folder = folder("bounded", &MINE_ALONE.replace("count = 3", "count = 1"));
    let asks = [("", Field::Null), ("at 100ms traitor n1 equivocate", Field::Str("unsafe".into()))];
    for (lie, outcome) in asks {
        fs::write(folder.join("mine.halflink"), bounded(lie)).expect("it can be written");
        let rows = rows(Path::new(printed(&folder, "out", &[]).trim_end()));
        assert_eq!(*field(&rows[0], "outcome"), outcome);
        assert_eq!(text_of(&rows[0], "exhausted"), "under-way");
    }
}

/// A plan of that one scenario.
const MINE_ALONE: &str = "halflink-sweep = 1
scenarios = [\"mine.halflink\"]
seeds = { from = 1, count = 3 }
";

#[test]
fn files_are_looked_for_beside_the_plan_alone() {
    let folder = folder("beside", MINE_ALONE);
    let elsewhere = folder.join("elsewhere");
    fs::create_dir(&elsewhere).expect("it was not there");
    fs::rename(folder.join("mine.halflink"), elsewhere.join("mine.halflink")).expect("both there");
    let output = command(&folder, "out", &[]).current_dir(&elsewhere).output();
    let (code, _, errors) = ended(&output.expect("the command line was built"));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("`mine.halflink` cannot be read"), "{errors}");
}

#[test]
fn a_plan_may_be_utf_16_as_a_scenario_may() {
    let folder = folder("utf16", MINE_ALONE);
    let plain = printed(&folder, "out", &[]);
    let units = MINE_ALONE.encode_utf16();
    let bytes: Vec<u8> = [0xfeff].into_iter().chain(units).flat_map(u16::to_le_bytes).collect();
    fs::write(folder.join("plan.toml"), bytes).expect("it can be written");
    assert_eq!(printed(&folder, "out", &[]), plain, "the same plan");
    fs::write(folder.join("plan.toml"), b"halflink-sweep = 1\xff").expect("it can be written");
    assert_eq!(sweep(&folder, "out", &[]).status.code(), Some(2));
}

/// Under a shell that says something first.
#[cfg(target_os = "linux")]
fn under(before: &str, folder: &Path, out: &str) -> Command {
    let plain = command(folder, out, &[]);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{before}; exec \"$@\""), "sh"]);
    command.arg(plain.get_program()).args(plain.get_args());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_that_goes_ends_it_unless_it_is_to_outlive_that() {
    let long = PLAN.replace("from = 4294967286, count = 10", "from = 0, count = 60");
    let folder = folder("hangup", &long);
    for (before, wanted) in [("true", 75), ("trap '' HUP", 0)] {
        let child = under(before, &folder, "out").spawn().expect("there is a shell");
        let child = begun(child, &folder.join("out"));
        signal(&child, "-HUP");
        let (code, printed, errors) = ended(&child.wait_with_output().expect("it ends"));
        assert_eq!((code, printed.is_empty()), (Some(wanted), wanted != 0), "{before}: {errors}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_gets_full_leaves_nothing() {
    let folder = folder("full", PLAN);
    // A file of at most so many blocks stands for the disk; a row has a link, so it is not enough.
    let full = under("ulimit -f 8", &folder, "out").output();
    let (code, printed_there, errors) = ended(&full.expect("there is a shell"));
    assert_eq!((code, printed_there.as_str()), (Some(75), ""), "{errors}");
    assert!(errors.contains("nothing was written; try again"), "{errors}");
    assert!(names(&folder.join("out")).is_empty(), "nothing is left");
    printed(&folder, "out", &[]);
}
