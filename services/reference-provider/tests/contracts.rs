//! Every contract is whole, its examples are true, and hostile input gets a refusal, never a panic.

#![expect(clippy::unwrap_used, reason = "a contract that cannot be read fails the test that reads it")]

use jsonschema::Validator;
use reference_provider::{Code, answer, contracts};
use serde_json::{Map, Value, json};

fn parsed() -> Vec<(&'static str, Value)> {
    contracts().map(|contract| (contract.slug, serde_json::from_str(contract.json).unwrap())).collect()
}

fn schema(contract: &Value, name: &str) -> Validator {
    jsonschema::draft202012::new(&contract[name]).unwrap()
}

fn examples(contract: &Value) -> &[Value] {
    contract["examples"].as_array().unwrap()
}

#[test]
fn every_contract_has_exactly_the_agreed_fields() {
    for (slug, contract) in parsed() {
        let fields: Vec<&String> = contract.as_object().unwrap().keys().collect();
        let agreed = ["examples", "input_schema", "measure", "output_schema", "slug", "summary", "version"];
        assert_eq!(fields, agreed, "{slug}");
        assert_eq!(contract["slug"], slug);
        assert!(contract["version"].is_u64(), "{slug}");
        assert!(contract["summary"]["en"].is_string() && contract["summary"]["zh"].is_string(), "{slug}");
        assert!(!examples(&contract).is_empty(), "{slug}");
    }
}

#[test]
fn slugs_are_unique() {
    let mut slugs: Vec<&str> = contracts().map(|contract| contract.slug).collect();
    let count = slugs.len();
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), count);
}

#[test]
fn every_example_matches_both_schemas_and_is_what_the_service_answers() {
    for (slug, contract) in parsed() {
        let (input_schema, output_schema) = (schema(&contract, "input_schema"), schema(&contract, "output_schema"));
        for example in examples(&contract) {
            assert!(input_schema.is_valid(&example["input"]), "{slug}");
            let output = answer(slug, &example["input"]).unwrap_or_else(|refusal| panic!("{slug}: {refusal}"));
            output_schema.validate(&output).unwrap_or_else(|error| panic!("{slug}: {error}"));
            assert_eq!(output, example["output"], "{slug} now answers {output}");
        }
    }
}

#[test]
fn measures_count_what_is_in_the_examples() {
    for (slug, contract) in parsed() {
        let measure = &contract["measure"];
        let meters = ["character", "image", "job", "request", "row"];
        assert!(meters.contains(&measure["meter"].as_str().unwrap()), "{slug}");
        for example in examples(&contract) {
            let input = &example["input"];
            match &measure["count"] {
                Value::String(one) => assert_eq!(one, "one", "{slug}"),
                count if count["items"].is_string() => {
                    assert!(input.pointer(count["items"].as_str().unwrap()).unwrap().is_array(), "{slug}");
                }
                count => {
                    let pointers = count["characters"].as_array().unwrap();
                    let found = pointers.iter().filter_map(|pointer| input.pointer(pointer.as_str().unwrap()));
                    assert!(found.count() > 0, "{slug}");
                }
            }
        }
    }
}

/// Every string, array, object and number in a schema is bounded, so that no input is unbounded.
fn unbounded(schema: &Value, at: &str, found: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            let needed: &[&str] = match fields.get("type").and_then(Value::as_str) {
                Some("string") => &["maxLength"],
                Some("array") => &["maxItems"],
                Some("number" | "integer") => &["minimum", "maximum"],
                Some("object") => &["additionalProperties"],
                _ => &[],
            };
            let missing = needed.iter().filter(|name| !fields.contains_key(**name));
            found.extend(missing.map(|name| format!("{at} lacks {name}")));
            fields.iter().for_each(|(name, inner)| unbounded(inner, &format!("{at}/{name}"), found));
        }
        Value::Array(inner) => inner.iter().for_each(|inner| unbounded(inner, at, found)),
        _ => {}
    }
}

#[test]
fn every_part_of_an_input_is_bounded_and_unknown_fields_are_refused() {
    for (slug, contract) in parsed() {
        let mut found = Vec::new();
        unbounded(&contract["input_schema"], slug, &mut found);
        assert!(found.is_empty(), "{found:?}");
        let mut input = examples(&contract)[0]["input"].clone();
        input.as_object_mut().unwrap().insert("surprise".to_owned(), json!(1));
        assert_eq!(answer(slug, &input).unwrap_err().code, Code::InvalidInput, "{slug}");
    }
}

#[test]
fn outputs_of_a_wrong_kind_fail_their_schema() {
    for (slug, contract) in parsed() {
        let output_schema = schema(&contract, "output_schema");
        let fields = examples(&contract)[0]["output"].as_object().unwrap();
        assert!(!output_schema.is_valid(&json!({})), "{slug}");
        for name in fields.keys() {
            let mut nonsense: Map<String, Value> = fields.clone();
            nonsense.insert(name.clone(), json!({ "nonsense": true }));
            assert!(!output_schema.is_valid(&Value::Object(nonsense)), "{slug} {name}");
        }
    }
}

#[test]
fn inputs_of_a_wrong_kind_are_refused() {
    for (slug, contract) in parsed() {
        for wrong in [json!({}), json!(null), json!([]), json!("text"), json!(7)] {
            assert_eq!(answer(slug, &wrong).unwrap_err().code, Code::InvalidInput, "{slug}");
        }
        let fields = examples(&contract)[0]["input"].as_object().unwrap();
        for name in fields.keys() {
            let mut input = fields.clone();
            input.insert(name.clone(), json!({ "nonsense": [] }));
            let refusal = answer(slug, &Value::Object(input)).unwrap_err();
            assert_eq!(refusal.code, Code::InvalidInput, "{slug} {name}");
            assert!(refusal.pointer.is_some_and(|pointer| pointer.starts_with(&format!("/{name}"))), "{slug} {name}");
        }
    }
}

/// Each example with its texts, lists and numbers made empty, enormous or strange.
fn hostile(value: &Value) -> Vec<Value> {
    let strange = "\u{0}\u{202e}e\u{301}👩‍👩‍👧‍👦㍿﷽ﬁ 一二三 .... ''' --- 999999999999999999999999";
    match value {
        Value::String(text) => {
            vec![json!(""), json!(" "), json!(text.repeat(2_000)), json!(strange), json!(format!("{text}{strange}"))]
        }
        Value::Array(items) => {
            let repeated: Vec<Value> = items.iter().cycle().take(items.len() * 10).cloned().collect();
            vec![json!([]), Value::Array(repeated), Value::Array(items.iter().take(1).cloned().collect())]
        }
        Value::Number(_) => [0.0, -1.0, 1.0, 1e12, -1e12, 1e300, 0.5].map(|number| json!(number)).to_vec(),
        _ => vec![json!(null)],
    }
}

#[test]
fn hostile_inputs_get_an_answer_within_the_contract_or_a_refusal() {
    for (slug, contract) in parsed() {
        let output_schema = schema(&contract, "output_schema");
        for example in examples(&contract) {
            let fields = example["input"].as_object().unwrap();
            for (name, value) in fields {
                for hostile in hostile(value) {
                    let mut input = fields.clone();
                    input.insert(name.clone(), hostile);
                    match answer(slug, &Value::Object(input)) {
                        Ok(output) => {
                            output_schema.validate(&output).unwrap_or_else(|error| panic!("{slug} {name}: {error}"));
                        }
                        Err(refusal) => {
                            assert_ne!(refusal.code, Code::Internal, "{slug} {name}");
                            assert!(refusal.message.chars().count() <= 300, "{slug} {name}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_refusal_does_not_repeat_the_caller_s_content() {
    let secret = "秘密".repeat(20_000);
    let refusal = answer("chinese-word-segmentation", &json!({ "text": secret })).unwrap_err();
    assert!(!refusal.message.contains("秘密"), "{}", refusal.message);
}
