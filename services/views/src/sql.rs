//! Between the platform's types and SQLite's columns.
//!
//! Ids, slugs, codes and names are TEXT; structures are JSON; instants are INTEGER microseconds since 1970, UTC;
//! quantities and minor units are INTEGER; exact amounts are TEXT. No column is ever REAL.

use agreements::published::rating::{parse_exact, print_exact};
use jiff::Timestamp;
use kernel::exact::Exact;
use kernel::money::Money;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Params, Row};
use serde::de::IntoDeserializer;
use serde::de::value::Error as TextError;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

type SqlResult<T> = rusqlite::Result<T>;

/// What serialises as one string, stored bare.
pub(crate) struct Text<T>(pub T);

/// What serialises as anything else, stored as JSON.
pub(crate) struct Json<T>(pub T);

/// An instant, stored as microseconds: as exact as usage is recorded.
pub(crate) struct Instant(pub Timestamp);

/// An exact amount, stored as text.
pub(crate) struct Amount(pub Exact);

/// A whole number up to 2^63 − 1; larger ones are refused.
pub(crate) struct Whole(pub u64);

#[derive(Debug, thiserror::Error)]
#[error("the value does not serialise as a string")]
struct NotText;

impl<T: Serialize> ToSql for Text<T> {
    fn to_sql(&self) -> SqlResult<ToSqlOutput<'_>> {
        match serde_json::to_value(&self.0).map_err(unwritable)? {
            Value::String(text) => Ok(text.into()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(unwritable(NotText))
            }
        }
    }
}

impl<T: DeserializeOwned> FromSql for Text<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text: serde::de::value::StrDeserializer<'_, TextError> = value.as_str()?.into_deserializer();
        T::deserialize(text).map(Self).map_err(FromSqlError::other)
    }
}

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> SqlResult<ToSqlOutput<'_>> {
        serde_json::to_string(&self.0).map(Into::into).map_err(unwritable)
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

impl ToSql for Instant {
    fn to_sql(&self) -> SqlResult<ToSqlOutput<'_>> {
        Ok(self.0.as_microsecond().into())
    }
}

impl FromSql for Instant {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Timestamp::from_microsecond(value.as_i64()?).map(Self).map_err(FromSqlError::other)
    }
}

impl ToSql for Amount {
    fn to_sql(&self) -> SqlResult<ToSqlOutput<'_>> {
        Ok(print_exact(&self.0).into())
    }
}

impl FromSql for Amount {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        parse_exact(value.as_str()?).map(Self).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for Whole {
    fn to_sql(&self) -> SqlResult<ToSqlOutput<'_>> {
        i64::try_from(self.0).map(Into::into).map_err(unwritable)
    }
}

impl FromSql for Whole {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let whole = value.as_i64()?;
        u64::try_from(whole).map(Self).map_err(|_| FromSqlError::OutOfRange(whole))
    }
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// Reads a [`Text`] column.
pub(crate) fn text<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> SqlResult<T> {
    row.get::<_, Text<T>>(column).map(|text| text.0)
}

/// Reads a [`Json`] column.
pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> SqlResult<T> {
    row.get::<_, Json<T>>(column).map(|json| json.0)
}

/// Reads a [`Json`] column that may be empty.
pub(crate) fn optional_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> SqlResult<Option<T>> {
    row.get::<_, Option<Json<T>>>(column).map(|json| json.map(|json| json.0))
}

/// Reads an [`Instant`] column.
pub(crate) fn instant(row: &Row<'_>, column: &str) -> SqlResult<Timestamp> {
    row.get::<_, Instant>(column).map(|instant| instant.0)
}

/// Reads an [`Instant`] column that may be empty.
pub(crate) fn optional_instant(row: &Row<'_>, column: &str) -> SqlResult<Option<Timestamp>> {
    row.get::<_, Option<Instant>>(column).map(|instant| instant.map(|instant| instant.0))
}

/// Reads a [`Whole`] column.
pub(crate) fn whole(row: &Row<'_>, column: &str) -> SqlResult<u64> {
    row.get::<_, Whole>(column).map(|whole| whole.0)
}

/// Reads minor units from one column and their currency from `currency`.
pub(crate) fn money(row: &Row<'_>, column: &str) -> SqlResult<Money> {
    Ok(Money::new(row.get(column)?, text(row, "currency")?))
}

/// Runs a statement, prepared once per connection; the number of rows it changed.
pub(crate) fn run(connection: &Connection, sql: &str, params: impl Params) -> SqlResult<usize> {
    connection.prepare_cached(sql)?.execute(params)
}

/// Reads the first row, if there is one.
pub(crate) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> SqlResult<T>,
) -> SqlResult<Option<T>> {
    connection.prepare_cached(sql)?.query_row(params, read).optional()
}

/// Reads all rows.
pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> SqlResult<T>,
) -> SqlResult<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(params, read)?.collect()
}
