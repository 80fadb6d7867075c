//! Places of boxes and arrows: columns by what feeds what, then an order with few crossings.
//!
//! # Source
//! Sugiyama, Tagawa, Toda 1981, IEEE Trans SMC 11:109: layers, places for long edges, barycenters.

use super::FlowChart;

/// Width and height of a box.
pub(super) const BOX: (f64, f64) = (96.0, 36.0);
const COLUMN: f64 = 216.0;
const MARGIN: f64 = 70.0;
/// Room of a box with the arrows that come from outside and leave, and of a passing arrow.
const SLOT: f64 = 96.0;
const PASS: f64 = 44.0;
/// Length of an arrow from outside.
const STUB: f64 = 22.0;
const SWEEPS: usize = 12;

/// Where everything stands, from the upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Laid {
    /// Centers of the boxes.
    pub(super) boxes: Vec<(f64, f64)>,
    /// Points of each arrow.
    pub(super) paths: Vec<Vec<(f64, f64)>>,
    /// Width and height.
    pub(super) size: (f64, f64),
}

/// A box, or an arrow that passes a column.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    column: usize,
    is_box: bool,
    y: f64,
    left: Vec<usize>,
    right: Vec<usize>,
}

pub(super) fn lay(chart: &FlowChart) -> Laid {
    let columns = columns(chart);
    let mut places: Vec<Place> = columns
        .iter()
        .map(|&column| Place { column, is_box: true, y: 0.0, left: vec![], right: vec![] })
        .collect();
    let chains: Vec<Vec<usize>> = chart.arrows.iter().map(|_| Vec::new()).collect();
    let mut chains = chains;
    for (at, arrow) in chart.arrows.iter().enumerate() {
        let (Some(from), Some(to)) = (arrow.from, arrow.to) else { continue };
        // Arrows between the same boxes share their way.
        let same =
            chart.arrows[..at].iter().position(|one| (one.from, one.to) == (arrow.from, arrow.to));
        if let Some(same) = same {
            chains[at] = chains[same].clone();
            continue;
        }
        let (lo, hi) = if columns[from] <= columns[to] { (from, to) } else { (to, from) };
        let mut chain = vec![lo];
        for column in columns[lo] + 1..columns[hi] {
            places.push(Place { column, is_box: false, y: 0.0, left: vec![], right: vec![] });
            chain.push(places.len() - 1);
        }
        chain.push(hi);
        for pair in chain.windows(2).filter(|_| columns[lo] < columns[hi]) {
            places[pair[0]].right.push(pair[1]);
            places[pair[1]].left.push(pair[0]);
        }
        if lo != from {
            chain.reverse();
        }
        chains[at] = chain;
    }
    let order = order(&mut places);
    settle(&mut places, &order);
    let top = places.iter().map(|one| one.y - room(one) / 2.0).fold(f64::INFINITY, f64::min);
    places.iter_mut().for_each(|one| one.y -= top);
    let height = places.iter().map(|one| one.y + room(one) / 2.0).fold(0.0, f64::max);
    let last = columns.iter().copied().max().unwrap_or(0) as f64;
    let paths = (0..chart.arrows.len()).map(|at| path(chart, &places, &chains, at)).collect();
    let boxes = places[..columns.len()].iter().map(center).collect();
    Laid { boxes, paths, size: (2.0 * MARGIN + last * COLUMN, height) }
}

fn center(place: &Place) -> (f64, f64) {
    (MARGIN + COLUMN * place.column as f64, place.y)
}

fn room(place: &Place) -> f64 {
    if place.is_box { SLOT } else { PASS }
}

/// The longest way to each box; an arrow back into what led to it is left out.
fn columns(chart: &FlowChart) -> Vec<usize> {
    let n = chart.boxes.len();
    let mut forward: Vec<(usize, usize)> = Vec::new();
    for arrow in &chart.arrows {
        let (Some(from), Some(to)) = (arrow.from, arrow.to) else { continue };
        if from != to && !leads(&forward, n, to, from) {
            forward.push((from, to));
        }
    }
    let mut columns = vec![0; n];
    for _ in 0..n {
        for &(from, to) in &forward {
            columns[to] = columns[to].max(columns[from] + 1);
        }
    }
    columns
}

/// Whether arrows lead from one box to another.
fn leads(arrows: &[(usize, usize)], n: usize, from: usize, to: usize) -> bool {
    let mut seen = vec![false; n];
    seen[from] = true;
    for _ in 0..n {
        for &(a, b) in arrows {
            seen[b] |= seen[a];
        }
    }
    seen[to]
}

/// Places of each column from top to bottom, by the mean of their neighbors.
fn order(places: &mut [Place]) -> Vec<Vec<usize>> {
    let n = places.iter().map(|one| one.column + 1).max().unwrap_or(0);
    let mut order: Vec<Vec<usize>> = vec![Vec::new(); n];
    for (at, place) in places.iter().enumerate() {
        order[place.column].push(at);
    }
    let mut best = (usize::MAX, order.clone());
    for sweep in 0..SWEEPS {
        let to_right = sweep % 2 == 0;
        let columns: Vec<usize> = if to_right { (0..n).collect() } else { (0..n).rev().collect() };
        for column in columns {
            let mut rank = vec![0.0; places.len()];
            for list in &order {
                list.iter().enumerate().for_each(|(row, &at)| rank[at] = row as f64);
            }
            let key = |at: usize| {
                let near = if to_right { &places[at].left } else { &places[at].right };
                match near.len() {
                    0 => rank[at],
                    many => near.iter().map(|&one| rank[one]).sum::<f64>() / many as f64,
                }
            };
            order[column].sort_by(|&a, &b| key(a).total_cmp(&key(b)));
        }
        let found = crossings(places, &order);
        if found < best.0 {
            best = (found, order.clone());
        }
    }
    best.1
}

fn crossings(places: &[Place], order: &[Vec<usize>]) -> usize {
    let row = |list: &[usize], at: usize| list.iter().position(|&one| one == at);
    let mut n = 0;
    for pair in order.windows(2) {
        let edges: Vec<_> = (pair[0].iter())
            .flat_map(|&at| places[at].right.iter().map(move |&to| (at, to)))
            .map(|(at, to)| (row(&pair[0], at), row(&pair[1], to)))
            .collect();
        for (at, a) in edges.iter().enumerate() {
            n += edges[..at]
                .iter()
                .filter(|b| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1))
                .count();
        }
    }
    n
}

/// Heights: near the mean of the neighbors, in order and apart.
fn settle(places: &mut [Place], order: &[Vec<usize>]) {
    for list in order {
        let mut y = -list.iter().map(|&at| room(&places[at])).sum::<f64>() / 2.0;
        for &at in list {
            places[at].y = y + room(&places[at]) / 2.0;
            y += room(&places[at]);
        }
    }
    for _ in 0..SWEEPS {
        for list in order {
            let wanted: Vec<f64> = list
                .iter()
                .map(|&at| {
                    let near = places[at].left.iter().chain(&places[at].right);
                    let n = near.clone().count();
                    if n == 0 {
                        return places[at].y;
                    }
                    near.map(|&one| places[one].y).sum::<f64>() / n as f64
                })
                .collect();
            let apart = |a: usize, b: usize| (room(&places[a]) + room(&places[b])) / 2.0;
            let (mut down, mut up) = (wanted.clone(), wanted);
            for row in 1..list.len() {
                down[row] = down[row].max(down[row - 1] + apart(list[row - 1], list[row]));
            }
            for row in (0..list.len().saturating_sub(1)).rev() {
                up[row] = up[row].min(up[row + 1] - apart(list[row], list[row + 1]));
            }
            for (row, &at) in list.iter().enumerate() {
                // Both keep the distances, so their mean does.
                places[at].y = (down[row] + up[row]) / 2.0;
            }
        }
    }
}

/// Points of one arrow.
fn path(chart: &FlowChart, places: &[Place], chains: &[Vec<usize>], at: usize) -> Vec<(f64, f64)> {
    let arrow = &chart.arrows[at];
    let stub = |own: usize, side: f64, same: &dyn Fn(usize) -> bool| {
        // Several stand side by side.
        let all: Vec<usize> = (0..chart.arrows.len()).filter(|&one| same(one)).collect();
        let row = all.iter().position(|&one| one == at).unwrap_or(0) as f64;
        let (x, y) = center(&places[own]);
        let x = x + (row - (all.len() as f64 - 1.0) / 2.0) * 60.0;
        ((x, y + side * BOX.1 / 2.0), (x, y + side * (BOX.1 / 2.0 + STUB)))
    };
    match (arrow.from, arrow.to) {
        (None, Some(to)) => {
            let same =
                |one: usize| chart.arrows[one].from.is_none() && chart.arrows[one].to == Some(to);
            let (edge, far) = stub(to, -1.0, &same);
            vec![far, edge]
        }
        (Some(from), None) => {
            let same =
                |one: usize| chart.arrows[one].to.is_none() && chart.arrows[one].from == Some(from);
            let (edge, far) = stub(from, 1.0, &same);
            vec![edge, far]
        }
        (Some(_), Some(_)) => {
            let chain = &chains[at];
            let (first, last) = (chain[0], chain[chain.len() - 1]);
            let mut points = vec![port(places, chains, first, chain)];
            points.extend(chain[1..chain.len() - 1].iter().map(|&one| center(&places[one])));
            points.push(port(places, chains, last, chain));
            points
        }
        (None, None) => vec![(0.0, 0.0), (0.0, 0.0)],
    }
}

/// Where a chain touches a box: ends on one side stand apart in the order of where they go.
fn port(places: &[Place], chains: &[Vec<usize>], own: usize, chain: &[usize]) -> (f64, f64) {
    let next = |chain: &[usize]| match chain[0] == own {
        true => chain[1],
        false => chain[chain.len() - 2],
    };
    let side = |to: usize| if places[to].column < places[own].column { -1.0 } else { 1.0 };
    let ends = |one: &&Vec<usize>| one.first() == Some(&own) || one.last() == Some(&own);
    let mine = next(chain);
    let mut there: Vec<usize> = chains
        .iter()
        .filter(ends)
        .map(|one| next(one))
        .filter(|&to| side(to) == side(mine))
        .collect();
    there.sort_by(|&a, &b| places[a].y.total_cmp(&places[b].y).then(a.cmp(&b)));
    there.dedup();
    let row = there.iter().position(|&to| to == mine).unwrap_or(0) as f64;
    let (x, y) = center(&places[own]);
    let step = (BOX.1 - 8.0) / there.len() as f64;
    (x + side(mine) * BOX.0 / 2.0, y + (row - (there.len() as f64 - 1.0) / 2.0) * step)
}
