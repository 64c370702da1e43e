//! A provider on this machine that repeats what it is told.

use std::net::SocketAddr;

use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::{Value, json};

/// The host name that leads to it.
pub const HOST: &str = "provider.localhost";

/// How a listing names it.
pub fn endpoint() -> String {
    format!("http://{HOST}/{{capability}}")
}

/// Starts it; answers where it listens.
pub fn start() -> SocketAddr {
    let server = HttpServer::new(|| App::new().default_service(web::post().to(echo)));
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    address
}

/// Answers with the payload itself, unless it is told to decline or to break.
async fn echo(body: Bytes) -> HttpResponse {
    let input: Value = serde_json::from_slice(&body).unwrap();
    if input["text"] == "decline" {
        let error = json!({"code": "NOT_CHINESE", "message": "no pinyin"});
        return HttpResponse::UnprocessableEntity().json(json!({"error": error}));
    }
    if input["text"] == "break" {
        return HttpResponse::InternalServerError().finish();
    }
    HttpResponse::Ok().json(input)
}
