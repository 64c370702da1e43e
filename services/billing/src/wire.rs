//! The serialised form of invoices: JSON, all at version 1.

use crate::published::invoice::Event;

kernel::json_wire!(Event {
    Drafted => "invoice_drafted",
    Issued => "invoice_issued",
    Paid => "invoice_paid",
    Voided => "invoice_voided",
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use kernel::wire::Wire;

    fn matches(event: &Event, kind: &str, golden: &str) {
        let encoded = event.encode().unwrap();
        assert_eq!((encoded.kind, encoded.version), (kind, 1));
        let read = Event::decode(kind, 1, golden.as_bytes(), &[]).unwrap().unwrap();
        assert_eq!(&read, event);
        let sample: serde_json::Value = serde_json::from_str(golden).unwrap();
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&encoded.data).unwrap(), sample);
    }

    macro_rules! golden {
        ($event:expr, $kind:literal) => {
            matches(&$event, $kind, include_str!(concat!("../../../schema/events/billing/", $kind, ".v1.json")))
        };
    }

    #[test]
    fn recorded_events_read_and_write_as_their_samples() {
        golden!(Event::Drafted(sample::drafted()), "invoice_drafted");
        golden!(Event::Issued(sample::issued()), "invoice_issued");
        golden!(Event::Paid(sample::paid()), "invoice_paid");
        golden!(Event::Voided(sample::voided()), "invoice_voided");
    }
}
