//! How one person differs between occasions: one number for each value of a covariate.

use super::{Sampler, VARIES};
use epsom_engine::{Follow, Timeline};
use epsom_maths::{Address, hash_name, norm_quantile, uniform};
use epsom_model::ir::Model;

/// A deviation that is drawn on each occasion.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Effect {
    /// [`hash_name`] of its name.
    purpose: u64,
    param: usize,
    covariate: usize,
    by: usize,
    sd: f64,
}

/// The effects of `model`.
pub(super) fn effects(model: &Model) -> Vec<Effect> {
    let effect = |one: &epsom_model::ir::Occasion| Effect {
        purpose: hash_name(&model.covariates[one.covariate].name),
        param: one.param,
        covariate: one.covariate,
        by: one.by,
        sd: one.sd,
    };
    model.occasions.iter().map(effect).collect()
}

impl Sampler {
    /// How one person differs on each occasion: deviations as covariates that follow the covariate
    /// which numbers the occasions.
    ///
    /// $$ \kappa_{io} = \sigma \, \Phi^{-1}(u_{io}) $$  (Eq. 12)
    ///
    /// Occasions are the values that the covariate has on `timeline`, and the one in `covariates`.
    /// A deviation hangs on the value of its occasion, not on which others there are. Of `at` the
    /// purpose and the occasion are not read.
    ///
    /// # Shape
    /// One per effect; `covariates` has one entry per covariate, base units; the first value is
    /// that of the first occasion.
    pub fn occasions(&self, at: &Address, timeline: &Timeline, covariates: &[f64]) -> Vec<Follow> {
        let follow = |effect: &Effect| {
            let seen = seen(timeline, effect.by, covariates[effect.by]);
            let values =
                seen.iter().map(|&value| (value, effect.sd * self.score(effect, value, at)));
            Follow {
                covariate: effect.covariate as u32,
                by: effect.by as u32,
                values: values.collect(),
            }
        };
        self.occasions.iter().map(follow).collect()
    }

    /// The normal score of an effect on the occasion with this number.
    fn score(&self, effect: &Effect, number: f64, at: &Address) -> f64 {
        let occasion = address(number);
        let word = |param: usize| {
            let own = self.occasions.iter().find(|one| one.param == param);
            let purpose = own.map_or(0, |one| one.purpose);
            uniform(&Address { purpose, occasion, ..*at }, VARIES)
        };
        let block = self.within.iter().find(|block| block.members.contains(&effect.param));
        let Some(block) = block else { return norm_quantile(word(effect.param)) };
        let place = block.members.iter().position(|&one| one == effect.param).unwrap_or(0);
        block.scores(word)[place]
    }
}

/// Values of a covariate over a whole timeline, each once, in order of time.
fn seen(timeline: &Timeline, covariate: usize, start: f64) -> Vec<f64> {
    let mut found: Vec<f64> = Vec::new();
    let mut part = Some(timeline);
    while let Some(now) = part {
        let tracks = now.tracks().iter().filter(|track| track.covariate as usize == covariate);
        for &value in tracks.flat_map(|track| &track.values) {
            if !found.contains(&value) {
                found.push(value);
            }
        }
        part = now.next();
    }
    if !found.contains(&start) {
        found.push(start);
    }
    found
}

/// The word of an occasion's number: itself where it is a count, else made of all its bits.
fn address(number: f64) -> u32 {
    let whole = number as u32;
    if f64::from(whole) == number {
        return whole;
    }
    let bits = number.to_bits();
    (bits ^ (bits >> 32)) as u32
}
