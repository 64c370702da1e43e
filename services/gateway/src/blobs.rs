//! Files that the platform keeps, under the SHA-256 of what they hold: never changed, so cached for ever.
//!
//! They lie in `blobs/` of the data directory and must survive, as the log does, which names them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::pages::files::{IMMUTABLE, tagged};
use crate::pages::looks;

const FOLDER: &str = "blobs";
const SHA256_HEX_LENGTH: usize = 64;

/// The files; clones share the folder.
#[derive(Clone, Debug)]
pub struct Blobs(Arc<Path>);

impl Blobs {
    /// The files in a data directory. Their folder is made when the first is kept.
    pub fn new(directory: &Path) -> Self {
        Self(directory.join(FOLDER).into())
    }

    /// Keeps a PNG file, whole or not at all, and on disk when it returns. Answers its SHA-256, hexadecimal.
    pub fn keep(&self, png: &[u8]) -> io::Result<String> {
        let sha256 = kernel::merkle::hex(&Sha256::digest(png));
        let path = self.path(&sha256);
        if path.is_file() {
            return Ok(sha256);
        }
        fs::create_dir_all(&self.0)?;
        let partial = self.0.join(format!("{}.partial", Uuid::now_v7()));
        let mut file = File::create(&partial)?;
        file.write_all(png)?;
        file.sync_all()?;
        fs::rename(&partial, &path)?;
        File::open(&*self.0)?.sync_all()?;
        Ok(sha256)
    }

    /// A file by the SHA-256 of what it holds; none where there is none, or where the name is no such hash.
    pub fn read(&self, sha256: &str) -> io::Result<Option<Vec<u8>>> {
        if !is_hash(sha256) {
            return Ok(None);
        }
        match fs::read(self.path(sha256)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn path(&self, sha256: &str) -> PathBuf {
        self.0.join(format!("{sha256}.png"))
    }
}

/// The path on this platform under which a PNG file is served.
pub fn url(sha256: &str) -> String {
    format!("/{FOLDER}/{sha256}.png")
}

fn is_hash(text: &str) -> bool {
    text.len() == SHA256_HEX_LENGTH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Serves the files.
pub fn routes(config: &mut ServiceConfig, blobs: Data<Blobs>) {
    config.service(web::resource("/blobs/{sha256}.png").app_data(blobs).route(looks().to(serve)));
}

async fn serve(request: HttpRequest, blobs: Data<Blobs>, sha256: web::Path<String>) -> HttpResponse {
    let (name, folder) = (sha256.clone(), Blobs::clone(&blobs));
    match spawn_blocking(move || folder.read(&name)).await {
        Ok(Ok(Some(png))) => {
            let tag = format!("\"{sha256}\"");
            tagged(&request, &tag, IMMUTABLE, "image/png", crate::pages::coding::Coding::Identity, png)
        }
        Ok(Ok(None)) => HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("Not found.\n"),
        Ok(Err(error)) => {
            tracing::error!(%error, "a blob cannot be read");
            HttpResponse::InternalServerError().finish()
        }
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::App;
    use actix_web::http::{StatusCode, header};
    use actix_web::test::{TestRequest, call_service, init_service, read_body};

    #[test]
    fn what_is_kept_is_read_back_by_its_hash() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(directory.path());
        let sha256 = blobs.keep(b"pixels").unwrap();
        assert_eq!(blobs.keep(b"pixels").unwrap(), sha256);
        assert_eq!(blobs.read(&sha256).unwrap().as_deref(), Some(b"pixels".as_slice()));
        assert_eq!(blobs.read(&"0".repeat(64)).unwrap(), None);
        assert_eq!(fs::read_dir(directory.path().join(FOLDER)).unwrap().count(), 1);
    }

    #[actix_web::test]
    async fn a_blob_is_served_as_an_image_for_ever_and_nothing_else_is() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(directory.path());
        let sha256 = blobs.keep(b"pixels").unwrap();
        fs::write(directory.path().join("secret.png"), b"secret").unwrap();
        let shared = Data::new(blobs);
        let app = init_service(App::new().configure(|config| routes(config, shared))).await;
        let response = call_service(&app, TestRequest::get().uri(&url(&sha256)).to_request()).await;
        assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), "image/png");
        assert_eq!(response.headers().get(header::CACHE_CONTROL).unwrap(), IMMUTABLE);
        assert_eq!(read_body(response).await, b"pixels".as_slice());
        for path in ["/blobs/..%2Fsecret.png", "/blobs/%2e%2e%2fsecret.png", "/blobs/secret.png", "/blobs/.png"] {
            let response = call_service(&app, TestRequest::get().uri(path).to_request()).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
