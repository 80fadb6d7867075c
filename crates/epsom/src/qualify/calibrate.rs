//! `epsom qualify --calibrate`: the fit, its profiles, the rows of evidence that it gives.

use crate::done::{Done, exit};
use crate::files::{PNG_SCALE, cannot_write, csv_bytes, write_files};
use crate::interrupt;
use crate::progress::Progress;
use crate::render::Sources;
use epsom_diag::Diagnostic;
use epsom_magnesium::calibrate::{
    CALIBRATION, Calibrated, Calibration, Depth, NoCalibration, calibrate, plain, rows_csv, to_json,
};
use epsom_magnesium::qualify::{Lab, Running, Target};
use epsom_maths::exp;
use epsom_population::fit::FitError;
use epsom_report::{
    Block, Column, Figure, Page, Panel, ReportError, Series, Stroke, Table, render_html,
    render_png, render_svg,
};
use std::path::Path;

/// Sets of parameters that a fit and a profile ask for, about: for a bar.
const N_SETS: u64 = 2400;
/// Rise at the ends of a 95 % interval: 1.96 squared.
const RISE: f64 = 3.84;

const CAPTION: &str = "Solid: how much the sum of squares rises as one parameter is held and the \
    others are fitted again. Dotted: the same from the standard error alone. The 95 % interval is \
    where it reaches 3.84. A line that ends early ends at a bound.";

/// What is asked for.
pub(super) struct Ask<'a> {
    /// Path and text of a table of what is fitted, where the user gave one.
    pub(super) table: Option<(&'a Path, String)>,
    /// Whether JSON is printed.
    pub(super) json: bool,
    /// Folder of the files.
    pub(super) output: Option<&'a Path>,
}

/// Fits, prints and writes.
pub(super) fn run(lab: &Lab<'_>, plan: &[Target], ask: &Ask<'_>) -> Done {
    let sources = Sources::default();
    let bar = Progress::new("sets of parameters", N_SETS);
    let running = Running {
        seed: 0,
        n_draws: 0,
        progress: &|n| bar.add(n as u64),
        cancelled: &interrupt::asked,
    };
    let table = ask.table.as_ref().map_or(CALIBRATION, |(_, text)| text.as_str());
    let found = calibrate(lab, table, plan, Depth::Profiles, &running);
    drop(bar);
    let found = match found {
        Ok(found) => found,
        Err(why) => {
            let (said, exit) = told(&why, ask.table.as_ref().map(|(path, _)| *path));
            return Done::failed(vec![said], sources, exit);
        }
    };
    let mut output = if ask.json { to_json(&found) + "\n" } else { plain(&found) };
    if let Some(folder) = ask.output {
        match write(&found, folder) {
            Ok(written) if !ask.json => output.push_str(&format!("\n{written}")),
            Ok(_) => {}
            Err(said) => return Done::failed(vec![said], sources, exit::DATA),
        }
    }
    if found.interrupted {
        let said = Diagnostic::error("E0914", "interrupted before all profiles were done")
            .note("the fit itself was done");
        return Done { output, messages: vec![said], sources, exit: exit::INTERRUPTED };
    }
    Done { output, messages: Vec::new(), sources, exit: 0 }
}

/// The message and the exit code.
fn told(why: &NoCalibration, path: Option<&Path>) -> (Diagnostic, u8) {
    let of = path.map_or("the built-in table".to_string(), |path| format!("`{}`", path.display()));
    match why {
        NoCalibration::Table(why) => {
            let said = Diagnostic::error("E0735", format!("{of} does not say what to fit: {why}"))
                .help(
                    "columns: parameter, transformation, prior_row, log_sd, log_sd_reason, row, \
                     meaning",
                );
            (said, exit::DATA)
        }
        NoCalibration::Fit(FitError::Cancelled) => {
            (Diagnostic::error("E0914", "interrupted before the fit was done"), exit::INTERRUPTED)
        }
        NoCalibration::Fit(error) => {
            let cause = match error {
                FitError::NotFinite => "a target cannot be predicted near the priors",
                FitError::Algebra(_) => "the equations of a step cannot be solved",
                _ => "no step leads lower, though the derivatives say so",
            };
            let said = Diagnostic::error("E0736", "the fit did not settle")
                .note(format!("cause: {cause}"))
                .help("state narrower priors, or fit fewer parameters");
            (said, exit::NUMERICS)
        }
    }
}

fn write(found: &Calibration, folder: &Path) -> Result<String, Diagnostic> {
    let failed = |error: ReportError| cannot_write(folder, &error);
    let drawing = figure(found);
    let svg = render_svg(&drawing).map_err(failed)?;
    let html = render_html(&page(found, &svg)).map_err(failed)?;
    let files: [(&str, Vec<u8>); 7] = [
        ("report.html", html.into_bytes()),
        ("profiles.png", render_png(&drawing, PNG_SCALE).map_err(failed)?),
        ("profiles.svg", svg.into_bytes()),
        ("calibration.json", (to_json(found) + "\n").into_bytes()),
        ("parameters.csv", csv_bytes(&parameters(found)).map_err(failed)?),
        ("targets.csv", csv_bytes(&targets(found)).map_err(failed)?),
        ("values.csv", rows_csv(found).into_bytes()),
    ];
    write_files(folder, &files)
}

/// One panel per parameter.
fn figure(found: &Calibration) -> Figure {
    Figure {
        title: "Profiles of the fitted parameters".to_string(),
        caption: CAPTION.to_string(),
        panels: found.parameters.iter().map(panel).collect(),
        n_columns: 4,
        ..Figure::default()
    }
}

fn panel(one: &Calibrated) -> Panel {
    let points = one.profile.as_ref().map_or(&[][..], |profile| &profile.points);
    let logs: Vec<f64> = points.iter().map(|point| point.value).collect();
    let x: Vec<f64> = logs.iter().map(|log| exp(*log)).collect();
    let middle = epsom_maths::ln(one.estimate);
    let away = |log: &f64| ((log - middle) / one.error) * ((log - middle) / one.error);
    let line = |color, stroke, name: &str, y| Series {
        name: name.to_string(),
        color,
        stroke,
        x: x.clone(),
        y,
        ribbon: None,
    };
    let unit = if one.known.unit == "1" { "" } else { one.known.unit.as_str() };
    Panel {
        title: one.known.parameter.clone(),
        x_label: if unit.is_empty() { "value".to_string() } else { unit.to_string() },
        y_label: "rise of the sum of squares".to_string(),
        series: vec![
            line(0, Stroke::Solid, "profile", points.iter().map(|point| point.rise).collect()),
            line(1, Stroke::Dotted, "standard error", logs.iter().map(away).collect()),
        ],
        levels: vec![(RISE, "95 %".to_string())],
        y_log: false,
        y_range: Some((0.0, 6.0)),
    }
}

fn page(found: &Calibration, svg: &str) -> Page {
    let all =
        |scores: &[epsom_magnesium::qualify::Score]| scores.last().cloned().unwrap_or_default();
    let (model, fitted) = (all(&found.scores_in_model), all(&found.scores_fitted));
    let differ = |(id, before, after): &(String, &str, &str)| {
        format!("{id}: {before} with the model as committed, {after} with the fitted parameters")
    };
    Page {
        title: "Parameters fitted to the calibration targets".to_string(),
        lead: format!(
            "The sum of squares falls from {:.1} with the model as committed to {:.1}; of {} checking \
             targets, {} were inside before and {} are with the fitted parameters.",
            found.objective[1], found.objective[2], model.n, model.n_pass, fitted.n_pass
        ),
        blocks: vec![
            Block::Figure { svg: svg.to_string(), caption: CAPTION.to_string() },
            Block::Heading("Parameters".to_string()),
            Block::Table {
                table: parameters(found),
                caption: "Of prior: standard error of the logarithm as a share of the prior's; 1 \
                          where the data say nothing."
                    .to_string(),
            },
            Block::Heading("Targets".to_string()),
            Block::Table {
                table: targets(found),
                caption: "Log sd: what each is weighed by.".to_string(),
            },
            Block::Heading("Verdicts that differ".to_string()),
            Block::List(found.changed.iter().map(differ).collect()),
        ],
        footer: format!(
            "Epsom {}, model magnesium. Research and education, not medical advice.",
            env!("CARGO_PKG_VERSION")
        ),
        one_sheet: false,
    }
}

fn parameters(found: &Calibration) -> Table {
    let text = |name: &str, cell: &dyn Fn(&Calibrated) -> String| {
        Column::text(name, found.parameters.iter().map(cell).collect())
    };
    let number = |name: &str, cell: &dyn Fn(&Calibrated) -> f64| {
        Column::number(name, "", found.parameters.iter().map(cell).collect())
    };
    let mut columns = vec![
        text("parameter", &|one| one.known.parameter.clone()),
        text("unit", &|one| one.known.unit.clone()),
        text("prior row", &|one| one.known.prior_row.clone()),
        number("prior", &|one| one.known.center),
        number("prior log sd", &|one| one.known.log_sd),
        number("in the model", &|one| one.in_model),
        number("fitted", &|one| one.estimate),
        number("lo", &|one| one.end(-1.0)),
        number("hi", &|one| one.end(1.0)),
        text("by profile", &Calibrated::profile_words),
        number("of prior", &Calibrated::share_of_prior),
    ];
    for (at, one) in found.parameters.iter().enumerate() {
        let cells = found.correlation.iter().map(|row| row[at]).collect();
        columns.push(Column::number(format!("r {}", one.known.parameter), "", cells));
    }
    Table { columns }
}

fn targets(found: &Calibration) -> Table {
    let of = |cell: &dyn Fn(&epsom_magnesium::calibrate::Fitted) -> f64| {
        found.targets.iter().map(cell).collect::<Vec<f64>>()
    };
    let words = |cell: &dyn Fn(&epsom_magnesium::calibrate::Fitted) -> String| {
        found.targets.iter().map(cell).collect::<Vec<String>>()
    };
    Table {
        columns: vec![
            Column::text("id", words(&|one| one.id.clone())),
            Column::text("quantity", words(&|one| one.quantity.clone())),
            Column::text("unit", words(&|one| one.unit.clone())),
            Column::text("source", words(&|one| one.source_key.clone())),
            Column::number("observed", "", of(&|one| one.observed)),
            Column::number("log sd", "", of(&|one| one.log_sd)),
            Column::number("at the priors", "", of(&|one| one.at_priors)),
            Column::number("in the model", "", of(&|one| one.in_model)),
            Column::number("fitted", "", of(&|one| one.fitted)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::told;
    use epsom_magnesium::calibrate::NoCalibration;
    use epsom_population::fit::FitError;

    #[test]
    fn each_failure_has_its_code_and_exit() {
        let of = |why: FitError| {
            let (said, exit) = told(&NoCalibration::Fit(why), None);
            (said.code, said.notes.first().map(ToString::to_string), exit)
        };
        let note = |text: &str| Some(text.to_string());
        assert_eq!(
            of(FitError::NotFinite),
            ("E0736", note("cause: a target cannot be predicted near the priors"), 5)
        );
        assert_eq!(
            of(FitError::NotSettled),
            ("E0736", note("cause: no step leads lower, though the derivatives say so"), 5)
        );
        assert_eq!(of(FitError::Cancelled), ("E0914", None, 130));
        let (said, exit) = told(&NoCalibration::Table("why".to_string()), None);
        assert_eq!((said.code, exit), ("E0735", 4));
        assert_eq!(said.message, "the built-in table does not say what to fit: why");
    }
}
