//! How the sum of squares rises as one parameter moves and the others follow. Eq. 5 and 6

use super::descend::{descend, objectives};
use super::{Fit, FitError, Problem};

/// Standard errors from the best value at which a profile is taken.
const STEPS: [f64; 3] = [0.75, 1.5, 2.25];
/// Standard normal quantile of 97.5 %.
const Z: f64 = 1.959_963_984_540_054;

/// One point of a profile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProfilePoint {
    /// The parameter.
    pub value: f64,
    /// Sum of squares above its lowest, with all other parameters fitted again.
    pub rise: f64,
}

/// Profile of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Points by rising value, the best one among them.
    pub points: Vec<ProfilePoint>,
    /// Where the rise is 1.96²; none where a bound or the last point comes first.
    pub interval: (Option<f64>, Option<f64>),
}

/// The profile of one parameter of a fit.
///
/// # Errors
/// Where the others cannot be fitted at one of the points.
pub fn profile(problem: &Problem<'_>, fit: &Fit, one: usize) -> Result<Profile, FitError> {
    let others: Vec<usize> = (0..fit.values.len()).filter(|&other| other != one).collect();
    let (best, error, prior) = (fit.values[one], fit.errors()[one], problem.priors[one]);
    let side = |sign: f64| -> Result<Vec<ProfilePoint>, FitError> {
        let mut points = Vec::new();
        let mut from = fit.values.clone();
        for steps in STEPS {
            let wanted = best + sign * steps * error;
            let value = wanted.max(prior.lo).min(prior.hi);
            if points.last().map_or(value == best, |last: &ProfilePoint| last.value == value) {
                break;
            }
            // Where the others would go if the problem were linear.
            let by = (value - from[one]) / fit.covariance.at(one, one);
            (0..from.len()).for_each(|at| from[at] += by * fit.covariance.at(at, one));
            from[one] = value;
            from = descend(problem, &from, &others)?.0;
            let rise = objectives(problem, std::slice::from_ref(&from))[0] - fit.objective;
            points.push(ProfilePoint { value, rise });
        }
        Ok(points)
    };
    let (below, above) = (side(-1.0)?, side(1.0)?);
    let center = ProfilePoint { value: best, rise: 0.0 };
    let interval = (crossing(center, &below), crossing(center, &above));
    let points = below.into_iter().rev().chain([center]).chain(above).collect();
    Ok(Profile { points, interval })
}

/// Where the root of the rise, which is a straight line where the problem is linear, reaches 1.96.
fn crossing(center: ProfilePoint, points: &[ProfilePoint]) -> Option<f64> {
    let root = |point: &ProfilePoint| point.rise.max(0.0).sqrt();
    let mut last = center;
    for point in points {
        let (before, after) = (root(&last), root(point));
        if after >= Z {
            let share = (Z - before) / (after - before);
            return Some(last.value + share * (point.value - last.value));
        }
        last = *point;
    }
    None
}
