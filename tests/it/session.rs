//! Signing in, staying signed in, and signing out: the access token in answers, the refresh token in a cookie.

use reqwest::Response;
use serde_json::{Value, json};

use crate::platform::{Platform, text};

const VIEWER: &str = "{ viewer { member { name } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { payload: signIn(input: $input) {
    session { token expiresAt } errors { code } } }";
const REFRESH: &str =
    "mutation { payload: refreshSession { session { token expiresAt member { name } } errors { code } } }";
const SIGN_OUT: &str = "mutation { payload: signOut { isSignedOut errors { code } } }";

/// A browser: a cookie, and what its pages hold in memory.
struct Browser<'a> {
    platform: &'a Platform,
    cookie: String,
    token: String,
}

/// The `Set-Cookie` of an answer, and its payload.
async fn read(response: Response) -> (Option<String>, Value) {
    let cookie = response.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
    let mut body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert!(body.get("errors").is_none(), "{body}");
    (cookie, body["data"]["payload"].take())
}

fn pair(cookie: &str) -> String {
    cookie.split(';').next().unwrap().to_owned()
}

impl<'a> Browser<'a> {
    async fn sign_in(platform: &'a Platform, password: &str) -> Self {
        let input = json!({"input": {"email": "buyer@example.org", "password": password}});
        let (cookie, payload) = read(platform.request("", SIGN_IN, &input).send().await.unwrap()).await;
        Self { platform, cookie: pair(&cookie.unwrap()), token: text(&payload, "/session/token") }
    }

    /// Sends a document with the cookie as it is, or as it was.
    async fn send(&self, document: &str, cookie: &str) -> (Option<String>, Value) {
        read(self.platform.request("", document, &json!({})).header("cookie", cookie).send().await.unwrap()).await
    }

    /// Refreshes with a cookie; answers the next one.
    async fn refresh(&self, cookie: &str) -> Result<String, String> {
        let (next, payload) = self.send(REFRESH, cookie).await;
        match payload["errors"].as_array().unwrap().first() {
            None => Ok(pair(&next.unwrap())),
            Some(error) => Err(text(error, "/code")),
        }
    }

    async fn status(&self, token: &str) -> u16 {
        self.platform.answer(self.platform.request(token, VIEWER, &json!({}))).await.status
    }
}

const PASSWORD: &str = "correct horse battery staple";

#[tokio::test]
async fn a_browser_stays_signed_in_by_a_cookie_that_no_script_reads() {
    let platform = Platform::start().await;
    platform.join("Buyer").await;
    let input = json!({"input": {"email": "buyer@example.org", "password": PASSWORD}});
    let (cookie, _) = read(platform.request("", SIGN_IN, &input).send().await.unwrap()).await;
    let cookie = cookie.unwrap();
    assert!(cookie.ends_with("; Path=/graphql; Max-Age=1209600; HttpOnly; SameSite=Strict"), "{cookie}");
    let browser = Browser::sign_in(&platform, PASSWORD).await;
    let (next, payload) = browser.send(REFRESH, &browser.cookie).await;
    assert_eq!(payload["session"]["member"]["name"], "Buyer");
    assert_eq!(browser.status(&text(&payload, "/session/token")).await, 200);
    assert!(browser.refresh(&pair(&next.unwrap())).await.is_ok());
    let named = platform.request("", SIGN_IN, &input).header("host", "market.example.org").send().await.unwrap();
    assert!(read(named).await.0.unwrap().ends_with("; SameSite=Strict; Secure"), "over TLS only, but on this machine");
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_both_go_on_also_after_a_restart() {
    let platform = Platform::start().await;
    platform.join("Buyer").await;
    let browser = Browser::sign_in(&platform, PASSWORD).await;
    let (one, two) = tokio::join!(browser.refresh(&browser.cookie), browser.refresh(&browser.cookie));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one, two);
    let platform = platform.restart(&[]).await;
    let browser = Browser { platform: &platform, cookie: one, token: String::new() };
    assert!(browser.refresh(&browser.cookie).await.is_ok());
    assert!(browser.refresh(&two).await.is_ok());
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere_at_once() {
    let platform = Platform::start().await;
    platform.join("Buyer").await;
    let (browser, other) = (Browser::sign_in(&platform, PASSWORD).await, Browser::sign_in(&platform, PASSWORD).await);
    let (cookie, payload) = browser.send(SIGN_OUT, &browser.cookie).await;
    assert_eq!(payload, json!({"isSignedOut": true, "errors": []}));
    assert!(cookie.unwrap().starts_with("tallystick_refresh=; Path=/graphql; Max-Age=0;"));
    assert_eq!(browser.refresh(&browser.cookie).await, Err("SESSION_EXPIRED".to_owned()));
    assert_eq!(browser.status(&browser.token).await, 401);
    assert_eq!(other.status(&other.token).await, 200, "another browser's session goes on");
    let (_, payload) = read(platform.request(&other.token, SIGN_OUT, &json!({})).send().await.unwrap()).await;
    assert_eq!(payload["isSignedOut"], true, "by the access token alone");
    assert_eq!(other.refresh(&other.cookie).await, Err("SESSION_EXPIRED".to_owned()));
    let token = browser.token.clone();
    let platform = platform.restart(&[]).await;
    assert_eq!(platform.answer(platform.request(&token, VIEWER, &json!({}))).await.status, 401);
}

#[tokio::test]
async fn another_password_ends_the_other_sessions() {
    let platform = Platform::start().await;
    platform.join("Buyer").await;
    let (browser, other) = (Browser::sign_in(&platform, PASSWORD).await, Browser::sign_in(&platform, PASSWORD).await);
    let input = json!({"currentPassword": PASSWORD, "newPassword": "another horse battery"});
    platform.done(&browser.token, "changePassword", "member { id }", input).await;
    assert_eq!((browser.status(&browser.token).await, other.status(&other.token).await), (200, 401));
    assert_eq!(other.refresh(&other.cookie).await, Err("SESSION_EXPIRED".to_owned()));
    assert!(browser.refresh(&browser.cookie).await.is_ok());
    Browser::sign_in(&platform, "another horse battery").await;
}

#[tokio::test]
async fn a_suspended_organization_has_no_sessions() {
    let platform = Platform::start().await;
    let operator = platform.join_as_operator().await;
    let buyer = platform.join("Buyer").await;
    let browser = Browser::sign_in(&platform, PASSWORD).await;
    let viewer = platform.read(&buyer, "{ viewer { organization { id } } }", json!({})).await;
    let suspend = json!({"organizationId": viewer["viewer"]["organization"]["id"], "reason": "unpaid"});
    platform.done(&operator, "suspendOrganization", "organization { id }", suspend).await;
    assert_eq!(browser.refresh(&browser.cookie).await, Err("SESSION_EXPIRED".to_owned()));
}

#[tokio::test]
async fn without_a_good_cookie_there_is_nothing_to_refresh() {
    let platform = Platform::start().await;
    platform.join("Buyer").await;
    let browser = Browser::sign_in(&platform, PASSWORD).await;
    let unknown = format!("tallystick_refresh={}", "0".repeat(64));
    for cookie in ["theme=dark", "tallystick_refresh=", "tallystick_refresh=nonsense", unknown.as_str()] {
        assert_eq!(browser.refresh(cookie).await, Err("SESSION_EXPIRED".to_owned()), "{cookie}");
    }
    assert!(browser.refresh(&browser.cookie).await.is_ok());
}

#[tokio::test]
async fn pages_of_other_sites_get_nothing_by_the_cookie() {
    let platform = Platform::start().await;
    platform.join("Buyer").await;
    let browser = Browser::sign_in(&platform, PASSWORD).await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example.org")]
    {
        let request = platform.request("", REFRESH, &json!({})).header("cookie", &browser.cookie).header(name, value);
        let answer = platform.answer(request).await;
        let code = &answer.json["errors"][0]["extensions"]["code"];
        assert_eq!((answer.status, code), (403, &json!("CROSS_SITE")), "{name}: {value}");
        let public = platform.request("", "{ categories { id } }", &json!({})).header(name, value);
        assert_eq!(platform.answer(public).await.status, 200, "what needs no cookie is open to all");
    }
    let own = platform.request("", REFRESH, &json!({})).header("cookie", &browser.cookie);
    let own = own.header("sec-fetch-site", "same-origin").header("origin", &platform.url);
    assert_eq!(platform.answer(own).await.status, 200);
}
