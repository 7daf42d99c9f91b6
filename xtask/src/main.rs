//! The task runner: `cargo xtask <task>` sets up what is missing, then builds, serves or tests.
//!
//! Every task needs cargo alone to start. What more it needs (a wasm toolchain, npm packages, a
//! browser) it looks for, and says what it is about to install before it installs it.

mod address;
mod bench;
mod bindgen;
mod borrowed;
mod browser;
mod card;
mod cuts;
mod debian;
mod dist;
mod due;
mod element;
mod embed;
mod figures;
mod fuzz;
mod languages;
mod library;
mod npm;
mod offline;
mod package;
mod pages;
mod paths;
mod pseudo;
mod python;
mod reload;
mod serve;
mod shell;
mod site;
mod size;
mod snip;
mod test;
mod together;
mod toolchain;
mod wasm;
mod watch;
mod words;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The tasks of the Halflink repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the wasm module and its glue into pkg/
    Build,
    /// Build what the page needs, serve it on a loopback port, open a browser, and build the rest
    Play(serve::PlayArgs),
    /// Serve the page as it is, without building (what the browser tests use)
    Serve(serve::ServeArgs),
    /// Run every test there is: native, wasm under Node, page modules, types, lint, browsers
    Test(test::TestArgs),
    /// Format Rust, JavaScript and CSS
    Format,
    /// Try random inputs on what reads, prints and runs texts and links, for as long as asked
    Fuzz(fuzz::FuzzArgs),
    /// Run the benches, native and wasm, and print one table
    Bench(bench::BenchArgs),
    /// Check that an embed's first view stays within its budget on the wire
    Size,
    /// Put the static site into dist/, and check what the npm package holds
    Dist(dist::DistArgs),
}

fn main() -> ExitCode {
    match run(&Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<()> {
    match task {
        Task::Build => wasm::build().map(|_| ()),
        Task::Play(args) => serve::play(args),
        Task::Serve(args) => serve::serve(args),
        Task::Test(args) => test::run_all(args),
        Task::Format => npm::format(),
        Task::Fuzz(args) => fuzz::run(args),
        Task::Bench(args) => bench::run(args),
        Task::Size => size::run(),
        Task::Dist(args) => dist::run(args),
    }
}
