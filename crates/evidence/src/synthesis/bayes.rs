//! Bayesian shrinkage: a normal mean, normal studies, and a half-normal spread between them.

use epsom_maths::{cosh, exp, ln, norm_cdf, sinh, sum};

use super::{StudyEffect, SynthesisError, check, check_level};
use crate::effects::Interval;

/// What is believed before the studies, on the analysis scale. It is always stated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Mean of the mean effect.
    pub mean: f64,
    /// Its standard deviation; infinite for a flat prior.
    pub mean_sd: f64,
    /// Scale of the half-normal prior of τ: with a log ratio 0.5 says that a doubling between
    /// studies is rare.
    pub tau_scale: f64,
}

/// Mean, deviation, median and interval of one quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Median.
    pub median: f64,
    /// Central interval.
    pub interval: Interval,
}

/// What is believed after the studies.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior {
    /// The mean effect.
    pub mean_effect: Summary,
    /// Probability that the mean effect is above 0.
    pub above_0: f64,
    /// The effect in a new study.
    pub new_effect: Summary,
    /// Spread between studies.
    pub tau: Summary,
    /// Each study's own effect, drawn to the mean, in the order given.
    pub studies: Vec<Summary>,
}

/// Points of the quadrature; even.
const STEPS: usize = 800;

/// Posterior of the normal-normal model with a half-normal τ (Eq. 50 to 53), by quadrature over τ.
///
/// No study at all gives the prior back (its mean must then be proper).
///
/// # Errors
/// `OutOfRange` for a prior that is not finite, a scale or deviation not above 0, a level outside
/// (0, 1); `TooFew` for a flat prior without studies; `NotFinite`, `NoVariance`.
/// # Source
/// Röver, J. Stat. Softw. 93 (2020) 6; Gelman, Bayesian Anal. 1 (2006) 515-533.
pub fn shrink(
    studies: &[StudyEffect],
    prior: &Prior,
    level: f64,
) -> Result<Posterior, SynthesisError> {
    check(studies, usize::from(prior.mean_sd == f64::INFINITY))?;
    check_level(level)?;
    if !prior.mean.is_finite() {
        return Err(SynthesisError::OutOfRange("prior mean"));
    }
    if prior.mean_sd.is_nan() || prior.mean_sd <= 0.0 {
        return Err(SynthesisError::OutOfRange("prior deviation"));
    }
    if !(prior.tau_scale > 0.0 && prior.tau_scale.is_finite()) {
        return Err(SynthesisError::OutOfRange("prior scale"));
    }
    let mut sorted: Vec<&StudyEffect> = studies.iter().collect();
    sorted
        .sort_by(|a, b| a.estimate.total_cmp(&b.estimate).then(a.variance.total_cmp(&b.variance)));
    let slices = slices(&sorted, prior);
    let normals = |mean: &dyn Fn(&Slice) -> f64, variance: &dyn Fn(&Slice) -> f64| {
        let parts: Vec<Part> = slices
            .iter()
            .map(|s| Part { mass: s.mass, mean: mean(s), sd: variance(s).sqrt() })
            .collect();
        (mixture(&parts, level), parts)
    };
    let (mean_effect, parts) = normals(&|s| s.mean, &|s| s.variance);
    let (new_effect, _) = normals(&|s| s.mean, &|s| s.variance + s.tau * s.tau);
    let own = |study: &StudyEffect| {
        // Eq. 53: pulled to the mean by b, which carries the doubt about the mean along.
        let pull = |s: &Slice| study.variance / (study.variance + s.tau * s.tau);
        let mean = |s: &Slice| study.estimate + pull(s) * (s.mean - study.estimate);
        let variance = |s: &Slice| {
            let b = pull(s);
            b * s.tau * s.tau + b * b * s.variance
        };
        normals(&mean, &variance).0
    };
    Ok(Posterior {
        above_0: 1.0 - cdf(&parts, 0.0),
        mean_effect,
        new_effect,
        tau: spread(&slices, level),
        studies: studies.iter().map(own).collect(),
    })
}

/// One τ of the quadrature with its mass and the conditional posterior of the mean.
struct Slice {
    tau: f64,
    mass: f64,
    mean: f64,
    variance: f64,
}

/// One normal of a mixture.
struct Part {
    mass: f64,
    mean: f64,
    sd: f64,
}

/// Simpson's rule in u, τ = c sinh(u): even near 0, and wide where the prior is wide.
fn slices(studies: &[&StudyEffect], prior: &Prior) -> Vec<Slice> {
    let smallest = studies.iter().fold(prior.tau_scale, |c, s| c.min(s.variance.sqrt()));
    // Beyond nine scales the prior holds less than 1e-18.
    let last = asinh(9.0 * prior.tau_scale / smallest);
    let logs = |i: usize| {
        let u = last * i as f64 / STEPS as f64;
        let tau = smallest * sinh(u);
        let (mean, variance, log_likelihood) = conditional(studies, prior, tau * tau);
        let scaled = tau / prior.tau_scale;
        (tau, mean, variance, log_likelihood - 0.5 * scaled * scaled + ln(cosh(u)))
    };
    let points: Vec<_> = (0..=STEPS).map(logs).collect();
    let top = points.iter().fold(f64::NEG_INFINITY, |top, point| top.max(point.3));
    let simpson = |i: usize| match i {
        0 | STEPS => 1.0,
        _ if i % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let mut out: Vec<Slice> = points
        .into_iter()
        .enumerate()
        .map(|(i, (tau, mean, variance, log))| Slice {
            tau,
            mass: simpson(i) * exp(log - top),
            mean,
            variance,
        })
        .collect();
    let total = sum(&out.iter().map(|s| s.mass).collect::<Vec<_>>());
    for slice in &mut out {
        slice.mass /= total;
    }
    out
}

/// Posterior mean and variance of the mean effect given τ², and the log-likelihood of τ² with the
/// mean integrated out (Eq. 51, 52).
fn conditional(studies: &[&StudyEffect], prior: &Prior, tau2: f64) -> (f64, f64, f64) {
    let flat = prior.mean_sd == f64::INFINITY;
    let prior_weight = if flat { 0.0 } else { 1.0 / (prior.mean_sd * prior.mean_sd) };
    let w: Vec<f64> = studies.iter().map(|s| 1.0 / (s.variance + tau2)).collect();
    let total = sum(&w) + prior_weight;
    let products: Vec<f64> = w.iter().zip(studies).map(|(w, s)| w * s.estimate).collect();
    let mean = (sum(&products) + prior_weight * prior.mean) / total;
    let squares: Vec<f64> =
        w.iter().zip(studies).map(|(w, s)| w * (s.estimate - mean) * (s.estimate - mean)).collect();
    let logs: Vec<f64> = w.iter().map(|&w| ln(w)).collect();
    let off = mean - prior.mean;
    let q = sum(&squares) + prior_weight * off * off;
    (mean, 1.0 / total, 0.5 * (sum(&logs) - ln(total) - q))
}

/// Moments and quantiles of a mixture of normals.
fn mixture(parts: &[Part], level: f64) -> Summary {
    let mean = sum(&parts.iter().map(|p| p.mass * p.mean).collect::<Vec<_>>());
    let second = parts.iter().map(|p| {
        let off = p.mean - mean;
        p.mass * (p.sd * p.sd + off * off)
    });
    let sd = sum(&second.collect::<Vec<_>>()).sqrt();
    let quantile = |probability: f64| {
        // The rule of false position with halved ends (Illinois); beyond 64 deviations lies less
        // than 1/4096 of any distribution (Chebyshev), and far less of this one.
        let off = |x: f64| cdf(parts, x) - probability;
        let (mut a, mut b) = (mean - 64.0 * sd, mean + 64.0 * sd);
        let (mut at_a, mut at_b) = (off(a), off(b));
        let mut last = 0i8;
        for _ in 0..200 {
            let halve = (b - a) > 2.0 * sd;
            let x = if halve { 0.5 * (a + b) } else { b - at_b * (b - a) / (at_b - at_a) };
            let at_x = off(x);
            if at_x.abs() <= 4.0 * f64::EPSILON || b - a <= 1e-14 * sd {
                return x;
            }
            if at_x > 0.0 {
                (b, at_b) = (x, at_x);
                at_a *= if last == 1 { 0.5 } else { 1.0 };
                last = 1;
            } else {
                (a, at_a) = (x, at_x);
                at_b *= if last == -1 { 0.5 } else { 1.0 };
                last = -1;
            }
        }
        0.5 * (a + b)
    };
    let lo = quantile(0.5 - 0.5 * level);
    Summary {
        mean,
        sd,
        median: quantile(0.5),
        interval: Interval { lo, hi: quantile(0.5 + 0.5 * level) },
    }
}

fn cdf(parts: &[Part], x: f64) -> f64 {
    let below = |p: &Part| {
        if p.sd > 0.0 {
            p.mass * norm_cdf((x - p.mean) / p.sd)
        } else {
            p.mass * f64::from(u8::from(p.mean <= x))
        }
    };
    sum(&parts.iter().map(below).collect::<Vec<_>>())
}

/// Moments and quantiles of τ; quantiles by cumulative trapezoids of the same masses.
fn spread(slices: &[Slice], level: f64) -> Summary {
    let mean = sum(&slices.iter().map(|s| s.mass * s.tau).collect::<Vec<_>>());
    let second = slices.iter().map(|s| s.mass * (s.tau - mean) * (s.tau - mean));
    let sd = sum(&second.collect::<Vec<_>>()).sqrt();
    // The integral over each pair of steps is its share of Simpson's rule; within a pair the
    // parabola through its three points is followed.
    let density = |i: usize| match i {
        0 => slices[0].mass,
        _ if i == slices.len() - 1 => slices[i].mass,
        _ if i % 2 == 1 => slices[i].mass / 4.0,
        _ => slices[i].mass / 2.0,
    };
    let quantile = |probability: f64| {
        let mut before = 0.0;
        for left in (0..slices.len() - 2).step_by(2) {
            let (a, b, c) = (density(left), density(left + 1), density(left + 2));
            let pair = a + 4.0 * b + c;
            if before + pair >= probability || left + 3 == slices.len() {
                let place = within(a, b, c, probability - before);
                return between(slices, left, place);
            }
            before += pair;
        }
        slices[slices.len() - 1].tau
    };
    Summary {
        mean,
        sd,
        median: quantile(0.5),
        interval: Interval { lo: quantile(0.5 - 0.5 * level), hi: quantile(0.5 + 0.5 * level) },
    }
}

/// The t in [0, 2] at which the parabola through (0, a), (1, b), (2, c) has the integral `mass`,
/// in units where the whole is a + 4 b + c.
fn within(a: f64, b: f64, c: f64, mass: f64) -> f64 {
    let bend = 0.5 * (a - 2.0 * b + c);
    let slope = b - a - bend;
    let integral = |t: f64| 3.0 * t * (a + t * (0.5 * slope + t * bend / 3.0));
    let (mut below, mut above) = (0.0, 2.0);
    for _ in 0..60 {
        let middle = 0.5 * (below + above);
        if integral(middle) < mass { below = middle } else { above = middle }
    }
    0.5 * (below + above)
}

/// τ a fraction of a step past a point; the steps are even in asinh(τ/c), and c falls out.
fn between(slices: &[Slice], left: usize, place: f64) -> f64 {
    let at = left + usize::from(place >= 1.0);
    let next = (at + 1).min(slices.len() - 1);
    let part = place - (at - left) as f64;
    slices[at].tau + part * (slices[next].tau - slices[at].tau)
}

/// Inverse of sinh for x >= 0.
fn asinh(x: f64) -> f64 {
    ln(x + (x * x + 1.0).sqrt())
}
