//! One study, two studies, no spread, nonsense.

use super::*;

#[test]
fn one_study_comes_back_as_it_is() {
    for model in [Model::Fixed, REML, DL, PM] {
        for inference in [Inference::Normal, Inference::HartungKnapp] {
            let got = pool(&plain(&[0.4], &[0.04]), &options(model, inference)).unwrap();
            assert_eq!((got.estimate, got.tau2, got.k), (0.4, 0.0, 1));
            close(got.se, 0.2);
            assert_eq!((got.inference, got.df), (Inference::Normal, f64::INFINITY));
            assert_eq!((got.heterogeneity, got.prediction), (None, None));
            assert_eq!(got.weights, [1.0]);
        }
    }
}

#[test]
fn two_studies_under_hartung_and_knapp_have_one_degree_of_freedom() {
    let got = pool(&plain(&[0.2, 0.6], &[0.01, 0.01]), &options(DL, Inference::HartungKnapp));
    let got = got.unwrap();
    // The two estimates are 0.4 ± 0.2: standard error 0.2, t of 1 is 12.706.
    close(got.estimate, 0.4);
    close(got.se, 0.2);
    assert_eq!(got.df, 1.0);
    printed(got.interval.hi - got.estimate, "2.541");
    assert_eq!(got.prediction, None);
}

#[test]
fn estimates_that_agree_leave_the_floor() {
    let studies = plain(&[0.5, 0.5, 0.5], &[0.04, 0.04, 0.04]);
    let free = pool(&studies, &options(REML, Inference::HartungKnapp)).unwrap();
    assert_eq!((free.tau2, free.se), (0.0, 0.0));
    assert_eq!(free.p_value, 0.0);
    let floored = pool(&studies, &options(REML, Inference::HartungKnappFloored)).unwrap();
    let normal = pool(&studies, &options(REML, Inference::Normal)).unwrap();
    assert_eq!(floored.se, normal.se);
    assert!(floored.interval.hi > normal.interval.hi, "t of 2 is wider than the normal");
    let differs = floored.heterogeneity.unwrap();
    assert_eq!((differs.q, differs.i2, differs.p_value), (0.0, 0.0, 1.0));
    assert_eq!((differs.tau2_interval.lo, differs.tau2_interval.hi), (0.0, 0.0));
}

#[test]
fn studies_without_variance_or_number_are_named() {
    let zero = pool(&plain(&[0.1, 0.2], &[0.0, 0.1]), &Options::default());
    assert_eq!(zero.unwrap_err(), SynthesisError::NoVariance("S00".into()));
    let nan = pool(&plain(&[0.1, f64::NAN], &[0.1, 0.1]), &Options::default());
    assert_eq!(nan.unwrap_err().to_string(), "the effect of `S01` is not a finite number");
    let none = pool(&[], &Options::default());
    assert_eq!(none.unwrap_err(), SynthesisError::TooFew { k: 0, needed: 1 });
    let level = Options { level: 1.0, ..Options::default() };
    let bad = pool(&plain(&[0.1], &[0.1]), &level);
    assert_eq!(bad.unwrap_err(), SynthesisError::OutOfRange("level"));
}

#[test]
fn regressions_that_cannot_be_fitted_say_why() {
    let studies = plain(&[0.1, 0.2, 0.4, 0.3], &[0.1; 4]);
    let same = vec![vec![2.0]; 4];
    let got = meta_regression(&studies, &["dose"], &same, &Options::default());
    assert_eq!(got.unwrap_err(), SynthesisError::Collinear { column: 1 });
    let short = vec![vec![2.0]; 3];
    let got = meta_regression(&studies, &["dose"], &short, &Options::default());
    assert_eq!(got.unwrap_err(), SynthesisError::Shape);
    let got = meta_regression(&studies[..2], &["dose"], &same[..2], &Options::default());
    assert_eq!(got.unwrap_err(), SynthesisError::TooFew { k: 2, needed: 3 });
    assert_eq!(egger(&studies), Err(SynthesisError::Collinear { column: 1 }));
    assert_eq!(egger(&studies[..2]), Err(SynthesisError::TooFew { k: 2, needed: 3 }));
}

#[test]
fn a_symmetric_funnel_is_left_alone() {
    let studies = plain(&[-0.4, -0.2, 0.0, 0.2, 0.4], &[0.2, 0.1, 0.05, 0.1, 0.2]);
    for estimator in [FillEstimator::L0, FillEstimator::R0] {
        let got = trim_and_fill(&studies, Some(Side::Left), estimator, &Options::default());
        let got = got.unwrap();
        assert_eq!(got.n_missing, 0);
        assert_eq!(got.pooled, pool(&studies, &Options::default()).unwrap());
    }
}

#[test]
fn a_subgroup_of_one_kind_has_nothing_to_compare() {
    let studies = plain(&[0.1, 0.3], &[0.1, 0.2]);
    let got = subgroups(&studies, &["a", "a"], &Options::default()).unwrap();
    assert_eq!((got.groups.len(), got.df), (1, 0.0));
    assert!(got.p_value.is_nan());
    let got = subgroups(&studies, &["a"], &Options::default());
    assert_eq!(got.unwrap_err(), SynthesisError::Shape);
}
