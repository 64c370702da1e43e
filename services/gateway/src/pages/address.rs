//! The addresses of the pages: which there are, and which of them are for everybody.

use kernel::slug::Slug;

/// A page's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `/`
    Home,
    /// `/capabilities`
    Capabilities,
    /// `/capabilities/:slug`
    Capability(Slug),
    /// `/listings`
    Listings,
    /// `/listings/:slug`
    Listing(Slug),
    /// `/stores`
    Stores,
    /// `/stores/:slug`
    Store(Slug),
    /// Pages whose content depends on who looks, or on what was chosen: they exist, and nobody searches for them.
    Personal,
    /// Nothing.
    Unknown,
}

/// The first steps of pages that are not to be found by search engines.
const PERSONAL: &[&str] = &["compare", "sign-in", "sign-up", "sell", "usage", "operate", "design", "receipts"];

impl Address {
    /// Reads the path of a request.
    pub fn of(path: &str) -> Self {
        let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
        match steps.as_slice() {
            [] => Self::Home,
            ["capabilities"] => Self::Capabilities,
            ["listings"] => Self::Listings,
            ["stores"] => Self::Stores,
            ["capabilities", slug] => slug.parse().map_or(Self::Unknown, Self::Capability),
            ["listings", slug] => slug.parse().map_or(Self::Unknown, Self::Listing),
            ["stores", slug] => slug.parse().map_or(Self::Unknown, Self::Store),
            [first, ..] if PERSONAL.contains(first) => Self::Personal,
            _ => Self::Unknown,
        }
    }

    /// The one path of the page, whatever way it was asked for; none where there is no page for everybody.
    pub fn path(&self) -> Option<String> {
        Some(match self {
            Self::Home => "/".to_owned(),
            Self::Capabilities => "/capabilities".to_owned(),
            Self::Capability(slug) => format!("/capabilities/{slug}"),
            Self::Listings => "/listings".to_owned(),
            Self::Listing(slug) => format!("/listings/{slug}"),
            Self::Stores => "/stores".to_owned(),
            Self::Store(slug) => format!("/stores/{slug}"),
            Self::Personal | Self::Unknown => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_path_leads_back_to_itself() {
        for path in ["/", "/capabilities", "/capabilities/ocr", "/listings", "/listings/a-b", "/stores", "/stores/x1"] {
            assert_eq!(Address::of(path).path().as_deref(), Some(path));
            assert_eq!(Address::of(&format!("{path}/")), Address::of(path));
        }
    }

    #[test]
    fn other_paths_are_personal_or_unknown() {
        for path in ["/usage", "/sell/listings/new", "/operate/log", "/compare", "/receipts/verify"] {
            assert_eq!(Address::of(path), Address::Personal, "{path}");
        }
        for path in ["/market/any", "/listings/UPPER", "/listings/a/b", "/capabilities/%3Cscript%3E", "/usages"] {
            assert_eq!(Address::of(path), Address::Unknown, "{path}");
        }
    }
}
