//! People by name and of a general adult population, as a user runs them.

mod common;

use common::{epsom, folder, folder_with};
use serde_json::Value;

const DOSES: &[&str] =
    &["simulate", "magnesium", "--regimen", "300 mg Mg as citrate once daily for 4 wk"];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn read(folder: &std::path::Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect(name)
}

/// Standard output of a run with these options.
fn run(folder: &std::path::Path, threads: &str, more: &[&str]) -> String {
    let done = epsom(folder).args(DOSES).args(["--times", "0,672"]).args(more);
    text(&done.env("RAYON_NUM_THREADS", threads).assert().code(0).get_output().stdout)
}

fn json(folder: &std::path::Path, more: &[&str]) -> Value {
    serde_json::from_str(&run(folder, "2", &[more, &["--json"]].concat())).expect("one object")
}

#[test]
fn drawn_people_are_written_and_read_again_to_the_bit() {
    let folder = folder("population_again");
    let drawn = run(&folder, "2", &["--n", "40", "--people-out", "who.csv"]);
    assert_eq!(drawn, run(&folder, "1", &["--n", "40"]), "threads show");
    assert_eq!(drawn, run(&folder, "2", &["--people", "who.csv"]));
    let who = read(&folder, "who.csv");
    let header = "id,sex,age[years],height[cm],wt[kg],egfr[mL/min/1.73m2],albumin[g/L],\
                  diet[mg/day Mg],serum0[mmol/L Mg]";
    assert_eq!((who.lines().next(), who.lines().count()), (Some(header), 41));
    // More people change no one, and another seed draws others.
    let more = run(&folder, "2", &["--n", "41"]);
    assert!(more.starts_with(&drawn));
    assert_ne!(drawn, run(&folder, "2", &["--n", "40", "--seed", "2"]));
    // Everyone has own covariates; with `fixed` only what the model itself varies differs.
    let serum = |text: &str| -> Vec<String> {
        let start = text.lines().skip(1).step_by(2);
        start.map(|line| line.split(',').nth(2).unwrap_or_default().to_string()).collect()
    };
    let fixed = serum(&run(&folder, "2", &["--n", "5", "--population", "fixed"]));
    // What the model varies is of the spinal fluid: serum takes part of it by less than 1e-6.
    let near = |one: &String| (one.parse::<f64>().unwrap() - 0.85672).abs() < 1e-5;
    assert!(fixed.iter().all(near), "{fixed:?}");
    assert!(serum(&drawn).iter().filter(|one| near(one)).count() < 3);
}

#[test]
fn what_is_given_holds_for_everyone_and_what_rests_on_it_follows() {
    let folder = folder("population_given");
    let who = |name: &str, more: &[&str]| -> Vec<Vec<f64>> {
        run(&folder, "2", &[&["--n", "30", "--people-out", name], more].concat());
        let text = read(&folder, name);
        let numbers = |line: &str| line.split(',').map(|cell| cell.parse().unwrap()).collect();
        text.lines().skip(1).map(numbers).collect()
    };
    let old = who("old.csv", &["--covariate", "age=85[years]", "--covariate", "sex=1"]);
    let all = who("all.csv", &[]);
    // id, height, weight, filtration, …: age and sex are no columns any more.
    let mean = |rows: &[Vec<f64>], at: usize| {
        rows.iter().map(|row| row[at]).sum::<f64>() / rows.len() as f64
    };
    assert_eq!((old[0].len(), all[0].len()), (7, 9));
    // Women of 85 are shorter than people of all ages by more than 5 cm, and filter less by more
    // than 10: five standard errors of 30 people are less.
    assert!(mean(&old, 1) + 5.0 < mean(&all, 3), "{old:?}");
    assert!(mean(&old, 3) + 10.0 < mean(&all, 5), "{old:?}");
}

#[test]
fn a_person_by_name_has_the_covariates_of_the_table() {
    let folder = folder("population_person");
    let named = run(&folder, "2", &["--person", "ckd-g4"]);
    assert_eq!(named, run(&folder, "2", &["--covariate", "egfr=22[mL/min/1.73m2]"]));
    let other = ["--person", "ckd-g4", "--covariate", "egfr=40"];
    assert_eq!(run(&folder, "2", &other), run(&folder, "2", &["--covariate", "egfr=40"]));
    // A measured filtration outranks the person's, whichever of them the model would read first.
    let other = ["--person", "ckd-g4", "--covariate", "gfr=2[L/h]"];
    assert_eq!(run(&folder, "2", &other), run(&folder, "2", &["--covariate", "gfr=2[L/h]"]));
    let told = json(&folder, &["--person", "ckd-g4"]);
    assert_eq!(told["who"]["person"], "ckd-g4");
    assert_eq!(told["who"]["settings"][0]["row"], "ckd.g4");
    let told = json(&folder, &["--n", "3", "--summary"]);
    assert_eq!(told["who"]["population"], "general");
    let rows = told["who"]["recalled"].as_array().expect("a list");
    assert!(rows.iter().all(|row| row.as_str().unwrap().starts_with("pop.age.")), "{rows:?}");
    let list = epsom(&folder).args(["simulate", "magnesium", "--person", "list"]).assert().code(0);
    let list = text(&list.get_output().stdout);
    assert!(
        list.contains("\nckd-g4 ") && list.contains("egfr=22[mL/min/1.73m2]: ckd.g4"),
        "{list}"
    );
    for command in ["nca", "sensitivity"] {
        let run = epsom(&folder).args([command, "magnesium", "--regimen", "300 mg Mg as citrate"]);
        run.args(["--person", "nobody-known"]).assert().code(2);
    }
}

/// Less acid dissolves less of oxide at once, and nothing else.
#[test]
fn less_acid_leaves_oxide_undissolved() {
    let folder = folder("population_acid");
    let after = |salt: &str, more: &[&str]| -> Vec<String> {
        let regimen = format!("400 mg Mg as {salt}");
        let run = epsom(&folder).args(["simulate", "magnesium", "--regimen", &regimen]);
        let done = run.args(["--times", "0,24"]).args(more).assert().code(0);
        let text = text(&done.get_output().stdout);
        let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
        let cells: Vec<&str> = text.lines().last().unwrap().split(',').collect();
        let value =
            |name: &str| cells[header.iter().position(|one| *one == name).unwrap()].to_string();
        ["absorbed_total", "acid_limit"].map(value).to_vec()
    };
    let number = |text: &String| text.parse::<f64>().unwrap();
    let (usual, less) = (after("oxide", &[]), after("oxide", &["--person", "ppi"]));
    assert!(number(&less[0]) < number(&usual[0]), "{usual:?} {less:?}");
    assert_eq!(number(&usual[1]), 10.75);
    // One product, one rounding.
    assert!((number(&less[1]) - 1.075).abs() <= 1.075 * f64::EPSILON);
    assert_eq!(after("citrate", &[])[0], after("citrate", &["--person", "ppi"])[0]);
}

#[test]
fn doses_with_meals_keep_to_the_hours_that_are_given() {
    let folder = folder("population_meals");
    let solid = |more: &[&str]| -> Vec<f64> {
        let regimen = ["--regimen", "300 mg Mg as chloride with meals"];
        let run = epsom(&folder).args(["simulate", "magnesium"]).args(regimen);
        let done = run.args(["--times", "7,8,9"]).args(more).assert().code(0);
        let text = text(&done.get_output().stdout);
        let at = text.lines().next().unwrap().split(',').position(|one| one == "solid").unwrap();
        text.lines().skip(1).map(|row| row.split(',').nth(at).unwrap().parse().unwrap()).collect()
    };
    let usual = solid(&[]);
    assert!(usual[0] == 0.0 && usual[1] > usual[2], "{usual:?}");
    let early = solid(&["--param", "breakfast_at=7"]);
    assert!(early[0] > early[1] && early[0] == usual[1], "{early:?}");
}

#[test]
fn refusals_name_the_remedy() {
    let own = "model own\ntime [h]\ncovariate wt = 70[kg]\ncompartment a [mmol]\n\
               d/dt(a) = 0[mmol/h]\noutput c = a [mmol]\n";
    let people = "id,acid_share\na,0.1\nb,1\n";
    let folder = folder_with("population_refused", &[("own.epm", own), ("p.csv", people)]);
    let cases: &[(&[&str], &str, &str)] = &[
        (&["--person", "ckd-4"], "there is no person `ckd-4`", "did you mean `ckd-g4`"),
        (&["--person", "someone"], "there is no person `someone`", "`--person list`"),
        (&["--person", "hemodialysis"], "clearance of the dialysate", "`--person ckd-g5`"),
        (&["--covariate", "wt=0"], "`wt` is out of its bounds", "0.1"),
        (&["--covariate", "height=0"], "`height` is out of its bounds", "20"),
        (&["--covariate", "egfr=-10"], "`egfr` is out of its bounds", "250"),
        (&["--covariate", "albumin=-1"], "`albumin` is out of its bounds", "70"),
        (&["--covariate", "diet=0"], "`diet` is out of its bounds", "125"),
        (&["--covariate", "serum0=40"], "`serum0` is out of its bounds", "15"),
        (&["--n", "5", "--covariate", "age=10[years]"], "is 10 years old", "`--person`"),
        (&["--n", "5", "--covariate", "pregnancy=1"], "is pregnant", "`--population fixed`"),
        (&["--population", "general"], "has nobody to draw", "`--n 100`"),
        (&["--people-out", "who.csv"], "has nobody to write", "`--n 100`"),
        (&["--people", "p.csv"], "`acid_share` differs between people", "run each with"),
    ];
    for (more, said, help) in cases {
        let run = epsom(&folder).args(DOSES).args(*more).args(["--times", "0,24"]);
        let told = run.assert().code(if more[0] == "--people-out" { 4 } else { 2 });
        let told = text(&told.get_output().stderr);
        assert!(told.contains(said) && told.contains(help), "{more:?}:\n{told}");
    }
    for more in [&["--person", "ckd-g4"][..], &["--n", "3", "--population", "general"]] {
        let run = epsom(&folder).args(["simulate", "own.epm", "--times", "0,1"]).args(more);
        let told = text(&run.assert().code(2).get_output().stderr);
        assert!(told.contains("built-in model"), "{told}");
    }
}
