//! Builds, starts, watches and stops the servers that are measured.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::root;

/// The two builds of the platform.
pub struct Binaries {
    /// As it is shipped.
    pub metered: PathBuf,
    /// Without admission and without the durable record: for this comparison only.
    pub unmetered: PathBuf,
}

/// Builds both with optimisation. The shipped build comes last and so stays where a build is expected.
pub fn build() -> Result<Binaries> {
    let built = cargo_build(&["--features", "unmetered"])?;
    let unmetered = built.with_file_name("tallystick-unmetered");
    fs::copy(&built, &unmetered).with_context(|| unmetered.display().to_string())?;
    Ok(Binaries { metered: cargo_build(&[])?, unmetered })
}

/// Builds the platform as it is shipped.
pub fn build_shipped() -> Result<PathBuf> {
    cargo_build(&[])
}

/// Builds the platform and tells where cargo put it.
fn cargo_build(more: &[&str]) -> Result<PathBuf> {
    let mut command = Command::new("cargo");
    command.args(["build", "--release", "--package", "tallystick", "--message-format", "json-render-diagnostics"]);
    command.args(more).current_dir(root()).stderr(Stdio::inherit());
    let output = command.output().context("cargo build")?;
    ensure!(output.status.success(), "the platform does not build");
    let messages = String::from_utf8(output.stdout).context("what cargo printed")?;
    let mut executables = messages.lines().filter_map(executable);
    executables.next_back().context("cargo built no executable")
}

fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let name = message.pointer("/target/name")?.as_str()?;
    let path = message.get("executable")?.as_str()?;
    (name == "tallystick").then(|| path.into())
}

/// The command that serves a data directory.
pub fn serve(binary: &Path, data: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(["serve", "--listen", "127.0.0.1:0", "--allow-private-networks", "--messages", "error"]);
    // The load of many callers comes from a few keys here.
    command.args(["--requests-per-key", "1000000", "--requests-per-address", "1000000", "--data"]);
    command.arg(data);
    command
}

/// The command that runs the bare passthrough: this program in its other role.
pub fn passthrough(upstream: SocketAddr) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("passthrough").arg(upstream.to_string());
    Ok(command)
}

/// What building the views anew took.
#[derive(Clone, Copy, Debug)]
pub struct Rebuilt {
    /// From the start of the process to its end.
    pub elapsed: Duration,
    /// On all cores together.
    pub processor: Duration,
    /// The most memory that was resident, in KiB.
    pub peak_kib: u64,
}

/// Builds the views of a log from its start, as an operator does.
pub fn rebuild(binary: &Path, data: &Path) -> Result<Rebuilt> {
    let began = Instant::now();
    let mut command = Command::new(binary);
    command.args(["rebuild", "--messages", "error", "--data"]).arg(data).stdout(Stdio::null());
    let mut child = command.spawn().with_context(|| format!("{command:?}"))?;
    // What a process took can be read until its end is taken note of.
    let (mut usage, mut peak_kib) = (usage(child.id())?, 0);
    while !usage.has_ended {
        sleep(Duration::from_millis(2));
        // A process that has ended has no memory.
        peak_kib = memory_kib(child.id(), "VmHWM:").unwrap_or(peak_kib);
        usage = self::usage(child.id())?;
    }
    let elapsed = began.elapsed();
    ensure!(child.wait()?.success(), "{command:?} failed");
    Ok(Rebuilt { elapsed, processor: usage.processor, peak_kib })
}

/// What a process has taken.
struct Usage {
    processor: Duration,
    has_ended: bool,
}

/// As Linux counts it, in hundredths of a second: `proc_pid_stat(5)`.
fn usage(process: u32) -> Result<Usage> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field, a name in brackets, may hold anything.
    let (_, fields) = stat.rsplit_once(") ").context("/proc/…/stat")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let [Some(state), Some(user), Some(system)] = [0, 11, 12].map(|index| fields.get(index)) else {
        bail!("/proc/…/stat is too short");
    };
    let hundredths = user.parse::<u64>()?.saturating_add(system.parse()?);
    Ok(Usage { processor: Duration::from_millis(hundredths.saturating_mul(10)), has_ended: *state == "Z" })
}

/// Memory of a process in KiB, as Linux counts it: `proc_pid_status(5)`.
fn memory_kib(process: u32, kind: &'static str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(kind)).context(kind)?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// A server under way; it is killed when forgotten.
pub struct Server {
    child: Child,
    /// Held open, so that the server can write to it.
    _stdout: BufReader<ChildStdout>,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to its ready line.
    pub ready_after: Duration,
}

impl Server {
    /// Starts a process and waits for its ready line.
    pub fn start(mut command: Command) -> Result<Self> {
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("{command:?}"))?;
        let mut stdout = BufReader::new(child.stdout.take().context("the server's stdout")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let ready_after = started.elapsed();
        let address = address(&line).with_context(|| format!("{command:?} is not ready: {line}"));
        match address {
            Ok(address) => Ok(Self { child, _stdout: stdout, address, ready_after }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error)
            }
        }
    }

    /// Resident memory in KiB, as Linux counts it.
    pub fn resident_kib(&self) -> Result<u64> {
        memory_kib(self.child.id(), "VmRSS:")
    }

    /// The processor time it has taken so far, on all cores together.
    pub fn processor_time(&self) -> Result<Duration> {
        Ok(usage(self.child.id())?.processor)
    }

    /// Asks it to stop and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        ensure!(asked.success(), "the server cannot be asked to stop");
        let status = self.child.wait()?;
        ensure!(status.success(), "the server stopped with {status}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has stopped already is no failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in `{"ready":true,"url":"http://127.0.0.1:1234",…}`.
fn address(line: &str) -> Result<SocketAddr> {
    let ready: Value = serde_json::from_str(line)?;
    let url = ready.get("url").and_then(Value::as_str).context("url")?;
    Ok(url.strip_prefix("http://").context("http://")?.trim_end_matches('/').parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_tells_the_address() {
        let line = r#"{"ready":true,"url":"http://127.0.0.1:1234","graphql":"http://127.0.0.1:1234/graphql"}"#;
        assert_eq!(address(line).unwrap(), "127.0.0.1:1234".parse().unwrap());
        assert!(address("").is_err());
    }

    #[test]
    fn the_executable_is_told_from_libraries_and_other_messages() {
        let bin =
            r#"{"reason":"compiler-artifact","target":{"name":"tallystick"},"executable":"/t/release/tallystick"}"#;
        let lib = r#"{"reason":"compiler-artifact","target":{"name":"kernel"},"executable":null}"#;
        assert_eq!(executable(bin), Some("/t/release/tallystick".into()));
        assert_eq!(executable(lib), None);
        assert_eq!(executable(r#"{"reason":"build-finished","success":true}"#), None);
    }
}
