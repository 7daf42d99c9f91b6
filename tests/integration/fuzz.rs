//! Fuzz targets: text -> print -> text, link -> scenario -> link, and text -> run with the meter.
//!
//! They run on stable Rust, without coverage: what they start from are texts that say a lot (all
//! that are shipped, hostile ones, old links), and what they change is changed word by word, so
//! that about half of it is valid. Here each runs for a moment; `cargo xtask fuzz --minutes 10`
//! runs them for as long as asked. An input that makes one fail is written to `tests/fuzz/`, and
//! everything in there is tried first, every time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use halflink::clock::Micros;
use halflink::fault::ReplicaId;
use halflink::protocol::Protocol;
use halflink::report::Report;
use halflink::rng::Rng;
use halflink::scenario::library::library;
use halflink::scenario::link::{decode, encode};
use halflink::scenario::text::parse;
use halflink::scenario::{Scenario, arbitrary};
use halflink::timeline::Timeline;
use halflink::view::{Plan, Strip, View};

use crate::hostile::{check, mutated};
use crate::meter::HOSTILE;
use crate::old_links;

/// How long each target runs; `cargo xtask fuzz` says how long.
const SECONDS: &str = "HALFLINK_FUZZ_SECONDS";
/// The first number of a run; another one finds other things.
const SEED: &str = "HALFLINK_FUZZ_SEED";
/// What a run may take here, in units of its meter.
const WORK: u64 = 150_000;

fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

/// What once made a target fail.
fn found_before(target: &str) -> Vec<String> {
    let mut paths: Vec<_> = std::fs::read_dir(folder()).map_or(Vec::new(), |entries| {
        entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
    });
    let is_ours = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(target))
    };
    paths.retain(is_ours);
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).expect("a text")).collect()
}

/// Gives a target what it failed on before, and then new inputs for as long as there is time.
#[expect(clippy::disallowed_types, reason = "how long somebody fuzzes is wall clock")]
fn fuzz(target: &str, input: impl Fn(&mut Rng) -> String, holds: impl Fn(&str)) {
    let before = found_before(target);
    let begun = std::time::Instant::now();
    let enough = Duration::from_secs(number(SECONDS, 1).into());
    let seed = number(SEED, 1);
    let new = (0_u32..).map(|number| input(&mut Rng::new(seed.rotate_left(16) ^ number)));
    let (mut tried, mut failed) = (0_u32, Vec::new());
    for (place, input) in before.iter().cloned().chain(new).enumerate() {
        if place >= before.len() && begun.elapsed() > enough || failed.len() == 5 {
            break;
        }
        tried += 1;
        // If it never comes back, this is what it is at.
        let now = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}.txt"));
        std::fs::write(now, &input).expect("it can be kept");
        if catch_unwind(AssertUnwindSafe(|| holds(&input))).is_err() {
            let path = folder().join(format!("{target}-{seed}-{place}.txt"));
            if place >= before.len() {
                std::fs::create_dir_all(folder()).expect("a folder");
                std::fs::write(&path, &input).expect("it can be kept");
            }
            failed.push(format!("{}\n{input}", path.display()));
        }
    }
    println!("{target}: {tried} inputs, {} failed", failed.len());
    assert!(failed.is_empty(), "{target}:\n{}", failed.join("\n\n"));
}

/// Texts to begin with.
fn corpus(rng: &mut Rng) -> String {
    let links = old_links::links();
    match rng.below(5) {
        0 => library()[rng.below(library().len() as u32) as usize].text.to_owned(),
        1 => HOSTILE[rng.below(HOSTILE.len() as u32) as usize].1.to_owned(),
        2 => links[rng.below(links.len() as u32) as usize].2.to_owned(),
        3 if rng.percent(50) => {
            let here: Vec<_> = Protocol::here().collect();
            let protocol = here[rng.below(here.len() as u32) as usize];
            arbitrary::lazy(rng, protocol).to_string()
        }
        3 => arbitrary::several(rng).to_string(),
        _ => arbitrary::scenario(rng).to_string(),
    }
}

/// A text of the corpus with some words changed for others, lines taken out, doubled or brought
/// over from another text, or a group of another size with another protocol and timing.
fn text(rng: &mut Rng) -> String {
    if rng.percent(15) {
        return mutated(rng);
    }
    let mut lines: Vec<String> = corpus(rng).lines().map(str::to_owned).collect();
    if rng.percent(60) {
        regroup(rng, &mut lines);
    }
    for _ in 0..rng.below(5) {
        let place = rng.below(lines.len() as u32) as usize;
        match rng.below(4) {
            0 => drop(lines.remove(place)),
            1 => lines.insert(place, lines[place].clone()),
            2 => {
                let other = corpus(rng);
                let actions: Vec<_> =
                    other.lines().filter(|line| line.starts_with("at ")).collect();
                if !actions.is_empty() {
                    lines.insert(
                        place,
                        actions[rng.below(actions.len() as u32) as usize].to_owned(),
                    );
                }
            }
            _ => lines[place] = reworded(rng, &lines[place]),
        }
        if lines.is_empty() {
            break;
        }
    }
    sort_acts(&mut lines);
    lines.join("\n") + "\n"
}

/// Acts come in order of time; what was put anywhere is mostly put right.
fn sort_acts(lines: &mut [String]) {
    let places: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].starts_with("at ")).collect();
    let mut actions: Vec<String> = places.iter().map(|&at| lines[at].clone()).collect();
    actions.sort_by_key(|act| {
        let time = act.split_whitespace().nth(1).unwrap_or_default();
        halflink::scenario::text::parse_duration(time).unwrap_or(Micros::NEVER)
    });
    for (place, act) in places.into_iter().zip(actions) {
        lines[place] = act;
    }
}

/// One word of a line is another one now.
fn reworded(rng: &mut Rng, line: &str) -> String {
    const WORDS: [&str; 30] = [
        "0s",
        "1us",
        "1ms",
        "10ms",
        "999ms",
        "1s",
        "59s",
        "600s",
        "3600s",
        "0",
        "1",
        "2",
        "15",
        "4294967295",
        "n1",
        "n2",
        "n15",
        "r1.s1",
        "r2.tor-a",
        "spine-b",
        "->",
        "<->",
        "raft",
        "pbft",
        "1%",
        "100%",
        "equivocate",
        "replay",
        "wipe",
        "elect",
    ];
    let mut words: Vec<&str> = line.split(' ').collect();
    let place = rng.below(words.len() as u32) as usize;
    words[place] = WORDS[rng.below(WORDS.len() as u32) as usize];
    words.join(" ")
}

/// Any protocol with 1 to 15 replicas and any timing.
fn regroup(rng: &mut Rng, lines: &mut Vec<String>) {
    let protocol = Protocol::ALL[rng.below(Protocol::ALL.len() as u32) as usize];
    let servers: Vec<_> =
        (0..1 + rng.below(15)).map(|id| format!("r{}.s{}", id % 3 + 1, id / 3 + 1)).collect();
    let time = |rng: &mut Rng| 10_u64.pow(rng.below(6)) * u64::from(1 + rng.below(9)) * 100;
    let heartbeat = 1_000.max(time(rng)).min(600_000_000);
    let least = (heartbeat + 1 + time(rng)).min(600_000_000);
    let most = (least + time(rng)).min(600_000_000);
    for line in lines.iter_mut() {
        let first = line.split_whitespace().next().unwrap_or_default();
        match first {
            "plant" => "plant 3 racks of 5 servers, 2 disks each".clone_into(line),
            "cluster" => {
                let named = line.split([' ', ':']).nth(1).unwrap_or("c");
                let count = 1 + rng.below(servers.len() as u32) as usize;
                *line = format!("cluster {named}: {protocol} on {}", servers[..count].join(" "));
            }
            "timing" if line.contains("heartbeat") => {
                *line = format!("timing heartbeat {heartbeat}us, election {least}us..{most}us");
            }
            "network" => *line = format!("network hop {}us, jitter {}us", time(rng), time(rng)),
            "write" => *line = format!("write every {}us", time(rng).max(1_000)),
            _ => {}
        }
    }
    // What only some protocols take.
    let keep = |line: &String| !line.starts_with("tolerate") && !line.starts_with("read ");
    lines.retain(keep);
}

#[test]
fn texts_are_printed_as_they_are_read() {
    fuzz("text", text, |text| match parse(text) {
        Ok(scenario) => {
            assert_eq!(scenario.flaws(), []);
            let printed = scenario.to_string();
            assert_eq!(parse(&printed).as_ref(), Ok(&scenario), "{printed}");
            assert_eq!(parse(&printed).expect("just read").to_string(), printed);
        }
        Err(wrong) => check(text, &wrong),
    });
}

#[test]
fn links_say_what_was_put_into_them() {
    let link = |rng: &mut Rng| {
        let valid = std::iter::repeat_with(|| parse(&text(rng)).ok()).take(20).flatten().next();
        let scenario = valid.unwrap_or_else(|| arbitrary::scenario(rng));
        let mut link = encode(&scenario.to_string(), Some(u64::from(rng.below(u32::MAX)) << 32));
        // Letters changed, and the checksum does not let them pass; or nothing is changed.
        for _ in 0..rng.below(3) {
            let place = 3 + rng.below(link.len() as u32 - 3) as usize;
            let letter = char::from(b"ABCDxyz0189-_"[rng.below(13) as usize]);
            link.replace_range(place..=place, &letter.to_string());
        }
        link
    };
    fuzz("link", link, |link| {
        let Ok(recorded) = decode(link) else { return };
        let scenario = &recorded.scenario;
        assert_eq!(scenario.flaws(), []);
        let again = decode(&encode(&recorded.text, None)).expect("it was just made");
        assert_eq!((&again.text, &again.scenario), (&recorded.text, scenario));
        assert_eq!(parse(&scenario.to_string()).as_ref(), Ok(scenario));
    });
}

#[test]
fn whatever_can_be_read_can_be_run() {
    fuzz("run", text, |text| {
        if let Ok(scenario) = parse(text) {
            run(&scenario, text.len() as u64);
        }
    });
}

/// True if JavaScript has all whole numbers in it: up to 2^53.
fn is_javascript(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Array(items) => items.iter().all(is_javascript),
        serde_json::Value::Object(fields) => fields.values().all(is_javascript),
        serde_json::Value::Number(number) => number.as_u64().is_none_or(|one| one <= 1 << 53),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::String(_) => true,
    }
}

/// Runs it as far as the work allows, and looks at it as a page does.
fn run(scenario: &Scenario, seed: u64) {
    let mut timeline = Timeline::new(scenario.clone());
    while timeline.worked() < WORK && !timeline.advance(20_000) {}
    assert!(timeline.worked() < 3 * WORK, "{} units of work in {WORK}", timeline.worked());
    let mut rng = Rng::new(seed as u32);
    let reached = timeline.frontier_at();
    let hash = timeline.frontier().world().trace_hash();
    drop(Plan::of(timeline.scenario(), timeline.frontier().world().plant()));
    let strip = serde_json::to_value(Strip::of(&timeline)).expect("it is plain data");
    assert!(is_javascript(&strip), "a number that JavaScript does not have: {strip}");
    drop(Report::of(timeline.frontier(), timeline.history()));
    // One event before the frontier there is nothing that is not simulated.
    let known = Micros(reached.0.saturating_sub(1));
    for number in 0..3 {
        timeline.show(number);
        // A run may be longer than chance draws spans.
        let at = Micros(known.0 / 1_000 * u64::from(rng.below(1_001)));
        let view = View::of(&mut timeline, at, Micros::from_millis(20));
        let view = serde_json::to_value(view).expect("it is plain data");
        assert!(is_javascript(&view), "a number that JavaScript does not have: {view}");
        timeline.event_before(at);
        timeline.said(ReplicaId(0), at, Micros::from_millis(500));
    }
    assert_eq!(timeline.frontier().world().trace_hash(), hash, "looking changes nothing");
}
