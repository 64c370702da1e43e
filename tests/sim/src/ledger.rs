//! What must hold of bookings: postings sum to zero, each invoice is booked once, and what a buyer is charged is what
//! provider, platform and tax office get.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::event::StreamName;
use kernel::id::{InvoiceId, StatementId};
use settlement::published::ledger::{Account, Month, Posted, Reason};
use settlement::published::statement::{Event as StatementEvent, LineAdded, LineKind};

use crate::audit::{Invoice, ensure};

/// Everything booked so far.
#[derive(Default)]
pub(crate) struct Bookings {
    entries: HashMap<(InvoiceId, &'static str), Posted>,
    lines: HashMap<(InvoiceId, LineKind), LineAdded>,
    open: BTreeMap<StatementId, [i64; 3]>,
    issued: HashSet<StatementId>,
}

type Invoices = BTreeMap<InvoiceId, Invoice>;

impl Bookings {
    pub(crate) fn post(&mut self, stream: &StreamName, posted: Posted, invoices: &Invoices) -> Result<(), String> {
        let sum: i64 = posted.postings.iter().map(|posting| posting.amount.minor).sum();
        ensure(sum == 0, || format!("postings sum to {sum}"))?;
        ensure(posted.postings.len() >= 2, || "an entry with one side".to_owned())?;
        ensure(*stream == StreamName::of(&Month::of(posted.at)), || "an entry in another month".to_owned())?;
        let issued = &invoices.get(&posted.invoice).ok_or("an entry without an invoice")?.issued;
        let receivable: i64 = amounts(&posted, |account| matches!(account, Account::BuyerReceivable(_)));
        let owed = match posted.reason {
            Reason::InvoiceIssued => issued.total.minor,
            Reason::InvoicePaid | Reason::InvoiceVoided => issued.total.minor.saturating_neg(),
        };
        ensure(receivable == owed, || format!("the buyer's side is {receivable}, not {owed}"))?;
        let before = self.entries.insert((posted.invoice, posted.reason.name()), posted);
        ensure(before.is_none(), || "an entry posted twice".to_owned())
    }

    pub(crate) fn state(&mut self, event: StatementEvent, invoices: &Invoices) -> Result<(), String> {
        match event {
            StatementEvent::Opened(opened) => {
                let before = self.open.insert(opened.statement, [0; 3]);
                ensure(before.is_none(), || "a statement opened twice".to_owned())
            }
            StatementEvent::LineAdded(line) => self.add(line, invoices),
            StatementEvent::Issued(issued) => {
                let sums = self.open.get(&issued.statement).ok_or("a statement issued and never opened")?;
                let told = [issued.gross.minor, issued.commission.minor, issued.share.minor];
                ensure(told == *sums, || format!("a statement over {told:?} with lines over {sums:?}"))?;
                ensure(self.issued.insert(issued.statement), || "a statement issued twice".to_owned())
            }
        }
    }

    fn add(&mut self, line: LineAdded, invoices: &Invoices) -> Result<(), String> {
        let issued = &invoices.get(&line.invoice).ok_or("a line without an invoice")?.issued;
        ensure(!self.issued.contains(&line.statement), || "a line on an issued statement".to_owned())?;
        let sign = if line.kind == LineKind::Sale { 1 } else { -1 };
        let charged = line.share.minor + line.commission.minor + sign * issued.tax.minor;
        ensure(charged == sign * issued.total.minor, || "share, commission and tax are not the charge".to_owned())?;
        let sums = self.open.get_mut(&line.statement).ok_or("a line on a statement that is not open")?;
        let amounts = [line.gross.minor, line.commission.minor, line.share.minor];
        sums.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum += amount);
        let before = self.lines.insert((line.invoice, line.kind), line);
        ensure(before.is_none(), || "a line added twice".to_owned())
    }

    /// Statements with lines that have not been issued.
    pub(crate) fn open(&self) -> Vec<StatementId> {
        self.open.keys().filter(|statement| !self.issued.contains(statement)).copied().collect()
    }

    /// Once the policy has caught up: every invoice is booked as it stands, and statements owe what the ledger does.
    pub(crate) fn complete(&self, invoices: &Invoices) -> Result<(), String> {
        for (id, invoice) in invoices.iter().filter(|(_, invoice)| !invoice.issued.total.is_zero()) {
            let booked = |reason: Reason| self.entries.contains_key(&(*id, reason.name()));
            ensure(booked(Reason::InvoiceIssued), || format!("{id} is issued and not booked"))?;
            ensure(booked(Reason::InvoicePaid) == invoice.is_paid, || format!("{id}: the payment is not booked"))?;
            ensure(booked(Reason::InvoiceVoided) == invoice.is_void, || format!("{id}: the void is not booked"))?;
            ensure(self.lines.contains_key(&(*id, LineKind::Sale)), || format!("{id} stands on no statement"))?;
            let reversed = self.lines.contains_key(&(*id, LineKind::Reversal));
            ensure(reversed == invoice.is_void, || format!("{id} is not taken back from its statement"))?;
        }
        let payable = self.entries.values();
        let payable: i64 = payable.map(|entry| amounts(entry, |a| matches!(a, Account::ProviderPayable(_)))).sum();
        let stated: i64 = self.lines.values().map(|line| line.share.minor).sum();
        ensure(payable.saturating_neg() == stated, || format!("{stated} are stated where {payable} are owed"))
    }
}

fn amounts(posted: &Posted, of: impl Fn(&Account) -> bool) -> i64 {
    posted.postings.iter().filter(|posting| of(&posting.account)).map(|posting| posting.amount.minor).sum()
}
