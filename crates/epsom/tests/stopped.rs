//! Subjects that stop: which lines of the event file the message names.

mod common;

use common::{epsom, folder_with};

/// What is said of the only subject that stops.
#[track_caller]
fn said(name: &str, model: &str, events: &str, more: &[&str]) -> String {
    let folder = folder_with(name, &[("m.epm", model), ("e.csv", events)]);
    let done =
        epsom(&folder).args(["simulate", "m.epm", "--events", "e.csv"]).args(more).assert().code(5);
    String::from_utf8(done.get_output().stderr.clone()).expect("text")
}

#[track_caller]
fn where_is(said: &str) -> &str {
    let mut lines = said.lines().filter_map(|line| line.split_once("where: "));
    let Some((_, here)) = lines.next() else { panic!("{said}") };
    assert!(lines.next().is_none(), "{said}");
    here
}

/// A lag below 0 from 3 h on.
const LATE: &str = "ini({ k <- 0.1 })\nmodel({\n  d/dt(x) <- -k * x\n  alag(x) <- 3 - t\n})\n";
/// The same of an amount of magnesium.
const LATE_MG: &str = "model late\ntime [h]\nsubstance Mg\nparam k = 0.1[1/h] assumed \"test\"\n\
                       compartment x [mmol]\nd/dt(x) = -k * x\nalag(x) = 3[h] - t\n";
/// A lag of `lag` h.
const LAGGED: &str =
    "ini({ k <- 0.1; lag <- 0 })\nmodel({\n  d/dt(x) <- -k * x\n  alag(x) <- lag\n})\n";

#[test]
fn a_dose_that_cannot_be_given_names_its_line() {
    let events = "ID,TIME,EVID,AMT\n1,0,1,5\n1,4,1,5\n1,9,0,0\n";
    let said = said("stopped_lag", LATE, events, &[]);
    assert!(said.contains("stopped at 4 h"), "{said}");
    assert_eq!(where_is(&said), "after dose 2, at line 3 of `e.csv`");
}

/// The line is one of the file, whatever rows and doses the command line adds.
#[test]
fn rows_and_doses_of_the_command_line_move_no_line() {
    let events = "ID,TIME,EVID,AMT\n1,0,1,5\n1,1,0,0\n1,2,0,0\n# a comment\n1,4,1,5\n1,9,0,0\n";
    let more = ["--times", "0:9:0.01", "--regimen", "1 mmol Mg iv over 1 h", "--into", "x"];
    let model = LATE_MG.replace("3[h] - t", "ifelse(t < 4[h], 0[h], 3[h] - t)");
    for more in [&[][..], &more[..2], &more] {
        let said = said("stopped_times", &model, events, more);
        let n = if more.len() > 2 { 3 } else { 2 };
        assert_eq!(where_is(&said), format!("after dose {n}, at line 6 of `e.csv`"), "{more:?}");
    }
}

/// The same for a dose of a regimen, which no line holds, at a time that a line has too.
#[test]
fn a_dose_of_a_regimen_names_no_line() {
    let events = "ID,TIME,EVID,AMT,CMT\n1,0,2,0,1\n1,24,0,0,1\n1,48,0,0,1\n";
    let more = ["--regimen", "1 mmol Mg iv over 1 h every 24 h for 2 d", "--into", "x"];
    let said = said("stopped_regimen", LATE_MG, events, &more);
    assert!(said.contains("stopped at 24 h"), "{said}");
    assert_eq!(where_is(&said), "after dose 2");
}

/// After a restart the doses before it count, and lines go on.
#[test]
fn doses_and_lines_are_counted_over_restarts() {
    let events = "ID,TIME,EVID,AMT,II,ADDL\n1,0,1,5,1,2\n1,2.5,3,0,0,0\n1,2.6,0,0,0,0\n\
                  1,0,4,5,0,0\n1,4,1,5,0,0\n1,9,0,0,0,0\n";
    assert_eq!(
        where_is(&said("stopped_restart", LATE, events, &[])),
        "after dose 5, at line 6 of `e.csv`"
    );
    // What a reset has cancelled was not given.
    let events = events.replace("1,0,1,5,1,2", "1,0,1,5,2,9");
    assert_eq!(
        where_is(&said("stopped_cancelled", LATE, &events, &[])),
        "after dose 4, at line 6 of `e.csv`"
    );
}

/// Repeats of a dose point at the line that they repeat.
#[test]
fn a_repeat_names_the_line_of_its_dose() {
    let events = "ID,TIME,EVID,AMT,II,ADDL\n1,0,2,0,0,0\n1,0.5,1,5,2,9\n1,3,0,0,0,0\n1,9,0,0,0,0\n";
    assert_eq!(
        where_is(&said("stopped_repeat", LATE, events, &[])),
        "after dose 3, at line 3 of `e.csv`"
    );
}

#[test]
fn doses_that_pile_up_name_their_line() {
    let model = "model({ d/dt(x) <- 0 * x })\n";
    let events = "ID,TIME,EVID,AMT,II,SS\n1,0,1,5,0,0\n1,6,1,5,12,1\n1,9,0,0,0,0\n";
    let said = said("stopped_steady", model, events, &["--times", "0,9"]);
    assert_eq!(where_is(&said), "after dose 2, at line 3 of `e.csv`");
}

/// The storm comes between two lines; with a lag its doses pile up, and with a long infusion their
/// ends do.
#[test]
fn a_storm_names_the_lines_around_it() {
    let storm = "1,2,1,1,1e-6,4000000000,0";
    let events = format!(
        "ID,TIME,EVID,AMT,II,ADDL,RATE\n1,0,1,5,0,0,0\n{storm}\n1,100,0,0,0,0,0\n1,200,0,0,0,0,0\n"
    );
    let infusions = events.replace("000,0\n", "000,0.01\n");
    let between = "between lines 3 and 4 of `e.csv`";
    for (name, more, events, wanted) in [
        ("stopped_storm", &[][..], &events, between),
        ("stopped_storm_lag", &["--param", "lag=50"], &events, between),
        ("stopped_storm_infusion", &[], &infusions, between),
        // These rows take the place of those of the file.
        ("stopped_storm_times", &["--times", "100,200"], &events, "after line 3 of `e.csv`"),
    ] {
        let said = said(name, LAGGED, events, more);
        assert!(said.contains("cause: more "), "{said}");
        let here = where_is(&said);
        assert!(here.starts_with("after dose ") && here.ends_with(wanted), "{here}");
    }
}

/// Subjects that share their times and run together: each names its own lines.
#[test]
fn a_storm_of_several_subjects_names_the_lines_of_each() {
    // A power of two, so that all intervals are equal to the last digit.
    let of = |id: u32| {
        format!("{id},0,1,5,0,0\n{id},2,1,{id},9.5367431640625e-7,4000000000\n{id},100,0,0,0,0\n")
    };
    let events = format!("ID,TIME,EVID,AMT,II,ADDL\n{}{}", of(1), of(2));
    let folder = folder_with("stopped_storms", &[("m.epm", LAGGED), ("e.csv", &events)]);
    let run = ["simulate", "m.epm", "--events", "e.csv", "--param", "lag=50"];
    let done = epsom(&folder).args(run).assert().code(5);
    let said = String::from_utf8(done.get_output().stderr.clone()).expect("text");
    for lines in ["between lines 3 and 4", "between lines 6 and 7"] {
        assert_eq!(said.matches(lines).count(), 1, "{said}");
    }
}
