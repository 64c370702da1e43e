//! Reading: a few sessions, one statement a page, so that each page is of one moment.

use std::sync::{Arc, Mutex, PoisonError};

use kernel::event::{Position, Revision, StreamName};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Statement};

use crate::fact::{check_end, corrupt};
use crate::port::{Direction, Filter, PAGE_BYTES_MAX, PAGE_EVENTS_MAX, Page, ReadError, StorageFault, StoredEvent};
use crate::postgres::OpenError;
use crate::postgres::address::Address;
use crate::postgres::fault::{Fault, in_time};
use crate::postgres::row::{COLUMN_COUNT, COLUMNS, event};
use crate::postgres::schema::check;
use crate::postgres::session::{Connector, Session};

/// Sessions at most.
const SESSIONS_MAX: usize = 4;
/// Positions looked at for one page of the log at most, wanted or not.
const SCAN_MAX: i64 = 20_000;

/// Reads the log; cheap to clone.
#[derive(Clone)]
pub(super) struct Reader {
    pool: Arc<Pool>,
}

/// Reads a log that other processes may have open.
pub struct LogReader(Reader);

impl LogReader {
    /// Opens the log in a database for reading.
    pub async fn open(address: &Address) -> Result<Self, OpenError> {
        let connector = Connector::new(address.clone(), address.tls()?);
        check(&connector.session().await?.client).await?;
        Ok(Self(Reader::new(connector)))
    }

    /// As [`EventLog::read_log`](crate::port::EventLog::read_log).
    pub async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        self.0.log(after, filter, max).await
    }

    /// The position of the last event; `None` in an empty log.
    pub async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.0.head().await
    }

    /// The last event of a stream.
    pub async fn last_of(&self, stream: &StreamName) -> Result<Option<StoredEvent>, ReadError> {
        let page = self.0.stream(stream, Revision(u64::MAX), Direction::Backward, 1).await?;
        Ok(page.events.into_iter().next())
    }
}

struct Pool {
    connector: Connector,
    permits: Semaphore,
    idle: Mutex<Vec<Reading>>,
}

/// A session with its statements.
struct Reading {
    session: Session,
    head: Statement,
    log: Statement,
    forward: Statement,
    backward: Statement,
}

impl Reader {
    pub(super) fn new(connector: Connector) -> Self {
        let permits = Semaphore::new(SESSIONS_MAX);
        Self { pool: Arc::new(Pool { connector, permits, idle: Mutex::default() }) }
    }

    pub(super) async fn head(&self) -> Result<Option<Position>, ReadError> {
        let lease = self.pool.lease().await?;
        let answer = in_time(lease.reading.session.client.query_one(&lease.reading.head, &[])).await;
        let row = lease.give_back(answer)?;
        let head: i64 = column(&row, 0)?;
        Ok(u64::try_from(head).ok().filter(|head| *head > 0).map(Position))
    }

    pub(super) async fn stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError> {
        let from_row = i64::try_from(from.0).unwrap_or(i64::MAX);
        let max = i64::try_from(max.clamp(1, PAGE_EVENTS_MAX)).unwrap_or(i64::MAX);
        let lease = self.pool.lease().await?;
        let answer = in_time(lease.reading.stream(stream, from_row, direction, max)).await;
        let rows = lease.give_back(answer)?;
        stream_page(&rows, from, direction)
    }

    pub(super) async fn log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        // Far beyond any end is far enough: the server adds to it.
        let after = after.map_or(0, |after| i64::try_from(after.0).unwrap_or(i64::MAX).min(i64::MAX - SCAN_MAX));
        let max = i64::try_from(max.clamp(1, PAGE_EVENTS_MAX)).unwrap_or(i64::MAX);
        let lease = self.pool.lease().await?;
        let answer = in_time(lease.reading.log(after, filter, max)).await;
        let rows = lease.give_back(answer)?;
        log_page(&rows, after, *filter == Filter::All)
    }
}

impl Pool {
    /// A session of one's own.
    async fn lease(&self) -> Result<Lease<'_>, ReadError> {
        let permit = self.permits.acquire().await.map_err(|_| ReadError::Unavailable(StorageFault::Closed))?;
        let reading = self.take().await.map_err(|fault| report(&fault))?;
        Ok(Lease { pool: self, reading, _permit: permit })
    }

    async fn take(&self) -> Result<Reading, Fault> {
        while let Some(reading) = self.pop() {
            if !reading.session.client.is_closed() {
                return Ok(reading);
            }
        }
        Reading::open(&self.connector).await
    }

    fn pop(&self) -> Option<Reading> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// A session in use.
struct Lease<'a> {
    pool: &'a Pool,
    reading: Reading,
    _permit: SemaphorePermit<'a>,
}

impl Lease<'_> {
    /// The session may be used again, unless it failed.
    fn give_back<T>(self, answer: Result<T, Fault>) -> Result<T, ReadError> {
        let found = answer.map_err(|fault| report(&fault))?;
        self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(self.reading);
        Ok(found)
    }
}

fn report(fault: &Fault) -> ReadError {
    tracing::warn!(error = fault as &dyn std::error::Error, "the log was not read");
    fault.read()
}

/// A page ends before the event in front of which [`PAGE_BYTES_MAX`] is reached. `$found` has the wanted events in
/// order, one more than fit; `total` says how many they are.
fn paged(found: &str, order: &str) -> String {
    format!(
        "SELECT *, count(*) OVER () AS total, coalesce(sum(octet_length(data) + octet_length(body)) OVER (ORDER BY \
         {order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes FROM ({found}) found"
    )
}

/// An event whose stream is not found is damaged, whoever wants it. However the server counts its rows, it has to go by
/// positions and look up the stream of each: `OFFSET 0` keeps it from joining all streams there are.
fn log_statement() -> String {
    let found = format!(
        "SELECT {COLUMNS} FROM tallystick.event e \
         LEFT JOIN LATERAL (SELECT name FROM tallystick.stream WHERE id = e.stream_id OFFSET 0) s ON true \
         WHERE e.position > $1 AND e.position <= least((SELECT position FROM log), $1 + {SCAN_MAX}) \
         AND (s.name IS NULL OR ($3::text[] IS NULL OR split_part(s.name, '-', 1) = ANY ($3)) \
         AND ($4::text IS NULL OR s.name = $4) AND ($5::text[] IS NULL OR e.kind = ANY ($5))) \
         ORDER BY e.position LIMIT $2 + 1"
    );
    format!(
        "WITH log AS (SELECT position FROM tallystick.log WHERE singleton), page AS ({}) \
         SELECT page.*, log.position FROM log LEFT JOIN page ON bytes < {PAGE_BYTES_MAX} ORDER BY page.position \
         LIMIT $2",
        paged(&found, "position")
    )
}

/// The events are looked for once the stream is known: a server that does not know it to be one sorts all of its events.
fn stream_statement(direction: Direction) -> String {
    let (bound, order) = match direction {
        Direction::Forward => (">=", "ASC"),
        Direction::Backward => ("<=", "DESC"),
    };
    let found = format!(
        "SELECT {COLUMNS} FROM tallystick.stream s LEFT JOIN LATERAL (SELECT * FROM tallystick.event \
         WHERE stream_id = s.id AND revision {bound} $2 ORDER BY revision {order} LIMIT $3 + 1) e ON true \
         WHERE s.name = $1"
    );
    let order = format!("revision {order}");
    format!("SELECT * FROM ({}) page WHERE bytes < {PAGE_BYTES_MAX} ORDER BY {order} LIMIT $3", paged(&found, &order))
}

impl Reading {
    async fn open(connector: &Connector) -> Result<Self, Fault> {
        let session = connector.session().await?;
        in_time(session.client.batch_execute("SET default_transaction_read_only = on")).await?;
        let (name, number) = (Type::TEXT, Type::INT8);
        let prepare = async |sql: &str, types: &[Type]| in_time(session.client.prepare_typed(sql, types)).await;
        let stream = [name.clone(), number.clone(), number.clone()];
        let log = [number.clone(), number, Type::TEXT_ARRAY, name, Type::TEXT_ARRAY];
        Ok(Self {
            head: prepare("SELECT position FROM tallystick.log WHERE singleton", &[]).await?,
            log: prepare(&log_statement(), &log).await?,
            forward: prepare(&stream_statement(Direction::Forward), &stream).await?,
            backward: prepare(&stream_statement(Direction::Backward), &stream).await?,
            session,
        })
    }

    async fn log(&self, after: i64, filter: &Filter, max: i64) -> Result<Vec<Row>, tokio_postgres::Error> {
        let (categories, stream, kinds) = match filter {
            Filter::All => (None, None, None),
            Filter::Categories(names) => (Some(names), None, None),
            Filter::Stream(name) => (None, Some(name.as_str()), None),
            Filter::Kinds(names) => (None, None, Some(names)),
        };
        let parameters: [&(dyn ToSql + Sync); 5] = [&after, &max, &categories, &stream, &kinds];
        self.session.client.query(&self.log, &parameters).await
    }

    async fn stream(
        &self,
        stream: &StreamName,
        from: i64,
        direction: Direction,
        max: i64,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let statement = match direction {
            Direction::Forward => &self.forward,
            Direction::Backward => &self.backward,
        };
        self.session.client.query(statement, &[&stream.as_str(), &from, &max]).await
    }
}

fn column<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, ReadError> {
    row.try_get(index).map_err(|_| ReadError::Corrupt { position: None })
}

/// How many wanted events there were, on the page and past it.
fn total(row: &Row) -> Result<i64, ReadError> {
    column(row, COLUMN_COUNT)
}

fn is_all(rows: usize, total: i64) -> bool {
    i64::try_from(rows) == Ok(total)
}

/// Past the columns of an event stand `total`, `bytes` and the log's last position; without events, only the latter.
fn log_page(rows: &[Row], after: i64, gapless: bool) -> Result<Page, ReadError> {
    let first = rows.first().ok_or(ReadError::Corrupt { position: None })?;
    let head: i64 = column(first, COLUMN_COUNT + 2)?;
    if after > head {
        return Err(ReadError::ForeignCursor);
    }
    let looked_at = head.min(after.saturating_add(SCAN_MAX));
    let found: Option<i64> = column(first, COLUMN_COUNT)?;
    let Some(total) = found else {
        return if gapless && looked_at > after {
            Err(corrupt(after.saturating_add(1)))
        } else {
            Ok(Page { events: Vec::new(), next: place(looked_at), end: looked_at == head })
        };
    };
    let events = rows.iter().map(event).collect::<Result<Vec<_>, _>>()?;
    let last = events.last().map(|event| event.position);
    if gapless {
        check_gapless(&events, after)?;
    }
    if is_all(events.len(), total) {
        if gapless && last != place(looked_at) {
            return Err(corrupt(looked_at));
        }
        return Ok(Page { events, next: place(looked_at), end: looked_at == head });
    }
    Ok(Page { events, next: last, end: false })
}

fn place(position: i64) -> Option<Position> {
    u64::try_from(position).ok().filter(|position| *position > 0).map(Position)
}

/// Where everything is wanted, nothing may be missing.
fn check_gapless(events: &[StoredEvent], after: i64) -> Result<(), ReadError> {
    let mut due = after;
    for event in events {
        due = due.saturating_add(1);
        if i64::try_from(event.position.0) != Ok(due) {
            return Err(corrupt(due));
        }
    }
    Ok(())
}

fn stream_page(rows: &[Row], from: Revision, direction: Direction) -> Result<Page<Revision>, ReadError> {
    let nothing = Page { events: Vec::new(), next: Some(from), end: true };
    let Some(first) = rows.first() else { return Ok(nothing) };
    if column::<Option<i64>>(first, 0)?.is_none() {
        return check_end(from, direction).map(|()| nothing);
    }
    let end = is_all(rows.len(), total(first)?);
    let events = rows.iter().map(event).collect::<Result<Vec<_>, _>>()?;
    let mut due = (direction == Direction::Forward).then_some(from);
    for event in &events {
        if due.is_some_and(|due| due != event.revision) {
            return Err(ReadError::Corrupt { position: Some(event.position) });
        }
        due = step(event.revision, direction);
    }
    Ok(Page { events, next: due, end })
}

fn step(revision: Revision, direction: Direction) -> Option<Revision> {
    match direction {
        Direction::Forward => Some(Revision(revision.0.saturating_add(1))),
        Direction::Backward => revision.0.checked_sub(1).map(Revision),
    }
}
