//! The same events into PostgreSQL: a throw-away cluster of the installed binaries, and its own load generator.
//!
//! PostgreSQL makes the events itself from one short statement for each hundred, so that nothing is charged to it for
//! taking them over the network or for parsing them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::ingest::{BATCH, IngestPlan, event};

/// Events a second; none where PostgreSQL is not installed.
pub fn events_per_second(plan: &IngestPlan) -> Result<Option<f64>> {
    let Some(binaries) = binaries() else { return Ok(None) };
    let cluster = Cluster::start(&binaries)?;
    cluster.sql("CREATE TABLE event (source text, id text, body text NOT NULL, PRIMARY KEY (source, id))")?;
    cluster.sql(&format!(
        "{} FROM generate_series(1, {}) g ON CONFLICT DO NOTHING",
        insert("'known-'"),
        plan.stored
    ))?;
    cluster.sql("CHECKPOINT")?;
    cluster.sql("VACUUM ANALYZE event")?;
    let script = cluster.directory.path().join("load.sql");
    let statement = format!("{} FROM generate_series(1, {BATCH}) g ON CONFLICT DO NOTHING;\n", insert(":n || '-'"));
    fs::write(&script, format!("\\set n random(1, 9223372036854775806)\n{statement}"))?;
    let clients = plan.reporters.to_string();
    let seconds = plan.measured.to_string();
    let mut load = cluster.command("pgbench");
    load.args(["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-T", &seconds, "-f"]).arg(&script).arg("postgres");
    let said = String::from_utf8(output(&mut load)?)?;
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")).context("pgbench told no tps")?;
    let rate: f64 = rate.split_whitespace().next().unwrap_or_default().parse()?;
    #[expect(clippy::cast_precision_loss, reason = "a hundred")]
    Ok(Some(rate * BATCH as f64))
}

/// The same bytes that the platform takes, with an id that is `prefix` and a number.
fn insert(prefix: &str) -> String {
    let body = event("' || g || '", "agr_01k9abcdefghjkmnpqrstvwxyz", jiff::Timestamp::UNIX_EPOCH);
    format!("INSERT INTO event SELECT '/racks/7/meters/42', {prefix} || g, '{body}'")
}

/// Where the newest installed server is.
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    versions.filter(|path| path.join("initdb").is_file() && path.join("pgbench").is_file()).max()
}

struct Cluster {
    binaries: PathBuf,
    directory: TempDir,
}

impl Cluster {
    fn start(binaries: &Path) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("bench-postgres-").tempdir_in("/var/tmp")?;
        let cluster = Self { binaries: binaries.to_owned(), directory };
        if is_root()? {
            // It refuses to run as root.
            output(Command::new("chown").args(["-R", "postgres"]).arg(cluster.directory.path()))?;
        }
        let data = cluster.directory.path().join("data");
        output(cluster.command("initdb").args(["-A", "trust", "-U", "postgres", "-D"]).arg(&data))?;
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c shared_buffers=1GB -c max_wal_size=8GB",
            cluster.directory.path().display()
        );
        let log = cluster.directory.path().join("log");
        output(
            cluster
                .command("pg_ctl")
                .args(["-w", "-s", "-o", &options, "-l"])
                .arg(log)
                .arg("-D")
                .arg(&data)
                .arg("start"),
        )?;
        Ok(cluster)
    }

    /// A program of PostgreSQL's, as an unprivileged user, on this cluster.
    fn command(&self, program: &str) -> Command {
        let path = self.binaries.join(program);
        let mut command = if is_root().unwrap_or(false) {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.directory.path()).env("PGHOST", self.directory.path()).env("PGUSER", "postgres");
        command
    }

    fn sql(&self, statement: &str) -> Result<()> {
        output(self.command("psql").args(["-q", "-v", "ON_ERROR_STOP=1", "-c", statement, "postgres"])).map(|_| ())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.directory.path().join("data");
        // What cannot be stopped goes with its directory.
        let _ = output(self.command("pg_ctl").args(["-w", "-s", "-m", "immediate", "-D"]).arg(data).arg("stop"));
    }
}

fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.starts_with(b"0\n"))
}

fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output =
        command.stdin(Stdio::null()).stderr(Stdio::piped()).output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}
