//! A platform in a throw-away directory, and people who ask it things.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use accounts::published::actor::{Actor, Scopes};
use async_graphql::{Executor, Request, Variables};
use catalog::published::health;
use eventlog::checkpoints::Checkpoints;
use eventlog::clock::{Clock, SystemClock};
use eventlog::execute::Cause;
use eventlog::incarnation::Incarnation;
use eventlog::port::EventLog;
use eventlog::progress::{Progress, Reporter, Stopper, channel, stopper};
use eventlog::project::run_projection;
use eventlog::sessions::Sessions;
use eventlog::sqlite::{Options as LogOptions, SqliteLog};
use eventlog::vault::Vault;
use futures::StreamExt;
use invocation::fingerprint::Fingerprint;
use invocation::follower::Follower;
use invocation::ownership;
use invocation::service::{Limits, Parts, Service};
use invocation::usage::{ClosedPeriod, History, HistoryUnavailable, OpenPeriod, Seen};
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::{AgreementId, MemberId};
use metering::published::usage::PeriodUsage;
use providers::upstreams::{Options as UpstreamOptions, Upstreams};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;
use views::store::Views;

use super::provider;
use crate::auth::authenticator::Caller;
use crate::auth::password::Passwords;
use crate::auth::token::Tokens;
use crate::auth::visit::Visit;
use crate::blobs::Blobs;
use crate::feed::Feed;
use crate::graphql::schema::{Mode, Schema};
use crate::platform::Platform;
use crate::preview::Previews;
use crate::sandbox::Sandbox;
use crate::signer::Signer;
use crate::transport::address::ClientAddress;
use crate::upkeep::Upkeep;

/// Makes the first organization that shows it the operator.
pub const OPERATOR_TOKEN: &str = "tso_test";
const PATIENCE: Duration = Duration::from_secs(20);

/// A running platform.
pub struct Bench {
    /// What is behind the schema.
    pub platform: Arc<Platform>,
    schema: Schema,
    _stopper: Stopper,
    /// Nobody settles here or indexes keys; the reports only have to live.
    _reporters: [Reporter; 2],
    _directory: tempfile::TempDir,
}

struct ViewsHistory(Views);

impl History for ViewsHistory {
    fn cursor(&self) -> Option<Position> {
        self.0.cursor().unwrap()
    }
    fn keys_cursor(&self) -> Option<Position> {
        self.cursor()
    }
    fn open_periods(&self) -> Result<Vec<OpenPeriod>, HistoryUnavailable> {
        Ok(Vec::new())
    }
    fn period_usage(&self, _: AgreementId, _: Timestamp) -> Result<PeriodUsage, HistoryUnavailable> {
        Ok(PeriodUsage::default())
    }
    fn closed_period(&self, _: AgreementId, _: Timestamp) -> Result<Option<ClosedPeriod>, HistoryUnavailable> {
        Ok(None)
    }
    fn seen(&self, _: &Fingerprint) -> Result<Option<Seen>, HistoryUnavailable> {
        Ok(None)
    }
}

impl Bench {
    /// Starts on an empty log, with a provider on this machine.
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// As [`Self::start`], with something of the platform changed.
    pub async fn start_with(change: impl FnOnce(&mut Platform)) -> Self {
        let hosts = HashMap::from([(provider::HOST.to_owned(), provider::start())]);
        let directory = tempfile::tempdir().unwrap();
        let opened = SqliteLog::open(directory.path(), &LogOptions::default()).unwrap();
        let log: Arc<dyn EventLog> = Arc::new(opened.clone());
        let (stopper, stop) = stopper();
        let (views, projection) = views::store::open(directory.path(), Incarnation(Uuid::from_u128(1))).unwrap();
        let (report, shown) = channel();
        tokio::spawn(run_projection(Arc::clone(&log), projection, report, stop.clone()));
        assert!(shown.caught_up(PATIENCE).await);
        let follower = Follower::load(log.as_ref(), &ViewsHistory(views.clone())).await.unwrap();
        let service = start_service(&log, &views, &follower, hosts).await;
        let (report, kept) = channel();
        tokio::spawn(run_projection(Arc::clone(&log), follower, report, stop.clone()));
        let feed = Feed::start(Arc::clone(&log), stop);
        let ((settlement_report, settlement), (index_report, indexed)) = (channel(), channel());
        let followers = vec![("views", shown), ("hot_state", kept)];
        let mut platform = platform(opened, directory.path(), views, (followers, indexed, settlement), feed, service);
        change(&mut platform);
        let platform = Arc::new(platform);
        let schema = Schema::new(Arc::clone(&platform), Mode::Production);
        Self {
            platform,
            schema,
            _stopper: stopper,
            _reporters: [settlement_report, index_report],
            _directory: directory,
        }
    }

    /// Asks for somebody, or for nobody known; answers the whole response.
    pub async fn ask(&self, caller: Option<&Actor>, document: &str, variables: Value) -> Value {
        self.ask_from(IpAddr::from([127, 0, 0, 1]), caller, document, variables).await
    }

    /// Asks from an address.
    pub async fn ask_from(&self, from: IpAddr, caller: Option<&Actor>, document: &str, variables: Value) -> Value {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let request = request.data(Caller(caller.cloned())).data(visit(from));
        let response = self.schema.execute(request).await;
        serde_json::to_value(response).unwrap()
    }

    /// Watches for somebody, or for nobody known; answers the first response.
    pub async fn first(&self, caller: Option<&Actor>, document: &str) -> Value {
        let request = Request::new(document).data(Caller(caller.cloned()));
        let response = self.schema.execute_stream(request, None).next().await.unwrap();
        serde_json::to_value(response).unwrap()
    }

    /// Carries out a mutation with one input; answers its payload, in which nothing may be wrong.
    pub async fn done(&self, caller: &Actor, mutation: &str, selection: &str, input: Value) -> Value {
        let payload = self.tried(Some(caller), mutation, selection, input).await;
        assert_eq!(payload["errors"], json!([]), "{mutation}");
        payload
    }

    /// Tries a mutation with one input; answers its payload.
    pub async fn tried(&self, caller: Option<&Actor>, mutation: &str, selection: &str, input: Value) -> Value {
        self.tried_from(IpAddr::from([127, 0, 0, 1]), caller, mutation, selection, input).await
    }

    /// As [`Self::tried`], from an address.
    pub async fn tried_from(
        &self,
        from: IpAddr,
        caller: Option<&Actor>,
        mutation: &str,
        selection: &str,
        input: Value,
    ) -> Value {
        let of = input_type(mutation);
        let document = format!(
            "mutation($input: {of}!) {{ payload: {mutation}(input: $input) {{ {selection} errors {{ code path }} }} }}"
        );
        let mut response = self.ask_from(from, caller, &document, json!({ "input": input })).await;
        assert!(response.get("errors").is_none(), "{mutation}: {response}");
        response["data"]["payload"].take()
    }

    /// An organization with its owner, signed in.
    pub async fn join(&self, name: &str, operator: bool) -> Actor {
        let input = json!({
            "organizationName": name, "country": "CN", "timeZone": "Asia/Shanghai", "currency": "CNY",
            "email": format!("{name}@example.org"), "name": name, "password": "correct horse battery",
            "operatorToken": operator.then_some(OPERATOR_TOKEN),
        });
        let payload = self.tried(None, "signUp", "member { id }", input).await;
        assert_eq!(payload["errors"], json!([]));
        let member: MemberId = payload["member"]["id"].as_str().unwrap().parse().unwrap();
        self.platform.service.market().member_actor(member).unwrap()
    }
}

/// A request without a cookie from an address.
fn visit(from: IpAddr) -> Visit {
    Visit { address: ClientAddress::from(from), refresh: None, is_secure: false, session: None }
}

/// The type of a mutation's input, as the schema has it.
fn input_type(mutation: &str) -> String {
    let sdl = crate::graphql::sdl();
    let (_, rest) = sdl.split_once(&format!("\t{mutation}(input: ")).unwrap();
    rest.split_once('!').unwrap().0.to_owned()
}

/// The same organization, with no scope at all.
pub fn powerless(actor: &Actor) -> Actor {
    Actor { scopes: Scopes::default(), ..actor.clone() }
}

async fn start_service(
    log: &Arc<dyn EventLog>,
    views: &Views,
    follower: &Follower,
    hosts: HashMap<String, SocketAddr>,
) -> Arc<Service> {
    let clock = SystemClock;
    let cause = Cause { id: Uuid::now_v7(), correlation: Uuid::nil(), actor: "test".to_owned(), now: clock.now() };
    let taken = ownership::take(log.as_ref(), "test".to_owned(), &cause).await.unwrap();
    Service::start(Parts {
        log: Arc::clone(log),
        clock: Arc::new(clock),
        upstreams: upstreams(hosts),
        history: Arc::new(ViewsHistory(views.clone())),
        market: follower.market(),
        meters: follower.meters(),
        stream: taken.usage_stream().unwrap(),
        health_stream: health::stream(&taken.node, taken.epoch).unwrap(),
        owner: taken,
        limits: Limits::default(),
    })
}

fn upstreams(hosts: HashMap<String, SocketAddr>) -> Upstreams {
    let options = UpstreamOptions {
        connect_timeout: Duration::from_secs(1),
        response_bytes_max: 1024,
        allow_private_networks: false,
        hosts,
    };
    Upstreams::new(options).unwrap()
}

fn platform(
    log: SqliteLog,
    directory: &Path,
    views: Views,
    (followers, indexed, settlement): (Vec<(&'static str, Progress)>, Progress, Progress),
    feed: Arc<Feed>,
    service: Arc<Service>,
) -> Platform {
    let seed: [u8; 32] = [5; 32];
    let (vitals, log, clock) = (log.vitals(), Arc::new(log), Arc::new(SystemClock));
    let backups = directory.join("backups");
    let vault = Arc::new(Vault::open(directory).unwrap());
    let (checkpoints, origin) = (Checkpoints::open(directory).unwrap(), "tallystick/test".to_owned());
    let signer = Signer::open(&vault, checkpoints, views.clone(), clock.clone(), origin).unwrap();
    Platform {
        vitals,
        upkeep: Upkeep::new(directory, Some(&backups), log.clone(), views.clone(), clock.clone()),
        log,
        started_at: SystemClock.now(),
        vault,
        signer: Arc::new(signer),
        sessions: Arc::new(Sessions::open(directory).unwrap()),
        views,
        seen: views::seen::open(directory, Incarnation(Uuid::from_u128(1))).unwrap().0,
        followers,
        indexed,
        settlement,
        feed,
        service,
        sandbox: Sandbox::new(seed),
        tokens: Arc::new(Tokens::new(&seed).unwrap()),
        passwords: Passwords::new(1).unwrap(),
        blobs: Blobs::new(directory),
        previews: Previews::new(upstreams(HashMap::new())),
        logos: Semaphore::new(1),
        clock,
        operator_token_sha256: Some(Sha256::digest(OPERATOR_TOKEN.as_bytes()).into()),
    }
}
