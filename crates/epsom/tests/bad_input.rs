//! What is wrong with the input of `epsom simulate`: message, exit code, no file.

mod common;

use common::{DECAY, epsom, folder_with, names_in};
use snapbox::{IntoData, str};

const EVENTS: &str = "ID,TIME,EVID,AMT,CMT\n1,0,1,8,central\n1,2,0,0,0\n";

/// Runs in a folder with `m.epm` and `e.csv`; nothing may be printed or left behind.
#[track_caller]
fn refused(name: &str, arguments: &[&str], code: i32, said: impl IntoData) {
    refused_with(name, &[], arguments, code, said);
}

#[track_caller]
fn refused_with(
    name: &str,
    more: &[(&str, &str)],
    arguments: &[&str],
    code: i32,
    said: impl IntoData,
) {
    let mut files = vec![("m.epm", DECAY), ("e.csv", EVENTS)];
    files.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    files.extend(more);
    let folder = folder_with(&format!("bad_{name}"), &files);
    let before = names_in(&folder);
    let run = epsom(&folder).arg("simulate").args(arguments);
    run.assert().code(code).stdout_eq("").stderr_eq(said);
    assert_eq!(names_in(&folder), before, "a file was left behind");
}

#[test]
fn unknown_model() {
    refused(
        "model",
        &["magnesum", "--times", "0:24:1", "-o", "x.csv"],
        3,
        str![[r#"
error[E0908]: there is no model `magnesum`
 |
 = note: neither a file in this folder nor a built-in model has this name
 = note: built-in models: `magnesium`
 = help: did you mean `magnesium`


"#]],
    );
    refused(
        "model_path",
        &["none.epm", "--times", "0:24:1", "-o", "x.csv"],
        3,
        str![[r#"
error[E0901]: cannot read model `none.epm`
 |
 = cause: No such file or directory (os error 2)
 = help: check the path; it is taken from this folder


"#]],
    );
}

#[test]
fn unit_mismatch() {
    let model = DECAY.replace("d/dt(urine) = cl / vc * central", "d/dt(urine) = cl * central");
    let run = ["w.epm", "--events", "e.csv", "-o", "x.csv"];
    refused_with(
        "unit",
        &[("w.epm", &model)],
        &run,
        3,
        str![[r#"
error[E0312]: units do not match
 --> w.epm:9:15
  |
5 | param cl = 5[L/h] assumed "example" fixed "example"
  |       -- `cl` is in L/h
...
9 | d/dt(urine) = cl * central
  |               ^^^^^^^^^^^^ this is mmol*L/h, but d/dt(urine) needs mmol/h
  |
  = help: divide by a quantity in L, such as `vc`

error[E0413]: this sum is not conserved
  --> w.epm:10:10
   |
10 | conserve central + urine
   |          ^^^^^^^^^^^^^^^ its derivatives do not add up to the declared inflow
   |
   = note: compartments in the sum: `central`, `urine`
   = help: add the compartment that collects what leaves, or declare what comes in with `inflow NAME`


"#]],
    );
    let run = ["m.epm", "--events", "e.csv", "--param", "cl=5[mL]", "-o", "x.csv"];
    refused(
        "unit_param",
        &run,
        2,
        str![[r#"
error[E0312]: units do not match
 --> --param:1:6
  |
1 | cl=5[mL]
  |      ^^ this is mL, but `cl` is in L/h
  |
  = help: give a value in `L/h`


"#]],
    );
    let run = ["m.epm", "--events", "e.csv", "--covariate", "wt=80[kgg]", "-o", "x.csv"];
    refused(
        "unit_covariate",
        &run,
        2,
        str![[r#"
error[E0301]: a unit is not understood
 --> --covariate:1:7
  |
1 | wt=80[kgg]
  |       ^^^ `kgg` is not a unit
  |
  = help: `wt` is in `kg`


"#]],
    );
}

#[test]
fn missing_source() {
    let model = DECAY
        .replace("param cl = 5[L/h] assumed \"example\" fixed \"example\"", "param cl = 5[L/h]");
    let run = ["w.epm", "--events", "e.csv", "-o", "x.csv"];
    refused_with(
        "source",
        &[("w.epm", &model)],
        &run,
        3,
        str![[r#"
error[E0501]: parameter `cl` has no source
 --> w.epm:5:7
  |
5 | param cl = 5[L/h]
  |       ^^ add `source <key>` or `assumed "<reason>"`


"#]],
    );
}

#[test]
fn salts_and_doses() {
    let run = |text: &'static str| ["magnesium", "--regimen", text, "-o", "x.csv"];
    refused(
        "salt",
        &run("500 mg Mg as oxyde once daily for 1 d"),
        2,
        str![[r#"
error[E0652]: `oxyde` is not a known salt
 --> --regimen:1:14
  |
1 | 500 mg Mg as oxyde once daily for 1 d
  |              ^^^^^ not in the table of salts
  |
  = help: did you mean `oxide`?


"#]],
    );
    refused(
        "reading",
        &run("500 mg oxide once daily for 1 d"),
        2,
        str![[r#"
error[E0650]: `500 mg oxide` can be read in two ways
 --> --regimen:1:1
  |
1 | 500 mg oxide once daily for 1 d
  | ^^^^^^^^^^^^ mass of the salt, or of magnesium in it
  |
  = note: 500 mg of oxide salt = 302 mg elemental
  = note: 500 mg Mg as oxide = 829 mg of salt
  = help: for the mass of the salt write `500 mg MgO` or `500 mg oxide salt`
  = help: for magnesium alone write `500 mg Mg as oxide`


"#]],
    );
    refused(
        "negative",
        &run("-5 mg MgO"),
        2,
        str![[r#"
error[E0651]: a dose is a positive amount
 --> --regimen:1:1
  |
1 | -5 mg MgO
  | ^^ this is -5


"#]],
    );
    let run = ["m.epm", "--regimen", "30 mmol Mg iv over 8 h", "-o", "x.csv"];
    refused(
        "into",
        &run,
        2,
        str![[r#"
error[E0912]: which compartment an infusion enters is not said
 |
 = note: in order they are `central`, `urine`
 = help: name it with `--into`


"#]],
    );
    let run = ["m.epm", "--regimen", "5 mmol Mg as oxide", "--into", "centrl", "-o", "x.csv"];
    refused(
        "into_unknown",
        &run,
        2,
        str![[r#"
error[E0606]: model `decay` has no compartment `centrl`
 |
 = note: in order they are `central`, `urine`
 = help: did you mean `central`


"#]],
    );
    let model = DECAY.replace("[mmol]", "[mmol Ca]").replace("[mmol/L]", "[mmol/L Ca]");
    let run = ["ca.epm", "--regimen", "5 mmol Mg as oxide", "-o", "x.csv"];
    refused_with(
        "substance",
        &[("ca.epm", &model)],
        &run,
        2,
        str![[r#"
error[E0912]: `central` cannot take `5 mmol Mg as oxide`
 |
 = note: `central` is in mmol Ca: no stoichiometry leads from `Mg` to `Ca`
 = help: give the doses as records with `--events`, in the compartment's own unit


"#]],
    );
    let events = "ID,TIME,EVID,AMT,CMT\n1,0,1,-8,central\n1,2,0,0,0\n";
    let run = ["m.epm", "--events", "w.csv", "-o", "x.csv"];
    refused_with(
        "negative_record",
        &[("w.csv", events)],
        &run,
        4,
        str![[r#"
error[E0607]: the amount is negative
 --> w.csv:2:7
  |
2 | 1,0,1,-8,central
  |       ^^ on this row
  |
  = help: give 0 or more in `AMT`


"#]],
    );
}

#[test]
fn times() {
    let run = |text: &'static str| ["m.epm", "--events", "e.csv", "-o", "x.csv", "--times", text];
    refused(
        "times_order",
        &run("0,4,2"),
        2,
        str![[r#"
error[E0907]: `--times` is not in order
 --> --times:1:5
  |
1 | 0,4,2
  |   - ^ 2 comes after 4
  |   |
  |   the time before it
  |
  = help: give each time once, from the first to the last


"#]],
    );
    refused(
        "times_twice",
        &run("0,4,4"),
        2,
        str![[r#"
error[E0907]: `--times` holds a time twice
 --> --times:1:5
  |
1 | 0,4,4
  |   - ^ here again
  |   |
  |   the time before it
  |
  = help: give each time once, from the first to the last


"#]],
    );
    refused(
        "times_step",
        &run("0:24:0"),
        2,
        str![[r#"
error[E0907]: the step of `--times` is not above 0
 --> --times:1:6
  |
1 | 0:24:0
  |      ^ this step
  |
  = help: write `START:END:STEP`, such as `0:24:0.5`


"#]],
    );
    refused(
        "times_many",
        &run("0:1e9:1e-3"),
        2,
        str![[r#"
error[E0907]: `--times` asks for too many rows
 --> --times:1:7
  |
1 | 0:1e9:1e-3
  |       ^^^^ 1.000000001e12 steps
  |
  = note: the most is 1000000
  = help: choose a larger step


"#]],
    );
    refused(
        "times_none",
        &["m.epm", "-o", "x.csv"],
        2,
        str![[r#"
error[E0909]: nothing says which times or doses to run
 |
 = help: give doses with `--regimen "1 g MgT twice daily for 12 weeks"` or `--events FILE.csv`
 = help: without doses, give `--times 0:24:0.5`


"#]],
    );
}

#[test]
fn unknown_compartment() {
    let events = EVENTS.replace("central", "centrl");
    let run = ["m.epm", "--events", "w.csv", "-o", "x.csv"];
    refused_with(
        "cmt",
        &[("w.csv", &events)],
        &run,
        4,
        str![[r#"
error[E0606]: model `decay` has no compartment `centrl`
 --> w.csv:2:9
  |
2 | 1,0,1,8,centrl
  |         ^^^^^^ not a compartment
  |
  = note: in order they are `central`, `urine`
  = help: did you mean `central`


"#]],
    );
    let events = EVENTS.replace("central", "3");
    refused_with(
        "cmt_number",
        &[("w.csv", &events)],
        &run,
        4,
        str![[r#"
error[E0606]: model `decay` has no compartment `3`
 --> w.csv:2:9
  |
2 | 1,0,1,8,3
  |         ^ not a compartment
  |
  = note: in order they are `central`, `urine`


"#]],
    );
}

#[test]
fn files_without_records() {
    let run = ["m.epm", "--events", "w.csv", "-o", "x.csv"];
    refused_with(
        "empty",
        &[("w.csv", "")],
        &run,
        4,
        str![[r#"
error[E0902]: event file `w.csv` is empty


"#]],
    );
    refused_with(
        "header",
        &[("w.csv", "ID,TIME,AMT\n")],
        &run,
        4,
        str![[r#"
error[E0601]: the event file has a header and no records
 |
 = help: give a header such as `ID,TIME,EVID,AMT,CMT` and one row per dose or observation


"#]],
    );
    refused_with(
        "model_empty",
        &[("w.epm", "")],
        &["w.epm", "--times", "0:1:1"],
        3,
        str![[r#"
error[E0902]: model `w.epm` is empty


"#]],
    );
    refused(
        "events_none",
        &["m.epm", "--events", "none.csv", "-o", "x.csv"],
        4,
        str![[r#"
error[E0901]: cannot read event file `none.csv`
 |
 = cause: No such file or directory (os error 2)
 = help: check the path; it is taken from this folder


"#]],
    );
}

#[test]
fn two_gigabytes_of_zeros() {
    let folder = folder_with("bad_zeros", &[("m.epm", DECAY)]);
    // A sparse file: no disk space.
    let zeros = std::fs::File::create(folder.join("zeros.csv")).expect("created");
    zeros.set_len(2_000_000_000).expect("sparse");
    let run = ["simulate", "m.epm", "--events", "zeros.csv", "-o", "x.csv"];
    epsom(&folder).args(run).assert().code(4).stdout_eq("").stderr_eq(str![[r#"
error[E0902]: event file `zeros.csv` is not text
 |
 = note: byte 0 is zero; the file holds 2000000000 bytes
 = help: give a text file; spreadsheets can be saved as CSV


"#]]);
    assert_eq!(names_in(&folder), ["m.epm", "zeros.csv"]);
}

#[test]
fn values_that_are_no_numbers() {
    let run = |value: &'static str| ["m.epm", "--events", "e.csv", "-o", "x.csv", "--param", value];
    refused(
        "nan",
        &run("cl=nan"),
        2,
        str![[r#"
error[E0906]: `cl` needs a finite number, found `nan`
 --> --param:1:4
  |
1 | cl=nan
  |    ^^^ expected a number
  |
  = help: give it in `L/h`, or with a unit: `1[L/h]`


"#]],
    );
    refused(
        "unknown",
        &run("cll=1"),
        2,
        str![[r#"
error[E0906]: the model has no parameter `cll`
 --> --param:1:1
  |
1 | cll=1
  | ^^^ not in the model
  |
  = note: it has `cl`, `vc`
  = help: did you mean `cl`


"#]],
    );
    refused(
        "no_value",
        &run("cl"),
        2,
        str![[r#"
error[E0906]: `--param cl` has no `=`
 |
 = help: write `--param cl=VALUE`


"#]],
    );
    let run = |option, value| ["m.epm", "--events", "e.csv", "-o", "x.csv", option, value];
    refused(
        "rtol",
        &run("--rtol", "0"),
        2,
        str![[r#"
error[E0906]: `--rtol 0` is out of range
 |
 = note: it is from 1e-14 to 0.1
 = help: leave `--rtol` out for the usual 1e-8


"#]],
    );
    refused(
        "subject",
        &run("--subject", "2"),
        2,
        str![[r#"
error[E0906]: there is no subject `2`
 |
 = note: subjects: `1`
 = help: give an id of the event file


"#]],
    );
}

#[test]
fn a_name_that_nothing_defines() {
    let model = "ini({\n  k <- 0.5\n})\nmodel({\n  d/dt(a) = -k*wt*a\n})\n";
    let events = "ID,TIME,EVID,AMT\n1,0,1,8\n1,2,0,0\n";
    let files = [("w.txt", model), ("w.csv", events)];
    refused_with(
        "undefined",
        &files,
        &["w.txt", "--events", "w.csv", "-o", "x.csv"],
        4,
        str![[r#"
error[E0910]: `wt` has no value
 --> w.txt:5:16
  |
5 |   d/dt(a) = -k*wt*a
  |                ^^ nothing in the text defines it
  |
  = help: give `--covariate wt=VALUE` or a column `wt` in the event file
  = help: or mend its spelling in the model


"#]],
    );
    let events = "ID,TIME,EVID,AMT,WT\n1,0,1,8,70\n1,2,0,0,70\n2,0,1,8,.\n2,2,0,0,.\n";
    let files = [("w.txt", model), ("w.csv", events)];
    refused_with(
        "undefined_one",
        &files,
        &["w.txt", "--events", "w.csv"],
        4,
        str![[r#"
error[E0910]: `wt` has no value
 --> w.txt:5:16
  |
5 |   d/dt(a) = -k*wt*a
  |                ^^ nothing in the text defines it
  |
  = where: subject `2` of the event file has none
  = help: give `--covariate wt=VALUE` or a column `wt` in the event file
  = help: or mend its spelling in the model


"#]],
    );
}

#[test]
fn places_that_cannot_be_written() {
    let run = |path: &'static str| ["m.epm", "--events", "e.csv", "-o", path];
    refused(
        "folder",
        &run("none/x.csv"),
        2,
        str![[r#"
error[E0903]: there is no folder `none`
 |
 = note: the result would be `none/x.csv`
 = help: make it with `mkdir -p none`, or choose another place with `-o`


"#]],
    );
    refused(
        "ending",
        &run("x.xlsx"),
        2,
        str![[r#"
error[E0911]: `x.xlsx` does not say what to write
 |
 = note: endings: `.csv`, `.parquet`, `.svg`, `.png`
 = help: give one of these endings, or `-o -` for CSV on standard output


"#]],
    );
}

#[test]
fn a_model_that_cannot_be_solved() {
    // The solution 1/(1 - t) has a pole at 1.
    let model = "ini({\n  k <- 1\n})\nmodel({\n  d/dt(a) = k*a*a\n  a(0) = 1\n})\n";
    let folder = folder_with("bad_pole", &[("pole.txt", model)]);
    let run = ["simulate", "pole.txt", "--times", "0:2:0.5", "--solver", "tsit5"];
    epsom(&folder).args(run).assert().code(5).stderr_eq(str![[r#"
error[E0701]: subject `1` stopped at 1 h
 |
 = cause: a derivative or compartment is not a finite number
 = where: before any dose
 = repeat: epsom simulate pole.txt --times 0:2:0.5 --solver tsit5
 = help: look for a division by 0 in the derivatives, and for parameters of 0


"#]]);
}

#[test]
fn a_step_that_becomes_too_small() {
    // The solution sqrt(1 - 2 t) ends at 0.5, where its slope is without bound.
    let model = "ini({\n  k <- 1\n})\nmodel({\n  d/dt(a) = -k/a\n  a(0) = 1\n})\n";
    let folder = folder_with("bad_step", &[("m.txt", model)]);
    let run = ["simulate", "m.txt", "--times", "0:2:0.4", "--param", "k=1", "-o", "x.csv"];
    epsom(&folder).args(run).assert().code(5).stdout_eq("").stderr_eq(str![[r#"
error[E0701]: subject `1` stopped at 0.5 h
 |
 = cause: step size fell below the smallest step while solving `a`
 = where: before any dose
 = values: k = 1
 = repeat: epsom simulate m.txt --times 0:2:0.4 --param k=1
 = help: look for a derivative that jumps or grows without bound, or raise `--rtol`


"#]]);
    let rows = std::fs::read_to_string(folder.join("x.csv")).expect("what was finished is kept");
    assert_eq!(rows.lines().count(), 3, "{rows}");
}

/// Where time starts again, a time of the command line would be met twice.
#[test]
fn times_where_time_starts_again() {
    let events = "ID,TIME,EVID,AMT,CMT\n1,0,1,5,central\n1,9,0,0,0\n1,0,4,5,central\n1,9,0,0,0\n";
    let run = ["m.epm", "--events", "again.csv", "--times", "0,1", "-o", "x.csv"];
    refused_with(
        "again",
        &[("again.csv", events)],
        &run,
        2,
        str![[r#"
error[E0604]: time starts again in the records of `1`
 |
 = note: a time of `--times` or `--regimen` would be met more than once
 = help: give doses and rows as records, or let the time run on after the reset


"#]],
    );
}
