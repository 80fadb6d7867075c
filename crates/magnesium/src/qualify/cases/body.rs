//! Food, kidney, stores and tracers.

use super::super::lab::{Experiment, Seen};
use super::{Case, nothing};
use epsom_maths::{Matrix, expm, ln, symmetric_eigen};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "kidney",
        keys: &["ml_per_min", "read"],
        // The periodic start is the equilibrium: the deep pool alone would take years to reach it.
        setup: |lab, args| {
            let share = 0.06 * args.number("ml_per_min") / lab.default_of("gfr");
            vec![Experiment::default().person("filter_share", share).at(&[0.0, 24.0])]
        },
        read: |seen, args| {
            let (run, flow) = (seen.runs[0], 0.06 * args.number("ml_per_min"));
            let serum = run.mean_serum(0.0, 24.0);
            let out = run.gained("urine", 0.0, 24.0);
            match args.word("read") {
                "serum" => serum,
                "excreted_percent" => 100.0 * out / (24.0 * flow * seen.param("fu") * serum),
                _ => f64::NAN,
            }
        },
    },
    Case {
        name: "starved",
        keys: &["mmol_per_day", "days", "scale", "read"],
        setup: |lab, args| {
            let share = args.number("mmol_per_day") / (24.0 * lab.default_of("diet"));
            let to = 24.0 * (1.0 + args.number("days"));
            let experiment = Experiment::default().change("food_share", 24.0, share);
            vec![experiment.at(&[0.0, 24.0, to - 24.0, to])]
        },
        read: |seen, args| {
            let (run, to) = (seen.runs[0], 24.0 * (1.0 + args.number("days")));
            args.number("scale")
                * match args.word("read") {
                    "serum" => run.mean_serum(to - 24.0, to) / run.mean_serum(0.0, 24.0),
                    "urine" => run.gained("urine", to - 24.0, to),
                    "fast" => run.state("fast", to) / run.state("fast", 0.0),
                    _ => f64::NAN,
                }
        },
    },
    Case {
        name: "balance",
        keys: &["before", "mmol_per_day", "days"],
        setup: |_, args| {
            let share = args.number("mmol_per_day") / args.number("before");
            let to = 24.0 * (1.0 + args.number("days"));
            let experiment = Experiment::default().person("diet", args.number("before") / 24.0);
            vec![experiment.change("food_share", 24.0, share).at(&[24.0, to])]
        },
        read: |seen, args| {
            let (run, days) = (seen.runs[0], args.number("days"));
            let to = 24.0 * (1.0 + days);
            let out = run.gained("urine", 24.0, to) + run.gained("faeces", 24.0, to);
            args.number("mmol_per_day") - out / days
        },
    },
    Case {
        name: "net_absorption",
        keys: &["mmol_per_day"],
        setup: |_, args| {
            let diet = args.number("mmol_per_day") / 24.0;
            vec![Experiment::default().person("diet", diet).at(&[0.0, 24.0])]
        },
        read: |seen, args| {
            let faeces = seen.runs[0].gained("faeces", 0.0, 24.0);
            100.0 * (1.0 - faeces / args.number("mmol_per_day"))
        },
    },
    Case {
        name: "deep_half_life",
        keys: &[],
        setup: nothing,
        read: |seen, _| ln(2.0) * seen.param("d_0") / seen.param("j_d") / 24.0,
    },
    Case {
        name: "fast_share_percent",
        keys: &[],
        setup: nothing,
        read: |seen, _| {
            let pools = pools(seen);
            100.0 * (pools[0] + pools[1]) / exchangeable(&pools)
        },
    },
    Case {
        name: "exchangeable",
        keys: &[],
        setup: nothing,
        read: |seen, _| exchangeable(&pools(seen)),
    },
    Case {
        name: "tracer_share_percent",
        keys: &["hours"],
        setup: nothing,
        read: |seen, args| tracer_share(seen, args.number("hours")).unwrap_or(f64::NAN),
    },
    Case {
        name: "tracer_half_time",
        keys: &["nth"],
        setup: nothing,
        read: |seen, args| tracer_half_time(seen, args.number("nth")).unwrap_or(f64::NAN),
    },
];

/// Serum at base of the reference adult (EPS016).
const SERUM_MMOL_PER_L: f64 = 0.85;
/// Urine and endogenous loss of the reference adult, mmol/h (EPS031 and EPS111).
const LOST_MMOL_PER_H: f64 = (4.004 + 0.8) / 24.0;

/// Plasma space, rest of the fast space, fast, slow and deep pool at base, mmol.
fn pools(seen: &Seen<'_>) -> [f64; 5] {
    let space = |name: &str| SERUM_MMOL_PER_L * seen.param(name);
    [space("v_p"), space("v_e"), seen.param("x1_0"), seen.param("x2_0"), seen.param("d_0")]
}

fn exchangeable(pools: &[f64; 5]) -> f64 {
    pools[..4].iter().sum()
}

/// Flow between two pools at base, mmol/h: at the steady state a tracer follows it, Eq. 12.
fn flows(seen: &Seen<'_>) -> [(usize, usize, f64); 4] {
    let exchange = seen.param("q_e") * SERUM_MMOL_PER_L;
    [
        (0, 1, exchange),
        (1, 2, seen.param("j1")),
        (1, 3, seen.param("j2")),
        (1, 4, seen.param("j_d")),
    ]
}

/// Share of the body, in percent, that a tracer given to plasma exchanges with: what is left of
/// it over its share of plasma magnesium.
fn tracer_share(seen: &Seen<'_>, hours: f64) -> Option<f64> {
    let pools = pools(seen);
    let mut rates = Matrix::zeros(5, 5);
    let mut add =
        |to: usize, from: usize, rate: f64| rates.set(to, from, rates.at(to, from) + rate);
    for (one, other, flow) in flows(seen) {
        for (from, to) in [(one, other), (other, one)] {
            add(to, from, flow / pools[from] * hours);
            add(from, from, -flow / pools[from] * hours);
        }
    }
    add(0, 0, -LOST_MMOL_PER_H / pools[0] * hours);
    let moved = expm(&rates).ok()?;
    let left: f64 = (0..5).map(|pool| moved.at(pool, 0)).sum();
    let body: f64 = pools.iter().sum();
    Some(100.0 * left * pools[0] / moved.at(0, 0) / body)
}

/// The `nth` half-time of a tracer in plasma, h, shortest first.
///
/// Flows are alike in both directions, so scaling by the root of the pools makes the matrix of
/// rates symmetric.
fn tracer_half_time(seen: &Seen<'_>, nth: f64) -> Option<f64> {
    let pools = pools(seen);
    let mut rates = Matrix::zeros(5, 5);
    for (one, other, flow) in flows(seen) {
        let across = flow / (pools[one] * pools[other]).sqrt();
        rates.set(one, other, across);
        rates.set(other, one, across);
        rates.set(one, one, rates.at(one, one) - flow / pools[one]);
        rates.set(other, other, rates.at(other, other) - flow / pools[other]);
    }
    rates.set(0, 0, rates.at(0, 0) - LOST_MMOL_PER_H / pools[0]);
    let mut rates = symmetric_eigen(&rates).ok()?.values;
    rates.sort_by(f64::total_cmp);
    Some(ln(2.0) / -rates.get(nth as usize - 1)?)
}
