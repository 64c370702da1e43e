//! Worked cases of public billing systems for what billing decides: proration, tax, rounding, allocation.
//!
//! The list of models and of what is not built is in `agreements/src/cases.rs`.

use agreements::published::market::BasisPoints;
use agreements::published::terms::{MeterTerms, Price};
use kernel::exact::{self, Decimal, Exact};
use kernel::meter::{Meter, Quantity};
use kernel::money::{Currency, Money};
use metering::published::usage::PeriodUsage;
use serde_json::Value;

use crate::published::invoice::Charges;
use crate::{lines, proration, sample, tax};

fn cases(model: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(include_str!("../../agreements/tests/data/billing_cases.json")).unwrap();
    let cases: Vec<Value> = all.into_iter().filter(|case| case["model"] == model).collect();
    assert!(!cases.is_empty(), "{model} has cases");
    cases
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text was expected: {value}"))
}

fn amount(value: &Value) -> Exact {
    text(value).parse::<Decimal>().unwrap().to_exact()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("a list was expected: {value}"))
}

/// Whole percents as basis points.
fn rate(percent: &Value) -> BasisPoints {
    (text(percent).parse::<u32>().unwrap() * 100).try_into().unwrap()
}

/// An amount whose minor unit has `dp` places: its own currency, counted in yen.
fn minor(value: &Value, dp: u32) -> Money {
    Money::round(&exact::scale(&amount(value), dp), Currency::Jpy).unwrap()
}

fn places(value: &Value) -> u32 {
    value.as_u64().unwrap().try_into().unwrap()
}

#[test]
fn the_worked_cases_of_proration_hold() {
    for case in cases("proration") {
        assert_eq!(case["params"]["round_dp"], 0);
        let mut total = Money::zero(Currency::Jpy);
        for (line, expected) in list(&case["usage"]["lines"]).iter().zip(list(&case["expected"]["lines"])) {
            let [part, whole] = ["num", "den"].map(|key| text(&line[key]).parse().unwrap());
            let signed = exact::multiply(&amount(&line["amount"]), &exact::from_i64(line["sign"].as_i64().unwrap()));
            let charge = proration::part(&signed, part, whole).unwrap();
            let rounded = Money::round(&charge, Currency::Jpy).unwrap();
            assert_eq!(rounded, minor(expected, 0), "{}", case["id"]);
            total = total.plus(rounded).unwrap();
        }
        assert_eq!(total, minor(&case["expected"]["total"], 0), "{}", case["id"]);
    }
}

#[test]
fn the_worked_cases_of_tax_hold() {
    for case in cases("tax") {
        assert_eq!(case["params"]["round_dp"], 0);
        for (net, expected) in list(&case["usage"]).iter().zip(list(&case["expected"])) {
            let taxed = tax::on(minor(net, 0), rate(&case["params"]["rate"]));
            assert_eq!(taxed, Ok(minor(expected, 0)), "{}", case["id"]);
        }
    }
}

/// Tax is rounded once per invoice; invoices over the same amounts one by one may differ, and are not ours to sum.
#[test]
fn the_worked_cases_of_two_ways_to_round_tax_hold() {
    for case in cases("tax_rounding_two_ways") {
        let rate = rate(&case["params"]["tax_rate"]);
        let sum = |amounts: &[Money]| Money::sum(Currency::Jpy, amounts.iter().copied()).unwrap();
        let total = |net: Money| net.plus(tax::on(net, rate).unwrap()).unwrap();
        let groups = list(&case["usage"]["groups"]).iter();
        let groups: Vec<Money> =
            groups.map(|group| sum(&list(group).iter().map(|net| minor(net, 2)).collect::<Vec<_>>())).collect();
        let apart: Vec<Money> = groups.iter().copied().map(total).collect();
        assert_eq!(total(sum(&groups)), minor(&case["expected"]["invoice_total"], 2), "{}", case["id"]);
        assert_eq!(sum(&apart), minor(&case["expected"]["sum_of_groups"], 2), "{}", case["id"]);
        let shares = tax::shares(tax::on(sum(&groups), rate).unwrap(), &groups).unwrap();
        assert_eq!(sum(&groups).plus(sum(&shares)), Ok(total(sum(&groups))), "{}", case["id"]);
    }
}

#[test]
fn the_worked_cases_of_allocation_hold() {
    for case in cases("largest_remainder") {
        let dp = places(&case["params"]["dp"]);
        let weighted = list(&case["usage"]["weights"]);
        let weights: Vec<Exact> = weighted.iter().map(|pair| amount(&pair[1])).collect();
        let shares = minor(&case["usage"]["amount"], dp).allocate(&weights).unwrap();
        for (pair, share) in weighted.iter().zip(shares) {
            assert_eq!(share, minor(&case["expected"][text(&pair[0])], dp), "{} {}", case["id"], pair[0]);
        }
    }
}

#[test]
fn the_worked_cases_of_rounding_hold() {
    for case in cases("round_half_up") {
        let dp = places(&case["params"]["dp"]);
        for (value, expected) in list(&case["usage"]).iter().zip(list(&case["expected"])) {
            assert_eq!(minor(value, dp), minor(expected, dp), "{} {value}", case["id"]);
        }
    }
}

/// An exhausted allowance: metering says that none of the line's units are free, and all of them are charged.
#[test]
fn the_worked_cases_of_used_up_allowances_hold() {
    for case in cases("usage_discount") {
        let [included, before, used] =
            [&case["params"]["free_units"], &case["usage"]["previous_quantity"], &case["usage"]["line_quantity"]]
                .map(|value| text(value).parse::<Quantity>().unwrap());
        let free = used.min(included.saturating_sub(before));
        assert_eq!(free.to_string(), text(&case["expected"]["discounted"]), "{}", case["id"]);
        let mut accepted = sample::accepted();
        let price = Some(Price::PerUnit { unit: "1".parse().unwrap() });
        accepted.terms.meters = vec![MeterTerms { meter: Meter::Request, included, price }];
        accepted.terms.flat_fee = None;
        let meters = vec![sample::used((Meter::Request, free.0, used.saturating_sub(free).0))];
        let usage = PeriodUsage { meters, ..PeriodUsage::default() };
        let amounts = lines::rate(&accepted, sample::period(), Charges::All, &usage).unwrap();
        assert_eq!(amounts.lines[0].exact, text(&case["expected"]["billable"]), "{}", case["id"]);
    }
}
