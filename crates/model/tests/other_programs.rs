//! What people type who know other programs: each message says what to type here.

mod common;

use common::{check_text, shown};
use epsom_diag::FileId;
use epsom_model::syntax::parse;
use expect_test::{Expect, expect};

const HEAD: &str = "model m\ntime [h]\n";
const TAIL: &str = "compartment depot [mg]\nd/dt(depot) = -ka * depot\noutput o = depot [mg]\n";
const KA: &str = "param ka = 0.9[1/h] assumed \"e\"\n";

/// What reading says of these texts, and what checking says of the rest.
fn says(texts: &[String], expect: Expect) {
    let mut all = String::new();
    for text in texts {
        let (tree, mut said) = parse(text, FileId(0));
        if said.is_empty() {
            said = check_text(text).diagnostics;
        } else {
            let world = epsom_model::check::World {
                evidence: epsom_evidence::builtin(),
                substances: epsom_evidence::builtin_substances(),
            };
            let rest = epsom_model::check::check_rest(&tree, &world, text, &said);
            said.extend(rest);
        }
        said.retain(|one| one.code != "W0510");
        all += &format!("{}\n", "-".repeat(20));
        all += &said.iter().map(|one| shown(text, one)).collect::<String>();
    }
    expect.assert_eq(&all);
}

fn parameter(line: &str) -> String {
    format!("{HEAD}{line}\n{TAIL}")
}

fn equation(line: &str) -> String {
    format!("{HEAD}{KA}{}", TAIL.replace("d/dt(depot) = -ka * depot", line))
}

#[test]
fn units_without_brackets() {
    says(
        &[
            parameter("param ka = 0.9 1/h assumed \"e\""),
            parameter("param ka = 0.9 h-1 assumed \"e\""),
            parameter("param v = 15 L assumed \"e\"\nparam ka = 0.9[1/h] assumed \"e\""),
            parameter("param v = 15 mL/min assumed \"e\"\nparam ka = 0.9[1/h] assumed \"e\""),
            parameter("param v = 15[Ltr] assumed \"e\"\nparam ka = 0.9[1/h] assumed \"e\""),
            parameter(
                "covariate wt = 70[lb]\nparam ka = 0.9[1/h] assumed \"e\" scales wt / 70[kg]",
            ),
            parameter("param ka = exp(-0.1)[1/h] assumed \"e\"\n  varies lognormal(cv 20[%])"),
        ],
        expect![[r#"
            --------------------
            E0103 a unit stands without its brackets
              at 3:16 units stand in brackets, right behind the number
              help: write `0.9[1/h]`
            --------------------
            E0103 a unit stands without its brackets
              at 3:16 units stand in brackets, right behind the number
              help: write `0.9[h-1]`
            --------------------
            E0103 a unit stands without its brackets
              at 3:14 units stand in brackets, right behind the number
              help: write `15[L]`
            --------------------
            E0103 a unit stands without its brackets
              at 3:14 units stand in brackets, right behind the number
              help: write `15[mL/min]`
            --------------------
            W0201 parameter `v` is not used
              at 3:7 nothing reads it
            E0301 this unit is not understood
              at 3:13 `Ltr` is not a unit
              help: write `[L]`
            --------------------
            E0301 this unit is not understood
              at 3:18 `lb` is not a unit
              help: give it in a unit of the list: 1 lb is `0.45359237[kg]`
            --------------------
            E0103 a unit stands behind something that is no number
              at 3:21 an expression has the unit that follows from its parts
              help: multiply by one of it: `… * 1[1/h]`
        "#]],
    );
}

#[test]
fn statements_of_other_programs() {
    says(
        &[
            parameter("ka <- 0.9[1/h] assumed \"e\" bounds(0, 5)"),
            parameter("ka = 0.9[1/h]\n  assumed \"e\""),
            parameter("param ka = c(0, 0.9, 5) assumed \"e\""),
            parameter("param ka = 0.9[1/h] assumed \"\""),
            parameter("// absorption\nparam ka = 0.9[1/h] assumed \"e\" // fast"),
            equation("d(depot)/dt = -ka * depot"),
            equation("dDepot/dt = -ka * depot"),
            equation("depot' = -ka * depot"),
            equation("DADT(1) = -ka * depot"),
            equation("dxdt_depot = -ka * depot"),
            parameter("substance drugx\nparam ka = 0.9[1/h] assumed \"e\""),
            parameter("param ka = 0.9[1/h] source smith2003"),
        ],
        expect![[r#"
            --------------------
            E0103 expected the end of the statement, found `assumed`
              at 3:16 expected the end of the statement
              help: a parameter begins with `param`: `param ka = …`
            --------------------
            E0105 `assumed` begins no statement
              at 4:3 not a statement
              help: a clause follows a parameter: begin the statement before it with `param`
            --------------------
            E0207 no function `c`
              at 3:12 not known
              help: a parameter has one value, and its limits behind it: `param ka = 0.9[1/h] … bounds(0, 5)`
            --------------------
            E0501 the reason is empty
              at 3:29 this says nothing
              help: write why the number is what it is, or name a row: `source KEY`
            --------------------
            E0101 `//` begins no comment
              at 3:1 read as two divisions
              help: comments begin with `#`
            E0101 `//` begins no comment
              at 4:33 read as two divisions
              help: comments begin with `#`
            --------------------
            E0105 this is no left side of an assignment
              at 5:1 a derivative is written in another way
              help: write `d/dt(depot) = …`
            --------------------
            E0105 this is no left side of an assignment
              at 5:1 a derivative is written in another way
              help: write `d/dt(depot) = …`
            --------------------
            E0105 this is no left side of an assignment
              at 5:1 a derivative is written in another way
              help: write `d/dt(depot) = …`
            --------------------
            E0105 `DADT(…)` can't be assigned
              at 5:1 not a left side
              note: left sides: `x`, `d/dt(x)`, `x(0)`, `f(x)`, `alag(x)`, `rate(x)`, `dur(x)`, `mtime(x)`
              help: a derivative is written `d/dt(NAME) = …`
            --------------------
            E0209 `dxdt_depot` does nothing here
              at 5:1 a derivative in other programs, here a name that nothing reads
              help: a derivative is `d/dt(depot) = -ka * depot`
            --------------------
            E0303 no substance `drugx`
              at 3:11 not in the table of substances
              note: substances: `Ca`, `CaT`, `Mg`, `MgT`, `PTH`, `calcidiol`, `calcitriol`, `cholecalciferol`, `cortisol`, `glutamate`, `iMg`, `melatonin`, `morphine`, `rocuronium`, `threonate`
              help: a drug of one's own needs none: leave the line out
            --------------------
            E0502 no evidence row `smith2003`
              at 3:28 not in the evidence tables
              help: search them with `epsom evidence search WORDS`, or write `assumed "Smith 2003, table 2"` in place of `source`
        "#]],
    );
}

#[test]
fn one_mistake_one_message() {
    says(
        &[
            parameter("param ka = 0.9[1/h] varies 0.09\n  assumed \"e\"\n  label absorption"),
            parameter("param ka = 0.9[1/h] assumed \"e\"\nparam kel = 0.1[1/h] assumed \"e\"")
                .replace("-ka *", "-kaa *"),
            format!("{HEAD}{KA}{TAIL}event low when o < 3[mg] then depot = 0\n"),
        ],
        expect![[r#"
            --------------------
            E0103 expected a distribution, such as `lognormal(cv 30[%])`, found `0.09`
              at 3:28 expected a distribution, such as `lognormal(cv 30[%])`
            --------------------
            W0201 parameter `kel` is not used
              at 4:7 nothing reads it
            E0201 `kaa` is not defined
              at 6:16 not found in this model
              help: did you mean `ka`?
            --------------------
            E0201 `o` is an output, which nothing reads
              at 7:16 outputs are reported; quantities are read
              and 6:8 declared here
              help: write `o_now = depot`, then `output o = o_now`, and read `o_now`
        "#]],
    );
}

const FUNCTION: &str = "one <- function() {
  ini({
    lka <- log(0.9)  # } not the end
    eta.ka ~ 0.09
    addsd <- 0.1
  })
  model({
    ka <- exp(lka + eta.ka)
    d/dt(depot) <- -ka * depot
    cp <- depot / 2
    cp ~ add(addsd)
  })
}
";

#[test]
fn a_script_around_a_model_function() {
    let script = format!(
        "# a fit\nlibrary(nlmixr2)\ndata <- read.csv(\"x.csv\")\n{FUNCTION}fit <- nlmixr2(one, data, est = \"focei\")\nprint(fit)\n"
    );
    says(
        &[
            script.clone(),
            FUNCTION.into(),
            format!(
                "{script}two <- function() {{\n  ini({{ a <- 1 }})\n  model({{ d/dt(x) <- -a * x }})\n}}\n"
            ),
            "mod <- rxode2({\n  d/dt(depot) = -ka * depot\n})\n".into(),
        ],
        expect![[r#"
            --------------------
            N0102 lines around the model function are not read
              at 2:1 such as this one
            --------------------
            --------------------
            N0102 lines around the model function are not read
              at 2:1 such as this one
              note: of 2 model functions the first is read
            --------------------
            N0102 `rxode2({…})` is read as `model({…})`
              at 1:8 lines around it are not read
              note: what it gives no value is a covariate: a column, or `--covariate NAME=VALUE`
        "#]],
    );
    let (tree, _) = parse(&script, FileId(0));
    let (alone, _) = parse(FUNCTION, FileId(0));
    assert_eq!(tree.items.len(), alone.items.len());
    // Places stay those of the script.
    let start = tree.items[0].span.start as usize;
    assert_eq!(&script[start..start + 3], "one");
}

#[test]
fn names_that_nothing_defines_in_a_function() {
    says(
        &[
            FUNCTION.replace("lka + eta.ka", "lka + eta.kaa"),
            FUNCTION.replace("cp <- depot", "cp <- dept"),
            FUNCTION.replace("add(addsd)", "add(addds)"),
            FUNCTION.replace("depot / 2", "depot / WT"),
        ],
        expect![[r#"
            --------------------
            W0202 `eta.kaa` is taken as a covariate
              at 8:21 nothing in the text defines it
              help: did you mean `eta.ka`?
              help: if it is one, give a column `eta.kaa` in the event file
            --------------------
            W0202 `dept` is taken as a covariate
              at 10:11 nothing in the text defines it
              help: did you mean `depot`?
              help: if it is one, give a column `dept` in the event file
            --------------------
            E0201 `addds` is not defined
              at 11:14 not found in this model
              help: did you mean `addsd`?
            --------------------
            W0202 `WT` is taken as a covariate
              at 10:19 nothing in the text defines it
              help: give a column `WT` in the event file, or mend the spelling
        "#]],
    );
}

#[test]
fn bounds_of_a_covariate() {
    let of = |covariate: &str| {
        let text = parameter("param ka = 0.9[1/h] assumed \"e\" scales crcl / 100[mL/min]")
            .replace("param ka", &format!("covariate {covariate}\nparam ka"));
        let formatted = epsom_model::syntax::format(&text, FileId(0)).expect("it is read");
        assert_eq!(formatted.lines().filter(|line| line.contains("crcl")).count(), 2);
        assert!(formatted.contains(&format!("covariate {covariate}\n")), "{formatted}");
        check_text(&text)
    };
    let model = |covariate: &str| of(covariate).model.expect("no mistake");
    let both = model("crcl = 100[mL/min] linear bounds(5, 200[mL/min]) label clearance");
    // 100 mL/min are 6 L/h.
    let (lo, hi) = both.covariates[0].bounds;
    assert!((lo - 0.3).abs() < 1e-12 && (hi - 12.0).abs() < 1e-12, "{lo} {hi}");
    assert_eq!(model("crcl [mL/min] bounds(0, )").covariates[0].bounds, (0.0, f64::INFINITY));
    let text = epsom_model::ir::print(&both);
    let back = epsom_model::ir::read(&text).expect("its own text");
    assert_eq!((back.covariates, text.contains("bounds")), (both.covariates, true));
    let said = |covariate: &str| {
        let said = of(covariate).diagnostics;
        said.into_iter().map(|one| format!("{} {}", one.code, one.message)).collect::<Vec<_>>()
    };
    assert_eq!(said("crcl = 3[mL/min] bounds(5, )"), ["E0411 `crcl` lies outside its bounds"]);
    assert_eq!(said("crcl [mL/min] bounds(9, 5)"), ["E0411 `crcl` lies outside its bounds"]);
    assert_eq!(said("crcl = 3[mL/min] bounds(0[kg], )"), ["E0312 units do not match"]);
}
