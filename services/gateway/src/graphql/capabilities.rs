//! Capabilities as GraphQL shows them: what can be done, whoever does it.

use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject};
use catalog::published::capability::{Contract, Count as CountRule};
use catalog::published::category;
use kernel::slug::Slug;
use serde_json::Value;
use views::catalog::{CapabilityFilter as ViewFilter, Category as CategoryRow};
use views::facets::ListingFilter;

use super::connection::{connection, page_request};
use super::errors::{Refused, invalid};
use super::listings::{Listing, ListingConnection};
use super::scalars::{Count, Decimal, Language, Meter, text};
use super::work::platform;

/// Ids of capabilities and categories are these prefixes and the slug.
pub const CAPABILITY_PREFIX: &str = "cap_";
const CATEGORY_PREFIX: &str = "cat_";

/// A standard function, one of 228: what can be done, whoever does it.
#[derive(Clone, Description)]
pub struct Capability(pub views::catalog::Capability);

#[Object(use_type_description)]
impl Capability {
    /// Its id.
    pub async fn id(&self) -> ID {
        format!("{CAPABILITY_PREFIX}{}", self.0.definition.slug).into()
    }
    /// Its slug: the target of a call.
    async fn slug(&self) -> &str {
        self.0.definition.slug.as_str()
    }
    /// Its name.
    async fn name(&self, language: Option<Language>) -> String {
        text(&self.0.definition.name, language)
    }
    /// Its category.
    async fn category(&self, context: &Context<'_>) -> Result<CapabilityCategory, Refused> {
        let slug = self.0.definition.category.clone();
        let all = platform(context)?.read(views::store::Views::categories).await?;
        let found = all.into_iter().find(|category| category.slug == slug);
        Ok(CapabilityCategory(found.unwrap_or(CategoryRow { slug, capability_count: 0, answered_count: 0 })))
    }
    /// A finer grouping.
    async fn subcategory(&self) -> &str {
        &self.0.definition.subcategory
    }
    /// Kinds of input.
    async fn inputs(&self) -> &[String] {
        &self.0.definition.inputs
    }
    /// Kinds of output.
    async fn outputs(&self) -> &[String] {
        &self.0.definition.outputs
    }
    /// Industries that ask for it.
    async fn industries(&self) -> &[String] {
        &self.0.definition.industries
    }
    /// What is counted unless an offer says otherwise.
    async fn meter(&self) -> Meter {
        self.0.definition.meter.into()
    }
    /// How many units a price is usually quoted for.
    async fn quoted_per(&self) -> Count {
        Count(self.0.definition.quoted_per.into())
    }
    /// Whether its basic form is usually free.
    async fn is_usually_free(&self) -> bool {
        self.0.definition.usually_free
    }
    /// Whether demand is specialised rather than general.
    async fn is_specialised(&self) -> bool {
        self.0.definition.specialised
    }
    /// Whether it can be called: it has a contract, and a listing on the market implements it.
    async fn is_answered(&self) -> bool {
        self.0.answered
    }
    /// Whether a visitor can try it: `tryCapability` answers, as far as is known.
    async fn is_tryable(&self, context: &Context<'_>) -> Result<bool, Refused> {
        Ok(platform(context)?.service.market().is_tryable(&self.0.definition.slug))
    }
    /// What a call looks like; null until a contract is defined.
    async fn contract(&self, context: &Context<'_>) -> Result<Option<CapabilityContract>, Refused> {
        let slug = self.0.definition.slug.clone();
        Ok(platform(context)?.read(move |views| views.contract(&slug)).await?.map(CapabilityContract))
    }
    /// Who offers it, and at what price.
    async fn coverage(&self, context: &Context<'_>) -> Result<Coverage, Refused> {
        let slug = self.0.definition.slug.clone();
        platform(context)?.read(move |views| coverage(views, &slug)).await
    }
    /// Listings on the market that implement it.
    async fn listings(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<ListingConnection, Refused> {
        let page = page_request(first, after)?;
        let filter = ListingFilter {
            capability: Some(self.0.definition.slug.clone()),
            phase: Some(catalog::published::listing::Phase::Published),
            ..ListingFilter::default()
        };
        let read = move |views: &views::store::Views| views.listings(&filter, None, None, &page);
        Ok(ListingConnection::of(platform(context)?.read(read).await?, Listing))
    }
}

fn coverage(views: &views::store::Views, slug: &Slug) -> Result<Coverage, views::store::Fault> {
    let coverage = views.coverage(slug)?;
    let price_ranges = views.price_ranges(slug)?.into_iter().map(PriceRange::from).collect();
    Ok(Coverage {
        listing_count: Count(coverage.listing_count),
        provider_count: Count(coverage.provider_count),
        price_ranges,
    })
}

/// Who offers a capability.
#[derive(SimpleObject)]
pub struct Coverage {
    /// Listings on the market.
    pub listing_count: Count,
    /// Their providers.
    pub provider_count: Count,
    /// What the first charged unit costs, by meter and currency.
    pub price_ranges: Vec<PriceRange>,
}

/// What the first charged unit of a meter costs on the market, in major units.
#[derive(SimpleObject)]
pub struct PriceRange {
    /// What is counted.
    pub meter: Meter,
    /// ISO 4217.
    pub currency_code: String,
    /// The lowest.
    pub min: Decimal,
    /// The highest.
    pub max: Decimal,
}

impl From<views::coverage::PriceRange> for PriceRange {
    fn from(range: views::coverage::PriceRange) -> Self {
        Self {
            meter: range.meter.into(),
            currency_code: range.currency.code().to_owned(),
            min: Decimal::estimate(&range.min),
            max: Decimal::estimate(&range.max),
        }
    }
}

/// A category of the catalog.
#[derive(Clone, Description)]
pub struct CapabilityCategory(pub CategoryRow);

#[Object(use_type_description)]
impl CapabilityCategory {
    /// Its id.
    pub async fn id(&self) -> ID {
        format!("{CATEGORY_PREFIX}{}", self.0.slug).into()
    }
    /// Its slug: what a filter takes.
    async fn slug(&self) -> &str {
        self.0.slug.as_str()
    }
    /// Its name.
    async fn name(&self, language: Option<Language>) -> String {
        let slug = self.0.slug.as_str();
        let name = category::find(slug).map_or(slug, |found| match language.unwrap_or(Language::En) {
            Language::En => found.en,
            Language::Zh => found.zh,
        });
        name.to_owned()
    }
    /// Capabilities in it.
    async fn capability_count(&self) -> Count {
        Count(self.0.capability_count)
    }
    /// Those of them that can be called today.
    async fn answered_count(&self) -> Count {
        Count(self.0.answered_count)
    }
}

/// What a call looks like: anyone may implement it, the gateway enforces it.
#[derive(Description)]
pub struct CapabilityContract(pub Contract);

#[Object(use_type_description)]
impl CapabilityContract {
    /// From 1, rising.
    async fn version(&self) -> u32 {
        self.0.version
    }
    /// What the call does.
    async fn summary(&self, language: Option<Language>) -> String {
        text(&self.0.summary, language)
    }
    /// What is counted: one per call, unless texts or an array are named.
    async fn meter(&self) -> Meter {
        self.0.measure.meter.into()
    }
    /// JSON pointers (RFC 6901) to the texts of the input whose characters are counted.
    async fn count_characters_at(&self) -> Option<&[String]> {
        match &self.0.measure.count {
            CountRule::Characters(pointers) => Some(pointers),
            CountRule::One | CountRule::Items(_) => None,
        }
    }
    /// A JSON pointer (RFC 6901) to the array of the input whose elements are counted.
    async fn count_items_at(&self) -> Option<&str> {
        match &self.0.measure.count {
            CountRule::Items(pointer) => Some(pointer),
            CountRule::One | CountRule::Characters(_) => None,
        }
    }
    /// JSON Schema 2020-12 of the payload.
    async fn input_schema(&self) -> &Value {
        &self.0.input_schema
    }
    /// JSON Schema 2020-12 of the output.
    async fn output_schema(&self) -> &Value {
        &self.0.output_schema
    }
    /// Calls and their answers.
    async fn examples(&self) -> Vec<CapabilityExample> {
        let examples = self.0.examples.iter();
        examples
            .map(|example| CapabilityExample { input: example.input.clone(), output: example.output.clone() })
            .collect()
    }
}

/// A call and its answer.
#[derive(SimpleObject)]
pub struct CapabilityExample {
    /// Valid by the input schema.
    pub input: Value,
    /// Valid by the output schema.
    pub output: Value,
}

/// Which capabilities; all where nothing is set.
#[derive(InputObject, Default)]
pub struct CapabilityFilter {
    /// The slug of a category.
    pub category: Option<String>,
    /// Only those that can be called, or only those that cannot.
    pub is_answered: Option<bool>,
    /// Counted on this meter by default.
    pub meter: Option<Meter>,
    /// Asked for by this industry.
    pub industry: Option<String>,
}

impl CapabilityFilter {
    fn of_view(self) -> Result<ViewFilter, Refused> {
        let category =
            self.category.map(|slug| slug.parse().map_err(|error| invalid("category", error))).transpose()?;
        let meter = self.meter.map(kernel::meter::Meter::from);
        Ok(ViewFilter { category, answered: self.is_answered, meter, industry: self.industry })
    }
}

connection!(CapabilityConnection, CapabilityEdge, Capability);

/// The part of `Query` that is about capabilities.
#[derive(Default)]
pub struct CapabilitiesQuery;

#[Object]
impl CapabilitiesQuery {
    /// The categories of the catalog, in its order.
    async fn categories(&self, context: &Context<'_>) -> Result<Vec<CapabilityCategory>, Refused> {
        let all = platform(context)?.read(views::store::Views::categories).await?;
        Ok(all.into_iter().map(CapabilityCategory).collect())
    }

    /// The catalog; what a search finds, best first.
    async fn capabilities(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<CapabilityFilter>,
        search: Option<String>,
    ) -> Result<CapabilityConnection, Refused> {
        let page = page_request(first, after)?;
        let filter = filter.unwrap_or_default().of_view()?;
        let read = move |views: &views::store::Views| views.capabilities(&filter, search.as_deref(), &page);
        Ok(CapabilityConnection::of(platform(context)?.read(read).await?, Capability))
    }

    /// One capability.
    async fn capability(&self, context: &Context<'_>, slug: String) -> Result<Option<Capability>, Refused> {
        find(context, &slug).await
    }
}

/// Reads a capability by its slug, if there is one.
pub async fn find(context: &Context<'_>, slug: &str) -> Result<Option<Capability>, Refused> {
    let Ok(slug) = slug.parse::<Slug>() else { return Ok(None) };
    Ok(platform(context)?.read(move |views| views.capability(&slug)).await?.map(Capability))
}
