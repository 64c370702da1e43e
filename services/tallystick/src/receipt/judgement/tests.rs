use super::*;
use kernel::id::{AgreementId, InvocationId, ListingId, OrganizationId};
use kernel::meter::Quantity;
use metering::published::usage::{Basis, RecordKind, Split};
use serde_json::{Value, json};
use uuid::Uuid;

const STREAM: &str = "usage-node-7";
const AGREEMENT: AgreementId = AgreementId::new(Uuid::from_u128(5));
const OCTOBER: &str = "2026-10-01T00:00:00Z";
const NOVEMBER: &str = "2026-11-01T00:00:00Z";
const DECEMBER: &str = "2026-12-01T00:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn id(number: u64) -> InvocationId {
    InvocationId::new(Uuid::from_u128(u128::from(number)))
}

/// A record of `periods.0` on the invoice of `periods.1`.
fn record(sequence: u64, periods: (&str, &str), (free, value_added): (u64, u64), before: u64) -> Proven {
    let split = Split { free: Quantity(free), value_added: Quantity(value_added) };
    let line = UsageLine { meter: Meter::Character, split, basis: Basis::GatewayCounted, before: Quantity(before) };
    let record = UsageRecord {
        invocation: id(sequence),
        kind: RecordKind::Call,
        agreement: AGREEMENT,
        sequence,
        buyer: OrganizationId::new(Uuid::from_u128(1)),
        seller: OrganizationId::new(Uuid::from_u128(2)),
        capability: None,
        listing: ListingId::new(Uuid::nil()),
        principal: "key_1".into(),
        lines: vec![line],
        price_version: 3,
        admitted_at: at(periods.0),
        settled_at: at(periods.0),
        period_start: at(periods.0),
        billed_start: at(periods.1),
        key_hash: [0; 32],
        payload_hash: [0; 32],
    };
    Proven { stream: STREAM.to_owned(), record }
}

/// November's invoice, the calls that it lists, records of other invoices, and those invoices.
struct World {
    invoice: Value,
    calls: Vec<(String, Result<Proven, Failure>)>,
    neighbours: Vec<Proven>,
    earlier: Vec<Value>,
}

fn amount(amount: &str) -> Value {
    json!({"amount": amount, "currencyCode": "CNY"})
}

fn listed(proven: Proven) -> (String, Result<Proven, Failure>) {
    (proven.record.invocation.to_string(), Ok(proven))
}

/// An invoice of a period, and what it says was used within October.
fn earlier(id: &str, start: &str, value_added: &str) -> Value {
    let october = json!({"start": OCTOBER, "end": NOVEMBER});
    let line = json!({"servicePeriod": october, "meter": "CHARACTER", "valueAdded": value_added});
    let fee = json!({"servicePeriod": october, "meter": null, "valueAdded": null});
    json!({"id": id, "period": {"start": start, "end": DECEMBER}, "lines": [line, fee]})
}

/// Ten characters of November are free and four cost 0.505 each; three of October came late, after six of them, and at
/// less from the eighth on. Between those, October's and December's invoices have a record each.
fn world() -> World {
    let tier = |up_to, unit| json!({"upTo": up_to, "unit": unit, "flat": "0"});
    let tiers = [tier(Some("7"), "0.505"), tier(None, "0.25")];
    let prices =
        json!([{"meter": "CHARACTER", "model": "GRADUATED", "unit": null, "packageSize": null, "tiers": tiers}]);
    let (october, november) = (json!({"start": OCTOBER, "end": NOVEMBER}), json!({"start": NOVEMBER, "end": DECEMBER}));
    let invoice = json!({
        "state": "ISSUED", "calls": "4", "priceVersion": 3, "period": november,
        "ranges": [{"stream": STREAM, "first": "2", "last": "7"}],
        "agreement": {"id": AGREEMENT.to_string(), "terms": {"prices": prices}},
        "subtotal": amount("103.03"), "tax": amount("6.18"), "total": amount("109.21"),
        "lines": [
            {"number": 0, "kind": "USAGE", "meter": "CHARACTER", "servicePeriod": november, "free": "10",
                "valueAdded": "4", "exact": "2.02", "amount": amount("2.02")},
            {"number": 1, "kind": "FLAT_FEE", "meter": null, "servicePeriod": november, "free": null,
                "valueAdded": null, "exact": "100", "amount": amount("100.00")},
            {"number": 2, "kind": "CORRECTION", "meter": "CHARACTER", "servicePeriod": october, "free": "0",
                "valueAdded": "3", "exact": "1.005", "amount": amount("1.01")},
        ],
    });
    let calls = [
        record(2, (NOVEMBER, NOVEMBER), (10, 0), 0),
        record(3, (NOVEMBER, NOVEMBER), (0, 1), 0),
        record(5, (OCTOBER, NOVEMBER), (0, 3), 6),
        record(7, (NOVEMBER, NOVEMBER), (0, 3), 1),
    ];
    let neighbours = vec![record(4, (OCTOBER, OCTOBER), (0, 1), 5), record(6, (DECEMBER, DECEMBER), (1, 0), 0)];
    let earlier = vec![earlier("october", OCTOBER, "6"), earlier("december", DECEMBER, "4")];
    World { invoice, calls: calls.map(listed).to_vec(), neighbours, earlier }
}

impl World {
    fn verdict(self) -> Verdict {
        let invoice: Invoice = serde_json::from_value(self.invoice).unwrap();
        let mut judgement = Judgement::new(&invoice).unwrap();
        for (id, proven) in self.calls {
            judgement.take(&id, proven);
        }
        for proven in self.neighbours {
            judgement.take_neighbour(proven);
        }
        for earlier in self.earlier {
            judgement.take_earlier(&serde_json::from_value(earlier).unwrap());
        }
        judgement.verdict()
    }

    fn record(&mut self, index: usize) -> &mut UsageRecord {
        &mut self.calls[index].1.as_mut().unwrap().record
    }

    fn set(&mut self, pointer: &str, value: &str) {
        *self.invoice.pointer_mut(pointer).unwrap() = json!(value);
    }
}

#[test]
fn an_invoice_that_follows_from_its_receipts_is_found_good() {
    let verdict = world().verdict();
    assert_eq!((verdict.failed(), verdict.faults.len()), (0, 0), "{verdict:?}");
    let texts: Vec<_> = verdict.findings.iter().map(|finding| finding.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "4 receipts verify against the trusted keys",
            "count: 4 receipts for 4 calls on the invoice",
            "coverage: every sequence number of 1 ranges",
            "line 0: CHARACTER, 10 free, 4 value-added, 2.02 charged; the invoice says 10 free, 4 value-added, 2.02 \
             charged, rounded 2.02 CNY",
            "corrections: character, 0 free, 3 value-added after 6 on earlier invoices, 1.005 charged for the period from \
             2026-10-01T00:00:00Z; the invoice says 0 free, 3 value-added, 1.005 charged",
            "sum: 3 lines, 103.03 before tax, 6.18 of tax, 109.21 in total",
        ]
    );
    assert_eq!(verdict.unproven, ["line 1: a flat fee of 100.00 has no receipts"]);
}

const PROOF: &str = "receipts verify";
const COUNT: &str = "count:";
const COVERAGE: &str = "coverage:";
const LINE: &str = "line 0:";
const CORRECTIONS: &str = "corrections:";
const SUM: &str = "sum:";

/// Something that is wrong, and the checks that say so: these and no others.
type Wrong = (&'static str, fn(&mut World), &'static [&'static str]);

const WRONG_RECEIPTS: &[Wrong] = &[
    ("a receipt is missing", |world| _ = world.calls.remove(1), &[COUNT, COVERAGE, LINE]),
    ("the one of a late report is missing", |world| _ = world.calls.remove(2), &[COUNT, COVERAGE, CORRECTIONS]),
    ("a receipt comes twice", |world| world.calls.push(world.calls[1].clone()), &[PROOF]),
    ("a receipt proves nothing", |world| world.calls[1].1 = Err(Failure::KeyUnknown), &[PROOF, COUNT, COVERAGE, LINE]),
    ("a receipt is of another call", |world| world.calls[1].0 = id(9).to_string(), &[PROOF, COUNT, COVERAGE, LINE]),
    (
        "two calls have one sequence number",
        |world| {
            let mut again = record(3, (NOVEMBER, NOVEMBER), (0, 1), 0);
            again.record.invocation = id(9);
            world.calls.push(listed(again));
        },
        &[PROOF, COUNT],
    ),
    ("one is of another period", |world| world.record(1).billed_start = at(OCTOBER), &[PROOF, COVERAGE, LINE]),
    (
        "one is of another agreement",
        |world| world.record(1).agreement = AgreementId::new(Uuid::nil()),
        &[PROOF, COVERAGE, LINE],
    ),
    ("one is of another price version", |world| world.record(1).price_version = 2, &[PROOF, COVERAGE, LINE]),
    ("one has a unit more", |world| world.record(1).lines[0].split.value_added.0 += 1, &[LINE]),
    ("one has a free unit fewer", |world| world.record(0).lines[0].split.free.0 -= 1, &[LINE]),
    ("a unit is charged to two", |world| world.record(3).lines[0].before.0 -= 1, &[LINE]),
    ("a late one has a unit more", |world| world.record(2).lines[0].split.value_added.0 += 1, &[CORRECTIONS]),
    (
        "a unit is charged to two late ones",
        |world| {
            world.record(2).lines[0].split.value_added.0 -= 1;
            let late = record(8, (OCTOBER, NOVEMBER), (0, 1), 6);
            world.calls.push(listed(late));
            world.set("/calls", "5");
            world.set("/ranges/0/last", "8");
        },
        &[CORRECTIONS],
    ),
    (
        "one used a meter without a line",
        |world| world.record(0).lines[0].meter = Meter::Image,
        &[LINE, "image was used"],
    ),
    (
        "a call is listed too many",
        |world| world.calls.push(listed(record(8, (NOVEMBER, NOVEMBER), (0, 0), 4))),
        &[COUNT, COVERAGE],
    ),
    ("a neighbour is nowhere", |world| _ = world.neighbours.remove(0), &[COVERAGE]),
    (
        "a neighbour should be on the invoice",
        |world| world.neighbours[0] = record(4, (NOVEMBER, NOVEMBER), (0, 0), 4),
        &[COVERAGE],
    ),
    (
        "a neighbour is of another agreement",
        |world| world.neighbours[0].record.agreement = AgreementId::new(Uuid::nil()),
        &[COVERAGE],
    ),
    ("a neighbour is of another stream", |world| world.neighbours[0].stream = "usage-node-8".to_owned(), &[COVERAGE]),
];

const WRONG_INVOICES: &[Wrong] = &[
    ("a call more is counted", |world| world.set("/calls", "5"), &[COUNT]),
    ("a call fewer is counted", |world| world.set("/calls", "3"), &[COUNT]),
    ("a range begins too early", |world| world.set("/ranges/0/first", "1"), &[COVERAGE]),
    ("a range ends too late", |world| world.set("/ranges/0/last", "8"), &[COVERAGE]),
    (
        "a range is as wide as can be",
        |world| {
            world.set("/ranges/0/first", "0");
            world.set("/ranges/0/last", "18446744073709551615");
        },
        &[COVERAGE],
    ),
    (
        "a range ends with a record of another invoice",
        |world| {
            world.set("/ranges/0/last", "8");
            world.neighbours.push(record(8, (DECEMBER, DECEMBER), (1, 0), 0));
        },
        &[COVERAGE],
    ),
    ("a range is too narrow", |world| world.set("/ranges/0/last", "6"), &[COVERAGE]),
    ("a range is of another stream", |world| world.set("/ranges/0/stream", "usage-node-8"), &[COVERAGE]),
    ("a range ends before it begins", |world| world.set("/ranges/0/first", "8"), &[COVERAGE]),
    ("a range has no number", |world| world.set("/ranges/0/last", "many"), &[COVERAGE]),
    ("there is no range", |world| world.invoice["ranges"] = json!([]), &[COVERAGE]),
    ("a free unit more", |world| world.set("/lines/0/free", "11"), &[LINE]),
    ("a free unit fewer", |world| world.set("/lines/0/free", "9"), &[LINE]),
    ("a charged unit more", |world| world.set("/lines/0/valueAdded", "5"), &[LINE]),
    ("a charged unit fewer", |world| world.set("/lines/0/valueAdded", "3"), &[LINE]),
    ("units that are none", |world| world.invoice["lines"][0]["free"] = Value::Null, &[LINE]),
    ("a charge of a little more", |world| world.set("/lines/0/exact", "2.0200001"), &[LINE]),
    ("a cent more", |world| world.set("/lines/0/amount/amount", "2.03"), &[LINE, SUM]),
    ("a cent fewer", |world| world.set("/lines/0/amount/amount", "2.01"), &[LINE, SUM]),
    ("another currency", |world| world.set("/lines/0/amount/currencyCode", "USD"), &[SUM]),
    ("another meter", |world| world.set("/lines/0/meter", "IMAGE"), &[LINE, "character was used"]),
    (
        "a meter without records",
        |world| {
            let mut line = world.invoice["lines"][0].clone();
            line["meter"] = json!("IMAGE");
            line["exact"] = json!("0");
            line["amount"] = amount("0.00");
            world.invoice["lines"].as_array_mut().unwrap().push(line);
        },
        &["line 0: IMAGE"],
    ),
    (
        "no line for what was used",
        |world| _ = world.invoice["lines"].as_array_mut().unwrap().remove(0),
        &["character was used", SUM],
    ),
    ("a corrected unit more", |world| world.set("/lines/2/valueAdded", "4"), &[CORRECTIONS]),
    ("a corrected unit fewer", |world| world.set("/lines/2/valueAdded", "2"), &[CORRECTIONS]),
    ("a corrected free unit", |world| world.set("/lines/2/free", "1"), &[CORRECTIONS]),
    (
        "a correction of a cent more",
        |world| {
            world.set("/lines/2/exact", "1.015");
            world.set("/lines/2/amount/amount", "1.02");
        },
        &[CORRECTIONS, SUM],
    ),
    ("a correction rounded down", |world| world.set("/lines/2/amount/amount", "1.00"), &[CORRECTIONS, SUM]),
    (
        "a correction of another period",
        |world| world.set("/lines/2/servicePeriod/start", "2026-09-01T00:00:00Z"),
        &[CORRECTIONS, CORRECTIONS],
    ),
    ("a correction of another meter", |world| world.set("/lines/2/meter", "IMAGE"), &[CORRECTIONS, CORRECTIONS]),
    (
        "no correction for what came late",
        |world| _ = world.invoice["lines"].as_array_mut().unwrap().remove(2),
        &[CORRECTIONS, SUM],
    ),
    ("an earlier invoice is missing", |world| _ = world.earlier.remove(0), &[CORRECTIONS]),
    ("an earlier invoice has a unit more", |world| world.earlier[0] = earlier("o", OCTOBER, "7"), &[CORRECTIONS]),
    ("an earlier invoice has a unit fewer", |world| world.earlier[0] = earlier("o", OCTOBER, "5"), &[CORRECTIONS]),
    ("an earlier invoice tells no units", |world| world.earlier[0] = earlier("o", OCTOBER, "six"), &[CORRECTIONS]),
    ("a subtotal of a cent more", |world| world.set("/subtotal/amount", "103.04"), &[SUM]),
    ("a tax of a cent fewer", |world| world.set("/tax/amount", "6.17"), &[SUM]),
    ("a total of a cent more", |world| world.set("/total/amount", "109.22"), &[SUM]),
    ("a total that is no money", |world| world.set("/total/amount", "109.210"), &[SUM]),
    ("no total", |world| world.invoice["total"] = Value::Null, &[SUM]),
];

#[test]
fn whatever_is_wrong_fails_where_it_is_and_nowhere_else() {
    for (name, spoil, expected) in WRONG_RECEIPTS.iter().chain(WRONG_INVOICES) {
        let mut world = world();
        spoil(&mut world);
        let verdict = world.verdict();
        let failed: Vec<_> =
            verdict.findings.iter().filter(|finding| !finding.good).map(|finding| &finding.text).collect();
        let as_expected = failed.iter().zip(*expected).all(|(text, part)| text.contains(part));
        assert!(as_expected && failed.len() == expected.len(), "{name}: {failed:?}");
        assert_eq!(verdict.faults.len(), usize::from(expected.contains(&PROOF)), "{name}: {:?}", verdict.faults);
        assert_eq!(verdict.failed(), failed.len() + verdict.faults.len());
    }
}

/// A call under way when the period was closed takes its place in the tiers after a report that came late meanwhile.
#[test]
fn a_late_report_between_two_calls_leaves_room_in_the_tiers() {
    let mut world = world();
    world.record(3).lines[0].before.0 += 5;
    assert_eq!(world.verdict().failed(), 0);
}

/// A call under way when October was closed came to its end after the late report: it is on October's invoice, and so
/// before what came late, whatever the record of that could know.
#[test]
fn a_late_report_follows_all_that_earlier_invoices_charge() {
    let mut world = world();
    world.record(2).lines[0].before.0 = 5;
    world.neighbours[0].record.lines[0].before.0 = 8;
    assert_eq!(world.verdict().failed(), 0);
}

#[test]
fn an_earlier_invoice_counts_once_and_a_correction_on_it_counts() {
    let mut world = world();
    world.earlier = vec![earlier("october", OCTOBER, "4"), earlier("october", OCTOBER, "4")];
    world.earlier.push(earlier("half of october", "2026-10-15T00:00:00Z", "2"));
    assert_eq!(world.verdict().failed(), 0);
}

#[test]
fn what_is_missing_is_named() {
    let mut world = world();
    world.calls.truncate(1);
    world.neighbours.clear();
    world.set("/ranges/0/last", "18446744073709551615");
    let verdict = world.verdict();
    let coverage = &verdict.findings[2].text;
    assert!(
        coverage.ends_with("18446744073709551613 have no receipt: 3 to 18446744073709551615 of usage-node-7"),
        "{coverage}"
    );
}

#[test]
fn gaps_close_as_records_are_taken() {
    let World { invoice, calls, neighbours, .. } = world();
    let invoice: Invoice = serde_json::from_value(invoice).unwrap();
    let mut judgement = Judgement::new(&invoice).unwrap();
    let gap = |first, last| Stretch { stream: STREAM.to_owned(), first, last };
    assert_eq!(judgement.gaps(), [gap(2, 7)]);
    for (id, proven) in calls {
        judgement.take(&id, proven);
    }
    assert_eq!(judgement.gaps(), [gap(4, 4), gap(6, 6)]);
    for proven in neighbours {
        judgement.take_neighbour(proven);
    }
    assert_eq!(judgement.gaps(), []);
    assert_eq!(judgement.settled_at(), at(DECEMBER), "nothing was settled after the period");
}
