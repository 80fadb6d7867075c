//! Exposure, from the command line.

mod common;

use common::{column, epsom, folder_with};
use std::path::Path;

/// A bolus that halves every two hours, in two people and two groups.
const DATA: &str = "ID,TIME,AMT,DV,TRT
1,0,80,.,a
1,0,.,8,a
1,2,.,4,a
1,4,.,2,a
1,8,.,BLQ,a
2,0,80,.,a
2,0,.,4,a
2,2,.,2,a
2,4,.,1,a
1,0,80,.,b
1,0,.,16,b
1,2,.,8,b
1,4,.,4,b
2,0,80,.,b
2,0,.,8,b
2,2,.,4,b
2,4,.,2,b
";

fn nca(folder: &Path, more: &[&str], code: i32) -> (String, String) {
    let done = epsom(folder).args(["nca", "data.csv"]).args(more).assert().code(code);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&done.get_output().stdout), text(&done.get_output().stderr))
}

#[test]
fn rows_of_a_file_hold_every_measure() {
    let folder = folder_with("nca_rows", &[("data.csv", DATA)]);
    let more = ["--by", "TRT", "--iv", "--units", "h,mmol/L,mmol", "-o", "x.csv"];
    let (text, said) = nca(&folder, &more, 0);
    assert!(said.is_empty(), "{said}");
    assert!(text.contains("Written to x.csv") && text.contains("L/h"), "{text}");
    let rows = std::fs::read_to_string(folder.join("x.csv")).expect("written");
    let half_lives = column(&rows, "half_life");
    // A line through three points: a few roundings.
    assert!(half_lives.iter().all(|one| (one - 2.0).abs() < 32.0 * f64::EPSILON));
    let areas = column(&rows, "auc_inf");
    assert_eq!(areas.len(), 4);
    // c0 / k, and twice as much in the second group.
    let wanted = 8.0 * 2.0 / std::f64::consts::LN_2;
    assert!((areas[0] - wanted).abs() < 64.0 * f64::EPSILON * wanted);
    assert!((areas[2] - 2.0 * wanted).abs() < 64.0 * f64::EPSILON * wanted);
    nca(&folder, &["-o", "x.parquet", "--by", "TRT"], 0);
    assert!(folder.join("x.parquet").metadata().expect("a file").len() > 100);
}

#[test]
fn ratios_are_paired_where_people_are_and_parallel_where_asked() {
    let folder = folder_with("nca_ratio", &[("data.csv", DATA)]);
    let json = |more: &[&str]| -> serde_json::Value {
        let more = [&["--by", "TRT", "--iv", "--ratio", "b/a", "--json"], more].concat();
        serde_json::from_str(&nca(&folder, &more, 0).0).expect("JSON")
    };
    let paired = json(&[]);
    assert_eq!(paired["schema"], "epsom.nca/1");
    assert_eq!(paired["ratios"]["of"], "b over a");
    let first = &paired["ratios"]["measures"][0];
    // Every person has exactly twice as much: the interval has no width.
    assert_eq!((&first["measure"], &first["n"]), (&"cmax".into(), &2.into()));
    let near = |value: &serde_json::Value, wanted: f64| {
        (value.as_f64().expect("a number") - wanted).abs() < 1e-12
    };
    assert!(near(&first["ratio"], 2.0) && near(&first["lo"], 2.0) && near(&first["hi"], 2.0));
    assert_eq!(first["verdict"], "outside 80 to 125 %");
    let parallel = json(&["--parallel"]);
    let first = &parallel["ratios"]["measures"][0];
    assert!(near(&first["ratio"], 2.0));
    assert!(first["lo"].as_f64() < Some(0.8) && first["hi"].as_f64() > Some(5.0));
}

#[test]
fn profiles_that_cannot_be_used_leave_the_others() {
    let data = format!("{DATA}3,0,80,.,a\n3,2,.,4,a\n3,1,.,5,a\n");
    let folder = folder_with("nca_part", &[("data.csv", &data)]);
    let (text, said) = nca(&folder, &["--by", "TRT", "--json"], 4);
    assert!(said.contains("E0744") && said.contains("times of person `3` do not rise"), "{said}");
    assert!(said.contains("data.csv:21:1"), "{said}");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["profiles"].as_array().map(Vec::len), Some(4));
}

#[test]
fn odd_profiles_are_told() {
    let zero = "TIME,AMT,DV\n0,5,.\n0,.,0\n1,.,0\n2,.,0\n";
    let one = "TIME,AMT,DV\n0,5,.\n1,.,3\n";
    let folder = folder_with("nca_odd", &[("zero.csv", zero), ("one.csv", one)]);
    for (file, auc) in [("zero.csv", 0.0), ("one.csv", 1.5)] {
        let done = epsom(&folder).args(["nca", file, "--json"]).assert().code(0);
        let value: serde_json::Value =
            serde_json::from_slice(&done.get_output().stdout).expect("JSON");
        assert_eq!(value["profiles"][0]["auc_last"], auc, "{file}");
        assert!(value["profiles"][0]["half_life"].is_null(), "{file}");
        assert!(value["notes"].to_string().contains("1 of 1 profiles have no terminal phase"));
    }
}

#[test]
fn bad_settings_are_refused() {
    let folder = folder_with("nca_bad", &[("data.csv", DATA)]);
    for (more, code, said) in [
        (&["--partial", "3"][..], 2, "`--partial 3` cannot be used"),
        (&["--terminal", "8:24,1:2"], 2, "`--terminal 8:24,1:2` cannot be used"),
        (&["--interval", "0"], 2, "`--interval 0` cannot be used"),
        (&["--dose", "0"], 2, "`--dose 0` cannot be used"),
        (&["--baseline", "x"], 2, "`--baseline x` cannot be used"),
        (&["--baseline", "matched"], 2, "`--baseline matched` cannot be used"),
        (&["--units", "h"], 2, "`--units h` cannot be used"),
        (&["--by", "TRT", "--ratio", "a"], 2, "`--ratio a` cannot be used"),
        (&["--by", "TRT", "--ratio", "a/c"], 2, "there is no group `c`"),
        (&["--by", "FORM"], 4, "there is no column `FORM` to group by"),
        (&["-o", "x.svg"], 2, "`x.svg` does not say what to write"),
    ] {
        let (text, shown) = nca(&folder, more, code);
        assert!(shown.contains(said), "{more:?}: {shown}");
        assert!(text.is_empty(), "{more:?}");
    }
    epsom(&folder).args(["nca", "none.csv"]).assert().code(4);
}

/// One compartment, its amount the concentration, and a start that is not solved.
const FALL: &str = "model fall
time [h]
substance Mg
param k = 0.2[1/h] assumed \"x\"
  uncertain lognormal(cv 20[%]) assumed \"x\"
  varies lognormal(cv 30[%]) assumed \"x\"
compartment a [mmol], urine [mmol]
d/dt(a) = -k * a
d/dt(urine) = k * a
output y = a / 2[L] [mmol/L]
";

/// The same, fed at a rate that keeps 5 mmol without a dose.
const HELD: &str = "model held
time [h]
substance Mg
param k = 0.2[1/h] assumed \"x\"
compartment a [mmol], urine [mmol]
d/dt(a) = 1[mmol/h] - k * a
d/dt(urine) = k * a
initial steady_state
output y = a / 2[L] [mmol/L]
";

fn of_model(folder: &Path, file: &str, more: &[&str]) -> serde_json::Value {
    let done = epsom(folder).args(["nca", file, "--json"]).args(more).assert().code(0);
    serde_json::from_slice(&done.get_output().stdout).expect("JSON")
}

/// The grid of the profile follows exponentials by the rule's own shape, so that nothing but the
/// run's tolerance is left; areas divide it by the rate.
fn near(value: &serde_json::Value, wanted: f64) -> bool {
    let value = value.as_f64().unwrap_or(f64::NAN);
    (value - wanted).abs() < 1e-6 * wanted.abs()
}

#[test]
fn a_model_gives_the_exposure_of_its_closed_form() {
    let folder = folder_with("nca_model", &[("fall.epm", FALL), ("held.epm", HELD)]);
    for file in ["fall.epm", "held.epm"] {
        let regimen = ["--regimen", "10 mmol Mg as citrate", "--iv"];
        let found = of_model(&folder, file, &regimen);
        let one = &found["profiles"][0];
        assert!(near(&one["cmax"], 5.0) && near(&one["auc_inf"], 25.0), "{file}: {one}");
        assert!(near(&one["half_life"], std::f64::consts::LN_2 / 0.2), "{file}: {one}");
        assert!(near(&one["clearance"], 0.4) && near(&one["mrt"], 5.0), "{file}: {one}");
        let urine = 10.0 * (1.0 - epsom_maths::exp(-0.2 * 24.0));
        assert!(near(&one["urine_24h"], urine), "{file}: {one}");
        // Each interval of 12 h for a week: the last is at steady state.
        let regimen = ["--regimen", "10 mmol Mg as citrate every 12 h for 7 d", "--iv"];
        let found = of_model(&folder, file, &regimen);
        let one = &found["profiles"][0];
        let left = epsom_maths::exp(-0.2 * 12.0);
        assert!(near(&one["auc_interval"], 25.0), "{file}: {one}");
        assert!(near(&one["cmax"], 5.0 / (1.0 - left)), "{file}: {one}");
        assert!(near(&one["accumulation"], 1.0 / (1.0 - left)), "{file}: {one}");
        assert!(near(&one["accumulation_seen"], 1.0 / (1.0 - left)), "{file}: {one}");
        assert!(near(&one["clearance"], 0.4), "{file}: {one}");
    }
    // With what is there anyway, the area has no end.
    let whole = ["--regimen", "10 mmol Mg as citrate", "--baseline", "none"];
    let found = of_model(&folder, "held.epm", &whole);
    assert!(near(&found["profiles"][0]["cmax"], 7.5), "{found}");
    let before = ["--regimen", "10 mmol Mg as citrate", "--baseline", "before"];
    let found = of_model(&folder, "held.epm", &before);
    assert!(near(&found["profiles"][0]["cmax"], 5.0), "{found}");
}

#[test]
fn an_infusion_into_a_model_keeps_its_mean_time() {
    let folder = folder_with("nca_infusion", &[("fall.epm", FALL)]);
    let regimen = ["--regimen", "10 mmol Mg iv over 4 h", "--into", "a"];
    let found = of_model(&folder, "fall.epm", &regimen);
    let one = &found["profiles"][0];
    // Straight pieces of 0.25 h of a rise that bends: Δ² k² / 12 of its area, and of its moment.
    let part = 0.25 * 0.25 * 0.2 * 0.2 / 12.0;
    let bent = |value: &serde_json::Value, wanted: f64, n_areas: f64| {
        (value.as_f64().unwrap_or(f64::NAN) / wanted - 1.0).abs() < n_areas * part
    };
    assert!(bent(&one["auc_inf"], 25.0, 1.0), "{one}");
    assert!(bent(&one["mrt"], 5.0, 2.0) && bent(&one["volume_steady"], 2.0, 3.0), "{one}");
}

#[test]
fn people_draws_and_two_regimens_are_paired() {
    let folder = folder_with("nca_people", &[("fall.epm", FALL)]);
    let both = ["--regimen", "10 mmol Mg as citrate", "--iv", "--against", "20 mmol Mg as citrate"];
    for many in [&["--n", "5"][..], &["--draws", "5"], &["--n", "3", "--draws", "4"]] {
        let found = of_model(&folder, "fall.epm", &[&both[..], many].concat());
        // A linear model: exactly half in every person and draw, so the interval has no width.
        let area = &found["ratios"]["measures"][0];
        for end in ["ratio", "lo", "hi"] {
            assert!(near(&area[end], 0.5), "{many:?}: {area}");
        }
        assert_eq!(area["verdict"], "outside 80 to 125 %");
    }
    let done = epsom(&folder).args(["nca", "fall.epm"]).args(both).assert().code(2);
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(said.contains("`--against` has one person and no draws"), "{said}");
}

#[test]
fn exposure_stands_beside_rows() {
    let folder = folder_with("nca_beside", &[("fall.epm", FALL)]);
    let run = ["simulate", "fall.epm", "--regimen", "10 mmol Mg as citrate", "--n", "3"];
    epsom(&folder).args(run).args(["-o", "rows.csv", "--nca", "nca.csv"]).assert().code(0);
    let rows = std::fs::read_to_string(folder.join("nca.csv")).expect("written");
    assert_eq!(column(&rows, "cmax"), [5.0, 5.0, 5.0]);
    epsom(&folder).args(run).args(["-o", "rows.csv", "--nca", "nca.json"]).assert().code(0);
    let text = std::fs::read_to_string(folder.join("nca.json")).expect("written");
    let beside: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let alone = of_model(&folder, "fall.epm", &["--regimen", "10 mmol Mg as citrate", "--n", "3"]);
    assert_eq!(beside, alone);
    let done = epsom(&folder).args(run).args(["--nca", "nca.txt"]).assert().code(2);
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(said.contains("`nca.txt` does not say what to write"), "{said}");
}

#[test]
fn bad_settings_of_a_model_are_refused() {
    let thin = FALL.replace("2[L] [mmol/L]", "(k / 0.2[1/h] - 1) [mmol]");
    let folder = folder_with("nca_model_bad", &[("m.epm", FALL), ("thin.epm", &thin)]);
    let regimen = &["--regimen", "10 mmol Mg as citrate"][..];
    for (file, regimen, more, code, said) in [
        ("m.epm", &[][..], &[][..], 2, "there is no dose"),
        ("m.epm", regimen, &["--output", "z"], 2, "the model has no output `z`"),
        ("m.epm", regimen, &["--dose", "2"], 2, "there is no dose 2"),
        ("m.epm", regimen, &["--after", "0"], 2, "`--after 0` cannot be used"),
        ("m.epm", regimen, &["--by", "TRT"], 2, "`--by` belongs to a file of concentrations"),
        ("m.epm", regimen, &["--n", "0"], 2, "`--n` is 0"),
        ("none.epm", regimen, &[], 3, "cannot read model `none.epm`"),
        ("thin.epm", regimen, &[], 5, "1 of 1 runs have no exposure"),
    ] {
        let run = epsom(&folder).args(["nca", file]).args(regimen).args(more).assert().code(code);
        let shown = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(shown.contains(said), "{more:?}: {shown}");
        assert!(run.get_output().stdout.is_empty(), "{more:?}");
    }
    let folder = folder_with("nca_model_file", &[("data.csv", DATA)]);
    let (_, said) = nca(&folder, &["--regimen", "1 g MgT"], 2);
    assert!(said.contains("`--regimen` belongs to a model"), "{said}");
    let (_, said) = nca(&folder, &["--baseline", "undosed"], 2);
    assert!(said.contains("`--baseline undosed` belongs to a model"), "{said}");
}

#[test]
fn a_forest_holds_each_covariate_against_the_reference() {
    let model = FALL
        .replace("substance Mg\n", "substance Mg\ncovariate wt = 70[kg]\n")
        .replace("2[L]", "(2[L] * wt / 70[kg])");
    let folder = folder_with("nca_forest", &[("m.epm", &model)]);
    let start = ["nca", "m.epm", "--regimen", "10 mmol Mg as citrate", "--draws", "8"];
    let run = |more: &[&str], code: i32| {
        let done = epsom(&folder).args(start).args(more).assert().code(code);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&done.get_output().stdout), text(&done.get_output().stderr))
    };
    let (text, _) = run(&["--forest", "wt=35,70,140[kg]", "--json"], 0);
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["schema"], "epsom.forest/1");
    let rows = value["rows"].as_array().expect("rows");
    // The volume follows weight and nothing else does: each draw has the same ratio.
    for (label, wanted) in [("wt=35", 2.0), ("wt=70", 1.0), ("wt=140[kg]", 0.5)] {
        let own: Vec<_> = rows.iter().filter(|row| row["covariate"] == label).collect();
        let cmax = own.iter().find(|row| row["measure"] == "cmax").expect("a row");
        assert!(["ratio", "lo", "hi"].iter().all(|end| near(&cmax[*end], wanted)), "{cmax}");
        let urine = own.iter().find(|row| row["measure"] == "urine_24h").expect("a row");
        assert!(near(&urine["ratio"], 1.0), "{urine}");
    }
    let (text, _) = run(&["--forest", "wt=35,140", "-o", "f.svg"], 0);
    assert!(text.contains("outside 80 to 125 %") && text.contains("Written to f.svg"), "{text}");
    let svg = std::fs::read_to_string(folder.join("f.svg")).expect("written");
    assert!(svg.contains("wt=35") && svg.contains("80 to 125 %") && !svg.contains("NaN"));
    for (more, said) in [
        (&["--forest", "wt"][..], "`--forest wt` cannot be used"),
        (&["--forest", "wt="], "`--forest wt=` cannot be used"),
        (&["--forest", "age=50"], "the model has no covariate `age`"),
        (&["--forest", "wt=50", "-o", "f.txt"], "`f.txt` does not say what to write"),
        (&["--forest", "wt=50", "--against", "1 mmol Mg as citrate"], "cannot be used with"),
    ] {
        assert!(run(more, 2).1.contains(said), "{more:?}: {}", run(more, 2).1);
    }
}
