//! The closed lists of words that columns allow.

/// What kind of evidence a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Randomised trial in people.
    HumanRct,
    /// Pharmacokinetic or metabolic study in people.
    HumanPk,
    /// Observation in people.
    HumanObservational,
    /// Animals.
    Animal,
    /// Cells, tissue, or chemistry.
    InVitro,
    /// Textbook, reference work or regulation.
    Textbook,
    /// Fitted by us to other rows.
    Calibrated,
    /// Assumed or derived by us.
    Assumption,
}

/// How a number reached the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// Read on a page of the source.
    Page,
    /// Read in an abstract or summary.
    Abstract,
    /// Computed by us.
    Computed,
    /// From memory, to be confirmed.
    Recalled,
}

/// In whom or what a number was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Species {
    /// People.
    Human,
    /// Rats.
    Rat,
    /// Mice.
    Mouse,
    /// Dogs.
    Dog,
    /// Goats.
    Goat,
    /// Cattle.
    Cow,
    /// Sheep.
    Sheep,
    /// Guinea pigs.
    GuineaPig,
    /// Frogs.
    Frog,
    /// More than one species.
    Mixed,
    /// No living thing.
    None,
    /// Not stated.
    Unknown,
}

/// How much a row can carry, from A (people, measured) to D (assumed or from memory).
///
/// A: `human_rct`, `human_pk`. B: `human_observational`, `textbook`. C: `animal`, `in_vitro`.
/// D: `calibrated`, `assumption`. A recalled row is one step lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Measured in people under control.
    A,
    /// Observed in people, or settled knowledge.
    B,
    /// Animals or cells.
    C,
    /// Assumed, fitted by us, or weaker.
    D,
}

/// Words of a closed list with what they stand for.
type Words<T> = &'static [(&'static str, T)];

const LEVELS: Words<Level> = &[
    ("human_rct", Level::HumanRct),
    ("human_pk", Level::HumanPk),
    ("human_observational", Level::HumanObservational),
    ("animal", Level::Animal),
    ("in_vitro", Level::InVitro),
    ("textbook", Level::Textbook),
    ("calibrated", Level::Calibrated),
    ("assumption", Level::Assumption),
];

const SEEN: Words<Seen> = &[
    ("page", Seen::Page),
    ("abstract", Seen::Abstract),
    ("computed", Seen::Computed),
    ("recalled", Seen::Recalled),
];

const SPECIES: Words<Species> = &[
    ("human", Species::Human),
    ("rat", Species::Rat),
    ("mouse", Species::Mouse),
    ("dog", Species::Dog),
    ("goat", Species::Goat),
    ("cow", Species::Cow),
    ("sheep", Species::Sheep),
    ("guinea_pig", Species::GuineaPig),
    ("frog", Species::Frog),
    ("mixed", Species::Mixed),
    ("none", Species::None),
    ("unknown", Species::Unknown),
];

fn find<T: Copy>(words: Words<T>, text: &str) -> Option<T> {
    words.iter().find(|(word, _)| *word == text).map(|&(_, value)| value)
}

fn word<T: PartialEq>(words: Words<T>, value: &T) -> &'static str {
    words.iter().find(|(_, one)| one == value).map_or("", |(word, _)| word)
}

impl Level {
    /// From the word of the table.
    pub fn parse(text: &str) -> Option<Self> {
        find(LEVELS, text)
    }

    /// The word of the table.
    pub fn name(self) -> &'static str {
        word(LEVELS, &self)
    }

    /// Every word.
    pub fn names() -> impl Iterator<Item = &'static str> {
        LEVELS.iter().map(|&(word, _)| word)
    }
}

impl Seen {
    /// From the word of the table.
    pub fn parse(text: &str) -> Option<Self> {
        find(SEEN, text)
    }

    /// The word of the table.
    pub fn name(self) -> &'static str {
        word(SEEN, &self)
    }

    /// Every word.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SEEN.iter().map(|&(word, _)| word)
    }
}

impl Species {
    /// From the word of the table.
    pub fn parse(text: &str) -> Option<Self> {
        find(SPECIES, text)
    }

    /// The word of the table.
    pub fn name(self) -> &'static str {
        word(SPECIES, &self)
    }

    /// Every word.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SPECIES.iter().map(|&(word, _)| word)
    }
}

impl Grade {
    /// From level and how it was seen.
    pub fn of(level: Level, seen: Seen) -> Self {
        let grade = match level {
            Level::HumanRct | Level::HumanPk => Self::A,
            Level::HumanObservational | Level::Textbook => Self::B,
            Level::Animal | Level::InVitro => Self::C,
            Level::Calibrated | Level::Assumption => Self::D,
        };
        match (seen, grade) {
            (Seen::Recalled, Self::A) => Self::B,
            (Seen::Recalled, Self::B) => Self::C,
            (Seen::Recalled, _) => Self::D,
            _ => grade,
        }
    }

    /// The letter.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        assert!(Level::names().all(|name| Level::parse(name).unwrap().name() == name));
        assert!(Seen::names().all(|name| Seen::parse(name).unwrap().name() == name));
        assert!(Species::names().all(|name| Species::parse(name).unwrap().name() == name));
        assert_eq!(Level::parse("Human_RCT"), None);
    }

    #[test]
    fn memory_costs_one_grade() {
        assert_eq!(Grade::of(Level::HumanPk, Seen::Abstract), Grade::A);
        assert_eq!(Grade::of(Level::HumanPk, Seen::Recalled), Grade::B);
        assert_eq!(Grade::of(Level::Assumption, Seen::Recalled), Grade::D);
    }
}
