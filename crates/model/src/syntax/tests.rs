use super::ast::{BinaryOp, Dialect, Expr, ExprKind, ItemKind, Target, UnaryOp};
use super::{parse, print};
use epsom_diag::FileId;
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// Codes, places and messages of `text`.
fn check(text: &str, expect: Expect) {
    let (_, diagnostics) = parse(text, FileId(0));
    let mut said = String::new();
    for diagnostic in diagnostics {
        let place = diagnostic.primary.as_ref().map(|label| label.span).unwrap_or_default();
        let location = epsom_diag::locate(text, place.start);
        said.push_str(&format!(
            "{} {}:{} {}\n",
            diagnostic.code, location.line, location.column, diagnostic.message
        ));
        for help in diagnostic.help {
            said.push_str(&format!("  help: {help}\n"));
        }
    }
    expect.assert_eq(&said);
}

/// An expression in prefix form.
fn shape(expr: &Expr) -> String {
    match &*expr.kind {
        ExprKind::Number { digits, unit, .. } => match unit {
            Some(unit) => format!("{digits}[{}]", unit.text),
            None => digits.clone(),
        },
        ExprKind::Name(name) => name.clone(),
        ExprKind::Call(call) => {
            let arguments: Vec<String> = call
                .arguments
                .iter()
                .map(|argument| match &argument.word {
                    Some(word) => format!("{}:{}", word.text, shape(&argument.value)),
                    None => shape(&argument.value),
                })
                .collect();
            format!("{}({})", call.name.text, arguments.join(", "))
        }
        ExprKind::Unary(UnaryOp::Neg, operand) => format!("(neg {})", shape(operand)),
        ExprKind::Unary(op, operand) => format!("({op:?} {})", shape(operand)),
        ExprKind::Binary(op, left, right) => {
            format!("({op:?} {} {})", shape(left), shape(right))
        }
        ExprKind::Error => "error".to_string(),
    }
}

fn expr_shape(text: &str) -> String {
    let (tree, diagnostics) = parse(&format!("x = {text}"), FileId(0));
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    match &tree.items[0].kind {
        ItemKind::Assign { value, .. } => shape(value),
        other => panic!("{other:?}"),
    }
}

#[test]
fn operators_bind_as_in_print() {
    for (text, expected) in [
        ("-x^2", "(neg (Pow x 2))"),
        ("2^-1", "(Pow 2 (neg 1))"),
        ("a^b^c", "(Pow a (Pow b c))"),
        ("a - b - c", "(Sub (Sub a b) c)"),
        ("a / b * c", "(Mul (Div a b) c)"),
        ("a + b * c ** 2", "(Add a (Mul b (Pow c 2)))"),
        ("-a * b", "(Mul (neg a) b)"),
        ("not a < b and c or d", "(Or (And (Not (Lt a b)) c) d)"),
        ("1 +\n 2", "(Add 1 2)"),
        ("f(cv 50[%], n = 3,\n y)", "f(cv:50[%], n:3, y)"),
        ("ln(2) / row(PK016)", "(Div ln(2) row(PK016))"),
    ] {
        assert_eq!(expr_shape(text), expected, "{text}");
    }
}

#[test]
fn clauses_go_on_over_lines() {
    let text = "param cl = 5.1[L/h]  source PK061\n  uncertain ci95(2.1, 17)\n  \
                varies lognormal(cv 30[%]) assumed \"as creatinine\"\n  scales (wt/70[kg])^0.75\n\
                label = 3\n";
    let (tree, diagnostics) = parse(text, FileId(0));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let ItemKind::Param(param) = &tree.items[0].kind else { panic!("a parameter") };
    assert_eq!(param.provenance.sources[0].text, "PK061");
    assert!(param.provenance.assumed.is_none());
    let varies = param.varies.as_ref().expect("varies");
    assert_eq!(varies.provenance.assumed.as_ref().expect("reason").text, "as creatinine");
    assert!(param.scales.is_some() && param.uncertain.is_some());
    assert!(matches!(&tree.items[1].kind,
        ItemKind::Assign { target: Target::Name(name), .. } if name.text == "label"));
}

#[test]
fn ini_model_text() {
    let text = "ini({\n  lcl <- c(-1, 0.5, 2) # x\n  label(\"clearance\")\n  v <- fix(35)\n  \
                eta.cl + eta.v ~ c(0.09, 0.01, 0.04)\n})\nmodel({\n  cl <- exp(lcl + eta.cl)\n  \
                d/dt(central) = -cl/v*central\n  central(0) = 1\n  f(central) = 0.5\n  \
                cp = central/v\n  cp ~ prop(prop.sd) + add(0.1)\n  if (t > 2) { x = 1 } else x = 2\n})\n";
    let (tree, diagnostics) = parse(text, FileId(0));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(tree.dialect, Dialect::IniModel);
    let kinds: Vec<String> = tree
        .items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::Param(param) => format!("param {}", param.name.text),
            ItemKind::Correlate { value, .. } => format!("correlate {}", shape(value)),
            ItemKind::Assign { target, .. } => match target {
                Target::Name(name) => format!("assign {}", name.text),
                other => format!("{other:?}").split('(').next().unwrap_or_default().to_string(),
            },
            ItemKind::Residual { terms, .. } => format!("residual {}", terms.len()),
            ItemKind::If { arms, otherwise } => {
                format!("if {} {}", arms.len(), otherwise.is_some())
            }
            other => format!("{other:?}"),
        })
        .collect();
    expect![[r#"
        param lcl
        param v
        param eta.cl
        param eta.v
        correlate (Div 0.01 sqrt((Mul 0.04 0.09)))
        assign cl
        Derivative
        InitialValue
        Bioavailability
        assign cp
        residual 2
        if 1 true"#]]
    .assert_eq(&kinds.join("\n"));
}

#[test]
fn all_mistakes_are_reported_in_one_run() {
    check(
        "model m\ncompartmnt a [mmol]\nx = (1 + \ny = 2 2\nd/dt(a = 3\nz = 1 $ 2\nif (x >) { w = }\nu = \"open\n",
        expect![[r#"
            E0101 6:7 `$` has no meaning here
              help: remove it; texts stand in quotes, comments after `#`
            E0102 8:5 a quoted text does not end on its line
              help: close it with `"`
            E0105 2:1 `compartmnt` begins no statement
              help: did you mean `compartment`?
            E0103 4:3 expected `)` at the end of the expression, found `=`
            E0103 5:8 expected `)` at the end of `d/dt(`, found `=`
            E0103 6:9 expected the end of the statement, found `2`
            E0103 7:8 expected a value, found `)`
            E0103 7:16 expected a value, found `}`
            E0103 8:5 expected a value, found "open"
        "#]],
    );
}

#[test]
fn nesting_is_bounded() {
    let text = format!("x = {}1{}", "(".repeat(100_000), ")".repeat(100_000));
    let (_, diagnostics) = parse(&text, FileId(0));
    assert_eq!(diagnostics[0].code, "E0104");
    let text = format!("x = {}1", "-".repeat(100_000));
    assert_eq!(parse(&text, FileId(0)).1[0].code, "E0104");
    let text = "if (x) {\n".repeat(100_000);
    assert!(parse(&text, FileId(0)).1.iter().any(|said| said.code == "E0104"));
}

proptest! {
    #[test]
    fn any_text_is_parsed_without_panic(text in "[ -~\n\u{e9}]{0,200}") {
        let _ = parse(&text, FileId(0));
    }

    #[test]
    fn any_row_of_tokens_is_parsed_without_panic(words in proptest::collection::vec(
        proptest::sample::select(vec![
            "model", "param", "x", "=", "(", ")", "{", "}", "if", "else", "1", "[h]", "\n", ";",
            "d/dt(x)", "~", "ini", "source", "uncertain", "\"q\"", ",", "-", "window", "every",
            "output", "compartment", "#c\n", "function", "initial", "correlate", "<-", "+",
        ]), 0..60)) {
        let _ = parse(&words.join(" "), FileId(0));
    }
}

#[test]
fn binary_operators_are_all_read() {
    assert_eq!(expr_shape("a >= b"), "(Ge a b)");
    assert_eq!(expr_shape("a != b"), format!("({:?} a b)", BinaryOp::Ne));
}

/// The `ini` block of a text in canonical form.
fn ini_lines(lines: &str) -> Vec<String> {
    let text = format!("ini({{\n{lines}\n}})\nmodel({{\n  d/dt(x) <- -x\n}})\n");
    let (tree, diagnostics) = parse(&text, FileId(0));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let once = print(&tree);
    assert_eq!(print(&parse(&once, FileId(0)).0), once);
    once.lines().skip(1).take_while(|line| *line != "})").map(|line| line.trim().into()).collect()
}

#[test]
fn a_word_holds_an_estimate_wherever_it_stands() {
    for (text, canonical) in [
        ("a <- fix(1)", "a <- fixed(1)"),
        ("a <- FIXED(0, 1, 2)", "a <- fixed(0, 1, 2)"),
        ("a <- fixed(c(0, 1))", "a <- fixed(0, 1)"),
        ("a <- c(0, 1, 2, fixed)", "a <- fixed(0, 1, 2)"),
        ("a <- c(1, FIX)", "a <- fixed(1)"),
        ("a <- c(0, fix(1))", "a <- fixed(0, 1)"),
        ("a <- log(fix(2))", "a <- fixed(log(2))"),
        ("e ~ c(0.1, fixed)", "e ~ fixed(0.1)"),
        ("e + g ~ c(fix(0.1), 0.01, 0.2)", "e + g ~ fixed(0.1, 0.01, 0.2)"),
    ] {
        assert_eq!(ini_lines(text), [canonical], "{text}");
    }
}

#[test]
fn effects_are_read_as_variances_deviations_and_lower_factors() {
    for (text, canonical) in [
        ("e ~ sd(0.3)", "e ~ sd(0.3)"),
        ("e ~ var(0.3)", "e ~ 0.3"),
        ("e ~ sd(0.3) | occ", "e ~ sd(0.3) | occ"),
        ("e + g ~ sd(0.3, 0.01, 0.2)", "e + g ~ sd(0.3, 0.01, 0.2)"),
        ("e + g ~ cor(0.09, 0.5, 0.04)", "e + g ~ cor(0.09, 0.5, 0.04)"),
        ("e + g ~ sd(cor(0.3, 0.5, 0.2))", "e + g ~ cor(sd(0.3, 0.5, 0.2))"),
        ("e + g ~ fix(cor(sd(0.3, 0.5, 0.2)))", "e + g ~ fixed(cor(sd(0.3, 0.5, 0.2)))"),
        ("e + g ~ chol(3, 1, 2)", "e + g ~ c(3 * 3, 1 * 3, 1 * 1 + 2 * 2)"),
    ] {
        assert_eq!(ini_lines(text), [canonical], "{text}");
    }
}

#[test]
fn a_line_with_more_numbers_goes_on_with_the_effects_above() {
    let lines =
        "e ~ 0.1\ng ~ c(0.01, 0.2)\nh ~ c(0.02, 0.03, 0.3)\ni ~ 0.4\nj ~ sd(0.2)\nk ~ c(0.01, 0.5)";
    assert_eq!(
        ini_lines(lines),
        [
            "e + g + h ~ c(0.1, 0.01, 0.2, 0.02, 0.03, 0.3)",
            "i ~ 0.4",
            "j + k ~ c(0.2 * 0.2, 0.01, 0.5)"
        ]
    );
    // Not over a level, a parameter between, or a block that is closed by its number.
    for lines in
        ["e ~ 0.1 | occ\ng ~ c(0.01, 0.2)", "e ~ 0.1\na <- 1\ng ~ c(0.01, 0.2)", "e ~ c(0.1, 0.2)"]
    {
        let text = format!("ini({{\n{lines}\n}})\nmodel({{\n  d/dt(x) <- -x\n}})\n");
        let (_, diagnostics) = parse(&text, FileId(0));
        assert_eq!(diagnostics[0].message, "1 random effect needs 1 number, found 2", "{lines}");
    }
}

#[test]
fn what_nothing_honors_is_refused_by_name() {
    check(
        "m <- function() {\n units <-\n ini({\n  a <- c(1, 2, 3, 4)\n  backTransform(exp)\n  e ~ 0.1 | occ\n  b ~ 0.1 + 2\n })\n\
         model({\n  params(wt)\n  print(a)\n  param x = 1\n  d/dt(c) <- -c\n })\n}\n",
        expect![[r#"
            E0103 2:10 expected a value, found the end of the line
            E0108 4:8 more than three numbers for a parameter
              help: write `name <- c(low, estimate, high)`
            E0108 5:3 `backTransform` is not supported here
            E0108 10:3 `params` is not supported here
              help: leave it out, or write what it does as an assignment
            E0108 11:3 `print` is not supported here
              help: leave it out, or write what it does as an assignment
            E0105 12:3 `param` begins no statement of this text form
              help: parameters stand in `ini({…})`, without a word in front
        "#]],
    );
}
