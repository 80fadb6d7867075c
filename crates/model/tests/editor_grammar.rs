//! The grammar for editors knows the words of the parser.

mod common;

use epsom_model::syntax::{CLASSES, CLAUSES, CONTROLS, INTERPOLATIONS, STATEMENTS};

#[test]
fn every_word_is_known_to_editors() {
    let path = common::root().join("editors/epm.tmLanguage.json");
    let grammar = std::fs::read_to_string(path).expect("text");
    let clauses = [CLAUSES, INTERPOLATIONS].concat();
    let lists = [
        ("\"keyword.control.statement.epm\"", STATEMENTS),
        ("\"keyword.other.clause.epm\"", &clauses),
        ("\"keyword.control.epm\"", CONTROLS),
    ];
    for (scope, words) in lists {
        let rule = grammar.split(scope).nth(1).expect("a rule");
        let listed = rule.split('(').nth(1).and_then(|rest| rest.split(')').next());
        let listed: Vec<&str> = listed.expect("a list").split('|').collect();
        for word in words {
            assert!(listed.contains(word), "{scope} lacks `{word}`");
        }
        for word in listed {
            assert!(words.contains(&word), "{scope}: the language lacks `{word}`");
        }
    }
}

#[test]
fn editors_know_every_class_and_no_other() {
    let path = common::root().join("editors/epm.tmLanguage.json");
    let grammar = std::fs::read_to_string(path).expect("text");
    let scopes: Vec<&str> = grammar
        .split("\"name\": \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|name| name.ends_with(".epm"))
        .collect();
    for (class, scope, _) in CLASSES {
        assert!(scopes.contains(scope), "{class:?} has no rule `{scope}`");
    }
    for scope in scopes {
        let known = CLASSES.iter().any(|(_, one, _)| *one == scope);
        // Both quotes are of one class.
        assert!(known || scope == "string.quoted.single.epm", "`{scope}` is of no class");
    }
}
