//! Facets of the listings on the market, as GraphQL shows them, and the filter that takes them back.

use async_graphql::{Context, InputObject, SimpleObject};
use catalog::published::category;
use catalog::published::listing::{Kind, Phase};
use kernel::slug::Slug;
use views::facets::{Facet as ViewFacet, FacetCount, ListingFilter as ViewFilter};

use super::errors::{Refused, invalid, not_found};
use super::scalars::{Count, Decimal, Language, ListingKind, Meter, Placement, PublisherKind, currency};
use super::work::platform;

/// Which listings; all where nothing is set.
#[derive(InputObject, Default)]
pub struct ListingFilter {
    /// Of this kind.
    pub kind: Option<ListingKind>,
    /// The slug of a capability that it implements.
    pub capability: Option<String>,
    /// The address of a store.
    pub store: Option<String>,
    /// The slug of a category that one of its capabilities belongs to.
    pub category: Option<String>,
    /// With an offer that counts this.
    pub meter: Option<Meter>,
    /// Sold by this kind of party.
    pub provider_kind: Option<PublisherKind>,
    /// That runs here.
    pub placement: Option<Placement>,
    /// Under exactly this licence.
    pub licence: Option<String>,
    /// With free units for no fee, or without.
    pub has_free_allowance: Option<bool>,
    /// Whose endpoint passed its last probe, or failed it; what has no endpoint is neither. Short rests after failures,
    /// as `health` knows of, are left out.
    pub is_answering: Option<bool>,
    /// Whose first charged unit costs at most this, on `meter` where that is set, in `currencyCode`, which it needs.
    pub price_max: Option<Decimal>,
    /// ISO 4217: with an offer in this currency.
    pub currency_code: Option<String>,
}

/// A value that listings can be filtered by.
#[derive(SimpleObject)]
pub struct Facet {
    /// What the filter takes: the name of an enum value, a slug, or a licence.
    pub value: String,
    /// For people.
    pub label: String,
    /// Listings on the market that have it and meet the rest of the filter.
    pub count: Count,
}

/// How many listings have which values, the most frequent first; at most 50 values each.
#[derive(SimpleObject, Default)]
pub struct ListingFacets {
    /// Kinds of good.
    pub kinds: Vec<Facet>,
    /// Categories of the capabilities that are implemented.
    pub categories: Vec<Facet>,
    /// What offers count.
    pub meters: Vec<Facet>,
    /// Kinds of party that sell.
    pub provider_kinds: Vec<Facet>,
    /// Where things run.
    pub placements: Vec<Facet>,
    /// Licences.
    pub licences: Vec<Facet>,
    /// `true`: those with free units for no fee.
    pub free_allowance: Vec<Facet>,
    /// `true` and `false`: those whose endpoint passed its last probe, and those whose did not.
    pub answering: Vec<Facet>,
}

impl ListingFacets {
    /// Labels the counts in a language.
    pub fn new(counted: Vec<(ViewFacet, Vec<FacetCount>)>, language: Language) -> Self {
        let mut facets = Self::default();
        for (of, counts) in counted {
            let values = counts.into_iter().map(|count| facet(of, count, language)).collect();
            match of {
                ViewFacet::Kind => facets.kinds = values,
                ViewFacet::Category => facets.categories = values,
                ViewFacet::Meter => facets.meters = values,
                ViewFacet::ProviderKind => facets.provider_kinds = values,
                ViewFacet::Placement => facets.placements = values,
                ViewFacet::Licence => facets.licences = values,
                ViewFacet::FreeAllowance => facets.free_allowance = values,
                ViewFacet::Answering => facets.answering = values,
            }
        }
        facets
    }
}

fn facet(of: ViewFacet, FacetCount { value, count }: FacetCount, language: Language) -> Facet {
    let label = label(of, &value, language).unwrap_or(&value).to_owned();
    let value = match of {
        ViewFacet::Kind | ViewFacet::Meter | ViewFacet::ProviderKind | ViewFacet::Placement => {
            value.to_ascii_uppercase()
        }
        ViewFacet::Category | ViewFacet::Licence | ViewFacet::FreeAllowance | ViewFacet::Answering => value,
    };
    Facet { value, label, count: Count(count) }
}

/// What people call a value; `None` where the value says it itself.
fn label(of: ViewFacet, value: &str, language: Language) -> Option<&'static str> {
    let (en, zh) = match of {
        ViewFacet::Category => category::find(value).map(|found| (found.en, found.zh))?,
        ViewFacet::Licence => return None,
        ViewFacet::Kind | ViewFacet::Meter | ViewFacet::ProviderKind | ViewFacet::Placement => {
            LABELS.iter().find(|(name, _, _)| *name == value).map(|(_, en, zh)| (*en, *zh))?
        }
        ViewFacet::FreeAllowance => ("Free allowance", "有免费额度"),
        ViewFacet::Answering if value == "true" => ("Answering", "应答正常"),
        ViewFacet::Answering => ("Not answering", "无应答"),
    };
    Some(match language {
        Language::En => en,
        Language::Zh => zh,
    })
}

/// Values of the kernel's and the catalog's enums as they are recorded; no two facets share one.
const LABELS: &[(&str, &str, &str)] = &[
    ("dataset", "Dataset", "数据集"),
    ("model", "Model", "模型"),
    ("compute_tier", "Compute tier", "算力"),
    ("solution", "Solution", "解决方案"),
    ("request", "Requests", "调用次数"),
    ("input_token", "Input tokens", "输入词元"),
    ("output_token", "Output tokens", "输出词元"),
    ("character", "Characters", "字符"),
    ("image", "Images", "图片"),
    ("page", "Pages", "页"),
    ("second", "Seconds", "秒"),
    ("byte", "Bytes", "字节"),
    ("row", "Rows", "行"),
    ("lease_second", "Lease seconds", "租用秒数"),
    ("device_month", "Device months", "设备月"),
    ("job", "Jobs", "作业"),
    ("government", "Government", "政府机构"),
    ("university", "University or institute", "高校与科研机构"),
    ("enterprise", "Enterprise", "企业"),
    ("community", "Community", "开源社区"),
    ("cloud", "Cloud", "云端"),
    ("edge", "Edge", "边缘"),
    ("device", "On the device", "设备端"),
    ("on_premise", "On premise", "本地部署"),
];

/// The filter of the views for what is on the market.
pub async fn market_filter(context: &Context<'_>, filter: ListingFilter) -> Result<ViewFilter, Refused> {
    let slug = |text: String, path| text.parse::<Slug>().map_err(|error| invalid(path, error));
    let provider = match filter.store.map(|text| slug(text, "store")).transpose()? {
        Some(store) => {
            let found = platform(context)?.read(move |views| views.provider_by_slug(&store)).await?;
            Some(found.ok_or_else(|| not_found("store"))?.id)
        }
        None => None,
    };
    let currency = filter.currency_code.map(|code| currency(&code, "currencyCode")).transpose()?;
    let price_max = filter.price_max.map(|price| price.number("priceMax")).transpose()?;
    if price_max.is_some_and(kernel::exact::Decimal::is_negative) {
        return Err(invalid("priceMax", "a price is not negative"));
    }
    if price_max.is_some() && currency.is_none() {
        return Err(invalid("currencyCode", "prices are compared within one currency"));
    }
    Ok(ViewFilter {
        kind: filter.kind.map(Kind::from),
        phase: Some(Phase::Published),
        provider,
        organization: None,
        capability: filter.capability.map(|text| slug(text, "capability")).transpose()?,
        category: filter.category.map(|text| slug(text, "category")).transpose()?,
        meter: filter.meter.map(kernel::meter::Meter::from),
        provider_kind: filter.provider_kind.map(catalog::published::provider::PublisherKind::from),
        placement: filter.placement.map(catalog::published::listing::Placement::from),
        licence: filter.licence,
        free_allowance: filter.has_free_allowance,
        answering: filter.is_answering,
        currency,
        price_max: price_max.map(kernel::exact::Decimal::to_exact),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::meter::Meter as Counted;

    #[test]
    fn every_meter_has_a_label_in_both_languages() {
        for meter in Counted::ALL {
            for language in [Language::En, Language::Zh] {
                assert!(label(ViewFacet::Meter, meter.name(), language).is_some(), "{meter}");
            }
        }
    }

    #[test]
    fn a_value_goes_back_into_the_filter() {
        let counts = vec![FacetCount { value: "on_premise".to_owned(), count: 2 }];
        let facets = ListingFacets::new(vec![(ViewFacet::Placement, counts)], Language::Zh);
        assert_eq!(
            (facets.placements[0].value.as_str(), facets.placements[0].label.as_str()),
            ("ON_PREMISE", "本地部署")
        );
    }
}
