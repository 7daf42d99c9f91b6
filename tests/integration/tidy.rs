//! The house rules that no compiler keeps: long files, wide lines, imports that point upwards,
//! prose in the engine, words that the field has another word for.
//!
//! What is not tidy yet stands in `tests/tidy.txt`, a number a line, and numbers only fall. Whoever
//! made something tidier runs `UPDATE=1 cargo test tidy`, which lowers them and never raises one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Longer ones hold two ideas.
const LINES_MAX: usize = 600;

/// As `rustfmt.toml` has it; rustfmt leaves comments and strings alone.
const COLUMNS_MAX: usize = 100;

/// Modules that only tests have; they may look at everything.
const OF_TESTS: [&str; 2] = ["lab", "crossing"];

/// Files that keep the sentences.
const TELL: [&str; 2] = ["src/words.rs", "src/words/"];

/// Words for which the field has its own, as a part of a name.
const NAMES: [(&str, &str); 18] = [
    ("Act", "action"),
    ("Alarm", "timer state"),
    ("Betray", "Byzantine behaviour"),
    ("Counted", "heartbeat context"),
    ("Crown", "leader elected"),
    ("Dark", "unpowered"),
    ("Dataless", "data loss"),
    ("Deed", "Byzantine behaviour"),
    ("Film", "packet trace"),
    ("Flaw", "validation error"),
    ("Flight", "packet trace"),
    ("Mistake", "mutant"),
    ("Obstacle", "drop cause"),
    ("Parted", "leader disagreement"),
    ("Placed", "process"),
    ("Reign", "term"),
    ("Speech", "protocol message"),
    ("Traitor", "Byzantine replica"),
];

/// The same in comments, as whole words.
const PHRASES: [(&str, &str); 7] = [
    ("traitor", "Byzantine replica"),
    ("traitors", "Byzantine replicas"),
    ("stands still", "is paused, or does not progress"),
    ("looks at", "inspects, observes"),
    ("promise broke", "a safety property broke"),
    ("crown", "leader elected"),
    ("goes dark", "is unpowered"),
];

/// What was found of each rule, by where or what.
type Found = BTreeMap<String, usize>;

fn add(found: &mut Found, rule: &str, subject: &str, count: usize) {
    if count > 0 {
        *found.entry(format!("{rule} {subject}")).or_default() += count;
    }
}

/// All files under a folder with one of these endings, by their path from the root, in order.
fn files(folder: &str, endings: &[&str], into: &mut BTreeMap<String, String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(root.join(folder)).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        let inside = format!("{folder}/{name}");
        if path.is_dir() {
            if name != "node_modules" {
                files(&inside, endings, into);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            into.insert(inside, fs::read_to_string(&path).expect("it is UTF-8"));
        }
    }
}

fn sources() -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    for folder in ["src", "tests", "benches", "examples", "xtask/src", "www"] {
        files(folder, &[".rs", ".js", ".mjs", ".css"], &mut sources);
    }
    sources
}

/// Tests in a file of their own, or modules that only tests have.
fn is_test(path: &str) -> bool {
    let named = |part: &str| {
        let part = part.trim_end_matches(".rs");
        part == "tests" || part.ends_with("_tests") || OF_TESTS.contains(&part)
    };
    !path.starts_with("src/") || path.split('/').any(named)
}

/// A file without the tests at its end.
fn without_tests(text: &str) -> &str {
    let lines = text.match_indices("#[cfg(test)]\n");
    let tests = lines.map(|(place, _)| place).find(|&place| {
        let after = text[place..].lines().nth(1).unwrap_or("");
        after.contains("mod ") && after.ends_with('{')
    });
    &text[..tests.unwrap_or(text.len())]
}

/// A Rust file in three: code with empty strings, comments, and strings with the code before them
/// in the same statement.
#[derive(Default)]
struct Parts {
    code: String,
    comments: String,
    strings: Vec<(String, String)>,
}

impl Parts {
    fn of(text: &str) -> Self {
        let (mut parts, mut rest) = (Self::default(), text);
        while let Some(first) = rest.chars().next() {
            if rest.starts_with("//") {
                let (comment, after) = rest.split_at(rest.find('\n').unwrap_or(rest.len()));
                parts.comments += comment;
                parts.comments.push('\n');
                rest = after;
            } else if let Some(closing) = closing(rest) {
                let inside = &rest[first_quote(rest) + 1..];
                let end = end_of_string(inside, &closing);
                parts.strings.push((inside[..end].to_owned(), parts.statement().to_owned()));
                parts.code += "\"\"";
                rest = &inside[end + closing.len()..];
            } else if rest.starts_with("'\"'") || rest.starts_with("'\\") {
                let end = rest[2..].find('\'').map_or(rest.len(), |place| place + 3);
                rest = &rest[end..];
            } else {
                parts.code.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        parts
    }

    /// The code of the statement that is being read.
    fn statement(&self) -> &str {
        let start = self.code.rfind([';', '{', '}']).map_or(0, |place| place + 1);
        &self.code[start..]
    }
}

fn first_quote(text: &str) -> usize {
    text.find('"').expect("a string begins here")
}

/// If a string begins here: what ends it.
fn closing(text: &str) -> Option<String> {
    let raw = text.strip_prefix('r').map(|rest| rest.trim_start_matches('#'));
    if let Some(rest) = raw.filter(|rest| rest.starts_with('"')) {
        let hashes = text.len() - 1 - rest.len();
        return Some(format!("\"{}", "#".repeat(hashes)));
    }
    text.starts_with('"').then(|| "\"".to_owned())
}

fn end_of_string(inside: &str, closing: &str) -> usize {
    if closing.len() > 1 {
        return inside.find(closing).expect("the string ends");
    }
    let mut escaped = false;
    for (place, one) in inside.char_indices() {
        match one {
            '\\' => escaped = !escaped,
            '"' if !escaped => return place,
            _ => escaped = false,
        }
    }
    panic!("the string ends");
}

/// Two words of plain language in a row.
fn is_prose(text: &str) -> bool {
    let is_word = |word: &&str| {
        let word = word.trim_end_matches(['.', ',', ':', ';', '?', '!']);
        word.len() > 1 && word.chars().all(|one| one.is_ascii_alphabetic() || one == '\'')
    };
    let words: Vec<&str> = text.split(' ').collect();
    words.windows(2).any(|pair| pair.iter().all(is_word))
}

/// What says why a promise of the code holds is read by programmers.
fn is_for_programmers(statement: &str) -> bool {
    ["expect(", "assert", "panic!", "unreachable!", "reason", "error_1"]
        .iter()
        .any(|call| statement.contains(call))
}

/// The module that a file belongs to, or the protocol. Protocols' rows are counted together: they
/// cite papers.
fn room(path: &str) -> &str {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    if inside.starts_with("protocol/") && inside.ends_with("/facts") {
        return "protocol/facts";
    }
    let parts = if inside.starts_with("protocol/") { 2 } else { 1 };
    let end = inside.match_indices('/').nth(parts - 1).map_or(inside.len(), |(place, _)| place);
    &inside[..end]
}

/// Files are no longer, and lines no wider, than a person takes in.
fn measure_sizes(path: &str, text: &str, found: &mut Found) {
    let lines = text.lines().count();
    // In hundreds, so that a line more or less is no news.
    add(found, "long-file", path, if lines > LINES_MAX { lines.div_ceil(100) } else { 0 });
    if path.ends_with(".rs") {
        let is_wide = |line: &&str| line.chars().count() > COLUMNS_MAX;
        add(found, "wide-lines", "all", text.lines().filter(is_wide).count());
    }
}

/// The modules of the crate in reading order: as `lib.rs` lists them.
fn reading_order() -> Vec<String> {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"));
    let lib = lib.expect("the crate has a root");
    let declared = lib.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    declared.map(str::to_owned).collect()
}

/// Who imports what stands further down in the reading order.
fn measure_imports(path: &str, code: &str, order: &[String], found: &mut Found) {
    let Some(top) = path.strip_prefix("src/").and_then(|inside| inside.split(['/', '.']).next())
    else {
        return;
    };
    let Some(own) = order.iter().position(|module| module == top) else { return };
    for after in code.split("crate::").skip(1) {
        let names = match after.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or("").split(',').collect(),
            None => vec![after],
        };
        for name in names {
            let name = name.trim().split(|one: char| !one.is_alphanumeric() && one != '_').next();
            let place = order.iter().position(|module| Some(module.as_str()) == name);
            if let Some(below) = place.filter(|&place| place > own) {
                add(found, "upward", &format!("{path}->{}", order[below]), 1);
            }
        }
    }
}

/// The names that are made here: items, and variants of enums.
fn names_made(code: &str) -> impl Iterator<Item = &str> {
    const KEYWORDS: [&str; 8] =
        ["struct ", "enum ", "fn ", "type ", "mod ", "trait ", "const ", "static "];
    code.lines().filter_map(|line| {
        let line = line.trim_start();
        let item = KEYWORDS.iter().find_map(|keyword| {
            let (before, after) = line.split_once(keyword)?;
            (before.is_empty() || before.starts_with("pub") || before.ends_with(' '))
                .then_some(after)
        });
        let variant = line.ends_with([',', '{']) && line.starts_with(char::is_uppercase);
        let name = item.or(variant.then_some(line))?;
        name.split(|one: char| !one.is_alphanumeric() && one != '_').next()
    })
}

/// The parts of a name: `InForce`, `in_force` and `IN_FORCE` are "In", "Force".
fn parts_of(name: &str) -> Vec<String> {
    let is_constant = !name.contains(char::is_lowercase);
    let mut parts = vec![String::new()];
    for one in name.chars() {
        if one == '_' || (one.is_uppercase() && !is_constant) {
            parts.push(String::new());
        }
        if one != '_' {
            let part = parts.last_mut().expect("there is one");
            let is_first = part.is_empty();
            part.extend(if is_first {
                one.to_uppercase().next()
            } else {
                one.to_lowercase().next()
            });
        }
    }
    parts
}

fn measure_words(parts: &Parts, found: &mut Found) {
    for name in names_made(&parts.code) {
        let parts = parts_of(name);
        for (word, instead) in NAMES {
            let count = parts.iter().filter(|part| *part == word).count();
            add(found, "name", &format!("{word}->{}", instead.replace(' ', "-")), count);
        }
    }
    let comments = parts.comments.to_lowercase().replace("\n", " ");
    let comments =
        comments.split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty());
    let comments = format!(" {} ", comments.collect::<Vec<_>>().join(" "));
    for (phrase, instead) in PHRASES {
        let count = comments.matches(&format!(" {phrase} ")).count();
        let instead = instead.replace(' ', "-");
        add(found, "comment", &format!("{}->{instead}", phrase.replace(' ', "-")), count);
    }
}

fn measure() -> Found {
    let (mut found, order) = (Found::new(), reading_order());
    for (path, text) in &sources() {
        // This file has the words that it looks for.
        if path.ends_with("tidy.rs") {
            continue;
        }
        measure_sizes(path, text, &mut found);
        if !path.ends_with(".rs") {
            continue;
        }
        measure_words(&Parts::of(text), &mut found);
        // Of a protocol not even the tests know the simulator: those that do are in src/lab/.
        let is_protocols = path.starts_with("src/protocol");
        if is_protocols {
            measure_imports(path, &Parts::of(text).code, &order, &mut found);
        }
        if is_test(path) {
            continue;
        }
        let parts = Parts::of(without_tests(text));
        if !is_protocols {
            measure_imports(path, &parts.code, &order, &mut found);
        }
        // What prints so is not in the site's engine: see xtask/src/snip.rs.
        let debug = parts.strings.iter().filter(|(text, statement)| {
            text.contains("?}") && !is_for_programmers(statement) && path.starts_with("src/")
        });
        add(&mut found, "printed-with-debug", room(path), debug.count());
        if !TELL.iter().any(|teller| path.starts_with(teller)) {
            let prose = parts
                .strings
                .iter()
                .filter(|(text, statement)| is_prose(text) && !is_for_programmers(statement));
            add(&mut found, "prose", room(path), prose.count());
        }
    }
    found
}

#[test]
fn the_house_is_no_less_tidy_than_it_was() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tidy.txt");
    let text = fs::read_to_string(&place).expect("the list is there");
    let mut allowed = Found::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (what, count) = line.rsplit_once(' ').expect("a rule, a subject and a number");
        allowed.insert(what.to_owned(), count.parse().expect("a number"));
    }
    let found = measure();
    let worse = found.iter().filter(|(what, count)| allowed.get(*what).unwrap_or(&0) < count);
    let worse: Vec<String> = worse
        .map(|(what, count)| format!("{what}: {count}, was {}", allowed.get(what).unwrap_or(&0)))
        .collect();
    assert!(worse.is_empty(), "less tidy than `tests/tidy.txt` allows:\n{}", worse.join("\n"));
    if std::env::var("UPDATE").is_ok_and(|value| value == "1") {
        let comments = text.lines().filter(|line| line.starts_with('#')).map(str::to_owned);
        let numbers = found.iter().map(|(what, count)| format!("{what} {count}"));
        let lines: Vec<String> = comments.chain(numbers).collect();
        fs::write(&place, lines.join("\n") + "\n").expect("the list can be written");
    }
}

/// What a liar says stands beside the state machine, whose own file knows nothing of it.
#[test]
fn state_machines_do_not_know_of_liars() {
    let machines = sources().into_iter().filter(|(path, text)| {
        path.starts_with("src/protocol/") && text.contains("impl StateMachine for")
    });
    let machines: Vec<_> = machines.collect();
    assert_eq!(machines.len(), 12, "one a room");
    for (path, text) in machines {
        for word in ["Tampering", "impl Liar", "Behaviour::"] {
            assert!(!Parts::of(&text).code.contains(word), "{path}: {word}");
        }
        let room = path.trim_end_matches(".rs").to_owned() + "/lie.rs";
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join(&room);
        let text = fs::read_to_string(beside).unwrap_or_else(|_| panic!("{room} is there"));
        assert!(text.contains("impl Liar for"), "{room}");
    }
}

#[test]
fn the_code_map_lists_the_modules_in_reading_order() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md"));
    let map = map.expect("there is a code map");
    let rows = map.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(".rs`"));
    let rows: Vec<&str> = rows
        .map(|(module, _)| module)
        .filter(|name| *name != "main" && !name.contains('/'))
        .collect();
    let order = reading_order();
    assert_eq!(rows, order.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn where_a_change_goes_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("CONTRIBUTING.md")).expect("it is there");
    let quoted = text.split('`').skip(1).step_by(2);
    let places: Vec<&str> = quoted.filter(|one| one.contains('/') && !one.contains(' ')).collect();
    assert!(places.len() > 30, "{places:?}");
    for place in places {
        assert!(root.join(place).exists(), "CONTRIBUTING.md names {place}");
    }
}

#[test]
fn what_is_looked_for_is_found() {
    let parts = Parts::of(
        "// It looks at a traitor.\nfn act(deed: u8) { let a = '\"'; f(\"two words\", r#\"a \"b\" c\"#); }\n\
         enum E { }\nx.expect(\"it is so\");",
    );
    let strings: Vec<&str> = parts.strings.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(strings, ["two words", "a \"b\" c", "it is so"]);
    assert!(is_prose("two words") && !is_prose("n1 -> n2") && !is_prose("kind"));
    assert!(is_for_programmers(&parts.strings[2].1) && !is_for_programmers(&parts.strings[0].1));
    let mut found = Found::new();
    measure_words(&parts, &mut found);
    let found: Vec<&str> = found.keys().map(String::as_str).collect();
    let comments = ["comment looks-at->inspects,-observes", "comment traitor->Byzantine-replica"];
    assert_eq!(found, [comments[0], comments[1], "name Act->action"]);
    assert_eq!(parts_of("LINES_MAX"), ["Lines", "Max"]);
    assert_eq!(parts_of("in_force"), parts_of("InForce")[1..]);

    let order = ["clock", "world"].map(str::to_owned);
    let mut found = Found::new();
    measure_imports(
        "src/clock.rs",
        "use crate::{world, clock}; crate::world::f()",
        &order,
        &mut found,
    );
    measure_imports("src/world/a.rs", "use crate::clock;", &order, &mut found);
    assert_eq!(found, Found::from([("upward src/clock.rs->world".to_owned(), 2)]));
    assert!(is_test("src/a/tests.rs") && is_test("src/lab/trial/heal.rs"));
    assert_eq!(room("src/protocol/raft/message.rs"), "protocol/raft");
    assert_eq!(room("src/protocol/raft/facts.rs"), "protocol/facts");
    assert_eq!((room("src/view/strip/grain.rs"), room("src/check.rs")), ("view", "check"));
    assert!(!is_test("src/tests_of.rs") && !is_test("src/world.rs"));
}
