//! The same events into PostgreSQL: a throw-away cluster of the installed binaries, to which they are sent over its socket.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_postgres::{Config, NoTls};

use crate::ingest::{BATCH, Ids, IngestPlan, SOURCE, WARM_UP, event, runtime};

const AGREEMENT: &str = "agr_01k9abcdefghjkmnpqrstvwxyz";
const NOW: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;
const INTO: &str = "INSERT INTO event (source, id, body) SELECT";

/// Events a second; none where PostgreSQL is not installed.
pub fn events_per_second(plan: &IngestPlan, ids: Ids) -> Result<Option<f64>> {
    let Some(binaries) = binaries() else { return Ok(None) };
    let cluster = Cluster::start(&binaries)?;
    cluster.sql("CREATE TABLE event (source text, id text, body text NOT NULL)")?;
    let body = event("' || g || '", AGREEMENT, NOW);
    let known = match ids {
        Ids::Random => "gen_random_uuid()::text",
        Ids::Counted => "'known-' || g",
    };
    cluster.sql(&format!("{INTO} '{SOURCE}', {known}, '{body}' FROM generate_series(1, {}) g", plan.stored))?;
    cluster.sql("ALTER TABLE event ADD PRIMARY KEY (source, id)")?;
    cluster.sql("VACUUM ANALYZE event")?;
    cluster.sql("CHECKPOINT")?;
    runtime()?.block_on(send(plan, ids, &cluster)).map(Some)
}

async fn send(plan: &IngestPlan, ids: Ids, cluster: &Cluster) -> Result<f64> {
    let mut config = Config::new();
    config.host_path(cluster.directory.path()).user("postgres").dbname("postgres");
    let begun = Instant::now() + WARM_UP;
    let measured = begun..begun + Duration::from_secs(plan.measured);
    let mut reporters = JoinSet::new();
    for reporter in 0..plan.reporters {
        reporters.spawn(converse(config.clone(), ids, u64::try_from(reporter)? << 40, measured.clone()));
    }
    let mut events = 0;
    while let Some(sent) = reporters.join_next().await {
        events += sent??;
    }
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    Ok(events as f64 / begun.elapsed().as_secs_f64())
}

/// Sends batch after batch; how many events there were in the measured time.
async fn converse(config: Config, ids: Ids, first: u64, measured: Range<Instant>) -> Result<u64> {
    let (client, connection) = config.connect(NoTls).await?;
    let connection = tokio::spawn(connection);
    let text = format!("{INTO} * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING");
    let statement = client.prepare(&text).await?;
    let sources = vec![SOURCE; usize::try_from(BATCH)?];
    let (mut next, mut events) = (first, 0);
    loop {
        let sent = Instant::now();
        if sent >= measured.end {
            break;
        }
        let batch: Vec<String> = (next..next + BATCH).map(|number| ids.id(number)).collect();
        let bodies: Vec<String> = batch.iter().map(|id| event(id, AGREEMENT, NOW)).collect();
        let inserted = client.execute(&statement, &[&sources, &batch, &bodies]).await?;
        ensure!(inserted == BATCH, "{inserted} of {BATCH} events were inserted");
        next += BATCH;
        if measured.contains(&sent) {
            events += BATCH;
        }
    }
    drop(client);
    connection.await??;
    Ok(events)
}

/// Where the newest installed server is.
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    versions.filter(|path| path.join("initdb").is_file()).max()
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
