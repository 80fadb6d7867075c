//! What a result rests on that nobody measured in people: said wherever the result is shown.

use epsom_diag::Diagnostic;
use epsom_model::check::rests_on;
use epsom_model::ir::{Model, Param};
use serde_json::{Value, json};

/// Counts of the numbers behind something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Behind {
    /// All of them.
    pub(crate) numbers: usize,
    /// Assumed in the model, or on a row that is an assumption.
    pub(crate) assumed: usize,
    /// On a row that was recalled.
    pub(crate) recalled: usize,
    /// On a row from animals or cells.
    pub(crate) not_human: usize,
    /// Given on the command line instead.
    pub(crate) given: usize,
}

/// What the outputs of a run rest on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Marks {
    /// All outputs together; none for a model whose sources are not checked.
    pub(crate) all: Option<Behind>,
    /// Each output.
    pub(crate) outputs: Vec<Behind>,
    /// Names of hypotheses that are on.
    pub(crate) hypotheses: Vec<String>,
    /// Outputs that are shown as measured, with their residual error.
    pub(crate) measured: Vec<String>,
    /// Where the run goes beyond what its model was held against.
    pub(crate) extrapolates: Vec<String>,
    /// Who is run, where it is someone by name or people of a population.
    pub(crate) who: Option<Value>,
}

impl Marks {
    /// Of a model with these parameters, some of them given on the command line.
    pub(crate) fn new(model: &Model, params: &[f64], given: &[usize]) -> Self {
        let on = model.hypotheses.iter().filter(|&&at| params[at] != 0.0);
        let hypotheses = on.map(|&at| model.params[at].name.clone()).collect();
        if !model.checked {
            return Self { hypotheses, ..Self::default() };
        }
        let mut together = Vec::new();
        let outputs = (0..model.outputs.len()).map(|at| {
            let numbers = rests_on(model, at);
            together.extend(&numbers);
            behind(model, &numbers, given)
        });
        let outputs = outputs.collect();
        together.sort_unstable();
        together.dedup();
        let all = Some(behind(model, &together, given));
        Self { all, outputs, hypotheses, ..Self::default() }
    }

    /// One line for people; none where there is nothing to mark.
    pub(crate) fn line(&self) -> Option<String> {
        let behind = self.all.as_ref()?;
        let parts = [
            (behind.assumed, "assumed"),
            (behind.recalled, "recalled"),
            (behind.not_human, "from animals or cells"),
        ];
        let parts: Vec<String> =
            (parts.iter().filter(|(n, _)| *n > 0)).map(|(n, what)| format!("{n} {what}")).collect();
        let n = behind.numbers;
        (!parts.is_empty())
            .then(|| format!("of {n} numbers behind the result: {}", parts.join(", ")))
    }

    /// A line about measurements; none where there are none.
    pub(crate) fn measured(&self) -> Option<String> {
        let names = self.measured.join(", ");
        (!names.is_empty()).then(|| format!("with residual error: {names}"))
    }

    /// The line as a message, with the command that names the numbers.
    pub(crate) fn note(&self, model: &Model, path: &str) -> Option<Diagnostic> {
        let output = &model.outputs.first()?.name;
        let help = format!("`epsom check {path} --tree {output}` names them for one output");
        Some(Diagnostic::note_of("N0915", self.line()?).help(help))
    }
}

fn behind(model: &Model, numbers: &[usize], given: &[usize]) -> Behind {
    let is_number = |at: &&usize| !model.hypotheses.contains(at);
    let numbers: Vec<usize> = numbers.iter().filter(is_number).copied().collect();
    let count = |test: fn(&Param) -> bool| {
        let own = numbers.iter().filter(|at| !given.contains(at));
        own.filter(|&&at| test(&model.params[at])).count()
    };
    Behind {
        numbers: numbers.len(),
        assumed: count(|one| one.provenance.assumption_row || one.provenance.rows.is_empty()),
        recalled: count(|one| one.provenance.recalled),
        not_human: count(|one| one.provenance.not_human),
        given: numbers.iter().filter(|at| given.contains(at)).count(),
    }
}

/// Counts as JSON.
pub(crate) fn as_json(behind: &Behind) -> Value {
    let Behind { numbers, assumed, recalled, not_human, given } = behind;
    json!({
        "numbers": numbers, "assumed": assumed, "recalled": recalled, "not_human": not_human,
        "given": given,
    })
}
