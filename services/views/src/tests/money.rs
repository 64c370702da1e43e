use billing::published::invoice::{Charges, Drafted, Event as InvoiceEvent, Issued, Line, LineItem, Paid, Voided};
use eventlog::project::ProjectError;
use kernel::event::StreamName;
use kernel::id::{EntryId, InvoiceId, StatementId};
use kernel::meter::Meter;
use kernel::money::{Currency, Money};
use metering::published::usage::Split;
use settlement::published::ledger::{Account, Event as LedgerEvent, Posted, Posting, Reason};
use settlement::published::statement::{self, Event as StatementEvent, LineAdded, LineKind, Opened};
use uuid::Uuid;

use super::market::{
    AGREEMENT, BUYER, OPERATOR, PROVIDER, SEGMENTER, SELLER, accepted, batch, call, market, may, stream,
};
use super::{Fixture, Log, at, first, rows};
use crate::billing::{InvoiceFilter, InvoiceState};
use crate::settlement::{EntryFilter, StatementFilter};

pub(crate) const INVOICE: InvoiceId = InvoiceId::new(Uuid::from_u128(80));
const ENTRY: EntryId = EntryId::new(Uuid::from_u128(81));
const STATEMENT: StatementId = StatementId::new(Uuid::from_u128(82));

fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

fn drafted() -> Drafted {
    Drafted {
        invoice: INVOICE,
        agreement: AGREEMENT,
        buyer: BUYER,
        seller: SELLER,
        provider: PROVIDER,
        listing: SEGMENTER,
        period: may(),
        charges: Charges::All,
    }
}

fn issued(total: i64) -> Issued {
    let item = LineItem::Usage { meter: Meter::Character, split: Split::default(), tiers: vec![] };
    Issued {
        invoice: INVOICE,
        agreement: AGREEMENT,
        buyer: BUYER,
        seller: SELLER,
        provider: PROVIDER,
        period: may(),
        issued_at: at(0),
        due_at: at(100),
        price_version: 1,
        market: accepted(AGREEMENT).market,
        lines: vec![Line { number: 0, item, exact: "100/1".to_owned(), amount: yuan(10_000), tax: yuan(600) }],
        subtotal: yuan(10_000),
        tax: yuan(600),
        total: yuan(total),
        ranges: vec![],
        calls: 3,
    }
}

fn bill(log: &mut Log, event: &InvoiceEvent) {
    log.add(&StreamName::of(&INVOICE), event);
}

fn post(log: &mut Log, amounts: [i64; 4]) {
    let accounts = [
        Account::BuyerReceivable(BUYER),
        Account::ProviderPayable(SELLER),
        Account::CommissionRevenue,
        Account::TaxPayable,
    ];
    let postings = accounts.into_iter().zip(amounts);
    let postings = postings.map(|(account, minor)| Posting { account, amount: yuan(minor) }).collect();
    let posted = Posted { entry: ENTRY, reason: Reason::InvoiceIssued, invoice: INVOICE, at: at(0), postings };
    log.add(&StreamName::new("ledger", "2026-05").unwrap(), &LedgerEvent::Posted(posted));
}

fn state(event: &StatementEvent, log: &mut Log) {
    log.add(&StreamName::of(&STATEMENT), event);
}

/// Opened, one line, not issued.
fn stated(log: &mut Log) {
    let opened = Opened { statement: STATEMENT, seller: SELLER, period: may(), currency: Currency::Cny };
    state(&StatementEvent::Opened(opened), log);
    let line = LineAdded {
        statement: STATEMENT,
        invoice: INVOICE,
        kind: LineKind::Sale,
        gross: yuan(10_000),
        commission: yuan(1_000),
        share: yuan(9_000),
        service: may(),
    };
    state(&StatementEvent::LineAdded(line), log);
}

fn issue_statement(log: &mut Log, share: i64) {
    let issued = statement::Issued {
        statement: STATEMENT,
        gross: yuan(10_000),
        commission: yuan(1_000),
        share: yuan(share),
        issued_at: at(5),
    };
    state(&StatementEvent::Issued(issued), log);
}

/// The whole way from usage to a statement.
pub(crate) fn settled() -> Log {
    let mut log = market();
    log.add(&stream(), &batch(vec![call(1, 0, 10)]));
    bill(&mut log, &InvoiceEvent::Drafted(drafted()));
    bill(&mut log, &InvoiceEvent::Issued(issued(10_600)));
    post(&mut log, [10_600, -9_000, -1_000, -600]);
    stated(&mut log);
    issue_statement(&mut log, 9_000);
    log
}

#[test]
fn a_draft_closes_the_period_and_waits_to_be_rated() {
    let mut log = market();
    log.add(&stream(), &batch(vec![call(1, 0, 10)]));
    bill(&mut log, &InvoiceEvent::Drafted(drafted()));
    let mut fixture = Fixture::of(&log);
    assert_eq!(fixture.views.drafts().unwrap(), [drafted()]);
    assert_eq!(fixture.views.agreement(AGREEMENT).unwrap().unwrap().closed_until, Some(may().end));
    assert_eq!(fixture.views.open_periods().unwrap(), []);
    bill(&mut log, &InvoiceEvent::Issued(issued(10_600)));
    fixture.apply(&log).unwrap();
    assert_eq!(fixture.views.drafts().unwrap(), []);
}

#[test]
fn an_invoice_goes_through_its_states() {
    let mut log = settled();
    let paid = Paid { invoice: INVOICE, buyer: BUYER, amount: yuan(10_600), reference: "r".into(), paid_at: at(9) };
    bill(&mut log, &InvoiceEvent::Paid(paid.clone()));
    let mut fixture = Fixture::of(&log);
    let invoice = fixture.views.invoice(INVOICE).unwrap().unwrap();
    assert_eq!((invoice.state, invoice.issued, invoice.paid), (InvoiceState::Paid, Some(issued(10_600)), Some(paid)));
    assert_eq!(fixture.views.invoice_lines(INVOICE).unwrap(), issued(10_600).lines);
    bill(&mut log, &InvoiceEvent::Voided(Voided { invoice: INVOICE, reason: "test".into(), voided_at: at(10) }));
    fixture.apply(&log).unwrap();
    assert_eq!(fixture.views.invoice(INVOICE).unwrap().unwrap().state, InvoiceState::Void);
}

#[test]
fn invoices_are_filtered_by_party_state_and_agreement() {
    let fixture = Fixture::of(&settled());
    let views = &fixture.views;
    let all = InvoiceFilter::default();
    let count = |filter: InvoiceFilter| views.invoices(&filter, &first(5)).unwrap().total;
    assert_eq!(count(InvoiceFilter { buyer: Some(BUYER), ..all.clone() }), 1);
    assert_eq!(count(InvoiceFilter { buyer: Some(SELLER), ..all.clone() }), 0);
    assert_eq!(count(InvoiceFilter { seller: Some(SELLER), agreement: Some(AGREEMENT), ..all.clone() }), 1);
    assert_eq!(count(InvoiceFilter { state: Some(InvoiceState::Draft), ..all.clone() }), 0);
    assert_eq!(count(InvoiceFilter { from: Some(may().start), until: Some(may().end), ..all.clone() }), 1);
    assert_eq!(count(InvoiceFilter { from: Some(may().end), ..all.clone() }), 0);
    assert_eq!(count(InvoiceFilter { until: Some(may().start), ..all }), 0);
}

#[test]
fn balances_are_the_sums_of_postings() {
    let fixture = Fixture::of(&settled());
    let views = &fixture.views;
    let balances = views.balances_of(SELLER).unwrap();
    assert_eq!(
        balances.iter().map(|row| (row.account, row.amount)).collect::<Vec<_>>(),
        [(Account::ProviderPayable(SELLER), yuan(-9_000))]
    );
    let own: i64 = views.platform_balances().unwrap().iter().map(|row| row.amount.minor).sum();
    assert_eq!(own, -1_600);
    assert_eq!(views.postings(ENTRY).unwrap().len(), 4);
}

#[test]
fn entries_are_filtered_by_account_organization_and_invoice() {
    let fixture = Fixture::of(&settled());
    let views = &fixture.views;
    let count = |filter: EntryFilter| views.ledger_entries(&filter, &first(5)).unwrap().total;
    let about = |invoice, filter| count(EntryFilter { invoice: Some(invoice), ..filter });
    let on = |account| EntryFilter { account: Some(account), ..EntryFilter::default() };
    let of = |organization| EntryFilter { organization: Some(organization), ..EntryFilter::default() };
    assert_eq!((count(on(Account::TaxPayable)), count(on(Account::Cash))), (1, 0));
    let other = InvoiceId::new(Uuid::from_u128(83));
    assert_eq!((about(INVOICE, of(BUYER)), about(INVOICE, of(OPERATOR)), about(other, of(BUYER))), (1, 0, 0));
    assert_eq!((about(INVOICE, on(Account::TaxPayable)), about(INVOICE, on(Account::Cash))), (1, 0));
    assert_eq!(views.ledger_entry(ENTRY).unwrap().unwrap().reason, Reason::InvoiceIssued);
}

#[test]
fn a_statement_sums_its_lines() {
    let fixture = Fixture::of(&settled());
    let views = &fixture.views;
    let statement = views.statement(STATEMENT).unwrap().unwrap();
    assert_eq!((statement.gross, statement.commission, statement.share), (yuan(10_000), yuan(1_000), yuan(9_000)));
    assert_eq!((statement.line_count, statement.issued_at), (1, Some(at(5))));
    let of = StatementFilter { seller: Some(SELLER), issued: Some(true) };
    assert_eq!(rows(views.statements(&of, &first(5)).unwrap()), [statement]);
    for none in [StatementFilter { issued: Some(false), ..of.clone() }, StatementFilter { seller: Some(BUYER), ..of }] {
        assert_eq!(views.statements(&none, &first(5)).unwrap().total, 0);
    }
    assert_eq!(rows(views.statement_lines(STATEMENT, &first(5)).unwrap())[0].share, yuan(9_000));
    assert_eq!(views.open_statements().unwrap(), []);
}

#[test]
fn amounts_that_do_not_add_up_are_poison() {
    let wrong: [fn(&mut Log); 3] = [
        |log| {
            bill(log, &InvoiceEvent::Drafted(drafted()));
            bill(log, &InvoiceEvent::Issued(issued(10_601)));
        },
        |log| post(log, [10_600, -9_000, -1_000, -599]),
        |log| {
            stated(log);
            issue_statement(log, 9_001);
        },
    ];
    for spoil in wrong {
        let mut log = market();
        spoil(&mut log);
        let error = Fixture::empty().apply(&log).unwrap_err();
        assert!(matches!(error, ProjectError::Poison { position, .. } if position == log.head()), "{error:?}");
    }
}
