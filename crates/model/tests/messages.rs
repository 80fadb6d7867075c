//! What the messages about models say, as text: the examples of their pages.

mod common;

use common::{check_text, fences};
use epsom_diag::{CODES, Diagnostic, locate};
use expect_test::expect_file;

/// A message with its place, labels, notes and help below.
fn shown(text: &str, said: &Diagnostic) -> String {
    let place = |span: epsom_diag::Span| {
        let at = locate(text, span.start);
        format!("{}:{}", at.line, at.column)
    };
    let mut shown = format!("{} {}\n", said.code, said.message);
    if let Some(primary) = &said.primary {
        shown += &format!("  at {} {}\n", place(primary.span), primary.text);
    }
    for label in &said.labels {
        shown += &format!("  and {} {}\n", place(label.span), label.text);
    }
    for note in &said.notes {
        // How many rows there are is no matter of the message.
        let counts = note.starts_with("the evidence tables hold");
        shown += &format!("  note: {}\n", if counts { "the evidence tables hold …" } else { note });
    }
    shown += &said.help.iter().map(|help| format!("  help: {help}\n")).collect::<String>();
    shown
}

#[test]
fn the_examples_of_the_pages() {
    let ranges = ["E02", "E03", "E04", "E05", "W02"];
    let mut all = String::new();
    for info in CODES.iter().filter(|info| ranges.iter().any(|one| info.code.starts_with(one))) {
        for (_, text) in fences(info.page) {
            all += &format!("# {}: {}\n", info.code, info.title);
            for one in check_text(&text).diagnostics {
                all += &shown(&text, &one);
            }
            all += "\n";
        }
    }
    expect_file!["messages.txt"].assert_eq(&all);
}
