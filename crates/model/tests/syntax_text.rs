//! Printing and formatting keep what a text says.

mod common;

use common::model_texts;
use epsom_diag::{FileId, has_errors};
use epsom_model::syntax::ast::{
    BinaryOp, Expr, ExprKind, Item, ItemKind, Name, Target, Tree, UnaryOp,
};
use epsom_model::syntax::{format, parse, print};
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// The tree without places, for comparing.
fn shape(tree: &Tree) -> String {
    let text = format!("{tree:#?}");
    let mut kept = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        if trimmed == "span: Span {" {
            let depth = line.len() - trimmed.len();
            for inner in lines.by_ref() {
                if inner.len() - inner.trim_start().len() == depth {
                    break;
                }
            }
            continue;
        }
        kept.push(line);
    }
    kept.join("\n")
}

fn read(text: &str, name: &str) -> Tree {
    let (tree, said) = parse(text, FileId(0));
    assert!(said.is_empty(), "{name}: {said:?}\n{text}");
    tree
}

fn comments(text: &str) -> Vec<String> {
    // No text of the tree has a `#` in quotes or units, which the test of formatting covers.
    text.lines().filter_map(|line| Some(line[line.find('#')?..].trim_end().to_string())).collect()
}

#[test]
fn every_model_text_of_the_tree() {
    let mut n_texts = 0;
    for (name, text) in model_texts() {
        let (tree, said) = parse(&text, FileId(0));
        if has_errors(&said) {
            assert!(format(&text, FileId(0)).is_err(), "{name}");
            continue;
        }
        let printed = print(&tree);
        assert_eq!(shape(&read(&printed, &name)), shape(&tree), "{name}\n{printed}");
        assert_eq!(print(&read(&printed, &name)), printed, "{name}");
        let formatted = format(&text, FileId(0)).expect("no mistakes");
        assert_eq!(shape(&read(&formatted, &name)), shape(&tree), "{name}\n{formatted}");
        assert_eq!(format(&formatted, FileId(0)).expect("no mistakes"), formatted, "{name}");
        assert_eq!(comments(&formatted), comments(&text), "{name}");
        n_texts += 1;
    }
    assert!(n_texts > 60, "{n_texts}");
}

fn check(text: &str, expect: Expect) {
    let formatted = format(text, FileId(0)).expect("no mistakes");
    expect.assert_eq(&formatted);
    assert_eq!(format(&formatted, FileId(0)).expect("no mistakes"), formatted);
    assert_eq!(shape(&read(&formatted, "formatted")), shape(&read(text, "given")));
}

#[test]
fn statements_of_a_model() {
    check(
        r##"

# A header
model   m  "has # no comment"  ;  time [ h ]# unit


param cl=5.1 [L/h] assumed 'a "reason"' uncertain ci95 ( 2 , 17 )   # short
param v = 5[L] assumed "x"   # why
  # a line between
  uncertain lognormal( cv 30[%])  # spread
  varies lognormal(cv 3[%]) scales ((wt/70[kg]))^(0.75) bounds(, 9[L]) label "a b"
param long = row(PK016) assumed "a reason that goes on and on and on" uncertain normal(sd 0.1[L]) fixed "no" label x

compartment a[mmol],  b [mmol] scale 3[mmol] , # both
  c [mmol]
x = -(a+b)^2^c - -(a - (b - c))/(d*(e/f)) # end
y = not (a<b) and !(c or d) +  # first
  # second
  1
if (t>3[h]) {   # open

  d/dt(a) = 1 # one

  # last
} else if (b) z = 1 else { if (c) { z = 2 }
 # inner
}
# tail
output Cc = (2) [mmol/L] label k
output b
total = aaaaaaaaaaaaaaaaaaaaaaaaaaaaa + bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb - (ccccccccccccccccccccccc + ddddddddddd)
"##,
        expect![[r##"
            # A header
            model m "has # no comment"
            time [h]  # unit

            param cl = 5.1[L/h] assumed 'a "reason"' uncertain ci95(2, 17)  # short
            param v = 5[L] assumed "x"  # why
              # a line between
              uncertain lognormal(cv 30[%])  # spread
              varies lognormal(cv 3[%])
              scales (wt / 70[kg])^0.75
              bounds(, 9[L])
              label "a b"
            param long = row(PK016) assumed "a reason that goes on and on and on"
              uncertain normal(sd 0.1[L])
              fixed "no"
              label x

            compartment a [mmol], b [mmol] scale 3[mmol],  # both
                        c [mmol]
            x = -(a + b)^2^c - -(a - (b - c)) / (d * (e / f))  # end
            # first
            # second
            y = not a < b and not (c or d) + 1
            if (t > 3[h]) {  # open
              d/dt(a) = 1  # one

              # last
            } else if (b) {
              z = 1
            } else {
              if (c) {
                z = 2
              }
              # inner
            }
            # tail
            output Cc = (2) [mmol/L] label k
            output b
            total = aaaaaaaaaaaaaaaaaaaaaaaaaaaaa + bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb -
                (ccccccccccccccccccccccc + ddddddddddd)
        "##]],
    );
}

#[test]
fn ini_model_text() {
    check(
        "# published\none <- function ( ) {\n  # note\n ini( {\n lcl=log(c(0,1,2)) # a\n  lv <- c(0, 3)\n label('L')\n\
         ka <- fix(c(1,2,3)); k = fixed(4)\n # etas\n  eta.a ~ 0.1\n eta.b+eta.c ~ c(1, # var\n 0.5,2)\n eta.d ~ fix(.1)\n })\n\n\
         model({\n # start\n cl = exp(lcl+eta.a); d/dt(x) <- -cl*x\n if (a && !b) { y <- 1 } else { y <- 2 }\n cp ~ add(s)+prop(k) # end\n})\n # off\n}\n",
        expect![[r##"
            # published
            one <- function() {
              # note
              ini({
                lcl <- c(log(0), log(1), log(2))  # a
                lv <- c(0, 3); label("L")
                ka <- fixed(1, 2, 3)
                k <- fixed(4)
                # etas
                eta.a ~ 0.1
                # var
                eta.b + eta.c ~ c(1, 0.5, 2)
                eta.d ~ fixed(.1)
              })

              model({
                # start
                cl <- exp(lcl + eta.a)
                d/dt(x) <- -cl * x
                if (a && !b) {
                  y <- 1
                } else {
                  y <- 2
                }
                cp ~ add(s) + prop(k)  # end
              })
              # off
            }
        "##]],
    );
}

#[test]
fn text_around_ini_and_model() {
    check(
        "two.r <- function() {\n  description <- \"Two; # parts\"\n  reference = 'someone'  # who\n\
         units <- list(time = 'day', # of a life\n   dosing=\"mg\")\n\n  ini({\n lv <- c(-Inf, 3, Inf) ; label('V')\n eta.v ~ fix(0.1) | id })\n\
         model({\n cmt(depot) ; linear(wt, crp); nocb(age)\n v <- exp(lv + eta.v) * (wt/70)\n if (wt > 70 & age < 40 | crp == 0) v2 <- 1 else v2 <- 2\n\
         linCmt() ~ add(0.1) + prop(0.2) + combined1() | central\n eff ~ boxCox(0.5) + add(1)\n })\n}\n",
        expect![[r#"
            two.r <- function() {
              description <- "Two; # parts"
              reference <- 'someone'  # who
              units <- list(time = 'day', # of a life
               dosing="mg")

              ini({
                lv <- c(-Inf, 3, Inf); label("V")
                eta.v ~ fixed(0.1)
              })
              model({
                cmt(depot)
                linear(wt, crp)
                nocb(age)
                v <- exp(lv + eta.v) * (wt / 70)
                if (wt > 70 && age < 40 || crp == 0) {
                  v2 <- 1
                } else {
                  v2 <- 2
                }
                rxLinCmt <- linCmt()
                rxLinCmt ~ add(0.1) + prop(0.2) + combined1() | central
                eff ~ boxCox(0.5) + add(1)
              })
            }
        "#]],
    );
}

fn expressions() -> impl Strategy<Value = Expr> {
    let made = |kind| Expr { span: Default::default(), kind: Box::new(kind) };
    let number = |digits: &str| ExprKind::Number {
        value: digits.parse().expect("digits"),
        digits: digits.into(),
        unit: None,
    };
    let leaf =
        prop_oneof![Just(ExprKind::Name("x".into())), Just(number("2")), Just(number(".5e-3")),]
            .prop_map(made);
    let unary = prop_oneof![Just(UnaryOp::Neg), Just(UnaryOp::Plus), Just(UnaryOp::Not)];
    let binary = proptest::sample::select(vec![
        BinaryOp::Or,
        BinaryOp::And,
        BinaryOp::Eq,
        BinaryOp::Lt,
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Mul,
        BinaryOp::Div,
        BinaryOp::Pow,
    ]);
    leaf.prop_recursive(6, 40, 2, move |inner| {
        prop_oneof![
            (unary.clone(), inner.clone()).prop_map(move |(op, a)| made(ExprKind::Unary(op, a))),
            (binary.clone(), inner.clone(), inner)
                .prop_map(move |(op, a, b)| made(ExprKind::Binary(op, a, b))),
        ]
    })
}

proptest! {
    #[test]
    fn any_expression_reads_back(value in expressions()) {
        let name = Name { text: "y".into(), span: Default::default() };
        let kind = ItemKind::Assign { target: Target::Name(name), value };
        let item = Item { span: Default::default(), kind };
        let tree = Tree { items: vec![item], ..Tree::default() };
        let printed = print(&tree);
        let (again, said) = parse(&printed, FileId(0));
        prop_assert!(said.is_empty(), "{}", printed);
        prop_assert_eq!(shape(&again), shape(&tree), "{}", printed);
    }

    #[test]
    fn any_text_is_formatted_twice_alike(
        rows in proptest::collection::vec((
            proptest::sample::select(vec![
                "param x = 1[h] assumed \"q\"", "  uncertain sd(1)", " fixed 'w'", "label k",
                "compartment a [mmol]", "compartment b, c", "if (x) {", "} else {", "}", "else y = 2",
                "d/dt(x) = 1", "y = 2 +", "  3 * (4 +", ") ", "ini({", "})", "model({", "k ~ 0.1",
            ]),
            proptest::sample::select(vec!["\n", " # behind\n", "\n\n", "\n# own\n", ";", " "]),
        ), 0..12)) {
        let text: String = rows.iter().flat_map(|(a, b)| [*a, *b]).collect();
        if let Ok(once) = format(&text, FileId(0)) {
            let (tree, _) = parse(&text, FileId(0));
            prop_assert_eq!(shape(&read(&once, &text)), shape(&tree), "{}", text);
            prop_assert_eq!(comments(&once).len(), comments(&text).len(), "{}", text);
            prop_assert_eq!(format(&once, FileId(0)).expect("formatted"), once, "{}", text);
        }
    }
}
