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
    use crate::published::invoice::{Charges, Drafted, Issued, LineItem};
    use crate::{lines, sample, verify};
    use kernel::meter::{Meter, Quantity};
    use kernel::period::Period;
    use kernel::wire::Wire;
    use metering::published::usage::{CorrectedUsage, Correction, PeriodUsage, Split};

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

    /// As the sample, with five pages that came late of the period before.
    fn corrected() -> Issued {
        let service = Period { start: sample::at("2025-12-30T16:00:00Z"), end: sample::period().start };
        let split = Split { free: Quantity(0), value_added: Quantity(5) };
        let meters = vec![CorrectedUsage { meter: Meter::Page, split, before: Quantity(8) }];
        let usage = PeriodUsage { corrections: vec![Correction { service, meters }], ..sample::usage() };
        let lines::Amounts { lines, subtotal, tax, total } =
            lines::rate(&sample::accepted(), sample::period(), Charges::All, &usage).unwrap();
        Issued { lines, subtotal, tax, total, ..sample::issued() }
    }

    #[test]
    fn a_corrected_invoice_reads_and_writes_as_its_sample_and_agrees_with_itself() {
        let golden = include_str!("../../../schema/events/billing/invoice_issued.v1.correction.json");
        matches(&Event::Issued(corrected()), "invoice_issued", golden);
        assert_eq!(verify::verify(&corrected()), Ok(()));
        let mut tampered = corrected();
        let LineItem::Correction { billed, .. } = &mut tampered.lines[2].item else { panic!("the correction is last") };
        billed.clear();
        assert_eq!(verify::verify(&tampered), Err(verify::Discrepancy::LineArithmetic(2)));
    }

    #[test]
    fn a_draft_of_an_agreement_that_had_ended_reads_and_writes_as_its_sample() {
        let drafted = Drafted { charges: Charges::UsageAlone, ..sample::drafted() };
        let golden = include_str!("../../../schema/events/billing/invoice_drafted.v1.usage_alone.json");
        matches(&Event::Drafted(drafted), "invoice_drafted", golden);
    }

    #[test]
    fn recorded_events_read_and_write_as_their_samples() {
        golden!(Event::Drafted(sample::drafted()), "invoice_drafted");
        golden!(Event::Issued(sample::issued()), "invoice_issued");
        golden!(Event::Paid(sample::paid()), "invoice_paid");
        golden!(Event::Voided(sample::voided()), "invoice_voided");
    }
}
