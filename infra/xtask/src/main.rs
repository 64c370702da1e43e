//! Chores of the repository: checks the walls between crates, writes the generated files under `schema/`.
//!
//! Needs nothing but cargo. What it checks the test suite checks too.

mod codes;
mod dictionary;
mod generated;
mod imports;
mod raised;
mod schema;
mod sources;
mod table;
mod walls;
mod workspace;

use std::io::Write;

use anyhow::{Result, ensure};
use clap::{Args, Parser, Subcommand};

/// Chores of this repository.
#[derive(Parser)]
#[command(name = "xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check that no crate imports what ARCHITECTURE.md forbids it.
    Walls,
    /// Write schema/api.graphql from the code.
    Schema(Mode),
    /// Write schema/error-codes.md from the code.
    ErrorCodes(Mode),
}

#[derive(Args)]
struct Mode {
    /// Fail if the file is stale, and write nothing.
    #[arg(long)]
    check: bool,
}

fn main() -> Result<()> {
    match Arguments::parse().chore {
        Chore::Walls => check_walls(),
        Chore::Schema(mode) => schema::file()?.settle(mode.check),
        Chore::ErrorCodes(mode) => codes::file()?.settle(mode.check),
    }
}

fn check_walls() -> Result<()> {
    let faults = walls::faults()?;
    let mut out = std::io::stdout().lock();
    for fault in &faults {
        writeln!(out, "{fault}")?;
    }
    ensure!(faults.is_empty(), "{} faults", faults.len());
    writeln!(out, "the walls stand")?;
    Ok(())
}
