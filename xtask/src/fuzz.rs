//! Random inputs for as long as asked: the targets of `tests/integration/fuzz.rs`.

use crate::paths;
use crate::shell::{self, announce};
use anyhow::Result;
use clap::Args;

/// The variables that the targets read.
const SECONDS: &str = "HALFLINK_FUZZ_SECONDS";
const SEED: &str = "HALFLINK_FUZZ_SEED";

/// Options of `fuzz`.
#[derive(Args)]
pub(crate) struct FuzzArgs {
    /// How long each of the targets runs
    #[arg(long, default_value_t = 1)]
    minutes: u32,
    /// Where to begin: another number tries other inputs
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Run only the targets whose name holds this
    #[arg(default_value = "fuzz::")]
    filter: String,
}

/// Runs the targets, side by side; what makes one fail is kept in tests/fuzz.
pub(crate) fn run(args: &FuzzArgs) -> Result<()> {
    let mut command = shell::cargo();
    command
        .args(["test", "--package", "halflink", "--test", "integration", "--"])
        .args([&args.filter, "--nocapture"])
        .env(SECONDS, (args.minutes * 60).to_string())
        .env(SEED, args.seed.to_string())
        .current_dir(paths::root());
    announce(&shell::line(&command));
    shell::run(&mut command)
}
