//! Meta-regression: does the effect change with dose, duration, sponsor?

use epsom_maths::{Matrix, chi2_sf, f_sf, solve};

use super::linear::{Data, collinear};
use super::pool::{Heterogeneity, Inference, Model, Options, heterogeneity, rescaled};
use super::tau2::tau2;
use super::{StudyEffect, SynthesisError, check, check_level};
use crate::effects::{Interval, two_sided_p};

/// One coefficient.
#[derive(Debug, Clone, PartialEq)]
pub struct Coefficient {
    /// `intercept`, or the moderator's name.
    pub name: String,
    /// Change of the effect per unit of the moderator.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// Interval.
    pub interval: Interval,
    /// Two-sided p of 0.
    pub p_value: f64,
}

/// A fitted meta-regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Regression {
    /// Intercept, then the moderators in the order given.
    pub coefficients: Vec<Coefficient>,
    /// Degrees of freedom of intervals and p; infinite where normal.
    pub df: f64,
    /// Variance between studies that the moderators leave.
    pub tau2: f64,
    /// What differs beyond the moderators; none where no degree of freedom is left.
    pub residual: Option<Heterogeneity>,
    /// Test of all moderators together: chi-square, or F under Hartung and Knapp.
    pub omnibus: f64,
    /// Its p.
    pub omnibus_p: f64,
    /// Share of the variance between studies that the moderators take away (Eq. 40), 0 to 1;
    /// none where there was none to take.
    pub r2: Option<f64>,
}

/// Regression of effects on moderators, with an intercept (Eq. 39).
///
/// # Shape
/// `moderators` has one row per study, with one number per name.
/// # Errors
/// `TooFew` unless there are more studies than coefficients; `Collinear`, `Shape`; else as
/// [`super::pool`].
/// # Source
/// Thompson, Higgins, Stat. Med. 21 (2002) 1559-1573; Knapp, Hartung, Stat. Med. 22 (2003)
/// 2693-2710.
pub fn meta_regression(
    studies: &[StudyEffect],
    names: &[&str],
    moderators: &[Vec<f64>],
    options: &Options,
) -> Result<Regression, SynthesisError> {
    let p = names.len() + 1;
    check(studies, p + 1)?;
    check_level(options.level)?;
    if moderators.len() != studies.len() || moderators.iter().any(|row| row.len() + 1 != p) {
        return Err(SynthesisError::Shape);
    }
    let data = Data::new(studies, moderators)?;
    let between = |data: &Data| match options.model {
        Model::Fixed => Ok(0.0),
        Model::Random(method) => tau2(data, method),
    };
    let left = between(&data)?;
    let fit = data.fit(left)?;
    let (scale, df) = rescaled(options.inference, fit.q, data.df());
    let coefficient = |i: usize| {
        let estimate = fit.beta[i];
        let se = (fit.cov.at(i, i) * scale).sqrt();
        Coefficient {
            name: if i == 0 { "intercept".to_owned() } else { names[i - 1].to_owned() },
            estimate,
            se,
            interval: Interval::around(estimate, se, df, options.level),
            p_value: two_sided_p(estimate / se, df),
        }
    };
    let (omnibus, omnibus_p) = omnibus(&fit.beta, &fit.cov, scale, df, options.inference)?;
    let before = between(&Data::new(studies, &[])?)?;
    let r2 = (before > 0.0).then(|| (1.0 - left / before).max(0.0));
    Ok(Regression {
        coefficients: (0..p).map(coefficient).collect(),
        df,
        tau2: left,
        residual: heterogeneity(&data, left, options.level)?,
        omnibus,
        omnibus_p,
        r2,
    })
}

/// Wald statistic of all coefficients but the intercept, and its p (Eq. 41).
fn omnibus(
    beta: &[f64],
    cov: &Matrix,
    scale: f64,
    df: f64,
    inference: Inference,
) -> Result<(f64, f64), SynthesisError> {
    let m = beta.len() - 1;
    if m == 0 {
        return Ok((0.0, 1.0));
    }
    let mut block = Matrix::zeros(m, m);
    for i in 0..m {
        for j in 0..m {
            block.set(i, j, cov.at(i + 1, j + 1) * scale);
        }
    }
    let half = solve(&block, &beta[1..]).map_err(|error| collinear(&error))?;
    let wald = beta[1..].iter().zip(&half).fold(0.0, |sum, (b, h)| sum + b * h);
    let m = m as f64;
    Ok(match inference {
        Inference::Normal => (wald, chi2_sf(wald, m)),
        _ => (wald / m, f_sf(wald / m, m, df)),
    })
}
