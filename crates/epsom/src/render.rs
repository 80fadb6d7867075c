//! Diagnostics as text or JSON. The only place that renders them.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use epsom_diag::{Diagnostic, FileId, Severity, Span, locate};
use serde_json::{Value, json};

/// The texts that spans point into.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<(String, String)>,
}

impl Sources {
    /// Adds a text under the name that messages show.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push((name.into(), text.into()));
        FileId(self.files.len() as u32 - 1)
    }

    /// Every text with its name, in the order of reading.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    fn get(&self, file: FileId) -> Option<(&str, &str)> {
        self.files.get(file.0 as usize).map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum MessageFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object per line.
    Json,
}

/// Every message, in order, ready for standard error.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, format: MessageFormat) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        match format {
            MessageFormat::Human => {
                text.push_str(&human(diagnostic, sources));
                text.push_str("\n\n");
            }
            MessageFormat::Json => {
                text.push_str(&as_json(diagnostic, sources).to_string());
                text.push('\n');
            }
        }
    }
    text
}

fn human(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group: Group<'_> = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code)
        .elements(Vec::<Snippet<'_, annotate_snippets::Annotation<'_>>>::new());
    if let Some(primary) = &diagnostic.primary
        && let Some((name, text)) = sources.get(primary.span.file)
    {
        let mut snippet = Snippet::source(text).path(name).annotation(
            AnnotationKind::Primary.span(range(primary.span, text)).label(&primary.text),
        );
        let mut elsewhere = Vec::new();
        for label in &diagnostic.labels {
            if label.span.file == primary.span.file {
                let kind = AnnotationKind::Context.span(range(label.span, text));
                snippet = snippet.annotation(kind.label(&label.text));
            } else if let Some((name, text)) = sources.get(label.span.file) {
                let kind = AnnotationKind::Context.span(range(label.span, text));
                elsewhere
                    .push(Snippet::source(text).path(name).annotation(kind.label(&label.text)));
            }
        }
        group = group.element(snippet).elements(elsewhere);
    } else if let Some(primary) = &diagnostic.primary {
        group = group.element(Origin::path(primary.text.clone()));
    }
    for note in &diagnostic.notes {
        group = group.element(match note.split_once(": ") {
            // A fact with a heading of its own: `values: vc = 0 L`.
            Some((word, rest)) if ["where", "values", "cause", "repeat"].contains(&word) => {
                Level::NOTE.with_name(word.to_string()).message(rest.to_string())
            }
            _ => Level::NOTE.message(note.as_str()),
        });
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    Renderer::styled().decor_style(DecorStyle::Ascii).render(&[group])
}

fn range(span: Span, text: &str) -> std::ops::Range<usize> {
    let (start, end) = (span.start as usize, span.end as usize);
    start.min(text.len())..end.clamp(start, text.len().max(start)).min(text.len())
}

fn as_json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let place = |span: Span| {
        sources.get(span.file).map(|(name, text)| {
            let (start, end) = (locate(text, span.start), locate(text, span.end));
            json!({
                "file": name,
                "start": {"byte": span.start, "line": start.line, "column": start.column},
                "end": {"byte": span.end, "line": end.line, "column": end.column},
            })
        })
    };
    json!({
        "schema": "epsom.message/1",
        "code": diagnostic.code,
        "severity": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": diagnostic.message,
        "place": diagnostic.primary.as_ref().and_then(|label| place(label.span)),
        "text": diagnostic.primary.as_ref().map(|label| &label.text),
        "labels": diagnostic.labels.iter()
            .map(|label| json!({"place": place(label.span), "text": label.text}))
            .collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "help": diagnostic.help,
        "fix": diagnostic.fix.as_ref().map(|fix| json!({"place": place(fix.span), "text": fix.text})),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn example() -> (Diagnostic, Sources) {
        let mut sources = Sources::default();
        let text = "param cl = 1[L/h]\nd/dt(central) = -cl * central\n";
        let file = sources.add("demo.epm", text);
        let diagnostic = Diagnostic::error("E0312", "units do not match")
            .at(Span::new(file, 34, 47), "this is mmol*L/h, but d/dt(central) needs mmol/h")
            .label(Span::new(file, 11, 17), "`cl` is in L/h")
            .note("values: cl = 1 L/h")
            .help("divide by a volume: `-cl / vc * central`");
        (diagnostic, sources)
    }

    #[test]
    fn text_form() {
        let (diagnostic, sources) = example();
        let text = render(&[diagnostic], &sources, MessageFormat::Human);
        let plain = anstream::adapter::strip_str(&text).to_string();
        expect![[r#"
            error[E0312]: units do not match
             --> demo.epm:2:17
              |
            1 | param cl = 1[L/h]
              |            ------ `cl` is in L/h
            2 | d/dt(central) = -cl * central
              |                 ^^^^^^^^^^^^^ this is mmol*L/h, but d/dt(central) needs mmol/h
              |
              = values: cl = 1 L/h
              = help: divide by a volume: `-cl / vc * central`

        "#]]
        .assert_eq(&plain);
    }

    #[test]
    fn json_form_holds_places() {
        let (diagnostic, sources) = example();
        let text = render(&[diagnostic], &sources, MessageFormat::Json);
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["place"]["start"]["line"], 2);
        assert_eq!(value["place"]["start"]["column"], 17);
        assert_eq!(value["labels"][0]["text"], "`cl` is in L/h");
    }
}
