//! The binary end to end, in an empty folder.

use snapbox::cmd::{Command, cargo_bin};
use snapbox::str;
use std::path::PathBuf;

/// A fresh folder below the build folder.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    folder
}

fn epsom(folder: &PathBuf) -> Command {
    Command::new(cargo_bin!("epsom")).current_dir(folder)
}

#[test]
fn a_checked_model_says_what_it_rests_on() {
    let folder = folder("readable");
    let text = "model decay\ntime [h]\nparam k = 0.1[1/h] assumed \"example\"\n\
                compartment a [mmol]\nd/dt(a) = -k * a\n";
    std::fs::write(folder.join("decay.epm"), text).expect("written");
    epsom(&folder).args(["check", "decay.epm"]).assert().code(0).stdout_eq(str![[r#"
decay.epm: no mistake found (compartments: 1, parameters: 1, outputs: 0)
outputs: none, so that tables hold the compartments only
parameters with evidence rows: 0; assumed in the model: 1
parameters on an assumption row: 0; on a recalled number: 0; on animals or cells: 0
parameters without uncertainty: 1
of these, drawn with a default 30 % in `--draws`: `k`

"#]]);
}

#[test]
fn a_checked_model_is_shown_in_colors_on_a_page() {
    let folder = folder("page");
    let text = "model decay \"A < B\"\ntime [h]\nparam k = 0.1[1/h] assumed \"example\"\n\
                compartment a [mmol]\nd/dt(a) = -k * a\noutput b = a [mmol]\n";
    std::fs::write(folder.join("decay.epm"), text).expect("written");
    let args = ["check", "decay.epm", "-o", "decay.html"];
    epsom(&folder).args(args).assert().code(0).stdout_eq("written to decay.html\n");
    let page = std::fs::read_to_string(folder.join("decay.html")).expect("written");
    assert!(page.contains("<h1>Model decay</h1>") && page.contains("b rests on `k`"), "{page}");
    let line = "<span class=\"statement\">param</span> <span class=\"name\">k</span> \
                <span class=\"operator\">=</span> <span class=\"number\">0.1</span>\
                <span class=\"unit\">[1&#x2f;h]</span> <span class=\"clause\">assumed</span> \
                <span class=\"quoted\">&quot;example&quot;</span>";
    assert!(page.contains(line), "{page}");
    assert!(!page.contains("<script") && !page.contains("http"));
    // A model with mistakes is told, and no page appears.
    std::fs::write(folder.join("bad.epm"), "compartmnt a [mmol]\n").expect("written");
    epsom(&folder).args(["check", "bad.epm", "-o", "bad.html"]).assert().code(3);
    assert!(!folder.join("bad.html").exists());
}

#[test]
fn mistakes_in_a_model_exit_with_3() {
    let folder = folder("mistakes");
    std::fs::write(folder.join("bad.epm"), "compartmnt a [mmol]\nx = 2 +\n").expect("written");
    epsom(&folder).args(["check", "bad.epm"]).assert().code(3).stdout_eq("").stderr_eq(str![[r#"
error[E0105]: `compartmnt` begins no statement
 --> bad.epm:1:1
  |
1 | compartmnt a [mmol]
  | ^^^^^^^^^^ not a statement
  |
  = help: did you mean `compartment`?

error[E0103]: expected a value, found the end of the text
 --> bad.epm:2:9
  |
2 | x = 2 +
  |        ^ expected a value


"#]]);
}

#[test]
fn files_that_are_no_text_are_refused() {
    let folder = folder("no_text");
    std::fs::write(folder.join("empty.epm"), "").expect("written");
    // A sparse file: 2 GB of zeros without the disk space.
    let zeros = std::fs::File::create(folder.join("zeros.epm")).expect("created");
    zeros.set_len(2_000_000_000).expect("sparse");
    epsom(&folder).args(["check", "zeros.epm"]).assert().code(3).stderr_eq(str![[r#"
error[E0902]: model `zeros.epm` is not text
 |
 = note: byte 0 is zero; the file holds 2000000000 bytes
 = help: give a text file; spreadsheets can be saved as CSV


"#]]);
    epsom(&folder).args(["check", "empty.epm"]).assert().code(3).stderr_eq(str![[r#"
error[E0902]: model `empty.epm` is empty


"#]]);
    epsom(&folder).args(["check", "none.epm"]).assert().code(3).stderr_eq(str![[r#"
error[E0901]: cannot read model `none.epm`
 |
 = cause: No such file or directory (os error 2)
 = help: check the path; it is taken from this folder


"#]]);
}

#[test]
fn unknown_codes_are_told_apart_from_known_ones() {
    let folder = folder("codes");
    epsom(&folder).args(["explain", "e0106"]).assert().code(0);
    epsom(&folder).args(["explain", "E010101"]).assert().code(2).stderr_eq(str![[r#"
error[E0904]: there is no code `E010101`
 |
 = help: did you mean `E0101`


"#]]);
}

#[test]
fn a_row_of_evidence_is_shown_with_its_source() {
    let folder = folder("evidence");
    let shown = epsom(&folder).args(["evidence", "show", "PK061"]).assert().code(0);
    let text = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    assert!(text.contains("5.1 L/h (95 % CI 2.1 to 17)"), "{text}");
    assert!(text.contains("dolberg2017"), "{text}");
    epsom(&folder).args(["evidence", "show", "PK06x1"]).assert().code(2).stderr_eq(str![[r#"
error[E0905]: there is no row `PK06x1`
 |
 = help: did you mean `PK061`


"#]]);
    epsom(&folder).args(["evidence", "list", "valeus"]).assert().code(2).stderr_eq(str![[r#"
error[E0905]: there is no table `valeus`
 |
 = note: tables: `values`, `effects`, [..]
 = help: did you mean `values`


"#]]);
}

#[test]
fn numbers_from_animals_are_marked() {
    let folder = folder("marked");
    let found = epsom(&folder).args(["evidence", "search", "CSF", "exit", "dog"]).assert().code(0);
    let text = String::from_utf8_lossy(&found.get_output().stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("MGT042")).expect("the dog's rate");
    assert!(line.contains("[not human]") && line.contains("[assumption]"), "{line}");
}

#[test]
fn evidence_as_json_has_a_schema() {
    let folder = folder("json");
    let shown = epsom(&folder).args(["evidence", "show", "MGT041", "--json"]).assert().code(0);
    let value: serde_json::Value =
        serde_json::from_slice(&shown.get_output().stdout).expect("JSON");
    assert_eq!(value["schema"], "epsom.evidence/1");
    assert_eq!(value["rows"][0]["fields"]["species"], "dog");
}

#[test]
fn a_bolus_is_simulated_exactly_and_bad_values_are_refused() {
    let folder = folder("simulate");
    let model = "ini({\n  k <- 0.5\n})\nmodel({\n  d/dt(a) = -k*a\n  c = a/2\n})\n";
    std::fs::write(folder.join("m.txt"), model).expect("written");
    let events = "ID,TIME,EVID,AMT,CMT\n1,0,1,8,1\n1,0,0,0,0\n1,2,0,0,0\n";
    std::fs::write(folder.join("e.csv"), events).expect("written");
    let run = ["simulate", "m.txt", "--events", "e.csv"];
    let done = epsom(&folder).args(run).args(["-o", "rows.csv"]).assert().code(0);
    assert!(done.get_output().stdout.is_empty());
    let text = std::fs::read_to_string(folder.join("rows.csv")).expect("written");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..2], ["id,time,c,a", "1,0,4,8"]);
    let last: f64 = lines[2].split(',').nth(3).expect("four cells").parse().expect("a number");
    // 8 exp(-1), to a few roundings of the propagator.
    assert!((last - 2.943_035_529_371_538_7).abs() < 16.0 * f64::EPSILON * last);
    for (value, said) in [("k=nan", "finite"), ("kk=1", "no parameter"), ("k", "no `=`")] {
        let bad = epsom(&folder).args(run).args(["--param", value, "-o", "bad.csv"]).assert();
        let bad = bad.code(2);
        let text = String::from_utf8_lossy(&bad.get_output().stderr).into_owned();
        assert!(text.contains(said), "{text}");
    }
    assert!(!folder.join("bad.csv").exists());
}

#[test]
fn every_command_has_help_with_examples_and_a_manual_page() {
    let folder = folder("manual");
    let text = |arguments: &[&str]| {
        let done = epsom(&folder).args(arguments).assert().code(0).stderr_eq("");
        String::from_utf8_lossy(&done.get_output().stdout).into_owned()
    };
    let page = text(&["man"]);
    assert!(page.contains(".TH epsom 1"), "{page}");
    let help = text(&["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<&str> = commands
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    assert!(commands.contains(&"simulate"), "{help}");
    for command in commands {
        let page = text(&["man", command]);
        assert!(page.contains(&format!(".TH epsom-{command} 1")), "{command}: {page}");
        let help = text(&[command, "--help"]);
        // The evidence's own commands carry the examples.
        assert!(help.contains("Examples:") || help.contains("Commands:"), "{command}: {help}");
    }
    epsom(&folder).args(["man", "simulat"]).assert().code(2);
}

#[test]
fn shells_complete_the_commands() {
    let folder = folder("shells");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let done = epsom(&folder).args(["completions", shell]).assert().code(0).stderr_eq("");
        let script = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
        assert!(script.contains("simulate") && script.contains("regimen"), "{shell}");
    }
}

/// `UPDATE_EXPECT=1` draws it anew.
#[test]
fn the_diagram_of_the_built_in_model_is_current() {
    let folder = folder("diagram");
    let draw = |file: &str| {
        let done = epsom(&folder).args(["check", "magnesium", "--diagram", file]).assert().code(0);
        done.stdout_eq(format!("written to {file}\n"));
        std::fs::read(folder.join(file)).expect("written")
    };
    let drawn = String::from_utf8(draw("m.svg")).expect("text");
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/theory/magnesium.svg");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&kept, &drawn).expect("written");
    }
    // Sums and square roots of whole numbers: the same everywhere.
    let kept = std::fs::read_to_string(&kept).expect("the committed drawing");
    assert!(drawn == kept, "run with UPDATE_EXPECT=1");
    let flows = String::from_utf8(draw("m.csv")).expect("text");
    for row in [",lumen,food,no", "plasma,urine,excreted,no", "plasma,rest,to_rest,yes"] {
        assert!(flows.lines().any(|line| line == row), "{row} in {flows}");
    }
    assert!(draw("m.png").starts_with(b"\x89PNG"));
    let refused =
        epsom(&folder).args(["check", "magnesium", "--diagram", "m.pdf"]).assert().code(4);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("E0911"));
}
