//! The comparison on a terminal.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use epsom_magnesium::compare::{Arm, Comparison, PAIRED, ROWS, Ratios, alike, ratio_text, words};
use epsom_population::Interval;
use epsom_report::significant;

/// Width that sentences are broken at.
const WIDTH: usize = 90;

/// Salts, then a block per set of salts that are alike, then what is worth saying.
pub(crate) fn text(comparison: &Comparison) -> String {
    let mut text = format!(
        "{}\n{}\n{}\n",
        words::person(comparison),
        words::dosing(comparison),
        wrapped(&words::base(comparison), "")
    );
    text.push_str(&salts(comparison));
    for set in alike(comparison) {
        text.push('\n');
        text.push_str(&block(comparison, &set));
    }
    text.push('\n');
    text.push_str(&wrapped(words::INTERVALS, ""));
    text.push_str(&wrapped(&words::widths(comparison), ""));
    for sentence in words::sentences(comparison) {
        text.push_str(&wrapped(&sentence, "- "));
    }
    text.push_str(&format!("{}\n", words::STANDING));
    text
}

/// Mass and marks per salt.
fn salts(comparison: &Comparison) -> String {
    let timings = comparison.settings.timings.iter().map(|&one| words::timing_words(one));
    let mut table = plain();
    let head = ["salt", "form", "mg salt/day", "mg Mg/day"].map(str::to_string);
    let counts = timings.map(|timing| format!("assumed {timing}"));
    table.set_header(head.into_iter().chain(counts).collect::<Vec<_>>());
    for (at, form) in comparison.settings.forms.iter().enumerate() {
        let cells = [
            form.name.clone(),
            form.salt.name.clone(),
            significant(form.salt.mass_of(form.daily).mg, 4),
            significant(form.daily.elemental().mg, 3),
        ];
        let counts = comparison.arms.iter().filter(|arm| arm.form == at);
        let counts = counts.map(|arm| arm.n_assumed().to_string());
        table.add_row(cells.into_iter().chain(counts));
    }
    finish(table, 2) + " assumed: how many numbers behind the result are assumed or recalled\n"
}

/// What salts that are alike do, one column per timing.
fn block(comparison: &Comparison, set: &[usize]) -> String {
    let names = set.iter().map(|&form| comparison.settings.forms[form].name.as_str());
    let arms: Vec<&Arm> = comparison.arms.iter().filter(|arm| arm.form == set[0]).collect();
    let mut table = plain();
    let mut header = vec![words::joined(names), String::new()];
    header.extend(arms.iter().map(|arm| words::timing_words(arm.timing).to_string()));
    table.set_header(header);
    for row in ROWS {
        let cells = arms.iter().map(|arm| row.text(&arm.measures));
        let head = [row.words.to_string(), row.unit.to_string()];
        table.add_row(head.into_iter().chain(cells));
    }
    let first = &comparison.settings.forms[0].name;
    for row in ROWS.iter().filter(|row| set[0] > 0 && PAIRED.contains(&row.key)) {
        let cells = arms
            .iter()
            .map(|arm| arm.less_first.as_ref().map_or_else(String::new, |less| row.text(less)));
        let head = [format!("{} less {first}", row.words), row.unit.to_string()];
        table.add_row(head.into_iter().chain(cells));
    }
    for (words, of) in RATIOS.iter().filter(|_| set[0] > 0) {
        let ratio = |arm: &&Arm| arm.over_first.as_ref().and_then(of);
        let cells =
            arms.iter().map(|arm| ratio(arm).map_or_else(String::new, |one| ratio_text(&one)));
        let head = [format!("{words} over {first}, 90 %"), "ratio".to_string()];
        table.add_row(head.into_iter().chain(cells));
    }
    finish(table, 2)
}

/// What is shown of an arm's ratios.
type RatioOf = fn(&Ratios) -> Option<Interval>;

/// Ratios to the first salt that are shown.
pub(crate) const RATIOS: [(&str, RatioOf); 2] =
    [("area of the rise", |all| all.area), ("highest rise", |all| all.peak_rise)];

pub(crate) fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).force_no_tty();
    table
}

/// Numbers to the right, no spaces at line ends.
pub(crate) fn finish(mut table: Table, n_text: usize) -> String {
    for column in table.column_iter_mut().skip(n_text) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let lines = table.trim_fmt();
    lines.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A sentence broken at [`WIDTH`]; lines after the first stand under its text.
pub(crate) fn wrapped(sentence: &str, mark: &str) -> String {
    let mut lines = vec![mark.to_string()];
    let mut width = mark.chars().count();
    for word in sentence.split_whitespace() {
        let length = word.chars().count();
        let line = lines.last_mut().expect("starts with one");
        if width > mark.len() && width + 1 + length > WIDTH {
            width = mark.len() + length;
            lines.push(format!("{}{word}", " ".repeat(mark.len())));
            continue;
        }
        if width > mark.len() {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += length;
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn sentences_break_between_words() {
        let text = wrapped(&"word ".repeat(40), "- ");
        assert!(text.lines().all(|line| line.len() <= super::WIDTH), "{text}");
        assert!(text.starts_with("- word word"));
        assert!(text.lines().nth(1).is_some_and(|line| line.starts_with("  word")));
        assert_eq!(text.split_whitespace().count(), 41);
    }
}
