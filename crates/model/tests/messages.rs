//! What the messages about models say, as text: the examples of their pages.

mod common;

use common::{check_text, fences, shown};
use epsom_diag::CODES;
use expect_test::expect_file;

#[test]
fn the_examples_of_the_pages() {
    let ranges = ["E02", "E03", "E04", "E05", "W02", "W03", "W05"];
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
