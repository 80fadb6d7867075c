//! Worked examples of textbooks, closed forms, and what cannot be computed.

mod rows;

use super::*;

/// That a value shows these digits: within half a step of the last printed one.
fn printed(got: f64, want: &str) {
    let digits = crate::Printed::parse(want).expect("digits");
    assert!(digits.agrees(got), "{got} is not {want}");
}

fn close(got: f64, want: f64) {
    // A dozen roundings.
    assert!((got - want).abs() <= 32.0 * f64::EPSILON * (1.0 + want.abs()), "{got} is not {want}");
}

const A: Arm = Arm { n: 50, mean: 103.0, sd: 5.5 };
const B: Arm = Arm { n: 50, mean: 100.0, sd: 4.5 };

/// Borenstein, Hedges, Higgins, Rothstein, Introduction to Meta-Analysis (2009), chapter 4.
#[test]
fn means_of_two_groups() {
    let raw = mean_difference_pooled(&A, &B).unwrap();
    printed(raw.estimate, "3.0000");
    printed(raw.variance, "1.0100");
    printed(raw.se(), "1.0050");
    let g = hedges_g(&A, &B).unwrap();
    printed(g.estimate, "0.5924");
    printed(g.variance, "0.0411");
    printed(hedges_correction(98.0), "0.9923");
    // Arms of one size give the same variance with each arm's own; Welch loses some freedom.
    let own = mean_difference(&A, &B).unwrap();
    close(own.variance, raw.variance);
    assert!(own.df < 98.0 && own.df > 90.0);
}

/// The same book, matched groups with a correlation of 0.70.
#[test]
fn means_of_matched_groups() {
    let sd = 5.5 / 0.6f64.sqrt();
    let pairs = Period { n: 50, means: (103.0, 100.0), sds: (sd, sd), correlation: 0.7 };
    let raw = crossover_difference(&pairs).unwrap();
    printed(raw.variance, "0.6050");
    assert_eq!(raw.df, 49.0);
    let g = paired_g(&pairs).unwrap();
    printed(g.estimate, "0.4160");
    printed(g.variance, "0.0127");
}

/// The same book, chapter 5: 5 of 100 against 10 of 100.
#[test]
fn events_of_two_groups() {
    let (treated, control) = (Counts { events: 5, n: 100 }, Counts { events: 10, n: 100 });
    let rr = log_risk_ratio(treated, control, ZeroRule::Refuse).unwrap();
    printed(rr.estimate, "-0.6931");
    printed(rr.variance, "0.2800");
    printed(rr.shown(), "0.5000");
    let or = log_odds_ratio(treated, control, ZeroRule::Refuse).unwrap();
    printed(or.estimate, "-0.7472");
    printed(or.variance, "0.3216");
    let rd = risk_difference(treated, control, ZeroRule::Refuse).unwrap();
    printed(rd.estimate, "-0.0500");
    printed(rd.variance, "0.0014");
}

/// The same book, chapters 6 and 7.
#[test]
fn correlations_and_conversions() {
    let z = fisher_z(0.5, 100).unwrap();
    printed(z.estimate, "0.5493");
    printed(z.variance, "0.0103");
    close(z.shown(), 0.5);
    close(r_from_t(2.0, 96.0), 0.2);
    let or = Effect::normal(Measure::LogOddsRatio, 0.9069, 0.0676).unwrap();
    let d = smd_from_log_odds(&or).unwrap();
    printed(d.estimate, "0.5000");
    printed(d.variance, "0.0205");
    let back = log_odds_from_smd(&d).unwrap();
    close(back.estimate, or.estimate);
    close(back.variance, or.variance);
    assert_eq!(log_odds_from_smd(&or), Err(EffectError::OutOfRange("measure")));
}

/// Cochrane Handbook for Systematic Reviews of Interventions, sections 6.5.2.2 and 6.5.2.3: a
/// difference of 3.8 with p = 0.008 in arms of 25 and 22 has t = 2.78 and standard error 1.37.
#[test]
fn standard_errors_from_p_and_interval() {
    printed(se_from_p(3.8, 0.008, 45.0).unwrap(), "1.37");
    printed(3.8 / se_from_p(3.8, 0.008, 45.0).unwrap(), "2.78");
    // The interval of that standard error gives it back.
    let se = 1.37;
    let half = critical(0.95, 45.0) * se;
    close(se_from_interval(3.8 - half, 3.8 + half, 0.95, 45.0).unwrap(), se);
    let effect = mean_difference_from(3.8, Reported::P(0.008), 45.0).unwrap();
    close(effect.p_value(), 0.008);
    close(sd_from_sem(0.5, 16).unwrap(), 2.0);
    let half = epsom_maths::t_quantile(0.975, 15.0) * 0.5;
    close(sd_from_interval(-half, half, 0.95, 16).unwrap(), 2.0);
}

/// Rothman, Greenland, Lash, Modern Epidemiology (2008), table 15-2: coronary deaths per 10,000
/// person-years in smoking and other British doctors aged 35 to 44, and 75 to 84.
#[test]
fn rates_of_doctors() {
    let (smokers, others) =
        (Events { events: 32, time: 5.2407 }, Events { events: 2, time: 1.879 });
    let ratio = log_rate_ratio(smokers, others).unwrap();
    printed(ratio.shown(), "5.7366");
    printed(ratio.interval(0.95).shown(ratio.measure).lo, "1.3748");
    printed(ratio.interval(0.95).shown(ratio.measure).hi, "23.9371");
    let difference = rate_difference(smokers, others).unwrap();
    printed(difference.estimate, "5.0417");
    printed(difference.variance, "1.7316");
    let (smokers, others) =
        (Events { events: 102, time: 0.5317 }, Events { events: 31, time: 0.1462 });
    printed(log_rate_ratio(smokers, others).unwrap().shown(), "0.9047");
}

/// Γ(m/2) / (√(m/2) Γ((m-1)/2)) with 60 digits (mpmath 1.3).
#[test]
fn the_correction_is_exact() {
    for (df, want) in [
        (2.0, 0.564_189_583_547_756_3),
        (3.0, 0.723_601_254_558_267_6),
        (10.0, 0.922_745_608_053_087_1),
        (98.0, 0.992_324_087_420_595_3),
        (1e6, 0.999_999_249_999_781_2),
    ] {
        // At a million the two logarithms are 6e6 and share the rounding of their size.
        let bound = f64::max(16.0 * f64::EPSILON, 8.0 * f64::EPSILON * df);
        assert!((hedges_correction(df) - want).abs() <= bound, "{df}");
    }
    assert!(hedges_correction(1.0).is_nan());
}

#[test]
fn an_effect_reversed_changes_its_sign_only() {
    let (ab, ba) = (hedges_g(&A, &B).unwrap(), hedges_g(&B, &A).unwrap());
    assert_eq!(ab.reversed().estimate, ba.estimate);
    assert_eq!(ab.variance, ba.variance);
    let (a, b) = (Counts { events: 3, n: 20 }, Counts { events: 9, n: 25 });
    for of in [log_risk_ratio, log_odds_ratio, risk_difference] {
        let (there, back) = (of(a, b, ZeroRule::Refuse), of(b, a, ZeroRule::Refuse));
        close(there.unwrap().estimate, -back.unwrap().estimate);
    }
}

#[test]
fn standardizing_does_not_depend_on_the_unit() {
    let scaled = |arm: &Arm| Arm { mean: 4.0 * arm.mean + 7.0, sd: 4.0 * arm.sd, ..*arm };
    let (g, other) = (hedges_g(&A, &B).unwrap(), hedges_g(&scaled(&A), &scaled(&B)).unwrap());
    close(g.estimate, other.estimate);
    close(g.variance, other.variance);
    // And t, p and d lead to the same g.
    let t = mean_difference_pooled(&A, &B).unwrap();
    let from_t = hedges_from_t(t.estimate / t.se(), 50, 50).unwrap();
    close(from_t.estimate, g.estimate);
    let from_p = smd_from_p(t.p_value(), 1.0, 50, 50).unwrap();
    // The p keeps 12 digits of the t.
    assert!((from_p.estimate - g.estimate).abs() <= 1e-10);
}

#[test]
fn changes_and_baselines() {
    close(change_score_sd(3.0, 4.0, 0.0).unwrap(), 5.0);
    close(change_score_sd(3.0, 3.0, 1.0).unwrap(), 0.0);
    assert_eq!(change_score_sd(3.0, 3.0, 1.2), Err(EffectError::OutOfRange("correlation")));
    let before = (Arm { n: 20, mean: 50.0, sd: 10.0 }, Arm { n: 20, mean: 48.0, sd: 10.0 });
    let after = (Arm { n: 20, mean: 60.0, sd: 10.0 }, Arm { n: 20, mean: 52.0, sd: 10.0 });
    let adjusted = ancova_difference((&before.0, &before.1), (&after.0, &after.1), 0.5).unwrap();
    // 8 - 0.5 * 2, with three quarters of the variance and one degree of freedom less.
    close(adjusted.estimate, 7.0);
    close(adjusted.variance, 0.75 * 10.0);
    assert_eq!(adjusted.df, 37.0);
    // Without correlation it is the plain difference.
    let plain = ancova_difference((&before.0, &before.1), (&after.0, &after.1), 0.0).unwrap();
    close(plain.estimate, 8.0);
    // A paired p leads back to the correlation.
    let pairs = Period { n: 12, means: (5.0, 3.0), sds: (2.0, 3.0), correlation: 0.4 };
    let p = crossover_difference(&pairs).unwrap().p_value();
    assert!((within_r_from_p(12, 2.0, (2.0, 3.0), p).unwrap() - 0.4).abs() <= 1e-10);
    close(cluster_design_effect(21.0, 0.05), 2.0);
}

#[test]
fn ratios_of_means() {
    let effect = log_mean_ratio(&A, &B).unwrap();
    close(effect.estimate, epsom_maths::ln(1.03));
    close(effect.variance, 30.25 / (50.0 * 103.0 * 103.0) + 20.25 / (50.0 * 1e4));
    let zero = Arm { mean: 0.0, ..A };
    assert_eq!(log_mean_ratio(&A, &zero), Err(EffectError::OutOfRange("mean")));
}

#[test]
fn empty_cells_follow_the_rule() {
    let (none, some) = (Counts { events: 0, n: 10 }, Counts { events: 2, n: 20 });
    assert_eq!(log_odds_ratio(none, some, ZeroRule::Refuse), Err(EffectError::NoEvents));
    let half = log_odds_ratio(none, some, ZeroRule::HalfWhereZero).unwrap();
    close(half.estimate, epsom_maths::ln((0.5 * 18.5) / (10.5 * 2.5)));
    close(half.variance, 1.0 / 0.5 + 1.0 / 10.5 + 1.0 / 2.5 + 1.0 / 18.5);
    let other = log_odds_ratio(none, some, ZeroRule::TreatmentArm).unwrap();
    let (t, u) = (1.0 / 3.0, 2.0 / 3.0);
    close(other.estimate, epsom_maths::ln((t * (18.0 + u)) / ((10.0 + t) * (2.0 + u))));
    // Peto needs no rule: O - E = 0 - 10 * 2/30, V = 10 * 20 * 2 * 28 / (900 * 29).
    let peto = peto_odds_ratio(none, some).unwrap();
    close(peto.variance, 900.0 * 29.0 / (10.0 * 20.0 * 2.0 * 28.0));
    close(peto.estimate, -(2.0 / 3.0) * peto.variance);
    // Nobody had the event: no ratio, whatever is added; a difference of 0 with a variance.
    let nobody = Counts { events: 0, n: 20 };
    for rule in [ZeroRule::HalfWhereZero, ZeroRule::TreatmentArm] {
        assert_eq!(log_risk_ratio(none, nobody, rule), Err(EffectError::NoEvents));
        assert_eq!(log_odds_ratio(none, nobody, rule), Err(EffectError::NoEvents));
    }
    let difference = risk_difference(none, nobody, ZeroRule::HalfWhereZero).unwrap();
    assert_eq!(difference.estimate, 0.0);
    assert!(difference.variance > 0.0);
    let zero = log_rate_ratio(Events { events: 0, time: 1.0 }, Events { events: 3, time: 1.0 });
    close(zero.unwrap().estimate, epsom_maths::ln(0.5 / 3.5));
}

#[test]
fn what_cannot_be_computed_says_why() {
    let message = |result: Result<Effect, EffectError>| result.unwrap_err().to_string();
    let one = Arm { n: 1, ..A };
    assert_eq!(message(mean_difference(&one, &B)), "too few in the treated arm for a variance");
    let nan = Arm { mean: f64::NAN, ..A };
    assert_eq!(message(hedges_g(&A, &nan)), "the mean is not a finite number");
    let flat = |arm: Arm| Arm { sd: 0.0, ..arm };
    assert_eq!(message(hedges_g(&flat(A), &flat(B))), "the standard deviation is 0");
    assert_eq!(mean_difference(&flat(A), &flat(B)).unwrap().variance, 0.0);
    let more = Counts { events: 11, n: 10 };
    assert_eq!(
        message(risk_difference(more, more, ZeroRule::Refuse)),
        "the number of events lies outside of what it can be"
    );
    assert_eq!(message(fisher_z(1.0, 30)), "the correlation lies outside of what it can be");
    assert_eq!(message(fisher_z(0.3, 3)), "too few in the sample for a variance");
    assert_eq!(
        message(mean_difference_from(0.0, Reported::P(0.5), 10.0)),
        "the standard deviation is 0"
    );
    assert_eq!(
        message(mean_difference_from(1.0, Reported::P(0.0), 10.0)),
        "the p value lies outside of what it can be"
    );
    assert_eq!(
        message(log_ratio_from_interval(Measure::LogRiskRatio, 0.5, -0.1, 2.0, 0.95)),
        "the ratio lies outside of what it can be"
    );
    assert_eq!(
        message(smd_from_interval(0.5, 0.9, 0.1, 0.95)),
        "the interval lies outside of what it can be"
    );
}
