//! The HTTP door over real sockets, spoken to in plain HTTP/1.1.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

/// Any free port on loopback.
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Sends one request and reads the answer to its end: the status and the body.
async fn send(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // A refused upload may be cut off before all of it is written.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap())
}

async fn post(running: &Running, slug: &str, body: &str) -> (u16, Value) {
    send(running.address, "POST", &format!("/v1/{slug}"), body.as_bytes()).await
}

#[tokio::test]
async fn a_call_is_answered_over_a_real_socket() {
    let running = start(LOOPBACK).await.unwrap();
    assert_ne!(running.address.port(), 0);
    let (status, output) = post(&running, "pinyin-annotation", r#"{"text":"重庆"}"#).await;
    assert_eq!((status, &output["text"]), (200, &json!("chóng qìng")));
    running.stop().await;
}

#[tokio::test]
async fn every_capability_is_listed() {
    let running = start(LOOPBACK).await.unwrap();
    let (status, output) = send(running.address, "GET", "/v1", b"").await;
    assert_eq!(status, 200);
    assert_eq!(output["capabilities"].as_array().unwrap().len(), registry::contracts().count());
    running.stop().await;
}

#[tokio::test]
async fn refusals_have_their_status_code_and_pointer() {
    let running = start(LOOPBACK).await.unwrap();
    let (status, output) = post(&running, "sentiment-analysis", r#"{"text":"这家店的服务太好了"}"#).await;
    assert_eq!((status, &output["error"]["code"]), (422, &json!("UNSUPPORTED_LANGUAGE")));
    let (status, output) = post(&running, "sentiment-analysis", r#"{"text":7}"#).await;
    assert_eq!((status, &output["error"]["code"]), (400, &json!("INVALID_INPUT")));
    assert_eq!(output["error"]["pointer"], "/text");
    let (status, output) = post(&running, "sentiment-analysis", "{not json").await;
    assert_eq!((status, &output["error"]["pointer"]), (400, &json!("")));
    let (status, output) = post(&running, "mind-reading", "{}").await;
    assert_eq!((status, &output["error"]["code"]), (404, &json!("UNKNOWN_CAPABILITY")));
    let (status, _) = send(running.address, "GET", "/elsewhere", b"").await;
    assert_eq!(status, 404);
    running.stop().await;
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_too_large() {
    let running = start(LOOPBACK).await.unwrap();
    let body = vec![b' '; BODY_BYTES_MAX + 1];
    let (status, output) = send(running.address, "POST", "/v1/language-identification", &body).await;
    assert_eq!((status, &output["error"]["code"]), (413, &json!("TOO_LARGE")));
    running.stop().await;
}

#[tokio::test]
async fn work_that_gets_no_slot_in_time_is_refused() {
    let running = serve(LOOPBACK, Limits::new(0, Duration::from_millis(1))).unwrap();
    let (status, output) = post(&running, "language-identification", r#"{"text":"hello"}"#).await;
    assert_eq!((status, &output["error"]["code"]), (503, &json!("DEADLINE_EXCEEDED")));
    running.stop().await;
}

#[tokio::test]
async fn after_stopping_nothing_listens() {
    let running = start(LOOPBACK).await.unwrap();
    let address = running.address;
    running.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_address_in_use_is_an_error() {
    let running = start(LOOPBACK).await.unwrap();
    assert!(matches!(start(running.address).await, Err(StartError::Bind(_))));
    running.stop().await;
}
