//! One table of what the benches measure: native, wasm, and their ratio.
//!
//! The contract with the two sides:
//!
//! - **Native** is Criterion: every `[[bench]]` of the crate. A bench's name is Criterion's full
//!   id, `group/function/parameter`. With `Throughput::Elements(n)` its value is elements per
//!   second, without it nanoseconds per iteration.
//! - **Wasm** is `tests/node/bench.mjs`, run by Node after a build. It prints one JSON object a
//!   line, `{"name": "…", "value": 1.5e6, "unit": "/s"}`, with the unit `/s` (elements per second)
//!   or `ns` (nanoseconds per iteration); lines that are no JSON object are passed on to the
//!   terminal.
//! - The same work has the **same name** and unit on both sides. A name that only one side has is
//!   printed without a ratio.
//! - A ratio is wasm's speed over native's: 1 is as fast, 0.75 the least we accept.
//! - With `--quick`, Criterion gets `--quick`, and `bench.mjs` gets `--quick` as an argument. A
//!   filter is a part of a name: Criterion takes it as its own, `bench.mjs` as its first plain
//!   argument.

use crate::shell::{self, announce};
use crate::{paths, wasm};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The least that wasm may reach of the native speed.
const RATIO_LEAST: f64 = 0.75;

/// Options of `bench`.
#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Run only the benches whose name holds this
    filter: Option<String>,
    /// Measure for a shorter time, less exactly
    #[arg(long)]
    quick: bool,
    /// Fail where wasm is slower than 0.75 of native
    #[arg(long)]
    check: bool,
}

/// What a bench measured.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    /// Elements per second: more is better.
    Rate(f64),
    /// Nanoseconds per iteration: less is better.
    Time(f64),
}

impl Measure {
    /// How fast `self` is against another measure of the same kind.
    fn over(self, other: Self) -> Option<f64> {
        match (self, other) {
            (Self::Rate(mine), Self::Rate(theirs)) => Some(mine / theirs),
            (Self::Time(mine), Self::Time(theirs)) => Some(theirs / mine),
            (Self::Rate(_), Self::Time(_)) | (Self::Time(_), Self::Rate(_)) => None,
        }
    }

    /// The number as a reader wants it: `5.31 M/s`, `12.8 µs`.
    fn shown(self) -> String {
        let (value, units): (f64, &[(f64, &str)]) = match self {
            Self::Rate(value) => (value, &[(1e9, "G/s"), (1e6, "M/s"), (1e3, "k/s"), (1.0, "/s")]),
            Self::Time(value) => (value, &[(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")]),
        };
        let fits = units.iter().find(|(scale, _)| value >= *scale);
        let (scale, unit) = fits.or(units.last()).expect("there are units");
        let scaled = value / scale;
        let digits = if scaled < 10.0 { 2 } else { usize::from(scaled < 100.0) };
        format!("{scaled:.digits$} {unit}")
    }
}

/// Measures by name.
type Measures = BTreeMap<String, Measure>;

/// Runs both sides and prints the table.
pub(crate) fn run(args: &BenchArgs) -> Result<()> {
    wasm::build()?;
    let native = native(args)?;
    let wasm = under_node(args)?;
    let slow = print(&native, &wasm);
    if args.check && !slow.is_empty() {
        bail!("wasm is slower than {RATIO_LEAST} of native: {}", slow.join(", "));
    }
    Ok(())
}

/// Runs Criterion, and reads what it has left in target/criterion.
fn native(args: &BenchArgs) -> Result<Measures> {
    let dir = paths::target().join("criterion");
    fs::create_dir_all(&dir)?;
    // Results of earlier runs stay there; those of this run are newer than this file.
    let marker = dir.join(".begun");
    File::create(&marker)?;
    let begun = fs::metadata(&marker)?.modified()?;
    let mut command = shell::cargo();
    command.args(["bench", "--package", "halflink", "--bench", "*", "--"]);
    command.args(args.quick.then_some("--quick")).args(&args.filter).current_dir(paths::root());
    announce(&shell::line(&command));
    shell::run(&mut command)?;
    let mut measures = Measures::new();
    for folder in results(&dir)? {
        if fs::metadata(folder.join("estimates.json"))?.modified()? >= begun {
            let (name, measure) = estimate(&folder).with_context(|| paths::shown(&folder))?;
            measures.insert(name, measure);
        }
    }
    Ok(measures)
}

/// The folders `new` under target/criterion that hold a result.
fn results(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        if path.ends_with("new") && path.join("estimates.json").exists() {
            found.push(path);
        } else {
            found.extend(results(&path)?);
        }
    }
    Ok(found)
}

/// The part of Criterion's `benchmark.json` that we read.
#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
    throughput: Option<BTreeMap<String, serde_json::Value>>,
}

/// The part of Criterion's `estimates.json` that we read.
#[derive(Deserialize)]
struct Estimates {
    mean: Estimate,
    /// Missing where each sample ran another number of iterations.
    slope: Option<Estimate>,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// Reads one result of Criterion's.
fn estimate(folder: &Path) -> Result<(String, Measure)> {
    let benchmark: Benchmark = serde_json::from_slice(&fs::read(folder.join("benchmark.json"))?)?;
    let estimates: Estimates = serde_json::from_slice(&fs::read(folder.join("estimates.json"))?)?;
    let nanos = estimates.slope.unwrap_or(estimates.mean).point_estimate;
    let elements = benchmark.throughput.and_then(|per| per.get("Elements")?.as_f64());
    let measure = match elements {
        Some(elements) => Measure::Rate(elements * 1e9 / nanos),
        None => Measure::Time(nanos),
    };
    Ok((benchmark.full_id, measure))
}

/// Runs the wasm side.
fn under_node(args: &BenchArgs) -> Result<Measures> {
    let script = paths::tests().join("node/bench.mjs");
    let mut command = Command::new("node");
    command.arg(&script).args(&args.filter).args(args.quick.then_some("--quick"));
    announce(&shell::line(&command));
    let mut child = command.stdout(Stdio::piped()).spawn().context("could not start node")?;
    let mut measures = Measures::new();
    for line in BufReader::new(child.stdout.take().context("node's output")?).lines() {
        let line = line?;
        if line.starts_with('{') {
            let (name, measure) = reported(&line).with_context(|| line.clone())?;
            measures.insert(name, measure);
        } else {
            println!("{line}");
        }
    }
    if !child.wait()?.success() {
        bail!("{} failed", paths::shown(&script));
    }
    Ok(measures)
}

/// A line of `bench.mjs`.
#[derive(Deserialize)]
struct Reported {
    name: String,
    value: f64,
    unit: String,
}

fn reported(line: &str) -> Result<(String, Measure)> {
    let Reported { name, value, unit } = serde_json::from_str(line)?;
    match unit.as_str() {
        "/s" => Ok((name, Measure::Rate(value))),
        "ns" => Ok((name, Measure::Time(value))),
        other => bail!("the unit {other:?} is neither \"/s\" nor \"ns\""),
    }
}

/// Prints the table; the names whose ratio is too low.
fn print(native: &Measures, wasm: &Measures) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = native.keys().chain(wasm.keys()).collect();
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0).max(4);
    let shown = |measure: Option<&Measure>| measure.map_or("-".to_owned(), |m| m.shown());
    let mut slow = Vec::new();
    println!("\n{:width$}  {:>10}  {:>10}  ratio", "name", "native", "wasm");
    for name in names {
        let (native, wasm) = (native.get(name), wasm.get(name));
        let ratio = wasm.zip(native).and_then(|(wasm, native)| wasm.over(*native));
        let mark = match ratio {
            Some(ratio) if ratio < RATIO_LEAST => {
                slow.push(name.clone());
                format!("{ratio:.2}  below {RATIO_LEAST}")
            }
            Some(ratio) => format!("{ratio:.2}"),
            None => "-".to_owned(),
        };
        println!("{name:width$}  {:>10}  {:>10}  {mark}", shown(native), shown(wasm));
    }
    slow
}

#[cfg(test)]
mod tests {
    use super::{Measure, reported};

    #[test]
    fn ratio_above_one_means_faster_for_rates_and_times() {
        assert_eq!(Measure::Rate(4.0).over(Measure::Rate(2.0)), Some(2.0));
        assert_eq!(Measure::Time(2.0).over(Measure::Time(4.0)), Some(2.0));
        assert_eq!(Measure::Time(2.0).over(Measure::Rate(4.0)), None);
    }

    #[test]
    fn measures_are_shown_with_three_digits() {
        let cases = [
            (Measure::Rate(5_312_000.0), "5.31 M/s"),
            (Measure::Rate(0.5), "0.50 /s"),
            (Measure::Time(12_840.0), "12.8 µs"),
            (Measure::Time(384_000_000.0), "384 ms"),
        ];
        for (measure, expected) in cases {
            assert_eq!(measure.shown(), expected);
        }
    }

    #[test]
    fn lines_from_node_name_their_unit() {
        let line = r#"{"name": "a/b", "value": 2, "unit": "/s"}"#;
        assert_eq!(reported(line).ok(), Some(("a/b".to_owned(), Measure::Rate(2.0))));
        assert!(reported(r#"{"name": "a", "value": 2, "unit": "s"}"#).is_err());
    }
}
