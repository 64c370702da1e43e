//! Worked cases of public billing systems: what one of them charges for a price and a quantity, so do we.
//!
//! `tests/data/billing_cases.json` names the source of each. A model is driven here, driven in another crate, or
//! listed with the reason why it is not built; a model in none of the lists fails.

use kernel::exact::{self, Decimal, Exact};
use kernel::meter::Quantity;
use kernel::period::{BillingPeriod, Calendar};
use serde_json::Value;

use crate::published::rating;
use crate::published::terms::{Price, Tier};

const DRIVEN_HERE: &[&str] = &[
    "anchored_months",
    "block_tiers",
    "cumulative_difference",
    "flat_plus_unit_capped",
    "graduated",
    "package",
    "per_unit",
    "volume",
];

const DRIVEN_ELSEWHERE: &[(&str, &str)] = &[
    ("commission", "settlement"),
    ("largest_remainder", "billing"),
    ("proration", "billing"),
    ("round_half_up", "billing"),
    ("tax", "billing"),
    ("tax_rounding_two_ways", "billing"),
    ("usage_discount", "billing"),
];

const NOT_BUILT: &[(&str, &str)] = &[
    ("aggregate", "meters sum; there is no unique or latest aggregation"),
    ("commission_precedence", "one commission for the whole market"),
    ("commitment_overage", "no commitments"),
    ("credit_burn_down", "no credit grants"),
    ("credit_collect_sequence", "no credit grants"),
    ("credit_note", "no credit notes"),
    ("credit_note_split", "no credit notes"),
    ("credit_timeline", "no credit grants"),
    ("credit_unwind", "no credit grants"),
    ("dedupe", "usage is metered by calls, whose keys metering keeps; reported usage is not built"),
    ("dispute_refund", "no disputes and refunds"),
    ("dynamic_multiplier", "usage carries no money"),
    ("entitlement_reset", "allowances reset to what is included, without rollover"),
    ("focus_commitment", "no FOCUS export"),
    ("focus_rows", "no FOCUS export"),
    ("focus_rule", "no FOCUS export"),
    ("graduated_percentage", "usage carries no money"),
    ("local_day_count", "fees are prorated by the second"),
    ("max_commitment", "no spend cap in terms"),
    ("min_commitment", "no minimum in terms"),
    ("multi_meter", "reported usage is not built"),
    ("payout_saga", "no payouts"),
    ("payout_whole_units", "no payouts"),
    ("percentage", "usage carries no money"),
    ("period_preserving", "no corrections for late usage"),
    ("platform_fee", "commission has no fixed part"),
    ("progressive_billing", "invoices are made per period only"),
    ("prorated_graduated", "tiers are not prorated"),
    ("prorated_true_up", "no minimum in terms"),
    ("refund_check", "no refunds"),
    ("seat_proration", "no seats"),
    ("sequential_percent_discounts", "no discounts"),
    ("sum_precise_cents", "usage carries no money"),
    ("two_phase", "the ledger has no pending entries"),
    ("two_phase_errors", "the ledger has no pending entries"),
    ("unit_conversion", "meters count in one unit; packages cover the plain case"),
    ("weighted_sum", "meters sum; there is no weighted aggregation"),
];

/// Single cases that need what the model does not have here.
const NOT_BUILT_CASES: &[(&str, &str)] = &[("kb-all-tiers-blocks", "tiers are not sold in blocks")];

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../tests/data/billing_cases.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text was expected: {value}"))
}

fn decimal(value: &Value) -> Decimal {
    text(value).parse().unwrap()
}

fn amount(value: &Value) -> Exact {
    decimal(value).to_exact()
}

fn quantity(value: &Value) -> Quantity {
    text(value).parse().unwrap()
}

fn tiers(params: &Value) -> Vec<Tier> {
    assert_eq!(params["zero_usage_flat"], true, "the first tier's flat amount is charged at zero usage");
    let tier = |tier: &Value| Tier {
        up_to: tier["up_to"].as_str().map(|end| end.parse().unwrap()),
        unit: decimal(&tier["unit"]),
        flat: decimal(&tier["flat"]),
    };
    params["tiers"].as_array().unwrap().iter().map(tier).collect()
}

/// Blocks of one unit are tiers: the ends add up, and the last is open.
fn single_unit_blocks(params: &Value) -> Vec<Tier> {
    let blocks = params["tiers"].as_array().unwrap();
    let mut end = 0_u64;
    let tier = |(index, block): (usize, &Value)| {
        assert_eq!(block["block"], "1", "tiers are not sold in blocks");
        end += text(&block["max_blocks"]).parse::<u64>().unwrap();
        let up_to = (index + 1 < blocks.len()).then(|| end.to_string().parse().unwrap());
        Tier { up_to, unit: decimal(&block["price"]), flat: Decimal::ZERO }
    };
    blocks.iter().enumerate().map(tier).collect()
}

fn price(model: &str, params: &Value) -> Price {
    match model {
        "per_unit" => Price::PerUnit { unit: decimal(&params["unit"]) },
        "package" => {
            assert_eq!((&params["free_units"], &params["bill_zero"]), (&"0".into(), &false.into()));
            Price::Package { size: quantity(&params["package_size"]), price: decimal(&params["package_price"]) }
        }
        "graduated" => Price::Graduated { tiers: tiers(params) },
        "volume" => Price::Volume { tiers: tiers(params) },
        "block_tiers" if params["mode"] == "ALL_TIERS" => Price::Graduated { tiers: single_unit_blocks(params) },
        "block_tiers" => Price::Volume { tiers: single_unit_blocks(params) },
        "flat_plus_unit_capped" => {
            assert_eq!(params["cap"], Value::Null, "there are no caps");
            let tier = Tier { up_to: None, unit: decimal(&params["unit"]), flat: decimal(&params["flat"]) };
            Price::Graduated { tiers: vec![tier] }
        }
        other => panic!("no price of the model {other}"),
    }
}

/// A unit price after division into started thousands is the price of a package of a thousand.
fn converted(params: &Value) -> Price {
    let inner = &params["price"];
    match params["divide_by"].as_str() {
        None => price(text(&inner["model"]), inner),
        Some(size) => {
            assert_eq!((&params["rounding"], &inner["model"]), (&"ceil".into(), &"per_unit".into()));
            Price::Package { size: size.parse().unwrap(), price: decimal(&inner["unit"]) }
        }
    }
}

fn check_rates(case: &Value, price: &Price) {
    let rows = case["usage"].as_array().unwrap().iter().zip(case["expected"].as_array().unwrap());
    for (used, expected) in rows {
        let rated = rating::rate(price, &amount(used));
        assert_eq!(rated.amount, amount(expected), "{} at {used}", case["id"]);
    }
}

/// What is billed now is the charge of all usage less what was billed before.
fn check_cumulative_difference(case: &Value) {
    let params = &case["params"];
    let price = converted(params);
    let billed = match params["billed_quantities"].as_array() {
        None => amount(&params["billed_amount"]),
        Some(quantities) => {
            let before = quantities.iter().map(amount).fold(exact::from_i64(0), |sum, more| exact::add(&sum, &more));
            rating::amount(&price, &before)
        }
    };
    let now = exact::subtract(&rating::amount(&price, &amount(&case["usage"][0])), &billed);
    assert_eq!(now, amount(&case["expected"][0]), "{}", case["id"]);
}

fn check_anchored_months(case: &Value) {
    let anchor = text(&case["params"]["anchor"]).parse().unwrap();
    let calendar = Calendar { zone: "UTC".parse().unwrap(), anchor, every: BillingPeriod::Month };
    for (n, expected) in (0..).zip(case["expected"].as_array().unwrap()) {
        let bounds = [n, n + 1].map(|boundary| calendar.boundary(boundary).unwrap().to_string());
        assert_eq!(&serde_json::json!(bounds), expected, "{}", case["id"]);
    }
}

#[test]
fn the_worked_cases_of_rating_hold() {
    let mut driven = 0;
    for case in cases() {
        let model = text(&case["model"]);
        if !DRIVEN_HERE.contains(&model) || NOT_BUILT_CASES.iter().any(|(id, _)| case["id"] == *id) {
            continue;
        }
        match model {
            "anchored_months" => check_anchored_months(&case),
            "cumulative_difference" => check_cumulative_difference(&case),
            _ => check_rates(&case, &price(model, &case["params"])),
        }
        driven += 1;
    }
    assert_eq!(driven, 26);
}

#[test]
fn no_model_is_skipped_in_silence() {
    let listed = DRIVEN_ELSEWHERE.iter().chain(NOT_BUILT).map(|(model, _)| *model).chain(DRIVEN_HERE.iter().copied());
    let mut listed: Vec<&str> = listed.collect();
    listed.sort_unstable();
    let cases = cases();
    let mut models: Vec<&str> = cases.iter().map(|case| text(&case["model"])).collect();
    models.sort_unstable();
    models.dedup();
    assert_eq!(listed, models);
}
