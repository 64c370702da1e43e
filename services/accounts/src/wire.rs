//! The serialised form of this context's events: JSON, all at version 1. Samples: `schema/events/accounts/`.

use kernel::json_wire;

use crate::published::api_key::Event as ApiKeyEvent;
use crate::published::member::Event as MemberEvent;
use crate::published::organization::Event as OrganizationEvent;

json_wire!(OrganizationEvent {
    Registered => "organization_registered",
    ProfileChanged => "organization_profile_changed",
    OperatorAppointed => "organization_operator_appointed",
    Suspended => "organization_suspended",
    Reinstated => "organization_reinstated",
});

json_wire!(MemberEvent {
    Joined => "member_joined",
    RoleChanged => "member_role_changed",
    NameChanged => "member_name_changed",
    PasswordChanged => "member_password_changed",
    Removed => "member_removed",
});

json_wire!(ApiKeyEvent {
    Created => "api_key_created",
    Revoked => "api_key_revoked",
});

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use kernel::id::{ApiKeyId, MemberId, OrganizationId};
    use kernel::money::Currency;
    use kernel::sealed::Sealed;
    use kernel::wire::{DecodeError, Wire};
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;
    use crate::published::actor::{Role, Scope, Scopes};
    use crate::published::organization::Profile;
    use crate::published::{api_key, member, organization};

    const ORGANIZATION: OrganizationId =
        OrganizationId::new(Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0001));
    const MEMBER: MemberId = MemberId::new(Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0002));
    const KEY: ApiKeyId = ApiKeyId::new(Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0003));

    /// Checks that the event and the sample of its kind are one to one.
    fn same<E: Wire + Debug + PartialEq>(event: &E) {
        let encoded = event.encode().unwrap();
        let path = format!(
            "{}/../../schema/events/accounts/{}.v{}.json",
            env!("CARGO_MANIFEST_DIR"),
            encoded.kind,
            encoded.version
        );
        let sample = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let decoded = E::decode(encoded.kind, encoded.version, &sample, &[]).unwrap().unwrap();
        assert_eq!(&decoded, event, "{path}");
        let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
        assert_eq!(value(&encoded.data), value(&sample), "{path}");
    }

    fn profile(name: &str) -> Profile {
        Profile {
            name: name.to_owned(),
            country: "CN".to_owned(),
            zone: "Asia/Shanghai".parse().unwrap(),
            currency: Currency::Cny,
        }
    }

    fn sealed(text: &str) -> Sealed {
        Sealed { subject: MEMBER.uuid(), ciphertext: text.to_owned() }
    }

    #[test]
    fn organization_events_match_their_samples() {
        use organization::{OperatorAppointed, ProfileChanged, Registered, Reinstated, Suspended};
        same(&OrganizationEvent::Registered(Registered {
            organization: ORGANIZATION, profile: profile("胡同数据")
        }));
        same(&OrganizationEvent::ProfileChanged(ProfileChanged {
            organization: ORGANIZATION,
            profile: profile("Hutong Data"),
        }));
        same(&OrganizationEvent::OperatorAppointed(OperatorAppointed { organization: ORGANIZATION }));
        same(&OrganizationEvent::Suspended(Suspended {
            organization: ORGANIZATION,
            reason: "Invoices unpaid for 90 days".to_owned(),
        }));
        same(&OrganizationEvent::Reinstated(Reinstated { organization: ORGANIZATION }));
    }

    #[test]
    fn member_events_match_their_samples() {
        use member::{Joined, NameChanged, PasswordChanged, Removed, RoleChanged};
        same(&MemberEvent::Joined(Joined {
            member: MEMBER,
            organization: ORGANIZATION,
            email: sealed("c2VhbGVkIGUtbWFpbA=="),
            email_index: "3c9683017f9e4bf33d0fbedd26bf143f".to_owned(),
            name: sealed("c2VhbGVkIG5hbWU="),
            password: sealed("c2VhbGVkIGhhc2g="),
            role: Role::Owner,
        }));
        same(&MemberEvent::RoleChanged(RoleChanged {
            member: MEMBER,
            organization: ORGANIZATION,
            role: Role::Developer,
        }));
        same(&MemberEvent::NameChanged(NameChanged { member: MEMBER, name: sealed("YW5vdGhlciBuYW1l") }));
        same(&MemberEvent::PasswordChanged(PasswordChanged { member: MEMBER, password: sealed("YW5vdGhlciBoYXNo") }));
        same(&MemberEvent::Removed(Removed {
            member: MEMBER,
            organization: ORGANIZATION,
            email_index: "3c9683017f9e4bf33d0fbedd26bf143f".to_owned(),
        }));
    }

    #[test]
    fn api_key_events_match_their_samples() {
        same(&ApiKeyEvent::Created(api_key::Created {
            api_key: KEY,
            organization: ORGANIZATION,
            label: "nightly import".to_owned(),
            prefix: "tsk_4fJ2".to_owned(),
            secret_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            scopes: Scopes::from(vec![Scope::UsageRead, Scope::Invoke]),
        }));
        same(&ApiKeyEvent::Revoked(api_key::Revoked { api_key: KEY, organization: ORGANIZATION }));
    }

    #[test]
    fn a_newer_version_is_an_error_and_a_foreign_kind_is_nobodys() {
        let newer = ApiKeyEvent::decode("api_key_revoked", 2, b"{}", &[]).unwrap();
        assert!(matches!(newer, Err(DecodeError::Unknown { version: 2, .. })));
        assert!(ApiKeyEvent::decode("member_joined", 1, b"{}", &[]).is_none());
    }
}
