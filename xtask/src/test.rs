//! Tests.
use anyhow::Result;
/// Options of `test`.
#[derive(clap::Args)]
pub(crate) struct TestArgs {}
pub(crate) fn run(_: &TestArgs) -> Result<()> { anyhow::bail!("not yet") }
