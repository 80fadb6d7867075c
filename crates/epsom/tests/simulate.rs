//! `epsom simulate` end to end: what goes in, what comes out, in each form.

mod common;

use common::{DECAY, column, epsom, folder_with, names_in};
use parquet::file::reader::{FileReader, SerializedFileReader};
use snapbox::str;

const EVENTS: &str = "ID,TIME,EVID,AMT,CMT\n1,0,1,8,central\n1,0,0,0,0\n1,2,0,0,0\n";

/// exp(-1), to 17 digits.
const EXP_MINUS_1: f64 = 0.367_879_441_171_442_33;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn rows_hold_id_time_outputs_and_compartments() {
    let folder = folder_with("rows", &[("m.epm", DECAY), ("e.csv", EVENTS)]);
    let run = ["simulate", "m.epm", "--events", "e.csv"];
    // Rows go to standard output, what they rest on to standard error.
    let done = epsom(&folder).args(run).assert().code(0).stderr_eq(str![[r#"
note[N0915]: of 2 numbers behind the result: 2 assumed
 |
 = help: `epsom check m.epm --tree Cc` names them for one output


"#]]);
    let rows = text(&done.get_output().stdout);
    let lines: Vec<&str> = rows.lines().collect();
    assert_eq!(lines[..2], ["id,time,Cc,central,urine", "1,0,0.8,8,0"]);
    assert_eq!(lines.len(), 3);
    // The propagator's few roundings.
    let central = column(&rows, "central")[1];
    assert!((central - 8.0 * EXP_MINUS_1).abs() <= 16.0 * f64::EPSILON * central);
    epsom(&folder).args(run).args(["-o", "rows.csv"]).assert().code(0).stdout_eq("");
    assert_eq!(std::fs::read_to_string(folder.join("rows.csv")).expect("written"), rows);
    assert_eq!(names_in(&folder), ["e.csv", "m.epm", "rows.csv"]);
}

#[test]
fn an_output_that_is_no_number_leaves_its_cell_empty() {
    let model = "ini({ k <- 0.5 })\nmodel({ d/dt(x) = -k*x\n lx = log(x) })\n";
    let events = "ID,TIME,EVID,AMT,CMT\n1,0,0,0,0\n1,1,1,1,1\n1,1,0,0,0\n";
    let folder = folder_with("empty_cell", &[("m.txt", model), ("e.csv", events)]);
    let run = ["simulate", "m.txt", "--events", "e.csv"];
    let done = epsom(&folder).args(run).assert().code(0).stderr_eq(str![[r#"
warning[W0916]: `lx` is no finite number in 1 cell, which stays empty
 |
 = note: first in subject `1` at 0 h
 = help: look for a division by 0, or a logarithm or root of 0 or less, in what `lx` uses


"#]]);
    assert_eq!(text(&done.get_output().stdout), "id,time,lx,x\n1,0,,0\n1,1,0,1\n");
    let json = epsom(&folder).args(run).arg("--json").assert().code(0);
    assert!(text(&json.get_output().stdout).contains("null"));
}

#[test]
fn times_replace_the_observation_records() {
    let folder = folder_with("times", &[("m.epm", DECAY), ("e.csv", EVENTS)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "--times"];
    for (times, wanted) in [
        ("0:1:0.25", &[0.0, 0.25, 0.5, 0.75, 1.0][..]),
        ("0,0.5,30[min] ", &[]),
        ("1,3", &[1.0, 3.0]),
    ] {
        let done = epsom(&folder).args(run).arg(times).assert();
        if wanted.is_empty() {
            // The same time in two units is the same time.
            assert!(text(&done.code(2).get_output().stderr).contains("holds a time twice"));
            continue;
        }
        let rows = text(&done.code(0).get_output().stdout);
        assert_eq!(column(&rows, "time"), wanted);
    }
}

#[test]
fn doses_without_observations_get_a_grid() {
    let events = "ID,TIME,AMT,II,ADDL\n7,0,8,12,1\n";
    let folder = folder_with("usual", &[("m.epm", DECAY), ("e.csv", events)]);
    let done = epsom(&folder).args(["simulate", "m.epm", "--events", "e.csv"]).assert().code(0);
    let times = column(&text(&done.get_output().stdout), "time");
    assert_eq!((times.len(), times[1], times[480]), (481, 0.05, 24.0));
}

#[test]
fn values_carry_units_and_covariates_reach_the_model() {
    let folder = folder_with("values", &[("m.epm", DECAY), ("e.csv", EVENTS)]);
    let run = ["simulate", "m.epm", "--events", "e.csv"];
    let last = |more: &[&str]| {
        let done = epsom(&folder).args(run).args(more).assert().code(0);
        column(&text(&done.get_output().stdout), "central")[1]
    };
    let usual = last(&[]);
    assert_eq!(last(&["--param", "cl=5"]), usual);
    // 500/6 mL/min are 5 L/h; the unit's two products round.
    let with_unit = last(&["--param", "cl=83.333333333333333[mL/min]"]);
    assert!((with_unit - usual).abs() <= 16.0 * f64::EPSILON * usual);
    assert_eq!(last(&["--covariate", "wt=70000[g]"]), usual);
    // Twice the weight is twice the volume: half the rate.
    let heavy = last(&["--covariate", "wt=140"]);
    assert!((heavy - 8.0 * EXP_MINUS_1.sqrt()).abs() <= 16.0 * f64::EPSILON * heavy);
    assert_eq!(last(&["--param", "vc=20"]), heavy);
}

#[test]
fn a_drug_of_ones_own_is_dosed_without_a_substance() {
    let model = "model m\ntime [h]\nparam k = 0.1[1/h] assumed \"x\"\nparam r = 0[mg/h] assumed \"x\"\n\
                 compartment depot [mg], central [mg]\nd/dt(depot) = r - 0 * k * depot\n\
                 d/dt(central) = r - 0 * k * central\noutput amount = depot [mg]\n";
    let plain =
        "m <- function() {\n ini({\n  k <- 0\n })\n model({\n  d/dt(depot) <- -k * depot\n })\n}\n";
    let folder = folder_with("plain_dose", &[("m.epm", model), ("m.R", plain)]);
    let run = |model: &str, more: &[&str]| {
        let done = epsom(&folder).args(["simulate", model, "--times", "0,30"]).args(more);
        let done = done.output().expect("run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (done.status.code(), text(&done.stdout), text(&done.stderr))
    };
    for (model, more, name, at_end) in [
        ("m.epm", &["--regimen", "100 mg"][..], "depot", 100.0),
        ("m.epm", &["--regimen", "0.1 g once"], "depot", 100.0),
        ("m.epm", &["--regimen", "100 mg every 12 h for 1 d"], "depot", 200.0),
        (
            "m.epm",
            &["--regimen", "100 mg twice daily for 1 d", "--into", "central"],
            "central",
            200.0,
        ),
        ("m.epm", &["--regimen", "50 mg iv over 2 h", "--into", "central"], "central", 50.0),
        ("m.epm", &["--regimen", "50 mg/h iv over 2 h", "--into", "central"], "central", 100.0),
        ("m.R", &["--regimen", "100 once daily for 2 d"], "depot", 200.0),
    ] {
        let (code, rows, said) = run(model, more);
        assert_eq!(code, Some(0), "{more:?}: {said}");
        let found = column(&rows, name)[1];
        // Grams and rates have a rounding or two.
        assert!((found - at_end).abs() <= 4.0 * f64::EPSILON * at_end, "{more:?}: {found}");
    }
    for (model, text, expected) in [
        ("m.epm", "100 mmol once daily for 5 d", "write `100 mg once daily for 5 d`"),
        ("m.epm", "100 once daily for 5 d", "amounts of `depot` are mg"),
        ("m.R", "100 mg daily for 5 d", "write the number alone: `100 once daily for 5 d`"),
        ("m.epm", "100 mg twicce daily for 5 d", "E065"),
    ] {
        let (code, _, said) = run(model, &["--regimen", text]);
        assert!(code == Some(2) && said.contains(expected), "{text}: {code:?} {said}");
    }
}

#[test]
fn regimens_dose_a_model_in_its_own_unit() {
    let folder = folder_with("regimen", &[("m.epm", DECAY)]);
    let first = |model: &str, more: &[&str]| {
        let run = ["simulate", model, "--times", "0:1:1"];
        let done = epsom(&folder).args(run).args(more).assert().code(0);
        text(&done.get_output().stdout).lines().nth(1).expect("a row").to_string()
    };
    assert_eq!(first("m.epm", &["--regimen", "8 mmol Mg as oxide"]), "1,0,0.8,8,0");
    let two = ["--regimen", "8 mmol Mg as oxide", "--regimen", "4 mmol Mg as oxide"];
    assert!(first("m.epm", &two).ends_with(",12,0"));
    assert_eq!(
        first("m.epm", &["--regimen", "8 mmol Mg as oxide", "--into", "urine"]),
        "1,0,0,0,8"
    );
    // 24.305 mg of the metal are one mmol.
    std::fs::write(folder.join("mg.epm"), DECAY.replace("[mmol]", "[mg Mg]")).expect("written");
    let row = first("mg.epm", &["--regimen", "1 mmol Mg as oxide"]);
    let mass: f64 = row.split(',').nth(3).expect("a cell").parse().expect("a number");
    assert!((mass - 24.305).abs() <= 4.0 * f64::EPSILON * mass, "{row}");
}

#[test]
fn parquet_reads_back_as_the_same_rows() {
    let folder = folder_with("parquet", &[("m.epm", DECAY), ("e.csv", EVENTS)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "--times", "0:2:0.5"];
    let csv = text(&epsom(&folder).args(run).assert().code(0).get_output().stdout);
    epsom(&folder).args(run).args(["-o", "rows.parquet"]).assert().code(0).stdout_eq("");
    let file = std::fs::File::open(folder.join("rows.parquet")).expect("written");
    let reader = SerializedFileReader::new(file).expect("a Parquet file");
    let rows: Vec<_> =
        reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect();
    let times = column(&csv, "time");
    assert_eq!(rows.len(), times.len());
    for (at, name) in ["time", "Cc", "central", "urine"].into_iter().enumerate() {
        for (row, wanted) in rows.iter().zip(column(&csv, name)) {
            use parquet::record::RowAccessor;
            assert_eq!(row.get_double(at + 1).expect("a number"), wanted, "{name}");
            assert_eq!(row.get_string(0).expect("text"), "1");
        }
    }
}

#[test]
fn figures_are_pictures_of_the_outputs() {
    let folder = folder_with("figure", &[("m.epm", DECAY), ("e.csv", EVENTS)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "--times", "0:10:0.1", "-o"];
    epsom(&folder).args(run).arg("a.svg").assert().code(0).stdout_eq("");
    let svg = std::fs::read_to_string(folder.join("a.svg")).expect("written");
    for word in [
        "<svg",
        "</svg>",
        "time (h)",
        "Cc (mmol/L)",
        "First-order loss",
        "One line per subject.",
        "of 2 numbers behind the result: 2 assumed",
    ] {
        assert!(svg.contains(word), "`{word}` is missing");
    }
    epsom(&folder).args(run).arg("a.png").assert().code(0).stdout_eq("");
    let png = std::fs::read(folder.join("a.png")).expect("written");
    assert_eq!(
        (&png[..8], &png[png.len() - 8..png.len() - 4]),
        (&b"\x89PNG\r\n\x1a\n"[..], &b"IEND"[..])
    );
}

#[test]
fn json_has_a_schema_and_the_same_rows() {
    // At the time of the doses no rounding stands in the way of exact text.
    let events = "ID,TIME,EVID,AMT\n1,0,1,8\n1,0,0,0\nB,0,1,4\nB,0,0,0\n";
    let folder = folder_with("json_rows", &[("m.epm", DECAY), ("e.csv", events)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "--json"];
    epsom(&folder).args(run).assert().code(0).stdout_eq(str![[r#"
{"checked":true,"columns":[{"kind":"output","name":"Cc","rests_on":{"assumed":2,"given":0,"not_human":0,"numbers":2,"recalled":0},"unit":"mmol/L"},{"kind":"compartment","name":"central","unit":"mmol"},{"kind":"compartment","name":"urine","unit":"mmol"}],"extrapolates":[],"hypotheses":[],"model":"decay","schema":"epsom.simulate/1","time_unit":"h","rows":[
["1",0,0.8,8,0],
["B",0,0.4,4,0]],"failed":[]}

"#]]);
    let done = epsom(&folder).args(run).args(["-o", "rows.csv"]).assert().code(0);
    let value: serde_json::Value =
        serde_json::from_slice(&done.get_output().stdout).expect("one object");
    assert_eq!(value["file"], "rows.csv");
    assert_eq!(value["n_rows"], 2);
    assert!(folder.join("rows.csv").exists());
}

#[test]
fn a_subject_that_stops_leaves_the_others() {
    // `wt` of the second subject empties the volume; its row before that is kept.
    let events = "ID,TIME,EVID,AMT,CMT,WT\nA,0,1,8,1,70\nA,1,0,0,0,70\n\
                  S017,0,1,8,1,70\nS017,1,0,0,0,70\nS017,2,2,0,0,0\nS017,3,0,0,0,0\n\
                  Z,0,1,8,1,70\nZ,1,0,0,0,70\n";
    let folder = folder_with("stops", &[("m.epm", DECAY), ("e.csv", events)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "--param", "cl=4", "-o", "rows.csv"];
    let done = epsom(&folder).args(run).assert().code(5);
    let said = text(&done.get_output().stderr);
    let rows = std::fs::read_to_string(folder.join("rows.csv")).expect("kept");
    let ids: Vec<&str> = rows.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
    assert_eq!(ids, ["A", "S017", "Z"], "{rows}");
    assert!(!rows.contains("NaN") && !rows.contains("inf"), "{rows}");
    assert!(said.contains("error[E0701]: subject `S017` stopped at "), "{said}");
    for part in [
        "= cause: ",
        "= where: after dose 1",
        "= values: cl = 4 L/h, wt = 0 kg",
        "= repeat: epsom simulate m.epm --events e.csv --param cl=4 --subject S017",
        "= help: ",
    ] {
        assert!(said.contains(part), "`{part}` is missing:\n{said}");
    }
    let json = epsom(&folder).args(run).arg("--json").assert().code(5);
    let json: serde_json::Value =
        serde_json::from_slice(&json.get_output().stdout).expect("one object");
    assert_eq!(json["failed"][0]["id"], "S017");
    assert!(json["failed"][0]["cause"].as_str().is_some_and(|cause| !cause.is_empty()), "{json}");
    // The command it names shows the same subject alone.
    let again = ["simulate", "m.epm", "--events", "e.csv", "--param", "cl=4", "--subject", "S017"];
    let done = epsom(&folder).args(again).assert().code(5);
    assert_eq!(text(&done.get_output().stderr), said);
}

/// The line after `repeat:` goes through a shell as it stands.
#[cfg(unix)]
#[test]
fn the_command_to_repeat_is_one_that_a_shell_understands() {
    let model = "ini({\n  k <- 1\n})\nmodel({\n  d/dt(a) = -k*(it_s)/a\n  a(0) = 1\n})\n";
    let events = "ID,TIME,EVID\nthe first,1,0\nit's $HOME,1,0\n";
    let folder = folder_with("repeat", &[("my model.txt", model), ("e.csv", events)]);
    let run = ["simulate", "my model.txt", "--events", "e.csv", "--covariate", "it_s=2"];
    let done = epsom(&folder).args(run).args(["--rtol", "1e-6"]).assert().code(5);
    let said = text(&done.get_output().stderr);
    let lines: Vec<&str> =
        said.lines().filter_map(|line| line.split_once("repeat: ")).map(|(_, line)| line).collect();
    assert_eq!(
        lines,
        [
            "epsom simulate 'my model.txt' --events e.csv --covariate it_s=2 --rtol 1e-6 \
             --subject 'the first'",
            "epsom simulate 'my model.txt' --events e.csv --covariate it_s=2 --rtol 1e-6 \
             --subject 'it'\\''s $HOME'",
        ]
    );
    let binary = snapbox::cmd::cargo_bin!("epsom");
    let line = lines[1].replacen("epsom", &format!("'{}'", binary.display()), 1);
    let shell = std::process::Command::new("sh").arg("-c").arg(line).current_dir(&folder).output();
    let again = text(&shell.expect("a shell").stderr);
    assert!(again.starts_with("error[E0701]: subject `it's $HOME` stopped at 0.25 h"), "{again}");
}

#[test]
fn what_is_given_or_switched_on_is_marked() {
    let model = DECAY.replace("compartment", "hypothesis slower \"example\"\ncompartment");
    let model = model.replace("-cl / vc", "-cl / vc * (1 - slower / 2)");
    let model = model.replace("= cl / vc * central", "= cl / vc * (1 - slower / 2) * central");
    let folder = folder_with("marks", &[("m.epm", &model)]);
    let run = ["simulate", "m.epm", "--times", "0:1:1", "--json", "--param", "cl=4"];
    let done = epsom(&folder).args(run).args(["--hypothesis", "slower"]).assert().code(0);
    let value: serde_json::Value =
        serde_json::from_slice(&done.get_output().stdout).expect("one object");
    assert_eq!(value["hypotheses"], serde_json::json!(["slower"]));
    let rests_on = &value["columns"][0]["rests_on"];
    assert_eq!(
        rests_on,
        &serde_json::json!({
            "numbers": 2, "assumed": 1, "given": 1, "recalled": 0, "not_human": 0,
        })
    );
    let said = text(&done.get_output().stderr);
    assert!(said.contains("hypothesis `slower` is on"), "{said}");
}

#[test]
fn subjects_can_be_chosen() {
    let events = "ID,TIME,AMT,EVID\n1,0,8,1\n1,1,0,0\n2,0,8,1\n2,1,0,0\n3,0,8,1\n3,1,0,0\n";
    let folder = folder_with("chosen", &[("m.epm", DECAY), ("e.csv", events)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "--subject", "3", "--subject", "1"];
    let done = epsom(&folder).args(run).assert().code(0);
    assert_eq!(column(&text(&done.get_output().stdout), "id"), [1.0, 3.0]);
}

#[test]
fn text_without_a_name_is_known_by_its_file() {
    let model = "ini({\n  k <- 0.5\n})\nmodel({\n  d/dt(a) = -k*a\n})\n";
    let folder = folder_with("unnamed", &[("m.txt", model)]);
    let run = ["simulate", "m.txt", "--times", "0:1:1", "--json"];
    let done = epsom(&folder).args(run).assert().code(0);
    assert!(text(&done.get_output().stdout).contains("\"model\":\"m.txt\""));
}

#[test]
fn solvers_agree_within_their_tolerance() {
    let folder = folder_with("solvers", &[("m.epm", DECAY), ("e.csv", EVENTS)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "--times", "0:5:0.5"];
    let central = |more: &[&str]| {
        let done = epsom(&folder).args(run).args(more).assert().code(0);
        column(&text(&done.get_output().stdout), "central")
    };
    let exact = central(&["--solver", "linear"]);
    assert_eq!(central(&[]), exact, "auto takes the exact way where there is one");
    for solver in ["tsit5", "rodas4", "rodas5p"] {
        for rtol in [1e-4, 1e-8, 1e-10] {
            let stepped = central(&["--solver", solver, "--rtol", &rtol.to_string()]);
            for (got, wanted) in stepped.iter().zip(&exact) {
                // Local errors of a decaying solution do not grow: ten steps' worth at most.
                let near = (got - wanted).abs() <= 10.0 * rtol * 8.0;
                assert!(near, "{solver} at {rtol}: {got}, not {wanted}");
            }
            assert_ne!(stepped, exact, "{solver} at {rtol}");
        }
    }
}

#[test]
fn threads_and_neighbors_do_not_show() {
    // Not linear, so that lanes take steps of their own size; more subjects than one block.
    let model = "ini({\n  vm <- 2\n  km <- 1\n})\nmodel({\n  \
                 d/dt(a) = -vm*wt/70*a/(km + a)\n})\n";
    let subject = |id: usize| format!("{id},0,{},{}\n{id},3,0,.\n", 1 + id, 50 + id);
    let events: String = (0..70).map(subject).collect();
    let events = format!("ID,TIME,AMT,WT\n{events}");
    let folder = folder_with("threads", &[("m.txt", model), ("e.csv", &events)]);
    let rows = |threads: &str, more: &[&str]| {
        let run = ["simulate", "m.txt", "--events", "e.csv"];
        let run = epsom(&folder).env("RAYON_NUM_THREADS", threads).args(run).args(more);
        text(&run.assert().code(0).get_output().stdout)
    };
    let all = rows("1", &[]);
    assert_eq!(all.lines().count(), 71);
    assert_eq!(rows("2", &[]), all);
    let alone = rows("2", &["--subject", "41"]);
    assert!(all.contains(alone.lines().nth(1).expect("a row")));
}

#[test]
fn the_linear_solver_refuses_what_is_not_linear() {
    let model = "ini({\n  k <- 0.5\n})\nmodel({\n  d/dt(a) = -k*a*a\n  a(0) = 1\n})\n";
    let folder = folder_with("not_linear", &[("m.txt", model)]);
    let run = ["simulate", "m.txt", "--times", "0:1:1", "--solver"];
    let done = epsom(&folder).args(run).arg("linear").assert().code(5);
    assert!(text(&done.get_output().stderr).contains("use `--solver auto`"));
    epsom(&folder).args(run).arg("auto").assert().code(0);
}

#[test]
fn the_built_in_model_takes_a_regimen_and_keeps_its_mass() {
    let folder = folder_with("built_in", &[]);
    let run = |regimen: &str| {
        let run = ["simulate", "magnesium", "--times", "0,8,9,24", "--regimen", regimen];
        let done = epsom(&folder).args(run).assert().code(0);
        let said = text(&done.get_output().stderr);
        assert!(said.starts_with("note[N0915]: of ") && said.contains(" assumed"), "{said}");
        text(&done.get_output().stdout)
    };
    let rows = run("400 mg Mg as oxide at 8:00 with meals");
    // 400 mg of magnesium are 16.457 mmol; part of the oxide does not dissolve at once.
    let at = |name: &str, row: usize| column(&rows, name)[row];
    let taken = at("solid", 1) + at("residue", 1);
    assert!((taken - 400.0 / 24.305).abs() <= 1e-7 * taken, "{taken}");
    assert!(at("residue", 1) > 0.0 && at("solid", 1) > 0.0);
    // Everything that is in the body or has left it: the start, the food and the dose.
    let stores = [
        "solid", "residue", "lumen", "plasma", "rest", "fast", "slow", "deep", "csf_pool", "urine",
        "faeces", "sweat",
    ];
    let total = |row: usize| stores.iter().map(|name| at(name, row)).sum::<f64>();
    let gained = total(3) - total(0);
    let wanted = 14.0 + 400.0 / 24.305;
    // The tolerance of a run, 1e-8, of the largest store.
    assert!((gained - wanted).abs() <= 1e-8 * total(0), "{gained} {wanted}");
    // Into a vein no salt matters.
    let iv = run("4 mmol Mg iv over 1 h");
    assert!(column(&iv, "serum")[1] > column(&rows, "serum")[1]);
}

#[test]
fn what_lies_beyond_the_observations_is_said_for_each_person() {
    let people = "id,gfr[mL/min]\na,120\nb,30\n";
    let folder = folder_with("reach", &[("people.csv", people)]);
    let run = |more: &[&str]| {
        let run = ["simulate", "magnesium", "--times", "0,24", "--json"];
        let done = epsom(&folder).args(run).args(more).assert().code(0);
        let said = text(&done.get_output().stderr);
        let json = text(&done.get_output().stdout);
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let found = json["extrapolates"].as_array().expect("a list").clone();
        assert_eq!(said.contains("note[N0917]"), !found.is_empty(), "{said}");
        found.iter().map(|one| one.as_str().expect("words").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(run(&["--regimen", "300 mg Mg as citrate"]), [] as [String; 0]);
    let found = run(&["--regimen", "1500 mg Mg as MgT", "--covariate", "gfr=30[mL/min]"]);
    assert!(found[0].starts_with("Filtration of 30 mL/min, where"), "{found:?}");
    assert!(found[1].starts_with("Magnesium in one dose by mouth of 1500 mg, where"), "{found:?}");
    assert!(found[2].starts_with("No target holds l_threonate in people: "), "{found:?}");
    // Indexed, of a body surface of 1.82 m2: 26.3 mL/min.
    let found = run(&["--covariate", "egfr=25"]);
    assert!(found[0].starts_with("Filtration of 26.3 mL/min, where"), "{found:?}");
    let found = run(&["--people", "people.csv", "--summary"]);
    assert!(found[0].starts_with("Filtration of 30 mL/min and the like in 1 of 2 people, where"));
    let found = run(&["--regimen", "150 mmol Mg iv over 12 h"]);
    assert!(found[0].starts_with("Magnesium into a vein of 150 mmol, where"), "{found:?}");
}

/// The first row is read, then the interrupt is sent: the pipe holds far less than all rows, so
/// the program cannot have finished before.
#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_it_finished() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};
    let mut events = "ID,TIME,AMT\n".to_string();
    (0..4000).for_each(|id| events.push_str(&format!("{id},0,8\n")));
    let folder = folder_with("interrupted", &[("m.epm", DECAY), ("e.csv", &events)]);
    let mut child = Command::new(snapbox::cmd::cargo_bin!("epsom"))
        .current_dir(&folder)
        .args(["simulate", "m.epm", "--events", "e.csv", "--times", "0:20:0.1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut first = String::new();
    out.read_line(&mut first).expect("a header");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("rows");
    let done = child.wait_with_output().expect("ends");
    assert_eq!(done.status.code(), Some(130), "{}", text(&done.stderr));
    assert!(text(&done.stderr).contains("interrupted after"), "{}", text(&done.stderr));
    // Whole subjects: 201 rows each, and not all of them.
    let n_rows = rest.lines().count();
    assert!(n_rows.is_multiple_of(201) && n_rows < 4000 * 201, "{n_rows}");
}
