//! The client for all upstreams: one connection pool, one set of breakers, cheap to clone.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::dns::Resolve;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder, redirect, retry};
use serde_json::Value;
use tokio::time::Instant;
use url::{Host, Url};

use crate::answer;
use crate::breaker::Health;
use crate::breakers::Breakers;
use crate::error::{CallError, SetupError};
use crate::reach::Reach;
use crate::resolver::{Guard, OutOfReach, System};

/// Shorter than the 5 s after which common servers close idle connections, so that a call rarely meets a closing one.
const IDLE_TIME_MAX: Duration = Duration::from_secs(4);
const IDLE_CONNECTIONS_PER_HOST_MAX: usize = 256;

/// How upstreams are called.
#[derive(Clone, Debug)]
pub struct Options {
    /// The time a connection may take to be made, name lookup and TLS included.
    pub connect_timeout: Duration,
    /// The longest answer, in bytes. As a value in memory an answer can take some twenty times as much.
    pub response_bytes_max: usize,
    /// Whether loopback and private networks may be called: the operator's explicit setting.
    pub allow_private_networks: bool,
    /// Trusted names and where they lead, e.g. `reference.localhost` to the built-in provider's loopback port. An
    /// endpoint with such a name cannot choose another port.
    pub hosts: HashMap<String, SocketAddr>,
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Which breaker guards it: the listing's id.
    pub key: String,
    /// The address, with `{capability}` already replaced.
    pub url: String,
}

/// What an upstream answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The JSON it sent.
    pub output: Value,
    /// From the start of the call to the last byte of the answer.
    pub latency: Duration,
}

/// Plays every upstream under test: what the one at an address answers to a payload.
#[cfg(feature = "script")]
pub type Script = Arc<dyn Fn(&str, Bytes) -> Scripted + Send + Sync>;
/// What a [`Script`] answers.
#[cfg(feature = "script")]
pub type Scripted = std::pin::Pin<Box<dyn Future<Output = Result<Value, CallError>> + Send>>;

/// Calls upstreams. Clones share connections and breakers.
#[derive(Clone)]
pub struct Upstreams(Arc<Shared>);

struct Shared {
    client: Client,
    breakers: Breakers,
    hosts: Arc<HashMap<String, SocketAddr>>,
    reach: Reach,
    response_bytes_max: usize,
    #[cfg(feature = "script")]
    script: Option<Script>,
}

impl fmt::Debug for Upstreams {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Upstreams").finish_non_exhaustive()
    }
}

impl Upstreams {
    /// Builds the client. Proxies and other settings from the environment are ignored.
    pub fn new(options: Options) -> Result<Self, SetupError> {
        Self::with_resolver(options, Arc::new(System))
    }

    /// Another one, whose upstreams a script plays: nothing reaches a network.
    #[cfg(feature = "script")]
    #[must_use]
    pub fn played_by(&self, script: Script) -> Self {
        let Shared { client, hosts, reach, response_bytes_max, .. } = &*self.0;
        Self(Arc::new(Shared {
            client: client.clone(),
            breakers: Breakers::default(),
            hosts: Arc::clone(hosts),
            reach: *reach,
            response_bytes_max: *response_bytes_max,
            script: Some(script),
        }))
    }

    fn with_resolver(options: Options, inner: Arc<dyn Resolve>) -> Result<Self, SetupError> {
        let reach = if options.allow_private_networks { Reach::Private } else { Reach::Public };
        let lower = |(host, address): (String, SocketAddr)| (host.to_ascii_lowercase(), address);
        let hosts = Arc::new(options.hosts.into_iter().map(lower).collect::<HashMap<_, _>>());
        let guard = Arc::new(Guard { inner, hosts: Arc::clone(&hosts), reach });
        let client = build(&guard, options.connect_timeout)?;
        let response_bytes_max = options.response_bytes_max;
        Ok(Self(Arc::new(Shared {
            client,
            breakers: Breakers::default(),
            hosts,
            reach,
            response_bytes_max,
            #[cfg(feature = "script")]
            script: None,
        })))
    }

    /// Sends the payload, which is JSON, and waits for the whole answer at most until the deadline.
    pub async fn call(&self, endpoint: &Endpoint, payload: Bytes, deadline: Duration) -> Result<Answer, CallError> {
        let url = self.admissible(&endpoint.url)?;
        let permit = self.0.breakers.admit(&endpoint.key)?;
        let started = Instant::now();
        let outcome = tokio::time::timeout(deadline, self.exchange(&endpoint.key, url, payload)).await;
        let outcome = outcome.unwrap_or(Err(CallError::TimedOut));
        let latency = started.elapsed();
        permit.settle(&outcome, latency);
        outcome.map(|output| Answer { output, latency })
    }

    /// As [`Self::call`], but past the breaker, and without a word to it: for a look at whether an upstream works.
    pub async fn probe(&self, endpoint: &Endpoint, payload: Bytes, deadline: Duration) -> Result<Answer, CallError> {
        let url = self.admissible(&endpoint.url)?;
        let started = Instant::now();
        let outcome = tokio::time::timeout(deadline, self.exchange(&endpoint.key, url, payload)).await;
        let output = outcome.unwrap_or(Err(CallError::TimedOut))?;
        Ok(Answer { output, latency: started.elapsed() })
    }

    /// How one upstream has been doing, by its breaker's key.
    pub fn health(&self, key: &str) -> Health {
        self.0.breakers.health(key)
    }

    /// How every upstream called so far has been doing, unordered.
    pub fn all_health(&self) -> Vec<(String, Health)> {
        self.0.breakers.all_health()
    }

    async fn exchange(&self, key: &str, url: Url, payload: Bytes) -> Result<Value, CallError> {
        #[cfg(feature = "script")]
        if let Some(script) = &self.0.script {
            return script(url.as_str(), payload).await;
        }
        let response = self.0.client.post(url).body(payload).send().await.map_err(|error| fault(key, error))?;
        answer::read(response, self.0.response_bytes_max).await
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    /// The address, where it may be called as far as can be told before names are resolved. Literal addresses are
    /// judged here because they never meet the resolver; the parser has undone their disguises (hexadecimal, octal).
    pub(crate) fn admissible(&self, text: &str) -> Result<Url, CallError> {
        let url = Url::parse(text).map_err(|_| CallError::Blocked)?;
        let bare = url.username().is_empty() && url.password().is_none();
        let reachable = match url.host() {
            Some(Host::Domain(name)) => self.port_fits(name, url.port()),
            Some(Host::Ipv4(address)) => self.0.reach.permits(address.into()),
            Some(Host::Ipv6(address)) => self.0.reach.permits(address.into()),
            None => false,
        };
        if bare && reachable && matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(CallError::Blocked) }
    }

    /// Whether the address leaves a trusted host's port alone; other hosts have any port.
    fn port_fits(&self, host: &str, port: Option<u16>) -> bool {
        match (self.0.hosts.get(host), port) {
            (Some(trusted), Some(port)) => port == trusted.port(),
            (Some(_), None) | (None, _) => true,
        }
    }
}

/// Builds the client; on a machine without any CA certificates, one that trusts no `https` upstream.
fn build(guard: &Arc<Guard>, connect_timeout: Duration) -> Result<Client, SetupError> {
    builder(guard, connect_timeout).build().or_else(|error| {
        tracing::warn!(%error, "no trusted CA certificates: providers on https cannot be called");
        builder(guard, connect_timeout).tls_certs_only([]).build().map_err(SetupError::Client)
    })
}

fn builder(guard: &Arc<Guard>, connect_timeout: Duration) -> ClientBuilder {
    let json = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, json.clone()), (ACCEPT, json)]);
    Client::builder()
        .user_agent(concat!("tallystick/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(retry::never())
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(IDLE_TIME_MAX)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_PER_HOST_MAX)
        .dns_resolver(Arc::clone(guard))
}

/// Tells what a failed exchange means; only a failure to connect is sure to have delivered nothing.
pub(crate) fn fault(key: &str, error: reqwest::Error) -> CallError {
    let error = error.without_url();
    tracing::debug!(key, ?error, "a call to a provider failed");
    if out_of_reach(&error) {
        CallError::Blocked
    } else if error.is_connect() {
        CallError::Unreachable
    } else {
        CallError::Disconnected
    }
}

fn out_of_reach(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<OutOfReach>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
#[path = "upstreams_tests.rs"]
mod tests;
