//! The crates of the workspace, as `cargo metadata` tells them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// A crate of the workspace.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its name in Cargo.toml.
    pub name: String,
    /// Its Cargo.toml.
    pub manifest_path: PathBuf,
    /// What it says it depends on.
    pub dependencies: Vec<Dependency>,
    /// Its library, binaries and tests.
    pub targets: Vec<Target>,
}

/// A line of `[dependencies]`, `[dev-dependencies]` or `[build-dependencies]`.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    /// The name of the package, whatever it is renamed to.
    pub name: String,
    /// `None` where it is normal, else `dev` or `build`.
    pub kind: Option<String>,
}

/// Something that is compiled.
#[derive(Debug, Deserialize)]
pub struct Target {
    kind: Vec<String>,
    /// Its root module.
    pub src_path: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

impl Package {
    /// Names of what the crate itself, not its tests, is built with.
    pub fn normal_dependencies(&self) -> impl Iterator<Item = &str> {
        self.dependencies.iter().filter(|dependency| dependency.kind.is_none()).map(|dependency| &*dependency.name)
    }

    /// Root modules of the library and the binaries.
    pub fn roots(&self) -> impl Iterator<Item = &Path> {
        let built = self.targets.iter().filter(|target| target.kind.iter().any(|kind| kind == "lib" || kind == "bin"));
        built.map(|target| &*target.src_path)
    }

    /// Whether it is a part of the platform; everything else is a tool or a test.
    pub fn is_service(&self) -> bool {
        self.manifest_path.starts_with(root().join("services"))
    }
}

/// The directory of the workspace.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().and_then(Path::parent).unwrap_or(here)
}

/// All crates of the workspace, ordered by name.
pub fn packages() -> Result<Vec<Package>> {
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let output = Command::new("cargo").args(arguments).current_dir(root()).output().context("cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("what cargo metadata printed")?;
    let mut packages = metadata.packages;
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(packages)
}
