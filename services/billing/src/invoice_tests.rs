//! The rules of an invoice: each command in each phase.

use super::*;
use crate::sample::{self, at, cny};
use kernel::id::AgreementId;
use kernel::meter::Meter;
use kernel::testing::{Given, given};
use uuid::Uuid;

fn drafted() -> Event {
    Event::Drafted(sample::drafted())
}

fn issued() -> Event {
    Event::Issued(sample::issued())
}

fn paid() -> Event {
    Event::Paid(sample::paid())
}

fn voided() -> Event {
    Event::Voided(sample::voided())
}

fn draft(period: Period) -> Command {
    Command::Draft { accepted: Box::new(sample::accepted()), period, ends_at: None }
}

fn issue() -> Command {
    Command::Issue { accepted: Box::new(sample::accepted()), usage: sample::usage() }
}

fn pay(minor: i64) -> Command {
    Command::Pay { reference: "wire 42".to_owned(), amount: cny(minor) }
}

fn void(reason: &str) -> Command {
    Command::Void { reason: reason.to_owned() }
}

fn past(events: &[Event], now: &str) -> Given<Invoice> {
    given(events).at(at(now))
}

const LATER: &str = "2026-06-01T00:00:00Z";

#[test]
fn drafting_closes_a_period_that_is_over() {
    past(&[], "2026-02-27T16:00:00Z").when(draft(sample::period())).then(&[drafted()]);
    past(&[], "2026-02-27T15:59:59Z").when(draft(sample::period())).rejected("INVOICE_PERIOD_NOT_OVER");
}

#[test]
fn a_period_closes_once() {
    let shorter = Period { end: at("2026-02-10T00:00:00Z"), ..sample::period() };
    for stream in [vec![drafted()], vec![drafted(), issued()], vec![drafted(), issued(), paid()]] {
        past(&stream, LATER).when(draft(sample::period())).then(&[]);
        past(&stream, LATER).when(draft(shorter)).rejected("INVOICE_PERIOD_ALREADY_CLOSED");
    }
}

#[test]
fn a_period_lies_within_one_period_of_the_agreement() {
    let period = sample::period();
    let spanning = Period { end: at("2026-02-27T16:00:01Z"), ..period };
    let before = Period { start: at("2026-01-30T15:59:59Z"), ..period };
    let empty = Period { end: period.start, ..period };
    for outside in [spanning, before, empty] {
        past(&[], LATER).when(draft(outside)).rejected("INVOICE_PERIOD_OUTSIDE_CALENDAR");
    }
}

#[test]
fn issuing_rates_the_usage_and_makes_the_total_owed() {
    past(&[drafted()], "2026-02-28T00:00:00Z").when(issue()).then(&[issued()]);
}

#[test]
fn issuing_again_changes_nothing() {
    for end in [vec![], vec![paid()], vec![voided()]] {
        past(&[vec![drafted(), issued()], end].concat(), LATER).when(issue()).then(&[]);
    }
}

#[test]
fn an_open_period_cannot_be_issued() {
    past(&[], LATER).when(issue()).rejected("INVOICE_NOT_DRAFTED");
}

#[test]
fn an_invoice_is_rated_by_its_own_agreement() {
    let other = Accepted { agreement: AgreementId::new(Uuid::from_u128(99)), ..sample::accepted() };
    let command = Command::Issue { accepted: Box::new(other), usage: sample::usage() };
    past(&[drafted()], LATER).when(command).rejected("INVOICE_AGREEMENT_MISMATCH");
}

#[test]
fn usage_that_contradicts_the_terms_is_not_billed() {
    let usage = PeriodUsage { meters: vec![sample::used((Meter::Byte, 1, 1))], ..sample::usage() };
    let command = Command::Issue { accepted: Box::new(sample::accepted()), usage };
    past(&[drafted()], LATER).when(command).rejected("INVOICE_METER_UNCOVERED");
}

#[test]
fn an_invoice_that_does_not_agree_with_itself_has_a_code_of_its_own() {
    let code = kernel::error::Rejection::code(&Rejection::from(Discrepancy::Total));
    assert_eq!(code.0, "INVOICE_INCONSISTENT");
}

#[test]
fn an_invoice_over_nothing_is_settled_when_issued() {
    let mut accepted = sample::accepted();
    accepted.terms.flat_fee = None;
    let usage = PeriodUsage { meters: vec![sample::used((Meter::Request, 10, 0))], ..sample::usage() };
    let command = Command::Issue { accepted: Box::new(accepted), usage };
    let context = Context { now: at("2026-02-28T00:00:00Z") };
    let events = Invoice::decide(&Invoice::fold(&[drafted()]), command, &context).unwrap();
    let [Event::Issued(issued), Event::Paid(paid)] = events.as_slice() else { panic!("issued and paid: {events:?}") };
    assert_eq!((issued.total, issued.lines.len()), (cny(0), 1));
    assert_eq!((paid.amount, paid.reference.as_str()), (cny(0), "zero total"));
}

#[test]
fn only_the_whole_amount_of_an_issued_invoice_can_be_paid() {
    let stream = [drafted(), issued()];
    past(&stream, "2026-03-01T00:00:00Z").when(pay(1_579)).then(&[paid()]);
    past(&stream, LATER).when(pay(1_578)).rejected("INVOICE_AMOUNT_MISMATCH");
    past(&[drafted()], LATER).when(pay(1_579)).rejected("INVOICE_NOT_ISSUED");
    past(&[], LATER).when(pay(1_579)).rejected("INVOICE_NOT_ISSUED");
}

#[test]
fn a_paid_invoice_cannot_be_paid_or_voided() {
    let stream = [drafted(), issued(), paid()];
    past(&stream, LATER).when(pay(1_579)).rejected("INVOICE_ALREADY_PAID");
    past(&stream, LATER).when(void("mistake")).rejected("INVOICE_ALREADY_PAID");
}

#[test]
fn a_void_invoice_cannot_be_paid() {
    past(&[drafted(), issued(), voided()], LATER).when(pay(1_579)).rejected("INVOICE_VOID");
}

#[test]
fn an_issued_invoice_can_be_voided_once() {
    let stream = [drafted(), issued()];
    past(&stream, "2026-03-02T00:00:00Z").when(void("billed to the wrong party")).then(&[voided()]);
    past(&[drafted(), issued(), voided()], LATER).when(void("again")).then(&[]);
    past(&[drafted()], LATER).when(void("mistake")).rejected("INVOICE_NOT_ISSUED");
}

#[test]
fn references_and_reasons_are_needed_and_bounded() {
    let stream = [drafted(), issued()];
    let nameless = Command::Pay { reference: " ".to_owned(), amount: cny(1_579) };
    past(&stream, LATER).when(nameless).rejected("INVOICE_REFERENCE_INVALID");
    past(&stream, LATER).when(void(&"x".repeat(501))).rejected("INVOICE_REASON_INVALID");
}
