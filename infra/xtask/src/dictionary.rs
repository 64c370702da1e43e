//! What refusals say: the `#[error("…")]` texts of every error type in the workspace, or the docstring where the text
//! is that of an inner error.

use std::collections::HashMap;

use syn::{Attribute, Item, LitStr};

use crate::sources::{self, Module};

/// Texts by type and variant. A struct is filed under its name twice.
#[derive(Default)]
pub struct Dictionary {
    texts: HashMap<(String, String), Vec<Entry>>,
}

struct Entry {
    module: String,
    text: String,
}

impl Dictionary {
    /// Reads the error types of modules.
    pub fn of<'a>(modules: impl IntoIterator<Item = &'a Module>) -> Self {
        let mut dictionary = Self::default();
        for module in modules {
            module.items.iter().for_each(|item| dictionary.file(module, item));
        }
        dictionary
    }

    /// The text of a variant as a module sees it: its own type of that name, else its crate's, else the workspace's –
    /// where the name stands for one text only.
    pub fn text(&self, module: &str, type_name: &str, variant: &str) -> Option<&str> {
        let entries = self.texts.get(&(type_name.to_owned(), variant.to_owned()))?;
        let crate_name = crate_of(module);
        let circles: [&dyn Fn(&Entry) -> bool; 3] =
            [&|entry| entry.module == module, &|entry| crate_of(&entry.module) == crate_name, &|_| true];
        let near = circles.iter().map(|within| entries.iter().filter(|entry| within(entry)).collect::<Vec<_>>());
        let near = near.into_iter().find(|near| !near.is_empty())?;
        let first = near.first()?;
        near.iter().all(|entry| entry.text == first.text).then_some(&*first.text)
    }

    fn file(&mut self, module: &Module, item: &Item) {
        match item {
            Item::Enum(item) => {
                for variant in &item.variants {
                    self.add(module, &item.ident.to_string(), &variant.ident.to_string(), &variant.attrs);
                }
            }
            Item::Struct(item) => {
                self.add(module, &item.ident.to_string(), &item.ident.to_string(), &item.attrs);
            }
            _ => {}
        }
    }

    fn add(&mut self, module: &Module, type_name: &str, variant: &str, attributes: &[Attribute]) {
        let Some(attribute) = attributes.iter().find(|attribute| attribute.path().is_ident("error")) else { return };
        let Some(text) = text(attribute).or_else(|| sources::doc(attributes)) else { return };
        let entry = Entry { module: module.path.clone(), text };
        self.texts.entry((type_name.to_owned(), variant.to_owned())).or_default().push(entry);
    }
}

fn crate_of(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

/// The format string of `#[error("…")]`; none for `#[error(transparent)]`.
fn text(attribute: &Attribute) -> Option<String> {
    attribute
        .parse_args_with(|input: syn::parse::ParseStream<'_>| {
            let text = input.parse::<LitStr>()?;
            input.parse::<proc_macro2::TokenStream>()?;
            Ok(text.value())
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::module;

    #[test]
    fn the_nearest_type_of_a_name_gives_the_text() {
        let one = module(
            "one::a",
            "enum Rejection { #[error(\"a says {0}\", x.y)] No(u8), #[error(transparent)] Other(E),
            /// Something else.
            #[error(transparent)] Told(E) }",
        );
        let two = module("two::b", "enum Rejection { #[error(\"b\")] No } #[error(\"taken\")] struct Taken { by: u8 }");
        let dictionary = Dictionary::of(one.iter().chain(&two));
        assert_eq!(dictionary.text("one::a", "Rejection", "No"), Some("a says {0}"));
        assert_eq!(dictionary.text("two::c", "Rejection", "No"), Some("b"));
        assert_eq!(dictionary.text("three", "Rejection", "No"), None, "two texts, neither nearer");
        assert_eq!(dictionary.text("three", "Taken", "Taken"), Some("taken"));
        assert_eq!(dictionary.text("one::a", "Rejection", "Other"), None);
        assert_eq!(dictionary.text("one::a", "Rejection", "Told"), Some("Something else."));
    }
}
