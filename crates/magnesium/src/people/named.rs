//! People by name: what the covariates of the model are in whom, each with its row or reason.

use std::sync::OnceLock;

use crate::qualify::table;

/// The table as committed.
const TABLE: &str = include_str!("../../../../models/magnesium/people.csv");

/// Someone whom the model knows by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPerson {
    /// On the command line.
    pub name: String,
    /// Who that is.
    pub about: String,
    /// Covariates that differ from those of the model.
    pub settings: Vec<Setting>,
    /// Why nothing differs, where nothing does, and what is left out.
    pub reasons: Vec<String>,
}

/// A covariate of a named person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Which.
    pub covariate: String,
    /// Its number.
    pub value: String,
    /// Unit of the number; empty where it has none.
    pub unit: String,
    /// Row of the evidence that it stands on; empty where it is assumed.
    pub row: String,
    /// How it follows from the row, or why it is assumed.
    pub why: String,
}

impl Setting {
    /// As `--covariate` takes it.
    pub fn text(&self) -> String {
        match self.unit.as_str() {
            "" => format!("{}={}", self.covariate, self.value),
            unit => format!("{}={}[{unit}]", self.covariate, self.value),
        }
    }

    /// `egfr=22[mL/min/1.73m2]: ckd.g4, middle of the stage`, or `…: assumed, …`.
    pub fn told(&self) -> String {
        let row = if self.row.is_empty() { "assumed" } else { &self.row };
        let why = if self.why.is_empty() { String::new() } else { format!(", {}", self.why) };
        format!("{}: {row}{why}", self.text())
    }
}

/// Everyone of `models/magnesium/people.csv`, in the order of the table.
pub fn named() -> &'static [NamedPerson] {
    static DONE: OnceLock<Vec<NamedPerson>> = OnceLock::new();
    DONE.get_or_init(|| read(TABLE).expect("a test reads the committed table"))
}

pub(super) fn read(text: &str) -> Result<Vec<NamedPerson>, String> {
    let mut found: Vec<NamedPerson> = Vec::new();
    for line in table(text)? {
        let cell = |name: &str| line.cell(name).to_string();
        if found.last().is_none_or(|last| last.name != cell("person")) {
            let (name, about) = (cell("person"), cell("about"));
            if about.is_empty() || found.iter().any(|one| one.name == name) {
                return Err(format!("`{name}` has lines apart, or does not say who it is"));
            }
            found.push(NamedPerson { name, about, settings: Vec::new(), reasons: Vec::new() });
        }
        let last = found.last_mut().ok_or("nobody")?;
        match cell("covariate").as_str() {
            "" => last.reasons.push(cell("why")),
            _ => last.settings.push(Setting {
                covariate: cell("covariate"),
                value: cell("value"),
                unit: cell("unit"),
                row: cell("row"),
                why: cell("why"),
            }),
        }
    }
    Ok(found)
}

/// The table of the model's README.
pub fn named_markdown() -> String {
    let mut text = String::from(
        "| `--person` | who | covariates, each with its row or why it is assumed |\n|---|---|---|\n",
    );
    for one in named() {
        let settings = one.settings.iter().map(|setting| {
            let row = if setting.row.is_empty() { "assumed" } else { &setting.row };
            let why =
                if setting.why.is_empty() { String::new() } else { format!(", {}", setting.why) };
            format!("`{}` ({row}{why})", setting.text())
        });
        let cell: Vec<String> = settings.chain(one.reasons.iter().cloned()).collect();
        text.push_str(&format!("| `{}` | {} | {} |\n", one.name, one.about, cell.join("; ")));
    }
    text
}
