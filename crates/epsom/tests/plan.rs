//! `epsom plan` end to end: the page, the figures, the grid, refusals.

mod common;

use common::{epsom, folder_with};

/// Whether every tag that is opened is closed in its order.
fn is_well_formed(html: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, next) = after.split_once('>').ok_or("a tag that does not end")?;
        rest = next;
        let name = tag.split([' ', '\n', '/']).find(|word| !word.is_empty()).unwrap_or_default();
        if tag.starts_with(['!', '?']) || tag.ends_with('/') || name == "meta" {
            continue;
        }
        if tag.starts_with('/') {
            let last = open.pop().unwrap_or_default();
            if last != name {
                return Err(format!("`</{name}>` closes `<{last}>`"));
            }
        } else {
            open.push(name);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

const PERSON: &[&str] = &[
    "plan",
    "--set",
    "age=82",
    "--set",
    "sex=female",
    "--set",
    "crcl=25",
    "--set",
    "serum=0.9 mmol/L",
    "--set",
    "medicines=ciprofloxacin, levothyroxine at 7:00, nothingol",
    "--draws",
    "8",
];

#[test]
fn the_page_holds_every_line_of_the_terminal_and_its_figures() {
    let folder = folder_with("plan-page", &[]);
    let regimen = ["--regimen", "1 g MgO once daily with meals for 2 weeks"];
    let files = ["-o", "plan.html", "--figures", "figures"];
    let done = epsom(&folder).args(PERSON).args(regimen).args(files).assert().code(0);
    let shown = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    let html = std::fs::read_to_string(folder.join("plan.html")).expect("written");
    assert_eq!(is_well_formed(&html), Ok(()));
    for part in ["<h1>", "Research and education, not medical advice", "@media print"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("NaN") && !html.contains("<script") && !html.contains("href="));
    // Figures: the course, the printed ranges, the day; small ones for print.
    for medium in ["screen", "print"] {
        assert_eq!(html.matches(&format!("<figure class=\"{medium}\">")).count(), 3);
    }
    // Sections stand in the order of the terminal.
    let headings: Vec<&str> = html
        .split("<h2>")
        .skip(1)
        .filter_map(|part| part.split_once("</h2>"))
        .map(|one| one.0)
        .collect();
    let mut from = 0;
    for heading in &headings {
        let at = shown[from..].find(&format!("\n{heading}\n")).expect("the heading");
        from += at;
    }
    assert!(headings.len() >= 9, "{headings:?}");
    // Every line that is not the regimen's carries its source.
    let lists: String = html.split("<h2>").skip(1).collect();
    for line in lists.split("<li>").skip(1).filter_map(|part| part.split_once("</li>")) {
        assert!(line.0.contains('[') && line.0.contains(']'), "{}", line.0);
    }
    for name in ["serum", "signs", "day"] {
        let svg = std::fs::read_to_string(folder.join(format!("figures/{name}.svg"))).expect("svg");
        assert!(svg.contains("not medical advice") && is_well_formed(&svg) == Ok(()), "{name}");
        let png = std::fs::read(folder.join(format!("figures/{name}.png"))).expect("png");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    }
    let day = std::fs::read_to_string(folder.join("figures/day.svg")).expect("svg");
    for part in ["levothyroxine", "7:00", "nothingol (no hour given)", "too near"] {
        assert!(day.contains(part), "{part}");
    }
}

#[test]
fn a_grid_is_a_table_a_map_a_page_and_json() {
    let folder = folder_with("plan-grid", &[]);
    let grid = ["plan", "--set", "age=50", "--set", "egfr=90", "--explore", "--draws", "2"];
    for name in ["grid.html", "grid.svg", "grid.png", "grid.csv"] {
        epsom(&folder).args(grid).args(["-o", name]).assert().code(0);
    }
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect("written");
    assert_eq!(is_well_formed(&text("grid.html")), Ok(()));
    assert_eq!(is_well_formed(&text("grid.svg")), Ok(()));
    for part in ["absorbed (mmol a day, median)", "oxide, once", "not medical advice"] {
        assert!(text("grid.svg").contains(part) && text("grid.html").contains(part), "{part}");
    }
    assert_eq!(text("grid.csv").lines().count(), 49);
    let done = epsom(&folder).args(grid).arg("--json").assert().code(0);
    let json: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).expect("JSON");
    assert_eq!(json["schema"], "epsom.plan.explore/1");
    assert_eq!(json["options"].as_array().map(Vec::len), Some(48));
}

#[test]
fn what_cannot_be_is_refused_with_what_may_be_meant() {
    let folder = folder_with("plan-refused", &[]);
    let regimen = ["--regimen", "1 g MgT once daily for 1 weeks"];
    for (facts, code, part) in [
        (&["--set", "age=-1"][..], 4, "perhaps 1 was meant"),
        (&["--set", "weight=7000"][..], 4, "perhaps 7000 g was meant, or 70 kg"),
        (&["--set", "serum=40 mmol/L"][..], 4, "perhaps 4 mg/dL was meant"),
        (&["--set", "sex=male", "--set", "pregnant=true"][..], 4, "contradict each other"),
        (&["--set", "diet=mediterranean"][..], 4, "patterns: omnivore"),
        (&["-o", "plan.txt"][..], 2, "endings: `.html`"),
        (&["--explore"][..], 2, "cannot be used with"),
    ] {
        let done = epsom(&folder).arg("plan").args(facts).args(regimen).assert().code(code);
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(said.contains(part), "{part}: {said}");
    }
    // A medicine that no row knows is loud and refuses nothing.
    let unknown = ["--set", "medicines=foobarol", "--draws", "2"];
    let done = epsom(&folder).arg("plan").args(unknown).args(regimen).assert().code(0);
    let shown = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    assert!(shown.contains("foobarol: NOT CHECKED"), "{shown}");
}
