//! What the head of each page says, in one language, from what is on the market.

use catalog::published::listing::{Content, Details, Phase};
use kernel::localized::Language;
use views::agreements::OfferFilter;
use views::catalog::Provider;
use views::listings::Listing;
use views::page::PageRequest;
use views::store::Views;

use super::address::Address;
use super::language::{LANGUAGES, parameter, tag};
use super::origin::Origin;
use super::template::Head;
use super::{croissant, linked_data};
use crate::graphql::errors::{Fault, Refused};

/// The longest description, in characters: what search engines show.
const DESCRIPTION_LENGTH_MAX: usize = 200;
/// The most offers that a listing's linked data names.
const OFFERS_MAX: u32 = 20;

/// A page that was asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which.
    pub address: Address,
    /// In which language.
    pub language: Language,
    /// Whether the address itself names the language, so that the page's one address does too.
    pub by_address: bool,
    /// Where the platform is reached.
    pub origin: Origin,
}

/// What a page is about.
pub struct Subject {
    title: String,
    description: String,
    image: Option<String>,
    linked_data: Option<serde_json::Value>,
}

impl Wanted {
    /// The head of the page; none where there is no such page.
    pub fn head(&self, views: &Views) -> Result<Option<Head>, Refused> {
        Ok(self.subject(views)?.map(|subject| self.found(subject)))
    }

    fn found(&self, subject: Subject) -> Head {
        let path = self.address.path();
        let alternates = path.as_ref().map(|path| self.alternates(path)).unwrap_or_default();
        Head {
            language: self.language,
            title: subject.title,
            description: shortened(&subject.description),
            canonical: path.map(|path| self.canonical(&path)),
            alternates,
            image: subject.image,
            linked_data: subject.linked_data,
        }
    }

    /// The head of the page that says that there is none.
    pub fn missing(&self) -> Head {
        let (title, description) = match self.language {
            Language::En => ("Nothing here · Tallystick", "There is no page at this address."),
            Language::Zh => ("没有此页面 · 算市", "此地址没有页面。"),
        };
        Head {
            language: self.language,
            title: title.to_owned(),
            description: description.to_owned(),
            canonical: None,
            alternates: Vec::new(),
            image: None,
            linked_data: None,
        }
    }

    fn canonical(&self, path: &str) -> String {
        if self.by_address { self.in_language(path, self.language) } else { self.origin.at(path) }
    }

    fn in_language(&self, path: &str, language: Language) -> String {
        self.origin.at(&format!("{path}?lang={}", parameter(language)))
    }

    fn alternates(&self, path: &str) -> Vec<(&'static str, String)> {
        let named = LANGUAGES.map(|language| (tag(language), self.in_language(path, language)));
        named.into_iter().chain([("x-default", self.origin.at(path))]).collect()
    }

    fn subject(&self, views: &Views) -> Result<Option<Subject>, Refused> {
        Ok(match &self.address {
            Address::Home => Some(self.home()),
            Address::Capabilities => Some(self.collection(&CAPABILITIES)),
            Address::Listings => Some(self.collection(&LISTINGS)),
            Address::Stores => Some(self.collection(&STORES)),
            Address::Capability(slug) => match views.capability(slug)? {
                Some(found) => Some(self.capability(views, &found)?),
                None => None,
            },
            Address::Listing(slug) => match views.listing_by_slug(slug)?.filter(is_public) {
                Some(found) => self.listing(views, &found)?,
                None => None,
            },
            Address::Store(slug) => views.provider_by_slug(slug)?.map(|found| self.store(&found)),
            Address::Personal => Some(plain(self.words(&HOME))),
            Address::Unknown => None,
        })
    }

    fn words(&self, words: &Words) -> (&'static str, &'static str) {
        match self.language {
            Language::En => words.en,
            Language::Zh => words.zh,
        }
    }

    fn home(&self) -> Subject {
        let words = self.words(&HOME);
        let linked_data = linked_data::site(&self.origin, self.language, words.1);
        Subject { linked_data: Some(linked_data), ..plain(words) }
    }

    fn collection(&self, words: &Words) -> Subject {
        let words = self.words(words);
        let path = self.address.path().unwrap_or_default();
        let linked_data = linked_data::collection(&self.origin, &path, self.language, words.0, words.1);
        Subject { linked_data: Some(linked_data), ..plain(words) }
    }

    fn capability(&self, views: &Views, found: &views::catalog::Capability) -> Result<Subject, Refused> {
        let slug = &found.definition.slug;
        let name = found.definition.name.get(self.language);
        let contract = views.contract(slug)?;
        let summary = contract.map(|contract| contract.summary.get(self.language).to_owned());
        let coverage = views.coverage(slug)?;
        let ranges = views.price_ranges(slug)?;
        let description = match self.language {
            Language::En => format!(
                "{} {} listings of {} providers on the market.",
                summary.unwrap_or_else(|| format!("{name}: one of 228 standard AI capabilities.")),
                coverage.listing_count,
                coverage.provider_count
            ),
            Language::Zh => format!(
                "{}市场上有{}家服务商的{}项服务。",
                summary.unwrap_or_else(|| format!("{name}：228项标准人工智能能力之一。")),
                coverage.provider_count,
                coverage.listing_count
            ),
        };
        let linked_data = linked_data::capability(&self.origin, found, self.language, &description, &ranges);
        Ok(Subject { title: self.titled(name), description, image: None, linked_data: Some(linked_data) })
    }

    fn listing(&self, views: &Views, found: &Listing) -> Result<Option<Subject>, Refused> {
        let Some(version) = &found.published else { return Ok(None) };
        let Some(store) = views.provider(found.provider)? else { return Ok(None) };
        let linked_data = match &version.content.details {
            Details::Dataset(dataset) => {
                croissant::dataset(&self.origin, found.slug.as_str(), version, dataset, &store, self.language, &[])
            }
            Details::Model(_) | Details::ComputeTier(_) | Details::Solution(_) => {
                let live = OfferFilter { listing: Some(found.id), withdrawn: Some(false), ..OfferFilter::default() };
                let page = PageRequest::new(OFFERS_MAX, None).map_err(|error| Fault::internal(&error))?;
                let offers = views.offers(&live, &page)?.nodes.into_iter().map(|(_, offer)| offer).collect::<Vec<_>>();
                linked_data::listing(&self.origin, found, &version.content, &store, &offers, self.language)
            }
        };
        let image = linked_data::logo(&self.origin, &store);
        Ok(Some(Subject { image, ..self.about(&version.content, linked_data) }))
    }

    fn about(&self, content: &Content, linked_data: serde_json::Value) -> Subject {
        Subject {
            title: self.titled(content.name.get(self.language)),
            description: content.summary.get(self.language).to_owned(),
            image: None,
            linked_data: Some(linked_data),
        }
    }

    fn store(&self, found: &Provider) -> Subject {
        Subject {
            title: self.titled(found.store.name.get(self.language)),
            description: found.store.description.get(self.language).to_owned(),
            image: linked_data::logo(&self.origin, found),
            linked_data: Some(linked_data::store(&self.origin, found, self.language)),
        }
    }

    fn titled(&self, name: &str) -> String {
        match self.language {
            Language::En => format!("{name} · Tallystick"),
            Language::Zh => format!("{name} · 算市"),
        }
    }
}

fn plain((title, description): (&str, &str)) -> Subject {
    Subject { title: title.to_owned(), description: description.to_owned(), image: None, linked_data: None }
}

/// Whether everybody may see a listing.
pub fn is_public(listing: &Listing) -> bool {
    matches!(listing.phase, Phase::Published | Phase::Deprecated)
}

/// One line of at most [`DESCRIPTION_LENGTH_MAX`] characters.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= DESCRIPTION_LENGTH_MAX {
        return line;
    }
    line.chars().take(DESCRIPTION_LENGTH_MAX.saturating_sub(1)).chain(['…']).collect()
}

/// A title and a description in each language.
struct Words {
    en: (&'static str, &'static str),
    zh: (&'static str, &'static str),
}

const HOME: Words = Words {
    en: (
        "Tallystick · AI marketplace with the bill built in",
        "Find one of 228 standard AI capabilities, try it, and call it through one gateway. Free and value-added use are told apart on every call, and every charge can be checked.",
    ),
    zh: (
        "算市 · 自带账单的人工智能市场",
        "查找228项标准人工智能能力，先试用，再经由同一网关调用。每次调用都分清免费与增值用量，每笔费用都可核对。",
    ),
};

const CAPABILITIES: Words = Words {
    en: (
        "228 AI capabilities · Tallystick",
        "The map of 228 standard AI capabilities: speech, text, images, video, language, data and more, with who offers them, at what price, and what is free.",
    ),
    zh: (
        "228项人工智能能力 · 算市",
        "228项标准人工智能能力一览：语音、文字、图像、视频、语言、数据等，谁在提供、价格多少、哪些免费。",
    ),
};

const LISTINGS: Words = Words {
    en: (
        "Models, datasets, compute and solutions · Tallystick",
        "Everything on the market: models to call, datasets to download, compute by the second and solutions, by price, licence and free allowance.",
    ),
    zh: (
        "模型、数据集、算力与解决方案 · 算市",
        "市场上的全部商品：可调用的模型、可下载的数据集、按秒计费的算力与解决方案，可按价格、许可与免费额度筛选。",
    ),
};

const STORES: Words = Words {
    en: ("Stores · Tallystick", "Who sells on the market: companies, universities, public bodies and communities."),
    zh: ("商店 · 算市", "市场上的服务商：企业、高校与科研机构、政府机构与开源社区。"),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_one_short_line() {
        assert_eq!(shortened(" a\n b\tc "), "a b c");
        let long = shortened(&"字".repeat(10_000));
        assert_eq!(long.chars().count(), DESCRIPTION_LENGTH_MAX);
        assert!(long.ends_with('…'));
    }
}
