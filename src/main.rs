//! The command line: run a scenario, turn a text into a link and back, list what is shipped.
//!
//! Exit codes: 0 when safe, 1 when a safety property broke, 2 for input that cannot be read, 3 when
//! safe as far as the run went, but it came to a bound on its work and ended there.

mod arguments;
mod exploration;
#[cfg(feature = "production")]
mod exporting;
mod pool;
mod proof;
#[cfg(feature = "sweep")]
mod sweep;
mod table;
mod watched;
mod what_if;

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use clap::{Parser, Subcommand};
use halflink::clock::Micros;
use halflink::compare::Comparison;
use halflink::outcome::Measures;
use halflink::protocol::Protocol;
use halflink::protocol::catalogue::Terms;
use halflink::report::{ReplicaReport, Report};
use halflink::run;
use halflink::scenario::diagnostic::{Diagnostic, with_signs};
use halflink::scenario::library::{find, library};
use halflink::scenario::link::pasted::asked;
use halflink::scenario::link::{Recorded, TraceHash, decode, encode};
use halflink::scenario::text::parse;
use halflink::scenario::{Bounds, Scenario};
use halflink::words::told;
use serde::Serialize;
use serde_json::{Value, json};

/// Replay what a half-failed link does to a cluster.
///
/// Exit codes: 0 when safe, 1 when a safety property broke, 2 for input that cannot be read, 3 when
/// safe as far as a run went, but it came to a bound on its work (30 million messages, say) and
/// ended there. `check` has codes of its own: see `halflink help check`.
#[derive(Parser)]
#[command(name = "halflink", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a scenario to its end and say how it came out
    Run {
        /// A library name (see `halflink list`), a file, a link, or - for standard input
        scenario: String,
        /// Run another protocol
        #[arg(long, value_parser = arguments::protocol)]
        protocol: Option<Protocol>,
        /// Run with another seed
        #[arg(long)]
        seed: Option<u32>,
        /// End the run at another time, such as 60s
        #[arg(long, value_parser = arguments::time)]
        until: Option<Micros>,
        /// Print the figures as JSON
        #[arg(long)]
        json: bool,
    },
    /// Run scenarios under several protocols, and set the outcomes side by side
    Compare {
        /// Library names, files, links, or - for standard input
        #[arg(required = true)]
        scenarios: Vec<String>,
        /// Names with commas between them, or `all` that keep a log and assume nobody lies
        #[arg(long, default_value = "all", value_parser = arguments::protocols)]
        protocols: arguments::Protocols,
        /// Run with another seed
        #[arg(long)]
        seed: Option<u32>,
        /// Print the figures as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the link of a scenario, after running it to its end
    Link {
        /// A library name, a file, a link, or - for standard input
        scenario: String,
    },
    /// Print the text of a link as it was shared, of anything else in its canonical form
    Text {
        /// A link, a library name, a file, or - for standard input
        scenario: String,
    },
    /// Run scenarios under each protocol of their `expect` lines, and say where it is not so
    ///
    /// Exit codes: 0 when everything holds, 1 when something does not, or could not be told, or
    /// nothing is expected at all, 2 for input that cannot be read.
    Check {
        /// Files, folders with `*.halflink` in them, links, library names, or - for standard input
        #[arg(required_unless_present = "library")]
        scenarios: Vec<String>,
        /// Check all shipped scenarios
        #[arg(long)]
        library: bool,
        /// With that many seeds: the text's own, and those that follow it
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        seeds: u32,
        /// Print what was found as JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what would stop if parts failed, and what redundancy saves
    ///
    /// It is about the parts failing whole, all at once: power, cables and mirrors, the ways of
    /// packets, and whether a quorum is left. What the replicas make of it, a run shows.
    Blast {
        /// A library name, a file, a link, or - for standard input
        scenario: String,
        /// Parts that fail together, such as r1.tor-a feed-b
        #[arg(required = true)]
        parts: Vec<String>,
        /// At that time of the run, with the faults in force then
        #[arg(long, default_value = "0s", value_parser = arguments::time)]
        at: Micros,
        /// Print the numbers of the parts, and what is said, as JSON
        #[arg(long)]
        json: bool,
    },
    /// Leave out of a text what its outcome does not need, until no one thing more can be
    ///
    /// It is replayed under its own seed. Prints the text; what became of it, and its link, go to
    /// standard error. What is kept is the one word of the outcome, and the property that broke;
    /// another cause may come in. Ctrl-C ends it with the shortest text so far.
    ///
    /// Exit codes: 0 when that was done, whatever the outcome, 2 for input that cannot be read, 3
    /// if all was not tried: it was ended, or came to the bound on its work, and prints what it
    /// has; or the run itself ends early at a bound, and nothing is printed.
    Shrink {
        /// A library name, a file, a link, or - for standard input
        scenario: String,
        /// Under another protocol: that of an `expect` line which fails, for one
        #[arg(long, value_parser = arguments::protocol)]
        protocol: Option<Protocol>,
    },
    /// Find the smallest sets of faults that make a run come out so, by trying every set
    ///
    /// Prints how the sets of each size came out, what each single fault does, worst first, and
    /// the sets that reach the goal. Ctrl-C ends it with what it has.
    ///
    /// Exit codes: 0 when a set reaches the goal, 1 when none does, 2 for input that cannot be
    /// read, 3 when it was ended before all was tried, or when none is known to and how some come
    /// out is not known: they came to a bound on their work.
    Explore(exploration::ExploreArguments),
    /// Run a plan's scenarios, protocols, seeds and parameters, a shard at a time, into Parquet
    ///
    /// Prints where the file is. It has its name only when it is whole.
    ///
    /// Exit codes: 0 when it is done, 2 for a bad plan, 75 when it may be tried again: the folder
    /// cannot be written, the disk is full, or a signal ended it. With --check: 0 when all shards
    /// are there and whole, 75 when some are not.
    #[cfg(feature = "sweep")]
    Sweep(sweep::SweepArguments),
    #[cfg(feature = "production")]
    Export(exporting::ExportArguments),
    /// List the shipped scenarios
    List,
}

fn main() -> ExitCode {
    match perform(Arguments::parse().command) {
        Ok((output, code)) => match io::stdout().write_all(output.as_bytes()) {
            // Whoever reads may stop reading: `halflink text … | head -1` is no failure.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(2),
            _ => code,
        },
        Err(message) => {
            complain(&message);
            ExitCode::from(2)
        }
    }
}

/// A sentence of the command line's own, by its facts.
fn said(fact: Value) -> String {
    told("cli", &fact)
}

/// Says something to whoever watches; it does not matter if nobody does.
fn complain(message: &str) {
    drop(writeln!(io::stderr(), "{}", message.trim_end()));
}

/// What goes to standard output, and the exit code; or what goes to standard error.
fn perform(command: Command) -> Result<(String, ExitCode), String> {
    match command {
        Command::Run { scenario, protocol, seed, until, json } => {
            let Loaded { scenario: recorded, stamp, .. } = load(&scenario)?;
            let edited = edit(recorded.clone(), protocol, seed, until)?;
            let edited = what_if::runnable(edited)?;
            let is_recorded = edited == recorded;
            let (run, histories) = run::groups_to_end(Arc::new(edited));
            if let Some(stamp) = stamp.filter(|_| is_recorded) {
                check_stamp(stamp, run.world().trace_hash());
            }
            let reports = histories.iter().enumerate();
            let reports: Vec<_> =
                reports.map(|(number, history)| Report::of_group(&run, number, history)).collect();
            let is_unsafe = reports.iter().any(|report| !report.violations.is_empty());
            let is_exhausted = reports.iter().any(|report| report.exhausted.is_some());
            let output = match reports.as_slice() {
                [only] if json => to_json(only)?,
                all if json => to_json(&all)?,
                all => all.iter().map(summary).collect::<Vec<_>>().join("\n"),
            };
            Ok((output, exit_code(is_unsafe, is_exhausted)))
        }
        Command::Compare { scenarios, protocols, seed, json } => {
            let read = |name: &String| {
                let scenario = load(name)?.scenario;
                let seed = seed.unwrap_or(scenario.group().seed);
                if scenario.groups.len() > 1 {
                    return Err(said(json!({ "kind": "several-groups", "name": name })));
                }
                Ok((table::name_of(name), scenario.with(|group| group.seed = seed)))
            };
            let scenarios = scenarios.iter().map(read).collect::<Result<Vec<_>, String>>()?;
            let comparison = Comparison::of(&scenarios, &protocols.0);
            let code = exit_code(comparison.is_unsafe(), comparison.is_exhausted());
            Ok((if json { to_json(&comparison)? } else { table::table(&comparison) }, code))
        }
        Command::Link { scenario } => {
            let Loaded { text, scenario, .. } = load(&scenario)?;
            let (run, _) = run::to_end(Arc::new(scenario));
            Ok((encode(&text, Some(run.world().trace_hash())) + "\n", ExitCode::SUCCESS))
        }
        Command::Text { scenario } => {
            let Loaded { text, scenario, stamp } = load(&scenario)?;
            // A link's text is shown as it was shared, any other in its canonical form.
            Ok((if stamp.is_some() { text } else { scenario.to_string() }, ExitCode::SUCCESS))
        }
        Command::Check { scenarios, library, seeds, json } => {
            proof::check(scenarios, library, seeds, json)
        }
        Command::Blast { scenario, parts, at, json } => {
            let scenario = what_if::runnable(load(&scenario)?.scenario)?;
            Ok((what_if::blast(scenario, &parts, at, json)?, ExitCode::SUCCESS))
        }
        Command::Shrink { scenario, protocol } => shorten(&scenario, protocol),
        Command::Explore(arguments) => exploration::explore(&arguments),
        #[cfg(feature = "sweep")]
        Command::Sweep(arguments) => sweep::sweep(arguments),
        #[cfg(feature = "production")]
        Command::Export(arguments) => exporting::export(&arguments),
        Command::List => Ok((list(), ExitCode::SUCCESS)),
    }
}

/// A text, under another protocol if one is asked for, without what its outcome does not need.
fn shorten(name: &str, protocol: Option<Protocol>) -> Result<(String, ExitCode), String> {
    let Loaded { mut text, scenario, .. } = load(name)?;
    let scenario = edit(scenario, protocol, None, None)?;
    if protocol.is_some() {
        text = scenario.to_string();
    }
    what_if::runnable(scenario)?;
    Ok(match what_if::shrink(&text) {
        Ok((short, is_done)) => (short, exit_code(false, !is_done)),
        Err(why) => {
            complain(&why);
            (String::new(), exit_code(false, true))
        }
    })
}

/// What tells a script how it came out; that something broke counts for more than a bound.
fn exit_code(is_unsafe: bool, is_exhausted: bool) -> ExitCode {
    ExitCode::from(match (is_unsafe, is_exhausted) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 0,
    })
}

/// A scenario, and what a link says of its run.
struct Loaded {
    /// As it was written.
    text: String,
    scenario: Scenario,
    /// Of a link.
    stamp: Option<Stamp>,
}

/// The engine's version and the trace hash of a recorded run.
type Stamp = (u32, Option<TraceHash>);

fn load(name: &str) -> Result<Loaded, String> {
    if name == "-" {
        let name = told("cli", &"standard-input");
        return read(&read_bounded(io::stdin().lock(), &name)?, &name);
    }
    if let Some(entry) = find(name) {
        return read(entry.text, entry.name);
    }
    if Path::new(name).is_file() {
        return load_file(Path::new(name));
    }
    if has_link_mark(name) {
        return from_link(name);
    }
    Err(no_scenario(name))
}

fn load_file(path: &Path) -> Result<Loaded, String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| of_file(&name, &error))?;
    read(&read_bounded(file, &name)?, &name)
}

/// True for what may be a link, if there is no such file.
fn has_link_mark(name: &str) -> bool {
    ["#", "＃", "%23"].iter().any(|mark| name.contains(mark))
}

fn no_scenario(name: &str) -> String {
    let known: Vec<_> = library().iter().map(|entry| entry.name).collect();
    said(json!({ "kind": "no-scenario", "name": name, "known": known }))
}

/// One byte more than a text may have tells that it has too many.
fn read_bounded(input: impl Read, name: &str) -> Result<String, String> {
    let bound = Bounds::TEXT.max(Bounds::LINK) as u64 + 1;
    let mut bytes = Vec::new();
    let read = input.take(bound).read_to_end(&mut bytes);
    read.map_err(|error| of_file(name, &error))?;
    text_of(bytes).ok_or_else(|| said(json!({ "kind": "no-text", "name": name })))
}

/// What the system says of a file that cannot be read.
fn of_file(name: &str, error: &io::Error) -> String {
    said(json!({ "kind": "file", "name": name, "error": error.to_string() }))
}

/// A text in UTF-8, or in UTF-16 that says so in its first two bytes, as some editors save it.
fn text_of(bytes: Vec<u8>) -> Option<String> {
    let pair: fn([u8; 2]) -> u16 = match bytes[..] {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return String::from_utf8(bytes).ok(),
    };
    let (pairs, rest) = bytes[2..].as_chunks();
    let units: Vec<u16> = pairs.iter().map(|&two| pair(two)).collect();
    String::from_utf16(&units).ok().filter(|_| rest.is_empty())
}

/// A text, or a link that somebody put in a file.
fn read(content: &str, name: &str) -> Result<Loaded, String> {
    if is_link(content) {
        return from_link(content);
    }
    let scenario = parse(content).map_err(|wrong| explain(&wrong, content, name))?;
    Ok(Loaded { text: content.to_owned(), scenario, stamp: None })
}

/// True for what begins as a link or an address does and has no space in it, but for the ends of
/// lines that a mail broke it into; a text may begin with a comment.
fn is_link(content: &str) -> bool {
    let content =
        content.trim_start_matches(|char: char| char.is_whitespace() || "<(".contains(char));
    let is_format = |rest: &str| rest.starts_with(|char: char| char.is_ascii_digit());
    let begins = content.strip_prefix('#').is_some_and(is_format)
        || content.starts_with("http") && content.contains('#');
    begins && content.lines().all(|line| !line.trim().contains(char::is_whitespace))
}

fn from_link(link: &str) -> Result<Loaded, String> {
    let asked = asked(link).ok_or_else(|| told("cli", &"no-hash"))?;
    if !asked.refused.is_empty() {
        complain(&said(json!({ "kind": "moment", "words": asked.refused })));
    }
    if let Some(entry) = find(&asked.what) {
        return read(entry.text, entry.name);
    }
    let Recorded { text, scenario, semantics, trace_hash } =
        decode(&asked.what).map_err(|error| refused(&error.to_string()))?;
    Ok(Loaded { text, scenario, stamp: Some((semantics, trace_hash)) })
}

/// The diagnostics of a text, each with its line and a caret.
fn explain(wrong: &[Diagnostic], text: &str, name: &str) -> String {
    let is_terminal = io::stderr().is_terminal();
    let renderer = if is_terminal { Renderer::styled() } else { Renderer::plain() };
    // Far too long a text is not shown with its error.
    let shown = if text.len() > Bounds::TEXT { String::new() } else { with_signs(text) };
    let blocks: Vec<_> = wrong
        .iter()
        .map(|diagnostic| {
            let place = AnnotationKind::Primary.span(bytes(diagnostic, &shown));
            let snippet = Snippet::source(&shown).path(name).annotation(place);
            let title = Level::ERROR.primary_title(diagnostic.message());
            renderer.render(&[Group::with_title(title).element(snippet)])
        })
        .collect();
    blocks.join("\n\n")
}

/// Where a diagnostic points, in bytes of the text.
fn bytes(diagnostic: &Diagnostic, text: &str) -> std::ops::Range<usize> {
    let lines = text.split_inclusive('\n');
    let before = lines.clone().take(diagnostic.line as usize - 1).map(str::len).sum::<usize>();
    let line = lines.clone().nth(diagnostic.line as usize - 1).unwrap_or_default();
    let byte = |chars: u32| {
        let end = line.trim_end_matches(['\r', '\n']).len();
        before + line.char_indices().nth(chars as usize).map_or(end, |(byte, _)| byte.min(end))
    };
    byte(diagnostic.column - 1)..byte(diagnostic.column - 1 + diagnostic.length)
}

/// The scenario as the options want it. What comes after an earlier end is left out.
fn edit(
    mut scenario: Scenario,
    protocol: Option<Protocol>,
    seed: Option<u32>,
    until: Option<Micros>,
) -> Result<Scenario, String> {
    if protocol.is_some() && scenario.groups.len() > 1 {
        return Err(told("cli", &"one-group"));
    }
    for group in &mut scenario.groups {
        group.protocol = protocol.unwrap_or(group.protocol);
        group.seed = seed.unwrap_or(group.seed);
    }
    scenario.until = until.unwrap_or(scenario.until);
    let until = scenario.until;
    scenario.actions.retain(|(at, _)| *at <= until);
    scenario.repeats.retain(|repeat| repeat.from <= until);
    scenario.repeats.iter_mut().for_each(|repeat| repeat.to = repeat.to.min(until));
    scenario.notes.retain(|note| note.time().is_none_or(|at| at <= until));
    match scenario.flaws().first() {
        Some(flaw) => Err(refused(&flaw.message())),
        None => Ok(scenario),
    }
}

/// Says so if a recorded run is not what its link recorded.
fn check_stamp((semantics, recorded): Stamp, now: u64) {
    if recorded.is_none_or(|recorded| recorded.fits(now)) {
        return;
    }
    let current = halflink::SEMANTICS;
    let kind = if semantics == current { "other-run" } else { "other-engine" };
    let made = json!({ "kind": kind, "version": semantics, "current": current });
    complain(&said(json!({ "kind": "replays", "made": made })));
}

/// What is wrong with what was asked for.
fn refused(what: &str) -> String {
    said(json!({ "kind": "flaw", "what": what }))
}

fn to_json<T: Serialize>(figures: &T) -> Result<String, String> {
    let json = serde_json::to_string_pretty(figures);
    json.map(|json| json + "\n").map_err(|error| refused(&error.to_string()))
}

/// The figures in a few lines.
fn summary(report: &Report) -> String {
    let until = Micros(report.until_us);
    let end = report.exhausted.as_ref().map_or(until, |exhausted| Micros(exhausted.at_us));
    let (whole, window) = (&report.whole, &report.window);
    let protocol = Protocol::named(report.protocol);
    let group = report.group.as_ref().map_or_else(String::new, |group| format!("{group}: "));
    let mut text = format!(
        "{}\n{group}{}, seed {}, {until}, trace {}\n\n",
        report.title, report.protocol, report.seed, report.trace_hash
    );
    let mut line = |name: &str, words: String| text += &format!("{name:<9} {words}\n");
    if let Some(exhausted) = &report.exhausted {
        line("ENDED", exhausted.text.clone());
    }
    line("outcome", report.outcome.name().to_owned());
    line("", report.sentence.clone());
    if report.episodes.len() > 1 {
        for episode in &report.episodes {
            let span = [episode.from_us, episode.to_us].map(|at| Micros(at).to_string());
            let (outcome, text) = (episode.outcome, &episode.text);
            let fact = json!({ "from": span[0], "to": span[1], "outcome": outcome, "text": text });
            line("", told("cli.episode", &fact));
        }
    }
    let all = report.writes_served + report.writes_late + report.writes_lost;
    if all > 0 {
        let (served, late) = (report.writes_served, report.writes_late);
        let patience = Micros(report.patience_us).to_string();
        let fact = json!({ "served": served, "all": all, "patience": patience, "late": late });
        line("writes", told("cli.clients", &fact));
    }
    report.services().into_iter().for_each(|(name, words)| line(name, words));
    let (from, to) = (Micros(window.from_us), Micros(window.to_us));
    for (name, counts, from, to) in
        [("window", &window.inside, from, to), ("whole", whole, Micros::ZERO, end)]
    {
        let fact = json!({ "from": from.to_string(), "to": to.to_string() });
        line(name, told("cli.window", &fact));
        measured(counts, protocol).into_iter().for_each(|words| line("", words));
    }
    for replica in &report.replicas {
        line(&replica.name, at_the_end(replica, protocol));
    }
    for violation in &report.violations {
        let at = Micros(violation.at_us);
        line("UNSAFE", format!("{at}: {}: {}", violation.property, violation.detail));
    }
    text
}

/// What was counted, a line each. Generals take no writes and elect nobody.
fn measured(counts: &Measures, protocol: Option<Protocol>) -> Vec<String> {
    let Some(protocol) = protocol.filter(|protocol| !protocol.is_generals()) else {
        return vec![told("cli.orders", &json!({ "n": counts.epochs }))];
    };
    let Terms { epoch, leader, .. } = protocol.terms();
    let committed = json!({
        "committed": counts.writes_committed,
        "tried": counts.writes_tried,
        "stall": Micros(counts.longest_stall_us).to_string(),
    });
    let answered = json!({
        "answered": counts.reads_answered,
        "tried": counts.reads_tried,
        "stale": counts.reads_stale,
    });
    let changes = json!({
        "changes": counts.leader_changes,
        "leader": leader,
        "epochs": counts.epochs,
        "epoch": epoch,
    });
    let parted = json!({ "span": Micros(counts.parted_us).to_string() });
    let lines = [
        ("cli.committed", committed),
        ("cli.answered", answered),
        ("cli.changes", changes),
        ("cli.parted", parted),
    ];
    let has_reads = counts.reads_tried > 0;
    let lines = lines.iter().filter(|(room, _)| has_reads || *room != "cli.answered");
    lines.map(|(room, fact)| told(room, fact)).collect()
}

/// A replica at the end of the run, in its protocol's words.
fn at_the_end(replica: &ReplicaReport, protocol: Option<Protocol>) -> String {
    let place =
        protocol.map_or_else(String::new, |protocol| told("place", &protocol.place(replica.epoch)));
    let terms = protocol.map(Protocol::terms);
    let role = match (replica.role, terms) {
        _ if !replica.up => told("cli", &"down"),
        ("leader", Some(terms)) => told("role", &terms.leader),
        ("follower", Some(terms)) => told("role", &terms.follower),
        ("candidate", Some(terms)) => told("role", &terms.candidate),
        (role, _) => told("role", &role),
    };
    let phase = replica.phase.as_deref().map_or_else(String::new, |phase| {
        // Some begin with the epoch, which stands there already.
        let more = phase.strip_prefix(&place).map_or(phase, |more| more.trim_start_matches(", "));
        format!("; {more}")
    });
    if let Some(value) = &replica.value {
        let fact = json!({ "role": role, "place": place, "value": value, "phase": phase });
        return told("cli.decided", &fact);
    }
    let leader = replica.leader.clone().unwrap_or_else(|| told("cli", &"nobody"));
    said(json!({
        "kind": "at-the-end",
        "role": role,
        "place": place,
        "leader": leader,
        "commit": replica.commit,
        "phase": phase,
    }))
}

fn list() -> String {
    let mut text = String::new();
    let widest = library().iter().map(|entry| entry.name.len()).max().unwrap_or_default();
    for entry in library() {
        let title = parse(entry.text).map(|scenario| scenario.title).unwrap_or_default();
        text += &format!("{:<widest$}  {title}\n", entry.name);
    }
    text
}
