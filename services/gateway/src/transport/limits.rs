//! The door's bounds, in one place.

use std::time::Duration;

/// What a request may be at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole body; images travel in it as base64.
    pub body_bytes_max: usize,
    /// How long a body may take to arrive.
    pub body_time_max: Duration,
    /// Values in the body's JSON; bounds memory, as a value takes far more of it than its text.
    pub json_values_max: usize,
    /// Bytes of the GraphQL document.
    pub document_bytes_max: usize,
    /// Lexical tokens of the document.
    pub tokens_max: usize,
    /// Braces, brackets and parentheses open at once.
    pub nesting_max: usize,
    /// Fields on the longest path, fragments expanded.
    pub depth_max: u64,
    /// Fragments spread within fragments.
    pub fragment_depth_max: u64,
    /// Fields, fragments and directives of all operations, fragments expanded.
    pub selections_max: u64,
    /// Fields a mutation starts with.
    pub mutations_max: usize,
    /// `first` or `last` of a connection.
    pub page_max: u64,
    /// Estimated fields of the answer, plus what the first fields of its paths cost.
    pub cost_max: u64,
}

impl Limits {
    /// What one field of a mutation costs: it writes, or calls a provider.
    pub const MUTATION_COST: u64 = 200;
    /// What the first field of each path of a query costs: it looks something up.
    pub const QUERY_COST: u64 = 10;
    /// The size assumed of a connection that is asked for without `first`; the schema's default.
    pub const PAGE_DEFAULT: u64 = 20;
    /// What is served with.
    pub const DEFAULT: Self = Self {
        body_bytes_max: 8 * 1024 * 1024,
        body_time_max: Duration::from_secs(30),
        json_values_max: 250_000,
        document_bytes_max: 64 * 1024,
        tokens_max: 15_000,
        nesting_max: 32,
        depth_max: 15,
        fragment_depth_max: 16,
        selections_max: 5_000,
        mutations_max: 50,
        page_max: 100,
        cost_max: 20_000,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
