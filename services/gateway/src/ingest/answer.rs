//! What became of each event, as a client reads it.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use invocation::report::{NotReported, Reported};
use kernel::error::Rejection;
use serde::Serialize;

use super::event::NoReport;
use super::refusal::RETRY_SECONDS;

/// What became of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict(pub Outcome);

/// Whether it got as far as the meter.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is no report.
    NoReport(NoReport),
    /// It is one.
    Reported(Reported),
}

impl From<NoReport> for Verdict {
    fn from(rejection: NoReport) -> Self {
        Self(Outcome::NoReport(rejection))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    invocation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Another event with this source and id was reported before.
const EVENT_CONFLICT: &str = "EVENT_CONFLICT";
const CONFLICT_MESSAGE: &str = "another event with this source and id was reported before";

impl Verdict {
    /// To be reported again.
    pub const NOT_RECORDED: Self = Self(Outcome::Reported(Reported::Rejected(NotReported::NotRecorded)));

    /// Whether it is to be reported again.
    pub fn is_for_later(&self) -> bool {
        *self == Self::NOT_RECORDED
    }

    fn shown(&self, index: Option<u64>) -> Shown {
        let bare = Shown { index, status: "REJECTED", invocation_id: None, code: None, message: None };
        let rejected = |code, message| Shown { code: Some(code), message: Some(message), ..bare };
        match &self.0 {
            Outcome::NoReport(rejection) => rejected(rejection.code().0, rejection.to_string()),
            Outcome::Reported(Reported::Rejected(rejection)) => rejected(rejection.code().0, rejection.to_string()),
            Outcome::Reported(Reported::Accepted(id)) => {
                Shown { index, status: "ACCEPTED", invocation_id: Some(id.to_string()), code: None, message: None }
            }
            Outcome::Reported(Reported::Duplicate(id)) => {
                Shown { index, status: "DUPLICATE", invocation_id: Some(id.to_string()), code: None, message: None }
            }
            Outcome::Reported(Reported::Conflict(id)) => Shown {
                index,
                status: "CONFLICT",
                invocation_id: Some(id.to_string()),
                code: Some(EVENT_CONFLICT),
                message: Some(CONFLICT_MESSAGE.to_owned()),
            },
        }
    }

    fn status(&self) -> StatusCode {
        match &self.0 {
            Outcome::NoReport(_) => StatusCode::BAD_REQUEST,
            Outcome::Reported(Reported::Accepted(_) | Reported::Duplicate(_)) => StatusCode::OK,
            Outcome::Reported(Reported::Conflict(_)) => StatusCode::CONFLICT,
            Outcome::Reported(Reported::Rejected(NotReported::NotRecorded)) => StatusCode::SERVICE_UNAVAILABLE,
            Outcome::Reported(Reported::Rejected(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// How many came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    accepted: u64,
    duplicates: u64,
    conflicts: u64,
    rejected: u64,
}

impl Counts {
    /// One more.
    pub fn add(&mut self, verdict: &Verdict) {
        let count = match &verdict.0 {
            Outcome::Reported(Reported::Accepted(_)) => &mut self.accepted,
            Outcome::Reported(Reported::Duplicate(_)) => &mut self.duplicates,
            Outcome::Reported(Reported::Conflict(_)) => &mut self.conflicts,
            Outcome::Reported(Reported::Rejected(_)) | Outcome::NoReport(_) => &mut self.rejected,
        };
        *count = count.saturating_add(1);
    }
}

#[derive(Serialize)]
struct Body {
    #[serde(flatten)]
    counts: Counts,
    results: Vec<Shown>,
}

/// The answer to one event.
pub fn single(verdict: &Verdict) -> HttpResponse {
    write(verdict.status(), verdict.is_for_later(), &verdict.shown(None))
}

/// The answer to a batch: it went well as a whole, unless some of it has to be sent again.
pub fn batch(verdicts: &[Verdict]) -> HttpResponse {
    let mut counts = Counts::default();
    for verdict in verdicts {
        counts.add(verdict);
    }
    let later = verdicts.iter().any(Verdict::is_for_later);
    let status = if later { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let results = (0..).zip(verdicts).map(|(index, verdict)| verdict.shown(Some(index))).collect();
    write(status, later, &Body { counts, results })
}

/// A line of an answer that comes line by line.
pub fn line(index: u64, verdict: &Verdict) -> String {
    as_line(&verdict.shown(Some(index)))
}

/// Anything as one line of JSON.
pub fn as_line(value: &impl Serialize) -> String {
    let mut line = serde_json::to_string(value).unwrap_or_default();
    line.push('\n');
    line
}

fn write(status: StatusCode, later: bool, body: &impl Serialize) -> HttpResponse {
    let Ok(bytes) = serde_json::to_vec(body) else {
        return HttpResponse::InternalServerError().finish();
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CONTENT_TYPE, "application/json"));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if later {
        response.insert_header((header::RETRY_AFTER, RETRY_SECONDS));
    }
    response.body(bytes)
}
