//! The harness: a data directory, the real binary on it, and questions over HTTP.

use std::path::{Path, PathBuf};
use std::process::{Command as Run, ExitStatus, Output, Stdio};
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, sleep, timeout};

/// How long anything may take that is waited for; far more than it takes.
const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks at what is waited for.
const INTERVAL: Duration = Duration::from_millis(10);
/// Everything that the typed errors have to say.
const ERRORS: &str = "errors { __typename code message path
    ... on MissingAuthority { scope }
    ... on InvalidPayload { pointer }
    ... on AllowanceExhausted { status { meter included used remaining resetsAt } }
    ... on ProviderRefused { providerCode }
    ... on ProviderUnavailable { reason } }";

/// Looks again and again until something has become true.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        sleep(INTERVAL).await;
    }
}

/// The text at a JSON pointer.
pub fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} is no text in {value}")).to_owned()
}

/// A throw-away directory that holds a data directory, and what the platform says on stderr beside it.
pub struct Home(TempDir);

impl Home {
    /// Makes an empty one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Where everything lies.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Copies the data directory of a platform that is at rest.
    pub fn copy(&self) -> Self {
        let copy = Self::new();
        std::fs::create_dir(copy.data()).unwrap();
        for entry in std::fs::read_dir(self.data()).unwrap() {
            let entry = entry.unwrap();
            // The index of keys is made anew.
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), copy.data().join(entry.file_name())).unwrap();
            }
        }
        copy
    }

    /// Serves the data directory on a free port, and waits until it is ready.
    pub async fn start(self, arguments: &[&str]) -> Platform {
        let mut process = Process::spawn(&self, arguments);
        let mut line = String::new();
        timeout(PATIENCE, process.stdout.read_line(&mut line)).await.expect("ready in time").unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {:?}", process.said()));
        assert_eq!(ready["ready"], true);
        let url = text(&ready, "/url");
        assert_eq!(ready["graphql"], format!("{url}/graphql"));
        Platform { process, home: self, url, client: Client::builder().no_proxy().build().unwrap() }
    }

    /// Serves the data directory, which fails: how, and what was said.
    pub async fn refuse_to_start(&self, arguments: &[&str]) -> (ExitStatus, String) {
        let mut process = Process::spawn(self, arguments);
        let status = timeout(PATIENCE, process.child.wait()).await.expect("an end in time").unwrap();
        (status, process.said())
    }

    /// Runs another subcommand on the data directory to its end.
    pub fn run(&self, subcommand: &str, arguments: &[&str]) -> Output {
        let mut command = Run::new(env!("CARGO_BIN_EXE_tallystick"));
        command.arg(subcommand).arg("--data").arg(self.data()).args(arguments).output().unwrap()
    }

    /// As [`Self::run`], where all must be well; what was printed.
    pub fn succeed(&self, subcommand: &str, arguments: &[&str]) -> String {
        let output = self.run(subcommand, arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{subcommand}: {} {said}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    /// Events of the log.
    pub fn log(&self, filters: &[&str]) -> Vec<Value> {
        let printed = self.succeed("log", &[filters, &["--max", "1000000"]].concat());
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The running binary. When a test fails, it shows what it said.
struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: PathBuf,
}

impl Process {
    /// Starts `serve` in an empty directory, so that whatever it leaves there is seen.
    fn spawn(home: &Home, arguments: &[&str]) -> Self {
        let elsewhere = home.path().join("elsewhere");
        std::fs::create_dir_all(&elsewhere).unwrap();
        let stderr = tempfile::NamedTempFile::with_prefix_in("stderr-", home.path()).unwrap();
        let (file, path) = stderr.keep().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tallystick"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(home.data()).args(arguments);
        command.current_dir(&elsewhere).env("HOME", &elsewhere).env("TMPDIR", &elsewhere);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout, stderr: path }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.stderr).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the platform said:\n{}", self.said());
        }
    }
}

/// A platform that runs.
pub struct Platform {
    // Before the directory, so that what was said can still be shown.
    process: Process,
    home: Home,
    /// Where it listens.
    pub url: String,
    client: Client,
}

/// The demo market's keys.
pub struct Demo {
    /// Calls, reads usage and invoices, accepts offers.
    pub buyer: String,
    /// Runs the first store.
    pub seller: String,
    /// Operates the platform.
    pub operator: String,
}

/// An answer as HTTP gave it.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body; null where it is not JSON.
    pub json: Value,
    /// The body.
    pub body: String,
}

impl Platform {
    /// Starts on an empty directory.
    pub async fn start() -> Self {
        Home::new().start(&[]).await
    }

    /// Starts on an empty directory with options of `serve`.
    pub async fn start_with(arguments: &[&str]) -> Self {
        Home::new().start(arguments).await
    }

    /// Starts with the demo market.
    pub async fn start_seeded() -> Self {
        Home::new().start(&["--seed", "demo"]).await
    }

    /// Its directory.
    pub const fn home(&self) -> &Home {
        &self.home
    }

    /// What it said on stderr so far.
    pub fn said(&self) -> String {
        self.process.said()
    }

    /// Asks it to stop, as an operating system does.
    pub fn ask_to_stop(&self) {
        let id = self.process.child.id().unwrap().to_string();
        assert!(Run::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits until it has ended.
    pub async fn ended(mut self) -> (Home, ExitStatus) {
        let status = timeout(PATIENCE, self.process.child.wait()).await.expect("an end in time").unwrap();
        (self.home, status)
    }

    /// Stops it cleanly.
    pub async fn terminate(self) -> Home {
        self.ask_to_stop();
        let (home, status) = self.ended().await;
        assert!(status.success(), "stopped with {status}");
        home
    }

    /// Kills it, as `kill -9` and a power failure of the process do.
    pub async fn kill(mut self) -> Home {
        self.process.child.kill().await.unwrap();
        self.home
    }

    /// Stops it cleanly and starts it again on the same directory.
    pub async fn restart(self, arguments: &[&str]) -> Self {
        self.terminate().await.start(arguments).await
    }

    /// The keys of the demo market.
    pub fn demo(&self) -> Demo {
        let demo = std::fs::read_to_string(self.home.data().join("demo.json")).unwrap();
        let demo: Value = serde_json::from_str(&demo).unwrap();
        let key = |name: &str| text(&demo, &format!("/{name}"));
        Demo { buyer: key("buyer_key"), seller: key("seller_key"), operator: key("operator_key") }
    }

    /// A GraphQL request without a body yet.
    pub fn post(&self) -> RequestBuilder {
        self.client.post(format!("{}/graphql", self.url)).header("content-type", "application/json")
    }

    /// The answer to a GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.answer(self.client.get(format!("{}{path}", self.url))).await
    }

    /// The answer to any request.
    pub async fn answer(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body = response.text().await.unwrap();
        Answer { status, json: serde_json::from_str(&body).unwrap_or_default(), body }
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.home.data()
    }

    /// A client of its own, for requests to other addresses or with other limits.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The request that asks a document; anonymously where the key is empty.
    pub fn request(&self, key: &str, document: &str, variables: &Value) -> RequestBuilder {
        let request = if key.is_empty() { self.post() } else { self.post().bearer_auth(key) };
        request.body(json!({"query": document, "variables": variables}).to_string())
    }

    /// Asks a document; answers the whole response.
    pub async fn ask(&self, key: &str, document: &str, variables: Value) -> Value {
        self.answer(self.request(key, document, &variables)).await.json
    }

    /// Reads what must be readable; answers `data`.
    pub async fn read(&self, key: &str, document: &str, variables: Value) -> Value {
        let mut response = self.ask(key, document, variables).await;
        assert!(response.get("errors").is_none(), "{document}: {response}");
        response["data"].take()
    }

    /// Tries a mutation with one input; answers its payload with the typed errors.
    pub async fn attempt(&self, key: &str, mutation: &str, selection: &str, input: Value) -> Value {
        let mut data = self.read(key, &document(mutation, selection), json!({"input": input})).await;
        data["payload"].take()
    }

    /// Carries out a mutation in which nothing may be wrong; answers its payload.
    pub async fn done(&self, key: &str, mutation: &str, selection: &str, input: Value) -> Value {
        let payload = self.attempt(key, mutation, selection, input).await;
        assert_eq!(payload["errors"], json!([]), "{mutation}");
        payload
    }

    /// Tries a mutation that must be refused; answers the one error.
    pub async fn refused(&self, key: &str, mutation: &str, input: Value) -> Value {
        let mut payload = self.attempt(key, mutation, "", input).await;
        assert_eq!(payload["errors"].as_array().map(Vec::len), Some(1), "{mutation}: {payload}");
        payload["errors"][0].take()
    }
}

/// The document of a mutation that takes one input.
pub fn document(mutation: &str, selection: &str) -> String {
    let of = input_of(mutation);
    format!("mutation($input: {of}!) {{ payload: {mutation}(input: $input) {{ {selection} {ERRORS} }} }}")
}

/// The type of a mutation's input: named after it, but that a listing is named in the same way whatever is done to it.
fn input_of(mutation: &str) -> String {
    if matches!(mutation, "probeListing" | "submitListing" | "publishListing" | "deprecateListing" | "retireListing") {
        return "ListingInput".to_owned();
    }
    let (first, rest) = mutation.split_at(1);
    format!("{}{rest}Input", first.to_uppercase())
}
