//! Many people and many draws of what is not known: `--n`, `--people`, `--draws`, `--summary`.

mod file;
mod run;
mod summary;
mod vary;

pub(crate) use run::run;
pub(crate) use vary::{Varied, read_spread, split_varied};

use super::Args;
use super::plan::Plan;
use crate::render::Sources;
use epsom_diag::{Diagnostic, list_names};
use epsom_engine::{Follow, Timeline};
use epsom_maths::{Address, hash_name};
use epsom_model::ir::Model;
use epsom_population::{Sampler, vary};
use epsom_units::SubstanceId;

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
        if let Persons::Listed(list) = &self.persons {
            let own = &list[person as usize].covariates;
            own.iter().for_each(|&(at, value)| values[at] = value);
        }
        values
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
    varied: Vec<Varied>,
    sources: &mut Sources,
) -> Result<Option<People>, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let many = args.n.is_some() || args.people.is_some();
    let asked = many || args.draws.is_some() || args.summary || args.percentiles.is_some();
    if let Some(one) = varied.first().filter(|_| !many) {
        let name = &model.covariates[one.covariate].name;
        wrong.push(
            refused(format!("`{name}` varies, but there is one person"))
                .help("say how many people with `--n 100`, or give the covariate one value"),
        );
    }
    if args.seed.is_some() && !many && args.draws.is_none() && args.rules.is_empty() {
        wrong.push(
            refused("`--seed` has nothing to draw").help("give `--n`, `--draws` or `--rule`"),
        );
    }
    for (name, value) in [("--n", args.n), ("--draws", args.draws)] {
        if let Some(value) = value.filter(|value| !(1..=MOST).contains(value)) {
            wrong.push(
                refused(format!("`{name}` is {value}"))
                    .help(format!("give a whole number from 1 to {MOST}")),
            );
        }
    }
    let n_draws = args.draws.unwrap_or(1);
    if let Some(draw) = args.draw
        && (args.draws.is_none() || !(1..=n_draws).contains(&draw))
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
    let persons = match (args.n, &args.people) {
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
        chosen: Vec::new(),
        draws: args.draw.map_or_else(|| all.collect(), |draw| vec![draw - 1]),
        is_drawn: args.draws.is_some(),
        seed: args.seed.unwrap_or(1),
        varied,
        summary: (args.summary || args.percentiles.is_some()).then_some(percentiles),
    };
    Ok(asked.then_some(people))
}

/// Chooses who is run once the subjects of the records are known.
///
/// # Errors
/// `E0740` where one person cannot be told from several, `E0906` of an unknown name.
pub(crate) fn choose(
    people: &mut People,
    n_records: usize,
    wanted: &[String],
) -> Result<(), Diagnostic> {
    let n = match &people.persons {
        Persons::Records => n_records as u32,
        _ if n_records > 1 => {
            return Err(refused(format!("the event file holds {n_records} subjects"))
                .note("`--n` and `--people` give one set of records to every person")
                .help("give the records of one subject, or choose one with a file of its own"));
        }
        Persons::Drawn(n) => *n,
        Persons::Listed(list) => list.len() as u32,
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

/// Whether the people of a plan are all alike, which nobody meant who asked for many.
pub(crate) fn alike(people: &People, model: &Model) -> Option<Diagnostic> {
    use epsom_model::ir::Distribution;
    let differ = model.params.iter().any(|param| param.varies != Distribution::Fixed);
    let alone = matches!(people.persons, Persons::Drawn(n) if n > 1);
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
        for text in ["", "50,50", "50,5", "101", "-1", "x", "nan"] {
            let said = read_percentiles(Some(text)).expect_err(text);
            assert_eq!(said.code, "E0740", "{text}");
        }
    }
}
