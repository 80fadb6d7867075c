//! One effect out of several.

use epsom_maths::chi2_sf;

use super::linear::Data;
use super::tau2::{interval, tau2};
use super::{StudyEffect, SynthesisError, check, check_level};
use crate::effects::{Interval, two_sided_p};

/// What the studies are taken to share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// One effect; studies differ by chance only.
    Fixed,
    /// Effects that vary around a mean with variance τ².
    Random(Tau2Method),
}

/// How the variance between studies is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tau2Method {
    /// Moments, DerSimonian and Laird: closed form, low where studies are few and differ in size.
    DerSimonianLaird,
    /// The τ² at which Q equals its degrees of freedom, Paule and Mandel.
    PauleMandel,
    /// Restricted maximum likelihood.
    #[default]
    Reml,
}

/// How the interval of the mean is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Inference {
    /// Normal, the variances taken as known.
    Normal,
    /// Hartung and Knapp: variance rescaled by the residuals, t with k - 1.
    HartungKnapp,
    /// The same, never with a smaller variance than the normal interval (the ad hoc floor).
    #[default]
    HartungKnappFloored,
}

/// Choices of a pooled estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Fixed or random effects; REML by default.
    pub model: Model,
    /// Interval; Hartung and Knapp with the floor by default.
    pub inference: Inference,
    /// Level of every interval; 0.95 by default.
    pub level: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            model: Model::Random(Tau2Method::default()),
            inference: Inference::default(),
            level: 0.95,
        }
    }
}

/// A pooled effect on the analysis scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooled {
    /// Number of studies.
    pub k: usize,
    /// Mean effect.
    pub estimate: f64,
    /// Its standard error under the chosen inference.
    pub se: f64,
    /// Its interval.
    pub interval: Interval,
    /// Two-sided p of a mean effect of 0.
    pub p_value: f64,
    /// Degrees of freedom of interval and p; infinite where normal.
    pub df: f64,
    /// The inference used: one study has no residuals, so it is always normal.
    pub inference: Inference,
    /// Variance between studies; 0 for a fixed model or one study.
    pub tau2: f64,
    /// Where the effect of a new study would lie; from three studies on, random model only.
    pub prediction: Option<Interval>,
    /// How much the studies differ; from two on.
    pub heterogeneity: Option<Heterogeneity>,
    /// Share of each study in the mean, in the order given; they sum to 1.
    pub weights: Vec<f64>,
}

/// How much studies differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heterogeneity {
    /// Cochran's Q, with weights 1/v.
    pub q: f64,
    /// Its degrees of freedom.
    pub df: f64,
    /// Its p under no difference.
    pub p_value: f64,
    /// I²: share of Q beyond its expectation, 0 to 1.
    pub i2: f64,
    /// H²: Q over its degrees of freedom.
    pub h2: f64,
    /// τ² over itself and the typical sampling variance; equals `i2` for DerSimonian and Laird.
    pub i2_tau: f64,
    /// Interval of τ² by the Q profile.
    pub tau2_interval: Interval,
}

/// Pools studies of one measure.
///
/// One study comes back as it is. Two studies under Hartung and Knapp give a t interval with one
/// degree of freedom, which is wide because it should be.
///
/// # Errors
/// `TooFew` for nothing, `NotFinite`, `NoVariance`, `OutOfRange` for a level outside (0, 1).
/// # Source
/// Equations 25 to 38 of `docs/theory/synthesis.md`.
pub fn pool(studies: &[StudyEffect], options: &Options) -> Result<Pooled, SynthesisError> {
    check(studies, 1)?;
    check_level(options.level)?;
    let data = Data::new(studies, &[])?;
    let k = data.k();
    let tau2 = match options.model {
        Model::Fixed => 0.0,
        Model::Random(method) => tau2(&data, method)?,
    };
    let fit = data.fit(tau2)?;
    let inference = if k == 1 { Inference::Normal } else { options.inference };
    let (scale, df) = rescaled(inference, fit.q, data.df());
    let estimate = fit.beta[0];
    let se = (fit.cov.at(0, 0) * scale).sqrt();
    let predicts = k >= 3 && options.model != Model::Fixed;
    // Eq. 38.
    let prediction = predicts.then(|| {
        let spread = (tau2 + se * se).sqrt();
        Interval::around(estimate, spread, (k - 2) as f64, options.level)
    });
    let total = 1.0 / fit.cov.at(0, 0);
    let weights: Vec<f64> = fit.w.iter().map(|w| w / total).collect();
    Ok(Pooled {
        k,
        estimate,
        se,
        interval: Interval::around(estimate, se, df, options.level),
        p_value: two_sided_p(estimate / se, df),
        df,
        inference,
        tau2,
        prediction,
        heterogeneity: heterogeneity(&data, tau2, options.level)?,
        weights: data.restore(&weights),
    })
}

/// Factor of the variance, and degrees of freedom (Eq. 36, 37).
pub(super) fn rescaled(inference: Inference, q: f64, df: f64) -> (f64, f64) {
    match inference {
        Inference::Normal => (1.0, f64::INFINITY),
        Inference::HartungKnapp => (q / df, df),
        Inference::HartungKnappFloored => ((q / df).max(1.0), df),
    }
}

/// None where no degree of freedom is left.
pub(super) fn heterogeneity(
    data: &Data,
    tau2: f64,
    level: f64,
) -> Result<Option<Heterogeneity>, SynthesisError> {
    if data.k() <= data.p() {
        return Ok(None);
    }
    let fit = data.fit(0.0)?;
    let (q, df) = (fit.q, data.df());
    // Eq. 35: the sampling variance of a typical study.
    let typical = df / data.trace(&fit);
    let (lo, hi) = interval(data, level)?;
    Ok(Some(Heterogeneity {
        q,
        df,
        p_value: chi2_sf(q, df),
        i2: if q > df { (q - df) / q } else { 0.0 },
        h2: q / df,
        i2_tau: tau2 / (tau2 + typical),
        tau2_interval: Interval { lo, hi },
    }))
}
