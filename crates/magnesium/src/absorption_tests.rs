//! Absorption stays below the dose, and the fit behind its rows is repeated from the data rows.

use epsom_evidence::builtin;
use epsom_maths::{Matrix, exp, least_squares, ln, solve};

use super::{Absorption, absorbed_mmol, dissolve};

/// Arm of the series, and its method: 0 net absorption, 1 isotope, 2 area under the curve.
const ARMS: [(&str, &str, usize); 7] = [
    ("fine1991", "fine low", 0),
    ("fine1991", "fine high", 0),
    ("sabatier2003", "26Mg oral", 1),
    ("bohn2004", "bread study 1", 1),
    ("bohn2004", "bread study 2", 1),
    ("fu2018", "lactate ER fasted", 2),
    ("dolberg2017", "Mg(OH)2", 2),
];

struct Datum {
    dose_mmol: f64,
    fraction: f64,
    log_sd: f64,
    method: usize,
}

fn row(id: &str) -> f64 {
    builtin().value(id).and_then(|row| row.printed()).map_or(f64::NAN, |digits| digits.value())
}

/// The 95 % interval of a row.
fn bounds(id: &str) -> (f64, f64) {
    let text = builtin().text("values.csv").unwrap();
    let line = text.lines().find(|line| line.starts_with(&format!("{id},"))).unwrap();
    let cells: Vec<&str> = line.split(',').collect();
    (cells[12].parse().unwrap(), cells[13].parse().unwrap())
}

fn data() -> Vec<Datum> {
    let text = builtin().text("series/absorption_pooled_dose.csv").unwrap();
    let find = |&(source, arm, method): &(&str, &str, usize)| {
        let cells = text
            .lines()
            .map(|line| line.split(',').collect::<Vec<_>>())
            .find(|cells| cells.len() > 15 && cells[15] == source && cells[11] == arm)
            .unwrap();
        let number = |at: usize| cells[at].parse::<f64>();
        let value = number(4).unwrap();
        let log_sd = match (number(6), number(7), number(8)) {
            (Ok(sd), ..) => sd / value,
            (_, Ok(lo), Ok(hi)) => ln(hi / lo) / 3.92,
            _ => 0.15, // fu2018 prints no spread
        };
        Datum { dose_mmol: number(12).unwrap() / 24.305, fraction: value / 100.0, log_sd, method }
    };
    ARMS.iter().map(find).collect()
}

fn residuals(x: &[f64], data: &[Datum]) -> Vec<f64> {
    let gut = Absorption {
        linear_share: exp(x[0]),
        capacity_mmol: exp(x[1]),
        half_amount_mmol: exp(x[2]),
    };
    let mut all: Vec<f64> = data
        .iter()
        .map(|datum| {
            let fraction = absorbed_mmol(datum.dose_mmol, &gut) / datum.dose_mmol;
            (ln(fraction / datum.fraction) + x[3 + datum.method]) / datum.log_sd
        })
        .collect();
    all.extend(x[3..].iter().map(|shift| shift / 0.15));
    all.push((x[0] - ln(row("PK027"))) / 0.5);
    all.push(x[2] - ln(row("PK031")));
    all
}

fn jacobian(x: &[f64], data: &[Datum]) -> Matrix {
    let step = 1e-6;
    let mut matrix = Matrix::zeros(residuals(x, data).len(), x.len());
    for j in 0..x.len() {
        let (mut up, mut down) = (x.to_vec(), x.to_vec());
        up[j] += step;
        down[j] -= step;
        let (up, down) = (residuals(&up, data), residuals(&down, data));
        for i in 0..up.len() {
            matrix.set(i, j, (up[i] - down[i]) / (2.0 * step));
        }
    }
    matrix
}

fn cost(x: &[f64], data: &[Datum]) -> f64 {
    residuals(x, data).iter().map(|r| r * r).sum()
}

/// Gauss-Newton with halved steps, from the start that the theory page states.
fn fit(data: &[Datum]) -> Vec<f64> {
    let mut x = vec![ln(row("PK027")), 0.0, ln(row("PK031")), 0.0, 0.0, 0.0];
    for _ in 0..100 {
        let step = least_squares(&jacobian(&x, data), &residuals(&x, data)).unwrap();
        let moved = |scale: f64| -> Vec<f64> {
            x.iter().zip(&step).map(|(at, by)| at - scale * by).collect()
        };
        let next = (0..30)
            .map(|n| moved(1.0 / f64::from(1_u32 << n)))
            .find(|next| cost(next, data) < cost(&x, data));
        match next {
            Some(next) => x = next,
            None => break,
        }
    }
    x
}

#[test]
fn the_fit_gives_the_rows_of_the_absorption_block() {
    let data = data();
    let x = fit(&data);
    let j = jacobian(&x, &data);
    let mut normal = Matrix::zeros(6, 6);
    for a in 0..6 {
        for b in 0..6 {
            normal.set(a, b, (0..j.n_rows).map(|i| j.at(i, a) * j.at(i, b)).sum());
        }
    }
    let column = |b: usize| {
        let unit: Vec<f64> = (0..6).map(|i| if i == b { 1.0 } else { 0.0 }).collect();
        solve(&normal, &unit).unwrap()
    };
    let covariance: Vec<Vec<f64>> = (0..3).map(column).collect();
    let sd: Vec<f64> = (0..3).map(|i| covariance[i][i].sqrt()).collect();
    let correlation = |a: usize, b: usize| covariance[a][b] / (sd[a] * sd[b]);
    let fitted = [
        ("EPS100", exp(x[0])),
        ("EPS101", exp(x[1])),
        ("EPS102", exp(x[2])),
        ("EPS103", correlation(1, 2)),
        ("EPS104", correlation(0, 1)),
        ("EPS105", correlation(0, 2)),
    ];
    for (id, value) in fitted {
        assert!(builtin().value(id).unwrap().agrees(value), "{id}: the fit gives {value}");
    }
    // The rows carry three digits of each bound, so 0.5 % of it at most, on the log scale.
    let bounds = ["EPS100", "EPS101", "EPS102"].map(bounds);
    for (i, (lo, hi)) in bounds.into_iter().enumerate() {
        assert!((ln(hi) - (x[i] + 1.96 * sd[i])).abs() <= 0.005, "upper bound {i}");
        assert!((ln(lo) - (x[i] - 1.96 * sd[i])).abs() <= 0.005, "lower bound {i}");
    }
}

#[test]
fn no_more_is_absorbed_than_was_taken() {
    for (linear_share, capacity_mmol, half_amount_mmol) in
        [(0.0, 5.0, 0.0), (0.0351, 0.877, 0.18), (0.5, 0.01, 3.0), (1.0, 1.0, 1.0)]
    {
        let gut = Absorption { linear_share, capacity_mmol, half_amount_mmol };
        for n in 0..60 {
            let dose = exp(f64::from(n) - 30.0);
            let absorbed = absorbed_mmol(dose, &gut);
            // Four roundings of numbers no larger than the dose.
            assert!((0.0..=dose * (1.0 + 4.0 * f64::EPSILON)).contains(&absorbed));
        }
    }
}

#[test]
fn oxide_dissolves_up_to_half_of_the_acid() {
    let capacity = row("EPS033") / 2.0;
    assert_eq!(dissolve(3.0, capacity).residue_mmol, 0.0);
    let large = dissolve(25.0, capacity);
    // lindberg1990: 0.43 of 25 mmol
    assert_eq!(large.at_once_mmol / 25.0, row("EPS013"));
    assert_eq!(dissolve(50.0, f64::INFINITY).at_once_mmol, 50.0);
}
