//! `every 6s from 4s to 60s cut n1 <-> n2 for 4s`: one line, many acts, and one track of the strip.

use halflink::fault::spans;
use halflink::rng::Rng;
use halflink::scenario::link::{decode, encode};
use halflink::scenario::text::parse;
use halflink::scenario::{Scenario, arbitrary};
use halflink::session::Session;
use halflink::timeline::Timeline;
use halflink::view::Strip;

use crate::support::{run_to_end, scenario, secs};

fn text(lines: &str) -> String {
    format!(
        "halflink 1\ntitle \"t\"\nplant 3 racks of 1 server, 2 disks each\n\
         cluster c: raft on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\nseed 7\n\
         write every 300ms\n{lines}run 30s\n"
    )
}

/// What the lines of a text stand for, as lines with `at`.
fn spelled_out(scenario: &Scenario) -> Vec<String> {
    scenario.actions.iter().map(|(at, act)| format!("{at} {act}")).collect()
}

#[test]
fn a_line_stands_for_many_acts_and_is_printed_as_written() {
    let lines = "at 10s  crash r1.s1\nevery 6s from 4s to 17s cut n1 <-> n2 for 4s\n";
    let read = scenario(&text(lines));
    let acts = [
        "4s cut n1 <-> n2",
        "8s heal n1 <-> n2",
        "10s cut n1 <-> n2",
        "10s crash r1.s1",
        "14s heal n1 <-> n2",
        "16s cut n1 <-> n2",
        "20s heal n1 <-> n2",
    ];
    assert_eq!(spelled_out(&read), acts);
    let printed = read.to_string();
    let line = "every 6s from 4s to 17s cut n1 <-> n2 for 4s\nat 10s crash r1.s1\nrun ";
    assert!(printed.contains(line), "{printed}");
    // It runs as if each had been written.
    let each: String = acts.iter().map(|act| format!("at {act}\n")).collect();
    let (short, long) = (run_to_end(read), run_to_end(scenario(&text(&each))));
    assert_eq!(short.trace_hash(), long.trace_hash());
    // What would be lifted after the end is not.
    let late = scenario(&text("every 9s from 28s to 30s pause r1.s1 for 5s\n"));
    assert_eq!(spelled_out(&late), ["28s pause r1.s1"]);
    // An action equal to one of them is an act of its own.
    let twice = text("at 4s elect n1\nevery 6s from 4s to 4s elect n1\n");
    let printed = scenario(&twice).to_string();
    assert!(printed.contains("every 6s from 4s to 4s elect n1\nat 4s elect n1\n"), "{printed}");
}

#[test]
fn what_is_done_for_a_time_heals_by_itself_and_is_printed_as_written() {
    let lines = "at 4s cut n1 <-> n2 for 4s\nat 10.5s pause r1.s1 for 30s\nat 8s elect n3\n";
    let read = scenario(&text(lines));
    let acts = ["4s cut n1 <-> n2", "8s heal n1 <-> n2", "8s elect n3", "10.5s pause r1.s1"];
    assert_eq!(spelled_out(&read), acts, "what lasts beyond the end is not lifted");
    let printed = read.to_string();
    let line = "at 4s    cut n1 <-> n2 for 4s\nat 8s    elect n3\n\
                at 10.5s pause r1.s1 for 30s\nrun ";
    assert!(printed.contains(line), "{printed}");
    assert_eq!(parse(&printed), Ok(read.clone()));
    let link = decode(&encode(&printed, None)).expect("it was just encoded");
    assert_eq!((link.text, link.scenario), (printed, read.clone()));
    // It runs as if each had been written.
    let each: String = acts.iter().map(|act| format!("at {act}\n")).collect();
    let (short, long) = (run_to_end(read), run_to_end(scenario(&text(&each))));
    assert_eq!(short.trace_hash(), long.trace_hash());
    // The strip shows how long it lasts, and whose end it is stays its own.
    let mut timeline = Timeline::new(scenario(&text(
        "at 3s cut n1 -> n2 for 4s\nat 5s crash r1.s1 for 2s\nat 6s crash r3.s1\n",
    )));
    timeline.finish();
    let spans = Strip::of(&timeline).faults.into_iter();
    let spans: Vec<_> = spans.map(|span| (span.text, span.from_us, span.to_us)).collect();
    let first = ("cut n1 -> n2".to_owned(), 3_000_000, 7_000_000);
    assert_eq!(spans[0], first, "{spans:?}");
    assert_eq!((spans[1].1, spans[1].2), (5_000_000, 7_000_000), "{spans:?}");
    // One more than there may be.
    let many: String = (0..501).map(|_| "at 4s cut n1 -> n2 for 4s\n").collect();
    let wrong = parse(&text(&many)).expect_err("1002 actions");
    let [only] = &wrong[..] else { panic!("{wrong:?}") };
    assert_eq!((only.line, only.column), (508, 4), "{only:?}");
    assert!(only.message().contains("at most 1000 actions"), "{}", only.message());
}

#[test]
fn random_texts_with_lines_that_repeat_survive_print_and_link() {
    let mut repeated = 0;
    for seed in 0..400 {
        let read = arbitrary::repeating(&mut Rng::new(seed));
        let text = read.to_string();
        // As many as no text may have, or one that another module must judge.
        let parsed = parse(&text);
        let flaws = read.flaws();
        assert_eq!(parsed.is_ok(), flaws.is_empty(), "seed {seed}: {flaws:?}\n{text}");
        let Ok(parsed) = parsed else { continue };
        assert_eq!(parsed, read, "seed {seed}\n{text}");
        assert_eq!(parsed.to_string(), text, "seed {seed}");
        let link = decode(&encode(&text, None)).expect("it was just encoded");
        assert_eq!((link.text, link.scenario), (text, parsed), "seed {seed}");
        repeated += 1;
    }
    assert!(repeated > 200, "{repeated}");
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (line, column, length, piece) in [
        ("every 0s from 4s to 9s elect n1", 7, 2, "comes every 1ms to 28800s"),
        ("every 999us from 4s to 9s elect n1", 7, 5, "comes every 1ms to 28800s"),
        ("every 99999999999999999999s from 4s to 9s elect n1", 7, 21, "comes every 1ms to 28800s"),
        (
            "every 1ms from 0s to 30s elect n1",
            7,
            3,
            "30001 actions, and of the 1000 of a scenario 1000 are left: `every 31ms` is not too",
        ),
        (
            "every 20ms from 0s to 19s cut n1 -> n2 for 1ms",
            7,
            4,
            "1902 actions, and of the 1000 of a scenario 1000 are left: `every 39ms`",
        ),
        ("every 6s from 9s to 8s elect n1", 21, 2, "it ends before it begins, at 9s"),
        ("every 6s from 31s to 32s elect n1", 15, 3, "the run is over at 30s"),
        ("every 6s from 4s to 31s elect n1", 21, 3, "the run is over at 30s"),
        ("every 6s from 4s to 9s elect n4", 30, 2, "no n4 here"),
        ("every 6s from 4s to 9s cut n1 -> n9 for 1s", 34, 2, "no n9 here"),
        ("every 6s from 4s to 9s elect n1 for 1s", 37, 2, "nothing lifts `elect`"),
        ("every 6s from 4s to 9s wipe r1.s1 for 1s", 39, 2, "nothing lifts `wipe`"),
        ("every 6s from 4s to 9s heal n1 -> n2 for 1s", 42, 2, "nothing lifts `heal`"),
        (
            "every 6s from 4s to 9s cut n1 -> n2 for 0s",
            41,
            2,
            "what comes every 6s lasts less than that",
        ),
        (
            "every 6s from 4s to 9s cut n1 -> n2 for 6s",
            41,
            2,
            "what comes every 6s lasts less than that",
        ),
        ("every 6s from 4s to 9s cut n1 -> n2 for", 40, 0, "expected how long it lasts"),
        ("every 6s from 4s to 9s cut n1 -> n2 fro 1s", 37, 3, "the end of the line, found `fro`"),
        ("every 6s from 4s cut n1 -> n2", 18, 3, "expected `to`, found `cut`"),
        ("every 6s 4s to 9s elect n1", 10, 2, "expected `from`, found `4s`"),
        ("every six from 4s to 9s elect n1", 7, 3, "the time from one to the next"),
        ("every 6s from 4s to 9s partition n1 | n2 n1 for 1s", 42, 2, "n1 is in a group already"),
        ("at 4s cut n1 -> n2 for", 23, 0, "expected how long it lasts"),
        ("at 4s cut n1 -> n2 for 0s", 24, 2, "for a time lasts longer than 0s"),
        ("at 4s cut n1 -> n2 fro 4s", 20, 3, "the end of the line, found `fro`"),
        ("at 4s elect n1 for 4s", 20, 2, "nothing lifts `elect`"),
        ("at 4s heal n1 -> n2 for 4s", 25, 2, "nothing lifts `heal`"),
        ("at 31s cut n1 -> n2 for 4s", 4, 3, "the run is over at 30s"),
    ] {
        let wrong = parse(&text(&format!("{line}\n"))).expect_err(line);
        let [only] = &wrong[..] else { panic!("{line}: {wrong:?}") };
        assert_eq!((only.line, only.column, only.length), (8, column, length), "{line}: {only:?}");
        assert!(only.message().contains(piece), "{line}: {}", only.message());
    }
    // What may stand before `for`.
    for act in ["partition n1 | n2 n3", "traitor n1 silent-to n2", "isolate n3", "pause r1.s1"] {
        let line = format!("every 6s from 4s to 9s {act} for 1.5s\n");
        assert!(scenario(&text(&line)).to_string().contains(&line), "{line}");
    }
}

/// However many lines there are, they stand for no more acts than a text may have.
#[test]
fn many_lines_are_bounded_together() {
    let full: String = (0..4).map(|_| "every 8ms from 0s to 1.9s elect n1\n").collect();
    assert_eq!(scenario(&text(&full)).actions.len(), 4 * 238);
    let fifth = format!("{full}every 8ms from 0s to 1.9s elect n1\n");
    let wrong = parse(&text(&fifth)).expect_err("1190 acts");
    assert_eq!((wrong.len(), wrong[0].line, wrong[0].column), (1, 12, 7), "{wrong:?}");
    let many: String = (0..1_200).map(|_| "every 1ms from 0s to 30s elect n1\n").collect();
    assert!(!parse(&text(&many)).expect_err("36,000,000 acts").is_empty());
}

#[test]
fn what_comes_again_is_a_fault_each_time_on_one_track() {
    let lines =
        "every 6s from 4s to 17s cut n1 <-> n2 for 4s\nat 5s crash r3.s1\nat 6s restart r3.s1\n";
    let read = scenario(&text(lines));
    let seen = spans(&read.actions, 3, read.until);
    let times: Vec<_> = seen.iter().map(|span| (span.from, span.to)).collect();
    assert_eq!(
        times,
        [(4, 8), (5, 6), (10, 14), (16, 20)].map(|(from, to)| (secs(from), secs(to)))
    );
    let strip = Strip::of(&Timeline::new(read));
    let lines: Vec<_> = strip.faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [Some(0), None, Some(0), Some(0)]);
    // What is never lifted is done anew, and is no pile of faults.
    let crashed = scenario(&text("every 6s from 4s to 17s crash r1.s1\n"));
    let seen = spans(&crashed.actions, 3, crashed.until);
    let times: Vec<_> = seen.iter().map(|span| (span.from, span.to)).collect();
    assert_eq!(times, [(4, 10), (10, 16), (16, 30)].map(|(from, to)| (secs(from), secs(to))));
}

/// A line more changes nothing before its first time: the run is forked there.
#[test]
fn a_run_forks_where_a_line_begins() {
    let before = scenario(&text("at 2s cut n1 -> n2\n"));
    let after = scenario(&text("at 2s cut n1 -> n2\nevery 5s from 12s to 25s isolate n3 for 2s\n"));
    let mut timeline = Timeline::new(before);
    timeline.finish();
    timeline.change(after.clone());
    assert!(timeline.frontier_at() < secs(13));
    timeline.finish();
    let whole = run_to_end(after);
    assert_eq!(timeline.trace_hash(), Some(whole.trace_hash()));
}

/// A reader's action at the time of a repeated one comes after it, and undo takes it back.
#[test]
fn what_a_reader_adds_comes_after_what_is_repeated() {
    let lines = "# Flaps.\nevery 5s  from 2s to 12s  cut n1 -> n2   # as it was typed\n";
    let mut session = Session::open(&text(lines)).expect("it parses");
    session.act(secs(7), "heal n1 -> n2").expect("n1 and n2 are there");
    let edited = session.text().to_owned();
    assert!(edited.contains(lines) && edited.contains("at 7s heal n1 -> n2\n"), "{edited}");
    let read = scenario(&edited);
    let acts = ["2s cut n1 -> n2", "7s cut n1 -> n2", "7s heal n1 -> n2", "12s cut n1 -> n2"];
    assert_eq!(spelled_out(&read), acts);
    session.timeline_mut().finish();
    assert_eq!(session.timeline().trace_hash(), Some(run_to_end(read).trace_hash()));
    assert!(session.undo() && session.text() == text(lines));
}

/// A line says in which group, as one with `at` does; the others do not feel it.
#[test]
fn a_line_is_of_one_group() {
    let two = "cluster zk: zab on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n";
    let line = "every 6s from 4s to 17s in zk cut n1 <-> n2 for 4s\n";
    let read = scenario(&text(&format!("{two}{line}")));
    assert!(read.to_string().contains(line));
    assert_eq!(scenario(&read.to_string()), read);
    let read = std::sync::Arc::new(read);
    assert_eq!((read.alone(0).actions.len(), read.alone(0).repeats.len()), (0, 0));
    assert_eq!(read.alone(1).actions.len(), 6);
    assert_eq!(read.alone(1).lines(), [Some(0); 6]);
    let wrong = parse(&text(&format!("{two}{}", line.replace("in zk ", "")))).expect_err("whose?");
    assert_eq!((wrong[0].line, wrong[0].column, wrong[0].length), (10, 25, 3));
    assert!(wrong[0].message().contains("say in which group"));
}
