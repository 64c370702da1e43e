//! Receipts through the schema, and a signer that holds the log to what it has signed.

use std::path::Path;
use std::sync::Arc;

use eventlog::checkpoints::{Checkpoints, Published};
use eventlog::clock::{Clock, SystemClock};
use eventlog::port::StoredEvent;
use eventlog::vault::Vault;
use kernel::event::{Position, Provenance, Revision};
use receipts::checkpoint::Checkpoint;
use receipts::note::{SignerKey, VerifierKey};
use receipts::proof::{self, Head};
use receipts::receipt::{Failure, Place, Receipt};
use receipts::tree::Tree;
use serde_json::{Value, json};
use uuid::Uuid;

use super::harness::Bench;
use super::invocation::Market;
use crate::graphql::receipts::assemble;
use crate::platform::Platform;
use crate::signer::{Signer, SignerFault, renew_key};

const ORIGIN: &str = "tallystick/test";

fn trusted(signer: &Signer) -> Vec<VerifierKey> {
    signer.keys().iter().map(|key| key.public.parse().unwrap()).collect()
}

#[tokio::test]
async fn buyer_seller_and_operator_hold_receipts_of_a_call_and_nobody_else() {
    let market = Market::open().await;
    let stranger = market.bench.join("stranger", false).await;
    let call = market.call("a", 98).await;
    let last = market.call("b", 5).await;
    let query = "query($id: ID!) { receipt(id: $id) { id file checkpoint { origin size key } } }";
    let keys = trusted(&market.bench.platform.signer);
    for caller in [&market.buyer, &market.seller, &market.operator] {
        for id in [&call["id"], &last["id"]] {
            let found = market.bench.ask(Some(caller), query, json!({"id": id})).await;
            let found = &found["data"]["receipt"];
            assert_eq!((&found["id"], &found["checkpoint"]["origin"]), (id, &json!(ORIGIN)));
            let receipt = Receipt::parse(found["file"].as_str().unwrap().as_bytes()).unwrap();
            let verified = receipt.verify(&keys).unwrap();
            assert_eq!(verified.key.to_string(), found["checkpoint"]["key"]);
            let record = metering::body::record(&receipt.record).unwrap();
            assert_eq!(record.invocation.to_string(), id.as_str().unwrap());
            assert_eq!(receipt.verify(&[]), Err(Failure::KeyUnknown));
        }
    }
    let foreign = market.bench.ask(Some(&stranger), query, json!({"id": call["id"]})).await;
    let unknown = market.bench.ask(Some(&stranger), query, json!({"id": "ivk_00000000000000000000000001"})).await;
    assert_eq!(foreign, unknown);
    let shown = market.ask(&market.buyer, "{ invocations { nodes { id receipt { id } } } }").await;
    let nodes = shown["invocations"]["nodes"].as_array().unwrap();
    assert!(nodes.len() == 2 && nodes.iter().all(|node| node["id"] == node["receipt"]["id"]));
}

#[tokio::test]
async fn checkpoints_are_listed_and_consistent_with_each_other() {
    let market = Market::open().await;
    let query = "{ checkpoint { size rootHash } }";
    let mut heads = Vec::new();
    for key in ["a", "b", "c"] {
        market.call(key, 3).await;
        let latest = market.bench.ask(None, query, json!({})).await["data"]["checkpoint"].take();
        heads.push((latest["size"].clone(), head(&latest)));
    }
    for (from, old) in &heads {
        for (to, new) in heads.iter().filter(|(_, new)| new.size >= old.size) {
            let query = "query($from: Count!, $to: Count!) { consistency(from: $from, to: $to) { proof } }";
            let found = market.bench.ask(None, query, json!({"from": from, "to": to})).await;
            let proof: Vec<_> = found["data"]["consistency"]["proof"].as_array().unwrap().iter().map(hash).collect();
            assert!(proof::is_prefix(old, new, &proof), "{from} {to}");
        }
    }
    let list = "query($after: String) { checkpoints(first: 2, after: $after) {
        totalCount nodes { size } pageInfo { hasNextPage endCursor } } }";
    let first = market.bench.ask(Some(&market.operator), list, json!({})).await["data"]["checkpoints"].take();
    assert_eq!((&first["totalCount"], &first["nodes"][0]["size"]), (&json!("3"), &heads[2].0));
    let after = json!({"after": first["pageInfo"]["endCursor"]});
    let rest = market.bench.ask(Some(&market.operator), list, after).await["data"]["checkpoints"].take();
    assert_eq!(rest["nodes"], json!([{"size": heads[0].0}]));
    let odd = market.bench.ask(Some(&market.operator), list, json!({"after": "x"})).await;
    assert_eq!(odd["errors"][0]["extensions"]["code"], "INVALID_CURSOR");
}

fn hash(text: &Value) -> [u8; 32] {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn head(checkpoint: &Value) -> Head {
    Head { size: checkpoint["size"].as_str().unwrap().parse().unwrap(), root: hash(&checkpoint["rootHash"]) }
}

fn signer(platform: &Platform, directory: &Path) -> Signer {
    let (vault, checkpoints) = (Vault::open(directory).unwrap(), Checkpoints::open(directory).unwrap());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Signer::open(&vault, checkpoints, platform.views.clone(), clock, ORIGIN.to_owned()).unwrap()
}

#[tokio::test]
async fn a_head_is_signed_once_and_a_renewed_key_signs_it_again() {
    let (bench, directory) = (Bench::start().await, tempfile::tempdir().unwrap());
    bench.join("acme", false).await;
    let first = signer(&bench.platform, directory.path());
    let published = first.current().unwrap();
    assert_eq!(first.current().unwrap(), published);
    assert_eq!(signer(&bench.platform, directory.path()).current().unwrap(), published, "after a restart");
    renew_key(&Vault::open(directory.path()).unwrap(), ORIGIN, &SystemClock).unwrap();
    let second = signer(&bench.platform, directory.path());
    let again = second.current().unwrap();
    assert_eq!((again.size, again.root), (published.size, published.root));
    assert_ne!(again.note, published.note);
    assert_eq!(second.keys().len(), 2);
}

#[tokio::test]
async fn a_log_that_is_not_the_one_that_was_signed_gets_no_checkpoint() {
    let (bench, directory) = (Bench::start().await, tempfile::tempdir().unwrap());
    bench.join("acme", false).await;
    let published = signer(&bench.platform, directory.path()).current().unwrap();
    bench.join("late", false).await;
    let other = |size, root| Published { size, root, ..published.clone() };
    for forged in [other(published.size, [7; 32]), other(published.size + 1_000, published.root)] {
        Checkpoints::open(directory.path()).unwrap().keep(&forged).unwrap();
        let error = signer(&bench.platform, directory.path()).current().unwrap_err();
        assert!(matches!(error, SignerFault::Diverged { size } if size == forged.size), "{error}");
    }
}

/// The receipt of the second record of the golden batch, at place 3 of a log of 5 events. Whoever verifies receipts in
/// another language can hold their program against this file and its key.
#[test]
fn the_golden_receipt_is_written_as_it_has_always_been() {
    let stored = StoredEvent {
        id: Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0009),
        stream: "usage-n1.1".to_owned().try_into().unwrap(),
        revision: Revision(2),
        position: Position(4),
        kind: "usage_recorded".to_owned(),
        version: 1,
        occurred_at: "2026-05-01T02:00:00.123456789Z".parse().unwrap(),
        provenance: Provenance {
            correlation: Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0010),
            cause: Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0011),
            actor: "platform:n1".to_owned(),
        },
        data: include_bytes!("../../../../schema/events/metering/usage_recorded.v1.json").trim_ascii().to_vec(),
        body: include_bytes!("../../../../schema/events/metering/usage_recorded.v1.body").to_vec(),
    };
    let mut leaves: Vec<_> = (0..5_u8).map(|number| kernel::merkle::leaf(&[&[number]])).collect();
    leaves[3] = views::tree::leaf(&stored);
    let tree = Tree::of(&leaves);
    let head = Head { size: 5, root: tree.root(5).unwrap() };
    let key = SignerKey::new("tallystick/sample", &[42; 32]).unwrap();
    let note = Checkpoint { origin: "tallystick/sample".to_owned(), head }.sign(&key);
    let log = Place { index: 3, proof: tree.inclusion(3).unwrap() };
    let receipt = assemble(stored, 1, log, note).ok().unwrap();
    assert_eq!(receipt.to_file().unwrap(), include_str!("../../../../schema/receipt.v1.json").trim());
    let trusted = [include_str!("../../../../schema/receipt.v1.key").parse().unwrap()];
    assert_eq!(receipt.verify(&trusted).unwrap().key, &key.verifier());
}
