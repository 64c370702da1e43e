//! The web pages: files from inside the binary, and one page for every address, whose head the server writes.
//!
//! A navigation gets `index.html`, whose router knows the rest; its head says in the reader's language what the
//! address is about, so that others find it. An address that leads nowhere is a 404 with the same page.

mod address;
pub mod coding;
mod croissant;
pub mod files;
mod head;
mod language;
mod linked_data;
pub mod origin;
mod parts;
mod sitemap;
mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use actix_web::http::header;
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route, guard};
use catalog::published::listing::Details;
use kernel::slug::Slug;
use sha2::{Digest, Sha256};

use self::address::Address;
use self::coding::coded;
use self::head::Wanted;
use self::origin::Origin;
use self::parts::Parts;
use self::template::Template;
use crate::graphql::errors::Refused;
use crate::platform::Platform;

/// What a page may load and where it may stand: only what this server sends. Linked data in a `<script>` is data, which
/// `script-src` does not concern.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";

/// Serves the pages of a platform.
pub struct Pages {
    platform: Option<Arc<Platform>>,
    origin: Option<Origin>,
    template: Option<Template>,
    parts: Parts,
}

impl Pages {
    /// Pages about what is on a platform's market, under an origin, or else the one that each request was sent to.
    pub fn new(platform: Arc<Platform>, origin: Option<Origin>) -> Self {
        Self { platform: Some(platform), origin, ..Self::bare() }
    }

    /// Files and pages that know of no market.
    pub fn bare() -> Self {
        let page = files::read(files::INDEX).and_then(|bytes| String::from_utf8(bytes).ok());
        Self { platform: None, origin: None, template: page.as_deref().map(Template::cut), parts: Parts::read() }
    }

    fn origin(&self, request: &HttpRequest) -> Origin {
        self.origin.clone().unwrap_or_else(|| Origin::of(request))
    }
}

/// Serves all that no other resource does.
pub fn routes(config: &mut ServiceConfig, pages: Data<Pages>) {
    config.app_data(pages);
    config.service(web::resource("/robots.txt").route(looks().to(robots)));
    config.service(web::resource("/sitemap.xml").route(looks().to(sitemap)));
    config.service(web::resource("/listings/{slug}/croissant.json").route(looks().to(croissant)));
    config.default_service(web::route().to(serve));
}

/// A route for whoever only looks.
pub fn looks() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn serve(request: HttpRequest, pages: Data<Pages>) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish();
    }
    let path = request.path().trim_start_matches('/');
    if let Some(response) = files::serve(&request, path) {
        return response;
    }
    match &pages.template {
        Some(template) if is_navigation(&request, path) => page(&request, &pages, template).await,
        Some(_) | None => not_found(),
    }
}

fn not_found() -> HttpResponse {
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("Not found.\n")
}

/// A browser or a robot that goes to an address, rather than a page that loads a part of itself.
fn is_navigation(request: &HttpRequest, path: &str) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let html = accept.is_some_and(|accept| accept.contains("text/html") || accept.trim() == "*/*");
    path == files::INDEX || (html && !files::is_part(path))
}

async fn page(request: &HttpRequest, pages: &Pages, template: &Template) -> HttpResponse {
    let path = if request.path() == "/index.html" { "/" } else { request.path() };
    let wanted = Wanted {
        address: Address::of(path),
        language: language::of_request(request),
        by_address: language::of_address(request).is_some(),
        origin: pages.origin(request),
    };
    let missing = wanted.missing();
    let found = match &pages.platform {
        Some(platform) => platform.read(move |views| wanted.head(views)).await,
        None => Ok(None),
    };
    // The page does without a head where the views fail: it says itself what is wrong.
    let status = if matches!(found, Ok(None)) { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let head = found.ok().flatten().unwrap_or(missing);
    let page = template.render(&head, &pages.parts.of(path, head.language)).into_bytes();
    let mut response = answer(request, status, HTML, page);
    vary(&mut response, "Accept, Accept-Encoding, Accept-Language, Cookie");
    response
}

/// A body made for this request, coded where that is worth it; kept by nobody without asking whether it still holds.
fn answer(request: &HttpRequest, status: StatusCode, media_type: &'static str, body: Vec<u8>) -> HttpResponse {
    let (coding, body) = coded(request, body);
    if status != StatusCode::OK {
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CACHE_CONTROL, files::REVALIDATE));
        if coding != coding::Coding::Identity {
            response.insert_header((header::CONTENT_ENCODING, coding.name()));
        }
        return response.content_type(media_type).body(body);
    }
    let tag = format!("\"{}\"", kernel::merkle::hex(&Sha256::digest(&body)));
    files::tagged(request, &tag, files::REVALIDATE, media_type, coding, body)
}

fn vary(response: &mut HttpResponse, on: &'static str) {
    response.headers_mut().insert(header::VARY, header::HeaderValue::from_static(on));
}

async fn robots(request: HttpRequest, pages: Data<Pages>) -> HttpResponse {
    let text = sitemap::robots(&pages.origin(&request)).into_bytes();
    answer(&request, StatusCode::OK, "text/plain; charset=utf-8", text)
}

async fn sitemap(request: HttpRequest, pages: Data<Pages>) -> HttpResponse {
    let Some(platform) = &pages.platform else { return not_found() };
    let origin = pages.origin(&request);
    match platform.read(move |views| sitemap::sitemap(&origin, views)).await {
        Ok(text) => answer(&request, StatusCode::OK, "application/xml; charset=utf-8", text.into_bytes()),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn croissant(request: HttpRequest, pages: Data<Pages>, slug: web::Path<String>) -> HttpResponse {
    let (Some(platform), Ok(slug)) = (&pages.platform, slug.parse::<Slug>()) else { return not_found() };
    let (origin, language) = (pages.origin(&request), language::of_request(&request));
    match described(platform, slug, &origin, language).await {
        Ok(Some(body)) => {
            let mut response = answer(&request, StatusCode::OK, "application/ld+json", body);
            vary(&mut response, "Accept-Encoding, Accept-Language, Cookie");
            response
        }
        Ok(None) => not_found(),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// A dataset on the market in Croissant; none for any other listing.
async fn described(
    platform: &Arc<Platform>,
    slug: Slug,
    origin: &Origin,
    language: kernel::localized::Language,
) -> Result<Option<Vec<u8>>, Refused> {
    let found = platform.read(move |views| views.listing_by_slug(&slug)).await?.filter(head::is_public);
    let Some(listing) = found else { return Ok(None) };
    let Some(version) = &listing.published else { return Ok(None) };
    let Details::Dataset(dataset) = &version.content.details else { return Ok(None) };
    let id = listing.provider;
    let Some(provider) = platform.read(move |views| views.provider(id)).await? else { return Ok(None) };
    let slug = listing.slug.as_str();
    let preview = platform.previews.of(dataset).await.ok();
    let columns = preview.as_ref().map(|preview| preview.columns.as_slice()).unwrap_or_default();
    let described = croissant::dataset(origin, slug, version, dataset, &provider, language, columns);
    Ok(Some(described.to_string().into_bytes()))
}
