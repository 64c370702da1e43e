//! An invoice held against the receipts of everything it covers. It asks nobody and prints nothing: what was fetched is
//! handed in, and what each check comes to is a finding.

use std::collections::{BTreeMap, BTreeSet};

use agreements::published::rating::{parse_exact, print_exact};
use agreements::published::terms::Price;
use anyhow::{Context, Result};
use jiff::Timestamp;
use kernel::error::Rejection;
use kernel::exact::{self, Exact};
use kernel::meter::Meter;
use kernel::money::Money;
use metering::published::usage::{UsageLine, UsageRecord};
use receipts::receipt::Failure;

use super::client::{Amount, Earlier, Invoice, Line};
use super::coverage::{Coverage, Stretch};
use super::terms::{self, is_charged, meter, money};

/// A record whose receipt holds, and its usage stream.
#[derive(Clone, Debug)]
pub struct Proven {
    pub stream: String,
    pub record: UsageRecord,
}

/// What one check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub good: bool,
    pub text: String,
}

/// What all checks came to.
#[derive(Debug)]
pub struct Verdict {
    /// In the order of the checks.
    pub findings: Vec<Finding>,
    /// What is wrong with single receipts.
    pub faults: Vec<String>,
    /// What receipts say nothing of.
    pub unproven: Vec<String>,
}

impl Verdict {
    /// How many checks and receipts are not good.
    pub fn failed(&self) -> usize {
        self.findings.iter().filter(|finding| !finding.good).count().saturating_add(self.faults.len())
    }
}

/// Used within one period, of one meter.
#[derive(Default)]
struct Sum {
    free: u64,
    value_added: u64,
    /// Of each record the `VALUE_ADDED` units before it, and with it.
    places: Vec<(u64, u64)>,
}

impl Sum {
    fn add(&mut self, line: &UsageLine) {
        let (before, units) = (line.before.0, line.split.value_added.0);
        self.free = self.free.saturating_add(line.split.free.0);
        self.value_added = self.value_added.saturating_add(units);
        if units > 0 {
            self.places.push((before, before.saturating_add(units)));
        }
    }

    /// Whether no unit was charged to two records. Between them there may be room for some that are on other invoices.
    fn is_apart(&mut self) -> bool {
        self.places.sort_unstable();
        self.places.windows(2).all(|pair| matches!(pair, [(_, end), (start, _)] if end <= start))
    }
}

/// A meter within a closed period: its start, to the microsecond as usage is recorded.
type Closed = (i64, Meter);

/// What an invoice says came late of a closed period.
#[derive(PartialEq)]
struct Correction {
    free: u64,
    value_added: u64,
    charge: Exact,
}

impl Default for Correction {
    fn default() -> Self {
        Self { free: 0, value_added: 0, charge: exact::from_i64(0) }
    }
}

impl Correction {
    fn add(&mut self, (free, value_added): (u64, u64), charge: &Exact) {
        self.free = self.free.saturating_add(free);
        self.value_added = self.value_added.saturating_add(value_added);
        self.charge = exact::add(&self.charge, charge);
    }
}

/// An invoice, and what its receipts say.
pub struct Judgement<'a> {
    invoice: &'a Invoice,
    prices: BTreeMap<Meter, Price>,
    calls: BTreeSet<String>,
    coverage: Coverage,
    sums: BTreeMap<Meter, Sum>,
    late: BTreeMap<Closed, Sum>,
    /// `VALUE_ADDED` units on invoices of earlier periods.
    billed: BTreeMap<Closed, u64>,
    /// The invoices that say so.
    earlier: BTreeSet<String>,
    settled_at: Timestamp,
    faults: Vec<String>,
}

impl<'a> Judgement<'a> {
    /// Nothing has been taken yet.
    pub fn new(invoice: &'a Invoice) -> Result<Self> {
        Ok(Self {
            invoice,
            prices: terms::prices(&invoice.agreement.terms).context("the terms of the agreement")?,
            calls: BTreeSet::new(),
            coverage: Coverage::new(&invoice.ranges),
            sums: BTreeMap::new(),
            late: BTreeMap::new(),
            billed: BTreeMap::new(),
            earlier: BTreeSet::new(),
            settled_at: invoice.period.end,
            faults: Vec::new(),
        })
    }

    /// A call that the invoice lists.
    pub fn take(&mut self, id: &str, proven: Result<Proven, Failure>) {
        let Proven { stream, record } = match proven {
            Ok(proven) => proven,
            Err(failure) => return self.fault(format!("the receipt of {id}: {failure} ({})", failure.code())),
        };
        if record.invocation.to_string() != id {
            return self.fault(format!("the receipt of {id} is of {}", record.invocation));
        }
        if !self.calls.insert(id.to_owned()) {
            return self.fault(format!("{id} is listed twice"));
        }
        if !self.is_of_the_invoice(&record) || Some(record.price_version) != self.invoice.price_version {
            return self.fault(format!("{id} is of another agreement, period or price version"));
        }
        if !self.coverage.take(stream, record.sequence) {
            return self.fault(format!("{id} has a sequence number that another call has"));
        }
        self.settled_at = self.settled_at.max(record.settled_at);
        record.lines.iter().for_each(|line| self.add(&record, line));
    }

    /// A call that the invoice does not list: it explains a gap where it is on another one of the same agreement.
    pub fn take_neighbour(&mut self, Proven { stream, record }: Proven) {
        if record.agreement.to_string() == self.invoice.agreement.id && !self.is_of_the_invoice(&record) {
            self.coverage.take_elsewhere(stream, record.sequence);
        }
    }

    /// Whether something came late, so that its charge depends on what earlier invoices charge.
    pub fn corrects(&self) -> bool {
        !self.late.is_empty()
    }

    /// An invoice of the same agreement: where its period is an earlier one, what came late follows what it charges.
    pub fn take_earlier(&mut self, earlier: &Earlier) {
        if earlier.period.start >= self.invoice.period.start || !self.earlier.insert(earlier.id.clone()) {
            return;
        }
        for line in &earlier.lines {
            let (name, units) = (line.meter.as_deref(), line.value_added.as_deref().and_then(|text| text.parse().ok()));
            if let (Some(Ok(meter)), Some(units)) = (name.map(meter), units) {
                let billed = self.billed.entry((line.service_period.start.as_microsecond(), meter)).or_default();
                *billed = u64::saturating_add(*billed, units);
            }
        }
    }

    /// Where the ranges are not explained yet.
    pub fn gaps(&self) -> Vec<Stretch> {
        self.coverage.gaps()
    }

    /// When the last call on the invoice was settled, or its period's end where that is later.
    pub const fn settled_at(&self) -> Timestamp {
        self.settled_at
    }

    /// What everything comes to that was taken.
    pub fn verdict(mut self) -> Verdict {
        let mut findings = vec![self.proof(), self.count(), self.coverage.finding()];
        let invoice = self.invoice;
        findings.extend(invoice.lines.iter().filter(|line| line.kind == "USAGE").map(|line| self.line(line)));
        findings.extend(self.unlisted());
        findings.extend(self.corrections());
        findings.push(self.total());
        let fees = invoice.lines.iter().filter(|line| line.kind == "FLAT_FEE");
        let unproven =
            fees.map(|line| format!("line {}: a flat fee of {} has no receipts", line.number, line.amount.amount));
        Verdict { findings, faults: self.faults, unproven: unproven.collect() }
    }

    fn fault(&mut self, text: String) {
        self.faults.push(text);
    }

    fn is_of_the_invoice(&self, record: &UsageRecord) -> bool {
        record.agreement.to_string() == self.invoice.agreement.id
            && record.billed_start.as_microsecond() == self.invoice.period.start.as_microsecond()
    }

    fn add(&mut self, record: &UsageRecord, line: &UsageLine) {
        let sum = if record.billed_start == record.period_start {
            self.sums.entry(line.meter).or_default()
        } else {
            self.late.entry((record.period_start.as_microsecond(), line.meter)).or_default()
        };
        sum.add(line);
    }

    fn proof(&self) -> Finding {
        let text = format!("{} receipts verify against the trusted keys", self.coverage.count());
        Finding { good: self.faults.is_empty(), text }
    }

    fn count(&self) -> Finding {
        let (count, calls) = (self.calls.len(), self.invoice.calls.as_deref().unwrap_or_default());
        let text = format!("count: {count} receipts for {calls} calls on the invoice");
        Finding { good: count.to_string() == calls, text }
    }

    fn line(&mut self, line: &Line) -> Finding {
        let name = line.meter.as_deref().unwrap_or_default();
        let meter = meter(name).ok();
        let mut sum = meter.and_then(|meter| self.sums.remove(&meter)).unwrap_or_default();
        let charge = terms::total(meter.and_then(|meter| self.prices.get(&meter)), sum.value_added);
        let same_units = units(line) == Some((sum.free, sum.value_added));
        let said = |units: &Option<String>| units.clone().unwrap_or_else(|| "nothing".to_owned());
        let text = format!(
            "line {}: {name}, {} free, {} value-added, {} charged; the invoice says {} free, {} value-added, {} \
             charged, rounded {} {}",
            line.number,
            sum.free,
            sum.value_added,
            print_exact(&charge),
            said(&line.free),
            said(&line.value_added),
            line.exact,
            line.amount.amount,
            line.amount.currency_code
        );
        Finding { good: same_units && sum.is_apart() && is_charged(line, &charge), text }
    }

    /// Usage of which the invoice says nothing.
    fn unlisted(&self) -> Vec<Finding> {
        let used = self.sums.iter().filter(|(_, sum)| sum.free > 0 || sum.value_added > 0);
        used.map(|(meter, _)| Finding { good: false, text: format!("{meter} was used and has no line") }).collect()
    }

    /// What came late of earlier periods, by period and meter.
    fn corrections(&mut self) -> Vec<Finding> {
        let lines = self.invoice.lines.iter().filter(|line| line.kind == "CORRECTION");
        let Some(shown) = corrections(lines) else {
            return vec![Finding { good: false, text: "corrections: a line cannot be read".to_owned() }];
        };
        let keys: BTreeSet<_> = self.late.keys().chain(shown.keys()).copied().collect();
        keys.into_iter().map(|key| self.correction(key, shown.get(&key))).collect()
    }

    fn correction(&mut self, key: Closed, shown: Option<&Correction>) -> Finding {
        let mut late = self.late.remove(&key).unwrap_or_default();
        let billed = self.billed.get(&key).copied().unwrap_or_default();
        let (start, meter) = (Timestamp::from_microsecond(key.0).unwrap_or_default(), key.1);
        let charge = terms::late(self.prices.get(&meter), billed, late.value_added);
        let nothing = Correction::default();
        let shown = shown.unwrap_or(&nothing);
        let text = format!(
            "corrections: {meter}, {} free, {} value-added after {billed} on earlier invoices, {} charged for the \
             period from {start}; the invoice says {} free, {} value-added, {} charged",
            late.free,
            late.value_added,
            print_exact(&charge),
            shown.free,
            shown.value_added,
            print_exact(&shown.charge)
        );
        let follows = Correction { free: late.free, value_added: late.value_added, charge };
        Finding { good: late.is_apart() && follows == *shown, text }
    }

    fn total(&self) -> Finding {
        let shown = |amount: &Option<Amount>| amount.as_ref().map_or("nothing", |amount| &amount.amount).to_owned();
        let Invoice { lines, subtotal, tax, total, .. } = self.invoice;
        let (count, tax, total, subtotal) = (lines.len(), shown(tax), shown(total), shown(subtotal));
        let text = format!("sum: {count} lines, {subtotal} before tax, {tax} of tax, {total} in total");
        Finding { good: adds_up(self.invoice).unwrap_or(false), text }
    }
}

/// FREE and `VALUE_ADDED` units of a line.
fn units(line: &Line) -> Option<(u64, u64)> {
    Some((line.free.as_deref()?.parse().ok()?, line.value_added.as_deref()?.parse().ok()?))
}

/// What the invoice says of earlier periods; `None` where a line says nothing, or is not rounded as it should be.
fn corrections<'a>(lines: impl Iterator<Item = &'a Line>) -> Option<BTreeMap<Closed, Correction>> {
    let mut all = BTreeMap::<_, Correction>::new();
    for line in lines {
        let charge = parse_exact(&line.exact).filter(|charge| is_charged(line, charge))?;
        let key = (line.service_period.start.as_microsecond(), meter(line.meter.as_deref()?).ok()?);
        all.entry(key).or_default().add(units(line)?, &charge);
    }
    Some(all)
}

/// Whether the lines make the subtotal, and with the tax the total; `None` where an amount is none.
fn adds_up(invoice: &Invoice) -> Option<bool> {
    let [subtotal, tax, total] =
        [&invoice.subtotal, &invoice.tax, &invoice.total].map(|amount| money(amount.as_ref()?));
    let lines = invoice.lines.iter().map(|line| money(&line.amount)).collect::<Option<Vec<_>>>()?;
    let sum = Money::sum(subtotal?.currency, lines).ok()?;
    Some(Some(sum) == subtotal && sum.plus(tax?).ok() == total)
}

#[cfg(test)]
mod tests;
