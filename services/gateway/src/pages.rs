//! The web pages, from inside the binary.
//!
//! Files under `assets/` carry a hash in their name and never change; a navigation to any other address gets
//! `index.html`, whose router knows the rest.

use std::borrow::Cow;

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{EmbeddedFile, RustEmbed};

/// What a page may load and where it may stand: only what this server sends.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

const INDEX: &str = "index.html";
const ASSETS: &str = "assets/";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "no-cache";

/// Serves whatever no other resource does.
pub async fn serve(request: HttpRequest) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish();
    }
    match find(&request) {
        Some((path, file)) => write(&request, &path, file),
        None => HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("Not found.\n"),
    }
}

fn find(request: &HttpRequest) -> Option<(Cow<'_, str>, EmbeddedFile)> {
    let path = match request.path().trim_start_matches('/') {
        "" => INDEX,
        path => path,
    };
    if let Some(file) = Dist::get(path) {
        return Some((Cow::Borrowed(path), file));
    }
    is_navigation(request, path).then(|| Dist::get(INDEX)).flatten().map(|file| (Cow::Borrowed(INDEX), file))
}

/// A browser that goes to an address, rather than a page that loads a part of itself.
fn is_navigation(request: &HttpRequest, path: &str) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    !file && !path.starts_with(ASSETS) && accept.is_some_and(|accept| accept.contains("text/html"))
}

fn write(request: &HttpRequest, path: &str, file: EmbeddedFile) -> HttpResponse {
    let tag = format!("\"{}\"", kernel::merkle::hex(&file.metadata.sha256_hash()));
    let caching = if path.starts_with(ASSETS) { IMMUTABLE } else { REVALIDATE };
    let known = request.headers().get(header::IF_NONE_MATCH).map(HeaderValue::as_bytes) == Some(tag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, caching));
    if known { response.finish() } else { response.content_type(media_type(path)).body(file.data) }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json") => "application/json",
        Some("csv") => "text/csv; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::StatusCode;
    use actix_web::test::TestRequest;

    async fn get(path: &str, header: (header::HeaderName, String)) -> HttpResponse {
        serve(TestRequest::get().uri(path).insert_header(header).to_http_request()).await
    }

    fn first(prefix: &str) -> Option<String> {
        Dist::iter().map(Cow::into_owned).find(|path| path.starts_with(prefix))
    }

    #[actix_web::test]
    async fn a_navigation_gets_the_index_where_the_pages_are_built() {
        let response = get("/market/any", (header::ACCEPT, "text/html,*/*;q=0.8".to_owned())).await;
        let expected = if first(INDEX).is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(response.status(), expected);
    }

    #[actix_web::test]
    async fn a_file_that_is_known_is_not_sent_again() {
        let Some(path) = first("") else { return };
        let response = get(&format!("/{path}"), (header::ACCEPT, "*/*".to_owned())).await;
        let tag = response.headers().get(header::ETAG).unwrap().to_str().unwrap().to_owned();
        let caching = response.headers().get(header::CACHE_CONTROL).unwrap();
        assert_eq!(caching, if path.starts_with(ASSETS) { IMMUTABLE } else { REVALIDATE });
        let again = get(&format!("/{path}"), (header::IF_NONE_MATCH, tag)).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }
}
