//! Datasets in Croissant 1.0 (<http://mlcommons.org/croissant/1.0>), so that tools can load them and others can
//! harvest them.

use catalog::published::listing::DatasetDetails;
use kernel::localized::Language;
use serde_json::{Value, json};
use views::catalog::Provider;
use views::listings::ListingVersion;

use super::language::tag;
use super::linked_data::{licence_url, party};
use super::origin::Origin;

/// The one file of a dataset, within its description.
const FILE: &str = "file";
/// Its records, within its description.
const RECORDS: &str = "records";

/// Describes a dataset; with its columns where they are known.
pub fn dataset(
    origin: &Origin,
    slug: &str,
    version: &ListingVersion,
    details: &DatasetDetails,
    provider: &Provider,
    language: Language,
    columns: &[String],
) -> Value {
    let content = &version.content;
    let url = origin.at(&format!("/listings/{slug}"));
    let party = party(origin, provider, language);
    let mut value = json!({
        "@context": context(language),
        "@type": "sc:Dataset",
        "@id": url,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": content.name.get(language),
        "alternateName": slug,
        "description": content.summary.get(language),
        "url": url,
        "inLanguage": tag(language),
        "version": format!("{}.0.0", version.version),
        "datePublished": version.published_at.to_string(),
        "creator": party,
        "publisher": party,
        "rai:dataCollection": details.provenance.get(language),
        "distribution": [file(origin, details)],
    });
    if let Some(licence) = &content.licence {
        value["license"] = Value::from(licence_url(licence));
    }
    if !columns.is_empty() {
        value["recordSet"] = json!([{
            "@type": "cr:RecordSet", "@id": RECORDS, "name": RECORDS,
            "field": columns.iter().enumerate().map(|(index, column)| field(index, column)).collect::<Vec<_>>(),
        }]);
    }
    value
}

fn file(origin: &Origin, details: &DatasetDetails) -> Value {
    let path = details.download_url.as_str();
    let url = if path.starts_with('/') { origin.at(path) } else { path.to_owned() };
    json!({
        "@type": "cr:FileObject", "@id": FILE, "name": path.rsplit('/').next().unwrap_or(FILE), "contentUrl": url,
        "contentSize": format!("{} B", details.bytes), "encodingFormat": details.media_type, "sha256": details.sha256,
    })
}

fn field(index: usize, column: &str) -> Value {
    json!({
        "@type": "cr:Field", "@id": format!("{RECORDS}/{index}"), "name": column, "dataType": "sc:Text",
        "source": {"fileObject": {"@id": FILE}, "extract": {"column": column}},
    })
}

/// The context that the specification recommends (Appendix 1).
fn context(language: Language) -> Value {
    json!({
        "@language": tag(language),
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "extract": "cr:extract",
        "field": "cr:field",
        "fileProperty": "cr:fileProperty",
        "fileObject": "cr:fileObject",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    })
}
