use super::{ModuleText, expand};
use crate::check::{Checked, World, check};
use epsom_diag::FileId;
use epsom_evidence::{builtin, builtin_substances};
use expect_test::{Expect, expect};

const LOSS: &str = "model loss\ntime [h]\nsubstance Mg\ncovariate wt = 70[kg]\nport intake [mmol/h]\n\
    param k = 0.1[1/h] assumed \"example\" scales wt / 70[kg]\nparam v = 2[L] assumed \"example\"\n\
    compartment store [mmol], urine [mmol]\nfunction flow(x) = k * x\nout = flow(store)\ninflow intake\n\
    d/dt(store) = intake - out\nd/dt(urine) = out\nconserve store + urine\ninitial steady_state\n\
    output conc = store / v [mmol/L]\nconc ~ prop(4[%]) assumed \"example\"\n";

fn load(path: &str) -> Result<ModuleText, String> {
    let text = match path {
        "loss" => LOSS,
        "parts/pair" => {
            "substance Mg\nport intake [mmol/h]\nuse loss as first (intake = intake)\n\
            use loss as second (intake = first.out)\nout = second.out\n"
        }
        "around" => "use around as again\n",
        "other" => "substance MgO\n",
        "bad" => "param x = \n",
        "r" => "ini({\n k <- 1\n})\n",
        _ => return Err("no such file".into()),
    };
    Ok(ModuleText { text: text.into(), file: FileId(1) })
}

fn checked(text: &str) -> Checked {
    let (tree, said) = crate::syntax::parse(text, FileId(0));
    assert!(said.is_empty(), "{said:?}");
    let (tree, said) = expand(&tree, &mut load);
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let mut checked = check(&tree, &world);
    checked.diagnostics.splice(0..0, said);
    checked
}

fn says(text: &str, expect: Expect) {
    let (tree, said) = crate::syntax::parse(text, FileId(0));
    assert!(said.is_empty(), "{said:?}");
    let mut lines = String::new();
    for one in expand(&tree, &mut load).1 {
        let label = one.primary.as_ref().map(|label| label.text.as_str()).unwrap_or_default();
        lines += &format!("{} {} | {label}\n", one.code, one.message);
        lines += &one.notes.iter().map(|note| format!("  note: {note}\n")).collect::<String>();
        lines += &one.help.iter().map(|help| format!("  help: {help}\n")).collect::<String>();
    }
    expect.assert_eq(&lines);
}

const HEAD: &str = "model whole\ntime [h]\nsubstance Mg\n";

#[test]
fn a_module_is_written_out_under_its_name() {
    let found = checked(&format!(
        "{HEAD}covariate wt = 80[kg]\ncompartment gut [mmol]\nparam ka = 1[1/h] assumed \"example\"\n\
         absorbed = ka * gut\nd/dt(gut) = -absorbed\nuse loss as body (intake = absorbed)\n\
         override body.k = 0.2[1/h] assumed \"another\" uncertain lognormal(cv 10[%])\n\
         output total = gut + body.store + body.urine\n"
    ));
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    let model = found.model.expect("no mistake");
    let names: Vec<&str> = model.compartments.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["gut", "body.store", "body.urine"]);
    let outputs: Vec<&str> = model.outputs.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(outputs, ["body.conc", "total"]);
    // The person's weight is one, as the file that is run says it.
    assert_eq!((model.covariates.len(), model.covariates[0].default), (1, 80.0));
    let k = model.params.iter().find(|one| one.name == "body.k").expect("renamed");
    assert_eq!((k.value, k.provenance.assumed.as_deref()), (0.2, Some("another")));
    assert_eq!(model.start, crate::ir::Start::Values);
    assert_eq!(found.info.balances.len(), 1);
}

#[test]
fn modules_use_modules() {
    let found = checked(&format!(
        "{HEAD}use parts/pair as pair (intake = 1[mmol/h])\noutput lost = pair.out [mmol/h]\n"
    ));
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    let model = found.model.expect("no mistake");
    assert_eq!(model.compartments[3].name, "pair.second.urine");
    assert_eq!(model.params[3].name, "pair.second.v");
}

#[test]
fn a_module_stands_alone_with_its_ports_given_from_outside() {
    let found = checked(LOSS);
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    let covariates = found.model.expect("no mistake").covariates;
    assert_eq!(covariates[1].name, "intake");
    assert!(covariates[1].default.is_nan());
}

#[test]
fn units_of_ports_are_checked_and_mistakes_are_told() {
    let found = checked(&format!("{HEAD}use loss as body (intake = 3[mmol])\n"));
    let said: Vec<String> = found
        .diagnostics
        .iter()
        .map(|one| {
            format!(
                "{} {}",
                one.code,
                one.primary.as_ref().map(|l| l.text.clone()).unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(said, ["E0312 this is mmol, but port `body.intake` needs mmol/h"]);
    says(
        &format!(
            "{HEAD}use los as a\nuse around as b\nuse other as c\nuse bad as d\nuse r as e\n\
             use loss as f\nuse loss as g (intak = 1[mmol/h])\noverride f.kk = 1 assumed \"x\"\n\
             override f.v = 1[L] assumed \"x\"\n"
        ),
        expect![[r#"
            E0110 module `los` cannot be used | no such file
              help: a path is taken from the folder of the model that is run
            E0110 module `around` cannot be used | it leads back to itself
              note: `around` uses `around`
            E0110 module `other` cannot be used | it speaks of other substances
              note: the module declares `MgO`, this file `Mg`
              help: a bare amount must mean the same in both
            E0103 expected a value, found the end of the text | expected a value
            E0110 module `r` cannot be used | it is `ini({…}) model({…})` text
              help: write it as `.epm` first: `epsom convert`
            E0111 `f` leaves ports unbound | not bound: `intake`
              help: bind them: `as f (intake = …)`
            E0111 no port `intak` | the module does not declare it
              help: did you mean `intake`?
            E0111 `g` leaves ports unbound | not bound: `intake`
              help: bind them: `as g (intake = …)`
            E0112 no parameter `f.kk` | nothing to override
              help: did you mean `f.k`?
        "#]],
    );
}
