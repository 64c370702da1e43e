//! Files that the platform keeps, under the SHA-256 of what they hold: never changed, so cached for ever.
//!
//! They lie in `blobs/` of the data directory and must survive, as the log does, which names them. What nothing names
//! any more is swept away.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::pages::files::{IMMUTABLE, tagged};
use crate::pages::looks;

const FOLDER: &str = "blobs";
const PNG: &str = "png";
const PARTIAL: &str = "partial";
const SHA256_HEX_LENGTH: usize = 64;

/// The files; clones share the folder.
#[derive(Clone, Debug)]
pub struct Blobs(Arc<Folder>);

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// Held while a file is put into place or swept away: what is kept anew is then not taken for what is old.
    turn: Mutex<()>,
}

impl Blobs {
    /// The files in a data directory. Their folder is made when the first is kept.
    pub fn new(directory: &Path) -> Self {
        Self(Arc::new(Folder { path: directory.join(FOLDER), turn: Mutex::new(()) }))
    }

    /// Keeps a PNG file, whole or not at all, and on disk when it returns. Answers its SHA-256, hexadecimal. A file
    /// that is there already is written anew, and so is as young as any other.
    pub fn keep(&self, png: &[u8]) -> io::Result<String> {
        let sha256 = kernel::merkle::hex(&Sha256::digest(png));
        fs::create_dir_all(&self.0.path)?;
        let partial = self.0.path.join(format!("{}.{PARTIAL}", Uuid::now_v7()));
        let mut file = File::create(&partial)?;
        file.write_all(png)?;
        file.sync_all()?;
        let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        fs::rename(&partial, self.path(&sha256))?;
        File::open(&self.0.path)?.sync_all()?;
        Ok(sha256)
    }

    /// Removes what was last kept before an instant and is not among what is still named, and what a crash left
    /// unfinished before then. Answers how many files are gone. Files of other names are left alone.
    pub fn sweep(&self, named: &HashSet<String>, before: SystemTime) -> io::Result<usize> {
        let entries = match fs::read_dir(&self.0.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut gone = 0;
        for entry in entries {
            let path = entry?.path();
            if is_unnamed(&path, named) && self.removed(&path, before)? {
                gone += 1;
            }
        }
        Ok(gone)
    }

    fn removed(&self, path: &Path, before: SystemTime) -> io::Result<bool> {
        let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if fs::metadata(path)?.modified()? >= before {
            return Ok(false);
        }
        fs::remove_file(path).map(|()| true)
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
        self.0.path.join(format!("{sha256}.{PNG}"))
    }
}

/// The path on this platform under which a PNG file is served.
pub fn url(sha256: &str) -> String {
    format!("/{FOLDER}/{sha256}.png")
}

fn is_unnamed(path: &Path, named: &HashSet<String>) -> bool {
    let (stem, extension) = (path.file_stem().and_then(OsStr::to_str), path.extension().and_then(OsStr::to_str));
    match (stem, extension) {
        (Some(stem), Some(PNG)) => is_hash(stem) && !named.contains(stem),
        (Some(stem), Some(PARTIAL)) => stem.parse::<Uuid>().is_ok(),
        _ => false,
    }
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

    #[test]
    fn what_nothing_names_is_swept_away_once_it_is_old() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(directory.path());
        assert_eq!(blobs.sweep(&HashSet::new(), SystemTime::UNIX_EPOCH).unwrap(), 0);
        let (kept, left) = (blobs.keep(b"kept").unwrap(), blobs.keep(b"left").unwrap());
        let folder = directory.path().join(FOLDER);
        fs::write(folder.join(format!("{}.partial", Uuid::now_v7())), b"half").unwrap();
        fs::write(folder.join("notes.png"), b"not ours").unwrap();
        let age = |path: PathBuf| fs::metadata(path).unwrap().modified().unwrap();
        let named = HashSet::from([kept.clone()]);
        assert_eq!(blobs.sweep(&named, age(blobs.path(&kept))).unwrap(), 0, "all of it is young");
        let later = age(folder.join("notes.png")) + std::time::Duration::from_secs(1);
        assert_eq!(blobs.sweep(&named, later).unwrap(), 2);
        assert_eq!(blobs.read(&kept).unwrap().as_deref(), Some(b"kept".as_slice()));
        assert_eq!(blobs.read(&left).unwrap(), None);
        assert!(folder.join("notes.png").is_file());
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
