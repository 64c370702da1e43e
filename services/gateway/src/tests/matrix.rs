//! Every field of the schema stands in the matrix, and the matrix is what happens.

use std::collections::BTreeSet;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, ServiceDocument, Type, TypeDefinition, TypeKind, TypeSystemDefinition};
use serde_json::json;

use super::harness::{Bench, powerless};
use crate::graphql::matrix::{Access, MATRIX};

fn document() -> ServiceDocument {
    parse_schema(crate::graphql::sdl()).unwrap()
}

fn find<'a>(document: &'a ServiceDocument, name: &str) -> &'a TypeDefinition {
    let types = document.definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(&definition.node),
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    types.into_iter().find(|definition| definition.name.node == name).unwrap()
}

fn fields(document: &ServiceDocument, root: &str) -> BTreeSet<String> {
    let TypeKind::Object(object) = &find(document, root).kind else { panic!("{root} is no object") };
    object.fields.iter().map(|field| field.node.name.node.to_string()).collect()
}

/// The smallest literal of an input type.
fn literal(document: &ServiceDocument, of: &Type) -> String {
    let name = match &of.base {
        BaseType::List(_) => return "[]".to_owned(),
        BaseType::Named(name) => name.as_str(),
    };
    match name {
        "String" => "\"a\"".to_owned(),
        "ID" => "\"org_00000000000000000000000001\"".to_owned(),
        "Int" => "1".to_owned(),
        "Boolean" => "true".to_owned(),
        "Decimal" | "Count" => "\"1\"".to_owned(),
        "DateTime" => "\"2026-01-01T00:00:00Z\"".to_owned(),
        "JSON" => "{}".to_owned(),
        name => composite(document, name),
    }
}

fn composite(document: &ServiceDocument, name: &str) -> String {
    let definition = find(document, name);
    let oneof = definition.directives.iter().any(|directive| directive.node.name.node == "oneOf");
    match &definition.kind {
        TypeKind::Enum(of) => of.values[0].node.value.node.to_string(),
        TypeKind::InputObject(of) => {
            let wanted =
                of.fields.iter().filter(|field| !field.node.ty.node.nullable && field.node.default_value.is_none());
            let wanted: Vec<_> = if oneof { of.fields.iter().take(1).collect() } else { wanted.collect() };
            let members = wanted
                .into_iter()
                .map(|field| format!("{}: {}", field.node.name.node, literal(document, &field.node.ty.node)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        _ => panic!("{name} is no input"),
    }
}

/// The smallest use of a field, with every argument that it needs.
fn smallest(document: &ServiceDocument, root: &str, field: &str) -> String {
    let TypeKind::Object(object) = &find(document, root).kind else { panic!("{root} is no object") };
    let found = object.fields.iter().find(|other| other.node.name.node == field).unwrap();
    let needed = found.node.arguments.iter();
    let needed = needed.filter(|argument| !argument.node.ty.node.nullable && argument.node.default_value.is_none());
    let arguments: Vec<String> = needed
        .map(|argument| format!("{}: {}", argument.node.name.node, literal(document, &argument.node.ty.node)))
        .collect();
    let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
    format!("{field}{arguments}")
}

#[test]
fn the_matrix_lists_exactly_the_fields_of_the_schema() {
    let document = document();
    for root in ["Query", "Mutation", "Subscription"] {
        let listed = MATRIX.iter().filter(|rule| rule.root == root).map(|rule| rule.field.to_owned()).collect();
        assert_eq!(fields(&document, root), listed, "{root}");
    }
}

#[tokio::test]
async fn nobody_known_reaches_no_field_but_the_public_ones() {
    let bench = Bench::start().await;
    let document = document();
    for rule in MATRIX {
        let operation = rule.root.to_lowercase();
        let used = smallest(&document, rule.root, rule.field);
        let text = format!("{operation} {{ {used} {{ __typename }} }}");
        let response = match rule.root {
            "Subscription" => bench.first(None, &text).await,
            _ => bench.ask(None, &text, json!({})).await,
        };
        let code = response.pointer("/errors/0/extensions/code").and_then(serde_json::Value::as_str);
        let refused = code == Some("UNAUTHENTICATED");
        assert_eq!(refused, rule.access != Access::Public, "{}.{}: {response}", rule.root, rule.field);
        assert!(!refused || response["data"].is_null());
    }
}

#[tokio::test]
async fn a_key_without_scopes_reaches_no_scoped_field() {
    let bench = Bench::start().await;
    let nobody = powerless(&bench.join("acme", false).await);
    let document = document();
    for rule in MATRIX.iter().filter(|rule| !matches!(rule.access, Access::Public | Access::Authenticated)) {
        let expected = if rule.access == Access::Operator { "NOT_OPERATOR" } else { "MISSING_SCOPE" };
        let used = smallest(&document, rule.root, rule.field);
        let (text, pointer) = match rule.root {
            "Mutation" => (format!("mutation {{ a: {used} {{ errors {{ code }} }} }}"), "/data/a/errors/0/code"),
            "Subscription" => (format!("subscription {{ {used} {{ __typename }} }}"), "/errors/0/extensions/code"),
            _ => (format!("{{ {used} {{ __typename }} }}"), "/errors/0/extensions/code"),
        };
        let response = match rule.root {
            "Subscription" => bench.first(Some(&nobody), &text).await,
            _ => bench.ask(Some(&nobody), &text, json!({})).await,
        };
        let code = response.pointer(pointer).and_then(serde_json::Value::as_str);
        assert_eq!(code, Some(expected), "{}.{}: {response}", rule.root, rule.field);
    }
}

#[tokio::test]
async fn guards_hold_through_aliases_and_fragments() {
    let bench = Bench::start().await;
    for document in [
        "{ harmless: viewer { isOperator } }",
        "{ ... { viewer { isOperator } } }",
        "{ ...f } fragment f on Query { viewer { isOperator } }",
        "query A { categories { id } } query B { viewer { isOperator } }",
    ] {
        let response = bench.ask(None, document, json!({})).await;
        assert!(response["data"].is_null(), "{document}: {response}");
    }
}
