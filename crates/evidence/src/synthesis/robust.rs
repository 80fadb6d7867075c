//! Several effects of one study: variances that stay right when they depend on each other.

use std::cmp::Ordering;

use epsom_maths::{Matrix, cholesky, cholesky_solve, mat_mul, sum, symmetric_eigen};

use super::linear::collinear;
use super::{StudyEffect, SynthesisError, check, check_level};
use crate::effects::{Interval, two_sided_p};

/// One of several effects of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusteredEffect {
    /// The study (or family of papers) it belongs to.
    pub cluster: String,
    /// The effect.
    pub effect: StudyEffect,
}

/// One coefficient with a robust variance.
#[derive(Debug, Clone, PartialEq)]
pub struct RobustCoefficient {
    /// `intercept`, or the moderator's name.
    pub name: String,
    /// Estimate.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// Satterthwaite degrees of freedom; below 4 the interval is not to be trusted.
    pub df: f64,
    /// Interval.
    pub interval: Interval,
    /// Two-sided p of 0.
    pub p_value: f64,
}

/// A fit with robust variances.
#[derive(Debug, Clone, PartialEq)]
pub struct Robust {
    /// Intercept, then the moderators.
    pub coefficients: Vec<RobustCoefficient>,
    /// Variance between studies of the working model.
    pub tau2: f64,
    /// Studies.
    pub n_clusters: usize,
    /// Effects.
    pub n_effects: usize,
}

/// Mean effect or meta-regression with several dependent effects per study: weights of the
/// correlated-effects model (Eq. 46, 47) and CR2 variances (Eq. 48, 49).
///
/// `rho` is the correlation of effects within a study that the working model assumes; it moves
/// the weights a little and never makes the intervals wrong.
///
/// # Shape
/// `moderators` is empty, or has one row per effect with one number per name.
/// # Errors
/// `TooFew` unless there are more studies than coefficients; `OutOfRange` unless 0 <= rho <= 1;
/// `Collinear`, `Shape`, `NotFinite`, `NoVariance`.
/// # Source
/// Hedges, Tipton, Johnson, Res. Synth. Methods 1 (2010) 39-65; Tipton, Psychol. Methods 20
/// (2015) 375-393; Pustejovsky, Tipton, J. Bus. Econ. Stat. 36 (2018) 672-683.
pub fn robust(
    effects: &[ClusteredEffect],
    names: &[&str],
    moderators: &[Vec<f64>],
    rho: f64,
    level: f64,
) -> Result<Robust, SynthesisError> {
    let plain: Vec<StudyEffect> = effects.iter().map(|e| e.effect.clone()).collect();
    check(&plain, 1)?;
    check_level(level)?;
    if !(0.0..=1.0).contains(&rho) {
        return Err(SynthesisError::OutOfRange("correlation"));
    }
    let p = names.len() + 1;
    let fits = moderators.is_empty() && p == 1
        || moderators.len() == effects.len() && moderators.iter().all(|row| row.len() + 1 == p);
    if !fits {
        return Err(SynthesisError::Shape);
    }
    let clusters = cluster(effects, moderators);
    let m = clusters.len();
    if m <= p {
        return Err(SynthesisError::TooFew { k: m, needed: p + 1 });
    }
    let tau2 = between(&clusters, p, rho)?;
    let weight = |c: &Cluster| 1.0 / (c.y.len() as f64 * (c.mean_v + tau2));
    let weights: Vec<f64> = clusters.iter().map(weight).collect();
    let (beta, bread) = weighted(&clusters, &weights, p)?;
    let adjusted = adjust(&clusters, &weights, &bread)?;
    let coefficient = |i: usize| {
        let (variance, df) = variance(&clusters, &weights, &adjusted, &bread, &beta, i);
        let se = variance.sqrt();
        RobustCoefficient {
            name: if i == 0 { "intercept".to_owned() } else { names[i - 1].to_owned() },
            estimate: beta[i],
            se,
            df,
            interval: Interval::around(beta[i], se, df, level),
            p_value: two_sided_p(beta[i] / se, df),
        }
    };
    let coefficients = (0..p).map(coefficient).collect();
    Ok(Robust { coefficients, tau2, n_clusters: m, n_effects: effects.len() })
}

/// Effects of one study.
struct Cluster {
    y: Vec<f64>,
    /// Design rows, intercept first.
    x: Vec<Vec<f64>>,
    mean_v: f64,
}

/// Clusters in the order of their names, effects within in the order of their numbers.
fn cluster(effects: &[ClusteredEffect], moderators: &[Vec<f64>]) -> Vec<Cluster> {
    let row = |i: usize| {
        let mut row = vec![1.0];
        row.extend(moderators.get(i).into_iter().flatten());
        row
    };
    let mut order: Vec<usize> = (0..effects.len()).collect();
    order.sort_by(|&i, &j| {
        let (a, b) = (&effects[i], &effects[j]);
        a.cluster
            .cmp(&b.cluster)
            .then(a.effect.estimate.total_cmp(&b.effect.estimate))
            .then(a.effect.variance.total_cmp(&b.effect.variance))
            .then_with(|| {
                let pairs = row(i).into_iter().zip(row(j));
                pairs.map(|(p, q)| p.total_cmp(&q)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
            })
    });
    order
        .chunk_by(|&i, &j| effects[i].cluster == effects[j].cluster)
        .map(|own| {
            let v: Vec<f64> = own.iter().map(|&i| effects[i].effect.variance).collect();
            Cluster {
                y: own.iter().map(|&i| effects[i].effect.estimate).collect(),
                x: own.iter().map(|&i| row(i)).collect(),
                mean_v: sum(&v) / v.len() as f64,
            }
        })
        .collect()
}

/// Coefficients and (X' W X)⁻¹ for one weight per cluster.
fn weighted(
    clusters: &[Cluster],
    weights: &[f64],
    p: usize,
) -> Result<(Vec<f64>, Matrix), SynthesisError> {
    let mut gram = Matrix::zeros(p, p);
    let mut moments = vec![0.0; p];
    for (cluster, w) in clusters.iter().zip(weights) {
        for (y, x) in cluster.y.iter().zip(&cluster.x) {
            for i in 0..p {
                moments[i] += w * x[i] * y;
                for j in 0..p {
                    gram.set(i, j, gram.at(i, j) + w * x[i] * x[j]);
                }
            }
        }
    }
    let factor = cholesky(&gram).map_err(|error| collinear(&error))?;
    let solve = |b: &[f64]| cholesky_solve(&factor, b).map_err(|error| collinear(&error));
    let beta = solve(&moments)?;
    let mut bread = Matrix::zeros(p, p);
    for column in 0..p {
        let mut unit = vec![0.0; p];
        unit[column] = 1.0;
        for (i, value) in solve(&unit)?.into_iter().enumerate() {
            bread.set(i, column, value);
        }
    }
    Ok((beta, bread))
}

/// Moment estimator of τ² under the correlated-effects model (Eq. 46).
fn between(clusters: &[Cluster], p: usize, rho: f64) -> Result<f64, SynthesisError> {
    let weights: Vec<f64> = clusters.iter().map(|c| 1.0 / (c.y.len() as f64 * c.mean_v)).collect();
    let (beta, bread) = weighted(clusters, &weights, p)?;
    let (mut q, mut own, mut cross, mut total, mut loss) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (cluster, &w) in clusters.iter().zip(&weights) {
        let n = cluster.y.len() as f64;
        let mut sums = vec![0.0; p];
        let mut squares = 0.0;
        for (y, x) in cluster.y.iter().zip(&cluster.x) {
            let fitted = x.iter().zip(&beta).fold(0.0, |s, (a, b)| s + a * b);
            q += w * (y - fitted) * (y - fitted);
            squares += form(&bread, x, x);
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum += x;
            }
        }
        let joint = form(&bread, &sums, &sums);
        own += w / n * squares;
        cross += w / n * (joint - squares);
        total += n * w;
        loss += w * w * joint;
    }
    let m = clusters.len() as f64;
    Ok(((q - m + own + rho * cross) / (total - loss)).max(0.0))
}

/// x' A y.
fn form(a: &Matrix, x: &[f64], y: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (i, x) in x.iter().enumerate() {
        for (j, y) in y.iter().enumerate() {
            sum += x * a.at(i, j) * y;
        }
    }
    sum
}

/// (I - H_jj)^(-1/2) of each cluster, H the hat matrix of the data scaled by √w.
fn adjust(
    clusters: &[Cluster],
    weights: &[f64],
    bread: &Matrix,
) -> Result<Vec<Matrix>, SynthesisError> {
    let one = |(cluster, w): (&Cluster, &f64)| {
        let n = cluster.y.len();
        let mut rest = Matrix::identity(n);
        for i in 0..n {
            for j in 0..n {
                let hat = w * form(bread, &cluster.x[i], &cluster.x[j]);
                rest.set(i, j, rest.at(i, j) - hat);
            }
        }
        let eigen = symmetric_eigen(&rest).map_err(|error| collinear(&error))?;
        let mut scaled = eigen.vectors.clone();
        for (j, &value) in eigen.values.iter().enumerate() {
            // A cluster that alone decides a coefficient has residual 0 there: nothing to adjust.
            let root = if value > 1e-10 { 1.0 / value.sqrt() } else { 0.0 };
            for i in 0..n {
                scaled.set(i, j, eigen.vectors.at(i, j) * root);
            }
        }
        mat_mul(&scaled, &eigen.vectors.transpose()).map_err(|error| collinear(&error))
    };
    clusters.iter().zip(weights).map(one).collect()
}

/// CR2 variance of one coefficient and its Satterthwaite degrees of freedom (Eq. 48, 49).
fn variance(
    clusters: &[Cluster],
    weights: &[f64],
    adjusted: &[Matrix],
    bread: &Matrix,
    beta: &[f64],
    which: usize,
) -> (f64, f64) {
    let p = beta.len();
    let mut unit = vec![0.0; p];
    unit[which] = 1.0;
    // u_j = A_j X̃_j M c, the weights of the adjusted residuals of cluster j, all scaled by √w.
    let mut u: Vec<Vec<f64>> = Vec::new();
    let mut variance = 0.0;
    for ((cluster, &w), a) in clusters.iter().zip(weights).zip(adjusted) {
        let root = w.sqrt();
        let leverage: Vec<f64> = cluster.x.iter().map(|x| root * form(bread, x, &unit)).collect();
        let own: Vec<f64> = (0..leverage.len())
            .map(|i| a.row(i).iter().zip(&leverage).fold(0.0, |s, (a, l)| s + a * l))
            .collect();
        let score = own.iter().zip(cluster.y.iter().zip(&cluster.x)).fold(0.0, |s, (u, (y, x))| {
            let fitted = x.iter().zip(beta).fold(0.0, |t, (a, b)| t + a * b);
            s + u * root * (y - fitted)
        });
        variance += score * score;
        u.push(own);
    }
    // s_j = X̃_j' u_j; then p_i' p_j = δ_ij u_i'u_i - s_i' M s_j, p_j being (I - H)_j' u_j.
    let side: Vec<Vec<f64>> = clusters
        .iter()
        .zip(weights)
        .zip(&u)
        .map(|((cluster, w), u)| {
            (0..p)
                .map(|c| {
                    let terms = cluster.x.iter().zip(u);
                    terms.fold(0.0, |s, (x, u)| s + w.sqrt() * x[c] * u)
                })
                .collect()
        })
        .collect();
    let (mut trace, mut squares) = (0.0, 0.0);
    for i in 0..u.len() {
        for j in 0..u.len() {
            let mut entry = -form(bread, &side[i], &side[j]);
            if i == j {
                entry += u[i].iter().fold(0.0, |s, value| s + value * value);
                trace += entry;
            }
            squares += entry * entry;
        }
    }
    (variance, trace * trace / squares)
}
