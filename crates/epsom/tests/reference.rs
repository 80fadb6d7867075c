//! Every reference case through the binary: text and event file in, published answers out.

mod common;

use common::{column, epsom, folder, reference};
use std::path::Path;

/// Relative and absolute tolerance of every case, by `index.csv`.
fn cases() -> Vec<(String, f64, Option<f64>)> {
    let mut all = Vec::new();
    for kind in ["analytic", "events"] {
        let index = std::fs::read_to_string(reference(&format!("{kind}/index.csv"))).expect("text");
        for line in index.lines().skip(1) {
            let mut cells = line.splitn(4, ',');
            let name = cells.next().expect("a name");
            let rtol = cells.next().expect("a cell").parse().expect("a tolerance");
            let atol = cells.next().and_then(|cell| cell.parse().ok());
            all.push((format!("{kind}/{name}"), rtol, atol));
        }
    }
    all
}

/// What the binary prints for a case.
fn rows(folder: &Path, case: &str, more: &[&str]) -> String {
    let model = reference(&format!("{case}.model.txt"));
    let events = reference(&format!("{case}.events.csv"));
    let run = epsom(folder).arg("simulate").arg(model).arg("--events").arg(events).args(more);
    let done = run.assert().code(0);
    assert!(done.get_output().stderr.is_empty(), "{case}: {:?}", done.get_output());
    String::from_utf8(done.get_output().stdout.clone()).expect("UTF-8")
}

#[test]
fn every_case_has_its_published_answer() {
    let folder = folder("reference");
    let cases = cases();
    assert_eq!(cases.len(), 29);
    let mut wrong = Vec::new();
    for (case, rtol, atol) in &cases {
        let got = rows(&folder, case, &[]);
        let wanted = std::fs::read_to_string(reference(&format!("{case}.out.csv"))).expect("text");
        let names = wanted.lines().next().expect("a header").split(',').map(str::to_string);
        for name in names {
            let (got, wanted) = (column(&got, &name), column(&wanted, &name));
            assert_eq!(got.len(), wanted.len(), "{case}");
            let largest = wanted.iter().map(|value| value.abs()).fold(0.0, f64::max);
            let atol = atol.unwrap_or(1e-9 * largest);
            for (row, (got, wanted)) in got.iter().zip(&wanted).enumerate() {
                // The negated form also catches NaN.
                let near = (got - wanted).abs() <= atol + rtol * wanted.abs();
                if !near {
                    wrong.push(format!("{case} {name} row {row}: {got}, not {wanted}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
