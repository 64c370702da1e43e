//! The serialised form of the ledger and of statements: JSON, all at version 1.

use crate::published::{ledger, statement};

type LedgerEvent = ledger::Event;
type StatementEvent = statement::Event;

kernel::json_wire!(LedgerEvent {
    Posted => "entry_posted",
});

kernel::json_wire!(StatementEvent {
    Opened => "statement_opened",
    LineAdded => "statement_line_added",
    Issued => "statement_issued",
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use kernel::wire::Wire;
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
            matches(&$event, $kind, include_str!(concat!("../../../schema/events/settlement/", $kind, ".v1.json")))
        };
    }

    #[test]
    fn recorded_events_read_and_write_as_their_samples() {
        golden!(LedgerEvent::Posted(sample::posted()), "entry_posted");
        golden!(StatementEvent::Opened(sample::opened()), "statement_opened");
        golden!(StatementEvent::LineAdded(sample::line_added()), "statement_line_added");
        golden!(StatementEvent::Issued(sample::statement_issued()), "statement_issued");
    }
}
