//! Which nodes of a graph matter: `PageRank`, betweenness, closeness and degree.
//! Sources: Page et al. 1999; Brandes, *A Faster Algorithm for Betweenness Centrality*, 2001;
//! Wasserman and Faust, *Social Network Analysis*, 1994 (closeness within reach).

#![expect(clippy::indexing_slicing, reason = "every position comes from the graph's own node table")]

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::numbers::round6;
use crate::{Code, Refusal};

const DAMPING: f64 = 0.85;
const ROUNDS_MAX: usize = 200;
const TOLERANCE: f64 = 1e-10;
/// Nodes times edges: what all shortest paths cost.
const PATH_WORK_MAX: usize = 5_000_000;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    #[serde(borrow)]
    edges: Vec<Edge<'a>>,
    #[serde(default)]
    directed: bool,
}

#[derive(Deserialize)]
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    /// How much the edge counts for `PageRank`; paths count steps.
    weight: Option<f64>,
}

#[derive(Serialize)]
pub(crate) struct Output<'a> {
    /// By `PageRank`, the highest first.
    nodes: Vec<Node<'a>>,
}

#[derive(Serialize)]
struct Node<'a> {
    id: &'a str,
    pagerank: f64,
    /// The share of other pairs whose shortest paths pass here.
    betweenness: f64,
    /// The inverse mean distance to the nodes within reach, times the share within reach.
    closeness: f64,
    degree_in: usize,
    degree_out: usize,
}

/// Computes all measures for every node. Parallel edges count once, loops not at all.
pub(crate) fn analyse(input: Input<'_>) -> Result<Output<'_>, Refusal> {
    let graph = Graph::of(&input.edges, input.directed);
    if graph.ids.len() * graph.out.iter().map(Vec::len).sum::<usize>() > PATH_WORK_MAX {
        let message = format!("Nodes times edges may be at most {PATH_WORK_MAX}.");
        return Err(Refusal::new(Code::TooMuchWork, message).at("/edges"));
    }
    let pagerank = graph.pagerank();
    let (betweenness, closeness) = graph.paths();
    let degree_in = graph.degrees_in();
    let mut nodes: Vec<Node<'_>> = graph
        .ids
        .iter()
        .enumerate()
        .map(|(at, &id)| Node {
            id,
            pagerank: round6(pagerank[at]),
            betweenness: round6(betweenness[at]),
            closeness: round6(closeness[at]),
            degree_in: degree_in[at],
            degree_out: graph.out[at].len(),
        })
        .collect();
    nodes.sort_by(|a, b| b.pagerank.total_cmp(&a.pagerank).then(a.id.cmp(b.id)));
    Ok(Output { nodes })
}

/// Nodes by position, sorted by id, and the edges that leave each.
struct Graph<'a> {
    ids: Vec<&'a str>,
    out: Vec<Vec<(usize, f64)>>,
}

impl<'a> Graph<'a> {
    fn of(edges: &[Edge<'a>], directed: bool) -> Self {
        let mut ids: Vec<&str> = edges.iter().flat_map(|edge| [edge.from, edge.to]).collect();
        ids.sort_unstable();
        ids.dedup();
        let position = |id: &str| ids.binary_search(&id).unwrap_or_default();
        let mut weights: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for edge in edges.iter().filter(|edge| edge.from != edge.to) {
            let (from, to, weight) = (position(edge.from), position(edge.to), edge.weight.unwrap_or(1.0));
            *weights.entry((from, to)).or_default() += weight;
            if !directed {
                *weights.entry((to, from)).or_default() += weight;
            }
        }
        let mut out = vec![Vec::new(); ids.len()];
        for ((from, to), weight) in weights {
            out[from].push((to, weight));
        }
        Self { ids, out }
    }

    fn degrees_in(&self) -> Vec<usize> {
        let mut degrees = vec![0; self.ids.len()];
        for (to, _) in self.out.iter().flatten() {
            degrees[*to] += 1;
        }
        degrees
    }

    /// Where a reader who follows edges by weight is found; from a node without edges anywhere.
    fn pagerank(&self) -> Vec<f64> {
        let count = self.ids.len() as f64;
        let totals: Vec<f64> = self.out.iter().map(|out| out.iter().map(|(_, weight)| weight).sum()).collect();
        let mut ranks = vec![1.0 / count; self.ids.len()];
        for _ in 0..ROUNDS_MAX {
            let stuck: f64 = ranks.iter().zip(&totals).filter(|(_, total)| **total <= 0.0).map(|(rank, _)| rank).sum();
            let mut next = vec![(1.0 - DAMPING + DAMPING * stuck) / count; self.ids.len()];
            for (from, out) in self.out.iter().enumerate().filter(|(from, _)| totals[*from] > 0.0) {
                for (to, weight) in out {
                    next[*to] += DAMPING * ranks[from] * weight / totals[from];
                }
            }
            let change: f64 = ranks.iter().zip(&next).map(|(old, new)| (old - new).abs()).sum();
            ranks = next;
            if change < TOLERANCE {
                break;
            }
        }
        ranks
    }

    /// Betweenness and closeness of each node, both from 0 to 1.
    fn paths(&self) -> (Vec<f64>, Vec<f64>) {
        let others = (self.ids.len() as f64 - 1.0).max(1.0);
        let pairs = (others * (others - 1.0)).max(1.0);
        let mut betweenness = vec![0.0; self.ids.len()];
        let mut closeness = Vec::with_capacity(self.ids.len());
        for source in 0..self.ids.len() {
            let paths = Paths::from(self, source);
            paths.add_dependencies(source, &mut betweenness);
            closeness.push(paths.closeness(others));
        }
        (betweenness.into_iter().map(|sum| sum / pairs).collect(), closeness)
    }
}

/// All shortest paths from one node (the first half of Brandes' algorithm).
struct Paths {
    /// Nodes within reach, the nearest first.
    order: Vec<usize>,
    distance: Vec<Option<u32>>,
    count: Vec<f64>,
    before: Vec<Vec<usize>>,
}

impl Paths {
    fn from(graph: &Graph<'_>, source: usize) -> Self {
        let size = graph.ids.len();
        let mut paths = Self {
            order: Vec::new(),
            distance: vec![None; size],
            count: vec![0.0; size],
            before: vec![Vec::new(); size],
        };
        paths.distance[source] = Some(0);
        paths.count[source] = 1.0;
        let mut queue = VecDeque::from([(source, 0)]);
        while let Some((node, distance)) = queue.pop_front() {
            paths.order.push(node);
            for &(next, _) in &graph.out[node] {
                if paths.distance[next].is_none() {
                    paths.distance[next] = Some(distance + 1);
                    queue.push_back((next, distance + 1));
                }
                if paths.distance[next] == Some(distance + 1) {
                    paths.count[next] += paths.count[node];
                    paths.before[next].push(node);
                }
            }
        }
        paths
    }

    /// Adds to each node the share of paths from the source that pass through it.
    fn add_dependencies(&self, source: usize, betweenness: &mut [f64]) {
        let mut dependency = vec![0.0; self.count.len()];
        for &node in self.order.iter().rev() {
            for &before in &self.before[node] {
                dependency[before] += self.count[before] / self.count[node] * (1.0 + dependency[node]);
            }
            if node != source {
                betweenness[node] += dependency[node];
            }
        }
    }

    fn closeness(&self, others: f64) -> f64 {
        let reached = self.order.len() as f64 - 1.0;
        let total: f64 = self.distance.iter().flatten().map(|distance| f64::from(*distance)).sum();
        if total > 0.0 { reached / total * (reached / others) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KITE: [(&str, &str); 18] = [
        ("0", "1"),
        ("0", "2"),
        ("0", "3"),
        ("0", "5"),
        ("1", "3"),
        ("1", "4"),
        ("1", "6"),
        ("2", "3"),
        ("2", "5"),
        ("3", "4"),
        ("3", "5"),
        ("3", "6"),
        ("4", "6"),
        ("5", "6"),
        ("5", "7"),
        ("6", "7"),
        ("7", "8"),
        ("8", "9"),
    ];

    fn analysed(edges: &[(&'static str, &'static str)], directed: bool) -> Vec<Node<'static>> {
        let edges = edges.iter().map(|&(from, to)| Edge { from, to, weight: None }).collect();
        analyse(Input { edges, directed }).unwrap().nodes
    }

    #[test]
    fn krackhardt_s_kite_has_its_published_centralities() {
        let nodes = analysed(&KITE, false);
        let node = |id: &str| nodes.iter().find(|node| node.id == id).unwrap();
        assert_eq!(node("3").degree_out, 6);
        assert_eq!(node("7").betweenness, 0.388_889);
        assert_eq!(node("5").betweenness, 0.231_481);
        assert_eq!(node("3").betweenness, 0.101_852);
        assert_eq!(node("5").closeness, 0.642_857);
        assert_eq!(node("9").closeness, 0.310_345);
    }

    #[test]
    fn pagerank_sums_to_one_and_a_cycle_shares_it_equally() {
        let cycle = analysed(&[("a", "b"), ("b", "c"), ("c", "a")], true);
        assert!(cycle.iter().all(|node| node.pagerank == 0.333_333));
        let chain = analysed(&[("a", "b"), ("b", "c")], true);
        let sum: f64 = chain.iter().map(|node| node.pagerank).sum();
        assert!((sum - 1.0).abs() < 1e-5);
        assert_eq!(chain[0].id, "c");
    }
}
