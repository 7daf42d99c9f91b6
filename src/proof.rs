//! `halflink check`: the part of the command line that runs what authors expect.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use halflink::claim::{Claim, claims, fits, run};
use halflink::fact::Fact;
use halflink::outcome::Outcome;
use halflink::scenario::Scenario;
use halflink::scenario::diagnostic::Place;
use halflink::scenario::library::library;
use halflink::scenario::text::expectation_places;
use halflink::words::{ENGLISH, Names, told};
use serde::Serialize;
use serde_json::json;

use super::table::name_of;
use super::{Loaded, complain, explain, load, of_file, pool, said, to_json};

/// What is expected under one protocol, and how it came out. The fields' names are a promise.
#[derive(Serialize)]
struct Checked {
    /// The scenario, as it was named.
    scenario: String,
    /// Of the expectation in its text.
    line: u32,
    column: u32,
    protocol: &'static str,
    /// The words that would do.
    expected: Vec<&'static str>,
    /// If it is named and cannot run the scenario, why.
    cannot: Option<String>,
    /// A run a seed.
    runs: Vec<Ran>,
    /// True if all of them came out as expected.
    held: bool,
}

/// One run.
#[derive(Clone, Serialize)]
struct Ran {
    seed: u32,
    outcome: Option<Outcome>,
    /// If it came to a bound before it was over, which; then the outcome is not known.
    exhausted: Option<String>,
    held: bool,
}

/// A text with all that is expected of it.
struct Source {
    name: String,
    text: String,
    places: Vec<Place>,
    scenario: Scenario,
    claims: Vec<Claim>,
}

/// What goes to standard output, and the exit code: 0 if everything holds, 1 if something does
/// not or nothing is expected, 2 if something could not be read.
pub(super) fn check(
    names: Vec<String>,
    with_library: bool,
    seeds: u32,
    json: bool,
) -> Result<(String, ExitCode), String> {
    let shipped = library().iter().filter(|_| with_library).map(|entry| entry.name.to_owned());
    let mut unread = false;
    let mut sources = Vec::new();
    for name in shipped.chain(expand(names)?) {
        match load(&name) {
            Ok(loaded) => sources.push(Source::of(&name, loaded)),
            Err(message) => {
                unread = true;
                complain(&message);
            }
        }
    }
    let mut checked = run_all(&sources, seeds);
    checked.extend(sources.iter().flat_map(Source::idle));
    for (source, expectation, checked) in &checked {
        if let Some(why) = checked.failure() {
            let place = source.places[*expectation].says(why);
            complain(&format!("{}\n", explain(&[place], &source.text, &source.name)));
        }
    }
    if checked.is_empty() && !unread {
        complain(&told("cli", &"nothing-expected"));
    }
    let all_hold = !checked.is_empty() && checked.iter().all(|(.., checked)| checked.held);
    let code = if unread { 2 } else { u8::from(!all_hold) };
    let output = if json {
        to_json(&checked.iter().map(|(.., checked)| checked).collect::<Vec<_>>())?
    } else {
        let mut text: String = checked.iter().map(|(.., checked)| checked.line()).collect();
        for source in sources.iter().filter(|source| source.places.is_empty()) {
            let fact = json!({ "kind": "nothing-expected-of", "name": source.name });
            text += &format!("{}\n", said(fact));
        }
        text
    };
    Ok((output, ExitCode::from(code)))
}

/// Folders as the scenarios in them, `*.halflink`, and in the folders in them, by name.
fn expand(names: Vec<String>) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for name in names {
        if !Path::new(&name).is_dir() {
            all.push(name);
            continue;
        }
        let before = all.len();
        let mut folders = vec![PathBuf::from(&name)];
        while let Some(folder) = folders.pop() {
            let failed = |error| of_file(&folder.display().to_string(), &error);
            for entry in folder.read_dir().map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let path = entry.path();
                // A link to a folder could lead round in a circle.
                if entry.file_type().map_err(failed)?.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "halflink") {
                    all.push(path.display().to_string());
                }
            }
        }
        if all.len() == before {
            return Err(said(json!({ "kind": "no-scenario-in", "name": name })));
        }
        all[before..].sort();
    }
    Ok(all)
}

impl Source {
    fn of(name: &str, Loaded { text, scenario, .. }: Loaded) -> Self {
        let places = expectation_places(&text);
        let claims = claims(&scenario);
        Self { name: name_of(name), text, places, scenario, claims }
    }

    /// Expectations of `all` that no protocol is left for: they would hold whatever happens.
    fn idle(&self) -> impl Iterator<Item = (&Self, usize, Checked)> {
        let expectations = self.scenario.expectations.iter().enumerate();
        let idle = expectations
            .filter(|(number, _)| self.claims.iter().all(|claim| claim.expectation != *number));
        idle.map(move |(number, expectation)| {
            let checked = Checked {
                scenario: self.name.clone(),
                line: self.places[number].line,
                column: self.places[number].column,
                protocol: "all",
                expected: expectation.words.iter().map(|word| word.name()).collect(),
                cannot: Some(told("cli", &"taken")),
                runs: Vec::new(),
                held: false,
            };
            (self, number, checked)
        })
    }
}

/// Runs every claim with every seed, on as many threads as there are processors.
fn run_all(sources: &[Source], seeds: u32) -> Vec<(&Source, usize, Checked)> {
    let claims: Vec<(&Source, &Claim)> = sources
        .iter()
        .flat_map(|source| source.claims.iter().map(move |one| (source, one)))
        .collect();
    let mut jobs = Vec::new();
    for (number, (source, claim)) in claims.iter().enumerate() {
        if let Ok(scenario) = &claim.scenario {
            let words = &source.scenario.expectations[claim.expectation].words;
            jobs.extend((0..seeds).map(|more| (number, scenario, words, more)));
        }
    }
    let work = |at: u64| {
        let (_, scenario, words, more) = &jobs[usize::try_from(at).ok()?];
        let seed = scenario.group().seed.wrapping_add(*more);
        let came_out = run((*scenario).clone().with(|group| group.seed = seed));
        let held = came_out.as_ref().is_ok_and(|outcome| fits(words, *outcome));
        Some(Ran {
            seed,
            outcome: came_out.as_ref().ok().copied(),
            exhausted: came_out.err().map(|fact| told("exhausted", &fact)),
            held,
        })
    };
    let mut done = Vec::new();
    let take = |ran| {
        done.push(ran);
        Ok(())
    };
    let never = AtomicBool::new(false);
    pool::in_order(0..jobs.len() as u64, pool::threads(None), &never, work, take)
        .expect("whoever takes has nothing to say");
    let all = claims.iter().enumerate().map(|(number, (source, claim))| {
        let own = jobs.iter().zip(&done).filter(|((of, ..), _)| *of == number);
        let runs: Vec<Ran> = own.map(|(_, ran)| ran.clone()).collect();
        (*source, claim.expectation, Checked::of(source, claim, runs))
    });
    all.collect()
}

impl Checked {
    fn of(source: &Source, claim: &Claim, runs: Vec<Ran>) -> Self {
        let place = &source.places[claim.expectation];
        let words = &source.scenario.expectations[claim.expectation].words;
        let cannot = claim.scenario.as_ref().err();
        let cannot = cannot.map(|fact| ENGLISH.tell("diagnostic", fact, &Names::default()));
        Self {
            scenario: source.name.clone(),
            line: place.line,
            column: place.column,
            protocol: claim.protocol.name(),
            expected: words.iter().map(|word| word.name()).collect(),
            held: cannot.is_none() && runs.iter().all(|ran| ran.held),
            cannot,
            runs,
        }
    }

    /// "raft is stalled with seed 2021, expected flapping", or nothing if it held.
    fn failure(&self) -> Option<Fact> {
        let fact = |kind| Fact::plain(kind).with("protocol", self.protocol);
        if let Some(cannot) = &self.cannot {
            let kind = if self.protocol == "all" { "expect-nobody-left" } else { "expect-cannot" };
            return Some(fact(kind).with("why", cannot.clone()));
        }
        let failed: Vec<_> = self.runs.iter().filter(|ran| !ran.held).collect();
        let first = failed.first()?;
        let how = match (&first.outcome, &first.exhausted) {
            (Some(outcome), _) => fact("expect-failed").with("outcome", outcome.name()),
            (None, why) => fact("expect-unknown").with("why", why.clone().unwrap_or_default()),
        };
        let how = how.with("seed", u64::from(first.seed)).with("expected", self.expected.clone());
        Some(how.with("failed", failed.len()).with("seeds", self.runs.len()))
    }

    /// One line.
    fn line(&self) -> String {
        let Self { scenario, line, column, protocol, .. } = self;
        let verdict = if self.held { "ok  " } else { "FAIL" };
        let how = match self.failure() {
            Some(fact) => ENGLISH.tell("diagnostic", &fact, &Names::default()),
            None => format!("{protocol} {}", self.expected.join(" or ")),
        };
        format!("{verdict} {scenario}:{line}:{column}: {how}\n")
    }
}
