//! Who may ask for what: every field of `Query`, `Mutation` and `Subscription`, as data.
//!
//! A field that is not listed here is refused to everyone, so none can be forgotten open.

use accounts::published::actor::Scope;

/// What a caller must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Anybody with credentials.
    Authenticated,
    /// A key or role with this scope.
    Scoped(Scope),
    /// The operator of the platform.
    Operator,
}

/// Which rows a caller gets to see or to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenancy {
    /// What is on the market, for everybody; a provider also sees its own.
    Market,
    /// Those of the caller's own organization.
    Own,
    /// Those in which the caller's organization is buyer or seller; the operator sees all.
    Party,
    /// All: only the operator gets here, or nothing belongs to anyone.
    Platform,
}

/// The rule of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `Query`, `Mutation` or `Subscription`.
    pub root: &'static str,
    /// The field's name.
    pub field: &'static str,
    /// What the caller must be.
    pub access: Access,
    /// Which rows it concerns.
    pub tenancy: Tenancy,
}

const fn rule(root: &'static str, field: &'static str, access: Access, tenancy: Tenancy) -> Rule {
    Rule { root, field, access, tenancy }
}

const fn query(field: &'static str, access: Access, tenancy: Tenancy) -> Rule {
    rule("Query", field, access, tenancy)
}

const fn mutation(field: &'static str, access: Access, tenancy: Tenancy) -> Rule {
    rule("Mutation", field, access, tenancy)
}

const fn subscription(field: &'static str, access: Access, tenancy: Tenancy) -> Rule {
    rule("Subscription", field, access, tenancy)
}

const AGREEMENTS: Access = Access::Scoped(Scope::AgreementsWrite);
const BILLING: Access = Access::Scoped(Scope::BillingRead);
const INVOKE: Access = Access::Scoped(Scope::Invoke);
const ORGANIZATION: Access = Access::Scoped(Scope::OrganizationWrite);
const STORE: Access = Access::Scoped(Scope::StoreWrite);
const USAGE: Access = Access::Scoped(Scope::UsageRead);

/// Every field.
pub const MATRIX: &[Rule] = &[
    query("viewer", Access::Authenticated, Tenancy::Own),
    query("node", Access::Public, Tenancy::Party),
    query("organization", Access::Authenticated, Tenancy::Own),
    query("organizations", Access::Operator, Tenancy::Platform),
    query("members", ORGANIZATION, Tenancy::Own),
    query("apiKeys", ORGANIZATION, Tenancy::Own),
    query("categories", Access::Public, Tenancy::Market),
    query("capabilities", Access::Public, Tenancy::Market),
    query("capability", Access::Public, Tenancy::Market),
    query("capabilityMap", Access::Public, Tenancy::Market),
    query("marketSearch", Access::Public, Tenancy::Market),
    query("stores", Access::Public, Tenancy::Market),
    query("store", Access::Public, Tenancy::Market),
    query("listings", Access::Public, Tenancy::Market),
    query("listingFacets", Access::Public, Tenancy::Market),
    query("listing", Access::Public, Tenancy::Market),
    query("myListings", STORE, Tenancy::Own),
    query("reviewQueue", Access::Operator, Tenancy::Platform),
    query("offer", Access::Public, Tenancy::Market),
    query("offers", Access::Public, Tenancy::Market),
    query("marketTerms", Access::Public, Tenancy::Market),
    query("agreements", Access::Authenticated, Tenancy::Party),
    query("agreement", Access::Authenticated, Tenancy::Party),
    query("quote", INVOKE, Tenancy::Own),
    query("invocation", USAGE, Tenancy::Party),
    query("invocations", USAGE, Tenancy::Party),
    query("receipt", USAGE, Tenancy::Party),
    query("checkpoint", Access::Public, Tenancy::Platform),
    query("checkpoints", Access::Operator, Tenancy::Platform),
    query("checkpointKeys", Access::Public, Tenancy::Platform),
    query("consistency", Access::Public, Tenancy::Platform),
    query("sandbox", Access::Public, Tenancy::Platform),
    query("sandboxSettings", Access::Operator, Tenancy::Platform),
    query("usage", USAGE, Tenancy::Party),
    query("sellerAnalytics", USAGE, Tenancy::Own),
    query("spendForecast", USAGE, Tenancy::Own),
    query("estimateOffer", Access::Public, Tenancy::Market),
    query("openPeriods", Access::Operator, Tenancy::Platform),
    query("invoices", BILLING, Tenancy::Party),
    query("invoice", BILLING, Tenancy::Party),
    query("statements", BILLING, Tenancy::Own),
    query("statement", BILLING, Tenancy::Own),
    query("ledgerEntries", BILLING, Tenancy::Own),
    query("ledgerBalances", BILLING, Tenancy::Own),
    query("platformBalances", Access::Operator, Tenancy::Platform),
    query("platform", Access::Operator, Tenancy::Platform),
    query("upkeep", Access::Operator, Tenancy::Platform),
    query("marketOverview", Access::Operator, Tenancy::Platform),
    query("logEvents", Access::Operator, Tenancy::Platform),
    query("logEvent", Access::Operator, Tenancy::Platform),
    mutation("signUp", Access::Public, Tenancy::Platform),
    mutation("signIn", Access::Public, Tenancy::Platform),
    mutation("refreshSession", Access::Public, Tenancy::Own),
    mutation("signOut", Access::Public, Tenancy::Own),
    mutation("updateProfile", Access::Authenticated, Tenancy::Own),
    mutation("changePassword", Access::Authenticated, Tenancy::Own),
    mutation("updateOrganization", ORGANIZATION, Tenancy::Own),
    mutation("addMember", ORGANIZATION, Tenancy::Own),
    mutation("changeMemberRole", ORGANIZATION, Tenancy::Own),
    mutation("removeMember", ORGANIZATION, Tenancy::Own),
    mutation("createApiKey", ORGANIZATION, Tenancy::Own),
    mutation("revokeApiKey", ORGANIZATION, Tenancy::Own),
    mutation("suspendOrganization", Access::Operator, Tenancy::Platform),
    mutation("reinstateOrganization", Access::Operator, Tenancy::Platform),
    mutation("openStore", STORE, Tenancy::Own),
    mutation("updateStore", STORE, Tenancy::Own),
    mutation("setStoreLogo", STORE, Tenancy::Own),
    mutation("removeStoreLogo", STORE, Tenancy::Own),
    mutation("draftListing", STORE, Tenancy::Own),
    mutation("reviseListing", STORE, Tenancy::Own),
    mutation("probeListing", STORE, Tenancy::Own),
    mutation("submitListing", STORE, Tenancy::Own),
    mutation("deprecateListing", STORE, Tenancy::Own),
    mutation("retireListing", STORE, Tenancy::Own),
    mutation("requestListingChanges", Access::Operator, Tenancy::Platform),
    mutation("publishListing", Access::Operator, Tenancy::Platform),
    mutation("defineCapability", Access::Operator, Tenancy::Platform),
    mutation("defineContract", Access::Operator, Tenancy::Platform),
    mutation("publishOffer", STORE, Tenancy::Own),
    mutation("repriceOffer", STORE, Tenancy::Own),
    mutation("withdrawOffer", STORE, Tenancy::Own),
    mutation("setMarketTerms", Access::Operator, Tenancy::Platform),
    mutation("acceptOffer", AGREEMENTS, Tenancy::Own),
    mutation("cancelAgreement", AGREEMENTS, Tenancy::Own),
    mutation("invoke", INVOKE, Tenancy::Own),
    mutation("tryCapability", Access::Public, Tenancy::Platform),
    mutation("setSandbox", Access::Operator, Tenancy::Platform),
    mutation("rebuildViews", Access::Operator, Tenancy::Platform),
    mutation("takeBackup", Access::Operator, Tenancy::Platform),
    mutation("closePeriod", Access::Operator, Tenancy::Platform),
    mutation("payInvoice", Access::Operator, Tenancy::Platform),
    mutation("voidInvoice", Access::Operator, Tenancy::Platform),
    mutation("issueStatement", Access::Operator, Tenancy::Platform),
    subscription("usageRecorded", USAGE, Tenancy::Party),
    subscription("platformStatus", Access::Operator, Tenancy::Platform),
];

/// The rule of a field.
pub fn find(root: &str, field: &str) -> Option<&'static Rule> {
    MATRIX.iter().find(|rule| rule.root == root && rule.field == field)
}
