//! The bare passthrough: the same HTTP server and client as the gateway's, and nothing between them.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer, rt};
use anyhow::Result;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;

struct Upstream {
    client: Client,
    url: String,
}

/// Serves until the process is ended; prints where in the platform's manner.
pub fn serve(upstream: SocketAddr) -> Result<()> {
    let client = Client::builder().no_proxy().http1_only().build()?;
    let upstream = Data::new(Upstream { client, url: format!("http://{upstream}/") });
    rt::System::new().block_on(async {
        let resource = move || App::new().app_data(upstream.clone()).default_service(web::post().to(pass_on));
        let server = HttpServer::new(resource).bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = server.addrs().first().copied();
        let url = address.map(|address| format!("http://{address}"));
        writeln!(std::io::stdout(), "{}", serde_json::json!({"ready": true, "url": url}))?;
        Ok(server.run().await?)
    })
}

async fn pass_on(body: Bytes, upstream: Data<Upstream>) -> HttpResponse {
    match answer(body, &upstream).await {
        Ok(answer) => HttpResponse::Ok().content_type("application/json").body(answer),
        Err(_) => HttpResponse::BadGateway().finish(),
    }
}

async fn answer(body: Bytes, upstream: &Upstream) -> reqwest::Result<Bytes> {
    let request = upstream.client.post(&upstream.url).header(CONTENT_TYPE, "application/json").body(body);
    request.send().await?.error_for_status()?.bytes().await
}
