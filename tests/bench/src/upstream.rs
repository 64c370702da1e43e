//! The upstream that does nothing: one constant answer, on a thread of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread;

use anyhow::Result;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::http::Connection;

/// The capability that it serves: short payloads, and one request counted for each call.
pub const CAPABILITY: &str = "short-text-similarity";

/// A valid output of the capability.
const OUTPUT: &str = r#"{"score":0.875,"levenshtein":0.875,"jaro_winkler":0.95,"bigram_dice":0.8,"basis":"spelling"}"#;

/// What an answer that was passed on holds, however it is wrapped.
pub const PASSED_ON: &[u8] = br#""basis":"spelling""#;

/// Starts it on a free port of loopback; it ends with the process.
pub fn start() -> Result<SocketAddr> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    thread::Builder::new().name("upstream".to_owned()).spawn(move || serve(&runtime, &listener))?;
    Ok(address)
}

fn serve(runtime: &Runtime, listener: &TcpListener) {
    let answer: &'static [u8] = answer().leak();
    runtime.block_on(async {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, answer));
        }
    });
}

async fn converse(stream: TcpStream, answer: &[u8]) -> Result<()> {
    let mut connection = Connection::new(stream)?;
    while connection.receive().await?.is_some() {
        connection.send(answer).await?;
    }
    Ok(())
}

fn answer() -> Vec<u8> {
    let length = OUTPUT.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), OUTPUT.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Request, Target, Turn, run};
    use std::time::Duration;

    #[test]
    fn every_request_of_a_load_is_answered() {
        let address = start().unwrap();
        let request = Request::post(address, "/", &[], "{\"key\":\"@KEY@\"}");
        let turn = Turn { connections: 2, warm_up: Duration::ZERO, measured: Duration::from_millis(50) };
        let sample = run(&Target { address, request }, &turn).unwrap();
        assert!(sample.answered > 0 && sample.latencies_us.len() as u64 <= sample.answered);
    }

    #[test]
    fn the_answer_holds_what_the_load_looks_for() {
        let contract = std::fs::read_to_string(crate::root().join("schema/capabilities/short-text-similarity.json"));
        let contract: serde_json::Value = serde_json::from_str(&contract.unwrap()).unwrap();
        let output: serde_json::Value = serde_json::from_str(OUTPUT).unwrap();
        for field in contract["output_schema"]["required"].as_array().unwrap() {
            assert!(!output[field.as_str().unwrap()].is_null(), "{field}");
        }
        assert_eq!(contract["slug"], CAPABILITY);
        assert!(crate::http::find(&answer(), PASSED_ON).is_some());
    }
}
