//! `tallystick erase`: a person's key is dropped, and with it everything personal.

use accounts::member::{Command, Member, State};
use accounts::published::actor::Role;
use anyhow::{Context, Result};
use eventlog::claim;
use eventlog::clock::{Clock, SystemClock};
use eventlog::execute::{Cause, execute};
use eventlog::port::EventLog;
use eventlog::sessions::Sessions;
use eventlog::vault::Vault;
use gateway::graphql::accounts::sign::EMAIL;
use kernel::event::StreamName;

use crate::cli::Erase;
use crate::log::{LogReader, OpenLog};
use crate::paths::DataDirectory;
use crate::runtime::platform_cause;

/// Erases, ends the person's sessions, and on a stopped platform the membership.
pub async fn run(options: &Erase) -> Result<()> {
    let directory = DataDirectory::existing(&options.data)?;
    let stream = StreamName::of(&options.subject);
    let place = options.data.log.as_ref();
    let reader = LogReader::open(directory.path(), place).await.context("the log cannot be opened")?;
    reader.last_of(&stream).await?.with_context(|| format!("nobody is called {}", options.subject))?;
    // To open it would make it.
    Vault::signing_keys_in(directory.path()).context("keys.db cannot be read")?.context("keys.db is missing")?;
    let vault = Vault::open(directory.path()).context("keys.db cannot be opened")?;
    vault.erase(options.subject.uuid()).context("the key is still there")?;
    let sessions = Sessions::open(directory.path()).context("sessions.db cannot be opened")?;
    sessions.end_others(options.subject, None, SystemClock.now()).context("sessions were not ended")?;
    println!("{}: the key is gone, and with it name, e-mail and password", options.subject);
    let Some(log) = OpenLog::unless_in_use(directory.path(), place).await? else {
        println!("the platform is running: remove the member there to end the membership too");
        return Ok(());
    };
    let left = leave(log.shared.as_ref(), &stream).await;
    log.close().await;
    left
}

/// Ends the membership and frees the address.
async fn leave(log: &dyn EventLog, stream: &StreamName) -> Result<()> {
    let cause: Cause = platform_cause("platform", &SystemClock)?;
    let executed = execute::<Member>(log, stream, Command::Remove { by: Role::Owner }, &cause).await?;
    if let State::Removed(removed) = executed.state {
        claim::release(log, EMAIL, &removed.email_index, stream, &cause).await?;
        println!("the person has left {}", removed.organization);
    }
    Ok(())
}
