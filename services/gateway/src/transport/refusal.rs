//! Why the door refused a request, with the code and the status the caller gets.

use actix_web::http::StatusCode;
use async_graphql::{Pos, ServerError};
use kernel::error::ErrorCode;

use super::limiter::TooOften;

/// Something is wrong with the request itself; nothing was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another method than POST, or GET with something else than a trusted query.
    #[error("send GraphQL with POST; GET carries trusted queries by their documentId")]
    MethodNotAllowed,
    /// Another content type, charset or encoding.
    #[error("send the body as application/json in UTF-8, not compressed")]
    UnsupportedMediaType,
    /// The caller takes neither of the two media types of an answer.
    #[error("answers are application/graphql-response+json or application/json")]
    NotAcceptable,
    /// Too many bytes.
    #[error("the body holds at most {bytes_max} bytes")]
    BodyTooLarge {
        /// The bound.
        bytes_max: usize,
    },
    /// The body took too long.
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    /// The connection broke within the body.
    #[error("the body is incomplete")]
    BodyIncomplete,
    /// Not JSON, or JSON of another shape.
    #[error(
        "the body is not a JSON object with query, operationName, variables and extensions (line {line}, column {column})"
    )]
    MalformedBody {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// Too many values in the JSON.
    #[error("the body holds at most {values_max} JSON values")]
    TooManyValues {
        /// The bound.
        values_max: usize,
    },
    /// A JSON array of requests.
    #[error("send one request at a time: batches are not taken")]
    BatchNotSupported,
    /// The parameters of an address are not what they should be.
    #[error("the parameters are documentId, operationName, variables and extensions, the last two as JSON objects")]
    MalformedParameters,
    /// The id or hash of a document that is not known. The text is that of the protocol.
    #[error("PersistedQueryNotFound")]
    PersistedQueryNotFound,
    /// A document that is not trusted, where only trusted ones are taken.
    #[error("without an API key only the documents of this platform's own pages are taken")]
    DocumentNotTrusted,
    /// Too many requests in a short time.
    #[error("too many requests: ask again in {seconds} s")]
    RateLimited {
        /// How long to wait, whole and rounded up.
        seconds: u64,
    },
    /// Too many connections of one address, or in all.
    #[error("too many connections")]
    TooManyConnections,
    /// Too many subscriptions of one connection.
    #[error("a connection has at most {subscriptions_max} subscriptions at once")]
    TooManySubscriptions {
        /// The bound.
        subscriptions_max: usize,
    },
    /// No document.
    #[error("the request has no query")]
    QueryMissing,
    /// Too many bytes of document.
    #[error("the document holds at most {bytes_max} bytes; put large values into variables")]
    DocumentTooLarge {
        /// The bound.
        bytes_max: usize,
    },
    /// Too many tokens.
    #[error("the document holds at most {tokens_max} tokens")]
    TooManyTokens {
        /// The bound.
        tokens_max: usize,
    },
    /// Too many brackets open at once.
    #[error("braces, brackets and parentheses nest at most {nesting_max} deep")]
    NestedTooDeeply {
        /// The bound.
        nesting_max: usize,
    },
    /// A string without its end.
    #[error("a string in the document has no end")]
    UnterminatedString,
    /// Not a GraphQL document.
    #[error("the document is not GraphQL")]
    Syntax {
        /// Where the parser stopped, if it says.
        at: Option<Pos>,
    },
    /// A fragment that contains itself.
    #[error("a fragment contains itself")]
    FragmentCycle,
    /// Fields, or fragments within fragments, too deep.
    #[error("fields, and fragments within fragments, nest at most {depth_max} deep")]
    DepthExceeded {
        /// The bound.
        depth_max: u64,
    },
    /// Too many selections once fragments are expanded.
    #[error("the document selects more than {selections_max} fields, fragments expanded")]
    TooManySelections {
        /// The bound.
        selections_max: u64,
    },
    /// A mutation with too many fields.
    #[error("a mutation has at most {mutations_max} fields")]
    TooManyMutations {
        /// The bound.
        mutations_max: usize,
    },
    /// `first` or `last` out of range.
    #[error("a page holds 0 to {page_max} entries")]
    PageSizeOutOfRange {
        /// The bound.
        page_max: u64,
    },
    /// The answer would be too large.
    #[error("the request is estimated to cost {cost}, more than {cost_max}; ask for smaller pages")]
    CostExceeded {
        /// The estimate.
        cost: u64,
        /// The bound.
        cost_max: u64,
    },
    /// Credentials that are malformed, unknown, revoked or expired.
    #[error("the credentials are not valid")]
    InvalidCredentials,
    /// A browser sent the cookie of a session from a page of another origin.
    #[error("a request with the cookie of a session has to come from this site's own pages")]
    CrossSite,
}

impl From<TooOften> for Refusal {
    fn from(refused: TooOften) -> Self {
        Self::RateLimited { seconds: refused.retry_after.as_secs().saturating_add(1) }
    }
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::BodyTooLarge { .. } => "BODY_TOO_LARGE",
            Self::BodyTooSlow => "BODY_TOO_SLOW",
            Self::BodyIncomplete => "BODY_INCOMPLETE",
            Self::MalformedBody { .. } => "MALFORMED_BODY",
            Self::TooManyValues { .. } => "TOO_MANY_VALUES",
            Self::BatchNotSupported => "BATCH_NOT_SUPPORTED",
            Self::QueryMissing => "QUERY_MISSING",
            Self::DocumentTooLarge { .. } => "DOCUMENT_TOO_LARGE",
            Self::TooManyTokens { .. } => "TOO_MANY_TOKENS",
            Self::NestedTooDeeply { .. } => "NESTED_TOO_DEEPLY",
            Self::UnterminatedString => "UNTERMINATED_STRING",
            Self::Syntax { .. } => "SYNTAX_ERROR",
            Self::FragmentCycle => "FRAGMENT_CYCLE",
            Self::DepthExceeded { .. } => "DEPTH_EXCEEDED",
            Self::TooManySelections { .. } => "TOO_MANY_SELECTIONS",
            Self::TooManyMutations { .. } => "TOO_MANY_MUTATIONS",
            Self::PageSizeOutOfRange { .. } => "PAGE_SIZE_OUT_OF_RANGE",
            Self::CostExceeded { .. } => "COST_EXCEEDED",
            Self::InvalidCredentials => "INVALID_CREDENTIALS",
            Self::CrossSite => "CROSS_SITE",
            Self::MalformedParameters => "MALFORMED_PARAMETERS",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::TooManyConnections => "TOO_MANY_CONNECTIONS",
            Self::TooManySubscriptions { .. } => "TOO_MANY_SUBSCRIPTIONS",
        })
    }

    /// The HTTP status; what concerns the document has the status of a GraphQL request error.
    pub fn status(&self, document_error: StatusCode) -> StatusCode {
        match self {
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::InvalidCredentials => StatusCode::UNAUTHORIZED,
            Self::CrossSite | Self::DocumentNotTrusted => StatusCode::FORBIDDEN,
            Self::RateLimited { .. } | Self::TooManyConnections | Self::TooManySubscriptions { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::BodyIncomplete
            | Self::MalformedBody { .. }
            | Self::TooManyValues { .. }
            | Self::BatchNotSupported
            | Self::MalformedParameters
            | Self::QueryMissing => StatusCode::BAD_REQUEST,
            Self::PersistedQueryNotFound
            | Self::DocumentTooLarge { .. }
            | Self::TooManyTokens { .. }
            | Self::NestedTooDeeply { .. }
            | Self::UnterminatedString
            | Self::Syntax { .. }
            | Self::FragmentCycle
            | Self::DepthExceeded { .. }
            | Self::TooManySelections { .. }
            | Self::TooManyMutations { .. }
            | Self::PageSizeOutOfRange { .. }
            | Self::CostExceeded { .. } => document_error,
        }
    }

    /// As a GraphQL error.
    pub fn error(&self) -> ServerError {
        let mut error = ServerError::new(self.to_string(), self.position());
        error.extensions.get_or_insert_default().set("code", self.code().0);
        error
    }

    /// Where in the document, if known.
    pub fn position(&self) -> Option<Pos> {
        if let Self::Syntax { at } = self { *at } else { None }
    }
}
