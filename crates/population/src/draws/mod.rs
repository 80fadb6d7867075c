//! Parameters of replicates and people, drawn by address.
//!
//! Three levels: `uncertain` is what is not known of a typical value (one draw per replicate),
//! `varies` is how people differ from it (one draw per person), `occasion` how one person differs
//! from one occasion to the next (one draw per occasion). Each number is a pure function of
//! its address (seed, replicate, arm, subject, name of the parameter): nothing is carried from draw
//! to draw, so a new arm, person or parameter leaves all others as they were. The one exception is
//! meant: a parameter that is correlated with later ones shares its number with them.
//!
//! Equations: `docs/theory/populations.md`.

mod correlated;
mod marginal;
mod occasion;
mod quantiles;
#[cfg(test)]
mod tests;

use correlated::{Block, blocks};
use epsom_diag::{Diagnostic, list_names};
use epsom_maths::{Address, hash_name, uniform};
use epsom_model::ir::{BinaryOp, Correlation, Distribution, ExprId, Level, Model, Node, reachable};
use marginal::{Score, draw};
use occasion::Effect;
pub use quantiles::{Quantiles, SCORE_95};
use std::collections::BTreeSet;

/// Coefficient of variation of a parameter whose spread nobody gave.
///
/// Assumed: the models of this project take 30 % where a search found a value and no spread. The
/// distribution is log-normal, so the middle 95 % reaches from 1/1.8 to 1.8 times the value.
pub const DEFAULT_CV: f64 = 0.3;

/// Which of the numbers at one address a draw takes: levels of one parameter are independent.
const UNCERTAIN: u32 = 0;
const VARIES: u32 = 1;

/// Why a parameter has the width that it is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// A row of evidence gives the spread.
    Sourced,
    /// The model states a spread and why it assumes it.
    Assumed,
    /// Nobody gave one: log-normal of [`DEFAULT_CV`].
    Default,
    /// None: the model says why, or the value was given for the run.
    Fixed,
    /// None: the value is 0, of which no part can be taken (a random effect, a switch).
    Zero,
}

/// How many parameters have which kind of width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DrawReport {
    /// Spread from a row.
    pub n_sourced_spread: usize,
    /// Spread assumed with a reason.
    pub n_assumed_spread: usize,
    /// No spread given: the default width.
    pub n_default_width: usize,
    /// Held at its value, with a reason.
    pub n_fixed: usize,
    /// Held at zero.
    pub n_zero: usize,
    /// Differs between people.
    pub n_varies: usize,
    /// Differs within a person, between occasions.
    pub n_occasion: usize,
}

/// What draws need of a model, prepared once.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampler {
    params: Vec<Drawn>,
    /// Correlated in what is not known.
    uncertain: Vec<Block>,
    /// Correlated in how people differ.
    varies: Vec<Block>,
    /// Effects of occasions.
    occasions: Vec<Effect>,
    /// Correlated on one occasion.
    within: Vec<Block>,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
struct Drawn {
    /// [`hash_name`] of its name.
    purpose: u64,
    value: f64,
    uncertain: Distribution,
    varies: Distribution,
    bounds: (f64, f64),
    width: Width,
    /// Something in the model reads it.
    is_read: bool,
}

impl Sampler {
    /// Prepares the draws of `model`.
    ///
    /// # Errors
    /// `E0408` where correlations contradict each other, with the parameters' names; `E0613` where
    /// a distribution cannot be drawn around its value or within its bounds.
    pub fn new(model: &Model) -> Result<Self, Vec<Diagnostic>> {
        let faults: Vec<Diagnostic> =
            (0..model.params.len()).filter_map(|at| fault(model, at)).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let roots = model.roots().into_iter().map(|(_, root)| root);
        let read = reachable(&model.exprs, roots).into_iter().map(|id| model.exprs.node(id));
        let read: BTreeSet<u32> = read.filter_map(of_param).collect();
        let params = model.params.iter().zip(0..).map(|(param, at)| {
            let (uncertain, width) = match param.uncertain {
                Distribution::Fixed if !param.spread_assumed.is_empty() => {
                    (Distribution::Fixed, Width::Fixed)
                }
                Distribution::Fixed if param.value == 0.0 => (Distribution::Fixed, Width::Zero),
                Distribution::Fixed => (default_spread(), Width::Default),
                given if param.spread_assumed.is_empty() => (given, Width::Sourced),
                given => (given, Width::Assumed),
            };
            let mut bounds = param.bounds;
            // A share of a dose that nobody gives a spread stays one.
            if width == Width::Default
                && param.value <= 1.0
                && is_bioavailability(model, at as usize)
            {
                bounds.1 = bounds.1.min(1.0);
            }
            Drawn {
                purpose: hash_name(&param.name),
                value: param.value,
                uncertain,
                varies: param.varies,
                bounds,
                width,
                is_read: read.contains(&at),
            }
        });
        let params: Vec<Drawn> = params.collect();
        let (mut uncertain, mut varies, mut within) = (Vec::new(), Vec::new(), Vec::new());
        for one in model.correlations.iter().cloned() {
            match one.level {
                Level::Uncertain => uncertain.push(one),
                Level::Varies => varies.push(one),
                Level::Occasion => within.push(one),
            }
        }
        let made = |level: Vec<Correlation>| {
            blocks(model.params.len(), &level)
                .map_err(|members| vec![contradiction(model, &members)])
        };
        let occasions = occasion::effects(model);
        Ok(Self {
            uncertain: made(uncertain)?,
            varies: made(varies)?,
            within: made(within)?,
            occasions,
            params,
        })
    }

    /// Holds a parameter at `value` (base units): it is not uncertain any more; people still differ.
    pub fn hold(&mut self, param_idx: usize, value: f64) {
        let param = &mut self.params[param_idx];
        param.value = value;
        param.uncertain = Distribution::Fixed;
        param.width = Width::Fixed;
    }

    /// The values as stated, without any draw.
    ///
    /// # Shape
    /// One per parameter, base units.
    pub fn typical(&self) -> Vec<f64> {
        self.params.iter().map(|param| param.value).collect()
    }

    /// What is not known: typical values of one replicate.
    ///
    /// $$ x_i = F_i^{-1}(u_i) $$  (Eq. 2)
    ///
    /// and, where parameters are correlated,
    ///
    /// $$ z = L e, \quad x_i = F_i^{-1}(\Phi(z_i)) $$  (Eq. 3)
    ///
    /// # Shape
    /// One per parameter, base units.
    pub fn uncertain(&self, seed: u64, replicate: u32) -> Vec<f64> {
        let word = |at: usize| {
            let purpose = self.params[at].purpose;
            uniform(&Address { seed, replicate, purpose, ..Address::default() }, UNCERTAIN)
        };
        let one = |at: usize, score: Score| {
            let param = &self.params[at];
            draw(&param.uncertain, param.value, param.bounds, score)
        };
        self.each(&self.uncertain, &word, &one)
    }

    /// Parameters that are not known, each alone or in the block of those it is correlated with.
    ///
    /// # Shape
    /// Indices of parameters, in the order of the first of each.
    pub fn factors(&self) -> Vec<Vec<usize>> {
        let drawn = |at: usize| self.params[at].uncertain != Distribution::Fixed;
        let mut factors = Vec::new();
        for at in (0..self.params.len()).filter(|&at| drawn(at)) {
            match self.uncertain.iter().find(|block| block.members.contains(&at)) {
                None => factors.push(vec![at]),
                Some(block) => {
                    let members: Vec<usize> =
                        block.members.iter().copied().filter(|&one| drawn(one)).collect();
                    if members.first() == Some(&at) {
                        factors.push(members);
                    }
                }
            }
        }
        factors
    }

    /// The value of one parameter that `probability` of what is not known lies below, base units.
    pub fn quantile(&self, param_idx: usize, probability: f64) -> f64 {
        let param = &self.params[param_idx];
        draw(&param.uncertain, param.value, param.bounds, Score::Uniform(probability))
    }

    /// How one person differs from `typical`, the values of the replicate.
    ///
    /// Of `at` the purpose is not read. Give both arms of a paired comparison the same `arm`.
    ///
    /// # Shape
    /// `typical` and the result have one entry per parameter, base units.
    pub fn subject(&self, at: &Address, typical: &[f64]) -> Vec<f64> {
        let word = |param_idx: usize| {
            let purpose = self.params[param_idx].purpose;
            uniform(&Address { purpose, ..*at }, VARIES)
        };
        let one = |param_idx: usize, score: Score| {
            let (param, center) = (&self.params[param_idx], typical[param_idx]);
            draw(&moved(&param.varies, param.value, center), center, param.bounds, score)
        };
        self.each(&self.varies, &word, &one)
    }

    /// Every parameter from its word, or from its score where it is in a block.
    fn each(
        &self,
        blocks: &[Block],
        word: &dyn Fn(usize) -> f64,
        one: &dyn Fn(usize, Score) -> f64,
    ) -> Vec<f64> {
        let mut scores: Vec<Option<f64>> = vec![None; self.params.len()];
        for block in blocks {
            for (&at, score) in block.members.iter().zip(block.scores(word)) {
                scores[at] = Some(score);
            }
        }
        let value = |(at, score): (usize, &Option<f64>)| match score {
            Some(z) => one(at, Score::Normal(*z)),
            None => one(at, Score::Uniform(word(at))),
        };
        scores.iter().enumerate().map(value).collect()
    }

    /// Why each parameter has the width that it has.
    pub fn widths(&self) -> impl Iterator<Item = Width> + '_ {
        self.params.iter().map(|param| param.width)
    }

    /// Counts of [`Self::widths`] over the parameters that something in the model reads, for outputs.
    pub fn report(&self) -> DrawReport {
        let read = || self.params.iter().filter(|param| param.is_read);
        let count = |width| read().filter(|param| param.width == width).count();
        let varies = |param: &&Drawn| param.varies != Distribution::Fixed;
        DrawReport {
            n_sourced_spread: count(Width::Sourced),
            n_assumed_spread: count(Width::Assumed),
            n_default_width: count(Width::Default),
            n_fixed: count(Width::Fixed),
            n_zero: count(Width::Zero),
            n_varies: read().filter(varies).count(),
            n_occasion: self.occasions.len(),
        }
    }
}

/// Names of the parameters that draws give the default width, because nobody states another; those
/// of random effects, whose value is 0, have none.
pub fn default_widths(model: &Model) -> impl Iterator<Item = &str> {
    let default = |at: &usize| {
        let param = &model.params[*at];
        param.uncertain == Distribution::Fixed && param.spread_assumed.is_empty()
    };
    (0..model.params.len())
        .filter(default)
        .filter(|&at| model.params[at].value != 0.0)
        .map(|at| model.params[at].name.as_str())
}

/// Whether parameter `at` is the share of a dose that arrives in some compartment: alone, or times
/// what follows from covariates.
fn is_bioavailability(model: &Model, at: usize) -> bool {
    fn factor(model: &Model, id: ExprId, at: usize) -> bool {
        match model.exprs.node(id) {
            Node::Param(one) => one as usize == at,
            Node::Binary(BinaryOp::Mul, a, b) => factor(model, a, at) || factor(model, b, at),
            _ => false,
        }
    }
    model.compartments.iter().filter_map(|one| one.bioavailability).any(|id| factor(model, id, at))
}

/// The parameter that a node reads.
fn of_param(node: Node) -> Option<u32> {
    match node {
        Node::Param(at) => Some(at),
        _ => None,
    }
}

/// How one person differs from `center` in something that is no parameter, such as a covariate.
///
/// The purpose of `at` is the hash of its name. Values are truncated to `bounds`. Eq. 2 and 4.
pub fn vary(distribution: &Distribution, center: f64, bounds: (f64, f64), at: &Address) -> f64 {
    draw(distribution, center, bounds, Score::Uniform(uniform(at, VARIES)))
}

fn contradiction(model: &Model, members: &[usize]) -> Diagnostic {
    let names = members.iter().map(|&at| model.params[at].name.as_str());
    Diagnostic::error("E0408", "these correlations contradict each other")
        .note(format!("parameters: {}", list_names(names, 20)))
        .help("the matrix of correlations must be positive definite")
}

fn default_spread() -> Distribution {
    Distribution::LogNormal { sd: epsom_maths::ln(1.0 + DEFAULT_CV * DEFAULT_CV).sqrt() }
}

/// Absolute limits of `varies` go with the typical value, by ratio where there is one. Eq. 6.
fn moved(varies: &Distribution, value: f64, center: f64) -> Distribution {
    let shift = |end: f64| if value == 0.0 { end + center } else { end * (center / value) };
    let both = |lo: f64, hi: f64| {
        let (a, b) = (shift(lo), shift(hi));
        if a <= b { (a, b) } else { (b, a) }
    };
    match *varies {
        Distribution::Uniform { lo, hi } => {
            let (lo, hi) = both(lo, hi);
            Distribution::Uniform { lo, hi }
        }
        Distribution::Triangular { lo, hi } => {
            let (lo, hi) = both(lo, hi);
            Distribution::Triangular { lo, hi }
        }
        other => other,
    }
}

/// Why a parameter cannot be drawn, if it cannot.
fn fault(model: &Model, at: usize) -> Option<Diagnostic> {
    let param = &model.params[at];
    let (value, bounds) = (param.value, param.bounds);
    let of = |distribution: &Distribution| match *distribution {
        Distribution::Fixed => None,
        Distribution::Normal { sd } | Distribution::LogNormal { sd } if !is_width(sd) => {
            Some(format!("its standard deviation is {sd}"))
        }
        Distribution::LogitNormal { sd } if !is_width(sd) => {
            Some(format!("its standard deviation is {sd}"))
        }
        Distribution::LogitNormal { .. } if !(0.0 < value && value < 1.0) => {
            Some(format!("a logit-normal value lies between 0 and 1, this is {value}"))
        }
        Distribution::Uniform { lo, hi } | Distribution::Triangular { lo, hi }
            if !(lo < hi && is_finite(lo, hi)) =>
        {
            Some(format!("its ends are {lo} and {hi}"))
        }
        Distribution::Uniform { lo, hi } | Distribution::Triangular { lo, hi }
            if hi < bounds.0 || bounds.1 < lo =>
        {
            Some(format!("{lo} to {hi} lies outside the bounds {} to {}", bounds.0, bounds.1))
        }
        _ => None,
    };
    let why = if value.is_finite() {
        of(&param.uncertain).or_else(|| of(&param.varies))?
    } else {
        format!("its value is {value}")
    };
    let message = format!("parameter `{}` cannot be drawn", param.name);
    Some(
        Diagnostic::error("E0613", message)
            .note(format!("cause: {why} (base units)"))
            .help("change its `uncertain` or `varies`, or its bounds"),
    )
}

fn is_width(sd: f64) -> bool {
    sd >= 0.0 && sd.is_finite()
}

fn is_finite(lo: f64, hi: f64) -> bool {
    lo.is_finite() && hi.is_finite()
}
