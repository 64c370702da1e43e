//! In which language a page is asked for: its `lang` parameter, or else what the browser prefers.

use actix_web::HttpRequest;
use actix_web::http::header;
use kernel::localized::Language;

/// The languages of the pages, in the order of preference where a browser has none.
pub const LANGUAGES: [Language; 2] = [Language::En, Language::Zh];

/// The language that the address itself asks for.
pub fn of_address(request: &HttpRequest) -> Option<Language> {
    let parameters = request.query_string().split('&');
    let value = parameters.filter_map(|parameter| parameter.strip_prefix("lang=")).next_back()?;
    LANGUAGES.into_iter().find(|language| parameter(*language) == value)
}

/// The language of the address, or else the one that `Accept-Language` prefers (RFC 9110, 12.5.4); English otherwise.
pub fn of_request(request: &HttpRequest) -> Language {
    let preferred = || {
        let header = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        preferred(header)
    };
    of_address(request).or_else(preferred).unwrap_or(Language::En)
}

/// The value of the `lang` parameter.
pub const fn parameter(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Zh => "zh",
    }
}

/// The language's tag (BCP 47).
pub const fn tag(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Zh => "zh-CN",
    }
}

/// The language's name in Open Graph.
pub const fn locale(language: Language) -> &'static str {
    match language {
        Language::En => "en_US",
        Language::Zh => "zh_CN",
    }
}

fn preferred(header: &str) -> Option<Language> {
    let ranges = header.split(',').take(32).filter_map(range);
    // `max_by_key` keeps the last of equals, and the first of equals is preferred.
    let ranges: Vec<_> = ranges.collect();
    ranges.into_iter().rev().max_by_key(|(weight, _)| *weight).map(|(_, language)| language)
}

/// The weight of a range in thousandths and its language; none where it is refused or another language.
fn range(text: &str) -> Option<(u16, Language)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?.split('-').next()?;
    let language = LANGUAGES.into_iter().find(|language| parameter(*language).eq_ignore_ascii_case(name))?;
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths)?;
    (weight > 0).then_some((weight, language))
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction:0<3}");
    digits.parse().ok().filter(|weight| *weight <= 1000 && fraction.len() <= 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_browsers_preference_is_kept() {
        assert_eq!(preferred("zh-CN,zh;q=0.9,en;q=0.8"), Some(Language::Zh));
        assert_eq!(preferred("en-GB, zh-TW"), Some(Language::En));
        assert_eq!(preferred("fr, en;q=0.3, zh;q=0.35"), Some(Language::Zh));
        assert_eq!(preferred("zh;q=0, en;q=0.001"), Some(Language::En));
        assert_eq!(preferred("de, fr;q=x, zh;q=7"), None);
    }

    #[test]
    fn the_address_comes_before_the_browser() {
        let request = TestRequest::get().uri("/?q=a&lang=zh").insert_header((header::ACCEPT_LANGUAGE, "en"));
        assert_eq!(of_request(&request.to_http_request()), Language::Zh);
        let request = TestRequest::get().uri("/?lang=fr").insert_header((header::ACCEPT_LANGUAGE, "zh"));
        assert_eq!(of_request(&request.to_http_request()), Language::Zh);
        assert_eq!(of_request(&TestRequest::get().to_http_request()), Language::En);
    }
}
