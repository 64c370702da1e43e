//! `robots.txt` and `sitemap.xml` (<https://www.sitemaps.org/protocol.html>): what there is to find, in each language.

use std::fmt::Write;

use views::store::{Fault, Views};

use super::address::Address;
use super::language::{LANGUAGES, parameter, tag};
use super::origin::Origin;
use super::template::escaped;

/// The most addresses of one sitemap; the protocol takes no more.
const ADDRESSES_MAX: usize = 50_000;

/// What robots may read.
pub fn robots(origin: &Origin) -> String {
    format!(
        "User-agent: *\nDisallow: /graphql\nDisallow: /health/\nDisallow: /metrics\nDisallow: /operate\n\
         Disallow: /sell\nDisallow: /usage\n\nSitemap: {}\n",
        origin.at("/sitemap.xml")
    )
}

/// The addresses of all pages for everybody, the catalog first, then what is newest on the market.
pub fn sitemap(origin: &Origin, views: &Views) -> Result<String, Fault> {
    let fixed = [Address::Home, Address::Capabilities, Address::Listings, Address::Stores];
    let capabilities = views.capability_slugs()?.into_iter().map(Address::Capability);
    let stores = views.store_slugs()?.into_iter().rev().map(Address::Store);
    let listings = views.listing_slugs()?.into_iter().rev().map(|(_, slug)| Address::Listing(slug));
    let addresses = fixed.into_iter().chain(capabilities).chain(stores).chain(listings);
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for path in addresses.filter_map(|address| address.path()).take(ADDRESSES_MAX) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "<url><loc>{}</loc>{}</url>", escaped(&origin.at(&path)), alternates(origin, &path));
    }
    text.push_str("</urlset>\n");
    Ok(text)
}

fn alternates(origin: &Origin, path: &str) -> String {
    let link = |language| {
        let url = escaped(&origin.at(&format!("{path}?lang={}", parameter(language))));
        format!("<xhtml:link rel=\"alternate\" hreflang=\"{}\" href=\"{url}\"/>", tag(language))
    };
    LANGUAGES.map(link).concat()
}
