//! In which language a page is asked for: its `lang` parameter, else what the visitor chose before, else what the
//! browser prefers. The page itself goes by the same (`web/src/lib/locale.ts`).

use actix_web::HttpRequest;
use actix_web::http::header;
use kernel::localized::Language;

use crate::cookies;

/// The languages of the pages, in the order of preference where a browser has none.
pub const LANGUAGES: [Language; 2] = [Language::En, Language::Zh];

/// The cookie in which the pages keep the visitor's choice.
const COOKIE: &str = "tallystick_language";

/// The language that the address itself asks for.
pub fn of_address(request: &HttpRequest) -> Option<Language> {
    let parameters = request.query_string().split('&');
    parameters.filter_map(|parameter| parameter.strip_prefix("lang=")).next_back().and_then(named)
}

/// The language of the address, else that of the cookie, else the one that `Accept-Language` prefers (RFC 9110, 12.5.4);
/// English otherwise.
pub fn of_request(request: &HttpRequest) -> Language {
    let preferred = || {
        let header = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        preferred(header)
    };
    let chosen = || cookies::sent(request.headers(), COOKIE).and_then(named);
    of_address(request).or_else(chosen).or_else(preferred).unwrap_or(Language::En)
}

fn named(value: &str) -> Option<Language> {
    LANGUAGES.into_iter().find(|language| parameter(*language) == value)
}

/// The value of the `lang` parameter and of the cookie.
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
    fn a_choice_of_before_comes_between_address_and_browser() {
        let asked = |uri: &str, cookie: &str| {
            let request = TestRequest::get().uri(uri).insert_header((header::ACCEPT_LANGUAGE, "en"));
            of_request(&request.insert_header((header::COOKIE, cookie)).to_http_request())
        };
        assert_eq!(asked("/", "theme=dark; tallystick_language=zh"), Language::Zh);
        assert_eq!(asked("/?lang=en", "tallystick_language=zh"), Language::En);
        for damaged in ["tallystick_language=", "tallystick_language=zh-CN", "tallystick_language", "language=zh"] {
            assert_eq!(asked("/", damaged), Language::En, "{damaged}");
        }
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
