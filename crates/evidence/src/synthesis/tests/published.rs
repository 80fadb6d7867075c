//! Worked examples of textbooks and papers.

use super::*;
use crate::effects::{Arm, mean_difference_pooled, risk_difference};

/// Viechtbauer, J. Stat. Softw. 36 (2010) 3: BCG trials, log risk ratios, REML.
#[test]
fn bcg_trials_by_reml() {
    let got = pool(&bcg(), &options(REML, Inference::Normal)).unwrap();
    printed(got.estimate, "-0.7145");
    printed(got.se, "0.1798");
    printed(got.interval.lo, "-1.0669");
    printed(got.interval.hi, "-0.3622");
    printed(got.tau2, "0.3132");
    let differs = got.heterogeneity.unwrap();
    printed(differs.q, "152.2330");
    printed(100.0 * differs.i2_tau, "92.22");
    printed(differs.tau2_interval.lo, "0.1197");
    printed(differs.tau2_interval.hi, "1.1115");
}

/// The same trials with the interval of Hartung and Knapp, as the metafor manual prints them.
#[test]
fn bcg_trials_by_hartung_knapp() {
    let got = pool(&bcg(), &options(REML, Inference::HartungKnapp)).unwrap();
    printed(got.estimate, "-0.7145");
    printed(got.se, "0.1808");
    assert_eq!(got.df, 12.0);
    // The scale exceeds 1 here, so the floor changes nothing.
    let floored = pool(&bcg(), &options(REML, Inference::HartungKnappFloored)).unwrap();
    assert_eq!(floored.interval, got.interval);
}

/// DerSimonian, Kacker, Contemp. Clin. Trials 28 (2007) 105-114, tables 3 and 4: aspirin against
/// pre-eclampsia, log odds ratios.
#[test]
fn pre_eclampsia_by_three_estimators() {
    let studies = odds(&[
        [5, 156, 8, 74],
        [5, 303, 17, 303],
        [12, 565, 9, 477],
        [69, 1570, 94, 1565],
        [9, 103, 11, 105],
        [313, 4659, 352, 4650],
    ]);
    for (model, tau, mean, se) in [
        (PM, "0.3681", "-0.3811", "0.2060"),
        (DL, "0.2323", "-0.3240", "0.1540"),
        (REML, "0.1843", "-0.2980", "0.1343"),
    ] {
        let got = pool(&studies, &options(model, Inference::Normal)).unwrap();
        printed(got.tau2.sqrt(), tau);
        printed(got.estimate, mean);
        printed(got.se, se);
    }
}

/// Normand, Stat. Med. 18 (1999) 321-359, tables III and VII: lidocaine after infarction, risk
/// differences in percent; tau² is 0 under every estimator.
#[test]
fn lidocaine_risk_differences() {
    let tables = [
        [2, 39, 1, 43],
        [4, 44, 4, 44],
        [6, 107, 4, 110],
        [7, 103, 5, 100],
        [7, 110, 3, 106],
        [11, 154, 4, 146],
    ];
    let rows = [
        ("2.8026", "17.7575"),
        ("0.0000", "37.5657"),
        ("1.9711", "8.1323"),
        ("1.7961", "10.8998"),
        ("3.5334", "8.0114"),
        ("4.4031", "6.1320"),
    ];
    let mut studies = Vec::new();
    for ([a, n1, c, n2], (difference, variance)) in tables.into_iter().zip(rows) {
        let (treated, control) = (Counts { events: a, n: n1 }, Counts { events: c, n: n2 });
        let effect = risk_difference(treated, control, ZeroRule::Refuse).unwrap();
        printed(100.0 * effect.estimate, difference);
        printed(1e4 * effect.variance, variance);
        studies.push(StudyEffect::new(difference, &effect));
    }
    for model in [Model::Fixed, DL, REML, PM] {
        let got = pool(&studies, &options(model, Inference::Normal)).unwrap();
        printed(100.0 * got.estimate, "2.94");
        printed(100.0 * got.interval.lo, "0.4");
        printed(100.0 * got.interval.hi, "5.5");
        assert_eq!(got.tau2, 0.0);
    }
}

/// Normand (1999), tables VIII and IX: length of stay after stroke, mean differences in days with
/// one standard deviation for both arms.
#[test]
fn length_of_stay_after_stroke() {
    let arms = [
        ([155.0, 55.0, 47.0], [156.0, 75.0, 64.0], "40.59"),
        ([31.0, 27.0, 7.0], [32.0, 29.0, 4.0], "2.05"),
        ([75.0, 64.0, 17.0], [71.0, 119.0, 29.0], "15.28"),
        ([18.0, 66.0, 20.0], [18.0, 137.0, 48.0], "150.22"),
        ([8.0, 14.0, 8.0], [13.0, 18.0, 11.0], "20.19"),
        ([57.0, 19.0, 7.0], [52.0, 18.0, 4.0], "1.22"),
        ([34.0, 52.0, 45.0], [33.0, 41.0, 34.0], "95.38"),
        ([110.0, 21.0, 16.0], [183.0, 31.0, 27.0], "8.03"),
        ([60.0, 30.0, 27.0], [52.0, 23.0, 20.0], "20.69"),
    ];
    let arm = |[n, mean, sd]: [f64; 3]| Arm { n: n as u32, mean, sd };
    let mut studies = Vec::new();
    for (treated, control, variance) in arms {
        let effect = mean_difference_pooled(&arm(treated), &arm(control)).unwrap();
        printed(effect.variance, variance);
        studies.push(StudyEffect::new(variance, &effect));
    }
    for (model, mean, lo, hi) in [
        (Model::Fixed, "-3.49", "-5.03", "-1.96"),
        (DL, "-14.10", "-24.45", "-3.75"),
        (REML, "-15.12", "-32.67", "2.43"),
    ] {
        let got = pool(&studies, &options(model, Inference::Normal)).unwrap();
        printed(got.estimate, mean);
        printed(got.interval.lo, lo);
        printed(got.interval.hi, hi);
    }
    printed(pool(&studies, &options(DL, Inference::Normal)).unwrap().tau2, "218.72");
    printed(pool(&studies, &options(REML, Inference::Normal)).unwrap().tau2, "685.20");
}

/// Viechtbauer, J. Educ. Behav. Stat. 30 (2005) 261-293, pages 271 and 272.
#[test]
fn two_sets_of_standardized_differences() {
    let first = plain(
        &[-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232],
        &[0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040],
    );
    let second = plain(
        &[
            0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134, 0.019, 0.175,
            0.056, 0.045, 0.103, 0.121, -0.482, 0.290, 0.342,
        ],
        &[
            0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034, 0.033, 0.031, 0.034,
            0.039, 0.167, 0.134, 0.096, 0.016, 0.035,
        ],
    );
    for (studies, model, tau2, i2) in [
        (&first, DL, "0.277", "80.44"),
        (&first, REML, "0.223", "76.84"),
        (&first, PM, "0.192", "74.05"),
        (&second, DL, "0.013", "27.53"),
        (&second, REML, "0.016", "32.02"),
        (&second, PM, "0.010", "23.72"),
    ] {
        let got = pool(studies, &options(model, Inference::Normal)).unwrap();
        printed(got.tau2, tau2);
        printed(100.0 * got.heterogeneity.unwrap().i2_tau, i2);
    }
    // By moments the two definitions of I² are one.
    let differs = pool(&first, &options(DL, Inference::Normal)).unwrap().heterogeneity.unwrap();
    printed(100.0 * differs.i2, "80.44");
    printed(differs.h2, "5.11");
}

/// Viechtbauer, Stat. Med. 26 (2007) 37-52, table II: diuretics against pre-eclampsia (Collins,
/// Yusuf, Peto 1985), interval of τ² by the Q profile.
#[test]
fn diuretics_in_pregnancy() {
    let studies = odds(&[
        [14, 131, 14, 136],
        [21, 385, 17, 134],
        [14, 57, 24, 48],
        [6, 38, 18, 40],
        [12, 1011, 35, 760],
        [138, 1370, 175, 1336],
        [15, 506, 20, 524],
        [6, 108, 2, 103],
        [65, 153, 40, 102],
    ]);
    let by = |model| pool(&studies, &options(model, Inference::Normal)).unwrap();
    printed(by(DL).tau2, "0.230");
    printed(by(REML).tau2, "0.301");
    let interval = by(DL).heterogeneity.unwrap().tau2_interval;
    printed(interval.lo, "0.072");
    printed(interval.hi, "2.203");
}

/// Effects of teachers' expectancy on measured intelligence: standardized differences, variances,
/// weeks of contact before. Raudenbush, J. Educ. Psychol. 76 (1984) 85-97.
const EXPECTANCY: [[f64; 3]; 19] = [
    [0.03, 0.0156, 2.0],
    [0.12, 0.0216, 3.0],
    [-0.14, 0.0279, 3.0],
    [1.18, 0.1391, 0.0],
    [0.26, 0.1362, 0.0],
    [-0.06, 0.0106, 3.0],
    [-0.02, 0.0106, 3.0],
    [-0.32, 0.0484, 3.0],
    [0.27, 0.0269, 0.0],
    [0.80, 0.0630, 1.0],
    [0.54, 0.0912, 0.0],
    [0.18, 0.0497, 0.0],
    [-0.02, 0.0835, 1.0],
    [0.23, 0.0841, 2.0],
    [-0.18, 0.0253, 3.0],
    [-0.06, 0.0279, 3.0],
    [0.30, 0.0193, 1.0],
    [0.07, 0.0088, 2.0],
    [-0.07, 0.0303, 3.0],
];

/// Raudenbush, Bryk, J. Educ. Stat. 10 (1985) 75-98, pages 83 to 92: mean and meta-regression.
#[test]
fn expectancy_falls_with_weeks_of_contact() {
    let column = |i: usize| EXPECTANCY.iter().map(|row| row[i]).collect::<Vec<f64>>();
    let studies = plain(&column(0), &column(1));
    let got = pool(&studies, &options(REML, Inference::Normal)).unwrap();
    printed(got.estimate, "0.084");
    printed(got.tau2, "0.019");
    printed(got.heterogeneity.unwrap().q, "35.83");
    let weeks: Vec<Vec<f64>> = EXPECTANCY.iter().map(|row| vec![row[2]]).collect();
    let got =
        meta_regression(&studies, &["weeks"], &weeks, &options(REML, Inference::Normal)).unwrap();
    printed(got.coefficients[0].estimate, "0.407");
    printed(got.coefficients[1].estimate, "-0.157");
    printed(got.tau2, "0.000");
    printed(got.residual.unwrap().q, "16.57");
    assert_eq!(got.coefficients[1].name, "weeks");
    assert!(got.r2.unwrap() > 0.99 && got.omnibus_p < 0.0001);
}

/// Berkey, Hoaglin, Mosteller, Colditz, Stat. Med. 14 (1995) 395-411, page 408: BCG trials on
/// latitude with smoothed variances, empirical Bayes (whose τ² is that of Paule and Mandel).
#[test]
fn bcg_protects_more_far_from_the_equator() {
    let mean_odds = |i: usize| {
        BCG.iter().map(|row| f64::from(row.1[i + 1]) / f64::from(row.1[i])).sum::<f64>() / 13.0
    };
    let mut studies = bcg();
    for (study, (_, [a, b, c, d], _)) in studies.iter_mut().zip(BCG) {
        study.variance = mean_odds(0) / f64::from(a + b) + mean_odds(2) / f64::from(c + d);
    }
    let got = pool(&studies, &options(PM, Inference::Normal)).unwrap();
    printed(got.estimate, "-0.5429");
    printed(got.se, "0.1842");
    printed(got.tau2, "0.268");
    let latitude: Vec<Vec<f64>> = BCG.iter().map(|row| vec![row.2 - 33.46]).collect();
    let fit = |model| {
        let choices = options(model, Inference::Normal);
        meta_regression(&studies, &["latitude"], &latitude, &choices).unwrap()
    };
    let got = fit(PM);
    // The article prints -0.6304 for the intercept, one step away.
    printed(got.coefficients[0].estimate, "-0.6303");
    printed(got.coefficients[1].estimate, "-0.0268");
    printed(got.coefficients[0].se, "0.1591");
    printed(got.coefficients[1].se, "0.0110");
    printed(got.tau2, "0.157");
    printed(100.0 * got.r2.unwrap(), "41");
    let got = fit(Model::Fixed);
    printed(got.coefficients[1].estimate, "-0.0282");
    printed(got.coefficients[0].se, "0.0696");
}

/// Lung cancer in women whose husbands smoke: odds ratios with 95 % intervals. Hackshaw, Law,
/// Wald, BMJ 315 (1997) 980-988.
const SMOKE: [[f64; 3]; 37] = [
    [1.18, 0.90, 1.54],
    [1.45, 1.02, 2.08],
    [2.02, 0.48, 8.56],
    [1.20, 0.80, 1.60],
    [0.75, 0.43, 1.30],
    [2.07, 0.81, 5.25],
    [2.13, 1.19, 3.83],
    [0.80, 0.34, 1.90],
    [0.79, 0.25, 2.45],
    [2.01, 1.09, 3.72],
    [1.23, 0.81, 1.87],
    [1.20, 0.50, 3.30],
    [1.52, 0.87, 2.63],
    [1.03, 0.41, 2.55],
    [1.55, 0.90, 2.67],
    [1.03, 0.61, 1.74],
    [2.34, 0.81, 6.75],
    [1.65, 1.16, 2.35],
    [1.19, 0.82, 1.73],
    [1.52, 0.39, 5.96],
    [2.16, 1.08, 4.29],
    [1.08, 0.64, 1.82],
    [2.55, 0.74, 8.78],
    [1.62, 0.90, 2.91],
    [1.06, 0.74, 1.52],
    [0.79, 0.62, 1.02],
    [0.74, 0.32, 1.69],
    [2.27, 0.75, 6.82],
    [0.97, 0.78, 1.21],
    [1.60, 0.80, 3.00],
    [1.19, 0.66, 2.13],
    [1.66, 0.73, 3.78],
    [1.26, 1.04, 1.54],
    [1.10, 0.62, 1.96],
    [1.66, 1.12, 2.45],
    [1.16, 0.80, 1.69],
    [1.11, 0.67, 1.84],
];

/// Trim and fill of these studies: 7 on the left, as Duval (in Rothstein, Sutton, Borenstein,
/// Publication Bias in Meta-Analysis, 2005, chapter 8) and the metafor manual find.
#[test]
fn passive_smoking_lacks_seven_studies() {
    let studies: Vec<StudyEffect> = SMOKE
        .iter()
        .map(|&[ratio, lo, hi]| {
            let log = epsom_maths::ln;
            let se = (log(hi) - log(lo)) / (2.0 * 1.96);
            // Rounded as in the published data set.
            let round = |x: f64, step: f64| (x / step).round() * step;
            StudyEffect {
                label: format!("{ratio}"),
                estimate: round(log(ratio), 0.001),
                variance: round(se * se, 0.0001),
            }
        })
        .collect();
    let choices = options(REML, Inference::Normal);
    printed(epsom_maths::exp(pool(&studies, &choices).unwrap().estimate), "1.24");
    let got = trim_and_fill(&studies, None, FillEstimator::L0, &choices).unwrap();
    assert_eq!((got.side, got.n_missing, got.filled.len()), (Side::Left, 7, 7));
    printed(got.pooled.estimate, "0.1745");
    printed(got.pooled.se, "0.0484");
    printed(got.pooled.tau2, "0.0245");
    printed(got.pooled.heterogeneity.unwrap().q, "60.5196");
}
