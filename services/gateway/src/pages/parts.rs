//! What each page loads first, as the web build has listed it: the head of an address names it, so that the browser
//! fetches all of it at once instead of finding one part in another.

use kernel::localized::Language;
use serde::Deserialize;

use super::files;

/// The list, among the files of the web build.
const LIST: &str = "parts.json";

/// The parts of all pages that have any of their own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Parts(Vec<Page>);

#[derive(Clone, Debug, Deserialize)]
struct Page {
    /// Steps of a path; `:name` stands for any one, `*` for all that follow.
    route: String,
    code: Vec<String>,
    words: Words,
}

#[derive(Clone, Debug, Deserialize)]
struct Words {
    en: Vec<String>,
    zh: Vec<String>,
}

impl Parts {
    /// Reads the list; without one a page is found part by part, which takes longer and changes nothing else.
    pub fn read() -> Self {
        files::read(LIST).and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// The files of the page at a path, in a language; none where it has no parts of its own.
    pub fn of(&self, path: &str, language: Language) -> Vec<&str> {
        let Some(page) = self.0.iter().find(|page| is_of(&page.route, path)) else { return Vec::new() };
        let words = match language {
            Language::En => &page.words.en,
            Language::Zh => &page.words.zh,
        };
        page.code.iter().chain(words).map(String::as_str).collect()
    }
}

fn is_of(route: &str, path: &str) -> bool {
    let mut steps = path.split('/').filter(|step| !step.is_empty());
    for wanted in route.split('/').filter(|step| !step.is_empty()) {
        match (wanted, steps.next()) {
            ("*", Some(_)) => return true,
            (wanted, Some(step)) if wanted.starts_with(':') || wanted == step => {}
            (_, _) => return false,
        }
    }
    steps.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Parts {
        let words = r#"{"en": ["en.js"], "zh": ["zh.js"]}"#;
        let page = |route: &str| format!(r#"{{"route": "{route}", "code": ["{route}.js"], "words": {words}}}"#);
        let pages = ["/", "/listings", "/listings/:slug", "/usage", "/usage/*"].map(page).join(",");
        serde_json::from_str(&format!("[{pages}]")).unwrap()
    }

    #[test]
    fn a_path_has_the_parts_of_its_page_and_the_words_of_its_language() {
        let parts = parts();
        for (path, code) in [
            ("/", "/.js"),
            ("/listings", "/listings.js"),
            ("/listings/", "/listings.js"),
            ("/listings/a-b", "/listings/:slug.js"),
            ("/usage", "/usage.js"),
            ("/usage/invoices/inv_1", "/usage/*.js"),
        ] {
            assert_eq!(parts.of(path, Language::En), [code, "en.js"], "{path}");
            assert_eq!(parts.of(path, Language::Zh), [code, "zh.js"], "{path}");
        }
    }

    #[test]
    fn other_paths_have_none() {
        for path in ["/listings/a/b", "/usages", "/stores"] {
            assert!(parts().of(path, Language::En).is_empty(), "{path}");
        }
    }
}
