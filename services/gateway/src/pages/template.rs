//! The built `index.html`, cut where an address has its say: the language, the title, the description, the head's end.
//!
//! The page stays whole where a mark is missing: what is said then stands before `</head>`.

use kernel::localized::Language;
use serde_json::Value;

use super::language::{locale, tag};

/// What the head of a page says.
#[derive(Clone, Debug)]
pub struct Head {
    /// In which language.
    pub language: Language,
    /// The title; plain text.
    pub title: String,
    /// The description; plain text.
    pub description: String,
    /// The page's one address; none for a page that search engines pass over.
    pub canonical: Option<String>,
    /// The same page by language tag.
    pub alternates: Vec<(&'static str, String)>,
    /// An image that stands for it.
    pub image: Option<String>,
    /// Linked data.
    pub linked_data: Option<Value>,
}

/// The page, in pieces.
#[derive(Clone, Debug)]
pub struct Template {
    /// Up to where the head's own words go.
    before: String,
    /// From there on.
    after: String,
}

/// Stands for the language of `<html>` in the cut page.
const LANGUAGE: &str = "\u{0}lang\u{0}";

impl Template {
    /// Cuts a page: takes out its title and description, and marks its language and the end of its head.
    pub fn cut(page: &str) -> Self {
        let page = without(page, "<title", "</title>", "</title>");
        let page = without(&page, "<meta", "name=\"description\"", ">");
        let page = with_language_marked(&page);
        let at = page.find("</head>").or_else(|| page.find("<body")).unwrap_or(0);
        let (before, after) = page.split_at(at);
        Self { before: before.to_owned(), after: after.to_owned() }
    }

    /// The page with a head that also names the parts which it loads first: modules, by their paths from the root.
    pub fn render(&self, head: &Head, parts: &[&str]) -> String {
        let before = self.before.replace(LANGUAGE, tag(head.language));
        let parts: String = parts.iter().map(|part| module(part)).collect();
        format!("{before}{parts}{}{}", tags(head), self.after)
    }
}

/// The page without the first stretch that begins with `start`, holds `mark` before the next `start`, and ends with
/// `end`.
fn without(page: &str, start: &str, mark: &str, end: &str) -> String {
    let mut from = 0;
    while let Some(at) = page.get(from..).and_then(|rest| rest.find(start)).map(|at| from.saturating_add(at)) {
        let rest = page.get(at..).unwrap_or_default();
        let length = rest.find(end).map(|length| length.saturating_add(end.len()));
        let Some((stretch, after)) = length.and_then(|length| rest.split_at_checked(length)) else { break };
        if stretch.contains(mark) {
            return format!("{}{}", page.get(..at).unwrap_or_default(), after);
        }
        from = at.saturating_add(start.len());
    }
    page.to_owned()
}

fn with_language_marked(page: &str) -> String {
    let Some((before, rest)) = page.split_once("<html") else { return page.to_owned() };
    let Some((attributes, after)) = rest.split_once('>') else { return page.to_owned() };
    let others = match attributes.split_once(" lang=\"") {
        Some((left, right)) => format!("{left}{}", right.split_once('"').map_or("", |(_, right)| right)),
        None => attributes.to_owned(),
    };
    format!("{before}<html lang=\"{LANGUAGE}\"{others}>{after}")
}

fn tags(head: &Head) -> String {
    let mut tags = vec![format!("<title>{}</title>", escaped(&head.title))];
    tags.push(meta("name", "description", &head.description));
    match &head.canonical {
        Some(canonical) => tags.extend(of_public(head, canonical)),
        None => tags.push(meta("name", "robots", "noindex")),
    }
    if let Some(data) = &head.linked_data {
        tags.push(format!("<script type=\"application/ld+json\">{}</script>", embedded(data)));
    }
    tags.join("\n    ") + "\n  "
}

fn of_public(head: &Head, canonical: &str) -> Vec<String> {
    let mut tags = vec![link("canonical", None, canonical)];
    tags.extend(head.alternates.iter().map(|(tag, url)| link("alternate", Some(tag), url)));
    let graph = [
        ("og:type", "website"),
        ("og:site_name", "Tallystick 算市"),
        ("og:title", head.title.as_str()),
        ("og:description", head.description.as_str()),
        ("og:url", canonical),
        ("og:locale", locale(head.language)),
    ];
    tags.extend(graph.map(|(property, content)| meta("property", property, content)));
    tags.extend(head.image.as_deref().map(|image| meta("property", "og:image", image)));
    tags.push(meta("name", "twitter:card", "summary"));
    tags
}

fn meta(kind: &str, name: &str, content: &str) -> String {
    format!("<meta {kind}=\"{name}\" content=\"{}\" />", escaped(content))
}

fn link(relation: &str, language: Option<&str>, url: &str) -> String {
    let language = language.map(|tag| format!(" hreflang=\"{tag}\"")).unwrap_or_default();
    format!("<link rel=\"{relation}\"{language} href=\"{}\" />", escaped(url))
}

fn module(path: &str) -> String {
    format!("<link rel=\"modulepreload\" crossorigin href=\"/{}\" />\n    ", escaped(path))
}

/// Text for an element or a quoted attribute.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// JSON for a `<script>`: nothing in it can end the element or open a comment.
fn embedded(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PAGE: &str = "<!doctype html>\n<html lang=\"en\" class=\"x\">\n<head>\n<meta charset=\"utf-8\" />\n<meta
      name=\"description\"\n      content=\"old words\"\n    />\n<title>Old</title>\n<script src=\"/a.js\"></script>
      </head>\n<body><p lang=\"zh-CN\">好</p></body></html>";

    fn head() -> Head {
        Head {
            language: Language::Zh,
            title: "</title><script>alert(1)</script>".to_owned(),
            description: "\"><img src=x onerror=y> & '".to_owned(),
            canonical: Some("http://localhost/?lang=zh".to_owned()),
            alternates: vec![("en", "http://localhost/?lang=en".to_owned())],
            image: None,
            linked_data: Some(json!({"name": "</script><script>alert(1)</script><!--"})),
        }
    }

    #[test]
    fn the_head_says_what_the_address_is_about() {
        let page = Template::cut(PAGE).render(&head(), &[]);
        assert!(page.starts_with("<!doctype html>\n<html lang=\"zh-CN\" class=\"x\">"), "{page}");
        assert!(!page.contains("old words") && !page.contains("Old"), "{page}");
        assert!(page.contains("<meta charset=\"utf-8\" />") && page.contains("<p lang=\"zh-CN\">好</p>"));
        assert!(page.contains("<link rel=\"alternate\" hreflang=\"en\" href=\"http://localhost/?lang=en\" />"));
        assert_eq!(page.matches("<title>").count(), 1);
        assert!(page.find("<title>").unwrap() < page.find("</head>").unwrap());
    }

    #[test]
    fn the_head_names_what_is_loaded_first() {
        let page = Template::cut(PAGE).render(&head(), &["assets/home-1.js", "assets/en-2.js"]);
        let (head, _) = page.split_once("</head>").unwrap();
        assert!(head.contains("<link rel=\"modulepreload\" crossorigin href=\"/assets/home-1.js\" />"), "{page}");
        assert!(head.contains("href=\"/assets/en-2.js\""), "{page}");
    }

    #[test]
    fn hostile_texts_stay_text() {
        let page = Template::cut(PAGE).render(&head(), &[]);
        assert_eq!(page.matches("<script").count(), 2, "{page}");
        assert_eq!(page.matches("</script>").count(), 2, "{page}");
        assert!(!page.contains("<img") && !page.contains("<!--"), "{page}");
        assert!(page.contains("\\u003c/script\\u003e"), "{page}");
    }

    #[test]
    fn a_page_that_is_not_to_be_found_says_so() {
        let page = Template::cut(PAGE).render(&Head { canonical: None, linked_data: None, ..head() }, &[]);
        assert!(page.contains("<meta name=\"robots\" content=\"noindex\" />"));
        assert!(!page.contains("canonical") && !page.contains("og:"));
    }

    #[test]
    fn a_page_without_marks_still_gets_its_head() {
        for page in ["<html><body>x</body></html>", "<p>x", ""] {
            let rendered = Template::cut(page).render(&head(), &[]);
            assert_eq!(rendered.matches("</title>").count(), 1, "{rendered}");
            assert!(rendered.contains(page.trim_start_matches("<html>")), "{rendered}");
        }
    }
}
