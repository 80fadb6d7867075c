//! What is not known apart from how people differ: summaries of draws crossed with people.
//!
//! The same people are run in every draw of what is not known. Values arrive draw by draw, person
//! by person, and are not kept: memory grows with neither, beyond what [`Summary`] holds per cell
//! and one number per draw, percentile and cell.

use crate::{Cell, Summary};
use epsom_maths::QuantileSketch;

/// Summaries of draws crossed with people; a cell is one output at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossed {
    /// Probabilities of the percentiles.
    probabilities: Vec<f64>,
    /// Every person of every draw.
    all: Vec<Cell>,
    /// The people of the draw that is running.
    people: Summary,
    /// Over draws: mean of the people.
    means: Vec<Cell>,
    /// Over draws: variance of the people.
    variances: Vec<Cell>,
    /// Over draws: median of the people.
    medians: Vec<Cell>,
    /// Over draws, by percentile: that of the people.
    percentiles: Vec<Vec<Cell>>,
    n_draws: u64,
    n_missing: u64,
}

/// One spread of one cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// Numbers behind it.
    pub n: u64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation; NaN below two numbers.
    pub sd: f64,
    /// At the probabilities asked for.
    pub percentiles: Vec<f64>,
}

/// One cell, split.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Every person of every draw.
    pub all: Spread,
    /// What is not known: the person in the middle, over the draws; none with one draw.
    pub not_known: Option<Spread>,
    /// How people differ: in the middle draw; none with one person.
    pub people: Option<Spread>,
}

impl Crossed {
    /// Nothing seen yet.
    pub fn new(n_cells: usize, probabilities: &[f64]) -> Self {
        let cells = || vec![Cell::default(); n_cells];
        Self {
            probabilities: probabilities.to_vec(),
            all: cells(),
            people: Summary::new(n_cells),
            means: cells(),
            variances: cells(),
            medians: cells(),
            percentiles: vec![cells(); probabilities.len()],
            n_draws: 0,
            n_missing: 0,
        }
    }

    /// Takes in one person of the draw that is running.
    ///
    /// # Shape
    /// One value per cell.
    pub fn add(&mut self, values: &[f64]) {
        self.people.add(values);
    }

    /// Counts a person without a result.
    pub fn add_missing(&mut self) {
        self.n_missing += 1;
    }

    /// The people of this draw are complete; the next value belongs to the next draw.
    pub fn end_draw(&mut self) {
        let empty = Summary::new(self.means.len());
        let mut people = std::mem::replace(&mut self.people, empty);
        self.n_draws += 1;
        let mut wanted = vec![0.5];
        wanted.extend(&self.probabilities);
        for (at, cell) in people.cells().iter().enumerate() {
            self.all[at].merge(cell);
            let found = cell.quantiles(&wanted);
            self.means[at].add(cell.mean());
            self.variances[at].add(cell.sd() * cell.sd());
            self.medians[at].add(found[0]);
            for (list, value) in self.percentiles.iter_mut().zip(&found[1..]) {
                list[at].add(*value);
            }
        }
    }

    /// Every cell, in the order of the values given.
    ///
    /// A draw whose people are not complete is left out, unless there is no other.
    pub fn finish(mut self) -> Vec<Split> {
        let has_people = self.people.cells().iter().any(|cell| cell.n() > 0);
        if self.n_draws == 0 && has_people {
            self.end_draw();
        }
        (0..self.means.len()).map(|at| self.split(at)).collect()
    }

    /// Draws whose people are complete.
    pub fn n_draws(&self) -> u64 {
        self.n_draws
    }

    /// People without a result, over all draws.
    pub fn n_missing(&self) -> u64 {
        self.n_missing
    }

    /// Whether percentiles are exact: fewer values than bins would replace.
    pub fn is_exact(&self) -> bool {
        self.all.iter().all(|cell| cell.n() < QuantileSketch::EXACT_LIMIT)
    }

    fn split(&self, at: usize) -> Split {
        let all = &self.all[at];
        let people_of_one = |_: &&Cell| all.n() > self.n_draws;
        // The variance of all is that of the means plus the mean of the variances. Eq. 11
        let not_known =
            Some(&self.medians[at]).filter(|_| self.n_draws > 1).map(|medians| Spread {
                n: medians.n(),
                mean: self.means[at].mean(),
                sd: self.means[at].sd(),
                percentiles: medians.quantiles(&self.probabilities),
            });
        let people = Some(&self.variances[at]).filter(people_of_one).map(|variances| Spread {
            n: all.n() / self.n_draws,
            mean: self.means[at].mean(),
            sd: variances.mean().sqrt(),
            percentiles: self.percentiles.iter().map(|list| list[at].quantile(0.5)).collect(),
        });
        let all = Spread {
            n: all.n(),
            mean: all.mean(),
            sd: all.sd(),
            percentiles: all.quantiles(&self.probabilities),
        };
        Split { all, not_known, people }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_maths::{Address, norm_quantile, normal, quantile};

    const P: [f64; 3] = [0.025, 0.5, 0.975];

    /// Additive: what is not known has a standard deviation of 2, people of 1.
    fn value(draw: u32, person: u32) -> f64 {
        let known = normal(&Address { replicate: draw, ..Address::default() }, 0);
        let own = normal(&Address { subject: person, purpose: 1, ..Address::default() }, 0);
        10.0 + 2.0 * known + own
    }

    fn crossed(n_draws: u32, n_people: u32) -> Split {
        let mut crossed = Crossed::new(1, &P);
        for draw in 0..n_draws {
            (0..n_people).for_each(|person| crossed.add(&[value(draw, person)]));
            crossed.end_draw();
        }
        assert_eq!(crossed.n_draws(), u64::from(n_draws));
        crossed.finish().remove(0)
    }

    #[test]
    fn an_additive_model_splits_as_it_was_made() {
        let split = crossed(400, 300);
        let (not_known, people) = (split.not_known.expect("draws"), split.people.expect("people"));
        // Five standard errors of a standard deviation: sd / sqrt(2 n).
        assert!((not_known.sd - 2.0).abs() < 5.0 * 2.0 / 800f64.sqrt(), "{}", not_known.sd);
        assert!((people.sd - 1.0).abs() < 5.0 / 600f64.sqrt(), "{}", people.sd);
        // The law of total variance, up to divisors n - 1.
        let sum = not_known.sd * not_known.sd + people.sd * people.sd;
        assert!((split.all.sd * split.all.sd / sum - 1.0).abs() < 2.0 / 300.0);
        // Each width is that of its own normal distribution, within five standard errors of a
        // quantile there: sqrt(p (1 - p) / n) / density, about 2.67 sd / sqrt(n).
        let width = |spread: &Spread| spread.percentiles[2] - spread.percentiles[0];
        let wanted = 2.0 * norm_quantile(0.975);
        assert!((width(&not_known) - 2.0 * wanted).abs() < 5.0 * 2.67 * 2.0 * 2.0 / 20.0);
        assert!((width(&people) - wanted).abs() < 5.0 * 2.67 * 2.0 / 300f64.sqrt());
        assert_eq!((split.all.n, not_known.n, people.n), (120_000, 400, 300));
    }

    #[test]
    fn one_level_alone_is_all_there_is() {
        let only_people = crossed(1, 50);
        assert_eq!(only_people.not_known, None);
        let list: Vec<f64> = (0..50).map(|person| value(0, person)).collect();
        let wanted: Vec<f64> = P.iter().map(|&p| quantile(&list, p)).collect();
        assert_eq!(only_people.all.percentiles, wanted);
        assert_eq!(only_people.people.expect("people").percentiles, wanted);
        let only_draws = crossed(50, 1);
        assert_eq!(only_draws.people, None);
        assert_eq!(only_draws.all.percentiles, only_draws.not_known.expect("draws").percentiles);
    }

    #[test]
    fn a_draw_that_is_not_complete_is_left_out() {
        let mut part = Crossed::new(1, &P);
        part.add(&[1.0]);
        part.add(&[3.0]);
        part.end_draw();
        part.add(&[1e9]);
        part.add_missing();
        assert_eq!(part.n_missing(), 1);
        assert!(part.is_exact());
        let split = part.finish().remove(0);
        assert_eq!((split.all.n, split.all.mean), (2, 2.0));
        let mut first = Crossed::new(1, &P);
        first.add(&[7.0]);
        assert_eq!(first.finish().remove(0).all.mean, 7.0);
        assert!(Crossed::new(1, &P).finish().remove(0).all.mean.is_nan());
    }
}
