//! `epsom evidence`: what a reader gets, as text and JSON, and what goes wrong.

use expect_test::expect_file;
use snapbox::cmd::{Command, cargo_bin};
use snapbox::str;

fn epsom(words: &[&str]) -> Command {
    Command::new(cargo_bin!("epsom")).arg("evidence").args(words)
}

/// Standard output of a command that succeeds.
fn output(words: &[&str]) -> String {
    let done = epsom(words).output().expect("runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success() && said.is_empty(), "{words:?}: {said}");
    String::from_utf8(done.stdout).expect("UTF-8")
}

fn json(words: &[&str]) -> serde_json::Value {
    let text = output(&[words, &["--json"]].concat());
    assert_eq!(text.lines().count(), 1, "one object on one line");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["schema"], "epsom.evidence/1");
    value
}

#[test]
fn a_claim_from_animals_says_what_is_known_in_people() {
    expect_file!["evidence/C15.txt"].assert_eq(&output(&["claim", "C15"]));
}

#[test]
fn a_mixed_claim_shows_both_sides() {
    expect_file!["evidence/C01.txt"].assert_eq(&output(&["claim", "C01"]));
}

#[test]
fn a_claim_with_a_pooled_effect_shows_it() {
    expect_file!["evidence/C47.txt"].assert_eq(&output(&["claim", "C47"]));
}

#[test]
fn a_supported_claim_has_size_and_limits() {
    expect_file!["evidence/M14.txt"].assert_eq(&output(&["claim", "M14"]));
}

#[test]
fn a_statement_leads_to_the_claim_it_was_merged_into() {
    assert_eq!(output(&["claim", "cpk05"]), output(&["claim", "C15"]));
}

#[test]
fn studies_values_and_citations_are_shown() {
    expect_file!["evidence/liu2016.txt"].assert_eq(&output(&["study", "liu2016"]));
    expect_file!["evidence/MGT042.txt"].assert_eq(&output(&["parameter", "MGT042"]));
    assert!(output(&["cite", "liu2016", "--style", "bibtex"]).starts_with("@article{liu2016,"));
    assert!(output(&["cite", "liu2016"]).contains("https://doi.org/10.3233/JAD-150538"));
}

#[test]
fn claims_are_listed_by_section_and_status() {
    expect_file!["evidence/sleep.txt"].assert_eq(&output(&["claims", "--section", "sleep"]));
    let all = json(&["claims"]);
    assert_eq!(all["claims"].as_array().expect("a list").len(), 91);
    let animal = json(&["claims", "--status", "animal_only"]);
    let rows = animal["claims"].as_array().expect("a list");
    assert!(rows.len() > 10 && rows.iter().all(|one| one["status"] == "animal_only"));
}

#[test]
fn a_claim_as_json_has_the_promised_fields() {
    let claim = json(&["claim", "C47"]);
    for (field, value) in [("id", "C47"), ("section", "forms"), ("status", "mixed_human")] {
        assert_eq!(claim[field], value);
    }
    for study in claim["studies"].as_array().expect("a list") {
        for field in ["key", "species", "n", "design", "funding"] {
            assert!(study.get(field).is_some(), "{field}");
        }
    }
    for field in ["estimate", "lo", "hi", "tau2", "i2", "k", "method"] {
        assert!(!claim["pooled"][field].is_null(), "{field}");
    }
    assert_eq!(claim["parameters"][0]["id"], "MGT063");
    // Nothing alike to pool.
    assert!(json(&["claim", "C15"])["pooled"].is_null());
}

#[test]
fn gaps_and_audit_are_counted() {
    let gaps = json(&["gaps"]);
    let scores: Vec<f64> = gaps["gaps"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|gap| gap["score"].as_f64().expect("a number"))
        .collect();
    assert!(scores.len() > 10 && scores.is_sorted_by(|a, b| a >= b));
    assert!(!gaps["untested_claims"].as_array().expect("a list").is_empty());
    let audit = json(&["audit", "--list"]);
    assert_eq!(audit["n_errors"], 0);
    for count in audit["counts"].as_array().expect("a list") {
        assert_eq!(count["keys"].as_array().map(Vec::len), count["n"].as_u64().map(|n| n as usize));
    }
    assert!(output(&["audit"]).ends_with("the tables hold together\n"));
}

#[test]
fn every_form_has_json() {
    for words in [
        &["study", "slutsky2010"][..],
        &["parameter", "PK061"],
        &["cite", "liu2016"],
        &["list"],
        &["list", "claims"],
        &["search", "threonate"],
        &["show", "C15"],
    ] {
        json(words);
    }
}

#[test]
fn what_does_not_exist_gets_a_hint() {
    epsom(&["claim", "C155"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error[E0905]: there is no claim `C155`
 |
 = help: did you mean `C15`


"#]]);
    epsom(&["claims", "--section", "sleeep"]).assert().code(2).stderr_eq(str![[r#"
error[E0905]: no claim has the section `sleeep`
 |
 = note: it is one of `cognition`, `conclusion`, `dosage_safety`, `forms`, `future`, `introduction`, `mood_stress`, `neurodegeneration`, `neuroprotection`, `pain`, `science`, `sleep`, `synergy`
 = help: did you mean `sleep`


"#]]);
    epsom(&["study", "liu2017"]).assert().code(2).stderr_eq(str![[r#"
error[E0905]: there is no study or source `liu2017`
 |
 = help: did you mean `liu2016`


"#]]);
    epsom(&["parameter", "MGT0422"]).assert().code(2).stderr_eq(str![[r#"
error[E0905]: there is no value `MGT0422`
 |
 = help: did you mean `MGT022`


"#]]);
    for name in ["k_csf", "magnesium.k_csf"] {
        let said = epsom(&["parameter", name]).assert().code(2);
        let said = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
        let hint = "help: parameter `k_csf` of `magnesium` rests on `MGT042`";
        assert!(said.contains(hint), "{said}");
    }
    epsom(&["cite", "nobody"]).assert().code(2).stderr_eq(str![[r#"
error[E0905]: there is no study or source `nobody`
 |
 = help: find studies with `epsom evidence search WORDS`


"#]]);
}

/// A folder with these files below the build folder.
fn folder(name: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("written");
    }
    folder
}

#[test]
fn a_study_of_ones_own_joins_the_answer() {
    let studies = "key,year,design,species,n_total,funding,seen\n\
                   mine2027,2027,RCT double-blind parallel,human,600,public,page\n";
    let links = "claim_id,study_key,part,system,bears,finding,outcome\n\
                 C15,mine2027,1,human,direct,null,lumbar CSF\n";
    let folder = folder("own_study", &[("studies.csv", studies), ("claim_evidence.csv", links)]);
    let folder = folder.to_str().expect("UTF-8");
    let text = output(&["claim", "C15", "--add", folder]);
    assert!(text.contains("0 mine2027: lumbar CSF (no effect seen)"), "{text}");
    let study = output(&["study", "mine2027", "--add", folder]);
    assert!(study.contains("C15 (direct, no effect seen): lumbar CSF"), "{study}");
}

#[test]
fn nothing_half_imported() {
    let studies = "key,year,design,species,n_total,funding,seen\n\
                   mine2027,soon,RCT,people,600,public,page\nliu2016,2016,RCT,human,,,page\n";
    let here = folder("own_wrong", &[("studies.csv", studies)]);
    Command::new(cargo_bin!("epsom"))
        .current_dir(here.parent().expect("has one"))
        .args(["evidence", "claims", "--add", "own_wrong"])
        .assert()
        .code(4)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error[E0806]: `year` of `mine2027` in `studies.csv` is no whole number
 --> own_wrong/studies.csv:2:10
  |
2 | mine2027,soon,RCT,people,600,public,page
  |          ^^^^ here
  |
  = help: write digits only, or leave the cell empty

error[E0806]: `species` of `mine2027` in `studies.csv` is not a word the column allows
 --> own_wrong/studies.csv:2:19
  |
2 | mine2027,soon,RCT,people,600,public,page
  |                   ^^^^^^ here
  |
  = help: the column allows `human`, `rat`, `mouse`, `dog`, `goat`, `cow`, `sheep`, `guinea_pig`, `frog`, `mixed`, `none`, `unknown`

error[E0823]: `liu2016` of `studies.csv` is taken
 --> own_wrong/studies.csv:3:1
  |
3 | liu2016,2016,RCT,human,,,page
  | ^^^^^^^ second row of this key
  |
  = help: choose another key, such as one that begins with your folder's name


"#]]);
    epsom(&["claims", "--add", "no_such_folder"]).assert().code(4).stdout_eq("").stderr_eq(str![[
        r#"
error[E0901]: cannot read folder `no_such_folder`
 |
 = cause: No such file or directory (os error 2)
 = help: give a folder that holds `studies.csv`, `effects.csv` or other tables


"#
    ]]);
}

/// The texts between `start` and the next quote.
fn attributes<'a>(html: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(start).skip(1).filter_map(|rest| rest.split('"').next())
}

#[test]
fn the_report_is_one_page_whose_links_lead_somewhere() {
    let here = folder("report", &[]);
    let path = here.join("evidence.html");
    let text = output(&["report", "-o", path.to_str().expect("UTF-8")]);
    assert_eq!(text, "");
    let html = std::fs::read_to_string(&path).expect("written");
    let ids: std::collections::BTreeSet<&str> = attributes(&html, " id=\"").collect();
    let n_ids = attributes(&html, " id=\"").count();
    assert_eq!(ids.len(), n_ids, "an anchor stands twice");
    for link in attributes(&html, "href=\"#") {
        assert!(ids.contains(link), "{link}");
    }
    assert_eq!(html.matches("<section class=\"entry\"").count(), 91);
    // Every claim once in the map and once as its own heading.
    assert_eq!(attributes(&html, "href=\"#C15").filter(|rest| rest.is_empty()).count(), 2);
    assert!(html.matches("<svg").count() > 20);
    // Nothing is loaded from elsewhere and nothing is left half-drawn.
    for part in ["src=\"", "<link", "@import", "NaN"] {
        assert!(!html.contains(part), "{part}");
    }
    // Leaves nothing behind but the page, and the same page each time.
    assert_eq!(std::fs::read_dir(&here).expect("listed").count(), 1);
    assert_eq!(output(&["report", "-o", "-"]), html);
}

#[test]
fn a_report_that_cannot_be_written_says_so() {
    let here = folder("report_nowhere", &[]);
    epsom(&["report", "-o", here.to_str().expect("UTF-8")])
        .assert()
        .code(4)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error[E0903]: cannot write `[..]report_nowhere`
 |
 = cause: a folder has this name
 = help: choose another place with `-o`


"#]]);
}

#[test]
fn the_commands_that_simulate_a_claim_run() {
    let claims = json(&["claims"]);
    let commands: std::collections::BTreeSet<&str> = claims["claims"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|claim| claim["command"].as_str())
        .filter(|command| command.starts_with("epsom simulate"))
        .collect();
    assert!(commands.len() >= 4);
    for command in commands {
        // One day is enough to see that model, doses and covariates are understood.
        let (head, _) = command.split_once(" --times ").expect("has times");
        let words = head.split('"').enumerate().flat_map(|(at, part)| match at % 2 {
            1 => vec![part],
            _ => part.split_whitespace().collect(),
        });
        let done = Command::new(cargo_bin!("epsom"))
            .args(words.skip(1))
            .args(["--times", "0:24:24"])
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{command}: {said}");
    }
}

/// The indented block behind a line of the guide.
fn block(guide: &str, line: &str) -> String {
    let (_, rest) = guide.split_once(&format!("\n{line}\n\n")).expect("the guide has the line");
    let block = rest.lines().take_while(|line| line.starts_with("    "));
    block.map(|line| format!("{}\n", line.trim_start())).collect()
}

#[test]
fn the_tables_of_the_guide_join() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/evidence.md");
    let guide = std::fs::read_to_string(path).expect("the guide");
    let names = ["studies.csv", "effects.csv", "claim_evidence.csv"];
    let texts = names.map(|name| block(&guide, &format!("`{name}`:")));
    let files: Vec<(&str, &str)> =
        names.iter().copied().zip(texts.iter().map(String::as_str)).collect();
    let folder = folder("guide", &files);
    let text = output(&["claim", "C15", "--add", folder.to_str().expect("UTF-8")]);
    assert!(text.contains("0 mylab2027: lumbar CSF after 24 days (no effect seen)"), "{text}");
    assert!(text.contains("no study was made to test"), "{text}");
    assert!(text.contains("0.02 mmol/L (95 % CI -0.01 to 0.05)"), "{text}");
}
