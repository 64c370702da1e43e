//! Routes for vehicles of limited capacity from one depot: savings, then local improvement.
//! A heuristic: its plan keeps every constraint and is good, not proved best.
//! Sources: Clarke and Wright 1964 (savings); Croes 1958 (2-opt).

#![expect(clippy::indexing_slicing, reason = "every position is a stop's own, or the depot's, in the distance table")]

use serde::{Deserialize, Serialize};

use crate::numbers::round6;
use crate::{Code, Refusal};

/// Mean radius of the earth in kilometres (IUGG).
const EARTH_RADIUS: f64 = 6_371.008_8;
const IMPROVEMENT_ROUNDS_MAX: usize = 50;
/// The depot's place in the distance table.
const DEPOT: usize = 0;

#[derive(Deserialize)]
pub(crate) struct Input {
    depot: Place,
    stops: Vec<Stop>,
    vehicles: usize,
    capacity: f64,
    #[serde(default)]
    distance: Distance,
}

/// On a plane x and y; on the earth x is the longitude and y the latitude, in degrees.
#[derive(Deserialize, Clone, Copy)]
struct Place {
    x: f64,
    y: f64,
}

#[derive(Deserialize)]
struct Stop {
    id: String,
    x: f64,
    y: f64,
    #[serde(default)]
    demand: f64,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Distance {
    /// Straight lines, in the input's units.
    #[default]
    Plane,
    /// Great circles, in kilometres.
    Earth,
}

#[derive(Serialize)]
pub(crate) struct Output {
    routes: Vec<Route>,
    total_distance: f64,
}

#[derive(Serialize)]
struct Route {
    /// In the order of driving, from the depot and back.
    stops: Vec<String>,
    distance: f64,
    load: f64,
}

/// Plans routes that serve every stop once within the vehicles' number and capacity.
pub(crate) fn plan(input: Input) -> Result<Output, Refusal> {
    check(&input)?;
    let distances = distances(&input);
    let demands: Vec<f64> = std::iter::once(0.0).chain(input.stops.iter().map(|stop| stop.demand)).collect();
    let mut routes = savings(&distances, &demands, input.capacity);
    if routes.len() > input.vehicles {
        let message = format!("No plan was found with fewer than {} vehicles.", routes.len());
        return Err(Refusal::new(Code::Infeasible, message).at("/vehicles"));
    }
    for route in &mut routes {
        improve(route, &distances);
    }
    routes.sort();
    let routes: Vec<Route> = routes.iter().map(|route| describe(route, &input, &distances, &demands)).collect();
    let total_distance = round6(routes.iter().map(|route| route.distance).sum());
    Ok(Output { routes, total_distance })
}

fn check(input: &Input) -> Result<(), Refusal> {
    let mut ids: Vec<&str> = input.stops.iter().map(|stop| stop.id.as_str()).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::new(Code::Inconsistent, "Two stops have the same id.").at("/stops"));
    }
    if let Some(at) = input.stops.iter().position(|stop| stop.demand > input.capacity) {
        let message = "A stop demands more than a vehicle holds.";
        return Err(Refusal::new(Code::Infeasible, message).at(format!("/stops/{at}/demand")));
    }
    if input.stops.iter().map(|stop| stop.demand).sum::<f64>() > input.capacity * input.vehicles as f64 {
        return Err(Refusal::new(Code::Infeasible, "All vehicles together hold less than the demand.").at("/capacity"));
    }
    Ok(())
}

fn distances(input: &Input) -> Vec<Vec<f64>> {
    let stops = input.stops.iter().map(|stop| Place { x: stop.x, y: stop.y });
    let places: Vec<Place> = std::iter::once(input.depot).chain(stops).collect();
    let row = |a: &Place| places.iter().map(|b| input.distance.between(*a, *b)).collect();
    places.iter().map(row).collect()
}

impl Distance {
    fn between(self, a: Place, b: Place) -> f64 {
        match self {
            Self::Plane => (a.x - b.x).hypot(a.y - b.y),
            Self::Earth => great_circle(a, b),
        }
    }
}

/// The haversine formula.
fn great_circle(a: Place, b: Place) -> f64 {
    let half_sine = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let across = half_sine(a.y, b.y) + a.y.to_radians().cos() * b.y.to_radians().cos() * half_sine(a.x, b.x);
    2.0 * EARTH_RADIUS * across.sqrt().min(1.0).asin()
}

/// One route a stop; then routes are joined end to end where that saves most and fits.
fn savings(distances: &[Vec<f64>], demands: &[f64], capacity: f64) -> Vec<Vec<usize>> {
    let mut routes: Vec<Vec<usize>> = (1..demands.len()).map(|stop| vec![stop]).collect();
    let mut joins: Vec<(f64, usize, usize)> = Vec::new();
    for b in 1..demands.len() {
        for a in 1..b {
            joins.push((distances[DEPOT][a] + distances[DEPOT][b] - distances[a][b], a, b));
        }
    }
    joins.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    for (saving, a, b) in joins {
        if saving >= 0.0 {
            join(&mut routes, a, b, demands, capacity);
        }
    }
    routes
}

/// Joins the routes that end at `a` and at `b`, where both are ends and the load fits.
fn join(routes: &mut Vec<Vec<usize>>, a: usize, b: usize, demands: &[f64], capacity: f64) {
    let ending_at =
        |stop: usize| routes.iter().position(|route| route.first() == Some(&stop) || route.last() == Some(&stop));
    let (Some(first), Some(second)) = (ending_at(a), ending_at(b)) else { return };
    let load = |at: usize| routes[at].iter().map(|stop| demands[*stop]).sum::<f64>();
    if first == second || load(first) + load(second) > capacity {
        return;
    }
    let mut tail = routes[second].clone();
    if tail.first() != Some(&b) {
        tail.reverse();
    }
    if routes[first].last() != Some(&a) {
        routes[first].reverse();
    }
    routes[first].extend(tail);
    routes.remove(second);
}

/// Turns stretches of the route around, and moves single stops, while that makes it shorter.
fn improve(route: &mut Vec<usize>, distances: &[Vec<f64>]) {
    for _ in 0..IMPROVEMENT_ROUNDS_MAX {
        let before = length(route, distances);
        turn_stretches(route, distances);
        move_stops(route, distances);
        if length(route, distances) >= before - 1e-9 {
            break;
        }
    }
    // A route driven backwards is as long: start with the earlier stop, so that answers are equal.
    if route.first() > route.last() {
        route.reverse();
    }
}

fn turn_stretches(route: &mut [usize], distances: &[Vec<f64>]) {
    for start in 0..route.len() {
        for end in start + 1..route.len() {
            let before = if start == 0 { DEPOT } else { route[start - 1] };
            let after = route.get(end + 1).copied().unwrap_or(DEPOT);
            let now = distances[before][route[start]] + distances[route[end]][after];
            let turned = distances[before][route[end]] + distances[route[start]][after];
            if turned < now - 1e-9 {
                route[start..=end].reverse();
            }
        }
    }
}

fn move_stops(route: &mut Vec<usize>, distances: &[Vec<f64>]) {
    for from in 0..route.len() {
        let stop = route.remove(from);
        let detour = |to: usize| {
            let before = if to == 0 { DEPOT } else { route[to - 1] };
            let after = route.get(to).copied().unwrap_or(DEPOT);
            distances[before][stop] + distances[stop][after] - distances[before][after]
        };
        let best = (0..=route.len()).min_by(|a, b| detour(*a).total_cmp(&detour(*b)));
        let to = best.filter(|to| detour(*to) < detour(from) - 1e-9).unwrap_or(from);
        route.insert(to, stop);
    }
}

fn length(route: &[usize], distances: &[Vec<f64>]) -> f64 {
    let path: Vec<usize> = std::iter::once(DEPOT).chain(route.iter().copied()).chain(std::iter::once(DEPOT)).collect();
    path.windows(2).map(|pair| distances[pair[0]][pair[1]]).sum()
}

fn describe(route: &[usize], input: &Input, distances: &[Vec<f64>], demands: &[f64]) -> Route {
    Route {
        stops: route.iter().map(|stop| input.stops[stop - 1].id.clone()).collect(),
        distance: round6(length(route, distances)),
        load: round6(route.iter().map(|stop| demands[*stop]).sum()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(stops: &[(f64, f64, f64)], vehicles: usize, capacity: f64) -> Input {
        let stop = |(at, &(x, y, demand)): (usize, &(f64, f64, f64))| Stop { id: format!("s{at}"), x, y, demand };
        let stops = stops.iter().enumerate().map(stop).collect();
        Input { depot: Place { x: 0.0, y: 0.0 }, stops, vehicles, capacity, distance: Distance::Plane }
    }

    #[test]
    fn stops_on_a_square_are_driven_around_it() {
        let output = plan(input(&[(0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 1.0)], 1, 3.0)).unwrap();
        assert_eq!(output.total_distance, 4.0);
        assert_eq!(output.routes[0].stops, ["s0", "s2", "s1"]);
    }

    #[test]
    fn every_stop_is_served_once_and_no_vehicle_is_overloaded() {
        let place = |seed: u64| (crate::numbers::mix64(seed) % 1_000) as f64;
        let stops: Vec<(f64, f64, f64)> =
            (0..60).map(|at| (place(at), place(at + 100), 1.0 + (at % 5) as f64)).collect();
        let output = plan(input(&stops, 12, 20.0)).unwrap();
        let mut served: Vec<String> = output.routes.iter().flat_map(|route| route.stops.clone()).collect();
        served.sort();
        served.dedup();
        assert_eq!(served.len(), 60);
        assert!(output.routes.len() <= 12 && output.routes.iter().all(|route| route.load <= 20.0));
    }

    #[test]
    fn a_route_is_the_shortest_that_an_exhaustive_search_finds() {
        let stops = [(3.0, 7.0), (9.0, 1.0), (5.0, 5.0), (8.0, 8.0), (1.0, 2.0), (6.0, 2.0)];
        let stops: Vec<(f64, f64, f64)> = stops.iter().map(|&(x, y)| (x, y, 1.0)).collect();
        let asked = input(&stops, 1, 10.0);
        let table = distances(&asked);
        let mut best = f64::INFINITY;
        permutations(&mut vec![1, 2, 3, 4, 5, 6], 0, &mut |order| best = best.min(length(order, &table)));
        assert_eq!(plan(asked).unwrap().total_distance, round6(best));
    }

    fn permutations(order: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
        if from == order.len() {
            return visit(order);
        }
        for at in from..order.len() {
            order.swap(from, at);
            permutations(order, from + 1, visit);
            order.swap(from, at);
        }
    }

    #[test]
    fn what_cannot_be_carried_is_refused() {
        let code = |asked| plan(asked).map(|_| ()).unwrap_err().code;
        assert_eq!(code(input(&[(1.0, 1.0, 5.0)], 3, 4.0)), Code::Infeasible);
        assert_eq!(code(input(&[(1.0, 1.0, 3.0), (2.0, 2.0, 3.0)], 1, 4.0)), Code::Infeasible);
    }

    #[test]
    fn beijing_and_shanghai_are_as_far_apart_as_they_are() {
        let beijing = Place { x: 116.4074, y: 39.9042 };
        let shanghai = Place { x: 121.4737, y: 31.2304 };
        assert!((great_circle(beijing, shanghai) - 1067.0).abs() < 2.0);
    }
}
