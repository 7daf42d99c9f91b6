//! The TypeScript types of all that crosses to JavaScript, made of the Rust ones: `pkg/facts.d.ts`.
//! `UPDATE=1 cargo test crossing` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ts_rs::{Config, TS, TypeVisitor};

use crate::explore::Claim;
use crate::fact::{Arg, Fact};
use crate::fault::verb::{ROWS, Shape};
use crate::fault::{Behaviour, FaultClass, ORDERS, PartState};
use crate::fault_sets::{Explored, Struck};
use crate::inevitable::Ahead;
use crate::meter::Bound;
use crate::outcome::Outcome;
use crate::protocol::catalogue::{Family, Links, Needs};
use crate::protocol::{Protocol, ReadMode, Role};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::text::parse;
use crate::shrink::Shrunk;
use crate::view::account::AccountView;
use crate::view::ledger::LedgerEntry;
use crate::view::logs::LogsView;
use crate::view::{
    BlastView, OpenedLink, Plan, ProtocolEntry, Refusal, Strip, ToldView, View, ViolationView,
};

/// JavaScript's numbers are exact up to 2^53 microseconds, 285 years.
fn config() -> Config {
    Config::new().with_large_int("number")
}

/// Declarations by name.
#[derive(Default)]
struct Declared(BTreeMap<String, String>);

impl TypeVisitor for Declared {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // What TypeScript has itself has no file of its own.
        if T::output_path().is_none() {
            T::visit_dependencies(self);
            T::visit_generics(self);
            return;
        }
        let config = config();
        let docs = T::docs().unwrap_or_default();
        let text = laid_out(&format!("{docs}export {}\n", T::decl(&config)));
        if self.0.insert(T::ident(&config), text).is_none() {
            T::visit_dependencies(self);
            T::visit_generics(self);
        }
    }
}

/// A declaration as a person would write it: fields indented, a comment of one line in one line.
fn laid_out(declaration: &str) -> String {
    let mut chunks = declaration.split("/**\n");
    let mut text = chunks.next().unwrap_or_default().to_owned();
    for chunk in chunks {
        match chunk.split_once("\n */\n") {
            Some((line, rest)) if !line.contains('\n') => {
                text += &format!("/**{} */\n{rest}", line.trim_start_matches(" *"));
            }
            Some(_) | None => text += &format!("/**\n{chunk}"),
        }
    }
    let (mut out, mut indent) = (String::new(), "");
    for line in text.lines().map(str::trim_end) {
        match line.strip_suffix(" };").filter(|_| !indent.is_empty()) {
            Some(last) => out += &format!("{indent}{last}\n}};\n"),
            None => out += &format!("{indent}{line}\n"),
        }
        if line.ends_with('{') {
            indent = "  ";
        }
    }
    out
}

/// The whole file.
fn facts() -> String {
    let mut all = Declared::default();
    all.visit::<Fact>();
    all.visit::<Arg>();
    all.visit::<Diagnostic>();
    all.visit::<Refusal>();
    all.visit::<Plan>();
    all.visit::<View>();
    all.visit::<Strip>();
    all.visit::<AccountView>();
    all.visit::<BlastView>();
    all.visit::<LedgerEntry>();
    all.visit::<LogsView>();
    all.visit::<Ahead>();
    all.visit::<Explored>();
    all.visit::<Struck>();
    all.visit::<Shrunk>();
    all.visit::<ViolationView>();
    all.visit::<ToldView>();
    all.visit::<OpenedLink>();
    all.visit::<ProtocolEntry>();
    let declarations: Vec<String> = all.0.into_values().collect();
    format!(
        "// Made of the Rust types by src/crossing.rs: `UPDATE=1 cargo test crossing`. Times are \
         microseconds.\n\n{}",
        declarations.join("\n")
    )
}

/// The rows of the verbs, for the menus of parts.
fn verbs() -> String {
    let rows = ROWS.iter().map(|row| {
        let lift = row.lifted_by.map_or("null".to_owned(), |lift| format!("{:?}", lift.row().name));
        let (takes, alone) = match row.shape {
            Shape::Link(_) => ("link", false),
            Shape::Share(_) => ("share", false),
            Shape::Delay(_) | Shape::Reorder(_) | Shape::Duplicate(_) => ("impaired", false),
            Shape::Flows(_) => ("flows", false),
            Shape::Switch(_) => ("switch", true),
            Shape::Part(_) => ("part", true),
            Shape::Server(_) => ("server", true),
            Shape::Volume(_) => ("volume", true),
            Shape::Slow(_) => ("slow", false),
            Shape::Replica(_) => ("replica", true),
            Shape::Groups(_) => ("groups", false),
            Shape::ByzantineBehaviour(_) => ("byzantine", false),
            Shape::Order(_) => ("order", true),
        };
        format!("  {{ name: {:?}, takes: {takes:?}, alone: {alone}, lift: {lift} }},\n", row.name)
    });
    format!(
        "// @ts-check\n/** Made of the rows of src/fault/verb.rs: `UPDATE=1 cargo test crossing`. */\n\n\
         /**\n * `alone` needs no more than the name of what it takes.\n *\n * @type {{readonly {{name: string, takes: string, alone: boolean, lift: string|null}}[]}}\n */\n\
         export const VERBS = [\n{}];\n",
        rows.collect::<String>()
    )
}

/// True if a line may begin with that word.
fn is_statement(word: &str) -> bool {
    let wrong = parse(&format!("halflink 1\n{word}")).expect_err("it lacks nearly all");
    let unknown = wrong.iter().find(|one| one.line == 2 && one.column == 1 && one.length > 0);
    let expected = unknown.and_then(|one| one.fact.args.iter().find(|(name, _)| *name == "what"));
    expected != Some(&("what", Arg::from(Fact::plain("statement"))))
}

/// What the editor must know of the language to colour and to complete it.
fn grammar() -> String {
    let listed = |words: &mut dyn Iterator<Item = String>| -> String {
        let mut seen = BTreeSet::new();
        let new: Vec<_> = words.filter(|word| seen.insert(word.clone())).collect();
        new.iter().map(|word| format!("  {word:?},\n")).collect()
    };
    // A word of the parser's is one if the parser says so.
    let read = include_str!("scenario/text.rs").split('"');
    let is_word =
        |word: &&str| !word.is_empty() && word.bytes().all(|one| one.is_ascii_lowercase());
    let statements = read.filter(is_word).filter(|word| is_statement(word)).map(str::to_owned);
    let leading = Protocol::ALL.into_iter().filter(|protocol| protocol.has_leader());
    let leaders = leading.map(|protocol| protocol.terms().leader.to_owned());
    let lists = [
        ("STATEMENTS", "What a line begins with.", listed(&mut { statements })),
        (
            "PROTOCOLS",
            "What a group may run.",
            listed(&mut Protocol::ALL.iter().map(|one| one.to_string())),
        ),
        (
            "LEADERS",
            "What may stand for a replica: whoever leads.",
            listed(&mut ["leader".to_owned()].into_iter().chain(leaders)),
        ),
        (
            "ROLES",
            "What a replica becomes.",
            listed(&mut Role::ALL.map(|one| one.name().to_owned()).into_iter()),
        ),
        (
            "READS",
            "How a read is served.",
            listed(&mut ReadMode::ALL.map(|one| one.name().to_owned()).into_iter()),
        ),
        ("ORDERS", "What a commander orders.", listed(&mut ORDERS.map(str::to_owned).into_iter())),
    ];
    let actions = ROWS.iter().map(|row| {
        let (name, takes, key) = (row.name, row.shape.usage(), row.key);
        format!("  {{ name: {name:?}, takes: {takes:?}, key: {key:?} }},\n")
    });
    let lists = lists.into_iter().map(|(name, what, words)| {
        format!("\n/** {what} @type {{readonly string[]}} */\nexport const {name} = [\n{words}];\n")
    });
    format!(
        "// @ts-check\n// biome-ignore-all format: made by a test.\n\
         /**\n * Made of what parses a text, src/fault/verb.rs and src/scenario/text.rs:\n \
         * `UPDATE=1 cargo test crossing`.\n */\n\n\
         /**\n * What is done, and what it takes; `key` is that of its words, `verb.KEY`.\n *\n \
         * @type {{readonly {{name: string, takes: string, key: string}}[]}}\n */\n\
         export const ACTIONS = [\n{}];\n{}",
        actions.collect::<String>(),
        lists.collect::<String>()
    )
}

#[test]
fn the_words_of_the_editor_are_those_of_the_parser() {
    holds("www/panels/grammar.js", &grammar());
}

#[test]
fn the_types_of_javascript_are_those_of_rust() {
    holds("pkg/facts.d.ts", &facts());
}

#[test]
fn the_verbs_of_the_menus_are_those_of_rust() {
    holds("www/panels/verbs.js", &verbs());
}

/// Asserts that a file is what is made now, or makes it so.
fn holds(file: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var("UPDATE").is_ok_and(|value| value == "1") {
        std::fs::write(&path, now).expect("it can be written");
    }
    let told = std::fs::read_to_string(&path).unwrap_or_default();
    let hint = format!("UPDATE=1 cargo test crossing rewrites {file}; read the diff");
    let place = told.lines().zip(now.lines()).position(|(old, new)| old != new);
    assert!(told == now, "{hint}: it differs first in line {place:?}, counted from 0");
}

/// Asserts that a type's words are those that these have, all of them.
fn assert_words<T: TS>(names: &[&str]) {
    let words: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    assert_eq!(T::inline(&config()), words.join(" | "));
}

/// Whose name the page gets as a string: the type is made of the variants.
#[test]
fn words_are_the_names_that_rust_gives() {
    let states = [
        PartState::Up,
        PartState::Gray,
        PartState::ControlDead,
        PartState::SecondPrimary,
        PartState::Paused,
        PartState::Rebuilding,
        PartState::Sole,
        PartState::Stalled,
        PartState::Slow,
        PartState::Crashed,
        PartState::DataLoss,
        PartState::Unpowered,
        PartState::Failed,
        PartState::Tripped,
        PartState::OnBattery,
        PartState::Starting,
        PartState::Running,
        PartState::Moving,
    ];
    assert_words::<PartState>(&states.map(PartState::name));
    assert_words::<Behaviour>(&Behaviour::ALL.map(Behaviour::name));
    let classes = [
        FaultClass::Crash,
        FaultClass::Omission,
        FaultClass::Timing,
        FaultClass::Duplication,
        FaultClass::Amnesia,
        FaultClass::Byzantine,
    ];
    assert_words::<FaultClass>(&classes.map(FaultClass::name));
    let roles = [Role::Follower, Role::PreCandidate, Role::Candidate, Role::Leader];
    assert_words::<Role>(&roles.map(Role::name));
    let families = [Family::Crash, Family::Byzantine, Family::Production];
    assert_words::<Family>(&families.map(Family::name));
    let needs = [
        Needs::EveryLink,
        Needs::LeadersLinks,
        Needs::OneHub,
        Needs::LoneProposer,
        Needs::AllButF,
        Needs::Everything,
    ];
    assert_words::<Needs>(&needs.map(Needs::name));
    let links = [Links::Unreliable, Links::Ordered, Links::Gathered, Links::InRounds];
    assert_words::<Links>(&links.map(Links::name));
    let claims = [Claim::NoneNeeded, Claim::Fewest, Claim::NoneToSpare, Claim::Enough];
    assert_words::<Claim>(&claims.map(Claim::name));
    let bounds = [
        Bound::Messages,
        Bound::Events,
        Bound::Carried,
        Bound::UnderWay,
        Bound::Held,
        Bound::Beliefs,
    ];
    assert_words::<Bound>(&bounds.map(Bound::name));
    let outcomes = [
        Outcome::Unsafe,
        Outcome::Stalled,
        Outcome::Flapping,
        Outcome::Recovered,
        Outcome::Parted,
        Outcome::Stable,
    ];
    assert_words::<Outcome>(&outcomes.map(Outcome::name));
}

/// As the fields named `module` and `needs` say.
#[test]
fn there_are_two_modules() {
    let modules: BTreeSet<&str> = Protocol::ALL.into_iter().map(Protocol::module).collect();
    assert_eq!(modules.into_iter().collect::<Vec<_>>(), ["", "production"]);
}
