//! Prices and meters as the API tells them, read as the platform rates by them.

use std::collections::BTreeMap;

use agreements::published::rating::{self, parse_exact};
use agreements::published::terms::{Price, Tier};
use anyhow::{Context, Result};
use kernel::exact;
use kernel::exact::{Decimal, Exact};
use kernel::meter::{Meter, Quantity};
use kernel::money::{Currency, Money};
use serde_json::Value;

use super::client::{self, Amount, Line};

/// The prices of an agreement.
pub fn prices(terms: &client::Terms) -> Result<BTreeMap<Meter, Price>> {
    terms.prices.iter().map(|price| Ok((meter(&price.meter)?, read(price)?))).collect()
}

/// A meter by its name in the API.
pub fn meter(name: &str) -> Result<Meter> {
    let value = Value::String(name.to_lowercase());
    serde_json::from_value(value).with_context(|| format!("the meter {name} is unknown"))
}

/// What units of one period cost together.
pub fn total(price: Option<&Price>, value_added: u64) -> Exact {
    let of = |price| rating::amount(price, &exact::from_quantity(Quantity(value_added)));
    price.map_or_else(|| exact::from_i64(0), of)
}

/// What units cost that follow others of the same period.
pub fn late(price: Option<&Price>, before: u64, value_added: u64) -> Exact {
    let of = |price| rating::marginal(price, Quantity(before), Quantity(value_added));
    price.map_or_else(|| exact::from_i64(0), of)
}

/// Whether a line asks for exactly this charge, rounded once.
pub fn is_charged(line: &Line, charge: &Exact) -> bool {
    parse_exact(&line.exact).as_ref() == Some(charge) && is_rounded(charge, &line.amount)
}

fn is_rounded(charge: &Exact, amount: &Amount) -> bool {
    let rounded = currency(amount).and_then(|currency| Money::round(charge, currency).ok());
    rounded.is_some_and(|rounded| rounded.amount() == amount.amount)
}

/// An amount of money; `None` where it is not one.
pub fn money(amount: &Amount) -> Option<Money> {
    let money = Money::round(&parse_exact(&amount.amount)?, currency(amount)?).ok()?;
    (money.amount() == amount.amount).then_some(money)
}

fn currency(amount: &Amount) -> Option<Currency> {
    amount.currency_code.parse().ok()
}

fn read(price: &client::Price) -> Result<Price> {
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
