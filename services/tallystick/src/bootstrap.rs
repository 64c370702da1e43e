//! Fills the catalog at first start: the 228 capabilities, and the contracts that ship with the platform.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use catalog::capability::{Capability, Command};
use catalog::published::capability::{Contract, ContractFile, Definition};
use eventlog::clock::Clock;
use eventlog::execute::{Cause, execute};
use eventlog::port::EventLog;
use kernel::event::StreamName;
use kernel::id::derived;
use kernel::localized::Localized;
use kernel::meter::Meter;
use kernel::slug::Slug;
use serde::Deserialize;
use views::store::Views;

const CATALOG: &str = include_str!("../../../schema/catalog.json");

#[derive(Deserialize)]
struct Catalog {
    capabilities: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: Slug,
    category: String,
    subcategory: String,
    name_en: String,
    name_zh: String,
    io: Channels,
    unit: String,
    tier: String,
    demand: String,
    industries: Vec<String>,
}

#[derive(Deserialize)]
struct Channels {
    inputs: Vec<String>,
    outputs: Vec<String>,
}

/// Defines what the catalog lacks or has in an older form; says how many events that took.
pub async fn define_catalog(log: &dyn EventLog, views: &Views, clock: &dyn Clock) -> Result<usize> {
    let contracts = contracts()?;
    let mut written = 0;
    for definition in definitions()? {
        let slug = definition.slug.clone();
        let recorded = views.capability(&slug)?;
        let version = recorded.as_ref().and_then(|recorded| recorded.contract_version).unwrap_or_default();
        if recorded.is_none_or(|recorded| recorded.definition != definition) {
            written += run(log, clock, &slug, Command::Define(definition)).await?;
        }
        if let Some(contract) = contracts.get(&slug).filter(|contract| contract.version > version) {
            written += run(log, clock, &slug, Command::DefineContract(contract.clone())).await?;
        }
    }
    Ok(written)
}

async fn run(log: &dyn EventLog, clock: &dyn Clock, slug: &Slug, command: Command) -> Result<usize> {
    let id = derived(&["catalog", slug.as_str(), &serde_json::to_string(&format!("{command:?}"))?]);
    let cause = Cause { id, correlation: id, actor: "platform:catalog".to_owned(), now: clock.now() };
    let executed = execute::<Capability>(log, &StreamName::of(slug), command, &cause).await;
    Ok(executed.with_context(|| format!("capability {slug}"))?.events.len())
}

fn definitions() -> Result<Vec<Definition>> {
    let catalog: Catalog = serde_json::from_str(CATALOG).context("schema/catalog.json")?;
    catalog.capabilities.into_iter().map(definition).collect()
}

fn definition(entry: Entry) -> Result<Definition> {
    let (meter, quoted_per) = meter(&entry.unit).with_context(|| format!("unit {} of {}", entry.unit, entry.id))?;
    Ok(Definition {
        category: entry.category.replace('_', "-").parse()?,
        subcategory: entry.subcategory,
        name: Localized { en: Some(entry.name_en), zh: Some(entry.name_zh) },
        inputs: entry.io.inputs,
        outputs: entry.io.outputs,
        meter,
        quoted_per,
        usually_free: entry.tier == "free",
        specialised: entry.demand == "specialised",
        industries: entry.industries,
        slug: entry.id,
    })
}

/// The meter that counts a unit of the catalog, and how many of the meter's units it quotes prices for.
fn meter(unit: &str) -> Option<(Meter, u32)> {
    match unit {
        "1k_chars" => Some((Meter::Character, 1000)),
        "1k_records" => Some((Meter::Row, 1000)),
        "1k_tokens" => Some((Meter::InputToken, 1000)),
        "audio_second" | "video_second" => Some((Meter::Second, 1)),
        "call" => Some((Meter::Request, 1)),
        "device_month" => Some((Meter::DeviceMonth, 1)),
        "image" => Some((Meter::Image, 1)),
        "job" => Some((Meter::Job, 1)),
        "page" => Some((Meter::Page, 1)),
        _ => None,
    }
}

fn contracts() -> Result<HashMap<Slug, Contract>> {
    reference_provider::contracts().map(contract).collect()
}

fn contract(source: reference_provider::Contract) -> Result<(Slug, Contract)> {
    let file: ContractFile = serde_json::from_str(source.json).with_context(|| source.slug.to_owned())?;
    Ok((file.slug, file.contract))
}

#[cfg(test)]
mod tests {
    use super::*;
    use invocation::contract::is_schema;
    use std::collections::HashSet;

    #[test]
    fn the_catalog_has_228_capabilities_in_twelve_categories() {
        let definitions = definitions().unwrap();
        let slugs: HashSet<_> = definitions.iter().map(|definition| definition.slug.clone()).collect();
        assert_eq!(slugs.len(), 228);
        for definition in &definitions {
            assert!(catalog::published::category::find(definition.category.as_str()).is_some(), "{definition:?}");
        }
    }

    #[test]
    fn every_contract_is_of_a_capability_and_can_be_enforced() {
        let slugs: HashMap<_, _> =
            definitions().unwrap().into_iter().map(|definition| (definition.slug.clone(), definition)).collect();
        let contracts = contracts().unwrap();
        assert!(contracts.len() >= 24, "{}", contracts.len());
        for (slug, contract) in contracts {
            assert_eq!(slugs[&slug].meter, contract.measure.meter, "{slug}");
            assert!(is_schema(&contract.input_schema) && is_schema(&contract.output_schema), "{slug}");
        }
    }

    const PUBLISHED: &str = include_str!("../../../web/public/datasets/capability-catalog.csv");

    /// A line of the table that the demo market publishes as a dataset.
    fn line(definition: &Definition) -> String {
        let demand = if definition.specialised { "specialised" } else { "general" };
        let name = |text: &Option<String>| text.clone().unwrap();
        [
            definition.slug.to_string(),
            name(&definition.name.en),
            name(&definition.name.zh),
            definition.category.to_string(),
            definition.subcategory.clone(),
            definition.inputs.join(";"),
            definition.outputs.join(";"),
            definition.meter.to_string(),
            demand.to_owned(),
            definition.industries.join(";"),
        ]
        .join(",")
    }

    #[test]
    fn the_published_table_is_the_catalog() {
        let lines: Vec<String> = definitions().unwrap().iter().map(line).collect();
        assert_eq!(PUBLISHED.lines().skip(1).collect::<Vec<_>>(), lines);
    }
}
