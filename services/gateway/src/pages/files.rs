//! The files of the web build, from inside the binary, coded when they were built.
//!
//! Files under `assets/` carry a hash in their name and never change.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::coding::Coding;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

/// The page that knows the rest.
pub const INDEX: &str = "index.html";
const ASSETS: &str = "assets/";
/// For what never changes under its address.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For what may change: ask whether it has.
pub const REVALIDATE: &str = "no-cache";

/// A file by its path, without a leading slash.
pub fn read(path: &str) -> Option<Vec<u8>> {
    Dist::get(path).map(|file| file.data.into_owned())
}

/// The answer with a file, in the smallest coding that there is and the request takes; none where there is no such
/// file.
pub fn serve(request: &HttpRequest, path: &str) -> Option<HttpResponse> {
    let coded = [Coding::Brotli, Coding::Gzip];
    if path == INDEX || coded.iter().any(|coding| path.ends_with(coding.extension())) {
        return None;
    }
    let codings = Coding::taken(request).into_iter();
    let mut found = codings.filter_map(|coding| Some((coding, Dist::get(&format!("{path}{}", coding.extension()))?)));
    found.next().map(|(coding, file)| write(request, path, coding, file))
}

/// Whether a path is one of a file that only a page asks for.
pub fn is_part(path: &str) -> bool {
    path.starts_with(ASSETS) || path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

fn write(request: &HttpRequest, path: &str, coding: Coding, file: EmbeddedFile) -> HttpResponse {
    let tag = format!("\"{}\"", kernel::merkle::hex(&file.metadata.sha256_hash()));
    let caching = if path.starts_with(ASSETS) { IMMUTABLE } else { REVALIDATE };
    tagged(request, &tag, caching, media_type(path), coding, file.data.into_owned())
}

/// An answer that a browser may keep, or the news that what it kept still holds.
pub fn tagged(
    request: &HttpRequest,
    tag: &str,
    caching: &'static str,
    media_type: &'static str,
    coding: Coding,
    body: Vec<u8>,
) -> HttpResponse {
    let known = is_known(request, tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, caching));
    response.insert_header((header::VARY, "Accept-Encoding"));
    if known {
        return response.finish();
    }
    if coding != Coding::Identity {
        response.insert_header((header::CONTENT_ENCODING, coding.name()));
    }
    response.content_type(media_type).body(body)
}

/// Whether the browser has what a tag stands for (RFC 9110, 13.1.2).
pub fn is_known(request: &HttpRequest, tag: &str) -> bool {
    let kept = request.headers().get(header::IF_NONE_MATCH).map(HeaderValue::as_bytes).unwrap_or_default();
    let kept = kept.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    kept.map(|kept| kept.strip_prefix(b"W/").unwrap_or(kept)).any(|kept| kept == tag.as_bytes())
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
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

    fn first(prefix: &str, suffix: &str) -> Option<String> {
        let mut paths = Dist::iter().map(std::borrow::Cow::into_owned);
        paths.find(|path| path.starts_with(prefix) && path.ends_with(suffix) && *path != INDEX)
    }

    fn get(path: &str, header: (header::HeaderName, &str)) -> Option<HttpResponse> {
        serve(&TestRequest::get().insert_header(header).to_http_request(), path)
    }

    #[test]
    fn a_file_that_is_known_is_not_sent_again() {
        let Some(path) = first(ASSETS, ".js") else { return };
        let response = get(&path, (header::ACCEPT, "*/*")).unwrap();
        assert_eq!(response.headers().get(header::CACHE_CONTROL).unwrap(), IMMUTABLE);
        let tag = response.headers().get(header::ETAG).unwrap().to_str().unwrap();
        let again = get(&path, (header::IF_NONE_MATCH, &format!("\"other\", W/{tag}"))).unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_coded_file_is_sent_where_it_is_taken_and_never_asked_for_by_name() {
        let Some(coded) = first(ASSETS, ".js.br") else { return };
        assert!(get(&coded, (header::ACCEPT, "*/*")).is_none());
        let path = coded.trim_end_matches(".br");
        let response = get(path, (header::ACCEPT_ENCODING, "gzip, br")).unwrap();
        assert_eq!(response.headers().get(header::CONTENT_ENCODING).unwrap(), "br");
        assert_eq!(response.headers().get(header::VARY).unwrap(), "Accept-Encoding");
        let plain = get(path, (header::ACCEPT_ENCODING, "deflate")).unwrap();
        assert!(plain.headers().get(header::CONTENT_ENCODING).is_none());
        assert_ne!(plain.headers().get(header::ETAG), response.headers().get(header::ETAG));
    }
}
