//! A disk that fails, under SQLite: loses power, tells errors, is full, lies about what it wrote. For tests only.
//!
//! [`Disk`] is a directory whose files remember what was synced and what was only written. [`vfs`] puts it under SQLite
//! as a file system. What survives a power cut is drawn by a seed, sector by sector.

pub mod disk;
mod file;
mod inode;
#[expect(clippy::expect_used, clippy::panic, reason = "tests, for several of them")]
pub mod load;
pub mod vfs;
