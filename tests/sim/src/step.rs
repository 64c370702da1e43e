//! One step: a command, a fault, or time.

use std::sync::Arc;
use std::time::Duration;

use accounts::published::actor::{Actor, Principal, Scopes};
use agreements::published::market::MarketTerms;
use billing::invoice::{Command as InvoiceCommand, Invoice};
use eventlog::clock::Clock;
use eventlog::execute::{Cause, execute};
use eventlog::port::EventLog;
use invocation::call::{Call, InvokeError, Preference, Target};
use invocation::closing::CloseError;
use invocation::fingerprint::{self, Fingerprint};
use invocation::replies::Outcome;
use invocation::service::Limits;
use jiff::SignedDuration;
use kernel::event::{Position, StreamName};
use kernel::id::{AgreementId, ApiKeyId, InvoiceId};
use serde_json::json;
use settlement::statement::{Command as StatementCommand, Statement};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::audit::ensure;
use crate::clock::SimClock;
use crate::market::{PARTIES, buyer, capability, cause};
use crate::node::{Node, Nodes};
use crate::report::Reporting;
use crate::run::{Known, World};

/// Agreements at the most.
const AGREEMENTS_MAX: usize = 8;

/// Calls, closings and reports that have not ended.
#[derive(Default)]
pub(crate) struct UnderWay {
    calls: Vec<Attempt>,
    closings: Vec<JoinHandle<Result<InvoiceId, CloseError>>>,
    pub reports: Vec<Reporting>,
}

struct Attempt {
    key: Fingerprint,
    call: Call,
    /// The outcome, and where the log ended when it came.
    outcome: JoinHandle<(Outcome, Option<Position>)>,
}

impl World {
    /// Whatever is asked of a node is asked of any that runs.
    pub async fn step(&mut self, nodes: &mut Nodes, clock: &Arc<SimClock>, under_way: &mut UnderWay) {
        if self.rng.u8(0..100) == 0 {
            return self.succeed(nodes, clock);
        }
        let node = nodes.some(&mut self.rng);
        if self.rng.u8(0..9) == 0 {
            return under_way.reports.extend(self.report(node, clock));
        }
        match self.rng.u8(0..100) {
            0..=41 => self.call_anew(node, under_way),
            42..=54 => self.call_again(node, under_way),
            55..=64 => self.wait(100).await,
            65..=70 => self.wait(60_000).await,
            71..=76 => self.jump(clock),
            77..=79 => self.close(node, clock, under_way),
            80 => self.close_in_a_row(node, clock, under_way).await,
            81..=84 => self.close_due(node, clock, under_way),
            85..=88 => self.end_invoice(clock).await,
            89..=91 => self.change_agreements(clock).await,
            92 | 93 => self.change_parties(clock).await,
            94 | 95 => self.issue_statements(clock).await,
            _ => self.change_weather(),
        }
    }

    fn call_anew(&mut self, node: &Node, under_way: &mut UnderWay) {
        let buyer = self.rng.u128(0..PARTIES);
        let target = match self.rng.u8(0..3) {
            0 => Target::Capability(capability()),
            _ => Target::Agreement(self.some_agreement(), capability()),
        };
        let text = "a".repeat(self.rng.usize(0..25));
        let idempotency_key = format!("key {}", self.known.len());
        let (payload, preference) = (json!({ "text": text }), Preference::default());
        let call = Call { target, payload, idempotency_key, max_charge: None, preference };
        self.known.push(Known { buyer, call: call.clone() });
        self.call(node, under_way, buyer, call);
    }

    /// The same key again; sometimes for another call.
    fn call_again(&mut self, node: &Node, under_way: &mut UnderWay) {
        let Some(Known { buyer, mut call }) = self.rng.choice(&self.known).cloned() else { return };
        if self.rng.u8(0..6) == 0 {
            call.payload = json!({"text": "something else"});
        }
        for _ in 0..self.rng.u8(1..4) {
            self.call(node, under_way, buyer, call.clone());
        }
    }

    fn call(&mut self, node: &Node, under_way: &mut UnderWay, number: u128, call: Call) {
        let key = fingerprint::of_key(buyer(number), &call.idempotency_key);
        *self.attempts.entry(key).or_default() += 1;
        self.note(&format!("buyer {number} calls {:?} by {}", call.target, call.idempotency_key));
        let actor = Actor {
            organization: buyer(number),
            principal: Principal::ApiKey(ApiKeyId::new(Uuid::from_u128(6))),
            scopes: Scopes::default(),
            operator: false,
        };
        let (service, log, asked) = (Arc::clone(&node.service), self.around.log.truth().clone(), call.clone());
        let outcome = tokio::spawn(async move {
            let outcome = service.invoke(&actor, asked).await;
            (outcome, log.head().await.ok().flatten())
        });
        under_way.calls.push(Attempt { key, call, outcome });
    }

    async fn wait(&mut self, milliseconds_max: u64) {
        let milliseconds = self.rng.u64(0..milliseconds_max);
        self.note(&format!("{milliseconds} ms pass"));
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }

    fn jump(&mut self, clock: &SimClock) {
        let seconds = match self.rng.u8(0..4) {
            0 => -self.rng.i64(1..10_000),
            1 => self.rng.i64(1..300),
            2 => self.rng.i64(1..200_000),
            _ => self.rng.i64(1..4_000_000),
        };
        self.note(&format!("the clock jumps by {seconds} s"));
        clock.jump(SignedDuration::from_secs(seconds));
    }

    /// Mostly the last one again, so that much happens to it at once.
    pub fn some_agreement(&mut self) -> AgreementId {
        if self.rng.u8(0..3) == 0 {
            self.chosen = self.rng.usize(0..self.agreements.len());
        }
        self.agreements.get(self.chosen).copied().expect("an agreement")
    }

    pub fn cause(&self, clock: &SimClock, name: &str) -> Cause {
        cause(&format!("{name} {}", self.steps), clock.now())
    }

    fn close(&mut self, node: &Node, clock: &SimClock, under_way: &mut UnderWay) {
        let agreement = self.some_agreement();
        let Some(start) = node.meters().account(agreement).map(metering::account::Account::opened_at) else { return };
        self.note(&format!("{agreement} is closed from {start} on"));
        let (service, cause) = (Arc::clone(&node.service), node.cause(self.cause(clock, "close")));
        under_way.closings.push(tokio::spawn(async move { service.close_period(agreement, start, &cause).await }));
    }

    /// One period after the other, while calls and reports of each are under way.
    async fn close_in_a_row(&mut self, node: &Node, clock: &SimClock, under_way: &mut UnderWay) {
        for _ in 0..self.rng.u8(2..4) {
            for _ in 0..3 {
                self.call_anew(node, under_way);
            }
            self.wait(100).await;
            self.close(node, clock, under_way);
            self.wait(100).await;
            under_way.reports.extend(self.report(node, clock));
        }
    }

    /// As the clock of billing does.
    pub fn close_due(&mut self, node: &Node, clock: &SimClock, under_way: &mut UnderWay) {
        let hold = SignedDuration::try_from(Limits::default().longest_hold()).unwrap_or_default();
        let over = clock.now().checked_sub(hold).unwrap_or_default();
        let mut due = node.service.due(over);
        due.sort_unstable();
        self.note(&format!("{} periods are due", due.len()));
        for (agreement, start) in due {
            let (service, cause) =
                (Arc::clone(&node.service), node.cause(self.cause(clock, &format!("due {agreement}"))));
            under_way.closings.push(tokio::spawn(async move { service.close_period(agreement, start, &cause).await }));
        }
        for (agreement, start) in self.unissued() {
            let (service, cause) =
                (Arc::clone(&node.service), node.cause(self.cause(clock, &format!("issue {agreement}"))));
            under_way.closings.push(tokio::spawn(async move { service.issue(agreement, start, &cause).await }));
        }
    }

    /// Pays or voids an invoice; whoever asked may ask again.
    async fn end_invoice(&mut self, clock: &SimClock) {
        let all: Vec<InvoiceId> = self.audit.invoices.keys().copied().collect();
        let Some(id) = self.rng.choice(&all).copied() else { return };
        let Some(invoice) = self.audit.invoices.get(&id) else { return };
        let command = if self.rng.bool() {
            InvoiceCommand::Pay { reference: "transfer".to_owned(), amount: invoice.issued.total }
        } else {
            InvoiceCommand::Void { reason: "A mistake.".to_owned() }
        };
        self.note(&format!("{id}: {command:?}"));
        let cause = self.cause(clock, "end");
        for _ in 0..self.rng.u8(1..3) {
            _ = execute::<Invoice>(&self.around.log, &StreamName::of(&id), command.clone(), &cause).await;
        }
    }

    async fn change_agreements(&mut self, clock: &SimClock) {
        if self.agreements.len() < AGREEMENTS_MAX && self.rng.u8(0..4) > 0 {
            return self.agree(clock).await;
        }
        let agreement = self.some_agreement();
        self.note(&format!("{agreement} is cancelled"));
        self.market(clock).cancel(agreement).await;
    }

    /// Makes another agreement.
    pub async fn agree(&mut self, clock: &SimClock) {
        let number = self.agreements.len() as u128;
        let mut rng = self.rng.fork();
        let agreement = self.market(clock).agree(&mut rng, number).await;
        self.note(&format!("{agreement} is made"));
        self.agreements.push(agreement);
    }

    async fn change_parties(&mut self, clock: &SimClock) {
        let (number, is_stopped) = (self.rng.u128(0..PARTIES), self.rng.u8(0..3) == 0);
        let name = format!("party {}", self.steps);
        self.note(&format!("buyer {number} is stopped: {is_stopped}"));
        self.market(clock).suspend(number, is_stopped, &name).await;
        let share = |share: u32| share.try_into().expect("a share");
        let terms = MarketTerms { commission: share(self.rng.u32(0..4_000)), tax: share(self.rng.u32(0..2_000)) };
        self.market(clock).set_terms(terms, &format!("terms {}", self.steps)).await;
    }

    async fn issue_statements(&mut self, clock: &SimClock) {
        self.note("statements are issued");
        let early = self.rng.u8(0..3) == 0;
        for statement in self.audit.bookings.open() {
            let cause = self.cause(clock, &format!("statement {statement}"));
            let command = StatementCommand::Issue { early };
            _ = execute::<Statement>(&self.around.log, &StreamName::of(&statement), command, &cause).await;
        }
    }

    fn change_weather(&mut self) {
        let (log, mood) = ([0, 5, 20, 70], [0, 10, 60]);
        let (log, mood) = (log[self.rng.usize(0..log.len())], mood[self.rng.usize(0..mood.len())]);
        self.note(&format!("trouble: {log} of 100 at the log, {mood} of 100 at providers"));
        self.around.log.set_trouble(log);
        self.mood.set_trouble(mood);
    }
}

impl UnderWay {
    /// Takes note of what has ended.
    pub async fn collect(&mut self, world: &mut World) -> Result<(), String> {
        for attempt in self.calls.extract_if(.., |attempt| attempt.outcome.is_finished()) {
            let (outcome, head) = attempt.outcome.await.map_err(|error| format!("a call broke: {error}"))?;
            ended(world, attempt.key, &attempt.call, outcome, head)?;
        }
        for reporting in self.reports.extract_if(.., |reporting| reporting.outcome.is_finished()) {
            reporting.ended(world).await?;
        }
        for closing in self.closings.extract_if(.., |closing| closing.is_finished()) {
            if let Ok(invoice) = closing.await.map_err(|error| format!("a closing broke: {error}"))? {
                world.audit.follow(world.around.log.truth()).await?;
                let issued = world.audit.invoices.contains_key(&invoice);
                ensure(issued, || format!("{invoice} is said to be issued"))?;
            }
        }
        Ok(())
    }

    /// Waits until everything has ended, as it must.
    pub async fn end(&mut self, world: &mut World) -> Result<(), String> {
        for _ in 0..3_000 {
            world.audit.follow(world.around.log.truth()).await?;
            self.collect(world).await?;
            if self.calls.is_empty() && self.closings.is_empty() && self.reports.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let (calls, closings, reports) = (self.calls.len(), self.closings.len(), self.reports.len());
        Err(format!("{calls} calls, {closings} closings and {reports} reports never ended"))
    }
}

/// Nothing is delivered that is not in the log, a key names one call, and what failed is not billed.
fn ended(
    world: &mut World,
    key: Fingerprint,
    call: &Call,
    outcome: Outcome,
    head: Option<Position>,
) -> Result<(), String> {
    let name = &call.idempotency_key;
    match outcome {
        Ok(invocation) => {
            ensure(Some(invocation.position) <= head, || format!("{name} was delivered before it was recorded"))?;
            let position = world.audit.position(invocation.id());
            ensure(position == Some(invocation.position), || format!("{name} was delivered and is not recorded"))?;
            let asked = fingerprint::of_call(&call.target.canonical(), &call.payload);
            ensure(invocation.record.payload_hash == asked, || format!("{name} was answered by another call"))?;
            ensure(*invocation.output == call.payload, || format!("{name} was answered otherwise"))?;
            let before = world.delivered.insert(key, invocation.id());
            ensure(before.is_none_or(|before| before == invocation.id()), || format!("{name} names two calls"))
        }
        Err(InvokeError::OutcomePending(_) | InvokeError::OutputNotRetained(_)) => Ok(()),
        Err(error) => {
            let is_only = world.attempts.get(&key) == Some(&1);
            ensure(!is_only || !world.audit.keys.contains_key(&key), || {
                format!("{name} failed ({error}) and is billed")
            })
        }
    }
}
