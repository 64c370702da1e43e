//! A small market: one buyer with its agreements, their listings and a capability, and the service over it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use accounts::published::actor::{Actor, Principal, Scopes};
use agreements::published::agreement::{Accepted, Event as AgreementEvent};
use agreements::published::market::MarketTerms;
use agreements::published::terms::{MeterTerms, Price, Terms};
use billing::published::invoice::{Event as InvoiceEvent, Issued};
use catalog::published::capability::{self, Contract, ContractDefined, Count, Example, Measure};
use catalog::published::listing::{self, Content, Details, ModelDetails, Placement, Published};
use eventlog::clock::Clock;
use eventlog::codec;
use eventlog::execute::Cause;
use eventlog::port::{EventLog, Expected, Filter};
use eventlog::progress::{self, Progress, Stopper, stopper};
use eventlog::project::run_projection;
use jiff::{SignedDuration, Timestamp};
use kernel::event::{Provenance, Revision, StreamName};
use kernel::id::{AgreementId, ApiKeyId, InvoiceId, ListingId, OfferId, OrganizationId, ProviderId, derived};
use kernel::localized::Localized;
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::{BillingPeriod, Calendar};
use kernel::wire::Wire;
use metering::published::owner::Taken;
use metering::published::usage::{Event as UsageEvent, UsageRecord};
use providers::upstreams::{Options, Upstreams};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Call, Preference, Target};
use crate::closing::CloseError;
use crate::follower::Follower;
use crate::memory::LogHistory;
use crate::replies::Outcome;
use crate::service::{Limits, Parts, Service};
use crate::tests::logs::TestLog;

/// Longer than anything here takes.
pub const AMPLE: Duration = Duration::from_mins(2);

pub const LIMITS: Limits = Limits { deadline: AMPLE, settlement: AMPLE };

/// When the agreements start, and where the clock stands at first.
pub fn start() -> Timestamp {
    "2026-11-05T08:00:00Z".parse().unwrap()
}

/// A clock that a test sets.
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

impl TestClock {
    pub fn at_start() -> Self {
        Self(AtomicI64::new(start().as_microsecond()))
    }

    pub fn advance(&self, by: SignedDuration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

/// What an agreement sells.
#[derive(Clone)]
pub struct Deal {
    pub number: u128,
    pub endpoint: String,
    pub repeatable: bool,
    pub meter: Meter,
    pub included: u64,
    /// Per unit; none where calls stop at the allowance.
    pub unit: Option<&'static str>,
}

impl Deal {
    /// Requests at 0.01 past the allowance.
    pub fn priced(endpoint: String, included: u64) -> Self {
        Self { number: 1, endpoint, repeatable: true, meter: Meter::Request, included, unit: Some("0.01") }
    }

    /// Requests up to the allowance and none past it.
    pub fn capped(endpoint: String, included: u64) -> Self {
        Self { unit: None, ..Self::priced(endpoint, included) }
    }

    pub fn agreement(&self) -> AgreementId {
        AgreementId::new(Uuid::from_u128(0xa000 + self.number))
    }

    pub fn listing(&self) -> ListingId {
        ListingId::new(Uuid::from_u128(0xb000 + self.number))
    }

    pub fn accepted(&self) -> Accepted {
        let price = self.unit.map(|unit| Price::PerUnit { unit: unit.parse().unwrap() });
        let meters = vec![MeterTerms { meter: self.meter, included: Quantity(self.included), price }];
        Accepted {
            agreement: self.agreement(),
            offer: OfferId::new(Uuid::from_u128(2)),
            price_version: 1,
            listing: self.listing(),
            listing_version: 1,
            capabilities: vec![capability()],
            licence: None,
            provider: ProviderId::new(Uuid::from_u128(3)),
            seller: OrganizationId::new(Uuid::from_u128(4)),
            buyer: buyer(),
            terms: Terms { currency: Currency::Cny, period: BillingPeriod::Day, flat_fee: None, meters },
            market: MarketTerms::DEFAULT,
            calendar: Calendar::starting(start(), "UTC".parse().unwrap(), BillingPeriod::Day).unwrap(),
            starts_at: start(),
        }
    }

    pub fn published(&self) -> Published {
        let details = Details::Model(ModelDetails {
            endpoint: self.endpoint.clone(),
            framework: None,
            placement: Placement::Cloud,
            repeatable: self.repeatable,
        });
        let (name, capabilities) = (Localized { en: Some("Echo".into()), zh: None }, vec![capability()]);
        let content = Content { summary: name.clone(), name, capabilities, licence: None, details };
        Published { listing: self.listing(), version: 1, content }
    }
}

pub fn capability() -> kernel::slug::Slug {
    "echo-text".parse().unwrap()
}

fn buyer() -> OrganizationId {
    OrganizationId::new(Uuid::from_u128(5))
}

/// Texts come back as they were; characters are counted.
fn contract() -> Contract {
    let schema = json!({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]});
    Contract {
        version: 1,
        summary: Localized { en: Some("Says it again.".into()), zh: None },
        measure: Measure { meter: Meter::Character, count: Count::Characters(vec!["/text".into()]) },
        input_schema: schema.clone(),
        output_schema: schema,
        examples: vec![Example { input: json!({"text": "算市"}), output: json!({"text": "算市"}) }],
    }
}

/// The buyer.
pub fn actor() -> Actor {
    Actor {
        organization: buyer(),
        principal: Principal::ApiKey(ApiKeyId::new(Uuid::from_u128(6))),
        scopes: Scopes::default(),
        operator: false,
    }
}

pub fn call(key: &str) -> Call {
    Call {
        target: Target::Capability(capability()),
        payload: json!({"text": "算市"}),
        idempotency_key: key.to_owned(),
        max_charge: None,
        preference: Preference::default(),
    }
}

pub fn saying(key: &str, text: &str) -> Call {
    Call { payload: json!({ "text": text }), ..call(key) }
}

pub fn cause(name: &str) -> Cause {
    let id = derived(&["test", name]);
    Cause { id, correlation: id, actor: "platform:test".to_owned(), now: start() }
}

/// Appends the event as the next of its stream, which has `before` events.
async fn append<E: Wire>(log: &TestLog, stream: &StreamName, before: u64, event: &E) {
    let id = derived(&[stream.as_str(), &before.to_string()]);
    let provenance = Provenance { correlation: id, cause: id, actor: "platform:test".to_owned() };
    let new = codec::to_new(event, id, start(), provenance).unwrap();
    let expected = Expected::after(before.checked_sub(1).map(Revision));
    log.append(stream, expected, vec![new]).await.unwrap();
}

/// A node over a log.
pub struct World {
    pub log: TestLog,
    pub clock: Arc<TestClock>,
    pub history: Arc<LogHistory>,
    pub service: Arc<Service>,
    followed: Progress,
    _stopper: Stopper,
}

impl World {
    /// A market with these deals, in which nothing has been called yet.
    pub async fn with(deals: &[Deal]) -> Self {
        Self::over(TestLog::default(), deals, LIMITS).await
    }

    pub async fn over(log: TestLog, deals: &[Deal], limits: Limits) -> Self {
        let defined = capability::Event::ContractDefined(ContractDefined { slug: capability(), contract: contract() });
        append(&log, &StreamName::of(&capability()), 0, &defined).await;
        for deal in deals {
            let published = listing::Event::Published(deal.published());
            append(&log, &StreamName::of(&deal.listing()), 0, &published).await;
            append(&log, &StreamName::of(&deal.agreement()), 0, &AgreementEvent::Accepted(deal.accepted())).await;
        }
        let clock = Arc::new(TestClock::at_start());
        Self::start_node(log, clock, limits, 1).await
    }

    /// A node started in place of this one, as after a kill: nothing is handed over but the log.
    pub async fn restarted(&self) -> Self {
        Self::start_node(self.log.clone(), Arc::clone(&self.clock), LIMITS, 2).await
    }

    async fn start_node(log: TestLog, clock: Arc<TestClock>, limits: Limits, epoch: u64) -> Self {
        let history = Arc::new(LogHistory::default());
        history.catch_up(&log).await;
        let hot = Follower::load(&log, history.as_ref()).await.unwrap();
        let parts = Parts {
            log: Arc::new(log.clone()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            upstreams: upstreams(),
            history: Arc::clone(&history) as Arc<_>,
            market: hot.market(),
            meters: hot.meters(),
            stream: StreamName::new("usage", &format!("n1.{epoch}")).unwrap(),
            health_stream: StreamName::new("health", &format!("n1.{epoch}")).unwrap(),
            owner: Taken { node: "n1".to_owned(), epoch },
            limits,
        };
        let (reporter, followed) = progress::channel();
        let (stopper, stop) = stopper();
        tokio::spawn(run_projection(Arc::new(log.clone()), hot, reporter, stop));
        Self { log, clock, history, service: Service::start(parts), followed, _stopper: stopper }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub async fn invoke(&self, call: Call) -> Outcome {
        self.service.invoke(&actor(), call).await
    }

    /// Makes a call in a task of its own.
    pub fn spawn(&self, call: Call) -> tokio::task::JoinHandle<Outcome> {
        let service = Arc::clone(&self.service);
        tokio::spawn(async move { service.invoke(&actor(), call).await })
    }

    /// Makes so many calls at once, by keys of their own.
    pub async fn invoke_many(&self, count: usize) -> Vec<Outcome> {
        let calls: Vec<_> = (0..count).map(|number| self.spawn(call(&format!("many {number}")))).collect();
        let mut outcomes = Vec::new();
        for call in calls {
            outcomes.push(call.await.unwrap());
        }
        outcomes
    }

    pub async fn close(&self, deal: &Deal, from: Timestamp, name: &str) -> Result<InvoiceId, CloseError> {
        self.service.close_period(deal.agreement(), from, &cause(name)).await
    }

    /// Ends the agreement, and waits until the node knows.
    pub async fn cancel(&self, deal: &Deal) {
        let ends_at = self.clock.now();
        let agreement = deal.agreement();
        let cancelled = AgreementEvent::Cancelled(agreements::published::agreement::Cancelled { agreement, ends_at });
        append(&self.log, &StreamName::of(&agreement), 1, &cancelled).await;
        self.follow().await;
    }

    /// Waits until the node has followed the log to its end.
    pub async fn follow(&self) {
        let head = self.log.head().await.unwrap().unwrap();
        assert!(self.followed.reached(head, AMPLE).await);
    }

    /// Every usage record in the log.
    pub async fn records(&self) -> Vec<UsageRecord> {
        self.recorded::<UsageEvent>().await.into_iter().flat_map(UsageEvent::into_records).collect()
    }

    /// Every issued invoice in the log, by its id.
    pub async fn invoices(&self) -> HashMap<InvoiceId, Issued> {
        let events = self.recorded::<InvoiceEvent>().await;
        let issued = events.into_iter().filter_map(|event| match event {
            InvoiceEvent::Issued(issued) => Some((issued.invoice, issued)),
            InvoiceEvent::Drafted(_) | InvoiceEvent::Paid(_) | InvoiceEvent::Voided(_) => None,
        });
        issued.collect()
    }

    /// Every event of a context, in order.
    pub async fn recorded<E: Wire>(&self) -> Vec<E> {
        let page = self.log.read_log(None, &Filter::All, 4096).await.unwrap();
        assert!(page.end);
        page.events.iter().filter_map(|stored| codec::decode(stored)).map(|recorded| recorded.unwrap().event).collect()
    }

    /// Units used free, charged and held by the agreement in its present period.
    pub fn standing(&self, deal: &Deal) -> (u64, u64, u64) {
        let (_, allowances) = self.service.allowances(deal.agreement()).unwrap();
        (allowances[0].used.0, allowances[0].value_added.0, allowances[0].held.0)
    }
}

fn upstreams() -> Upstreams {
    let options = Options {
        connect_timeout: AMPLE,
        response_bytes_max: 1024 * 1024,
        allow_private_networks: true,
        hosts: HashMap::new(),
    };
    Upstreams::new(options).unwrap()
}

/// The text of an answer.
pub fn text(output: &Value) -> &str {
    output["text"].as_str().unwrap()
}
