//! `schema/error-codes.md`: every stable code a client can meet, where it comes from, and what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::{Result, ensure};

use crate::dictionary::Dictionary;
use crate::generated::Generated;
use crate::raised::{Raised, raised};
use crate::sources::{self, Module};
use crate::workspace;

const HEADER: &str = "# Error codes

Stable: a code keeps its meaning, and clients may branch on it. Texts may change; `{…}` stands for a value.
Rules that say no come back in the payload of a mutation; everything else is a GraphQL error with `extensions.code`.
Written by `cargo run -p xtask -- error-codes`.

| code | where | meaning |
|---|---|---|
";

/// Everything about one code.
#[derive(Debug, Default)]
struct Entry {
    /// Modules that give it.
    places: BTreeSet<String>,
    /// What the types say whose rule it is.
    ruled: BTreeSet<String>,
    /// What it says where no type tells.
    told: Option<String>,
}

/// The file as the sources say.
pub fn file() -> Result<Generated> {
    let modules = modules()?;
    let dictionary = Dictionary::of(&modules);
    let entries = entries(modules.iter().flat_map(|module| raised(module, &dictionary)));
    let faults = faults(&entries);
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(Generated { path: "schema/error-codes.md", text: table(&entries), command: "cargo run -p xtask -- error-codes" })
}

fn modules() -> Result<Vec<Module>> {
    let mut modules = Vec::new();
    for package in workspace::packages()?.iter().filter(|package| package.is_service()) {
        for root in package.roots() {
            modules.extend(sources::modules(&package.name, root)?);
        }
    }
    Ok(modules)
}

fn entries(found: impl Iterator<Item = Raised>) -> BTreeMap<String, Entry> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for raised in found {
        let entry = entries.entry(raised.code).or_default();
        entry.places.insert(raised.module);
        match raised.meaning {
            Some(meaning) if raised.is_rule => drop(entry.ruled.insert(meaning)),
            meaning => entry.told = entry.told.take().or(meaning),
        }
    }
    entries
}

/// Codes that mean several things, or nothing.
fn faults(entries: &BTreeMap<String, Entry>) -> Vec<String> {
    let fault = |(code, entry): (&String, &Entry)| match (entry.ruled.len(), &entry.told) {
        (0, None) => Some(format!("{code} in {:?} says nothing", entry.places)),
        (0 | 1, _) => None,
        _ => Some(format!("{code} means {:?} in {:?}", entry.ruled, entry.places)),
    };
    entries.iter().filter_map(fault).collect()
}

fn table(entries: &BTreeMap<String, Entry>) -> String {
    let mut text = HEADER.to_owned();
    for (code, entry) in entries {
        let places: Vec<_> = entry.places.iter().map(|place| format!("`{place}`")).collect();
        let meaning = entry.ruled.first().or(entry.told.as_ref()).map_or("", |meaning| meaning);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| `{code}` | {} | {} |", places.join(", "), meaning.replace('|', "\\|"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(code: &str, module: &str, meaning: &str) -> Raised {
        Raised { code: code.into(), module: module.into(), meaning: Some(meaning.into()), is_rule: true }
    }

    #[test]
    fn the_list_of_codes_is_fresh_and_each_has_one_meaning() {
        file().unwrap().check().unwrap();
    }

    #[test]
    fn a_code_with_two_meanings_is_found() {
        let found = entries([rule("NO", "a", "one"), rule("NO", "b", "two")].into_iter());
        assert!(faults(&found)[0].starts_with("NO means"));
        let same = entries([rule("NO", "a", "one"), rule("NO", "b", "one")].into_iter());
        assert!(faults(&same).is_empty());
    }

    #[test]
    fn a_code_that_says_nothing_is_found() {
        let found = entries([Raised { meaning: None, ..rule("NO", "a", "") }].into_iter());
        assert_eq!(faults(&found), ["NO in {\"a\"} says nothing"]);
    }

    #[test]
    fn the_type_whose_rule_it_is_says_what_a_code_means() {
        let told = Raised { is_rule: false, ..rule("NO", "a", "in passing") };
        let found = entries([told, rule("NO", "b", "one | two")].into_iter());
        assert!(table(&found).ends_with("| `NO` | `a`, `b` | one \\| two |\n"));
    }
}
