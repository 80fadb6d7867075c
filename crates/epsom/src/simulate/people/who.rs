//! Options that say who is run and with which numbers, of `simulate` and `nca` alike.

use crate::files::{missing_folder, write_file};
use crate::model::is_builtin;
use crate::simulate::Args;
use crate::simulate::people::{People, Persons};
use crate::simulate::plan::Plan;
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_magnesium::people::{FILTRATION, NamedPerson, Told, named};
use epsom_report::shortest;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Who is run, and with which numbers
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Who {
    /// Value of a parameter, in its own unit or with one: cl=5.1 or cl=85[mL/min]
    #[arg(long = "param", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub(crate) params: Vec<String>,
    /// Switch a hypothesis of the model on; may stand several times
    #[arg(long = "hypothesis", value_name = "NAME")]
    pub(crate) hypotheses: Vec<String>,
    /// Someone whom the built-in model knows by name, such as ckd-g4; `list` prints them all
    #[arg(long, value_name = "NAME")]
    pub(crate) person: Option<String>,
    /// Value of a covariate for everyone: wt=80 or wt=80[kg]; with many people also how they
    /// differ: "wt=80 varies lognormal(cv 20[%])"
    #[arg(long = "covariate", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub(crate) covariates: Vec<String>,
    /// Many people: so many, drawn by `varies` of the model, by `--population` and by
    /// `--covariate`
    #[arg(long, value_name = "N", allow_negative_numbers = true, conflicts_with = "people")]
    pub(crate) n: Option<u32>,
    /// Whose covariates the people of --n have. `general`: each of a general adult population,
    /// drawn from surveys, but for what `--covariate` gives; the default of the built-in model,
    /// since who asks for many people asks how people differ. `fixed`: all those of one person, so
    /// that parameters alone differ; the default with --person and for a model of your own
    #[arg(long, value_enum, value_name = "WHOSE")]
    pub(crate) population: Option<Whose>,
    /// Write the people of --n: `.csv`, which --people reads
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) people_out: Option<PathBuf>,
    /// Many people: one row each, columns named as covariates, such as `id,wt,gfr[mL/min]`
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) people: Option<PathBuf>,
    /// Draws of what is not known; every person is run in each of them
    #[arg(long, value_name = "D", allow_negative_numbers = true)]
    pub(crate) draws: Option<u32>,
    /// Seed of people, of draws, of residual errors, and of missed and late doses [default: 1]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
}

/// Whose covariates many people have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Whose {
    /// Adults of a general population, each with own covariates
    General,
    /// One person's, for all
    Fixed,
}

impl Whose {
    /// On the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Fixed => "fixed",
        }
    }
}

impl Who {
    /// The first option that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let all = [
            ("--param", !self.params.is_empty()),
            ("--hypothesis", !self.hypotheses.is_empty()),
            ("--person", self.person.is_some()),
            ("--covariate", !self.covariates.is_empty()),
            ("--n", self.n.is_some()),
            ("--population", self.population.is_some()),
            ("--people-out", self.people_out.is_some()),
            ("--people", self.people.is_some()),
            ("--draws", self.draws.is_some()),
            ("--seed", self.seed.is_some()),
        ];
        all.into_iter().find(|one| one.1).map(|one| one.0)
    }
}

/// Everyone whom a model knows by name, where the option asks for the list.
pub(crate) fn listing(model: &Path, person: Option<&str>) -> Option<String> {
    if person != Some("list") || !is_builtin(model) {
        return None;
    }
    let width = named().iter().map(|one| one.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for one in named() {
        text.push_str(&format!("{:width$}  {}\n", one.name, one.about));
        let told = one.settings.iter().map(|setting| setting.told()).chain(one.reasons.clone());
        told.for_each(|line| text.push_str(&format!("{:width$}    {line}\n", "")));
    }
    Some(text)
}

/// The person of this name.
///
/// # Errors
/// `E0906` of an unknown name, and of a model that knows nobody.
pub(crate) fn find_person(model: &Path, name: &str) -> Result<&'static NamedPerson, Diagnostic> {
    let names = || named().iter().map(|one| one.name.as_str());
    if !is_builtin(model) {
        return Err(Diagnostic::error("E0906", format!("there is no person `{name}`"))
            .note("only the built-in model knows people by name")
            .help("give covariates with `--covariate`, or people with `--people FILE.csv`"));
    }
    named().iter().find(|one| one.name == name).ok_or_else(|| {
        let said = Diagnostic::error("E0906", format!("there is no person `{name}`"));
        if name.ends_with("dialysis") {
            return said
                .note("on dialysis serum is decided by the magnesium and the clearance of the dialysate, which the model does not hold")
                .help("`--person ckd-g5` has advanced disease without dialysis");
        }
        match did_you_mean(name, names()) {
            Some(near) => said.help(format!("did you mean `{near}`")),
            None => said
                .note(format!("people: {}", list_names(names(), 40)))
                .help("`--person list` says who they are"),
        }
    })
}

/// Texts of a person's covariates, as `--covariate` takes them, but those that the line gives.
pub(crate) fn settings_of(person: &NamedPerson, covariates: &[String]) -> Vec<String> {
    let name = |text: &String| text.split('=').next().unwrap_or_default().trim().to_string();
    let given: Vec<String> = covariates.iter().map(name).collect();
    let filters = |name: &str| FILTRATION.contains(&name);
    let is_given =
        |name: &str| given.iter().any(|one| one == name || filters(name) && filters(one));
    let own = person.settings.iter().filter(|setting| !is_given(&setting.covariate));
    own.map(|setting| setting.text()).collect()
}

/// What is said of a person.
pub(crate) fn about_person(person: &NamedPerson, settings: &[String]) -> Diagnostic {
    let message = format!("person `{}`: {}", person.name, person.about);
    let used = person.settings.iter().filter(|one| settings.contains(&one.text()));
    let told = used.map(|setting| setting.told()).chain(person.reasons.iter().cloned());
    told.fold(Diagnostic::note_of("N0918", message), |said, one| said.note(one))
}

/// The same for `--json`.
pub(crate) fn who_json(args: &Args, people: Option<&People>) -> Option<Value> {
    if let Some(population) = people.and_then(|people| people.population) {
        let Told { assumed, recalled, reasons } = &population.told;
        return Some(json!({
            "population": Whose::General.name(), "person": args.who.person, "assumed": assumed,
            "recalled": recalled, "reasons": reasons,
        }));
    }
    let person = find_person(&args.model, args.who.person.as_deref()?).ok()?;
    let settings = settings_of(person, &args.who.covariates);
    let used = person.settings.iter().filter(|one| settings.contains(&one.text()));
    let settings: Vec<Value> =
        used.map(|one| json!({"covariate": one.text(), "row": one.row, "why": one.why})).collect();
    Some(json!({"person": person.name, "settings": settings, "reasons": person.reasons}))
}

/// Writes the people of a plan where the options ask for it.
///
/// # Errors
/// `E0740` where nobody is drawn, and what the disk says.
pub(crate) fn write_people(plan: &Plan, who: &Who) -> Result<(), Diagnostic> {
    let Some(path) = &who.people_out else { return Ok(()) };
    let drawn = plan.people.as_ref().filter(|one| matches!(one.persons, Persons::Drawn(_)));
    let Some(people) = drawn else {
        return Err(super::refused("`--people-out` has nobody to write")
            .help("say how many people are drawn with `--n 100`"));
    };
    if let Some(said) = missing_folder(path) {
        return Err(said);
    }
    write_file(path, table(plan, people).as_bytes())
}

/// `id` and one column per covariate that differs; a person per line.
fn table(plan: &Plan, people: &People) -> String {
    let columns = people.drawn_columns(plan);
    let covariate = |at: usize| &plan.model.covariates[at];
    let varied = people.varied.iter().map(|one| covariate(one.covariate).name.clone());
    let headers = columns.iter().map(|one| one.header()).chain(varied);
    let mut text: String = "id".to_string();
    headers.for_each(|header| text.push_str(&format!(",{header}")));
    text.push('\n');
    for &person in &people.chosen {
        text.push_str(&people.id(plan, person));
        people
            .drawn(plan, person)
            .iter()
            .for_each(|one| text.push_str(&format!(",{}", one.text())));
        let values = people.covariates(plan, person);
        for one in &people.varied {
            let per_base = covariate(one.covariate).unit.per_base;
            text.push_str(&format!(",{}", shortest(values[one.covariate] * per_base)));
        }
        text.push('\n');
    }
    text
}
