//! `schema/api.graphql`: what the server prints of itself, so that reviews and clients see each change of the API.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::generated::Generated;
use crate::workspace;

/// Asks the server for its schema; builds the server for that.
pub fn file() -> Result<Generated> {
    let arguments = ["run", "--quiet", "--package", "tallystick", "--", "schema"];
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(workspace::root()).stderr(Stdio::inherit());
    let output = command.output().context("cargo run --package tallystick -- schema")?;
    ensure!(output.status.success(), "the server could not print its schema");
    let text = String::from_utf8(output.stdout).context("the printed schema")?;
    Ok(Generated { path: "schema/api.graphql", text, command: "cargo run -p xtask -- schema" })
}
