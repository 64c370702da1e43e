//! `tallystick receipt`: receipts checked offline, invoices audited by theirs, and the keys behind both.

mod audit;
mod client;
mod coverage;
mod judgement;
mod terms;

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use eventlog::clock::SystemClock;
use eventlog::vault::Vault;
use gateway::signer::renew_key;
use kernel::error::Rejection;
use metering::published::usage::{RecordKind, UsageRecord};
use receipts::note::VerifierKey;
use receipts::receipt::{FILE_BYTES_MAX, Failure, Receipt, Step};

use crate::cli::{ReceiptCommand, ReceiptKeys, ReceiptVerify};
use crate::log::OpenLog;
use crate::paths::DataDirectory;

/// Carries one of them out.
pub async fn run(command: &ReceiptCommand) -> Result<()> {
    match command {
        ReceiptCommand::Verify(options) => verify(options),
        ReceiptCommand::Audit(options) => audit::run(options).await,
        ReceiptCommand::Keys(options) => keys(options),
        ReceiptCommand::RenewKey(options) => renew(options).await,
    }
}

fn verify(options: &ReceiptVerify) -> Result<()> {
    let mut failed = 0;
    for path in &options.file {
        println!("{}", path.display());
        if !tell(&read(path)?, &options.key) {
            failed += 1;
        }
    }
    ensure!(failed == 0, "{failed} of {} receipts prove nothing", options.file.len());
    Ok(())
}

/// Never more than a receipt can hold, whatever the file is.
fn read(path: &Path) -> Result<Vec<u8>> {
    let file = std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut bytes = Vec::new();
    let bound = u64::try_from(FILE_BYTES_MAX)?.saturating_add(1);
    file.take(bound).read_to_end(&mut bytes).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(bytes)
}

/// Checks a receipt and says how each step went; whether all went well.
fn tell(file: &[u8], trusted: &[VerifierKey]) -> bool {
    let outcome = proved(file, trusted);
    let failed = outcome.as_ref().err().map(|failure| failure.step());
    for step in Step::ALL {
        if Some(step) == failed {
            break;
        }
        println!("  ok      {}", told(step));
    }
    match outcome {
        Ok((receipt, record)) => facts(&receipt, &record),
        Err(failure) => println!("  FAILED  {}\n          {failure} ({})", told(failure.step()), failure.code()),
    }
    failed.is_none()
}

const fn told(step: Step) -> &'static str {
    match step {
        Step::File => "file: it is a receipt",
        Step::Record => "record: it is in its batch",
        Step::Event => "event: the batch is in the log of the checkpoint",
        Step::Signature => "signature: a trusted key signed the checkpoint",
        Step::Origin => "origin: it is the log that the key signs for",
    }
}

/// A receipt that holds, and its record.
fn proved(file: &[u8], trusted: &[VerifierKey]) -> Result<(Receipt, UsageRecord), Failure> {
    let receipt = Receipt::parse(file)?;
    receipt.verify(trusted)?;
    let record = metering::body::record(&receipt.record).ok_or(Failure::Malformed)?;
    Ok((receipt, record))
}

fn facts(receipt: &Receipt, record: &UsageRecord) {
    let of = record.capability.as_ref().map_or_else(|| record.listing.to_string(), ToString::to_string);
    let kind = if record.kind == RecordKind::Report { "report" } else { "call  " };
    println!("  {kind}      {} of {of}", record.invocation);
    println!("  agreement   {}, record {} in {}", record.agreement, record.sequence, receipt.event.stream);
    println!("  buyer       {}", record.buyer);
    println!("  seller      {}", record.seller);
    println!("  admitted    {}", record.admitted_at);
    for line in &record.lines {
        println!("  {:<11} {} free, {} value-added", line.meter, line.split.free.0, line.split.value_added.0);
    }
    let mut lines = receipt.checkpoint.lines();
    let (origin, size) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    println!("  checkpoint  {origin}, {size} events");
}

/// Prints the public keys, the one in use last.
fn keys(options: &ReceiptKeys) -> Result<()> {
    let directory = DataDirectory::existing(&options.data)?;
    let keys = Vault::signing_keys_in(directory.path()).context("keys.db cannot be read")?;
    for key in keys.context("keys.db is missing")? {
        let standing = key.retired_at.map_or("in use".to_owned(), |at| format!("retired {at}"));
        println!("{}  since {}, {standing}", key.public, key.created_at);
    }
    Ok(())
}

/// A new key for the log, while no platform runs on it: it would go on signing with the old one.
async fn renew(options: &ReceiptKeys) -> Result<()> {
    let directory = DataDirectory::existing(&options.data)?;
    let log = OpenLog::open(directory.path(), options.data.log.as_ref(), None).await;
    let log = log.context("the platform has to be stopped first")?;
    let vault = Vault::open(directory.path()).context("keys.db cannot be opened")?;
    let keys = vault.signing_keys()?;
    let Some(current) = keys.iter().rev().find(|key| key.retired_at.is_none()) else {
        bail!("there is no key to renew: the platform makes one at its start");
    };
    let key = renew_key(&vault, &current.origin, &SystemClock).context("the key cannot be renewed")?;
    println!("{}", key.verifier());
    log.close().await;
    Ok(())
}
