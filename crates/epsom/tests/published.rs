//! Published models as functions: each imports, runs, goes to `.epm` and back to the bit, and
//! predicts what follows from its published numbers.

use snapbox::cmd::{Command, cargo_bin};
use std::path::{Path, PathBuf};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/published")
}

fn epsom(folder: &Path, args: &[&str]) -> String {
    let done =
        Command::new(cargo_bin!("epsom")).current_dir(folder).args(args).output().expect("started");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{args:?}: {}", text(&done.stderr));
    text(&done.stdout)
}

fn run(folder: &Path, model: &str, events: &str) -> String {
    epsom(folder, &["simulate", model, "--events", events])
}

/// The value of a column for an ID at a time.
fn value(csv: &str, column: &str, id: &str, time: &str) -> f64 {
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<&str>>());
    let names = lines.next().expect("a header");
    let at = names.iter().position(|name| *name == column).expect("the column");
    let row = lines.find(|row| row[0] == id && row[1] == time).expect("the row");
    row[at].parse().expect("a number")
}

/// Names of the functions that lie in the folder.
fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(models())
        .expect("a folder")
        .filter_map(|entry| {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            name.strip_suffix(".R").map(str::to_string)
        })
        .collect();
    names.sort();
    names
}

#[test]
fn each_runs_and_goes_to_epm_and_back_to_the_bit() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("published");
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    let index = std::fs::read_to_string(models().join("README.md")).expect("text");
    let names = names();
    assert!(names.len() >= 13, "{names:?}");
    for name in names {
        assert!(index.contains(&format!("| `{name}.R` |")), "{name} is not in the index");
        let path = |ending: &str| models().join(format!("{name}.{ending}")).display().to_string();
        let (model, events) = (path("R"), path("csv"));
        let before = run(&folder, &model, &events);
        assert!(before.lines().count() >= 4 && !before.contains("NaN"), "{name}: {before}");
        epsom(&folder, &["fmt", "--check", &model]);
        let steps =
            [(model.as_str(), "there.epm"), ("there.epm", "back.R"), ("back.R", "more.epm")];
        for (from, to) in steps {
            epsom(&folder, &["convert", from, "-o", to]);
            assert_eq!(run(&folder, to, &events), before, "{name}: {from} to {to}");
        }
        epsom(&folder, &["convert", &model, "--to", "r", "-o", "same.R"]);
        assert_eq!(run(&folder, "same.R", &events), before, "{name}: form");
    }
}

/// A column of a model at a time, and what it must be by its numbers.
struct Follows {
    model: &'static str,
    column: &'static str,
    id: &'static str,
    time: &'static str,
    is: f64,
    /// Allowed difference, as a part of `is`.
    within: f64,
}

/// The solver's tolerance of a step, a hundred times.
const STEPS: f64 = 1e2 * 1e-8;
/// Rounding of a closed form.
const ROUNDING: f64 = 1e3 * f64::EPSILON;

#[test]
fn what_follows_from_the_published_numbers_is_predicted() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("published_follows");
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    let auc = 50.0 / 32.819;
    let on = |hill: f64| epsom_maths::pow(auc, hill) / (1.0 + epsom_maths::pow(auc, hill));
    let steady: f64 = (8.0 * 77.0 / 60.0) / 2.38;
    let drive = epsom_maths::pow(steady, 2.76);
    let index = 87.0 * (1.0 - drive / (epsom_maths::pow(1.4, 2.76) + drive));
    let by_age = epsom_maths::pow(2.0, -0.34);
    let kidney = epsom_maths::pow(40.0 / 83.0, 0.62);
    let f = |model, column, id, time, is, within| Follows { model, column, id, time, is, within };
    let table = [
        // Before treatment: formation over loss. Mould 2007 states 53.8.
        f("mould_2007_alemtuzumab", "leukocytes", "2", "168", 1.56 / 0.029, STEPS),
        f("zierhut_2008_osteoprotegerin", "ntx", "3", "1000", 0.864 / 0.0204, STEPS),
        f("ahn_2014_parathyroid", "hormone", "3", "24", 21.6 / 0.849, STEPS),
        f("friberg_2002_paclitaxel", "leukocytes", "2", "504", 7.21, STEPS),
        f("aguiar_2021_ustekinumab", "left", "2", "112", 9.86e-9 / 9.26e-10, STEPS),
        f("aguiar_2021_ustekinumab", "calprotectin", "2", "112", 213.0, STEPS),
        // At the start: dose over volume, with its covariates.
        f("germovsek_2016_gentamicin", "cp", "1", "0", 8.0 / (26.5 * 2.12 / 70.0), ROUNDING),
        f("kovalenko_2016_dupilumab", "cp", "1", "0", 300.0 / 2.74, ROUNDING),
        // Nothing before the lag; the highest level where absorption ends.
        f("giles_2013_nilotinib", "cp", "1", "0.746", 0.0, 0.0),
        // In the long run: rate over clearance, and the effect at that level.
        f("li_2006_meropenem", "cp", "2", "999", 100.0 / (14.6 * by_age * kidney), ROUNDING),
        f("przybylowski_2015_propofol", "cp", "2", "20000", steady, STEPS),
        f("przybylowski_2015_propofol", "index", "2", "20000", index, 1e1 * STEPS),
        f("hansson_2013_sunitinib", "c.r2", "2", "20000", 8670.0 * (1.0 - on(1.54)), STEPS),
        f("hansson_2013_sunitinib", "c.r3", "2", "20000", 63900.0 * (1.0 - on(1.0)), STEPS),
    ];
    for one in table {
        let events = models().join(format!("{}.csv", one.model)).display().to_string();
        let model = models().join(format!("{}.R", one.model)).display().to_string();
        let found = value(&run(&folder, &model, &events), one.column, one.id, one.time);
        let far = (found - one.is).abs();
        assert!(far <= one.within * one.is.abs(), "{} {}: {found}", one.model, one.column);
    }
}

#[test]
fn courses_are_those_of_the_published_numbers() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("published_courses");
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    let run = |name: &str| {
        let path = |ending: &str| models().join(format!("{name}.{ending}")).display().to_string();
        run(&folder, &path("R"), &path("csv"))
    };
    // A small tumor grows by 0.311 a day (the power of 20 takes 1e-3 off), a large one by 0.656 g.
    let tumor = run("simeoni_2004_paclitaxel");
    let small = epsom_maths::ln(value(&tumor, "weight", "2", "4") / 0.05) / 4.0;
    assert!((small - 0.311).abs() < 1e-3 * 0.311, "{small}");
    let large = value(&tumor, "weight", "2", "31") - value(&tumor, "weight", "2", "30");
    assert!((large - 0.656).abs() < STEPS * 0.656, "{large}");
    assert!(value(&tumor, "weight", "1", "30") < value(&tumor, "weight", "2", "30"));
    // The half-life of rifampicin is ln 2 * 53.2 / 19.2 = 1.92 h once absorption is over; at 20 h
    // exp(-(1.15 - 0.361) * 20), 1e-7, of it is left.
    let levels = run("wilkins_2008_rifampicin");
    let fall = value(&levels, "cp", "1", "20") / value(&levels, "cp", "1", "24");
    let half = 4.0 * epsom_maths::ln(2.0) / epsom_maths::ln(fall);
    assert!((half - epsom_maths::ln(2.0) * 53.2 / 19.2).abs() < 1e-5, "{half}");
    // Leukocytes fall for days after the drug has gone, are lowest in the second week, come back
    // and overshoot.
    let cells = run("friberg_2002_paclitaxel");
    let at = |time: &str| value(&cells, "leukocytes", "1", time);
    assert!(at("24") > at("120") && at("120") > at("168") && at("168") > at("216"));
    assert!(at("216") < at("264") && at("504") > 7.21, "{cells}");
    // Level of the mouth: highest where absorption ends, 0.746 + 3.02 h.
    let mouth = run("giles_2013_nilotinib");
    let at = |time: &str| value(&mouth, "cp", "1", time);
    assert!(at("2") < at("3.766") && at("24") < at("3.766"));
    // Dupilumab: 0.607 of a dose reaches the blood from under the skin; all of it is in the three
    // compartments or lost, so that there is less of it than after a dose into the blood.
    let skin = run("kovalenko_2016_dupilumab");
    assert!(value(&skin, "cp", "2", "7") < value(&skin, "cp", "1", "7"));
}
