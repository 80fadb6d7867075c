//! The result as rows of `evidence/values.csv`, and the rows that are committed.

use epsom_evidence::Tables;
use epsom_maths::exp;

use super::plan::Z;
use super::{Calibrated, Calibration};

/// First of the rows of correlations; the others follow.
const FIRST_CORRELATION: u32 = 160;
/// Correlations that are smaller are left out of the rows: they change no printed digit of a draw's
/// quantiles.
const SMALLEST: f64 = 0.05;

/// A row: its key and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLine {
    /// Key.
    pub id: String,
    /// The line of the table.
    pub line: String,
}

/// Rows of level `calibrated`: one per parameter with its 95 % interval, one per correlation.
pub fn evidence_rows(found: &Calibration) -> Vec<RowLine> {
    let data = data_words(found);
    let mut rows: Vec<RowLine> = found.parameters.iter().map(|one| value(one, &data)).collect();
    for (at, (first, second)) in (FIRST_CORRELATION..).zip(pairs(found)) {
        let r = found.correlation[first][second];
        let [one, other] = [first, second].map(|at| found.parameters[at].known.parameter.as_str());
        let (id, symbol) = (format!("EPS{at}"), format!("corr_{one}_{other}"));
        let meaning = format!("correlation of ln {one} and ln {other} in the calibration");
        let cells = Cells {
            id: &id,
            symbol: &symbol,
            meaning: &meaning,
            value: &format!("{r:.2}"),
            unit: "1",
            substance: "",
            interval: None,
            data: &data,
            note: "",
        };
        rows.push(line(&cells));
    }
    rows
}

/// The rows as a file of their own, with the header of `values.csv`.
pub fn rows_csv(found: &Calibration) -> String {
    let lines = evidence_rows(found).into_iter().map(|row| row.line + "\n");
    std::iter::once(format!("{HEADER}\n")).chain(lines).collect()
}

/// The line of a row as committed.
pub fn committed<'a>(evidence: &'a Tables, id: &str) -> Option<&'a str> {
    let key = |line: &&str| line.split_once(',').is_some_and(|(known, _)| known == id);
    evidence.text("values.csv")?.lines().find(key)
}

/// Pairs of parameters whose correlation is told.
fn pairs(found: &Calibration) -> Vec<(usize, usize)> {
    let n = found.parameters.len();
    let all = (0..n).flat_map(|one| (one + 1..n).map(move |other| (one, other)));
    all.filter(|&(one, other)| found.correlation[one][other].abs() >= SMALLEST).collect()
}

const HEADER: &str = "id,symbol,meaning,kind,value,lo,hi,unit,unit_published,value_published,\
    substance,spread,spread_lo,spread_hi,spread_kind,spread_published,n,species,population,\
    source_key,locator,level,seen,url,formula,note";

struct Cells<'a> {
    id: &'a str,
    symbol: &'a str,
    meaning: &'a str,
    value: &'a str,
    unit: &'a str,
    substance: &'a str,
    interval: Option<(String, String)>,
    data: &'a str,
    note: &'a str,
}

fn value(one: &Calibrated, data: &str) -> RowLine {
    let known = &one.known;
    let end = |sign: f64| three(one.estimate * exp(sign * Z * one.error));
    let told = if known.log_sd_reason.is_empty() { "its interval" } else { "assumed" };
    let bound = if one.at_bound { "; stands at a bound of its prior" } else { "" };
    let note = format!(
        "prior {} of {}, sd of the logarithm {} ({told}); interval from the standard error of the \
         logarithm {:.3}: what the fit leaves unknown, not how people differ{bound}",
        known.center,
        known.prior_row,
        three(known.log_sd),
        one.error,
    );
    let unit = known.unit.split('/').next().unwrap_or_default();
    let cells = Cells {
        id: &known.row,
        symbol: &known.parameter,
        meaning: &known.meaning,
        value: &three(one.estimate),
        // An amount per meal is an amount.
        unit: if known.unit.ends_with("/meal") { unit } else { &known.unit },
        substance: if known.unit.starts_with("mmol") { "Mg" } else { "" },
        interval: Some((end(-1.0), end(1.0))),
        data,
        note: &note,
    };
    line(&cells)
}

fn line(cells: &Cells<'_>) -> RowLine {
    let (lo, hi) = cells.interval.clone().unwrap_or_default();
    let kind = if cells.interval.is_some() { "ci95" } else { "none" };
    let all = [
        cells.id,
        cells.symbol,
        cells.meaning,
        "number",
        cells.value,
        "",
        "",
        cells.unit,
        "",
        "",
        cells.substance,
        "",
        &lo,
        &hi,
        kind,
        "",
        "",
        "human",
        "adult",
        "epsom_calibration",
        "docs/theory/calibration.md",
        "calibrated",
        "computed",
        "",
        cells.data,
        cells.note,
    ];
    let quoted =
        all.map(|cell| if cell.contains(',') { format!("\"{cell}\"") } else { cell.to_string() });
    RowLine { id: cells.id.to_string(), line: quoted.join(",") }
}

/// What was fitted to: `pk.02 dolberg2017; …`.
fn data_words(found: &Calibration) -> String {
    let words = found.targets.iter().map(|one| format!("{} {}", one.id, one.source_key));
    format!("most likely values for {}", words.collect::<Vec<_>>().join("; "))
}

/// Three digits that count.
pub(super) fn three(value: f64) -> String {
    let places = 2 - epsom_maths::log10(value.abs()).floor() as i32;
    // 9.996 becomes 10.00: one digit too many, and still right.
    format!("{value:.*}", places.max(0) as usize)
}
