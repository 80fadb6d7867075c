//! Published worked examples to their printed digits, closed forms, properties, edges.

use super::*;
use crate::effects::{Counts, ZeroRule, log_risk_ratio};

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

fn bcg() -> Vec<StudyEffect> {
    let effect = |&(label, [a, b, c, d], _): &(&str, [u32; 4], f64)| {
        let treated = Counts { events: a, n: a + b };
        let control = Counts { events: c, n: c + d };
        StudyEffect::new(label, &log_risk_ratio(treated, control, ZeroRule::Refuse).unwrap())
    };
    BCG.iter().map(effect).collect()
}

fn options(model: Model, inference: Inference) -> Options {
    Options { model, inference, level: 0.95 }
}

const REML: Model = Model::Random(Tau2Method::Reml);
const DL: Model = Model::Random(Tau2Method::DerSimonianLaird);
const PM: Model = Model::Random(Tau2Method::PauleMandel);

/// Half a step of the last printed digit.
fn printed(got: f64, want: f64, decimals: i32) {
    let half = 0.5 * epsom_maths::powi(10.0, -decimals);
    assert!((got - want).abs() <= half * (1.0 + 1e-9), "{got} is not {want}");
}

/// Viechtbauer, J. Stat. Softw. 36 (2010) 3, sections 3.2 to 3.4: log risk ratios, REML.
#[test]
fn bcg_trials_by_reml() {
    let got = pool(&bcg(), &options(REML, Inference::Normal)).unwrap();
    printed(got.estimate, -0.7145, 4);
    printed(got.se, 0.1798, 4);
    printed(got.interval.lo, -1.0669, 4);
    printed(got.interval.hi, -0.3622, 4);
    printed(got.tau2, 0.3132, 4);
    let differs = got.heterogeneity.unwrap();
    printed(differs.q, 152.2330, 4);
    printed(100.0 * differs.i2_tau, 92.22, 2);
    printed(differs.tau2_interval.lo, 0.1197, 4);
    printed(differs.tau2_interval.hi, 1.1115, 4);
}
