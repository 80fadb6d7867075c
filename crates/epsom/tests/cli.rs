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
fn a_readable_model_says_what_is_not_checked() {
    let folder = folder("readable");
    let text = "model decay\ntime [h]\nparam k = 0.1[1/h] assumed \"example\"\n\
                compartment a [mmol]\nd/dt(a) = -k * a\n";
    std::fs::write(folder.join("decay.epm"), text).expect("written");
    epsom(&folder).args(["check", "decay.epm"]).assert().code(0).stdout_eq(str![[r#"
decay.epm: 5 statements read; the text has no mistake
names, units, sources and conservation are not checked by this version

"#]]);
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
  = help: did you mean `compartment`

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
    epsom(&folder).args(["explain", "E0107"]).assert().code(2).stderr_eq(str![[r#"
error[E0904]: there is no code `E0107`
 |
 = help: did you mean `E0101`


"#]]);
}
