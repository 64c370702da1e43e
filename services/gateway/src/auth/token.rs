//! Access tokens: JWTs signed with Ed25519 (RFC 8037), one hour long, naming a session and nothing more.
//!
//! The token says who; what the member may do, and whether the session goes on, is looked up at each use, so a removal
//! or a sign-out works at once.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use eventlog::sessions::Session;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use kernel::id::{MemberId, OrganizationId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long a token is good, in seconds.
pub const LIFETIME_SECONDS: i64 = 3600;
const ISSUER: &str = "tallystick";
const AUDIENCE: &str = "tallystick-api";
/// RFC 8410 §7: the DER of an Ed25519 private key is this, then the seed.
const PKCS8_PREFIX: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: MemberId,
    org: OrganizationId,
    sid: Uuid,
    iat: i64,
    exp: i64,
}

/// What a good token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Who is signed in.
    pub session: Session,
    /// From then on the token is worth nothing.
    pub expires_at: Timestamp,
}

/// A fresh token and its end.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// The JWT.
    pub token: String,
    /// From then on it is worth nothing.
    pub expires_at: Timestamp,
}

/// Why there is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The seed makes no key.
    #[error("the signing key cannot be used")]
    Key,
    /// Signing failed.
    #[error("the token could not be signed")]
    Signing,
    /// Malformed, forged, meant for others, or past its end.
    #[error("the token is not valid")]
    Invalid,
}

/// Signs and checks tokens with one key.
pub struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
    rules: Validation,
}

impl Tokens {
    /// From the 32 bytes of an Ed25519 seed, which never leave this process.
    pub fn new(seed: &[u8; 32]) -> Result<Self, TokenError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| TokenError::Key)?;
        Ok(Self {
            signing: EncodingKey::from_ed_der(&[PKCS8_PREFIX.as_slice(), seed.as_slice()].concat()),
            checking: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            rules: rules(),
        })
    }

    /// Makes a token for a session.
    pub fn issue(&self, session: Session, now: Timestamp) -> Result<Issued, TokenError> {
        let iat = now.as_second();
        let exp = iat.saturating_add(LIFETIME_SECONDS);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: session.member,
            org: session.organization,
            sid: session.id,
            iat,
            exp,
        };
        let token = encode(&Header::new(Algorithm::EdDSA), &claims, &self.signing).map_err(|_| TokenError::Signing)?;
        let expires_at = Timestamp::from_second(exp).map_err(|_| TokenError::Signing)?;
        Ok(Issued { token, expires_at })
    }

    /// Checks a token: algorithm, signature, issuer, audience and time.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<Checked, TokenError> {
        let claims = decode::<Claims>(token, &self.checking, &self.rules).map_err(|_| TokenError::Invalid)?.claims;
        let second = now.as_second();
        let in_time = claims.iat <= second.saturating_add(SKEW_SECONDS) && second < claims.exp;
        let short = claims.exp.saturating_sub(claims.iat) <= LIFETIME_SECONDS;
        let expires_at = Timestamp::from_second(claims.exp).map_err(|_| TokenError::Invalid)?;
        if in_time && short {
            let session = Session { id: claims.sid, member: claims.sub, organization: claims.org };
            Ok(Checked { session, expires_at })
        } else {
            Err(TokenError::Invalid)
        }
    }
}

/// How far the clocks of two nodes may be apart.
const SKEW_SECONDS: i64 = 30;

/// Time is checked against the injected clock, not by the library against the machine's.
fn rules() -> Validation {
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    rules.validate_exp = false;
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let member = MemberId::new(Uuid::from_u128(1));
        Session { id: Uuid::from_u128(3), member, organization: OrganizationId::new(Uuid::from_u128(2)) }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn claims() -> serde_json::Value {
        let Session { id, member, organization } = session();
        serde_json::json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": member, "org": organization, "sid": id, "iat": 0, "exp": 3600
        })
    }

    /// A token with the claims changed, signed with the right key.
    fn signed(change: impl FnOnce(&mut serde_json::Value)) -> String {
        let mut claims = claims();
        change(&mut claims);
        encode(&Header::new(Algorithm::EdDSA), &claims, &Tokens::new(&[7; 32]).unwrap().signing).unwrap()
    }

    #[test]
    fn a_token_is_good_for_one_hour() {
        let tokens = Tokens::new(&[7; 32]).unwrap();
        let issued = tokens.issue(session(), at(1_000)).unwrap();
        let checked = Ok(Checked { session: session(), expires_at: at(4_600) });
        assert_eq!(tokens.check(&issued.token, at(1_000)), checked);
        assert_eq!(tokens.check(&issued.token, at(4_599)), checked);
        assert_eq!(tokens.check(&issued.token, at(4_600)), Err(TokenError::Invalid));
        assert_eq!(issued.expires_at, at(4_600));
    }

    #[test]
    fn tokens_of_another_key_are_refused() {
        let issued = Tokens::new(&[8; 32]).unwrap().issue(session(), at(0)).unwrap();
        assert_eq!(Tokens::new(&[7; 32]).unwrap().check(&issued.token, at(0)), Err(TokenError::Invalid));
    }

    #[test]
    fn tokens_meant_for_others_too_long_or_from_the_future_are_refused() {
        let tokens = Tokens::new(&[7; 32]).unwrap();
        assert!(tokens.check(&signed(|_| ()), at(0)).is_ok());
        for token in [
            signed(|claims| claims["iss"] = "other".into()),
            signed(|claims| claims["aud"] = "other".into()),
            signed(|claims| claims["exp"] = 1_000_000.into()),
            signed(|claims| claims["iat"] = 40.into()),
            signed(|claims| claims["sub"] = "org_00000000000000000000000001".into()),
            signed(|claims| drop(claims.as_object_mut().unwrap().remove("aud"))),
            signed(|claims| drop(claims.as_object_mut().unwrap().remove("sid"))),
            signed(|claims| drop(claims.as_object_mut().unwrap().remove("exp"))),
        ] {
            assert_eq!(tokens.check(&token, at(0)), Err(TokenError::Invalid));
        }
    }

    #[test]
    fn only_the_pinned_algorithm_is_taken() {
        let tokens = Tokens::new(&[7; 32]).unwrap();
        let public = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap().public_key().as_ref().to_vec();
        let confused = encode(&Header::new(Algorithm::HS256), &claims(), &EncodingKey::from_secret(&public)).unwrap();
        assert_eq!(tokens.check(&confused, at(0)), Err(TokenError::Invalid));
        let body = signed(|_| ()).split('.').nth(1).unwrap().to_owned();
        assert_eq!(tokens.check(&format!("eyJhbGciOiJub25lIn0.{body}."), at(0)), Err(TokenError::Invalid));
        assert_eq!(tokens.check("", at(0)), Err(TokenError::Invalid));
    }
}
