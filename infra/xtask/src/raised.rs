//! Finds the stable codes in a module's source, and what is said with them.
//!
//! A code is a text in `SCREAMING_SNAKE_CASE` that stands where codes stand: in a `fn code(…) -> ErrorCode`, in
//! `ErrorCode("…")`, in a field or a variable called `code`, in a constant of its own name, or as the first argument
//! of the gateway's `again(…)` and `coded(…)`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, Expr, ExprCall, ExprStruct, FieldValue, ImplItemFn, ItemConst, ItemFn, ItemImpl, Lit, LitStr,
    Local, Member, Pat, PatIdent, Path, ReturnType, Signature, Type,
};

use crate::dictionary::Dictionary;
use crate::sources::{self, Module};

/// A code at a place in the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// The code.
    pub code: String,
    /// The module.
    pub module: String,
    /// What it says, as far as the source tells.
    pub meaning: Option<String>,
    /// Whether a type's own `code()` gives it, so that the type says what it means.
    pub is_rule: bool,
}

/// The codes of a module.
pub fn raised(module: &Module, dictionary: &Dictionary) -> Vec<Raised> {
    let mut search = Search { module, dictionary, found: Vec::new(), place: Place::default() };
    module.items.iter().for_each(|item| search.visit_item(item));
    search.found
}

/// Where the search is.
#[derive(Clone, Default)]
struct Place {
    /// The type of the surrounding `impl`.
    own_type: Option<String>,
    /// Within `fn code(…) -> ErrorCode`.
    in_rule: bool,
    /// Whether a text here is a code.
    expects_code: bool,
    /// What the variants in the pattern of the surrounding arm say.
    arm: Option<String>,
    /// A sentence that is given together with the code.
    sentence: Option<String>,
    /// The first line of the surrounding function's docstring.
    doc: Option<String>,
}

struct Search<'a> {
    module: &'a Module,
    dictionary: &'a Dictionary,
    found: Vec<Raised>,
    place: Place,
}

impl Search<'_> {
    /// Walks on with another place, then comes back.
    fn within(&mut self, place: Place, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.place, place);
        walk(self);
        self.place = outer;
    }

    fn function_place(&self, attributes: &[Attribute], signature: &Signature) -> Place {
        let in_rule = signature.ident == "code" && returns_code(&signature.output);
        Place {
            own_type: self.place.own_type.clone(),
            in_rule,
            expects_code: in_rule,
            doc: sources::doc(attributes),
            ..Place::default()
        }
    }

    fn meaning(&self) -> Option<String> {
        let Place { own_type, in_rule, arm, sentence, doc, .. } = &self.place;
        if *in_rule {
            let own = own_type.as_ref().and_then(|own| self.dictionary.text(&self.module.path, own, own));
            return arm.clone().or_else(|| own.map(str::to_owned));
        }
        sentence.clone().or_else(|| arm.clone()).or_else(|| doc.clone())
    }

    /// What the variants of a pattern say, `Self::A | Other::B(_)`.
    fn said(&self, pattern: &Pat) -> Option<String> {
        let mut variants = Variants::default();
        variants.visit_pat(pattern);
        let mut texts: Vec<&str> = Vec::new();
        for (type_name, variant) in &variants.0 {
            let own = self.place.own_type.as_ref().filter(|_| type_name == "Self").unwrap_or(type_name);
            let text = self.dictionary.text(&self.module.path, own, variant);
            texts.extend(text.filter(|text| !texts.contains(text)));
        }
        (!texts.is_empty()).then(|| texts.join("; "))
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let own_type = if let Type::Path(path) = &*item.self_ty { last(&path.path) } else { None };
        self.within(Place { own_type, ..Place::default() }, |search| visit::visit_item_impl(search, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        let place = self.function_place(&item.attrs, &item.sig);
        self.within(place, |search| visit::visit_impl_item_fn(search, item));
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        let place = self.function_place(&item.attrs, &item.sig);
        self.within(place, |search| visit::visit_item_fn(search, item));
    }

    fn visit_item_const(&mut self, item: &'ast ItemConst) {
        let named = literal(&item.expr).is_some_and(|text| item.ident == text.value());
        let place = Place { expects_code: named, doc: sources::doc(&item.attrs), ..self.place.clone() };
        self.within(place, |search| visit::visit_item_const(search, item));
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        let said = self.said(&arm.pat).or_else(|| self.place.arm.clone());
        self.within(Place { arm: said, ..self.place.clone() }, |search| visit::visit_arm(search, arm));
    }

    fn visit_local(&mut self, local: &'ast Local) {
        let named = matches!(&local.pat, Pat::Ident(PatIdent { ident, .. }) if ident == "code");
        let expects_code = self.place.expects_code || named;
        self.within(Place { expects_code, ..self.place.clone() }, |search| visit::visit_local(search, local));
    }

    fn visit_expr_struct(&mut self, value: &'ast ExprStruct) {
        let sentence = sentence(value.fields.to_token_stream()).or_else(|| self.place.sentence.clone());
        self.within(Place { sentence, ..self.place.clone() }, |search| visit::visit_expr_struct(search, value));
    }

    fn visit_field_value(&mut self, field: &'ast FieldValue) {
        let named = matches!(&field.member, Member::Named(name) if name == "code");
        let expects_code = self.place.expects_code || named;
        self.within(Place { expects_code, ..self.place.clone() }, |search| visit::visit_field_value(search, field));
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        let called = if let Expr::Path(path) = &*call.func { last(&path.path) } else { None };
        let takes_code = called.is_some_and(|name| ["ErrorCode", "again", "coded"].contains(&&*name));
        let sentence = sentence(call.args.to_token_stream()).or_else(|| self.place.sentence.clone());
        for (index, argument) in call.args.iter().enumerate() {
            let expects_code = self.place.expects_code || (takes_code && index == 0);
            let place = Place { expects_code, sentence: sentence.clone(), ..self.place.clone() };
            self.within(place, |search| search.visit_expr(argument));
        }
    }

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        let code = text.value();
        if self.place.expects_code && is_code(&code) {
            let (module, is_rule) = (self.module.path.clone(), self.place.in_rule);
            self.found.push(Raised { code, module, meaning: self.meaning(), is_rule });
        }
    }
}

/// `Type::Variant` in a pattern.
#[derive(Default)]
struct Variants(Vec<(String, String)>);

impl<'ast> Visit<'ast> for Variants {
    fn visit_path(&mut self, path: &'ast Path) {
        let mut segments = path.segments.iter().rev().map(|segment| segment.ident.to_string());
        if let (Some(variant), Some(type_name)) = (segments.next(), segments.next()) {
            self.0.push((type_name, variant));
        }
    }
}

fn returns_code(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, kind) if matches!(&**kind, Type::Path(path)
        if last(&path.path).is_some_and(|name| name == "ErrorCode")))
}

fn last(path: &Path) -> Option<String> {
    path.segments.last().map(|segment| segment.ident.to_string())
}

fn literal(expression: &Expr) -> Option<&LitStr> {
    match expression {
        Expr::Lit(literal) => {
            if let Lit::Str(text) = &literal.lit {
                Some(text)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// `SCREAMING_SNAKE_CASE`, three characters or more.
fn is_code(text: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    text.len() >= 3 && text.starts_with(|first: char| first.is_ascii_uppercase()) && text.split('_').all(part)
}

/// The first text with a blank in it.
fn sentence(tokens: TokenStream) -> Option<String> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Literal(literal) => {
            let text = syn::parse2::<LitStr>(TokenTree::Literal(literal).into()).ok()?.value();
            text.contains(' ').then_some(text)
        }
        TokenTree::Group(group) => sentence(group.stream()),
        TokenTree::Ident(_) | TokenTree::Punct(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::module;

    fn found(text: &str) -> Vec<(String, String, bool)> {
        let modules = module("made_up", text);
        let dictionary = Dictionary::of(&modules);
        let found = modules.iter().flat_map(|module| raised(module, &dictionary));
        found.map(|raised| (raised.code, raised.meaning.unwrap_or_default(), raised.is_rule)).collect()
    }

    fn one(text: &str) -> (String, String, bool) {
        let found = found(text);
        assert_eq!(found.len(), 1, "{found:?}");
        found.into_iter().next().unwrap()
    }

    #[test]
    fn the_codes_of_a_rejection_are_found_with_its_texts() {
        let text = r#"
            enum R { #[error("it is paid")] Paid, #[error("a")] A, #[error("b")] B(u8), #[error(transparent)] C(D) }
            impl Rejection for R { fn code(&self) -> ErrorCode { ErrorCode(match self {
                Self::Paid => "INVOICE_PAID",
                Self::A | Self::B(_) => "EITHER",
                Self::C(inner) => return inner.code(),
            }) } }"#;
        let expected = [("INVOICE_PAID", "it is paid", true), ("EITHER", "a; b", true)];
        assert_eq!(found(text), expected.map(|(code, text, rule)| (code.to_owned(), text.to_owned(), rule)));
    }

    #[test]
    fn a_struct_with_one_code_is_found() {
        let text = r#"#[error("this is taken")] struct T { by: u8 }
            impl Rejection for T { fn code(&self) -> ErrorCode { ErrorCode("TAKEN") } }"#;
        assert_eq!(one(text), ("TAKEN".into(), "this is taken".into(), true));
    }

    #[test]
    fn codes_of_the_edge_are_found_with_what_is_said_beside_them() {
        let expected = ("BUSY".to_owned(), "try again later".to_owned(), false);
        for text in [
            r#"fn f() { again("BUSY", "try again later".to_owned()) }"#,
            r#"fn f() { rule(ErrorCode("BUSY"), "try again later") }"#,
            r#"fn f() { Fault { code: "BUSY", message: format!("try again later") } }"#,
            "/// try again later\nfn f() { let code = \"BUSY\".to_owned(); }",
            "/// try again later\npub const BUSY: &str = \"BUSY\";",
            r#"enum E { #[error("try again later")] B }
               fn f() { match e { E::B => again("BUSY", e.to_string()) } }"#,
        ] {
            assert_eq!(one(text), expected);
        }
    }

    #[test]
    fn other_texts_in_capitals_are_not_codes() {
        assert!(found("const METHOD: &str = \"POST\"; fn f() { g(\"DENY\"); let x = \"BUSY\"; }").is_empty());
        assert!(found("impl C { fn code(self) -> &'static str { \"CNY\" } }").is_empty());
        assert!(["", "A", "Ab", "A__B", "_AB", "AB_", "1AB"].iter().all(|text| !is_code(text)));
    }
}
