//! Given/when/then for capabilities.

use super::*;
use crate::published::capability::ContractFile;
use kernel::meter::Meter;
use kernel::testing::given;
use serde_json::json;

fn definition() -> Definition {
    Definition {
        slug: "pinyin-annotation".parse().unwrap(),
        category: "nlp".parse().unwrap(),
        subcategory: "phonetics".to_owned(),
        name: Localized { en: Some("Pinyin annotation".to_owned()), zh: Some("拼音标注".to_owned()) },
        inputs: vec!["text".to_owned()],
        outputs: vec!["tokens".to_owned()],
        meter: Meter::Character,
        quoted_per: 1_000,
        usually_free: true,
        specialised: false,
        industries: vec!["education".to_owned()],
    }
}

fn contract(version: u32) -> Contract {
    Contract {
        version,
        summary: Localized { en: Some("Reads Chinese aloud".to_owned()), zh: None },
        measure: Measure { meter: Meter::Character, count: Count::Characters(vec!["/text".to_owned()]) },
        input_schema: json!({ "type": "object" }),
        output_schema: json!({ "type": "object" }),
        examples: vec![Example { input: json!({ "text": "算市" }), output: json!({ "pinyin": ["suàn", "shì"] }) }],
    }
}

fn defined() -> Event {
    Event::Defined(Defined { definition: definition() })
}

fn contract_defined(contract: Contract) -> Event {
    Event::ContractDefined(ContractDefined { slug: definition().slug, contract })
}

#[track_caller]
fn definition_rejected(definition: Definition, code: &str) {
    given::<Capability>(&[]).when(Command::Define(definition)).rejected(code);
}

#[track_caller]
fn contract_rejected(contract: Contract, code: &str) {
    given::<Capability>(&[defined()]).when(Command::DefineContract(contract)).rejected(code);
}

fn counting(count: Count) -> Contract {
    Contract { measure: Measure { meter: Meter::Character, count }, ..contract(1) }
}

#[test]
fn a_capability_enters_the_catalog_with_trimmed_texts() {
    let untrimmed = Definition { subcategory: " phonetics ".to_owned(), ..definition() };
    given::<Capability>(&[]).when(Command::Define(untrimmed)).then(&[defined()]);
}

#[test]
fn the_same_definition_again_records_nothing_and_another_does() {
    given::<Capability>(&[defined()]).when(Command::Define(definition())).then(&[]);
    let other = Definition { usually_free: false, ..definition() };
    let expected = Event::Defined(Defined { definition: other.clone() });
    given::<Capability>(&[defined()]).when(Command::Define(other)).then(&[expected]);
}

#[test]
fn a_new_definition_leaves_the_contract_in_force() {
    let other = Definition { usually_free: false, ..definition() };
    let past = [defined(), contract_defined(contract(1)), Event::Defined(Defined { definition: other })];
    given::<Capability>(&past).when(Command::DefineContract(contract(2))).then(&[contract_defined(contract(2))]);
}

#[test]
fn a_capability_keeps_its_slug() {
    let other = Definition { slug: "pinyin".parse().unwrap(), ..definition() };
    given::<Capability>(&[defined()]).when(Command::Define(other)).rejected("CAPABILITY_SLUG_FIXED");
}

#[test]
fn a_capability_is_named_in_both_languages() {
    let english = Localized { en: Some("Pinyin".to_owned()), zh: Some(" ".to_owned()) };
    definition_rejected(Definition { name: english, ..definition() }, "CAPABILITY_NAME_INVALID");
    let long = Localized { en: Some("x".repeat(121)), zh: Some("拼音".to_owned()) };
    definition_rejected(Definition { name: long, ..definition() }, "CAPABILITY_NAME_INVALID");
}

#[test]
fn a_capability_stands_in_one_of_the_catalogs_categories() {
    let category = "astrology".parse().unwrap();
    definition_rejected(Definition { category, ..definition() }, "CAPABILITY_CATEGORY_UNKNOWN");
}

#[test]
fn the_words_of_a_definition_are_bounded() {
    for word in ["", "a\u{7}", &"x".repeat(61)] {
        let words = vec![word.to_owned()];
        definition_rejected(Definition { subcategory: word.to_owned(), ..definition() }, "CAPABILITY_WORD_INVALID");
        definition_rejected(Definition { inputs: words.clone(), ..definition() }, "CAPABILITY_WORD_INVALID");
        definition_rejected(Definition { outputs: words.clone(), ..definition() }, "CAPABILITY_WORD_INVALID");
        definition_rejected(Definition { industries: words, ..definition() }, "CAPABILITY_WORD_INVALID");
    }
}

#[test]
fn the_lists_of_a_definition_are_bounded() {
    let many = vec!["text".to_owned(); 31];
    definition_rejected(Definition { inputs: Vec::new(), ..definition() }, "CAPABILITY_WORD_COUNT");
    definition_rejected(Definition { outputs: Vec::new(), ..definition() }, "CAPABILITY_WORD_COUNT");
    definition_rejected(Definition { industries: many, ..definition() }, "CAPABILITY_WORD_COUNT");
}

#[test]
fn a_price_is_quoted_for_something() {
    definition_rejected(Definition { quoted_per: 0, ..definition() }, "CAPABILITY_QUOTED_PER_INVALID");
}

#[test]
fn a_contract_needs_its_capability() {
    given::<Capability>(&[]).when(Command::DefineContract(contract(1))).rejected("CAPABILITY_NOT_DEFINED");
}

#[test]
fn versions_of_a_contract_have_no_gaps() {
    let first = contract_defined(contract(1));
    given::<Capability>(&[defined()]).when(Command::DefineContract(contract(1))).then(std::slice::from_ref(&first));
    contract_rejected(contract(2), "CONTRACT_VERSION_NOT_NEXT");
    contract_rejected(contract(0), "CONTRACT_VERSION_NOT_NEXT");
    let past = [defined(), first];
    given::<Capability>(&past).when(Command::DefineContract(contract(2))).then(&[contract_defined(contract(2))]);
    given::<Capability>(&past).when(Command::DefineContract(contract(3))).rejected("CONTRACT_VERSION_NOT_NEXT");
}

#[test]
fn the_same_contract_again_records_nothing_and_a_changed_one_needs_the_next_version() {
    let past = [defined(), contract_defined(contract(1))];
    given::<Capability>(&past).when(Command::DefineContract(contract(1))).then(&[]);
    let changed = Contract { output_schema: json!({}), ..contract(1) };
    given::<Capability>(&past).when(Command::DefineContract(changed)).rejected("CONTRACT_VERSION_NOT_NEXT");
}

#[test]
fn a_contract_has_a_summary() {
    let summary = Localized { en: None, zh: None };
    contract_rejected(Contract { summary, ..contract(1) }, "CONTRACT_SUMMARY_INVALID");
}

#[test]
fn schemas_are_objects_of_bounded_size() {
    let large = json!({ "description": "x".repeat(SCHEMA_BYTES_MAX) });
    for schema in [json!("text"), json!([]), json!(null), large] {
        contract_rejected(Contract { input_schema: schema.clone(), ..contract(1) }, "CONTRACT_SCHEMA_INVALID");
        contract_rejected(Contract { output_schema: schema, ..contract(1) }, "CONTRACT_SCHEMA_INVALID");
    }
}

#[test]
fn a_contract_has_1_to_20_examples_of_bounded_size() {
    let example = || Example { input: json!({ "text": "a" }), output: json!({}) };
    let large = Example { input: json!({ "text": "x".repeat(EXAMPLES_BYTES_MAX) }), output: json!({}) };
    let with = |examples| Contract { examples, ..contract(1) };
    contract_rejected(with(Vec::new()), "CONTRACT_EXAMPLES_INVALID");
    contract_rejected(with(vec![example(); 21]), "CONTRACT_EXAMPLES_INVALID");
    contract_rejected(with(vec![large]), "CONTRACT_EXAMPLES_INVALID");
    let most = with(vec![example(); 20]);
    given::<Capability>(&[defined()]).when(Command::DefineContract(most.clone())).then(&[contract_defined(most)]);
}

#[test]
fn a_counting_rule_has_real_pointers() {
    for pointer in ["text", "#/text", "/a~", "/a~2", &format!("/{}", "x".repeat(200))] {
        contract_rejected(counting(Count::Items(pointer.to_owned())), "CONTRACT_MEASURE_INVALID");
        contract_rejected(counting(Count::Characters(vec![pointer.to_owned()])), "CONTRACT_MEASURE_INVALID");
    }
    contract_rejected(counting(Count::Characters(Vec::new())), "CONTRACT_MEASURE_INVALID");
    let many = (0..17).map(|n| format!("/{n}")).collect();
    contract_rejected(counting(Count::Characters(many)), "CONTRACT_MEASURE_INVALID");
}

#[test]
fn nothing_is_counted_twice() {
    let twice = vec!["/text".to_owned(), "/text".to_owned()];
    contract_rejected(counting(Count::Characters(twice)), "CONTRACT_MEASURE_INVALID");
}

#[test]
fn examples_can_be_counted() {
    contract_rejected(counting(Count::Items("/text".to_owned())), "CONTRACT_EXAMPLE_UNCOUNTABLE");
}

#[test]
fn every_contract_file_is_the_first_contract_of_its_capability() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/capabilities");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        let file: ContractFile = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(path.file_stem().unwrap().to_str(), Some(file.slug.as_str()));
        let past = Event::Defined(Defined { definition: Definition { slug: file.slug.clone(), ..definition() } });
        let expected = ContractDefined { slug: file.slug, contract: file.contract.clone() };
        given::<Capability>(&[past])
            .when(Command::DefineContract(file.contract))
            .then(&[Event::ContractDefined(expected)]);
    }
}

#[test]
fn a_contract_file_reads_as_its_contract() {
    let file = json!({
        "slug": "pinyin-annotation",
        "version": 1,
        "summary": { "en": "Reads Chinese aloud" },
        "measure": { "meter": "character", "count": { "characters": ["/text"] } },
        "input_schema": { "type": "object" },
        "output_schema": { "type": "object" },
        "examples": [{ "input": { "text": "算市" }, "output": { "pinyin": ["suàn", "shì"] } }]
    });
    let read: ContractFile = serde_json::from_value(file).unwrap();
    assert_eq!((read.slug, read.contract), (definition().slug, contract(1)));
}
