//! Robust variances and Bayesian shrinkage.

use super::*;

/// Rubin, J. Educ. Stat. 6 (1981) 377-401: coaching in eight schools.
fn schools() -> Vec<StudyEffect> {
    let se = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0];
    let variances: Vec<f64> = se.iter().map(|s| s * s).collect();
    plain(&[28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0], &variances)
}

/// Values by adaptive quadrature in scipy 1.17 at a relative tolerance of 1e-12.
#[test]
fn eight_schools() {
    let near = |got: f64, want: f64| {
        // Simpson's rule with 2000 steps on a smooth integrand.
        assert!((got - want).abs() <= 1e-7 * (1.0 + want.abs()), "{got} is not {want}");
    };
    let prior = Prior { mean: 0.0, mean_sd: 20.0, tau_scale: 10.0 };
    let got = shrink(&schools(), &prior, 0.95).unwrap();
    near(got.mean_effect.mean, 7.452675805941611);
    near(got.mean_effect.sd, 4.527124176135303);
    near(got.mean_effect.interval.lo, -1.4396866663203793);
    near(got.mean_effect.interval.hi, 16.3730419173183);
    near(got.above_0, 0.9512802529910952);
    near(got.tau.mean, 4.805978085351745);
    near(got.tau.sd, 3.719347268920189);
    near(got.studies[0].mean, 9.810350604868544);
    near(got.studies[0].sd, 6.944603729519959);
    near(got.studies[7].mean, 7.844466913215695);
    // Quantiles of τ follow parabolas and then chords of the steps in τ.
    assert!((got.tau.median - 4.016329034891497).abs() <= 1e-4);
    assert!((got.tau.interval.hi - 13.878182097713962).abs() <= 1e-4);
    let flat = Prior { mean: 0.0, mean_sd: f64::INFINITY, tau_scale: 5.0 };
    let got = shrink(&schools(), &flat, 0.95).unwrap();
    near(got.mean_effect.mean, 7.786873313137558);
    near(got.mean_effect.sd, 4.36372512010143);
    near(got.studies[0].mean, 9.060114790107772);
}

#[test]
fn a_tiny_scale_gives_the_fixed_effect_and_no_study_the_prior() {
    let fixed = pool(&schools(), &options(Model::Fixed, Inference::Normal)).unwrap();
    let prior = Prior { mean: 0.0, mean_sd: f64::INFINITY, tau_scale: 1e-6 };
    let got = shrink(&schools(), &prior, 0.95).unwrap();
    // τ² is 1e-12 of the variances.
    assert!((got.mean_effect.mean - fixed.estimate).abs() <= 1e-9 * fixed.estimate);
    assert!((got.mean_effect.interval.hi - fixed.interval.hi).abs() <= 1e-8);
    let prior = Prior { mean: 0.3, mean_sd: 0.5, tau_scale: 0.2 };
    let got = shrink(&[], &prior, 0.95).unwrap();
    close(got.mean_effect.mean, 0.3);
    close(got.mean_effect.sd, 0.5);
    printed(got.mean_effect.interval.hi, "1.28");
    // Mean of the half-normal: scale √(2/π).
    assert!((got.tau.mean - 0.2 * (2.0 / std::f64::consts::PI).sqrt()).abs() <= 1e-9);
}

#[test]
fn one_study_with_a_normal_prior_is_a_weighted_mean() {
    let prior = Prior { mean: 0.0, mean_sd: 1.0, tau_scale: 1e-7 };
    let got = shrink(&plain(&[2.0], &[1.0]), &prior, 0.95).unwrap();
    assert!((got.mean_effect.mean - 1.0).abs() <= 1e-9);
    assert!((got.mean_effect.sd - 0.5f64.sqrt()).abs() <= 1e-9);
}

#[test]
fn priors_that_are_none_are_refused() {
    let bad = |prior: Prior| shrink(&schools(), &prior, 0.95).unwrap_err();
    let fine = Prior { mean: 0.0, mean_sd: 1.0, tau_scale: 1.0 };
    assert_eq!(bad(Prior { tau_scale: 0.0, ..fine }), SynthesisError::OutOfRange("prior scale"));
    assert_eq!(bad(Prior { mean_sd: -1.0, ..fine }), SynthesisError::OutOfRange("prior deviation"));
    assert_eq!(bad(Prior { mean: f64::NAN, ..fine }), SynthesisError::OutOfRange("prior mean"));
    let flat = Prior { mean_sd: f64::INFINITY, ..fine };
    let none = shrink(&[], &flat, 0.95);
    assert_eq!(none.unwrap_err(), SynthesisError::TooFew { k: 0, needed: 1 });
}

/// Twelve effects of seven studies: study, estimate, variance, dose.
const CLUSTERED: [(usize, f64, f64, f64); 12] = [
    (0, 0.10, 0.04, 1.0),
    (0, 0.30, 0.05, 1.0),
    (1, 0.45, 0.03, 2.0),
    (1, 0.20, 0.03, 2.0),
    (1, 0.31, 0.04, 2.0),
    (2, 0.62, 0.09, 3.0),
    (3, -0.05, 0.02, 1.0),
    (3, 0.12, 0.025, 1.0),
    (4, 0.40, 0.06, 2.0),
    (5, 0.22, 0.05, 3.0),
    (5, 0.55, 0.05, 3.0),
    (6, 0.70, 0.08, 3.0),
];

fn clustered() -> Vec<ClusteredEffect> {
    let effect = |&(study, estimate, variance, _): &(usize, f64, f64, f64)| ClusteredEffect {
        cluster: format!("C{study}"),
        effect: StudyEffect { label: format!("{study}: {estimate}"), estimate, variance },
    };
    CLUSTERED.iter().map(effect).collect()
}

/// Values from the definitions with full matrices in numpy: τ² from E[Q] = tr(P Σ), variances
/// from the eigenvectors of I - H.
#[test]
fn robust_variances_agree_with_full_matrices() {
    let near = |got: f64, want: f64| {
        // Seven clusters, matrices of 12 rows: roundings, a thousandfold.
        assert!((got - want).abs() <= 1e-12 * (1.0 + want.abs()), "{got} is not {want}");
    };
    let got = robust(&clustered(), &[], &[], 0.8, 0.95).unwrap();
    near(got.tau2, 0.016320482458807076);
    near(got.coefficients[0].estimate, 0.3154318637411422);
    near(got.coefficients[0].se, 0.09145004907445264);
    near(got.coefficients[0].df, 5.314946834079301);
    assert_eq!((got.n_clusters, got.n_effects), (7, 12));
    let dose: Vec<Vec<f64>> = CLUSTERED.iter().map(|row| vec![row.3]).collect();
    let got = robust(&clustered(), &["dose"], &dose, 0.8, 0.95).unwrap();
    assert_eq!(got.tau2, 0.0);
    near(got.coefficients[0].estimate, -0.12615520476873887);
    near(got.coefficients[0].df, 1.9340386931758193);
    near(got.coefficients[1].estimate, 0.22488795672811587);
    near(got.coefficients[1].se, 0.06549054379970855);
    near(got.coefficients[1].df, 3.2593793013122756);
}

#[test]
fn one_effect_per_study_of_one_variance_is_the_t_interval() {
    let y = [0.1, 0.7, -0.2, 0.9, 0.5];
    let effects: Vec<ClusteredEffect> = plain(&y, &[0.05; 5])
        .into_iter()
        .map(|effect| ClusteredEffect { cluster: effect.label.clone(), effect })
        .collect();
    let got = robust(&effects, &[], &[], 0.8, 0.95).unwrap();
    close(got.tau2, epsom_maths::variance(&y) - 0.05);
    close(got.coefficients[0].se, (epsom_maths::variance(&y) / 5.0).sqrt());
    close(got.coefficients[0].df, 4.0);
}

#[test]
fn a_copied_effect_adds_no_precision() {
    let alone = |copies: usize| {
        let mut effects = Vec::new();
        for (i, y) in [0.1, 0.7, -0.2, 0.9, 0.5].into_iter().enumerate() {
            for copy in 0..copies {
                let effect =
                    StudyEffect { label: format!("{i}.{copy}"), estimate: y, variance: 0.05 };
                effects.push(ClusteredEffect { cluster: format!("{i}"), effect });
            }
        }
        robust(&effects, &[], &[], 1.0, 0.95).unwrap()
    };
    close(alone(3).coefficients[0].se, alone(1).coefficients[0].se);
    close(alone(3).coefficients[0].df, alone(1).coefficients[0].df);
    close(alone(3).tau2, alone(1).tau2);
}

#[test]
fn robust_needs_more_studies_than_coefficients() {
    let got = robust(&clustered()[..2], &[], &[], 0.8, 0.95);
    assert_eq!(got.unwrap_err(), SynthesisError::TooFew { k: 1, needed: 2 });
    let got = robust(&clustered(), &[], &[], 1.5, 0.95);
    assert_eq!(got.unwrap_err(), SynthesisError::OutOfRange("correlation"));
    let got = robust(&clustered(), &["dose"], &[], 0.8, 0.95);
    assert_eq!(got.unwrap_err(), SynthesisError::Shape);
}
