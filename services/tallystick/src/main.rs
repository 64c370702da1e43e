//! The platform's one program: configuration, wiring and the command line.
#![expect(clippy::print_stdout, reason = "the commands answer on stdout; messages go to stderr through tracing")]

mod backup_command;
mod bootstrap;
mod cli;
mod closer;
mod erase_command;
mod export_command;
mod history;
mod log;
mod log_command;
mod money;
mod paths;
mod policies;
mod prober;
mod progress;
mod rebuild_command;
mod receipt;
mod recorder;
mod replay;
mod runtime;
mod seed;
mod serve;
mod sweeper;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use mimalloc::MiMalloc;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The exit status of a node that another has taken over from: a supervisor should not start it again by itself.
const OVERTAKEN: u8 = 3;

/// The exit status of a command whose reader has seen enough, as a shell tells it of others.
const BROKEN_PIPE: u8 = 141;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = start_messages(&cli) {
        // There is nothing yet that would write it.
        _ = writeln!(std::io::stderr(), "error: {error:#}");
        return ExitCode::FAILURE;
    }
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::from(BROKEN_PIPE),
        Err(error) => {
            tracing::error!("{error:#}");
            if error.is::<serve::Overtaken>() { ExitCode::from(OVERTAKEN) } else { ExitCode::FAILURE }
        }
    }
}

/// Whether whoever reads what a command prints has gone.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = match error.downcast_ref::<csv::Error>().map(csv::Error::kind) {
        Some(csv::ErrorKind::Io(error)) => Some(error.kind()),
        Some(_) => None,
        None => error.downcast_ref::<std::io::Error>().map(std::io::Error::kind),
    };
    kind == Some(std::io::ErrorKind::BrokenPipe)
}

fn start_messages(cli: &Cli) -> Result<()> {
    let filter = EnvFilter::try_new(&cli.messages).context("--messages is not a filter")?;
    let mut messages = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if !std::io::stderr().is_terminal() {
        messages = messages.with_ansi(false);
    }
    if cli.messages_json {
        messages.json().init();
    } else {
        messages.init();
    }
    Ok(())
}

fn run(command: Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve(options) => serve::run(options).await,
            Command::Seed(options) => seed::run(&options).await,
            Command::Replay(options) => replay::run(&options).await,
            Command::Verify(options) => verify(&options.data).await,
            Command::Log(options) => log_command::run(&options).await,
            Command::Backup(options) => backup_command::backup(&options),
            Command::Restore(options) => backup_command::restore(&options).await,
            Command::Rebuild(options) => rebuild_command::run(&options).await,
            Command::Export(options) => export_command::run(&options).await,
            Command::Erase(options) => erase_command::run(&options).await,
            Command::Receipt(command) => receipt::run(&command).await,
            Command::Schema => Ok(std::io::stdout().write_all(gateway::graphql::sdl().as_bytes())?),
        }
    })
}

async fn verify(data: &cli::Data) -> Result<()> {
    let directory = paths::DataDirectory::existing(data)?;
    // Before the events are counted: whoever runs on the log goes on signing.
    let signed = log::signed(directory.path(), data.log.as_ref()).await;
    let verified = log::verify(directory.path(), data.log.as_ref()).await?;
    let signed = signed?;
    anyhow::ensure!(
        signed <= verified.events,
        "the log ends after {} events, and a checkpoint was signed over {signed}: what was acknowledged is missing at \
         its end. Restore a backup",
        verified.events,
    );
    println!("{} events in {} streams, {} bytes: nothing is wrong", verified.events, verified.streams, verified.bytes);
    Ok(())
}
