//! Usage as it happens: what was missed since a cursor, then what is new, summed up a few times a second.

use std::sync::Arc;
use std::time::Duration;

use accounts::published::actor::Actor;
use async_graphql::{Context, Description, ID, Object, Subscription};
use eventlog::codec::decode_own;
use futures::stream::{Stream, unfold};
use kernel::error::Rejection;
use kernel::event::Position;
use kernel::id::AgreementId;
use metering::published::usage::Event;
use tokio::time::{Instant, sleep_until};
use views::page::InvalidPage;
use views::store::Views;
use views::usage_feed::Missed;
use views::usage_series::UsageOf;

use super::access;
use super::agreements::{Agreement, find_agreement};
use super::errors::{Fault, Refused, not_found, rule};
use super::invocation::query::recorded;
use super::invocation::{Invocation, history};
use super::scalars::{Count, DateTime};
use super::usage::{AllowanceStatus, MeterUsage, Perspective};
use super::work::platform;
use crate::feed::noted::Noted;
use crate::feed::{self, Watching, concerns};
use crate::platform::Platform;

/// Between two messages, at least.
const INTERVAL: Duration = Duration::from_millis(100);
/// Between a call's record and its message: calls of the same moment come together, and the allowances have followed.
const SETTLING: Duration = Duration::from_millis(20);
/// Before everything, in any history.
const BEGINNING: &str = "0";
/// Batches that one message sums up of what was missed.
const MISSED_BATCHES_MAX: u32 = 64;
/// Rows of batches, whoever's they are, that are looked through for them at once.
const MISSED_ROWS_MAX: u32 = 20_000;

/// What was used since the message before.
#[derive(Description)]
pub struct UsageRecorded(Noted);

#[Object(use_type_description)]
impl UsageRecorded {
    /// Subscribe anew with this as `after` to go on from here.
    async fn cursor(&self, context: &Context<'_>) -> Result<String, Refused> {
        let position = self.0.position.map_or(0, |position| position.0);
        Ok(format!("{}.{position}", platform(context)?.views.incarnation().mark()))
    }
    /// When the last of the calls was answered.
    async fn at(&self) -> Result<DateTime, Refused> {
        self.0.at.map(DateTime).ok_or_else(|| Fault::incomplete().into())
    }
    /// How many calls.
    async fn calls(&self) -> Count {
        Count(self.0.calls)
    }
    /// What they used in all.
    async fn meters(&self) -> Vec<MeterUsage> {
        self.0.meters().into_iter().map(MeterUsage::from).collect()
    }
    /// The calls themselves, at most 50, the newest last.
    async fn invocations(&self, context: &Context<'_>) -> Result<Vec<Invocation>, Refused> {
        let platform = platform(context)?;
        self.0.latest.iter().map(|record| recorded(platform, record.clone())).collect()
    }
    /// How the allowances of the agreements used stand now, at most 50 agreements, the one used last at the end.
    async fn allowance(&self) -> Vec<AgreementAllowance> {
        self.0.agreements.iter().copied().map(AgreementAllowance).collect()
    }
}

/// How the allowances of one agreement stand.
#[derive(Description)]
pub struct AgreementAllowance(AgreementId);

#[Object(use_type_description)]
impl AgreementAllowance {
    /// The agreement.
    async fn agreement(&self, context: &Context<'_>) -> Result<Agreement, Refused> {
        find_agreement(context, self.0).await?.ok_or_else(|| not_found(""))
    }
    /// Per meter; empty once the agreement has ended.
    async fn allowance(&self, context: &Context<'_>) -> Result<Vec<AllowanceStatus>, Refused> {
        let standing = platform(context)?.service.allowances(self.0).ok();
        Ok(standing.into_iter().flat_map(|(_, all)| all).map(AllowanceStatus::from).collect())
    }
}

/// The part of `Subscription` that is about usage.
#[derive(Default)]
pub struct UsageSubscription;

#[Subscription]
impl UsageSubscription {
    /// What your organization buys or sells, as it is recorded; first what was recorded past `after`.
    async fn usage_recorded(
        &self,
        context: &Context<'_>,
        #[graphql(default_with = "Perspective::Buyer")] perspective: Perspective,
        agreement_id: Option<ID>,
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<UsageRecorded, Refused>> + use<>, Refused> {
        let actor = access::authenticated(context)?;
        let of = match agreement_id {
            None => perspective.usage_of(actor)?,
            Some(id) => of_agreement(context, actor, perspective, &id).await?,
        };
        let platform = Arc::clone(platform(context)?);
        let after = match after {
            Some(cursor) => Some(position(&platform, &cursor).await?),
            None => None,
        };
        let watching = platform.feed.watch(of).await;
        let missed = after.filter(|after| Some(*after) < watching.since());
        let watcher = Watcher { platform, watching, of, missed, said_at: None, failed: false };
        Ok(unfold(watcher, Watcher::next))
    }
}

/// An agreement in which the caller has the part that it looks from.
async fn of_agreement(
    context: &Context<'_>,
    actor: &Actor,
    perspective: Perspective,
    id: &ID,
) -> Result<UsageOf, Refused> {
    let id = id.parse().map_err(|_| not_found("agreementId"))?;
    let agreement = find_agreement(context, id).await?.ok_or_else(|| not_found("agreementId"))?;
    let own = match perspective.usage_of(actor)? {
        UsageOf::Buyer(own) => agreement.0.accepted.buyer == own,
        UsageOf::Seller(own) => agreement.0.accepted.seller == own,
        UsageOf::Agreement(_) | UsageOf::Platform => true,
    };
    if own { Ok(UsageOf::Agreement(id)) } else { Err(not_found("agreementId")) }
}

/// A place in this log; the cursor bears the mark of the history that it belongs to.
async fn position(platform: &Platform, cursor: &str) -> Result<Position, Refused> {
    let head = platform.log.head().await?;
    let mark = platform.views.incarnation().mark();
    let own = cursor.split_once('.').filter(|(given, _)| *given == mark);
    let position = match own {
        Some((_, position)) => position.parse().ok().map(Position),
        None => (cursor == BEGINNING).then_some(Position(0)),
    };
    let known = position.filter(|position| position.0 == 0 || head.is_some_and(|head| *position <= head));
    known.ok_or_else(|| rule(InvalidPage::Cursor.code(), InvalidPage::Cursor))
}

struct Watcher {
    platform: Arc<Platform>,
    watching: Watching,
    of: UsageOf,
    /// Up to here everything has been told; nothing to catch up with where there is none.
    missed: Option<Position>,
    said_at: Option<Instant>,
    failed: bool,
}

impl Watcher {
    async fn next(mut self) -> Option<(Result<UsageRecorded, Refused>, Self)> {
        if self.failed {
            return None;
        }
        let noted = match self.catch_up().await {
            Ok(Some(noted)) => noted,
            Ok(None) => self.wait().await,
            Err(refused) => {
                self.failed = true;
                return Some((Err(refused), self));
            }
        };
        Some((Ok(UsageRecorded(noted)), self))
    }

    async fn wait(&mut self) -> Noted {
        self.watching.ready().await;
        let settled = Instant::now() + SETTLING;
        sleep_until(self.said_at.map_or(settled, |said_at| settled.max(said_at + INTERVAL))).await;
        self.said_at = Some(Instant::now());
        self.watching.take()
    }

    /// The next part of what was missed, a few batches at a time.
    async fn catch_up(&mut self) -> Result<Option<Noted>, Refused> {
        let Some(until) = self.watching.since() else { return Ok(None) };
        while let Some(after) = self.missed.filter(|after| *after < until) {
            let (noted, cursor) = self.missed_after(after, until).await?;
            self.missed = Some(cursor);
            if !noted.is_empty() {
                return Ok(Some(noted));
            }
        }
        self.missed = None;
        Ok(None)
    }

    /// What concerns the watcher past one position and up to another, or up to the position that is returned.
    async fn missed_after(&self, after: Position, until: Position) -> Result<(Noted, Position), Refused> {
        if self.of == UsageOf::Platform {
            return self.platform_missed(after, until).await;
        }
        self.platform.readable(until).await;
        if self.platform.read(Views::cursor).await? < Some(until) {
            return Err(Fault::again("VIEWS_BEHIND", "what was missed cannot be read yet".to_owned()).into());
        }
        let until = self.platform.read(move |views| views.missed_until(after, until, MISSED_ROWS_MAX)).await?;
        let missed = Missed { of: self.of, after, until };
        let batches = self.platform.read(move |views| views.missed_batches(&missed, MISSED_BATCHES_MAX)).await?;
        let more = batches.len() >= usize::try_from(MISSED_BATCHES_MAX).unwrap_or(usize::MAX);
        let last = batches.last().copied().filter(|_| more).unwrap_or(until);
        let mut noted = Noted::until(last);
        for position in batches {
            let records = history::batch(&self.platform, position).await?;
            records.iter().filter(|record| concerns(self.of, record)).for_each(|record| noted.add(record));
        }
        Ok((noted, last))
    }

    /// All of the platform: every batch is wanted, so the log itself is the index.
    async fn platform_missed(&self, after: Position, until: Position) -> Result<(Noted, Position), Refused> {
        let max = usize::try_from(MISSED_BATCHES_MAX).unwrap_or(usize::MAX);
        let page = self.platform.log.read_log(Some(after), &feed::filter(), max).await?;
        let last = page.next.map_or(until, |next| next.min(until));
        let mut noted = Noted::until(last);
        for stored in page.events.iter().filter(|stored| stored.position <= until) {
            let event = decode_own::<Event>(stored).map_err(|error| Fault::internal(&error))?.event;
            event.into_records().iter().for_each(|record| noted.add(record));
        }
        Ok((noted, last))
    }
}
