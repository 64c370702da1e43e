//! Twins: the same core with one rule broken. A simulator that lets one of them pass could not find anything.

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    /// The node believes every allowance to have one unit more.
    AllowanceOffByOne,
    /// What a key was billed for is forgotten with the node.
    KeysForgotten,
    /// What was used before the node started is not counted.
    UsageForgotten,
    /// The log answers before it has written.
    AnsweredEarly,
    /// Voided invoices are not booked.
    VoidNotBooked,
    /// A node that starts takes the next epoch and does not end those before it.
    PredecessorNotSealed,
    /// What was reported late of a closed period is not counted when more comes.
    LateForgotten,
    /// The listing that a report names is not looked at.
    ListingUnchecked,
    /// The index of keys on a disk says that it has what the views have: its cursor was stored ahead of its keys.
    IndexAhead,
}

impl Twin {
    /// The one that is called so.
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|twin| format!("{twin:?}") == name)
    }
}

/// Every twin.
pub const ALL: [Twin; 9] = [
    Twin::AllowanceOffByOne,
    Twin::KeysForgotten,
    Twin::UsageForgotten,
    Twin::AnsweredEarly,
    Twin::VoidNotBooked,
    Twin::PredecessorNotSealed,
    Twin::LateForgotten,
    Twin::ListingUnchecked,
    Twin::IndexAhead,
];
