//! The page about the language: its examples parse, its bounds are those of the code, and
//! `www/language.html` is made of it, in the frame beside it; so is the one in Chinese. `UPDATE=1`
//! writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use halflink::fault::verb::ROWS;
use halflink::fault::{Behaviour, ORDERS};
use halflink::plant::PlantSpec;
use halflink::protocol::Protocol;
use halflink::scenario::diagnostic::DIAGNOSTICS_MAX;
use halflink::scenario::expect::Expected;
use halflink::scenario::library::SMALLEST;
use halflink::scenario::text::parse;
use halflink::scenario::{Bounds, Scenario};
use halflink::words::{ENGLISH, Names};
use pulldown_cmark::{Options, Parser, html};

const LANGUAGE: &str = include_str!("../../docs/LANGUAGE.md");
const CHINESE: &str = include_str!("../../docs/LANGUAGE.zh-Hant.md");

const BASE: &str = "halflink 1
title   \"t\"
plant   4 racks of 3 servers, 4 disks each
cluster etcd: PROTOCOL on r1.s1 r2.s1 r3.s1 r4.s1
timing  heartbeat 100ms, election 1s..2s
seed    2020
run     60s
";

/// The examples: each block's language and its text.
fn examples() -> Vec<(&'static str, &'static str)> {
    let blocks = LANGUAGE.split("```").skip(1).step_by(2);
    blocks.map(|block| block.split_once('\n').expect("a fence ends its line")).collect()
}

#[test]
fn every_example_parses() {
    let mut lines = 0;
    for (language, example) in examples() {
        let protocol = language.strip_prefix("halflink").expect("no other language").trim();
        if example.starts_with("halflink 1") {
            assert_eq!(parse(example).err(), None, "{example}");
            continue;
        }
        let protocol = if protocol.is_empty() { "raft" } else { protocol };
        let base = BASE.replace("PROTOCOL", protocol);
        for line in example.lines() {
            let word = line.split(' ').next().expect("it has one");
            let is_own = |old: &str| old.split(' ').next() == Some(word);
            let single = is_single(line) && base.lines().any(is_own);
            let kept = base.lines().filter(|old| !(single && is_own(old)));
            // The manager of a database renews its lease with writes.
            let writes = (word == "database").then_some("write every 1s");
            let text = kept
                .chain([line])
                .chain(writes)
                .map(|line| format!("{line}\n"))
                .collect::<String>();
            assert_eq!(parse(&text).err(), None, "{line}\n{text}");
            lines += 1;
        }
    }
    assert!(lines > 30, "{lines} lines");
}

/// A timing of one replica stands beside that of all.
fn is_single(line: &str) -> bool {
    !line.starts_with("timing  n") && !line.starts_with("at ")
}

/// Every number of the tables, taken from the code, in the row that it belongs to.
#[test]
fn the_bounds_are_those_of_the_code() {
    let units = PlantSpec::SERVERS;
    let interval = format!("{} to {}", Bounds::INTERVAL_MIN, Bounds::SPAN_MAX);
    let (title, note) = (Bounds::TITLE, Bounds::NOTE);
    for (statement, words) in [
        ("| `title` |", format!("1 to {title} bytes")),
        ("| `plant` |", format!("1 to {} racks, 1 to {units} servers", PlantSpec::RACKS)),
        ("| `plant` |", format!("in each, 2 to {} disks", PlantSpec::DISKS)),
        ("| `cluster` |", format!("at most {} of a to z", Bounds::CLUSTER)),
        ("| `cluster` |", format!("1 to {} replicas", Bounds::REPLICAS)),
        ("| `timing` |", format!("heartbeat {interval}")),
        ("| `timing` |", format!("the heartbeat, at most {}", Bounds::SPAN_MAX)),
        ("| `seed` |", format!("0 to {}", u32::MAX)),
        ("| `plant` |", format!("1 to {} sites", PlantSpec::SITES)),
        ("| `plant` |", format!("a WAN {interval}")),
        ("| `run` |", format!("{} to {}", Bounds::UNTIL_MIN, Bounds::UNTIL)),
        ("| `source` |", format!("at most {title} bytes")),
        ("| `tolerate` |", format!("generals at most {}", Bounds::LIARS)),
        ("| `network` |", format!("hop {}, jitter {}", Scenario::HOP, Scenario::JITTER)),
        ("| `network` |", format!("a hop 1us to {0}, jitter at most {0}", Bounds::SPAN_MAX)),
        ("| `write` |", format!("{interval}, at most {} writes", Bounds::WRITES)),
        ("| `write` |", format!("patience {}", Scenario::PATIENCE)),
        ("| `read` |", format!("{interval}, at most {} reads", Bounds::READS)),
        ("| `name` |", format!("at most {} letters", Bounds::NAME)),
        ("| `at` |", format!("at most {}, within", Bounds::ACTS)),
        ("| `note` |", format!("at most {}, of at most {note} bytes", Bounds::NOTES)),
        ("| `note` |", format!("with `when` at most {}", Bounds::NOTES_WHEN)),
        ("| `expect` |", format!("at most {},", Bounds::EXPECTATIONS)),
    ] {
        let rows = || LANGUAGE.lines().filter(|line| line.starts_with(statement));
        assert!(rows().any(|row| row.contains(&words)), "{statement} {words}");
    }
    let grouped = format!("{},{:03} bytes", Bounds::TEXT / 1_000, Bounds::TEXT % 1_000);
    assert!(LANGUAGE.contains(&grouped) && grouped == "65,536 bytes");
    assert!(LANGUAGE.contains(&format!("at most {DIAGNOSTICS_MAX} such reports")));
    let generals = Bounds::GENERALS;
    assert!(LANGUAGE.contains(&format!("generals are {} to {}", generals.0, generals.1)));
}

/// What the tables say of protocols, of every protocol.
#[test]
fn what_is_said_of_protocols_is_so_of_each() {
    assert!(LANGUAGE.contains("`raft` and `etcd-raft` alone, with any options"));
    assert!(LANGUAGE.contains("of at least 4 replicas (n = 3f + 1 for f liars)"));
    assert!(LANGUAGE.contains("1 or more, for protocols that survive liars"));
    for protocol in Protocol::ALL {
        let name = protocol.to_string();
        let of = |replicas: u8, line: &str| {
            let members: Vec<_> = (1..=replicas).map(|rack| format!("r{rack}.s1")).collect();
            parse(&format!(
                "halflink 1\ntitle \"x\"\nplant {replicas} racks of 1 server, 2 disks each\n\
                 cluster c: {name} on {}\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n\
                 {line}run 5s\n",
                members.join(" ")
            ))
            .is_ok()
        };
        let reads = ["raft", "etcd-raft"].contains(&name.split('+').next().expect("a name"));
        let survives_liars = ["pbft", "tendermint", "hotstuff"].contains(&name.as_str());
        let generals = name.starts_with("generals");
        assert_eq!(of(4, "read every 200ms by quorum\n"), reads, "{name}");
        for replicas in 4..=9 {
            assert!(of(replicas, ""), "{replicas} of {name}");
        }
        assert_eq!(of(3, ""), !survives_liars, "{name}");
        for liars in 0..=4 {
            let is_allowed = match (survives_liars, generals) {
                (true, _) => liars == 1,
                (_, true) => (1..=2).contains(&liars),
                (false, false) => false,
            };
            let tolerate = format!("tolerate {liars}\n");
            assert_eq!(of(4, &tolerate), is_allowed, "{name} of 4: {tolerate}");
        }
    }
}

/// Whatever the grammar knows besides its verbs is there.
#[test]
fn every_word_of_the_grammar_is_there() {
    let behaviours = Behaviour::ALL.map(Behaviour::name);
    let words = Expected::ALL.map(Expected::name);
    for word in behaviours.into_iter().chain(words).chain(ORDERS) {
        let starts = LANGUAGE.matches(&format!("`{word}")).count();
        assert!(starts > 0, "{word} is not explained");
    }
    for protocol in Protocol::ALL {
        assert!(LANGUAGE.contains(&format!("`{protocol}`")), "{protocol} is not listed");
    }
}

/// The smallest text is one, and New on the page starts from it.
#[test]
fn the_smallest_scenario_is_valid_and_says_nothing_superfluous() {
    assert_eq!(parse(SMALLEST).err(), None);
    let lines: Vec<_> = SMALLEST.lines().collect();
    for left_out in 0..lines.len() {
        let rest = (0..lines.len()).filter(|&number| number != left_out);
        let text: String = rest.map(|number| format!("{}\n", lines[number])).collect();
        let optional = ["write", "at"].iter().any(|word| lines[left_out].starts_with(word));
        assert_eq!(parse(&text).is_ok(), optional, "without {}", lines[left_out]);
    }
}

/// The table of actions, made of the rows of the verbs and of their words.
fn actions() -> String {
    let rows = ROWS.iter().map(|row| {
        let words = ENGLISH.tell("verb", &row.key, &Names::default());
        // A bar would end the cell.
        let usage = row.shape.usage().replace('|', "\\|");
        format!("| `{} {usage}` | {words} |\n", row.name)
    });
    rows.collect()
}

#[test]
fn every_verb_is_explained_as_its_row_has_it() {
    const HEAD: &str = "| action | what it does |\n|---|---|\n";
    let (before, rest) = LANGUAGE.split_once(HEAD).expect("the table of actions");
    let (table, after) = rest.split_once("\n\n").expect("it ends");
    if std::env::var_os("UPDATE").is_some() {
        let text = format!("{before}{HEAD}{}\n{after}", actions());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/LANGUAGE.md");
        fs::write(path, text).expect("it can be written");
    }
    assert_eq!(format!("{table}\n"), actions(), "UPDATE=1 cargo test language");
}

/// The page in Chinese says the same: of each statement as many rows, in each the same numbers and
/// the same pieces of the language, and the same examples.
#[test]
fn the_translation_has_the_same_rows_numbers_and_examples() {
    let blocks = |text: &'static str| text.split("```").skip(1).step_by(2).collect::<Vec<_>>();
    assert_eq!(blocks(LANGUAGE), blocks(CHINESE));
    let lines = |text: &'static str| text.lines().filter(|line| !line.is_empty());
    assert_eq!(lines(LANGUAGE).count(), lines(CHINESE).count());
    for (line, translated) in lines(LANGUAGE).zip(lines(CHINESE)) {
        assert_eq!(pieces(line), pieces(translated), "{translated}");
    }
}

/// A verb is explained as the menus explain it.
#[test]
fn the_translation_explains_verbs_as_its_words_do() {
    let words = include_str!("../../words/zh-Hant.late.json");
    let words: BTreeMap<String, String> = serde_json::from_str(words).expect("it is JSON");
    for (key, words) in words.iter().filter(|(key, _)| key.starts_with("verb.")) {
        assert!(CHINESE.contains(&format!("| {words} |")), "{key}: {words}");
    }
}

/// What stands in backticks, and numbers, sorted: their order is that of a sentence.
fn pieces(line: &str) -> Vec<String> {
    let (mut code, mut words) = (Vec::new(), String::new());
    for (place, piece) in line.split('`').enumerate() {
        if place % 2 == 1 {
            code.push(piece.to_owned());
        } else {
            words.push_str(piece);
            words.push(' ');
        }
    }
    let is_number = |one: char| one.is_ascii_digit() || one == ',';
    let numbers = words.split(|one| !is_number(one)).map(|one| one.trim_matches(','));
    code.extend(numbers.filter(|one| !one.is_empty()).map(str::to_owned));
    code.sort_unstable();
    code
}

#[test]
fn the_pages_are_made_of_the_texts() {
    made(
        "language.html",
        "LANGUAGE.md",
        LANGUAGE,
        ["en", "zh-Hant", "中文", "language.zh-Hant.html"],
    );
    let other = ["zh-Hant", "en", "English", "language.html"];
    made("language.zh-Hant.html", "LANGUAGE.zh-Hant.md", CHINESE, other);
}

/// A line that ends within a paragraph is no blank in Chinese.
fn joined(body: &str) -> String {
    let mut pieces = body.split('\n');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let goes_on = out.ends_with(['。', '：', '；', '，', '、']) && !piece.starts_with('<');
        out.push_str(if goes_on { "" } else { "\n" });
        out.push_str(piece);
    }
    out
}

/// The page of a text: its language, and the other one's name, name in itself, and page.
fn made(name: &str, source: &str, text: &str, [language, other, called, page]: [&str; 4]) {
    let mut body = String::new();
    let parser = Parser::new_ext(text, Options::ENABLE_TABLES);
    html::push_html(&mut body, parser);
    if language != "en" {
        body = joined(&body);
    }
    let title = text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a title");
    let frame = include_str!("../../docs/language-frame.html");
    let home = if language == "en" { "./" } else { "./?lang=LANG" };
    let page = [
        ("HOME", home),
        ("OTHER-LANG", other),
        ("OTHER-NAME", called),
        ("OTHER", page),
        ("LANG", language),
        ("TITLE", title),
        ("SOURCE", source),
        ("BODY", body.trim_end()),
    ]
    .into_iter()
    .fold(frame.to_owned(), |page, (place, words)| page.replace(place, words));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let shown = fs::read_to_string(&path).unwrap_or_default();
    assert!(shown == page, "www/{name} is not made of docs/{source}: UPDATE=1 cargo test language");
}
