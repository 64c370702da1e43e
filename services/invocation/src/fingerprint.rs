//! Fingerprints of a call: of its idempotency key, and of what was asked under it.

use kernel::id::OrganizationId;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Fingerprint = [u8; 32];

/// The fingerprint of a buyer's idempotency key.
pub fn of_key(buyer: OrganizationId, key: &str) -> Fingerprint {
    let mut hasher = Sha256::new_with_prefix(buyer.uuid().as_bytes());
    hasher.update(key.as_bytes());
    hasher.finalize().into()
}

/// The fingerprint of a target and its payload. Members of objects count in sorted order, so that the same JSON in
/// another order is the same call.
pub fn of_call(target: &str, payload: &Value) -> Fingerprint {
    let mut hasher = Sha256::new();
    feed(&mut hasher, target.as_bytes());
    feed_value(&mut hasher, payload);
    hasher.finalize().into()
}

/// The fingerprint of a reported event: of who reports, and of the event's source and id. No call's key can have it:
/// where an organization's id would stand there is text, which is no UUID.
pub fn of_event(reporter: OrganizationId, source: &str, id: &str) -> Fingerprint {
    let mut hasher = Sha256::new_with_prefix(b"tallystick report");
    hasher.update(reporter.uuid().as_bytes());
    feed(&mut hasher, source.as_bytes());
    hasher.update(id.as_bytes());
    hasher.finalize().into()
}

/// The fingerprint of what a report says: every part, length first.
pub fn of_report<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Fingerprint {
    let mut hasher = Sha256::new();
    parts.into_iter().for_each(|part| feed(&mut hasher, part));
    hasher.finalize().into()
}

/// Length first, so that neighbouring parts cannot trade bytes.
fn feed(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update(bytes.len().to_be_bytes());
    hasher.update(bytes);
}

fn feed_value(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hasher.update(b"n"),
        Value::Bool(true) => hasher.update(b"t"),
        Value::Bool(false) => hasher.update(b"f"),
        Value::Number(number) => feed_tagged(hasher, b"#", number.to_string().as_bytes()),
        Value::String(text) => feed_tagged(hasher, b"s", text.as_bytes()),
        Value::Array(items) => {
            feed_tagged(hasher, b"a", &items.len().to_be_bytes());
            for item in items {
                feed_value(hasher, item);
            }
        }
        Value::Object(members) => feed_object(hasher, members),
    }
}

fn feed_tagged(hasher: &mut Sha256, tag: &[u8], bytes: &[u8]) {
    hasher.update(tag);
    feed(hasher, bytes);
}

fn feed_object(hasher: &mut Sha256, members: &serde_json::Map<String, Value>) {
    feed_tagged(hasher, b"o", &members.len().to_be_bytes());
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    for (name, value) in sorted {
        feed(hasher, name.as_bytes());
        feed_value(hasher, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_order_of_members_does_not_matter_and_that_of_items_does() {
        assert_eq!(of_call("t", &parsed(r#"{"a":1,"b":[1,2]}"#)), of_call("t", &parsed(r#"{"b":[1,2],"a":1}"#)));
        assert_ne!(of_call("t", &json!([1, 2])), of_call("t", &json!([2, 1])));
    }

    #[test]
    fn source_and_id_of_an_event_cannot_trade_letters() {
        let reporter = OrganizationId::new(uuid::Uuid::from_u128(1));
        assert_ne!(of_event(reporter, "ab", "c"), of_event(reporter, "a", "bc"));
        assert_ne!(of_event(reporter, "a", "b"), of_key(reporter, "ab"));
    }

    #[test]
    fn values_that_look_alike_differ() {
        let values =
            [json!(null), json!("null"), json!(1), json!("1"), json!([1]), json!({"1": 1}), json!([]), json!({})];
        for (index, left) in values.iter().enumerate() {
            for right in &values[index + 1..] {
                assert_ne!(of_call("t", left), of_call("t", right), "{left} {right}");
            }
        }
    }
}
