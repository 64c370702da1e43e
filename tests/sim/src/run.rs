//! One run: a market, some nodes one after the other or beside each other, steps in between, and the end in which
//! everything comes to rest.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use billing::published::invoice::invoice_id;
use eventlog::clock::Clock;
use eventlog::port::EventLog;
use invocation::call::Call;
use invocation::fingerprint::Fingerprint;
use invocation::follower::Follower;
use invocation::memory::LogHistory;
use invocation::report::Report;
use jiff::Timestamp;
use kernel::id::{AgreementId, InvocationId, OrganizationId};
use metering::account::Account;
use metering::meters::Meters;
use metering::published::usage::PeriodUsage;
use providers::upstreams::{Options, Upstreams};
use uuid::Uuid;

use crate::audit::{Audit, ensure};
use crate::clock::SimClock;
use crate::disk::Disks;
use crate::log::SimLog;
use crate::market::Market;
use crate::node::{Cursors, Node, Nodes, Surroundings};
use crate::provider::Mood;
use crate::report;
use crate::step::UnderWay;
use crate::twin::Twin;

/// Longer than anything takes once there is no trouble.
const AMPLE: Duration = Duration::from_mins(10);
/// One seed in so many has the real views and the real index of keys.
pub const ON_DISK: u64 = 6;
/// Steps that a failure shows.
const TRACE_LENGTH: usize = 25;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Steps.
    pub steps: usize,
    /// Nodes, each but the last one killed.
    pub nodes: u64,
    /// How many of them took the meter from one that ran.
    pub successors: u64,
    /// How often a node opened the real views, and the real index of keys.
    pub disks: usize,
    /// How often it found files that were older than the last ones, or none.
    pub setbacks: usize,
    /// Calls in the log.
    pub calls: usize,
    /// Reports in the log.
    pub reports: usize,
    /// How many of them were late: their period was closed.
    pub late: usize,
    /// Reports that were known while it lasted, whether they said the same or not.
    pub repeats: usize,
    /// Reports in the log that named their listing.
    pub listed: usize,
    /// Reports that were refused while it lasted, because they named another listing.
    pub mismatches: usize,
    /// Issued invoices in the log.
    pub invoices: usize,
    /// The log's last event: its id follows from everything before it.
    pub last: Uuid,
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            steps,
            nodes,
            successors,
            disks,
            setbacks,
            calls,
            reports,
            late,
            repeats,
            listed,
            mismatches,
            invoices,
            last,
        } = self;
        write!(formatter, "{steps} steps, {nodes} nodes, {successors} successors, {disks} disks, ")?;
        write!(formatter, "{setbacks} setbacks, {calls} calls, {reports} reports, ")?;
        write!(formatter, "{late} late, {repeats} repeats, {listed} listed, {mismatches} mismatches, ")?;
        write!(formatter, "{invoices} invoices, last event {last}")
    }
}

/// What did not hold.
#[derive(Debug)]
pub struct Failure {
    seed: u64,
    wrong: String,
    trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, wrong, trace } = self;
        write!(formatter, "{wrong}\nrun again with SEED={seed}; the last steps were:\n{}", trace.join("\n"))
    }
}

/// A call as its buyer remembers it.
#[derive(Clone)]
pub(crate) struct Known {
    pub buyer: u128,
    pub call: Call,
}

/// Everything that outlives a node.
pub(crate) struct World {
    pub rng: fastrand::Rng,
    pub around: Surroundings,
    pub mood: Mood,
    pub audit: Audit,
    /// What the clock shows between two nodes.
    now: Timestamp,
    pub agreements: Vec<AgreementId>,
    /// Which of them was chosen last.
    pub chosen: usize,
    pub known: Vec<Known>,
    /// By whom, and what.
    pub reported: Vec<(OrganizationId, Report)>,
    pub repeats: usize,
    pub mismatches: usize,
    pub delivered: HashMap<Fingerprint, InvocationId>,
    pub attempts: HashMap<Fingerprint, u32>,
    trace: Vec<String>,
    pub steps: usize,
    nodes: u64,
    successors: u64,
}

/// Runs a seed to its end, or to what does not hold.
pub fn run(seed: u64, twin: Option<Twin>) -> Result<Summary, Failure> {
    let mut world = World::new(seed, twin);
    let runtimes = world.rng.usize(2..6);
    for number in 1..=runtimes {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let lived = runtime.expect("a runtime").block_on(world.live(number == runtimes));
        lived.map_err(|wrong| Failure { seed, wrong, trace: world.trace.clone() })?;
    }
    let listed = report::listed(&world);
    let World { around, audit, steps, nodes, successors, repeats, mismatches, .. } = world;
    let (calls, reports, late) = (audit.calls(), audit.reports().count(), audit.late());
    let (invoices, last) = (audit.issued(), audit.last());
    let (disks, setbacks) = around.disks().map(|disks| (disks.starts, disks.setbacks)).unwrap_or_default();
    Ok(Summary {
        steps,
        nodes,
        successors,
        disks,
        setbacks,
        calls,
        reports,
        late,
        repeats,
        listed,
        mismatches,
        invoices,
        last,
    })
}

/// An HTTP client, which a script will play.
fn upstreams() -> Upstreams {
    let options = Options {
        connect_timeout: AMPLE,
        response_bytes_max: 1024,
        allow_private_networks: false,
        hosts: HashMap::new(),
    };
    Upstreams::new(options).expect("an HTTP client")
}

impl World {
    fn new(seed: u64, twin: Option<Twin>) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let disks = seed.is_multiple_of(ON_DISK).then(|| Disks::new(rng.fork()).expect("a throw-away directory"));
        let disks = disks.map(|disks| Arc::new(Mutex::new(disks)));
        let around = Surroundings { log: SimLog::new(rng.fork(), twin), cursors: Cursors::default(), disks, twin };
        Self {
            mood: Mood::new(rng.fork()),
            rng,
            around,
            audit: Audit::default(),
            now: "2026-01-30T21:30:00Z".parse().expect("an instant"),
            agreements: Vec::new(),
            chosen: 0,
            known: Vec::new(),
            reported: Vec::new(),
            repeats: 0,
            mismatches: 0,
            delivered: HashMap::new(),
            attempts: HashMap::new(),
            trace: Vec::new(),
            steps: 0,
            nodes: 0,
            successors: 0,
        }
    }

    /// Takes note of what happens.
    pub fn note(&mut self, what: &str) {
        if self.trace.len() >= TRACE_LENGTH {
            self.trace.remove(0);
        }
        self.trace.push(format!("{:>4} {what}", self.steps));
    }

    /// Commands to a log without trouble.
    pub fn market(&self, clock: &SimClock) -> Market<'_> {
        Market { log: self.around.log.truth(), now: clock.now() }
    }

    /// From the start of a node to its death, and that of its successors.
    async fn live(&mut self, is_last: bool) -> Result<(), String> {
        let clock = Arc::new(SimClock::at(self.now));
        if self.nodes == 0 {
            self.market(&clock).found().await;
            for _ in 0..3 {
                self.agree(&clock).await;
            }
        }
        let mut nodes = Nodes::new(self.start(&clock).await?);
        let mut under_way = UnderWay::default();
        for _ in 0..self.rng.usize(20..120) {
            self.steps += 1;
            self.step(&mut nodes, &clock, &mut under_way).await;
            self.on_disks(Disks::pass)?;
            nodes.collect().await?;
            self.audit.follow(self.around.log.truth()).await?;
            under_way.collect(self).await?;
        }
        if is_last || self.rng.bool() {
            self.rest(&mut nodes, &clock, &mut under_way).await?;
        }
        self.note("the nodes die");
        self.on_disks(Disks::kill)?;
        if self.rng.u8(0..4) == 0 {
            self.around.cursors.lose();
        }
        self.now = clock.now();
        Ok(())
    }

    fn on_disks(&self, happens: impl FnOnce(&mut Disks) -> io::Result<()>) -> Result<(), String> {
        self.around.disks().map_or(Ok(()), |mut disks| happens(&mut disks)).map_err(|error| error.to_string())
    }

    /// A node that starts.
    fn start(&mut self, clock: &Arc<SimClock>) -> impl Future<Output = Result<Node, String>> + Send + use<> {
        self.nodes += 1;
        self.note(&format!("node {} starts", self.nodes));
        let upstreams = upstreams().played_by(self.mood.script());
        Node::start(self.around.clone(), Arc::clone(clock), upstreams, self.nodes, self.rng.fork())
    }

    /// Has another node take the meter while its predecessor runs on.
    pub fn succeed(&mut self, nodes: &mut Nodes, clock: &Arc<SimClock>) {
        if nodes.is_settled() {
            self.successors += 1;
            nodes.succeed(self.start(clock));
        }
    }

    /// Without trouble everything comes to an end, nothing is held any more, and the log alone gives the same meters.
    async fn rest(&mut self, nodes: &mut Nodes, clock: &Arc<SimClock>, under_way: &mut UnderWay) -> Result<(), String> {
        self.note("rest");
        self.around.log.set_trouble(0);
        self.mood.set_trouble(0);
        nodes.end().await?;
        let node = nodes.newest();
        under_way.end(self).await?;
        self.settle(node).await?;
        under_way.reports.extend(self.report_all(node));
        under_way.end(self).await?;
        report::all_told(self)?;
        self.close_due(node, clock, under_way);
        under_way.end(self).await?;
        for (agreement, start) in self.unissued() {
            let issued = node.service.issue(agreement, start, &self.cause(clock, "issue")).await;
            issued.map_err(|error| format!("{agreement} from {start} is not issued: {error}"))?;
        }
        self.settle(node).await?;
        self.audit.complete()?;
        self.audit.bookings.complete(&self.audit.invoices)?;
        self.compare(node, clock).await
    }

    /// Waits until meters and settlement have followed the log to an end that stays.
    async fn settle(&mut self, node: &Node) -> Result<(), String> {
        let log = self.around.log.truth().clone();
        let mut settled = None;
        while let Some(head) =
            log.head().await.map_err(|error| error.to_string())?.filter(|head| Some(*head) != settled)
        {
            for progress in [&node.followed, &node.settled] {
                let reached = progress.reached(head, AMPLE).await;
                ensure(reached, || format!("position {head} is not reached: {:?}", progress.standing()))?;
            }
            settled = Some(head);
        }
        self.audit.follow(&log).await
    }

    /// Replay equals live.
    async fn compare(&self, node: &Node, clock: &SimClock) -> Result<(), String> {
        let log = self.around.log.truth();
        let history = LogHistory::default();
        history.catch_up(log).await;
        node.history.catch_up(log).await?;
        node.history.compare(&history, &self.audit)?;
        let replayed = Follower::load(log, &history).await.map_err(|error| error.to_string())?.meters();
        let replayed = replayed.lock().map_err(|error| error.to_string())?;
        let live = node.meters();
        ensure(live.accounts().count() == replayed.accounts().count(), || "other agreements are metered".to_owned())?;
        for account in live.accounts() {
            let agreement = account.accepted().agreement;
            let other = replayed.account(agreement).ok_or_else(|| format!("{agreement} is not replayed"))?;
            self.compare_accounts(account, other).map_err(|wrong| format!("{agreement}: {wrong}"))?;
            compare_allowances(&live, &replayed, agreement, clock.now().max(account.latest()))?;
        }
        Ok(())
    }

    fn compare_accounts(&self, live: &Account, replayed: &Account) -> Result<(), String> {
        let told = |account: &Account| (account.accepted().clone(), account.opened_at(), account.ends_at());
        ensure(told(live) == told(replayed), || "live and replayed differ".to_owned())?;
        let agreement = live.accepted().agreement;
        for start in self.audit.usage.billed(agreement) {
            ensure(!live.is_busy(start), || format!("usage from {start} on never ended"))?;
            let (usage, recorded) = (live.usage(start), self.audit.usage.period(agreement, start));
            // Of an issued invoice only what a late report needs is in memory.
            let is_issued = self.audit.invoices.contains_key(&invoice_id(agreement, start));
            let is_let_go = is_issued && usage == PeriodUsage::default();
            ensure(is_let_go || usage == recorded, || format!("live from {start} on: {usage:?}"))?;
            ensure(is_issued || usage == replayed.usage(start), || format!("not replayed from {start} on"))?;
        }
        Ok(())
    }

    /// Closed periods that have no invoice yet.
    pub fn unissued(&self) -> Vec<(AgreementId, Timestamp)> {
        let drafts = self.audit.drafts.values().filter(|drafted| !self.audit.invoices.contains_key(&drafted.invoice));
        drafts.map(|drafted| (drafted.agreement, drafted.period.start)).collect()
    }
}

fn compare_allowances(live: &Meters, replayed: &Meters, of: AgreementId, now: Timestamp) -> Result<(), String> {
    let allowances = live.allowances(of, now);
    ensure(allowances == replayed.allowances(of, now), || format!("{of}: live and replayed allowances differ"))?;
    let held = allowances.iter().flat_map(|(_, statuses)| statuses).find(|status| !status.held.is_zero());
    ensure(held.is_none(), || format!("{of}: a hold has leaked: {held:?}"))
}
