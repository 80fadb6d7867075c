//! What people call the salts, and which form a name stands for.

use crate::salts::Naming;

/// Salts that differ in water or in acid groups only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// Name; the names of its forms start with it.
    pub name: &'static str,
    /// Other words for it, with `_` for `-`.
    pub words: &'static [&'static str],
    /// The form meant where none is said.
    pub usual: &'static str,
    /// Why that one.
    pub basis: Basis,
    /// Abbreviations and formulas.
    pub symbols: &'static [Symbol],
}

/// Why a form is the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The table holds no other.
    OnlyForm,
    /// A row of the evidence tables says so.
    Row {
        /// Its key in `values.csv`.
        key: &'static str,
        /// In words.
        why: &'static str,
    },
    /// No row says so; outputs count it as assumed.
    Assumed {
        /// Why.
        reason: &'static str,
    },
}

/// An abbreviation or a formula; its mass is that of the salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbol {
    /// As written.
    pub text: &'static str,
    /// The form it stands for.
    pub form: &'static str,
    /// How exactly.
    pub naming: Naming,
}

impl Family {
    /// How exactly its name names the usual form.
    pub fn naming(&self) -> Naming {
        if self.basis == Basis::OnlyForm { Naming::Exact } else { Naming::Usual }
    }
}

/// The family of this name.
pub fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}

const fn exact(text: &'static str, form: &'static str) -> Symbol {
    Symbol { text, form, naming: Naming::Exact }
}

const fn usual(text: &'static str, form: &'static str) -> Symbol {
    Symbol { text, form, naming: Naming::Usual }
}

const fn dry(text: &'static str, form: &'static str) -> Symbol {
    Symbol { text, form, naming: Naming::Dry }
}

const fn only(
    name: &'static str,
    words: &'static [&'static str],
    usual: &'static str,
    symbols: &'static [Symbol],
) -> Family {
    Family { name, words, usual, basis: Basis::OnlyForm, symbols }
}

/// Every family.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "l_threonate",
        words: &["threonate"],
        usual: "l_threonate_monohydrate",
        basis: Basis::Row {
            key: "PK152",
            why: "the assay specification of the commercial ingredient is that of the monohydrate",
        },
        symbols: &[usual("MgT", "l_threonate_monohydrate")],
    },
    Family {
        name: "citrate",
        words: &["trimagnesium_citrate"],
        usual: "citrate_tribasic_anhydrous",
        basis: Basis::Assumed {
            reason: "supplements called citrate state about 16 % magnesium, the dry tribasic salt",
        },
        symbols: &[exact("Mg3Cit2", "citrate_tribasic_anhydrous")],
    },
    only("oxide", &[], "oxide", &[exact("MgO", "oxide")]),
    only("bisglycinate", &["glycinate", "diglycinate"], "bisglycinate_anhydrous", &[]),
    Family {
        name: "chloride",
        words: &[],
        usual: "chloride_hexahydrate",
        basis: Basis::Assumed { reason: "the dry salt takes up water from air" },
        symbols: &[
            exact("MgCl2.6H2O", "chloride_hexahydrate"),
            dry("MgCl2", "chloride_hexahydrate"),
        ],
    },
    Family {
        name: "gluconate",
        words: &[],
        usual: "gluconate_dihydrate",
        basis: Basis::Assumed { reason: "tablets state the mass of the dihydrate" },
        symbols: &[],
    },
    Family {
        name: "lactate",
        words: &[],
        usual: "lactate_dihydrate",
        basis: Basis::Assumed { reason: "tablets state the mass of the dihydrate" },
        symbols: &[],
    },
    only("aspartate", &[], "aspartate_anhydrous", &[]),
    Family {
        name: "sulfate",
        words: &["sulphate"],
        usual: "sulfate_heptahydrate",
        basis: Basis::Assumed { reason: "vials and Epsom salt state the mass of the heptahydrate" },
        symbols: &[
            exact("MgSO4.7H2O", "sulfate_heptahydrate"),
            dry("MgSO4", "sulfate_heptahydrate"),
        ],
    },
    only("malate", &[], "malate", &[]),
    only("taurate", &[], "taurate", &[]),
    only("acetyl_taurate", &[], "acetyl_taurate", &[]),
    only("carbonate", &[], "carbonate", &[exact("MgCO3", "carbonate")]),
    only("hydroxide", &[], "hydroxide", &[exact("Mg(OH)2", "hydroxide")]),
    only("orotate", &[], "orotate_anhydrous", &[]),
];
