//! A platform that lies: a proxy before a real one, which changes what it answers.

use std::sync::Arc;

use reqwest::Client;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::upstream::{field, read_request, response};

/// Changes an answer.
pub type Lie = fn(&mut Value);

/// Answers GraphQL requests as the platform at an address does, but for a lie; says where it listens.
pub async fn before(url: &str, lie: Lie) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url: Arc<str> = format!("{url}/graphql").into();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&url), lie));
        }
    });
    format!("http://{address}")
}

/// Answers one request, then closes.
async fn answer(mut stream: TcpStream, url: Arc<str>, lie: Lie) {
    let (head, body) = read_request(&mut stream).await.unwrap();
    let request = Client::builder().no_proxy().build().unwrap().post(&*url).body(body);
    let request = ["authorization", "content-type"].into_iter().fold(request, |request, name| {
        let value = field(&head, name).unwrap();
        request.header(name, value)
    });
    let mut told: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    lie(&mut told);
    stream.write_all(response("200 OK", &told.to_string()).as_bytes()).await.unwrap();
}
