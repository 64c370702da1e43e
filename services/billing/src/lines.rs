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
use metering::published::usage::{PeriodUsage, Split};

use crate::proration;
use crate::published::invoice::{Line, LineItem};
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
    /// Usage by the meters of the terms, then the flat fee.
    pub lines: Vec<Line>,
    /// Sum of the lines.
    pub subtotal: Money,
    /// Sum of the lines' tax.
    pub tax: Money,
    /// What is owed.
    pub total: Money,
}

/// Rates the usage of a period by the terms frozen in the agreement.
pub fn rate(accepted: &Accepted, period: Period, usage: &PeriodUsage) -> Result<Amounts, RatingError> {
    check(&accepted.terms, usage)?;
    let charges = charges(accepted, period, usage)?;
    total(charges, accepted.terms.currency, accepted.market)
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

fn charges(accepted: &Accepted, period: Period, usage: &PeriodUsage) -> Result<Vec<Charge>, RatingError> {
    let metered = accepted.terms.meters.iter().filter_map(|terms| metered(terms, usage));
    let flat =
        charged_fee(&accepted.terms).map(|fee| flat_fee(fee, period, whole_period(accepted, period)?)).transpose()?;
    Ok(metered.chain(flat).collect())
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
        rate(&sample::accepted(), sample::period(), &usage(meters))
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
        let amounts = rate(&sample::accepted(), half, &usage(vec![])).unwrap();
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
        let amounts = rate(&accepted, sample::period(), &usage(vec![])).unwrap();
        assert_eq!(amounts.lines[0].amount, sample::cny(200));
    }

    #[test]
    fn usage_that_contradicts_the_terms_is_never_rated() {
        assert_eq!(rated(vec![(Meter::Row, 1, 0)]), Err(RatingError::UncoveredMeter(Meter::Row)));
        assert_eq!(rated(vec![(Meter::Request, 1_001, 0)]), Err(RatingError::AllowanceExceeded(Meter::Request)));
        let twice = vec![(Meter::Request, 1, 0), (Meter::Request, 1, 0)];
        assert_eq!(rated(twice), Err(RatingError::MeterRepeated(Meter::Request)));
    }

    #[test]
    fn amounts_past_64_bits_are_refused() {
        let mut accepted = sample::accepted();
        accepted.terms.meters[0].price = Some(Price::PerUnit { unit: "1000000000".parse().unwrap() });
        let huge = usage(vec![(Meter::Request, 0, u64::MAX)]);
        assert_eq!(rate(&accepted, sample::period(), &huge), Err(RatingError::Amount(MoneyError::Overflow)));
    }

    proptest! {
        #[test]
        fn lines_and_their_tax_sum_to_the_invoice(
            requests in 0_u64..10_000_000, images in 0_u64..10, pages in 0_u64..10_000_000, tax in 0_u32..=10_000
        ) {
            let mut accepted = sample::accepted();
            accepted.market.tax = tax.try_into().unwrap();
            let usage = usage(vec![(Meter::Request, 7, requests), (Meter::Image, 0, images), (Meter::Page, 0, pages)]);
            let amounts = rate(&accepted, sample::period(), &usage).unwrap();
            let sum = |of: fn(&Line) -> Money| Money::sum(Currency::Cny, amounts.lines.iter().map(of)).unwrap();
            prop_assert_eq!(sum(|line| line.amount), amounts.subtotal);
            prop_assert_eq!(sum(|line| line.tax), amounts.tax);
            prop_assert_eq!(amounts.subtotal.plus(amounts.tax).unwrap(), amounts.total);
        }
    }
}
