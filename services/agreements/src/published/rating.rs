//! Rating: a quantity meets a price and becomes a charge. Exact; rounding happens at the invoice line.
//!
//! The only place where quantities and prices meet: quotes, holds and invoice lines all come here.

use std::iter;

use kernel::exact::{self, Decimal, Exact};
use kernel::meter::Quantity;
use serde::{Deserialize, Serialize};

use super::terms::{Price, Tier};

/// One step of a charge, with its arithmetic: `quantity × unit + flat = exact`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierCharge {
    /// Units that fell in the tier, as an exact decimal; for a package price, started packages.
    pub quantity: String,
    /// Per unit or package, in major units.
    pub unit: Decimal,
    /// Once, for reaching the tier, in major units.
    pub flat: Decimal,
    /// The exact charge in major units, as [`print_exact`] writes it.
    pub exact: String,
}

/// A charge in major units, not rounded, and the steps that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rated {
    /// The sum of the steps.
    pub amount: Exact,
    /// The steps that have units or a flat amount.
    pub tiers: Vec<TierCharge>,
}

/// Charges a quantity, not negative, by a price. The first tier's flat amount is charged at zero usage as well.
pub fn rate(price: &Price, quantity: &Exact) -> Rated {
    let steps = steps(price, quantity);
    let tiers = steps.iter().filter(|step| step.shows()).map(Step::charge).collect();
    Rated { amount: sum(&steps), tiers }
}

/// The amount of [`rate`] alone.
pub fn amount(price: &Price, quantity: &Exact) -> Exact {
    sum(&steps(price, quantity))
}

/// What `added` units cost after `before` units of the same period: `amount(before + added) − amount(before)`.
///
/// The estimate shown for one call. Summed over calls it equals the amount of the total, less that of zero usage.
/// Negative only by a volume price that falls into a cheaper tier.
pub fn marginal(price: &Price, before: Quantity, added: Quantity) -> Exact {
    let start = exact::from_quantity(before);
    let end = exact::add(&start, &exact::from_quantity(added));
    exact::subtract(&amount(price, &end), &amount(price, &start))
}

/// The most that up to `added` units can cost after `before` units: what a hold reserves, never negative.
///
/// Differs from [`marginal`] for volume prices only, where stopping at a tier's end can cost more than going on.
pub fn worst_case(price: &Price, before: Quantity, added: Quantity) -> Exact {
    let start = exact::from_quantity(before);
    let end = exact::add(&start, &exact::from_quantity(added));
    let bounds = tiers(price).iter().filter_map(|tier| tier.up_to).map(Decimal::to_exact);
    let reachable = bounds.filter(|bound| start < *bound && *bound < end).chain([end.clone()]);
    let spent = amount(price, &start);
    let costs = reachable.map(|quantity| exact::subtract(&amount(price, &quantity), &spent));
    costs.fold(exact::from_i64(0), Ord::max)
}

/// A number of units that never cost more than `most`, nor do fewer: a safe one, not the largest. Zero where
/// already the flat amounts cost more.
pub fn units_within(price: &Price, most: &Exact) -> Quantity {
    let (unit, flats) = dearest(price);
    let left = exact::subtract(most, &flats);
    if left.is_negative() {
        return Quantity::ZERO;
    }
    let units = exact::divide(&left, &unit).map(|units| exact::round_to_i64(&units.floor()).unwrap_or(i64::MAX));
    // What costs nothing costs nothing however much there is.
    Quantity(units.map_or(u64::MAX, i64::unsigned_abs))
}

/// The most that a unit costs, and what is charged beside units at the most.
fn dearest(price: &Price) -> (Exact, Exact) {
    match price {
        Price::PerUnit { unit } => (unit.to_exact(), exact::from_i64(0)),
        // The last package may have been started only.
        Price::Package { size, price } => {
            let price = price.to_exact();
            (exact::divide(&price, &exact::from_quantity(*size)).unwrap_or_else(|| price.clone()), price)
        }
        Price::Graduated { tiers } | Price::Volume { tiers } => {
            let unit = tiers.iter().map(|tier| tier.unit).max().unwrap_or(Decimal::ZERO);
            let flats = tiers.iter().map(|tier| tier.flat.to_exact());
            (unit.to_exact(), flats.fold(exact::from_i64(0), |sum, flat| exact::add(&sum, &flat)))
        }
    }
}

/// Writes an exact amount so that [`parse_exact`] reads the same: a decimal, or `numerator/denominator` where no
/// decimal of at most 56 places is exact.
pub fn print_exact(value: &Exact) -> String {
    const PLACES_MAX: u32 = 56; // a price of 28 places times a tier bound of 28 places
    let terminates = exact::scale(value, PLACES_MAX).is_integer();
    if terminates { exact::print(value, PLACES_MAX) } else { value.to_string() }
}

/// Reads what [`print_exact`] wrote; `None` for anything that is not a decimal or a fraction of at most 400 bytes.
pub fn parse_exact(text: &str) -> Option<Exact> {
    const LENGTH_MAX: usize = 400;
    if text.len() > LENGTH_MAX {
        return None;
    }
    match text.split_once('.') {
        None => text.parse().ok(),
        Some((whole, fraction)) => {
            let digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
            let zeros = "0".repeat(fraction.len());
            digits.then(|| format!("{whole}{fraction}/1{zeros}").parse().ok()).flatten()
        }
    }
}

/// A step before it is written down.
struct Step {
    quantity: Exact,
    unit: Decimal,
    flat: Decimal,
}

impl Step {
    fn amount(&self) -> Exact {
        exact::add(&exact::multiply(&self.quantity, &self.unit.to_exact()), &self.flat.to_exact())
    }

    fn shows(&self) -> bool {
        self.quantity > exact::from_i64(0) || !self.flat.is_zero()
    }

    fn charge(&self) -> TierCharge {
        TierCharge {
            quantity: print_exact(&self.quantity),
            unit: self.unit,
            flat: self.flat,
            exact: print_exact(&self.amount()),
        }
    }
}

fn sum(steps: &[Step]) -> Exact {
    steps.iter().fold(exact::from_i64(0), |sum, step| exact::add(&sum, &step.amount()))
}

fn steps(price: &Price, quantity: &Exact) -> Vec<Step> {
    match price {
        Price::PerUnit { unit } => vec![plain(quantity.clone(), *unit)],
        Price::Package { size, price } => vec![plain(started_packages(*size, quantity), *price)],
        Price::Graduated { tiers } => graduated(tiers, quantity),
        Price::Volume { tiers } => volume(tiers, quantity),
    }
}

fn plain(quantity: Exact, unit: Decimal) -> Step {
    Step { quantity, unit, flat: Decimal::ZERO }
}

/// A started package counts whole. Terms never hold a package of no units.
fn started_packages(size: Quantity, quantity: &Exact) -> Exact {
    exact::divide(quantity, &exact::from_quantity(size)).map_or_else(|| quantity.clone(), |packages| packages.ceil())
}

/// Every tier that the quantity reaches takes the units between the end of the one below and its own.
fn graduated(tiers: &[Tier], quantity: &Exact) -> Vec<Step> {
    let ends = tiers.iter().filter_map(|tier| tier.up_to).map(Decimal::to_exact);
    let floors = iter::once(exact::from_i64(0)).chain(ends);
    let reached = tiers.iter().zip(floors).enumerate().filter(|(index, (_, floor))| *index == 0 || quantity > floor);
    reached.map(|(_, (tier, floor))| within(tier, &floor, quantity)).collect()
}

fn within(tier: &Tier, floor: &Exact, quantity: &Exact) -> Step {
    let end = tier.up_to.map(Decimal::to_exact).filter(|end| end < quantity);
    let quantity = exact::subtract(end.as_ref().unwrap_or(quantity), floor);
    Step { quantity, unit: tier.unit, flat: tier.flat }
}

/// The first tier whose end is not below the quantity takes all units.
fn volume(tiers: &[Tier], quantity: &Exact) -> Vec<Step> {
    let holds = |tier: &&Tier| tier.up_to.is_none_or(|end| *quantity <= end.to_exact());
    let tier = tiers.iter().find(holds);
    tier.map(|tier| Step { quantity: quantity.clone(), unit: tier.unit, flat: tier.flat }).into_iter().collect()
}

fn tiers(price: &Price) -> &[Tier] {
    match price {
        Price::PerUnit { .. } | Price::Package { .. } => &[],
        Price::Graduated { tiers } | Price::Volume { tiers } => tiers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn tier(up_to: Option<&str>, unit: &str, flat: &str) -> Tier {
        Tier { up_to: up_to.map(decimal), unit: decimal(unit), flat: decimal(flat) }
    }

    fn units(quantity: u64) -> Exact {
        exact::from_quantity(Quantity(quantity))
    }

    #[test]
    fn a_graduated_charge_shows_its_arithmetic() {
        let price = Price::Graduated { tiers: vec![tier(Some("10"), "0.5", "1"), tier(None, "0.25", "0")] };
        let rated = rate(&price, &units(17));
        assert_eq!(print_exact(&rated.amount), "7.75");
        let shown: Vec<_> = rated.tiers.iter().map(|step| (step.quantity.as_str(), step.exact.as_str())).collect();
        assert_eq!(shown, [("10", "6"), ("7", "1.75")]);
    }

    #[test]
    fn a_package_charge_counts_started_packages() {
        let price = Price::Package { size: Quantity(1000), price: decimal("2") };
        let rated = rate(&price, &units(2001));
        assert_eq!((rated.tiers[0].quantity.as_str(), rated.tiers[0].exact.as_str()), ("3", "6"));
    }

    #[test]
    fn zero_usage_shows_no_step_without_a_flat_amount() {
        assert_eq!(rate(&Price::PerUnit { unit: decimal("3") }, &units(0)).tiers, []);
        let flat = Price::Graduated { tiers: vec![tier(None, "3", "5")] };
        assert_eq!(rate(&flat, &units(0)).tiers[0].exact, "5");
    }

    #[test]
    fn a_hold_covers_stopping_at_the_end_of_a_dear_tier() {
        let price = Price::Volume { tiers: vec![tier(Some("15"), "10", "0"), tier(None, "5", "0")] };
        assert_eq!(marginal(&price, Quantity(14), Quantity(2)), exact::from_i64(-60));
        assert_eq!(worst_case(&price, Quantity(14), Quantity(2)), exact::from_i64(10));
        assert_eq!(worst_case(&price, Quantity(15), Quantity(1)), exact::from_i64(0));
    }

    #[test]
    fn the_units_within_a_charge_are_many_by_any_price() {
        let within = |price: Price| units_within(&price, &units(1_000)).0;
        assert_eq!(within(Price::PerUnit { unit: decimal("0.3") }), 3_333);
        assert_eq!(within(Price::Package { size: Quantity(100), price: decimal("2") }), 49_900);
        let tiers = vec![tier(Some("10"), "0.5", "1"), tier(None, "0.25", "3")];
        assert_eq!(within(Price::Graduated { tiers: tiers.clone() }), 1_992);
        assert_eq!(within(Price::Volume { tiers }), 1_992);
        assert_eq!(within(Price::Graduated { tiers: vec![tier(None, "0", "1001")] }), 0);
        assert_eq!(within(Price::PerUnit { unit: Decimal::ZERO }), u64::MAX);
    }

    #[test]
    fn thirds_are_written_as_fractions_and_nonsense_is_not_read() {
        let third = exact::divide(&exact::from_i64(1), &exact::from_i64(3)).unwrap();
        assert_eq!(print_exact(&third), "1/3");
        for text in ["", ".", "1.", "1/0", "1.2/3", "1.2.3", "a", &"1".repeat(401)] {
            assert_eq!(parse_exact(text), None, "{text}");
        }
    }

    fn any_decimal() -> impl Strategy<Value = Decimal> {
        (0_u64..1_000_000, 0_u32..7).prop_map(|(mantissa, places)| {
            let value = exact::divide(&units(mantissa), &exact::scale(&exact::from_i64(1), places)).unwrap();
            decimal(&exact::print(&value, places))
        })
    }

    fn any_tiers() -> impl Strategy<Value = Vec<Tier>> {
        let bounds = prop::collection::btree_set(any_decimal().prop_filter("above zero", |end| !end.is_zero()), 0..5);
        (bounds, prop::collection::vec((any_decimal(), any_decimal()), 6)).prop_map(|(bounds, prices)| {
            let ends = bounds.into_iter().map(Some).chain([None]);
            ends.zip(prices).map(|(up_to, (unit, flat))| Tier { up_to, unit, flat }).collect()
        })
    }

    fn monotone_price() -> impl Strategy<Value = Price> {
        prop_oneof![
            any_decimal().prop_map(|unit| Price::PerUnit { unit }),
            (1_u64..5_000, any_decimal()).prop_map(|(size, price)| Price::Package { size: Quantity(size), price }),
            any_tiers().prop_map(|tiers| Price::Graduated { tiers }),
        ]
    }

    fn any_price() -> impl Strategy<Value = Price> {
        prop_oneof![monotone_price(), any_tiers().prop_map(|tiers| Price::Volume { tiers })]
    }

    proptest! {
        #[test]
        fn more_never_costs_less(price in monotone_price(), less in 0_u64..1_000_000, more in 0_u64..1_000_000) {
            prop_assert!(amount(&price, &units(less)) <= amount(&price, &units(less + more)));
        }

        #[test]
        fn a_unit_price_charges_the_parts_as_the_whole(unit in any_decimal(), a: u32, b: u32) {
            let price = Price::PerUnit { unit };
            let parts = exact::add(&amount(&price, &units(a.into())), &amount(&price, &units(b.into())));
            prop_assert_eq!(parts, amount(&price, &units(u64::from(a) + u64::from(b))));
        }

        #[test]
        fn marginal_charges_sum_to_the_charge_of_the_total(price in any_price(), calls in prop::collection::vec(0_u64..100_000, 0..12)) {
            let mut used = Quantity::ZERO;
            let mut charged = amount(&price, &units(0));
            for call in calls {
                charged = exact::add(&charged, &marginal(&price, used, Quantity(call)));
                used = used.checked_add(Quantity(call)).unwrap();
            }
            prop_assert_eq!(charged, amount(&price, &exact::from_quantity(used)));
        }

        #[test]
        fn a_hold_covers_every_outcome(price in any_price(), before in 0_u64..2_000_000, held in 0_u64..2_000_000, part in 0_u64..=100) {
            let outcome = marginal(&price, Quantity(before), Quantity(held * part / 100));
            prop_assert!(outcome <= worst_case(&price, Quantity(before), Quantity(held)));
        }

        #[test]
        fn no_part_of_the_units_within_a_charge_costs_more(price in any_price(), most in 0_u64..1_000_000, part in 0_u64..=100) {
            let within = units_within(&price, &units(most)).0.min(1_000_000_000);
            prop_assert!(within == 0 || amount(&price, &units(within * part / 100)) <= units(most));
        }

        #[test]
        fn the_shown_steps_add_up(price in any_price(), quantity in 0_u64..2_000_000) {
            let rated = rate(&price, &units(quantity));
            let shown = rated.tiers.iter().map(|step| parse_exact(&step.exact).unwrap());
            prop_assert_eq!(shown.fold(units(0), |sum, step| exact::add(&sum, &step)), rated.amount);
        }

        #[test]
        fn exact_amounts_survive_writing(numerator: i64, denominator in 1_i64..1_000_000_000) {
            let value = exact::divide(&exact::from_i64(numerator), &exact::from_i64(denominator)).unwrap();
            prop_assert_eq!(parse_exact(&print_exact(&value)), Some(value));
        }
    }
}
