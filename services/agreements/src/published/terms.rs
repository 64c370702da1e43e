//! Terms: what is free, what is charged, by which meter.

use kernel::exact::Decimal;
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::BillingPeriod;
use serde::{Deserialize, Serialize};

/// What an offer promises and asks; frozen into an agreement when accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What prices are in.
    pub currency: Currency,
    /// How often allowances reset and invoices are made.
    pub period: BillingPeriod,
    /// A fee per whole period, in major units, charged in arrears and by the second for a shortened period.
    pub flat_fee: Option<Decimal>,
    /// At most one per meter.
    pub meters: Vec<MeterTerms>,
}

impl Terms {
    /// The terms of one meter, if it is covered.
    pub fn meter(&self, meter: Meter) -> Option<&MeterTerms> {
        self.meters.iter().find(|terms| terms.meter == meter)
    }
}

/// Terms of one meter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterTerms {
    /// What is counted.
    pub meter: Meter,
    /// Units free in each period.
    pub included: Quantity,
    /// What happens past the allowance. Calls stop where there is no price.
    pub price: Option<Price>,
}

/// How `VALUE_ADDED` units of a period become a charge. All amounts are major units of the terms' currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "model")]
pub enum Price {
    /// Every unit costs the same.
    PerUnit {
        /// Per unit.
        unit: Decimal,
    },
    /// Every started package costs the same.
    Package {
        /// Units in a package, at least 1.
        size: Quantity,
        /// Per package.
        price: Decimal,
    },
    /// Each tier's units cost that tier's price.
    Graduated {
        /// Rising; the last is open.
        tiers: Vec<Tier>,
    },
    /// All units cost the price of the tier that the total falls in.
    Volume {
        /// Rising; the last is open.
        tiers: Vec<Tier>,
    },
}

impl Price {
    /// Steps that a charge by it shows at the most.
    pub const fn steps(&self) -> usize {
        match self {
            Self::PerUnit { .. } | Self::Package { .. } | Self::Volume { .. } => 1,
            Self::Graduated { tiers } => tiers.len(),
        }
    }
}

/// One tier of a graduated or volume price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// The last quantity inside; open where absent.
    pub up_to: Option<Decimal>,
    /// Per unit.
    pub unit: Decimal,
    /// Once, when the tier is reached; the first tier's also at zero usage.
    pub flat: Decimal,
}
