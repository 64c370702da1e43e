//! What a document would cost, estimated from its syntax alone, before validation or execution walk it.
//!
//! Each fragment is measured once, however often it is spread, and sums saturate; so the estimate takes time linear
//! in the document while validation and execution would take time linear in its expansion.

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Value, Variables};

use super::limits::Limits;
use super::refusal::Refusal;

/// The size of a document, fragments expanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Fields, fragments and directives.
    pub selections: u64,
    /// Fields on the longest path.
    pub depth: u64,
    /// Fragments spread within fragments.
    pub fragment_depth: u64,
    /// Fields on the first level.
    pub roots: u64,
    /// Those of a mutation: each of them writes, or calls a provider. One operation is executed, so the most of any.
    pub mutations: u64,
    /// Estimated fields of the answer.
    pub cost: u64,
    /// Whether the first level has `nodes` or `edges`: then its parent is a connection.
    connection: bool,
}

impl Measure {
    /// Both, side by side.
    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            depth: self.depth.max(other.depth),
            fragment_depth: self.fragment_depth.max(other.fragment_depth),
            roots: self.roots.saturating_add(other.roots),
            mutations: self.mutations.max(other.mutations),
            cost: self.cost.saturating_add(other.cost),
            connection: self.connection || other.connection,
        }
    }

    /// So many selections more.
    fn and(mut self, selections: usize) -> Self {
        self.selections = self.selections.saturating_add(u64::try_from(selections).unwrap_or(u64::MAX));
        self
    }
}

/// Measures all operations and fragments of a document and refuses what is over a limit.
pub fn check(document: &ExecutableDocument, variables: &Variables, limits: &Limits) -> Result<Measure, Refusal> {
    let mut analysis =
        Analysis { document, variables, defaults: defaults(document), limits, fragments: HashMap::new() };
    let mut whole = Measure::default();
    for (_, operation) in document.operations.iter() {
        whole = whole.beside(analysis.operation(&operation.node)?);
    }
    for name in document.fragments.keys() {
        let unspread = analysis.fragment(name, 0)?;
        whole.selections = whole.selections.saturating_add(unspread.selections);
    }
    within(&whole, limits).map(|()| whole)
}

fn within(whole: &Measure, limits: &Limits) -> Result<(), Refusal> {
    if whole.depth > limits.depth_max {
        return Err(Refusal::DepthExceeded { depth_max: limits.depth_max });
    }
    if whole.fragment_depth > limits.fragment_depth_max {
        return Err(Refusal::DepthExceeded { depth_max: limits.fragment_depth_max });
    }
    if whole.selections > limits.selections_max {
        return Err(Refusal::TooManySelections { selections_max: limits.selections_max });
    }
    if whole.cost > limits.cost_max {
        return Err(Refusal::CostExceeded { cost: whole.cost, cost_max: limits.cost_max });
    }
    Ok(())
}

/// The largest default that any operation gives a variable.
fn defaults(document: &ExecutableDocument) -> HashMap<&str, u64> {
    let mut defaults = HashMap::new();
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            let value = definition.node.default_value.as_ref().map(|value| &value.node);
            if let Some(Value::Number(number)) = value {
                let size = defaults.entry(definition.node.name.node.as_str()).or_default();
                *size = number.as_u64().unwrap_or(u64::MAX).max(*size);
            }
        }
    }
    defaults
}

struct Analysis<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    defaults: HashMap<&'a str, u64>,
    limits: &'a Limits,
    /// By name; `None` while it is being measured.
    fragments: HashMap<&'a str, Option<Measure>>,
}

impl<'a> Analysis<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Measure, Refusal> {
        let mut measure = self.selection_set(&operation.selection_set, 0)?;
        let mutations_max = self.limits.mutations_max;
        let root_cost = match operation.ty {
            OperationType::Mutation if measure.roots > u64::try_from(mutations_max).unwrap_or(u64::MAX) => {
                return Err(Refusal::TooManyMutations { mutations_max });
            }
            OperationType::Mutation => {
                measure.mutations = measure.roots;
                Limits::MUTATION_COST
            }
            OperationType::Query | OperationType::Subscription => Limits::QUERY_COST,
        };
        measure.cost = measure.cost.saturating_add(measure.roots.saturating_mul(root_cost));
        Ok(measure.and(operation.directives.len()))
    }

    fn selection_set(&mut self, set: &'a Positioned<SelectionSet>, level: u64) -> Result<Measure, Refusal> {
        let mut measure = Measure::default();
        for selection in &set.node.items {
            measure = measure.beside(self.selection(&selection.node, level)?);
        }
        Ok(measure)
    }

    fn selection(&mut self, selection: &'a Selection, level: u64) -> Result<Measure, Refusal> {
        let measure = match selection {
            Selection::Field(field) => self.field(&field.node, level)?,
            Selection::InlineFragment(inline) => self.selection_set(&inline.node.selection_set, level)?,
            Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, level)?,
        };
        Ok(measure.and(1).and(selection.directives().len()))
    }

    fn field(&mut self, field: &'a Field, level: u64) -> Result<Measure, Refusal> {
        let inside = self.selection_set(&field.selection_set, level)?;
        let size = self.page_size(field)?.unwrap_or(if inside.connection { Limits::PAGE_DEFAULT } else { 1 });
        Ok(Measure {
            selections: inside.selections,
            depth: inside.depth.saturating_add(1),
            fragment_depth: inside.fragment_depth,
            roots: 1,
            mutations: 0,
            cost: inside.cost.saturating_mul(size.max(1)).saturating_add(1),
            connection: matches!(field.name.node.as_str(), "nodes" | "edges"),
        })
    }

    /// A fragment's measure; zero for one that is not defined, which validation refuses.
    fn fragment(&mut self, name: &str, level: u64) -> Result<Measure, Refusal> {
        if level > self.limits.fragment_depth_max {
            return Err(Refusal::DepthExceeded { depth_max: self.limits.fragment_depth_max });
        }
        let Some((name, definition)) = self.document.fragments.get_key_value(name) else {
            return Ok(Measure::default());
        };
        match self.fragments.get(name.as_str()) {
            Some(Some(measure)) => Ok(*measure),
            Some(None) => Err(Refusal::FragmentCycle),
            None => self.measure_fragment(name, &definition.node, level),
        }
    }

    fn measure_fragment(
        &mut self,
        name: &'a str,
        definition: &'a FragmentDefinition,
        level: u64,
    ) -> Result<Measure, Refusal> {
        self.fragments.insert(name, None);
        let mut measure = self.selection_set(&definition.selection_set, level.saturating_add(1))?;
        measure.fragment_depth = measure.fragment_depth.saturating_add(1);
        self.fragments.insert(name, Some(measure));
        Ok(measure.and(definition.directives.len()))
    }

    /// The `first` or `last` of a field, where it has one.
    fn page_size(&self, field: &Field) -> Result<Option<u64>, Refusal> {
        let argument = field.get_argument("first").or_else(|| field.get_argument("last"));
        let Some(argument) = argument else { return Ok(None) };
        let given = argument.node.clone().into_const_with(|name| self.variables.get(&name).cloned().ok_or(name));
        let size = match given {
            Ok(Value::Number(number)) => number.as_u64().unwrap_or(u64::MAX),
            Err(variable) => self.defaults.get(variable.as_str()).copied().unwrap_or(Limits::PAGE_DEFAULT),
            Ok(_) => return Ok(None),
        };
        let page_max = self.limits.page_max;
        if size > page_max { Err(Refusal::PageSizeOutOfRange { page_max }) } else { Ok(Some(size)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn measured(source: &str, variables: serde_json::Value) -> Result<Measure, Refusal> {
        check(&parse_query(source).unwrap(), &Variables::from_json(variables), &Limits::default())
    }

    fn measure(source: &str) -> Result<Measure, Refusal> {
        measured(source, serde_json::json!({}))
    }

    /// `f0` spreads `f1` twice, and so on: 2^n fields from n fragments.
    fn doubling(fragments: usize) -> String {
        let definitions = (0..fragments).map(|n| format!("fragment f{n} on Q {{ ...f{m} ...f{m} }} ", m = n + 1));
        let definitions: String = definitions.collect();
        format!("{{ ...f0 }} {definitions} fragment f{fragments} on Q {{ a }}")
    }

    #[test]
    fn a_fragment_that_doubles_is_counted_expanded() {
        assert!(measure(&doubling(5)).is_ok());
        assert_eq!(measure(&doubling(14)), Err(Refusal::TooManySelections { selections_max: 5_000 }));
        assert!(matches!(measure(&doubling(700)), Err(Refusal::DepthExceeded { .. })));
    }

    #[test]
    fn fragments_that_contain_themselves_are_refused() {
        let cycle = "{ ...a } fragment a on Q { x { ...b } } fragment b on Q { ...a }";
        assert_eq!(measure(cycle), Err(Refusal::FragmentCycle));
        assert_eq!(measure("{ x } fragment a on Q { ...a }"), Err(Refusal::FragmentCycle));
    }

    #[test]
    fn fields_nest_fifteen_deep_and_no_deeper() {
        let nested = |depth: usize| format!("{}a{}", "{a".repeat(depth - 1) + "{", "}".repeat(depth));
        assert_eq!(measure(&nested(15)).map(|measure| measure.depth), Ok(15));
        assert_eq!(measure(&nested(16)), Err(Refusal::DepthExceeded { depth_max: 15 }));
    }

    #[test]
    fn pages_are_checked_where_they_are_literals_variables_or_defaults() {
        let refused = Err(Refusal::PageSizeOutOfRange { page_max: 100 });
        assert_eq!(measure("{ a(first: 101) { nodes { b } } }"), refused);
        assert_eq!(measure("{ a(first: -1) { nodes { b } } }"), refused);
        assert_eq!(measure("query ($n: Int = 101) { a(first: $n) { nodes { b } } }"), refused);
        let by_variable = "query ($n: Int) { a(first: $n) { nodes { b } } }";
        assert_eq!(measured(by_variable, serde_json::json!({"n": 1e300})), refused);
        assert!(measured(by_variable, serde_json::json!({"n": 100})).is_ok());
    }

    #[test]
    fn nested_pages_multiply() {
        let nested = |first: usize| {
            format!("{{ a(first: {first}) {{ nodes {{ b(first: {first}) {{ edges {{ c d e f g }} }} }} }} }}")
        };
        assert!(measure(&nested(20)).is_ok());
        assert!(matches!(measure(&nested(100)), Err(Refusal::CostExceeded { .. })));
        assert!(matches!(measure("{a{nodes{a{nodes{a{nodes{a{nodes{b}}}}}}}}}"), Err(Refusal::CostExceeded { .. })));
    }

    #[test]
    fn floods_of_aliases_are_refused() {
        let aliases = |count: usize| (0..count).map(|n| format!("a{n}: x ")).collect::<Vec<_>>().concat();
        assert!(measure(&format!("{{ {} }}", aliases(100))).is_ok());
        assert!(matches!(measure(&format!("{{ {} }}", aliases(4_900))), Err(Refusal::CostExceeded { .. })));
        let measured = measure(&format!("mutation A {{ {} }} mutation B {{ x }} query C {{ x y }}", aliases(50)));
        assert_eq!(measured.map(|measure| measure.mutations), Ok(50));
        let many = format!("mutation {{ {} }}", aliases(51));
        assert_eq!(measure(&many), Err(Refusal::TooManyMutations { mutations_max: 50 }));
    }
}
