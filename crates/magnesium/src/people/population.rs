//! A general adult population: who is drawn where many people are asked for.
//!
//! Sex and age come first, then what surveys print by sex and age: height, weight (correlated with
//! height), filtration, albumin, food, serum.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use epsom_evidence::{Kind, Spread, Tables, ValueRow, builtin, builtin_substances};
use epsom_maths::{Address, hash_name, normal, uniform};
use epsom_population::Quantiles;
use epsom_units::{Unit, parse_unit};

use crate::qualify::{Row, table};

/// The table as committed.
pub(super) const TABLE: &str = include_str!("../../../../models/magnesium/population.csv");

/// Covariates of which any says what a person filters: where one is given, none is drawn.
pub const FILTRATION: [&str; 3] = ["gfr", "egfr", "creatinine"];
/// The drawn one of them.
const FILTERED: &str = "egfr";

/// A general adult population.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// People of one sex in one band of age, with their number.
    pub(super) bands: Vec<Band>,
    /// Everything else, in the order in which it is drawn.
    pub(super) margins: Vec<Margin>,
    /// Covariates in the order of the table, sex and age first.
    pub columns: Vec<Column>,
    /// What the table assumes and recalls.
    pub told: Told,
}

/// What a population rests on beside what surveys print.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Told {
    /// Rows that are assumptions or our arithmetic.
    pub assumed: Vec<String>,
    /// Rows that were recalled.
    pub recalled: Vec<String>,
    /// What is assumed beside the rows, in words.
    pub reasons: Vec<String>,
}

/// A covariate of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name in the model.
    pub covariate: String,
    /// Unit of its values; empty where it has none.
    pub unit: String,
    /// Decimals of its values.
    pub digits: u32,
    /// The same, read.
    read: Option<Unit>,
}

/// People of one sex in one band of age.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Band {
    pub(super) is_woman: bool,
    pub(super) ages: (f64, f64),
    pub(super) people: f64,
}

/// How one covariate spreads among people of one sex and age.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Margin {
    /// Index among the columns.
    pub(super) column: usize,
    /// None: men and women.
    pub(super) is_woman: Option<bool>,
    /// From, and below.
    pub(super) ages: (f64, f64),
    /// In the column's unit.
    pub(super) quantiles: Quantiles,
    /// Column that its normal score goes with, and the correlation.
    pub(super) with: Option<(usize, f64)>,
    /// Row of its middle.
    pub(super) row: String,
}

/// A covariate of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn<'a> {
    /// Which.
    pub column: &'a Column,
    /// In its unit, with its decimals.
    pub value: f64,
}

impl Drawn<'_> {
    /// In base units, as the same number read from a file would be.
    pub fn base(&self) -> f64 {
        self.column.to_base(self.value)
    }

    /// As it is written.
    pub fn text(&self) -> String {
        format!("{:.*}", self.column.digits as usize, self.value)
    }
}

impl Column {
    fn to_base(&self, value: f64) -> f64 {
        self.read.as_ref().map_or(value, |unit| unit.to_base(value))
    }

    fn shown_of(&self, base: f64) -> f64 {
        self.read.as_ref().map_or(base, |unit| unit.from_base(base))
    }

    /// Header of a file of people.
    pub fn header(&self) -> String {
        match self.unit.as_str() {
            "" => self.covariate.clone(),
            unit => format!("{}[{unit}]", self.covariate),
        }
    }
}

/// The adults of `models/magnesium/population.csv`.
pub fn general() -> &'static Population {
    static DONE: OnceLock<Population> = OnceLock::new();
    DONE.get_or_init(|| population(TABLE, builtin()).expect("a test reads the committed table"))
}

impl Population {
    /// Youngest age, and the age that nobody reaches; years.
    pub fn ages(&self) -> (f64, f64) {
        let from = self.bands.iter().map(|band| band.ages.0).fold(f64::INFINITY, f64::min);
        let to = self.bands.iter().map(|band| band.ages.1).fold(0.0, f64::max);
        (from, to)
    }

    /// Covariates of the person at `at`, but those that are `known` (base units, by name).
    ///
    /// Each covariate has an address of its own, so that what is known changes no other but by
    /// what rests on it: weight on height, and all of them on sex and age.
    pub fn draw(&self, at: &Address, known: &dyn Fn(&str) -> Option<f64>) -> Vec<Drawn<'_>> {
        let is_known = |column: &Column| match column.covariate.as_str() {
            FILTERED => FILTRATION.iter().any(|name| known(name).is_some()),
            name => known(name).is_some(),
        };
        let mut scores = vec![None; self.columns.len()];
        let mut values = vec![0.0; self.columns.len()];
        let own = |name: &str| Address { purpose: hash_name(&format!("population.{name}")), ..*at };
        let (is_woman, age) = self.sex_and_age(&own, known);
        (values[0], values[1]) = (f64::from(u8::from(is_woman)), age);
        for margin in self.margins_of(is_woman, age) {
            let column = &self.columns[margin.column];
            let e = normal(&own(&column.covariate), 0);
            let z = match margin.with.and_then(|(other, rho)| Some((scores[other]?, rho))) {
                Some((other, rho)) => rho * other + (1.0 - rho * rho).sqrt() * e,
                None => e,
            };
            let given = known(&column.covariate).map(|base| column.shown_of(base));
            scores[margin.column] = Some(given.map_or(z, |value| margin.quantiles.score(value)));
            values[margin.column] = rounded(margin.quantiles.value(z), column.digits);
        }
        let drawn = self.columns.iter().zip(values).map(|(column, value)| Drawn { column, value });
        drawn.filter(|one| !is_known(one.column)).collect()
    }

    fn sex_and_age(
        &self,
        own: &dyn Fn(&str) -> Address,
        known: &dyn Fn(&str) -> Option<f64>,
    ) -> (bool, f64) {
        let years = |base: f64| self.columns[1].shown_of(base);
        let sex = known("sex").map(|sex| sex > 0.0);
        let age = known("age").map(years);
        let fits = |band: &&Band| {
            sex.is_none_or(|sex| sex == band.is_woman)
                && age.is_none_or(|age| (band.ages.0..band.ages.1).contains(&age))
        };
        let bands: Vec<&Band> = self.bands.iter().filter(fits).collect();
        let all: f64 = bands.iter().map(|band| band.people).sum();
        let mut left = all * uniform(&own("band"), 0);
        let found = bands.iter().find(|band| {
            left -= band.people;
            left <= 0.0
        });
        // No band holds an age that the table does not: the known one stands.
        let Some(band) = found.or(bands.last()) else {
            return (sex.unwrap_or(false), age.unwrap_or(0.0));
        };
        let drawn = band.ages.0 + (band.ages.1 - band.ages.0) * uniform(&own("age"), 0);
        // Down: nobody is in the next band before the birthday.
        let step = power_of_ten(self.columns[1].digits);
        (band.is_woman, age.unwrap_or((drawn * step).floor() / step))
    }

    /// One margin per column, those of the nearest age where no age fits.
    pub(super) fn margins_of(&self, is_woman: bool, age: f64) -> impl Iterator<Item = &Margin> {
        let (from, to) = self.ages();
        let age = age.clamp(from, to - 1e-6);
        self.margins.iter().filter(move |one| {
            one.is_woman.is_none_or(|sex| sex == is_woman)
                && (one.ages.0..one.ages.1).contains(&age)
        })
    }
}

/// The number whose decimal text has these digits, and no other.
pub(super) fn rounded(value: f64, digits: u32) -> f64 {
    let step = power_of_ten(digits);
    // A whole number over a power of ten is the number nearest to the decimal text.
    (value * step).round() / step
}

fn power_of_ten(digits: u32) -> f64 {
    f64::from(10_u32.pow(digits))
}

/// Reads the table.
///
/// # Errors
/// The line that makes no sense, and why.
pub(super) fn population(text: &str, evidence: &Tables) -> Result<Population, String> {
    let mut found = Population {
        bands: Vec::new(),
        margins: Vec::new(),
        columns: vec![column("sex", "", 0)?, column("age", "years", 1)?],
        told: Told::default(),
    };
    let mut told = [BTreeSet::new(), BTreeSet::new()];
    for line in table(text)? {
        let wrong =
            |why: &str| format!("{} of {}: {why}", line.cell("covariate"), line.cell("row"));
        let row = |column: &str| {
            let key = line.cell(column);
            evidence.value(key).ok_or_else(|| wrong(&format!("there is no row `{key}`")))
        };
        let number = |column: &str| line.cell(column).parse::<f64>().map_err(|_| wrong(column));
        for name in ["row", "spread_row", "rho_row"] {
            if !line.cell(name).is_empty() {
                let one = row(name)?;
                told[0].extend(one.is_assumption().then(|| one.id.clone()));
                told[1].extend(one.is_recalled().then(|| one.id.clone()));
            }
        }
        let why = line.cell("why");
        if !why.is_empty() && !found.told.reasons.iter().any(|one| one == why) {
            found.told.reasons.push(why.to_string());
        }
        let ages = (number("age_from")?, number("age_to")?);
        let is_woman = match line.cell("sex") {
            "man" => Some(false),
            "woman" => Some(true),
            "any" => None,
            _ => return Err(wrong("`sex` is `man`, `woman` or `any`")),
        };
        let middle = value(row("row")?).ok_or_else(|| wrong("its row is no number"))?;
        if line.cell("covariate") == "age" {
            let is_woman = is_woman.ok_or_else(|| wrong("a band of age has a sex"))?;
            found.bands.push(Band { is_woman, ages, people: middle });
            continue;
        }
        let digits = line.cell("digits").parse().map_err(|_| wrong("digits"))?;
        let column = place(&mut found.columns, &line, &row("row")?.unit_text(), digits)?;
        let spread =
            if line.cell("spread_row").is_empty() { row("row")? } else { row("spread_row")? };
        let bounds = (number("lo")?, number("hi")?);
        let quantiles = quantiles(&line, middle, spread, bounds).map_err(|why| wrong(&why))?;
        let with = match line.cell("with") {
            "" => None,
            other => {
                let at = found.columns.iter().position(|one| one.covariate == other);
                let at = at.ok_or_else(|| wrong("`with` names a covariate drawn before it"))?;
                Some((at, value(row("rho_row")?).ok_or_else(|| wrong("no correlation"))?))
            }
        };
        let row = line.cell("row").to_string();
        found.margins.push(Margin { column, is_woman, ages, quantiles, with, row });
    }
    let [assumed, recalled] = told.map(|set| set.into_iter().collect::<Vec<String>>());
    found.told = Told { assumed, recalled, ..found.told };
    Ok(found)
}

/// Index of the column of a line, which is added where it is new.
fn place(columns: &mut Vec<Column>, line: &Row, unit: &str, digits: u32) -> Result<usize, String> {
    let name = line.cell("covariate");
    if let Some(at) = columns.iter().position(|one| one.covariate == name) {
        return Ok(at);
    }
    columns.push(column(name, unit, digits)?);
    Ok(columns.len() - 1)
}

fn column(name: &str, unit: &str, digits: u32) -> Result<Column, String> {
    let substances = builtin_substances();
    let parse = |unit: &str| {
        parse_unit(unit, substances, substances.id("Mg")).map_err(|error| error.to_string())
    };
    let read = (!unit.is_empty()).then(|| parse(unit)).transpose()?;
    Ok(Column { covariate: name.to_string(), unit: unit.to_string(), digits, read })
}

/// How the line reads the spread of its row.
fn quantiles(
    line: &Row,
    middle: f64,
    spread: &ValueRow,
    bounds: (f64, f64),
) -> Result<Quantiles, String> {
    match (line.cell("reads"), spread.spread) {
        ("p5_95", Spread::P5To95 { lo, hi }) => {
            let is_log = line.cell("scale") == "log";
            Ok(Quantiles { percentiles: [lo, middle, hi], is_log, bounds })
        }
        ("sd", Spread::Sd(sd)) => Ok(Quantiles::normal(middle, sd, bounds)),
        // The row is a standard deviation itself.
        ("sd", _) => {
            let sd = value(spread).ok_or("the row of the spread is no number")?;
            Ok(Quantiles::normal(middle, sd, bounds))
        }
        ("middle_95", Spread::Range { lo: Some(lo), hi: Some(hi) }) => {
            Ok(Quantiles::normal(middle, (hi - lo) / (2.0 * 1.96), bounds))
        }
        (reads, _) => Err(format!("`{reads}` does not fit the spread of `{}`", spread.id)),
    }
}

fn value(row: &ValueRow) -> Option<f64> {
    match &row.kind {
        Kind::Number(printed) => Some(printed.value()),
        _ => None,
    }
}
