//! The serialised form of offers, agreements and market terms: JSON, all at version 1.

use crate::published::{agreement, market, offer};

type OfferEvent = offer::Event;
type AgreementEvent = agreement::Event;
type MarketEvent = market::Event;

kernel::json_wire!(OfferEvent {
    Published => "offer_published",
    Repriced => "offer_repriced",
    Withdrawn => "offer_withdrawn",
});

kernel::json_wire!(AgreementEvent {
    Accepted => "agreement_accepted",
    Cancelled => "agreement_cancelled",
});

kernel::json_wire!(MarketEvent {
    Set => "market_terms_set",
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use kernel::wire::{DecodeError, Wire};
    use std::fmt::Debug;

    fn matches<E: Wire + Debug + PartialEq>(event: &E, kind: &str, golden: &str) {
        let encoded = event.encode().unwrap();
        assert_eq!((encoded.kind, encoded.version), (kind, 1));
        let read = E::decode(kind, 1, golden.as_bytes(), &[]).unwrap().unwrap();
        assert_eq!(&read, event);
        let sample: serde_json::Value = serde_json::from_str(golden).unwrap();
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&encoded.data).unwrap(), sample);
    }

    macro_rules! golden {
        ($event:expr, $kind:literal) => {
            matches(&$event, $kind, include_str!(concat!("../../../schema/events/agreements/", $kind, ".v1.json")))
        };
    }

    #[test]
    fn recorded_events_read_and_write_as_their_samples() {
        let published = sample::published();
        golden!(OfferEvent::Published(published.clone()), "offer_published");
        let offer = published.offer;
        let repriced = offer::Repriced { offer, price_version: 2, terms: sample::tiered_terms() };
        golden!(OfferEvent::Repriced(repriced), "offer_repriced");
        golden!(OfferEvent::Withdrawn(offer::Withdrawn { offer }), "offer_withdrawn");
        let accepted = sample::accepted();
        golden!(AgreementEvent::Accepted(accepted.clone()), "agreement_accepted");
        let ends_at = "2026-03-05T00:00:00Z".parse().unwrap();
        let cancelled = agreement::Cancelled { agreement: accepted.agreement, ends_at };
        golden!(AgreementEvent::Cancelled(cancelled), "agreement_cancelled");
        golden!(MarketEvent::Set(market::Set { terms: accepted.market }), "market_terms_set");
    }

    #[test]
    fn foreign_kinds_are_not_read_and_newer_versions_are_named() {
        assert!(OfferEvent::decode("agreement_accepted", 1, b"{}", &[]).is_none());
        let newer = OfferEvent::decode("offer_withdrawn", 2, b"{}", &[]);
        assert!(matches!(newer, Some(Err(DecodeError::Unknown { version: 2, .. }))));
    }

    #[test]
    fn a_share_above_the_whole_is_not_read() {
        let data = br#"{"terms":{"commission":10001,"tax":0}}"#;
        let read = MarketEvent::decode("market_terms_set", 1, data, &[]);
        assert!(matches!(read, Some(Err(DecodeError::Malformed { .. }))));
    }
}
