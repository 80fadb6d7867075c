//! A model text in colors, for pages.

use epsom_model::syntax::classify;
use epsom_report::Block;

/// `text` under the line `summary`.
pub(crate) fn source(summary: &str, text: &str, folded: bool) -> Block {
    let mut parts = Vec::new();
    let mut at = 0;
    for (span, class) in classify(text) {
        if span.start > at {
            parts.push((text[at..span.start].to_string(), ""));
        }
        at = span.end;
        parts.push((text[span].to_string(), class.word()));
    }
    parts.push((text[at..].trim_end().to_string(), ""));
    Block::Source { summary: summary.to_string(), folded, parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_together_are_the_text() {
        let text = "model é \"x\" # y\nparam a = 5[mg]\n\n";
        let Block::Source { parts, .. } = source("", text, true) else { panic!("a source") };
        let together: String = parts.iter().map(|(part, _)| part.as_str()).collect();
        assert_eq!(together, text.trim_end());
        assert!(parts.contains(&("[mg]".to_string(), "unit")));
    }
}
