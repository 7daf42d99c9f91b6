//! `halflink sweep`: many runs by a plan, a shard at a time, into a Parquet file each.
//!
//! What a shard holds follows from the plan alone: neither threads nor machines nor how often it
//! was begun change a byte. A file has its name only when it is whole.

mod plan;
mod rows;
mod shard;

use std::collections::BTreeSet;
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use serde_json::json;

use self::plan::Plan;
use self::rows::{Shelf, Verdict};
use self::shard::Shard;
use super::watched::{Progress, stop_at_signals};
use super::{complain, pool, said};

/// The most runs of one shard: some hours of one core, and a file of a gigabyte or so.
const RUNS_A_SHARD: u64 = 10_000_000;
/// What tells a script, and most queues, to try again (`EX_TEMPFAIL`).
const TRY_AGAIN: u8 = 75;

#[derive(Args)]
pub(super) struct SweepArguments {
    /// What to run: see docs/SWEEP.md
    plan: PathBuf,
    /// The folder for the results; made if it is not there
    #[arg(long)]
    out: PathBuf,
    /// Which part, from 0: 3/10 is the fourth of ten. Else the array task of Slurm, Kubernetes or
    /// AWS Batch says so, if this is one
    #[arg(long, value_parser = shard::named, conflicts_with = "shards")]
    shard: Option<Shard>,
    /// Of how many parts, where the array task says which
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(Shard::MOST)))]
    shards: Option<u32>,
    /// How many runs at once; as many as there are processors if nothing is said
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    threads: Option<u16>,
    /// Run nothing: print which shards are missing or not whole, one a line; with --shard that one
    /// alone
    #[arg(long)]
    check: bool,
}

/// What goes to standard output, and the exit code: 0 when it is done, 75 when it may be tried
/// again.
///
/// # Errors
/// A bad plan, or a shard that there is not.
pub(super) fn sweep(arguments: SweepArguments) -> Result<(String, ExitCode), String> {
    let plan = Plan::read(&arguments.plan)?;
    if arguments.check {
        return check(&plan, &arguments);
    }
    let shard = match arguments.shard {
        Some(shard) => shard,
        None => shard::from_environment(arguments.shards, |name| std::env::var_os(name))?,
    };
    let runs = shard.range(plan.runs());
    let count = runs.end - runs.start;
    if count > RUNS_A_SHARD {
        let needed = plan.runs().div_ceil(RUNS_A_SHARD);
        return Err(said(json!({ "kind": "sweep-too-many", "runs": count,
            "most": RUNS_A_SHARD, "needed": needed })));
    }
    let threads = pool::threads(arguments.threads);
    let stop = stop_at_signals();
    match run_shard(&plan, shard, &arguments.out, threads, &stop) {
        Ok(path) => Ok((format!("{}\n", path.display()), ExitCode::SUCCESS)),
        Err(why) => Ok(try_again("sweep-again", &why)),
    }
}

/// Says why it did not do, and that another try may.
fn try_again(kind: &str, why: &str) -> (String, ExitCode) {
    complain(&said(json!({ "kind": kind, "why": why })));
    (String::new(), ExitCode::from(TRY_AGAIN))
}

/// Runs a shard, and puts its file in place.
fn run_shard(
    plan: &Plan,
    shard: Shard,
    folder: &Path,
    threads: NonZero<usize>,
    stop: &AtomicBool,
) -> Result<PathBuf, String> {
    let name = |error: io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(name)?;
    let runs = shard.range(plan.runs());
    let mut shelf = Shelf::open(plan, shard, folder)?;
    let mut progress = Progress::new(runs.end - runs.start);
    let run = |number| plan.run(number, stop);
    let done = pool::in_order(runs, threads, stop, run, |row| {
        shelf.put(row)?;
        progress.step();
        Ok(())
    });
    progress.end();
    done?;
    if stop.load(Ordering::Relaxed) {
        return Err(said(json!({ "kind": "sweep-stopped" })));
    }
    shelf.close()
}

/// Prints the shards that are missing or not whole, as `--shard` takes them; why goes to standard
/// error. Of all, or of the one that was named.
fn check(plan: &Plan, arguments: &SweepArguments) -> Result<(String, ExitCode), String> {
    let folder = &arguments.out;
    let all = |of| (0..of, of);
    let (indices, of) = match (arguments.shard, arguments.shards) {
        (Some(Shard { index, of }), _) => (index..index + 1, of),
        (None, Some(of)) => all(of),
        (None, None) => match rows::found(plan, folder) {
            Ok(found) => all(of_how_many(plan, &found)?),
            Err(why) => return Ok(try_again("sweep-unchecked", &why)),
        },
    };
    let mut missing = String::new();
    for index in indices {
        let shard = Shard { index, of };
        match rows::verify(plan, shard, folder) {
            Verdict::Whole => {}
            Verdict::Missing => missing += &format!("{index}/{of}\n"),
            Verdict::Damaged(why) => {
                let name = rows::file_name(plan, shard);
                complain(&said(json!({ "kind": "sweep-damaged", "name": name, "why": why })));
                missing += &format!("{index}/{of}\n");
            }
        }
    }
    let code = if missing.is_empty() { 0 } else { TRY_AGAIN };
    Ok((missing, ExitCode::from(code)))
}

/// Of how many parts these are, if they are of one sharding.
fn of_how_many(plan: &Plan, found: &[Shard]) -> Result<u32, String> {
    let kinds: BTreeSet<u32> = found.iter().map(|shard| shard.of).collect();
    match kinds.iter().copied().collect::<Vec<_>>().as_slice() {
        &[of] => Ok(of),
        kinds => {
            let kinds: Vec<_> = kinds.iter().map(ToString::to_string).collect();
            Err(said(json!({ "kind": "sweep-of-how-many", "found": kinds.join(", "),
                "any": (!kinds.is_empty()).to_string(), "plan": plan.name() })))
        }
    }
}
