//! Options that say how exposure is taken from a curve.

use epsom_diag::Diagnostic;
use epsom_population::nca::{Baseline, Blq, NcaOptions, ProfileOptions, Rule, Which};

/// How exposure is taken from a curve
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Exposure")]
pub(crate) struct Rules {
    /// Between two samples
    #[arg(long, value_enum, default_value_t)]
    auc_rule: AucRule,
    /// Dosing interval, in the unit of time; else from the doses
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true)]
    interval: Option<f64>,
    /// Which dose of a person: first, last or its number
    #[arg(long, value_name = "DOSE", default_value = "last", allow_hyphen_values = true)]
    dose: String,
    /// Partial areas, such as 0:4,0:24 after the dose
    #[arg(long, value_name = "FROM:TO", allow_hyphen_values = true)]
    partial: Option<String>,
    /// Samples of the terminal phase, such as 8:24; else chosen by adjusted r²
    #[arg(long, value_name = "FROM:TO", allow_hyphen_values = true)]
    terminal: Option<String>,
    /// Taken off each concentration: none, before (mean of samples before the first dose), undosed
    /// (of a model: its run without the doses), or a number [default: none; of a model whose start
    /// is solved: undosed]
    #[arg(long, value_name = "WHAT", allow_hyphen_values = true)]
    baseline: Option<String>,
    /// What stands for a sample below the limit of quantification
    #[arg(long, value_enum, default_value_t)]
    blq: BlqRule,
    /// The interval is one of steady state: clearance is dose over its area
    #[arg(long)]
    steady: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum AucRule {
    /// Straight up, exponential down
    #[default]
    LinearUpLogDown,
    /// Straight
    Linear,
    /// Exponential where both ends are above 0
    Log,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum BlqRule {
    /// 0 before the first quantified sample, nothing after
    #[default]
    ZeroThenNothing,
    /// 0
    Zero,
    /// Nothing
    Nothing,
}

/// The same, read.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Read {
    /// For the curve.
    pub(crate) profile: ProfileOptions,
    /// Whether the run without doses is taken off; none where nothing is said of a baseline.
    pub(crate) undosed: Option<bool>,
}

/// Reads the options.
///
/// # Errors
/// `E0745`, all of one run.
pub(crate) fn read_rules(rules: &Rules) -> Result<Read, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let mut keep = |found: Result<(), Diagnostic>| wrong.extend(found.err());
    let mut which = Which::Last;
    keep(read_which(&rules.dose).map(|found| which = found));
    let (mut partial, mut terminal) = (Vec::new(), None);
    if let Some(text) = &rules.partial {
        keep(read_ranges("--partial", text).map(|found| partial = found));
    }
    if let Some(text) = &rules.terminal {
        keep(read_ranges("--terminal", text).and_then(|found| match found[..] {
            [one] => {
                terminal = Some(one);
                Ok(())
            }
            _ => Err(unusable("--terminal", text, "one range, such as `8:24`")),
        }));
    }
    if let Some(interval) =
        rules.interval.filter(|interval| !(*interval > 0.0 && interval.is_finite()))
    {
        keep(Err(unusable("--interval", &interval.to_string(), "a length above 0")));
    }
    let mut baseline = Baseline::None;
    let undosed = rules.baseline.as_ref().map(|text| text == "undosed");
    if let Some(text) = &rules.baseline {
        match text.as_str() {
            "none" | "undosed" => {}
            "before" => baseline = Baseline::Before,
            number => match number.parse::<f64>() {
                Ok(value) if value.is_finite() => baseline = Baseline::Value(value),
                _ => keep(Err(unusable(
                    "--baseline",
                    text,
                    "`none`, `before`, `undosed` or a number",
                ))),
            },
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let nca = NcaOptions {
        rule: match rules.auc_rule {
            AucRule::Linear => Rule::Linear,
            AucRule::LinearUpLogDown => Rule::LinearUpLogDown,
            AucRule::Log => Rule::Log,
        },
        interval: rules.interval,
        steady: rules.steady,
        terminal,
        partial,
        ..NcaOptions::default()
    };
    let blq = match rules.blq {
        BlqRule::ZeroThenNothing => Blq::ZeroThenNothing,
        BlqRule::Zero => Blq::Zero,
        BlqRule::Nothing => Blq::Nothing,
    };
    let profile = ProfileOptions { which, blq, baseline, into_blood: false, nca };
    Ok(Read { profile, undosed })
}

fn read_which(text: &str) -> Result<Which, Diagnostic> {
    match text {
        "first" => Ok(Which::First),
        "last" => Ok(Which::Last),
        number => match number.parse::<usize>() {
            Ok(number) if number > 0 => Ok(Which::Number(number)),
            _ => Err(unusable("--dose", text, "`first`, `last` or a number from 1")),
        },
    }
}

fn read_ranges(option: &str, text: &str) -> Result<Vec<(f64, f64)>, Diagnostic> {
    let range = |part: &str| {
        let (from, to) = part.split_once(':')?;
        let (from, to) = (from.trim().parse::<f64>().ok()?, to.trim().parse::<f64>().ok()?);
        (from >= 0.0 && from < to && to.is_finite()).then_some((from, to))
    };
    let found: Option<Vec<(f64, f64)>> = text.split(',').map(range).collect();
    found.ok_or_else(|| unusable(option, text, "`FROM:TO`, times after the dose that rise"))
}

fn unusable(option: &str, text: &str, wanted: &str) -> Diagnostic {
    Diagnostic::error("E0745", format!("`{option} {text}` cannot be used"))
        .help(format!("give {wanted}"))
}
