//! What strangers send: damaged, huge and hostile texts and links. Nothing panics, nothing takes
//! long, and every error points into the text.
//!
//! Next door, `src/scenario/tests.rs` looks at each message; here everything is broken at random.

use halflink::clock::Micros;
use halflink::protocol::Protocol;
use halflink::rng::Rng;
use halflink::run;
use halflink::scenario::diagnostic::{DIAGNOSTICS_MAX, Diagnostic};
use halflink::scenario::edit::set_protocol;
use halflink::scenario::library::library;
use halflink::scenario::link::{decode, encode};
use halflink::scenario::text::{parse, parse_act, parse_duration};
use halflink::scenario::{Bounds, arbitrary};
use halflink::session::Session;

use crate::support::{scenario, size, variant};

/// What is put into good texts.
const PIECES: [&str; 39] = [
    " | ",
    "\nat 1s partition n1 | n2 n3\n",
    "\nat 2s isolate n2\n",
    "\0",
    "\u{7f}",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{feff}",
    "\u{2028}",
    "\r",
    "\r\n",
    "\n",
    "\t",
    "é",
    "漢",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦",
    "a\u{301}\u{301}\u{301}\u{301}",
    "<script>alert(1)</script>",
    "\"",
    "\\",
    "\\\"",
    "#",
    "->",
    "<->",
    "%",
    "..",
    ":",
    ",",
    "*",
    "0",
    "-1",
    "1e9",
    "18446744073709551616",
    "99999999999999999999999999999999999999s",
    "0.0000001s",
    "n0",
    "r01.s1",
    "at 1s ",
    "note 1s \"",
];

/// A good text with a few changes.
pub(crate) fn mutated(rng: &mut Rng) -> String {
    let mut text = if rng.percent(50) {
        library()[rng.below(library().len() as u32) as usize].text.to_owned()
    } else {
        arbitrary::scenario(rng).to_string()
    };
    for _ in 0..1 + rng.below(4) {
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
        let place = places[rng.below(places.len() as u32) as usize];
        let other = places[rng.below(places.len() as u32) as usize];
        let first = places.get(1).copied().unwrap_or(text.len());
        match rng.below(5) {
            // One character is left at least.
            0 => text.truncate(if place > 0 { place } else { first }),
            1 => drop(text.remove(place)),
            2 => text.insert_str(place, PIECES[rng.below(PIECES.len() as u32) as usize]),
            3 => text.replace_range(place.min(other)..place.max(other), ""),
            _ => {
                let piece = text[place.min(other)..place.max(other)].to_owned();
                text.insert_str(place, &piece);
            }
        }
        if text.is_empty() {
            break;
        }
    }
    text
}

/// Every diagnostic is in order, says something printable, and points into the text.
pub(crate) fn check(text: &str, wrong: &[Diagnostic]) {
    assert!((1..=DIAGNOSTICS_MAX).contains(&wrong.len()), "{wrong:?}");
    assert!(wrong.is_sorted_by_key(|one| (one.line, one.column)), "{wrong:?}");
    let lines: Vec<&str> = text.lines().collect();
    for diagnostic in wrong {
        let Diagnostic { line, column, length, .. } = diagnostic;
        let message = diagnostic.message();
        assert!(*line >= 1 && *column >= 1, "{diagnostic:?}");
        assert!(*line as usize <= lines.len().max(1), "{diagnostic:?}\n{text:?}");
        let line = lines.get(*line as usize - 1).copied().unwrap_or_default();
        let end = (column + length) as usize - 1;
        assert!(end <= line.chars().count().max(1), "{diagnostic:?} in {line:?}");
        assert!(message.contains(' ') && message.chars().count() < 400, "{diagnostic:?}");
        let unprintable =
            |char: char| char.is_control() || ('\u{202a}'..='\u{202e}').contains(&char);
        assert!(!message.contains(unprintable), "{diagnostic:?}");
    }
}

#[test]
fn broken_texts_are_read_or_explained() {
    let (mut good, mut bad) = (0, 0);
    for number in 0..size(6_000, 300_000) {
        let mut rng = Rng::new(number ^ 0x0bad_0000);
        let text = mutated(&mut rng);
        match parse(&text) {
            Ok(scenario) => {
                good += 1;
                assert_eq!(scenario.flaws(), [], "number {number}\n{text}");
                let printed = scenario.to_string();
                assert_eq!(parse(&printed).as_ref(), Ok(&scenario), "number {number}\n{text}");
                let decoded = decode(&encode(&printed, None)).map(|link| link.scenario);
                assert_eq!(decoded.as_ref(), Ok(&scenario), "number {number}\n{text}");
            }
            Err(wrong) => {
                bad += 1;
                check(&text, &wrong);
            }
        }
    }
    println!("{good} were valid after all, {bad} were not");
    assert!(good > 300 && bad > 3_000, "{good} valid, {bad} not: too lopsided to show anything");
}

#[test]
fn every_beginning_of_a_good_text_is_read_or_explained() {
    for entry in library() {
        for (place, _) in entry.text.char_indices() {
            let text = &entry.text[..place];
            if let Err(wrong) = parse(text) {
                check(text, &wrong);
            }
        }
    }
}

#[test]
fn broken_acts_and_times_are_read_or_explained() {
    let home = scenario(library()[0].text);
    for number in 0..size(6_000, 300_000) {
        let mut rng = Rng::new(number ^ 0x0ac7_0000);
        let mut act = arbitrary::actions(&mut rng, &home, 1)[0].1.to_string();
        for _ in 0..rng.below(3) {
            let places: Vec<usize> = act.char_indices().map(|(place, _)| place).collect();
            let place = places[rng.below(places.len() as u32) as usize];
            act.insert_str(place, PIECES[rng.below(PIECES.len() as u32) as usize]);
        }
        if let Err(wrong) = parse_act(&act, &home) {
            // An act is one line, whatever is in it.
            check(&act.replace(['\n', '\r'], " "), &wrong);
        }
        drop(parse_duration(PIECES[rng.below(PIECES.len() as u32) as usize]));
    }
}

#[test]
fn broken_links_are_refused() {
    let mut links: Vec<String> =
        library().iter().map(|entry| encode(entry.text, Some(0x1234_5678_9abc_def0))).collect();
    links.extend(
        (0..40).map(|seed| encode(&arbitrary::scenario(&mut Rng::new(seed)).to_string(), None)),
    );
    let mut passed = 0;
    for number in 0..size(20_000, 1_000_000) {
        let mut rng = Rng::new(number ^ 0x0117_0000);
        let link = &links[rng.below(links.len() as u32) as usize];
        let mut broken = link.clone();
        for _ in 0..1 + rng.below(3) {
            let place = rng.below(broken.len() as u32 + 1) as usize;
            match rng.below(3) {
                0 if broken.is_char_boundary(place) => broken.truncate(place),
                1 => {
                    let piece = PIECES[rng.below(PIECES.len() as u32) as usize];
                    if broken.is_char_boundary(place) {
                        broken.insert_str(place, piece);
                    }
                }
                _ => {
                    if broken.is_char_boundary(place) && place < broken.len() {
                        let letter = b"ABCDxyz0189-_"[rng.below(13) as usize];
                        let end = place + broken[place..].chars().next().map_or(0, char::len_utf8);
                        broken.replace_range(place..end, &char::from(letter).to_string());
                    }
                }
            }
        }
        match decode(&broken) {
            Ok(recorded) => {
                // White space around a link, or a letter changed to itself.
                passed += 1;
                assert_eq!(recorded.scenario.flaws(), [], "number {number}: {broken:?}");
            }
            Err(error) => {
                let message = error.to_string();
                assert!(message.len() < 300 && !message.contains(char::is_control), "{message:?}");
            }
        }
    }
    println!("{passed} links still said something valid");
}

#[test]
fn markup_stays_words() {
    let hostile = "<img src=x onerror=alert(1)>&lt;\\\"'</title>";
    let text = format!(
        "halflink 1\ntitle \"{hostile}\"\nsource \"{hostile}\"\n\
         plant 3 racks of 3 servers, 4 disks each\ncluster etcd: raft on r1.s1 r2.s1 r3.s1\n\
         timing heartbeat 100ms, election 1s..2s\nseed 1\nnote 1s \"{hostile}\"\nrun 2s\n"
    );
    let read = scenario(&text);
    let words = hostile.replace("\\\"", "\"");
    assert_eq!((&read.title, &read.notes[0].text), (&words, &words));
    let link = encode(&text, None);
    assert!(!link.contains(['<', '>', '&', '"', '\'']), "{link}");
    assert_eq!(decode(&link).map(|recorded| recorded.scenario), Ok(read));
}

/// The largest texts there may be, and larger ones: each is read or refused at once.
#[test]
#[expect(clippy::disallowed_types, reason = "how long a reader waits is wall clock")]
fn large_texts_take_no_time() {
    let head = "halflink 1\ntitle \"t\"\nplant 3 racks of 3 servers, 4 disks each\n\
        cluster etcd: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
        seed 1\nrun 10s\n";
    let fill =
        |piece: &str| head.to_owned() + &piece.repeat((Bounds::TEXT - head.len()) / piece.len());
    for piece in [
        "at 1s crash r1.s1\n",
        "note 1s \"a\"\n",
        "\"",
        "((((",
        "\n",
        "👩\u{200d}👩 ",
        "9",
        "r1.s1 ",
    ] {
        let begun = std::time::Instant::now();
        let text = fill(piece);
        if let Err(wrong) = parse(&text) {
            check(&text, &wrong);
        }
        drop(Session::open(&text));
        assert!(parse(&text.repeat(20)).is_err(), "too long");
        drop(decode(&format!("#1.{text}")));
        let waited = begun.elapsed();
        assert!(waited.as_secs() < 10, "{piece:?} takes {waited:?}");
    }
}

/// A reader's session survives what it refuses.
#[test]
fn the_last_good_run_stays() {
    let mut session = Session::open(library()[3].text).expect("shipped");
    let at = Micros::from_secs(20);
    let hash = session.timeline_mut().seek(at, Micros::ZERO).0.trace_hash();
    for number in 0..size(300, 20_000) {
        let mut rng = Rng::new(number ^ 0x0e00_0000);
        let text = mutated(&mut rng);
        if parse(&text).is_err() {
            assert!(session.edit(&text).is_err());
            assert!(session.act(at, &text).is_err());
            assert_eq!((session.text(), session.can_undo()), (library()[3].text, false));
        }
    }
    assert_eq!(session.timeline_mut().seek(at, Micros::ZERO).0.trace_hash(), hash);
}

/// Writes and heartbeats that come faster than a round trip: every one costs an append and its
/// answer for each follower, and nothing multiplies.
#[test]
fn a_long_way_does_not_multiply_messages() {
    let text = "halflink 1\n\
        title \"long ways\"\n\
        plant 3 racks of 1 server, 2 disks each\n\
        cluster c: PROTOCOL on r1.s1 r2.s1 r3.s1\n\
        timing heartbeat 10ms, election 3s..6s\n\
        network hop 5ms, jitter 1ms\n\
        seed 5\n\
        write every 5ms\n\
        at 0s elect n3\n\
        at 5s lose 20% of n3 <-> n1\n\
        run 30s\n";
    for protocol in Protocol::RAFTS {
        let scenario = parse(&text.replace("PROTOCOL", protocol.name())).expect("it is right");
        let (run, history) = run::to_end(scenario.into());
        let (writes, heartbeats) = (6_000, 3_000);
        let delivered = run.world().delivered();
        assert!(delivered < 2 * 2 * 3 * (writes + heartbeats), "{protocol}: {delivered} messages");
        assert!(history.commits.len() > 5_000, "{protocol}: {} commits", history.commits.len());
    }
}

/// Groups whose members could not be read count as having any, together more than a number holds.
#[test]
fn what_is_done_in_the_last_of_groups_that_could_not_be_read_is_refused() {
    let group = |name: &str, members: &str| {
        format!("cluster {name}: raft on {members}\ntiming heartbeat 50ms, election 150ms..300ms\n")
    };
    let groups = ["a", "b", "c"].map(|name| group(name, "")).concat() + &group("d", "r1.s1");
    let text = format!(
        "halflink 1\n\
         title \"three times nobody\"\n\
         plant 1 rack of 12 servers, 2 disks each\n\
         network hop 1ms, jitter 1ms\n\
         seed 1\n\
         {groups}\
         at 1s in d isolate n1\n\
         run 2s\n"
    );
    let errors = parse(&text).expect_err("three lines are wrong");
    assert_eq!(errors.iter().filter(|error| (6..=10).contains(&error.line)).count(), 3);
}

/// However often it doubles, a timer can be set: the text's own seed and others, in every protocol
/// that waits longer when it gets nowhere.
#[test]
fn patience_that_doubles_has_an_end() {
    let text = include_str!("../hostile/hotstuff-long-patience.halflink");
    for protocol in [Protocol::Hotstuff, Protocol::Tendermint, Protocol::Pbft] {
        for seed in 0..size(12, 200) {
            let text = variant(&scenario(text), protocol, seed);
            let until = text.until;
            let (run, history) = run::to_end(text.into());
            assert!(run.world().now() <= until && history.exhausted.is_none(), "{protocol} {seed}");
        }
    }
}

/// A protocol that can do nothing alone says so at its line; any other runs.
#[test]
fn a_group_of_one_is_refused_or_runs() {
    let alone = include_str!("../hostile/one-replica-crate.halflink");
    let refused = |protocol: &Protocol| match parse(&set_protocol(alone, 0, *protocol)) {
        Ok(scenario) => {
            let until = scenario.until;
            let (run, history) = run::to_end(scenario.into());
            assert!(run.world().now() <= until && history.exhausted.is_none(), "{protocol:?}");
            false
        }
        Err(errors) => {
            assert!(errors.iter().all(|error| error.line == 5), "{protocol:?}: {errors:?}");
            true
        }
    };
    let refused: Vec<&str> = Protocol::menu().filter(refused).map(Protocol::name).collect();
    assert!(refused.contains(&"omnipaxos-crate"), "{refused:?}");
    println!("refused: {refused:?}");
}
