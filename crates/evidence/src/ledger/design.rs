//! Classes of design and of payer, read from the words of `studies.csv`.

use super::System;

/// Class of a study's design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Design {
    /// Randomized trial, double-blind.
    RandomizedBlind,
    /// Randomized trial, open or not said to be blind.
    RandomizedOpen,
    /// Pooling of trials, or systematic review of them.
    Pooled,
    /// Kinetics, balance or challenge under control, in people or animals.
    Experiment,
    /// Cells, tissue or channels.
    Laboratory,
    /// Cohort, case-control, cross-section, retrospective or non-randomized comparison.
    Observational,
    /// People before and after, without control.
    Uncontrolled,
    /// Equations.
    Model,
    /// Label, opinion, review, textbook.
    Reference,
    /// Not stated.
    Unstated,
}

/// The first entry that a design's words hold decides.
const HUMAN: &[(&str, Design)] = &[
    ("meta-analysis observational", Design::Observational),
    ("meta-analysis, observational", Design::Observational),
    ("meta-analysis case-control", Design::Observational),
    ("ipd meta-analysis", Design::Observational),
    ("meta-analysis", Design::Pooled),
    ("meta-analyses", Design::Pooled),
    ("systematic review", Design::Pooled),
    ("double-blind", Design::RandomizedBlind),
    ("rct post-hoc", Design::RandomizedBlind),
    ("rct", Design::RandomizedOpen),
    ("randomised", Design::RandomizedOpen),
    ("open label single arm", Design::Uncontrolled),
    ("single arm", Design::Uncontrolled),
    ("uncontrolled", Design::Uncontrolled),
    ("long-term oral", Design::Uncontrolled),
    ("cohort", Design::Observational),
    ("case-control", Design::Observational),
    ("cross-sectional", Design::Observational),
    ("retrospective", Design::Observational),
    ("observational", Design::Observational),
    ("crossover", Design::Experiment),
    ("isotope", Design::Experiment),
    ("tracer", Design::Experiment),
    ("balance", Design::Experiment),
    ("perfusion", Design::Experiment),
    ("metabolic", Design::Experiment),
    ("pharmacokinetic", Design::Experiment),
    ("human pk", Design::Experiment),
    ("electrophysiology", Design::Experiment),
    ("single dose", Design::Experiment),
    ("single-dose", Design::Experiment),
    ("comparison of", Design::Experiment),
    ("urinary recovery", Design::Experiment),
    ("controlled", Design::Observational),
    ("model", Design::Model),
    ("review", Design::Reference),
    ("opinion", Design::Reference),
    ("regulatory", Design::Reference),
    ("label", Design::Reference),
    ("clinical", Design::Reference),
    ("reference", Design::Reference),
];

impl Design {
    /// From the words of the table and what was studied.
    pub fn of(words: &str, system: System) -> Self {
        let words = words.to_lowercase();
        if words.is_empty() {
            return Self::Unstated;
        }
        match system {
            System::Human => HUMAN
                .iter()
                .find(|(part, _)| words.contains(part))
                .map_or(Self::Unstated, |row| row.1),
            // Opinions and models hold no animals and no cells.
            _ if words.contains("opinion") => Self::Reference,
            _ if words.starts_with("model") => Self::Model,
            System::Animal => Self::Experiment,
            System::InVitro => Self::Laboratory,
        }
    }

    /// Whether it can decide a status.
    pub fn counts(self) -> bool {
        !matches!(self, Self::Uncontrolled | Self::Model | Self::Reference | Self::Unstated)
    }

    /// Whether grading starts high: chance or the investigator set the exposure.
    pub fn is_experimental(self) -> bool {
        use Design::{Experiment, Pooled, RandomizedBlind, RandomizedOpen};
        matches!(self, RandomizedBlind | RandomizedOpen | Pooled | Experiment)
    }

    /// The words for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::RandomizedBlind => "randomized, blind",
            Self::RandomizedOpen => "randomized",
            Self::Pooled => "pooled trials",
            Self::Experiment => "experiment",
            Self::Laboratory => "laboratory",
            Self::Observational => "observational",
            Self::Uncontrolled => "uncontrolled",
            Self::Model => "model",
            Self::Reference => "reference",
            Self::Unstated => "not stated",
        }
    }
}

/// Who paid, as far as the tables say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Funder {
    /// A maker or seller of what was tested took part or paid.
    Industry,
    /// A university, a ministry, a foundation, an agency.
    Public,
    /// The tables do not say.
    NotStated,
}

/// Words of the funding column that name a maker or seller, or a person who gains.
const INDUSTRY: &[&str] = &[
    "neurocentria",
    "threotech",
    "aidp",
    "magtein",
    "commercial",
    "maker",
    "seller",
    "sells mgt",
    "inventor",
    "sponsor",
    "industry",
    "company",
    "nestle",
    "lubrizol",
    "sanofi",
    "nedmag",
    "hermes",
];

impl Funder {
    /// From the words of the table.
    pub fn of(words: &str) -> Self {
        let words = words.to_lowercase();
        if words.is_empty() {
            Self::NotStated
        } else if INDUSTRY.iter().any(|one| words.contains(one)) {
            Self::Industry
        } else {
            Self::Public
        }
    }

    /// The words for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Industry => "industry",
            Self::Public => "public",
            Self::NotStated => "not stated",
        }
    }
}
