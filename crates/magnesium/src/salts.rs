//! Salt forms: what a mass of salt holds.
//!
//! The forms come from `evidence/salts.csv`; their molar masses are computed from the formula.
//! A mass of salt, a mass of magnesium and an amount are three types, and convert through a salt.

use std::fmt;
use std::sync::OnceLock;

use crate::formula::{MAGNESIUM_G_PER_MOL, molar_mass_g_per_mol};
use crate::salt_names::{FAMILIES, Family};

/// Mass of a salt with its water, mg.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct SaltMass {
    /// mg of the salt.
    pub mg: f64,
}

/// Mass of magnesium alone, mg ("elemental").
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct ElementalMass {
    /// mg of magnesium.
    pub mg: f64,
}

/// Amount of magnesium, mmol.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Amount {
    /// mmol of magnesium.
    pub mmol: f64,
}

impl Amount {
    /// Its mass.
    pub fn elemental(self) -> ElementalMass {
        ElementalMass { mg: self.mmol * MAGNESIUM_G_PER_MOL }
    }
}

impl ElementalMass {
    /// Its amount.
    pub fn amount(self) -> Amount {
        Amount { mmol: self.mg / MAGNESIUM_G_PER_MOL }
    }
}

/// One salt with its water: a row of `salts.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Salt {
    /// Key of the row without remarks, such as `citrate_tribasic_anhydrous`.
    pub name: String,
    /// What it is a hydrate or variant of, such as `citrate`.
    pub family: &'static str,
    /// Elements and counts, such as `C12H10Mg3O14`.
    pub formula: String,
    /// Mass of one formula, g/mol, computed.
    pub molar_mass_g_per_mol: f64,
    /// Magnesium atoms in one formula.
    pub mg_per_formula: u32,
    /// Mass fraction that is magnesium; by the formula unless [`Salt::with_assay`] says otherwise.
    pub elemental_fraction: f64,
    /// What the row says of solubility, as text.
    pub solubility: String,
}

impl Salt {
    /// Amount of magnesium in a mass of this salt.
    pub fn amount_in(&self, mass: SaltMass) -> Amount {
        ElementalMass { mg: mass.mg * self.elemental_fraction }.amount()
    }

    /// Mass of this salt that holds an amount of magnesium.
    pub fn mass_of(&self, amount: Amount) -> SaltMass {
        SaltMass { mg: amount.elemental().mg / self.elemental_fraction }
    }

    /// The same salt as a product whose label or assay states another fraction of magnesium.
    ///
    /// Which rows of `values.csv` hold such fractions stands in [`LABEL_ASSAYS`].
    pub fn with_assay(&self, elemental_fraction: f64) -> Self {
        Self { elemental_fraction, ..self.clone() }
    }
}

/// Rows of `values.csv` with the fraction of magnesium that products of a salt family state.
pub const LABEL_ASSAYS: &[(&str, &str)] =
    &[("l_threonate", "MGT005"), ("l_threonate", "MGT006"), ("l_threonate", "PK152")];

/// All salt forms.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Salts {
    rows: Vec<Salt>,
}

/// How a text named a salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// One form with its water: a row's name, or a formula with the water.
    Exact,
    /// A family; the form is the usual one of [`Family`], and stands in for what was not said.
    Usual,
    /// The dry formula of a salt that products hold with water: fine for an amount of magnesium,
    /// open to two readings for a mass.
    Dry,
}

/// A salt that a text named.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Named<'a> {
    /// The form.
    pub salt: &'a Salt,
    /// How it was named.
    pub naming: Naming,
    /// Whether the text is a symbol such as `MgO`, whose mass can only be that of the salt.
    pub symbol: bool,
}

impl Salts {
    /// Every form, in the order of the table.
    pub fn rows(&self) -> &[Salt] {
        &self.rows
    }

    /// The form of this name.
    pub fn get(&self, name: &str) -> Option<&Salt> {
        self.rows.iter().find(|salt| salt.name == name)
    }

    /// The form that a word or symbol names, in any case; `-` counts as `_`.
    pub fn find(&self, text: &str) -> Option<Named<'_>> {
        let text = text.replace('-', "_");
        if let Some(salt) = self.rows.iter().find(|salt| salt.name.eq_ignore_ascii_case(&text)) {
            return Some(Named { salt, naming: Naming::Exact, symbol: false });
        }
        FAMILIES.iter().find_map(|family| {
            let is = |word: &&str| word.eq_ignore_ascii_case(&text);
            let usual = || self.get(family.usual);
            let symbol = family.symbols.iter().find(|symbol| is(&symbol.text));
            if let Some(symbol) = symbol {
                let salt = self.get(symbol.form)?;
                return Some(Named { salt, naming: symbol.naming, symbol: true });
            }
            (is(&family.name) || family.words.iter().any(is))
                .then(|| Some(Named { salt: usual()?, naming: family.naming(), symbol: false }))?
        })
    }

    /// Every word and symbol that [`Salts::find`] knows, for "did you mean".
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let families = FAMILIES.iter().flat_map(|family| {
            let symbols = family.symbols.iter().map(|symbol| symbol.text);
            std::iter::once(family.name).chain(family.words.iter().copied()).chain(symbols)
        });
        families.chain(self.rows.iter().map(|salt| salt.name.as_str()))
    }

    /// The forms of a family.
    pub fn family(&self, name: &str) -> impl Iterator<Item = &Salt> {
        self.rows.iter().filter(move |salt| salt.family == name)
    }
}

/// What is wrong with a table of salts.
#[derive(Debug, Clone, PartialEq)]
pub enum SaltTableError {
    /// The text is no CSV.
    Csv {
        /// What the reader says.
        why: String,
    },
    /// A column is missing.
    Column {
        /// Its name.
        name: &'static str,
    },
    /// A form that belongs to no family of [`FAMILIES`].
    Family {
        /// Its name.
        salt: String,
    },
    /// A formula that cannot be read, or that holds no magnesium.
    Formula {
        /// The form.
        salt: String,
        /// The formula.
        formula: String,
    },
    /// A printed number that the formula contradicts.
    Contradicted {
        /// The form.
        salt: String,
        /// The column.
        column: &'static str,
        /// The cell.
        printed: String,
        /// What the formula gives.
        computed: f64,
    },
}

impl fmt::Display for SaltTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv { why } => write!(f, "the table of salts cannot be read: {why}"),
            Self::Column { name } => write!(f, "the table of salts has no column `{name}`"),
            Self::Family { salt } => write!(f, "salt `{salt}` belongs to no known family"),
            Self::Formula { salt, formula } => {
                write!(f, "salt `{salt}`: `{formula}` is no formula with magnesium")
            }
            Self::Contradicted { salt, column, printed, computed } => {
                write!(f, "salt `{salt}`: {column} is {printed}, but the formula gives {computed}")
            }
        }
    }
}

impl std::error::Error for SaltTableError {}

/// Reads `salts.csv`; the computed columns of the table are checked against the formula.
///
/// # Errors
/// See [`SaltTableError`].
pub fn parse_salts(text: &str) -> Result<Salts, SaltTableError> {
    let csv_error = |error: csv::Error| SaltTableError::Csv { why: error.to_string() };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(csv_error)?.clone();
    let column = |name: &'static str| {
        header.iter().position(|cell| cell == name).ok_or(SaltTableError::Column { name })
    };
    let (name_at, formula_at) = (column("salt")?, column("formula")?);
    let solubility_at = column("solubility_seen")?;
    let checked = [
        ("mw_computed_g_per_mol", column("mw_computed_g_per_mol")?),
        ("mg_per_formula", column("mg_per_formula")?),
        ("elemental_fraction", column("elemental_fraction")?),
        ("mmol_Mg_per_g_salt", column("mmol_Mg_per_g_salt")?),
    ];
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(csv_error)?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let salt = salt_of(cell(name_at), cell(formula_at), cell(solubility_at))?;
        let computed = [
            salt.molar_mass_g_per_mol,
            f64::from(salt.mg_per_formula),
            salt.elemental_fraction,
            1e3 * f64::from(salt.mg_per_formula) / salt.molar_mass_g_per_mol,
        ];
        for ((column, at), computed) in checked.into_iter().zip(computed) {
            if !agrees(cell(at), computed) {
                let printed = cell(at).to_string();
                let salt = salt.name;
                return Err(SaltTableError::Contradicted { salt, column, printed, computed });
            }
        }
        rows.push(salt);
    }
    Ok(Salts { rows })
}

/// The salts of `evidence/salts.csv` as built in.
pub fn built_in_salts() -> &'static Salts {
    static SALTS: OnceLock<Salts> = OnceLock::new();
    SALTS.get_or_init(|| {
        parse_salts(include_str!("../../../evidence/salts.csv")).expect("a test reads this table")
    })
}

fn salt_of(name: &str, formula: &str, solubility: &str) -> Result<Salt, SaltTableError> {
    // A remark in parentheses, as in `malate (1:1)`, is no part of the name.
    let name = name.split(" (").next().unwrap_or_default().to_string();
    let Some(family) = family_of(&name) else {
        return Err(SaltTableError::Family { salt: name });
    };
    let (molar_mass_g_per_mol, mg_per_formula) = match molar_mass_g_per_mol(formula) {
        Some((mass, mg)) if mg > 0 => (mass, mg),
        _ => return Err(SaltTableError::Formula { salt: name, formula: formula.to_string() }),
    };
    Ok(Salt {
        name,
        family: family.name,
        formula: formula.to_string(),
        molar_mass_g_per_mol,
        mg_per_formula,
        elemental_fraction: f64::from(mg_per_formula) * MAGNESIUM_G_PER_MOL / molar_mass_g_per_mol,
        solubility: solubility.to_string(),
    })
}

/// The family whose name, or whose name and an underscore, starts the name of the form.
fn family_of(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| {
        name.strip_prefix(family.name)
            .is_some_and(|after| after.is_empty() || after.starts_with('_'))
    })
}

/// Whether a printed number is `computed` rounded to the digits that are printed.
fn agrees(printed: &str, computed: f64) -> bool {
    let Ok(value) = printed.parse::<f64>() else { return false };
    let decimals = printed.split_once('.').map_or(0, |(_, part)| part.len());
    let unit: f64 = std::iter::repeat_n(0.1, decimals).product();
    // Half a unit of the last digit; the rest covers the rounding of this comparison itself.
    (value - computed).abs() <= 0.5 * unit + 8.0 * f64::EPSILON * computed
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn the_built_in_table_agrees_with_its_formulas() {
        let salts = built_in_salts();
        assert_eq!(salts.rows().len(), 22);
        for family in FAMILIES {
            assert!(salts.get(family.usual).is_some_and(|salt| salt.family == family.name));
            for symbol in family.symbols {
                assert!(salts.get(symbol.form).is_some_and(|salt| salt.family == family.name));
            }
            let alone = salts.family(family.name).count() == 1;
            assert_eq!(alone, family.naming() == Naming::Exact, "{}", family.name);
        }
        let text: String = (salts.rows().iter())
            .map(|salt| {
                format!(
                    "{} {:.3} {:.4}\n",
                    salt.name, salt.molar_mass_g_per_mol, salt.elemental_fraction
                )
            })
            .collect();
        expect![[r#"
            acetyl_taurate 356.647 0.0681
            aspartate_anhydrous 288.495 0.0842
            bisglycinate_anhydrous 172.423 0.1410
            carbonate 84.313 0.2883
            chloride_anhydrous 95.205 0.2553
            chloride_hexahydrate 203.295 0.1196
            citrate_monobasic 214.412 0.1134
            citrate_tribasic_anhydrous 451.113 0.1616
            citrate_tribasic_nonahydrate 613.248 0.1189
            gluconate_anhydrous 414.599 0.0586
            gluconate_dihydrate 450.629 0.0539
            hydroxide 58.319 0.4168
            l_threonate_anhydrous 294.495 0.0825
            l_threonate_monohydrate 312.510 0.0778
            lactate_anhydrous 202.445 0.1201
            lactate_dihydrate 238.475 0.1019
            malate 156.376 0.1554
            orotate_anhydrous 334.483 0.0727
            oxide 40.304 0.6030
            sulfate_anhydrous 120.361 0.2019
            sulfate_heptahydrate 246.466 0.0986
            taurate 272.573 0.0892
        "#]]
        .assert_eq(&text);
    }

    #[test]
    fn masses_convert_through_a_salt() {
        let salts = built_in_salts();
        let monohydrate = salts.find("MgT").unwrap();
        assert_eq!(monohydrate.salt.name, "l_threonate_monohydrate");
        // Row MGT120: 2 g hold 6.4 mmol, 156 mg.
        let amount = monohydrate.salt.amount_in(SaltMass { mg: 2000.0 });
        let substances = epsom_evidence::builtin_substances();
        let substance = substances.id("MgT").and_then(|id| substances.get(&id)).unwrap();
        assert_eq!(substance.molar_mass_g_per_mol, 312.510);
        assert_eq!(format!("{:.3}", monohydrate.salt.molar_mass_g_per_mol), "312.510");
        assert!((amount.mmol - 6.4).abs() < 0.05 && (amount.elemental().mg - 156.0).abs() < 0.5);
        for salt in salts.rows() {
            // One division and one product each way, half a unit in the last place each.
            let there = salt.amount_in(salt.mass_of(Amount { mmol: 3.0 })).mmol;
            assert!((there - 3.0).abs() <= 4.0 * 0.5 * f64::EPSILON * 4.0, "{}", salt.name);
        }
        // The label of the product in row MGT005: 145 mg in 2 g.
        let assayed = monohydrate.salt.with_assay(0.0725);
        assert_eq!(assayed.amount_in(SaltMass { mg: 2000.0 }).elemental().mg.round(), 145.0);
    }

    #[test]
    fn names_find_forms_and_say_how_exact_they_are() {
        let found = |text: &str| {
            let named = built_in_salts().find(text)?;
            Some((named.salt.name.as_str(), named.naming, named.symbol))
        };
        use Naming::{Dry, Exact, Usual};
        assert_eq!(found("L-Threonate"), Some(("l_threonate_monohydrate", Usual, false)));
        assert_eq!(found("glycinate"), Some(("bisglycinate_anhydrous", Exact, false)));
        assert_eq!(found("MgO"), Some(("oxide", Exact, true)));
        assert_eq!(found("mgso4.7h2o"), Some(("sulfate_heptahydrate", Exact, true)));
        assert_eq!(found("MgSO4"), Some(("sulfate_heptahydrate", Dry, true)));
        assert_eq!(found("MgCl2"), Some(("chloride_hexahydrate", Dry, true)));
        assert_eq!(found("chloride_anhydrous"), Some(("chloride_anhydrous", Exact, false)));
        assert_eq!(found("oxid"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn a_table_that_is_wrong_is_refused_with_the_row() {
        let header = "salt,formula,mw_computed_g_per_mol,mg_per_formula,elemental_fraction,\
                      mmol_Mg_per_g_salt,solubility_seen\n";
        let message = |rows: &str| parse_salts(&format!("{header}{rows}")).unwrap_err().to_string();
        assert_eq!(
            message("oxide,MgO,41.30,1,0.6030,24.811,\n"),
            "salt `oxide`: mw_computed_g_per_mol is 41.30, but the formula gives 40.304"
        );
        assert_eq!(
            message("oxide,NaO,1,1,1,1,\n"),
            "salt `oxide`: `NaO` is no formula with magnesium"
        );
        assert_eq!(
            message("oxide,H2O,1,1,1,1,\n"),
            "salt `oxide`: `H2O` is no formula with magnesium"
        );
        assert_eq!(
            message("stearate,MgO,1,1,1,1,\n"),
            "salt `stearate` belongs to no known family"
        );
        let empty = parse_salts("").unwrap_err();
        assert_eq!(empty, SaltTableError::Column { name: "salt" });
    }
}
