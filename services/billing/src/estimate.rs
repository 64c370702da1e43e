//! Estimate: what usage of a whole period would cost by terms that nobody has accepted yet. Rated as invoices are.

use agreements::published::market::MarketTerms;
use agreements::published::terms::{MeterTerms, Terms};
use kernel::meter::{Meter, Quantity};
use metering::published::usage::{MeterUsage, PeriodUsage, Split};

use crate::lines::{self, Amounts, RatingError};

/// What usage would cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Lines, tax and total, as an invoice would have them.
    pub amounts: Amounts,
    /// Units that would not be served: past the allowance of a meter without a price.
    pub refused: Vec<(Meter, Quantity)>,
}

/// Rates quantities, each meter at most once, as the first calls of a whole period.
pub fn estimate(terms: &Terms, market: MarketTerms, quantities: &[(Meter, Quantity)]) -> Result<Estimate, RatingError> {
    let mut usage = PeriodUsage::default();
    let mut refused = Vec::new();
    for (meter, quantity) in quantities {
        let covered = terms.meter(*meter).ok_or(RatingError::UncoveredMeter(*meter))?;
        let (split, rest) = split(covered, *quantity);
        usage.meters.push(MeterUsage { meter: *meter, split });
        refused.extend((rest != Quantity::ZERO).then_some((*meter, rest)));
    }
    Ok(Estimate { amounts: lines::rate_whole(terms, market, &usage)?, refused })
}

/// What is free and what is charged of a quantity, and what of it would be refused.
fn split(terms: &MeterTerms, quantity: Quantity) -> (Split, Quantity) {
    let free = quantity.min(terms.included);
    let rest = Quantity(quantity.0.saturating_sub(free.0));
    let (value_added, refused) = if terms.price.is_some() { (rest, Quantity::ZERO) } else { (Quantity::ZERO, rest) };
    (Split { free, value_added }, refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::rate;
    use crate::published::invoice::Charges;
    use crate::sample::{self, used};
    use proptest::prelude::*;

    fn estimated(quantities: &[(Meter, u64)]) -> Result<Estimate, RatingError> {
        let accepted = sample::accepted();
        let quantities: Vec<_> = quantities.iter().map(|(meter, quantity)| (*meter, Quantity(*quantity))).collect();
        estimate(&accepted.terms, accepted.market, &quantities)
    }

    #[test]
    fn units_past_an_allowance_without_a_price_are_refused() {
        let estimate = estimated(&[(Meter::Image, 8)]).unwrap();
        assert_eq!(estimate.refused, [(Meter::Image, Quantity(3))]);
    }

    #[test]
    fn usage_that_the_terms_do_not_cover_is_not_estimated() {
        assert_eq!(estimated(&[(Meter::Row, 1)]), Err(RatingError::UncoveredMeter(Meter::Row)));
        let twice = estimated(&[(Meter::Request, 1), (Meter::Request, 1)]);
        assert_eq!(twice, Err(RatingError::MeterRepeated(Meter::Request)));
    }

    proptest! {
        #[test]
        fn an_estimate_is_what_the_invoice_of_a_whole_period_is(requests in 0_u64..10_000_000, pages in 0_u64..10_000) {
            let accepted = sample::accepted();
            let estimate = estimated(&[(Meter::Request, requests), (Meter::Page, pages)]).unwrap();
            let included = |meter| accepted.terms.meter(meter).unwrap().included.0;
            let usage = |meter, quantity: u64| {
                let free = quantity.min(included(meter));
                used((meter, free, quantity - free))
            };
            let meters = vec![usage(Meter::Request, requests), usage(Meter::Page, pages)];
            let invoice = rate(&accepted, sample::period(), Charges::All, &PeriodUsage { meters, ..PeriodUsage::default() }).unwrap();
            prop_assert_eq!(estimate.amounts.subtotal, invoice.subtotal);
            prop_assert_eq!(estimate.amounts.tax, invoice.tax);
            prop_assert_eq!(estimate.amounts.total, invoice.total);
        }
    }
}
