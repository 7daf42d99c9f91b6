//! Round trips, sizes, and hostile input: what text and link promise together.

use super::diagnostic::{DIAGNOSTICS_MAX, Diagnostic};
use super::edit::{insert_act, set_protocol, set_seed};
use super::library::library;
use super::link::{LinkError, decode, encode, v1, v2};
use super::print::print;
use super::text::{parse, parse_act};
use super::{Bounds, Scenario, arbitrary};
use crate::clock::Micros;
use crate::fault::{Action, Ends, Link};
use crate::plant::{Plant, PlantSpec};
use crate::protocol::{Protocol, ReadMode};
use crate::rng::Rng;

const SMALL: &str = "halflink 1
title   \"t\"
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    2020
run     400s
";

/// The small scenario with further statements.
fn small(more: &str) -> String {
    format!("{SMALL}{more}\n")
}

fn scenarios(count: u32) -> impl Iterator<Item = (u32, Scenario)> {
    let drawn = move |draw: fn(&mut Rng) -> Scenario| {
        (0..count).map(move |seed| (seed, draw(&mut Rng::new(seed))))
    };
    drawn(arbitrary::scenario).chain(drawn(arbitrary::several))
}

#[test]
fn random_scenarios_survive_the_text() {
    for (seed, scenario) in scenarios(500) {
        assert_eq!(scenario.flaws(), vec![], "seed {seed}");
        let text = print(&scenario);
        let parsed = parse(&text).unwrap_or_else(|wrong| panic!("seed {seed}: {wrong:?}\n{text}"));
        assert_eq!(parsed, scenario, "seed {seed}\n{text}");
        assert_eq!(print(&parsed), text, "seed {seed}");
    }
}

#[test]
fn random_scenarios_survive_the_link() {
    for (seed, scenario) in scenarios(100) {
        let hash = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let text = print(&scenario);
        let link = encode(&text, Some(hash));
        let recorded = decode(&link).unwrap_or_else(|error| panic!("seed {seed}: {error}: {link}"));
        let address = format!("https://example.org/play?x=1{link}");
        assert_eq!(decode(&address).as_ref(), Ok(&recorded), "seed {seed}: {link}");
        assert_eq!((recorded.text, recorded.scenario), (text, scenario), "seed {seed}: {link}");
        assert_eq!(recorded.semantics, crate::SEMANTICS);
        assert!(recorded.trace_hash.is_some_and(|kept| kept.fits(hash) && !kept.fits(!hash)));
    }
}

/// Links are kept for ever: if this one changes, so must the `1` in `#1.`.
#[test]
fn the_link_format_is_pinned() {
    let text = small("at 1.5s cut n3 -> n1\nnote 2s \"Server 1 stops hearing its leader, é.\"");
    let scenario = parse(&text).expect("valid");
    assert_eq!(v1::encode(&scenario, 1, 0x0123_4567_89ab_cdef), PINNED);
    let recorded = decode(PINNED).expect("a good link");
    let trace_hash = recorded.trace_hash.expect("format 1 always has one").to_string();
    assert_eq!((recorded.semantics, trace_hash.as_str()), (1, "0123456789abcdef"));
    assert_eq!(recorded.scenario, scenario);
}

/// So is what the second format's vocabulary and numbers make of a text, with all it has.
#[test]
fn the_second_link_format_is_pinned() {
    let text = small("at 1.5s cut n3 -> n1 # why\n\nnote 2s \"Server 1 hears nobody, é 漢.\"");
    assert_eq!(v2::encode(&text, 1, Some(0x0123_4567_89ab_cdef)), PINNED_2);
    let recorded = decode(PINNED_2).expect("a good link");
    assert_eq!(recorded.text, text);
    let trace_hash = recorded.trace_hash.expect("it has one").to_string();
    assert_eq!((recorded.semantics, trace_hash.as_str()), (1, "01234567"));
}

const PINNED_2: &str = "#2.0CtQCIaIiIhj7vbG2Fxu1PFYrj80bu0OzlmpZ9DuqQnXrTS3kAhuA";

const PINNED: &str = "#1.cnIuAgHGis8TV5vegMoSmPcxE4CPWalewwG6l-dCFVxFNHyIptZTgQssm4XblqVNoA";

/// A title, no notes, and so many random acts over the plant of the library.
fn eventful(seed: u32, count: u32) -> Scenario {
    let mut rng = Rng::new(seed);
    let mut scenario = parse(SMALL).expect("the small scenario is valid");
    scenario.title = "A switch that half failed, twice".to_owned();
    scenario.group_mut().write_every = Some(Micros::from_millis(300));
    scenario.actions = arbitrary::actions(&mut rng, &scenario, count);
    for (at, _) in &mut scenario.actions {
        *at = Micros(at.0 / 1_000 * 1_000);
    }
    scenario
}

/// Random acts with times on whole seconds, as people write them, and in any millisecond.
#[test]
fn links_are_short() {
    for (unit, count, bound) in [
        (1_000_000, 20, 160),
        (1_000_000, 100, 430),
        (1_000_000, 500, 1_600),
        (1_000, 20, 215),
        (1_000, 100, 690),
        (1_000, 500, 2_650),
    ] {
        let length = |seed| {
            let mut scenario = eventful(seed, count);
            for (at, _) in &mut scenario.actions {
                *at = Micros(at.0 / unit * unit);
            }
            encode(&print(&scenario), Some(u64::MAX / 3)).len()
        };
        let longest = (0..10).map(length).max().expect("there are ten");
        println!("{count} actions in units of {unit} us: {longest} characters of {bound}");
        assert!(longest <= bound, "{count} actions take {longest} characters");
    }
}

#[test]
fn the_library_is_valid_and_survives_text_and_link() {
    for entry in library() {
        let scenario = parse(entry.text).unwrap_or_else(|e| panic!("{}: {e:?}", entry.name));
        assert!(scenario.source.is_some() && !scenario.notes.is_empty(), "{}", entry.name);
        assert_eq!(parse(&print(&scenario)).as_ref(), Ok(&scenario), "{}", entry.name);
        let link = encode(entry.text, Some(7));
        println!("{}: link of {} characters", entry.name, link.len());
        // A tour tells more.
        let most = if entry.name.starts_with("tour-") { 1_200 } else { 650 };
        assert!(link.len() <= most, "{}: {} characters", entry.name, link.len());
        let recorded = decode(&link).unwrap_or_else(|error| panic!("{}: {error}", entry.name));
        assert_eq!((recorded.text.as_str(), recorded.scenario), (entry.text, scenario));
    }
}

#[test]
fn every_valid_text_has_a_link_that_can_be_read() {
    let mut text = small("");
    let mut rng = Rng::new(3);
    while text.len() < Bounds::TEXT - 600 {
        let letters: String = (0..480).map(|_| char::from(b'#' + rng.below(90) as u8)).collect();
        text += &format!("note 1s \"{}\"\n", letters.replace('\\', "/"));
    }
    let scenario = parse(&text).expect("all within bounds");
    let link = encode(&text, None);
    println!("{} bytes of noise: link of {} characters", text.len(), link.len());
    assert_eq!(decode(&link).map(|recorded| recorded.scenario), Ok(scenario));
}

#[test]
fn damaged_links_are_refused() {
    let link = encode(library()[0].text, Some(42));
    for length in 0..link.len() {
        assert!(decode(&link[..length]).is_err(), "cut to {length}");
    }
    assert_eq!(decode(&link[..link.len() - 4]), Err(LinkError::CutShort));
    let mut rng = Rng::new(5);
    for _ in 0..2_000 {
        let mut bytes = link.clone().into_bytes();
        for _ in 0..1 + rng.below(3) {
            let place = 3 + rng.below(bytes.len() as u32 - 3) as usize;
            bytes[place] = b"ABCxyz019-_%<\"#"[rng.below(15) as usize];
        }
        let broken = String::from_utf8(bytes).expect("letters");
        assert!(broken == link || decode(&broken).is_err(), "{broken}");
    }
    for (text, error) in [
        ("", LinkError::NotALink),
        ("#", LinkError::NotALink),
        ("https://example.org/", LinkError::NotALink),
        ("#3.AAAA", LinkError::Version("3".to_owned())),
        ("#2.", LinkError::CutShort),
        ("#1.", LinkError::CutShort),
        ("#1.AA<b>", LinkError::Letter('<', 6)),
    ] {
        assert_eq!(decode(text), Err(error), "{text}");
    }
    let long = format!("#1.{}", "A".repeat(Bounds::LINK));
    assert_eq!(decode(&long), Err(LinkError::Oversized(Bounds::LINK + 2)));
}

/// A stranger can make the checksum fit; nothing may panic or take long even then.
#[test]
fn random_choices_decode_to_a_valid_scenario_or_an_error() {
    let mut rng = Rng::new(9);
    let mut valid = 0;
    for round in 0..3_000 {
        let length = rng.below(120) as usize;
        let mut choices: Vec<u8> = (0..length).map(|_| rng.below(256) as u8).collect();
        if round % 2 == 0 {
            // Mostly right: a real scenario with a few bytes changed.
            let scenario = loop {
                let scenario = arbitrary::scenario(&mut rng);
                if v1::knows(&scenario) {
                    break scenario;
                }
            };
            choices = v1::choices(&v1::encode(&scenario, 1, 1));
            for _ in 0..1 + rng.below(2) {
                let place = rng.below(choices.len() as u32) as usize;
                choices[place] ^= 1 << rng.below(8);
            }
        }
        if let Ok(recorded) = decode(&v1::seal(&choices)) {
            valid += 1;
            assert_eq!(recorded.scenario.flaws(), vec![]);
            let again = v1::encode(&recorded.scenario, 1, 1);
            assert_eq!(decode(&again).map(|again| again.scenario), Ok(recorded.scenario));
        }
    }
    println!("{valid} of 3000 were valid scenarios");
}

#[test]
fn random_text_never_panics() {
    let words = [
        "halflink",
        "1",
        "title",
        "\"",
        "\\",
        "plant",
        "3",
        "racks",
        "of",
        "at",
        "1s",
        "cut",
        "n1",
        "->",
        "<->",
        "n3",
        "gray",
        "r1.tor-a",
        "drops",
        "90",
        "%",
        "all",
        "*",
        "#",
        "\n",
        "\n",
        "\n",
        "note",
        "..",
        ",",
        ":",
        "é",
        "\u{202e}",
        "\0",
        "timing",
        "election",
        "run",
        "seed",
        "heal",
        "99999999999999999999",
        "r99.s99.d99",
        "0.1us",
        "cluster",
        "etcd",
        "raft",
        "on",
        "r1.s1",
    ];
    for seed in 0..2_000 {
        let mut rng = Rng::new(seed);
        let mut text = if rng.percent(50) { SMALL.to_owned() } else { String::new() };
        for _ in 0..rng.below(60) {
            text += words[rng.below(words.len() as u32) as usize];
            text += if rng.percent(70) { " " } else { "" };
        }
        match parse(&text) {
            Ok(scenario) => assert_eq!(parse(&print(&scenario)), Ok(scenario), "seed {seed}"),
            Err(wrong) => check_diagnostics(&text, &wrong),
        }
        drop(insert_act(&text, Micros(1), "heal spine-a"));
        drop(set_seed(&text, 0, 1));
        drop(parse_act(&text, &parse(SMALL).expect("valid")));
    }
}

fn check_diagnostics(text: &str, wrong: &[Diagnostic]) {
    let in_order = wrong.is_sorted_by_key(|one| (one.line, one.column));
    assert!((1..=DIAGNOSTICS_MAX).contains(&wrong.len()) && in_order, "{wrong:?}");
    for diagnostic in wrong {
        let line = text.lines().nth(diagnostic.line as usize - 1).unwrap_or_default();
        let end = (diagnostic.column + diagnostic.length) as usize - 1;
        assert!(end <= line.chars().count().max(1), "{diagnostic:?} in {line:?}");
        assert!(!diagnostic.message().contains(char::is_control), "{diagnostic:?}");
    }
}

/// Each wrong statement after the small scenario: column, length, and a piece of the message.
#[test]
fn diagnostics_point_and_explain() {
    for (statement, column, length, piece) in [
        ("at 10s cutt n3 -> n1", 8, 4, "did you mean `cut`?"),
        ("at 10 cut n3 -> n1", 4, 2, "expected a time, such as 300ms or 1.5s, found `10`"),
        ("at 10s cut n3 -> n4", 18, 2, "no n4 here: the cluster's replicas are n1 to n3"),
        ("at 10s cut n3 -> n3", 18, 2, "two different ends"),
        ("at 10s cut r1.s1 -> spine-a", 21, 7, "no cable joins r1.s1 and spine-a"),
        ("at 10s cut r4.s1 -> r1.tor-a", 12, 5, "the plant is 3 racks of 3 servers, 4 disks each"),
        ("at 10s lose 101% of n1 -> n2", 13, 3, "1% to 100%"),
        ("at 10s gray r1.s1 drops all", 13, 5, "only a tor or a spine"),
        ("at 10s gray r1.tor-a drop all", 22, 4, "did you mean `drops`?"),
        ("at 10s gray r1.tor-a drops n9 <-> *", 28, 2, "no n9 here"),
        ("at 10s heal r1.s1", 13, 5, "only a tor or a spine"),
        ("at 10s crash r1.tor-a", 14, 8, "expected a server, such as r1.s1, found `r1.tor-a`"),
        ("at 401s crash r1.s1", 4, 4, "the run is over at 400s"),
        ("at 1s crash r1.s1 now", 19, 3, "expected the end of the line, found `now`"),
        ("at 1s crash", 12, 0, "found the end of the line"),
        ("note 1s \"é\u{7}\"", 11, 1, "no control or invisible character, found `\\u{7}`"),
        ("note 1s \"open", 9, 5, "expected a closing `\"`"),
        ("note 1s \"a\\n\"", 11, 1, "expected `\\\"` or `\\\\`"),
        ("timing n1 election 2s..1s", 20, 6, "shortest comes before its longest"),
        ("timing n1 election 100ms..1s", 20, 9, "longer than the heartbeat, 100ms"),
        ("timing n7 election 1s..2s", 8, 2, "no n7 here"),
        ("write every 10us", 13, 4, "1ms to 600s"),
        ("network hop 0s, jitter 1us", 13, 2, "a hop takes 1us to 600s"),
        ("network hop 601s, jitter 1us", 13, 4, "a hop takes 1us to 600s"),
        ("seed 1", 1, 4, "`seed` is on line 6 already"),
        ("sede 1", 1, 4, "did you mean `seed`?"),
        ("at 0.1us crash r1.s1", 4, 5, "exact to the microsecond"),
        ("write every 2ms", 13, 3, "200000 writes in this run, at most 100000"),
    ] {
        let wrong = parse(&small(statement)).expect_err(statement);
        let [only] = &wrong[..] else { panic!("{statement}: {wrong:?}") };
        assert_eq!((only.line, only.column, only.length), (8, column, length), "{only:?}");
        assert!(only.message().contains(piece), "{statement}: {}", only.message());
    }
}

/// What nobody sees is refused in a text and in a link, in every place that takes words.
#[test]
fn what_nobody_sees_is_refused() {
    let hidden = [
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{202e}',
        '\u{2060}',
        '\u{2063}',
        '\u{2066}',
        '\u{2069}',
        '\u{206f}',
        '\u{2800}',
        '\u{3164}',
        '\u{fe00}',
        '\u{feff}',
        '\u{fff9}',
        '\u{1d173}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e007f}',
        '\u{e0100}',
        '\u{50000}',
        '\u{10fffd}',
        '\u{85}',
    ];
    let good = parse(SMALL).expect("valid");
    for char in hidden {
        let words = format!("a{char}b");
        let wrong = parse(&small(&format!("note 1s \"{words}\""))).expect_err("it is refused");
        let escaped = char.escape_unicode();
        let expected = format!("no control or invisible character, found `{escaped}`");
        assert!(wrong[0].message().contains(&expected), "{wrong:?}");
        assert_eq!((wrong[0].line, wrong[0].column), (8, 11), "{wrong:?}");
        let mut changed = [good.clone(), good.clone(), good.clone()];
        changed[0].title.clone_from(&words);
        changed[1].source = Some(words.clone());
        changed[2].notes.push(super::note::Note::at(Micros::ZERO, words));
        for scenario in changed {
            for link in [v1::encode(&scenario, 1, 1), encode(&print(&scenario), None)] {
                let refused = decode(&link).expect_err("it is refused");
                assert!(
                    refused.to_string().contains("invisible character"),
                    "{escaped}: {refused}"
                );
            }
        }
        let named = SMALL.replace("etcd:", &format!("et{char}cd:"));
        assert!(parse(&named).is_err(), "{escaped} in a name");
    }
    // What can be seen stays: accents, other scripts, emoji with their selector.
    for words in ["é", "e\u{301}", "שלום", "線が死ぬ", "लिंक", "⚡\u{fe0f}", "🏴", "𝒽"]
    {
        let scenario = Scenario { title: words.to_owned(), ..good.clone() };
        assert_eq!(parse(&scenario.to_string()).as_ref(), Ok(&scenario), "{words}");
        for link in [v1::encode(&scenario, 1, 1), encode(&print(&scenario), None)] {
            assert_eq!(decode(&link).map(|link| link.scenario).as_ref(), Ok(&scenario));
        }
    }
}

/// Each single statement replaced by a wrong one.
#[test]
fn bounds_are_named() {
    for (old, new, piece) in [
        ("halflink 1", "halflink 2", "language version 2, and only 1 is known"),
        ("3 racks", "13 racks", "1 to 12 racks"),
        ("3 servers", "0 servers", "1 to 12 servers"),
        ("3 servers", "13 servers", "1 to 12 servers"),
        ("4 disks", "3 disks", "2 to 12 disks, an even number"),
        ("4 disks", "999999999999999999999 disks", "2 to 12 disks"),
        ("raft on", "rafd on", "did you mean `raft`?"),
        ("etcd:", "Etcd:", "a to z, 0 to 9 and -"),
        ("r2.s1", "r1.s1", "n1 is on r1.s1 already"),
        ("r2.s1", "r2.s4", "no r2.s4 here"),
        ("\"t\"", "\"\"", "at least one letter"),
        ("2020", "4294967296", "from 0 to 4294967295"),
        ("400s", "481m", "a run takes 1ms to 28800s"),
        ("heartbeat 100ms", "heartbeat 1us", "1ms to 600s"),
        ("100ms, election 1s..2s", "100ms, election 1s..601s", "at most 600s"),
    ] {
        let wrong = parse(&SMALL.replacen(old, new, 1)).expect_err(new);
        assert_eq!(wrong.len(), 1, "{new}: {wrong:?}");
        assert!(wrong[0].message().contains(piece), "{new}: {}", wrong[0].message());
    }
    let many =
        SMALL.replace("r1.s1 r2.s1 r3.s1", &many_servers(16)).replace("3 servers", "9 servers");
    assert!(
        parse(&many).expect_err("16")[0].message().contains("at most 15 replicas, this one 16")
    );
    // How much work a run is, is counted when it runs.
    let busy =
        SMALL.replace("r1.s1 r2.s1 r3.s1", &many_servers(15)).replace("3 servers", "9 servers");
    assert!(parse(&busy.replace("100ms", "1ms")).is_ok());
    let actions = "at 1s crash r1.s1\n".repeat(1_001);
    assert!(
        parse(&small(&actions)).expect_err("actions")[0].message().contains("at most 1000 actions")
    );
    let long = small(&"#".repeat(Bounds::TEXT));
    let [only] = &parse(&long).expect_err("long")[..] else { panic!("one error") };
    assert!(only.message().contains("at most 65536 bytes"), "{}", only.message());
}

fn many_servers(count: usize) -> String {
    let spec = PlantSpec::new(3, 9, 4);
    let names: Vec<_> = Plant::new(spec).servers().take(count).map(|s| s.to_string()).collect();
    names.join(" ")
}

#[test]
fn all_mistakes_are_found_at_once_in_order() {
    let text =
        "title \"a\"\nplant 3 rack of 3 servers, 4 disk each\nseed x\nat 1s fial feed-a\nrun 1s";
    let wrong = parse(text).expect_err("several mistakes");
    let lines: Vec<_> = wrong.iter().map(|diagnostic| diagnostic.line).collect();
    assert_eq!(lines, [1, 3, 4, 5, 5], "{wrong:#?}");
    let endless = "nonsense\n".repeat(1_000);
    assert_eq!(parse(&endless).expect_err("nonsense").len(), DIAGNOSTICS_MAX);
}

#[test]
fn inserted_acts_keep_the_text() {
    let text = "# mine\nhalflink 1 # one\ntitle \"t\"\nplant 3 racks of 3 servers, 4 disks each\n\
        cluster etcd: raft   on r1.s1 r2.s1 r3.s1\ntiming heartbeat 100ms, election 1s..2s\n\
        seed 2020 # luck\n\n  at 0s   elect n3\n  note 1s \"n\"\n  at 10s  crash r1.s1  # ouch\nrun 60s\n";
    let scenario = parse(text).expect("valid");
    let act = parse_act("cut n3 -> n1", &scenario).expect("an act");
    for (at, place, line) in [
        (0, 9, "  at 0s   cut n3 -> n1"),
        (5, 9, "  at 5s   cut n3 -> n1"),
        (10, 11, "  at 10s  cut n3 -> n1"),
        (60, 11, "  at 60s  cut n3 -> n1"),
    ] {
        let edited = insert_act(text, Micros::from_secs(at), &act.to_string());
        let mut lines: Vec<_> = text.lines().collect();
        lines.insert(place, line);
        assert_eq!(edited.lines().collect::<Vec<_>>(), lines);
    }
    let edited = set_seed(&set_protocol(text, 0, Protocol::RaftSticky), 0, 7);
    let expected = text.replace("raft   on", "raft+sticky   on").replace("seed 2020", "seed 7");
    assert_eq!(edited, expected);
    let windows = SMALL.trim_end().replace('\n', "\r\n");
    let edited = insert_act(&windows, Micros(0), &act.to_string());
    assert!(edited.contains("\r\nat 0s cut n3 -> n1\r\nrun"), "{edited:?}");
}

#[test]
fn a_protocol_that_survives_no_liars_is_not_told_how_many() {
    let text =
        "halflink 1\ncluster etcd: pbft on r1.s1 r2.s1 r3.s1 r4.s1\n  tolerate 1 # f\nrun 9s\n";
    let edited = set_protocol(text, 0, Protocol::Raft);
    let expected =
        "halflink 1\ncluster etcd: raft on r1.s1 r2.s1 r3.s1 r4.s1\n#   tolerate 1 # f\nrun 9s\n";
    assert_eq!(edited, expected);
    assert_eq!(set_protocol(text, 0, Protocol::Hotstuff), text.replace("pbft", "hotstuff"));
}

/// Texts and links of before reads mean what they meant, and every interval and way of reading
/// survives both.
#[test]
fn reads_survive_text_and_link() {
    for seed in 0..200 {
        let mut rng = Rng::new(seed ^ 0x4ead);
        let mut scenario = arbitrary::scenario_of(&mut rng, Protocol::Raft);
        let by = ReadMode::ALL[seed as usize % 3];
        let by = if scenario.group().protocol.reads_by(by) { by } else { ReadMode::Quorum };
        let every = [Micros::from_millis(300), Micros(1_000 + u64::from(rng.below(999_999)))];
        scenario.group_mut().read = Some((every[rng.below(2) as usize], by));
        assert_eq!(scenario.flaws(), vec![], "seed {seed}");
        assert_eq!(parse(&print(&scenario)).as_ref(), Ok(&scenario), "seed {seed}");
        let recorded = decode(&encode(&print(&scenario), Some(7))).expect("a good link");
        assert_eq!(recorded.scenario, scenario, "seed {seed}");
    }
    let liars = small("tolerate 1\nread every 1s by lease").replace("raft on", "pbft on r2.s3");
    assert!(parse(&liars).is_err_and(|wrong| wrong.len() == 1));
}

#[test]
fn wrong_reads_are_pointed_at() {
    for (statement, column, piece) in [
        ("read", 5, "expected `every`"),
        ("read every", 11, "the time between reads"),
        ("read every 300ms", 17, "expected `by`"),
        ("read every 300ms by", 20, "local, quorum or lease"),
        ("read every 300ms by qourum", 21, "did you mean `quorum`?"),
        ("read every 0ms by lease", 12, "the time between reads is 1ms to 600s"),
        ("read every 601s by lease", 12, "the time between reads is 1ms to 600s"),
        ("read every 1ms by lease", 12, "400000 reads in this run, at most 100000"),
    ] {
        let wrong = parse(&small(statement)).expect_err(statement);
        let first = (wrong[0].line, wrong[0].column);
        assert!(wrong[0].message().contains(piece), "{statement}: {wrong:?}");
        assert_eq!(first, (8, column), "{statement}: {wrong:?}");
    }
    for protocol in Protocol::ALL {
        let text =
            small("read every 1s by quorum").replace(": raft on", &format!(": {protocol} on"));
        let says = |wrong: Vec<Diagnostic>| {
            wrong
                .iter()
                .any(|one| one.message().contains("offers no reads here") && one.column == 18)
        };
        assert_eq!(parse(&text).is_err_and(says), !protocol.answers_reads(), "{protocol}");
    }
}

#[test]
fn a_protocol_without_reads_is_asked_for_none() {
    let text = small("  read every 1s by lease # fresh?");
    let edited = set_protocol(&text, 0, Protocol::Paxos);
    let expected = text.replace("raft on", "paxos on").replace("  read", "#   read");
    assert_eq!(edited, expected);
    assert!(parse(&edited).is_ok());
    let edited = set_protocol(&text, 0, Protocol::EtcdRaftCheckquorum);
    assert_eq!(edited, text.replace("raft on", "etcd-raft+checkquorum on"));
    // Without check-quorum etcd's library has no leases.
    let edited = set_protocol(&text, 0, Protocol::EtcdRaft);
    let expected = text.replace("raft on", "etcd-raft on").replace("  read", "#   read");
    assert_eq!(edited, expected);
}

#[test]
fn inserted_acts_come_after_those_at_the_same_time() {
    for (seed, scenario) in scenarios(300) {
        let mut rng = Rng::new(seed ^ 0x5555);
        let (at, act) = arbitrary::actions(&mut rng, &scenario, 1)[0];
        let at = scenario.actions.get(rng.below(20) as usize).map_or(at, |(at, _)| *at);
        let mut expected = scenario.clone();
        let place = expected.actions.partition_point(|(other, _)| *other <= at);
        expected.actions.insert(place, (at, act));
        let edited = insert_act(&print(&scenario), at, &scenario.action_text(&act));
        assert_eq!(parse(&edited), Ok(expected), "seed {seed}\n{edited}");
    }
}

#[test]
fn the_plant_has_the_lanes_that_validation_allows() {
    let scenario = parse(SMALL).expect("valid");
    let plant = Plant::new(scenario.plant);
    for &from in plant.parts() {
        for &to in plant.parts() {
            let act = Action::Heal { link: Link { ends: Ends::Lane(from, to), both: false } };
            let lane = plant.lane(plant.expect(from), plant.expect(to));
            assert_eq!(parse_act(&act.to_string(), &scenario).is_ok(), lane.is_some(), "{act}");
        }
    }
}
