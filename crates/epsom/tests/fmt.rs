//! `epsom fmt`, in an empty folder.

use snapbox::cmd::{Command, cargo_bin};
use snapbox::str;
use std::path::PathBuf;

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    folder
}

fn epsom(folder: &PathBuf) -> Command {
    Command::new(cargo_bin!("epsom")).current_dir(folder)
}

const LOOSE: &str = "x   =1 # one\ny=2\n";
const TIDY: &str = "x = 1  # one\ny = 2\n";

#[test]
fn files_are_rewritten_once() {
    let folder = folder("fmt");
    std::fs::write(folder.join("a.epm"), LOOSE).expect("written");
    epsom(&folder).args(["fmt", "a.epm"]).assert().code(0).stdout_eq("formatted a.epm\n");
    assert_eq!(std::fs::read_to_string(folder.join("a.epm")).expect("text"), TIDY);
    epsom(&folder).args(["fmt", "a.epm"]).assert().code(0).stdout_eq("");
    epsom(&folder).args(["fmt", "--check", "a.epm"]).assert().code(0).stdout_eq("");
    epsom(&folder).args(["fmt", "-"]).stdin(LOOSE).assert().code(0).stdout_eq(TIDY);
}

#[test]
fn check_changes_nothing_and_mistakes_are_left_alone() {
    let folder = folder("fmt_check");
    std::fs::write(folder.join("a.epm"), LOOSE).expect("written");
    std::fs::write(folder.join("bad.epm"), "x = (1\n").expect("written");
    epsom(&folder).args(["fmt", "--check", "a.epm"]).assert().code(6).stderr_eq(str![[r#"
error[E0107]: `a.epm` is not formatted
 |
 = note: first difference: line 1
 = help: write `epsom fmt a.epm`


"#]]);
    assert_eq!(std::fs::read_to_string(folder.join("a.epm")).expect("text"), LOOSE);
    epsom(&folder)
        .args(["fmt", "bad.epm", "a.epm"])
        .assert()
        .code(3)
        .stdout_eq("formatted a.epm\n");
    assert_eq!(std::fs::read_to_string(folder.join("bad.epm")).expect("text"), "x = (1\n");
    epsom(&folder).args(["fmt", "none.epm"]).assert().code(4);
}

#[test]
fn an_output_shows_the_numbers_it_rests_on() {
    let folder = folder("tree");
    let text = "model chain\ntime [h]\nsubstance Mg\ncovariate wt = 70[kg]\n\
                param v = 12[L] source EPS001 fixed \"shown\" scales wt / 70[kg]\n\
                param k = 85[mL/min] assumed \"example\"\nparam ka = 2[1/h] assumed \"example\" uncertain lognormal(cv 50[%])\n\
                compartment gut [mmol], body [mmol], store [mmol]\nd/dt(gut) = -ka * gut\n\
                d/dt(body) = ka * gut - k / v * body\nd/dt(store) = k / v * body\noutput c = body / v [mmol/L]\noutput s = store\n";
    std::fs::write(folder.join("chain.epm"), text).expect("written");
    epsom(&folder)
        .args(["check", "chain.epm", "--tree", "c"])
        .assert()
        .code(0)
        .stdout_eq(str![[r#"
c [mmol/L]
  wt             given from outside
  v = 12 L       row EPS001 (epsom_structure; assumption); fixed: shown
  through body
    k = 85 mL/min  assumed: example; no uncertainty given
    ka = 2 1/h     assumed: example; log-normal, log sd 0.47
rests on 3 numbers: 2 assumed in the model, 1 on an assumption row, 0 recalled, 0 from animals or cells, 2 without uncertainty

"#]]);
    epsom(&folder).args(["check", "chain.epm", "--tree", "d"]).assert().code(2).stderr_eq(str![[
        r#"
error[E0906]: the model has no output `d`
 |
 = note: outputs: `c`, `s`
 = help: did you mean `c`


"#
    ]]);
}
