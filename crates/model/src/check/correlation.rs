//! Which spread of two parameters a correlation is of, and whether all of a spread can be.

use epsom_diag::{Diagnostic, Span};

use super::Checker;
use crate::ir::{Distribution, Level};
use crate::syntax::ast::Name;

impl Checker<'_> {
    /// The spread that a correlation is of: the one that its word names, else the one that both
    /// parameters have.
    pub(super) fn level(
        &mut self,
        first: (usize, &Name),
        second: (usize, &Name),
        word: Option<&Name>,
    ) -> Option<Level> {
        let both = |has: &dyn Fn(usize) -> bool| has(first.0) && has(second.0);
        let params = &self.model.params;
        let unknown = both(&|at| params[at].uncertain != Distribution::Fixed);
        let differ = both(&|at| params[at].varies != Distribution::Fixed);
        let within = both(&|at| self.model.occasions.iter().any(|one| one.param == at));
        let span = first.1.span.to(second.1.span);
        let level = match word.map(|word| word.text.as_str()) {
            Some("varies") if differ => Level::Varies,
            Some("occasion") if within => Level::Occasion,
            Some("uncertain") => Level::Uncertain,
            Some(missing) => {
                self.say(
                    Diagnostic::error("E0418", format!("not both parameters have `{missing}`"))
                        .at(span, "their correlation would change nothing")
                        .help(format!("give both parameters `{missing} …`, or leave the line out")),
                );
                return None;
            }
            None if unknown && differ => {
                let text = format!("correlate {}, {} = …", first.1.text, second.1.text);
                self.say(
                    Diagnostic::error("E0418", "this correlation could be of two things")
                        .at(span, "both have `uncertain` and `varies`")
                        .help(format!("write `{text} varies` for how people differ"))
                        .help(format!("write `{text} uncertain` for what is not known")),
                );
                return None;
            }
            None if differ => Level::Varies,
            None if within && !unknown => Level::Occasion,
            None => Level::Uncertain,
        };
        if level == Level::Occasion {
            self.same_occasions(first, second);
        }
        Some(level)
    }

    /// Cholesky: the matrix of the correlations of a level must be positive definite.
    pub(super) fn check_correlations(&mut self, level: Level) {
        let of_level = || self.model.correlations.iter().filter(|one| one.level == level);
        // Only what is correlated: a model may have many parameters.
        let mut places: Vec<usize> = of_level().flat_map(|one| [one.first, one.second]).collect();
        places.sort_unstable();
        places.dedup();
        let n = places.len();
        let place = |at: usize| places.binary_search(&at).unwrap_or(0);
        let mut matrix = vec![vec![0.0; n]; n];
        for (at, row) in matrix.iter_mut().enumerate() {
            row[at] = 1.0;
        }
        for one in of_level() {
            let (first, second) = (place(one.first), place(one.second));
            matrix[first][second] = one.rho;
            matrix[second][first] = one.rho;
        }
        for at in 0..n {
            for row in at..n {
                let sum: f64 = (0..at).map(|k| matrix[row][k] * matrix[at][k]).sum();
                let rest = matrix[row][at] - sum;
                if row == at && (rest.is_nan() || rest <= 0.0) {
                    let name = self.model.params[places[at]].name.clone();
                    let span = self.symbols.get(&name).map_or(Span::default(), |&(_, span)| span);
                    self.say(
                        Diagnostic::error("E0408", "these correlations contradict each other")
                            .at(span, format!("no way to draw `{name}` with the others"))
                            .help("the matrix of correlations must be positive definite"),
                    );
                    return;
                }
                matrix[row][at] = if row == at { rest.sqrt() } else { rest / matrix[at][at] };
            }
        }
    }
}
