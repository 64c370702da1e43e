//! Which index a statement takes. SQLite decides by the tables and the text alone, so an empty file tells it.

use kernel::meter::Meter;
use settlement::published::ledger::Account;
use uuid::Uuid;

use super::market::{AGREEMENT, BUYER, SELLER};
use super::money::INVOICE;
use super::{Fixture, at};
use crate::billing::InvoiceFilter;
use crate::calls::{self, CallClass, CallFilter, CallsWithin};
use crate::log::{LogFilter, LogOrder};
use crate::overview::AGREEMENTS_IN_FORCE;
use crate::page::{Conditions, List};
use crate::settlement::EntryFilter;
use crate::store::Fault;
use crate::usage_feed::WINDOW;
use crate::usage_series::{UsageFilter, UsageOf};

/// The steps of a statement, a line each.
fn plan(fixture: &Fixture, text: &str) -> String {
    let steps = fixture.views.read(|connection| {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}"))?;
        let steps: Result<Vec<String>, _> = statement.raw_query().mapped(|row| row.get("detail")).collect();
        Ok::<_, Fault>(steps?)
    });
    steps.unwrap().join("\n")
}

/// Its pages and its count read the table of a list by this step alone, and sort nothing.
fn assert_taken<T>(fixture: &Fixture, list: &List<T>, step: &str) {
    for text in [list.total_sql(), list.sql(false), list.sql(true)] {
        let plan = plan(fixture, &text);
        let of_table = plan.lines().filter(|line| line.contains(&format!(" {} ", list.from)));
        let of_table: Vec<&str> = of_table.collect();
        assert!(matches!(of_table[..], [only] if only.contains(step)), "{text}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{text}\n{plan}");
    }
}

#[test]
fn events_are_found_by_the_most_selective_filter() {
    let fixture = Fixture::empty();
    let text = |text: &str| Some(text.to_owned());
    let (correlation, stream, category) = (Some(Uuid::from_u128(5)), text("agreement-1"), text("agreement"));
    let (kind, actor) = (text("accepted"), text("mem_1"));
    let all = LogFilter { kind, actor, ..LogFilter::default() };
    let by = [
        ("log_event_correlation (correlation=?", LogFilter { correlation, stream: stream.clone(), ..all.clone() }),
        ("log_event_stream (stream=?", LogFilter { stream: stream.clone(), ..all.clone() }),
        ("log_event_actor (actor=?", LogFilter { stream: category.clone(), ..all.clone() }),
        ("log_event_kind (kind=?", LogFilter { stream: category, actor: None, ..all.clone() }),
        ("log_event_kind (kind=?", LogFilter { actor: None, ..all.clone() }),
        ("log_event_stream (stream=?", LogFilter { stream, actor: None, ..all.clone() }),
        ("log_event_correlation (correlation=?", LogFilter { correlation, actor: None, ..all }),
    ];
    for (index, filter) in by {
        for (from, until) in [(None, None), (Some(at(0)), None), (Some(at(0)), Some(at(1)))] {
            let filter = LogFilter { from, until, ..filter.clone() };
            for order in [LogOrder::Newest, LogOrder::Oldest] {
                assert_taken(&fixture, &filter.list(order).unwrap(), index);
            }
        }
    }
}

#[test]
fn invoices_of_an_agreement_are_found_by_it() {
    let fixture = Fixture::empty();
    let (buyer, seller, agreement) = (Some(BUYER), Some(SELLER), Some(AGREEMENT));
    let all = InvoiceFilter { from: Some(at(0)), until: Some(at(1)), ..InvoiceFilter::default() };
    let by = [
        ("invoice_agreement (agreement=?", InvoiceFilter { buyer, agreement, ..all.clone() }),
        ("invoice_agreement (agreement=?", InvoiceFilter { seller, agreement, ..all.clone() }),
        ("invoice_agreement (agreement=?", InvoiceFilter { buyer, seller, agreement, ..all.clone() }),
        ("invoice_buyer (buyer=?", InvoiceFilter { buyer, ..all.clone() }),
        ("invoice_seller (seller=?", InvoiceFilter { seller, ..all }),
    ];
    for (index, filter) in by {
        assert_taken(&fixture, &filter.list().unwrap(), index);
    }
}

#[test]
fn entries_of_an_invoice_are_found_by_it_and_their_postings_by_entry() {
    let fixture = Fixture::empty();
    let (account, organization, invoice) = (Some(Account::Cash), Some(BUYER), Some(INVOICE));
    let by = [
        EntryFilter { organization, invoice, ..EntryFilter::default() },
        EntryFilter { account, invoice, ..EntryFilter::default() },
        EntryFilter { account, organization, invoice },
    ];
    for filter in by {
        let list = filter.list().unwrap();
        assert_taken(&fixture, &list, "ledger_entry_invoice (invoice=?");
        for text in [list.total_sql(), list.sql(false), list.sql(true)] {
            let plan = plan(&fixture, &text);
            let mut postings = plan.lines().filter(|line| line.contains(" posting "));
            assert!(postings.all(|line| line.contains("entry=?")), "{text}\n{plan}");
        }
    }
}

#[test]
fn a_step_back_over_calls_looks_at_each_origin_once_and_sorts_nothing() {
    let fixture = Fixture::empty();
    let within = CallsWithin::Span { from: Some(at(0)), until: None };
    for meter in [None, Some(Meter::Character)] {
        let usage = UsageFilter { meter, ..UsageFilter::default() };
        let filter = CallFilter { of: UsageOf::Buyer(BUYER), usage, class: Some(CallClass::Free), within };
        let table = if meter.is_none() { "calls_hour" } else { "usage_hour" };
        let hours = format!("SEARCH {table} USING PRIMARY KEY (origin=? AND hour>? AND hour<?)");
        let among = Conditions::default().and_if(calls::AMONG, Some("[]")).unwrap();
        let sums = filter.sums_until(0).unwrap();
        let first = calls::newest_hours_sql(&filter, &sums, &filter.usage.origins(filter.of).unwrap());
        let next = calls::newest_hours_sql(&filter, &sums, &among);
        for (text, origins) in [(first, "usage_origin_buyer (buyer=?)"), (next, "INTEGER PRIMARY KEY (rowid=?)")] {
            let plan = plan(&fixture, &text);
            assert!(plan.contains(&hours) && plan.contains(origins) && !plan.contains("TEMP B-TREE"), "{plan}");
        }
        let batches = plan(&fixture, &calls::batches_sql(&filter));
        let whole = "SEARCH usage_batch USING PRIMARY KEY (origin=? AND hour=? AND position>? AND position<?)";
        assert_eq!(batches, whole);
    }
}

#[test]
fn how_far_to_read_and_how_many_agreements_are_in_force_is_told_by_an_index_alone() {
    let fixture = Fixture::empty();
    let window = "SEARCH usage_batch USING COVERING INDEX usage_batch_position (position>? AND position<?)";
    assert_eq!(plan(&fixture, WINDOW), window);
    let in_force = "SEARCH agreement USING COVERING INDEX agreement_in_force (ends_at=?)";
    assert_eq!(plan(&fixture, AGREEMENTS_IN_FORCE), in_force);
}
