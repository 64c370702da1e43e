//! Scalars, money, and the kernel's enums as GraphQL shows them. Numbers that may be large are strings, never floats.

use accounts::published::actor::{Role, Scope};
use agreements::published::rating::print_exact;
use agreements::published::terms::Terms;
use async_graphql::{Enum, InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use catalog::published::{listing, provider};
use jiff::Timestamp;
use kernel::exact::{self, Exact};
use kernel::localized::Localized;
use kernel::meter::Quantity;
use kernel::money::Currency;
use kernel::period;
use metering::published::usage::Basis;

use super::errors::{Refused, invalid};

/// Digits after the point of an estimated, unrounded amount.
const ESTIMATE_PLACES: u32 = 12;

/// An instant, UTC, as ISO 8601 text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

/// ISO 8601 instant, UTC.
#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text.parse::<Timestamp>()?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An exact base-10 number as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(String);

/// Exact base-10 number as a string, never a float.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(text.parse::<exact::Decimal>()?.into()),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl Decimal {
    /// An unrounded amount, printed to 12 places.
    pub fn estimate(value: &Exact) -> Self {
        Self(exact::print(value, ESTIMATE_PLACES))
    }

    /// An exact amount: a decimal, or a fraction where no decimal is exact.
    pub fn exact(value: &Exact) -> Self {
        Self(print_exact(value))
    }

    /// A text that a rule of the platform wrote: a decimal or a fraction.
    pub const fn written(text: String) -> Self {
        Self(text)
    }

    /// The number of an input; `path` names its field.
    pub fn number(&self, path: &str) -> Result<exact::Decimal, Refused> {
        self.0.parse().map_err(|error| invalid(path, error))
    }
}

impl From<exact::Decimal> for Decimal {
    fn from(decimal: exact::Decimal) -> Self {
        Self(decimal.to_string())
    }
}

/// A whole number, 0 to 2^64 − 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub u64);

/// Whole number as a string (GraphQL Int is 32-bit).
#[Scalar]
impl ScalarType for Count {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(text.parse::<Quantity>()?.0)),
            Value::Number(number) => number.as_u64().map(Self).ok_or_else(|| InputValueError::expected_type(value)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Quantity> for Count {
    fn from(quantity: Quantity) -> Self {
        Self(quantity.0)
    }
}

/// An amount of one currency, in major units.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Major units with all the currency's digits.
    pub amount: Decimal,
    /// ISO 4217.
    pub currency_code: String,
}

impl From<kernel::money::Money> for Money {
    fn from(money: kernel::money::Money) -> Self {
        Self { amount: Decimal(money.amount()), currency_code: money.currency.code().to_owned() }
    }
}

/// An amount of one currency that is not rounded: invoice lines are what is owed.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct ExactCharge {
    /// ISO 4217.
    pub currency_code: String,
    /// Major units: a decimal, or a fraction where no decimal is exact.
    pub exact: Decimal,
}

impl ExactCharge {
    /// An amount of a currency.
    pub fn of(currency: Currency, amount: &Exact) -> Self {
        Self { currency_code: currency.code().to_owned(), exact: Decimal::exact(amount) }
    }
}

/// A half-open span of time.
#[derive(SimpleObject, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first instant inside.
    pub start: DateTime,
    /// The first instant after.
    pub end: DateTime,
}

impl From<period::Period> for Period {
    fn from(period: period::Period) -> Self {
        Self { start: DateTime(period.start), end: DateTime(period.end) }
    }
}

/// A text in one or both languages.
#[derive(InputObject, Clone, Debug)]
pub struct LocalizedInput {
    /// English.
    pub en: Option<String>,
    /// Chinese, simplified.
    pub zh: Option<String>,
}

impl From<LocalizedInput> for Localized {
    fn from(input: LocalizedInput) -> Self {
        Self { en: input.en, zh: input.zh }
    }
}

/// The text in the language asked for; English first where none is.
pub fn text(localized: &Localized, language: Option<Language>) -> String {
    localized.get(language.unwrap_or(Language::En).into()).to_owned()
}

/// Reads a currency's code.
pub fn currency(code: &str, path: &str) -> Result<Currency, Refused> {
    code.parse().map_err(|error| invalid(path, error))
}

/// The currency of terms, by code.
pub fn currency_code(terms: &Terms) -> String {
    terms.currency.code().to_owned()
}

macro_rules! enums {
    ($($(#[$doc:meta])* $name:ident = $remote:tt { $($(#[$item_doc:meta])* $item:ident,)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
            #[graphql(remote = $remote)]
            pub enum $name { $($(#[$item_doc])* $item,)+ }
        )+
    };
}

enums! {
    /// The platform's two languages.
    Language = "kernel::localized::Language" {
        /// English.
        En,
        /// Chinese, simplified.
        Zh,
    }
    /// What is counted.
    Meter = "kernel::meter::Meter" {
        /// One call.
        Request,
        /// One token read by a model.
        InputToken,
        /// One token written by a model.
        OutputToken,
        /// One Unicode character of input text.
        Character,
        /// One image.
        Image,
        /// One page of a document.
        Page,
        /// One second of audio or video.
        Second,
        /// One byte delivered.
        Byte,
        /// One row, record or point of input data.
        Row,
        /// One second of a leased compute tier.
        LeaseSecond,
        /// One device enrolled for one month.
        DeviceMonth,
        /// One finished job.
        Job,
    }
    /// How often terms repeat.
    BillingPeriod = "period::BillingPeriod" {
        /// Every calendar day.
        Day,
        /// Every month.
        Month,
        /// Every year.
        Year,
    }
    /// How a quantity came to be known.
    UsageBasis = "Basis" {
        /// The provider said so.
        ProviderReported,
        /// The gateway counted it.
        GatewayCounted,
        /// Estimated because neither could.
        Estimated,
    }
    /// What kind of good a listing is.
    ListingKind = "listing::Kind" {
        /// Data, described and delivered.
        Dataset,
        /// Something callable that implements capabilities.
        Model,
        /// Machines by the second.
        ComputeTier,
        /// Goods and work bundled for a purpose.
        Solution,
    }
    /// Where a listing stands.
    ListingState = "listing::Phase" {
        /// Only its provider sees it.
        Draft,
        /// The operator reviews it.
        InReview,
        /// On the market.
        Published,
        /// Still serves its buyers, takes no new ones.
        Deprecated,
        /// Gone from the market.
        Retired,
    }
    /// Where something runs.
    Placement = "listing::Placement" {
        /// In a data centre.
        Cloud,
        /// Near the user.
        Edge,
        /// On the device itself.
        Device,
        /// At the buyer's site.
        OnPremise,
    }
    /// What compute is for.
    Purpose = "listing::Purpose" {
        /// Training.
        Train,
        /// Inference.
        Infer,
    }
    /// What kind of party publishes.
    PublisherKind = "provider::PublisherKind" {
        /// A government body.
        Government,
        /// A university or institute.
        University,
        /// A company.
        Enterprise,
        /// An open-source or other community.
        Community,
    }
    /// What a member does in the organization.
    MemberRole = "Role" {
        /// Everything.
        Owner,
        /// Everything too, but cannot make or unmake owners.
        Admin,
        /// Calls, usage and the store.
        Developer,
        /// Usage, invoices and agreements.
        Finance,
        /// Looks only.
        Viewer,
    }
    /// One thing an actor may do for its organization.
    ScopeName = "Scope" {
        /// Call capabilities.
        Invoke,
        /// Read usage, as buyer and as seller.
        UsageRead,
        /// Report usage of what the organization sells.
        UsageReport,
        /// Read invoices, statements and the ledger of the organization.
        BillingRead,
        /// Accept offers, cancel agreements, close periods.
        AgreementsWrite,
        /// Run the store: listings and offers.
        StoreWrite,
        /// Change the organization, its members and its API keys.
        OrganizationWrite,
        /// Operate the platform.
        Operate,
    }
}

/// Whether units are charged.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageClass {
    /// Covered by a free allowance.
    Free,
    /// Charged.
    ValueAdded,
}
