//! What must hold of the log after every step: DESIGN's invariants of usage (§5) and money (§6), each computed here
//! again from what is recorded, by other code than that which recorded it. What units and lines cost is not: `rating` and
//! `billing::lines` have tables of worked cases.

use std::collections::{BTreeMap, HashMap, HashSet};

use agreements::published::agreement::{Accepted, Event as AgreementEvent, period_at};
use agreements::published::rating;
use billing::published::invoice::{Charges, Drafted, Event as InvoiceEvent, Issued, LineItem, invoice_id};
use billing::{lines, verify};
use eventlog::codec;
use eventlog::model::ModelLog;
use eventlog::port::{EventLog, Filter, PAGE_EVENTS_MAX, StoredEvent};
use invocation::memory::usage::Usage;
use jiff::Timestamp;
use kernel::event::{Position, StreamName};
use kernel::exact::{self, Exact};
use kernel::id::{AgreementId, InvocationId, InvoiceId};
use kernel::meter::{Meter, Quantity};
use kernel::wire::Wire;
use metering::published::owner::Event as OwnerEvent;
use metering::published::usage::{Event as UsageEvent, RecordKind, Split, UsageRecord};
use settlement::published::ledger::Event as LedgerEvent;
use settlement::published::statement::Event as StatementEvent;
use uuid::Uuid;

use crate::ledger::Bookings;

/// How an issued invoice stands.
pub(crate) struct Invoice {
    pub issued: Issued,
    pub is_paid: bool,
    pub is_void: bool,
}

/// The log, read and checked so far.
#[derive(Default)]
pub struct Audit {
    cursor: Option<Position>,
    last: Uuid,
    ends: HashMap<StreamName, u64>,
    sealed: HashSet<StreamName>,
    /// The newest epoch.
    epoch: u64,
    pub(crate) agreements: BTreeMap<AgreementId, Accepted>,
    /// When agreements end.
    cancelled: HashMap<AgreementId, Timestamp>,
    pub(crate) keys: HashMap<[u8; 32], UsageRecord>,
    invocations: HashMap<InvocationId, Position>,
    late: usize,
    sequences: HashMap<(AgreementId, StreamName), u64>,
    pub(crate) usage: Usage,
    latest: HashMap<(AgreementId, Timestamp), Timestamp>,
    pub(crate) drafts: BTreeMap<InvoiceId, Drafted>,
    /// Those that were on their way to the log when another node took the meter and began to admit.
    unforeseen: HashSet<InvoiceId>,
    pub(crate) invoices: BTreeMap<InvoiceId, Invoice>,
    pub(crate) bookings: Bookings,
}

/// Fails with a sentence unless the condition holds.
pub(crate) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

impl Audit {
    /// Reads on to the log's end; says what does not hold.
    pub async fn follow(&mut self, log: &ModelLog) -> Result<(), String> {
        loop {
            let page = log.read_log(self.cursor, &Filter::All, PAGE_EVENTS_MAX).await.map_err(|e| e.to_string())?;
            for stored in &page.events {
                let checked = self.check(stored);
                checked.map_err(|wrong| format!("position {} ({}): {wrong}", stored.position, stored.stream))?;
            }
            self.cursor = page.next.or(self.cursor);
            if page.end {
                return Ok(());
            }
        }
    }

    /// Where a call is recorded.
    pub fn position(&self, invocation: InvocationId) -> Option<Position> {
        self.invocations.get(&invocation).copied()
    }

    /// How many calls are recorded.
    pub fn calls(&self) -> usize {
        self.invocations.len().saturating_sub(self.reports().count())
    }

    /// The reports that are recorded.
    pub(crate) fn reports(&self) -> impl Iterator<Item = &UsageRecord> {
        self.keys.values().filter(|record| record.kind == RecordKind::Report)
    }

    /// How many of them are of a period that was closed.
    pub const fn late(&self) -> usize {
        self.late
    }

    /// How many invoices are issued.
    pub fn issued(&self) -> usize {
        self.invoices.len()
    }

    /// The last event.
    pub const fn last(&self) -> Uuid {
        self.last
    }

    /// Once every closed period has its invoice: all invoices together charge for each period what all of its usage on
    /// them costs at once.
    pub(crate) fn complete(&self) -> Result<(), String> {
        for (agreement, start) in self.usage.used_in() {
            let is_issued = |billed| self.invoices.contains_key(&invoice_id(agreement, billed));
            let accepted = self.agreements.get(&agreement).ok_or("usage of an unknown agreement")?;
            for terms in accepted.terms.meters.iter().filter(|_| is_issued(start)) {
                let used = self.usage.used_on(agreement, start, terms.meter, is_issued);
                let alone = self.drafts.get(&invoice_id(agreement, start)).map(|draft| draft.charges);
                let is_charged = alone != Some(Charges::UsageAlone) || used != Split::default();
                let price = |price| rating::amount(price, &exact::from_quantity(used.value_added));
                let costs = terms.price.as_ref().filter(|_| is_charged).map_or_else(|| exact::from_i64(0), price);
                let charged = self.charged(agreement, start, terms.meter)?;
                ensure(charged == costs, || format!("{agreement} from {start}: {charged} for what costs {costs}"))?;
            }
        }
        Ok(())
    }

    /// What all invoices charge for a period's usage of a meter.
    fn charged(&self, agreement: AgreementId, start: Timestamp, metered: Meter) -> Result<Exact, String> {
        let invoices = self.invoices.values().map(|invoice| &invoice.issued);
        let mut charged = exact::from_i64(0);
        for issued in invoices.filter(|issued| issued.agreement == agreement) {
            let is_of = |item: &LineItem| match item {
                LineItem::Usage { meter, .. } => *meter == metered && issued.period.start == start,
                LineItem::Correction { meter, service, .. } => *meter == metered && service.start == start,
                LineItem::FlatFee { .. } => false,
            };
            for line in issued.lines.iter().filter(|line| is_of(&line.item)) {
                charged = exact::add(&charged, &rating::parse_exact(&line.exact).ok_or("no exact charge")?);
            }
        }
        Ok(charged)
    }

    fn check(&mut self, stored: &StoredEvent) -> Result<(), String> {
        let due = self.ends.entry(stored.stream.clone()).or_default();
        ensure(stored.revision.0 == *due, || format!("revision {} where {due} is due", stored.revision))?;
        *due += 1;
        self.last = stored.id;
        if let Some(event) = read::<AgreementEvent>(stored)? {
            self.check_agreement(event);
        } else if let Some(event) = read::<UsageEvent>(stored)? {
            self.check_usage(stored, &event)?;
        } else if let Some(OwnerEvent::Taken(taken)) = read::<OwnerEvent>(stored)? {
            self.epoch = taken.epoch;
        } else if let Some(event) = read::<InvoiceEvent>(stored)? {
            self.check_invoice(stored, event)?;
        } else if let Some(LedgerEvent::Posted(posted)) = read::<LedgerEvent>(stored)? {
            self.bookings.post(&stored.stream, posted, &self.invoices)?;
        } else if let Some(event) = read::<StatementEvent>(stored)? {
            self.bookings.state(event, &self.invoices)?;
        }
        Ok(())
    }

    fn check_agreement(&mut self, event: AgreementEvent) {
        match event {
            AgreementEvent::Accepted(accepted) => _ = self.agreements.insert(accepted.agreement, accepted),
            AgreementEvent::Cancelled(cancelled) => _ = self.cancelled.insert(cancelled.agreement, cancelled.ends_at),
        }
    }

    /// A seal is the last event of its stream.
    fn check_usage(&mut self, stored: &StoredEvent, event: &UsageEvent) -> Result<(), String> {
        ensure(!self.sealed.contains(&stored.stream), || "it follows a seal".to_owned())?;
        match event {
            UsageEvent::Recorded(batch) => {
                ensure(!batch.records.is_empty(), || "an empty batch".to_owned())?;
                batch.records.iter().try_for_each(|record| self.check_record(stored, record))
            }
            UsageEvent::Sealed(_) => {
                self.sealed.insert(stored.stream.clone());
                Ok(())
            }
        }
    }

    fn check_record(&mut self, stored: &StoredEvent, record: &UsageRecord) -> Result<(), String> {
        let accepted = self.agreements.get(&record.agreement).ok_or("usage of an unknown agreement")?;
        ensure((accepted.buyer, accepted.seller) == (record.buyer, record.seller), || "other parties".to_owned())?;
        ensure(accepted.listing == record.listing, || "another listing".to_owned())?;
        ensure(accepted.price_version == record.price_version, || "another price version".to_owned())?;
        let sequence = self.sequences.entry((record.agreement, stored.stream.clone())).or_default();
        *sequence += 1;
        ensure(record.sequence == *sequence, || format!("sequence {} where {sequence} is due", record.sequence))?;
        let before = self.keys.insert(record.key_hash, record.clone()).map(|before| before.invocation);
        ensure(before.is_none(), || format!("a key is billed twice: {before:?} and {}", record.invocation))?;
        let before = self.invocations.insert(record.invocation, stored.position);
        ensure(before.is_none(), || format!("{} is recorded twice", record.invocation))?;
        self.check_period(accepted, record)?;
        self.check_lines(accepted, record)?;
        if record.period_start == record.billed_start {
            let latest = self.latest.entry((record.agreement, record.period_start)).or_insert(record.admitted_at);
            *latest = (*latest).max(record.admitted_at);
        } else {
            self.late += 1;
        }
        self.usage.add(stored.stream.as_str(), record);
        Ok(())
    }

    /// Usage belongs to the period of its instant, and none is added to an invoice that has been issued.
    fn check_period(&self, accepted: &Accepted, record: &UsageRecord) -> Result<(), String> {
        ensure(record.admitted_at <= record.settled_at, || "settled before it was admitted".to_owned())?;
        let invoice = invoice_id(record.agreement, record.billed_start);
        ensure(!self.invoices.contains_key(&invoice), || "usage in a period that has been rated".to_owned())?;
        if record.period_start != record.billed_start {
            return self.check_late(accepted, record);
        }
        if let Some(drafted) = self.drafts.get(&invoice) {
            let inside = drafted.period.contains(record.admitted_at) || self.unforeseen.contains(&invoice);
            return ensure(inside, || format!("admitted at {} outside of {}", record.admitted_at, drafted.period));
        }
        let opened_at = self.usage.closed_until(record.agreement).unwrap_or(accepted.starts_at);
        let period = period_at(accepted, opened_at, record.admitted_at).map_err(|error| error.to_string())?;
        let right = period.start == record.period_start && period.contains(record.admitted_at);
        ensure(right, || format!("admitted at {} into {}, not {period}", record.admitted_at, record.period_start))
    }

    /// Only a report may be late: of a closed period, billed with one that was open.
    fn check_late(&self, accepted: &Accepted, record: &UsageRecord) -> Result<(), String> {
        ensure(record.kind == RecordKind::Report, || "a late call".to_owned())?;
        let service = self.drafts.get(&invoice_id(record.agreement, record.period_start));
        let within = service.is_some_and(|drafted| drafted.period.contains(record.admitted_at));
        ensure(within, || format!("used at {}, which is not in a closed period", record.admitted_at))?;
        let is_open = self.usage.closed_until(record.agreement) == Some(record.billed_start);
        let was_open = self.drafts.contains_key(&invoice_id(record.agreement, record.billed_start));
        ensure(is_open || was_open, || format!("billed with {} of {}", record.billed_start, accepted.agreement))?;
        ensure(record.period_start < record.billed_start, || "billed before it was used".to_owned())
    }

    /// `FREE = min(quantity, included − used)`, in the log's order; past an allowance without a price there is nothing.
    fn check_lines(&self, accepted: &Accepted, record: &UsageRecord) -> Result<(), String> {
        ensure(!record.lines.is_empty(), || "a call without a line".to_owned())?;
        for line in &record.lines {
            let terms = accepted.terms.meter(line.meter).ok_or("a meter outside of the terms")?;
            let used = self.usage.used(record.agreement, record.period_start, line.meter);
            let quantity = line.split.free.0.saturating_add(line.split.value_added.0);
            let free = quantity.min(terms.included.0.saturating_sub(used.free.0));
            ensure(line.split.free == Quantity(free), || {
                let (included, used) = (terms.included.0, used.free.0);
                format!("{} of {quantity} are free where {included} are included and {used} used", line.split.free.0)
            })?;
            ensure(line.before == used.value_added, || format!("{} units stand before", line.before.0))?;
            let priced = terms.price.is_some() || line.split.value_added == Quantity(0);
            ensure(priced, || "units past an allowance without a price".to_owned())?;
        }
        Ok(())
    }

    fn check_invoice(&mut self, stored: &StoredEvent, event: InvoiceEvent) -> Result<(), String> {
        match event {
            InvoiceEvent::Drafted(drafted) => self.check_draft(stored, drafted),
            InvoiceEvent::Issued(issued) => self.check_issue(issued),
            InvoiceEvent::Paid(paid) => {
                let invoice = self.invoices.get_mut(&paid.invoice).ok_or("paid before it was issued")?;
                ensure(!invoice.is_paid && !invoice.is_void, || "paid when it is over".to_owned())?;
                invoice.is_paid = true;
                ensure(paid.amount == invoice.issued.total, || "not the total was paid".to_owned())
            }
            InvoiceEvent::Voided(voided) => {
                let invoice = self.invoices.get_mut(&voided.invoice).ok_or("voided before it was issued")?;
                ensure(!invoice.is_paid && !invoice.is_void, || "voided when it is over".to_owned())?;
                invoice.is_void = true;
                Ok(())
            }
        }
    }

    /// Periods follow each other without a gap, and end after every call in them that whoever ends them can know.
    fn check_draft(&mut self, stored: &StoredEvent, drafted: Drafted) -> Result<(), String> {
        if closer(stored).is_some_and(|epoch| epoch < self.epoch) {
            self.unforeseen.insert(drafted.invoice);
        }
        let accepted = self.agreements.get(&drafted.agreement).ok_or("a draft of an unknown agreement")?;
        let opened_at = self.usage.closed_until(drafted.agreement).unwrap_or(accepted.starts_at);
        self.usage.close(drafted.agreement, drafted.period);
        ensure(drafted.period.start == opened_at, || format!("{} does not follow {opened_at}", drafted.period))?;
        lines::whole_period(accepted, drafted.period).map_err(|error| error.to_string())?;
        let latest = self.latest.get(&(drafted.agreement, drafted.period.start));
        let is_after = latest.is_none_or(|latest| *latest < drafted.period.end);
        let holds = is_after || self.unforeseen.contains(&drafted.invoice);
        ensure(holds, || "it ends before a call in it".to_owned())?;
        let is_over = self.cancelled.get(&drafted.agreement).is_some_and(|ends_at| *ends_at <= drafted.period.start);
        let charges = if is_over { Charges::UsageAlone } else { Charges::All };
        ensure(drafted.charges == charges, || format!("{:?} is charged where {charges:?} is due", drafted.charges))?;
        let before = self.drafts.insert(drafted.invoice, drafted);
        ensure(before.is_none(), || "drafted twice".to_owned())
    }

    /// The invoice agrees with itself, and rating the recorded usage by the frozen terms gives it again.
    fn check_issue(&mut self, issued: Issued) -> Result<(), String> {
        let drafted = self.drafts.get(&issued.invoice).ok_or("issued before it was drafted")?;
        ensure(drafted.period == issued.period, || "issued for another period".to_owned())?;
        verify::verify(&issued).map_err(|error| error.to_string())?;
        let accepted = self.agreements.get(&issued.agreement).ok_or("an invoice of an unknown agreement")?;
        let usage = self.usage.period(issued.agreement, issued.period.start);
        let again = lines::rate(accepted, issued.period, drafted.charges, &usage).map_err(|error| error.to_string())?;
        ensure((&again.lines, again.total) == (&issued.lines, issued.total), || "rated again it differs".to_owned())?;
        ensure(usage.calls == issued.calls, || format!("{} calls of {}", issued.calls, usage.calls))?;
        ensure(usage.ranges == issued.ranges, || format!("{:?} of {:?}", issued.ranges, usage.ranges))?;
        let invoice = Invoice { is_paid: false, is_void: false, issued };
        let before = self.invoices.insert(invoice.issued.invoice, invoice);
        ensure(before.is_none(), || "issued twice".to_owned())
    }
}

/// The epoch of the node that closed a period.
fn closer(stored: &StoredEvent) -> Option<u64> {
    stored.provenance.actor.strip_prefix("platform:")?.parse().ok()
}

fn read<E: Wire>(stored: &StoredEvent) -> Result<Option<E>, String> {
    let read = codec::decode::<E>(stored).transpose().map_err(|error| error.to_string())?;
    Ok(read.map(|recorded| recorded.event))
}
