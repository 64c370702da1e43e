//! Trusted documents: those that our own pages send, by the SHA-256 of their text, compiled into the program.
//!
//! They are read, guarded and parsed once, at the start. A document that is not among them is never trusted; but the
//! last ones are kept parsed, as a client sends the same few again and again.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use kernel::merkle::hex;
use lru::LruCache;
use sha2::{Digest, Sha256};

use super::limits::Limits;
use super::refusal::Refusal;
use super::scan;

/// By hash, as the build of the pages wrote them.
const BUILT_IN: &str = include_str!("../../../../schema/operations.json");
/// How the id of a document begins: it names the hash that follows in hexadecimal digits.
const ID_PREFIX: &str = "sha256:";

/// Why the file of documents cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    /// Not a JSON object from hashes to texts.
    #[error("the trusted documents are not a JSON object of texts by their hash")]
    Shape(#[from] serde_json::Error),
    /// A text under another hash than its own.
    #[error("the trusted document {0} has another hash")]
    Hash(String),
    /// A text that the door would refuse.
    #[error("the trusted document {hash} is refused")]
    Refused {
        /// Its hash.
        hash: String,
        /// Why.
        source: Refusal,
    },
}

/// A document that is known to be good.
#[derive(Debug)]
pub struct Trusted {
    /// Its text.
    pub text: String,
    /// Parsed.
    pub document: ExecutableDocument,
    /// Whether it only reads: then GET may carry it.
    pub is_query: bool,
}

/// Documents of clients that are kept parsed, at most …
const KEPT_MAX: NonZeroUsize = NonZeroUsize::new(256).unwrap();
/// … each of at most so many bytes: what is larger is rare.
const KEPT_BYTES_MAX: usize = 8 * 1024;

/// The trusted documents, and those of clients that were parsed last.
#[derive(Clone, Debug)]
pub struct Documents {
    trusted: Arc<HashMap<String, Trusted>>,
    kept: Arc<Mutex<LruCache<String, Arc<ExecutableDocument>>>>,
}

impl Default for Documents {
    /// None.
    fn default() -> Self {
        Self::new(HashMap::new())
    }
}

impl Documents {
    /// Those that were compiled in.
    pub fn built_in(limits: &Limits) -> Result<Self, DocumentsError> {
        Self::read(BUILT_IN, limits)
    }

    /// Reads `{"<SHA-256, hexadecimal>": "<document>"}`.
    pub fn read(json: &str, limits: &Limits) -> Result<Self, DocumentsError> {
        let texts: HashMap<String, String> = serde_json::from_str(json)?;
        let trusted = texts.into_iter().map(|(hash, text)| trust(hash, text, limits));
        trusted.collect::<Result<_, _>>().map(Self::new)
    }

    fn new(trusted: HashMap<String, Trusted>) -> Self {
        Self { trusted: Arc::new(trusted), kept: Arc::new(Mutex::new(LruCache::new(KEPT_MAX))) }
    }

    /// Guards and parses the text of a client, unless that was done before.
    pub fn parse(&self, text: &str, limits: &Limits) -> Result<ExecutableDocument, Refusal> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept().get(text).map(Arc::clone);
        if let Some(known) = known {
            return Ok(ExecutableDocument::clone(&known));
        }
        let document = parse(text, limits)?;
        if text.len() <= KEPT_BYTES_MAX {
            kept().put(text.to_owned(), Arc::new(document.clone()));
        }
        Ok(document)
    }

    /// The document of an id: `sha256:` and the hash, or the hash alone.
    pub fn find(&self, id: &str) -> Option<&Trusted> {
        self.trusted.get(id.strip_prefix(ID_PREFIX).unwrap_or(id))
    }
}

fn trust(hash: String, text: String, limits: &Limits) -> Result<(String, Trusted), DocumentsError> {
    if hex(&Sha256::digest(text.as_bytes())) != hash {
        return Err(DocumentsError::Hash(hash));
    }
    match parse(&text, limits) {
        Ok(document) => {
            let is_query = document.operations.iter().all(|(_, operation)| operation.node.ty == OperationType::Query);
            Ok((hash, Trusted { text, document, is_query }))
        }
        Err(source) => Err(DocumentsError::Refused { hash, source }),
    }
}

/// Guards and parses a document's text.
fn parse(text: &str, limits: &Limits) -> Result<ExecutableDocument, Refusal> {
    if text.len() > limits.document_bytes_max {
        return Err(Refusal::DocumentTooLarge { bytes_max: limits.document_bytes_max });
    }
    scan::document(text, limits)?;
    // The parser's own message repeats the document, so only its position is passed on.
    parse_query(text).map_err(|error| Refusal::Syntax { at: error.positions().next() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hash(text: &str) -> String {
        hex(&Sha256::digest(text.as_bytes()))
    }

    fn read(json: &serde_json::Value) -> Result<Documents, DocumentsError> {
        Documents::read(&json.to_string(), &Limits::default())
    }

    #[test]
    fn the_documents_of_the_pages_are_good() {
        assert!(Documents::built_in(&Limits::default()).is_ok());
    }

    #[test]
    fn a_document_is_found_by_its_hash_with_or_without_the_prefix() {
        let (query, mutation) = ("query A { a }", "mutation B { b }");
        let documents = read(&json!({hash(query): query, hash(mutation): mutation})).unwrap();
        assert!(documents.find(&hash(query)).unwrap().is_query);
        let found = documents.find(&format!("sha256:{}", hash(mutation))).unwrap();
        assert_eq!((found.text.as_str(), found.is_query), (mutation, false));
        assert!(documents.find(&hash("{ other }")).is_none());
        assert!(documents.find(&format!("sha512:{}", hash(query))).is_none());
    }

    #[test]
    fn a_clients_document_is_parsed_once_and_is_no_trusted_one() {
        let (documents, limits) = (Documents::default(), Limits::default());
        let text = "query A($x: Int) { a(x: $x) }";
        let parsed = documents.parse(text, &limits).unwrap();
        assert_eq!(documents.kept.lock().unwrap().len(), 1);
        let again = documents.parse(text, &limits).unwrap();
        assert_eq!(format!("{again:?}"), format!("{parsed:?}"));
        assert_eq!(documents.kept.lock().unwrap().len(), 1);
        assert!(documents.find(&hash(text)).is_none());
    }

    #[test]
    fn few_and_short_documents_are_kept_and_no_refused_ones() {
        let (documents, limits) = (Documents::default(), Limits::default());
        for number in 0..KEPT_MAX.get() + 10 {
            assert!(documents.parse(&format!("{{ a{number} }}"), &limits).is_ok());
        }
        assert!(documents.parse("{", &limits).is_err());
        assert!(documents.parse(&format!("{{ a{} }}", " ".repeat(KEPT_BYTES_MAX)), &limits).is_ok());
        let kept = documents.kept.lock().unwrap();
        assert_eq!((kept.len(), kept.contains("{")), (KEPT_MAX.get(), false));
        assert!(kept.iter().all(|(text, _)| text.len() <= KEPT_BYTES_MAX));
    }

    #[test]
    fn malformed_files_are_refused() {
        for malformed in ["", "[]", "null", "{\"a\": 7}", "{\"a\": \"{ a }\"", "{\"a\": {\"b\": \"c\"}}"] {
            let refused = Documents::read(malformed, &Limits::default());
            assert!(matches!(refused, Err(DocumentsError::Shape(_))), "{malformed}");
        }
        assert!(matches!(read(&json!({hash("{ a }"): "{ b }"})), Err(DocumentsError::Hash(_))));
        let upper = hash("{ a }").to_uppercase();
        assert!(matches!(read(&json!({upper: "{ a }"})), Err(DocumentsError::Hash(_))));
    }

    #[test]
    fn documents_that_the_door_would_refuse_are_refused() {
        let refused = |text: &str| match read(&json!({hash(text): text})) {
            Err(DocumentsError::Refused { source, .. }) => source.code().0,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused("{"), "SYNTAX_ERROR");
        assert_eq!(refused(&"{a".repeat(100)), "NESTED_TOO_DEEPLY");
    }
}
