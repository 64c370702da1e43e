//! `tallystick receipt audit`: fetches an invoice and the receipts of everything it covers, and says what they come to.
//!
//! A range of the invoice may hold records of other periods, which are looked for until all are found: calls under way
//! when a period ends are near its ends, but a report is listed by when it was used, however long ago that is.

use anyhow::{Result, ensure};
use jiff::{SignedDuration, Timestamp};
use receipts::note::VerifierKey;
use receipts::receipt::Failure;

use super::client::{Call, Calls, Client, Held, Invoice, Span};
use super::judgement::{Judgement, Proven, Verdict};
use super::proved;
use crate::cli::ReceiptAudit;

/// What is wrong with single receipts is told up to this many.
const TOLD_MAX: usize = 20;
/// A call is settled this long after its admission at the latest.
const HOLD_MAX: SignedDuration = SignedDuration::from_hours(1);

/// Audits one invoice.
pub async fn run(options: &ReceiptAudit) -> Result<()> {
    let client = Client::new(&options.url, &options.api_key)?;
    let invoice = client.invoice(&options.invoice).await?;
    ensure!(invoice.calls.is_some(), "the invoice is {}: it has no amounts yet", invoice.state);
    let mut judgement = Judgement::new(&invoice)?;
    client.receipts(&options.invoice, |held| judgement.take(&held.0, prove(&held, &options.key))).await?;
    for span in spans(&invoice, judgement.settled_at()) {
        look(&client, &invoice, span, &mut judgement, &options.key).await?;
    }
    if judgement.corrects() {
        let (agreement, until) = (&invoice.agreement.id, invoice.period.start);
        client.earlier(agreement, until, |earlier| judgement.take_earlier(earlier)).await?;
    }
    tell(&judgement.verdict())
}

fn prove((_, file): &Held, trusted: &[VerifierKey]) -> Result<Proven, Failure> {
    let (receipt, record) = proved(file.as_bytes(), trusted)?;
    Ok(Proven { stream: receipt.event.stream, record })
}

/// Where records of other periods can be, the likely places first; together they are the agreement's whole life.
fn spans(invoice: &Invoice, settled_at: Timestamp) -> [Span; 5] {
    let (start, end) = (invoice.period.start, invoice.period.end);
    let before = start.checked_sub(HOLD_MAX).unwrap_or(start);
    let after = settled_at.checked_add(HOLD_MAX).unwrap_or(settled_at);
    [
        (Some(before), Some(start)),
        (Some(end), Some(after)),
        (None, Some(before)),
        (Some(start), Some(end)),
        (Some(after), None),
    ]
}

/// Goes through a span while numbers are missing. Receipts are asked for only where one of them is on the page.
async fn look(
    client: &Client,
    invoice: &Invoice,
    span: Span,
    judgement: &mut Judgement<'_>,
    trusted: &[VerifierKey],
) -> Result<()> {
    let (mut gaps, mut after) = (judgement.gaps(), None::<String>);
    while !gaps.is_empty() {
        let page = async |proofs| client.neighbours(&invoice.agreement.id, span, after.as_deref(), proofs).await;
        let mut calls = page(false).await?;
        let is_missing = |number| gaps.iter().any(|gap| gap.has(number));
        let wanted = calls.nodes.iter().filter_map(Call::sequence).any(is_missing);
        if wanted {
            calls = page(true).await?;
        }
        let next = calls.next()?;
        if wanted {
            take(calls, judgement, trusted)?;
            gaps = judgement.gaps();
        }
        let Some(next) = next else { break };
        after = Some(next);
    }
    Ok(())
}

/// What proves nothing explains nothing.
fn take(calls: Calls, judgement: &mut Judgement<'_>, trusted: &[VerifierKey]) -> Result<()> {
    for call in calls.nodes {
        if let Ok(proven) = prove(&call.held()?, trusted) {
            judgement.take_neighbour(proven);
        }
    }
    Ok(())
}

fn tell(verdict: &Verdict) -> Result<()> {
    for finding in &verdict.findings {
        println!("  {}  {}", if finding.good { "ok    " } else { "FAILED" }, finding.text);
    }
    for text in verdict.unproven.iter().chain(verdict.faults.iter().take(TOLD_MAX)) {
        println!("          {text}");
    }
    ensure!(verdict.failed() == 0, "the invoice does not follow from its receipts: {} faults", verdict.failed());
    Ok(())
}
