//! Which of the things not known matter, from the command line.

mod common;

use common::{column, epsom, folder_with};
use serde_json::Value;
use std::path::Path;

/// The output is the product of two parameters and the dose, whatever the time; a third parameter
/// does nothing, and a fourth is known.
const MODEL: &str = "model m \"A product\"
time [h]
substance Mg
param a = 2[1] assumed \"example\"
  uncertain uniform(1, 3) assumed \"example\"
param b = 3[1] assumed \"example\"
  uncertain uniform(2, 4) assumed \"example\"
param idle = 1[1/h] assumed \"example\"
  uncertain lognormal(cv 30[%]) assumed \"example\"
param known = 1[1] assumed \"example\"
  fixed \"example\"
compartment held [mmol], gone [mmol]
d/dt(held) = 0[mmol/h]
d/dt(gone) = -idle * gone
output y = known * a * b * held [mmol] label result
";

fn json(folder: &Path, more: &[&str], code: i32) -> Value {
    let start = ["sensitivity", "m.epm", "--regimen", "1 mmol Mg as citrate", "--json"];
    let done = epsom(folder).args(start).args(more).assert().code(code);
    serde_json::from_slice(&done.get_output().stdout).expect("JSON")
}

#[test]
fn a_product_has_the_shares_of_its_closed_form() {
    let folder = folder_with("sensitivity_product", &[("m.epm", MODEL)]);
    let value = json(&folder, &["--n", "1024"], 0);
    assert_eq!(value["schema"], "epsom.sensitivity/1");
    let output = &value["outputs"][0];
    // E a = 2, E b = 3, both with variance 1/3: 9/3 and 4/3 alone, 1/9 together.
    let all = 9.0 / 3.0 + 4.0 / 3.0 + 1.0 / 9.0;
    for (name, first, total) in [
        ("a", 3.0 / all, (3.0 + 1.0 / 9.0) / all),
        ("b", 4.0 / 3.0 / all, (4.0 / 3.0 + 1.0 / 9.0) / all),
        ("idle", 0.0, 0.0),
    ] {
        let factors = output["factors"].as_array().expect("factors");
        let factor = factors.iter().find(|one| one["params"][0]["name"] == name).expect(name);
        for (kind, wanted) in [("first", first), ("total", total)] {
            let number = |end: &str| factor[kind][end].as_f64().expect("a number");
            // Three half-widths of the 95 % interval: about six standard errors.
            let half = (number("hi") - number("lo")) / 2.0;
            assert!((number("value") - wanted).abs() <= 3.0 * half + 1e-9, "{name} {factor}");
            assert!(half < 0.1, "{name} {factor}");
        }
    }
    assert!(output["factors"].as_array().is_some_and(|list| list.len() == 3), "`known` is known");
    // The tornado is exact: 1 mmol times a at its ends times 3.
    let first = &output["factors"][0]["params"][0];
    assert_eq!((&first["name"], &first["level"]), (&"a".into(), &"assumed".into()));
    let near = |value: &Value, wanted: f64| {
        (value.as_f64().expect("a number") - wanted).abs() < 1e-6 * wanted
    };
    assert!(near(&first["low"], 1.05) && near(&first["high"], 2.95), "{first}");
    assert!(near(&first["at_low"], 3.15) && near(&first["at_high"], 8.85), "{first}");
    assert!(near(&output["typical"], 6.0));
}

#[test]
fn threads_do_not_show_and_more_rows_change_none() {
    let folder = folder_with("sensitivity_threads", &[("m.epm", MODEL)]);
    let with = |threads: &str| {
        let run =
            epsom(&folder).args(["sensitivity", "m.epm", "--regimen", "1 mmol Mg as citrate"]);
        let done = run.args(["--n", "40"]).env("RAYON_NUM_THREADS", threads).assert().code(0);
        done.get_output().stdout.clone()
    };
    assert_eq!(with("1"), with("2"));
}

#[test]
fn words_files_and_figures_are_made() {
    let folder = folder_with("sensitivity_files", &[("m.epm", MODEL)]);
    for file in ["x.svg", "x.png", "x.csv"] {
        let run =
            epsom(&folder).args(["sensitivity", "m.epm", "--regimen", "1 mmol Mg as citrate"]);
        let done = run.args(["--n", "64", "-o", file]).assert().code(0);
        let text = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
        assert!(
            text.contains("The missing measurement that matters most is `a` (assumed)"),
            "{text}"
        );
        assert!(text.contains("not medical advice") && text.contains(file), "{text}");
        assert!(folder.join(file).metadata().expect("a file").len() > 100, "{file}");
    }
    let svg = std::fs::read_to_string(folder.join("x.svg")).expect("a figure");
    assert!(svg.contains("change of y (mmol)") && svg.contains("a 1.1 to 3.0"), "bars are named");
    let rows = std::fs::read_to_string(folder.join("x.csv")).expect("a table");
    assert_eq!(column(&rows, "typical_change").len(), 3);
}

#[test]
fn correlated_parameters_are_one_factor() {
    let model = MODEL.to_string() + "correlate a, b = 0.5 assumed \"example\"\n";
    let folder = folder_with("sensitivity_block", &[("m.epm", &model)]);
    let value = json(&folder, &["--n", "64"], 0);
    let factors = value["outputs"][0]["factors"].as_array().expect("factors");
    assert_eq!(factors.len(), 2);
    assert_eq!(factors[0]["params"].as_array().map(Vec::len), Some(2));
    // Nothing else matters: the block has all of the variance.
    let total = factors[0]["total"].clone();
    assert!(total["lo"].as_f64() < Some(1.0) && total["hi"].as_f64() > Some(1.0), "{total}");
    let run = epsom(&folder).args(["sensitivity", "m.epm", "--regimen", "1 mmol Mg as citrate"]);
    let done = run.args(["--n", "16"]).assert().code(0);
    let text = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    assert!(text.contains("Correlated parameters share their draws"), "{text}");
}

#[test]
fn bad_settings_are_refused() {
    let known = "model k\ntime [h]\nsubstance Mg\ncompartment a [mmol]\n\
                 d/dt(a) = 0[mmol/h]\noutput y = a [mmol]\n";
    let folder = folder_with("sensitivity_bad", &[("m.epm", MODEL), ("k.epm", known)]);
    for (file, more, code, said) in [
        ("m.epm", &["--n", "1"][..], 2, "`--n` is 1"),
        ("m.epm", &["--window", "0"], 2, "`--window` is 0"),
        ("m.epm", &["--output", "z"], 2, "the model has no output `z`"),
        ("m.epm", &["-o", "x.txt"], 2, "`x.txt` does not say what to write"),
        ("m.epm", &["--param", "c=1"], 2, "the model has no parameter `c`"),
        ("k.epm", &[], 3, "nothing of the model is uncertain"),
        ("none.epm", &[], 3, "cannot read model `none.epm`"),
    ] {
        let start = ["sensitivity", file, "--regimen", "1 mmol Mg as citrate"];
        let done = epsom(&folder).args(start).args(more).assert().code(code);
        let shown = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(shown.contains(said), "{more:?}: {shown}");
        assert!(done.get_output().stdout.is_empty(), "{more:?}");
    }
}
