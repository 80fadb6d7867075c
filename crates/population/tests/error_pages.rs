//! The example on each page about event files gives the page's code.

use epsom_diag::{CODES, FileId};
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::{World, check};
use epsom_population::read_records;

const MODEL: &str = "ini({\n  k <- 0.1\n})\nmodel({\n  d/dt(depot) <- -depot\n  d/dt(central) <- depot - k * central\n})\n";

#[test]
fn each_page_about_event_files_shows_its_mistake() {
    let (tree, _) = epsom_model::syntax::parse(MODEL, FileId(0));
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let model = check(&tree, &world).model.expect("a model");
    let mut n_pages = 0;
    for info in CODES {
        let Some((_, after)) = info.page.split_once("```csv\n") else { continue };
        // Pages from 650 on are about other files.
        if !info.code[1..].starts_with("06") || info.code[3..] >= *"50" {
            continue;
        }
        let example = after.split("```").next().expect("a fence closes");
        let (_, said) = read_records(example, FileId(0), &model);
        let codes: Vec<&str> = said.iter().map(|said| said.code).collect();
        assert!(codes.contains(&info.code), "{}: the example gives {codes:?}", info.code);
        n_pages += 1;
    }
    assert!(n_pages >= 12, "{n_pages}");
}
