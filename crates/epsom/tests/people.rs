//! Many people and many draws, from the command line.

mod common;

use common::{cells, column, epsom, folder_with};
use epsom_diag::CODES;
use std::path::Path;

/// A volume that differs between people and a clearance that nobody knows.
const MODEL: &str = "model m \"One compartment\"
time [h]
substance Mg
covariate wt = 70[kg]
param cl = 2[L/h] assumed \"example\"
  uncertain lognormal(cv 30[%]) assumed \"example\"
param v = 10[L] assumed \"example\"
  fixed \"example\"
  varies lognormal(cv 20[%]) assumed \"example\"
  scales wt / 70[kg]
compartment central [mmol]
d/dt(central) = -cl / v * central
output conc = central / v [mmol/L]
";

const PEOPLE: &str = "id,wt\nann,50\nbob,100\n";

fn run(folder: &Path, more: &[&str]) -> String {
    let start = ["simulate", "m.epm", "--regimen", "10 mmol Mg as citrate", "--times", "0,1"];
    let done = epsom(folder).args(start).args(more).assert().code(0);
    String::from_utf8_lossy(&done.get_output().stdout).into_owned()
}

#[test]
fn rows_name_person_and_draw_and_differ_as_they_should() {
    let folder = folder_with("people_rows", &[("m.epm", MODEL), ("p.csv", PEOPLE)]);
    let text = run(&folder, &["--people", "p.csv", "--draws", "2"]);
    let rows = cells(&text);
    assert_eq!(rows[0][..4], ["id", "draw", "time", "conc"]);
    let names: Vec<String> = rows[1..].iter().map(|row| row[..3].join(" ")).collect();
    let wanted = ["ann 1 0", "ann 1 1", "bob 1 0", "bob 1 1", "ann 2 0", "ann 2 1", "bob 2 0"];
    assert_eq!(names[..7], wanted);
    let conc = column(&text, "conc");
    // At the dose the volume decides, which is a person's own and the same in every draw.
    assert_eq!((conc[0], conc[2]), (conc[4], conc[6]));
    // Later the clearance does, which is the draw's.
    assert!(conc[1] != conc[5]);
    let typical = column(&run(&folder, &[]), "conc");
    assert_eq!(typical[0], 1.0);
}

#[test]
fn more_people_change_no_one_and_one_can_be_run_alone() {
    let folder = folder_with("people_more", &[("m.epm", MODEL)]);
    let few = run(&folder, &["--n", "3", "--draws", "2"]);
    let many = run(&folder, &["--n", "9", "--draws", "2"]);
    let of = |text: &str, id: &str, draw: &str| -> Vec<String> {
        let rows = text.lines().filter(|line| line.starts_with(&format!("{id},{draw},")));
        rows.map(str::to_string).collect()
    };
    assert_eq!(of(&few, "2", "2").len(), 2);
    assert_eq!(of(&few, "2", "2"), of(&many, "2", "2"));
    let alone = run(&folder, &["--n", "9", "--draws", "2", "--subject", "2", "--draw", "2"]);
    assert_eq!(alone.lines().skip(1).collect::<Vec<_>>(), of(&few, "2", "2"));
    assert_ne!(few, run(&folder, &["--n", "3", "--draws", "2", "--seed", "2"]));
}

#[test]
fn threads_do_not_show() {
    let folder = folder_with("people_threads", &[("m.epm", MODEL)]);
    let arguments = ["simulate", "m.epm", "--regimen", "10 mmol Mg as citrate", "--times", "0,1,5"];
    for form in [&["--summary"][..], &["--json"], &[]] {
        let with = |threads: &str| {
            let run = epsom(&folder).args(arguments).args(["--n", "70", "--draws", "5"]).args(form);
            let done = run.env("RAYON_NUM_THREADS", threads).assert().code(0);
            done.get_output().stdout.clone()
        };
        assert_eq!(with("1"), with("2"));
    }
}

#[test]
fn a_summary_holds_the_percentiles_of_the_rows() {
    let folder = folder_with("people_summary", &[("m.epm", MODEL)]);
    let some = ["--n", "40", "--draws", "6", "--covariate", "wt=70 varies normal(sd 5)"];
    let rows = run(&folder, &some);
    let summary = run(&folder, &[&some[..], &["--percentiles", "10,50"]].concat());
    assert_eq!(cells(&summary)[0].join(" "), "output unit time of n mean sd p10 p50");
    let conc = column(&rows, "conc");
    let at_one: Vec<f64> = conc.iter().skip(1).step_by(2).copied().collect();
    assert_eq!(at_one.len(), 240);
    let line = |of: &str| {
        let mut lines = cells(&summary).into_iter();
        let found = lines.find(|row| row[2] == "1" && row[3] == of).expect("a line");
        found[4..].iter().map(|cell| cell.parse::<f64>().expect("a number")).collect::<Vec<_>>()
    };
    let (all, not_known, people) = (line("all"), line("not_known"), line("people"));
    assert_eq!((all[0], not_known[0], people[0]), (240.0, 6.0, 40.0));
    assert_eq!(all[3], epsom_maths::quantile(&at_one, 0.1));
    let medians: Vec<f64> =
        at_one.chunks(40).map(|people| epsom_maths::quantile(people, 0.5)).collect();
    assert_eq!(not_known[3], epsom_maths::quantile(&medians, 0.1));
    let tenths: Vec<f64> =
        at_one.chunks(40).map(|people| epsom_maths::quantile(people, 0.1)).collect();
    assert_eq!(people[3], epsom_maths::quantile(&tenths, 0.5));
}

#[test]
fn summaries_are_figures_tables_and_objects() {
    let folder = folder_with("people_forms", &[("m.epm", MODEL)]);
    let some = ["--n", "20", "--draws", "4", "--summary"];
    for file in ["x.svg", "x.png", "x.parquet", "x.csv"] {
        assert_eq!(run(&folder, &[&some[..], &["-o", file]].concat()), "");
        assert!(folder.join(file).metadata().expect("a file").len() > 100, "{file}");
    }
    let svg = std::fs::read_to_string(folder.join("x.svg")).expect("a figure");
    assert!(svg.contains("p2.5 to p97.5 of 20 people in each of 4 draws"));
    let text = run(&folder, &[&some[..], &["--json"]].concat());
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["schema"], "epsom.simulate.summary/1");
    assert_eq!((&value["n_people"], &value["n_draws"]), (&20.into(), &4.into()));
    assert_eq!(value["draws"]["varies_between_people"], 1);
    assert_eq!(value["cells"][1]["not_known"]["n"], 4);
}

#[test]
fn a_run_that_stops_says_who_and_how_to_see_it_again() {
    // The volume of one person of the file is 0.
    let people = "id,wt\nann,50\nbob,0\n";
    let folder = folder_with("people_stopped", &[("m.epm", MODEL), ("p.csv", people)]);
    let start = ["simulate", "m.epm", "--regimen", "10 mmol Mg as citrate", "--times", "0,1"];
    let more = ["--people", "p.csv", "--draws", "2"];
    let done = epsom(&folder).args(start).args(more).assert().code(5);
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(said.contains("subject `bob` stopped at"), "{said}");
    assert!(
        said.contains("--people p.csv --draws 2 --subject bob --draw 1"),
        "the command that repeats it: {said}"
    );
    let text = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    assert_eq!(text.lines().filter(|line| line.starts_with("ann,")).count(), 4);
}

#[test]
fn figures_have_headings_and_leave_out_what_does_not_change() {
    let more = "output volume = v [L]\noutput dose_left = central [mmol] label what_is_left\n";
    let folder = folder_with("people_figure", &[("m.epm", &format!("{MODEL}{more}"))]);
    for people in [&[][..], &["--n", "3"], &["--n", "20", "--summary"]] {
        let figure = [people, &["--log-y", "-o", "rows.svg"]].concat();
        run(&folder, &figure);
        let svg = std::fs::read_to_string(folder.join("rows.svg")).expect("the figure");
        assert!(svg.contains(">what is left<"), "{people:?}");
        assert!(svg.contains("Not drawn, since it does not change: volume."), "{people:?}");
        assert!(!svg.contains("volume (L)"), "{people:?}");
    }
    let start = ["simulate", "m.epm", "--times", "0,1", "--log-y"];
    let done = epsom(&folder).args(start).assert().code(2);
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(said.contains("`--log-y` has no figure"), "{said}");
}

/// Correlation of the logarithms of two columns.
fn correlation(text: &str, first: &str, second: &str) -> f64 {
    let logs = |name: &str| -> Vec<f64> {
        let values: Vec<f64> = column(text, name).into_iter().map(epsom_maths::ln).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|one| one - mean).collect()
    };
    let (a, b) = (logs(first), logs(second));
    let sum = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt()
}

#[test]
fn a_correlation_is_of_the_spread_that_both_parameters_have() {
    let model = |uncertain: &str, lines: &str| {
        format!(
            "model m\ntime [h]\nparam cl = 5[L/h] assumed \"x\" {uncertain} varies lognormal(cv 30[%])\n\
             param v = 30[L] assumed \"x\" {uncertain} varies lognormal(cv 20[%])\n{lines}\n\
             compartment a [mg]\nd/dt(a) = -cl / v * a\noutput first = cl\noutput second = v\n"
        )
    };
    let known = "uncertain lognormal(cv 10[%])";
    let line = |rho: f64, word: &str| format!("correlate cl, v = {rho} {word} assumed \"x\"");
    let both = format!("{}\n{}", line(0.8, "varies"), line(-0.6, "uncertain"));
    // People, then what is not known; within five standard errors of a correlation,
    // (1 - rho^2) / sqrt(n).
    for (name, text, people, draws) in [
        ("default", model("", &line(0.8, "")), 0.8, 0.0),
        ("varies", model(known, &line(0.8, "varies")), 0.8, 0.0),
        ("uncertain", model(known, &line(0.8, "uncertain")), 0.0, 0.8),
        ("both", model(known, &both), 0.8, -0.6),
    ] {
        let folder = folder_with(&format!("correlated_{name}"), &[("m.epm", &text)]);
        for (option, wanted) in [("--n", people), ("--draws", draws)] {
            let start = ["simulate", "m.epm", "--times", "0", option, "2000"];
            let done = epsom(&folder).args(start).assert().code(0);
            let rows = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
            let found = correlation(&rows, "first", "second");
            let error = (1.0 - wanted * wanted) / 2000f64.sqrt();
            assert!((found - wanted).abs() < 5.0 * error, "{name} {option}: {found}");
        }
    }
}

#[test]
fn people_take_the_records_of_several_subjects() {
    let events = "ID,TIME,EVID,AMT,CMT\nann,0,1,10,central\nann,1,0,.,.\n\
                  bob,0,1,20,central\nbob,1,0,.,.\n";
    let files = [("m.epm", MODEL), ("p.csv", "id,wt\nbob,100\nann,50\n"), ("e.csv", events)];
    let folder = folder_with("people_records", &files);
    let rows = |more: &[&str]| {
        let start = ["simulate", "m.epm", "--events", "e.csv"];
        let done = epsom(&folder).args(start).args(more).assert().code(0);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&done.get_output().stdout), text(&done.get_output().stderr))
    };
    // In turn: a person has own parameters, and the amounts are those of its subject.
    let (text, said) = rows(&["--n", "4", "--param", "cl=1e-9"]);
    assert!(
        said.contains("note[N0920]: 4 people take the records of 2 subjects in turn"),
        "{said}"
    );
    let amounts: Vec<f64> = column(&text, "central").iter().map(|one| one.round()).collect();
    assert_eq!(amounts, [10.0, 20.0, 10.0, 20.0]);
    let conc = column(&text, "conc");
    assert!(conc[0] != conc[2] && conc[1] != conc[3]);
    let alone = column(&rows(&["--n", "4", "--param", "cl=1e-9", "--subject", "3"]).0, "conc");
    assert_eq!(alone, conc[2..3]);
    // By name, in the order of the people.
    let (text, said) = rows(&["--people", "p.csv", "--param", "cl=1e-9"]);
    assert!(!said.contains("N0920"), "{said}");
    let amounts: Vec<f64> = column(&text, "central").iter().map(|one| one.round()).collect();
    assert_eq!(amounts, [20.0, 10.0]);
}

#[test]
fn measurements_have_the_error_of_their_output() {
    let model = "model m\ntime [h]\ncovariate wt = 70[kg]\nparam size = 0.1[1] assumed \"x\"\n\
                 param start = 4[mg] assumed \"x\"\ncompartment a [mg]\nd/dt(a) = 0[mg/h]\na(0) = start\n\
                 output conc = a / 1[L] [ug/mL]\noutput amount = a [mg]\n\
                 conc ~ prop(size * wt / 70[kg]) + add(0.3[ug/mL]) assumed \"x\"\n";
    let no_error = model.split("conc ~").next().expect("the model");
    let folder = folder_with("people_residual", &[("m.epm", model), ("none.epm", no_error)]);
    let text = |name: &str, more: &[&str], code: i32| {
        let done = epsom(&folder).args(["simulate", name]).args(more).assert().code(code);
        let out = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
        (out, String::from_utf8_lossy(&done.get_output().stderr).into_owned())
    };
    let times = ["--times", "0:9999:1", "--residual"];
    let (rows, _) = text("m.epm", &times, 0);
    let (conc, amount) = (column(&rows, "conc"), column(&rows, "amount"));
    assert!(amount.iter().all(|one| *one == 4.0));
    let n = conc.len() as f64;
    let mean = conc.iter().sum::<f64>() / n;
    let sd = (conc.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    // sqrt(0.3^2 + (0.1 * 4)^2) is 0.5; within five standard errors.
    assert!((mean - 4.0).abs() < 5.0 * 0.5 / n.sqrt(), "{mean}");
    assert!((sd - 0.5).abs() < 5.0 * 0.5 / (2.0 * n).sqrt(), "{sd}");
    // The size follows the covariate: the same draws, sqrt(0.3^2 + 0.8^2) wide.
    let heavy =
        column(&text("m.epm", &[&times[..], &["--covariate", "wt=140"]].concat(), 0).0, "conc");
    let wider = 0.73f64.sqrt() / 0.5;
    for (a, b) in conc.iter().zip(&heavy) {
        assert!((b - 4.0 - (a - 4.0) * wider).abs() < 1e-13, "{a} {b}");
    }
    // A row has the same error among others, in a summary of one, and among people.
    let one = |more: &[&str]| {
        let start = ["--times", "7", "--residual"];
        text("m.epm", &[&start[..], more].concat(), 0).0
    };
    assert_eq!(column(&one(&[]), "conc"), conc[7..8]);
    assert_eq!(column(&one(&["--summary"]), "mean")[0], conc[7]);
    assert_eq!(column(&one(&["--n", "3", "--subject", "1"]), "conc"), conc[7..8]);
    assert!(column(&one(&["--seed", "2"]), "conc") != conc[7..8]);
    assert!(one(&["--json"]).contains("\"residual\":[\"conc\"]"));
    let (_, said) = text("none.epm", &times, 2);
    assert!(said.contains("error[E0740]: `--residual` has no error to draw"), "{said}");
    assert!(said.contains("such as `conc ~ prop(10[%])"), "{said}");
}

#[test]
fn bad_settings_are_refused() {
    let events = "ID,TIME,EVID\n1,2,0\n2,3,0\n";
    let files = [("m.epm", MODEL), ("p.csv", PEOPLE), ("e.csv", events)];
    let folder = folder_with("people_bad", &files);
    for (more, code, said) in [
        (&["--n", "0"][..], 2, "`--n` is 0"),
        (&["--draws", "0"], 2, "`--draws` is 0"),
        (&["--seed", "2"], 2, "`--seed` has nothing to draw"),
        (&["--draw", "2"], 2, "there is no draw 2"),
        (&["--n", "2", "--draws", "2", "--draw", "3"], 2, "there is no draw 3"),
        (&["--n", "2", "--people", "p.csv"], 2, "cannot be used with"),
        (&["--n", "2", "--subject", "3"], 2, "there is no person `3`"),
        (&["--people", "p.csv", "--subject", "eve"], 2, "there is no person `eve`"),
        (&["--people", "none.csv"], 2, "cannot read file of people `none.csv`"),
        (&["--people", "p.csv", "--events", "e.csv"], 2, "`ann` has no records in the event file"),
        (&["--n", "2", "--covariate", "wt=70 varies lognormal(cv 0)"], 2, "a width is above 0"),
        (&["--n", "2", "--covariate", "wt=70 varies normal(sd 1[h])"], 2, "units do not match"),
        (&["--n", "2", "--covariate", "wt=70 varies"], 2, "needs a finite number"),
        (&["--n", "2", "--covariate", "wt=70 varies x"], 2, "not understood"),
    ] {
        let start = ["simulate", "m.epm", "--times", "0,1"];
        let done = epsom(&folder).args(start).args(more).assert().code(code);
        let shown = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(shown.contains(said), "{more:?}: {shown}");
        assert!(done.get_output().stdout.is_empty(), "{more:?}");
    }
}

/// Each page of these codes shows a command that gives the code.
#[test]
fn pages_show_their_mistake() {
    let model = include_str!("../../../models/demo/oral_one_compartment.epm");
    let mut n_pages = 0;
    for info in CODES.iter().filter(|info| info.code[1..].starts_with("074")) {
        let after = |fence: &str| {
            let (_, after) = info.page.split_once(fence)?;
            after.split_once("```").map(|(text, _)| text)
        };
        let file = after("```csv\n").unwrap_or_default();
        let model = after("```text\n").unwrap_or(model);
        let files =
            [("model.epm", model), ("people.csv", file), ("doses.csv", file), ("data.csv", file)];
        let folder = folder_with(&format!("page_{}", info.code), &files);
        let command = after("```sh\nepsom ").expect("a command").trim();
        let parts = command.split('"').enumerate();
        let words: Vec<String> = parts
            .flat_map(|(at, part)| match at % 2 {
                0 => part.split_whitespace().map(str::to_string).collect(),
                _ => vec![part.to_string()],
            })
            .collect();
        let done = epsom(&folder).args(words).assert();
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(said.contains(info.code), "{}: {said}", info.code);
        n_pages += 1;
    }
    assert!(n_pages >= 4, "{n_pages}");
}

/// Loss of the logarithm per hour, between rows an hour apart.
fn losses(text: &str, id: &str) -> Vec<f64> {
    let of_one = cells(text).into_iter().skip(1).filter(|row| row[0] == id);
    let amounts: Vec<f64> = of_one.map(|row| row[2].parse().expect("a number")).collect();
    amounts.windows(2).map(|pair| epsom_maths::ln(pair[0] / pair[1])).collect()
}

#[test]
fn a_person_differs_from_one_occasion_to_the_next_and_comes_back() {
    let model = "model visits\ntime [h]\nparam k = 0.5[1/h] assumed \"x\" fixed \"x\"\n  \
                 varies lognormal(cv 30[%]) occasion lognormal(sd 0.4) assumed \"x\"\n\
                 compartment a [mg]\nd/dt(a) = -k * a\na(0) = 100[mg]\noutput left = a [mg]\n";
    // The second occasion lasts from 2 h to 4 h.
    let events = "TIME,EVID,OCC\n0,0,1\n1,0,1\n2,0,2\n3,0,2\n4,0,1\n5,0,1\n";
    let folder = folder_with("occasions", &[("visits.epm", model), ("events.csv", events)]);
    let rows = |more: &[&str]| -> String {
        let start = ["simulate", "visits.epm", "--events", "events.csv"];
        let done = epsom(&folder).args(start).args(more).assert().code(0);
        String::from_utf8_lossy(&done.get_output().stdout).into_owned()
    };
    // Logarithms of numbers of 100, through exact steps of a few roundings each.
    let same = |a: f64, b: f64| (a - b).abs() <= 100.0 * f64::EPSILON;
    let typical = losses(&rows(&[]), "1");
    assert!(typical.iter().all(|&loss| same(loss, 0.5)), "{typical:?}");
    let drawn = rows(&["--n", "2"]);
    for id in ["1", "2"] {
        let loss = losses(&drawn, id);
        assert!(same(loss[0], loss[1]) && same(loss[2], loss[3]), "{loss:?}");
        assert!(same(loss[0], loss[4]) && !same(loss[1], loss[2]), "{loss:?}");
    }
    assert!(!same(losses(&drawn, "1")[0], losses(&drawn, "2")[0]));
    // A deviation that is given: twice the loss.
    let given = losses(&rows(&["--covariate", "kappa.k=0.6931471805599453"]), "1");
    assert!(given.iter().all(|&loss| same(loss, 1.0)), "{given:?}");
}

#[test]
fn draws_name_what_nobody_gave_a_spread() {
    let bare = MODEL.replace("\n  uncertain lognormal(cv 30[%]) assumed \"example\"", "");
    assert_ne!(bare, MODEL);
    let folder = folder_with("people_default", &[("m.epm", &bare)]);
    let said = |more: &[&str]| {
        let args = ["simulate", "m.epm", "--regimen", "10 mmol Mg as citrate", "--times", "0,1"];
        let done = epsom(&folder).args(args).args(more).assert().code(0);
        String::from_utf8_lossy(&done.get_output().stderr).into_owned()
    };
    let note = "note[N0919]: drawn with a default 30 %: `cl`\n";
    let drawn = said(&["--draws", "5"]);
    assert!(drawn.contains(note), "{drawn}");
    // People that differ are not what is not known.
    assert!(!said(&["--n", "5"]).contains("N0919"));
}

/// What the README of the model says of the rat.
#[test]
fn the_named_rat_reproduces_the_published_rise_with_the_gain_alone() {
    let folder = folder_with("rat", &[]);
    let hours: Vec<String> = (552..=576).map(|hour| hour.to_string()).collect();
    let times = format!("0,{}", hours.join(","));
    let rise = |hypothesis: &[&str]| {
        let run = ["simulate", "magnesium", "--person", "rat", "--times", &times, "--regimen"];
        let command = epsom(&folder);
        let run = command.args(run).arg("45.3 mg MgT every 6 h for 24 d").args(hypothesis);
        let done = run.assert().code(0);
        let rows = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
        let csf = column(&rows, "csf");
        // Food is even over the day, so that the start is the base; then the mean of day 24.
        let mean = csf[1..].iter().sum::<f64>() / (csf.len() - 1) as f64;
        100.0 * (mean / csf[0] - 1.0)
    };
    assert_eq!(format!("{:.1}", rise(&[])), "0.7");
    // Rows pk.90 and pk.91: 7 to 15 % were reported.
    let gain = rise(&["--hypothesis", "threonate_gain"]);
    assert!((7.0..15.0).contains(&gain), "{gain}");
}
