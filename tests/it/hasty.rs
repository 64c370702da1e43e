//! A PostgreSQL server that can be made hasty: then it says that usage is committed, and commits it a moment later.
//!
//! It stands before a true one, between the messages of the protocol (version 3), so that the platform under test is
//! the one that ships.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::cluster::Cluster;

const SOCKET: &str = ".s.PGSQL.5432";
/// From a hasty answer to the commit.
const HASTE: Duration = Duration::from_millis(50);
/// What stands in an append of usage, and in no other.
const USAGE: &[u8] = b"usage_recorded";
/// The statement as a message.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";
/// What a server answers: it is done, and the session is at rest.
const COMMITTED: &[u8] = b"C\0\0\0\x0bCOMMIT\0Z\0\0\0\x05I";

/// A server in front of a cluster's.
pub struct HastyServer {
    directory: TempDir,
    is_hasty: Arc<AtomicBool>,
}

impl HastyServer {
    /// Listens; not hasty yet.
    pub fn before(cluster: &Cluster) -> Self {
        let (directory, is_hasty) = (TempDir::new().unwrap(), Arc::<AtomicBool>::default());
        let listener = UnixListener::bind(directory.path().join(SOCKET)).unwrap();
        let (server, hasty) = (cluster.directory().join(SOCKET), Arc::clone(&is_hasty));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&server).await.unwrap();
                tokio::spawn(Session::between(client, server, Arc::clone(&hasty)).run());
            }
        });
        Self { directory, is_hasty }
    }

    /// Where its first database is.
    pub fn address(&self) -> String {
        let socket = self.directory.path().display().to_string().replace('/', "%2F");
        format!("postgres://tallystick@{socket}/postgres")
    }

    /// Makes it hasty, or honest again.
    pub fn set_hasty(&self, is_hasty: bool) {
        self.is_hasty.store(is_hasty, Ordering::SeqCst);
    }
}

/// A connection of the platform, and the one to the true server behind it.
struct Session {
    asked: mpsc::Receiver<Vec<u8>>,
    answered: mpsc::Receiver<Vec<u8>>,
    to_client: OwnedWriteHalf,
    to_server: OwnedWriteHalf,
    /// How often the server has yet to say that it is ready.
    unready: usize,
    /// Whether usage was written since the last commit.
    has_usage: bool,
    is_hasty: Arc<AtomicBool>,
}

impl Session {
    fn between(client: UnixStream, server: UnixStream, is_hasty: Arc<AtomicBool>) -> Self {
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        // The first thing that a client says has no type.
        let (asked, answered) = (messages(from_client, 0), messages(from_server, 1));
        Self { asked, answered, to_client, to_server, unready: 1, has_usage: false, is_hasty }
    }

    /// Until one of both sides ends it.
    async fn run(mut self) -> Option<()> {
        loop {
            tokio::select! {
                message = self.asked.recv() => self.ask(&message?).await?,
                message = self.answered.recv() => self.answer(&message?).await?,
            }
        }
    }

    async fn ask(&mut self, message: &[u8]) -> Option<()> {
        self.has_usage |= message.windows(USAGE.len()).any(|window| window == USAGE);
        if message == COMMIT && std::mem::take(&mut self.has_usage) && self.is_hasty.load(Ordering::SeqCst) {
            return self.commit_late().await;
        }
        self.unready += usize::from(matches!(message.first(), Some(b'Q' | b'S')));
        self.to_server.write_all(message).await.ok()
    }

    async fn answer(&mut self, message: &[u8]) -> Option<()> {
        self.unready -= usize::from(message.first() == Some(&b'Z'));
        self.to_client.write_all(message).await.ok()
    }

    async fn commit_late(&mut self) -> Option<()> {
        while self.unready > 0 {
            let message = self.answered.recv().await?;
            self.answer(&message).await?;
        }
        self.to_client.write_all(COMMITTED).await.ok()?;
        sleep(HASTE).await;
        if self.asked.is_closed() {
            // It was killed: a log of its own would have died with it.
            return None;
        }
        self.to_server.write_all(COMMIT).await.ok()?;
        while self.answered.recv().await?.first() != Some(&b'Z') {}
        Some(())
    }
}

/// The messages of one side, each whole; the first with so many bytes of type before its length, all others with one.
fn messages(mut from: OwnedReadHalf, type_bytes: usize) -> mpsc::Receiver<Vec<u8>> {
    let (sender, messages) = mpsc::channel(16);
    tokio::spawn(async move {
        let mut type_bytes = type_bytes;
        while let Ok(message) = read(&mut from, type_bytes).await {
            if sender.send(message).await.is_err() {
                return;
            }
            type_bytes = 1;
        }
    });
    messages
}

async fn read(from: &mut OwnedReadHalf, type_bytes: usize) -> io::Result<Vec<u8>> {
    let mut message = vec![0; type_bytes + 4];
    from.read_exact(&mut message).await?;
    let length = u32::from_be_bytes(message[type_bytes..].try_into().unwrap());
    message.resize(type_bytes + usize::try_from(length).unwrap(), 0);
    from.read_exact(&mut message[type_bytes + 4..]).await?;
    Ok(message)
}
