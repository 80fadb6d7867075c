//! A calibration for a terminal.

use std::fmt::Write;

use epsom_maths::{exp, ln};

use super::plan::Z;
use super::rows::three;
use super::{Calibrated, Calibration};
use crate::qualify::Score;

impl Calibrated {
    /// An end of the 95 % interval from the standard error: the sign says which.
    pub fn end(&self, sign: f64) -> f64 {
        self.estimate * exp(sign * Z * self.error)
    }

    /// How much the data narrow the prior: error over prior, 1 where they say nothing.
    pub fn share_of_prior(&self) -> f64 {
        self.error / self.known.log_sd
    }

    /// The 95 % interval of the profile: `0.02 to 0.08`, with `-` where it is open.
    pub fn profile_words(&self) -> String {
        let end = |end: Option<f64>| end.map_or("-".to_string(), |log| three(exp(log)));
        let words = self.profile.as_ref();
        words.map_or("-".to_string(), |one| {
            format!("{} to {}", end(one.interval.0), end(one.interval.1))
        })
    }
}

/// Parameters, targets, correlation, and the model before and after.
pub fn plain(found: &Calibration) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{:12} {:>8}  {:>8}  {:>8}  {:17} {:17} {:>9}  unit",
        "parameter", "prior", "model", "fitted", "95 %", "by profile", "of prior"
    );
    for one in &found.parameters {
        let known = &one.known;
        let _ = writeln!(
            text,
            " {:11} {:>8}  {:>8}  {:>8}  {:17} {:17} {:>7.0} %  {}{}",
            known.parameter,
            three(known.center),
            three(one.in_model),
            three(one.estimate),
            format!("{} to {}", three(one.end(-1.0)), three(one.end(1.0))),
            one.profile_words(),
            100.0 * one.share_of_prior(),
            known.unit,
            if one.at_bound { ", at a bound" } else { "" },
        );
    }
    targets(&mut text, found);
    text.push_str("\ncorrelation of logarithms\n");
    for (at, one) in found.parameters.iter().enumerate() {
        let cells = found.correlation[at][..=at].iter().map(|r| format!(" {r:>5.2}"));
        let _ = writeln!(text, " {:11}{}", one.known.parameter, cells.collect::<String>());
    }
    after(&mut text, found);
    text.push_str(
        "\n95 %: from the standard error of the logarithm; by profile: where the sum of squares is \
         1.96² above its lowest,\n\"-\" where a bound comes first; of prior: standard error as a \
         share of the prior's, 100 % where the data say nothing\ndeviation: of the logarithm, in \
         the standard deviations that the target is weighed by\n",
    );
    text
}

fn targets(text: &mut String, found: &Calibration) {
    let _ = writeln!(
        text,
        "\n{:7} {:>8}  {:>8}  {:>8}  {:>8}  {:>9}  observation",
        "target", "observed", "priors", "model", "fitted", "deviation"
    );
    for one in &found.targets {
        let _ = writeln!(
            text,
            " {:6} {:>8}  {:>8}  {:>8}  {:>8}  {:>+9.2}  {}, {} ({})",
            one.id,
            three(one.observed),
            three(one.at_priors),
            three(one.in_model),
            three(one.fitted),
            ln(one.fitted / one.observed) / one.log_sd,
            one.quantity,
            one.unit,
            one.source_key,
        );
    }
    for (id, why) in &found.left_out {
        let _ = writeln!(text, " {id}  left out: {why}");
    }
    let [priors, model, fitted] = found.objective;
    let _ = writeln!(
        text,
        "\nsum of squares: {priors:.2} at the priors, {model:.2} in the model, {fitted:.2} fitted, \
         of which {:.2} are the data's; {} steps",
        found.of_data, found.n_steps
    );
}

fn after(text: &mut String, found: &Calibration) {
    let line = |word: &str, scores: &[Score]| {
        let all = scores.last().cloned().unwrap_or_default();
        format!(
            " {word:8}  {} of {} checking targets inside, fold {:.2}, absolute fold {:.2}\n",
            all.n_pass, all.n, all.average_fold, all.absolute_fold
        )
    };
    text.push_str("\nagainst all targets\n");
    text.push_str(&line("model", &found.scores_in_model));
    text.push_str(&line("fitted", &found.scores_fitted));
    for (id, before, after) in &found.changed {
        let _ = writeln!(text, " {id}: {before}, fitted {after}");
    }
}
