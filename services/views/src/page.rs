//! Pages of a list, cut by key and not by number, so that rows that come and go shift nobody's page.
//!
//! A cursor is opaque to its holder: the list's name with a mark of the history that it tells, and the row's key,
//! base64url over JSON. Cursors of a log before its restoration are refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eventlog::incarnation::Incarnation;
use kernel::error::{ErrorCode, Rejection};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, ToSql, params_from_iter};

use crate::projection;
use crate::sql;
use crate::store::Fault;

/// The most rows of one page.
pub const PAGE_ROWS_MAX: u32 = 100;
const CURSOR_BYTES_MAX: usize = 2048;

/// Where a row stands in its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// Takes a cursor as its holder gives it back; checked when used.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The caller asks for a page that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPage {
    /// More than [`PAGE_ROWS_MAX`] rows.
    #[error("a page holds at most {PAGE_ROWS_MAX} rows")]
    TooManyRows,
    /// Not a cursor of this list.
    #[error("the cursor does not belong to this list")]
    Cursor,
}

impl Rejection for InvalidPage {
    fn code(&self) -> ErrorCode {
        match self {
            Self::TooManyRows => ErrorCode("PAGE_TOO_LARGE"),
            Self::Cursor => ErrorCode("INVALID_CURSOR"),
        }
    }
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The caller asks for what cannot be.
    #[error(transparent)]
    Invalid(#[from] InvalidPage),
    /// The views failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<rusqlite::Error> for PageError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    first: u32,
    after: Option<Cursor>,
}

impl PageRequest {
    /// The `first` rows, 0 to [`PAGE_ROWS_MAX`], from the beginning or past a cursor.
    pub fn new(first: u32, after: Option<Cursor>) -> Result<Self, InvalidPage> {
        if first <= PAGE_ROWS_MAX { Ok(Self { first, after }) } else { Err(InvalidPage::TooManyRows) }
    }

    /// How many rows at most.
    pub(crate) const fn first(&self) -> u32 {
        self.first
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, each with its cursor.
    pub nodes: Vec<(Cursor, T)>,
    /// Whether there are more.
    pub has_next: bool,
    /// Rows of the whole list.
    pub total: u64,
}

/// Conditions that all hold, with their values, in the order of their `?`.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    texts: Vec<&'static str>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition without a value.
    pub(crate) fn and(mut self, condition: &'static str) -> Self {
        self.texts.push(condition);
        self
    }

    /// Adds a condition with one `?`, unless there is no value.
    pub(crate) fn and_if<T: ToSql>(mut self, condition: &'static str, value: Option<T>) -> rusqlite::Result<Self> {
        if let Some(value) = value {
            self.texts.push(condition);
            self.values.push(owned(&value)?);
        }
        Ok(self)
    }

    /// As [`Self::and_if`], for a condition that begins with `+`: with that it uses no index, and only the first of all
    /// conditions goes without it. So the most selective ones come first: SQLite has no statistics here to choose by.
    pub(crate) fn and_if_by_rank<T: ToSql>(self, condition: &'static str, value: Option<T>) -> rusqlite::Result<Self> {
        let bare = condition.strip_prefix('+').filter(|_| self.texts.is_empty());
        self.and_if(bare.unwrap_or(condition), value)
    }

    /// The values, in the order of their `?`.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.values.iter()
    }

    /// Adds a condition with as many `?` as values.
    pub(crate) fn and_values(mut self, condition: &'static str, values: Vec<Value>) -> Self {
        self.texts.push(condition);
        self.values.extend(values);
        self
    }

    /// The conditions as SQL.
    pub(crate) fn sql(&self) -> String {
        if self.texts.is_empty() { "TRUE".to_owned() } else { self.texts.join(" AND ") }
    }
}

/// A value that outlives what it was made of.
pub(crate) fn owned(value: &impl ToSql) -> rusqlite::Result<Value> {
    use rusqlite::types::ToSqlOutput;
    match value.to_sql()? {
        ToSqlOutput::Owned(value) => Ok(value),
        ToSqlOutput::Borrowed(value) => Value::try_from(value).map_err(Into::into),
        _ => Err(rusqlite::Error::InvalidQuery),
    }
}

/// A list that can be paged.
pub(crate) struct List<T> {
    /// Named in its cursors.
    pub name: &'static str,
    /// What is read.
    pub columns: &'static str,
    /// From which tables; a search term in it is the first value.
    pub from: &'static str,
    /// The value of the `?` in `from`.
    pub term: Option<String>,
    /// Columns that order the list, unique together, integers or texts, all in one direction.
    pub key: &'static [&'static str],
    /// Whether the largest key comes first.
    pub descending: bool,
    /// Which rows.
    pub conditions: Conditions,
    /// Reads one row.
    pub read: fn(&Row<'_>) -> rusqlite::Result<T>,
}

impl<T> List<T> {
    /// Reads one page.
    pub(crate) fn page(&self, connection: &Connection, request: &PageRequest) -> Result<Page<T>, PageError> {
        let name = self.marked_name(connection)?;
        let after = request.after.as_ref().map(|cursor| self.open(cursor, &name)).transpose()?.unwrap_or_default();
        let total = self.total(connection)?;
        let mut nodes = self.rows(connection, &name, after, request.first.saturating_add(1))?;
        let first = usize::try_from(request.first).unwrap_or(usize::MAX);
        let has_next = nodes.len() > first;
        nodes.truncate(first);
        Ok(Page { nodes, has_next, total })
    }

    fn marked_name(&self, connection: &Connection) -> rusqlite::Result<String> {
        let incarnation = projection::incarnation(connection)?;
        Ok(format!("{}.{}", self.name, incarnation.map(Incarnation::mark).unwrap_or_default()))
    }

    fn total(&self, connection: &Connection) -> rusqlite::Result<u64> {
        let total =
            sql::one(connection, &self.total_sql(), params_from_iter(self.values()), |row| sql::whole(row, "total"))?;
        Ok(total.unwrap_or_default())
    }

    fn rows(
        &self,
        connection: &Connection,
        name: &str,
        after: Vec<Value>,
        limit: u32,
    ) -> Result<Vec<(Cursor, T)>, PageError> {
        let text = self.sql(!after.is_empty());
        let values = self.values().chain(after).chain([Value::from(limit)]);
        let mut statement = connection.prepare_cached(&text)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut nodes = Vec::new();
        while let Some(row) = rows.next()? {
            nodes.push((self.seal(row, name)?, (self.read)(row)?));
        }
        Ok(nodes)
    }

    fn values(&self) -> impl Iterator<Item = Value> {
        self.term.clone().map(Value::from).into_iter().chain(self.conditions.values.clone())
    }

    /// Counts the rows of the whole list.
    pub(crate) fn total_sql(&self) -> String {
        format!("SELECT COUNT(*) AS total FROM {} WHERE {}", self.from, self.conditions.sql())
    }

    /// Reads a page: the first one, or one that is resumed past a key.
    pub(crate) fn sql(&self, resumed: bool) -> String {
        let key = self.key.join(", ");
        let (sign, direction) = if self.descending { ("<", " DESC") } else { (">", "") };
        let marks = vec!["?"; self.key.len()].join(", ");
        let past = if resumed { format!(" AND ({key}) {sign} ({marks})") } else { String::new() };
        let order: Vec<String> = self.key.iter().map(|column| format!("{column}{direction}")).collect();
        format!(
            "SELECT {key}, {} FROM {} WHERE {}{past} ORDER BY {} LIMIT ?",
            self.columns,
            self.from,
            self.conditions.sql(),
            order.join(", ")
        )
    }

    fn seal(&self, row: &Row<'_>, name: &str) -> rusqlite::Result<Cursor> {
        let mut parts = vec![serde_json::Value::from(name)];
        for index in 0..self.key.len() {
            parts.push(match row.get(index)? {
                Value::Integer(number) => number.into(),
                Value::Text(text) => text.into(),
                Value::Null | Value::Real(_) | Value::Blob(_) => return Err(rusqlite::Error::InvalidQuery),
            });
        }
        Ok(Cursor(URL_SAFE_NO_PAD.encode(serde_json::Value::from(parts).to_string())))
    }

    fn open(&self, cursor: &Cursor, name: &str) -> Result<Vec<Value>, InvalidPage> {
        let parts = parts(cursor).ok_or(InvalidPage::Cursor)?;
        match parts.split_first() {
            Some((given, key)) if *given == Value::from(name.to_owned()) && key.len() == self.key.len() => {
                Ok(key.to_vec())
            }
            Some(_) | None => Err(InvalidPage::Cursor),
        }
    }
}

fn parts(cursor: &Cursor) -> Option<Vec<Value>> {
    if cursor.0.len() > CURSOR_BYTES_MAX {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).ok()?;
    let parts: Vec<serde_json::Value> = serde_json::from_slice(&bytes).ok()?;
    parts.into_iter().map(part).collect()
}

fn part(value: serde_json::Value) -> Option<Value> {
    match value {
        serde_json::Value::String(text) => Some(Value::from(text)),
        serde_json::Value::Number(number) => number.as_i64().map(Value::from),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => None,
    }
}
