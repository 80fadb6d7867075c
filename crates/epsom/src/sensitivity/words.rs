//! The result as text and as a figure.

use super::result::{Factor, MEASURED, Member, OutputResult, Result};
use crate::compare::{finish, plain, wrapped};
use epsom_population::sobol::Share;
use epsom_report::{Column, Table, Tornado, TornadoBar, TornadoPanel, interval, significant};

/// Most rows of a table or bars of a panel; the rest hardly matters and is in the JSON form.
const MOST: usize = 12;
/// A total index below this part is told as nothing.
const LITTLE: f64 = 0.01;

/// For people.
pub(super) fn text(result: &Result) -> String {
    let (from, to) = result.window_h;
    let shown = epsom_report::shortest;
    let mut text = wrapped(
        &format!(
            "Change: mean from {} to {} h less that without a dose; {} rows of draws, seed {}.",
            shown(from),
            shown(to),
            result.n_done,
            result.seed
        ),
        "",
    );
    for one in &result.outputs {
        text.push('\n');
        text.push_str(&table(one));
        text.push('\n');
        sentences(one).iter().for_each(|sentence| text.push_str(&wrapped(sentence, "- ")));
    }
    let blocks: Vec<String> = (result.outputs.iter().take(1).flat_map(|one| &one.factors))
        .filter(|factor| factor.members.len() > 1)
        .map(Factor::name)
        .collect();
    if !blocks.is_empty() {
        text.push('\n');
        let sentence = format!(
            "Correlated parameters share their draws, so they have one index together ({}); at \
             their ends each stands alone.",
            blocks.join("; ")
        );
        text.push_str(&wrapped(&sentence, ""));
    }
    text.push_str("Research and education, not medical advice.\n");
    text
}

fn table(one: &OutputResult) -> String {
    let mut table = plain();
    table.set_header([
        format!("change of {} ({})", one.name, one.unit),
        "value is".to_string(),
        "low to high (95 %)".to_string(),
        "at low".to_string(),
        "at high".to_string(),
        "first %".to_string(),
        "total %".to_string(),
    ]);
    for factor in one.factors.iter().take(MOST) {
        let indices = [percent(factor.first), percent(factor.total)];
        match &factor.members[..] {
            [only] => {
                table.add_row(member(only, &only.name).into_iter().chain(indices));
            }
            members => {
                let head = [factor.name(), factor.level().to_string()];
                let empty = [const { String::new() }; 3];
                table.add_row(head.into_iter().chain(empty).chain(indices));
                for one in members {
                    let name = format!("  {}", one.name);
                    table.add_row(
                        member(one, &name).into_iter().chain([const { String::new() }; 2]),
                    );
                }
            }
        }
    }
    finish(table, 3)
}

fn member(one: &Member, name: &str) -> [String; 5] {
    let [low, high] = one.values.map(|value| significant(value, 3));
    let [at_low, at_high] = one.changes.map(|value| significant(value, 3));
    let range = format!("{low} to {high} {}", unit(one)).trim_end().to_string();
    [name.to_string(), one.level.to_string(), range, at_low, at_high]
}

/// Nothing where a number is all there is.
fn unit(one: &Member) -> &str {
    if one.unit == "1" { "" } else { &one.unit }
}

/// The part of an estimate that a share can have; tables keep the estimate.
fn within(share: Share) -> Share {
    let part = |value: f64| value.clamp(0.0, 1.0);
    Share { value: part(share.value), lo: part(share.lo), hi: part(share.hi) }
}

fn percent(share: Share) -> String {
    if !share.value.is_finite() {
        return "-".to_string();
    }
    let shown = |value: f64| format!("{:.0}", 100.0 * value).replace("-0", "0");
    format!("{} ({} to {})", shown(share.value), shown(share.lo), shown(share.hi))
}

/// What a reader takes from the table.
pub(super) fn sentences(one: &OutputResult) -> Vec<String> {
    let unit = &one.unit;
    let spread = interval(one.median, one.lo, one.hi, 2);
    let mut list = vec![format!(
        "The change of {} is {spread} {unit}: median and middle 95 % of what is not known; {} \
         {unit} with typical parameters.",
        one.name,
        significant(one.typical, 2)
    )];
    if !one.has_indices {
        list.push("It is the same in all draws, so nothing that is not known matters.".to_string());
        return list;
    }
    if let Some(most) = one.factors.first() {
        list.push(format!(
            "`{}` ({}) matters most: {} % of the variance goes with it, {} % with it alone.",
            most.name(),
            most.level(),
            percent(within(most.total)),
            percent(within(most.first))
        ));
    }
    let missing = |factor: &&Factor| factor.level() != MEASURED && factor.total.value >= LITTLE;
    match one.factors.iter().find(missing) {
        Some(factor) => list.push(format!(
            "The missing measurement that matters most is `{}` ({}): known exactly, it would take \
             about {} % off the variance.",
            factor.name(),
            factor.level(),
            percent(within(factor.first))
        )),
        None => list.push(
            "Nothing that was not measured in people has a share of 1 % or more.".to_string(),
        ),
    }
    let assumed = |factor: &&Factor| {
        factor.total.value >= LITTLE
            && factor.members.iter().any(|one| one.spread != "from its row")
    };
    let n_assumed = one.factors.iter().filter(assumed).count();
    if n_assumed > 0 {
        list.push(format!(
            "{n_assumed} of those with 1 % or more are drawn with a width that is assumed: their \
             shares are no better than it."
        ));
    }
    let alone = one.factors.iter().fold(0.0, |sum, factor| sum + within(factor.first).value);
    list.push(format!(
        "Alone, all of them have {:.0} % of the variance together; the rest goes with several at \
         once.",
        100.0 * if alone > 1.0 { 1.0 } else { alone }
    ));
    if one.n_left_out > 0 {
        list.push(format!(
            "{} of {} rows have no result and are left out.",
            one.n_left_out,
            one.n_left_out + one.n_used
        ));
    }
    list
}

/// Bars of the parameters that move each output most.
pub(super) fn figure(result: &Result) -> Tornado {
    let panel = |one: &OutputResult| {
        let mut members: Vec<&Member> = one.factors.iter().flat_map(|one| &one.members).collect();
        members.retain(|one| one.changes.iter().all(|change| change.is_finite()));
        members.sort_by(|a, b| b.reach().total_cmp(&a.reach()));
        let bar = |one: &&Member| {
            let [low, high] = one.values.map(|value| significant(value, 2));
            TornadoBar {
                label: format!("{} {low} to {high} {}", one.name, unit(one)).trim_end().to_string(),
                at_low: one.changes[0],
                at_high: one.changes[1],
                mark: one.level.to_string(),
            }
        };
        let unit = if one.unit.is_empty() { String::new() } else { format!(" ({})", one.unit) };
        TornadoPanel {
            x_label: format!("change of {}{unit}", one.name),
            middle: one.typical,
            bars: members.iter().take(MOST).map(bar).collect(),
        }
    };
    Tornado {
        title: result.title.clone(),
        panels: result.outputs.iter().map(panel).collect(),
        footer: vec![
            "One parameter at a time at its 2.5 and 97.5 % quantile, all others typical; left: how \
             its value is known."
                .to_string(),
            "Change: mean over the window less that without a dose.".to_string(),
        ],
    }
}

/// One row per output and parameter.
pub(super) fn csv_table(result: &Result) -> Table {
    let rows: Vec<(&OutputResult, &Factor, &Member)> = (result.outputs.iter())
        .flat_map(|one| one.factors.iter().map(move |factor| (one, factor)))
        .flat_map(|(one, factor)| factor.members.iter().map(move |member| (one, factor, member)))
        .collect();
    type Row<'a> = (&'a OutputResult, &'a Factor, &'a Member);
    let text = |name: &str, of: &dyn Fn(&Row<'_>) -> String| {
        Column::text(name, rows.iter().map(of).collect())
    };
    let number = |name: &str, of: &dyn Fn(&Row<'_>) -> f64| {
        Column::number(name, "", rows.iter().map(of).collect())
    };
    Table {
        columns: vec![
            text("output", &|row| row.0.name.clone()),
            text("output_unit", &|row| row.0.unit.clone()),
            text("factor", &|row| row.1.name()),
            text("parameter", &|row| row.2.name.clone()),
            text("unit", &|row| row.2.unit.clone()),
            text("value_is", &|row| row.2.level.to_string()),
            text("spread_is", &|row| row.2.spread.to_string()),
            number("low", &|row| row.2.values[0]),
            number("high", &|row| row.2.values[1]),
            number("typical_change", &|row| row.0.typical),
            number("change_at_low", &|row| row.2.changes[0]),
            number("change_at_high", &|row| row.2.changes[1]),
            number("first", &|row| row.1.first.value),
            number("first_lo", &|row| row.1.first.lo),
            number("first_hi", &|row| row.1.first.hi),
            number("total", &|row| row.1.total.value),
            number("total_lo", &|row| row.1.total.lo),
            number("total_hi", &|row| row.1.total.hi),
        ],
    }
}
