//! Substances and the stoichiometry between them, as data that callers pass in.

use std::fmt;
use std::sync::Arc;

use crate::{Quantity, UnitError};

/// One substance.
#[derive(Debug, Clone, PartialEq)]
pub struct Substance {
    /// Name as it stands in units, such as `Mg`.
    pub name: String,
    /// Molar mass, g/mol.
    pub molar_mass_g_per_mol: f64,
    /// Charges of one ion, without sign; 0 if it has none.
    pub valence: u32,
}

/// Names a row of [`Substances`]; carries the name, so that a dimension prints without the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubstanceId(Arc<str>);

impl SubstanceId {
    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SubstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Stoichiometry: one mol of `from` holds `mol_per_mol` mol of `to`.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Name of the whole.
    pub from: String,
    /// Name of the part.
    pub to: String,
    /// Parts in one whole.
    pub mol_per_mol: f64,
}

/// Substances with the links between them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Substances {
    rows: Vec<(SubstanceId, Substance)>,
    links: Vec<Link>,
}

impl Substances {
    /// A table; the order of rows carries no meaning.
    ///
    /// # Errors
    /// `BadSubstance` for a name that is empty, holds a space or an operator or stands twice, and
    /// for a molar mass or ratio that is not above 0; `UnknownSubstance` for a link to a name that
    /// is not in `rows`.
    pub fn new(rows: Vec<Substance>, links: Vec<Link>) -> Result<Self, UnitError> {
        let mut table = Self::default();
        for row in rows {
            let bad = |why| Err(UnitError::BadSubstance { name: row.name.clone(), why });
            if !row.name.starts_with(|c: char| c.is_alphabetic())
                || row.name.contains(|c: char| c.is_whitespace() || "/*^()[]%".contains(c))
            {
                return bad("a name starts with a letter and holds no space or operator");
            }
            if !(row.molar_mass_g_per_mol > 0.0 && row.molar_mass_g_per_mol.is_finite()) {
                return bad("a molar mass is above 0");
            }
            if table.id(&row.name).is_some() {
                return bad("the name stands twice");
            }
            table.rows.push((SubstanceId(row.name.as_str().into()), row));
        }
        for link in &links {
            for name in [&link.from, &link.to] {
                if table.id(name).is_none() {
                    return Err(UnitError::UnknownSubstance { name: name.clone() });
                }
            }
            if !(link.mol_per_mol > 0.0 && link.mol_per_mol.is_finite()) {
                let why = "a stoichiometric ratio is above 0";
                return Err(UnitError::BadSubstance { name: link.from.clone(), why });
            }
        }
        table.links = links;
        Ok(table)
    }

    /// The substance of this name, in its exact case.
    pub fn id(&self, name: &str) -> Option<SubstanceId> {
        self.rows.iter().find(|(id, _)| id.name() == name).map(|(id, _)| id.clone())
    }

    /// Data of a substance; `None` if it comes from another table.
    pub fn get(&self, id: &SubstanceId) -> Option<&Substance> {
        self.rows.iter().find(|(one, _)| one == id).map(|(_, row)| row)
    }

    /// Names in the order given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|(id, _)| id.name())
    }

    /// Mol of `to` that go with one mol of `from`, by one link in either direction.
    ///
    /// # Errors
    /// `NoLink`; links are not chained.
    pub fn mol_per_mol(&self, from: &SubstanceId, to: &SubstanceId) -> Result<f64, UnitError> {
        if from == to {
            return Ok(1.0);
        }
        let between = |a: &SubstanceId, b: &SubstanceId| {
            self.links.iter().find(|link| link.from == a.name() && link.to == b.name())
        };
        match (between(from, to), between(to, from)) {
            (Some(link), _) => Ok(link.mol_per_mol),
            (None, Some(link)) => Ok(1.0 / link.mol_per_mol),
            (None, None) => Err(UnitError::NoLink { from: from.clone(), to: to.clone() }),
        }
    }
}

/// The same quantity counted in another substance: mmol of a salt as mmol of its metal.
///
/// # Errors
/// `NoLink` without stoichiometry; `NothingOfSubstance` where `quantity` holds no `from`.
pub fn convert_through(
    quantity: &Quantity,
    from: &SubstanceId,
    to: &SubstanceId,
    substances: &Substances,
) -> Result<Quantity, UnitError> {
    let ratio = substances.mol_per_mol(from, to)?;
    let exponent = quantity.dimension.exponent_of(from);
    if exponent.is_zero() {
        return Err(UnitError::NothingOfSubstance { substance: from.clone(), at: 0..0 });
    }
    let swap = crate::Dimension::substance(to.clone())
        .div(&crate::Dimension::substance(from.clone()))?
        .pow(exponent)?;
    Ok(Quantity {
        value: quantity.value * exponent.power_of(ratio),
        dimension: quantity.dimension.mul(&swap)?,
    })
}
