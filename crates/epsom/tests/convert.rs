//! `epsom convert`: what a converted text predicts is what the text predicted, to the last digit.

use snapbox::cmd::{Command, cargo_bin};
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    folder
}

fn epsom(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let done =
        Command::new(cargo_bin!("epsom")).current_dir(folder).args(args).output().expect("started");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (done.status.code().unwrap_or(-1), text(done.stdout), text(done.stderr))
}

#[test]
fn reference_cases_predict_the_same_after_conversion() {
    let folder = folder("convert");
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/suite/reference");
    let mut n_cases = 0;
    for kind in ["analytic", "events"] {
        for entry in std::fs::read_dir(suite.join(kind)).expect("the suite lies in the tree") {
            let path = entry.expect("a file").path();
            let shown = path.to_string_lossy().into_owned();
            let Some(stem) = shown.strip_suffix(".model.txt") else { continue };
            let events = format!("{stem}.events.csv");
            let (code, _, said) = epsom(&folder, &["convert", &shown, "-o", "model.epm"]);
            assert_eq!(code, 0, "{shown}: {said}");
            let (code, before, said) = epsom(&folder, &["simulate", &shown, "--events", &events]);
            assert_eq!(code, 0, "{shown}: {said}");
            let (code, after, said) =
                epsom(&folder, &["simulate", "model.epm", "--events", &events]);
            assert_eq!(code, 0, "{shown}: {said}");
            assert_eq!(after, before, "{shown}");
            n_cases += 1;
        }
    }
    assert!(n_cases >= 29, "{n_cases}");
}

#[test]
fn model_functions_of_many_kinds_import_run_and_convert() {
    let folder = folder("convert_kinds");
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/suite/ini_model");
    let mut n_models = 0;
    for entry in std::fs::read_dir(&suite).expect("the suite lies in the tree") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|ending| ending != "R") {
            continue;
        }
        let own = path.with_extension("csv");
        let events = if own.exists() { own } else { suite.join("doses.csv") };
        let (shown, events) = (path.to_string_lossy(), events.to_string_lossy());
        let (code, before, said) = epsom(&folder, &["simulate", &shown, "--events", &events]);
        assert_eq!(code, 0, "{shown}: {said}");
        assert!(before.lines().count() > 3 && !before.contains("NaN"), "{shown}: {before}");
        let (code, _, said) = epsom(&folder, &["convert", &shown, "-o", "model.epm"]);
        assert_eq!(code, 0, "{shown}: {said}");
        let (code, after, said) = epsom(&folder, &["simulate", "model.epm", "--events", &events]);
        assert_eq!(code, 0, "{shown}: {said}");
        assert_eq!(after, before, "{shown}");
        n_models += 1;
    }
    assert!(n_models >= 12, "{n_models}");
}

/// Rows of a CSV by the names of their columns.
fn columns(csv: &str) -> Vec<(String, Vec<f64>)> {
    let mut lines = csv.lines();
    let names = lines.next().unwrap_or_default().split(',').map(str::to_string);
    let mut found: Vec<(String, Vec<f64>)> = names.map(|name| (name, Vec::new())).collect();
    for line in lines {
        for ((_, values), cell) in found.iter_mut().zip(line.split(',')) {
            values.push(cell.parse().unwrap_or(f64::NAN));
        }
    }
    found
}

/// The columns of `before` and `after` are the same but for what `allowed` permits, a part of the
/// column's largest value.
fn same(before: &str, after: &str, allowed: f64, name: &str) {
    let names = |csv: &str| csv.lines().next().unwrap_or_default().to_string();
    assert_eq!(names(after), names(before), "{name}");
    for ((column, values), (_, others)) in columns(before).into_iter().zip(columns(after)) {
        assert_eq!(others.len(), values.len(), "{name}: {column}");
        let largest = values.iter().fold(0.0f64, |most, one| most.max(one.abs()));
        for (a, b) in values.iter().zip(others) {
            let near = (a - b).abs() <= allowed * largest || a.to_bits() == b.to_bits();
            assert!(near || a.is_nan() && b.is_nan(), "{name}: {column}: {a} and {b}");
        }
    }
}

#[test]
fn functions_predict_the_same_after_both_conversions() {
    let folder = folder("convert_twice");
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/suite");
    let mut n_models = 0;
    for kind in ["reference/analytic", "reference/events", "ini_model"] {
        for entry in std::fs::read_dir(suite.join(kind)).expect("the suite lies in the tree") {
            let path = entry.expect("a file").path();
            let shown = path.to_string_lossy().into_owned();
            let stem = shown.strip_suffix(".model.txt").or(shown.strip_suffix(".R"));
            let Some(stem) = stem else { continue };
            let own = [format!("{stem}.events.csv"), format!("{stem}.csv")];
            let shared = suite.join("ini_model/doses.csv").to_string_lossy().into_owned();
            let events = own.into_iter().find(|one| Path::new(one).exists()).unwrap_or(shared);
            let (code, _, said) = epsom(&folder, &["convert", &shown, "-o", "again.R"]);
            assert_eq!(code, 0, "{shown}: {said}");
            let (_, before, _) = epsom(&folder, &["simulate", &shown, "--events", &events]);
            let (code, after, said) = epsom(&folder, &["simulate", "again.R", "--events", &events]);
            assert_eq!(code, 0, "{shown}: {said}");
            // To the bit: the same numbers go through the same operations.
            same(&before, &after, 0.0, &shown);
            n_models += 1;
        }
    }
    assert!(n_models >= 41, "{n_models}");
}

#[test]
fn lincmt_takes_what_was_assigned_last_before_it() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/suite/ini_model");
    let path = |name: &str| suite.join(name).to_string_lossy().into_owned();
    let (model, events) = (path("reassigned.R"), path("doses.csv"));
    let (code, rows, said) =
        epsom(&folder("reassigned"), &["simulate", &model, "--events", &events]);
    assert_eq!(code, 0, "{said}");
    let rows = columns(&rows);
    let of = |name: &str| &rows.iter().find(|(one, _)| one == name).expect("the column").1;
    // The first row is of a person of 70 kg and 40 years, 1 h after 100 mg; the sixth of a child
    // of 9 kg and 0.7 years, 4 h after 20 mg.
    let child = 5.0 * epsom_maths::pow(9.0 / 70.0, 0.75) / 2.0;
    let exact = [
        (0, 100.0 / 30.0 * epsom_maths::exp(-5.0 / 30.0)),
        (5, 20.0 / 30.0 * epsom_maths::exp(-4.0 * child / 30.0)),
    ];
    for (row, exact) in exact {
        let found = of("cp")[row];
        // A dozen roundings.
        assert!((found - exact).abs() <= 12.0 * f64::EPSILON * exact, "{row}: {found}, {exact}");
    }
}

/// Even numbers that are the same everywhere, by how many were taken.
struct Numbers(u32);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 += 1;
        epsom_maths::philox([self.0, 0, 0, 0], [0, 0])[0] as usize % n.max(1)
    }

    /// An expression over `names` whose values stay small.
    fn expression(&mut self, names: &[String], depth: usize) -> String {
        let leaf = depth == 0 || self.below(4) == 0;
        if leaf {
            return match self.below(3) {
                0 => format!("{}", self.below(40) as f64 / 8.0),
                _ => names[self.below(names.len())].clone(),
            };
        }
        let (a, b) = (self.expression(names, depth - 1), self.expression(names, depth - 1));
        match self.below(9) {
            0 => format!("({a} + {b})"),
            1 => format!("({a} - {b})"),
            2 => format!("tanh({a}) * {b}"),
            3 => format!("{a} / (2 + tanh({b}))"),
            4 => format!("exp(-({a})^2)"),
            5 => format!("max({a}, {b})"),
            6 => format!("-{a}^2 / 8"),
            7 => format!("ifelse({a} > {b} && !({b} >= 1), {a}, {b})"),
            _ => format!("sqrt(1 + ({a})^2)"),
        }
    }

    /// An assignment, or a branch of some, to one of the names `a` to `d`.
    fn statement(&mut self, names: &mut Vec<String>, depth: usize) -> String {
        if depth > 0 && names.len() > 6 && self.below(3) == 0 {
            let condition =
                format!("{} > {}", self.expression(names, 1), self.expression(names, 1));
            // In a branch only names that have a value are assigned, so that each way has one.
            let arm = |numbers: &mut Self| {
                let known = names.clone();
                let n = 1 + numbers.below(2);
                let lines = (0..n).map(|_| numbers.again(&known, depth - 1)).collect::<String>();
                format!("{{\n{lines}}}")
            };
            let (yes, no) = (arm(self), arm(self));
            return match self.below(2) {
                0 => format!("if ({condition}) {yes}\n"),
                _ => format!("if ({condition}) {yes} else {no}\n"),
            };
        }
        let name = ["a", "b", "c", "d"][self.below(4)].to_string();
        let line = format!("{name} <- {}\n", self.expression(names, 3));
        if !names.contains(&name) {
            names.push(name);
        }
        line
    }

    fn again(&mut self, names: &[String], depth: usize) -> String {
        let assigned: Vec<&String> =
            names.iter().filter(|name| ["a", "b", "c", "d"].contains(&name.as_str())).collect();
        let name = assigned[self.below(assigned.len())].clone();
        if depth > 0 && self.below(4) == 0 {
            let condition =
                format!("{} < {}", self.expression(names, 1), self.expression(names, 1));
            return format!("if ({condition}) {{\n{}}}\n", self.again(names, depth - 1));
        }
        format!("{name} <- {}\n", self.expression(names, 2))
    }
}

#[test]
fn functions_that_assign_again_predict_the_same_in_every_form() {
    let folder = folder("convert_random");
    let mut numbers = Numbers(0);
    let events = "TIME,EVID,AMT,CMT,WT\n0,1,2,x,60\n0,0,.,.,60\n1,0,.,.,60\n5,0,.,.,80\n";
    std::fs::write(folder.join("doses.csv"), events).expect("written");
    for round in 0..40 {
        let mut names: Vec<String> =
            ["p", "q", "x", "t", "WT / 70"].iter().map(|one| (*one).to_string()).collect();
        let n_lines = 4 + numbers.below(8);
        // Two names have a value before anything branches.
        let mut body = String::from("a <- p + q\nb <- a * 2\n");
        names.extend(["a".to_string(), "b".to_string()]);
        for _ in 0..n_lines {
            body += &numbers.statement(&mut names, 2);
        }
        let slope = numbers.expression(&names, 2);
        let shown = numbers.expression(&names, 3);
        let text = format!(
            "ini({{\n p <- 0.5\n q <- c(0, 1.5)\n e ~ 0.1\n s <- 0.1\n}})\nmodel({{\n{body}\
             d/dt(x) <- -0.3 * x + 0.1 * tanh({slope}) * exp(e)\ny <- x + {shown}\ny ~ add(s)\n}})\n"
        );
        std::fs::write(folder.join("model.R"), &text).expect("written");
        let run = |model: &str| {
            let (code, rows, said) = epsom(&folder, &["simulate", model, "--events", "doses.csv"]);
            assert_eq!(code, 0, "round {round}: {said}\n{text}");
            rows
        };
        let before = run("model.R");
        for (from, to) in [("model.R", "there.epm"), ("there.epm", "back.R"), ("model.R", "same.R")]
        {
            let (code, _, said) = epsom(&folder, &["convert", from, "-o", to]);
            assert_eq!(code, 0, "round {round}: {said}\n{text}");
            same(&before, &run(to), 0.0, &format!("round {round}: {to}\n{text}\n"));
        }
    }
}

/// Fenced models of a page of the language, and the models of the tree.
fn models_with_units() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join("docs/language")).expect("a folder") {
        let path = entry.expect("a file").path();
        let page = std::fs::read_to_string(&path).expect("text");
        for (at, part) in page.split("```epm\n").skip(1).enumerate() {
            let text = part.split("\n```").next().unwrap_or_default();
            found.push((format!("{} {at}", path.display()), format!("{text}\n")));
        }
    }
    let mut folders = vec![root.join("models")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "epm") {
                let text = std::fs::read_to_string(&path).expect("text");
                found.push((path.display().to_string(), text));
            }
        }
    }
    // Days and mg, columns in units of their own, an output in another unit than its quantity.
    let text = "model theo\ntime [d]\ncovariate wt = 70[kg]\ncovariate crcl = 100[mL/min] linear\n\
        param ka = 1.5[1/h] assumed \"x\" bounds(0[1/h], 5[1/h])\n\
        param cl = 2.8[L/h] assumed \"x\" varies lognormal(cv 30[%]) assumed \"x\" \
        scales (wt / 70[kg])^0.75 * crcl / 100[mL/min]\n\
        param v = 32[L] assumed \"x\" varies lognormal(cv 20[%]) assumed \"x\" scales wt / 70[kg]\n\
        param base = 2[mg/L] assumed \"x\" varies normal(sd 0.5[mg/L]) assumed \"x\"\n\
        param f1 = 0.8[1] assumed \"x\" varies logitnormal(sd 0.3) assumed \"x\"\n\
        correlate cl, v = 0.4 assumed \"x\"\ncompartment depot [mg], central [mg]\n\
        function hill(x, k) = x / (x + k)\nf(depot) = f1\n\
        d/dt(central) = ka * depot - cl * conc * (1 + hill(conc, 5[mg/L]))\n\
        d/dt(depot) = -ka * depot\nconc = central / v + 1e-6 * wt / 32[L]\n\
        output Cc = conc + base [ug/mL]\noutput conc [ng/mL]\n\
        output cl [mL/min]\noutput half = 0.693 * v / cl [h]\noutput ka\noutput wt\n\
        output mass = wt [g]\noutput clock = t [h]\noutput depot\noutput inside = central [g]\n\
        Cc ~ prop(4[%]) + add(0.1[mg/L]) assumed \"x\"\n";
    found.push(("theo".into(), text.into()));
    found.sort();
    found
}

#[test]
fn models_with_units_predict_the_same_as_functions() {
    let folder = folder("convert_units");
    let mut n_models = 0;
    for (name, text) in models_with_units() {
        std::fs::write(folder.join("model.epm"), &text).expect("written");
        let (code, _, said) = epsom(&folder, &["convert", "model.epm", "-o", "model.R"]);
        if code != 0 {
            // A failing example, a module without its file, or what no function can say.
            assert_eq!(code, 3, "{name}: {said}");
            continue;
        }
        let function = std::fs::read_to_string(folder.join("model.R")).expect("text");
        let mut events = [String::from("TIME,EVID,AMT,CMT"), "0,1,100,1".into()];
        let times = ["0,0,.,.", "0.5,0,.,.", "4,0,.,.", "30,0,.,."];
        let mut ending = String::new();
        for line in function.lines().filter_map(|line| line.strip_prefix("# Column ")) {
            let (column, said) = line.split_once(": ").expect("a column and its unit");
            let usual = said.split(", ").nth(1).and_then(|one| one.split(' ').next());
            events[0] += &format!(",{column}");
            ending += &format!(",{}", usual.unwrap_or("1.5"));
        }
        let rows = [events[1].as_str()].into_iter().chain(times);
        let rows: String = rows.map(|row| format!("{row}{ending}\n")).collect();
        std::fs::write(folder.join("doses.csv"), format!("{}\n{rows}", events[0]))
            .expect("written");
        let run = |model: &str| epsom(&folder, &["simulate", model, "--events", "doses.csv"]);
        let (code, before, said) = run("model.epm");
        assert_eq!(code, 0, "{name}: {said}");
        let (code, after, said) = run("model.R");
        assert_eq!(code, 0, "{name}: {said}\n{function}");
        // A step is held to 1e-8; in other units the steps are others, and a hundred of them add up.
        same(&before, &after, 1e2 * 1e-8, &format!("{name}\n{function}\n"));
        n_models += 1;
    }
    assert!(n_models >= 13, "{n_models}");
}

#[test]
fn a_refusal_names_each_construct_with_its_line_and_writes_nothing() {
    let folder = folder("convert_refused");
    let text = "model fed\ntime [h]\nsubstance Mg\nwindow meal = every 24[h] from 8[h] for 30[min]\n\
        compartment gut [mmol]\nd/dt(gut) = meal * 10[mmol/h] - 0.2[1/h] * gut\n\
        initial periodic 24[h]\noutput amount = gut [mmol]\n";
    std::fs::write(folder.join("fed.epm"), text).expect("written");
    let (code, output, said) = epsom(&folder, &["convert", "fed.epm", "-o", "fed.R"]);
    assert_eq!((code, output.as_str()), (3, ""));
    assert!(!folder.join("fed.R").exists());
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("E0670")).collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(
        said.contains("window `meal` cannot be said") && said.contains("fed.epm:4:1"),
        "{said}"
    );
    assert!(said.contains("a start that is solved") && said.contains("fed.epm:7:1"), "{said}");
}

#[test]
fn what_needs_no_conversion_is_refused() {
    let folder = folder("convert_not");
    std::fs::write(folder.join("a.epm"), "model a\ntime [h]\n").expect("written");
    let (code, output, said) = epsom(&folder, &["convert", "a.epm", "--to", "epm"]);
    assert_eq!((code, output.as_str()), (3, ""));
    assert!(said.contains("E0109"), "{said}");
}
