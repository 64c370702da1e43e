//! Finds what a module takes from other crates: `use other::part`, and `other::part::…` in paths and macro calls.
//!
//! Works on tokens, so that texts and comments do not count and the arguments of macros do.

use std::collections::HashSet;
use std::fmt;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Item, UseTree};

use crate::sources::Module;

/// What is taken from a crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Taken {
    /// `other::part`
    Part(String),
    /// `use other::*`
    Glob,
    /// `use other;` or `use other as name;`: hides what is taken of it.
    Whole,
}

impl fmt::Display for Taken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part(name) => write!(formatter, "::{name}"),
            Self::Glob => formatter.write_str("::*"),
            Self::Whole => formatter.write_str(" as a whole"),
        }
    }
}

/// What the module takes from the crate `name` (as paths write it), each once, in order.
pub fn taken(module: &Module, name: &str) -> Vec<Taken> {
    let shadowed = local_names(module).contains(name);
    let mut search = Search { name, shadowed, found: Vec::new() };
    for item in &module.items {
        search.scan(item.to_token_stream(), Start::Fresh);
    }
    search.found.sort();
    search.found.dedup();
    search.found
}

/// Names which mean a module of this crate here, even if another crate is called the same.
fn local_names(module: &Module) -> HashSet<String> {
    let mut names: HashSet<_> = module.children.iter().cloned().collect();
    for item in &module.items {
        if let Item::Use(item) = item {
            bind(&item.tree, false, &mut names);
        }
    }
    names
}

fn bind(tree: &UseTree, local: bool, names: &mut HashSet<String>) {
    match tree {
        UseTree::Path(path) => {
            let local = local || ["crate", "self", "super"].iter().any(|root| path.ident == root);
            bind(&path.tree, local, names);
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| bind(tree, local, names)),
        UseTree::Name(name) if local => drop(names.insert(name.ident.to_string())),
        UseTree::Rename(rename) if local => drop(names.insert(rename.rename.to_string())),
        UseTree::Name(_) | UseTree::Rename(_) | UseTree::Glob(_) => {}
    }
}

/// What a path that begins at the start of a group is relative to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Nothing: an ordinary group.
    Fresh,
    /// `use { … }`: the crates themselves.
    Use,
    /// `prefix::{ … }`
    Prefix,
}

struct Search<'a> {
    name: &'a str,
    shadowed: bool,
    found: Vec<Taken>,
}

impl Search<'_> {
    fn scan(&mut self, stream: TokenStream, start: Start) {
        let tokens: Vec<_> = stream.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            let (before, after) =
                (tokens.get(..index).unwrap_or_default(), tokens.get(index + 1..).unwrap_or_default());
            match token {
                TokenTree::Ident(ident) if ident == self.name => self.consider(before, after, start),
                TokenTree::Group(group) => self.scan(group.stream(), start_of(group.delimiter(), before)),
                TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn consider(&mut self, before: &[TokenTree], after: &[TokenTree], start: Start) {
        let opens = before.last().is_none_or(|token| is_punct(token, ','));
        let continues = (opens && start == Start::Prefix) || is_segment(before);
        if continues || (self.shadowed && !ends_with_colons(before)) {
            return;
        }
        if let Some(rest) = after_colons(after) {
            self.found.extend(parts(rest));
        } else if before.last().is_some_and(|token| is_word(token, "use") || is_word(token, "crate"))
            || (opens && start == Start::Use)
        {
            self.found.push(Taken::Whole);
        }
    }
}

fn start_of(delimiter: Delimiter, before: &[TokenTree]) -> Start {
    if delimiter != Delimiter::Brace {
        Start::Fresh
    } else if ends_with_colons(before) {
        Start::Prefix
    } else if before.last().is_some_and(|token| is_word(token, "use")) {
        Start::Use
    } else {
        Start::Fresh
    }
}

/// What follows `other::`.
fn parts(rest: &[TokenTree]) -> Vec<Taken> {
    match rest.first() {
        Some(TokenTree::Ident(part)) => vec![Taken::Part(part.to_string())],
        Some(TokenTree::Group(group)) => {
            let tokens: Vec<_> = group.stream().into_iter().collect();
            tokens
                .split(|token| is_punct(token, ','))
                .filter_map(|branch| branch.first().and_then(branch_part))
                .collect()
        }
        Some(TokenTree::Punct(_)) => vec![Taken::Glob],
        Some(TokenTree::Literal(_)) | None => Vec::new(),
    }
}

fn branch_part(first: &TokenTree) -> Option<Taken> {
    match first {
        TokenTree::Ident(part) if part == "self" => Some(Taken::Whole),
        TokenTree::Ident(part) => Some(Taken::Part(part.to_string())),
        TokenTree::Punct(_) => Some(Taken::Glob),
        TokenTree::Group(_) | TokenTree::Literal(_) => None,
    }
}

/// Whether a name after these tokens is a later segment of a path, as in `crate::name`.
fn is_segment(before: &[TokenTree]) -> bool {
    let Some([.., last]) = before_colons(before) else { return false };
    match last {
        TokenTree::Ident(word) => !KEYWORDS_BEFORE_A_PATH.iter().any(|keyword| word == keyword),
        TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => false,
    }
}

/// Words after which `::name` is a path from the root, not a continued one.
const KEYWORDS_BEFORE_A_PATH: &[&str] =
    &["use", "as", "in", "return", "match", "if", "while", "else", "dyn", "impl", "mut", "for", "where", "ref", "move"];

fn ends_with_colons(tokens: &[TokenTree]) -> bool {
    before_colons(tokens).is_some()
}

fn before_colons(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    match tokens {
        [rest @ .., one, other] if is_punct(one, ':') && is_punct(other, ':') => Some(rest),
        _ => None,
    }
}

fn after_colons(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    match tokens {
        [one, other, rest @ ..] if is_punct(one, ':') && is_punct(other, ':') => Some(rest),
        _ => None,
    }
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::module;

    fn found(text: &str) -> Vec<String> {
        let modules = module("made_up", text);
        modules.iter().flat_map(|module| taken(module, "billing")).map(|taken| taken.to_string()).collect()
    }

    #[test]
    fn a_use_is_found_in_each_form() {
        assert_eq!(found("use billing::invoice::Invoice;"), ["::invoice"]);
        assert_eq!(
            found("use billing::{invoice, published::invoice as x, tax::*};"),
            ["::invoice", "::published", "::tax"]
        );
        assert_eq!(found("use {billing::invoice, kernel::id};"), ["::invoice"]);
        assert_eq!(found("use ::billing::invoice;"), ["::invoice"]);
        assert_eq!(found("pub use billing::invoice;"), ["::invoice"]);
        assert_eq!(found("fn f() { use billing::invoice; }"), ["::invoice"]);
    }

    #[test]
    fn taking_a_crate_as_a_whole_is_found() {
        for text in ["use billing;", "use billing as b;", "use billing::{self as b};", "use {billing as b};"] {
            assert_eq!(found(text), [" as a whole"], "{text}");
        }
        assert_eq!(found("extern crate billing as b;"), [" as a whole"]);
        assert_eq!(found("use billing::*;"), ["::*"]);
    }

    #[test]
    fn a_path_is_found_in_code_types_and_macros() {
        assert_eq!(found("fn f() { billing::tax::of(1) }"), ["::tax"]);
        assert_eq!(found("fn f(x: &billing::tax::Rate) -> ::billing::lines::Line {}"), ["::lines", "::tax"]);
        assert_eq!(found("fn f() -> bool { matches!(x, billing::invoice::Phase::Paid) }"), ["::invoice"]);
        assert_eq!(found("fn f() { if x == ::billing::tax::NONE {} }"), ["::tax"]);
    }

    #[test]
    fn a_module_of_the_same_name_is_not_the_crate() {
        assert!(found("use crate::billing::invoice; fn f() { super::billing::tax(); }").is_empty());
        assert!(found("use crate::{accounts, billing}; fn f() { billing::tax(); }").is_empty());
        assert!(found("use crate::{views::{billing}}; fn f() { billing::tax(); }").is_empty());
        assert!(found("mod billing {} fn f() { billing::tax(); }").is_empty());
    }

    #[test]
    fn a_module_of_the_same_name_does_not_hide_the_crate() {
        assert_eq!(found("use crate::billing; fn f() { ::billing::tax(); }"), ["::tax"]);
        assert_eq!(found("mod inner { use crate::billing; } fn f() { billing::tax(); }"), ["::tax"]);
    }

    #[test]
    fn texts_comments_and_variables_do_not_count() {
        assert!(found("/// See billing::invoice.\nfn f() { let billing = \"billing::tax\"; g(billing); }").is_empty());
    }
}
