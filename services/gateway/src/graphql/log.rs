//! The event log as its operator reads it: what happened, to what, because of what. Sealed fields stay sealed.

use std::sync::Arc;

use async_graphql::{Context, Description, Enum, InputObject, Object};
use eventlog::port::StoredEvent;
use kernel::event::Position;
use serde_json::Value;
use views::log::{LogFilter as ViewFilter, LogOrder as ViewOrder};
use views::page::Page;

use super::connection::{connection, page_request};
use super::errors::{Fault, Refused, invalid};
use super::scalars::{Count, DateTime};
use super::work::platform;

/// An event as it stands in the log.
#[derive(Clone, Description)]
pub struct LogEvent(Arc<StoredEvent>);

#[Object(use_type_description)]
impl LogEvent {
    /// Its place in the log, rising.
    async fn position(&self) -> Count {
        Count(self.0.position.0)
    }
    /// The position of the event before it; null for the first one.
    async fn previous_position(&self, context: &Context<'_>) -> Result<Option<Count>, Refused> {
        neighbour(context, self.0.position, ViewOrder::Newest).await
    }
    /// The position of the event after it; null for the last one.
    async fn next_position(&self, context: &Context<'_>) -> Result<Option<Count>, Refused> {
        neighbour(context, self.0.position, ViewOrder::Oldest).await
    }
    /// The stream it belongs to: `<category>-<key>`.
    async fn stream(&self) -> &str {
        self.0.stream.as_str()
    }
    /// Its index in the stream, from 0.
    async fn revision(&self) -> Count {
        Count(self.0.revision.0)
    }
    /// The name of the fact.
    async fn kind(&self) -> &str {
        &self.0.kind
    }
    /// The version of its serialised form.
    async fn version(&self) -> u16 {
        self.0.version
    }
    /// Its own id (UUID).
    async fn id(&self) -> String {
        self.0.id.to_string()
    }
    /// What it follows from: a request, or another event (UUID).
    async fn causation_id(&self) -> String {
        self.0.provenance.cause.to_string()
    }
    /// Shared by everything that follows from one request (UUID).
    async fn correlation_id(&self) -> String {
        self.0.provenance.correlation.to_string()
    }
    /// Who: a member, an API key, a policy, or the platform itself.
    async fn actor(&self) -> &str {
        &self.0.provenance.actor
    }
    /// When it was decided.
    async fn occurred_at(&self) -> DateTime {
        DateTime(self.0.occurred_at)
    }
    /// What it says. Personal fields are sealed; usage is in a binary body of which this is the header.
    async fn data(&self) -> Result<Value, Refused> {
        serde_json::from_slice(&self.0.data).map_err(|error| Fault::internal(&error).into())
    }
    /// Bytes of the binary body; none but for usage.
    async fn body_bytes(&self) -> Count {
        Count(u64::try_from(self.0.body.len()).unwrap_or(u64::MAX))
    }
}

async fn neighbour(context: &Context<'_>, of: Position, order: ViewOrder) -> Result<Option<Count>, Refused> {
    let platform = platform(context)?;
    platform.caught_up().await?;
    let found = platform.read(move |views| views.log_position_past(of, order)).await?;
    Ok(found.map(|position| Count(position.0)))
}

connection!(LogEventConnection, LogEventEdge, LogEvent);

/// Which events; all where nothing is set.
#[derive(InputObject, Default)]
pub struct LogEventFilter {
    /// In this stream, or in the streams of this category, e.g. `invoice`.
    pub stream: Option<String>,
    /// Of this kind, e.g. `invoice_issued`.
    pub kind: Option<String>,
    /// With this correlation (UUID).
    pub correlation_id: Option<String>,
    /// By this actor, e.g. `mem_…`.
    pub actor: Option<String>,
    /// That happened at or after this instant.
    pub from: Option<DateTime>,
    /// That happened before this instant.
    pub until: Option<DateTime>,
}

impl TryFrom<LogEventFilter> for ViewFilter {
    type Error = Refused;

    fn try_from(filter: LogEventFilter) -> Result<Self, Refused> {
        let correlation = filter.correlation_id.map(|id| id.parse().map_err(|error| invalid("filter", error)));
        Ok(Self {
            stream: filter.stream,
            kind: filter.kind,
            actor: filter.actor,
            correlation: correlation.transpose()?,
            from: filter.from.map(|at| at.0),
            until: filter.until.map(|at| at.0),
        })
    }
}

/// Which events come first.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ViewOrder")]
pub enum LogOrder {
    /// The last ones.
    Newest,
    /// The first ones.
    Oldest,
}

/// The part of `Query` that is about the log.
#[derive(Default)]
pub struct LogQuery;

#[Object]
impl LogQuery {
    /// Events of the log.
    async fn log_events(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<LogEventFilter>,
        #[graphql(default_with = "LogOrder::Newest")] order: LogOrder,
    ) -> Result<LogEventConnection, Refused> {
        let page = page_request(first, after)?;
        let filter = ViewFilter::try_from(filter.unwrap_or_default())?;
        let platform = platform(context)?;
        platform.caught_up().await?;
        let page = platform.read(move |views| views.log_positions(&filter, order.into(), &page)).await?;
        let mut nodes = Vec::new();
        for (cursor, position) in page.nodes {
            let found = platform.log.event_at(position).await?.ok_or_else(Fault::incomplete)?;
            nodes.push((cursor, Arc::new(found)));
        }
        let page = Page { nodes, has_next: page.has_next, total: page.total };
        Ok(LogEventConnection::of(page, LogEvent))
    }

    /// The event at a position; null where there is none.
    async fn log_event(&self, context: &Context<'_>, position: Count) -> Result<Option<LogEvent>, Refused> {
        let found = platform(context)?.log.event_at(Position(position.0)).await?;
        Ok(found.map(Arc::new).map(LogEvent))
    }
}
