//! Calls over real sockets to an upstream that behaves in every way an upstream can.

use super::*;
use crate::breaker::{FAILURES_MAX, State};
use crate::resolver::tests::Scripted;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use futures::StreamExt;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

const ANSWER_BYTES_MAX: usize = 4_096;
const AMPLE: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(150);

/// An upstream on loopback, and how many requests have reached it.
struct Upstream {
    address: SocketAddr,
    requests: Data<AtomicUsize>,
}

impl Upstream {
    fn start() -> Self {
        let requests = Data::new(AtomicUsize::new(0));
        let counter = requests.clone();
        let server =
            HttpServer::new(move || App::new().app_data(counter.clone()).route("/{behaviour}", web::post().to(behave)));
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let address = server.addrs()[0];
        tokio::spawn(server.run());
        Self { address, requests }
    }

    fn endpoint(&self, path: &str) -> Endpoint {
        at(&format!("http://{}/{path}", self.address))
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn behave(behaviour: web::Path<String>, body: Bytes, requests: Data<AtomicUsize>) -> HttpResponse {
    requests.fetch_add(1, Ordering::SeqCst);
    let large = vec![b'1'; ANSWER_BYTES_MAX + 1];
    let piece = |text: &'static str| async move { Ok::<_, std::io::Error>(Bytes::from_static(text.as_bytes())) };
    match behaviour.as_str() {
        "echo" => HttpResponse::Ok().content_type("application/json").body(body),
        "pieces" => {
            let pieces = futures::stream::iter(["[1,", "2,", "3]"]).then(piece);
            HttpResponse::Ok().streaming(pieces)
        }
        "stall" => std::future::pending().await,
        "drip" => HttpResponse::Ok().streaming(dripping()),
        "huge" => HttpResponse::Ok().body(large),
        "flood" => HttpResponse::Ok()
            .streaming(futures::stream::repeat_with(move || Ok::<_, std::io::Error>(Bytes::from_static(b"[[[[[[[[")))),
        "redirect" => HttpResponse::Found().insert_header(("location", "/echo")).json(json!({})),
        "prose" => HttpResponse::Ok().body("Hello"),
        "nested" => HttpResponse::Ok().body("[".repeat(2_000)),
        "accepted" => HttpResponse::Accepted().json(json!({})),
        "broken" => HttpResponse::InternalServerError().json(json!({ "error": { "code": "INTERNAL" } })),
        "refuse" => HttpResponse::UnprocessableEntity().json(
            json!({ "error": { "code": "UNSUPPORTED_LANGUAGE", "message": "Only English.", "pointer": "/text" } }),
        ),
        "refuse-silently" => HttpResponse::UnprocessableEntity().finish(),
        "refuse-hugely" => HttpResponse::BadRequest().body(large),
        _ => HttpResponse::NotFound().finish(),
    }
}

/// One byte now and then, for ever.
fn dripping() -> impl futures::Stream<Item = Result<Bytes, std::io::Error>> {
    let interval = tokio::time::interval(Duration::from_millis(10));
    futures::stream::unfold(interval, |mut interval| async move {
        interval.tick().await;
        Some((Ok(Bytes::from_static(b" ")), interval))
    })
}

fn at(url: &str) -> Endpoint {
    Endpoint { key: "lst_1".to_owned(), url: url.to_owned() }
}

fn options(allow_private_networks: bool) -> Options {
    Options {
        connect_timeout: Duration::from_secs(5),
        response_bytes_max: ANSWER_BYTES_MAX,
        allow_private_networks,
        hosts: HashMap::new(),
    }
}

fn open_to_loopback() -> Upstreams {
    Upstreams::new(options(true)).unwrap()
}

async fn call(upstreams: &Upstreams, endpoint: &Endpoint) -> Result<Value, CallError> {
    let payload = Bytes::from_static(b"{\"text\":\"\xe7\xae\x97\xe5\xb8\x82\"}");
    upstreams.call(endpoint, payload, AMPLE).await.map(|answer| answer.output)
}

async fn hurried(upstreams: &Upstreams, endpoint: &Endpoint) -> Result<Value, CallError> {
    upstreams.call(endpoint, Bytes::from_static(b"{}"), SHORT).await.map(|answer| answer.output)
}

#[actix_web::test]
async fn an_answer_comes_back_as_the_upstream_sent_it() {
    let (upstream, upstreams) = (Upstream::start(), open_to_loopback());
    assert_eq!(call(&upstreams, &upstream.endpoint("echo")).await, Ok(json!({ "text": "算市" })));
    assert_eq!(call(&upstreams, &upstream.endpoint("pieces")).await, Ok(json!([1, 2, 3])));
    let health = upstreams.health("lst_1");
    assert_eq!((health.state, health.failures, health.latency_ewma.is_some()), (State::Closed, 0, true));
    assert_eq!(upstreams.all_health(), vec![("lst_1".to_owned(), health)]);
}

#[actix_web::test]
async fn an_upstream_that_stalls_or_drips_runs_into_the_deadline() {
    let (upstream, upstreams) = (Upstream::start(), open_to_loopback());
    for behaviour in ["stall", "drip"] {
        assert_eq!(hurried(&upstreams, &upstream.endpoint(behaviour)).await, Err(CallError::TimedOut), "{behaviour}");
    }
}

#[actix_web::test]
async fn an_answer_is_never_longer_than_allowed() {
    let (upstream, upstreams) = (Upstream::start(), open_to_loopback());
    for behaviour in ["huge", "flood", "refuse-hugely"] {
        assert_eq!(call(&upstreams, &upstream.endpoint(behaviour)).await, Err(CallError::TooLarge), "{behaviour}");
    }
}

#[actix_web::test]
async fn an_answer_of_exactly_the_allowed_length_passes() {
    let (upstream, upstreams) = (Upstream::start(), open_to_loopback());
    let longest = format!("\"{}\"", "x".repeat(ANSWER_BYTES_MAX - 2));
    let answer = upstreams.call(&upstream.endpoint("echo"), Bytes::from(longest.clone()), AMPLE).await;
    assert_eq!(answer.unwrap().output.to_string(), longest);
}

#[actix_web::test]
async fn redirects_are_not_followed() {
    let (upstream, upstreams) = (Upstream::start(), open_to_loopback());
    assert_eq!(call(&upstreams, &upstream.endpoint("redirect")).await, Err(CallError::Nonsense));
    assert_eq!(upstream.requests(), 1);
}

#[actix_web::test]
async fn what_is_no_answer_is_called_nonsense() {
    let (upstream, upstreams) = (Upstream::start(), open_to_loopback());
    for (number, behaviour) in
        ["prose", "nested", "accepted", "broken", "refuse-silently", "nowhere"].into_iter().enumerate()
    {
        let endpoint = Endpoint { key: format!("lst_{number}"), ..upstream.endpoint(behaviour) };
        assert_eq!(call(&upstreams, &endpoint).await, Err(CallError::Nonsense), "{behaviour}");
    }
}

#[actix_web::test]
async fn a_refusal_is_handed_on_and_does_not_count_as_a_failure() {
    let (upstream, upstreams) = (Upstream::start(), open_to_loopback());
    let expected = CallError::Refused { code: "UNSUPPORTED_LANGUAGE".to_owned(), message: "Only English.".to_owned() };
    for _ in 0..=FAILURES_MAX {
        assert_eq!(call(&upstreams, &upstream.endpoint("refuse")).await, Err(expected.clone()));
    }
    assert_eq!(upstreams.health("lst_1"), Health::UNKNOWN);
}

#[actix_web::test]
async fn a_connection_that_breaks_may_have_delivered_the_call() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = at(&format!("http://{}/", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            drop(connection);
        }
    });
    let error = call(&open_to_loopback(), &endpoint).await.unwrap_err();
    assert_eq!((&error, error.delivered()), (&CallError::Disconnected, true));
}

#[actix_web::test]
async fn a_body_that_breaks_off_is_no_answer() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = at(&format!("http://{}/", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut connection, _) = listener.accept().await.unwrap();
        connection.read_buf(&mut Vec::with_capacity(1_024)).await.unwrap();
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}").await.unwrap();
    });
    assert_eq!(call(&open_to_loopback(), &endpoint).await, Err(CallError::Disconnected));
}

#[actix_web::test]
async fn a_closed_port_and_a_missing_certificate_deliver_nothing() {
    let upstream = Upstream::start();
    let closed = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    for url in [format!("http://{closed}/"), format!("https://{}/echo", upstream.address)] {
        let error = call(&open_to_loopback(), &at(&url)).await.unwrap_err();
        assert_eq!((&error, error.delivered()), (&CallError::Unreachable, false), "{url}");
    }
    assert_eq!(upstream.requests(), 0);
}

#[actix_web::test]
async fn an_upstream_that_keeps_failing_is_left_alone() {
    let (upstream, upstreams) = (Upstream::start(), open_to_loopback());
    for _ in 0..FAILURES_MAX {
        assert_eq!(call(&upstreams, &upstream.endpoint("broken")).await, Err(CallError::Nonsense));
    }
    let error = call(&upstreams.clone(), &upstream.endpoint("echo")).await.unwrap_err();
    assert_eq!((&error, error.retryable_elsewhere()), (&CallError::BreakerOpen, true));
    let other = Endpoint { key: "lst_2".to_owned(), ..upstream.endpoint("echo") };
    assert!(call(&upstreams, &other).await.is_ok());
    assert_eq!(upstreams.health("lst_1").state, State::Open);
}

#[actix_web::test]
async fn a_probe_goes_past_the_breaker_and_leaves_it_as_it_was() {
    let (upstream, upstreams) = (Upstream::start(), open_to_loopback());
    let probe = async |path| upstreams.probe(&upstream.endpoint(path), Bytes::from_static(b"{}"), SHORT).await;
    for _ in 0..=FAILURES_MAX {
        assert_eq!(probe("broken").await, Err(CallError::Nonsense));
    }
    assert_eq!(upstreams.health("lst_1"), Health::UNKNOWN);
    for _ in 0..FAILURES_MAX {
        assert_eq!(call(&upstreams, &upstream.endpoint("broken")).await, Err(CallError::Nonsense));
    }
    assert_eq!(probe("echo").await.unwrap().output, json!({}));
    assert_eq!((probe("stall").await, upstreams.health("lst_1").state), (Err(CallError::TimedOut), State::Open));
    let guarded = Upstreams::new(options(false)).unwrap();
    let blocked = guarded.probe(&upstream.endpoint("echo"), Bytes::from_static(b"{}"), AMPLE).await;
    assert_eq!(blocked, Err(CallError::Blocked));
}

#[actix_web::test]
async fn private_addresses_are_blocked_in_every_disguise() {
    let upstream = Upstream::start();
    let port = upstream.address.port();
    let guarded = Upstreams::new(options(false)).unwrap();
    let disguises = [
        "127.0.0.1",
        "127.1",
        "127.0.0.1.",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "１２７.0.0.1",
        "①②⑦.0.0.1",
        "localhost",
        "LOCALHOST",
    ];
    for host in disguises {
        let endpoint = at(&format!("http://{host}:{port}/echo"));
        assert_eq!(call(&guarded, &endpoint).await, Err(CallError::Blocked), "{host}");
    }
    assert_eq!(upstream.requests(), 0);
    // The twin without the guard reaches it, so the disguises are real.
    assert!(call(&open_to_loopback(), &at(&format!("http://0x7f.1:{port}/echo"))).await.is_ok());
}

#[actix_web::test]
async fn metadata_services_are_blocked_even_where_private_networks_are_allowed() {
    for host in ["169.254.169.254", "100.100.100.200", "168.63.129.16", "[fd00:ec2::254]", "[fe80::1]"] {
        let endpoint = at(&format!("http://{host}/latest/meta-data"));
        assert_eq!(hurried(&open_to_loopback(), &endpoint).await, Err(CallError::Blocked), "{host}");
    }
}

#[actix_web::test]
async fn a_name_that_leads_to_a_private_address_is_blocked_when_connecting() {
    let upstream = Upstream::start();
    let endpoint = at(&format!("http://rebound.example:{}/echo", upstream.address.port()));
    let resolver = || Scripted::new(&[&["127.0.0.1", "10.0.0.1"]]);
    let guarded = Upstreams::with_resolver(options(false), resolver()).unwrap();
    let error = call(&guarded, &endpoint).await.unwrap_err();
    assert_eq!((&error, error.delivered(), upstream.requests()), (&CallError::Blocked, false, 0));
    // The twin without the guard reaches it.
    let unguarded = Upstreams::with_resolver(options(true), Scripted::new(&[&["127.0.0.1"]])).unwrap();
    assert!(call(&unguarded, &endpoint).await.is_ok());
}

#[actix_web::test]
async fn only_plain_web_addresses_are_called() {
    let upstreams = open_to_loopback();
    for url in ["", "/echo", "ftp://127.0.0.1/", "file:///etc/passwd", "http://a:b@127.0.0.1/", "http://a@127.0.0.1/"] {
        assert_eq!(call(&upstreams, &at(url)).await, Err(CallError::Blocked), "{url}");
    }
}

#[actix_web::test]
async fn a_trusted_host_is_reached_at_its_own_port_only() {
    let (upstream, other) = (Upstream::start(), Upstream::start());
    let hosts = HashMap::from([("Reference.localhost".to_owned(), upstream.address)]);
    let upstreams = Upstreams::new(Options { hosts, ..options(false) }).unwrap();
    let own = format!("http://reference.localhost:{}/echo", upstream.address.port());
    for url in ["http://reference.localhost/echo", &own] {
        assert!(call(&upstreams, &at(url)).await.is_ok(), "{url}");
    }
    let foreign = format!("http://reference.localhost:{}/echo", other.address.port());
    assert_eq!(call(&upstreams, &at(&foreign)).await, Err(CallError::Blocked));
    assert_eq!((upstream.requests(), other.requests()), (2, 0));
}

#[actix_web::test]
async fn connections_are_used_again() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = at(&format!("http://{}/", listener.local_addr().unwrap()));
    let serving = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4_096];
        while connection.read(&mut buffer).await.is_ok_and(|length| length > 0) {
            connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
        }
    });
    let upstreams = open_to_loopback();
    for _ in 0..10 {
        assert_eq!(hurried(&upstreams, &endpoint).await, Ok(json!({})));
    }
    drop(upstreams);
    serving.await.unwrap();
}

#[actix_web::test]
async fn a_call_says_what_it_sends_and_what_it_wants() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = at(&format!("http://{}/v1/x?y=z", listener.local_addr().unwrap()));
    let serving = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"{}") {
            connection.read_buf(&mut request).await.unwrap();
        }
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
        String::from_utf8(request).unwrap().to_ascii_lowercase()
    });
    hurried(&open_to_loopback(), &endpoint).await.unwrap();
    let request = serving.await.unwrap();
    assert!(request.starts_with("post /v1/x?y=z http/1.1\r\n"), "{request}");
    for header in ["content-type: application/json\r\n", "accept: application/json\r\n", "content-length: 2\r\n"] {
        assert!(request.contains(header), "{request}");
    }
    assert!(!request.contains("cookie") && !request.contains("authorization"), "{request}");
}
