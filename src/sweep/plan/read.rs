//! The TOML of a plan, and everything that can be wrong with it, said with line and column.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use halflink::protocol::Protocol;
use halflink::scenario::Scenario;
use halflink::scenario::library::find;
use halflink::scenario::text::parse;
use halflink::words::{ENGLISH, Names};
use serde::Deserialize;
use serde_json::{Value, json};
use toml::Spanned;

use super::Cell;
use crate::{from_link, has_link_mark, load_file, no_scenario, of_file, read, said};

/// Bytes of a plan.
const BYTES: u64 = 1 << 20;
/// Scenarios with each protocol and all values: each is read before the first run.
const CELLS: usize = 10_000;
/// Characters of a parameter's name.
const NAME: usize = 32;
/// A statement that is no parameter: the plan sets it, or nothing of the run hangs on it.
const FIXED: [&str; 7] = ["halflink", "title", "source", "seed", "note", "expect", "#"];

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    halflink_sweep: Spanned<u32>,
    scenarios: Spanned<Vec<Spanned<String>>>,
    /// What each text says, where there are none.
    protocols: Option<Spanned<Vec<Spanned<String>>>>,
    seeds: Spanned<Seeds>,
    #[serde(default)]
    parameter: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seeds {
    from: u32,
    count: u64,
}

/// A statement with several values.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    name: Spanned<String>,
    /// With `{}` where the value goes.
    line: Spanned<String>,
    /// How the one line begins that it replaces; without it, it is added.
    replaces: Option<Spanned<String>>,
    values: Spanned<Vec<Spanned<String>>>,
}

/// What can be run.
pub(super) struct Checked {
    pub(super) cells: Vec<Cell>,
    pub(super) parameters: Vec<String>,
    pub(super) seeds: Range<u64>,
}

/// What is wrong, and the bytes where it is.
struct Wrong {
    at: Range<usize>,
    message: String,
    /// What else there is to say, below.
    more: Option<String>,
}

impl Wrong {
    fn new<T>(at: &Spanned<T>, fact: Value) -> Self {
        Self { at: at.span(), message: said(fact), more: None }
    }

    /// With the line, and a mark below it.
    fn told(self, text: &str, name: &str) -> String {
        let at = self.at.start.min(text.len())..self.at.end.min(text.len());
        let place = AnnotationKind::Primary.span(at);
        let snippet = Snippet::source(text).path(name).annotation(place);
        let title = Level::ERROR.primary_title(self.message);
        let told = Renderer::plain().render(&[title.element(snippet)]);
        [told.as_str(), self.more.as_deref().unwrap_or_default()].join("\n")
    }
}

/// Reads and checks the plan in that file.
pub(super) fn plan(path: &Path) -> Result<Checked, String> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let size = File::open(path).and_then(|file| file.take(BYTES + 1).read_to_end(&mut bytes));
    size.map_err(|error| of_file(&name, &error))?;
    if bytes.len() as u64 > BYTES {
        return Err(said(json!({ "kind": "plan-long", "name": name, "most": BYTES })));
    }
    let text =
        crate::text_of(bytes).ok_or_else(|| said(json!({ "kind": "no-text", "name": name })))?;
    let written: Written = toml::from_str(&text).map_err(|error| {
        let what = said(json!({ "kind": "plan-toml", "what": error.message() }));
        Wrong { at: error.span().unwrap_or(0..0), message: what, more: None }.told(&text, &name)
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    checked(written, folder).map_err(|wrong| wrong.told(&text, &name))
}

fn checked(written: Written, folder: &Path) -> Result<Checked, Wrong> {
    if *written.halflink_sweep.get_ref() != 1 {
        return Err(Wrong::new(&written.halflink_sweep, json!({ "kind": "plan-version" })));
    }
    let Seeds { from, count } = *written.seeds.get_ref();
    let most = u64::from(u32::MAX) - u64::from(from) + 1;
    if count == 0 || count > most {
        return Err(Wrong::new(&written.seeds, json!({ "kind": "plan-seeds", "most": most })));
    }
    each_once(&written.scenarios)?;
    written.parameter.iter().try_for_each(check_parameter)?;
    let names = written.parameter.iter().map(|one| &one.name);
    once(names)?;
    let protocols = written.protocols.as_ref().map(protocols).transpose()?;
    let combinations = combinations(&written.parameter);
    let per_scenario = protocols.as_ref().map_or(1, Vec::len);
    let cells = combinations.as_ref().and_then(|all| all.len().checked_mul(per_scenario));
    let cells = cells.and_then(|all| all.checked_mul(written.scenarios.get_ref().len()));
    let fits = combinations.filter(|_| cells.is_some_and(|cells| cells <= CELLS));
    let Some(combinations) = fits else {
        return Err(Wrong::new(&written.scenarios, json!({ "kind": "plan-cells", "most": CELLS })));
    };
    let mut cells = Vec::new();
    for name in written.scenarios.get_ref() {
        let text = text_of(name, folder)?;
        let texts = combinations.iter().map(|choice| Ok((choice, with(&text, name, choice)?)));
        let texts = texts.collect::<Result<Vec<_>, Wrong>>()?;
        let own = || vec![None];
        let protocols = protocols.as_ref().map_or_else(own, |all| all.iter().map(Some).collect());
        for protocol in protocols {
            let mut same = BTreeMap::new();
            for (choice, scenario) in &texts {
                let scenario = under(scenario, name, protocol)?;
                differ(same.insert(text_but_seed(&scenario), *choice), choice)?;
                let values = choice.iter().map(|(_, value)| value.get_ref().clone()).collect();
                cells.push(Cell { name: name.get_ref().clone(), scenario, values });
            }
        }
    }
    let parameters = written.parameter.into_iter().map(|one| one.name.into_inner()).collect();
    let from = u64::from(from);
    Ok(Checked { cells, parameters, seeds: from..from + count })
}

/// A list has something in it, and nothing twice.
fn each_once(list: &Spanned<Vec<Spanned<String>>>) -> Result<(), Wrong> {
    if list.get_ref().is_empty() {
        return Err(Wrong::new(list, json!({ "kind": "plan-empty" })));
    }
    once(list.get_ref().iter())
}

fn once<'a>(list: impl Iterator<Item = &'a Spanned<String>>) -> Result<(), Wrong> {
    let mut before = BTreeSet::new();
    let twice = list.into_iter().find(|one| !before.insert(one.get_ref().as_str()));
    twice.map_or(Ok(()), |one| {
        Err(Wrong::new(one, json!({ "kind": "plan-twice", "name": one.get_ref() })))
    })
}

fn check_parameter(one: &Parameter) -> Result<(), Wrong> {
    let name = one.name.get_ref();
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    if !begins || name.len() > NAME || !name.bytes().all(is_letter) {
        return Err(Wrong::new(&one.name, json!({ "kind": "plan-name", "most": NAME })));
    }
    let line = one.line.get_ref();
    if line.matches("{}").count() != 1 || line.contains(char::is_control) {
        return Err(Wrong::new(&one.line, json!({ "kind": "plan-line", "mark": "{}" })));
    }
    each_once(&one.values)?;
    // With each value, for some of the first word may be part of it.
    for line in
        one.values.get_ref().iter().map(|value| with_value(line, value)).chain([line.clone()])
    {
        let head = line.split_whitespace().next().unwrap_or("#");
        if FIXED.contains(&head) || head.starts_with(['#', '{']) {
            return Err(Wrong::new(&one.line, json!({ "kind": "plan-fixed", "head": head })));
        }
    }
    let is_bad = |value: &&Spanned<String>| {
        value.get_ref().contains(|char: char| char.is_control() || char == '#')
    };
    match one.values.get_ref().iter().find(is_bad) {
        Some(value) => Err(Wrong::new(value, json!({ "kind": "plan-value" }))),
        None => Ok(()),
    }
}

/// A parameter's line with one of its values.
fn with_value(line: &str, value: &Spanned<String>) -> String {
    line.replacen("{}", value.get_ref(), 1)
}

fn protocols(
    list: &Spanned<Vec<Spanned<String>>>,
) -> Result<Vec<(Protocol, &Spanned<String>)>, Wrong> {
    each_once(list)?;
    let known = || Protocol::here().map(Protocol::name).collect::<Vec<_>>().join(", ");
    let named = |name| {
        let found = Protocol::here().find(|one| one.name() == Spanned::get_ref(name));
        let unknown = || {
            json!({ "kind": "plan-protocol", "name": name.get_ref(),
            "known": known() })
        };
        found.map(|found| (found, name)).ok_or_else(|| Wrong::new(name, unknown()))
    };
    list.get_ref().iter().map(named).collect()
}

/// A parameter each, with one of its values.
type Choice<'a> = Vec<(&'a Parameter, &'a Spanned<String>)>;

/// All of them, the last parameter changing fastest; nothing if they are far too many.
fn combinations(parameters: &[Parameter]) -> Option<Vec<Choice<'_>>> {
    let mut all: Vec<Choice<'_>> = vec![Vec::new()];
    for parameter in parameters {
        let values = parameter.values.get_ref();
        if all.len().checked_mul(values.len())? > CELLS {
            return None;
        }
        let mut longer = Vec::with_capacity(all.len() * values.len());
        for choice in &all {
            longer.extend(
                values.iter().map(|value| [choice.as_slice(), &[(parameter, value)]].concat()),
            );
        }
        all = longer;
    }
    Some(all)
}

/// The text of a scenario: shipped, in a link, or in a file, seen from the plan's folder.
fn text_of(name: &Spanned<String>, folder: &Path) -> Result<String, Wrong> {
    let written = name.get_ref().as_str();
    let unread = |more: String| Wrong {
        more: Some(more),
        ..Wrong::new(name, json!({ "kind": "plan-unread", "name": written }))
    };
    if written == "-" {
        return Err(unread(String::new()));
    }
    let file = folder.join(written);
    let loaded = match find(written) {
        Some(entry) => read(entry.text, entry.name),
        None if file.is_file() => load_file(&file),
        None if has_link_mark(written) => from_link(written),
        None => Err(no_scenario(written)),
    };
    let loaded = loaded.map_err(unread)?;
    if loaded.scenario.groups.len() > 1 {
        return Err(Wrong::new(name, json!({ "kind": "plan-groups" })));
    }
    Ok(loaded.text)
}

/// The scenario with those values.
fn with(text: &str, name: &Spanned<String>, choice: &Choice<'_>) -> Result<Scenario, Wrong> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut places = Vec::new();
    for (parameter, value) in choice {
        let line = with_value(parameter.line.get_ref(), value);
        let place = match &parameter.replaces {
            None => lines.len(),
            Some(head) => place_of(&lines, head, name)?,
        };
        if places.contains(&place) {
            let same = json!({ "kind": "plan-same-line", "name": parameter.name.get_ref() });
            return Err(Wrong::new(&parameter.line, same));
        }
        places.push(place);
        if place == lines.len() {
            lines.push(line);
        } else {
            lines[place] = line;
        }
    }
    parse(&(lines.join("\n") + "\n")).map_err(|wrong| {
        let first = wrong.first().expect("there is at least one");
        let culprit = places.iter().position(|place| *place + 1 == first.line as usize);
        let message = ENGLISH.tell("diagnostic", &first.fact, &Names::default());
        let line = lines.get(first.line as usize - 1).map_or("", |line| line.trim());
        let fact = json!({ "kind": "plan-flaw", "name": name.get_ref(), "line": line,
            "what": message });
        Wrong::new(
            culprit.or((!choice.is_empty()).then_some(0)).map_or(name, |number| choice[number].1),
            fact,
        )
    })
}

/// The one line of a text that begins so.
fn place_of(
    lines: &[String],
    head: &Spanned<String>,
    name: &Spanned<String>,
) -> Result<usize, Wrong> {
    let words: Vec<&str> = head.get_ref().split_whitespace().collect();
    let begins = |line: &str| {
        let mut line = line.split_whitespace();
        !words.is_empty() && words.iter().all(|word| line.next() == Some(word))
    };
    let found: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| begins(line)).map(|(at, _)| at).collect();
    match found.as_slice() {
        [only] => Ok(*only),
        several => Err(Wrong::new(
            head,
            json!({ "kind": "plan-replaces",
            "name": name.get_ref(), "count": several.len() }),
        )),
    }
}

/// What is run, whatever the seed: that is the plan's.
fn text_but_seed(scenario: &Scenario) -> String {
    scenario.clone().with(|group| group.seed = 0).to_string()
}

/// Two choices of values are two scenarios: there was none that makes the same as this one.
fn differ(other: Option<&Choice<'_>>, choice: &Choice<'_>) -> Result<(), Wrong> {
    let Some(other) = other else { return Ok(()) };
    let pairs = choice.iter().zip(other.iter()).map(|((_, new), (_, old))| (*new, *old));
    let differing = pairs.into_iter().find(|(new, old)| new.get_ref() != old.get_ref());
    let (new, old) = differing.expect("a choice is there once");
    Err(Wrong::new(
        new,
        json!({ "kind": "plan-no-difference",
        "one": old.get_ref(), "other": new.get_ref() }),
    ))
}

/// The same under a protocol of the plan, or its own.
fn under(
    scenario: &Scenario,
    name: &Spanned<String>,
    protocol: Option<&(Protocol, &Spanned<String>)>,
) -> Result<Scenario, Wrong> {
    let bare = scenario.clone().bare();
    let wanted = protocol.map_or(bare.group().protocol, |(protocol, _)| *protocol);
    let ran = bare.under(wanted);
    ran.map_err(|why| {
        let why = ENGLISH.tell("diagnostic", &why, &Names::default());
        let can = Protocol::here().filter(|one| bare.under(*one).is_ok()).map(Protocol::name);
        let can = can.collect::<Vec<_>>().join(", ");
        let place = protocol.map_or(name, |(_, place)| place);
        Wrong::new(
            place,
            json!({ "kind": "plan-cannot", "name": name.get_ref(),
            "protocol": wanted.name(), "why": why, "can": can }),
        )
    })
}
