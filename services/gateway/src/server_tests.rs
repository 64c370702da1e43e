//! The door over HTTP, with a small schema behind it.

#![expect(clippy::unused_async, reason = "a resolver is an async function, whether it waits or not")]

use std::sync::Arc;

use actix_web::App;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{StatusCode, header};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use async_graphql::{Context, EmptySubscription, Error, ErrorExtensions, Object, Schema};
use async_trait::async_trait;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};

use crate::auth::api_key::Secret;
use crate::auth::authenticator::tests::{Register, Stopped, member};
use crate::auth::authenticator::{Authenticator, Caller};
use crate::auth::token::Tokens;
use crate::health::{Probe, Readiness};
use crate::server::{Shared, Site, secure_headers};
use crate::transport::address::TrustedProxies;
use crate::transport::handler::Door;
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

const READY: Readiness = Readiness { log_answers: true, views_lag: Some(0), reference_provider: true };

fn site(register: Arc<Register>, readiness: Readiness) -> Site<Schema<Query, Mutation, EmptySubscription>> {
    let tokens = Arc::new(Tokens::new(&[1; 32]).unwrap());
    let authenticator = Arc::new(Authenticator::new(register, tokens, Arc::new(Stopped)));
    let executor = Schema::build(Query, Mutation, EmptySubscription).disable_suggestions().finish();
    let door = Door { executor, authenticator, limits: Limits::default(), proxies: TrustedProxies::default() };
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    Site { door, probe: Arc::new(Fine(readiness)), metrics }
}

async fn send(request: TestRequest) -> ServiceResponse<impl MessageBody> {
    send_to(Arc::default(), READY, request).await
}

async fn send_to(
    register: Arc<Register>,
    readiness: Readiness,
    request: TestRequest,
) -> ServiceResponse<impl MessageBody> {
    let routes = Shared::new(site(register, readiness)).routes();
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
async fn only_post_is_taken() {
    for request in [TestRequest::get(), TestRequest::put(), TestRequest::delete()] {
        let response = send(request.uri("/graphql?query={hello}")).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers().get(header::ALLOW).unwrap(), "POST");
    }
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
        Readiness { views_lag: Some(1_001), ..READY },
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
