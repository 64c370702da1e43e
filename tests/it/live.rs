//! Live usage over `graphql-transport-ws`: what is told, to whom, how soon, and when the platform hangs up.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::market::{Deal, LANGUAGE, Market, REFERENCE, per_call, sentence};
use crate::platform::{Platform, text};
use crate::socket::{Heard, PROTOCOL, Socket};

const USAGE: &str = "subscription($after: String, $agreement: ID, $as: Perspective! = BUYER) {
    usageRecorded(after: $after, agreementId: $agreement, perspective: $as) {
        cursor at calls meters { meter free valueAdded } invocations { id principal }
        allowance { agreement { id } allowance { used remaining valueAdded } } } }";

async fn market(arguments: &[&str]) -> (Platform, Market, Deal) {
    let platform = Platform::start_with(arguments).await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("2", "0.01")).await;
    (platform, market, deal)
}

/// What the next message about usage says.
async fn told(socket: &mut Socket) -> Value {
    socket.expect("next", "1").await["data"]["usageRecorded"].take()
}

fn code(errors: &Value) -> String {
    text(errors, "/0/extensions/code")
}

#[tokio::test]
async fn a_call_is_told_within_three_tenths_of_a_second() {
    let (platform, market, deal) = market(&[]).await;
    let mut socket = Socket::greet(&platform, &market.buyer).await;
    socket.subscribe("1", USAGE, json!({"after": "0"})).await;
    let mut soonest = Duration::MAX;
    for (number, key) in (1_u64..).zip(["a", "b", "c", "d"]) {
        let call = deal.call(&platform, &sentence(), key).await;
        let answered = Instant::now();
        let usage = told(&mut socket).await;
        soonest = soonest.min(answered.elapsed());
        assert_eq!((&usage["calls"], &usage["invocations"][0]["id"]), (&json!("1"), &call["id"]));
        let class =
            if number <= 2 { json!({"free": "1", "valueAdded": "0"}) } else { json!({"free": "0", "valueAdded": "1"}) };
        assert_eq!(
            (&usage["meters"][0]["free"], &usage["meters"][0]["valueAdded"]),
            (&class["free"], &class["valueAdded"])
        );
        let allowance = &usage["allowance"][0];
        assert_eq!(allowance["agreement"]["id"], json!(deal.agreement));
        let (used, charged) = (number.min(2).to_string(), number.saturating_sub(2).to_string());
        assert_eq!(
            (&allowance["allowance"][0]["used"], &allowance["allowance"][0]["valueAdded"]),
            (&json!(used), &json!(charged))
        );
    }
    assert!(soonest < Duration::from_millis(300), "{soonest:?}");
}

#[tokio::test]
async fn a_reader_goes_on_from_its_cursor_and_misses_nothing() {
    let (platform, market, deal) = market(&[]).await;
    let mut socket = Socket::greet(&platform, &market.buyer).await;
    socket.subscribe("1", USAGE, json!({"after": "0"})).await;
    deal.call(&platform, &sentence(), "1").await;
    let cursor = told(&mut socket).await["cursor"].clone();
    drop(socket);
    for key in ["2", "3", "4"] {
        deal.call(&platform, &sentence(), key).await;
    }
    let platform = platform.restart(&[]).await;
    for token in [&market.buyer, &deal.key] {
        let mut socket = Socket::greet(&platform, token).await;
        socket.subscribe("1", USAGE, json!({"after": cursor, "agreement": deal.agreement})).await;
        let missed = told(&mut socket).await;
        assert_eq!((&missed["calls"], missed["invocations"].as_array().unwrap().len()), (&json!("3"), 3));
        assert_eq!((&missed["meters"][0]["free"], &missed["meters"][0]["valueAdded"]), (&json!("1"), &json!("2")));
    }
    let mut socket = Socket::greet(&platform, &market.buyer).await;
    let mark = cursor.as_str().unwrap().split_once('.').unwrap().0;
    let beyond = format!("{mark}.99999999");
    for cursor in ["nonsense", "-1", "3", "00000000.3", &beyond] {
        socket.subscribe("1", USAGE, json!({"after": cursor})).await;
        assert_eq!(code(&socket.expect("error", "1").await), "INVALID_CURSOR", "{cursor}");
    }
}

#[tokio::test]
async fn a_reader_that_does_not_read_loses_no_call() {
    let (platform, market, deal) = market(&[]).await;
    let mut socket = Socket::greet(&platform, &market.buyer).await;
    socket.subscribe("1", USAGE, json!({"after": "0"})).await;
    let payload = sentence();
    let calls = (0..200).map(|number| {
        let (deal, platform, payload) = (&deal, &platform, &payload);
        async move { deal.call(platform, payload, &number.to_string()).await }
    });
    futures::future::join_all(calls).await;
    let (mut calls, mut messages) = (0, 0);
    while calls < 200 {
        let usage = told(&mut socket).await;
        assert!(usage["invocations"].as_array().unwrap().len() <= 50);
        calls += text(&usage, "/calls").parse::<u64>().unwrap();
        messages += 1;
    }
    assert_eq!(calls, 200);
    assert!(messages < 200, "calls of the same moment come together");
}

#[tokio::test]
async fn everybody_is_told_of_their_own_usage_only() {
    let (platform, market, deal) = market(&[]).await;
    let stranger = platform.join("Stranger").await;
    let mut watched = Socket::greet(&platform, &stranger).await;
    for (id, variables) in [("buying", json!({"after": "0"})), ("selling", json!({"after": "0", "as": "SELLER"}))] {
        watched.subscribe(id, USAGE, variables).await;
    }
    let mut seller = Socket::greet(&platform, &market.seller).await;
    seller.subscribe("1", USAGE, json!({"after": "0", "as": "SELLER"})).await;
    let mut operator = Socket::greet(&platform, &market.operator).await;
    operator.subscribe("1", USAGE, json!({"after": "0", "as": "PLATFORM"})).await;
    deal.call(&platform, &sentence(), "1").await;
    let sold = told(&mut seller).await;
    assert_eq!((&sold["calls"], &sold["invocations"][0]["principal"]), (&json!("1"), &Value::Null));
    assert_eq!(told(&mut operator).await["calls"], "1");
    watched.say(&json!({"type": "ping"})).await;
    assert_eq!(watched.hear().await, Heard::Message(json!({"type": "pong"})), "a stranger hears nothing before");
    for (variables, expected) in [
        (json!({"agreement": deal.agreement}), "NOT_FOUND"),
        (json!({"agreement": "agr_00000000000000000000000001"}), "NOT_FOUND"),
        (json!({"as": "PLATFORM"}), "NOT_OPERATOR"),
    ] {
        watched.subscribe("1", USAGE, variables.clone()).await;
        assert_eq!(code(&watched.expect("error", "1").await), expected, "{variables}");
    }
    seller.subscribe("2", USAGE, json!({"agreement": deal.agreement})).await;
    assert_eq!(code(&seller.expect("error", "2").await), "NOT_FOUND", "the seller is no buyer");
}

#[tokio::test]
async fn the_operator_watches_how_the_platform_stands() {
    let (platform, market, deal) = market(&[]).await;
    let status = "subscription { platformStatus { version logHead viewsLag parked } }";
    let mut buyer = Socket::greet(&platform, &market.buyer).await;
    buyer.subscribe("1", status, json!({})).await;
    assert_eq!(code(&buyer.expect("error", "1").await), "NOT_OPERATOR");
    let mut operator = Socket::greet(&platform, &market.operator).await;
    operator.subscribe("1", status, json!({})).await;
    let head = |mut message: Value| text(&message["data"]["platformStatus"].take(), "/logHead").parse::<u64>().unwrap();
    let first = head(operator.expect("next", "1").await);
    deal.call(&platform, &sentence(), "1").await;
    let mut last = first;
    while last == first {
        last = head(operator.expect("next", "1").await);
    }
    assert!(last > first);
    operator.say(&json!({"type": "complete", "id": "1"})).await;
}

#[tokio::test]
async fn the_same_guard_stands_before_a_socket() {
    let (platform, market, _) = market(&[]).await;
    let mut nobody = Socket::greet(&platform, "").await;
    nobody.subscribe("1", USAGE, json!({})).await;
    assert_eq!(code(&nobody.expect("error", "1").await), "UNAUTHENTICATED");
    let deep = "{a".repeat(40);
    for (document, expected) in [
        ("{", "SYNTAX_ERROR"),
        (deep.as_str(), "NESTED_TOO_DEEPLY"),
        ("{ listings(first: 101) { totalCount } }", "PAGE_SIZE_OUT_OF_RANGE"),
        ("subscription { nothing }", "VALIDATION_FAILED"),
        ("subscription { usageRecorded { cursor } platformStatus { version } }", "NOT_OPERATOR"),
    ] {
        let mut socket = Socket::greet(&platform, &market.buyer).await;
        socket.subscribe("1", document, json!({})).await;
        assert_eq!(code(&socket.expect("error", "1").await), expected, "{document}");
    }
    nobody.subscribe("2", "{ categories { id } }", json!({})).await;
    assert!(nobody.expect("next", "2").await["data"]["categories"].is_array(), "queries are answered too");
    nobody.expect("complete", "2").await;
    nobody.subscribe("2", "{ categories { id } }", json!({})).await;
    nobody.expect("next", "2").await;
}

#[tokio::test]
async fn the_platform_hangs_up_with_the_protocols_codes() {
    let platform = Platform::start().await;
    let long = json!({"type": "subscribe", "id": "x".repeat(200), "payload": {"query": "{ a }"}}).to_string();
    let said = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let init = "{\"type\":\"connection_init\"}";
    let subscribe = "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"{ categories { id } }\"}}";
    let bad = "{\"type\":\"connection_init\",\"payload\":{\"authorization\":\"Bearer nonsense\"}}";
    for (texts, expected) in [
        (said(&["nonsense"]), 4400),
        (said(&["{\"type\":\"start\"}"]), 4400),
        (said(&[init, &long]), 4400),
        (said(&[subscribe]), 4401),
        (said(&[bad]), 4403),
        (said(&[init, init]), 4429),
        (vec!["x".repeat(300 * 1024)], 1009),
    ] {
        let mut socket = Socket::open(&platform).await;
        for text in &texts {
            socket.send(1, text.as_bytes()).await;
        }
        assert_eq!(end(&mut socket).await, Heard::Close(expected), "{}", &texts[0][..texts[0].len().min(80)]);
    }
    let mut socket = Socket::open(&platform).await;
    socket.send(2, b"binary").await;
    assert_eq!(end(&mut socket).await, Heard::Close(4400));
    let mut silent = Socket::open(&platform).await;
    assert_eq!(silent.hear().await, Heard::Close(4408));
    let mut other = Socket::try_open(&platform, "graphql-ws", &[]).await.unwrap();
    assert_eq!(other.hear().await, Heard::Close(4406));
}

/// Hears on until the end.
async fn end(socket: &mut Socket) -> Heard {
    loop {
        match socket.hear().await {
            Heard::Message(_) => {}
            end => return end,
        }
    }
}

#[tokio::test]
async fn an_id_is_used_once_at_a_time_and_subscriptions_are_counted() {
    let (platform, market, _) = market(&[]).await;
    let mut socket = Socket::greet(&platform, &market.buyer).await;
    for number in 0..32 {
        socket.subscribe(&number.to_string(), USAGE, json!({})).await;
    }
    socket.subscribe("one more", USAGE, json!({})).await;
    assert_eq!(code(&socket.expect("error", "one more").await), "TOO_MANY_SUBSCRIPTIONS");
    socket.say(&json!({"type": "complete", "id": "7"})).await;
    socket.subscribe("7", USAGE, json!({})).await;
    socket.subscribe("8", USAGE, json!({})).await;
    assert_eq!(socket.hear().await, Heard::Close(4409));
}

#[tokio::test]
async fn credentials_that_are_gone_end_the_conversation() {
    let (platform, market, _) = market(&[]).await;
    let made = json!({"label": "live", "scopes": ["USAGE_READ"]});
    let made = platform.done(&market.buyer, "createApiKey", "secret apiKey { id }", made).await;
    let mut program = Socket::greet(&platform, &text(&made, "/secret")).await;
    program.subscribe("1", USAGE, json!({})).await;
    let revoke = json!({"apiKeyId": made["apiKey"]["id"]});
    platform.done(&market.buyer, "revokeApiKey", "apiKey { id }", revoke).await;
    assert_eq!(program.hear().await, Heard::Close(4403));
    let mut person = Socket::greet(&platform, &market.buyer).await;
    person.subscribe("1", USAGE, json!({})).await;
    platform.read(&market.buyer, "mutation { signOut { isSignedOut } }", json!({})).await;
    assert_eq!(person.hear().await, Heard::Close(4403));
}

#[tokio::test]
async fn connections_of_an_address_are_counted_and_come_back() {
    let platform = Platform::start_with(&["--connections-per-address", "2"]).await;
    let (one, _two) = (Socket::open(&platform).await, Socket::open(&platform).await);
    assert_eq!(Socket::try_open(&platform, PROTOCOL, &[]).await.err(), Some(429));
    drop(one);
    crate::platform::eventually("a place is free", async || Socket::try_open(&platform, PROTOCOL, &[]).await.is_ok())
        .await;
}

#[tokio::test]
async fn a_page_of_another_site_opens_nothing_with_the_cookie() {
    let platform = Platform::start().await;
    let cookie = format!("tallystick_refresh={}", "0".repeat(64));
    let foreign = [("Cookie", cookie.as_str()), ("Origin", "https://evil.example.org")];
    assert_eq!(Socket::try_open(&platform, PROTOCOL, &foreign).await.err(), Some(403));
    let own = [("Cookie", cookie.as_str()), ("Origin", platform.url.as_str())];
    assert!(Socket::try_open(&platform, PROTOCOL, &own).await.is_ok());
}

#[tokio::test]
async fn a_platform_that_stops_says_so_and_does_not_wait_for_listeners() {
    let (platform, market, _) = market(&[]).await;
    let mut socket = Socket::greet(&platform, &market.buyer).await;
    socket.subscribe("1", USAGE, json!({})).await;
    platform.ask_to_stop();
    assert_eq!(socket.hear().await, Heard::Close(1001));
    let asked = Instant::now();
    let (_home, status) = platform.ended().await;
    assert!(status.success());
    assert!(asked.elapsed() < Duration::from_secs(20), "requests in flight may take 30 s; listeners are none");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let platform = Platform::start_with(&["--requests-per-address", "1"]).await;
    let ask = || async { platform.request("", "{ categories { id } }", &json!({})).send().await.unwrap() };
    let mut response = ask().await;
    while response.status() == 200 {
        response = ask().await;
    }
    assert_eq!(response.status(), 429);
    let seconds: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=2).contains(&seconds));
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(code(&body["errors"]), "RATE_LIMITED");
}
