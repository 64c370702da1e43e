// cargo new call && cd call && cargo add reqwest serde_json && cargo add tokio --features full && cargo add uuid --features v7
// Save as src/main.rs, then run "cargo run"
use serde_json::{Value, json};

const QUERY: &str = "mutation ($input: InvokeInput!) {
      invoke(input: $input) {
        invocation { id output usage { meter class quantity } estimatedCharge currencyCode }
        errors { code message }
      }
    }";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let payload: Value = serde_json::from_str(r#"{
  "text": "It's \"quoted\"\n`twice` 你好 $HOME \\",
  "flags": [
    true,
    null
  ],
  "nested": {
    "deep": [
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    ]
  }
}"#)?;
    let input = json!({ "target": { "capability": "sentiment-analysis" }, "payload": payload, "idempotencyKey": uuid::Uuid::now_v7().to_string() });
    let answer = reqwest::Client::new()
        .post("http://127.0.0.1:1/graphql")
        .bearer_auth(std::env::var("TALLYSTICK_KEY")?)
        .header("Content-Type", "application/json")
        .body(json!({ "query": QUERY, "variables": { "input": input } }).to_string())
        .send()
        .await?
        .text()
        .await?;
    println!("{:#}", serde_json::from_str::<Value>(&answer)?);
    Ok(())
}
