//! All rows as canonical text, so that views built anew can be compared with those in use.
//!
//! Tables and their keys are asked from SQLite itself: a new table is compared without being listed here. The cursor
//! and the full-text index are left out; the index follows from rows that are compared.

use kernel::merkle::hex;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Rows};
use serde_json::Value;

use crate::sql;
use crate::store::{Fault, Views};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestRow {
    /// The table.
    pub table: String,
    /// The values of its primary key, a JSON array.
    pub key: String,
    /// All its values by column, a JSON array.
    pub row: String,
}

/// The first row that two views disagree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What the first one holds, if anything.
    pub left: Option<DigestRow>,
    /// What the second one holds, if anything.
    pub right: Option<DigestRow>,
}

#[derive(Debug)]
struct Table {
    name: String,
    key: Vec<String>,
}

impl Views {
    /// Shows every row, table by table, in the order of the keys.
    pub fn digest_rows(&self, mut visit: impl FnMut(DigestRow)) -> Result<(), Fault> {
        self.read(|connection| {
            for table in tables(connection)? {
                let mut statement = connection.prepare(&table.select())?;
                let mut rows = statement.query([])?;
                while let Some(row) = table.next(&mut rows)? {
                    visit(row);
                }
            }
            Ok(())
        })
    }

    /// How many rows each table has.
    pub fn counts(&self) -> Result<Vec<(String, u64)>, Fault> {
        self.read(|connection| {
            let count = |table: Table| {
                let text = format!("SELECT COUNT(*) AS rows FROM {}", table.name);
                let rows = sql::one(connection, &text, [], |row| sql::whole(row, "rows"))?;
                Ok((table.name, rows.unwrap_or_default()))
            };
            tables(connection)?.into_iter().map(count).collect()
        })
    }

    /// The first row that other views of the same log disagree on; `None` where all are equal.
    pub fn first_difference(&self, other: &Self) -> Result<Option<Difference>, Fault> {
        self.read(|left| {
            other.read(|right| {
                for table in tables(left)? {
                    if let Some(difference) = table.first_difference(left, right)? {
                        return Ok(Some(difference));
                    }
                }
                Ok(None)
            })
        })
    }
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<Table>> {
    let text = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
        AND name NOT LIKE '%!_search%' ESCAPE '!' AND name <> 'progress' ORDER BY name";
    let names: Vec<String> = sql::all(connection, text, [], |row| row.get("name"))?;
    names.into_iter().map(|name| table(connection, name)).collect()
}

fn table(connection: &Connection, name: String) -> rusqlite::Result<Table> {
    let text = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
    let key = sql::all(connection, text, [&name], |row| row.get("name"))?;
    Ok(Table { name, key })
}

impl Table {
    fn select(&self) -> String {
        let key = self.key.join(", ");
        format!("SELECT {key}, * FROM {} ORDER BY {key}", self.name)
    }

    fn next(&self, rows: &mut Rows<'_>) -> rusqlite::Result<Option<DigestRow>> {
        rows.next()?.map(|row| self.read(row)).transpose()
    }

    fn read(&self, row: &Row<'_>) -> rusqlite::Result<DigestRow> {
        let width = row.as_ref().column_count();
        let split = self.key.len();
        Ok(DigestRow { table: self.name.clone(), key: canonical(row, 0..split)?, row: canonical(row, split..width)? })
    }

    fn first_difference(&self, left: &Connection, right: &Connection) -> rusqlite::Result<Option<Difference>> {
        let mut left = left.prepare(&self.select())?;
        let mut right = right.prepare(&self.select())?;
        let (mut left, mut right) = (left.query([])?, right.query([])?);
        loop {
            let difference = Difference { left: self.next(&mut left)?, right: self.next(&mut right)? };
            if difference.left != difference.right {
                return Ok(Some(difference));
            }
            if difference.left.is_none() {
                return Ok(None);
            }
        }
    }
}

fn canonical(row: &Row<'_>, columns: std::ops::Range<usize>) -> rusqlite::Result<String> {
    let values: rusqlite::Result<Vec<Value>> = columns.map(|column| Ok(plain(row.get_ref(column)?))).collect();
    values.map(|values| Value::from(values).to_string())
}

fn plain(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Blob(bytes) => hex(bytes).into(),
    }
}
