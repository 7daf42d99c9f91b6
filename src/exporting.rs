//! `halflink export`: what `halflink::export` takes of a run, in English.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use halflink::clock::Micros;
use halflink::export::{Asked, Form, Listener, Refusal, Stretch, Told, take};
use halflink::plant::Plant;
use halflink::protocol::Protocol;
use halflink::scenario::Scenario;
use halflink::words::{ENGLISH, Names};
use serde_json::json;

use super::{arguments, complain, edit, exit_code, load, said, what_if};

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// What happened, event by event, an object a line
    Jsonl,
    /// The same as CSV
    Csv,
    /// Every message that was under way, as CSV
    Messages,
    /// A sequence diagram for Mermaid
    Mermaid,
    /// A log with vector clocks for ShiViz
    Shiviz,
    /// Clients' operations, an object a line
    History,
}

impl Kind {
    const fn form(self) -> Form {
        match self {
            Self::Jsonl => Form::Jsonl,
            Self::Csv => Form::Csv,
            Self::Messages => Form::Messages,
            Self::Mermaid => Form::Mermaid,
            Self::Shiviz => Form::Shiviz,
            Self::History => Form::History,
        }
    }
}

/// Print a stretch of a run in a form that other tools read
///
/// jsonl: at_us, group, event, replica (null where it is of none), words, and fact, what the
/// words are made of.
///
/// csv: at_us,group,event,replica,words.
///
/// messages: those that were under way: sent_us, ended_us, from, to, kind, words, fate
/// (arrived, lost, withheld by a liar, or under-way when the run ended), why it was lost, and
/// of a lie the truth. A message has arrived when it is at its receiver's server.
///
/// mermaid: at most 300 lines, so that it can be read, and 50,000 characters, which is Mermaid's
/// own bound. A message stands where it arrived or was lost.
///
/// shiviz: at most 20,000 events of replicas, for <https://bestchai.bitbucket.io/shiviz/>. A
/// message is heard when its receiver's process gets it. A replica with a name that ShiViz takes
/// for its own, such as constructor, is n1 there. The parser expression to give there:
///
/// (?<host>\S*) (?<clock>{.*})\n(?<event>.*)
///
/// history: those that were open: group; client, a number that has one open at a time; op,
/// write or read; value, of a write its number, of a read the number of the last write that it
/// saw, null before the first or if it was not answered, and where a liar made it up
/// 2,147,483,648 more than the number that it gave; index, of a write the first place in
/// the log that holds it, null if none was committed, of a read up to which place it saw;
/// call_us; return_us, null if the client was never told; ok, whether it was told. What is not
/// ok may have been done, or may still be. A write may stand in the log more than once: the
/// first place counts, for reads, too. A read that was answered says whether it was stale: it
/// missed a write that was committed when it was asked. A write of clients who come at a rate
/// that was given up has failed_us and why; it stays open, for it may still be done. Give a
/// checker the whole run: a read may have seen a write that ended before a stretch.
///
/// Exit codes: 0 when it is printed, whatever the outcome, 2 for input that cannot be read or
/// is too much for the form, 3 when the run came to a bound on its work within the stretch.
#[derive(Args)]
pub(super) struct ExportArguments {
    /// A library name (see `halflink list`), a file, a link, or - for standard input
    scenario: String,
    /// In which form
    #[arg(long = "as", value_name = "KIND")]
    kind: Kind,
    /// From that time of the run
    #[arg(long, default_value = "0s", value_parser = arguments::time)]
    from: Micros,
    /// To that time; to the end of the run if nothing is said
    #[arg(long, value_parser = arguments::time)]
    to: Option<Micros>,
    /// Of that group alone
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Run another protocol
    #[arg(long, value_parser = arguments::protocol)]
    protocol: Option<Protocol>,
    /// Run with another seed
    #[arg(long)]
    seed: Option<u32>,
}

/// What goes to standard output, and the exit code.
///
/// # Errors
/// What cannot be read or run, a stretch that is none, a group that is none, and more than the form
/// is good for.
pub(super) fn export(arguments: &ExportArguments) -> Result<(String, ExitCode), String> {
    let ExportArguments { protocol, seed, kind, .. } = *arguments;
    let scenario = edit(load(&arguments.scenario)?.scenario, protocol, seed, None)?;
    let scenario = Arc::new(what_if::runnable(scenario)?);
    let stretch = stretch(arguments, scenario.until)?;
    let group = group(arguments, &scenario)?;
    let names = scenario.groups.iter();
    let plant = Plant::new(scenario.plant);
    let names: Vec<_> = names.map(|group| Names::of(&plant, group.replicas())).collect();
    let speak = |group: usize, room: &str, told: Told<'_>| ENGLISH.tell(room, &told, &names[group]);
    // Whoever writes to a terminal has a command line that is still.
    let listener = Listener { speak: &speak, watch: &|_| {} };
    let asked = Asked { form: kind.form(), stretch, group, most: usize::MAX };
    let taken = take(&scenario, asked, listener).map_err(|why| refusal(why, &scenario))?;
    if let Some(why) = &taken.ended {
        complain(&said(json!({ "kind": "export-ended", "why": why })));
    }
    Ok((taken.text, exit_code(false, taken.ended.is_some())))
}

/// Why there is nothing, in words.
fn refusal(why: Refusal, scenario: &Scenario) -> String {
    said(match why {
        Refusal::WhichGroup => json!({ "kind": "export-which-group", "known": known(scenario) }),
        Refusal::Many { what, count, most, fits: _ } => {
            json!({ "kind": "export-many", "what": what, "count": count, "most": most })
        }
    })
}

/// Between which times.
fn stretch(arguments: &ExportArguments, until: Micros) -> Result<Stretch, String> {
    let (from, to) = (arguments.from, arguments.to.unwrap_or(until));
    for (option, at) in [("--from", from), ("--to", to)] {
        if at > until {
            let (at, until) = (at.to_string(), until.to_string());
            let wrong = json!({ "kind": "export-after", "option": option, "at": at,
                "until": until });
            return Err(said(wrong));
        }
    }
    if from > to {
        let (from, to) = (from.to_string(), to.to_string());
        return Err(said(json!({ "kind": "export-order", "from": from, "to": to })));
    }
    Ok(Stretch { from, to })
}

/// Of which group, by its number.
fn group(arguments: &ExportArguments, scenario: &Scenario) -> Result<Option<usize>, String> {
    let Some(name) = &arguments.group else { return Ok(None) };
    let known = known(scenario);
    match known.iter().position(|one| one == name) {
        Some(number) => Ok(Some(number)),
        None => Err(said(json!({ "kind": "export-no-group", "name": name, "known": known }))),
    }
}

/// What the groups are called.
fn known(scenario: &Scenario) -> Vec<&str> {
    scenario.groups.iter().map(|group| group.name.as_str()).collect()
}
