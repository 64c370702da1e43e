//! The follower: loads market and meters from the log and the usage history, then keeps up with the log's tail.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard};

use agreements::published::agreement::{Accepted, Cancelled, Event as AgreementEvent};
use billing::published::invoice::Event as InvoiceEvent;
use eventlog::codec;
use eventlog::port::{EventLog, Filter, PAGE_EVENTS_MAX, ReadError, StoredEvent};
use eventlog::project::{ProjectError, Projection};
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::{AgreementId, InvoiceId};
use kernel::period::Period;
use kernel::wire::{DecodeError, Wire};
use metering::account::Restored;
use metering::meters::Meters;

use crate::market::{Fact, Market};
use crate::usage::{History, HistoryUnavailable, OpenPeriod};

/// The streams that market and meters depend on. Usage is not among them: this node writes it.
const CATEGORIES: &[&str] =
    &["organization", "member", "apikey", "capability", "listing", "agreement", "invoice", "platform"];

/// Why the hot state could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
    /// A recorded event could not be read back.
    #[error("the event at position {position} could not be read back")]
    Decode {
        /// The event.
        position: Position,
        /// Why.
        source: DecodeError,
    },
    /// The usage history could not be asked.
    #[error(transparent)]
    History(#[from] HistoryUnavailable),
}

/// Follows the log into market and meters.
pub struct Follower {
    market: Arc<RwLock<Market>>,
    meters: Arc<Mutex<Meters>>,
    cursor: Option<Position>,
    /// Agreements seen before the meters were opened; none once they are.
    unopened: Option<HashMap<AgreementId, Unopened>>,
}

/// What is known of an agreement before its meter is opened.
struct Unopened {
    accepted: Arc<Accepted>,
    opened_at: Timestamp,
    /// When its last period was closed.
    closed_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    /// Periods closed and not yet rated: their usage is still needed.
    drafts: HashMap<InvoiceId, Period>,
}

impl Unopened {
    fn new(accepted: Arc<Accepted>) -> Self {
        let opened_at = accepted.starts_at;
        Self { accepted, opened_at, closed_at: None, ends_at: None, drafts: HashMap::new() }
    }
}

/// An event of one of the followed streams.
enum Followed {
    Market(Fact),
    Invoice(InvoiceEvent),
}

impl Follower {
    /// Reads the whole log once and opens the meters; the history must have caught up with the log.
    pub async fn load(log: &dyn EventLog, history: &dyn History) -> Result<Self, LoadError> {
        let mut follower =
            Self { market: Arc::default(), meters: Arc::default(), cursor: None, unopened: Some(HashMap::new()) };
        loop {
            let filter = Filter::categories(CATEGORIES);
            let page = log.read_log(follower.cursor, &filter, PAGE_EVENTS_MAX).await?;
            page.events.iter().try_for_each(|stored| follower.follow(stored))?;
            follower.cursor = page.next.or(follower.cursor);
            if page.end {
                break;
            }
        }
        follower.open_meters(history)?;
        Ok(follower)
    }

    /// The market it keeps.
    pub fn market(&self) -> Arc<RwLock<Market>> {
        Arc::clone(&self.market)
    }

    /// The meters it keeps.
    pub fn meters(&self) -> Arc<Mutex<Meters>> {
        Arc::clone(&self.meters)
    }

    fn lock_market(&self) -> RwLockWriteGuard<'_, Market> {
        self.market.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_meters(&self) -> MutexGuard<'_, Meters> {
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_meters(&mut self, history: &dyn History) -> Result<(), LoadError> {
        let mut open: HashMap<AgreementId, Vec<Restored>> = HashMap::new();
        for period in history.open_periods()? {
            let OpenPeriod { agreement, start, latest, usage } = period;
            open.entry(agreement).or_default().push(Restored { start, end: None, latest, usage });
        }
        for unopened in self.unopened.take().into_iter().flat_map(HashMap::into_values) {
            let agreement = unopened.accepted.agreement;
            let mut usage = open.remove(&agreement).unwrap_or_default();
            for Period { start, end } in unopened.drafts.into_values() {
                let used = history.period_usage(agreement, start)?;
                usage.push(Restored { start, end: Some(end), latest: start, usage: used });
            }
            let mut meters = self.lock_meters();
            meters.open(unopened.accepted, unopened.opened_at, usage);
            if let Some(closed_at) = unopened.closed_at {
                meters.closed(agreement, unopened.opened_at, closed_at);
            }
            if let Some(ends_at) = unopened.ends_at {
                meters.end(agreement, ends_at);
            }
        }
        Ok(())
    }

    fn follow(&mut self, stored: &StoredEvent) -> Result<(), LoadError> {
        let followed = decode(stored).transpose();
        let position = stored.position;
        match followed.map_err(|source| LoadError::Decode { position, source })? {
            None => {}
            Some(Followed::Invoice(event)) => self.follow_invoice(&event, stored.occurred_at),
            Some(Followed::Market(fact)) => {
                if let Fact::Accepted(accepted) = &fact {
                    self.follow_accepted(accepted);
                }
                if let Fact::Cancelled(fact) = &fact {
                    self.follow_cancelled(fact);
                }
                self.lock_market().apply(fact);
            }
        }
        Ok(())
    }

    fn follow_accepted(&mut self, accepted: &Arc<Accepted>) {
        match &mut self.unopened {
            Some(unopened) => _ = unopened.insert(accepted.agreement, Unopened::new(Arc::clone(accepted))),
            None => self.lock_meters().open(Arc::clone(accepted), accepted.starts_at, Vec::new()),
        }
    }

    fn follow_cancelled(&mut self, fact: &Cancelled) {
        match &mut self.unopened {
            Some(unopened) => {
                if let Some(unopened) = unopened.get_mut(&fact.agreement) {
                    unopened.ends_at = Some(fact.ends_at);
                }
            }
            None => self.lock_meters().end(fact.agreement, fact.ends_at),
        }
    }

    fn follow_invoice(&mut self, event: &InvoiceEvent, at: Timestamp) {
        match event {
            InvoiceEvent::Drafted(fact) => match &mut self.unopened {
                Some(unopened) => {
                    if let Some(unopened) = unopened.get_mut(&fact.agreement) {
                        unopened.opened_at = unopened.opened_at.max(fact.period.end);
                        unopened.closed_at = unopened.closed_at.max(Some(at));
                        unopened.drafts.insert(fact.invoice, fact.period);
                    }
                }
                None => self.lock_meters().closed(fact.agreement, fact.period.end, at),
            },
            InvoiceEvent::Issued(fact) => match &mut self.unopened {
                Some(unopened) => {
                    if let Some(unopened) = unopened.get_mut(&fact.agreement) {
                        unopened.drafts.remove(&fact.invoice);
                    }
                }
                None => self.lock_meters().forget(fact.agreement, fact.period.start),
            },
            InvoiceEvent::Paid(_) | InvoiceEvent::Voided(_) => {}
        }
    }
}

impl Projection for Follower {
    fn filter(&self) -> Filter {
        Filter::categories(CATEGORIES)
    }

    fn cursor(&self) -> Result<Option<Position>, ProjectError> {
        Ok(self.cursor)
    }

    fn apply(&mut self, batch: &[StoredEvent], cursor: Position) -> Result<(), ProjectError> {
        for stored in batch {
            let followed = self.follow(stored);
            followed.map_err(|error| ProjectError::Poison { position: stored.position, source: Box::new(error) })?;
        }
        self.cursor = Some(cursor);
        Ok(())
    }
}

/// Reads an event of the followed streams; none where it is of another kind.
fn decode(stored: &StoredEvent) -> Option<Result<Followed, DecodeError>> {
    match stored.stream.category() {
        "organization" => market(stored, Fact::Organization),
        "member" => market(stored, Fact::Member),
        "apikey" => market(stored, Fact::ApiKey),
        "capability" => market(stored, |event| Fact::Capability(Box::new(event))),
        "listing" => market(stored, |event| Fact::Listing(Box::new(event))),
        "agreement" => market(stored, |event| match event {
            AgreementEvent::Accepted(accepted) => Fact::Accepted(Arc::new(accepted)),
            AgreementEvent::Cancelled(fact) => Fact::Cancelled(fact),
        }),
        "platform" => market(stored, Fact::Sandbox),
        "invoice" => codec::decode(stored).map(|event| Ok(Followed::Invoice(event?.event))),
        _ => None,
    }
}

fn market<E: Wire>(stored: &StoredEvent, fact: impl Fn(E) -> Fact) -> Option<Result<Followed, DecodeError>> {
    codec::decode(stored).map(|event| Ok(Followed::Market(fact(event?.event))))
}
