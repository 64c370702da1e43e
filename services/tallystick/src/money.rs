//! Money, computed again: every invoice from its usage records and frozen terms, every entry from its invoice.

use anyhow::{Context, Result, ensure};
use billing::published::invoice::{Event as InvoiceEvent, Issued};
use billing::{lines, verify};
use eventlog::codec;
use eventlog::port::{EventLog, Filter, PAGE_EVENTS_MAX, StoredEvent};
use kernel::event::Position;
use settlement::ledger;
use settlement::policy::{Instruction, react};
use settlement::published::ledger::{Event as LedgerEvent, Posted};
use views::store::Views;

/// What was computed again and found equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Checked {
    /// Issued invoices.
    pub invoices: u64,
    /// Ledger entries.
    pub entries: u64,
}

/// Reads issued invoices and posted entries from the log and computes them again; `views` were rebuilt from the log.
pub async fn check(log: &dyn EventLog, views: &Views) -> Result<Checked> {
    let filter = Filter::kinds(&["invoice_issued", "invoice_paid", "invoice_voided", "entry_posted"]);
    let mut checked = Checked::default();
    let mut after = None::<Position>;
    loop {
        let page = log.read_log(after, &filter, PAGE_EVENTS_MAX).await?;
        for stored in &page.events {
            check_event(stored, views, &mut checked)
                .with_context(|| format!("position {} ({})", stored.position, stored.stream))?;
        }
        after = page.next.or(after);
        if page.end {
            return Ok(checked);
        }
    }
}

fn check_event(stored: &StoredEvent, views: &Views, checked: &mut Checked) -> Result<()> {
    if let Some(event) = codec::decode::<InvoiceEvent>(stored) {
        let event = event?.event;
        if let InvoiceEvent::Issued(issued) = &event {
            check_invoice(issued, views)?;
            checked.invoices += 1;
        }
        return check_bookings(&event, views);
    }
    if let Some(event) = codec::decode::<LedgerEvent>(stored) {
        let LedgerEvent::Posted(posted) = event?.event;
        ledger::balanced(&posted.postings)?;
        checked.entries += 1;
    }
    Ok(())
}

/// The invoice agrees with itself, and rating its usage records by its agreement gives the same amounts.
fn check_invoice(issued: &Issued, views: &Views) -> Result<()> {
    verify::verify(issued)?;
    let agreement = views.agreement(issued.agreement)?.context("its agreement is unknown")?;
    let usage = views.period_usage(issued.agreement, issued.period.start)?;
    let drafted = views.invoice(issued.invoice)?.context("it was never drafted")?.drafted;
    let again = lines::rate(&agreement.accepted, issued.period, drafted.charges, &usage)?;
    ensure!(again.lines == issued.lines, "rated again, its lines are {:?}", again.lines);
    ensure!(again.total == issued.total, "rated again, its total is {}", again.total);
    ensure!(usage.calls == issued.calls, "its usage has {} calls, the invoice {}", usage.calls, issued.calls);
    ensure!(usage.ranges == issued.ranges, "its usage is at {:?}, the invoice says {:?}", usage.ranges, issued.ranges);
    Ok(())
}

/// What the settlement policy asks for stands in the ledger, posting by posting.
fn check_bookings(event: &InvoiceEvent, views: &Views) -> Result<()> {
    let invoice = match event {
        InvoiceEvent::Drafted(_) => return Ok(()),
        InvoiceEvent::Issued(fact) => fact.invoice,
        InvoiceEvent::Paid(fact) => fact.invoice,
        InvoiceEvent::Voided(fact) => fact.invoice,
    };
    let recorded = views.invoice(invoice)?.context("the invoice is unknown")?;
    for instruction in react(event, recorded.issued.as_ref())? {
        if let Instruction::PostEntry { command: ledger::Command::Post(posted), .. } = instruction {
            check_entry(&posted, views)?;
        }
    }
    Ok(())
}

fn check_entry(expected: &Posted, views: &Views) -> Result<()> {
    views.ledger_entry(expected.entry)?.with_context(|| format!("entry {} is not in the ledger", expected.entry))?;
    let postings: Vec<_> = views.postings(expected.entry)?;
    ensure!(
        postings.len() == expected.postings.len() && expected.postings.iter().all(|posting| postings.contains(posting)),
        "entry {} has other postings: {postings:?}",
        expected.entry
    );
    Ok(())
}
