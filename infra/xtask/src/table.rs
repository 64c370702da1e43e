//! The walls: which crate may import what. The same table, for people, is in ARCHITECTURE.md.

/// How much of another crate may be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Everything that is public.
    All,
    /// These of its modules only.
    Only(&'static [&'static str]),
}

/// Whether a crate may touch the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Decides: no clock, no randomness, no IO, no runtime.
    Pure,
    /// Everything else.
    Impure,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The crate.
    pub name: &'static str,
    /// Whether it is pure.
    pub kind: Kind,
    /// What it may import from the workspace.
    pub may: &'static [(&'static str, Part)],
}

/// Who may depend on a library from outside of the workspace.
#[derive(Clone, Copy, Debug)]
pub enum Users {
    /// These crates.
    These(&'static [&'static str]),
    /// All but the pure ones.
    Impure,
}

use Kind::{Impure, Pure};
use Part::All;

const PUBLISHED: Part = Part::Only(&["published"]);
const PUBLISHED_AND_WIRE: Part = Part::Only(&["published", "wire"]);

const fn row(name: &'static str, kind: Kind, may: &'static [(&'static str, Part)]) -> Row {
    Row { name, kind, may }
}

/// One row per crate under `services/`, in the order of ARCHITECTURE.md.
pub const ROWS: &[Row] = &[
    row("kernel", Pure, &[]),
    row("accounts", Pure, &[("kernel", All)]),
    row("catalog", Pure, &[("kernel", All)]),
    row("agreements", Pure, &[("kernel", All), ("accounts", PUBLISHED), ("catalog", PUBLISHED)]),
    row("metering", Pure, &[("kernel", All), ("agreements", PUBLISHED)]),
    row(
        "billing",
        Pure,
        &[("kernel", All), ("accounts", PUBLISHED), ("agreements", PUBLISHED), ("metering", PUBLISHED)],
    ),
    row("settlement", Pure, &[("kernel", All), ("billing", PUBLISHED)]),
    row("receipts", Pure, &[("kernel", All)]),
    row("eventlog", Impure, &[("kernel", All)]),
    row(
        "views",
        Impure,
        &[
            ("kernel", All),
            ("eventlog", All),
            ("receipts", All),
            ("accounts", PUBLISHED_AND_WIRE),
            ("catalog", PUBLISHED_AND_WIRE),
            ("agreements", PUBLISHED_AND_WIRE),
            ("metering", PUBLISHED_AND_WIRE),
            ("billing", PUBLISHED_AND_WIRE),
            ("settlement", PUBLISHED_AND_WIRE),
        ],
    ),
    row("providers", Impure, &[("kernel", All)]),
    row("reference-provider", Impure, &[]),
    row(
        "invocation",
        Impure,
        &[
            ("kernel", All),
            ("metering", All),
            ("billing", All),
            ("accounts", PUBLISHED),
            ("catalog", PUBLISHED),
            ("agreements", PUBLISHED),
            ("providers", All),
            ("eventlog", All),
        ],
    ),
    row("gateway", Impure, ABOVE_THE_GATEWAY),
    row("tallystick", Impure, EVERYTHING),
];

const ABOVE_THE_GATEWAY: &[(&str, Part)] = &[
    ("kernel", All),
    ("accounts", All),
    ("catalog", All),
    ("agreements", All),
    ("metering", All),
    ("billing", All),
    ("settlement", All),
    ("receipts", All),
    ("eventlog", All),
    ("views", All),
    ("providers", All),
    ("reference-provider", All),
    ("invocation", All),
];

const EVERYTHING: &[(&str, Part)] = &[
    ("kernel", All),
    ("accounts", All),
    ("catalog", All),
    ("agreements", All),
    ("metering", All),
    ("billing", All),
    ("settlement", All),
    ("receipts", All),
    ("eventlog", All),
    ("views", All),
    ("providers", All),
    ("reference-provider", All),
    ("invocation", All),
    ("gateway", All),
];

/// Libraries behind a wall, with those that start with the name and a dash.
pub const LIBRARIES: &[(&str, Users)] = &[
    ("actix", Users::These(&["gateway", "reference-provider"])),
    ("async-graphql", Users::These(&["gateway"])),
    ("rusqlite", Users::These(&["eventlog", "views"])),
    ("tokio", Users::Impure),
    ("reqwest", Users::Impure),
    ("getrandom", Users::Impure),
    ("rand", Users::Impure),
];

/// The row of a crate.
pub fn find(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_for_people_has_the_same_crates_and_the_same_pure_ones() {
        let text = std::fs::read_to_string(crate::workspace::root().join("ARCHITECTURE.md")).unwrap();
        let rows = text.lines().skip_while(|line| !line.starts_with("| crate |")).skip(2);
        let cells = rows.take_while(|line| line.starts_with('|')).map(|line| line.split('|').collect::<Vec<_>>());
        let told: Vec<_> =
            cells.map(|cells| (cells[1].trim().trim_matches('`').to_owned(), cells[2].contains("pure:"))).collect();
        let coded: Vec<_> = ROWS.iter().map(|row| (row.name.to_owned(), row.kind == Pure)).collect();
        assert_eq!(told[1..], coded[1..]);
        assert_eq!(told[0].0, coded[0].0, "the kernel, of which the table says what it holds");
    }

    #[test]
    fn a_row_names_crates_above_it_only() {
        for (index, row) in ROWS.iter().enumerate() {
            for (other, _) in row.may {
                assert!(ROWS[..index].iter().any(|above| above.name == *other), "{} may import {other}", row.name);
            }
        }
    }
}
