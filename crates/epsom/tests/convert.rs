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

#[test]
fn what_needs_no_conversion_is_refused() {
    let folder = folder("convert_not");
    std::fs::write(folder.join("a.epm"), "model a\ntime [h]\n").expect("written");
    let (code, output, said) = epsom(&folder, &["convert", "a.epm"]);
    assert_eq!((code, output.as_str()), (3, ""));
    assert!(said.contains("E0109"), "{said}");
}
