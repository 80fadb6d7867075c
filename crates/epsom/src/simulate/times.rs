//! Times of result rows: `--times`, or a grid over the doses.

use super::values::Quantity;
use epsom_diag::{Diagnostic, FileId, Span};
use epsom_engine::{Action, Dose, Record};
use epsom_model::ir::DisplayUnit;

/// Most rows of one subject.
const MOST_ROWS: f64 = 1e6;
/// About so many rows has a grid that nobody asked for.
pub(crate) const USUAL_ROWS: f64 = 1500.0;
/// Steps of such a grid, h.
const STEPS_H: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 12.0, 24.0];

/// Times of `START:END:STEP` or of a list with commas, in the model's unit, ascending.
///
/// Each number may carry a unit: `0:12[wk]:6[h]`. The end belongs to the grid where steps reach it.
///
/// # Errors
/// `E0907` with the place, `E0301` and `E0312` for units.
pub(crate) fn read_times(
    text: &str,
    file: FileId,
    unit: &DisplayUnit,
) -> Result<Vec<f64>, Diagnostic> {
    let separator = if text.contains(':') { ':' } else { ',' };
    let mut parts = Vec::new();
    let mut at = 0;
    for part in text.split(separator) {
        let quantity = Quantity { text: part, at, file };
        let base = quantity.to_base(unit, None, "--times").map_err(|said| {
            let code = if said.code == "E0906" { "E0907" } else { said.code };
            Diagnostic { code, ..said }
        })?;
        // A number without a unit keeps its bits; it is shown again as it was given.
        let bare = part.trim().parse::<f64>();
        parts.push((bare.unwrap_or(base * unit.per_base), quantity.span()));
        at += part.len() + separator.len_utf8();
    }
    if separator == ':' { grid(&parts, text, file) } else { list(&parts) }
}

fn wrong(message: impl Into<String>, span: Span, here: impl Into<String>) -> Diagnostic {
    Diagnostic::error("E0907", message).at(span, here)
}

fn grid(parts: &[(f64, Span)], text: &str, file: FileId) -> Result<Vec<f64>, Diagnostic> {
    let &[(start, _), (end, end_at), (step, step_at)] = parts else {
        let all = Span::new(file, 0, text.len());
        return Err(wrong("`--times` has the wrong number of parts", all, "not three numbers")
            .help("write `START:END:STEP`, such as `0:24:0.5`, or a list, such as `0,1,2,4`"));
    };
    if step <= 0.0 {
        return Err(wrong("the step of `--times` is not above 0", step_at, "this step")
            .help("write `START:END:STEP`, such as `0:24:0.5`"));
    }
    if end < start {
        return Err(wrong("`--times` ends before it starts", end_at, format!("before {start}"))
            .help("write `START:END:STEP`, such as `0:24:0.5`"));
    }
    // Nine digits: 0.1 is no binary fraction, and 0:1:0.1 still ends at 1.
    let n_steps = ((end - start) / step * (1.0 + 1e-9)).floor();
    if n_steps >= MOST_ROWS {
        let here = format!("{n_steps:e} steps");
        return Err(wrong("`--times` asks for too many rows", step_at, here)
            .note(format!("the most is {MOST_ROWS}"))
            .help("choose a larger step"));
    }
    // Products, not running sums: the last time has one rounding, as the others. Fourteen digits,
    // as people write them: three tenths are 0.3, not 0.30000000000000004.
    let decimal = |time: f64| format!("{time:.13e}").parse().unwrap_or(time);
    Ok((0..=n_steps as u32).map(|at| decimal(start + f64::from(at) * step).min(end)).collect())
}

fn list(parts: &[(f64, Span)]) -> Result<Vec<f64>, Diagnostic> {
    for pair in parts.windows(2) {
        let [(before, before_at), (time, time_at)] = [pair[0], pair[1]];
        let (message, here) = if time == before {
            ("`--times` holds a time twice", "here again".to_string())
        } else if time < before {
            ("`--times` is not in order", format!("{time} comes after {before}"))
        } else {
            continue;
        };
        return Err(wrong(message, time_at, here)
            .label(before_at, "the time before it")
            .help("give each time once, from the first to the last"));
    }
    Ok(parts.iter().map(|&(time, _)| time).collect())
}

/// A grid from the first record to the end of the last dose's interval, model's unit, of `most`
/// steps or fewer.
///
/// The end of a dose without an interval is a day after it.
pub(crate) fn usual_times(records: &[Record], unit: &DisplayUnit, most: f64) -> Vec<f64> {
    let start_h = records.iter().map(|record| record.time_h).fold(0.0, f64::min);
    let end_h = records.iter().map(end_h).fold(start_h, f64::max);
    let span_h = end_h - start_h;
    let fits = |step: &&f64| span_h / **step <= most;
    // Beyond the list, whole days.
    let whole_days = || 24.0 * (span_h / 24.0 / most).ceil();
    let step_h = STEPS_H.iter().find(fits).copied().unwrap_or_else(whole_days);
    let n_steps = (span_h / step_h).ceil() as u32;
    (0..=n_steps).map(|at| (start_h + f64::from(at) * step_h) * unit.per_base).collect()
}

/// When nothing of a record is new any more: one interval, or a day, after its last dose.
pub(crate) fn end_h(record: &Record) -> f64 {
    let (Action::Dose(dose) | Action::ResetThenDose(dose)) = record.action else {
        return record.time_h;
    };
    let last_h = Dose::repeat_time_h(&dose, record.time_h, dose.additional);
    last_h + if dose.interval_h > 0.0 { dose.interval_h } else { 24.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours() -> DisplayUnit {
        DisplayUnit { text: "h".to_string(), per_base: 1.0 }
    }

    fn times(text: &str) -> Vec<f64> {
        read_times(text, FileId(0), &hours()).expect("times")
    }

    fn message(text: &str) -> String {
        read_times(text, FileId(0), &hours()).expect_err("refused").message
    }

    #[test]
    fn grids_end_where_the_steps_end() {
        assert_eq!(times("0:2:0.5"), [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(times("0:1:0.1").len(), 11);
        assert_eq!(times("0:1:0.1").last(), Some(&1.0));
        assert_eq!(times("0:1:0.4"), [0.0, 0.4, 0.8]);
        assert_eq!(times("0:0.5:0.1"), [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]);
        assert_eq!(times("-1:-1:1"), [-1.0]);
        assert_eq!(times("0:1[d]:12[h]"), [0.0, 12.0, 24.0]);
        assert_eq!(times("0,90[min],2"), [0.0, 1.5, 2.0]);
    }

    #[test]
    fn what_is_no_grid_is_refused() {
        for (text, said) in [
            ("0:24", "`--times` has the wrong number of parts"),
            ("0:24:0", "the step of `--times` is not above 0"),
            ("24:0:1", "`--times` ends before it starts"),
            ("0:1e9:1e-3", "`--times` asks for too many rows"),
            ("0,1,1", "`--times` holds a time twice"),
            ("0,2,1", "`--times` is not in order"),
            ("0,nan", "`--times` needs a finite number, found `nan`"),
            ("", "`--times` needs a finite number, found ``"),
            ("0:24[mg]:1", "units do not match"),
        ] {
            assert_eq!(message(text), said, "{text}");
        }
    }

    #[test]
    fn a_usual_grid_covers_the_last_interval() {
        let dose = Dose { interval_h: 12.0, additional: 167, ..Dose::bolus(0, 1.0) };
        let record = Record { time_h: 0.0, action: Action::Dose(dose) };
        let times = usual_times(&[record], &hours(), USUAL_ROWS);
        // 12 weeks in steps of 2 h.
        assert_eq!((times.len(), times[1], times[times.len() - 1]), (1009, 2.0, 2016.0));
        let once = Record { time_h: 5.0, action: Action::Dose(Dose::bolus(0, 1.0)) };
        assert_eq!(usual_times(&[once], &hours(), USUAL_ROWS).last(), Some(&29.0));
    }
}
