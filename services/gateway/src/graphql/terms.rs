//! Terms as GraphQL shows and takes them: what is free, what is charged, by which meter.

use agreements::published::terms;
use async_graphql::{Enum, InputObject, OneofObject, SimpleObject};
use kernel::meter::Quantity;

use super::errors::Refused;
use super::scalars::{BillingPeriod, Count, Decimal, Meter, currency, currency_code};

/// What an offer promises and asks; frozen into an agreement when accepted.
#[derive(SimpleObject)]
pub struct Terms {
    /// What prices are in (ISO 4217).
    pub currency_code: String,
    /// How often allowances reset and invoices are made.
    pub period: BillingPeriod,
    /// A fee per whole period, in major units, charged in arrears.
    pub flat_fee: Option<Decimal>,
    /// What is free, per meter and period.
    pub allowances: Vec<Allowance>,
    /// What is charged past the allowances.
    pub prices: Vec<Price>,
}

/// Units that are free within each period.
#[derive(SimpleObject)]
pub struct Allowance {
    /// What is counted.
    pub meter: Meter,
    /// Units free in each period.
    pub included: Count,
    /// When they are free anew.
    pub resets: BillingPeriod,
    /// What happens past them.
    pub on_exhaustion: ExhaustionPolicy,
}

/// What happens past an allowance.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ExhaustionPolicy {
    /// Calls are refused until it resets.
    Stop,
    /// Further units are `VALUE_ADDED` and charged.
    Charge,
}

/// How `VALUE_ADDED` units of a period become a charge, in major units.
#[derive(SimpleObject)]
pub struct Price {
    /// What is counted.
    pub meter: Meter,
    /// How it is computed.
    pub model: PriceModel,
    /// Per unit, or per package.
    pub unit: Option<Decimal>,
    /// Units in a package.
    pub package_size: Option<Count>,
    /// Rising; the last is open.
    pub tiers: Vec<Tier>,
}

/// How a price is computed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PriceModel {
    /// Every unit costs the same.
    PerUnit,
    /// Every started package costs the same.
    Package,
    /// Each tier's units cost that tier's price.
    Graduated,
    /// All units cost the price of the tier that the total falls in.
    Volume,
}

/// One tier of a price.
#[derive(SimpleObject)]
pub struct Tier {
    /// The last quantity inside; open where absent.
    pub up_to: Option<Decimal>,
    /// Per unit.
    pub unit: Decimal,
    /// Once, when the tier is reached.
    pub flat: Decimal,
}

impl From<&terms::Terms> for Terms {
    fn from(terms: &terms::Terms) -> Self {
        let prices = terms.meters.iter().filter_map(|meter| Some(price(meter.meter, meter.price.as_ref()?)));
        Self {
            currency_code: currency_code(terms),
            period: terms.period.into(),
            flat_fee: terms.flat_fee.map(Decimal::from),
            allowances: terms.meters.iter().map(|meter| allowance(meter, terms.period)).collect(),
            prices: prices.collect(),
        }
    }
}

fn allowance(terms: &terms::MeterTerms, period: kernel::period::BillingPeriod) -> Allowance {
    let on_exhaustion = if terms.price.is_some() { ExhaustionPolicy::Charge } else { ExhaustionPolicy::Stop };
    Allowance { meter: terms.meter.into(), included: terms.included.into(), resets: period.into(), on_exhaustion }
}

fn price(meter: kernel::meter::Meter, price: &terms::Price) -> Price {
    let of = |model| Price { meter: meter.into(), model, unit: None, package_size: None, tiers: Vec::new() };
    match price {
        terms::Price::PerUnit { unit } => Price { unit: Some((*unit).into()), ..of(PriceModel::PerUnit) },
        terms::Price::Package { size, price } => {
            Price { unit: Some((*price).into()), package_size: Some((*size).into()), ..of(PriceModel::Package) }
        }
        terms::Price::Graduated { tiers } => Price { tiers: rows(tiers), ..of(PriceModel::Graduated) },
        terms::Price::Volume { tiers } => Price { tiers: rows(tiers), ..of(PriceModel::Volume) },
    }
}

fn rows(tiers: &[terms::Tier]) -> Vec<Tier> {
    let row = |tier: &terms::Tier| Tier {
        up_to: tier.up_to.map(Decimal::from),
        unit: tier.unit.into(),
        flat: tier.flat.into(),
    };
    tiers.iter().map(row).collect()
}

/// What an offer promises and asks.
#[derive(InputObject)]
pub struct TermsInput {
    /// What prices are in (ISO 4217).
    pub currency: String,
    /// How often allowances reset and invoices are made.
    pub period: BillingPeriod,
    /// A fee per whole period, in major units.
    pub flat_fee: Option<Decimal>,
    /// At most one per meter.
    #[graphql(default)]
    pub meters: Vec<MeterTermsInput>,
}

/// Terms of one meter.
#[derive(InputObject)]
pub struct MeterTermsInput {
    /// What is counted.
    pub meter: Meter,
    /// Units free in each period; none unless given.
    pub included: Option<Count>,
    /// What is charged past them; calls stop where there is no price.
    pub price: Option<PriceInput>,
}

/// Exactly one.
#[derive(OneofObject)]
pub enum PriceInput {
    /// Every unit costs this, in major units.
    PerUnit(Decimal),
    /// Every started package costs the same.
    Package(PackageInput),
    /// Each tier's units cost that tier's price.
    Graduated(Vec<TierInput>),
    /// All units cost the price of the tier that the total falls in.
    Volume(Vec<TierInput>),
}

/// A package price.
#[derive(InputObject)]
pub struct PackageInput {
    /// Units in a package.
    pub size: Count,
    /// Per package, in major units.
    pub price: Decimal,
}

/// One tier of a price, in major units.
#[derive(InputObject)]
pub struct TierInput {
    /// The last quantity inside; left out in the last tier.
    pub up_to: Option<Decimal>,
    /// Per unit.
    pub unit: Decimal,
    /// Once, when the tier is reached; nothing unless given.
    pub flat: Option<Decimal>,
}

impl TryFrom<TermsInput> for terms::Terms {
    type Error = Refused;

    fn try_from(input: TermsInput) -> Result<Self, Refused> {
        Ok(Self {
            currency: currency(&input.currency, "terms")?,
            period: input.period.into(),
            flat_fee: input.flat_fee.map(|fee| fee.number("terms")).transpose()?,
            meters: input.meters.into_iter().map(meter_terms).collect::<Result<_, _>>()?,
        })
    }
}

fn meter_terms(input: MeterTermsInput) -> Result<terms::MeterTerms, Refused> {
    let included = input.included.map_or(Quantity::ZERO, |included| Quantity(included.0));
    let price = input.price.map(priced).transpose()?;
    Ok(terms::MeterTerms { meter: input.meter.into(), included, price })
}

fn priced(input: PriceInput) -> Result<terms::Price, Refused> {
    Ok(match input {
        PriceInput::PerUnit(unit) => terms::Price::PerUnit { unit: unit.number("terms")? },
        PriceInput::Package(PackageInput { size, price }) => {
            terms::Price::Package { size: Quantity(size.0), price: price.number("terms")? }
        }
        PriceInput::Graduated(tiers) => terms::Price::Graduated { tiers: tiered(&tiers)? },
        PriceInput::Volume(tiers) => terms::Price::Volume { tiers: tiered(&tiers)? },
    })
}

fn tiered(tiers: &[TierInput]) -> Result<Vec<terms::Tier>, Refused> {
    let tier = |input: &TierInput| {
        let flat = input.flat.as_ref().map_or(Ok(kernel::exact::Decimal::ZERO), |flat| flat.number("terms"))?;
        let up_to = input.up_to.as_ref().map(|up_to| up_to.number("terms")).transpose()?;
        Ok(terms::Tier { up_to, unit: input.unit.number("terms")?, flat })
    };
    tiers.iter().map(tier).collect()
}
