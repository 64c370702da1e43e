//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use gateway::pages::origin::Origin;
use gateway::transport::address::Network;
use jiff::Timestamp;
use kernel::id::{MemberId, OrganizationId};
use receipts::note::VerifierKey;

use crate::log::LogUrl;

/// The open AI marketplace and service-billing platform (算市).
///
/// One program, one data directory, nothing else to install. Start with:
///
///     tallystick serve --data data --listen 127.0.0.1:8080 --seed demo
#[derive(Debug, Parser)]
#[command(version, verbatim_doc_comment, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Which of the program's own messages go to stderr, e.g. `info` or `warn,invocation=debug`.
    #[arg(
        long,
        global = true,
        env = "TALLYSTICK_MESSAGES",
        default_value = "info,actix_server=warn",
        value_name = "FILTER"
    )]
    pub messages: String,
    /// Writes the program's messages as JSON, one a line.
    #[arg(long, global = true)]
    pub messages_json: bool,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the platform until SIGTERM or Ctrl-C.
    ///
    /// When ready it prints one line of JSON to stdout: {"ready":true,"url":"http://…","graphql":"http://…/graphql"}.
    /// Messages go to stderr. Calls in flight are finished before it stops. Exit status 3 when another node has taken
    /// the meter of this log: starting again would take it back.
    Serve(Serve),
    /// Fills a running platform with the demo market, through its public API.
    ///
    /// Keys of its parties are written to demo.json in the data directory. Running it again adds nothing.
    Seed(Seed),
    /// Rebuilds every view, invoice, statement and ledger balance from the log alone.
    ///
    /// With --verify it compares them with the views in use and names the first difference. The platform may not be
    /// running on the directory.
    Replay(Replay),
    /// Checks the integrity of the log: checksums, gapless revisions and positions, a file's structure.
    ///
    /// The platform may be running. Exit status 1 and the position of the first fault where there is one.
    Verify(Verify),
    /// Prints events of the log as JSON, one a line, oldest first.
    ///
    /// Sealed personal fields stay sealed. The platform may be running.
    Log(Log),
    /// Copies the log, the keys and the blobs into a new directory. The platform may be running.
    ///
    /// The copy is one moment of the log; it is verified before the directory gets its name. It holds the keys: keep it
    /// as safe as the data directory, and no longer than you keep promises to erase.
    Backup(Backup),
    /// Makes a new data directory of a backup.
    ///
    /// Every file and every event is checked. The log goes on as another history: cursors of the platform that was
    /// backed up are refused.
    Restore(Restore),
    /// Builds the views of this program beside those in use. The platform may be running.
    ///
    /// Run it with a new version of the program while the old one still serves: the new one then starts at once.
    Rebuild(Rebuild),
    /// Writes what was used, from the log alone: as CSV a line for each meter of a call, as JSON one for each call.
    ///
    /// The platform may be running.
    Export(Export),
    /// Erases a person: name, e-mail and password become unreadable for good, everywhere in the log.
    ///
    /// What was called and billed stays, and every receipt stays valid. Backups made before still hold the key. On a
    /// stopped platform the person also leaves the organization; on a running one the session ends within the hour, and
    /// the member is to be removed in addition.
    Erase(Erase),
    /// Checks receipts offline, audits invoices by theirs, and shows or renews the keys behind them.
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// Prints the GraphQL schema. Needs no data directory.
    Schema,
}

/// Where the data is.
#[derive(Debug, Args)]
pub struct Data {
    /// The data directory; everything the platform keeps lies in it.
    #[arg(long, env = "TALLYSTICK_DATA", value_name = "DIR")]
    pub data: PathBuf,
    /// The database with the log, `postgres://USER:PASSWORD@HOST:PORT/DATABASE`; without it the log is a file in the
    /// data directory. Connections to other machines are encrypted unless `?sslmode=` says otherwise;
    /// `?sslrootcert=FILE` trusts another certificate. A password is better kept in the environment than here.
    /// Or a cluster of KurrentDB, `kurrentdb://USER:PASSWORD@HOST:PORT[,HOST:PORT…]`, in a program built with it:
    /// `?namespace=` names the log where several share the cluster.
    #[arg(long, env = "TALLYSTICK_LOG", hide_env_values = true, value_name = "URL")]
    pub log: Option<LogUrl>,
}

/// A market to start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Market {
    /// A small believable market: an operator, three providers, a buyer with agreements.
    Demo,
}

/// Runs the platform.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Serve {
    #[command(flatten)]
    pub data: Data,
    /// The address to listen on; port 0 picks a free one.
    #[arg(long, env = "TALLYSTICK_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub listen: SocketAddr,
    /// Under which address the world reaches the platform, e.g. <https://market.example>: for links in pages, sitemap
    /// and dataset descriptions. Without it they lead to the host that each request names.
    #[arg(long, env = "TALLYSTICK_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Origin>,
    /// Fills an empty platform with a market and writes its keys to demo.json in the data directory.
    #[arg(long, value_name = "MARKET")]
    pub seed: Option<Market>,
    /// Starts no built-in reference provider.
    #[arg(long)]
    pub without_reference_provider: bool,
    /// Lets listings be called on loopback and private addresses. For providers within your own network.
    #[arg(long)]
    pub allow_private_networks: bool,
    /// A proxy before this platform, or a network of them: its `X-Forwarded-For` says where a request comes from.
    #[arg(long, value_name = "NETWORK", value_delimiter = ',')]
    pub trusted_proxy: Vec<Network>,
    /// How long a provider may take to answer, in seconds.
    #[arg(long, default_value = "30", value_name = "SECONDS", value_parser = seconds)]
    pub call_deadline: Duration,
    /// After this the endpoint of a listing on the market is probed again, in seconds.
    #[arg(long, default_value = "3600", value_name = "SECONDS", value_parser = seconds)]
    pub probe_interval: Duration,
    /// How long calls in flight may take once the platform has been asked to stop, in seconds.
    #[arg(long, default_value = "30", value_name = "SECONDS", value_parser = seconds)]
    pub drain: Duration,
    /// Switches introspection and suggestions of the GraphQL door off.
    #[arg(long)]
    pub production: bool,
    /// Takes only the documents of the platform's own pages, but from API keys.
    #[arg(long)]
    pub trusted_only: bool,
    /// Requests a second of one address without good credentials; ten seconds' worth at once. Each field of a mutation
    /// counts as one.
    #[arg(long, env = "TALLYSTICK_REQUESTS_PER_ADDRESS", default_value = "50", value_name = "N", value_parser = rate)]
    pub requests_per_address: u32,
    /// Requests a second of one signed-in member, counted alike.
    #[arg(long, env = "TALLYSTICK_REQUESTS_PER_MEMBER", default_value = "100", value_name = "N", value_parser = rate)]
    pub requests_per_member: u32,
    /// Requests a second of one API key, counted alike.
    #[arg(long, env = "TALLYSTICK_REQUESTS_PER_KEY", default_value = "2000", value_name = "N", value_parser = rate)]
    pub requests_per_key: u32,
    /// WebSocket connections of one address at once.
    #[arg(long, env = "TALLYSTICK_CONNECTIONS_PER_ADDRESS", default_value = "100", value_name = "N")]
    pub connections_per_address: usize,
    /// The most bytes log.db may grow to; then writes are refused as on a full disk, and reads go on. The write-ahead log
    /// beside it, which is copied into it from time to time, comes on top.
    #[arg(long, value_name = "BYTES")]
    pub log_bytes_max: Option<u64>,
    /// Where backups are made that the operator takes in the pages; `backups` in the data directory unless given.
    #[arg(long, env = "TALLYSTICK_BACKUPS", value_name = "DIR")]
    pub backups: Option<PathBuf>,
    /// Threads that serve requests; one per core unless given.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=512))]
    pub workers: Option<u16>,
}

/// Fills a running platform.
#[derive(Debug, Args)]
pub struct Seed {
    /// The platform's data directory.
    #[arg(long, env = "TALLYSTICK_DATA", value_name = "DIR")]
    pub data: PathBuf,
    /// The platform's address.
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub url: String,
}

/// Rebuilds from the log.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    pub data: Data,
    /// Compares what was rebuilt with the views in use, and checks every invoice's sums and every entry's balance.
    #[arg(long)]
    pub verify: bool,
}

/// Checks the log.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    pub data: Data,
}

/// Takes a backup.
#[derive(Debug, Args)]
pub struct Backup {
    #[command(flatten)]
    pub data: Data,
    /// The directory to make.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

/// Restores a backup; with `--log`, takes up a database that its own programs have restored.
#[derive(Debug, Args)]
pub struct Restore {
    #[command(flatten)]
    pub data: Data,
    /// The backup, of a log in the data directory.
    #[arg(long, value_name = "DIR", required_unless_present = "log", conflicts_with = "log")]
    pub from: Option<PathBuf>,
}

/// Builds views.
#[derive(Debug, Args)]
pub struct Rebuild {
    #[command(flatten)]
    pub data: Data,
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Exported {
    /// Usage records, in the order of the log.
    Usage,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values with a header (RFC 4180).
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Exports.
#[derive(Debug, Args)]
pub struct Export {
    /// What.
    pub what: Exported,
    #[command(flatten)]
    pub data: Data,
    /// The form of the lines.
    #[arg(long, default_value = "csv")]
    pub format: Format,
    /// Only what was admitted at or after this instant, e.g. 2026-01-01T00:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    pub from: Option<Timestamp>,
    /// Only what was admitted before this instant.
    #[arg(long, value_name = "INSTANT")]
    pub to: Option<Timestamp>,
    /// Only what this organization bought or sold, e.g. `org_…`.
    #[arg(long, value_name = "ID")]
    pub organization: Option<OrganizationId>,
    /// The file to make, which gets its name when it is whole; stdout unless given, where the exit status tells.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Erases a person.
#[derive(Debug, Args)]
pub struct Erase {
    /// The member, e.g. `mem_…`.
    #[arg(value_name = "SUBJECT")]
    pub subject: MemberId,
    #[command(flatten)]
    pub data: Data,
}

/// Prints events.
#[derive(Debug, Args)]
pub struct Log {
    #[command(flatten)]
    pub data: Data,
    /// Only this stream, e.g. `listing-lst_…`.
    #[arg(long, conflicts_with_all = ["category", "kind"])]
    pub stream: Option<String>,
    /// Only streams of these categories, e.g. `invoice`.
    #[arg(long, value_delimiter = ',', conflicts_with = "kind")]
    pub category: Vec<String>,
    /// Only events of these kinds, e.g. `invoice_issued`.
    #[arg(long, value_delimiter = ',')]
    pub kind: Vec<String>,
    /// Only events after this position.
    #[arg(long, value_name = "POSITION")]
    pub after: Option<u64>,
    /// Only events that happened at or after this instant, e.g. 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    pub since: Option<Timestamp>,
    /// Only events that share this correlation.
    #[arg(long, value_name = "UUID")]
    pub correlation: Option<uuid::Uuid>,
    /// At most this many events.
    #[arg(long, default_value = "1000", value_name = "N")]
    pub max: usize,
}

/// What can be done with receipts.
#[derive(Debug, Subcommand)]
pub enum ReceiptCommand {
    /// Checks receipts, step by step. Needs no network and no data directory.
    ///
    /// Exit status 1, and the step that fails, where one proves nothing.
    Verify(ReceiptVerify),
    /// Fetches every receipt behind an invoice and checks count, sequence numbers, units and charges.
    ///
    /// Exit status 1, and what is wrong, where the invoice does not follow from its receipts.
    Audit(ReceiptAudit),
    /// Prints the public keys of the platform: first what --key takes, then since when it signs.
    Keys(ReceiptKeys),
    /// Makes a new key that signs from the next start on. What older ones signed stays good.
    ///
    /// The platform may not be running on the directory.
    RenewKey(ReceiptKeys),
}

/// Checks receipts.
#[derive(Debug, Args)]
pub struct ReceiptVerify {
    /// The receipts' files.
    #[arg(required = true, value_name = "FILE")]
    pub file: Vec<PathBuf>,
    /// A public key that is trusted, `<name>+<id>+<base64>`; may be given several times.
    #[arg(long, required = true, value_name = "KEY")]
    pub key: Vec<VerifierKey>,
}

/// Audits an invoice.
#[derive(Debug, Args)]
pub struct ReceiptAudit {
    /// The invoice, `inv_…`.
    #[arg(long, value_name = "ID")]
    pub invoice: String,
    /// A public key that is trusted, `<name>+<id>+<base64>`; may be given several times.
    #[arg(long, required = true, value_name = "KEY")]
    pub key: Vec<VerifierKey>,
    /// The platform's address.
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub url: String,
    /// An API key of the buyer, the seller or the operator, with the scopes to read usage and bills.
    #[arg(long, env = "TALLYSTICK_API_KEY", hide_env_values = true, value_name = "SECRET")]
    pub api_key: String,
}

/// The keys of a platform.
#[derive(Debug, Args)]
pub struct ReceiptKeys {
    #[command(flatten)]
    pub data: Data,
}

fn rate(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(rate @ 1..=1_000_000) => Ok(rate),
        Ok(_) | Err(_) => Err("a whole number, 1 to 1000000".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        Ok(_) | Err(_) => Err("whole seconds, 1 to 3600".to_owned()),
    }
}
