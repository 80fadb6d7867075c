//! Names that mean something in other programs and would do nothing here.

use epsom_diag::Diagnostic;

use super::{Checker, Symbol};
use crate::syntax::ast::{Dialect, ItemKind, Target};
use crate::syntax::print_expr;

/// Words before the number or the name of a compartment, and the left side that says the same.
const WORDS: &[(&str, &str, &str)] = &[
    ("F", "f", "bioavailability"),
    ("ALAG", "alag", "a lag before absorption"),
    ("R", "rate", "the rate of a dose"),
    ("D", "dur", "the duration of a dose"),
    ("S", "", "a scale"),
    ("dxdt_", "d/dt", "a derivative"),
    ("DADT", "d/dt", "a derivative"),
];

/// Functions of rxode2 and nlmixr2 that nothing here honors, and what to write.
const FUNCTIONS: &[(&[&str], &str)] = &[
    (
        &[
            "rnorm",
            "rxnorm",
            "rxnormV",
            "rxbinom",
            "rxpois",
            "rxunif",
            "rxexp",
            "rxgamma",
            "rxt",
            "rxbeta",
            "rxweibull",
            "rxcauchy",
            "rxgeom",
            "rxchisq",
            "rxf",
            "rinorm",
            "riunif",
            "simeps",
            "simeta",
            "runif",
            "rpois",
            "rbinom",
            "rexp",
        ],
        "a model draws nothing while it runs: people differ by an effect, `eta.x ~ 0.09`, and \
         measurements by `~ add(…)`",
    ),
    (
        &["delay"],
        "a state of an earlier time cannot be read; a delay is a chain of compartments, or \
         `transit(n, mtt)`",
    ),
    (&["tlast"], "write `t - tad()`"),
    (
        &["tafd", "tfirst", "tad0", "tafd0", "tlast0", "tfirst0", "podo0", "dosenum", "dose"],
        "`tad()` is the time since the last dose, `podo()` its amount, `t` the time",
    ),
    (
        &["lag", "lead", "first", "last", "diff"],
        "records before or after cannot be read; a delay of doses is `alag(x) <- …`, a column runs \
      between its records by `locf(x)`, `nocb(x)`, `midpoint(x)` or `linear(x)`",
    ),
    (&["c", "rep", "seq", "sum", "prod"], "there are no vectors; write the terms out"),
    (&["round", "trunc", "sign"], "write `floor(x + 0.5)`, or `ifelse(x < 0, -1, 1)`"),
    (&["linCmtA", "linCmtB"], "write `linCmt()`"),
    (
        &[
            "pois",
            "dpois",
            "binom",
            "dbinom",
            "nbinom",
            "dnbinom",
            "beta",
            "t",
            "dt",
            "cauchy",
            "dcauchy",
            "unif",
            "dunif",
            "weibull",
            "ordinal",
            "chisq",
            "dchisq",
            "exponential",
            "geom",
            "hyper",
            "ar",
            "propT",
            "powT",
            "propF",
            "powF",
            "dnorm2",
            "probitNorm",
            "var",
            "dv",
        ],
        "errors of measurements are `add`, `prop`, `pow`, `lnorm`, `logitNorm`, `boxCox`, `yeoJohnson`",
    ),
];

/// What says that a function is known elsewhere and not honored here.
pub(super) fn unsupported(name: &str) -> Option<Diagnostic> {
    let (_, help) = FUNCTIONS.iter().find(|(names, _)| names.contains(&name))?;
    let said = Diagnostic::error("E0108", format!("`{name}` is not supported"));
    Some(said.help(*help))
}

impl Checker<'_> {
    /// The message about an unused name that NONMEM or mrgsolve would act on.
    pub(super) fn elsewhere(&self, name: &str) -> Option<Diagnostic> {
        let &(symbol, span) = self.symbols.get(name)?;
        let (left, what, compartment) = WORDS.iter().find_map(|&(word, left, what)| {
            let letters = word.len();
            let head = name.get(..letters)?;
            // One letter is common: only as those programs write it.
            let same = if letters == 1 && word != "F" {
                head == word
            } else {
                head.eq_ignore_ascii_case(word)
            };
            let compartment = same.then(|| self.compartment_of(name.get(letters..)?)).flatten()?;
            Some((left, what, compartment))
        })?;
        let value = match symbol {
            Symbol::Assigned(item) => match &self.tree.items[item].kind {
                ItemKind::Assign { target: Target::Name(_), value } => {
                    print_expr(value, Dialect::Epm)
                }
                _ => "…".into(),
            },
            Symbol::Param(_) => name.into(),
            _ => return None,
        };
        let help = match left {
            "" => format!("divide where it is shown: `output conc = {compartment} / {value}`"),
            _ => format!("{what} is `{left}({compartment}) = {value}`"),
        };
        Some(
            Diagnostic::error("E0209", format!("`{name}` does nothing here"))
                .at(span, format!("{what} in other programs, here a name that nothing reads"))
                .help(help),
        )
    }

    /// The compartment that `1`, `_gut` or `gut` means.
    fn compartment_of(&self, rest: &str) -> Option<String> {
        let registers = &self.model.registers;
        let own: Vec<&str> = (0..self.model.compartments.len())
            .filter(|at| !registers.contains(at))
            .map(|at| self.model.compartments[at].name.as_str())
            .collect();
        if let Ok(number) = rest.parse::<usize>() {
            return own.get(number.checked_sub(1)?).map(|name| name.to_string());
        }
        let word = rest.strip_prefix('_').unwrap_or(rest);
        own.iter().find(|name| name.eq_ignore_ascii_case(word)).map(|name| name.to_string())
    }
}
