//! Near-duplicate texts: exact Jaccard likeness over character shingles for each pair, and a
//! 64-bit `SimHash` for each text that a caller can store and compare later.
//! Sources: Broder, *Resemblance and Containment*, 1997; Charikar, *Similarity Estimation*, 2002.

use serde::{Deserialize, Serialize};

use super::similarity::fold;
use super::words::is_han;
use crate::Refusal;
use crate::numbers::{mix64, round6};

/// Characters in a shingle: a Chinese character says more than a letter.
const SHINGLE_CHINESE: usize = 2;
const SHINGLE_OTHER: usize = 4;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    #[serde(borrow)]
    texts: Vec<&'a str>,
    threshold: Option<f64>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    /// `SimHash` of each text: 16 hexadecimal digits.
    hashes: Vec<String>,
    pairs: Vec<Pair>,
    /// Indices of texts that are duplicates of each other, directly or through others.
    groups: Vec<Vec<usize>>,
}

#[derive(Serialize)]
struct Pair {
    a: usize,
    b: usize,
    similarity: f64,
}

/// Finds the pairs whose likeness reaches the threshold (0.8 unless stated).
pub(crate) fn detect(input: Input<'_>) -> Result<Output, Refusal> {
    let shingles: Vec<Vec<u64>> = input.texts.iter().map(|text| shingles(text)).collect();
    let threshold = input.threshold.unwrap_or(0.8);
    let mut pairs = Vec::new();
    for (b, later) in shingles.iter().enumerate() {
        for (a, earlier) in shingles.iter().enumerate().take(b) {
            let similarity = round6(jaccard(earlier, later));
            if similarity >= threshold {
                pairs.push(Pair { a, b, similarity });
            }
        }
    }
    pairs.sort_by(|x, y| y.similarity.total_cmp(&x.similarity).then((x.a, x.b).cmp(&(y.a, y.b))));
    let links: Vec<(usize, usize)> = pairs.iter().map(|pair| (pair.a, pair.b)).collect();
    Ok(Output {
        hashes: shingles.iter().map(|set| format!("{:016x}", simhash(set))).collect(),
        groups: groups(shingles.len(), &links),
        pairs,
    })
}

/// Connected groups of two or more, each sorted, in the order of their first member.
pub(crate) fn groups(count: usize, links: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut label: Vec<usize> = (0..count).collect();
    for &(a, b) in links {
        let (Some(&x), Some(&y)) = (label.get(a), label.get(b)) else { continue };
        let (low, high) = (x.min(y), x.max(y));
        label.iter_mut().filter(|label| **label == high).for_each(|label| *label = low);
    }
    let members = |group: usize| -> Vec<usize> {
        label.iter().enumerate().filter(|(_, label)| **label == group).map(|(at, _)| at).collect()
    };
    (0..count).map(members).filter(|group| group.len() > 1).collect()
}

/// The distinct hashes of the folded text's shingles, sorted.
fn shingles(text: &str) -> Vec<u64> {
    let folded: Vec<char> = fold(text).chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect();
    let size = if folded.iter().any(|&c| is_han(c)) { SHINGLE_CHINESE } else { SHINGLE_OTHER };
    let hash = |run: &[char]| run.iter().fold(0, |hash, &c| mix64(hash ^ u64::from(c)));
    let mut hashes: Vec<u64> = folded.windows(size.min(folded.len()).max(1)).map(hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Shared over all, of two sorted sets; texts without letters are like nothing.
fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let shared = a.iter().filter(|hash| b.binary_search(hash).is_ok()).count();
    let all = a.len() + b.len() - shared;
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

fn simhash(hashes: &[u64]) -> u64 {
    let votes = |bit: u32| hashes.iter().map(|hash| if hash >> bit & 1 == 1 { 1_i64 } else { -1 }).sum::<i64>();
    (0..u64::BITS).filter(|&bit| votes(bit) > 0).fold(0, |word, bit| word | 1 << bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jaccard_of_known_shingle_sets_is_exact() {
        // abcd bcde cdef against abcd bcde cdeg: two shared of four.
        let input = Input { texts: vec!["abcdef", "abcdeg"], threshold: Some(0.5) };
        let output = detect(input).unwrap();
        assert_eq!(output.pairs[0].similarity, 0.5);
        assert_eq!(output.groups, vec![vec![0, 1]]);
    }

    #[test]
    fn like_texts_have_close_hashes_and_unlike_texts_do_not() {
        let a = shingles("人工智能正在成为新型基础设施，服务千行百业，推动经济发展。");
        let b = shingles("人工智能正成为新型基础设施，服务千行百业，推动经济发展！");
        let c = shingles("今天天气很好，我们去公园散步，然后回家吃晚饭。");
        let distance = |x: &[u64], y: &[u64]| (simhash(x) ^ simhash(y)).count_ones();
        assert!(distance(&a, &b) < distance(&a, &c));
    }

    #[test]
    fn duplicates_of_duplicates_share_a_group() {
        assert_eq!(groups(5, &[(0, 3), (3, 4)]), vec![vec![0, 3, 4]]);
    }
}
