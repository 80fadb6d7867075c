//! `epsom qualify --calibrate` as a user runs it.

mod common;

use common::{epsom, folder, folder_with, names_in};

const TABLE: &str = "parameter,transformation,prior_row,log_sd,log_sd_reason,row,meaning
v_p,log,EPS001,0.25,an example,EPS154,volume of plasma
";

#[test]
fn one_parameter_is_fitted_and_everything_is_written() {
    let folder = folder_with("calibrate_one", &[("table.csv", TABLE)]);
    let command = epsom(&folder);
    let command = command.args([
        "qualify",
        "--calibrate",
        "--parameters",
        "table.csv",
        "--json",
        "-o",
        "out",
    ]);
    let output = command.output().expect("runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found["schema"], "epsom.calibration/1");
    let one = &found["parameters"][0];
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    let (lo, hi) = (number(&one["bounds"]["lo"]), number(&one["bounds"]["hi"]));
    assert!((lo..=hi).contains(&number(&one["estimate"])));
    assert!(number(&found["objective"]["fitted"]) <= number(&found["objective"]["at_priors"]));
    assert_eq!(found["correlation"]["of_logarithms"][0][0], 1.0);
    let names = [
        "calibration.json",
        "parameters.csv",
        "profiles.png",
        "profiles.svg",
        "report.html",
        "targets.csv",
        "values.csv",
    ];
    assert_eq!(names_in(&folder.join("out")), names);
    let rows = std::fs::read_to_string(folder.join("out/values.csv")).expect("written");
    assert!(rows.lines().nth(1).is_some_and(|row| row.starts_with("EPS154,v_p,")), "{rows}");
}

#[test]
fn a_table_without_a_spread_says_what_to_state() {
    let table = TABLE.replace("0.25,an example", ",");
    let folder = folder_with("calibrate_wrong", &[("table.csv", table.as_str())]);
    let command = epsom(&folder).args(["qualify", "--calibrate", "--parameters", "table.csv"]);
    command.assert().code(4).stdout_eq("").stderr_eq(
        "error[E0735]: `table.csv` does not say what to fit: parameter `v_p`: its row prints no \
         spread: state `log_sd` above 0\n |\n = help: columns: parameter, transformation, \
         prior_row, log_sd, log_sd_reason, row, meaning\n\n",
    );
}

#[test]
fn calibration_takes_neither_groups_nor_draws() {
    for wrong in [["--draws", "5"], ["--group", "fluid"]] {
        let command = epsom(&folder("calibrate_usage"));
        let command = command.args(["qualify", "--calibrate"]).args(wrong);
        command.assert().code(2);
    }
}
