//! Published worked examples to their printed digits, closed forms, properties, edges.

mod edges;
mod properties;
mod published;
mod shrinkage;

use super::*;
use crate::effects::{Counts, ZeroRule, log_odds_ratio, log_risk_ratio};

const REML: Model = Model::Random(Tau2Method::Reml);
const DL: Model = Model::Random(Tau2Method::DerSimonianLaird);
const PM: Model = Model::Random(Tau2Method::PauleMandel);

fn options(model: Model, inference: Inference) -> Options {
    Options { model, inference, level: 0.95 }
}

/// That a value shows these digits: within half a step of the last printed one.
fn printed(got: f64, want: &str) {
    let digits = crate::Printed::parse(want).expect("digits");
    assert!(digits.agrees(got), "{got} is not {want}");
}

/// Within a few hundred roundings of sums of this size.
fn close(got: f64, want: f64) {
    let bound = 256.0 * f64::EPSILON * (1.0 + want.abs());
    assert!((got - want).abs() <= bound, "{got} is not {want}");
}

fn plain(estimates: &[f64], variances: &[f64]) -> Vec<StudyEffect> {
    let study = |(i, (&estimate, &variance)): (usize, (&f64, &f64))| StudyEffect {
        label: format!("S{i:02}"),
        estimate,
        variance,
    };
    estimates.iter().zip(variances).enumerate().map(study).collect()
}

/// Events and people of the treated, then of the others, as log odds ratios.
fn odds(tables: &[[u32; 4]]) -> Vec<StudyEffect> {
    let effect = |(i, &[a, n1, c, n2]): (usize, &[u32; 4])| {
        let (treated, control) = (Counts { events: a, n: n1 }, Counts { events: c, n: n2 });
        let effect = log_odds_ratio(treated, control, ZeroRule::Refuse).unwrap();
        StudyEffect::new(format!("S{i:02}"), &effect)
    };
    tables.iter().enumerate().map(effect).collect()
}

/// Trials of BCG against tuberculosis: label, cases and others of the vaccinated and of the rest,
/// degrees of latitude. Colditz and others, JAMA 271 (1994) 698-702, as tabled by Berkey and
/// others, Stat. Med. 14 (1995) 395-411.
const BCG: [(&str, [u32; 4], f64); 13] = [
    ("Aronson 1948", [4, 119, 11, 128], 44.0),
    ("Ferguson 1949", [6, 300, 29, 274], 55.0),
    ("Rosenthal 1960", [3, 228, 11, 209], 42.0),
    ("Hart 1977", [62, 13536, 248, 12619], 52.0),
    ("Frimodt-Moller 1973", [33, 5036, 47, 5761], 13.0),
    ("Stein 1953", [180, 1361, 372, 1079], 44.0),
    ("Vandiviere 1973", [8, 2537, 10, 619], 19.0),
    ("TPT Madras 1980", [505, 87886, 499, 87892], 13.0),
    ("Coetzee 1968", [29, 7470, 45, 7232], 27.0),
    ("Rosenthal 1961", [17, 1699, 65, 1600], 42.0),
    ("Comstock 1974", [186, 50448, 141, 27197], 18.0),
    ("Comstock 1969", [5, 2493, 3, 2338], 33.0),
    ("Comstock 1976", [27, 16886, 29, 17825], 33.0),
];

/// Log risk ratios of the BCG trials.
fn bcg() -> Vec<StudyEffect> {
    let effect = |&(label, [a, b, c, d], _): &(&str, [u32; 4], f64)| {
        let treated = Counts { events: a, n: a + b };
        let control = Counts { events: c, n: c + d };
        StudyEffect::new(label, &log_risk_ratio(treated, control, ZeroRule::Refuse).unwrap())
    };
    BCG.iter().map(effect).collect()
}
