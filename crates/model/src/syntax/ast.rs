//! The tree of a model file, as written: nothing is resolved or checked here.

use epsom_diag::Span;

/// One model file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tree {
    /// Statements in file order.
    pub items: Vec<Item>,
    /// Which text form it was read from.
    pub dialect: Dialect,
}

/// The text forms that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// `.epm`: units and sources are required.
    #[default]
    Epm,
    /// `ini({…}) model({…})` text: no units, no sources; the model is marked unchecked.
    IniModel,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The whole statement.
    pub span: Span,
    /// What it says.
    pub kind: ItemKind,
}

/// A name and where it stands. Names may hold dots (`eta.cl`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name as written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A quoted text and where it stands (the span includes the quotes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted {
    /// The text without quotes.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// What stands between `[` and `]`, untouched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitText {
    /// The text without brackets, trimmed.
    pub text: String,
    /// Where, brackets included.
    pub span: Span,
}

/// The kinds of statement.
#[allow(missing_docs, reason = "each variant's line names its fields")]
#[derive(Debug, Clone, PartialEq)]
pub enum ItemKind {
    /// `model NAME "title"`
    Model { name: Name, title: Option<Quoted> },
    /// `time [h]`
    Time { unit: UnitText },
    /// `unchecked "why"`: units and sources are missing.
    Unchecked { why: Quoted },
    /// `substance Mg`
    Substance { name: Name },
    /// `covariate wt = 70[kg] linear label weight`, `covariate wt [kg]`
    Covariate(Covariate),
    /// `param cl = 5.1[L/h] source PK061 …`
    Param(Box<Param>),
    /// `hypothesis NAME "what it assumes"`: a link that is off unless it is asked for by name.
    Hypothesis { name: Name, assumes: Quoted },
    /// `use PATH as NAME (port = …)`: a module under a name; written out before checking.
    Use { path: Quoted, name: Name, bindings: Vec<(Name, Expr)> },
    /// `port intake [mmol/h]`: given by the file that uses the module, which sets `value`.
    Port { name: Name, unit: UnitText, value: Option<Expr> },
    /// `override NAME.k = …`: another number for a parameter of a module.
    Override(Box<Param>),
    /// `correlate a, b = 0.97 varies source KEY`
    ///
    /// `level` is the word behind the number that says which spread is meant, where one stands.
    Correlate {
        first: Name,
        second: Name,
        value: Expr,
        level: Option<Name>,
        provenance: Provenance,
    },
    /// `compartment depot [mmol], central [mmol] scale 10[mmol] label plasma_pool`
    Compartments(Vec<Compartment>),
    /// `register rate_now = rate label infusion_rate`: a quantity that only events change.
    Register { name: Name, value: Expr, label: Option<Name> },
    /// `event stop when serum > 3[mmol/L] then rate_now = 0 delay 1[h] …`
    Event(Box<Event>),
    /// `window breakfast = every 24[h] from 8[h] for 0.5[h]`: 1 inside, 0 outside, exact stops.
    Window { name: Name, every: Expr, from: Expr, length: Expr },
    /// `function hill(x, k) = x / (x + k)`
    Function { name: Name, arguments: Vec<Name>, body: Expr },
    /// `x = …`, `d/dt(x) = …`, `x(0) = …`, `f(x) = …`
    Assign { target: Target, value: Expr },
    /// `if (…) {…} else if (…) {…} else {…}`
    If { arms: Vec<(Expr, Vec<Item>)>, otherwise: Option<Vec<Item>> },
    /// `inflow NAME`: the assignment `NAME` brings matter in from outside.
    ///
    /// `scope` is the module it stands in, empty for the file itself: each sum has its own.
    Inflow { name: Name, scope: String },
    /// `initial steady_state`, `initial periodic 24[h]`
    Initial { mode: InitialMode },
    /// `conserve a + b`, with its scope as `inflow`.
    Conserve { value: Expr, scope: String },
    /// `output Cc = central / vc [mmol/L] label plasma`
    Output(Output),
    /// `Cc ~ prop(4[%]) + add(0.1[mg/L]) assumed "…"`, and `| where` in `ini/model` text: the
    /// records that it belongs to.
    Residual { output: Name, terms: Vec<Call>, endpoint: Option<Name>, provenance: Provenance },
    /// `linear(wt, egfr)`, `locf(…)`, `nocb(…)`, `midpoint(…)` in `ini/model` text.
    Interpolate { how: Interpolation, names: Vec<Name> },
    /// `description <- "…"` and the like around `ini/model` text: the right side as written.
    Metadata { name: Name, value: Quoted },
}

/// What an assignment defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An intermediate quantity.
    Name(Name),
    /// `d/dt(x)`
    Derivative(Name),
    /// `x(0)`
    InitialValue(Name),
    /// `f(x)`: fraction of a dose into `x` that arrives.
    Bioavailability(Name),
    /// `alag(x)` or `lag(x)`
    Lag(Name),
    /// `rate(x)`: rate of doses with RATE -1.
    Rate(Name),
    /// `mtime(x)`: `x` is a time at which the integrator stops.
    StopTime(Name),
    /// `dur(x)`: duration of doses with RATE -2.
    Duration(Name),
}

/// How a covariate runs between its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// The last record holds (`forward`, the default).
    #[default]
    Forward,
    /// The next record holds (`backward`).
    Backward,
    /// Half the sum of the last and the next record holds (`midpoint`).
    Midpoint,
    /// Straight line (`linear`).
    Linear,
}

/// A property of the person or the day, given from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariate {
    /// Name, as in the event file's column.
    pub name: Name,
    /// Value where none is given; absent where one must be.
    pub default: Option<Expr>,
    /// Unit of what is given, where there is no default to carry it.
    pub unit: Option<UnitText>,
    /// Between records.
    pub interpolation: Interpolation,
    /// `bounds(lo, hi)`: what it may be.
    pub bounds: Option<(Option<Expr>, Option<Expr>)>,
    /// Meaning for search and output.
    pub label: Option<Name>,
}

/// Where a number comes from: any of these, in any order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    /// `source KEY`
    pub sources: Vec<Name>,
    /// `assumed "reason"`
    pub assumed: Option<Quoted>,
}

/// `occasion …`: how one person differs from one occasion to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Occasion {
    /// The distribution.
    pub spread: Spread,
    /// The covariate that numbers the occasions; none for `occ`.
    pub by: Option<Name>,
}

/// `uncertain …` or `varies …` with its own provenance.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// The clause.
    pub span: Span,
    /// `lognormal(cv 50[%])`, `ci95(2.1, 17)` …
    pub distribution: Call,
    /// Given where it differs from the parameter's.
    pub provenance: Provenance,
}

/// A parameter and its clauses.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Name.
    pub name: Name,
    /// Literal with unit, or an expression over `row(KEY)`.
    pub value: Expr,
    /// Source or reason of the value.
    pub provenance: Provenance,
    /// What we don't know.
    pub uncertain: Option<Spread>,
    /// `fixed "why"`: no uncertainty, said so.
    pub fixed: Option<Quoted>,
    /// How people differ.
    pub varies: Option<Spread>,
    /// How one person differs between occasions.
    pub occasion: Option<Occasion>,
    /// Factor from covariates, with its own provenance.
    pub scales: Option<(Expr, Provenance)>,
    /// `bounds(lo, hi)`
    pub bounds: Option<(Option<Expr>, Option<Expr>)>,
    /// Meaning for search and output.
    pub label: Option<Name>,
    /// Of an `override`: the value that the module has.
    pub replaces: Option<Expr>,
}

/// A state variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Compartment {
    /// Name.
    pub name: Name,
    /// Unit of its amount; absent in `ini/model` text.
    pub unit: Option<UnitText>,
    /// Usual size, for the absolute tolerance.
    pub scale: Option<Expr>,
    /// Meaning for search and output.
    pub label: Option<Name>,
}

/// A change that is made when a condition comes true.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Name in messages.
    pub name: Name,
    /// `when …`
    pub condition: Expr,
    /// `then x = …, y = …`: compartments and registers, and what they become.
    pub changes: Vec<(Name, Expr)>,
    /// `delay 1[h]`
    pub delay: Option<Expr>,
    /// `priority 2`
    pub priority: Option<Expr>,
    /// `cancelable`: taken back where the condition falls during the delay.
    pub cancelable: bool,
    /// `late_values`: computed when the change is made.
    pub late_values: bool,
    /// `at_start`: a condition that holds from the start counts.
    pub at_start: bool,
}

/// A quantity that is reported.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Name; `value` absent means an assignment or compartment of that name.
    pub name: Name,
    /// What it is.
    pub value: Option<Expr>,
    /// Unit it is shown in.
    pub unit: Option<UnitText>,
    /// Meaning for search and output.
    pub label: Option<Name>,
}

/// Where a run starts.
#[derive(Debug, Clone, PartialEq)]
pub enum InitialMode {
    /// All derivatives zero.
    SteadyState,
    /// The state that repeats with this period.
    Periodic(Expr),
}

/// `name(arguments)`; an argument may carry a word in front (`cv 50[%]`) or `name =`.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Function name.
    pub name: Name,
    /// Arguments in order.
    pub arguments: Vec<Argument>,
    /// The whole call.
    pub span: Span,
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// `cv` in `cv 50[%]`, `n` in `n = 3`.
    pub word: Option<Name>,
    /// The value.
    pub value: Expr,
}

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: Box<ExprKind>,
}

/// The kinds of expression.
#[allow(missing_docs, reason = "each variant's line names its fields")]
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `70[kg]`, `2`; `digits` is the literal as written.
    Number { value: f64, digits: String, unit: Option<UnitText> },
    /// A name; `t` and `time` are the time.
    Name(String),
    /// `f(a, b)`; `row(KEY)` holds its key as a name, `linCmt()`, `transit(n, mtt)`, `tad()` too.
    Call(Call),
    /// `-x`, `!x`
    Unary(UnaryOp, Expr),
    /// `a + b`
    Binary(BinaryOp, Expr, Expr),
    /// Parse error already reported; checked as anything.
    Error,
}

/// Prefix operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-x`
    Neg,
    /// `+x`
    Plus,
    /// `!x`
    Not,
}

/// Infix operators, in the order of binding from loose to tight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `||`, `or`
    Or,
    /// `&&`, `and`
    And,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `^`, `**`: binds tighter than a sign on its left, groups to the right
    Pow,
}
