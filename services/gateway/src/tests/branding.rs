//! A store's colour and logo, and first looks into datasets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::ImageFormat;
use serde_json::{Value, json};

use super::harness::Bench;
use crate::logo::tests::picture;

const LOGO: &str = "provider { accent logo { url width height } }";

async fn shop(bench: &Bench) -> accounts::published::actor::Actor {
    let seller = bench.join("seller", false).await;
    bench.done(&seller, "openStore", "provider { id }", json!({"slug": "shop", "page": page("#1F7A5C")})).await;
    seller
}

fn page(accent: &str) -> Value {
    json!({"name": {"en": "Shop"}, "description": {"en": "Texts"}, "kind": "ENTERPRISE", "accent": accent})
}

#[tokio::test]
async fn a_logo_is_made_small_kept_and_taken_away() {
    let bench = Bench::start().await;
    let seller = shop(&bench).await;
    let upload = STANDARD.encode(picture(2_048, 1_024, ImageFormat::Jpeg));
    let input = json!({"image": upload, "idempotencyKey": "once"});
    let set = bench.done(&seller, "setStoreLogo", LOGO, input.clone()).await;
    let logo = &set["provider"]["logo"];
    assert_eq!((logo["width"].as_u64(), logo["height"].as_u64()), (Some(512), Some(256)));
    assert_eq!(set["provider"]["accent"], "#1f7a5c");
    let url = logo["url"].as_str().unwrap();
    let sha256 = url.trim_start_matches("/blobs/").trim_end_matches(".png");
    let kept = bench.platform.blobs.read(sha256).unwrap().unwrap();
    assert_eq!(image::guess_format(&kept).unwrap(), ImageFormat::Png);
    assert_eq!(bench.done(&seller, "setStoreLogo", LOGO, input).await, set);
    let removed = bench.done(&seller, "removeStoreLogo", LOGO, json!({})).await;
    assert_eq!(removed["provider"]["logo"], Value::Null);
}

#[tokio::test]
async fn unfit_uploads_and_colours_are_refused() {
    let bench = Bench::start().await;
    let seller = shop(&bench).await;
    for (image, code) in [
        (STANDARD.encode("<svg onload=alert(1)>"), "LOGO_UNREADABLE"),
        ("not base64!".to_owned(), "INVALID_INPUT"),
        (STANDARD.encode(vec![0; 512 * 1024 + 1]), "LOGO_TOO_LARGE"),
        ("A".repeat(1_000_000), "LOGO_TOO_LARGE"),
    ] {
        let refused = bench.tried(Some(&seller), "setStoreLogo", LOGO, json!({"image": image})).await;
        assert_eq!(refused["errors"][0]["code"], code);
    }
    let refused = bench.tried(Some(&seller), "updateStore", LOGO, json!({"page": page("red")})).await;
    assert_eq!(refused["errors"][0]["code"], "STORE_ACCENT_INVALID");
    let stranger = bench.join("stranger", false).await;
    let image = STANDARD.encode(picture(8, 8, ImageFormat::Png));
    let refused = bench.tried(Some(&stranger), "setStoreLogo", LOGO, json!({"image": image})).await;
    assert_eq!(refused["errors"][0]["code"], "STORE_NOT_OPEN");
}

#[tokio::test]
async fn a_dataset_without_a_preview_says_why() {
    let bench = Bench::start().await;
    let seller = shop(&bench).await;
    let content = json!({"name": {"en": "Rows"}, "summary": {"en": "Some"}, "details": {"dataset": {
        "mediaType": "text/csv", "downloadUrl": "http://127.0.0.1:9/rows.csv", "sha256": "5e".repeat(32),
        "bytes": "9", "rows": "1", "provenance": {"en": "Made"}}}});
    let input = json!({"slug": "rows", "content": content});
    let selection = "listing { dataset { rows preview { columns rows isTruncated } previewUnavailable } }";
    let drafted = bench.done(&seller, "draftListing", selection, input).await;
    let expected = json!({"rows": "1", "preview": null, "previewUnavailable": "UNREACHABLE"});
    assert_eq!(drafted["listing"]["dataset"], expected);
}
