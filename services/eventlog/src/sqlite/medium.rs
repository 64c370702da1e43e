//! What the file lies on: the machine's file system, unless a test puts one that fails in its place.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// Where SQLite keeps the file, and what is left undone for it; a test's twins only leave anything undone.
#[derive(Clone, Debug, Default)]
pub struct Medium {
    /// The name of a registered file system of SQLite's (VFS); the machine's own unless given.
    vfs: Option<&'static str>,
    /// Nothing waits for the disk.
    is_hasty: bool,
    /// What is found in the write-ahead log counts as durable.
    is_trusting: bool,
}

#[cfg(any(test, feature = "faults"))]
impl Medium {
    /// Another file system, registered with SQLite by this name.
    pub const fn of(vfs: &'static str) -> Self {
        Self { vfs: Some(vfs), is_hasty: false, is_trusting: false }
    }

    /// The twin that does not wait for the disk (`synchronous = OFF`): a check that it passes cannot fail.
    pub const fn hasty(self) -> Self {
        Self { is_hasty: true, is_trusting: true, ..self }
    }

    /// The twin that takes what it finds in the write-ahead log for durable: a check that it passes cannot fail.
    pub const fn trusting(self) -> Self {
        Self { is_trusting: true, ..self }
    }
}

impl Medium {
    /// Opens a connection.
    pub(super) fn connect(&self, path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
        match self.vfs {
            None => Connection::open_with_flags(path, flags),
            Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
        }
    }

    /// How a commit waits for the disk.
    pub(super) const fn synchronous(&self) -> &'static str {
        if self.is_hasty { "off" } else { "full" }
    }

    /// Whether what is found in the write-ahead log is made durable before it is believed.
    pub(super) const fn distrusts_the_log(&self) -> bool {
        !self.is_trusting
    }
}
