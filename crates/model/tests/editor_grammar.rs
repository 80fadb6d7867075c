//! The grammar for editors knows the words of the parser.

mod common;

use epsom_model::syntax::{CLAUSES, STATEMENTS};

#[test]
fn every_word_is_known_to_editors() {
    let path = common::root().join("editors/epm.tmLanguage.json");
    let grammar = std::fs::read_to_string(path).expect("text");
    for (scope, words) in
        [("keyword.control.statement.epm", STATEMENTS), ("keyword.other.clause.epm", CLAUSES)]
    {
        let rule = grammar.split(scope).nth(1).expect("a rule");
        let listed = rule.split('(').nth(1).and_then(|rest| rest.split(')').next());
        let listed: Vec<&str> = listed.expect("a list").split('|').collect();
        for word in words {
            assert!(listed.contains(word), "{scope} lacks `{word}`");
        }
    }
}
