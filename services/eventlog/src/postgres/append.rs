//! A group of appends as one transaction: everything is judged under the lock of the log's row, then written at once.

use std::collections::{BTreeSet, HashMap};

use futures::future::{join, join4};
use kernel::event::{Position, Revision, StreamName};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Statement};
use uuid::Uuid;

use crate::fact::Fact;
use crate::group::{Answer, Request};
use crate::heads::{Head, Heads};
use crate::port::{AppendError, Appended, StorageFault};
use crate::postgres::CHANNEL;
use crate::postgres::fault::{Fault, in_time};
use crate::postgres::session::{Connector, Session};
use crate::repeat::{Stored, repeat};

/// The session that writes, and what is known about the log's end.
pub(super) struct Store {
    session: Session,
    statements: Statements,
    heads: Heads,
    /// The log's row as this process left it; another one in its place means that somebody else has written.
    end: End,
}

struct Statements {
    lock: Statement,
    heads: Statement,
    stored: Statement,
    streams: Statement,
    events: Statement,
    end: Statement,
}

/// The log's row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct End {
    position: i64,
    streams: i64,
}

/// Why a group has no answers.
#[derive(Debug)]
pub(super) enum Broken {
    /// Nothing was written.
    Before(Fault),
    /// It may have been written.
    AtCommit(Fault),
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Self {
        Self::Before(fault)
    }
}

/// Rows that the transaction has still to write, column by column.
#[derive(Default)]
struct Rows<'a> {
    stream_ids: Vec<i64>,
    stream_names: Vec<&'a str>,
    position: Vec<i64>,
    stream_id: Vec<i64>,
    revision: Vec<i64>,
    first: Vec<i64>,
    id: Vec<Uuid>,
    kind: Vec<&'a str>,
    version: Vec<i32>,
    occurred_at: Vec<i64>,
    correlation: Vec<Uuid>,
    cause: Vec<Uuid>,
    actor: Vec<&'a str>,
    checksum: Vec<i64>,
    data: Vec<&'a [u8]>,
    body: Vec<&'a [u8]>,
}

impl Store {
    /// Opens the session.
    pub(super) async fn open(connector: &Connector) -> Result<Self, Fault> {
        let session = connector.session().await?;
        let statements = Statements::prepare(&session).await?;
        Ok(Self { session, statements, heads: Heads::default(), end: End::default() })
    }

    /// Writes the group; its answers, in its order, once they are durable. After an error the store must be given up.
    pub(super) async fn write(&mut self, group: &[Request]) -> Result<Vec<Answer>, Broken> {
        let before = self.lock().await?;
        let damaged = self.learn_heads(group).await?;
        let (mut end, mut rows, mut answers) = (before, Rows::default(), Vec::with_capacity(group.len()));
        for request in group {
            let answer = if damaged.contains(&request.stream) {
                Err(AppendError::Unavailable(StorageFault::Refused))
            } else {
                self.judge(request, &mut end, &mut rows).await?
            };
            answers.push(answer);
        }
        if end == before {
            in_time(self.session.client.batch_execute("ROLLBACK")).await?;
        } else {
            self.commit(&rows, end).await?;
        }
        self.end = end;
        Ok(answers)
    }

    /// Begins, and waits for the lock; the log's row, as whoever held it has left it.
    async fn lock(&mut self) -> Result<End, Fault> {
        let client = &self.session.client;
        let begin = client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        let locked = async {
            let both = join(begin, client.query_one(&self.statements.lock, &[])).await;
            both.0.and(both.1)
        };
        let row = in_time(locked).await?;
        let end = End { position: row.try_get(0)?, streams: row.try_get(1)? };
        if end != self.end {
            self.heads.clear();
        }
        Ok(end)
    }

    /// Looks up where the group's streams end, as far as that is not known; those that have no events any more.
    async fn learn_heads<'a>(&mut self, group: &'a [Request]) -> Result<BTreeSet<&'a StreamName>, Fault> {
        let names: BTreeSet<&StreamName> = group.iter().map(|request| &request.stream).collect();
        let unknown: Vec<&StreamName> = names.into_iter().filter(|name| self.heads.get(name).is_none()).collect();
        let mut damaged = BTreeSet::new();
        if unknown.is_empty() {
            return Ok(damaged);
        }
        let texts: Vec<&str> = unknown.iter().map(|name| name.as_str()).collect();
        let rows = in_time(self.session.client.query(&self.statements.heads, &[&texts])).await?;
        let by_name: HashMap<&str, &StreamName> = unknown.iter().map(|name| (name.as_str(), *name)).collect();
        for row in &rows {
            let Some(name) = by_name.get(row.try_get::<_, &str>(0)?) else { continue };
            if let Some(last) = row.try_get(2)? {
                self.heads.insert(name, Head { stream_id: row.try_get(1)?, last });
            } else {
                tracing::error!(stream = name.as_str(), "the log is damaged: a stream has no events");
                damaged.insert(*name);
            }
        }
        Ok(damaged)
    }

    /// Decides on one append, by what was there and by what the group has added.
    async fn judge<'a>(&mut self, request: &'a Request, end: &mut End, rows: &mut Rows<'a>) -> Result<Answer, Fault> {
        let head = self.heads.get(&request.stream);
        let actual = head.map(|head| Revision(head.last.unsigned_abs()));
        if actual == request.expected.last() {
            let head = rows.add(request, head, end);
            self.heads.insert(&request.stream, head);
            return Ok(Ok(appended(request, end)));
        }
        let conflict = AppendError::Conflict { actual };
        let Some(head) = head else { return Ok(Err(conflict)) };
        // What the group has added to the stream must be there to be found.
        self.insert(std::mem::take(rows)).await?;
        let first = request.expected.first_new();
        let stored = self.stored(head.stream_id, first, request.events.len()).await?;
        Ok(repeat(&stored, first, &request.events, conflict))
    }

    /// The events from revision `first` on: as many as asked and one more.
    async fn stored(&self, stream_id: i64, first: Revision, count: usize) -> Result<Vec<Stored>, Fault> {
        let first = i64::try_from(first.0).unwrap_or(i64::MAX);
        let limit = i64::try_from(count).unwrap_or(i64::MAX).saturating_add(1);
        let wanted: [&(dyn ToSql + Sync); 3] = [&stream_id, &first, &limit];
        let stored = in_time(self.session.client.query(&self.statements.stored, &wanted))
            .await?
            .into_iter()
            .map(|row| Ok(Stored { id: row.try_get(0)?, first: row.try_get(1)?, position: row.try_get(2)? }));
        stored.collect()
    }

    /// Writes rows before the end of the transaction.
    async fn insert(&self, rows: Rows<'_>) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let (client, statements) = (&self.session.client, &self.statements);
        let (streams, events) = (rows.streams(), rows.events());
        let inserted = async {
            let both = join(client.execute(&statements.streams, &streams), client.execute(&statements.events, &events));
            let (streams, events) = both.await;
            streams.and(events)
        };
        in_time(inserted).await?;
        Ok(())
    }

    /// Writes the rest and commits, in one go. Where a statement is refused the server commits nothing.
    async fn commit(&self, rows: &Rows<'_>, end: End) -> Result<(), Broken> {
        let (client, statements) = (&self.session.client, &self.statements);
        let (streams, events) = (rows.streams(), rows.events());
        let end: [&(dyn ToSql + Sync); 2] = [&end.position, &end.streams];
        let all = async {
            let steps = join4(
                client.execute(&statements.streams, &streams),
                client.execute(&statements.events, &events),
                client.execute(&statements.end, &end),
                client.batch_execute("COMMIT"),
            );
            let (streams, events, end, commit) = steps.await;
            Ok(Steps { written: streams.and(events).and(end).map(|_| ()), commit })
        };
        let steps = in_time(all).await.map_err(Broken::AtCommit)?;
        steps.outcome()
    }
}

/// How the steps of a commit ended.
struct Steps {
    written: Result<(), Error>,
    commit: Result<(), Error>,
}

impl Steps {
    fn outcome(self) -> Result<(), Broken> {
        if let Err(error) = self.written {
            let fault = Fault::from(error);
            return Err(if fault.is_refusal() { Broken::Before(fault) } else { Broken::AtCommit(fault) });
        }
        self.commit.map_err(|error| Broken::AtCommit(error.into()))
    }
}

/// Where a new append went: to the end.
fn appended(request: &Request, end: &End) -> Appended {
    let first = request.expected.first_new();
    let count = u64::try_from(request.events.len()).unwrap_or(u64::MAX);
    let last = Revision(first.0.saturating_add(count).saturating_sub(1));
    Appended { first, last, position: Position(end.position.unsigned_abs()), repeated: false }
}

impl<'a> Rows<'a> {
    const fn is_empty(&self) -> bool {
        self.position.is_empty()
    }

    /// Adds an append's rows, and the stream where it is new; the stream's new head.
    fn add(&mut self, request: &'a Request, head: Option<Head>, end: &mut End) -> Head {
        let name = request.stream.as_str();
        let head = head.unwrap_or_else(|| {
            end.streams = end.streams.saturating_add(1);
            self.stream_ids.push(end.streams);
            self.stream_names.push(name);
            Head { stream_id: end.streams, last: -1 }
        });
        let first = head.last.saturating_add(1);
        let mut revision = head.last;
        for event in &request.events {
            end.position = end.position.saturating_add(1);
            revision = revision.saturating_add(1);
            self.push(&Fact::new(event, name, end.position, revision, first), head.stream_id);
            self.id.push(event.id);
            self.version.push(event.version.into());
            self.correlation.push(event.provenance.correlation);
            self.cause.push(event.provenance.cause);
        }
        Head { stream_id: head.stream_id, last: revision }
    }

    fn push(&mut self, fact: &Fact<'a>, stream_id: i64) {
        self.position.push(fact.position);
        self.stream_id.push(stream_id);
        self.revision.push(fact.revision);
        self.first.push(fact.first);
        self.kind.push(fact.kind);
        self.occurred_at.push(fact.occurred_at);
        self.actor.push(fact.actor);
        self.checksum.push(fact.checksum());
        self.data.push(fact.data);
        self.body.push(fact.body);
    }

    fn streams(&self) -> [&(dyn ToSql + Sync); 2] {
        [&self.stream_ids, &self.stream_names]
    }

    fn events(&self) -> [&(dyn ToSql + Sync); 14] {
        [
            &self.position,
            &self.stream_id,
            &self.revision,
            &self.first,
            &self.id,
            &self.kind,
            &self.version,
            &self.occurred_at,
            &self.correlation,
            &self.cause,
            &self.actor,
            &self.checksum,
            &self.data,
            &self.body,
        ]
    }
}

impl Statements {
    async fn prepare(session: &Session) -> Result<Self, Fault> {
        let prepare = async |sql: &str, types: &[Type]| in_time(session.client.prepare_typed(sql, types)).await;
        let heads = "SELECT s.name, s.id, (SELECT max(e.revision) FROM tallystick.event e WHERE e.stream_id = s.id) \
             FROM tallystick.stream s WHERE s.name = ANY ($1)";
        let stored = "SELECT id, first, position FROM tallystick.event WHERE stream_id = $1 AND revision >= $2 \
             ORDER BY revision LIMIT $3";
        let end = format!(
            "WITH moved AS (UPDATE tallystick.log SET position = $1, streams = $2 WHERE singleton RETURNING 1) \
             SELECT pg_notify('{CHANNEL}', '') FROM moved"
        );
        Ok(Self {
            lock: prepare("SELECT position, streams FROM tallystick.log WHERE singleton FOR UPDATE", &[]).await?,
            heads: prepare(heads, &[Type::TEXT_ARRAY]).await?,
            stored: prepare(stored, &[Type::INT8, Type::INT8, Type::INT8]).await?,
            streams: prepare(
                "INSERT INTO tallystick.stream (id, name) SELECT * FROM unnest($1, $2)",
                &[Type::INT8_ARRAY, Type::TEXT_ARRAY],
            )
            .await?,
            events: prepare(EVENTS, EVENT_TYPES).await?,
            end: prepare(&end, &[Type::INT8, Type::INT8]).await?,
        })
    }
}

const EVENTS: &str = "INSERT INTO tallystick.event (position, stream_id, revision, first, id, kind, version, occurred_at, \
     correlation, cause, actor, checksum, data, body) \
     SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const EVENT_TYPES: &[Type] = &[
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::UUID_ARRAY,
    Type::TEXT_ARRAY,
    Type::INT4_ARRAY,
    Type::INT8_ARRAY,
    Type::UUID_ARRAY,
    Type::UUID_ARRAY,
    Type::TEXT_ARRAY,
    Type::INT8_ARRAY,
    Type::BYTEA_ARRAY,
    Type::BYTEA_ARRAY,
];
