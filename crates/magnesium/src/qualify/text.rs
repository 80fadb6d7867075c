//! Outcomes in words: a table for pages, and plain text for a terminal.

use std::fmt::Write;

use super::{Outcome, Score, Use, Verdict};

impl Outcome {
    /// The verdict with what it is worth: `pass (calibration)`, `descriptive, -27 %`.
    pub fn words(&self) -> String {
        let above = self.predicted.zip(self.target.observed.value);
        let above = above.map(|(predicted, value)| 100.0 * (predicted.central / value - 1.0));
        let above = above.filter(|above| above.is_finite());
        let above = above.map_or(String::new(), |above| format!(", {above:+.0} %"));
        let kind = match self.target.used_for {
            Use::Calibration => " (calibration)",
            _ => "",
        };
        let by = match self.verdict {
            Verdict::Descriptive | Verdict::Outlier => above,
            _ => String::new(),
        };
        format!("{}{by}{kind}", self.verdict.word())
    }

    /// The prediction: `4.9 (3.5 to 6.1)`.
    pub fn predicted_words(&self) -> String {
        let places = self.target.decimals;
        match self.predicted {
            None => "-".to_string(),
            Some(found) => match found.interval {
                None => digits(found.central, places),
                Some((lo, hi)) => {
                    let [central, lo, hi] =
                        [found.central, lo, hi].map(|value| digits(value, places));
                    format!("{central} ({lo} to {hi})")
                }
            },
        }
    }

    /// What was observed, with unit and source.
    pub fn quantity_words(&self) -> String {
        let (observed, unit) = (&self.target.observed, &self.target.observed.unit);
        let unit = if unit == "1" { String::new() } else { format!(", {unit}") };
        format!("{}{unit} ({})", observed.quantity, observed.source_key)
    }

    fn z_words(&self) -> String {
        self.z.map_or("-".to_string(), |z| format!("{z:+.1}"))
    }

    fn width_words(&self) -> String {
        self.width_percent.map_or("-".to_string(), |width| format!("{width:.0}"))
    }

    fn is_miss(&self) -> bool {
        self.verdict == Verdict::Miss
    }
}

/// With so many places, and no sign on a zero.
fn digits(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let is_zero = text.chars().all(|one| matches!(one, '-' | '0' | '.'));
    if is_zero { text.trim_start_matches('-').to_string() } else { text }
}

/// The table as Markdown, by group.
pub fn markdown(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for (at, one) in outcomes.iter().enumerate() {
        if at == 0 || outcomes[at - 1].target.group != one.target.group {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "\n### {}\n\n| row | observation | observed | predicted | z | width % | verdict | \
                 run |\n|---|---|---|---|---|---|---|---|\n",
                one.target.group
            );
        }
        let verdict = one.words();
        let verdict = if one.is_miss() { verdict.replacen("miss", "**miss**", 1) } else { verdict };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {verdict} | {} |",
            one.target.id,
            one.quantity_words(),
            one.target.observed.text,
            one.predicted_words(),
            one.z_words(),
            one.width_words(),
            one.target.how
        );
    }
    text
}

/// The table of scores as Markdown.
pub fn scores_markdown(scores: &[Score]) -> String {
    let mut text = String::from(
        "| group | checking targets inside | average fold error | absolute average fold error | \
         of |\n|---|---|---|---|---|\n",
    );
    for one in scores {
        let _ = writeln!(
            text,
            "| {} | {} of {} | {} | {} | {} |",
            one.group,
            one.n_pass,
            one.n,
            fold(one.average_fold),
            fold(one.absolute_fold),
            one.n_fold
        );
    }
    text
}

fn fold(value: f64) -> String {
    if value.is_finite() { format!("{value:.2}") } else { "-".to_string() }
}

/// The same for a terminal: groups, scores, misses with their most likely cause.
pub fn plain(outcomes: &[Outcome], scores: &[Score]) -> String {
    let mut text = String::new();
    let width = |cell: fn(&Outcome) -> usize| outcomes.iter().map(cell).max().unwrap_or(0);
    let observed = width(|one| one.target.observed.text.chars().count()).max(8);
    let predicted = width(|one| one.predicted_words().chars().count()).max(9);
    for (at, one) in outcomes.iter().enumerate() {
        if at == 0 || outcomes[at - 1].target.group != one.target.group {
            let _ = writeln!(
                text,
                "{}{}\n        {:observed$}  {:predicted$}  {:>6}  {:>5}  verdict",
                if at == 0 { "" } else { "\n" },
                one.target.group,
                "observed",
                "predicted",
                "z",
                "wide"
            );
        }
        let _ = writeln!(
            text,
            " {}  {:observed$}  {:predicted$}  {:>6}  {:>5}  {}: {}",
            one.target.id,
            one.target.observed.text,
            one.predicted_words(),
            one.z_words(),
            one.width_words(),
            one.words(),
            one.quantity_words()
        );
    }
    text.push_str("\ngroup          inside   fold  absolute fold\n");
    for one in scores {
        let _ = writeln!(
            text,
            " {:12}  {:>2} of {:>2}  {:>5}  {:>13}",
            one.group,
            one.n_pass,
            one.n,
            fold(one.average_fold),
            fold(one.absolute_fold)
        );
    }
    text.push_str(
        "\npredicted: central parameters (middle 95 % of the draws of what is not known)\n\
         z: standard errors above the number; wide: half the observed interval in % of the number\n\
         inside: checking targets inside their interval; fold: geometric mean of predicted over \
         observed,\nchecking and calibration targets\n",
    );
    let misses: Vec<&Outcome> = outcomes.iter().filter(|one| one.is_miss()).collect();
    if !misses.is_empty() {
        text.push_str("\nmost likely cause of each miss\n");
    }
    for one in misses {
        let _ = writeln!(text, " {}  {}", one.target.id, cause(one));
    }
    text
}

fn cause(one: &Outcome) -> &str {
    if one.target.cause.is_empty() { "not known" } else { &one.target.cause }
}

/// Misses as a Markdown list with their most likely cause.
pub fn misses_markdown(outcomes: &[Outcome]) -> String {
    let misses = outcomes.iter().filter(|one| one.is_miss());
    let line = |one: &Outcome| format!("- {} ({}): {}.\n", one.target.id, one.words(), cause(one));
    misses.map(line).collect()
}
