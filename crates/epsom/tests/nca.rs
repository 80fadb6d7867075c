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
