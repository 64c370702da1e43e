//! Verification: what must hold of every issued invoice, checked where it is built and where it is read back.

use agreements::published::rating::{TierCharge, parse_exact};
use kernel::exact::{self, Exact};
use kernel::money::{Money, MoneyError};

use crate::lines;
use crate::published::invoice::{Issued, Line, LineItem};
use crate::tax;

/// What does not hold of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Discrepancy {
    /// A line's number is not its index.
    #[error("line {0} is not at its place")]
    LineNumber(u32),
    /// A line's steps do not lead to its exact amount.
    #[error("the steps of line {0} do not lead to its exact amount")]
    LineArithmetic(u32),
    /// A line's amount is not its exact amount rounded.
    #[error("the amount of line {0} is not its exact amount rounded")]
    LineRounding(u32),
    /// The lines do not sum to the subtotal.
    #[error("the lines do not sum to the subtotal")]
    Subtotal,
    /// The tax is not the rate's part of the subtotal.
    #[error("the tax is not the rate's part of the subtotal")]
    TaxRate,
    /// The lines' tax does not sum to the tax.
    #[error("the tax of the lines does not sum to the tax")]
    LineTax,
    /// Subtotal and tax do not make the total.
    #[error("subtotal and tax do not make the total")]
    Total,
    /// A line is below zero that corrects nothing.
    #[error("a line cannot be below zero unless it corrects an earlier one")]
    Negative,
    /// Amounts cannot be combined.
    #[error(transparent)]
    Amount(#[from] MoneyError),
}

/// Passes an invoice whose lines, tax and total agree to the minor unit.
pub fn verify(issued: &Issued) -> Result<(), Discrepancy> {
    let currency = issued.total.currency;
    let sum = |of: fn(&Line) -> Money| Money::sum(currency, issued.lines.iter().map(of));
    (0..).zip(&issued.lines).try_for_each(|(index, line)| check_line(index, line))?;
    require(sum(|line| line.amount)? == issued.subtotal, Discrepancy::Subtotal)?;
    require(tax::on(issued.subtotal, issued.market.tax)? == issued.tax, Discrepancy::TaxRate)?;
    require(sum(|line| line.tax)? == issued.tax, Discrepancy::LineTax)?;
    require(issued.subtotal.plus(issued.tax)? == issued.total, Discrepancy::Total)
}

fn require(holds: bool, otherwise: Discrepancy) -> Result<(), Discrepancy> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn check_line(index: u32, line: &Line) -> Result<(), Discrepancy> {
    require(line.number == index, Discrepancy::LineNumber(index))?;
    let negative = line.amount.minor < 0 || line.tax.minor < 0;
    require(!negative || matches!(line.item, LineItem::Correction { .. }), Discrepancy::Negative)?;
    require(leads_to(&line.item, &line.exact), Discrepancy::LineArithmetic(index))?;
    let rounded = lines::rounded(&line.exact, line.amount.currency);
    require(rounded == Some(line.amount), Discrepancy::LineRounding(index))
}

fn leads_to(item: &LineItem, exact: &str) -> bool {
    match item {
        LineItem::Usage { tiers, .. } => sum_of(tiers).is_some_and(|sum| parse_exact(exact) == Some(sum)),
        LineItem::Correction { tiers, billed, .. } => {
            let late = sum_of(tiers).zip(sum_of(billed)).map(|(now, billed)| exact::subtract(&now, &billed));
            late.is_some_and(|late| parse_exact(exact) == Some(late))
        }
        LineItem::FlatFee { seconds, of_seconds } => 0 <= *seconds && seconds <= of_seconds,
    }
}

/// The sum of steps whose own arithmetic holds.
fn sum_of(tiers: &[TierCharge]) -> Option<Exact> {
    tiers.iter().try_fold(exact::from_i64(0), |sum, tier| {
        let units = exact::multiply(&parse_exact(&tier.quantity)?, &tier.unit.to_exact());
        let charge = exact::add(&units, &tier.flat.to_exact());
        (parse_exact(&tier.exact)? == charge).then(|| exact::add(&sum, &charge))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::invoice::Charges;
    use crate::sample;
    use agreements::published::agreement::Accepted;
    use kernel::meter::Meter;
    use kernel::money::Currency;
    use kernel::period::Period;
    use metering::published::usage::PeriodUsage;
    use proptest::prelude::*;

    fn tampered(change: impl FnOnce(&mut Issued)) -> Result<(), Discrepancy> {
        let mut issued = sample::issued();
        change(&mut issued);
        verify(&issued)
    }

    #[test]
    fn an_untouched_invoice_passes() {
        assert_eq!(verify(&sample::issued()), Ok(()));
    }

    #[test]
    fn no_amount_can_be_changed_unseen() {
        let cny = sample::cny;
        assert_eq!(tampered(|issued| issued.subtotal.minor += 1), Err(Discrepancy::Subtotal));
        assert_eq!(tampered(|issued| issued.tax.minor += 1), Err(Discrepancy::TaxRate));
        assert_eq!(tampered(|issued| issued.total.minor -= 1), Err(Discrepancy::Total));
        assert_eq!(tampered(|issued| issued.lines[0].tax.minor += 1), Err(Discrepancy::LineTax));
        assert_eq!(tampered(|issued| issued.lines[1].amount = cny(0)), Err(Discrepancy::LineRounding(1)));
        assert_eq!(tampered(|issued| issued.lines[1].amount = cny(-1)), Err(Discrepancy::Negative));
    }

    #[test]
    fn no_step_can_be_changed_unseen() {
        assert_eq!(tampered(|issued| issued.lines[0].exact.push('1')), Err(Discrepancy::LineArithmetic(0)));
        assert_eq!(tampered(|issued| issued.lines[1].exact.push('x')), Err(Discrepancy::LineRounding(1)));
        assert_eq!(tampered(|issued| issued.lines.swap(0, 1)), Err(Discrepancy::LineNumber(0)));
        let steps = tampered(|issued| {
            let LineItem::Usage { tiers, .. } = &mut issued.lines[0].item else { panic!("a usage line comes first") };
            tiers[0].quantity = "1".to_owned();
        });
        assert_eq!(steps, Err(Discrepancy::LineArithmetic(0)));
        let longer = LineItem::FlatFee { seconds: 2, of_seconds: 1 };
        assert_eq!(tampered(|issued| issued.lines[1].item = longer), Err(Discrepancy::LineArithmetic(1)));
    }

    #[test]
    fn currencies_do_not_mix() {
        let mixed = tampered(|issued| issued.total.currency = Currency::Usd);
        assert_eq!(mixed, Err(Discrepancy::Amount(MoneyError::CurrencyMismatch)));
    }

    #[test]
    fn an_invoice_over_nothing_passes() {
        let nothing = tampered(|issued| {
            issued.lines.clear();
            (issued.subtotal, issued.tax, issued.total) = (sample::cny(0), sample::cny(0), sample::cny(0));
        });
        assert_eq!(nothing, Ok(()));
    }

    /// An invoice as it stands after rating.
    fn rated(accepted: &Accepted, period: Period, usage: &PeriodUsage) -> Issued {
        let lines::Amounts { lines, subtotal, tax, total } =
            lines::rate(accepted, period, Charges::All, usage).unwrap();
        Issued { period, market: accepted.market, lines, subtotal, tax, total, ..sample::issued() }
    }

    proptest! {
        #[test]
        fn whatever_is_rated_passes_and_a_moved_cent_does_not(
            requests in 0_u64..10_000_000, pages in 0_u64..10_000_000, tax in 0_u32..=10_000, seconds in 1_i64..2_419_200
        ) {
            let mut accepted = sample::accepted();
            accepted.market.tax = tax.try_into().unwrap();
            let start = sample::period().end - jiff::SignedDuration::from_secs(seconds);
            let meters = vec![sample::used((Meter::Request, 0, requests)), sample::used((Meter::Page, 0, pages))];
            let usage = PeriodUsage { meters, ..PeriodUsage::default() };
            let mut issued = rated(&accepted, Period { start, ..sample::period() }, &usage);
            prop_assert_eq!(verify(&issued), Ok(()));
            issued.lines[0].amount.minor += 1;
            prop_assert!(verify(&issued).is_err());
        }
    }
}
