//! Prices of live offers, as text that sorts by amount, so that SQLite can compare them without a float.
//!
//! A price is what the first `VALUE_ADDED` unit costs, in major units of its currency; flat fees are left out. A meter
//! without a price stops at its allowance: it costs nothing and is not charged.

use agreements::published::terms::{MeterTerms, Price, Terms};
use kernel::exact::{self, Exact};
use kernel::id::{ListingId, OfferId};
use rusqlite::Connection;

use crate::sql::{self, Text};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE offer_price (
        offer TEXT NOT NULL,
        meter TEXT NOT NULL,
        listing TEXT NOT NULL,
        currency TEXT NOT NULL,
        price TEXT NOT NULL,
        charged INTEGER NOT NULL,
        free INTEGER NOT NULL,
        PRIMARY KEY (offer, meter)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX offer_price_listing ON offer_price (listing, charged, meter, currency, price);
    CREATE TABLE listing_price (
        listing TEXT NOT NULL,
        meter TEXT NOT NULL,
        currency TEXT NOT NULL,
        price TEXT NOT NULL,
        PRIMARY KEY (listing, meter, currency)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX listing_price_lowest ON listing_price (meter, currency, price, listing);
";

/// Stands for every meter or currency in `listing_price`.
pub(crate) const ANY: &str = "";
/// Digits on either side of the point: all that a decimal has. Only quotients are rounded.
const PLACES: u32 = 28;
const WHOLE_DIGITS: usize = 28;
const FRACTION_DIGITS: usize = 28;

/// Records what a live offer costs in place of what it cost before.
pub(crate) fn set(to: &Connection, offer: OfferId, listing: ListingId, terms: &Terms) -> rusqlite::Result<()> {
    clear(to, offer)?;
    for meter in &terms.meters {
        let Some(price) = meter.price.as_ref().map_or_else(|| Some(exact::from_i64(0)), first_unit) else { continue };
        let text = "INSERT INTO offer_price (offer, meter, listing, currency, price, charged, free)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let row = (
            Text(offer),
            Text(meter.meter),
            Text(listing),
            Text(terms.currency),
            sortable(&price),
            meter.price.is_some(),
            is_free(terms, meter),
        );
        sql::run(to, text, row)?;
    }
    Ok(())
}

/// Forgets what an offer cost: it is withdrawn.
pub(crate) fn clear(to: &Connection, offer: OfferId) -> rusqlite::Result<()> {
    sql::run(to, "DELETE FROM offer_price WHERE offer = ?1", [Text(offer)]).map(|_| ())
}

/// Sums up the lowest prices of a listing: by meter and currency, by either, and over all.
pub(crate) fn sum_up(to: &Connection, listing: ListingId) -> rusqlite::Result<()> {
    sql::run(to, "DELETE FROM listing_price WHERE listing = ?1", [Text(listing)])?;
    for (meter, currency) in [("meter", "currency"), ("meter", "''"), ("''", "currency"), ("''", "''")] {
        let text = format!(
            "INSERT INTO listing_price (listing, meter, currency, price)
             SELECT listing, {meter} AS of_meter, {currency} AS of_currency, MIN(price) FROM offer_price
             WHERE listing = ?1 GROUP BY of_meter, of_currency"
        );
        sql::run(to, &text, [Text(listing)])?;
    }
    Ok(())
}

/// Units that cost nothing and for which no fee is due.
fn is_free(terms: &Terms, meter: &MeterTerms) -> bool {
    let without_fee = terms.flat_fee.is_none_or(kernel::exact::Decimal::is_zero);
    without_fee && meter.included.0 > 0
}

/// The price per unit of the first units charged; `None` only for terms that no offer could have.
pub fn first_unit(price: &Price) -> Option<Exact> {
    match price {
        Price::PerUnit { unit } => Some(unit.to_exact()),
        Price::Package { size, price } => exact::divide(&price.to_exact(), &exact::from_quantity(*size)),
        Price::Graduated { tiers } | Price::Volume { tiers } => tiers.first().map(|tier| tier.unit.to_exact()),
    }
}

/// The amount, not negative, as text of one width.
pub(crate) fn sortable(price: &Exact) -> String {
    let text = exact::print(price, PLACES);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole:0>WHOLE_DIGITS$}.{fraction:0<FRACTION_DIGITS$}")
}

/// The amount behind such a text; `None` for any other text.
pub(crate) fn amount(sortable: &str) -> Option<Exact> {
    let digits = sortable.replace('.', "");
    format!("{digits}/1{}", "0".repeat(FRACTION_DIGITS)).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(text: &str) -> Exact {
        text.parse::<exact::Decimal>().unwrap().to_exact()
    }

    #[test]
    fn a_price_comes_back_from_its_text() {
        for text in ["0", "0.0002", "99", "1.5", "9999999999999999999999999999", "0.0000000000000000000000000001"] {
            assert_eq!(amount(&sortable(&exact(text))), Some(exact(text)), "{text}");
        }
        assert_eq!(amount("~"), None);
    }

    proptest! {
        #[test]
        fn texts_sort_as_their_amounts(left in 0_u64.., right in 0_u64.., places in 0_u32..12) {
            let price = |units: u64| exact::divide(&exact::from_i64(i64::try_from(units >> 1).unwrap()),
                &exact::scale(&exact::from_i64(1), places)).unwrap();
            let (left, right) = (price(left), price(right));
            prop_assert_eq!(sortable(&left).cmp(&sortable(&right)), left.cmp(&right));
        }
    }
}
