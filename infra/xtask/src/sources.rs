//! Reads a crate's modules from its root on, without what is compiled for tests only.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta};

/// One module: a file, or a `mod name { … }` within one.
pub struct Module {
    /// As Rust names it: `billing::invoice`.
    pub path: String,
    /// What stands in it, modules within it excluded.
    pub items: Vec<Item>,
    /// Names of the modules declared in it.
    pub children: Vec<String>,
}

/// All modules below a root module (`lib.rs`, `main.rs`), the root first.
pub fn modules(name: &str, root: &Path) -> Result<Vec<Module>> {
    let directory = root.parent().unwrap_or(root).to_owned();
    let mut found = Vec::new();
    read(&name.replace('-', "_"), parse(root)?, &directory, &mut found)?;
    Ok(found)
}

/// The one module that a text is.
#[cfg(test)]
pub fn module(path: &str, text: &str) -> Vec<Module> {
    let mut found = Vec::new();
    read(path, syn::parse_file(text).unwrap().items, Path::new("."), &mut found).unwrap();
    found
}

fn parse(file: &Path) -> Result<Vec<Item>> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    Ok(syn::parse_file(&text).with_context(|| file.display().to_string())?.items)
}

fn read(path: &str, items: Vec<Item>, directory: &Path, found: &mut Vec<Module>) -> Result<()> {
    let (mut own, mut inner) = (Vec::new(), Vec::new());
    for item in items.into_iter().filter(|item| !attributes(item).iter().any(is_test)) {
        if let Item::Mod(module) = item { inner.push(module) } else { own.push(item) }
    }
    let children = inner.iter().map(|module| module.ident.to_string()).collect();
    found.push(Module { path: path.to_owned(), items: own, children });
    inner.into_iter().try_for_each(|module| descend(path, module, directory, found))
}

fn descend(parent: &str, module: ItemMod, directory: &Path, found: &mut Vec<Module>) -> Result<()> {
    let name = module.ident.to_string();
    let (path, below) = (format!("{parent}::{name}"), directory.join(&name));
    match module.content {
        Some((_, items)) => read(&path, items, &below, found),
        None => read(&path, parse(&file(&module, directory)?)?, &below, found),
    }
}

fn file(module: &ItemMod, directory: &Path) -> Result<PathBuf> {
    let name = module.ident.to_string();
    if module.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
        bail!("module {name}: give its file the module's name instead of #[path]");
    }
    let beside = directory.join(format!("{name}.rs"));
    Ok(if beside.is_file() { beside } else { directory.join(name).join("mod.rs") })
}

/// `#[cfg(test)]`, or `#[cfg(all(test, …))]`.
fn is_test(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let condition = list.tokens.to_string().replace(' ', "");
    list.path.is_ident("cfg") && (condition == "test" || condition.starts_with("all(test,"))
}

/// The first line of a docstring.
pub fn doc(attributes: &[Attribute]) -> Option<String> {
    let named = attributes.iter().filter(|attribute| attribute.path().is_ident("doc"));
    named.filter_map(|attribute| attribute.meta.require_name_value().ok()).find_map(|doc| match &doc.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
        _ => None,
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_for_tests_only_is_left_out() {
        let text = "mod a { fn b() {} } #[cfg(test)] mod tests { use x::y; } #[cfg(all(test, unix))] fn t() {}
                    #[cfg(any(test, feature = \"f\"))] fn kept() {}";
        let modules = module("one", text);
        let paths: Vec<_> = modules.iter().map(|module| &*module.path).collect();
        assert_eq!(paths, ["one", "one::a"]);
        assert_eq!((modules[0].items.len(), &*modules[0].children), (1, &["a".to_owned()][..]));
    }

    #[test]
    fn every_file_of_this_crate_is_found() {
        let modules = modules("xtask", &crate::workspace::root().join("infra/xtask/src/main.rs")).unwrap();
        assert!(modules.iter().any(|module| module.path == "xtask::sources"));
        assert!(!modules.iter().any(|module| module.path.ends_with("tests")));
    }
}
