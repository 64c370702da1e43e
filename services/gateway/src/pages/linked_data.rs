//! Pages as linked data: schema.org in JSON-LD, for search engines.

use agreements::published::terms::MeterTerms;
use catalog::published::category;
use catalog::published::listing::Content;
use kernel::exact;
use kernel::localized::Language;
use serde_json::{Value, json};
use views::agreements::Offer;
use views::catalog::{Capability, Provider};
use views::coverage::PriceRange;
use views::listings::Listing;

use super::language::tag;
use super::origin::Origin;
use crate::blobs;

/// Digits after the point of a printed price.
const PRICE_PLACES: u32 = 12;

const CONTEXT: &str = "https://schema.org";

/// The whole site and who runs it.
pub fn site(origin: &Origin, language: Language, description: &str) -> Value {
    json!({
        "@context": CONTEXT,
        "@graph": [
            {"@type": "WebSite", "@id": origin.at("/#site"), "name": "Tallystick", "alternateName": "算市",
                "url": origin.at("/"), "description": description, "inLanguage": tag(language),
                "publisher": {"@id": origin.at("/#market")}},
            {"@type": "Organization", "@id": origin.at("/#market"), "name": "Tallystick 算市", "url": origin.at("/")},
        ],
    })
}

/// A page that lists things.
pub fn collection(origin: &Origin, path: &str, language: Language, name: &str, description: &str) -> Value {
    json!({
        "@context": CONTEXT, "@type": "CollectionPage", "name": name, "description": description,
        "url": origin.at(path), "inLanguage": tag(language), "isPartOf": {"@id": origin.at("/#site")},
    })
}

/// A capability with what it costs.
pub fn capability(
    origin: &Origin,
    found: &Capability,
    language: Language,
    description: &str,
    ranges: &[PriceRange],
) -> Value {
    let definition = &found.definition;
    let category = category::find(definition.category.as_str()).map(|category| match language {
        Language::En => category.en,
        Language::Zh => category.zh,
    });
    let url = origin.at(&format!("/capabilities/{}", definition.slug));
    let mut value = json!({
        "@context": CONTEXT, "@type": "Product", "@id": url, "url": url,
        "name": definition.name.get(language), "description": description, "category": category,
        "inLanguage": tag(language),
    });
    let own = ranges.iter().find(|range| range.meter == definition.meter).or_else(|| ranges.first());
    if let Some(range) = own {
        value["offers"] = aggregate(range);
    }
    value
}

fn aggregate(range: &PriceRange) -> Value {
    let currency = range.currency.code();
    let (low, high) = (exact::print(&range.min, PRICE_PLACES), exact::print(&range.max, PRICE_PLACES));
    json!({
        "@type": "AggregateOffer", "priceCurrency": currency, "lowPrice": low, "highPrice": high,
        "priceSpecification": {"@type": "UnitPriceSpecification", "priceCurrency": currency, "minPrice": low,
            "maxPrice": high, "unitText": range.meter.name()},
    })
}

/// A listing that is not a dataset, with its offers.
pub fn listing(
    origin: &Origin,
    found: &Listing,
    content: &Content,
    provider: &Provider,
    offers: &[Offer],
    language: Language,
) -> Value {
    let url = origin.at(&format!("/listings/{}", found.slug));
    let seller = party(origin, provider, language);
    let offers: Vec<Value> = offers.iter().filter_map(|terms| offer(&url, terms, &seller, language)).collect();
    let mut value = json!({
        "@context": CONTEXT, "@type": "Product", "@id": url, "url": url, "sku": found.id.to_string(),
        "name": content.name.get(language), "description": content.summary.get(language), "brand": seller,
        "inLanguage": tag(language),
    });
    if let Some(licence) = &content.licence {
        value["license"] = Value::from(licence_url(licence));
    }
    if !offers.is_empty() {
        value["offers"] = Value::from(offers);
    }
    value
}

/// An offer by its first price; none where it has neither price nor allowance.
fn offer(url: &str, offer: &Offer, seller: &Value, language: Language) -> Option<Value> {
    let terms = &offer.terms;
    let currency = terms.currency.code();
    let fee = terms.flat_fee.map(|fee| {
        json!({"@type": "UnitPriceSpecification", "price": fee.to_string(), "priceCurrency": currency,
            "unitText": format!("{:?}", terms.period).to_lowercase()})
    });
    let units = terms.meters.iter().filter_map(|meter| unit(meter, currency));
    let specifications: Vec<Value> = fee.into_iter().chain(units).collect();
    let price = specifications.first()?.get("price")?.clone();
    Some(json!({
        "@type": "Offer", "name": offer.name.get(language), "url": url, "price": price, "priceCurrency": currency,
        "availability": "https://schema.org/InStock", "seller": seller, "priceSpecification": specifications,
    }))
}

/// The price of a first charged unit; nothing for units that stop at their allowance.
fn unit(meter: &MeterTerms, currency: &str) -> Option<Value> {
    let price = match &meter.price {
        Some(price) => views::price::first_unit(price)?,
        None => exact::from_i64(0),
    };
    Some(json!({
        "@type": "UnitPriceSpecification", "price": exact::print(&price, PRICE_PLACES), "priceCurrency": currency,
        "unitText": meter.meter.name(),
    }))
}

/// A store, as what its page is about.
pub fn store(origin: &Origin, provider: &Provider, language: Language) -> Value {
    let mut value = party(origin, provider, language);
    value["@context"] = Value::from(CONTEXT);
    value["description"] = Value::from(provider.store.description.get(language));
    value["sameAs"] = provider.store.website.clone().into_iter().collect();
    value
}

/// A provider as the maker or seller of something.
pub fn party(origin: &Origin, provider: &Provider, language: Language) -> Value {
    let url = origin.at(&format!("/stores/{}", provider.slug));
    let mut value = json!({"@type": "Organization", "@id": url, "name": provider.store.name.get(language), "url": url});
    if let Some(logo) = logo(origin, provider) {
        value["logo"] = Value::from(logo);
    }
    value
}

/// Where the logo of a provider's store is.
pub fn logo(origin: &Origin, provider: &Provider) -> Option<String> {
    provider.logo.as_ref().map(|logo| origin.at(&blobs::url(&logo.sha256)))
}

/// Identifiers of the SPDX licence list that data and models commonly come under.
const SPDX: &[&str] = &[
    "AGPL-3.0-only",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC-BY-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "EUPL-1.2",
    "GPL-2.0-only",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "LGPL-3.0-only",
    "MIT",
    "MPL-2.0",
    "MulanPSL-2.0",
    "ODbL-1.0",
    "ODC-By-1.0",
    "PDDL-1.0",
    "Unlicense",
];

/// The address of a licence that SPDX lists; any other is told as it is.
pub fn licence_url(licence: &str) -> String {
    if SPDX.contains(&licence) { format!("https://spdx.org/licenses/{licence}.html") } else { licence.to_owned() }
}
