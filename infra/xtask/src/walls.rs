//! Checks the table of walls against Cargo.toml files and sources.

use std::fmt;

use anyhow::Result;

use crate::imports::{self, Taken};
use crate::sources::{self, Module};
use crate::table::{self, Kind, Part, Row, Users};
use crate::workspace::{self, Package};

/// A hole in a wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A crate under `services/` that the table does not have.
    NoRow { package: String },
    /// A dependency on a crate of the workspace that the table does not allow.
    Dependency { package: String, other: String },
    /// A dependency on a library that stays outside of this crate.
    Library { package: String, library: String },
    /// An import from a crate beyond the part that is allowed.
    Import { module: String, other: String, taken: Taken },
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRow { package } => write!(formatter, "{package} has no row in infra/xtask/src/table.rs"),
            Self::Dependency { package, other } => write!(formatter, "{package} may not depend on {other}"),
            Self::Library { package, library } => {
                write!(formatter, "{package} may not depend on the library {library}")
            }
            Self::Import { module, other, taken } => write!(formatter, "{module} may not import {other}{taken}"),
        }
    }
}

/// What is wrong in this workspace.
pub fn faults() -> Result<Vec<Fault>> {
    let packages = workspace::packages()?;
    let members: Vec<_> = packages.iter().map(|package| package.name.clone()).collect();
    let mut faults = Vec::new();
    for package in packages.iter().filter(|package| package.is_service()) {
        let Some(row) = table::find(&package.name) else {
            faults.push(Fault::NoRow { package: package.name.clone() });
            continue;
        };
        faults.extend(dependency_faults(row, package.normal_dependencies(), &members));
        faults.extend(import_faults(row, &modules(package)?));
    }
    Ok(faults)
}

fn modules(package: &Package) -> Result<Vec<Module>> {
    let mut modules = Vec::new();
    for root in package.roots() {
        modules.extend(sources::modules(&package.name, root)?);
    }
    Ok(modules)
}

fn dependency_faults<'a>(row: &Row, on: impl Iterator<Item = &'a str>, members: &[String]) -> Vec<Fault> {
    let package = row.name.to_owned();
    on.filter_map(|other| {
        let (package, other) = (package.clone(), other.to_owned());
        if members.contains(&other) {
            let allowed = row.may.iter().any(|(may, _)| *may == other);
            (!allowed).then_some(Fault::Dependency { package, other })
        } else {
            (!may_use(row, &other)).then_some(Fault::Library { package, library: other })
        }
    })
    .collect()
}

fn may_use(row: &Row, library: &str) -> bool {
    table::LIBRARIES.iter().filter(|(name, _)| is_of_family(library, name)).all(|(_, users)| match users {
        Users::These(crates) => crates.contains(&row.name),
        Users::Impure => row.kind == Kind::Impure,
    })
}

/// `actix-web` is of the family `actix`, and so is `actix`.
fn is_of_family(library: &str, name: &str) -> bool {
    library.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn import_faults(row: &Row, modules: &[Module]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (other, part) in row.may {
        let Part::Only(allowed) = part else { continue };
        for module in modules {
            let taken = imports::taken(module, &other.replace('-', "_"));
            let beyond = taken.into_iter().filter(|taken| !is_allowed(taken, allowed));
            faults.extend(beyond.map(|taken| import(module, other, taken)));
        }
    }
    faults
}

fn is_allowed(taken: &Taken, allowed: &[&str]) -> bool {
    matches!(taken, Taken::Part(part) if allowed.contains(&&**part))
}

fn import(module: &Module, other: &str, taken: Taken) -> Fault {
    Fault::Import { module: module.path.clone(), other: other.to_owned(), taken }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(faults: &[Fault]) -> Vec<String> {
        faults.iter().map(ToString::to_string).collect()
    }

    fn depending(name: &str, on: &[&str]) -> Vec<String> {
        let members: Vec<_> = table::ROWS.iter().map(|row| row.name.to_owned()).collect();
        told(&dependency_faults(table::find(name).unwrap(), on.iter().copied(), &members))
    }

    fn importing(name: &str, text: &str) -> Vec<String> {
        told(&import_faults(table::find(name).unwrap(), &sources::module(name, text)))
    }

    #[test]
    fn the_walls_of_this_workspace_stand() {
        assert_eq!(told(&faults().unwrap()), [""; 0]);
    }

    #[test]
    fn a_dependency_outside_of_the_table_is_found() {
        assert_eq!(depending("accounts", &["kernel", "catalog"]), ["accounts may not depend on catalog"]);
        assert_eq!(depending("views", &["kernel", "gateway"]), ["views may not depend on gateway"]);
        assert_eq!(depending("reference-provider", &["kernel"]), ["reference-provider may not depend on kernel"]);
        assert_eq!(depending("tallystick", &["kernel", "gateway", "views"]), [""; 0]);
    }

    #[test]
    fn a_pure_crate_that_reaches_for_the_world_is_found() {
        for library in ["tokio", "actix-web", "async-graphql", "rusqlite", "reqwest", "getrandom"] {
            let fault = format!("billing may not depend on the library {library}");
            assert_eq!(depending("billing", &["serde", library]), [fault]);
        }
    }

    #[test]
    fn http_graphql_and_sql_below_their_crates_are_found() {
        for library in ["actix-web", "async-graphql", "async-graphql-parser", "rusqlite"] {
            let fault = format!("invocation may not depend on the library {library}");
            assert_eq!(depending("invocation", &["tokio", "reqwest", library]), [fault]);
        }
        assert_eq!(depending("gateway", &["actix-web", "async-graphql"]), [""; 0]);
        assert_eq!(depending("gateway", &["rusqlite"]), ["gateway may not depend on the library rusqlite"]);
        assert_eq!(depending("views", &["rusqlite", "tokio-stream"]), [""; 0]);
    }

    #[test]
    fn an_import_beyond_published_is_found() {
        let text = "use agreements::published::terms::Terms; use agreements::offer::Offer;
                    mod inner { fn f() { matches!(x, metering::account::Account { .. }) } }";
        let faults = ["billing may not import agreements::offer", "billing::inner may not import metering::account"];
        assert_eq!(importing("billing", text), faults);
    }

    #[test]
    fn views_may_take_the_wire_and_invocation_may_not() {
        let text = "use agreements::wire; use agreements::published;";
        assert_eq!(importing("views", text), [""; 0]);
        assert_eq!(importing("invocation", text), ["invocation may not import agreements::wire"]);
        assert_eq!(importing("views", "use agreements as a;"), ["views may not import agreements as a whole"]);
    }

    #[test]
    fn tests_may_import_what_they_like() {
        assert_eq!(importing("billing", "#[cfg(test)] mod tests { use agreements::offer::Offer; }"), [""; 0]);
    }
}
