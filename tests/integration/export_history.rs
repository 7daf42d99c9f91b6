//! `halflink export --as history`: against the record of the run, and as an independent checker of
//! linearizability reads it.

use std::collections::{BTreeMap, BTreeSet};

use halflink::history::History;
use halflink::protocol::{Protocol, ReadMode};
use halflink::rng::Rng;
use halflink::scenario::arbitrary;
use halflink::scenario::library::library;
use serde_json::Value;

use crate::export::{STORY, exported, objects, output, shipped};
use crate::support::run_to_end;

fn open(of: &Value) -> (u64, u64) {
    let done = of["return_us"].as_u64();
    (of["call_us"].as_u64().expect("a time"), done.unwrap_or(u64::MAX))
}

/// What the record has of writes and reads; nobody has two operations open at once.
fn check_history(operations: &[Value], history: &History) {
    let of = |op: &str| operations.iter().filter(|one| one["op"] == op).collect::<Vec<_>>();
    let (writes, reads) = (of("write"), of("read"));
    assert_eq!((writes.len(), reads.len()), (history.writes.len(), history.reads.len()));
    let mut places = BTreeSet::new();
    for ((one, write), number) in writes.iter().zip(&history.writes).zip(1..) {
        let done = write.committed.map(|at| at.0);
        assert_eq!((&one["value"], &one["call_us"]), (&number.into(), &write.at.0.into()));
        assert_eq!((&one["return_us"], &one["ok"]), (&done.into(), &done.is_some().into()));
        let place = one["index"].as_u64();
        assert!(done.is_none() || place.is_some(), "{one}");
        assert!(place.is_none_or(|place| places.insert(place)), "{one}");
    }
    for (one, read) in reads.iter().zip(&history.reads) {
        let (at, index) = read.answered.map(|(at, index)| (at.0, index)).unzip();
        assert_eq!((&one["call_us"], &one["return_us"]), (&read.at.0.into(), &at.into()));
        assert_eq!((&one["index"], &one["ok"]), (&index.into(), &at.is_some().into()));
        assert_eq!(one["stale"].as_bool(), at.map(|_| read.stale));
    }
    let failed = operations.iter().filter(|one| one["why"].is_string()).count();
    assert_eq!(failed, history.failures.len());
    let mut last: BTreeMap<u64, u64> = BTreeMap::new();
    for one in operations {
        let done = one["return_us"].as_u64().unwrap_or(u64::MAX);
        let before = last.insert(one["client"].as_u64().expect("a number"), done);
        assert!(before.is_none_or(|before| before < open(one).0), "{one}");
    }
}

#[test]
fn the_history_is_the_record() {
    for (name, has_reads, has_failures) in
        [(STORY, false, false), ("stale-read", true, false), ("metastable", false, true)]
    {
        let finished = run_to_end(shipped(name));
        let operations = objects(&exported(&[name, "--as", "history"], ""));
        check_history(&operations, &finished.history);
        assert_eq!(!finished.history.reads.is_empty(), has_reads, "{name}");
        assert_eq!(!finished.history.failures.is_empty(), has_failures, "{name}");
        // A stretch has those that were open in it, with the same clients: what was given up is.
        for (from, to) in [(8_000, 9_000), (50_000, 50_100)] {
            let [first, last] = [from, to].map(|at| format!("{at}ms"));
            let asked = [name, "--as", "history", "--from", &first, "--to", &last];
            let is_open = |one: &&Value| open(one).0 <= to * 1_000 && open(one).1 >= from * 1_000;
            let expected: Vec<_> = operations.iter().filter(is_open).cloned().collect();
            if finished.scenario.until.0 < to * 1_000 {
                continue;
            }
            assert!(objects(&exported(&asked, "")) == expected && !expected.is_empty(), "{name}");
        }
    }
}

/// When an operation was called, and when it returned.
type Span = (u64, u64);

/// Of a register of which each value is written once, with the first value null: in a zone of a
/// value, from the first return of its write and reads to the last call of one, it is what the
/// register holds; a value of which all are open at one time may be held at any of them. So the
/// zones of two values do not overlap, no such time lies within a zone, and nobody reads what is
/// not yet written (Gibbons and Korach, "Testing Shared Memories", 1997, section 4.1).
fn linearizable(operations: &[Value]) -> Result<usize, String> {
    let mut values: BTreeMap<u64, Vec<Span>> = BTreeMap::new();
    let mut writes: BTreeMap<u64, Span> = BTreeMap::from([(0, (0, 0))]);
    for one in operations.iter().filter(|one| one["op"] == "write") {
        let value = one["value"].as_u64().expect("a write writes a number");
        let done = one["return_us"].as_u64().unwrap_or(u64::MAX);
        writes.insert(value, (1 + open(one).0, done.saturating_add(1)));
    }
    let mut reads = 0;
    for one in operations.iter().filter(|one| one["op"] == "read" && one["ok"] == true) {
        // A read that is known to be stale is no part of it.
        if one["stale"] == true {
            continue;
        }
        let value = one["value"].as_u64().unwrap_or(0);
        let (call, done) = (1 + open(one).0, 1 + open(one).1);
        let Some(write) = writes.get(&value) else { return Err(format!("{one}: unwritten")) };
        if write.0 > done {
            return Err(format!("{one}: not yet written"));
        }
        values.entry(value).or_default().push((call, done));
        reads += 1;
    }
    // A write that nobody was told of, and nobody read, may have come to nothing.
    for (value, span) in writes {
        if span.1 < u64::MAX || values.contains_key(&value) {
            values.entry(value).or_default().push(span);
        }
    }
    let mut zones: Vec<(u64, u64, u64)> = Vec::new();
    let mut points = Vec::new();
    for (value, spans) in &values {
        let first = spans.iter().map(|one| one.1).min().expect("each has a span");
        let last = spans.iter().map(|one| one.0).max().expect("each has a span");
        match first < last {
            true => zones.push((first, last, *value)),
            false => points.push((last, first, *value)),
        }
    }
    zones.sort_unstable();
    for two in zones.windows(2) {
        if two[1].0 < two[0].1 {
            return Err(format!("{two:?} are both held"));
        }
    }
    for point in points {
        let next = zones.partition_point(|zone| zone.0 < point.0);
        let Some(zone) = next.checked_sub(1).map(|place| zones[place]) else { continue };
        if point.1 < zone.1 {
            return Err(format!("{point:?} lies within {zone:?}"));
        }
    }
    Ok(reads)
}

fn operation(op: &str, value: Option<u64>, call: u64, done: u64) -> Value {
    serde_json::json!({ "op": op, "value": value, "call_us": call, "return_us": done, "ok": true })
}

/// The checker finds what is wrong, and takes what is right.
#[test]
fn the_checker_knows_a_register() {
    let write = |value, call, done| operation("write", Some(value), call, done);
    let read = |value, call, done| operation("read", value, call, done);
    let two = [write(1, 10, 20), write(2, 30, 40)];
    let with = |more: &[Value]| linearizable(&[&two[..], more].concat());
    for right in [
        vec![read(None, 0, 9), read(Some(1), 21, 29), read(Some(2), 41, 50)],
        vec![read(None, 0, 15), read(Some(1), 11, 12), read(Some(1), 25, 35)],
        vec![read(Some(2), 31, 32), read(Some(2), 33, 50)],
    ] {
        assert_eq!(with(&right), Ok(right.len()), "{right:?}");
    }
    for wrong in [
        vec![read(Some(1), 41, 50)],
        vec![read(None, 21, 22)],
        vec![read(Some(2), 21, 29)],
        vec![read(Some(3), 41, 50)],
        // Whoever has read the new one has it for all.
        vec![read(Some(2), 31, 32), read(Some(1), 33, 34)],
    ] {
        assert!(with(&wrong).is_err(), "{wrong:?}");
    }
    // What nobody was told of may be done at any time after, and then is.
    let mut open = write(3, 15, 0);
    open["return_us"] = Value::Null;
    open["ok"] = false.into();
    assert_eq!(with(&[open.clone(), read(Some(3), 41, 42)]), Ok(1));
    assert!(with(&[open, read(Some(3), 21, 22), read(Some(1), 23, 24)]).is_err());
}

/// Whether fresh reads are what one register would have said; how many there are.
fn check(name: &str, text: &str) -> usize {
    let output = output(&[name, "--as", "history"], text);
    let operations = objects(&String::from_utf8(output.stdout).expect("UTF-8"));
    let checked = linearizable(&operations);
    checked.unwrap_or_else(|wrong| panic!("{name}: {wrong}\n{text}"))
}

#[test]
fn fresh_reads_of_shipped_scenarios_are_linearizable() {
    let with_reads = library().iter().filter(|entry| entry.text.contains("\nread "));
    let counted: usize = with_reads.map(|entry| check(entry.name, "")).sum();
    assert!(counted > 50, "{counted}");
    // A stale read that is taken for fresh, and a fresh one with another value, are found.
    let operations = objects(&exported(&["stale-read", "--as", "history"], ""));
    let stale = operations.iter().position(|one| one["stale"] == true).expect("its name says so");
    let fresh = operations.iter().rposition(|one| one["stale"] == false).expect("some are");
    for (place, wrong) in [(stale, "stale"), (fresh, "value")] {
        let mut operations = operations.clone();
        match wrong {
            "stale" => operations[place]["stale"] = false.into(),
            _ => operations[place]["value"] = 1.into(),
        }
        assert!(linearizable(&operations).is_err(), "{wrong} of {}", operations[place]);
    }
}

#[test]
fn fresh_reads_of_random_runs_are_linearizable() {
    let protocols = [Protocol::Raft, Protocol::RaftPrevoteCheckquorum, Protocol::RaftSticky];
    let mut counted = 0;
    for number in 0..50_u32 {
        let by = if number % 2 == 0 { ReadMode::Quorum } else { ReadMode::Local };
        let protocol = protocols[number as usize % 3];
        let mut scenario = arbitrary::reading(&mut Rng::new(number ^ 0x11ea_0000), protocol, by);
        // Also of clients who try again what may be in the log already.
        if number % 5 == 0 {
            let text = scenario.to_string();
            let lines = text.lines().map(|line| match line.starts_with("write ") {
                true => "clients 20/s, timeout 1s, retry 2 after 200ms",
                false => line,
            });
            let text = lines.map(|line| format!("{line}\n")).collect::<String>();
            scenario = crate::support::scenario(&text);
        }
        counted += check("-", &scenario.to_string());
    }
    assert!(counted > 10_000, "{counted}");
}
