//! What sellers report: now or late, once or again, one or many at once; and what must come of it.

use std::collections::HashSet;
use std::sync::Arc;

use accounts::published::actor::{Actor, Principal, Scope, Scopes};
use eventlog::clock::Clock;
use eventlog::port::EventLog;
use invocation::fingerprint::{self, Fingerprint};
use invocation::report::{NotReported, Report, Reported, Turned};
use jiff::SignedDuration;
use kernel::event::Position;
use kernel::id::{AgreementId, ApiKeyId, InvocationId, ListingId, OrganizationId};
use kernel::meter::{Meter, Quantity};
use metering::published::usage::UsageRecord;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::audit::ensure;
use crate::clock::SimClock;
use crate::market::{PARTIES, capability, listing};
use crate::node::Node;
use crate::run::World;
use crate::twin::Twin;

/// How far a seller's clock may be ahead.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(60);
/// Reports handed over at once.
const AT_ONCE: usize = 5;

/// What came of reports, and where the log ended when it did.
type Outcome = (Result<Vec<Reported>, Turned>, Option<Position>);

/// Reports handed over at once, whose outcome is not known.
pub(crate) struct Reporting {
    seller: OrganizationId,
    reports: Vec<Report>,
    /// Whether nothing stands in the way of an answer.
    is_calm: bool,
    pub outcome: JoinHandle<Outcome>,
}

impl World {
    /// A seller reports; one in three reports says something again, or another thing by the same id.
    pub fn report(&mut self, node: &Node, clock: &SimClock) -> Option<Reporting> {
        let agreement = self.some_agreement();
        let seller = self.audit.agreements.get(&agreement)?.seller;
        let mut reports = Vec::new();
        for _ in 0..self.rng.usize(1..=AT_ONCE) {
            let report = match self.rng.u8(0..3) {
                0 => self.report_again(seller).unwrap_or_else(|| self.report_anew(seller, agreement, clock)),
                _ => self.report_anew(seller, agreement, clock),
            };
            self.reported.push((seller, report.clone()));
            reports.push(report);
        }
        Some(self.hand_over(node, seller, reports, false))
    }

    /// Without trouble all that was ever reported is reported once more: the log has it, or never will.
    pub fn report_all(&mut self, node: &Node) -> Vec<Reporting> {
        let told = std::mem::take(&mut self.reported);
        let by_seller = told.chunk_by(|(seller, _), (next, _)| seller == next);
        let parts = by_seller.flat_map(|part| part.chunks(AT_ONCE));
        let reports = |part: &[(_, Report)]| part.iter().map(|(_, report)| report.clone()).collect();
        let again = parts.filter_map(|part| Some((part.first()?.0, reports(part))));
        let again = again.map(|(seller, reports)| self.hand_over(node, seller, reports, true)).collect();
        self.reported = told;
        again
    }

    fn hand_over(&mut self, node: &Node, seller: OrganizationId, reports: Vec<Report>, is_calm: bool) -> Reporting {
        for report in &reports {
            *self.attempts.entry(report.key).or_default() += 1;
        }
        self.note(&format!("{seller} reports {}", reports.len()));
        let actor = Actor {
            organization: seller,
            principal: Principal::ApiKey(ApiKeyId::new(Uuid::from_u128(7))),
            scopes: Scopes::from(vec![Scope::UsageReport]),
            operator: false,
        };
        let (service, log, mut told) = (Arc::clone(&node.service), self.around.log.truth().clone(), reports.clone());
        if self.around.twin == Some(Twin::ListingUnchecked) {
            for report in &mut told {
                report.listing = None;
            }
        }
        let outcome = tokio::spawn(async move {
            let outcome = service.report(&actor, told).await;
            (outcome, log.head().await.ok().flatten())
        });
        Reporting { seller, reports, is_calm, outcome }
    }

    fn report_anew(&mut self, seller: OrganizationId, agreement: AgreementId, clock: &SimClock) -> Report {
        let id = self.reported.len().to_string();
        let ago = match self.rng.u8(0..4) {
            0 => -self.rng.i64(0..100),
            1 => self.rng.i64(0..1_000),
            2 => self.rng.i64(0..200_000),
            _ => self.rng.i64(0..4_000_000),
        };
        let used_at = clock.now().checked_sub(SignedDuration::from_secs(ago)).unwrap_or_default();
        let agreement = if self.rng.u8(0..8) == 0 { self.some_agreement() } else { agreement };
        let meters = self.audit.agreements.get(&agreement).into_iter().flat_map(|accepted| &accepted.terms.meters);
        let mut meters: Vec<Meter> = meters.map(|terms| terms.meter).collect();
        if self.rng.u8(0..20) == 0 {
            meters.push(Meter::Image);
        }
        let most = if self.rng.u8(0..40) == 0 { u64::MAX } else { 12 };
        let usage = meters.into_iter().map(|meter| (meter, Quantity(self.rng.u64(1..most)))).collect();
        let key = fingerprint::of_event(seller, "sim", &id);
        let capability = self.rng.bool().then(capability);
        let listing = self.rng.bool().then(|| self.some_listing(agreement));
        said(Report { key, payload: [0; 32], agreement, capability, listing, used_at, usage })
    }

    /// Mostly the agreement's, sometimes that of whoever sells.
    fn some_listing(&mut self, agreement: AgreementId) -> ListingId {
        let foreign = listing(self.rng.u128(0..PARTIES));
        let right = self.audit.agreements.get(&agreement).map(|accepted| accepted.listing);
        right.filter(|_| self.rng.u8(0..4) > 0).unwrap_or(foreign)
    }

    fn report_again(&mut self, seller: OrganizationId) -> Option<Report> {
        let mine: Vec<&Report> = self.reported.iter().filter(|(of, _)| *of == seller).map(|(_, said)| said).collect();
        let mut report = (*self.rng.choice(&mine)?).clone();
        match self.rng.u8(0..8) {
            0 | 1 => {
                report.usage.iter_mut().for_each(|(_, quantity)| *quantity = Quantity(quantity.0.saturating_add(1)));
            }
            2 if report.listing.is_some() => report.listing = Some(self.some_listing(report.agreement)),
            _ => {}
        }
        Some(said(report))
    }
}

/// With the fingerprint of what it says.
fn said(report: Report) -> Report {
    let says = format!("{} {} {:?} {:?}", report.agreement, report.used_at, report.usage, report.listing);
    Report { payload: fingerprint::of_report([says.as_bytes()]), ..report }
}

impl Reporting {
    /// Each answer says what the log does.
    pub async fn ended(mut self, world: &mut World) -> Result<(), String> {
        let (outcome, head) = (&mut self.outcome).await.map_err(|error| format!("a report broke: {error}"))?;
        let answers = match outcome {
            Ok(answers) => answers,
            Err(Turned::Busy) => return ensure(!self.is_calm, || "no place for a report".to_owned()),
            Err(error @ Turned::Forbidden(_)) => return Err(error.to_string()),
        };
        ensure(answers.len() == self.reports.len(), || "not every report is answered".to_owned())?;
        for (report, answer) in self.reports.iter().zip(answers) {
            let is_repeat = matches!(answer, Reported::Duplicate(_) | Reported::Conflict(_));
            world.repeats += usize::from(is_repeat && !self.is_calm);
            world.mismatches += usize::from(is_mismatch(&answer) && !self.is_calm);
            self.check_listing(world, report, &answer)?;
            match answer {
                Reported::Rejected(NotReported::NotRecorded) => {
                    ensure(!self.is_calm, || format!("{report:?} is not decided"))?;
                }
                Reported::Rejected(error) => refused(world, &report.key, error)?,
                Reported::Accepted(told) | Reported::Duplicate(told) => answered(world, report, told, head, true)?,
                Reported::Conflict(told) => answered(world, report, told, head, false)?,
            }
        }
        Ok(())
    }

    /// A report that names another listing than the agreement's is refused for that, and no other is. A node that has
    /// not heard of the agreement yet cannot tell, and another seller is told nothing of it.
    fn check_listing(&self, world: &World, report: &Report, answer: &Reported) -> Result<(), String> {
        let accepted = world.audit.agreements.get(&report.agreement).ok_or("a report of an unknown agreement")?;
        let is_foreign = report.listing.is_some_and(|listing| listing != accepted.listing);
        let is_unknown = *answer == Reported::Rejected(NotReported::AgreementNotFound);
        let may_be_unknown = !self.is_calm || accepted.seller != self.seller;
        ensure(!is_unknown || may_be_unknown, || format!("{} is not found", report.agreement))?;
        let is_right = is_mismatch(answer) == (is_foreign && !is_unknown);
        ensure(is_right, || format!("{:?} is named of {}: {answer:?}", report.listing, accepted.listing))
    }
}

fn is_mismatch(answer: &Reported) -> bool {
    *answer == Reported::Rejected(NotReported::ListingMismatch)
}

/// What is recorded under a report's key is what was told, and says the same or another thing.
fn answered(
    world: &World,
    report: &Report,
    told: InvocationId,
    head: Option<Position>,
    same: bool,
) -> Result<(), String> {
    let position = world.audit.position(told);
    ensure(position.is_some() && position <= head, || format!("{told} is answered before it is recorded"))?;
    let record = world.audit.keys.get(&report.key).filter(|record| record.invocation == told);
    let record = record.ok_or_else(|| format!("{told} is another report"))?;
    ensure((record.payload_hash == report.payload) == same, || format!("{told} is told to say the same: {same}"))?;
    ensure(says(record, report) == same, || format!("{told} is recorded otherwise: {record:?} for {report:?}"))
}

/// What was refused whenever it was reported is not billed.
fn refused(world: &World, key: &Fingerprint, error: NotReported) -> Result<(), String> {
    let is_only = world.attempts.get(key) == Some(&1);
    ensure(!is_only || !world.audit.keys.contains_key(key), || format!("a report is refused ({error}) and billed"))
}

/// Whether a record is what was reported; what is used until a minute from now counts as used now.
fn says(record: &UsageRecord, report: &Report) -> bool {
    let told = report.usage.iter().map(|(meter, quantity)| (*meter, quantity.0));
    let lines = record.lines.iter().map(|line| (line.meter, line.split.free.0 + line.split.value_added.0));
    let ahead = report.used_at.duration_since(record.admitted_at);
    (record.agreement, &record.capability) == (report.agreement, &report.capability)
        && report.listing.is_none_or(|listing| listing == record.listing)
        && lines.eq(told)
        && (SignedDuration::ZERO..=SKEW_MAX).contains(&ahead)
}

/// How many recorded reports named their listing.
pub(crate) fn listed(world: &World) -> usize {
    let named = world.reported.iter().filter(|(_, report)| report.listing.is_some());
    let recorded =
        named.filter(|(_, report)| world.audit.keys.get(&report.key).is_some_and(|record| says(record, report)));
    recorded.map(|(_, report)| report.key).collect::<HashSet<Fingerprint>>().len()
}

/// Every recorded report was told by the agreement's seller.
pub(crate) fn all_told(world: &World) -> Result<(), String> {
    let is_told = |record: &UsageRecord| {
        let by_seller =
            world.reported.iter().filter(|(seller, report)| (*seller, report.key) == (record.seller, record.key_hash));
        by_seller.map(|(_, report)| report).any(|report| says(record, report))
    };
    let mut untold = world.audit.reports().filter(|record| !is_told(record));
    untold.next().map_or(Ok(()), |record| Err(format!("nobody reported {record:?}")))
}
