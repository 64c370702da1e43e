//! `tallystick receipt audit`: an invoice against the receipts of everything it covers.
//!
//! Each receipt is verified offline; then they are counted, their sequence numbers are held against the invoice's
//! ranges, and their units and charges against its lines.

use std::collections::{BTreeMap, BTreeSet};

use agreements::published::rating::{self, parse_exact, print_exact};
use agreements::published::terms::{Price, Tier};
use anyhow::{Context, Result, ensure};
use jiff::SignedDuration;
use kernel::error::Rejection;
use kernel::exact::{self, Decimal, Exact};
use kernel::meter::{Meter, Quantity};
use kernel::money::{Currency, Money};
use metering::published::usage::UsageRecord;
use receipts::note::VerifierKey;
use serde_json::Value;

use super::client::{self, Client, Held, Invoice, Line};
use super::proved;
use crate::cli::ReceiptAudit;

/// What is wrong is told in full up to this many.
const TOLD_MAX: usize = 20;
/// A call is settled this long after its admission at the latest: so far apart can neighbours in a stream be.
const HOLD_MAX: SignedDuration = SignedDuration::from_hours(1);

/// Audits one invoice.
pub async fn run(options: &ReceiptAudit) -> Result<()> {
    let client = Client::new(&options.url, &options.api_key)?;
    let invoice = client.invoice(&options.invoice).await?;
    ensure!(invoice.calls.is_some(), "the invoice is {}: it has no amounts yet", invoice.state);
    let mut audit = Audit::new(&invoice)?;
    client.receipts(&options.invoice, |held| audit.take(&held, &options.key)).await?;
    if !audit.missing().is_empty() {
        let spans =
            [(sooner(invoice.period.start), invoice.period.start), (invoice.period.end, later(invoice.period.end))];
        for span in spans {
            client.neighbours(&invoice.agreement.id, span, |held| audit.take_neighbour(&held, &options.key)).await?;
        }
    }
    audit.tell()
}

fn sooner(at: jiff::Timestamp) -> jiff::Timestamp {
    at.checked_sub(HOLD_MAX).unwrap_or(at)
}

fn later(at: jiff::Timestamp) -> jiff::Timestamp {
    at.checked_add(HOLD_MAX).unwrap_or(at)
}

/// What the receipts add up to on one meter.
#[derive(Default)]
struct Sum {
    free: u64,
    value_added: u64,
    charge: Option<Exact>,
}

impl Sum {
    fn parts(&self) -> (u64, u64, Exact) {
        (self.free, self.value_added, self.charge.clone().unwrap_or_else(|| exact::from_i64(0)))
    }
}

/// An audit under way.
struct Audit<'a> {
    invoice: &'a Invoice,
    prices: BTreeMap<Meter, Price>,
    calls: BTreeSet<String>,
    sequences: BTreeMap<String, BTreeSet<u64>>,
    /// Sequence numbers of the same agreement that belong to the periods before and after.
    elsewhere: BTreeMap<String, BTreeSet<u64>>,
    sums: BTreeMap<Meter, Sum>,
    /// What was reported late of earlier periods, and what the invoice corrects for it.
    late: BTreeMap<Meter, Sum>,
    corrected: BTreeMap<Meter, Sum>,
    faults: Vec<String>,
}

impl<'a> Audit<'a> {
    fn new(invoice: &'a Invoice) -> Result<Self> {
        let prices = invoice.agreement.terms.prices.iter().map(|price| Ok((meter(&price.meter)?, read_price(price)?)));
        Ok(Self {
            invoice,
            prices: prices.collect::<Result<_>>().context("the terms of the agreement")?,
            calls: BTreeSet::new(),
            sequences: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
            sums: BTreeMap::new(),
            late: BTreeMap::new(),
            corrected: BTreeMap::new(),
            faults: Vec::new(),
        })
    }

    /// A receipt of a call that the invoice covers.
    fn take(&mut self, (id, file): &Held, trusted: &[VerifierKey]) {
        let (receipt, record) = match proved(file.as_bytes(), trusted) {
            Ok(proved) => proved,
            Err(failure) => return self.fault(format!("the receipt of {id}: {failure} ({})", failure.code())),
        };
        if record.invocation.to_string() != *id {
            return self.fault(format!("the receipt of {id} is of {}", record.invocation));
        }
        if !self.calls.insert(id.clone()) {
            return self.fault(format!("{id} is listed twice"));
        }
        if !self.is_of_the_period(&record) {
            return self.fault(format!("{id} is of another agreement, period or price version"));
        }
        let stream = self.sequences.entry(receipt.event.stream).or_default();
        if !stream.insert(record.sequence) {
            let text = format!("{id} has a sequence number that another call has");
            return self.fault(text);
        }
        self.add(&record);
    }

    /// A receipt from the periods around.
    fn take_neighbour(&mut self, (_, file): &Held, trusted: &[VerifierKey]) {
        let Ok((receipt, record)) = proved(file.as_bytes(), trusted) else { return };
        if record.agreement.to_string() == self.invoice.agreement.id && !self.is_of_the_period(&record) {
            self.elsewhere.entry(receipt.event.stream).or_default().insert(record.sequence);
        }
    }

    fn fault(&mut self, text: String) {
        self.faults.push(text);
    }

    fn is_of_the_period(&self, record: &UsageRecord) -> bool {
        record.agreement.to_string() == self.invoice.agreement.id
            && record.billed_start.as_microsecond() == self.invoice.period.start.as_microsecond()
            && Some(record.price_version) == self.invoice.price_version
    }

    fn add(&mut self, record: &UsageRecord) {
        let late = record.billed_start != record.period_start;
        let sums = if late { &mut self.late } else { &mut self.sums };
        for line in &record.lines {
            let sum = sums.entry(line.meter).or_default();
            sum.free = sum.free.saturating_add(line.split.free.0);
            sum.value_added = sum.value_added.saturating_add(line.split.value_added.0);
            if let Some(price) = self.prices.get(&line.meter) {
                let charge = rating::marginal(price, line.before, line.split.value_added);
                // What a period costs without usage is not charged a second time.
                let zero = || if late { exact::from_i64(0) } else { rating::amount(price, &exact::from_i64(0)) };
                let before = sum.charge.take().unwrap_or_else(zero);
                sum.charge = Some(exact::add(&before, &charge));
            }
        }
    }

    /// Sequence numbers within the invoice's ranges of which there is no receipt.
    fn missing(&self) -> Vec<(&'a str, u64)> {
        let mut missing = Vec::new();
        for range in &self.invoice.ranges {
            let has = |map: &BTreeMap<String, BTreeSet<u64>>, number: u64| {
                map.get(&range.stream).is_some_and(|numbers| numbers.contains(&number))
            };
            let (first, last) = bounds(range).unwrap_or((0, 0));
            // A forged range must not keep us counting for ever.
            let numbers = (first..=last).take(self.calls.len().saturating_mul(2).saturating_add(1_000));
            let without = numbers.filter(|number| !has(&self.sequences, *number) && !has(&self.elsewhere, *number));
            missing.extend(without.map(|number| (range.stream.as_str(), number)));
        }
        missing
    }

    fn outside(&self) -> usize {
        let inside = |stream: &String, number: u64| {
            let ranges = self.invoice.ranges.iter().filter(|range| range.stream == *stream);
            ranges.filter_map(bounds).any(|(first, last)| (first..=last).contains(&number))
        };
        let all =
            self.sequences.iter().flat_map(|(stream, numbers)| numbers.iter().map(move |number| (stream, *number)));
        all.filter(|(stream, number)| !inside(stream, *number)).count()
    }

    fn tell(mut self) -> Result<()> {
        let verified = self.sequences.values().map(BTreeSet::len).sum::<usize>();
        self.say(self.faults.is_empty(), format!("{verified} receipts verify against the trusted keys"));
        let calls = self.invoice.calls.as_deref().unwrap_or_default();
        let counted = self.calls.len().to_string() == calls;
        self.say(counted, format!("count: {} receipts for {calls} calls on the invoice", self.calls.len()));
        self.tell_coverage();
        for line in &self.invoice.lines {
            self.tell_line(line);
        }
        self.tell_corrections();
        self.tell_unlisted();
        for fault in self.faults.iter().take(TOLD_MAX) {
            println!("          {fault}");
        }
        ensure!(self.faults.is_empty(), "the invoice does not follow from its receipts: {} faults", self.faults.len());
        Ok(())
    }

    fn say(&mut self, good: bool, text: String) {
        println!("  {}  {text}", if good { "ok    " } else { "FAILED" });
        if !good {
            self.faults.push(text);
        }
    }

    fn tell_coverage(&mut self) {
        let (missing, outside) = (self.missing(), self.outside());
        let some: Vec<_> = missing.iter().take(3).map(|(stream, number)| format!("{number} of {stream}")).collect();
        let text = format!("coverage: every sequence number of {} ranges", self.invoice.ranges.len());
        let text = match (missing.len(), outside) {
            (0, 0) => text,
            (0, outside) => format!("{text}, but {outside} receipts are outside of them"),
            (count, _) => format!("{text}, but {count} have no receipt: {}", some.join(", ")),
        };
        self.say(missing.is_empty() && outside == 0, text);
    }

    fn tell_line(&mut self, line: &Line) {
        if line.kind == "CORRECTION" {
            return self.correct(line);
        }
        if line.kind != "USAGE" {
            println!("          line {}: a flat fee of {} has no receipts", line.number, line.amount.amount);
            return;
        }
        let name = line.meter.clone().unwrap_or_default();
        let sum = meter(&name).ok().and_then(|meter| self.sums.remove(&meter)).unwrap_or_default();
        let units = [&line.free, &line.value_added].map(|units| units.as_deref().and_then(|units| units.parse().ok()));
        let same_units = units == [Some(sum.free), Some(sum.value_added)];
        let price = meter(&name).ok().and_then(|meter| self.prices.get(&meter));
        let at_once = price.map_or_else(|| exact::from_i64(0), |price| total(price, sum.value_added));
        let one_by_one = sum.charge.clone().unwrap_or_else(|| at_once.clone());
        let good = same_units && one_by_one == at_once && is_charged(line, &at_once);
        let (free, value_added) = (sum.free, sum.value_added);
        let charge = print_exact(&at_once);
        self.say(good, format!(
            "line {}: {name}, {free} free, {value_added} value-added, {charge} charged; the invoice says {}, rounded {} {}",
            line.number, line.exact, line.amount.amount, line.amount.currency_code
        ));
    }

    /// Adds up what the invoice says of earlier periods.
    fn correct(&mut self, line: &Line) {
        let name = line.meter.clone().unwrap_or_default();
        let Ok(meter) = meter(&name) else { return self.fault(format!("line {}: an unknown meter", line.number)) };
        let units = |units: &Option<String>| units.as_deref().and_then(|units| units.parse().ok()).unwrap_or(0_u64);
        let sum = self.corrected.entry(meter).or_default();
        sum.free = sum.free.saturating_add(units(&line.free));
        sum.value_added = sum.value_added.saturating_add(units(&line.value_added));
        let charge = parse_exact(&line.exact).unwrap_or_else(|| exact::from_i64(0));
        let before = sum.charge.take().unwrap_or_else(|| exact::from_i64(0));
        sum.charge = Some(exact::add(&before, &charge));
    }

    /// What came late of earlier periods, all lines of a meter together.
    fn tell_corrections(&mut self) {
        let (late, corrected) = (std::mem::take(&mut self.late), std::mem::take(&mut self.corrected));
        let meters: BTreeSet<Meter> = late.keys().chain(corrected.keys()).copied().collect();
        for meter in meters {
            let (late, corrected) = (late.get(&meter), corrected.get(&meter));
            let of = |sum: Option<&Sum>| sum.map_or((0, 0, exact::from_i64(0)), Sum::parts);
            let (receipts, invoice) = (of(late), of(corrected));
            let (free, value_added, charge) = &receipts;
            let text = format!(
                "corrections: {meter}, {free} free, {value_added} value-added, {} charged for earlier periods",
                print_exact(charge)
            );
            self.say(receipts == invoice, text);
        }
    }

    /// Usage of which the invoice says nothing.
    fn tell_unlisted(&mut self) {
        let unlisted: Vec<Meter> =
            self.sums.iter().filter(|(_, sum)| sum.free > 0 || sum.value_added > 0).map(|(meter, _)| *meter).collect();
        for meter in unlisted {
            self.say(false, format!("{meter} was used and has no line"));
        }
    }
}

fn bounds(range: &client::Range) -> Option<(u64, u64)> {
    Some((range.first.parse().ok()?, range.last.parse().ok()?))
}

fn total(price: &Price, value_added: u64) -> Exact {
    rating::amount(price, &exact::from_quantity(Quantity(value_added)))
}

/// Whether a line asks for exactly this charge, rounded once.
fn is_charged(line: &Line, charge: &Exact) -> bool {
    let currency: Result<Currency, _> = serde_json::from_value(line.amount.currency_code.clone().into());
    let rounded = currency.ok().and_then(|currency| Money::round(charge, currency).ok());
    parse_exact(&line.exact).as_ref() == Some(charge)
        && rounded.is_some_and(|rounded| rounded.amount() == line.amount.amount)
}

/// A meter by its name in the API.
fn meter(name: &str) -> Result<Meter> {
    let value = Value::String(name.to_lowercase());
    serde_json::from_value(value).with_context(|| format!("the meter {name} is unknown"))
}

fn read_price(price: &client::Price) -> Result<Price> {
    let unit = || decimal(price.unit.as_deref().context("a price without an amount")?);
    Ok(match price.model.as_str() {
        "PER_UNIT" => Price::PerUnit { unit: unit()? },
        "PACKAGE" => {
            let size = price.package_size.as_deref().context("a package without a size")?;
            Price::Package { size: Quantity(size.parse()?), price: unit()? }
        }
        "GRADUATED" => Price::Graduated { tiers: tiers(&price.tiers)? },
        "VOLUME" => Price::Volume { tiers: tiers(&price.tiers)? },
        other => anyhow::bail!("the price model {other} is unknown"),
    })
}

fn tiers(tiers: &[client::Tier]) -> Result<Vec<Tier>> {
    let tier = |tier: &client::Tier| {
        let up_to = tier.up_to.as_deref().map(decimal).transpose()?;
        Ok(Tier { up_to, unit: decimal(&tier.unit)?, flat: decimal(&tier.flat)? })
    };
    tiers.iter().map(tier).collect()
}

fn decimal(text: &str) -> Result<Decimal> {
    text.parse().map_err(|_| anyhow::anyhow!("{text} is no decimal"))
}
