//! Benches.
use anyhow::Result;
/// Options of `bench`.
#[derive(clap::Args)]
pub(crate) struct BenchArgs {}
pub(crate) fn run(_: &BenchArgs) -> Result<()> { anyhow::bail!("not yet") }
