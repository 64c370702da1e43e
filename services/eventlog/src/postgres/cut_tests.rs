//! Connections cut at the worst moment: right before the server reads COMMIT, and right after it has answered it.

use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::{PostgresLog, verify};
use crate::port::{AppendError, EventLog, Expected, Filter};
use crate::suite::cluster::Cluster;
use crate::suite::{append, events, labels, log_past, next_event, refused, stream};

const SOCKET: &str = ".s.PGSQL.5432";
/// The statement, and the server's answer to it; not the isolation level, which begins like it.
const COMMIT: &[u8] = b"COMMIT\0";

/// What becomes of the next commit, once.
#[derive(Clone, Copy)]
enum Cut {
    /// The server never reads it.
    Before,
    /// The server has done it, and its answer is lost.
    After,
}

/// Stands between the log and the server.
struct Proxy {
    directory: TempDir,
    cut: Arc<Mutex<Option<Cut>>>,
}

impl Proxy {
    fn before(cluster: &Cluster) -> Self {
        let directory = TempDir::new().unwrap();
        let listener = UnixListener::bind(directory.path().join(SOCKET)).unwrap();
        let cut: Arc<Mutex<Option<Cut>>> = Arc::default();
        let (server, planned) = (cluster.directory().join(SOCKET), Arc::clone(&cut));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&server).await.unwrap();
                tokio::spawn(pass(client, server, Arc::clone(&planned)));
            }
        });
        Self { directory, cut }
    }

    fn address(&self) -> super::Address {
        let socket = self.directory.path().display().to_string().replace('/', "%2F");
        format!("postgres://tallystick@{socket}/postgres").parse().unwrap()
    }

    fn plan(&self, cut: Cut) {
        *self.cut.lock().unwrap() = Some(cut);
    }
}

fn has_commit(bytes: &[u8]) -> bool {
    bytes.windows(COMMIT.len()).any(|window| window == COMMIT)
}

/// Passes on what both sides say until one of them, or the plan, ends it.
async fn pass(mut client: UnixStream, mut server: UnixStream, planned: Arc<Mutex<Option<Cut>>>) {
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(count @ 1..) = read else { return };
                let cut = if has_commit(&asked[..count]) { planned.lock().unwrap().take() } else { None };
                if matches!(cut, Some(Cut::Before)) || server.write_all(&asked[..count]).await.is_err() {
                    return;
                }
                if matches!(cut, Some(Cut::After)) {
                    return until_committed(&mut server).await;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(count @ 1..) = read else { return };
                if client.write_all(&answered[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn until_committed(server: &mut UnixStream) {
    let mut answer = Vec::new();
    while !has_commit(&answer) && server.read_buf(&mut answer).await.is_ok_and(|count| count > 0) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_was_not_answered_is_unknown_and_its_repeat_tells_what_became_of_it() {
    let cluster = Cluster::start();
    let proxy = Proxy::before(&cluster);
    let log = PostgresLog::open(&proxy.address()).await.unwrap();
    let mut deliveries = log.subscribe(None, Filter::All);
    let mut expected = Expected::NoStream;
    for (number, cut) in
        [Cut::After, Cut::Before, Cut::After, Cut::After, Cut::Before, Cut::Before].into_iter().enumerate()
    {
        let text = number.to_string();
        proxy.plan(cut);
        let error = refused(&log, &stream("a"), expected, events(&[&text, &format!("{text}b")])).await;
        assert_eq!(error, AppendError::Unknown);
        let again = append(&log, &stream("a"), expected, events(&[&text, &format!("{text}b")])).await;
        assert_eq!(again.repeated, matches!(cut, Cut::After), "{number}");
        assert_eq!(again.first, expected.first_new());
        assert_eq!(next_event(&mut deliveries).await.id, events(&[&text])[0].id);
        next_event(&mut deliveries).await;
        expected = Expected::At(again.last);
    }
    assert_eq!(labels(&log_past(&log, None, &Filter::All).await).len(), 12);
    assert_eq!(verify(&proxy.address()).await.unwrap().events, 12);
}
