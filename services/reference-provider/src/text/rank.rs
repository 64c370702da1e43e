//! `TextRank`: what many important things are linked to is important.
//! Source: Mihalcea and Tarau, *`TextRank`: Bringing Order into Texts*, 2004.

const DAMPING: f64 = 0.85;
const ROUNDS: usize = 50;

/// Scores the nodes of an undirected graph, each given as its neighbours with positive weights.
/// The scores sum to 1 where every node has a neighbour.
pub(crate) fn rank(neighbours: &[Vec<(usize, f64)>]) -> Vec<f64> {
    let count = neighbours.len() as f64;
    let totals: Vec<f64> = neighbours.iter().map(|links| links.iter().map(|(_, weight)| weight).sum()).collect();
    let mut scores = vec![1.0 / count; neighbours.len()];
    for _ in 0..ROUNDS {
        let share = |(at, weight): &(usize, f64)| match (scores.get(*at), totals.get(*at)) {
            (Some(score), Some(total)) if *total > 0.0 => score * weight / total,
            _ => 0.0,
        };
        let score =
            |links: &Vec<(usize, f64)>| (1.0 - DAMPING) / count + DAMPING * links.iter().map(share).sum::<f64>();
        scores = neighbours.iter().map(score).collect();
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_star_has_the_score_that_solves_its_equations() {
        // m = 0.05 + 0.85 · 2 l and l = 0.05 + 0.85 · m / 2, so m = 0.135 / 0.2775.
        let scores = rank(&[vec![(1, 2.0), (2, 2.0)], vec![(0, 2.0)], vec![(0, 2.0)]]);
        assert!((scores[0] - 0.135 / 0.2775).abs() < 1e-3, "{scores:?}");
        assert!((scores.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}
