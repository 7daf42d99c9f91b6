//! One sentence with places for arguments.

use std::collections::BTreeMap;

use icu_list::ListFormatter;
use icu_list::options::ListFormatterOptions;
use icu_locale_core::locale;
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};
use serde_json::{Value, json};

use super::{Catalogue, Names};

thread_local! {
    static PLURALS: PluralRules =
        PluralRules::try_new(locale!("en-GB").into(), PluralRulesOptions::default())
            .expect("its data is compiled in");
    static CHOICES: ListFormatter =
        ListFormatter::try_new_or(locale!("en-GB").into(), ListFormatterOptions::default())
            .expect("its data is compiled in");
    static ROWS: ListFormatter =
        ListFormatter::try_new_unit(locale!("en-GB").into(), ListFormatterOptions::default())
            .expect("its data is compiled in");
    static LISTS: ListFormatter =
        ListFormatter::try_new_and(locale!("en-GB").into(), ListFormatterOptions::default())
            .expect("its data is compiled in");
}

/// A sentence, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// `#` within a plural: the number it is about.
    Number,
    Argument {
        name: String,
        form: Form,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Grouped,
    /// A moment of the run, "1:04.5", in microseconds.
    Time,
    /// A length of time, "1.4 s", in microseconds.
    Span,
    Plural(BTreeMap<String, Template>),
    Select(BTreeMap<String, Template>),
    Tell {
        room: String,
    },
    /// One right after the other, each with what stands between.
    Each {
        room: String,
    },
    /// All of them, one of them, or one after the other.
    List {
        room: Option<String>,
        joined: Joined,
    },
    Part,
    Parts,
    Lane,
    Replica,
    Replicas,
}

/// How the items of a list are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joined {
    /// "n1, n2 and n3"
    And,
    /// "n1, n2 or n3"
    Or,
    /// "n1, n2, n3"
    Row,
}

impl Template {
    pub(super) fn parse(text: &str) -> Self {
        let mut reader = Reader { rest: text };
        let template = reader.template(false);
        assert!(reader.rest.is_empty(), "a brace too many: {text}");
        template
    }

    pub(super) fn render(&self, words: &Catalogue, fact: &Value, names: &Names) -> String {
        let mut out = String::new();
        self.write(words, fact, names, "", &mut out);
        out
    }

    fn write(
        &self,
        words: &Catalogue,
        fact: &Value,
        names: &Names,
        number: &str,
        out: &mut String,
    ) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Number => out.push_str(number),
                Piece::Argument { name, form } => {
                    let value = &fact[name.as_str()];
                    match form {
                        Form::Plural(cases) => {
                            let list = value.as_array().map(|list| list.len() as u64);
                            let count = list.or(value.as_u64()).unwrap_or_default();
                            if let Some(case) = case_of(cases, &format!("={count}"), count) {
                                case.write(words, fact, names, &grouped(count), out);
                            }
                        }
                        Form::Select(cases) => {
                            let case = cases.get(&plain(value)).or_else(|| cases.get("other"));
                            if let Some(case) = case {
                                case.write(words, fact, names, number, out);
                            }
                        }
                        Form::Tell { room } => out.push_str(&words.told(room, value, names)),
                        Form::Each { room } => {
                            for one in value.as_array().into_iter().flatten() {
                                out.push_str(&words.told(room, one, names));
                            }
                        }
                        Form::Plain
                        | Form::Grouped
                        | Form::Time
                        | Form::Span
                        | Form::List { .. }
                        | Form::Part
                        | Form::Parts
                        | Form::Lane
                        | Form::Replica
                        | Form::Replicas => out.push_str(&said(form, value, words, names)),
                    }
                }
            }
        }
    }
}

/// The case of a plural for that number.
fn case_of<'a>(
    cases: &'a BTreeMap<String, Template>,
    exact: &str,
    count: u64,
) -> Option<&'a Template> {
    let category = match PLURALS.with(|rules| rules.category_for(count)) {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    };
    cases.get(exact).or_else(|| cases.get(category)).or_else(|| cases.get("other"))
}

/// An argument without cases.
fn said(form: &Form, value: &Value, words: &Catalogue, names: &Names) -> String {
    let joined = if let Form::List { joined, .. } = form { *joined } else { Joined::And };
    let each = |say: &dyn Fn(&Value) -> String| {
        let items: Vec<String> = value.as_array().into_iter().flatten().map(say).collect();
        let kind = match joined {
            Joined::And => &LISTS,
            Joined::Or => &CHOICES,
            Joined::Row => &ROWS,
        };
        kind.with(|lists| lists.format(items.iter()).to_string())
    };
    match form {
        Form::Grouped => value.as_u64().map_or_else(|| plain(value), grouped),
        Form::Time => value.as_u64().map_or_else(|| plain(value), clock_time),
        Form::Span => value.as_u64().map_or_else(|| plain(value), |span| span_of(span, words)),
        Form::List { room: None, .. } => each(&plain),
        Form::List { room: Some(room), .. } => each(&|one| words.told(room, one, names)),
        Form::Part => named(&names.parts, value),
        Form::Parts => each(&|one| named(&names.parts, one)),
        Form::Lane => named(&names.lanes, value),
        Form::Replica => named(&names.replicas, value),
        Form::Replicas => each(&|one| named(&names.replicas, one)),
        Form::Plain | Form::Plural(_) | Form::Select(_) | Form::Tell { .. } | Form::Each { .. } => {
            plain(value)
        }
    }
}

fn named(names: &[String], number: &Value) -> String {
    let index = number.as_u64().and_then(|number| usize::try_from(number).ok());
    index.and_then(|index| names.get(index).cloned()).unwrap_or_else(|| plain(number))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// "30,000,000".
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 3 == first {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A moment of a run as its reader says it, "1:04", "1:04.5" or "1:23:20": hours if there are any,
/// minutes, seconds, and tenths if there are any.
fn clock_time(at_us: u64) -> String {
    let tenths = at_us / 100_000;
    let (minutes, seconds) = (tenths / 600, tenths / 10 % 60);
    let minutes = match minutes / 60 {
        0 => minutes.to_string(),
        hours => format!("{hours}:{:02}", minutes % 60),
    };
    match tenths % 10 {
        0 => format!("{minutes}:{seconds:02}"),
        tenth => format!("{minutes}:{seconds:02}.{tenth}"),
    }
}

/// "40 ms", "1.4 s".
fn span_of(span_us: u64, words: &Catalogue) -> String {
    let (unit, n) = match span_us / 1_000 {
        millis @ 0..1_000 => ("span.ms", millis.to_string()),
        millis => ("span.s", format!("{}.{}", millis / 1_000, millis / 100 % 10)),
    };
    words.tell(unit, &json!({ "n": n }), &Names::default())
}

/// Reads a template from its start.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    /// Up to the end, or to the brace that closes a case of a plural or a choice.
    fn template(&mut self, counted: bool) -> Template {
        let mut pieces = Vec::new();
        let mut text = String::new();
        while let Some(char) = self.rest.chars().next() {
            if char == '}' {
                break;
            }
            self.rest = &self.rest[char.len_utf8()..];
            let piece = match char {
                '{' => self.argument(),
                '#' if counted => Piece::Number,
                _ => {
                    text.push(char);
                    continue;
                }
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(piece);
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Template(pieces)
    }

    fn argument(&mut self) -> Piece {
        let name = self.word();
        let form = if self.skip(',') { self.word() } else { String::new() };
        let form = match form.as_str() {
            "" => Form::Plain,
            "number" => Form::Grouped,
            "time" => Form::Time,
            "span" => Form::Span,
            "plural" => Form::Plural(self.cases(true)),
            "select" => Form::Select(self.cases(false)),
            "tell" => Form::Tell { room: self.detail().unwrap_or_else(|| name.clone()) },
            "each" => Form::Each { room: self.detail().unwrap_or_else(|| name.clone()) },
            "list" => Form::List { room: self.detail(), joined: Joined::And },
            "or" => Form::List { room: self.detail(), joined: Joined::Or },
            "row" => Form::List { room: self.detail(), joined: Joined::Row },
            "part" => Form::Part,
            "parts" => Form::Parts,
            "lane" => Form::Lane,
            "replica" => Form::Replica,
            "replicas" => Form::Replicas,
            other => panic!("no form of an argument: {other}"),
        };
        assert!(self.skip('}'), "an argument is not closed before: {}", self.rest);
        Piece::Argument { name, form }
    }

    fn detail(&mut self) -> Option<String> {
        self.skip(',').then(|| self.word())
    }

    fn cases(&mut self, counted: bool) -> BTreeMap<String, Template> {
        assert!(self.skip(','), "cases are expected before: {}", self.rest);
        let mut cases = BTreeMap::new();
        loop {
            let name = self.word();
            if !self.skip('{') {
                break;
            }
            cases.insert(name, self.template(counted));
            assert!(self.skip('}'), "a case is not closed before: {}", self.rest);
        }
        assert!(cases.contains_key("other"), "no case for all else before: {}", self.rest);
        cases
    }

    fn word(&mut self) -> String {
        let end = self.rest.find([',', '{', '}']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.trim().to_owned()
    }

    fn skip(&mut self, char: char) -> bool {
        let Some(rest) = self.rest.strip_prefix(char) else { return false };
        self.rest = rest;
        true
    }
}
