//! `halflink explore`: the smallest sets of faults that make a run come out so.
//!
//! Every set of a vocabulary is run, from the smallest on, so "smallest" is what was seen and not
//! what was reasoned. Sets that look alike, but for which replica is which, are told once, with
//! how many of them reach the goal; each of them was run, for each draws chance of its own.

mod search;
mod vocabulary;

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use halflink::clock::Micros;
use halflink::outcome::Outcome;
use halflink::scenario::Scenario;
use halflink::words::{ENGLISH, Names};
use serde_json::json;

use self::search::{Explored, KEPT, Question, search, sets};
use self::vocabulary::{ALIKE, Faults};
use super::watched::{Progress, stop_at_signals};
use super::{arguments, load, pool, said, to_json};

/// The most sets that one search may run.
const SETS: u64 = 20_000_000;
/// How many single faults, and sets that were found, are printed; as JSON all are.
const PRINTED: usize = 20;

/// How a run is to come out.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Goal {
    Stalled,
    Flapping,
    Unsafe,
}

#[derive(Args)]
pub(super) struct ExploreArguments {
    /// A library name, a file, a link, or - for standard input; its own faults stay
    scenario: String,
    /// What to choose from
    #[arg(long)]
    faults: Faults,
    /// At most so many at once
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=20))]
    size: u64,
    /// How the run is to come out
    #[arg(long)]
    goal: Goal,
    /// When the faults begin
    #[arg(long, default_value = "5s", value_parser = arguments::time)]
    at: Micros,
    /// Under these, names with commas between them or `all`, in place of the text's own
    #[arg(long, value_parser = arguments::protocols)]
    protocols: Option<arguments::Protocols>,
    /// Go on to larger sets when smaller ones reach the goal
    #[arg(long)]
    all: bool,
    /// How many runs at once; as many as there are processors if nothing is said
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    threads: Option<u16>,
    /// Print what was found as JSON, a list with one entry a protocol
    #[arg(long)]
    json: bool,
}

/// What goes to standard output, and the exit code.
///
/// # Errors
/// What cannot be read or run, and a search that has no end.
pub(super) fn explore(arguments: &ExploreArguments) -> Result<(String, ExitCode), String> {
    let scenarios = scenarios(arguments)?;
    let question = Question {
        faults: arguments.faults,
        size: arguments.size,
        goal: match arguments.goal {
            Goal::Stalled => Outcome::Stalled,
            Goal::Flapping => Outcome::Flapping,
            Goal::Unsafe => Outcome::Unsafe,
        },
        at: arguments.at,
        all: arguments.all,
        threads: pool::threads(arguments.threads),
    };
    let mut count = 0_u64;
    for scenario in &scenarios {
        let sets = sets(scenario, question.faults, question.size);
        let sum = sets.and_then(|sets| count.checked_add(sets)).filter(|sum| *sum <= SETS);
        count = sum.ok_or_else(|| said(json!({ "kind": "explore-many", "most": SETS })))?;
    }
    let stop = stop_at_signals();
    let mut progress = Progress::new(count);
    let all: Vec<Explored> = scenarios
        .iter()
        .map(|scenario| search(scenario, &question, &mut progress, &stop))
        .collect();
    progress.end();
    let is_tried = all.iter().all(|one| one.is_tried);
    let is_reached = all.iter().any(|one| one.smallest.is_some());
    let is_known = all.iter().all(|one| one.is_done);
    let code = match (is_tried, is_reached, is_known) {
        (false, _, _) | (true, false, false) => 3,
        (true, true, _) => 0,
        (true, false, true) => 1,
    };
    let output = if arguments.json {
        to_json(&all)?
    } else {
        all.iter().map(told).collect::<Vec<_>>().join("\n")
    };
    Ok((output, ExitCode::from(code)))
}

/// The scenario under each protocol; without what tells of another run.
fn scenarios(arguments: &ExploreArguments) -> Result<Vec<Scenario>, String> {
    let scenario = super::what_if::runnable(load(&arguments.scenario)?.scenario)?;
    if scenario.groups.len() > 1 {
        let name = &arguments.scenario;
        return Err(said(json!({ "kind": "explore-groups", "name": name })));
    }
    let at = arguments.at;
    if at >= scenario.until {
        let until = scenario.until.to_string();
        return Err(said(json!({ "kind": "explore-after", "at": at.to_string(), "until": until })));
    }
    let scenario = scenario.bare();
    let scenarios = match &arguments.protocols {
        None => vec![scenario],
        Some(protocols) => {
            let under = protocols.0.iter().map(|protocol| scenario.under(*protocol));
            under.collect::<Result<_, _>>().map_err(|why| {
                let what = ENGLISH.tell("diagnostic", &why, &Names::default());
                said(json!({ "kind": "flaw", "what": what }))
            })?
        }
    };
    let has_none = |one: &Scenario| vocabulary::vocabulary(arguments.faults, one).is_empty();
    match scenarios.iter().find(|one| has_none(one)) {
        Some(one) => {
            let protocol = one.group().protocol.name();
            Err(said(json!({ "kind": "explore-nothing", "protocol": protocol })))
        }
        None => Ok(scenarios),
    }
}

/// What was found, in lines.
fn told(explored: &Explored) -> String {
    let at = Micros(explored.at_us).to_string();
    let count = explored.vocabulary.len();
    let head = json!({ "kind": "explore-head", "protocol": explored.protocol,
        "seed": explored.seed, "count": count, "at": at });
    let mut text = said(head) + "\n";
    for size in &explored.sizes {
        let outcomes = size.outcomes.iter().map(|(one, count)| format!("{} {count}", one.name()));
        let outcomes: Vec<_> = outcomes.collect();
        let fact = json!({ "kind": "explore-size", "size": size.size, "tried": size.tried,
            "sets": size.sets, "outcomes": outcomes.join(", "),
            "some": (!outcomes.is_empty()).to_string(),
            "unknown": size.unknown, "any": (size.unknown > 0).to_string() });
        text += &(said(fact) + "\n");
    }
    if !explored.singles.is_empty() {
        text += &format!("\n{}\n", said(json!({ "kind": "explore-singles" })));
    }
    let widest = explored.vocabulary.iter().map(String::len).max().unwrap_or(0);
    for one in explored.singles.iter().take(PRINTED) {
        let wait = Micros(one.longest_wait_us).to_string();
        let outcome = one.outcome.map_or("?", Outcome::name);
        let fact = json!({ "kind": "explore-single", "unserved": one.unserved, "wait": wait });
        text += &format!("{:<widest$}  {outcome:<9}  {}\n", one.fault, said(fact));
    }
    text += &more(explored.singles.len());
    text + "\n" + &claimed(explored)
}

/// How many there are besides those that are printed.
fn more(all: usize) -> String {
    match all.saturating_sub(PRINTED) {
        0 => String::new(),
        count => said(json!({ "kind": "explore-more", "count": count })) + "\n",
    }
}

/// The smallest sets, or that there are none: no stronger than the search behind it.
fn claimed(explored: &Explored) -> String {
    let goal = explored.goal.name();
    let Some(smallest) = explored.smallest else {
        let claim = match (explored.is_done, explored.is_tried) {
            (true, _) => "all",
            (false, true) => "known",
            (false, false) => "tried",
        };
        let unknown = explored.unknown(..);
        let fact = json!({ "kind": "explore-none", "goal": goal, "claim": claim,
            "unknown": unknown, "any": (unknown > 0).to_string() });
        return said(fact) + "\n";
    };
    let of_size = explored.sizes.iter().find(|size| size.size == smallest);
    let reached = of_size.and_then(|size| size.outcomes.get(&explored.goal));
    let any = |count: u64| if count == 0 { "none" } else { "some" };
    let (fewer, unknown) = (explored.unknown(..smallest), explored.unknown(smallest..=smallest));
    let fact = json!({ "kind": "explore-found", "goal": goal, "size": smallest,
        "sets": reached, "shapes": explored.found.len(), "smaller": any(fewer), "fewer": fewer,
        "same": any(unknown), "unknown": unknown });
    let mut text = said(fact) + "\n";
    if let Some(count) = explored.ungrouped {
        let fact = json!({ "kind": "explore-ungrouped", "count": count, "most": ALIKE });
        text += &(said(fact) + "\n");
    }
    for found in explored.found.iter().take(PRINTED) {
        let faults = found.faults.join(", ");
        let faults =
            if faults.is_empty() { said(json!({ "kind": "explore-no-fault" })) } else { faults };
        let fact = json!({ "kind": "explore-alike", "faults": faults,
            "reached": found.reached, "alike": found.alike });
        text += &format!("{}\n  {}\n", said(fact), found.link);
    }
    text += &more(explored.found.len());
    if explored.dropped > 0 {
        let fact = json!({ "kind": "explore-dropped", "count": explored.dropped, "most": KEPT });
        text += &(said(fact) + "\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::search::tests::{nothing, unknown};
    use super::*;

    #[test]
    fn a_claim_is_no_stronger_than_what_is_known() {
        let none = |is_tried, is_done, counts: &[u64]| {
            claimed(&Explored { is_tried, is_done, sizes: unknown(counts), ..nothing() })
        };
        assert_eq!(none(true, true, &[0, 0]), "no set is stalled\n");
        assert_eq!(
            none(true, false, &[0, 2]),
            "no set is known to be stalled; how 2 sets would have come out is not known\n"
        );
        assert_eq!(none(false, false, &[0]), "no set was stalled so far\n");
        let found = |counts: &[u64], dropped| {
            let (sizes, smallest) = (unknown(counts), Some(1));
            claimed(&Explored { sizes, smallest, dropped, ..nothing() })
        };
        assert!(found(&[0, 0], 0).starts_with("stalled with 1 fault and not with fewer: "));
        let told = found(&[1, 3], 0);
        let fewer = "and whether with fewer is not known: 1 smaller set came to no end: ";
        assert!(told.contains(fewer), "{told}");
        assert!(told.contains("how 3 more of that size would have come out is not known"));
        let kept = "7 more sets reach it, of shapes that were not kept: at most 1,000 are";
        assert!(found(&[0, 0], 7).contains(kept));
    }

    #[test]
    fn what_is_not_printed_is_told() {
        assert_eq!(more(PRINTED), "");
        assert_eq!(more(PRINTED + 3), "and 3 more: --json has them all\n");
    }
}
