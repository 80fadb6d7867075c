//! The example on each page of `docs/errors` gives the page's code.

mod common;

use epsom_diag::{CODES, FileId};
use epsom_model::modules::ModuleText;
use epsom_model::syntax::ast::Dialect;

/// The first fenced model of a page.
fn model_block(page: &str) -> Option<String> {
    common::fences(page).into_iter().next().map(|(_, text)| text)
}

/// The one module that the pages use.
fn load(path: &str) -> Result<ModuleText, String> {
    let text = "model loss\nsubstance Mg\nport intake [mmol/h]\nparam k = 0.1[1/h] assumed \"x\"\n\
                compartment a [mmol]\nd/dt(a) = intake - k * a\n";
    if path != "loss" {
        return Err("no such file".into());
    }
    Ok(ModuleText { text: text.into(), file: FileId(1) })
}

#[test]
fn each_page_about_text_shows_its_mistake() {
    let pages = CODES.iter().filter(|info| info.code.starts_with("E01"));
    let mut n_pages = 0;
    for info in pages {
        let example = model_block(info.page).expect("a page about text has an example");
        let example = example.as_str();
        let (tree, mut diagnostics) = epsom_model::syntax::parse(example, FileId(0));
        diagnostics.extend(epsom_model::modules::expand(&tree, &mut load).1);
        if info.code == "E0113" {
            diagnostics.extend(common::check_text(example).diagnostics);
        }
        if info.code == "E0109" {
            assert_eq!(tree.dialect, Dialect::Epm, "only the other form is converted");
            continue;
        }
        if info.code == "E0107" {
            let formatted = epsom_model::syntax::format(example, FileId(0));
            assert!(formatted.is_ok_and(|formatted| formatted != example));
            continue;
        }
        let codes: Vec<&str> = diagnostics.iter().map(|said| said.code).collect();
        assert!(codes.contains(&info.code), "{}: the example gives {codes:?}", info.code);
        n_pages += 1;
    }
    assert!(n_pages > 0);
}

#[test]
fn each_page_about_models_shows_its_mistake() {
    let evidence = epsom_evidence::builtin();
    let row =
        epsom_units::Substance { name: "Mg".into(), molar_mass_g_per_mol: 24.305, valence: 2 };
    let substances = epsom_units::Substances::new(vec![row], vec![]).expect("a table of one row");
    let world = epsom_model::check::World { evidence, substances: &substances };
    let ranges = ["E02", "E03", "E04", "E05", "W02", "W03", "W05"];
    let mut n_pages = 0;
    for info in CODES.iter().filter(|info| ranges.iter().any(|one| info.code.starts_with(one))) {
        let examples = common::fences(info.page);
        assert!(!examples.is_empty(), "{}: a page about models has an example", info.code);
        for (_, example) in examples {
            let (tree, said) = epsom_model::syntax::parse(&example, FileId(0));
            assert!(said.is_empty(), "{}: {said:?}", info.code);
            let checked = epsom_model::check::check(&tree, &world);
            let codes: Vec<&str> = checked.diagnostics.iter().map(|said| said.code).collect();
            assert!(codes.contains(&info.code), "{}: the example gives {codes:?}", info.code);
        }
        n_pages += 1;
    }
    assert!(n_pages > 30);
}
