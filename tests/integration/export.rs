//! `halflink export`: each form against the run that it tells of, as another tool would read it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use halflink::clock::Micros;
use halflink::export::{Asked, Form, Listener, Refusal, Stretch, Taken, Told, take};
use halflink::network::{Network, Verdict};
use halflink::scenario::Scenario;
use halflink::scenario::library::{find, library};
use halflink::view::ledger::{Ledger, LedgerEntry};
use halflink::world::{EventKind, Packet, Sink, World};
use serde_json::Value;

use crate::support::scenario;

pub(crate) const STORY: &str = "cloudflare-2020";
const KINDS: [&str; 6] = ["jsonl", "csv", "messages", "mermaid", "shiviz", "history"];

/// What would be grammar elsewhere stands in its title and its names.
const HOSTILE: &str = "halflink 1
title   \"style: %%{init: {}}%% #59; end <b>a, b</b>:#f00; $$x$$\"
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
name n1 end
name n2 style
name n3 participant
timing  heartbeat 100ms, election 1s..2s
seed    7
write   every 300ms
at 0s elect n3
at 1s cut   n3 -> n1
at 2s partition n1 | n2 n3
run     20s
";

const TWO: &str = "halflink 1
title   \"two\"
plant   3 racks of 3 servers, 4 disks each
seed    1
at 3s cut r1.s1 -> r1.tor-a
run     10s
cluster a: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
write   every 300ms
cluster b: zab on r1.s2 r2.s2 r3.s2
timing  heartbeat 100ms, election 1s..2s
";

pub(crate) fn output(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_halflink"));
    command.arg("export").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command line was built");
    let mut stdin = child.stdin.take().expect("piped");
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

pub(crate) fn exported(arguments: &[&str], input: &str) -> String {
    let output = output(arguments, input);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn refused(arguments: &[&str], input: &str) -> String {
    let output = output(arguments, input);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

pub(crate) fn shipped(name: &str) -> Scenario {
    scenario(find(name).expect("it is shipped").text)
}

fn ledger(scenario: &Scenario) -> Vec<LedgerEntry> {
    let mut ledger = Ledger::new(Arc::new(scenario.clone()), 0, scenario.until);
    while !ledger.advance(u64::MAX) {}
    ledger.entries()
}

pub(crate) fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn records(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("as many fields as the head has")).collect()
}

/// Of JSON Lines and CSV: the same events, and those of the ledger.
#[test]
fn jsonl_and_csv_are_the_ledger() {
    let stretch = |at: u64| (3_000_000..=60_000_000).contains(&at);
    let all = ledger(&shipped(STORY));
    let entries: Vec<_> = all.iter().filter(|entry| stretch(entry.at_us)).collect();
    let asked = [STORY, "--from", "3s", "--to", "60s", "--as"];
    let lines = objects(&exported(&[&asked[..], &["jsonl"]].concat(), ""));
    let rows = records(&exported(&[&asked[..], &["csv"]].concat(), ""));
    assert!(entries.len() > 300, "{}", entries.len());
    assert_eq!((lines.len(), rows.len()), (entries.len(), entries.len()));
    for ((entry, line), row) in entries.iter().zip(&lines).zip(&rows) {
        assert_eq!(line["at_us"], entry.at_us);
        assert_eq!((&line["group"], &line["event"]), (&"etcd".into(), &entry.said.kind.into()));
        let who = entry.who.map(|who| format!("n{}", who + 1));
        assert_eq!(line["replica"], Value::from(who.clone()));
        let mut fact = line["fact"].clone();
        fact["kind"] = entry.said.kind.into();
        assert_eq!(fact, serde_json::to_value(&entry.said).expect("plain data"));
        let fields = ["at_us", "group", "event", "replica", "words"].map(|name| row[name].clone());
        let words = line["words"].as_str().expect("text").to_owned();
        let (at, kind) = (entry.at_us.to_string(), entry.said.kind.to_owned());
        assert_eq!(fields, [at, "etcd".to_owned(), kind, who.unwrap_or_default(), words]);
    }
}

/// As the page asks for it, with the name of a fact in place of words.
fn taken(scenario: &Scenario, form: Form, to: Micros, most: usize) -> Result<Taken, Refusal> {
    let speak = |_: usize, room: &str, told: Told<'_>| match told {
        Told::Fact(fact) => format!("{room}.{}", fact.kind),
        Told::Cause(_) => room.to_owned(),
    };
    let stretch = Stretch { from: Micros::ZERO, to };
    let asked = Asked { form, stretch, group: None, most };
    take(&Arc::new(scenario.clone()), asked, Listener { speak: &speak, watch: &|_| {} })
}

/// What is too much says up to when it would do; a moment more, and it would not.
#[test]
fn what_fits_fits_and_no_more_does() {
    let scenario = scenario(&HOSTILE.replace("heartbeat 100ms", "heartbeat 2ms"));
    let all = [Form::Mermaid, Form::Shiviz, Form::Jsonl, Form::Csv, Form::History];
    for (form, most) in all.map(|form| (form, 60)) {
        let refused = taken(&scenario, form, scenario.until, most);
        let Err(Refusal::Many { fits: Some(fits), count, most: bound, .. }) = refused else {
            panic!("{form:?} takes all, or none of it");
        };
        assert!(count > bound && fits < scenario.until, "{form:?}");
        let text = taken(&scenario, form, fits, most).map(|taken| taken.text);
        assert!(text.is_ok_and(|text| text.lines().count() > 30), "{form:?}");
        let more = taken(&scenario, form, Micros(fits.0 + 1), most);
        assert!(matches!(more, Err(Refusal::Many { .. })), "{form:?}");
    }
}

/// Whoever watches is told of more and more, up to all, and changes nothing.
#[test]
fn progress_grows_and_words_are_asked_for() {
    let scenario = Arc::new(shipped(STORY));
    let told = std::cell::RefCell::new(Vec::new());
    let watch = |thousandths: u64| told.borrow_mut().push(thousandths);
    let speak = |_: usize, _: &str, _: Told<'_>| "words".to_owned();
    let stretch = Stretch { from: Micros::ZERO, to: scenario.until };
    let asked = Asked { form: Form::History, stretch, group: None, most: usize::MAX };
    let text = take(&scenario, asked, Listener { speak: &speak, watch: &watch });
    let told = told.into_inner();
    assert!(told.len() > 3 && told.is_sorted(), "{told:?}");
    assert!(told.last().is_some_and(|last| (667..=1_000).contains(last)), "{told:?}");
    assert_eq!(text.expect("it is not too much").text, exported(&[STORY, "--as", "history"], ""));
    let two = self::scenario(TWO);
    let refused = taken(&two, Form::Shiviz, two.until, 0);
    assert!(matches!(refused, Err(Refusal::WhichGroup)), "{refused:?}");
}

/// Words with commas, and actions with an author's names.
#[test]
fn csv_comes_back_whole() {
    let text = exported(&["-", "--as", "csv"], HOSTILE);
    let rows = records(&text);
    let lines = objects(&exported(&["-", "--as", "jsonl"], HOSTILE));
    assert_eq!(rows.len(), lines.len());
    for (row, line) in rows.iter().zip(&lines) {
        assert_eq!(row["words"], line["words"].as_str().expect("text"));
    }
    assert!(rows.iter().any(|row| row["replica"] == "participant"));
    let acts = rows.iter().filter(|row| row["event"] == "action").map(|row| row["words"].as_str());
    let acts: Vec<_> = acts.collect();
    assert_eq!(
        acts,
        ["elect participant", "cut participant -> end", "partition end | style participant"]
    );
    assert!(text.contains("\"write 1 is committed, "), "what has a comma is quoted");
}

/// Counts what left and what was heard.
#[derive(Default)]
struct Count {
    left: Vec<(u64, bool)>,
}

impl Sink for Count {
    fn packet(&mut self, packet: Packet<'_>, _: &Network) {
        let died = matches!(packet.verdict, Verdict::Dropped { .. });
        self.left.push((packet.sent.0, died));
    }
}

/// What left in the whole run, in order, and how often a process heard something.
fn watched(scenario: &Scenario) -> (Vec<(u64, bool)>, usize) {
    let (mut count, mut heard) = (Count::default(), 0);
    let mut world = World::watched(Arc::new(scenario.clone()), &mut count.watch());
    while let Some(event) = world.step(&mut count) {
        heard += usize::from(matches!(event.kind, EventKind::Delivered { .. }));
    }
    (count.left, heard)
}

#[test]
fn messages_are_all_that_left_with_their_fates() {
    let scenario = shipped(STORY);
    let (left, _) = watched(&scenario);
    let rows = records(&exported(&[STORY, "--as", "messages"], ""));
    assert_eq!(rows.len(), left.len());
    for (row, (sent, died)) in rows.iter().zip(&left) {
        assert_eq!(row["sent_us"], sent.to_string());
        let (is_lost, has_why) = (row["fate"] == "lost", !row["why"].is_empty());
        assert!(is_lost == has_why && (is_lost || !died), "{row:?}");
        assert!(!row["words"].is_empty() && row["from"] != row["to"], "{row:?}");
        let ended: u64 = row["ended_us"].parse().unwrap_or(u64::MAX);
        assert!(ended >= *sent && (ended < u64::MAX || row["fate"] == "under-way"), "{row:?}");
    }
    assert!(left.iter().filter(|(_, died)| *died).count() > 1_000);
    // A stretch has those that were under way in it, as the whole has them.
    let part = records(&exported(&[STORY, "--as", "messages", "--from", "5s", "--to", "9s"], ""));
    let ended = |row: &BTreeMap<String, String>| row["ended_us"].parse().unwrap_or(u64::MAX);
    let sent = |row: &BTreeMap<String, String>| row["sent_us"].parse::<u64>().expect("a number");
    let is_in = |row: &&BTreeMap<String, String>| sent(row) <= 9_000_000 && ended(row) >= 5_000_000;
    let expected: Vec<_> = rows.iter().filter(is_in).cloned().collect();
    assert!(part == expected && part.len() > 50, "{} of {}", part.len(), expected.len());
}

/// A liar's words stand beside the truth, and what it keeps from somebody is withheld.
#[test]
fn lies_are_told() {
    let text = "halflink 1\ntitle \"lies\"\nplant 4 racks of 3 servers, 4 disks each\n\
                cluster c: pbft on r1.s1 r2.s1 r3.s1 r4.s1\n\
                timing heartbeat 100ms, election 1s..2s\nseed 3\nwrite every 300ms\n\
                at 1s traitor n1 equivocate to n2\nat 1s traitor n1 silent-to n3\nrun 5s\n";
    let rows = records(&exported(&["-", "--as", "messages"], text));
    let lies: Vec<_> = rows.iter().filter(|row| !row["lie"].is_empty()).collect();
    assert!(lies.iter().all(|row| row["from"] == "n1"));
    assert!(lies.iter().any(|row| row["fate"] == "arrived" && row["lie"] != row["words"]));
    let withheld: Vec<_> = rows.iter().filter(|row| row["fate"] == "withheld").collect();
    assert!(!withheld.is_empty());
    for row in withheld {
        assert_eq!((row["from"].as_str(), row["to"].as_str()), ("n1", "n3"));
        assert_eq!(row["why"], "n1 is a traitor and keeps it from n3");
    }
}

/// One election of the story, and the heartbeats that did not come before it.
#[test]
fn mermaid_shows_an_election_and_why_it_came() {
    let text = exported(&[STORY, "--as", "mermaid", "--from", "3s", "--to", "6s"], "");
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    assert_eq!(lines[0], "sequenceDiagram");
    assert_eq!(lines[1], "title A switch that half failed");
    assert_eq!(lines[2..5], ["participant n1", "participant n2", "participant n3"]);
    let place = |wanted: &str| {
        let found = lines.iter().position(|line| *line == wanted);
        found.unwrap_or_else(|| panic!("no `{wanted}` in\n{text}"))
    };
    let fault = place("Note over n1,n3: gray r1.tor-a drops n1 #60;-> n3");
    let lost = place("n3-x n1: heartbeat, term 1 (r1.tor-a forwards nothing for n3 → n1)");
    let asks = place("n1->>n2: RequestVote for term 2, log up to 10 of term 1");
    let refuses = place("n2->>n1: vote: no, term 2");
    let grants = place("n2->>n3: vote: yes, term 3");
    let leads = place("Note over n3: n3 becomes leader (term 3)");
    let told = [fault, lost, asks, refuses, grants, leads];
    assert!(told.is_sorted(), "{told:?} in\n{text}");
    assert!(!text.contains("is tried"), "what clients did stands at no replica");
}

/// Nothing that an author wrote is grammar.
#[test]
fn mermaid_reads_hostile_names_and_titles_as_text() {
    let text = exported(&["-", "--as", "mermaid", "--from", "500ms", "--to", "2s"], HOSTILE);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[1],
        "    title style#58; %%#123;init#58; #123;#125;#125;%% #35;59#59; end #60;b>a, \
         b#60;/b>#58;#35;f00#59; #36;#36;x#36;#36;"
    );
    let named = ["n1 as end", "n2 as style", "n3 as participant"];
    assert_eq!(lines[2..5], named.map(|name| format!("    participant {name}")));
    for line in &lines[5..] {
        let line = line.trim();
        let (head, words) = line.split_once(": ").expect("a line has words");
        let ends = head.strip_prefix("Note over ").map(|over| over.split(',').collect());
        let ends: Vec<_> = ends.unwrap_or_else(|| {
            head.split_once("->>")
                .or(head.split_once("-x "))
                .into_iter()
                .flat_map(|(a, b)| [a, b])
                .collect()
        });
        assert!(!ends.is_empty() && ends.iter().all(|end| ["n1", "n2", "n3"].contains(end)));
        let codes = words.matches('#').count();
        assert_eq!(words.matches(';').count(), codes, "{line}");
        assert!(!words.contains(['<', '{', '}', '$']), "{line}");
    }
    assert!(lines.len() > 30, "{text}");
}

/// An event of a log, as ShiViz reads it.
struct Stamped {
    host: String,
    clock: BTreeMap<String, u64>,
    event: String,
}

fn stamped(text: &str) -> Vec<Stamped> {
    let lines: Vec<_> = text.lines().collect();
    let read = |two: &[&str]| {
        let (host, clock) = two[0].split_once(' ').expect("a host and a clock");
        let clock = serde_json::from_str(clock).expect("a clock is JSON");
        Stamped { host: host.to_owned(), clock, event: two[1].to_owned() }
    };
    assert_eq!(lines.len() % 2, 0);
    lines.chunks(2).map(read).collect()
}

/// That each event has the clock that a second reading of the log gives it: its host's own ticks
/// by one, and what it knows of others it had heard of, from who sent what it hears, and no more.
/// How many were heard.
fn check_clocks(events: &[Stamped]) -> Result<usize, String> {
    let mut known: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
    // What was sent and may be heard: from, to and words.
    let mut under_way: Vec<(&str, &str, &str, &BTreeMap<String, u64>)> = Vec::new();
    let mut heard = 0;
    for one in events {
        let mut expected = known.get(one.host.as_str()).cloned().unwrap_or_default();
        *expected.entry(one.host.clone()).or_default() += 1;
        if let Some((from, words)) =
            one.event.strip_prefix("hears from ").and_then(|rest| rest.split_once(": "))
        {
            let joined = |other: &BTreeMap<String, u64>| {
                let mut all = expected.clone();
                for (host, ticks) in other {
                    let own = all.entry(host.clone()).or_default();
                    *own = (*own).max(*ticks);
                }
                all
            };
            let fits = under_way.iter().any(|(sender, to, said, clock)| {
                (*sender, *to, *said) == (from, one.host.as_str(), words)
                    && joined(clock) == one.clock
            });
            // One that left before the stretch brings nothing new.
            if !fits && expected != one.clock {
                return Err(format!("{}: {:?} after {expected:?}", one.event, one.clock));
            }
            heard += usize::from(fits);
        } else {
            if expected != one.clock {
                return Err(format!("{}: {:?}, not {expected:?}", one.event, one.clock));
            }
            let sent = one.event.strip_prefix("sends to ").and_then(|rest| rest.split_once(": "));
            if let Some((to, words)) = sent {
                under_way.push((&one.host, to, words, &one.clock));
            }
        }
        known.insert(&one.host, one.clock.clone());
    }
    Ok(heard)
}

#[test]
fn clocks_for_shiviz_are_valid() {
    for name in [STORY, "stale-read", "layer34-log"] {
        let text = exported(&[name, "--as", "shiviz", "--from", "2s", "--to", "12s"], "");
        let events = stamped(&text);
        let heard = check_clocks(&events).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        let all = events.iter().filter(|one| one.event.starts_with("hears ")).count();
        assert!(heard > 20 && all - heard < 10, "{name}: {heard} of {all}");
    }
}

/// The check above finds what is wrong with one tick.
#[test]
fn wrong_clocks_are_found() {
    let asked = [STORY, "--as", "shiviz", "--from", "2s", "--to", "4s"];
    let mut events = stamped(&exported(&asked, ""));
    let place = events.iter().rposition(|one| one.event.starts_with("hears ")).expect("some");
    for (host, by) in [("n3", 1), ("n2", 7)] {
        *events[place].clock.entry(host.to_owned()).or_default() += by;
        assert!(check_clocks(&events).is_err(), "{host}");
        *events[place].clock.get_mut(host).expect("it is there") -= by;
    }
}

/// Also what waits for a process that is paused, comes twice, or comes over connections.
#[test]
fn all_that_was_heard_is_in_the_log() {
    let rest = "timing heartbeat 100ms, election 1s..2s\nseed 5\nwrite every 300ms\n\
                at 0s elect n1\nat 2s pause r2.s1\nat 3s lose 20% of n1 -> n3\n\
                at 3s duplicate 40% of n3 -> n1\nat 3s reorder 40% of n1 -> n2 by 20ms\n\
                at 4s resume r2.s1\nat 6s pause r2.s1\nat 6500ms resume r2.s1\n\
                at 7s crash r3.s1\nrun 12s\n";
    for transport in ["", "transport tcp\n"] {
        let text = format!(
            "halflink 1\ntitle \"all\"\nplant 3 racks of 3 servers, 4 disks each\n\
             cluster c: raft on r1.s1 r2.s1 r3.s1\n{transport}{rest}"
        );
        let (_, heard) = watched(&scenario(&text));
        let events = stamped(&exported(&["-", "--as", "shiviz"], &text));
        let told = events.iter().filter(|one| one.event.starts_with("hears ")).count();
        assert_eq!(told, heard, "{transport}");
        assert_eq!(check_clocks(&events), Ok(heard), "{transport}");
    }
}

#[test]
fn every_form_of_every_shipped_scenario() {
    for entry in library() {
        for kind in KINDS {
            let arguments = [entry.name, "--as", kind, "--from", "1s", "--to", "1200ms"];
            let output = output(&arguments, "");
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            let fits = output.status.code() == Some(0) && errors.is_empty();
            let is_much = kind == "mermaid" && output.status.code() == Some(2);
            assert!(fits || is_much && errors.contains("at most 300"), "{arguments:?}: {errors}");
        }
    }
}

#[test]
fn what_cannot_be_is_refused_and_says_what_could() {
    let many = refused(&[STORY, "--as", "mermaid"], "");
    assert_eq!(
        many,
        "error: 8,444 lines in that stretch, and at most 300: narrow it with --from and --to\n"
    );
    let many = refused(&["gray-switch-raft", "--as", "nothing"], "");
    assert!(many.contains("[possible values: jsonl, csv, messages, mermaid, shiviz, history]"));
    let after = refused(&["-", "--as", "csv", "--to", "30s"], HOSTILE);
    assert_eq!(after, "error: --to 30s is after the end of the run, 20s\n");
    let order = refused(&["-", "--as", "csv", "--from", "3s", "--to", "2s"], HOSTILE);
    assert_eq!(order, "error: --from 3s is after --to 2s\n");
    let which = refused(&["-", "--as", "messages"], TWO);
    assert_eq!(which, "error: there are several groups: say --group NAME, one of a, b\n");
    let none = refused(&["-", "--as", "csv", "--group", "c"], TWO);
    assert_eq!(none, "error: no group is called `c`: expected one of a, b\n");
}

/// Mermaid draws nothing of a text of more letters, however few its lines are.
#[test]
fn a_diagram_of_many_letters_is_refused_before_mermaid_does() {
    let names: Vec<_> = (1..10).map(|number| format!("{number:x>24}")).collect();
    let text = |cuts: usize| {
        let servers: String = (1..10).map(|rack| format!(" r{rack}.s1")).collect();
        let named = (1..).zip(&names).map(|(id, name)| format!("name n{id} {name}\n"));
        let cut = format!("at 2s partition {}\n", names.join(" | ")).repeat(cuts);
        format!(
            "halflink 1\ntitle \"long\"\nplant 9 racks of 1 server, 2 disks each\n\
             cluster c: raft on{servers}\n{}timing heartbeat 100ms, election 1s..2s\nseed 7\n\
             {cut}run 3s\n",
            named.collect::<String>()
        )
    };
    let asked = ["-", "--as", "mermaid", "--from", "2s", "--to", "2s"];
    let drawn = exported(&asked, &text(150));
    assert!((40_000..=50_000).contains(&drawn.encode_utf16().count()));
    let refused = refused(&asked, &text(200));
    let most = " characters in that stretch, and at most 50,000: narrow it with --from and --to\n";
    assert!(refused.ends_with(most), "{refused}");
}

/// What ShiViz keeps by name in plain objects must not be there already.
#[test]
fn no_host_has_a_name_that_every_object_has() {
    let text = HOSTILE.replace("n1 end", "n1 hasOwnProperty").replace("n2 style", "n2 constructor");
    let text = exported(&["-", "--as", "shiviz", "--to", "3s"], &text);
    let events = stamped(&text);
    let hosts: BTreeSet<_> = events.iter().map(|one| one.host.as_str()).collect();
    assert_eq!(hosts, BTreeSet::from(["n1", "n2", "participant"]));
    let known: BTreeSet<_> = events.iter().flat_map(|one| one.clock.keys().cloned()).collect();
    assert_eq!(known, hosts.iter().map(|host| (*host).to_owned()).collect());
    assert!(check_clocks(&events).is_ok_and(|heard| heard > 20));
}

/// What was printed is there, and the end of it is told.
#[test]
fn a_run_that_comes_to_a_bound_within_the_stretch_exits_with_3() {
    let text = include_str!("../hostile/delay-600s.halflink");
    let whole = output(&["-", "--as", "csv"], text);
    let told = String::from_utf8(whole.stderr).expect("UTF-8");
    assert_eq!(whole.status.code(), Some(3), "{told}");
    assert!(told.starts_with("note: ") && told.contains("under way at once"), "{told}");
    let rows = records(&String::from_utf8(whole.stdout).expect("UTF-8"));
    let last = rows.iter().find(|row| row["event"] == "exhausted").expect("it says so");
    // Of what came before it all is known.
    let before = last["at_us"].parse::<u64>().expect("a time") / 2_000;
    exported(&["-", "--as", "csv", "--to", &format!("{before}ms")], text);
}

/// More events than ShiViz can draw.
#[test]
fn a_long_log_is_refused() {
    let text = HOSTILE.replace("heartbeat 100ms", "heartbeat 2ms");
    let many = refused(&["-", "--as", "shiviz"], &text);
    let many = many.strip_prefix("error: ").and_then(|rest| rest.split_once(' ')).expect("a count");
    assert!(many.0.replace(',', "").parse::<u32>().expect("a count") > 20_000);
    assert_eq!(
        many.1,
        "events in that stretch, and at most 20,000: narrow it with --from and --to\n"
    );
}

#[test]
fn groups_follow_each_other_or_stand_alone() {
    let rows = records(&exported(&["-", "--as", "csv"], TWO));
    let of = |name: &str| rows.iter().filter(|row| row["group"] == name).cloned().collect();
    let (a, b): (Vec<_>, Vec<_>) = (of("a"), of("b"));
    assert!(!a.is_empty() && !b.is_empty() && a.len() + b.len() == rows.len());
    assert_eq!(records(&exported(&["-", "--as", "csv", "--group", "b"], TWO)), b);
    let sent = |name| records(&exported(&["-", "--as", "messages", "--group", name], TWO));
    assert!(sent("a").iter().any(|row| row["kind"] == "append-entries"));
    assert!(sent("b").iter().all(|row| row["kind"].starts_with("zab-")));
}

/// Another protocol and another seed are another run, and the same ones the same.
#[test]
fn options_choose_the_run() {
    let asked = |more: &[&str]| exported(&[&[STORY, "--as", "jsonl"], more].concat(), "");
    let all = [&[][..], &["--seed", "99"], &["--protocol", "zab"]].map(asked);
    assert!(all[0] != all[1] && all[0] != all[2] && all[1] != all[2]);
    assert_eq!(all[0], asked(&[]));
}

/// Whoever reads may stop reading.
#[test]
fn a_broken_pipe_is_no_failure() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_halflink"));
    command.args(["export", STORY, "--as", "messages"]).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the command line was built");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
