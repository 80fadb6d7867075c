//! `epsom compare` end to end: what the first page of the repository shows, files, bad input.
//!
//! `UPDATE_EXPECT=1` writes what the binary printed and drew into the pages.

mod common;

use common::{epsom, folder, names_in};
use snapbox::str;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The first `text` block of a page, as start and end.
fn text_block(page: &str) -> (usize, usize) {
    let start = page.find("```text\n").expect("a block of text") + "```text\n".len();
    (start, start + page[start..].find("```").expect("its end"))
}

#[test]
fn the_first_page_shows_what_the_command_prints_and_draws() {
    let here = folder("compare_first_page");
    let done = epsom(&here).arg("compare").assert().code(0).stderr_eq("");
    let shown = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    let drawn = std::fs::read_to_string(here.join("epsom-compare/figure.svg")).expect("drawn");
    let (readme, svg) = (root().join("README.md"), root().join("docs/guide/compare.svg"));
    let page = std::fs::read_to_string(&readme).expect("the first page");
    let (start, end) = text_block(&page);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let made = format!("{}{shown}{}", &page[..start], &page[end..]);
        std::fs::write(&readme, made).expect("written");
        std::fs::write(&svg, &drawn).expect("written");
        return;
    }
    // The runs hold 1e-6 of a value, whatever the steps: a number that lies on the edge may be
    // rounded to its other side, and no point moves by a tenth of a pixel.
    assert!(is_close(&shown, &page[start..end], None), "run with UPDATE_EXPECT=1:\n{shown}");
    let kept = std::fs::read_to_string(&svg).expect("the figure");
    assert!(is_close(&drawn, &kept, Some(0.1)), "run with UPDATE_EXPECT=1");
}

/// Whether two texts differ in numbers at most, and these by no more than `most`, or one unit of
/// the last digit.
fn is_close(made: &str, kept: &str, most: Option<f64>) -> bool {
    let (made, kept) = (parts(made), parts(kept));
    let same = |(a, b): (&String, &String)| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) => {
            let decimals = b.split_once('.').map_or(0, |(_, places)| places.len());
            let unit = (0..decimals).fold(1.0, |unit, _| unit / 10.0);
            (x - y).abs() <= most.unwrap_or(1.5 * unit)
        }
        _ => a == b,
    };
    made.len() == kept.len() && made.iter().zip(&kept).all(same)
}

/// Numbers and what stands between them.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut in_number = false;
    for letter in text.chars() {
        let numeric = letter.is_ascii_digit() || (in_number && letter == '.');
        match parts.last_mut().filter(|_| numeric == in_number) {
            Some(part) => part.push(letter),
            None => parts.push(letter.to_string()),
        }
        in_number = numeric;
    }
    parts
}

#[test]
fn pages_are_compared_by_their_numbers() {
    assert!(is_close("a 1.01 (2 to 3.), b", "a 1.02 (2 to 3.), b", None));
    assert!(!is_close("a 1.01", "a 1.03", None));
    assert!(!is_close("a 1.01", "b 1.01", None));
    assert!(is_close("M 71.65 335.06", "M 71.6 335.1", Some(0.1)));
    assert!(!is_close("M 71.65 335.06", "M 71.65 335.3", Some(0.1)));
}

#[test]
fn json_has_the_schema_and_files_are_complete() {
    let here = folder("compare_json");
    let run = ["compare", "--json", "--draws", "4", "--weeks", "1", "-o", "out/deep"];
    let done = epsom(&here).args(run).assert().code(0);
    let text = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    let found: serde_json::Value = serde_json::from_str(&text).expect("one object");
    assert_eq!(found["schema"], "epsom.compare/1");
    let forms = found["forms"].as_array().expect("a list");
    assert_eq!(forms.len(), 8);
    let keys: Vec<&str> =
        forms[0].as_object().expect("an object").keys().map(String::as_str).collect();
    let mut declared = [
        "form",
        "timing",
        "elemental_mg_per_day",
        "absorbed_mmol_per_day",
        "serum_change_mmol_per_l",
        "csf_change_percent",
        "cmax_mmol_per_l",
        "tmax_h",
        "peak_rise_mmol_per_l",
        "auc_mmol_h_per_l",
        "fluctuation_percent",
        "assumed",
    ];
    declared.sort_unstable();
    let ratios = |key: &str| key.starts_with("over_");
    let keys: Vec<&str> = keys.into_iter().filter(|key| !ratios(key)).collect();
    assert!(keys.iter().all(|key| declared.contains(key)) && keys.len() == declared.len());
    for form in forms {
        let absorbed = &form["absorbed_mmol_per_day"];
        let at = |key: &str| absorbed[key].as_f64().expect("a number");
        assert!(0.0 < at("lo") && at("lo") <= at("median") && at("median") <= at("hi"));
    }
    let names = names_in(&here.join("out/deep"));
    assert_eq!(
        names,
        [
            "comparison.json",
            "figure.png",
            "figure.svg",
            "manifest.json",
            "report.html",
            "serum_by_day.csv",
            "serum_last_day.csv",
            "summary.csv"
        ]
    );
    assert_eq!(std::fs::read_to_string(here.join("out/deep/comparison.json")).ok(), Some(text));
}

#[test]
fn threads_change_no_file() {
    let here = folder("compare_threads");
    for threads in ["1", "2"] {
        let run = ["compare", "--draws", "5", "--weeks", "1", "--threads", threads, "-o", threads];
        epsom(&here).args(run).assert().code(0);
    }
    for name in names_in(&here.join("1")) {
        let read = |threads: &str| std::fs::read(here.join(threads).join(&name)).expect("written");
        assert!(read("1") == read("2"), "{name}");
    }
}

#[test]
fn what_cannot_be_used_is_told_before_any_work() {
    let here = folder("compare_bad");
    let check = |arguments: &[&str], said: snapbox::data::Inline| {
        epsom(&here).arg("compare").args(arguments).assert().code(2).stdout_eq("").stderr_eq(said);
    };
    check(
        &["--salts", "oxid,citrate"],
        str![[r#"
error[E0652]: `oxid` is not a known salt
 |
 = help: did you mean `oxide`?


"#]],
    );
    check(
        &["--dose", "-2 g MgT"],
        str![[r#"
error[E0651]: a dose is a positive amount
 --> --dose:1:1
  |
1 | -2 g MgT
  | ^^ this is -2


"#]],
    );
    check(
        &["--draws", "0", "--weeks", "0", "--gfr", "0", "--threads", "1"],
        str![[r#"
error[E0662]: `--weeks` is 0
 |
 = help: give a whole number from 1 to 520

error[E0662]: `--draws` is 0
 |
 = help: give a whole number from 1 to 1000000

error[E0662]: `--gfr` is 0
 |
 = help: give a number from 1 to 350, in mL/min


"#]],
    );
    check(
        &["--dose", "500 mg"],
        str![[r#"
error[E0650]: `500 mg` of what is not said
 --> --dose:1:1
  |
1 | 500 mg
  | ^^^^^^ mass or amount of the salt, or of magnesium in it
  |
  = note: 500 mg of oxide salt = 302 mg elemental
  = note: 500 mg Mg as oxide = 829 mg of salt
  = help: for the mass of the salt write `500 mg MgO` or `500 mg oxide salt`
  = help: for magnesium alone write `500 mg Mg as oxide`
  = help: or say what is the same for each salt: `--per salt` or `--per elemental`


"#]],
    );
    check(
        &["--threads", "0"],
        str![[r#"
error[E0662]: `--threads` is 0
 |
 = help: give 1 or more


"#]],
    );
    assert_eq!(names_in(&here), Vec::<String>::new());
}

#[test]
fn a_folder_that_cannot_be_made_is_told_and_nothing_is_left() {
    let here = folder("compare_no_folder");
    std::fs::write(here.join("taken"), "a file").expect("written");
    let run = ["compare", "--draws", "1", "--weeks", "1", "-o", "taken"];
    epsom(&here).args(run).assert().code(4).stdout_eq("").stderr_eq(str![[r#"
error[E0903]: cannot write `taken`
 |
 = cause: a file has this name
 = help: choose another place with `-o`


"#]]);
    assert_eq!(names_in(&here), ["taken"]);
}

#[test]
fn draws_that_cannot_be_solved_are_listed_and_the_others_kept() {
    let here = folder("compare_failed_draws");
    let run = ["compare", "--draws", "8", "--weeks", "1", "--weight", "420", "-o", "out"];
    let done = epsom(&here).args(run).assert().code(5);
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(said.starts_with("error[E0664]: ") && said.contains("cause: draw "), "{said}");
    let shown = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    assert!(shown.contains("Left out of every number"), "{shown}");
    let manifest = std::fs::read_to_string(here.join("out/manifest.json")).expect("written");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("is JSON");
    assert!(manifest["draws_failed"].as_array().is_some_and(|draws| !draws.is_empty()));
}

#[test]
fn where_no_draw_can_be_solved_nothing_is_written() {
    let here = folder("compare_no_draw");
    let run = ["compare", "--draws", "1", "--weeks", "1", "--weight", "500"];
    epsom(&here).args(run).assert().code(5).stdout_eq("").stderr_eq(str![[r#"
error[E0663]: none of 1 draws could be solved
 |
 = cause: draw 0: no single state has all derivatives 0, or repeats after the period
 = note: where absorption from food does not cover the losses, no renal threshold gives the serum
 = help: give a serum, filtration and weight that belong to one adult


"#]]);
    assert_eq!(names_in(&here), Vec::<String>::new());
}
