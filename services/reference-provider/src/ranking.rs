//! Rankings from events: what is trending, and what goes with an item.
//! Sources: exponential decay by half-life; Sarwar et al., *Item-Based Collaborative Filtering*,
//! 2001 (cosine over the users two items share).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::numbers::round6;
use crate::{Code, Refusal};

const HOUR: f64 = 3_600.0;
/// Users with more items than this say little about which belong together.
const ITEMS_PER_USER_MAX: usize = 200;

#[derive(Deserialize)]
pub(crate) struct TrendingInput<'a> {
    #[serde(borrow)]
    events: Vec<Event<'a>>,
    /// Seconds since 1970; the latest event's time unless stated.
    now: Option<i64>,
    half_life_hours: Option<f64>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
struct Event<'a> {
    item: &'a str,
    /// Seconds since 1970.
    at: i64,
}

#[derive(Serialize)]
pub(crate) struct Trending<'a> {
    ranking: Vec<Trend<'a>>,
    /// Events later than `now`, which do not count.
    ignored: usize,
}

#[derive(Serialize)]
struct Trend<'a> {
    item: &'a str,
    score: f64,
    events: usize,
}

/// Ranks items by their events, each worth half as much after every half-life (24 h unless stated).
pub(crate) fn trending(input: TrendingInput<'_>) -> Result<Trending<'_>, Refusal> {
    let latest = input.events.iter().map(|event| event.at).max().unwrap_or_default();
    let now = input.now.unwrap_or(latest);
    let half_life = input.half_life_hours.unwrap_or(24.0) * HOUR;
    let mut items: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    let (mut ignored, mut events) = (0, input.events);
    events.sort_by_key(|event| event.at);
    for event in events {
        if event.at > now {
            ignored += 1;
            continue;
        }
        let (score, count) = items.entry(event.item).or_default();
        *score += (-((now - event.at) as f64) / half_life).exp2();
        *count += 1;
    }
    let trend = |(item, (score, events))| Trend { item, score: round6(score), events };
    let mut ranking: Vec<Trend<'_>> = items.into_iter().map(trend).collect();
    ranking.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.item.cmp(b.item)));
    ranking.truncate(input.limit.unwrap_or(10));
    Ok(Trending { ranking, ignored })
}

#[derive(Deserialize)]
pub(crate) struct RecommendInput<'a> {
    #[serde(borrow)]
    events: Vec<Use<'a>>,
    item: &'a str,
    limit: Option<usize>,
}

#[derive(Deserialize)]
struct Use<'a> {
    user: &'a str,
    item: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Recommended<'a> {
    recommendations: Vec<Recommendation<'a>>,
}

#[derive(Serialize)]
struct Recommendation<'a> {
    item: &'a str,
    /// Cosine, from 0 to 1.
    score: f64,
    /// Users who had both.
    users: usize,
}

/// Recommends the items whose users are most like the given item's.
pub(crate) fn recommend<'a>(input: RecommendInput<'a>) -> Result<Recommended<'a>, Refusal> {
    let users = items_by_user(&input.events);
    let mut audience: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shared: BTreeMap<&str, usize> = BTreeMap::new();
    for items in users.values().filter(|items| items.len() <= ITEMS_PER_USER_MAX) {
        for item in items {
            *audience.entry(item).or_default() += 1;
            if items.contains(input.item) && *item != input.item {
                *shared.entry(item).or_default() += 1;
            }
        }
    }
    let Some(own) = audience.get(input.item).copied() else {
        return Err(Refusal::new(Code::NotEnoughData, "No counted event is about this item.").at("/item"));
    };
    let recommendation = |(item, users): (&'a str, usize)| {
        let other = audience.get(item).copied().unwrap_or(users);
        Recommendation { item, score: round6(users as f64 / (own as f64 * other as f64).sqrt()), users }
    };
    let mut found: Vec<Recommendation<'_>> = shared.into_iter().map(recommendation).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.users.cmp(&a.users)).then(a.item.cmp(b.item)));
    found.truncate(input.limit.unwrap_or(10));
    Ok(Recommended { recommendations: found })
}

fn items_by_user<'a>(events: &[Use<'a>]) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for event in events {
        users.entry(event.user).or_default().insert(event.item);
    }
    users
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_worth_half_after_its_half_life() {
        let events =
            vec![Event { item: "old", at: 0 }, Event { item: "old", at: 0 }, Event { item: "new", at: 86_400 }];
        let output =
            trending(TrendingInput { events, now: Some(86_400), half_life_hours: Some(12.0), limit: None }).unwrap();
        let ranking: Vec<_> = output.ranking.iter().map(|trend| (trend.item, trend.score, trend.events)).collect();
        assert_eq!(ranking, [("new", 1.0, 1), ("old", 0.5, 2)]);
    }

    #[test]
    fn events_of_the_future_do_not_count() {
        let events = vec![Event { item: "a", at: 5 }, Event { item: "b", at: 50 }];
        let output = trending(TrendingInput { events, now: Some(10), half_life_hours: None, limit: None }).unwrap();
        assert_eq!((output.ranking.len(), output.ignored), (1, 1));
    }

    #[test]
    fn the_cosine_of_shared_users_ranks_items() {
        let uses =
            [("u1", "tea"), ("u1", "cup"), ("u2", "tea"), ("u2", "cup"), ("u3", "tea"), ("u3", "car"), ("u4", "car")];
        let events = uses.iter().map(|&(user, item)| Use { user, item }).collect();
        let output = recommend(RecommendInput { events, item: "tea", limit: None }).unwrap();
        let found: Vec<_> = output.recommendations.iter().map(|found| (found.item, found.score)).collect();
        // 2 / √(3·2) and 1 / √(3·2).
        assert_eq!(found, [("cup", 0.816_497), ("car", 0.408_248)]);
    }

    #[test]
    fn an_unknown_item_is_refused() {
        assert!(recommend(RecommendInput { events: vec![], item: "tea", limit: None }).is_err());
    }
}
