//! How much of a dose of each salt dissolves at once.

use epsom_evidence::Tables;

/// What limits the amount of a dose that dissolves at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Nothing.
    None,
    /// The acid of the stomach: two H+ for each magnesium. Row of the acid in mmol.
    Acid {
        /// Key in `values.csv`.
        row: &'static str,
    },
    /// A solubility. Row of the amount in mmol of magnesium.
    Amount {
        /// Key in `values.csv`.
        row: &'static str,
    },
}

/// How a salt family dissolves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dissolution {
    /// The family, as in the table of salts.
    pub family: &'static str,
    /// What limits it.
    pub limit: Limit,
    /// Row that says so of this family.
    pub row: &'static str,
    /// Why it is assumed, where no row names this family; else empty.
    pub assumed: &'static str,
}

const ACID: Limit = Limit::Acid { row: "EPS033" };

const fn soluble(family: &'static str) -> Dissolution {
    Dissolution { family, limit: Limit::None, row: "EPS015", assumed: "" }
}

const fn taken_as_soluble(family: &'static str, assumed: &'static str) -> Dissolution {
    Dissolution { family, limit: Limit::None, row: "EPS015", assumed }
}

/// Every family. EPS015 names chloride, lactate, aspartate, sulfate, gluconate and L-threonate.
pub const DISSOLUTIONS: &[Dissolution] = &[
    soluble("l_threonate"),
    Dissolution {
        family: "citrate",
        limit: Limit::Amount { row: "EPS112" },
        row: "EPS112",
        assumed: "",
    },
    Dissolution { family: "oxide", limit: ACID, row: "EPS033", assumed: "" },
    taken_as_soluble("bisglycinate", "no study of its dissolution was found; taken as soluble"),
    soluble("chloride"),
    soluble("gluconate"),
    soluble("lactate"),
    soluble("aspartate"),
    soluble("sulfate"),
    taken_as_soluble("malate", "printed as slightly soluble, no rate was found; taken as soluble"),
    taken_as_soluble("taurate", "printed as slightly soluble, no rate was found; taken as soluble"),
    taken_as_soluble("acetyl_taurate", "no solubility was found; taken as soluble"),
    Dissolution {
        family: "carbonate",
        limit: ACID,
        row: "EPS033",
        assumed: "takes two H+ as oxide does; no study of it was found",
    },
    Dissolution {
        family: "hydroxide",
        limit: ACID,
        row: "EPS033",
        assumed: "takes two H+ as oxide does; the row is of oxide",
    },
    taken_as_soluble("orotate", "printed as slightly soluble, no rate was found; taken as soluble"),
];

/// How a family dissolves.
pub fn dissolution(family: &str) -> Option<&'static Dissolution> {
    DISSOLUTIONS.iter().find(|one| one.family == family)
}

/// Largest amount of one dose that dissolves at once; infinite where nothing limits it.
///
/// # Units
/// mmol of magnesium.
/// # Errors
/// The key of a row that holds no number.
/// # Source
/// EPS112 for citrate, half of EPS033 (two H+ per magnesium) for oxide and its like.
pub fn limit_mmol(limit: Limit, evidence: &Tables) -> Result<f64, &'static str> {
    let number = |row| evidence.value(row).and_then(|found| found.printed()).ok_or(row);
    match limit {
        Limit::None => Ok(f64::INFINITY),
        Limit::Amount { row } => Ok(number(row)?.value()),
        Limit::Acid { row } => Ok(number(row)?.value() / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salt_names::FAMILIES;
    use epsom_evidence::builtin;

    #[test]
    fn every_family_says_how_it_dissolves() {
        for family in FAMILIES {
            assert!(dissolution(family.name).is_some(), "{}", family.name);
        }
        assert_eq!(FAMILIES.len(), DISSOLUTIONS.len());
        for one in DISSOLUTIONS {
            assert!(builtin().value(one.row).is_some(), "{}", one.row);
        }
    }

    #[test]
    fn limits_are_per_dose() {
        let of = |family| limit_mmol(dissolution(family).unwrap().limit, builtin());
        assert_eq!(of("citrate"), Ok(13.75));
        assert_eq!(of("oxide"), Ok(10.75));
        assert_eq!(of("chloride"), Ok(f64::INFINITY));
        assert_eq!(limit_mmol(Limit::Acid { row: "EPS0" }, builtin()), Err("EPS0"));
    }
}
