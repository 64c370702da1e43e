//! The storefront as visitors and robots meet it: heads of pages, what there is to find, previews of the demo's data.

use serde_json::json;

use crate::platform::{Home, Platform};

const DATASETS: [(&str, u64); 2] = [("national-ai-strategies", 19), ("capability-catalog", 228)];

#[tokio::test]
async fn pages_are_found_by_what_they_are_about() {
    let platform = Home::new().start(&["--seed", "demo", "--public-url", "https://market.example"]).await;
    let page = platform.get("/capabilities/chinese-word-segmentation?lang=zh").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<title>中文分词"), "{}", page.body);
    let canonical = "https://market.example/capabilities/chinese-word-segmentation?lang=zh";
    assert!(page.body.contains(&format!("<link rel=\"canonical\" href=\"{canonical}\" />")), "{}", page.body);
    assert!(page.body.contains("\"lowPrice\":\"0.002\""), "{}", page.body);
    let missing = platform.get("/capabilities/no-such-thing").await;
    assert_eq!(missing.status, 404);
    assert!(missing.body.contains("<div id=\"root\">"), "{}", missing.body);
    let sitemap = platform.get("/sitemap.xml").await;
    assert_eq!(sitemap.body.matches("<url>").count(), 4 + 228 + 3 + 10, "{}", sitemap.body);
    assert!(platform.get("/robots.txt").await.body.contains("Sitemap: https://market.example/sitemap.xml"));
}

#[tokio::test]
async fn the_demos_datasets_can_be_looked_into() {
    let platform = Platform::start_seeded().await;
    for (slug, rows) in DATASETS {
        let document = "query($slug: String!) { listing(slug: $slug) { dataset { rows previewUnavailable
            preview { columns rows isTruncated } } } }";
        let found = platform.read("", document, json!({"slug": slug})).await;
        let dataset = &found["listing"]["dataset"];
        assert_eq!(dataset["previewUnavailable"], json!(null), "{dataset}");
        assert_eq!(dataset["rows"], rows.to_string());
        let preview = &dataset["preview"];
        let shown = u64::try_from(preview["rows"].as_array().unwrap().len()).unwrap();
        assert_eq!((shown, preview["isTruncated"].as_bool()), (rows.min(20), Some(rows > 20)), "{slug}");
        let described = platform.get(&format!("/listings/{slug}/croissant.json")).await.json;
        assert_eq!(described["conformsTo"], "http://mlcommons.org/croissant/1.0");
        let fields = described["recordSet"][0]["field"].as_array().unwrap();
        assert_eq!(fields.len(), preview["columns"].as_array().unwrap().len());
        let url = described["distribution"][0]["contentUrl"].as_str().unwrap().to_owned();
        let file = platform.get(url.strip_prefix(&platform.url).unwrap()).await;
        assert_eq!(described["distribution"][0]["contentSize"], format!("{} B", file.body.len()));
    }
}
