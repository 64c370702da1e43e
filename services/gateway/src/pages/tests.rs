//! The pages over a real market: heads, statuses, languages, sitemap, Croissant.

use std::sync::Arc;

use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, HOST};
use actix_web::http::{StatusCode, header};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::Data;
use serde_json::{Value, json};

use super::origin::Origin;
use super::template::Template;
use super::{Pages, routes};
use crate::tests::harness::Bench;
use crate::tests::market::{define, draft, publish};

const INDEX: &str = "<!doctype html><html lang=\"en\"><head><meta name=\"description\" content=\"old\" />\
    <title>Old</title></head><body><div id=\"root\"></div></body></html>";
const CSV: &str = "/datasets/national-ai-strategies-2017-2020.csv";

struct Answer {
    status: StatusCode,
    vary: String,
    kind: String,
    body: String,
}

async fn get(bench: &Bench, origin: Option<Origin>, path: &str, language: &str) -> Answer {
    let mut pages = Pages::new(Arc::clone(&bench.platform), origin);
    pages.template = Some(Template::cut(INDEX));
    let app = init_service(App::new().configure(|config| routes(config, Data::new(pages)))).await;
    let request = TestRequest::get().uri(path).insert_header((HOST, "market.test:8080"));
    let request = request.insert_header((ACCEPT, "text/html")).insert_header((ACCEPT_LANGUAGE, language));
    let response = call_service(&app, request.insert_header((ACCEPT_ENCODING, "identity")).to_request()).await;
    let text = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let (vary, kind) = (text(header::VARY), text(header::CONTENT_TYPE));
    let status = response.status();
    let body = to_bytes(response.into_body()).await.unwrap();
    Answer { status, vary, kind, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn market() -> Bench {
    let bench = Bench::start().await;
    let operator = bench.join("operator", true).await;
    let seller = bench.join("seller", false).await;
    define(&bench, &operator).await;
    let listing = draft(&bench, &seller, "pinyin-shop").await;
    publish(&bench, &seller, &operator, &listing).await;
    let content = json!({"name": {"en": "Strategies", "zh": "战略"}, "summary": {"en": "Nineteen <b>documents</b>"},
        "licence": "CC0-1.0", "details": {"dataset": {"mediaType": "text/csv", "downloadUrl": CSV,
            "sha256": "2a55d19cff6a69d9f484ecc11cf85fd4519eba4f033137be67cbdab43b3f4cc0", "bytes": "3075",
            "rows": "19", "provenance": {"en": "Copied by hand"}}}});
    let input = json!({"slug": "strategies", "content": content});
    let drafted = bench.done(&seller, "draftListing", "listing { id }", input).await;
    let listing = json!({"listingId": drafted["listing"]["id"]});
    bench.done(&seller, "submitListing", "listing { id }", listing.clone()).await;
    bench.done(&operator, "publishListing", "listing { id }", listing).await;
    bench
}

fn linked_data(page: &str) -> Value {
    let (_, rest) = page.split_once("<script type=\"application/ld+json\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[actix_web::test]
async fn each_address_says_what_it_is_about_in_the_readers_language() {
    let bench = market().await;
    for (path, english, chinese) in [
        ("/", "Tallystick · AI marketplace", "算市 · 自带账单"),
        ("/capabilities", "228 AI capabilities", "228项人工智能能力"),
        ("/capabilities/pinyin", "Pinyin · Tallystick", "拼音 · 算市"),
        ("/listings/pinyin-shop", "Pinyin · Tallystick", "拼音 · 算市"),
        ("/stores/pinyin-shop", "pinyin-shop · Tallystick", "pinyin-shop · 算市"),
    ] {
        let page = get(&bench, None, path, "en").await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.contains(&format!("<title>{english}")), "{path}: {}", page.body);
        assert!(page.body.contains(&format!("<link rel=\"canonical\" href=\"http://market.test:8080{path}\" />")));
        let page = get(&bench, None, path, "zh-CN,en;q=0.5").await;
        assert!(page.body.contains(&format!("<title>{chinese}")), "{path}: {}", page.body);
        assert!(page.body.contains("<html lang=\"zh-CN\">"));
        assert!(page.vary.contains("Accept-Language, Cookie"), "{}", page.vary);
    }
}

#[actix_web::test]
async fn a_language_in_the_address_makes_its_own_link() {
    let bench = market().await;
    let origin = Some("https://market.example".parse().unwrap());
    let page = get(&bench, origin, "/capabilities/pinyin/?lang=zh&from=mail", "en").await.body;
    assert!(page.contains("<link rel=\"canonical\" href=\"https://market.example/capabilities/pinyin?lang=zh\" />"));
    for (tag, suffix) in [("en", "?lang=en"), ("zh-CN", "?lang=zh"), ("x-default", "")] {
        let url = format!("https://market.example/capabilities/pinyin{suffix}");
        assert!(page.contains(&format!("<link rel=\"alternate\" hreflang=\"{tag}\" href=\"{url}\" />")), "{page}");
    }
    assert!(page.contains("<html lang=\"zh-CN\">"));
}

#[actix_web::test]
async fn what_is_not_there_is_404_with_the_page() {
    let bench = market().await;
    for path in ["/capabilities/nothing", "/listings/nothing", "/stores/nothing", "/market/any", "/listings/%3Cb%3E"] {
        let page = get(&bench, None, path, "en").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.contains("<div id=\"root\">") && page.body.contains("noindex"), "{path}");
    }
    for path in ["/usage/invoices", "/sell", "/operate/log", "/sign-in", "/compare?offers=a"] {
        let page = get(&bench, None, path, "en").await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.contains("noindex") && !page.body.contains("canonical"), "{path}");
    }
    assert_eq!(get(&bench, None, "/assets/gone.js", "en").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_listing_is_a_product_with_offers() {
    let bench = market().await;
    let data = linked_data(&get(&bench, None, "/listings/pinyin-shop", "en").await.body);
    assert_eq!((data["@type"].as_str(), data["name"].as_str()), (Some("Product"), Some("Pinyin")));
    let offer = &data["offers"][0];
    assert_eq!((offer["price"].as_str(), offer["priceCurrency"].as_str()), (Some("0.002"), Some("CNY")));
    assert_eq!(offer["priceSpecification"][0]["unitText"], "character");
    let data = linked_data(&get(&bench, None, "/capabilities/pinyin", "en").await.body);
    assert_eq!(data["offers"]["lowPrice"], "0.002");
    let data = linked_data(&get(&bench, None, "/stores/pinyin-shop", "en").await.body);
    assert_eq!(data["@type"], "Organization");
}

#[actix_web::test]
async fn a_dataset_is_described_in_croissant() {
    let bench = market().await;
    let page = get(&bench, None, "/listings/strategies", "en").await.body;
    assert!(page.contains("Nineteen &lt;b&gt;documents"), "{page}");
    assert_eq!(linked_data(&page)["conformsTo"], "http://mlcommons.org/croissant/1.0");
    let answer = get(&bench, None, "/listings/strategies/croissant.json", "en").await;
    assert_eq!(answer.kind, "application/ld+json");
    let described: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(described["license"], "https://spdx.org/licenses/CC0-1.0.html");
    assert_eq!(described["distribution"][0]["contentUrl"], format!("http://market.test:8080{CSV}"));
    if super::files::read(CSV.trim_start_matches('/')).is_some() {
        assert_eq!(described["recordSet"][0]["field"].as_array().map(Vec::len), Some(8), "{described}");
    }
    let answer = get(&bench, None, "/listings/pinyin-shop/croissant.json", "en").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn robots_find_the_sitemap_and_every_page_in_it() {
    let bench = market().await;
    let robots = get(&bench, None, "/robots.txt", "en").await.body;
    assert!(robots.contains("Disallow: /usage\n") && robots.contains("http://market.test:8080/sitemap.xml"));
    let sitemap = get(&bench, None, "/sitemap.xml", "en").await;
    assert!(sitemap.kind.starts_with("application/xml"));
    for path in ["/", "/capabilities/pinyin", "/listings/strategies", "/stores/pinyin-shop"] {
        assert!(sitemap.body.contains(&format!("<loc>http://market.test:8080{path}</loc>")), "{path}");
    }
}
