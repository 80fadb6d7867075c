//! `--rule` and `--log` end to end.

mod common;

use common::{DECAY, column, epsom, folder_with, names_in};
use snapbox::str;

const EVENTS: &str = "ID,TIME,EVID,AMT,CMT,II,ADDL\n\
                      A,0,1,40,central,24,9\nA,240,0,.,.,.,.\n\
                      B,0,1,10,central,24,9\nB,240,0,.,.,.,.\n";
const HALVE: &str = "when Cc > 5e-5 mmol/L at visits every 48 h, halve the dose";

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn read(folder: &std::path::Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect(name)
}

#[test]
fn decisions_are_logged_as_a_table() {
    let folder = folder_with("rules_log", &[("m.epm", DECAY), ("e.csv", EVENTS)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "-o", "rows.csv", "--rule", HALVE];
    let late = ["--rule", "late dose 2 by 3 h", "--rule", "miss doses 4", "--log"];
    epsom(&folder).args(run).args(late).arg("log.csv").assert().code(0).stdout_eq("");
    snapbox::assert_data_eq!(
        read(&folder, "log.csv"),
        str![[r#"
id,time,rule,output,value,doses_so_far,compartment,dose_before,dose_after,dose_unit
A,24,late,,3,2,central,40,40,mmol
A,48,"when Cc > 5e-5 mmol/L at visits every 48 h, halve the dose",Cc,0.00011014594840437037,2,central,40,20,mmol
A,72,missed,,,4,central,20,0,mmol
B,24,late,,3,2,central,10,10,mmol
B,72,missed,,,4,central,10,0,mmol

"#]]
    );
    epsom(&folder).args(run).args(late).arg("log.json").assert().code(0);
    let json = read(&folder, "log.json");
    assert!(json.starts_with("{\"decisions\":[{"), "{json}");
    assert!(json.contains("\"schema\":\"epsom.decisions/1\""), "{json}");
    assert_eq!(names_in(&folder), ["e.csv", "log.csv", "log.json", "m.epm", "rows.csv"]);
}

#[test]
fn a_subject_alone_misses_the_doses_it_misses_among_others() {
    let folder = folder_with("rules_alone", &[("m.epm", DECAY), ("e.csv", EVENTS)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "--rule", "miss 40 %"];
    let rows = |more: &[&str]| {
        let done = epsom(&folder).args(run).args(more).assert().code(0);
        text(&done.get_output().stdout)
    };
    let (both, alone) = (rows(&[]), rows(&["--subject", "B"]));
    assert_eq!(both.lines().last(), alone.lines().last());
    assert_eq!(both, rows(&["--seed", "1"]));
    assert_ne!(both, rows(&["--seed", "2"]));
    let missed = rows(&["--rule", "miss doses 1,2,3,4,5,6,7,8,9,10"]);
    assert_eq!(column(&missed, "central"), [0.0, 0.0]);
}

#[test]
fn people_and_draws_follow_rules_too() {
    let folder = folder_with("rules_people", &[("m.epm", DECAY)]);
    let run = [
        "simulate",
        "m.epm",
        "--regimen",
        "10 mmol Mg iv over 1 h every 24 h for 5 d",
        "--into",
        "central",
    ];
    let many = ["--n", "3", "--draws", "2", "--rule", "late 50 % by 1 to 6 h", "--log", "log.csv"];
    epsom(&folder).args(run).args(many).args(["-o", "rows.csv"]).assert().code(0);
    let log = read(&folder, "log.csv");
    assert!(log.starts_with("id,draw,time"), "{log}");
    // The same doses of the same person in both draws.
    let of = |draw: &str| -> Vec<String> {
        let rows = log.lines().skip(1).filter(|line| line.split(',').nth(1) == Some(draw));
        rows.map(|line| line.replacen(&format!(",{draw},"), ",", 1)).collect()
    };
    assert!(!of("1").is_empty());
    assert_eq!(of("1"), of("2"));
}

#[test]
fn what_rules_cannot_do_is_refused() {
    let folder = folder_with("rules_refused", &[("m.epm", DECAY), ("e.csv", EVENTS)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "--rule"];
    let said = |more: &[&str]| {
        let done = epsom(&folder).args(run).args(more).assert().code(2);
        text(&done.get_output().stderr)
    };
    snapbox::assert_data_eq!(
        said(&["when Cb > 1, halve the dose"]),
        str![[r#"
error[E0615]: the model has no output `Cb`
 --> --rule:1:6
  |
1 | when Cb > 1, halve the dose
  |      ^^ not an output
  |
  = note: outputs: `Cc`
  = help: did you mean `Cc`


"#]]
    );
    snapbox::assert_data_eq!(
        said(&["if Cc > 1, halve the dose"]),
        str![[r#"
error[E0614]: a rule cannot be read
 --> --rule:1:1
  |
1 | if Cc > 1, halve the dose
  | ^^ expected `when`, `every`, `at`, `start`, `miss` or `late`
  |
  = help: such as `when Cc > 2.5 mmol/L at visits every 7 d, halve the dose`
  = help: or `start 100 mg, every 7 d add 100 mg up to 400 mg`, or `miss 10 %`


"#]]
    );
    assert!(said(&["miss 5 %", "--log", "log.txt"]).contains("E0911"));
    assert_eq!(names_in(&folder), ["e.csv", "m.epm"]);
}

/// How much of an oxide dissolves at once depends on the dose, which is split as rules leave it.
#[test]
fn changed_doses_of_a_salt_dissolve_as_their_new_amount_does() {
    let folder = folder_with("rules_oxide", &[]);
    let rows = |regimen: &str, rules: &[&str]| {
        let run = ["simulate", "magnesium", "--times", "0:96:8", "--regimen", regimen];
        let rules = rules.iter().flat_map(|rule| ["--rule", rule]);
        let done = epsom(&folder).args(run).args(rules).assert().code(0);
        text(&done.get_output().stdout)
    };
    let (small, large) =
        ("200 mg Mg as oxide once daily for 4 d", "800 mg Mg as oxide once daily for 4 d");
    assert_ne!(rows(small, &[]), rows(large, &[]));
    for (regimen, rules, wanted) in [
        (large, &["start 200 mg Mg"][..], small),
        (small, &["start 800 mg Mg"], large),
        (
            large,
            &["miss doses 1,2,3,4", "at 0 h, give 200 mg Mg", "every 24 h, give 200 mg Mg"],
            "",
        ),
    ] {
        let (got, wanted) = match wanted {
            // The last visit stands at 96 h, where a fifth dose is given.
            "" => (rows(regimen, rules), rows("200 mg Mg as oxide once daily for 5 d", &[])),
            other => (rows(regimen, rules), rows(other, &[])),
        };
        for name in ["serum", "solid", "residue"] {
            for (got, wanted) in column(&got, name).iter().zip(column(&wanted, name)) {
                assert!(
                    (got - wanted).abs() <= 1e-6 * wanted.abs().max(1e-3),
                    "{name} {got} {wanted}"
                );
            }
        }
    }
}

#[test]
fn decisions_stand_in_the_json_form() {
    let folder = folder_with(
        "rules_json",
        &[
            ("m.epm", DECAY),
            ("e.csv", EVENTS),
            ("one.csv", &EVENTS[..EVENTS.find("B,0").unwrap_or(0)]),
        ],
    );
    // Before the third dose: 4 (exp(-12) + exp(-24)).
    let rule = "when Cc > 2e-5 mmol/L at visits every 48 h, halve the dose";
    let run = ["simulate", "m.epm", "--json", "--rule", rule];
    let object = |events: &str, more: &[&str]| -> serde_json::Value {
        let done = epsom(&folder).args(run).args(["--events", events]).args(more).assert().code(0);
        serde_json::from_slice(&done.get_output().stdout).expect("one object")
    };
    let wanted = serde_json::json!([{
        "id": "A", "time": 48.0, "rule": rule, "output": "Cc", "value": 0.000024577000418694497,
        "doses_so_far": 2, "compartment": "central", "dose_before": 40.0, "dose_after": 20.0,
        "dose_unit": "mmol",
    }]);
    let shown = object("e.csv", &[]);
    assert_eq!((&shown["decisions"], shown["rows"].as_array().map(Vec::len)), (&wanted, Some(2)));
    assert_eq!(shown["failed"], serde_json::json!([]));
    assert_eq!(object("e.csv", &["-o", "rows.csv", "--log", "log.json"])["decisions"], wanted);
    let log: serde_json::Value =
        serde_json::from_str(&read(&folder, "log.json")).expect("one object");
    assert_eq!(log["decisions"], wanted);
    let people = object("one.csv", &["--n", "2", "--draws", "2"]);
    let draws: Vec<_> = people["decisions"].as_array().into_iter().flatten().collect();
    assert!(draws.iter().all(|one| one["draw"].is_u64() && one["rule"] == rule), "{draws:?}");
}

/// Rows and decisions of 80 subjects, at visits, all the time, missed and late, on 1 and 2 threads.
#[test]
fn threads_do_not_show_in_rules() {
    let mut events = String::from("ID,TIME,EVID,AMT,CMT,II,ADDL\n");
    for id in 0..80 {
        events += &format!("{id},0,1,{},central,24,9\n{id},240,0,.,.,.,.\n", 5 + id % 50);
    }
    let folder = folder_with("rules_threads", &[("m.epm", DECAY), ("e.csv", &events)]);
    // Doses are held for 30 h, so that a visit sees exp(-24) of the one before.
    let halve = "when Cc > 1e-12 mmol/L at visits every 48 h, halve the dose";
    let run = |threads: &str| {
        let log = format!("{threads}.csv");
        let run =
            ["simulate", "m.epm", "--events", "e.csv", "--rule", halve, "--rule", "miss 10 %"];
        let more = ["--rule", "late 20 % by 1 to 6 h", "--rule", "when Cc > 2e-3, hold for 30 h"];
        let command = epsom(&folder).args(run).args(more).args(["--log", &log]);
        let done = command.env("RAYON_NUM_THREADS", threads).assert().code(0);
        (text(&done.get_output().stdout), read(&folder, &log))
    };
    let (one, two) = (run("1"), run("2"));
    for rule in [halve, "missed", "late", "hold for 30 h"] {
        assert!(one.1.contains(rule), "`{rule}` did nothing:\n{}", one.1);
    }
    assert!(one == two, "threads show");
}
