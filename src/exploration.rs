//! `halflink explore`: what [`halflink::fault_sets`] finds, on several threads, in lines or JSON.

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};
use halflink::clock::Micros;
use halflink::fault_sets::{
    ALIKE, Explored, Faults, Findings, KEPT, Question, Refusal, SETS, Space,
};
use halflink::outcome::Outcome;
use halflink::scenario::Scenario;
use halflink::words::{ENGLISH, Names};
use serde_json::json;

use super::watched::{Progress, stop_at_signals};
use super::{arguments, load, pool, said, to_json};

/// How many single faults, and sets that were found, are printed; as JSON all are.
const PRINTED: usize = 20;

/// A vocabulary.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Vocabulary {
    /// `cut A -> B`, of every two replicas in each direction
    Cuts,
    /// `fail PART`, of every part of the plant
    Parts,
    /// Of every replica each Byzantine behaviour that its name alone says, such as `equivocate`
    Lies,
}

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
    faults: Vocabulary,
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
    let stop = stop_at_signals();
    let spaces = spaces(arguments, &stop)?;
    let mut count = 0_u64;
    for space in &spaces {
        let sum = space.all_sets().and_then(|sets| count.checked_add(sets));
        count = sum
            .filter(|sum| *sum <= SETS)
            .ok_or_else(|| said(json!({ "kind": "explore-many", "most": SETS })))?;
    }
    let mut progress = Progress::new(count);
    let threads = pool::threads(arguments.threads);
    let all: Vec<Explored> =
        spaces.iter().map(|space| search(space, threads, &mut progress, &stop)).collect();
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

/// Tries all sets of a space, from the smallest on.
fn search(
    space: &Space,
    threads: NonZero<usize>,
    progress: &mut Progress,
    stop: &AtomicBool,
) -> Explored {
    let is_over = || stop.load(Ordering::Relaxed);
    let mut findings = Findings::of(space);
    for size in 0..=space.largest() {
        findings.begin(space, size);
        let sets = space.sets(size).expect("it was counted before");
        let run = |number| space.run(size, number, &is_over);
        let take = |came| {
            findings.take(space, &came);
            progress.step();
            Ok(())
        };
        pool::in_order(0..sets, threads, stop, run, take).expect("nothing is refused");
        if is_over() {
            return findings.so_far();
        }
        if !findings.goes_on(space) {
            progress.spare((size + 1..=space.largest()).filter_map(|size| space.sets(size)).sum());
            break;
        }
    }
    findings.all()
}

/// All that is to be tried, under each protocol.
fn spaces(arguments: &ExploreArguments, stop: &AtomicBool) -> Result<Vec<Space>, String> {
    let scenario = super::what_if::runnable(load(&arguments.scenario)?.scenario)?.bare();
    let question = Question {
        faults: match arguments.faults {
            Vocabulary::Cuts => Faults::Cuts,
            Vocabulary::Parts => Faults::Parts,
            Vocabulary::Lies => Faults::Lies,
        },
        size: arguments.size,
        goal: match arguments.goal {
            Goal::Stalled => Outcome::Stalled,
            Goal::Flapping => Outcome::Flapping,
            Goal::Unsafe => Outcome::Unsafe,
        },
        at: arguments.at,
        all: arguments.all,
    };
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
    let space = |scenario: Scenario| {
        let (protocol, until) = (scenario.group().protocol.name(), scenario.until.to_string());
        Space::new(scenario, question, &|| stop.load(Ordering::Relaxed)).map_err(|why| {
            said(match why {
                Refusal::Groups => json!({ "kind": "explore-groups", "name": arguments.scenario }),
                Refusal::After => json!({ "kind": "explore-after",
                    "at": arguments.at.to_string(), "until": until }),
                Refusal::Nothing => json!({ "kind": "explore-nothing", "protocol": protocol }),
            })
        })
    };
    scenarios.into_iter().map(space).collect()
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
    use std::collections::BTreeMap;

    use super::*;
    use halflink::fault_sets::Size;
    use halflink::scenario::text::parse;

    /// Of a search for stalls in which nothing was tried.
    fn nothing() -> Explored {
        let text = "halflink 1\ntitle \"nothing\"\nplant 3 racks of 1 server, 2 disks each\n\
                    cluster c: raft on r1.s1 r2.s1 r3.s1\n\
                    timing heartbeat 200ms, election 1s..2s\nseed 1\nrun 30s\n";
        let scenario = parse(text).expect("it is valid");
        let (faults, goal) = (Faults::Cuts, Outcome::Stalled);
        let question = Question { faults, size: 1, goal, at: Micros::ZERO, all: false };
        let space = Space::new(scenario, question, &|| false).expect("it has replicas");
        Explored { is_tried: true, ..Findings::of(&space).so_far() }
    }

    /// Sets that came out with nothing known, of each size from 0 on.
    fn unknown(counts: &[u64]) -> Vec<Size> {
        let size = |(size, count): (u64, &u64)| {
            let tried = count + 3;
            Size {
                size,
                sets: tried,
                tried,
                unknown: *count,
                outcomes: BTreeMap::new(),
                examples: BTreeMap::new(),
            }
        };
        (0..).zip(counts).map(size).collect()
    }

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
