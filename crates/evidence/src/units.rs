//! What the rows mean in base units.

use std::sync::OnceLock;

use epsom_units::{Link, Quantity, Substance, Substances, Unit, UnitError, parse_unit};

use epsom_diag::Diagnostic;

use crate::integrity::{key_of, span};
use crate::printed::number;
use crate::schema::{Rule, schema};
use crate::tables::OpenTable;
use crate::value::with_substance;
use crate::{Kind, Tables, ValueRow, builtin};

/// Why a row gives no quantity.
#[derive(Debug, Clone, PartialEq)]
pub enum NoQuantity {
    /// The row is a bare interval.
    Interval,
    /// The row is words.
    Text,
    /// Its unit is not understood.
    Unit(UnitError),
}

impl ValueRow {
    /// The unit of the row.
    ///
    /// # Errors
    /// What [`parse_unit`] says of the text.
    pub fn parsed_unit(&self, substances: &Substances) -> Result<Unit, UnitError> {
        parse_unit(&self.unit_text(), substances, None)
    }

    /// The number in base units with its dimension.
    ///
    /// # Units
    /// Base units: h, L, mmol, kg, mV.
    /// # Errors
    /// [`NoQuantity`] for intervals, texts and units that are not understood.
    pub fn quantity(&self, substances: &Substances) -> Result<Quantity, NoQuantity> {
        match &self.kind {
            Kind::Number(printed) => {
                let unit = self.parsed_unit(substances).map_err(NoQuantity::Unit)?;
                Ok(Quantity::new(printed.value(), &unit))
            }
            Kind::Interval { .. } => Err(NoQuantity::Interval),
            Kind::Text(_) => Err(NoQuantity::Text),
        }
    }
}

/// Substances and stoichiometry of `substances.csv` and `stoichiometry.csv`.
///
/// # Errors
/// What [`Substances::new`] says of a row that cannot be used.
pub fn read_substances(tables: &Tables) -> Result<Substances, UnitError> {
    let sheet = tables.sheet("substances.csv");
    let rows = sheet.records(["name", "molar_mass_g_per_mol", "valence"]);
    let rows = rows.map(|[name, mass, valence]| Substance {
        name: name.to_owned(),
        molar_mass_g_per_mol: number(mass).unwrap_or(f64::NAN),
        valence: valence.parse().unwrap_or(0),
    });
    let sheet = tables.sheet("stoichiometry.csv");
    let links = sheet.records(["from", "to", "mol_per_mol"]).map(|[from, to, ratio]| Link {
        from: from.to_owned(),
        to: to.to_owned(),
        mol_per_mol: number(ratio).unwrap_or(f64::NAN),
    });
    Substances::new(rows.collect(), links.collect())
}

/// Reports units that do not parse.
pub(crate) fn check_units(
    table: &OpenTable<'_>,
    substances: &Substances,
    out: &mut Vec<Diagnostic>,
) {
    let Some(schema) = schema(table.name) else { return };
    let substance = table.sheet.column("substance");
    let columns = schema.columns.iter().filter(|(_, rule)| *rule == Rule::Unit);
    for at in columns.filter_map(|(name, _)| table.sheet.column(name)) {
        for row in &table.sheet.rows {
            let Some(cell) = row.get(at).filter(|cell| !cell.text.is_empty()) else { continue };
            let of = substance.and_then(|at| row.get(at)).map_or("", |cell| cell.text.as_ref());
            // A table without that column leaves equivalents of what open.
            let text = if substance.is_none() && cell.text.contains("Eq") {
                cell.text.replace("Eq", "mol")
            } else {
                with_substance(&cell.text, of)
            };
            if let Err(error) = parse_unit(&text, substances, None) {
                let key = key_of(table, row);
                let what =
                    format!("unit `{text}` of `{key}` in `{}` is not understood", table.name);
                let place = span(table.file_idx, cell.start, cell.end);
                let help = error.help().unwrap_or_else(|| {
                    "`docs/language/units.md` lists the units; the published text goes into \
                     `unit_published`"
                        .to_owned()
                });
                out.push(Diagnostic::error("E0805", what).at(place, error.to_string()).help(help));
            }
        }
    }
}

/// The substances that stand in the binary.
pub fn builtin_substances() -> &'static Substances {
    static SUBSTANCES: OnceLock<Substances> = OnceLock::new();
    // A row that cannot be used fails the integrity test, so the default is never seen.
    SUBSTANCES.get_or_init(|| read_substances(builtin()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_quantities() {
        let substances = builtin_substances();
        let row = |id| builtin().value(id).unwrap();
        // 17.6 mg/L over 24.305 g/mol, within two roundings.
        let quantity = row("PK120").quantity(substances).unwrap();
        let exact = 17.6 / 24.305;
        assert!((quantity.value - exact).abs() <= 2.0 * f64::EPSILON * exact);
        let flow = row("PK061").quantity(substances).unwrap();
        assert_eq!((flow.value, flow.dimension.to_string().as_str()), (5.1, "L/h"));
        assert_eq!(row("tox.mild").quantity(substances), Err(NoQuantity::Interval));
        assert_eq!(row("MGT056").quantity(substances), Err(NoQuantity::Text));
    }

    #[test]
    fn the_salt_is_one_metal_two_anions_and_water() {
        let substances = builtin_substances();
        let id = |name| substances.id(name).unwrap();
        assert_eq!(substances.mol_per_mol(&id("MgT"), &id("Mg")), Ok(1.0));
        assert_eq!(substances.mol_per_mol(&id("MgT"), &id("threonate")), Ok(2.0));
        let whole = |name| substances.get(&id(name)).unwrap().molar_mass_g_per_mol;
        let water = 2.0 * 1.008 + 15.999;
        let parts = whole("Mg") + 2.0 * whole("threonate") + water;
        // Rounded to 0.001 g/mol in the table, three numbers.
        assert!((whole("MgT") - parts).abs() < 3.0 * 0.0005 + 1e-9);
    }
}
