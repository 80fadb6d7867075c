//! The header: which column holds what.

use super::scale::{Scale, scale};
use super::table::Field;
use epsom_diag::{Diagnostic, list_names};
use epsom_model::ir::Model;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Id,
    Time,
    Evid,
    Mdv,
    Amt,
    Cmt,
    Rate,
    Dur,
    Ii,
    Addl,
    Ss,
    /// A measured value: known, not read here.
    Dv,
    /// A covariate of the model by index.
    Covariate(usize),
    /// Nothing that the model knows.
    Unused,
}

/// Column names and what they hold.
const ITEMS: &[(&str, Item)] = &[
    ("ID", Item::Id),
    ("TIME", Item::Time),
    ("EVID", Item::Evid),
    ("MDV", Item::Mdv),
    ("AMT", Item::Amt),
    ("CMT", Item::Cmt),
    ("RATE", Item::Rate),
    ("DUR", Item::Dur),
    ("II", Item::Ii),
    ("ADDL", Item::Addl),
    ("SS", Item::Ss),
    ("DV", Item::Dv),
];

/// What the columns of a file hold, and in which units.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub items: Vec<Item>,
    pub scales: Vec<Scale>,
}

/// One item per column of the header, and what is wrong with it.
pub(super) fn read_header(header: &[Field<'_>], model: &Model) -> (Header, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let (mut items, mut scales) = (Vec::new(), Vec::new());
    for field in header {
        let (name, unit) = with_unit(field.text);
        let found = item(name, model);
        items.push(found);
        scales.push(match unit.filter(|_| found != Item::Unused) {
            None => Scale::AsModel,
            Some(unit) => scale(found, name, unit, model).unwrap_or_else(|said| {
                diagnostics.push(said.at(field.span, "the unit of this column"));
                Scale::AsModel
            }),
        });
    }
    for (at, field) in header.iter().enumerate() {
        if items[at] == Item::Unused {
            diagnostics.push(unused(field, model));
        } else if let Some(first) = items[..at].iter().position(|&item| item == items[at]) {
            let message = format!("column `{}` stands twice", field.text);
            diagnostics.push(
                Diagnostic::error("E0602", message)
                    .at(field.span, "here again")
                    .label(header[first].span, "here first")
                    .help("remove one of them"),
            );
        }
    }
    if !items.contains(&Item::Time) {
        let names = list_names(header.iter().map(|field| field.text), 20);
        let mut missing = Diagnostic::error("E0602", "the event file has no column `TIME`")
            .note(format!("the columns are {names}"))
            .help("name the columns in the first line, such as `ID,TIME,EVID,AMT,CMT`");
        if let Some(first) = header.first() {
            missing = missing.at(first.span, "the header is this line");
        }
        diagnostics.push(missing);
    }
    (Header { items, scales }, diagnostics)
}

/// `WT` and `g` of `WT[g]`.
fn with_unit(text: &str) -> (&str, Option<&str>) {
    match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((name, unit)) => (name.trim(), Some(unit.trim())),
        None => (text, None),
    }
}

fn item(name: &str, model: &Model) -> Item {
    if let Some(&(_, item)) = ITEMS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        return item;
    }
    let names = || model.covariates.iter().map(|covariate| covariate.name.as_str());
    let exact = names().position(|known| known == name);
    let found = exact.or_else(|| names().position(|known| known.eq_ignore_ascii_case(name)));
    found.map_or(Item::Unused, Item::Covariate)
}

fn unused(field: &Field<'_>, model: &Model) -> Diagnostic {
    let covariates = model.covariates.iter().map(|covariate| covariate.name.as_str());
    let known = if model.covariates.is_empty() {
        format!("model `{}` has no covariates", model.name)
    } else {
        format!("covariates of `{}` are {}", model.name, list_names(covariates, 20))
    };
    Diagnostic::warning("W0601", format!("column `{}` is not used", field.text))
        .at(field.span, "neither a data item nor a covariate of the model")
        .note(known)
}
