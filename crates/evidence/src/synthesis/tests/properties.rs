//! What must hold for any studies.

use super::*;

/// Deterministic studies of several shapes.
fn samples() -> Vec<Vec<StudyEffect>> {
    let make = |k: usize, seed: usize, spread: f64| {
        let wave = |i: usize| ((i * 7919 + seed * 104_729) % 1000) as f64 / 1000.0;
        let y: Vec<f64> = (0..k).map(|i| spread * (wave(i) - 0.4)).collect();
        let v: Vec<f64> = (0..k).map(|i| 0.01 + 0.2 * wave(i + 500)).collect();
        plain(&y, &v)
    };
    vec![
        make(2, 1, 1.0),
        make(3, 2, 0.1),
        make(5, 3, 2.0),
        make(12, 4, 1.0),
        make(40, 5, 3.0),
        bcg(),
    ]
}

const MODELS: [Model; 4] = [Model::Fixed, DL, REML, PM];
const INFERENCES: [Inference; 3] =
    [Inference::Normal, Inference::HartungKnapp, Inference::HartungKnappFloored];

#[test]
fn the_order_of_studies_changes_no_bit() {
    for studies in samples() {
        let mut turned = studies.clone();
        turned.reverse();
        turned.rotate_left(studies.len() / 3);
        for model in MODELS {
            for inference in INFERENCES {
                let choices = options(model, inference);
                let (a, b) = (pool(&studies, &choices).unwrap(), pool(&turned, &choices).unwrap());
                assert_eq!((a.estimate, a.se, a.tau2), (b.estimate, b.se, b.tau2));
                assert_eq!((a.interval, a.prediction), (b.interval, b.prediction));
                assert_eq!(a.heterogeneity, b.heterogeneity);
                for (study, weight) in studies.iter().zip(&a.weights) {
                    let at = turned.iter().position(|other| other.label == study.label).unwrap();
                    assert_eq!(b.weights[at], *weight);
                }
            }
        }
        if studies.len() > 2 {
            assert_eq!(egger(&studies), egger(&turned));
        }
        let prior = Prior { mean: 0.0, mean_sd: 2.0, tau_scale: 0.5 };
        let (a, b) =
            (shrink(&studies, &prior, 0.95).unwrap(), shrink(&turned, &prior, 0.95).unwrap());
        assert_eq!((a.mean_effect, a.tau), (b.mean_effect, b.tau));
    }
}

#[test]
fn a_power_of_two_scales_every_answer_exactly() {
    for studies in samples() {
        let mut doubled = studies.clone();
        for study in &mut doubled {
            study.estimate *= 4.0;
            study.variance *= 16.0;
        }
        for model in [Model::Fixed, DL, PM] {
            let choices = options(model, Inference::HartungKnapp);
            let (a, b) = (pool(&studies, &choices).unwrap(), pool(&doubled, &choices).unwrap());
            assert_eq!((4.0 * a.estimate, 4.0 * a.se), (b.estimate, b.se));
            assert_eq!((16.0 * a.tau2, a.weights), (b.tau2, b.weights));
            assert_eq!(a.p_value, b.p_value);
        }
        // REML looks at a grid of logarithms first, so its last bits may differ.
        let choices = options(REML, Inference::Normal);
        let (a, b) = (pool(&studies, &choices).unwrap(), pool(&doubled, &choices).unwrap());
        // The root of the score is known to its rounding, which is flat where τ² is small.
        assert!((16.0 * a.tau2 - b.tau2).abs() <= 1e-9 * (b.tau2 + 1.0));
    }
}

#[test]
fn a_shift_moves_the_mean_and_nothing_else() {
    for studies in samples() {
        let mut moved = studies.clone();
        for study in &mut moved {
            study.estimate += 3.0;
        }
        for model in MODELS {
            let choices = options(model, Inference::Normal);
            let (a, b) = (pool(&studies, &choices).unwrap(), pool(&moved, &choices).unwrap());
            // Three more makes the residuals coarser by its rounding.
            assert!((a.estimate + 3.0 - b.estimate).abs() <= 1e-9);
            assert!((a.tau2 - b.tau2).abs() <= 1e-9 * (1.0 + a.tau2));
        }
    }
}

#[test]
fn estimators_solve_their_own_equations() {
    for studies in samples() {
        let by = |model| pool(&studies, &options(model, Inference::Normal)).unwrap();
        let q_at = |tau2: f64, mean: f64| -> f64 {
            let off = |s: &StudyEffect| (s.estimate - mean) * (s.estimate - mean);
            studies.iter().map(|s| off(s) / (s.variance + tau2)).sum()
        };
        let df = (studies.len() - 1) as f64;
        let got = by(PM);
        if got.tau2 > 0.0 {
            close(q_at(got.tau2, got.estimate), df);
            // There the Hartung-Knapp scale is 1.
            let adjusted = pool(&studies, &options(PM, Inference::HartungKnapp)).unwrap();
            close(adjusted.se, got.se);
        } else {
            assert!(q_at(0.0, got.estimate) <= df);
        }
        // No other τ² of a fine grid has a higher restricted likelihood.
        let got = by(REML);
        let likelihood = |tau2: f64| {
            let w: Vec<f64> = studies.iter().map(|s| 1.0 / (s.variance + tau2)).collect();
            let total: f64 = w.iter().sum();
            let mean = w.iter().zip(&studies).map(|(w, s)| w * s.estimate).sum::<f64>() / total;
            let logs: f64 = w.iter().map(|&w| epsom_maths::ln(w)).sum();
            0.5 * (logs - epsom_maths::ln(total) - q_at(tau2, mean))
        };
        let best = likelihood(got.tau2);
        for i in 0..400 {
            let tau2 = 4.0 * f64::from(i) / 400.0;
            assert!(likelihood(tau2) <= best + 1e-9, "{tau2} beats {}", got.tau2);
        }
    }
}

#[test]
fn weights_sum_to_1_and_large_studies_get_more() {
    for studies in samples() {
        for model in MODELS {
            let got = pool(&studies, &options(model, Inference::Normal)).unwrap();
            close(got.weights.iter().sum(), 1.0);
            for (i, a) in studies.iter().enumerate() {
                for (j, b) in studies.iter().enumerate() {
                    assert!(a.variance > b.variance || got.weights[i] >= got.weights[j]);
                }
            }
        }
    }
}

#[test]
fn equal_variances_have_a_closed_form() {
    // Mean of the estimates; τ² = sample variance - v under every estimator; Hartung-Knapp is
    // the t interval of the estimates.
    let y = [0.1, 0.7, -0.2, 0.9, 0.5];
    let studies = plain(&y, &[0.05; 5]);
    let mean = y.iter().sum::<f64>() / 5.0;
    let spread = epsom_maths::variance(&y);
    for model in [DL, REML, PM] {
        let got = pool(&studies, &options(model, Inference::HartungKnapp)).unwrap();
        close(got.tau2, spread - 0.05);
        close(got.estimate, mean);
        close(got.se, (spread / 5.0).sqrt());
        let half = epsom_maths::t_quantile(0.975, 4.0) * (spread / 5.0).sqrt();
        close(got.interval.hi - mean, half);
    }
}

#[test]
fn meta_regression_of_two_groups_is_their_difference() {
    let studies = plain(&[0.1, 0.3, 0.8, 1.2, 1.0], &[0.04, 0.09, 0.05, 0.08, 0.02]);
    let group = [vec![0.0], vec![0.0], vec![1.0], vec![1.0], vec![1.0]];
    let choices = options(Model::Fixed, Inference::Normal);
    let got = meta_regression(&studies, &["late"], &group, &choices).unwrap();
    let names = ["early", "early", "late", "late", "late"];
    let parts = subgroups(&studies, &names, &choices).unwrap();
    let (early, late) = (&parts.groups[0].pooled, &parts.groups[1].pooled);
    close(got.coefficients[0].estimate, early.estimate);
    close(got.coefficients[1].estimate, late.estimate - early.estimate);
    close(got.coefficients[1].se, (early.se * early.se + late.se * late.se).sqrt());
    // And the omnibus statistic is Q between the groups.
    close(got.omnibus, parts.q);
    close(got.omnibus_p, parts.p_value);
}

#[test]
fn egger_is_a_weighted_regression_on_the_standard_error() {
    // Dividing by the standard error turns y = b + a se into z = a + b / se.
    let studies = bcg();
    let test = egger(&studies).unwrap();
    let se: Vec<Vec<f64>> = studies.iter().map(|s| vec![s.variance.sqrt()]).collect();
    let choices = options(Model::Fixed, Inference::HartungKnapp);
    let fit = meta_regression(&studies, &["se"], &se, &choices).unwrap();
    close(test.intercept, fit.coefficients[1].estimate);
    close(test.se, fit.coefficients[1].se);
    close(test.slope, fit.coefficients[0].estimate);
    close(test.p_value, fit.coefficients[1].p_value);
}

#[test]
fn cumulative_ends_and_leave_one_out_begins_with_all() {
    let studies = bcg();
    let choices = Options::default();
    let all = pool(&studies, &choices).unwrap();
    let steps = cumulative(&studies, &choices).unwrap();
    assert_eq!(steps.last().unwrap().1.estimate, all.estimate);
    assert_eq!(steps[0].1.estimate, studies[0].estimate);
    let without = leave_one_out(&studies, &choices).unwrap();
    assert_eq!(without[12].0, "Comstock 1976");
    assert_eq!(without[12].1.estimate, steps[11].1.estimate);
}
