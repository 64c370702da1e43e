//! The data directory: what lies where, and with which rights.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cli::Data;
use crate::log::is_here;

/// Everything the platform keeps lies under this directory and nowhere else.
#[derive(Clone, Debug)]
pub struct DataDirectory(PathBuf);

impl DataDirectory {
    /// Makes the directory where it is missing; only its owner may look inside.
    pub fn prepare(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("the data directory {} cannot be made", path.display()))?;
        fs::set_permissions(path, Permissions::from_mode(0o700))
            .with_context(|| format!("the rights of {} cannot be set", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    /// The directory of an existing platform.
    pub fn existing(data: &Data) -> Result<Self> {
        let directory = Self::of_platform(&data.data)?;
        if is_here(data.log.as_ref()) {
            is_there(&data.data.join(eventlog::sqlite::FILE_NAME), &data.data)?;
        }
        Ok(directory)
    }

    /// The directory of an existing platform, wherever its log is.
    pub fn of_platform(path: &Path) -> Result<Self> {
        is_there(path, path)?;
        Ok(Self(path.to_owned()))
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Keys and addresses of the demo market.
    pub fn demo(&self) -> PathBuf {
        self.0.join("demo.json")
    }

    /// Backups that the operator takes in the pages, unless they go elsewhere.
    pub fn backups(&self) -> PathBuf {
        self.0.join("backups")
    }

    /// The token that makes the first organization to present it the operator.
    pub fn operator_token(&self) -> PathBuf {
        self.0.join("operator-token")
    }

    /// The node's name, made once: 16 characters of `[0-9a-f]`.
    pub fn node(&self) -> Result<String> {
        kept(&self.0.join("node"), || random_hex(8))
    }
}

/// Refuses what cannot be looked at, and a data directory without it.
fn is_there(path: &Path, directory: &Path) -> Result<()> {
    anyhow::ensure!(
        path.try_exists().with_context(|| format!("{} cannot be looked at", path.display()))?,
        "{} holds no event log. Where the platform never ran, start it once with `tallystick serve --data {0}`; where the \
         log is a database, name it with --log",
        directory.display()
    );
    Ok(())
}

/// Random bytes as hexadecimal.
pub fn random_hex(bytes: usize) -> Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
    Ok(kernel::merkle::hex(&random))
}

/// The text of a file that only its owner may read; made once.
pub fn kept(path: &Path, make: impl FnOnce() -> Result<String>) -> Result<String> {
    if let Ok(text) = fs::read_to_string(path) {
        return Ok(text.trim().to_owned());
    }
    let text = make()?;
    write_secret(path, &text)?;
    Ok(text)
}

/// Writes a file that only its owner may read, whole or not at all.
pub fn write_secret(path: &Path, text: &str) -> Result<()> {
    let partial = path.with_extension("partial");
    let written = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    written().with_context(|| format!("{} cannot be written", path.display()))
}
