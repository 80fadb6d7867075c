//! Text that fits a terminal.

use epsom_report::significant;

/// Columns of a line.
const WIDTH: usize = 96;

/// `text` broken between words; the first line begins with `first`, the others with `rest`.
pub(super) fn wrap(text: &str, first: &str, rest: &str) -> String {
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let length = line.chars().count() + word.chars().count() + usize::from(!is_empty);
        if !is_empty && length > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            line = rest.to_owned();
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
    out
}

/// Three significant digits; a sign of zero is dropped.
pub(super) fn number(value: f64) -> String {
    let text = significant(value, 3);
    let trimmed = if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if trimmed == "-0" { "0".to_owned() } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{number, wrap};

    #[test]
    fn lines_break_between_words() {
        let text = wrap(&"word ".repeat(30), "- ", "  ");
        assert!(text.lines().all(|line| line.len() <= 96));
        assert_eq!(text.lines().count(), 2);
        assert!(text.starts_with("- word") && text.ends_with("word\n"));
    }

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [1.19, 0.9, -17.36, 1052.0, 0.0].map(number).to_vec();
        assert_eq!(shown, ["1.19", "0.9", "-17.4", "1052", "0"]);
    }
}
