//! Lines: the usage of a period meets the frozen terms. Each line is exact until it is rounded, here and once.
//!
//! Units past the allowance of a meter without a price were never priced by anyone: their line shows them at zero.

use agreements::published::agreement::Accepted;
use agreements::published::market::MarketTerms;
use agreements::published::rating::{self, Rated, print_exact};
use agreements::published::terms::{MeterTerms, Terms};
use kernel::error::ErrorCode;
use kernel::exact::{self, Decimal, Exact};
use kernel::meter::Meter;
use kernel::money::{Currency, Money, MoneyError};
use kernel::period::{InvalidCalendar, Period};
use metering::published::usage::{CorrectedUsage, Correction, PeriodUsage, Split};

use crate::proration;
use crate::published::invoice::{Charges, Line, LineItem};
use crate::tax;

/// Why usage cannot be rated. Each is a defect in what was handed in, except for an amount beyond bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RatingError {
    /// There is usage on a meter that the terms do not cover.
    #[error("the terms of the agreement do not cover the meter {0}")]
    UncoveredMeter(Meter),
    /// A meter is listed twice.
    #[error("the usage lists the meter {0} twice")]
    MeterRepeated(Meter),
    /// More free units than the period's allowance.
    #[error("the usage has more free units of {0} than the allowance")]
    AllowanceExceeded(Meter),
    /// The period does not lie within one period of the agreement's calendar.
    #[error("the period does not lie within one period of the agreement's calendar")]
    PeriodOutsideCalendar,
    /// The calendar cannot be computed.
    #[error(transparent)]
    Calendar(#[from] InvalidCalendar),
    /// An amount leaves its bounds.
    #[error(transparent)]
    Amount(#[from] MoneyError),
}

impl RatingError {
    /// The stable code of what is wrong.
    pub const fn code(self) -> ErrorCode {
        ErrorCode(match self {
            Self::UncoveredMeter(_) => "INVOICE_METER_UNCOVERED",
            Self::MeterRepeated(_) => "INVOICE_METER_REPEATED",
            Self::AllowanceExceeded(_) => "INVOICE_ALLOWANCE_EXCEEDED",
            Self::PeriodOutsideCalendar | Self::Calendar(_) => "INVOICE_PERIOD_OUTSIDE_CALENDAR",
            Self::Amount(_) => "INVOICE_AMOUNT_OUT_OF_BOUNDS",
        })
    }
}

/// The lines of a period and their sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// Usage by the meters of the terms, then the flat fee, then what came late of earlier periods.
    pub lines: Vec<Line>,
    /// Sum of the lines.
    pub subtotal: Money,
    /// Sum of the lines' tax.
    pub tax: Money,
    /// What is owed.
    pub total: Money,
}

/// Rates the usage of a period by the terms frozen in the agreement.
pub fn rate(
    accepted: &Accepted,
    period: Period,
    charges: Charges,
    usage: &PeriodUsage,
) -> Result<Amounts, RatingError> {
    check(&accepted.terms, usage)?;
    let mut lines = match charges {
        Charges::All => whole(accepted, period, usage)?,
        Charges::UsageAlone => used(&accepted.terms, usage).collect(),
    };
    lines.extend(usage.corrections.iter().flat_map(|correction| corrected(&accepted.terms, correction)));
    total(lines, accepted.terms.currency, accepted.market)
}

/// Rates the usage of a whole period by terms that nobody has accepted yet.
pub(crate) fn rate_whole(terms: &Terms, market: MarketTerms, usage: &PeriodUsage) -> Result<Amounts, RatingError> {
    check(terms, usage)?;
    let metered = terms.meters.iter().filter_map(|terms| metered(terms, usage));
    // All of a period, however long it is.
    let whole = LineItem::FlatFee { seconds: 1, of_seconds: 1 };
    let flat = charged_fee(terms).map(|fee| Charge { item: whole, exact: fee.to_exact() });
    total(metered.chain(flat).collect(), terms.currency, market)
}

fn total(charges: Vec<Charge>, currency: Currency, market: MarketTerms) -> Result<Amounts, RatingError> {
    let amounts: Vec<Money> =
        charges.iter().map(|charge| Money::round(&charge.exact, currency)).collect::<Result<_, _>>()?;
    let subtotal = Money::sum(currency, amounts.iter().copied())?;
    let tax = tax::on(subtotal, market.tax)?;
    let shares = tax::shares(tax, &amounts)?;
    let lines = (0..).zip(charges).zip(amounts.into_iter().zip(shares)).map(|((number, charge), (amount, tax))| {
        let Charge { item, exact } = charge;
        Line { number, item, exact: print_exact(&exact), amount, tax }
    });
    Ok(Amounts { lines: lines.collect(), subtotal, tax, total: subtotal.plus(tax)? })
}

/// The calendar period that a period is the whole or a part of.
pub fn whole_period(accepted: &Accepted, period: Period) -> Result<Period, RatingError> {
    let whole = accepted.calendar.period_at(period.start)?;
    let inside = accepted.starts_at <= period.start && period.start < period.end && period.end <= whole.end;
    if inside { Ok(whole) } else { Err(RatingError::PeriodOutsideCalendar) }
}

/// A line before rounding.
struct Charge {
    item: LineItem,
    exact: Exact,
}

fn check(terms: &Terms, usage: &PeriodUsage) -> Result<(), RatingError> {
    usage.corrections.iter().flat_map(|correction| &correction.meters).try_for_each(|used| {
        let terms = terms.meter(used.meter).ok_or(RatingError::UncoveredMeter(used.meter))?;
        if used.split.free > terms.included { Err(RatingError::AllowanceExceeded(used.meter)) } else { Ok(()) }
    })?;
    usage.meters.iter().try_for_each(|used| {
        let terms = terms.meter(used.meter).ok_or(RatingError::UncoveredMeter(used.meter))?;
        if usage.meters.iter().filter(|other| other.meter == used.meter).count() > 1 {
            Err(RatingError::MeterRepeated(used.meter))
        } else if used.split.free > terms.included {
            Err(RatingError::AllowanceExceeded(used.meter))
        } else {
            Ok(())
        }
    })
}

/// Of a period in which the agreement was in force.
fn whole(accepted: &Accepted, period: Period, usage: &PeriodUsage) -> Result<Vec<Charge>, RatingError> {
    let metered = accepted.terms.meters.iter().filter_map(|terms| metered(terms, usage));
    let flat =
        charged_fee(&accepted.terms).map(|fee| flat_fee(fee, period, whole_period(accepted, period)?)).transpose()?;
    Ok(metered.chain(flat).collect())
}

/// Of the meters that were used.
fn used(terms: &Terms, usage: &PeriodUsage) -> impl Iterator<Item = Charge> {
    let charges = terms.meters.iter().filter_map(|terms| metered(terms, usage));
    charges.filter(|charge| matches!(&charge.item, LineItem::Usage { split, .. } if *split != Split::default()))
}

/// The lines of what came late of one period, in the order of the terms.
fn corrected(terms: &Terms, correction: &Correction) -> impl Iterator<Item = Charge> {
    let used = terms.meters.iter().filter_map(|terms| {
        let used = correction.meters.iter().find(|used| used.meter == terms.meter)?;
        Some((terms, *used))
    });
    used.map(|(terms, used)| charge_late(correction.service, terms, used))
}

fn charge_late(service: Period, terms: &MeterTerms, used: CorrectedUsage) -> Charge {
    let CorrectedUsage { meter, split, before } = used;
    let earlier = exact::from_quantity(before);
    let all = exact::add(&earlier, &exact::from_quantity(split.value_added));
    let free = || Rated { amount: exact::from_i64(0), tiers: vec![] };
    let rated = |quantity: &Exact| terms.price.as_ref().map_or_else(free, |price| rating::rate(price, quantity));
    let (now, billed) = (rated(&all), rated(&earlier));
    Charge {
        item: LineItem::Correction { service, meter, split, tiers: now.tiers, billed: billed.tiers },
        exact: exact::subtract(&now.amount, &billed.amount),
    }
}

fn charged_fee(terms: &Terms) -> Option<Decimal> {
    terms.flat_fee.filter(|fee| !fee.is_zero())
}

/// The line of one meter; none where nothing was used and nothing is charged.
fn metered(terms: &MeterTerms, usage: &PeriodUsage) -> Option<Charge> {
    let used = usage.meters.iter().find(|used| used.meter == terms.meter);
    let split = used.map_or_else(Split::default, |used| used.split);
    let value_added = exact::from_quantity(split.value_added);
    let free = Rated { amount: exact::from_i64(0), tiers: vec![] };
    let rated = terms.price.as_ref().map_or(free, |price| rating::rate(price, &value_added));
    let shows = split != Split::default() || !rated.tiers.is_empty();
    shows.then_some(Charge {
        item: LineItem::Usage { meter: terms.meter, split, tiers: rated.tiers },
        exact: rated.amount,
    })
}

fn flat_fee(fee: Decimal, period: Period, whole: Period) -> Result<Charge, RatingError> {
    let (seconds, of_seconds) = (period.seconds(), whole.seconds());
    let part = proration::part(&fee.to_exact(), seconds, of_seconds);
    let exact = part.ok_or(RatingError::PeriodOutsideCalendar)?;
    Ok(Charge { item: LineItem::FlatFee { seconds, of_seconds }, exact })
}

/// The amount that a line's exact text rounds to; `None` where the text is not an exact amount in bounds.
pub fn rounded(exact: &str, currency: Currency) -> Option<Money> {
    rating::parse_exact(exact).and_then(|exact| Money::round(&exact, currency).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, used};
    use agreements::published::terms::{Price, Tier};
    use kernel::meter::Quantity;
    use proptest::prelude::*;

    fn usage(meters: Vec<(Meter, u64, u64)>) -> PeriodUsage {
        PeriodUsage { meters: meters.into_iter().map(used).collect(), ..PeriodUsage::default() }
    }

    fn rated(meters: Vec<(Meter, u64, u64)>) -> Result<Amounts, RatingError> {
        rate(&sample::accepted(), sample::period(), Charges::All, &usage(meters))
    }

    #[test]
    fn free_units_cost_nothing_and_the_rest_goes_by_tiers() {
        let amounts = rated(vec![(Meter::Request, 1_000, 2_500)]).unwrap();
        let LineItem::Usage { split, tiers, .. } = &amounts.lines[0].item else { panic!("a usage line comes first") };
        assert_eq!((split.free, split.value_added), (Quantity(1_000), Quantity(2_500)));
        assert_eq!((tiers[0].quantity.as_str(), tiers[0].exact.as_str()), ("2500", "5"));
        assert_eq!(amounts.lines[0].amount, sample::cny(500));
    }

    #[test]
    fn the_fee_of_a_shortened_period_is_charged_by_the_second() {
        let half = Period { start: sample::at("2026-02-13T16:00:00Z"), ..sample::period() };
        let amounts = rate(&sample::accepted(), half, Charges::All, &usage(vec![])).unwrap();
        assert_eq!(amounts.lines[0].item, LineItem::FlatFee { seconds: 1_209_600, of_seconds: 2_419_200 });
        assert_eq!(amounts.subtotal, sample::cny(495));
    }

    #[test]
    fn a_line_is_rounded_once_and_keeps_its_exact_amount() {
        let amounts = rated(vec![(Meter::Request, 0, 3)]).unwrap();
        assert_eq!((amounts.lines[0].exact.as_str(), amounts.lines[0].amount), ("0.006", sample::cny(1)));
    }

    #[test]
    fn units_that_nobody_priced_are_shown_at_zero() {
        let amounts = rated(vec![(Meter::Image, 5, 1)]).unwrap();
        assert_eq!((amounts.lines[0].exact.as_str(), amounts.lines[0].amount), ("0", sample::cny(0)));
    }

    #[test]
    fn the_first_tiers_flat_amount_is_owed_without_usage() {
        let mut accepted = sample::accepted();
        let (unit, flat) = ("1".parse().unwrap(), "2".parse().unwrap());
        accepted.terms.meters[0].price = Some(Price::Graduated { tiers: vec![Tier { up_to: None, unit, flat }] });
        let amounts = rate(&accepted, sample::period(), Charges::All, &usage(vec![])).unwrap();
        assert_eq!(amounts.lines[0].amount, sample::cny(200));
    }

    /// Whether it comes late, or was let through before the end was known.
    #[test]
    fn after_the_agreements_end_what_was_used_is_charged_and_nothing_else() {
        let mut accepted = sample::accepted();
        let (unit, flat) = ("1".parse().unwrap(), "2".parse().unwrap());
        let tiers = vec![Tier { up_to: None, unit, flat }];
        accepted.terms.meters.iter_mut().for_each(|of| of.price = Some(Price::Graduated { tiers: tiers.clone() }));
        let corrections = vec![late(earlier(), Meter::Page, 0, 5, 8)];
        let usage = PeriodUsage { corrections, ..usage(vec![(Meter::Request, 0, 3)]) };
        let amounts = rate(&accepted, sample::period(), Charges::UsageAlone, &usage).unwrap();
        let charged: Vec<_> = amounts.lines.iter().map(|line| line.exact.as_str()).collect();
        assert_eq!(charged, ["5", "5"], "3 and the flat amount; 5 late");
        let nothing = rate(&accepted, sample::period(), Charges::UsageAlone, &PeriodUsage::default()).unwrap();
        assert_eq!((nothing.lines, nothing.total), (vec![], sample::cny(0)));
    }

    #[test]
    fn usage_that_contradicts_the_terms_is_never_rated() {
        assert_eq!(rated(vec![(Meter::Row, 1, 0)]), Err(RatingError::UncoveredMeter(Meter::Row)));
        assert_eq!(rated(vec![(Meter::Request, 1_001, 0)]), Err(RatingError::AllowanceExceeded(Meter::Request)));
        let twice = vec![(Meter::Request, 1, 0), (Meter::Request, 1, 0)];
        assert_eq!(rated(twice), Err(RatingError::MeterRepeated(Meter::Request)));
    }

    fn late(service: Period, meter: Meter, free: u64, value_added: u64, before: u64) -> Correction {
        let split = Split { free: Quantity(free), value_added: Quantity(value_added) };
        Correction { service, meters: vec![CorrectedUsage { meter, split, before: Quantity(before) }] }
    }

    /// The period before that of the sample.
    fn earlier() -> Period {
        Period { start: sample::at("2025-12-30T16:00:00Z"), end: sample::period().start }
    }

    #[test]
    fn late_usage_is_a_line_of_its_own_on_its_service_period() {
        let corrections = vec![late(earlier(), Meter::Page, 0, 5, 8)];
        let usage = PeriodUsage { corrections, ..usage(vec![(Meter::Request, 0, 3)]) };
        let amounts = rate(&sample::accepted(), sample::period(), Charges::All, &usage).unwrap();
        let LineItem::Correction { service, split, tiers, billed, .. } = &amounts.lines[2].item else {
            panic!("what came late comes last")
        };
        assert_eq!((*service, split.value_added), (earlier(), Quantity(5)));
        assert_eq!((tiers.len(), billed.len()), (2, 1));
        // 10 × 0.5 + 3 × 0.333 + 1 in all, 8 × 0.5 of it billed before.
        assert_eq!((amounts.lines[2].exact.as_str(), amounts.lines[2].amount), ("2.999", sample::cny(300)));
    }

    #[test]
    fn late_usage_can_make_what_was_billed_cheaper() {
        let mut accepted = sample::accepted();
        let tier = |up_to: Option<&str>, unit: &str| Tier {
            up_to: up_to.map(|bound| bound.parse().unwrap()),
            unit: unit.parse().unwrap(),
            flat: "0".parse().unwrap(),
        };
        accepted.terms.meters[0].price = Some(Price::Volume { tiers: vec![tier(Some("100"), "1"), tier(None, "0.5")] });
        accepted.terms.flat_fee = None;
        let corrections = vec![late(earlier(), Meter::Request, 0, 20, 90)];
        let usage = PeriodUsage { corrections, ..PeriodUsage::default() };
        let amounts = rate(&accepted, sample::period(), Charges::All, &usage).unwrap();
        let minors = [amounts.subtotal, amounts.tax, amounts.total].map(|amount| amount.minor);
        assert_eq!(minors, [-3_500, -210, -3_710], "55 in all, of which 90 was billed");
        assert_eq!(amounts.lines[0].tax, amounts.tax);
    }

    #[test]
    fn late_usage_outside_of_the_terms_is_never_rated() {
        let with = |correction| {
            let usage = PeriodUsage { corrections: vec![correction], ..PeriodUsage::default() };
            rate(&sample::accepted(), sample::period(), Charges::All, &usage)
        };
        assert_eq!(with(late(earlier(), Meter::Row, 1, 0, 0)), Err(RatingError::UncoveredMeter(Meter::Row)));
        let too_free = late(earlier(), Meter::Request, 1_001, 0, 0);
        assert_eq!(with(too_free), Err(RatingError::AllowanceExceeded(Meter::Request)));
    }

    #[test]
    fn amounts_past_64_bits_are_refused() {
        let mut accepted = sample::accepted();
        accepted.terms.meters[0].price = Some(Price::PerUnit { unit: "1000000000".parse().unwrap() });
        let huge = usage(vec![(Meter::Request, 0, u64::MAX)]);
        assert_eq!(
            rate(&accepted, sample::period(), Charges::All, &huge),
            Err(RatingError::Amount(MoneyError::Overflow))
        );
    }

    proptest! {
        /// In time or late, and in how many parts: exactly the same is charged; only rounding happens once a line.
        #[test]
        fn parts_that_come_late_cost_what_they_would_have_cost_in_time(parts in prop::collection::vec(0_u64..40, 1..5)) {
            let accepted = sample::accepted();
            let exact_of = |usage: &PeriodUsage| {
                let pages = |line: &&Line| match &line.item {
                    LineItem::Usage { meter, .. } | LineItem::Correction { meter, .. } => *meter == Meter::Page,
                    LineItem::FlatFee { .. } => false,
                };
                let amounts = rate(&accepted, sample::period(), Charges::All, usage).unwrap();
                let charges = amounts.lines.iter().filter(pages).map(|line| rating::parse_exact(&line.exact).unwrap());
                charges.fold(exact::from_i64(0), |sum, charge| exact::add(&sum, &charge))
            };
            let in_time = exact_of(&usage(vec![(Meter::Page, 0, parts.iter().sum())]));
            let mut charged = exact_of(&usage(vec![(Meter::Page, 0, parts[0])]));
            let mut before = parts[0];
            for part in &parts[1..] {
                let corrections = vec![late(earlier(), Meter::Page, 0, *part, before)];
                charged = exact::add(&charged, &exact_of(&PeriodUsage { corrections, ..PeriodUsage::default() }));
                before += part;
            }
            prop_assert_eq!(charged, in_time);
        }

        #[test]
        fn lines_and_their_tax_sum_to_the_invoice(
            requests in 0_u64..10_000_000, images in 0_u64..10, pages in 0_u64..10_000_000, tax in 0_u32..=10_000
        ) {
            let mut accepted = sample::accepted();
            accepted.market.tax = tax.try_into().unwrap();
            let usage = usage(vec![(Meter::Request, 7, requests), (Meter::Image, 0, images), (Meter::Page, 0, pages)]);
            let amounts = rate(&accepted, sample::period(), Charges::All, &usage).unwrap();
            let sum = |of: fn(&Line) -> Money| Money::sum(Currency::Cny, amounts.lines.iter().map(of)).unwrap();
            prop_assert_eq!(sum(|line| line.amount), amounts.subtotal);
            prop_assert_eq!(sum(|line| line.tax), amounts.tax);
            prop_assert_eq!(amounts.subtotal.plus(amounts.tax).unwrap(), amounts.total);
        }
    }
}
