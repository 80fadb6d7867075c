//! Many people and many draws of what is not known: `--n`, `--people`, `--draws`, `--summary`.

mod file;
mod run;
mod summary;
mod vary;
mod who;

pub(crate) use run::run;
pub(crate) use vary::{Varied, read_spread, split_varied};
pub(crate) use who::{
    Who, about_person, find_person, listing, settings_of, who_json, write_people,
};

use super::Args;
use super::plan::Plan;
use crate::model::is_builtin;
use crate::render::Sources;
use epsom_diag::{Diagnostic, list_names};
use epsom_engine::{Follow, Timeline};
use epsom_magnesium::people::{Column, Drawn, Population, general};
use epsom_maths::{Address, hash_name};
use epsom_model::ir::Model;
use epsom_population::{Sampler, SubjectRecords, vary};
use epsom_report::shortest;
use epsom_units::SubstanceId;
use who::Whose;

/// Most people, most draws: larger numbers are slips.
const MOST: u32 = 10_000_000;
/// Rows of one person in a summary where nobody asked for times.
pub(crate) const SUMMARY_ROWS: f64 = 200.0;
/// Percentiles where none are asked for.
const USUAL_PERCENTILES: [f64; 3] = [2.5, 50.0, 97.5];

/// Who is run, in which draws, and what is shown of them.
pub(crate) struct People {
    /// Who.
    pub(crate) persons: Persons,
    /// Whose records of an event file each person takes; the first ones again after the last.
    pub(crate) records: Vec<u32>,
    /// Indices of the persons that are run, rising.
    pub(crate) chosen: Vec<u32>,
    /// Replicates of what is not known; one, the typical values, where no draw is asked for.
    pub(crate) draws: Vec<u32>,
    /// Whether the values of `draws` are drawn.
    pub(crate) is_drawn: bool,
    /// Seed of everything drawn.
    pub(crate) seed: u64,
    /// Covariates that are drawn.
    pub(crate) varied: Vec<Varied>,
    /// The population that the other covariates are drawn from.
    pub(crate) population: Option<&'static Population>,
    /// Probabilities of the summary; none where all rows are written.
    pub(crate) summary: Option<Vec<f64>>,
}

/// Where people come from.
pub(crate) enum Persons {
    /// The subjects of the records, each with the typical parameters.
    Records,
    /// So many, drawn.
    Drawn(u32),
    /// As a file lists them, their parameters drawn.
    Listed(Vec<Person>),
}

/// One person of a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    /// As in the file.
    pub(crate) id: String,
    /// Covariates that the file gives, base units.
    pub(crate) covariates: Vec<(usize, f64)>,
}

impl People {
    /// Whether people differ by draws.
    pub(crate) fn differ(&self) -> bool {
        !matches!(self.persons, Persons::Records)
    }

    /// The name of a person of the plan.
    pub(crate) fn id(&self, plan: &Plan, person: u32) -> String {
        match &self.persons {
            Persons::Records => plan.subjects[person as usize].id.clone(),
            Persons::Drawn(_) => (person + 1).to_string(),
            Persons::Listed(list) => list[person as usize].id.clone(),
        }
    }

    /// The place among the subjects of the records of those that a person takes.
    pub(crate) fn records_of(&self, person: u32) -> usize {
        self.records[person as usize % self.records.len().max(1)] as usize
    }

    /// Parameters of one person in one draw, base units.
    pub(crate) fn params(&self, sampler: &Sampler, draw: u32, person: u32) -> Vec<f64> {
        let typical =
            if self.is_drawn { sampler.uncertain(self.seed, draw) } else { sampler.typical() };
        match self.differ() {
            // The same people in every draw: what is not known and how they differ stay apart.
            true => sampler.subject(&self.address(person), &typical),
            false => typical,
        }
    }

    /// How one person differs between occasions; `covariates` take the values of the first.
    pub(crate) fn occasions(
        &self,
        sampler: &Sampler,
        person: u32,
        timeline: &Timeline,
        covariates: &mut [f64],
    ) -> Vec<Follow> {
        if !self.differ() {
            return Vec::new();
        }
        let follows = sampler.occasions(&self.address(person), timeline, covariates);
        for one in &follows {
            covariates[one.covariate as usize] = one.values[0].1;
        }
        follows
    }

    /// Covariates of one person, base units.
    pub(crate) fn covariates(&self, plan: &Plan, person: u32) -> Vec<f64> {
        let mut values = plan.covariate_values();
        for one in &self.varied {
            let purpose = hash_name(&plan.model.covariates[one.covariate].name);
            let at = Address { purpose, ..self.address(person) };
            values[one.covariate] = vary(&one.distribution, one.center, one.bounds(), &at);
        }
        for one in self.draw(plan, &values, person) {
            let name = &one.column.covariate;
            if let Some(at) = plan.model.covariates.iter().position(|known| known.name == *name) {
                values[at] = one.base();
            }
        }
        if let Persons::Listed(list) = &self.persons {
            let own = &list[person as usize].covariates;
            own.iter().for_each(|&(at, value)| values[at] = value);
        }
        values
    }

    /// What the population gives to one person.
    pub(crate) fn drawn(&self, plan: &Plan, person: u32) -> Vec<Drawn<'static>> {
        self.draw(plan, &self.covariates(plan, person), person)
    }

    /// Which covariates that are.
    pub(crate) fn drawn_columns(&self, plan: &Plan) -> Vec<&'static Column> {
        self.drawn(plan, 0).into_iter().map(|one| one.column).collect()
    }

    /// What the command line gives and draws is known to the population.
    fn draw(&self, plan: &Plan, values: &[f64], person: u32) -> Vec<Drawn<'static>> {
        let Some(population) = self.population else { return Vec::new() };
        let known = |name: &str| {
            let at = plan.model.covariates.iter().position(|one| one.name == name)?;
            let is_given = plan.covariates.iter().any(|&(given, _)| given == at)
                || self.varied.iter().any(|one| one.covariate == at);
            is_given.then(|| values[at])
        };
        population.draw(&self.address(person), &known)
    }

    /// Covariates that every person has from here.
    pub(crate) fn given(&self, model: &Model) -> Vec<usize> {
        let drawn = self.varied.iter().map(|one| one.covariate);
        let listed = (0..model.covariates.len()).filter(|at| match &self.persons {
            Persons::Listed(list) => {
                list.iter().all(|one| one.covariates.iter().any(|(known, _)| known == at))
            }
            _ => false,
        });
        drawn.chain(listed).collect()
    }

    /// Whether any person has this covariate from here.
    pub(crate) fn given_any(&self, covariate: usize) -> bool {
        let is_it = |at: usize| at == covariate;
        self.varied.iter().any(|one| is_it(one.covariate))
            || matches!(&self.persons, Persons::Listed(list)
                if list.iter().any(|one| one.covariates.iter().any(|own| is_it(own.0))))
    }

    fn address(&self, person: u32) -> Address {
        Address { seed: self.seed, subject: person, ..Address::default() }
    }
}

/// What the options say of people and draws; none where they say nothing.
///
/// # Errors
/// `E0740` of options, `E0741` of the file; all of one run.
pub(crate) fn read_people(
    args: &Args,
    model: &Model,
    substance: Option<&SubstanceId>,
    (varied, covariates): (Vec<Varied>, &[(usize, f64)]),
    sources: &mut Sources,
) -> Result<Option<People>, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let population = population(args, model, &varied, covariates).unwrap_or_else(|said| {
        wrong.push(said);
        None
    });
    let many = args.who.n.is_some() || args.who.people.is_some();
    let asked = many || args.who.draws.is_some() || args.summary || args.percentiles.is_some();
    if let Some(one) = varied.first().filter(|_| !many) {
        let name = &model.covariates[one.covariate].name;
        wrong.push(
            refused(format!("`{name}` varies, but there is one person"))
                .help("say how many people with `--n 100`, or give the covariate one value"),
        );
    }
    let draws_something = many || args.who.draws.is_some() || args.residual;
    if args.who.seed.is_some() && !draws_something && args.rules.is_empty() {
        wrong.push(
            refused("`--seed` has nothing to draw")
                .help("give `--n`, `--draws`, `--residual` or `--rule`"),
        );
    }
    for (name, value) in [("--n", args.who.n), ("--draws", args.who.draws)] {
        if let Some(value) = value.filter(|value| !(1..=MOST).contains(value)) {
            wrong.push(
                refused(format!("`{name}` is {value}"))
                    .help(format!("give a whole number from 1 to {MOST}")),
            );
        }
    }
    let n_draws = args.who.draws.unwrap_or(1);
    if let Some(draw) = args.draw
        && (args.who.draws.is_none() || !(1..=n_draws).contains(&draw))
    {
        wrong.push(
            refused(format!("there is no draw {draw}"))
                .help(format!("with `--draws {n_draws}`, `--draw` is from 1 to {n_draws}")),
        );
    }
    let percentiles = read_percentiles(args.percentiles.as_deref()).unwrap_or_else(|said| {
        wrong.push(said);
        Vec::new()
    });
    let persons = match (args.who.n, &args.who.people) {
        (_, Some(path)) => match file::read_file(path, model, substance, sources) {
            Ok(list) => Persons::Listed(list),
            Err(said) => {
                wrong.extend(said);
                Persons::Records
            }
        },
        (Some(n), None) => Persons::Drawn(n.min(MOST)),
        (None, None) => Persons::Records,
    };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let all = 0..n_draws;
    let people = People {
        persons,
        records: Vec::new(),
        chosen: Vec::new(),
        draws: args.draw.map_or_else(|| all.collect(), |draw| vec![draw - 1]),
        is_drawn: args.who.draws.is_some(),
        seed: args.who.seed.unwrap_or(1),
        varied,
        population,
        summary: (args.summary || args.percentiles.is_some()).then_some(percentiles),
    };
    Ok(asked.then_some(people))
}

/// The population that people are drawn from, where the options ask for one.
///
/// # Errors
/// `E0740` where there is none, or where nobody of it is as the command line says.
fn population(
    args: &Args,
    model: &Model,
    varied: &[Varied],
    covariates: &[(usize, f64)],
) -> Result<Option<&'static Population>, Diagnostic> {
    let who = &args.who;
    let usual = is_builtin(&args.model) && who.n.is_some() && who.person.is_none();
    match who.population {
        Some(Whose::Fixed) | None if who.population.is_some() || !usual => return Ok(None),
        Some(_) if who.n.is_none() => {
            return Err(refused("`--population` has nobody to draw")
                .help("say how many people with `--n 100`"));
        }
        Some(_) if !is_builtin(&args.model) => {
            return Err(refused("this model has no population")
                .note("the built-in model alone has one")
                .help("let covariates vary, such as `--covariate \"wt=70 varies lognormal(cv 20[%])\"`, or list people with `--people FILE.csv`"));
        }
        _ => {}
    }
    let population = general();
    let given = |name: &str| {
        let is_it = |at: usize| model.covariates[at].name == name;
        covariates.iter().find(|one| is_it(one.0) && !varied.iter().any(|v| v.covariate == one.0))
    };
    let fixed = "run one such person with `--person`, or many who differ by parameters alone with \
                 `--population fixed`";
    let (from, to) = population.ages();
    if let Some(&(at, value)) = given("age") {
        let years = value * model.covariates[at].unit.per_base;
        if !(from..to).contains(&years) {
            return Err(refused(format!(
                "nobody of the population is {} years old",
                shortest(years)
            ))
            .note(format!("it holds adults from {from} to {} years", to - 1.0))
            .help(fixed));
        }
    }
    if given("pregnancy").is_some_and(|&(_, value)| value > 0.0) {
        return Err(refused("nobody of the population is pregnant").help(fixed));
    }
    Ok(Some(population))
}

/// What is said of people who are drawn from a population.
pub(crate) fn about_population(people: &People) -> Option<Diagnostic> {
    let told = &people.population?.told;
    let n = people.chosen.len();
    let said = Diagnostic::note_of("N0918", format!("{n} people of a general adult population"))
        .note("covariates that no option gives are drawn from surveys, by the table models/magnesium/population.csv")
        .note(format!("assumed or derived: {}", in_groups(&told.assumed)))
        .note(format!("recalled, to be confirmed: {}", in_groups(&told.recalled)));
    let said = told.reasons.iter().fold(said, |said, one| said.note(format!("assumed: {one}")));
    Some(said.help("`--population fixed` runs one person's covariates; `--people-out FILE.csv` writes who was drawn"))
}

/// `pop.rho.man`, `pop.rho.woman` as `pop.rho.*`.
fn in_groups(rows: &[String]) -> String {
    let group = |row: &str| row.rsplit_once('.').map_or(row, |(group, _)| group).to_string();
    let n_in = |wanted: &str| rows.iter().filter(|row| group(row) == wanted).count();
    let mut shown: Vec<String> = Vec::new();
    for row in rows {
        let group = group(row);
        let name = if n_in(&group) > 1 { format!("{group}.*") } else { row.clone() };
        if !shown.contains(&name) {
            shown.push(name);
        }
    }
    shown.join(", ")
}

/// Chooses who is run once the subjects of the records are known.
///
/// # Errors
/// `E0740` where one person cannot be told from several, `E0906` of an unknown name.
pub(crate) fn choose(
    people: &mut People,
    subjects: &[SubjectRecords],
    wanted: &[String],
) -> Result<(), Diagnostic> {
    people.records = (0..subjects.len() as u32).collect();
    let n = match &people.persons {
        Persons::Records => subjects.len() as u32,
        Persons::Drawn(n) => *n,
        Persons::Listed(list) => {
            if subjects.len() > 1 {
                people.records = by_name(list, subjects)?;
            }
            list.len() as u32
        }
    };
    people.chosen = (0..n).collect();
    // The subjects of records were chosen with the records.
    if wanted.is_empty() || matches!(people.persons, Persons::Records) {
        return Ok(());
    }
    let place = |id: &String| match &people.persons {
        Persons::Listed(list) => list.iter().position(|one| one.id == *id).map(|at| at as u32),
        _ => id.parse::<u32>().ok().filter(|at| (1..=n).contains(at)).map(|at| at - 1),
    };
    let mut chosen = Vec::new();
    for id in wanted {
        let Some(at) = place(id) else {
            let said = Diagnostic::error("E0906", format!("there is no person `{id}`"));
            return Err(match &people.persons {
                Persons::Listed(list) => said.note(format!(
                    "persons: {}",
                    list_names(list.iter().map(|one| one.id.as_str()), 10)
                )),
                _ => said.note(format!("persons: 1 to {n}")),
            });
        };
        chosen.push(at);
    }
    chosen.sort_unstable();
    chosen.dedup();
    people.chosen = chosen;
    Ok(())
}

/// Each person's own records.
///
/// # Errors
/// `E0740` where someone has none.
fn by_name(list: &[Person], subjects: &[SubjectRecords]) -> Result<Vec<u32>, Diagnostic> {
    let place = |person: &Person| subjects.iter().position(|one| one.id == person.id);
    let own = list.iter().map(|person| place(person).map(|at| at as u32).ok_or(person));
    own.collect::<Result<_, _>>().map_err(|person| {
        refused(format!("`{}` has no records in the event file", person.id))
            .note(format!("it holds {} subjects, which people take by `id`", subjects.len()))
            .note(format!(
                "subjects: {}",
                list_names(subjects.iter().map(|one| one.id.as_str()), 10)
            ))
            .help("give the records of one subject, which everyone then takes")
    })
}

/// What is said where people who are drawn take the records of several subjects.
pub(crate) fn in_turn(people: &People, subjects: &[SubjectRecords]) -> Option<Diagnostic> {
    let (Persons::Drawn(n), [first, second, ..]) = (&people.persons, subjects) else { return None };
    let message = format!("{n} people take the records of {} subjects in turn", subjects.len());
    Some(
        Diagnostic::note_of("N0920", message)
            .note(format!("person 1 those of `{}`, person 2 those of `{}`", first.id, second.id)),
    )
}

/// Whether the people of a plan are all alike, which nobody meant who asked for many.
pub(crate) fn alike(people: &People, model: &Model) -> Option<Diagnostic> {
    use epsom_model::ir::Distribution;
    let differ = model.params.iter().any(|param| param.varies != Distribution::Fixed);
    let alone = matches!(people.persons, Persons::Drawn(n) if n > 1) && people.population.is_none();
    (alone && !differ && model.occasions.is_empty() && people.varied.is_empty()).then(|| {
        Diagnostic::warning("W0740", "all people are alike")
            .note("no parameter of the model has `varies`, and no covariate is drawn")
            .help("let a covariate vary, such as `--covariate \"wt=70 varies lognormal(cv 20[%])\"`, or list people with `--people FILE.csv`")
    })
}

/// Probabilities of `2.5,50,97.5`.
fn read_percentiles(text: Option<&str>) -> Result<Vec<f64>, Diagnostic> {
    let Some(text) = text else {
        return Ok(USUAL_PERCENTILES.iter().map(|one| one / 100.0).collect());
    };
    let mut found: Vec<f64> = Vec::new();
    for part in text.split(',') {
        let value = part.trim().parse::<f64>().ok().filter(|value| (0.0..=100.0).contains(value));
        let rises = |value: &f64| found.last().is_none_or(|last| *last < value / 100.0);
        let Some(value) = value.filter(rises) else {
            return Err(refused(format!("`{}` is no percentile here", part.trim()))
                .note("percentiles are numbers from 0 to 100, each larger than the one before")
                .help("write `--percentiles 5,50,95`"));
        };
        found.push(value / 100.0);
    }
    // Up to 1 all of them are probabilities, whose hundredths are meant.
    if found.iter().all(|one| *one <= 0.01) && found.iter().any(|one| 0.0 < *one && *one < 0.01) {
        let meant: Vec<String> =
            found.iter().map(|one| epsom_report::shortest((one * 1e10).round() / 1e6)).collect();
        return Err(refused(format!("`{text}` are probabilities, not percentiles"))
            .note("percentiles are numbers from 0 to 100")
            .help(format!("write `--percentiles {}`", meant.join(","))));
    }
    Ok(found)
}

pub(crate) fn refused(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("E0740", message)
}

#[cfg(test)]
mod tests {
    use super::read_percentiles;

    #[test]
    fn percentiles_rise_and_stay_below_a_hundred() {
        assert_eq!(read_percentiles(None).expect("usual"), [0.025, 0.5, 0.975]);
        assert_eq!(read_percentiles(Some("5, 50,95")).expect("three"), [0.05, 0.5, 0.95]);
        let said = read_percentiles(Some("0.05,0.5,0.95")).expect_err("probabilities");
        assert_eq!(said.help, ["write `--percentiles 5,50,95`"]);
        assert_eq!(read_percentiles(Some("0.5,50")).expect("two"), [0.005, 0.5]);
        for text in ["", "50,50", "50,5", "101", "-1", "x", "nan"] {
            let said = read_percentiles(Some(text)).expect_err(text);
            assert_eq!(said.code, "E0740", "{text}");
        }
    }
}
