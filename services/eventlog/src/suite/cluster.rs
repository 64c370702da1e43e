//! Throw-away PostgreSQL clusters, by `infra/postgres/throw-away.sh`, which removes them once this process is gone.
//!
//! It needs nothing but the standard library: tests of other crates take this file as a module of their own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Next to the workspace's root, which a crate's tests are started two levels below.
const SCRIPT: &str = "../../infra/postgres/throw-away.sh";

/// The script that holds this process's clusters.
struct Script {
    _process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

static SCRIPTS: OnceLock<Mutex<Script>> = OnceLock::new();
static CLUSTERS: AtomicU32 = AtomicU32::new(0);

fn script() -> MutexGuard<'static, Script> {
    SCRIPTS.get_or_init(|| Mutex::new(Script::start())).lock().unwrap_or_else(PoisonError::into_inner)
}

impl Script {
    fn start() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCRIPT);
        let piped = Command::new(path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = piped.expect("infra/postgres/throw-away.sh runs");
        let commands = process.stdin.take().expect("a pipe");
        let answers = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { _process: process, commands, answers }
    }

    fn ask(&mut self, command: &str) -> String {
        // A script that could not start has said why, and reads nothing.
        _ = writeln!(self.commands, "{command}");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("an answer");
        answer.trim().to_owned()
    }
}

/// A cluster of its own, reached by a Unix socket.
pub struct Cluster {
    name: String,
    directory: PathBuf,
    port: u16,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        script().ask(&format!("remove {}", self.name));
    }
}

impl Cluster {
    /// Makes and starts one. Without an installed server the test fails and says so.
    pub fn start() -> Self {
        let name = format!("cluster{}", CLUSTERS.fetch_add(1, Ordering::SeqCst));
        let directory = started(&script().ask(&format!("start {name}")));
        Self { name, directory, port: 5432 }
    }

    /// As [`Self::start`], and listening on loopback with TLS as well, under a certificate of its own making.
    pub fn start_encrypted() -> Self {
        let name = format!("cluster{}", CLUSTERS.fetch_add(1, Ordering::SeqCst));
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        let directory = started(&script().ask(&format!("start {name} {port}")));
        Self { name, directory, port }
    }

    /// Where its first database is, through TLS.
    pub fn encrypted_address(&self) -> String {
        format!("postgres://tallystick@localhost:{}/postgres?sslmode=require&hostaddr=127.0.0.1", self.port)
    }

    /// The certificate of [`Self::start_encrypted`].
    pub fn certificate(&self) -> PathBuf {
        self.directory.join("server.crt")
    }

    /// Ends it at once, as a crash does.
    pub fn kill(&self) {
        assert_eq!(script().ask(&format!("kill {}", self.name)), "done");
    }

    /// Starts it again where it was killed; does nothing while it runs.
    pub fn start_again(&self) {
        if !self.directory.join("data/postmaster.pid").exists() {
            started(&script().ask(&format!("start {}", self.name)));
        }
    }

    /// Where one of its databases is.
    pub fn address(&self, database: &str) -> String {
        let socket = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://tallystick@{socket}:{}/{database}", self.port)
    }

    /// Its directory: `log`, `data`, the socket.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Runs one of PostgreSQL's programs on it.
    pub fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(binaries().join(program));
        let output = command
            .arg("-h")
            .arg(&self.directory)
            .args(["-U", "tallystick", "-p", &self.port.to_string()])
            .args(arguments)
            .output();
        let output = output.expect("a program of PostgreSQL");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn started(answer: &str) -> PathBuf {
    match answer.strip_prefix("ready ") {
        Some(directory) => PathBuf::from(directory),
        None => panic!("PostgreSQL cannot be started, and nothing was tested: {answer}"),
    }
}

fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("an installed PostgreSQL");
    let found =
        versions.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).filter(|bin| bin.join("initdb").exists());
    found.max().expect("an installed PostgreSQL")
}
