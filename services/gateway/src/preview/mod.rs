//! A first look into datasets: columns and a few rows of what is downloaded, fetched once and kept.
//!
//! What lies elsewhere is fetched through the guard of `providers`, never more than its beginning. Where all of it was
//! read, it is what the listing says, by length and SHA-256, or there is no preview.

mod table;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use catalog::published::listing::DatasetDetails;
use providers::upstreams::Upstreams;
use sha2::{Digest, Sha256};
use tokio::sync::{OnceCell, Semaphore};

use crate::pages::files;

/// What is read of a file, in bytes.
const BYTES_MAX: usize = 256 * 1024;
const DEADLINE: Duration = Duration::from_secs(10);
/// Files fetched at once.
const FETCHES_MAX: usize = 4;
/// Previews kept; the oldest goes first.
const KEPT_MAX: usize = 256;
/// How long a failure is kept before another attempt.
const FAILURE_KEPT: Duration = Duration::from_mins(1);

/// Columns and the first rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Their names, at most 64.
    pub columns: Vec<String>,
    /// At most 20, each as long as the columns; a cell has at most 200 characters.
    pub rows: Vec<Vec<String>>,
    /// Whether there is more than this.
    pub is_truncated: bool,
}

/// Why there is no preview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The media type is none of tables.
    #[error("only CSV, TSV and JSON can be previewed")]
    NotTabular,
    /// The file could not be read.
    #[error("the file cannot be read at its address")]
    Unreachable,
    /// The file is another than the listing says.
    #[error("the file is not the one that the listing describes")]
    Altered,
    /// The file is not what its media type says.
    #[error("the file is not what its media type says")]
    Malformed,
}

type Outcome = Result<Arc<Preview>, Unavailable>;

/// Makes and keeps previews.
pub struct Previews {
    upstreams: Upstreams,
    turns: Semaphore,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    entries: HashMap<String, Entry>,
    /// Keys, the oldest first.
    order: VecDeque<String>,
}

#[derive(Clone)]
struct Entry {
    since: Instant,
    outcome: Arc<OnceCell<Outcome>>,
}

impl Previews {
    /// Previews of what can be reached through a client.
    pub fn new(upstreams: Upstreams) -> Self {
        Self { upstreams, turns: Semaphore::new(FETCHES_MAX), kept: Mutex::default() }
    }

    /// The preview of a dataset, made at the first question; those who ask meanwhile wait for the same one.
    pub async fn of(&self, dataset: &DatasetDetails) -> Outcome {
        let format = table::Format::of(&dataset.media_type).ok_or(Unavailable::NotTabular)?;
        let entry = self.entry(&format!("{} {}", dataset.sha256, dataset.download_url));
        entry.outcome.get_or_init(|| self.made(dataset, format)).await.clone()
    }

    fn entry(&self, key: &str) -> Entry {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Kept { entries, order } = &mut *kept;
        if let Some(entry) = entries.get(key).filter(|entry| entry.is_fresh()) {
            return entry.clone();
        }
        let entry = Entry { since: Instant::now(), outcome: Arc::default() };
        if entries.insert(key.to_owned(), entry.clone()).is_none() {
            order.push_back(key.to_owned());
        }
        while entries.len() > KEPT_MAX {
            let Some(oldest) = order.pop_front() else { break };
            entries.remove(&oldest);
        }
        entry
    }

    async fn made(&self, dataset: &DatasetDetails, format: table::Format) -> Outcome {
        let (bytes, is_whole) = self.read(&dataset.download_url).await?;
        let expected = usize::try_from(dataset.bytes).unwrap_or(usize::MAX);
        let altered =
            is_whole && (bytes.len() != expected || kernel::merkle::hex(&Sha256::digest(&bytes)) != dataset.sha256);
        if altered {
            return Err(Unavailable::Altered);
        }
        table::read(&bytes, is_whole, format).map(Arc::new).ok_or(Unavailable::Malformed)
    }

    /// The beginning of a file, and whether that is all of it. A path is one of the platform's own files.
    async fn read(&self, url: &str) -> Result<(Vec<u8>, bool), Unavailable> {
        if let Some(path) = url.strip_prefix('/') {
            return Ok((files::read(path).ok_or(Unavailable::Unreachable)?, true));
        }
        let _turn = self.turns.acquire().await.map_err(|_| Unavailable::Unreachable)?;
        let fetched = self.upstreams.fetch(url, BYTES_MAX, DEADLINE).await.map_err(|_| Unavailable::Unreachable)?;
        Ok((fetched.bytes.to_vec(), fetched.is_whole))
    }
}

impl Entry {
    /// Whether it is still to be made, succeeded, or failed a short while ago.
    fn is_fresh(&self) -> bool {
        let failed = self.outcome.get().is_some_and(Result::is_err);
        !failed || self.since.elapsed() < FAILURE_KEPT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::localized::Localized;
    use providers::upstreams::Options;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    const CSV: &str = "name,year\nOne,2017\n";

    fn dataset(url: &str, body: &str) -> DatasetDetails {
        DatasetDetails {
            media_type: "text/csv".to_owned(),
            download_url: url.to_owned(),
            sha256: kernel::merkle::hex(&Sha256::digest(body.as_bytes())),
            bytes: body.len().try_into().unwrap(),
            rows: 1,
            provenance: Localized { en: Some("made".to_owned()), zh: None },
        }
    }

    fn previews(allow_private_networks: bool) -> Previews {
        let options = Options {
            connect_timeout: Duration::from_secs(1),
            response_bytes_max: 1024,
            allow_private_networks,
            hosts: HashMap::new(),
        };
        Previews::new(Upstreams::new(options).unwrap())
    }

    /// Answers one connection with a body, and then none.
    async fn serving_once(body: String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/data.csv", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = [0; 2048];
            let _ = socket.read(&mut request).await;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = socket.write_all(format!("{head}{body}").as_bytes()).await;
        });
        url
    }

    #[tokio::test]
    async fn a_file_is_fetched_once() {
        let previews = previews(true);
        let described = dataset(&serving_once(CSV.to_owned()).await, CSV);
        let (first, second) = tokio::join!(previews.of(&described), previews.of(&described));
        assert_eq!(first.clone().unwrap().rows, [["One", "2017"]]);
        assert_eq!(first, second);
        assert_eq!(previews.of(&described).await, first);
    }

    #[tokio::test]
    async fn a_file_that_is_another_has_no_preview() {
        let described = dataset(&serving_once("name,year\nTwo,2018\n".to_owned()).await, CSV);
        assert_eq!(previews(true).of(&described).await, Err(Unavailable::Altered));
    }

    #[tokio::test]
    async fn only_the_beginning_of_a_large_file_is_read() {
        let body = format!("name\n{}", "row\n".repeat(BYTES_MAX));
        let described = dataset(&serving_once(body).await, CSV);
        let preview = previews(true).of(&described).await.unwrap();
        assert_eq!((preview.rows.len(), preview.is_truncated), (20, true));
    }

    #[tokio::test]
    async fn addresses_out_of_reach_and_other_media_have_no_preview() {
        let described = dataset("http://127.0.0.1:9/data.csv", CSV);
        assert_eq!(previews(false).of(&described).await, Err(Unavailable::Unreachable));
        assert_eq!(previews(true).of(&dataset("/../secret.csv", CSV)).await, Err(Unavailable::Unreachable));
        let image = DatasetDetails { media_type: "image/png".to_owned(), ..described };
        assert_eq!(previews(true).of(&image).await, Err(Unavailable::NotTabular));
    }
}
