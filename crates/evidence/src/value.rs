//! Rows of `values.csv`: one number, interval or text each.

use crate::printed::{Printed, number};
use crate::sheet::Sheet;
use crate::{Grade, Level, Seen, Species};

/// One row of `values.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueRow {
    /// Key, such as `PK061`.
    pub id: String,
    /// Short name.
    pub symbol: String,
    /// What it is, in words.
    pub meaning: String,
    /// The number, interval or text.
    pub kind: Kind,
    /// Unit as one that parses, without the substance.
    pub unit: String,
    /// Substance that an amount or mass in the unit is of; empty where there is none.
    pub substance: String,
    /// How far it spreads, or how sure it is.
    pub spread: Spread,
    /// Texts of the source, where they differ from the cells.
    pub published: Published,
    /// People, animals or cells measured.
    pub n: Option<u32>,
    /// In whom.
    pub species: Species,
    /// In whom, in words.
    pub population: String,
    /// Key of the source; empty where no paper could be identified.
    pub source_key: String,
    /// Page, table or figure.
    pub locator: String,
    /// What kind of evidence.
    pub level: Level,
    /// How it reached the table.
    pub seen: Seen,
    /// Address.
    pub url: String,
    /// Arithmetic of a derived row.
    pub formula: String,
    /// Everything else.
    pub note: String,
}

/// What a row holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// One number.
    Number(Printed),
    /// Two bounds and nothing between them.
    Interval {
        /// Lower.
        lo: Printed,
        /// Upper.
        hi: Printed,
    },
    /// Words; empty if the source holds a value that was not seen.
    Text(String),
}

/// Spread of a row's number, in the row's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spread {
    /// Not found, which is not certain.
    None,
    /// Standard deviation.
    Sd(f64),
    /// Standard error of the mean.
    Sem(f64),
    /// Coefficient of variation, percent.
    Cv(f64),
    /// Lowest and highest, of which one may be missing.
    Range {
        /// Lowest.
        lo: Option<f64>,
        /// Highest.
        hi: Option<f64>,
    },
    /// Confidence interval, 95 %.
    Ci95 {
        /// Lower.
        lo: f64,
        /// Upper.
        hi: f64,
    },
    /// 5th and 95th percentile of people, around their median.
    P5To95 {
        /// 5th.
        lo: f64,
        /// 95th.
        hi: f64,
    },
}

/// Texts as published; empty where the cell holds them unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// Of the value.
    pub value: String,
    /// Of the unit.
    pub unit: String,
    /// Of the spread.
    pub spread: String,
}

impl ValueRow {
    /// Unit with the substance, as a unit parser reads it: `mmol/L Mg`, `mg MgT/kg/day`.
    pub fn unit_text(&self) -> String {
        with_substance(&self.unit, &self.substance)
    }

    /// The number with its digits, in the row's unit.
    pub fn printed(&self) -> Option<&Printed> {
        match &self.kind {
            Kind::Number(printed) => Some(printed),
            Kind::Interval { .. } | Kind::Text(_) => None,
        }
    }

    /// Whether `value`, in the row's unit, rounds to the printed digits.
    pub fn agrees(&self, value: f64) -> bool {
        self.printed().is_some_and(|printed| printed.agrees(value))
    }

    /// How much the row can carry.
    pub fn grade(&self) -> Grade {
        Grade::of(self.level, self.seen)
    }

    /// From memory: usable, always marked.
    pub fn is_recalled(&self) -> bool {
        self.seen == Seen::Recalled
    }

    /// Assumed or derived by us: usable, always marked.
    pub fn is_assumption(&self) -> bool {
        self.level == Level::Assumption
    }

    /// Measured in people, or true of no species in particular.
    pub fn is_human(&self) -> bool {
        matches!(self.species, Species::Human | Species::None)
    }
}

impl Spread {
    /// The word of the table.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sd(_) => "sd",
            Self::Sem(_) => "sem",
            Self::Cv(_) => "cv",
            Self::Range { .. } => "range",
            Self::Ci95 { .. } => "ci95",
            Self::P5To95 { .. } => "p5_95",
        }
    }

    /// Whether the spread says how people differ (`sd`, `cv`, `p5_95`) rather than what is known.
    pub fn is_variability(&self) -> bool {
        matches!(self, Self::Sd(_) | Self::Cv(_) | Self::P5To95 { .. })
    }

    /// From the cells; `None` where kind and cells do not go together.
    pub(crate) fn parse(kind: &str, one: &str, lo: &str, hi: &str) -> Option<Self> {
        let alone = lo.is_empty() && hi.is_empty();
        let bound = |text: &str| if text.is_empty() { Some(None) } else { number(text).map(Some) };
        match kind {
            "none" if alone && one.is_empty() => Some(Self::None),
            "sd" if alone => number(one).filter(|&sd| sd >= 0.0).map(Self::Sd),
            "sem" if alone => number(one).filter(|&sem| sem >= 0.0).map(Self::Sem),
            "cv" if alone => number(one).filter(|&cv| cv >= 0.0).map(Self::Cv),
            "range" if one.is_empty() && !alone => {
                Some(Self::Range { lo: bound(lo)?, hi: bound(hi)? })
            }
            "ci95" if one.is_empty() => Some(Self::Ci95 { lo: number(lo)?, hi: number(hi)? }),
            "p5_95" if one.is_empty() => Some(Self::P5To95 { lo: number(lo)?, hi: number(hi)? }),
            _ => None,
        }
    }
}

impl Kind {
    /// The word of the table.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Interval { .. } => "interval",
            Self::Text(_) => "text",
        }
    }

    /// From the cells; `None` where kind and cells do not go together.
    pub(crate) fn parse(kind: &str, value: &str, [lo, hi]: [&str; 2], text: &str) -> Option<Self> {
        let unbounded = lo.is_empty() && hi.is_empty();
        match kind {
            "number" if unbounded => Printed::parse(value).map(Self::Number),
            "interval" if value.is_empty() => {
                Some(Self::Interval { lo: Printed::parse(lo)?, hi: Printed::parse(hi)? })
            }
            "text" if unbounded && value.is_empty() => Some(Self::Text(text.to_owned())),
            _ => None,
        }
    }
}

/// Names in a unit that a substance could belong to.
const MASS_OR_AMOUNT: &[&str] = &[
    "kg", "g", "mg", "ug", "ng", "pg", "mol", "mmol", "umol", "nmol", "pmol", "mEq", "mM", "uM",
    "nM", "pM",
];

/// Puts a substance behind the unit, or behind its first factor where several could take it.
pub(crate) fn with_substance(unit: &str, substance: &str) -> String {
    if substance.is_empty() {
        return unit.to_owned();
    }
    let words = unit.split(|c: char| !c.is_alphabetic());
    let takers = words.filter(|word| MASS_OR_AMOUNT.contains(word)).count();
    let first = unit.find(|c: char| !c.is_alphabetic()).unwrap_or(unit.len());
    if takers > 1 && MASS_OR_AMOUNT.contains(&&unit[..first]) {
        format!("{} {substance}{}", &unit[..first], &unit[first..])
    } else {
        format!("{unit} {substance}")
    }
}

/// Rows that can be typed, in the order of the sheet.
pub(crate) fn read(sheet: &Sheet<'_>) -> Vec<ValueRow> {
    let names = [
        "id",
        "symbol",
        "meaning",
        "kind",
        "value",
        "lo",
        "hi",
        "unit",
        "unit_published",
        "value_published",
        "substance",
        "spread",
        "spread_lo",
        "spread_hi",
        "spread_kind",
        "spread_published",
        "n",
        "species",
        "population",
        "source_key",
        "locator",
        "level",
        "seen",
        "url",
        "formula",
        "note",
    ];
    let row = |cells: [&str; 26]| {
        let [
            id,
            symbol,
            meaning,
            kind,
            value,
            lo,
            hi,
            unit,
            unit_published,
            value_published,
            substance,
            spread,
            spread_lo,
            spread_hi,
            spread_kind,
            spread_published,
            n,
            species,
            population,
            source_key,
            locator,
            level,
            seen,
            url,
            formula,
            note,
        ] = cells;
        Some(ValueRow {
            id: id.to_owned(),
            symbol: symbol.to_owned(),
            meaning: meaning.to_owned(),
            kind: Kind::parse(kind, value, [lo, hi], value_published)?,
            unit: unit.to_owned(),
            substance: substance.to_owned(),
            spread: Spread::parse(spread_kind, spread, spread_lo, spread_hi)?,
            published: Published {
                value: value_published.to_owned(),
                unit: unit_published.to_owned(),
                spread: spread_published.to_owned(),
            },
            n: n.parse().ok(),
            species: Species::parse(species)?,
            population: population.to_owned(),
            source_key: source_key.to_owned(),
            locator: locator.to_owned(),
            level: Level::parse(level)?,
            seen: Seen::parse(seen)?,
            url: url.to_owned(),
            formula: formula.to_owned(),
            note: note.to_owned(),
        })
    };
    sheet.records(names).filter_map(row).collect()
}
