//! The door over HTTP, with a small schema behind it.

#![expect(clippy::unused_async, reason = "a resolver is an async function, whether it waits or not")]

use std::sync::Arc;

use accounts::published::actor::Actor;
use actix_web::App;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{StatusCode, header};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use async_graphql::{Context, EmptySubscription, Error, ErrorExtensions, Object, Schema};
use async_trait::async_trait;
use invocation::report::{Report, Reported, Turned};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::auth::api_key::Secret;
use crate::auth::authenticator::tests::{Register, Stopped, member};
use crate::auth::authenticator::{Authenticator, Caller};
use crate::auth::token::Tokens;
use crate::blobs::Blobs;
use crate::health::{Probe, Readiness};
use crate::ingest::Recorder;
use crate::pages::Pages;
use crate::server::{Shared, Site, secure_headers};
use crate::socket::SocketLimits;
use crate::transport::address::TrustedProxies;
use crate::transport::documents::Documents;
use crate::transport::handler::{Door, Settings};
use crate::transport::limiter::{Rate, Rates};
use crate::transport::limits::Limits;

#[derive(Default, Clone, Copy)]
struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>, #[graphql(default = 20)] first: i32) -> String {
        format!("hello {} {first}", name.unwrap_or_default())
    }
    async fn whoami(&self, context: &Context<'_>) -> async_graphql::Result<Option<String>> {
        let caller = context.data::<Caller>()?;
        Ok(caller.0.as_ref().map(|actor| actor.organization.to_string()))
    }
    async fn guarded(&self) -> async_graphql::Result<i32> {
        Err(Error::new("who are you?").extend_with(|_, extensions| extensions.set("code", "UNAUTHENTICATED")))
    }
    async fn failing(&self) -> async_graphql::Result<i32> {
        Err(Error::new("x".repeat(5_000)))
    }
    async fn tree(&self) -> Query {
        Query
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn add(&self, n: i32) -> i32 {
        n.saturating_add(1)
    }
}

struct Fine(Readiness);

#[async_trait]
impl Probe for Fine {
    async fn readiness(&self) -> Readiness {
        self.0
    }
}

/// No room for reports, ever.
struct Full;

#[async_trait]
impl Recorder for Full {
    async fn report(&self, _: &Actor, _: Vec<Report>) -> Result<Vec<Reported>, Turned> {
        Err(Turned::Busy)
    }
}

const READY: Readiness = Readiness { log_answers: true, views_lag: Some(0), reference_provider: true };

/// As served, but with hardly any requests for an address.
const SETTINGS: Settings = Settings {
    limits: Limits::DEFAULT,
    rates: Rates { address: Rate { per_second: 1, burst: 3 }, member: Rate::of(10), api_key: Rate::of(10) },
    socket_limits: SocketLimits::DEFAULT,
    trusted_only: false,
    proxies: TrustedProxies(Vec::new()),
};

const TRUSTED: &str = "query Hello($name: String) { hello(name: $name) }";

fn documents() -> Documents {
    let hash = kernel::merkle::hex(&Sha256::digest(TRUSTED.as_bytes()));
    Documents::read(&json!({hash: TRUSTED}).to_string(), &Limits::default()).unwrap()
}

fn site(
    register: Arc<Register>,
    readiness: Readiness,
    settings: Settings,
) -> Site<Schema<Query, Mutation, EmptySubscription>> {
    let tokens = Arc::new(Tokens::new(&[1; 32]).unwrap());
    let authenticator = Authenticator::new(register, tokens, Arc::new(Stopped));
    let executor = Schema::build(Query, Mutation, EmptySubscription).disable_suggestions().finish();
    let door = Door::open(executor, authenticator, documents(), settings);
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let blobs = Blobs::new(std::path::Path::new("nowhere"));
    Site {
        door,
        probe: Arc::new(Fine(readiness)),
        metrics,
        pages: Arc::new(Pages::bare()),
        blobs,
        recorder: Arc::new(Full),
    }
}

/// Answers of one door to requests one after the other: status, `Retry-After`, body.
async fn send_all(settings: Settings, requests: Vec<TestRequest>) -> Vec<(StatusCode, Option<String>, Value)> {
    let routes = Shared::new(site(Arc::default(), READY, settings)).routes();
    let app = init_service(App::new().configure(routes)).await;
    let mut answers = Vec::new();
    for request in requests {
        let response = call_service(&app, request.to_request()).await;
        let retry = response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        answers.push((status, retry, serde_json::from_slice(&read_body(response).await).unwrap_or_default()));
    }
    answers
}

async fn send(request: TestRequest) -> ServiceResponse<impl MessageBody> {
    send_to(Arc::default(), READY, request).await
}

async fn send_to(
    register: Arc<Register>,
    readiness: Readiness,
    request: TestRequest,
) -> ServiceResponse<impl MessageBody> {
    let routes = Shared::new(site(register, readiness, SETTINGS)).routes();
    let app = init_service(App::new().wrap(secure_headers()).configure(routes)).await;
    call_service(&app, request.to_request()).await
}

fn post(query: &str) -> TestRequest {
    raw(json!({ "query": query }).to_string().into_bytes())
}

fn raw(body: Vec<u8>) -> TestRequest {
    TestRequest::post().uri("/graphql").insert_header((header::CONTENT_TYPE, "application/json")).set_payload(body)
}

fn strict(request: TestRequest) -> TestRequest {
    request.insert_header((header::ACCEPT, "application/graphql-response+json"))
}

async fn answer(request: TestRequest) -> (StatusCode, Value) {
    let response = send(request).await;
    let status = response.status();
    (status, serde_json::from_slice(&read_body(response).await).unwrap())
}

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap()
}

#[actix_web::test]
async fn a_query_is_answered_in_the_type_that_was_asked_for() {
    let response = send(strict(post("{ hello(name: \"算市\") }"))).await;
    assert_eq!(response.status(), StatusCode::OK);
    let content_type = response.headers().get(header::CONTENT_TYPE).unwrap();
    assert_eq!(content_type, "application/graphql-response+json; charset=utf-8");
    let body: Value = serde_json::from_slice(&read_body(response).await).unwrap();
    assert_eq!(body, json!({"data": {"hello": "hello 算市 20"}}));
}

#[actix_web::test]
async fn a_text_is_taken_by_post_only() {
    for request in [TestRequest::get(), TestRequest::put(), TestRequest::delete()] {
        let response = send(request.uri("/graphql?query={hello}")).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers().get(header::ALLOW).unwrap(), "GET, POST");
    }
}

#[actix_web::test]
async fn a_trusted_query_is_taken_by_its_id_with_get_and_post() {
    let hash = kernel::merkle::hex(&Sha256::digest(TRUSTED.as_bytes()));
    let body = json!({"documentId": format!("sha256:{hash}"), "variables": {"name": "算市"}});
    assert_eq!(answer(raw(body.to_string().into_bytes())).await.1["data"]["hello"], "hello 算市 20");
    let get = |parameters: &str| TestRequest::get().uri(&format!("/graphql?{parameters}"));
    let by_id = get(&format!("documentId=sha256:{hash}&variables=%7B%22name%22%3A%22%E7%AE%97%22%7D"));
    assert_eq!(answer(by_id).await.1["data"]["hello"], "hello 算 20");
    let extensions = format!("%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22{hash}%22%7D%7D");
    assert_eq!(answer(get(&format!("extensions={extensions}"))).await.1["data"]["hello"], "hello  20");
    let unknown = answer(get(&format!("documentId=sha256:{}", "0".repeat(64)))).await.1;
    assert_eq!(
        (code(&unknown), &unknown["errors"][0]["message"]),
        ("PERSISTED_QUERY_NOT_FOUND", &json!("PersistedQueryNotFound"))
    );
}

#[actix_web::test]
async fn where_only_trusted_documents_are_taken_an_api_key_may_send_others() {
    let register = Arc::new(Register::default());
    let secret = Secret::generate().unwrap();
    register.keys.lock().unwrap().insert(secret.sha256(), member(7));
    let settings = Settings { trusted_only: true, ..SETTINGS };
    let app = init_service(App::new().configure(Shared::new(site(register, READY, settings)).routes())).await;
    let refused = call_service(&app, post("{ hello }").to_request()).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let authorization = (header::AUTHORIZATION, format!("Bearer {}", secret.reveal()));
    let taken = call_service(&app, post("{ hello }").insert_header(authorization).to_request()).await;
    assert_eq!(taken.status(), StatusCode::OK);
}

#[actix_web::test]
async fn an_address_that_asks_too_often_is_told_when_to_come_back() {
    let from = |address: &str| post("{ hello }").peer_addr(format!("{address}:1").parse().unwrap());
    let bad = |address| from(address).insert_header((header::AUTHORIZATION, "Bearer tsk_guess"));
    let requests = vec![from("192.0.2.1"), bad("192.0.2.1"), bad("192.0.2.1"), from("192.0.2.1"), from("192.0.2.2")];
    let answers = send_all(SETTINGS, requests).await;
    let statuses: Vec<u16> = answers.iter().map(|(status, ..)| status.as_u16()).collect();
    assert_eq!(statuses, [200, 401, 401, 429, 200], "guessed credentials count against the address");
    let (_, retry, body) = &answers[3];
    assert_eq!((retry.as_deref(), code(body)), (Some("1"), "RATE_LIMITED"));
}

#[actix_web::test]
async fn each_field_of_a_mutation_counts_as_a_request() {
    let many = "mutation { a: add(n: 1) b: add(n: 2) c: add(n: 3) d: add(n: 4) }";
    let from = |query: &str| post(query).peer_addr("192.0.2.1:1".parse().unwrap());
    let answers = send_all(SETTINGS, vec![from(many), from("{ hello }"), from("{ hello }")]).await;
    let told: Vec<_> = answers.iter().map(|(status, retry, _)| (status.as_u16(), retry.as_deref())).collect();
    assert_eq!(told, [(200, None), (429, Some("2")), (429, Some("2"))], "refused requests cost nothing");
}

#[actix_web::test]
async fn behind_a_proxy_the_proxys_word_counts_and_elsewhere_the_connection() {
    let from = |forwarded: &str| {
        let request = post("{ hello }").peer_addr("192.0.2.1:1".parse().unwrap());
        request.insert_header((header::X_FORWARDED_FOR, forwarded.to_owned()))
    };
    let requests = || (0..5).map(|n| from(&format!("198.51.100.7, 203.0.113.{n}"))).collect::<Vec<_>>();
    let refused = |answers: Vec<(StatusCode, Option<String>, Value)>| {
        answers.iter().filter(|(status, ..)| *status == StatusCode::TOO_MANY_REQUESTS).count()
    };
    assert_eq!(refused(send_all(SETTINGS, requests()).await), 2, "who connects cannot choose its address");
    let proxies = TrustedProxies(vec!["192.0.2.1".parse().unwrap()]);
    let behind = Settings { proxies, ..SETTINGS };
    assert_eq!(refused(send_all(behind, requests()).await), 0);
}

#[actix_web::test]
async fn only_plain_json_is_taken() {
    let body = json!({"query": "{ hello }"}).to_string();
    let untyped = TestRequest::post().uri("/graphql").set_payload(body.clone());
    assert_eq!(answer(untyped).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let form = TestRequest::post().uri("/graphql").insert_header((header::CONTENT_TYPE, "text/plain"));
    assert_eq!(answer(form.set_payload(body)).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let packed = post("{ hello }").insert_header((header::CONTENT_ENCODING, "gzip"));
    assert_eq!(answer(packed).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let picky = post("{ hello }").insert_header((header::ACCEPT, "image/png"));
    assert_eq!(answer(picky).await.0, StatusCode::NOT_ACCEPTABLE);
}

#[actix_web::test]
async fn a_refused_document_is_400_or_200_by_media_type_and_has_no_data() {
    for (document, expected) in [("{", "SYNTAX_ERROR"), ("{ nothing }", "VALIDATION_FAILED")] {
        let (status, body) = answer(strict(post(document))).await;
        assert_eq!((status, code(&body)), (StatusCode::BAD_REQUEST, expected));
        assert_eq!(body.get("data"), None);
        let (status, body) = answer(post(document)).await;
        assert_eq!((status, code(&body)), (StatusCode::OK, expected));
    }
    assert_eq!(answer(raw(b"{".to_vec())).await.0, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn bodies_over_the_bound_are_refused_while_they_arrive() {
    let (status, body) = answer(raw(vec![b' '; Limits::default().body_bytes_max + 1])).await;
    assert_eq!((status, code(&body)), (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"));
    let announced = post("{ hello }").insert_header((header::CONTENT_LENGTH, "99999999999"));
    assert_eq!(answer(announced).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[actix_web::test]
async fn bad_credentials_are_challenged_even_on_public_fields() {
    for value in ["Bearer tsk_unknown", "Basic eA==", "Bearer"] {
        let response = send(post("{ hello }").insert_header((header::AUTHORIZATION, value))).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{value}");
        let challenge = response.headers().get(header::WWW_AUTHENTICATE).unwrap().to_str().unwrap();
        assert!(challenge.starts_with("Bearer realm="), "{challenge}");
    }
    let twice =
        post("{ hello }").append_header((header::AUTHORIZATION, "a")).append_header((header::AUTHORIZATION, "b"));
    assert_eq!(answer(twice).await.0, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn the_caller_reaches_the_fields() {
    assert_eq!(answer(post("{ whoami }")).await.1["data"]["whoami"], Value::Null);
    let register = Arc::new(Register::default());
    let secret = Secret::generate().unwrap();
    register.keys.lock().unwrap().insert(secret.sha256(), member(7));
    let authorization = (header::AUTHORIZATION, format!("Bearer {}", secret.reveal()));
    let response = send_to(register, READY, post("{ whoami }").insert_header(authorization)).await;
    let body: Value = serde_json::from_slice(&read_body(response).await).unwrap();
    assert_eq!(body["data"]["whoami"], member(7).organization.to_string());
}

#[actix_web::test]
async fn a_guarded_field_without_credentials_is_401() {
    let response = send(post("{ guarded }")).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers().get(header::WWW_AUTHENTICATE).unwrap(), "Bearer realm=\"tallystick\"");
}

#[actix_web::test]
async fn errors_have_a_code_and_bounded_text() {
    let (status, body) = answer(post("{ failing }")).await;
    assert_eq!((status, code(&body)), (StatusCode::OK, "INVALID_ARGUMENT"));
    assert_eq!(body["errors"][0]["message"].as_str().unwrap().chars().count(), 301);
    let many = (0..200).map(|n| format!("x{n} ")).collect::<Vec<_>>().concat();
    assert_eq!(answer(post(&format!("{{ {many} }}"))).await.1["errors"].as_array().unwrap().len(), 20);
}

#[actix_web::test]
async fn several_mutations_are_taken_up_to_a_bound() {
    let adds = |count: usize| (0..count).map(|n| format!("a{n}: add(n: {n}) ")).collect::<Vec<_>>().concat();
    assert_eq!(answer(post(&format!("mutation {{ {} }}", adds(50)))).await.1["data"]["a49"], 50);
    let (_, body) = answer(post(&format!("mutation {{ {} }}", adds(51)))).await;
    assert_eq!(code(&body), "TOO_MANY_MUTATIONS");
}

#[actix_web::test]
async fn shapes_that_pass_the_guard_do_not_exhaust_the_executor() {
    let inline = format!("{{ {} hello {} }}", "... {".repeat(31), "}".repeat(31));
    assert_eq!(answer(post(&inline)).await.1["data"]["hello"], "hello  20");
    let deep =
        |n: usize| format!("fragment f{n} on Query {{ {} ...f{} {} }} ", "...{".repeat(31), n + 1, "}".repeat(31));
    let chain: String = (0..14).map(deep).collect();
    let document = format!("{{ ...f0 }} {chain} fragment f14 on Query {{ hello }}");
    assert_eq!(code(&answer(post(&document)).await.1), "VALIDATION_FAILED");
    let arguments = (0..2_000).map(|n| format!("a{n}:1 ")).collect::<Vec<_>>().concat();
    assert_eq!(
        code(&answer(post(&format!("{{ hello({arguments}) hello({arguments}) }}"))).await.1),
        "VALIDATION_FAILED"
    );
    let variables = (0..1_500).map(|n| format!("$v{n}:Int ")).collect::<Vec<_>>().concat();
    assert_eq!(code(&answer(post(&format!("query({variables}) {{ hello }}"))).await.1), "VALIDATION_FAILED");
    let operations = (0..900).map(|n| format!("query q{n} {{ hello }} ")).collect::<Vec<_>>().concat();
    assert!(answer(post(&operations)).await.0.is_success());
    let deep_variables =
        format!("{{\"query\":\"{{hello}}\",\"variables\":{{\"v\":{}1{}}}}}", "[".repeat(120), "]".repeat(120));
    assert_eq!(answer(raw(deep_variables.into_bytes())).await.1["data"]["hello"], "hello  20");
}

#[actix_web::test]
async fn health_tells_live_from_ready() {
    let live = send(TestRequest::get().uri("/health/live")).await;
    assert_eq!(live.status(), StatusCode::OK);
    let (status, body) = answer(TestRequest::get().uri("/health/ready")).await;
    assert_eq!((status, &body["ready"]), (StatusCode::OK, &json!(true)));
    for broken in [
        Readiness { log_answers: false, ..READY },
        Readiness { views_lag: None, ..READY },
        Readiness { views_lag: Some(1), ..READY },
        Readiness { reference_provider: false, ..READY },
    ] {
        let response = send_to(Arc::default(), broken, TestRequest::get().uri("/health/ready")).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{broken:?}");
    }
}

#[actix_web::test]
async fn metrics_are_text() {
    let response = send(TestRequest::get().uri("/metrics")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().get(header::CONTENT_TYPE).unwrap().to_str().unwrap().starts_with("text/plain"));
}

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    for uri in ["/", "/nowhere.js", "/health/live", "/graphql", "/metrics"] {
        let response = send(TestRequest::get().uri(uri)).await;
        let policy = response.headers().get("content-security-policy").unwrap().to_str().unwrap();
        assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"), "{uri}");
        assert_eq!(response.headers().get("x-content-type-options").unwrap(), "nosniff", "{uri}");
    }
}

#[actix_web::test]
async fn files_that_are_not_there_are_not_pages() {
    let html = (header::ACCEPT, "text/html");
    for uri in ["/assets/missing.js", "/missing.js", "/../Cargo.toml", "/assets/../../Cargo.toml", "/%2e%2e/Cargo.toml"]
    {
        let response = send(TestRequest::get().uri(uri).insert_header(html.clone())).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{uri}");
    }
    assert_eq!(send(TestRequest::get().uri("/market")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(send(TestRequest::post().uri("/market")).await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[actix_web::test]
async fn reports_without_room_are_told_when_to_come_again() {
    let (register, secret) = (Arc::new(Register::default()), Secret::generate().unwrap());
    register.keys.lock().unwrap().insert(secret.sha256(), member(1));
    let agreement = kernel::id::AgreementId::new(uuid::Uuid::from_u128(5));
    let data = json!({"usage": [{"meter": "SECOND", "quantity": "1"}]});
    let event = json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "market.tallystick.usage.v1",
        "subject": agreement.to_string(), "time": "2026-11-05T08:00:00Z", "data": data});
    let request = TestRequest::post().uri("/v1/events").set_payload(event.to_string());
    let request = request.insert_header((header::CONTENT_TYPE, "application/cloudevents+json"));
    let request = request.insert_header((header::AUTHORIZATION, format!("Bearer {}", secret.reveal())));
    let response = send_to(register, READY, request).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers().get(header::RETRY_AFTER).unwrap(), "1");
    let body: Value = serde_json::from_slice(&read_body(response).await).unwrap();
    assert_eq!(body["code"], "TOO_MANY_REPORTS");
}
