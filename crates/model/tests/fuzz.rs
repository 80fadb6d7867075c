//! Texts that nobody would write: no panic, no endless work, clear refusals.

mod common;

use common::{check_text, files, model_texts, root};
use epsom_diag::FileId;
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::World;
use epsom_model::convert::{to_epm, to_r};
use epsom_model::syntax::{ast::Dialect, format, parse};

/// Even numbers that are the same everywhere, by how many were taken.
struct Numbers(u32);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 += 1;
        epsom_maths::philox([self.0, 0, 0, 0], [0, 0])[0] as usize % n.max(1)
    }
}

/// Reads, checks, formats and converts; all that is said is bounded.
fn survives(text: &str) {
    let checked = check_text(text);
    assert!(checked.diagnostics.len() <= 400, "{}", checked.diagnostics.len());
    for one in &checked.diagnostics {
        if let Some(label) = &one.primary {
            assert!(label.span.end as usize <= text.len().max(1), "{one:?}");
        }
    }
    if let Ok(formatted) = format(text, FileId(0)) {
        assert_eq!(format(&formatted, FileId(0)).as_ref(), Ok(&formatted), "{text}");
    }
    let (tree, _) = parse(text, FileId(0));
    let Some(model) = checked.model else { return };
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let written = match tree.dialect {
        Dialect::IniModel => to_epm(&tree, &model, "fuzz"),
        // Modules are written out before.
        Dialect::Epm => match to_r(&tree, &model, &world, "fuzz", &[]) {
            Ok(written) => written,
            Err(said) => return assert!(said.iter().all(|one| one.code == "E0670")),
        },
    };
    // What is written reads as a text of the other form.
    let (_, said) = parse(&written, FileId(0));
    assert!(said.is_empty(), "{said:?}\n{text}\n{written}");
}

/// Words, numbers and marks of a text, with what stands between them.
fn pieces(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let kind = |c: char| if c.is_alphanumeric() || c == '_' || c == '.' { 0 } else { c as u32 };
    for c in text.chars() {
        match found.last_mut() {
            Some(last) if last.ends_with(|before| kind(before) == kind(c)) && kind(c) == 0 => {
                last.push(c);
            }
            _ => found.push(c.to_string()),
        }
    }
    found
}

#[test]
fn texts_that_were_trouble() {
    let corpus = files(&root().join("tests/suite/fuzz"), "");
    let mut n_texts = 0;
    for path in corpus.iter().filter(|path| path.extension().is_some_and(|one| one != "md")) {
        let text = String::from_utf8(std::fs::read(path).expect("read")).expect("UTF-8");
        let caught = std::panic::catch_unwind(|| survives(&text));
        assert!(caught.is_ok(), "{}", path.display());
        n_texts += 1;
    }
    assert!(n_texts >= 21, "{n_texts}");
    // Deep nesting is refused by name, in either form.
    for name in ["deep.epm", "deep.R"] {
        let text = std::fs::read_to_string(root().join("tests/suite/fuzz").join(name));
        let said = check_text(&text.expect("text")).diagnostics;
        assert!(said.iter().any(|one| one.code == "E0104"), "{name}: {:?}", said.first());
    }
}

#[test]
fn mutated_model_texts() {
    let texts: Vec<Vec<String>> = model_texts().iter().map(|(_, text)| pieces(text)).collect();
    let mut numbers = Numbers(0);
    for round in 0..600 {
        let mut text = texts[numbers.below(texts.len())].clone();
        for _ in 0..1 + numbers.below(4) {
            let (at, other) = (numbers.below(text.len()), numbers.below(text.len()));
            match numbers.below(6) {
                0 => {
                    text.remove(at);
                }
                1 => text.swap(at, other),
                2 => text.insert(at, text[other].clone()),
                3 => text.truncate(at.max(1)),
                4 => {
                    let strange = ["\u{0}", "é", "\"", "[", "]", "{", "(", "1e999", "-", "\n", "0"];
                    text.insert(at, strange[numbers.below(strange.len())].into());
                }
                _ => {
                    let donor = &texts[numbers.below(texts.len())];
                    let start = numbers.below(donor.len());
                    let end = (start + numbers.below(30)).min(donor.len());
                    text.splice(at..at, donor[start..end].iter().cloned());
                }
            }
            if text.is_empty() {
                text.push("x".into());
            }
        }
        let text = text.concat();
        // The round is told where something panics.
        let caught = std::panic::catch_unwind(|| survives(&text));
        assert!(caught.is_ok(), "round {round}:\n{text}");
    }
}

#[test]
fn long_chains_and_deep_nests() {
    let head = "model m\ntime [h]\ncompartment a [mg]\nd/dt(a) = 0\n";
    // A chain of names, each defined below its use.
    let mut chain = String::from(head);
    for at in 0..5_000 {
        chain += &format!("x{at} = x{} + 1\n", at + 1);
    }
    chain += "x5000 = 1\noutput y = x0\n";
    let checked = check_text(&chain);
    assert!(checked.model.is_some(), "{:?}", checked.diagnostics.first());
    // A circle of the same length is one message.
    let circle = chain.replace("x5000 = 1\n", "x5000 = x0\n");
    assert!(check_text(&circle).diagnostics.iter().any(|one| one.code == "E0204"));
    // Functions in functions, each with a deep body.
    let mut nest = String::from(head) + "function f0(x) = x\n";
    for at in 1..400 {
        nest += &format!("function f{at}(x) = -(-(-(-(-f{}(x + 1)))))\n", at - 1);
    }
    nest += "output y = f399(1)\n";
    assert!(check_text(&nest).diagnostics.iter().any(|one| one.code == "E0104"));
    // Factors of factors.
    let mut scales = String::from(head) + "param p0 = 1 assumed \"x\"\n";
    for at in 1..1_000 {
        scales += &format!("param p{at} = 1 assumed \"x\" scales p{0} * p{0}\n", at - 1);
    }
    scales += "output y = p999\n";
    assert!(check_text(&scales).diagnostics.iter().any(|one| one.code == "E0104"));
    // Many mistakes are told up to a bound.
    let mut wrong = String::from(head);
    for at in 0..3_000 {
        wrong += &format!("output o{at} = unknown{at}\n");
    }
    assert!(check_text(&wrong).diagnostics.len() <= 400);
    for open in ["if (x) {\n", "(", "-", "f(", "if (1) x = ", "else "] {
        survives(&format!("{head}y = {}", open.repeat(3_000)));
        survives(&open.repeat(3_000));
    }
}
