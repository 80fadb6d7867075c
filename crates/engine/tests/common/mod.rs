//! Model texts and records to what the engine runs.

use epsom_engine::{Action, Record, Timeline};
use epsom_model::ir::Model;

/// The model of `text`, which holds no mistake.
pub fn model(text: &str) -> Model {
    let (tree, said) = epsom_model::syntax::parse(text, epsom_diag::FileId(0));
    assert_eq!(said, []);
    let world = epsom_model::check::World {
        evidence: epsom_evidence::builtin(),
        substances: epsom_evidence::builtin_substances(),
    };
    let checked = epsom_model::check::check(&tree, &world);
    checked.model.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

/// Events, then observations at `times`.
pub fn timeline(events: &[(f64, Action)], times: &[f64]) -> Timeline {
    let observed = times.iter().map(|&time_h| (time_h, Action::Observe));
    let records = events.iter().copied().chain(observed);
    let records = records.map(|(time_h, action)| Record { time_h, action }).collect();
    Timeline::new(records, Vec::new()).unwrap()
}
