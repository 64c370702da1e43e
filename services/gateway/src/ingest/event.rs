//! One `CloudEvent` (1.0) that reports usage: its attributes within limits, and what they say.
//!
//! Attributes that we do not know are let be, as the specification asks. They are no part of what a report says: a
//! repeat may come with another trace.

use std::borrow::Cow;

use invocation::fingerprint;
use invocation::report::Report;
use jiff::Timestamp;
use kernel::error::{ErrorCode, Rejection};
use kernel::id::{AgreementId, ListingId, OrganizationId};
use kernel::meter::{Meter, Quantity};
use kernel::slug::Slug;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::split::{ELEMENT_BYTES_MAX, NESTING_MAX};

/// The one type of event.
pub const USAGE_REPORTED: &str = "market.tallystick.usage.v1";
/// Bytes of `id`, `source` and `subject`, each.
pub const ATTRIBUTE_BYTES_MAX: usize = 512;
/// Meters of one report; there are not many more.
const METERS_MAX: usize = 16;

/// Why an event is no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReport {
    /// Not JSON, or of other types than the specification says.
    #[error("the event is not a CloudEvent in JSON")]
    Malformed,
    /// In a batch: too many bytes.
    #[error("an event of a batch has at most {ELEMENT_BYTES_MAX} bytes")]
    TooLarge,
    /// Too many brackets open at once.
    #[error("JSON nests at most {NESTING_MAX} deep within an event")]
    NestedTooDeeply,
    /// Another version of the specification.
    #[error("specversion has to be 1.0")]
    VersionUnsupported,
    /// A required attribute is missing or empty, or any is too long.
    #[error("`{0}` is required, with 1 to 512 bytes and no control characters")]
    Attribute(&'static str),
    /// Another type.
    #[error("the type has to be market.tallystick.usage.v1")]
    TypeUnknown,
    /// `subject` is no id of an agreement.
    #[error("the subject has to be the id of an agreement (agr_…)")]
    Subject,
    /// `time` is missing or no timestamp.
    #[error("the time of the usage is required, as in RFC 3339")]
    Time,
    /// `datacontenttype` is something else.
    #[error("data has to be application/json")]
    ContentType,
    /// The data has another shape.
    #[error(
        "data has to be an object with usage, a list of meter and quantity (texts both), and at most capability and listing"
    )]
    Data,
    /// A meter that the platform does not have, or twice the same.
    #[error("each meter has to be one of the platform's, and named once")]
    Meter,
    /// A quantity of nothing, or no quantity.
    #[error("a quantity is a text of digits, from 1 to 9007199254740991")]
    Quantity,
}

impl Rejection for NoReport {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::Malformed => "EVENT_MALFORMED",
            Self::TooLarge => "EVENT_TOO_LARGE",
            Self::NestedTooDeeply => "EVENT_NESTED_TOO_DEEPLY",
            Self::VersionUnsupported => "EVENT_VERSION_UNSUPPORTED",
            Self::Attribute(_) => "EVENT_ATTRIBUTE_INVALID",
            Self::TypeUnknown => "EVENT_TYPE_UNKNOWN",
            Self::Subject => "EVENT_SUBJECT_INVALID",
            Self::Time => "EVENT_TIME_INVALID",
            Self::ContentType => "EVENT_CONTENT_TYPE_INVALID",
            Self::Data => "EVENT_DATA_INVALID",
            Self::Meter => "EVENT_METER_INVALID",
            Self::Quantity => "EVENT_QUANTITY_INVALID",
        })
    }
}

/// An event as it came, in whichever mode.
#[derive(Clone, Debug, Deserialize)]
#[serde(bound(deserialize = "D: Deserialize<'de>"))]
pub struct EventOf<'a, D> {
    /// The version of the specification.
    #[serde(borrow, default, deserialize_with = "text")]
    pub specversion: Option<Cow<'a, str>>,
    /// Unique within the source.
    #[serde(borrow, default, deserialize_with = "text")]
    pub id: Option<Cow<'a, str>>,
    /// What reports.
    #[serde(borrow, default, deserialize_with = "text")]
    pub source: Option<Cow<'a, str>>,
    /// What kind of event it is.
    #[serde(borrow, default, rename = "type", deserialize_with = "text")]
    pub kind: Option<Cow<'a, str>>,
    /// The agreement.
    #[serde(borrow, default, deserialize_with = "text")]
    pub subject: Option<Cow<'a, str>>,
    /// When it was used.
    #[serde(borrow, default, deserialize_with = "text")]
    pub time: Option<Cow<'a, str>>,
    /// What the data is.
    #[serde(borrow, default, deserialize_with = "text")]
    pub datacontenttype: Option<Cow<'a, str>>,
    /// None where it is missing or not what it should be.
    #[serde(default = "none")]
    pub data: Option<D>,
}

/// An event with the data of a report.
pub type Event<'a> = EventOf<'a, Data<'a>>;

/// The data of a report.
#[derive(Clone, Debug, Deserialize)]
pub struct Data<'a> {
    #[serde(borrow, default, deserialize_with = "text")]
    capability: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    listing: Option<Cow<'a, str>>,
    #[serde(borrow)]
    usage: Vec<Line<'a>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    meter: Cow<'a, str>,
    #[serde(borrow)]
    quantity: Cow<'a, str>,
}

const fn none<D>() -> Option<D> {
    None
}

/// A text where it stands, unless it has to be unescaped: serde copies each `Option<Cow<str>>`.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    Ok(Option::<Text<'_>>::deserialize(deserializer)?.map(|Text(text)| text))
}

/// Reads an event of the structured or the batched mode.
pub fn parse(bytes: &[u8]) -> Result<Event<'_>, NoReport> {
    // Text as a whole, so that no string has to be checked by itself.
    let text = str::from_utf8(bytes).map_err(|_| NoReport::Malformed)?;
    serde_json::from_str(text).or_else(|_| without_data(text))
}

/// An event whose data is not that of a report; what else it says decides what is wrong with it first.
fn without_data(text: &str) -> Result<Event<'_>, NoReport> {
    let event: EventOf<'_, IgnoredAny> = serde_json::from_str(text).map_err(|_| NoReport::Malformed)?;
    let EventOf { specversion, id, source, kind, subject, time, datacontenttype, data: _ } = event;
    Ok(Event { specversion, id, source, kind, subject, time, datacontenttype, data: None })
}

impl Event<'_> {
    /// What the event reports, as the reporter says it.
    pub fn report(&self, reporter: OrganizationId) -> Result<Report, NoReport> {
        if self.specversion.as_deref() != Some("1.0") {
            return Err(NoReport::VersionUnsupported);
        }
        let id = attribute("id", self.id.as_deref())?;
        let source = attribute("source", self.source.as_deref())?;
        if attribute("type", self.kind.as_deref())? != USAGE_REPORTED {
            return Err(NoReport::TypeUnknown);
        }
        let subject = attribute("subject", self.subject.as_deref())?;
        let agreement: AgreementId = subject.parse().map_err(|_| NoReport::Subject)?;
        let used_at: Timestamp = self.time.as_deref().and_then(|time| time.parse().ok()).ok_or(NoReport::Time)?;
        let content_type = self.datacontenttype.as_deref();
        if content_type.is_some_and(|name| !is_json(name)) {
            return Err(NoReport::ContentType);
        }
        let said = self.said()?;
        let key = fingerprint::of_event(reporter, source, id);
        let payload = said.fingerprint(agreement, used_at);
        let Said { capability, listing, usage } = said;
        Ok(Report { key, payload, agreement, capability, listing, used_at, usage })
    }

    fn said(&self) -> Result<Said, NoReport> {
        let data = self.data.as_ref().ok_or(NoReport::Data)?;
        if data.usage.is_empty() || data.usage.len() > METERS_MAX {
            return Err(NoReport::Data);
        }
        let mut usage = data.usage.iter().map(line).collect::<Result<Vec<_>, _>>()?;
        usage.sort_unstable_by_key(|(meter, _)| *meter);
        if usage.windows(2).any(|pair| matches!(pair, [left, right] if left.0 == right.0)) {
            return Err(NoReport::Meter);
        }
        let capability = data.capability.as_ref().map(|slug| slug.parse().map_err(|_| NoReport::Data)).transpose()?;
        let listing = data.listing.as_ref().map(|id| id.parse().map_err(|_| NoReport::Data)).transpose()?;
        Ok(Said { capability, listing, usage })
    }
}

/// What the data says.
struct Said {
    capability: Option<Slug>,
    listing: Option<ListingId>,
    /// By meter, in the meters' order.
    usage: Vec<(Meter, Quantity)>,
}

impl Said {
    fn fingerprint(&self, agreement: AgreementId, used_at: Timestamp) -> fingerprint::Fingerprint {
        let used_at = used_at.as_nanosecond().to_be_bytes();
        let capability = self.capability.as_ref().map_or("", Slug::as_str);
        let listing = self.listing.map(|listing| *listing.uuid().as_bytes()).unwrap_or_default();
        let mut lines = Vec::with_capacity(self.usage.len().saturating_mul(12));
        for (meter, quantity) in &self.usage {
            lines.extend_from_slice(&meter.number().to_be_bytes());
            lines.extend_from_slice(&quantity.0.to_be_bytes());
        }
        let agreement = agreement.uuid();
        let parts: [&[u8]; 5] = [agreement.as_bytes(), &used_at, capability.as_bytes(), &listing, lines.as_slice()];
        fingerprint::of_report(parts)
    }
}

fn attribute<'a>(name: &'static str, value: Option<&'a str>) -> Result<&'a str, NoReport> {
    let good = |text: &&str| (1..=ATTRIBUTE_BYTES_MAX).contains(&text.len()) && !has_control(text);
    value.filter(good).ok_or(NoReport::Attribute(name))
}

fn has_control(text: &str) -> bool {
    // Quick of plain text, as most is.
    !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && text.chars().any(char::is_control)
}

/// `application/json` or a kind of it, with whichever parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") || essence.ends_with("+json")
}

fn line(line: &Line<'_>) -> Result<(Meter, Quantity), NoReport> {
    let meter = Meter::ALL.iter().find(|meter| meter.name().eq_ignore_ascii_case(&line.meter));
    let meter = meter.ok_or(NoReport::Meter)?;
    let quantity: Quantity = line.quantity.parse().map_err(|_| NoReport::Quantity)?;
    let is_possible = (Quantity(1)..=Quantity::PERIOD_MAX).contains(&quantity);
    if is_possible { Ok((*meter, quantity)) } else { Err(NoReport::Quantity) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn reporter() -> OrganizationId {
        OrganizationId::new(Uuid::from_u128(7))
    }

    fn event() -> Value {
        json!({
            "specversion": "1.0", "id": "1", "source": "/meter/7", "type": USAGE_REPORTED,
            "subject": AgreementId::new(Uuid::from_u128(5)).to_string(), "time": "2026-11-05T08:00:00.5Z",
            "data": {"usage": [{"meter": "LEASE_SECOND", "quantity": "3600"}]},
        })
    }

    fn read(event: &Value) -> Result<Report, NoReport> {
        parse(event.to_string().as_bytes())?.report(reporter())
    }

    fn changed(change: impl FnOnce(&mut Value)) -> Result<Report, NoReport> {
        let mut event = event();
        change(&mut event);
        read(&event)
    }

    #[test]
    fn an_event_says_what_was_used_when_and_under_what() {
        let report = read(&event()).unwrap();
        assert_eq!(report.agreement.uuid(), Uuid::from_u128(5));
        assert_eq!(report.usage, [(Meter::LeaseSecond, Quantity(3_600))]);
        assert_eq!(report.used_at, "2026-11-05T08:00:00.5Z".parse().unwrap());
        assert_eq!((report.capability, report.listing), (None, None));
    }

    #[test]
    fn a_repeat_may_be_written_in_another_way_and_carry_other_extensions() {
        let first = read(&event()).unwrap();
        let again = changed(|event| {
            event["traceparent"] = json!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
            event["dataschema"] = json!("https://example.com/s");
            event["time"] = json!("2026-11-05T16:00:00.500+08:00");
            event["data"]["usage"][0]["meter"] = json!("lease_second");
        });
        assert_eq!(again.unwrap(), first);
    }

    #[test]
    fn another_payload_shows() {
        let first = read(&event()).unwrap();
        for change in [
            |event: &mut Value| event["data"]["usage"][0]["quantity"] = json!("3601"),
            |event: &mut Value| event["time"] = json!("2026-11-05T08:00:00.6Z"),
            |event: &mut Value| event["data"]["capability"] = json!("pinyin-annotation"),
        ] {
            let other = changed(change).unwrap();
            assert_eq!((other.key, other.payload == first.payload), (first.key, false));
        }
        assert_ne!(changed(|event| event["source"] = json!("/meter/8")).unwrap().key, first.key);
    }

    #[test]
    fn every_limit_has_its_code() {
        let long = "x".repeat(ATTRIBUTE_BYTES_MAX + 1);
        for (pointer, value, error) in [
            ("/specversion", json!("0.3"), NoReport::VersionUnsupported),
            ("/id", json!(""), NoReport::Attribute("id")),
            ("/id", json!(long), NoReport::Attribute("id")),
            ("/source", json!("a\u{0}b"), NoReport::Attribute("source")),
            ("/source", Value::Null, NoReport::Attribute("source")),
            ("/type", json!("market.tallystick.usage.v2"), NoReport::TypeUnknown),
            ("/subject", json!("lst_00000000000000000000000005"), NoReport::Subject),
            ("/time", json!("yesterday"), NoReport::Time),
            ("/data", json!({"usage": []}), NoReport::Data),
            ("/data", json!("usage"), NoReport::Data),
            ("/data/usage/0/meter", json!("PARSEC"), NoReport::Meter),
            ("/data/usage/0/quantity", json!("0"), NoReport::Quantity),
            ("/data/usage/0/quantity", json!("1.5"), NoReport::Quantity),
            ("/data/usage/0/quantity", json!("9007199254740992"), NoReport::Quantity),
            ("/data/usage/0/quantity", json!("18446744073709551616"), NoReport::Quantity),
            ("/data/usage/0/quantity", json!(1), NoReport::Data),
            ("/id", json!(1), NoReport::Malformed),
        ] {
            let answer = changed(|event| *event.pointer_mut(pointer).unwrap() = value.clone());
            assert_eq!(answer, Err(error), "{pointer} {value}");
        }
        let twice = changed(|event| {
            let line = event["data"]["usage"][0].clone();
            event["data"]["usage"].as_array_mut().unwrap().push(line);
        });
        assert_eq!(twice, Err(NoReport::Meter));
        assert_eq!(changed(|event| event["datacontenttype"] = json!("text/xml")), Err(NoReport::ContentType));
    }

    proptest! {
        #[test]
        fn hostile_bytes_do_no_harm(bytes: Vec<u8>) {
            _ = parse(&bytes).and_then(|event| event.report(reporter()));
        }
    }
}
