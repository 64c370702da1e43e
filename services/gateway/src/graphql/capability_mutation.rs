//! The operator's commands on the catalog of capabilities.

use async_graphql::{Context, InputObject, Object};
use catalog::capability::{Capability as Decider, Command};
use catalog::published::capability::{Contract, Count as CountRule, Definition, Example, Measure};
use kernel::event::StreamName;
use kernel::slug::Slug;
use serde_json::Value;

use super::capabilities::Capability;
use super::errors::{Refused, invalid, not_found};
use super::scalars::{LocalizedInput, Meter};
use super::work::{self, Work, payload, payloads};

/// Enter a capability into the catalog, or say something else of it.
#[derive(InputObject)]
pub struct DefineCapabilityInput {
    /// Its slug, which it keeps.
    pub slug: String,
    /// The slug of its category.
    pub category: String,
    /// A finer grouping.
    pub subcategory: String,
    /// Its name, in both languages.
    pub name: LocalizedInput,
    /// Kinds of input, e.g. `text`.
    pub inputs: Vec<String>,
    /// Kinds of output.
    pub outputs: Vec<String>,
    /// What is counted unless an offer says otherwise.
    pub meter: Meter,
    /// How many units a price is usually quoted for.
    pub quoted_per: u32,
    /// Whether the basic form is usually free.
    #[graphql(default)]
    pub usually_free: bool,
    /// Whether demand is specialised rather than general.
    #[graphql(default)]
    pub specialised: bool,
    /// Industries that ask for it.
    #[graphql(default)]
    pub industries: Vec<String>,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Set a capability's contract, or the contract's next version.
#[derive(InputObject)]
pub struct DefineContractInput {
    /// The capability's slug.
    pub capability: String,
    /// The last version plus one.
    pub version: u32,
    /// What the call does.
    pub summary: LocalizedInput,
    /// What is counted: one per call, unless texts or an array are named.
    pub meter: Meter,
    /// JSON pointers to texts whose characters are counted.
    pub count_characters_at: Option<Vec<String>>,
    /// A JSON pointer to an array whose elements are counted.
    pub count_items_at: Option<String>,
    /// JSON Schema 2020-12 of the payload.
    pub input_schema: Value,
    /// JSON Schema 2020-12 of the output.
    pub output_schema: Value,
    /// At least one.
    pub examples: Vec<ExampleInput>,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// A call and its answer.
#[derive(InputObject)]
pub struct ExampleInput {
    /// Valid by the input schema.
    pub input: Value,
    /// Valid by the output schema.
    pub output: Value,
}

payloads! {
    /// The capability.
    DefineCapabilityPayload { capability: Capability }
    /// The capability.
    DefineContractPayload { capability: Capability }
}

/// The part of `Mutation` that is about capabilities.
#[derive(Default)]
pub struct CapabilitiesMutation;

#[Object]
impl CapabilitiesMutation {
    /// The operator enters a capability into the catalog, or says something else of it.
    async fn define_capability(
        &self,
        context: &Context<'_>,
        input: DefineCapabilityInput,
    ) -> async_graphql::Result<DefineCapabilityPayload> {
        payload(define(context, input).await)
    }

    /// The operator sets a capability's contract, or the contract's next version.
    async fn define_contract(
        &self,
        context: &Context<'_>,
        input: DefineContractInput,
    ) -> async_graphql::Result<DefineContractPayload> {
        payload(define_contract(context, input).await)
    }
}

async fn define(context: &Context<'_>, input: DefineCapabilityInput) -> Result<Capability, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let definition = Definition {
        slug: input.slug.parse().map_err(|error| invalid("slug", error))?,
        category: input.category.parse().map_err(|error| invalid("category", error))?,
        subcategory: input.subcategory,
        name: input.name.into(),
        inputs: input.inputs,
        outputs: input.outputs,
        meter: input.meter.into(),
        quoted_per: input.quoted_per,
        usually_free: input.usually_free,
        specialised: input.specialised,
        industries: input.industries,
    };
    run(&work, definition.slug.clone(), Command::Define(definition)).await
}

async fn define_contract(context: &Context<'_>, input: DefineContractInput) -> Result<Capability, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let slug: Slug = input.capability.parse().map_err(|_| not_found("capability"))?;
    let count = match (input.count_characters_at, input.count_items_at) {
        (Some(pointers), None) => CountRule::Characters(pointers),
        (None, Some(pointer)) => CountRule::Items(pointer),
        (None, None) => CountRule::One,
        (Some(_), Some(_)) => return Err(invalid("countItemsAt", "count texts or an array, not both")),
    };
    let examples = input.examples.into_iter();
    let contract = Contract {
        version: input.version,
        summary: input.summary.into(),
        measure: Measure { meter: input.meter.into(), count },
        input_schema: input.input_schema,
        output_schema: input.output_schema,
        examples: examples.map(|example| Example { input: example.input, output: example.output }).collect(),
    };
    run(&work, slug, Command::DefineContract(contract)).await
}

async fn run(work: &Work<'_>, slug: Slug, command: Command) -> Result<Capability, Refused> {
    work.run::<Decider>(&StreamName::of(&slug), command).await?;
    let found = work.platform.read(move |views| views.capability(&slug)).await?;
    found.map(Capability).ok_or_else(|| not_found("slug"))
}
