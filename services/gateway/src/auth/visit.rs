//! How a request reached the door, for fields that need to know more than who asks.

use uuid::Uuid;

use super::refresh::Token;
use crate::transport::address::ClientAddress;

/// The circumstances of a request.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Where it came from.
    pub address: ClientAddress,
    /// The refresh token in its cookie.
    pub refresh: Option<Token>,
    /// Whether a cookie that is set may travel over TLS only.
    pub is_secure: bool,
    /// The session whose access token it carries.
    pub session: Option<Uuid>,
}
