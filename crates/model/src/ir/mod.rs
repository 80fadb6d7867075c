//! The waist: a checked model in base units (h, L, mmol, kg, mV), without text or dimensions.
//!
//! Everything before (text forms) makes this, everything after (programs, derivatives, population)
//! reads this. Quantities that are constant between stops (parameters, covariates, modes, last
//! dose) are leaves; conditions are frozen into modes, so that every expression is smooth between
//! stops.

mod build;
mod event;
mod expr;
mod names;
mod print;
mod prune;
mod read;
mod verify;

pub use event::Event;
pub use expr::{BinaryOp, ExprId, Exprs, Node, UnaryOp};
pub use print::print;
pub use prune::Wanted;
pub use read::{ReadError, read};
pub use verify::{reachable, verify};

/// A checked model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// Name in messages and files.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Whether units and sources were checked; imported text has neither.
    pub checked: bool,
    /// Unit of time in event files, `--times` and output; base is h.
    pub time_unit: DisplayUnit,
    /// Every expression of the model.
    pub exprs: Exprs,
    /// Typical values, in declaration order.
    pub params: Vec<Param>,
    /// Parameters that switch a hypothesis: 0 off, which is their value here, 1 on.
    ///
    /// What one assumes is the reason in its provenance.
    pub hypotheses: Vec<usize>,
    /// Correlations between parameters: of what is not known, or of how people differ.
    pub correlations: Vec<Correlation>,
    /// How people differ from themselves between occasions.
    pub occasions: Vec<Occasion>,
    /// Properties given from outside.
    pub covariates: Vec<Covariate>,
    /// State variables, in declaration order; doses name them by name or by number from 1.
    pub compartments: Vec<Compartment>,
    /// Compartments whose derivative is 0 and which only events change; no dose enters them, and a
    /// reset gives them their initial value.
    pub registers: Vec<usize>,
    /// Conditions whose truth is a register, frozen within a step.
    pub modes: Vec<Mode>,
    /// What happens when conditions come true, in declaration order.
    pub events: Vec<Event>,
    /// Reported quantities, in declaration order.
    pub outputs: Vec<Output>,
    /// Declared conservation.
    pub balances: Vec<Balance>,
    /// Where a run starts.
    pub start: Start,
}

/// How a base value is shown: shown = base * `per_base`.
#[derive(Debug, Clone, PartialEq)]
pub struct DisplayUnit {
    /// As written, such as `mmol/L`; empty for none.
    pub text: String,
    /// Shown units in one base unit.
    pub per_base: f64,
}

impl DisplayUnit {
    /// `from 0.4 to 500 kg` of bounds in base units, of which one may be infinite.
    pub fn range(&self, (lo, hi): (f64, f64)) -> String {
        // As it was written, without the rounding of its way to base units and back.
        let shown = |bound: f64| {
            let text = format!("{:.12e}", bound * self.per_base);
            text.parse::<f64>().map_or(text, |bound| bound.to_string())
        };
        let range = match (lo.is_finite(), hi.is_finite()) {
            (true, true) => format!("from {} to {}", shown(lo), shown(hi)),
            (true, false) => format!("at least {}", shown(lo)),
            _ => format!("at most {}", shown(hi)),
        };
        format!("{range} {}", self.text).trim_end().to_string()
    }
}

impl Default for DisplayUnit {
    fn default() -> Self {
        Self { text: String::new(), per_base: 1.0 }
    }
}

/// A parameter: the number that a subject carries for the whole run.
///
/// `scales` is already part of the expressions that use it (`Param * factor`), so the register
/// holds the typical value times what uncertainty and variability did to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Name.
    pub name: String,
    /// Typical value, base units.
    pub value: f64,
    /// Unit it is shown in and given in (`--param`).
    pub unit: DisplayUnit,
    /// What we don't know of it.
    pub uncertain: Distribution,
    /// How people differ in it.
    pub varies: Distribution,
    /// Smallest and largest allowed value, base units.
    pub bounds: (f64, f64),
    /// Where the value comes from.
    pub provenance: Provenance,
    /// Reason of an assumed spread, or of `fixed`; empty where the spread has a source or nobody
    /// said anything, which draws take for the default width.
    pub spread_assumed: String,
    /// Meaning for search and output; empty for none.
    pub label: String,
}

/// A distribution around a value `v`, base units; the value is its median (triangular: its mode).
#[allow(missing_docs, reason = "each variant's line names its fields")]
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Distribution {
    /// Always `v`.
    #[default]
    Fixed,
    /// `v + sd z`
    Normal { sd: f64 },
    /// `v exp(sd z)`
    LogNormal { sd: f64 },
    /// `expit(logit(v) + sd z)`
    LogitNormal { sd: f64 },
    /// Even between the bounds.
    Uniform { lo: f64, hi: f64 },
    /// Triangle with mode `v`.
    Triangular { lo: f64, hi: f64 },
}

/// Correlation of two parameters' normal scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    /// Index of the first parameter.
    pub first: usize,
    /// Index of the second.
    pub second: usize,
    /// Between -1 and 1.
    pub rho: f64,
    /// Of which spread.
    pub level: Level,
}

/// The spreads of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// What is not known of the typical value.
    #[default]
    Uncertain,
    /// How people differ.
    Varies,
    /// How a person differs between occasions.
    Occasion,
}

impl Level {
    /// The words of the text forms.
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("uncertain", Self::Uncertain), ("varies", Self::Varies), ("occasion", Self::Occasion)];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, one)| *one == self).map_or("", |(word, _)| word)
    }
}

/// A parameter that differs within a person from one occasion to the next.
///
/// The deviation is a covariate of value 0, which is how runs without draws see it: the
/// expressions that use the parameter read both. Draws give it a normal number for each value of
/// the covariate that numbers the occasions.
#[derive(Debug, Clone, PartialEq)]
pub struct Occasion {
    /// Index of the parameter.
    pub param: usize,
    /// Index of the covariate that is the deviation, `kappa.NAME`: on the log or logit scale, or on
    /// that of the value.
    pub covariate: usize,
    /// Index of the covariate that numbers the occasions.
    pub by: usize,
    /// Standard deviation, base units.
    pub sd: f64,
}

/// Where a number comes from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    /// Evidence rows it equals or is computed from.
    pub rows: Vec<String>,
    /// Reason, where it is assumed.
    pub assumed: Option<String>,
    /// Some row was only recalled from memory.
    pub recalled: bool,
    /// Some row is our own assumption.
    pub assumption_row: bool,
    /// Some row was measured in animals or in vitro only.
    pub not_human: bool,
}

/// How a covariate runs between its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// The last record holds.
    #[default]
    Forward,
    /// The next record holds.
    Backward,
    /// Half the sum of the last and the next record holds.
    Midpoint,
    /// Straight line.
    Linear,
}

/// A property given from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariate {
    /// Name, as in the event file's column.
    pub name: String,
    /// Value where none is given, base units.
    pub default: f64,
    /// Unit it is given in.
    pub unit: DisplayUnit,
    /// Between records.
    pub interpolation: Interpolation,
    /// Least and largest value that it may have.
    pub bounds: (f64, f64),
    /// Meaning; empty for none.
    pub label: String,
}

/// A state variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Compartment {
    /// Name.
    pub name: String,
    /// Unit it is shown in.
    pub unit: DisplayUnit,
    /// Time derivative.
    pub derivative: ExprId,
    /// Value at the start (a guess where the start is solved); may use parameters and covariates.
    pub initial: Option<ExprId>,
    /// Fraction of a dose that arrives.
    pub bioavailability: Option<ExprId>,
    /// Delay of doses, h.
    pub lag: Option<ExprId>,
    /// Rate of doses whose rate is modelled.
    pub rate: Option<ExprId>,
    /// Duration of doses whose duration is modelled, h.
    pub duration: Option<ExprId>,
    /// Usual size for the absolute tolerance, where declared.
    pub scale: Option<f64>,
    /// No derivative, mode or dosing property reads it: it only collects.
    pub accumulator: bool,
    /// Meaning; empty for none.
    pub label: String,
}

impl Compartment {
    /// A compartment of which nothing else is said: no initial value, no dosing property.
    pub fn of(name: impl Into<String>, derivative: ExprId) -> Self {
        Self {
            name: name.into(),
            unit: DisplayUnit::default(),
            derivative,
            initial: None,
            bioavailability: None,
            lag: None,
            rate: None,
            duration: None,
            scale: None,
            accumulator: false,
            label: String::new(),
        }
    }
}

/// A condition turned into a register that is 0 or 1.
#[allow(missing_docs, reason = "each variant's line names its fields")]
#[derive(Debug, Clone, PartialEq)]
pub enum Mode {
    /// 1 where `value > 0` (`strict`) or `value >= 0`; flips at roots, located on the dense output.
    Root { value: ExprId, strict: bool },
    /// As `Root`, where `value` is affine in time with coefficients constant between stops: the
    /// root is an exact stop.
    Affine { value: ExprId, strict: bool },
    /// 1 in `[from + k every, from + k every + length)`, k any integer; h; exact stops.
    Window { every: ExprId, from: ExprId, length: ExprId },
}

/// A reported quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Column name.
    pub name: String,
    /// What it is, base units.
    pub value: ExprId,
    /// Unit it is shown in.
    pub unit: DisplayUnit,
    /// Meaning; empty for none.
    pub label: String,
    /// Residual error, where declared.
    pub residual: Residual,
}

/// Residual error of an output: how a measurement scatters about its value `f`.
///
/// On the scale of `scale`, its standard deviation is made of `a` (`add`) and `b |f|^c` (`prop`,
/// `power`). Each is an expression over parameters, base units; none of them is no error.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Residual {
    /// The scale on which errors are even.
    pub scale: ErrorScale,
    /// Additive part.
    pub add: Option<ExprId>,
    /// Proportional part.
    pub prop: Option<ExprId>,
    /// Exponent of the value in the proportional part; none is 1.
    pub power: Option<ExprId>,
    /// How the two parts make one.
    pub combined: Combined,
}

impl Residual {
    /// Renames every expression it names.
    fn move_roots(&mut self, to: impl Fn(ExprId) -> ExprId) {
        let lambda = match &mut self.scale {
            ErrorScale::BoxCox { lambda } | ErrorScale::YeoJohnson { lambda } => Some(lambda),
            _ => None,
        };
        let parts = [&mut self.add, &mut self.prop, &mut self.power].into_iter().flatten();
        parts.chain(lambda).for_each(|id| *id = to(*id));
    }

    /// Every expression it names, with its word.
    pub fn parts(&self) -> Vec<(&'static str, ExprId)> {
        let lambda = match self.scale {
            ErrorScale::BoxCox { lambda } | ErrorScale::YeoJohnson { lambda } => Some(lambda),
            _ => None,
        };
        let parts =
            [("add", self.add), ("prop", self.prop), ("power", self.power), ("lambda", lambda)];
        parts.into_iter().filter_map(|(word, part)| Some((word, part?))).collect()
    }
}

/// The scale on which residual errors are normal and even.
#[allow(missing_docs, reason = "each variant's line names its fields")]
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum ErrorScale {
    /// The value's own.
    #[default]
    Plain,
    /// `ln f`
    Log,
    /// `logit((f - lo) / (hi - lo))`
    Logit { lo: f64, hi: f64 },
    /// `(f^lambda - 1) / lambda`, `ln f` where lambda is 0
    BoxCox { lambda: ExprId },
    /// As Box and Cox, extended to values below 0.
    YeoJohnson { lambda: ExprId },
}

/// How an additive and a proportional part make one standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Combined {
    /// `sqrt(a^2 + (b |f|^c)^2)`
    #[default]
    Squares,
    /// `a + b |f|^c`
    Sum,
}

/// `total` changes only by doses and by `inflow` (per h).
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// The conserved sum.
    pub total: ExprId,
    /// Declared inflow rate, zero where none.
    pub inflow: ExprId,
}

/// Where a run starts.
#[allow(missing_docs, reason = "each variant's line names its fields")]
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Start {
    /// At the initial values (0 where none is given).
    #[default]
    Values,
    /// Where all derivatives (but the accumulators') are zero, at t = 0.
    SteadyState,
    /// Where the state repeats with this period, h.
    Periodic { period: f64 },
}
