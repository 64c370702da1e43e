//! Files that are written from the code and committed: written anew, or checked to be as the code says.

use std::fs;
use std::io::Write;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// A generated file.
pub struct Generated {
    /// From the root of the workspace.
    pub path: &'static str,
    /// What it should hold.
    pub text: String,
    /// What writes it, for people to repeat.
    pub command: &'static str,
}

impl Generated {
    /// Writes the file, or checks it.
    pub fn settle(&self, check: bool) -> Result<()> {
        if check { self.check() } else { self.write() }
    }

    /// Fails where the file is not as it should be.
    pub fn check(&self) -> Result<()> {
        let held = fs::read_to_string(workspace::root().join(self.path)).unwrap_or_default();
        ensure!(held == self.text, "{} is stale: run `{}`", self.path, self.command);
        Ok(())
    }

    fn write(&self) -> Result<()> {
        fs::write(workspace::root().join(self.path), &self.text).context(self.path)?;
        writeln!(std::io::stdout(), "{} written", self.path)?;
        Ok(())
    }
}
